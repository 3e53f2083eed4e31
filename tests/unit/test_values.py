"""Single printed values: what is read of them, and what is not."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.readings.printed import (
    is_blank,
    is_failed_number,
    is_grade,
    is_marked,
    is_operator_alone,
    is_several_figures,
    money,
    money_unit,
    money_word,
    number,
    points,
    rate,
    split_project_name,
    split_score,
    split_unit_name,
    year,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.50"),
        ("１２", "12"),
        ("(300)", "-300"),
        ("-5", "-5"),
        ("1\u00a0234", "1234"),
        ("－１，２３４．５", "-1234.5"),
        ("1\u202f234\u2009567.8", "1234567.8"),
        ("20②", "20"),
        ("180000³", "180000"),
        ("𝟏𝟐", "12"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "1e5",
        "NaN",
        "十二",
        "12,34",
        "",
        "≥3",
        "3个",
        "1.2.3",
        "1 234",
        "171150 180000",
        "171\u00a01500",
        "5\n8",
        "①",
        "2②0",
        "12,",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(("text", "value"), [("10", "10"), ("9.5分", "9.5"), ("10%", "10"), ("（10分）", "10")])
def test_points(text: str, value: str) -> None:
    assert points(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("514万元", None, "5140000.00"),
        ("12.5", "万元", "125000.00"),
        ("3亿元", "万元", "300000000.00"),
        ("¥80", "元", "80.00"),
    ],
)
def test_money(text: str, unit: str | None, yuan: str) -> None:
    assert money(text, unit)[0] == Decimal(yuan)


def test_money_without_a_unit_is_not_read() -> None:
    assert money("514", None) == (None, None)
    assert money("约514万元", "万元") == (None, None)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("预算数（万元）", "万元"),
        ("金额单位：元", "元"),
        ("单位：人民币万元", "万元"),
        ("预算数", None),
        ("项目（单位）名称", None),
    ],
)
def test_the_unit_of_a_label(text: str, unit: str | None) -> None:
    assert money_unit(text) == unit


@pytest.mark.parametrize("text", ["171150 180000", "95 08", "3万元5万元", "10/9.5", "1,234.00\n56", "90% 95%"])
def test_several_figures_in_a_cell_are_none(text: str) -> None:
    assert is_several_figures(text)
    assert (number(text), points(text), money(text, "元")[0], rate(text, None)) == (None, None, None, None)


@pytest.mark.parametrize("text", ["1,234.00", "1\u00a0234", "12,408,000. 00", "3个 5个", "95%", "20②", ""])
def test_one_figure_or_words_are_not_several_figures(text: str) -> None:
    assert not is_several_figures(text)


def test_a_note_mark_is_told_from_the_number_it_stands_at() -> None:
    assert [is_marked(t) for t in ("20②", "180000³", "95%（①）", "20", "m2", "1②0")] == [True] * 3 + [False] * 3
    assert (points("20②"), money("3万元①", None)[0], rate("95.08%¹", None)) == (20, 30000, Decimal("95.08"))


def test_a_unit_alone() -> None:
    assert [money_word(t) for t in ("万元", "人民币元", "万元左右", "个")] == ["万元", "元", None, None]


def test_a_rate_below_one_is_a_share_only_where_the_amounts_say_so() -> None:
    assert rate("98.5%", None) == Decimal("98.5")
    assert rate("0.985", Decimal("0.985")) == Decimal("98.5")
    assert rate("0.985", Decimal("0.5")) == Decimal("0.985")
    assert rate("1", None) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("（2023年度）", 2023), ("二〇二一年度", 2021), ("二〇二四", None), ("2024", 2024),
        ("2023年3月15日", None), ("2021-2023年", None),
        ("2022年—2024年", None), ("某项目", None), ("2023.5", None),
    ],
)  # fmt: skip
def test_years(text: str, found: int | None) -> None:
    assert year(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("96.5 优", ("96.5", "优")),
        ("88分（良）", ("88", "良")),
        ("90分，优秀", ("90", "优秀")),
        ("96.5", None),
        ("99%", None),
        ("3个", None),
    ],
)
def test_a_score_with_its_grade(text: str, found: tuple[str, str] | None) -> None:
    assert split_score(text) == found


def test_grades() -> None:
    assert all(is_grade(t) for t in ("优", "良好", "中等", "差", "合格", "A", "二级", "优等"))
    assert not any(is_grade(t) for t in ("完成较好", "无", "优化", "中心", "良好水平"))


@pytest.mark.parametrize(
    ("text", "coded", "found"),
    [
        ("219-某局", False, ("219", "某局")), ("[305]某局", False, ("305", "某局")), ("219某局", True, ("219", "某局")),
        ("某局219001", False, ("219001", "某局")), ("110指挥中心", False, (None, "110指挥中心")),
        ("某局", True, (None, "某局")),
    ],
)  # fmt: skip
def test_a_unit_and_its_code(text: str, coded: bool, found: tuple[str | None, str]) -> None:
    assert split_unit_name(text, coded=coded) == found


def test_a_project_and_its_code() -> None:
    assert split_project_name("51011723T000007943391-河道保洁") == ("51011723T000007943391", "河道保洁")
    assert split_project_name("2024年河道保洁") == (None, "2024年河道保洁")


D = Decimal
BORDERS: list[tuple[Callable[..., object], tuple[object, ...], object]] = [
    (number, ("15)",), None),
    (number, ("(15",), None),
    (number, ("(1,500)",), D(-1500)),
    (number, ("12345678901234567890",), D("12345678901234567890")),
    (number, ("123456789012345678901",), None),
    (is_failed_number, ("123456789012345678901",), True),
    (is_failed_number, ("12345678901234567890",), False),
    (is_failed_number, ("#DIV/0!",), True),
    (is_failed_number, ("(nan)",), True),
    (is_failed_number, ("",), False),
    (points, ("0",), D(0)),
    (points, ("(1000分)",), None),
    (points, ("",), None),
    (is_blank, ("",), True),
    (is_blank, (None,), True),
    (is_blank, ("…",), True),
    (is_blank, ("无",), True),
    (is_blank, ("N/A",), True),
    (is_blank, ("0",), False),
    (is_blank, ("不适用。",), False),
    (split_score, ("95、优",), ("95", "优")),
    (split_score, ("1000优",), None),
    (money_unit, ("[亿元]",), "亿元"),
    (money_unit, ("【千元】",), "千元"),
    (money_unit, ("（一二三四五六七八九十万元）",), "万元"),  # twelve characters say what the amounts are in
    (money_unit, ("（一二三四五六七八九十一万元）",), None),  # thirteen are a remark
    (money_unit, ("某局(1)",), None),
    (money_unit, ("",), None),
    (money_word, ("",), None),
    (money, ("7千元", None), (D("7000.00"), "千元")),
    (money, ("5百万元", None), (D("5000000.00"), "百万元")),
    (money, ("3亿", None), (D("300000000.00"), "亿")),
    (money, ("-5万", None), (D("-50000.00"), "万")),
    (money, ("(5)万元", "元"), (D("-50000.00"), "万元")),
    (money, ("¥80元", "万元"), (D("80.00"), "元")),
    (money, ("12.345", "元"), (D("12.35"), "元")),  # half a cent goes up
    (money, ("12.344", "元"), (D("12.34"), "元")),
    (money, ("0", "万元"), (D("0.00"), "万元")),
    (money, ("0", None), (None, None)),
    (money, ("…", "万元"), (None, None)),
    (rate, ("", D("0.95")), None),
    (rate, ("0", None), D(0)),
    (rate, ("-5", D("0.95")), D(-5)),
    (rate, ("0.944", D("0.95")), D("94.4")),
    (rate, ("0.943", D("0.95")), D("0.943")),
    (rate, ("0.956", D("0.95")), D("95.6")),
    (rate, ("0.957", D("0.95")), D("0.957")),
    (rate, ("1.5", D("1.5")), D(150)),
    (rate, ("1.51", D("1.51")), D("1.51")),
    (rate, ("0.95%", D("0.95")), D("0.95")),
    (rate, ("5", D(5)), D(5)),
    (rate, ("0.003", D(0)), D("0.3")),
    (rate, ("0.003", None), D("0.003")),
    (year, ("二〇二三年",), 2023),
    (year, ("12023年",), None),
    (year, ("2023/6/30",), None),
    (year, ("1899",), None),
    (year, ("",), None),
    (split_project_name, ("12345678—某项目",), ("12345678", "某项目")),
    (split_project_name, ("A1234567-某项目",), (None, "A1234567-某项目")),
    (split_project_name, ("A12345678-某项目",), ("A12345678", "某项目")),
    (split_project_name, ("51011724T 00000168749-某项目",), ("51011724T00000168749", "某项目")),
    (split_project_name, ("51011724T000001687491某项目",), ("51011724T000001687491", "某项目")),
    (split_project_name, ("51011724T00000168749某项目",), (None, "51011724T00000168749某项目")),
    (split_project_name, ("",), (None, "")),
    (partial(split_unit_name, coded=False), ("118001某局",), ("118001", "某局")),
    (partial(split_unit_name, coded=False), ("12345热线",), (None, "12345热线")),
    (partial(split_unit_name, coded=True), ("12345热线",), ("12345", "热线")),
    (partial(split_unit_name, coded=False), ("【219】 某局",), ("219", "某局")),
    (partial(split_unit_name, coded=False), ("某局（219001）",), ("219001", "某局")),
    (partial(split_unit_name, coded=False), ("12-某局",), (None, "12-某局")),
]


@pytest.mark.parametrize(("read", "texts", "wanted"), BORDERS, ids=[f"{n} {c[1][0]}" for n, c in enumerate(BORDERS)])
def test_at_its_border_a_value_is_read_and_just_beyond_it_is_not(
    read: Callable[..., object], texts: tuple[object, ...], wanted: object
) -> None:
    assert read(*texts) == wanted


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_a_number_is_read_back_as_it_was_written(value: Decimal) -> None:
    assert number(f"{value:,}") == value
    assert points(f"{value}分") == value


@given(st.text(max_size=30))
def test_no_text_breaks_a_reading(text: str) -> None:
    for read in (number, points, money_unit, money_word, year, is_blank, is_grade, split_score, split_project_name):
        read(text)
    money(text, "万元")
    rate(text, None)
    split_unit_name(text, coded=True)


@pytest.mark.parametrize("text", ["≥", "＞＝", "≦", " 不低于", "大于或等于", "至少", "=", "±", "~"])
def test_an_operator_alone(text: str) -> None:
    assert is_operator_alone(text)


@pytest.mark.parametrize("text", ["≥5", "", "定性", "至", "少于三次", "不", "—", "0", "≥≤≥≤"])
def test_no_operator_alone(text: str) -> None:
    assert not is_operator_alone(text)
