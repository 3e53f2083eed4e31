"""What each cell of a form is where it stands: title, note, column header, row header or data.

Here: one pass over whole rows, and the headers above each cell. Not here: what texts say by themselves (cell_words),
which value a cell is (form).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from extractors.grid.columns import Columns, touches
from extractors.layout.boundaries import goes_on, is_title
from extractors.layout.column_headers import ColumnHeader, column_headers_from
from extractors.layout.rows import CellRole, Heads, PlacedCell, Row
from extractors.readings.printed import points
from extractors.vocabulary import columns_of, measures_of

_STAGES = {*measures_of("budget", "money")}
_NAMES = {*columns_of("level", "name")}
"""Columns whose cells head their rows."""
Above = Callable[[PlacedCell], ColumnHeader | None]
"""The header above a cell of the table that is going on."""
_ENDS = {
    Heads.INDICATORS: {"header", "goal", "attribute", "amount", "sentence"},
    Heads.MONEY: {"header", "goal", "attribute"},
}
"""Groups of labels that begin another part of a form, at the beginning of a row below a table."""


def label_cells(rows: list[Row]) -> None:
    """Give every cell of a form its role, and those of tables the texts of the headers above them.

    A row in which column headers begin says of what: the headers of indicators may take the next row, too.
    """
    above: Above = _nothing
    heading: Heads | None = None
    second: Row | None = None
    filled = [row for row in rows if row.filled]
    for row, following in zip(filled, [*filled[1:], None], strict=False):
        table = column_headers_from(row, following)
        if table is not None or (row is not second and _heads_money(row, following)):
            row.heads, row.columns = Heads.MONEY if table is None else Heads.INDICATORS, table
        if row is second:
            continue
        if table is not None:
            heading, above = row.heads, table.over
            second = following if table.rows > 1 else None
            _label([*row.filled, *(second.filled if second is not None else ())], CellRole.COLUMN_HEADER)
            _label([table.section] if table.section is not None else [], CellRole.ROW_HEADER)
        elif row.heads is not None:
            of_money = [s for s in row.filled if s.words.measure or s.words.source]
            columns = [ColumnHeader("", s.x0, s.reach, s, (s.text,)) for s in of_money]
            heading, above = row.heads, Columns(columns).over
            _label(row.filled, CellRole.ROW_HEADER)
            _label(of_money, CellRole.COLUMN_HEADER)
        elif heading is not None and goes_on(row):
            _label(row.filled, CellRole.TITLE)
        elif is_title(row) or row.filled[0].words.is_note:
            heading, above = None, _nothing
            _label(row.filled, CellRole.NOTE if row.filled[0].words.is_note else CellRole.TITLE)
        else:
            first = row.filled[0].words
            if heading is not None and (first.pairs or (first.group in _ENDS[heading] and not first.is_level)):
                heading, above = None, _nothing
            for slot in row.filled:
                _label_in_row(slot, heading, above)
                for part in slot.parts:
                    _label_in_row(part, heading, above)


def _nothing(cell: PlacedCell) -> None:
    """No header is above any cell."""


def _label_in_row(cell: PlacedCell, heading: Heads | None, above: Above) -> None:
    header = above(cell)
    if header is not None:
        names, cell.header_path = header.name in _NAMES, header.path
    else:
        names = heading is not None or cell.words.role is not None
    if names or cell.words.is_total:
        cell.role = CellRole.ROW_HEADER


def _label(slots: Iterable[PlacedCell], role: CellRole) -> None:
    for cell in (cell for slot in slots for cell in (slot, *slot.parts)):
        cell.role = role


def _heads_money(row: Row, following: Row | None) -> bool:
    """Whether a row heads money so plainly that it ends a table above it.

    It does with two stages of the money or, above amounts, two sources, and no figure.
    """
    if following is None:
        return False
    if len({s.words.measure for s in row.filled} & _STAGES) < 2:
        sources = [s for s in row.filled if s.words.source]
        if len({s.words.source for s in sources}) < 2:
            return False
        if not any(below.words.is_amount and touches(below, s) for below in following.filled for s in sources):
            return False
    return all(points(s.text) is None for s in row.filled)
