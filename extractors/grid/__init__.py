"""The one shape that every format becomes: cells with spans and places.

Here: the grid and what is inferred about its cells without knowing what a form is. Not here: formats, labels.
"""

from extractors.errors import Unreadable
from extractors.grid.model import (
    Cell,
    Grid,
    Idea,
    Place,
    Problem,
    Sheets,
    Span,
    Spread,
    Straightened,
    add_line,
    join_lines,
    turned_box,
)

__all__ = [
    "Cell",
    "Grid",
    "Idea",
    "Place",
    "Problem",
    "Sheets",
    "Span",
    "Spread",
    "Straightened",
    "Unreadable",
    "add_line",
    "join_lines",
    "turned_box",
]
