"""What became of an address that the build no longer has: a project that was parted, a unit, a form of a newer file.

Here: the builds before, asked which forms were meant. Not here: pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import duckdb

from pages.published import Data, Row, among

SEVERAL = "这个地址上的内容现在分在几处："
_MOST = 20
_MEANT = {
    "series": "SELECT form_id, NULL AS path, NULL AS form_no FROM project WHERE series_id = ?",
    "unit": "SELECT form_id, NULL AS path, NULL AS form_no FROM project WHERE unit_id = ?",
    "form": "SELECT form_id, path, form_no FROM project JOIN document USING (document_id) WHERE form_id = ?",
}

KINDS = tuple(_MEANT)
"""The kinds of pages whose addresses may have gone with a build."""


def moved(data: Data, kind: str, gone: str, earlier: Iterable[Data]) -> list[Row]:
    """The pages (`kind`, `id`, `name`, `years`) of the forms that an address meant in the newest build that knows it.

    Nothing where none of the builds at hand knows it, or its forms are gone.
    """
    for before in earlier:
        meant: list[Row] = []
        with suppress(duckdb.Error):  # of an earlier version, it may lack what is asked for
            meant = before.rows(_MEANT[kind], [gone])
        if meant:
            return _now(data, kind, meant)
    return []


def _now(data: Data, kind: str, meant: list[Row]) -> list[Row]:
    if kind == "form":
        path, number = meant[0]["path"], meant[0]["form_no"]
        return data.rows(
            "SELECT 'form' AS kind, form_id AS id, coalesce(project_name, title) AS name, "
            "fiscal_year::VARCHAR AS years "
            "FROM project JOIN document USING (document_id) WHERE list_contains(paths, ?) AND form_no = ?",
            [path, number],
        )
    ids = sorted({row["form_id"] for row in meant})
    column, name = ("series_id", "project_name") if kind == "series" else ("unit_id", "unit")
    return data.rows(
        f"SELECT '{kind}' AS kind, p.{column} AS id, arg_max({name}, fiscal_year) AS name, "
        "string_agg(DISTINCT fiscal_year::VARCHAR, '、' ORDER BY fiscal_year::VARCHAR) AS years "
        f"FROM project AS p LEFT JOIN v_form AS f USING (form_id) WHERE {among('p.form_id', ids)} "
        f"AND p.{column} IS NOT NULL GROUP BY ALL ORDER BY years, id LIMIT {_MOST}"
    )
