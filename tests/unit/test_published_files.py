"""What stands beside the warehouse: Parquet with comments, the data package, the data dictionary.

Here: empty tables in memory, exported. Not here: publishing (tests/pipeline), the freshness of the page (test_docs).
"""

import hashlib
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from warehouse.build.database import insert, row_counts
from warehouse.build.publish import Build, describe, export_parquet
from warehouse.schema import dictionary
from warehouse.schema.datapackage import PROFILE
from warehouse.schema.tables import REFERENCES, TABLES, Table, duckdb_ddl
from warehouse.views.declarations import VIEWS

FIELD_TYPES = {"string", "integer", "number", "boolean", "date", "datetime", "array"}
EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Parquet tables of a build with one document."""
    connection = duckdb.connect()
    for table in TABLES.values():
        for statement in duckdb_ddl(table):
            connection.execute(statement)
    document = {"document_id": "ab" * 32, "path": "a.txt", "paths": ["a.txt", "b.txt"], "byte_size": 1}
    insert(connection, "document", [{**document, "status": "loaded", "first_ingested_at": "2026-01-02T03:04:05"}])
    target = tmp_path_factory.mktemp("parquet")
    export_parquet(connection, target)
    describe(target, Build("000007", "f", "2026-01-02T03:04:05", row_counts(connection)))
    return target


@pytest.fixture(scope="module")
def package(folder: Path) -> dict:
    return json.loads((folder / "datapackage.json").read_text("utf-8"))


# --- Parquet


@EVERY_TABLE
def test_pyarrow_reads_the_comment_of_table_and_columns(folder: Path, table: Table) -> None:
    schema = pq.read_schema(folder / table.name / f"{table.name}.parquet")
    assert schema.names == list(table.column_names)
    assert schema.metadata[b"comment"].decode() == table.comment
    assert json.loads(schema.metadata[b"columns"])[table.column_names[0]] == table.columns[0].comment
    assert {f.name: f.metadata[b"comment"].decode() for f in schema} == {c.name: c.comment for c in table.columns}


@EVERY_TABLE
def test_duckdb_reads_the_comments_from_the_file(folder: Path, table: Table) -> None:
    path = folder / table.name / f"{table.name}.parquet"
    rows = duckdb.execute("SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)", [str(path)]).fetchall()
    metadata = dict(rows)
    assert metadata["comment"] == table.comment
    assert json.loads(metadata["columns"]) == {column.name: column.comment for column in table.columns}


def test_values_and_types_survive_the_way_through_parquet(folder: Path) -> None:
    [row] = pq.read_table(folder / "document").to_pylist()
    assert row["paths"] == ["a.txt", "b.txt"] and row["byte_size"] == 1 and row["first_ingested_at"].year == 2026
    for table in TABLES.values():
        path = str(folder / table.name / f"{table.name}.parquet")
        described = duckdb.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
        assert [(name, type_) for name, type_, *_ in described] == [(c.name, c.type) for c in table.columns]


# --- the data package


def test_the_package_names_its_standard_and_every_table_once(package: dict) -> None:
    assert package["$schema"] == PROFILE
    assert (package["name"], package["version"], package["created"]) == ("jixiao", "000007", "2026-01-02T03:04:05Z")
    assert [resource["name"] for resource in package["resources"]] == list(TABLES)


@EVERY_TABLE
def test_a_resource_leads_to_its_file(folder: Path, package: dict, table: Table) -> None:
    [resource] = [resource for resource in package["resources"] if resource["name"] == table.name]
    content = (folder / resource["path"]).read_bytes()
    assert resource["bytes"] == len(content)
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert resource["rows"] == (1 if table.name == "document" else 0)


@EVERY_TABLE
def test_a_schema_says_what_the_declaration_says(package: dict, table: Table) -> None:
    [schema] = [resource["schema"] for resource in package["resources"] if resource["name"] == table.name]
    fields = {field["name"]: field for field in schema["fields"]}
    assert list(fields) == list(table.column_names)
    assert {field["type"] for field in fields.values()} <= FIELD_TYPES
    assert tuple(schema.get("primaryKey", [])) == table.key
    for column in table.columns:
        field = fields[column.name]
        constraints = field.get("constraints", {})
        assert constraints.get("required", False) == column.required
        assert constraints.get("enum", []) == list(column.allowed)
        assert (constraints.get("minimum"), constraints.get("pattern")) == (column.minimum, column.pattern)
        assert column.label_zh in field["title"] and column.meaning_en in field["description"]
        assert field.get("unit") == column.unit and ("nullMeaning" in field) != column.required


def test_references_lead_to_the_whole_key_of_a_table_in_columns_of_its_type(package: dict) -> None:
    resources = {resource["name"]: resource["schema"] for resource in package["resources"]}
    found = 0
    for name, schema in resources.items():
        for key in schema.get("foreignKeys", []):
            other, [target], [column] = key["reference"]["resource"], key["reference"]["fields"], key["fields"]
            assert resources[other]["primaryKey"] == [target]
            assert TABLES[name].column(column).type == TABLES[other].column(target).type
            found += 1
    assert found == sum(map(len, REFERENCES.values()))


# --- the dictionary


def test_the_dictionary_has_every_column_in_both_languages_with_null_codes_and_example() -> None:
    text = (dictionary.tables() + dictionary.views()).replace("\\|", "|")
    for table in (*TABLES.values(), *VIEWS.values()):
        section = text.split(f"### {table.name}\n")[1].split("\n### ")[0]
        assert table.meaning_zh in section and table.meaning_en in section
        rows = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}
        for column in table.columns:
            row = rows[column.name]
            words = [
                column.label_zh,
                column.meaning_zh,
                column.label_en,
                column.meaning_en,
                column.type,
                column.example,
            ]
            words += [column.unit or "", *column.allowed, *column.allowed.values()]
            words += ["不为空", "never NULL"] if column.required else [column.null_zh, column.null_en]
            assert [word for word in words if word.replace("\n", " ") not in row] == [], (table.name, column.name)


def test_a_cell_of_the_dictionary_never_breaks_its_row() -> None:
    for line in (dictionary.tables() + "\n" + dictionary.views()).splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") in (5, 7), line
    assert dictionary.contents().count("\n") == len(TABLES) + len(VIEWS) + 1
