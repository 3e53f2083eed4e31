"""Decisions about two forms as the pages and the command line write them into decisions.csv, and take them back.

Here: the lines of the file. Not here: reading it (test_linking_decisions), what it does to a build (tests/pages).
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from extractors.errors import CannotRun
from warehouse.linking import read_decisions
from warehouse.linking.deciding import DIFFERENT, SAME, Said, decide, said, withdraw


@pytest.fixture
def keys(tmp_path: Path) -> Callable[[], dict[str, str]]:
    """The key of every form that the file speaks of."""
    return lambda: {d.form_id: d.project_key for d in read_decisions(tmp_path / "decisions.csv").projects}


@pytest.mark.parametrize("decision", [SAME, DIFFERENT])
def test_a_decision_that_is_taken_back_leaves_no_line(
    tmp_path: Path, keys: Callable[[], dict[str, str]], decision: str
) -> None:
    decide(tmp_path, "a-1", "b-1", decision, who="李")
    assert len(set(keys().values())) == (1 if decision == SAME else 2)
    withdraw(tmp_path, "b-1", "a-1", who="王")
    assert keys() == {}
    assert said(tmp_path)[frozenset({"a-1", "b-1"})][::3] == ("withdrawn", decision)


def test_of_three_that_are_one_project_the_one_that_came_last_leaves(
    tmp_path: Path, keys: Callable[[], dict[str, str]]
) -> None:
    decide(tmp_path, "a-1", "b-1", SAME, who="李")
    decide(tmp_path, "b-1", "c-1", SAME, who="李")
    withdraw(tmp_path, "b-1", "c-1", who="李")
    assert keys() == {"a-1": "a-1", "b-1": "a-1"}


def test_what_is_said_about_other_forms_stays(tmp_path: Path, keys: Callable[[], dict[str, str]]) -> None:
    decide(tmp_path, "a-1", "c-1", SAME, who="李")
    decide(tmp_path, "a-1", "b-1", DIFFERENT, who="李")
    withdraw(tmp_path, "a-1", "b-1", who="李")
    assert keys() == {"a-1": "a-1", "c-1": "a-1"}
    decide(tmp_path, "b-1", "d-1", SAME, who="李")
    decide(tmp_path, "a-1", "b-1", DIFFERENT, who="李")
    with pytest.raises(CannotRun, match="还说到别的表"):
        withdraw(tmp_path, "a-1", "b-1", who="李")
    assert len(keys()) == 4


def test_nothing_is_taken_back_where_nothing_is_decided_or_nobody_signs(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="没有只关于这两张表的认定"):
        withdraw(tmp_path, "a-1", "b-1", who="李")
    decide(tmp_path, "a-1", "b-1", SAME, who="李")
    with pytest.raises(CannotRun, match="是谁撤回的"):
        withdraw(tmp_path, "a-1", "b-1", who=" ")
    assert isinstance(said(tmp_path)[frozenset({"a-1", "b-1"})], Said)


def test_lines_written_by_hand_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    file.write_bytes(
        "kind,unit_name,other_unit_name,decision,decided_by\r\nunit,甲局,乙局,same,李\r\n# 备注\r\n".encode("gb18030")
    )
    decide(tmp_path, "a-1", "b-1", DIFFERENT, who="李")
    withdraw(tmp_path, "a-1", "b-1", who="李")
    lines = file.read_text("utf-8-sig").splitlines()
    assert lines[1].startswith("unit,甲局,乙局,same,李") and lines[2] == "# 备注" and len(lines) == 3
