"""A page break in a form: the rows of the tables before it, those below it, and which cells are two halves of one.

Here: the break, its cells and columns, the shape of evidence. Not here: any evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from extractors.grid import join_lines
from extractors.grid.columns import column_of, same_extent
from extractors.layout.boundaries import roles
from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import ColumnHeader, ColumnHeaders, column_headers_from
from extractors.layout.rows import PlacedCell, Row, erase, rewrite
from extractors.readings.printed import points

Piece = tuple[PlacedCell, PlacedCell]
"""Two halves of a cell: the one below the break and the one above it."""

_OF_OTHER_PARTS = {"header", "goal", "amount", "sentence"}
"""Groups of labels that begin another part of a form, below a table of indicators."""


class Evidence(NamedTuple):
    """What shows that a break cuts something, or (not `joins`) that it does not: its name, what it says, and its test.

    `holds` looks at a break; or at a break and a cell below it, and returns the cell above to which its text belongs.
    """

    name: str
    says: str
    holds: Callable[..., Any]
    joins: bool = True


@dataclass
class Break:
    """A page break: `pages` has the rows of each table before it, `below` those that begin the next page.

    `going_on`: by the ids of blank cells at the top of pages, the cell of a page before that goes on in them.
    `headers`: the column headers of the indicator table that the break cuts; `rows`: its rows above the break, the
    nearest first.
    """

    pages: list[list[Row]]
    below: list[Row]
    going_on: dict[int, PlacedCell]
    headers: ColumnHeaders | None = field(default=None, init=False)
    rows: list[Row] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        rows = [row for page in self.pages for row in page if row.filled][::-1]
        for n, (row, following) in enumerate(zip(rows, [self.rest, *rows], strict=False)):
            if (found := headers_at(row, following)) is not None:
                self.headers, self.rows = found, rows[: n + 1 - found.rows]
            if found is not None or _begins_another_part(row):
                break

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
    def cells(self) -> list[PlacedCell]:
        """The cells that reach the end of the page."""
        return [*self.last.slots, *self.last.above]

    @property
    def pieces(self) -> list[Piece]:
        """The texts below that stand between the edges of a text above, each with that."""
        return [(slot, begun) for slot in self.rest.filled if (begun := self.begun(slot)) is not None and begun.text]

    @property
    def own(self) -> list[Piece]:
        """The pieces of the row itself: not those of cells that may be merged with further rows, unless all are."""
        pieces = self.pieces
        return [(s, b) for s, b in pieces if s.cell.rowspan == 1 and not _ends_level(s, b)] or pieces

    @property
    def blank(self) -> list[PlacedCell]:
        """The texts above that have nothing below the break."""
        halves = [self.begun(slot) for slot in self.rest.slots if not slot.text]
        return [begun for begun in halves if begun is not None and begun.text]

    def refill(self) -> None:
        """Gather the filled cells of the rows on both sides anew."""
        for row in (*self.above, *self.below):
            row.filled, row.roles = [slot for slot in row.slots if slot.text], None

    def begun(self, slot: PlacedCell) -> PlacedCell | None:
        """The cell above the break between the edges of one below it, or, where it goes on itself, that it goes on."""
        cell = next((cell for cell in self.cells if same_extent(cell, slot)), None)
        return self.going_on.get(id(cell), cell)

    def header(self, slot: PlacedCell) -> ColumnHeader | None:
        """The header of the indicator table under which a cell stands."""
        return column_of(slot, self.headers.columns) if self.headers is not None else None

    def column(self, slot: PlacedCell) -> str | None:
        """The column of the indicator table in which a cell stands."""
        return header.name if (header := self.header(slot)) is not None else None


def headers_at(row: Row, following: Row | None) -> ColumnHeaders | None:
    """The column headers of indicators that begin at a row."""
    return column_headers_from(row, following)


def _begins_another_part(row: Row) -> bool:
    found = roles(row)
    if any(group in _OF_OTHER_PARTS and slot is row.filled[0] for (group, _), slot in found.items()):
        return not row.filled[0].words.is_level
    money = sum(group in {"measure", "source"} for group, _ in found)
    return money >= 2 and all(points(slot.text) is None for slot in row.filled)


def _ends_level(slot: PlacedCell, begun: PlacedCell) -> bool:
    return words_of(glued(begun.text, slot.text)).is_level and not slot.words.is_level


def glued(begun: str, rest: str) -> str:
    """A text from both of its halves, of which one may be blank; a number that is cut gets no space."""
    if not begun or not rest:
        return begun or rest
    number = (begun[-1].isdigit() or begun[-1] in ".,-") and (rest[0].isdigit() or rest[0] in ".,%-")
    return begun + rest if number else join_lines(f"{begun}\n{rest}")


def move(slot: PlacedCell, begun: PlacedCell) -> None:
    """Put the text of a cell below the break behind that of the one in which it begins."""
    rewrite(begun, glued(begun.text, slot.text), slot.cell)
    erase(slot)
