"""The money of a form: a matrix of sources and measures, label:value pairs, or a sentence.

Here: which figure belongs to which source and measure, as printed. Not here: amounts in 元 (records).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from extractors.codes import ProblemCode
from extractors.form.claims import Claim
from extractors.form.model import Form, FundRow, StrangeColumn, StrangeRow, Value, value_of
from extractors.grid.columns import Columns, is_left_of, touches
from extractors.layout.cell_words import Words, split_both, words_of
from extractors.layout.merged import cells_under
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, money_unit, number, plain
from extractors.vocabulary import bare_text, label_key, measures_of, of_other_years, vocabulary

BUDGET = "budget"
"""A figure of a form that prints one budget column: which column of the table it is depends on the kind of form."""

STAGES = measures_of("budget", "money")
"""The measures that are amounts of a stage of the budget."""
_FEW_WORDS = 8
_OF_THE_TOTAL = measures_of("of_total")
"""The measures that a header may name among those of sources: they are the total's."""

_MONTHS = re.compile(r"(\d{1,2})月?(?:[-—–~至到]+)(\d{1,2})月")
_LEADING_YEAR = re.compile(r"(20\d\d)年")
_YEAR_ALONE = re.compile(r"(20\d\d)年?(?:度)?")
_ADJUSTED = re.compile("调整|全年")
"""What the headers of a budget say that was adjusted in the year."""
_ADJUSTMENT = re.compile("调整(?!后)|[追增]加|增减|核[增减]|变动")
"""What a header says that may stand over changes of a budget as well as over the changed budget."""
_SIGNED_HEADER = re.compile("[(](?:[+±-]|增加?、?[/减]|追加)")
"""What the header of a change prints in brackets: 预算调整（+、-）."""
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
        return both if (both := self.slot.words.both) and {*both} <= {*_OF_THE_TOTAL} else ()


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
        printed, own = _YEAR_ALONE.fullmatch(label.words.bare), self.form.own_year()
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
            if column.measure in _OF_THE_TOTAL and is_blank(slot.text):
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


def matrix_from(form: Form, row: Row, next_row: Row | None) -> FundMatrix | None:
    """The matrix that a header row opens, or None when the row is no such header."""
    if next_row is None or any(s.words.is_amount for s in row.filled):
        return None
    for opened in (_under_years, _sources_over_measures, _under_measures, _under_sources):
        if matrix := opened(form, row, next_row):
            return matrix
    return None


def _under_years(form: Form, row: Row, next_row: Row) -> FundMatrix | None:
    """Headers that are years alone, with figures below them: the form's own is the budget's, the others are kept."""
    filled = row.filled
    years = [(s, m[1]) for s in filled if (m := _YEAR_ALONE.fullmatch(s.words.bare))]
    below = next_row.filled
    if len({text for _, text in years}) < 2 or not any(s.words.source for s in below):
        return None
    if not all(any(b.words.is_figure and touches(b, s) for b in below) for s, _ in years):
        return None
    own = str(form.own_year())
    columns = [Column(BUDGET if text == own else "other", None, s.x0, s.reach, s) for s, text in years]
    for s in filled:
        if s.x0 > columns[0].x0 and all(s is not year for year, _ in years):
            columns.append(Column(s.words.measure or "other", None, s.x0, s.reach, s))
    if own not in {text for _, text in years}:
        message = "资金按年度分列，没有一列是本表的年度，其金额保存在 attribute。"
        form.report(ProblemCode.UNKNOWN_LABEL, message, years[0][0])
    form.claim(*filled)
    unit = next((u for s in [*filled, *row.above] if (u := money_unit(s.text))), None)
    form.money_unit = form.money_unit or unit
    matrix = FundMatrix(form, sorted(columns, key=lambda c: c.x0), None, unit)
    matrix.sections = [s.first for s in filled if is_left_of(s, matrix.left)]
    return matrix


def _sources_over_measures(form: Form, row: Row, next_row: Row) -> FundMatrix | None:
    """Headers of sources over the same headers of measures: 财政拨款 | 其他资金 over 年初 | 支出 | 年初 | 支出."""
    over = [(s, source) for s in row.filled if (source := s.words.source)]
    under = [(s, m) for s in next_row.filled if (m := s.words.measure_of_figures) in STAGES]
    if len({source for _, source in over}) < 2 or len({m for _, m in under}) < 2 or len(under) < 4:
        return None
    columns = [
        Column(m, source, s.x0, s.reach, s, header) for s, m in under for header, source in over if touches(s, header)
    ]
    if len(columns) != len(under) or len({(c.measure, c.source) for c in columns}) < len(columns):
        return None
    of_none = {id(s) for s, _ in under}
    for s in next_row.filled:
        of_whom = next((source for header, source in over if touches(s, header)), None)
        if id(s) not in of_none and of_whom is not None:
            form.unknown("资金表头", s)
            columns.append(Column("other", of_whom, s.x0, s.reach, s))
    form.claim(*row.filled, *next_row.filled)
    unit = next((u for s in [*row.filled, *next_row.filled, *row.above] if (u := money_unit(s.text))), None)
    form.money_unit = form.money_unit or unit
    matrix = FundMatrix(form, columns, None, unit)
    matrix.header_rows = 2
    return matrix


def _under_measures(form: Form, row: Row, next_row: Row) -> FundMatrix | None:
    filled, below = row.filled, next_row.filled
    named = [(s, m) for s in filled if (m := _measure_of_header(s.words))]
    over_amounts = [
        (s, m)
        for s in filled
        if s.words.measure is None
        and (m := s.words.measure_among_others) in STAGES
        and any(b.words.is_amount and touches(b, s) for b in below)
    ]
    if not any(m in STAGES for _, m in named) and len({m for _, m in over_amounts}) < 2:
        return None
    named += over_amounts
    named.sort(key=lambda own: own[0].x0)
    # a header that stands over the sources (年度预算数（万元） over 总额) is no measure
    over_sources = [s for s, _ in named if any(b.words.source and touches(b, s) for b in next_row.filled)]
    figures = [b for b in next_row.filled if b.words.is_figure]
    first = [b for b in next_row.filled if b.first is b][:1]
    first = [b for b in first if not (b.words.is_figure or is_blank(b.text) or glued_amount(b.text))]
    without = [  # nor is the first that stands over a text left of the figures, whatever the text is
        s
        for s, _ in named[:1]
        if figures
        and not any(touches(b, s) for b in figures)
        and (s is filled[0] or any(touches(b, s) and is_left_of(b, figures[0].x0) for b in first))
    ]
    named = [(s, m) for s, m in named if s not in over_sources + without]
    if len({m for _, m in named}) < 2 and not (
        named and any(b.words.is_amount and touches(b, named[0][0]) for b in below)
    ):
        return None
    columns = [Column(measure, None, s.x0, s.reach, s) for s, measure in named]
    for n in of_other_years([c.slot.text for c in columns], form.own_year()):
        columns[n].measure = "other"
    strangers = [
        s
        for s in filled
        if s.words.role is None
        and _measure_of_header(s.words) is None
        and s.words.measure_of_figures is None
        and (s is not filled[0] or any(b.words.is_amount and touches(b, s) for b in below))
    ]
    for column in columns if strangers else ():
        if (printed := _LEADING_YEAR.match(column.slot.words.bare)) and int(printed[1]) != form.own_year():
            column.measure = "other"  # beside a header that nobody knows it may be another year's
    for column in [c for c in columns if c.measure == "adjusted_yuan" and _is_change(c, columns, next_row)]:
        column.measure = "other"
        message = f"资金表头「{column.slot.text}」下的是增减数，不是调整后的预算，其金额保存在 attribute。"
        form.report(ProblemCode.UNKNOWN_LABEL, message, column.slot, "info")
    _settle_repeated(form, columns, bool(strangers))
    _settle_unnamed(form, columns, below)
    budgets = [c for c in columns if c.measure in measures_of("budget")]
    if len(budgets) == 1 and budgets[0].measure == "adjusted_yuan":
        budgets[0].measure = BUDGET
    taken = {id(s) for s, _ in named}
    _sources_beside(columns, filled, taken)
    waiting = next((s for s in reversed(filled) if id(s) not in taken and s.words.source), None)
    unit = next((u for s in [*filled, *row.above] if id(s) not in taken and (u := money_unit(s.text))), None)
    for s in strangers:
        if id(s) not in taken:
            form.unknown("资金表头", s)
            if s.x0 > columns[0].x0 or any(b.words.is_amount and touches(b, s) for b in below):
                columns.append(Column("other", None, s.x0, s.reach, s))
    form.claim(*filled)
    form.money_unit = form.money_unit or unit
    matrix = FundMatrix(form, columns, waiting, unit)
    matrix.sections = [s.first for s in filled if is_left_of(s, matrix.left) and s is not waiting]
    return matrix


def _measure_of_header(words: Words) -> str | None:
    """The measure that a header names; its points may be called as those of indicators, or stand in one column."""
    of_points = words.both[0] if {*words.both} <= {*_OF_THE_TOTAL} and words.both else words.header
    return words.measure or (of_points if of_points in _OF_THE_TOTAL else None)


def _is_change(column: Column, columns: list[Column], below: Row) -> bool:
    """Whether a column of the adjusted budget holds by how much it was adjusted, by its header or the figures below.

    Its header prints signs; or it may be one of changes, and its figure has a sign, makes the sum of another column
    with the first budget, or is 0 where money was spent.
    """
    if _SIGNED_HEADER.search(column.slot.words.bare):
        return True
    if _ADJUSTMENT.search(column.slot.words.bare) is None:
        return False  # 全年预算数: a negative or odd figure is the filer's
    figures = {id(s): number(s.text) for s in below.filled if s.words.is_figure}

    def figure(of: Column) -> Decimal | None:
        return next((figures[id(s)] for s in below.filled if id(s) in figures and touches(s, of.slot)), None)

    own = figure(column)
    first, spent = (
        next((figure(c) for c in columns if c.measure == measure), None)
        for measure in ("initial_yuan", "executed_yuan")
    )
    if own is None or not first:
        return own is not None and own < 0
    others = [f for s in below.filled if (f := figures.get(id(s))) is not None]
    return own < 0 or (own == 0 and bool(spent)) or (own != 0 and first + own in others)


def _settle_repeated(form: Form, columns: list[Column], strangers: bool) -> None:
    """Of two headers of one measure the one that the vocabulary has word for word stays; the other is kept aside."""
    for measure in {c.measure for c in columns}:
        same = [c for c in columns if c.measure == measure]
        if measure == "adjusted_yuan" and len(same) == 2 and _before_adjustment(columns, same):
            continue
        if len(same) < 2 or measure not in STAGES:
            continue
        if all(_MONTHS.search(bare_text(c.slot.text)) for c in same) and len({c.slot.text for c in same}) > 1:
            _settle_months(form, same, strangers)
            continue
        known = [c for c in same if c.slot.words.printed] or same
        stays = next((c for c in known if measure == "adjusted_yuan" and _ADJUSTED.search(c.slot.key)), known[0])
        for column in same:
            if column is not stays and column.slot.key != stays.slot.key:
                column.measure = "other"
                message = f"资金表头「{column.slot.text}」与另一列同义，其金额保存在 attribute。"
                form.report(ProblemCode.UNKNOWN_LABEL, message, column.slot, "info")


def _settle_unnamed(form: Form, columns: list[Column], below: list[PlacedCell]) -> None:
    """Keep aside columns of one header over different figures of no label: what they are of nobody says."""
    if not all(b.words.is_figure or is_blank(b.text) for b in below):
        return
    for key in dict.fromkeys(c.slot.key for c in columns if c.measure in (*STAGES, BUDGET)):
        same = [c for c in columns if c.slot.key == key and c.source is None]
        figures = {b.words.bare for b in below for c in same if b.words.is_amount and touches(b, c)}
        if len(same) > 1 and len(figures) > 1:
            for column in same:
                column.measure = "other"
            message = (
                f"有 {len(same)} 个资金表头都是「{same[0].slot.text}」，分不清各是什么的，其金额保存在 attribute。"
            )
            form.report(ProblemCode.UNKNOWN_LABEL, message, same[0].slot)


def _settle_months(form: Form, same: list[Column], strangers: bool) -> None:
    """Of months from one on (1-3月, 1-6月, 1-9月) the longest stay; parts of a year (1-3月, 4-6月) are no sum.

    Beside `strangers`, headers that nobody knows, none is known to be the longest.
    """
    spans = [tuple(map(int, m.groups())) for c in same if (m := _MONTHS.search(bare_text(c.slot.text)))]
    longest = max(spans, key=lambda span: span[1])
    for column, span in zip(same, spans, strict=True):
        if not strangers and longest[0] == min(spans)[0] and span == longest and spans.count(span) == 1:
            continue
        column.measure = "other"
        message = f"资金表头「{column.slot.text}」只是部分月份的，其金额保存在 attribute。"
        form.report(ProblemCode.UNKNOWN_LABEL, message, column.slot, "info")


def _before_adjustment(columns: list[Column], same: list[Column]) -> bool:
    """A plain 预算数 beside 调整后预算数 is the budget before the adjustment."""
    plain_ones = [c for c in same if not _ADJUSTED.search(c.slot.key)]
    if len(plain_ones) != 1 or any(c.measure == "initial_yuan" for c in columns):
        return False
    plain_ones[0].measure = "initial_yuan"
    return True


def _sources_beside(columns: list[Column], filled: list[PlacedCell], taken: set[int]) -> None:
    """Sources among the headers belong to the measure before them (预算数 | 其中：财政拨款 | 执行数)."""
    measure: str | None = None
    by_slot = {id(c.slot): c for c in columns}
    for s in filled:
        if id(s) in by_slot:
            measure = by_slot[id(s)].measure
        elif measure is not None and id(s) not in taken and (source := s.words.source) and source != "total":
            columns.append(Column(measure, source, s.x0, s.reach, s))
            taken.add(id(s))


def _under_sources(form: Form, row: Row, next_row: Row) -> FundMatrix | None:
    """Headers of sources with figures below them: one row of budgets, or a row for each measure."""
    filled = row.filled
    reaching = [*row.above, *(s.origin for s in row.slots if not s.text and s.origin is not None)]
    below = [b for b in next_row.filled if b.words.is_figure]
    over = [s for s in reaching if s.words.source and any(b.words.is_amount and touches(b, s) for b in below)]
    named = [(s, source) for s in (*over, *filled) if s.words.measure is None and (source := s.words.source)]
    under = [s for s, _ in named if any(b.words.is_amount and touches(b, s) for b in below)]
    others = [b for b in next_row.filled if not b.words.is_figure]
    if len({source for _, source in named}) < 2 or len(under) < 2 or len(under) < len(named) - 1:
        return None
    if any(b.words.source for b in others):  # 其中：财政拨款 | 35 below: pairs, no headers
        return None
    columns = [Column(None, source, s.x0, s.reach, s) for s, source in named]
    taken = {id(s) for s, _ in named}
    for s in (*reaching, *filled):
        of_amounts = any(b.words.is_amount and touches(b, s) for b in below)
        if s.words.is_figure or (s not in filled and not of_amounts):
            continue
        if id(s) not in taken and (of_amounts or s.x0 > named[0][0].x0) and s.words.role is None:
            form.unknown("资金表头", s)
            columns.append(Column("other", None, s.x0, s.reach, s))
        elif id(s) not in taken and s.words.measure in _OF_THE_TOTAL:
            columns.append(Column(s.words.measure, None, s.x0, s.reach, s))
    unit = next((u for s in [*filled, *row.above] if id(s) not in taken and (u := money_unit(s.text))), None)
    unit = unit or next((u for s, _ in named if (u := money_unit(s.text))), None)
    form.claim(*filled)
    matrix = FundMatrix(form, columns, None, unit)
    matrix.by_measure = True
    matrix.sections = [s.first for s in filled if is_left_of(s, matrix.left)]
    return matrix


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
