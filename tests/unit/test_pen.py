"""Ink upon figures that is no print: strokes, figures out of line, blots beside one; each with a near miss."""

import pytest

pytest.importorskip("cv2", reason="make ocr")

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from extractors.formats.picture.pen import is_broad, out_of_line, struck_through


def drawn(text: str, stroke: tuple[int, int, int, int] | None = None) -> np.ndarray:
    """The ink of a drawn text with a stroke of a pen, without margins."""
    page = Image.new("L", (300, 100), 255)
    pen = ImageDraw.Draw(page)
    pen.text((40, 30), text, fill=0, font=ImageFont.load_default(40))
    if stroke:
        pen.line(stroke, fill=0, width=3)
    dark = np.asarray(page) < 165
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.mark.parametrize("text", ["95.16", "10", "1,200.50", "8888", "2244"])
def test_a_stroke_through_figures_is_seen_and_print_is_none(text: str) -> None:
    struck, plain = drawn(text, (36, 56, 230, 50)), drawn(text)
    assert struck_through(struck, 12, struck.shape[1] - 12)
    assert not struck_through(plain, 12, plain.shape[1] - 12)


def test_a_stroke_that_ends_before_the_last_figure_leads_through_none() -> None:
    ink = drawn("95.16", (36, 56, 90, 54))
    assert not struck_through(ink, 12, ink.shape[1] - 12) and not struck_through(ink, 5, 6)


def test_figures_beside_print_stand_out_of_line_and_points_do_not() -> None:
    printed = [(0, 10, 15, 40), (18, 10, 33, 40), (36, 36, 39, 40), (42, 11, 57, 41)]
    assert not out_of_line(np.array(printed))
    assert out_of_line(np.array([*printed, (60, 2, 75, 33)]))  # a hand wrote higher
    assert out_of_line(np.array([*printed, (60, 10, 75, 49)]))  # and larger


def test_one_figure_is_no_broader_than_high() -> None:
    assert is_broad((0, 0, 40, 30)) and not is_broad((0, 0, 22, 30))
