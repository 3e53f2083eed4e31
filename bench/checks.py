"""A million indicators read, compared and checked: `python -m bench checks`.

Here: the real export of data/raw multiplied with other ids, names, units and years, checked once; time and peak memory.
Not here: whether the findings are right (tests/golden/findings).
"""

from __future__ import annotations

import hashlib
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb

from bench.readings import BATCH, MILLION, read, rows
from bench.report import Section
from extractors.extract import extract
from warehouse.build.frames import frames_of
from warehouse.checks import find
from warehouse.schema.tables import TABLES, TIDY, duckdb_ddl

THREADS = 2
MEMORY = "512MB"
EXPORT = next((Path(__file__).parents[1] / "data" / "raw" / "440303" / "2024").glob("*.txt"))

_COPIES = {
    # Three copies make a series over three years; every copy is a document of its own, every 300 a unit of their own,
    # every 3,000 a region of their own, which is a slice.
    "project": (
        "md5(k::VARCHAR) || md5('b' || k) AS document_id, 2022 + k % 3 AS fiscal_year, "
        "'s' || k // 3 || '-' || form_no AS series_id, left(project_code, 6) || '24' || substr(project_code, 9, 5) "
        "|| lpad((k // 3)::VARCHAR, 8, '0') AS project_code, "
        "project_name || chr((19968 + k // 3 % 15000)::INTEGER) AS project_name, "
        "replace(unit_name, '罗湖', chr((19968 + k // 300)::INTEGER)) AS unit_name, "
        "lpad((k // 300)::VARCHAR, 6, '1') AS unit_code, "
        "replace(department_name, '罗湖', chr((19968 + k // 300)::INTEGER)) AS department_name, "
        "goal_actual || '（' || k || '）' AS goal_actual, lpad((k // 3000)::VARCHAR, 6, '4') AS region_code"
    ),
    "indicator": (
        "left(md5(k::VARCHAR), 16) || '-' || split_part(form_id, '-', 2) || '-' || indicator_no AS indicator_id, "
        "level3 || chr((19968 + k // 3 % 5000)::INTEGER) AS level3"
    ),
}


def fill(connection: duckdb.DuckDBPyConnection, indicators: int) -> int:
    """Create the tables and fill them with copies of the export to so many indicators; returns how many."""
    data = EXPORT.read_bytes()
    document_id = hashlib.sha256(data).hexdigest()
    frames, _ = frames_of([(document_id, extract(data, region_code="440303", fiscal_year=2024))])
    for table in TABLES.values():
        for statement in duckdb_ddl(table, keyed=False):  # as a build does
            connection.execute(statement)
    copies = -(-indicators // frames["indicator"].num_rows)
    connection.execute(f"CREATE TEMP TABLE copy AS SELECT range AS k FROM range({copies})")
    connection.execute(
        "INSERT INTO document BY NAME SELECT md5(k::VARCHAR) || md5('b' || k) AS document_id, "
        "'440303/' || (2022 + k % 3) || '/' || k || '.txt' "
        "AS path, [path] AS paths, 'text' AS format, 5 AS form_count, 'loaded' AS status FROM copy"
    )
    for table in TIDY:
        connection.register("frame", frames[table])
        own = _COPIES.get(table, "")
        names = [part.rsplit(" AS ", 1)[1].split(",")[0] for part in own.split(", ") if " AS " in part]
        form = "left(md5(k::VARCHAR), 16) || '-' || split_part(form_id, '-', 2) AS form_id"
        if table == "problem":
            continue
        without = ", ".join(["form_id", *names])
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT frame.* EXCLUDE ({without}), {form}{', ' + own if own else ''} "
            "FROM frame, copy ORDER BY k"
        )
        connection.unregister("frame")
    return int(connection.execute("SELECT count(*) FROM indicator").fetchall()[0][0])


def _read(seed: int) -> float:
    """Read and compare one batch of rows; returns the seconds of processor time."""
    batch = rows(BATCH, seed)
    begin = time.process_time()
    read(batch)
    return time.process_time() - begin


def regions(connection: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """Every region as a slice of its own."""
    rows = connection.execute("SELECT DISTINCT region_code FROM project ORDER BY region_code").fetchall()
    return [[region] for (region,) in rows]


def sections(_rounds: int) -> Iterator[Section]:
    """The part of docs/benchmarks.md; one round, as a million rows are their own average."""
    begin = time.perf_counter()
    with ProcessPoolExecutor(THREADS) as pool:
        reading_processor = sum(pool.map(_read, range(MILLION // BATCH)))
    reading = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        settings = {"threads": THREADS, "memory_limit": MEMORY, "temp_directory": folder}
        connection = duckdb.connect(str(Path(folder) / "bench.duckdb"), config=settings)
        indicators = fill(connection, MILLION)
        begin, begin_processor = time.perf_counter(), time.process_time()
        find(connection, current_year=2026, slices=regions(connection))
        checking, checking_processor = time.perf_counter() - begin, time.process_time() - begin_processor
        [(findings, codes)] = connection.execute("SELECT count(*), count(DISTINCT check_code) FROM finding").fetchall()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    yield Section(
        "Checks: 1 000 000 indicators read, compared and checked",
        f"Reading: rows hardly one like another, {THREADS} processes, elapsed with making the rows. Checking: the "
        f"export multiplied to {indicators} indicators with other ids, names, units and years, {THREADS} threads; "
        f"{findings} findings of {codes} checks, peak memory {peak} MB.",
        ["work", "elapsed", "processor time"],
        [
            ["read and compared", f"{reading:.1f} s", f"{reading_processor:.1f} s"],
            ["checked", f"{checking:.1f} s", f"{checking_processor:.1f} s"],
            ["together", f"{reading + checking:.1f} s", f"{reading_processor + checking_processor:.1f} s"],
        ],
    )
