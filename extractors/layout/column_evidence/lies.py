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
from functools import lru_cache

import numpy as np

from extractors.layout.cell_words import words_of
from extractors.layout.column_evidence.content import profile
from extractors.layout.column_evidence.roles import OTHER, ROLES, scores, solve, unlikely
from extractors.layout.column_evidence.tables import Column, Table
from extractors.readings.printed import is_blank, points

_KNOWN = 5.0
"""How much more likely (a logarithm) a known header makes its role."""
_DENIED = 4.0
"""How much likelier a table must be without what its headers say."""
_CERTAIN = 1000.0
_FEWEST = 3
_FIGURE = re.compile(r"[≥≤<>=＝≧≦+-]?\s*\d[\d.,，]*\s*(?:[%％‰]|万|亿)?\s*[\u4e00-\u9fffa-zA-Z/²³]{0,4}")
_SIGNED = re.compile(r"[≥≤<>≧≦]\s*\d")
_SIGN = re.compile(r"[≥≤<>=＝≧≦~～±]{1,2}|(?:大于|小于|等于|不低于|不高于|不少于|不超过)(?:等于)?")
_RESULTS = {"完成", "管理", "效果"}
"""Words of levels that may be targets or results, too."""
_SIGNED_ROLES = {"target_text", "actual_text"}
_NAME = ROLES.index("level3")
_LONGEST_PART = 8
"""Characters of the longest sign or unit that is a column of its own."""
_MOST_POINTS = 350
"""No points of all indicators add up to more, their subtotals with them."""


@lru_cache(maxsize=16_384)
def _kind(text: str) -> str:
    """What a cell is at a glance: blank, sign, signed, points, figure, level1, level2, text, long."""
    if is_blank(text):
        return "blank"
    if _SIGN.fullmatch(text):
        return "sign"
    if _SIGNED.match(text):
        return "signed"
    if points(text) is not None:
        return "points"
    if _FIGURE.fullmatch(text):
        return "figure"
    words = words_of(text)
    if words.is_level and words.bare not in _RESULTS:
        return "level2" if words.is_level2 else "level1"
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

    Scores above their weights and never below, in so many rows; signs on results and none on targets; 产出指标,
    效益指标 of level 2 where none are of level 1.
    """
    found: set[str] = set()
    texts = {role: column.content.texts for role, column in columns.items()}
    if {"weight", "score"} <= columns.keys():
        pairs = ((points(w), points(s)) for w, s in zip(texts["weight"], texts["score"], strict=True))
        both = [(w, s) for w, s in pairs if w is not None and s is not None]
        if sum(s > w for w, s in both) >= rows and not any(s < w for w, s in both):
            found |= {"weight", "score"}
    found |= {r for r in {"weight", "score"} & columns.keys() if sum(points(t) or 0 for t in texts[r]) > _MOST_POINTS}
    if "actual_text" in columns and "operator" not in columns:
        signed = {role: sum(_kind(text) == "signed" for text in texts[role]) for role in _SIGNED_ROLES & texts.keys()}
        if signed["actual_text"] >= rows and not signed.get("target_text"):
            found |= _SIGNED_ROLES & columns.keys()
    if "level2" in columns and "level1" not in columns:
        own = {text for text in texts["level2"] if text}
        if len(own) >= rows and all(_kind(text) == "level1" for text in own):
            found.add("level2")
    return found


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
        if said[n] is not None and roles[n] != named[n]:
            column.named, column.denied = None, said[n]
