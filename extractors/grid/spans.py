"""Which cells of a text export are merged, as far as their places and texts say.

Here: the rules, in their order, and the one pass over a grid. Not here: what only meaning decides (three equal figures
are one merged cell or three), which stays open until it is known under which columns they stand (layout.merged).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

from extractors.grid.model import Cell, Grid, Span

_WORDS = re.compile(r"[A-Za-z\u4e00-\u9fff]{2}")
_WIDE = 3
"""Columns from which one text in all of them is a cell over the whole row; in two it may be a value of each."""

Rule = Callable[[list[Cell], int], list[Cell]]
"""(the cells of a row with those that nobody prints, the columns of the grid) -> the cells of the row."""


def whole_row(row: list[Cell], width: int) -> list[Cell]:
    """Words that are printed in every column are one cell over the whole row.

    项目支出绩效自评表 | 项目支出绩效自评表 | 项目支出绩效自评表; not 10 | 10 | 10, nor where a column is blank.
    """
    texts = {cell.text for cell in row}
    if len(texts) != 1 or len(row) != width or width < _WIDE or not _WORDS.search(row[0].text):
        return row
    return [replace(row[0], colspan=width, span=Span.INFERRED, reach=width)]


def copies_beside(row: list[Cell], width: int) -> list[Cell]:
    """Equal texts side by side may be one merged cell, written into each of its columns: they are kept together.

    实际完成值 | 实际完成值; not where a blank stands between them.
    """
    cells: list[Cell] = []
    for text, run in groupby(row, key=lambda cell: cell.text):
        copies = tuple(run)
        if not text or len(copies) == 1:
            cells += copies
        else:
            cells.append(replace(copies[0], colspan=len(copies), span=Span.OPEN, copies=copies))
    return cells


def blanks_beside(row: list[Cell], width: int) -> list[Cell]:
    """The blanks right of a text may be the rest of its cell, up to the next text or the end of the row.

    实际完成值 | (blank) | 得分: two columns or one; not the blanks at the beginning of a row.
    """
    end = max(cell.col + cell.colspan for cell in row)
    for cell in reversed(row):
        cell.reach = end if cell.text else cell.col + cell.colspan
        if cell.text:
            if cell.reach > cell.col + cell.colspan:
                cell.span = Span.OPEN
            end = cell.col
    return row


RULES: tuple[Rule, ...] = (whole_row, copies_beside, blanks_beside)
"""The rules within a row, in their order: a later one sees the cells that the ones before it made."""


def copies_below(row: list[Cell], above: dict[int, Cell]) -> None:
    """A text below the same text, or a blank below any, may be the rest of a cell merged over both rows.

    产出指标 under 产出指标; not under another text. `above`: by its column the cell last printed in it.
    """
    for cell in row:
        over = above.get(cell.col)
        if over is not None and (not cell.text or cell.text == over.text):
            cell.origin = over.origin or over


def infer_spans(grid: Grid) -> Grid:
    """A grid whose cells say each whether its span is stated, inferred or open; one that states them is unchanged."""
    if grid.spans is not Span.OPEN:
        return grid
    cells: list[Cell] = []
    above: dict[int, Cell] = {}
    for printed in grid.rows():
        row = [replace(cell, span=Span.INFERRED) for cell in printed]
        if not any(cell.text for cell in row):
            cells += row
            continue
        for rule in RULES:
            row = rule(row, grid.n_cols)
        copies_below(row, above)
        above.update((cell.col, cell) for cell in row if cell.text)
        cells += row
    return Grid(cells, Span.INFERRED, grid.ruled, grid.page, grid.row_cut)
