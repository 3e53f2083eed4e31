"""Running the checks: from the tables of an open warehouse to the rows of finding, and the catalogue to check_rule.

Here: the order of the steps, ids and verdicts of findings. Not here: what a check looks at (the statements, texts).
"""

from __future__ import annotations

import re
from collections import deque
from contextlib import closing
from functools import cache
from importlib.resources import files

import duckdb
import pyarrow as pa

from warehouse.build.background_work import BackgroundWork
from warehouse.build.connections import transaction
from warehouse.checks import texts, vocabulary
from warehouse.checks.registry import GROUPS, RULES, Rule, check_rules

_Check = tuple[Rule, str]
"""A check and its statement."""
_STATEMENT = re.compile(r"^-- (\w+)\n((?:(?!^-- \w+\n).*\n?)+)", re.MULTILINE)
_FINDING = (
    "form_id VARCHAR, indicator_no INTEGER, severity VARCHAR, field VARCHAR, "
    "printed VARCHAR, expected VARCHAR, message VARCHAR, verdict VARCHAR"
)


@cache
def statements(group: str) -> dict[str, str]:
    """The statements of <group>.sql by the name in the comment above each, a check's code or a table's name."""
    text = files("warehouse.checks").joinpath(f"{group}.sql").read_text("utf-8")
    return {name: statement.strip().removesuffix(";") for name, statement in _STATEMENT.findall(text)}


def find(connection: duckdb.DuckDBPyConnection, *, current_year: int) -> None:
    """Fill table `finding` (empty before) from the tables of what was read and of what could not be.

    `current_year`: the calendar year that no form can be ahead of. The checks across years follow project.series_id and
    find nothing where it is not filled. Each finding gets the key that a person's mark hangs on. Nothing but `finding`
    is changed; where it fails, a part of it may be filled.
    The connection must be in no transaction. Raises duckdb.Error when a table lacks a column of the contract or holds
    what its declaration does not admit.

    Two cursors judge at once, check by check: one first compares texts, which takes Python's time.
    """
    connection.execute("ATTACH ':memory:' AS checks")  # where both cursors see what the checks start from
    try:
        with closing(connection.cursor()) as cursor:
            _prepare(cursor, current_year)
            vocabulary.fill(cursor)
            for name, statement in statements("base").items():
                if name != "macros":
                    cursor.execute(statement)
            cursor.execute(f"CREATE TABLE checks.check_none ({_FINDING})")
            on_texts: deque[_Check] = deque()
            both: deque[_Check] = deque()
            for group in GROUPS:
                for code, statement in statements(group).items():
                    needs_texts = any(table in statement for table in texts.TABLES)
                    (on_texts if needs_texts else both).append((RULES[code], statement))

            def compare(beside: duckdb.DuckDBPyConnection) -> None:
                _prepare(beside, current_year)
                texts.fill(beside)
                _judge(beside, on_texts)
                _judge(beside, both)

            comparing = BackgroundWork(connection, compare)
            try:
                _judge(cursor, both)
                comparing.wait()
            finally:
                comparing.stop()
            cursor.execute(statements("keys")["finding_key"])
    finally:
        connection.execute("DETACH checks")


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


def _prepare(cursor: duckdb.DuckDBPyConnection, current_year: int) -> None:
    """Let statements find the tables of both databases, the words and limits, and the macros."""
    cursor.execute("SET search_path = '\"' || current_database() || '\",checks'")
    cursor.execute(f"SET VARIABLE current_year = {int(current_year)}")
    vocabulary.set_variables(cursor)
    cursor.execute(statements("base")["macros"])


def _judge(cursor: duckdb.DuckDBPyConnection, checks: deque[_Check]) -> None:
    """Take one check after the other, until none is left."""
    with transaction(cursor):  # a commit for each check would write the table anew each time
        while True:
            try:
                rule, statement = checks.popleft()
            except IndexError:
                return
            _find(cursor, rule, statement)


def _find(connection: duckdb.DuckDBPyConnection, rule: Rule, statement: str) -> None:
    """Put what the statement of a rule finds into `finding`, each with its id, its severity and its verdict.

    A contradiction of the form is the filer's only where every value that enters the check was read without doubt and,
    for sums and completeness, nothing of that part of the form is unknown; else the reading is in doubt. A finding on a
    form, or an indicator, that has corrected values says so and is nobody's. The id is made of form, check, indicator
    and field; the ordinal tells several of one kind apart.
    """
    connection.execute(
        f"""
        INSERT INTO finding BY NAME
        WITH found AS (
            SELECT f.*, c.form_id IS NOT NULL AND (
                    f.indicator_no IS NULL OR coalesce(list_contains(c.numbers, f.indicator_no), false)
                    OR c.money AND {rule.group == "money"}
                ) AS corrected,
                d.form_id IS NOT NULL AND (d.whole OR f.indicator_no IS NULL OR list_contains(d.rows, f.indicator_no))
                OR u.form_id IS NOT NULL AS doubted
            FROM (FROM check_none UNION ALL BY NAME ({statement}\n)) AS f
            LEFT JOIN check_corrected AS c ON c.form_id = f.form_id
            LEFT JOIN (
                SELECT form_id, bool_or(row_no IS NULL) AS whole, list(row_no) AS rows FROM check_doubted
                WHERE column_name IN {_literals((*rule.reads, "*") if rule.reads else ())} GROUP BY form_id
            ) AS d ON d.form_id = f.form_id
            LEFT JOIN (
                SELECT DISTINCT form_id FROM check_unknown WHERE part IN {_literals(rule.whole)}
            ) AS u ON u.form_id = f.form_id
        )
        SELECT
            concat_ws('-', form_id, '{rule.code}', indicator_no, field, row_number() OVER (
                PARTITION BY form_id, indicator_no, field ORDER BY printed, expected, message
            )) AS finding_id,
            corrected, form_id, indicator_no, '{rule.code}' AS check_code,
            coalesce(severity, '{rule.severity}') AS severity, field, printed, expected,
            message || CASE WHEN corrected THEN '（本表有更正过的值）' ELSE '' END AS message,
            CASE
                WHEN verdict IS NOT NULL THEN nullif(verdict, 'none')
                WHEN doubted THEN 'reader'
                WHEN {rule.verdict == "contradiction"} AND NOT corrected THEN 'filer'
            END AS verdict
        FROM found
        """
    )


def _literals(names: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{name}'" for name in names or ("",)) + ")"
