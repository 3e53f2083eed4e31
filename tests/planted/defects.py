"""Defects planted in correct forms, written from forms and the catalogue's sentences, not from the statements.

Here: each defect with the code that is to tell it and the row where it lies. Not here: the forms, the writers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.planted.sheets import Form, settle

TRUE_BESIDE = frozenset({"SCR_GAP_TO_EXECUTION", "SCR_FULL_MARKS_EVERYWHERE"})
"""Remarks on how points lie over the form: whatever moves points may truly raise or end them."""


@dataclass(frozen=True)
class Defect:
    """A defect: in which form, written how, what is altered, which check is to tell it at which row (0: the form)."""

    name: str
    base: str
    writer: str
    edit: Callable[[Form], object]
    code: str
    row: int = 0
    also: frozenset[str] = frozenset()
    twice: bool = False


DEFECTS: list[Defect] = []


def defect(name: str, where: str, code: str, row: int = 0, also: str = "", twice: bool = False):
    base, writer = where.split(".")

    def add(edit: Callable[[Form], object]) -> None:
        DEFECTS.append(Defect(name, base, writer, edit, code, row, frozenset(also.split()), twice))

    return add


def rows(**values: str) -> Callable[[int], Callable[[Form], None]]:
    """An edit of one row by its number, totals as before."""

    def at(n: int) -> Callable[[Form], None]:
        def edit(form: Form) -> None:
            for name, value in values.items():
                setattr(form.rows[n - 1], name, value)

        return edit

    return at


def summed(edit: Callable[[Form], object]) -> Callable[[Form], None]:
    """The edit, with the totals, rate and score of the execution that follow from it."""

    def both(form: Form) -> None:
        edit(form)
        settle(form)

    return both


def put(form: Form, **values: object) -> Form:
    for name, value in values.items():
        setattr(form, name, value)
    return form


def fund(line: int, column: int, value: str) -> Callable[[Form], None]:
    def edit(form: Form) -> None:
        form.funds[line][column] = value

    return edit


# header
defect("a letter O for a zero in the code", "canteen.text", "HDR_CODE_FORMAT")(
    lambda f: put(f, code="44O303241173115300021")
)
defect("a digit too many in the code", "canteen.xlsx", "HDR_CODE_FORMAT")(
    lambda f: put(f, code="4403032411731153000210")
)
defect("a code of no prefecture", "canteen.html", "HDR_CODE_REGION_INVALID", also="HDR_REGION_NAME_CONFLICT")(
    lambda f: put(f, code="449903241173115300021")
)
defect("a unit of another district", "canteen.xlsx", "HDR_REGION_NAME_CONFLICT")(
    lambda f: put(f, unit="深圳市福田区民政局（本级）", department="深圳市福田区民政局")
)
defect("a unit of another province", "canteen.text", "HDR_REGION_NAME_CONFLICT")(
    lambda f: put(f, unit="湖南省民政厅（本级）", department="湖南省民政厅")
)
defect("the title of another project", "canteen.html", "HDR_TITLE_NAME_MISMATCH")(
    lambda f: put(f, title="儿童福利院设备采购项目支出绩效自评表")
)
defect("a code set up after the year", "canteen.text", "HDR_CODE_YEAR_FUTURE")(
    lambda f: put(f, code="440303261173115300021")
)
defect("a year far ahead", "river.html", "HDR_YEAR_RANGE", also="DATE_OUTSIDE_YEAR")(lambda f: put(f, year=2032))
defect(
    "one form twice with other figures",
    "canteen.xlsx",
    "HDR_DUPLICATE_FORM",
    also="TXT_NARRATIVE_CONTRADICTION",
    twice=True,
)(summed(lambda f: rows(actual="13家")(1)(f)))


# money
defect("the initial budget of one source is wrong", "canteen.text", "FUND_SUM_MISMATCH")(fund(1, 1, "1990000.00"))
defect("a carry-over left out of the sum", "river.xlsx", "FUND_SUM_MISMATCH")(fund(2, 3, "70.00"))
defect("a slipped decimal in one source", "bus.html", "FUND_SUM_MISMATCH", also="FUND_UNIT_UNKNOWN")(
    fund(1, 2, "15,600,000.00")
)
defect("digits of the rate swapped", "bus.xlsx", "FUND_RATE_MISMATCH")(lambda f: f.execution.__setitem__(1, "69.00%"))
defect("the rate of another year", "river.html", "FUND_RATE_MISMATCH")(lambda f: f.execution.__setitem__(1, "99.10%"))


def _full_money(form: Form) -> None:
    form.execution[2] = "10"
    form.total[1] = f"{float(form.total[1]) + 10 - 9.65:.2f}"


defect("full points for an execution of 96.5 %", "canteen.html", "FUND_SCORE_MISMATCH")(_full_money)


def _over(form: Form) -> None:
    form.execution[2] = "11.2"
    form.total[1] = f"{float(form.total[1]) + 11.2 - 9.75:.2f}"


defect("an execution score above its points", "river.text", "FUND_SCORE_GT_WEIGHT", also="FUND_SCORE_MISMATCH")(_over)


def _zero(form: Form) -> None:
    for line in form.funds:
        line[2] = "0.00"


defect(
    "money spent of a budget of nothing",
    "bus.xlsx",
    "FUND_ZERO_BUDGET",
    also="FUND_OVER_EXECUTED FUND_ADJUSTED_UNEXPLAINED",
)(_zero)


def _more(form: Form) -> None:
    form.funds[0][3] = form.funds[1][3] = "1,575,000.00"
    settle(form)


defect("more spent than the budget", "bus.html", "FUND_OVER_EXECUTED")(_more)


def _negative(form: Form) -> None:
    form.funds[3][1] = "-20.00"
    form.funds[1][1] = "820.00"


defect("a negative amount", "river.html", "FUND_VALUE_INVALID")(_negative)
defect("an amount in words", "bus.text", "FUND_VALUE_INVALID", also="FUND_SUM_MISMATCH")(fund(2, 1, "待定"))
defect("元 printed over amounts of 万元", "river.text", "FUND_UNIT_UNKNOWN")(lambda f: put(f, money="元"))
defect("万元 printed over amounts of 元", "canteen.text", "FUND_UNIT_UNKNOWN")(lambda f: put(f, money="万元"))


def _initial(form: Form) -> None:
    form.funds[0][1:] = ["1,300,000.00", "1,560,000.00", "1,255,800.00"]
    form.funds[1][1:] = ["1,300,000.00", "1,560,000.00", "1,255,800.00"]
    settle(form)
    form.expected += "年中追加预算26万元用于新增线路。"
    form.execution[1] = "96.60%"


defect("a rate over the initial budget", "bus.html", "FUND_RATE_BASIS_INITIAL")(_initial)


def _cut(form: Form) -> None:
    form.funds[0][1] = "1100.00"
    form.funds[1][1] = "1040.00"


defect(
    "a budget cut by a fifth that nothing explains",
    "river.html",
    "FUND_ADJUSTED_UNEXPLAINED",
    also="FUND_ADJUSTMENT_LIFTS_RATE",
)(_cut)


def _low(form: Form) -> None:
    form.funds[0][3] = "1296000.00"
    form.funds[1][3] = "1080000.00"
    form.funds[3][3] = "216000.00"
    settle(form)


defect("an execution of 54 % that nothing explains", "canteen.text", "FUND_LOW_EXECUTION_UNEXPLAINED")(_low)
defect("20 points for the execution", "river.xlsx", "FUND_WEIGHT_NOT_10")(
    lambda f: (rows(weight="5", score="5")(7)(f), settle(f, 20))
)


def _component(form: Form) -> None:
    form.component[0][1] = "87.10%"


defect("a wrong rate beside one source", "bus.xlsx", "FUND_COMPONENT_RATE")(_component)

# weights
defect("40 points in a bracket over weights of 50", "bus.text", "WGT_LEVEL1_SUM")(
    lambda f: [put(r, level1="产出指标（40分）") for r in f.rows if r.level1.startswith("产出")]
)


def _heavier(form: Form) -> None:
    form.rows[2].weight = form.rows[2].score = "15"
    form.total[1] = f"{float(form.total[1]) + 5:.2f}"


defect("a weight of 15 for 10 where the total says 100", "river.html", "WGT_TOTAL_NOT_100")(_heavier)
defect("weights of 95 and a total of 95", "river.text", "WGT_TOTAL_NOT_100")(summed(rows(weight="5", score="5")(4)))
defect("the total of weights is misprinted", "river.xlsx", "WGT_TOTAL_PRINTED")(lambda f: f.total.__setitem__(0, "95"))
defect("a level 1 that no ministry knows", "river.html", "WGT_LEVEL_UNKNOWN", 6)(
    lambda f: [put(r, level1="亮点指标") for r in f.rows if r.level1 == "效益指标"]
)
defect("a level 2 below another level 1", "bus.xlsx", "WGT_LEVEL_UNKNOWN", 7)(rows(level2="数量指标")(7))
defect("no indicator of timeliness", "river.text", "WGT_REQUIRED_LEVEL2")(
    lambda f: (f.rows.pop(3), put(f.rows[2], weight="20", score="20"))
)
defect("no indicator of cost", "bus.html", "WGT_REQUIRED_LEVEL2")(
    lambda f: (f.rows.pop(4), put(f.rows[3], weight="15", score="15"))
)
defect("points for a row without indicator", "canteen.text", "WGT_ON_EMPTY_INDICATOR", 7, also="SCR_NA_FULL_MARKS")(
    rows(name="", target="", actual="本项目未设置该指标")(7)
)
defect("an empty indicator scored", "bus.html", "SCR_NA_FULL_MARKS", 8, also="WGT_ON_EMPTY_INDICATOR")(
    rows(name="", target="", actual="不适用")(8)
)
defect("an indicator of weight 0", "river.xlsx", "WGT_ZERO_ON_REAL_INDICATOR", 3)(
    lambda f: (rows(weight="0", score="0")(3)(f), rows(weight="20", score="20")(4)(f))
)
defect("all points of the benefits on one vague row", "canteen.html", "WGT_CONCENTRATION", 6, also="TXT_VAGUE_GRADE")(
    lambda f: (
        rows(
            name="老年人生活便利程度",
            target="明显提高",
            actual="有效提高",
            weight="30",
            score="28",
            reason="个别食堂位置偏远，正在增设助餐点",
        )(6)(f),
        f.rows.pop(6),
        settle(f),
    )
)

# scores
defect("a negative score", "bus.html", "SCR_INVALID", 2)(summed(rows(score="-3", reason="另有扣分")(2)))
defect("a score in words", "river.text", "SCR_INVALID", 5)(lambda f: rows(score="满分")(5)(f))
defect("a score left out", "bus.xlsx", "SCR_MISSING", 4)(summed(rows(score="")(4)))
defect("the score of one row added twice", "canteen.xlsx", "SCR_TOTAL_MISMATCH")(
    lambda f: f.total.__setitem__(1, "108.82")
)
defect("a total rounded up", "bus.text", "SCR_TOTAL_MISMATCH")(lambda f: f.total.__setitem__(1, "99"))
defect("more points than the row has", "canteen.html", "SCR_GT_WEIGHT", 3)(summed(rows(score="12")(3)))
defect("a floor missed and all points", "canteen.text", "SCR_MISSED_BUT_FULL", 6)(
    rows(actual="96310人次", reason="")(6)
)
defect("a ceiling of days passed and all points", "canteen.xlsx", "SCR_MISSED_BUT_FULL", 4)(
    rows(actual="23个工作日")(4)
)
defect("a deadline missed and all points", "river.html", "SCR_MISSED_BUT_FULL", 4)(rows(actual="2023年11月20日")(4))
defect(
    "an accident where none was allowed and all points",
    "bus.xlsx",
    "SCR_MISSED_BUT_FULL",
    6,
    also="TXT_NARRATIVE_CONTRADICTION",
)(rows(actual="2起")(6))
defect("a price above its ceiling and all points", "river.text", "SCR_MISSED_BUT_FULL", 5)(
    rows(actual="31.2万元/公里")(5)
)
defect("satisfaction in words missed and all points", "bus.html", "SCR_MISSED_BUT_FULL", 8)(
    rows(target="不低于90%", actual="87.4%")(8)
)
defect("met and points taken away", "river.xlsx", "SCR_MET_BUT_LOST", 2)(
    summed(rows(score="7", reason="船只老旧，已申请更新")(2))
)
defect("a satisfaction met and points taken away", "canteen.text", "SCR_MET_BUT_LOST", 8)(
    summed(rows(score="8", reason="部分老人反映菜品单一，已增加菜品")(8))
)
defect("nearly all points for half of the target", "bus.text", "SCR_PROPORTION_MISMATCH", 7)(
    summed(rows(actual="45%", score="14.5")(7))
)
defect("few points for nearly the whole target", "river.html", "SCR_PROPORTION_MISMATCH", 6)(summed(rows(score="6")(6)))
defect("points lost without a reason", "canteen.xlsx", "SCR_REASON_MISSING", 2)(rows(reason="")(2))
defect("points lost and 无 as the reason", "bus.html", "SCR_REASON_MISSING", 7)(rows(reason="无")(7))
defect(
    "three times the target and no word",
    "river.text",
    "SCR_OVERACHIEVED_UNEXPLAINED",
    1,
    also="TXT_NARRATIVE_CONTRADICTION",
)(
    lambda f: (
        rows(actual="54.5公里")(1)(f),
        put(f, reached="主城区河道清淤完成54.5公里，保洁队伍每日巡河，水面漂浮物明显减少。"),
    )
)
defect("twice the persons and no word", "bus.xlsx", "SCR_OVERACHIEVED_UNEXPLAINED", 2)(rows(actual="2630人")(2))
defect(
    "points where the weight is 0",
    "bus.text",
    "SCR_NONZERO_ON_ZERO_WEIGHT",
    5,
    also="WGT_ZERO_ON_REAL_INDICATOR SCR_GT_WEIGHT",
)(lambda f: (rows(weight="0", score="5")(5)(f), rows(weight="15", score="15")(4)(f), settle(f)))
defect("partly reached with all but all points", "canteen.html", "SCR_QUALITATIVE_BAND", 7)(
    summed(
        rows(
            name="助餐服务可持续性",
            target="达成年度指标",
            actual="部分达成年度指标并具有一定效果",
            score="9.6",
            reason="助餐点覆盖不足，正在补齐",
        )(7)
    )
)
defect("words of the target as the result with all points", "river.xlsx", "SCR_QUALITATIVE_FULL_NO_EVIDENCE", 7)(
    rows(name="河道环境整治情况", target="河面清洁、岸线整齐、无明显异味", actual="河面清洁、岸线整齐、无明显异味")(7)
)
defect("a grade that the total does not earn", "bus.xlsx", "SCR_GRADE_MISMATCH")(
    lambda f: put(f, lines=[["自评等级", "良"]])
)
defect("预期 as the result with all points", "canteen.text", "SCR_EXPECTATION_PHRASE_FULL", 7)(
    rows(actual="达成预期指标")(7)
)
defect("a hollow reason", "river.html", "SCR_REASON_HOLLOW", 6)(rows(reason="加强管理，继续努力")(6))
defect("success as the reason of a miss", "bus.text", "SCR_REASON_CONTRADICTS", 7)(rows(reason="超额完成年度目标")(7))
defect("a miss explained and nothing deducted", "canteen.xlsx", "SCR_REASON_WITHOUT_LOSS", 7)(
    rows(
        target="建立志愿服务长效机制",
        name="志愿服务机制建设",
        actual="机制基本建立",
        reason="志愿者流动大，制度未能按计划完成",
    )(7)
)


def _everywhere(form: Form) -> None:
    form.rows[6].actual, form.rows[6].score, form.rows[6].reason = "93%", "15", ""
    settle(form)


defect("all points everywhere", "bus.html", "SCR_FULL_MARKS_EVERYWHERE")(_everywhere)


def _gap(form: Form) -> None:
    form.funds[0][3], form.funds[1][3], form.funds[2][3] = "727.00", "697.00", "30.00"
    settle(form)
    form.reached += "因汛期长，工程款结算延后，年末未支付部分结转下年。"


defect("high points on a low execution", "river.text", "SCR_GAP_TO_EXECUTION")(_gap)

# targets, results, wording
defect("no target", "canteen.html", "TGT_MISSING", 5)(rows(target="")(5))
defect("no result", "bus.xlsx", "ACT_MISSING", 2)(rows(actual="")(2))
defect("a floor under a cost", "bus.html", "TGT_DIRECTION_SUSPECT", 5)(rows(target="≥10万元")(5))
defect("a ceiling over a satisfaction", "river.html", "TGT_DIRECTION_SUSPECT", 8, also="SCR_MISSED_BUT_FULL")(
    rows(target="≤95%")(8)
)
defect("a pass rate of 60 % as the target", "canteen.xlsx", "TGT_TOO_LOW", 3, also="SCR_OVERACHIEVED_UNEXPLAINED")(
    rows(target="≥60%", actual="71%")(3)
)
defect("a floor as the result", "bus.text", "ACT_IS_INEQUALITY", 4)(rows(actual="≥95%")(4))
defect("a range as the result", "river.xlsx", "ACT_IS_RANGE", 1)(
    lambda f: (
        rows(actual="18-19公里")(1)(f),
        put(f, reached="主城区河道清淤按计划完成，保洁队伍每日巡河，水面漂浮物明显减少。"),
    )
)


def _nothing(form: Form) -> None:
    form.rows[1].actual, form.rows[1].score, form.rows[1].reason = "0次", "0", "回访外包合同未签订，已列入下年计划"
    settle(form)


defect("nothing done of what was planned", "canteen.text", "ACT_ZERO", 2)(_nothing)
defect("a deadline of another year", "river.text", "DATE_OUTSIDE_YEAR", 4)(
    rows(target="2021年10月底前", actual="2021年10月16日")(4)
)
defect("a coverage above 100 %", "bus.html", "VALUE_OVER_100", 7)(summed(rows(actual="112%", score="15", reason="")(7)))
defect("a satisfaction above 100 %", "canteen.html", "VALUE_OVER_100", 8)(rows(actual="104.6%")(8))
defect("a pass rate that 12 canteens cannot give", "canteen.xlsx", "VALUE_RATIO_UNREACHABLE", 3)(
    lambda f: rows(name="长者食堂验收合格率", actual="99%")(3)(f)
)
defect("a target without unit", "river.html", "UNIT_MISSING_TARGET", 2)(rows(target="≥9")(2))
defect("a result without unit", "bus.xlsx", "UNIT_MISSING_ACTUAL", 1)(rows(actual="14")(1))
defect("a rate as a decimal", "canteen.text", "UNIT_RATIO_DECIMAL", 3)(rows(actual="0.992")(3))
defect("times beside persons", "bus.html", "UNIT_INCOMPATIBLE", 2)(rows(actual="1286次")(2))
defect("a grade as the target", "river.xlsx", "TXT_VAGUE_GRADE", 7)(
    rows(name="水环境改善程度", target="显著", actual="水质评价由Ⅳ类提高到Ⅲ类")(7)
)
defect("two measures in a cell", "bus.text", "TXT_COMPOUND", 1)(
    rows(name="线路和车辆数", target="14条线路，20辆车", actual="14条线路，21辆车")(1)
)
defect("money under quantity", "river.html", "TXT_LEVEL2_MISFIT", 2)(
    rows(name="保洁经费支出金额", target="≤90万元", actual="88.6万元")(2)
)
defect("meetings under timeliness", "canteen.html", "TXT_LEVEL2_MISFIT", 4)(
    rows(name="召开协调会场次", target="≥4场", actual="5场")(4)
)
defect("one indicator twice", "bus.html", "TXT_DUPLICATE_INDICATOR", 2)(
    rows(name="校车线路开通数", target="≥14条", actual="14条")(2)
)
defect("another number in the goal", "canteen.text", "TXT_GOAL_TARGET_CONFLICT", 1)(
    lambda f: put(f, expected="1.补助长者食堂20家，方便老年人就餐；2.食品抽检全部合格。")
)
defect("another number in the narrative", "bus.xlsx", "TXT_NARRATIVE_CONTRADICTION")(
    lambda f: put(f, reached="开通校车线路9条，接送秩序良好，全年没有发生责任事故。")
)


def _equal(form: Form) -> None:
    for row, value in zip(
        form.rows, ["18公里", "9艘", "100%", "2023年10月底前", "26万元/公里", "6处", "85%", "90%"], strict=True
    ):
        row.actual = value
    form.rows[5].score, form.rows[5].reason = "15", ""
    form.reached = "清淤和保洁按计划完成。"
    settle(form)


defect("every result equals its target", "river.text", "ACT_ALL_EQUAL_TARGET", also="SCR_FULL_MARKS_EVERYWHERE")(_equal)


def _points(form: Form) -> None:
    for row in form.rows:
        row.target, row.actual, row.score, row.reason = row.weight, row.weight, row.weight, ""
    settle(form)


defect(
    "points in the column of targets",
    "bus.html",
    "TGT_IS_POINTS",
    also="ACT_ALL_EQUAL_TARGET SCR_FULL_MARKS_EVERYWHERE UNIT_MISSING_TARGET UNIT_MISSING_ACTUAL",
)(_points)
defect("已完成 beside a number", "canteen.html", "ACT_EMPTY_PHRASE", 6)(rows(actual="已完成")(6))
defect("within the budget as the target of a cost", "river.xlsx", "TGT_COST_IS_BUDGET", 5)(
    rows(name="项目总成本", target="不超过预算", actual="838.2万元")(5)
)
defect("a rate in households", "bus.text", "UNIT_RATE_MISFIT", 7)(
    summed(rows(target="≥90户", actual="95户", score="15", reason="")(7))
)
defect("stars of the template", "river.html", "TGT_TEMPLATE_RESIDUE", 8)(rows(target="≥**%")(8))
# the reader takes 指标1： for no name, so that the row is told as one that lacks it
defect("a name of the template", "canteen.xlsx", "WGT_ON_EMPTY_INDICATOR", 7)(rows(name="指标1：")(7))
defect("400 days in a year", "bus.text", "ACT_IMPOSSIBLE", 4, also="SCR_OVERACHIEVED_UNEXPLAINED")(
    rows(name="校车全年运行天数", target="≥190天", actual="400天")(4)
)
