"""How much of the truth set is read right: `python -m tests.accuracy.score [--by BY] [--misses N] [--json]`.

Here: comparing what `extract` gives with expected.json, field by field. Not here: how well it must do.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from extractors.extract import extract
from extractors.extraction import ExtractedForm

HERE = Path(__file__).parent
NUMBERS = re.compile(r"_(?:yuan|pct|value|points)$|^(?:execution_|total_)?(?:weight|score)$|^fiscal_year$")


@dataclass(frozen=True)
class Field:
    """One expected field and whether it was read right."""

    name: str
    layout: str
    made_by: str
    path: str
    wanted: Any
    got: Any
    right: bool


def fold(text: Any) -> str:
    """A text in one width, without white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text))).replace("；", ";") if text is not None else ""


def same(name: str, wanted: Any, got: Any) -> bool:
    """Whether a field is right: numbers by value, units without 个, texts folded."""
    if wanted is None or got is None:
        return wanted is None and got is None
    if NUMBERS.search(name):
        try:
            return abs(Decimal(str(wanted)) - Decimal(str(got))) <= Decimal("0.005")
        except InvalidOperation:
            return False
    if name == "target_unit":
        return fold(wanted).removeprefix("个") == fold(got).removeprefix("个")
    return fold(wanted) == fold(got)


def compare(document: dict[str, Any], forms: list[ExtractedForm]) -> Iterator[Field]:
    """Every expected field of a document beside what was read; a form too many counts as one wrong field."""

    def field(name: str, layout: str, wanted: Any, got: Any) -> Field:
        return Field(name, layout, document["made_by"], document["path"], wanted, got, same(name, wanted, got))

    layouts = [form["layout"] for form in document["forms"]]
    yield field("form_count", layouts[0], len(layouts), len(forms))
    for n, wanted in enumerate(document["forms"]):
        layout = wanted["layout"]
        got = forms[n] if n < len(forms) else ExtractedForm({})
        for name, value in wanted["project"].items():
            yield field(f"project.{name}", layout, value, got.project.get(name))
        funding = {row["source"]: row for row in got.funding}
        for source, row in wanted["funding"].items():
            for name, value in row.items():
                yield field(f"funding.{name}", layout, value, funding.get(source, {}).get(name))
        annual = [row for row in got.indicator if row["horizon"] == "annual"]
        yield field("indicator_count", layout, len(wanted["indicator"]), len(annual))
        for k, row in enumerate(wanted["indicator"]):
            for name, value in row.items():
                yield field(f"indicator.{name}", layout, value, annual[k].get(name) if k < len(annual) else None)


def score(documents: list[dict[str, Any]] | None = None) -> tuple[list[Field], Counter[str]]:
    """All fields of the truth set, and the reader's problems on it by code (`cells`: printed cells in all)."""
    fields: list[Field] = []
    problems: Counter[str] = Counter()
    for document in documents if documents is not None else json.loads((HERE / "expected.json").read_text("utf-8")):
        region, year, _ = document["path"].split("/", 2)
        got = extract((HERE / "raw" / document["path"]).read_bytes(), region_code=region, fiscal_year=int(year))
        fields += compare(document, got.forms)
        for form in got.forms:
            problems.update(row["code"] for row in form.problem)
            problems["cells"] += form.checks["cells"]
    return fields, problems


def groups(fields: list[Field], by: str) -> dict[str, tuple[int, int]]:
    """(right, all) by field, layout or format."""
    key = {"field": "name", "layout": "layout", "format": "made_by"}[by]
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for f in fields:
        counted[getattr(f, key)][0] += f.right
        counted[getattr(f, key)][1] += 1
    return {
        name: (right, total) for name, (right, total) in sorted(counted.items(), key=lambda kv: kv[1][0] / kv[1][1])
    }


def main() -> None:
    """Print the shares, worst first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--by", choices=["field", "layout", "format", "all"], default="all")
    parser.add_argument("--misses", type=int, default=20, help="how many wrong fields to list")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    fields, problems = score()
    tables = {by: groups(fields, by) for by in (["field", "layout", "format"] if args.by == "all" else [args.by])}
    right = sum(f.right for f in fields)
    if args.json:
        json.dump(
            {"right": right, "total": len(fields), "groups": tables, "problems": problems},
            sys.stdout,
            ensure_ascii=False,
        )
        return
    for by, table in tables.items():
        print(f"\nby {by}")
        for name, (good, total) in table.items():
            print(f"{good / total:8.2%} {good:6d}/{total:<6d} {name}")
    for f in [f for f in fields if not f.right][: args.misses]:
        print(f"wrong: {f.path} [{f.layout}] {f.name}: wanted {f.wanted!r}, got {f.got!r}")
    cells = problems.pop("cells")
    print(f"\nproblems of {cells} cells: {dict(problems)}")
    print(f"fields right {right}/{len(fields)} = {right / len(fields):.4%}")


if __name__ == "__main__":
    main()
