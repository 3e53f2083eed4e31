"""What must hold for every text: one value however it is written, no number that is not there, no exception, order.

Here: properties. Not here: single strings and their meaning (test_readings_golden.py).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from extractors.readings import Comparison, read_pair, read_value
from extractors.readings.lexicon import GRADES, UNITS, WORDS

SYMBOLS = {
    ">=": ["≥", ">=", "＞＝", "≧", "⩾", "> =", "=>", "≥="],
    "<=": ["≤", "<=", "＜＝", "≦", "⩽", "< =", "=<", "≤="],
    ">": ["＞", ">", "﹥"],
    "<": ["＜", "<", "﹤"],
    "=": ["=", "＝", "═", "=="],
}
WORDED = {
    ">=": ["不低于", "不少于", "不小于", "至少", "大于等于", "大于或等于"],
    "<=": ["不超过", "不高于", "不大于", "不多于", "最多", "至多", "小于等于"],
    ">": ["大于", "高于", "多于", "超过"],
    "<": ["小于", "低于", "少于", "不足"],
    "=": ["等于"],
}
BEFORE = {operator: [*SYMBOLS[operator], *words, *WORDS["before"][operator]] for operator, words in WORDED.items()}
AFTER: dict[str, list[str]] = WORDS["after"]
MULTIPLIER = {"": 1, "百": 100, "千": 1000, "万": 10_000, "百万": 10**6, "千万": 10**7, "亿": 10**8}
MULTIPLIED = ["元", "人", "人次", "户", "平方米", "页", "公里"]
LISTED = [*UNITS["count"]["nouns"].split(), *(unit for units in UNITS["dimension"].values() for unit in units)]
FIXED = {unit: (unit, 1) for unit in LISTED} | {
    "元整": ("元", 1), "圆": ("元", 1), "圆整": ("元", 1),
    "人民币": ("元", 1), "元人民币": ("元", 1), "百分比": ("%", 1), "‰": ("%", Decimal("0.1")),
    "个工作日": ("工作日", 1), "个月": ("月", 1), "": (None, 1),
}  # fmt: skip
PER = {
    "元": ["人", "人·月", "人/次", "亩", "平方米", "学期", "km"],
    "次": ["季度", "月", "周", "人"],
    "吨": ["日", "天"],
}
WIDE = str.maketrans("0123456789.%/()", "０１２３４５６７８９．％／（）")
GAPS = st.sampled_from(["", "", " ", "　", "\n", "\u00a0", "\u200b"])
DIGITS = "零一二三四五六七八九"

amounts = st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False) | st.integers(0, 10**7).map(Decimal)
spellings = st.sampled_from(["{:f}", "{:,f}", "{:,f}"]).map(lambda form: form.format)


def numeral(value: int) -> str:
    """A Chinese numeral from 1 to 99 999 999, spelled in full."""
    high, low = divmod(value, 10_000)
    if not high:
        return section(low)
    return section(high) + "万" + ("零" if 0 < low < 1000 else "") + (section(low, inside=True) if low else "")


def section(value: int, *, inside: bool = False) -> str:
    """The part of a numeral from 1 to 9999; `inside` one that is longer 十 is 一十."""
    text, gap = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + name
        gap = digit == 0 and (gap or bool(text))
    return text.removeprefix("一") if text.startswith("一十") and not inside else text


@st.composite
def written(draw) -> tuple[str, str | None, Decimal, str | None]:
    """A measure as forms print it, with the operator, the value and the unit that it says."""
    amount, operator = draw(amounts), draw(st.sampled_from([None, *BEFORE]))
    if draw(st.booleans()):
        printed, multiplier = draw(st.sampled_from(MULTIPLIED)), draw(st.sampled_from(sorted(MULTIPLIER)))
        unit, factor = printed, Decimal(MULTIPLIER[multiplier])
        if printed == "公里" and multiplier:
            multiplier, factor = "万", Decimal(10_000)  # 千公里 is no way of writing
    else:
        printed, multiplier = draw(st.sampled_from(sorted(FIXED))), ""
        unit, factor = FIXED[printed][0], Decimal(FIXED[printed][1])
    if printed in PER and draw(st.booleans()):
        per = draw(st.sampled_from(PER[printed]))
        printed, unit = f"{printed}/{per}", f"{unit}/{per}"
    before, after = draw(st.sampled_from(BEFORE[operator])) if operator else "", ""
    if operator in AFTER and printed and draw(st.booleans()):
        before, after = draw(st.sampled_from(["", before])), draw(st.sampled_from(AFTER[operator]))
    gap = draw(GAPS)
    text = f"{before}{gap}{draw(spellings)(amount)}{gap}{multiplier}{printed}{after}"
    text = draw(st.sampled_from(["{}", "{}。", "{}；", " {}\n", "满意度{}" if before and not after else "{}"])).format(
        text
    )
    return (text.translate(WIDE) if draw(st.booleans()) else text), operator, amount * factor, unit


MONTH = re.compile(r"(?:19|20)\d\d(?:\.(?:0?[1-9]|1[0-2])|年)")
"""A number that may be meant as a month or a year, and is not read as one where nothing else is printed."""


@given(written(), st.sampled_from(["target", "actual"]))
@settings(max_examples=3 * settings.default.max_examples)
@example(("≥1,200.50万元/人·月", ">=", Decimal("12005000"), "元/人·月"), "target")
def test_a_value_reads_the_same_however_it_is_written(case, role) -> None:
    text, operator, value, unit = case
    assume(
        operator or unit not in (None, "年") or not MONTH.fullmatch(unicodedata.normalize("NFKC", text).strip(" \n。;"))
    )
    reading = read_value(text, role=role, fiscal_year=2024, level2="数量指标", name="某项指标")
    assert (reading.operator, reading.value, reading.unit) == (operator, value, unit)
    assert not reading.approximate


@given(
    st.integers(1, 9999) | st.integers(1, 99_999_999),
    st.sampled_from(["次", "人", "户", "个", "场"]),
    st.sampled_from(["", "不少于", "共", "≥"]),
)
def test_a_chinese_numeral_reads_as_its_digits_do(value: int, unit: str, before: str) -> None:
    in_digits = read_value(f"{before}{value}{unit}", role="actual")
    in_words = read_value(f"{before}{numeral(value)}{unit}", role="actual")
    assert in_words == in_digits
    assert in_words.value == value


@given(
    amounts, amounts, st.sampled_from(["次", "%", "万元", "元/亩"]), st.sampled_from(["-", "~", "～", "—", "至", "到"])
)
def test_a_range_reads_as_its_two_ends(low: Decimal, high: Decimal, unit: str, to: str) -> None:
    assume(low < high)
    factor = 10_000 if unit == "万元" else 1
    for text in (f"{low}{to}{high}{unit}", f"{low}{unit}{to}{high}{unit}"):
        if "/" in text and text.count("/") > 1:
            continue
        reading = read_value(text, role="target", level2="数量指标")
        assert (reading.operator, reading.value, reading.value_high) == ("range", low * factor, high * factor)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["", "前", "之前", "前完成"]))
def test_a_day_reads_the_same_however_it_is_written(day: dt.date, before: str) -> None:
    year, month, number = day.year, day.month, day.day
    months, days = section(month), section(number)
    ways = [f"{year}年{month}月{number}日", f"{year}年{month:02}月{number:02}日", f"{year}-{month:02}-{number:02}"]
    ways += [f"{year}.{month}.{number}", f"{year}/{month}/{number}", f"{year}年{months}月{days}日"]
    for way in ways:
        reading = read_value(way + before, role="target", fiscal_year=2010)
        assert (reading.kind, reading.operator, reading.date) == ("date", "<=", day)


CHARACTERS = "0123456789０５.,，%‰≥≤<>=-~—至到()（）/·、；。 \x00\u200b\u202e\u200f\ud800²①"
PIECES = """
万 亿 元 次 个 人 月 年 日 天 底前 以上 以内 约 余 每 百分之 成 不 超过 完成 率 度 NaN 1e999 Infinity -0 2024年 12 无
不适用 显著 提高 季度 半年 工作日 各 和 零 三 十 二十 百 元/人 人次 个工作日 事故 起 期 第 级
99999999999999999999999999999
"""
SYLLABLES = st.sampled_from([*CHARACTERS, *PIECES.split()])


@st.composite
def nearly_written(draw) -> str:
    """A well written measure with a syllable put in, taken out or exchanged: most are wrong in a way forms are."""
    text = draw(written())[0]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(SYLLABLES | st.just("")) + text[at + draw(st.integers(0, 1)) :]
    return text


texts = st.text(max_size=60) | st.lists(SYLLABLES, max_size=14).map("".join) | nearly_written()
contexts = st.sampled_from([None, "数量指标", "成本指标", "时效指标"])
columns = st.sampled_from([None, "万元", "%", "次", "月", "/", "定性", "\ud800"])
years = st.sampled_from([None, 2024, 0, -5, 10**9])
FACTORS = [Decimal(10) ** power for power in (-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)]
SPELLED = {section(value): Decimal(value) for value in range(1, 10_000)} | {"零": Decimal(0), "百分百": Decimal(100)}
TENS = {f"{tens}成{half}" for tens in "123456789一二三四五六七八九" for half in ["", *"一二三四五六七八九"]}


def numbers_in(text: str) -> set[Decimal]:
    """Every number that stands in `text`: digits printed together (groups of three by thin spaces), numerals."""
    folded = "".join(unicodedata.normalize("NFKC", char) if "\uff01" <= char <= "\uff5e" else char for char in text)
    folded = re.sub("[\\s\u200b-\u200f\xa0]", lambda gap: "\x00" if gap else "", folded)
    without_commas = re.sub(r"(?<=[0-9]),(?=[0-9])", "", folded)
    grouped = re.sub("(?<=[0-9])[\u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))", "", text)
    parts = (folded, without_commas, grouped)
    found = {Decimal(number) for part in parts for number in re.findall(r"[0-9]+(?:\.[0-9]+)?", part)}
    joined = folded.replace("\x00", "")
    for start in range(len(joined)):
        found.update(SPELLED[part] for end in range(1, 9) if (part := joined[start : start + end]) in SPELLED)
    return found


HOSTILE = [
    *"1≥( 、率每一年-约。\ud800\u202e",
    "9,",
    "1次、",
    "完成",
    "不适用",
    "1年",
    "(一)",
    "x=",
    "0.",
    "1\u3000",
    "零",
    "1-",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_cell_of_thousands_of_characters_has_no_value(piece: str) -> None:
    for size in (1990, 1_000_000):
        text = piece * (size // len(piece))
        assert read_value(text, role="target", fiscal_year=2024, name=text, unit_text=text).value is None
        assert read_pair(text, text, level2=text)[2].met is None


@given(texts, st.sampled_from(["target", "actual"]), contexts, columns, years)
@settings(max_examples=2 * settings.default.max_examples)
def test_no_text_raises_or_yields_a_number_that_is_not_in_it(text, role, level2, column, year) -> None:
    reading = read_value(text, role=role, fiscal_year=year, level2=level2, name=text[:40], unit_text=column)
    numbers = numbers_in(text)
    for value in (reading.value, reading.value_high):
        if value is None:
            continue
        assert value.is_finite()
        assert len(value.as_tuple().digits) <= 40
        assert value.adjusted() < 20
        if not re.search("分之|[0-9一二三四五六七八九]成|[一二三四五六七八九十]万", text):
            with localcontext(prec=80):
                assert any(abs(value) == number * factor for number in numbers for factor in FACTORS)


@given(texts, texts, contexts, columns)
@settings(max_examples=3 * settings.default.max_examples)
def test_no_pair_raises_and_what_is_not_compared_has_no_figures(target, actual, level2, column) -> None:
    _, _, comparison = read_pair(target, actual, fiscal_year=2024, level2=level2, unit_text=column)
    assert comparison.basis
    if comparison.met is None:
        assert comparison.attainment_pct is None
    for figure in (comparison.attainment_pct, comparison.deviation_pct):
        assert figure is None or (figure == figure.quantize(Decimal("0.01")) and abs(figure) <= 10**9)


def compared(target: str, actual: str, **row: str) -> Comparison:
    return read_pair(target, actual, fiscal_year=2024, **row)[2]


BETTER_UP = ["≥{}", ">{}", "不低于{}", "{}以上", "{}", "={}"]
BETTER_DOWN = ["≤{}", "<{}", "不超过{}", "{}以内"]
UNITS = ["次", "%", "元", "人天"]
UP, DOWN = {"level2": "质量指标", "name": "完成率"}, {"level2": "质量指标", "name": "差错率"}


@given(amounts, amounts, amounts, st.sampled_from(BETTER_UP + BETTER_DOWN), st.sampled_from(UNITS), st.booleans())
@settings(max_examples=3 * settings.default.max_examples)
def test_the_better_of_two_results_is_never_judged_worse(target, one, other, written_target, unit, less) -> None:
    """A target without an operator counts by its name: of a 差错率 less is better."""
    bare = written_target in BETTER_UP[4:]
    if target == 0:
        assume(not bare)  # a bare 0 may not be exceeded
    assume(not (bare and less and unit == "%" and target == 100))  # a bare 100 % is a ceiling of what is good
    worse, better = sorted((one, other), reverse=less if bare else written_target in BETTER_DOWN)
    row = DOWN if less else UP
    first, second = (
        compared(written_target.format(f"{target}{unit}"), f"{actual}{unit}", **row) for actual in (worse, better)
    )
    assert None not in (first.met, second.met)
    assert first.met <= second.met
    if first.attainment_pct is not None and second.attainment_pct is not None:
        assert first.attainment_pct <= second.attainment_pct
        assert first.met is (first.attainment_pct >= 100) or first.attainment_pct == 100


@given(st.dates(dt.date(2023, 1, 1), dt.date(2026, 1, 1)), st.dates(dt.date(2023, 1, 1), dt.date(2026, 1, 1)))
def test_a_day_meets_a_deadline_exactly_if_it_is_not_later(deadline: dt.date, day: dt.date) -> None:
    target, actual = f"{deadline:%Y年%m月%d日}前", f"{day:%Y年%m月%d日}"
    assert compared(target, actual).met is (day <= deadline)


@pytest.mark.parametrize("scale", sorted(GRADES["scale"]))
def test_a_grade_meets_another_of_its_scale_exactly_if_it_is_not_lower(scale: str) -> None:
    ranks = GRADES["scale"][scale]
    for wanted in ranks:
        for reached in ranks:
            assert compared(wanted, reached).met is (ranks[reached] >= ranks[wanted])


@given(amounts.filter(bool), st.decimals(min_value=Decimal("0.1"), max_value=10, places=2), st.sampled_from("≥≤"))
def test_a_comparison_does_not_depend_on_the_scale_of_the_units(target, share, sign) -> None:
    with localcontext(prec=60):
        actual = target * share
        for small, large, factor in (
            ("元", "万元", 10_000),
            ("米", "公里", 1000),
            ("公斤", "吨", 1000),
            ("‰", "%", 10),
        ):
            wanted, got = f"{sign}{target:f}{large}", f"{actual:f}{large}"
            assert compared(wanted, f"{actual * factor:f}{small}") == compared(wanted, got)
            assert compared(f"{sign}{target * factor:f}{small}", got) == compared(wanted, got)


@given(amounts, amounts, st.sampled_from(["≥", "≤", "=", ""]))
def test_a_comparison_does_not_depend_on_the_decimal_context_of_the_caller(target, actual, operator) -> None:
    arguments = (f"{operator}{target}次", f"{actual}次")
    want = read_pair(*arguments, name="甲")
    with localcontext(prec=3, rounding=ROUND_HALF_EVEN):
        assert read_pair(*arguments, name="乙") == want


@given(amounts, st.sampled_from(["次", "%", "元", "个工作日"]))
def test_a_value_meets_itself(amount: Decimal, unit: str) -> None:
    for operator in ("≥", "≤", "=", ""):
        comparison = compared(f"{operator}{amount}{unit}", f"{amount}{unit}", level2="质量指标")
        assert comparison.met is True
        assert comparison.attainment_pct == (100 if amount else None)
