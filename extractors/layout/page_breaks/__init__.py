"""What page breaks cut in a form: one stage puts it together before any section reads, by evidence that it names.

Here: the order of the steps. Not here: the list of evidence (evidence) and what it looks at (texts, headers, cells,
rows).
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from extractors.layout.boundaries import is_indicator_header
from extractors.layout.page_breaks.cells import keep_going_on, move_cells
from extractors.layout.page_breaks.evidence import CELLS, HEADERS, ROWS
from extractors.layout.page_breaks.headers import Edges, blank_headers, join_headers, repeated_headers, shift
from extractors.layout.page_breaks.model import Break
from extractors.layout.page_breaks.rows import join_row
from extractors.layout.rows import PlacedCell, Row


def join_pages(rows: list[Row]) -> None:
    """Rewrite the rows of a form so that each page goes on where the one before ended.

    Texts go back to the cells in which they begin, column headers printed again become blank, and where those stand
    elsewhere on their page, so do the cells below them. A row below a break says in `evidence` what decided on it.
    """
    ruled = (row for row in rows if row.page is not None and row.ruled)
    pages: list[list[Row]] = []
    going_on: dict[int, PlacedCell] = {}
    edges: Edges = []
    for _, table in groupby(ruled, key=attrgetter("grid")):
        cut = Break(pages, list(table), going_on)
        if pages and cut.last.page != cut.rest.page:
            edges = _join(cut, edges)
        if any(row.filled for row in cut.below):
            pages.append(cut.below)


def _join(cut: Break, edges: Edges) -> Edges:
    """Put together what one break cuts; `edges`: where columns stand on the page above, returned: on the page below."""
    headers = next((rule for rule in HEADERS if rule.holds(cut)), None)
    if headers is not None:
        cut.rest.evidence.append(headers.name)
    again = headers is not None and headers.holds is repeated_headers
    if again:
        edges = blank_headers(cut)
    shift(cut.below, edges)
    if headers is not None and not again:
        join_headers(cut)
    elif cut.below and cut.last.filled and cut.rest.filled and not (again and is_indicator_header(cut.last)):
        _join_rows(cut)
    cut.refill()
    return edges


def _join_rows(cut: Break) -> None:
    move_cells(cut, CELLS)
    row = next((rule for rule in ROWS if cut.rest.filled and rule.holds(cut)), None)
    if row is not None:
        cut.rest.evidence.append(row.name)
    joined = row is not None and row.joins
    if joined:
        join_row(cut)
    keep_going_on(cut, joined=joined)
