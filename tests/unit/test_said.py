"""Codes of tables in words for people: each that the code can give has some, and what is none stays as it is."""

import ast
import re
from pathlib import Path

import pytest

from extractors.readings import compare
from pages import wording
from warehouse.views.declarations import VIEWS

_PART = re.compile(r"[a-z]+(?:_[a-z]+)*")


def given() -> set[str]:
    """The parts of a basis as compare.py writes them: the third argument of Comparison, and what becomes one."""
    tree = ast.parse(Path(compare.__file__).read_text("utf-8"))
    found = {
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Comparison" and len(node.args) > 2
        for text in ast.walk(node.args[2])
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
        for part in text.value.split(":")
    }
    appended = {
        text.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append"
        for text in ast.walk(node)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }
    returned = {
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    return {part for part in found | appended | returned if _PART.fullmatch(part)}


def test_each_part_of_a_basis_has_words() -> None:
    parts = given() | {f"{side}_is_{what}" for side in ("target", "actual") for what in ("approximate",)}
    assert len(parts) > 15
    assert {part for part in parts if wording.basis(part) == part} == set()


def test_a_basis_of_several_parts_says_each() -> None:
    assert wording.basis("numeric:bare_target") == "按数值比较；目标没有比较符号，按不低于"
    assert wording.basis("numeric:bare_targets") == "按数值比较；bare_targets"
    assert wording.basis(None) == ""


@pytest.mark.parametrize(
    ("view", "column", "value", "words"),
    [
        ("v_attention", "kind", "no_money", "没有金额"),
        ("v_attention", "kind", "no_moneys", "no_moneys"),
        ("v_finding", "field", "actual_text", "实际完成值"),
        ("v_finding", "field", "actual", "actual"),
        ("v_finding", "severity", "warning", "警告"),
        ("v_indicator", "compare_basis", "date", "按日期比较"),
        ("v_indicator", "level3", "date", "date"),
    ],
)
def test_a_code_is_said_in_words_and_a_text_as_it_is(view: str, column: str, value: str, words: str) -> None:
    assert wording.said(VIEWS[view].column(column), value) == words
