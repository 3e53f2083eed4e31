"""What a person should look at: the kinds of it, and what the last build held that this one does not.

Here: filling `attention_kind` and `loss`, since when something is told. Not here: the list itself (view v_attention).
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from extractors.codes import ProblemCode, ReasonCode
from extractors.extraction import Record
from warehouse.schema.tables import literal

_URGENCY = {"error": 3, "warning": 4, "info": 6}


@cache
def kinds() -> tuple[Record, ...]:
    """Every kind: those of kinds.toml, and each code of a problem with its remedy."""
    declared = tomllib.loads(files("warehouse.attention").joinpath("kinds.toml").read_text("utf-8"))
    rows: list[Record] = [{"kind": kind, **own} for kind, own in declared.items()]
    for code in dict.fromkeys([*map(str, ReasonCode), *map(str, ProblemCode)]):
        told = (ReasonCode if code in ReasonCode.__members__ else ProblemCode)[code].explained
        person = code.startswith(("CORRECTION", "DECISION", "REVIEW"))
        urgency = 2 if person else _URGENCY[told.severity]
        rows.append({"kind": code, "urgency": urgency, "label_zh": told.label_zh, "what_to_do": told.remedy_zh})
    return tuple(rows)


def fill_kinds(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill table `attention_kind` (empty before)."""
    connection.register("new_kinds", pa.Table.from_pylist([*kinds()]))
    connection.execute("INSERT INTO attention_kind BY NAME SELECT * FROM new_kinds")
    connection.unregister("new_kinds")


def find_losses(connection: duckdb.DuckDBPyConnection, previous: Path | None) -> None:
    """Fill table `loss` (empty before) with what the `previous` build held and this one does not.

    A form that now counts as a copy of another is not lost; neither is a document whose file has new content where
    no indicator is missing.
    """
    if previous is None:
        return
    connection.execute(f"ATTACH {literal(str(previous))} AS last_build (READ_ONLY)")
    try:
        connection.execute(_statement("losses"))
    finally:
        connection.execute("DETACH last_build")


def carry_since(connection: duckdb.DuckDBPyConnection, previous: Path | None) -> None:
    """Tell in v_attention since which run a row has been there, where the `previous` build had it already."""
    if previous is None:
        return
    connection.execute(f"ATTACH {literal(str(previous))} AS last_build (READ_ONLY)")
    try:
        told = connection.execute(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = 'last_build' AND table_name = 'v_attention'"
        ).fetchone()
        if told:
            connection.execute(_statement("since"))
    finally:
        connection.execute("DETACH last_build")


def _statement(name: str) -> str:
    return files("warehouse.attention").joinpath(f"{name}.sql").read_text("utf-8")
