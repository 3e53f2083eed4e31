"""Web pages: tables with their spans and the lines of text around them.

Here: decoding by BOM, content or the page's own word, markup -> grids. Not here: tables drawn without table markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree
from lxml import html as lxml_html

from extractors.codes import ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.office.container import out_of_memory
from extractors.formats.text import check_meaning, decode
from extractors.grid import Cell, Grid, Place, Sheets, Unreadable

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_\-]{3,20})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BLOCKS = frozenset(
    ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "dt", "dd", "hr", "section",
     "article", "center", "caption", "form", "fieldset", "header", "footer", "main", "table", "blockquote", "pre",
     "title")
)  # fmt: skip
_SILENT = frozenset(("script", "style", "noscript", "template", "head", "select", "svg", "object", "iframe"))
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_TOO_DEEP = "网页的内部结构嵌套过深，请另存为 xlsx 后再放入。"
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read_web(data: bytes, limits: Limits) -> Sheets:
    """The page as grids: runs of lines (unruled) and tables.

    Locators are `table/row/column`, 1-based, tables counted in reading order; lines outside tables count as rows of
    table 0. A table inside a cell becomes a grid of its own after the one that holds it.
    Raises Unreadable with ENCODING, TRUNCATED, GARBLED, CORRUPT, TOO_DEEP, TOO_BIG, UNSUPPORTED or EMPTY.
    """
    text = _decoded(data)
    check_meaning(text)
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(_DECLARATION.sub("", text, count=1).encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        if out_of_memory(error):
            raise MemoryError from error
        raise Unreadable(ReasonCode.CORRUPT, "网页文件已损坏，请重新保存。") from error
    if any("depth" in entry.message for entry in parser.error_log):  # libxml2 drops what lies deeper
        raise Unreadable(ReasonCode.TOO_DEEP, _TOO_DEEP)
    reader = _Reader(limits)
    reader.walk(root, 0)
    reader.flush()
    if not reader.grids:
        raise Unreadable(ReasonCode.EMPTY, "网页里没有任何文字，请重新保存后再放入。")
    return Sheets("html", reader.grids)


def _decoded(data: bytes) -> str:
    try:
        return decode(data)
    except Unreadable as error:
        declared = _CHARSET.search(data[:4096])
        if error.reason_code != ReasonCode.ENCODING or declared is None:
            raise
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            raise error from None


@dataclass(slots=True)
class _Slots:
    """The places of a table that cells have taken."""

    taken: set[tuple[int, int]] = field(default_factory=set)

    def free_run(self, row: int, col: int, width: int) -> int:
        """How many columns from here are free, at most `width`."""
        run = 0
        while run < width and (row, col + run) not in self.taken:
            run += 1
        return run


@dataclass(slots=True)
class _Reader:
    limits: Limits
    grids: list[Grid] = field(default_factory=list)
    run: list[Cell] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    lines: int = 0
    tables: int = 0
    slots: int = 0

    def walk(self, element: etree._Element, depth: int) -> None:
        """The element's text and tables, in reading order."""
        self._check_depth(depth)
        name = _name(element)
        if name in _SILENT or _hidden(element):
            return
        if name == "table":
            self.flush()
            self._table(element, depth)
            return
        block = name in _BLOCKS
        if block:
            self._break()
        self.text.append(_own_text(element))
        for child in element:
            self.walk(child, depth + 1)
            self.text.append(_space(child.tail))
        if block:
            self._break()

    def flush(self) -> None:
        """End the run of lines."""
        self._break()
        if self.run:
            self.grids.append(Grid(self.run, ruled=False))
            self.run = []

    def _break(self) -> None:
        text = cell_text("".join(self.text))
        self.text = []
        if text:
            self.lines += 1
            self.run.append(Cell(text, len(self.run), 0, Place(locator=f"0/{self.lines}/1")))

    def _check_depth(self, depth: int) -> None:
        if depth > 2 * self.limits.max_depth:
            raise Unreadable(ReasonCode.TOO_DEEP, _TOO_DEEP)

    def _table(self, table: etree._Element, depth: int) -> None:
        self._check_depth(depth)
        self.tables += 1
        number = self.tables
        rows = [row for row in _rows(table) if not _hidden(row)]
        taken = _Slots()
        cells: list[Cell] = []
        inner: list[etree._Element] = []
        for caption in table.iterchildren("caption"):
            self.text.append(_flat(caption, inner, depth, self))
        self.flush()
        for row, source in enumerate(rows):
            col = 0
            for item in source:
                if _name(item) not in ("td", "th") or _hidden(item):
                    continue
                while (row, col) in taken.taken:
                    col += 1
                width = max(1, taken.free_run(row, col, _span(item, "colspan", self.limits)))
                height = _span(item, "rowspan", self.limits) or len(rows)
                height = max(1, min(height, len(rows) - row))
                self.slots += width * height
                if self.slots > self.limits.max_cells or col + width > self.limits.max_columns:
                    raise Unreadable(ReasonCode.TOO_BIG, "网页里的表格大得不正常，请另存为 xlsx 后再放入。")
                taken.taken.update((r, c) for r in range(row, row + height) for c in range(col, col + width))
                text = cell_text(_flat(item, inner, depth + 1, self))
                cells.append(Cell(text, row, col, Place(locator=f"{number}/{row + 1}/{col + 1}"), height, width))
                col += width
        if any(cell.text for cell in cells):
            self.grids.append(Grid(cells))
        for nested in inner:
            self._table(nested, depth + 1)


def _name(element: etree._Element) -> str:
    return element.tag.lower().rpartition(":")[2] if isinstance(element.tag, str) else ""


def _hidden(element: etree._Element) -> bool:
    return _HIDDEN.search(element.get("style", "")) is not None or element.get("hidden") is not None


def _space(text: str | None) -> str:
    return _SPACE.sub(" ", text) if text else ""


def _own_text(element: etree._Element) -> str:
    """The element's first text, or what a field of a saved form shows."""
    if _name(element) == "input":
        kind = element.get("type", "text").lower()
        if kind in ("checkbox", "radio"):
            return "√" if element.get("checked") is not None else "□"
        return element.get("value", "") if kind in ("text", "number", "date", "") else ""
    return _space(element.text)


def _rows(table: etree._Element) -> list[etree._Element]:
    rows: list[etree._Element] = []
    for child in table:
        name = _name(child)
        if name == "tr":
            rows.append(child)
        elif name in ("tbody", "thead", "tfoot"):
            rows.extend(row for row in child if _name(row) == "tr")
    return rows


def _span(item: etree._Element, name: str, limits: Limits) -> int:
    """The span that a cell claims; 0 is "to the end" for rows."""
    digits = re.match(r"\s*(\d{1,6})", item.get(name, ""))
    if digits is None:
        return 1
    span = int(digits[1])
    return min(span, limits.max_span) if span or name == "rowspan" else 1


def _flat(element: etree._Element, inner: list[etree._Element], depth: int, reader: _Reader) -> str:
    """The text of a cell with its line breaks; its tables go to `inner`."""
    reader._check_depth(depth)
    parts = [_own_text(element)]
    for child in element:
        name = _name(child)
        if name == "table":
            inner.append(child)
        elif name in _SILENT:
            if name == "select":
                parts.extend(_space(o.text) for o in child.iter("option") if o.get("selected") is not None)
        elif not _hidden(child):
            edge = "\n" if name in _BLOCKS else ""
            parts.append(edge + _flat(child, inner, depth + 1, reader) + (edge if name != "br" else ""))
        parts.append(_space(child.tail))
    return "".join(parts)
