"""What the arithmetic of a table of money says of a header or a label that nobody knows.

Here: a row that is the sum of the sources, a column that the printed rates make the money spent or budgeted. Not here:
reading the table (funding); nothing is supplied that is not printed.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

from extractors.codes import ProblemCode
from extractors.form.model import Form, FundRow, StrangeColumn, StrangeRow
from extractors.form.sections.funding import BUDGET, STAGES, put
from extractors.layout.rows import PlacedCell
from extractors.readings.printed import number, plain, rate
from extractors.vocabulary import measures_of, money_sources

_BUDGETS = ("adjusted_yuan", BUDGET, "initial_yuan")
_SPENT = "executed_yuan"
_LABELS = {"total": "资金总额", _SPENT: "全年执行数", BUDGET: "预算数"}


def settle_strange_money(form: Form) -> None:
    """Let an unknown row be the total that it adds up to, and an unknown column the amounts that the rates tell."""
    if all(fund.source != "total" for fund in form.funding):
        sums = [row for row in form.strange_rows if _is_sum(form, row)]
        if len(sums) == 1:
            _read(form, sums[0])
    for missing, given in ((_SPENT, _BUDGETS), (BUDGET, (_SPENT,))):
        known = _BUDGETS if missing == BUDGET else (_SPENT,)
        if any(name in fund.values for fund in form.funding for name in known):
            continue
        told = [column for column in form.strange_columns if _is_told(form, column, given, spent=missing == _SPENT)]
        if len(told) == 1:
            _name(form, told[0], missing)


def _of(fund: FundRow, names: tuple[str, ...]) -> Decimal | None:
    value = next((fund.values[name] for name in names if name in fund.values), None)
    return number(plain(value.text)) if value is not None else None


def _is_sum(form: Form, row: StrangeRow) -> bool:
    """Whether each amount of a row is the sum of the sources of one kind, two of which have some."""
    kinds = money_sources()
    funds = sorted(form.funding, key=lambda fund: kinds[fund.source].kind)
    amounts = [
        (measure, own)
        for measure, slot in row.figures
        if measure in (*STAGES, BUDGET) and (own := number(plain(slot.text)))
    ]
    for _, of_kind in groupby(funds, key=lambda fund: kinds[fund.source].kind):
        alike = list(of_kind)
        parts = [[_of(fund, (measure,)) or Decimal(0) for fund in alike] for measure, _ in amounts]
        if amounts and all(sum(p) == a and sum(map(bool, p)) > 1 for p, (_, a) in zip(parts, amounts, strict=True)):
            return True
    return False


def _keep_no_longer(form: Form, slots: list[PlacedCell]) -> None:
    form.attributes[:] = [kept for kept in form.attributes if not any(s in slots for s in kept[2].slots)]


def _read(form: Form, row: StrangeRow) -> None:
    _keep_no_longer(form, [slot for _, slot in row.figures])
    row.read()
    _tell(form, row.label, "资金来源", "total")


def _is_told(form: Form, column: StrangeColumn, given: tuple[str, ...], *, spent: bool) -> bool:
    """Whether the printed rates are those of a column and the known amounts, and of nothing else that is printed."""
    tells = False
    for source, value in column.values.items():
        fund = next((f for f in form.funding if f.source == source), None)
        if fund is None or "rate_pct" not in fund.values:
            continue
        own, known = number(plain(value.text)), _of(fund, given)
        if not own or not known:
            continue
        ratio = own / known if spent else known / own
        printed = rate(fund.values["rate_pct"].text, ratio)
        if printed is None:
            continue
        if abs(ratio * 100 - printed) > Decimal(1).scaleb(int(printed.as_tuple().exponent)) / 2:
            return False
        tells = tells or own != known
    return tells


def _name(form: Form, column: StrangeColumn, measure: str) -> None:
    _keep_no_longer(form, [slot for value in column.values.values() for slot in value.slots])
    for source, value in column.values.items():
        fund = next(f for f in form.funding if f.source == source)
        put(form, source, fund.label, measure, value, column.unit)
    form.has_actual = form.has_actual or measure in measures_of("money")
    _tell(form, column.header, "资金表头", measure)


def _tell(form: Form, slot: PlacedCell, what: str, name: str) -> None:
    message = f"{what}「{slot.text}」不在词汇表中，按表内的合计和执行率读作「{_LABELS[name]}」。"
    form.report(ProblemCode.COLUMN_BY_CONTENT, message, slot, "info")
