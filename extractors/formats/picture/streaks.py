"""Upright rules that may be streaks of a copier: what stands at both of their sides was one word or one figure.

Here: which pieces of print a streak may have cut. Not here: rules (rules), what becomes of such pieces (page). A digit
below a streak goes with it, and what is left beside it would be another number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_NEAR, _OF_WORDS = 1.0, 0.75
"""Ems from print to print over a rule, up to which a digit and a point may have stood between; cells leave more."""
_SAME = 6
"""Pixels within which two rules are one."""
_LEAST = 3
"""Places at which a rule cuts print, from which it is a streak, whatever stands there."""


def cut_by_streaks(
    boxes: NDArray[np.int64], cells: Sequence[int], figures: Sequence[tuple[bool, bool]], em: float
) -> set[int]:
    """The numbers of the pieces that a streak may have cut; `boxes` (n, 4) in pixels, each in one of `cells`.

    `figures`: whether a piece begins and whether it ends with one. Two figures with a rule between and less room than
    cells leave are cut; of words it takes several at one rule.
    """
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for n, (_, top, right, bottom) in enumerate(boxes.tolist()):
        gap = boxes[:, 0] - right
        level = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
        near = (gap >= 0) & (gap <= _NEAR * em) & (level > 0.5 * np.minimum(boxes[:, 3] - boxes[:, 1], bottom - top))
        for other in np.flatnonzero(near).tolist():
            if cells[other] != cells[n]:
                pairs[_rule(pairs, right + int(gap[other]) // 2, round(_NEAR * em / 2))].append((n, other))
    cut: set[int] = set()
    for own in pairs.values():
        many = sum(boxes[right, 0] - boxes[left, 2] <= _OF_WORDS * em for left, right in own) >= _LEAST
        for left, right in own:
            if (many and boxes[right, 0] - boxes[left, 2] <= _OF_WORDS * em) or (
                figures[left][1] and figures[right][0]
            ):
                cut |= {left, right}
    return cut


def _rule(known: dict[int, list[tuple[int, int]]], at: int, within: int) -> int:
    return next((rule for rule in known if abs(rule - at) <= max(within, _SAME)), at)
