"""The mutation run itself: what counts as a mistake, and that a tested line and an untested one are told apart."""

import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tools.mutants.sites import mutants, says_otherwise

ROOT = Path(__file__).parents[2]
MODULE = '''"""A module."""

LIMIT = 3


def fits(number: int) -> bool:
    """Whether a number fits."""
    return number < LIMIT


def unlooked(number: int) -> bool:
    return number > 7
'''
TEST = """from small.rules import fits, unlooked


def test_rules():
    unlooked(20)
    assert fits(2) and not fits(3)
"""
DATA = '[role]\nwith = [\n  "甲",\n  "乙",\n]\nis = ["丙", "丁"]\nleast = 3\n'


EQUIVALENT = tomllib.loads((ROOT / "tests" / "mutants_equivalent.toml").read_text("utf-8"))["mutant"]


def changes(folder: Path, name: str, text: str) -> set[tuple[str, str, str]]:
    (folder / name).write_text(text, encoding="utf-8")
    return {(m.kind, *m.change(text)) for m in mutants(folder, name) if says_otherwise(m, text)}


@pytest.mark.slow
def test_a_border_that_a_test_holds_is_killed_and_one_that_no_test_holds_survives(tmp_path: Path) -> None:
    package = tmp_path / "tree" / "small"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "rules.py").write_text(MODULE)
    (tmp_path / "tree" / "test_rules.py").write_text(TEST)
    (tmp_path / "tree" / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow:\n    browser:\n")
    out = tmp_path / "out.json"
    command = [sys.executable, "-m", "tools.mutants", "--root", str(tmp_path / "tree"), "--only", "small"]
    subprocess.run([*command, "--json", str(out), "--processes", "1"], cwd=ROOT, check=True, capture_output=True)
    results = {(m["before"], m["after"]): m["result"] for m in json.loads(out.read_text())["mutants"]}
    assert results["return number < LIMIT", "return number <= LIMIT"] == "killed"
    assert results["LIMIT = 3", "LIMIT = 4"] == "killed"
    assert results["return number > 7", "return number >= 7"] == "survived"
    assert (package / "rules.py").read_text() == MODULE


def test_mistakes_of_code_are_borders_conditions_constants_statements_arguments_and_lists(tmp_path: Path) -> None:
    text = "def f(a, b, *, c=1):\n    if a < b and not c:\n        g(a, b)\n    return a in ('x', 'y')\n"
    assert changes(tmp_path, "code.py", text) == {
        ("constant", "def f(a, b, *, c=1):", "def f(a, b, *, c=2):"),
        ("constant", "def f(a, b, *, c=1):", "def f(a, b, *, c=0):"),
        ("negation", "if a < b and not c:", "if not (a < b and not c):"),
        ("negation", "if a < b and not c:", "if a < b and c:"),
        ("border", "if a < b and not c:", "if a <= b and not c:"),
        ("and/or", "if a < b and not c:", "if a < b or not c:"),
        ("statement", "g(a, b)", "pass"),
        ("arguments", "g(a, b)", "g(b, a)"),
        ("statement", "return a in ('x', 'y')", "return None"),
        ("negation", "return a in ('x', 'y')", "return a not in ('x', 'y')"),
        ("list", "return a in ('x', 'y')", "return a in ('y',)"),
        ("list", "return a in ('x', 'y')", "return a in ('x',)"),
    }


def test_an_answer_of_no_is_made_a_yes_and_not_nothing(tmp_path: Path) -> None:
    text = "def f(a):\n    return False\n"
    assert changes(tmp_path, "code.py", text) == {("constant", "return False", "return True")}


def test_messages_types_and_caches_are_left_alone(tmp_path: Path) -> None:
    text = (
        'from typing import Literal\n\nSide = Literal["a", "b"]\n_CACHED_LENGTH = 9\n\n\n'
        'class A:\n    __slots__ = ("a", "b")\n    x: tuple[int, int]\n\n'
        '    def f(self, n: int = 0) -> None:\n        """Text."""\n        log.info("so", n)\n'
        '        self.m = f"{n + 1}"\n'
    )
    found = changes(tmp_path, "code.py", text)
    assert found == {
        ("constant", "def f(self, n: int = 0) -> None:", "def f(self, n: int = 1) -> None:"),
        ("statement", 'self.m = f"{n + 1}"', "pass"),
    }


def test_mistakes_of_data_are_a_word_less_a_line_less_and_another_number(tmp_path: Path) -> None:
    found = {
        (kind, before.split("\n")[0], after.split("\n")[0]) for kind, before, after in changes(tmp_path, "d.toml", DATA)
    }
    assert found == {
        ("list", '"甲",', ""),
        ("list", '"乙",', ""),
        ("list", 'is = ["丙", "丁"]', 'is = ["丁"]'),
        ("list", 'is = ["丙", "丁"]', 'is = ["丙", ]'),
        ("data line", "least = 3", ""),
        ("constant", "least = 3", "least = 4"),
    }


def test_mistakes_of_a_query_are_turned_conditions(tmp_path: Path) -> None:
    text = "-- rule: a = b\nSELECT a FROM t\nWHERE a IS NULL OR b = 1;\n"
    assert changes(tmp_path, "q.sql", text) == {
        ("negation", "WHERE a IS NULL OR b = 1;", "WHERE a IS NOT NULL OR b = 1;"),
        ("and/or", "WHERE a IS NULL OR b = 1;", "WHERE a IS NULL AND b = 1;"),
        ("negation", "WHERE a IS NULL OR b = 1;", "WHERE a IS NULL OR b <> 1;"),
    }


def test_what_is_argued_to_be_equivalent_is_a_mistake_of_today_and_rare() -> None:
    argued = Counter(entry["file"] for entry in EQUIVALENT)
    for file, count in argued.items():
        text = (ROOT / file).read_text("utf-8")
        found = [mutant.change(text) for mutant in mutants(ROOT, file)]
        stale = [
            entry for entry in EQUIVALENT if entry["file"] == file and (entry["line"], entry["mutated"]) not in found
        ]
        assert stale == []
        assert count <= 0.05 * len(found)
    assert all(entry["why"] for entry in EQUIVALENT)
