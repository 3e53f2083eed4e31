"""What an address of an earlier build leads to: the page of its forms now, several pages, or none.

Here: builds as small as they can be. Not here: ingestions, redirects of the server.
"""

from __future__ import annotations

import duckdb
import pytest

from pages.content.moved import moved
from pages.published import Data

Form = tuple[str, str, str, int, str, int]
"""form_id, series_id, unit_id, year, path, form_no."""


def build(*forms: Form) -> Data:
    connection = duckdb.connect(":memory:")
    connection.execute(
        "CREATE TABLE project (form_id VARCHAR, series_id VARCHAR, unit_id VARCHAR, fiscal_year INTEGER, "
        "document_id VARCHAR, form_no INTEGER, project_name VARCHAR, title VARCHAR)"
    )
    connection.execute("CREATE TABLE document (document_id VARCHAR, path VARCHAR, paths VARCHAR[])")
    connection.execute("CREATE TABLE v_form (form_id VARCHAR, unit VARCHAR)")
    for form_id, series, unit, year, path, number in forms:
        document = form_id.partition("-")[0]
        connection.execute("INSERT INTO project VALUES (?, ?, ?, ?, ?, ?, '保洁', NULL)",
                           [form_id, series, unit, year, document, number])  # fmt: skip
        connection.execute("INSERT INTO document VALUES (?, ?, [?])", [document, path, path])
        connection.execute("INSERT INTO v_form VALUES (?, '某局')", [form_id])
    return Data(connection)


OLD = [("a-1", "s1", "u1", 2023, "a.txt", 1), ("b-1", "s1", "u1", 2024, "b.txt", 1)]


def test_a_project_that_was_parted_leads_to_both_parts() -> None:
    now = build(("a-1", "s2", "u1", 2023, "a.txt", 1), ("b-1", "s3", "u1", 2024, "b.txt", 1))
    found = moved(now, "series", "s1", [build(*OLD)])
    assert [(row["id"], row["name"], row["years"]) for row in found] == [("s2", "保洁", "2023"), ("s3", "保洁", "2024")]


def test_a_project_or_unit_with_another_id_leads_to_it() -> None:
    now = build(("a-1", "s2", "u2", 2023, "a.txt", 1), ("b-1", "s2", "u2", 2024, "b.txt", 1))
    assert [row["id"] for row in moved(now, "series", "s1", [build(*OLD)])] == ["s2"]
    assert [row["id"] for row in moved(now, "unit", "u1", [build(*OLD)])] == ["u2"]


def test_a_form_leads_to_the_one_in_its_place_in_the_newer_file() -> None:
    now = build(("c-1", "s1", "u1", 2023, "a.txt", 1), ("b-1", "s1", "u1", 2024, "b.txt", 1))
    assert [row["id"] for row in moved(now, "form", "a-1", [build(*OLD)])] == ["c-1"]


@pytest.mark.parametrize(("kind", "gone"), [("series", "s9"), ("unit", "u9"), ("form", "x-1")])
def test_what_no_build_knows_leads_nowhere(kind: str, gone: str) -> None:
    assert moved(build(*OLD), kind, gone, [build(*OLD)]) == []


def test_forms_that_are_gone_lead_nowhere_and_a_build_of_another_version_is_passed_over() -> None:
    lame = Data(duckdb.connect(":memory:"))
    assert moved(build(("z-1", "s7", "u7", 2023, "z.txt", 1)), "series", "s1", [lame, build(*OLD)]) == []
    now = build(("a-1", "s2", "u1", 2023, "a.txt", 1))
    assert [row["id"] for row in moved(now, "series", "s1", [lame, build(*OLD)])] == ["s2"]
