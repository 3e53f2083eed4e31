"""Workbooks (xlsx): the parts of the container, and the sheets in their order.

Here: the parts of the container -> Sheets. Not here: the cells (xlsx_sheet.py), styles (xlsx_styles.py), what all
workbooks have in common (workbook.py).

The markup is walked with lxml. openpyxl stops at colours, names and filters that other programs write, and keeps what
is hidden or struck out to itself while it streams; calamine gives no number formats: 95.08% comes out as 0.9508.
"""

from __future__ import annotations

from extractors.codes import ReasonCode
from extractors.formats.limits import Limits
from extractors.formats.office.container import Container
from extractors.formats.office.workbook import check_sheet_count, collect
from extractors.formats.office.xlsx_sheet import Book, Text, done, read_string, relation_id
from extractors.formats.office.xlsx_styles import read_looks
from extractors.grid import Sheets, Unreadable

_TRUE = ("1", "true")


def read_xlsx(container: Container, limits: Limits) -> Sheets:
    """One grid per visible sheet that holds text; locators are `sheet!A1`.

    What the sheet does not show (hidden sheets, rows and columns, ;;;, white on white) or shows struck out or raised
    is a problem HIDDEN_CONTENT or MARKED_TEXT.
    Raises Unreadable with CORRUPT, BOMB, TOO_DEEP, TOO_BIG or EMPTY.
    """
    root = container.tree("xl/workbook.xml")
    targets = container.targets("xl/workbook.xml")
    listed = [
        (element.get("name", ""), targets.get(relation_id(element), ""), element.get("state", "visible"))
        for element in root.iter("{*}sheet")
    ]
    listed = [entry for entry in listed if entry[1] in container.names]
    check_sheet_count(len(listed), limits)
    parts = {part for _, part, _ in listed}
    if sum(container.size(part) for _, part, _ in listed) > limits.max_inflated:
        raise Unreadable(ReasonCode.BOMB, "工作簿解压后大得不正常，请重新另存后再放入。")
    container.refuse_entities(leaving=parts)
    properties = root.find("{*}workbookPr")
    looks = read_looks(container, _named(container, targets, "styles.xml"))
    book = Book(container, looks, properties is not None and properties.get("date1904") in _TRUE)
    calculation = root.find("{*}calcPr")
    book.recalculated = calculation is not None and calculation.get("fullCalcOnLoad") in _TRUE
    book.strings = _strings(container, _named(container, targets, "sharedstrings.xml"))
    return collect("xlsx", (book.sheet(*entry) for entry in listed), limits)


def _named(container: Container, targets: dict[str, str], ending: str) -> str | None:
    """The part that the workbook refers to, or that some programs leave without a reference, by its name."""
    parts = (*targets.values(), *sorted(container.names))
    return next((part for part in parts if part.lower().endswith(ending) and part in container.names), None)


def _strings(container: Container, part: str | None) -> list[Text]:
    """The table of texts that cells share."""
    strings: list[Text] = []
    for element in container.events(part, "si") if part is not None else ():
        strings.append(read_string(element))
        done(element)
    return strings
