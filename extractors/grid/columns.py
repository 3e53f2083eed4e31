"""Under which column a cell stands, and whether two edges or extents are the same.

Here: the tolerances, all of them, and the questions that use them. Not here: which columns there are (form).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

UNDER = 0.3
"""Of the narrower of two, the share from which a cell stands under a column: a skewed table is read all the same."""
COVERED = 0.6
"""The share of a column from which a cell takes it up."""
EDGE = 0.5
"""Points, or columns, within which two edges of one table are one; columns are whole numbers."""
SNAP = 1.5
"""Points within which the edges of two tables are one; those of one table lie farther apart."""
CUT = 2.0
"""Points by which the two halves of a cell that a page break cuts may differ."""
FRAGMENT = 6.0
"""Points (or columns of less) by which two fragments of one table may differ in width."""


class Extent(Protocol):
    """Whatever has a left and a right edge: a cell, a column, a table."""

    @property
    def x0(self) -> float:
        """The left edge."""

    @property
    def x1(self) -> float:
        """The right edge."""


Column = TypeVar("Column", bound=Extent)


def shared(a: Extent, b: Extent) -> float:
    """The length that two extents share; negative when apart."""
    return (a.x1 if a.x1 < b.x1 else b.x1) - (a.x0 if a.x0 > b.x0 else b.x0)


def touches(a: Extent, b: Extent) -> bool:
    """Whether two extents share anything."""
    return shared(a, b) > 0


def column_of(cell: Extent, columns: Iterable[Column]) -> Column | None:
    """The column that a cell stands under: the one it shares most with, if that is not too little."""
    best, length = None, 0.0
    x0, x1 = cell.x0, cell.x1
    for column in columns:
        left, right = column.x0, column.x1
        if left <= x0 and x1 <= right and x0 < x1:
            return column  # no other one shares more
        if left < x1 and right > x0 and (own := shared(cell, column)) > length:
            best, length = column, own
    return best if best is not None and length > UNDER * min(x1 - x0, best.x1 - best.x0) else None


class Columns(Generic[Column]):
    """The columns of a table; under which of them an extent stands is found once, for its cells stand in few."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self._columns = list(columns)
        self._over: dict[tuple[float, float], Column | None] = {}

    def over(self, cell: Extent) -> Column | None:
        """As `column_of`."""
        extent = cell.x0, cell.x1
        try:
            return self._over[extent]
        except KeyError:
            found = self._over[extent] = column_of(cell, self._columns)
            return found


def covers(cell: Extent, column: Extent) -> bool:
    """Whether a cell takes up a column, though it may reach over others, too."""
    return shared(cell, column) > COVERED * (column.x1 - column.x0)


def is_left_of(cell: Extent, x: float) -> bool:
    """Whether a cell ends at an edge or before it."""
    return cell.x1 <= x + EDGE


def same_edge(a: float, b: float) -> bool:
    """Whether two edges of one table are one."""
    return abs(a - b) < EDGE


def same_extent(a: Extent, b: Extent, tolerance: float = CUT) -> bool:
    """Whether two cells stand between the same edges, on two pages perhaps."""
    return abs(a.x0 - b.x0) < tolerance and abs(a.x1 - b.x1) < tolerance


def is_within(cell: Extent, over: Extent, tolerance: float = EDGE) -> bool:
    """Whether a cell stands between the edges of another one."""
    return over.x0 - tolerance <= cell.x0 and cell.x1 <= over.x1 + tolerance
