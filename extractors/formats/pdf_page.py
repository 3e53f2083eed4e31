"""One PDF page -> its grids: tables by their ruling lines, and the lines of text between them.

Here: glyphs and edges, cells as boxes, text in boxes. Not here: which pages are read and why (pdf.py), the joining of
fragments over pages (later, by the boxes).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pdfplumber.page import Page
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges
from pdfplumber.utils import curve_to_edges, filter_edges, line_to_edge, rect_to_edges

from extractors.formats.clean import clean_text
from extractors.grid import Cell, Grid, Place, join_lines

_SNAP = 3.0
"""Points within which two rules are one, an end meets a rule; pdfplumber's default, right for rows of 9 pt and more."""
_CLUSTER = 1.5
"""Points within which two edges of cells are one grid line."""
_TOUCH = 2.0
"""Points below which two tables of the same width are one table."""

LOST = "\ufffd"
"""Stands for a character that the document gives no Unicode value."""

Box = tuple[float, float, float, float]
Mark = tuple[str, int, int]


class Glyph(NamedTuple):
    """One printed character with its box; `turn` is 0, or 90 (read upwards), -90 (downwards), 180."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    turn: int = 0

    @property
    def middle(self) -> tuple[float, float]:
        """The centre of the box."""
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


@dataclass(slots=True)
class _Table:
    xs: list[float]
    ys: list[float]
    boxes: list[Box]
    slots: dict[tuple[int, int], int]  # (row, column) -> index into boxes
    spans: list[tuple[int, int, int, int]]  # row, column, rowspan, colspan
    open_bottom: bool = False

    @property
    def box(self) -> Box:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def cell_at(self, x: float, y: float) -> int | None:
        """The index of the box that holds the point."""
        return self.slots.get((bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1))


def page_grids(page: Page, clipped: frozenset[Mark] = frozenset()) -> list[Grid]:
    """The grids of a pdfplumber page in reading order; a page whose text has no meaning gives none.

    Places are in points from the top left of the page's media box. Left out: text outside the page's boxes, `clipped`
    characters (drawn, but outside their clipping path), text at an angle (watermarks) and a second print of the same
    character (poor man's bold). A character without a Unicode value is U+FFFD.
    """
    return grids_of(page_glyphs(page, clipped), page_edges(page), page.page_number)


def lost_share(glyphs: Sequence[Glyph]) -> float:
    """The share of characters that have no meaning: no Unicode value, or one for private use."""
    texts = [g.text for g in glyphs if g.text.strip()]
    lost = sum(1 for t in texts if t == LOST or "\ue000" <= t[0] <= "\uf8ff")
    return lost / len(texts) if texts else 0.0


def marks_near(text: str, x: float, y: float) -> Iterator[Mark]:
    """The marks that `page_glyphs` may see for a clipped character with this origin (points from the lower left)."""
    column, row = round(x), round(y)
    for near_column in (column - 1, column, column + 1):
        for near_row in (row - 1, row, row + 1):
            yield text, near_column, near_row


def grids_of(glyphs: list[Glyph], edges: list[dict[str, Any]], page_number: int) -> list[Grid]:
    """The grids of a page from its characters and its edges (pdfplumber's edge objects).

    A page that is printed sideways is turned to be read; its places stay those of the page.
    """
    for turn in (90, -90):
        if sum(g.turn == turn for g in glyphs) > 0.8 * len(glyphs):
            turned = [_upright(g, turn) for g in glyphs]
            grids = _upright_grids(turned, [_turned_edge(e, turn) for e in edges], page_number)
            return [_turned_back(grid, turn) for grid in grids]
    return _upright_grids(glyphs, edges, page_number)


def _upright_grids(glyphs: list[Glyph], edges: list[dict[str, Any]], page_number: int) -> list[Grid]:
    tables = _tables(edges)
    held: list[list[list[Glyph]]] = [[[] for _ in table.boxes] for table in tables]
    smallest_first = sorted(range(len(tables)), key=lambda t: _area(tables[t].box))
    free: list[Glyph] = []
    for glyph in glyphs:
        x, y = glyph.middle
        for t in smallest_first:
            cell = tables[t].cell_at(x, y)
            if cell is not None:
                held[t][cell].append(glyph)
                break
        else:
            free.append(glyph)
    parts: list[tuple[float, Grid | list[Glyph]]] = []
    for t, table in enumerate(tables):
        if _is_frame(table, tables):
            free.extend(glyph for cell in held[t] for glyph in cell)
        elif any(glyph.text.strip() for cell in held[t] for glyph in cell):
            parts.append((table.ys[0], _table_grid(table, held[t], page_number)))
    parts.extend(((line[0].top + line[0].bottom) / 2, line) for line in _lines(free) if _line_text(line, True).strip())
    return list(_in_order(parts, page_number))


def _turned_box(box: Box, turn: int) -> Box:
    """The box after the page is turned so that text running upwards (90) or downwards (-90) is level."""
    x0, top, x1, bottom = box
    return (-bottom, x0, -top, x1) if turn == 90 else (top, -x1, bottom, -x0)


def _upright(glyph: Glyph, turn: int) -> Glyph:
    return Glyph(glyph.text, *_turned_box(glyph[1:5], turn))


def _turned_edge(edge: dict[str, Any], turn: int) -> dict[str, Any]:
    x0, top, x1, bottom = _turned_box((edge["x0"], edge["top"], edge["x1"], edge["bottom"]), turn)
    orientation = "h" if edge["orientation"] == "v" else "v"
    sides = {"x0": x0, "top": top, "x1": x1, "bottom": bottom, "width": x1 - x0, "height": bottom - top}
    return {**sides, "orientation": orientation}


def _turned_back(grid: Grid, turn: int) -> Grid:
    cells = []
    for cell in grid.cells:
        place = cell.place
        box = (place.x0 or 0.0, place.top or 0.0, place.x1 or 0.0, place.bottom or 0.0)
        cells.append(replace(cell, place=_place(_turned_box(box, -turn), grid.page or 0)))
    return replace(grid, cells=cells)


def _in_order(parts: list[tuple[float, Grid | list[Glyph]]], page_number: int) -> Iterable[Grid]:
    run: list[Cell] = []
    for _, part in sorted(parts, key=lambda p: p[0]):
        if isinstance(part, Grid):
            if run:
                yield Grid(run, ruled=False, page=page_number)
                run = []
            yield part
        else:
            text = join_lines(clean_text(_line_text(part, True)))
            if text:
                run.append(Cell(text, len(run), 0, _place(_bounds(part), page_number)))
    if run:
        yield Grid(run, ruled=False, page=page_number)


def _place(box: Box, page_number: int) -> Place:
    x0, top, x1, bottom = (round(float(v), 2) for v in box)
    return Place(page_number, x0, top, x1, bottom)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_frame(table: _Table, tables: list[_Table]) -> bool:
    """Whether the table is only a frame drawn around others."""
    if len(table.boxes) > 2:
        return False
    x0, top, x1, bottom = table.box
    others = (other.box for other in tables if other is not table)
    return any(x0 <= o[0] and top <= o[1] and x1 >= o[2] and bottom >= o[3] for o in others)


def _table_grid(table: _Table, held: list[list[Glyph]], page_number: int) -> Grid:
    cells = []
    for box, (row, col, rowspan, colspan), glyphs in zip(table.boxes, table.spans, held, strict=True):
        text = box_text(glyphs, box[2] - box[0])
        cells.append(Cell(text, row, col, _place(box, page_number), rowspan, colspan))
    cells.sort(key=lambda c: (c.row, c.col))
    return Grid(cells, page=page_number, row_cut=table.open_bottom)


# --- what is on the page


def page_glyphs(page: Page, clipped: frozenset[Mark] = frozenset()) -> list[Glyph]:
    """The characters that the page shows, in drawing order."""
    left, upper = page.bbox[0], page.bbox[1]
    x_from, y_from = max(page.bbox[0], page.cropbox[0]) - 1, max(page.bbox[1], page.cropbox[1]) - 1
    x_to, y_to = min(page.bbox[2], page.cropbox[2]) + 1, min(page.bbox[3], page.cropbox[3]) + 1
    glyphs: list[Glyph] = []
    drawn: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
    for char in page.chars:
        x0, top, x1, bottom = char["x0"], char["top"], char["x1"], char["bottom"]
        x, y = (x0 + x1) / 2, (top + bottom) / 2
        if not (x_from <= x <= x_to and y_from <= y <= y_to):
            continue
        turn = _turn(char)
        if turn is None:
            continue
        text = char["text"]
        if text.startswith("(cid:"):
            text = LOST
        if clipped and (clean_text(text), round(char["matrix"][4]), round(char["matrix"][5])) in clipped:
            continue
        if text.strip() and _drawn_before(drawn, text, x, y):
            continue
        glyphs.append(Glyph(text, x0 - left, top - upper, x1 - left, bottom - upper, turn))
    return glyphs


def _turn(char: dict[str, Any]) -> int | None:
    """The direction of a character in steps of 90 degrees, or None at any other angle."""
    a, b, c, d = char["matrix"][:4]
    flat, steep = max(abs(a), abs(d)), max(abs(b), abs(c))
    if steep <= 0.35 * flat:  # a slanted (synthetic italic) font has a large c and no b
        return 180 if a < 0 and d < 0 else 0
    if abs(b) <= 0.02 * flat:
        return 0
    if flat <= 0.02 * steep:
        return 90 if b > 0 else -90
    return None


def _drawn_before(drawn: dict[tuple[str, int, int], list[tuple[float, float]]], text: str, x: float, y: float) -> bool:
    """Whether the same character was drawn within a point of here; remembers it otherwise."""
    column, row = int(x // 2), int(y // 2)
    for near_column in (column - 1, column, column + 1):
        for near_row in (row - 1, row, row + 1):
            for other_x, other_y in drawn.get((text, near_column, near_row), ()):
                if abs(other_x - x) < 1.0 and abs(other_y - y) < 1.0:
                    return True
    drawn.setdefault((text, column, row), []).append((x, y))
    return False


def page_edges(page: Page) -> list[dict[str, Any]]:
    """The ruling lines; without the sides of white shading and of the page's own background."""
    left, upper = page.bbox[0], page.bbox[1]
    edges = [line_to_edge(line) for line in page.lines]
    for rect in page.rects:
        if not _is_backdrop(rect, float(page.width) * float(page.height)):
            edges.extend(rect_to_edges(rect))
    for curve in page.curves:
        edges.extend(curve_to_edges(curve))
    if left or upper:
        edges = [
            {**e, "x0": e["x0"] - left, "x1": e["x1"] - left, "top": e["top"] - upper, "bottom": e["bottom"] - upper}
            for e in edges
        ]
    return edges


def _is_backdrop(rect: dict[str, Any], page_area: float) -> bool:
    if rect["stroke"] or min(rect["width"], rect["height"]) <= 5:
        return False
    color = rect["non_stroking_color"]
    channels = color if isinstance(color, tuple | list) else (color,)
    white = len(channels) in (1, 3) and all(isinstance(c, int | float) and c >= 0.99 for c in channels)
    return white or rect["width"] * rect["height"] > 0.9 * page_area


# --- tables


def _tables(edges: list[dict[str, Any]]) -> list[_Table]:
    edges = filter_edges(edges, min_length=1)
    edges = merge_edges(edges, _SNAP, _SNAP, _SNAP, _SNAP)
    edges = filter_edges(edges, min_length=3)
    closing = _closing_edges(edges)
    # merged again, so that a rule and what closes its row are one line
    whole = merge_edges(edges + closing, _SNAP, _SNAP, _SNAP, _SNAP) if closing else edges
    groups = cells_to_tables(intersections_to_cells(edges_to_intersections(whole, _SNAP, _SNAP)))
    tables = [table for group in _touching(groups) if (table := _indexed(group)) is not None]
    for table in tables:
        x0, _, x1, bottom = table.box
        ruled = sum(
            min(e["x1"], x1) - max(e["x0"], x0)
            for e in edges
            if e["orientation"] == "h" and abs(e["top"] - bottom) <= _SNAP and e["x0"] < x1 and e["x1"] > x0
        )
        table.open_bottom = ruled < 0.2 * (x1 - x0)
    return sorted(tables, key=lambda t: (t.ys[0], t.xs[0]))


def _closing_edges(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that a page break left out.

    Where a vertical rule ends without meeting a horizontal one, the vertical rules that end at that height are joined:
    a merged cell that goes on over the page is closed neither below nor, on the next page, above.
    """
    level = [e for e in edges if e["orientation"] == "h"]
    upright = [e for e in edges if e["orientation"] == "v"]
    closing = []
    for end in ("bottom", "top"):
        hanging = [v for v in upright if not any(_meets(h, v["x0"], v[end]) for h in level)]
        while hanging:
            y = hanging[0][end]
            hanging = [v for v in hanging if abs(v[end] - y) > _SNAP]
            x_all = [v["x0"] for v in upright if abs(v[end] - y) <= _SNAP]
            x0, x1 = min(x_all), max(x_all)
            if x1 - x0 > 2 * _SNAP:
                closing.append(
                    {"x0": x0, "x1": x1, "top": y, "bottom": y, "width": x1 - x0, "height": 0, "orientation": "h"}
                )
    return closing


def _meets(level: dict[str, Any], x: float, y: float) -> bool:
    return bool(abs(level["top"] - y) <= _SNAP and level["x0"] - _SNAP <= x <= level["x1"] + _SNAP)


def _touching(groups: list[list[Box]]) -> list[list[Box]]:
    """Tables of the same width that stand on each other become one."""
    ordered = sorted(groups, key=lambda g: (min(b[1] for b in g), min(b[0] for b in g)))
    merged: list[tuple[Box, list[Box]]] = []
    for group in ordered:
        box = _union(group)
        for index, (above, cells) in enumerate(merged):
            same_width = abs(above[0] - box[0]) <= _CLUSTER and abs(above[2] - box[2]) <= _CLUSTER
            if same_width and -_CLUSTER <= box[1] - above[3] < _TOUCH:
                merged[index] = (_union([above, box]), cells + group)
                break
        else:
            merged.append((box, list(group)))
    return [cells for _, cells in merged]


def _union(boxes: Iterable[Box]) -> Box:
    x0s, tops, x1s, bottoms = zip(*boxes, strict=True)
    return min(x0s), min(tops), max(x1s), max(bottoms)


def _levels(values: Iterable[float]) -> list[float]:
    """The distinct values, those within `_CLUSTER` of their neighbour taken as one."""
    levels: list[float] = []
    last = None
    for value in sorted(values):
        if last is None or value - last > _CLUSTER:
            levels.append(float(value))
        last = value
    return levels


def _indexed(boxes: list[Box]) -> _Table | None:
    """The boxes as spans over the table's grid lines; None if nothing with an area is left."""
    xs = _levels(v for b in boxes for v in (b[0], b[2]))
    ys = _levels(v for b in boxes for v in (b[1], b[3]))
    table = _Table(xs, ys, [], {}, [])
    for box in sorted(boxes, key=_area):
        col, col_to = (bisect_right(xs, v + 0.01) - 1 for v in (box[0], box[2]))
        row, row_to = (bisect_right(ys, v + 0.01) - 1 for v in (box[1], box[3]))
        slots = [(r, c) for r in range(row, row_to) for c in range(col, col_to)]
        if not slots or any(slot in table.slots for slot in slots):
            continue
        table.slots.update(dict.fromkeys(slots, len(table.boxes)))
        table.boxes.append(box)
        table.spans.append((row, col, row_to - row, col_to - col))
    return table if table.boxes else None


# --- text


def box_text(glyphs: list[Glyph], width: float) -> str:
    """The text printed in a box of this width, its lines joined."""
    if not glyphs:
        return ""
    turns = [g.turn for g in glyphs]
    turn = max(set(turns), key=turns.count)
    if turn in (90, -90):
        glyphs = [_upright(g, turn) for g in glyphs]
    lines = _lines(glyphs)
    widest = max(line[-1].x1 - line[0].x0 for line in lines)
    text = ""
    for number, line in enumerate(lines):
        if number:
            text += "" if _number_goes_on(lines[number - 1], line, widest, width) else "\n"
        text += _line_text(line, False)
    return join_lines(clean_text(text))


_ENDS_NUMBER, _GOES_ON = re.compile("[0-9.,]$"), re.compile("[0-9.,%]")


def _number_goes_on(before: Sequence[Glyph], after: Sequence[Glyph], widest: float, width: float) -> bool:
    """Whether a line break stands inside a number: a full line that ends in a digit, then a digit."""
    if not (_ENDS_NUMBER.search(before[-1].text) and _GOES_ON.match(after[0].text)):
        return False
    used, next_width = before[-1].x1 - before[0].x0, 0.0
    for glyph in after:  # a line is not broken before a closing mark, so that the next piece is "8%)"
        if next_width and glyph.text not in "%％‰)）,，。；;":
            break
        next_width += glyph.x1 - glyph.x0
    return used > widest - next_width and width - used < next_width + 14


def _lines(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Glyphs by line from the top, each line left to right; blanks at its ends are dropped."""
    lines: list[list[Glyph]] = []
    middle = height = 0.0
    for glyph in sorted(glyphs, key=lambda g: g.top + g.bottom):
        y, h = (glyph.top + glyph.bottom) / 2, glyph.bottom - glyph.top
        if lines and y - middle <= 0.45 * max(h, height):
            lines[-1].append(glyph)
            if h > height:
                middle, height = y, h
        else:
            lines.append([glyph])
            middle, height = y, h
    stripped = []
    for line in lines:
        line.sort(key=lambda g: g.x0)
        while line and not line[-1].text.strip():
            line.pop()
        start = next((n for n, g in enumerate(line) if g.text.strip()), len(line))
        if line[start:]:
            stripped.append(line[start:])
    return stripped or [[Glyph("", 0, 0, 0, 0)]]


def _line_text(line: Sequence[Glyph], wide_gaps: bool) -> str:
    """The text of a line; a blank where Latin words, or with `wide_gaps` any two characters, stand clearly apart."""
    parts: list[str] = []
    before: Glyph | None = None
    for glyph in line:
        if before is not None and glyph.text != " " and before.text != " ":
            gap, size = glyph.x0 - before.x1, max(glyph.bottom - glyph.top, before.bottom - before.top)
            latin = before.text.isascii() and glyph.text.isascii()
            if (latin and gap > 0.25 * size) or (wide_gaps and gap > 1.2 * size):
                parts.append(" ")
        parts.append(glyph.text)
        before = glyph
    return "".join(parts)


def _bounds(line: Sequence[Glyph]) -> Box:
    return _union((g.x0, g.top, g.x1, g.bottom) for g in line)
