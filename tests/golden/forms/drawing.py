"""Forms drawn at random: labels, arrangement and merged cells as provinces print them, beside what they say.

Here: the drawing of one form and its expectation (the terms of expectation.py). Not here: reading it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from sheet import Drawing

T = TypeVar("T")
LABELS = {
    "name": "项目名称 项目（政策）名称 专项（项目）名称 项目支出名称 转移支付（项目）名称 *项目名称 项目名称：",
    "department": "主管部门 主管部门（单位） 市级主管部门 主管单位 一级预算单位 业务主管部门 主管预算部门 行业主管部门",
    "unit": "实施单位 项目实施单位 资金使用单位 项目承担单位 实施主体 实施（使用）单位 实施单位（盖章） 项目业主单位",
    "year": "预算年度 自评年度 项目年度 所属年度 预算执行年度",
    "total": "年度资金总额 资金总额 合计 年度资金总额： 项目资金总额 总额",
    "fiscal": "其中：财政拨款 其中：当年财政拨款 财政资金 其中:本年财政拨款 1.财政拨款 ①财政拨款 一般公共预算拨款",
    "carryover": "上年结转资金 上年结转 上年结转结余资金 以前年度结转资金",
    "other": "其他资金 其它资金 其他 其他来源资金",
    "central": "中央补助 中央资金 其中：中央补助 中央财政资金",
    "province": "省级资金 省级财政资金 省级补助",
    "local": "县级资金 区级资金 县（区）级资金 地方资金 本级财政资金",
    "initial": "年初预算数 年初预算 年初批复数 年初安排数 预算数（年初） 年初部门预算",
    "adjusted": "全年预算数 全年预算数（A） 调整后预算数 调整预算数 全年（调整）预算数",
    "executed": "全年执行数 全年执行数（B） 执行数 实际支出数 全年支出数 决算数 全年实际支出",
    "rate": "执行率 预算执行率 执行率（B/A） 执行率（%） 执行率（B/A*100%）",
    "points": "分值 权重 标准分 分值（10分）",
    "score": "得分 自评得分 得分（10分*执行率） 得分=分值*执行率",
    "goal_expected": "预期目标 年初设定目标 年度绩效目标 预期绩效目标 年度总体目标 年初目标设定情况",
    "goal_actual": "实际完成情况 全年实际完成情况 目标完成情况 年度目标完成情况 全年完成情况 年终完成情况",
    "level1": "一级指标 指标类型 一级",
    "level2": "二级指标 二级",
    "level3": "三级指标 指标名称 具体指标 指标内容",
    "target": "年度指标值 指标值 目标值 年初指标值 计划指标值 年度指标值（A） 年初设定值 年度计划值",
    "actual": "实际完成值 全年完成值 完成值 全年实际完成值 实际完成情况 实际值 自评完成值 实际完成值（B）",
    "weight": "分值 权重 指标分值 标准分 分值（权重） 权重（%） 满分",
    "own_score": "得分 自评得分 实际得分 评分 自评分 得分情况",
    "deviation": "偏差原因分析及改进措施 未完成原因分析 偏差原因 差异原因分析 扣分原因 备注（偏差原因） 偏差情况说明",
    "note": "备注 评分标准 完成率 复核得分 佐证材料 专家评分",
    "operator": "指标性质 计算符号 运算符号",
    "unit_text": "度量单位 计量单位 单位",
    "adjusted_target": "调整后指标值 调整指标值 年中调整值",
    "total_line": "总分 合计 总分（100分） 总计 自评总分",
    "header_score": "自评得分 自评总分 总得分 绩效自评得分 项目自评得分",
}  # fmt: skip
SECTIONS = {
    "header": "项目基本情况 基本信息 项目概况",
    "funds": "项目资金 预算执行情况 资金情况 年度资金情况",
    "goals": "年度总体目标 年度目标 总体目标",
    "indicators": "绩效指标 绩效指标完成情况 年度绩效指标",
}
TITLES = ("项目支出绩效自评表", "财政支出项目绩效自评报告表", "专项资金绩效自评表", "2023年度项目支出绩效自评表", None)
GOALS = ("完成渠道改造12公里，保障1200户农户灌溉。", "培训辅导员12期，参训600人次，合格率达到95%以上。")
DONE = ("已改造渠道12.6公里，保障1216户农户灌溉。", "全年培训12期，参训612人次，合格率97%。")
INDICATORS = (
    ("产出指标", "数量指标", "改造渠道长度", "≥", "12.5", "公里", "12.6公里"),
    ("产出指标", "数量指标", "参训人次", "≥", "1,200", "人次", "1216人次"),
    ("产出指标", "质量指标", "工程验收合格率", "=", "100", "%", "100%"),
    ("产出指标", "时效指标", "完成及时率", "=", "100", "%", "98%"),
    ("产出指标", "成本指标", "项目总成本", "≤", "560", "万元", "548.2万元"),
    ("效益指标", "经济效益指标", "带动农户增收", "≥", "1500", "元", "1620元"),
    ("效益指标", "社会效益指标", "公共服务水平", "定性", "有所提升", "", "有所提升"),
    ("效益指标", "可持续影响指标", "长效管护机制", "定性", "建立健全", "", "基本建立健全"),
    ("满意度指标", "服务对象满意度指标", "受益群众满意度", "≥", "90", "%", "93%"),
    ("满意度指标", "服务对象满意度指标", "参训学员满意度", "≥", "95", "%", "96.5%"),
)
POINTS = {"产出指标": 50, "效益指标": 30, "满意度指标": 10}
REASONS = ("", "无", "连续降雨，工期推迟，今后加强统筹。", "设计变更，工程量增加")


class Pen:
    """Draws one form; the same seed draws the same form."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.unit = self.pick(("万元", "元"))
        self.unit_stands = self.pick(("label", "line", "figure"))
        self.scored = self.chance(0.9)
        self.problems: list[str] = []

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def word(self, label: str) -> str:
        return self.pick(LABELS[label].split())

    def split(self, width: int, parts: int) -> list[int]:
        """Columns for each of the parts, one at least."""
        cuts = [0, *sorted(self.random.sample(range(1, width), parts - 1)), width]
        return [b - a for a, b in pairwise(cuts)]

    def draw(self) -> Drawing:
        """A whole form."""
        columns = self._columns()
        self.beside = self.chance(0.4)  # the section's name stands in a column of its own
        self.form = Drawing(max(self.pick(range(8, 14)), len(columns) + self.beside))
        self.wanted = self.form.wanted
        self.wanted["form_kind"] = "self_evaluation"
        self._heading()
        self.total_stands = self.pick(("line", "line", "header", "nowhere")) if self.scored else "nowhere"
        rows = self._indicators()
        self._header(rows)
        blocks = [self._funds, self._goals, lambda: self._table(columns, rows)]
        if self.chance(0.2):
            self.random.shuffle(blocks)
        for block in blocks:
            block()
        self._footer()
        self.wanted["problems"] = self.problems
        return self.form

    # ── heading and header ───────────────────────────────────────────────────────

    def _heading(self) -> None:
        form, title = self.form, self.pick(TITLES)
        if self.chance(0.2):
            form.add((self.pick(("附件3", "附表2-1", "附件1：")), form.width))
        if title:
            form.add((title, form.width))
            self.wanted["title"] = title
            if "2023" in title or self.chance(0.4):
                self.wanted["fiscal_year"] = 2023
            if "2023" not in title and "fiscal_year" in self.wanted:
                form.add((self.pick(("（2023年度）", "( 2023 年度)", "2023年度")), form.width))
        if self.unit_stands == "line":
            form.add((self.pick(("单位：{}", "金额单位：{}", "（单位：{}）")).format(self.unit), form.width))

    def _header(self, rows: list[dict[str, str]]) -> None:
        wanted = self.wanted
        wanted["project_name"], wanted["department_name"], wanted["unit_name"] = (
            "渠道改造与辅导",
            "青河县水利局",
            "青河县灌区站",
        )
        name, department = wanted["project_name"], wanted["department_name"]
        pairs = [(self.word("department"), department), (self.word("unit"), wanted["unit_name"])]
        code = self.pick((None, "own", "glued"))
        if code:
            wanted["project_code"] = "51011723T000007943391"
        if code == "own":
            pairs.insert(0, (self.pick(("项目编码", "项目代码")), wanted["project_code"]))
        if code == "glued":
            name = f"{wanted['project_code']}-{name}"
        if self.chance(0.2):
            wanted["unit_code"] = "219"
            place = [p[1] for p in pairs].index(department)
            pairs[place] = ("主管部门及代码", self.pick((f"219-{department}", f"{department}219")))
        if self.chance(0.3):
            pairs.append((self.word("year"), self.pick(("2023", "2023年", "2023年度"))))
            wanted["fiscal_year"] = 2023
        if self.chance(0.4):
            pairs += [("项目负责人", "陈某"), ("联系电话", "0000-1234567")]
            wanted["attribute"] = [
                {"label": "项目负责人", "value": "陈某"},
                {"label": "联系电话", "value": "0000-1234567"},
            ]
        if self.total_stands == "header":
            wanted["total_score"] = str(sum(Decimal(row["own_score"]) for row in rows))
            pairs.append((self.word("header_score"), wanted["total_score"]))
            if self.chance(0.5):
                wanted["grade"] = "良"
                pairs.append((self.pick(("自评等级", "等级", "综合等级")), "良"))
        pairs.insert(0, (self.word("name"), name))
        self._pairs(pairs)

    def _pairs(self, pairs: list[tuple[str, str]]) -> None:
        form, way = self.form, self.pick(("rows", "rows", "section", "stacked", "colon"))
        if way == "colon":
            for label, value in pairs:
                form.add((f"{label.rstrip('：')}：{value}", form.width))
            return
        if way == "stacked" and len(pairs) <= form.width:
            spans = self.split(form.width, len(pairs))
            form.add(*((label, span) for (label, _), span in zip(pairs, spans, strict=True)))
            form.add(*((value, span) for (_, value), span in zip(pairs, spans, strict=True)))
            return
        beside = int(way == "section")
        a_row = self.pick((1, 2, 3))
        rows = [pairs[:1], *(pairs[n : n + a_row] for n in range(1, len(pairs), a_row))]
        for n, row in enumerate(rows):
            spans = self.split(form.width - beside, 2 * len(row))
            cells = [(text, span) for text, span in zip([t for pair in row for t in pair], spans, strict=True)]
            if beside and n == 0:
                form.add((self.pick(SECTIONS["header"].split()), 1, len(rows)), *cells)
            else:
                form.add(*cells, start=beside)

    # ── money and goals ──────────────────────────────────────────────────────────

    def _amount(self, amount: Decimal) -> str:
        printed = f"{amount / 10_000:.6f}".rstrip("0").rstrip(".") if self.unit == "万元" else f"{amount:,.2f}"
        return printed + self.unit if self.unit_stands == "figure" else printed

    def _column_header(self, measure: str) -> str:
        return self.word(measure) + (f"（{self.unit}）" if self.unit_stands == "label" else "")

    def _funds(self) -> None:
        sources = self.pick(
            (["total", "fiscal", "carryover", "other"], ["total", "central", "province", "local"], ["total"])
        )
        stages = self.pick((["initial", "adjusted", "executed"], ["adjusted", "executed"], ["initial", "executed"]))
        money: dict[str, dict[str, Decimal]] = {}
        for n, source in enumerate(sources):
            whole = Decimal(self.pick(range(20, 900)) * 1000) + (Decimal("345.67") if self.chance(0.3) else 0)
            amount = Decimal(0) if n and self.chance(0.15) else whole
            executed = (amount * self.pick((Decimal(1), Decimal("0.95"), Decimal("0.8734")))).quantize(Decimal("0.01"))
            money[source] = {"initial": amount + 1000, "adjusted": amount, "executed": executed}
        self.wanted["money_unit"] = self.unit
        self.wanted["funding"] = [
            {"source": s, **{stage: str(money[s][stage]) for stage in stages}} for s in sources
        ]  # fmt: skip
        ways = [self._matrix, self._matrix, self._matrix, self._transposed, self._amounts]
        self.pick(ways)(sources, stages, money)

    def _matrix(self, sources: list[str], stages: list[str], money: dict[str, dict[str, Decimal]]) -> None:
        form, wanted = self.form, self.wanted["funding"]
        measures = [*stages, "rate"]
        if self.scored and self.chance(0.5):
            measures[-1:] = self.pick((["points", "rate", "score"], ["rate", "points", "score"]))
            wanted[0].update(weight="10", score="9.5")
        beside = int(self.chance(0.5) and len(measures) + 2 <= form.width)
        spans = self.split(form.width - beside, len(measures) + 1)
        headers = [
            (self._column_header(m) if m in stages else self.word(m), s)
            for m, s in zip(measures, spans[1:], strict=True)
        ]
        section = self.pick(SECTIONS["funds"].split())
        if beside:
            form.add((section, 1, len(sources) + 1), (self.pick(("", "资金来源", "资金类型")), spans[0]), *headers)
        else:
            form.add((section, spans[0]), *headers)
        for row, source in zip(wanted, sources, strict=True):
            executed, budget = money[source]["executed"], money[source][stages[0]]
            rate = f"{executed / budget * 100:.2f}" if budget else ""
            row["rate"] = rate
            rest = {"rate": f"{rate}%" if rate else "—", "points": "10", "score": "9.5"}
            if source != "total":
                rest.update(points="—", score="—")
            texts = [self._amount(money[source][m]) if m in stages else rest[m] for m in measures]
            form.add((self.word(source), spans[0]), *zip(texts, spans[1:], strict=True), start=beside)

    def _transposed(self, sources: list[str], stages: list[str], money: dict[str, dict[str, Decimal]]) -> None:
        if len(sources) == 1:
            return self._amounts(sources, stages, money)
        spans = self.split(self.form.width, len(sources) + 1)
        labels = [self.pick(("项目资金", "资金情况")), *(self.word(source) for source in sources)]
        self.form.add(*zip(labels, spans, strict=True))
        for stage in stages:
            texts = [self._column_header(stage), *(self._amount(money[source][stage]) for source in sources)]
            self.form.add(*zip(texts, spans, strict=True))
        return None

    def _amounts(self, sources: list[str], stages: list[str], money: dict[str, dict[str, Decimal]]) -> None:
        """Labels with their amounts beside them, one total a row."""
        del self.wanted["funding"][1:]
        for stage in stages:
            spans = self.split(self.form.width, 2)
            self.form.add((self._column_header(stage), spans[0]), (self._amount(money["total"][stage]), spans[1]))

    def _goals(self) -> None:
        form, way = self.form, self.pick(("side", "side", "rows", "below", "none"))
        if way == "none":
            return
        expected, actual = self.pick(GOALS), self.pick(DONE)
        self.wanted["goal_expected"], self.wanted["goal_actual"] = expected, actual
        labels = self.word("goal_expected"), self.word("goal_actual")
        section = self.pick(SECTIONS["goals"].split())
        if way == "below":
            for text in (labels[0], expected, labels[1], actual):
                form.add((text, form.width))
            return
        beside = self.chance(0.5)
        a, b = self.split(form.width - beside, 2)
        lines = (
            [(labels[0], labels[1]), (expected, actual)]
            if way == "side"
            else [(labels[0], expected), (labels[1], actual)]
        )
        for n, (left, right) in enumerate(lines):
            head = [(section, 1, 2)] if beside and n == 0 else []
            form.add(*head, (left, a), (right, b), start=int(beside and n > 0))

    # ── indicators ───────────────────────────────────────────────────────────────

    def _columns(self) -> list[str]:
        levels = self.pick((["level1", "level2", "level3"], ["level1", "level2", "level3"], ["level2", "level3"]))
        self.three = self.chance(0.3)  # operator, value and unit in columns of their own
        targets = ["operator", "target", "unit_text"] if self.three else ["target"]
        if not self.three and self.chance(0.2):
            targets.append("adjusted_target")
        values = [*targets, "actual"]
        points = ["weight", "own_score"] if self.scored else []
        rest = self.pick(
            ([*values, *points], [*points[:1], *values, *points[1:]], [*targets, *points[:1], "actual", *points[1:]])
        )
        if self.chance(0.7):
            rest.append("deviation")
        if self.chance(0.4):
            rest.append("note")
        return levels + rest

    def _indicators(self) -> list[dict[str, str]]:
        chosen = [row for row in INDICATORS if self.chance(0.7)] or list(INDICATORS[:2])
        rows = []
        for n, (level1, level2, level3, operator, value, unit, actual) in enumerate(chosen):
            alike = [k for k, other in enumerate(chosen) if other[0] == level1]
            share = POINTS[level1] // len(alike)
            weight = share if n != alike[-1] else POINTS[level1] - share * (len(alike) - 1)
            score = Decimal(weight) - (Decimal("0.5") if self.chance(0.2) else 0)
            sign = "" if operator == "定性" else operator
            reason, note = self.pick(REASONS), self.pick(("", "见说明"))
            if score < weight:
                note = ""  # beside lost points alone remarks are the reasons; these are none
            rows.append(
                {
                    "level1": level1, "level2": level2, "level3": level3, "operator": operator, "unit_text": unit,
                    "target": value if self.three else sign + value + unit, "whole": sign + value + unit,
                    "actual": actual, "weight": str(weight), "own_score": str(score), "deviation": reason,
                    "note": note, "adjusted_target": "≥99项",
                }
            )  # fmt: skip
        return rows

    def _table(self, columns: list[str], rows: list[dict[str, str]]) -> None:
        form = self.form
        spans = self.split(form.width - self.beside, len(columns))
        numbers = self.pick(("{1}", "{1}", "指标{0}：{1}", "{0}.{1}"))
        points = self.pick(("{0}", "{0}（{1}分）")) if "level1" in columns else "{0}"
        self._headers(columns, spans, len(rows))
        merged = self.chance(0.8)
        open_cells: dict[str, int] = {}
        above: dict[str, str] = {}
        for n, row in enumerate(rows, 1):
            printed = dict(row)
            printed["level1"] = points.format(row["level1"], POINTS[row["level1"]])
            printed["level3"] = numbers.format(n, row["level3"])
            col = int(self.beside)
            for name, span in zip(columns, spans, strict=True):
                same = above.get(name) == row[name] and (name == "level1" or above.get("level1") == row["level1"])
                if merged and name in {"level1", "level2"} and same:
                    r, c, height, wide, text = form.cells[open_cells[name]]
                    form.cells[open_cells[name]] = (r, c, height + 1, wide, text)
                else:
                    open_cells[name] = len(form.cells)
                    form.cells.append((form.rows, col, 1, span, printed[name]))
                col += span
            above = row
            form.rows += 1
            self._expect(columns, row, POINTS[row["level1"]] if "{1}" in points else None)
        if self.total_stands == "line":
            self._total_line(columns, spans, rows)

    def _headers(self, columns: list[str], spans: list[int], rows: int) -> None:
        """One row of headers, or two with 指标值 merged over the target's three columns or over target and actual."""
        form = self.form
        names = [self.word(c) for c in columns]
        place = columns.index("operator") if self.three else columns.index("target")
        wide = 3 if self.three else 2
        two = self.chance(0.3) and (self.three or columns[place + 1] == "actual")
        head = [(self.pick(SECTIONS["indicators"].split()), 1, rows + 1 + two)] if self.beside else []
        form.headers = range(form.rows, form.rows + 1 + two)
        if not two:
            form.add(*head, *zip(names, spans, strict=True))
            return
        top: list[tuple[str, int, int]] = [(n, s, 2) for n, s in zip(names, spans, strict=True)]
        top[place : place + wide] = [("绩效指标值", sum(spans[place : place + wide]), 1)]
        form.add(*head, *top)
        col = int(self.beside) + sum(spans[:place])
        for name, span in zip(names[place : place + wide], spans[place : place + wide], strict=True):
            form.cells.append((form.rows, col, 1, span, name))
            col += span
        form.rows += 1

    def _expect(self, columns: list[str], row: dict[str, str], points: int | None) -> None:
        fields = {
            "level1": "level1", "level2": "level2", "level3": "level3", "actual": "actual", "weight": "weight",
            "own_score": "score", "deviation": "deviation", "adjusted_target": "adjusted",
        }  # fmt: skip
        wanted = {name: row[column] for column, name in fields.items() if column in columns}
        wanted["target"] = row["whole"]
        if points is not None:
            wanted["points"] = str(points)
        self.wanted.setdefault("indicator", []).append(wanted)

    def _total_line(self, columns: list[str], spans: list[int], rows: list[dict[str, str]]) -> None:
        first = columns.index("weight")
        sums = {name: str(sum(Decimal(row[name]) for row in rows)) for name in ("weight", "own_score")}
        cells = [(sums.get(name, ""), span) for name, span in zip(columns[first:], spans[first:], strict=True)]
        self.form.add((self.word("total_line"), int(self.beside) + sum(spans[:first])), *cells)
        self.wanted.update(total_weight=sums["weight"], total_score=sums["own_score"])

    def _footer(self) -> None:
        form = self.form
        if self.chance(0.3):
            form.add(("注：1.其他资金包括自有资金、社会资金等。", form.width))
            form.add(("2.定量指标，资金使用单位填写本地区实际完成数。", form.width))
