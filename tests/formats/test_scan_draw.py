"""A small part of the draw of scans (bench/scans): no figure that is recognised is wrong, none is invented."""

import pytest

from bench.scans import draw, judged
from extractors.formats.picture.weights import weights

pytestmark = [pytest.mark.slow, pytest.mark.skipif(weights() is None, reason="make ocr")]


def test_the_same_seed_draws_the_same() -> None:
    first, second = (next(draw(7, 1)) for _ in range(2))
    assert (first.kind, first.source, first.data) == (second.kind, second.source, second.data)


def test_no_figure_of_a_drawn_scan_is_wrong_and_none_invented() -> None:
    for drawn in draw(7, 2):
        found = judged(drawn, None).fields
        assert not {outcome for outcome in found if outcome.startswith(("wrong number", "invented"))}
        assert len(found["right number"]) + len(found["right text"]) > 3 * len(found["told"])
