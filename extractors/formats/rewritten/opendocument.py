"""OpenDocument workbooks (ods): the texts that the program has written down as its cells show them.

Here: content.xml -> xlsx. Not here: text documents (odt), which LibreOffice converts.

The markup is read directly: every cell holds its text as it is shown (95.08%, 2023年5月), and hidden rows, columns and
sheets, merged cells and struck-out text stand beside it. calamine gives the values only: a rate comes out as 0.9508,
and nothing says what is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container
from extractors.formats.rewritten.plain_workbook import PLAIN, Look, PlainCell, PlainSheet, TextRun, as_xlsx
from extractors.formats.rewritten.xml_document import attribute, count, local
from extractors.grid import Unreadable

_GROUPS = frozenset(
    ("table-columns", "table-header-columns", "table-column-group", "table-rows", "table-header-rows",
     "table-row-group", "soft-page-break")
)  # fmt: skip
_UNSEEN = ("collapse", "filter")
_NOT_SHOWN = frozenset(("annotation", "ruby-text", "note", "tracked-changes", "frame", "custom-shape", "bookmark"))


def ods_as_xlsx(container: Container, limits: Limits) -> bytes:
    """The workbook as xlsx. Raises Unreadable with ENCRYPTED, CORRUPT, BOMB, TOO_DEEP, TOO_BIG or EMPTY."""
    check_open(container)
    root = container.tree("content.xml")
    reader = _Reader(root, limits)
    return as_xlsx([reader.sheet(table) for table in root.iterfind("{*}body/{*}spreadsheet/{*}table")])


def check_open(container: Container) -> None:
    """Raise ENCRYPTED for a document with a password: its parts are encrypted one by one, the list of them says so."""
    if "META-INF/manifest.xml" in container.names:
        for entry in container.events("META-INF/manifest.xml", "encryption-data"):
            if entry is not None:
                raise Unreadable(ReasonCode.ENCRYPTED, "文件有打开密码，请去掉密码后再放入。")


class _Reader:
    def __init__(self, root: etree._Element, limits: Limits) -> None:
        self.limits = limits
        self.hidden_styles: set[str] = set()
        self.looks: dict[str, Look] = {}
        for style in root.iterfind("{*}automatic-styles/{*}style"):
            name = attribute(style, "name")
            for properties in style:
                if local(properties) == "table-properties" and attribute(properties, "display") == "false":
                    self.hidden_styles.add(name)
                elif local(properties) == "text-properties":
                    struck = attribute(properties, "text-line-through-style") not in ("", "none")
                    position = attribute(properties, "text-position")
                    raised = -1 if position.startswith(("sub", "-")) else int(position[:5] == "super")
                    if not raised and position[:1].isdigit() and not position.startswith("0"):
                        raised = 1
                    self.looks[name] = Look(struck=struck, raised=raised)

    def sheet(self, table: etree._Element) -> PlainSheet:
        sheet = PlainSheet(attribute(table, "name"), hidden=attribute(table, "style-name") in self.hidden_styles)
        row = col = 0
        for element in _rows_and_columns(table):
            repeated = count(attribute(element, f"number-{local(element)[6:]}s-repeated"))
            unseen = attribute(element, "visibility") in _UNSEEN
            if local(element) == "table-column":
                if unseen:
                    sheet.hidden_cols.update(range(col, min(col + repeated, self.limits.max_columns)))
                col += repeated
                continue
            filled = any(local(part) == "p" for part in element.iter())
            for number in range(row, row + repeated if filled else row + 1):
                if unseen:
                    sheet.hidden_rows.add(number)
                self._row(element, number, sheet)
            row += repeated
        return sheet

    def _row(self, element: etree._Element, row: int, sheet: PlainSheet) -> None:
        col = 0
        for source in element:
            if local(source) not in ("table-cell", "covered-table-cell"):
                continue
            repeated = count(attribute(source, "number-columns-repeated"))
            rows = count(attribute(source, "number-rows-spanned"))
            cols = count(attribute(source, "number-columns-spanned"))
            cell = self._cell(source)
            if rows * cols > 1:
                sheet.merged.append((row, col, row + max(rows, 1) - 1, col + max(cols, 1) - 1))
            if cell.runs or cell.number is not None:
                for number in range(col, col + repeated):
                    sheet.add(row, number, cell, self.limits)
            elif repeated < self.limits.max_columns:
                for number in range(col, col + repeated):
                    sheet.add(row, number, PlainCell(), self.limits)
            col += repeated

    def _cell(self, source: etree._Element) -> PlainCell:
        look = self.looks.get(attribute(source, "style-name"), PLAIN)
        lines = [list(self._runs(p, look)) for p in source if local(p) == "p"]
        runs = [run for number, line in enumerate(lines) for run in ([("\n", look)] if number else []) + line]
        if not lines and (value := attribute(source, "value")):  # a program that leaves showing it to others
            try:
                code = "0.00%" if attribute(source, "value-type") == "percentage" else "General"
                return PlainCell(number=float(value), look=look._replace(code=code))
            except ValueError:
                return PlainCell()
        if not lines and (value := attribute(source, "date-value") or attribute(source, "string-value")):
            return PlainCell(runs=[(value, look)], look=look)
        return PlainCell(runs=runs, look=look)

    def _runs(self, element: etree._Element, look: Look) -> Iterator[TextRun]:
        if element.text:
            yield element.text, look
        for child in element:
            name = local(child)
            if name == "s":
                yield " " * min(count(attribute(child, "c")), 1000), look
            elif name in ("tab", "line-break"):
                yield ("\n" if name == "line-break" else " "), look
            elif name and name not in _NOT_SHOWN:
                yield from self._runs(child, self.looks.get(attribute(child, "style-name"), look))
            if child.tail:
                yield child.tail, look


def _rows_and_columns(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if local(child) in _GROUPS:
            yield from _rows_and_columns(child)
        elif local(child) in ("table-column", "table-row"):
            yield child
