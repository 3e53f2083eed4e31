"""The header rows of the tables of money.

Here: which column of a table heads which measure, source or both. Not here: the figures below (funding).
"""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.codes import ProblemCode
from extractors.form.model import Form
from extractors.form.sections.funding import (
    BUDGET,
    OF_THE_TOTAL,
    STAGES,
    YEAR_ALONE,
    Column,
    FundMatrix,
    glued_amount,
    points_in_one,
)
from extractors.grid.columns import is_left_of, touches
from extractors.layout.cell_words import Words
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, money_unit, number
from extractors.vocabulary import bare_text, measures_of, of_other_years

_MONTHS = re.compile(r"(\d{1,2})月?(?:[-—–~至到]+)(\d{1,2})月")
_LEADING_YEAR = re.compile(r"(20\d\d)年")
_ADJUSTED = re.compile("调整|全年")
"""What the headers of a budget say that was adjusted in the year."""
_ADJUSTMENT = re.compile("调整(?!后)|[追增]加|增减|核[增减]|变动")
"""What a header says that may stand over changes of a budget as well as over the changed budget."""
_SIGNED_HEADER = re.compile("[(](?:[+±-]|增加?、?[/减]|追加)")
"""What the header of a change prints in brackets: 预算调整（+、-）."""


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
    years = [(s, m[1]) for s in filled if (m := YEAR_ALONE.fullmatch(s.words.bare))]
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
    of_points = next(iter(points_in_one(words)), words.header)
    return words.measure or (of_points if of_points in OF_THE_TOTAL else None)


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
        elif id(s) not in taken and s.words.measure in OF_THE_TOTAL:
            columns.append(Column(s.words.measure, None, s.x0, s.reach, s))
    unit = next((u for s in [*filled, *row.above] if id(s) not in taken and (u := money_unit(s.text))), None)
    unit = unit or next((u for s, _ in named if (u := money_unit(s.text))), None)
    form.claim(*filled)
    matrix = FundMatrix(form, columns, None, unit)
    matrix.by_measure = True
    matrix.sections = [s.first for s in filled if is_left_of(s, matrix.left)]
    return matrix
