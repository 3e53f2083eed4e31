"""Documents of Word 97-2003 read from their own streams: text, tables and the styles that strike or hide.

Here: the piece table and the pages of properties -> docx (MS-DOC names in brackets). Not here: telling such a document
(old_word.py), what its markup means (the reader of Word documents).

LibreOffice loses tables that some programs write. Left out: notes, page heads, properties of named styles.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

import olefile

from extractors.codes import ReasonCode
from extractors.formats.limits import Limits
from extractors.grid import Unreadable

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PAGE = 512  # bytes of a page of properties [FKP]
_CHARACTERS, _PARAGRAPHS, _PIECES = 12, 13, 33  # numbers of the tables in the list of the head [FibRgFcLcb]
_COMPRESSED = 0x40000000
_CELL_END, _FIELD, _FIELD_RESULT, _FIELD_END = "\x07", "\x13", "\x14", "\x15"
_WORD_97 = 193  # the least version of such a document [nFib]
_DEPTH = 0x6649
_IN_TABLE, _ROW_END, _DEFINITION, _LARGE = 0x2416, 0x2417, 0xD608, 0x6646
_DELETED, _STRUCK, _STRUCK_TWICE, _HIDDEN, _RAISED, _SYMBOL = 0x0800, 0x0837, 0x2A53, 0x083C, 0x2A48, 0x6A09
_SIZES = {
    0: 1,
    1: 1,
    2: 2,
    3: 4,
    4: 2,
    5: 2,
    7: 3,
}  # bytes of an operand, by the three first bits of its code [Sprm.spra]
_LOOKS = {_DELETED: "<w:vanish/>", _STRUCK: "<w:strike/>", _STRUCK_TWICE: "<w:dstrike/>", _HIDDEN: "<w:vanish/>"}
_RAISINGS = {1: "superscript", 2: "subscript"}
_CONTROL = re.compile("[\x00-\x08\x0c\x0e-\x1d\x1f]")
_CONTINUED, _BEGUN = 0x20, 0x40  # of a cell merged downwards [TCGRF.fVertMerge, fVertRestart]
_SAME_EDGE, _NO_WIDTH = 15, 1000  # twentieths of a point
_JOINED = 0x02  # a cell merged with the one to its left [TCGRF.fMerged]

Properties = dict[int, bytes]
"""Codes of properties [sprm] with their operands."""


def old_word_as_docx(data: bytes, limits: Limits) -> bytes | None:
    """The document as docx; None for one without tables, or with more than is read here, or that is broken.

    More than is read here: the version of Word 95, tables within tables, text boxes. Raises Unreadable TOO_BIG.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            document = _Document(file)
            if document.version < _WORD_97 or document.boxes > 0:
                return None
            if document.length > limits.max_text:
                raise Unreadable(ReasonCode.TOO_BIG, "Word 文件的文字太多，请只保留绩效表的部分。")
            paragraphs = list(document.paragraphs())
            if not any(_is_on(paragraph.properties, _ROW_END) for paragraph in paragraphs):
                return None
            if any(int.from_bytes(paragraph.properties.get(_DEPTH, b""), "little") > 1 for paragraph in paragraphs):
                return None
            body = "".join(_blocks(paragraphs))
    except (struct.error, LookupError, ValueError, OSError, TypeError, AttributeError):
        return None
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{_MAIN}"><w:body>{body}</w:body></w:document>'.encode()
        )
    return out.getvalue()


@dataclass(slots=True)
class _Paragraph:
    """Runs of text with the markup of their looks, what ends it, its properties."""

    runs: list[tuple[str, str]]
    end: str
    properties: Properties


@dataclass(slots=True)
class _Cell:
    """A cell of a row: its edges in twentieths of a point, its flags, its paragraphs."""

    left: int
    right: int
    flags: int
    content: str


@dataclass(slots=True)
class _Table:
    rows: list[list[_Cell]] = field(default_factory=list)


class _Document:
    """The text of the main document, paragraph by paragraph."""

    def __init__(self, file: olefile.OleFileIO) -> None:
        self.stream = file.openstream("WordDocument").read()
        flags = struct.unpack_from("<H", self.stream, 10)[0]
        table = "1Table" if flags & 0x0200 else "0Table"
        self.table = file.openstream(table).read()
        self.data = file.openstream("Data").read() if file.exists("Data") else b""
        words = struct.unpack_from("<H", self.stream, 32)[0]
        self.longs = 34 + 2 * words + 2
        count = struct.unpack_from("<H", self.stream, self.longs - 2)[0]
        self.places = self.longs + 4 * count + 2
        self.version: int = struct.unpack_from("<H", self.stream, 2)[0]
        self.length: int = struct.unpack_from("<i", self.stream, self.longs + 12)[0]
        self.boxes: int = struct.unpack_from("<i", self.stream, self.longs + 36)[0]  # characters in text boxes

    def _place(self, number: int) -> tuple[int, int]:
        start, size = struct.unpack_from("<II", self.stream, self.places + 8 * number)
        return start, size

    def pieces(self) -> Iterator[tuple[int, int, bool]]:
        """Where text stands in the stream: offset, count of characters, whether each is one byte."""
        start, size = self._place(_PIECES)
        pieces = self.table[start : start + size]
        at = 0
        while pieces[at] == 1:  # properties that pieces share
            at += 3 + struct.unpack_from("<H", pieces, at + 1)[0]
        count = (struct.unpack_from("<I", pieces, at + 1)[0] - 4) // 12
        positions = struct.unpack_from(f"<{count + 1}I", pieces, at + 5)
        for n, (first, last) in enumerate(pairwise(positions)):
            offset = struct.unpack_from("<I", pieces, at + 5 + 4 * (count + 1) + 8 * n + 2)[0]
            last = min(last, self.length)
            if first < last:
                short = bool(offset & _COMPRESSED)
                offset &= _COMPRESSED - 1
                yield (offset // 2 if short else offset), last - first, short

    def characters(self) -> Iterator[tuple[int, str]]:
        """The offset and the text of each character."""
        for offset, count, short in self.pieces():
            width = 1 if short else 2
            raw = self.stream[offset : offset + count * width]
            text = raw.decode("cp1252", "replace") if short else raw.decode("utf-16-le", "replace")
            at = offset
            for char in text:
                yield at, char
                at += width * (2 if char > "\uffff" else 1)

    def paragraphs(self) -> Iterator[_Paragraph]:
        """The paragraphs; codes of fields are left out, what they show is kept."""
        looks = _Ranges(self, _CHARACTERS)
        marks = _Ranges(self, _PARAGRAPHS)
        runs: list[tuple[str, str]] = []
        fields: list[str] = []  # that are open: whether what follows is their code or their result
        last: Properties | None = None
        markup = ""
        for at, char in self.characters():
            if char == _FIELD:
                fields.append(char)
            elif char in (_FIELD_RESULT, _FIELD_END):
                del fields[-1:]
                fields += [char] if char == _FIELD_RESULT else []
            elif char in ("\r", _CELL_END, "\x0c"):
                yield _Paragraph(runs, char, marks.at(at))
                runs = []
            elif _FIELD not in fields:
                own = looks.at(at)
                if own is not last:
                    last, markup = own, _look(own)
                char = _symbol(own) or char
                if runs and runs[-1][1] == markup:
                    runs[-1] = runs[-1][0] + char, markup
                else:
                    runs.append((char, markup))
        if runs:
            yield _Paragraph(runs, "\r", {})


class _Ranges:
    """Properties of characters or paragraphs by their offsets in the stream."""

    def __init__(self, document: _Document, number: int) -> None:
        self.document = document
        self.paragraphs = number == _PARAGRAPHS
        self.starts: list[int] = []
        self.found: list[Properties] = []
        start, size = document._place(number)
        count = (size - 4) // 8
        for page in struct.unpack_from(f"<{count}I", document.table, start + 4 * (count + 1)) if count > 0 else ():
            self._page(document.stream[page * _PAGE : (page + 1) * _PAGE])

    def _page(self, page: bytes) -> None:
        count = page[_PAGE - 1]
        offsets = struct.unpack_from(f"<{count + 1}I", page, 0)
        width = 13 if self.paragraphs else 1
        for n, start in enumerate(offsets[:-1]):
            at = 2 * page[4 * (count + 1) + width * n]
            self.starts.append(start)
            self.found.append(self._properties(page, at) if at else {})
        self.starts.append(offsets[-1])
        self.found.append({})

    def _properties(self, page: bytes, at: int) -> Properties:
        size = page[at]
        if not self.paragraphs:
            return _properties(page[at + 1 : at + 1 + size])
        start, size = (at + 2, 2 * page[at + 1]) if size == 0 else (at + 1, 2 * size - 1)
        found = _properties(page[start + 2 : start + size])
        if _LARGE in found:
            offset = int.from_bytes(found[_LARGE], "little")
            length = int.from_bytes(self.document.data[offset : offset + 2], "little")
            found = _properties(self.document.data[offset + 2 : offset + 2 + length])
        return found

    def at(self, offset: int) -> Properties:
        """The properties that hold at an offset."""
        n = bisect_right(self.starts, offset) - 1
        return self.found[n] if n >= 0 else {}


def _properties(raw: bytes) -> Properties:
    found: Properties = {}
    at = 0
    while at + 2 < len(raw):
        code = int.from_bytes(raw[at : at + 2], "little")
        at += 2
        size = _SIZES.get(code >> 13)
        if code == _DEFINITION:
            size, at = int.from_bytes(raw[at : at + 2], "little") - 1, at + 2
        elif size is None:
            size, at = raw[at], at + 1
        found[code] = raw[at : at + size]
        at += size
    return found


def _is_on(properties: Properties, code: int) -> bool:
    return properties.get(code, b"\0")[:1] in (b"\x01", b"\x81")


def _look(properties: Properties) -> str:
    """The markup of a run's look."""
    markup = "".join(tag for code, tag in _LOOKS.items() if _is_on(properties, code))
    if raised := _RAISINGS.get(properties.get(_RAISED, b"\0")[0]):
        markup += f'<w:vertAlign w:val="{raised}"/>'
    return f"<w:rPr>{markup}</w:rPr>" if markup else ""


def _symbol(properties: Properties) -> str | None:
    operand = properties.get(_SYMBOL)
    return chr(int.from_bytes(operand[2:4], "little")) if operand is not None and len(operand) >= 4 else None


# ── paragraphs and tables as markup ─────────────────────────────────────────────


def _blocks(paragraphs: Iterable[_Paragraph]) -> Iterator[str]:
    table = _Table()
    cell: list[str] = []
    cells: list[str] = []
    for paragraph in paragraphs:
        if not _is_on(paragraph.properties, _IN_TABLE) and not _is_on(paragraph.properties, _ROW_END):
            if table.rows:
                yield _table(table)
                table = _Table()
            cell, cells = [], []
            yield _paragraph(paragraph)
        elif _is_on(paragraph.properties, _ROW_END):
            table.rows.append(_row(cells, paragraph.properties.get(_DEFINITION, b"")))
            cell, cells = [], []
        else:
            cell.append(_paragraph(paragraph))
            if paragraph.end == _CELL_END:
                cells.append("".join(cell))
                cell = []
    if table.rows:
        yield _table(table)


def _paragraph(paragraph: _Paragraph) -> str:
    return f"<w:p>{''.join(f'<w:r>{look}{_texts(text)}</w:r>' for text, look in paragraph.runs)}</w:p>"


def _texts(text: str) -> str:
    text = text.replace("\x1e", "-")
    lines = (_CONTROL.sub("", line) for line in text.split("\x0b"))
    return "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)


def _row(contents: list[str], definition: bytes) -> list[_Cell]:
    """The cells of a row; without a definition each is as wide as one column."""
    count = definition[0] if definition else 0
    edges = (
        struct.unpack_from(f"<{count + 1}h", definition, 1)
        if count
        else range(0, _NO_WIDTH * len(contents) + 1, _NO_WIDTH)
    )
    cells: list[_Cell] = []
    for n, content in enumerate(contents[: len(edges) - 1]):
        at = 1 + 2 * (count + 1) + 20 * n
        flags = int.from_bytes(definition[at : at + 2], "little") if count else 0
        if flags & _JOINED and cells:
            cells[-1].right = edges[n + 1]
        else:
            cells.append(_Cell(edges[n], edges[n + 1], flags, content))
    return cells


def _table(table: _Table) -> str:
    edges: list[int] = []
    for edge in sorted({edge for row in table.rows for cell in row for edge in (cell.left, cell.right)}):
        if not edges or edge - edges[-1] > _SAME_EDGE:
            edges.append(edge)
    return f"<w:tbl>{''.join(_table_row(row, edges) for row in table.rows)}</w:tbl>"


def _table_row(row: list[_Cell], edges: list[int]) -> str:
    before = bisect_right(edges, row[0].left) - 1 if row else 0
    cells = "".join(_cell(cell, edges) for cell in row)
    return f'<w:tr><w:trPr><w:gridBefore w:val="{before}"/></w:trPr>{cells}</w:tr>'


def _cell(cell: _Cell, edges: list[int]) -> str:
    span = max(bisect_right(edges, cell.right) - bisect_right(edges, cell.left), 1)
    merged = ""
    if cell.flags & _CONTINUED:
        merged = f'<w:vMerge w:val="{"restart" if cell.flags & _BEGUN else "continue"}"/>'
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{merged}</w:tcPr>{cell.content}</w:tc>'
