"""Numbers with their operators and units: [operator][about] number [unit][/per][operator], ranges and changes.

Here: one measure in one cell. Not here: dates, several measures in a cell, comparing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from extractors.readings import numerals
from extractors.readings.context import Context
from extractors.readings.lexicon import BEFORE, SYMBOL, UNITS, WORDS, alternation, by_word
from extractors.readings.model import ONE, Reading, Role
from extractors.readings.units import (
    MONEY_OR_NUMBER,
    PER_NOUNS,
    Unit,
    begins_with_unit,
    counted_noun,
    free_unit,
    money_of,
    takes_chinese_numeral,
    unit_of,
    with_note,
    with_per,
)

MAX_LENGTH = 80
"""Cells longer than this are sentences."""

_AFTER, _WEAK = (by_word(WORDS[place]) for place in ("after", "weak"))
_CJK = "\u4e00-\u9fff"
_HEAD = re.compile(
    f"(?P<symbol>[≥≤><=]{{1,3}})|(?P<before>{alternation(BEFORE)})|(?P<weak>{alternation(_WEAK)})"
    f"|(?P<base>{alternation(WORDS['change']['base'])})|(?P<lead>{alternation(WORDS['lead']['words'])})"
    f"|(?P<up>{alternation(WORDS['change']['up'])})|(?P<about>{alternation(WORDS['approximate']['before'])})"
    f"|每(?P<per>{alternation(PER_NOUNS)})|(?P<currency>人民币|[¥￥])|(?P<colon>[:：])"
)
_NAMING = f"(?!{alternation(WORDS['name']['never'])})[{_CJK}]"
_NAME = re.compile(f"(?:{_NAMING}){{1,24}}(?=[≥≤><=])|(?:{_NAMING}){{0,20}}(?:{alternation(WORDS['name']['ends'])})")
_NO_NAME = frozenset(WORDS["name"]["never_alone"])
_NUMBER = re.compile(numerals.NUMBER)
_CHINESE = re.compile(f"{numerals.CHINESE}{{1,15}}")
_RANGE = re.compile(
    f"(?P<low>[^0-9~—至到-]{{0,6}})(?:--?|——?|~|至|到)(?P<number>{numerals.NUMBER})(?P<high>.*)", re.DOTALL
)
_TAIL = re.compile(
    rf"(?P<note>(?<!/)\([^()]{{0,24}}\))$|(?P<after>{alternation(_AFTER)})(?P<per>/(?:{alternation(PER_NOUNS)}))?$"
    rf"|(?P<about>{alternation(WORDS['approximate']['after'])})$"
)
_MORE = re.compile(
    f"(?P<multiplier>{alternation(UNITS['multiplier'])}|十)?(?:{alternation(WORDS['approximate']['more'])})(?P<rest>.*)",
    re.DOTALL,
)
_ZERO = re.compile(f"[零0]({alternation(UNITS['zero'])})(?:发生)?")
_YEARLY = re.compile("[一1]年(?=[^年月日天周]{1,12}次$)")
_CHANGE_WORD = re.compile(alternation([*WORDS["change"]["up"], *WORDS["change"]["other"]]))
_HARMLESS_NOTE = re.compile(f"含[0-9]{{1,3}}%|[{_CJK}A-Za-z、，,“”]{{1,20}}")
_BAD_NOTE = re.compile(alternation(WORDS["note"]["doubtful"]))
_CALENDAR_DAY = re.compile(
    "(?:0?[1-9]|1[0-2])[.](?:0?[1-9]|[12][0-9]|3[01])|(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:[0-3][0-9])?)?"
)
"""What may be a day, a month or a year where the row is about time or unknown: 12.31, 2024, 202412, 20241231."""
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_YEAR_AND_MONTH = re.compile("(?:19|20)[0-9]{2}[.](?:0?[1-9]|1[0-2])")
_CODE = re.compile("1[3-9][0-9]{9}|[0-9]{14,}")
"""A telephone number or another code."""
_SIGNED = ("ratio", "money", "point")


@dataclass(slots=True)
class _Parts:
    """What stands around the number, gathered while the cell is peeled."""

    operators: set[str] = field(default_factory=set)
    weak: str | None = None
    about: bool = False
    per: list[str] = field(default_factory=list)
    change: bool = False
    change_base: bool = False
    currency: bool = False
    behind: bool = False
    note_unit: Unit | None = None


def read_measure(text: str, role: Role, row: Context) -> Reading | None:
    """Read folded `text` as one number or range, or None if it is not surely one."""
    if len(text) > MAX_LENGTH:
        return None
    if text[0] in "零0" and (zero := _ZERO.fullmatch(text)):
        unit = unit_of(UNITS["zero"][zero[1]])
        return _reading(Decimal(0), None, unit, None, False, "printed", "zero")
    text = _YEARLY.sub("每年", text) if text[0] in "一1" else text
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
            return _read_range(match[0], found, parts, row)
        rest_or_none = _peel_tail(rest, parts)
        if rest_or_none is None or (not rest_or_none and "，" in match[0]):
            return None  # 1，200 without a unit may be a list
        if _may_be_no_measure(match[0], rest_or_none, parts, row):
            return None
        return _finish(value, rest_or_none, parts, role, row)
    if (percent := numerals.fraction(start)) is not None:
        rest_or_none = _peel_tail(percent[1], parts)
        return None if rest_or_none else _finish(percent[0], "%", parts, role, row)
    return _read_chinese(start, parts, role, row)


def _may_be_no_measure(number: str, unit: str, parts: _Parts, row: Context) -> bool:
    """Whether the digits may be a date, a year, a telephone number or a code."""
    if unit:
        return unit[0] == "年" and bool(_YEAR.fullmatch(number))
    if row.unit is not None and row.unit.unit == "年" and _YEAR.fullmatch(number):
        return True
    if parts.operators or row.unit is not None or parts.note_unit is not None or row.money:
        return False
    if _YEAR_AND_MONTH.fullmatch(number):
        return True
    if (row.time or not row.known) and _CALENDAR_DAY.fullmatch(number) and (row.time or "." not in number):
        return True
    return bool(_CODE.fullmatch(number))


def _may_be_days(ends: tuple[str, str], unit: str, row: Context) -> bool:
    """Two years (2024-2025学年), two numbers in a row about time, 6.1-6.30 where nothing is known of the row."""
    if all(_YEAR.fullmatch(end) for end in ends) and unit[:1] in ("", "学", "届", "级"):
        return True
    days = row.time or (not row.known and all("." in end and _CALENDAR_DAY.fullmatch(end) for end in ends))
    return days and not unit


def _read_chinese(start: str, parts: _Parts, role: Role, row: Context) -> Reading | None:
    match = _CHINESE.match(start)
    if match is None or match[0][0] in "百千万零":
        return None
    number = numerals.chinese(match[0])
    rest = _peel_tail(start[match.end() :], parts)
    if number is None or rest is None:
        return None
    if not takes_chinese_numeral(rest) and (rest or number < 10):  # 二十五 alone is a number, 三 may be a third grade
        return None
    return _finish(Decimal(number), rest, parts, role, row)


def _peel_head(text: str, parts: _Parts) -> int | None:
    """Gather the words before the number; where the number starts, or None if something unknown stands there."""
    if text[0] in "-0123456789":
        return 0
    position = 0
    first = _HEAD.match(text)
    # 不超过 and 约 are no names, 近视率 is one
    is_word = first is not None and (
        (first.lastgroup == "before" and len(first[0]) > 1)
        or (first.lastgroup == "about" and not "\u4e00" <= text[first.end() : first.end() + 1] <= "\u9fff")
    )
    if not is_word and (name := _NAME.match(text)) is not None and name[0] not in _NO_NAME:
        position = name.end()
        if _CHANGE_WORD.search(name[0]) and name[0][-1] not in "率度":
            return None
    for _ in range(7):
        match = _HEAD.match(text, position)
        if match is None:
            return position
        kind = match.lastgroup
        if kind == "symbol":
            if match[0] not in SYMBOL:
                return None
            parts.operators.add(SYMBOL[match[0]])
        elif kind == "before":
            parts.operators.add(BEFORE[match[0]])
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
        elif kind == "currency":
            parts.currency = True
        position = match.end()
    return position


def _peel_tail(rest: str, parts: _Parts) -> str | None:
    """Take operators, approximations and harmless notes off the end; None if a note puts the value in doubt."""
    for _ in range(4):
        match = _TAIL.search(rest[-26:]) if rest else None
        if match is None:
            return rest
        if match["after"]:
            parts.operators.add(_AFTER[match["after"]])
            parts.behind = True
            rest = rest[: -len(match[0])] + (match["per"] or "")
            continue
        if match["about"]:
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
    operator = next(iter(parts.operators), None) or (parts.weak if role == "target" and not parts.about else None)
    unit = source = None
    if unit_text:
        unit, source = _resolve(unit_text, row, operator is not None), "printed"
        if unit is None:
            return None
        if parts.note_unit is not None:
            unit = with_note(unit, parts.note_unit)
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
    unit = _with_per(unit, parts.per)
    if parts.per and unit is None:
        return None
    if unit is None and row.unit is not None and not _is_decimal_share(value, row.unit, role):
        unit, source = row.unit, row.unit_source
    if parts.currency:
        unit = _as_money(unit)
        source = "printed"
        if unit is None:
            return None
    if unit is not None and unit.dimension == MONEY_OR_NUMBER:
        unit = _settle(unit, row)
    if value < 0 and unit is not None and not _may_be_negative(unit, parts):
        return None
    return _reading(value, None, unit, operator, parts.about, source, "change" if parts.change else "measure")


def _read_range(low_digits: str, found: re.Match[str], parts: _Parts, row: Context) -> Reading | None:
    low, high = numerals.decimal(low_digits), numerals.decimal(found["number"])
    high_text = found["high"].removesuffix("之间")
    rest = _peel_tail(high_text, parts)
    if low is None or high is None or rest is None or parts.operators or parts.change or parts.change_base:
        return None
    low_text = found["low"]
    if row.unit is None and parts.note_unit is None and _may_be_days((low_digits, found["number"]), rest, row):
        return None
    unit = source = None
    low_multiplier: Decimal | None = None
    if rest:
        unit, source = _resolve(rest, row, False), "printed"
        if unit is None:
            return None
        if low_text:
            low_unit = _resolve(low_text, row, False)
            if low_unit is None or low_unit.dimension not in (unit.dimension, MONEY_OR_NUMBER):
                return None
            low_multiplier = low_unit.multiplier
    elif low_text:
        return None
    elif parts.note_unit is not None:
        unit, source = parts.note_unit, "printed"
    unit = _with_per(unit, parts.per)
    if parts.per and unit is None:
        return None
    if unit is None and row.unit is not None:
        unit, source = row.unit, row.unit_source
    if unit is not None and unit.dimension == MONEY_OR_NUMBER:
        unit = _settle(unit, row)
    reading = _reading(low, high, unit, "range", parts.about, source, "range", low_multiplier)
    return reading if reading and reading.value_high is not None and reading.value < reading.value_high else None  # type: ignore[operator]


def _resolve(text: str, row: Context, has_operator: bool) -> Unit | None:
    unit = unit_of(text)
    if unit is not None:
        return _person_days(unit, row)
    if row.unit is not None and text == row.unit_text:
        return row.unit
    return counted_noun(text) or (free_unit(text) if has_operator and not begins_with_unit(text) else None)


def _may_be_negative(unit: Unit, parts: _Parts) -> bool:
    """Nothing that is counted or timed goes below zero: -5次 is a list mark and 5次; -5%以内 may mean ±5%."""
    dimension = (unit.dimension or "").removeprefix("change:").split("/")[0]
    return dimension == "temperature" or (dimension in _SIGNED and not parts.behind)


def _with_per(unit: Unit | None, bases: list[str]) -> Unit | None:
    """`unit` for each of `bases` (每人每月…元); 每月10日 is a day of the month, not ten days."""
    if unit is not None and bases and unit.unit == "日":
        return None
    for base in bases:
        unit = None if unit is None else with_per(unit, base)
    return unit


def _as_money(unit: Unit | None) -> Unit | None:
    """The unit behind a currency sign: 元 if none is printed, None if another thing than money is."""
    if unit is None:
        return unit_of("元")
    if unit.dimension == MONEY_OR_NUMBER:
        return money_of(unit)
    return unit if unit.kind == "money" else None


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
        return money_of(unit)
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
