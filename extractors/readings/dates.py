"""Deadlines, days and periods: 2024年12月底前, 12月初, 上半年, 2023.12, 3月-6月（4个月）.

Here: text to first and last day. Not here: durations (4个月 alone), comparing.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re

from extractors.readings.context import Context
from extractors.readings.lexicon import SYMBOL, WORDS, alternation
from extractors.readings.model import Reading, Role
from extractors.readings.numerals import chinese

MAX_LENGTH = 48

_YEAR = "(?:19|20)[0-9]{2}"
_CJK = "\u4e00-\u9fff"
_HINT = re.compile(f"年|月|季|{_YEAR}[-./—~至到]|{_YEAR}[01][0-9][0-3][0-9]|[Qq][1-4]")
_WORDS = WORDS["date"]
_PLANNED = frozenset(_WORDS["planned"])
_LEAD = alternation([*_WORDS["lead"], *_PLANNED])
_CALENDAR = re.compile(
    f"(?P<op>{alternation(SYMBOL)})?(?P<lead>{_LEAD})?(?:"
    f"(?P<yn>{_YEAR})(?P<sep>[-./])(?P<mn>[01]?[0-9])(?:(?P=sep)(?P<dn>[0-3]?[0-9])(?:\x00?0?0:00(?::00)?)?)?日?"
    f"|(?P<compact>{_YEAR}[01][0-9][0-3][0-9])"
    f"|(?:(?P<y>{_YEAR}|[0-9]{{2}})年度?|(?P<yw>当年度?|本年度?|今年|每年|次年|翌年|全年度?))?"
    "(?:(?P<m>[01]?[0-9])月份?(?:(?P<d>[0-3]?[0-9])[日号]|(?P<part>底|末|初|上旬|中旬|下旬|中))?"
    "|(?P<half>[上下])半年|(?:第?(?P<q>[1-4一二三四])季度|[Qq](?P<qq>[1-4]))(?P<qe>底|末)?|(?P<ye>年?(?:底|末|初|中|内)|全年))?"
    f")(?P<within>内|之内|以内)?(?P<before>之前|以前|前)?(?P<tail>[{_CJK}]{{0,12}})(?:\\(含[{_CJK}]{{0,4}}\\))?"
)
_WHOLE_YEAR = ("全年", "全年度")
_DONE = re.compile(alternation(_WORDS["done"]))
_OPEN = re.compile(alternation(_WORDS["open"]))
_TO = "(?:--?|——?|~|至|到)"
_MONTHS = re.compile(
    f"[自从]?(?:(?P<y1>{_YEAR})年|(?:当年|本年|每年))?(?P<m1>[01]?[0-9])(?:月份?(?:(?P<d1>[0-3]?[0-9])[日号])?)?{_TO}"
    f"(?:(?P<y2>{_YEAR})年|(?P<next>次年|翌年)|(?:当年|本年))?(?P<m2>[01]?[0-9])月份?(?:(?P<d2>[0-3]?[0-9])[日号])?"
    "(?:\\([0-9]{1,2}个?月\\))?(?:期间)?"
)
_NUMERIC = re.compile(
    f"(?P<y1>{_YEAR})(?P<sep>[-./])(?P<m1>[01]?[0-9])(?:(?P=sep)(?P<d1>[0-3]?[0-9]))?(?:—|~|至|到|-)"
    f"(?P<y2>{_YEAR})(?P=sep)(?P<m2>[01]?[0-9])(?:(?P=sep)(?P<d2>[0-3]?[0-9]))?"
)
_YEARS = re.compile(f"(?P<y1>{_YEAR})年?{_TO}(?P<y2>{_YEAR})(?P<word>年?度?)")
_COMPACT = re.compile(
    f"(?P<y1>{_YEAR})(?P<m1>[01][0-9])(?P<d1>[0-3][0-9]){_TO}(?P<y2>{_YEAR})(?P<m2>[01][0-9])(?P<d2>[0-3][0-9])"
)
_QUARTERS = re.compile(f"(?:(?P<y1>{_YEAR})年)?第?(?P<q1>[1-4一二三四])(?:季度)?{_TO}第?(?P<q2>[1-4一二三四])季度")
_PERIODS = (_MONTHS, _NUMERIC, _YEARS, _COMPACT, _QUARTERS)
_SPELLED = re.compile("[〇○零一二三四五六七八九十][年月日号]")
_SPELLED_YEAR = re.compile("(?<![0-9一二三四五六七八九十百千万])[一二][〇○零一二三四五六七八九]{3}(?=年)")
_SPELLED_DAY = re.compile(
    "(?<![0-9一二三四五六七八九十百千万])(?:[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=[月日号])"
)
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_QUARTER = {"1": 1, "2": 2, "3": 3, "4": 4, "一": 1, "二": 2, "三": 3, "四": 4}
_PART = {
    "初": (1, 10),
    "上旬": (1, 10),
    "中": (11, 20),
    "中旬": (11, 20),
    "下旬": (21, 0),
    "底": (21, 0),
    "末": (21, 0),
}

Span = tuple[dt.date, dt.date]


def read_date(text: str, role: Role, fiscal_year: int | None, row: Context) -> Reading | None:
    """Read folded `text` as a date, deadline or period.

    Months without a year are those of `fiscal_year`; without it the kind stands and the date is None. A target
    without 前 is a deadline too; an actual names the days in which it happened.
    """
    if len(text) > MAX_LENGTH or not _HINT.search(text):
        return None
    if _SPELLED.search(text):
        text = _in_digits(text)
    for pattern in _PERIODS:
        if (match := pattern.fullmatch(text)) is not None:
            return _period(match.groupdict(), fiscal_year, row)
    match = _CALENDAR.fullmatch(text)
    return _date(match, role, fiscal_year, row) if match else None


def _date(match: re.Match[str], role: Role, fiscal_year: int | None, row: Context) -> Reading | None:
    numeric = bool(match["yn"] or match["compact"])
    part_of_year = numeric or match["m"] or match["half"] or match["q"] or match["qq"] or match["ye"]
    before, tail, every_year = match["before"], match["tail"], match["yw"] in _WHOLE_YEAR
    if (
        not (part_of_year or match["y"] or match["yw"])
        or (match["y"] and len(match["y"]) == 2 and not match["m"])  # 10年 is a duration
        or (match["yw"] == "每年" and not match["m"])
        or (match["lead"] in _PLANNED and role == "actual")
        or _may_be_months(match, row)
        or (numeric and not _is_surely_calendar(match, row))
        or (row.count and match["d"] and not (match["y"] or match["yw"] or before or tail))  # a spreadsheet's 3-5
        or _OPEN.search(tail)
        or (tail and (every_year or not (before or _DONE.search(tail))))
    ):
        return None
    if not part_of_year and (match["y"] or every_year) and not (before or tail or match["within"] or match["op"]):
        return _year_period(match, fiscal_year)
    if match["ye"] == "全年" and not (before or tail or match["within"] or match["op"]):
        return _year_period(match, fiscal_year)
    year, sure = _year(match, fiscal_year)
    if not sure:
        return None
    span = None
    if year is not None and not _may_be_cut(match) and _year_part(match) not in ("初", "中"):
        span = _span(match, year)
        if span is None:
            return None
    operator = SYMBOL[match["op"]] if match["op"] else None
    if operator is None:
        operator = "<=" if role == "target" or before or (match["lead"] or "").startswith("不") else "="
    if before and not _ends(match):
        if operator not in ("<=", "<", "="):
            return None
        if match["half"] or match["q"] or match["qq"] or _part(match) is not None:
            return _reading("date", "<=", None)  # 12月中旬前, 四季度前: before it begins or before it ends?
        return _reading("date", "<", (span[0], span[0]) if span else None)
    return _reading("date", operator, span)


def _in_digits(text: str) -> str:
    """二〇二四年十二月三十一日 in digits."""
    text = _SPELLED_YEAR.sub(lambda match: match[0].translate(_DIGITS), text)
    return _SPELLED_DAY.sub(lambda match: str(chinese(match[0]) or match[0]), text)


def _may_be_months(match: re.Match[str], row: Context) -> bool:
    """≤3月 and 3月内: until March or within three months; 3月 where the unit column says 月."""
    if not match["m"] or match["y"] or match["yw"] or match["d"] or match["part"]:
        return False
    return not match["before"] and bool(match["op"] or match["within"] or row.unit_text == "月")


def _year_period(match: re.Match[str], fiscal_year: int | None) -> Reading | None:
    year = int(match["y"]) if match["y"] else fiscal_year
    if year is None:
        return _reading("period", "=", None)
    return _reading("period", "=", (dt.date(year, 1, 1), dt.date(year, 12, 31))) if 1 <= year < 9000 else None


def _is_surely_calendar(match: re.Match[str], row: Context) -> bool:
    """2023.12 is a month under 时效 or where nothing is known, a number elsewhere; 20241231 a day only under 时效."""
    text = match.string
    if match["compact"]:
        return row.time
    if match["dn"] or "." not in text or match["before"] or match["tail"] or match["lead"]:
        return True
    return row.time or (not row.known and not match["op"])


def _may_be_cut(match: re.Match[str]) -> bool:
    """2021.1 may be what a spreadsheet left of 2021.10."""
    return match["mn"] == "1" and not match["dn"] and "." in match.string


def _year(match: re.Match[str], fiscal_year: int | None) -> tuple[int | None, bool]:
    """The year to use, None if nothing says it, and whether the text can be a date with it."""
    printed = match["yn"] or match["y"] or (match["compact"] or "")[:4]
    if len(printed) == 4:
        return int(printed), True
    if printed:
        year = 2000 + int(printed)
        return year, fiscal_year is not None and abs(fiscal_year - year) <= 5
    if fiscal_year is None:
        return None, True
    return fiscal_year + (match["yw"] in ("次年", "翌年")), 1 <= fiscal_year < 9000


def _part(match: re.Match[str]) -> str | None:
    part = match["part"] or _year_part(match)
    return part if part in ("初", "上旬", "中", "中旬", "下旬") else None


def _ends(match: re.Match[str]) -> bool:
    """Whether 前 includes the day named: 12月31日前, 2月底前, 年底前 do; 9月前 means before September."""
    if match["d"] or match["dn"] or match["compact"] or match["qe"]:
        return True
    return match["part"] in ("底", "末") or _year_part(match) in ("底", "末", "内")


def _year_part(match: re.Match[str]) -> str:
    """底, 末, 初, 中, 内 of 年底 and the like."""
    return (match["ye"] or "").removeprefix("年")


def _span(match: re.Match[str], year: int) -> Span | None:
    if match["compact"]:
        return _days(year, int(match["compact"][4:6]), int(match["compact"][6:]))
    if match["yn"]:
        return _days(year, int(match["mn"]), int(match["dn"]) if match["dn"] else None)
    if match["m"]:
        month = int(match["m"])
        if match["part"]:
            first, last = _PART[match["part"]]
            start, end = _days(year, month, first), _days(year, month, last or None)
            return (start[0], end[1]) if start and end else None
        return _days(year, month, int(match["d"]) if match["d"] else None)
    if match["half"]:
        first_month = 1 if match["half"] == "上" else 7
        return dt.date(year, first_month, 1), _month_end(year, first_month + 5)
    if quarter := match["q"] or match["qq"]:
        last_month = 3 * _QUARTER[quarter]
        return dt.date(year, last_month if match["qe"] else last_month - 2, 1), _month_end(year, last_month)
    return dt.date(year, 12 if _year_part(match) in ("底", "末") else 1, 1), dt.date(year, 12, 31)


def _days(year: int, month: int, day: int | None) -> Span | None:
    if not 1 <= month <= 12:
        return None
    last = _month_end(year, month)
    if day is None:
        return last.replace(day=1), last
    return (last.replace(day=day),) * 2 if 1 <= day <= last.day else None


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _period(parts: dict[str, str | None], fiscal_year: int | None, row: Context) -> Reading | None:
    if "word" in parts and not parts["word"] and row.count:
        return None  # 2000-2050 of what is counted
    if parts.get("q1"):
        parts["m1"], parts["m2"] = (str(3 * _QUARTER[parts[q] or ""] - less) for q, less in (("q1", 2), ("q2", 0)))
    first, second = parts["y1"], parts.get("y2")
    year = int(first) if first else fiscal_year
    end_year = int(second) if second else year
    if not first and second:
        year = int(second)  # 9月-2024年12月
    if end_year is not None and parts.get("next"):
        end_year += 1
    m1, m2 = int(parts.get("m1") or 1), int(parts.get("m2") or 12)
    d1, d2 = parts.get("d1"), parts.get("d2")
    if not (1 <= m1 <= 12 and 1 <= m2 <= 12) or (d1 is None) != (d2 is None):
        return None
    if year is None or end_year is None:
        return _reading("period", "=", None)
    if not (1 <= year < 9000 and 1 <= end_year < 9000):
        return None
    start = _days(year, m1, int(d1) if d1 else None)
    end = _days(end_year, m2, int(d2) if d2 else None)
    if start is None or end is None or start[0] > end[1]:
        return None
    return _reading("period", "=", (start[0], end[1]))


def _reading(kind: str, operator: str, span: Span | None) -> Reading:
    if span is None:
        return Reading(kind, operator, dimension="date", rule=kind)
    start = span[0] if operator == "=" else None
    return Reading(kind, operator, date=span[1], date_start=start, dimension="date", rule=kind)
