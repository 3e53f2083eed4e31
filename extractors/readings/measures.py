"""Numbers with their operators and units: [operator][about] number [unit][/per][operator], ranges and changes.

Here: one measure in one cell. Not here: dates, several measures in a cell, comparing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from extractors.readings import numerals
from extractors.readings.context import Context
from extractors.readings.lexicon import UNITS, WORDS, alternation
from extractors.readings.model import ONE, Reading, Role
from extractors.readings.units import (
    MONEY_OR_NUMBER,
    PER_NOUNS,
    Unit,
    counted_noun,
    free_unit,
    takes_chinese_numeral,
    unit_of,
    with_per,
)

MAX_LENGTH = 80
"""Cells longer than this are sentences."""

_BEFORE = {word: op for op, words in WORDS["before"].items() for word in words}
_AFTER = {word: op for op, words in WORDS["after"].items() for word in words}
_WEAK = {word: op for op, words in WORDS["weak"].items() for word in words}
_SYMBOL = {
    "≥": ">=", "≥=": ">=", ">=": ">=", "=>": ">=", "=≥": ">=", "≥≥": ">=", ">==": ">=",
    "≤": "<=", "≤=": "<=", "<=": "<=", "=<": "<=", "=≤": "<=", "≤≤": "<=", "<==": "<=",
    ">": ">", "<": "<", "=": "=", "==": "=",
}  # fmt: skip
_CJK = "\u4e00-\u9fff"
_HEAD = re.compile(
    f"(?P<symbol>[≥≤><=]{{1,3}})|(?P<before>{alternation(_BEFORE)})|(?P<weak>{alternation(_WEAK)})"
    f"|(?P<base>{alternation(WORDS['change']['base'])})|(?P<lead>{alternation(WORDS['lead']['words'])})"
    f"|(?P<up>{alternation(WORDS['change']['up'])})|(?P<about>{alternation(WORDS['approximate']['before'])})"
    f"|每(?P<per>{alternation(PER_NOUNS)})|(?P<colon>[:：])"
)
_NAME = re.compile(
    f"(?:(?![每各均较比未没])[{_CJK}]){{1,24}}(?=[≥≤><=])"
    f"|(?:(?![每各均较比未没])[{_CJK}]){{0,20}}(?:{alternation(WORDS['name_end']['words'])})"
)
_NUMBER = re.compile(numerals.NUMBER)
_CHINESE = re.compile(f"{numerals.CHINESE}{{1,8}}")
_RANGE = re.compile(
    f"(?P<low>[^0-9~—至到-]{{0,6}})(?:--?|——?|~|至|到)(?P<number>{numerals.NUMBER})(?P<high>.*)", re.DOTALL
)
_TAIL = re.compile(
    rf"(?P<note>\([^()]{{0,24}}\))$|(?P<after>{alternation(_AFTER)})$|(?P<about>{alternation(WORDS['approximate']['after'])})$"
)
_MORE = re.compile(
    f"(?P<multiplier>{alternation(UNITS['multiplier'])}|十)?(?:{alternation(WORDS['approximate']['more'])})(?P<rest>.*)",
    re.DOTALL,
)
_ZERO = re.compile(f"零({alternation(UNITS['zero'])})(?:发生)?")
_CHANGE_WORD = re.compile(f"{alternation(WORDS['change']['up'])}|下降|降低|减少|[较比]|同比|环比")
_HARMLESS_NOTE = re.compile(f"含[0-9]{{1,3}}%|[{_CJK}A-Za-z、，,“”]{{1,20}}")
_BAD_NOTE = re.compile("[未不没非无]")


@dataclass(slots=True)
class _Parts:
    """What stands around the number, gathered while the cell is peeled."""

    operators: set[str] = field(default_factory=set)
    weak: str | None = None
    about: bool = False
    per: list[str] = field(default_factory=list)
    change: bool = False
    change_base: bool = False
    note_unit: Unit | None = None


def read_measure(text: str, role: Role, row: Context) -> Reading | None:
    """Read folded `text` as one number or range, or None if it is not surely one."""
    if len(text) > MAX_LENGTH:
        return None
    if text[0] == "零" and (zero := _ZERO.fullmatch(text)):
        unit = unit_of(UNITS["zero"][zero[1]])
        return _reading(Decimal(0), None, unit, None, False, "printed", "zero")
    parts = _Parts()
    position = _peel_head(text, parts)
    if position is None:
        return None
    start = text[position:]
    if not start:
        return None
    if (match := _NUMBER.match(start)) is not None:
        value, rest = numerals.decimal(match[0]), start[match.end() :]
        if value is None:
            return None
        if (found := _RANGE.fullmatch(rest)) is not None:
            return _read_range(value, found, parts, row)
        rest_or_none = _peel_tail(rest, parts)
        if rest_or_none is None or (not rest_or_none and "，" in match[0]):
            return None  # 1，200 without a unit may be a list
        return _finish(value, rest_or_none, parts, role, row)
    if (percent := numerals.fraction(start)) is not None:
        rest_or_none = _peel_tail(percent[1], parts)
        return None if rest_or_none else _finish(percent[0], "%", parts, role, row)
    return _read_chinese(start, parts, role, row)


def _read_chinese(start: str, parts: _Parts, role: Role, row: Context) -> Reading | None:
    match = _CHINESE.match(start)
    if match is None or match[0][0] in "百千万零":
        return None
    number = numerals.chinese(match[0])
    rest = _peel_tail(start[match.end() :], parts)
    if number is None or not rest or not takes_chinese_numeral(rest):
        return None
    return _finish(Decimal(number), rest, parts, role, row)


def _peel_head(text: str, parts: _Parts) -> int | None:
    """Gather the words before the number; where the number starts, or None if something unknown stands there."""
    if text[0] in "-0123456789":
        return 0
    position = 0
    first = _HEAD.match(text)
    is_word = (
        first is not None and first.lastgroup == "before" and len(first[0]) > 1
    )  # 不超过 is no name, 超标率 is one
    if not is_word and (name := _NAME.match(text)) is not None:
        position = name.end()
        if _CHANGE_WORD.search(name[0]) and name[0][-1] not in "率度":
            return None
    for _ in range(7):
        match = _HEAD.match(text, position)
        if match is None:
            return position
        kind = match.lastgroup
        if kind == "symbol":
            if match[0] not in _SYMBOL:
                return None
            parts.operators.add(_SYMBOL[match[0]])
        elif kind == "before":
            parts.operators.add(_BEFORE[match[0]])
        elif kind == "weak":
            parts.weak = _WEAK[match[0]]
        elif kind == "per":
            parts.per.append(match["per"])
        elif kind == "about":
            parts.about = True
        elif kind == "up":
            parts.change = True
        elif kind == "base":
            parts.change_base = True
        position = match.end()
    return position


def _peel_tail(rest: str, parts: _Parts) -> str | None:
    """Take operators, approximations and harmless notes off the end; None if a note puts the value in doubt."""
    for _ in range(4):
        match = _TAIL.search(rest[-26:]) if rest else None
        if match is None:
            return rest
        if match["after"]:
            parts.operators.add(_AFTER[match[0]])
        elif match["about"]:
            parts.about = True
        else:
            note = match["note"][1:-1]
            if (unit := unit_of(note)) is not None and parts.note_unit is None:
                parts.note_unit = unit
            elif _BAD_NOTE.search(note) or not _HARMLESS_NOTE.fullmatch(note):
                return None
        rest = rest[: -len(match[0])]
    return rest


def _finish(value: Decimal, unit_text: str, parts: _Parts, role: Role, row: Context) -> Reading | None:
    more = _MORE.fullmatch(unit_text) if unit_text else None
    if more is not None:
        if more["multiplier"] == "十":
            return None
        unit_text = (more["multiplier"] or "") + more["rest"]
        parts.about = True
        parts.operators.add(">")
    if len(parts.operators) > 1 or (parts.about and parts.operators - {">"}):
        return None
    if parts.change_base and not parts.change:
        return None
    operator = next(iter(parts.operators), None) or (parts.weak if role == "target" else None)
    unit = source = None
    if unit_text:
        unit, source = _resolve(unit_text, row), "printed"
        if unit is None:
            return None
        if parts.note_unit is not None and parts.note_unit.dimension != unit.dimension:
            unit = _with_note(unit, parts.note_unit)
            if unit is None:
                return None
    elif parts.note_unit is not None:
        unit, source = parts.note_unit, "printed"
    if parts.change:
        if unit is None or unit.kind != "ratio":
            return None
        if operator is None and role == "target":
            operator = ">="
        unit = Unit(unit.kind, unit.unit, f"change:{unit.dimension}", unit.multiplier, unit.factor)
    for per in parts.per:
        unit = with_per(unit, per) if unit is not None else None
        if unit is None:
            return None
    if unit is None and row.unit is not None and not _is_decimal_share(value, row.unit, role):
        unit, source = row.unit, row.unit_source
    if unit is not None and unit.dimension == MONEY_OR_NUMBER:
        unit = _settle(unit, row)
    return _reading(value, None, unit, operator, parts.about, source, "change" if parts.change else "measure")


def _read_range(low: Decimal, found: re.Match[str], parts: _Parts, row: Context) -> Reading | None:
    high = numerals.decimal(found["number"])
    high_text = found["high"].removesuffix("之间")
    rest = _peel_tail(high_text, parts)
    if high is None or rest is None or parts.operators or parts.change or parts.change_base:
        return None
    low_text = found["low"]
    unit = source = None
    low_multiplier: Decimal | None = None
    if rest:
        unit, source = _resolve(rest, row), "printed"
        if unit is None:
            return None
        if low_text:
            low_unit = _resolve(low_text, row)
            if low_unit is None or low_unit.dimension not in (unit.dimension, MONEY_OR_NUMBER):
                return None
            low_multiplier = low_unit.multiplier
    elif low_text:
        return None
    elif parts.note_unit is not None:
        unit, source = parts.note_unit, "printed"
    for per in parts.per:
        unit = with_per(unit, per) if unit is not None else None
        if unit is None:
            return None
    if unit is None and row.unit is not None:
        unit, source = row.unit, row.unit_source
    if unit is not None and unit.dimension == MONEY_OR_NUMBER:
        unit = _settle(unit, row)
    reading = _reading(low, high, unit, "range", parts.about, source, "range", low_multiplier)
    return reading if reading and reading.value_high is not None and reading.value < reading.value_high else None  # type: ignore[operator]


def _resolve(text: str, row: Context) -> Unit | None:
    unit = unit_of(text)
    if unit is not None:
        return _person_days(unit, row)
    if row.unit is not None and text == row.unit_text:
        return row.unit
    return counted_noun(text) or free_unit(text)


def _with_note(unit: Unit, note: Unit) -> Unit | None:
    """5万（元） is money, 100台（套） counts 台(套); any other unit in a bracket puts the first in doubt."""
    if unit.dimension == MONEY_OR_NUMBER and note == unit_of("元"):
        return Unit("money", "元", "money", unit.multiplier)
    counts = (unit.dimension or "").startswith("count:") and (note.dimension or "").startswith("count:")
    if not counts or note.multiplier != 1:
        return None
    return Unit("quantity", f"{unit.unit}({note.unit})", f"{unit.dimension}({note.unit})", unit.multiplier)


def _person_days(unit: Unit, row: Context) -> Unit | None:
    """470人/天 may be a price that lost its 元: money in a cost row, unread where nothing is known of the row."""
    if unit.dimension not in ("count:人/日", "count:人次/日"):
        return unit
    if row.cost:
        return Unit("money", unit.unit, f"money/{unit.unit}", unit.multiplier)
    return unit if row.known else None


def _settle(unit: Unit, row: Context) -> Unit:
    """84万 alone: money in a money row or where nothing is known, else a number of what the row counts."""
    if row.unit is not None and row.unit.dimension != MONEY_OR_NUMBER and row.unit.kind in ("money", "quantity"):
        multiplier = max(unit.multiplier, row.unit.multiplier)
        return Unit(row.unit.kind, row.unit.unit, row.unit.dimension, multiplier, row.unit.factor)
    if row.money or not row.known:
        return Unit("money", "元", "money", unit.multiplier)
    return Unit("quantity", None, None, unit.multiplier)


def _is_decimal_share(value: Decimal, unit: Unit, role: Role) -> bool:
    """0.73 below a column that says %: 73 % or 0.73 %, so the column's unit is not put on it."""
    return role == "actual" and unit.dimension == "ratio" and 0 < value < 1


def _reading(
    low: Decimal,
    high: Decimal | None,
    unit: Unit | None,
    operator: str | None,
    about: bool,
    source: str | None,
    rule: str,
    low_multiplier: Decimal | None = None,
) -> Reading | None:
    multiplier = unit.multiplier if unit else ONE
    factor = ONE if low_multiplier is None else low_multiplier
    value = numerals.bounded(numerals.EXACT.multiply(low, multiplier if low_multiplier is None else factor))
    value_high = None if high is None else numerals.bounded(numerals.EXACT.multiply(high, multiplier))
    if value is None or (high is not None and value_high is None):
        return None
    return Reading(
        kind=unit.kind if unit else "quantity",
        operator=operator,
        value=value,
        value_high=value_high,
        unit=unit.unit if unit else None,
        dimension=unit.dimension if unit else None,
        approximate=about,
        factor=unit.factor if unit else ONE,
        multiplier=multiplier,
        unit_source=source if unit and unit.unit else None,
        rule=rule,
    )
