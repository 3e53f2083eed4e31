"""The sheets of a workbook (xlsx): each cell as the sheet shows it.

Here: the markup of one sheet -> SheetCells, a row at a time, so that a sheet of any size costs little memory. Not here:
the parts of the workbook (xlsx.py), styles (xlsx_styles.py), conditional formats (xlsx_rules.py), what lies over the
cells (xlsx_drawings.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.office.container import Container
from extractors.formats.office.workbook import UNCACHED, Range, SheetCells, column_number, head_lines, inside
from extractors.formats.office.xlsx_drawings import read_drawing
from extractors.formats.office.xlsx_rules import Rules
from extractors.formats.office.xlsx_styles import Change, Font, Looks, Style, read_font
from extractors.formats.runs import Run
from extractors.formats.symbols import is_symbol_text, seen
from extractors.grid import Unreadable

FORMULA_SHOWN = "所在的工作表设为显示公式，页面上是公式而不是结果，未读取，请取消「显示公式」后保存。"
BROKEN = "工作簿已损坏，请用 Excel 或 WPS 打开后另存为 xlsx。"
_LAST_ROW = 1_048_576  # of a sheet of xlsx
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TRUE = ("1", "true")
_LEAST_HEIGHT = 1.0
"""Points of a row, and below it characters of a column, under which nothing is seen."""
_LEAST_WIDTH = 0.5
Text = str | list[tuple[str, Font | None]]
"""A text of one style, or runs; a run without a font of its own has the cell's."""


@dataclass(slots=True)
class Book:
    """What the sheets of a workbook share: its parts, styles, texts; `length`: the characters of all cells so far."""

    container: Container
    looks: Looks
    epoch_1904: bool
    strings: list[Text] = field(default_factory=list)
    length: int = 0
    recalculated: bool = False
    """Excel is to work out all formulas when it opens the file: the results in it may be placeholders."""

    def sheet(self, name: str, part: str, state: str) -> SheetCells:
        """A sheet with the texts that its cells show."""
        reader = _SheetReader(self, SheetCells(name, hidden=state in ("hidden", "veryHidden")), part)
        reader.run()
        return reader.sheet


def read_string(element: etree._Element) -> Text:
    """The text of a shared or inline string, without the reading aids over it (rPh)."""
    runs = element.findall("{*}r")
    if not runs:
        return _unescaped("".join(t.text or "" for t in element.iterfind("{*}t")))
    parts: list[tuple[str, Font | None]] = [(t.text or "", None) for t in element.iterfind("{*}t")]
    for run in runs:
        properties = run.find("{*}rPr")
        text = _unescaped("".join(t.text or "" for t in run.iterfind("{*}t")))
        parts.append((text, None if properties is None else read_font(properties)))
    return parts


def _unescaped(text: str) -> str:
    """The text with the characters that XML cannot hold: _x000D_ is a line end."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def done(element: etree._Element) -> None:
    """Let go of an element that was read, and of those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and parent[0] is not element:
        del parent[0]


@dataclass(slots=True)
class _SheetReader:
    book: Book
    sheet: SheetCells
    part: str
    row: int = 0
    count: int = 0
    no_zeros: bool = False
    shows_formulas: bool = False
    coloured: list[Range] = field(default_factory=list)
    """Where rules or tables may give the ground another colour."""
    rules: Rules = field(default_factory=Rules)

    def run(self) -> None:
        """Read the part."""
        if self.book.looks.any_unseen or self.book.looks.changes:
            self._rules()
        tags = ("row", "mergeCell", "col", "sheetFormatPr", "sheetView", "oddHeader", "oddFooter", "drawing",
                "conditionalFormatting")  # fmt: skip
        drawings: list[str] = []
        for element in self.book.container.events(self.part, *tags):
            name = str(element.tag).rpartition("}")[2]
            if name == "row":
                self._row(element)
                done(element)
            elif name == "mergeCell":
                if span := _range(element.get("ref", "")):
                    self.sheet.merged.append(span)
                done(element)
            elif name == "col":
                self._columns(element)
            elif name == "sheetFormatPr":
                self.sheet.usual_width = _float(element.get("defaultColWidth")) or self.sheet.usual_width
            elif name == "sheetView":
                self.no_zeros = element.get("showZeros") in ("0", "false")
                self.shows_formulas = element.get("showFormulas") in _TRUE
            elif name == "oddHeader":
                self.sheet.above = head_lines(element.text or "")
            elif name == "oddFooter":
                self.sheet.below = head_lines(element.text or "")
            elif name == "conditionalFormatting":
                self._pictured(element)
            else:
                drawings.append(relation_id(element))
        self.sheet.blank_by_width()
        for drawing in drawings:
            read_drawing(self.book.container, self.book.container.targets(self.part).get(drawing, ""), self.sheet)

    def _pictured(self, formatting: etree._Element) -> None:
        """Blank and tell of figures for which a conditional format shows a bar or a sign alone."""
        if not any(e.get("showValue") in ("0", "false") for e in formatting.iter("{*}dataBar", "{*}iconSet")):
            return
        spans = _spans_of(formatting)
        for (row, col), text in sorted(self.sheet.texts.items()):
            if any(char.isdigit() for char in text) and any(inside(span, row, col) for span in spans):
                self.sheet.hide(row, col, text)
                self.sheet.texts[row, col] = ""

    def _rules(self) -> None:
        """The cells whose look depends on rules or tables, which nobody evaluates here."""
        tags = ("conditionalFormatting", "tablePart", "picture", "row")
        for element in self.book.container.events(self.part, *tags):
            name = str(element.tag).rpartition("}")[2]
            if name == "row":
                done(element)
            elif name == "conditionalFormatting":
                self.coloured += _spans_of(element)
                self.rules.add(element, self.book.looks.changes, _range)
            else:
                self.coloured.append(Range(0, 0, _LAST_ROW, 1 << 14))

    def _columns(self, element: etree._Element) -> None:
        if element.get("hidden") in _TRUE or _below(element.get("width"), _LEAST_WIDTH):
            first, last = _int(element.get("min")), min(_int(element.get("max")), 1 << 14)
            self.sheet.hidden_cols.update(range(max(first - 1, 0), last))
        elif (width := _float(element.get("width"))) is not None:
            first, last = _int(element.get("min")), min(_int(element.get("max")), 1 << 14)
            self.sheet.widths.update(dict.fromkeys(range(max(first - 1, 0), last), width))

    def _row(self, element: etree._Element) -> None:
        number = element.get("r", "")
        last, self.row = self.row, int(number) if number.isdecimal() else self.row + 1
        if not last < self.row <= _LAST_ROW:
            raise Unreadable(ReasonCode.CORRUPT, BROKEN)
        self.count += len(element)
        limits = self.book.container.limits
        if self.count > limits.max_cells:
            raise Unreadable(ReasonCode.TOO_BIG, f"工作表超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        if element.get("hidden") in _TRUE or _below(element.get("ht"), _LEAST_HEIGHT):
            self.sheet.hidden_rows.add(self.row - 1)
        col = -1
        for cell in element.iterchildren("{*}c"):
            reference = _REFERENCE.fullmatch(cell.get("r", ""))
            col = column_number(reference[1]) if reference else col + 1
            self._cell(cell, self.row - 1, col)
        if self.book.length > limits.max_text:
            raise Unreadable(ReasonCode.BOMB, "工作簿里的文字多得不正常，请重新另存后再放入。")

    def _cell(self, cell: etree._Element, row: int, col: int) -> None:
        number = _int(cell.get("s"))
        styles = self.book.looks.styles
        if number >= len(styles):
            raise Unreadable(ReasonCode.CORRUPT, BROKEN)
        style = styles[number]
        if style.ruled:
            self.sheet.ruled.add((row, col))
        if style.fills:
            self.sheet.filling[row, col] = style.wide
        text = self._text(cell, style, row, col)
        self.book.length += len(text)
        self.sheet.texts[row, col] = text

    def _text(self, cell: etree._Element, style: Style, row: int, col: int) -> str:
        kind = cell.get("t", "n")
        value = cell.findtext("{*}v") or ""
        if self.shows_formulas and cell.find("{*}f") is not None:
            self.sheet.report(row, col, ReasonCode.BAD_VALUE, FORMULA_SHOWN, value[:60] or None)
            return ""
        if self.book.recalculated and kind == "n" and _float(value) == 0 and cell.find("{*}f") is not None:
            self.sheet.report(row, col, ReasonCode.BAD_VALUE, UNCACHED)
            return ""
        if kind == "inlineStr":
            inline = cell.find("{*}is")
            return "" if inline is None else self._string(read_string(inline), style, row, col)
        if not value:
            if kind != "str" and cell.find("{*}f") is not None:
                self.sheet.report(row, col, ReasonCode.BAD_VALUE, UNCACHED)
            return ""
        if kind == "s":
            index = int(value) if value.strip().isdecimal() else len(self.book.strings)
            if index >= len(self.book.strings):
                raise Unreadable(ReasonCode.CORRUPT, BROKEN)
            return self._string(self.book.strings[index], style, row, col)
        if kind == "str":
            return self._string(_unescaped(value), style, row, col)
        if kind == "e":
            self.sheet.report(row, col, ReasonCode.BAD_VALUE, f"的公式出错（{value}），请改正后重新保存。", value)
            return value
        if kind == "b":
            return self._string("TRUE" if value.strip() in _TRUE else "FALSE", style, row, col)
        return self._number(_serial(value) if kind == "d" else _float(value), value, style, row, col)

    def _number(self, number: float | None, value: str, style: Style, row: int, col: int) -> str:
        if number is None or number != number or abs(number) >= 1e300:
            self.sheet.report(row, col, ReasonCode.BAD_VALUE, f"里的「{value[:40]}」不是数，未读取。", value[:40])
            return ""
        ruled = self._ruled(style, row, col, number, f"{number:.15g}")
        if ruled is None:
            return ""
        style, hidden = ruled
        if self.no_zeros and not number:
            return ""
        text = self.sheet.text_of_number(row, col, number, style.code, self.book.epoch_1904)
        if hidden and text:
            self.sheet.hide(row, col, text)
            return ""
        if self.sheet.widths and text and not style.fits:
            self.sheet.measure(row, col, text, style.code, style.wide)
        return text if style.plain or not text else self._styled([(text, None)], style, row, col)

    def _ruled(self, style: Style, row: int, col: int, value: float | str, shown: str) -> tuple[Style, bool] | None:
        """A cell's style as conditional formats change it, and whether they hide it; None and told if unknown."""
        change = self.rules.change(row, col, value) if self.rules.rules else Change()
        if change is None:
            message = f"的显示由条件格式决定，「{shown[:60]}」显示成什么无法得知，未读取，请改用普通格式。"
            self.sheet.report(row, col, ReasonCode.BAD_VALUE, message, shown)
            return None
        if change.struck:
            style = style._replace(font=style.font._replace(struck=True), plain=False)
        return style._replace(code=change.code or style.code), change.hidden

    def _string(self, text: Text, style: Style, row: int, col: int) -> str:
        if self.rules.rules:
            whole = text if isinstance(text, str) else "".join(part for part, _ in text)
            ruled = self._ruled(style, row, col, whole, whole) if whole.strip() else (style, False)
            if ruled is None:
                return ""
            style, hidden = ruled
            if hidden:
                self.sheet.hide(row, col, whole)
                return ""
        if isinstance(text, str) and style.plain and not is_symbol_text(text) and "«" not in text:
            found = cell_text(text)
        else:
            found = self._styled([(text, None)] if isinstance(text, str) else text, style, row, col)
        return self.sheet.text_by_format(row, col, found, style.code) if found else found

    def _styled(self, parts: list[tuple[str, Font | None]], style: Style, row: int, col: int) -> str:
        runs = []
        for text, own in parts:
            font = (
                own._replace(struck=own.struck or style.font.struck) if own and self.rules.rules else own or style.font
            )
            hidden = style.hides(font)
            if hidden and any(inside(s, row, col) for s in self.coloured):
                hidden = 0
            runs.append(Run(seen(text, font.symbol), font.struck, font.raised, hidden))
        return self.sheet.text_of_runs(row, col, runs)


def _spans_of(formatting: etree._Element) -> list[Range]:
    """The ranges of a conditional format."""
    where = formatting.get("sqref") or formatting.findtext("{*}sqref") or ""
    return [span for reference in where.split() if (span := _range(reference))]


def relation_id(element: etree._Element) -> str:
    """The id by which an element refers to a part."""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _int(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0


def _range(reference: str) -> Range | None:
    """A1:C3 as a range; None if it is none."""
    first, _, last = reference.partition(":")
    a, b = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last or first)
    if a is None or b is None:
        return None
    row, col, row_to, col_to = int(a[2]) - 1, column_number(a[1]), int(b[2]) - 1, column_number(b[1])
    return Range(row, col, row_to, col_to) if 0 <= row <= row_to and col <= col_to else None


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
