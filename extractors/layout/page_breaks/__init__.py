"""What page breaks cut in a form: one stage puts it together before any section reads, by evidence that it names.

Here: the order of the steps. Not here: the list of evidence (evidence) and what it looks at (headers, cells, rows).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from extractors.layout.boundaries import is_indicator_header
from extractors.layout.page_breaks.cells import keep_going_on, move_cells
from extractors.layout.page_breaks.evidence import CELLS, HEADERS, ROWS
from extractors.layout.page_breaks.headers import Edges, blank_headers, join_headers, shift
from extractors.layout.page_breaks.model import Break, Evidence
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
        below = list(table)
        if pages and pages[-1][-1].page != below[0].page:
            cut = Break(pages, below, going_on)
            edges = _join(cut, edges)
            below = cut.below
        if any(row.filled for row in below):
            pages.append(below)


def _join(cut: Break, edges: Edges) -> Edges:
    """Put together what one break cuts; `edges`: where columns stand on the page above, returned: on the page below."""
    headers = _evidence(cut, HEADERS)
    if headers == "repeated_headers":
        edges = blank_headers(cut)
    shift(cut.below, edges)
    if headers == "torn_headers":
        join_headers(cut)
    elif cut.below and cut.last.filled and cut.rest.filled and not (headers and is_indicator_header(cut.last)):
        move_cells(cut, CELLS)
        joined = _evidence(cut, ROWS) in {rule.name for rule in ROWS if rule.joins}
        if joined:
            join_row(cut)
        keep_going_on(cut, joined=joined)
    cut.refill()
    return edges


def _evidence(cut: Break, rules: Sequence[Evidence]) -> str | None:
    """The name of the first evidence that holds, noted at the row; a row without texts gives none."""
    name = next((rule.name for rule in rules if cut.rest.filled and rule.holds(cut)), None)
    cut.rest.evidence += [name] if name else []
    return name
