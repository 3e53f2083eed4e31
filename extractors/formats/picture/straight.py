"""A picture of a page -> the page straight and light: its rules level and upright, its paper white, coloured seals off.

Here: size, colour, paper, skew, perspective, and the way back to the picture. Not here: rules as such (rules), quarter
turns, which only what is printed can tell (page).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LONG_SIDE = 2339
"""Pixels of a page's long side as it is read: A4 at 200 dots per inch. Print of 7 pt is then about 20 pixels high."""
POINTS_A_PIXEL = 0.36
_SAME_SIZE = 1.25
"""A picture whose long side differs by less is left as it is."""
_SOUGHT_AT = 1200
"""Pixels of the long side at which lines are looked for."""
_LEAST_LINE = 40
_STRAIGHT = 0.004
"""Slope (four in a thousand over the whole table) up to which opposite sides are parallel."""
_LEAST_LINES = 4
_RED_AHEAD = 45
"""By so much the red channel of a pixel exceeds the others where it is red."""
_BLUE_AHEAD = 50
"""By so much the blue channel of a pixel exceeds the others where it is blue, the paper taken for white."""
_BLUE_INK, _OWN_INK = 0.65, 0.3
"""Share of the paper's lightness below which blue is ink; share of all ink from which the page is printed in blue."""
_TABLE = 0.55
"""Share of the paper's lightness below which what lies around it is no paper."""


@dataclass(slots=True)
class Straight:
    """A page as it is read: `grey` (height, width), paper 255. `cleaned`: where a seal was taken off, or ink is blue.

    `matrix` (3, 3): from the picture's pixels to these.
    """

    grey: Grey
    cleaned: Bools
    matrix: Floats

    def turned(self, quarters: int) -> Straight:
        """The page turned anticlockwise by so many quarters."""
        height, width = self.grey.shape
        turn = {
            0: np.eye(3),
            1: np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1]], float),
            2: np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1]], float),
            3: np.array([[0, -1, height - 1], [1, 0, 0], [0, 0, 1]], float),
        }[quarters]
        grey: Grey = np.ascontiguousarray(np.rot90(self.grey, quarters))
        cleaned: Bools = np.ascontiguousarray(np.rot90(self.cleaned, quarters))
        return Straight(grey, cleaned, turn @ self.matrix)


def straighten(picture: NDArray[np.uint8]) -> Straight:
    """A picture (height, width, 3: red, green, blue) as it is read, but for quarter turns."""
    cv2.setNumThreads(1)
    factor = LONG_SIDE / max(picture.shape[:2])
    if 1 / _SAME_SIZE < factor < _SAME_SIZE:
        factor = 1.0
    else:
        way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way)
    grey, cleaned = _without_red(picture)
    cleaned |= _blue_ink(picture)
    grey = _on_white(grey)
    matrix, (wide, high) = _straightening(grey)
    if not np.allclose(matrix, np.eye(3)):
        grey = cv2.warpPerspective(grey, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=255)
        cleaned = cv2.warpPerspective(cleaned.astype(np.uint8), matrix, (wide, high), flags=cv2.INTER_NEAREST) > 0
    return Straight(grey, cleaned, matrix @ np.diag([factor, factor, 1.0]))


def _without_red(picture: NDArray[np.uint8]) -> tuple[Grey, Bools]:
    """The picture in grey, red seals as light as their red channel; black below them stays."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    red, green, blue = (picture[..., n].astype(np.int16) for n in range(3))
    coloured = red - np.maximum(green, blue) > _RED_AHEAD
    if not coloured.any():
        return grey, coloured
    light = np.clip(2 * red - 80, 0, 255).astype(np.uint8)
    coloured = cv2.dilate(coloured.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(coloured, np.maximum(light, grey), grey), coloured


def _blue_ink(picture: NDArray[np.uint8]) -> Bools:
    """Where a page that is printed in another colour has blue ink: of a pen or a seal, so that figures are in doubt."""
    paper = np.maximum(np.median(picture[::8, ::8].reshape(-1, 3), axis=0), 60)
    red, green, blue = (np.minimum(picture[..., n] * np.float32(255 / paper[n]), 255) for n in range(3))
    dark = np.minimum(red, green) < _BLUE_INK * 255
    ahead = (dark & (blue - np.maximum(red, green) > _BLUE_AHEAD)).astype(np.uint8)
    ahead = cv2.morphologyEx(ahead, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)) > 0
    return ahead if ahead.sum() < _OWN_INK * max(dark.sum(), 1) else np.zeros_like(ahead)


def _on_white(grey: Grey) -> Grey:
    """Paper made white, whatever light fell on it: each place divided by the lightest around it."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, 15), (0, 0), 6)
    beside = _beside_paper(paper)
    size = (grey.shape[1], grey.shape[0])
    paper = cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR)
    whole: Grey = cv2.divide(grey, np.maximum(paper, 30), scale=255)
    if beside is not None:
        whole[cv2.resize(beside, size, interpolation=cv2.INTER_NEAREST) > 0] = 255
    return whole


def _beside_paper(paper: Grey) -> Grey | None:
    """Where the table shows on which a photographed sheet lies: dark, and as far as the picture's edge."""
    dark = (paper < _TABLE * np.median(paper)).astype(np.uint8)
    if dark.mean() < 0.02:
        return None
    _, labels = cv2.connectedComponents(dark)
    edge = np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))
    outer = np.isin(labels, edge[edge > 0]).astype(np.uint8)
    return cv2.dilate(outer, np.ones((23, 23), np.uint8))


# --- skew and perspective


def _straightening(grey: Grey) -> tuple[Floats, tuple[int, int]]:
    """The matrix that makes the rules level and upright, and the size of what comes of it: width, height."""
    height, width = grey.shape
    same = np.eye(3), (width, height)
    middle = np.array([width / 2, height / 2])
    level, upright = _lines(grey)
    sides = _fitted(level, middle[0]), _fitted(upright, middle[1])
    if sides[0] is None and sides[1] is None:
        return same
    (a, b, low, high), (c, d, left, right) = (
        side if side is not None else _crossing(other, size)
        for side, other, size in (
            (sides[0], sides[1], height),
            (sides[1], sides[0], width),
        )
    )
    if max(abs(a), abs(c), abs(b * (high - low)), abs(d * (right - left))) < 0.0004:
        return same
    corners = [
        _meeting(middle, y, a + b * y, x, c + d * x)
        for x, y in ((left, low), (right, low), (right, high), (left, high))
    ]
    quad = np.array(corners, np.float32)
    wide = (np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    tall = (np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    if min(wide, tall) < 50:
        return same
    target = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target).astype(float)
    page = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    shown = cv2.perspectiveTransform(page, matrix)[0]
    most = np.array([0.35 * width, 0.35 * height])
    first = np.maximum(shown.min(axis=0), -most - quad[0])
    last = np.minimum(shown.max(axis=0), first + 1.35 * np.array([width, height]))
    shift = np.array([[1, 0, -first[0]], [0, 1, -first[1]], [0, 0, 1]])
    size = np.ceil(last - first).astype(int)
    return shift @ matrix, (int(size[0]), int(size[1]))


def _lines(grey: Grey) -> tuple[Floats, Floats]:
    """The longer lines (n, 4) that are drawn, those rather level and, x and y exchanged, those rather upright."""
    scale = _SOUGHT_AT / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(small)[0]
    if found is None:
        return np.empty((0, 4)), np.empty((0, 4))
    lines = found.reshape(-1, 4).astype(float)
    run, rise = (lines[:, 2:] - lines[:, :2]).T
    lines, run, rise = (own[np.hypot(run, rise) >= _LEAST_LINE] for own in (lines, run, rise))
    flat = abs(rise) < abs(run)
    return lines[flat] / scale, lines[~flat][:, [1, 0, 3, 2]] / scale


def _fitted(lines: Floats, middle: float) -> tuple[float, float, float, float] | None:
    """Slope of level lines as a + b y, y where they cross the `middle`; and the least and the greatest y."""
    if len(lines) < _LEAST_LINES:
        return None
    x0, y0, x1, y1 = lines.T
    slope = (y1 - y0) / (x1 - x0)
    y = y0 + slope * (middle - x0)
    weight = np.hypot(x1 - x0, y1 - y0)
    order = np.argsort(slope)
    half = slope[order][np.searchsorted(weight[order].cumsum(), weight.sum() / 2)]
    kept = abs(slope - half) < 0.08
    a, b = half, 0.0
    for tolerance in (0.03, 0.015, 0.008):
        if kept.sum() < _LEAST_LINES:
            return None
        span = y[kept].max() - y[kept].min()
        if span > 100:
            b, a = np.polyfit(y[kept], slope[kept], 1, w=weight[kept])
            if abs(b * span) < _STRAIGHT:
                a, b = float(np.average(slope[kept], weights=weight[kept])), 0.0
        else:
            a, b = float(np.average(slope[kept], weights=weight[kept])), 0.0
        near = abs(slope - a - b * y) < tolerance
        if near.sum() < _LEAST_LINES:
            break
        kept = near
    return float(a), float(b), float(y[kept].min()), float(y[kept].max())


def _crossing(other: tuple[float, float, float, float] | None, size: float) -> tuple[float, float, float, float]:
    """Lines square to the others, where a page has none of their kind."""
    assert other is not None
    return -other[0], 0.0, 0.1 * size, 0.9 * size


def _meeting(middle: Floats, y: float, slope: float, x: float, lean: float) -> tuple[float, float]:
    """Where the level line through (middle, y) meets the upright one through (x, middle)."""
    # py = y + slope (px - mx),  px = x + lean (py - my)
    px = (x + lean * (y - slope * middle[0] - middle[1])) / (1 - lean * slope)
    return px, y + slope * (px - middle[0])
