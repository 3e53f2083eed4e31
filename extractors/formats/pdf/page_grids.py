"""The ink of one PDF page -> its grids: tables by their ruling lines, and the lines of text between them.

Here: which characters stand in which cell, the order of tables and lines. Not here: where the ink comes from
(pdf_pdfium.py, pdf_plumber.py), tables (pdf_tables.py), text (pdf_lines.py), the joining of fragments over pages
(later, by the boxes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, compress, repeat

import numpy as np

from extractors.formats.pdf.aligned import FEWEST_COLUMNS, AlignedTable, aligned_table
from extractors.formats.pdf.lines import Lines
from extractors.formats.pdf.overflow import gathered, run_over
from extractors.formats.pdf.page_content import POINT, Bools, Ints, PageContent, middles, turned
from extractors.formats.pdf.tables import RuledTable, find_tables
from extractors.grid import Cell, Grid, Place
from extractors.grid.certainty import FIGURE
from extractors.grid.side_by_side import are_forms_alike

_WORDS = re.compile("[A-Za-z\u4e00-\u9fff]")


def grids_of(ink: PageContent, page_number: int) -> list[Grid]:
    """The grids of a page in reading order; places are in points from the top left of the page's media box.

    A page that is printed sideways or on its head is turned to be read; its places stay those of the page.
    """
    turn = ink.turn
    upright = ink.turned(turn) if turn else ink
    tables = find_tables(upright.level, upright.upright)
    if (cut := _cut_between(tables)) is not None:
        sides = [list(_grids(part, own, page_number, turn)) for part, own in _sides(upright, tables, cut)]
        left, right = ([cell for grid in side if grid.ruled for cell in grid.cells] for side in sides)
        if are_forms_alike(left, right):
            return [*sides[0], *sides[1]]
    return list(_grids(upright, tables, page_number, turn))


def _cut_between(tables: Sequence[RuledTable]) -> int | None:
    """Where tables that stand side by side leave the page free from top to bottom; None if they do not."""
    if len(tables) < 2:
        return None
    boxes = np.array([table.box for table in tables])
    boxes = boxes[np.argsort(boxes[:, 0])]
    reach = np.maximum.accumulate(boxes[:, 2])
    for n in np.flatnonzero(boxes[1:, 0] > reach[:-1]).tolist():
        left, right = boxes[: n + 1], boxes[n + 1 :]
        top, bottom = max(left[:, 1].min(), right[:, 1].min()), min(left[:, 3].max(), right[:, 3].max())
        if 2 * (bottom - top) > min(np.ptp(left[:, 1::2]), np.ptp(right[:, 1::2])):
            return int(reach[n] + boxes[n + 1, 0]) // 2
    return None


def _sides(ink: PageContent, tables: Sequence[RuledTable], cut: int) -> Iterator[tuple[PageContent, list[RuledTable]]]:
    """What stands left of a cut and right of it; a line that runs across it stands left."""
    x, y = middles(ink.boxes)
    em = ink.boxes[:, 3] - ink.boxes[:, 1]
    left = x < cut
    before, behind = np.flatnonzero(left & (cut - x < 2 * em)), np.flatnonzero(~left & (x - cut < 2 * em))
    for n in before.tolist():
        beside = (abs(y[behind] - y[n]) < em[n] // 2) & (ink.boxes[behind, 0] - ink.boxes[n, 2] < em[n])
        if beside.any():
            left |= abs(y - y[n]) < em[n] // 2
    for own, is_left in ((left, True), (~left, False)):
        texts, others = (list(compress(all_of, own.tolist())) for all_of in (ink.texts, ink.others))
        certainty = None if ink.certainty is None else ink.certainty[own]
        part = replace(ink, texts=texts, boxes=ink.boxes[own], turns=ink.turns[own], certainty=certainty, others=others)
        yield part, [table for table in tables if (table.box[0] < cut) == is_left]


def _grids(ink: PageContent, tables: Sequence[RuledTable], page_number: int, turn: int) -> Iterator[Grid]:
    offsets = list(accumulate((len(table.boxes) for table in tables), initial=0))
    free = offsets[-1]
    cell = _cells(ink, tables, offsets)
    if tables and not ink.turns.any():
        borders = np.concatenate([table.boxes for table in tables])
        cell = run_over(ink.texts, ink.boxes, gathered(ink.texts, ink.boxes, cell, borders), borders)
    lines = Lines(ink.texts, _read_upright(ink, cell, free), cell, wide_gaps=free)
    parts: list[tuple[int, Grid | int]] = []
    for table, offset in zip(tables, offsets, strict=False):
        if any(offset + n in lines.numbers for n in range(len(table.boxes))):
            grid = _table_grid(table, offset, lines, page_number, turn)
            if ink.certainty is not None:
                _tell_certainty(grid.cells, ink, cell - offset)
            parts.append((2 * table.ys[0], grid))
    parts.extend((lines.middle(n), n) for n in lines.numbers.get(free, ()))
    run: list[int] = []
    for _, part in sorted(parts, key=lambda p: p[0]):
        if not isinstance(part, Grid):
            run.append(part)
            continue
        yield from _running(run, lines, page_number, turn, ink)
        run = []
        yield part
    yield from _running(run, lines, page_number, turn, ink)


def _cells(ink: PageContent, tables: Sequence[RuledTable], offsets: Sequence[int]) -> Ints:
    """For each character the cell that holds it, counted over all tables, or their number for none."""
    x, y = middles(ink.boxes)
    free = offsets[-1]
    cell = np.full(len(ink.texts), free)
    for t in sorted(range(len(tables)), key=lambda t: (tables[t].area, t), reverse=True):  # the innermost comes last
        held = tables[t].cells_at(x, y)
        number = free if _is_frame(tables[t], tables) else held + offsets[t]
        np.copyto(cell, number, where=held >= 0)
    for table, offset in zip(tables, offsets, strict=False):
        for n in table.open_cells:
            cell[_overflowing(ink.boxes, (cell == free) & (y > table.ys[-1]), table, n)] = offset + n
    return cell


def _overflowing(boxes: Ints, below: Bools, table: RuledTable, number: int) -> Ints:
    """The characters that a cell which a page break leaves open prints below the table's edge.

    A merged cell is cut where its first row ends, and its further lines are printed there all the same. They follow at
    once, and nothing that is printed beside them (`below` the table, outside of any cell) lies beyond the cells cut.
    """
    x0, _, x1, reach = table.boxes[number].tolist()
    x, _ = middles(boxes)
    left, right = (table.boxes[list(table.open_cells), side] for side in (0, 2))
    beyond = below & ~((x[:, None] >= left) & (x[:, None] <= right)).any(axis=1)
    own = []
    for i in sorted((below & (x >= x0) & (x <= x1)).nonzero()[0].tolist(), key=boxes[:, 1].item):
        top, bottom = boxes[i, 1::2].tolist()
        if 2 * (top - reach) > bottom - top or (beyond & (boxes[:, 1] < bottom) & (boxes[:, 3] > top)).any():
            break
        own.append(i)
        reach = max(reach, bottom)
    return np.array(own, np.int64)


def _is_frame(table: RuledTable, tables: Sequence[RuledTable]) -> bool:
    """Whether the table is only a frame drawn around others."""
    if len(table.boxes) > 2:
        return False
    x0, top, x1, bottom = table.box
    others = (other.box for other in tables if other is not table)
    return any(x0 <= o[0] and top <= o[1] and x1 >= o[2] and bottom >= o[3] for o in others)


def _read_upright(ink: PageContent, cell: Ints, free: int) -> Ints:
    """The boxes of the characters, those of a cell that is printed sideways or on its head turned."""
    sideways = (ink.turns != 0) & (ink.turns != -1) & (cell != free)
    if not sideways.any():
        return ink.boxes
    boxes = ink.boxes.copy()
    for number in np.unique(cell[sideways]):
        own = cell == number
        turns, counts = np.unique(ink.turns[own], return_counts=True)
        turn = int(turns[counts.argmax()])
        if turn not in (0, -1):
            boxes[own] = turned(boxes[own], turn)
    return boxes


def _table_grid(table: RuledTable, offset: int, lines: Lines, page_number: int, turn: int) -> Grid:
    texts = lines.texts_in_boxes(offset, (table.boxes[:, 2] - table.boxes[:, 0]).tolist())
    row, col, rowspan, colspan = table.spans.T.tolist()
    cells = list(map(Cell, texts, row, col, _places(table.boxes, page_number, turn), rowspan, colspan))
    return Grid(cells, page=page_number, row_cut=table.open_bottom, turn=turn)


def _running(numbers: Sequence[int], lines: Lines, page_number: int, turn: int, ink: PageContent) -> Iterator[Grid]:
    """A grid of lines outside any table, if one has text."""
    may_be = ink.certainty is None and any(lines.count_pieces(n) >= FEWEST_COLUMNS for n in numbers)
    table = aligned_table([lines.pieces(n) for n in numbers]) if may_be else None
    if table is not None:
        yield from _running(numbers[: table.begin], lines, page_number, turn, ink)
        yield _aligned_grid(table, page_number, turn)
        yield from _running(numbers[table.end :], lines, page_number, turn, ink)
        return
    cells: list[Cell] = []
    held = np.full(len(ink.texts), -1)
    x, y = middles(ink.boxes)
    for number in numbers:
        if text := lines.text(number):
            box = lines.box(number)
            (place,) = _places(box[None, :], page_number, turn)
            if ink.certainty is not None:
                held[(x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])] = len(cells)
            cells.append(Cell(text, len(cells), 0, place))
    if ink.certainty is not None:
        _tell_certainty(cells, ink, held)
    if cells:
        yield Grid(cells, ruled=False, page=page_number, turn=turn)


def _aligned_grid(table: AlignedTable, page_number: int, turn: int) -> Grid:
    """The grid of a table without rules: a cell for each of its columns in every row, blank ones too."""
    boxes = np.array([[x0, top, x1, bottom] for top, bottom, _ in table.rows for x0, x1 in table.columns])
    texts = [text for _, _, row in table.rows for text in row]
    width = len(table.columns)
    places = _places(boxes, page_number, turn)
    cells = [Cell(text, n // width, n % width, places[n]) for n, text in enumerate(texts)]
    return Grid(cells, page=page_number, turn=turn)


def _tell_certainty(cells: Sequence[Cell], ink: PageContent, held: Ints) -> None:
    """Give each cell the certainty of its text; `held`: the number of the cell of each character.

    Where no words stand beside a figure, what is taken for a sign may be the rest of a digit and counts with it.
    """
    assert ink.certainty is not None
    figure = np.array([FIGURE.match(text) is not None for text in ink.texts], bool)
    for number, cell in enumerate(cells):
        own = held == number
        if cell.text and not own.any():
            cell.certainty = cell.figures = 0.0
            continue
        cell.certainty = round(float(ink.certainty[own].min(initial=1.0)), 3)
        if ink.others:
            cell.doubted = tuple((ink.texts[n], ink.others[n]) for n in np.flatnonzero(own).tolist() if ink.others[n])
        if (own & figure).any() and any(map(str.isdigit, cell.text)) and _WORDS.search(cell.text):
            own &= figure
        cell.figures = round(float(ink.certainty[own].min(initial=1.0)), 3)


def _places(boxes: Ints, page_number: int, turn: int) -> list[Place]:
    """Boxes (n, 4) as places on the page, turned back if it was turned to be read."""
    shown = turned(boxes, -turn) if turn else boxes
    return list(map(Place, repeat(page_number), *(np.rint(shown * (100 / POINT)) / 100).T.tolist()))
