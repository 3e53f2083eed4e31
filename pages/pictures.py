"""What the pages ask of whoever draws: a cell cut out of its PDF, a page as printed with its frame.

Here: the shapes. Not here: drawing, its worker and its limits (pipelines).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from warehouse.build.form_sheet import FormSheet


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a PNG; `left`, `upper`, `width` and `height` say, in points, which part of the media box it shows."""

    png: bytes
    left: float
    upper: float
    width: float
    height: float


Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge in points from the top left of the media box."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What to cut out of a page: `named` boxed, `beside` tinted, as wide as `around` reaches."""

    page: int
    named: Box
    beside: tuple[Box, ...]
    around: Box


class Draughtsman(Protocol):
    """Draws; all raise JixiaoError with a sentence where no picture can be made."""

    def cell(self, sheet: FormSheet, at: tuple[str, int, str]) -> bytes:
        """The value cut out of its page, with its row around it."""

    def cut(self, document: Mapping[str, Any], cut: Cut) -> bytes:
        """A part of a page of a document."""

    def page(self, sheet: FormSheet, number: int) -> PagePicture:
        """The plain page."""

    def page_soon(self, sheet: FormSheet, number: int) -> PagePicture | None:
        """The same, or None where it takes longer than a reader waits: it is then being drawn."""
