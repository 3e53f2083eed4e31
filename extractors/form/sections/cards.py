"""Indicators that are printed as cards: a row of labels and values for each, 三级指标 | 供餐人数, 指标值 | ≥300人.

Here: labelled values of a form without a table of indicators -> indicators. Not here: tables (indicators).
"""

from __future__ import annotations

from extractors.form.model import Form, IndicatorRow, Value
from extractors.vocabulary import columns_of

_FIELDS = {*columns_of("level", "name", "value", "points", "reason", "part"), "operator"}
_BEGINS = {*columns_of("level", "name")}
_VALUES = {*columns_of("value")}

Card = dict[str, tuple[int, Value]]
"""By field, the number of the attribute and its value."""


def settle_cards(form: Form) -> None:
    """Make indicators of labelled values that come in one order again and again, each time with a name and a value."""
    if form.indicators:
        return
    cards: list[Card] = []
    for n, (_, label, value) in enumerate(form.attributes):
        field = label.words.header
        if field not in _FIELDS or not value.text:
            continue
        if field in _BEGINS and (not cards or field in cards[-1]):
            cards.append({})
        if cards and field not in cards[-1]:
            cards[-1][field] = n, value
    cards = [card for card in cards if "level3" in card and _VALUES & card.keys()]
    if len(cards) < 2:
        return
    form.indicators += [IndicatorRow("annual", {name: value for name, (_, value) in card.items()}) for card in cards]
    taken = {n for card in cards for n, _ in card.values()}
    form.attributes[:] = [kept for n, kept in enumerate(form.attributes) if n not in taken]
    names = list(dict.fromkeys(name for card in cards for name in card))
    form.indicator_columns += [name for name in names if name not in form.indicator_columns]
    form.has_actual = form.has_actual or "actual_text" in names or "score" in names
    form.has_scores = form.has_scores or "score" in names
