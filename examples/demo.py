"""Ingest the example documents into build/demo and print five of the cookbook's answers: `make demo`.

Here: which questions, and how their answers look on a terminal. Not here: the questions (docs/cookbook.md).
"""

from __future__ import annotations

import shutil
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from pages.cookbook import Question, questions
from pipelines import cli, terminal
from warehouse.state.inputs_fingerprint import REVIEWS

HERE = Path(__file__).parent
DATA = HERE.parent / "build" / "demo"
SHOWN = (
    "low_execution_yet_excellent",
    "cut_lifts_rate",
    "target_lowered_again",
    "satisfaction_not_applicable",
    "departments_over_years",
)


def main() -> int:
    """Returns the exit status of the ingestion."""
    shutil.rmtree(DATA / "raw", ignore_errors=True)
    shutil.copytree(HERE / "raw", DATA / "raw")
    if not (DATA / REVIEWS).exists():
        shutil.copyfile(HERE / REVIEWS, DATA / REVIEWS)
    console = terminal.console()
    console.print("示例数据，纯属虚构 / Invented example data: examples/README.md\n")
    status = cli.main(["ingest", "--data-dir", str(DATA), "--allow-removals"])
    if status:
        return status
    with duckdb.connect(str(DATA / "curated" / "warehouse.duckdb"), read_only=True) as connection:
        for question in questions():
            if question.key in SHOWN:
                show(console, question, connection.execute(question.sql))
    console.print("\n其余问题见 docs/cookbook.md，每条 SQL 都可在此库上运行 / The other questions: docs/cookbook.md")
    return status


def show(console: Console, question: Question, answer: duckdb.DuckDBPyConnection) -> None:
    """Print one question with its answer as a table."""
    rows = answer.fetchall()
    console.print(f"\n{question.number}. {question.title_zh} / {question.title_en}", style="bold")
    console.print(question.ask)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for position, (name, *_) in enumerate(answer.description or ()):
        numeric = any(isinstance(row[position], float | Decimal) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    console.print(table)


def cell(value: Any) -> str:
    """A value as a person reads it: money with separators, NULL as a dash."""
    if value is None:
        return "—"
    return f"{value:,}" if isinstance(value, Decimal) else str(value)


if __name__ == "__main__":
    sys.exit(main())
