"""Binary workbooks (xlsb): the records that say what the sheets show.

Here: records (MS-XLSB) -> xlsx. Not here: how a number format prints (the reader of workbooks).

The records are read directly: calamine and pyxlsb give values without their number formats (a rate of 95.08% comes out
as 0.9508) and say nothing of hidden rows, columns and merged cells.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.codes import ReasonCode
from extractors.formats.colours import BLACK, WHITE, Colour, alike
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container
from extractors.formats.office.number_format import builtin
from extractors.formats.rewritten.plain_workbook import PLAIN, Look, PlainCell, PlainSheet, as_xlsx
from extractors.formats.runs import BLACKED_OUT
from extractors.grid import Unreadable

_BROKEN = "工作簿已损坏，请用 Excel 或 WPS 打开后另存为 xlsx。"
_ROW, _CELLS = 0, range(1, 12)
_BLANK, _RK, _ERROR, _BOOL, _REAL, _STRING, _SHARED = range(1, 8)
_FORMULA_STRING, _FORMULA_REAL, _FORMULA_BOOL, _FORMULA_ERROR = range(8, 12)
_SHARED_ITEM, _FONT, _FORMAT, _FILL, _STYLE, _COLUMN, _RICH = 19, 43, 44, 45, 47, 60, 62
_RGB, _THEME, _INDEXED = 2, 3, 1
_SOLID = 1
_BOOK_PROPERTIES, _BOOK_SHEET, _MERGED, _STYLES_BEGIN, _STYLES_END = 153, 156, 176, 617, 618
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"
}  # fmt: skip
_STRUCK = 0x0008
_HIDDEN_ROW = 0x10
_ALIGNED, _REPEATED = 12, 4
"""Where a style says how its cells are aligned, and what it says where they repeat their text."""
_LEAST_WIDTH = 128
"""Parts (of 256 a digit) of a column's width below which nothing is seen."""
_LAST_ROW = 1_048_576


def xlsb_as_xlsx(container: Container, limits: Limits) -> bytes:
    """The workbook as xlsx. Raises Unreadable with CORRUPT, BOMB, TOO_DEEP or TOO_BIG."""
    try:
        return _Book(container, limits).as_xlsx()
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise Unreadable(ReasonCode.CORRUPT, _BROKEN) from error


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a part: number and content. Both number and length are written in groups of seven bits."""
    at, size = 0, len(data)
    while at < size:
        number = data[at]
        at += 1
        if number & 0x80:
            number = number & 0x7F | (data[at] & 0x7F) << 7
            at += 1
        length = shift = 0
        while True:
            part = data[at]
            at += 1
            length |= (part & 0x7F) << shift
            shift += 7
            if not part & 0x80 or shift == 28:
                break
        if at + length > size:
            raise Unreadable(ReasonCode.CORRUPT, _BROKEN)
        yield number, data[at : at + length]
        at += length


def _string(data: bytes, at: int) -> tuple[str, int]:
    """A text and where it ends; a missing one is empty."""
    (length,) = struct.unpack_from("<I", data, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(data):
        raise Unreadable(ReasonCode.CORRUPT, _BROKEN)
    return data[at + 4 : end].decode("utf-16-le"), end


def _runs(data: bytes, at: int) -> list[tuple[str, int | None]]:
    """The runs of a text [RichStr]: what stands before the first one has no font of its own."""
    text, end = _string(data, at + 1)
    if not data[at] & 1 or end + 4 > len(data):
        return [(text, None)]
    (count,) = struct.unpack_from("<I", data, end)
    edges: list[tuple[int, int | None]] = [(0, None)]
    edges += struct.iter_unpack("<HH", data[end + 4 : end + 4 + 4 * count])
    ends = [start for start, _ in edges[1:]] + [len(text)]
    return [(text[start:stop], font) for (start, font), stop in zip(edges, ends, strict=True) if start < stop]


def _rk(value: int) -> float:
    """A number in 30 bits, an integer or the head of a float, perhaps a hundred times what is meant."""
    number: float
    if value & 2:
        number = value >> 2 if value < 1 << 31 else (value >> 2) - (1 << 30)
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (value & 0xFFFFFFFC) << 32))
    return number / 100 if value & 1 else number


def _colour(data: bytes, by_default: Colour) -> Colour:
    """A colour [BrtColor]; one of the theme or the palette, but for black and white, by its number."""
    if len(data) < 8:
        return by_default
    kind, number, tint, red, green, blue = struct.unpack_from("<BBhBBB", data)
    if kind >> 1 == _RGB:
        return red, green, blue
    if kind >> 1 == _THEME:
        return f"theme {number} {tint}" if tint else {0: WHITE, 1: BLACK}.get(number, f"theme {number}")
    if kind >> 1 == _INDEXED:
        return {0: BLACK, 8: BLACK, 64: BLACK, 1: WHITE, 9: WHITE, 65: WHITE}.get(number, f"palette {number}")
    return by_default


@dataclass(slots=True)
class _Book:
    container: Container
    limits: Limits
    looks: list[Look] = field(default_factory=list)
    fonts: list[tuple[Look, Colour]] = field(default_factory=list)
    grounds: list[Colour | None] = field(default_factory=list)
    """Of the looks."""
    strings: list[list[tuple[str, int | None]]] = field(default_factory=list)
    """Runs with the number of their font, None for the cell's own."""

    def as_xlsx(self) -> bytes:
        targets = self.container.targets("xl/workbook.bin")
        self._read_styles(targets)
        self._read_strings(targets)
        sheets = []
        epoch_1904 = False
        for number, data in _records(self.container.read("xl/workbook.bin")):
            if number == _BOOK_PROPERTIES:
                epoch_1904 = bool(data[0] & 1)
            elif number == _BOOK_SHEET:
                (state,) = struct.unpack_from("<I", data)
                relation, at = _string(data, 8)
                name, _ = _string(data, at)
                part = targets.get(relation, "")
                if part in self.container.names:
                    sheets.append(self._sheet(PlainSheet(name, hidden=state != 0), part))
                if len(sheets) > self.limits.max_sheets:
                    raise Unreadable(
                        ReasonCode.TOO_BIG, f"工作簿超过 {self.limits.max_sheets} 个工作表，请拆分后再放入。"
                    )
        return as_xlsx(sheets, epoch_1904=epoch_1904)

    def _read_styles(self, targets: dict[str, str]) -> None:
        codes: dict[int, str] = {}
        fills: list[Colour | None] = []
        within = False
        for number, data in self._part(targets, "styles.bin"):
            if number == _FORMAT:
                codes[struct.unpack_from("<H", data)[0]] = _string(data, 2)[0]
            elif number == _FONT:
                flags, _, raised = struct.unpack_from("<HHH", data, 2)
                look = Look(struck=bool(flags & _STRUCK), raised={1: 1, 2: -1}.get(raised, 0))
                self.fonts.append((look, _colour(data[12:20], BLACK)))
            elif number == _FILL:
                (kind,) = struct.unpack_from("<I", data)
                fills.append({0: WHITE, _SOLID: _colour(data[4:12], WHITE)}.get(kind))
            elif number in (_STYLES_BEGIN, _STYLES_END):
                within = number == _STYLES_BEGIN
            elif number == _STYLE and within:
                _, code, font, fill = struct.unpack_from("<HHHH", data)
                ground = fills[fill] if fill < len(fills) else WHITE
                self.grounds.append(ground)
                repeats = len(data) > _ALIGNED and data[_ALIGNED] & 7 == _REPEATED
                look = self._look(font, ground)._replace(code=codes.get(code) or builtin(code), fills=repeats)
                self.looks.append(look)

    def _look(self, font: int, ground: Colour | None) -> Look:
        """How a text in a font looks on a ground."""
        look, colour = self.fonts[font] if font < len(self.fonts) else (PLAIN, BLACK)
        return look._replace(hidden=0 if not alike(colour, ground) else 1 if ground == WHITE else BLACKED_OUT)

    def _read_strings(self, targets: dict[str, str]) -> None:
        for number, data in self._part(targets, "sharedstrings.bin"):
            if number == _SHARED_ITEM:
                self.strings.append(_runs(data, 0))

    def _part(self, targets: dict[str, str], name: str) -> Iterator[tuple[int, bytes]]:
        part = next((part for part in targets.values() if part.lower().endswith(name)), None)
        if part in self.container.names:
            yield from _records(self.container.read(part or ""))

    def _sheet(self, sheet: PlainSheet, part: str) -> PlainSheet:
        row = 0
        for number, data in _records(self.container.read(part)):
            if number == _ROW:
                (row,) = struct.unpack_from("<I", data)
                if row >= _LAST_ROW:
                    raise Unreadable(ReasonCode.CORRUPT, _BROKEN)
                if data[11] & _HIDDEN_ROW:
                    sheet.hidden_rows.add(row)
            elif number in _CELLS or number == _RICH:
                col, style = struct.unpack_from("<II", data)
                style &= 0xFFFFFF
                look, ground = PLAIN, WHITE
                if style < len(self.looks):
                    look, ground = self.looks[style], self.grounds[style]
                sheet.add(row, col, self._cell(number, data, look, ground), self.limits)
            elif number == _COLUMN:
                first, last, width, _, flags = struct.unpack_from("<IIIIH", data)
                if flags & 1 or width < _LEAST_WIDTH:
                    sheet.hidden_cols.update(range(first, min(last + 1, self.limits.max_columns)))
            elif number == _MERGED:
                top, bottom, left, right = struct.unpack_from("<IIII", data)
                sheet.merged.append((top, left, bottom, right))
        return sheet

    def _cell(self, number: int, data: bytes, look: Look, ground: Colour | None) -> PlainCell:
        if number == _BLANK:
            return PlainCell(look=look)
        if number == _RK:
            return PlainCell(_rk(struct.unpack_from("<I", data, 8)[0]), look=look)
        if number in (_REAL, _FORMULA_REAL):
            return PlainCell(struct.unpack_from("<d", data, 8)[0], look=look)
        if number in (_ERROR, _FORMULA_ERROR):
            return PlainCell(runs=[(_ERRORS.get(data[8], "#N/A"), look)], look=look, error=True)
        if number in (_BOOL, _FORMULA_BOOL):
            return PlainCell(runs=[("TRUE" if data[8] else "FALSE", look)], look=look)
        if number in (_SHARED, _RICH):
            runs = _runs(data, 8) if number == _RICH else self.strings[struct.unpack_from("<I", data, 8)[0]]
            return PlainCell(runs=[(t, look if f is None else self._look(f, ground)) for t, f in runs], look=look)
        return PlainCell(runs=[(_string(data, 8)[0], look)], look=look)
