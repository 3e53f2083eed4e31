"""What a person typed from a form, and how it differs from what was read.

Here: the expectation files (TOML, docs/add_a_layout.md shows one) and the comparison. Not here: the tests.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from extractors.extraction import ExtractedForm

_PROJECT = (
    "form_kind", "project_name", "project_code", "unit_name", "unit_code", "department_name", "fiscal_year",
    "region_code",
    "goal_expected", "goal_actual", "total_weight", "total_score", "grade", "money_unit",
)  # fmt: skip
_FUNDING = {
    "initial": "initial_yuan", "adjusted": "adjusted_yuan", "received": "received_yuan", "executed": "executed_yuan",
    "rate": "rate_pct", "weight": "weight", "score": "score",
}  # fmt: skip
_INDICATOR = {
    "level1": "level1", "points": "level1_points", "level2": "level2", "level3": "level3", "target": "target_text",
    "actual": "actual_text", "weight": "weight", "score": "score", "deviation": "deviation",
    "midterm": "target_midterm_text",
    "adjusted": "target_adjusted_text", "horizon": "horizon",
}  # fmt: skip
_DEFAULT = {"horizon": "annual"}
DITTO = "〃"


def typed_forms(path: Path) -> list[dict[str, Any]]:
    """The forms of an expectation file, its tables split into rows."""
    forms: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["form"]
    for form in forms:
        for table in ("funding", "indicator", "attribute"):
            if table in form:
                form[table] = _table(form[table])
    return forms


def _table(text: str) -> list[dict[str, str]]:
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    head, *rows = lines
    above = [""] * len(head)
    table = []
    for row in rows:
        assert len(row) == len(head), f"{len(head)} columns wanted: {row}"
        above = [old if cell == DITTO else cell for old, cell in zip(above, row, strict=True)]
        table.append(dict(zip(head, above, strict=True)))
    return table


def same(wanted: Any, got: Any) -> bool:
    """Whether a printed text and what was read agree: numbers by value, blank is NULL."""
    if wanted in ("", None) or got in ("", None):
        return wanted in ("", None) and got in ("", None)
    if str(wanted) == str(got):
        return True
    try:
        return Decimal(str(wanted)) == Decimal(str(got))
    except InvalidOperation:
        return False


def differences(wanted: dict[str, Any], got: ExtractedForm) -> list[str]:
    """What was read otherwise than typed; a column that the expectation does not name must be NULL."""
    wrong: list[str] = []

    def check(what: str, expected: Any, value: Any) -> None:
        if not same(expected, value):
            wrong.append(f"{what}: wanted {expected!r}, got {value!r}")

    for column in _PROJECT:
        check(column, wanted.get(column), got.project.get(column))
    total = next((row for row in wanted.get("funding", []) if row["source"] == "total"), {})
    check("execution_weight", wanted.get("execution_weight", total.get("weight")), got.project.get("execution_weight"))
    if "title" in wanted:
        check("title", wanted["title"], got.project.get("title"))
    rows = {row["source"]: row for row in got.funding}
    typed = {row["source"]: row for row in wanted.get("funding", [])}
    for source in sorted(rows.keys() | typed.keys()):
        if (source in rows) != (source in typed):
            wrong.append(f"funding {source}: {'missing' if source in typed else 'invented'} {rows.get(source)}")
            continue
        for short, column in _FUNDING.items():
            check(f"funding {source} {column}", typed[source].get(short), rows[source].get(column))
    indicators = wanted.get("indicator", [])
    if len(indicators) != len(got.indicator):
        wrong.append(f"{len(indicators)} indicators wanted, {len(got.indicator)} read")
    for n, (row, read) in enumerate(zip(indicators, got.indicator, strict=False), 1):
        for short, column in _INDICATOR.items():
            check(f"indicator {n} {column}", row.get(short, _DEFAULT.get(short)), read.get(column))
    kept = Counter((row["label"], row["value"]) for row in got.attribute)
    for row in wanted.get("attribute", []):
        if not kept[row["label"], row["value"]]:
            wrong.append(f"attribute {row['label']}: {row['value']!r} is not kept")
        kept[row["label"], row["value"]] -= 1
    problems = sorted(f"{row['code']} {row['text'] or ''}".strip() for row in got.problem)
    if problems != sorted(wanted.get("problems", [])):
        wrong.append(f"problems: wanted {sorted(wanted.get('problems', []))}, got {problems}")
    return wrong
