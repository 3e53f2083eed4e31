"""Every query of the cookbook on the examples and on a million indicators of three years: `python -m bench cookbook`.

Here: the examples multiplied with other ids, regions, units and projects; seconds by question. Not here: the answers.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from bench.report import Section, interleaved, spread
from examples.cookbook import questions
from pipelines.ingestion import Ingestion
from pipelines.settings import load_settings
from warehouse.build import create_views
from warehouse.tables import TABLES, duckdb_ddl

INDICATORS = 1_000_000
MEMORY = "4GB"
EXAMPLES = Path(__file__).parents[1] / "examples" / "raw"

_COPIES: Mapping[str, Mapping[str, str]] = {
    # what a copy has of its own in every table; the rest is the example's
    "": {
        name: f"{name} || '-' || k"
        for name in (
            *("document_id", "form_id", "indicator_id", "finding_id", "problem_id", "series_id", "unit_id"),
            *("form_id_a", "form_id_b", "project_code"),
        )
    },
    "region": {"region_code": "(left(region_code, 2)::INTEGER * 10000 + k)::VARCHAR"},
    "document": {"document_id": "md5(document_id || k) || md5(k || document_id)", "path": "k || '/' || path"},
    "project": {
        name: f"replace(replace({name}, '清河', '清' || k), '云山', '云' || k)"
        for name in ("unit_name", "department_name")
    }
    | {"document_id": "md5(document_id || k) || md5(k || document_id)", "project_name": "project_name || k"},
    "organisation": {
        "unit_name": "replace(replace(unit_name, '清河', '清' || k), '云山', '云' || k)",
        "aliases": "[replace(alias, '云山', '云' || k) for alias in aliases]",
    },
    "series": {"series_name": "series_name || k"},
}


def ingest_examples(data_dir: Path) -> Path:
    """Ingest the example documents; returns the warehouse."""
    shutil.copytree(EXAMPLES, data_dir / "raw")
    run = Ingestion(load_settings({}, data_dir=data_dir, settle_seconds=0.0), trigger="command")
    try:
        run.scan()
        run.read(None)
        run.publish()
    finally:
        run.close()
    return data_dir / "curated" / "warehouse.duckdb"


def multiply(example: Path, target: Path, indicators: int) -> float:
    """Fill a new warehouse with copies of the example to so many indicators; returns the seconds its views took."""
    settings = {"memory_limit": MEMORY, "temp_directory": str(target.parent), "preserve_insertion_order": "false"}
    with duckdb.connect(str(target), config=settings) as connection:
        connection.execute(f"ATTACH '{example}' AS example (READ_ONLY)")
        found = connection.execute("SELECT count(*) FROM example.indicator").fetchall()[0][0]
        connection.execute(f"CREATE TEMP TABLE copy AS SELECT range AS k FROM range({-(-indicators // found)})")
        for table in TABLES.values():
            for statement in duckdb_ddl(table):
                connection.execute(statement)
            own = {**_COPIES[""], **_COPIES["region"], **_COPIES.get(table.name, {})}
            columns = [f"{own.get(name, name)} AS {name}" for name in table.column_names]
            copies = any(name in own for name in table.column_names)
            source = f"example.{table.name}{', copy' if copies else ''}{' ORDER BY k' if copies else ''}"
            connection.execute(f"INSERT INTO {table.name} BY NAME SELECT {', '.join(columns)} FROM {source}")
        begin = time.perf_counter()
        create_views(connection)
        return time.perf_counter() - begin


def measure(warehouse: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of every question in every round, its answer fetched whole."""
    with duckdb.connect(str(warehouse), read_only=True, config={"memory_limit": MEMORY}) as connection:
        work = {q.key: (lambda sql=q.sql: connection.execute(sql).fetchall()) for q in questions()}
        return interleaved(work, rounds)


def sections(rounds: int) -> Iterator[Section]:
    """Times of every question on both, the slowest first."""
    with tempfile.TemporaryDirectory() as folder:
        example = ingest_examples(Path(folder) / "data")
        large = Path(folder) / "large.duckdb"
        views = multiply(example, large, INDICATORS)
        small_seconds, large_seconds = measure(example, rounds), measure(large, rounds)
        size = large.stat().st_size / 1e6
    rows = [
        [
            f"{q.number}. {q.title_zh}",
            f"{statistics.median(small_seconds[q.key]) * 1000:.0f} ms",
            spread(large_seconds[q.key]),
        ]
        for q in sorted(questions(), key=lambda q: -statistics.median(large_seconds[q.key]))
    ]
    text = (
        f"The queries of [the cookbook](cookbook.md) on the examples and on {INDICATORS:,} indicators: the examples "
        f"multiplied, three years, {size:,.0f} MB, the views and the tables behind them made in {views:.1f} s."
    )
    yield Section("Cookbook", text, ["question", "examples", f"{INDICATORS:,} indicators"], rows)
