"""Runs of characters: what is a mark, struck out or hidden, and what stays."""

import pytest

from extractors.formats.runs import Run, power, shown, without_struck
from extractors.grid import Cell, Place


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([Run("171150"), Run("2", raised=1)], "171150"),
        ([Run("171150"), Run("①", raised=1)], "171150"),
        ([Run("95.08"), Run("[1]", raised=1), Run("%")], "95.08%"),
        ([Run("99.51"), Run("[1", raised=1), Run("]", raised=1)], "99.51"),
        ([Run("养护里程"), Run("注1", raised=1)], "养护里程"),
        ([Run("99.5"), Run("a", raised=1)], "99.5"),
        ([Run("250"), Run("1", raised=-1)], "250"),
        ([Run("170000", struck=True), Run("180000")], "180000"),
        ([Run("1", hidden=True), Run("20")], "20"),
        ([Run("1", raised=1)], ""),
    ],
)
def test_marks_struck_and_hidden_characters_are_no_part_of_a_value(runs: list[Run], text: str) -> None:
    result = shown(runs)
    assert result.text == text
    assert result.marked or result.hidden


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([Run("500m"), Run("2", raised=1)], "500m2"),
        ([Run("500平方米")], "500平方米"),
        ([Run("2×10"), Run("3", raised=1), Run("吨")], "2×10³吨"),
        ([Run("25"), Run("o", raised=1), Run("C")], "25°C"),
        ([Run("CO"), Run("2", raised=-1)], "CO2"),
        ([Run("95"), Run("%", raised=1)], "95%"),
        ([Run("95.08", raised=1)], "95.08"),
        ([Run("10", raised=2)], "10"),  # a line that is shifted as a whole
    ],
)
def test_raised_units_powers_and_whole_texts_stay(runs: list[Run], text: str) -> None:
    result = shown(runs)
    assert (result.text, result.marked, result.hidden, result.doubtful) == (text, [], [], [])


def test_a_bare_10_with_a_raised_digit_is_a_doubt_and_no_103() -> None:
    result = shown([Run("10"), Run("3", raised=1)])
    assert (result.text, result.doubtful) == ("10³", ["3"])
    assert shown([Run("10"), Run("1", raised=1)]).text == "10"
    assert [power("m", "2"), power("10", "3"), power("x", "n")] == ["m2", "10³", "x^(n)"]


@pytest.mark.parametrize(
    ("printed", "text", "marked"),
    [
        ("1\u03368\u0336期\u033615期", "15期", ["18期"]),
        ("1\u03388\u033815", "15", ["18"]),
        ("8\u03322\u0332元\u0332", "82元", []),
        ("=\u033815", "≠15", []),
        ("15期", "15期", []),
    ],
)
def test_what_combining_lines_strike_out_is_left_out_and_what_they_underline_is_read(
    printed: str, text: str, marked: list[str]
) -> None:
    cell, told = without_struck(Cell(printed, 0, 0, Place(locator="1:1")), "第 1 行")
    assert (cell.text, [(p.code, p.text) for p in told]) == (text, [("MARKED_TEXT", m) for m in marked])
