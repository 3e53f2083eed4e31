"""What is worked out from the tidy tables once they all stand in the candidate: units, projects across years, findings.

Here: the list of analyses, their order and the tables they fill. Not here: how any of them works.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from warehouse import checks, corrections, linking
from warehouse.build import insert
from warehouse.store import CannotRun, now
from warehouse.tables import TABLES
from warehouse.validate import to_arrow, validate

DECISIONS = "decisions.csv"
"""The file in the data folder in which people decide which forms are one project."""

CORRECTIONS = "corrections.yml"
"""The file in the data folder in which people correct published values."""

_UNIT_INPUT = (
    "form_id, form_kind, fiscal_year, region_code, project_name, project_code, unit_name, unit_code, department_name"
)
_SERIES_INPUT = f"{_UNIT_INPUT}, budget_initial_yuan, budget_adjusted_yuan, executed_yuan"


@dataclass(frozen=True, slots=True)
class Ground:
    """What an analysis goes by beside the tables: the data folder, where people keep their decisions, and settings.

    `places`: returns once provenance stands in the candidate; whoever reads it calls this first.
    """

    data_dir: Path
    thresholds: linking.Thresholds
    places: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Analysis:
    """A step over the candidate: `run` reads its tables and fills `tables`, which are empty before."""

    tables: tuple[str, ...]
    run: Callable[[duckdb.DuckDBPyConnection, Ground], None]


def _corrections(connection: duckdb.DuckDBPyConnection, ground: Ground) -> None:
    """Put what people corrected into the tables, and fill `correction`."""
    try:
        entries = corrections.read_corrections(ground.data_dir / CORRECTIONS)
    except corrections.CorrectionsError as error:
        raise CannotRun(f"{CORRECTIONS} 有误，请更正后再运行 / please mend the file: {error}") from error
    if entries:
        ground.places()
    rows, problems = corrections.apply(connection, entries)
    insert(connection, "correction", rows)
    insert(connection, "problem", [{**row, "path": CORRECTIONS} for row in problems])


def _organisations(connection: duckdb.DuckDBPyConnection, ground: Ground) -> None:
    """Fill `organisation`, and keep which form belongs to which unit for the series."""
    organisation, units = linking.organisations(
        connection.sql(f"SELECT {_UNIT_INPUT} FROM project ORDER BY form_id").df()
    )
    _put(connection, "organisation", organisation)
    connection.register("units", pa.Table.from_pandas(units, preserve_index=False))
    connection.execute("CREATE OR REPLACE TEMP TABLE form_unit AS SELECT * FROM units")
    connection.unregister("units")


def _series(connection: duckdb.DuckDBPyConnection, ground: Ground) -> None:
    """Fill `series` and `series_link`, and give each form its series."""
    try:
        decisions = linking.read_decisions(ground.data_dir / DECISIONS)
    except linking.DecisionError as error:
        raise CannotRun(f"{DECISIONS} 有误，请更正后再运行 / please mend the file: {error}") from error
    projects = connection.sql(f"SELECT {_SERIES_INPUT} FROM project ORDER BY form_id").df()
    indicators = connection.sql(
        "SELECT form_id, horizon, level2, level3 FROM indicator ORDER BY form_id, indicator_no"
    ).df()
    units = connection.sql("SELECT * FROM form_unit ORDER BY form_id").df()
    found = linking.series(projects, indicators, decisions, ground.thresholds, units)
    _put(connection, "series", found.series)
    _put(connection, "series_link", found.links.round(4))
    connection.register("mapping", pa.Table.from_pandas(found.mapping, preserve_index=False))
    connection.execute(
        "UPDATE project SET series_id = mapping.series_id FROM mapping WHERE mapping.form_id = project.form_id"
    )
    connection.unregister("mapping")
    for decision in linking.unmatched_decisions(projects, decisions):
        connection.execute(
            "INSERT INTO problem BY NAME SELECT ? AS problem_id, ? AS path, 'DECISION_UNMATCHED' AS code, "
            "'info' AS severity, ? AS locator, ? AS text, '这条认定所指的表不在当前数据中，暂不起作用。' AS message",
            [f"decision-{decision.line}", DECISIONS, f"{decision.line}:1", decision.project_code or decision.form_id],
        )


def _findings(connection: duckdb.DuckDBPyConnection, ground: Ground) -> None:
    """Fill `check_rule` and `finding`."""
    ground.places()
    checks.fill_check_rule(connection)
    checks.find(connection, current_year=now().year)


def _put(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    """Validate a frame against its declaration and insert it; what the declaration refuses is our own fault."""
    valid, rejected = validate(TABLES[table], frame)
    if rejected:
        raise ValueError(f"{table}: {rejected[0].message}")
    connection.register("new_rows", to_arrow(TABLES[table], valid))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM new_rows")
    connection.unregister("new_rows")


ANALYSES: dict[str, Analysis] = {
    "correction": Analysis(("correction",), _corrections),
    "organisation": Analysis(("organisation",), _organisations),
    "series": Analysis(("series", "series_link"), _series),
    "finding": Analysis(("finding", "check_rule"), _findings),
}
"""In the order in which they may build on each other."""
