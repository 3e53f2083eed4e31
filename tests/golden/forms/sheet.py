"""A drawn form as cells: its grids with and without spans, over two pages, and its web page.

Here: where the cells stand. Not here: what is drawn (drawing.py).
"""

from __future__ import annotations

import html
import random
from dataclasses import dataclass, field
from typing import Any

from extractors.grid import Cell, Grid, Place, Span


@dataclass
class Drawing:
    """One form: its cells as (row, column, rows, columns, text) and what it says."""

    width: int
    cells: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    rows: int = 0
    headers: range = range(0)  # the rows of the indicators' headers, one or two
    wanted: dict[str, Any] = field(default_factory=dict)

    def add(self, *parts: tuple[str, int] | tuple[str, int, int], start: int = 0) -> None:
        """A row of (text, columns[, rows]); what it leaves over is a blank cell."""
        col = start
        for text, span, *height in parts:
            self.cells.append((self.rows, col, height[0] if height else 1, span, text))
            col += span
        if col < self.width:
            self.cells.append((self.rows, col, 1, self.width - col, ""))
        self.rows += 1

    def grid(self, merged: str) -> Grid:
        """The form with spans, or with merged cells written as blanks or as copies ("repeated")."""
        cells: list[Cell] = []
        for row, col, height, span, text in self.cells:
            if merged == "spans":
                cells.append(Cell(text, row, col, Place(locator=f"{row + 1}:{col + 1}"), height, span))
                continue
            for r in range(height):
                for c in range(span):
                    own = text if merged == "repeated" or (r, c) == (0, 0) else ""
                    cells.append(Cell(own, row + r, col + c, Place(locator=f"{row + r + 1}:{col + c + 1}")))
        return Grid(cells, Span.STATED if merged == "spans" else Span.OPEN)

    def pages(self, cut: int, *, inside: bool, seed: int, again: bool = False) -> list[Grid]:
        """The form on two pages, broken above row `cut`, or inside it: long texts go on where they broke off.

        The text of a merged cell that the break cuts stands on one of the pages. `again`: the second page prints the
        headers of the indicators again.
        """
        down = len(self.headers) if again else 0
        chance = random.Random(seed)
        parts: list[list[Cell]] = [[], []]
        for row, col, height, span, text in self.cells:
            halves = _halves(text, chance) if inside and height == 1 and row == cut else (text, "")
            last = row + height - 1
            if row < cut <= last and chance.random() < 0.5:
                halves = "", text
            first = cut + inside  # rows on the first page
            if row < first:
                parts[0].append(_placed(halves[0], row, col, min(last + 1, first) - row, span, 1))
            if last >= cut if inside else last >= first:
                top = max(row, cut) - cut
                rest = halves[1] if row < first else text
                parts[1].append(_placed(rest, down + top, col, last + 1 - max(row, cut), span, 2))
        for row, col, height, span, text in self.cells if again else ():
            if row in self.headers:
                rows = min(height, self.headers.stop - row)
                parts[1].append(_placed(text, row - self.headers.start, col, rows, span, 2))
        return [Grid(cells, page=n) for n, cells in enumerate(parts, 1)]

    def sheet(self, seed: int) -> str:
        """The form as a web page to be printed: borders, and columns, sizes and alignments by chance."""
        chance = random.Random(seed)
        size, across = chance.choice([9, 10, 10.5, 12, 14]), chance.choice(["left", "center"])
        widths = [chance.randint(40, 140) for _ in range(self.width)] if chance.random() < 0.5 else []
        columns = "".join(f'<col style="width:{100 * width / sum(widths):.2f}%">' for width in widths)
        style = (
            f"table {{ border-collapse: collapse; width: 100%; table-layout: {'fixed' if widths else 'auto'} }}"
            f"td {{ border: 1px solid black; padding: {chance.choice([1, 3, 5])}px; overflow-wrap: anywhere;"
            f" font-size: {size}pt; text-align: {across}; vertical-align: {chance.choice(['top', 'middle'])} }}"
        )
        return f'<html><meta charset="utf-8"><style>{style}</style><table>{columns}{self._table_rows()}</table></html>'

    def page(self) -> bytes:
        """The form as a web page."""
        return f'<html><meta charset="utf-8"><body><table>{self._table_rows()}</table></body></html>'.encode()

    def _table_rows(self) -> str:
        rows: list[list[str]] = [[] for _ in range(self.rows)]
        for row, _, height, span, text in sorted(self.cells):
            rows[row].append(f'<td rowspan="{height}" colspan="{span}">{html.escape(text)}</td>')
        return "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)


def _halves(text: str, chance: random.Random) -> tuple[str, str]:
    """A text that a narrow cell breaks over two lines."""
    if len(text) <= 4:
        return text, ""
    place = chance.randrange(2, len(text) - 1)
    return text[:place], text[place:]


def _placed(text: str, row: int, col: int, height: int, span: int, page: int) -> Cell:
    place = Place(page, 40.0 * col, 20.0 * row, 40.0 * (col + span), 20.0 * (row + height))
    return Cell(text, row, col, place, height, span)
