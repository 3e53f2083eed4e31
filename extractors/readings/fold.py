"""Printed cells in one spelling: widths, script, dashes, operators and white space.

Here: character by character folding that loses nothing a number depends on. Not here: any meaning.
"""

from __future__ import annotations

import re
import unicodedata

from extractors.traditional import SIMPLIFIED

_SAME = {
    "≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤", "═": "=", "﹦": "=", "﹥": ">", "﹤": "<", "〉": ">", "〈": "<",
    "﹣": "-", "﹢": "+", "﹪": "%", "٪": "%", "−": "-", "‐": "-", "‑": "-", "–": "—", "―": "—", "─": "—",
    "～": "~", "〜": "~", "∼": "~", "〔": "(", "〕": ")", "﹙": "(", "﹚": ")", "•": "·", "・": "·", "∙": "·",
}  # fmt: skip
_TABLE: dict[int, str] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF0C}
"""Full-width forms to ASCII; not the comma (3，500 may be a list), and never NFKC: it turns ㎡ into m2 and ① into 1."""
_TABLE.update({code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)})
_TABLE.update({code: str((code - 0x1D7CE) % 10) for code in range(0x1D7CE, 0x1D800)})  # 𝟏𝟐: the digits of formulas
_TABLE.update({ord(char): plain for char, plain in _SAME.items()})
_TABLE.update(SIMPLIFIED)

_NUMERIC = "0-9.,，"
_GAP = "\\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_ANY_GAP = re.compile(f"[{_GAP}]")
_KEPT = re.compile(f"(?<=[{_NUMERIC}])[{_GAP}]+(?=[{_NUMERIC}])")
_DROPPED = re.compile(f"[{_GAP}]+")
_THIN = "\u00a0\u2009\u202f"
_GROUPED = re.compile(f"(?<![0-9.,，{_THIN}])[0-9]{{1,3}}(?:[{_THIN}][0-9]{{3}})+(?![0-9])")
_END = "。；;，,、"
APART = "\x00"
"""What stands in folded text for the white space between two parts of a number."""


def fold(text: str) -> str:
    """`text` with widths, dashes and operators folded, white space and closing punctuation dropped.

    Between two parts of a number (5 8) one NUL stands for it, so that no rule joins what was printed apart.
    """
    return fold_characters(text).rstrip(_END)


def fold_characters(text: str) -> str:
    """`fold` with the closing punctuation kept.

    Only a thin or no-break blank before each group of exactly three digits is one inside a number (1 234 567).
    """
    text = text.translate(_TABLE)
    if _ANY_GAP.search(text):
        text = _GROUPED.sub(lambda number: _ANY_GAP.sub("", number[0]), text)
        text = _DROPPED.sub("", _KEPT.sub(APART, text))
    return text
