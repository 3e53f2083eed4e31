"""Ink upon figures that is no print: a stroke through them, figures written beside them by hand.

Here: what the shape of a figure's ink says. Not here: which pieces are asked (page), coloured ink (straight).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SLOPE = 0.35
"""Slope of a stroke through figures, up to which it is sought."""
_UNBROKEN = 0.97
"""Share of a stroke that is ink; between printed figures is paper."""
_UPRIGHT = 0.7
"""Share of the height of the highest part of ink from which a part is a whole figure, and no point."""
_ON_LINE = 0.2
"""Share of its height by which a printed figure stands above or below the others, at most."""
_BROAD = 1.05
"""Breadth of one figure as a share of its height, at most."""


def struck_through(ink: NDArray[np.bool_], start: int, end: int) -> bool:
    """Whether one straight stroke leads from column `start` to `end` of ink (height, width) without a break."""
    high, wide = len(ink), end - start
    if wide < 2:
        return False
    left, right = np.mgrid[0:high, 0:high].reshape(2, -1)
    flat = abs(right - left) <= _SLOPE * wide
    columns = np.arange(start, end)
    along = (columns - start) / wide
    rows = np.rint(left[flat, None] + (right - left)[flat, None] * along).astype(np.int64)
    return bool((ink[rows, columns].mean(axis=1) >= _UNBROKEN).any())


def out_of_line(parts: NDArray[np.int64]) -> bool:
    """Whether not all whole figures among parts of ink (n, 4), as boxes, stand on one line and are equally high."""
    highs = parts[:, 3] - parts[:, 1]
    whole = parts[highs >= _UPRIGHT * highs.max()]
    return bool(len(whole) > 1 and np.ptp(whole[:, [1, 3]], axis=0).max() > _ON_LINE * highs.max())


def is_broad(box: tuple[int, int, int, int]) -> bool:
    """Whether the ink of what was read as one figure is too broad for one."""
    x0, y0, x1, y1 = box
    return x1 - x0 > _BROAD * (y1 - y0)
