"""OpenDocument workbooks (ods): the texts that the program has written down as its cells show them.

Here: content.xml -> xlsx. Not here: text documents (odt), which LibreOffice converts.

The markup is read directly: every cell holds its text as it is shown (95.08%, 2023年5月), and hidden rows, columns and
sheets, merged cells and struck-out text stand beside it. calamine gives the values only: a rate comes out as 0.9508,
and nothing says what is hidden.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.colours import BLACK, WHITE, alike, of_hex
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container
from extractors.formats.office.workbook import Range, column_number, inside
from extractors.formats.rewritten.plain_workbook import UNKNOWN_FORMAT, Look, PlainCell, PlainSheet, TextRun, as_xlsx
from extractors.formats.rewritten.xml_document import attribute, count, local
from extractors.formats.runs import BLACKED_OUT
from extractors.formats.symbols import UNKNOWN
from extractors.grid import Unreadable

_GROUPS = frozenset(
    ("table-columns", "table-header-columns", "table-column-group", "table-rows", "table-header-rows",
     "table-row-group", "soft-page-break")
)  # fmt: skip
_UNSEEN = ("collapse", "filter")
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(cm|in|mm|pt)")
_POINTS = {"cm": 28.35, "in": 72.0, "mm": 2.835, "pt": 1.0}
_LEAST = {"column-width": 3.0, "row-height": 1.0}
"""Points of a column or row below which nothing is seen."""
_NO_SIZE = re.compile(r"(?:0(?:\.\d+)?|1(?:\.0*)?)pt")
_NOT_SHOWN = frozenset(("annotation", "ruby-text", "note", "tracked-changes", "frame", "custom-shape", "bookmark"))


def ods_as_xlsx(container: Container, limits: Limits) -> bytes:
    """The workbook as xlsx. Raises Unreadable with ENCRYPTED, CORRUPT, BOMB, TOO_DEEP, TOO_BIG or EMPTY."""
    check_open(container)
    root = container.tree("content.xml")
    common = container.tree("styles.xml") if "styles.xml" in container.names else None
    reader = _Reader(root, common, limits)
    return as_xlsx([reader.sheet(table) for table in root.iterfind("{*}body/{*}spreadsheet/{*}table")])


def check_open(container: Container) -> None:
    """Raise ENCRYPTED for a document with a password: its parts are encrypted one by one, the list of them says so."""
    if "META-INF/manifest.xml" in container.names:
        for entry in container.events("META-INF/manifest.xml", "encryption-data"):
            if entry is not None:
                raise Unreadable(ReasonCode.ENCRYPTED, "文件有打开密码，请去掉密码后再放入。")


_Marks = dict[str, str]
"""The properties of a style that decide what is seen."""
_SEEN = ("text-line-through-style", "text-line-through-type", "text-position", "color", "background-color", "font-size",
         "use-window-font-color", "repeat-content")  # fmt: skip
_COMPARED = re.compile(r"\s*(?:cell-content\(\)|value\(\))?\s*(<>|!=|<=|>=|=|<|>)\s*(-?\d+(?:\.\d+)?)\s*")
_BETWEEN = re.compile(r"\s*(cell-content-is-)?(not-)?between\(\s*(-?\d+(?:\.\d+)?)\s*[,;]\s*(-?\d+(?:\.\d+)?)\s*\)")
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
    "<>": operator.ne,
}  # fmt: skip
_CORNER = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ERROR = re.compile(r"#[A-Z/0?]+[!?]?|#N/A|Err:\d{3}")


@dataclass(slots=True)
class _Style:
    """A style: its marks, the style of its data, its parent, the conditions under which it becomes another."""

    marks: _Marks
    data: str
    parent: str
    maps: list[tuple[str, str]]
    nothing: bool
    """It has no width, no height, or is not displayed."""


class _Reader:
    def __init__(self, root: etree._Element, common: etree._Element | None, limits: Limits) -> None:
        self.limits = limits
        self.styles: dict[str, _Style] = {}
        for group in [] if common is None else common.iterfind("{*}styles"):
            self._read_styles(group)
        for group in root.iterfind("{*}automatic-styles"):
            self._read_styles(group)
        self.conditions: list[tuple[list[Range], str, str]] = []
        """Of the sheet that is read: ranges, condition, the style that it gives."""

    def _read_styles(self, group: etree._Element) -> None:
        for style in group:
            if local(style) not in ("style", "default-style"):
                continue
            marks: _Marks = {}
            maps: list[tuple[str, str]] = []
            nothing = False
            for part in style:
                if local(part) == "map":
                    maps.append((attribute(part, "condition"), attribute(part, "apply-style-name")))
                marks |= {name: value for name in _SEEN if (value := attribute(part, name))}
                if local(part) == "text-properties" and attribute(part, "display") == "none":
                    marks["display"] = "none"
                if local(part) == "table-properties" and attribute(part, "display") == "false":
                    nothing = True
                nothing |= any(_points(attribute(part, name), least) < least for name, least in _LEAST.items())
            name = attribute(style, "name") or f"default {attribute(style, 'family')}"
            data, parent = attribute(style, "data-style-name"), attribute(style, "parent-style-name")
            self.styles[name] = _Style(marks, data, parent, maps, nothing)

    def _chain(self, name: str) -> list[_Style]:
        """A style and those that it is made of, the last first."""
        chain: list[_Style] = []
        while (style := self.styles.get(name)) is not None and style not in chain:
            chain.insert(0, style)
            name = style.parent
        return chain

    def _marks(self, name: str) -> _Marks:
        return {key: value for style in self._chain(name) for key, value in style.marks.items()}

    def _is_nothing(self, element: etree._Element) -> bool:
        style = self.styles.get(attribute(element, "style-name"))
        return style is not None and style.nothing

    def sheet(self, table: etree._Element) -> PlainSheet:
        sheet = PlainSheet(attribute(table, "name"), hidden=self._is_nothing(table))
        self.conditions = list(_conditions(table))
        of_columns: dict[int, str] = {}
        row = col = 0
        for element in _rows_and_columns(table):
            repeated = count(attribute(element, f"number-{local(element)[6:]}s-repeated"))
            unseen = attribute(element, "visibility") in _UNSEEN or self._is_nothing(element)
            if local(element) == "table-column":
                places = range(col, min(col + repeated, self.limits.max_columns))
                of_columns.update(dict.fromkeys(places, attribute(element, "default-cell-style-name")))
                if unseen:
                    sheet.hidden_cols.update(places)
                col += repeated
                continue
            filled = any(local(part) == "p" for part in element.iter())
            for number in range(row, row + repeated if filled else row + 1):
                if unseen:
                    sheet.hidden_rows.add(number)
                self._row(element, number, sheet, of_columns)
            row += repeated
        return sheet

    def _row(self, element: etree._Element, row: int, sheet: PlainSheet, of_columns: dict[int, str]) -> None:
        col = 0
        usual = attribute(element, "default-cell-style-name")
        for source in element:
            if local(source) not in ("table-cell", "covered-table-cell"):
                continue
            repeated = count(attribute(source, "number-columns-repeated"))
            rows = count(attribute(source, "number-rows-spanned"))
            cols = count(attribute(source, "number-columns-spanned"))
            style = attribute(source, "style-name") or usual or of_columns.get(col, "") or "Default"
            cell = self._cell(source, style, row, col)
            if rows * cols > 1:
                sheet.merged.append((row, col, row + max(rows, 1) - 1, col + max(cols, 1) - 1))
            if cell.runs or cell.number is not None or cell.uncached:
                for number in range(col, col + repeated):
                    sheet.add(row, number, cell, self.limits)
            elif repeated < self.limits.max_columns:
                for number in range(col, col + repeated):
                    sheet.add(row, number, PlainCell(), self.limits)
            col += repeated

    def _cell(self, source: etree._Element, style: str, row: int, col: int) -> PlainCell:
        """A cell; with more than its own text where it is blank and a frame lies over it."""
        value, kind = attribute(source, "value"), attribute(source, "value-type")
        marks = self._marks("default table-cell") | self._marks(style)
        changed = self._changed(style, marks, row, col, value)
        look = _look(changed or marks)
        lines = [list(self._runs(p, changed or marks)) for p in source if local(p) == "p"]
        if changed is None and value and lines:
            return PlainCell(number=_float(value), look=look._replace(code=UNKNOWN_FORMAT))
        if not lines and attribute(source, "formula") and not kind:
            return PlainCell(look=look, uncached=True)
        if not any(run[0].strip() for line in lines for run in line):
            frames = [p for part in source if local(part) in ("frame", "custom-shape") for p in part.iter("{*}p")]
            lines = [list(self._runs(p, {})) for p in frames] or lines
            if not lines and any(part.find("{*}image") is not None for part in source if local(part) == "frame"):
                lines = [[(UNKNOWN, look)]]  # a picture may show a value
        elif any(p.text for part in source if local(part) in ("frame", "custom-shape") for p in part.iter("{*}p")):
            lines[0].append((UNKNOWN, look))  # another text lies over the cell's
        runs = [run for number, line in enumerate(lines) for run in ([("\n", look)] if number else []) + line]
        if not lines and value:  # a program that leaves showing it to others
            code = "0.00%" if kind == "percentage" else "General"
            number = _float(value)
            return PlainCell() if number is None else PlainCell(number=number, look=look._replace(code=code))
        if not lines and (value := attribute(source, "date-value") or attribute(source, "string-value")):
            return PlainCell(runs=[(value, look)], look=look)
        text = "".join(run[0] for run in runs).strip()
        wrong = bool(attribute(source, "formula")) and _ERROR.fullmatch(text) is not None
        return PlainCell(runs=runs, look=look, error=wrong)

    def _changed(self, style: str, marks: _Marks, row: int, col: int, value: str) -> _Marks | None:
        """The marks that a cell has under the conditions of its sheet and style; None where they cannot be known."""
        maps = [pair for one in self._chain(style) for pair in one.maps]
        maps += [(c, name) for spans, c, name in self.conditions if any(inside(span, row, col) for span in spans)]
        number = _float(value)
        for condition, name in maps:
            other = self._marks(name)
            shows_otherwise = any(one.data for one in self._chain(name))
            if _look({**marks, **other}) == _look(marks) and not shows_otherwise:
                continue
            holds = _holds(condition, number)
            if holds is None or (holds and shows_otherwise):
                return None if number is not None else marks
            if holds:
                return {**marks, **other}
        return marks

    def _runs(self, element: etree._Element, marks: _Marks) -> Iterator[TextRun]:
        look = _look(marks)
        if element.text:
            yield element.text, look
        for child in element:
            name = local(child)
            if name == "s":
                yield " " * min(count(attribute(child, "c")), 1000), look
            elif name in ("tab", "line-break"):
                yield ("\n" if name == "line-break" else " "), look
            elif name and name not in _NOT_SHOWN:
                yield from self._runs(child, marks | self._marks(attribute(child, "style-name")))
            if child.tail:
                yield child.tail, look


def _look(marks: _Marks) -> Look:
    """How a text with these marks looks."""
    struck = any(marks.get(f"text-line-through-{name}", "none") != "none" for name in ("style", "type"))
    position = marks.get("text-position", "")
    raised = -1 if position.startswith(("sub", "-")) else int(position[:5] == "super")
    if not raised and position[:1].isdigit() and not position.startswith("0"):
        raised = 1
    colour = BLACK if marks.get("use-window-font-color") == "true" else of_hex(marks.get("color")) or BLACK
    ground = of_hex(marks.get("background-color")) or WHITE
    hidden = int(marks.get("display") == "none" or _NO_SIZE.fullmatch(marks.get("font-size", "")) is not None)
    if alike(colour, ground):
        hidden = 1 if ground == WHITE else BLACKED_OUT
    return Look(struck=struck, raised=raised, hidden=hidden, fills=marks.get("repeat-content") == "true")


def _conditions(table: etree._Element) -> Iterator[tuple[list[Range], str, str]]:
    """The conditional formats of a sheet: where they hold, under which condition, the style that they give."""
    for formats in table.iterfind("{*}conditional-formats/{*}conditional-format"):
        spans = []
        for reference in attribute(formats, "target-range-address").split():
            first, _, last = reference.partition(":")
            corners = [_CORNER.fullmatch(end.rpartition(".")[2]) for end in (first, last or first)]
            if corners[0] is not None and corners[1] is not None:
                (left, top), (right, bottom) = ((column_number(c[1]), int(c[2]) - 1) for c in corners if c)
                spans.append(Range(top, left, bottom, right))
        for condition in formats.iterfind("{*}condition"):
            yield spans, attribute(condition, "value"), attribute(condition, "apply-style-name")


def _holds(condition: str, number: float | None) -> bool | None:
    """Whether a condition holds for a number; None where that cannot be known."""
    if number is None:
        return None
    if found := _COMPARED.fullmatch(condition):
        return _SIGNS[found[1]](number, float(found[2]))
    if found := _BETWEEN.fullmatch(condition):
        low, high = sorted((float(found[3]), float(found[4])))
        return (low <= number <= high) != bool(found[2])
    return None


def _points(length: str, otherwise: float) -> float:
    """A length in points."""
    found = _LENGTH.fullmatch(length)
    return float(found[1]) * _POINTS[found[2]] if found is not None else otherwise


def _float(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _rows_and_columns(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if local(child) in _GROUPS:
            yield from _rows_and_columns(child)
        elif local(child) in ("table-column", "table-row"):
            yield child
