"""The codes: each is declared once and explained, and no other text stands for one."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.codes import Code, ProblemCode, ReasonCode
from warehouse.schema.tables import TABLES

ROOT = Path(__file__).parents[2]
SOURCES = [path for room in ("extractors", "warehouse", "pipelines") for path in sorted((ROOT / room).rglob("*.py"))]
SQL = [path for room in ("warehouse", "pipelines") for path in sorted((ROOT / room).rglob("*.sql"))]
GROUPS = (("reason", ReasonCode), ("problem", ProblemCode))
_IN_SQL = re.compile(r"\b(?:reason_)?code\s*(?:=|AS)\s*'([A-Z_]+)'|'([A-Z_]+)' AS code\b")
_MEMBER = re.compile(r"ReasonCode\.([A-Z_]+)")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_COMING = {"INCOMPLETE"}
"""Declared for users to build on; no reader gives them yet."""


@pytest.mark.parametrize(("group", "codes"), GROUPS)
def test_each_code_has_its_explanation_in_both_languages(group: str, codes: type[Code]) -> None:
    declared = tomllib.loads((ROOT / "extractors" / "codes.toml").read_text("utf-8"))
    assert list(declared[group]) == list(codes)
    for code in codes:
        text = code.explained
        assert re.search("[\u4e00-\u9fff]", text.label_zh) and re.search(
            "[\u4e00-\u9fff]", text.meaning_zh + text.remedy_zh
        )
        assert text.meaning_en.isascii() and text.remedy_en.isascii()
        assert text.severity in {"error", "warning", "info"}


def test_no_code_is_both_a_reason_and_a_problem() -> None:
    assert set(map(str, ReasonCode)).isdisjoint(map(str, ProblemCode))


def test_the_tables_allow_the_declared_codes_and_no_other() -> None:
    assert list(TABLES["document"].column("reason_code").allowed) == list(ReasonCode)
    assert list(TABLES["problem"].column("code").allowed) == [*ReasonCode, *ProblemCode]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_names_a_code_by_its_member_only(path: Path) -> None:
    texts = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
    assert texts & {*map(str, ReasonCode), *map(str, ProblemCode)} == set()


def sql_codes() -> Iterator[str]:
    for path in SQL + SOURCES:
        for match in _IN_SQL.finditer(path.read_text("utf-8")):
            yield match[1] or match[2]


def test_every_code_in_sql_is_declared() -> None:
    found = set(sql_codes())
    assert "DUPLICATE" in found and found <= {*map(str, ReasonCode), *map(str, ProblemCode)}


def test_every_reason_is_given_somewhere() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    given = {*_MEMBER.findall(text), *sql_codes()}
    assert set(map(str, ReasonCode)) - given - _COMING == set()
