"""Pages that nothing but the published build decides, kept while that build is the published one.

Here: keeping them. Not here: which pages these are (app), making them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

MOST_BYTES = 24 * 2**20


class Kept:
    """Pages as bytes, by what was asked; those not asked for the longest go first. Safe for many threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._build: Any = None
        self._pages: OrderedDict[Any, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, build: Any, asked: Any) -> bytes | None:
        """The page as it was made of this build; None where it is not kept."""
        with self._lock:
            if build is None or build != self._build or asked not in self._pages:
                return None
            self._pages.move_to_end(asked)
            return self._pages[asked]

    def put(self, build: Any, asked: Any, page: bytes) -> None:
        """Keep a page; those of any other build go."""
        with self._lock:
            if build != self._build:
                self._pages.clear()
                self._build, self._bytes = build, 0
            self._bytes += len(page) - len(self._pages.pop(asked, b""))
            self._pages[asked] = page
            while self._bytes > self._most:
                _, gone = self._pages.popitem(last=False)
                self._bytes -= len(gone)
