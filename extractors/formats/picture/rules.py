"""The ruling lines of a straight page, and the page's ink without them.

Here: what is drawn as a line of a table. Not here: tables (formats/pdf/tables), straightening (straight).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.formats.picture.straight import Bools, Grey

INK = 165
"""Darker is ink, on paper of 255."""
_PIECE = 22
"""Pixels of a piece of a rule that stands alone; longer than most strokes of print."""
_GAP = 24
"""Pixels of a break in a rule."""
_LEAST = 34
"""Pixels of the shortest rule."""
_FREE, _WHOLE = 130, 0.93
"""Pixels from which a rule without breaks (this share of it is ink) needs no others at its ends: strokes of print that
stand below one another make no rule."""
_NEAR = 9
"""Pixels within which an end meets another rule."""
_THICK = 13
"""Pixels: what is thicker is a filled area."""
_HALF = 6
"""Pixels that a rule reaches to both sides of its middle, at most."""
_DRAWN = 0.8
"""Share of a part of a rule, between two rules across, that is ink."""

Span = tuple[int, int, int]
"""A rule as its place, start and end."""
Rule = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; for a level rule top and bottom are its middle."""


@dataclass(slots=True)
class Ruled:
    """`level`, `upright`: rules as boxes without breadth. `ink`: what is dark; `rules`: what of it the rules cover."""

    level: list[Rule]
    upright: list[Rule]
    ink: Bools
    rules: Bools


def find_rules(grey: Grey) -> Ruled:
    """The rules of a page whose paper is white."""
    ink = (grey < INK).astype(np.uint8)
    level, whole, level_mask = _runs(ink)
    across, upright_whole, upright_mask = _runs(ink.T.copy())
    upright = [(y0, x0, y1, x1) for x0, y0, x1, y1 in across]
    level, upright = _meeting(level, whole, upright, upright_whole)
    bars = [(x, y0, y1) for x, y0, _, y1 in upright]
    rows = [(y, x0, x1) for x0, y, x1, _ in level]
    upright = [(x, a, x, b) for bar in bars for x, a, b in _inked(bar, rows, bars, ink.T)]
    bars = [(x, y0, y1) for x, y0, _, y1 in upright]
    level = [(a, y, b, y) for row in rows for y, a, b in _inked(row, bars, rows, ink)]
    mask = np.zeros_like(ink)
    for rules, own in ((level, level_mask), (upright, np.ascontiguousarray(upright_mask.T))):
        for x0, y0, x1, y1 in rules:
            part = (slice(max(y0 - 5, 0), y1 + 6), slice(max(x0 - 5, 0), x1 + 6))
            mask[part] |= own[part]
    return Ruled(level, upright, ink > 0, mask > 0)


def _runs(ink: NDArray[np.uint8]) -> tuple[list[Rule], list[bool], NDArray[np.uint8]]:
    """Long level runs of ink, which of them have no breaks, and the ink that they cover."""
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    pieces = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, _PIECE), np.uint8))
    whole = cv2.morphologyEx(pieces, cv2.MORPH_CLOSE, np.ones((1, _GAP), np.uint8))
    whole = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, _LEAST), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    rules: list[Rule] = []
    unbroken: list[bool] = []
    for n in range(1, count):
        x, y, wide, high, _ = stats[n].tolist()
        part = (slice(y, y + high), slice(x, x + wide))
        run = labels[part] == n
        thickness = run.sum(axis=0)
        if np.median(thickness) - 2 > _THICK:
            whole[part][run] = 0
            continue
        below = _middle(run, thickness)
        at = y + below
        near = abs(np.arange(high) - below) <= _HALF  # what is thicker is a seal or a blot upon the rule
        whole[part][run & ~near[:, None]] = 0
        rules.append((x, at, x + wide - 1, at))
        inked = np.max(pieces[part] * run, axis=0)
        unbroken.append(wide >= _FREE and bool(np.mean(inked > 0) >= _WHOLE))
    return rules, unbroken, cv2.dilate(whole, np.ones((3, 1), np.uint8)) & ink


def _middle(run: Bools, thickness: NDArray[np.int64]) -> int:
    """The height at which a rule stands, by where it is thin; `run` (height, width): its ink."""
    thin = thickness <= np.median(thickness)
    return round(float(np.median((run[:, thin] * np.arange(len(run))[:, None]).sum(axis=0) / thickness[thin])))


def _meeting(
    level: list[Rule], whole: list[bool], upright: list[Rule], upright_whole: list[bool]
) -> tuple[list[Rule], list[Rule]]:
    """The rules without strokes of print: a short or a broken one meets others at both of its ends."""
    for _ in range(2):
        kept = [
            (rule, free)
            for rule, free in zip(upright, upright_whole, strict=True)
            if free or _meets(rule[0], rule[1], rule[3], [(y, x0, x1) for x0, y, x1, _ in level])
        ]
        upright, upright_whole = [rule for rule, _ in kept], [free for _, free in kept]
        kept = [
            (rule, free)
            for rule, free in zip(level, whole, strict=True)
            if free or _meets(rule[1], rule[0], rule[2], [(x, y0, y1) for x, y0, _, y1 in upright])
        ]
        level, whole = [rule for rule, _ in kept], [free for _, free in kept]
    return level, upright


def _meets(at: int, start: int, end: int, others: list[tuple[int, int, int]]) -> bool:
    """Whether rules across (their place, start and end) pass both ends of the rule at `at` from `start` to `end`."""
    return all(
        any(abs(place - edge) <= _NEAR and a - _NEAR <= at <= b + _NEAR for place, a, b in others)
        for edge in (start, end)
    )


def _inked(rule: Span, across: list[Span], along: list[Span], ink: NDArray[np.uint8]) -> list[Span]:
    """The parts of a rule, from one rule across to the next, that are drawn: strokes of print between two are none.

    What reaches beyond the outermost rule across is kept where other rules end there, too, or where it is long: so a
    page cuts a table. `ink` with the rule as a row.
    """
    at, start, end = rule
    met = sorted({y for y, a, b in across if a - _NEAR <= at <= b + _NEAR and start - _NEAR <= y <= end + _NEAR})
    if not met:
        return [rule]
    drawn: Bools = np.max(ink[max(at - 3, 0) : at + 4], axis=0) > 0
    edges = [start, *met, end] if abs(start - met[0]) > _NEAR else [*met, end]
    if abs(end - met[-1]) <= _NEAR:
        edges.pop()
    parts: list[Span] = []
    for a, b in pairwise(edges):
        if b - a > 2 * _NEAR:
            outer = (a < met[0] or b > met[-1]) and b - a < _FREE
            side = 1 if a < met[0] else 2
            alone = outer and sum(abs(other[side] - rule[side]) <= _NEAR for other in along) < 2
            if drawn[a + 4 : b - 3].mean() < _DRAWN or alone:
                continue
        if parts and parts[-1][2] == a:
            parts[-1] = (at, parts[-1][1], b)
        else:
            parts.append((at, a, b))
    return [part for part in parts if part[2] - part[1] >= _LEAST / 2]
