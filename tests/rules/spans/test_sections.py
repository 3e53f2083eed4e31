"""What the sections of a form make of cells whose spans nobody states: no value twice, none under a foreign label."""

import pytest

from extractors.extract import extract
from extractors.extraction import ExtractedForm

TITLE = "项目支出绩效自评表"
HEADERS = "一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分"
ROW = "产出指标|数量指标|供餐人数|310人|310人|10|10"


def form(*lines: str) -> ExtractedForm:
    return extract("\n".join(line.replace("|", "\t") for line in (TITLE, "项目名称|学生午餐", *lines)).encode()).forms[
        0
    ]


def test_equal_targets_and_results_weights_and_scores_are_two_values_each() -> None:
    (row,) = form(HEADERS, ROW).indicator
    assert [row[c] for c in ("target_text", "actual_text", "weight", "score")] == ["310人", "310人", "10", "10"]


def test_equal_goals_are_two_goals() -> None:
    goals = form("年度总体目标|预期目标|实际完成情况", "|全年供餐|全年供餐", HEADERS, ROW).project
    assert [goals["goal_expected"], goals["goal_actual"]] == ["全年供餐", "全年供餐"]


def test_a_copied_figure_is_read_once() -> None:
    (fund,) = form("年度资金总额|40|40|40", HEADERS, ROW).funding
    assert (fund["source"], fund["label"]) == ("total", "年度资金总额")


def test_a_copied_remark_is_kept_once() -> None:
    got = form(f"{HEADERS}|佐证材料|佐证材料", f"{ROW}|见说明|见说明").attribute
    assert [(row["label"], row["value"]) for row in got] == [("佐证材料", "见说明")]


@pytest.mark.parametrize(
    "second",
    ["起始日期：2024年1月|起始日期：2024年1月|结束日期：2024年12月", "起始日期：2024年1月|结束日期：2024年12月"],
)
def test_a_cell_that_prints_its_own_label_is_no_value_of_the_label_above_it(second: str) -> None:
    got = form("项目属性|延续项目|新增项目", second, HEADERS, ROW).attribute
    assert ("起始日期", "2024年1月") in [(row["label"], row["value"]) for row in got]


def test_equal_figures_under_one_stated_header_are_both_kept() -> None:
    cells = "".join(f"<td>{text}</td>" for text in ("午餐", "供餐", "215", "215"))
    page = f"""<meta charset="utf-8"><table><tr><td colspan="4">{TITLE}</td></tr>
        <tr><td>项目名称</td><td colspan="3">学生午餐</td></tr>
        <tr><td>任务名称</td><td>主要内容</td><td colspan="2">预算金额</td></tr><tr>{cells}</tr>
        <tr>{"".join(f"<td>{c}</td>" for c in ("一级指标", "二级指标", "三级指标", "年度指标值"))}</tr>
        <tr><td>产出指标</td><td>数量指标</td><td>供餐人数</td><td>310人</td></tr></table>"""
    got = extract(page.encode()).forms[0].attribute
    assert [row["value"] for row in got if row["label"] == "预算金额"] == ["215", "215"]
