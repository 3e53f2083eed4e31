"""Forms that are right although their arithmetic or their words are unusual: none of them may be accused.

Here: the forms, as edits of correct ones. Not here: their base forms and writers, planted defects.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.planted.defects import rows
from tests.planted.sheets import Form, Row, plain, settle

Edit = Callable[[Form], object]
CORRECT: list[tuple[str, str, str, Edit]] = []


def correct(name: str, where: str) -> Callable[[Edit], None]:
    base, writer = where.split(".")

    def add(edit: Edit) -> None:
        CORRECT.append((name, base, writer, edit))

    return add


def row(n: int, settled: bool = True, **values: str) -> Edit:
    def edit(form: Form) -> None:
        rows(**values)(n)(form)
        if settled:
            settle(form)

    return edit


def both(*edits: Edit) -> Edit:
    def edit(form: Form) -> None:
        for one in edits:
            one(form)

    return edit


def money(*lines: list[str]) -> Edit:
    def edit(form: Form) -> None:
        form.funds = [[form.funds[0][0], *lines[0]], *([label, *rest] for label, *rest in lines[1:])]
        settle(form)

    return edit


def execution(points: str, rate: str, score: str) -> Edit:
    """The execution as printed, the total of the scores moved with it."""

    def edit(form: Form) -> None:
        old = form.execution[2]
        form.execution = [points, rate, score]
        form.total[1] = plain(round(_d(form.total[1]) - _d(old) + _d(score), 4))

    return edit


def _d(text: str) -> Decimal:
    return Decimal(text)


def said(text: str) -> Edit:
    def edit(form: Form) -> None:
        form.reached = text

    return edit


# rounding and formats of numbers
correct("the rate with one decimal", "river.html")(lambda f: execution("10", "97.5%", "9.75")(f))
correct("the rate as a whole number, half up", "bus.xlsx")(lambda f: execution("10", "96%", "9.6")(f))
correct("a rate cut after two decimals", "canteen.text")(lambda f: f.execution.__setitem__(1, "96.52%"))
correct("the rate as a fraction of one", "river.text")(lambda f: execution("10", "0.9747", "9.75")(f))
correct("the score of the execution with one decimal", "canteen.html")(lambda f: execution("10", "96.52%", "9.7")(f))
correct("the score of the execution with three decimals", "river.xlsx")(lambda f: execution("10", "97.47%", "9.747")(f))
correct("scores printed with two zeros", "canteen.xlsx")(
    lambda f: [setattr(r, "score", f"{float(r.score):.2f}") for r in f.rows]
)
correct("points and scores with 分", "river.html")(
    lambda f: [(setattr(r, "score", r.score + "分"), setattr(r, "weight", r.weight + "分")) for r in f.rows]
)
correct("the total with one decimal", "bus.html")(lambda f: f.total.__setitem__(1, "98.9"))
correct("thousands without decimals", "bus.text")(
    money(["1,560,000", "1,560,000", "1,497,600"], ["其中：财政拨款", "1,560,000", "1,560,000", "1,497,600"])
)
correct("万元 with six decimals against a rounded sum", "river.text")(
    money(
        ["860.00", "860.00", "838.20"],
        ["其中：当年财政拨款", "800.001234", "800.001234", "778.203"],
        ["上年结转资金", "60.00", "60.00", "60.00"],
        ["其他资金", "0", "0", "0"],
    )
)
correct("sources in 万元 rounded to two decimals each", "river.html")(
    money(
        ["860.01", "860.01", "838.19"],
        ["其中：当年财政拨款", "800.00", "800.00", "778.19"],
        ["上年结转资金", "60.00", "60.00", "60.00"],
        ["其他资金", "0.00", "0.00", "0.00"],
    )
)

# money that is right
correct("a budget of nothing and nothing spent", "bus.html")(
    both(
        money(
            ["1,560,000.00", "1,560,000.00", "1,497,600.00"],
            ["其中：财政拨款", "1,560,000.00", "1,560,000.00", "1,497,600.00"],
        ),
        lambda f: (
            setattr(f, "funds", [["年度资金总额", "0.00", "0.00", "0.00"], ["其中：财政拨款", "0.00", "0.00", "0.00"]]),
            execution("10", "0%", "0")(f),
            setattr(f, "component", [["—"] * 3]),
        ),
    )
)
correct("a budget of nothing with dashes for rate and score", "river.text")(
    lambda f: (
        setattr(
            f,
            "funds",
            [
                ["年度资金总额", "0", "0", "0"],
                ["其中：当年财政拨款", "0", "0", "0"],
                ["上年结转资金", "0", "0", "0"],
                ["其他资金", "0", "0", "0"],
            ],
        ),
        f.execution.__setitem__(slice(1, 3), ["—", "—"]),
        f.total.__setitem__(1, "87.5"),
    )
)
correct("a budget adjusted to nothing, with the reason", "bus.xlsx")(
    lambda f: (
        setattr(
            f,
            "funds",
            [["年度资金总额", "1,560,000.00", "0.00", "0.00"], ["其中：财政拨款", "1,560,000.00", "0.00", "0.00"]],
        ),
        execution("10", "0%", "0")(f),
        setattr(f, "component", [["—"] * 3]),
        setattr(f, "reached", f.reached + "受疫情影响，年中预算全部调减收回，由上级资金保障。"),
    )
)
correct("only money carried over", "river.html")(
    money(
        ["0.00", "60.00", "58.30"],
        ["其中：当年财政拨款", "0.00", "0.00", "0.00"],
        ["上年结转资金", "0.00", "60.00", "58.30"],
        ["其他资金", "0.00", "0.00", "0.00"],
    )
)
correct("carried-over money raises the budget, said so", "river.xlsx")(
    both(
        money(
            ["800.00", "860.00", "838.20"],
            ["其中：当年财政拨款", "800.00", "800.00", "778.20"],
            ["上年结转资金", "0.00", "60.00", "60.00"],
            ["其他资金", "0.00", "0.00", "0.00"],
        ),
        lambda f: setattr(f, "reached", f.reached + "全年预算数含上年结转追加60万元。"),
    )
)
correct("spent more than the budget out of carried-over money outside it", "river.text")(
    both(
        money(
            ["800.00", "800.00", "838.20"],
            ["其中：当年财政拨款", "800.00", "800.00", "778.20"],
            ["上年结转资金", "0.00", "0.00", "60.00"],
            ["其他资金", "0.00", "0.00", "0.00"],
        ),
        lambda f: (
            execution("10", "104.78%", "10")(f),
            setattr(f, "reached", f.reached + "执行数含使用上年结转资金60万元。"),
        ),
    )
)
correct("spent the whole budget", "bus.html")(
    money(
        ["1,560,000.00", "1,560,000.00", "1,560,000.00"],
        ["其中：财政拨款", "1,560,000.00", "1,560,000.00", "1,560,000.00"],
    )
)
correct("sources of the levels of government nested in the grant", "bus.text")(
    money(
        ["1,560,000.00", "1,560,000.00", "1,497,600.00"],
        ["其中：财政拨款", "1,560,000.00", "1,560,000.00", "1,497,600.00"],
        ["其中：中央资金", "1,000,000.00", "1,000,000.00", "950,000.00"],
        ["省级资金", "300,000.00", "300,000.00", "290,000.00"],
        ["县级资金", "260,000.00", "260,000.00", "257,600.00"],
    )
)
correct("a social contribution beside the grant", "bus.html")(
    money(
        ["1,660,000.00", "1,660,000.00", "1,597,600.00"],
        ["其中：财政拨款", "1,560,000.00", "1,560,000.00", "1,497,600.00"],
        ["社会捐赠资金", "100,000.00", "100,000.00", "100,000.00"],
    )
)
correct("blank cells for sources that give nothing", "river.xlsx")(
    money(
        ["800.00", "800.00", "778.20"],
        ["其中：当年财政拨款", "800.00", "800.00", "778.20"],
        ["上年结转资金", "", "", ""],
        ["其他资金", "", "", ""],
    )
)
correct("dashes for sources that give nothing", "canteen.text")(
    money(
        ["2000000.00", "2000000.00", "1930400.50"],
        ["其中：当年财政拨款", "2000000.00", "2000000.00", "1930400.50"],
        ["上年结转资金", "—", "—", "—"],
        ["其他资金", "/", "/", "/"],
    )
)
correct("20 points for the execution and 80 for the rest", "river.html")(
    lambda f: (rows(weight="10", score="10")(1)(f), rows(weight="10", score="10")(7)(f), settle(f, 20))
)
correct("the execution not scored at all", "bus.text")(
    lambda f: (
        rows(weight="20", score="20")(8)(f),
        [setattr(r, "level1", "满意度指标（20分）") for r in f.rows if r.level1.startswith("满意")],
        settle(f),
        f.execution.__setitem__(0, "—"),
        f.execution.__setitem__(2, "—"),
        f.total.__setitem__(slice(0, 2), ["100", "99.33"]),
    )
)
correct("rates beside the sources, right", "river.text")(
    lambda f: setattr(f, "component", [["—", "97.28%", "—"], ["—", "100%", "—"], ["—", "—", "—"]])
)

# weights
correct("weights with decimals", "river.xlsx")(
    both(row(1, weight="12.5", score="12.5"), row(2, weight="12.5", score="12.5"))
)
correct("22.5 points each", "bus.text")(
    lambda f: (
        setattr(
            f,
            "rows",
            [
                Row("产出指标（67.5分）", "数量指标", "开通校车线路数", "≥14条", "14条", "22.5", "22.5"),
                Row("产出指标（67.5分）", "质量指标", "车辆年检合格率", "=100%", "100%", "22.5", "22.5"),
                Row(
                    "产出指标（67.5分）",
                    "时效指标",
                    "校车准点率",
                    "≥95%",
                    "94%",
                    "22.5",
                    "22.26",
                    "青石岭村道路塌方绕行",
                ),
                Row("效益指标（22.5分）", "社会效益指标", "交通责任事故起数", "≤0起", "0起", "22.5", "22.5"),
            ],
        ),
        settle(f),
    )
)
correct("cost as a level 1 of 20 points", "canteen.html")(
    lambda f: (
        setattr(
            f,
            "rows",
            [
                Row("成本指标 (20分)", "经济成本指标", "每餐补助标准", "≤6元", "5.5元", "20", "20"),
                *f.rows[:4],
                *f.rows[5:],
            ],
        ),
        [setattr(r, "level1", "效益指标 (20分)") for r in f.rows if r.level1.startswith("效益")],
        [setattr(r, "level1", "产出指标 (40分)") for r in f.rows if r.level1.startswith("产出")],
        rows(weight="10", score="10")(6)(f),
        settle(f),
    )
)
correct("points of the level 2 in its brackets", "river.html")(
    lambda f: (
        [
            setattr(r, "level2", f"{r.level2}（{p}分）")
            for r, p in zip(f.rows, ["25", "25", "10", "10", "5", "15", "15", "10"], strict=True)
        ],
        settle(f),
    )
)
correct("no satisfaction, its points with the benefits", "bus.xlsx")(
    lambda f: (
        f.rows.pop(7),
        [setattr(r, "level1", "效益指标（40分）") for r in f.rows if r.level1.startswith("效益")],
        rows(weight="25", score="25")(6)(f),
        settle(f),
    )
)
correct("rows that do not apply weigh nothing", "canteen.text")(
    lambda f: (
        f.rows.insert(7, Row("效益指标 (30分)", "生态效益指标", "", "", "本项目不适用该指标", "0", "0")),
        settle(f),
    )
)
correct("scores as per cent of the points", "river.text")(
    lambda f: [setattr(r, "score", f"{float(r.score) / float(r.weight) * 100:.2f}%") for r in f.rows]
)
correct("a bonus of 5 points and a total of 105", "bus.html")(
    lambda f: (f.rows.append(Row("加分项", "创新做法", "获省级以上表彰次数", "≥1次", "1次", "5", "5")), settle(f))
)
correct("a deduction row with a negative score", "river.html")(
    lambda f: (
        f.rows.append(
            Row("扣分项", "违规扣分", "审计发现问题数", "0个", "1个", "0", "-2", "一笔保洁费报销附件不全，已补齐")
        ),
        settle(f),
    )
)
correct("a deduction row of nothing", "canteen.xlsx")(
    lambda f: (f.rows.append(Row("扣分项", "违规扣分", "违规使用资金问题数", "0个", "0个", "0", "0")), settle(f))
)

# scores
correct("a floor scored in proportion", "canteen.html")(
    row(6, actual="135000人次", score="18", reason="一家食堂停业三个月")
)
correct("a ceiling scored by T/A", "canteen.text")(
    row(4, actual="20个工作日", score="7.5", reason="年底拨款集中，审核排队")
)
correct("a ceiling scored by 2-A/T", "river.xlsx")(row(5, actual="31.2万元/公里", score="4", reason="土方外运距离增加"))
correct("a miss scored by steps of the form's own rule", "bus.text")(
    both(
        row(7, actual="80%", score="12", reason="道路塌方；按评分细则每低5个百分点扣1.5分"),
    )
)
correct("nothing for a missed all-or-nothing target", "bus.xlsx")(
    both(
        row(6, actual="1起", score="0", reason="12月一起追尾，无人员伤亡，按评分标准发生即不得分"),
        said("开通校车线路14条，接送秩序良好。"),
    )
)
correct("a deadline missed and points lost", "river.html")(
    row(4, actual="2023年12月8日", score="7", reason="汛期停工一个月")
)
correct("a reached deadline of 底前 on its last day", "river.text")(row(4, actual="2023年10月31日"))
correct("done in the month of the deadline", "river.xlsx")(row(4, actual="2023年10月"))
correct("a deadline of 12月前 met in December", "canteen.text")(
    row(4, name="补助资金拨付完成时间", target="2024年12月前", actual="2024年12月20日")
)
correct("done before the fiscal year began", "river.html")(
    row(4, target="2023年3月底前", actual="2022年12月28日", name="施工合同签订时间")
)
correct("a range met inside", "bus.html")(row(2, target="1200-1300人", actual="1286人"))
correct("a range passed at its good end", "canteen.xlsx")(row(8, target="85%-90%", actual="94.6%"))
correct("lower is better without a sign: unemployment", "river.html")(
    row(7, level2="社会效益指标", name="城镇登记失业率", target="4.5%", actual="4.1%")
)
correct("lower is better without a sign: days of waiting", "canteen.text")(
    row(4, name="补助审核平均办理天数", target="15天", actual="11天")
)
correct("lower is better without a sign: complaints", "bus.text")(
    row(6, name="有效投诉件数", target="3件", actual="1件")
)
correct("lower is better without a sign: concentration", "river.xlsx")(
    row(7, name="PM2.5年均浓度", target="35微克/立方米", actual="31微克/立方米")
)
correct("a floor under what is paid to people", "canteen.text")(row(5, target="≥5元"))
correct("a cost below a bare target", "bus.html")(row(5, name="单车年均运营成本", target="11万元", actual="10.7万元"))
correct("a cost in 元 beside one in 万元", "bus.text")(row(5, target="≤11万元", actual="107000元"))
correct("a standard paid exactly", "canteen.html")(row(5, name="每餐补助标准", target="6元", actual="6元"))
correct("percent beside a decimal fraction", "bus.xlsx")(row(4, target="≥95%", actual="0.968"))
correct("one beside 100 %", "river.text")(row(3, target="100%", actual="1"))
correct("satisfaction in words of a scale", "canteen.xlsx")(row(8, target="满意", actual="非常满意"))
correct("a grade reached with another word", "river.html")(
    row(7, name="河道水环境改善程度", target="明显改善", actual="水质由Ⅳ类提高到Ⅲ类，居民反映良好")
)
correct("a part reached with 75 %", "bus.html")(
    row(
        7,
        name="线路优化成效",
        target="达成年度指标",
        actual="部分达成年度指标并具有一定效果",
        score="11.25",
        reason="两条线路未完成优化",
    )
)
correct("well beyond the target, with the reason", "bus.text")(
    row(2, actual="1846人", reason="三所村小撤并，学生并入乘车")
)
correct("a growth that fell less than feared", "river.text")(
    row(7, level2="经济效益指标", name="保洁人力成本增长率", target="≤5%", actual="-1.2%")
)
correct("a growth rate above 100 %", "bus.xlsx")(
    row(7, level2="经济效益指标", name="乘车学生增长率", target="≥100%", actual="126%", score="15", reason="")
)
correct("a completion rate above 100 %", "canteen.html")(
    row(6, name="就餐人次任务完成率", target="≥100%", actual="108.9%", score="20")
)
correct("a quarter's frequency", "canteen.text")(row(2, target="每季度≥6次", actual="每季度6次", score="10", reason=""))
correct("a result with a remark in brackets", "bus.html")(row(1, actual="14条（其中新增2条）"))
correct("about the target", "bus.xlsx")(row(2, target="约1300人", actual="1286人"))
correct("not below, in words", "canteen.xlsx")(row(3, target="不低于98%", actual="98%"))
correct("no more than, in words", "river.html")(
    row(6, name="内涝积水点剩余数量", target="不超过6处", actual="5处", score="15", reason="")
)
correct("zero accidents in words", "bus.text")(row(6, target="零事故", actual="0起"))
correct("points lost for a reason that says which rule", "river.text")(
    row(8, actual="92.3%", score="9", reason="满意度虽达标，按评价办法对抽样不足扣1分")
)
correct("a score of 0 for an indicator that could not be done", "canteen.html")(
    row(7, actual="0支", score="0", reason="志愿服务平台改版，全年暂停签约")
)
correct("leap year, every day of it", "canteen.text")(
    row(2, name="食堂开放天数", target="≥360天", actual="366天", score="10", reason="")
)
correct("hours beyond 24 as a sum", "bus.html")(
    row(4, name="驾驶员安全培训学时", level2="数量指标", target="≥24小时", actual="36小时")
)
correct("weights of the execution within level 1", "canteen.xlsx")(
    lambda f: (settle(f), f.execution.__setitem__(0, "10.00"), f.total.__setitem__(0, "100.00"))
)
correct("the total of points not printed", "river.html")(lambda f: f.total.__setitem__(0, ""))
correct("the grade printed beside the total", "bus.text")(lambda f: setattr(f, "lines", [["自评等级", "优"]]))
