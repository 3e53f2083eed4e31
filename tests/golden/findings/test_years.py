"""The checks across years on one project with three forms: what raises each, what nearly does, and nothing else.

Here: years.toml, every case a project of its own, all in one warehouse. Not here: how forms become a series (linking).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from audited import Document, audit, extracted, merged, new_warehouse, typed

from extractors.extraction import LOADED, Extraction, Record

YEARS = ("2022", "2023", "2024")
BASE = typed("base.toml")["base"]
OWN = typed("years.toml")["year"]


@dataclass(frozen=True, slots=True)
class Case:
    """One project: `forms` are the typed forms by year; `raises` the codes by year."""

    code: str
    says: str
    forms: dict[str, dict[str, Any]]
    raises: dict[str, list[str]]
    alone: tuple[int, ...]

    def document(self, year: str) -> Document:
        extraction = Extraction(LOADED, format="text", forms=[extracted(self.forms[year])])
        return Document(f"{self.code}/{self.says}/{year}", extraction, f"{self.code}/{self.says}/{year}.txt")

    def series(self) -> dict[str, str]:
        """The series of each form: one for the case, and one of their own for the years that do not belong to it."""
        name = f"{self.code} {self.says}"
        return {
            self.document(year).form_id(1): name + (f" {year}" if int(year) in self.alone else "")
            for year in self.forms
        }


def read_cases() -> list[Case]:
    cases = []
    for number, spec in enumerate(typed("years.toml")["case"], 1):
        identity = {
            "project": {
                "project_code": f"44030322118{number:010}",
                "region_code": f"{200000 + number}",
                "unit_name": "罗湖区文化馆",
                "unit_code": f"{118000 + number}",
                "department_name": "罗湖区文化局",
            }
        }
        years = [year for year in YEARS if int(year) not in spec.get("without", [])]
        forms = {year: merged(BASE, identity, OWN[year], spec.get(year, {})) for year in years}
        alone = tuple(spec.get("other_series", ()))
        cases.append(Case(spec["code"], spec["says"], forms, spec.get("raises", {}), alone))
    return cases


CASES = read_cases()


@pytest.fixture(scope="module")
def findings() -> dict[str, list[Record]]:
    """The findings of all cases by form."""
    documents = [case.document(year) for case in CASES for year in case.forms]
    series = {form: name for case in CASES for form, name in case.series().items()}
    found: dict[str, list[Record]] = {}
    for row in audit(new_warehouse(), documents, series):
        found.setdefault(row["form_id"], []).append(row)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.says}")
def test_a_year_raises_what_is_wrong_beside_the_years_before(case: Case, findings: dict[str, list[Record]]) -> None:
    for year in case.forms:
        found = findings.get(case.document(year).form_id(1), [])
        assert sorted({row["check_code"] for row in found}) == sorted(case.raises.get(year, [])), (year, found)
