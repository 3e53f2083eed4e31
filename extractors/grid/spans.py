"""Which cells of a text export are merged, as far as their places and texts say.

Here: the rules, in their order, and the one pass over a grid. Not here: what only meaning decides (three equal figures
are one merged cell or three), which stays open until it is known under which columns they stand (layout.merged).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from extractors.grid.model import Cell, Grid, Span

_WORDS = re.compile(r"[A-Za-z\u4e00-\u9fff]{2}")
_TEXT = attrgetter("text")
_WIDE = 3
"""Columns from which one text in all of them is a cell over the whole row; in two it may be a value of each."""

Rule = Callable[[list[Cell], int, dict[int, Cell]], list[Cell]]
"""(a row's cells, the columns of the grid, by its column the cell last printed above) -> the row's cells."""


def whole_row(row: list[Cell], width: int, above: dict[int, Cell]) -> list[Cell]:
    """Words that are printed in every column are one cell over the whole row.

    项目支出绩效自评表 | 项目支出绩效自评表 | 项目支出绩效自评表; not 10 | 10 | 10, nor where a column is blank.
    """
    first = row[0]
    if row[-1].text != first.text or len(row) != width or width < _WIDE or not _WORDS.search(first.text):
        return row
    return [replace(first, colspan=width)] if all(cell.text == first.text for cell in row) else row


def copies_beside(row: list[Cell], width: int, above: dict[int, Cell]) -> list[Cell]:
    """Equal texts side by side may be one merged cell, written into each of its columns: they are kept together.

    实际完成值 | 实际完成值; not where a blank stands between them.
    """
    texts = [cell.text for cell in row if cell.text]
    if len(set(texts)) == len(texts):
        return row
    cells: list[Cell] = []
    for text, run in groupby(row, key=_TEXT):
        copies = tuple(run)
        if not text or len(copies) == 1:
            cells += copies
        else:
            one = copies[0]
            cells.append(Cell(text, one.row, one.col, one.place, 1, len(copies), Span.OPEN, copies))
    return cells


def blanks_beside(row: list[Cell], width: int, above: dict[int, Cell]) -> list[Cell]:
    """The blanks right of a text may be the rest of its cell, up to the next text or the end of the row.

    实际完成值 | (blank) | 得分: two columns or one; not the blanks at the beginning of a row.
    """
    cells: list[Cell] = []
    end = row[-1].col + row[-1].colspan
    for cell in reversed(row):
        if cell.text:
            cell.reach = end
            if end > cell.col + cell.colspan:
                cell.span = Span.OPEN
            end = cell.col
            cells.append(cell)
    for cell in reversed(row[: row.index(cells[-1])]):
        cell.reach = cell.col + cell.colspan
        cells.append(cell)
    return cells[::-1]


def copies_below(row: list[Cell], width: int, above: dict[int, Cell]) -> list[Cell]:
    """A text below the same text, or a blank below any, may be the rest of a cell merged over both rows.

    产出指标 under 产出指标; not under another text.
    """
    for cell in row:
        over = above.get(cell.col)
        if over is not None and (not cell.text or cell.text == over.text):
            cell.origin = over.origin or over
    return row


RULES: tuple[Rule, ...] = (whole_row, copies_beside, blanks_beside, copies_below)
"""The rules, in their order: a later one sees the cells that the ones before it made."""


def infer_spans(grid: Grid) -> None:
    """Let the cells of a grid say each whether its span is stated, inferred or open; one that states them is left.

    The blanks that a cell may reach over, and all but one of a blank row, are no cells any more.
    """
    if grid.spans is not Span.OPEN:
        return
    cells: list[Cell] = []
    above: dict[int, Cell] = {}
    for cell in grid.cells:
        cell.span = Span.INFERRED
    for row in grid.rows():
        if not any(map(_TEXT, row)):
            cells += row[:1]
            continue
        for rule in RULES:
            row = rule(row, grid.n_cols, above)
        above.update((cell.col, cell) for cell in row if cell.text)
        cells += row
    grid.cells, grid.spans = cells, Span.INFERRED
