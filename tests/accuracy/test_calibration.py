"""A column of which the reader is sure by its cells is that column."""

import pytest

from tests.accuracy.calibration import NEARLY_CERTAIN, measure
from tests.accuracy.hidden import truth_set

pytestmark = pytest.mark.slow
SHARE = 20
"""Of the changed forms, each twentieth: all of them are for `python -m tests.accuracy.calibration`."""


def test_of_the_columns_that_are_sure_none_is_wrong() -> None:
    found = [a for a in measure(list(truth_set()), SHARE) if a.taken or a.margin >= NEARLY_CERTAIN]
    assert len(found) > 150
    assert [a for a in found if not a.right] == []
