"""The labels of goals: whether their texts stand below them.

Here: rows of such labels. Not here: what becomes of the texts (labelled_values).
"""

from __future__ import annotations

from itertools import pairwise

from extractors.layout.rows import PlacedCell, Row

_BOTH = {"goal_expected", "goal_actual"}


def _goal_labels(row: Row) -> list[tuple[PlacedCell, str]]:
    """The labels of goals in a row, each with the goal that it names."""
    return [(s, role[1]) for s in row.filled if (role := s.words.role) is not None and role[0] == "goal"]


def stand_over_goals(row: Row, following: Row | None) -> bool:
    """Whether goals stand below the labels of a row: it heads a row of their labels, or their texts are below.

    Their texts are below where one of the labels has none beside it and each of the texts begins under a label.
    """
    labels = _goal_labels(row)
    if not labels or following is None or following.ruled != row.ruled:
        return False
    if {name for _, name in _goal_labels(following)} >= _BOTH and all(s.words.role for s in following.filled):
        return True
    if not {name for _, name in labels} >= _BOTH or any(s.words.role for s in following.filled):
        return False
    beside = {id(a) for a, b in pairwise(row.slots) if b.text and a.reach == a.x1 and not b.words.role}
    starts = {s.x0 for s, _ in labels}
    under = {s.x0 for s in following.filled}
    return under <= starts and len(under) >= 2 and not all(id(s) in beside for s, _ in labels if s.x0 in under)
