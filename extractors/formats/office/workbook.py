"""Workbooks: the cells of every sheet with their merged ranges, each number as its format prints it.

Here: xlsx by openpyxl, and what xlsx and xls have in common. Not here: xls (xls.py), how a number format prints
(number_format.py).

openpyxl streams the cells with their formats, so that a sheet of any size costs little memory. What it keeps to itself
while it streams (merged ranges, formulas without a result) is looked up in the sheet first. It stops at colours, names
and filters that other programs write; such a workbook is given to it once more without them. calamine would not stop,
but gives no number formats: a rate of 95.08% comes out as 0.9508.
"""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import openpyxl
from lxml import etree
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.styles.numbers import BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel
from openpyxl.utils.escape import unescape
from openpyxl.xml.constants import REL_NS, SHEET_MAIN_NS

from extractors.codes import ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container, out_of_memory
from extractors.formats.office.number_format import builtin, printed
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Unreadable

UNCACHED = "单元格 {} 的公式没有保存计算结果，请用 Excel 打开并保存后再放入。"
_BROKEN = "工作簿已损坏，请用 Excel 或 WPS 打开后另存为 xlsx。"
_LAST_ROW = 1_048_576  # of a sheet of xlsx

# What openpyxl raises at parts that it does not expect.
_STOPS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip

# The elements of each part that say what its cells print.
_KEPT = {
    "workbook": ("workbookPr", "sheets"),
    "styleSheet": ("numFmts", "cellXfs"),
    "worksheet": ("sheetData", "mergeCells"),
    "sst": ("si",),
}

# "Strict Open XML" differs in its namespaces.
_STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": SHEET_MAIN_NS.encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": REL_NS.encode(),
}


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
    last_row: int = 1
    """The last row with a cell, 1-based; below it programs leave a million empty rows."""


def read_xlsx(container: Container, limits: Limits) -> Sheets:
    """One grid per sheet that holds text, hidden ones too; locators are `sheet!A1`.

    Raises Unreadable with CORRUPT, BOMB, TOO_DEEP, TOO_BIG or EMPTY.
    """
    targets = container.targets("xl/workbook.xml")
    listed = [
        (element.get("name", ""), targets.get(_relation_id(element), ""))
        for element in container.tree("xl/workbook.xml").iter("{*}sheet")
    ]
    listed = [(name, part) for name, part in listed if part in container.names]
    check_sheet_count(len(listed), limits)
    parts = dict(listed)
    if sum(container.size(part) for _, part in listed) > limits.max_inflated:
        raise Unreadable(ReasonCode.BOMB, "工作簿解压后大得不正常，请重新另存后再放入。")
    container.refuse_entities(leaving=parts.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions that openpyxl leaves out
        try:
            return collect("xlsx", _sheets(container, container.data, parts), limits)
        except _STOPS:
            try:
                return collect("xlsx", _sheets(container, _bare(container, parts), parts), limits)
            except _STOPS as error:
                if out_of_memory(error):
                    raise MemoryError from error
                raise Unreadable(ReasonCode.CORRUPT, _BROKEN) from error


def collect(format_name: str, sheets: Iterable[SheetCells], limits: Limits) -> Sheets:
    """The sheets as grids. Raises Unreadable TOO_BIG beyond the cap on cells, EMPTY if no sheet holds text."""
    result = Sheets(format_name, [])
    count = 0
    for sheet in sheets:
        count += len(sheet.texts)
        if count > limits.max_cells:
            raise Unreadable(ReasonCode.TOO_BIG, f"工作簿超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        grid = sheet_grid(sheet, limits)
        result.problems.extend(sheet.problems)
        if grid is not None:
            result.grids.append(grid)
    if not result.grids:
        raise Unreadable(ReasonCode.EMPTY, "工作簿里没有任何文字，请重新导出后再放入。")
    return result


def check_sheet_count(count: int, limits: Limits) -> None:
    """Raise TOO_BIG beyond the cap on sheets."""
    if count > limits.max_sheets:
        raise Unreadable(
            ReasonCode.TOO_BIG, f"工作簿有 {count} 个工作表，超过 {limits.max_sheets} 个，请拆分后再放入。"
        )


def address(sheet: str, row: int, col: int) -> str:
    """The locator of a cell: `sheet!A1`."""
    return f"{sheet}!{get_column_letter(col + 1)}{row + 1}"


def sheet_grid(sheet: SheetCells, limits: Limits) -> Grid | None:
    """The sheet as a grid with its merged ranges as spans; None if it holds no text.

    Cells outside the caps on rows and columns are left out with a problem.
    """
    far = [(r, c) for (r, c), text in sheet.texts.items() if text and (r >= limits.max_rows or c >= limits.max_columns)]
    for row, col in far[:20]:
        where = address(sheet.name, row, col)
        message = f"单元格 {where} 远在表格之外，未读取，请核对。"
        sheet.problems.append(Problem(ReasonCode.TOO_BIG, message, place=Place(locator=where)))
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
        ReasonCode.BAD_VALUE,
        f"单元格 {where} 的公式出错（{text}），请改正后重新保存。",
        "warning",
        text,
        Place(locator=where),
    )


def _relation_id(element: etree._Element) -> str:
    return next((value for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _sheets(container: Container, data: bytes, parts: dict[str, str]) -> Iterator[SheetCells]:
    """The sheets as openpyxl reads them from `data`. `parts`: the part of the container for each sheet's name."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    if not parts.keys() <= set(book.sheetnames):
        raise LookupError("a sheet that the workbook lists was passed over")
    length = 0
    for source in book.worksheets:
        sheet = _outline(container, parts[source.title], source.title)
        source.reset_dimensions()  # the stated ones may be wrong
        for row in source.iter_rows(max_row=sheet.last_row):
            for cell in row:
                if cell is not EMPTY_CELL:
                    text = _text(cell, book.epoch, sheet)
                    sheet.texts[cell.row - 1, cell.column - 1] = text
                    length += len(text)
            if length > container.limits.max_text:
                raise Unreadable(ReasonCode.BOMB, "工作簿里的文字多得不正常，请重新另存后再放入。")
        yield sheet


def _outline(container: Container, part: str, name: str) -> SheetCells:
    """The sheet without its texts: merged ranges, and a problem for each formula without a saved result."""
    sheet = SheetCells(name)
    row = count = 0
    for element in container.events(part, "row", "mergeCell"):
        if str(element.tag).endswith("}mergeCell"):
            try:
                col, top, col_to, bottom = range_boundaries(element.get("ref", ""))
                sheet.merged.append(Range(top - 1, col - 1, bottom - 1, col_to - 1))
            except (TypeError, ValueError):  # no range of cells
                continue
        else:
            number = element.get("r", "")
            last, row = row, int(number) if number.isdecimal() else row + 1
            count += len(element)
            if len(element):
                sheet.last_row = row
            if not last < row <= _LAST_ROW:
                raise Unreadable(ReasonCode.CORRUPT, _BROKEN)
            if count > container.limits.max_cells:
                raise Unreadable(
                    ReasonCode.TOO_BIG, f"工作表超过 {container.limits.max_cells} 个单元格，请只保留绩效表的部分。"
                )
            for formula in element.iterfind("{*}c/{*}f"):
                cell = formula.getparent()
                if cell is not None and cell.get("t") != "str" and not cell.findtext("{*}v"):
                    where = f"{name}!{cell.get('r', row)}"
                    sheet.problems.append(
                        Problem(ReasonCode.BAD_VALUE, UNCACHED.format(where), place=Place(locator=where))
                    )
        element.clear()
        parent = element.getparent()
        while parent is not None and parent[0] is not element:  # what is done
            del parent[0]
    return sheet


def _text(cell: Any, epoch: Any, sheet: SheetCells) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        sheet.problems.append(error_problem(sheet.name, cell.row - 1, cell.column - 1, value))
        return str(value)
    if isinstance(value, str):
        return cell_text(unescape(value))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    number = float(value) if isinstance(value, int | float) else to_excel(value, epoch)
    return cell_text(printed(number, _format(cell), epoch_1904=epoch == CALENDAR_MAC_1904))


def _format(cell: Any) -> str:
    """The format code of a cell; the built-in ones mean what they mean in Chinese."""
    number = cell.style_array.numFmtId
    return builtin(number) if number < BUILTIN_FORMATS_MAX_SIZE else str(cell.number_format)


def _bare(container: Container, parts: dict[str, str]) -> bytes:
    """The workbook without anything but cells, merged ranges and number formats."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            archive.writestr(name, container.read(name))
        for name in {"xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", *parts.values()} & container.names:
            root = container.tree(name)
            kept = _KEPT.get(etree.QName(root).localname, ())
            for child in root:
                if str(child.tag).rpartition("}")[2] not in kept:
                    root.remove(child)
            for style in root.iterfind("{*}cellXfs/{*}xf"):
                number = style.get("numFmtId", "0")
                style.clear()
                style.set("numFmtId", number)
            xml = etree.tostring(root)
            for strict, usual in _STRICT.items():
                xml = xml.replace(strict, usual)
            archive.writestr(name, xml)
    return out.getvalue()
