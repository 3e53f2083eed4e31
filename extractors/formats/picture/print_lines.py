"""The ink of a straight page without its rules -> lines of print, each with what belongs to it.

Here: specks, which ink stands in which cell, lines and the pieces of a line. Not here: what the lines say (page).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.formats.picture.straight import Bools

Ints = NDArray[np.int64]

_SPECK = 3
"""Pixels of ink up to which a blot is a speck."""
_LARGEST = 4.0
"""Ems: a blot that is larger is no print."""
_APART = 1.1
"""Ems of blank from which what stands beside each other is recognised by itself."""
_DEFAULT_EM = 28.0
_TEXT_HEIGHTS = (11, 70)


@dataclass(slots=True)
class Piece:
    """Print that is recognised together: the `cell` it stands in (or the number of cells for none), and its blots.

    `line` counts the lines of a cell from the top. `box`: left, top, right, bottom in pixels. `rough`: blots too large
    for print were left out beside it.
    """

    cell: int
    line: int
    box: tuple[int, int, int, int]
    blots: Ints
    em: float
    rough: bool = False


class Blots:
    """The connected pieces of ink: `boxes` (n, 4) in pixels, `labels` (height, width), from 1 in the order of boxes."""

    def __init__(self, ink: Bools) -> None:
        """Find them."""
        _, self.labels, stats, middles = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
        stats = stats.astype(np.int64)
        x, y, wide, high, self.area = stats.T
        self.boxes = np.stack((x, y, x + wide, y + high), axis=1)
        self.middles = np.nan_to_num(middles)
        self.area[0] = 0  # the paper

    def em(self) -> float:
        """The height of a line of Chinese print: most blots that are high are whole characters."""
        wide, high = (self.boxes[:, 2:] - self.boxes[:, :2]).T
        least, most = _TEXT_HEIGHTS
        own = (high >= least) & (high <= most) & (wide <= most) & (wide >= 0.4 * high)
        own[0] = False
        return float(np.percentile(high[own], 75)) * 1.08 if own.sum() >= 8 else _DEFAULT_EM


def pieces(blots: Blots, cells: Ints, none: int, em: float, boxes: Ints) -> list[Piece]:
    """The pieces of print, cell by cell and from the top; `cells` (n): the cell of each blot, `none` that of no cell.

    `boxes` (m, 4): the cells in pixels.
    """
    found: list[Piece] = []
    order = np.argsort(cells, kind="stable")
    order = order[blots.area[order] > 0]
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
    for own in np.split(order, starts[1:]) if len(order) else ():
        cell = int(cells[own[0]])
        if cell == none:
            found.extend(_free(blots, own, cell, em))
        else:
            found.extend(_in_cell(blots, own, cell, em, boxes[cell]))
    return found


def _in_cell(blots: Blots, own: Ints, cell: int, em: float, box: Ints) -> Iterator[Piece]:
    own, rough = _print_of(blots, own, em, box)
    for line, members in enumerate(_lines(blots, own, em)):
        for part in _apart(blots, members, em):
            yield _piece(blots, part, cell, line, em, rough)


def _free(blots: Blots, own: Ints, cell: int, em: float) -> Iterator[Piece]:
    """What stands in no table: blots that are near one another on one level are a line."""
    wide, high = (blots.boxes[own, 2:] - blots.boxes[own, :2]).T
    own = own[(blots.area[own] > 2 * _SPECK) & (high <= 2.5 * em) & (wide <= 2.5 * em)]
    if not len(own):
        return
    mask = np.zeros(blots.labels.shape, np.uint8)
    for x0, y0, x1, y1 in blots.boxes[own].tolist():
        mask[y0:y1, x0:x1] = 1
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, max(round(0.9 * em), 3)), np.uint8))
    _, labels = cv2.connectedComponents(joined)
    x, y = ((blots.boxes[own, :2] + blots.boxes[own, 2:]) // 2).T
    inner = labels[y, np.minimum(x, labels.shape[1] - 1)]
    for n in np.unique(inner[inner > 0]).tolist():
        members = own[inner == n]
        x0, y0 = blots.boxes[members, :2].min(axis=0)
        x1, y1 = blots.boxes[members, 2:].max(axis=0)
        if y1 - y0 >= 0.4 * em and x1 - x0 >= 0.8 * em and y1 - y0 <= 2.6 * em:
            yield _piece(blots, members, cell, 0, em, False)


def _print_of(blots: Blots, own: Ints, em: float, box: Ints) -> tuple[Ints, bool]:
    """The blots of a cell without specks and remains of its rules, and whether something larger was left out."""
    x0, y0, x1, y1 = blots.boxes[own].T
    wide, high = x1 - x0, y1 - y0
    large = (wide > _LARGEST * em) | (high > _LARGEST * em)
    at_edge = (x0 - box[0] < 6) | (box[2] - x1 < 6) | (y0 - box[1] < 6) | (box[3] - y1 < 6)
    thin = (np.minimum(wide, high) <= 4) & at_edge
    kept = own[~large & ~thin]
    grown = blots.area[kept] > _SPECK
    if grown.any() and not grown.all():  # a speck that stands within a line may be a point
        a, b = blots.boxes[kept[grown], :2].min(axis=0), blots.boxes[kept[grown], 2:].max(axis=0)
        middle = blots.middles[kept]
        grown |= ((middle >= a - 1) & (middle <= b + 1)).all(axis=1)
    kept = kept[grown]
    heights = blots.boxes[kept, 3] - blots.boxes[kept, 1]
    widths = blots.boxes[kept, 2] - blots.boxes[kept, 0]
    if not len(kept) or max(heights.max(), widths.max()) < 0.32 * em:
        return kept[:0], bool(large.any())
    return _near_print(blots, kept, em), bool(large.any())


def _near_print(blots: Blots, kept: Ints, em: float) -> Ints:
    """The blots without small ones far from any that is large enough to be a character."""
    boxes = blots.boxes[kept]
    size = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    grown = size >= 0.32 * em
    if grown.all():
        return kept
    near = grown.copy()
    big = boxes[grown]
    for n in np.flatnonzero(~grown).tolist():
        x0, y0, x1, y1 = boxes[n]
        aside = np.maximum(np.maximum(big[:, 0] - x1, x0 - big[:, 2]), 0)
        over = np.maximum(np.maximum(big[:, 1] - y1, y0 - big[:, 3]), 0)
        near[n] = bool(((aside < 0.7 * em) & (over < 0.35 * em)).any())
    return kept[near]


def _lines(blots: Blots, own: Ints, em: float) -> list[Ints]:
    """The blots of a cell by lines from the top."""
    if not len(own):
        return []
    boxes = blots.boxes[own]
    first, last = int(boxes[:, 1].min()), int(boxes[:, 3].max())
    cover = np.zeros(last - first + 1)
    for x0, y0, x1, y1 in boxes.tolist():
        cover[y0 - first : y1 - first] += x1 - x0
    bands = _bands(cover, em)
    middle = (boxes[:, 1] + boxes[:, 3]) / 2 - first
    which = np.array([min(range(len(bands)), key=lambda n: _distance(bands[n], at)) for at in middle.tolist()])
    return [own[which == n] for n in range(len(bands)) if (which == n).any()]


def _distance(band: tuple[int, int], at: float) -> float:
    return max(band[0] - at, at - band[1], 0.0) or abs((band[0] + band[1]) / 2 - at) * 1e-3


def _bands(cover: NDArray[np.float64], em: float) -> list[tuple[int, int]]:
    """The heights, start and end, that lines of print take, by how much ink there is at each height."""
    inked = np.concatenate(([0], (cover > 0).astype(int), [0]))
    starts, ends = np.flatnonzero(np.diff(inked) == 1).tolist(), np.flatnonzero(np.diff(inked) == -1).tolist()
    runs = list(zip(starts, ends, strict=True))
    split: list[tuple[int, int]] = []
    for start, end in runs:
        split.extend(_split(cover, start, end, em))
    bands: list[tuple[int, int]] = []
    for start, end in split:
        if bands:
            a, b = bands[-1]
            low = min(b - a, end - start) < 0.55 * em
            if low and end - a <= 1.25 * em and start - b < 0.4 * em:
                bands[-1] = (a, end)
                continue
        bands.append((start, end))
    return bands


def _split(cover: NDArray[np.float64], start: int, end: int, em: float) -> list[tuple[int, int]]:
    """A run of ink as one line, or as several where it is too high for one and has valleys."""
    if end - start <= 1.55 * em:
        return [(start, end)]
    count = max(2, round((end - start) / (1.25 * em)))
    pitch = (end - start) / count
    cuts = [start]
    for n in range(1, count):
        at = start + n * pitch
        low, high = round(at - 0.35 * pitch), round(at + 0.35 * pitch)
        valley = low + int(cover[low:high].argmin())
        if cover[valley] < 0.35 * cover[start:end].mean():
            cuts.append(valley)
    return list(zip(cuts, [*cuts[1:], end], strict=True))


def _apart(blots: Blots, members: Ints, em: float) -> list[Ints]:
    """The blots of a line by groups with wide blanks between."""
    order = members[np.argsort(blots.boxes[members, 0], kind="stable")]
    reach = np.maximum.accumulate(blots.boxes[order, 2])
    gaps = blots.boxes[order[1:], 0] - reach[:-1] > _APART * em
    return np.split(order, np.flatnonzero(gaps) + 1)


def _piece(blots: Blots, members: Ints, cell: int, line: int, em: float, rough: bool) -> Piece:
    x0, y0 = blots.boxes[members, :2].min(axis=0).tolist()
    x1, y1 = blots.boxes[members, 2:].max(axis=0).tolist()
    return Piece(cell, line, (x0, y0, x1, y1), members, em, rough)


def drawn_apart(blots: Blots, piece: Piece) -> Sequence[tuple[int, int]]:
    """The parts of a piece beside each other, start and end: blots that lie over one another are one."""
    spans = sorted(map(tuple, blots.boxes[piece.blots][:, [0, 2]].tolist()))
    parts: list[tuple[int, int]] = []
    for start, end in spans:
        if parts and start < parts[-1][1]:
            parts[-1] = (parts[-1][0], max(parts[-1][1], end))
        else:
            parts.append((start, end))
    return parts
