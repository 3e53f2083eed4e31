"""The list of what needs attention, read from the published warehouse for a terminal, a page or a run's record.

Here: the questions put to v_attention and loss. Not here: what is in them, how they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

_FIRST = 10
_KEYS = ("urgency", "kind", "path", "form_id", "what")
_KEY = "a.urgency, a.kind, coalesce(a.path, ''), coalesce(a.form_id, ''), coalesce(a.what, '')"


def by_kind(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Things by kind, the most urgent first: kind, label_zh, urgency, count, what_to_do."""
    return _rows(
        connection,
        "SELECT a.kind, coalesce(any_value(k.label_zh), a.kind) AS label_zh, a.urgency, count(*) AS count, "
        "any_value(k.what_to_do) AS what_to_do FROM v_attention AS a LEFT JOIN attention_kind AS k USING (kind) "
        "GROUP BY a.kind, a.urgency ORDER BY a.urgency, count DESC, a.kind",
    )


def things(
    connection: duckdb.DuckDBPyConnection,
    kind: str | None = None,
    most: int | None = _FIRST,
    *,
    word: str = "",
    after: Sequence[Any] | None = None,
) -> list[dict[str, Any]]:
    """The rows of v_attention in their order, with the Chinese name of their kind; all of them where `most` is None.

    `word`: only those whose path or text holds it; `after`: only those behind the row of this `key`.
    """
    where, values = [], dict[str, Any]()
    if kind is not None:
        where.append("a.kind = $kind")
        values["kind"] = kind
    if word:
        where.append("(contains(coalesce(a.path, ''), $word) OR contains(coalesce(a.what, ''), $word))")
        values["word"] = word
    if after is not None:
        where.append(f"({_KEY}) > ({', '.join(f'${name}' for name in _KEYS)})")
        values |= dict(zip(_KEYS, after, strict=True))
    return _rows(
        connection,
        "SELECT a.*, coalesce(k.label_zh, a.kind) AS label_zh FROM v_attention AS a "
        f"LEFT JOIN attention_kind AS k USING (kind) {'WHERE ' if where else ''}{' AND '.join(where)} "
        f"ORDER BY {_KEY}{'' if most is None else f' LIMIT {int(most)}'}",
        **values,
    )


def key(row: Mapping[str, Any]) -> list[Any]:
    """By what a row of the list is told from those behind it."""
    return [row["urgency"], row["kind"], *(row[name] or "" for name in _KEYS[2:])]


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
