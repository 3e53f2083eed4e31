"""What the columns of an indicator table, the measures and the sources of money are, as their blocks in the TOML say.

Here: the kinds and properties of roles. Not here: the words of their labels (lookup), what the readers make of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from extractors.vocabulary.lookup import Role, label_key, shipped

_WORDS = {"is", "core", "with", "has", "unless", "under", "instead"}


@dataclass(frozen=True, slots=True)
class IndicatorColumn:
    """A column of the indicator table.

    `spans`: one merged cell may stand for several rows; points are not repeated, they would count twice. `twice`: what
    becomes of two different texts of a row under it. One with a `label_zh` is a column of the tidy table, of points or
    of text.
    """

    name: str
    kind: Literal["level", "level_points", "name", "value", "part", "points", "reason", "note"]
    spans: bool
    twice: Literal["refuse", "join", "first"]
    label_zh: str = ""
    label_en: str = ""
    meaning_zh: str = ""
    meaning_en: str = ""
    example: str = ""

    @property
    def is_points(self) -> bool:
        """Whether what it holds is a number of points, and not a text."""
        return self.kind in {"points", "level_points"}


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the money table: a budget, other money, something of the total only, or none of the tidy table's."""

    name: str
    kind: Literal["budget", "money", "of_total", "other"]


@dataclass(frozen=True, slots=True)
class MoneySource:
    """A source of money: the total, a kind of fund, the level of government that pays, or what it is spent on.

    `within`: the source that may hold it, beside which it may stand as well.
    """

    name: str
    kind: Literal["total", "fund", "level", "use"]
    label_zh: str
    within: str | None = None


@cache
def indicator_columns() -> Mapping[str, IndicatorColumn]:
    """The columns by name, in declared order."""
    return _roles("indicator", IndicatorColumn)


@cache
def measures() -> Mapping[str, Measure]:
    """The measures by name, in declared order."""
    return _roles("measure", Measure)


@cache
def money_sources() -> Mapping[str, MoneySource]:
    """The sources by name, in declared order."""
    return _roles("source", MoneySource)


@cache
def owners() -> frozenset[Role]:
    """The labels of the head that say whose form it is."""
    header = shipped()["header"].items()
    return frozenset(("header", name) for name, block in header if name != "with" and block.get("owner"))


@cache
def instead_of(column: str) -> frozenset[str]:
    """The headers that may stand in for a column that a table does not have, as look-up keys."""
    return frozenset(map(label_key, shipped()["indicator"][column].get("instead", ())))


def columns_of(*kinds: str) -> tuple[str, ...]:
    """The names of the indicator columns of some kinds, in declared order."""
    return tuple(name for name, column in indicator_columns().items() if column.kind in kinds)


def measures_of(*kinds: str) -> tuple[str, ...]:
    """The names of the measures of some kinds, in declared order."""
    return tuple(name for name, measure in measures().items() if measure.kind in kinds)


def _roles(group: str, role: type[Any]) -> dict[str, Any]:
    """The roles of a group; ValueError, naming the block, for a property that is unknown, missing or wrong."""
    known = {key: get_args(hint) for key, hint in get_type_hints(role).items() if get_origin(hint) is Literal}
    found: dict[str, Any] = {}
    for name, block in shipped()[group].items():
        if name == "with":
            continue
        own = {key: value for key, value in block.items() if key not in _WORDS}
        if wrong := [key for key, values in known.items() if own.get(key) not in values]:
            raise ValueError(f"[{group}.{name}]: {wrong}")
        try:
            found[name] = role(name, **own)
        except TypeError as error:
            raise ValueError(f"[{group}.{name}]: {error}") from error
    return found
