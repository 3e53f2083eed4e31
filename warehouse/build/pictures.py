"""What of a build was recognised in pictures of pages: how much, how sure, and whether its sums hold.

Here: the shares that the Dagster page shows, the told check. Not here: what is sure (extractors/form/certain).
"""

from __future__ import annotations

import duckdb

from warehouse.build.database import DataTestResult

LEAST_HELD = 0.8
"""Share of the sums of points in pictures that hold in a sound build; units err in some of theirs, too."""
_MANY = 5
"""Sums from which a share is told."""

_SUMS = """
SELECT p.form_id, p.path, s.what, s.printed, s.total, s.total IN (s.printed, s.printed + s.of_money) AS holds
FROM (
    SELECT form_id, unnest(['weight', 'score']) AS what, unnest([total_weight, total_score]) AS total,
        unnest([coalesce(execution_weight, 0), coalesce(execution_score, 0)]) AS of_money,
        unnest([weights, scores]) AS printed
    FROM project JOIN (
        SELECT form_id, CASE WHEN count(*) = count(weight) THEN sum(weight) END AS weights,
            CASE WHEN count(*) = count(score) THEN sum(score) END AS scores
        FROM indicator WHERE coalesce(horizon, 'annual') <> 'long_term' GROUP BY form_id
    ) USING (form_id)
    WHERE read_by <> 'text'
) AS s
JOIN (SELECT form_id, path FROM project JOIN document USING (document_id)) AS p USING (form_id)
WHERE s.total IS NOT NULL AND s.printed IS NOT NULL
"""
"""The sums of points of forms in pictures of which every term is known, and whether they hold."""

_FIGURES = """
SELECT count(DISTINCT (form_id, page)) AS pages, count(*) AS figures,
    count(*) FILTER (is_held) AS held, count(*) FILTER (NOT is_held AND confidence < $sure) AS confirmed
FROM (
    SELECT v.*, EXISTS (
        SELECT 1 FROM problem AS q JOIN project AS f USING (document_id, form_no)
        WHERE f.form_id = v.form_id AND q.code = 'OCR_UNSURE' AND (q.page, q.x0, q.top) = (v.page, v.x0, v.top)
    ) AS is_held
    FROM provenance AS v
    WHERE origin = 'ocr' AND regexp_matches(column_name, '(_yuan|_pct|_points|weight|score)$')
        AND regexp_matches(text, '[0-9]')
)
"""
"""Amounts, rates and points as printed in pictures, and what became of them."""


def check_sums(connection: duckdb.DuckDBPyConnection) -> DataTestResult:
    """Tell where too many of the sums of points in pictures do not hold: then figures are read wrongly."""
    rows = connection.execute(f"SELECT path, what, printed, total, holds FROM ({_SUMS}) ORDER BY path, what").fetchall()
    broken = [
        dict(zip(("path", "what", "sum", "printed"), map(str, row[:4]), strict=True)) for row in rows if not row[4]
    ]
    message = f"图片页的表中 {len(rows)} 个分数合计有 {len(rows) - len(broken)} 个成立"
    passed = len(rows) < _MANY or len(rows) - len(broken) >= LEAST_HELD * len(rows)
    return DataTestResult("picture_sums", passed, message, "warning", broken[:_MANY])


def shares(connection: duckdb.DuckDBPyConnection, sure: float) -> dict[str, float]:
    """Pages that are pictures, their figures, and the shares that are sure, confirmed by a sum, held back.

    `sure`: the certainty from which a figure is a value. Empty where nothing was recognised.
    """
    found = connection.execute(_FIGURES, {"sure": sure}).fetchone()
    pages, figures, held, confirmed = found if found is not None else (0, 0, 0, 0)
    if not figures:
        return {}
    return {
        "picture_pages": pages,
        "picture_figures": figures,
        "picture_share_sure": round((figures - held - confirmed) / figures, 4),
        "picture_share_confirmed": round(confirmed / figures, 4),
        "picture_share_held_back": round(held / figures, 4),
    }
