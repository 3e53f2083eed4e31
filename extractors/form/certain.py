"""Which figures of a picture are sure: by how they were recognised, or because the form's own sums confirm them.

Here: the certainty of a value, the equations that may confirm one. Not here: recognition (formats/picture), what
becomes of a figure that is not sure (records). An equation confirms what was seen; it never supplies what was not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain

from extractors.form.model import Form, Value
from extractors.form.sections.funding import BUDGET, STAGES
from extractors.grid.certainty import SURE
from extractors.readings.printed import is_blank, number, points
from extractors.vocabulary import money_sources

_FIGURES = re.compile(r"[0-9０-９<>=≤≥≦≧＜＞＝]")
_OPERATORS = frozenset("><≥≤=≧≦＞＜＝≠±~～") | {
    ">=",
    "<=",
    "不低于",
    "不高于",
    "不少于",
    "不超过",
    "大于",
    "小于",
    "等于",
}
_LEAST_TERMS = 3
"""Terms that are not 0 which an equation needs to confirm one of them."""

Equation = tuple[Sequence[Value], Value]
"""Parts, and the value that prints their sum."""


def certainty(value: Value | None) -> float | None:
    """That of the least certain cell in which the value stands; None: the document holds it as text."""
    if value is None:
        return None
    cells = chain.from_iterable((slot.cell, *slot.rest) for slot in value.slots)
    known = [cell.certainty for cell in cells if cell.certainty is not None]
    return min(known, default=None)


def holds_figures(text: str) -> bool:
    """Whether a text says a figure, or an operator of one."""
    return _FIGURES.search(text) is not None


def is_operator(text: str) -> bool:
    """Whether a cell for an operator says one."""
    return text.strip() in _OPERATORS


def confirmed(form: Form) -> set[int]:
    """The values (their ids) that are not sure and the only such term of a sum of the form that holds."""
    found: set[int] = set()
    for parts, total in _equations(form):
        terms = [*parts, total]
        unsure = [term for term in terms if (own := certainty(term)) is not None and own < SURE]
        if len(unsure) != 1 or id(unsure[0]) in found:
            continue
        amounts = [number(term.text) for term in terms]
        known = [amount for amount in amounts if amount is not None]
        if len(known) < len(amounts) or sum(1 for amount in known if amount) < _LEAST_TERMS:
            continue
        if number(unsure[0].text) and sum(known[:-1], Decimal()) == known[-1]:
            found.add(id(unsure[0]))
    return found


def _equations(form: Form) -> Iterator[Equation]:
    yield from _money(form)
    for column, total in (("weight", "total_weight"), ("score", "total_score")):
        printed = form.fields.get(total)
        if printed is None:
            continue
        rows = [row.values[column] for row in form.indicators if column in row.values and row.horizon != "long_term"]
        rows = [value for value in rows if not is_blank(value.text) and points(value.text) is not None]
        of_money = [fund.values[column] for fund in form.funding if fund.source == "total" and column in fund.values]
        if column == "weight" and "execution_weight" in form.fields:
            of_money = [form.fields["execution_weight"]]
        yield rows, printed
        yield [*rows, *of_money], printed


def _money(form: Form) -> Iterator[Equation]:
    """The total of each stage and its parts: the sources of one kind, without and with those that may stand within."""
    roles = money_sources()
    total = next((fund for fund in form.funding if fund.source == "total"), None)
    if total is None:
        return
    for column in (BUDGET, *STAGES):
        printed = total.values.get(column)
        if printed is None:
            continue
        for kind in sorted({role.kind for role in roles.values()} - {"total"}):
            own = [fund for fund in form.funding if fund.source in roles and roles[fund.source].kind == kind]
            names = {fund.source for fund in own}
            for within in (True, False):
                parts = [
                    fund.values[column]
                    for fund in own
                    if column in fund.values
                    and not is_blank(fund.values[column].text)
                    and (within or roles[fund.source].within not in names)
                ]
                if parts:
                    yield parts, printed
