"""A small part of the draw of scans (bench/scans): no figure that is recognised is wrong, none is invented."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from bench.scans import KINDS, draw, judged
from extractors.formats.picture.weights import weights
from extractors.grid.certainty import AS_SHIPPED

pytestmark = [pytest.mark.slow, pytest.mark.skipif(weights() is None, reason="make ocr")]

COLUMNS, ROWS = (200, 500, 900, 1300), (300, 380, 460, 560, 640)
FIGURES = st.one_of(
    st.integers(0, 9).map(str),
    st.sampled_from(["0", "1", "100", "10", "0.00", "/", "100%"]),
    st.integers(10, 9999).map(str),
    st.decimals(0, 10**7, places=2).map("{:,}".format),
    st.decimals(0, 100, places=1).map("{}%".format),
)


def test_the_same_seed_draws_the_same() -> None:
    first, second = (next(draw(7, 1)) for _ in range(2))
    assert (first.kind, first.source, first.data) == (second.kind, second.source, second.data)


def test_no_figure_of_a_drawn_scan_is_wrong_and_none_invented() -> None:
    for drawn in draw(7, 2, most_pages=1):
        found = judged(drawn, None).fields
        assert not {outcome for outcome in found if outcome.startswith(("wrong number", "invented"))}
        assert len(found["right number"]) + len(found["right text"]) > 3 * len(found["told"])


@settings(max_examples=6, deadline=None, derandomize=True)
@given(
    figures=st.lists(FIGURES, min_size=12, max_size=12),
    kind=st.sampled_from(sorted(set(KINDS) - {"turned", "low", "fine"})),
    seed=st.integers(0, 2**16),
    size=st.sampled_from([24, 28, 32, 40]),
)
def test_a_drawn_and_degraded_figure_is_right_or_not_sure(figures: list[str], kind: str, seed: int, size: int) -> None:
    from extractors.formats.pdf.page_grids import grids_of
    from extractors.formats.picture.engine import recogniser
    from extractors.formats.picture.page import read_picture

    page = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(page)
    for y in ROWS:
        pen.line((COLUMNS[0], y, COLUMNS[-1], y), fill=0, width=3)
    for x in COLUMNS:
        pen.line((x, ROWS[0], x, ROWS[-1]), fill=0, width=3)
    places = [(row, col) for row in range(4) for col in range(3)]
    for (row, col), text in zip(places, figures, strict=True):
        pen.text((COLUMNS[col] + 40, ROWS[row] + 18), text, fill=0, font_size=size)
    network = recogniser()
    assert network is not None
    found = read_picture(np.asarray(KINDS[kind](page, random.Random(seed))), network)
    grids = grids_of(found.content, 1) if found else []
    printed = dict(zip(places, figures, strict=True))
    for cell in [cell for grid in grids if (grid.n_rows, grid.n_cols) == (4, 3) for cell in grid.cells if cell.text]:
        if (cell.figures or 0.0) >= AS_SHIPPED.figure:
            assert "".join(cell.text.split()) == printed[cell.row, cell.col], (kind, cell)
