"""The pages below docs/: their generated parts are fresh, and what they link to exists."""

import re

import pytest

from tools.docs import PAGES, PARTS, ROOT, part_names, renewed
from warehouse.checks import RULES

TEXTS = {page.name: page.read_text("utf-8") for page in PAGES}


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_is_as_make_docs_writes_it(name: str) -> None:
    assert renewed(TEXTS[name]) == TEXTS[name], "run make docs"


def test_every_generated_part_stands_in_one_page() -> None:
    assert sorted(part for text in TEXTS.values() for part in part_names(text)) == sorted(PARTS)


def test_an_edited_part_is_made_anew_and_the_rest_left_alone() -> None:
    text = TEXTS["checks.md"]
    edited = text.replace("| `FUND_SUM_MISMATCH` |", "| `FUND_SUM_WRONG` |")
    assert edited != text and renewed(edited) == text
    assert renewed("before\n" + text + "after\n") == "before\n" + text + "after\n"


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_linked_from_a_page_exists(name: str) -> None:
    page = next(page for page in PAGES if page.name == name)
    links = [link for link in re.findall(r"\]\(([^)#:]+)\)", TEXTS[name]) if not (page.parent / link).exists()]
    assert links == []


def test_the_page_of_checks_has_each_check_once_with_both_languages() -> None:
    rows = [line for line in TEXTS["checks.md"].splitlines() if re.match(r"\| `[A-Z]", line)]
    assert [row.split("`")[1] for row in rows] == list(RULES)
    for row, rule in zip(rows, RULES.values(), strict=True):
        cells = row.replace("\\|", "|")
        assert rule.name in cells and rule.formula in cells and rule.formula_en in cells
        assert rule.tolerance_en is None or rule.tolerance_en in cells


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_named_in_a_page_exists(name: str) -> None:
    named = set(re.findall(r"`((?:warehouse|extractors|tests)/[\w/.]+)`", TEXTS[name]))
    assert {path for path in named if not (ROOT / path).exists()} == set()
