"""Ruling lines -> tables: the same cells as pdfplumber's TableFinder finds by lines.

Here: snapping and joining of rules, intersections, cells, tables, and the rules that a page break leaves out. Not here:
which rules a page has (pdf_ink.py), what stands in the cells (pdf_page.py). Lengths are thousandths of a point.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

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


def _cells(level_rules: Sequence[Rule], uprights: Sequence[Rule]) -> Iterator[Box]:
    """For each point where rules cross, the smallest cell of which it is the top left corner, if there is one."""
    if len(level_rules) * len(uprights) > _MOST_MEETINGS:
        raise Unreadable("BOMB", "页面上的线条多得不正常，请重新导出。")
    xs, ys = (sorted({rule[0] for rule in rules}) for rules in (uprights, level_rules))
    columns, rows = _spans(uprights, ys), _spans(level_rules, xs)
    below, beside = _following(columns, rows), _following(rows, columns)
    for x, column in enumerate(below):
        for y, y1 in column.items():
            x1 = beside[y].get(x)
            if x1 is None:
                continue
            if below[x1].get(y) == y1 and beside[y1].get(x) == x1:  # most are
                yield xs[x], ys[y], xs[x1], ys[y1]
                continue
            lowers = _reached(columns[x], column, y)
            corners = ((a, b) for b in lowers for a in _reached(rows[y], beside[y], x))  # the nearest row first
            for a, b in corners:
                if _join(columns[a], y, b) and _join(rows[b], x, a):
                    yield xs[x], ys[y], xs[a], ys[b]
                    break


def _spans(rules: Sequence[Rule], across: Sequence[int]) -> list[list[range]]:
    """For each line of rules in order, and each of its rules, the numbers of the lines across that it may meet."""
    spans: dict[int, list[range]] = {}
    for at, start, end in rules:
        span = range(bisect_left(across, start - _SNAP), bisect_right(across, end + _SNAP))
        spans.setdefault(at, []).append(span)
    return list(spans.values())


def _following(spans: Sequence[list[range]], across: Sequence[list[range]]) -> list[dict[int, int]]:
    """For each line, and each line across that one of its rules meets, the next that the same rule meets."""
    met: list[Container[int]] = [own[0] if len(own) == 1 else set(chain.from_iterable(own)) for own in across]
    return [
        dict(chain.from_iterable(pairwise([n for n in span if line in met[n]]) for span in own))
        for line, own in enumerate(spans)
    ]


def _join(spans: Sequence[range], one: int, other: int) -> bool:
    """Whether a rule of the line meets both."""
    for span in spans:  # noqa: SIM110 - a generator takes three times as long
        if one in span and other in span:
            return True
    return False


def _reached(spans: Sequence[range], following: dict[int, int], start: int) -> Iterator[int]:
    """The lines across farther on that are met by the rule that meets the first one."""
    at = following.get(start)
    while at is not None and _join(spans, start, at):
        yield at
        at = following.get(at)


def _groups(cells: Iterable[Box]) -> list[list[Box]]:
    """The cells by table: those that share corners, however far, belong together; a lone cell is no table."""
    parent = [0]  # labels begin with 1

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    label_of: dict[tuple[int, int], int] = {}
    label_at = label_of.get
    labelled: list[list[Box]] = [[]]
    for cell in cells:
        x0, top, x1, bottom = cell
        one, two, three, four = (x0, top), (x0, bottom), (x1, top), (x1, bottom)
        known = {label_at(one, 0), label_at(two, 0), label_at(three, 0), label_at(four, 0)}
        known.discard(0)
        if known:
            label = known.pop()
            for other in known:
                parent[root(other)] = root(label)
        else:
            label = len(parent)
            parent.append(label)
            labelled.append([])
        label_of[one] = label_of[two] = label_of[three] = label_of[four] = label
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
        if rows == cols == 1:  # most are
            covered = slots[row + 1]
            if covered[col + 1] >= 0:
                continue
            covered[col + 1] = len(kept)
        else:
            block = slots[row + 1 : row + 1 + rows]
            if not rows or not cols or any(max(slot[col + 1 : col + 1 + cols]) >= 0 for slot in block):
                continue
            for slot in block:
                slot[col + 1 : col + 1 + cols] = [len(kept)] * cols
        kept.append(box)
        spans.append((row, col, rows, cols))
    return Table(xs, ys, kept, spans, np.array(slots)) if kept else None
