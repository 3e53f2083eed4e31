"""Tables of indicators that are printed turned, an indicator a column: turned back, an indicator a row.

Here: which rows begin with headers and go on with what each indicator has, and the rows made of them. Not here:
indicators of several rows (row_pairs), what the headers mean (column_headers, column_evidence).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from extractors.grid import Span
from extractors.grid.columns import EDGE, column_of, same_edge
from extractors.layout.column_headers import LEVELS
from extractors.layout.merged import cells_under
from extractors.layout.rows import ColumnReading, PlacedCell, Row
from extractors.readings.printed import is_blank, points
from extractors.vocabulary import columns_of, indicator_columns

_FEWEST_HEADERS, _FEWEST_INDICATORS = 3, 2
_LONGEST_HEADER = 20
_VALUES = {*columns_of("value", "points")}
_NO_HEADER = "（空）"
"""What stands for the header of the names where its cell is blank."""


@dataclass(slots=True, eq=False)
class _Column:
    """The column of an indicator."""

    x0: float
    x1: float


def turn_back(rows: list[Row]) -> list[Row]:
    """The rows of a document, those of tables that are turned with an indicator in each."""
    made: list[Row] = []
    n = 0
    while n < len(rows):
        taken = _turned(rows, n) if rows[n].ruled and rows[n].filled else None
        if taken is None:
            made.append(rows[n])
            n += 1
            continue
        found, n = taken
        made += found
    return made


def _turned(rows: list[Row], n: int) -> tuple[list[Row], int] | None:
    """(the rows of indicators, the number of the row behind the table) of a turned table that begins at row n."""
    x = _edge(rows, n)
    if x is None:
        return None
    end = n
    while end < len(rows) and rows[end].grid == rows[n].grid and _may_be_of_it(rows[end], x, rows[n:end]):
        end += 1
    while end > n and len(_beside(rows[end - 1], x)) < _FEWEST_INDICATORS and _named(rows[end - 1], x) is None:
        end -= 1
    own = rows[n:end]
    edges = sorted({part.x0 for row in own for s in _beside(row, x) for part in (s, *s.parts)})
    if len(edges) < _FEWEST_INDICATORS or not _is_turned(own, x):
        return None
    right = max(s.x1 for row in own for s in row.slots)
    return _made(own, x, [_Column(a, b) for a, b in zip(edges, [*edges[1:], right], strict=True)]), end


def _edge(rows: list[Row], n: int) -> float | None:
    """The left edge of what the headers of a turned table stand left of, if one may begin in row n."""
    filled = rows[n].filled
    below = next((row for row in rows[n + 1 : n + 3] if row.filled), None)
    if below is None or below.grid != rows[n].grid or len(below.filled) < 2:
        return None
    at = int(len(filled) > 1 and filled[0].key == below.filled[0].key)  # the name of the section, printed in each row
    head = below.filled[at]
    first = next((s for s in filled[:2] if same_edge(s.x0, head.x0)), None)
    if first is None:
        return head.x1 if filled[0].x0 >= head.x1 - EDGE and len(filled) >= _FEWEST_INDICATORS else None
    behind = sum(s.x0 > first.x0 for s in filled)
    enough = behind >= _FEWEST_INDICATORS or first.words.sub_header in LEVELS
    return first.x1 if same_edge(first.x1, head.x1) and enough else None


def _head(row: Row, x: float) -> PlacedCell | None:
    """The header of a row: what ends where the indicators begin."""
    return next((s for s in row.filled if same_edge(s.x1, x)), None)


def _beside(row: Row, x: float) -> list[PlacedCell]:
    return [s for s in row.filled if s.x0 >= x - EDGE]


def _named(row: Row, x: float) -> str | None:
    head = _head(row, x)
    name = head.words.sub_header if head is not None else None
    return name if name in indicator_columns() else None


def _may_be_of_it(row: Row, x: float, above: list[Row]) -> bool:
    """Whether a row may be one of a turned table: a header that is none of the rows above, no labels behind it."""
    head, cells, name = _head(row, x), _beside(row, x), _named(row, x)
    if any(s.words.role or s.words.sub_header or s.words.pairs or s.words.is_total for s in cells):
        return False
    if head is None:
        return not above and len(row.filled) == len(cells)
    words = head.words
    if words.is_total or words.pairs or words.is_level or is_blank(head.text) or points(head.text) is not None:
        return False
    if len(head.text) > _LONGEST_HEADER or any(s.key == head.key for r in above if (s := _head(r, x)) is not None):
        return False
    if name is None and (words.label != (None, None, None, None) or len(cells) < _FEWEST_INDICATORS):
        return False
    return not (name in LEVELS and any(_named(r, x) in _VALUES for r in above))


def _is_turned(rows: list[Row], x: float) -> bool:
    """Whether headers of values stand one below another, or levels beside each other above values of their own."""
    names = {name for row in rows if (name := _named(row, x)) is not None}
    values = names & _VALUES
    level_rows = [row for row in rows if _is_of_levels(row, x)]
    naming = next((r for r in rows if r not in level_rows and not _is_of_numbers(r, x)), None)
    if naming is None or any(points(s.text) is not None for s in _beside(naming, x)):
        return False
    if len(names) >= _FEWEST_HEADERS and len(values) >= 2 and len(_beside(naming, x)) >= _FEWEST_INDICATORS:
        return True
    return bool(level_rows) and len(rows) - len(level_rows) >= _FEWEST_HEADERS


def _is_of_levels(row: Row, x: float) -> bool:
    """Whether levels stand beside each other in a row, one of them over each indicator or over several."""
    cells = _beside(row, x)
    named = _named(row, x) in ("level1", "level2") or len({s.key for s in cells}) >= _FEWEST_INDICATORS
    return named and bool(cells) and all(s.words.is_level for s in cells)


def _is_of_numbers(row: Row, x: float) -> bool:
    """Whether a row counts the indicators: 1 | 2 | 3."""
    return [s.text for s in _beside(row, x)] == [str(n) for n in range(1, len(_beside(row, x)) + 1)]


def _made(rows: list[Row], x: float, columns: list[_Column]) -> list[Row]:
    """A row of the headers and one for each column; their places do not meet those of the rows that stay."""
    begin = columns[-1].x1 + 1
    sections = [s for s in rows[0].filled if s.x1 < x - EDGE]
    heads = [_header(row, x).moved(begin + n) for n, row in enumerate(rows)]
    made = [_row(rows[0], [*(s.moved(begin - 1) for s in sections), *heads], [])]
    over: dict[int, tuple[PlacedCell, PlacedCell]] = {}  # by row, its last cell as it is printed and as it was moved
    cells = [cells_under(_beside(row, x), lambda s: column_of(s, columns)) for row in rows]
    for column in columns:
        slots: list[PlacedCell] = []
        above: list[PlacedCell] = []
        for n, row in enumerate(rows):
            slot = next((s for s in cells[n] if column_of(s, columns) is column), None)
            if slot is not None and same_edge(slot.x0, column.x0):
                over[n] = slot, slot.moved(begin + n)
                slots.append(over[n][1])
            elif n in over and _reach(over[n][0], row, x) > column.x0 + EDGE:
                above.append(over[n][1])
        made.append(_row(rows[0], slots, above))
    made[0].first, made[-1].last = rows[0].first, rows[-1].last
    return made


def _row(of: Row, slots: list[PlacedCell], above: list[PlacedCell]) -> Row:
    return Row(slots, above, of.grid, of.ruled, of.page)


def _header(row: Row, x: float) -> PlacedCell:
    """The header of a row; one of the names without a header is known by its place."""
    head = _head(row, x)
    if head is not None:
        return head
    reading = ColumnReading("level3", ("表头空白，横排的指标由它右边的各格命名",), against=True)
    return replace(_beside(row, x)[0], text=_NO_HEADER, column=reading)


def _reach(slot: PlacedCell, row: Row, x: float) -> float:
    """How far to the right a cell stands for columns: one of a text export only where it is a level."""
    return slot.x1 if slot.cell.span is Span.STATED or not _is_of_levels(row, x) else slot.reach
