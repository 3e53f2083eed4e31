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
from extractors.extraction import Record
from warehouse.checks import fill_check_rule

EXPORT = next((Path(__file__).parents[3] / "data" / "raw" / "440303" / "2024").glob("*.txt"))
COLUMNS = ("form", "indicator_no", "check_code", "severity", "field", "printed", "expected", "verdict")
MUTATIONS = typed("mutations.toml")
PAGE = (Path(__file__).parents[3] / "docs" / "checks.md").read_text("utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
_EDIT = re.compile(r"(\d+):(\d+) (.*) →(?: (.*))?")


@pytest.fixture(scope="module")
def audited() -> tuple[duckdb.DuckDBPyConnection, list[Record]]:
    """A warehouse with the export as it is, audited, and the findings."""
    warehouse = new_warehouse()
    findings = [with_form(row) for row in audit(warehouse, [document([])])]
    fill_check_rule(warehouse)
    return warehouse, findings


@pytest.fixture(scope="module")
def findings(audited: tuple[duckdb.DuckDBPyConnection, list[Record]]) -> list[Record]:
    """The findings on the export as it is."""
    return audited[1]


@pytest.fixture(scope="module")
def altered() -> dict[str, list[Record]]:
    """The findings on every altered export by its sentence: all in one warehouse, each in a region of its own.

    That a form stands in several of them is no finding here.
    """
    cases = [*MUTATIONS["mutation"], *MUTATIONS["verdict"]]
    documents = {case["says"]: document(case["edits"], f"{100001 + n}") for n, case in enumerate(cases)}
    found: dict[str, list[Record]] = {says: [] for says in documents}
    sentences = {d.form_id(1).rpartition("-")[0]: says for says, d in documents.items()}
    for row in audit(new_warehouse(), documents.values()):
        if row["check_code"] not in {"HDR_DUPLICATE_FORM", "HDR_DUPLICATE_CONTENT"}:
            found[sentences[row["form_id"].rpartition("-")[0]]].append(with_form(row))
    return found


def document(edits: list[str], region_code: str = "440303") -> Document:
    text = edited(EXPORT.read_text("utf-8-sig"), edits)
    extraction = extract(text.encode(), region_code=region_code, fiscal_year=2024)
    return Document(f"export {edits}", extraction, f"{region_code}/2024/{EXPORT.name}")


def with_form(row: Record) -> Record:
    """A finding with the number of its form."""
    return {**row, "form": row["form_id"].rpartition("-")[2]}


def shown(value: Any) -> str:
    return "" if value is None else str(value)


def named(row: Record) -> str:
    """A finding as mutations.toml writes it."""
    number = shown(row["indicator_no"])
    return f"{row['form']}{'/' if number else ''}{number} {row['check_code']}"


def edited(text: str, edits: list[str]) -> str:
    lines = [line.split("\t") for line in text.split("\n")]
    for edit in edits:
        match = _EDIT.fullmatch(edit)
        assert match is not None, edit
        line, column = int(match[1]) - 1, int(match[2]) - 1
        assert lines[line][column] == match[3], edit
        lines[line][column] = match[4] or ""
    return "\n".join("\t".join(line) for line in lines)


def test_the_real_export_has_these_143_findings(findings: list[Record]) -> None:
    """Of the hand-made list of 145 two are told no more.

    Of form 4 走访慰问次数 and 走访慰问时间 are a count and a time, no indicator twice; form 5 prints no bands.
    """
    with (HERE / "seed.csv").open(encoding="utf-8", newline="") as file:
        wanted = Counter(tuple(row[column] for column in COLUMNS) for row in csv.DictReader(file))
    got = Counter(tuple(shown(row[column]) for column in COLUMNS) for row in findings)
    assert (wanted - got, got - wanted) == (Counter(), Counter()) and got.total() == 143


@pytest.mark.parametrize("query", QUERIES)
def test_the_queries_of_the_page_on_checks_answer(
    query: str, audited: tuple[duckdb.DuckDBPyConnection, list[Record]]
) -> None:
    own = document([]).form_id(4)
    assert audited[0].execute(re.sub(r"'[0-9a-f]{16}-\d'", f"'{own}'", query)).fetchall()


def test_nothing_about_the_real_export_is_an_error(findings: list[Record]) -> None:
    assert Counter(row["severity"] for row in findings) == {"warning": 78, "info": 65}


@pytest.mark.parametrize("mutation", MUTATIONS["mutation"], ids=lambda mutation: mutation["says"])
def test_an_altered_cell_raises_its_codes_and_changes_nothing_else(
    mutation: dict[str, Any], findings: list[Record], altered: dict[str, list[Record]]
) -> None:
    before, after = Counter(map(named, findings)), Counter(map(named, altered[mutation["says"]]))
    assert sorted((after - before).elements()) == sorted(mutation["raises"])
    assert sorted((before - after).elements()) == sorted(mutation.get("removes", []))


@pytest.mark.parametrize("case", MUTATIONS["verdict"], ids=lambda case: case["says"])
def test_a_contradiction_is_the_filers_unless_a_cell_it_may_depend_on_was_not_read(
    case: dict[str, Any], altered: dict[str, list[Record]]
) -> None:
    problems = [problem["code"] for form in document(case["edits"]).extraction.forms for problem in form.problem]
    assert problems == case["problem"]
    verdicts = {(row["form"], row["check_code"]): row["verdict"] for row in altered[case["says"]] if row["verdict"]}
    neither = {"SCR_NA_FULL_MARKS", "HDR_COLUMN_ALL_EMPTY"}
    first = {code: verdict for (form, code), verdict in verdicts.items() if form == "1" and code not in neither}
    assert first == case["verdicts"]
    assert {verdict for (form, _), verdict in verdicts.items() if form != "1"} == {"filer"}
