"""Documents of Word 97-2003 read from their own streams, written here field by field as the format has them."""

import struct

import pytest
from shown_sheets import texts, told
from test_office import compound

from extractors.formats import Limits, read
from extractors.formats.rewritten.old_word_tables import old_word_as_docx

TEXT_AT = 1024
IN_TABLE, ROW_END = b"\x16\x24\x01", b"\x17\x24\x01"
STRUCK, HIDDEN = b"\x37\x08\x01", b"\x3c\x08\x01"


def definition(edges: list[int], flags: list[int]) -> bytes:
    """The property that gives a row the edges and flags of its cells."""
    body = bytes([len(flags)]) + struct.pack(f"<{len(edges)}h", *edges)
    body += b"".join(struct.pack("<H", flag) + bytes(18) for flag in flags)
    return b"\x08\xd6" + struct.pack("<H", len(body) + 1) + body


def properties(ranges: list[tuple[int, bytes]], *, of_paragraphs: bool) -> bytes:
    """A page of properties; `ranges`: the end of each, counted in characters, and its properties."""
    ends = [TEXT_AT + 2 * end for end, _ in ranges]
    head = struct.pack(f"<{len(ends) + 1}I", TEXT_AT, *ends)
    at, tail, places = 511, b"", b""
    for _, own in ranges:
        raw = bytes(2) + own if of_paragraphs else own
        raw += b"\0" * ((len(raw) + 1) % 2 if of_paragraphs else 0)
        block = bytes([(len(raw) + 1) // 2]) + raw if of_paragraphs else bytes([len(raw)]) + raw
        block += b"\0" * (len(block) % 2)
        at = (at - len(block)) // 2 * 2
        tail = block + b"\0" * (511 - at - len(block) - len(tail)) + tail
        places += bytes([at // 2 if own else 0]) + bytes(12 if of_paragraphs else 0)
    page = head + places
    return page + b"\0" * (511 - len(page) - len(tail)) + tail + bytes([len(ranges)])


def document(
    parts: list[tuple[str, bytes]], looks: list[tuple[str, bytes]], *, boxes: int = 0, version: int = 193
) -> bytes:
    """A document of paragraphs (with what ends them) and of looks, runs of the same text."""
    text = "".join(part for part, _ in parts)

    def ranges(pieces: list[tuple[str, bytes]]) -> list[tuple[int, bytes]]:
        end, found = 0, []
        for piece, own in pieces:
            end += len(piece)
            found.append((end, own))
        return found

    pages = [properties(ranges(looks), of_paragraphs=False), properties(ranges(parts), of_paragraphs=True)]
    pieces = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, TEXT_AT, 0)
    tables = [b"\x02" + struct.pack("<I", len(pieces)) + pieces]
    size = 2 * len(text)
    tables += [struct.pack("<III", TEXT_AT, TEXT_AT + size, 4 + n) for n in range(2)]
    table, places = b"", {}
    for number, own in zip((33, 12, 13), tables, strict=True):
        places[number] = (len(table), len(own))
        table += own
    head = struct.pack("<HHHHHH", 0xA5EC, version, 0, 0, 0, 0x0200).ljust(32, b"\0") + struct.pack("<H", 14) + bytes(28)
    longs = [0] * 22
    longs[3], longs[9] = len(text), boxes
    head += struct.pack("<H22I", 22, *longs)
    head += struct.pack("<H", 93) + b"".join(struct.pack("<II", *places.get(n, (0, 0))) for n in range(93))
    body = head.ljust(TEXT_AT, b"\0") + text.encode("utf-16-le")
    return compound(body.ljust(4 * 512, b"\0") + b"".join(pages), "WordDocument", **{"1Table": table})


def form(struck: bytes = b"", **more: int) -> bytes:
    rows = [
        ("绩效指标\x07", IN_TABLE), ("执行数\x07", IN_TABLE), ("17\x0718\x07", IN_TABLE),
        ("\x07", IN_TABLE + ROW_END + definition([0, 1000, 2000, 3000, 4000], [0x60, 0, 0, 0])),
        ("\x07", IN_TABLE), ("合计\x07", IN_TABLE), ("3\x07", IN_TABLE),
        ("\x07", IN_TABLE + ROW_END + definition([0, 1000, 2010, 4000], [0x20, 0, 0])),
    ]  # fmt: skip
    parts = [("自评表\r", b""), *rows, ("\x13 PAGE \x149\x15页\r", b"")]
    whole = "".join(part for part, _ in parts)
    at = whole.index("17")
    return document(parts, [(whole[:at], b""), ("17", struck), (whole[at + 2 :], b"")], **more)


def test_tables_of_an_old_document_are_read_with_their_merged_cells_and_fields_as_shown() -> None:
    sheets = read(form())
    assert sheets.format == "doc"
    assert texts(sheets) == ["自评表", "绩效指标", "执行数", "17", "18", "合计", "3", "9页"]
    table = sheets.grids[1]
    assert [(c.text, c.row, c.col, c.rowspan, c.colspan) for c in table.cells] == [
        ("绩效指标", 0, 0, 2, 1), ("执行数", 0, 1, 1, 1), ("17", 0, 2, 1, 1), ("18", 0, 3, 1, 1),
        ("合计", 1, 1, 1, 1), ("3", 1, 2, 1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(("look", "code"), [(STRUCK, "MARKED_TEXT"), (HIDDEN, "HIDDEN_CONTENT")])
def test_struck_and_hidden_runs_of_an_old_document_are_left_out_and_told(look: bytes, code: str) -> None:
    sheets = read(form(look))
    assert texts(sheets)[3] == ""
    assert [(found, text) for found, text, _ in told(sheets)] == [(code, "17")]


def test_what_this_reader_does_not_know_is_left_to_another() -> None:
    limits = Limits()
    assert old_word_as_docx(form(), limits) is not None
    assert old_word_as_docx(form(boxes=3), limits) is None
    assert old_word_as_docx(form(version=104), limits) is None
    assert old_word_as_docx(document([("没有表\r", b"")], [("没有表\r", b"")]), limits) is None
    assert old_word_as_docx(form()[:3000], limits) is None
