"""The catalogue of checks: complete, well formed, and each check of a machine is tested in both directions."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from audited import HERE, typed

from warehouse.checks import RULES, check_rules
from warehouse.checks.audit import statements
from warehouse.checks.registry import GROUPS, read_rules
from warehouse.schema.tables import TABLES
from warehouse.schema.validate import validate

MACHINE = [rule.code for rule in RULES.values() if rule.decides == "machine"]
PRINTED_BY_GROUP = {"header": 19, "money": 19, "weights": 11, "scores": 22, "wording": 42, "years": 14}


@cache
def cases() -> list[dict[str, Any]]:
    files = [*sorted((HERE / "cases").glob("*.toml")), HERE / "years.toml"]
    return [case for path in files for case in typed(str(path.relative_to(HERE)))["case"]]


def raised(case: dict[str, Any]) -> set[str]:
    """The codes that a case says are raised, in whichever form of it."""
    own = case.get("raises", [])
    lists = list(own.values()) if isinstance(own, dict) else [own]
    lists += [form.get("raises", []) for form in case.get("form", [])]
    return {code for codes in lists for code in codes}


def test_the_catalogue_has_127_checks_of_which_one_is_left_to_people() -> None:
    by_group = {group: sum(rule.group == group for rule in RULES.values()) for group in GROUPS}
    tgt_and_act_missing = 1
    by_group["wording"] -= tgt_and_act_missing
    assert by_group == PRINTED_BY_GROUP
    assert set(RULES) - set(MACHINE) == {"TXT_GOAL_NOT_COVERED"}


@pytest.mark.parametrize("code", MACHINE)
def test_a_check_has_a_case_that_raises_it_and_a_near_miss_that_does_not(code: str) -> None:
    own = [code in raised(case) for case in cases() if case["code"] == code]
    assert True in own and False in own


def test_a_check_yields_to_others_of_the_catalogue_that_yield_to_none() -> None:
    yielding = {code: rule.yields_to for code, rule in RULES.items() if rule.yields_to}
    assert yielding and all(set(stronger) <= set(MACHINE) - set(yielding) for stronger in yielding.values())


@pytest.mark.parametrize("code", [code for code, rule in RULES.items() if len(rule.severities) > 1])
def test_a_check_of_several_severities_has_a_case_for_each(code: str) -> None:
    named = {
        entry["severity"]
        for case in cases()
        if case["code"] == code
        for entry in (case, *case.get("form", []))
        if "severity" in entry
    }
    assert named == set(RULES[code].severities)


def test_every_case_is_told_apart_by_its_sentence() -> None:
    sentences = [(case["code"], case["says"]) for case in cases()]
    assert len(set(sentences)) == len(sentences) and {code for code, _ in sentences} <= set(MACHINE)


@pytest.mark.parametrize("group", GROUPS)
def test_every_check_decided_by_a_machine_has_one_statement_in_the_file_of_its_group(group: str) -> None:
    of_group = {code for code in statements("everywhere") if RULES[code].group == group}
    assert {*statements(group), *of_group} == {code for code in MACHINE if RULES[code].group == group}


def test_the_rows_of_check_rule_are_what_the_table_declares() -> None:
    frame, rejected = validate(TABLES["check_rule"], check_rules())
    assert rejected == [] and list(frame["check_code"]) == list(RULES)
    assert set(frame["severity"]) == {"error", "warning", "info"}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('severity = ["grave"]', "grave"),
        ("severity = []", "severity"),
        ('verdict = "guilty"', "guilty"),
        ('tolerance = "一点"', "一点"),
        ('remark = "?"', "remark"),
    ],
)
def test_a_declaration_that_is_wrong_names_its_file_and_rule(line: str, wrong: str) -> None:
    rule = {"name": '"甲"', "severity": '["error"]', "formula": '"甲"', "formula_en": '"a"', "verdict": '"remark"'}
    key, _, value = line.partition(" = ")
    text = "\n".join(f"{k} = {v}" for k, v in (rule | {key: value}).items())
    with pytest.raises(ValueError, match=rf"rules/money\.toml, FUND_NEW: .*{wrong}"):
        read_rules("money", f'group = "资金"\n[FUND_NEW]\n{text}\n')
