"""Column headers of indicators at a page break: printed again on the next page, or cut by it.

Here: how either is known, and what becomes of the headers. Not here: the rows below them (rows, cells).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import ColumnHeaders
from extractors.layout.page_breaks.model import Break, Piece, glued, headers_at, move
from extractors.layout.rows import PlacedCell, Row, erase

Edges = list[tuple[float, float]]
"""Edges of columns as they stand on a page, each with where it stood on the page of the headers; sorted."""


def repeated_headers(cut: Break) -> bool:
    """Whether the page begins with the headers of the table that goes on, cell by cell."""
    top = _top(cut)
    if top is None or cut.headers is None:
        return False
    return [c.slot.key for c in top.columns] == [c.slot.key for c in cut.headers.columns]


def torn_headers(cut: Break) -> bool:
    """Whether the texts on both sides of a break are headers together: halves of them, or their second row.

    Every text below the break must be a header, or the end of one; so headers repeated below the break are none.
    """
    pairs, subs = _halves(cut)
    ended = [(slot, begun) for slot, begun in pairs if slot.text]
    first = min(cell.x0 for cell in cut.cells) if cut.cells else None
    if not cut.rest.filled or not all(_ends_header(s, b, section=b.x0 == first) for s, b in ended):
        return False
    below = {id(begun): slot.text for slot, begun in pairs}
    texts = [(cell, glued(cell.text, below.get(id(cell), ""))) for cell in cut.cells]
    whole = Row([replace(cell, text=text) for cell, text in texts])
    found = headers_at(whole, Row(subs))
    return found is not None and found.rows == 1 + any(slot.text for slot in subs)


def blank_headers(cut: Break) -> Edges:
    """Blank the headers at the top of the page, which then begins below them; returns where its columns stand."""
    top = _top(cut)
    assert top is not None and cut.headers is not None
    for slot in (slot for row in cut.below[: top.rows] for slot in row.slots):
        erase(slot)
    for row in cut.below[: top.rows]:
        row.filled, row.roles = [], None
    cut.below = cut.below[top.rows :]
    here, there = ([edge for c in headers.columns for edge in (c.x0, c.x1)] for headers in (top, cut.headers))
    if here == there or not cut.below:
        return []
    return sorted(dict(zip([*_sides(cut.below), *here], [*_sides(cut.above), *there], strict=True)).items())


def join_headers(cut: Break) -> None:
    """Put halves of headers together; the second row of headers stays where it is, with the first one above it."""
    pairs, subs = _halves(cut)
    whole = {id(slot): begun for slot, begun in pairs}
    for slot, begun in pairs:
        if slot.text:
            move(slot, begun)
    for row in cut.below:
        row.above = [whole.get(id(slot), slot) for slot in row.above]
    cut.rest.slots, cut.rest.above = subs, [*cut.rest.above, *(begun for _, begun in pairs)]


def shift(rows: list[Row], edges: Edges) -> None:
    """Let the cells of rows stand where the columns of their headers stand; between known edges in proportion."""
    here, there = [here for here, _ in edges], [there for _, there in edges]
    for slot in (slot for row in rows for slot in row.slots if edges):
        slot.x0, slot.x1 = (float(np.interp(x, here, there)) for x in (slot.x0, slot.x1))


def _top(cut: Break) -> ColumnHeaders | None:
    """The headers at the top of the page."""
    return headers_at(cut.rest, cut.below[1] if len(cut.below) > 1 else None)


def _sides(rows: list[Row]) -> tuple[float, float]:
    """The left and the right edge of a table."""
    slots = [slot for row in rows for slot in row.slots]
    return min(slot.x0 for slot in slots), max(slot.x1 for slot in slots)


def _halves(cut: Break) -> tuple[list[Piece], list[PlacedCell]]:
    """The cells below a break that go on with one above it, each with that, and those that stand within one."""
    halves = [(slot, cut.begun(slot)) for slot in cut.rest.slots]
    pairs = [(slot, begun) for slot, begun in halves if begun is not None]
    return pairs, [slot for slot, begun in halves if begun is None]


def _ends_header(slot: PlacedCell, begun: PlacedCell, *, section: bool) -> bool:
    """Whether two halves are one header, or the name of a section; a header printed again is none."""
    whole = words_of(glued(begun.text, slot.text))
    return bool(whole.sub_header or (section and whole.section)) and slot.key != begun.key
