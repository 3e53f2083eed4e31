"""Headers and labels that nobody knows, as proposals: collected from problems, decided in vocabulary.toml.

Here: the rows of `proposal`, accepting and refusing one. Not here: the ideas themselves (extractors.form.ideas).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import duckdb

from extractors.codes import ProblemCode
from extractors.errors import CannotRun
from extractors.extraction import Record
from extractors.vocabulary import Role, label_key
from extractors.vocabulary.taught import REFUSED, teachable
from warehouse.state.inputs_fingerprint import VOCABULARY
from warehouse.state.lessons import Lessons, teach

_EXAMPLES = 3
_SEEN = """
SELECT b.text, b.section, b.column_name, any_value(b.header_path), max(b.confidence), any_value(b.evidence),
    count(DISTINCT b.document_id), count(DISTINCT (b.document_id, b.form_no)),
    (SELECT list(DISTINCT a.value)[:3] FROM attribute AS a JOIN project AS p USING (form_id)
     WHERE a.label = b.text AND p.document_id = any_value(b.document_id))
FROM problem AS b
WHERE b.column_name IS NOT NULL AND b.text IS NOT NULL
GROUP BY b.text, b.section, b.column_name
ORDER BY count(*) DESC, b.text, b.section, b.column_name
"""


def proposal_rows(connection: duckdb.DuckDBPyConnection, lessons: Lessons) -> list[Record]:
    """The rows of `proposal`: what documents print and nobody knows, then what people accepted.

    Of several ideas about a text of one part of a form the surest is proposed.
    """
    taught = lessons.taught
    found: dict[str, Record] = {}
    for text, section, column, path, confidence, evidence, documents, forms, examples in connection.sql(
        _SEEN
    ).fetchall():
        key = label_key(text)
        row = found.get(proposal_id(section, key))
        if row is None or confidence > row["confidence"]:
            idea = {"column_name": column, "confidence": confidence, "evidence": evidence, "header_path": path}
            row = (
                row or {"document_count": 0, "form_count": 0, "examples": [], "text": text, "section": section}
            ) | idea
        row |= {"proposal_id": proposal_id(section, key), "status": "refused" if key in taught.refused else "open"}
        row["document_count"], row["form_count"] = row["document_count"] + documents, row["form_count"] + forms
        row["examples"] = [*row["examples"], *(examples or [])][:_EXAMPLES]
        found[row["proposal_id"]] = row
    for key, (section, column) in taught.roles.items():
        decided: Record = {"section": section, "column_name": column, "status": "accepted", "text": taught.printed[key]}
        number = proposal_id(section, key)
        found[number] = decided | {"proposal_id": number, "document_count": 0, "form_count": 0}
    return list(found.values())


def fault_rows(lessons: Lessons) -> list[Record]:
    """The rows of `problem` about lines of the file that are wrong."""
    return [
        {
            "problem_id": f"vocabulary-{line}",
            "path": VOCABULARY,
            "code": ProblemCode.VOCABULARY_INVALID,
            "severity": "warning",
            "locator": f"{line}:1",
            "message": f"第 {line} 行：{message}",
        }
        for line, message in lessons.taught.faults
    ]


def proposal_id(section: str, key: str) -> str:
    """The number of a proposal, by the part of a form and the label's key."""
    return "p" + hashlib.sha256(f"{section} {key}".encode()).hexdigest()[:8]


def proposals(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """All proposals, the open ones first, the most frequent first."""
    found = connection.execute(
        "SELECT * FROM proposal ORDER BY status <> 'open', form_count DESC, confidence DESC, text, proposal_id"
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def accept(connection: duckdb.DuckDBPyConnection, data_dir: Path, number: str, column: str | None) -> tuple[str, Role]:
    """Teach a proposal, as `column` where it is given; returns the text and what it now is.

    Raises CannotRun where there is no such proposal or column.
    """
    row = proposal(connection, number)
    role = meant(column, row["section"]) if column else (row["section"], row["column_name"])
    teach(data_dir, row["text"], role)
    return row["text"], role


def refuse(connection: duckdb.DuckDBPyConnection, data_dir: Path, number: str) -> str:
    """Ask no more about a proposal; returns its text. Raises CannotRun where there is none."""
    row = proposal(connection, number)
    teach(data_dir, row["text"], (REFUSED, REFUSED))
    return str(row["text"])


def take_back(connection: duckdb.DuckDBPyConnection, data_dir: Path, number: str) -> str:
    """Undo what was decided about a proposal; returns its text. Raises CannotRun where there is none."""
    row = proposal(connection, number)
    teach(data_dir, row["text"], None)
    return str(row["text"])


def concerned(connection: duckdb.DuckDBPyConnection, row: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """The documents that print a proposal's text and do not know it: up to `most`, by path."""
    found = connection.execute(
        "SELECT * FROM document WHERE document_id IN (SELECT document_id FROM problem "
        "WHERE text = ? AND column_name IS NOT NULL AND section IS NOT DISTINCT FROM ?) ORDER BY path LIMIT ?",
        [row["text"], row["section"], most],
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def proposal(connection: duckdb.DuckDBPyConnection, number: str) -> dict[str, Any]:
    """The proposal of an id; CannotRun where there is none."""
    row = next((row for row in proposals(connection) if row["proposal_id"] == number), None)
    if row is None:
        raise CannotRun(
            f"没有编号为“{number}”的待认字样；见 jixiao teach。 / No proposal has this id; see jixiao teach."
        )
    return row


def meant(column: str, section: str | None) -> Role:
    """The role that a name means: `indicator.score`, or `score` in the proposal's own part, else wherever it is one."""
    known = teachable()
    group, _, name = column.rpartition(".")
    groups = [group] if group else [section, *known] if section else [*known]
    for each in groups:
        if each is not None and name in known.get(each, []):
            return each, name
    names = "、".join(sorted({entry for entries in known.values() for entry in entries}))
    raise CannotRun(f"没有叫“{column}”的字段；有：{names}。 / No field has this name.")
