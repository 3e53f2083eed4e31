"""What must hold for every text: one value however it is written, no number that is not there, no exception.

Here: properties. Not here: single strings and their meaning (test_readings_golden.py).
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.readings import read_pair, read_value

SAME = ["次", "人次", "户", "平方米", "元", "小时", "天", "%", "元/人", "元/亩", "公里", "场"]
UNITS = {unit: unit for unit in SAME} | {"个工作日": "工作日", "个月": "月", "": None}
BEFORE = {
    ">=": ["≥", ">=", "＞＝", "≧", "> =", "不低于", "不少于", "至少", "大于等于"],
    "<=": ["≤", "<=", "≦", "=<", "不超过", "不高于", "最多"],
    ">": ["＞", ">", "大于", "超过"],
    "<": ["＜", "<", "低于", "少于"],
    "=": ["=", "＝", "等于"],
    None: [""],
}
AFTER = {">=": ["以上", "及以上"], "<=": ["以内", "以下"]}
MULTIPLIER = {"": 1, "万": 10_000, "亿": 100_000_000}
WIDE = str.maketrans("0123456789.%/", "０１２３４５６７８９．％／")
DIGITS = "零一二三四五六七八九"

amounts = st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False) | st.integers(0, 10**7).map(Decimal)


def section(value: int) -> str:
    """A Chinese numeral from 1 to 9999, spelled in full."""
    text, gap = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + name
        gap = digit == 0 and (gap or bool(text))
    return text.removeprefix("一") if text.startswith("一十") else text


@given(
    amounts,
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(sorted(BEFORE, key=str)),
    st.sampled_from(sorted(MULTIPLIER)),
    st.data(),
)
@settings(max_examples=600, deadline=None)
def test_a_value_reads_the_same_however_it_is_written(amount, unit, operator, multiplier, data) -> None:
    before, after = data.draw(st.sampled_from(BEFORE[operator])), ""
    if unit in ("", "%", "个工作日", "个月", "天", "小时"):
        multiplier = ""
    if operator in AFTER and unit and data.draw(st.booleans()):
        before, after = "", data.draw(st.sampled_from(AFTER[operator]))
    digits = format(amount, ",f") if data.draw(st.booleans()) else format(amount, "f")
    gap = data.draw(st.sampled_from(["", " ", "　", "\n"]))
    text = f"{before}{gap}{digits}{gap}{multiplier}{unit}{gap}{after}"
    if data.draw(st.booleans()):
        text = text.translate(WIDE)
    reading = read_value(text, role="target", fiscal_year=2024, level2="数量指标", name="某项指标")
    assert (reading.operator, reading.value, reading.unit) == (operator, amount * MULTIPLIER[multiplier], UNITS[unit])


@given(st.integers(1, 9999), st.sampled_from(["次", "人", "户", "个", "场"]), st.sampled_from(["", "不少于", "共"]))
def test_a_chinese_numeral_reads_as_its_digits_do(value: int, unit: str, before: str) -> None:
    in_digits = read_value(f"{before}{value}{unit}", role="actual")
    in_words = read_value(f"{before}{section(value)}{unit}", role="actual")
    assert in_words == in_digits
    assert in_words.value == value


CHARACTERS = "0123456789０５.,，%‰≥≤<>=-~—至到()（）/·、；。 \x00\u200b\u202e\u200f\ud800²①"
WORDS = """
万 亿 元 次 个 人 月 年 日 天 底前 以上 以内 约 余 每 百分之 不 超过 完成 率 度 NaN 1e999 Infinity -0 2024年 12 无
不适用 显著 提高 季度 半年 工作日 各 和 三 十 元/人 人次 个工作日 99999999999999999999999999999
"""
SYLLABLES = st.sampled_from([*CHARACTERS, *WORDS.split()])
texts = st.text(max_size=60) | st.lists(SYLLABLES, max_size=14).map("".join)
contexts = st.sampled_from([None, "数量指标", "成本指标", "时效指标"])
columns = st.sampled_from([None, "万元", "%", "次", "/", "定性", "\ud800"])


def spelled(text: str) -> set[Decimal]:
    """Every number that stands in `text`, digits printed together only."""
    folded = "".join(unicodedata.normalize("NFKC", char) if "\uff01" <= char <= "\uff5e" else char for char in text)
    without_commas = re.sub(r"(?<=[0-9]),(?=[0-9])", "", folded)
    found = re.findall(r"[0-9]+(?:\.[0-9]+)?", folded) + re.findall(r"[0-9]+(?:\.[0-9]+)?", without_commas)
    return {Decimal(number) for number in found} | ({Decimal(0)} if "零" in text else set())


FACTORS = [Decimal(10) ** power for power in (-1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)]


@given(texts, st.sampled_from(["target", "actual"]), contexts, columns, st.sampled_from([None, 2024, 0, -5, 10**9]))
@settings(max_examples=1500, deadline=None)
def test_no_text_raises_or_yields_a_number_that_is_not_in_it(text, role, level2, column, year) -> None:
    reading = read_value(text, role=role, fiscal_year=year, level2=level2, name=text[:40], unit_text=column)
    for value in (reading.value, reading.value_high):
        if value is None:
            continue
        assert value.is_finite()
        assert len(value.as_tuple().digits) <= 40
        assert value.adjusted() < 20
        if not re.search("[一二两三四五六七八九十百]|分之", text):
            with localcontext(prec=80):
                assert any(abs(value) == number * factor for number in spelled(text) for factor in FACTORS)


@given(texts, texts, contexts, columns, st.sampled_from([None, "元", "万元", "x"]))
@settings(max_examples=800, deadline=None)
def test_no_pair_raises_and_what_is_not_compared_has_no_figures(target, actual, level2, column, money) -> None:
    _, _, comparison = read_pair(target, actual, fiscal_year=2024, level2=level2, unit_text=column, money_unit=money)
    assert comparison.basis
    if comparison.met is None:
        assert comparison.attainment_pct is None
    for figure in (comparison.attainment_pct, comparison.deviation_pct):
        assert figure is None or (figure == figure.quantize(Decimal("0.01")) and abs(figure) <= 10**9)


@given(amounts, amounts, st.sampled_from(["≥", "≤", "=", ""]))
def test_a_comparison_does_not_depend_on_the_decimal_context_of_the_caller(target, actual, operator) -> None:
    arguments = (f"{operator}{target}次", f"{actual}次")
    want = read_pair(*arguments, name="甲")
    with localcontext(prec=3, rounding=ROUND_HALF_EVEN):
        assert read_pair(*arguments, name="乙") == want


@given(amounts, st.sampled_from(["次", "%", "元", "个工作日"]))
def test_a_value_meets_itself(amount: Decimal, unit: str) -> None:
    for operator in ("≥", "≤", "=", ""):
        _, _, comparison = read_pair(f"{operator}{amount}{unit}", f"{amount}{unit}", level2="质量指标")
        assert comparison.met is True
        assert comparison.attainment_pct == (100 if amount else None)
