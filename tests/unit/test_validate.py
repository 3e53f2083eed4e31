"""From rows to typed frames: what is kept, what is refused, and that nothing disappears unreported.

Here: `validate` and `to_arrow`. Not here: the declarations themselves (test_tables).
"""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.schema.tables import TABLES, Column, Table, arrow_schema, duckdb_ddl
from warehouse.schema.validate import to_arrow, validate

PROJECT, DOCUMENT, FUNDING = TABLES["project"], TABLES["document"], TABLES["funding"]
DOCUMENT_ID = "0123456789abcdef" * 4


def project(**values: Any) -> dict[str, Any]:
    return {"form_id": "0123456789abcdef-1", "document_id": DOCUMENT_ID, "form_no": 1, **values}


def example_row(table: Table) -> dict[str, Any]:
    """A row of the examples that the declaration gives, as JSON would hold it."""

    def value(column: Column) -> Any:
        if column.type in ("INTEGER", "BIGINT", "DOUBLE", "BOOLEAN"):
            return json.loads(column.example)
        return [column.example] if column.type == "VARCHAR[]" else column.example

    return {column.name: value(column) for column in table.columns}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_examples_of_every_declaration_are_valid_and_reach_arrow_and_duckdb_unchanged(table: Table):
    frame, rejected = validate(table, [example_row(table)])
    assert rejected == []
    data = to_arrow(table, frame)
    assert data.schema.equals(arrow_schema(table), check_metadata=True)
    with duckdb.connect() as con:
        for statement in duckdb_ddl(table):
            con.execute(statement)
        con.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM data")
        assert con.execute(f"SELECT * FROM {table.name}").to_arrow_table().to_pylist() == data.to_pylist()
    again, rejected = validate(table, frame)
    assert rejected == []
    pd.testing.assert_frame_equal(again, frame)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_rows_make_an_empty_frame_of_all_columns(table: Table):
    frame, rejected = validate(table, [])
    assert rejected == []
    assert tuple(frame.columns) == table.column_names
    assert to_arrow(table, frame).schema.equals(arrow_schema(table))


@pytest.mark.parametrize(
    ("column", "given_", "kept"),
    [
        ("total_score", "99.51", Decimal("99.51")),
        ("total_score", "99.5100000", Decimal("99.51")),
        ("total_score", 99, Decimal(99)),
        ("total_score", Decimal("1E+2"), Decimal(100)),
        ("total_score", np.float64(2.5), Decimal("2.5")),
        ("executed_yuan", "-9999999999999999.99", Decimal("-9999999999999999.99")),
        ("fiscal_year", "2024", 2024),
        ("fiscal_year", 2024.0, 2024),
        ("fiscal_year", np.int64(2024), 2024),
        ("title", "某项目'\"；\x00", "某项目'\"；\x00"),
    ],
)
def test_a_value_that_its_column_holds_exactly_is_kept(column: str, given_: Any, kept: Any):
    frame, rejected = validate(PROJECT, [project(**{column: given_})])
    assert rejected == []
    assert frame[column][0] == kept


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_printed_is_null_and_no_reject(nothing: str | None):
    empty = {name: nothing for name in PROJECT.column_names if name not in PROJECT.required}
    frame, rejected = validate(PROJECT, [project(**empty)])
    assert rejected == []
    assert frame[list(empty)].isna().all(axis=None)


@pytest.mark.parametrize(
    ("column", "value", "shown", "check"),
    [
        ("total_score", "NaN", "NaN", "type"),
        ("total_score", "Infinity", "Infinity", "type"),
        ("total_score", "1e999", "1e999", "type"),
        ("total_score", "1e-999", "1e-999", "type"),
        ("total_score", "九十", "九十", "type"),
        ("total_score", " 5", " 5", "type"),
        ("total_score", "1,000", "1,000", "type"),
        ("total_score", True, "True", "type"),
        ("total_score", float("nan"), "nan", "type"),
        ("total_score", "99.51001", "99.51001", "type"),
        ("executed_yuan", "9" * 30, "9" * 30, "type"),
        ("executed_yuan", "171150.175", "171150.175", "type"),
        ("fiscal_year", "二〇二四", "二〇二四", "type"),
        ("fiscal_year", 2024.5, "2024.5", "type"),
        ("fiscal_year", 10**30, str(10**30), "type"),
        ("fiscal_year", True, "True", "type"),
        ("fiscal_year", 1989, "1989", "minimum"),
        ("fiscal_year", 2101, "2101", "maximum"),
        ("page_from", 0, "0", "minimum"),
        ("region_code", "44030", "44030", "pattern"),
        ("region_code", "440303\n", "440303\n", "pattern"),
        ("region_code", 440303, "440303", "type"),
        ("project_code", 440303241183115300024, "440303241183115300024", "type"),
        ("form_kind", "绩效", "绩效", "allowed"),
        ("title", "\udcff", "\\udcff", "type"),
        ("title", ["某"], "['某']", "type"),
    ],
)
def test_a_value_that_its_column_does_not_admit_becomes_null_and_is_reported(
    column: str, value: Any, shown: str, check: str
):
    frame, rejected = validate(PROJECT, [project(**{column: value})])
    assert frame[column].isna().all()
    assert len(frame) == 1
    (reject,) = rejected
    assert (reject.table, reject.column, reject.value, reject.check) == ("project", column, shown, check)
    assert reject.key == {"form_id": "0123456789abcdef-1"}
    assert PROJECT.column(column).label_zh in reject.message
    assert reject.message.endswith("已置空。")


def test_a_number_too_long_for_python_to_write_is_reported_not_raised():
    frame, (reject,) = validate(PROJECT, [project(total_score=10**5000, title="某")])
    assert frame["title"][0] == "某"
    assert reject.value is not None and reject.value.startswith("0x")
    assert len(reject.message) < 300


def test_bad_values_leave_their_neighbours_alone():
    scores = ["1", "x", "2", None, "3.12345", "4", "NaN", "5"]
    rows = [project(form_id=f"f-{n}", total_score=score) for n, score in enumerate(scores)]
    frame, rejected = validate(PROJECT, rows)
    assert [None if pd.isna(v) else int(v) for v in frame["total_score"]] == [1, None, 2, None, None, 4, None, 5]
    assert [(reject.key["form_id"], reject.value) for reject in rejected] == [
        ("f-1", "x"),
        ("f-4", "3.12345"),
        ("f-6", "NaN"),
    ]


def test_a_row_without_its_key_is_dropped_and_reported_whole():
    frame, (reject,) = validate(PROJECT, [project(form_id=None, title="某"), project()])
    assert list(frame["form_id"]) == ["0123456789abcdef-1"]
    assert (reject.column, reject.check) == (None, "required")
    assert json.loads(reject.value or "") == {"document_id": DOCUMENT_ID, "form_no": "1", "title": "某"}


def test_a_row_whose_required_value_is_refused_is_dropped_and_both_are_reported():
    frame, rejected = validate(PROJECT, [project(document_id="ABC"), project(form_id="f-2")])
    assert list(frame["form_id"]) == ["f-2"]
    assert list(frame.index) == [0]
    assert [(reject.column, reject.check) for reject in rejected] == [("document_id", "pattern"), (None, "required")]
    assert rejected[0].message.endswith("该行因此未入库。")


def test_of_rows_with_one_key_the_first_stays():
    rows = [{"form_id": "f", "source": source, "label": label} for source, label in ["ta", "tb", "oc", "td"]]
    for row in rows:
        row["source"] = {"t": "total", "o": "other"}[row["source"]]
    frame, rejected = validate(FUNDING, rows)
    assert list(frame["label"]) == ["a", "c"]
    assert [(reject.check, reject.key) for reject in rejected] == [
        ("unique", {"form_id": "f", "source": "total"}),
        ("unique", {"form_id": "f", "source": "total"}),
    ]


def test_a_dropped_row_does_not_oust_a_good_one_with_its_key():
    frame, rejected = validate(PROJECT, [project(document_id=None), project(title="好"), project(title="重")])
    assert list(frame["title"]) == ["好"]
    assert [reject.check for reject in rejected] == ["required", "unique"]


def test_an_undeclared_column_is_reported_once_with_an_example():
    _, (reject,) = validate(
        PROJECT, [project(), project(form_id="f-2", remark="甲"), project(form_id="f-3", remark="乙")]
    )
    assert (reject.column, reject.value, reject.check) == ("remark", "甲", "undeclared")


def test_tables_without_a_key_keep_equal_rows():
    row = {"form_id": "f", "label": "电话", "value": "1"}
    frame, rejected = validate(TABLES["attribute"], [row, row])
    assert rejected == []
    assert len(frame) == 2


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "nan", True])
def test_places_are_finite_numbers(bad: Any):
    row = {"form_id": "f", "table_name": "project", "column_name": "title", "rule": "title_line", "x0": bad, "x1": 3}
    frame, (reject,) = validate(TABLES["provenance"], [row])
    assert frame["x0"].isna().all()
    assert frame["x1"][0] == 3.0
    assert reject.check == "type"


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("2026-01-05T02:00:00+08:00", datetime(2026, 1, 4, 18)),
        ("2026-01-05T02:00:00Z", datetime(2026, 1, 5, 2)),
        ("2026-01-05T02:00:00", datetime(2026, 1, 5, 2)),
        (datetime(2026, 1, 5, 2), datetime(2026, 1, 5, 2)),
    ],
)
def test_times_are_kept_in_utc(given_: Any, kept: datetime):
    row = {"document_id": DOCUMENT_ID, "path": "a", "status": "loaded", "first_ingested_at": given_}
    frame, rejected = validate(DOCUMENT, [row])
    assert rejected == []
    assert frame["first_ingested_at"][0] == kept


@pytest.mark.parametrize("bad", ["2024-02-30", "2024-1-1", "2024年", 20240101, datetime(2024, 1, 1, 5)])
def test_a_date_is_a_day_of_the_calendar(bad: Any):
    row = {"indicator_id": "i", "form_id": "f", "indicator_no": 1, "target_date": bad, "actual_date": date(2024, 2, 29)}
    frame, (reject,) = validate(TABLES["indicator"], [row])
    assert frame["target_date"].isna().all()
    assert frame["actual_date"][0] == date(2024, 2, 29)
    assert reject.column == "target_date"


@pytest.mark.parametrize("bad", ["甲", [1], ["\udcff"], 5])
def test_a_list_column_takes_lists_of_text_only(bad: Any):
    row = {"document_id": DOCUMENT_ID, "path": "a", "status": "loaded", "paths": bad}
    frame, (reject,) = validate(DOCUMENT, [row])
    assert frame["paths"].isna().all()
    assert reject.check == "type"


def test_a_plain_frame_serves_as_rows_and_its_nan_is_null():
    frame, rejected = validate(
        PROJECT,
        pd.DataFrame([project(fiscal_year=2024, total_score="9"), project(form_id="f-2", title="某")]),
    )
    assert rejected == []
    assert list(frame["fiscal_year"].isna()) == [False, True]
    assert list(frame["title"].isna()) == [True, False]


TEXT = st.text(alphabet="0123456789.-+eE甲\x00\udcff ", max_size=8)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), TEXT, st.lists(TEXT, max_size=2)
)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([c for c in PROJECT.column_names if c not in PROJECT.required]), st.lists(VALUES, max_size=6))
def test_whatever_a_column_is_given_is_kept_or_reported(column: str, values: list[Any]):
    rows = [project(form_id=f"f-{n}", **{column: value}) for n, value in enumerate(values)]
    frame, rejected = validate(PROJECT, rows)
    assert list(frame["form_id"]) == [row["form_id"] for row in rows]
    given_ = [value is not None and value != "" for value in values]
    lost = {row["form_id"] for row, some, null in zip(rows, given_, frame[column].isna(), strict=True) if some and null}
    assert lost == {reject.key["form_id"] for reject in rejected}
    assert to_arrow(PROJECT, frame).schema.equals(arrow_schema(PROJECT))


@settings(max_examples=20, deadline=None)
@given(st.integers(-(10**20), 10**20), st.integers(0, 6))
def test_a_decimal_is_kept_exactly_or_refused_never_rounded(digits: int, places: int):
    number = Decimal(digits).scaleb(-places)
    frame, rejected = validate(PROJECT, [project(executed_yuan=f"{number:f}")])
    if rejected:
        assert frame["executed_yuan"].isna()[0]
        assert abs(number) >= 10**16 or number != round(number, 2)
    else:
        assert frame["executed_yuan"][0] == number
