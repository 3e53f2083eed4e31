"""The declared tables against the data contract, and what is made of the declarations.

Here: names, types, DDL, Arrow and pandera schemas. Not here: rows (test_validate).
"""

import duckdb
import pandas as pd
import pandera.errors
import pyarrow as pa
import pytest

from warehouse.schema.tables import TABLES, Table, arrow_schema, column_docs, duckdb_ddl, read_table
from warehouse.schema.validate import pandera_schema

CONTRACT = {
    "document": "document_id path paths format byte_size page_count form_count status reason_code reason reader_version"
    " first_ingested_at",
    "project": "form_id document_id form_no form_kind title fiscal_year region_code project_name project_code unit_name"
    " unit_code department_name money_unit goal_expected goal_actual budget_initial_yuan budget_adjusted_yuan"
    " executed_yuan execution_rate_pct execution_weight execution_score total_weight total_score grade"
    " page_from page_to series_id",
    "funding": "form_id source label initial_yuan adjusted_yuan received_yuan executed_yuan rate_pct weight score",
    "indicator": "indicator_id form_id indicator_no horizon level1 level1_points level2 level3 weight score deviation"
    " target_text target_kind target_operator target_value target_value_high target_unit target_date"
    " actual_text actual_kind actual_operator actual_value actual_value_high actual_unit actual_date"
    " met attainment_pct compare_basis target_midterm_text target_adjusted_text",
    "attribute": "form_id section label value",
    "provenance": "form_id table_name row_no column_name text page x0 top x1 bottom locator rule other_claims",
    "finding": "finding_id form_id indicator_no check_code severity field printed expected message verdict finding_key",
    "problem": "document_id path form_no code severity page locator text message",
    "correction": "correction_id line status document_id form_id table_name row_no column_name printed_text"
    " printed_value expected_value value reason who decided_on message",
    "series": "series_id series_name unit_id first_year last_year form_count",
    "series_link": "form_id_a form_id_b method score decision",
    "organisation": "unit_id unit_name unit_code department_name region_code aliases first_year last_year",
    "organisation_relation": "unit_id other_unit_id kind year evidence",
    "region": "region_code region_name level parent_code valid_from valid_to",
    "check_rule": "check_code check_group name severity formula tolerance source",
    "review": "finding_key finding_id printed state note who decided_on status message",
    "proposal": "proposal_id text header_path section column_name confidence evidence document_count form_count"
    " examples status",
    "loss": "document_id path kind",
    "attention_kind": "kind urgency label_zh what_to_do",
    "run": "run_id started_at finished_at outcome",
}

EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


def test_the_tables_are_those_of_the_contract():
    assert list(TABLES)[:4] == ["document", "project", "funding", "indicator"]
    assert set(TABLES) == set(CONTRACT)


@EVERY_TABLE
def test_every_column_of_the_contract_is_there_and_in_its_order(table: Table):
    expected = CONTRACT[table.name].split()
    assert [name for name in table.column_names if name in expected] == expected


@pytest.mark.parametrize(
    ("table", "column", "type_"),
    [
        ("document", "paths", "VARCHAR[]"),
        ("document", "first_ingested_at", "TIMESTAMP"),
        ("project", "fiscal_year", "INTEGER"),
        ("project", "project_code", "VARCHAR"),
        ("indicator", "met", "BOOLEAN"),
        ("indicator", "target_date", "DATE"),
        ("organisation", "aliases", "VARCHAR[]"),
    ],
)
def test_types_are_those_of_the_contract(table: str, column: str, type_: str):
    assert TABLES[table].column(column).type == type_


def test_money_is_yuan_with_two_decimals_and_rates_are_percent():
    columns = [column for table in TABLES.values() for column in table.columns]
    assert {(c.type, c.unit) for c in columns if c.name.endswith("_yuan")} == {("DECIMAL(18,2)", "元")}
    assert {c.unit for c in columns if c.name.endswith("_pct")} == {"%"}


def test_enumerations_hold_the_values_of_the_contract():
    def allowed(table: str, column: str) -> str:
        return " ".join(TABLES[table].column(column).allowed)

    assert allowed("document", "format") == "pdf text csv xlsx xls docx html ods xlsb odt doc rtf xml jpg png tiff"
    assert allowed("document", "status") == "loaded no_form rejected"
    assert allowed("document", "reason_code") == (
        "EMPTY NOT_REGULAR UNREADABLE TEMP_FILE TOO_BIG TOO_MANY_PAGES UNSUPPORTED ENCODING ENCRYPTED TRUNCATED CORRUPT"
        " TOO_DEEP BOMB MEMORY TIMEOUT CRASH GARBLED NO_TEXT NOT_A_FORM INCOMPLETE BAD_VALUE DUPLICATE"
        " FORM_NOT_READ"
    )
    assert allowed("project", "form_kind") == "self_evaluation target monitoring department"
    assert allowed("funding", "source").startswith(
        "total fiscal carryover other special_account unit upper central province city local govfund soe basic project"
    )
    assert allowed("indicator", "horizon") == "annual long_term"
    for side in ("target", "actual"):
        assert allowed("indicator", f"{side}_operator") == ">= <= > < = range"
        assert allowed("indicator", f"{side}_kind") == (
            "quantity ratio money duration date period grade compound text not_applicable empty"
        )
    assert allowed("finding", "severity") == allowed("problem", "severity") == "error warning info"
    assert allowed("finding", "verdict") == "filer reader"
    assert allowed("series_link", "decision") == "link review"


@EVERY_TABLE
def test_every_text_of_a_declaration_is_filled_in(table: Table):
    texts = [table.label_zh, table.label_en, table.meaning_zh, table.meaning_en, table.row_zh, table.row_en]
    for column in table.columns:
        texts += [column.label_zh, column.label_en, column.meaning_zh, column.meaning_en, column.example]
        texts += [column.null_zh, column.null_en, *column.allowed.values()]
    assert all(texts)
    assert not any(text.endswith("。") for text in (table.meaning_zh, *(c.meaning_zh for c in table.columns)))


@EVERY_TABLE
def test_the_ddl_creates_the_table_with_its_types_key_and_a_chinese_comment_everywhere(table: Table):
    with duckdb.connect() as con:
        for statement in duckdb_ddl(table):
            con.execute(statement)
        columns = con.execute(
            "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() WHERE table_name = ?",
            [table.name],
        ).fetchall()
        comment = con.execute("SELECT comment FROM duckdb_tables()").fetchone()
        keys = con.execute(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        ).fetchall()
    assert columns == [(c.name, c.type, not c.required, c.comment) for c in table.columns]
    assert comment == (table.comment,)
    assert [list(key[0]) for key in keys] == ([list(table.key)] if table.key else [])


def test_a_comment_says_label_unit_meaning_null_and_permitted_values():
    table = TABLES["document"]
    assert TABLES["project"].column("executed_yuan").comment == (
        "全年执行数；单位：元；年度资金总额的全年执行数；空值：表中未印，或不能确定地读出"
    )
    assert table.column("status").comment.endswith(
        "空值：不允许；取值：loaded 已入库、no_form 文件中没有绩效表、rejected 未能读取"
    )


def test_a_quote_in_a_declaration_or_name_does_not_break_the_ddl():
    table = read_table("odd", _declaration(label_zh="某'表"))
    with duckdb.connect() as con:
        for statement in duckdb_ddl(table, name='an "odd" one'):
            con.execute(statement)
        assert con.execute("SELECT table_name, comment FROM duckdb_tables()").fetchone() == (
            'an "odd" one',
            table.comment,
        )


@EVERY_TABLE
def test_the_arrow_schema_has_duckdbs_types_and_the_comments(table: Table):
    schema = arrow_schema(table)
    empty = schema.empty_table()
    with duckdb.connect() as con:
        described = con.execute("DESCRIBE SELECT * FROM empty").fetchall()
    assert [(row[0], row[1]) for row in described] == [(c.name, c.type) for c in table.columns]
    assert len(empty) == 0
    assert [field.metadata[b"comment"].decode() for field in schema] == [c.comment for c in table.columns]
    assert [field.nullable for field in schema] == [not c.required for c in table.columns]


def test_the_pandera_schema_reports_all_failures_at_once_under_readable_names():
    table = TABLES["series"]
    rows = {"series_id": ["a", "a", None], "first_year": [1989, 2024, 2101], "form_count": [-1, 2, 3]}
    columns = [pa.array(rows.get(f.name, [None] * 3), f.type) for f in arrow_schema(table)]
    frame = pa.Table.from_arrays(columns, schema=arrow_schema(table)).to_pandas(types_mapper=pd.ArrowDtype)
    with pytest.raises(pandera.errors.SchemaErrors) as caught:
        pandera_schema(table).validate(frame, lazy=True)
    cases = caught.value.failure_cases
    assert set(zip(cases["column"], cases["check"], cases["index"], strict=True)) == {
        ("series_id", "field_uniqueness", 1),
        ("series_id", "not_nullable", 2),
        ("first_year", "minimum", 0),
        ("first_year", "maximum", 2),
        ("form_count", "minimum", 0),
    }


@EVERY_TABLE
def test_the_column_notes_speak_both_languages(table: Table):
    notes = column_docs(table)
    assert [note[0] for note in notes] == list(table.column_names)
    for (_, type_, chinese, english), column in zip(notes, table.columns, strict=True):
        assert type_ == column.type
        assert chinese.startswith(column.label_zh)
        assert english.startswith(column.label_en)
        assert ("never NULL" if column.required else "NULL: ") in english


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"type": "MONEY"}, "MONEY"),
        ({"pattern": "("}, "unterminated"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_faulty_declaration_is_refused_naming_table_and_column(change: dict[str, str], named: str):
    with pytest.raises(ValueError, match=f"odd.toml, a: .*{named}"):
        read_table("odd", _declaration(**change))


def test_a_key_column_that_is_not_declared_is_refused():
    with pytest.raises(ValueError, match=r"odd.toml.*\['b'\]"):
        read_table("odd", _declaration().replace('key = ["a"]', 'key = ["a", "b"]'))


def _declaration(**column: str) -> str:
    """The text of a declaration with one column, some of its entries changed."""
    entries = dict.fromkeys(("label_zh", "label_en", "meaning_zh", "meaning_en", "example"), "x")
    lines = [f'{key} = "某"' for key in ("label_zh", "label_en", "meaning_zh", "meaning_en", "row_zh", "row_en")]
    lines += ['null_zh = "无"', 'null_en = "none"', 'key = ["a"]', "[column.a]"]
    lines += [f'{key} = "{value}"' for key, value in {**entries, "type": "VARCHAR", **column}.items()]
    return "\n".join(lines)
