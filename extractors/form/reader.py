"""The one form reader: walks a form's rows, hands each to the section it belongs to and claims every cell.

Here: the walk and the heading. Not here: labelled values, money, lists, indicators, typing (records).
"""

from __future__ import annotations

import re
from itertools import islice

from extractors.codes import ProblemCode
from extractors.form.claims import Claim
from extractors.form.model import Form, IndicatorRow, Value, value_of
from extractors.form.sections.cards import settle_cards
from extractors.form.sections.funding import FundMatrix
from extractors.form.sections.funding_headers import matrix_from
from extractors.form.sections.indicators import IndicatorTable, table_from
from extractors.form.sections.labelled_values import LabelledValues
from extractors.form.sections.labels_by_place import settle_labels_by_place
from extractors.form.sections.levels import settle_level_weights
from extractors.form.sections.lists import ListTable, list_from
from extractors.form.sections.money_sentences import settle_money_sentences
from extractors.form.sections.money_sums import settle_strange_money
from extractors.form.sections.prose import settle_prose
from extractors.form.sections.reasons import settle_remarks
from extractors.form.sections.totals import read_total, total_line
from extractors.layout.boundaries import goes_on, roles
from extractors.layout.cell_words import words_of
from extractors.layout.rows import CellRole, Heads, Row
from extractors.readings.printed import is_blank, money_unit, points, year
from extractors.vocabulary import bare_text

_YEAR_LINE = re.compile(r"[(]?(?:20\d\d|二[〇零○O][〇零○O一二三四五六七八九]{2})年?(?:度)?(?:项目)?[)]?")
_NUMBER_LINE = re.compile(r"(?:附件|附表|附|表|公开)[\d一二三四五六七八九十\-—_:.、]*表?")
_OTHER_SECTIONS = {"header", "goal", "amount", "measure", "source", "sentence"}
"""Groups of labels that end a table of indicators."""
_BRACKET_LINE = re.compile(r"[(][^()]{1,20}[)]")


def read_form(rows: list[Row]) -> Form:
    """Read the rows of one form, whole ones; every filled cell ends as a value, a label, an attribute or a problem."""
    return _Walk(rows).run()


class _Walk:
    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.form = Form(rows)
        self.labelled = LabelledValues(self.form)
        self.matrix: FundMatrix | None = None
        self.list: ListTable | None = None
        self.lists: list[ListTable] = []
        self.table: IndicatorTable | None = None
        self.body = False

    def run(self) -> Form:
        n = 0
        while n < len(self.rows):
            read = self.labelled.rows_read
            filled = bool(self.rows[n].filled)
            n += self._step(n)
            if filled and self.labelled.rows_read == read:
                self.labelled.alone = self.labelled.head = None
        self.labelled.fields.settle_department()
        for table in self.lists:
            table.settle()
        settle_strange_money(self.form)
        settle_money_sentences(self.form, (slot for row in self.rows for slot in row.filled))
        settle_cards(self.form)
        settle_level_weights(self.form)
        settle_remarks(self.form)
        _drop_repeated_execution(self.form)
        settle_prose(self.form)
        settle_labels_by_place(self.form)
        for slot in (slot for row in self.rows for slot in row.filled if not self.form.is_claimed(slot)):
            self.form.report(ProblemCode.UNCLAIMED_CELL, f"没有规则认领这一格：「{slot.text[:60]}」。", slot)
        return self.form

    def _step(self, n: int) -> int:
        """Read row n; returns how many rows were taken."""
        row, form = self.rows[n], self.form
        filled = row.filled
        if not filled or row.aside:
            return 1
        following = self._next(n)
        body = self.body or self.labelled.fields.money_seen
        if not body and len({s.words.bare for s in filled}) == 1 and self._heading(row):
            return 1
        if body and goes_on(row):
            form.attribute("标题", Value("标题", ()), value_of(filled[0]))
            form.claim(*filled)
            return 1
        if opened := table_from(form, row, following):
            table, taken = opened
            self.table = table
            form.has_actual = form.has_actual or table.has("actual_text") or table.has("score")
            form.has_forecast = form.has_forecast or table.looks_ahead()
            form.has_scores = form.has_scores or table.has("score")
            form.indicator_columns += (name for name in table.columns() if name not in form.indicator_columns)
            self.matrix, self.list, self.body = None, None, True
            return self._taken(n, following) if taken > 1 else 1
        plainly = self.table is not None and row.heads is Heads.MONEY and not self.table.names_an_indicator(row)
        if plainly and (taken := self._open_matrix(n, following)):
            return taken
        if self.list is not None:
            if self.list.accepts(row):
                self.list.read(row)
                return 1
            self.list = None
        in_table, in_matrix = self.table is not None, self.matrix is not None
        if (total := total_line(row, in_table=in_table, in_matrix=in_matrix)) is not None:
            read_total(form, row, total, self.table)
            return 1
        if self.table is not None and self.table.accepts(row):
            self.table.read(row)
            return 1
        if self.matrix is not None:
            if self.matrix.accepts(row) and filled[0].role is not CellRole.TITLE:
                self.matrix.read(row)
                self.labelled.fields.scores_beside(row)
                return 1
            self.matrix = None
        if (opened_list := list_from(form, row, following)) is not None:
            (self.list, rows), self.table = opened_list, None
            self.lists.append(self.list)
            return self._taken(n, following) if rows > 1 else 1
        if self.table is None and (taken := self._open_matrix(n, following)):
            return taken
        if self.table is not None and any(role[0] in _OTHER_SECTIONS for role in roles(row)):
            self.table = None
        return self._taken(n, following) if self.labelled.read(row, following) else 1

    def _open_matrix(self, n: int, following: Row | None) -> int:
        """Open the table of money that row n heads; returns how many rows its headers take, 0 where it heads none."""
        matrix = matrix_from(self.form, self.rows[n], following)
        if matrix is None:
            return 0
        self.matrix, self.table, self.body, self.labelled.fields.columns = matrix, None, True, []
        return self._taken(n, following) if matrix.header_rows > 1 else 1

    def _taken(self, n: int, following: Row | None) -> int:
        """How many rows lie between row n and the end of the filled row that follows it."""
        return self.rows.index(following, n + 1) - n + 1 if following else 1

    def _next(self, n: int) -> Row | None:
        return next((r for r in islice(self.rows, n + 1, None) if r.filled and not r.aside), None)

    # ── heading ──────────────────────────────────────────────────────────────────

    def _heading(self, row: Row) -> bool:
        """A line before the first labelled row: the title, a year in brackets, a number, a unit of money."""
        form, slot = self.form, row.filled[0]
        text, value, title = slot.words.bare, value_of(slot), form.title
        if slot.role is CellRole.TITLE:
            form.money_unit = form.money_unit or money_unit(slot.text)
        if slot.role is CellRole.TITLE and title is None:
            value.rule = "title_line"
            form.title = value
        elif slot.role is CellRole.TITLE and title is not None:
            better = len(title.words.bare) < len(text) and not year(slot.text)
            value.rule = "title_line"
            form.title, other = (value, title) if better else (title, value)
            form.attribute("标题", Value("标题", ()), other)
        elif _YEAR_LINE.fullmatch(text):
            value.rule = "heading_line"
            form.take("fiscal_year", Claim(value))
        elif (unit := money_unit(slot.text)) and len(text) <= 16 and len(slot.words.pairs) < 2:
            form.money_unit = form.money_unit or unit
        elif _BRACKET_LINE.fullmatch(text):  # （1-7月）, （市本级）
            form.attribute("标题", Value("标题", ()), value)
        elif not _NUMBER_LINE.fullmatch(text):
            return False
        form.claim(*row.filled)
        return True


def _drop_repeated_execution(form: Form) -> None:
    """The row 预算执行率 of an indicator table is an indicator, unless the table of money already gives its points."""
    total = next((f for f in form.funding if f.source == "total"), None)
    if total is None:
        return
    given = {c: points(total.values[c].text) for c in ("weight", "score") if c in total.values}
    if not any(v is not None for v in given.values()):
        return
    kept: list[IndicatorRow] = []
    for row in form.indicators:
        names = [row.values[c] for c in ("level1", "level2", "level3") if c in row.values]
        same = all(
            c not in row.values or is_blank(row.values[c].text) or points(row.values[c].text) == v
            for c, v in given.items()
        )
        if same and names and all(_is_execution(v.text) for v in names):
            for column in ("target_text", "actual_text", "weight", "score"):
                if column in row.values:
                    form.attribute("指标", names[-1], row.values[column])
        else:
            kept.append(row)
    form.indicators[:] = kept


def _is_execution(text: str) -> bool:
    words = words_of(re.sub(r"\d+分?$|指标$", "", bare_text(text)))
    return words.key in {"预算执行", "资金执行"} or words.measure == "rate_pct"
