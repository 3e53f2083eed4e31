"""The questions of docs/cookbook.md with their queries, as the tests, the benchmark and the demonstration run them.

Here: reading the document. Not here: what the answers are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

COOKBOOK = Path(__file__).parents[1] / "docs" / "cookbook.md"
_QUESTION = re.compile(
    r"^### (?P<number>\d+)\. (?P<title_zh>[^\n]+?) / (?P<title_en>[^\n]+)\n\n(?P<ask>[^\n]+)\n\n"
    r"```sql\n-- (?P<key>\w+)\n(?P<sql>.+?)\n```\n\n(?P<reading>.+?)\n(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Question:
    """One question: its number and titles, what is asked, the query named `key`, how to read the answer."""

    number: int
    title_zh: str
    title_en: str
    ask: str
    key: str
    sql: str
    reading: str


def questions(text: str | None = None) -> list[Question]:
    """The questions of the document, in its order."""
    text = COOKBOOK.read_text("utf-8") if text is None else text
    return [
        Question(int(m["number"]), *m.group("title_zh", "title_en", "ask", "key", "sql", "reading"))
        for m in _QUESTION.finditer(text)
    ]
