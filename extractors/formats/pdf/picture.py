"""Places in a PDF as a picture: the page, or the part of it that matters, with the places marked.

Here: from boxes in points to pixels, drawing, cutting. Not here: which places (the tables' provenance), the sandbox.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pypdfium2
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from PIL import Image, ImageChops, ImageDraw
from PIL.PngImagePlugin import PngInfo

from extractors.codes import ReasonCode
from extractors.grid import Unreadable

Box = tuple[float, float, float, float]

_SCALE = 2.5
"""Pixels a point: 180 dots per inch, small Chinese print is sharp."""
_MAX_PIXELS = 12_000_000
"""Of one page; a larger page is drawn smaller."""
_MAX_TOTAL = 36_000_000
"""Of all pages together: many pages are drawn smaller, too."""
_AIR = 12.0
"""Points around what is cut out."""
_GAP = 12.0
_LEAST = 60.0
"""Points that a cut is high at least, so that the rows around it are seen."""

_PAPER = (255, 255, 255)
_LINE = (208, 48, 38)
_SEAM = (150, 150, 150)


NAMED, BESIDE, FRAME, EXTENT = "named", "beside", "frame", "extent"


SHOWN = "shown"
"""The name under which the picture of a whole page tells which part of the media box it shows."""

_TINTS = {NAMED: (255, 224, 102), BESIDE: (255, 247, 209)}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to mark: page (from 1) and box in points from the top left of the media box as displayed.

    `kind`: named, what was asked for; beside, what stands in its row, tinted only; frame, what a line goes around;
    extent, not drawn: how far the form reaches, so that a cut is as wide as its table.
    """

    page: int
    box: Box
    kind: str = NAMED


def picture(data: bytes, marks: Sequence[Mark], *, whole_page: bool = False) -> bytes:
    """A PNG of the places in a PDF: cut out with a little air, or marked on the whole page; pages below each other.

    Raises Unreadable where the document does not open or lacks a page.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(ReasonCode.CORRUPT, "PDF 打不开，画不出图。") from error
    try:
        numbers = sorted({mark.page for mark in marks})
        if not numbers or numbers[0] < 1 or numbers[-1] > len(document):
            raise Unreadable(
                ReasonCode.CORRUPT, f"PDF 只有 {len(document)} 页，画不出第 {numbers[-1] if numbers else 0} 页。"
            )
        most = min(_MAX_PIXELS, _MAX_TOTAL // len(numbers))
        scale = min(_scale(document[number - 1], most) for number in numbers)
        parts = []
        for number in numbers:
            own = [mark for mark in marks if mark.page == number]
            media = document[number - 1].get_mediabox(fallback_ok=False) or _inherited_box(data, number)
            parts.append(_part(document[number - 1], media, scale, own, whole_page))
    finally:
        document.close()
    out = io.BytesIO()
    told = PngInfo()
    if whole_page and len(parts) == 1:
        told.add_text(SHOWN, " ".join(f"{edge:.2f}" for edge in parts[0].info[SHOWN]))
    _stacked(parts).save(out, "PNG", optimize=not whole_page, pnginfo=told)
    return out.getvalue()


def shown_part(png: bytes) -> Box:
    """Which part of the media box the picture of a whole page shows: left, upper, width and height in points."""
    with Image.open(io.BytesIO(png)) as image:
        left, upper, width, height = map(float, str(image.info[SHOWN]).split())
    return left, upper, width, height


def _inherited_box(data: bytes, number: int) -> Box:
    """The media box that a page inherits, which pdfium does not tell."""
    pages = PDFPage.create_pages(PDFDocument(PDFParser(io.BytesIO(data))))
    x0, y0, x1, y1 = map(float, next(islice(pages, number - 1, None)).mediabox)
    return x0, y0, x1, y1


def _scale(page: pypdfium2.PdfPage, most: int) -> float:
    """Pixels a point, so that the page has at most so many."""
    width, height = page.get_size()
    return min(_SCALE, (most / max(width * height, 1)) ** 0.5)


def _part(page: pypdfium2.PdfPage, media: Box, scale: float, marks: list[Mark], whole_page: bool) -> Image.Image:
    image = page.render(scale=scale).to_pil().convert("RGB")
    x0, y0, x1, y1 = media
    media = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    left, upper = _origin(media, page.get_bbox(), page.get_rotation())

    def pixels(box: Box, air: float = 0.0) -> tuple[int, int, int, int]:
        x0, top, x1, bottom = box
        edges = (x0 - left - air, top - upper - air, x1 - left + air, bottom - upper + air)
        size = (image.width, image.height) * 2
        a, b, c, d = (min(max(round(edge * scale), 0), end) for edge, end in zip(edges, size, strict=True))
        return a, b, max(c, a + 1), max(d, b + 1)

    line = max(round(scale * 1.2), 2)
    for kind in (BESIDE, FRAME, NAMED):  # what is named lies on top
        for box in (pixels(mark.box) for mark in marks if mark.kind == kind):
            if kind in _TINTS:
                tint = Image.new("RGB", (box[2] - box[0], box[3] - box[1]), _TINTS[kind])
                image.paste(ImageChops.multiply(image.crop(box), tint), box)
            if kind != BESIDE:
                ImageDraw.Draw(image).rounded_rectangle(box, radius=line, outline=_LINE, width=line)
    image.info[SHOWN] = (left, upper, image.width / scale, image.height / scale)
    return image if whole_page else image.crop(pixels(_cut(marks), _AIR))


def _origin(media: Box, seen: Box, rotation: int) -> tuple[float, float]:
    """Where the seen part of a page (its crop box) begins, from the top left of the media box, as displayed."""
    x0, y0, x1, y1 = media
    left, lower, right, upper = seen
    return {
        0: (left - x0, y1 - upper),
        90: (lower - y0, left - x0),
        180: (x1 - right, lower - y0),
        270: (y1 - upper, x1 - right),
    }[rotation]


def _cut(marks: list[Mark]) -> Box:
    """What is cut out: the form where it is framed, else the rows of the named places, as wide as the form."""
    boxes = [mark.box for mark in marks if mark.kind == FRAME] or [m.box for m in marks if m.kind == NAMED]
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    more = max(_LEAST - (bottom - top), 0) / 2
    return min(mark.box[0] for mark in marks), top - more, max(mark.box[2] for mark in marks), bottom + more


def _stacked(parts: list[Image.Image]) -> Image.Image:
    """The parts below each other, with a seam between pages."""
    if len(parts) == 1:
        return parts[0]
    gap = round(_GAP * _SCALE)
    width = max(part.width for part in parts)
    height = sum(part.height for part in parts) + gap * (len(parts) - 1)
    image = Image.new("RGB", (width, height), _PAPER)
    draw, y = ImageDraw.Draw(image), 0
    for part in parts:
        if y:
            for x in range(0, width, 24):
                draw.line((x, y - gap // 2, x + 12, y - gap // 2), fill=_SEAM, width=2)
        image.paste(part, (0, y))
        y += part.height + gap
    return image
