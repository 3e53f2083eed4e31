"""Which rows are handed over: of a region, a unit, a year; findings that accuse apart from those still to be looked at.

Here: queries and column names. Not here: files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.schema.tables import Column, Table
from warehouse.views.declarations import VIEWS

SOURCES = {
    "projects": ("项目", "v_project"),
    "indicators": ("指标", "v_indicator"),
    "funding": ("资金", "v_funding"),
    "findings": ("发现", "v_finding"),
    "attention": ("需要处理", "v_attention"),
}
"""What may be handed over: the sheet's name and the view."""
HELD = "待核"
"""The sheet of findings that accuse nobody yet."""
ACCUSING = "verdict = 'filer' AND severity IN ('error', 'warning') AND review_state NOT IN ('不成立', '读错')"
"""What a list of problems holds: what the document itself says, and nobody refuted."""
_STILL_OPEN = f"NOT coalesce({ACCUSING}, false) AND review_state NOT IN ('不成立', '读错')"
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Choice:
    """Of whom: a region code (or the beginning of one), words of a unit's name, a year; None for all."""

    region: str | None = None
    unit: str | None = None
    year: int | None = None

    def condition(self, view: str) -> tuple[str, dict[str, Any]]:
        """The condition on a view and its values; attention is of nobody."""
        names = VIEWS[view].column_names
        parts: list[str] = []
        values: dict[str, Any] = {}
        if self.region and "region_code" in names:
            parts.append("starts_with(region_code, $region)")
            values["region"] = self.region
        if self.unit and "unit" in names:
            parts.append("(contains(unit, $unit) OR contains(department, $unit))")
            values["unit"] = self.unit
        if self.year and "fiscal_year" in names:
            parts.append("fiscal_year = $year")
            values["year"] = self.year
        return " AND ".join(parts) or "true", values


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to write: its name, its declaration and the query that gives its rows."""

    name: str
    table: Table
    query: str
    values: dict[str, Any]

    def columns(self, connection: duckdb.DuckDBPyConnection) -> list[Column]:
        """Its columns as this build has them: one of an earlier version may lack some."""
        described = connection.execute(f"SELECT * FROM ({self.query}) LIMIT 0", self.values or None).description
        return [self.table.column(name) for name, *_ in described or ()]

    def count(self, connection: duckdb.DuckDBPyConnection) -> int:
        """How many rows it has."""
        row = connection.execute(f"SELECT count(*) FROM ({self.query})", self.values or None).fetchone()
        return int(row[0]) if row else 0

    def rows(self, connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
        """Its rows, never all of them in memory."""
        cursor = connection.cursor()
        try:
            found = cursor.execute(self.query, self.values or None)
            while batch := found.fetchmany(_BATCH):
                yield from batch
        finally:
            cursor.close()


def sheets(choice: Choice, what: str | None, *, everything: bool = False) -> list[Sheet]:
    """The sheets in their order; `what`: only this one. `everything`: findings of any kind on one sheet."""
    made = []
    for name in ["attention", "projects", "indicators", "funding", "findings"]:
        if what not in (None, name):
            continue
        label, view = SOURCES[name]
        where, values = choice.condition(view)
        order = _order(view)
        if name != "findings" or everything:
            made.append(Sheet(label, VIEWS[view], f"SELECT * FROM {view} WHERE {where} ORDER BY {order}", values))
            continue
        for title, kind in ((label, ACCUSING), (HELD, _STILL_OPEN)):
            made.append(
                Sheet(title, VIEWS[view], f"SELECT * FROM {view} WHERE {where} AND {kind} ORDER BY {order}", values)
            )
    return made


def left_out(connection: duckdb.DuckDBPyConnection, choice: Choice) -> dict[str, int]:
    """How many findings of a choice the list of those that accuse leaves out: `open` and `refuted` ones."""
    where, values = choice.condition("v_finding")
    row = connection.execute(
        f"SELECT count(*) FILTER ({_STILL_OPEN}), count(*) FILTER (review_state IN ('不成立', '读错')) "
        f"FROM v_finding WHERE {where}",
        values or None,
    ).fetchone()
    return dict(zip(("open", "refuted"), row or (0, 0), strict=True))


def _order(view: str) -> str:
    wanted = ("urgency", "kind", "region_code", "department", "unit", "fiscal_year", "project_name")
    names = VIEWS[view].column_names
    order = [name for name in wanted if name in names]
    order += [name for name in ("form_id", "indicator_no", "finding_key", "path", "what") if name in names]
    return ", ".join(order)


def heading(column: Column) -> str:
    """A column's Chinese name with its unit."""
    return f"{column.label_zh}（{column.unit}）" if column.unit in ("元", "%", "分") else column.label_zh
