"""Old workbooks (xls): the BIFF8 records that state texts, numbers, formats and merged ranges.

Here: OLE documents told apart, records -> SheetCells. Not here: the compound file (ole.py), what all workbooks have in
common (workbook.py).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.number_format import builtin, printed
from extractors.formats.ole import open_compound
from extractors.formats.workbook import Range, SheetCells, check_sheet_count, collect, error_problem
from extractors.grid import Sheets, Unreadable

# Record numbers of [MS-XLS] 2.3.
_FORMULA, _EOF, _EPOCH, _PASSWORD, _CONTINUE, _SHEET, _MULTI_RK, _MULTI_BLANK = 6, 10, 34, 47, 60, 133, 189, 190
_RICH, _STYLE, _MERGED, _STRINGS, _STRING_CELL, _BLANK, _NUMBER, _LABEL = 214, 224, 229, 252, 253, 513, 515, 516
_BOOL_OR_ERROR, _STRING, _RK, _FORMAT, _BEGIN = 517, 519, 638, 1054, 2057

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read_ole(data: bytes, limits: Limits) -> Sheets:
    """An OLE document: one grid per sheet of an Excel 97-2003 workbook.

    Raises Unreadable: ENCRYPTED for any document with a password, UNSUPPORTED for other kinds, CORRUPT, TRUNCATED,
    TOO_BIG, EMPTY.
    """
    file = open_compound(data)
    names = file.entries
    if "EncryptedPackage" in names or "EncryptionInfo" in names:
        raise Unreadable("ENCRYPTED", "文件有打开密码，请去掉密码后再放入。")
    if "WordDocument" in names:
        raise Unreadable("UNSUPPORTED", "不支持旧版 Word 文件（doc），请另存为 docx。")
    name = next((n for n in ("Workbook", "WORKBOOK", "Book", "BOOK") if n in names), None)
    if name is None:
        raise Unreadable("UNSUPPORTED", "不支持这种 Office 文件，请另存为 xlsx 或 docx。")
    try:
        return _Workbook(file.stream(name)).read(limits)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise Unreadable("CORRUPT", "工作簿已损坏，请用 Excel 或 WPS 打开后另存为 xlsx。") from error


@dataclass(slots=True)
class _Workbook:
    stream: bytes
    strings: list[str] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    epoch_1904: bool = False

    def read(self, limits: Limits) -> Sheets:
        number, _, version = next(self._records(0), (0, 0, b"\0\0"))
        if number != _BEGIN or struct.unpack_from("<H", version)[0] != 0x0600:
            raise Unreadable("UNSUPPORTED", "不支持 Excel 97 以前的工作簿，请另存为 xlsx。")
        listed: list[tuple[str, int]] = []
        shared: list[bytes] = []
        for number, previous, body in self._records(0):
            if number == _PASSWORD:
                raise Unreadable("ENCRYPTED", "工作簿有打开密码，请去掉密码后再放入。")
            if number == _SHEET and body[5] == 0:
                listed.append((_short_string(body, 6), struct.unpack_from("<I", body)[0]))
            elif number == _STRINGS or (number == _CONTINUE and previous == _STRINGS):
                shared.append(body)
            elif number == _FORMAT:
                self.codes[struct.unpack_from("<H", body)[0]] = _long_string(body, 2)
            elif number == _STYLE:
                self.styles.append(struct.unpack_from("<H", body, 2)[0])
            elif number == _EPOCH:
                self.epoch_1904 = body[:1] == b"\1"
        check_sheet_count(len(listed), limits)
        if shared:
            self.strings = _Strings(shared).read()
        return collect("xls", (self._sheet(name, offset, limits) for name, offset in listed), limits)

    def _records(self, offset: int) -> Iterator[tuple[int, int, bytes]]:
        """The records of a substream up to its end: number, number of the last record that was no CONTINUE, body."""
        previous, depth = 0, 0
        stream = self.stream
        while offset + 4 <= len(stream):
            number, size = struct.unpack_from("<HH", stream, offset)
            body = stream[offset + 4 : offset + 4 + size]
            if len(body) < size:
                raise Unreadable("TRUNCATED", "工作簿不完整（没有传完），请重新上传完整的文件。")
            offset += 4 + size
            depth += (number == _BEGIN) - (number == _EOF)
            if depth <= 1:
                yield number, previous, body
            if number == _EOF and depth <= 0:
                return
            if number != _CONTINUE:
                previous = number

    def _sheet(self, name: str, offset: int, limits: Limits) -> SheetCells:
        sheet = SheetCells(name)
        awaiting: tuple[int, int] | None = None  # the formula whose text follows in its own record
        for number, _, body in self._records(offset):
            if number == _STRING and awaiting is not None:
                sheet.texts[awaiting] = cell_text(_long_string(body, 0))
                awaiting = None
            elif number == _MERGED:
                for index in range(struct.unpack_from("<H", body)[0]):
                    row, row_to, col, col_to = struct.unpack_from("<HHHH", body, 2 + 8 * index)
                    sheet.merged.append(Range(row, col, row_to, col_to))
            elif number in _CELLS and len(body) >= 6:
                row, col = struct.unpack_from("<HH", body)
                self._cell(sheet, number, row, col, body)
                if number == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 0:
                    awaiting = row, col
                if len(sheet.texts) > limits.max_cells:
                    raise Unreadable("TOO_BIG", f"工作表超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        return sheet

    def _cell(self, sheet: SheetCells, number: int, row: int, col: int, body: bytes) -> None:
        style = struct.unpack_from("<H", body, 4)[0]
        texts = sheet.texts
        if number == _STRING_CELL:
            index = struct.unpack_from("<I", body, 6)[0]
            texts[row, col] = self.strings[index] if index < len(self.strings) else ""
        elif number in (_LABEL, _RICH):
            texts[row, col] = cell_text(_long_string(body, 6))
        elif number == _NUMBER:
            texts[row, col] = self._number(struct.unpack_from("<d", body, 6)[0], style)
        elif number == _RK:
            texts[row, col] = self._number(_packed(struct.unpack_from("<I", body, 6)[0]), style)
        elif number == _MULTI_RK:
            for index in range((len(body) - 6) // 6):
                style, value = struct.unpack_from("<HI", body, 4 + 6 * index)
                texts[row, col + index] = self._number(_packed(value), style)
        elif number == _MULTI_BLANK:
            for index in range((len(body) - 6) // 2):
                texts[row, col + index] = ""
        elif number == _BLANK:
            texts[row, col] = ""
        elif number == _BOOL_OR_ERROR:
            self._bool_or_error(sheet, row, col, body[6], bool(body[7]))
        elif body[12:14] != b"\xff\xff":
            texts[row, col] = self._number(struct.unpack_from("<d", body, 6)[0], style)
        elif body[6] in (1, 2):
            self._bool_or_error(sheet, row, col, body[8], body[6] == 2)
        else:
            texts[row, col] = ""

    def _bool_or_error(self, sheet: SheetCells, row: int, col: int, value: int, is_error: bool) -> None:
        if is_error:
            text = _ERRORS.get(value, "#N/A")
            sheet.problems.append(error_problem(sheet.name, row, col, text))
        else:
            text = "TRUE" if value else "FALSE"
        sheet.texts[row, col] = text

    def _number(self, value: float, style: int) -> str:
        number = self.styles[style] if style < len(self.styles) else 0
        code = self.codes.get(number) or builtin(number)
        if not -1e300 < value < 1e300:
            return repr(value)
        return cell_text(printed(value, code, epoch_1904=self.epoch_1904))


_CELLS = frozenset(
    (_FORMULA, _MULTI_RK, _MULTI_BLANK, _RICH, _STRING_CELL, _BLANK, _NUMBER, _LABEL, _BOOL_OR_ERROR, _RK)
)


def _packed(value: int) -> float:
    """A number in four bytes: an integer or the upper half of a double, perhaps times 100."""
    if value & 2:
        number = float((value >> 2) - (1 << 30 if value & 0x80000000 else 0))
    else:
        number = struct.unpack("<d", struct.pack("<Q", (value & 0xFFFFFFFC) << 32))[0]
    return number / 100 if value & 1 else number


def _short_string(body: bytes, offset: int) -> str:
    count, wide = body[offset], body[offset + 1] & 1
    return _characters(body[offset + 2 : offset + 2 + count * (1 + wide)], wide)


def _long_string(body: bytes, offset: int) -> str:
    count, flags = struct.unpack_from("<HB", body, offset)
    wide = flags & 1
    start = offset + 3 + (2 if flags & 8 else 0) + (4 if flags & 4 else 0)
    return _characters(body[start : start + count * (1 + wide)], wide)


def _characters(raw: bytes, wide: int) -> str:
    return raw.decode("utf-16-le", "replace") if wide else raw.decode("latin-1")


@dataclass(slots=True)
class _Strings:
    """The shared strings. They run on over CONTINUE records, where the characters begin with a flag byte anew."""

    segments: list[bytes]
    segment: int = 0
    at: int = 8

    def read(self) -> list[str]:
        count = struct.unpack_from("<I", self.segments[0], 4)[0]
        strings: list[str] = []
        while len(strings) < count and not self._ended():
            strings.append(cell_text(self._string()))
        return strings

    def _ended(self) -> bool:
        return self.segment >= len(self.segments) - 1 and self.at >= len(self.segments[-1])

    def _take(self, size: int) -> bytes:
        pieces = b""
        while len(pieces) < size:
            if self.at >= len(self.segments[self.segment]):
                self.segment, self.at = self.segment + 1, 0
                continue
            piece = self.segments[self.segment][self.at : self.at + size - len(pieces)]
            pieces += piece
            self.at += len(piece)
        return pieces

    def _string(self) -> str:
        count, flags = struct.unpack("<HB", self._take(3))
        runs = struct.unpack("<H", self._take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", self._take(4))[0] if flags & 4 else 0
        wide, text = flags & 1, ""
        while count:
            if self.at >= len(self.segments[self.segment]):
                self.segment, self.at = self.segment + 1, 1
                wide = self.segments[self.segment][0] & 1
            room = (len(self.segments[self.segment]) - self.at) >> wide
            now = min(room, count)
            if now == 0:
                raise ValueError("half a character at the end of a record")
            text += _characters(self._take(now << wide), wide)
            count -= now
        self._take(4 * runs + extra)
        return text
