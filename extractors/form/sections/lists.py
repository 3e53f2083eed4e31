"""Small tables of a form that are neither money nor indicators: annual tasks, a breakdown of a project's spending.

Here: headers of such a table and its rows, kept cell by cell as attributes; the sum at its end, which is the form's
money where nothing else is. Not here: what the cells mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from extractors.codes import ProblemCode
from extractors.form.model import Form, Value, value_of
from extractors.form.sections.funding import BUDGET, STAGES, put
from extractors.grid.columns import Columns, is_left_of, is_within, touches
from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import ColumnHeader, is_header_row
from extractors.layout.merged import cells_under
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, money_unit, number, plain
from extractors.vocabulary import measures_of

_OPEN = {"total", "source"}
"""Groups of labels that may stand in a row of the list: 合计 at its end, 财政拨款 as the name of an item."""
_SUM = re.compile(r".{0,6}(?:合计|总计)")


@dataclass(slots=True)
class _Amounts:
    """A column of amounts: its header, the stage and the source that the headers name, what its rows add up to."""

    header: ColumnHeader
    measure: str
    source: str
    unit: str | None
    added: Decimal = Decimal(0)
    rows: int = 0
    total: PlacedCell | None = None

    def adds_up(self) -> bool:
        """Whether the printed sum is that of the rows, each of which may be rounded."""
        printed = number(plain(self.total.text)) if self.total is not None else None
        if printed is None:
            return False
        return abs(printed - self.added) <= Decimal(1).scaleb(int(printed.as_tuple().exponent)) * self.rows / 2


class ListTable:
    """Rows of free text under headers such as 任务名称 | 主要内容 | 预算金额."""

    def __init__(self, form: Form, headers: list[ColumnHeader], section: PlacedCell | None) -> None:
        self.form, self.section = form, section
        self.amounts = _amounts(headers)
        self.sum: PlacedCell | None = None  # the label of the sum at its end
        self._column_header = Columns(headers).over

    def accepts(self, row: Row) -> bool:
        """Whether a row is one of the list's: every cell stands under a header and none is a label."""
        cells = self._cells(row)
        if not cells or any(self._column_header(s) is None for s in cells):
            return False
        if is_header_row([s.header for s in cells]):
            return False
        roles = [s.words.role for s in cells]
        return not any(r is not None and r[0] not in _OPEN for r in roles)

    def read(self, row: Row) -> None:
        """Keep each cell under its header."""
        self.form.claim(*row.filled)
        cells = self._cells(row)
        is_sum = self.sum is None and _SUM.fullmatch(cells[0].words.bare) is not None
        if is_sum:
            self.sum = cells[0]
        elif self._adds_up(cells):
            self.form.unknown("清单的合计", cells[0], "，其金额保存在 attribute")
        for slot in cells:
            if (header := self._column_header(slot)) is None:
                continue
            amounts = next((a for a in self.amounts if a.header is header), None)
            if is_sum and amounts is not None and slot.words.is_amount:
                amounts.total = slot
            else:
                if amounts is not None and self.sum is None:
                    amounts.added += number(plain(slot.text)) or Decimal(0)
                    amounts.rows += 1
                self._keep(header, slot)

    def _adds_up(self, cells: list[PlacedCell]) -> bool:
        """Whether each amount of a row that nobody calls a sum is that of the rows above it."""
        found = [(a, s) for a in self.amounts for s in cells[1:] if self._column_header(s) is a.header]
        return bool(found) and all(a.rows > 1 and a.added and number(plain(s.text)) == a.added for a, s in found)

    def settle(self) -> None:
        """Make the sum at its end the money of a form that has no other; each column must add up to it."""
        form, taken = self.form, not self.form.funding
        for amounts in self.amounts:
            if (slot := amounts.total) is None or self.sum is None:
                continue
            if taken and amounts.adds_up():
                label = value_of(self.sum if amounts.source == "total" else amounts.header.slot)
                put(form, amounts.source, label, amounts.measure, value_of(slot, "list_sum"), amounts.unit)
                continue
            self._keep(amounts.header, slot)
            if taken:
                message = f"「{self.sum.text}」「{slot.text}」与其上各行之和 {amounts.added} 不符，未作为项目资金。"
                form.report(ProblemCode.UNCLAIMED_CELL, message, slot)

    def _keep(self, header: ColumnHeader, slot: PlacedCell) -> None:
        section = self.section.text if self.section else None
        self.form.attribute(section, Value(header.name, (header.slot,)), value_of(slot))

    def _cells(self, row: Row) -> list[PlacedCell]:
        """The row's cells without the section's label, which exports repeat."""
        cells = cells_under(row.filled, self._column_header)
        return [s for s in cells if self.section is None or s.first is not self.section.first]


def _amounts(headers: list[ColumnHeader]) -> list[_Amounts]:
    """The columns of amounts among the headers; one of a source alone is of the stage before it."""
    found: list[_Amounts] = []
    measure: str | None = None
    for header in headers:
        own = next((m for text in header.path if (m := words_of(text).measure) in STAGES), None)
        source = header.slot.words.source
        if source is None and (own is None or header.path[-1:] != header.path[:1]):
            continue  # 预算数 over a word that is no source
        measure = own or measure
        if measure is None or any(a.measure == measure and a.source == (source or "total") for a in found):
            continue
        unit = next((u for text in (header.slot.text, *header.path) if (u := money_unit(text))), None)
        unit = unit or next((a.unit for a in reversed(found) if a.measure == measure), None)
        found.append(_Amounts(header, measure, source or "total", unit))
    budgets = {a.measure for a in found} & set(measures_of("budget"))
    if budgets == {"adjusted_yuan"}:
        for amounts in found:
            amounts.measure = BUDGET if amounts.measure == "adjusted_yuan" else amounts.measure
    return found


def list_from(form: Form, row: Row, following: Row | None) -> tuple[ListTable, int] | None:
    """(list, rows of headers) that a row heads, or None: a header is of the vocabulary's `list`, and texts follow.

    In a second row the sources of the amounts may stand (预算数 over 总额 and 财政拨款).
    """
    filled = row.filled
    roles = [s.words.role for s in filled]
    if following is None or sum(r is not None for r in roles) < 2 or not any(r and r[0] == "list" for r in roles):
        return None
    if any(number(plain(s.text)) is not None or is_blank(s.text) for s in filled):
        return None
    section = filled[0] if roles[0] is None or roles[0][0] in {"section", "attribute", "goal"} else None
    headers = [ColumnHeader(s.text, s.x0, s.reach, s, (s.text,)) for s in filled if s is not section]
    if len(headers) < 2:
        return None
    if section is None:
        section = next((s for s in row.above if is_left_of(s, headers[0].x0)), None)
    second = _sources_below(headers, section, following)
    table = ListTable(form, second or headers, section)
    if not second and not table.accepts(following):
        return None
    form.claim(*filled, *(following.filled if second else ()))
    for header in {id(h.slot): h for h in (*headers, *second)}.values():
        if header.slot.words.role is None and header.slot.words.measure is None and _is_over_amounts(form, header, row):
            form.unknown("清单表头", header.slot, "，其下的内容保存在 attribute")
    return table, 2 if second else 1


def _is_over_amounts(form: Form, header: ColumnHeader, row: Row) -> bool:
    """Whether the first two rows below the headers have an amount under one of them."""
    n = form.rows.index(row)
    below = [r for r in form.rows[n + 1 : n + 6] if r.filled][:2]
    return any(s.words.is_amount and touches(s, header) for r in below for s in r.filled)


def _sources_below(headers: list[ColumnHeader], section: PlacedCell | None, following: Row) -> list[ColumnHeader]:
    """The headers with the sources that the next row names under them; empty when it names anything else."""
    cells = [s for s in following.filled if section is None or s.first is not section.first]
    copies = [s for s in cells if any(s.key == h.slot.key and is_within(s, h) for h in headers)]
    below = [s for s in cells if s not in copies]
    over = [next((h for h in headers if is_within(s, h)), None) for s in below]
    known = [s for s in below if s.words.source is not None]
    strange = [s for s in below if s.words.source is None]
    if len(below) < 2 or not known or None in over or any(s.words.role or s.words.is_figure for s in strange):
        return []
    divided = {id(h) for s, h in zip(below, over, strict=True) if s in known}
    if any(id(h) not in divided for h in over):
        return []
    found = [h for h in headers if h not in over]
    for slot, header in zip(below, over, strict=True):
        if header is not None:
            name = f"{header.slot.text} / {slot.text}"
            found.append(ColumnHeader(name, slot.x0, min(slot.reach, header.x1), slot, (header.slot.text, slot.text)))
    return sorted(found, key=lambda header: header.x0)
