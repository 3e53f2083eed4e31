"""What `jixiao show` prints of a form: its values, readings, findings and corrections, each with its place.

Here: words and tables for a terminal, plain values for programs. Not here: the form's rows (warehouse), pictures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from extractors.extraction import Record
from extractors.form.claims import rules
from extractors.vocabulary import columns_of, indicator_columns
from pipelines.logs import one_line
from warehouse.build.form_sheet import ROW_NUMBERS, FormSheet, PrintedPlace
from warehouse.corrections.entries import CORRECTABLE
from warehouse.schema.tables import TABLES

_SIGNS = {">=": "≥", "<=": "≤", "=": "＝", ">": "＞", "<": "＜", None: ""}
_OF_FORM = [*(name for name in CORRECTABLE["project"] if name != "title"), "money_unit", "series_id"]
_OF_FUNDING = [name for name in CORRECTABLE["funding"] if name != "label"]
_BESIDE = [
    name
    for name in columns_of("value", "points", "reason")
    if name in CORRECTABLE["indicator"] and name not in ("target_text", "actual_text")
]
"""What is printed of an indicator beside its name, target and result."""
_MARK = "＊"
_DIM, _BAD = "dim", "bold red"


def as_values(sheet: FormSheet, indicator_no: int | None = None) -> dict[str, Any]:
    """The form in plain values, for programs; with `indicator_no` only what concerns that indicator."""
    places = [
        {"table_name": table, "row_no": row_no, "column_name": column, **asdict(place)}
        for (table, row_no, column), own in sheet.places.items()
        for place in own
    ]
    values: dict[str, Any] = {"form_id": sheet.form_id, "document": sheet.document, "project": sheet.project}
    if indicator_no is None:
        tables = {name: getattr(sheet, name) for name in ("funding", "indicator", "attribute")}
        return values | tables | {
            "finding": sheet.finding, "correction": sheet.correction, "problem": sheet.problem, "places": places
        }  # fmt: skip
    return values | {
        "indicator": [row for row in sheet.indicator if row["indicator_no"] == indicator_no],
        "finding": [row for row in sheet.finding if row["indicator_no"] == indicator_no],
        "correction": [
            row for row in sheet.correction if (row["table_name"], row["row_no"]) == ("indicator", indicator_no)
        ],
        "places": [place for place in places if (place["table_name"], place["row_no"]) == ("indicator", indicator_no)],
    }


def print_sheet(console: Console, sheet: FormSheet, indicator_no: int | None = None, *, why: bool = False) -> None:
    """The form as tidy text, or one of its indicators in full; `why`: the rule that claimed each value, too."""
    for row in sheet.indicator:
        if row["indicator_no"] == indicator_no:
            _print_indicator(console, sheet, row)
            break
    else:
        _print_form(console, sheet)
    if why:
        _section(console, "规则 rules", _claims(sheet, indicator_no))


def _claims(sheet: FormSheet, indicator_no: int | None) -> Table:
    """For every value the rule that claimed it and, where others did, too, their values with their weights."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for heading in ("列", "所印", "规则", "还有谁认领过"):
        table.add_column(heading, overflow="fold")
    for (name, row_no, column), places in sheet.places.items():
        if indicator_no is not None and (name, row_no) != ("indicator", indicator_no):
            continue
        rows = f"{row_no}." if name != "project" else ""
        printed = "".join(dict.fromkeys(place.text or "" for place in places))
        claim = f"{places[0].rule}　{rules().get(places[0].rule or '', '')}"
        label = f"{rows}{TABLES[name].column(column).label_zh}"
        table.add_row(_text(label), _text(one_line(printed)), _text(claim), _text(places[0].other_claims or ""))
    return table


def _print_form(console: Console, sheet: FormSheet) -> None:
    _print_head(console, sheet)
    _section(console, "项目 project", _values(sheet, "project", sheet.project, 1, _OF_FORM))
    if sheet.funding:
        _section(console, "资金 funding", _funding(sheet))
    if sheet.indicator:
        _section(console, "绩效指标 indicators", _indicators(sheet))
    if sheet.attribute:
        _section(console, "其他栏目 other cells", _attributes(sheet))
    _print_told(console, sheet, sheet.finding, sheet.correction)
    if sheet.problem:
        lines = [f"{row['code']}  {row['message'] or ''}" for row in sheet.problem]
        _section(console, "读取问题 problems", _lines(lines))


def _print_indicator(console: Console, sheet: FormSheet, indicator: Record) -> None:
    number = indicator["indicator_no"]
    _print_head(console, sheet)
    table = _values(sheet, "indicator", indicator, number, CORRECTABLE["indicator"])
    table.add_row("是否完成", _met(indicator), "")
    _section(console, f"第 {number} 项指标 indicator {number}", table)
    corrections = [row for row in sheet.correction if (row["table_name"], row["row_no"]) == ("indicator", number)]
    _print_told(console, sheet, [row for row in sheet.finding if row["indicator_no"] == number], corrections)


def place_text(places: Sequence[PrintedPlace]) -> str:
    """Where a value stands, for a person; of several pages each."""
    return "、".join(dict.fromkeys(filter(None, map(_one_place, places))))


def _one_place(place: PrintedPlace) -> str:
    if place.page is None:
        return _address(place.locator or "")
    box = "" if place.box is None else f"（{', '.join(f'{edge:.0f}' for edge in place.box)}）"
    return f"第 {place.page} 页{box}"


def _address(locator: str) -> str:
    """`12:3`, `Sheet1!D12` or `1/5/2` as words."""
    if "!" in locator:
        sheet, _, cell = locator.rpartition("!")
        return f"工作表“{sheet}”单元格 {cell}"
    if locator.count("/") == 2:
        table, row, column = locator.split("/")
        return f"第 {table} 个表格第 {row} 行第 {column} 列"
    if ":" in locator:
        line, _, column = locator.partition(":")
        return f"第 {line} 行第 {column} 列"
    return locator


# --- the parts


def _print_head(console: Console, sheet: FormSheet) -> None:
    project, document = sheet.project, sheet.document
    console.print(_text(project["title"] or project["project_name"] or sheet.form_id, "bold"))
    pages = {project["page_from"], project["page_to"]} - {None}
    of_pages = f"，第 {'–'.join(str(page) for page in sorted(pages))} 页" if pages else ""
    table = Table.grid(Column(no_wrap=True), Column(overflow="fold"), padding=(0, 2, 0, 0))
    table.add_row("表编号 form", sheet.form_id)
    table.add_row(
        "文件 document", _text(f"{document['path']}（{document['format']}，第 {project['form_no']} 张表{of_pages}）")
    )
    if place := place_text(sheet.places_of("project", 1, "title")):
        table.add_row("标题位置 title at", place)
    console.print(table)


def _section(console: Console, heading: str, content: RenderableType) -> None:
    console.print(Text(f"\n{heading}", "bold"))
    console.print(Padding(content, (0, 0, 0, 2), expand=False))


def _values(sheet: FormSheet, table: str, row: Record, row_no: int, columns: Iterable[str]) -> Table:
    """Label, value with its reading, place; columns without a value are left out."""
    grid = Table.grid(Column(no_wrap=True), Column(overflow="fold"), _place_column(), padding=(0, 2, 0, 0))
    for name in columns:
        if row[name] is None:
            continue
        value = _value(sheet, table, row, row_no, name)
        if name in ("target_text", "actual_text"):
            value.append(f"\n{_reading(row, name.removesuffix('_text'))}", _DIM)
        grid.add_row(TABLES[table].column(name).label_zh, value, place_text(sheet.places_of(table, row_no, name)))
    return grid


def _place_column() -> Column:
    return Column(style=_DIM, overflow="fold")


def _funding(sheet: FormSheet) -> Table:
    shown = [name for name in _OF_FUNDING if any(row[name] is not None for row in sheet.funding)]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("资金名称", overflow="fold")
    for name in shown:
        table.add_column(TABLES["funding"].column(name).label_zh, justify="right", overflow="fold")
    table.add_column("位置", style=_DIM, overflow="fold")
    for row in sheet.funding:
        number = _row_no("funding", row)
        cells = [_value(sheet, "funding", row, number, name) for name in shown]
        label = row["label"] or TABLES["funding"].column("source").allowed.get(row["source"], row["source"])
        table.add_row(_text(label), *cells, _row_place(sheet, "funding", number))
    return table


def _indicators(sheet: FormSheet) -> Table:
    shown = [name for name in _BESIDE if any(row[name] is not None for row in sheet.indicator)]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("序号", justify="right", overflow="fold")
    for heading in ("指标", "目标值 → 读数", "实际值 → 读数", "是否完成"):
        table.add_column(heading, overflow="fold")
    for column in shown:
        role = indicator_columns()[column]
        table.add_column(role.label_zh, justify="right" if role.is_points else "left", overflow="fold")
    table.add_column("位置", style=_DIM, overflow="fold")
    levels: list[str | None] = []
    for row in sheet.indicator:
        number = row["indicator_no"]
        name = Text()
        if levels != (levels := [row["level1"], row["level2"]]):
            name.append(" › ".join(one_line(level) for level in levels if level) + "\n", _DIM)
        name.append_text(_value(sheet, "indicator", row, number, "level3"))
        texts = []
        for side in ("target", "actual"):
            text = _value(sheet, "indicator", row, number, f"{side}_text")
            texts.append(text.append(f"\n{_reading(row, side)}", _DIM))
        rest = [_value(sheet, "indicator", row, number, column) for column in shown]
        table.add_row(str(number), name, *texts, _met(row), *rest, _row_place(sheet, "indicator", number))
    return table


def _attributes(sheet: FormSheet) -> Table:
    table = Table.grid(Column(overflow="fold"), Column(overflow="fold"), _place_column(), padding=(0, 2, 0, 0))
    for row in sheet.attribute:
        number = _row_no("attribute", row)
        place = place_text(sheet.places_of("attribute", number))
        table.add_row(_text(row["label"] or ""), _value(sheet, "attribute", row, number, "value"), place)
    return table


def _print_told(console: Console, sheet: FormSheet, findings: Sequence[Record], corrections: Sequence[Record]) -> None:
    if corrections:
        _section(console, f"更正 corrections（{_MARK}）", _corrections(corrections))
    severities, verdicts = (TABLES["finding"].column(name).allowed for name in ("severity", "verdict"))
    lines = []
    for row in findings:
        verdict = f"（{verdicts[row['verdict']]}）" if row["verdict"] else ""
        lines.append(f"{severities[row['severity']]}  {row['message']}{verdict}  {row['check_code']}")
    _section(console, f"检查发现 findings: {len(findings)}", _lines(lines))


def _corrections(rows: Iterable[Record]) -> RenderableType:
    statuses = TABLES["correction"].column("status").allowed
    lines = []
    for row in rows:
        where = f"{row['table_name']}.{row['column_name']}" + (f"（第 {row['row_no']} 行）" if row["row_no"] else "")
        change = f"{_or_none(row['printed_value'])} → {_or_none(row['value'])}"
        why = "，".join(filter(None, (row["reason"], row["who"], row["decided_on"] and str(row["decided_on"]))))
        lines.append(f"{statuses[row['status']]}  {where}：{change}（{why}）{row['message'] or ''}")
    return _lines(lines)


def _lines(lines: Sequence[str]) -> Table:
    table = Table.grid(Column(overflow="fold"))
    for line in lines or ["无 none"]:
        table.add_row(_text(line))
    return table


# --- single values


def _value(sheet: FormSheet, table: str, row: Record, row_no: int | None, name: str) -> Text:
    """A value as a person writes it, marked where it is corrected."""
    column, value = TABLES[table].column(name), row[name]
    if value is None:
        return _corrected(sheet, table, row_no, name, Text(""))
    if name.endswith("_yuan"):
        shown = f"{value:,.2f}"
    elif isinstance(value, Decimal):
        shown = _number(value) + ("%" if column.unit == "%" else "")
    else:
        shown = column.allowed.get(value, one_line(str(value)))
    return _corrected(sheet, table, row_no, name, Text(shown))


def _corrected(sheet: FormSheet, table: str, row_no: int | None, name: str, text: Text) -> Text:
    for row in sheet.correction:
        where = (row["table_name"], row["row_no"], row["column_name"])
        if row["status"] == "applied" and where == (table, row_no, name):
            text.append(f"{_MARK}（原印 {one_line(row['printed_text'] or '空白')}）", _BAD)
            break
    return text


def _reading(row: Record, side: str) -> str:
    """What a target or actual was read as: → ≥ 336 天（时长）."""
    kind = row[f"{side}_kind"]
    label = TABLES["indicator"].column(f"{side}_kind").allowed.get(kind, "未读取")
    value, high, unit, date = (row[f"{side}_{part}"] for part in ("value", "value_high", "unit", "date"))
    parts = []
    if date is not None:
        parts.append(str(date))
    elif value is not None:
        number = _number(value) + (f"–{_number(high)}" if high is not None else "")
        parts.append(f"{_SIGNS.get(row[f'{side}_operator'], '')}{number}{' ' + unit if unit else ''}")
    return f"→ {' '.join(parts)}（{label}）" if parts else f"→ {label}"


def _met(row: Record) -> str:
    words = {True: "达到", False: "未达到", None: "—"}[row["met"]]
    return words if row["attainment_pct"] is None else f"{words} {_number(row['attainment_pct'])}%"


def _row_no(table: str, row: Record) -> int | None:
    number = row[ROW_NUMBERS[table]]
    return None if number is None else int(number)


def _row_place(sheet: FormSheet, table: str, row_no: int | None) -> str:
    """Where a row stands, in short: its pages, or the address of what names it."""
    pages = sorted({place.page for place in sheet.places_of(table, row_no) if place.page is not None})
    return f"第 {'、'.join(map(str, pages))} 页" if pages else place_text(sheet.named(table, row_no))


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _or_none(text: str | None) -> str:
    return "空值" if text is None else one_line(text)


def _text(text: str, style: str = "") -> Text:
    return Text(one_line(text), style)
