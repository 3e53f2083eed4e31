"""Money cells that print no number: the row stays what it is, the value is missing and told, no neighbour moves."""

from pathlib import Path

import pytest

from extractors.extract import extract
from extractors.values import is_failed_number

EXPORT = next((Path(__file__).parents[2] / "data" / "raw" / "440303" / "2024").glob("*.txt")).read_text("utf-8")
FORM = (
    EXPORT.split("项目支出绩效自评表")[0]
    + "项目支出绩效自评表"
    + EXPORT.split("项目支出绩效自评表")[1].split("\n\n")[0]
)


@pytest.mark.parametrize(
    "text", ["NaN", "-inf", "1.7976931348623157E+308", "1e400", "9" * 300, "#REF!", "#DIV/0!", "####"]
)
def test_what_a_program_writes_for_a_number_that_failed(text: str) -> None:
    assert is_failed_number(text)
    assert not is_failed_number(f"项目{text}") and not is_failed_number("180000.00")


@pytest.mark.parametrize("text", ["NaN", "1.7976931348623157E+308", "9" * 300, "#REF!", "待定", "详见附件"])
def test_a_budget_that_is_no_number_is_missing_and_told_and_the_other_amounts_stay(text: str) -> None:
    good = extract(FORM.encode()).forms[0].funding
    head, label, rest = FORM.partition("年度资金总额\t")
    first, *others = rest.split("\t")
    [form] = extract("\t".join([head + label + text, *others]).encode()).forms
    assert good[0]["initial_yuan"] == first
    assert form.funding == [{k: v for k, v in good[0].items() if k != "initial_yuan"}, *good[1:]]
    [problem] = [p for p in form.problem if p["code"] == "BAD_VALUE"]
    assert problem["text"] == text and problem["locator"]
