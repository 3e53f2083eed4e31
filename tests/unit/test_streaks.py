"""Streaks of a copier that look like rules: figures that they cut are in doubt, those of cells are not."""

import numpy as np
import pytest

from extractors.formats.picture.streaks import cut_by_streaks

EM = 30.0


@pytest.mark.parametrize(
    ("gap", "figures", "cut"),
    [
        (20, True, {0, 1}),  # 7983 | 95.00: a digit lay below the streak
        (30, True, {0, 1}),  # 7664539 | 0: a point and a digit
        (40, True, set()),  # two cells
        (20, False, set()),  # 150 | 人: one place alone, and words
    ],
)
def test_figures_on_both_sides_of_a_rule_without_room_between_were_one(gap: int, figures: bool, cut: set[int]) -> None:
    boxes = np.array([[100, 10, 160, 35], [160 + gap, 10, 220 + gap, 35]])
    assert cut_by_streaks(boxes, [0, 1], [(True, True), (figures, figures)], EM) == cut


def test_a_rule_that_cuts_print_at_several_places_is_a_streak() -> None:
    boxes = np.array(
        [box for n in range(3) for box in ([100, 50 * n, 160, 50 * n + 25], [170, 50 * n, 220, 50 * n + 25])]
    )
    words = [(False, False)] * 6
    assert cut_by_streaks(boxes, [0, 1, 2, 3, 4, 5], words, EM) == set(range(6))
    assert cut_by_streaks(boxes[:4], [0, 1, 2, 3], words, EM) == set()
    assert cut_by_streaks(boxes, [0, 0, 1, 1, 2, 2], words, EM) == set()  # one cell each


def test_print_on_other_lines_is_not_beside() -> None:
    boxes = np.array([[100, 10, 160, 35], [170, 40, 220, 65]])
    assert cut_by_streaks(boxes, [0, 1], [(True, True)] * 2, EM) == set()
