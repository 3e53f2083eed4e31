"""Tables that stand beside each other in one grid, as on a sheet that holds two forms: a grid of its own for each.

Here: where a grid falls into two from left to right. Not here: pages printed beside each other (formats), where one
form ends below another (layout).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby

from extractors.grid.model import Cell, Grid

_SHARED_CAPTIONS = 5
"""Texts that two blocks of columns have in common if both are forms."""
_REPEATED_CAPTIONS, _REPEATED_ROWS = 8, 5
"""Texts, and rows with such, that are printed again as many columns to the right if no gap parts two forms."""
_WORDS = re.compile(r"[^\W\d]{2}")
_LEAST_COLUMNS = 6

Block = tuple[int, int]
"""The first and last column of what may be a table of its own."""


def tables_beside(grid: Grid) -> list[Grid]:
    """The grid, or the grids that stand beside each other in it, from left to right; columns are counted anew.

    Two blocks with blank columns between are two tables where both print five captions and a third of all, or where
    each has lines and the gap has none (`Grid.lined`). Without a gap they are two where captions come again in row
    after row, as many columns further each time, those of the first column above all; not for labels that one row
    repeats, for two lists of indicators under one head, nor for copies of a merged cell.
    """
    if grid.n_cols < _LEAST_COLUMNS or not grid.ruled:
        return [grid]
    blocks = _blocks(grid)
    if len(blocks) < 2:
        at = _repeated_from(grid)
        blocks = [(0, at - 1), (at, grid.n_cols - 1)] if at is not None else blocks
    if len(blocks) < 2:
        return [grid]
    parts = [_part(grid, first, last) for first, last in blocks]
    return [table for part in parts for table in tables_beside(part)]


def _part(grid: Grid, first: int, last: int) -> Grid:
    cells = []
    for cell in _within(grid.cells, first, last):
        cell.col -= first
        cells.append(cell)
    lined = frozenset((row, col - first) for row, col in grid.lined if first <= col <= last)
    return Grid(cells, grid.spans, grid.ruled, grid.page, grid.row_cut, lined, grid.turn)


def _within(cells: Iterable[Cell], first: int, last: int) -> list[Cell]:
    return [cell for cell in cells if first <= cell.col <= last]


def _blocks(grid: Grid) -> list[Block]:
    """The runs of columns that are tables apart; a single one where the grid is one table."""
    used: set[int] = set()
    for cell in grid.cells:
        if cell.text or cell.colspan > 1:
            used.update(range(cell.col, cell.col + cell.colspan))
    blocks: list[Block] = []
    for _, group in groupby(enumerate(sorted(used)), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in group]
        right = numbers[0], numbers[-1]
        if blocks and not _apart(grid, blocks[-1], right):
            blocks[-1] = blocks[-1][0], right[1]
        else:
            blocks.append(right)
    return blocks


def _apart(grid: Grid, left: Block, right: Block) -> bool:
    """Whether two blocks with an empty gap are two tables."""
    sides = [_within(grid.cells, *left), _within(grid.cells, *right)]
    if are_forms_alike(*sides):
        return True
    lined = [sum((cell.row, cell.col) in grid.lined for cell in side) for side in sides]
    gap = _within(grid.cells, left[1] + 1, right[0] - 1)
    return all(n >= 2 * _SHARED_CAPTIONS for n in lined) and not any((c.row, c.col) in grid.lined for c in gap)


def are_forms_alike(left: Iterable[Cell], right: Iterable[Cell]) -> bool:
    """Whether the cells of two blocks print five captions alike and a third of all, as two forms of one kind do."""
    captions = [{cell.text for cell in side if _WORDS.search(cell.text)} for side in (left, right)]
    shared = len(captions[0] & captions[1])
    return shared >= _SHARED_CAPTIONS and shared * 3 >= min(map(len, captions))


def _repeated_from(grid: Grid) -> int | None:
    """The column at which the captions of a form begin again without a gap."""
    texts = {(cell.row, cell.col): cell.text for cell in grid.cells if _WORDS.search(cell.text)}
    again: dict[int, list[tuple[int, int]]] = defaultdict(list)
    by_row: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row, col in sorted(texts):
        own = by_row[row, texts[row, col]]
        if own and own[-1] != col - 1:
            again[col - own[-1]].append((row, own[-1]))
        own.append(col)
    found = max(again.items(), key=lambda item: len(item[1]), default=None)
    if found is None or len(found[1]) < _REPEATED_CAPTIONS or len({row for row, _ in found[1]}) < _REPEATED_ROWS:
        return None
    offset, places = found
    left = min(col for _, col in texts)
    labels = {row for row, col in texts if col == left}
    first = left + offset
    if 3 * len(labels & {row for row, col in places if col == left}) < 2 * len(labels):
        return None
    return None if any(cell.col < first < cell.col + cell.colspan for cell in grid.cells) else first
