"""Fits the constants of `extractors/layout/column_evidence` on the truth set: `make fit`, or `python -m tools.fit`.

Here: the fit, its check by layout. Not here: the tables and their disguises (training), what the constants are for
(roles), what columns look like (content).

Each table is shown many times in disguise. The roles of others given, the role of a column has the probability that its
worth gives it (pseudo-likelihood), and a constant is dear.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractors.layout.column_evidence import roles as evidence
from extractors.layout.column_evidence.arithmetic import FACTORS
from extractors.layout.column_evidence.content import BESIDE, CELL, SHAPE
from extractors.layout.column_evidence.roles import OTHER, PAIRS, ROLES, Constants, read_roles, scores
from tools.training import Example, disguised, examples

CONSTANTS = Path(evidence.__file__).parent / "constants.json"
_DISGUISES = 8
_PARTS = re.compile(r"([≥≤=＝><]?)\s*(\d[\d.]*)\s*(\D{0,6})")
_RATE, _STEPS, _DEAR = 0.1, 450, 0.00005
_FOLDS = 4
_NAME = ROLES.index("level3")
_SUMMED = (ROLES.index("weight"), ROLES.index("score"))


# ── the fit ──────────────────────────────────────────────────────────────────────


@dataclass
class _Choices:
    """Of many columns, what each could be instead: its other roles, or an exchange with another column.

    `more`: by choice, what its numbers have beyond those of the truth, in the order of `_flat`; `fixed`: what it is
    worth whatever the constants; `of`: the number of the column; `weight`: by column.
    """

    more: np.ndarray
    fixed: np.ndarray
    of: np.ndarray
    weight: np.ndarray


_OWN, _BOTH = len(ROLES) * (len(CELL) + len(SHAPE)), len(PAIRS) * len(BESIDE)
_PAIR_OF = {(ROLES.index(a), ROLES.index(b)): n for n, (a, b) in enumerate(PAIRS)}
_STARTS = np.cumsum([0, *(len(names) for names in FACTORS.values())])


def _flat(table: Example, roles: list[int], arithmetic: evidence.Arithmetic) -> np.ndarray:
    """All numbers of a table with these roles: of columns, of pairs, what words suggest, arithmetic."""
    profiles, between = table.said()
    own = np.zeros((len(ROLES), len(CELL) + len(SHAPE)))
    both = np.zeros((len(PAIRS), len(BESIDE)))
    hint = 0.0
    for c, role in enumerate(roles):
        own[role] += profiles[c]
        suggested = table.hints[c]
        hint += 0.0 if suggested is None else float(suggested[role])
        for d, theirs in enumerate(roles):
            if c != d and (n := _PAIR_OF.get((role, theirs))) is not None:
                both[n] += between[c, d]
    counted = np.zeros(_STARTS[-1])
    for n, numbers in arithmetic.of(roles):
        counted[_STARTS[n] : _STARTS[n + 1]] += numbers
    return np.concatenate([own.ravel(), both.ravel(), [hint], counted])


def _choices(tables: list[Example]) -> _Choices:
    per_layout: dict[str, int] = defaultdict(int)
    for table in tables:
        per_layout[table.layout] += len(table.roles)
    more: list[np.ndarray] = []
    fixed: list[float] = []
    of: list[int] = []
    weight: list[float] = []
    for table in tables:
        arithmetic = evidence.Arithmetic(table.columns)
        truth = _flat(table, table.roles, arithmetic)
        off = evidence.unlikely(table.said()[0])
        for c, own in enumerate(table.roles):
            others = {r for r in table.roles if r != OTHER}
            instead = [{c: r} for r in range(len(ROLES)) if r != own and r not in others]
            instead += [
                {c: theirs, d: own}
                for d, theirs in enumerate(table.roles)
                if theirs != own and table.columns[c].texts != table.columns[d].texts
            ]
            for change in instead:
                roles = [change.get(d, r) for d, r in enumerate(table.roles)]
                if not _is_possible(change, off):
                    continue
                more.append((_flat(table, roles, arithmetic) - truth).astype(np.float32))
                fixed.append(sum(float(off[d, r] - off[d, table.roles[d]]) for d, r in change.items()))
                of.append(len(weight))
            weight.append(1 / per_layout[table.layout])
    return _Choices(np.array(more), np.array(fixed), np.array(of), np.array(weight) / sum(weight))


def _is_possible(change: dict[int, int], off: np.ndarray) -> bool:
    return all(off[d, r] == 0 for d, r in change.items())


def fitted(tables: list[Example]) -> Constants:
    """The constants that make the roles of the tables likely, beside what each column could be instead."""
    choices = _choices(tables)
    made = np.zeros(choices.more.shape[1])
    mean, square = np.zeros_like(made), np.zeros_like(made)
    for step in range(1, _STEPS + 1):
        worth = np.minimum(choices.more @ made.astype(np.float32) + choices.fixed, 50)
        likely = np.exp(worth)
        whole = 1 + np.bincount(choices.of, likely, minlength=len(choices.weight))
        share = (likely / whole[choices.of] * choices.weight[choices.of]).astype(np.float32)
        slope = share @ choices.more + _DEAR * made
        mean += 0.1 * (slope - mean)
        square += 0.01 * (slope * slope - square)
        rate = _RATE * (1 - 0.9 * step / _STEPS)
        made -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-9)
    own, both, words = made[:_OWN], made[_OWN : _OWN + _BOTH], made[_OWN + _BOTH]
    counted = made[_OWN + _BOTH + 1 :]
    return Constants(
        own.reshape(len(ROLES), -1),
        both.reshape(len(PAIRS), -1),
        float(max(words, 0.0)),
        tuple(counted[_STARTS[n] : _STARTS[n + 1]] for n in range(len(FACTORS))),
    )


def as_table(made: Constants) -> dict[str, dict[str, dict[str, float]]]:
    """The constants by their names, those that say next to nothing left out."""
    names = (*CELL, *SHAPE)
    return {
        "own": {
            role: {n: round(float(w), 2) for n, w in zip(names, made.own[r], strict=True) if abs(w) >= 0.05}
            for r, role in enumerate(ROLES)
        },
        "pairs": {
            f"{a} {b}": {n: round(float(w), 2) for n, w in zip(BESIDE, made.pairs[p], strict=True) if abs(w) >= 0.05}
            for p, (a, b) in enumerate(PAIRS)
        },
        "words": {"words": {"words": round(made.words, 2)}},
        "factors": {
            " ".join(roles): {n: round(float(w), 2) for n, w in zip(counted, made.factors[f], strict=True)}
            for f, (roles, counted) in enumerate(FACTORS.items())
        },
    }


def as_text(made: Constants) -> str:
    """The constants as they are shipped."""
    return json.dumps(as_table(made), ensure_ascii=False, indent=1) + "\n"


# ── the check ────────────────────────────────────────────────────────────────────


def check(tables: list[Example], made: Constants) -> list[tuple[float, bool, int, int, str, int]]:
    """(margin, right, true role, role read, layout, what else) of each column, nothing being known of the headers."""
    found = []
    for table in tables:
        if len(table.columns) > 14:
            continue
        solution = read_roles(scores(table.columns, table.hints, made), [range(len(ROLES))] * len(table.columns))
        for c, (true, role) in enumerate(zip(table.roles, solution.roles, strict=True)):
            same = table.roles.index(role) if role in table.roles else -1
            right = role == true or (same >= 0 and table.columns[same].texts == table.columns[c].texts)
            found.append((solution.margins[c], right, true, role, table.layout, solution.rivals[c]))
    return found


def trained_on() -> tuple[dict[str, list[Example]], dict[str, list[Example]]]:
    """By layout, the tables as they are, and those together with their disguises; each time the same ones."""
    chosen = random.Random(17)
    plain: dict[str, list[Example]] = defaultdict(list)
    for table in examples():
        if len(plain[table.layout]) < 4:
            plain[table.layout].append(table)
    disguises = {
        layout: [*tables, *(disguised(chosen.choice(tables), chosen) for _ in range(_DISGUISES))]
        for layout, tables in plain.items()
    }
    return plain, disguises


def main() -> None:
    """Fit on all tables, after a check: each fourth of the layouts is read with constants fitted on the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="check by layout only, write nothing")
    parser.add_argument("--no-check", action="store_true", help="fit only")
    args = parser.parse_args()
    by_layout, disguises = trained_on()
    for table in (table for tables in disguises.values() for table in tables):
        table.said()
    print(sum(map(len, disguises.values())), "tables,", len(by_layout), "layouts")
    if not args.no_check:
        for disguise in (False, True):
            found = []
            for fold in range(_FOLDS):
                held = [layout for n, layout in enumerate(sorted(by_layout)) if n % _FOLDS == fold]
                made = fitted([t for layout, tables in disguises.items() if layout not in held for t in tables])
                for layout in held:
                    found += check(disguises[layout] if disguise else by_layout[layout], made)
            _print(found)
    if not args.check:
        made = fitted([table for tables in disguises.values() for table in tables])
        CONSTANTS.write_text(as_text(made), "utf-8")


def _print(found: list[tuple[float, bool, int, int, str, int]]) -> None:
    for least in (-1e8, 1, 2, 3, 4, 5, 6, 8):
        sure = [f for f in found if f[0] >= least]
        wrong = [f for f in sure if not f[1]]
        print(
            f"margin {least:>6}: {len(sure) / len(found):7.2%} of columns, wrong {len(wrong) / max(len(sure), 1):.3%}"
        )
        if least in (-1e8, 4):
            counted: dict[str, int] = defaultdict(int)
            for _, _, true, role, _, _ in wrong:
                counted[f"{ROLES[true]} read {ROLES[role]}"] += 1
            print("   ", sorted(counted.items(), key=lambda kv: -kv[1])[:14])


if __name__ == "__main__":
    main()
