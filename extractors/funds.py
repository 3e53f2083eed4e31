"""The money of a form: a matrix of sources and measures, label:value pairs, or a sentence.

Here: which figure belongs to which source and measure, as printed. Not here: amounts in 元 (records).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.form import Form, FundRow, Value
from extractors.stream import Row, Slot
from extractors.values import is_blank, money, money_unit, number, plain
from extractors.vocabulary import label_key, vocabulary

BUDGET = "budget"
"""A budget figure of a form that prints one budget column: which column of the table it is depends on the kind of form."""

_BUDGETS = {"initial_yuan", "adjusted_yuan"}
_AMOUNT = r"(?P<amount>-?[\d,]+(?:\.\d+)?)\s*(?P<unit>亿元|万元|千元|元|万|亿)?"
_SENTENCE_PART = re.compile(r"(?P<label>[\u4e00-\u9fff()、]{2,16}?)\s*[:为]?\s*" + _AMOUNT)
_GLUED = re.compile(r"(?P<label>\D{2,16}?)[:：]?\s*(?P<value>-?[\d,]+(?:\.\d+)?\s*(?:亿元|万元|千元|元|万|亿)?)")


def source_of(slot: Slot) -> str | None:
    """The money source that a label names."""
    return vocabulary().source.find(slot.key) if len(slot.key) <= 20 else None


def measure_of(slot: Slot) -> str | None:
    """The column of the funding table that a caption names."""
    return vocabulary().measure.find(slot.key)


def is_amount(text: str) -> bool:
    """Whether a text is a figure with or without a money unit."""
    return money(text, "元")[0] is not None


def is_figure(text: str) -> bool:
    """Whether a text can stand in a figure's place: an amount, a rate, a dash."""
    return is_blank(text) or is_amount(text) or number(plain(text).rstrip("%分")) is not None


@dataclass(slots=True)
class Column:
    """A measure and the horizontal extent in which its figures stand."""

    measure: str
    lo: float
    hi: float
    slot: Slot


def fund_row(form: Form, source: str, label: Value) -> FundRow:
    """The row of a source, made at its first figure."""
    for row in form.funding:
        if row.source == source:
            return row
    row = FundRow(source, label, None)
    form.funding.append(row)
    return row


def put(form: Form, source: str, label: Value, measure: str, value: Value, unit: str | None) -> None:
    """Record one figure; a second figure for the same place is kept as an attribute and reported."""
    form.claim(*label.slots, *value.slots)
    row = fund_row(form, source, label)
    if measure == "other":
        if value.text:
            form.attributes.append((label.text, _caption(measure), value))
        return
    if measure in row.values and value.text and row.values[measure].text != value.text:
        form.attributes.append(("资金", label, value))
        form.report("REPEATED_VALUE", f"「{label.text}」的同一项金额印了两次，取先印的。", value.slots[0], "info")
        return
    row.values.setdefault(measure, value)
    if unit:
        row.units[measure] = unit


def _caption(name: str) -> Value:
    return Value(name, ())


class FundMatrix:
    """Rows of sources under captions of measures."""

    def __init__(self, form: Form, columns: list[Column], waiting: Slot | None, unit: str | None) -> None:
        self.form, self.columns, self.waiting, self.unit = form, columns, waiting, unit
        self.left = min((c.lo for c in columns), default=0.0)
        self.rows_read = 0

    def accepts(self, row: Row) -> bool:
        """Whether a row continues the matrix: a source label, or figures alone under the captions."""
        labels = [s for s in row.filled if s.hi <= self.left + 0.01 or not self._column(s)]
        figures = [s for s in row.filled if s not in labels]
        if not all(is_figure(s.text) or self._column(s).measure == "other" for s in figures if self._column(s)):
            return False
        if any(source_of(s) for s in labels):
            return True
        known = [s for s in labels if vocabulary().role(s.text)]
        if labels and not known:
            return bool(figures) and any(is_amount(s.text) for s in figures)
        return bool(figures) and self.rows_read == 0 and any(is_amount(s.text) for s in figures)

    def read(self, row: Row) -> None:
        """Take one accepted row."""
        form = self.form
        labels = [s for s in row.filled if s.hi <= self.left + 0.01 or not self._column(s)]
        label = next((s for s in reversed(labels) if source_of(s)), None)
        self.unit = next((u for s in labels if (u := money_unit(s.text))), None) or self.unit
        named = next((s for s in reversed(labels) if not vocabulary().role(s.text)), None)
        figures = [s for s in row.filled if s not in labels]
        if label is None and named is None:
            label = self.waiting
        form.claim(*labels)
        self.rows_read += 1
        if label is None and named is not None:
            form.report(
                "UNKNOWN_LABEL", f"资金来源「{named.text}」不在词汇表中，其金额保存在 attribute。", named, "info"
            )
            for s in figures:
                form.attribute("资金", Value(named.text, (named,)), Value(s.text, (s,)))
            return
        source = (source_of(label) if label else None) or "total"
        label_value = Value(label.text if label else "", (label,) if label else (figures[0],))
        row_of_source = fund_row(form, source, label_value)
        row_of_source.unit = row_of_source.unit or self.unit
        for s in figures:
            column = self._column(s)
            if column is None:
                continue
            if column.measure == "other":
                form.attribute(label_value.text or "资金", Value(column.slot.text, (column.slot,)), Value(s.text, (s,)))
            else:
                put(form, source, label_value, column.measure, Value(s.text, (s,)), money_unit(column.slot.text))

    def _column(self, slot: Slot) -> Column | None:
        best = max(self.columns, key=lambda c: slot.overlap(c.lo, c.hi), default=None)
        if best is None or slot.overlap(best.lo, best.hi) <= 0.3 * min(slot.hi - slot.lo, best.hi - best.lo, 1e9):
            return None
        return best


def matrix_from(form: Form, row: Row, next_row: Row | None) -> FundMatrix | None:
    """The matrix that a caption row opens, or None when the row is no such caption."""
    filled = row.filled
    named = [(s, m) for s in filled if (m := measure_of(s))]
    figures_beside = any(is_amount(s.text) for s in filled)
    if figures_beside or not any(m in _BUDGETS | {"executed_yuan", "received_yuan"} for _, m in named):
        return None
    if next_row is not None:  # a caption that stands over the sources (年度预算数（万元） over 总额) is no measure
        over_sources = [s for s, _ in named if any(source_of(b) and b.overlap(s.lo, s.hi) > 0 for b in next_row.filled)]
        figures = [b for b in next_row.filled if is_figure(b.text)]
        without = [
            s for s, _ in named if figures and s is filled[0] and not any(b.overlap(s.lo, s.hi) > 0 for b in figures)
        ]
        named = [(s, m) for s, m in named if s not in over_sources + without]
    distinct = {m for _, m in named}
    below = next_row.filled if next_row else []
    if len(distinct) < 2 and not (
        named and any(is_amount(b.text) and b.overlap(named[0][0].lo, named[0][0].hi) > 0 for b in below)
    ):
        return None
    ends = {id(a): b.lo for a, b in zip(filled, filled[1:], strict=False)}
    columns: list[Column] = []
    for s, measure in named:
        hi = s.hi if row.spans_stated else ends.get(id(s), s.hi + 1)
        if columns and columns[-1].slot.key == s.key:  # a repeated copy of one merged caption
            columns[-1].hi = hi
        else:
            columns.append(Column(measure, s.lo, hi, s))
    budgets = [c for c in columns if c.measure in _BUDGETS]
    if len(budgets) == 1 and budgets[0].measure == "adjusted_yuan":
        budgets[0].measure = BUDGET
    taken = [c.slot for c in columns]
    waiting = next((s for s in reversed(filled) if s not in taken and source_of(s)), None)
    unit = next((u for s in filled if s not in taken and (u := money_unit(s.text))), None)
    form.claim(*[s for s in filled if s in taken or vocabulary().role(s.text)])
    for s in filled:
        if not form.is_claimed(s):
            form.claim(s)
            if row.slots[0] is not s:
                form.report("UNKNOWN_LABEL", f"资金表头「{s.text}」不在词汇表中。", s, "info")
                columns.append(Column("other", s.lo, s.hi if row.spans_stated else ends.get(id(s), s.hi + 1), s))
    if form.money_unit is None:
        form.money_unit = unit
    return FundMatrix(form, columns, waiting, unit)


def read_sentence(form: Form, label: Slot, value: Slot) -> bool:
    """Read the sources and amounts of a sentence such as 总额82万元，其中：中央57.4万元；省级16.4万元."""
    text = plain(value.text)
    found = False
    for m in _SENTENCE_PART.finditer(text):
        name = re.sub(r"^(?:[一二三四五六七八九十]、|其中|\()+", "", m["label"])
        source = vocabulary().source.find(label_key(name))
        if source is None:
            continue
        unit = m["unit"] or money_unit(label.text)
        part = Value(m["amount"] + (m["unit"] or ""), (value,))
        put(form, source, Value(name, (value,)), BUDGET, part, unit)
        found = True
    if found:
        form.claim(label, value)
    return found


def glued_amount(text: str) -> tuple[str, str] | None:
    """(source label, amount) of a cell that prints both: 年度资金总额:23, 其中:上级资金23."""
    m = _GLUED.fullmatch(plain(text))
    if m and vocabulary().source.find(label_key(m["label"])):
        return m["label"], m["value"]
    return None
