"""The five real forms of data/raw, read and compared with what a person typed from the page."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractors.extract import extract
from extractors.extraction import ExtractedForm, Extraction

HERE = Path(__file__).parent / "seed"
RAW = Path(__file__).parents[2] / "data" / "raw" / "440303" / "2024"
NUMBERS = {
    "weight",
    "score",
    "level1_points",
    "fiscal_year",
    "total_weight",
    "total_score",
    "execution_weight",
    "execution_score",
}


@pytest.fixture(scope="module")
def seed() -> Extraction:
    return extract(next(RAW.glob("*.txt")).read_bytes(), region_code="440303", fiscal_year=2024)


def typed(name: str) -> list[dict[str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def agrees(column: str, wanted: str, got: Any) -> bool:
    if not wanted:
        return got is None
    if column in NUMBERS or column.endswith(("_yuan", "_pct")):
        return got is not None and Decimal(wanted) == Decimal(str(got))
    return wanted == got


def form_rows(seed: Extraction, table: str) -> list[tuple[int, dict[str, Any]]]:
    return [(n, row) for n, form in enumerate(seed.forms, 1) for row in getattr(form, table)]


def test_the_document_is_loaded_with_five_forms_and_no_problem(seed: Extraction) -> None:
    assert (seed.status, len(seed.forms), seed.problem) == ("loaded", 5, [])
    assert [form.problem for form in seed.forms] == [[]] * 5


def test_every_header_is_read_as_printed(seed: Extraction) -> None:
    for wanted, form in zip(typed("projects"), seed.forms, strict=True):
        wrong = {
            c: (v, form.project.get(c))
            for c, v in wanted.items()
            if c != "form" and not agrees(c, v, form.project.get(c))
        }
        assert not wrong


@pytest.mark.parametrize(("table", "file", "count"), [("funding", "funding", 20), ("indicator", "indicators", 64)])
def test_every_row_is_read_as_printed(seed: Extraction, table: str, file: str, count: int) -> None:
    rows, expected = form_rows(seed, table), typed(file)
    assert len(rows) == len(expected) == count
    for (number, row), wanted in zip(rows, expected, strict=True):
        assert number == int(wanted["form"])
        wrong = {
            c: (v, row.get(c)) for c, v in wanted.items() if c not in {"form", "line"} and not agrees(c, v, row.get(c))
        }
        assert not wrong, (number, row)


def test_goals_are_read_whole(seed: Extraction) -> None:
    goals = [(form.project["goal_expected"], form.project["goal_actual"]) for form in seed.forms]
    assert goals[3][0] == "全面保障企业离休干部政治、生活待遇落实到位。"
    assert goals[0][1].startswith("始终坚持“以人民为中心”的服务理念") and goals[0][1].endswith(
        "群众对中心提供的服务满意度达99.01%。"
    )


def test_every_value_leads_back_to_its_line(seed: Extraction) -> None:
    """The weight of the first indicator stands in line 16, column 8 of the file."""

    def places(form: ExtractedForm, table: str, row: int, column: str) -> list[str]:
        keys = (table, row, column)
        return [p["locator"] for p in form.provenance if (p["table_name"], p["row_no"], p["column_name"]) == keys]

    first = seed.forms[0]
    assert places(first, "indicator", 1, "weight") == ["16:8"]
    assert places(first, "project", 1, "project_code") == ["4:2"]
    assert places(first, "funding", 1, "executed_yuan") == ["8:5"]
    for wanted, (number, row) in zip(typed("indicators"), form_rows(seed, "indicator"), strict=True):
        column = "level3" if row.get("level3") else "weight"
        found = places(seed.forms[number - 1], "indicator", row["indicator_no"], column)
        assert [p.partition(":")[0] for p in found] == [wanted["line"]]


def test_the_columns_that_the_headers_print_are_told_whether_filled_or_not(seed: Extraction) -> None:
    """The first three forms print a column of units that no row fills; the last two print none."""
    both = ["actual_text", "deviation", "level1", "level2", "level3", "score", "target_text", "weight"]
    with_units = sorted([*both, "unit_text"])
    assert [form.project["indicator_columns"] for form in seed.forms] == [with_units] * 3 + [both] * 2
