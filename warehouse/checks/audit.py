"""Running the checks: from the tables of an open warehouse to the rows of finding, and the catalogue to check_rule.

Here: the order of the steps, ids and verdicts of findings. Not here: what a check looks at (the statements, texts).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import closing
from functools import cache
from importlib.resources import files

import duckdb
import pyarrow as pa

from warehouse.build.background_work import BackgroundWork
from warehouse.build.connections import transaction
from warehouse.checks import texts, vocabulary
from warehouse.checks.registry import GROUPS, RULES, Rule, check_rules
from warehouse.schema.tables import literal

_Check = tuple[Rule, str]
"""A check and its statement."""
_STATEMENT = re.compile(r"^-- (\w+)\n((?:(?!^-- \w+\n).*\n?)+)", re.MULTILINE)
_FOUND = (
    "form_id VARCHAR, indicator_no INTEGER, check_code VARCHAR, severity VARCHAR, field VARCHAR, "
    "printed VARCHAR, expected VARCHAR, message VARCHAR, verdict VARCHAR"
)
_BESIDE = ("checks", "slice")
"""Databases where both cursors see what the checks start from, and the tables of a slice under their usual names."""
_SLICED = ("indicator", "attribute", "funding", "provenance")
"""The tables that are looked at by slices, beside project."""


@cache
def statements(group: str) -> dict[str, str]:
    """The statements of <group>.sql by the name in the comment above each, a check's code or a table's name."""
    text = files("warehouse.checks").joinpath(f"{group}.sql").read_text("utf-8")
    return {name: statement.strip().removesuffix(";") for name, statement in _STATEMENT.findall(text)}


def find(connection: duckdb.DuckDBPyConnection, *, current_year: int, slices: Sequence[Collection[str]] = ()) -> None:
    """Fill table `finding` (empty before) from the tables of what was read and of what could not be.

    `current_year`: the calendar year that no form can be ahead of. The checks across years follow project.series_id and
    find nothing where it is not filled. Each finding gets the key that a person's mark hangs on. Nothing but `finding`
    is changed; where it fails, a part of it may be filled.
    `slices`: region codes ('' for none) whose forms are judged one after the other, so that no more need be in memory;
    all at once without them. No project or unit may have forms in two slices.
    The connection must be in no transaction. Raises duckdb.Error when a table lacks a column of the contract or holds
    what its declaration does not admit.

    Two cursors judge at once, check by check: one first compares texts, which takes Python's time.
    """
    for name in _BESIDE:
        connection.execute(f"ATTACH ':memory:' AS {name}")
    try:
        with closing(connection.cursor()) as cursor:
            [(main,)] = cursor.execute("SELECT current_database()").fetchall()
            whole = f'"{main}",checks'
            _prepare(cursor, current_year, whole)
            vocabulary.fill(cursor)
            _declare(cursor)
            for regions in slices or ((),):
                path = whole
                if regions:
                    _slice(cursor, main, regions)
                    path = f"slice,{whole}"
                cursor.execute(f"SET search_path = {literal(path)}")
                for name, statement in statements("base").items():
                    if name != "macros":
                        cursor.execute(statement)
                _judge_slice(connection, cursor, current_year, path)
                _clear(cursor)
                cursor.execute(statements("finding")["yielded"])
                cursor.execute(statements("finding")["finding"])
                cursor.execute("TRUNCATE checks.check_found")
            cursor.execute(f"SET search_path = {literal(whole)}")
            _judge(cursor, deque((RULES[code], statement) for code, statement in statements("everywhere").items()))
            cursor.execute(statements("finding")["finding"])
    finally:
        for name in _BESIDE:
            connection.execute(f"DETACH {name}")


def _slice(cursor: duckdb.DuckDBPyConnection, main: str, regions: Collection[str]) -> None:
    """Make, in database `slice`, the tables of forms anew with those of some regions of database `main`."""
    listed = ", ".join(map(literal, regions))
    cursor.execute(
        "CREATE OR REPLACE VIEW slice.project AS "
        f"FROM \"{main}\".main.project WHERE coalesce(region_code, '') IN ({listed}); "
        "CREATE OR REPLACE TABLE slice.form AS SELECT form_id FROM slice.project"
    )
    for table in _SLICED:
        cursor.execute(
            f'CREATE OR REPLACE VIEW slice.{table} AS FROM "{main}".main.{table} SEMI JOIN slice.form USING (form_id)'
        )


def _judge_slice(
    connection: duckdb.DuckDBPyConnection, cursor: duckdb.DuckDBPyConnection, current_year: int, path: str
) -> None:
    """Put what the checks find into `check_found`."""
    on_texts: deque[_Check] = deque()
    both: deque[_Check] = deque()
    for group in GROUPS:
        for code, statement in statements(group).items():
            needs_texts = any(table in statement for table in texts.TABLES)
            (on_texts if needs_texts else both).append((RULES[code], statement))

    def compare(beside: duckdb.DuckDBPyConnection) -> None:
        _prepare(beside, current_year, path)
        texts.fill(beside)
        _judge(beside, on_texts)
        _judge(beside, both)

    comparing = BackgroundWork(connection, compare)
    try:
        _judge(cursor, both)
        comparing.wait()
    finally:
        comparing.stop()


def _clear(cursor: duckdb.DuckDBPyConnection) -> None:
    """Drop what only the checks of a slice look at: rows of findings need little of it, and memory is short."""
    needed = set(re.findall(r"\w+", statements("finding")["finding"]))
    for table in {*statements("base"), *texts.TABLES} - needed - {"macros", "check_everywhere"}:
        cursor.execute(f"DROP TABLE IF EXISTS checks.{table}")


def fill_check_rule(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill table `check_rule` (empty before) with the catalogue."""
    rules = pa.Table.from_pylist(check_rules())
    connection.register("new_rules", rules)
    connection.execute("INSERT INTO check_rule BY NAME SELECT * FROM new_rules")
    connection.unregister("new_rules")


def fill_region(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill table `region` (empty before) with the codes of the whole country."""
    rows = pa.Table.from_pylist(vocabulary.regions())
    connection.register("new_rows", rows)
    connection.execute("INSERT INTO region BY NAME SELECT * FROM new_rows")
    connection.unregister("new_rows")


def _prepare(cursor: duckdb.DuckDBPyConnection, current_year: int, path: str) -> None:
    """Let statements find the tables of both databases, the words and limits, and the macros."""
    cursor.execute(f"SET search_path = {literal(path)}")
    cursor.execute(f"SET VARIABLE current_year = {int(current_year)}")
    vocabulary.set_variables(cursor)
    cursor.execute(statements("base")["macros"])


def _declare(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that hold what was found, and what the verdict on it needs of the declarations."""
    rules = [rule for rule in RULES.values() if rule.decides == "machine"]
    cursor.execute(
        f"CREATE TABLE checks.check_found ({_FOUND}); "
        "CREATE TABLE checks.check_everywhere "
        "(form_id VARCHAR, document_id VARCHAR, told BOOLEAN, print_hash UBIGINT[]); "
        "CREATE TABLE checks.check_declared "
        "(check_code VARCHAR, severity VARCHAR, contradiction BOOLEAN, of_money BOOLEAN); "
        "CREATE TABLE checks.check_reads (check_code VARCHAR, column_name VARCHAR); "
        "CREATE TABLE checks.check_whole (check_code VARCHAR, part VARCHAR); "
        "CREATE TABLE checks.check_yields (check_code VARCHAR, stronger VARCHAR)"
    )
    declared = [(r.code, r.severity, r.verdict == "contradiction", r.group == "money") for r in rules]
    vocabulary.insert(cursor, "check_declared", declared)
    reads = [(rule.code, column) for rule in rules if rule.reads for column in {*rule.reads, "*"}]
    vocabulary.insert(cursor, "check_reads", reads)
    vocabulary.insert(cursor, "check_whole", [(rule.code, part) for rule in rules for part in rule.whole])
    vocabulary.insert(cursor, "check_yields", [(rule.code, stronger) for rule in rules for stronger in rule.yields_to])


def _judge(cursor: duckdb.DuckDBPyConnection, checks: deque[_Check]) -> None:
    """Take one check after the other, until none is left."""
    with transaction(cursor):  # a commit for each check would write the table anew each time
        while True:
            try:
                rule, statement = checks.popleft()
            except IndexError:
                return
            cursor.execute(
                f"INSERT INTO checks.check_found BY NAME SELECT *, '{rule.code}' AS check_code FROM ({statement}\n)"
            )
