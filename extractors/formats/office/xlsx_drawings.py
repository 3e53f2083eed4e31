"""What lies over the cells of a sheet (xlsx): text boxes, filled shapes, pictures.

Here: the drawing of a sheet -> texts of blank cells, cells that are covered. Not here: the cells (xlsx_sheet.py).
"""

from __future__ import annotations

import io
from collections.abc import Mapping

from lxml import etree

from extractors.codes import ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.office.container import Container
from extractors.formats.office.shapes import fills_its_box
from extractors.formats.office.workbook import Range, SheetCells, address
from extractors.formats.runs import covered_problem
from extractors.grid import Place

_TRUE = ("1", "true")
_POINT, _PIXEL = 12_700, 9_525
"""EMU, in which places on a sheet are stated."""
_SLACK = 30_000
"""EMU by which a shape may begin inside a cell that it covers, or reach into one beside."""
_ROW_HEIGHT = 15 * _POINT
"""Of a row; what the rows of a sheet state is not kept."""
_MOST_PIXELS = 4_000_000
"""Of a picture whose transparency is looked at; a larger one with any is taken for none that covers."""
_OPAQUE = 250
"""The least alpha (of 255) of a picture that nothing shines through."""


def read_drawing(container: Container, part: str, sheet: SheetCells) -> None:
    """Put the texts of boxes over a sheet into the blank cells on which they lie, and blank what is covered.

    What is covered, or stands in a box over another text, is told.
    """
    if part not in container.names:
        return
    covered = {
        (r, c): (s.row, s.col)
        for s in sheet.merged
        if (s.row_to - s.row + 1) * (s.col_to - s.col + 1) <= 10_000
        for r in range(s.row, s.row_to + 1)
        for c in range(s.col, s.col_to + 1)
    }
    for anchor in container.tree(part):
        row, col = (_int(anchor.findtext(f"{{*}}from/{{*}}{name}")) for name in ("row", "col"))
        paragraphs = anchor.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}p")
        text = cell_text("\n".join("".join(str(t) for t in p.itertext("{*}t")) for p in paragraphs))
        hidden = any(e.get("hidden") in _TRUE for e in anchor.iter("{*}cNvPr"))
        row, col = covered.get((row, col), (row, col))
        was_blank = not sheet.texts.get((row, col))
        if not hidden and (
            fills_its_box(anchor.find("{*}sp")) or _is_opaque_picture(anchor, container, container.targets(part))
        ):
            _cover(anchor, sheet)
        if not text:
            continue
        if hidden:
            sheet.texts.setdefault((row, col), "")
            sheet.hide(row, col, text)
        elif was_blank:
            sheet.texts[row, col] = text
        else:
            message = f"上有文本框，其中的「{text[:60]}」未读取，请核对。"
            sheet.report(row, col, ReasonCode.UNSUPPORTED, message, text)


def _cover(anchor: etree._Element, sheet: SheetCells) -> None:
    """Blank the cells that lie wholly under a drawing, and tell of them and of those it touches."""
    top, left, bottom, right, starts, ends = _extent(anchor, sheet)
    spans = {(span.row, span.col): span for span in sheet.merged}
    for (row, col), text in sorted(sheet.texts.items()):
        span = spans.get((row, col), Range(row, col, row, col))
        touched = (
            top <= span.row_to and span.row < bottom + ends[0] and left <= span.col_to and span.col < right + ends[1]
        )
        if not text or not touched:
            continue
        place = Place(locator=address(sheet.name, row, col))
        sheet.found.append(((row, col), covered_problem(f"单元格 {place.locator}", place)))
        if (
            top + starts[0] <= span.row and span.row_to < bottom and left + starts[1] <= span.col
            and span.col_to < right
        ):  # fmt: skip
            sheet.texts[row, col] = ""


def _extent(
    anchor: etree._Element, sheet: SheetCells
) -> tuple[int, int, int, int, tuple[bool, bool], tuple[bool, bool]]:
    """The first row and column that a drawing lies on and those behind its last whole ones, and its remains.

    These say of rows and columns whether it begins inside the first, and whether it reaches into those behind.
    """
    (top, left), (down, across) = (
        [_int(anchor.findtext(f"{{*}}from/{{*}}{name}{what}")) for name in ("row", "col")] for what in ("", "Off")
    )
    starts = down > _SLACK, across > _SLACK
    if anchor.find("{*}to") is not None:
        (bottom, right), rest = (
            [_int(anchor.findtext(f"{{*}}to/{{*}}{name}{what}")) for name in ("row", "col")] for what in ("", "Off")
        )
        return top, left, bottom, right, starts, (rest[0] > _SLACK, rest[1] > _SLACK)
    extent = anchor.find("{*}ext")
    height, width = (_int(extent.get(key)) if extent is not None else 0 for key in ("cy", "cx"))
    bottom, high = divmod(down + height + _SLACK, _ROW_HEIGHT)
    right, broad = left, across + width + _SLACK
    while broad >= (own := _width(sheet, right)) and right < left + 1000:
        broad, right = broad - own, right + 1
    return top, left, top + bottom, right, starts, (high > 2 * _SLACK, broad > 2 * _SLACK)


def _width(sheet: SheetCells, col: int) -> int:
    """The width of a column in EMU, a digit of the usual font being seven pixels wide."""
    return max(round(sheet.widths.get(col, sheet.usual_width) * 7), 1) * _PIXEL


def _is_opaque_picture(anchor: etree._Element, container: Container, targets: Mapping[str, str]) -> bool:
    """Whether a drawing is a picture that nothing shines through; a seal or a signature mostly is another."""
    blip = anchor.find("{*}pic/{*}blipFill/{*}blip")
    if blip is None or blip.find("{*}alphaModFix") is not None:
        return False
    names = (targets.get(str(value), "") for key, value in blip.attrib.items() if str(key).endswith("}embed"))
    part = next((name for name in names if name in container.names), None)
    if part is None or blip.find("{*}clrChange") is not None:  # one colour of it is transparent
        return False
    from PIL import Image

    try:
        with Image.open(io.BytesIO(container.read(part))) as picture:
            if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
                return picture.format in ("PNG", "JPEG", "GIF", "BMP")
            if picture.width * picture.height > _MOST_PIXELS:
                return False
            return min(picture.convert("RGBA").getchannel("A").tobytes()) >= _OPAQUE
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # not a picture of this kind
        return False


def _int(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0
