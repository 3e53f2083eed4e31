"""What is printed on a PDF page: its characters, as arrays, and its ruling lines.

Here: PageContent, the page's frame, and what is done to the ink of either engine. Not here: the engines (pdf_pdfium.py,
pdf_plumber.py), tables (pdf_tables.py), text (pdf_page.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import filterfalse, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractors.codes import ProblemCode, ReasonCode
from extractors.formats.symbols import UNKNOWN
from extractors.grid import turned_box

POINT = 1000
"""Coordinates are whole thousandths of a point, so that thresholds fall alike whichever engine measured."""
_FAR = 10**8
"""No coordinate lies farther out than 100 000 points."""
_NEAR = 1 * POINT
"""The same character drawn again within a point is a second print (poor man's bold)."""
_OVER = 0.45
"""Or within this share of its width: no two characters of one text overlap so far."""
_EXACT, _OFTEN = POINT // 10, 5
"""A second print that is shifted within so much in the same way as so many others is one, however narrow."""
_HALF_BAND = 11
"""Its exponent to 2: at least twice `_NEAR`."""
DOT = 1 * POINT
"""Shorter rules are dots."""
_HAIRLINE = 5 * POINT
"""A filled rectangle up to this thin is a ruling line, whatever its colour."""

_WHOLE = 0.8
"""Share of a page's characters in whose direction the page is read."""
_EDGE = 3 * POINT
"""Within this the side of a filled area lies on a rule."""
_MOST_LOOKED_AT = 4_000_000
"""Pairs of a filled area and a rule; a page with more is no form."""

LOST = UNKNOWN
"""Stands for a character that the document gives no Unicode value."""
_MEANINGLESS = re.compile(f"[{LOST}\ue000-\uf8ff]")

DESCENT, ASCENT = 0.12, 0.88
"""The parts of a character's em below and above its baseline."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Box = tuple[int, int, int, int]
"""x0, top, x1, bottom."""
Corners = list[list[int]]
"""Points x, y."""


Hidden = tuple[str, float, float]
"""A character and its origin in user space."""


class LeftOut(NamedTuple):
    """Characters that are not read, by the code of the problem, and their box; `text` only where the page shows it.

    `clipped`: what a clipping path hides, which another page may show.
    """

    code: ProblemCode | ReasonCode
    box: Box
    text: str = ""
    clipped: str = ""


@dataclass(slots=True)
class PageContent:
    """The characters and ruling lines of a page, in thousandths of a point from the top left of its media box.

    `texts` (n): what each character prints, mostly one letter. `boxes` (n, 4): x0, top, x1, bottom. `turns` (n): 0, or
    90 (read upwards), -90 (downwards), 180. `level`, `upright`: the rules, boxes without breadth. `left_out`: what the
    document holds and the page does not show. `certainty` (n): of each character (0-1) where they were recognised in a
    picture, else None; `others` (n): what else each may be.
    """

    texts: list[str]
    boxes: Ints
    turns: Ints
    level: list[Box]
    upright: list[Box]
    left_out: list[LeftOut] = field(default_factory=list)
    certainty: Floats | None = None
    others: list[str] = field(default_factory=list)

    def turned(self, turn: int) -> PageContent:
        """The ink of the page turned so that text running upwards (90), downwards (-90) or on its head is level."""
        level, upright = ([turned_box(box, turn) for box in rules] for rules in (self.level, self.upright))
        if abs(turn) == 90:
            level, upright = upright, level
        boxes, turns = turned(self.boxes, turn), 180 - (180 + turn - self.turns) % 360
        return replace(self, boxes=boxes, turns=turns, level=level, upright=upright)

    @property
    def turn(self) -> int:
        """How the whole page is printed: 0, sideways (90, -90) or on its head (180)."""
        for turn in (90, -90, 180) if self.turns.any() else ():
            if np.count_nonzero(self.turns == turn) > _WHOLE * len(self.texts):
                return turn
        return 0

    def lost_share(self) -> float:
        """The share of characters that have no meaning: no Unicode value, or one for private use."""
        lost = len(_MEANINGLESS.findall("".join(self.texts)))
        return lost / sum(not t.isspace() for t in self.texts) if lost else 0.0


def turned(boxes: Ints, turn: int) -> Ints:
    """The boxes (n, 4) after the page is turned as in `PageContent.turned`; -turn turns them back."""
    return np.stack(turned_box(boxes.T, turn), axis=1)


@dataclass(frozen=True)
class Frame:
    """How a page shows its coordinates: its media and crop box in user space, turned clockwise by 0, 90, 180 or 270."""

    media: tuple[float, float, float, float]
    crop: tuple[float, float, float, float]
    rotation: int = 0

    @cached_property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """From user space to points from the top left of the shown page, in the order of PDF matrices."""
        x0, y0, x1, y1 = self.media
        return {
            0: (1.0, 0.0, 0.0, -1.0, -x0, y1),
            90: (0.0, 1.0, 1.0, 0.0, -y0, -x0),
            180: (-1.0, 0.0, 0.0, 1.0, x1, -y0),
            270: (0.0, -1.0, -1.0, 0.0, y1, x1),
        }[self.rotation]

    @cached_property
    def square(self) -> Floats:
        """The matrix as (3, 3), to be multiplied from the right to row vectors."""
        (a, b, c, d, e, f) = self.matrix
        return np.array([[a, b, 0.0], [c, d, 0.0], [e, f, 1.0]])

    def show(self, points: Floats) -> Floats:
        """Points (n, 2) of user space where the page shows them."""
        a, b, c, d, e, f = self.matrix
        x, y = points.T
        out = np.empty((len(x), 2))
        out[:, 0], out[:, 1] = a * x + c * y + e, b * x + d * y + f
        return out

    def show_matrix(self, matrices: Floats) -> Floats:
        """PDF matrices (n, 6) that lead to user space, leading to the shown page instead."""
        a, b, c, d, _, _ = self.matrix
        pairs = matrices.reshape(-1, 2)
        turned = np.stack((a * pairs[:, 0] + c * pairs[:, 1], b * pairs[:, 0] + d * pairs[:, 1]), axis=1)
        return turned.reshape(-1, 6) + np.array([0, 0, 0, 0, *self.matrix[4:]])

    @cached_property
    def shown(self) -> Box:
        """The part of the page that is shown: x0, top, x1, bottom."""
        a, b, c, d, e, f = self.matrix
        (x0, y0), (x1, y1) = map(max, self.media[:2], self.crop[:2]), map(min, self.media[2:], self.crop[2:])
        (left, right), (top, bottom) = (
            sorted(min(max(round(at * POINT), -_FAR), _FAR) for at in ends)
            for ends in ((a * x0 + c * y0 + e, a * x1 + c * y1 + e), (b * x0 + d * y0 + f, b * x1 + d * y1 + f))
        )
        return left, top, right, bottom

    @property
    def area(self) -> int:
        """Of the media box, in square thousandths of a point."""
        x0, y0, x1, y1 = self.media
        return round((x1 - x0) * (y1 - y0) * POINT * POINT)


def thousandths(points: Floats) -> Ints:
    """Points as whole thousandths; what is no number becomes 0."""
    whole = np.rint(points * POINT)
    if not abs(whole).max(initial=0) <= _FAR:  # or it is no number
        whole = np.nan_to_num(whole.clip(-_FAR, _FAR), copy=False)
    return whole.astype(np.int64)


def middles(boxes: Ints) -> tuple[Ints, Ints]:
    """The middles x and y of boxes (n, 4)."""
    x, y = ((boxes[:, :2] + boxes[:, 2:]) >> 1).T
    return x, y


def are_blank(texts: Sequence[str]) -> Bools:
    """Which of many texts are white space or nothing."""
    whole = "".join(texts)
    if whole.isprintable() and " " not in whole and "" not in texts:
        return np.zeros(len(texts), bool)
    blanks = set(filterfalse(str.strip, set(texts)))
    if not blanks:
        return np.zeros(len(texts), bool)
    return np.fromiter(map(blanks.__contains__, texts), bool, len(texts))


def changes(values: Ints) -> Bools:
    """Where a value is another than the one before; the first is."""
    changed = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def _between(x0: Any, y0: Any, x1: Any, y1: Any) -> Any:
    """The boxes (n, 4) between two corners, whichever way round."""
    boxes = np.empty((len(x0), 4), x0.dtype)
    np.minimum(x0, x1, out=boxes[:, 0])
    np.minimum(y0, y1, out=boxes[:, 1])
    np.maximum(x0, x1, out=boxes[:, 2])
    np.maximum(y0, y1, out=boxes[:, 3])
    return boxes


def turn_of(matrices: Floats) -> Ints:
    """The direction of characters in steps of 90 degrees by their matrices (n, 6) on the shown page, or -1 at an angle.

    A slanted (synthetic italic) font has a large c and no b.
    """
    a, b, c, d = matrices.T[:4] * [[1], [-1], [1], [-1]]  # upwards
    flat, steep = np.maximum(abs(a), abs(d)), np.maximum(abs(b), abs(c))
    straight = (steep <= 0.35 * flat) | (abs(b) <= 0.02 * flat)
    turns = np.where(flat <= 0.02 * steep, np.where(b > 0, 90, -90), -1)
    return np.where(straight, np.where((steep <= 0.35 * flat) & (a < 0) & (d < 0), 180, 0), turns)


def em_boxes(start: Floats, end: Floats, base: Floats, rise: Floats, level: Bools) -> Ints:
    """The boxes (n, 4) of characters: from `start` to `end` along the baseline, which is at `base`, and one em across.

    `rise`: one em upwards, as the difference of two y where the baseline is `level`, of two x where it is upright. The
    font's own metrics have no part: many fonts state none or wrong ones, and characters on one baseline are one line.
    """
    side, other = base - DESCENT * rise, base + ASCENT * rise
    x0, x1 = np.where(level, start, side), np.where(level, end, other)
    y0, y1 = np.where(level, side, start), np.where(level, other, end)
    return thousandths(_between(x0, y0, x1, y1))


def glyphs_shown(
    texts: list[str], boxes: Ints, turns: Ints, frame: Frame
) -> tuple[list[str], Ints, Ints, list[LeftOut]]:
    """Without characters off the page, at an angle (watermarks), and printed a second time in the same place.

    The last of the result is what lies off the page.
    """
    x, y = middles(boxes)
    x0, top, x1, bottom = frame.shown
    level = turns != -1
    kept = level & (x >= x0 - POINT) & (x <= x1 + POINT) & (y >= top - POINT) & (y <= bottom + POINT)
    outside = (
        [] if (kept == level).all() else left_out(ProblemCode.HIDDEN_CONTENT, boxes[level & ~kept & ~are_blank(texts)])
    )
    kept &= ~_printed_again(texts, boxes, x, y, kept)
    if kept.all():
        return texts, boxes, turns, outside
    return [text for text, keep in zip(texts, kept.tolist(), strict=True) if keep], boxes[kept], turns[kept], outside


def left_out(code: ProblemCode | ReasonCode, boxes: Ints, texts: Sequence[str] = ()) -> list[LeftOut]:
    """What lies in these boxes (n, 4), which are in the order of printing, those that follow on a line as one."""
    found: list[LeftOut] = []
    for n, (x0, top, x1, bottom) in enumerate(boxes.tolist()):
        text = texts[n] if texts else ""
        if found:
            (a, b, c, d), before = found[-1].box, found[-1].text
            if min(abs(x0 - c), abs(a - x1)) < bottom - top and abs(bottom + top - b - d) < bottom - top:
                box = (min(a, x0), min(b, top), max(c, x1), max(d, bottom))
                found[-1] = LeftOut(code, box, before + text)
                continue
        found.append(LeftOut(code, (x0, top, x1, bottom), text))
    return found


def _printed_again(texts: list[str], boxes: Ints, x: Ints, y: Ints, shown: Bools) -> Bools:
    """Which characters are a second print of one drawn before: within a point, or half over it (bold, shadows)."""
    again = np.zeros(len(texts), bool)
    # Two within two points of each other share a band of four, or one half a band lower; in the order of band and x
    # they are then neighbours, or have a neighbour as near. Most pages have none such.
    keys = (y + np.array([[0], [1 << _HALF_BAND]]) >> _HALF_BAND + 1 << 32) + x
    in_order = np.sort(keys)
    if not (in_order[:, 1:] - in_order[:, :-1] < 2 * _NEAR).any():
        return again
    orders = np.argsort(keys, axis=1)
    in_order, widths = np.take_along_axis(keys, orders, axis=1), (boxes[:, 2] - boxes[:, 0])[orders]
    reach = np.maximum(_NEAR, (_OVER * np.minimum(widths[:, 1:], widths[:, :-1])).astype(np.int64))
    close = in_order[:, 1:] - in_order[:, :-1] < reach
    if not close.any():
        return again
    suspects: set[int] = set()
    for order, near in zip(orders, close, strict=True):
        suspects.update(order[:-1][near].tolist(), order[1:][near].tolist())
    drawn: dict[tuple[str, int], list[tuple[int, int]]] = {}
    shifts: Counter[tuple[int, int]] = Counter()
    for i in sorted(i for i in suspects if shown[i]):
        if not texts[i].isspace():
            far = max(_NEAR, int(_OVER * (boxes[i, 2] - boxes[i, 0])))
            shift = _drawn_before(drawn, texts[i], int(x[i]), int(y[i]), far)
            if shift is not None:
                again[i] = True
                shifts[round(shift[0] / _EXACT), round(shift[1] / _EXACT)] += 1
    for (right, down), times in shifts.items():  # narrow characters that went the way of broad ones
        if times >= _OFTEN and (right or down):
            again |= _shifted(texts, x - right * _EXACT, y - down * _EXACT, x, y, shown & ~again)
    return again


def _shifted(texts: list[str], x: Ints, y: Ints, own_x: Ints, own_y: Ints, open_: Bools) -> Bools:
    """Which of the characters that are open are printed in these other places (x, y), too."""
    again = np.zeros(len(texts), bool)
    places = {(texts[i], int(own_x[i]) // _EXACT, int(own_y[i]) // _EXACT) for i in np.flatnonzero(open_)}
    for i in np.flatnonzero(open_ & ~are_blank(texts)).tolist():
        column, row = int(x[i]) // _EXACT, int(y[i]) // _EXACT
        again[i] = any((texts[i], column + n, row + m) in places for n in (-1, 0, 1) for m in (-1, 0, 1))
    return again


def _drawn_before(
    drawn: dict[tuple[str, int], list[tuple[int, int]]], text: str, x: int, y: int, far: int
) -> tuple[int, int] | None:
    """How far from here the same character was drawn, if so near; remembers it otherwise."""
    row = y >> _HALF_BAND + 1
    for near_row in (row - 1, row, row + 1):
        for other_x, other_y in drawn.get((text, near_row), ()):
            if abs(other_x - x) < far and abs(other_y - y) < min(far, 2 * _NEAR):
                return x - other_x, y - other_y
    drawn.setdefault((text, row), []).append((x, y))
    return None


class Subpath(NamedTuple):
    """A painted subpath: its corners in the unit and place of PageContent, of curves the ends.

    `bare`: filled and not stroked. `white`: filled in white (known for bare rectangles).
    """

    corners: Corners
    bare: bool
    white: bool = False


def rules_of(subpaths: Iterable[Subpath], frame: Frame, lines: Ints | None = None) -> tuple[list[Box], list[Box]]:
    """The level and the upright ruling lines that subpaths draw, `lines` (n, 4) of two points among them.

    A line of two points at an angle counts as upright; white areas and the page's own background have no edges.
    """
    level, upright = [], []
    if lines is not None:
        flat = lines[:, 1] == lines[:, 3]
        level, upright = _as_boxes(lines[flat]), _as_boxes(lines[~flat])
    areas: list[Corners] = []
    for corners, bare, white in subpaths:
        if bare and is_broad(corners):
            if not _is_backdrop(corners, white, frame.area):
                areas.append(corners)
            continue
        size = len(corners)
        if not bare and (stroke := _pen_stroke(corners)) is not None:
            upright.append(stroke)
            continue
        line = size == 2 or (size == 3 and corners[0] == corners[2])  # there and back is a line
        for (x0, y0), (x1, y1) in pairwise(corners[:2] if line else corners):
            if line or x0 == x1 or y0 == y1:
                box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
                (level if y0 == y1 and (line or x0 != x1) else upright).append(box)
    for corners in _cells_of(areas, level, upright):
        for (x0, y0), (x1, y1) in pairwise(corners):
            if x0 == x1 or y0 == y1:
                box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
                (level if y0 == y1 and x0 != x1 else upright).append(box)
    return level, upright


def _pen_stroke(corners: Corners) -> Box | None:
    """The box of a line that a pen drew nearly level, wavy perhaps; None for other subpaths."""
    if len(corners) < 4 or corners[0] == corners[-1]:
        return None
    xs, ys = zip(*corners, strict=True)
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if not DOT // 4 < height <= _HAIRLINE or width < 3 * height:
        return None
    if all(a == c or b == d for (a, b), (c, d) in pairwise(corners)):
        return None
    return min(xs), min(ys), max(xs), max(ys)


def _cells_of(areas: list[Corners], level: Sequence[Box], upright: Sequence[Box]) -> list[Corners]:
    """The filled areas whose edges may be those of cells: not those that highlight a part of a cell that lines draw.

    A highlight leaves a part of the cell's breadth free. Areas side by side that fill it are cells, and a band over all
    of it may be a row.
    """
    if not areas or len(level) < 2 or len(upright) < 2 or len(areas) * (len(level) + len(upright)) > _MOST_LOOKED_AT:
        return areas
    points = np.array(areas)
    x0, y0, x1, y1 = np.concatenate((points.min(axis=1), points.max(axis=1)), axis=1).T
    left, right = _beside((y0 + y1) / 2, (x0 + x1) / 2, np.array(upright)[:, [1, 3, 0]])
    top, bottom = _beside((x0 + x1) / 2, (y0 + y1) / 2, np.array(level)[:, [0, 2, 1]])
    within = (x0 >= left - _EDGE) & (x1 <= right + _EDGE) & (y0 >= top - _EDGE) & (y1 <= bottom + _EDGE)
    narrow = within & ((x0 > left + _EDGE) | (x1 < right - _EDGE))
    if not narrow.any():
        return areas
    kept = ~narrow
    for n in np.flatnonzero(narrow).tolist():
        row = within & (left == left[n]) & (right == right[n]) & (top == top[n]) & (y0 < y1[n]) & (y1 > y0[n])
        order = np.flatnonzero(row)[np.argsort(x0[row])]
        reach = np.maximum.accumulate(x1[order])
        gaps = np.append(x0[order], right[n]) - np.append(left[n], reach)
        kept[n] = bool((gaps <= _EDGE).all())
    return [corners for corners, keep in zip(areas, kept.tolist(), strict=True) if keep]


def _beside(at: Floats, middle: Floats, rules: Ints) -> tuple[Floats, Floats]:
    """The nearest rules (start, end, place) before and behind each `middle` that pass `at`; infinite: there is none."""
    start, end, place = rules.T
    passes = (start <= at[:, None]) & (at[:, None] <= end)
    before = np.where(passes & (place <= middle[:, None]), place, -np.inf).max(axis=1)
    behind = np.where(passes & (place >= middle[:, None]), place, np.inf).min(axis=1)
    return before, behind


def _as_boxes(lines: Ints) -> list[Box]:
    x0, top, x1, bottom = lines.T.tolist()
    return list(zip(x0, top, x1, bottom, strict=True))


def is_broad(corners: Corners) -> bool:
    """Whether a subpath may be a filled area: of five corners, and too broad for a ruling line."""
    if len(corners) != 5:
        return False
    xs, ys = zip(*corners, strict=True)
    return max(xs) - min(xs) > _HAIRLINE and max(ys) - min(ys) > _HAIRLINE


def _is_backdrop(corners: Corners, white: bool, page_area: int) -> bool:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3), (x4, y4) = corners
    square = (x0 == x1 and y1 == y2 and x2 == x3 and y3 == y0) or (y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0)
    width, height = abs(x2 - x0), abs(y2 - y0)
    if (x4, y4) != (x0, y0) or not square:
        return False
    return white or width * height > 0.9 * page_area
