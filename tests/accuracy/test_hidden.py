"""With headers hidden, hardly a value is lost, none is wrong, and the figures never fall below the recorded ones."""

import pytest

from tests.accuracy.hidden import measure, shares, truth_set

pytestmark = pytest.mark.slow
SHARE = 10
"""Of the variants of the truth set, each tenth: all of them are for `make accuracy`."""


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, float]]:
    return shares(measure(list(truth_set()), SHARE))


def test_nothing_is_read_wrong_or_invented_with_headers_hidden(table: dict[str, dict[str, float]]) -> None:
    assert [(what, row["wrong"], row["invented"]) for what, row in table.items()] == [
        ("shown", 0, 0),
        ("one", 0, 0),
        ("all", 0, 0),
    ]


@pytest.mark.parametrize(("what", "least"), [("one", 99.3), ("all", 98.0)])
def test_most_values_are_read_without_their_headers(
    table: dict[str, dict[str, float]], what: str, least: float
) -> None:
    assert table[what]["values"] > 500
    assert table[what]["right"] >= least
