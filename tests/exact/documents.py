"""All that is read of the documents in the tests, to the last value, place and problem: `make exact` writes it anew.

Here: which documents, the lines that stand for them, writing them anew. Not here: whether what is read is right: that
is typed by hand for tests/accuracy and tests/golden; here a change that nobody meant is noticed.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractors.extract import extract
from extractors.extraction import Extraction

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ACCURACY = ROOT / "tests" / "accuracy" / "raw"
GOLDEN = ROOT / "tests" / "golden" / "forms" / "cases"
KEPT = HERE / "lines.json.xz"
READABLE = HERE / "readable"
SMALL = (
    "blank-values.txt",
    "central-2020-selfreview.txt",
    "csv-like-system-export.txt",
    "deviation-in-header.txt",
    "fund-use-transposed.txt",
    "guangdong-weights-percent.txt",
    "indicators-without-level1.xlsx",
    "label-colon-value-cells.html",
    "levels-with-chinese-numbers.html",
    "merged-target-over-two-indicators.html",
    "monitoring-july.txt",
    "money-in-sentence.txt",
    "several-goals-numbered.txt",
)
"""Those of the golden forms whose lines stand in a file that a person can read."""

TABLES = ("funding", "indicator", "attribute", "provenance", "problem")


def documents() -> list[str]:
    """Every document, by its path from the root."""
    found = [*(p for p in ACCURACY.rglob("*") if p.is_file()), *(p for p in GOLDEN.iterdir() if p.suffix != ".toml")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def read(document: str) -> Extraction:
    """Read a document as an ingestion does: below a region and a year its folders are hints."""
    path = ROOT / document
    if not path.is_relative_to(ACCURACY):
        return extract(path.read_bytes())
    region, year, *_ = path.relative_to(ACCURACY).parts
    return extract(path.read_bytes(), region_code=region, fiscal_year=int(year))


def lines(extraction: Extraction) -> list[str]:
    """One line for the document, one for each form and one for each row of it, without what is NULL."""
    outcome = {"status": extraction.status, "reason_code": extraction.reason_code, "format": extraction.format}
    outcome |= {"page_count": extraction.page_count, "problem": extraction.problem, "read_by": extraction.read_by}
    return [f"document {_text(outcome)}", *(line for form in enumerate(extraction.forms, 1) for line in _form(*form))]


def _form(number: int, form: Any) -> Iterator[str]:
    yield f"{number} project {_text(form.project)}"
    yield f"{number} checks {_text(form.checks)}"
    for table in TABLES:
        for row in getattr(form, table):
            yield f"{number} {table} {_text(row)}"


def _text(row: dict[str, Any]) -> str:
    said = {name: value for name, value in row.items() if value is not None and value != [] and value != {}}
    return json.dumps(said, ensure_ascii=False, separators=(", ", ": "), default=str)


def kept() -> dict[str, list[str]]:
    """The lines written before, by document."""
    found: dict[str, list[str]] = json.loads(lzma.decompress(KEPT.read_bytes()))
    return found | {
        (GOLDEN / name).relative_to(ROOT).as_posix(): (READABLE / f"{name}.lines")
        .read_text("utf-8")
        .removesuffix("\n")
        .split("\n")
        for name in SMALL
    }


def main() -> None:
    """Write the lines of all documents anew; what changed is seen in the diff of readable/ and told by `git diff`."""
    found = {document: lines(read(document)) for document in documents()}
    for name in SMALL:
        text = "\n".join(found.pop((GOLDEN / name).relative_to(ROOT).as_posix()))
        (READABLE / f"{name}.lines").write_text(f"{text}\n", encoding="utf-8")
    KEPT.write_bytes(lzma.compress(json.dumps(found, ensure_ascii=False).encode(), preset=9))


if __name__ == "__main__":
    main()
