"""Opening and closing DuckDB so that no thread of the last query outlives its database.

DuckDB 1.5.5 may crash at `close` while a thread still lets go of a query that joined tables: about once in a thousand
on a busy machine. With one thread there is nobody left to do so. Here: these calls, transactions, rows in
parts. Not here: queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

_PART = 100_000
"""Rows that are in Python's memory at a time."""


def open_read_only(database: Path) -> duckdb.DuckDBPyConnection:
    """A connection for a few small queries; it may be closed at any moment."""
    return duckdb.connect(str(database), read_only=True, config={"threads": 1})


def close(connection: duckdb.DuckDBPyConnection) -> None:
    """Close a connection of many threads once they have ended."""
    connection.execute("SET threads = 1")
    connection.close()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the statements of the block, or none of them."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def in_parts(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query, some at a time; nothing else is to be asked of the connection before the last."""
    found = connection.execute(query)
    while rows := found.fetchmany(_PART):
        yield rows
