"""What the cells of a column look like, by themselves and beside another column.

Here: the class of a text, the profile of a column, and what two columns say about each other, as numbers. Not here:
what role a column plays (roles), which cells it has (tables).
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

from extractors.layout.cell_words import split_points, words_of
from extractors.readings import read_value
from extractors.readings.fold import fold
from extractors.readings.printed import is_operator_alone, number, points
from extractors.readings.units import free_unit, unit_of
from extractors.vocabulary import bare_text

_SIGN = re.compile(r"^(?:[≥≤<>=]|大于|小于|不[低高少多超]于?过?|等于)+")
_AT_MOST = re.compile(r"[≤<]|小于|不[高多超]")
_KINDS = re.compile(r"定[性量](?:指标)?|[正反]向(?:指标)?")
_NUMBER_THEN = re.compile(r"^[\d,.]+(?:万|亿)?(\D{1,8})$")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"\d+年(?!级)|\d+月|\d+日|[上下]半年|年底|季度")
_STOP = re.compile("[。；，,;:：]")
_ALL_POINTS = Decimal(100)
_ENOUGH = 3

CELL = (
    "level1", "level2", "like_level", "with_points", "sign", "sign_alone", "unit_alone", "integer", "decimal",
    "percent", "number_unit", "no_digit", "short", "middling", "long", "stops", "date", "reason", "rule",
    "explanation", "quality", "name", "verdict", "nothing", "numbered", "beyond_points", "grade", "text_digits", "kind",
)  # fmt: skip
"""Classes of texts; a column has the share of each among its texts."""
SHAPE = (
    "one", "blank", "distinct", "merged", "adds_to_100", "adds_below_100", "adds_above_100", "serial", "few", "same",
    "empty", "adds_to_total", "misses_total",
)  # fmt: skip
"""What a column is as a whole."""
BESIDE = (
    "equal", "same_number", "greater", "less", "both_points", "same_unit", "other_unit", "nests", "sign_beside_none",
    "number_beside_unit", "number_beside_sign", "contains", "ever_greater", "ever_signed",
    "both", "adds_up", "within_points", "behind_sign", "left", "next",
)  # fmt: skip
"""What two columns say about each other, row by row; `both`: that there are both; the last two are of order alone."""
OF_ORDER = ("left", "next")


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """What the words of the data file look like, by their names."""
    groups = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
    made = {}
    for name, entry in groups.items():
        alternatives = [f"^(?:{word})$" for word in entry.get("is", [])] + entry.get("has", [])
        made[name] = re.compile("|".join(alternatives))
    return made


@dataclass(frozen=True, slots=True)
class Look:
    """What a text looks like: its classes, and what can be compared with another cell's.

    `points`: in brackets behind a name, or the figure itself. `at_most`: the sign of a target wants no more.
    """

    classes: tuple[str, ...]
    bare: str
    number: Decimal | None
    unit: str | None
    sign: bool
    points: Decimal | None = None
    at_most: bool = False


@lru_cache(maxsize=16_384)
def look(text: str) -> Look:
    """The classes of a printed text, with its number and unit where it is a number."""
    bare = fold(bare_text(text))
    words = words_of(text)
    known = patterns()
    classes: list[str] = []
    value, unit = points(text), None
    sign = _SIGN.match(bare)
    level, level_points = split_points(bare)
    if len(bare) <= 24:
        classes += [name for name in ("level1", "level2") if known[name].search(level)]
        if words.like_level and not _DIGIT.search(level) and (level.endswith("指标") or len(level) <= 6):
            classes.append("like_level")
        if level_points is not None:
            classes.append("with_points")
    if known["nothing"].search(bare):
        classes.append("nothing")
    elif is_operator_alone(bare):
        classes.append("sign_alone")
    elif _KINDS.fullmatch(bare):
        classes.append("kind")
    elif value is not None and not sign:
        classes.append("percent" if bare.endswith("%") else "integer" if value == value.to_integral() else "decimal")
        unit = "%" if bare.endswith("%") else ""
        if value > _ALL_POINTS:
            classes.append("beyond_points")
    elif len(bare) <= 6 and not _DIGIT.search(bare) and "level1" not in classes and _is_unit(bare):
        classes.append("unit_alone")
    rest = bare[sign.end() :] if sign else bare
    if sign and _DIGIT.search(rest):
        classes.append("sign")
        value = number(rest)
        unit = "" if value is not None else None
    if value is None and (m := _NUMBER_THEN.match(rest)):
        value, unit = number(rest[: m.start(1)].rstrip("万亿")), m[1]
        if value is not None:
            classes.append("percent" if unit == "%" else "number_unit")
    if value is None:
        reading = read_value(text, role="actual")
        if reading.kind == "grade":
            classes.append("grade")
        if reading.is_number:
            value, unit = reading.value, reading.unit or ""
    if _DATE.search(bare):
        classes.append("date")
    if not _DIGIT.search(bare):
        classes.append("no_digit")
    elif value is None and not sign:
        classes.append("text_digits")
    if value is None and "nothing" not in classes:
        classes.append("short" if len(bare) <= 6 else "middling" if len(bare) <= 16 else "long")
        names = ("reason", "rule", "explanation", "quality", "name", "verdict")
        classes += [name for name in names if known[name].search(bare)]
        if _STOP.search(bare):
            classes.append("stops")
    if words.is_numbered:
        classes.append("numbered")
    behind = points(level_points) if isinstance(level_points, str) else level_points
    own = value if unit == "" and not sign else behind
    return Look(tuple(classes), bare, value, unit, bool(sign), own, bool(sign and _AT_MOST.match(bare)))


def _is_unit(bare: str) -> bool:
    return unit_of(bare) is not None or (len(bare) <= 2 and free_unit(bare) is not None)


@dataclass(slots=True)
class Content:
    """The cells of a column: for each row its text or "", and whether the cell begins in that row."""

    texts: list[str] = field(default_factory=list)
    begun: list[bool] = field(default_factory=list)
    total: str = ""  # what the line of totals prints below them
    _looks: list[Look | None] | None = None

    @property
    def looks(self) -> list[Look | None]:
        """What the text of each row looks like; None where it is blank or the row of a cell that began above."""
        if self._looks is None:
            self._looks = [
                look(text) if text and own else None for text, own in zip(self.texts, self.begun, strict=True)
            ]
        return self._looks


def profile(column: Content) -> list[float]:
    """The numbers of `CELL` and `SHAPE` for a column."""
    looks = [found for found in column.looks if found is not None]
    count, rows = len(looks), len(column.texts) or 1
    shares = dict.fromkeys((*CELL, *SHAPE), 0.0)
    shares["one"] = 1.0
    if not count:
        shares["empty"] = shares["blank"] = 1.0
        return list(shares.values())
    for found in looks:
        for name in found.classes:
            shares[name] += 1 / count
    covered = sum(bool(text) for text in column.texts)
    distinct = len({found.bare for found in looks})
    shares["blank"] = 1 - covered / rows
    shares["merged"] = 1 - count / covered if covered else 0.0
    shares["distinct"] = distinct / count
    shares["few"] = float(count < _ENOUGH)
    shares["same"] = float(distinct == 1 and count >= _ENOUGH)
    numbers = [found.number for found in looks if found.number is not None and found.unit in {"", "%", "分"}]
    if len(numbers) >= max(2, 0.8 * count) and not any(found.sign for found in looks):
        total = sum(numbers, Decimal(0))
        shares["adds_to_100"] = float(total in {Decimal(100), Decimal(90), Decimal(80), Decimal(1)})
        shares["adds_below_100"] = float(20 <= total < _ALL_POINTS)
        shares["adds_above_100"] = float(total > _ALL_POINTS)
        if (printed := points(column.total)) is not None:
            shares["adds_to_total" if printed == total else "misses_total"] = 1.0
        shares["serial"] = float(numbers == [Decimal(n) for n in range(1, len(numbers) + 1)] and len(numbers) > 2)
    return list(shares.values())


def beside(a: Content, b: Content, distance: int) -> list[float]:
    """The numbers of `BESIDE` for two columns; `distance`: how many columns b stands right of a."""
    said = dict.fromkeys(BESIDE, 0.0)
    pairs = [(x, y) for x, y in zip(a.looks, b.looks, strict=True) if x is not None and y is not None]
    numbers = units = 0
    for x, y in pairs:
        said["equal"] += x.bare == y.bare
        said["sign_beside_none"] += x.sign and not y.sign and "unit_alone" not in y.classes
        said["number_beside_unit"] += x.unit == "" and "unit_alone" in y.classes
        said["number_beside_sign"] += x.unit == "" and "sign_alone" in y.classes
        said["contains"] += len(x.bare) >= 3 and len(y.bare) > len(x.bare) and x.bare in y.bare
        if x.unit is not None and y.unit is not None:
            units += 1
            said["same_unit" if x.unit == y.unit else "other_unit"] += 1
        elif (x.unit is None) != (y.unit is None):
            units += 1
            said["other_unit"] += 1
        elif "sign_alone" not in x.classes and "unit_alone" not in y.classes:
            units += 1
            alike = ("quality" in x.classes) == ("quality" in y.classes) and ("date" in x.classes) == (
                "date" in y.classes
            )
            said["same_unit" if alike else "other_unit"] += 1
        if x.number is not None and y.number is not None and x.unit == y.unit:
            numbers += 1
            said["same_number"] += x.number == y.number
            said["greater"] += x.number > y.number
            said["less"] += x.number < y.number
            said["both_points"] += x.unit == "" and y.unit == "" and x.number <= 100 and y.number <= 100
    greater, less = said["greater"], said["less"]
    for name in ("equal", "sign_beside_none", "number_beside_unit", "number_beside_sign", "contains"):
        said[name] /= len(pairs) or 1
    for name in ("same_unit", "other_unit"):
        said[name] /= units or 1
    for name in ("same_number", "greater", "less", "both_points"):
        said[name] /= numbers or 1
    said["behind_sign"] = float(distance == 1 and _are_signs(a)) - float(distance == -1 and _are_signs(b))
    said["nests"] = _nests(a, b)
    said["both"] = 1.0
    said["adds_up"] = _adds_up(a, b) - _adds_up(b, a)
    said["within_points"] = _within_points(pairs) - _within_points([(y, x) for x, y in pairs])
    said["ever_greater"] = float(greater > 0 and not less) - float(less > 0 and not greater)
    signs = [sum(x.sign for x, _ in pairs), sum(y.sign for _, y in pairs)]
    said["ever_signed"] = float(signs[0] > 0 and not signs[1]) - float(signs[1] > 0 and not signs[0])
    said["left"] = 1.0 if distance > 0 else -1.0
    said["next"] = 1.0 if distance == 1 else -1.0 if distance == -1 else 0.0
    return [float(said[name]) for name in BESIDE]


def _adds_up(a: Content, b: Content) -> float:
    """The share of a's names with points in brackets whose points those of b in their rows add up to."""
    if not any(found is not None and "with_points" in found.classes for found in a.looks):
        return 0.0
    groups: list[tuple[Decimal, Decimal, int]] = []
    for over, under in zip(a.looks, b.looks, strict=True):
        if over is not None:
            groups.append((over.points if over.points is not None else Decimal(-1), Decimal(0), 0))
        if groups and under is not None and under.points is not None:
            whole, total, count = groups[-1]
            groups[-1] = whole, total + under.points, count + 1
    told = [(whole, total) for whole, total, count in groups if whole > 0 and count]
    if len(told) < len(groups) / 2:
        return 0.0
    return sum(whole == total for whole, total in told) / len(groups)


def _within_points(pairs: list[tuple[Look, Look]]) -> float:
    """The share of a's names with points in brackets beside which b has no more points than these."""
    told = [(x.points, y) for x, y in pairs if "with_points" in x.classes and x.points is not None]
    if len(told) < max(2, len(pairs) / 2):
        return 0.0
    fits = [y.number is not None and y.unit == "" and not y.sign and 0 <= y.number <= whole for whole, y in told]
    return sum(fits) / len(told)


def _are_signs(column: Content) -> bool:
    looks = [found for found in column.looks if found is not None]
    return sum("sign_alone" in found.classes for found in looks) > len(looks) / 2


def _nests(a: Content, b: Content) -> float:
    """1 where each cell of b lies within one cell of a, and a has fewer; -1 the other way round."""
    if not any(a.texts) or not any(b.texts):
        return 0.0
    own_a, own_b = sum(a.begun), sum(b.begun)
    both = list(zip(a.begun, b.begun, a.texts, b.texts, strict=True))
    within = all(y or not x for x, y, _, text in both if text)
    around = all(x or not y for x, y, text, _ in both if text)
    if own_a < own_b and within:
        return math.tanh(own_b / max(own_a, 1) - 1)
    if own_b < own_a and around:
        return -math.tanh(own_a / max(own_b, 1) - 1)
    return 0.0
