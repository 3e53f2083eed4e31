"""Ruling lines -> tables: the same cells as pdfplumber's TableFinder finds by lines.

Here: snapping and joining of rules, intersections, cells, tables, and the rules that a page break leaves out. Not here:
which rules a page has (pdf_ink.py), what stands in the cells (pdf_page.py). Lengths are thousandths of a point.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.formats.pdf_ink import POINT, Box, Ints
from extractors.grid import Unreadable

_SNAP = 3 * POINT
"""Within this two rules are one, an end meets a rule; pdfplumber's default, right for rows of 9 pt and more."""
_SHORTEST = 1 * POINT
"""Shorter rules are dots; after joining, `_SNAP` is the least."""
_CLUSTER = 3 * POINT // 2
"""Within this two edges of cells are one grid line."""
_TOUCH = 2 * POINT
"""Below this apart, two tables of the same width are one table."""
_MOST_MEETINGS = 4_000_000
"""Pairs of an upright and a level rule; a dense page of forms has some ten thousand."""

Rule = tuple[int, int, int]
"""Position, start and end: y, x0, x1 of a level rule, x, top, bottom of an upright one."""
_Meeting = tuple[int, int]


@dataclass(slots=True)
class Table:
    """Cells as boxes over grid lines: `boxes[i]` has `spans[i]` = row, column, rows, columns.

    `slots` (rows + 2, columns + 2): the index of the box over each slot, or -1, as all around the table.
    `open_bottom`: no rule closes the last row.
    """

    xs: list[int]
    ys: list[int]
    boxes: list[Box]
    spans: list[tuple[int, int, int, int]]
    slots: Ints
    open_bottom: bool = False

    @property
    def box(self) -> Box:
        """The outer bounds."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    @property
    def area(self) -> int:
        """Of the outer bounds."""
        return area(self.box)

    def cells_at(self, x: Ints, y: Ints) -> Ints:
        """For each point the index of the box that holds it, or -1."""
        held: Ints = self.slots[np.searchsorted(self.ys, y, "right"), np.searchsorted(self.xs, x, "right")]
        return held


def area(box: Box) -> int:
    """Of a box."""
    return (box[2] - box[0]) * (box[3] - box[1])


def find_tables(level: Sequence[Box], upright: Sequence[Box]) -> list[Table]:
    """The tables from the top, each with at least two cells.

    `level`, `upright`: as in Ink. Raises Unreadable (BOMB) where the rules are too many to be a table.
    """
    level_rules = _merged((top, x0, x1) for x0, top, x1, _ in level)
    uprights = _merged((x0, top, bottom) for x0, top, _, bottom in upright)
    if len(uprights) < 2:
        return []
    closing = _closing_rules(level_rules, uprights)
    # merged again, so that a rule and what closes its row are one line
    closed = _merged([*level_rules, *closing]) if closing else level_rules
    tables = [table for group in _touching(_groups(_cells(closed, uprights))) if (table := _indexed(group)) is not None]
    for table in tables:
        x0, _, x1, bottom = table.box
        ruled = sum(max(0, min(end, x1) - max(start, x0)) for y, start, end in level_rules if abs(y - bottom) <= _SNAP)
        table.open_bottom = ruled < 0.2 * (x1 - x0)
    return sorted(tables, key=lambda t: (t.ys[0], t.xs[0]))


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Rules near one another put on their average and joined end to end; without the dots among them, in order."""
    merged: list[Rule] = []
    for line in _lines(sorted(rule for rule in rules if rule[2] - rule[1] >= _SHORTEST)):
        position = round(sum(at for at, _, _ in line) / len(line))
        ends = iter(sorted((start, end) for _, start, end in line))
        start, reach = next(ends)
        for begins, ends_at in ends:
            if begins > reach + _SNAP:
                merged.append((position, start, reach))
                start = begins
            reach = max(reach, ends_at)
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
    near = level_rules[bisect_left(level_rules, (y - _SNAP,)) : bisect_left(level_rules, (y + _SNAP + 1,))]
    return any(start - _SNAP <= x <= end + _SNAP for _, start, end in near)


# --- cells


def _cells(level_rules: Sequence[Rule], uprights: Sequence[Rule]) -> list[Box]:
    """For each point where rules cross, the smallest cell of which it is the top left corner, if there is one."""
    if len(level_rules) * len(uprights) > _MOST_MEETINGS:
        raise Unreadable("BOMB", "页面上的线条多得不正常，请重新导出。")
    crossings = _Crossings(level_rules, uprights)
    xs, ys = crossings.xs, crossings.ys
    return [(xs[a], ys[b], xs[c], ys[d]) for a, b, c, d in crossings.cells()]


class _Crossings:
    """Where rules cross: the grid of all heights of level rules and all places of upright ones.

    Rules on one line lie more than `_SNAP` apart and are longer than that, so that at most two of them meet a point.
    `upright` by column and row, `level` by row and column: the first and the last rule that meet there, None where
    none cross.
    """

    def __init__(self, level_rules: Sequence[Rule], uprights: Sequence[Rule]) -> None:
        self.xs, self.ys = (sorted({rule[0] for rule in rules}) for rules in (uprights, level_rules))
        col_of, row_of = ({at: n for n, at in enumerate(places)} for places in (self.xs, self.ys))
        self.upright: list[list[_Meeting | None]] = [[None] * len(self.ys) for _ in self.xs]
        self.level: list[list[_Meeting | None]] = [[None] * len(self.xs) for _ in self.ys]
        levels = [(row_of[y], x0 - _SNAP, x1 + _SNAP) for y, x0, x1 in level_rules]
        for v, (x, top, bottom) in enumerate(uprights):
            col = col_of[x]
            column = self.upright[col]
            first = bisect_left(level_rules, (top - _SNAP,))
            for h in range(first, bisect_left(level_rules, (bottom + _SNAP + 1,), first)):
                row, x0, x1 = levels[h]
                if x0 <= x <= x1:
                    known = column[row]
                    column[row] = (known[0], v) if known else (v, v)
                    known = self.level[row][col]
                    self.level[row][col] = (min(known[0], h), max(known[1], h)) if known else (h, h)

    def cells(self) -> list[Box]:
        """Column and row of the first corner, then of the last one, ordered by column and row."""
        below, beside = list(map(_next, self.upright)), list(map(_next, self.level))
        found = []
        for x, column in enumerate(below):
            for y, y1 in enumerate(column):
                x1 = beside[y][x]
                if x1 and y1:
                    if _joined(self.upright[x1], y, y1) and _joined(self.level[y1], x, x1):
                        found.append((x, y, x1, y1))
                    elif (larger := self._larger(x, y, below, beside)) is not None:
                        found.append(larger)
        return found

    def _larger(self, x: int, y: int, below: list[list[int]], beside: list[list[int]]) -> Box | None:
        """The smallest cell from a corner whose next crossings, to the right and below, close none."""
        cols = _reached(self.level[y], x, beside[y])
        for row in _reached(self.upright[x], y, below[x]):
            for col in cols:
                if _joined(self.upright[col], y, row) and _joined(self.level[row], x, col):
                    return x, y, col, row
        return None


def _next(line: Sequence[_Meeting | None]) -> list[int]:
    """For each crossing on a line the next one on the same rule; 0 for none."""
    following = [0] * len(line)
    before, reach = 0, -1
    for at, meeting in enumerate(line):
        if meeting:
            if reach >= meeting[0]:
                following[before] = at
            before, reach = at, meeting[1]
    return following


def _joined(line: Sequence[_Meeting | None], one: int, other: int) -> bool:
    """Whether both are crossings, and one rule meets them; the second lies farther on."""
    first, second = line[one], line[other]
    return first is not None and second is not None and first[1] >= second[0]


def _reached(line: Sequence[_Meeting | None], start: int, following: Sequence[int]) -> list[int]:
    """The crossings farther on that the rule of a crossing meets."""
    reached = []
    at = following[start]
    while at and _joined(line, start, at):
        reached.append(at)
        at = following[at]
    return reached


def _groups(cells: Iterable[Box]) -> list[list[Box]]:
    """The cells by table: those that share corners, however far, belong together; a lone cell is no table."""
    parent: list[int] = []

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    label_of: dict[tuple[int, int], int] = {}
    labelled: list[list[Box]] = []
    for cell in cells:
        x0, top, x1, bottom = cell
        corners = (x0, top), (x0, bottom), (x1, top), (x1, bottom)
        known = {label_of.get(corner, -1) for corner in corners}
        known.discard(-1)
        if known:
            label = known.pop()
            for other in known:
                parent[root(other)] = root(label)
        else:
            label = len(parent)
            parent.append(label)
            labelled.append([])
        for corner in corners:
            label_of[corner] = label
        labelled[label].append(cell)
    groups: dict[int, list[Box]] = {}
    for label, own in enumerate(labelled):
        groups.setdefault(root(label), []).extend(own)
    return [sorted(group) for group in groups.values() if len(group) > 1]


# --- tables


def _touching(groups: list[list[Box]]) -> list[list[Box]]:
    """Tables of the same width that stand on each other become one."""
    merged: list[tuple[Box, list[Box]]] = []
    for box, group in sorted(((_union(g), g) for g in groups), key=lambda own: (own[0][1], own[0][0])):
        for index, (above, cells) in enumerate(merged):
            same_width = abs(above[0] - box[0]) <= _CLUSTER and abs(above[2] - box[2]) <= _CLUSTER
            if same_width and -_CLUSTER <= box[1] - above[3] < _TOUCH:
                merged[index] = (_union([above, box]), cells + group)
                break
        else:
            merged.append((box, list(group)))
    return [cells for _, cells in merged]


def _union(boxes: Iterable[Box]) -> Box:
    x0s, tops, x1s, bottoms = zip(*boxes, strict=True)
    return min(x0s), min(tops), max(x1s), max(bottoms)


def _levels(values: Iterable[int]) -> tuple[list[int], dict[int, int]]:
    """The distinct values, those within `_CLUSTER` of their neighbour taken as one, and the number of each."""
    levels: list[int] = []
    number_of: dict[int, int] = {}
    last = None
    for value in sorted(set(values)):
        if last is None or value - last > _CLUSTER:
            levels.append(value)
        number_of[value] = len(levels) - 1
        last = value
    return levels, number_of


def _indexed(boxes: Sequence[Box]) -> Table | None:
    """The boxes as spans over the table's grid lines; None if nothing with an area is left."""
    x0s, tops, x1s, bottoms = zip(*boxes, strict=True)
    (xs, col_of), (ys, row_of) = _levels(x0s + x1s), _levels(tops + bottoms)
    slots = [[-1] * (len(xs) + 1) for _ in range(len(ys) + 1)]
    kept: list[Box] = []
    spans = []
    for box in sorted(boxes, key=area):
        x0, top, x1, bottom = box
        col, row = col_of[x0], row_of[top]
        cols, rows = col_of[x1] - col, row_of[bottom] - row
        if not rows or not cols:
            continue
        covered = slots[row + 1 : row + 1 + rows]
        if rows == cols == 1:  # most are
            if covered[0][col + 1] >= 0:
                continue
        elif any(max(slot[col + 1 : col + 1 + cols]) >= 0 for slot in covered):
            continue
        for slot in covered:
            slot[col + 1 : col + 1 + cols] = [len(kept)] * cols
        kept.append(box)
        spans.append((row, col, rows, cols))
    return Table(xs, ys, kept, spans, np.array(slots)) if kept else None
