"""What the pages ask of whoever reads documents: the file itself, its whole grid, what it says with other words.

Here: the shapes. Not here: reading, its workers and their limits (pipelines).
"""

from __future__ import annotations

from typing import Any, Protocol

from extractors.extraction import Extraction

Cells = list[list[Any]]
"""Every cell of a document: text, locator, over how many rows and columns it reaches, its page and box (or None)."""


class Rereader(Protocol):
    """Reads a document of the warehouse once more; all raise JixiaoError with a sentence where it cannot be.

    The `_soon` ones return None where it takes longer than a reader waits: it is then under way.
    """

    def original(self, document: dict[str, Any]) -> bytes:
        """The file as received."""

    def cells_soon(self, document: dict[str, Any]) -> Cells | None:
        """Its cells."""

    def readings_soon(self, document: dict[str, Any], *taught: str) -> list[Extraction] | None:
        """What it says with each of these texts of vocabulary.toml."""
