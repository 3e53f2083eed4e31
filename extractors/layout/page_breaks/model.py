"""A page break in a form: the rows of the tables before it, those below it, and which cells are two halves of one.

Here: the break, its cells and columns, the shape of evidence. Not here: any evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from extractors.grid import join_lines
from extractors.grid.columns import same_extent
from extractors.layout.boundaries import roles
from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import ColumnHeader, ColumnHeaders, column_headers_from, header_over
from extractors.layout.rows import PlacedCell, Row, erase, rewrite
from extractors.readings.printed import points

Piece = tuple[PlacedCell, PlacedCell]
"""Two halves of a cell: the one below the break and the one above it."""

_OF_OTHER_PARTS = {"header", "goal", "amount", "sentence"}
"""Groups of labels that begin another part of a form, below a table of indicators."""
_OF_MONEY = {"measure", "source"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that a break cuts something, or (not `joins`) that it does not: its name, what it says, and its test.

    `holds` looks at a break; or at two texts; or at a break and a cell below it, and returns the cell above to which
    the text belongs.
    """

    name: str
    says: str
    holds: Callable[..., Any]
    joins: bool = True


@dataclass
class Break:
    """A page break: `pages` has the rows of each table before it, `below` those that begin the next page.

    `going_on`: by the ids of blank cells at the top of pages, the cell of a page before that goes on in them.
    """

    pages: list[list[Row]]
    below: list[Row]
    going_on: dict[int, PlacedCell]

    @property
    def above(self) -> list[Row]:
        """The rows of the page above."""
        return self.pages[-1]

    @property
    def last(self) -> Row:
        """The last row above."""
        return self.pages[-1][-1]

    @property
    def rest(self) -> Row:
        """The first row below, without column headers printed again."""
        return self.below[0]

    @property
    def table(self) -> ColumnHeaders | None:
        """The column headers of the indicator table that the break cuts."""
        return self._table[0]

    @property
    def rows_of_table(self) -> list[Row]:
        """The rows of that table above the break, the nearest first."""
        return self._table[1]

    @cached_property
    def _table(self) -> tuple[ColumnHeaders | None, list[Row]]:
        rows: list[Row] = []
        following: Row | None = self.rest
        for row in (row for page in reversed(self.pages) for row in reversed(page) if row.filled):
            if (found := headers_at(row, following)) is not None:
                return found, rows[: len(rows) + 1 - found.rows]
            if _begins_another_part(row):
                break
            following = row
            rows.append(row)
        return None, []

    @property
    def cells(self) -> list[PlacedCell]:
        """The cells that reach the end of the page."""
        return [*self.last.slots, *self.last.above]

    @property
    def pieces(self) -> list[Piece]:
        """The texts below that stand between the edges of a text above, each with that."""
        return [(slot, begun) for slot in self.rest.filled if (begun := self.begun(slot)) is not None and begun.text]

    @property
    def own(self) -> list[Piece]:
        """The pieces of the row itself: not those of cells merged with further rows, unless all are such."""
        return [piece for piece in self.pieces if not may_be_merged(*piece)] or self.pieces

    @property
    def blank(self) -> list[PlacedCell]:
        """The texts above that have nothing below the break."""
        halves = [(slot, self.begun(slot)) for slot in self.rest.slots]
        return [begun for slot, begun in halves if begun is not None and begun.text and not slot.text]

    def refill(self) -> None:
        """Gather the filled cells of the rows on both sides anew."""
        for row in (*self.above, *self.below):
            row.filled, row.roles = [slot for slot in row.slots if slot.text], None

    def begun(self, slot: PlacedCell) -> PlacedCell | None:
        """The cell above the break between the edges of one below it, or, where it goes on itself, that it goes on."""
        cell = next((cell for cell in self.cells if same_extent(cell, slot)), None)
        return self.origin(cell) if cell is not None else None

    def column_header(self, slot: PlacedCell) -> ColumnHeader | None:
        """The header of the indicator table under which a cell stands."""
        return header_over(self.table.blocks, slot) if self.table is not None else None

    def column(self, slot: PlacedCell) -> str | None:
        """The column of the indicator table in which a cell stands."""
        return header.name if (header := self.column_header(slot)) is not None else None

    def origin(self, cell: PlacedCell) -> PlacedCell:
        """Where a cell begins that may go on from the page before."""
        return self.going_on.get(id(cell), cell)


def headers_at(row: Row, following: Row | None) -> ColumnHeaders | None:
    """The column headers of indicators that begin at a row."""
    return column_headers_from(row, following)


def _begins_another_part(row: Row) -> bool:
    found = roles(row)
    if any(group in _OF_OTHER_PARTS and slot is row.filled[0] for (group, _), slot in found.items()):
        return not row.filled[0].words.is_level
    money = sum(group in _OF_MONEY for group, _ in found)
    return money >= 2 and all(points(slot.text) is None for slot in row.filled)


def may_be_merged(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether a cell may be merged with rows above or below, so that it goes on beside a whole row."""
    return slot.cell.rowspan > 1 or (words_of(glued(begun.text, slot.text)).is_level and not slot.words.is_level)


def glued(begun: str, rest: str) -> str:
    """A text from both of its halves, of which one may be blank; a number that is cut gets no space."""
    if not begun or not rest:
        return begun or rest
    number = (begun[-1].isdigit() or begun[-1] in ".,-") and (rest[0].isdigit() or rest[0] in ".,%-")
    return begun + rest if number else join_lines(f"{begun}\n{rest}")


def move(slot: PlacedCell, begun: PlacedCell, whole: str | None = None) -> None:
    """Give the text of a cell below the break to the one that it ends: glued to what stands there, or `whole`."""
    rewrite(begun, whole or glued(begun.text, slot.text), slot.cell)
    erase(slot)
