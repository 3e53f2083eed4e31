"""Numbers as they are printed: digits with thousands separators, Chinese numerals, fractions in words.

Here: text to Decimal, exactly. Not here: operators, units, ranges.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

NUMBER = r"-?(?!0[0-9])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:，[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?![0-9.,，\x00])"
"""A printed number, not the beginning of a longer one and no code (007, 0755)."""
CHINESE = "[零一二两三四五六七八九十百千万]"

MAX_INTEGER_DIGITS = 20
MAX_DIGITS = 30
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
"""Arithmetic that does not depend on the caller's decimal context."""

_CENT = Decimal("0.01")
_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_PLACE = {"十": 10, "百": 100, "千": 1000}
_SECTION = re.compile(
    "(?:(?P<千>[一二两三四五六七八九])千)?(?P<z1>零)?(?:(?P<百>[一二两三四五六七八九])百)?(?P<z2>零)?"
    "(?:(?P<十>[一二三四五六七八九]?)十)?(?P<个>[一二三四五六七八九])?"
)
_TENTHS = re.compile("(?P<digit>[一二三四五六七八九1-9])成(?P<half>[一二三四五六七八九])?(?=$|[以及左上或(])")
_FRACTION = re.compile(
    f"百分百|(?P<base>百|千|{CHINESE}{{1,3}})分之(?P<top>{NUMBER}|{CHINESE}{{1,7}}|百)(?:点(?P<point>[零一二三四五六七八九]{{1,4}}))?"
)


def bounded(value: Decimal) -> Decimal | None:
    """`value`, or None if it is larger than anything a form can mean."""
    return value if value.adjusted() < MAX_INTEGER_DIGITS else None


def decimal(text: str) -> Decimal | None:
    """The number that `NUMBER` matched, or None if it is too long."""
    text = text.replace(",", "").replace("，", "")
    return bounded(Decimal(text)) if len(text) <= MAX_DIGITS else None


def chinese(text: str) -> int | None:
    """A well-formed Chinese numeral below 一亿 (三百二十, 两千零五), or None."""
    head, ten_thousand, tail = text.rpartition("万")
    high = _section(head) if ten_thousand else 0
    low = _section(tail) if tail or not ten_thousand else 0
    if high is None or low is None:
        return None
    if ten_thousand and tail and tail[0] != "零" and low < 1000:
        return None  # 一万五 means 15000 in speech
    return high * 10_000 + low


def _section(text: str) -> int | None:
    if text in _DIGIT:
        return _DIGIT[text]
    match = _SECTION.fullmatch(text)
    if not match or not text:
        return None
    total = 0
    for name, place in _PLACE.items():
        if (digit := match[name]) is not None:
            total += (_DIGIT[digit] if digit else 1) * place
    if match["个"]:
        if text[-2] in "百千":
            return None  # 一百二 means 120 in speech
        total += _DIGIT[match["个"]]
    elif text.endswith("零"):
        return None
    return total or None


def fraction(text: str) -> tuple[Decimal, str] | None:
    """百分之九十五, 三分之二, 九成 at the start of `text`: percent (2 decimals where endless) and the rest."""
    if (tenths := _TENTHS.match(text)) is not None:
        ten = int(tenths["digit"]) if tenths["digit"].isascii() else _DIGIT[tenths["digit"]]
        return Decimal(10 * ten + _DIGIT.get(tenths["half"], 0)), text[tenths.end() :]
    match = _FRACTION.match(text)
    if not match:
        return None
    if not match["base"]:
        return Decimal(100), text[match.end() :]
    base = {"百": 100, "千": 1000}.get(match["base"]) or chinese(match["base"])
    printed = match["top"]
    top: Decimal | None
    if printed == "百":
        top = Decimal(100)
    elif printed[0] in "-0123456789":
        top = decimal(printed)
    else:
        whole = chinese(printed)
        top = None if whole is None else Decimal(whole)
    if not base or top is None:
        return None
    if match["point"]:
        top = EXACT.add(top, Decimal("0." + "".join(str(_DIGIT[char]) for char in match["point"])))
    if base not in (100, 1000) and (top >= base or top < 1 or base > 10):
        return None
    value = EXACT.divide(EXACT.multiply(top, Decimal(100)), Decimal(base))
    if len(value.as_tuple().digits) > MAX_DIGITS:
        value = value.quantize(_CENT, context=EXACT)
    return value, text[match.end() :]
