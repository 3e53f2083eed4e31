"""One form, received twice: the same print in two documents enters the tables once.

Here: which forms are copies, and setting them aside with a word about it. Not here: findings on similar forms (checks).
"""

from __future__ import annotations

import duckdb

from warehouse.schema.tables import TABLES

_OWNED = ("attribute", "indicator", "funding", "project")
_NOT_PRINTED = [
    "form_id",
    "document_id",
    "form_no",
    "indicator_id",
    "funding_no",
    "attribute_no",
    "page_from",
    "page_to",
    "series_id",
    "unit_id",
]
"""Where a form or a row stands, not what it says; every other column is compared."""

_COPIES = """
CREATE OR REPLACE TEMP TABLE copy AS
WITH suspect AS (
    SELECT form_id FROM project
    QUALIFY count(*) OVER (PARTITION BY project_name, project_code, unit_name, fiscal_year, title, total_score) > 1
), print AS (
    SELECT form_id, string_agg(part || hash, ',' ORDER BY part) AS hash FROM ({parts}) GROUP BY form_id
), placed AS (
    SELECT p.form_id, p.form_no, p.document_id, d.path, print.hash
    FROM print JOIN project AS p USING (form_id) JOIN document AS d ON d.document_id = p.document_id
    WHERE p.project_name IS NOT NULL OR p.project_code IS NOT NULL
), ranked AS (
    SELECT *, first(document_id) OVER same AS first_document, first(path) OVER same AS first_path,
        first(form_no) OVER same AS first_no
    FROM placed WINDOW same AS (
        PARTITION BY hash ORDER BY path, form_no ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
)
SELECT * FROM ranked WHERE document_id <> first_document
"""

_TELL_FORM = """
INSERT INTO problem BY NAME
SELECT form_id || '-copy' AS problem_id, document_id, path, form_no, 'DUPLICATE' AS code, 'info' AS severity,
    '本表与「' || first_path || '」第 ' || first_no || ' 张表逐格相同，只入库一次。' AS message
FROM copy
"""

_TELL_DOCUMENT = """
UPDATE document SET reason_code = 'DUPLICATE', reason = '文件中的表都已由「' || c.first_path || '」入库，逐格相同。'
FROM (SELECT document_id, min(first_path) AS first_path, count(*) AS copies FROM copy GROUP BY document_id) AS c
WHERE c.document_id = document.document_id AND c.copies = document.form_count
"""


def quarantine_copies(connection: duckdb.DuckDBPyConnection) -> int:
    """Remove the forms whose every printed value stands in a form of another document; returns how many.

    Of the copies the one whose document comes first in the order of paths stays; a form without a project name and
    code is never taken for a copy. Each copy leaves a `problem` row (DUPLICATE, info), and a document of nothing but
    copies is told so in its `reason_code`. Provenance, loaded later, leaves them out by table `copy` (form_id, ...).
    """
    prints = {table: (table, _texts(table)) for table in _OWNED}
    prints["unclaimed"] = (
        "(FROM problem JOIN project USING (document_id, form_no) WHERE code = 'UNCLAIMED_CELL')",
        "text",
    )
    parts = []
    for part, (rows, texts) in prints.items():
        row = f"concat_ws(chr(31), {texts})"
        parts.append(
            f"SELECT form_id, '{part}' AS part, md5(string_agg({row}, chr(30) ORDER BY {row})) AS hash FROM {rows} "
            "SEMI JOIN suspect USING (form_id) GROUP BY form_id"
        )
    connection.execute(_COPIES.format(parts=" UNION ALL ".join(parts)))
    counted = connection.execute("SELECT count(*) FROM copy").fetchone()
    if counted is None or not counted[0]:
        return 0
    connection.execute(_TELL_FORM)
    connection.execute(_TELL_DOCUMENT)
    for table in _OWNED:
        connection.execute(f"DELETE FROM {table} WHERE form_id IN (SELECT form_id FROM copy)")
    return int(counted[0])


def _texts(table: str) -> str:
    names = (name for name in TABLES[table].column_names if name not in _NOT_PRINTED)
    return ", ".join(f"coalesce({name}::VARCHAR, '')" for name in names)


def kept_form(connection: duckdb.DuckDBPyConnection, document_id: str, form_no: int) -> str | None:
    """The id of the form that stands in the tables for this one: itself, or the one it is a copy of.

    None where the document has no such form. `quarantine_copies` must have run on this connection.
    """
    found = connection.execute(
        "SELECT form_id FROM project WHERE document_id = $1 AND form_no = $2 UNION ALL "
        "SELECT p.form_id FROM copy AS c JOIN project AS p ON p.document_id = first_document AND p.form_no = first_no "
        "WHERE c.document_id = $1 AND c.form_no = $2",
        [document_id, form_no],
    ).fetchone()
    return str(found[0]) if found else None
