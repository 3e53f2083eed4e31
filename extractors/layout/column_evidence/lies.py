"""Headers that say what their cells cannot be: known words over the cells of another role.

Here: which known headers of a table its cells speak against. Not here: what becomes of them (decide), the score of
roles (roles).

Known words are right nearly always, so a table is asked only where a column is plainly against its header, prints a
header twice, or lacks the name of its indicators; and a header is denied only where the table as a whole is far more
likely without it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import numpy as np

from extractors.layout.cell_words import split_points, words_of
from extractors.layout.column_evidence.content import profile
from extractors.layout.column_evidence.roles import OTHER, ROLES, scores, solve, unlikely
from extractors.layout.column_evidence.tables import Column, Table
from extractors.layout.column_headers import LEVELS, ColumnHeader
from extractors.layout.rows import Row
from extractors.readings.printed import is_blank, is_operator_alone, points
from extractors.readings.units import unit_of

_KNOWN = 5.0
"""How much more likely (a logarithm) a known header makes its role."""
_DENIED = 4.0
"""How much likelier a table must be without what its headers say."""
_CERTAIN = 1000.0
_FEWEST = 3
_FIGURE = re.compile(
    r"[≥≤<>=＝≧≦+-]?\s*\d+(?:[.,，]\d+)*\s*(?:[%％‰]|万|亿)?\s*(?P<unit>[\u4e00-\u9fffa-zA-Z/²³]{0,4})"
)
_SHORT_UNIT = 2
_NUMBER = re.compile(r"^[(]?(?:\d{1,2}(?:[.-]\d{1,2}){0,3}|[一二三四五六七八九十]{1,3})[).、]?(?=[\u4e00-\u9fff])")
"""What a level may have before it: 一、 1. (2) 1.1"""
_BOUNDED = re.compile(r"[≥≤<>≧≦]|[不大小低高多少超]于|不[低高多少超]|至少|以[上下内]")
_SIGNED = re.compile(r"[≥≤<>≧≦]\s*\d")
_RESULTS = {"完成", "管理", "效果"}
"""Words of levels that may be targets or results, too."""
_POINTS = {"weight", "score"}
_HUNDRED = 100
_SIGNED_ROLES = {"target_text", "actual_text"}
_NAME = ROLES.index("level3")
_LONGEST_PART = 8
"""Characters of the longest sign or unit that is a column of its own."""
_MOST_POINTS = 350
"""No points of all indicators add up to more, their subtotals with them."""
_WHOLE = {1, 80, 90, 100, 900, 1000}
"""What the points of all indicators add up to, with and without those of the money."""


@lru_cache(maxsize=16_384)
def _kind(text: str) -> str:
    """What a cell is at a glance: blank, sign, signed, points, figure, level1, level2, text, long."""
    if is_blank(text):
        return "blank"
    if is_operator_alone(text):
        return "sign"
    if _SIGNED.match(text):
        return "signed"
    if points(text) is not None:
        return "points"
    own = words_of(text)
    words = words_of(_NUMBER.sub("", own.bare))
    if words.is_level and own.bare not in _RESULTS:
        return "level2" if words.is_level2 else "level1"
    figure = _FIGURE.fullmatch(text)
    if figure and (len(figure["unit"]) <= _SHORT_UNIT or unit_of(figure["unit"]) is not None):
        return "figure"
    return "text" if len(text) <= _LONGEST_PART else "long"


_AGAINST: dict[str, frozenset[str]] = {
    "level1": frozenset({"sign", "signed", "points", "figure", "level2"}),
    "level2": frozenset({"sign", "signed", "points", "figure"}),
    "level3": frozenset({"sign", "signed", "points", "figure", "level1", "level2"}),
    "operator": frozenset({"signed", "points", "figure", "level1", "level2", "long"}),
    "target_text": frozenset({"sign", "level1", "level2"}),
    "actual_text": frozenset({"sign", "level1", "level2"}),
    "unit_text": frozenset({"sign", "signed", "points", "figure", "level1", "level2", "long"}),
    "weight": frozenset({"sign", "signed", "figure", "level1", "level2", "text", "long"}),
    "score": frozenset({"sign", "signed", "figure", "level1", "level2", "text", "long"}),
    "deviation": frozenset({"sign", "signed", "points", "figure", "level1", "level2"}),
}
"""By role, the kinds of cells that it does not have."""


_TELLING = {"long", "level1", "level2"}


def _is_against(column: Column, role: str) -> bool:
    """Whether most cells of a column are of a kind that its role does not have; a single one where that is telling."""
    content = column.content
    kinds = Counter(_kind(text) for text, begun in zip(content.texts, content.begun, strict=True) if text and begun)
    kinds.pop("blank", None)
    against = sum(kinds[kind] for kind in _AGAINST[role])
    if role == "level3" and 2 * kinds.total() < len(content.texts):
        return True
    return against * 2 > kinds.total() and (kinds.total() >= _FEWEST or against > 1 or bool(_TELLING & kinds.keys()))


_SET_ASIDE = {"note", "target_midterm_text"}
"""What a header is taken for where another one before or behind it says the same."""


def claimed(column: Column) -> str | None:
    """The role that the words of a header say, which may be of no interest where another has it already."""
    if column.named is None:
        return None
    named = column.named if column.named not in _SET_ASIDE else column.header.slot.words.header
    return named if named in _AGAINST else None


def may_lie(headers: Sequence[ColumnHeader], rows: Sequence[Row]) -> bool:
    """Whether any cell of the first rows below known headers is against its own: most tables have none, and are done.

    The cells are taken by their middle alone, and rows of other sections with them: a table is gathered then, no more.
    """
    said = [header.slot.words.header if header.name in _SET_ASIDE else header.name for header in headers]
    known = [(header, role) for header, role in zip(headers, said, strict=True) if role in _AGAINST]
    roles = {role for _, role in known}
    if len(roles) < len(known) or "level3" not in roles or "level1" not in roles:
        return True
    sums: dict[str, Decimal] = {}
    names = 0
    for row in rows:
        given: dict[str, Decimal] = {}
        for slot in row.filled:
            middle = (slot.x0 + slot.reach) / 2
            role = next((role for header, role in known if header.x0 <= middle < header.x1), None)
            if role is None:
                continue
            kind = _kind(slot.text)
            if kind in _AGAINST[role] or (role == "actual_text" and kind == "signed"):
                return True
            names += role == "level3" and kind != "blank"
            if role in _POINTS and kind == "points":
                given[role] = points(slot.text) or Decimal(0)
                sums[role] = sums.get(role, Decimal(0)) + given[role]
        if len(given) == len(_POINTS) and given["score"] > given["weight"]:
            return True
    return 2 * names < len(rows) or any(own > _MOST_POINTS for own in sums.values())


def is_suspect(table: Table) -> bool:
    """Whether some header of a table may lie; its first rows are enough to see it."""
    if table.rows < _FEWEST or table.cut:
        return False
    columns = [(column, role) for column in table.columns if (role := claimed(column)) is not None]
    by_role = {role: column for column, role in columns}
    if len(by_role) < len(columns) or "level3" not in by_role:
        return True
    return any(_is_against(column, role) for column, role in columns) or bool(_exchanged(by_role, 1))


def _exchanged(columns: dict[str, Column], rows: int) -> set[str]:
    """The roles that cannot be, all columns seen together.

    Scores above their weights and never below, in so many rows, and only the scores are a whole; points that no form
    gives; signs on results and none on targets; 产出指标, 效益指标 of level 2 where none are of level 1.
    """
    found = _of_points(columns, rows)
    texts = {role: column.content.texts for role, column in columns.items()}
    if "actual_text" in columns and "operator" not in columns:
        signed = {role: sum(_kind(text) == "signed" for text in texts[role]) for role in _SIGNED_ROLES & texts.keys()}
        figures = sum(_kind(text) in {"points", "figure"} for text in texts["actual_text"])
        bounded = any(_BOUNDED.search(text) for text in texts.get("target_text", ()))
        if signed["actual_text"] >= max(rows, figures) and not bounded:
            found |= _SIGNED_ROLES & columns.keys()
    if "level2" in columns and "level1" not in columns:
        own = {text for text in texts["level2"] if text}
        if len(own) >= rows and all(_kind(text) == "level1" for text in own):
            found.add("level2")
    return found


def _of_points(columns: dict[str, Column], rows: int) -> set[str]:
    """Which of weights and scores cannot be: a mistake of the filer, or scores of 100 each, are no reason to doubt."""
    given = {r: [points(text) or 0 for text in columns[r].content.texts] for r in _POINTS & columns.keys()}
    beyond = {role for role, own in given.items() if sum(own) > _MOST_POINTS}
    whole = rows > 1 and "weight" in given and _is_whole(columns, "weight")
    if whole and beyond:
        scores = columns["score"].content.texts if "score" in columns else []
        beyond -= {"weight"}
        if not any("%" in text for text in scores) and max(given.get("score", [0])) <= _HUNDRED:
            beyond -= {"score"}
    if len(given) < len(_POINTS) or whole:
        return beyond
    both = [(w, s) for w, s in zip(given["weight"], given["score"], strict=True) if w and s]
    if sum(s > w for w, s in both) < rows or any(s < w for w, s in both):
        return beyond
    return {*_POINTS} if rows == 1 or _is_whole(columns, "score") else beyond


def _is_whole(columns: dict[str, Column], role: str) -> bool:
    """Whether points add up to what all of them do in a form, or to the points behind each level: 产出指标（50分）."""
    content = columns[role].content
    own = [(points(text) or 0) if begun else 0 for text, begun in zip(content.texts, content.begun, strict=True)]
    if sum(own) in _WHOLE:
        return True
    for level in {"level1", "level2"} & columns.keys():
        sums = Counter[str]()
        for text, given in zip(columns[level].content.texts, own, strict=True):
            sums[text] += given  # type: ignore[assignment]
        said = [(points(behind), sums[text]) for text in sums if (behind := split_points(text)[1]) is not None]
        if said and all(wanted == found for wanted, found in said):
            return True
    return False


def deny(table: Table) -> None:
    """Take the headers off the columns that they lie about: their role is unknown then, and `denied` what they say."""
    own = [c for c in table.columns if (c.named is None or claimed(c) or c.named == "note") and any(c.content.texts)]
    said = [claimed(column) for column in own]
    exchanged = _exchanged({role: column for column, role in zip(own, said, strict=True) if role is not None}, 2)
    asked = scores([c.content for c in own], [None] * len(own))
    off = unlikely(np.array([profile(c.content) for c in own]))
    named: list[int] = []
    for n, (column, role) in enumerate(zip(own, said, strict=True)):
        if role is None:
            named.append(OTHER)
            continue
        against = role in exchanged or _is_against(column, role)
        number = ROLES.index(role)
        asked.alone[n, number] += -2 * _KNOWN if against else _KNOWN - off[n, number]
        named.append(OTHER if column.named in _SET_ASIDE or number in named else number)
    allowed = np.ones((len(own), len(ROLES)), dtype=bool)
    best, roles = solve(asked, allowed)
    if said.count("level3") == 1 and roles[names := said.index("level3")] == OTHER:  # names of a kind of their own
        asked.alone[names] += np.where(np.arange(len(ROLES)) == _NAME, _CERTAIN, 0)
        best, roles = solve(asked, allowed)
    if best - asked.of(named) < _DENIED:
        return
    for n, column in enumerate(own):
        of_no_other = roles[n] == OTHER and named[n] not in roles  # then nothing is better than what the header says
        lowest = roles[n] == _NAME and "level3" not in said and said[n] in LEVELS and said.count(said[n]) == 1
        if said[n] is not None and roles[n] != named[n] and not of_no_other and not lowest:
            column.named, column.denied = None, said[n]
