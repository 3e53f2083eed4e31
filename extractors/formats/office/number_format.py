"""Numbers of workbooks as a person sees them: 0.9508 under 0.00% is printed 95.08%, 1711500 under 0!.0000 is 171.1500.

Here: Excel's number formats, a code compiled once and then followed sign by sign. Not here: reading the printed number
back (readings), what becomes of a cell whose format cannot be followed (workbook.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from math import floor
from typing import NamedTuple

# ECMA-376 18.8.30, with the zh-CN meaning of the formats that depend on the locale (14, 22, 27-36, 50-58).
_BUILTIN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"', 37: "#,##0;-#,##0",
    38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss",
    47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"',
    **dict.fromkeys((5, 6), '"¥"#,##0;"¥"-#,##0'), **dict.fromkeys((7, 8), '"¥"#,##0.00;"¥"-#,##0.00'),
    **dict.fromkeys((41, 42), '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ '),
    **dict.fromkeys((43, 44), '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '),
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'), **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
}  # fmt: skip

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<blank>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|[GＧ]/通用格式|常规)|(?P<noon>AM/PM|A/P|上午/下午)"
    r"|(?P<exponent>E[+-])|(?P<date>yyyy|yyy|yy|y|e+|mmmmm|mmmm|mmm|mm|m|dddd|ddd|dd|d|aaaa|aaa|hh|h|ss|s)"
    r"|(?P<digit>[0#?])|(?P<sign>[.,%@/;])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?(?:E[+-]?\d+)?)", re.IGNORECASE)
_COLOURS = re.compile(
    r"(?:black|blue|cyan|green|magenta|red|yellow|黑色?|蓝色?|青色?|绿色?|洋红色?|红色?|黄色?|(?:color|颜色)\s*(?!2$)\d+)",
    re.IGNORECASE,
)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_SHOWN_UNQUOTED = re.compile(r"[\s$\-+():^&'~{}<>=|¥￥€£#0-9]|[^\x00-\x7f]")
"""Signs that print themselves; a Latin letter without quotes means something that is not known here."""

_LONGEST = 255
"""No program lets a person write a longer format."""

_WIDE = Context(prec=600)  # for as many places as a format can ask for

EXACT = 10**15
"""From here on a whole number has more digits than a cell keeps: the last ones of what it shows are made up."""

_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_CHINESE_DIGITS = {"1": "〇一二三四五六七八九", "2": "零壹贰叁肆伍陆柒捌玖", "3": "０１２３４５６７８９"}


class _Token(NamedTuple):
    kind: str  # literal, digit, point, exponent, percent, general, text, date, elapsed, noon, slash
    text: str


class _Section(NamedTuple):
    """One part of a format code. `scale`: the powers of a thousand that commas behind the digits divide by."""

    tokens: tuple[_Token, ...]
    condition: tuple[str, float] | None = None
    grouped: bool = False
    scale: int = 0
    numerals: str = ""
    chinese: bool = False
    known: bool = True

    def has(self, kind: str) -> bool:
        return any(token.kind == kind for token in self.tokens)


def builtin(number: int) -> str:
    """The format code of a built-in format number; General if it has none."""
    return _BUILTIN.get(number, "General")


def printed(value: float, code: str, *, epoch_1904: bool = False) -> str | None:
    """The number as its cell shows it, for a format code of Excel; widths and colours aside. None: it is not known."""
    if not abs(value) < 1e300:
        return None
    if abs(value) >= 1e20:  # beyond any budget
        return general(_exact(value))
    sections = _sections(code if len(code) <= _LONGEST else "General")
    if sections is None:
        return None
    section, negative_only = _choose(sections, value)
    if section is None:
        return "########"  # as Excel does where no part of a format is for the number
    if not section.known:
        return None
    if section.has("date") or section.has("elapsed") or section.has("noon"):
        return _date(value, section, epoch_1904)
    sign = "-" if value < 0 and not negative_only else ""
    text = _number(_exact(abs(value)), section)
    if text is None:
        return None
    if section.has("digit") and not re.search("[1-9]", text):
        sign = ""
    return f"{sign}{text.strip()}" if text.strip() else ""


def shown_text(text: str, code: str) -> str:
    """A text as its cell shows it: the part of the format that is for texts adds signs or leaves it out."""
    sections = _sections(code if len(code) <= _LONGEST else "General")
    if sections is None:
        return text
    last = sections[-1]
    if len(sections) < 4 and not last.has("text"):
        return text
    return "".join(text if t.kind == "text" else t.text for t in last.tokens if t.kind in ("text", "literal"))


def general(number: Decimal) -> str:
    """A number without format: whole numbers in full, others in eleven characters as Excel shows them."""
    if number == number.to_integral_value():
        return f"{number.quantize(Decimal(1)):f}" if abs(number) < EXACT else f"{number:.5E}"
    whole = len(f"{abs(int(number))}")
    places = Decimal(1).scaleb(-max(10 - whole, 2))
    text = f"{number.quantize(places, ROUND_HALF_UP):f}"
    if Decimal(text) == 0:
        return f"{number:.6g}"
    return text.rstrip("0").rstrip(".")


def _exact(value: float) -> Decimal:
    return Decimal(f"{value:.15g}")


# ── the code of a format ───────────────────────────────────────────────────────


@lru_cache(maxsize=1000)
def _sections(code: str) -> tuple[_Section, ...] | None:
    """The parts of a format code; None if it has more than Excel allows."""
    parts: list[list[re.Match[str]]] = [[]]
    for found in _TOKEN.finditer(code or "General"):
        if found["sign"] == ";":
            parts.append([])
        else:
            parts[-1].append(found)
    return tuple(_section(part) for part in parts) if len(parts) <= 4 else None


def _section(found: list[re.Match[str]]) -> _Section:
    tokens: list[_Token] = []
    condition: tuple[str, float] | None = None
    numerals, chinese, known = "", False, True
    commas: list[int] = []  # how many digits stand before each comma
    digits = 0
    for match in found:
        kind, text = match.lastgroup or "", match[match.lastgroup or 0] or ""
        if kind in ("quoted", "escaped"):
            tokens.append(_Token("literal", text))
        elif kind == "blank":
            tokens.append(_Token("literal", " "))
        elif kind == "digit":
            digits += 1
            tokens.append(_Token("digit", text))
        elif kind == "sign" and text == ",":
            if digits:
                commas.append(digits)
        elif kind == "sign":
            tokens.append(_Token({".": "point", "%": "percent", "@": "text", "/": "slash"}[text], text))
        elif kind == "bracket":
            if text.startswith("$"):
                currency, _, locale = text[1:].partition("-")
                tokens.append(_Token("literal", currency))
                chinese = chinese or locale.upper().endswith("04")
            elif rule := _CONDITION.fullmatch(text):
                condition = rule[1], float(rule[2])
            elif text.upper().startswith("DBNUM"):
                numerals = text[5:]
                known = known and numerals in _CHINESE_DIGITS
            elif _ELAPSED.fullmatch(text):
                tokens.append(_Token("elapsed", text.lower()))
            else:  # a white number may be seen or not
                known = known and _COLOURS.fullmatch(text) is not None
        elif kind == "other":
            known = known and _SHOWN_UNQUOTED.fullmatch(text) is not None
            tokens.append(_Token("literal", text))
        elif kind in ("general", "noon", "date", "exponent"):
            tokens.append(_Token(kind, text.lower() if kind == "date" else text))
    tokens = _without_hidden_line(tokens)
    whole = _whole_digits(tokens)
    scale = sum(n in (whole, digits) for n in commas)
    grouped = any(n < whole for n in commas)
    places = [n for n, t in enumerate(tokens) if t.kind == "digit"][:whole]
    apart = any(t.kind == "literal" for t in tokens[places[0] : places[-1]]) if places else False
    if any(whole < n < digits for n in commas) or (grouped and apart) or sum(t.kind == "percent" for t in tokens) > 2:
        known = False
    return _Section(tuple(tokens), condition, grouped, scale, numerals, chinese, known)


def _without_hidden_line(tokens: list[_Token]) -> list[_Token]:
    """A line break in a format (Ctrl+J) puts what follows on a line that the row has no room for.

    So people hide the % of 0.00,,"万"% that they need only for its factor: it counts, and is not shown.
    """
    at = next((n for n, t in enumerate(tokens) if t.kind == "literal" and "\n" in t.text), None)
    if at is None:
        return tokens
    rest = [_Token("percent", "") for t in tokens[at:] if t.kind == "percent"]
    return [*tokens[:at], _Token("literal", tokens[at].text.partition("\n")[0].rstrip("\r")), *rest]


def _whole_digits(tokens: list[_Token]) -> int:
    count = 0
    for token in tokens:
        if token.kind in ("point", "exponent"):
            break
        count += token.kind == "digit"
    return count


def _choose(sections: tuple[_Section, ...], value: float) -> tuple[_Section | None, bool]:
    """The part of a format that a number falls to, and whether only negative ones do, so that it has no minus."""
    parts = sections[:3]
    if len(sections) > 1 and sections[-1].has("text") and len(sections) < 4:
        parts = sections[:-1]
    conditions = [part.condition for part in parts]
    if not any(conditions):
        if value < 0 and len(parts) > 1:
            return parts[1], True
        return (parts[2] if value == 0 and len(parts) > 2 else parts[0]), False
    if conditions[0] is None and len(parts) > 1:  # only the second has a condition
        conditions[0] = (">", 0.0)
    for part, condition in zip(parts, conditions, strict=True):
        if condition is not None and _meets(value, condition):
            return part, condition[0] in ("<", "<=") and condition[1] <= 0
    if conditions[-1] is not None and len(parts) > 1:
        return None, False
    if len(parts) == 1:
        return (parts[0] if value < 0 else None), False
    implied = len(parts) == 2 and conditions[0] in ((">", 0.0), (">=", 0.0))
    return parts[-1], implied and value < 0


def _meets(value: float, condition: tuple[str, float]) -> bool:
    sign, limit = condition
    holds: dict[str, Callable[[], bool]] = {
        "<": lambda: value < limit, "<=": lambda: value <= limit, ">": lambda: value > limit,
        ">=": lambda: value >= limit, "=": lambda: value == limit, "<>": lambda: value != limit,
    }  # fmt: skip
    return holds[sign]()


# ── numbers ────────────────────────────────────────────────────────────────────


def _number(number: Decimal, section: _Section) -> str | None:
    tokens = section.tokens
    kinds = [token.kind for token in tokens]
    number = number.scaleb(-3 * section.scale) * Decimal(100) ** kinds.count("percent")
    if "general" in kinds or ("text" in kinds and "digit" not in kinds):
        if "digit" in kinds:
            return None
        text = _numerals(number, section.numerals) if section.numerals else general(number)
        return "".join(text if t.kind in ("general", "text") else t.text for t in tokens)
    if "slash" in kinds and "digit" in kinds:
        return (
            None
            if any(t.kind == "literal" and t.text.strip("0123456789 ") for t in tokens)
            else _fraction(number, tokens)
        )
    if kinds.count("point") > 1 or kinds.count("exponent") > 1 or "text" in kinds:
        return None
    if "exponent" in kinds:
        return _exponent(number, tokens) if "digit" in kinds[: kinds.index("exponent")] else None
    if section.numerals and "digit" in kinds:
        return None
    return _digits(number, section)


def _digits(number: Decimal, section: _Section) -> str:
    """The digits of a number in their places, with what the format writes between them."""
    tokens = section.tokens
    point = next((n for n, t in enumerate(tokens) if t.kind == "point"), len(tokens))
    places = sum(t.kind == "digit" for t in tokens[point:])
    text = f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE):f}"
    whole, _, fraction = text.partition(".")
    whole = whole.lstrip("0")
    left = sum(t.kind == "digit" for t in tokens[:point])
    out: list[str] = []
    if point < len(tokens) and not left:  # .00 without a place before its point
        out.append(whole)
    surplus = max(0, len(whole) - left)
    at = -surplus  # index of the next place; the first one also takes what has no place of its own
    padded = whole.rjust(left, " ") if len(whole) < left else whole
    started = False
    for n, token in enumerate(tokens):
        if token.kind == "digit" and n < point:
            taken, at = padded[max(at, 0) if at >= 0 else 0 : at + surplus + 1], at + 1
            if not started and surplus:
                taken, at, surplus = padded[: surplus + 1], surplus + 1, 0
            for k, char in enumerate(taken):
                position = len(padded) - (at - len(taken) + k)
                shown = char
                if char == " ":
                    shown = {"0": "0", "?": " "}.get(token.text, "") if not started or token.text != "#" else "0"
                if shown.isdigit():
                    started = True
                out.append(shown)
                if section.grouped and shown.isdigit() and position > 1 and position % 3 == 1:
                    out.append(",")
        elif token.kind == "point":
            out.append("." if fraction else "")
        elif token.kind == "digit":
            digit, fraction = fraction[:1], fraction[1:]
            idle = not digit.strip("0") and not fraction.strip("0") and token.text != "0"
            needed = any(t.kind == "digit" and t.text == "0" for t in tokens[n + 1 :])
            out.append(digit if not idle or needed else " " if token.text == "?" else "")
        else:
            out.append(token.text)
    return re.sub(r"(?<=\d)\.(?!\d)(?=\s*\D*\Z)", "", "".join(out)) if places else "".join(out)


def _exponent(number: Decimal, tokens: tuple[_Token, ...]) -> str:
    """A number under 0.00E+00: with several digits before the point the exponent goes in steps of so many."""
    at = next(n for n, t in enumerate(tokens) if t.kind == "exponent")
    point = next((n for n, t in enumerate(tokens[:at]) if t.kind == "point"), at)
    step, places, width = (
        sum(t.kind == "digit" for t in part) for part in (tokens[:point], tokens[point:at], tokens[at:])
    )
    power = number.adjusted() // step * step if number else 0
    with localcontext(rounding=ROUND_HALF_UP):
        shown = f"{number.scaleb(-power):.{places}f}"
        if abs(Decimal(shown)) >= 10**step:
            power += step
            shown = f"{number.scaleb(-power):.{places}f}"
    last = max(n for n, t in enumerate(tokens) if t.kind == "digit")
    before = "".join(t.text for t in tokens if t.kind == "literal") if last < at else ""
    after = "".join(t.text for t in tokens[last + 1 :] if t.kind in ("literal", "percent"))
    sign = "-" if power < 0 else "+" if tokens[at].text == "E+" else ""
    return f"{before}{shown}E{sign}{abs(power):0{width}}{after}"


def _fraction(number: Decimal, tokens: tuple[_Token, ...]) -> str | None:
    """A number under # ?/? in decimals if the fraction says it exactly; None for what is about 1/3."""
    below = "".join(t.text for t in tokens[[t.kind for t in tokens].index("slash") + 1 :]).strip()
    if below.isdigit() and int(below):
        exact = number * int(below)
        return general(number) if exact == exact.to_integral_value() else None
    top = 10 ** max(1, sum(char in "#?0" for char in below))
    for divisor in range(1, min(top, 1000)):
        if (number * divisor) == (number * divisor).to_integral_value():
            return general(number)
    return None


def _numerals(number: Decimal, kind: str) -> str:
    """A whole number in Chinese numerals (一百二十, 壹佰贰拾) or in wide digits; digits after the point one by one."""
    digits = _CHINESE_DIGITS[kind]
    whole, _, fraction = general(number).partition(".")
    tail = "".join(digits[int(c)] for c in fraction)
    if kind == "3":
        head = "".join(digits[int(c)] for c in whole)
        return f"{head}．{tail}" if tail else head
    steps = ("", "十", "百", "千") if kind == "1" else ("", "拾", "佰", "仟")
    zero = digits[0] if kind == "2" else "〇"
    groups = [whole[max(0, end - 4) : end] for end in range(len(whole), 0, -4)][::-1]
    head = ""
    for n, group in enumerate(groups):
        text, gap = "", False
        for k, char in enumerate(group):
            if char == "0":
                gap = True
                continue
            if gap and (text or head):
                text += zero
            gap = False
            text += digits[int(char)] + steps[len(group) - 1 - k]
        if text:
            head += text + ("", "万", "亿", "万亿")[len(groups) - 1 - n]
    head = head or zero
    return f"{head}.{tail}" if tail else head


def _of_date(number: int, kind: str) -> str:
    """A month or a day in numerals, which leave out the one before ten there: 十二月, where a number is 一十二."""
    text = _numerals(Decimal(number), kind)
    return text[1:] if text.startswith("一十") else text


# ── dates ──────────────────────────────────────────────────────────────────────


def _date(value: float, section: _Section, epoch_1904: bool) -> str:
    if not 0 <= value < 2_958_466:  # 9999-12-31
        return "########"
    start = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30) if value >= 60 else datetime(1899, 12, 31)
    tokens = section.tokens
    parts = _second_parts(tokens)
    seconds = floor(value * 86400 * 10**parts + 0.5) / 10**parts
    moment = start + timedelta(seconds=seconds)
    noon = section.has("noon")
    out: list[str] = []
    before = ""
    for index, (kind, text) in enumerate(tokens):
        if kind == "date":
            later = next((t for k, t in tokens[index + 1 :] if k in ("date", "elapsed")), "")
            if text.startswith("m") and len(text) <= 2 and (before.startswith("h") or later.startswith("s")):
                out.append(f"{moment.minute:0{len(text)}d}")
            elif text.startswith("h"):
                out.append(f"{(moment.hour % 12 or 12) if noon else moment.hour:0{len(text)}d}")
            else:
                out.append(_date_word(text, moment, section))
            before = text
        elif kind == "elapsed":
            whole = floor(seconds / {"h": 3600, "m": 60, "s": 1}[text[0]])
            out.append(f"{whole:0{len(text)}d}")
            before = text
        elif kind == "noon":
            words = ("上午", "下午") if "上" in text else ("A", "P") if len(text) == 3 else ("AM", "PM")
            out.append(words[moment.hour >= 12])
        elif kind == "digit" and before.startswith("s"):
            if tokens[index - 1].kind == "point":
                out.append(f"{moment.microsecond:06d}"[:parts])
        elif kind in ("literal", "point", "slash"):
            out.append(text)
    return "".join(out).strip()


def _second_parts(tokens: tuple[_Token, ...]) -> int:
    """The digits behind the point of the seconds."""
    at = next((n for n, t in enumerate(tokens) if t.kind == "point"), len(tokens))
    return min(6, sum(t.kind == "digit" for t in tokens[at:]))


def _date_word(word: str, moment: datetime, section: _Section) -> str:
    day = "一二三四五六日"[moment.weekday()]
    if word in ("aaa", "aaaa"):
        return f"星期{day}" if word == "aaaa" else day
    if word in ("ddd", "dddd"):
        if section.chinese:
            return f"星期{day}" if word == "dddd" else f"周{day}"
        return _DAYS[moment.weekday()][: None if word == "dddd" else 3]
    if word in ("mmm", "mmmm", "mmmmm"):
        name = _MONTHS[moment.month - 1]
        if section.chinese:
            return f"{moment.month}月" if word != "mmmm" else f"{_of_date(moment.month, '1')}月"
        return name if word == "mmmm" else name[: 3 if word == "mmm" else 1]
    if word[0] in "ye":
        year = f"{moment.year:04d}" if word[0] == "e" or len(word) > 2 else f"{moment.year % 100:02d}"
        digits = _CHINESE_DIGITS.get(section.numerals)
        return "".join(digits[int(c)] for c in year) if digits else year
    number = {"m": moment.month, "d": moment.day, "s": moment.second}[word[0]]
    return _of_date(number, section.numerals) if section.numerals else f"{number:0{len(word)}d}"
