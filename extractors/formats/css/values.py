"""Values of CSS properties: lengths in pixels, colours, shares; which of them a browser takes and which it drops.

Here: the text of one value -> what it says. Not here: which declaration wins (styles.py).
"""

from __future__ import annotations

import re

from tinycss2.color4 import parse_color

from extractors.formats.colours import BLACK, WHITE, Colour

CLEAR: Colour = "transparent"
SCREEN = (1280.0, 800.0)
"""Width and height of the window that a page is looked at in, in pixels."""
NORMAL_SIZE = 16.0
"""Pixels of an ordinary character."""
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]+|%)?\s*", re.IGNORECASE)
_PIXELS = {
    "px": 1.0, "pt": 4 / 3, "pc": 16.0, "cm": 37.8, "mm": 3.78, "q": 0.945, "in": 96.0, "rem": NORMAL_SIZE,
    "vw": SCREEN[0] / 100, "vh": SCREEN[1] / 100, "vmin": SCREEN[1] / 100, "vmax": SCREEN[0] / 100,
}  # fmt: skip
_OF_THE_FONT = {"em": 1.0, "ex": 0.5, "ch": 0.5, "ic": 1.0, "lh": 1.2, "cap": 0.7}
_SIZES = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0,
    "xx-large": 32.0, "xxx-large": 48.0,
}  # fmt: skip
_WINDOW = {"window": WHITE, "windowtext": BLACK, "canvas": WHITE, "canvastext": BLACK, "transparent": CLEAR}
_COMPUTED = re.compile(r"\b(?:calc|min|max|clamp|var|env|attr|color-mix|light-dark|round|abs|rgb|hsl|-webkit-calc)\(")
OF_PARENT = ("inherit", "unset", "revert", "revert-layer", "initial")
"""What every property takes; the last three fall back on what a browser itself gives."""
_DISPLAYS = frozenset(
    ("none", "inline", "block", "inline-block", "flex", "inline-flex", "grid", "inline-grid", "table", "inline-table",
     "table-row", "table-cell", "table-row-group", "table-header-group", "table-footer-group", "table-column",
     "table-column-group", "table-caption", "list-item", "contents", "flow-root", "run-in", "ruby", "ruby-base",
     "ruby-text", "-webkit-box", "-webkit-inline-box", "-webkit-flex", "-ms-flexbox", "math")
)  # fmt: skip
_WORDS: dict[str, frozenset[str]] = {
    "visibility": frozenset(("visible", "hidden", "collapse")),
    "position": frozenset(("static", "relative", "absolute", "fixed", "sticky", "-webkit-sticky")),
    "float": frozenset(("none", "left", "right", "inline-start", "inline-end")),
    "content-visibility": frozenset(("visible", "hidden", "auto")),
    "direction": frozenset(("ltr", "rtl")),
}
_LENGTHS = frozenset(
    ("left", "top", "right", "bottom", "text-indent", "width", "height", "max-width", "max-height", "min-width",
     "letter-spacing", "word-spacing", "margin-left", "margin-right", "margin-top", "margin-bottom")
)  # fmt: skip
_NOT_A_LENGTH = frozenset(
    ("auto", "none", "normal", "min-content", "max-content", "fit-content", "stretch", "-webkit-fill-available")
)


def length(text: str, size: float = NORMAL_SIZE, whole: float | None = None) -> float | None:
    """A length in pixels; None if it is none. `size`: of the characters; `whole`: what a share is a share of."""
    if not text:
        return None
    found = _LENGTH.fullmatch(text)
    if found is None:
        return _worked_out(text, size, whole) if "(" in text else None
    number, unit = float(found[1]), (found[2] or "px").lower()
    if unit == "%":
        return 0.0 if not number else None if whole is None else number * whole / 100
    if unit in _OF_THE_FONT:
        return number * _OF_THE_FONT[unit] * size
    return number * _PIXELS[unit] if unit in _PIXELS else None


_TERM = re.compile(r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:[a-z]+|%)?)|(?P<mark>[a-z-]*\(|[-+*/,)]))\s*")


def _worked_out(text: str, size: float, whole: float | None) -> float | None:
    """What calc(), min(), max() and clamp() come to; None for other functions and what is no sum."""
    terms: list[str] = []
    at = 0
    while at < len(text):
        found = _TERM.match(text.lower(), at)
        if found is None or found.end() == at:
            return None
        terms.append(found["number"] or found["mark"])
        at = found.end()
    try:
        value, rest = _sum(terms, size, whole)
    except (ValueError, ZeroDivisionError, IndexError, RecursionError):
        return None
    return None if rest else value


def _sum(terms: list[str], size: float, whole: float | None) -> tuple[float, list[str]]:
    value, terms = _product(terms, size, whole)
    while terms and terms[0] in "+-":
        other, rest = _product(terms[1:], size, whole)
        value, terms = (value + other if terms[0] == "+" else value - other), rest
    return value, terms


def _product(terms: list[str], size: float, whole: float | None) -> tuple[float, list[str]]:
    value, terms = _factor(terms, size, whole)
    while terms and terms[0] in "*/":
        other, rest = _factor(terms[1:], size, whole)
        value, terms = (value * other if terms[0] == "*" else value / other), rest
    return value, terms


def _factor(terms: list[str], size: float, whole: float | None) -> tuple[float, list[str]]:
    first, terms = terms[0], terms[1:]
    if first in "+-":
        value, terms = _factor(terms, size, whole)
        return (-value if first == "-" else value), terms
    if not first.endswith("("):
        plain = length(first, size, whole)
        if plain is None:
            raise ValueError(first)
        return plain, terms
    values: list[float] = []
    while True:
        value, terms = _sum(terms, size, whole)
        values.append(value)
        mark, terms = terms[0], terms[1:]
        if mark == ")":
            break
        if mark != ",":
            raise ValueError(mark)
    name = first[:-1].removeprefix("-webkit-")
    if name in ("", "calc") and len(values) == 1:
        return values[0], terms
    if name == "clamp" and len(values) == 3:
        return max(values[0], min(values[1:])), terms
    if name in ("min", "max"):
        return (min if name == "min" else max)(values), terms
    raise ValueError(name)


def font_size(text: str, around: float) -> float | None:
    """The size of characters in pixels inside a text of the size `around`; None if it cannot be told."""
    text = text.lower()
    if text in _SIZES:
        return _SIZES[text]
    if text in ("larger", "smaller"):
        return around * (1.2 if text == "larger" else 1 / 1.2)
    return length(text, around, around)


def share(text: str) -> float | None:
    """A number or percentage as a part of one."""
    if "(" in text:
        return _worked_out(text, 1.0, 1.0)
    try:
        return float(text.rstrip("%")) / (100 if text.endswith("%") else 1) if text else None
    except ValueError:
        return None


def is_computed(value: str) -> bool:
    """Whether a value is worked out by a function that is not followed here."""
    return _COMPUTED.search(value) is not None


def is_taken(name: str, value: str) -> bool:
    """Whether a browser takes a value of a property; one that it does not know it drops, and an earlier one holds."""
    if not value:
        return False
    if value in OF_PARENT or is_computed(value) or name.startswith("--"):
        return True
    if name == "display":
        return all(word in _DISPLAYS or word in ("flow", "inside") for word in value.split())
    if name in _WORDS:
        return value in _WORDS[name]
    if name in _LENGTHS:
        return value in _NOT_A_LENGTH or _is_length(value.split()[0]) or "(" in value
    if name == "font-size":
        return value in _SIZES or value in ("larger", "smaller") or (_is_length(value) and not value.startswith("-"))
    if name in ("opacity", "scale", "zoom"):
        return all(share(word) is not None for word in value.split()) or value in ("none", "normal", "reset")
    if name in ("color", "background-color", "-webkit-text-fill-color"):
        return value == "currentcolor" or colour_of(value) is not None or "(" in value
    return True


def _is_length(value: str) -> bool:
    found = _LENGTH.fullmatch(value)
    if found is None:
        return False
    unit = (found[2] or "").lower()
    return unit in _PIXELS or unit in _OF_THE_FONT or unit == "%" or not unit


def painted(text: str, ground: Colour | None, *, legacy: bool = False) -> Colour | None:
    """The colour that a text paints on a ground that may shine through; CLEAR for none, None if it is not known."""
    found = _parts_of(text.strip().lower(), legacy=legacy)
    if found is None or isinstance(found, str):
        return found
    colour, cover = found[:3], found[3]
    if cover < 0.02:
        return CLEAR
    if cover > 0.98:
        return tuple(map(round, colour))  # type: ignore[return-value]
    if ground is None or isinstance(ground, str):
        return None
    mixed = [round(cover * own + (1 - cover) * behind) for own, behind in zip(colour, ground, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def colour_of(text: str) -> Colour | None:
    """A colour by its name or numbers, CLEAR for one that paints nothing; None if it is not known."""
    return painted(text, WHITE)


def gradient_on(background: str, ground: Colour | None) -> Colour | None:
    """The colour that a gradient begins with, which stands for all of it; None for pictures."""
    if "url(" in background or "gradient(" not in background:
        return None
    words = re.findall(r"#[0-9a-f]+|(?:rgb|hsl)a?\([^()]*\)|[a-z]+", background.partition("(")[2].lower())
    colours = [colour for word in words if (colour := painted(word, ground)) is not None]
    return next((ground if colour == CLEAR else colour for colour in colours), None)


def is_line(background: str) -> bool:
    """Whether a gradient paints a thin line through the middle."""
    stops = [float(stop) for stop in re.findall(r"([\d.]+)%", background)]
    return "gradient(" in background and any(
        35 <= low < high <= 65 or ("calc(" in background and low == 50) for low in stops for high in stops
    )


def _parts_of(text: str, *, legacy: bool) -> tuple[float, float, float, float] | str | None:
    """Red, green, blue (0 to 255) and how far they cover (0 to 1)."""
    if text in _WINDOW:
        known = _WINDOW[text]
        return known if isinstance(known, str) else (*map(float, known), 1.0)  # type: ignore[return-value]
    if legacy and re.fullmatch("[0-9a-f]{6}", text):
        text = f"#{text}"
    try:
        colour = parse_color(text)
    except ValueError:  # color() without a space of colours
        return None
    if colour is None or isinstance(colour, str):
        return None
    if colour.space in ("lab", "oklab", "lch", "oklch"):  # its hue does not matter to whether it is seen
        light = (colour.coordinates[0] or 0.0) / (1 if colour.space.startswith("ok") else 100)
        level = 255 * min(max(light, 0.0), 1.0)
        return level, level, level, colour.alpha
    if colour.space in ("srgb", "hsl", "hwb"):
        red, green, blue = (255 * part for part in colour.to("srgb").coordinates)
        return red, green, blue, colour.alpha
    return None
