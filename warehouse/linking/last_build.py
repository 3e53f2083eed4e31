"""What the build before made of the forms that still stand, so that nothing far away moves.

Here: keeping ids, and telling which changed and why. Not here: where the last build stands (warehouse.build).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

RULES = 6
"""The version of the rules of linking: raised where they change, so that the last build binds no longer."""


class Changed(NamedTuple):
    """An id of the last build whose forms have another now, and the reason."""

    before: str
    now: tuple[str, ...]
    forms: int
    reason: str


@dataclass(frozen=True)
class LastBuild:
    """The series and the unit of every form of the last build; `same_rules`: the rules of today made it."""

    series: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    same_rules: bool = False

    @staticmethod
    def keep(before: Mapping[str, str], groups: Sequence[Sequence[str]]) -> list[str]:
        """For each group of forms the id that most of them had, '' if none; an id goes where most of its forms are."""
        if not before:
            return [""] * len(groups)
        wishes: list[tuple[int, int, str]] = []
        for at, forms in enumerate(groups):
            counts = Counter(before[form] for form in forms if form in before)
            wishes += [(-n, at, old) for old, n in counts.items()]
        kept = [""] * len(groups)
        given: set[str] = set()
        for _, at, old in sorted(wishes):
            if not kept[at] and old not in given:
                kept[at] = old
                given.add(old)
        return kept


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[Changed]:
    """The ids whose forms, as far as they still stand, have another id now, with the reason."""
    of_old: dict[str, Counter[str]] = {}
    olds_of: dict[str, set[str]] = {}
    for form, old in before.items():
        if new := now.get(form):
            of_old.setdefault(old, Counter())[new] += 1
            olds_of.setdefault(new, set()).add(old)
    found = []
    for old, news in sorted(of_old.items()):
        if set(news) != {old}:
            split, joined = len(news) > 1, any(len(olds_of[new]) > 1 for new in news)
            reason = "、".join([*["其中的表分属几处"] * split, *["与另一处合为一处"] * joined]) or "由人认定"
            found.append(Changed(old, tuple(sorted(news)), sum(news.values()), reason))
    return found
