"""The real export of data/raw, audited as it is and with single cells altered: exactly these findings and no other.

Here: seed.csv (each finding, compared with a hand-made list) and mutations.toml. Not here: each check by itself.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audited import HERE, Document, audit, new_warehouse, typed

from extractors.extract import extract
from extractors.extraction import Row

EXPORT = next((Path(__file__).parents[3] / "data" / "raw" / "440303" / "2024").glob("*.txt"))
COLUMNS = ("form", "indicator_no", "check_code", "severity", "field", "printed", "expected", "verdict")
MUTATIONS = typed("mutations.toml")
_EDIT = re.compile(r"(\d+):(\d+) (.*) →(?: (.*))?")


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    return new_warehouse()


@pytest.fixture(scope="module")
def findings(warehouse: duckdb.DuckDBPyConnection) -> list[Row]:
    return audited(warehouse, EXPORT.read_text("utf-8-sig"))


def audited(warehouse: duckdb.DuckDBPyConnection, text: str) -> list[Row]:
    """The findings on a text export, each with the number of its form."""
    extraction = extract(text.encode(), region_code="440303", fiscal_year=2024)
    rows = audit(warehouse, [Document("export", extraction, f"440303/2024/{EXPORT.name}")])
    return [{**row, "form": row["form_id"].rpartition("-")[2]} for row in rows]


def shown(value: Any) -> str:
    return "" if value is None else str(value)


def named(row: Row) -> str:
    """A finding as mutations.toml writes it."""
    number = shown(row["indicator_no"])
    return f"{row['form']}{'/' if number else ''}{number} {row['check_code']}"


def altered(text: str, edits: list[str]) -> str:
    lines = [line.split("\t") for line in text.split("\n")]
    for edit in edits:
        match = _EDIT.fullmatch(edit)
        assert match is not None, edit
        line, column = int(match[1]) - 1, int(match[2]) - 1
        assert lines[line][column] == match[3], edit
        lines[line][column] = match[4] or ""
    return "\n".join("\t".join(line) for line in lines)


def test_the_real_export_has_these_145_findings(findings: list[Row]) -> None:
    with (HERE / "seed.csv").open(encoding="utf-8", newline="") as file:
        wanted = Counter(tuple(row[column] for column in COLUMNS) for row in csv.DictReader(file))
    got = Counter(tuple(shown(row[column]) for column in COLUMNS) for row in findings)
    assert (wanted - got, got - wanted) == (Counter(), Counter()) and got.total() == 145


def test_nothing_about_the_real_export_is_an_error(findings: list[Row]) -> None:
    assert Counter(row["severity"] for row in findings) == {"warning": 78, "info": 67}


@pytest.mark.parametrize("mutation", MUTATIONS["mutation"], ids=lambda mutation: mutation["says"])
def test_an_altered_cell_raises_its_codes_and_changes_nothing_else(
    mutation: dict[str, Any], warehouse: duckdb.DuckDBPyConnection, findings: list[Row]
) -> None:
    before = Counter(map(named, findings))
    after = Counter(map(named, audited(warehouse, altered(EXPORT.read_text("utf-8-sig"), mutation["edits"]))))
    assert sorted((after - before).elements()) == sorted(mutation["raises"])
    assert sorted((before - after).elements()) == sorted(mutation.get("removes", []))


@pytest.mark.parametrize("case", MUTATIONS["verdict"], ids=lambda case: case["says"])
def test_a_contradiction_is_the_filers_unless_a_cell_it_may_depend_on_was_not_read(
    case: dict[str, Any], warehouse: duckdb.DuckDBPyConnection
) -> None:
    found = audited(warehouse, altered(EXPORT.read_text("utf-8-sig"), case["edits"]))
    assert [code for (code,) in warehouse.execute("SELECT code FROM problem").fetchall()] == case["problem"]
    first = {row["check_code"]: row["verdict"] for row in found if row["form"] == "1" and row["verdict"]}
    neither = {"SCR_NA_FULL_MARKS", "HDR_COLUMN_ALL_EMPTY"}
    assert {code: verdict for code, verdict in first.items() if code not in neither} == case["verdicts"]
    assert {row["verdict"] for row in found if row["form"] != "1" and row["verdict"]} == {"filer"}
