"""Old workbooks (xls): what xlrd reads, with the merged ranges, format and font of every cell.

Here: OLE documents told apart by olefile, the sheets of xlrd -> SheetCells. Not here: what all workbooks have in common
(workbook.py).
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import olefile
import xlrd
from xlrd.compdoc import CompDocError

from extractors.codes import ReasonCode
from extractors.formats.colours import BLACK, WHITE, Colour, alike
from extractors.formats.limits import Limits
from extractors.formats.office.number_format import builtin
from extractors.formats.office.workbook import (
    UNCACHED,
    Position,
    Range,
    SheetCells,
    check_sheet_count,
    collect,
    head_lines,
    inside,
)
from extractors.formats.office.xls_records import SheetRecords, sheet_records
from extractors.formats.runs import BLACKED_OUT, Run
from extractors.formats.symbols import seen
from extractors.grid import Sheets, Unreadable

# What olefile and xlrd raise at broken files.
_STOPS = (
    xlrd.XLRDError, CompDocError, struct.error, ArithmeticError, AssertionError, AttributeError, LookupError, OSError,
    RuntimeError, TypeError, ValueError,
)  # fmt: skip

_FIRST_OWN_FORMAT = 164
_FILL = 4
"""The alignment of a cell that repeats its text."""
_OF_A_DIGIT = 256
"""Parts of the width of a digit in which the widths of columns are stated."""
_ENCRYPTED = {"EncryptedPackage", "EncryptionInfo"}
_WORKBOOK = {"Workbook", "Book"}
_STREAMS = _ENCRYPTED | _WORKBOOK | {"WordDocument"}


def read_ole(data: bytes, limits: Limits) -> Sheets:
    """An OLE document: one grid per sheet of an Excel workbook.

    Raises Unreadable: ENCRYPTED for any document with a password, UNSUPPORTED for other kinds, CORRUPT, TRUNCATED,
    TOO_BIG, EMPTY.
    """
    cut = len(data) < olefile.MINIMAL_OLEFILE_SIZE
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            names = {name for name in _STREAMS if file.exists(name)}
            for name in names & _WORKBOOK:
                file.openstream(name)
            cut |= any("less than declared" in text for _, text in file.parsing_issues)
        if names & _ENCRYPTED:
            raise Unreadable(ReasonCode.ENCRYPTED, "文件有打开密码，请去掉密码后再放入。")
        if "WordDocument" in names:
            raise Unreadable(ReasonCode.UNSUPPORTED, "不支持旧版 Word 文件（doc），请另存为 docx。")
        if not names:
            raise Unreadable(ReasonCode.UNSUPPORTED, "不支持这种 Office 文件，请另存为 xlsx 或 docx。")
        with (
            Path(os.devnull).open("w") as log,
            xlrd.open_workbook(
                file_contents=data, logfile=log, formatting_info=True, on_demand=True, ragged_rows=True
            ) as book,
        ):
            check_sheet_count(book.nsheets, limits)
            return collect("xls", _sheets(book, limits), limits)
    except _STOPS as error:
        if "encrypted" in str(error):
            raise Unreadable(ReasonCode.ENCRYPTED, "工作簿有打开密码，请去掉密码后再放入。") from error
        if cut or "incomplete" in str(error):
            raise Unreadable(ReasonCode.TRUNCATED, "文件不完整（没有传完），请重新上传完整的文件。") from error
        raise Unreadable(ReasonCode.CORRUPT, "工作簿已损坏，请用 Excel 或 WPS 打开后另存为 xlsx。") from error


@dataclass(slots=True, frozen=True)
class _Look:
    """How a cell looks: its number format, its font, its ground (None for a pattern), whether lines frame it.

    `fits`: a figure is made to fit its column; `fills`: the text is repeated over its width.
    """

    code: str
    font: int
    ground: Colour | None
    ruled: bool
    fits: bool = False
    fills: bool = False


_PLAIN = _Look("General", 0, WHITE, ruled=False)


def _looks(book: xlrd.Book) -> list[_Look]:
    codes = {entry.format_key: entry.format_str for entry in book.format_list}
    looks = []
    for style in book.xf_list:
        ground, border = style.background, style.border
        colour: Colour | None = WHITE
        if ground.fill_pattern:
            colour = _colour(book, ground.pattern_colour_index, WHITE) if ground.fill_pattern == 1 else None
        code = codes.get(style.format_key) or builtin(style.format_key)
        if style.format_key < _FIRST_OWN_FORMAT and builtin(style.format_key) != "General":
            code = builtin(style.format_key)
        ruled = bool(border.top_line_style or border.bottom_line_style)
        fits = bool(style.alignment.shrink_to_fit or style.alignment.rotation)
        fills = style.alignment.hor_align == _FILL
        looks.append(_Look(code, style.font_index, colour, ruled, fits, fills))
    return looks


def _colour(book: xlrd.Book, number: int, by_default: Colour) -> Colour:
    """A colour of the palette; what the system decides is what it usually is."""
    return book.colour_map.get(number) or by_default


def _run(book: xlrd.Book, text: str, font_index: int, ground: Colour | None) -> Run:
    """Characters of one font. xlrd lists the fonts as a file numbers them, the missing fifth one filled in."""
    if font_index >= len(book.font_list):
        return Run(text)
    font = book.font_list[font_index]
    raised = {1: 1, 2: -1}.get(font.escapement, 0)
    hidden = 0
    if alike(_colour(book, font.colour_index, BLACK), ground):
        hidden = 1 if ground == WHITE else BLACKED_OUT
    return Run(seen(text, font.name), bool(font.struck_out), raised, hidden)


def _sheets(book: xlrd.Book, limits: Limits) -> Iterator[SheetCells]:
    looks = _looks(book)
    for index in range(book.nsheets):
        source = book.sheet_by_index(index)
        sheet = SheetCells(source.name, hidden=source.visibility != 0)
        more = sheet_records(book.mem, book._sh_abs_posn[index]) if book.biff_version == 80 else SheetRecords()
        sheet.above, sheet.below = head_lines(more.above), head_lines(more.below)
        for top, bottom, left, right in source.merged_cells:  # ends not included
            sheet.merged.append(Range(top, left, bottom - 1, right - 1))
        sheet.hidden_rows.update(row for row, info in source.rowinfo_map.items() if info.hidden or info.height == 0)
        for first, info in source.colinfo_map.items():
            if info.hidden or info.width < _OF_A_DIGIT // 2:
                sheet.hidden_cols.add(first)
            else:
                sheet.widths[first] = info.width / _OF_A_DIGIT
        for row in range(source.nrows):
            for col, kind in enumerate(source.row_types(row)):
                if kind != xlrd.XL_CELL_EMPTY:  # not stated; xlrd fills the row up to its last cell
                    cell = source.cell(row, col)
                    look = looks[cell.xf_index] if (cell.xf_index or 0) < len(looks) else _PLAIN
                    if look.ruled:
                        sheet.ruled.add((row, col))
                    if look.fills:
                        sheet.filling[row, col] = _digit_width(book, look)
                    text = _text(book, source, cell, look, sheet, (row, col))
                    if (row, col) in more.uncached:
                        sheet.report(row, col, ReasonCode.BAD_VALUE, UNCACHED)
                        text = ""
                    if text and any(inside(span, row, col) for span in more.ruled):
                        message = f"的显示由条件格式决定，「{text[:60]}」显示成什么无法得知，未读取，请改用普通格式。"
                        sheet.report(row, col, ReasonCode.BAD_VALUE, message, text)
                        text = ""
                    sheet.texts[row, col] = text
            if len(sheet.texts) > limits.max_cells:
                raise Unreadable(ReasonCode.TOO_BIG, f"工作表超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        sheet.blank_by_width()
        book.unload_sheet(index)
        yield sheet


def _digit_width(book: xlrd.Book, look: _Look) -> float:
    """The width of a digit in a cell's font, in digits of the workbook's own."""
    sizes = [font.height for font in book.font_list]
    return sizes[look.font] / sizes[0] if look.font < len(sizes) and sizes[0] else 1.0


def _text(
    book: xlrd.Book, source: xlrd.sheet.Sheet, cell: xlrd.sheet.Cell, look: _Look, sheet: SheetCells, at: Position
) -> str:
    row, col = at
    if cell.ctype == xlrd.XL_CELL_ERROR:
        text = xlrd.error_text_from_code.get(cell.value, "#N/A")
        sheet.report(row, col, ReasonCode.BAD_VALUE, f"的公式出错（{text}），请改正后重新保存。", text)
        return str(text)
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        if not cell.value and not source.show_zero_values:
            return ""
        text = sheet.text_of_number(row, col, cell.value, look.code, book.datemode == 1)
        if text and not look.fits:
            sheet.measure(row, col, text, look.code, _digit_width(book, look))
        return sheet.text_of_runs(row, col, [_run(book, text, look.font, look.ground)]) if text else text
    text = ("TRUE" if cell.value else "FALSE") if cell.ctype == xlrd.XL_CELL_BOOLEAN else str(cell.value)
    edges = [(0, look.font), *source.rich_text_runlist_map.get(at, ()), (len(text), 0)]
    pieces = [(text[a:b], font) for (a, font), (b, _) in pairwise(edges)]
    found = sheet.text_of_runs(row, col, [_run(book, piece, font, look.ground) for piece, font in pieces])
    return sheet.text_by_format(row, col, found, look.code)
