"""What the cells of a column look like as numbers: each number with a column that has it and one that nearly has.

Here: `profile` of a column, `beside` of two. Not here: single texts, the role of a column (test_column_evidence).
"""

from __future__ import annotations

import pytest

from extractors.layout.column_evidence.content import BESIDE, CELL, SHAPE, Content, beside, profile


def column(cells: str, total: str = "") -> Content:
    """A column of texts apart by blanks: _ is blank, ^ is the row of the cell that began above."""
    texts: list[str] = []
    begun: list[bool] = []
    for text in cells.split():
        begun.append(text != "^")
        texts.append(texts[-1] if text == "^" else "" if text == "_" else text)
    return Content(texts, begun, total)


def number(name: str, cells: str, total: str = "") -> float:
    return dict(zip((*CELL, *SHAPE), profile(column(cells, total)), strict=True))[name]


@pytest.mark.parametrize(
    ("name", "has", "nearly"),
    [
        ("empty", "_ _ _", "_ _ 1"),
        ("serial", "1 2 3", "1 2 4"),
        ("serial", "1 2 3 4", "2 3 4 5"),
        ("serial", "1 2 3", "1 2"),
        ("serial", "1 2 3", "0 1 2"),
        ("few", "10 10", "10 10 10"),
        ("same", "10 10 10", "10 10 9"),
        ("same", "10 10 10", "10 10"),
        ("adds_to_100", "50 30 20", "50 30 19"),
        ("adds_to_100", "50 30 10", "50 30 11"),
        ("adds_to_100", "50 20 10", "50 20 9"),
        ("adds_to_100", "0.5 0.3 0.2", "0.5 0.3 0.3"),
        ("adds_to_100", "50 50", "100"),
        ("adds_to_100", "50 30 10 10 _", "50 50 好 差 中"),
        ("adds_below_100", "10 10", "10 9"),
        ("adds_below_100", "50 49", "50 50"),
        ("adds_above_100", "50 51", "50 50"),
        ("adds_to_100", "50 50", "≥50 50"),
    ],
)
def test_what_a_column_is_as_a_whole(name: str, has: str, nearly: str) -> None:
    assert (number(name, has), number(name, nearly)) == (1.0, 0.0)


def test_figures_that_four_cells_of_five_print_are_added_and_fewer_are_not() -> None:
    assert number("adds_to_100", "50 30 10 10 好") == 1.0
    assert number("adds_to_100", "50 30 20 好") == 0.0


def test_what_the_line_of_totals_prints_is_met_or_missed() -> None:
    assert [number("adds_to_total", "50 30", total) for total in ("80", "81", "", "合计")] == [1.0, 0.0, 0.0, 0.0]
    assert [number("misses_total", "50 30", total) for total in ("80", "81", "", "合计")] == [0.0, 1.0, 0.0, 0.0]


def test_shares_are_of_the_cells_that_print_something_and_blanks_of_all_rows() -> None:
    assert number("percent", "98% 95% 3 _") == pytest.approx(2 / 3)
    assert number("blank", "98% 95% 3 _") == 0.25
    assert number("distinct", "好 好 差 好") == 0.5
    assert number("merged", "数量指标 ^ ^ 质量指标") == 0.5
    assert number("blank", "数量指标 ^ ^ 质量指标") == 0.0


def said(name: str, a: str, b: str, distance: int = 1) -> float:
    return dict(zip(BESIDE, beside(column(a), column(b), distance), strict=True))[name]


@pytest.mark.parametrize(
    ("name", "a", "b", "expected"),
    [
        ("both", "_", "_", 1.0),
        ("equal", "10 9 8 7", "10 9 8 6", 0.75),
        ("same_number", "10 9 好", "10 8 好", 0.5),
        ("greater", "10 9 8 7", "9 9 8 7", 0.25),
        ("less", "9 9 8 7", "10 9 8 7", 0.25),
        ("ever_greater", "10 9 8", "9 9 8", 1.0),
        ("ever_greater", "9 9 8", "10 9 8", -1.0),
        ("ever_greater", "10 9 8", "9 10 8", 0.0),
        ("ever_greater", "10 9 8", "10 9 8", 0.0),
        ("both_points", "10 9", "9 100", 1.0),
        ("both_points", "10 9", "9 101", 0.5),
        ("both_points", "10% 9%", "9% 8%", 0.0),
        ("same_unit", "10次 9次", "8次 9人", 0.5),
        ("other_unit", "10次 9次", "8次 9人", 0.5),
        ("other_unit", "10次 已办结", "好 已办结", 0.5),
        ("sign_beside_none", "≥10次 ≥9次", "10次 ≥9次", 0.5),
        ("sign_beside_none", "≥10 ≥9", "次 人", 0.0),
        ("number_beside_unit", "10 9次", "次 次", 0.5),
        ("number_beside_sign", "10 9", "≥ ≥9", 0.5),
        ("contains", "及时率 完成率", "按及时率计算 全部完成", 0.5),
        ("contains", "清运 清运率", "清运良好 清运率", 0.0),
        ("ever_signed", "≥10 9", "10 9", 1.0),
        ("ever_signed", "10 9", "≥10 9", -1.0),
        ("ever_signed", "≥10 9", "10 ≥9", 0.0),
        ("nests", "产出 ^ 效益", "数量 质量 经济", 0.462),
        ("nests", "数量 质量 经济", "产出 ^ 效益", -0.462),
        ("nests", "产出 效益", "数量 经济", 0.0),
        ("nests", "产出 ^ 效益", "数量 ^ ^", -0.762),
        ("nests", "_ _", "数量 经济", 0.0),
        ("adds_up", "产出(50分) ^ 效益(30分)", "20 30 30", 1.0),
        ("adds_up", "产出(50分) ^ 效益(30分)", "20 29 30", 0.5),
        ("adds_up", "20 30 30", "产出(50分) ^ 效益(30分)", -1.0),
        ("adds_up", "产出 ^ 效益", "20 30 30", 0.0),
        ("within_points", "数量(10分) 质量(5分)", "10 5", 1.0),
        ("within_points", "数量(10分) 质量(5分)", "10 6", 0.5),
        ("within_points", "数量(10分) 质量(5分)", "10 5%", 0.5),
        ("within_points", "数量(10分) 质量", "10 5", 0.0),
        ("within_points", "10 5", "数量(10分) 质量(5分)", -1.0),
    ],
)
def test_what_two_columns_say_about_each_other(name: str, a: str, b: str, expected: float) -> None:
    assert said(name, a, b) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(
    ("distance", "left", "next_", "behind_sign"),
    [(1, 1.0, 1.0, 1.0), (2, 1.0, 0.0, 0.0), (-1, -1.0, -1.0, 0.0), (-2, -1.0, 0.0, 0.0)],
)
def test_the_order_of_two_columns_counts_the_one_behind_signs_only_next_to_them(
    distance: int, left: float, next_: float, behind_sign: float
) -> None:
    signs, figures = "≥ ≤ ≥", "10 9 8"
    assert (said("left", signs, figures, distance), said("next", signs, figures, distance)) == (left, next_)
    assert said("behind_sign", signs, figures, distance) == behind_sign
    assert said("behind_sign", figures, signs, -distance) == -behind_sign
    assert said("behind_sign", "≥ 9 8", figures, distance) == 0.0
