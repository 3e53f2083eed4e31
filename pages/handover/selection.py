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
ACCUSING = "verdict = 'filer' AND severity IN ('error', 'warning') AND NOT dismissed"
"""What a list of problems holds: what the document itself says, and nobody refuted."""
_STILL_OPEN = f"NOT coalesce({ACCUSING}, false) AND NOT dismissed"
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Choice:
    """Of whom: a region code (or the beginning of one), words of a unit's name, a year; None for all."""

    region: str | None = None
    unit: str | None = None
    year: int | None = None

    def condition(self, view: str) -> tuple[str, dict[str, Any]]:
        """The condition on a view and its values; of v_attention what is about the forms chosen, or their files."""
        if view == "v_attention":
            return self._concerned()
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

    def _concerned(self) -> tuple[str, dict[str, Any]]:
        parts, values = self._of_forms()
        if not parts:
            return "true", {}
        forms = f"FROM project AS p LEFT JOIN v_form AS v USING (form_id) WHERE {' AND '.join(parts)}"
        either = [f"form_id IN (SELECT p.form_id {forms})"]
        either += [f"form_id IS NULL AND document_id IN (SELECT p.document_id {forms})"]
        if self.region and not self.unit:
            either.append("form_id IS NULL AND regexp_matches(path, '(^|/)' || $region || '[0-9]{0,4}[^0-9/]*/')")
        return f"({' OR '.join(either)})", values

    def has_forms(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Whether there is any form of the choice."""
        parts, values = self._of_forms()
        forms = f"FROM project AS p LEFT JOIN v_form AS v USING (form_id) WHERE {' AND '.join(parts) or 'true'}"
        return connection.execute(f"SELECT 1 {forms} LIMIT 1", values or None).fetchone() is not None

    def _of_forms(self) -> tuple[list[str], dict[str, Any]]:
        wanted = (
            ("starts_with(p.region_code, $region)", "region", self.region),
            (
                "(contains(v.unit, $unit) OR contains(v.department, $unit) OR contains(p.unit_name, $unit))",
                "unit",
                self.unit,
            ),
            ("p.fiscal_year = $year", "year", self.year),
        )
        return [part for part, _, value in wanted if value], {name: value for _, name, value in wanted if value}


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
        f"SELECT count(*) FILTER ({_STILL_OPEN}), count(*) FILTER (dismissed) FROM v_finding WHERE {where}",
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
