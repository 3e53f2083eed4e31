"""What a cell shows of its runs: struck-out, raised and hidden characters are no part of the value that is read.

Here: runs of text with their styles -> the text that is read and what was left out. Not here: where a format keeps its
styles (word.py, xlsx.py, xls.py, web.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple

from extractors.codes import ProblemCode
from extractors.formats.clean import COMBINING, cell_text
from extractors.grid import Cell, Place, Problem


class Run(NamedTuple):
    """Some characters of one style.

    `raised` is 1 for superscript, -1 for subscript, 2 and -2 where a line is only shifted up or down. `hidden` is 1
    for what the page does not show, 2 for what is blacked out on it, which nobody may quote.
    """

    text: str
    struck: bool = False
    raised: int = 0
    hidden: int = 0


BLACKED_OUT = 2


@dataclass(slots=True)
class Shown:
    """The text of a cell as it is read, and what of it was left out: struck or raised, not shown, not filled in.

    `covered`: something is blacked out. `doubtful`: what stays in the text and may be a note mark.
    """

    text: str
    marked: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    unfilled: list[str] = field(default_factory=list)
    covered: bool = False

    def problems(self, place: Place, where: str) -> list[Problem]:
        """A row for each kind of what was left out. `where`: the place in words, for people."""
        found = []
        if self.marked:
            quoted = "」「".join(_short(text) for text in self.marked)
            message = f"{where} 里划去或上标的「{quoted}」未计入「{_short(self.text)}」，请核对。"
            found.append(
                Problem(ProblemCode.MARKED_TEXT, message, "warning", " ".join(map(_short, self.marked)), place)
            )
        if self.doubtful:
            quoted = "」「".join(_short(text) for text in self.doubtful)
            message = f"{where} 里的上标「{quoted}」可能是指数，也可能是注号，请核对。"
            found.append(Problem(ProblemCode.MARKED_TEXT, message, "warning", _short(self.text), place))
        if self.unfilled:
            quoted = "」「".join(self.unfilled)
            message = f"{where} 里的「{quoted}」是没有填写的提示文字或合并域，按空白处理。"
            found.append(Problem(ProblemCode.MARKED_TEXT, message, "info", " ".join(self.unfilled), place))
        if self.hidden:
            found.append(hidden_problem(f"{where} 里的文字", self.hidden, place))
        if self.covered:
            found.append(covered_problem(where, place))
        return found


def hidden_problem(what: str, texts: Iterable[str], place: Place) -> Problem:
    """A row for what a page does not show and nobody reads. `what`: the hidden row, sheet or text, in words."""
    quoted = [_short(text) for text in texts if text.strip()]
    shown = "」「".join(quoted[:5]) + ("」等「…" if len(quoted) > 5 else "")
    message = f"{what}是隐藏的，页面上看不见，未读取：「{shown}」。"
    return Problem(ProblemCode.HIDDEN_CONTENT, message, "warning", " ".join(quoted)[:200] or None, place)


def covered_problem(where: str, place: Place) -> Problem:
    """A row for text that is blacked out, which is not quoted. `where`: the place in words, for people."""
    message = f"{where} 里有被涂黑或遮盖的文字，页面上看不见，未读取，请核对。"
    return Problem(ProblemCode.COVERED_TEXT, message, "warning", place=place)


def _short(text: str) -> str:
    text = cell_text(text)
    return text if len(text) <= 60 else text[:59] + "…"


_NOTE_MARK = re.compile(
    r"[\s,，、;；]*(?:[\[(（〔【]?(?:注|附注|脚注)?\d{1,2}(?:[-—~,，、]\d{1,2})*[\])）〕】]?|注|[\[(（][a-zA-Z*][\])）]"
    r"|[\[(（〔【]\d{0,2}|\d{0,2}[\])）〕】]"
    r"|[①-⒛❶-❿⓪-⓿㈠-㈩㊀-㊉ⅰ-ⅻ¹²³⁰-⁹]+|[*＊※★☆#＃†‡§]+)[\s,，、;；]*"
)
_UNIT_BEFORE = re.compile(r"(?:(?<![A-Za-z])[kcdmhμµ]?m|(?<![A-Za-z])(?:in|ft|yd|s)|[㎜-㎞㎡㎢米里尺])$")
_POWER_BEFORE = re.compile(r"[×xX*·]\s*10$")
_MERGE_FIELD = re.compile("«[^«»]{1,60}»")
_PROMPTS = frozenset(
    ("单击或点击此处输入文字", "单击此处输入文字", "单击或点击此处输入日期", "单击此处输入日期", "选择一项",
     "Click or tap here to enter text", "Click here to enter text", "Click or tap to enter a date",
     "Choose an item")
)  # fmt: skip
_DIGIT = re.compile(r"\d")
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")


def shown(runs: Iterable[Run]) -> Shown:
    """The text of a cell without what is struck out or hidden and without its note marks.

    A raised sign stays where it is part of a unit or a power (m², ×10³) or a word of its own; a note mark is left out,
    and nothing raised or lowered is ever glued to a digit. A bare 10 with a raised digit may be a power or a note: it
    keeps its raised digit, which no reading takes for a digit.
    """
    result = Shown("")
    runs = list(runs)
    if not any(run.struck or run.hidden or run.raised for run in runs):
        result.text = _filled("".join([run.text for run in runs]), result)
        return result
    merged = [
        (key, "".join(run.text for run in group))
        for key, group in groupby(runs, key=lambda run: (run.struck, run.hidden, run.raised))
    ]
    seen = "".join(text for (struck, hidden, raised), text in merged if not struck and not hidden and not raised)
    alone = not seen.strip()  # a shift of the whole text marks nothing
    out: list[str] = []
    for n, ((struck, hidden, raised), text) in enumerate(merged):
        if not text.strip():
            out.append(text)
        elif hidden == BLACKED_OUT:
            result.covered = True
        elif hidden:
            result.hidden.append(text)
        elif struck:
            result.marked.append(text)
        elif not raised or (alone and abs(raised) == 2):
            out.append(text)
        else:
            after = next((t for (s, h, _), t in merged[n + 1 :] if not s and not h and t.strip()), "")
            out.append(_raised(text, raised, "".join(out), after, result))
    result.text = _filled("".join(out), result)
    return result


def _filled(text: str, result: Shown) -> str:
    """The text without what Word prints where nobody filled in anything: merge fields «单位», its own prompts."""
    if "«" in text:
        result.unfilled += _MERGE_FIELD.findall(text)
        text = _MERGE_FIELD.sub("", text)
    bare = text.strip().rstrip("。.")
    if bare in _PROMPTS:
        result.unfilled.append(bare)
        return ""
    return text


_COMBINED = re.compile(f"(.)({COMBINING.pattern}+)", re.DOTALL)
"""A character with lines over, under and through it that are characters themselves."""
_THROUGH = re.compile("[\u0335-\u0338]")


def without_struck(cell: Cell, where: str) -> tuple[Cell, list[Problem]]:
    """A cell without what combining characters strike out and without those that only underline, and what to tell."""
    if _COMBINED.search(cell.text) is None:
        return cell, []
    runs: list[Run] = []
    at = 0
    for match in _COMBINED.finditer(cell.text):
        one = unicodedata.normalize("NFC", match[0])  # ≠ is a sign of its own
        struck = len(one) > 1 and _THROUGH.search(match[2]) is not None
        runs += [Run(cell.text[at : match.start()]), Run(one if len(one) == 1 else match[1], struck)]
        at = match.end()
    result = shown(run for run in [*runs, Run(cell.text[at:])] if run.text)
    return replace(cell, text=cell_text(result.text)), result.problems(cell.place, where)


def power(base: str, exponent: str) -> str:
    """What an equation sets as base and raised exponent, in one line: m2 for a unit, 10³ for a number."""
    if exponent in ("2", "3") and _UNIT_BEFORE.search(base):
        return base + exponent
    raised = exponent.translate(_RAISED)
    return base + (raised if not re.search(r"[\x00-\x7f]", raised) else f"^({exponent})")


def _raised(text: str, raised: int, before: str, after: str, result: Shown) -> str:
    """What is read of a raised (1) or lowered (-1) text."""
    bare = text.strip()
    base = before.rstrip()
    digit_before = _DIGIT.search(base[-1:]) is not None
    if raised < 0:
        if digit_before and _DIGIT.match(bare):
            result.marked.append(text)
            return ""
        return text
    if re.fullmatch(r"[-−+]?\d{1,2}", bare):
        if _POWER_BEFORE.search(base) or (bare[0] in "-−+" and base):
            return bare.translate(_RAISED)
        if bare in ("2", "3") and _UNIT_BEFORE.search(base):
            return bare
        if bare == "0" and after.lstrip()[:1] in ("C", "c", "F"):
            return "°"
        if bare[-1] not in "01" and re.search(r"(?<![\d.,])10$", base):
            result.doubtful.append(bare)
            return bare.translate(_RAISED)
    if bare in ("o", "O", "。", "○", "º") and after.lstrip()[:1] in ("C", "c", "F"):
        return "°"
    if _NOTE_MARK.fullmatch(bare) or (digit_before and (_DIGIT.search(bare) or re.fullmatch("[a-z]", bare))):
        result.marked.append(text)
        return ""
    return text
