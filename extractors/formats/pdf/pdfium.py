"""The fast engine: the ink of a PDF page from pdfium, read in bulk through its raw interface.

Here: characters, text that clipping paths hide, and every doubt. Not here: painted paths (pdf_paths.py), what is done
where there is a doubt (pdf.py). pdfium is not thread-safe: one process, one document at a time.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterable, Sequence, Set
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from extractors.codes import ReasonCode
from extractors.errors import JixiaoError
from extractors.formats.pdf import calls
from extractors.formats.pdf.calls import Handle, handle
from extractors.formats.pdf.page_content import (
    ASCENT,
    DESCENT,
    LOST,
    Box,
    Floats,
    Frame,
    Hidden,
    Ints,
    LeftOut,
    PageContent,
    are_blank,
    em_boxes,
    glyphs_shown,
    rules_of,
    thousandths,
    turn_of,
)
from extractors.formats.pdf.paths import Layer, Painted, layers, matrices, painted
from extractors.formats.pdf.preview import OpenPage
from extractors.formats.pdf.runs import Runs, runs_of
from extractors.formats.pdf.shown import CLIPPED, COVERED, HIDDEN, SEEN, judged, told
from extractors.formats.pdf.symbols import PRIVATE, symbol
from extractors.grid import Unreadable

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_UNSURE = re.compile("[\x00\x02\ufffe\uffff]")
"""What pdfium puts for a character without Unicode, and for a hyphen at a line's end, which it may also drop."""
_PRIVATE = re.compile(f"[{PRIVATE}]")
_FLAT = 0.05
"""Points below which a text object has no height or width: it prints blanks."""
_SAME = 1.0
"""Points within which a text object is a second print of another."""


class Doubt(JixiaoError):
    """pdfium may not say what the page prints: another engine reads it. The message is for `read_by`."""


def runs_leftwards(document: pypdfium2.PdfDocument) -> bool:
    """Whether the document asks for right-to-left order, which pdfium also applies to brackets in Chinese text."""
    value = ctypes.create_string_buffer(8)
    pdfium.FPDF_VIEWERREF_GetName(document.raw, b"Direction", value, 8)
    return value.value == b"R2L"


def frame_of(page: Any, document: bytes) -> Frame:
    """The boxes and rotation of a page, given as pypdfium2's raw pointer.

    pdfium tells only a page's own media box. Where the box is inherited, it is the visible part, unless the document
    may state a crop box that is inherited too: then a Doubt is raised.
    """
    shown = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, shown)
    crop = (shown.left, shown.bottom, shown.right, shown.top)
    media = _own_box(pdfium.FPDFPage_GetMediaBox, page)
    if media is None:
        may_crop = b"/CropBox" in document or b"/ObjStm" in document
        if may_crop or _own_box(pdfium.FPDFPage_GetCropBox, page) is not None:
            raise Doubt("the media box is inherited")
        media = crop
    x0, y0, x1, y1 = media
    ordered = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    return _frame(ordered, crop, 90 * pdfium.FPDFPage_GetRotation(page))


def seen_frame(page: Any, document: bytes) -> Frame:
    """The frame of a page, or one of its visible part where there is a doubt."""
    try:
        return frame_of(page, document)
    except Doubt:
        shown = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, shown)
        box = (shown.left, shown.bottom, shown.right, shown.top)
        return _frame(box, box, 90 * pdfium.FPDFPage_GetRotation(page))


_frame = lru_cache(maxsize=16)(Frame)
"""Most pages are alike, and what a frame knows of itself it keeps."""


def _own_box(function: Callable[..., int], page: Any) -> tuple[float, ...] | None:
    sides = [ctypes.c_float() for _ in range(4)]
    return tuple(side.value for side in sides) if function(page, *sides) else None


def read_ink(
    page: OpenPage, frame: Frame, most: int, *, layered: bool, doubtful: Set[str] = frozenset()
) -> PageContent:
    """The ink of a page; `layered`: the document has optional content. `doubtful`: fonts whose digits are not trusted.

    Raises Doubt where another engine should read the page, Unreadable (BOMB, TOO_DEEP) for more than `most` objects.
    """
    runs = runs_of(page.text_page, page.text)
    drawn = layers(page.page, set(runs.objects), most)
    paint = [painted(layer, frame, most) for layer in drawn]
    rules = _rules(paint, frame, most)
    _hold_in_doubt(runs, page.text_page, drawn)
    boxes, turns = _boxes(page.text_page, runs, frame)
    verdict = judged(page.raw, page.text_page, runs, drawn, paint, frame, rules, layered)
    left_out: list[LeftOut] = []
    if verdict is not None:
        if _lie_on_unseen(runs, boxes, verdict):
            raise Doubt("text on text that is not seen")
        left_out = told(verdict, page.text_page, runs, frame)
        turns[verdict != SEEN] = -1
    texts = _named(runs, doubtful)
    if verdict is not None:
        texts = _cut_figures(texts, runs, verdict)
    texts, boxes, turns = _ligatures(texts, runs.run, boxes, turns)
    for layer in drawn:
        if blanks := _left_out(layer, runs.objects) if layer.unread else ():
            own_boxes, own_turns = _blank_boxes(blanks, layer, frame)
            texts = [*texts, *repeat(" ", len(blanks))]
            boxes, turns = np.vstack((boxes, own_boxes)), np.append(turns, own_turns)
    texts, boxes, turns, outside = glyphs_shown(texts, boxes, turns, frame)
    return PageContent(texts, boxes, turns, *rules, [*left_out, *outside])


def unseen_characters(
    page: OpenPage, frame: Frame, most: int, *, layered: bool
) -> tuple[list[Hidden], list[Hidden], list[LeftOut]]:
    """The characters of a page that are not seen, those that are seen of figures cut so, and where the first stand.

    pdfminer knows neither what covers text nor what makes it invisible, nor clipping paths: LibreOffice Calc draws the
    text of a cell that spans a page break on both pages and lets the clipping path decide where it shows.
    """
    runs = runs_of(page.text_page, page.text)
    drawn = layers(page.page, set(runs.objects), most)
    paint = [painted(layer, frame, most) for layer in drawn]
    rules = _rules(paint, frame, most)
    verdict = judged(page.raw, page.text_page, runs, drawn, paint, frame, rules, layered)
    if verdict is None:
        return [], [], []
    groups = []
    for own in (np.flatnonzero(verdict != SEEN).tolist(), _cut_digits(runs, verdict)):
        places = [runs.places[i] for i in own]
        origins = calls.rows(calls.char_origin, repeat(page.text_page), places, of=len(places), as_="2f8", outputs=2)
        groups.append([(runs.texts[i], x, y) for i, (x, y) in zip(own, origins.tolist(), strict=True)])
    return groups[0], groups[1], told(verdict, page.text_page, runs, frame)


def _rules(paint: Sequence[Painted], frame: Frame, most: int) -> tuple[list[Box], list[Box]]:
    """The level and the upright ruling lines."""
    subpaths = chain.from_iterable(own.subpaths for own in paint)
    level, upright = rules_of(subpaths, frame, np.concatenate([own.lines for own in paint]))
    if len(level) + len(upright) > most:
        raise Unreadable(ReasonCode.BOMB, "页面上的图形多得不正常，请重新导出。")
    return level, upright


# --- characters


def _boxes(text_page: Handle, runs: Runs, frame: Frame) -> tuple[Ints, Ints]:
    """The boxes and turns of the characters."""
    matrix, size = runs.matrix, runs.size
    loose = calls.rows(calls.loose_box, repeat(text_page), runs.places, of=len(runs.places), as_="4f4")
    if frame.rotation == 0 and not matrix[:, 1:3].any() and (matrix[:, 0] > 0).all() and (matrix[:, 3] > 0).all():
        return _level_boxes(runs, matrix, size, loose, frame)
    corner, other = frame.show(loose[:, 0::3]), frame.show(loose[:, 2:0:-1])
    (x0, y0), (x1, y1) = np.minimum(corner, other).T, np.maximum(corner, other).T

    shown = frame.show_matrix(matrix)
    turn = turn_of(shown)[runs.run]
    a, b, c, d, e, f, size = np.column_stack((shown, size))[runs.run].T
    level = (turn == 0) | (turn == 180)
    rise = size * np.where(level, d, c)  # one em upwards, across the baseline
    with np.errstate(divide="ignore", invalid="ignore"):
        base = np.where(level, f + np.where(b == 0, 0, b / a) * (x0 - e), e)
        low, high = np.where(level, y0, x0) - base, np.where(level, y1, x1) - base
        one, another = low / rise, high / rise  # in ems above the baseline
        lean = np.where(level & (c != 0), c / d, 0)
    start, end = np.where(level, x0, y0), np.where(level, x1, y1)
    if lean.any():  # slanted letters reach beyond their advance
        start, end = start - np.minimum(lean * low, lean * high), end - np.maximum(lean * low, lean * high)
    replaced = runs.replaced[runs.run]
    drawn = (turn != -1) & ~are_blank(runs.texts) & ~replaced
    if (drawn & ((np.minimum(one, another) > 0.3) | (np.maximum(one, another) < 0.3))).any():
        raise Doubt("a font that runs downwards")  # its second character lies off the baseline of the first
    origin, onwards = np.where(level, e, f), np.where(level, a, b) > 0
    bearing = np.where(onwards, start - origin, origin - end)
    if (bearing > 0.02 * abs(rise))[runs.firsts][drawn[runs.firsts]].any():
        raise Doubt("a font without metrics")  # the box is that of the ink, not that of the advance
    start, end = start - replaced * bearing, end + replaced * bearing
    return em_boxes(start, end, base, rise, level), turn


def _level_boxes(runs: Runs, matrix: Floats, size: Floats, loose: Floats, frame: Frame) -> tuple[Ints, Ints]:
    """`_boxes` for a page on which all is level and upright: the same with a quarter of the work."""
    left, upper = frame.matrix[4:]
    run, em, base, count = runs.run, size * matrix[:, 3], matrix[:, 5], len(runs.places)
    middle = (base + 0.3 * em)[run]
    aside = (loose[:, 3] > middle) | (loose[:, 1] < middle)
    bearing = loose[runs.firsts, 0] - matrix[:, 4]
    inked = bearing > 0.02 * em
    if aside.any() or inked.any():  # which is no matter in blanks and replacements
        drawn = ~(are_blank(runs.texts) | runs.replaced[run])
        if (drawn & aside).any():
            raise Doubt("a font that runs downwards")
        if (drawn[runs.firsts] & inked).any():
            raise Doubt("a font without metrics")
    boxes = np.empty((count, 4))
    boxes[:, 0], boxes[:, 2] = loose[:, 0] + left, loose[:, 2] + left
    boxes[:, 1], boxes[:, 3] = (upper - base - ASCENT * em)[run], (upper - base + DESCENT * em)[run]
    if runs.replaced.any():
        bearings = np.where(runs.replaced, bearing, 0)[run]
        boxes[:, 0], boxes[:, 2] = boxes[:, 0] - bearings, boxes[:, 2] + bearings
    return thousandths(boxes), np.zeros(count, np.int64)


def _named(runs: Runs, doubtful: Set[str]) -> list[str]:
    """The texts, the private characters of the Symbol font by their meaning, and no digits of doubtful fonts."""
    if not doubtful and _PRIVATE.search("".join(runs.texts)) is None:
        return runs.texts
    texts = runs.texts.copy()
    ends = [*runs.firsts[1:].tolist(), len(texts)]
    for first, end, text in zip(runs.firsts.tolist(), ends, runs.handles, strict=True):
        if doubtful or _PRIVATE.search("".join(texts[first:end])):
            texts[first:end] = map(symbol, texts[first:end], repeat(_font_name(text)), repeat(doubtful))
    return texts


_MARKS_OF_FIGURES = frozenset(".,，．")


def _cut_digits(runs: Runs, verdict: Ints) -> list[int]:
    """The seen digits of texts of which something covers or hides other digits, and of figures that are cut through."""
    unseen = (verdict == COVERED) | (verdict == HIDDEN)
    clipped = verdict == CLIPPED
    if not unseen.any() and not clipped.any():
        return []
    digits = np.fromiter((text.isdecimal() for text in runs.texts), bool, len(runs.texts))
    cut = np.isin(runs.run, np.unique(runs.run[unseen & digits]))
    if (clipped & digits).any():
        part = digits | np.fromiter((text in _MARKS_OF_FIGURES for text in runs.texts), bool, len(runs.texts))
        figure = np.cumsum(~part | np.append(True, runs.run[1:] != runs.run[:-1]))
        cut |= np.isin(figure, figure[clipped & digits])
    return np.flatnonzero(cut & (verdict == SEEN) & digits).tolist()


def _cut_figures(texts: list[str], runs: Runs, verdict: Ints) -> list[str]:
    """The texts, LOST for the seen digits of texts of which something covers or hides other digits."""
    cut = _cut_digits(runs, verdict)
    if not cut:
        return texts
    texts = texts.copy()
    for n in cut:
        texts[n] = LOST
    return texts


def _font_name(text: Handle) -> str:
    name = ctypes.create_string_buffer(128)
    calls.font_name(handle(calls.font_of(text)), name, calls.index(len(name)))
    return name.value.decode("utf-8", "replace")


def _ligatures(texts: list[str], run: Ints, boxes: Ints, turns: Ints) -> tuple[list[str], Ints, Ints]:
    """One character for those that share their box: a glyph that stands for several letters."""
    again = (boxes[1:, 0] == boxes[:-1, 0]) & (run[1:] == run[:-1])
    if not again.any() or not (again := again & (boxes[1:] == boxes[:-1]).all(axis=1)).any():
        return texts, boxes, turns
    first = np.flatnonzero(np.concatenate(([True], ~again)))
    texts = ["".join(texts[i:j]) for i, j in zip(first, [*first[1:], len(texts)], strict=True)]
    texts = [t if t.isascii() else t.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for t in texts]
    return texts, boxes[first], turns[first]


# --- doubts


def _hold_in_doubt(runs: Runs, text_page: Handle, drawn: Sequence[Layer]) -> None:
    """Raise Doubt where pdfium's text may differ from what the fonts say."""
    whole = "".join(runs.texts)
    if _UNSURE.search(whole) or any(map(calls.is_unmapped, repeat(text_page), runs.places)):
        raise Doubt("a character without Unicode value, or a hyphen at a line's end")
    if _RIGHT_TO_LEFT.search(whole):
        raise Doubt("text from right to left")
    if not runs.replaced.any():
        return
    on_page = set(drawn[0].objects)
    sizes = np.diff(runs.firsts, append=len(runs.texts))
    for n in np.flatnonzero(runs.replaced).tolist():
        # Chromium names the character that it printed by the glyph of a radical; anything else is looked at again
        if sizes[n] != 1 or runs.texts[runs.firsts[n]].isascii() or runs.objects[n] not in on_page:
            raise Doubt("a replacement text for what is drawn")


def _lie_on_unseen(runs: Runs, boxes: Ints, verdict: Ints) -> bool:
    """Whether an object prints on what the one before it prints unseen: pdfium leaves out characters both have."""
    ends = [*runs.firsts[1:].tolist(), len(boxes)]
    for before in np.unique(runs.run[verdict != SEEN]).tolist():
        if before + 1 < len(ends):
            first, middle, end = int(runs.firsts[before]), ends[before], ends[before + 1]
            if (verdict[middle:end] == SEEN).any():
                x0, top = np.maximum(boxes[first:middle, :2].min(axis=0), boxes[middle:end, :2].min(axis=0))
                x1, bottom = np.minimum(boxes[first:middle, 2:].max(axis=0), boxes[middle:end, 2:].max(axis=0))
                if x0 < x1 and top < bottom:
                    return True
    return False


def _left_out(layer: Layer, given: Iterable[int]) -> list[Handle]:
    """The text objects of a layer that print a blank, which pdfium leaves out.

    Raises Doubt where it leaves out another one that is not a second print of one just before it.
    """
    blanks: list[Handle] = []
    known = layer.unread.union(given)
    texts = [address for address in layer.objects if address in known]
    for i, text in enumerate(texts):
        if text in layer.unread:
            near = list(map(handle, texts[max(0, i - 8) : i + 1]))
            bounds = calls.rows(calls.object_bounds, near, of=len(near), as_="4f4", outputs=4)
            x0, y0, x1, y1 = bounds[-1]
            if x1 - x0 < _FLAT and y1 - y0 < _FLAT and calls.is_embedded(handle(calls.font_of(near[-1]))) == 1:
                blanks.append(near[-1])  # in another font it may be a character that the substitute does not have
            elif not (abs(bounds[:-1] - bounds[-1]) < _SAME).all(axis=1).any():
                raise Doubt("text that pdfium leaves out")
    return blanks


def _blank_boxes(texts: Sequence[Handle], layer: Layer, frame: Frame) -> tuple[Ints, Ints]:
    """The boxes, without width, and turns of text objects that print a blank."""
    to_page = matrices(texts) @ layer.matrix
    shown = frame.show_matrix(to_page[:, :, :2].reshape(-1, 6))
    size = calls.rows(calls.em_of, texts, of=len(texts), as_="1f4")[:, 0]
    _, _, c, d, e, f = shown.T
    turn = turn_of(shown)
    level = (turn == 0) | (turn == 180)
    start = np.where(level, e, f)
    return em_boxes(start, start, np.where(level, f, e), size * np.where(level, d, c), level), turn
