"""Numbers of workbooks as a person sees them: 0.9508 under 0.00% is printed 95.08%.

Here: Excel's number formats as far as budget forms use them. Not here: reading the printed number back (later).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

# ECMA-376 18.8.30, with the zh-CN meaning of the formats that depend on the locale (14, 22, 27-36, 50-58).
_BUILTIN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "yyyy/m/d",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy/m/d h:mm", 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"',
    34: 'h"时"mm"分"', 35: 'h"时"mm"分"ss"秒"', 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00", 45: "mm:ss", 46: "h:mm:ss", 47: "mm:ss", 48: "0.0E+0", 49: "@", 55: 'h"时"mm"分"',
    56: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'), **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
}  # fmt: skip

_TOKEN = re.compile(
    r'"([^"]*)"?|\\(.)|_(?:.)|\*(?:.)|\[(\$?[^\]]*)\]|([0#?][0#?.,]*(?:E[+-]0+)?|\.[0#?]+)|(%)'
    r"|(yyyy|yy|y|mmmmm|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|AM/PM|A/P|上午/下午|General|G/通用格式|@)|(.)",
    re.IGNORECASE | re.DOTALL,
)


_LONGEST = 255
"""No program lets a person write a longer format."""


def builtin(number: int) -> str:
    """The format code of a built-in format number; General if it has none."""
    return _BUILTIN.get(number, "General")


def printed(value: float, code: str, *, epoch_1904: bool = False) -> str:
    """The number as its cell shows it, for a format code of Excel; widths and colours aside."""
    if not abs(value) < 1e300:
        return repr(value)
    if abs(value) >= 1e20:  # beyond any budget
        return f"{_exact(value):f}"
    sections = _sections(code if len(code) <= _LONGEST else "General")
    section = sections[0]
    sign = "-" if value < 0 else ""
    if value < 0 and len(sections) > 1:
        section, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    if any(kind == "date" for kind, _ in section):
        return _date(value, section, epoch_1904)
    pattern = [text for kind, text in section if kind == "digits"]
    percent = sum(kind == "percent" for kind, _ in section)
    number = _exact(abs(value)) * Decimal(100) ** percent
    if len(pattern) > 1:  # fractions, telephone numbers
        return sign + general(_exact(abs(value)))
    out, done = [], False
    for kind, text in section:
        if kind in ("digits", "general"):
            if not done:
                out.append(general(number) if kind == "general" else _digits(number, text))
            done = True
        elif kind == "percent":
            out.append("%")
        elif kind == "literal":
            out.append(text)
    if sign and not any(c in "123456789" for c in "".join(out)):
        sign = ""
    return sign + "".join(out).strip()


def general(number: Decimal) -> str:
    """A number without format: whole numbers in full, others in eleven characters as Excel shows them."""
    if number == number.to_integral_value():
        return f"{number.quantize(Decimal(1)):f}"
    whole = len(f"{abs(int(number))}")
    places = Decimal(1).scaleb(-max(10 - whole, 2))
    text = f"{number.quantize(places, ROUND_HALF_UP):f}"
    if Decimal(text) == 0:
        return f"{number:.6g}"
    return text.rstrip("0").rstrip(".")


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.15g}")


def _digits(number: Decimal, pattern: str) -> str:
    if "E" in pattern.upper():
        places = len(pattern.split("E")[0].partition(".")[2])
        return f"{number:.{places}E}"
    body, _, fraction = pattern.partition(".")
    scale = len(body) - len(body.rstrip(",")) if not fraction else len(fraction) - len(fraction.rstrip(","))
    number = number.scaleb(-3 * scale)
    places = len(fraction.rstrip(","))
    number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{number:{',' if ',' in body.rstrip(',') else ''}f}"
    optional = len(fraction) - len(fraction.rstrip("#?"))
    while optional and text.endswith("0") and "." in text:
        text, optional = text[:-1], optional - 1
    text = text.rstrip(".") if fraction else text
    least = body.count("0")
    digits = len(text.partition(".")[0].replace(",", ""))
    if least > digits:
        text = "0" * (least - digits) + text
    if not least and number < 1 and text.startswith("0"):
        text = text[1:]
    return text


@lru_cache(maxsize=1000)
def _sections(code: str) -> list[list[tuple[str, str]]]:
    """The sections of a format code, each as (kind, text): literal, digits, percent, date, general."""
    sections: list[list[tuple[str, str]]] = [[]]
    for quoted, escaped, bracket, digits, percent, word, other in _TOKEN.findall(code or "General"):
        part: tuple[str, str] | None = None
        if other == ";":
            sections.append([])
        elif quoted or escaped or other:
            part = ("literal", quoted or escaped or other)
        elif digits:
            part = ("digits", digits)
        elif percent:
            part = ("percent", percent)
        elif word:
            kind = "general" if word.lower() in ("general", "g/通用格式", "@") else "date"
            part = (kind, word)
        elif bracket:
            if bracket.startswith("$"):
                part = ("literal", bracket[1:].partition("-")[0])
            elif bracket.lower().strip("hms") == "":
                part = ("date", bracket)
        if part and part[1]:
            sections[-1].append(part)
    return sections


def _date(value: float, section: list[tuple[str, str]], epoch_1904: bool) -> str:
    if not 0 <= value < 2_958_466:  # 9999-12-31
        return general(_exact(value))
    start = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30) if value >= 60 else datetime(1899, 12, 31)
    moment = start + timedelta(seconds=round(value * 86400))
    noon = any(text.upper() in ("AM/PM", "A/P", "上午/下午") for _, text in section)
    out: list[str] = []
    after_hours = False
    for index, (kind, text) in enumerate(section):
        word = text.lower()
        if kind != "date":
            out.append(text)
            continue
        if word.startswith("m") and len(word) <= 2:
            later = next((t.lower() for k, t in section[index + 1 :] if k == "date"), "")
            minutes = after_hours or later.startswith("s")
            out.append(f"{moment.minute if minutes else moment.month:0{len(word)}d}")
        elif word.startswith("h"):
            hour = moment.hour % 12 or 12 if noon else moment.hour
            out.append(f"{hour:0{len(word)}d}")
        else:
            out.append(_date_word(word, moment))
        after_hours = word.startswith("h")
    return "".join(out).strip()


def _date_word(word: str, moment: datetime) -> str:
    weekday = "一二三四五六日"[moment.weekday()]
    return {
        "yyyy": f"{moment.year:04d}",
        "yy": f"{moment.year % 100:02d}",
        "y": f"{moment.year % 100:02d}",
        "mmm": f"{moment.month}月",
        "mmmm": f"{moment.month}月",
        "mmmmm": f"{moment.month}月",
        "dddd": f"星期{weekday}",
        "ddd": f"周{weekday}",
        "dd": f"{moment.day:02d}",
        "d": f"{moment.day}",
        "ss": f"{moment.second:02d}",
        "s": f"{moment.second}",
        "am/pm": "上午" if moment.hour < 12 else "下午",
        "上午/下午": "上午" if moment.hour < 12 else "下午",
    }.get(word, "")
