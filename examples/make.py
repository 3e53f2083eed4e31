"""Write the example documents of examples/raw from plan.toml: `python -m examples.make`, run when the plan changed.

Here: the layouts and the formats of invented documents. Not here: their figures (plan.toml), reading them.

Needs the test tools and Chromium, which prints the PDF.
"""

from __future__ import annotations

import csv
import html
import io
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
from openpyxl.styles import Alignment, Border, Font, Side

HERE = Path(__file__).parent
NOTE = "注：示例数据，纯属虚构 / invented example, no real unit or project"
LEVELS = {
    "数量": ("产出指标", "数量指标"),
    "质量": ("产出指标", "质量指标"),
    "时效": ("产出指标", "时效指标"),
    "成本": ("产出指标", "成本指标"),
    "社会": ("效益指标", "社会效益指标"),
    "生态": ("效益指标", "生态效益指标"),
    "可持续": ("效益指标", "可持续影响指标"),
    "满意": ("满意度指标", "服务对象满意度指标"),
}
POINTS = {"产出指标": 50, "效益指标": 30, "满意度指标": 10}


@dataclass(frozen=True)
class Cell:
    """A printed cell with its spans."""

    text: str
    cols: int = 1
    rows: int = 1


Table = list[list[Cell]]


def rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """Without needless zeros: 9.5, 100."""
    return f"{value.normalize():f}"


@dataclass(frozen=True)
class Form:
    """One form of the plan, its sums worked out."""

    project: dict[str, Any]
    form: dict[str, Any]
    money_unit: str

    @property
    def name(self) -> str:
        return str(self.form.get("name", self.project["name"]))

    @property
    def unit(self) -> str:
        return str(self.form.get("unit_name", self.project["unit"]))

    @property
    def rows(self) -> list[list[str]]:
        """Aspect, name, target, actual, weight, score, reason."""
        return [line.split("|") for line in self.form["rows"].strip().splitlines()]

    def money(self, source: str) -> list[str]:
        """The three amounts of a source as printed: total, fiscal or other."""
        divisor = 10_000 if self.money_unit == "万元" else 1
        other = self.form.get("other_money", 0)
        amounts = {
            "total": self.form["money"],
            "fiscal": [amount - other for amount in self.form["money"]],
            "other": [other] * 3,
        }[source]
        return [f"{Decimal(amount) / divisor:.2f}" for amount in amounts]

    @property
    def rate(self) -> str:
        _, adjusted, executed = map(Decimal, self.form["money"])
        return str(self.form.get("rate", rounded(executed / adjusted * 100)))

    @property
    def execution_score(self) -> str:
        _, adjusted, executed = map(Decimal, self.form["money"])
        return str(self.form.get("execution_score", plain(rounded(min(Decimal(10), executed / adjusted * 10)))))

    @property
    def total(self) -> str:
        if "total" in self.form:
            return str(self.form["total"])
        return plain(Decimal(self.execution_score) + sum(Decimal(row[5]) for row in self.rows))


def export(form: Form) -> Table:
    """A form as the systems export it: ten columns, blank cells under a level that goes on."""
    head = [
        [Cell(f"{form.name}项目支出绩效自评表", 10)],
        _filled(
            "项目编码：", form.project["code"], "", "项目名称：", form.name, "", "绩效自评年度：", form.form["year"]
        ),
        _filled("实施单位：", form.unit, "", "一级预算单位：", form.unit, "", "单位编码：", form.project["unit_code"]),
        _filled("评价等级：", form.form["grade"]),
        [Cell("预算执行情况", 10)],
        _filled(
            f"项目资金（{form.money_unit}）",
            "",
            "年初预算数",
            "全年预算数",
            "全年执行数",
            "分值",
            "执行率（%）",
            "得分",
        ),
    ]
    none = "0.00"
    money = [
        _filled("", "年度资金总额", *form.money("total"), "10", form.rate, form.execution_score),
        _filled("", "其中：当年财政拨款", *form.money("fiscal"), "—", "—", "—"),
        _filled("", "上年结转资金", none, none, none, "—", "—", "—"),
        _filled("", "其他资金", *form.money("other"), "—", "—", "—"),
    ]
    goals = [
        [Cell("项目目标完成情况", 10)],
        _filled("年度总体目标", "预期目标", "", "", "", "", "实际完成情况"),
        _filled("", form.form["goal"], "", "", "", "", form.form["done"]),
    ]
    captions = "年度绩效指标 一级指标 二级指标 三级指标 年度指标值 度量单位 实际完成值 权重 得分 偏差原因分析及改进措施"
    rows = [_filled(*captions.split())]
    before: tuple[str, str] = ("", "")
    for aspect, name, target, actual, weight, score, reason in form.rows:
        level1, level2 = LEVELS[aspect]
        first = f"{level1}（{POINTS[level1]}分）" if level1 != before[0] else ""
        second = level2 if level2 != before[1] else ""
        rows.append(_filled("", first, second, name, target, "", actual, weight, score, reason))
        before = (level1, level2)
    return [*head, *money, *goals, *rows, _filled("", "总分", "", "", "", "", "", "100", form.total, "—")]


def official(form: Form) -> Table:
    """A form as it is published: the layout of the ministry with merged cells."""
    rows = form.rows
    table = [
        [Cell("项目名称", 2), Cell(form.name, 4), Cell("项目编码"), Cell(form.project["code"], 3)],
        [Cell("主管部门", 2), Cell(form.unit, 4), Cell("实施单位"), Cell(form.unit, 3)],
        [Cell("自评年度", 2), Cell(str(form.form["year"]), 4), Cell("评价等级"), Cell(form.form["grade"], 3)],
        [
            Cell(f"项目资金（{form.money_unit}）", 2, 4),
            *(Cell(text) for text in ("", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率")),
            Cell("得分", 2),
        ],
        [
            *(Cell(text) for text in ("年度资金总额", *form.money("total"), "10", f"{form.rate}%")),
            Cell(form.execution_score, 2),
        ],
        [*(Cell(text) for text in ("其中：财政拨款", *form.money("fiscal"), "—", "—")), Cell("—", 2)],
        [*(Cell(text) for text in ("其他资金", *form.money("other"), "—", "—")), Cell("—", 2)],
        [Cell("年度总体目标", 2, 2), Cell("预期目标", 4), Cell("实际完成情况", 4)],
        [Cell(form.form["goal"], 4), Cell(form.form["done"], 4)],
        [
            Cell("绩效指标", 1, len(rows) + 1),
            *(Cell(text) for text in ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分")),
            Cell("偏差原因分析及改进措施", 2),
        ],
    ]
    for number, (aspect, *values, reason) in enumerate(rows):
        level1, level2 = LEVELS[aspect]
        cells = [
            *_run(level1, [LEVELS[row[0]][0] for row in rows], number, f"{level1}（{POINTS[level1]}分）"),
            *_run(level2, [LEVELS[row[0]][1] for row in rows], number, level2),
        ]
        table.append([*cells, *(Cell(value) for value in values), Cell(reason, 2)])
    table.append([Cell("总分", 6), Cell("100"), Cell(form.total), Cell("", 2)])
    return table


def declared(project: dict[str, Any], target: dict[str, Any], year: int) -> Table:
    """A target form (目标申报表) of a project."""
    rows = [line.split("|") for line in target["rows"].strip().splitlines()]
    money = f"{Decimal(target['money']):.2f}"
    table = [
        [Cell("项目名称", 2), Cell(project["name"], 2), Cell("项目编码"), Cell(project["code"])],
        [Cell("主管部门", 2), Cell(project["unit"], 2), Cell("实施单位"), Cell(project["unit"])],
        [Cell("预算年度", 2), Cell(str(year), 4)],
        [Cell("项目资金（元）", 2, 2), Cell("年度资金总额", 2), Cell(money, 2)],
        [Cell("其中：财政拨款", 2), Cell(money, 2)],
        [Cell("绩效指标", 1, len(rows) + 1), *map(Cell, ("一级指标", "二级指标", "三级指标", "指标值", "分值"))],
    ]
    for number, (aspect, *values) in enumerate(rows):
        level1, level2 = LEVELS[aspect]
        table.append(
            [*_run(level1, [LEVELS[row[0]][0] for row in rows], number, level1), Cell(level2), *map(Cell, values)]
        )
    return table


def _filled(*texts: object) -> list[Cell]:
    return [Cell(str(text)) for text in texts] + [Cell("")] * (10 - len(texts))


def _run(own: str, all_of: list[str], at: int, text: str) -> list[Cell]:
    """The merged cell of a level where it begins, nothing where it goes on."""
    if at and all_of[at - 1] == own:
        return []
    end = at
    while end < len(all_of) and all_of[end] == own:
        end += 1
    return [Cell(text, 1, end - at)]


Titled = tuple[str, Table]


def lines(tables: Iterable[Titled]) -> list[list[str]]:
    """The rows of an export, a span as blank cells, a blank line between two forms."""
    found: list[list[str]] = [[NOTE]]
    for _, table in tables:
        found.append([])
        found += [[text for cell in row for text in [cell.text, *[""] * (cell.cols - 1)]] for row in table]
    return found


def as_text(tables: list[Titled]) -> bytes:
    return ("\n".join("\t".join(row) for row in lines(tables)) + "\n").encode()


def as_csv(tables: list[Titled]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines(tables))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(tables: list[Titled]) -> bytes:
    book = openpyxl.Workbook()
    sheets = [book.active, *(book.create_sheet() for _ in tables[1:])]
    sheets[0].append([NOTE])
    side = Side(style="thin")
    for sheet, (title, table) in zip(sheets, tables, strict=True):
        sheet.title = title[:20]
        for number, row in enumerate(table, start=sheet.max_row + 1):
            column = 1
            for cell in row:
                made = sheet.cell(number, column, cell.text)
                made.alignment = Alignment(wrap_text=True, vertical="center")
                made.border = Border(left=side, right=side, top=side, bottom=side)
                if cell.cols > 1:
                    sheet.merge_cells(
                        start_row=number, end_row=number, start_column=column, end_column=column + cell.cols - 1
                    )
                    made.font = Font(bold=True)
                column += cell.cols
        for letter, width in zip("ABCDEFGHIJ", (14, 18, 18, 24, 20, 10, 20, 10, 10, 24), strict=True):
            sheet.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_html(tables: list[Titled]) -> bytes:
    style = (
        "table{border-collapse:collapse;width:100%;page-break-after:always}td{border:1px solid #333;padding:3px 5px}"
    )
    body = [f"<p>{NOTE}</p>"]
    for title, table in tables:
        body.append(f"<h3>{html.escape(title)}</h3>\n<table>")
        body += ["<tr>" + "".join(map(_td, row)) + "</tr>" for row in table]
        body.append("</table>")
    style = f"body{{font-size:11px}}h3{{text-align:center;font-weight:normal}}{style}"
    head = f'<meta charset="utf-8"><title>示例</title><style>{style}</style>'
    return "\n".join(
        [f'<!DOCTYPE html>\n<html lang="zh"><head>{head}</head><body>', *body, "</body></html>\n"]
    ).encode()


def _td(cell: Cell) -> str:
    spans = (f' colspan="{cell.cols}"' if cell.cols > 1 else "") + (f' rowspan="{cell.rows}"' if cell.rows > 1 else "")
    return f"<td{spans}>{html.escape(cell.text)}</td>"


def as_pdf(tables: list[Titled]) -> bytes:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("chromium is needed to print the PDF")
    with tempfile.TemporaryDirectory() as folder:
        page, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_bytes(as_html(tables))
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={target}"]
        subprocess.run([chromium, *options, page.as_uri()], check=True, capture_output=True, timeout=120)
        return target.read_bytes()


def as_docx(tables: list[Titled]) -> bytes:
    document = docx.Document()
    document.add_paragraph(NOTE)
    for title, table in tables:
        document.add_paragraph(title)
        width = sum(cell.cols for cell in table[0])
        made = document.add_table(rows=len(table), cols=width, style="Table Grid")
        taken: set[tuple[int, int]] = set()
        for y, row in enumerate(table):
            x = 0
            for cell in row:
                while (y, x) in taken:
                    x += 1
                first, last = made.cell(y, x), made.cell(y + cell.rows - 1, x + cell.cols - 1)
                (first.merge(last) if first is not last else first).text = cell.text
                taken |= {(b, a) for b in range(y, y + cell.rows) for a in range(x, x + cell.cols)}
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


WRITERS: dict[str, tuple[Callable[[Form], Table], Callable[[list[Titled]], bytes]]] = {
    "txt": (export, as_text),
    "csv": (export, as_csv),
    "xlsx": (export, as_xlsx),
    "html": (official, as_html),
    "docx": (official, as_docx),
    "pdf": (official, as_pdf),
}


def documents(plan: dict[str, Any]) -> Iterable[tuple[str, bytes]]:
    """Path below raw and bytes of every document of the plan."""
    for document in plan["document"]:
        unit, year = document["unit"], document["year"]
        layout, write = WRITERS[document["path"].rpartition(".")[2]]
        if document.get("kind") == "target":
            project = next(p for p in plan["project"] if p["name"] == plan["target"]["project"])
            title = f"{project['name']}项目支出绩效目标申报表"
            yield document["path"], write([(title, declared(project, plan["target"], year))])
            continue
        forms = [
            Form(project, form, document["money_unit"])
            for project in plan["project"]
            for form in project["form"]
            if (project["unit"], form["year"], form.get("version")) == (unit, year, document.get("version"))
        ]
        yield document["path"], write([(f"{form.name}项目支出绩效自评表", layout(form)) for form in forms])
    for path, text in plan["other"].items():
        yield path, text.encode()


def main() -> None:
    plan = tomllib.loads((HERE / "plan.toml").read_text("utf-8"))
    shutil.rmtree(HERE / "raw", ignore_errors=True)
    for path, data in documents(plan):
        target = HERE / "raw" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


if __name__ == "__main__":
    main()
