"""The reader's accuracy never falls below the recorded one."""

import pytest

from tests.accuracy.score import Field, groups, score

pytestmark = pytest.mark.slow  # the truth set is read once


@pytest.fixture(scope="module")
def scored() -> tuple[list[Field], dict[str, int]]:
    fields, problems = score()
    return fields, dict(problems)


def test_every_field_of_the_truth_set_is_read_right(scored: tuple[list[Field], dict[str, int]]) -> None:
    wrong = [f"{f.path}: {f.name}: wanted {f.wanted!r}, got {f.got!r}" for f in scored[0] if not f.right]
    assert not wrong
    assert len(scored[0]) == 13_974


@pytest.mark.parametrize("by", ["layout", "format"])
def test_no_layout_and_no_format_falls_behind(scored: tuple[list[Field], dict[str, int]], by: str) -> None:
    assert {name: share for name, share in groups(scored[0], by).items() if share[0] != share[1]} == {}


def test_hardly_a_cell_stays_unclaimed(scored: tuple[list[Field], dict[str, int]]) -> None:
    problems = scored[1]
    assert problems["cells"] > 13_000
    assert problems.get("UNCLAIMED_CELL", 0) <= 0.005 * problems["cells"]
    assert not {"BAD_VALUE", "REPEATED_VALUE"} & problems.keys()
