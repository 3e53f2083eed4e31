"""What xlrd passes over in old workbooks (xls): the heads and feet of printed pages, and conditional formats.

Here: the records of one sheet [MS-XLS names in brackets] -> lines, and ranges whose look a rule may change. Not here:
the cells (xls.py).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.formats.office.workbook import Range

_FORMULA = 0x0006
_ON_LOAD, _BLANK, _TEXT_TOKEN = 2, 3, 0x17
_HEAD, _FOOT, _RANGES, _RULE, _END = 0x0014, 0x0015, 0x01B0, 0x01B1, 0x000A
_NUMBER_BLOCK, _FONT_BLOCK, _PATTERN_BLOCK = 1 << 25, 1 << 26, 1 << 29
_STRUCK = 0x80
_WHITE = (1, 9)  # of the palette


@dataclass(slots=True)
class SheetRecords:
    """`above`, `below`: the codes of the lines in a page's head and foot. `ruled`: where rules may change what is read.

    Rules that only colour, fill or frame are left out. `uncached`: the formulas without a result, which programs other
    than Excel leave to be worked out when the file is opened, by row and column.
    """

    above: str = ""
    below: str = ""
    ruled: list[Range] = field(default_factory=list)
    uncached: set[tuple[int, int]] = field(default_factory=set)


def sheet_records(stream: bytes, start: int) -> SheetRecords:
    """The records of the sheet that begins at an offset of the workbook's stream (BIFF8)."""
    found = SheetRecords()
    ranges: list[Range] = []
    for number, data in _records(stream, start):
        if number == _HEAD:
            found.above = _text(data)
        elif number == _FOOT:
            found.below = _text(data)
        elif number == _FORMULA and len(data) >= 22 and _is_uncached(data):
            row, col = struct.unpack_from("<HH", data)
            found.uncached.add((row, col))
        elif number == _RANGES and len(data) >= 14:
            count = min(struct.unpack_from("<H", data, 12)[0], (len(data) - 14) // 8)
            spans = (struct.unpack_from("<4H", data, 14 + 8 * n) for n in range(count))
            ranges = [Range(first, left, last, right) for first, last, left, right in spans]
        elif number == _RULE and _matters(data):
            found.ruled += ranges
    return found


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    depth = 0
    while start + 4 <= len(stream):
        number, size = struct.unpack_from("<HH", stream, start)
        yield number, stream[start + 4 : start + 4 + size]
        start += 4 + size
        if number & 0xF0FF == 0x0009 and number >> 8 in (0, 2, 4, 8):  # charts in the sheet have records of their own
            depth += 1
        elif number == _END:
            depth -= 1
            if depth <= 0:
                return


def _is_uncached(formula: bytes) -> bool:
    """Whether a formula has no result yet: zero, though it is to be worked out, or a blank, though it names no text."""
    result, flags, tokens = formula[6:14], formula[14], formula[22:]
    if result[6:] == b"\xff\xff" and result[0] == _BLANK:
        return _TEXT_TOKEN not in tokens
    return bool(flags & _ON_LOAD) and not any(result)


def _text(data: bytes) -> str:
    """A string with its length and the width of its characters before it."""
    if len(data) < 3:
        return ""
    count, wide = struct.unpack_from("<HB", data)
    return data[3 : 3 + 2 * count].decode("utf-16-le", "replace") if wide & 1 else data[3 : 3 + count].decode("latin-1")


def _matters(rule: bytes) -> bool:
    """Whether a rule [CF] changes the number format, strikes out, or writes white without a ground of its own."""
    if len(rule) < 12:
        return False
    blocks = struct.unpack_from("<I", rule, 6)[0]
    at = 12
    if blocks & _NUMBER_BLOCK:
        return True
    if not blocks & _FONT_BLOCK or len(rule) < at + 118:
        return False
    style, colour = struct.unpack_from("<I", rule, at + 68)[0], struct.unpack_from("<i", rule, at + 80)[0]
    style_kept = struct.unpack_from("<I", rule, at + 88)[0] & _STRUCK
    return bool(style & _STRUCK and not style_kept) or (colour in _WHITE and not blocks & _PATTERN_BLOCK)
