"""Precision of the checks: findings on the project's own documents beside what a person judged of them.

Here: `python -m tests.precision.precision` (`make precision`) prints it by check and severity. Not here: the judgements
(judged.csv: true, false or debatable, with a word why; `how`: original, held against the printed document without a
look at the statements, or author, by whoever wrote the check; `before`: what was judged the first time; `second`: what
another person said who saw neither the first judgement nor the statements: 51 of 60 alike, and two firsts gave way),
whether any defect is missed (tests/golden/findings, tests/planted).
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

from extractors.extract import extract

ROOT = Path(__file__).parents[2]
JUDGED = Path(__file__).parent / "judged.csv"
KEY = ("document", "form", "indicator_no", "check_code", "field", "printed")
_FOLDERS = ("data/raw", "tests/golden/forms/cases", "tests/accuracy/raw")


def found() -> dict[tuple[str, ...], str]:
    """The severity of every error and warning on the documents, by document, form, row, check, field and print."""
    sys.path.insert(0, str(ROOT / "tests" / "golden" / "findings"))
    from audited import Document, audit, new_warehouse

    documents = []
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".toml":
                name = path.relative_to(ROOT).as_posix()
                documents.append(Document(name, extract(path.read_bytes()), name))
    names = {d.form_id(1).rpartition("-")[0]: d.path for d in documents}
    rows = {}
    for row in audit(new_warehouse(), [d for d in documents if d.extraction.forms]):
        if row["severity"] != "info":
            document, _, form = row["form_id"].rpartition("-")
            number = "" if row["indicator_no"] is None else str(row["indicator_no"])
            key = (names[document], form, number, row["check_code"], row["field"] or "", row["printed"] or "")
            rows[key] = row["severity"]
    return rows


def judged() -> dict[tuple[str, ...], str]:
    """What was judged of findings: true, false or debatable."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        return {tuple(row[column] for column in KEY): row["judged"] for row in csv.DictReader(file)}


def agreement() -> tuple[int, int]:
    """How many findings two persons judged alike, and how many both judged."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        both = [(row["judged"], row["second"]) for row in csv.DictReader(file) if row["second"]]
    return sum(first == second for first, second in both), len(both)


def counts(findings: dict[tuple[str, ...], str]) -> dict[tuple[str, str], Counter[str]]:
    """How many findings were judged true, false, debatable, and not at all, by severity and check."""
    said, result = judged(), {}
    for key, severity in findings.items():
        result.setdefault((severity, key[3]), Counter())[said.get(key, "unjudged")] += 1
    return result


def share(counted: Counter[str]) -> float | None:
    """The share of the true ones, debatable ones left out; None where nothing was judged."""
    decided = counted["true"] + counted["false"]
    return counted["true"] / decided if decided else None


def main() -> None:
    """Print the table."""
    by_check = counts(found())
    for severity in ("error", "warning"):
        total: Counter[str] = sum((c for (s, _), c in by_check.items() if s == severity), Counter())
        for (own, code), counted in sorted(by_check.items()):
            if own == severity:
                sys.stdout.write(f"{severity:8} {code:34} {_shown(counted)}\n")
        sys.stdout.write(f"{severity:8} {'all':34} {_shown(total)}\n")
    alike, both = agreement()
    sys.stdout.write(f"judged twice, the second time blind: {alike} of {both} alike\n")


def _shown(counted: Counter[str]) -> str:
    part = share(counted)
    figures = "  ".join(f"{name} {counted[name]:3}" for name in ("true", "false", "debatable", "unjudged"))
    return f"{'  —  ' if part is None else f'{part:5.1%}'}  {figures}"


if __name__ == "__main__":
    main()
