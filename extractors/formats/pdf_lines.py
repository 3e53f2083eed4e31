"""Characters -> lines -> text, for all cells of a page at once.

Here: which characters form a line, blanks between them, lines of a cell joined. Not here: which characters a cell holds
(pdf_page.py). Lengths are thousandths of a point.
"""

from __future__ import annotations

import re
from itertools import groupby, pairwise

import numpy as np

from extractors.formats.clean import clean_text, is_odd
from extractors.formats.pdf_ink import POINT, Bools, Ints, changes
from extractors.grid import join_lines

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
        self._own = [texts[i] for i in order.tolist()]
        self._odd = is_odd("".join(texts))
        self._boxes = boxes[order]
        visible = np.flatnonzero(~np.fromiter(map(_is_blank, self._own), bool, len(texts)))
        heads = np.flatnonzero(changes(line[visible]))
        first = visible[heads]
        last = visible[np.append(heads[1:], len(visible))[: len(heads)] - 1]
        self._first, self._end = first.tolist(), (last + 1).tolist()
        self._widths = (self._boxes[last, 2] - self._boxes[first, 0]).tolist()
        self._chars = self._own.copy()
        for i in np.flatnonzero(self._gaps(line, group[order] == wide_gaps)).tolist():
            self._chars[i] = " " + self._chars[i]
        groups = enumerate(group[order[first]].tolist())
        self.numbers = {g: [n for n, _ in lines] for g, lines in groupby(groups, key=lambda item: item[1])}

    def _gaps(self, line: Ints, wide: Bools) -> Bools:
        """Before which characters a blank must stand."""
        if len(line) < 2:
            return np.zeros(len(line), bool)
        height = self._boxes[:, 3] - self._boxes[:, 1]
        size = np.maximum(height[1:], height[:-1])
        gap = self._boxes[1:, 0] - self._boxes[:-1, 2] - _HAIR
        latin = np.fromiter(map(str.isascii, self._own), bool, len(self._own))
        blank = np.fromiter(map(" ".__eq__, self._own), bool, len(self._own))
        apart = (latin[1:] & latin[:-1] & (4 * gap > size)) | (wide[1:] & (5 * gap > 6 * size))
        apart &= (line[1:] == line[:-1]) & ~blank[1:] & ~blank[:-1]
        return np.concatenate(([False], apart))

    def text(self, number: int) -> str:
        """The text of one line."""
        return join_lines(clean_text("".join(self._chars[self._first[number] : self._end[number]])))

    def box(self, number: int) -> Ints:
        """The bounds of one line: x0, top, x1, bottom."""
        own = self._boxes[self._first[number] : self._end[number]]
        return np.concatenate((own[:, :2].min(axis=0), own[:, 2:].max(axis=0)))

    def middle(self, number: int) -> int:
        """Twice the height at which the line's first character stands."""
        return int(self._boxes[self._first[number], 1] + self._boxes[self._first[number], 3])

    def joined(self, group: int, width: int) -> str:
        """The text printed in a box of this width, its lines joined."""
        numbers = self.numbers.get(group)
        if not numbers:
            return ""
        text = "".join(self._chars[self._first[numbers[0]] : self._end[numbers[0]]])
        if len(numbers) == 1 and not self._odd and text.isprintable():
            return text.strip()
        for before, after in pairwise(numbers):
            text += "" if self._number_goes_on(before, after, max(self._widths[n] for n in numbers), width) else "\n"
            text += "".join(self._chars[self._first[after] : self._end[after]])
        return join_lines(clean_text(text))

    def _number_goes_on(self, before: int, after: int, widest: int, width: int) -> bool:
        """Whether a line break stands inside a number: a full line that ends in a digit, then a digit."""
        first, end = self._first[after], self._end[after]
        if not (_ENDS_NUMBER.search(self._own[self._end[before] - 1]) and _GOES_ON.match(self._own[first])):
            return False
        next_width = 0
        for i in range(first, end):  # a line is not broken before a closing mark, so that the next piece is "8%)"
            if next_width and self._own[i] not in _CLOSING:
                break
            next_width += int(self._boxes[i, 2] - self._boxes[i, 0])
        used = self._widths[before]
        return used > widest - next_width and width - used < next_width + 14 * POINT


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _sorted_into_lines(boxes: Ints, group: Ints) -> tuple[Ints, Ints]:
    """The order of the characters by group, line and place, and the number of the line of each."""
    if not len(boxes):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    y, height = boxes[:, 1] + boxes[:, 3], boxes[:, 3] - boxes[:, 1]
    order = np.lexsort((y, group))
    keys = group[order], y[order], height[order]
    starts = np.flatnonzero(changes(keys[0]) | changes(keys[1]) | changes(keys[2]))
    numbers, number, last_group, middle, tallest = [], -1, None, 0, 0
    runs = zip(*(key[starts].tolist() for key in keys), strict=True)  # of characters that stand and are alike
    for own_group, own_middle, own_height in runs:
        if own_group == last_group and 10 * (own_middle - middle) <= 9 * max(own_height, tallest):
            if own_height > tallest:
                middle, tallest = own_middle, own_height
        else:
            number, last_group, middle, tallest = number + 1, own_group, own_middle, own_height
        numbers.append(number)
    line = np.repeat(numbers, np.append(starts[1:], len(order)) - starts)
    by_place = np.lexsort((boxes[order, 0], line))
    return order[by_place], line[by_place]
