"""Every check on small typed forms: what raises it, what nearly does and must not, and nothing else beside it.

Here: cases/*.toml, all in one warehouse, each case in a region of its own. Not here: the real export.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from audited import HERE, Document, audit, extracted, merged, new_warehouse, typed

from extractors.extraction import LOADED, Extraction, Record
from warehouse.checks import RULES

NAMES = ("社区图书室购置", "街道舞蹈队培训", "公园座椅维修", "历史档案整理", "健身步道铺设")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A case of the files: `forms` are whole typed forms, each with what it raises."""

    code: str
    says: str
    number: int
    forms: tuple[dict[str, Any], ...]
    severity: str | None
    verdict: str | None

    @property
    def raises(self) -> bool:
        return any(self.code in form["raises"] for form in self.forms)


def read_cases() -> list[Case]:
    base, cases = typed("base.toml")["base"], []
    specs = [spec for path in sorted((HERE / "cases").glob("*.toml")) for spec in typed(f"cases/{path.name}")["case"]]
    for number, spec in enumerate(specs, 1):
        edits = spec.get("form", [spec])
        forms = [merged(base, identity(number, n), {"raises": []}, edit) for n, edit in enumerate(edits)]
        found = [e for e in (spec, *edits) if "severity" in e], [e for e in (spec, *edits) if "verdict" in e]
        severity, verdict = (f[0][key] if f else None for f, key in zip(found, ("severity", "verdict"), strict=True))
        cases.append(Case(spec["code"], spec["says"], number, tuple(forms), severity, verdict))
    return cases


def identity(number: int, n: int) -> dict[str, Any]:
    """The region, unit and project of the n-th form of a case, so that cases do not meet in checks across forms."""
    return {
        "project": {
            "title": f"{NAMES[n]}项目支出绩效自评表",
            "project_name": NAMES[n],
            "project_code": f"44030324118{number:08}{n:02}",
            "region_code": f"{100000 + number}",
            "unit_name": f"罗湖区{number}号文化馆",
            "unit_code": "118001",
            "department_name": "罗湖区文化局",
        }
    }


CASES = read_cases()


@cache
def documents(case: Case) -> list[tuple[Document, list[dict[str, Any]]]]:
    """The documents of a case with the typed forms in each."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for n, form in enumerate(case.forms):
        grouped.setdefault(form.get("document", f"文件{n}"), []).append(form)
    return [
        (
            Document(
                f"{case.number}/{name}",
                Extraction(LOADED, format="text", forms=[extracted(form) for form in forms]),
                forms[0].get("path", f"{case.number}/{name}.txt"),
                tuple(forms[0].get("copies", ())),
            ),
            forms,
        )
        for name, forms in grouped.items()
    ]


@pytest.fixture(scope="module")
def findings() -> dict[str, list[Record]]:
    """The findings of all cases by form."""
    found: dict[str, list[Record]] = {}
    for row in audit(new_warehouse(), [d for case in CASES for d, _ in documents(case)]):
        found.setdefault(row["form_id"], []).append(row)
    return found


@pytest.mark.slow
def test_in_slices_of_regions_the_findings_are_those_of_the_whole(findings: dict[str, list[Record]]) -> None:
    sliced = audit(new_warehouse(), [d for case in CASES for d, _ in documents(case)], slices=3)
    whole = [row for rows in findings.values() for row in rows]
    assert sliced == sorted(whole, key=lambda row: str(row["finding_id"]))
    assert {"HDR_DUPLICATE_FORM", "HDR_DUPLICATE_CONTENT"} < {row["check_code"] for row in sliced}


def of_case(case: Case, findings: dict[str, list[Record]]) -> list[tuple[dict[str, Any], list[Record]]]:
    return [
        (form, findings.get(document.form_id(n), []))
        for document, forms in documents(case)
        for n, form in enumerate(forms, 1)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.says}")
def test_a_form_raises_what_is_wrong_with_it_and_nothing_else(case: Case, findings: dict[str, list[Record]]) -> None:
    for form, found in of_case(case, findings):
        assert sorted({row["check_code"] for row in found}) == sorted(form["raises"]), found
        own = [row for row in found if row["check_code"] == case.code]
        assert {row["severity"] for row in own} <= set(
            [case.severity] if case.severity else RULES[case.code].severities
        )
        assert case.verdict is None or {row["verdict"] for row in own} <= {case.verdict}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.says}")
def test_a_message_is_one_sentence_that_names_what_is_printed(case: Case, findings: dict[str, list[Record]]) -> None:
    for _, found in of_case(case, findings):
        for row in found:
            message = row["message"]
            assert re.fullmatch(r"[^\n]+。", message) and not re.search(r"。[^。」』]*。$", message), message
            assert not re.search(r"NULL|None|「」", message), message
            if row["printed"] not in (None, "空白") and row["field"] != "goal_actual":
                plain = re.sub(r"(?<=\d),(?=\d{3})", "", message)
                assert all(part in plain for part in parts(row["printed"])), row


def parts(printed: str) -> list[str]:
    """What of a printed value a message must repeat: its figures, else its first words."""
    return re.findall(r"\d+(?:\.\d+)?", printed)[:2] or [printed[:8]]
