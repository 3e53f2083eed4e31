"""Every rule that links forms over the years has forms that it links and forms that it must leave alone.

Here: the cases of `cases.toml`. Not here: names of units and projects as such (tests/unit/test_linking_names.py), whole
collections (tests/unit/test_linking_benchmark.py).

A form is a line: year, name, and what differs from a self-evaluation of the bureau with six indicators and 100 000
yuan: `code`, `region`, `unit`, `unit_code`, `department`, `kind`, `budget`, `indicators` (a letter each), `decided`
(the key that a person gave).
`links`: the lines "elder younger method decision", forms by number.
"""

import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from warehouse.linking import Decision, Series, series

RULES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))["rule"]
BUREAU = "滨海市云岭区应急管理局"
COLUMNS = ["form_id", "form_kind", "fiscal_year", "region_code", "project_name", "project_code", "unit_name"]
COLUMNS += ["unit_code", "department_name", "budget_adjusted_yuan"]
METHODS = {"decision", "code", "name", "score"}


def forms(text: str) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Decision, ...]]:
    """The project rows, their indicators and the decisions of a case."""
    rows, indicators, decisions = [], [], []
    for n, line in enumerate(text.strip("\n").split("\n"), 1):
        year, name, *more = (part.strip() for part in line.split("|"))
        given = dict(part.split("=") for part in more)
        row = {"form_id": f"f{n}", "form_kind": given.get("kind", "self_evaluation")}
        row |= {"region_code": given.get("region", "440399")}
        row |= {"fiscal_year": int(year), "project_name": name, "project_code": given.get("code")}
        row |= {"unit_name": given.get("unit", BUREAU) or None, "unit_code": given.get("unit_code")}
        row |= {"department_name": given.get("department", BUREAU) or None}
        row |= {"budget_adjusted_yuan": float(given["budget"]) if "budget" in given else 100_000.0}
        rows.append(row)
        indicators += [
            {"form_id": f"f{n}", "level3": f"供餐{letter}项"} for letter in given.get("indicators", "甲乙丙丁戊己")
        ]
        if "decided" in given:
            decisions.append(Decision(given["decided"], "李", form_id=f"f{n}"))
    return (
        pd.DataFrame(rows, columns=COLUMNS),
        pd.DataFrame(indicators, columns=["form_id", "level3"]),
        tuple(decisions),
    )


def linked(case: dict[str, Any]) -> Series:
    projects, indicators, decisions = forms(case["forms"])
    return series(projects, indicators, decisions, None)


def links(case: dict[str, Any]) -> list[str]:
    found = linked(case).links
    columns = (found[name].tolist() for name in ("form_id_a", "form_id_b", "method", "decision"))
    return sorted(f"{a[1:]} {b[1:]} {method} {decision}" for a, b, method, decision in zip(*columns, strict=True))


def projects(case: dict[str, Any]) -> set[frozenset[int]]:
    """The forms of each project, by number."""
    of_project: dict[str, set[int]] = {}
    mapping = linked(case).mapping
    for form, project in zip(mapping["form_id"], mapping["series_id"], strict=True):
        of_project.setdefault(project, set()).add(int(form[1:]))
    return set(map(frozenset, of_project.values()))


def declared(case: dict[str, Any]) -> list[str]:
    return sorted(line for line in case["links"].strip("\n").split("\n") if line)


ALL = [
    pytest.param(case, id=f"{rule['says']}, {kind} {n}")
    for rule in RULES
    for kind in ("pass", "miss")
    for n, case in enumerate(rule.get(kind, []), 1)
]


@pytest.mark.parametrize("case", ALL)
def test_forms_are_linked_as_a_person_links_them(case: dict[str, Any]) -> None:
    assert links(case) == declared(case)


@pytest.mark.parametrize("case", [rule["pass"][0] for rule in RULES], ids=[rule["says"] for rule in RULES])
def test_projects_do_not_depend_on_the_order_of_the_forms(case: dict[str, Any]) -> None:
    lines = case["forms"].strip("\n").split("\n")
    turned = projects({"forms": "\n".join(reversed(lines))})
    assert projects(case) == {frozenset(len(lines) + 1 - n for n in group) for group in turned}


def test_every_rule_has_a_pass_and_a_near_miss() -> None:
    assert [rule["says"] for rule in RULES if not (rule.get("pass") and rule.get("miss"))] == []


def test_every_method_and_decision_is_met() -> None:
    met = {tuple(line.split()[2:]) for rule in RULES for case in rule["pass"] for line in declared(case)}
    assert {method for method, _ in met} == METHODS
    assert {decision for _, decision in met} == {"link", "review"}
