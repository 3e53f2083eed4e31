"""A sheet wider than the paper, printed on several pages side by side, read as the one table that it is.

Here: telling that a page goes on to the right of the one before, and laying them beside each other. Not here: tables
that go on below (layout).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from extractors.formats.pdf.page_content import POINT, Box, Ints, PageContent, are_blank
from extractors.grid import Spread

_SAME = POINT
"""Within this the rules of two pages are at one height."""
_SHARED = 0.8
"""Share of the heights of a page's rules at which the page to its left has some, too."""
_LEAST_ROWS = 4


@dataclass(slots=True)
class JoinedPages:
    """Pages that are read as one: the first one's number, their ink, and for each further page where it begins."""

    number: int
    ink: PageContent
    starts: list[tuple[int, int]]
    """The places x, in the ink, where further pages begin, and by how much each was moved to the right."""

    def add(self, ink: PageContent) -> bool:
        """Lay the next page to the right, if it goes on there; False if it does not."""
        first = self.ink
        if not first.level or not ink.level or not _goes_on(first, ink):
            return False
        right, left = max(rule[2] for rule in first.level), min(rule[0] for rule in ink.level)
        by = right - left
        level, upright = ([(a + by, b, c + by, d) for a, b, c, d in rules] for rules in (ink.level, ink.upright))
        self.ink = replace(
            first,
            texts=[*first.texts, *ink.texts],
            boxes=np.concatenate((first.boxes, ink.boxes + np.array([by, 0, by, 0]))),
            turns=np.concatenate((first.turns, ink.turns)),
            level=[*first.level, *level],
            upright=[*first.upright, *upright],
        )
        self.starts.append((right, by))
        return True

    def spread(self) -> Spread:
        """How its places lead back to the pages."""
        return Spread(self.number, tuple((start / POINT, by / POINT) for start, by in self.starts))


def _goes_on(left: PageContent, right: PageContent) -> bool:
    """Whether a page has the rows of the one before, and nothing where that has its title.

    A table that goes on below begins at the top of the page, and a page with a form of its own has a title.
    """
    if abs(min(rule[1] for rule in left.level) - min(rule[1] for rule in right.level)) > _SAME:
        return False
    title, first = _first_text(left), _first_text(right)
    if title is None or (first is not None and first[0] < title[1]):
        return False
    heights, others = _heights(left.level), _heights(right.level)
    if len(others) < _LEAST_ROWS:
        return False
    above = np.searchsorted(heights, others - _SAME)  # the first one that may be near
    shared = (above < len(heights)) & (heights[np.minimum(above, len(heights) - 1)] <= others + _SAME)
    return bool(np.count_nonzero(shared) >= _SHARED * len(others))


def _first_text(ink: PageContent) -> tuple[int, int] | None:
    """The top and bottom of the first character from above."""
    boxes = ink.boxes[~are_blank(ink.texts)]
    if not len(boxes):
        return None
    _, top, _, bottom = boxes[boxes[:, 1].argmin()].tolist()
    return top, bottom


def _heights(level: Sequence[Box]) -> Ints:
    heights: Ints = np.unique(np.array([rule[1] for rule in level], np.int64))
    return heights
