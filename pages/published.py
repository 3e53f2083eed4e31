"""The published warehouse as the pages read it: opened read-only, opened anew when the link moves.

Here: connections. Not here: queries, the making of the file.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from extractors.errors import CannotRun
from warehouse.build.connections import close
from warehouse.schema.tables import literal

_SETTINGS: dict[str, Any] = {
    "memory_limit": "128MB",  # what one query needs beyond is written beside
    "enable_external_access": "false",  # a page reads tables, never files
    "autoinstall_known_extensions": False,
}
_AT_ONCE = 3
"""Readers that ask at a time: more would only share the processors, and the memory of each would add up."""
_MOST_WAITING = 6
"""Readers of whole tables, the one at work included; more are sent away, so that threads are left for pages."""
_BATCH = 1000
_GRACE_SECONDS = 60.0
"""For so long a page that began on the earlier build may still read it."""

Row = dict[str, Any]


def among(column: str, values: Sequence[str]) -> str:
    """The condition that a column has one of these values.

    As literals, and between the least and the last of them, so that of a sorted table only that part is read.
    """
    if not values:
        return "false"
    between = f"{column} BETWEEN {literal(min(values))} AND {literal(max(values))}"
    return f"{between} AND {column} IN ({', '.join(map(literal, values))})"


class Data:
    """A reader of one build; it belongs to one request."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self.cursor = cursor

    def rows(self, query: str, values: Mapping[str, Any] | Sequence[Any] | None = None) -> list[Row]:
        """The rows that a query finds, as dictionaries."""
        found = self.cursor.execute(query, values) if values else self.cursor.execute(query)
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def each(self, query: str, values: Mapping[str, Any] | Sequence[Any] | None = None) -> Iterator[Row]:
        """The rows that a query finds, one after the other; no other query may be asked of this reader meanwhile."""
        found = self.cursor.execute(query, values) if values else self.cursor.execute(query)
        names = [column[0] for column in found.description or ()]
        while batch := found.fetchmany(_BATCH):
            for row in batch:
                yield dict(zip(names, row, strict=True))

    def one(self, query: str, values: Mapping[str, Any] | Sequence[Any] | None = None) -> Row | None:
        """The first row that a query finds."""
        found = self.rows(query, values)
        return found[0] if found else None


class Published:
    """The warehouse behind a link; safe for many threads."""

    def __init__(self, link: Path, threads: int = 2) -> None:
        self._link = link
        self._threads = threads
        self._lock = threading.Lock()
        self._seats = threading.Semaphore(_AT_ONCE)
        self._long = threading.Lock()
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._earlier: list[tuple[float, duckdb.DuckDBPyConnection]] = []

    @contextmanager
    def data(self, *, long: bool = False) -> Iterator[Data]:
        """A reader of the newest build; CannotRun where there is none.

        `long`: for what reads whole tables. Of these one works at a time, so that pages need not wait for them;
        CannotRun where several wait already.
        """
        with self._turn() if long else self._seats:
            with self._lock:
                cursor = self._current().cursor()
            try:
                yield Data(cursor)
            finally:
                cursor.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._waiting.acquire(blocking=False):
            raise CannotRun(
                "正在回答别人的几个问题，请过一会儿再问。 / Others' questions are being answered; ask again soon."
            )
        try:
            with self._long:
                yield
        finally:
            self._waiting.release()

    def earlier(self) -> Iterator[Data]:
        """Readers of the builds before, the newest first; each until the next is asked for."""
        now = self._link.resolve()
        for path in sorted(now.parent.glob("warehouse-*.duckdb"), reverse=True):
            if path.name >= now.name:
                continue
            with suppress(duckdb.Error, OSError):
                with self._lock:
                    connection = self._opened(path)
                try:
                    yield Data(connection)
                finally:
                    close(connection)

    @property
    def stamp(self) -> tuple[int, int, int] | None:
        """What tells one build from another."""
        with suppress(OSError):
            info = self._link.stat()
            return info.st_ino, info.st_size, info.st_mtime_ns
        return None

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            for _, connection in self._earlier:
                close(connection)
            if self._connection is not None:
                close(self._connection)
            self._earlier, self._connection, self._stamp = [], None, None
            if self._scratch is not None:
                self._scratch.cleanup()
                self._scratch = None

    def _opened(self, path: Path) -> duckdb.DuckDBPyConnection:
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="jixiao-serve-")
        own: dict[str, Any] = {"threads": self._threads, "temp_directory": self._scratch.name}
        return duckdb.connect(str(path), read_only=True, config={**_SETTINGS, **own})

    def _current(self) -> duckdb.DuckDBPyConnection:
        stamp = self.stamp
        if stamp is None:
            raise CannotRun(f"还没有数据库 {self._link}，请先运行 make ingest。 / No warehouse yet; run make ingest.")
        if self._connection is None or stamp != self._stamp:
            opened = self._opened(self._link.resolve())
            if self._connection is not None:
                self._earlier.append((time.monotonic(), self._connection))
            self._connection, self._stamp = opened, stamp
        due = [c for since, c in self._earlier if time.monotonic() - since > _GRACE_SECONDS]
        self._earlier = [(since, c) for since, c in self._earlier if c not in due]
        for connection in due:
            close(connection)
        return self._connection
