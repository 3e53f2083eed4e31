"""What is printed on a PDF page and is no part of a value: struck-out characters, raised marks of notes, overprints.

Here: telling them by the characters' boxes and the rules, whichever engine found these. Not here: characters that are
not seen (shown.py). Lengths are thousandths of a point.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from dataclasses import replace

import numpy as np

from extractors.codes import ProblemCode
from extractors.formats.pdf.page_content import (
    DESCENT,
    LOST,
    POINT,
    Bools,
    Box,
    Floats,
    Ints,
    LeftOut,
    PageContent,
    are_blank,
    left_out,
    middles,
)
from extractors.grid import turned_box

_SMALL = 0.72
"""Of its neighbour's size a raised mark has at most."""
_RAISED = 0.1, 0.9
"""Ems of its neighbour that a raised mark's baseline stands above the neighbour's."""
_BESIDE = 1.0
"""Ems of its neighbour between the two at most."""
_THROUGH = 0.08, 0.62
"""Ems above the baseline between which a line runs through the glyphs, neither under nor over them."""
_BEYOND = 2.0
"""Ems by which such a line reaches beyond what it strikes out."""
_CROSSED = 5.0
"""Ems of what a cross over a cell strikes out that the cell is high at most."""
_SLANTED = 0.45
"""Ems between a line at an angle and the middle of a character that it strikes out."""
_AT = 3 * POINT
"""Within this the end of a rule meets another, so that it is the edge of a cell."""
_THICK = 5 * POINT
"""A line that strikes out is no thicker, so that its own ends are no edges."""
_TYPED_LINE = re.compile("([-_—–―─])\\1+")
_DASH = 0.3
"""Ems that a dash stands above the baseline."""
_POWER = re.compile("[23²³]")
_UNIT_END = re.compile("[A-Za-z米]")
_MARK = re.compile("[0-9a-zA-Z*＊†‡#①-⑳⓪¹²³()（）\\[\\]［］〔〕注]")
"""What marks of notes are made of."""
_ONE_PLACE = 0.45
"""Of the smaller one's width and height that two characters in one place are apart at most."""
_HALF_LINE = 12
"""Its exponent to 2 in thousandths of a point: two so near in height share a band, or one half a band lower."""
_FEW = 0.05, 20
"""Share of a page's characters, or number, that marks are at most; where more are small, sizes tell nothing."""


def unmarked(ink: PageContent) -> PageContent:
    """The page without struck-out characters, raised marks, and digits on which others are printed.

    They are kept in `left_out`; LOST stands for the last.
    """
    if turn := ink.turn:
        upright = ink.turned(turn)
        read = unmarked(replace(upright, left_out=[]))
        told = [part._replace(box=turned_box(part.box, -turn)) for part in read.left_out]
        return replace(read.turned(-turn), left_out=[*ink.left_out, *told])
    ink, typed = _typed_lines(ink)
    ink = _told_apart(ink)
    marked = _struck(replace(ink, level=[*ink.level, *typed])) | _raised(ink)
    if not marked.any():
        return ink
    own = np.flatnonzero(marked)
    own = own[np.lexsort((ink.boxes[own, 0], ink.boxes[own, 3] // POINT))]
    told = left_out(ProblemCode.MARKED_TEXT, ink.boxes[own], [ink.texts[n] for n in own.tolist()])
    texts = [text for text, mark in zip(ink.texts, marked.tolist(), strict=True) if not mark]
    kept = ~marked
    return replace(ink, texts=texts, boxes=ink.boxes[kept], turns=ink.turns[kept], left_out=[*ink.left_out, *told])


def _typed_lines(ink: PageContent) -> tuple[PageContent, list[Box]]:
    """The page without dashes and underscores that are typed over other characters, and the lines that these make."""
    texts = "".join(text if len(text) == 1 else "\0" for text in ink.texts)
    dropped = np.zeros(len(texts), bool)
    lines: list[Box] = []
    for match in _TYPED_LINE.finditer(texts):
        own = ink.boxes[match.start() : match.end()]
        x0, top, _, bottom = own[0].tolist()
        x1, em = int(own[-1, 2]), bottom - top
        goes_on = (own[:, 3] == bottom).all() and (abs(own[1:, 0] - own[:-1, 2]) < em // 4).all()
        if not goes_on or ink.turns[match.start() : match.end()].any():
            continue
        x, y = middles(ink.boxes)
        under = (x > x0) & (x < x1) & (abs(2 * y - top - bottom) < em)
        under[match.start() : match.end()] = False
        if any(texts[n].isalnum() for n in np.flatnonzero(under).tolist()):
            at = bottom if match[1] == "_" else round(bottom - (DESCENT + _DASH) * em)
            lines.append((x0, at, x1, at))
            dropped[match.start() : match.end()] = True
    if not lines:
        return ink, lines
    kept = ~dropped
    left = [text for text, own in zip(ink.texts, kept.tolist(), strict=True) if own]
    return replace(ink, texts=left, boxes=ink.boxes[kept], turns=ink.turns[kept]), lines


def _told_apart(ink: PageContent) -> PageContent:
    """The page with one of two texts that are printed in one place: whose digits are LOST, as neither is sure."""
    own = np.flatnonzero(_are_digits(ink.texts) & (ink.turns == 0))
    if len(own) < 2:
        return ink
    x, y = middles(ink.boxes[own])
    keys = [(y + half >> _HALF_LINE + 1 << 32) + x for half in (0, 1 << _HALF_LINE)]
    reach = _ONE_PLACE * (ink.boxes[own, 2] - ink.boxes[own, 0]).max()
    if not any((np.diff(np.sort(key)) < reach).any() for key in keys):  # as on most pages
        return ink
    sizes = ink.boxes[own, 2:] - ink.boxes[own, :2]
    pairs: set[tuple[int, int]] = set()
    for key in keys:
        order = np.argsort(key, kind="stable")
        for step in (1, 2):
            a, b = order[:-step], order[step:]
            near = (abs(x[a] - x[b]) < _ONE_PLACE * np.minimum(sizes[a, 0], sizes[b, 0])) & (
                abs(y[a] - y[b]) < _ONE_PLACE * np.minimum(sizes[a, 1], sizes[b, 1])
            )
            near &= abs(own[a] - own[b]) > 1  # as the digits of one text in a font of wrong widths
            pairs.update(zip(own[a[near]].tolist(), own[b[near]].tolist(), strict=True))
    pairs = {(min(p), max(p)) for p in pairs if ink.texts[p[0]] != ink.texts[p[1]]}
    if not pairs:
        return ink
    texts, dropped = list(ink.texts), np.zeros(len(ink.texts), bool)
    told: list[LeftOut] = []
    for first, second in sorted(pairs):
        below, above = _line_around(ink, first), _line_around(ink, second)
        if dropped[first] or second in below:
            continue
        dropped[list(above)] = True
        for n in below:
            texts[n] = LOST if texts[n].isdecimal() else texts[n]
        together = ink.boxes[[*below, *above]]
        box = (*together[:, :2].min(axis=0).tolist(), *together[:, 2:].max(axis=0).tolist())
        if not told or told[-1].box != box:
            told.append(LeftOut(ProblemCode.TWO_VALUES, box))
    keep = ~dropped
    kept = [text for text, dropped_one in zip(texts, dropped.tolist(), strict=True) if not dropped_one]
    return replace(ink, texts=kept, boxes=ink.boxes[keep], turns=ink.turns[keep], left_out=[*ink.left_out, *told])


def _are_digits(texts: list[str]) -> Bools:
    whole = "".join(texts)
    if len(whole) != len(texts):
        return np.array([text.isdecimal() for text in texts], bool)
    codes = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), np.uint32)
    digits: Bools = (codes >= ord("0")) & (codes <= ord("9"))
    return digits


def _line_around(ink: PageContent, at: int) -> range:
    """The characters that are drawn one after another on one line with the one at a place."""
    em = int(ink.boxes[at, 3] - ink.boxes[at, 1])

    def follows(n: int) -> bool:
        before, after = ink.boxes[n], ink.boxes[n + 1]
        return bool(abs(before[3] - after[3]) < POINT and -em // 2 < after[0] - before[2] < em // 2)

    first, last = at, at
    while first and follows(first - 1):
        first -= 1
    while last + 1 < len(ink.texts) and follows(last):
        last += 1
    return range(first, last + 1)


def _raised(ink: PageContent) -> Bools:
    """The small characters on a raised baseline beside larger ones; a power behind a unit is none."""
    marked = np.zeros(len(ink.texts), bool)
    if len(marked) < 2:
        return marked
    em = ink.boxes[:, 3] - ink.boxes[:, 1]
    base = ink.boxes[:, 3] - (DESCENT * em).astype(np.int64)
    small = em < _SMALL * np.partition(em, len(em) // 2)[len(em) // 2]
    small[1:] |= (em[1:] < _SMALL * em[:-1]) & (base[1:] < base[:-1])
    small &= ink.turns == 0
    own = np.array([n for n in np.flatnonzero(small).tolist() if _MARK.match(ink.texts[n])], np.int64)
    if not len(own) or np.count_nonzero(small) > max(_FEW[0] * len(small), _FEW[1]):
        return marked
    blank = are_blank(ink.texts)
    for n in own[np.argsort(ink.boxes[own, 0], kind="stable")].tolist():
        x0, _, x1, _ = ink.boxes[n].tolist()
        up = base - base[n]
        near = (em[n] < _SMALL * em) & (up > _RAISED[0] * em) & (up < _RAISED[1] * em) & ~blank & (ink.turns == 0)
        before = near & (abs(x0 - ink.boxes[:, 2]) < _BESIDE * em)
        after = near & (abs(ink.boxes[:, 0] - x1) < _BESIDE * em)
        goes_on = marked & (em == em[n]) & (base == base[n]) & (abs(x0 - ink.boxes[:, 2]) < _BESIDE * em[n])
        if goes_on.any():
            marked[n] = True
        elif before.any():
            nearest = int(np.flatnonzero(before)[abs(x0 - ink.boxes[before, 2]).argmin()])
            marked[n] = not (_POWER.match(ink.texts[n]) and _UNIT_END.search(ink.texts[nearest]))
        elif after.any():
            marked[n] = True
    return marked


def _struck(ink: PageContent) -> Bools:
    """The characters that a line runs through: one no longer than they, or alone across their cell, or at an angle."""
    struck = np.zeros(len(ink.texts), bool)
    slanted = [rule for rule in ink.upright if rule[2] - rule[0] > POINT]
    if not (ink.level or slanted) or not len(struck):
        return struck
    edges = {x // _AT + n for x in {rule[0] for rule in ink.upright if rule[3] - rule[1] > _THICK} for n in (-1, 0, 1)}
    rules = set(ink.level)
    free = {rule for rule in rules if rule[0] // _AT not in edges or rule[2] // _AT not in edges}
    em = ink.boxes[:, 3] - ink.boxes[:, 1]
    base = ink.boxes[:, 3] - DESCENT * em
    across = _alone(rules - free, base, em)
    if not (free or across or slanted):
        return struck
    middle, height = middles(ink.boxes)
    printed = (ink.turns == 0) & ~are_blank(ink.texts)
    for rule in sorted(free | across):
        start, at, end, _ = rule
        through = printed & (base - at > _THROUGH[0] * em) & (base - at < _THROUGH[1] * em)
        through &= (middle > start - POINT) & (middle < end + POINT)
        if not through.any():
            continue
        reach = _BEYOND * em[through].max()
        if rule in across:
            near = printed & (abs(height - at) < em) & (middle > start) & (middle < end)
            if not (near & ~through).any():  # else lines of a text stand above and below
                struck |= through
        elif ink.boxes[through, 0].min() - start < reach and end - ink.boxes[through, 2].max() < reach:
            struck |= through
    crossed = {rule for rule, times in Counter(slanted).items() if times > 1 and rule[3] - rule[1] > POINT}
    for x0, top, x1, bottom in crossed:
        inside = printed & (middle > x0) & (middle < x1) & (height > top) & (height < bottom)
        if inside.any() and bottom - top < _CROSSED * em[inside].max():
            struck |= inside
    for x0, top, x1, bottom in slanted:
        if bottom - top > x1 - x0:
            continue
        over = (middle - x0) * ((bottom - top) / (x1 - x0))
        through = printed & (middle > x0) & (middle < x1)
        through &= np.minimum(abs(top + over - height), abs(bottom - over - height)) < _SLANTED * em
        if through.any():
            reach = _BEYOND * em[through].max()
            if ink.boxes[through, 0].min() - x0 < reach and x1 - ink.boxes[through, 2].max() < reach:
                struck |= through
    return struck


def _alone(rules: Set[Box], base: Floats, em: Ints) -> set[Box]:
    """The rules from edge to edge that no other goes on from, and that a line of text may lie on."""
    if not rules:
        return set()
    listed = list(rules)
    at = np.array([rule[1] for rule in listed])
    heights = np.sort(base)
    low, high = heights.searchsorted(at + _THROUGH[0] * em.min()), heights.searchsorted(at + _THROUGH[1] * em.max())
    under = [rule for rule, on in zip(listed, (low < high).tolist(), strict=True) if on]
    if not under:
        return set()
    starts = {(rule[1] // POINT, rule[0] // _AT) for rule in rules}
    ends = {(rule[1] // POINT, rule[2] // _AT) for rule in rules}
    found = set()
    for rule in under:
        x0, y, x1, _ = rule
        line, left, right = y // POINT, x0 // _AT, x1 // _AT
        beside = any(
            (line + m, right + n) in starts or (line + m, left + n) in ends for m in (-1, 0, 1) for n in (-1, 0, 1)
        )
        if not beside:
            found.add(rule)
    return found
