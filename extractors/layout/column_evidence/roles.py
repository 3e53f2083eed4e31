"""Which role each column of a table plays: a score over all columns together, its best solution, and how sure that is.

Here: the score, the search, the margin. Not here: what the numbers of columns are (content), where the constants come
from (tools/fit), what becomes of a role (decide).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from extractors.layout.column_evidence.arithmetic import FACTORS, OPERATOR, said_by
from extractors.layout.column_evidence.content import BESIDE, CELL, OF_ORDER, SHAPE, Content, beside, profile
from extractors.vocabulary import vocabulary

Array = npt.NDArray[np.float64]

ROLES = (
    "level1", "level2", "level3", "operator", "target_text", "unit_text", "actual_text", "weight", "score",
    "deviation", "note",
)  # fmt: skip
"""The roles that content can tell; mid-term and adjusted targets, say, are told by their headers alone."""
OTHER = len(ROLES) - 1
PAIRS = (
    ("weight", "score"), ("target_text", "actual_text"), ("level1", "level2"), ("level2", "level3"),
    ("level1", "level3"), ("operator", "target_text"), ("target_text", "unit_text"), ("actual_text", "unit_text"),
    ("operator", "actual_text"), ("score", "deviation"), ("weight", "deviation"), ("actual_text", "deviation"),
    ("target_text", "deviation"), ("level3", "deviation"), ("level3", "target_text"), ("level3", "actual_text"),
    ("level3", "weight"), ("level3", "score"), ("target_text", "weight"), ("target_text", "score"),
    ("actual_text", "weight"), ("actual_text", "score"), ("level2", "target_text"), ("level1", "target_text"),
    ("target_text", "note"), ("actual_text", "note"), ("weight", "note"), ("score", "note"), ("level3", "note"),
    ("level1", "note"), ("level2", "note"), ("deviation", "note"), ("unit_text", "note"), ("operator", "note"),
    ("operator", "unit_text"),
)  # fmt: skip
"""Pairs of roles that say something about each other, besides the order of all."""
_PAIR_ROLES = np.array([(ROLES.index(a), ROLES.index(b)) for a, b in PAIRS])
_ORDER = np.array([name in OF_ORDER for name in BESIDE])
_BEAM = 64
_ONCE = np.array([role != "note" for role in ROLES])
"""Roles that one column plays."""
_NEVER = -1e9
_LIKELY = 12.0
"""How much worse a solution may be before its arithmetic is counted, and still be the best."""
_OPERATOR = ROLES.index(OPERATOR)
_FACTOR_NAMES = tuple(FACTORS)
_FACTOR_ROLES = tuple(tuple(ROLES.index(role) for role in roles) for roles in FACTORS)


@dataclass(frozen=True)
class Constants:
    """The fitted weights: of a column's own numbers, of pairs, of arithmetic, and of what the words suggest."""

    own: Array  # roles x (CELL + SHAPE)
    pairs: Array  # PAIRS x BESIDE
    words: float
    factors: tuple[Array, ...]  # by FACTORS: its numbers


@cache
def constants() -> Constants:
    """The shipped constants."""
    read = json.loads((Path(__file__).parent / "constants.json").read_text("utf-8"))
    return from_table(read)


def from_table(table: dict[str, dict[str, dict[str, float]]]) -> Constants:
    """Constants from their names; one that is not named is 0."""
    own = np.array([[table["own"].get(role, {}).get(name, 0.0) for name in (*CELL, *SHAPE)] for role in ROLES])
    pairs = np.array([[table["pairs"].get(f"{a} {b}", {}).get(name, 0.0) for name in BESIDE] for a, b in PAIRS])
    factors = tuple(
        np.array([table.get("factors", {}).get(" ".join(roles), {}).get(name, 0.0) for name in names])
        for roles, names in FACTORS.items()
    )
    return Constants(own, pairs, table["words"]["words"]["words"], factors)


@cache
def _grams() -> tuple[dict[str, Array], Array]:
    """By two characters, how often the words of each role have them, and how often on the whole."""
    counts = [Counter[str]() for _ in ROLES]
    for name, words in vocabulary().indicator.words().items():
        if name in ROLES:
            for word in words:
                counts[ROLES.index(name)].update(grams(word))
    totals = np.array([sum(c.values()) or 1 for c in counts], dtype=float)
    everything = set().union(*counts)
    return {gram: np.array([c[gram] for c in counts]) / totals for gram in everything}, totals


def grams(word: str) -> set[str]:
    """The pairs of characters in a word."""
    return {word[n : n + 2] for n in range(len(word) - 1)}


def suggested(key: str) -> Array:
    """What the parts of an unknown header suggest: for each role a logarithm, 0 on the whole where it says nothing."""
    shares, _ = _grams()
    found = [shares[gram] for gram in grams(key) if gram in shares]
    if not found:
        return np.zeros(len(ROLES))
    logs = np.mean([np.log((share + 0.002) / (share + 0.002).mean()) for share in found], axis=0)
    return np.asarray(logs - logs.max(), dtype=float) * min(1.0, len(found) / 3)


_NAMES = (*CELL, *SHAPE)
_FIGURES = ("integer", "decimal", "percent", "nothing")
_ASKED = (
    *_FIGURES,
    "blank",
    "serial",
    "distinct",
    "merged",
    "rule",
    "sign_alone",
    "unit_alone",
    "sign",
    "number_unit",
    "level1",
    "level2",
    "like_level",
)
_UNLIKELY = 30.0


def unlikely(own: Array) -> Array:
    """By column and role, what is taken off where the cells cannot be of it: points are figures, signs no values."""
    share = {name: own[:, _NAMES.index(name)] for name in _ASKED}
    figures = sum((share[name] for name in _FIGURES), np.zeros(len(own)))
    signs, units = share["sign_alone"] > 0.5, share["unit_alone"] > 0.75
    off = np.zeros((len(own), len(ROLES)), dtype=bool)
    for r, role in enumerate(ROLES):
        if role != "operator" and role != "note":
            off[:, r] |= signs
        if role not in {"unit_text", "note"}:
            off[:, r] |= units
        if role in {"weight", "score"}:
            off[:, r] |= (figures < 0.75) | (share["serial"] > 0)
        if role == "level3":
            off[:, r] |= (share["blank"] > 0.5) | (share["distinct"] < 0.5) | (share["merged"] > 0.6)
        if role in {"level3", "target_text", "actual_text"}:
            off[:, r] |= share["rule"] > 0.5
        if role in {"level1", "level2", "level3", "deviation"}:
            off[:, r] |= figures - share["nothing"] + share["sign"] + share["number_unit"] > 0.5
        if role in {"level1", "level2"}:
            off[:, r] |= share[role] + share["like_level"] < 0.4
        if role == "operator":
            off[:, r] |= share["sign_alone"] < 0.2
        if role == "unit_text":
            off[:, r] |= (figures - share["nothing"] > 0.5) | (share["unit_alone"] < 0.3)
    return -_UNLIKELY * off


class Arithmetic:
    """What the arithmetic of a table says about the roles of several of its columns at once."""

    def __init__(self, columns: Sequence[Content]) -> None:
        self.columns = columns
        self._said: dict[tuple[int, ...], Array] = {}

    def of(self, roles: Sequence[int]) -> list[tuple[int, Array]]:
        """(number of a factor, its numbers) for each one whose roles are all played."""
        column = {role: n for n, role in enumerate(roles)}
        operator = column.get(_OPERATOR, -1)
        found: list[tuple[int, Array]] = []
        for number, needed in enumerate(_FACTOR_ROLES):
            key = (number, operator, *(column.get(role, -1) for role in needed))
            if -1 in key[2:]:
                continue
            if key not in self._said:
                own = [self.columns[n] for n in key[2:]]
                sign = self.columns[operator] if operator >= 0 else None
                self._said[key] = np.array(said_by(_FACTOR_NAMES[number], own, sign))
            found.append((number, self._said[key]))
        return found

    def worth(self, roles: Sequence[int], made: Constants) -> float:
        """What it is worth."""
        return float(sum(made.factors[number] @ said for number, said in self.of(roles)))


@dataclass
class Scores:
    """A table as numbers: what each column, and each two of them, are worth in each role; without the order too."""

    alone: Array  # columns x roles
    both: Array  # columns x columns x roles x roles, the first left of the second
    unordered: Array
    same: npt.NDArray[np.bool_]  # columns x columns: printed alike in each row
    arithmetic: Arithmetic
    made: Constants

    def of(self, roles: Sequence[int], both: Array | None = None) -> float:
        """What a solution is worth."""
        both = self.both if both is None else both
        n = np.arange(len(roles))
        i, j = np.triu_indices(len(roles), 1)
        own = np.asarray(roles)
        counted = self.arithmetic.worth(roles, self.made)
        return float(self.alone[n, own].sum() + both[i, j, own[i], own[j]].sum()) + counted


def said(columns: Sequence[Content]) -> tuple[Array, Array]:
    """(columns x own numbers, columns x columns x numbers of both) of a table."""
    n = len(columns)
    says = np.zeros((n, n, len(BESIDE)))
    for i in range(n):
        for j in range(i):
            says[i, j] = beside(columns[i], columns[j], j - i)
            says[j, i] = beside(columns[j], columns[i], i - j)
    return np.array([profile(c) for c in columns]), says


def scores(columns: Sequence[Content], hints: Sequence[Array | None], made: Constants | None = None) -> Scores:
    """The worths of a table; `hints`: what the words of each header suggest."""
    made = made or constants()
    own, says = said(columns)
    alone = own @ made.own.T + unlikely(own)
    for c, hint in enumerate(hints):
        if hint is not None:
            alone[c] += made.words * hint
    same = np.array([[a.texts == b.texts for b in columns] for a in columns])
    unordered = _both(says * ~_ORDER, made.pairs)
    return Scores(alone, _both(says, made.pairs), unordered, same, Arithmetic(columns), made)


def _both(says: Array, pairs: Array) -> Array:
    """Columns x columns x roles x roles: for i with role a and j with role b, whichever the pair names first."""
    n = len(says)
    energy = np.zeros((n, n, len(ROLES), len(ROLES)))
    worth = says @ pairs.T
    a, b = _PAIR_ROLES.T
    energy[:, :, a, b] += worth
    energy[:, :, b, a] += worth.transpose(1, 0, 2)
    return energy


def solve(table: Scores, allowed: npt.NDArray[np.bool_]) -> tuple[float, list[int]]:
    """(worth, roles) of the best solution in which each column has one of its allowed roles, and no role twice."""
    n = len(allowed)
    roles = np.zeros((1, n), dtype=np.intp)
    worth = np.zeros(1)
    used = np.zeros((1, len(ROLES)), dtype=bool)
    for c in range(n):
        grown = np.where(used | ~allowed[c], _NEVER, table.alone[c]) + worth[:, None]
        for i in range(c):
            grown += table.both[i, c][roles[:, i]]
        flat = grown.ravel()
        best = np.argsort(flat)[::-1][:_BEAM]
        kept, role = np.divmod(best, len(ROLES))
        roles, worth, used = roles[kept], flat[best], used[kept]
        roles[:, c] = role
        used[np.arange(len(role)), role] |= _ONCE[role]
    likely = int(np.sum(worth > worth[0] - _LIKELY))
    found = [[int(role) for role in own] for own in roles[:likely]]
    worths = [float(w) + table.arithmetic.worth(own, table.made) for w, own in zip(worth, found, strict=False)]
    best_of = max(range(len(found)), key=worths.__getitem__)
    return worths[best_of], found[best_of]


@dataclass
class Solution:
    """The roles of a table's columns, how sure each is (in logarithms), and what it could be instead."""

    roles: list[int]
    margins: list[float]
    rivals: list[int]


def read_roles(table: Scores, options: Sequence[Sequence[int]]) -> Solution:
    """The best solution; a column is as sure as the worth lost by its next best role in the whole table.

    No surer than what a mere change of its role, or an exchange with another column, costs where the order says
    nothing; an exchange with a column that prints the same texts changes no value.
    """
    allowed = np.array([[role in own for role in range(len(ROLES))] for own in options])
    best, roles = solve(table, allowed)
    margins, rivals = [], []
    base = table.of(roles, table.unordered)
    np.fill_diagonal(table.same, False)
    for c, own in enumerate(options):
        if len(own) == 1:
            margins.append(-_NEVER)
            rivals.append(roles[c])
            continue
        alike = [roles[c], *(roles[d] for d in range(len(roles)) if table.same[c, d])]
        others = allowed.copy()
        others[c, alike] = False
        worth, instead = solve(table, others)
        margin, rival = best - worth, instead[c]
        exchanges = [({c: role}, role) for role in own if role not in alike and (role not in roles or not _ONCE[role])]
        exchanges += [
            ({c: roles[d], d: roles[c]}, roles[d])
            for d in range(len(roles))
            if roles[d] not in alike and allowed[c, roles[d]] and allowed[d, roles[c]]
        ]
        for change, role in exchanges:
            cost = base - table.of([change.get(d, r) for d, r in enumerate(roles)], table.unordered)
            if cost < margin:
                margin, rival = cost, role
        margins.append(margin)
        rivals.append(rival)
    return Solution(roles, margins, rivals)
