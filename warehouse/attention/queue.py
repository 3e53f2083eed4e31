"""The list of what needs attention, read from the published warehouse for a terminal, a page or a run's record.

Here: the questions put to v_attention and loss. Not here: what is in them, how they are shown.
"""

from __future__ import annotations

from typing import Any

import duckdb

_FIRST = 10


def by_kind(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Things by kind, the most urgent first: kind, label_zh, urgency, count, what_to_do."""
    return _rows(
        connection,
        "SELECT a.kind, coalesce(any_value(k.label_zh), a.kind) AS label_zh, a.urgency, count(*) AS count, "
        "any_value(k.what_to_do) AS what_to_do FROM v_attention AS a LEFT JOIN attention_kind AS k USING (kind) "
        "GROUP BY a.kind, a.urgency ORDER BY a.urgency, count DESC, a.kind",
    )


def things(
    connection: duckdb.DuckDBPyConnection, kind: str | None = None, most: int | None = _FIRST
) -> list[dict[str, Any]]:
    """The rows of v_attention in their order, with the Chinese name of their kind; all of them where `most` is None."""
    of_kind = "" if kind is None else "WHERE a.kind = $kind "
    limit = "" if most is None else f" LIMIT {int(most)}"
    return _rows(
        connection,
        "SELECT a.*, coalesce(k.label_zh, a.kind) AS label_zh FROM v_attention AS a "
        f"LEFT JOIN attention_kind AS k USING (kind) {of_kind}"
        f"ORDER BY a.urgency, a.kind, a.path, a.form_id, a.what{limit}",
        **({} if kind is None else {"kind": kind}),
    )


def new_by_kind(connection: duckdb.DuckDBPyConnection, after: int) -> list[dict[str, Any]]:
    """Things that came with a run whose number is beyond `after`, by kind: label_zh, count, what_to_do, newest_run."""
    return _rows(
        connection,
        "SELECT coalesce(any_value(k.label_zh), a.kind) AS label_zh, count(*) AS count, "
        "any_value(k.what_to_do) AS what_to_do, max(a.run) AS newest_run FROM (SELECT *, "
        f"try_cast(split_part(since_run, '-', -1) AS INTEGER) AS run FROM v_attention) AS a "
        f"LEFT JOIN attention_kind AS k USING (kind) WHERE a.run > {int(after)} "
        "GROUP BY a.kind, a.urgency ORDER BY a.urgency, count DESC, a.kind",
    )


def losses(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What left the warehouse since the last build: documents, forms, indicators, budget and execution in 元."""
    [row] = _rows(
        connection,
        "SELECT count(*) AS documents, coalesce(sum(greatest(forms_before - forms_now, 0)), 0)::INTEGER AS forms, "
        "coalesce(sum(indicators_before - indicators_now), 0)::INTEGER AS indicators, "
        "sum(adjusted_yuan) FILTER (kind = 'gone') AS adjusted_yuan, "
        "sum(executed_yuan) FILTER (kind = 'gone') AS executed_yuan FROM loss",
    )
    return row


def _rows(connection: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[dict[str, Any]]:
    cursor = connection.execute(query, values or None)  # DuckDB imports pandas as soon as it is given a parameter
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
