"""Whether a document in which no form was found holds parts of one all the same.

Here: the levels of indicators and tables of money that stand in it. Not here: reading them (the sections).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractors.codes import ProblemCode, ReasonCode
from extractors.form.ideas import idea_of
from extractors.grid import Problem
from extractors.layout.cell_words import split_points
from extractors.layout.project_lists import JUDGED
from extractors.layout.rows import PlacedCell, Row
from extractors.vocabulary import bare_text

_LEVEL_IN_TEXT = re.compile("(?:数量|质量|时效|成本|经济效益|社会效益|生态效益|可持续影响|服务对象满意度)指标")
_SIGNED = re.compile(r"[≥≤≧≦]\s*\d")
_LEAST_HEADERS = 3
_LEAST_LEVELS, _LEAST_LEVELS_IN_TEXT = 2, 3
CAPTIONS = {"rate_pct", "weight", "score"}
"""What the table of money of a form has beside amounts, unlike those of budgets and accounts."""
_WHOSE = {("header", name) for name in ("project_name", "unit_name", "department_name", "department_name_second")}


def unread_form(rows: list[Row]) -> Problem | None:
    """What of a form was seen; None where neither levels of indicators nor a table of money stand in the rows.

    Levels count where they fill cells or lines of their own, or stand in one text with a target; a report that speaks
    of them holds no form.
    """
    levels = _levels(rows)
    if len(levels) >= _LEAST_LEVELS:
        return _told(f"指标层级「{'」「'.join(list(levels)[:4])}」", next(iter(levels.values())))
    crowded = [slot for slot in _slots(rows) if _LEVEL_IN_TEXT.search(slot.text) and _SIGNED.search(slot.text)]
    if len({name for slot in crowded for name in _LEVEL_IN_TEXT.findall(slot.text)}) >= _LEAST_LEVELS_IN_TEXT:
        return _told(f"挤在一格里的指标「{crowded[0].text[:40]}…」", crowded[0])
    if (caption := _caption_of_money(rows)) is not None:
        return _told(f"资金表「{caption.text[:20]}」", caption)
    if (caption := _caption_of_projects(rows)) is not None:
        return _told(f"项目一览「{caption.text[:20]}」", caption)
    return None


def unread_headers(rows: list[Row]) -> list[Problem]:
    """The unknown headers above the levels of a table that is no form yet, each told with an idea."""
    levels = {id(slot) for slot in _levels(rows).values()}
    first = next((n for n, row in enumerate(rows) if any(id(slot) in levels for slot in row.filled)), 0)
    heads = next((row for row in reversed(rows[:first]) if len(row.filled) >= _LEAST_HEADERS), None)
    unknown = [s for s in heads.filled if s.words.header is None and not s.words.is_figure] if heads is not None else []
    return [
        Problem(
            ProblemCode.UNKNOWN_LABEL,
            f"指标表头「{slot.text}」不在词汇表中。",
            "info",
            slot.text,
            slot.cell.place,
            idea_of("指标表头", slot),
        )
        for slot in unknown
    ]


def _told(what: str, slot: PlacedCell) -> Problem:
    message = f"文件里有{what}，但读不成绩效表（版式认不出），未入库；请将此文件交给维护人员，或换一种导出格式。"
    return Problem(ReasonCode.FORM_NOT_READ, message, "error", slot.text[:200], slot.cell.place)


def _slots(rows: Iterable[Row]) -> Iterable[PlacedCell]:
    return (slot for row in rows for slot in row.filled)


def _levels(rows: list[Row]) -> dict[str, PlacedCell]:
    """The level names that stand alone, in order, each with its first cell."""
    found: dict[str, PlacedCell] = {}
    for slot in _slots(rows):
        if "指标" in slot.text and slot.words.is_level:
            found.setdefault(split_points(bare_text(slot.text))[0], slot)
    return {name: slot for name, slot in found.items() if name.endswith("指标")}


def _caption_of_money(rows: list[Row]) -> PlacedCell | None:
    """A caption of a table that has amounts of sources beside rates or points."""
    for n, row in enumerate(rows):
        captions = {measure: slot for slot in row.filled if (measure := slot.words.measure)}
        if len(captions) < 3 or not captions.keys() & CAPTIONS:
            continue
        for below in rows[n + 1 : n + 4]:
            named = any(slot.words.source for slot in below.filled)
            if named and sum(slot.words.is_amount for slot in below.filled) >= 2:
                return next(iter(captions.values()))
    return None


def _caption_of_projects(rows: list[Row]) -> PlacedCell | None:
    """The header over the names of a list of projects or units with their money and how each was judged."""
    for n, row in enumerate(rows):
        names = [slot for slot in row.filled if slot.words.role in _WHOSE]
        judged = any(slot.words.role in JUDGED for slot in row.filled)
        money = [slot for slot in row.filled if slot.words.measure and slot.words.measure not in CAPTIONS]
        if not names or not judged or len(money) < 2:
            continue
        if any(sum(slot.words.is_figure for slot in below.filled) > 2 for below in rows[n + 1 : n + 4]):
            return names[0]
    return None
