"""A picture of where a value is printed: which places, in which file, drawn in a worker process.

Here: the places of a value, its document below raw, what is said where no picture can be made. Not here: drawing.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from extractors.errors import JixiaoError
from extractors.extraction import PAGED
from extractors.formats.pdf.picture import BESIDE, EXTENT, FRAME, NAMED, Mark
from pages.pictures import Cut
from pipelines.drawing import Sketch, draw
from pipelines.pool import cannot_start
from pipelines.rereading import once
from pipelines.settings import Settings
from pipelines.show import place_text
from pipelines.worker import CHANGED, VANISHED, Answer
from warehouse.build.form_sheet import FormSheet, PrintedPlace, ValueAddress
from warehouse.schema.tables import TABLES


class NoPicture(JixiaoError):
    """No picture of a value can be made."""


def picture(settings: Settings, sheet: FormSheet, value: ValueAddress, *, page: bool) -> bytes:
    """A PNG of the value as the PDF prints it, cut out; `page`: the whole page with its place marked.

    Raises NoPicture, and NotThere where the form has no such row.
    """
    row_no = value.row_no(sheet)
    return picture_at(settings, sheet, value, row_no, page=page)


def picture_at(settings: Settings, sheet: FormSheet, value: ValueAddress, row_no: int, *, page: bool) -> bytes:
    """The same, of a value whose row number is known: attributes, too."""
    named = sheet.named(value.table, row_no, value.column)
    if not named:
        raise NoPicture("表中没有印这个值，无处可指。 / The form prints no such value; there is no place to show.")
    if sheet.document["format"] not in PAGED:
        format_ = TABLES["document"].column("format").allowed[sheet.document["format"]]
        path, place = sheet.document["path"], place_text(named)
        raise NoPicture(
            f"这份文件不是 PDF（{format_}），没有页面可画；请打开 {path}，看{place}。"
            f" / Not a PDF ({sheet.document['format']}): open {path} at {named[0].locator}."
        )
    marks = tuple(_marks(sheet, named, value, row_no))
    reading = _drawn(settings, sheet.document, marks, page)
    if not reading.picture:
        raise NoPicture(f"画不出图：{reading.reason or reading.reason_code} / No picture: {reading.reason_code}.")
    return reading.picture


def page_as_printed(settings: Settings, sheet: FormSheet, number: int) -> bytes:
    """A PNG of a page of the document without any mark. Raises NoPicture."""
    return _of_page(settings, sheet.document, (Mark(number, (0.0, 0.0, 1.0, 1.0), EXTENT),), True)


def cut_out(settings: Settings, document: Mapping[str, Any], cut: Cut) -> bytes:
    """A PNG of a part of a page. Raises NoPicture."""
    boxes = [cut.named, *cut.beside]
    left, _, right, _ = cut.around
    framed = (left, min(box[1] for box in boxes), right, max(box[3] for box in boxes))
    marks = [Mark(cut.page, cut.named), Mark(cut.page, framed, FRAME), *(Mark(cut.page, b, BESIDE) for b in cut.beside)]
    return _of_page(settings, document, tuple(marks), False)


def _of_page(settings: Settings, document: Mapping[str, Any], marks: tuple[Mark, ...], whole_page: bool) -> bytes:
    if document["format"] not in PAGED:
        raise NoPicture("这份文件不是 PDF，没有页面可画。 / Not a PDF.")
    reading = _drawn(settings, document, marks, whole_page)
    if not reading.picture:
        raise NoPicture(f"画不出图：{reading.reason or reading.reason_code} / No picture: {reading.reason_code}.")
    return reading.picture


def _marks(sheet: FormSheet, named: list[PrintedPlace], value: ValueAddress, row_no: int) -> Iterator[Mark]:
    asked = list(_each(named, NAMED))
    yield from asked
    if value.table != "project":
        yield from _beside(asked, _each(sheet.places_of(value.table, row_no), BESIDE))
    whole_form = value == ValueAddress()
    form = list(_each(chain.from_iterable(sheet.places.values()), EXTENT))
    left, right = min(mark.box[0] for mark in form), max(mark.box[2] for mark in form)
    for page in sorted({mark.page for mark in (form if whole_form else asked)}):
        own = [mark.box for mark in form if mark.page == page]
        box = (left, min(box[1] for box in own), right, max(box[3] for box in own))
        yield Mark(page, box, FRAME if whole_form else EXTENT)


def _beside(asked: list[Mark], row: Iterable[Mark]) -> set[Mark]:
    """The rest of the row, level with what is asked for: a merged cell reaches over many rows."""
    beside = set()
    for mark in row:
        level = [own.box for own in asked if own.page == mark.page]
        if level and replace(mark, kind=NAMED) not in asked:
            x0, top, x1, bottom = mark.box
            top, bottom = max(top, min(box[1] for box in level)), min(bottom, max(box[3] for box in level))
            if top < bottom:
                beside.add(replace(mark, box=(x0, top, x1, bottom)))
    return beside


def _each(places: Iterable[PrintedPlace], kind: str) -> Iterator[Mark]:
    for place in places:
        if place.page is not None and place.box is not None:
            yield Mark(place.page, place.box, kind)


def _drawn(settings: Settings, document: Mapping[str, Any], marks: tuple[Mark, ...], whole_page: bool) -> Answer:
    """What the worker made of the first file that still has the content."""
    path = document["path"]
    try:
        [reading] = once(settings, dict(document), draw, partial(Sketch, marks=marks, whole_page=whole_page))
    except BrokenProcessPool as error:
        raise NoPicture(cannot_start(settings.memory_mb, error).message) from error
    if reading.status is not None:
        return reading
    if reading.reason_code == CHANGED:
        raise NoPicture(
            f"{path} 的内容与入库时不同，画出来的不会是这张表；请先运行 jixiao ingest。"
            f" / {path} has changed since it was ingested; run jixiao ingest first."
        )
    if reading.reason_code == VANISHED:
        raise NoPicture(
            f"在 {settings.raw} 下找不到 {path}，可能已移走；请放回，或重新入库。"
            f" / {path} is not below {settings.raw} any more; put it back or ingest again."
        )
    return reading
