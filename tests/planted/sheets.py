"""Correct self-evaluation forms of our own as values that tests alter, and their writers: html, xlsx, tabbed text.

Here: the forms (`BASES`), two layouts, three writers, a form read and checked in memory. Not here: what is planted.
"""

from __future__ import annotations

import copy
import html
import io
import sys
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from extractors.extract import extract
from extractors.extraction import Record

sys.path.insert(0, str(Path(__file__).parents[1] / "golden" / "findings"))
from audited import Document, audit, new_warehouse


@dataclass
class Row:
    """One indicator as printed; `level1` with its points in brackets where the layout prints them."""

    level1: str
    level2: str
    name: str
    target: str
    actual: str
    weight: str
    score: str
    reason: str = ""


@dataclass
class Form:
    """A form as printed. `funds`: label, initial, adjusted, executed (the first is the total); amounts in `money`."""

    project: str
    year: int
    unit: str
    department: str
    money: str
    funds: list[list[str]]
    rows: list[Row]
    expected: str
    reached: str
    title: str = ""
    code: str = ""
    unit_code: str = ""
    execution: list[str] = field(default_factory=list)
    component: list[list[str]] = field(default_factory=list)
    total: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    layout: str = "national"

    def copied(self) -> Form:
        return copy.deepcopy(self)


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def two(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def settle(form: Form, execution_points: int = 10) -> Form:
    """Fill what follows from the rest: rate, score of the execution, totals."""
    _, _, adjusted, executed = form.funds[0]
    rate = two(number(executed) / number(adjusted) * 100)
    score = two(min(Decimal(1), number(executed) / number(adjusted)) * execution_points)
    form.execution = [str(execution_points), f"{rate}%", plain(score)]
    form.component = [["—", "—", "—"] for _ in form.funds[1:]]
    weights = sum((number(r.weight) for r in form.rows if r.weight), Decimal(execution_points))
    scores = sum((number(r.score) for r in form.rows if r.score), score)
    form.total = [plain(weights), plain(scores)]
    return form


Cell = tuple[str, int, int]
"""Text, columns, rows."""


def table(form: Form) -> list[list[Cell]]:
    """The cells of a form, row by row; what a span covers is not repeated."""
    return (_seed if form.layout == "seed" else _national)(form)


def _levels(form: Form) -> list[tuple[Row, int, int]]:
    """The rows, with how many rows a level 1 and a level 2 that begin there cover (0: covered)."""
    result = []
    for n, row in enumerate(form.rows):
        above = form.rows[n - 1] if n else None
        first = above is None or above.level1 != row.level1
        second = first or above is None or above.level2 != row.level2
        one = two_ = 0
        if first:
            one = next((k for k, r in enumerate(form.rows[n:]) if r.level1 != row.level1), len(form.rows) - n)
        if second:
            same = (row.level1, row.level2)
            two_ = next((k for k, r in enumerate(form.rows[n:]) if (r.level1, r.level2) != same), len(form.rows) - n)
        result.append((row, one, two_))
    return result


def _national(form: Form) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [(form.title or "项目支出绩效自评表", 9, 1)],
        [(f"（{form.year}年度）", 9, 1)],
        [("项目名称", 2, 1), (form.project, 7, 1)],
        [("主管部门", 2, 1), (form.department, 3, 1), ("实施单位", 2, 1), (form.unit, 2, 1)],
    ]
    if form.code:
        rows.insert(3, [("项目编码", 2, 1), (form.code, 7, 1)])
    head = [f"项目资金（{form.money}）", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"]
    deep = 1 + len(form.funds)
    rows.append([(head[0], 2, deep), (head[1], 1, 1), *((h, 1, 1) for h in head[2:])])
    for n, (fund, more) in enumerate(zip(form.funds, [form.execution, *form.component], strict=True)):
        rows.append([(fund[0], 1, 1), *((v, 1, 1) for v in fund[1:]), *((v, 1, 1) for v in more)])
        assert n < deep
    rows += [
        [("年度总体目标", 1, 2), ("预期目标", 4, 1), ("实际完成情况", 4, 1)],
        [(form.expected, 4, 1), (form.reached, 4, 1)],
    ]
    names = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"]
    rows.append([("绩效指标", 1, 1 + len(form.rows)), *((n, 1, 1) for n in names)])
    for row, one, two_ in _levels(form):
        cells: list[Cell] = []
        if one:
            cells.append((row.level1, 1, one))
        if two_:
            cells.append((row.level2, 1, two_))
        cells += [(v, 1, 1) for v in (row.name, row.target, row.actual, row.weight, row.score, row.reason)]
        rows.append(cells)
    rows.append([("总分", 6, 1), (form.total[0], 1, 1), (form.total[1], 1, 1), ("", 1, 1)])
    rows += [[(line[0], 2, 1), (line[1], 7, 1)] for line in form.lines]
    return rows


def _seed(form: Form) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [(form.title or f"{form.project}项目支出绩效自评表", 10, 1)],
        [("项目编码：", 1, 1), (form.code, 2, 1), ("项目名称：", 1, 1), (form.project, 2, 1), ("绩效自评年度：", 1, 1),
         (str(form.year), 3, 1)],
        [("实施单位：", 1, 1), (form.unit, 2, 1), ("一级预算单位：", 1, 1), (form.department, 2, 1),
         ("单位编码：", 1, 1), (form.unit_code, 3, 1)],
        [("预算执行情况", 10, 1)],
    ]  # fmt: skip
    head = ["", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率（%）", "得分"]
    deep = 1 + len(form.funds)
    rows.append([(f"项目资金（{form.money}）", 1, deep), *((h, 1, 1) for h in head), ("", 2, 1)])
    for fund, more in zip(form.funds, [form.execution, *form.component], strict=True):
        rows.append([(v, 1, 1) for v in (*fund, more[0], more[1].rstrip("%"), more[2])] + [("", 2, 1)])
    rows += [
        [("项目目标完成情况", 10, 1)],
        [("年度总体目标", 1, 2), ("预期目标", 5, 1), ("* 实际完成情况", 4, 1)],
        [(form.expected, 5, 1), (form.reached, 4, 1)],
    ]
    names = ["一级指标", "二级指标", "三级指标", "年度指标值", "度量单位", "* 实际完成值", "* 权重", "* 得分"]
    rows.append([("年度绩效指标", 1, 1 + len(form.rows)), *((n, 1, 1) for n in [*names, "偏差原因分析及改进措施"])])
    for row, one, two_ in _levels(form):
        cells: list[Cell] = []
        if one:
            cells.append((row.level1, 1, one))
        if two_:
            cells.append((row.level2, 1, two_))
        cells += [(v, 1, 1) for v in (row.name, row.target, "", row.actual, row.weight, row.score, row.reason)]
        rows.append(cells)
    rows.append([("", 1, 1), ("总分", 6, 1), (form.total[0], 1, 1), (form.total[1], 1, 1), ("—", 1, 1)])
    rows += [[(line[0], 2, 1), (line[1], 8, 1)] for line in form.lines]
    return rows


def placed(rows: list[list[Cell]]) -> list[tuple[int, int, Cell]]:
    """Row, column and cell, as spans push them to the right."""
    taken: set[tuple[int, int]] = set()
    result = []
    for r, cells in enumerate(rows):
        c = 0
        for cell in cells:
            while (r, c) in taken:
                c += 1
            result.append((r, c, cell))
            taken |= {(r + i, c + j) for i in range(cell[2]) for j in range(cell[1])}
            c += cell[1]
    return result


def as_html(forms: list[Form]) -> bytes:
    text = ['<html><head><meta charset="utf-8"></head><body>']
    for form in forms:
        text.append("<table border=1>")
        for cells in table(form):
            text.append("<tr>")
            text += [f'<td colspan="{w}" rowspan="{h}">{html.escape(t)}</td>' for t, w, h in cells]
            text.append("</tr>")
        text.append("</table>")
    return "\n".join([*text, "</body></html>"]).encode()


def as_text(forms: list[Form]) -> bytes:
    lines = []
    for form in forms:
        cells = placed(table(form))
        wide = max(c + cell[1] for _, c, cell in cells)
        grid = [[""] * wide for _ in range(1 + max(r for r, _, _ in cells))]
        for r, c, (t, _, _) in cells:
            grid[r][c] = t
        lines += ["\t".join(line) for line in grid] + [""]
    return "\n".join(lines).encode()


def as_xlsx(forms: list[Form]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for n, form in enumerate(forms, 1):
        sheet = book.add_worksheet(f"表{n}")
        style = book.add_format({"border": 1, "text_wrap": True})
        for r, c, (t, w, h) in placed(table(form)):
            if w > 1 or h > 1:
                sheet.merge_range(r, c, r + h - 1, c + w - 1, t, style)
            else:
                sheet.write_string(r, c, t, style)
    book.close()
    return out.getvalue()


WRITERS = {"html": as_html, "text": as_text, "xlsx": as_xlsx}


def checked(files: dict[str, bytes]) -> dict[str, list[Record]]:
    """The findings of each file, all audited on their own."""
    connection = new_warehouse()
    return {name: audit(connection, [Document(name, extract(data))]) for name, data in files.items()}


def key(finding: Record) -> tuple[Any, ...]:
    """Code, number of the row or None, field."""
    return finding["check_code"], finding["indicator_no"], finding["field"]


CANTEEN = settle(
    Form(
        project="社区长者食堂运营补助", year=2024, unit="深圳市罗湖区民政局（本级）", department="深圳市罗湖区民政局",
        money="元", layout="seed", code="440303241173115300021", unit_code="117001",
        funds=[["年度资金总额", "2400000.00", "2400000.00", "2316480.50"],
               ["其中：当年财政拨款", "2000000.00", "2000000.00", "1930400.50"],
               ["上年结转资金", "0.00", "0.00", "0.00"],
               ["其他资金", "400000.00", "400000.00", "386080.00"]],
        expected="1.补助长者食堂12家，方便老年人就餐；2.食品抽检全部合格。",
        reached="全年补助长者食堂12家，老年人就餐更加便利；食品抽检没有发现问题。",
        rows=[
            Row("产出指标 (50分)", "数量指标", "补助长者食堂数量", "≥12家", "12家", "10", "10"),
            Row("产出指标 (50分)", "数量指标", "开展满意度回访次数", "≥24次", "22次", "10", "9.17",
                "两家食堂第四季度停业，少做两次"),
            Row("产出指标 (50分)", "质量指标", "食品抽检合格率", "≥98%", "99.2%", "10", "10"),
            Row("产出指标 (50分)", "时效指标", "补助资金拨付时限", "≤15个工作日", "11个工作日", "10", "10"),
            Row("产出指标 (50分)", "成本指标", "每餐补助标准", "≤6元", "5.5元", "10", "10"),
            Row("效益指标 (30分)", "社会效益指标", "老年人就餐人次", "≥150000人次", "163280人次", "20", "20"),
            Row("效益指标 (30分)", "可持续影响指标", "签约志愿服务队数量", "≥10支", "11支", "10", "10"),
            Row("满意度指标 (10分)", "服务对象满意度指标", "就餐老人满意度", "≥90%", "94.6%", "10", "10"),
        ],
    )
)  # fmt: skip

RIVER = settle(
    Form(
        project="城区河道清淤及保洁", year=2023, unit="临川市河道管理所", department="临川市水务局", money="万元",
        funds=[["年度资金总额", "860.00", "860.00", "838.20"],
               ["其中：当年财政拨款", "800.00", "800.00", "778.20"],
               ["上年结转资金", "60.00", "60.00", "60.00"],
               ["其他资金", "0.00", "0.00", "0.00"]],
        expected="完成主城区河道清淤18公里，日常保洁不留死角，改善城区水环境。",
        reached="主城区河道清淤完成18.6公里，保洁队伍每日巡河，水面漂浮物明显减少。",
        rows=[
            Row("产出指标", "数量指标", "清淤河道长度", "≥18公里", "18.6公里", "15", "15"),
            Row("产出指标", "数量指标", "配备保洁船只", "≥9艘", "9艘", "10", "10"),
            Row("产出指标", "质量指标", "清淤工程验收合格率", "=100%", "100%", "10", "10"),
            Row("产出指标", "时效指标", "清淤完工时间", "2023年10月底前", "2023年10月16日", "10", "10"),
            Row("产出指标", "成本指标", "清淤单位成本", "≤26万元/公里", "25.4万元/公里", "5", "5"),
            Row("效益指标", "社会效益指标", "内涝积水点减少数量", "≥6处", "5处", "15", "12.5", "受管线迁改影响推迟"),
            Row("效益指标", "生态效益指标", "河道水质达标率", "≥85%", "88.9%", "15", "15"),
            Row("满意度指标", "服务对象满意度指标", "沿河居民满意度", "≥90%", "92.3%", "10", "10"),
        ],
    )
)  # fmt: skip

BUS = settle(
    Form(
        project="农村学生校车运营", year=2022, unit="清源县教育局", department="清源县教育局", money="元",
        funds=[["年度资金总额", "1,560,000.00", "1,560,000.00", "1,497,600.00"],
               ["其中：财政拨款", "1,560,000.00", "1,560,000.00", "1,497,600.00"],
               ["其他资金", "0.00", "0.00", "0.00"]],
        expected="保障农村学生上下学乘车安全，开通校车线路14条，覆盖偏远村组。",
        reached="开通校车线路14条，接送秩序良好，全年没有发生责任事故。",
        rows=[
            Row("产出指标（50分）", "数量指标", "开通校车线路数", "≥14条", "14条", "15", "15"),
            Row("产出指标（50分）", "数量指标", "接送学生人数", "≥1200人", "1286人", "10", "10"),
            Row("产出指标（50分）", "质量指标", "车辆年检合格率", "=100%", "100%", "10", "10"),
            Row("产出指标（50分）", "时效指标", "校车准点率", "≥95%", "96.8%", "10", "10"),
            Row("产出指标（50分）", "成本指标", "单车年均运营成本", "≤11万元", "10.7万元", "5", "5"),
            Row("效益指标（30分）", "社会效益指标", "交通责任事故起数", "0起", "0起", "15", "15"),
            Row("效益指标（30分）", "社会效益指标", "偏远村组覆盖率", "≥90%", "86%", "15", "14.33",
                "青石岭村道路塌方未修复，暂由村委接驳"),
            Row("满意度指标（10分）", "服务对象满意度指标", "学生家长满意度", "≥90%", "93.5%", "10", "10"),
        ],
    )
)  # fmt: skip

BASES = {"canteen": CANTEEN, "river": RIVER, "bus": BUS}

ACROSS = frozenset({"HDR_DUPLICATE_FORM", "HDR_DUPLICATE_CONTENT", "HDR_UNIT_NAME_VARIANT", "HDR_PARENT_NAME_CONFLICT"})
"""Checks that compare a form with those of other documents: many copies of one form say nothing here."""


def checked_together(files: dict[str, bytes]) -> dict[str, list[Record]]:
    """The findings of each file, audited in one go; those that compare documents are left out."""
    documents = [Document(name, extract(data)) for name, data in files.items()]
    names = {d.form_id(1).rpartition("-")[0]: d.name for d in documents}
    result: dict[str, list[Record]] = {name: [] for name in files}
    for row in audit(new_warehouse(), documents):
        if row["check_code"] not in ACROSS and not row["check_code"].startswith("X_"):
            result[names[row["form_id"].rpartition("-")[0]]].append(row)
    return result
