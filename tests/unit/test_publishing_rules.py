"""What a build must keep before it is published: every data test with rows that pass, nearly fail and fail.

Here: small tables in memory. Not here: that a run obeys (tests/pipeline), what stands in a published folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_tables import put

from warehouse.build import database
from warehouse.build.database import check_against, check_data, check_rejects
from warehouse.build.pictures import check_sums, shares
from warehouse.schema.tables import TABLES, Table, duckdb_ddl

DATA_TESTS = {
    # rule: (what breaks it, what nearly does)
    "form_has_document": (
        "UPDATE document SET status = 'no_form', form_count = 0, reason_code = 'NO_FORM' WHERE document_id = 'd1'",
        "UPDATE document SET reader_version = 'other' WHERE document_id = 'd1'",
    ),
    "document_has_its_forms": (
        "UPDATE document SET form_count = 3 WHERE document_id = 'd1'",
        "UPDATE document SET form_count = 3 WHERE document_id = 'd1';"
        "INSERT INTO problem (problem_id, document_id, code) VALUES ('p2', 'd1', 'DUPLICATE')",
    ),
    "document_has_outcome": (
        "UPDATE document SET reason_code = NULL WHERE document_id = 'd2'",
        "UPDATE document SET reason_code = 'OTHER', form_count = 0 WHERE document_id = 'd2'",
    ),
    "first_path_is_first": (
        "UPDATE document SET paths = ['b.txt', 'a.txt'] WHERE document_id = 'd1'",
        "UPDATE document SET paths = ['a.txt'] WHERE document_id = 'd1'",
    ),
    "rows_have_form": (
        "INSERT INTO funding (form_id, source) VALUES ('f9', 'total')",
        "INSERT INTO funding (form_id, source) VALUES ('f2', 'total')",
    ),
    "finding_has_rule": (
        "UPDATE finding SET check_code = 'C9'",
        "UPDATE finding SET check_code = 'C2'",
    ),
    "finding_has_one_key": (
        "INSERT INTO finding (finding_id, form_id, check_code, finding_key) VALUES ('n2', 'f1', 'C1', 'k1')",
        "INSERT INTO finding (finding_id, form_id, check_code, finding_key) VALUES ('n2', 'f1', 'C1', 'k2')",
    ),
    "series_exists": (
        "UPDATE project SET series_id = 's9' WHERE form_id = 'f1'",
        "UPDATE project SET series_id = NULL WHERE form_id = 'f1'",
    ),
    "code_is_text_of_digits_and_letters": (
        "UPDATE project SET project_code = 'A 1' WHERE form_id = 'f1'",
        "UPDATE project SET project_code = 'A-1' WHERE form_id = 'f1'",
    ),
}
FURTHER = [
    ("finding_has_one_key", "UPDATE finding SET finding_key = NULL"),
    ("document_has_outcome", "UPDATE document SET form_count = 0 WHERE document_id = 'd1'"),
    ("document_has_outcome", "UPDATE document SET form_count = 1 WHERE document_id = 'd2'"),
    ("document_has_its_forms", "DELETE FROM project WHERE form_id = 'f2'"),
    ("document_has_its_forms", "UPDATE document SET form_count = NULL WHERE document_id = 'd1'"),
    ("document_has_its_forms", "UPDATE problem SET code = 'DUPLICATE'"),
    ("rows_have_form", "UPDATE indicator SET form_id = 'f9'"),
    ("rows_have_form", "UPDATE attribute SET form_id = 'f9'"),
    ("rows_have_form", "UPDATE provenance SET form_id = 'f9'"),
    ("rows_have_form", "UPDATE finding SET form_id = 'f9'"),
    ("code_is_text_of_digits_and_letters", "UPDATE project SET project_code = 'A' || chr(8203) WHERE form_id = 'f1'"),
]
KEYED = [table for table in TABLES.values() if table.key]
WITH_NUMBERS = [table for table in TABLES.values() if any(c.type == "DOUBLE" for c in table.columns)]


def new_tables(name: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """The tables of the contract without keys or other constraints: what the data tests look at is not refused."""
    connection = duckdb.connect(name, config={"threads": 1})
    for table in TABLES.values():
        connection.execute(duckdb_ddl(table, keyed=False)[0].replace(" NOT NULL", ""))
    return connection


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Two forms of one document with a row of everything, beside a document without a form."""
    connection.execute(
        """
        INSERT INTO document (document_id, path, paths, status, form_count, reason_code) VALUES
            ('d1', 'a.txt', ['a.txt', 'b.txt'], 'loaded', 2, NULL),
            ('d2', 'c.txt', ['c.txt'], 'rejected', NULL, 'CRASH');
        INSERT INTO project (form_id, document_id, form_no, series_id, project_code) VALUES
            ('f1', 'd1', 1, 's1', '440303A1'), ('f2', 'd1', 2, 's1', NULL);
        INSERT INTO series (series_id) VALUES ('s1');
        INSERT INTO check_rule (check_code) VALUES ('C1'), ('C2');
        INSERT INTO funding (form_id, source) VALUES ('f1', 'total');
        INSERT INTO indicator (form_id, indicator_id) VALUES ('f1', 'f1-1');
        INSERT INTO attribute (form_id) VALUES ('f1');
        INSERT INTO provenance (form_id) VALUES ('f1');
        INSERT INTO finding (finding_id, form_id, check_code, finding_key) VALUES ('n1', 'f1', 'C1', 'k1');
        INSERT INTO problem (problem_id, document_id, code) VALUES ('p1', 'd1', 'UNCLAIMED_CELL')
        """
    )


@pytest.fixture(scope="module")
def tables() -> duckdb.DuckDBPyConnection:
    """Tables made once; a test leaves them as it found them."""
    return new_tables()


@pytest.fixture
def build(tables: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A small build that keeps every rule."""
    tables.execute("BEGIN")
    fill(tables)
    yield tables
    tables.execute("ROLLBACK")


def broken(results: list[database.DataTestResult]) -> set[str]:
    return {result.name for result in results if not result.passed}


def test_every_rule_has_rows_that_break_it_and_rows_that_nearly_do(build: duckdb.DuckDBPyConnection) -> None:
    results = check_data(build)
    made_of_tables = {f"{t.name}_key_is_unique" for t in KEYED} | {f"{t.name}_is_finite" for t in WITH_NUMBERS}
    assert {result.name for result in results} == set(DATA_TESTS) | made_of_tables
    assert broken(results) == set()
    assert {result.severity for result in results} == {"error"}


@pytest.mark.parametrize("rule", DATA_TESTS)
def test_rows_that_break_a_rule_are_told_and_those_that_nearly_do_are_not(
    build: duckdb.DuckDBPyConnection, rule: str
) -> None:
    breaks, nearly = DATA_TESTS[rule]
    build.execute(nearly)
    assert broken(check_data(build)) == set()
    build.execute("ROLLBACK; BEGIN")
    fill(build)
    build.execute(breaks)
    [result] = [result for result in check_data(build) if result.name == rule]
    assert not result.passed and result.examples
    assert result.message.startswith(f"{len(result.examples)} 行不符合：")


@pytest.mark.parametrize(("rule", "breaks"), FURTHER, ids=lambda text: text)
def test_a_rule_is_broken_in_each_way_it_names(build: duckdb.DuckDBPyConnection, rule: str, breaks: str) -> None:
    build.execute(breaks)
    assert rule in broken(check_data(build))


def test_a_rule_broken_often_tells_all_and_shows_five(build: duckdb.DuckDBPyConnection) -> None:
    build.execute("INSERT INTO attribute (form_id) SELECT 'x' || n FROM range(7) AS r(n)")
    [result] = [result for result in check_data(build) if not result.passed]
    assert result.message.startswith("7 行不符合：")
    assert len(result.examples) == 5 and set(result.examples[0]) == {"table_name", "form_id"}


@pytest.mark.parametrize("table", KEYED, ids=lambda table: table.name)
def test_a_key_that_stands_twice_is_told_and_half_a_key_is_not(tables: duckdb.DuckDBPyConnection, table: Table) -> None:
    tables.execute("BEGIN")
    columns, marks = ", ".join(table.key), ", ".join("?" * len(table.key))
    number = {"BIGINT", "INTEGER"}
    one = [1 if table.column(name).type in number else "a" for name in table.key]
    other = [*one[:-1], 2 if table.column(table.key[-1]).type in number else "b"]
    name = f"{table.name}_key_is_unique"
    for row in (one, other):
        tables.execute(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", row)
    assert name not in broken(check_data(tables))
    tables.execute(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", one)
    assert name in broken(check_data(tables))
    tables.execute("ROLLBACK")


@pytest.mark.parametrize("value", ["nan", "inf"])
@pytest.mark.parametrize("table", WITH_NUMBERS, ids=lambda table: table.name)
def test_a_number_that_is_none_is_told(tables: duckdb.DuckDBPyConnection, table: Table, value: str) -> None:
    for column in (c.name for c in table.columns if c.type == "DOUBLE"):
        tables.execute("BEGIN")
        tables.execute(f"INSERT INTO {table.name} ({column}) VALUES (0.5)")
        assert f"{table.name}_is_finite" not in broken(check_data(tables))
        tables.execute(f"INSERT INTO {table.name} ({column}) VALUES ('{value}'::DOUBLE)")
        assert f"{table.name}_is_finite" in broken(check_data(tables))
        tables.execute("ROLLBACK")


# --- against the build before


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of ten documents of one form each, with a row of funding and an indicator."""
    path = tmp_path_factory.mktemp("previous") / "previous.duckdb"
    with new_tables(str(path)) as connection:
        ten_documents(connection)
    return path


def ten_documents(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        INSERT INTO document (document_id, path, status) SELECT 'd' || n, n || '.txt', 'loaded' FROM range(10) AS r(n);
        INSERT INTO project (form_id, document_id, form_no) SELECT 'd' || n || '-1', 'd' || n, 1 FROM range(10) AS r(n);
        INSERT INTO funding (form_id, source) SELECT form_id, 'total' FROM project;
        INSERT INTO indicator (form_id, indicator_id) SELECT form_id, form_id || '-1' FROM project
        """
    )


LOST_ROWS = "DELETE FROM {table} WHERE form_id IN ('d0-1', 'd1-1')"
AGAINST: list[tuple[str, float, set[str], str]] = [
    ("nothing changed", 0.0, set(), "SELECT 1"),
    ("two of ten forms may go", 0.2, set(), LOST_ROWS.format(table="project")),
    ("two of ten forms are one too many", 0.19, {"row_drop"}, LOST_ROWS.format(table="project")),
    ("two of ten rows of funding may go", 0.2, set(), LOST_ROWS.format(table="funding")),
    ("two of ten rows of funding are one too many", 0.19, {"row_drop"}, LOST_ROWS.format(table="funding")),
    ("two of ten indicators are one too many", 0.19, {"row_drop"}, LOST_ROWS.format(table="indicator")),
    (
        "what left raw is no loss",
        0.0,
        set(),
        "DELETE FROM document WHERE document_id = 'd0'; DELETE FROM project WHERE document_id = 'd0'",
    ),
    (
        "a copy moved is no loss",
        0.0,
        set(),
        "DELETE FROM project WHERE document_id = 'd0';"
        "INSERT INTO problem (problem_id, document_id, code, form_no) VALUES ('p', 'd0', 'DUPLICATE', 1)",
    ),
    (
        "another problem of a form is a loss",
        0.0,
        {"row_drop"},
        "DELETE FROM project WHERE document_id = 'd0';"
        "INSERT INTO problem (problem_id, document_id, code, form_no) VALUES ('p', 'd0', 'BAD_VALUE', 1)",
    ),
    (
        "a copy of another form is a loss",
        0.0,
        {"row_drop"},
        "DELETE FROM project WHERE document_id = 'd0';"
        "INSERT INTO problem (problem_id, document_id, code, form_no) VALUES ('p', 'd0', 'DUPLICATE', 2)",
    ),
    (
        "one of ten documents may be rejected",
        0.1,
        set(),
        "UPDATE document SET status = 'rejected' WHERE path = '0.txt'",
    ),
    (
        "one of ten documents rejected is one too many",
        0.09,
        {"newly_rejected"},
        "UPDATE document SET status = 'no_form' WHERE path = '0.txt'",
    ),
    ("new forms make up for none that was lost elsewhere", 0.0, {"row_drop"}, "DELETE FROM project WHERE form_no = 1;"
     "INSERT INTO document (document_id, path, status) SELECT 'e' || n, 'e', 'loaded' FROM range(30) AS r(n);"
     "INSERT INTO project (form_id, document_id, form_no) SELECT 'e' || n, 'e' || n, 1 FROM range(30) AS r(n)"),
    (
        "no form is left, though all documents left raw",
        0.99,
        {"forms_left"},
        "DELETE FROM document; DELETE FROM project",
    ),
    ("no form is left, and losses are accepted", 1.0, set(), "DELETE FROM document; DELETE FROM project"),
]  # fmt: skip


@pytest.mark.parametrize(("max_drop", "wanted", "change"), [c[1:] for c in AGAINST], ids=[c[0] for c in AGAINST])
def test_what_the_build_before_had_may_only_shrink_so_far(
    tables: duckdb.DuckDBPyConnection, previous: Path, max_drop: float, wanted: set[str], change: str
) -> None:
    for table in TABLES:
        tables.execute(f"DELETE FROM {table}")
    ten_documents(tables)
    tables.execute(change)
    results = check_against(tables, previous, max_drop=max_drop)
    assert [result.name for result in results] == ["row_drop", "newly_rejected", "forms_left"]
    assert broken(results) == wanted
    assert {result.severity for result in results} == {"error"}
    for table in TABLES:
        tables.execute(f"DELETE FROM {table}")


def test_a_loss_is_told_with_its_figures(tables: duckdb.DuckDBPyConnection, previous: Path) -> None:
    ten_documents(tables)
    tables.execute(LOST_ROWS.format(table="funding"))
    tables.execute("UPDATE document SET status = 'rejected', reason_code = 'CRASH' WHERE path = '7.txt'")
    rows, rejected, _ = check_against(tables, previous, max_drop=0.0)
    assert rows.examples == [{"table": "funding", "before": 10, "after": 8}]
    assert rows.message == "funding 由 10 行降为 8 行"
    assert rejected.examples == [{"path": "7.txt", "reason_code": "CRASH"}]
    assert rejected.message == "上一版已入库的 10 份文件中，1 份现在未能入库"
    for table in TABLES:
        tables.execute(f"DELETE FROM {table}")


def test_without_a_build_before_there_is_nothing_to_lose_and_two_empty_ones_are_alike(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert broken(check_against(tables, None, max_drop=0.0)) == set()
    new_tables(str(tmp_path / "empty.duckdb")).close()
    assert broken(check_against(tables, tmp_path / "empty.duckdb", max_drop=0.0)) == set()


# --- the share of documents rejected


@pytest.mark.parametrize(
    ("loaded", "rejected", "code", "wanted"),
    [
        (8, 2, "CRASH", set()),  # a fifth, as allowed
        (7, 3, "ENCRYPTED", {"reject_share"}),
        (7, 3, "TIMEOUT", {"reject_share", "machine_failures"}),
        (7, 3, "MEMORY", {"reject_share", "machine_failures"}),
        (0, 9, "CRASH", set()),  # too few to speak of a share
        (0, 10, "CRASH", {"reject_share", "machine_failures"}),
    ],
)
def test_a_fifth_of_the_documents_may_be_rejected_where_there_are_ten(
    build: duckdb.DuckDBPyConnection, loaded: int, rejected: int, code: str, wanted: set[str]
) -> None:
    build.execute("DELETE FROM document")
    rows: list[list[Any]] = [[f"a{n}", "loaded", None] for n in range(loaded)]
    rows += [[f"b{n}", "rejected", code] for n in range(rejected)]
    build.executemany("INSERT INTO document (document_id, path, status, reason_code) VALUES ($1, $1, $2, $3)", rows)
    share, machine = check_rejects(build, max_share=0.2)
    assert broken([share, machine]) == wanted
    assert (share.severity, machine.severity) == ("warning", "error")
    [example] = share.examples
    assert (example["reason_code"], example["documents"]) == (code, str(rejected))
    of_machine = rejected if code != "ENCRYPTED" else 0
    told = f"{loaded + rejected} 份文件中 {rejected} 份未能读取，其中 {of_machine} 份因超时、内存或读取程序退出"
    assert {share.message, machine.message} == {told}


def test_reasons_are_told_by_how_often_they_occur(build: duckdb.DuckDBPyConnection) -> None:
    build.execute(
        "INSERT INTO document (document_id, path, status, reason_code) "
        "SELECT 'e' || n, n, 'rejected', 'R' || least(n, 6) FROM range(9) AS r(n)"
    )
    share, _ = check_rejects(build, max_share=1.0)
    assert len(share.examples) == 5
    assert share.examples[0]["reason_code"] == "R6" and share.examples[0]["documents"] == "3"


# --- what was recognised in pictures


@pytest.mark.parametrize(
    ("read_by", "wrong", "passed"), [("scan", 1, True), ("scan", 2, False), ("mixed", 2, False), ("text", 5, True)]
)
def test_sums_of_points_in_pictures_of_which_more_than_a_fifth_fail_are_told(
    build: duckdb.DuckDBPyConnection, read_by: str, wrong: int, passed: bool
) -> None:
    for n in range(5):
        total = "95" if n < wrong else "100"
        put(build, "project", [{"form_id": f"p{n}", "document_id": "d1", "form_no": 3 + n, "read_by": read_by,
                                "total_weight": total, "execution_weight": "10" if n % 2 else None}])  # fmt: skip
        weights = ("40", "50") if n % 2 else ("40", "60")
        put(build, "indicator", ({"form_id": f"p{n}", "indicator_id": f"p{n}-{w}", "weight": w} for w in weights))
    outcome = check_sums(build)
    assert (outcome.passed, outcome.severity) == (passed, "warning")
    assert len(outcome.examples) == (0 if read_by == "text" else wrong)


def test_a_sum_of_which_a_term_is_held_back_is_not_judged(build: duckdb.DuckDBPyConnection) -> None:
    form = {"form_id": "p", "document_id": "d1", "form_no": 3, "read_by": "scan", "total_weight": "100"}
    put(build, "project", [form])
    put(
        build,
        "indicator",
        ({"form_id": "p", "indicator_id": f"p-{n}", "weight": w} for n, w in enumerate(("40", None))),
    )
    assert not check_sums(build).examples


def test_figures_of_pictures_are_sure_confirmed_or_held_back(build: duckdb.DuckDBPyConnection) -> None:
    assert shares(build, 0.95) == {}
    place = {"form_id": "f1", "table_name": "indicator", "column_name": "weight", "page": 1, "top": 1.0, "text": "10"}
    rows: list[dict[str, Any]] = [
        {"x0": 1.0, "origin": "ocr", "confidence": 0.99},
        {"x0": 2.0, "origin": "ocr", "confidence": 0.9},
        {"x0": 3.0, "origin": "ocr", "confidence": 0.9},
        {"x0": 4.0, "origin": "ocr", "confidence": 0.97, "text": "无"},
        {"x0": 5.0, "origin": "text"},
    ]
    put(build, "provenance", (place | row for row in rows))
    held = {"problem_id": "p9", "document_id": "d1", "form_no": 1, "code": "OCR_UNSURE", "page": 1, "x0": 3, "top": 1}
    put(build, "problem", [held])
    found = shares(build, 0.95)
    assert (found["picture_pages"], found["picture_figures"]) == (1, 3)
    assert {found[f"picture_share_{what}"] for what in ("sure", "confirmed", "held_back")} == {0.3333}
