"""Characters -> lines -> text, for all cells of a page at once.

Here: which characters form a line, blanks between them, lines of a cell joined. Not here: which characters a cell holds
(pdf_page.py). Lengths are thousandths of a point.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from extractors.formats.clean import clean_text, is_odd
from extractors.formats.pdf.page_content import POINT, Bools, Ints, are_blank, changes
from extractors.grid import add_line, join_lines

_HAIR = POINT // 100
"""By so much a gap must exceed its threshold, for the engines' measures differ by less."""

_ENDS_NUMBER, _GOES_ON = re.compile("[0-9.,]$"), re.compile("[0-9.,%]")
_CLOSING = "%％‰)）,，。；;"


class Lines:
    """The lines of groups of characters, group by group and from the top; blanks at their ends are left out.

    `numbers`: the lines of each group that has any.
    """

    def __init__(self, texts: list[str], boxes: Ints, group: Ints, wide_gaps: int) -> None:
        """Sort the characters into lines.

        A blank is put where Latin words, or in the group `wide_gaps` any two characters, stand clearly apart.
        """
        order, line = _sorted_into_lines(boxes, group)
        self._own = list(map(texts.__getitem__, order.tolist()))
        whole = "".join(texts)
        self._plain = whole.isprintable() and not is_odd(whole)
        self._boxes = boxes[order]
        visible = (~are_blank(self._own)).nonzero()[0]
        begins = changes(line[visible])
        ends = np.ones(len(begins), bool)
        ends[:-1] = begins[1:]
        first, last = visible[begins], visible[ends]
        self._first, self._end = first.tolist(), (last + 1).tolist()
        self._widths = (self._boxes[last, 2] - self._boxes[first, 0]).tolist()
        chars = self._own.copy()
        self._wide: list[int] = []  # before which characters a line falls into pieces
        for i in self._gaps(line, group[order] == wide_gaps):
            chars[i] = " " + chars[i]
        self._lines = list(map("".join, map(chars.__getitem__, map(slice, self._first, self._end))))
        groups = group[order[first]]
        starts = changes(groups).nonzero()[0]
        ranges = map(range, starts.tolist(), [*starts[1:].tolist(), len(groups)])
        self.numbers: dict[int, range] = dict(zip(groups[starts].tolist(), ranges, strict=True))

    def _gaps(self, line: Ints, wide: Bools) -> list[int]:
        """Before which characters a blank must stand."""
        gap = self._boxes[1:, 0] - self._boxes[:-1, 2] - _HAIR
        height = self._boxes[:, 3] - self._boxes[:, 1]
        size = np.maximum(height[1:], height[:-1])
        apart = ((4 * gap > size) & (line[1:] == line[:-1])).nonzero()[0]
        if not len(apart):
            return []
        pairs = list(zip(apart.tolist(), (wide[apart + 1] & (5 * gap > 6 * size)[apart]).tolist(), strict=True))
        texts = self._own
        self._wide = [i + 1 for i, wide_apart in pairs if wide_apart]
        return [
            i + 1
            for i, wide_apart in pairs
            if texts[i] != " " != texts[i + 1] and (wide_apart or (texts[i].isascii() and texts[i + 1].isascii()))
        ]

    def text(self, number: int) -> str:
        """The text of one line."""
        return join_lines(clean_text(self._lines[number]))

    def box(self, number: int) -> Ints:
        """The bounds of one line: x0, top, x1, bottom."""
        own = self._boxes[self._first[number] : self._end[number]]
        return np.concatenate((own[:, :2].min(axis=0), own[:, 2:].max(axis=0)))

    def count_pieces(self, number: int) -> int:
        """How many texts of a line stand clearly apart."""
        return len(self._cuts(number)) + 1

    def _cuts(self, number: int) -> list[int]:
        begin = bisect_right(self._wide, self._first[number])
        return self._wide[begin : bisect_left(self._wide, self._end[number])]

    def pieces(self, number: int) -> list[tuple[str, Ints]]:
        """The texts of a line that stand clearly apart, and their bounds."""
        first, end = self._first[number], self._end[number]
        cuts = [first, *self._cuts(number), end]
        found = []
        for a, b in pairwise(cuts):
            own = [i for i in range(a, b) if not self._own[i].isspace()]
            if own:
                boxes = self._boxes[own]
                box = np.concatenate((boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)))
                found.append((join_lines(clean_text("".join(self._own[a:b]))), box))
        return found

    def middle(self, number: int) -> int:
        """Twice the height at which the line's first character stands."""
        return int(self._boxes[self._first[number], 1] + self._boxes[self._first[number], 3])

    def texts_in_boxes(self, first: int, widths: Sequence[int]) -> list[str]:
        """The texts printed in boxes of these widths, their lines joined; `first`: the group of the first box."""
        texts, end = [""] * len(widths), first + len(widths)
        for group, numbers in self.numbers.items():
            if first <= group < end:
                if self._plain and len(numbers) == 1:  # most are
                    texts[group - first] = self._lines[numbers.start]
                else:
                    texts[group - first] = self._joined(numbers, widths[group - first])
        return texts

    def _joined(self, numbers: range, width: int) -> str:
        text = self._lines[numbers[0]]
        if len(numbers) > 2 and self._stands_upright(numbers, width):
            return "".join(self._lines[n] for n in numbers)
        for before, after in pairwise(numbers):
            if self._number_goes_on(before, after, numbers, width):
                text += self._lines[after]
            elif self._plain:
                text = add_line(text, self._lines[after])
            else:
                text += f"\n{self._lines[after]}"
        return text if self._plain else join_lines(clean_text(text))

    def _stands_upright(self, numbers: range, width: int) -> bool:
        """Whether a cell is too narrow for two characters: each of its lines is one."""
        narrow = all(self._end[n] - self._first[n] == 1 for n in numbers)
        return narrow and width < 2 * max(self._widths[n] for n in numbers)

    def _number_goes_on(self, before: int, after: int, numbers: range, width: int) -> bool:
        """Whether a line break stands inside a number: a full line, of these, that ends in a digit, then a digit."""
        first, end = self._first[after], self._end[after]
        if not (_ENDS_NUMBER.search(self._own[self._end[before] - 1]) and _GOES_ON.match(self._own[first])):
            return False
        next_width = 0
        for i in range(first, end):  # a line is not broken before a closing mark, so that the next piece is "8%)"
            if next_width and self._own[i] not in _CLOSING:
                break
            next_width += int(self._boxes[i, 2] - self._boxes[i, 0])
        used, widest = self._widths[before], max(self._widths[n] for n in numbers)
        return used > widest - next_width and width - used < next_width + 14 * POINT


def _sorted_into_lines(boxes: Ints, group: Ints) -> tuple[Ints, Ints]:
    """The order of the characters by group, line and place, and the number of the line of each."""
    if not len(boxes):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    y, height = boxes[:, 1] + boxes[:, 3], boxes[:, 3] - boxes[:, 1]
    order = _in_order(group, y)
    keys = np.array((group, y, height))[:, order]
    begins = changes(keys[0]) | changes(keys[1]) | changes(keys[2])
    runs = keys[:, begins]  # characters that stand and are alike
    new = changes(runs[0])
    _, middles, heights = runs.tolist()
    middle = tallest = 0
    for n in np.flatnonzero(~new).tolist():
        if new[n - 1]:
            middle, tallest = middles[n - 1], heights[n - 1]
        if 10 * (middles[n] - middle) > 9 * max(heights[n], tallest):
            new[n] = True
        elif heights[n] > tallest:
            middle, tallest = middles[n], heights[n]
    line = (new.cumsum() - 1)[begins.cumsum() - 1]
    by_place = _in_order(line, boxes[order, 0])
    return order[by_place], line[by_place]


def _in_order(number: Ints, place: Ints) -> Ints:
    """The order by number, then by place (a coordinate or two)."""
    return np.argsort((number << 32) + place, kind="stable")
