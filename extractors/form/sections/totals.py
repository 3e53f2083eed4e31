"""The total line of a form: the sum of the points and the score, and a grade beside them.

Here: which figure of the line is which. Not here: the rows above it (indicators).
"""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.form.claims import Claim
from extractors.form.model import Form, Value, value_of
from extractors.form.sections.indicators import IndicatorTable
from extractors.grid.columns import is_left_of
from extractors.layout.cell_words import split_both
from extractors.layout.column_headers import ColumnHeader
from extractors.layout.merged import cells_under
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, is_grade, is_several_figures, points
from extractors.vocabulary import Role

_RULE = "total_line"
_SCORE: Role = ("header", "total_score")
_WHOLE = 100
_ENDS_LIKE_TOTAL = re.compile("(?:合计|总计|总分|总得分)$")


def total_line(row: Row, *, in_table: bool, in_matrix: bool) -> PlacedCell | None:
    """The label of a total line (总分, 合计), when the row is one; outside a table of indicators it gives a score.

    A sum in a table of money is that table's.
    """
    label = next((slot for slot in row.filled[:3] if slot.words.is_total), None)
    if label is not None and (in_table or (not in_matrix and _gives_a_score(row, label))):
        return label
    return _scored(row)


def _scored(row: Row) -> PlacedCell | None:
    """The label of the score, where the points it is of stand beside it, too: 综合得分 | 100 | 98.81.

    One that nobody knows ends like a total, and its points are the whole: 执行率得分与指标得分合计 | 100 | 98.8.
    """
    figures = [value for slot in row.filled if (value := points(slot.text)) is not None]
    if len(figures) != 2:
        return None
    label = next((slot for slot in row.filled if slot.words.role == _SCORE), None)
    if label is None and figures[0] == _WHOLE and _ENDS_LIKE_TOTAL.search(row.filled[0].words.bare):
        label = row.filled[0]
    return label if label is not None and _gives_a_score(row, label) else None


def _gives_a_score(row: Row, label: PlacedCell) -> bool:
    """Whether nothing but figures and grades stands beside the label: 总分 | 96.5; 合计, 总额 are of money."""
    rest = [s for s in row.filled if s is not label]
    return (
        label.words.source is None
        and bool(rest)
        and all(_is_figure(s) or is_blank(s.text) or is_grade(s.text) for s in rest)
    )


def read_total(form: Form, row: Row, label: PlacedCell, table: IndicatorTable | None) -> None:
    """Take the total line: the weight and the score under their headers; a single figure is the score."""
    form.claim(*row.filled)
    figures: list[tuple[str | None, PlacedCell]] = []
    unread: dict[str, PlacedCell] = {}
    for slot in _cells(form, row, label, table):
        header = table.total_header(slot) if table else None
        cut = split_both(slot.text) if header is not None and header.both else None
        if header is not None and cut is not None:  # 98.5/100 below 得分/分值
            parts = (PlacedCell(text, slot.cell, slot.x0, slot.x1) for text in cut)
            figures += [own for own in zip(header.both, parts, strict=True) if _is_figure(own[1])]
        elif _is_figure(slot):
            figures.append((header.name if header else None, slot))
        elif slot.words.role is None and not is_left_of(slot, label.x0):
            _grade(form, slot)
            if header is not None and header.name in ("weight", "score") and not is_grade(slot.text):
                unread[header.name] = slot
    for column, slot in unread.items():  # #REF! or words: told where it is typed
        if column not in (own for own, _ in figures):
            form.take(f"total_{column}", Claim(value_of(slot, _RULE)))
    if not figures:
        return
    placed = {name: slot for name, slot in figures if name in {"weight", "score"}}
    if len(figures) == 1 and "score" not in placed and "score" not in unread:
        name, slot = figures[0]
        scored = table is not None and (table.has("score") or not form.has_actual)  # else the score may stand there
        is_weight = name == "weight" and scored and "得分" not in label.key
        placed = {"weight" if is_weight else "score": slot}
    elif len(figures) >= 2 and len(placed) < 2:
        last = [slot for _, slot in figures[-2:]]
        if (points(last[0].text) or 0) < (points(last[1].text) or 0) and is_left_of(last[1], label.x0):
            last.reverse()  # 98.8 | 100 | 合计: no score is above its points
        placed = dict(zip(("weight", "score"), last, strict=True))
    if "weight" in placed:
        form.take("total_weight", Claim(value_of(placed["weight"], _RULE)))
    if "score" in placed:
        form.take("total_score", Claim(value_of(placed["score"], _RULE)))


def _is_figure(slot: PlacedCell) -> bool:
    """Whether points stand in a cell, or two figures, which are told where they are typed."""
    return points(slot.text) is not None or is_several_figures(slot.text)


def _adds_up(form: Form, slot: PlacedCell) -> bool:
    """Whether a total is that of the scores and not that of the weights, with or without the points of execution."""
    printed = points(slot.text)
    sums: dict[str, set[Decimal]] = {}
    for column in ("weight", "score"):
        own = [points(i.values[column].text) or Decimal(0) for i in form.indicators if column in i.values]
        money = [points(f.values[column].text) or Decimal(0) for f in form.funding if column in f.values]
        sums[column] = {sum(own, Decimal(0)), sum([*own, *money], Decimal(0))}
    return printed in sums["score"] and printed not in sums["weight"]


def _cells(form: Form, row: Row, label: PlacedCell, table: IndicatorTable | None) -> list[PlacedCell]:
    """The printed cells beside the label of a total; one merged over points and texts, which exports repeat, once."""

    def column_of(part: PlacedCell) -> ColumnHeader | None:
        return table.total_header(part) if table else None

    cells: list[PlacedCell] = []
    for slot in row.filled:
        if slot is not label and not is_blank(slot.text) and slot.words.bare != label.words.bare:
            names = {c.name if (c := column_of(part)) else None for part in slot.parts}
            both = names == {"weight", "score"} and not _adds_up(form, slot)
            cells += cells_under([slot], column_of) if both else [slot]
    return cells


def _grade(form: Form, slot: PlacedCell) -> None:
    if is_grade(slot.text):
        form.take("grade", Claim(value_of(slot, _RULE)))
    else:
        form.attribute("总分", Value("总分", (slot,)), value_of(slot))
