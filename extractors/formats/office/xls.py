"""Old workbooks (xls): what xlrd reads, with the merged ranges and the format of every cell.

Here: OLE documents told apart by olefile, the sheets of xlrd -> SheetCells. Not here: what all workbooks have in common
(workbook.py).
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import olefile
import xlrd
from xlrd.compdoc import CompDocError

from extractors.codes import ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.office.number_format import builtin, printed
from extractors.formats.office.workbook import Range, SheetCells, check_sheet_count, collect, error_problem
from extractors.grid import Sheets, Unreadable

# What olefile and xlrd raise at broken files.
_STOPS = (
    xlrd.XLRDError, CompDocError, struct.error, ArithmeticError, AssertionError, AttributeError, LookupError, OSError,
    RuntimeError, TypeError, ValueError,
)  # fmt: skip

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


def _sheets(book: xlrd.Book, limits: Limits) -> Iterator[SheetCells]:
    codes = {entry.format_key: entry.format_str for entry in book.format_list}
    formats = [codes.get(style.format_key) or builtin(style.format_key) for style in book.xf_list]
    for index in range(book.nsheets):
        source = book.sheet_by_index(index)
        sheet = SheetCells(source.name)
        for top, bottom, left, right in source.merged_cells:  # ends not included
            sheet.merged.append(Range(top, left, bottom - 1, right - 1))
        for row in range(source.nrows):
            for col, kind in enumerate(source.row_types(row)):
                if kind != xlrd.XL_CELL_EMPTY:  # not stated; xlrd fills the row up to its last cell
                    sheet.texts[row, col] = _text(source.cell(row, col), formats, book.datemode == 1, sheet, row, col)
            if len(sheet.texts) > limits.max_cells:
                raise Unreadable(ReasonCode.TOO_BIG, f"工作表超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        book.unload_sheet(index)
        yield sheet


def _text(cell: xlrd.sheet.Cell, formats: list[str], epoch_1904: bool, sheet: SheetCells, row: int, col: int) -> str:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        text = xlrd.error_text_from_code.get(cell.value, "#N/A")
        sheet.problems.append(error_problem(sheet.name, row, col, text))
        return text
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        code = formats[cell.xf_index] if cell.xf_index < len(formats) else "General"
        return cell_text(printed(cell.value, code, epoch_1904=epoch_1904))
    return cell_text(cell.value)
