"""The key of a finding: the same over a new file of the form, another where the finding is another.

Here: finding.finding_key on the real export. Not here: marks that hang on it (unit tests of reviews).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from audited import Document, audit, new_warehouse

from extractors.extract import extract
from extractors.extraction import Record

pytestmark = pytest.mark.slow
EXPORT = next((Path(__file__).parents[3] / "data" / "raw" / "440303" / "2024").glob("*.txt"))
TEXT = EXPORT.read_text("utf-8-sig")


@cache
def findings(text: str, name: str, region_code: str = "440303") -> list[Record]:
    extraction = extract(text.encode(), region_code=region_code, fiscal_year=2024)
    return audit(new_warehouse(), [Document(name, extraction, f"{region_code}/2024/{name}.txt")])


def keys(rows: Iterable[Record]) -> set[str]:
    return {row["finding_key"] for row in rows}


def test_every_finding_has_a_key_of_its_own() -> None:
    rows = findings(TEXT, "a")
    assert len(keys(rows)) == len(rows) > 100
    assert all(key.startswith("f") and len(key) == 17 for key in keys(rows)), "no spreadsheet takes it for a number"


def test_a_new_file_of_the_forms_keeps_the_keys() -> None:
    before, after = findings(TEXT, "a"), findings("\n\n" + TEXT + "\n", "b")
    assert {row["finding_id"] for row in before}.isdisjoint({row["finding_id"] for row in after})
    assert keys(before) == keys(after)


def test_another_region_has_other_keys() -> None:
    assert keys(findings(TEXT, "a")).isdisjoint(keys(findings(TEXT, "a", "440305")))


def test_a_figure_that_changes_keeps_the_key_of_its_finding() -> None:
    """The print is no part of the key: that a mark was made of another print is what expires it."""
    before = next(row for row in findings(TEXT, "a") if row["check_code"] == "SCR_GAP_TO_EXECUTION")
    printed = str(before["printed"]).removesuffix("%")
    after = findings(TEXT.replace(printed, "91.23"), "c")
    same = [row for row in after if row["finding_key"] == before["finding_key"]]
    assert [row["check_code"] for row in same] == ["SCR_GAP_TO_EXECUTION"]
