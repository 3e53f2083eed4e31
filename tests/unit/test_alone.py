"""What stands alone in a cell: the shapes of a 0, a 1 and a slash, and what their readings in company must agree on."""

import pytest

pytest.importorskip("cv2", reason="make ocr")

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from extractors.formats.picture.alone import agreed, beside, first_of, is_flagged, is_ring, is_slanted
from extractors.formats.picture.engine import Glyph


def ink_of(text: str, size: int = 40) -> NDArray[np.bool_]:
    """The ink of a drawn text, without margins."""
    page = Image.new("L", (200, 100), 255)
    ImageDraw.Draw(page).text((20, 20), text, fill=0, font=ImageFont.load_default(size))
    dark = np.asarray(page) < 165
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def drawn_ink(*strokes: tuple[int, int, int, int], width: int = 4) -> NDArray[np.bool_]:
    page = Image.new("L", (40, 40), 255)
    for stroke in strokes:
        ImageDraw.Draw(page).line(stroke, fill=0, width=width)
    dark = np.asarray(page) < 165
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return dark[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


RULE, SLASH = drawn_ink((20, 2, 20, 36)), drawn_ink((26, 2, 12, 36))


@pytest.mark.parametrize("size", [20, 28, 40])
def test_a_zero_is_one_piece_around_one_hole_in_its_middle(size: int) -> None:
    assert is_ring(ink_of("0", size))
    assert not any(is_ring(ink_of(text, size)) for text in "1245678963")


def test_a_circle_a_box_and_two_pieces_are_no_zero() -> None:
    page = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(page).ellipse((5, 5, 50, 50), outline=0, width=4)
    circle = (np.asarray(page) < 165)[5:51, 5:51]
    assert not is_ring(circle)
    zero = ink_of("0")
    assert not is_ring(np.hstack([zero, np.zeros((len(zero), 3), bool), np.ones((len(zero), 2), bool)]))


def test_a_one_has_a_flag_and_the_rest_of_a_rule_has_none() -> None:
    assert is_flagged(ink_of("1"))
    assert is_flagged(drawn_ink((20, 2, 20, 36), (12, 9, 20, 2)))
    assert not is_flagged(RULE) and not is_flagged(SLASH) and not is_flagged(ink_of("7"))


def test_a_slash_leans_and_a_one_does_not() -> None:
    assert is_slanted(SLASH)
    assert not is_slanted(RULE) and not is_slanted(ink_of("1")) and not is_slanted(drawn_ink((12, 2, 26, 36)))


def glyphs(text: str, certainty: float = 1.0) -> list[Glyph]:
    return [Glyph(char, certainty, 0.5) for char in text]


def test_what_stands_before_its_company_is_taken_only_if_the_company_is_read_as_it_is() -> None:
    first = first_of(glyphs("≧ 12"), "12")
    assert first is not None and first.text == "≥"
    assert first_of(glyphs("≥17"), "12") is None
    assert first_of(glyphs("12"), "12") is None and first_of(glyphs("=≥12"), "12") is None


@pytest.mark.parametrize(
    ("readings", "ink", "text"),
    [
        ("≥≥", RULE, "≥"),
        ("≥≤", RULE, None),
        ("VV", RULE, None),
        ("11", RULE, None),
        ("11", ink_of("1"), "1"),
        ("00", ink_of("0"), "0"),
        ("00", ink_of("8"), None),
        ("//", SLASH, "/"),
        ("//", ink_of("1"), None),
    ],
)
def test_readings_that_agree_count_if_the_ink_has_their_shape(
    readings: str, ink: NDArray[np.bool_], text: str | None
) -> None:
    found = agreed([Glyph(char, 0.97, 0.5) for char in readings], ink, 30.0)
    assert (found.text if found else None) == text


def test_a_reading_that_failed_agrees_with_none() -> None:
    assert agreed([Glyph("≥", 1.0, 0.5), None], RULE, 30.0) is None and agreed([None, None], RULE, 30.0) is None


@pytest.mark.parametrize(("wide", "text"), [(28, "—"), (10, "-")])
def test_a_dash_is_long_or_short_by_its_ink(wide: int, text: str) -> None:
    found = agreed(glyphs("—", 0.8) * 2, np.ones((3, wide), bool), 30.0)
    assert found is not None and found.text == text


def test_two_pictures_stand_on_one_line() -> None:
    strip = beside(np.zeros((10, 4), np.uint8), np.zeros((20, 6), np.uint8), 5)
    assert strip.shape == (20, 15) and (strip[5:15, :4] == 0).all() and (strip[:, 4:9] == 255).all()
