"""Which characters of a PDF page a reader of the painted page sees.

Here: what hints at a character that is not seen (its mode, colour, size, layer, what is painted over or clips it), and
the painted page, which decides. Not here: marks and lines through characters that are seen (marks.py). An ordinary page
gives no hint, and is not painted.
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

from extractors.codes import ProblemCode
from extractors.formats.pdf import calls
from extractors.formats.pdf.calls import Handle, handle
from extractors.formats.pdf.page_content import (
    POINT,
    Bools,
    Box,
    Floats,
    Frame,
    Ints,
    LeftOut,
    are_blank,
    left_out,
    thousandths,
    turn_of,
)
from extractors.formats.pdf.paths import Layer, Painted
from extractors.formats.pdf.runs import Runs

SEEN, CLIPPED, HIDDEN, COVERED, STAMP = range(5)
"""What is known of a character; a stamp is a watermark or the text of a seal, not of the form."""

_CODES = {HIDDEN: ProblemCode.HIDDEN_CONTENT, COVERED: ProblemCode.COVERED_TEXT}
_PAINTED = {pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE}
_PALE, _FAINT = 235, 30
"""Of 255: the least of red, green and blue of a text that white paper may hide; the alpha below which one may vanish.
"""
_GREY = 150
"""The least of red, green and blue of a watermark."""
_VIVID = 80
"""Between the most and the least of red, green and blue: a colour that seals have."""
_TINY = 1.0
"""Points below which no em can be read."""
_BIG = 3.0
"""Ems of the page's text; what is larger and lies across it is a watermark."""
_ALIKE = 24
"""Two colours that differ by no more are one to the eye."""
_TOUCH = 0.1
"""Share of a text's area from which what is painted over it may hide it."""
_PICTURE = 0.5
"""Share of the page that the picture of a scan covers."""
_LAYER = 0.9
"""Share of the characters that are not seen from which they are the text layer of a scan."""
_RING = 4
"""Characters at angles that make a seal."""
_SCALE, _MOST_PIXELS = 2.0, 6_000_000
_CONTRAST = 12
"""Of 255: where the page differs by less without a character, it prints none."""
_PART = 0.5
"""Of a glyph's height and width must be seen."""


def judged(
    raw: Any,
    text_page: Handle,
    runs: Runs,
    drawn: Sequence[Layer],
    painted: Sequence[Painted],
    frame: Frame,
    rules: tuple[Sequence[Box], Sequence[Box]],
    layered: bool,
) -> Ints | None:
    """For each character what is known of it, or None where all are seen.

    `raw`: the page as pypdfium2 has it. `rules`: the ruling lines. `layered`: the document has optional content, which
    may be off.
    """
    if not len(runs.places):
        return None
    clipped = _clipped(text_page, runs, drawn)
    modes = list(map(calls.render_mode, runs.handles))
    colors = calls.rows(calls.fill_color, runs.handles, of=len(modes), as_="4u4", outputs=4)
    if not (layered or any(own.fills for own in painted) or any(layer.pictures for layer in drawn)) and (
        _is_plain(modes, colors, runs)
    ):
        return _verdict(len(runs.places), clipped) if clipped else None
    verdict = _verdict(len(runs.places), clipped)
    page = _Page(raw, text_page, runs, drawn, painted, frame)
    ems = _ems(runs)
    how = np.array(modes)
    unpainted = (how == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE) | (how == pdfium.FPDF_TEXTRENDERMODE_CLIP)
    light = (colors[:, :3].min(axis=1) >= _PALE) | (colors[:, 3] < _FAINT)
    faint = (light | (how == pdfium.FPDF_TEXTRENDERMODE_STROKE)) & ~unpainted
    by_run = np.zeros(len(modes), np.int64)
    by_run[ems < _TINY] = HIDDEN
    if page.is_scan(unpainted):
        unpainted[:] = False
    by_run[unpainted & ~page.printed_again(unpainted)] = HIDDEN
    askew = turn_of(frame.show_matrix(runs.matrix)) == -1
    by_run[_stamps(page, colors, ems, askew, rules, by_run)] = STAMP
    verdict = np.where(verdict, verdict, by_run[runs.run])
    page.decide(verdict, by_run == SEEN, faint, colors, layered)
    return verdict


def _is_plain(modes: list[int], colors: Ints, runs: Runs) -> bool:
    """Whether no text is without paint, pale, at an angle, very small or very large."""
    if not {*modes} <= _PAINTED or colors[:, :3].max() >= _GREY or colors[:, 3].min() < _FAINT:
        return False
    ems = np.sort(_ems(runs))
    return bool(not runs.matrix[:, 1:3].any() and ems[0] >= _TINY and ems[-1] <= _BIG * ems[len(ems) // 2])


def _ems(runs: Runs) -> Floats:
    """The size of each text in user space."""
    ems: Floats = runs.size * np.abs(runs.matrix[:, :4]).max(axis=1)
    return ems


def _verdict(count: int, clipped: list[int]) -> Ints:
    verdict = np.zeros(count, np.int64)
    verdict[clipped] = CLIPPED
    return verdict


def told(verdict: Ints, text_page: Handle, runs: Runs, frame: Frame) -> list[LeftOut]:
    """What of the characters is not seen, and where; never what it says."""
    found = []
    for reason, code in _CODES.items():
        own = np.flatnonzero((verdict == reason) & ~are_blank(runs.texts))
        if len(own):
            found += left_out(code, thousandths(tight_boxes(text_page, runs, frame, own)))
    return found


class _Page:
    """A page whose texts are judged: what is painted on it, in which order, and, where asked, its picture."""

    def __init__(
        self, raw: Any, text_page: Handle, runs: Runs, drawn: Sequence[Layer], painted: Sequence[Painted], frame: Frame
    ) -> None:
        self.raw, self.text_page, self.runs, self.drawn, self.frame = raw, text_page, runs, drawn, frame
        self.layer_of = {text: n for n, layer in enumerate(drawn[1:], 1) for text in layer.objects}
        self.blank = are_blank(runs.texts)
        self.patches = _Patches(self, painted)

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

    def printed_again(self, hidden: Bools) -> Bools:
        """Which of these texts another prints in the same place, which pdfium leaves out of the text of the page."""
        again = np.zeros(len(hidden), bool)
        unread = [(handle(a), n) for n, layer in enumerate(self.drawn) for a in layer.unread]
        seen = [(text, n) for text, n in unread if calls.render_mode(text) in _PAINTED]
        if seen and hidden.any():
            boxes = self.shown([text for text, _ in seen], [n for _, n in seen])
            near = np.logical_and.reduce(abs(self.boxes[:, None] - boxes[None]) < 1.0, axis=2)
            again = hidden & np.logical_or.reduce(near, axis=1)
        return again

    def share(self, runs: Bools) -> float:
        """The share of the characters, without blanks, that these runs print."""
        printed = self.runs.run[~self.blank]
        return float(runs[printed].mean()) if len(printed) else 0.0

    def is_scan(self, unpainted: Bools) -> bool:
        """Whether the page is a picture, and the texts without paint what was recognised in it."""
        if not unpainted.any() or not any(layer.pictures for layer in self.drawn):
            return False
        return self.share(unpainted) >= _LAYER and self.patches.picture_share() >= _PICTURE

    def decide(self, verdict: Ints, open_: Bools, faint: Bools, colors: Ints, layered: bool) -> None:
        """Set the verdict of the characters of texts that something hints at, by the painted page."""
        groups = self._hinted(open_, faint, colors, layered)
        if not groups:
            return
        painting = _Painting(self)
        for reason, hinted, sure in groups:
            own = np.flatnonzero(hinted[self.runs.run] & ~self.blank & (verdict == SEEN))
            if len(own):
                inked, shaped = painting.inked(np.flatnonzero(hinted).tolist(), own)
                verdict[own[~inked & (shaped | sure)]] = reason

    def _hinted(self, open_: Bools, faint: Bools, colors: Ints, layered: bool) -> list[tuple[int, Bools, bool]]:
        """Groups of texts: the reason why they may not be seen, which, whether it holds where a glyph has no shape."""
        groups: list[tuple[int, Bools, bool]] = []
        under = self.patches.over(self.boxes) & open_ if self.patches.any else np.zeros(len(open_), bool)
        if under.any():
            groups.append((COVERED, under, True))
        like = self.patches.backed(self.boxes, colors, faint) if self.patches.any else faint
        if (like := like & open_ & ~under).any():
            groups.append((HIDDEN, like, True))
        if layered:
            layer = np.array([self.layer_of.get(address, 0) for address in self.runs.objects])
            marked = np.fromiter(map(calls.mark_count, self.runs.handles), np.int64, len(layer)) > 0
            rest = open_ & ~under & ~like & ((layer > 0) | marked)
            groups.extend((HIDDEN, rest & (layer == n), False) for n in np.unique(layer[rest]).tolist())
        return groups


class _Patches:
    """What is painted over areas of a page: fills and pictures, their boxes (m, 4), ranks and colours (m, 4)."""

    def __init__(self, page: _Page, painted: Sequence[Painted]) -> None:
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
        opaque = ~self._pictures & (fill[:, 3] > 2 * _FAINT)
        alike = (behind & opaque & (apart <= _ALIKE)).any(axis=1)
        contrasting = (behind & opaque & (apart > 4 * _ALIKE)).any(axis=1) & (colors[:, 3] >= _FAINT)
        return alike | (faint & ~contrasting)


class _Painting:
    """The page as it is painted, with and without some of its texts."""

    def __init__(self, page: _Page) -> None:
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


# --- watermarks and seals


def _stamps(
    page: _Page, colors: Ints, ems: Floats, askew: Bools, rules: tuple[Sequence[Box], Sequence[Box]], by_run: Ints
) -> Bools:
    """The texts that stand level but belong to a seal or a watermark.

    A seal has a ring of characters at angles, and in its colour further ones inside. A watermark is pale or large, and
    lies across lines or other text; the same words in the same colour elsewhere are it, too.
    """
    stamps = np.zeros(len(ems), bool)
    names = [tuple(color) for color in colors[:, :3].tolist()]
    vivid = (colors[:, :3].max(axis=1).astype(int) - colors[:, :3].min(axis=1)) >= _VIVID
    pale = (colors[:, :3].min(axis=1) >= _GREY) & (by_run == SEEN)
    for color in {names[n] for n in np.flatnonzero(askew & (vivid | pale)).tolist()}:
        own = np.array([name == color for name in names])
        if page.share(own & askew) * len(page.runs.places) >= _RING:
            x0, top = page.boxes[own & askew, :2].min(axis=0)
            x1, bottom = page.boxes[own & askew, 2:].max(axis=0)
            side = max(x1 - x0, bottom - top)  # the ring is open where the number of the seal stands
            a, b, c, d = page.boxes.T
            stamps |= own & ~askew & (a >= x0) & (b >= top) & (c <= x0 + side) & (d <= top + side)
    large = (ems > _BIG * np.median(ems)) & (by_run == SEEN)
    suspects = (pale | large) & ~askew & ~stamps
    if not suspects.any() or suspects.all():
        return stamps
    lines = np.array([*rules[0], *rules[1]], float).reshape(-1, 4) / POINT
    ends = [*page.runs.firsts[1:].tolist(), len(page.runs.texts)]
    words = ["".join(page.runs.texts[a:b]) for a, b in zip(page.runs.firsts.tolist(), ends, strict=True)]
    across = {
        (words[n], names[n])
        for n in np.flatnonzero(suspects).tolist()
        if words[n].strip() and (_crosses(page.boxes[n], lines) or _lies_on(page.boxes[n], page.boxes[~suspects]))
    }
    return stamps | np.array([bool(suspects[n]) and (words[n], names[n]) in across for n in range(len(words))])


def _crosses(box: Floats, rules: Floats) -> bool:
    """Whether ruling lines run through the inner half of a text's box."""
    x0, top, x1, bottom = box
    dx, dy = (x1 - x0) / 4, (bottom - top) / 4
    a, b, c, d = rules.T
    return bool(((a <= x1 - dx) & (c >= x0 + dx) & (b <= bottom - dy) & (d >= top + dy)).any())


def _lies_on(box: Floats, others: Floats) -> bool:
    """Whether a text overlaps another."""
    x0, top, x1, bottom = box
    a, b, c, d = others.T
    dy = 0.3 * (np.minimum(bottom - top, d - b))
    return bool(((a < x1 - 0.5) & (c > x0 + 0.5) & (b < bottom - dy) & (d > top + dy)).any())


# --- clipping paths


def _clipped(text_page: Handle, runs: Runs, drawn: Sequence[Layer]) -> list[int]:
    """The characters whose middle lies outside the clipping path of their object."""
    paths = list(map(handle, map(calls.clip_path, runs.handles)))
    counts = list(map(calls.clip_count, paths))
    if max(counts, default=0) <= 0:
        return []
    layer_of = {text: layer for layer in drawn[1:] for text in layer.objects}
    known: dict[tuple[int, ...], Floats | None] = {}
    hidden: list[int] = []
    ends = [*runs.firsts[1:].tolist(), len(runs.places)]
    for n, (first, end) in enumerate(zip(runs.firsts.tolist(), ends, strict=True)):
        path, count = paths[n], counts[n]
        if count <= 0:
            continue
        # objects drawn under one clipping path share its points
        key = tuple(calls.clip_segment(path, n, 0) for n in range(count))
        if key not in known:
            known[key] = _clip_box(path, count)
        clip = known[key]
        if clip is None or _within(runs.handles[n], clip):
            continue
        corners = (
            np.concatenate((clip.reshape(2, 2), [[1.0], [1.0]]), axis=1)
            @ layer_of.get(runs.objects[n], drawn[0]).matrix
        )
        places = runs.places[first:end]
        tight = calls.rows(calls.tight_box, repeat(text_page), places, of=len(places), as_="4f8", outputs=4)
        middle = np.stack((tight[:, 0] + tight[:, 1], tight[:, 2] + tight[:, 3]), axis=1) / 2
        inside = (middle >= corners[:, :2].min(axis=0)) & (middle <= corners[:, :2].max(axis=0))
        hidden.extend((first + np.flatnonzero(~inside.all(axis=1))).tolist())
    return hidden


def _clip_box(path: Handle, count: int) -> Floats | None:
    """The box x0, y0, x1, y1 of a clipping path, half a point wider than it is; None if it clips nothing."""
    box = np.array([-np.inf, -np.inf, np.inf, np.inf])
    for number in range(count):
        size = calls.clip_size(path, number)
        segments = map(handle, map(calls.clip_segment, repeat(path), repeat(number), range(size)))
        points = calls.rows(calls.segment_point, segments, of=size, as_="2f4", outputs=2)
        if size:
            box[:2], box[2:] = np.maximum(box[:2], points.min(axis=0)), np.minimum(box[2:], points.max(axis=0))
    return box + np.array([-0.5, -0.5, 0.5, 0.5]) if np.isfinite(box).all() else None


def _within(text: Handle, clip: Floats) -> bool:
    x0, y0, x1, y1 = calls.rows(calls.object_bounds, [text], of=1, as_="4f4", outputs=4)[0]
    return bool(x0 >= clip[0] and y0 >= clip[1] and x1 <= clip[2] and y1 <= clip[3])
