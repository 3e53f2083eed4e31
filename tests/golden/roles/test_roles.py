"""A column and a source declared in one block of one file are known everywhere: read, stored, compared, shown, checked.

Here: the declarations, in a copy of the packages, and what they must bring about. Not here: the forms (declared.py).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.vocabulary import roles

ROOT = Path(__file__).parents[3]
COLUMN = """
[indicator.prior_actual_text]
kind = "value"
spans = true
twice = "refuse"
label_zh = "上年实际值"
label_en = "last year's actual"
meaning_zh = "同一行另印的上年实际值原文"
meaning_en = "last year's actual printed beside this year's"
example = "95%"
is = ["上年实际值"]
"""
SOURCE = """
[source.donation]
kind = "fund"
label_zh = "社会捐赠"
is = ["社会捐赠"]
"""
PRIOR = ["12场", "800人", "95%", "60%"]
ACTUAL = ["11场", "950人", "96%", "75%"]


def in_a_copy(test: Callable[..., None]) -> Any:
    """A test that starts processes in the copy of the packages, which is made once."""
    return pytest.mark.slow(test)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages with the two declarations."""
    folder = tmp_path_factory.mktemp("packages")
    for package in ("extractors", "warehouse", "pipelines"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("*.pyc.*"))
    for name, block in (("indicator", COLUMN), ("money", SOURCE)):
        with (folder / "extractors" / "vocabulary" / f"{name}.toml").open("a", encoding="utf-8") as file:
            file.write(block)
    return folder


def run(packages: Path, *command: str, cwd: Path | None = None) -> str:
    path = os.pathsep.join(map(str, (packages, ROOT, ROOT / "tests" / "golden" / "forms")))
    done = subprocess.run(
        [sys.executable, *command], env={**os.environ, "PYTHONPATH": path}, cwd=cwd or packages, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return done.stdout.decode()


@pytest.fixture(scope="module")
def result(packages: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(packages, str(Path(__file__).with_name("declared.py"))))
    return found


@in_a_copy
def test_a_declared_column_is_read_however_it_is_printed(result: dict[str, Any]) -> None:
    for way, (prior, actual, told) in result["columns"].items():
        if way.startswith("two values"):
            assert prior == [None] * 4, way
            assert "UNCLAIMED_CELL" in told or "UNKNOWN_LABEL" in told, way
        else:
            assert prior == (PRIOR[:3] + PRIOR[2:3] if way.startswith("merged") else PRIOR), way
        assert actual == ACTUAL, way


@in_a_copy
def test_a_declared_column_is_in_the_dictionary_the_view_and_on_the_page_of_a_form(result: dict[str, Any]) -> None:
    assert "| `prior_actual_text` | VARCHAR |" in result["dictionary"]
    assert "[('12场',), ('800人',)]" in result["shown"]
    assert result["shown"].count("上年实际值") == 2, "in the table of indicators and in the one indicator"


@in_a_copy
def test_a_declared_source_counts_for_the_total(result: dict[str, Any]) -> None:
    assert "`donation` 社会捐赠" in result["dictionary"]
    assert "FUND_SUM_MISMATCH" not in result["right"]
    assert sorted([*result["right"], "FUND_SUM_MISMATCH"]) == result["wrong"]


@in_a_copy
def test_only_forms_that_print_the_same_throughout_are_copies(result: dict[str, Any]) -> None:
    assert result["same"] == 1
    assert result["copies"] == dict.fromkeys(("phone", "person", "prior", "unit", "note"), 0)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"kind": "colour"}, "kind"), ({"twice": ""}, "twice"), ({"colour": "red"}, "colour"), ({"spans": None}, "spans")],
)
def test_a_faulty_declaration_is_refused_naming_its_block(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], named: str
) -> None:
    block = {**tomllib.loads(COLUMN)["indicator"]["prior_actual_text"], **change}
    block = {key: value for key, value in block.items() if value is not None}
    monkeypatch.setattr(roles, "shipped", lambda: {"indicator": {"with": [], "prior": block}})
    with pytest.raises(ValueError, match=rf"\[indicator.prior\].*{named}"):
        roles.indicator_columns.__wrapped__()


@in_a_copy
def test_a_declared_column_goes_from_a_file_to_the_published_warehouse_and_the_command_line(
    packages: Path, tmp_path: Path
) -> None:
    forms = (("plain", {}), ("copy", {}), ("unit", {"unit": "期"}), ("person", {"person": "李四"}))
    (tmp_path / "raw" / "440399" / "2024").mkdir(parents=True)
    write = "import sys; from declared import FORM, USUAL; print(FORM.format(**USUAL | eval(sys.argv[1])))"
    for name, values in forms:
        text = run(packages, "-c", write, str(values), cwd=Path(__file__).parent)
        (tmp_path / "raw" / "440399" / "2024" / f"{name}.txt").write_text(
            f"\n{text}" if name == "copy" else text, "utf-8"
        )
    run(packages, "-m", "pipelines.cli", "ingest", "--data-dir", str(tmp_path))
    with duckdb.connect(str(tmp_path / "curated" / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT DISTINCT form_id, prior_actual_text FROM indicator").fetchall()
        told = connection.execute("SELECT path FROM problem WHERE code = 'DUPLICATE'").fetchall()
        found = connection.execute("SELECT count(*) FROM finding WHERE check_code = 'FUND_SUM_MISMATCH'").fetchone()
    assert sorted(text for _, text in rows) == sorted(["12场", "800人"] * 3)
    assert (told, found) == ([("440399/2024/plain.txt",)], (0,))
    shown = run(packages, "-m", "pipelines.cli", "show", rows[0][0], "--data-dir", str(tmp_path))
    assert "上年实际值" in shown
