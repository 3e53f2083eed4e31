"""Running the checks: from the tables of an open warehouse to the rows of finding, and the catalogue to check_rule.

Here: the order of the steps, ids and verdicts of findings. Not here: what a check looks at (the statements, texts).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import duckdb
import pyarrow as pa

from warehouse.checks import texts, vocabulary
from warehouse.checks.registry import GROUPS, RULES, check_rules

_STATEMENT = re.compile(r"^-- (\w+)\n((?:(?!^-- \w+\n).*\n?)+)", re.MULTILINE)
_FINDING = (
    "check_code VARCHAR, form_id VARCHAR, indicator_no INTEGER, severity VARCHAR, field VARCHAR, "
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
    find nothing where it is not filled. Nothing but `finding` is changed; temporary tables are dropped again. Raises
    duckdb.Error when a table lacks a column of the contract or holds what its declaration does not admit.
    """
    connection.execute(f"SET VARIABLE current_year = {int(current_year)}")
    temporary = vocabulary.fill(connection)
    try:
        for name, statement in statements("base").items():
            if statement.startswith("CREATE OR REPLACE TEMP TABLE"):
                temporary.append(name)
            connection.execute(statement)
        temporary += texts.fill(connection)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE check_found ({_FINDING})")
        temporary.append("check_found")
        for group in GROUPS:
            for code, statement in statements(group).items():
                connection.execute(
                    f"INSERT INTO check_found BY NAME SELECT '{code}' AS check_code, * FROM ({statement}\n)"
                )
        _judge(connection)
    finally:
        for table in temporary:
            connection.execute(f"DROP TABLE IF EXISTS temp.{table}")


def fill_check_rule(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill table `check_rule` (empty before) with the catalogue."""
    rules = pa.Table.from_pylist(check_rules())
    connection.register("new_rules", rules)
    connection.execute("INSERT INTO check_rule BY NAME SELECT * FROM new_rules")
    connection.unregister("new_rules")


def _judge(connection: duckdb.DuckDBPyConnection) -> None:
    """Give each finding its id, its severity and its verdict, and put them into `finding`.

    A contradiction of the form is the filer's, unless a problem of the reader touches the computation: then the reading
    is in doubt. A finding on a form, or an indicator, that has corrected values says so and is nobody's. The id is made
    of form, check, indicator and field; the ordinal tells several of one kind apart.
    """
    rules = [
        {"check_code": r.code, "check_group": r.group, "rule_severity": r.severity, "kind": r.verdict}
        for r in RULES.values()
    ]
    connection.register("check_rules", pa.Table.from_pylist(rules))
    connection.execute(
        """
        INSERT INTO finding BY NAME
        WITH doubtful AS (
            SELECT DISTINCT f.form_id, d.check_group
            FROM problem AS p
            JOIN check_doubt AS d ON d.code = p.code AND (d.says IS NULL OR contains(p.message, d.says))
            JOIN check_form AS f ON f.document_id = p.document_id AND (p.form_no IS NULL OR p.form_no = f.form_no)
        ),
        several AS (
            SELECT form_id, check_code, indicator_no, field FROM check_found GROUP BY ALL HAVING count(*) > 1
        ),
        corrected AS (
            SELECT form_id, list(row_no) FILTER (table_name = 'indicator') AS numbers,
                bool_or(table_name IN ('project', 'funding')) AS money
            FROM correction WHERE status = 'applied' GROUP BY form_id
        ),
        ordinal AS (
            SELECT f.rowid AS found, row_number() OVER (
                PARTITION BY f.form_id, f.check_code, f.indicator_no, f.field ORDER BY f.printed, f.expected, f.message
            ) AS ordinal
            FROM check_found AS f
            SEMI JOIN several AS s ON f.form_id = s.form_id AND f.check_code = s.check_code
                AND f.indicator_no IS NOT DISTINCT FROM s.indicator_no AND f.field IS NOT DISTINCT FROM s.field
        )
        SELECT
            concat_ws('-', f.form_id, f.check_code, f.indicator_no, f.field, coalesce(o.ordinal, 1)) AS finding_id,
            c.form_id IS NOT NULL AND (
                f.indicator_no IS NULL OR coalesce(list_contains(c.numbers, f.indicator_no), false)
                OR c.money AND r.check_group = 'money'
            ) AS corrected,
            f.form_id, f.indicator_no, f.check_code, coalesce(f.severity, r.rule_severity) AS severity,
            f.field, f.printed, f.expected,
            f.message || CASE WHEN corrected THEN '（本表有更正过的值）' ELSE '' END AS message,
            CASE
                WHEN f.verdict IS NOT NULL THEN f.verdict
                WHEN r.kind <> 'remark' AND d.form_id IS NOT NULL THEN 'reader'
                WHEN r.kind = 'contradiction' AND NOT corrected THEN 'filer'
            END AS verdict
        FROM check_found AS f
        JOIN check_rules AS r USING (check_code)
        LEFT JOIN ordinal AS o ON o.found = f.rowid
        LEFT JOIN corrected AS c ON c.form_id = f.form_id
        LEFT JOIN doubtful AS d ON d.form_id = f.form_id AND d.check_group = r.check_group
        ORDER BY f.form_id, f.indicator_no, f.check_code
        """
    )
    connection.unregister("check_rules")
