"""The points that stand in a column beside level 1: of the level, or of its indicators.

Here: whose they are, by all rows. Not here: points printed with a level (cell_words), which row has which level.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby

from extractors.form.model import Form, IndicatorRow
from extractors.layout.column_headers import LEVEL_WEIGHT
from extractors.readings.printed import points
from extractors.vocabulary import bare_text

_ALL_POINTS = 100


def settle_level_weights(form: Form) -> None:
    """Give the points that stand right of level 1 to that level, where all its rows share them, else to the row."""
    if LEVEL_WEIGHT not in form.indicator_columns:
        return
    by_level = [list(rows) for _, rows in groupby(form.indicators, key=_level1)]
    shared = any(len(rows) > 1 and sum(LEVEL_WEIGHT in row.values for row in rows) == 1 for rows in by_level)
    if not shared:  # printed in each row of a merged cell: the points of a form are no more than 100
        alike = all(
            len({r.values[LEVEL_WEIGHT].text for r in rows if LEVEL_WEIGHT in r.values}) <= 1 for rows in by_level
        )
        shared = alike and sum(_level_weight(row) for row in form.indicators) > _ALL_POINTS
    named = {LEVEL_WEIGHT: "level1_points" if shared else "weight"}
    form.indicator_columns[:] = [named.get(name, name) for name in form.indicator_columns]
    for rows in by_level:
        first = next((row.values[LEVEL_WEIGHT] for row in rows if LEVEL_WEIGHT in row.values), None)
        for row in rows:
            own = row.values.pop(LEVEL_WEIGHT, None)
            if shared and first is not None:
                row.values["level1_points"] = first
            elif own is not None:
                row.values["weight"] = own


def _level1(row: IndicatorRow) -> str:
    return bare_text(row.values["level1"].text) if "level1" in row.values else ""


def _level_weight(row: IndicatorRow) -> Decimal:
    value = row.values.get(LEVEL_WEIGHT)
    return (points(value.text) if value is not None else None) or Decimal(0)
