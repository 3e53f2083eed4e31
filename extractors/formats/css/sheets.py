"""Style sheets and style attributes: their text to rules, each with its declarations of what is seen.

Here: blocks, nesting, conditions, layers, shorthands. Not here: which rule is for which element (selectors.py), which
declaration wins (styles.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from extractors.formats.css.selectors import split
from extractors.formats.css.values import OF_PARENT, SCREEN, is_taken, length

_COMMENT = re.compile(r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_TOKEN = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\\.|url\([^)\"']*\)|[{}();\[\]]", re.DOTALL | re.IGNORECASE
)
_IMPORTANT = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)
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
UNLAYERED = 1_000_000


class Declared(NamedTuple):
    """One declaration of a property that decides what is seen."""

    name: str
    value: str
    important: bool


@dataclass(slots=True)
class Rule:
    """Selectors with their declarations. `layer`: its place among the layers; `sure`: its conditions are understood."""

    selectors: str
    declared: list[Declared]
    layer: int = UNLAYERED
    sure: bool = True


@dataclass(slots=True)
class Sheets:
    """The sheets of a page in their order: reads one after the other and remembers the order of layers."""

    layers: list[str] = field(default_factory=list)

    def rules(self, text: str) -> Iterator[Rule]:
        """The rules of a sheet that hold on a screen."""
        yield from self._rules(without_comments(text), "", "", sure=True)

    def _rules(self, text: str, parent: str, layer: str, *, sure: bool) -> Iterator[Rule]:
        own: list[str] = []
        for head, body in _statements(text):
            head = head.strip()
            if body is None:
                if head.lower().startswith("@layer"):
                    for name in split(head[6:]):
                        self._layer(layer, name.strip())
                elif head and not head.startswith("@") and parent:
                    own.append(head)
                continue
            if not head.startswith("@"):
                inner = _nested(parent, head) if parent else head
                yield from self._rules(body, inner, layer, sure=sure)
                continue
            name, _, condition = head[1:].partition(" ")
            if "(" in name:
                name, condition = name[: name.index("(")], head[1:][name.index("(") :]
            name = name.lower()
            if name == "layer":
                yield from self._rules(body, parent, self._layer(layer, condition.strip()), sure=sure)
            elif (name == "media" and on_screen(condition)) or (name == "supports" and _supported(condition)):
                yield from self._rules(body, parent, layer, sure=sure)
            elif name in ("container", "scope", "-moz-document", "document"):
                yield from self._rules(body, parent, layer, sure=False)
        if own and (declared := declarations(";".join(own))):
            place = self.layers.index(layer) if layer else UNLAYERED
            yield Rule(parent, declared, place, sure)

    def _layer(self, around: str, name: str) -> str:
        full = f"{around}.{name}" if around else name or f"\0{len(self.layers)}"
        if full not in self.layers:
            self.layers.append(full)
        return full


def without_comments(text: str) -> str:
    """A style sheet without its comments."""
    return _COMMENT.sub(lambda found: found[1] or " ", text) if "/*" in text or "<!--" in text else text


def _statements(text: str) -> Iterator[tuple[str, str | None]]:
    """What stands in a sheet or block: statements (no body), and blocks with what stands before them."""
    start, depth, opened, head = 0, 0, 0, ""
    brackets = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark == "{":
            if not depth:
                head, opened, brackets = text[start : token.start()], token.end(), 0
            depth += 1
        elif mark == "}":
            depth -= 1
            if not depth:
                yield head, text[opened : token.start()]
                start = token.end()
            elif depth < 0:
                depth, start = 0, token.end()
        elif not depth and mark in "([":
            brackets += 1
        elif not depth and mark in ")]":
            brackets = max(brackets - 1, 0)
        elif mark == ";" and not depth and not brackets:
            yield text[start : token.start()], None
            start = token.end()
    if depth:
        yield head, text[opened:]
    elif text[start:].strip():
        yield text[start:], None


def _nested(parent: str, inner: str) -> str:
    found = []
    around = f":is({parent})"
    for one in split(inner):
        one = one.strip()
        found.append(one.replace("&", around) if "&" in one else f"{around} {one}")
    return ",".join(found)


def declarations(text: str) -> list[Declared]:
    """The declarations of a block that decide what is seen, shorthands taken apart, as a browser takes them."""
    found = []
    for part in split(without_comments(text), ";"):
        name, colon, value = part.partition(":")
        name = name.strip()
        if not colon:
            continue
        name = name if name.startswith("--") else name.replace("\\", "").lower()
        bare = _IMPORTANT.sub("", value.strip())
        important = bare != value.strip()
        found += [Declared(longhand, own, important) for longhand, own in longhands(name, bare)]
    return found


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


_FEATURE = re.compile(
    r"\(\s*(?:(?P<low>[\d.]+\w*)\s*(?P<before><=?)\s*)?(?P<name>[\w-]+)\s*(?:(?P<op>[:<>=]=?)\s*(?P<value>[^()]+?)\s*)?\)"
)


def on_screen(condition: str) -> bool:
    """Whether a condition of media holds in an ordinary window on a screen."""
    condition = without_comments(condition).strip().lower()
    return not condition or any(_media(part.strip()) for part in condition.split(","))


def _media(query: str) -> bool:
    negated = re.match(r"not\s+(?!\()", query) is not None
    query = re.sub(r"^(?:not|only)\s+(?!\()", "", query)
    kind = re.match(r"[a-z-]+(?=\s|$)", query)
    holds = kind is None or kind[0] in ("all", "screen", "not")
    if kind is not None and kind[0] != "not":
        query = re.sub(r"^\s*and\s+", "", query[kind.end() :])
    if query.strip():
        holds = holds and _logic(query, _feature)
    return holds != negated


def _logic(text: str, test: object) -> bool:
    """The truth of conditions in brackets joined by and, or, not."""
    assert callable(test)
    text = text.strip()
    words: list[str] = []
    position = 0
    while position < len(text):
        if text[position] == "(":
            depth, end = 1, position + 1
            while end < len(text) and depth:
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            inner = text[position + 1 : end - 1].strip()
            nested = inner.startswith("(") or re.match(r"not\s*\(", inner) is not None
            words.append("1" if (_logic(inner, test) if nested else test(text[position:end])) else "0")
            position = end
        elif found := re.match(r"\s*(and|or|not)\b\s*", text[position:]):
            words.append(found[1])
            position += found.end()
        elif found := re.match(r"[a-z-]+\((?:[^()]|\([^()]*\))*\)", text[position:]):
            words.append("1" if test(found[0]) else "0")
            position += found.end()
        else:
            position += 1
    value, negate, operation = True, False, "and"
    for word in words:
        if word in ("and", "or"):
            operation = word
        elif word == "not":
            negate = not negate
        else:
            own = (word == "1") != negate
            value = (value and own) if operation == "and" else (value or own)
            negate = False
    return value


_OF_SCREEN = {
    "orientation": "landscape", "prefers-color-scheme": "light", "prefers-reduced-motion": "no-preference",
    "hover": "hover", "any-hover": "hover", "pointer": "fine", "any-pointer": "fine", "scripting": "enabled",
    "prefers-contrast": "no-preference", "forced-colors": "none", "update": "fast", "display-mode": "browser",
    "inverted-colors": "none", "color-gamut": "srgb", "dynamic-range": "standard", "grid": "0",
}  # fmt: skip


def _feature(text: str) -> bool:
    found = _FEATURE.fullmatch(text)
    if found is None:
        return False
    name, op, value = found["name"], found["op"], (found["value"] or "").strip()
    limit = re.fullmatch(r"(?:(min|max)-)?(?:device-)?(width|height)", name)
    if limit is not None:
        own = SCREEN[limit[2] == "height"]
        bounds = [(found["low"], {"<": ">", "<=": ">="}[found["before"]])] if found["low"] else []
        if value:
            bounds.append((value, {"min": ">=", "max": "<="}.get(limit[1] or "", op if op != ":" else "=")))
        for bound, sign in bounds:
            edge = length(bound)
            if edge is None:
                return False
            if not {">=": own >= edge, "<=": own <= edge, ">": own > edge, "<": own < edge, "=": own == edge}[sign]:
                return False
        return True
    if name in _OF_SCREEN:
        return value == _OF_SCREEN[name] if value else _OF_SCREEN[name] not in ("none", "0", "no-preference")
    density = re.fullmatch(r"(?:-webkit-)?(min|max)-(?:device-pixel-ratio|resolution)", name)
    if density is not None:
        number = re.match(r"[\d.]+", value)
        ratio = float(number[0]) / (96 if "dpi" in value else 1) if number else 1.0
        return ratio <= 1 if density[1] == "min" else ratio >= 1
    return name in ("color", "monochrome") and name == "color"


def _supported(condition: str) -> bool:
    return _logic(condition.lower(), lambda text: not re.match(r"\(\s*-(?:ms|moz|o)-", text))
