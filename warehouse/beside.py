"""A long table loaded into the candidate in a thread of its own, while Python is busy with the others.

Here: starting, awaiting and stopping the load. Not here: what is loaded (build), who needs it (analyses).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import duckdb

Load = Callable[[duckdb.DuckDBPyConnection], None]


class Beside:
    """One load under way over a cursor of its own; DuckDB works without Python's lock, so both get on.

    `wait` or `stop` must be called before the connection is closed.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, load: Load) -> None:
        self._connection = connection
        self._load = load
        self._cursor = connection.cursor()
        pool = ThreadPoolExecutor(1, thread_name_prefix="beside")
        self._done = pool.submit(self._run)
        pool.shutdown(wait=False)

    def wait(self) -> None:
        """Return once all is loaded; raises what the load raised."""
        self._done.result()

    def again(self) -> Beside:
        """The same load from the beginning; nothing of a load that failed stands in the table."""
        return Beside(self._connection, self._load)

    def stop(self) -> None:
        """End the load, wherever it is."""
        while not self._done.done():
            self._cursor.interrupt()
            with contextlib.suppress(TimeoutError):
                self._done.exception(timeout=0.1)

    def _run(self) -> None:
        try:
            self._cursor.execute("SET enable_progress_bar = false")
            self._load(self._cursor)
        finally:
            self._cursor.close()
