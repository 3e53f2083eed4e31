"""How often columns are right that the reader is sure of: `python -m tests.accuracy.calibration [SET ...] [--share N]`.

Of each unknown or denied header of indicator tables, with one header hidden, with all, in the stress copies and under
headers that lie: how sure its cells made the reader, and whether the column was that by its own header.

Here: asking the reader how sure it is of each column. Not here: disguises (hidden, stress), how well it must do.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from extractors.grid import Grid
from extractors.layout.column_evidence.decide import asked
from extractors.layout.column_evidence.roles import ROLES
from extractors.layout.column_evidence.tables import tables_in
from tests.accuracy import hidden, stress
from tests.accuracy.hidden import Document, other_set, rows_of, truth_set

NEARLY_CERTAIN = math.log(0.999 / 0.001)
"""The margin (a logarithm of odds) of what is sure at 99.9 %."""


@dataclass(frozen=True)
class Asked:
    """A column that its cells had to tell: what was done to the form, its own role, the role read, how sure that is."""

    what: str
    path: str
    own: frozenset[str]
    read_as: str
    margin: float
    taken: bool

    @property
    def right(self) -> bool:
        """Whether the role read is its own."""
        return self.read_as in self.own


def _texts(texts: list[str]) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def columns(document: Document, what: str, grids: list[Grid]) -> Iterator[Asked]:
    """The columns of a changed document that were asked about; what prints the same as several may be any of them."""
    own: dict[tuple[str, ...], set[str]] = {}
    for table in tables_in(rows_of(document.grids), lambda _: False, known=True):
        for column in table.columns:
            name = column.named if column.named in ROLES else "note"
            if texts := _texts(column.content.texts):
                own.setdefault(texts, set()).add(name)
    for table, read in asked(rows_of(grids)):
        printed = Counter(_texts(column.content.texts) for column in table.columns)
        for column, role, margin, taken in read:
            key = _texts(column.content.texts)
            known = own.get(key) or {
                role for texts, roles in own.items() if {*texts} >= {*key} or {*key} >= {*texts} for role in roles
            }
            yield Asked(
                what,
                document.path,
                frozenset((known or {"note"}) | ({"note"} if printed[key] > 1 else set())),
                role,
                margin,
                taken,
            )


def measure(documents: list[Document], share: int = 1, seed: int = 17) -> list[Asked]:
    """All columns that were asked about, over each `share`-th change."""
    chance = random.Random(seed)
    found: list[Asked] = []
    number = 0
    for document in documents:
        made = [*hidden.variants(document)]
        if all(grid.page is None for grid in document.grids):
            made += stress.variants(document, chance)
        for what, grids in made:
            number += 1
            if number % share == 0:
                found += columns(document, what, grids)
    return found


def main() -> None:
    """Print, by how sure the reader was, how many columns there are and how many are wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path, help="folders with raw/ and truth.json; none: the truth set")
    parser.add_argument("--share", type=int, default=1, help="of the changes, each N-th")
    parser.add_argument("--misses", type=int, default=0, help="how many wrong columns to list")
    args = parser.parse_args()
    found: list[Asked] = []
    for documents in [other_set(s) for s in args.sets] or [truth_set()]:
        found += measure(list(documents), args.share)
    bands = {"all": found, "taken": [a for a in found if a.taken]}
    bands |= {"sure at 99.9 %": [a for a in found if a.margin >= NEARLY_CERTAIN]}
    for name, band in bands.items():
        wrong = [a for a in band if not a.right]
        print(f"{name:16} {len(band):6} columns, wrong {len(wrong)} = {len(wrong) / max(len(band), 1):.3%}")
    for a in [a for a in bands["taken"] if not a.right][: args.misses]:
        print(f"  {a.path} [{a.what}] {'/'.join(a.own)} read {a.read_as}, margin {a.margin:.1f}")


if __name__ == "__main__":
    main()
