"""The caps a document is held to before and while it is parsed.

Here: the numbers and why. Not here: the checks themselves (each reader), time and memory (the worker's limits).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from extractors.grid.certainty import AS_SHIPPED, Sureness


class Pictures(StrEnum):
    """How pages are treated that are pictures, where the extra for reading them is installed."""

    READ = auto()
    DEFER = auto()
    """The document is left to a worker that has time and memory for them (PicturesAhead)."""
    PASS = auto()
    """As where the extra is not installed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader may spend on one document; a form of the family needs a thousandth of any of these."""

    max_bytes: int = 100 * 1024 * 1024
    """The file itself."""
    max_pages: int = 2000
    """PDF pages; the longest final accounts seen have some 300."""
    max_part_inflated: int = 50 * 1024 * 1024
    """One part of a zip container, inflated: a sheet of a million cells is about 40 MB."""
    max_inflated: int = 200 * 1024 * 1024
    """All parts of a zip container together, a part that several sheets point to counted once for each."""
    max_content_stream: int = 24 * 1024 * 1024
    """The drawing operators of one PDF page, inflated; a dense table page has 0.3 MB."""
    max_zip_parts: int = 5000
    max_sheets: int = 300
    max_cells: int = 1_000_000
    """Cells of the whole document, blank ones too."""
    max_text: int = 50_000_000
    """Characters of all cells of a workbook, in which one text may stand in any number of cells."""
    max_cell_chars: int = 100_000
    """The text of one cell, kept whole or not at all; Excel stops at 32 767, and a build copies it many times."""
    max_rows: int = 100_000
    """The last row of one sheet or table: a stray cell at row 1 048 576 is no form."""
    max_columns: int = 1000
    max_span: int = 1000
    """Rows or columns that one web cell may claim."""
    max_depth: int = 100
    """Nesting of elements, arrays or tables; Word's own markup nests about 30 deep."""
    max_page_objects: int = 200_000
    """Characters and drawn objects of one PDF page."""
    pictures: Pictures = Pictures.READ
    """What is done where a page is a picture."""
    picture_cache: str | None = None
    """Folder in which is kept what was recognised, by picture and network."""
    sure: Sureness = AS_SHIPPED
    """How sure what was recognised must be to be a value."""
    max_pictures: int = 60
    """Picture pages of one document that are read."""
    max_pixels: int = 40_000_000
    """Of one picture; A4 at 600 dots per inch has 35 million."""
