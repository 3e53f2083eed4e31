"""Workbooks: the cells of every sheet with their merged ranges, each number as its format prints it.

Here: the parts of xlsx, and what xlsx and xls have in common. Not here: the records of xls (xls.py), how a number
format prints (number_format.py).

The parts are read directly: calamine gives no number formats (a rate of 95.08% comes out as 0.9508), and openpyxl stops
at style sheets that other programs write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from extractors.formats.clean import cell_text
from extractors.formats.container import Container
from extractors.formats.limits import Limits
from extractors.formats.number_format import builtin, printed
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Unreadable

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})$")
UNCACHED = "单元格 {} 的公式没有保存计算结果，请用 Excel 打开并保存后再放入。"


class Range(NamedTuple):
    """A merged range, 0-based, ends included."""

    row: int
    col: int
    row_to: int
    col_to: int


@dataclass(slots=True)
class SheetCells:
    """What a sheet states: texts by 0-based (row, column), blank ones too, its merged ranges, and what went wrong."""

    name: str
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_xlsx(container: Container, limits: Limits) -> Sheets:
    """One grid per sheet that holds text, hidden ones too; locators are `sheet!A1`.

    Raises Unreadable with CORRUPT, BOMB, TOO_DEEP, TOO_BIG or EMPTY.
    """
    workbook = container.tree("xl/workbook.xml")
    targets = container.targets("xl/workbook.xml")
    listed = [(e.get("name", ""), targets.get(_relation_id(e), "")) for e in workbook.iter("{*}sheet")]
    listed = [(name, part) for name, part in listed if part in container.sizes]
    check_sheet_count(len(listed), limits)
    epoch_1904 = any(e.get("date1904") in ("1", "true") for e in workbook.iter("{*}workbookPr"))
    parts = container.names
    shared = list(_shared_strings(container)) if "xl/sharedStrings.xml" in parts else []
    formats = _formats(container) if "xl/styles.xml" in parts else []
    sheets = _Sheets(shared, formats, epoch_1904)
    total = sum(container.sizes.get(part, 0) for _, part in listed)
    if total > limits.max_inflated:
        raise Unreadable("BOMB", "工作簿解压后大得不正常，请重新另存后再放入。")
    return collect("xlsx", (sheets.read(container, name, part) for name, part in listed), limits)


def collect(format_name: str, sheets: Iterable[SheetCells], limits: Limits) -> Sheets:
    """The sheets as grids. Raises Unreadable TOO_BIG beyond the cap on cells, EMPTY if no sheet holds text."""
    result = Sheets(format_name, [])
    count = 0
    for sheet in sheets:
        count += len(sheet.texts)
        if count > limits.max_cells:
            raise Unreadable("TOO_BIG", f"工作簿超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        grid = sheet_grid(sheet, limits)
        result.problems.extend(sheet.problems)
        if grid is not None:
            result.grids.append(grid)
    if not result.grids:
        raise Unreadable("EMPTY", "工作簿里没有任何文字，请重新导出后再放入。")
    return result


def check_sheet_count(count: int, limits: Limits) -> None:
    """Raise TOO_BIG beyond the cap on sheets."""
    if count > limits.max_sheets:
        raise Unreadable("TOO_BIG", f"工作簿有 {count} 个工作表，超过 {limits.max_sheets} 个，请拆分后再放入。")


def address(sheet: str, row: int, col: int) -> str:
    """The locator of a cell: `sheet!A1`."""
    letters, number = "", col + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{sheet}!{letters}{row + 1}"


def sheet_grid(sheet: SheetCells, limits: Limits) -> Grid | None:
    """The sheet as a grid with its merged ranges as spans; None if it holds no text.

    Cells outside the caps on rows and columns are left out with a problem.
    """
    far = [(r, c) for (r, c), text in sheet.texts.items() if text and (r >= limits.max_rows or c >= limits.max_columns)]
    for row, col in far[:20]:
        where = address(sheet.name, row, col)
        message = f"单元格 {where} 远在表格之外，未读取，请核对。"
        sheet.problems.append(Problem("TOO_BIG", message, place=Place(locator=where)))
    texts = {p: t for p, t in sheet.texts.items() if p[0] < limits.max_rows and p[1] < limits.max_columns}
    filled = [position for position, text in texts.items() if text]
    if not filled:
        return None
    last_row, last_col = max(r for r, _ in filled), max(c for _, c in filled)
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for span in sheet.merged:
        # a range is taken as far as the sheet is filled, so that a title merged over whole columns stays in bounds
        row_to = min(span.row_to, max(last_row, span.row))
        col_to = min(span.col_to, max(last_col, span.col, _stated_to(span, limits)))
        if span.row > last_row or span.col >= limits.max_columns or (span.row, span.col) in covered:
            continue
        slots = {(r, c) for r in range(span.row, row_to + 1) for c in range(span.col, col_to + 1)}
        if slots & covered or len(slots) > limits.max_cells:
            continue
        covered |= slots
        anchors[span.row, span.col] = row_to - span.row + 1, col_to - span.col + 1
        texts.setdefault((span.row, span.col), "")
    last_col = max([last_col, *(c + width - 1 for (_, c), (_, width) in anchors.items())])
    cells = []
    for (row, col), text in sorted(texts.items()):
        span_rows, span_cols = anchors.get((row, col), (1, 1))
        if ((row, col) in covered and (row, col) not in anchors) or row > last_row or col > last_col:
            continue
        cells.append(Cell(text, row, col, Place(locator=address(sheet.name, row, col)), span_rows, span_cols))
    return Grid(cells)


def _stated_to(span: Range, limits: Limits) -> int:
    """The last column of a range that is no wider than a form."""
    return span.col_to if span.col_to - span.col < 50 else min(span.col, limits.max_columns - 1)


def error_problem(sheet: str, row: int, col: int, text: str) -> Problem:
    """A cell that shows an error such as #DIV/0!."""
    where = address(sheet, row, col)
    return Problem(
        "BAD_VALUE", f"单元格 {where} 的公式出错（{text}），请改正后重新保存。", "warning", text, Place(locator=where)
    )


def _relation_id(element: etree._Element) -> str:
    return next((value for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _shared_strings(container: Container) -> Iterator[str]:
    for item in container.events("xl/sharedStrings.xml", "si"):
        yield cell_text(_string(item))
        item.clear()


def _string(item: etree._Element) -> str:
    """The text of a string item: its runs, without the phonetic ones."""
    runs = (t.text or "" for t in item.iter("{*}t") if not str(getattr(t.getparent(), "tag", "")).endswith("}rPh"))
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), "".join(runs))


def _formats(container: Container) -> list[str]:
    """The format code of every cell style."""
    styles = container.tree("xl/styles.xml")
    codes = {e.get("numFmtId", ""): e.get("formatCode", "") for e in styles.iter("{*}numFmt")}
    found = []
    for xf in styles.iterfind("{*}cellXfs/{*}xf"):
        number = xf.get("numFmtId", "0")
        found.append(codes.get(number) or builtin(int(number) if number.isdigit() else 0))
    return found


def _position(reference: str | None) -> tuple[int, int] | None:
    match = _REFERENCE.match(reference or "")
    if match is None:
        return None
    col = 0
    for letter in match[1].upper():
        col = col * 26 + ord(letter) - 64
    return int(match[2]) - 1, col - 1


@dataclass(slots=True)
class _Sheets:
    shared: list[str]
    formats: list[str]
    epoch_1904: bool

    def read(self, container: Container, name: str, part: str) -> SheetCells:
        sheet = SheetCells(name)
        row = -1
        for element in container.events(part, "row", "mergeCell"):
            if str(element.tag).endswith("}mergeCell"):
                ends = [_position(end) for end in (element.get("ref") or "").split(":")]
                if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
                    sheet.merged.append(Range(*ends[0], *ends[1]))
                continue
            number = element.get("r", "")
            row = int(number) - 1 if number.isdigit() else row + 1
            col = -1
            for item in element:
                if not str(item.tag).endswith("}c"):
                    continue
                position = _position(item.get("r"))
                col = position[1] if position else col + 1
                sheet.texts[row, col] = self._text(item, sheet, row, col)
            if len(sheet.texts) > container.limits.max_cells:
                raise Unreadable("TOO_BIG", f"工作表超过 {container.limits.max_cells} 个单元格，请只保留绩效表的部分。")
            element.clear()
            parent = element.getparent()
            while parent is not None and parent[0] is not element:  # rows that are done
                del parent[0]
        return sheet

    def _text(self, item: etree._Element, sheet: SheetCells, row: int, col: int) -> str:
        kind = item.get("t", "n")
        if kind == "inlineStr":
            return cell_text(_string(item))
        value: str | None = None
        formula = False
        for child in item:
            tag = str(child.tag)
            if tag.endswith("}v"):
                value = child.text or ""
            elif tag.endswith("}f"):
                formula = True
        if formula and not value and kind != "str":
            where = address(sheet.name, row, col)
            sheet.problems.append(Problem("BAD_VALUE", UNCACHED.format(where), place=Place(locator=where)))
            return ""
        if not value:
            return ""
        if kind == "s":
            index = int(value) if value.strip().isdigit() else -1
            return self.shared[index] if 0 <= index < len(self.shared) else ""
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if kind == "e":
            sheet.problems.append(error_problem(sheet.name, row, col, value))
            return value
        if kind in ("str", "d"):
            return cell_text(_ESCAPED.sub(lambda m: chr(int(m[1], 16)), value))
        return self._number(value, item.get("s", "0"))

    def _number(self, value: str, style: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return cell_text(value)
        index = int(style) if style.isdigit() else 0
        code = self.formats[index] if index < len(self.formats) else "General"
        if not -1e300 < number < 1e300:
            return value
        return cell_text(printed(number, code, epoch_1904=self.epoch_1904))
