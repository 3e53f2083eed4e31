"""A few rows put into a contract table as they are: for tests of what is made of rows, not of how rows come in.

Here: `put`. Not here: the validation that every row of an ingestion passes (`warehouse.build.database.insert`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb


def put(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows; what is not named is NULL. DuckDB's own types and keys hold, and nothing else is looked at."""
    for row in rows:
        marks = ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
