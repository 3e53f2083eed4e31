"""问答: the cookbook's questions with what is asked for in them as fields.

Here: which parts of a query may be asked for anew, how they are put back, which column of the answer is drawn. Not
here: the queries (docs/cookbook.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from pages.charts import LineChart, Mark, bars, line_chart
from pages.cookbook import Question, questions
from pages.published import Data
from pages.wording import plain

_STRING = r"'(?:[^']|'')*'"
_ASKED = re.compile(
    rf"(?P<before>\b(?P<column>\w+)(?:::\w+)?\s*(?P<operator>>=|<=|<>|=|>|<|LIKE)\s*)(?P<value>\d+(?:\.\d+)?\b|{_STRING})"
    rf"|(?P<call>\b(?P<macro>v_\w+)\()(?P<word>{_STRING})"
)
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
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
    "level3": "指标",
    "project_name": "项目",
}
"""The columns that are asked for, in people's words; what is compared with others stays as it is."""
_CHOICES = {"severity": {"error": "错误", "warning": "警告", "info": "提示"}}
_SIGNS = {">=": "不低于", "<=": "不高于", ">": "高于", "<": "低于", "<>": "不是", "=": "", "LIKE": "含"}
_ORDER = re.compile(r"ORDER BY\s+(?:abs\()?(\w+)")
_SHARES = re.compile("率|占比|分$|中位数")
"""Columns that one line over the years says more about than any other."""
_DRAWN = range(2, 61)
"""Rows of an answer that a picture is quicker to read than."""
MOST = 500
AT_ONCE = 200_000
"""Up to so many indicators a question is answered as soon as its page is opened; of more, when it is asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of a query that may be asked for anew: a number, a text, or one of `choices` (value: its words)."""

    name: str
    label: str
    default: str
    number: bool
    choices: Mapping[str, str] | None = None

    def taken(self, text: str | None) -> str | None:
        """What is asked for where `text` was given, None for the default; None for a text that this cannot be."""
        if text is None:
            return self.default
        if self.choices:
            return text if text in self.choices else None
        if self.number:
            plain_width = unicodedata.normalize("NFKC", text).strip()
            return plain_width if _NUMBER.fullmatch(plain_width) else None
        return text[:200].replace("\0", "")

    def said(self, text: str) -> str:
        """What is asked for in people's words: 执行率低于 60."""
        return f"{self.label} {self.choices[text] if self.choices else text}"


def parts(question: Question) -> list[Asked]:
    """What may be asked for anew in a question, in the order in which it stands in the query."""
    found = []
    for number, match in enumerate(_ASKED.finditer(question.sql), start=1):
        column, literal = match["column"] or "word", match["value"] or match["word"]
        if column not in _LABELS:
            continue
        is_number = not literal.startswith("'")
        text = literal if is_number else literal[1:-1].replace("''", "'").strip("%")
        label = _LABELS[column] + _SIGNS[match["operator"] or "="]
        found.append(Asked(f"p{number}", label, text, is_number, _CHOICES.get(column)))
    return found


def sentence(ask: str, asked: Sequence[Asked]) -> tuple[list[str | Asked], list[Asked]]:
    """What is asked, with the parts that may be asked for anew in place of their words; then those it does not name."""
    spots: list[tuple[int, int, Asked]] = []
    unnamed = []
    for part in asked:
        word = re.escape((part.choices or {}).get(part.default, part.default))
        named = re.finditer(rf"(?<![\d.]){word}(?![\d.])" if part.number else word, ask) if word else ()
        free = (m.span() for m in named if all(m.end() <= start or end <= m.start() for start, end, _ in spots))
        if span := next(free, None):
            spots.append((*span, part))
        else:
            unnamed.append(part)
    pieces: list[str | Asked] = []
    at = 0
    for start, end, part in sorted(spots, key=lambda spot: spot[0]):
        pieces += [ask[at:start], part]
        at = end
    return [*pieces, ask[at:]], unnamed


def filled(question: Question, given: Mapping[str, str]) -> str:
    """The query with what was given in place of what stands there; what no field may hold is left as it was.

    A text is quoted as SQL quotes it, so that it is a text whatever it holds.
    """
    asked = {part.name: part for part in parts(question)}
    number = 0

    def put(match: re.Match[str]) -> str:
        nonlocal number
        number += 1
        literal = match["value"] or match["word"]
        part = asked.get(f"p{number}")
        text = part.taken(given[part.name]) if part and part.name in given else None
        if text is not None:
            if not literal.startswith("'"):
                literal = text
            else:
                around = "%" if match["operator"] == "LIKE" else ""
                literal = "'" + around + text.replace("'", "''") + around + "'"
        return (match["before"] or match["call"]) + literal

    return _ASKED.sub(put, question.sql)


def waits(data: Data, given: Mapping[str, str]) -> bool:
    """Whether a question is only shown: nobody asked yet, and the answer would take seconds."""
    size = data.one("SELECT estimated_size AS n FROM duckdb_tables() WHERE table_name = 'indicator'")
    return "ask" not in given and size is not None and size["n"] > AT_ONCE


def asked_of(key: str, given: Mapping[str, str]) -> str | None:
    """The query of a question with what was given; None where there is no such question."""
    question = next((q for q in questions() if q.key == key), None)
    return filled(question, given) if question else None


def answer(data: Data, key: str, given: Mapping[str, str], *, asked_for: bool = True) -> dict[str, Any] | None:
    """A question with its answer, or without where it is not `asked_for`; None where there is no such question."""
    question = next((q for q in questions() if q.key == key), None)
    if question is None:
        return None
    sql = filled(question, given)
    asked = parts(question)
    taken = {part.name: part.taken(given.get(part.name)) for part in asked}
    values = {part.name: part.default if (text := taken[part.name]) is None else text for part in asked}
    pieces, unnamed = sentence(question.ask, asked)
    shown = {
        "question": question,
        "asked": asked,
        "sentence": pieces,
        "unnamed": unnamed,
        "values": values,
        "otherwise": [part.said(values[part.name]) for part in asked if values[part.name] != part.default],
        "unlike": [(part, given[part.name][:60]) for part in asked if taken[part.name] is None],
        "sql": sql,
        "most": MOST,
        "waits": not asked_for,
    }
    if not asked_for:
        return {**shown, "columns": [], "rows": [], "numeric": []}
    try:
        cursor = data.cursor.execute(sql)
        columns = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchmany(MOST + 1)
    except duckdb.Error as error:
        return {**shown, "columns": [], "rows": [], "error": str(error).partition("\n")[0], "numeric": []}
    numeric = [any(isinstance(row[i], int | float | Decimal) for row in rows) for i in range(len(columns))]
    found = {"columns": columns, "rows": rows[:MOST], "cut": len(rows) > MOST, "numeric": numeric}
    return {**shown, **found, **drawn(question.title_zh, sql, columns, rows, numeric)}


def drawn(
    title: str, sql: str, columns: list[str], rows: list[tuple[Any, ...]], numeric: list[bool]
) -> dict[str, LineChart | list[Mark]]:
    """A `line` over the years where each row is one, else `bars` of what the answer is ordered by; {} for neither."""
    if len(rows) not in _DRAWN:
        return {}
    years = [row[0] for row in rows]
    over_years = columns[0] == "年度" and len(set(years)) == len(years) and all(isinstance(y, int) for y in years)
    others = [n for n, is_number in enumerate(numeric) if is_number and n and "年" not in columns[n]]
    if over_years and others:
        lines = [n for n in others if _SHARES.search(columns[n])][:2] or others[:1]
        over = [(columns[n], {row[0]: row[n] for row in rows}) for n in lines]
        line = line_chart(title, "、".join(columns[n] for n in lines), over, plain)
        return {"line": line} if line else {}
    if (at := _ordered_by(sql, columns)) in others:
        values = [row[at] for row in rows]
        if all(value is None or value >= 0 for value in values) and len(set(values)) > 1:
            return {"bars": bars([(columns[at], value, plain(value), None) for value in values], width=160)}
    return {}


def _ordered_by(sql: str, columns: list[str]) -> int:
    """The column of the answer by which it is ordered first; -1 for what is not among them."""
    named = _ORDER.findall(sql)
    if not named:
        return -1
    known = re.search(rf"\b{named[-1]}(?:::\w+)? AS (\w+)", sql)
    name = known[1] if known else named[-1]
    return columns.index(name) if name in columns else -1
