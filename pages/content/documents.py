"""文件 and 需要处理: what became of each file, what a person should look at.

Here: the queries of both lists. Not here: the forms in a file.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from extractors.codes import explanation
from pages.published import Data, among
from warehouse.attention import queue

PAGE = 100
ATTENTION_PAGE = 200


def documents(data: Data, status: str, word: str, after: str) -> dict[str, Any]:
    """Documents by path, a page at a time; with the reason and what to do."""
    where, values = ["path > $after"], {"after": after, "most": PAGE + 1}
    if status in ("loaded", "no_form", "rejected"):
        where.append("status = $status")
        values["status"] = status
    if word:
        where.append("contains(path, $word)")
        values["word"] = word
    rows = data.rows(f"SELECT * FROM document WHERE {' AND '.join(where)} ORDER BY path LIMIT $most", values)
    more = rows[PAGE - 1]["path"] if len(rows) > PAGE else None
    rows = rows[:PAGE]
    ids = [row["document_id"] for row in rows]
    forms: dict[str, list[dict[str, Any]]] = {}
    for form in data.rows(
        "SELECT document_id, form_id, project_name, fiscal_year FROM project "
        f"WHERE {among('document_id', ids)} ORDER BY form_no LIMIT 1000"
    ):
        forms.setdefault(form["document_id"], []).append(form)
    for row in rows:
        row["remedy"] = explanation(row["reason_code"]).remedy_zh if row["reason_code"] else None
        row["forms"] = forms.get(row["document_id"], [])
    return {
        "rows": rows,
        "more": more,
        "status": status,
        "word": word,
        "statuses": {r["status"]: r["n"] for r in data.rows("SELECT status, count(*) AS n FROM document GROUP BY ALL")},
        "problems": data.rows(
            "SELECT path, code, message FROM problem WHERE problem_id LIKE 'file-%' ORDER BY path LIMIT 200"
        ),
    }


def attention(data: Data, kind: str, word: str = "", after: str = "") -> dict[str, Any]:
    """The queue, or one kind of it, a page at a time; `after`: the `more` of the page before."""
    rows = queue.things(data.cursor, kind or None, ATTENTION_PAGE + 1, word=word, after=_key(after))
    more = rows[:ATTENTION_PAGE][-1] if len(rows) > ATTENTION_PAGE else None
    return {
        "kinds": queue.by_kind(data.cursor),
        "kind": kind,
        "word": word,
        "rows": rows[:ATTENTION_PAGE],
        "more": json.dumps(queue.key(more), ensure_ascii=False) if more else "",
        "gone": queue.losses(data.cursor),
    }


def _key(text: str) -> list[Any] | None:
    """What an address says of the row that the page comes after; None for what is none."""
    with suppress(ValueError, RecursionError):
        match json.loads(text):
            case [int() as urgency, str(), str(), str(), str()] as found if 0 <= urgency < 100:
                return list(found)
    return None
