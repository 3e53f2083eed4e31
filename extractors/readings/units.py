"""Units: the text behind a number to what it counts, its dimension and its factors.

Here: lookup of printed units, multipliers, per-parts and unlisted nouns. Not here: numbers and operators.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from extractors.readings.lexicon import UNITS, alternation
from extractors.readings.model import ONE

MONEY_OR_NUMBER = "wan"
"""Dimension of a bare 万 or 亿: money or a plain multiplier, as the indicator says."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as read: `unit` is what is stored, value * multiplier is in it, that times `factor` in the base."""

    kind: str
    unit: str | None
    dimension: str | None
    multiplier: Decimal = ONE
    factor: Decimal = ONE


def _listed() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for noun in UNITS["count"]["nouns"].split():
        units[noun] = Unit("quantity", noun, f"count:{noun}")
    for noun, same in UNITS["count"]["synonym"].items():
        units[noun] = Unit("quantity", noun, f"count:{same}")
    for dimension, members in UNITS["dimension"].items():
        kind = UNITS["kind"].get(dimension, "quantity")
        for printed, factor in members.items():
            unit, multiplier = UNITS["rename"].get(printed, printed), ONE
            if dimension == "ratio":
                unit, multiplier, factor = "%", Decimal(factor), 1
            units[printed] = Unit(kind, unit, dimension, multiplier, Decimal(factor))
    return units


_LISTED = _listed()
_CLASSIFIER = re.compile(alternation(UNITS["free"]["classifier"].split()))
_MULTIPLIER = {text: Decimal(value) for text, value in UNITS["multiplier"].items()}
_STARTS_WITH_MULTIPLIER = re.compile(alternation(_MULTIPLIER))
_BARE = {"万", "亿", "万亿", "百万", "千万", "十万", "十亿", "百亿", "千亿"}
_YEAR = frozenset(UNITS["per"]["year"])
_PER_SYNONYM: dict[str, str] = UNITS["per"]["synonym"]
PER_NOUNS = frozenset(UNITS["per"]["nouns"].split())
_STARTS_WITH_PER = re.compile(f"(?:{alternation(PER_NOUNS)})[\u4e00-\u9fff]")
_PER_SPLIT = re.compile("[/·.*×]")
_PER_NOUN = re.compile("[\u4e00-\u9fff]{1,5}|[A-Za-z]{1,4}[²³23]?|㎡")
_CJK = re.compile("[\u4e00-\u9fff]+")
_FREE_FORBIDDEN = frozenset(UNITS["free"]["forbidden"].replace("\n", ""))
_AFTER_FORBIDDEN = frozenset(UNITS["free"]["after_noun"])
_ORDINAL = frozenset(UNITS["free"]["ordinal"])
FREE_MAX, _AFTER_MAX, _UNIT_MAX = 4, 8, 24


@lru_cache(maxsize=4096)
def unit_of(text: str) -> Unit | None:
    """The unit that `text` (folded, without white space) is, or None if it is none that is surely one."""
    if not text or len(text) > _UNIT_MAX:
        return None
    text = text.removeprefix("人民币") or text
    if (listed := _LISTED.get(text)) is not None:
        return listed
    base, slash, per = _split_per(text)
    unit = _base_unit(base)
    if not slash or unit is None:
        return unit
    return None if unit.dimension == MONEY_OR_NUMBER and not per else with_per(unit, per)


def with_per(unit: Unit, per: str) -> Unit | None:
    """`unit` for each `per` (年, 人·学期); a count or time for each year is just itself in an annual form."""
    parts = _PER_SPLIT.split(per)
    for part in parts:
        if part not in PER_NOUNS and (
            unit.kind == "ratio"
            or not _PER_NOUN.fullmatch(part)
            or not _AFTER_FORBIDDEN.isdisjoint(part)
            or _STARTS_WITH_PER.match(part)  # 元/人标准
        ):
            return None
    if unit.dimension == MONEY_OR_NUMBER:
        unit = money_of(unit)
    lasting = sorted(_PER_SYNONYM.get(part, part) for part in parts if part not in _YEAR)
    dimension = "/".join([unit.dimension or "", *lasting])
    if not lasting and unit.kind != "money":
        return unit
    return Unit(unit.kind, f"{unit.unit}/{per}", dimension, unit.multiplier, unit.factor)


def free_unit(text: str) -> Unit | None:
    """A noun that no list knows, taken as printed (万竿): short, Chinese, without any word of the grammar."""
    multiplier, text = _multiplied(text)
    if not 0 < len(text) <= FREE_MAX or not _CJK.fullmatch(text) or not _FREE_FORBIDDEN.isdisjoint(text):
        return None
    return Unit("quantity", text, f"count:{text}", multiplier)


def begins_with_unit(text: str) -> bool:
    """Whether a listed unit stands at the start of `text`, with something behind it (公里道路)."""
    return any(text[:length] in _LISTED for length in range(1, len(text)))


def counted_noun(text: str) -> Unit | None:
    """The unit of 套灭火装置: a counting word and the noun behind it."""
    multiplier, text = _multiplied(text)
    classifier = _CLASSIFIER.match(text)
    if classifier is None or len(text) > _AFTER_MAX + FREE_MAX or not _CJK.fullmatch(text):
        return None
    noun = text[classifier.end() :]
    if not noun or classifier[0] in _ORDINAL or not _AFTER_FORBIDDEN.isdisjoint(noun):
        return None
    if (other := _LISTED.get(noun)) is not None and (len(noun) == 1 or other.dimension != f"count:{noun}"):
        return None  # 3件套, 5个平方米
    unit = _LISTED[classifier[0]]
    return Unit(unit.kind, unit.unit, unit.dimension, multiplier, unit.factor)


def _multiplied(text: str) -> tuple[Decimal, str]:
    return (_MULTIPLIER[text[0]], text[1:]) if text[:1] in ("万", "亿") else (ONE, text)


def with_note(unit: Unit, note: Unit) -> Unit | None:
    """`unit` with another in a bracket behind it: 万（元） is money, 台（套） a count, others must be one."""
    if unit.dimension == note.dimension:
        return unit
    if unit.dimension == MONEY_OR_NUMBER and note == _LISTED["元"]:
        return money_of(unit)
    counts = (unit.dimension or "").startswith("count:") and (note.dimension or "").startswith("count:")
    if not counts or note.multiplier != 1:
        return None
    return Unit("quantity", f"{unit.unit}({note.unit})", f"{unit.dimension}({note.unit})", unit.multiplier)


def money_of(unit: Unit) -> Unit:
    """万 or 亿 as so much money."""
    return Unit("money", "元", "money", unit.multiplier)


def takes_chinese_numeral(unit_text: str) -> bool:
    """Whether a Chinese numeral before it is a number for sure: 三次 is, 一期 (the first phase) is not."""
    noun = unit_text.partition("/")[0]
    return noun in _LISTED and noun not in _ORDINAL


def _split_per(text: str) -> tuple[str, bool, str]:
    """元/人·月, 元每人每月, 元/每人, 元/(人·月) into the unit, whether there is a base, and the base."""
    if "每" in text:
        text = text.replace("/每", "每").replace("每", "/")
    base, slash, per = text.partition("/")
    return base, bool(slash), per[1:-1] if per.startswith("(") and per.endswith(")") else per


def _base_unit(text: str) -> Unit | None:
    if (unit := _LISTED.get(text)) is not None:
        return unit
    if text in _BARE:
        return Unit("quantity", None, MONEY_OR_NUMBER, _MULTIPLIER[text])
    match = _STARTS_WITH_MULTIPLIER.match(text)
    if not match:
        return None
    unit = _LISTED.get(text[match.end() :])
    if unit is None or unit.kind == "ratio":
        return None
    return Unit(unit.kind, unit.unit, unit.dimension, _MULTIPLIER[match[0]] * unit.multiplier, unit.factor)
