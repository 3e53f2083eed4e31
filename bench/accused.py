"""Findings that accuse the filer and rest on a cell whose reading is in doubt: there must be none.

    python -m bench.accused WAREHOUSE...

For each warehouse: how many findings have the verdict filer, how many of them lie at the place of a doubt, and which.
The question is asked of the published tables alone, not of what the checks keep: a finding on an indicator rests on the
cells of its row, one on the form on the cells of its field. Exit status 1 where one is found.
"""

from __future__ import annotations

import sys

import duckdb

_DOUBTS = (
    "TWO_VALUES",
    "MARKED_TEXT",
    "HIDDEN_CONTENT",
    "COVERED_TEXT",
    "FORM_FIELD",
    "BAD_VALUE",
    "OCR_UNSURE",
    "GARBLED",
)
_QUESTION = f"""
WITH doubt AS (
    SELECT f.form_id, p.* EXCLUDE (form_no)
    FROM problem AS p
    JOIN project AS f ON f.document_id = p.document_id AND (p.form_no IS NULL OR p.form_no = f.form_no)
    WHERE p.code IN {_DOUBTS}
),
doubted AS (
    SELECT DISTINCT v.form_id, v.table_name, v.row_no, v.column_name, d.code, d.message
    FROM provenance AS v JOIN doubt AS d USING (form_id)
    WHERE v.locator = d.locator
        OR v.page = d.page AND (d.top IS NULL OR d.x0 < v.x1 AND d.x1 > v.x0 AND d.top < v.bottom AND d.bottom > v.top)
)
SELECT f.finding_id, f.message, d.column_name, d.code, d.message
FROM finding AS f JOIN doubted AS d
    ON d.form_id = f.form_id AND CASE
        WHEN f.indicator_no IS NOT NULL THEN d.table_name = 'indicator' AND d.row_no = f.indicator_no
        ELSE list_contains(string_split(f.field, ','), d.column_name) END
WHERE f.verdict = 'filer'
ORDER BY ALL
"""


def main(paths: list[str]) -> int:
    """Ask every warehouse; the exit status."""
    found = 0
    for path in paths:
        with duckdb.connect(path, read_only=True) as connection:
            [(accused,)] = connection.execute("SELECT count(*) FROM finding WHERE verdict = 'filer'").fetchall()
            rows = connection.execute(_QUESTION).fetchall()
        print(f"{path}: {accused} findings accuse the filer, {len(rows)} rest on a cell in doubt")
        for row in rows:
            print("   ", *row, sep=" | ")
        found += len(rows)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
