"""The money of a form: a matrix of sources and measures, or label:value pairs.

Here: which figure belongs to which source and measure, as printed. Not here: which row heads a matrix
(funding_headers), sentences (money_sentences), amounts in 元 (records).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import partial

from extractors.codes import ProblemCode
from extractors.form.claims import Claim
from extractors.form.model import Form, FundRow, StrangeColumn, StrangeRow, Value, value_of
from extractors.grid.columns import Columns, is_left_of
from extractors.layout.cell_words import Words, split_both, words_of
from extractors.layout.merged import cells_under
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, money_unit, plain
from extractors.vocabulary import label_key, measures_of, vocabulary

BUDGET = "budget"
"""A figure of a form that prints one budget column: which column of the table it is depends on the kind of form."""

STAGES = measures_of("budget", "money")
"""The measures that are amounts of a stage of the budget."""
_FEW_WORDS = 8
OF_THE_TOTAL = measures_of("of_total")
"""The measures that a header may name among those of sources: they are the total's."""

YEAR_ALONE = re.compile(r"(20\d\d)年?(?:度)?")
_GLUED = re.compile(r"(?P<label>\D{1,16}?)[:：]?\s*(?P<value>-?[\d,]+(?:\.\d+)?\s*(?:亿元|万元|千元|元|万|亿)?)")


@dataclass(slots=True)
class Column:
    """A header of figures: the measure it names, the source it names, or both; None is what the row's label says."""

    measure: str | None
    source: str | None
    x0: float
    x1: float
    slot: PlacedCell
    over: PlacedCell | None = None  # the header of the source, where it stands over that of the measure

    @property
    def both(self) -> tuple[str, ...]:
        """The points of the total that it names as a pair, 分值/得分, whose cells hold both."""
        return points_in_one(self.slot.words)


def points_in_one(words: Words) -> tuple[str, ...]:
    """The points and the score of the total that a header names together, in its order: 分值/得分; empty for others."""
    return words.both if {*words.both} <= {*OF_THE_TOTAL} else ()


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
    lost = form.arbiter.offer(("funding", source, measure), Claim(value, label))
    if lost is not None and measure in row.values and value.text and row.values[measure].text != value.text:
        form.attributes.append(("资金", label, value))
        message = f"「{label.text}」的同一项金额印了两次，取先印的。"
        if label.words.bare != row.label.words.bare:
            message = f"「{label.text}」与「{row.label.text}」是同一种资金来源，取先印的，此项金额保存在 attribute。"
        form.report(ProblemCode.REPEATED_VALUE, message, value.slots[0], "info")
        return
    row.values.setdefault(measure, value)
    if unit:
        row.units[measure] = unit


class FundMatrix:
    """Figures under headers: rows of sources under measures, or rows of measures under sources."""

    def __init__(self, form: Form, columns: list[Column], waiting: PlacedCell | None, unit: str | None) -> None:
        self.form, self.columns, self.waiting, self.unit = form, columns, waiting, unit
        self.over = Columns(columns).over
        self.left = min((c.x0 for c in columns), default=0.0)
        self.right = max((c.x1 for c in columns), default=math.inf)
        self.rows_read, self.header_rows = 0, 1
        self.by_measure = all(c.measure is None for c in columns)
        self.sections: list[PlacedCell] = []  # labels beside the headers, which exports repeat in every row

    def accepts(self, row: Row) -> bool:
        """Whether a row continues the matrix: a label of what the headers leave open, or figures alone below them."""
        own = [s for s in row.filled if s.first not in self.sections]
        if len(own) == 1 and len(own[0].parts) > 2 and not own[0].words.is_figure:
            return False  # one cell merged over the row, printed for each column
        labels, figures = self._parts(row)
        if self.by_measure and self._are_pairs(labels, figures):
            return False
        amounts = any(s.words.is_amount for s, _ in figures)
        named = any(self._names(s) for s in labels)
        words = [s for s, column in figures if not s.words.is_figure and column.measure != "other"]
        in_place_of_figures = all(len(s.text) <= _FEW_WORDS and s.words.role is None for s in words)  # 待定, 详见附件
        alone = not labels and self.rows_read == 0 and amounts and in_place_of_figures
        if words and not alone and not (named and (amounts or in_place_of_figures)):
            return False
        if named:
            return bool(figures) or not self.by_measure
        first = row.filled[0]  # a section's label at the row's beginning is repeated where merged cells are
        edge = first.x1 if first.words.section and len(row.filled) > 2 else -math.inf
        known = [s for s in labels if s.words.role and s.x1 > edge]
        if labels and not known:
            return amounts and (len(labels) < 3 or len(figures) > len(labels))
        return amounts and self.rows_read == 0

    @staticmethod
    def _are_pairs(labels: list[PlacedCell], figures: list[tuple[PlacedCell, Column]]) -> bool:
        """Whether a row names several measures, each with its figure to its right: 执行率 | 95% | 分值 | 10."""
        of_label = {measure: s for s in labels if (measure := s.words.measure)}
        last = max((s.x0 for s in of_label.values()), default=0.0)
        return len(of_label) > 1 and any(is_left_of(s, last) for s, _ in figures)

    def read(self, row: Row) -> None:
        """Take one accepted row."""
        form = self.form
        labels, figures = self._parts(row)
        label = next((s for s in reversed(labels) if self._names(s)), None)
        self.unit = next((u for s in labels if (u := money_unit(s.text))), None) or self.unit
        named = next((s for s in reversed(labels) if not s.words.role and not s.words.is_amount and s.key), None)
        strange = self._of_strangers(labels, figures)
        figures = [(s, c) for s, c in figures if s not in strange]
        form.claim(
            *(
                s
                for s in row.filled
                if s.x0 < self.right and (s.words.role or s is named or s not in labels or not s.key)
            )
        )
        self.rows_read += 1
        if label is None and named is not None and self._is_of_a_year(named, figures):
            return
        if label is None and named is not None:
            what = "金额项目" if self.by_measure else "资金来源"
            if not self.by_measure:
                row_as_total = partial(self._read_source, named, figures, "total")
                measures: list[tuple[str | None, PlacedCell]] = [(c.measure or BUDGET, s) for s, c in figures]
                form.strange_rows.append(StrangeRow(named, measures, row_as_total))
            form.unknown(what, named, "，其金额保存在 attribute")
            for s, _ in figures:
                form.attribute("资金", value_of(named), value_of(s))
            return
        if self.by_measure:
            self._read_measure(label, figures)
        elif len(sources := self._sources(labels)) > 1 and any(s.x0 < sources[-1].x0 for s, _ in figures):
            self._read_side_by_side(sources, figures)
        else:
            self._read_source(label or self.waiting, figures)

    def _is_of_a_year(self, label: PlacedCell, figures: list[tuple[PlacedCell, Column]]) -> bool:
        """Read a row whose label is a year: the form's own has its money, what is another's is kept."""
        printed, own = YEAR_ALONE.fullmatch(label.words.bare), self.form.own_year()
        if printed is None or own is None or self.by_measure:
            return False
        if int(printed[1]) == own:
            self._read_source(label, figures)
        else:
            for slot, column in figures:
                self.form.attribute(label.text, value_of(column.slot), value_of(slot))
        return True

    def _of_strangers(self, labels: list[PlacedCell], figures: list[tuple[PlacedCell, Column]]) -> list[PlacedCell]:
        """The figures between a label that nobody knows and one that is known: they are not of the known one."""
        known = [s for s in labels if self._names(s)]
        strange = [s for s in labels if s.words.role is None and not self._names(s) and not s.words.is_figure]
        found: list[PlacedCell] = []
        for label in strange:
            end = next((s.x0 for s in known if is_left_of(label, s.x0)), None)
            own = [s for s, _ in figures if is_left_of(label, s.x0) and end is not None and is_left_of(s, end)]
            if own:
                self.form.unknown("资金来源", label, "，其金额保存在 attribute")
                self.form.claim(label)
                for slot in own:
                    self.form.attribute("资金", value_of(label), value_of(slot))
            found += own
        return found

    def _read_source(
        self, label: PlacedCell | None, figures: list[tuple[PlacedCell, Column]], source: str | None = None
    ) -> None:
        """A row of one source; a header that names a source of its own (其中：政府性基金) takes its figure."""
        source = source or (label.words.source if label else None) or "total"
        label_value = value_of(label) if label else Value("", (figures[0][0],))
        fund = fund_row(self.form, source, label_value)
        fund.unit = fund.unit or self.unit
        for slot, column in figures:
            own = value_of(column.over or column.slot) if column.source else label_value
            self._put(column.source or source, own, column.measure or BUDGET, column, slot, column.slot)

    @staticmethod
    def _sources(labels: list[PlacedCell]) -> list[PlacedCell]:
        """The labels of different sources in a row."""
        by_name = {source: s for s in reversed(labels) if (source := s.words.source)}
        return sorted(by_name.values(), key=lambda s: s.x0)

    def _read_side_by_side(self, labels: list[PlacedCell], figures: list[tuple[PlacedCell, Column]]) -> None:
        """A row of several sources, each with its figures to its right (income beside expenditure)."""
        for label, end in zip(labels, [*(s.x0 for s in labels[1:]), float("inf")], strict=True):
            own = [(s, c) for s, c in figures if is_left_of(label, s.x0) and is_left_of(s, end)]
            if own:
                self._read_source(label, own)

    def _read_measure(self, label: PlacedCell | None, figures: list[tuple[PlacedCell, Column]]) -> None:
        measure = label.words.measure if label else BUDGET
        if measure == "adjusted_yuan" and not any("initial_yuan" in fund.values for fund in self.form.funding):
            measure = BUDGET
        for slot, column in figures:
            if column.measure in OF_THE_TOTAL and is_blank(slot.text):
                continue
            header = value_of(column.slot)
            if column.measure != "other":
                fund = fund_row(self.form, column.source or "total", header)
                fund.unit = fund.unit or self.unit
            self._put(
                column.source or "total",
                header,
                column.measure or measure or BUDGET,
                column,
                slot,
                label or column.slot,
            )

    def _put(
        self, source: str, label: Value, measure: str, column: Column, slot: PlacedCell, header: PlacedCell
    ) -> None:
        value = value_of(slot, "money_table")
        if column.both and not is_blank(slot.text):
            self._put_both(source, label, column, value)
        elif measure == "other":
            self.form.attribute(label.text or "资金", value_of(header), value)
            if id(column.slot) in self.form.strangers:
                self._of_strange_column(source, column, value)
        else:
            put(self.form, source, label, measure, value, money_unit(header.text) or money_unit(column.slot.text))

    def _put_both(self, source: str, label: Value, column: Column, value: Value) -> None:
        cut = split_both(value.text)
        if cut is None:
            header = column.slot.text
            message = f"资金表头「{header}」下的「{value.text[:60]}」分不清是哪一个值，没有采用。"
            self.form.report(ProblemCode.UNCLAIMED_CELL, message, value.slots[0])
            return
        for name, text in zip(column.both, cut, strict=True):
            put(self.form, source, label, name, Value(text, value.slots, value.rule), None)

    def _of_strange_column(self, source: str, column: Column, value: Value) -> None:
        alike = (c for c in self.form.strange_columns if c.header.key == column.slot.key and source not in c.values)
        found = next((c for c in self.form.strange_columns if c.header is column.slot), None) or next(alike, None)
        if found is None:
            found = StrangeColumn(column.slot, money_unit(column.slot.text) or self.unit)
            self.form.strange_columns.append(found)
        found.values.setdefault(source, value)

    def _parts(self, row: Row) -> tuple[list[PlacedCell], list[tuple[PlacedCell, Column]]]:
        """The row's labels, and its figures with their headers."""
        labels: list[PlacedCell] = []
        figures: list[tuple[PlacedCell, Column]] = []
        for slot in cells_under(row.filled, self._column):
            column = self._column(slot)
            if column is None and slot.first in self.sections:
                continue
            if column is not None and not slot.words.is_figure and (glued := glued_amount(slot.text)):  # 总金额：130
                label, amount = glued
                labels.append(PlacedCell(label, slot.cell, slot.x0, slot.x1))
                figures.append((PlacedCell(amount, slot.cell, slot.x0, slot.x1), column))
            elif column is None or (column.measure != "other" and not slot.words.is_figure and self._names(slot)):
                labels.append(slot)
            else:
                figures.append((slot, column))
        return labels, figures

    def _names(self, slot: PlacedCell) -> bool:
        return (slot.words.measure if self.by_measure else slot.words.source) is not None

    def _column(self, slot: PlacedCell) -> Column | None:
        return None if is_left_of(slot, self.left) else self.over(slot)


def source_named(label: str) -> str | None:
    """The source that a label names where money is spoken of: 市级资金, and 市 alone, too."""
    return words_of(label).source or vocabulary().payer.exact(label_key(label))


def glued_amount(text: str, *, of_money: bool = False) -> tuple[str, str] | None:
    """(source label, amount) of a cell that prints both: 年度资金总额:23, 其中:上级资金23.

    `of_money`: the row speaks of money, so that 市：12.3 is an amount, too.
    """
    same, printed = plain(text), text.strip()
    m = _GLUED.fullmatch(same)
    if m and (words_of(m["label"]).source or (of_money and source_named(m["label"]))):
        return printed[: m.end("label")] if len(printed) == len(same) else m["label"], m["value"]
    return None
