"""Cells without a number: blanks, not-applicable notes, grades, and cells with several measures.

Here: what is recognised as such. Not here: what two of them say together.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from extractors.readings.context import Context
from extractors.readings.lexicon import ABSENT, GRADES, UNITS, alternation
from extractors.readings.model import Reading
from extractors.readings.units import unit_of

_EMPTY = frozenset(ABSENT["empty"]["marks"])
_EMPTY_PATTERN = re.compile(ABSENT["empty"]["pattern"])
_NA = ABSENT["not_applicable"]
_NA_MARKS = frozenset(_NA["marks"])
_NA_NOTE = re.compile(
    f"(?:{alternation(_NA['subjects'])}){{0,3}}(?P<phrase>{alternation(_NA['phrase'])})(?:{alternation(_NA['objects'])})?"
)
_NA_CONTAINS: dict[str, str] = _NA["contains"]
_NA_MAX = 120

EMPTY = Reading("empty", rule="empty")
TEXT = Reading("text", rule="text")
COMPOUND = Reading("compound", rule="compound")


def read_absent(text: str, row: Context) -> Reading | None:
    """A blank mark, a template filler or a wording for "not applicable" (folded `text`)."""
    if not text or text in _EMPTY:
        return EMPTY
    if text in _NA_MARKS:
        if text == "无" and row.none_happened:
            return TEXT  # under 投诉 it says that none happened
        return Reading("not_applicable", reason="declared_na", rule="not_applicable_mark")
    if _EMPTY_PATTERN.fullmatch(text):
        return EMPTY
    if len(text) <= _NA_MAX:
        if (match := _NA_NOTE.fullmatch(text)) is not None:
            return Reading("not_applicable", reason=_NA["phrase"][match["phrase"]], rule="not_applicable")
        for phrase, reason in _NA_CONTAINS.items():
            if phrase in text:
                return Reading("not_applicable", reason=reason, rule="not_applicable")
    return None


def _grades() -> dict[str, Reading]:
    """Every printed grade, put together once from the lists."""
    found: dict[str, tuple[str, int]] = {}
    for scale, ranks in GRADES["scale"].items():
        found.update({word: (scale, rank) for word, rank in ranks.items()})
    effect = GRADES["effect"]
    alone = set(effect["alone"]["words"])
    for adverb, rank in effect["adverb"].items():
        for subject in ["", *effect["subjects"]]:
            if adverb not in alone:
                found[subject + adverb] = ("effect", rank)
            for scale, verbs in (("effect", effect["up"]), ("effect_down", effect["down"])):
                for verb in verbs:
                    found[subject + adverb + verb] = (scale, rank)
                    if adverb not in alone:
                        found[subject + verb + adverb] = (scale, rank)
    grades = {word: _grade(scale, rank, "=") for word, (scale, rank) in found.items()}
    grades.update({word: _grade(scale, rank, ">=") for word, (scale, rank) in GRADES["at_least"].items()})
    return grades


def _grade(scale: str, rank: int, operator: str) -> Reading:
    return Reading("grade", operator, dimension=f"grade:{scale}", rank=rank, rule="grade")


_GRADES = _grades()
_ASKED = re.compile("(?:(?P<at_least>≥=?|>=)|={1,2})(?P<grade>.{1,12})")
_SCALES = frozenset(GRADES["listed_scale"]["words"])


def read_grade(text: str) -> Reading | None:
    """A grade of one of the closed lists; a printed scale (高中低) is text."""
    if text in _SCALES:
        return TEXT
    if (asked := _ASKED.fullmatch(text)) is not None and (grade := _GRADES.get(asked["grade"])) is not None:
        return replace(grade, operator=">=" if asked["at_least"] else grade.operator)
    return _GRADES.get(text)


_MULTIPLIERS = alternation(UNITS["multiplier"])
_SPLIT = re.compile("[,，;；、/和与及并且]|或者")
_MEASURE = re.compile(f"(?P<number>[0-9]+)(?:{_MULTIPLIERS})?[余多]?(?P<unit>[^0-9,，;；、。/和与及()（）]{{1,8}})")
_YEAR = re.compile("(?:19|20)[0-9]{2}")


@lru_cache(maxsize=8192)
def _has_unit(text: str) -> bool:
    """Whether a unit stands at the start of `text`."""
    return text[0] == "月" or any(unit_of(text[:length]) is not None for length in range(min(len(text), 6), 0, -1))


def _is_measure(match: re.Match[str]) -> bool:
    if match["unit"][0] == "年" and _YEAR.fullmatch(match["number"]):
        return False  # 2024年 names a year
    return _has_unit(match["unit"])


def read_compound(text: str) -> Reading | None:
    """Two or more measures with separators between them, or one for each of several things (各1次)."""
    parts = _SPLIT.split(text)
    if len(parts) < 2:
        if text[0] == "各" and (match := _MEASURE.match(text, 1)) is not None and _has_unit(match["unit"]):
            return COMPOUND
        return None
    measured = 0
    for part in parts:
        if any(_is_measure(match) for match in _MEASURE.finditer(part)):
            measured += 1
            if measured == 2:
                return COMPOUND
    return None
