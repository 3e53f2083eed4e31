"""Binary workbooks (xlsb): formats, fonts and fills, what is broken."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from office_form import ROWS, SPANS, WANTED, values
from rewriting import rejected, zipped

from extractors.extract import extract
from extractors.formats import read as read_grids


def record(number: int, data: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size, length = len(data), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(*, hidden_row: int = -1, hidden_sheet: bool = False) -> bytes:
    formats = b"".join(record(47, struct.pack("<HHHHH", 0, code, 0, 0, 0) + bytes(6)) for code in (0, 4, 10, 164))
    styles = record(44, struct.pack("<H", 164) + wide('0"天"')) + record(617) + formats + record(618)
    strings: list[str] = []
    body = record(60, struct.pack("<IIIIH", 20, 20, 0, 0, 1))
    for r, row in enumerate(ROWS):
        flags = 0x10 if r == hidden_row else 0
        body += record(0, struct.pack("<IIHBBB", r, 0, 300, 0, flags, 0) + bytes(4))
        for c, text in enumerate(row):
            body += _xlsb_cell(r, c, text, strings)
    for r, c, rows, cols in SPANS:
        body += record(176, struct.pack("<IIII", r, r + rows - 1, c, c + cols - 1))
    sheet = record(156, struct.pack("<II", hidden_sheet, 1) + wide("rId1") + wide("表"))
    shared = b"".join(record(19, b"\0" + wide(text)) for text in strings)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}/x" Target="{name}"/>'
        for n, name in enumerate(("worksheets/sheet1.bin", "styles.bin", "sharedStrings.bin"), 1)
    )
    parts = {"xl/workbook.bin": record(153, bytes(12)) + sheet, "xl/_rels/workbook.bin.rels": f"<R>{related}</R>"}
    return zipped({**parts, "xl/worksheets/sheet1.bin": body, "xl/styles.bin": styles, "xl/sharedStrings.bin": shared})


def _xlsb_cell(row: int, col: int, text: str, strings: list[str]) -> bytes:
    plain = text.replace(",", "")
    if "," in text:
        return record(5, struct.pack("<IId", col, 1, float(plain)))
    if text.endswith("%") and text[0].isdigit() and row < 7:
        return record(9, struct.pack("<IId", col, 2, float(text[:-1]) / 100) + bytes(6))
    if text.isdecimal():
        return record(2, struct.pack("<III", col, 0, int(text) << 2 | 2))
    if text == "296天":
        return record(2, struct.pack("<III", col, 3, 29600 << 2 | 3))
    if not text:
        return record(1, struct.pack("<II", col, 0))
    if text.startswith("≥"):
        return record(6, struct.pack("<II", col, 0) + wide(text))
    strings.append(text)
    return record(7, struct.pack("<III", col, 0, len(strings) - 1))


def test_a_binary_workbook_is_read_as_its_formats_show_it() -> None:
    result = extract(xlsb())
    assert (result.format, values(result)) == ("xlsb", WANTED)


def styled_xlsb(font: bytes, fill: bytes, text: bytes) -> bytes:
    """A sheet with a text in a font and on a fill, and one behind it; the second font is struck out."""
    plain = struct.pack("<HHHHBBBB", 220, 0, 400, 0, 0, 0, 0, 0)
    fonts = record(43, plain + font) + record(43, plain[:2] + b"\x08\0" + plain[4:] + bytes(8))
    styles = fonts + record(45, fill) + record(617) + record(47, struct.pack("<HHHHH", 0, 0, 0, 0, 0) + bytes(6))
    row = record(0, struct.pack("<IIHBBB", 0, 0, 300, 0, 0, 0) + bytes(4))
    body = row + record(62, struct.pack("<II", 0, 0) + text) + record(6, struct.pack("<II", 1, 9) + wide("末"))
    old = xlsb()
    with zipfile.ZipFile(io.BytesIO(old)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**parts, "xl/styles.bin": styles + record(618), "xl/worksheets/sheet1.bin": body})


PLAIN_TEXT = b"\0" + wide("甲")
STRUCK_TEXT = b"\1" + wide("旧新") + struct.pack("<IHHHH", 2, 0, 1, 1, 0)
WHITE_FONT, BLACK_FONT, PAPER = bytes([5, 0, 0, 0, 255, 255, 255, 255]), bytes(8), bytes(12)
NAVY_FILL, BLACK_FILL = (
    struct.pack("<I", 1) + bytes([5, 0, 0, 0, *colour, 255]) for colour in ((0, 51, 102), (0, 0, 0))
)


@pytest.mark.parametrize(
    ("font", "fill", "text", "shown", "code"),
    [
        (WHITE_FONT, PAPER, PLAIN_TEXT, "", "HIDDEN_CONTENT"),
        (BLACK_FONT, BLACK_FILL, PLAIN_TEXT, "", "COVERED_TEXT"),
        (WHITE_FONT, NAVY_FILL, PLAIN_TEXT, "甲", None),
        (BLACK_FONT, PAPER, STRUCK_TEXT, "新", "MARKED_TEXT"),
    ],
)
def test_fonts_and_fills_of_a_binary_workbook_decide_what_is_read(
    font: bytes, fill: bytes, text: bytes, shown: str, code: str | None
) -> None:
    sheets = read_grids(styled_xlsb(font, fill, text))
    assert [c.text for c in sheets.grids[0].cells] == [shown, "末"]
    assert [str(p.code) for p in sheets.problems] == ([code] if code else [])


def test_a_broken_binary_workbook_is_rejected() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsb())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.bin"]
    for broken in (sheet[:-7], b"\x80", record(7, bytes(2))):
        assert rejected(zipped({**parts, "xl/worksheets/sheet1.bin": broken})) in ("CORRUPT", "EMPTY")
