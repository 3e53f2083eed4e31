"""Small tables of a form that are neither money nor indicators: annual tasks, a breakdown of a project's spending.

Here: captions of such a table and its rows, kept cell by cell as attributes. Not here: what the cells mean.
"""

from __future__ import annotations

from extractors.form.model import Form, Value
from extractors.form.sections.column_headers import Caption, is_caption
from extractors.grid.columns import column_of, is_left_of
from extractors.layout.merged import cells_under
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, number, plain
from extractors.vocabulary import vocabulary

_OPEN = {"total", "source"}
"""Groups of labels that may stand in a row of the list: 合计 at its end, 财政拨款 as the name of an item."""


class ListTable:
    """Rows of free text under captions such as 任务名称 | 主要内容 | 预算金额."""

    def __init__(self, form: Form, captions: list[Caption], section: PlacedCell | None) -> None:
        self.form, self.captions, self.section = form, captions, section

    def accepts(self, row: Row) -> bool:
        """Whether a row is one of the list's: every cell stands under a caption and none is a label."""
        cells = self._cells(row)
        if not cells or any(self._caption(s) is None for s in cells):
            return False
        if is_caption([vocabulary().caption(s.key) for s in cells]):
            return False
        roles = [vocabulary().role(s.text) for s in cells]
        return not any(r is not None and r[0] not in _OPEN for r in roles)

    def read(self, row: Row) -> None:
        """Keep each cell under its caption."""
        self.form.claim(*row.filled)
        for slot in self._cells(row):
            if (caption := self._caption(slot)) is not None:
                section = self.section.text if self.section else None
                self.form.attribute(section, Value(caption.name, (caption.slot,)), Value(slot.text, (slot,)))

    def _cells(self, row: Row) -> list[PlacedCell]:
        """The row's cells without the section's label, which exports repeat."""
        cells = cells_under(row.filled, self._caption)
        return [s for s in cells if self.section is None or s.first is not self.section.first]

    def _caption(self, slot: PlacedCell) -> Caption | None:
        return column_of(slot, self.captions)


def list_from(form: Form, row: Row, following: Row | None) -> ListTable | None:
    """The list that a row captions, or None: a caption is of the vocabulary's `list`, and a row of texts follows."""
    filled = row.filled
    roles = [vocabulary().role(s.text) for s in filled]
    if following is None or sum(r is not None for r in roles) < 2 or not any(r and r[0] == "list" for r in roles):
        return None
    if any(number(plain(s.text)) is not None or is_blank(s.text) for s in filled):
        return None
    section = filled[0] if roles[0] is None or roles[0][0] in {"section", "attribute", "goal"} else None
    captions = [Caption(s.text, s.x0, s.reach, s) for s in filled if s is not section]
    if len(captions) < 2:
        return None
    if section is None:
        section = next((s for s in row.above if is_left_of(s, captions[0].x0)), None)
    table = ListTable(form, captions, section)
    if not table.accepts(following):
        return None
    form.claim(*filled)
    return table
