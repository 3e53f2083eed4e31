"""Small tables of a form that are neither money nor indicators: annual tasks, a breakdown of a project's spending.

Here: captions of such a table and its rows, kept cell by cell as attributes. Not here: what the cells mean.
"""

from __future__ import annotations

from extractors.form.model import Form, Value
from extractors.form.sections.column_headers import is_caption
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, number, plain
from extractors.vocabulary import bare_text, vocabulary

_OPEN = {"total", "source"}
"""Groups of labels that may stand in a row of the list: 合计 at its end, 财政拨款 as the name of an item."""


class ListTable:
    """Rows of free text under captions such as 任务名称 | 主要内容 | 预算金额."""

    def __init__(self, form: Form, captions: list[tuple[PlacedCell, float, float]], section: PlacedCell | None) -> None:
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
                self.form.attribute(section, Value(caption.text, (caption,)), Value(slot.text, (slot,)))

    def _cells(self, row: Row) -> list[PlacedCell]:
        section = bare_text(self.section.text) if self.section else None
        cells: list[PlacedCell] = []
        for slot in row.filled:  # without the section's label and the copies that exports print of a merged cell
            before = cells[-1] if cells else None
            if bare_text(slot.text) == section:
                continue
            if before is None or slot.text != before.text or self._caption(slot) is not self._caption(before):
                cells.append(slot)
        return cells

    def _caption(self, slot: PlacedCell) -> PlacedCell | None:
        best = max(self.captions, key=lambda c: slot.overlap(c[1], c[2]), default=None)
        return best[0] if best is not None and slot.overlap(best[1], best[2]) > 0 else None


def list_from(form: Form, row: Row, following: Row | None) -> ListTable | None:
    """The list that a row captions, or None: a caption is of the vocabulary's `list`, and a row of texts follows."""
    filled = row.filled
    roles = [vocabulary().role(s.text) for s in filled]
    if following is None or sum(r is not None for r in roles) < 2 or not any(r and r[0] == "list" for r in roles):
        return None
    if any(number(plain(s.text)) is not None or is_blank(s.text) for s in filled):
        return None
    section = filled[0] if roles[0] is None or roles[0][0] in {"section", "attribute", "goal"} else None
    captions: list[PlacedCell] = []
    for s in filled:  # without the copies of merged captions
        before = captions[-1] if captions else section
        if s is not section and (before is None or bare_text(s.text) != bare_text(before.text)):
            captions.append(s)
    if len(captions) < 2:
        return None
    ends = [b.x0 for b in captions[1:]]
    reach = [
        (s, s.x0, s.x1 if row.spans_stated else end)
        for s, end in zip(captions, [*ends, captions[-1].x1 + 40], strict=True)
    ]
    if section is None:
        section = next((s for s in row.above if s.x1 <= captions[0].x0 + 0.01), None)
    table = ListTable(form, reach, section)
    if not table.accepts(following):
        return None
    form.claim(*filled)
    return table
