"""Which characters of a PDF page a reader of the painted page sees.

Here: what hints at a character that is not seen (its mode, colour, size, layer, what is painted over or clips it). Not
here: the painted page, which decides (painting.py); marks and lines through characters that are seen (marks.py). An
ordinary page gives no hint, and is not painted.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium

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
from extractors.formats.pdf.painting import FAINT, PaintedPage, Painting, tight_boxes
from extractors.formats.pdf.paths import Layer, Painted
from extractors.formats.pdf.runs import Runs

SEEN, CLIPPED, HIDDEN, COVERED, STAMP = range(5)
"""What is known of a character; a stamp is a watermark or the text of a seal, not of the form."""

_CODES = {HIDDEN: ProblemCode.HIDDEN_CONTENT, COVERED: ProblemCode.COVERED_TEXT}
_PAINTED = {pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_STROKE}
_PALE = 235
"""Of 255: the least of red, green and blue of a text that white paper may hide."""
_OF_PATTERN = 191
"""What pdfium gives as red, green and blue of a text that is filled with a pattern."""
_GREY = 150
"""The least of red, green and blue of a watermark."""
_VIVID = 80
"""Between the most and the least of red, green and blue: a colour that seals have."""
_TINY = 1.0
"""Points below which no em can be read."""
_BIG = 3.0
"""Ems of the page's text; what is larger and lies across it is a watermark."""
_RING = 4
"""Characters at angles that make a seal."""


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
    blended = _blended(runs, drawn)
    if not (
        layered or blended.any() or any(own.fills for own in painted) or any(layer.pictures for layer in drawn)
    ) and (_is_plain(modes, colors, runs)):
        return _verdict(len(runs.places), clipped) if clipped else None
    verdict = _verdict(len(runs.places), clipped)
    page = PaintedPage(raw, text_page, runs, drawn, painted, frame)
    ems = _ems(runs)
    how = np.array(modes)
    unpainted = (how == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE) | (how == pdfium.FPDF_TEXTRENDERMODE_CLIP)
    light = (colors[:, :3].min(axis=1) >= _PALE) | (colors[:, 3] < FAINT) | (colors[:, :3] == _OF_PATTERN).all(axis=1)
    faint = (light | (how == pdfium.FPDF_TEXTRENDERMODE_STROKE)) & ~unpainted
    by_run = np.zeros(len(modes), np.int64)
    by_run[(ems < _TINY) | (_breadths(runs) < _TINY)] = HIDDEN
    mirrored = _mirrored(runs)
    if mirrored.any() and 2 * page.share(mirrored) < 1:  # of a whole page it is the way its font is made
        by_run[mirrored] = HIDDEN
    if page.is_scan(unpainted):
        unpainted[:] = False
    by_run[unpainted & ~_printed_again(page, unpainted)] = HIDDEN
    askew = turn_of(frame.show_matrix(runs.matrix)) == -1
    by_run[_stamps(page, colors, ems, askew, rules, by_run)] = STAMP
    verdict = np.where(verdict, verdict, by_run[runs.run])
    _decide(page, verdict, by_run == SEEN, (faint, blended), colors, layered)
    return verdict


def _blended(runs: Runs, drawn: Sequence[Layer]) -> Bools:
    """The texts that are mixed with what lies below them, or masked, by themselves or with the form they are in."""
    blended = np.fromiter(map(calls.has_transparency, runs.handles), bool, len(runs.handles))
    for layer in drawn[1:]:
        if layer.form and calls.has_transparency(handle(layer.form)):
            blended |= np.isin(runs.objects, layer.objects)
    return blended


def _is_plain(modes: list[int], colors: Ints, runs: Runs) -> bool:
    """Whether no text is without paint, pale, at an angle, very small or very large."""
    if not {*modes} <= _PAINTED or colors[:, :3].max() >= _GREY or colors[:, 3].min() < FAINT:
        return False
    ems = np.sort(_ems(runs))
    if runs.matrix[:, 1:3].any() or ems[0] < _TINY or ems[-1] > _BIG * ems[len(ems) // 2]:
        return False
    return bool(_breadths(runs).min() >= _TINY and not _mirrored(runs).any())


def _ems(runs: Runs) -> Floats:
    """The size of each text in user space."""
    ems: Floats = runs.size * np.abs(runs.matrix[:, :4]).max(axis=1)
    return ems


def _breadths(runs: Runs) -> Floats:
    """The breadth of an em of each text in user space, less than its size where the text is condensed."""
    breadths: Floats = runs.size * np.abs(runs.matrix[:, :2]).max(axis=1)
    return breadths


def _mirrored(runs: Runs) -> Bools:
    """The texts that are printed as in a mirror."""
    a, b, c, d = runs.matrix[:, :4].T
    mirrored: Bools = a * d < b * c
    return mirrored


def _verdict(count: int, clipped: list[int]) -> Ints:
    verdict = np.zeros(count, np.int64)
    verdict[clipped] = CLIPPED
    return verdict


def told(verdict: Ints, text_page: Handle, runs: Runs, frame: Frame) -> list[LeftOut]:
    """What of the characters is not read, and where; what it says only of stamps, which the page shows."""
    found = []
    blank = are_blank(runs.texts)
    for reason, code in _CODES.items():
        own = np.flatnonzero((verdict == reason) & ~blank)
        if len(own):
            found += left_out(code, thousandths(tight_boxes(text_page, runs, frame, own)))
    cut = (verdict == CLIPPED) & ~blank
    for run in np.unique(runs.run[cut]).tolist():
        own = np.flatnonzero(cut & (runs.run == run))
        boxes = thousandths(tight_boxes(text_page, runs, frame, own))
        box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
        found.append(LeftOut(ProblemCode.HIDDEN_CONTENT, box, clipped="".join(runs.texts[n] for n in own.tolist())))
    askew = (turn_of(frame.show_matrix(runs.matrix)) == -1)[runs.run]
    stamps = np.flatnonzero(((verdict == STAMP) | (askew & (verdict == SEEN))) & ~blank)
    if len(stamps):
        boxes = thousandths(tight_boxes(text_page, runs, frame, stamps))
        box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
        words = "".join(runs.texts[n] for n in stamps.tolist())
        found.append(LeftOut(ProblemCode.STAMPED_TEXT, box, words))
    return found


def _printed_again(page: PaintedPage, hidden: Bools) -> Bools:
    """Which of these texts another prints in the same place, which pdfium leaves out of the text of the page."""
    again = np.zeros(len(hidden), bool)
    unread = [(handle(a), n) for n, layer in enumerate(page.drawn) for a in layer.unread]
    seen = [(text, n) for text, n in unread if calls.render_mode(text) in _PAINTED]
    if seen and hidden.any():
        boxes = page.shown([text for text, _ in seen], [n for _, n in seen])
        near = np.logical_and.reduce(abs(page.boxes[:, None] - boxes[None]) < 1.0, axis=2)
        again = hidden & np.logical_or.reduce(near, axis=1)
    return again


def _decide(
    page: PaintedPage, verdict: Ints, open_: Bools, weak: tuple[Bools, Bools], colors: Ints, layered: bool
) -> None:
    """Set the verdict of the characters of texts that something hints at, by the painted page."""
    groups = _hinted(page, open_, *weak, colors, layered)
    if not groups:
        return
    painting = Painting(page)
    for reason, hinted, sure in groups:
        own = np.flatnonzero(hinted[page.runs.run] & ~page.blank & (verdict == SEEN))
        if len(own):
            inked, shaped = painting.inked(np.flatnonzero(hinted).tolist(), own)
            verdict[own[~inked & (shaped | sure)]] = reason


def _hinted(
    page: PaintedPage, open_: Bools, faint: Bools, blended: Bools, colors: Ints, layered: bool
) -> list[tuple[int, Bools, bool]]:
    """Groups of texts: the reason why they may not be seen, which, whether it holds where a glyph has no shape."""
    groups: list[tuple[int, Bools, bool]] = []
    under = page.patches.over(page.boxes) & open_ if page.patches.any else np.zeros(len(open_), bool)
    if under.any():
        groups.append((COVERED, under, True))
    like = page.patches.backed(page.boxes, colors, faint) if page.patches.any else faint
    if (like := (like | blended) & open_ & ~under).any():
        groups.append((HIDDEN, like, True))
    if layered:
        layer = np.array([page.layer_of.get(address, 0) for address in page.runs.objects])
        marked = np.fromiter(map(calls.mark_count, page.runs.handles), np.int64, len(layer)) > 0
        rest = open_ & ~under & ~like & ((layer > 0) | marked)
        groups.extend((HIDDEN, rest & (layer == n), False) for n in np.unique(layer[rest]).tolist())
    return groups


# --- watermarks and seals


def _stamps(
    page: PaintedPage, colors: Ints, ems: Floats, askew: Bools, rules: tuple[Sequence[Box], Sequence[Box]], by_run: Ints
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
            x, y, reach = _ring(page.boxes[own & askew])
            a, b, c, d = page.boxes.T
            stamps |= own & ~askew & (np.hypot((a + c) / 2 - x, (b + d) / 2 - y) <= reach)
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


def _ring(boxes: Floats) -> tuple[float, float, float]:
    """The middle of a seal and how far it reaches, by the boxes of the characters on it that stand at an angle.

    The ring is open where its number stands; where characters stand level, or upright, none is among these.
    """
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    height = float((boxes[:, 2:] - boxes[:, :2]).max())
    side = float((boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)).max())
    circle = np.column_stack((2 * middles, np.ones(len(middles))))
    x, y, rest = np.linalg.lstsq(circle, (middles**2).sum(axis=1), rcond=None)[0].tolist()
    radius = max(rest + x * x + y * y, 0.0) ** 0.5
    if radius <= side:
        return x, y, radius + height
    x, y = ((boxes[:, :2].min(axis=0) + boxes[:, 2:].max(axis=0)) / 2).tolist()  # a line of words: it has no inside
    return x, y, side / 2


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
