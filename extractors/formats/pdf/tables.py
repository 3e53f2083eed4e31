"""Ruling lines -> tables: the same cells as pdfplumber's TableFinder finds by lines.

Here: snapping and joining of rules, intersections, cells, tables, and the rules that a page break leaves out. Not here:
which rules a page has (pdf_ink.py), what stands in the cells (pdf_page.py). Lengths are thousandths of a point.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.codes import ReasonCode
from extractors.formats.pdf.page_content import DOT, POINT, Bools, Box, Ints, changes
from extractors.grid import Unreadable

_SNAP = 3 * POINT
"""Within this two rules are one, an end meets a rule; pdfplumber's default, right for rows of 9 pt and more."""
_MOST_MEETINGS = 400_000
"""Pairs of an upright and a level rule; a dense page of forms has some ten thousand."""

Rule = tuple[int, int, int]
"""Position, start and end: y, x0, x1 of a level rule, x, top, bottom of an upright one."""


@dataclass(slots=True)
class RuledTable:
    """Cells as `boxes` (n, 4) over grid lines, and their `spans` (n, 4): row, column, rows, columns; in this order.

    `slots` (rows + 2, columns + 2): the index of the box over each slot, or -1, as all around the table.
    `open_bottom`: no rule closes the last row. `open_cells`: the boxes that no rule closes below, where a page break
    leaves some open.
    """

    xs: list[int]
    ys: list[int]
    boxes: Ints
    spans: Ints
    slots: Ints
    open_bottom: bool = False
    open_cells: Sequence[int] = ()

    @property
    def box(self) -> Box:
        """The outer bounds."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    @property
    def is_full(self) -> bool:
        """Whether the cells, more than one, fill the outer bounds, so that corners connect them all."""
        return len(self.boxes) > 1 and bool((self.slots[1:-1, 1:-1] >= 0).all())

    @property
    def area(self) -> int:
        """Of the outer bounds."""
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])

    def cells_at(self, x: Ints, y: Ints) -> Ints:
        """For each point the index of the box that holds it, or -1."""
        held: Ints = self.slots[np.searchsorted(self.ys, y, "right"), np.searchsorted(self.xs, x, "right")]
        return held


def find_tables(level: Sequence[Box], upright: Sequence[Box]) -> list[RuledTable]:
    """The tables from the top, each with at least two cells.

    `level`, `upright`: as in PageContent. Raises Unreadable (BOMB) where the rules are too many to be a table.
    """
    level_rules = _merged([(top, x0, x1) for x0, top, x1, _ in level if x1 - x0 >= DOT])
    uprights = _merged([(x0, top, bottom) for x0, top, _, bottom in upright if bottom - top >= DOT])
    if len(uprights) < 2 or not level_rules:
        return []
    closing = _closing_rules(level_rules, uprights)
    # merged again, so that a rule and what closes its row are one line
    closed = _merged([*level_rules, *closing]) if closing else level_rules
    cells, xs, ys = _cells(closed, uprights)
    tables = [_table(cells, xs, ys)]
    if not tables[0].is_full:  # most pages have one table, and it is
        tables = [_table(cells[:, own], xs, ys) for own in _touching(cells, _groups(cells, len(xs)))]
    for table in tables:
        x0, _, x1, bottom = table.box
        lowest = [(start, end) for y, start, end in level_rules if abs(y - bottom) <= _SNAP]
        table.open_bottom = _is_open(lowest, x0, x1)
        if closing:
            last = (table.boxes[:, 3] == bottom).nonzero()[0].tolist()
            table.open_cells = [n for n in last if _is_open(lowest, *table.boxes[n, ::2].tolist())]
    return sorted(tables, key=lambda t: (t.ys[0], t.xs[0]))


def _is_open(rules: Sequence[tuple[int, int]], x0: int, x1: int) -> bool:
    """Whether level rules (start, end) leave open what lies between two places."""
    return sum(max(0, min(end, x1) - max(start, x0)) for start, end in rules) < 0.2 * (x1 - x0)


def _merged(rules: list[Rule]) -> list[Rule]:
    """Rules near one another put on their average and joined end to end, in order; what is shorter then is none."""
    merged: list[Rule] = []
    for line in _lines(sorted(rules)):
        if len(line) == 1:  # most are
            merged.append(line[0])
            continue
        position = round(sum(at for at, _, _ in line) / len(line))
        ends = iter(sorted((start, end) for _, start, end in line))
        start, reach = next(ends)
        for begins, ends_at in ends:
            if begins > reach + _SNAP:
                merged.append((position, start, reach))
                start = begins
            if ends_at > reach:
                reach = ends_at
        merged.append((position, start, reach))
    return [rule for rule in merged if rule[2] - rule[1] >= _SNAP]


def _lines(rules: Iterable[Rule]) -> Iterator[list[Rule]]:
    """Rules in order, those together that lie within `_SNAP` of their neighbour."""
    line: list[Rule] = []
    for rule in rules:
        if line and rule[0] - line[-1][0] > _SNAP:
            yield line
            line = []
        line.append(rule)
    if line:
        yield line


def _closing_rules(level_rules: Sequence[Rule], uprights: Sequence[Rule]) -> list[Rule]:
    """The rules that a page break left out.

    Where an upright rule ends without meeting a level one, the upright rules that end at that height are joined: a
    merged cell that goes on over the page is closed neither below nor, on the next page, above.
    """
    closing = []
    for side in (2, 1):
        hanging = [rule[side] for rule in uprights if not _meets(level_rules, rule[0], rule[side])]
        while hanging:
            height = hanging[0]
            hanging = [end for end in hanging if abs(end - height) > _SNAP]
            there = [rule[0] for rule in uprights if abs(rule[side] - height) <= _SNAP]
            if there[-1] - there[0] > 2 * _SNAP:
                closing.append((height, there[0], there[-1]))
    return closing


def _meets(level_rules: Sequence[Rule], x: int, y: int) -> bool:
    for n in range(bisect_left(level_rules, (y - _SNAP,)), len(level_rules)):
        at, start, end = level_rules[n]
        if at > y + _SNAP:
            break
        if start - _SNAP <= x <= end + _SNAP:
            return True
    return False


# --- cells


def _cells(level_rules: Sequence[Rule], uprights: Sequence[Rule]) -> tuple[Ints, Ints, Ints]:
    """For each point where rules cross, the smallest cell of which it is the top left corner, if there is one.

    The cells (4, n), row by row, are the numbers of their lines: x0, top, x1, bottom; with them come the places of the
    upright lines and of the level ones. The rules are in order. Raises Unreadable (BOMB) where they are too many.
    """
    if len(level_rules) * len(uprights) > _MOST_MEETINGS:
        raise Unreadable(ReasonCode.BOMB, "页面上的线条多得不正常，请重新导出。")
    level, upright = np.array(level_rules), np.array(uprights)
    ys, xs = (rules[changes(rules[:, 0]), 0] for rules in (level, upright))
    return _closed(_reaches(upright, ys), _reaches(level, xs)), xs, ys


def _reaches(rules: Ints, across: Ints) -> Ints:
    """For each line of rules, and each line across that one of its rules meets, the last that this rule meets, or -1.

    `rules` (n, 3) in order, `across`: where the lines across are, in order.
    """
    first = across.searchsorted(rules[:, 1] - _SNAP)[:, None]
    last = across.searchsorted(rules[:, 2] + _SNAP, "right")[:, None] - 1
    number = np.arange(len(across))
    reach = np.where((first <= number) & (number <= last), last, -1)
    begins = changes(rules[:, 0])
    return reach if begins.all() else np.maximum.reduceat(reach, begins.nonzero()[0])


def _closed(down: Ints, right: Ints) -> Ints:
    """The cells, by what the upright lines reach (`down`) and what the level ones reach (`right`)."""
    met = (down >= 0) & (right.T >= 0)
    below, beside = _following(met, down), _following(met.T, right)
    y, x = ((beside >= 0) & (below.T >= 0)).nonzero()
    x1, y1 = beside[y, x], below[x, y]
    closed = (down[x1, y] >= y1) & (right[y1, x] >= x1)
    if closed.all():
        return np.array((x, y, x1, y1))
    lows, sides, downs, rights = below.data, beside.data, down.data, right.data
    for n in np.flatnonzero(~closed).tolist():  # few
        start, top = int(x[n]), int(y[n])
        corners = (
            (end, bottom)
            for bottom in _reached(lows, start, top, downs[start, top])  # the nearest row first
            for end in _reached(sides, top, start, rights[top, start])
            if downs[end, top] >= bottom and rights[bottom, start] >= end
        )
        if corner := next(corners, None):
            (x1[n], y1[n]), closed[n] = corner, True
    return np.array((x, y, x1, y1))[:, closed]


def _following(met: Bools, reach: Ints) -> Ints:
    """For each line (a row), and each line across that it meets, the next one that the same rule meets, or -1."""
    count = met.shape[1]
    number = np.where(met, np.arange(count), count)
    following = np.full(met.shape, count)
    following[:, :-1] = np.minimum.accumulate(number[:, :0:-1], axis=1)[:, ::-1]
    return np.where(met & (following <= reach), following, -1)


def _reached(following: memoryview, line: int, start: int, last: int) -> Iterator[int]:
    """The lines across behind `start`, up to `last`, that the line meets."""
    at = following[line, start]
    while 0 <= at <= last:
        yield at
        at = following[line, at]


# --- tables


def _groups(cells: Ints, width: int) -> list[Ints]:
    """The numbers of the cells of each table: those that share corners, however far; a lone cell is no table.

    `width`: the number of upright lines.
    """
    x0, top, x1, bottom = cells
    label = _connected(np.array((x0, x1, x0, x1)) + width * np.array((top, top, bottom, bottom)))
    order = np.argsort(label, kind="stable")
    return [own for own in np.split(order, changes(label[order]).nonzero()[0][1:]) if len(own) > 1]


def _connected(corners: Ints) -> Ints:
    """For each cell the number of the first with which its corners (4, n) connect it."""
    label = np.arange(corners.shape[1])
    while True:
        lowest = np.full(corners.max(initial=0) + 1, len(label))
        np.minimum.at(lowest, corners.ravel(), np.concatenate((label,) * 4))
        joined = lowest[corners].min(axis=0)
        while (joined[joined] != joined).any():
            joined = joined[joined]
        if (joined == label).all():
            return label
        label = joined


def _touching(cells: Ints, groups: list[Ints]) -> list[Ints]:
    """Groups of the same width that stand on each other become one."""
    merged: list[Ints] = []
    ending: dict[tuple[int, int, int], int] = {}  # the group that has these sides and this lower end
    for own in groups:  # in the order of their first cells
        (x0, top), (x1, bottom) = cells[:2, own].min(axis=1).tolist(), cells[2:, own].max(axis=1).tolist()
        above = ending.pop((x0, x1, top), None)
        if above is None:
            above = len(merged)
            merged.append(own)
        else:
            merged[above] = np.concatenate((merged[above], own))
        ending.setdefault((x0, x1, bottom), above)
    return merged


def _table(cells: Ints, xs: Ints, ys: Ints) -> RuledTable:
    """A table of cells (4, n), which are in order, and the places of its lines; `xs`, `ys`: the places of all lines."""
    (cols, xs), (rows, ys) = _renumbered(cells[0::2], xs), _renumbered(cells[1::2], ys)
    boxes = np.array((xs[cols[0]], ys[rows[0]], xs[cols[1]], ys[rows[1]])).T
    spans = np.array((rows[0], cols[0], rows[1] - rows[0], cols[1] - cols[0])).T
    slots = _slots(spans, len(ys), len(xs))
    if (spans[:, 2] * spans[:, 3]).sum() != np.count_nonzero(slots >= 0):  # they overlap
        kept = _apart(boxes, spans, slots.shape)
        boxes, spans = boxes[kept], spans[kept]
        slots = _slots(spans, len(ys), len(xs))
    return RuledTable(xs.tolist(), ys.tolist(), boxes, spans, slots)


def _renumbered(lines: Ints, places: Ints) -> tuple[Ints, Ints]:
    """Numbers of lines counted over those that occur, and where these are."""
    occur = np.zeros(len(places), bool)
    occur[lines] = True
    return (occur.cumsum() - 1)[lines], places[occur]


def _slots(spans: Ints, height: int, width: int) -> Ints:
    """As of RuledTable, for so many grid lines; where spans overlap, the last one's."""
    slots = np.full((height + 1, width + 1), -1)
    row, col, rows, cols = spans.T
    slots[row + 1, col + 1] = np.arange(len(spans))
    merged = (rows * cols > 1).nonzero()[0]
    for n, (top, left, high, wide) in zip(merged.tolist(), spans[merged].tolist(), strict=True):
        slots[top + 1 : top + 1 + high, left + 1 : left + 1 + wide] = n
    return slots


def _apart(boxes: Ints, spans: Ints, shape: tuple[int, ...]) -> Ints:
    """The numbers of the boxes without those that overlap a smaller one."""
    taken, kept = np.zeros(shape, bool), []
    sides = boxes[:, 2:] - boxes[:, :2]
    for n in np.argsort(sides[:, 0] * sides[:, 1], kind="stable").tolist():
        row, col, rows, cols = spans[n].tolist()
        own = taken[row : row + rows, col : col + cols]
        if not own.any():
            own[:] = True
            kept.append(n)
    return np.sort(kept)
