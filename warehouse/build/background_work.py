"""Long statements over the candidate in a thread of their own: tables loaded and written while other work goes on.

Here: starting, awaiting and stopping. Not here: what is done (build), who needs it (analyses, ingestion).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import duckdb

Work = Callable[[duckdb.DuckDBPyConnection], object]


class BackgroundWork:
    """Works under way, one after the other, over a cursor of their own; DuckDB works without Python's lock.

    `wait` for all or `stop` must be called before the connection is closed. What follows a work that fails is not done.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, *works: Work) -> None:
        self._connection = connection
        self._works = works
        self._cursor = connection.cursor()
        self._cursor.execute("SET enable_progress_bar = false")
        pool = ThreadPoolExecutor(1, thread_name_prefix="beside")
        self._done: list[Future[None]] = []
        for work in works:
            self._done.append(pool.submit(self._do, work, self._done[-1:]))
        self._done.append(pool.submit(self._cursor.close))
        pool.shutdown(wait=False)

    def wait(self, works: int | None = None) -> None:
        """Return once so many works, or all, are done; raises what a work raised."""
        awaited = self._done[:works]
        wait(awaited)
        for done in awaited:
            done.result()

    def again(self) -> BackgroundWork:
        """The same works from the beginning."""
        return BackgroundWork(self._connection, *self._works)

    def stop(self) -> None:
        """End the work, wherever it is."""
        while not self._done[-1].done():
            self._cursor.interrupt()
            with contextlib.suppress(TimeoutError):
                self._done[-1].exception(timeout=0.1)

    def _do(self, work: Work, before: Sequence[Future[None]]) -> None:
        for done in before:
            done.result()
        work(self._cursor)
