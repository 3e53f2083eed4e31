"""The painted PDF page: what is painted on it in which order, which areas of it cover text, and its picture.

Here: the page as it looks, with some of its texts and without. Not here: which texts are looked at, and what is made of
it (shown.py).
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from extractors.formats.pdf import calls
from extractors.formats.pdf.calls import Handle
from extractors.formats.pdf.page_content import POINT, Bools, Floats, Frame, Ints, are_blank
from extractors.formats.pdf.paths import Layer, Painted
from extractors.formats.pdf.runs import Runs

FAINT = 30
"""Of 255: the alpha below which a text may vanish."""
_ALIKE = 24
"""Two colours that differ by no more are one to the eye."""
_TOUCH = 0.1
"""Share of a text's area from which what is painted over it may hide it."""
_PICTURE = 0.5
"""Share of the page that the picture of a scan covers."""
_LAYER = 0.9
"""Share of the characters that are not seen from which they are the text layer of a scan."""
_SCALE, _MOST_PIXELS = 2.0, 6_000_000
_CONTRAST = 12
"""Of 255: where the page differs by less without a character, it prints none."""
_PART = 0.5
"""Of a glyph's height and width must be seen."""


class PaintedPage:
    """A page whose texts are judged: what is painted on it, in which order, and, where asked, its picture."""

    def __init__(
        self, raw: Any, text_page: Handle, runs: Runs, drawn: Sequence[Layer], painted: Sequence[Painted], frame: Frame
    ) -> None:
        self.raw, self.text_page, self.runs, self.drawn, self.frame = raw, text_page, runs, drawn, frame
        self.layer_of = {text: n for n, layer in enumerate(drawn[1:], 1) for text in layer.objects}
        self.blank = are_blank(runs.texts)
        self.patches = Patches(self, painted)

    @cached_property
    def boxes(self) -> Floats:
        """The bounds (r, 4) of the text objects, in points on the shown page."""
        return self.shown(self.runs.handles, [self.layer_of.get(a, 0) for a in self.runs.objects])

    def shown(self, objects: Sequence[Handle], layers: Sequence[int]) -> Floats:
        """The bounds (n, 4) of objects of these layers, in points on the shown page."""
        x0, y0, x1, y1 = calls.rows(calls.object_bounds, objects, of=len(objects), as_="4f4", outputs=4).T
        to_shown = np.array([layer.matrix @ self.frame.square for layer in self.drawn])[list(layers)]
        corners = np.stack([(x0, x1, x1, x0), (y0, y0, y1, y1), np.ones((4, len(objects)))], axis=-1)
        points = np.einsum("cni,nij->cnj", corners, to_shown)[..., :2]
        return np.concatenate((points.min(axis=0), points.max(axis=0)), axis=1)

    @cached_property
    def ranks(self) -> dict[int, int]:
        """In which order the objects are painted, by address."""
        inner = {layer.form: layer for layer in self.drawn if layer.form}
        order: dict[int, int] = {}
        waiting = [iter(self.drawn[0].objects)]
        while waiting:
            for address in waiting[-1]:
                order[address] = len(order)
                if address in inner:
                    waiting.append(iter(inner[address].objects))
                    break
            else:
                waiting.pop()
        return order

    def share(self, runs: Bools) -> float:
        """The share of the characters, without blanks, that these runs print."""
        printed = self.runs.run[~self.blank]
        return float(runs[printed].mean()) if len(printed) else 0.0

    def is_scan(self, unpainted: Bools) -> bool:
        """Whether the page is a picture, and the texts without paint what was recognised in it."""
        if not unpainted.any() or not any(layer.pictures for layer in self.drawn):
            return False
        return self.share(unpainted) >= _LAYER and self.patches.picture_share() >= _PICTURE


class Patches:
    """What is painted over areas of a page: fills and pictures, their boxes (m, 4), ranks and colours (m, 4)."""

    def __init__(self, page: PaintedPage, painted: Sequence[Painted]) -> None:
        self._page = page
        self._handles = [[*own.fills, *layer.pictures] for own, layer in zip(painted, page.drawn, strict=True)]
        self.any = any(self._handles)

    @cached_property
    def _boxes(self) -> Floats:
        layers = list(chain.from_iterable(repeat(n, len(own)) for n, own in enumerate(self._handles)))
        return self._page.shown(list(chain.from_iterable(self._handles)), layers)

    @cached_property
    def _ranks(self) -> Ints:
        own = zip(self._handles, self._page.drawn, strict=True)
        return np.array(
            [self._page.ranks[address] for handles, layer in own for address in layer.addresses_of(handles)], np.int64
        )

    @cached_property
    def _pictures(self) -> Bools:
        drawn = zip(self._handles, self._page.drawn, strict=True)
        return np.array([h in layer.pictures for handles, layer in drawn for h in handles], bool)

    def picture_share(self) -> float:
        """The share of the shown page that pictures cover, one on another counted twice."""
        x0, top, x1, bottom = (side / POINT for side in self._page.frame.shown)
        a, b, c, d = self._boxes[self._pictures].T
        area = np.maximum(np.minimum(c, x1) - np.maximum(a, x0), 0) * np.maximum(
            np.minimum(d, bottom) - np.maximum(b, top), 0
        )
        return float(area.sum() / ((x1 - x0) * (bottom - top) or 1))

    def _meet(self, boxes: Floats, share: float) -> Bools:
        """Which of the patches (m) lie on at least this share of each text (r): (r, m)."""
        a, p = boxes[:, None], self._boxes[None]
        width = np.minimum(a[..., 2], p[..., 2]) - np.maximum(a[..., 0], p[..., 0])
        height = np.minimum(a[..., 3], p[..., 3]) - np.maximum(a[..., 1], p[..., 1])
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        return (width > 0) & (height > 0) & (width * height >= share * area[:, None])

    @cached_property
    def _later(self) -> Bools:
        """Which of the patches (m) are painted after each text (r): (r, m)."""
        ranks = np.array([self._page.ranks[address] for address in self._page.runs.objects])
        return self._ranks[None] > ranks[:, None]

    def over(self, boxes: Floats) -> Bools:
        """The texts (r) that a patch may cover; the picture of a scan does not cover the text layer below it."""
        if not self._later.any():
            return np.zeros(len(boxes), bool)
        covers = self._later & self._meet(boxes, _TOUCH)
        if self._pictures.any() and self.picture_share() >= _PICTURE:
            pictured = np.logical_or.reduce(covers & self._pictures, axis=1)
            if self._page.share(pictured) >= _LAYER:
                covers &= ~self._pictures
        covered: Bools = np.logical_or.reduce(covers, axis=1)
        return covered

    def backed(self, boxes: Floats, colors: Ints, faint: Bools) -> Bools:
        """The texts (r) that may vanish in what is painted behind them, or, if they are `faint`, on white paper."""
        behind = ~self._later & self._meet(boxes, 0.5)
        handles = list(chain.from_iterable(self._handles))
        fill = calls.rows(calls.fill_color, handles, of=len(handles), as_="4u4", outputs=4)
        apart = np.abs(fill[None, :, :3].astype(np.int64) - colors[:, None, :3].astype(np.int64)).max(axis=2)
        opaque = ~self._pictures & (fill[:, 3] > 2 * FAINT)
        alike = (behind & opaque & (apart <= _ALIKE)).any(axis=1)
        contrasting = (behind & opaque & (apart > 4 * _ALIKE)).any(axis=1) & (colors[:, 3] >= FAINT)
        return alike | (faint & ~contrasting)


class Painting:
    """The page as it is painted, with and without some of its texts."""

    def __init__(self, page: PaintedPage) -> None:
        self._page = page
        x0, top = (side / POINT for side in page.frame.shown[:2])
        width, height = pdfium.FPDF_GetPageWidthF(page.raw), pdfium.FPDF_GetPageHeightF(page.raw)
        self._scale = min(_SCALE, (_MOST_PIXELS / max(width * height, 1)) ** 0.5)
        self._origin = np.array([x0, top, x0, top])
        self._size = max(round(width * self._scale), 1), max(round(height * self._scale), 1)
        self._whole = self._picture()

    def _picture(self) -> NDArray[np.uint8]:
        width, height = self._size
        pixels = np.empty((height, width, 4), np.uint8)
        memory = pixels.ctypes.data_as(ctypes.c_void_p)
        bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGRx, memory, 4 * width)
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
        pdfium.FPDF_RenderPageBitmap(bitmap, self._page.raw, 0, 0, width, height, 0, 0)
        pdfium.FPDFBitmap_Destroy(bitmap)
        return pixels

    def inked(self, texts: list[int], characters: Ints) -> tuple[Bools, Bools]:
        """Of some characters, which leave ink, told from the page without these texts, and which have a shape."""
        handles = [self._page.runs.handles[n] for n in texts]
        for text in handles:
            calls.set_active(text, 0)
        without = self._picture()
        for text in handles:
            calls.set_active(text, 1)
        boxes = tight_boxes(self._page.text_page, self._page.runs, self._page.frame, characters)
        shaped: Bools = np.logical_and.reduce(boxes[:, 2:] - boxes[:, :2] > 0.01, axis=1)
        edges = (boxes - self._origin) * self._scale
        low, high = np.floor(edges[:, :2]).astype(int), np.ceil(edges[:, 2:]).astype(int)
        inked = [self._differs(without, *a, *b) for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        return np.array(inked, bool), shaped

    def _differs(self, without: NDArray[np.uint8], left: int, upper: int, right: int, lower: int) -> bool:
        """Whether enough of a box of pixels is another with the texts than without."""
        part = slice(max(upper, 0), max(lower, 0)), slice(max(left, 0), max(right, 0)), slice(3)
        ink = np.abs(self._whole[part].astype(np.int16) - without[part]).max(axis=2, initial=0) >= _CONTRAST
        rows, columns = ink.any(axis=1), ink.any(axis=0)
        return bool(
            rows.sum() >= _PART * (lower - upper - 1) and columns.sum() >= _PART * (right - left - 1) and rows.any()
        )


def tight_boxes(text_page: Handle, runs: Runs, frame: Frame, characters: Ints) -> Floats:
    """The boxes (n, 4) of the ink of some characters, in points on the shown page."""
    places = [runs.places[n] for n in characters.tolist()]
    sides = calls.rows(calls.tight_box, repeat(text_page), places, of=len(places), as_="4f8", outputs=4)
    corner, other = frame.show(sides[:, 0::2]), frame.show(sides[:, 1::2])
    return np.concatenate((np.minimum(corner, other), np.maximum(corner, other)), axis=1)
