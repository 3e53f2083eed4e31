"""Charts as plain figures for the templates that draw them: bars, lines and small multiples as SVG.

Here: scales, places of marks, round ticks. Not here: colours and words (templates), which figures (content).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """A point or bar: its place, its label and what stands behind it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line over years: `points` for the polyline of each unbroken run, `marks` for its dots."""

    label: str
    runs: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines that share years and an axis that begins at zero (or `floor`)."""

    title: str
    subtitle: str
    width: int
    height: int
    years: tuple[tuple[float, int], ...]
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]


LEFT, RIGHT, TOP, BOTTOM = 56.0, 64.0, 20.0, 22.0


def round_top(most: float) -> float:
    """The least round number from `most` on: 1, 2, 2.5 or 5 times a power of ten."""
    if most <= 0:
        return 1.0
    power = 10.0 ** (len(str(int(most))) - 1) if most >= 1 else 0.1
    while power > most:
        power /= 10
    return next(step * power for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= most)


def line_chart(
    title: str,
    subtitle: str,
    series: Sequence[tuple[str, dict[int, Any]]],
    write: Any,
    *,
    width: int = 520,
    height: int = 190,
    floor: float = 0.0,
    top: float | None = None,
) -> LineChart | None:
    """Lines over years; `write` says a value in words; `top`: the axis reaches it at least. None where there is nothing
    to draw."""
    known = [(label, {year: value for year, value in own.items() if value is not None}) for label, own in series]
    series = [(label, own) for label, own in known if own]
    years = sorted({year for _, own in series for year in own})
    if not years:
        return None
    highest = max(float(value) for _, own in series for value in own.values())
    most = top if top is not None and highest <= top else round_top(highest)
    inner_width, inner_height = width - LEFT - RIGHT, height - TOP - BOTTOM
    span = max(years[-1] - years[0], 1)

    def x(year: int) -> float:
        return round(LEFT + (inner_width * (year - years[0]) / span if len(years) > 1 else inner_width / 2), 1)

    def y(value: Any) -> float:
        share = (float(value) - floor) / ((most - floor) or 1)
        return round(TOP + inner_height * (1 - min(max(share, 0), 1)), 1)

    lines = []
    for label, own in series:
        marks = [Mark(x(year), y(value), 0, 0, str(year), write(value)) for year, value in sorted(own.items())]
        runs: list[list[str]] = []
        for year, mark in zip(sorted(own), marks, strict=True):
            if not runs or year - 1 not in own:
                runs.append([])
            runs[-1].append(f"{mark.x},{mark.y}")
        lines.append(Line(label, tuple(" ".join(run) for run in runs), tuple(marks)))
    ticks = tuple(
        (y(value), write(Decimal(str(value))).removesuffix(".00")) for value in (floor, (floor + most) / 2, most)
    )
    return LineChart(title, subtitle, width, height, tuple((x(year), year) for year in years), ticks, tuple(lines))


def bars(rows: Sequence[tuple[str, Any, str, str | None]], *, width: int = 260, top: float | None = None) -> list[Mark]:
    """Horizontal bars from zero: (label, value, its words, link); each is as wide as its share of the longest."""
    most = top or max([float(value) for _, value, _, _ in rows if value is not None], default=0) or 1
    return [
        Mark(0, 0, round(width * min(max(float(value or 0), 0) / most, 1), 1), 12, label, words, link)
        for label, value, words, link in rows
    ]
