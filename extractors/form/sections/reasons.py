"""The reasons for lost points that no column of their own holds: remarks, and rows of reasons below an indicator.

Here: what all rows of a table show about them. Not here: which text stands under which header (indicators).
"""

from __future__ import annotations

from extractors.form.model import Form, IndicatorRow, Value
from extractors.layout.cell_words import split_points
from extractors.layout.rows import PlacedCell
from extractors.readings.printed import is_blank, points
from extractors.vocabulary import instead_of

Remark = tuple[IndicatorRow, PlacedCell, Value]
"""An indicator, the header of a column of remarks, the remark."""


def is_of_remarks(header: PlacedCell) -> bool:
    """Whether a column may hold the reasons of a table that has no column of reasons: 备注, 说明."""
    return header.key in instead_of("deviation")


def settle_remarks(form: Form) -> None:
    """Make remarks the reasons of a form that has no column of reasons, where they stand only beside lost points.

    Remarks of a row that has all its points are no reasons, so then none of the column is taken for one.
    """
    by_column: dict[int, list[Remark]] = {}
    for remark in form.remarks:
        by_column.setdefault(id(remark[1]), []).append(remark)
    if "deviation" in form.indicator_columns or len(by_column) != 1:
        return
    (remarks,) = by_column.values()
    if not all(_loses_points(row) for row, _, value in remarks if not is_blank(value.text)):
        return
    for row, _, value in remarks:
        if not is_blank(value.text):
            row.values["deviation"] = value
            form.attributes[:] = [kept for kept in form.attributes if kept[2] is not value]


def _loses_points(row: IndicatorRow) -> bool:
    weight, score = (points(row.values[c].text) if c in row.values else None for c in ("weight", "score"))
    if weight is None and "level3" in row.values and (behind := split_points(row.values["level3"].text)[1]):
        weight = points(behind)
    return weight is not None and score is not None and score < weight
