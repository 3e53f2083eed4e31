"""The key of a finding: the same in a new file of the form, another for another form, row or check.

Here: the keys alone. Not here: what is found (test_codes), the marks that people put on findings by key.
"""

from __future__ import annotations

from typing import Any

from audited import Document, audit, extracted, merged, new_warehouse, typed
from test_codes import identity

from extractors.extraction import LOADED, Extraction, Record

EXCESS = {"funding": {"carryover": {"adjusted_yuan": "10100"}}, "row": {"2": {"score": "15"}}}


def found(name: str, *edits: dict[str, Any]) -> list[Record]:
    form = extracted(merged(typed("base.toml")["base"], identity(1, 0), *edits))
    return audit(new_warehouse(), [Document(name, Extraction(LOADED, format="text", forms=[form]), f"{name}.txt")])


def keys(name: str, *edits: dict[str, Any]) -> dict[str, str]:
    rows = found(name, *edits)
    by_key = {row["finding_key"]: row["check_code"] for row in rows}
    assert len(by_key) == len(rows)
    return {code: key for key, code in by_key.items()}


def test_a_new_file_of_the_form_has_the_keys_of_the_old_one_and_other_ids() -> None:
    old, new = found("旧", EXCESS), found("新", EXCESS)
    assert {row["finding_key"] for row in old} == {row["finding_key"] for row in new}
    assert not {row["finding_id"] for row in old} & {row["finding_id"] for row in new}


def test_a_row_more_above_it_leaves_the_key_of_a_finding_as_it_is() -> None:
    more = {"row": {"1": "产出指标（50分） | 数量指标 | 上架书架数 | ≥3组 | 3组 | 0 | 0 |"}}
    moved = {"row": {"8": "产出指标（50分） | 数量指标 | 图书购置册数 | ≥1000册 | 1080册 | 16 | 16 |"}}
    assert keys("旧", EXCESS)["SCR_GT_WEIGHT"] == keys("新", EXCESS, more, moved)["SCR_GT_WEIGHT"]


def test_another_year_project_unit_or_region_has_other_keys() -> None:
    own = keys("旧", EXCESS)["SCR_GT_WEIGHT"]
    others = ({"fiscal_year": 2023}, {"project_code": "440303241180000000099"}, {"unit_code": "118002"})
    for other in (*others, {"region_code": "440304"}, {"form_kind": "department"}):
        assert keys("新", EXCESS, {"project": other}).get("SCR_GT_WEIGHT") != own


def test_two_findings_of_one_kind_on_equal_rows_have_two_keys() -> None:
    twin = {"row": {"1": "产出指标（50分） | 质量指标 | 新书完好率 | ≥95% | 98% | 16 | 17 |"}}
    rows = [row for row in found("旧", EXCESS, twin) if row["check_code"] == "SCR_GT_WEIGHT"]
    assert len({row["finding_key"] for row in rows}) == 2
