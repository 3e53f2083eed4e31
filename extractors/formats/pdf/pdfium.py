"""The fast engine: the ink of a PDF page from pdfium, read in bulk through its raw interface.

Here: characters, text that clipping paths hide, and every doubt. Not here: painted paths (pdf_paths.py), what is done
where there is a doubt (pdf.py). pdfium is not thread-safe: one process, one document at a time.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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
    Bools,
    Floats,
    Frame,
    Ints,
    PageContent,
    are_blank,
    changes,
    em_boxes,
    glyphs_shown,
    rules_of,
    thousandths,
    turn_of,
)
from extractors.formats.pdf.paths import Layer, layers, matrices, painted
from extractors.grid import Unreadable

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_UNSURE = re.compile("[\x00\x02\ufffe\uffff]")
"""What pdfium puts for a character without Unicode, and for a hyphen at a line's end, which it may also drop."""
_FLAT = 0.05
"""Points below which a text object has no height or width: it prints blanks."""
_MOST_MARKS = 16
"""Marks of one text object; more are not looked at, and the object is not trusted."""
_SAME = 1.0
"""Points within which a text object is a second print of another."""

Hidden = tuple[str, float, float]
"""A character that is not shown, and its origin in user space."""


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


_frame = lru_cache(maxsize=16)(Frame)
"""Most pages are alike, and what a frame knows of itself it keeps."""


def _own_box(function: Callable[..., int], page: Any) -> tuple[float, ...] | None:
    sides = [ctypes.c_float() for _ in range(4)]
    return tuple(side.value for side in sides) if function(page, *sides) else None


@dataclass(slots=True)
class _Runs:
    """The characters that text objects print, by object.

    `texts` (n) and `places` (n), each character's index in the text page; `firsts` (r): where the next object's begin,
    `objects` (r): its address, `handles` (r), `run` (n): which it is. `replaced` (r): the text is an ActualText, given
    by the document in place of what the font says.
    """

    texts: list[str]
    places: list[int]
    run: Ints
    firsts: Ints
    objects: list[int]
    handles: list[Handle]
    replaced: Bools


def read_ink(page: Handle, text_page: Handle, text: str, frame: Frame, most: int) -> PageContent:
    """The ink of a page; `text`: the characters of its text page.

    Raises Doubt where another engine should read the page, Unreadable (BOMB, TOO_DEEP) for more than `most` objects.
    """
    runs = _runs(text_page, text)
    drawn = layers(page, set(runs.objects), most)
    lines, subpaths = zip(*(painted(layer, frame, most) for layer in drawn), strict=True)
    level, upright = rules_of(chain.from_iterable(subpaths), frame, np.concatenate(lines))
    if len(level) + len(upright) > most:
        raise Unreadable(ReasonCode.BOMB, "页面上的图形多得不正常，请重新导出。")
    _hold_in_doubt(runs, text_page, drawn)
    boxes, turns = _boxes(text_page, runs, frame)
    if hidden := _hidden(text_page, runs, drawn):
        turns[hidden] = -1
    texts, boxes, turns = _ligatures(runs, boxes, turns)
    for layer in drawn:
        if blanks := _left_out(layer, runs.objects) if layer.unread else ():
            own_boxes, own_turns = _blank_boxes(blanks, layer, frame)
            texts = [*texts, *repeat(" ", len(blanks))]
            boxes, turns = np.vstack((boxes, own_boxes)), np.append(turns, own_turns)
    return PageContent(*glyphs_shown(texts, boxes, turns, frame), level, upright)


def hidden_characters(page: Handle, text_page: Handle, text: str, most: int) -> list[Hidden]:
    """The characters that clipping paths hide.

    LibreOffice Calc draws the text of a cell that spans a page break on both pages and lets the clipping path decide
    where it shows; pdfminer does not follow clipping paths.
    """
    runs = _runs(text_page, text)
    hidden = _hidden(text_page, runs, layers(page, set(runs.objects), most))
    places = [runs.places[i] for i in hidden]
    origins = calls.rows(calls.char_origin, repeat(text_page), places, of=len(places), as_="2f8", outputs=2)
    return [(runs.texts[i], x, y) for i, (x, y) in zip(hidden, origins.tolist(), strict=True)]


# --- characters


def _runs(text_page: Handle, text: str) -> _Runs:
    owners = np.fromiter(map(calls.text_object, repeat(text_page), range(len(text))), np.int64, len(text))
    printed = owners.nonzero()[0]  # without the blanks that pdfium puts in gaps
    places = printed.tolist()
    objects = owners[printed]
    first = changes(objects)
    firsts = first.nonzero()[0]
    addresses = objects[firsts].tolist()
    handles = list(map(handle, addresses))
    texts = list(map(text.__getitem__, places))
    return _Runs(texts, places, first.cumsum() - 1, firsts, addresses, handles, _replaced(handles))


def _replaced(texts: Sequence[Handle]) -> Bools:
    """Which text objects are marked with an ActualText, which pdfium gives instead of their characters."""
    counts = np.fromiter(map(calls.mark_count, texts), np.int64, len(texts))
    replaced: Bools = counts > _MOST_MARKS
    for n in range(min(int(counts.max(initial=0)), _MOST_MARKS)):
        marked = np.flatnonzero(counts > n).tolist()
        marks = list(map(calls.mark_of, map(texts.__getitem__, marked), repeat(calls.index(n))))
        says = {m: calls.mark_value_kind(handle(m), b"ActualText") != pdfium.FPDF_OBJECT_UNKNOWN for m in set(marks)}
        replaced[marked] |= np.fromiter(map(says.__getitem__, marks), bool, len(marks))
    return replaced


def _boxes(text_page: Handle, runs: _Runs, frame: Frame) -> tuple[Ints, Ints]:
    """The boxes and turns of the characters."""
    starts = list(map(runs.places.__getitem__, runs.firsts.tolist()))
    matrix = calls.rows(calls.char_matrix, repeat(text_page), starts, of=len(starts), as_="6f4")
    size = np.fromiter(map(calls.font_size, repeat(text_page), starts), float, len(starts))
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


def _level_boxes(runs: _Runs, matrix: Floats, size: Floats, loose: Floats, frame: Frame) -> tuple[Ints, Ints]:
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


def _ligatures(runs: _Runs, boxes: Ints, turns: Ints) -> tuple[list[str], Ints, Ints]:
    """One character for those that share their box: a glyph that stands for several letters."""
    again = (boxes[1:, 0] == boxes[:-1, 0]) & (runs.run[1:] == runs.run[:-1])
    if not again.any() or not (again := again & (boxes[1:] == boxes[:-1]).all(axis=1)).any():
        return runs.texts, boxes, turns
    first = np.flatnonzero(np.concatenate(([True], ~again)))
    texts = ["".join(runs.texts[i:j]) for i, j in zip(first, [*first[1:], len(runs.texts)], strict=True)]
    texts = [t if t.isascii() else t.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for t in texts]
    return texts, boxes[first], turns[first]


# --- doubts


def _hold_in_doubt(runs: _Runs, text_page: Handle, drawn: Sequence[Layer]) -> None:
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


# --- clipping paths


def _hidden(text_page: Handle, runs: _Runs, drawn: Sequence[Layer]) -> list[int]:
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
