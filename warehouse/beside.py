"""Long statements over the candidate in a thread of their own: tables loaded and written while other work goes on.

Here: starting, awaiting and stopping. Not here: what is done (build), who needs it (analyses, ingestion).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import duckdb

Work = Callable[[duckdb.DuckDBPyConnection], object]


class Beside:
    """Work under way over a cursor of its own; DuckDB works without Python's lock, so both get on.

    `wait` or `stop` must be called before the connection is closed.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, work: Work) -> None:
        self._connection = connection
        self._work = work
        self._cursor = connection.cursor()
        pool = ThreadPoolExecutor(1, thread_name_prefix="beside")
        self._done = pool.submit(self._run)
        pool.shutdown(wait=False)

    def wait(self) -> None:
        """Return once all is done; raises what the work raised."""
        self._done.result()

    def again(self) -> Beside:
        """The same work from the beginning."""
        return Beside(self._connection, self._work)

    def stop(self) -> None:
        """End the work, wherever it is."""
        while not self._done.done():
            self._cursor.interrupt()
            with contextlib.suppress(TimeoutError):
                self._done.exception(timeout=0.1)

    def _run(self) -> None:
        try:
            self._cursor.execute("SET enable_progress_bar = false")
            self._work(self._cursor)
        finally:
            self._cursor.close()
