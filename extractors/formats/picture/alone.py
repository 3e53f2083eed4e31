"""A character that stands alone in its cell: read once more in the company of figures, and judged by its ink.

Here: which shapes a lone 0, 1, stroke and sign have, the picture of a character beside figures. Not here: which
characters are read so (page). The network knows lines of print: what stands alone it takes for a letter (≥ for a V, =
for 二, a slash for a 1); beside figures of the same page it reads it as what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.formats.picture.engine import Glyph
from extractors.formats.picture.straight import Grey

DASH, SLASH = "—", "/"
_DASHES = dict.fromkeys("-—–一－", DASH)
_SAME = {"／": SLASH, "％": "%", "≧": "≥", "≦": "≤", "＝": "=", "＜": "<", "＞": ">", "O": "0", "o": "0", "〇": "0"}
_SIGNS = frozenset("0123456789≥≤=<>%‰±")
_ROUND = 0.5, 0.85
"""Breadth of a 0 as a share of its height; a circle or a box is broader."""
_HOLE, _MIDDLE = 0.55, 0.06
"""Share of a 0's height that its hole has at least, and how far from the middle it lies at most."""
_FLAG = 0.12
"""Share of a 1's height by which its flag reaches left of its stem at least; the rest of a rule has none."""
_SLANT = 0.05
"""Share of its height by which a stroke leans, between its middle and its foot, from which it is no upright one."""
_LONG = 0.6
"""Ems from which a dash is a long one."""


def beside(alone: Grey, company: Grey, gap: int) -> Grey:
    """Two pictures of print on one line, so many pixels apart."""
    high = max(alone.shape[0], company.shape[0])
    strip: Grey = np.full((high, alone.shape[1] + gap + company.shape[1]), 255, np.uint8)
    for part, left in ((alone, 0), (company, alone.shape[1] + gap)):
        top = (high - part.shape[0]) // 2
        strip[top : top + part.shape[0], left : left + part.shape[1]] = part
    return strip


def first_of(glyphs: Sequence[Glyph], company: str) -> Glyph | None:
    """What was read before the company, if that is one character and the company was read as what it is."""
    own = [glyph for glyph in glyphs if glyph.text.strip()]
    if len(own) != len(company) + 1 or "".join(glyph.text for glyph in own[1:]) != company:
        return None
    text = own[0].text
    return Glyph(_DASHES.get(text, _SAME.get(text, text)), own[0].certainty, 0.5)


def agreed(readings: Sequence[Glyph | None], ink: NDArray[np.bool_], em: float) -> Glyph | None:
    """The figure, sign or stroke that all readings name and that has its shape; None: they name none.

    `ink` (height, width): that of the character, without margins.
    """
    texts = {reading.text if reading is not None else "" for reading in readings}
    if len(texts) != 1 or not (text := texts.pop()):
        return None
    certainty = min(reading.certainty for reading in readings if reading is not None)
    if text == DASH:
        return Glyph(DASH if ink.shape[1] >= _LONG * em else "-", certainty, 0.5)
    fits = {"0": is_ring, "1": is_flagged, SLASH: is_slanted}.get(text)
    if fits is not None:
        return Glyph(text, certainty, 0.5) if fits(ink) else None
    return Glyph(text, certainty, 0.5) if text in _SIGNS else None


def is_ring(ink: NDArray[np.bool_]) -> bool:
    """Whether ink is a 0: one piece, higher than broad, around one hole that is high and in the middle."""
    high, wide = ink.shape
    count, _ = cv2.connectedComponents(ink.astype(np.uint8))
    paper = np.pad(~ink, 1, constant_values=True).astype(np.uint8)
    found, labels, stats, middles = cv2.connectedComponentsWithStats(paper, connectivity=4)
    holes = [n for n in range(1, found) if n != labels[0, 0] and stats[n, cv2.CC_STAT_AREA] > 2]
    if count != 2 or len(holes) != 1 or not _ROUND[0] <= wide / high <= _ROUND[1]:
        return False
    middle = middles[holes[0]][1] / (high + 1)
    return bool(stats[holes[0], cv2.CC_STAT_HEIGHT] >= _HOLE * high and abs(middle - 0.5) <= _MIDDLE)


def is_flagged(ink: NDArray[np.bool_]) -> bool:
    """Whether ink is a 1: an upright stem, and a flag that reaches left of it above."""
    left, right = _edges(ink)
    high = len(left)
    stem = float(np.median(left[round(0.45 * high) : round(0.85 * high)]))
    flag = stem - float(left[: max(round(0.45 * high), 1)].min())
    return flag >= max(_FLAG * high, 2) and abs(_lean(left, right)) < _SLANT


def is_slanted(ink: NDArray[np.bool_]) -> bool:
    """Whether ink is a slash: a stroke that leans to the right, without a flag."""
    left, right = _edges(ink)
    return _lean(left, right) >= _SLANT and bool(left[0] > left[-1])


def _edges(ink: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last inked place of each row that has any."""
    rows = ink[ink.any(axis=1)]
    return rows.argmax(axis=1), rows.shape[1] - 1 - rows[:, ::-1].argmax(axis=1)


def _lean(left: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    middle, high = (left + right) / 2, len(left)
    upper = middle[high // 2 : high // 2 + max(high // 10, 1)].mean()
    lower = middle[round(0.8 * high) : round(0.8 * high) + max(high // 10, 1)].mean()
    return float(upper - lower) / high
