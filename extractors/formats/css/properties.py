"""The properties of CSS that decide what is seen of a text: their other names, shorthands taken apart.

Here: one declaration -> those of the properties that it sets. Not here: what a value says (values.py), which
declaration wins (styles.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.formats.css.values import OF_PARENT, is_taken

_SHIFTS = ("transform", "translate", "rotate", "scale", "offset-path", "mask", "mask-image", "font-variant-position",
           "font-feature-settings", "animation-name", "float", "order", "grid-column", "grid-row", "grid-area",
           "grid-column-start", "grid-row-start")  # fmt: skip
SHIFTS = tuple(name for name in _SHIFTS if name not in ("transform", "scale", "translate"))
"""What may put a part of a text elsewhere, turn it or fade it, unless it is at rest."""
_SEEN = frozenset(
    ("display", "visibility", "opacity", "font-size", "color", "background-color", "background-image",
     "text-decoration-line", "vertical-align", "position", "left", "top", "right", "bottom", "clip", "clip-path",
     "width", "min-width", "height", "max-height", "max-width", "overflow", "font-family", "mso-hide",
     "mso-symbol-font-family", "content", "direction", "unicode-bidi", "flex-direction", "flex-wrap", "filter",
     "-webkit-text-fill-color", "content-visibility", "zoom", "letter-spacing", "word-spacing", "margin-left",
     "margin-right", "margin-top", "margin-bottom", "text-indent", "mix-blend-mode", "z-index", "white-space",
     "-webkit-text-security", "-webkit-box-reflect", "table-layout", "padding-left", "padding-right", "column-gap",
     "column-count", "border-left", "border-right",
     "border-top", "border-bottom", "box-sizing", "list-style-type",
     "justify-content", *_SHIFTS)
)  # fmt: skip
_PREFIXED = re.compile(
    r"-(?:webkit|moz|ms|o)-(?=(?:transform|mask|mask-image|clip-path|filter|animation|order|flex-direction|flex-wrap"
    r"|flex-flow|column-count|column-gap|columns)$)"
)
_NAMES = {
    "inset-inline-start": "left", "inset-inline-end": "right", "margin-inline-start": "margin-left",
    "margin-inline-end": "margin-right", "inset-block-start": "top", "inset-block-end": "bottom",
    "inline-size": "width", "block-size": "height", "max-inline-size": "max-width", "max-block-size": "max-height",
    "overflow-x": "overflow", "overflow-y": "overflow", "text-fill-color": "-webkit-text-fill-color",
    "padding-inline-start": "padding-left", "padding-inline-end": "padding-right", "text-decoration-skip": "",
}  # fmt: skip
_BOXES = {
    "margin": ("margin-top", "margin-right", "margin-bottom", "margin-left"),
    "padding": ("", "padding-right", "", "padding-left"),
    "inset": ("top", "right", "bottom", "left"),
}
_FONT_SIZE = re.compile(
    r"(?:^|\s)(?P<size>[\d.]+(?:[a-z]+|%)?|xx-small|x-small|small|medium|large|x-large|xx-large|smaller|larger)"
    r"(?:\s*/\s*\S+)?\s+(?P<family>.+)$",
    re.IGNORECASE,
)
_COLOUR_WORD = re.compile(r"[^\s(,]+(?:\((?:[^()]|\([^()]*\))*\))?")
_BORDER = re.compile(r"border(?:-(left|right|top|bottom))?(?:-style)?")
PENDING = "\0"
"""Begins the value of a part of a shorthand whose variables are not filled in: then the shorthand, then its value."""

_SHORTHANDS = {
    "background": ("background-color", "background-image"),
    "text-decoration": ("text-decoration-line",),
    "font": ("font-size", "font-family"),
    "flex-flow": ("flex-direction", "flex-wrap"),
    "animation": ("animation-name",),
    "list-style": ("list-style-type",),
    "columns": ("column-count",),
    "gap": ("column-gap",),
    "grid-gap": ("column-gap",),
    "border": ("border-left", "border-right", "border-top", "border-bottom"),
    **{name: tuple(filter(None, names)) for name, names in _BOXES.items()},
}


def longhands(name: str, value: str) -> Iterator[tuple[str, str]]:
    """A declaration as those of the properties that it sets; nothing for what a browser drops or nobody sees."""
    name = _PREFIXED.sub("", name)
    name = _NAMES.get(name, name)
    if name.startswith("--"):
        yield name, value
        return
    if (side := _BORDER.fullmatch(name)) is not None:
        name = "border" if side[1] is None else f"border-{side[1]}"
    if name == "all":
        for one in ("display", "visibility", "opacity", "color", "font-size", "position"):
            yield one, "revert"
        return
    if name in _SHORTHANDS:
        if "var(" in value:
            for one in _SHORTHANDS[name]:
                yield one, f"{PENDING}{name}{PENDING}{value}"
            return
        for one, own in _apart(name, value):
            if name in _BOXES or own in OF_PARENT or is_taken(one, own):
                yield one, own
        return
    if name not in _SEEN:
        return
    value = value if name in ("content", "font-family", "mso-symbol-font-family") else value.lower()
    if is_taken(name, value):
        yield name, value


def _apart(name: str, value: str) -> Iterator[tuple[str, str]]:
    lower = value.lower()
    if lower in OF_PARENT:
        for one in _SHORTHANDS[name]:
            yield one, lower
    elif name in _BOXES:
        words = _COLOUR_WORD.findall(lower)
        if not 1 <= len(words) <= 4:
            return
        four = {1: (0, 0, 0, 0), 2: (0, 1, 0, 1), 3: (0, 1, 2, 1), 4: (0, 1, 2, 3)}[len(words)]
        for one, at in zip(_BOXES[name], four, strict=True):
            if one and is_taken(one, words[at]):
                yield one, words[at]
    elif name == "background":
        picture = "url(" in lower or "gradient(" in lower or "image(" in lower
        yield "background-image", lower if picture else "none"
        colours = (
            [] if picture else [word for word in _COLOUR_WORD.findall(lower) if is_taken("background-color", word)]
        )
        yield "background-color", colours[-1] if colours else "transparent"
    elif name == "font":
        if found := _FONT_SIZE.search(value):
            yield "font-size", found["size"].lower()
            yield "font-family", found["family"]
    elif name == "text-decoration":
        yield "text-decoration-line", lower
    elif name == "flex-flow":
        for word in lower.split():
            yield "flex-wrap" if "wrap" in word else "flex-direction", word
    elif name in ("gap", "grid-gap"):
        yield "column-gap", lower.split()[-1] if lower else ""
    elif name == "border":
        for one in _SHORTHANDS[name]:
            yield one, lower
    else:
        yield _SHORTHANDS[name][0], lower
