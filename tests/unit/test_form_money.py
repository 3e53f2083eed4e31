"""Money cells that print no number: the row stays what it is, the value is missing and told, no neighbour moves."""

from pathlib import Path

import pytest

from extractors.extract import extract
from extractors.readings.printed import is_failed_number

EXPORT = next((Path(__file__).parents[2] / "data" / "raw" / "440303" / "2024").glob("*.txt")).read_text("utf-8")
FORM = (
    EXPORT.split("项目支出绩效自评表")[0]
    + "项目支出绩效自评表"
    + EXPORT.split("项目支出绩效自评表")[1].split("\n\n")[0]
)


@pytest.mark.parametrize(
    "text", ["NaN", "-inf", "1.7976931348623157E+308", "1e400", "9" * 300, "#REF!", "#DIV/0!", "####"]
)
def test_what_a_program_writes_for_a_number_that_failed(text: str) -> None:
    assert is_failed_number(text)
    assert not is_failed_number(f"项目{text}") and not is_failed_number("180000.00")


@pytest.mark.parametrize("text", ["NaN", "1.7976931348623157E+308", "9" * 300, "#REF!", "待定", "详见附件"])
def test_a_budget_that_is_no_number_is_missing_and_told_and_the_other_amounts_stay(text: str) -> None:
    good = extract(FORM.encode()).forms[0].funding
    head, label, rest = FORM.partition("年度资金总额\t")
    first, *others = rest.split("\t")
    [form] = extract("\t".join([head + label + text, *others]).encode()).forms
    assert good[0]["initial_yuan"] == first
    assert form.funding == [{k: v for k, v in good[0].items() if k != "initial_yuan"}, *good[1:]]
    [problem] = [p for p in form.problem if p["code"] == "BAD_VALUE"]
    assert problem["text"] == text and problem["locator"]


INDICATORS = """<meta charset="utf-8"><table><tr><td colspan="9">项目支出绩效自评表</td></tr>
<tr><td>项目名称</td><td colspan="8">校舍维修</td></tr>
<tr><td rowspan="4">绩效指标</td><td>一级指标</td><td>二级指标</td><td>三级指标</td>
<td>年度指标值</td><td>实际完成值</td><td>分值</td><td>得分</td><td>偏差原因</td></tr>
<tr><td rowspan="2">产出指标</td>
<td>数量指标</td><td>教室</td><td>5间</td><td>5间</td><td>40</td><td>40</td><td></td></tr>
<tr><td>{level2}</td><td>{name}</td><td>{target}</td><td>{actual}</td><td>{points}</td><td>{points}</td><td></td></tr>
<tr><td>效益指标</td><td>社会效益指标</td><td>受益学生</td><td>≥500人</td><td>512人</td><td>40</td><td>40</td><td></td></tr>
</table>"""


@pytest.mark.parametrize(
    ("target", "actual"), [("年初预算", "实际支出"), ("预算数", "执行数"), ("预算金额", "实际支出")]
)
@pytest.mark.parametrize(
    ("level2", "name", "points"), [("成本指标", "项目支出", "10"), ("成本指标", "支出控制", ""), ("", "支出控制", "10")]
)
def test_words_of_money_as_values_of_an_indicator_do_not_end_the_list(
    level2: str, name: str, points: str, target: str, actual: str
) -> None:
    page = INDICATORS.format(level2=level2, name=name, target=target, actual=actual, points=points)
    form = extract(page.encode()).forms[0]
    assert [row["level3"] for row in form.indicator] == ["教室", name, "受益学生"]
    assert (form.indicator[1]["target_text"], form.indicator[1]["actual_text"]) == (target, actual)
    assert not form.funding


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("其中：事业收入", "「其中：事业收入」与「单位资金」是同一种资金来源，取先印的"),
        ("单位资金", "「单位资金」的同一项金额印了两次"),
    ],
)
def test_a_second_amount_is_told_by_whether_its_label_is_the_same(second: str, told: str) -> None:
    lines = ["项目支出绩效自评表", "项目名称\t校舍维修", "单位：元", "项目资金\t全年预算数\t全年执行数"]
    lines += ["年度资金总额\t1200\t1100", "单位资金\t1200\t1100", f"{second}\t500\t400"]
    lines += ["一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值", "产出指标\t数量指标\t教室\t5间\t5间"]
    form = extract("\n".join(lines).encode()).forms[0]
    messages = [p["message"] for p in form.problem if p["code"] == "REPEATED_VALUE"]
    assert len(messages) == 2 and all(message.startswith(told) for message in messages)
