"""An in-memory warehouse with forms in it, audited: what the tests of the checks look at.

Here: forms out of documents or out of compact typed ones, the tables, one run of the checks. Not here: expectations.
"""

from __future__ import annotations

import copy
import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from extractors.extraction import LOADED, ExtractedForm, Extraction, Record
from extractors.form.records import TOTAL_COLUMNS, readings
from extractors.layout.cell_words import split_points
from warehouse import checks
from warehouse.build import database
from warehouse.build.frames import document_prefix, frames_of
from warehouse.schema.tables import TABLES, TIDY, duckdb_ddl

HERE = Path(__file__).parent
CURRENT_YEAR = 2026
COLUMNS = ("level1", "level2", "level3", "target_text", "actual_text", "weight", "score", "deviation")


@dataclass(frozen=True, slots=True)
class Document:
    """One document for the warehouse: `name` makes its id, `path` is where it lies."""

    name: str
    extraction: Extraction
    path: str = "文件.txt"
    copies: tuple[str, ...] = ()

    @property
    def document_id(self) -> str:
        return hashlib.sha256(self.name.encode()).hexdigest()

    def form_id(self, form_no: int) -> str:
        return f"{document_prefix(self.document_id)}-{form_no}"


def new_warehouse() -> duckdb.DuckDBPyConnection:
    """The empty tables of the contract in memory."""
    connection = duckdb.connect(config={"threads": 1})
    for table in TABLES.values():
        connection.execute(duckdb_ddl(table)[0])
    return connection


def audit(
    connection: duckdb.DuckDBPyConnection,
    documents: Iterable[Document],
    series: Mapping[str, str] | None = None,
    slices: int = 1,
) -> list[Record]:
    """Put the documents, and nothing else, into the tables, run the checks; returns the findings as rows.

    `slices`: the regions are judged in so many groups, one after the other.

    `series`: the series_id of the forms that have one, by form_id.
    """
    documents = list(documents)
    frames, refused = frames_of((d.document_id, d.extraction) for d in documents)
    assert refused == [] or any(form.problem for d in documents for form in d.extraction.forms), refused
    for table in (*TIDY, "document", "finding"):
        connection.execute(f"TRUNCATE {table}")
    for table, frame in frames.items():
        connection.register("frame", frame)
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM frame")
        connection.unregister("frame")
    database.insert(
        connection,
        "document",
        [
            {
                "document_id": d.document_id,
                "path": d.path,
                "paths": [d.path, *d.copies],
                "format": d.extraction.format or "text",
                "form_count": len(d.extraction.forms),
                "status": LOADED,
            }
            for d in documents
        ],
    )
    for form_id, series_id in (series or {}).items():
        connection.execute("UPDATE project SET series_id = ? WHERE form_id = ?", [series_id, form_id])
    rows = connection.execute("SELECT DISTINCT coalesce(region_code, '') AS region FROM project ORDER BY region")
    regions = [region for (region,) in rows.fetchall()]
    groups = [regions[n::slices] for n in range(slices)] if slices > 1 else []
    checks.find(connection, current_year=CURRENT_YEAR, slices=groups)
    found = connection.execute("SELECT * FROM finding ORDER BY finding_id")
    columns = [name for name, *_ in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def typed(name: str) -> dict[str, Any]:
    """One of the TOML files beside this module."""
    return tomllib.loads((HERE / name).read_text("utf-8"))


def merged(base: Mapping[str, Any], *edits: Mapping[str, Any]) -> dict[str, Any]:
    """A typed form with edits laid over it, table by table; a row written as one line replaces the row."""
    result = copy.deepcopy(dict(base))
    for edit in edits:
        for key, value in edit.items():
            if isinstance(value, Mapping):
                under = result.get(key, {})
                result[key] = merged(_row(under) if isinstance(under, str) else under, value)
            else:
                result[key] = value
    return result


def extracted(spec: Mapping[str, Any]) -> ExtractedForm:
    """The form that a typed one (codes.toml says how it is written) stands for, with readings as of the real reader."""
    project: Record = {"form_kind": "self_evaluation", **_filled(spec["project"])}
    funding = [{"source": source, **_filled(_row(f))} for source, f in spec.get("funding", {}).items() if f]
    for row in funding:
        if row["source"] == "total":
            project = {**{p: row[c] for p, c in TOTAL_COLUMNS.items() if c in row}, **project}
    indicators = []
    for row in (_filled(_row(r)) for r in spec.get("row", {}).values() if r):
        if "level1" in row:
            row["level1"], points = split_points(row["level1"])
            row.setdefault("level1_points", points)
        read = readings(row, fiscal_year=project.get("fiscal_year"))
        indicators.append({"horizon": "annual", **row, **read})
    return ExtractedForm(
        project,
        funding,
        indicators,
        [_attribute(*item) for item in spec.get("attribute", {}).items()],
        [{"rule": "label_beside", **place} for place in spec.get("provenance", [])],
        [{"severity": "warning", **problem} for problem in spec.get("problem", [])],
    )


def _attribute(label: str, value: str) -> dict[str, str]:
    """An attribute by `label`, or `section / label`."""
    section, _, own = label.rpartition(" / ")
    return {"section": section or "其他", "label": own, "value": value}


def _row(row: Mapping[str, Any] | str) -> dict[str, Any]:
    if not isinstance(row, str):
        return dict(row)
    texts = [text.strip() for text in row.split("|")]
    return dict(zip(COLUMNS, texts, strict=False))


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if value != ""}
