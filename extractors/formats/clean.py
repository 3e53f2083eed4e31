"""What every reader does to text before it becomes a cell: leave what is printed, fold what only looks different.

Here: control, direction and zero-width characters, terminal escapes, radicals that stand for ordinary characters.
Not here: encodings (text.py), line joining (grid.py), the meaning of any text.
"""

from __future__ import annotations

import re
import unicodedata

from extractors.formats.symbols import UNKNOWN
from extractors.grid import join_lines

COMBINING = re.compile("[\u0305\u0332\u0333\u0335-\u0338]")
"""Lines over, under and through the character before them."""
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")

_UNSEEN = (
    "\\x00-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f"  # controls; tab and the line breaks stay
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e01ef"
)
_FOLDED = "\u2e80-\u2fdf\uf900-\ufaff\ufb00-\ufb06"
_ODD = re.compile(f"[{_UNSEEN}{_FOLDED}]")

# CJK Radicals Supplement: Unicode gives no equivalents (except two), but PDF producers write these code points for the
# ordinary character that shares the glyph, so 长 comes out as U+2ED3.
_RADICALS = (
    "⺁厂⺃乚⺄乙⺅亻⺆冂⺇几⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎尢⺏尣⺐尢⺑尣⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘扌⺙攵⺛旡⺜日⺝月⺞歹⺟母⺠民⺡氵⺢水"
    "⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪疋⺫目⺬示⺭礻⺮竹⺯糹⺰纟⺱罓⺲罒⺳㓁⺴网⺵网⺶羊⺷羊⺸羊⺹耂⺺聿⺻聿⺼肉⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西"
    "⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑長⻒镸⻓长⻔门⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟"
    "⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
_FOLD = dict(zip(_RADICALS[::2], _RADICALS[1::2], strict=True))
_FOLD.update({"⼾": "户", "⾭": "青"})  # Unicode's equivalents are 戶 and 靑, which simplified Chinese does not use


_OF_A_FIGURE = re.compile(r"[\d.,]")
_REMOVES = "\b\x7f"
"""Controls that take a character back."""


_BACKWARDS = re.compile("\u202e([^\u202e\u202c\n]*)(?:\u202c|(?=\n)|\\Z)")
_MIRRORED = str.maketrans("()[]{}<>（）【】《》≤≥", ")(][}{><）（】【》《≥≤")


def _turned(text: str) -> str:
    """The text with the parts that are printed from right to left as they are seen: each field for itself."""
    while (found := _BACKWARDS.search(text)) is not None:
        seen = "\t".join(field[::-1].translate(_MIRRORED) for field in found[1].split("\t"))
        text = f"{text[: found.start()]}{seen}{text[found.end() :]}"
    return text


def _fold(match: re.Match[str]) -> str:
    char = match[0]
    if char in _FOLD:
        return _FOLD[char]
    if (char < " " and char != "\0") or char == "\x7f":
        before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
        beside = [_OF_A_FIGURE.match(other) is not None for other in (before, after)]
        if all(beside) or (char in _REMOVES and any(beside)):
            return UNKNOWN
    if "\u2e80" <= char <= "\u2fdf" or "\uf900" <= char <= "\ufb06":
        return unicodedata.normalize("NFKC", char)
    return ""


def _escape(match: re.Match[str]) -> str:
    """What stands for a terminal escape: one between digits may strike out or hide a part of a figure."""
    text = match.string
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return UNKNOWN if before.isdigit() and after.isdigit() else ""


def is_odd(text: str) -> bool:
    """Whether there is anything in the text that `clean_text` may change."""
    return _ODD.search(text) is not None


def clean_text(text: str) -> str:
    """The text as a reader of the page sees it.

    Turned: what a direction mark makes run from right to left. Removed: terminal escapes, controls other than tab and
    line breaks, direction marks, zero-width characters; a control or an escape within a figure stands as U+FFFD.
    Folded to the ordinary character: radicals (U+2E80-2FDF), compatibility ideographs, Latin ligatures.
    """
    if not is_odd(text):
        return text
    text = _ANSI.sub(_escape, text)
    return _ODD.sub(_fold, _turned(text))


def cell_text(text: str) -> str:
    """The text of one cell: cleaned, its lines joined, stripped."""
    return join_lines(clean_text(text))


_CJK = re.compile("[\u3400-\u9fff]")


def has_cjk(text: str) -> bool:
    """Whether any Chinese character is in the text."""
    return _CJK.search(text) is not None


def cjk_count(text: str) -> int:
    """The number of Chinese characters in the text."""
    return len(_CJK.findall(text))
