"""Tables of a page that has no rules for them: texts that stand one below another in columns with free space between.

Here: which lines are such a table, its columns, and which lines are the rest of the row beside them. Not here: tables
with rules (tables), characters and lines (lines). Lengths are thousandths of a point.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractors.formats.pdf.page_content import Ints
from extractors.grid import add_line

FEWEST_COLUMNS, _FEWEST_ROWS = 5, 3
"""Fewer columns or rows below the first line are none that lines alone can tell."""
_NEXT_LINE = 1.35
"""Heights of a line within which the next line of the same cell stands; rows stand further apart."""
_APART = 4
"""Heights of a line beyond which what follows is no part of the table."""
_FIGURE = re.compile(r"[\d.,%]+分?")

Piece = tuple[str, Ints]


@dataclass(slots=True)
class AlignedTable:
    """A table among lines: the first and the one behind its last, columns (x0, x1), rows (top, bottom, texts)."""

    begin: int
    end: int
    columns: list[tuple[int, int]]
    rows: list[tuple[int, int, list[str]]]


def aligned_table(lines: Sequence[list[Piece]]) -> AlignedTable | None:
    """The first table that the lines are, each given as its texts that stand apart, left to right; None for none."""
    for begin, heads in enumerate(lines):
        if len(heads) >= FEWEST_COLUMNS and (found := _below(lines, begin)) is not None:
            return found
    return None


def _below(lines: Sequence[list[Piece]], begin: int) -> AlignedTable | None:
    columns = [(int(box[0]), int(box[2])) for _, box in lines[begin]]
    under: list[list[int]] = [list(range(len(columns)))]
    end = begin + 1
    for line in lines[begin + 1 :]:
        height = _height(line)
        if not line or _top(line) - _bottom(lines[end - 1]) > _APART * height:
            break
        numbers = [_column(columns, box) for _, box in line]
        if any(n is None for n in numbers) or len(set(numbers)) < len(numbers):
            break
        own = [n for n in numbers if n is not None]
        wider = list(columns)
        for n, (_, box) in zip(own, line, strict=True):
            wider[n] = min(wider[n][0], int(box[0])), max(wider[n][1], int(box[2]))
        if any(a[1] >= b[0] for a, b in pairwise(wider)):
            break
        columns = wider
        under.append(own)
        end += 1
    full = [n for n, own in enumerate(under) if 2 * len(own) >= len(columns) or n == 0]
    if len(full) <= _FEWEST_ROWS:
        return None
    return AlignedTable(begin, end, columns, _rows(lines[begin:end], under, full, len(columns)))


def _column(columns: Sequence[tuple[int, int]], box: Ints) -> int | None:
    """The one column that a text stands under; None where there is none, or more."""
    found = [n for n, (x0, x1) in enumerate(columns) if box[0] < x1 and box[2] > x0]
    return found[0] if len(found) == 1 else None


def _rows(
    lines: Sequence[list[Piece]], under: Sequence[list[int]], full: list[int], width: int
) -> list[tuple[int, int, list[str]]]:
    """The rows; a line close to a row that fills columns is a line of its cells."""
    parts: dict[int, list[int]] = {n: [n] for n in full}
    for n, line in enumerate(lines):
        if n in parts:
            continue
        near = min(full, key=lambda k: min(abs(_middle(line) - _middle(lines[m])) for m in parts[k]))
        close = min(abs(_middle(line) - _middle(lines[m])) for m in parts[near]) <= 2 * _NEXT_LINE * _height(line)
        if close and not any(_FIGURE.fullmatch(text) for text, _ in line):
            parts[near].append(n)
        else:
            parts[n] = [n]
    rows = []
    for n in sorted(parts, key=lambda n: _middle(lines[n])):
        texts = [""] * width
        for k in sorted(parts[n], key=lambda k: _middle(lines[k])):
            for column, (text, _) in zip(under[k], lines[k], strict=True):
                texts[column] = add_line(texts[column], text) if texts[column] else text
        own = [lines[k] for k in parts[n]]
        rows.append((min(map(_top, own)), max(map(_bottom, own)), texts))
    return rows


def _top(line: list[Piece]) -> int:
    return min(int(box[1]) for _, box in line)


def _bottom(line: list[Piece]) -> int:
    return max(int(box[3]) for _, box in line)


def _height(line: list[Piece]) -> int:
    return max((int(box[3] - box[1]) for _, box in line), default=0)


def _middle(line: list[Piece]) -> int:
    """Twice the height at which a line stands."""
    return int(line[0][1][1] + line[0][1][3])
