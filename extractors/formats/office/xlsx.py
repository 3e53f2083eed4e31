"""Workbooks (xlsx): the cells of every sheet as the sheet shows them.

Here: the parts of the container -> SheetCells. Not here: what all workbooks have in common (workbook.py), how a number
format prints (number_format.py).

The markup is walked with lxml, a row at a time, so that a sheet of any size costs little memory. openpyxl stops at
colours, names and filters that other programs write, and keeps what is hidden or struck out to itself while it streams;
calamine gives no number formats: a rate of 95.08% comes out as 0.9508.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container
from extractors.formats.office.number_format import builtin
from extractors.formats.office.workbook import (
    Range,
    SheetCells,
    check_sheet_count,
    collect,
)
from extractors.formats.runs import Run
from extractors.formats.symbols import is_symbol_font, is_symbol_text, seen
from extractors.grid import Sheets, Unreadable

UNCACHED = "的公式没有保存计算结果，请用 Excel 打开并保存后再放入。"
_BROKEN = "工作簿已损坏，请用 Excel 或 WPS 打开后另存为 xlsx。"
_LAST_ROW = 1_048_576  # of a sheet of xlsx
_FIRST_OWN_FORMAT = 164
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TRUE = ("1", "true")
_LEAST_HEIGHT = 1.0
"""Points of a row, and below it characters of a column, under which nothing is seen."""
_LEAST_WIDTH = 0.1
_HEAD_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d{1,3}|[LCRBIUSEXYOHladsc])', re.IGNORECASE)
_HEAD_FIELD = re.compile("&[PNDTAFGZ]", re.IGNORECASE)


class _Font(NamedTuple):
    struck: bool = False
    raised: int = 0
    white: bool = False
    symbol: str | None = None


class _Style(NamedTuple):
    """How a cell looks: its number format, its font, whether its ground is white and whether lines frame it."""

    code: str = "General"
    font: _Font = _Font()
    shaded: bool = False
    ruled: bool = False

    @property
    def plain(self) -> bool:
        return self.font == _Font()


def read_xlsx(container: Container, limits: Limits) -> Sheets:
    """One grid per visible sheet that holds text; locators are `sheet!A1`.

    What the sheet does not show (hidden sheets, rows and columns, ;;;, white on white) or shows struck out or raised
    is a problem HIDDEN_CONTENT or MARKED_TEXT.
    Raises Unreadable with CORRUPT, BOMB, TOO_DEEP, TOO_BIG or EMPTY.
    """
    root = container.tree("xl/workbook.xml")
    targets = container.targets("xl/workbook.xml")
    listed = [
        (element.get("name", ""), targets.get(_relation_id(element), ""), element.get("state", "visible"))
        for element in root.iter("{*}sheet")
    ]
    listed = [entry for entry in listed if entry[1] in container.names]
    check_sheet_count(len(listed), limits)
    parts = {part for _, part, _ in listed}
    if sum(container.size(part) for _, part, _ in listed) > limits.max_inflated:
        raise Unreadable(ReasonCode.BOMB, "工作簿解压后大得不正常，请重新另存后再放入。")
    container.refuse_entities(leaving=parts)
    properties = root.find("{*}workbookPr")
    book = _Book(container, _looks(container, targets), properties is not None and properties.get("date1904") in _TRUE)
    book.read_strings(_named(container, targets, "sharedstrings.xml"))
    return collect("xlsx", (book.sheet(*entry) for entry in listed), limits)


def _relation_id(element: etree._Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _named(container: Container, targets: dict[str, str], ending: str) -> str | None:
    """The part that the workbook refers to, or that some programs leave without a reference, by its name."""
    parts = (*targets.values(), *sorted(container.names))
    return next((part for part in parts if part.lower().endswith(ending) and part in container.names), None)


# ── styles ─────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Looks:
    styles: list[_Style] = field(default_factory=lambda: [_Style()])
    formats_by_rule: set[int] = field(default_factory=set)
    """Conditional styles that change the number format."""
    any_white: bool = False


def _looks(container: Container, targets: dict[str, str]) -> _Looks:
    """The styles of the workbook's cells, by their numbers."""
    part = _named(container, targets, "styles.xml")
    if part is None:
        return _Looks()
    root = container.tree(part)
    codes = {_int(e.get("numFmtId")): e.get("formatCode", "General") for e in root.iterfind("{*}numFmts/{*}numFmt")}
    fonts = [_font(element) for element in root.iterfind("{*}fonts/{*}font")]
    shades = [_is_shaded(element) for element in root.iterfind("{*}fills/{*}fill")]
    frames = [
        any(side.get("style", "none") != "none" for tag in ("top", "bottom") for side in border.iterfind(f"{{*}}{tag}"))
        for border in root.iterfind("{*}borders/{*}border")
    ]
    looks = _Looks([])
    for xf in root.iterfind("{*}cellXfs/{*}xf"):
        number = _int(xf.get("numFmtId"))
        code = codes.get(number, "General") if number >= _FIRST_OWN_FORMAT else builtin(number)
        font, fill, border = (_int(xf.get(key)) for key in ("fontId", "fillId", "borderId"))
        looks.styles.append(
            _Style(
                code,
                fonts[font] if font < len(fonts) else _Font(),
                fill < len(shades) and shades[fill],
                border < len(frames) and frames[border],
            )
        )
    looks.styles = looks.styles or [_Style()]
    looks.any_white = any(style.font.white and not style.shaded for style in looks.styles)
    changed = (n for n, dxf in enumerate(root.iterfind("{*}dxfs/{*}dxf")) if dxf.find("{*}numFmt") is not None)
    looks.formats_by_rule.update(changed)
    return looks


def _font(element: etree._Element | None) -> _Font:
    struck, raised, white, symbol = False, 0, False, None
    for child in element if element is not None else ():
        name = str(child.tag).rpartition("}")[2]
        value = child.get("val", "")
        if name == "strike":
            struck = value not in ("0", "false")
        elif name == "vertAlign":
            raised = {"superscript": 1, "subscript": -1}.get(value, 0)
        elif name == "color":
            white = _is_white(child)
        elif name in ("name", "rFont") and is_symbol_font(value):
            symbol = value
    return _Font(struck, raised, white, symbol)


def _is_white(colour: etree._Element) -> bool:
    try:
        tinted = abs(float(colour.get("tint", "0"))) > 0.01
    except ValueError:
        tinted = False
    return not tinted and (
        colour.get("rgb", "").upper()[-6:] == "FFFFFF"
        or colour.get("theme") == "0"
        or colour.get("indexed") in ("1", "9")
    )


def _is_shaded(fill: etree._Element) -> bool:
    pattern = fill.find("{*}patternFill")
    if pattern is None:
        return fill.find("{*}gradientFill") is not None
    kind = pattern.get("patternType", "none")
    ground = pattern.find("{*}fgColor")
    if kind == "none":
        return False
    return kind != "solid" or (ground is not None and not _is_white(ground) and ground.get("indexed") != "65")


def _int(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0


# ── the workbook ───────────────────────────────────────────────────────────────

_Text = str | list[tuple[str, _Font | None]]
"""A text of one style, or runs; a run without a font of its own has the cell's."""


@dataclass(slots=True)
class _Book:
    container: Container
    looks: _Looks
    epoch_1904: bool
    strings: list[_Text] = field(default_factory=list)
    length: int = 0

    def read_strings(self, part: str | None) -> None:
        """The table of texts that cells share."""
        if part is None:
            return
        for element in self.container.events(part, "si"):
            self.strings.append(_string(element))
            _done(element)

    def sheet(self, name: str, part: str, state: str) -> SheetCells:
        """A sheet with the texts that its cells show."""
        reader = _SheetReader(self, SheetCells(name, hidden=state in ("hidden", "veryHidden")), part)
        reader.run()
        return reader.sheet


def _string(element: etree._Element) -> _Text:
    """The text of a shared or inline string, without the reading aids over it (rPh)."""
    runs = element.findall("{*}r")
    if not runs:
        return _unescaped("".join(t.text or "" for t in element.iterfind("{*}t")))
    parts: list[tuple[str, _Font | None]] = [(t.text or "", None) for t in element.iterfind("{*}t")]
    for run in runs:
        properties = run.find("{*}rPr")
        text = _unescaped("".join(t.text or "" for t in run.iterfind("{*}t")))
        parts.append((text, None if properties is None else _font(properties)))
    return parts


def _unescaped(text: str) -> str:
    """The text with the characters that XML cannot hold: _x000D_ is a line end."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _done(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


@dataclass(slots=True)
class _SheetReader:
    book: _Book
    sheet: SheetCells
    part: str
    row: int = 0
    count: int = 0
    no_zeros: bool = False
    coloured: list[Range] = field(default_factory=list)
    """Where rules or tables may give a white text a dark ground."""
    reformatted: list[Range] = field(default_factory=list)

    def run(self) -> None:
        """Read the part."""
        if self.book.looks.any_white or self.book.looks.formats_by_rule:
            self._rules()
        tags = ("row", "mergeCell", "col", "sheetView", "oddHeader", "oddFooter", "drawing")
        drawings: list[str] = []
        for element in self.book.container.events(self.part, *tags):
            name = str(element.tag).rpartition("}")[2]
            if name == "row":
                self._row(element)
                _done(element)
            elif name == "mergeCell":
                if span := _range(element.get("ref", "")):
                    self.sheet.merged.append(span)
                _done(element)
            elif name == "col":
                self._columns(element)
            elif name == "sheetView":
                self.no_zeros = element.get("showZeros") in ("0", "false")
            elif name == "oddHeader":
                self.sheet.above = _head_lines(element.text or "")
            elif name == "oddFooter":
                self.sheet.below = _head_lines(element.text or "")
            else:
                drawings.append(_relation_id(element))
        for drawing in drawings:
            self._text_boxes(self.book.container.targets(self.part).get(drawing, ""))

    def _rules(self) -> None:
        """The cells whose look depends on rules or tables, which nobody evaluates here."""
        tags = ("conditionalFormatting", "tablePart", "picture", "row")
        for element in self.book.container.events(self.part, *tags):
            name = str(element.tag).rpartition("}")[2]
            if name == "row":
                _done(element)
            elif name == "conditionalFormatting":
                spans = [span for ref in element.get("sqref", "").split() if (span := _range(ref))]
                self.coloured += spans
                rules = {_int(rule.get("dxfId")) for rule in element.iterfind("{*}cfRule") if rule.get("dxfId")}
                if rules & self.book.looks.formats_by_rule:
                    self.reformatted += spans
            else:
                self.coloured.append(Range(0, 0, _LAST_ROW, 1 << 14))

    def _columns(self, element: etree._Element) -> None:
        if element.get("hidden") in _TRUE or _below(element.get("width"), _LEAST_WIDTH):
            first, last = _int(element.get("min")), min(_int(element.get("max")), 1 << 14)
            self.sheet.hidden_cols.update(range(max(first - 1, 0), last))

    def _row(self, element: etree._Element) -> None:
        number = element.get("r", "")
        last, self.row = self.row, int(number) if number.isdecimal() else self.row + 1
        if not last < self.row <= _LAST_ROW:
            raise Unreadable(ReasonCode.CORRUPT, _BROKEN)
        self.count += len(element)
        limits = self.book.container.limits
        if self.count > limits.max_cells:
            raise Unreadable(ReasonCode.TOO_BIG, f"工作表超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        if element.get("hidden") in _TRUE or _below(element.get("ht"), _LEAST_HEIGHT):
            self.sheet.hidden_rows.add(self.row - 1)
        col = -1
        for cell in element.iterchildren("{*}c"):
            reference = _REFERENCE.fullmatch(cell.get("r", ""))
            col = _column(reference[1]) if reference else col + 1
            self._cell(cell, self.row - 1, col)
        if self.book.length > limits.max_text:
            raise Unreadable(ReasonCode.BOMB, "工作簿里的文字多得不正常，请重新另存后再放入。")

    def _cell(self, cell: etree._Element, row: int, col: int) -> None:
        number = _int(cell.get("s"))
        styles = self.book.looks.styles
        if number >= len(styles):
            raise Unreadable(ReasonCode.CORRUPT, _BROKEN)
        style = styles[number]
        if style.ruled:
            self.sheet.ruled.add((row, col))
        text = self._text(cell, style, row, col)
        self.book.length += len(text)
        self.sheet.texts[row, col] = text

    def _text(self, cell: etree._Element, style: _Style, row: int, col: int) -> str:
        kind = cell.get("t", "n")
        value = cell.findtext("{*}v") or ""
        if kind == "inlineStr":
            inline = cell.find("{*}is")
            return "" if inline is None else self._string(_string(inline), style, row, col)
        if not value:
            if kind != "str" and cell.find("{*}f") is not None:
                self.sheet.report(row, col, ReasonCode.BAD_VALUE, UNCACHED)
            return ""
        if kind == "s":
            index = int(value) if value.strip().isdecimal() else len(self.book.strings)
            if index >= len(self.book.strings):
                raise Unreadable(ReasonCode.CORRUPT, _BROKEN)
            return self._string(self.book.strings[index], style, row, col)
        if kind == "str":
            return self._string(_unescaped(value), style, row, col)
        if kind == "e":
            self.sheet.report(row, col, ReasonCode.BAD_VALUE, f"的公式出错（{value}），请改正后重新保存。", value)
            return value
        if kind == "b":
            return self._string("TRUE" if value.strip() in _TRUE else "FALSE", style, row, col)
        return self._number(_serial(value) if kind == "d" else _float(value), value, style, row, col)

    def _number(self, number: float | None, value: str, style: _Style, row: int, col: int) -> str:
        if number is None or number != number or abs(number) >= 1e300:
            self.sheet.report(row, col, ReasonCode.BAD_VALUE, f"里的「{value[:40]}」不是数，未读取。", value[:40])
            return ""
        if any(_inside(span, row, col) for span in self.reformatted):
            message = f"的数字格式由条件格式改变，数值 {number:.15g} 显示成什么无法得知，未读取，请改用普通格式。"
            self.sheet.report(row, col, ReasonCode.BAD_VALUE, message, f"{number:.15g}")
            return ""
        if self.no_zeros and not number:
            return ""
        text = self.sheet.text_of_number(row, col, number, style.code, self.book.epoch_1904)
        return text if style.plain or not text else self._styled([(text, None)], style, row, col)

    def _string(self, text: _Text, style: _Style, row: int, col: int) -> str:
        if isinstance(text, str) and style.plain and not is_symbol_text(text) and "«" not in text:
            found = cell_text(text)
        else:
            found = self._styled([(text, None)] if isinstance(text, str) else text, style, row, col)
        return self.sheet.text_by_format(row, col, found, style.code) if found else found

    def _styled(self, parts: list[tuple[str, _Font | None]], style: _Style, row: int, col: int) -> str:
        runs = []
        for text, own in parts:
            font = own or style.font
            hidden = font.white and not style.shaded and not any(_inside(s, row, col) for s in self.coloured)
            runs.append(Run(seen(text, font.symbol), font.struck, font.raised, hidden))
        return self.sheet.text_of_runs(row, col, runs)

    def _text_boxes(self, part: str) -> None:
        """The texts of boxes that lie over the sheet: read in the blank cell on which one lies, else told."""
        if part not in self.book.container.names:
            return
        covered = {
            (r, c): (s.row, s.col)
            for s in self.sheet.merged
            if (s.row_to - s.row + 1) * (s.col_to - s.col + 1) <= 10_000
            for r in range(s.row, s.row_to + 1)
            for c in range(s.col, s.col_to + 1)
        }
        for anchor in self.book.container.tree(part):
            row, col = (_int(anchor.findtext(f"{{*}}from/{{*}}{name}")) for name in ("row", "col"))
            paragraphs = anchor.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}p")
            text = cell_text("\n".join("".join(str(t) for t in p.itertext("{*}t")) for p in paragraphs))
            if not text:
                continue
            row, col = covered.get((row, col), (row, col))
            hidden = any(e.get("hidden") in _TRUE for e in anchor.iter("{*}cNvPr"))
            if hidden:
                self.sheet.texts.setdefault((row, col), "")
                self.sheet.hide(row, col, text)
            elif not self.sheet.texts.get((row, col)):
                self.sheet.texts[row, col] = text
            else:
                message = f"上有文本框，其中的「{text[:60]}」未读取，请核对。"
                self.sheet.report(row, col, ReasonCode.UNSUPPORTED, message, text)


def _head_lines(code: str) -> list[str]:
    """The lines of a page header or footer, without those that print a page number, a date or a name of a file."""
    parts = re.split(r"&[LCR]", code)
    lines = (cell_text(_HEAD_CODE.sub("", line)) for part in parts for line in part.split("\n"))
    return [line.replace("&&", "&") for line in lines if line and not _HEAD_FIELD.search(line)]


def _inside(span: Range, row: int, col: int) -> bool:
    return span.row <= row <= span.row_to and span.col <= col <= span.col_to


def _range(reference: str) -> Range | None:
    """A1:C3 as a range; None if it is none."""
    first, _, last = reference.partition(":")
    a, b = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
    if a is None or b is None:
        return None
    row, col, row_to, col_to = int(a[2]) - 1, _column(a[1]), int(b[2]) - 1, _column(b[1])
    return Range(row, col, row_to, col_to) if 0 <= row <= row_to and col <= col_to else None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _below(text: str | None, least: float) -> bool:
    """Whether a height or width is stated that shows nothing."""
    size = _float(text)
    return size is not None and size < least


def _serial(text: str) -> float | None:
    """A date as ISO 8601 writes it, in days since the end of 1899."""
    try:
        moment = datetime.fromisoformat(text.strip().removesuffix("Z"))
    except ValueError:
        return None
    return (moment - datetime(1899, 12, 30)).total_seconds() / 86400
