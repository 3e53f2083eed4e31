"""From JSON-ready rows to a typed, checked frame of one table, and the list of what was refused.

Here: conversion to the declared types, the pandera schema and its run, the rejects. Not here: the declarations, what
rows mean, files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pan
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.schema.tables import Column, Table, arrow_schema

_CONVERSION_ERRORS = (pa.ArrowException, ValueError, TypeError, OverflowError)
_CHECKS = {"not_nullable": "required", "field_uniqueness": "unique", "multiple_fields_uniqueness": "unique"}
"""pandera's names for the checks that are not declared by name."""
_DROPPING = ("required", "unique")
_MESSAGE_CHARACTERS = 100
"""How much of a refused value its message repeats; the reject's own `value` holds all of it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A value or a row that the declaration of its table does not admit.

    `key`: the row's key as text, or its required columns where the table has no key. `column` is None where the row
    as a whole was dropped; `value` is then the row as JSON, so that nothing is lost. `check`: type, allowed, minimum,
    maximum or pattern (the value became NULL), required or unique (the row was dropped), undeclared (there is no such
    column). `message`: one Chinese sentence.
    """

    table: str
    key: dict[str, str | None]
    column: str | None
    value: str | None
    check: str
    message: str


def validate(table: Table, rows: Sequence[Mapping[str, Any]] | pd.DataFrame) -> tuple[pd.DataFrame, list[Rejected]]:
    """The typed frame of these rows and what had to be refused; never raises for what a row holds.

    `rows`: column -> str, int, bool, None or list of str; decimals, dates and times as strings (Decimal, date and
    datetime serve too). A missing key and an empty text are NULL, in a frame also NaN and NaT. The result has all
    declared columns in order, Arrow-backed, and a fresh index. A value that its column does not admit becomes NULL; a
    decimal that the column cannot hold to its last digit is refused, not rounded. A row without a required value is
    dropped; of several rows with one key the first stays.
    """
    source = _Source(table, rows)
    schema = arrow_schema(table)
    rejected = source.undeclared()
    arrays = []
    for column in table.columns:
        array, bad = _array(column, source.values[column.name])
        arrays.append(array)
        rejected += (source.value_rejected(row, column, "type") for row in bad)

    data = pa.Table.from_arrays(arrays, schema=schema)
    origin = np.arange(len(source))  # the source row of each row still in `data`
    while True:
        frame = data.to_pandas(types_mapper=pd.ArrowDtype)
        failures = _failures(table, frame) if len(frame) else []
        if not failures:
            return frame, rejected
        # Doubles are counted among complete rows only: else a row that is dropped itself could oust a good one.
        drop = "required" if any(failure.check == "required" for failure in failures) else "unique"
        dropped: dict[int, list[str]] = {}
        refused: dict[str, list[int]] = {}
        for row, name, check in failures:
            if check == drop:
                dropped.setdefault(row, []).append(name)
            elif check not in _DROPPING:
                refused.setdefault(name, []).append(row)
                rejected.append(source.value_rejected(origin[row], table.column(name), check))
        for name, refused_rows in refused.items():
            data = _cleared(data, name, refused_rows)
        rejected += (source.row_rejected(origin[row], drop, names) for row, names in sorted(dropped.items()))
        keep = np.ones(len(frame), bool)
        keep[list(dropped)] = False
        data, origin = data.filter(pa.array(keep)), origin[keep]


def to_arrow(table: Table, frame: pd.DataFrame) -> pa.Table:
    """The validated frame as an Arrow table with exactly `arrow_schema(table)`, comments included."""
    schema = arrow_schema(table)
    return pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(schema.metadata)


@cache
def pandera_schema(table: Table) -> pan.DataFrameSchema:
    """The pandera schema of a frame whose columns are Arrow-backed with the types of `arrow_schema`.

    Arrow-backed because decimals stay decimals and every check is one vectorised call. The checks are named allowed,
    minimum, maximum and pattern; what is required and unique goes by pandera's own names (not_nullable,
    field_uniqueness, multiple_fields_uniqueness).
    """
    return pan.DataFrameSchema(
        {column.name: _pandera_column(column, unique=table.key == (column.name,)) for column in table.columns},
        unique=list(table.key) if len(table.key) > 1 else None,
        report_duplicates="exclude_first",
        strict=True,
        ordered=True,
        name=table.name,
        title=table.label_zh,
        description=table.meaning_zh,
    )


def _pandera_column(column: Column, *, unique: bool) -> pan.Column:
    checks = []
    if column.allowed:
        checks.append(pan.Check.isin(list(column.allowed), name="allowed", error="allowed"))
    if column.minimum is not None:
        checks.append(pan.Check.ge(_number(column, column.minimum), name="minimum", error="minimum"))
    if column.maximum is not None:
        checks.append(pan.Check.le(_number(column, column.maximum), name="maximum", error="maximum"))
    if column.pattern is not None:
        pattern = column.pattern
        checks.append(pan.Check(lambda texts: texts.str.fullmatch(pattern), name="pattern", error="pattern"))
    return pan.Column(
        pd.ArrowDtype(column.arrow_type),
        checks=checks,
        nullable=not column.required,
        unique=unique,
        report_duplicates="exclude_first",
        title=column.label_zh,
        description=column.meaning_zh,
        metadata={"unit": column.unit},
    )


def _number(column: Column, bound: int) -> int | Decimal:
    return Decimal(bound) if column.type.startswith("DECIMAL") else bound


class _Failure(NamedTuple):
    row: int
    column: str
    check: str


def _failures(table: Table, frame: pd.DataFrame) -> list[_Failure]:
    """What pandera finds wrong. A required value that is refused counts as missing, too."""
    try:
        pandera_schema(table).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        found = [
            _Failure(int(row), column, _CHECKS.get(check, check))
            for row, column, check in zip(cases["index"], cases["column"], cases["check"], strict=True)
        ]
        required = set(table.required)
        lost = {(row, column) for row, column, check in found if column in required and check not in _DROPPING}
        return found + [_Failure(row, column, "required") for row, column in sorted(lost)]
    return []


def _cleared(data: pa.Table, name: str, rows: list[int]) -> pa.Table:
    """The table with NULL in these rows of one column."""
    position = data.schema.get_field_index(name)
    field = data.schema.field(position)
    mask = np.zeros(len(data), bool)
    mask[rows] = True
    return data.set_column(position, field, pc.if_else(pa.array(mask), pa.scalar(None, field.type), data[name]))


class _Source:
    """The rows as they came, by column, and how a refused one is told."""

    def __init__(self, table: Table, rows: Sequence[Mapping[str, Any]] | pd.DataFrame) -> None:
        self._table = table
        self._rows = rows
        self._identity = table.key or table.required
        self.values: dict[str, list[Any] | pa.Array] = {
            column.name: _frame_values(column, rows)
            if isinstance(rows, pd.DataFrame)
            else [row.get(column.name) for row in rows]
            for column in table.columns
        }

    def __len__(self) -> int:
        return len(self._rows)

    def undeclared(self) -> list[Rejected]:
        """One reject for each column that the table does not have, with the first value as its example."""
        rows = self._rows
        given = rows.columns if isinstance(rows, pd.DataFrame) else set(chain.from_iterable(rows))
        rejects = []
        for name in sorted(set(given) - set(self._table.column_names), key=str):
            values = iter(rows[name]) if isinstance(rows, pd.DataFrame) else (row[name] for row in rows if name in row)
            message = f"「{self._table.label_zh}」表没有“{name}”这一列，其中的值未入库。"
            rejects.append(Rejected(self._table.name, {}, str(name), _shown(next(values, None)), "undeclared", message))
        return rejects

    def value_rejected(self, row: int, column: Column, check: str) -> Rejected:
        """The reject of one value."""
        value = self._shown(row, column.name)
        short = value if value is None or len(value) <= _MESSAGE_CHARACTERS else value[:_MESSAGE_CHARACTERS] + "…"
        outcome = "该行因此未入库" if column.required else "已置空"
        where = f"「{self._table.label_zh}」表的“{column.label_zh}”"
        message = f"{where}不能是“{short}”：{demand(column, check)}，{outcome}。"
        return Rejected(self._table.name, self._key(row), column.name, value, check, message)

    def row_rejected(self, row: int, check: str, columns: Iterable[str]) -> Rejected:
        """The reject of a whole row."""
        labels = "、".join(self._table.column(name).label_zh for name in columns)
        if check == "unique":
            message = f"「{self._table.label_zh}」表的一行与前面的行重复（{labels}相同），未入库。"
        else:
            message = f"「{self._table.label_zh}」表的一行缺少可用的{labels}，未入库。"
        content = {name: self._shown(row, name) for name in self._table.column_names}
        whole = json.dumps({name: text for name, text in content.items() if text is not None}, ensure_ascii=False)
        return Rejected(self._table.name, self._key(row), None, whole, check, message)

    def _key(self, row: int) -> dict[str, str | None]:
        return {name: self._shown(row, name) for name in self._identity}

    def _shown(self, row: int, name: str) -> str | None:
        value = self.values[name][row]
        return _shown(value.as_py() if isinstance(value, pa.Scalar) else value)


def demand(column: Column, check: str) -> str:
    """What the check asks of the column, for a person (half a Chinese sentence)."""
    if check == "allowed":
        return "应为" + "、".join(column.allowed) + "之一"
    if check == "minimum":
        return f"不得小于 {column.minimum}"
    if check == "maximum":
        return f"不得大于 {column.maximum}"
    if check == "pattern":
        return f"格式应符合 {column.pattern}"
    type_ = column.arrow_type
    if pa.types.is_decimal(type_):
        return f"应为整数不超过 {type_.precision - type_.scale} 位、小数不超过 {type_.scale} 位的数"
    return f"应为{_TYPE_NAMES[column.type]}"


_TYPE_NAMES = {
    "VARCHAR": "文字",
    "VARCHAR[]": "文字的列表",
    "INTEGER": "整数",
    "BIGINT": "整数",
    "DOUBLE": "有限的数",
    "BOOLEAN": "是或否",
    "DATE": "日期（年-月-日）",
    "TIMESTAMP": "日期和时间",
}


def _shown(value: Any) -> str | None:
    """Any value as text that can be stored: lone surrogates (from file names) escaped."""
    if value is None:
        return None
    try:
        text = str(value)
    except ValueError:  # an integer longer than Python is willing to write in decimal
        text = hex(value)
    return text.encode("utf-8", "backslashreplace").decode()


def _frame_values(column: Column, frame: pd.DataFrame) -> list[Any] | pa.Array:
    """A frame's column as an Arrow array where it has the declared type already, else as Python values."""
    if column.name not in frame:
        return [None] * len(frame)
    series = frame[column.name]
    if isinstance(series.dtype, pd.ArrowDtype) and series.dtype.pyarrow_dtype == column.arrow_type:
        array = pa.array(series)
        return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return [None if _is_missing(value) else value for value in series.tolist()]


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _array(column: Column, values: list[Any] | pa.Array) -> tuple[pa.Array, list[int]]:
    """The values in the column's type, and the positions of those that have none in it (NULL in the array).

    All at once where all are good; otherwise halves are tried in turn, which finds the few bad ones quickly.
    """
    convert = _CONVERTERS["DECIMAL" if column.type.startswith("DECIMAL") else column.type]
    type_ = column.arrow_type
    bad: list[int] = []

    def pieces(part: list[Any] | pa.Array, first: int) -> list[pa.Array]:
        try:
            return [convert(part, type_)]
        except _CONVERSION_ERRORS:
            if len(part) == 1:
                bad.append(first)
                return [pa.nulls(1, type_)]
        half = len(part) // 2
        return pieces(part[:half], first) + pieces(part[half:], first + half)

    try:
        return convert(values, type_), bad
    except _CONVERSION_ERRORS:
        if pa.types.is_decimal(type_):  # the one type of which a whole column may be bad: more decimals than it holds
            bad = _too_long(values, type_)
            values = list(values)
            for position in bad:
                values[position] = None
        return pa.concat_arrays(pieces(values, 0)), sorted(bad)


def _too_long(values: list[Any], type_: pa.Decimal128Type) -> list[int]:
    """The positions of the texts that are no plain number of the type's size; exponents are left to pyarrow."""
    whole = type_.precision - type_.scale
    fits = re.compile(rf"[+-]?0*[0-9]{{0,{whole}}}(?:\.[0-9]{{0,{type_.scale}}}0*)?|.*[eE].*", re.DOTALL).fullmatch
    return [n for n, value in enumerate(values) if isinstance(value, str) and not fits(value)]


def _texts(values: list[Any] | pa.Array, type_: pa.DataType) -> pa.Array:
    texts = values if isinstance(values, pa.Array) else pa.array(values, type_)
    empty = pc.equal(texts, "")
    return pc.if_else(empty, None, texts) if pc.any(empty).as_py() else texts


def _lists(values: list[Any] | pa.Array, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return pa.array(values, type_)
    if any(isinstance(value, str) and value for value in values):
        raise TypeError("pyarrow would take a text for the list of its characters")
    return pa.array([None if value == "" else value for value in values], type_)


def _booleans(values: list[Any] | pa.Array, type_: pa.DataType) -> pa.Array:
    return pa.array(values, type_)


def _decimals(values: list[Any] | pa.Array, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if not set(map(type, values)) <= {str, type(None)}:
        values = [value if value is None else str(value) for value in values]  # a Boolean's text is no number
    return _texts(values, pa.string()).cast(type_)


def _integers(values: list[Any] | pa.Array, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array) or set(map(type, values)) <= {int, type(None)}:
        return pa.array(values, type_)
    # By way of decimals: pyarrow cuts off fractions and reads "0x10" when it makes integers itself.
    return _decimals(values, pa.decimal128(38, 0)).cast(type_)


def _floats(values: list[Any] | pa.Array, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array) or set(map(type, values)) <= {float, int, type(None)}:
        numbers = pa.array(values, type_)
    else:
        numbers = _texts([value if value is None else str(value) for value in values], pa.string()).cast(type_)
    if not pc.all(pc.is_finite(numbers), min_count=0).as_py():
        raise ValueError("not finite")
    return numbers


def _dates(values: list[Any] | pa.Array, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if not set(map(type, values)) <= {str, type(None)}:
        values = [_date_text(value) for value in values]
    return _texts(values, pa.string()).cast(type_)


def _date_text(value: Any) -> Any:
    if isinstance(value, datetime) and value == datetime.combine(value.date(), datetime.min.time()):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _timestamps(values: list[Any] | pa.Array, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    return pa.array([_utc(value) for value in values], type_)


def _utc(value: Any) -> datetime | None:
    """The moment in UTC without its zone; what states no zone is UTC already."""
    if value is None or value == "":
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


_CONVERTERS: dict[str, Callable[[list[Any] | pa.Array, pa.DataType], pa.Array]] = {
    "VARCHAR": _texts,
    "VARCHAR[]": _lists,
    "INTEGER": _integers,
    "BIGINT": _integers,
    "DECIMAL": _decimals,
    "DOUBLE": _floats,
    "BOOLEAN": _booleans,
    "DATE": _dates,
    "TIMESTAMP": _timestamps,
}
