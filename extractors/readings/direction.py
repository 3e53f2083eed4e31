"""Which way a target without an operator points: is more better, or less.

Here: the signs of a row that say so, each a named rule. Not here: the comparison, targets with an operator.
Unknown is an answer: what no sign decides, and what two signs decide differently, neither accuses nor praises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from extractors.readings.context import Context
from extractors.readings.fold import fold
from extractors.readings.lexicon import alternation, load
from extractors.readings.model import Reading

Direction = Literal["up", "down"]

WORDS = load("direction.toml")
_TAIL = f"(?:{alternation(WORDS['tail']['words'])}){{0,3}}"
_TURN = f"(?P<turn>{alternation(WORDS['turn']['words'])})?"
_UP = re.compile(f"{_TURN}(?:{alternation(WORDS['ending']['up'])})$")
_DOWN = re.compile(f"{_TURN}(?:{alternation(WORDS['ending']['down'])}){_TAIL}$")
_ANY_DOWN = re.compile(alternation(WORDS["ending"]["down"]))
_EITHER = re.compile(alternation(WORDS["either"]["words"]))
_LEADING = re.compile(alternation(WORDS["leading"]["up"]))
_NOT_DOWN = re.compile(alternation(WORDS["cost"]["not_down"]))
_RATE = re.compile(f"(?:{alternation(WORDS['rate']['ends'])})$")
_ASIDE = re.compile(r"\([^()]*\)|[%％‰]")


def named_direction(text: str | None) -> Direction | None:
    """What a cell of a form's own column of directions says (正向, 反向); None for any other text."""
    folded = fold(text or "")
    return "up" if folded in WORDS["column"]["up"] else "down" if folded in WORDS["column"]["down"] else None


def patterns() -> dict[str, str]:
    """The lists for who searches names with regular expressions of RE2, on names without brackets.

    `up`: the name ends so that more is better. `down`: a word of less stands in it, or one of more that is turned.
    """
    up, down = alternation(WORDS["ending"]["up"]), alternation(WORDS["ending"]["down"])
    return {"up": f"(?:{up})$", "down": f"(?:{down})|(?:{alternation(WORDS['turn']['words'])})(?:{up})"}


def is_rate(name: str) -> bool:
    """Whether the name of an indicator ends as that of a share does (覆盖率, 占比)."""
    return _RATE.search(_bare(name)) is not None


def direction(target: Reading, row: Context) -> Direction | None:
    """Whether more or less than a target without an operator is better; None where nothing or two things say it.

    The form's own column decides alone; else all signs that speak must agree.
    """
    if row.direction is not None:
        return row.direction
    said = {side for rule in RULES.values() if (side := rule(target, row)) is not None}
    return said.pop() if len(said) == 1 else None


def _ending(_: Reading, row: Context) -> Direction | None:
    return _of_ending(row.name)


def _bound(target: Reading, row: Context) -> Direction | None:
    """A bare 100 % is a ceiling; of what shall be 0 nothing shall happen."""
    if target.value == 0 and target.value_high is None:
        return "down"
    return "up" if target.kind == "ratio" and target.value == 100 and target.value_high is None else None


def _leading(_: Reading, row: Context) -> Direction | None:
    return "up" if _LEADING.match(row.name) and not _ANY_DOWN.search(row.name) else None


def _things_done(target: Reading, row: Context) -> Direction | None:
    """Under 数量 or 产出 what is counted is what is done, unless a word of the name says what it is."""
    counted = target.dimension is None or target.dimension.startswith("count:")
    if (
        not (row.count and target.kind == "quantity" and counted)
        or _ANY_DOWN.search(row.name)
        or _EITHER.search(row.name)
    ):
        return None
    return "up"


def _time_limit(target: Reading, row: Context) -> Direction | None:
    return "down" if row.timeliness and target.kind == "duration" else None


def _cost(target: Reading, row: Context) -> Direction | None:
    return "down" if row.cost and target.kind == "money" and not _NOT_DOWN.search(row.name) else None


RULES: dict[str, Callable[[Reading, Context], Direction | None]] = {
    "ending": _ending,
    "bound": _bound,
    "leading": _leading,
    "things_done": _things_done,
    "time_limit": _time_limit,
    "cost": _cost,
}
"""The signs, by name; what each is stands in direction.toml."""


@lru_cache(maxsize=8192)
def _of_ending(name: str) -> Direction | None:
    bare = _bare(name)
    up, down = _UP.search(bare), _DOWN.search(bare)
    if up and down:  # 差错整改率: the longer word at the end
        up, down = (up, None) if up.end() - up.start() >= down.end() - down.start() else (None, down)
    found = up or down
    if found is None:
        return None
    return "up" if (found is up) == (found["turn"] is None) else "down"


def _bare(name: str) -> str:
    while (shorter := _ASIDE.sub("", name)) != name:
        name = shorter
    return name
