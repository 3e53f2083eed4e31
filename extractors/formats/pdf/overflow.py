"""Texts that are printed beyond their cell: lines that run over its borders, above and below or to the side.

Here: to which cell such lines belong. Not here: which characters a cell holds by its borders (page_grids.py). Lengths
are thousandths of a point.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from extractors.formats.pdf.page_content import POINT, Bools, Ints, are_blank

_MOST = 5
"""One of so many characters of a page may lie across a border; where more do, the page is drawn so."""


_ACROSS = 6
"""A character lies across a border where more than one of so many parts of its width lies beyond."""
_TOUCHING = 16
"""Characters of one text touch one another, to one of so many parts of their height."""


def gathered(texts: list[str], boxes: Ints, cell: Ints, borders: Ints) -> Ints:
    """`cell` with the lines together that one cell prints over its neighbours above and below.

    `borders` (n, 4): those of all cells; `cell`: the number of each character's, n for none. Programs put such lines
    around the middle of their cell, so that a border runs through each of them; all but the last are full.
    """
    inside = (cell < len(borders)).nonzero()[0]
    own = borders[cell[inside]]
    beyond = np.maximum(own[:, 1] - boxes[inside, 1], boxes[inside, 3] - own[:, 3])
    crossed = inside[4 * beyond > boxes[inside, 3] - boxes[inside, 1]]
    if not len(crossed) or _MOST * len(crossed) > len(inside):
        return cell
    result = cell.copy()
    blank = are_blank(texts)
    for chain in _chains(np.unique(cell[crossed]), borders):
        held = np.isin(cell, chain) & ~blank
        if np.isin(held.nonzero()[0], crossed).all() and _are_full(boxes, cell, held, chain, borders):
            middle = (boxes[held, 1].min() + boxes[held, 3].max()) // 2
            of = [n for n in chain if borders[n, 1] <= middle < borders[n, 3]]
            if len(of) == 1:
                result[np.isin(cell, chain)] = of[0]
    return result


def run_over(texts: list[str], boxes: Ints, cell: Ints, borders: Ints) -> Ints:
    """`cell` with the characters together of a line that runs over the border beside it (1286人次 in a narrow column).

    Where a border goes through a character, what touches it to the left and right is of the cell in which the middle
    of it all lies; so is what lies beyond the table. Parameters as of `gathered`.
    """
    inside = (cell < len(borders)).nonzero()[0]
    own = borders[cell[inside]]
    width = boxes[inside, 2] - boxes[inside, 0]
    beyond = np.maximum(own[:, 0] - boxes[inside, 0], boxes[inside, 2] - own[:, 2])
    crossed = inside[(_ACROSS * beyond > width) & (width > 0)]
    crossed = crossed[~are_blank([texts[n] for n in crossed.tolist()])] if len(crossed) else crossed
    if not len(crossed) or _MOST * len(crossed) > len(inside):
        return cell
    result = cell.copy()
    middles = (boxes[:, 1] + boxes[:, 3]) // 2
    for n in crossed.tolist():
        height = boxes[n, 3] - boxes[n, 1]
        line = (abs(middles - middles[n]) * 4 < height).nonzero()[0]
        line = line[np.argsort(boxes[line, 0], kind="stable")]
        near = boxes[line[1:], 0] - boxes[line[:-1], 2]
        breaks = (abs(near) * _TOUCHING > height).nonzero()[0]
        at = int((line == n).nonzero()[0][0])
        first = int(breaks[breaks < at].max()) + 1 if (breaks < at).any() else 0
        last = int(breaks[breaks >= at].min()) if (breaks >= at).any() else len(line) - 1
        run = line[first : last + 1]
        middle = (boxes[run[0], 0] + boxes[run[-1], 2]) // 2
        holds = (borders[:, 0] <= middle) & (middle < borders[:, 2])
        of = (holds & (borders[:, 1] <= middles[n]) & (middles[n] < borders[:, 3])).nonzero()[0]
        if len(of) == 1:
            result[run] = of[0]
    return result


def _chains(cells: Ints, borders: Ints) -> Iterator[list[int]]:
    """Cells one under another of one width, two and more."""
    chain: list[int] = []
    for n in sorted(cells.tolist(), key=lambda n: (*borders[n, ::2].tolist(), borders[n, 1].item())):
        if chain and (borders[n, ::2] == borders[chain[-1], ::2]).all() and borders[n, 1] == borders[chain[-1], 3]:
            chain.append(n)
            continue
        if len(chain) > 1:
            yield chain
        chain = [n]
    if len(chain) > 1:
        yield chain


def _are_full(boxes: Ints, cell: Ints, held: Bools, chain: list[int], borders: Ints) -> bool:
    """Whether in each cell but the last no further character would have had room, so that the text was wrapped."""
    for n in chain[:-1]:
        line = boxes[held & (cell == n)]
        room = borders[n, 2] - line[:, 2].max()
        if not len(line) or room > (line[:, 3] - line[:, 1]).max() + 2 * POINT:
            return False
    return True
