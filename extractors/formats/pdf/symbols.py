"""Private characters of the Symbol font, which Word and its kin write for operators, by their meaning.

Here: U+F0A3 in the font Symbol is ≤. Not here: private characters of other fonts, which have no meaning.
"""

from __future__ import annotations

from collections.abc import Set

from extractors.formats.pdf.page_content import LOST

PRIVATE = "\uf020-\uf0ff"
"""The codes of a symbol font, as a range: its own code above U+F000."""
_MEANINGS = {
    0xA3: "≤", 0xB3: "≥", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xB0: "°", 0xA5: "∞", 0xB7: "•",
    0xA2: "′", 0xB2: "″", 0xBC: "…", 0x2D: "-", 0xD7: "·", 0xD6: "√", 0xE5: "∑", 0x61: "α", 0x62: "β", 0x67: "γ",
    0x64: "δ", 0x6C: "λ", 0x6D: "μ", 0x70: "π", 0x73: "σ", 0x77: "ω", 0x44: "Δ", 0x53: "Σ", 0x57: "Ω",
}  # fmt: skip
_SHARED = "0123456789%()+,./:;<=>[]{|} !&?"
"""What stands in the Symbol font where it stands in ASCII."""


def symbol(text: str, font: str, doubtful: Set[str] = frozenset()) -> str:
    """What a character of a font prints, if it is a private one of the Symbol font; else the character.

    A digit of a `doubtful` font, which may print another, is LOST.
    """
    if font in doubtful:
        return LOST if text.isdecimal() else text
    if len(text) != 1 or not 0xF020 <= ord(text) <= 0xF0FF or "symbol" not in font.lower():
        return text
    code = ord(text) - 0xF000
    return chr(code) if code < 0x80 and chr(code) in _SHARED else _MEANINGS.get(code, text)
