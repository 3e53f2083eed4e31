"""Kinds of forms beyond the usual layouts: each general rule on a form that shows it and one that nearly does.

Here: small forms as text, cells between bars. Not here: spans that nobody states (rules/spans), whole layouts (golden).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from extractors.extract import extract
from extractors.extraction import ExtractedForm

TITLE = "项目支出绩效自评表（2024年度）"
TARGET = "项目支出绩效目标申报表（2024年度）"
NAMED = "项目名称|学生午餐"
HEADERS = "一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分"
ROW = "产出指标|数量指标|供餐人数|≥310人|320人|10|10"


def forms(*lines: str) -> list[ExtractedForm]:
    return extract("\n".join(line.replace("|", "\t") for line in lines).encode()).forms


def form(*lines: str, title: str = TITLE) -> ExtractedForm:
    rows = (
        (HEADERS, ROW)
        if title == TITLE
        else ("一级指标|二级指标|三级指标|年度指标值", "产出指标|数量指标|供餐人数|≥310人")
    )
    (only,) = forms(title, NAMED, *lines, *rows)
    return only


def money(read: ExtractedForm, column: str = "adjusted_yuan") -> dict[str, Decimal]:
    """The amounts of a column by source, in 万元."""
    return {row["source"]: Decimal(row[column]) / 10000 for row in read.funding if row.get(column) is not None}


def kept(read: ExtractedForm) -> list[tuple[str, str]]:
    return [(row["label"], row["value"]) for row in read.attribute]


def told(read: ExtractedForm) -> list[str]:
    return [row["text"] for row in read.problem]


def columns(read: ExtractedForm, *names: str) -> list[list[Any]]:
    return [[row.get(name) for name in names] for row in read.indicator]


# ── goals ────────────────────────────────────────────────────────────────────────


def test_an_unknown_label_beside_that_of_a_goal_is_not_its_value_where_texts_stand_below_both() -> None:
    read = form("年度总体目标|预期目标|具体完成情况综述", "|为学生供餐，保障营养。|已为学生供餐，营养达标。")
    assert read.project["goal_expected"] == "为学生供餐，保障营养。"
    assert read.project["goal_actual"] == "已为学生供餐，营养达标。"
    assert told(read) == ["具体完成情况综述"]


def test_a_label_of_which_no_word_is_known_keeps_its_text_and_fills_no_goal() -> None:
    read = form("年度总体目标|预期目标|牵头科室意见", "|为学生供餐，保障营养。|已阅，同意上报。")
    assert read.project["goal_expected"] == "为学生供餐，保障营养。"
    assert "goal_actual" not in read.project
    assert kept(read) == [("牵头科室意见", "已阅，同意上报。")]


def test_a_short_goal_beside_its_label_is_its_value_above_another_pair() -> None:
    read = form("预期目标|保障学生午餐", "牵头科室|基础教育科")
    assert read.project["goal_expected"] == "保障学生午餐"
    assert ("牵头科室", "基础教育科") in kept(read)


def test_of_two_goals_the_years_is_the_forms_and_the_whole_projects_is_kept() -> None:
    read = form("绩效目标|项目总目标|年度总体目标", "|三年内覆盖全部学校。|今年覆盖十所学校。", title=TARGET)
    assert read.project["goal_expected"] == "今年覆盖十所学校。"
    assert ("项目总目标", "三年内覆盖全部学校。") in kept(read)


# ── money ────────────────────────────────────────────────────────────────────────

WHOLE = (
    "项目资金（万元）|项目资金总额|771|年度资金申请总额|226",
    "|其中：财政资金|700|其中：当年财政拨款|200",
    "|||上年结转资金|6",
)
"""The columns of the whole project and of the year, side by side."""


def test_money_of_the_whole_project_beside_the_years_is_kept_and_fills_nothing() -> None:
    read = form(*WHOLE, "|其他资金|71|其他资金|20", title=TARGET)
    assert money(read, "initial_yuan") == {"total": 226, "fiscal": 200, "carryover": 6, "other": 20}
    assert kept(read) == [("项目资金总额", "771"), ("其中：财政资金", "700"), ("其他资金", "71")]


def test_two_columns_of_money_of_which_nobody_says_whose_they_are_give_nothing_and_are_told() -> None:
    read = form("专项投入（万元）|全程投入|900|本期投入|300", "|其中：财政资金|600|其中：财政资金|200", title=TARGET)
    assert money(read, "initial_yuan") == {}
    assert {"600", "200"} <= set(told(read))


def test_one_total_in_a_row_is_the_forms_whatever_it_is_called() -> None:
    read = form("项目资金（万元）|项目资金总额|771|其中：财政资金|700", title=TARGET)
    assert money(read, "initial_yuan") == {"total": 771, "fiscal": 700}


def test_of_years_side_by_side_the_forms_own_is_its_budget() -> None:
    read = form("资金（万元）|年度|2023年|2024年|2025年", "|资金总额|10|20|30", "|财政拨款|9|19|29", title=TARGET)
    assert money(read, "initial_yuan") == {"total": 20, "fiscal": 19}
    assert read.project["fiscal_year"] == 2024
    assert ("2025年", "29") in kept(read)


def test_years_of_which_none_is_the_forms_give_no_budget_and_are_told() -> None:
    read = form("资金（万元）|年度|2021年|2022年|2023年", "|资金总额|10|20|30", title=TARGET)
    assert money(read, "initial_yuan") == {}
    assert told(read) == ["2021年"]


@pytest.mark.parametrize(
    "lines",
    [("资金来源（万元）|市：12.3  区：4.5",), ("资金来源|市：12.3万元|区：4.5万元",)],
    ids=["in one cell", "in one row"],
)
def test_several_payers_with_their_amounts_are_several_sources(lines: tuple[str, ...]) -> None:
    assert money(form(*lines)) == {"city": Decimal("12.3"), "local": Decimal("4.5")}


def test_the_name_of_a_level_of_government_away_from_money_is_no_source() -> None:
    assert money(form("实施范围|市：3|区：4")) == {}


def test_an_amount_of_a_sentence_whose_source_nobody_knows_is_told() -> None:
    read = form("资金总额及构成|总额82万元，其中：中央资金57万元；爱心企业25万元")
    assert money(read) == {"total": 82, "central": 57}
    assert len(told(read)) == 1


TASKS = (
    "年度主要任务|任务名称|主要内容|预算数（万元）||执行数（万元）|",
    "|||总额|财政拨款|总额|财政拨款",
    "|运行保障|日常运行|123.35|98.68|80.61|64.49",
    "|专项工作|专项检查|100|90|80|70",
)


def test_the_sum_below_a_list_of_tasks_is_the_money_of_a_form_that_prints_no_other() -> None:
    read = form(*TASKS, "|金额合计||223.35|188.68|160.61|134.49")
    assert money(read) == {"total": Decimal("223.35"), "fiscal": Decimal("188.68")}
    assert money(read, "executed_yuan") == {"total": Decimal("160.61"), "fiscal": Decimal("134.49")}


def test_a_sum_that_the_tasks_do_not_add_up_to_is_told_and_fills_nothing() -> None:
    read = form(*TASKS, "|金额合计||200|188.68|160.61|134.49")
    assert money(read) == {"fiscal": Decimal("188.68")}
    assert told(read) == ["200"]


def test_beside_a_table_of_money_the_sum_of_the_tasks_is_kept() -> None:
    read = form("年度资金总额|300", *TASKS, "|金额合计||223.35|188.68|160.61|134.49")
    assert money(read) == {"total": 300}
    assert ("预算数（万元） / 总额", "223.35") in kept(read)


# ── heading ──────────────────────────────────────────────────────────────────────


def test_a_code_and_a_unit_of_money_in_one_line_above_the_table_are_both_read() -> None:
    (read,) = forms(TITLE, "单位编码：118001　单位：万元", NAMED, "年度资金总额|100", HEADERS, ROW)
    assert (read.project["unit_code"], read.project["money_unit"]) == ("118001", "万元")


def test_a_label_with_another_word_in_brackets_says_either() -> None:
    (read,) = forms(TITLE, "转移（项目）名称|学生午餐", HEADERS, ROW)
    assert read.project["project_name"] == "学生午餐"


def test_a_label_with_an_unknown_word_in_brackets_is_unknown() -> None:
    (read,) = forms(TITLE, "上报（科室）名称|基教科", HEADERS, ROW)
    assert read.project.get("project_name") is None


DEPARTMENTS = ("中央主管部门|国家部委", "省级主管部门|某某省民政厅", "县级主管部门|清溪县民政局")


def test_of_several_departments_the_lowest_is_the_forms() -> None:
    read = form(*DEPARTMENTS, "实施单位|救助站")
    assert read.project["department_name"] == "清溪县民政局"
    assert kept(read) == [("中央主管部门", "国家部委"), ("省级主管部门", "某某省民政厅")]


def test_a_unit_that_bears_the_place_of_a_department_is_that_departments() -> None:
    read = form(*DEPARTMENTS, "实施单位|某某省民政厅救助站")
    assert read.project["department_name"] == "某某省民政厅"


# ── points and names ─────────────────────────────────────────────────────────────

TREE = ("一级指标|二级指标|三级指标|自评得分", "产出(60分)|数量(60分)|供餐人数(40分)|40", "||供餐天数(20分)|15")


def test_a_tree_of_points_without_targets_is_the_form_of_the_project_it_names() -> None:
    (read,) = forms("财政项目支出绩效评价指标表", NAMED, *TREE, "合计|||55")
    assert columns(read, "level1", "level1_points", "level2", "level3", "weight", "score") == [
        ["产出", "60", "数量", "供餐人数", "40", "40"],
        ["产出", "60", "数量", "供餐天数", "20", "15"],
    ]
    assert (read.project["total_score"], read.funding, kept(read)) == ("55", [], [("分值", "60")])


def test_a_tree_of_points_that_names_no_project_is_a_yardstick() -> None:
    assert forms("财政项目支出绩效评价指标表", *TREE) == []


def test_points_behind_a_name_that_its_weight_contradicts_stay_in_the_name() -> None:
    (read,) = forms(TITLE, NAMED, HEADERS, "产出指标|数量指标|平均得分（9分）|≥9分|9分|10|10")
    assert columns(read, "level3", "weight") == [["平均得分（9分）", "10"]]


def test_a_unit_in_brackets_is_part_of_the_name() -> None:
    (read,) = forms(TITLE, NAMED, HEADERS, "产出指标|数量指标|数量(个)|≥9|9|10|10")
    assert columns(read, "level3") == [["数量(个)"]]


def test_a_number_with_a_target_is_a_name() -> None:
    (read,) = forms(TARGET, NAMED, HEADERS, "产出指标|数量指标|88|100|||", "|质量指标|指标2|100|||")
    assert columns(read, "level2", "level3", "target_text") == [["数量指标", "88", "100"], ["质量指标", None, "100"]]


def test_an_operator_without_a_target_is_no_target_and_is_told() -> None:
    (read,) = forms(
        TARGET,
        NAMED,
        "一级指标|二级指标|三级指标|运算符号|年度指标值",
        "产出指标|数量指标|供餐人数|≥|",
        "|质量指标|合格率|≥|90%",
    )
    assert columns(read, "target_text") == [[None], ["≥90%"]]
    assert told(read) == ["≥"]


# ── columns and rows of indicators ───────────────────────────────────────────────

SPLIT = "一级指标|二级指标|三级指标|运算符号|内容|单位"


def test_what_stands_behind_an_operator_is_its_value_whatever_its_header() -> None:
    (read,) = forms(TARGET, NAMED, SPLIT, "产出指标|数量指标|供餐人数|≥|300|人", "|时效指标|完成时间|定性|年底前|")
    assert columns(read, "target_text", "actual_text") == [["≥300人", None], ["年底前", None]]


def test_an_unknown_column_behind_the_operator_of_a_known_target_stays_unknown() -> None:
    (read,) = forms(
        TARGET, NAMED, "一级指标|二级指标|三级指标|年度指标值|运算符号|内容", "产出指标|数量指标|供餐人数|300人|≥|甲"
    )
    assert columns(read, "actual_text") == [[None]]
    assert "内容" in told(read)


def test_operator_value_and_unit_of_the_result_are_one_text_as_those_of_the_target() -> None:
    second = "|||运算符号|内容|单位|运算符号|内容|单位||"
    (read,) = forms(
        TITLE, NAMED, "一级指标|二级指标|三级指标|目标值|||实际完成值|||分值|得分", second,
        "产出指标|数量指标|供餐人数|≥|300|人|=|310|人|50|50",
    )  # fmt: skip
    assert columns(read, "target_text", "actual_text", "unit_text") == [["≥300人", "=310人", "人"]]


def test_levels_in_the_headers_of_each_block_are_those_of_its_rows() -> None:
    below = HEADERS.removeprefix("一级指标")
    (read,) = forms(
        TITLE, NAMED, "产出指标" + below, ROW[4:], "效益指标" + below, "|社会效益指标|获得感|提升|提升|30|30"
    )
    assert columns(read, "level1", "level2") == [["产出指标", "数量指标"], ["效益指标", "社会效益指标"]]


LEVEL2 = ("一级指标|二级指标|绩效标准|当年预期实现值", "数量指标|维修次数|反映维修|28次", "|巡察次数|反映巡检|20次")


def test_level_2_under_the_header_of_level_1_is_level_2_and_the_names_beside_it_are_names() -> None:
    (read,) = forms(TARGET, NAMED, *LEVEL2)
    assert columns(read, "level1", "level2", "level3", "target_text") == [
        [None, "数量指标", "维修次数", "28次"],
        [None, "数量指标", "巡察次数", "20次"],
    ]


def test_a_level_that_may_be_either_stays_under_its_header() -> None:
    (read,) = forms(TARGET, NAMED, LEVEL2[0], "成本指标|维修成本|反映成本|28元")
    assert columns(read, "level1", "level2", "level3") == [["成本指标", "维修成本", None]]


REMARKS = (TITLE, NAMED, HEADERS + "|备注", "产出指标|数量指标|供餐人数|≥310人|300人|10|9|生源减少")


def test_remarks_only_where_points_are_lost_are_the_reasons() -> None:
    (read,) = forms(*REMARKS, "|质量指标|合格率|100%|100%|10|10|")
    assert columns(read, "deviation") == [["生源减少"], [None]]
    assert kept(read) == []


def test_remarks_beside_full_points_are_no_reasons() -> None:
    (read,) = forms(*REMARKS, "|质量指标|合格率|100%|100%|10|10|见台账")
    assert columns(read, "deviation") == [[None], [None]]
    assert kept(read) == [("备注", "生源减少"), ("备注", "见台账")]


def test_beside_a_column_of_reasons_remarks_are_none() -> None:
    (read,) = forms(TITLE, NAMED, HEADERS + "|偏差原因|备注", "产出指标|数量指标|供餐人数|≥310人|300人|10|9||生源减少")
    assert columns(read, "deviation") == [[None]]


REASONS = (TITLE, NAMED, HEADERS + "|扣分原因|扣分值", "产出指标|数量指标|供餐人数|≥310人|300人|10|5|生源减少|2")


def test_an_indicator_over_several_rows_of_reasons_is_one_and_the_reasons_are_attributes() -> None:
    (read,) = forms(*REASONS, "|||||||测算不准|3", "|质量指标|合格率|100%|100%|10|10||")
    assert columns(read, "level3", "deviation") == [["供餐人数", None], ["合格率", None]]
    assert sorted(kept(read)) == [("扣分值", "2"), ("扣分值", "3"), ("扣分原因", "测算不准"), ("扣分原因", "生源减少")]


def test_an_indicator_with_one_reason_keeps_it() -> None:
    (read,) = forms(*REASONS, "|质量指标|合格率|100%|100%|10|10||")
    assert columns(read, "deviation") == [["生源减少"], [None]]


# ── which tables are forms ───────────────────────────────────────────────────────


def test_a_plan_of_payments_is_no_form() -> None:
    plan = (
        "支出计划",
        "项目名称|学生午餐|项目编码|44030324000001",
        "支出内容|资金来源|一季度|二季度",
        "采购|财政拨款|10|20",
        "合计||10|20",
    )
    assert forms(*plan) == []


def test_money_with_its_rate_of_execution_is_a_form_without_a_title() -> None:
    (read,) = forms(NAMED, "实施单位|某小学", "资金来源|全年预算数（万元）|全年执行数|执行率", "年度资金总额|10|9|90%")
    assert money(read, "executed_yuan") == {"total": 9}


def test_money_that_has_been_spent_is_a_form_without_a_title() -> None:
    (read,) = forms(NAMED, "计划安排资金（万元）|30|实际支出（万元）|20", "其中：中央财政|30|其中：中央财政|20")
    assert money(read, "executed_yuan") == {"total": 20, "central": 20}


LIST = "序号|项目名称|主管部门|预算数（万元）|执行数（万元）|" + HEADERS
FIRST = [
    "1|学生午餐|教育局|100|90|产出指标|数量指标|供餐人数|≥10人|12人|50|50",
    "|||||质量指标|合格率||100%|100%|40|40",
]


def test_each_project_of_a_flat_list_is_a_form() -> None:
    second = "2|校服补助||50|50|产出指标|数量指标|校服套数|≥20套|22套|60|60"
    lunch, clothes = forms("2024年度项目支出绩效自评汇总表", LIST, *FIRST, second)
    assert [len(lunch.indicator), len(clothes.indicator)] == [2, 1]
    assert (lunch.project["project_name"], lunch.project["department_name"]) == ("学生午餐", "教育局")
    assert clothes.project["project_name"] == "校服补助"
    assert "department_name" not in clothes.project, "what it leaves blank is not its neighbour's"
    assert money(clothes) == money(clothes, "executed_yuan") == {"total": 50}


def test_a_project_whose_name_is_printed_in_each_row_is_one_form() -> None:
    rows = ["学生午餐|产出指标|数量指标|供餐人数|≥10人|12人|50|50", "学生午餐|产出指标|质量指标|合格率|100%|100%|40|40"]
    (read,) = forms("2024年度项目支出绩效自评汇总表", "项目名称|" + HEADERS, *rows)
    assert len(read.indicator) == 2


def test_the_sum_below_a_flat_list_is_no_projects_and_is_told() -> None:
    read = forms("2024年度项目支出绩效自评汇总表", LIST, *FIRST, "|合计||100|90|||||||")[-1]
    assert (money(read), "合计" in told(read)) == ({"total": 100}, True)
