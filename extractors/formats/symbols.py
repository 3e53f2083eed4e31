"""Characters of the fonts that draw other signs than their codes say: ≥ is 3 with an accent in Symbol.

Here: codes of Symbol and of the ticks and boxes of Wingdings to the signs that are seen. Not here: which font a text
has (each format).
"""

from __future__ import annotations

import re

_SYMBOL = dict(
    zip(
        [*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0xA1, 0xE0), 0x22, 0x24, 0x27, 0x2A, 0x2D, 0x40, 0x5C, 0x5E],
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ" "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
        "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓" "∀∃∋∗-≅∴⊥",
        strict=True,
    )
)  # fmt: skip
_SYMBOL |= {0xE0: "◊", 0xE5: "∑", 0xF2: "∫"}
_WINGDINGS = {
    0xFE: "☑", 0xFD: "☒", 0xFC: "√", 0xFB: "×", 0xA8: "□", 0x6F: "□", 0x71: "□", 0x72: "□", 0x6C: "●", 0x6E: "■",
    0xA1: "○", 0xA7: "▪", 0x75: "◆", 0x76: "◆", 0xD8: "➢", 0xE0: "→", 0xDF: "←", 0xE8: "→", 0xAB: "★", 0x9F: "•",
    0x77: "◆", 0x73: "◆", 0x7A: "⌘",
}  # fmt: skip
_WINGDINGS_2 = {0x52: "☑", 0x54: "☒", 0x51: "☒", 0x53: "☒", 0x50: "√", 0x4F: "×", 0xA3: "□", 0x2A: "□"}
_FONTS = {"symbol": _SYMBOL, "symbolmt": _SYMBOL, "wingdings": _WINGDINGS, "wingdings2": _WINGDINGS_2}
_UNNAMED = {**_WINGDINGS, **_WINGDINGS_2, 0xB3: "≥", 0xA3: "≤", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xB9: "≠"}
_PRIVATE = re.compile("[\uf020-\uf0ff]")

UNKNOWN = "\ufffd"
"""Stands for a sign that is not known, so that what it stands in is taken for no number."""


def is_symbol_font(font: str | None) -> bool:
    """Whether a font draws other signs than the codes of its text say."""
    return font is not None and _key(font) in _FONTS


def is_symbol_text(text: str) -> bool:
    """Whether a text has codes of a symbol font (U+F020 to U+F0FF)."""
    return _PRIVATE.search(text) is not None


def seen(text: str, font: str | None) -> str:
    """The text as the font draws it; codes from U+F020 to U+F0FF are a symbol font's even where none is named."""
    table = _FONTS.get(_key(font)) if font else None
    if table is not None:
        return "".join(_sign(ord(char), table, char) for char in text)
    if _PRIVATE.search(text) is None:
        return text
    return _PRIVATE.sub(lambda match: _UNNAMED.get(ord(match[0]) - 0xF000, UNKNOWN), text)


def _sign(code: int, table: dict[int, str], char: str) -> str:
    private = 0xF020 <= code <= 0xF0FF
    if private:
        code -= 0xF000
    if code > 0xFF:
        return char
    if table is _SYMBOL and code not in table and code < 0x7F:
        return chr(code)
    return table.get(code, UNKNOWN if private or code > 0x7F else char)


def _key(font: str) -> str:
    return re.sub(r"[\s'\"_-]", "", font).lower()
