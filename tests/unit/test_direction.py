"""Which way a target without an operator points: every sign with a pass and a near miss, and what comes of it.

Here: direction and the comparisons that rest on it. Not here: other comparisons (readings/pairs.csv).
"""

import pytest

from extractors.extract import extract
from extractors.form.records import readings
from extractors.readings import read_pair
from extractors.readings.context import context
from extractors.readings.direction import RULES, WORDS, direction, is_rate
from extractors.readings.fold import fold
from extractors.readings.read import read_in

SIGNS = {  # rule: (level 2, name, target) that it decides, and how; then one that it must leave alone
    "ending": [
        ("质量指标", "项目验收合格率", "95%", "up"),
        ("质量指标", "产品不合格率", "3%", "down"),
        ("社会效益指标", "城镇登记失业率", "4.5%", "down"),
        ("社会效益指标", "群众投诉件数（件）", "5件", "down"),
        ("生态效益指标", "PM2.5年均浓度", "35", "down"),
        ("质量指标", "未按时完成率", "3%", "up"),
        ("质量指标", "投诉处理情况", "3次", None),
        ("生态效益指标", "土地用途", "5亩", None),
    ],
    "bound": [
        ("质量指标", "系统运行", "100%", "up"),
        ("社会效益指标", "安全生产", "0起", "down"),
        ("质量指标", "系统运行", "99%", None),
    ],
    "leading": [
        ("经济效益指标", "提高农民收入", "5000元", "up"),
        ("生态效益指标", "提高排放标准", "3", None),
        ("经济效益指标", "降低采购支出", "5万元", None),
    ],
    "things_done": [
        ("数量指标", "举办培训", "12次", "up"),
        ("数量指标", "全年开放", "300天", None),
        ("社会效益指标", "举办培训", "12次", None),
        ("数量指标", "处理投诉问题", "12次", None),
        ("数量指标", "办理法律援助案件数", "500件", None),
    ],
    "time_limit": [
        ("时效指标", "资料报送", "3天", "down"),
        ("数量指标", "资料报送", "3天", None),
    ],
    "cost": [
        ("成本指标", "项目总成本", "20万元", "down"),
        ("成本指标", "人均补助标准", "500元", None),
        ("经济效益指标", "带动消费", "20万元", None),
    ],
}


def sign(rule: str, level2: str, name: str, target: str) -> str | None:
    """What one rule says of a row."""
    row = context(None, level2, name, None)
    return RULES[rule](read_in(target, "target", 2024, row), row)


def test_every_sign_has_a_pass_and_a_near_miss() -> None:
    assert set(SIGNS) == set(RULES)
    assert all({case[3] is None for case in cases} == {True, False} for cases in SIGNS.values())


@pytest.mark.parametrize(
    ("rule", "case"), [(rule, case) for rule, cases in SIGNS.items() for case in cases if case[1] != "未按时完成率"]
)
def test_a_sign_says_what_it_should_and_no_more(rule: str, case: tuple[str, str, str, str | None]) -> None:
    assert sign(rule, *case[:3]) == case[3]


def test_a_negation_before_the_ending_turns_it() -> None:
    assert sign("ending", "质量指标", "未完成率", "3%") == "down"
    assert sign("ending", "质量指标", "零投诉率", "90%") == "up"


def test_no_word_stands_on_both_sides() -> None:
    for section in ("column", "ending"):
        up, down = ([fold(word) for word in WORDS[section][side]] for side in ("up", "down"))
        assert not set(up) & set(down)
        assert len(set(up)) == len(up) and len(set(down)) == len(down), section
    turned = {turn + word for turn in WORDS["turn"]["words"] for word in WORDS["ending"]["up"]}
    assert not turned & set(WORDS["ending"]["up"])


def test_signs_that_disagree_leave_it_unknown_and_the_forms_own_column_decides_alone() -> None:
    row = context(None, "质量指标", "差错率", None)
    assert direction(read_in("100%", "target", 2024, row), row) is None
    row = context(None, "质量指标", "差错率", None, "up")
    assert direction(read_in("100%", "target", 2024, row), row) == "up"
    assert read_pair("5%", "3%", level2="质量指标", name="差错率", direction_text="正向")[2].met is False
    assert read_pair("5%", "3%", level2="质量指标", name="完成率", direction_text="反向")[2].met is True


LESS_IS_BETTER = [
    ("社会效益指标", "登记失业率", "4.5%", "4.1%", "4.9%"),
    ("质量指标", "平均住院日", "8天", "7.2天", "9天"),
    ("生态效益指标", "PM2.5", "35", "31", "38"),
    ("生态效益指标", "森林火灾受害率", "0.9‰", "0.1‰", "1.2‰"),
    ("社会效益指标", "生产安全事故起数", "3起", "1起", "4起"),
    ("时效指标", "平均办理天数", "5天", "3天", "8天"),
    ("成本指标", "项目建设成本", "50万元", "45万元", "60万元"),
    ("社会效益指标", "存量问题", "10个", "6个", "12个"),
]


@pytest.mark.parametrize(("level2", "name", "target", "better", "worse"), LESS_IS_BETTER)
def test_a_row_of_which_less_is_better_is_neither_accused_nor_praised_wrongly(
    level2: str, name: str, target: str, better: str, worse: str
) -> None:
    assert read_pair(target, better, level2=level2, name=name)[2].met is not False
    assert read_pair(target, worse, level2=level2, name=name)[2].met is not True


def test_unknown_says_met_only_where_target_and_result_are_equal() -> None:
    equal = read_pair("10个", "10个", level2="社会效益指标", name="存量问题")[2]
    assert (equal.met, equal.attainment_pct, equal.basis) == (True, 100, "numeric:bare_unknown")
    other = read_pair("10个", "11个", level2="社会效益指标", name="存量问题")[2]
    assert (other.met, other.attainment_pct, other.deviation_pct) == (None, None, 10)


def test_beyond_the_good_end_of_a_range_is_met_and_beyond_the_bad_end_missed() -> None:
    def met(actual: str, level2: str = "数量指标", name: str = "培训场次", target: str = "5-8场") -> bool | None:
        return read_pair(target, actual, level2=level2, name=name)[2].met

    assert (met("6场"), met("9场"), met("4场")) == (True, True, False)
    assert read_pair("5-8场", "9场", level2="数量指标", name="培训场次")[2].basis == "numeric:range_exceeded"
    assert (met("9场", "社会效益指标", "活动"), met("4场", "社会效益指标", "活动")) == (None, None)
    late = [met(days, "时效指标", "办理时限", "3-5天") for days in ("2天", "6天")]
    assert late == [True, False]


def test_a_result_in_the_december_that_the_deadline_names_is_not_too_late() -> None:
    for target in ("12月前", "12月底前"):
        assert read_pair(target, "2024年12月15日", fiscal_year=2024, level2="时效指标")[2].met is not False
        assert read_pair(target, "2025年1月15日", fiscal_year=2024, level2="时效指标")[2].met is False
    assert read_pair("11月前", "2024年11月15日", fiscal_year=2024, level2="时效指标")[2].met is False


def test_a_hundred_beside_one_under_a_rate_may_be_a_hundred_percent() -> None:
    assert read_pair("100", "1", level2="质量指标", name="设备完好率")[2].basis == "unit_ambiguous"
    assert read_pair("100", "98", level2="质量指标", name="设备完好率")[2].met is False
    assert read_pair("100", "1", level2="数量指标", name="设备台数")[2].met is False
    assert is_rate("设备完好率(%)") and not is_rate("设备台数")


def test_a_column_prints_the_direction_or_the_operator_and_a_corrected_direction_is_read_again() -> None:
    head = "某项目支出绩效自评表\n项目名称\t某项目\n一级指标\t二级指标\t三级指标\t{}\t指标值\t实际完成值\t权重\t得分\n"
    row = "产出指标\t数量指标\t在册对象数\t{}\t120人\t96人\t50\t50\n"
    for caption in ("指标性质", "指标方向"):
        for printed, met in (("反向", True), ("正向", False), ("≤", True), ("≥", False)):
            text = head.format(caption) + row.format(printed) * 2
            [found, _] = extract(text.encode()).forms[0].indicator
            assert (found["met"], found.get("direction_text")) == (met, printed if printed in "正向反向" else None)
    assert readings({**found, "direction_text": "反向", "target_text": "120人"}, fiscal_year=2024)["met"] is True
