"""Ruling lines -> tables: the same cells as pdfplumber's TableFinder finds by lines, over arrays.

Here: snapping and joining of rules, intersections, cells, tables, and the rules that a page break leaves out. Not here:
which rules a page has (pdf_ink.py), what stands in the cells (pdf_page.py). Lengths are thousandths of a point.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.formats.pdf_ink import POINT, Bools, Ints, changes
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
_BAND = 10**10
"""More than any coordinate: keeps rules on different lines apart when they are joined in one pass."""

Box = tuple[int, int, int, int]


@dataclass(slots=True)
class Table:
    """Cells as boxes over grid lines: `boxes[i]` has `spans[i]` = row, column, rows, columns.

    `slots` (rows, columns): the index of the box over each slot, or -1. `open_bottom`: no rule closes the last row.
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
        row, col = np.searchsorted(self.ys, y, "right") - 1, np.searchsorted(self.xs, x, "right") - 1
        rows, cols = self.slots.shape
        inside = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
        return np.where(inside, self.slots[np.clip(row, 0, rows - 1), np.clip(col, 0, cols - 1)], -1)


def area(box: Box) -> int:
    """Of a box."""
    return (box[2] - box[0]) * (box[3] - box[1])


def find_tables(rules: Ints, level: Bools) -> list[Table]:
    """The tables from the top, each with at least two cells.

    `rules` (m, 4) and `level` (m): as in Ink. Raises Unreadable (BOMB) where the rules are too many to be a table.
    """
    across, down = rules[level], rules[~level]
    across, down = across[across[:, 2] - across[:, 0] >= _SHORTEST], down[down[:, 3] - down[:, 1] >= _SHORTEST]
    level_rules = _merged(across[:, 1], across[:, 0], across[:, 2])
    uprights = _merged(down[:, 0], down[:, 1], down[:, 3])
    level_rules, uprights = (r[r[:, 2] - r[:, 1] >= _SNAP] for r in (level_rules, uprights))
    if len(uprights) < 2:
        return []
    closing = _closing_rules(level_rules, uprights)
    # merged again, so that a rule and what closes its row are one line
    closed = _merged(*np.concatenate((level_rules, closing)).T) if len(closing) else level_rules
    tables = [table for group in _touching(_groups(_cells(closed, uprights))) if (table := _indexed(group)) is not None]
    for table in tables:
        x0, _, x1, bottom = table.box
        at_bottom = level_rules[abs(level_rules[:, 0] - bottom) <= _SNAP]
        ruled = np.minimum(at_bottom[:, 2], x1) - np.maximum(at_bottom[:, 1], x0)
        table.open_bottom = int(ruled[ruled > 0].sum()) < 0.2 * (x1 - x0)
    return sorted(tables, key=lambda t: (t.ys[0], t.xs[0]))


def _merged(position: Ints, start: Ints, end: Ints) -> Ints:
    """Rules (m, 3) as position, start, end; those near one another put on their average and joined end to end."""
    if not len(position):
        return np.empty((0, 3), np.int64)
    order = np.argsort(position, kind="stable")
    position, start, end = position[order], start[order], end[order]
    new = np.diff(position, prepend=position[0] - 2 * _SNAP) > _SNAP
    line = np.cumsum(new) - 1
    firsts = np.flatnonzero(new)
    average = np.rint(np.add.reduceat(position, firsts) / np.bincount(line)).astype(np.int64)
    order = np.lexsort((start, line))
    line, start, end = line[order], start[order] + line * _BAND, end[order] + line * _BAND
    reach = np.maximum.accumulate(end)
    heads = np.flatnonzero(np.concatenate(([True], start[1:] > reach[:-1] + _SNAP)))
    tails = np.append(heads[1:], len(start)) - 1
    band = line[heads] * _BAND
    return np.stack((average[line[heads]], start[heads] - band, reach[tails] - band), axis=1)


def _closing_rules(level_rules: Ints, uprights: Ints) -> Ints:
    """The rules that a page break left out.

    Where an upright rule ends without meeting a level one, the upright rules that end at that height are joined: a
    merged cell that goes on over the page is closed neither below nor, on the next page, above.
    """
    y, x0, x1 = level_rules.T
    x = uprights[:, 0]
    beside = (x[:, None] >= x0 - _SNAP) & (x[:, None] <= x1 + _SNAP)
    closing = []
    for end in (uprights[:, 2], uprights[:, 1]):
        hanging = end[~(beside & (abs(end[:, None] - y) <= _SNAP)).any(axis=1)]
        while len(hanging):
            height = hanging[0]
            hanging = hanging[abs(hanging - height) > _SNAP]
            there = x[abs(end - height) <= _SNAP]
            if there.max() - there.min() > 2 * _SNAP:
                closing.append((height, there.min(), there.max()))
    return np.array(closing, np.int64).reshape(-1, 3)


# --- cells


def _cells(level_rules: Ints, uprights: Ints) -> list[Box]:
    """For each point where rules cross, the smallest cell of which it is the top left corner, if there is one."""
    if len(level_rules) * len(uprights) > _MOST_MEETINGS:
        raise Unreadable("BOMB", "页面上的线条多得不正常，请重新导出。")
    crossings = _Crossings(level_rules, uprights)
    ys, xs = crossings.ys.tolist(), crossings.xs.tolist()
    return [(xs[a], ys[b], xs[c], ys[d]) for a, b, c, d in crossings.cells()]


class _Crossings:
    """Where rules cross: the grid of all heights of level rules and all places of upright ones.

    Rules on one line lie more than `_SNAP` apart and are longer than that, so that at most two of them meet a point.
    `upright[x, y]` and `level[x, y]` are the first and the last of the rules that meet there, -1 where none cross.
    """

    def __init__(self, level_rules: Ints, uprights: Ints) -> None:
        (y, x0, x1), (x, top, bottom) = level_rules.T, uprights.T
        meets = (top[:, None] <= y + _SNAP) & (bottom[:, None] >= y - _SNAP)
        meets &= (x[:, None] >= x0 - _SNAP) & (x[:, None] <= x1 + _SNAP)
        next_x, next_y = changes(x), changes(y)  # both come in order
        self.xs, x_of = x[next_x], np.cumsum(next_x) - 1
        self.ys, y_of = y[next_y], np.cumsum(next_y) - 1
        v, h = np.nonzero(meets)
        shape = (len(self.xs), len(self.ys))
        self.upright = self._first_and_last(shape, x_of[v], y_of[h], v)
        self.level = self._first_and_last(shape, x_of[v], y_of[h], h)

    @staticmethod
    def _first_and_last(shape: tuple[int, int], x: Ints, y: Ints, rule: Ints) -> tuple[Ints, Ints]:
        first, last = np.full(shape, -1), np.full(shape, -1)
        order = np.argsort(rule, kind="stable")
        last[x[order], y[order]] = rule[order]
        order = order[::-1]
        first[x[order], y[order]] = rule[order]
        return first, last

    def cells(self) -> list[Box]:
        """Column and row of the first corner, then of the last one, ordered by column and row."""
        down, right = self._next(self.upright, axis=1), self._next(self.level, axis=0)
        x, y = np.nonzero((down >= 0) & (right >= 0))
        x1, y1 = right[x, y], down[x, y]
        closed = self._joined(self.upright, x1, y, x1, y1) & self._joined(self.level, x, y1, x1, y1)
        cells = np.stack((x, y, x1, y1), axis=1)
        found: list[Box] = [tuple(cell) for cell in cells[closed].tolist()]
        for cell in cells[~closed].tolist():
            if (larger := self._larger(cell, down, right)) is not None:
                found.append(larger)
        return sorted(found)

    @staticmethod
    def _next(rules: tuple[Ints, Ints], axis: int) -> Ints:
        """The next crossing along the axis on the same rule, by its index; -1 for none."""
        first, last = (r if axis else r.T for r in rules)
        following = np.full(first.shape, -1)
        line, at = np.nonzero(first >= 0)
        same = (line[:-1] == line[1:]) & (last[line[:-1], at[:-1]] >= first[line[1:], at[1:]])
        following[line[:-1][same], at[:-1][same]] = at[1:][same]
        return following if axis else following.T

    @staticmethod
    def _joined(rules: tuple[Ints, Ints], x0: Ints, y0: Ints, x1: Ints, y1: Ints) -> Bools:
        """Whether one rule meets both crossings, of which the second lies farther on."""
        first, last = rules
        return (first[x1, y1] >= 0) & (first[x0, y0] >= 0) & (last[x0, y0] >= first[x1, y1])

    def _larger(self, cell: list[int], down: Ints, right: Ints) -> Box | None:
        """The smallest cell from a corner whose next crossings, to the right and below, close none."""
        x, y, x1, y1 = cell
        (v_first, v_last), (h_first, h_last) = self.upright, self.level
        below, beside = [], []
        while y1 >= 0 and v_last[x, y] >= v_first[x, y1]:
            below.append(y1)
            y1 = int(down[x, y1])
        while x1 >= 0 and h_last[x, y] >= h_first[x1, y]:
            beside.append(x1)
            x1 = int(right[x1, y])
        for row in below:
            for col in beside:
                corner = v_first[col, row]
                if corner >= 0 and v_last[col, y] >= corner and h_last[x, row] >= h_first[col, row]:
                    return x, y, col, row
        return None


def _groups(cells: list[Box]) -> list[list[Box]]:
    """The cells by table: those that share corners, however far, belong together; a lone cell is no table."""
    parent: list[int] = []

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    label_of: dict[tuple[int, int], int] = {}
    labels = []
    for x0, top, x1, bottom in cells:
        corners = (x0, top), (x0, bottom), (x1, top), (x1, bottom)
        known = {label_of[corner] for corner in corners if corner in label_of}
        if not known:
            known = {len(parent)}
            parent.append(len(parent))
        label = known.pop()
        for other in known:
            parent[root(other)] = root(label)
        label_of.update(dict.fromkeys(corners, label))
        labels.append(label)
    groups: dict[int, list[Box]] = {}
    for cell, label in zip(cells, labels, strict=True):
        groups.setdefault(root(label), []).append(cell)
    return [group for group in groups.values() if len(group) > 1]


# --- tables


def _touching(groups: list[list[Box]]) -> list[list[Box]]:
    """Tables of the same width that stand on each other become one."""
    ordered = sorted(groups, key=lambda g: (min(b[1] for b in g), min(b[0] for b in g)))
    merged: list[tuple[Box, list[Box]]] = []
    for group in ordered:
        box = _union(group)
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


def _levels(values: Iterable[int]) -> list[int]:
    """The distinct values, those within `_CLUSTER` of their neighbour taken as one."""
    levels: list[int] = []
    last = None
    for value in sorted(set(values)):
        if last is None or value - last > _CLUSTER:
            levels.append(value)
        last = value
    return levels


def _indexed(boxes: Sequence[Box]) -> Table | None:
    """The boxes as spans over the table's grid lines; None if nothing with an area is left."""
    xs = _levels(v for b in boxes for v in (b[0], b[2]))
    ys = _levels(v for b in boxes for v in (b[1], b[3]))
    slots = [[-1] * max(len(xs) - 1, 1) for _ in range(max(len(ys) - 1, 1))]
    kept: list[Box] = []
    spans = []
    for box in sorted(boxes, key=area):
        col, col_to = bisect_right(xs, box[0]) - 1, bisect_right(xs, box[2]) - 1
        row, row_to = bisect_right(ys, box[1]) - 1, bisect_right(ys, box[3]) - 1
        if row == row_to or col == col_to or any(max(slots[r][col:col_to]) >= 0 for r in range(row, row_to)):
            continue
        for r in range(row, row_to):
            slots[r][col:col_to] = [len(kept)] * (col_to - col)
        kept.append(box)
        spans.append((row, col, row_to - row, col_to - col))
    return Table(xs, ys, kept, spans, np.array(slots)) if kept else None
