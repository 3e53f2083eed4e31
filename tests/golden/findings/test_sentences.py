"""The sentence of every check with money in 万元, empty cells, zeros and long names: what no sentence may say.

Here: the forms of the cases, altered so. Not here: what is found (test_codes).
"""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from audited import Document, audit, extracted, new_warehouse
from test_codes import CASES

from extractors.extraction import LOADED, Extraction, Record
from warehouse.checks.audit import statements

LONG = "街道各社区图书室和流动图书车为居民特别是老年读者提供借阅服务所需的"
FORBIDDEN = {
    "an empty value": r"「空」|「」|（空）|为空 ",
    "a value of the program": r"None|NULL|nan\b|\binf\b",
    "an empty bracket": r"（）",
    "two marks in a row": r"[，；、。]{2,}|[，；]的",
}
"""What must not stand in a sentence, by what it would be."""


def altered(form: dict[str, Any]) -> dict[str, Any]:
    """A form of the cases in 万元, with long names, and a source of money of which nothing is printed."""
    changed = copy.deepcopy(form)
    changed["project"]["money_unit"] = "万元"
    changed.setdefault("funding", {})["other"] = {"label": "其他资金", **(changed["funding"].get("other") or {})}
    return changed


def lengthened(form: Any) -> Any:
    for row in form.indicator:
        if row.get("level3"):
            row["level3"] = LONG + row["level3"]
    return form


@pytest.fixture(scope="module")
def sentences() -> list[Record]:
    """The findings on the forms of all cases, so altered."""
    documents = []
    for case in CASES:
        forms = [lengthened(extracted(altered(form))) for form in case.forms]
        documents.append(
            Document(f"{case.number}", Extraction(LOADED, format="text", forms=forms), f"{case.number}.txt")
        )
    found = audit(new_warehouse(), documents)
    assert len({row["check_code"] for row in found}) > 80
    return found


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_sentence_says(what: str, sentences: list[Record]) -> None:
    assert not [row["message"] for row in sentences if re.search(FORBIDDEN[what], row["message"])]


def test_amounts_of_a_form_in_wan_are_told_in_wan_with_yuan_in_brackets(sentences: list[Record]) -> None:
    said = [row["message"] for row in sentences if row["check_code"].startswith("FUND_") and "万元（" in row["message"]]
    assert said
    for message in said:
        for wan, yuan in re.findall(r"(-?[\d.]+) 万元（(-?[\d.]+) 元）", message):
            assert abs(float(wan) * 10000 - float(yuan)) < 0.01, message


def test_computed_figures_have_no_zeros_behind_the_last_digit(sentences: list[Record]) -> None:
    for row in sentences:
        printed = f"{row['printed']} {row['expected']}"
        for figure in re.findall(r"\d+\.\d*0(?!\d)", row["message"]):
            quoted = any(figure in part for part in re.findall(r"「[^」]*」", row["message"]))
            assert quoted or figure in printed, row["message"]


def test_a_difference_of_percentages_is_that_of_the_two_figures_shown(sentences: list[Record]) -> None:
    told = [
        re.findall(r"([\d.]+)%", row["message"])[:2] + re.findall(r"相差 ([\d.]+) 个百分点", row["message"])
        for row in sentences
        if "个百分点，" in row["message"]
    ]
    assert told
    for first, second, apart in told:
        assert abs(float(first) - float(second) - float(apart)) < 0.000001


def test_a_limit_is_the_one_that_makes_the_severity(sentences: list[Record]) -> None:
    told = [row for row in sentences if row["check_code"] == "FUND_LOW_EXECUTION_UNEXPLAINED"]
    for row in told:
        limit = {"error": ("60",), "warning": ("60", "80"), "info": ("90",)}[row["severity"]]
        assert re.search(r"低于 (\d+)%，", row["message"])[1] in limit, row["message"]  # type: ignore[index]
    assert {row["severity"] for row in told} == {"error", "warning", "info"}


def test_a_quoted_text_that_is_cut_says_so() -> None:
    connection = new_warehouse()
    connection.execute(statements("base")["macros"])
    query = "SELECT short('一二三四五', 3), short('一二三', 3), said('≥12', '栋'), said('≥12栋', '栋'), said('12', '/')"
    assert connection.execute(query).fetchall() == [("一二三…", "一二三", "≥12栋", "≥12栋", "12")]
