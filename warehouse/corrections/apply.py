"""Corrections over the tables: the printed value found, held against what the entry expects, and replaced.

Here: which entries are in force and why others are not, what follows from a new value. Not here: the file, findings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from extractors.codes import ProblemCode
from extractors.extraction import Record
from extractors.form.records import TOTAL_COLUMNS, readings
from warehouse.build.copies import kept_form
from warehouse.corrections.entries import CORRECTABLE, WITHDRAWN, Correction, ids
from warehouse.schema.tables import TABLES, Column
from warehouse.schema.validate import demand, to_arrow, validate

APPLIED, EXPIRED, UNMATCHED, INVALID = "applied", "expired", "unmatched", "invalid"
_CODES = {
    EXPIRED: ProblemCode.CORRECTION_EXPIRED,
    UNMATCHED: ProblemCode.CORRECTION_UNMATCHED,
    INVALID: ProblemCode.CORRECTION_INVALID,
}
_ROW_KEYS = {"project": None, "funding": "source", "indicator": "indicator_no", "attribute": "attribute_no"}
_ROW_NUMBERS = {"project": None, "funding": "funding_no", "indicator": "indicator_no", "attribute": "attribute_no"}
_READ = {"target_text", "actual_text", "level1", "level2", "level3", "unit_text", "direction_text"}
"""The indicator columns that its readings are made of."""
_LONG = 60


@dataclass(frozen=True, slots=True, order=True)
class _Cell:
    form_id: str
    table: str
    row: str
    column: str


@dataclass(slots=True)
class _Outcome:
    """An entry and what became of it: `cells` are those it changes, `old` the value they had."""

    entry: Correction
    correction_id: str
    status: str = ""
    message: str | None = None
    document_id: str | None = None
    cells: tuple[_Cell, ...] = ()
    old: Any = None
    new: Any = None

    def ended(self, status: str, message: str | None = None) -> _Outcome:
        self.status, self.message = status, message
        return self


def apply(connection: duckdb.DuckDBPyConnection, entries: Sequence[Correction]) -> tuple[list[Record], list[Record]]:
    """Put the corrections into the tables; returns the rows of `correction` and those of `problem` about entries.

    An active entry is applied where its form stands in the tables and the value is what it expects. A total that is
    printed once and stands in `project` and in `funding` is corrected in both; what is read from a corrected text is
    read anew. `provenance` keeps what is printed. Of entries that contradict each other none is applied.
    """
    if not entries:
        return [], []
    outcomes = [_Outcome(entry, correction_id) for entry, correction_id in zip(entries, ids(entries), strict=True)]
    forms = {id(o): form_id for o in outcomes if (form_id := _form_of(connection, o)) is not None}
    tables = _Tables(connection, set(forms.values()))
    for outcome in outcomes:
        if not outcome.status:
            _find(outcome, forms[id(outcome)], tables)
    _contradictions(outcomes)
    for outcome in outcomes:
        if not outcome.status:
            outcome.ended(APPLIED)
            for cell in outcome.cells:
                tables.put(cell, outcome.new)
    tables.read_again()
    tables.write()
    return _rows(outcomes, tables), _problems(outcomes)


# --- finding what an entry speaks of


def _form_of(connection: duckdb.DuckDBPyConnection, outcome: _Outcome) -> str | None:
    """The id of the form in the tables, or None and the outcome is settled."""
    entry = outcome.entry
    if entry.status == WITHDRAWN:
        outcome.ended(WITHDRAWN)
        return None
    if entry.faults:
        outcome.ended(INVALID, "".join(entry.faults))
        return None
    found = connection.execute(
        "SELECT document_id FROM document WHERE starts_with(document_id, ?) ORDER BY ALL LIMIT 2", [entry.document]
    ).fetchall()
    if len(found) != 1:
        if found:
            outcome.ended(INVALID, f"document“{entry.document}”开头的文件不止一份，请把文件编号写得更长。")
        else:
            outcome.ended(
                UNMATCHED,
                f"原始文件夹中没有编号以“{entry.document}”开头的文件；"
                "文件若已换成新版，请对照新版改写这一条，否则把 status 改为 withdrawn。",
            )
        return None
    outcome.document_id = found[0][0]
    form_id = kept_form(connection, outcome.document_id, entry.form_no)
    if form_id is None:
        outcome.ended(UNMATCHED, f"文件中没有第 {entry.form_no} 张表，请核对 form。")
    return form_id


def _find(outcome: _Outcome, form_id: str, tables: _Tables) -> None:
    """Find the value and hold it against the entry; an outcome without a status may be applied."""
    entry = outcome.entry
    column = CORRECTABLE[entry.table][entry.column]
    cell = _Cell(form_id, entry.table, entry.row or "", entry.column)
    if cell not in tables:
        outcome.ended(UNMATCHED, f"这张表的 {entry.table} 中没有“{entry.row}”这一行，请核对。")
        return
    outcome.old, outcome.cells = tables.value(cell), (cell,)
    faults = []
    expected, fault = _typed(column, entry.expect)
    faults += [f"expect：{fault}"] if fault else []
    outcome.new, fault = _typed(column, entry.value)
    faults += [f"value：{fault}"] if fault else []
    if column.required and outcome.new is None:
        faults.append(f"value：“{column.label_zh}”不能为空。")
    if faults:
        outcome.ended(INVALID, "".join(faults))
        return
    if outcome.old != expected:
        outcome.ended(EXPIRED, _expired(outcome, expected))
        return
    twin = _twin(cell)
    if twin is not None and twin in tables and tables.value(twin) == outcome.old:
        outcome.cells = (cell, twin)


def _expired(outcome: _Outcome, expected: Any) -> str:
    if outcome.old == outcome.new:
        return f"现在的值已是{_shown(outcome.new)}，这条更正不再需要；请删去，或把 status 改为 withdrawn。"
    return (
        f"更正的前提已不成立，未采用：应为{_shown(expected)}，现在是{_shown(outcome.old)}；"
        "请对照原件，改写 expect，或把 status 改为 withdrawn。"
    )


def _contradictions(outcomes: Iterable[_Outcome]) -> None:
    by_cell: dict[_Cell, list[_Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if not outcome.status:
            by_cell[min(outcome.cells)].append(outcome)
    for group in by_cell.values():
        if any(outcome.new != group[0].new for outcome in group):
            lines = "、".join(str(outcome.entry.line) for outcome in group)
            message = f"第 {lines} 行各条对同一个值的更正互相矛盾，都未采用；请保留一条，其余改为 withdrawn。"
            for outcome in group:
                outcome.ended(INVALID, message)


def _twin(cell: _Cell) -> _Cell | None:
    """Where the same print stands a second time: the total of the funding is the project's own money."""
    if cell.table == "project" and cell.column in TOTAL_COLUMNS:
        return _Cell(cell.form_id, "funding", "total", TOTAL_COLUMNS[cell.column])
    if cell.table == "funding" and cell.row == "total":
        for project_column, funding_column in TOTAL_COLUMNS.items():
            if funding_column == cell.column:
                return _Cell(cell.form_id, "project", "", project_column)
    return None


def _typed(column: Column, text: str | None) -> tuple[Any, str | None]:
    """The value in the column's type, and what is wrong with it where it has none there."""
    free = replace(column, required=False)
    alone = replace(TABLES["project"], key=(), columns=(free,))
    frame, rejected = validate(alone, [{column.name: text}])
    if rejected:
        return None, f"“{column.label_zh}”不能是“{text}”，{demand(free, rejected[0].check)}。"
    return to_arrow(alone, frame).column(0)[0].as_py(), None


# --- the tables in hand


class _Tables:
    """The rows of the forms that are corrected, taken from the tables, changed, and put back."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, form_ids: set[str]) -> None:
        self._connection = connection
        self._rows: dict[tuple[str, str, str], Record] = {}
        self._changed: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._printed: dict[tuple[str, str, int, str], str] = {}
        ids = sorted(form_ids)
        for table, key in _ROW_KEYS.items():
            for row in self._select(f"SELECT * FROM {table}", ids):
                self._rows[row["form_id"], table, str(row[key]) if key else ""] = row
        places = self._select(
            "SELECT form_id, table_name, row_no, column_name, string_agg(DISTINCT text, ' ') AS text FROM provenance",
            ids,
            "GROUP BY ALL",
        )
        for row in places:
            self._printed[row["form_id"], row["table_name"], row["row_no"] or 1, row["column_name"]] = row["text"]

    def _select(self, query: str, form_ids: list[str], end: str = "") -> list[Record]:
        cursor = self._connection.execute(f"{query} WHERE form_id IN (SELECT unnest(?::VARCHAR[])) {end}", [form_ids])
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def __contains__(self, cell: _Cell) -> bool:
        return (cell.form_id, cell.table, cell.row) in self._rows

    def value(self, cell: _Cell) -> Any:
        """The value as it stands now."""
        return self._rows[cell.form_id, cell.table, cell.row][cell.column]

    def put(self, cell: _Cell, value: Any) -> None:
        """Replace a value."""
        key = (cell.form_id, cell.table, cell.row)
        self._rows[key][cell.column] = value
        self._changed[key].add(cell.column)

    def place(self, cell: _Cell) -> Record:
        """Where the value stands, as provenance counts, and what is printed there."""
        name = _ROW_NUMBERS[cell.table]
        row_no = self._rows[cell.form_id, cell.table, cell.row][name] if name else 1
        where = (cell.form_id, cell.table, row_no, cell.column)
        columns = ("form_id", "table_name", "row_no", "column_name")
        return {**dict(zip(columns, where, strict=True)), "printed_text": self._printed.get(where)}

    def read_again(self) -> None:
        """Read the indicators whose texts, or whose form's year, are new."""
        dated = {form_id for (form_id, _, _), columns in self._changed.items() if "fiscal_year" in columns}
        for key, row in self._rows.items():
            form_id, table, _ = key
            if table == "indicator" and (form_id in dated or self._changed.get(key, set()) & _READ):
                project = self._rows[form_id, "project", ""]
                new = readings(row, fiscal_year=project["fiscal_year"])
                row.update(new)
                self._changed[key] |= new.keys()

    def write(self) -> None:
        """Put the changed rows back."""
        for table, key in _ROW_KEYS.items():
            rows = [self._rows[at] for at in self._changed if at[1] == table]
            if not rows:
                continue
            declared = TABLES[table]
            frame, _ = validate(declared, rows)
            keys = ("form_id", *([key] if key else []))
            columns = sorted(set().union(*(self._changed[at] for at in self._changed if at[1] == table)))
            self._connection.register("corrected_rows", to_arrow(declared, frame))
            self._connection.execute(
                f"UPDATE {table} SET {', '.join(f'{name} = n.{name}' for name in columns)} FROM corrected_rows AS n "
                f"WHERE {' AND '.join(f'{table}.{name} = n.{name}' for name in keys)}"
            )
            self._connection.unregister("corrected_rows")


# --- what is told


def _rows(outcomes: Iterable[_Outcome], tables: _Tables) -> list[Record]:
    """The rows of `correction`: one for each value changed, and one for each entry not applied."""
    rows: list[Record] = []
    for outcome in outcomes:
        entry = outcome.entry
        row: Record = {
            "line": entry.line,
            "status": outcome.status,
            "document_id": outcome.document_id,
            "table_name": entry.table or None,
            "column_name": entry.column or None,
            "expected_value": entry.expect,
            "value": entry.value,
            "reason": entry.reason,
            "who": entry.who,
            "decided_on": entry.date,
            "message": outcome.message,
        }
        row["correction_id"] = outcome.correction_id
        if not outcome.cells:
            rows.append(row)
        for number, cell in enumerate(outcome.cells, start=1):
            more: Record = {**tables.place(cell), "printed_value": _text(outcome.old)}
            if number > 1:
                more["correction_id"] = f"{outcome.correction_id}.{number}"
            rows.append(row | more)
    return rows


def _problems(outcomes: Iterable[_Outcome]) -> list[Record]:
    """The rows of `problem`: one for each entry that a person must look at."""
    rows = []
    for outcome in outcomes:
        if outcome.status in _CODES:
            entry = outcome.entry
            row: Record = {"problem_id": f"correction-{outcome.correction_id}", "document_id": outcome.document_id}
            row |= {"form_no": entry.form_no or None, "code": _CODES[outcome.status], "severity": "warning"}
            row |= {"locator": f"{entry.line}:1", "text": _named(entry) or None}
            rows.append({**row, "message": outcome.message})
    return rows


def _named(entry: Correction) -> str:
    """The value an entry speaks of, for a person."""
    return ".".join(part for part in (entry.table, entry.row, entry.column) if part)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _shown(value: Any) -> str:
    text = _text(value)
    if text is None:
        return "空值"
    return f"“{text if len(text) <= _LONG else text[:_LONG] + '…'}”"
