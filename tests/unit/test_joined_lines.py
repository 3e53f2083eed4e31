"""Where a line break inside a printed cell leaves a space."""

import pytest

from extractors.grid import add_line, join_lines


@pytest.mark.parametrize(
    ("line", "following", "joined"),
    [
        ("渠道", "改造", "渠道改造"),
        ("合格率", "95%", "合格率95%"),
        ("abc", "def", "abc def"),
        ("12", "15", "12 15"),  # two values
        ("5", "-3", "5 -3"),
        ("0755", "-1234567", "0755-1234567"),
        ("0755-", "1234567", "0755-1234567"),
        ("≥", "12.5", "≥12.5"),
    ],
)
def test_a_break_leaves_a_space_between_words_and_numbers_only(line: str, following: str, joined: str) -> None:
    assert join_lines(f" {line}\n {following} ") == joined
    assert add_line(line, following) == joined
