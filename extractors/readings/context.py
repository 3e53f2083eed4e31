"""What the rest of the row says about a cell: its level, its name, its unit column.

Here: those facts and nothing else of the row. Not here: the cell itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from extractors.readings.fold import fold
from extractors.readings.lexicon import WORDS, alternation
from extractors.readings.units import MONEY_OR_NUMBER, Unit, free_unit, money_of, unit_of, with_note

_WORDS = WORDS["context"]
_COST = re.compile(alternation(_WORDS["cost_level"]))
_TIME = re.compile(alternation(_WORDS["time_level"]))
_COUNT = re.compile(alternation(_WORDS["count_level"]))
_MONEY_NAME = re.compile(alternation(_WORDS["money_name"]))
_TIME_NAME = re.compile(alternation(_WORDS["time_name"]))
_NONE_HAPPENED = re.compile(alternation(_WORDS["none_happened"]))
_BRACKET = re.compile(r"\((?:单位[:：]?)?([^()]{1,12})\)")
_NOTED = re.compile(r"([^()/]{1,8})\(([^()]{1,8})\)")
_LONG = 400


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """The facts; one object for equal rows (`context` is cached), so that it is cheap as a key.

    `known`: a level or a name was given at all. `name`: the indicator's, folded. `direction`: what the form's own
    column says. `time`: the level or the name speaks of time, `timeliness`: the level does. `unit`: from the unit
    column or the name's brackets (`unit_source`).
    """

    known: bool = False
    name: str = ""
    direction: Literal["up", "down"] | None = None
    cost: bool = False
    time: bool = False
    timeliness: bool = False
    count: bool = False
    money: bool = False
    none_happened: bool = False
    unit: Unit | None = None
    unit_text: str | None = None
    unit_source: str | None = None


@lru_cache(maxsize=16384)
def _context(level1: str, level2: str, name: str, unit_text: str, direction: Literal["up", "down"] | None) -> Context:
    level, name, unit_text = fold(level1 + level2), fold(name), fold(unit_text)
    cost, time = bool(_COST.search(level)), bool(_TIME.search(level))
    unit, source = (_column_unit(unit_text), "column") if unit_text else (None, None)
    column = unit_text if unit is not None else None
    if unit is None:
        brackets = [found for text in _BRACKET.findall(name) if (found := unit_of(text)) is not None]
        unit, source = (brackets[-1], "name") if len(brackets) == 1 else (None, None)
    money = cost or bool(_MONEY_NAME.search(name))
    if unit is not None and unit.dimension == MONEY_OR_NUMBER:
        unit = money_of(unit) if money else unit
    return Context(
        known=bool(level or name),
        name=name,
        direction=direction,
        cost=cost,
        time=time or bool(_TIME_NAME.search(name)),
        timeliness=time,
        count=bool(_COUNT.search(level)),
        money=money,
        none_happened=bool(_NONE_HAPPENED.search(name)),
        unit=unit,
        unit_text=column,
        unit_source=source,
    )


def _column_unit(text: str) -> Unit | None:
    if (noted := _NOTED.fullmatch(text)) is not None:
        unit, note = unit_of(noted[1]), unit_of(noted[2])
        return None if unit is None or note is None else with_note(unit, note)
    return unit_of("个月" if text == "月" else text) or free_unit(text)  # in a cell 12月 is December


def context(
    level1: str | None,
    level2: str | None,
    name: str | None,
    unit_text: str | None,
    direction: Literal["up", "down"] | None = None,
) -> Context:
    """The facts about a row; overlong texts count by their end, where the brackets stand."""
    parts = (level1 or "", level2 or "", name or "", unit_text or "")
    return _context(*(part if len(part) <= _LONG else part[-_LONG:] for part in parts), direction)
