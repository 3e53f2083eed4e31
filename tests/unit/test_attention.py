"""What needs attention: every kind with a case that is told and one that nearly is; losses, counts after a mark.

Here: v_attention, loss, v_form's counts over small tables. Not here: the file of marks (test_reviews), ingestions.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_tables import put

from warehouse import attention
from warehouse.attention import queue
from warehouse.build.database import create_views
from warehouse.schema.tables import TABLES, duckdb_ddl
from warehouse.views.declarations import VIEWS, view_ddl

DOCUMENT = "d" * 64
LIST = ("v_rate_pct", "v_aspect", "v_form", "v_attention")
"""What needs attention, behind the views that it reads."""


def new(path: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """Empty tables."""
    connection = duckdb.connect(path)
    connection.begin()
    for table in TABLES.values():
        for statement in duckdb_ddl(table, keyed=False):
            connection.execute(statement)
    attention.fill_kinds(connection)
    connection.commit()
    return connection


def create(connection: duckdb.DuckDBPyConnection, *views: str) -> None:
    for view in views:
        for statement in view_ddl(VIEWS[view]):
            connection.execute(statement)


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with new() as connection:
        yield connection


@pytest.fixture
def build(empty: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A build without rows; what a test writes into it goes with the test."""
    empty.begin()
    yield empty
    empty.rollback()


def add_form(connection: duckdb.DuckDBPyConnection, path: str = "440303/2024/a.txt", **values: Any) -> str:
    """A complete form in a document of its own; returns its id."""
    number = connection.execute("SELECT count(*) FROM document").fetchall()[0][0] + 1
    document_id = f"{number:064x}"
    row = {"document_id": document_id, "path": path, "paths": [path], "status": "loaded", "form_count": 1}
    put(connection, "document", [row])
    form_id = f"{document_id[-16:]}-1"
    project = {"form_id": form_id, "document_id": document_id, "form_no": 1, "form_kind": "self_evaluation"}
    project |= {"region_code": "440303", "fiscal_year": 2024, "unit_name": "某局"}
    project["project_name"] = f"{number}号河道保洁"
    put(connection, "project", [{**project, "executed_yuan": "100.00", **values}])
    own = {"indicator_id": f"{form_id}-1", "form_id": form_id, "indicator_no": 1, "level3": "清运率"}
    put(connection, "indicator", [own])
    return form_id


def told(connection: duckdb.DuckDBPyConnection) -> list[str]:
    create(connection, *LIST)
    return [row["kind"] for row in queue.things(connection, most=None)]


def test_a_complete_form_needs_nobody(build: duckdb.DuckDBPyConnection) -> None:
    add_form(build)
    assert told(build) == []


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"region_code": None}, "no_region"),
        ({"fiscal_year": None}, "no_year"),
        ({"unit_name": None}, "no_unit"),
        ({"project_name": None}, "no_name"),
        ({"executed_yuan": None}, "no_money"),
    ],
)
def test_a_form_that_lacks_something_is_told(build: duckdb.DuckDBPyConnection, values: Any, kind: str) -> None:
    add_form(build, **values)
    assert told(build) == [kind]
    [row] = queue.things(build)
    assert row["what_to_do"] and row["form_id"] and ("河道" in row["what"] or kind == "no_name")


def test_a_form_of_a_whole_department_has_no_name_to_lack(build: duckdb.DuckDBPyConnection) -> None:
    add_form(build, project_name=None, form_kind="department")
    assert told(build) == []


def test_a_department_in_the_place_of_a_unit_and_money_of_one_source_are_enough(
    build: duckdb.DuckDBPyConnection,
) -> None:
    form_id = add_form(build, unit_name=None, department_name="某局", executed_yuan=None)
    put(build, "funding", [{"form_id": form_id, "funding_no": 1, "source": "fiscal", "executed_yuan": "1.00"}])
    assert told(build) == []


def test_a_form_without_indicators_is_told(build: duckdb.DuckDBPyConnection) -> None:
    add_form(build)
    build.execute("DELETE FROM indicator")
    assert told(build) == ["no_indicators"]


@pytest.mark.parametrize("folder", ["44030罗湖", "999999某区", "24年", "2024年3月", "１２３４"])
def test_a_folder_name_that_nearly_says_it_is_told_where_the_form_lacks_it(
    build: duckdb.DuckDBPyConnection, folder: str
) -> None:
    add_form(build, f"{folder}/a.txt", fiscal_year=None)
    add_form(build, f"{folder}/b.txt")
    assert sorted(told(build)) == ["folder_name", "no_year"]


@pytest.mark.parametrize("folder", ["某局", "440303罗湖区", "2024年自评", "第3批", "12号文"])
def test_other_folder_names_are_not_told(build: duckdb.DuckDBPyConnection, folder: str) -> None:
    add_form(build, f"{folder}/a.txt", region_code=None)
    assert told(build) == ["no_region"]


def test_folders_of_two_years_are_told(build: duckdb.DuckDBPyConnection) -> None:
    add_form(build, "2023/2024/a.txt", fiscal_year=None)
    assert sorted(told(build)) == ["folder_name", "no_year"]


def test_rejected_documents_and_problems_are_told_with_their_remedy(build: duckdb.DuckDBPyConnection) -> None:
    rejected = {"document_id": DOCUMENT, "path": "x.pdf", "paths": ["x.pdf"], "status": "rejected"}
    put(build, "document", [{**rejected, "reason_code": "ENCRYPTED", "reason": "文件有密码。"}])
    form_id = add_form(build)
    at_form = {"document_id": f"{2:064x}", "path": "440303/2024/a.txt", "form_no": 1, "code": "UNCLAIMED_CELL"}
    rows = [{**at_form, "problem_id": f"p{n}", "severity": "warning", "message": f"第 {n} 格"} for n in (1, 2)]
    more = {"problem_id": "p3", "document_id": DOCUMENT, "path": "x.pdf", "code": "ENCRYPTED", "severity": "error"}
    info = {**at_form, "problem_id": "p4", "code": "DUPLICATE", "severity": "info"}
    put(build, "problem", [*rows, more, info])
    assert told(build) == ["rejected", "UNCLAIMED_CELL"], "cells of one kind once, a rejected document once, no info"
    first, second = queue.things(build)
    remedies = {row["kind"]: row["what_to_do"] for row in attention.kinds()}
    assert (first["what"], first["what_to_do"]) == ("文件有密码。", remedies["ENCRYPTED"])
    assert second["form_id"] == form_id and second["what"] == "2 处，如：第 1 格"


def test_another_form_of_a_project_in_another_file_is_told_with_the_one_that_is_counted(
    build: duckdb.DuckDBPyConnection,
) -> None:
    add_form(build, "a.txt", project_name="河道保洁")
    again = add_form(build, "b.txt", project_name="河道保洁", executed_yuan="90.00")
    assert told(build) == ["revision"]
    [row] = queue.things(build)
    assert row["form_id"] == again and "计入「a.txt」" in row["what"] and "90.00" in row["what"]


@pytest.mark.parametrize("other", [{"fiscal_year": 2023}, {"project_name": "河道清淤"}, {"form_kind": "target"}])
def test_forms_of_other_years_projects_and_kinds_are_no_revision(build: duckdb.DuckDBPyConnection, other: Any) -> None:
    add_form(build, "a.txt", project_name="河道保洁")
    add_form(build, "b.txt", **{"project_name": "河道保洁", "executed_yuan": "90.00", **other})
    assert told(build) == []


def test_links_in_doubt_and_marks_that_do_not_count_are_told(build: duckdb.DuckDBPyConnection) -> None:
    a, b = add_form(build), add_form(build, fiscal_year=2023)
    link = {"form_id_a": a, "form_id_b": b, "method": "name", "score": 0.7}
    put(build, "series_link", [{**link, "decision": "review"}])
    gone = {"line": 4, "status": "expired", "message": "这项发现现在没有了。"}
    wrong = {"line": 2, "status": "invalid", "message": "state 写错了。"}
    stale = {
        "line": 3,
        "status": "expired",
        "finding_id": "n",
        "message": "所印的值已由“1”变为“2”，请重新核对后再标记。",
    }
    put(build, "review", [wrong, stale, gone])
    assert told(build) == ["review_expired", "review_invalid", "doubtful_link"]


def test_every_kind_says_what_to_do(build: duckdb.DuckDBPyConnection) -> None:
    kinds = attention.kinds()
    assert len({row["kind"] for row in kinds}) == len(kinds)
    assert all(row["label_zh"] and row["what_to_do"] for row in kinds)


def test_what_left_the_warehouse_is_told_with_forms_and_money(tmp_path: Path) -> None:
    before, now = tmp_path / "before.duckdb", tmp_path / "now.duckdb"
    with new(str(before)) as connection:
        for path in ("gone.txt", "fewer.txt", "same.txt"):
            add_form(connection, path)
        form_id = f"{2:064x}"[-16:] + "-1"
        put(connection, "indicator", [{"indicator_id": "more", "form_id": form_id, "indicator_no": 2}])
        create_views(connection)
    with new(str(now)) as connection:
        for path in ("other.txt", "fewer.txt", "same.txt"):
            add_form(connection, path)
        connection.execute("UPDATE document SET document_id = repeat('e', 64) WHERE path = 'other.txt'")
        connection.execute("UPDATE project SET document_id = repeat('e', 64) WHERE form_id = '0000000000000001-1'")
        attention.find_losses(connection, before)
        rows = connection.execute(
            "SELECT path, kind, forms_before, indicators_before, indicators_now FROM loss ORDER BY 1"
        )
        assert rows.fetchall() == [("fewer.txt", "fewer", 1, 2, 1), ("gone.txt", "gone", 1, 1, 0)]
        assert sorted(told(connection)) == ["document_gone", "indicators_lost"]
        gone = queue.losses(connection)
        assert (gone["documents"], gone["forms"], str(gone["executed_yuan"])) == (2, 1, "100.00")


def test_a_thing_is_there_since_the_run_that_told_it_first(tmp_path: Path) -> None:
    before, now = tmp_path / "before.duckdb", tmp_path / "now.duckdb"
    with new(str(before)) as connection:
        add_form(connection, region_code=None)
        create(connection, *LIST)
        connection.execute("UPDATE v_attention SET since_run = 'run-1'")
    with new(str(now)) as connection:
        add_form(connection, region_code=None)
        add_form(connection, path="b.txt", fiscal_year=None)
        create(connection, *LIST)
        attention.carry_since(connection, before)
        rows = connection.execute("SELECT kind, since_run FROM v_attention ORDER BY 1").fetchall()
        assert rows == [("no_region", "run-1"), ("no_year", None)]


def test_a_finding_marked_as_no_fault_or_misread_leaves_the_counts(build: duckdb.DuckDBPyConnection) -> None:
    form_id = add_form(build)
    states = ["不成立", "读错", "属实", "待核"]
    rule = {"check_code": "C", "check_group": "money", "name": "某检查", "severity": "warning", "formula": "x"}
    put(build, "check_rule", [rule])
    finding = {"form_id": form_id, "check_code": "C", "severity": "warning", "corrected": False}
    put(build, "finding", [{**finding, "finding_id": f"n{n}", "finding_key": f"k{n}"} for n in range(5)])
    mark = {"status": "applied", "printed": None}
    rows = [
        {**mark, "line": n, "state": s, "finding_key": f"k{n}", "finding_id": f"n{n}"} for n, s in enumerate(states)
    ]
    put(build, "review", rows)
    create(build, *VIEWS)
    count = "SELECT finding_count, warning_count, dismissed_count FROM v_form"
    assert build.execute(count).fetchall() == [(3, 3, 2)]
    states_shown = build.execute("SELECT review_state FROM v_finding ORDER BY finding_id").fetchall()
    assert [state for (state,) in states_shown] == [*states, "待核"], "the list shows them all"
    precision = build.execute("SELECT true_count, refuted_count, misread_count, true_pct FROM v_check_precision")
    assert precision.fetchall() == [(1, 1, 1, 33.33)]


def test_the_list_of_findings_has_a_row_for_each_finding(build: duckdb.DuckDBPyConnection) -> None:
    assert VIEWS["v_finding"].column_names[-7:] == (
        "finding_key", "review_state", "review_note", "reviewed_by", "path", "page", "locator",
    )  # fmt: skip
