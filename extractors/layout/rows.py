"""The document's grids as one stream of rows, each cell with its horizontal extent.

Here: rows, slots, extents and which cells from above reach into a row. Not here: what a row means.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from extractors.grid import Cell, Grid, Place, turned_box
from extractors.grid.columns import SNAP
from extractors.layout.cell_words import Words, words_of, words_seen
from extractors.vocabulary import Role

if TYPE_CHECKING:
    from extractors.layout.column_headers import ColumnHeaders


class CellRole(Enum):
    """What a cell is where it stands."""

    TITLE = "title"
    NOTE = "note"
    COLUMN_HEADER = "column header"
    ROW_HEADER = "row header"  # a label beside its values, the name of a level or of an indicator
    DATA = "data"


class Heads(Enum):
    """Of what the column headers are that begin in a row."""

    INDICATORS = "indicators"
    MONEY = "money"


IN_DOUBT = "in_doubt"
"""The column of a header of which nobody can say what it heads."""


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """What a header is by the cells below it: its column or `IN_DOUBT`, the reasons, and what else it could be.

    In doubt, the first reason is what it could be, too. `against`: the words of the header say something else; else
    they have the last word, as where a page break had cut them.
    """

    name: str
    reasons: tuple[str, ...] = ()
    runner_up: str | None = None
    against: bool = False


@dataclass(slots=True, eq=False)
class PlacedCell:
    """A cell in the stream; `x0`..`x1` is its horizontal extent: columns, or points on a PDF page.

    Extents of points compare across the pages of a form, so a form broken over pages needs no joining of its grids.
    What a text export leaves open: `reach` is the right edge with the blanks beside it, `parts` are the equal cells
    that it stands for, and `origin` is the cell above whose copy or rest it may be. `header_path`: the texts of the
    headers above a cell of a table, the top one first.
    """

    text: str
    cell: Cell
    x0: float
    x1: float
    words: Words = field(init=False)
    rest: tuple[Cell, ...] = ()  # cells on the next page that print the end of the text
    reach: float = 0.0
    parts: tuple[PlacedCell, ...] = ()
    origin: PlacedCell | None = None
    role: CellRole = CellRole.DATA
    header_path: tuple[str, ...] = ()
    cuts: dict[tuple[int, ...], list[PlacedCell]] | None = None  # the parts as they have been grouped
    column: ColumnReading | None = None  # of a header: what the cells below it say it is

    def __post_init__(self) -> None:
        self.words = words_of(self.text) if not self.cell.doubted else words_seen(self.text, self.cell.doubted)

    @property
    def key(self) -> str:
        """What of its text is looked up as a label."""
        return self.words.key

    @property
    def header(self) -> str | None:
        """The column of an indicator table that it names as a header, by its words or by the cells below it."""
        return self._read_as(self.words.header)

    @property
    def sub_header(self) -> str | None:
        """The column of an indicator table that it names in a second row of headers."""
        return self._read_as(self.words.sub_header)

    def _read_as(self, named: str | None) -> str | None:
        return self.column.name if self.column is not None and (named is None or self.column.against) else named

    def moved(self, x0: float, x1: float | None = None, text: str | None = None) -> PlacedCell:
        """The cell elsewhere in rows that are made, one column wide or up to `x1`; with another `text` if given.

        Its place on the page stays.
        """
        words, end = self.text if text is None else text, x0 + 1 if x1 is None else x1
        return replace(self, text=words, x0=x0, x1=end, reach=end, parts=(), origin=None, cuts=None)

    @property
    def first(self) -> PlacedCell:
        """The cell whose copy it may be, in a row above; else itself."""
        return self.origin or self


@dataclass(slots=True)
class Row:
    """One row: the slots that begin in it (blank ones too) and those that reach into it from above."""

    slots: list[PlacedCell]
    above: list[PlacedCell] = field(default_factory=list)
    grid: int = 0  # number of the grid in the document
    ruled: bool = True
    page: int | None = None
    first: bool = False  # the first row of its grid
    last: bool = False
    heads: Heads | None = field(default=None, init=False)
    columns: ColumnHeaders | None = field(default=None, init=False)  # the headers of indicators that begin in it
    aside: bool = field(default=False, init=False)  # of the document but of no form: it is told, not read
    evidence: list[str] = field(default_factory=list, init=False)  # what decided on it below a page break, by name
    filled: list[PlacedCell] = field(init=False)  # the slots with text, left to right
    roles: dict[Role, PlacedCell] | None = field(default=None, init=False)  # the labels in it, once they were looked up

    def __post_init__(self) -> None:
        self.filled = [s for s in self.slots if s.text]


def rows_of(grids: Iterable[Grid]) -> list[Row]:
    """All rows of the grids in reading order.

    Where a table of a PDF page has the edges of the one before, but for a fraction of a point, it gets exactly these.
    """
    rows: list[Row] = []
    edges: list[float] = []
    for number, grid in enumerate(grids):
        boxed = grid.page is not None
        reaching: list[tuple[int, PlacedCell]] = []  # (last row, slot)
        grid_rows: list[Row] = []
        placed: dict[int, PlacedCell] = {}
        for r, cells in enumerate(grid.rows()):
            reaching = [(end, s) for end, s in reaching if end > r]
            above = [s for _, s in reaching]
            slots = []
            for cell in cells:
                slot = _slot(cell, grid, edges)
                slots.append(slot)
                if cell.reach:
                    _leave_open(slot, placed)
                if cell.rowspan > 1:
                    reaching.append((r + cell.rowspan, slot))
            grid_rows.append(Row(slots, above, number, grid.ruled, grid.page))
        if boxed and grid.ruled:
            edges = sorted({edge for row in grid_rows for slot in row.slots for edge in (slot.x0, slot.x1)})
        if grid_rows:
            grid_rows[0].first = grid_rows[-1].last = True
        rows.extend(grid_rows)
    return rows


def _slot(cell: Cell, grid: Grid, edges: Sequence[float]) -> PlacedCell:
    sides = _sides(cell.place, grid.turn) if grid.page is not None else None
    if sides is not None:
        x0, x1 = _nearest(sides[0], edges), _nearest(sides[1], edges)
    else:
        x0, x1 = float(cell.col), float(cell.col + cell.colspan)
    return PlacedCell(cell.text, cell, x0, x1, (), float(cell.reach) or x1)


def _sides(place: Place, turn: int) -> tuple[float, float] | None:
    """The left and right side of a place as its text is read; `turn` as in Grid."""
    if place.x0 is None or place.top is None or place.x1 is None or place.bottom is None:
        return None
    x0, _, x1, _ = turned_box((place.x0, place.top, place.x1, place.bottom), turn)
    return x0, x1


def _leave_open(slot: PlacedCell, placed: dict[int, PlacedCell]) -> None:
    """Give a cell of a text export what is not settled about it; `placed`: the cells so far by their cells' id."""
    cell = slot.cell
    placed[id(cell)] = slot
    if cell.origin is not None:
        slot.origin = placed[id(cell.origin)]
    if cell.copies:
        slot.parts = tuple([PlacedCell(c.text, c, c.col, c.col + 1.0, (), c.col + 1.0) for c in cell.copies])
        slot.parts[-1].reach = slot.reach


def _nearest(at: float, edges: Sequence[float]) -> float:
    """The nearest of the sorted edges, if one is near."""
    n = bisect_left(edges, at)
    edge = min(edges[max(n - 1, 0) : n + 1], key=lambda edge: abs(edge - at), default=at)
    return edge if abs(edge - at) <= SNAP else at


def rewrite(slot: PlacedCell, text: str, rest: Cell) -> None:
    """Give a slot the whole text of a cell whose end stands in another cell, on the next page."""
    slot.text, slot.words, slot.rest = text, words_of(text), (*slot.rest, rest)


def erase(slot: PlacedCell) -> None:
    """Blank a slot whose text has gone to another cell or is printed above it already."""
    slot.text, slot.words = "", words_of("")
