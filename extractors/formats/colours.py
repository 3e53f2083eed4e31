"""Colours of characters and of what lies behind them: a text in the colour of its ground is not seen.

Here: when two colours are one to the eye. Not here: where a format keeps them.
"""

from __future__ import annotations

import re

Colour = tuple[int, int, int] | str
"""Red, green and blue (0 to 255), or the name of a colour of a palette that is not at hand."""

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
_ALIKE = 16
"""The most that red, green or blue may differ."""
_HEX = re.compile("[0-9A-Fa-f]{6}")


def alike(one: Colour | None, other: Colour | None) -> bool:
    """Whether a text of one colour vanishes on a ground of the other; None, an unknown one, is like no other."""
    if one is None or other is None:
        return False
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return all(abs(a - b) <= _ALIKE for a, b in zip(one, other, strict=True))


def of_hex(text: str | None) -> Colour | None:
    """The colour that the last six hexadecimal digits of a text state; None if there are none."""
    digits = (text or "")[-6:]
    if _HEX.fullmatch(digits) is None:
        return None
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
