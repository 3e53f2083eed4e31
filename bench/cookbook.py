"""Every query of the cookbook on the examples and on a million indicators of three years: `python -m bench cookbook`.

Here: the examples multiplied with other ids, regions, units and projects; seconds by question. Not here: the answers.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from bench.report import Section, interleaved, spread
from examples.ingest import ingest
from pages.cookbook import Question, questions
from warehouse.build.database import create_views
from warehouse.schema.tables import TABLES, duckdb_ddl

INDICATORS = 1_000_000
MEMORY = "4GB"

_IDS = "form_id form_id_a form_id_b indicator_id finding_id problem_id series_id unit_id project_code"
_EVERYWHERE = {
    **{name: f"{name} || '-' || k" for name in _IDS.split()},
    "document_id": "md5(document_id || k) || md5(k || document_id)",
    "region_code": "(left(region_code, 2)::INTEGER * 10000 + k)::VARCHAR",
    **{
        name: f"replace(replace({name}, '清河', '清' || k), '云山', '云' || k)"
        for name in ("unit_name", "department_name")
    },
    "aliases": "[replace(alias, '云山', '云' || k) for alias in aliases]",
    "project_name": "project_name || k",
    "series_name": "series_name || k",
    "path": "k || '/' || path",
}
"""What copy k of the example has of its own, in whatever table the column stands; the rest is the example's."""


def multiply(example: Path, target: Path, indicators: int) -> float:
    """Fill a new warehouse with copies of the example to so many indicators; returns the seconds its views took."""
    settings: dict[str, Any] = {
        "memory_limit": MEMORY,
        "temp_directory": str(target.parent),
        "preserve_insertion_order": "false",
    }
    with duckdb.connect(str(target), config=settings) as connection:
        connection.execute(f"ATTACH '{example}' AS example (READ_ONLY)")
        found = connection.execute("SELECT count(*) FROM example.indicator").fetchall()[0][0]
        connection.execute(f"CREATE TEMP TABLE copy AS SELECT range AS k FROM range({-(-indicators // found)})")
        for table in TABLES.values():
            for statement in duckdb_ddl(table):
                connection.execute(statement)
            columns = [f"{_EVERYWHERE.get(name, name)} AS {name}" for name in table.column_names]
            copies = any(name in _EVERYWHERE for name in table.column_names)
            source = f"example.{table.name}{', copy' if copies else ''}{' ORDER BY k' if copies else ''}"
            connection.execute(f"INSERT INTO {table.name} BY NAME SELECT {', '.join(columns)} FROM {source}")
        begin = time.perf_counter()
        create_views(connection)
        return time.perf_counter() - begin


def measure(warehouse: Path, rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds of every question in every round, its answer fetched whole: by the clock, and of all processors."""
    busy: dict[str, list[float]] = {}
    with duckdb.connect(str(warehouse), read_only=True, config={"memory_limit": MEMORY}) as connection:

        def ask(question: Question) -> None:
            begin = time.process_time()
            connection.execute(question.sql).fetchall()
            busy.setdefault(question.key, []).append(time.process_time() - begin)

        return interleaved({q.key: partial(ask, q) for q in questions()}, rounds), busy


def sections(rounds: int) -> Iterator[Section]:
    """Times of every question on both, the slowest first."""
    with tempfile.TemporaryDirectory() as folder:
        example = ingest(Path(folder) / "data")
        large = Path(folder) / "large.duckdb"
        views = multiply(example, large, INDICATORS)
        small, _ = measure(example, rounds)
        clock, busy = measure(large, rounds)
        size = large.stat().st_size / 1e6
    median = statistics.median
    rows = [
        [
            f"{q.number}. {q.title_zh}",
            f"{median(small[q.key]) * 1000:.0f} ms",
            spread(clock[q.key]),
            f"{median(busy[q.key]):.3f} s",
        ]
        for q in sorted(questions(), key=lambda q: -median(busy[q.key]))
    ]
    text = (
        f"The queries of [the cookbook](cookbook.md) on the examples and on {INDICATORS:,} indicators: the examples "
        f"multiplied, three years, {size:,.0f} MB, the views and the tables behind them made in {views:.1f} s. The "
        "processor seconds of all threads hardly depend on what else runs; on idle cores the clock shows less."
    )
    yield Section("Cookbook", text, ["question", "examples", f"{INDICATORS:,} indicators", "processors"], rows)
