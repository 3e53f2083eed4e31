"""The warehouse as one DuckDB file: made anew from the tidy frames, analysed, given its views and put to the test.

Here: the candidate file up to the point where it may be published. Not here: publishing, what an analysis finds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa

from extractors.extraction import Record
from warehouse.build.background_work import BackgroundWork
from warehouse.build.connections import transaction
from warehouse.build.copies import quarantine_copies
from warehouse.build.frames import REJECTED, TidyBatch, document_prefix
from warehouse.build.publish import export_table
from warehouse.schema.tables import TABLES, TIDY, duckdb_ddl, literal
from warehouse.schema.validate import to_arrow, validate
from warehouse.state.current_state import MACHINE_FAILURES, Live
from warehouse.views.declarations import IN_PARQUET, VIEWS, view_ddl

_STATEMENT = re.compile(r"^-- (\w+): (.+)\n((?:(?!^-- ).*\n?)+)", re.MULTILINE)
_PLACES = "provenance"
_AT_ONCE = tuple(table for table in TIDY if table != _PLACES)

_EXAMPLES = 5
_MANY = 10


@dataclass(frozen=True, slots=True)
class DataTestResult:
    """What a check of the candidate found.

    `severity` error stands before publishing, warning is only told. `examples`: some of the rows that break the rule.
    """

    name: str
    passed: bool
    message: str
    severity: Literal["error", "warning"] = "error"
    examples: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Filled:
    """Rows by table, and what goes on with provenance: its load, counted there but not done yet, then its export."""

    rows: dict[str, int]
    places: BackgroundWork


def connect(path: Path, *, memory_mb: int, threads: int, scratch: Path) -> duckdb.DuckDBPyConnection:
    """A new, empty candidate file with all contract tables.

    Their keys are no constraints of the file, whose indexes would have to stay in memory; `check_data` looks at them.
    """
    settings: dict[str, Any] = {"memory_limit": f"{memory_mb}MB", "threads": threads, "temp_directory": str(scratch)}
    settings["enable_external_file_cache"] = False  # the frames are read once
    settings["preserve_insertion_order"] = False  # batches are of no order; the rows of one stay together
    connection = duckdb.connect(str(path), config={**settings, "autoinstall_known_extensions": False})
    connection.execute("SET enable_progress_bar = false")  # it would go to the standard output of a long run
    with transaction(connection):  # one commit for some 200 statements
        for table in TABLES.values():
            for statement in duckdb_ddl(table, keyed=False):
                connection.execute(statement)
    return connection


def raise_memory(connection: duckdb.DuckDBPyConnection) -> str:
    """Let DuckDB take what it takes by itself, four fifths of the machine's or container's memory; returns how much."""
    connection.execute("RESET memory_limit")  # which tells the value but does not yet use it
    (limit,) = connection.execute("SELECT current_setting('memory_limit')").fetchone() or ("",)
    connection.execute(f"SET memory_limit = '{limit}'")
    return str(limit)


def fill(
    connection: duckdb.DuckDBPyConnection,
    state: Live,
    batches: Sequence[TidyBatch],
    batch_sizes: Mapping[str, int],
    runs: Sequence[Record] = (),
) -> Filled:
    """Load the live readings, the documents, the problems of files and the runs.

    `batches`: those with a live reading; `batch_sizes`: how many readings each batch holds, live or not. Provenance,
    longer than all others together, is still being loaded when this returns.
    """
    insert(connection, "document", state.document_rows())
    source = _Source.of(state, batches, batch_sizes)
    source.prepare(connection)
    for table in _AT_ONCE:
        source.load(connection, table)
    connection.execute(
        "UPDATE problem SET path = document.path FROM document WHERE document.document_id = problem.document_id"
    )
    insert(connection, "problem", state.problem_rows())
    insert(connection, "run", runs)
    expected = sum(batch.row_count("project") for batch in source.whole)
    counts = row_counts(connection)
    if counts["project"] < expected:
        raise AssertionError(f"{counts['project']} forms were loaded of {expected}")
    quarantine_copies(connection)
    copies = [form_id for (form_id,) in connection.execute("SELECT form_id FROM copy").fetchall()]
    counts = row_counts(connection) | {_PLACES: source.count(connection, _PLACES)}
    return Filled(
        counts, BackgroundWork(connection, partial(source.load_places, copies), partial(_export, table=_PLACES))
    )


def export_beside(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> BackgroundWork:
    """Write tables, or views over such, that no further step changes to Parquet while other work goes on.

    Provenance is none of them: it is written after its load, see `Filled`.
    """
    return BackgroundWork(connection, *(partial(_export, table=table) for table in tables if table != _PLACES))


def exported(connection: duckdb.DuckDBPyConnection) -> dict[str, Path]:
    """The Parquet files, by table, that stand beside the candidate."""
    return {table: path for table in (*TABLES, *IN_PARQUET) if (path := _parquet(connection, table)).exists()}


def _export(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    target = _parquet(connection, table)
    part = target.with_suffix(".part")
    export_table(connection, TABLES.get(table) or VIEWS[table], part)
    part.replace(target)  # `exported` finds whole files only


def _parquet(connection: duckdb.DuckDBPyConnection, table: str) -> Path:
    path = _one(connection, "SELECT path FROM duckdb_databases() WHERE database_name = current_database()")[0]
    return Path(path).with_suffix(f".{table}.parquet")


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows of the tidy tables come from: batches taken as a whole, and batches of which a part is live.

    `live`: (beginning of the ids, batch) of every live reading of the latter.
    """

    whole: list[TidyBatch]
    partly: list[TidyBatch]
    live: list[tuple[str, str]]

    @classmethod
    def of(cls, state: Live, batches: Sequence[TidyBatch], batch_sizes: Mapping[str, int]) -> _Source:
        sizes = Counter(reading.batch for reading in state.readings.values())
        whole = [batch for batch in batches if sizes[batch.batch] == batch_sizes[batch.batch]]
        partly = [batch for batch in batches if sizes[batch.batch] != batch_sizes[batch.batch]]
        names = {batch.batch for batch in partly}
        readings = ((id_, reading.batch) for id_, reading in state.readings.items() if reading.batch in names)
        return cls(whole, partly, [(document_prefix(id_), batch) for id_, batch in readings])

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the temporary table that the queries need; each cursor has its own."""
        connection.execute("CREATE OR REPLACE TEMP TABLE live (prefix VARCHAR, batch VARCHAR)")
        _insert_columns(connection, "live", self.live)

    def queries(self, table: str) -> Iterator[str]:
        """The queries that together give the rows of a table."""
        if self.whole:
            yield f"SELECT * EXCLUDE (filename) FROM {_read(table, self.whole)}"
        if self.partly:
            owner = "document_id" if table == "problem" else "form_id"
            yield (
                f"SELECT t.* EXCLUDE (filename) FROM {_read(table, self.partly)} AS t "
                f"SEMI JOIN live ON live.prefix = left(t.{owner}, 16) "
                "AND live.batch = regexp_extract(t.filename, '([0-9]+-[0-9]+)[/\\\\][a-z]+[.]parquet$', 1)"
            )

    def load(self, connection: duckdb.DuckDBPyConnection, table: str, end: str = "") -> None:
        for query in self.queries(table):
            connection.execute(f"INSERT INTO {table} BY NAME FROM ({query}) {end}")

    def load_places(self, copies: Sequence[str], connection: duckdb.DuckDBPyConnection) -> None:
        """Load provenance, all but that of copies, at once or not at all."""
        self.prepare(connection)
        connection.execute("CREATE OR REPLACE TEMP TABLE copy (form_id VARCHAR)")
        _insert_columns(connection, "copy", [(form_id,) for form_id in copies])
        with transaction(connection):
            self.load(connection, _PLACES, "ANTI JOIN copy USING (form_id)" if copies else "")

    def count(self, connection: duckdb.DuckDBPyConnection, table: str) -> int:
        """How many rows of a table belong to the forms that stand in `project`."""
        end = "ANTI JOIN copy USING (form_id)"
        return sum(_one(connection, f"SELECT count(*) FROM ({query}) {end}")[0] for query in self.queries(table))


def refused(
    connection: duckdb.DuckDBPyConnection, state: Live, batches: Sequence[TidyBatch]
) -> dict[str, tuple[int, list[dict[str, Any]]]]:
    """What validation refused of the live readings, by table: how many values, and the first of them."""
    if not batches:
        return {}
    live_in = {batch.batch: batch for batch in batches if batch.row_count(REJECTED)}
    found = connection.execute(f"SELECT * FROM {_read(REJECTED, live_in.values())}") if live_in else None
    result: dict[str, tuple[int, list[dict[str, Any]]]] = {}
    for document_id, table, column, check, value, message, _ in found.fetchall() if found else ():
        if document_id in state.readings:
            count, examples = result.get(table, (0, []))
            example = {"document_id": document_id, "column": column, "check": check, "value": value, "message": message}
            result[table] = count + 1, [*examples, example] if count < _EXAMPLES else examples
    return result


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Record], *, strict: bool = True) -> None:
    """Add rows to a contract table; what its declaration does not admit raises ValueError, or is NULL if not strict."""
    frame, rejected = validate(TABLES[table], rows)
    if rejected and strict:
        raise ValueError(rejected[0].message)
    connection.register("new_rows", to_arrow(TABLES[table], frame))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM new_rows")
    connection.unregister("new_rows")


def row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows by contract table."""
    query = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in TABLES)
    return {str(name): int(count) for name, count in connection.execute(query).fetchall()}


def create_views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Create the views for people with their comments; returns their names."""
    with transaction(connection):
        for view in VIEWS.values():
            for statement in view_ddl(view):
                connection.execute(statement)
    return list(VIEWS)


def check_data(connection: duckdb.DuckDBPyConnection) -> list[DataTestResult]:
    """The rules every build must keep: those of data_tests.sql, every key once, and no number that is none."""
    rules = (*_statements("data_tests.sql"), *_keys(), *_finite())
    return [_broken(connection, name, comment, query) for name, comment, query in rules]


def check_against(
    connection: duckdb.DuckDBPyConnection, previous: Path | None, *, max_drop: float
) -> list[DataTestResult]:
    """What the last published build had and the candidate has not, among the documents that both hold.

    Documents that left raw are no loss. `max_drop`: the share of rows, and of loaded documents, that may be lost.
    """
    if previous is None:
        return [
            DataTestResult(name, True, "没有更早的版本可比较") for name in ("row_drop", "newly_rejected", "forms_left")
        ]
    connection.execute(f"ATTACH {literal(str(previous))} AS previous (READ_ONLY)")
    try:
        return [
            _row_drop(connection, max_drop),
            _newly_rejected(connection, max_drop),
            _forms_left(connection, max_drop),
        ]
    finally:
        connection.execute("DETACH previous")


def check_rejects(connection: duckdb.DuckDBPyConnection, *, max_share: float) -> list[DataTestResult]:
    """The share of documents rejected: told for every reason, an error where the machine, not the document, fails."""
    total, rejected, machine = _one(
        connection,
        "SELECT count(*), count(*) FILTER (status = 'rejected'), "
        f"count(*) FILTER (reason_code IN ({', '.join(map(literal, MACHINE_FAILURES))})) FROM document",
    )
    query = (
        "SELECT reason_code, count(*) AS documents, any_value(path) AS example FROM document WHERE status = 'rejected' "
        f"GROUP BY ALL ORDER BY documents DESC LIMIT {_EXAMPLES}"
    )
    message = f"{total} 份文件中 {rejected} 份未能读取，其中 {machine} 份因超时、内存或读取程序退出"
    enough = total >= _MANY
    return [
        DataTestResult(
            "reject_share", not enough or rejected <= max_share * total, message, "warning", _rows(connection, query)
        ),
        DataTestResult("machine_failures", not enough or machine <= max_share * total, message),
    ]


def _row_drop(connection: duckdb.DuckDBPyConnection, max_drop: float) -> DataTestResult:
    drops = []
    copies = (
        "document_id, form_no FROM main.problem WHERE code = 'DUPLICATE' AND form_no IS NOT NULL"  # moved, not lost
    )
    for table in ("project", "funding", "indicator"):
        both = (
            "document_id IN (SELECT document_id FROM previous.document) "
            "AND document_id IN (SELECT document_id FROM main.document)"
        )
        source = "{0}.project" if table == "project" else f"{{0}}.{table} JOIN {{0}}.project USING (form_id)"
        query = f"SELECT count(*) FROM {source} WHERE {both} AND (document_id, form_no) NOT IN (SELECT {copies})"
        before = _one(connection, query.format("previous"))[0]
        after = _one(connection, query.format("main"))[0]
        if before - after > max_drop * before:
            drops.append({"table": table, "before": before, "after": after})
    message = "；".join(f"{d['table']} 由 {d['before']} 行降为 {d['after']} 行" for d in drops) or "行数没有异常下降"
    return DataTestResult("row_drop", not drops, message, examples=drops)


def _newly_rejected(connection: duckdb.DuckDBPyConnection, max_drop: float) -> DataTestResult:
    source = (
        "FROM previous.document AS before JOIN document AS after USING (document_id) "
        "WHERE before.status = 'loaded' AND after.status <> 'loaded'"
    )
    lost = _one(connection, f"SELECT count(*) {source}")[0]
    loaded = _one(connection, "SELECT count(*) FROM previous.document WHERE status = 'loaded'")[0]
    rows = _rows(connection, f"SELECT after.path, after.reason_code {source} LIMIT {_EXAMPLES}")
    message = f"上一版已入库的 {loaded} 份文件中，{lost} 份现在未能入库"
    return DataTestResult("newly_rejected", lost <= max_drop * loaded, message, examples=rows)


def _forms_left(connection: duckdb.DuckDBPyConnection, max_drop: float) -> DataTestResult:
    """Unlike the others this one counts documents that left raw: a warehouse without any form helps nobody."""
    before, after = (_one(connection, f"SELECT count(*) FROM {name}.project")[0] for name in ("previous", "main"))
    passed = bool(after or not before or max_drop >= 1)
    return DataTestResult("forms_left", passed, f"上一版有 {before} 张表，这一版有 {after} 张")


def _keys() -> Iterator[tuple[str, str, str]]:
    for table in TABLES.values():
        if table.key:
            key = ", ".join(table.key)
            query = f"SELECT {key}, count(*) AS rows FROM {table.name} GROUP BY {key} HAVING count(*) > 1"
            yield f"{table.name}_key_is_unique", f"{table.label_zh}的每个键（{key}）只出现一次", query


def _finite() -> Iterator[tuple[str, str, str]]:
    for table in TABLES.values():
        columns = [column.name for column in table.columns if column.type == "DOUBLE"]
        if columns:
            bad = " OR ".join(f"(isnan({name}) OR isinf({name}))" for name in columns)
            yield (
                f"{table.name}_is_finite",
                f"{table.label_zh}中没有 NaN 和无穷大",
                f"SELECT * FROM {table.name} WHERE {bad}",
            )


def _broken(connection: duckdb.DuckDBPyConnection, name: str, comment: str, query: str) -> DataTestResult:
    count = _one(connection, f"SELECT count(*) FROM ({query})")[0]
    if not count:
        return DataTestResult(name, True, comment)
    rows = _rows(connection, f"SELECT * FROM ({query}) LIMIT {_EXAMPLES}")
    return DataTestResult(name, False, f"{count} 行不符合：{comment}", examples=rows)


def _statements(file: str) -> Iterator[tuple[str, str, str]]:
    """Name, comment and text of each statement of a file below sql/."""
    text = files("warehouse.build").joinpath(file).read_text(encoding="utf-8")
    for name, comment, statement in _STATEMENT.findall(text):
        yield name, comment, statement.strip().removesuffix(";")


def _read(table: str, batches: Iterable[TidyBatch]) -> str:
    paths = ", ".join(literal(re.sub(r"([*?\[])", r"[\1]", str(batch.file(table)))) for batch in batches)
    return f"read_parquet([{paths}], filename = true)"


def _insert_columns(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.register("new_rows", pa.table(columns, names=[f"c{n}" for n in range(len(columns))]))
        connection.execute(f"INSERT INTO {table} SELECT * FROM new_rows")
        connection.unregister("new_rows")


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [{name: str(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()]
