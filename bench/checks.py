"""The checks over a million indicators: `python -m bench.checks`, `--help` for its options.

Here: the real export of data/raw multiplied with other ids, names, units and years, checked once; time and peak memory.
Not here: whether the findings are right (tests/unit/test_checks*, tests/golden/findings).
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from extractors.extract import extract
from warehouse.checks import find
from warehouse.frames import TIDY, frames_of
from warehouse.tables import TABLES, duckdb_ddl

EXPORT = next((Path(__file__).parents[1] / "data" / "raw" / "440303" / "2024").glob("*.txt"))

_COPIES = {
    # Three copies make a series over three years; every copy is a document of its own, every 300 a unit of their own.
    "project": (
        "md5(k::VARCHAR) || md5('b' || k) AS document_id, 2022 + k % 3 AS fiscal_year, "
        "'s' || k // 3 || '-' || form_no AS series_id, left(project_code, 6) || '24' || substr(project_code, 9, 5) "
        "|| lpad((k // 3)::VARCHAR, 8, '0') AS project_code, "
        "project_name || chr((19968 + k // 3 % 15000)::INTEGER) AS project_name, "
        "replace(unit_name, '罗湖', chr((19968 + k // 300)::INTEGER)) AS unit_name, "
        "lpad((k // 300)::VARCHAR, 6, '1') AS unit_code, "
        "replace(department_name, '罗湖', chr((19968 + k // 300)::INTEGER)) AS department_name, "
        "goal_actual || '（' || k || '）' AS goal_actual, 's' AS region_code"
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
        for statement in duckdb_ddl(table):
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


def peak_mb() -> int:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--indicators", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-mb", type=int, default=4000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = {"threads": arguments.threads, "memory_limit": f"{arguments.memory_mb}MB", "temp_directory": folder}
        connection = duckdb.connect(str(Path(folder) / "bench.duckdb"), config=settings)
        start = time.perf_counter()
        count = fill(connection, arguments.indicators)
        print(f"{count} indicators made in {time.perf_counter() - start:.1f} s, peak memory {peak_mb()} MB")
        start = time.perf_counter()
        find(connection, current_year=2026)
        seconds = time.perf_counter() - start
        findings, codes = connection.execute("SELECT count(*), count(DISTINCT check_code) FROM finding").fetchall()[0]
        print(
            f"checked in {seconds:.1f} s on {arguments.threads} threads: {findings} findings of {codes} checks; "
            f"peak memory {peak_mb()} MB"
        )


if __name__ == "__main__":
    main()
