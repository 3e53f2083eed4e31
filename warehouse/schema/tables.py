"""The tables of the warehouse, each declared once (schema/<table>.toml), and what is made from a declaration.

Here: the declarations and the DDL, Arrow schema and column notes made of them. Not here: the pandera schema (validate),
rows, files.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pyarrow as pa

from extractors.codes import Code, ProblemCode, ReasonCode
from extractors.vocabulary.roles import IndicatorColumn, indicator_columns, money_sources

ORDER = (
    "document",
    "project",
    "funding",
    "indicator",
    "attribute",
    "provenance",
    "finding",
    "problem",
    "correction",
    "series",
    "series_link",
    "organisation",
    "organisation_relation",
    "check_rule",
    "region",
    "review",
    "proposal",
    "loss",
    "attention_kind",
    "run",
)
"""Every table, those that others refer to first."""

TIDY = ("project", "funding", "indicator", "attribute", "provenance", "problem")
"""The tables that the forms themselves fill; the others are made of these."""

ANALYSED = {
    "correction": ("correction",),
    "organisation": ("organisation", "organisation_relation"),
    "series": ("series", "series_link"),
    "finding": ("finding", "check_rule", "region", "review", "attention_kind", "proposal"),
}
"""The tables that each analysis fills, in the order in which analyses may build on each other."""

_OF_A_FORM = {"form_id": "project"}
REFERENCES: dict[str, dict[str, str]] = {
    "project": {"document_id": "document", "series_id": "series", "unit_id": "organisation"},
    "funding": _OF_A_FORM,
    "indicator": _OF_A_FORM,
    "attribute": _OF_A_FORM,
    "provenance": _OF_A_FORM,
    "finding": {**_OF_A_FORM, "check_code": "check_rule"},
    "problem": {"document_id": "document"},
    "correction": {**_OF_A_FORM, "document_id": "document"},
    "review": {"finding_id": "finding"},
    "series": {"unit_id": "organisation"},
    "organisation_relation": {"unit_id": "organisation", "other_unit_id": "organisation"},
    "series_link": {"form_id_a": "project", "form_id_b": "project"},
}
"""The columns that hold another table's key, by table: column -> that table. They may be NULL."""

_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_ARROW_TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
_CODES: dict[str, tuple[Code, ...]] = {"reason": (*ReasonCode,), "problem": (*ReasonCode, *ProblemCode)}
"""What a column may allow by name instead of listing it."""
_NUMBERS = ("INTEGER", "BIGINT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column as its TOML file declares it.

    `type` is DuckDB's. `required`: never NULL. `allowed`: each permitted value with its Chinese label; empty where any
    is. `minimum` and `maximum` are inclusive; `pattern` must match the whole text.
    """

    name: str
    type: str
    label_zh: str
    label_en: str
    meaning_zh: str
    meaning_en: str
    null_zh: str
    null_en: str
    example: str
    unit: str | None = None
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    allowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type that holds exactly this column's values."""
        if decimal := _DECIMAL.fullmatch(self.type):
            return pa.decimal128(int(decimal[1]), int(decimal[2]))
        return _ARROW_TYPES[self.type]

    @property
    def comment(self) -> str:
        """The Chinese comment: label, unit, meaning, what NULL means, permitted values."""
        parts = [self.label_zh]
        if self.type.startswith(_NUMBERS):
            parts.append(f"单位：{self.unit or '无'}")
        parts += [self.meaning_zh, f"空值：{'不允许' if self.required else self.null_zh}"]
        if self.allowed:
            parts.append("取值：" + "、".join(f"{value} {label}" for value, label in self.allowed.items()))
        return "；".join(parts)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table as its TOML file declares it.

    `key`: the columns that identify a row, empty where nothing printed does. `row_zh`, `row_en`: what a row stands for.
    """

    name: str
    label_zh: str
    label_en: str
    meaning_zh: str
    meaning_en: str
    row_zh: str
    row_en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which a row cannot be kept; the key among them."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def comment(self) -> str:
        """The Chinese comment: label, meaning, what a row is."""
        return f"{self.label_zh}；{self.meaning_zh}；{self.row_zh}"

    def column(self, name: str) -> Column:
        """The column of this name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


def read_table(name: str, text: str) -> Table:
    """Read a declaration (the text of schema/<name>.toml).

    `printed_columns`: the columns that the reader's vocabulary declares of the indicator table belong to it, where the
    text names them, or else at the end. `allowed = "source"`: the sources of money that the vocabulary declares. Raises
    ValueError, naming table and column, for a key that is unknown or missing, an unknown type or a bad pattern.
    """
    spec: dict[str, Any] = tomllib.loads(text)
    key = tuple(spec.pop("key"))
    null = {"null_zh": spec.pop("null_zh"), "null_en": spec.pop("null_en")}
    columns = []
    declared = spec.pop("column")
    if spec.pop("printed_columns", False):
        declared |= {role.name: _of_role(role) for role in indicator_columns().values() if role.label_zh}
    for column_name, column_spec in declared.items():
        try:
            if column_spec.get("allowed") == "source":
                column_spec["allowed"] = {source.name: source.label_zh for source in money_sources().values()}
            required = column_spec.pop("required", False) or column_name in key
            if isinstance(column_spec.get("allowed"), str):
                codes = _CODES[column_spec["allowed"]]
                column_spec["allowed"] = {str(code): code.explained.label_zh for code in codes}
            column = Column(name=column_name, required=required, **{**null, **column_spec})
            re.compile(column.pattern or "")
            pa.field(column_name, column.arrow_type)
        except (TypeError, KeyError, re.error) as error:
            raise ValueError(f"schema/{name}.toml, {column_name}: {error}") from error
        columns.append(column)
    if missing := set(key) - {column.name for column in columns}:
        raise ValueError(f"schema/{name}.toml: key columns are not declared: {sorted(missing)}")
    try:
        return Table(name=name, key=key, columns=tuple(columns), **spec)
    except TypeError as error:
        raise ValueError(f"schema/{name}.toml: {error}") from error


def _of_role(role: IndicatorColumn) -> dict[str, Any]:
    """The declaration of a column that the indicator table prints."""
    texts = {key: getattr(role, key) for key in ("label_zh", "label_en", "meaning_zh", "meaning_en", "example")}
    return texts | ({"type": "DECIMAL(9,4)", "unit": "分"} if role.is_points else {"type": "VARCHAR"})


TABLES: dict[str, Table] = {
    name: read_table(name, files("warehouse").joinpath("schema", "tables", f"{name}.toml").read_text(encoding="utf-8"))
    for name in ORDER
}


def duckdb_ddl(table: Table, name: str | None = None, *, keyed: bool = True) -> list[str]:
    """The statements that create the table with its key, NOT NULLs and Chinese comments.

    `name`: another name for the table, unquoted and without a schema. `keyed`: False leaves the key out.
    """
    target = identifier(name or table.name)
    lines = [f"{identifier(c.name)} {c.type}{' NOT NULL' if c.required else ''}" for c in table.columns]
    if table.key and keyed:
        lines.append(f"PRIMARY KEY ({', '.join(identifier(column) for column in table.key)})")
    return [
        f"CREATE TABLE {target} (\n    " + ",\n    ".join(lines) + "\n)",
        f"COMMENT ON TABLE {target} IS {literal(table.comment)}",
        *(
            f"COMMENT ON COLUMN {target}.{identifier(column.name)} IS {literal(column.comment)}"
            for column in table.columns
        ),
    ]


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema; fields and schema carry their Chinese comment as metadata `comment`."""
    fields = [
        pa.field(column.name, column.arrow_type, nullable=not column.required, metadata={"comment": column.comment})
        for column in table.columns
    ]
    return pa.schema(fields, metadata={"comment": table.comment})


def column_docs(table: Table) -> list[tuple[str, str, str, str]]:
    """For each column its name, DuckDB type, Chinese note and English note."""
    docs = []
    for column in table.columns:
        english = [column.label_en, *([f"unit: {column.unit}"] if column.unit else []), column.meaning_en]
        english.append("never NULL" if column.required else f"NULL: {column.null_en}")
        docs.append((column.name, column.type, column.comment, "; ".join(english)))
    return docs


def identifier(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
