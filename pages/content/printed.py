"""Where a header or label that nobody knows is printed, and the cells that belong to it.

Here: a piece of the file's grid, or what to cut out of a page. Not here: drawing, what the text could mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pages.content.grid import laid_out, shown_cell, spot_of
from pages.pictures import Box, Cut
from pages.published import Data
from pages.rereading import Cells

TOLD = 10
"""Cells that are shown of what belongs to a header."""
_OF_COLUMNS = ("indicator", "measure", "list")
"""The parts of a form whose headers stand above their cells; elsewhere a label stands before them."""
_BESIDE = 3
"""Columns of the grid shown on either side."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Where a text stands in one document: a `cut` of its page or a piece of its `grid`; `cells` belong to it."""

    document: Mapping[str, Any]
    below: bool
    cells: list[str]
    page: int | None = None
    cut: Cut | None = None
    grid: dict[str, Any] | None = None


def place_of(data: Data, document: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first place in a document where the text of a proposal stands and is not known."""
    return data.one(
        "SELECT page, x0, top, x1, bottom, locator FROM problem WHERE document_id = ? AND text = ? "
        "AND column_name IS NOT NULL AND section IS NOT DISTINCT FROM ? ORDER BY form_no, page, problem_id LIMIT 1",
        [document["document_id"], row["text"], row["section"]],
    )


def printed(document: Mapping[str, Any], place: Mapping[str, Any], section: str | None, cells: Cells) -> Printed | None:
    """The text at its place with its cells; None where the place is neither on a page nor in a grid."""
    below = section in _OF_COLUMNS
    if place["page"] is not None and None not in (place["x0"], place["top"], place["x1"], place["bottom"]):
        box = (place["x0"], place["top"], place["x1"], place["bottom"])
        on_page = [(cell[0], _box(cell[5])) for cell in cells if cell[4] == place["page"] and cell[5]]
        own = (_under if below else _after)(box, on_page)[:TOLD]
        cut = Cut(place["page"], box, tuple(b for _, b in own), _around([box, *(b for _, b in on_page)]))
        return Printed(document, below, [text for text, _ in own], place["page"], cut)
    spot = spot_of(place["locator"])
    if spot is None:
        return None
    return _piece(document, spot, below, cells)


def _piece(document: Mapping[str, Any], spot: tuple[str, int, int], below: bool, cells: Cells) -> Printed | None:
    """The rows from the text on as far as its cells reach, and a few columns around them."""
    name, row, column = spot
    rows: dict[int, dict[int, dict[str, Any]]] = {}
    for text, locator, high, wide, *_ in cells:
        there = spot_of(locator)
        if there and there[0] == name:
            rows.setdefault(there[1], {})[there[2]] = {**shown_cell(text, None), "high": high, "wide": wide}
    header = rows.get(row, {}).get(column)
    if header is None:
        return None
    header["kind"] = "chosen"
    if below:
        reach = range(column, column + header["wide"])
        own = [rows[no][at] for no in sorted(rows) if no > row for at in sorted(rows[no]) if at in reach][:TOLD]
    else:
        own = [rows[row][at] for at in sorted(rows[row]) if at > column][:TOLD]
    for cell in own:
        cell["kind"] = "own"
    last = max((no for no, line in rows.items() if any(cell in own for cell in line.values())), default=row)
    first, end = column - _BESIDE, column + header["wide"] + _BESIDE
    shown = {
        no: {at: cell for at, cell in line.items() if cell["kind"] or first <= at < end}
        for no, line in rows.items()
        if row <= no <= last
    }
    columns = sorted({at for line in shown.values() for at in line})
    grid = {"name": name, "columns": columns, "rows": laid_out(shown, columns), "letters": name.startswith("工作表")}
    return Printed(document, below, [cell["text"] for cell in own], grid=grid)


Boxed = Sequence[tuple[str, Box]]


def _under(header: Box, cells: Boxed) -> list[tuple[str, Box]]:
    """The cells below a header whose middle lies in its column, from the top."""
    own = [cell for cell in cells if header[0] <= (cell[1][0] + cell[1][2]) / 2 <= header[2]]
    return sorted((cell for cell in own if _middle(cell[1]) > header[3]), key=lambda cell: cell[1][1])


def _after(label: Box, cells: Boxed) -> list[tuple[str, Box]]:
    """The cells behind a label in its row, from the left."""
    own = [cell for cell in cells if cell[1][1] <= _middle(label) <= cell[1][3] and cell[1][0] >= label[2] - 1]
    return sorted(own, key=lambda cell: cell[1][0])


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _around(boxes: Sequence[Box]) -> Box:
    left, upper, right, lower = zip(*boxes, strict=True)
    return min(left), min(upper), max(right), max(lower)


def _box(edges: Sequence[float]) -> Box:
    x0, top, x1, bottom = edges
    return x0, top, x1, bottom
