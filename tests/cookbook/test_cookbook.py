"""Every query of docs/cookbook.md, run on the example documents and compared with answers worked out by hand.

Here: the document, its queries, the example documents. Not here: what the views must not get wrong (test_views).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from examples import demo, make
from examples.ingest import ingest
from pages.cookbook import COOKBOOK, Question, questions
from warehouse.reviews import read_marks
from warehouse.views.declarations import VIEWS

EXAMPLES = Path(make.__file__).parent
ANSWERS = tomllib.loads(Path(__file__).with_name("answers.toml").read_text("utf-8"))
QUESTIONS = questions()

pytestmark = pytest.mark.slow  # the examples are ingested once


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = ingest(tmp_path_factory.mktemp("examples"))
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def cell(value: Any) -> str:
    """A value as answers.toml writes it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | float):
        return f"{Decimal(str(value)).normalize():f}"
    return "、".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
def test_the_answer_is_the_one_worked_out_by_hand(question: Question, warehouse: duckdb.DuckDBPyConnection) -> None:
    expected = [line.split(" | ") for line in ANSWERS[question.key]["answer"].strip().splitlines()]
    found = [[cell(value) for value in row] for row in warehouse.execute(question.sql).fetchall()]
    for row, hand in zip(found, expected, strict=False):
        row[:] = ["…" if part == "…" else value for value, part in zip(row, hand, strict=True)]
    assert found == expected


def test_there_is_a_hand_checked_answer_for_each_question_and_no_other() -> None:
    assert [question.key for question in QUESTIONS] == list(ANSWERS)
    assert all(answer["how"] and answer["answer"].strip() for answer in ANSWERS.values())


def test_every_block_of_sql_in_the_document_is_a_question_with_a_reading_in_both_languages() -> None:
    text = COOKBOOK.read_text("utf-8")
    assert text.count("```sql") == text.count("\n### ") == len(QUESTIONS) >= 25
    assert [question.number for question in QUESTIONS] == list(range(1, len(QUESTIONS) + 1))
    for question in QUESTIONS:
        chinese, english = question.reading.splitlines()
        assert any("一" <= letter <= "鿿" for letter in chinese) and english.isprintable() and english[0].isascii()


def test_every_view_for_people_is_in_the_document_and_what_it_names_exists() -> None:
    text = COOKBOOK.read_text("utf-8")
    assert [name for name, view in VIEWS.items() if view.kind in ("view", "macro") and name not in text] == []


def test_what_the_views_find_year_on_year_is_what_the_checks_find(warehouse: duckdb.DuckDBPyConnection) -> None:
    rules = {
        "X_TARGET_LOWERED": "target_move = 'loosened' AND target_kind <> 'money' AND aspect IS DISTINCT FROM 'cost'",
        "X_TARGET_BELOW_LAST_ACTUAL": "of_last_actual_pct < 80",
        "X_WEIGHT_DRIFT": "abs(weight_change) > 5",
    }
    for code, condition in rules.items():
        by_view = f"SELECT form_id, indicator_no FROM v_indicator_year WHERE {condition} ORDER BY ALL"
        by_check = f"SELECT form_id, indicator_no FROM finding WHERE check_code = '{code}' ORDER BY ALL"
        found = warehouse.execute(by_view).fetchall()
        assert found == warehouse.execute(by_check).fetchall() != []


def test_the_example_documents_are_those_of_the_plan_and_say_that_they_are_invented() -> None:
    plan = tomllib.loads((EXAMPLES / "plan.toml").read_text("utf-8"))
    planned = {document["path"] for document in plan["document"]} | set(plan["other"])
    raw = EXAMPLES / "raw"
    assert {path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file()} == planned
    plain = [document for document in plan["document"] if document["path"].endswith((".txt", ".csv", ".html"))]
    for path, data in make.documents(plan | {"document": plain}):
        assert (raw / path).read_bytes() == data
        assert not data or "虚构" in data.decode()


def test_the_demonstration_shows_five_questions_of_the_document(warehouse: duckdb.DuckDBPyConnection) -> None:
    shown = [question for question in QUESTIONS if question.key in demo.SHOWN]
    assert len(shown) == len(demo.SHOWN) == 5
    console = Console(width=200)
    with console.capture() as printed:
        demo.show(console, shown[0], warehouse.execute(shown[0].sql))
    assert "校园安保服务经费" in printed.get() and "1,740,000.00" in printed.get()


def test_the_demonstration_marks_what_comes_of_its_invented_regions_and_nothing_else(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    of_regions = "SELECT finding_key, printed FROM finding WHERE check_code = 'HDR_CODE_REGION_INVALID' ORDER BY 1"
    marks = read_marks(EXAMPLES / "reviews.csv")
    assert [(m.finding_key, m.printed) for m in marks] == warehouse.execute(of_regions).fetchall()
    assert {(m.state, m.fault) for m in marks} == {("不成立", None)}


def test_what_needs_attention_in_the_demonstration_is_what_was_put_into_it(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute("SELECT kind FROM v_attention ORDER BY urgency, kind").fetchall()
    assert [kind for (kind,) in found] == ["rejected", "revision", "BAD_VALUE"]
