"""The labels of goals: which cells they are, and whether their texts stand below them.

Here: rows of such labels. Not here: what becomes of the texts (labelled_values).
"""

from __future__ import annotations

import re
from itertools import pairwise

from extractors.form.sections.whole_project import beside_the_years
from extractors.layout.rows import PlacedCell, Row
from extractors.vocabulary import Role, vocabulary

_BOTH = {"goal_expected", "goal_actual"}
_EXPECTED: Role = ("goal", "goal_expected")
_ACTUAL: Role = ("goal", "goal_actual")
_LONG_TERM: Role = ("goal", "goal_longterm")
SENTENCE = re.compile(r"[。；;，,：:\d]")
DONE, PLANNED = re.compile("完成|实现|达成|实际|结果|成效"), re.compile("计划|预期|设定|拟|上年|去年|往年|申报")
"""What the label of what was reached says beside that of a goal, and what it does not say."""
_AIMED, _OTHER_YEAR = re.compile("计划|预期|设定|拟|申报"), re.compile(r"上年|去年|往年|20\d\d年")
LABEL = re.compile(r"[\u4e00-\u9fff()、/]{2,20}")


def goal_roles(row: Row, following: Row | None) -> dict[int, Role | None]:
    """What the labels of a row are that stand over goals, by the cell's id; a label that nobody knows has None.

    A row of labels over texts is known by one label of a goal: no neighbour of it is its value while a text stands
    below both. What such a neighbour names is read from parts of its words. Of two goals, one of which says that it
    is the year's, the other is the whole project's.
    """
    if following is None or following.ruled != row.ruled:
        return {}
    beside = [s.first for s in row.filled[:1]]
    below = [s for s in following.filled if s.first not in beside]  # without the section's label, printed again
    if any(s.words.role for s in below):
        return {}
    under = {s.x0: s for s in below}
    over = [(s, under[s.x0]) for s in row.filled if s.x0 in under and under[s.x0].words.bare != s.words.bare]
    known = [(s, text) for s, text in over if s.words.group == "goal"]
    if not known:
        return _roles_of_headers(_headers_beside(row, over))
    if len(over) < 2:
        return {}
    found: dict[int, Role | None] = {}
    expected = [s for s, _ in known if s.words.role == _EXPECTED]
    found |= {id(s): _LONG_TERM for s in beside_the_years(expected)}
    unknown = [s for s, _ in over if s.words.role is None]
    if not unknown or not all(LABEL.fullmatch(s.key) for s in unknown):
        return found
    taken = {s.words.role for s, _ in known}
    roles: dict[int, Role | None] = {}
    for slot in unknown:
        name = vocabulary().goal.holds(slot.key)
        if (
            expected
            and (name is None or ("goal", name) in taken)
            and DONE.search(slot.key)
            and not PLANNED.search(slot.key)
        ):
            name = "goal_actual"
        role = ("goal", name) if name is not None else None
        roles[id(slot)] = role if role not in taken else None
        taken.add(role)
    if not any(roles.values()) and any(LABEL.fullmatch(text.words.bare) for _, text in known):
        return found  # a label and its value below a label and its value
    return found | roles


def _roles_of_headers(headers: list[PlacedCell]) -> dict[int, Role | None]:
    """What headers of texts beside a goal's label are: of two the planned and the reached one, or nobody knows it."""
    if len(headers) == 2:
        planned = [bool(_AIMED.search(s.key)) and not _OTHER_YEAR.search(s.key) for s in headers]
        reached = headers[planned.index(False)] if planned.count(True) == 1 else None
        if reached is not None and DONE.search(reached.key) and not _OTHER_YEAR.search(reached.key):
            return {id(s): _ACTUAL if s is reached else _EXPECTED for s in headers}
    return {id(s): None for s in headers}


def _headers_beside(row: Row, over: list[tuple[PlacedCell, PlacedCell]]) -> list[PlacedCell]:
    """The cells beside a goal's label, which is merged over the row below, that look like headers of texts there."""
    first = row.filled[0]
    if first.words.group != "goal" or any(s is first for s, _ in over) or len(over) != len(row.filled) - 1:
        return []
    heads = all(
        LABEL.fullmatch(s.key) and len(text.text) > len(s.text) and SENTENCE.search(text.text) for s, text in over
    )
    return [s for s, _ in over] if heads else []


def labels_before_goals(row: Row, following: Row | None) -> dict[int, Role]:
    """What the labels between a goal's label, merged over two rows, and the texts are: 预期 | … over 实现 | …."""
    label, rest = row.filled[0], row.filled[1:]
    if (
        following is None
        or label.words.group != "goal"
        or len(rest) != 2
        or not any(s is label for s in following.above)
    ):
        return {}
    (first, text), (second, other) = rest, following.filled if len(following.filled) == 2 else (label, label)
    texts = all(
        s.words.role is None and len(s.text) > len(before.text) for before, s in ((first, text), (second, other))
    )
    if not texts or not all(LABEL.fullmatch(s.key) for s in (first, second)):
        return {}
    planned = _AIMED.search(first.key) and not DONE.search(first.key)
    reached = DONE.search(second.key) and not PLANNED.search(second.key)
    said = planned and reached and not any(_OTHER_YEAR.search(s.key) for s in (first, second))
    return {id(first): _EXPECTED, id(second): _ACTUAL} if said else {}


def _goal_labels(row: Row) -> list[tuple[PlacedCell, str]]:
    """The labels of goals in a row, each with the goal that it names."""
    return [(s, role[1]) for s in row.filled if (role := s.words.role) is not None and role[0] == "goal"]


def stand_over_goals(row: Row, following: Row | None) -> bool:
    """Whether goals stand below the labels of a row: it heads a row of their labels, or their texts are below.

    Their texts are below where one of the labels has none beside it and each of the texts begins under a label.
    """
    labels = _goal_labels(row)
    if not labels or following is None or following.ruled != row.ruled or following.columns is not None:
        return False
    if {name for _, name in _goal_labels(following)} >= _BOTH and all(s.words.role for s in following.filled):
        return True
    if any(s.words.role is None for s in row.filled) and goal_roles(row, following):
        return True
    if not {name for _, name in labels} >= _BOTH or any(s.words.role for s in following.filled):
        return False
    beside = {id(a) for a, b in pairwise(row.slots) if b.text and a.reach == a.x1 and not b.words.role}
    starts = {s.x0 for s, _ in labels}
    under = {s.x0 for s in following.filled}
    return under <= starts and len(under) >= 2 and not all(id(s) in beside for s, _ in labels if s.x0 in under)
