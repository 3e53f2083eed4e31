"""Equal texts side by side in a text export: one merged cell, or a value for each of the columns they stand under.

Here: the one place that decides it, asked by every section with its own columns. Not here: which texts stand side by
side (grid.spans), which column a cell is under (grid.columns).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from extractors.grid import Span
from extractors.layout.rows import PlacedCell, Row


def cells_under(slots: Iterable[PlacedCell], column_of: Callable[[PlacedCell], object]) -> list[PlacedCell]:
    """The cells of a row as a section's columns show them: copies under one column are one cell, others are values.

    Copies under no column (`column_of` gives None) are one cell, too.
    """
    cells: list[PlacedCell] = []
    for slot in slots:
        cells += _cut(slot, column_of) if slot.parts else [slot]
    return cells


def row_under(row: Row, column_of: Callable[[PlacedCell], object]) -> Row:
    """A row with its cells as a section's columns show them."""
    if not any(slot.parts for slot in row.filled):
        return row
    return Row(cells_under(row.slots, column_of), row.above, row.grid, row.ruled, row.page, row.first, row.last)


@dataclass(slots=True, eq=False)
class Reach:
    """How far what belongs to a label may stand right of it in another row."""

    x0: float
    x1: float


def reaches(labels: list[PlacedCell]) -> list[Reach]:
    """How far each of the labels of a row reaches: over its own cell, or, where that is open, up to the next label."""
    ends = [*(after.x0 for after in labels[1:]), math.inf][: len(labels)]
    return [
        Reach(s.x0, s.x1 if s.cell.span is Span.STATED else max(s.x1, end)) for s, end in zip(labels, ends, strict=True)
    ]


def _cut(slot: PlacedCell, column_of: Callable[[PlacedCell], object]) -> list[PlacedCell]:
    groups = [tuple(group) for _, group in groupby(slot.parts, key=column_of)]
    if len(groups) == 1:
        return [slot]
    lengths = tuple(map(len, groups))
    slot.cuts = {} if slot.cuts is None else slot.cuts
    if lengths not in slot.cuts:  # a claim on a cell is by its identity, so it is cut in the same way once
        slot.cuts[lengths] = [_joined(group) for group in groups]
    return slot.cuts[lengths]


def _joined(parts: tuple[PlacedCell, ...]) -> PlacedCell:
    if len(parts) == 1:
        return parts[0]
    return replace(parts[0], x1=parts[-1].x1, reach=parts[-1].reach, parts=parts)
