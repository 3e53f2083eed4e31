"""Single printed values: numbers, money, rates, years, and names with a code glued to them.

Here: one text -> one exact value or None. Not here: targets and actuals (readings).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from extractors.readings.fold import APART, fold_characters
from extractors.readings.lexicon import BEFORE, alternation

_FIGURE = r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,20})(?:\.[0-9]{1,12})?"
_NUMBER = re.compile(_FIGURE)
_UNIT = "(?:百万元|千元|万元|亿元|万|亿|元|分|%)"
_SEVERAL = re.compile(f"(?:{_FIGURE}(?:{_UNIT}[{APART}/、;|]?|[{APART}/、;|]))+{_FIGURE}{_UNIT}?")
_MARK = "[⁰¹²³⁴-⁹₀-₉①-⒛⓪-⓿❶-➓㉑-㉟㊱-㊿]"
_MARKS = re.compile(rf"^(?:{_MARK}+|\({_MARK}+\))|(?:{_MARK}+|\({_MARK}+\))$")
_NO_NUMBER = re.compile(
    r"[-+(]*(?:nan|inf(?:inity)?|[\d.,]+e[-+]?\d+|[\d.,]{21,}|#+|#(?:n/a|null!|div/0!|value!|ref!|name\?|num!))[)%]*",
    re.IGNORECASE,
)
_UNIT_FACTORS = {
    "元": 1,
    "千元": 1_000,
    "万元": 10_000,
    "万": 10_000,
    "百万元": 1_000_000,
    "亿元": 100_000_000,
    "亿": 100_000_000,
}
_MONEY = re.compile(
    r"(?:¥|￥|人民币|rmb|cny)?(?P<number>[-+(]*[0-9,.]+\)?)(?P<unit>百万元|千元|万元|亿元|万|亿|元)*", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")
_SHORT = 60
_UNIT_WORD = re.compile(r"百万元|千元|万元|亿元|元")
_BLANK = re.compile(r"[-—–－―_/\\|*.·…一無无]*|n/?a|不适用", re.IGNORECASE)
_POINTS_IN_BRACKETS = re.compile(r"\((\d{1,3}(?:\.\d+)?)分\)")
_GRADE = re.compile(
    r"(?:优秀?|良好?|中等?|差|一般|较[好差]|(?:不|基本)?合格|(?:基本|未)?达标|[A-Da-d][+-]?|[一二三四]级)(?:等级?|级)?"
)
_SCORE_AND_GRADE = re.compile(r"(?P<score>\d{1,3}(?:\.\d+)?)分?[(,，、/;:；：]?(?P<grade>[^\d)]{1,4}?)\)?")
_YEAR = re.compile(
    r"(?<!\d)(?:20|19)\d{2}(?=\s*(?:年|$|\D))"
    r"(?!\s*[年/.-]?\s*\d{1,2}\s*[月/.-])(?!\s*[/.-]\s*\d{1,2}\s*$)"
)
_CHINESE_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "О": "0", "O": "0"}
_CHINESE_YEAR = re.compile(r"[二][〇零○OО一二三四五六七八九]{3}(?=年)")
_OPERATOR = re.compile(rf"[≥≤<>=~±≠]{{1,3}}|{alternation(BEFORE)}")
_YEARS = re.compile(r"20\d\d年?度?[-—–~～至到]+(?:20)?\d\d(?:年|$)")
PROJECT_CODE = re.compile(r"\d{8}[0-9A-Z]\d{12}")
_CODE_THEN_NAME = re.compile(
    r"(?P<code>[0-9A-Z]{8,24})\s*[-－—–_:：]\s*(?P<name>\S.*)|(?P<code2>\d{8}[0-9A-Z]\d{12})(?P<name2>\D.*)"
)
_BROKEN_CODE = re.compile(r"((?:[0-9A-Z]+\s+)+[0-9A-Z]*)(?:\s*[-－—–_:：]|(?<=[0-9A-Z]{3})(?=[\u4e00-\u9fff]))")
_UNIT_CODE_THEN_NAME = re.compile(
    r"[\[【(（](?P<code2>\d{3,15})[\]】)）]\s*(?P<name2>\D.*)|(?P<code>\d{3,15})\s*[-－—–_:：]\s*(?P<name>\D.*)"
)
_GLUED_UNIT_CODE = re.compile(r"(?P<code>\d{3,15})(?P<name>[^\d\-].*)")
_NAME_THEN_CODE = re.compile(r"(?P<name>.*?[^\d\s\-－—(（])\s*[-－—–_(（]?(?P<code>\d{3,15})[)）]?")


def plain(text: str) -> str:
    """The text in one width, without white space, a comma always ASCII; `APART` between two parts of a number.

    Here a full-width comma is what an ASCII one is, unlike in targets: an amount or a score is no list.
    """
    return _plain(text) if len(text) <= _SHORT else _plain.__wrapped__(text)


@lru_cache(maxsize=8_192)
def _plain(text: str) -> str:
    return fold_characters(text).replace("，", ",")


def is_blank(text: str | None) -> bool:
    """Whether a cell prints nothing but a dash, a slash or the like."""
    return not text or (not text[0].isdigit() and _BLANK.fullmatch(plain(text)) is not None)


def is_marked(text: str) -> bool:
    """Whether a text has a raised or circled mark of a note at an end: 20②, 180000³."""
    t = plain(text)
    return not t.isascii() and _MARKS.search(t) is not None


def _unmarked(text: str) -> str:
    """The plain text without the marks of notes, which are never part of a number."""
    t = plain(text)
    return _MARKS.sub("", t) if not t.isascii() else t


def is_several_figures(text: str) -> bool:
    """Whether a cell prints two or more figures and nothing else: 171150 180000, 3万元5万元, 10/9.5."""
    return _SEVERAL.fullmatch(_unmarked(text)) is not None


def number(text: str) -> Decimal | None:
    """An exact number, or None. Thousands separators and accounting brackets are read, exponents and words are not."""
    t = _unmarked(text)
    negative = t.startswith("(") and t.endswith(")")
    if negative:
        t = t[1:-1]
    if not _NUMBER.fullmatch(t):
        return None
    value = Decimal(t.replace(",", ""))
    return -value if negative else value


def is_operator_alone(text: str) -> bool:
    """Whether a text is only what stands before a number: a sign (≥) or its word (不低于)."""
    return len(text) <= _SHORT and _OPERATOR.fullmatch(plain(text)) is not None


def is_failed_number(text: str) -> bool:
    """Whether a cell prints what a program writes for a number it could not print: NaN, 1.8E+308, #DIV/0!, #####."""
    return bool(_NO_NUMBER.fullmatch(plain(text)))


@lru_cache(maxsize=8_192)
def points(text: str) -> Decimal | None:
    """A weight or score: a number, with 分 or % after it or not, or （10分）."""
    t = _unmarked(text)
    if m := _POINTS_IN_BRACKETS.fullmatch(t):
        return Decimal(m[1])
    return number(re.sub(r"[分%]$", "", t))


def is_grade(text: str) -> bool:
    """Whether a text is a grade of an evaluation: 优, 良好, 合格, A, 二级."""
    return bool(_GRADE.fullmatch(plain(text)))


def split_score(text: str) -> tuple[str, str] | None:
    """(score, grade) of a cell that prints both: 96.5 优, 88分（良）."""
    m = _SCORE_AND_GRADE.fullmatch(plain(text))
    return (m["score"], m["grade"]) if m and is_grade(m["grade"]) else None


@lru_cache(maxsize=8_192)
def money_unit(text: str) -> str | None:
    """元, 万元, ... as a label states it: in brackets, or after 单位 or 金额单位; None when it does not."""
    t = plain(text)
    for bracket in re.findall(r"[(\[【]([^()\[\]【】]*)[)\]】]", t):
        if (m := _UNIT_WORD.search(bracket)) and len(bracket) <= 12:
            return m.group()
    if m := re.search(r"单位[:为]?(?:人民币)?(百万元|千元|万元|亿元|元)", t):
        return m.group(1)
    return None


def money_word(text: str) -> str | None:
    """The unit of money that is all a text says: 万元, 人民币元."""
    t = plain(text).removeprefix("人民币")
    return t if _UNIT_WORD.fullmatch(t) else None


@lru_cache(maxsize=8_192)
def money(text: str, unit: str | None) -> tuple[Decimal | None, str | None]:
    """(元 to the cent, the unit that served): the unit beside the number wins over `unit`; (None, None) when unsure."""
    t = _unmarked(text)
    m = _MONEY.fullmatch(t)
    if not m:
        return None, None
    value = number(m["number"])
    served = m["unit"] or unit
    if value is None or served is None:
        return None, None
    yuan = (value * _UNIT_FACTORS[served]).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return yuan, served


def is_amount(text: str) -> bool:
    """Whether a text is a figure with or without a money unit."""
    return money(text, "元")[0] is not None


def is_figure(text: str) -> bool:
    """Whether a text can stand in a figure's place: an amount, a rate, a dash, a number that failed, two figures."""
    return (
        is_blank(text)
        or is_amount(text)
        or points(text) is not None
        or is_failed_number(text)
        or is_several_figures(text)
    )


def rate(text: str, ratio: Decimal | None) -> Decimal | None:
    """Percent. A bare number of at most 1.5 counts as a share only where the amounts themselves give that `ratio`."""
    t = _unmarked(text)
    value = number(t.rstrip("%"))
    if value is None:
        return None
    is_share = not t.endswith("%") and abs(value) <= Decimal("1.5") and ratio is not None
    if is_share and abs(value - (ratio or 0)) <= Decimal("0.006"):
        return value * 100
    return value


def year(text: str) -> int | None:
    """The year that a title, a bracket line or a year cell states; a date or a span of years is none."""
    t = plain(text)
    if _YEARS.search(t):
        return None
    if m := _YEAR.search(t):
        return int(m.group()[:4])
    if m := _CHINESE_YEAR.search(t):
        return int("".join(_CHINESE_DIGITS[c] for c in m.group()))
    return None


def split_project_name(text: str) -> tuple[str | None, str]:
    """(code, name) of a project cell: `5101…-某项目` gives both, a bare name gives (None, name).

    A code that is broken over lines (51011724T 00000168749) is one code.
    """
    broken = _BROKEN_CODE.match(text.strip())
    whole = _SPACE.sub("", broken[1]) + text.strip()[broken.end(1) :] if broken else text.strip()
    if m := _CODE_THEN_NAME.fullmatch(whole):
        code, name = m["code"] or m["code2"], m["name"] or m["name2"]
        if sum(c.isdigit() for c in code) >= 8:
            return code, name.strip()
    return None, text


def split_unit_name(text: str, *, coded: bool) -> tuple[str | None, str]:
    """(code, name) of a unit cell: `219-某局`, `[219]某局`, and `219某局` or `某局219` where the label says so.

    Without such a label only a code of six and more digits is split from a name that it touches, so that 110指挥中心
    and 12345热线 stay names.
    """
    t = text.strip()
    if m := _UNIT_CODE_THEN_NAME.fullmatch(t):
        return m["code"] or m["code2"], (m["name"] or m["name2"]).strip()
    for pattern in (_GLUED_UNIT_CODE, _NAME_THEN_CODE):
        if (m := pattern.fullmatch(t)) and (coded or len(m["code"]) >= 6):
            return m["code"], m["name"].strip()
    return None, text
