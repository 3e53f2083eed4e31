"""Small tables of a form that are neither money nor indicators: annual tasks, a breakdown of a project's spending.

Here: headers of such a table and its rows, kept cell by cell as attributes. Not here: what the cells mean.
"""

from __future__ import annotations

from extractors.form.model import Form, Value, value_of
from extractors.grid.columns import column_of, is_left_of
from extractors.layout.column_headers import ColumnHeader, is_header_row
from extractors.layout.merged import cells_under
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, number, plain

_OPEN = {"total", "source"}
"""Groups of labels that may stand in a row of the list: 合计 at its end, 财政拨款 as the name of an item."""


class ListTable:
    """Rows of free text under headers such as 任务名称 | 主要内容 | 预算金额."""

    def __init__(self, form: Form, headers: list[ColumnHeader], section: PlacedCell | None) -> None:
        self.form, self.headers, self.section = form, headers, section

    def accepts(self, row: Row) -> bool:
        """Whether a row is one of the list's: every cell stands under a header and none is a label."""
        cells = self._cells(row)
        if not cells or any(self._column_header(s) is None for s in cells):
            return False
        if is_header_row([s.words.header for s in cells]):
            return False
        roles = [s.words.role for s in cells]
        return not any(r is not None and r[0] not in _OPEN for r in roles)

    def read(self, row: Row) -> None:
        """Keep each cell under its header."""
        self.form.claim(*row.filled)
        for slot in self._cells(row):
            if (header := self._column_header(slot)) is not None:
                section = self.section.text if self.section else None
                self.form.attribute(section, Value(header.name, (header.slot,)), value_of(slot))

    def _cells(self, row: Row) -> list[PlacedCell]:
        """The row's cells without the section's label, which exports repeat."""
        cells = cells_under(row.filled, self._column_header)
        return [s for s in cells if self.section is None or s.first is not self.section.first]

    def _column_header(self, slot: PlacedCell) -> ColumnHeader | None:
        return column_of(slot, self.headers)


def list_from(form: Form, row: Row, following: Row | None) -> ListTable | None:
    """The list that a row heads, or None: a header is of the vocabulary's `list`, and a row of texts follows."""
    filled = row.filled
    roles = [s.words.role for s in filled]
    if following is None or sum(r is not None for r in roles) < 2 or not any(r and r[0] == "list" for r in roles):
        return None
    if any(number(plain(s.text)) is not None or is_blank(s.text) for s in filled):
        return None
    section = filled[0] if roles[0] is None or roles[0][0] in {"section", "attribute", "goal"} else None
    headers = [ColumnHeader(s.text, s.x0, s.reach, s) for s in filled if s is not section]
    if len(headers) < 2:
        return None
    if section is None:
        section = next((s for s in row.above if is_left_of(s, headers[0].x0)), None)
    table = ListTable(form, headers, section)
    if not table.accepts(following):
        return None
    form.claim(*filled)
    return table
