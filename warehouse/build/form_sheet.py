"""One form with all that the warehouse knows of it: values, readings, findings, corrections, and where each is printed.

Here: finding a form by the beginning of its id, its rows, the places of its values. Not here: how they are shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from extractors.errors import JixiaoError, WrongUsage
from extractors.extraction import Record
from warehouse.build.connections import open_read_only
from warehouse.corrections.entries import READ_FROM_TEXTS
from warehouse.schema.tables import TABLES

_LISTED = 8
_TABLES = ("funding", "indicator", "attribute", "finding", "correction")
_ORDERS = {
    "funding": "funding_no",
    "indicator": "indicator_no",
    "attribute": "attribute_no",
    "finding": "array_position(['error', 'warning', 'info'], severity), indicator_no NULLS FIRST, finding_id",
    "correction": "line, correction_id",
}
ROW_NUMBERS = {"funding": "funding_no", "indicator": "indicator_no", "attribute": "attribute_no"}
"""The column that numbers the rows of a form, by table, as provenance does; a project is one row."""


_SIDES = ("target", "actual")


_NAMING = {
    "project": ("title", "project_name", "unit_name"),
    "funding": ("label", "adjusted_yuan", "initial_yuan", "executed_yuan"),
    "indicator": ("level3", "level2", "target_text", "actual_text"),
    "attribute": ("value",),
}
"""The columns whose print stands for a whole row or form, the first that is printed."""


class NotThere(JixiaoError, LookupError):
    """No form, or more than one, or no such row of it is meant."""


@dataclass(frozen=True, slots=True)
class ValueAddress:
    """What of a form is meant: a value, a row (`column` None), or the form itself (project, `column` None).

    `row`: the number of an indicator, the source of a funding row, None for the project.
    """

    table: str = "project"
    row: int | str | None = None
    column: str | None = None

    @classmethod
    def named(cls, indicator_no: int | None, source: str | None, column: str | None) -> ValueAddress:
        """The value of an indicator, a money source or, without either, of the project.

        A column that is read or computed stands for the text that it comes from. Raises WrongUsage.
        """
        if indicator_no is not None and source is not None:
            raise WrongUsage("--indicator 与 --source 只能用一个 / give --indicator or --source, not both")
        table = "indicator" if indicator_no is not None else "funding" if source is not None else "project"
        names = TABLES[table].column_names
        if column is not None and column not in names:
            raise WrongUsage(f"{table} 表没有“{column}”这一列 / no such column; the columns are {', '.join(names)}")
        if column is not None and table == "indicator":
            column = _printed_in(column)
        return cls(table, indicator_no if source is None else source, column)

    def row_no(self, sheet: FormSheet) -> int:
        """The number of the row as provenance counts it; NotThere where the form has no such row."""
        if self.table == "project":
            return 1
        if self.table == "indicator":
            if any(row["indicator_no"] == self.row for row in sheet.indicator):
                return int(self.row or 0)
            raise NotThere(
                f"这张表没有第 {self.row} 项指标，共有 {len(sheet.indicator)} 项。"
                f" / There is no indicator {self.row}; the form has {len(sheet.indicator)}."
            )
        for row in sheet.funding:
            if row["source"] == self.row:
                return int(row["funding_no"] or 0)
        sources = "、".join(row["source"] for row in sheet.funding) or "无"
        raise NotThere(f"这张表没有“{self.row}”这项资金，所印的有：{sources}。 / No such source; printed: {sources}.")


def _printed_in(column: str) -> str:
    """The column with the printed text that an indicator's column comes from."""
    if column in ("met", "attainment_pct", "deviation_pct", "compare_basis"):
        return "actual_text"
    side, _, part = column.partition("_")
    return f"{side}_text" if side in _SIDES and part in READ_FROM_TEXTS else column


@dataclass(frozen=True, slots=True)
class PrintedPlace:
    """Where a printed text stands: page and box (points from the top left), or the address in the file; who claimed it.

    `other_claims`: those on the same field that lost, for people.
    """

    text: str | None
    page: int | None
    box: tuple[float, float, float, float] | None
    locator: str | None
    rule: str | None = None
    other_claims: str | None = None


@dataclass(slots=True)
class FormSheet:
    """A form: its rows by table as the warehouse has them, and `places` by (table, row number, column)."""

    form_id: str
    project: Record
    document: Record
    places: dict[tuple[str, int, str], list[PrintedPlace]]
    funding: list[Record]
    indicator: list[Record]
    attribute: list[Record]
    finding: list[Record]
    correction: list[Record]
    problem: list[Record]

    def places_of(self, table: str, row_no: int | None, column: str | None = None) -> list[PrintedPlace]:
        """The places of one value, or of all values of a row, in printed order."""
        if row_no is None:
            return []
        if column is not None:
            return self.places.get((table, row_no, column), [])
        own = (places for (name, number, _), places in self.places.items() if (name, number) == (table, row_no))
        return list(chain.from_iterable(own))

    def named(self, table: str, row_no: int | None, column: str | None = None) -> list[PrintedPlace]:
        """The places of a value; without a column, of what names the row or the form."""
        columns = [column] if column else _NAMING[table]
        return next(filter(None, (self.places_of(table, row_no, name) for name in columns)), [])


def open_form_sheet(warehouse: Path, wanted: str) -> FormSheet:
    """The form that is meant (see `find_form`), from the published warehouse."""
    with open_read_only(warehouse) as connection:
        return form_sheet(connection, find_form(connection, wanted))


def find_form(connection: duckdb.DuckDBPyConnection, wanted: str) -> str:
    """The form_id that is meant by a form_id or its beginning, the beginning of a document_id with one form, a path.

    `a.pdf#2` is the second form of a.pdf; words mean the form in whose unit, project, year or path they all stand.

    Raises NotThere, naming the forms that begin so where there are several.
    """
    start = wanted.strip().lower()
    found = connection.execute(
        "SELECT form_id, project_name, fiscal_year FROM project WHERE starts_with(form_id, $1) "
        "OR starts_with(document_id, $1) ORDER BY form_id <> $1, document_id, form_no LIMIT $2",
        [start, _LISTED + 1],
    ).fetchall()
    if start and not found:
        found = _at_path(connection, wanted.strip()) or _by_words(connection, wanted.split())
    if not start or not found:
        raise NotThere(
            _set_aside(connection, start)
            or f"没有编号以“{wanted}”开头的表，也没有这个路径，或单位、项目中有这些字的表。"
            f" / No form's id begins with {wanted!r}, and no path, unit or project is that."
        )
    if len(found) == 1 or found[0][0] == start:
        return str(found[0][0])
    lines = [f"  {form_id}  {year or ''} {name or ''}".rstrip() for form_id, name, year in found[:_LISTED]]
    if len(found) > _LISTED:
        lines.append("  …")
    raise NotThere(
        f"“{wanted}”所指的表不止一张，请写得更长，或用表编号： / Several forms are meant by {wanted!r}; write more:\n"
        + "\n".join(lines)
    )


def _at_path(connection: duckdb.DuckDBPyConnection, wanted: str) -> list[tuple[str, str, int]]:
    """The forms of the file at a path, or the one of them that #2 names."""
    path, mark, number = wanted.rpartition("#")
    if not (mark and number.isdecimal() and len(number) < 6):
        path, number = wanted, ""
    return connection.execute(
        "SELECT form_id, project_name, fiscal_year FROM project JOIN document USING (document_id) "
        "WHERE list_contains(paths, $1) AND ($2 IS NULL OR form_no = $2) ORDER BY form_no LIMIT $3",
        [path, int(number) if number else None, _LISTED + 1],
    ).fetchall()


def _by_words(connection: duckdb.DuckDBPyConnection, words: list[str]) -> list[tuple[str, str, int]]:
    """The forms in whose unit, project, year or path all the words stand."""
    return connection.execute(
        "SELECT form_id, project_name, fiscal_year FROM project JOIN document USING (document_id) "
        "WHERE len(list_filter($1::VARCHAR[], lambda word: NOT contains(concat_ws(chr(31), unit_name, department_name, "
        "project_name, project_code, fiscal_year::VARCHAR, path), word))) = 0 ORDER BY path, form_no LIMIT $2",
        [words, _LISTED + 1],
    ).fetchall()


def _set_aside(connection: duckdb.DuckDBPyConnection, start: str) -> str | None:
    """What became of the document whose forms are not in the tables, if the id is one of its forms'."""
    found = connection.execute(
        "SELECT path, reason FROM document "
        "WHERE starts_with(document_id, $1) AND reason IS NOT NULL AND $1 <> '' ORDER BY path LIMIT 1",
        [start.partition("-")[0]],
    ).fetchone()
    return f"{found[0]}：{found[1]} / no form of this document is in the tables" if found else None


def form_sheet(connection: duckdb.DuckDBPyConnection, form_id: str) -> FormSheet:
    """Everything about a form that stands in the tables."""
    [project] = _rows(connection, "SELECT * FROM project WHERE form_id = ?", form_id)
    [document] = _rows(connection, "SELECT * FROM document WHERE document_id = ?", project["document_id"])
    tables = {
        table: _rows(connection, f"SELECT * FROM {table} WHERE form_id = ? ORDER BY {_ORDERS[table]}", form_id)
        for table in _TABLES
    }
    problems = _rows(
        connection,
        "SELECT * FROM problem WHERE document_id = ? AND (form_no IS NULL OR form_no = ?) ORDER BY problem_id",
        project["document_id"],
        project["form_no"],
    )
    places = _rows(connection, "SELECT * FROM provenance WHERE form_id = ? ORDER BY table_name, row_no", form_id)
    return FormSheet(form_id, project, document, _places(places), problem=problems, **tables)


def _places(rows: Iterable[Record]) -> dict[tuple[str, int, str], list[PrintedPlace]]:
    places: dict[tuple[str, int, str], list[PrintedPlace]] = defaultdict(list)
    for row in rows:
        box = (row["x0"], row["top"], row["x1"], row["bottom"])
        box_of = None if None in box else box
        place = PrintedPlace(row["text"], row["page"], box_of, row["locator"], row["rule"], row["other_claims"])
        places[row["table_name"], row["row_no"] or 1, row["column_name"]].append(place)
    return dict(places)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[Record]:
    cursor = connection.execute(query, list(values))
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
