"""The data package beside the Parquet tables: what they hold, for programs of any kind (datapackage.org, version 2).

Here: the descriptor made of the declarations. Not here: the Parquet files, the data dictionary for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warehouse.schema.tables import REFERENCES, TABLES, Column, Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {
    "VARCHAR": "string",
    "VARCHAR[]": "array",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}


def descriptor(version: str, created: str, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The content of datapackage.json.

    `version`: of the build; `created`: its moment in UTC (ISO 8601); `files`: by table what is known of its file, such
    as `bytes` and `hash`. Paths are relative to the folder of the tables.
    """
    return {
        "$schema": PROFILE,
        "name": "jixiao",
        "title": "绩效自评表数据仓库 / warehouse of performance self-evaluation forms",
        "description": "各预算单位公开的绩效表，逐格读出、核对并附出处。"
        " / Performance forms published by budget units, read cell by cell, checked, each value with its place.",
        "version": version,
        "created": created,
        "resources": [{**_resource(table), **files.get(table.name, {})} for table in TABLES.values()],
    }


def _resource(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(column) for column in table.columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if references := REFERENCES.get(table.name):
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": other, "fields": list(TABLES[other].key)}}
            for column, other in references.items()
        ]
    return {
        "name": table.name,
        "type": "table",
        "path": f"{table.name}/{table.name}.parquet",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "title": f"{table.label_zh} / {table.label_en}",
        "description": f"{table.meaning_zh}；{table.row_zh}。 / {table.meaning_en}; {table.row_en}.",
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    """One field; `unit` and `nullMeaning` are ours, the rest is the standard's."""
    field: dict[str, Any] = {
        "name": column.name,
        "type": "number" if column.type.startswith("DECIMAL") else _TYPES[column.type],
        "title": f"{column.label_zh} / {column.label_en}",
        "description": f"{column.meaning_zh} / {column.meaning_en}",
        "example": _example(column),
    }
    if column.unit:
        field["unit"] = column.unit
    if not column.required:
        field["nullMeaning"] = f"{column.null_zh} / {column.null_en}"
    if column.allowed:
        field["categories"] = [{"value": value, "label": label} for value, label in column.allowed.items()]
    given = {
        "required": column.required or None,
        "enum": list(column.allowed) or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "pattern": column.pattern,
    }
    if constraints := {name: value for name, value in given.items() if value is not None}:
        field["constraints"] = constraints
    return field


def _example(column: Column) -> Any:
    """The example as a value of the field's type."""
    text = column.example
    if column.type == "VARCHAR[]":
        return [part.strip() for part in text.strip("[]").split(",")]
    if column.type == "BOOLEAN":
        return text == "true"
    if column.type in ("INTEGER", "BIGINT"):
        return int(text)
    return float(text) if column.type.startswith(("DECIMAL", "DOUBLE")) else text
