"""A column of no interest, or two columns printed the other way round, make no value wrong and invent none."""

import pytest

from tests.accuracy.stress import measure

pytestmark = pytest.mark.slow
SHARE = 20
"""Of the documents of the truth set, each twentieth: all of them are for `python -m tests.accuracy.stress`."""


def test_forms_made_harder_are_read_without_a_wrong_value() -> None:
    found = measure(SHARE)
    assert len(found) > 1000
    assert [(o.document.path, o.hidden, o.name) for o in found if o.kind in {"wrong", "invented"}] == []


def test_columns_of_no_interest_take_nothing_from_a_form_whose_headers_are_known() -> None:
    found = [o for o in measure(SHARE) if not o.hidden.endswith("hidden") and not o.hidden.startswith("lying")]
    assert [(o.document.path, o.hidden, o.name) for o in found if o.kind != "right"] == []


def test_what_stands_under_a_header_that_lies_is_read_right_or_told() -> None:
    found = [o for o in measure(SHARE) if o.hidden.startswith("lying")]
    assert len(found) > 100
    assert [(o.document.path, o.hidden, o.name) for o in found if o.kind not in {"right", "told"}] == []
