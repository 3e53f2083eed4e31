"""What the arithmetic of a table of money says of a header or a label that nobody knows.

Here: a row that is the sum of the sources, columns that are money spent, budget and rates as they divide. Not here:
reading the table (funding); nothing is supplied that is not printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby, product

from extractors.codes import ProblemCode
from extractors.form.model import Form, FundRow, StrangeColumn, StrangeRow, Value
from extractors.form.sections.funding import BUDGET, STAGES, put
from extractors.layout.rows import PlacedCell
from extractors.readings.printed import is_blank, number, plain, rate
from extractors.vocabulary import measures_of, money_sources

_BUDGETS = ("adjusted_yuan", BUDGET, "initial_yuan")
"""The budgets that rates may be of; the last is that of the rates only where no other is printed."""
_SPENT = "executed_yuan"
_RATE = "rate_pct"
_LABELS = {"total": "资金总额", _SPENT: "全年执行数", BUDGET: "预算数", "adjusted_yuan": "全年预算数", _RATE: "执行率"}
_Figures = dict[str, Value] | StrangeColumn
"""Figures by source, of a known column or of one that nobody knows."""


def settle_strange_money(form: Form) -> None:
    """Let an unknown row be the total that it adds up to, and unknown columns what the rates make of them."""
    if all(fund.source != "total" for fund in form.funding):
        sums = [row for row in form.strange_rows if _is_sum(form, row)]
        if len(sums) == 1:
            _read(form, sums[0])
    told = [given for given in _possible(form) if _agree(given)]
    if len(told) == 1:
        before = any("initial_yuan" in fund.values for fund in form.funding)
        for measure, column in zip(("adjusted_yuan" if before else BUDGET, _SPENT, _RATE), told[0], strict=True):
            if isinstance(column, StrangeColumn):
                _name(form, column, measure)


def _of(fund: FundRow, names: tuple[str, ...]) -> Decimal | None:
    value = next((fund.values[name] for name in names if name in fund.values), None)
    return number(plain(value.text)) if value is not None else None


def _possible(form: Form) -> Iterator[tuple[_Figures, _Figures, _Figures]]:
    """The columns that may hold budgets, money spent and rates: those that are known, else those that nobody knows."""
    options: list[list[_Figures]] = []
    for names in (_BUDGETS, (_SPENT,), (_RATE,)):
        own = {f.source: f.values[name] for f in form.funding for name in reversed(names) if name in f.values}
        final = any(name in fund.values for fund in form.funding for name in names[:2])
        options.append([*([own] if own else []), *([] if final else form.strange_columns)])
    for chosen in product(options[0], options[1], options[2]):
        if len({id(column) for column in chosen}) == len(chosen):
            yield chosen  # a first budget may be that of the rates, or the one before the budget that nobody knows


def _is_sum(form: Form, row: StrangeRow) -> bool:
    """Whether each amount of a row is the sum of the sources of one kind, two of which have some.

    Sources that nobody knows, either, are of any kind.
    """
    kinds = money_sources()
    funds = sorted(form.funding, key=lambda fund: kinds[fund.source].kind)
    amounts = [
        (measure, own)
        for measure, slot in row.figures
        if measure in (*STAGES, BUDGET) and (own := number(plain(slot.text)))
    ]
    for _, of_kind in groupby(funds, key=lambda fund: kinds[fund.source].kind):
        alike = list(of_kind)
        strange = [other.figures for other in form.strange_rows if other is not row]
        parts = [
            [_of(fund, (measure,)) or Decimal(0) for fund in alike]
            + [number(plain(slot.text)) or Decimal(0) for own in strange for name, slot in own if name == measure]
            for measure, _ in amounts
        ]
        if amounts and all(sum(p) == a and sum(map(bool, p)) > 1 for p, (_, a) in zip(parts, amounts, strict=True)):
            return True
    return False


def _keep_no_longer(form: Form, slots: list[PlacedCell]) -> None:
    form.attributes[:] = [kept for kept in form.attributes if not any(s in slots for s in kept[2].slots)]


def _read(form: Form, row: StrangeRow) -> None:
    _keep_no_longer(form, [slot for _, slot in row.figures])
    row.read()
    _tell(form, row.label, "资金来源", "total")


def _agree(given: tuple[_Figures, _Figures, _Figures]) -> bool:
    """Whether each rate is that of the money spent to the budget beside it, and one of them is not 100 %."""
    tells = False
    budgets, spent, rates = (column.values if isinstance(column, StrangeColumn) else column for column in given)
    for source, printed in rates.items():
        budget, own = (number(plain(of[source].text)) if source in of else None for of in (budgets, spent))
        if is_blank(printed.text) or not budget or not own:
            continue
        share = rate(printed.text, own / budget)
        if share is None or abs(own / budget * 100 - share) > Decimal(1).scaleb(int(share.as_tuple().exponent)) / 2:
            return False
        tells = tells or own != budget
    return tells


def _name(form: Form, column: StrangeColumn, measure: str) -> None:
    _keep_no_longer(form, [slot for value in column.values.values() for slot in value.slots])
    for source, value in column.values.items():
        fund = next(f for f in form.funding if f.source == source)
        put(form, source, fund.label, measure, value, None if measure == _RATE else column.unit)
    form.has_actual = form.has_actual or measure in measures_of("money")
    _tell(form, column.header, "资金表头", measure)


def _tell(form: Form, slot: PlacedCell, what: str, name: str) -> None:
    message = f"{what}「{slot.text}」不在词汇表中，按表内的合计和执行率读作「{_LABELS[name]}」。"
    form.report(ProblemCode.COLUMN_BY_CONTENT, message, slot, "info")
