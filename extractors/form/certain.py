"""What of a picture is sure: by how it was recognised, or, a figure, because the form's own sums confirm it.

Here: the certainty of a value, the equations that may confirm one, what is told of the others. Not here: recognition
(formats/picture). An equation confirms what was seen; it never supplies what was not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import chain

from extractors.codes import ProblemCode
from extractors.form.joined_values import NO_SIGN
from extractors.form.model import Form, IndicatorRow, Value
from extractors.form.sections.funding import BUDGET, STAGES
from extractors.grid import Cell, Place
from extractors.grid.certainty import AS_SHIPPED, Sureness
from extractors.readings.direction import named_direction
from extractors.readings.printed import is_blank, is_operator_alone, number, points
from extractors.vocabulary import bare_text, money_sources

_FIGURES = re.compile(r"[0-9０-９<>=≤≥≦≧＜＞＝]")
_BRACKET = re.compile("[〈〉]")
"""Not seen for sure: a person who types one means a sign, a network that sees one may have seen half of ≥."""
_LEAST_TERMS = 3
"""Terms that are not 0 which an equation needs to confirm one of them."""

Equation = tuple[Sequence[Value], Value]
"""Parts, and the value that prints their sum."""


def certainty(value: Value | None) -> float | None:
    """That of the figures in the cells in which the value stands; None: the document holds it as text."""
    return min((cell.figures for cell in _cells(value) if cell.figures is not None), default=None)


def text_certainty(value: Value | None) -> float | None:
    """That of the least sure character of the value's cells; None: the document holds it as text."""
    return min((cell.certainty for cell in _cells(value) if cell.certainty is not None), default=None)


def _cells(value: Value | None) -> Iterator[Cell]:
    return chain.from_iterable((slot.cell, *slot.rest) for slot in value.slots) if value is not None else iter(())


class Doubts:
    """What of a form was recognised in a picture without certainty: held back, and told once a cell.

    `tell`: takes a code, a sentence and the value that it is about.
    """

    def __init__(
        self, form: Form, tell: Callable[[ProblemCode, str, Value], None], sure: Sureness = AS_SHIPPED
    ) -> None:
        """Ask the form's sums which figures they confirm, if a part of it was recognised at all."""
        cells = (cell for row in form.rows for slot in row.slots for cell in (slot.cell, *slot.rest))
        self._of_a_picture = any(cell.certainty is not None for cell in cells)
        self._confirmed = confirmed(form, sure) if self._of_a_picture else set()
        self._sure, self._tell = sure, tell
        self._told: set[tuple[str, Place]] = set()

    def figure(self, value: Value | None) -> bool:
        """Whether a figure may be taken: it is text, recognised for certain or confirmed by a sum."""
        own = certainty(value) if self._of_a_picture else None
        if value is None or own is None or own >= self._sure.figure or id(value) in self._confirmed:
            return True
        return self._held(value, own, "数值")

    def words(self, value: Value | None) -> bool:
        """Whether a text may be taken: it is text, or no character of it is unsure."""
        if value is None or not self._of_a_picture or self._is_sure_text(value):
            return True
        return self._held(value, text_certainty(value) or 0.0, "文字")

    def reading(self, value: Value, sign: Value | None) -> bool:
        """Whether a target or a result may be taken: its words are, figures and operators only if sure."""
        if not self._of_a_picture or certainty(value) is None:
            return True
        if sign is not None and not _is_sign(sign.text):
            self._tell(
                ProblemCode.OCR_UNSURE,
                f"图片上的符号「{sign.text[:20]}」没有认准，「{value.text[:60]}」留空，请对照原件。",
                value,
            )
            return False
        return self.words(value) and (_FIGURES.search(value.text) is None or self.figure(value))

    def of_row(self, printed: IndicatorRow) -> bool:
        """Whether a row is one: what names it is sure. Else remains of a seal may be taken for it, and it is told."""
        name = printed.values.get("level3") or printed.values.get("level2")
        if name is None or not self._of_a_picture or self._is_sure_text(name):
            return True
        own = text_certainty(name) or 0.0
        row = " | ".join(value.text for value in printed.values.values() if value.text)
        self._tell(
            ProblemCode.OCR_UNSURE,
            f"图片上的一行没有认准名称（把握 {own:.0%}），整行没有收录，请对照原件：{row[:400]}",
            Value(row, name.slots),
        )
        return False

    def _held(self, value: Value, own: float, what: str) -> bool:
        if (value.text, value.place) not in self._told:
            self._told.add((value.text, value.place))
            self._tell(
                ProblemCode.OCR_UNSURE,
                f"图片上的「{value.text[:200]}」没有认准（把握 {own:.0%}），{what}留空，请对照原件。",
                value,
            )
        return False

    def _is_sure_text(self, value: Value) -> bool:
        own = text_certainty(value)
        digits = any(char.isdigit() for char in value.text)
        return own is None or own >= (self._sure.text_with_digits if digits else self._sure.text)


def _is_sign(text: str) -> bool:
    """Whether a cell for an operator says one, or that there is none."""
    if is_blank(text) or (is_operator_alone(text) and not _BRACKET.search(text)) or bare_text(text) in NO_SIGN:
        return True
    return named_direction(text) is not None


def confirmed(form: Form, sure: Sureness) -> set[int]:
    """The values (their ids) that are not sure and the only such term of a sum of the form that holds."""
    found: set[int] = set()
    for parts, total in _equations(form):
        terms = [*parts, total]
        unsure = [term for term in terms if (own := certainty(term)) is not None and own < sure.figure]
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
