"""Numbers as their cells show them. Not here: reading them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.formats.office.number_format import builtin, printed, shown_text

ACCOUNTING = '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.9508, "0.00%", "95.08%"),
        (0.95083427, "0%", "95%"),
        (180000, "0.00", "180000.00"),
        (171150.17, "#,##0.00", "171,150.17"),
        (2.675, "0.00", "2.68"),
        (-0.001, "0.00", "0.00"),
        (-1234.5, ACCOUNTING, "-1,234.50"),
        (0, ACCOUNTING, "-"),
        (-1234.5, "#,##0.00_);[Red]\\(#,##0.00\\)", "(1,234.50)"),
        (0, ";;;", ""),
        (5, '"≥"0"天"', "≥5天"),
        (0.5, "0.0#", "0.5"),
        (3, "000", "003"),
        (1234567, "#,##0,", "1,235"),
        (1.5, "# ?/?", "1.5"),
        (0.1 + 0.2, "General", "0.3"),
        (11 / 13, "General", "0.846153846"),
        (9.50834277777778, "General", "9.508342778"),
        (99.51, "General", "99.51"),
        (1e-7, "General", "0.0000001"),
        (440303999000, "General", "440303999000"),
        (100, 'G/通用格式"分"', "100分"),
        (45657, '[$-804]yyyy"年"m"月"d"日";@', "2024年12月31日"),
        (45657, builtin(31), "2024年12月31日"),
        (45657, builtin(57), "2024年12月"),
        (45657, builtin(14), "2024/12/31"),
        (45657.5625, "yyyy-mm-dd hh:mm:ss", "2024-12-31 13:30:00"),
        (0.5625, "h:mm", "13:30"),
        (1, "yyyy/m/d", "1900/1/1"),
        (1.5, "[h]:mm", "36:00"),
        (45657, "d-mmm-yy", "31-Dec-24"),
        (45657, "[DBNum1]yyyy年m月d日", "二〇二四年十二月三十一日"),
        (45657, "[$-804]dddd", "星期二"),
        (0.5625, builtin(34), "下午1时30分"),
        (-1, "yyyy/m/d", "########"),
        (180000, "[DBNum2]General", "壹拾捌万"),
        (15, "[DBNum1]General", "一十五"),
        (0.25, "0/4", "0.25"),
        (185000, "0.00E+00", "1.85E+05"),
        (1286, '0.00E+00"人次"', "1.29E+03人次"),
        (185000, "0.0E+0", "1.9E+5"),
        (0.00185, "0.00E-00", "1.85E-03"),
        (185000, "0.00E-00", "1.85E05"),
        (185000, "##0.0E+0", "185.0E+3"),
        (9999, "0.0E+00", "1.0E+04"),
        (440303240000000000000, "General", "4.40303E+20"),
    ],
)
def test_a_number_is_printed_as_its_format_says(value: float, code: str, text: str) -> None:
    assert printed(value, code) == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (6993600, "0!.0000", "699.3600"),
        (6993600, "0\\.0000", "699.3600"),
        (6993600, "0!.0,", "699.4"),
        (6993600, '0"."0,', "699.4"),
        (6993600, '0\\.0,"万"', "699.4万"),
        (6993600, '0!.0,"万元"', "699.4万元"),
        (36, "0!.0000", "0.0036"),
        (500, "0!.0,", "0.1"),
        (-6993600, "0!.0000", "-699.3600"),
        (5930600, '0.00,,"万"\n%', "593.06万"),
        (123456, '[>=10000]0!.0,"万";0', "12.3万"),
        (9999, '[>=10000]0!.0,"万";0', "9999"),
        (-5, '[>=10000]0!.0,"万";0', "-5"),
        (123456789, '[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', "1.23亿"),
        (1, '[=1]"是";[=0]"否";0', "是"),
        (2, '[=1]"是";[=0]"否";0', "2"),
        (2, '[=1]"是";[=0]"否"', "########"),
    ],
)
def test_a_format_that_moves_the_point_shows_the_moved_point(value: float, code: str, text: str) -> None:
    assert printed(value, code) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (5, "[Color 2]0"),
        (5, "[White]0"),  # seen or not, as the ground is
        (5, "0 foo"),
        (5, "0.0.0"),
        (1 / 3, "# ?/?"),
        (1234567, "#,##0!.0000"),
        (5, "0;0;0;0;0"),
        (float("inf"), "0.00"),
    ],
)
def test_a_format_that_is_not_known_prints_nothing_rather_than_the_raw_number(value: float, code: str) -> None:
    assert printed(value, code) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [(";;;", ""), ("0;-0;0;", ""), (";;;@", "甲"), ("@", "甲"), ('@"元"', "甲元"), ("0.00;-0.00", "甲"), ("0", "甲")],
)
def test_a_text_is_shown_as_the_part_of_the_format_for_texts_says(code: str, text: str) -> None:
    assert shown_text("甲", code) == text


def test_dates_of_the_1904_epoch_start_later() -> None:
    assert printed(0, "yyyy/m/d", epoch_1904=True) == "1904/1/1"


@given(st.floats(-1e300, 1e300), st.text('0#?.,%;"-_*[]ymdhs@E+ 年元', max_size=12))
def test_no_format_code_fails(value: float, code: str) -> None:
    assert isinstance(printed(value, code), str | None)
