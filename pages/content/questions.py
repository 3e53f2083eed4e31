"""问答: the cookbook's questions with what is asked for in them as fields.

Here: which parts of a query may be asked for anew, how they are put back. Not here: the queries (docs/cookbook.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from pages.cookbook import Question, questions
from pages.published import Data

_STRING = r"'(?:[^']|'')*'"
_ASKED = re.compile(
    rf"(?P<before>\b(?P<column>\w+)(?:::\w+)?\s*(?P<operator>>=|<=|<>|=|>|<)\s*)(?P<value>\d+(?:\.\d+)?\b|{_STRING})"
    rf"|(?P<call>\b(?P<macro>v_\w+)\()(?P<word>{_STRING})"
)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
_LABELS = {
    "computed_rate_pct": "执行率",
    "total_score": "总分",
    "fiscal_year": "年度",
    "grade": "等级",
    "word": "词",
    "form_count": "张数",
    "severity": "程度",
    "weight": "权重",
    "score": "得分",
}
MOST = 500
AT_ONCE = 200_000
"""Up to so many indicators a question is answered as soon as its page is opened; of more, when it is asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of a query that may be asked for anew: a number, or a text."""

    name: str
    label: str
    default: str
    number: bool


def parts(question: Question) -> list[Asked]:
    """What may be asked for anew in a question, in the order in which it stands in the query."""
    found = []
    for number, match in enumerate(_ASKED.finditer(question.sql), start=1):
        literal = match["value"] or match["word"]
        is_number = not literal.startswith("'")
        text = literal if is_number else literal[1:-1].replace("''", "'")
        label = _LABELS.get(match["column"] or "word", match["column"] or "词")
        sign = {">=": "不低于", "<=": "不高于", ">": "高于", "<": "低于", "<>": "不是", "=": ""}
        words = f"{label}{sign.get(match['operator'] or '=', '')}"
        found.append(Asked(f"p{number}", words, text, is_number))
    return found


def filled(question: Question, given: Mapping[str, str]) -> str:
    """The query with what was given in place of what stands there; a number that is none is left as it was.

    A text is quoted as SQL quotes it, so that it is a text whatever it holds.
    """
    number = 0

    def put(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        literal = match["value"] or match["word"]
        text = given.get(f"p{number}")
        if text is not None:
            if not literal.startswith("'"):
                literal = text if _NUMBER.fullmatch(text.strip()) else literal
            else:
                literal = "'" + text[:200].replace("'", "''").replace("\0", "") + "'"
        return (match["before"] or match["call"]) + literal

    return _ASKED.sub(put, question.sql)


def waits(data: Data, given: Mapping[str, str]) -> bool:
    """Whether a question is only shown: nobody asked yet, and the answer would take seconds."""
    size = data.one("SELECT estimated_size AS n FROM duckdb_tables() WHERE table_name = 'indicator'")
    return "ask" not in given and size is not None and size["n"] > AT_ONCE


def answer(data: Data, key: str, given: Mapping[str, str], *, asked_for: bool = True) -> dict[str, Any] | None:
    """A question with its answer, or without where it is not `asked_for`; None where there is no such question."""
    question = next((q for q in questions() if q.key == key), None)
    if question is None:
        return None
    sql = filled(question, given)
    asked = parts(question)
    values = {part.name: given.get(part.name, part.default) for part in asked}
    shown = {"question": question, "asked": asked, "values": values, "sql": sql, "most": MOST, "waits": not asked_for}
    if not asked_for:
        return {**shown, "columns": [], "rows": [], "numeric": []}
    try:
        cursor = data.cursor.execute(sql)
        columns = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchmany(MOST + 1)
    except duckdb.Error as error:
        return {**shown, "columns": [], "rows": [], "error": str(error).partition("\n")[0], "numeric": []}
    numeric = [any(isinstance(row[i], int | float | Decimal) for row in rows) for i in range(len(columns))]
    return {**shown, "columns": columns, "rows": rows[:MOST], "cut": len(rows) > MOST, "numeric": numeric}
