"""Column headers of indicators at a page break: printed again on the next page, or cut by it.

Here: how either is known, and what becomes of the headers. Not here: the rows below them (rows, cells).
"""

from __future__ import annotations

import re

import numpy as np

from extractors.grid.columns import CUT, is_within
from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import LEVELS, ColumnHeaders, is_header_row
from extractors.layout.page_breaks.model import Break, Piece, glued, headers_at, move
from extractors.layout.rows import PlacedCell, Row, erase

_SENTENCE = re.compile("[，。；！？]")
"""What no header has in it."""

Edges = list[tuple[float, float]]
"""Edges of columns as they stand on a page, each with where it stood on the page of the headers; sorted."""


def repeated_headers(cut: Break) -> bool:
    """Whether the page begins with the headers of the table that goes on, cell by cell."""
    top, _ = _top(cut)
    return top is not None and cut.table is not None and _texts(top) == _texts(cut.table)


def torn_headers(cut: Break) -> bool:
    """Whether the texts on both sides of a break are headers together: halves of them, or their second row.

    Every text below the break must be a header, or the end of one; so headers repeated below the break are none.
    """
    pairs, subs = _halves(cut)
    cells = cut.cells
    if not any(slot.text for slot, _ in pairs) and not any(slot.text for slot in subs):
        return False
    if not all(any(c.text and is_within(slot, c, CUT) for c in cells) for slot in subs):
        return False
    first = min(slot.x0 for slot in cells)
    ended = [(slot, begun) for slot, begun in pairs if slot.text]
    if _are_whole(ended) or any(slot.words.is_level for slot, _ in ended):
        return False
    if not all(_ends_header(s, b) or (b.x0 == first and words_of(glued(b.text, s.text)).section) for s, b in ended):
        return False
    below = {id(begun): slot.text for slot, begun in pairs}
    wholes = [(cell, text) for cell in cells if (text := glued(cell.text, below.get(id(cell), "")))]
    names, begun = [_header(text) for _, text in wholes], [_header(text) for cell, text in wholes if cell.text]
    under = [_header(slot.text) for slot in subs if slot.text]
    if None in under or set(LEVELS) & set(under) or not set(LEVELS) & set(names):
        return False
    return begun.count(None) < len(begun) / 2 and is_header_row([*names, *under])


def blank_headers(cut: Break) -> Edges:
    """Blank the headers at the top of the page, which then begins below them; returns where its columns stand."""
    top, taken = _top(cut)
    assert top is not None and cut.table is not None
    for row in cut.below[:taken]:
        for slot in row.slots:
            erase(slot)
        row.filled, row.roles = [], None
    cut.below = cut.below[taken:]
    here, there = _extents(top), _extents(cut.table)
    if here == there or not cut.below:
        return []
    edges = zip([*_sides(cut.below), *here], [*_sides(cut.above), *there], strict=True)
    return sorted(dict(edges).items())


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


def _top(cut: Break) -> tuple[ColumnHeaders | None, int]:
    """The headers at the top of the page, and how many rows they take."""
    second = next((n for n, row in enumerate(cut.below) if n and row.filled), None)
    top = headers_at(cut.rest, cut.below[second] if second is not None else None)
    taken = second + 1 if top is not None and top.rows == 2 and second is not None else 1
    return top, taken


def _texts(headers: ColumnHeaders) -> list[list[str]]:
    return [[header.slot.key for header in headers] for _, headers in headers.blocks]


def _extents(headers: ColumnHeaders) -> list[float]:
    return [edge for _, headers in headers.blocks for header in headers for edge in (header.x0, header.x1)]


def _sides(rows: list[Row]) -> tuple[float, float]:
    """The left and the right edge of a table."""
    slots = [slot for row in rows for slot in row.slots]
    return min(slot.x0 for slot in slots), max(slot.x1 for slot in slots)


def _halves(cut: Break) -> tuple[list[Piece], list[PlacedCell]]:
    """The cells below a break that go on with one above it, each with that, and those that stand within one."""
    halves = [(slot, cut.begun(slot)) for slot in cut.rest.slots]
    pairs = [(slot, begun) for slot, begun in halves if begun is not None]
    return pairs, [slot for slot, begun in halves if begun is None]


def _are_whole(ended: list[Piece]) -> bool:
    """Whether the texts below a break are headers by themselves, printed again below others or below values."""
    if any(slot.words.bare == begun.words.bare for slot, begun in ended):
        return True
    below = [_header(slot.text) for slot, _ in ended]
    return None not in below and is_header_row(below) and any(b.text and not _header(b.text) for _, b in ended)


def _ends_header(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether two halves are one header; a sentence before a header is none, though it has the header's words."""
    return _header(glued(begun.text, slot.text)) is not None and not _SENTENCE.search(begun.text)


def _header(text: str) -> str | None:
    """The column of an indicator table that a header of the first or the second row names."""
    return words_of(text).sub_header
