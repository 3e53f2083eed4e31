"""What is published beside the forms is no form: accounts, budgets, lists of projects, yardsticks of evaluations."""

import pytest

from extractors.extract import extract

OTHERS = {
    "accounts": """收入支出决算总表
金额单位：万元
收入			支出
项目	行次	决算数	项目	行次	决算数
一、一般公共预算财政拨款收入	1	1234.50	一、一般公共服务支出	32	0.00
二、其他收入	8	12.30	二、农林水支出	33	1246.80
总计	31	1246.80	总计	62	1246.80""",
    "budget by projects": """项目支出预算表
项目名称	项目单位	资金总额	一般公共预算	政府性基金	单位资金
校舍维修	第一小学	100	100	0	0
设备购置	第一小学	50	50	0	0
合计		150	150	0	0""",
    "spending by projects": """2023年度项目支出决算汇总表
序号	项目名称	主管部门	项目单位	年初预算数	全年执行数	执行率
1	校舍维修	教育局	第一小学	100	98	98%
2	图书更新	教育局	第三小学	20	15	75%""",
    "procurement": """政府采购情况表
项目名称	采购方式	预算金额	成交金额	供应商名称
物业服务	竞争性磋商	300000	296000	某某物业有限公司""",
    "yardstick": """水利项目绩效评价报告
一级指标	二级指标	三级指标	分值	评分标准	得分
决策	项目立项	立项依据充分性	5	符合得满分	5
产出	产出数量	完成率	15	按比例	14
合计			20		19""",
    "telephone list": """项目联系人汇总表
序号	项目名称	项目单位	项目负责人	联系电话
1	校舍维修	第一小学	王某	0000-1111111""",
    "report": """部门预算绩效管理工作开展情况说明
项目名称：道路维护。全年预算数120万元，执行数110万元，执行率91.67%，得分9.17分。
绩效目标完成情况：完成维护12公里。""",
}


def page(text: str) -> str:
    """The title as a line, each further line as the row of a table; a line without a tab ends the table."""
    title, *lines = text.splitlines()
    parts = [f"<p>{title}</p>"]
    for line in lines:
        cells = "".join(f"<td>{cell}</td>" for cell in line.split("\t"))
        parts.append(f"<table><tr>{cells}</tr></table>" if "\t" in line else f"<p>{line}</p>")
    return "".join(parts).replace("</table><table>", "")


@pytest.mark.parametrize("name", OTHERS)
def test_a_text_export_of_it_gives_no_form(name: str) -> None:
    assert extract(OTHERS[name].encode()).forms == []


@pytest.mark.parametrize("name", OTHERS)
def test_a_page_of_it_gives_no_form(name: str) -> None:
    assert extract(f"<html><meta charset='utf-8'>{page(OTHERS[name])}</html>".encode()).forms == []


def test_all_of_it_in_one_document_gives_no_form() -> None:
    body = "".join(page(text) for text in OTHERS.values())
    assert extract(f"<html><meta charset='utf-8'>{body}</html>".encode()).forms == []
