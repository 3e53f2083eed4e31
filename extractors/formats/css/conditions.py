"""Conditions of style sheets: what holds in an ordinary window on a screen.

Here: @media, @supports and the attribute media. Not here: rules and their order (sheets.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import tinycss2
from tinycss2.ast import Node

from extractors.formats.css.values import SCREEN, length

_FEATURE = re.compile(
    r"\(\s*(?:(?P<low>[\d.]+\w*)\s*(?P<before><=?)\s*)?(?P<name>[\w-]+)\s*(?:(?P<op>[:<>=]=?)\s*(?P<value>[^()]+?)\s*)?\)"
)


def on_screen(condition: str | list[Node]) -> bool:
    """Whether a condition of media holds in an ordinary window on a screen."""
    tokens = tinycss2.parse_component_value_list(condition) if isinstance(condition, str) else condition
    queries: list[list[Node]] = [[]]
    for token in tokens:
        if token == ",":
            queries.append([])
        elif token.type not in ("whitespace", "comment"):
            queries[-1].append(token)
    return not any(queries) or any(_media(query) for query in queries)


def _media(query: list[Node]) -> bool:
    words = [word_of(token) for token in query]
    negated = words[:1] == ["not"] and len(words) > 1 and bool(words[1])
    if words[:1] in (["not"], ["only"]) and len(words) > 1 and words[1]:
        words, query = words[1:], query[1:]
    holds = True
    if words and words[0] not in ("", "not"):
        holds = words[0] in ("all", "screen")
        query = query[2 if words[1:2] == ["and"] else 1 :]
    return (holds and _logic(query, _feature)) != negated


def word_of(token: Node) -> str:
    """A token that is a word, in small letters; nothing for others."""
    return token.lower_value if token.type == "ident" else ""


def _logic(condition: Iterable[Node], test: Callable[[str], bool]) -> bool:
    """The truth of conditions in brackets joined by and, or, not."""
    value, negate, operation = True, False, "and"
    for token in condition:
        word = word_of(token)
        if word in ("and", "or"):
            operation = word
        elif word == "not":
            negate = not negate
        elif token.type in ("() block", "function"):
            inner = [] if token.type == "function" else [one for one in token.content if one.type != "whitespace"]
            nested = bool(inner) and (inner[0].type in ("() block", "function") or word_of(inner[0]) == "not")
            holds = _logic(inner, test) if nested else test(tinycss2.serialize([token]).lower())
            value = value and holds != negate if operation == "and" else value or holds != negate
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


def supported(condition: Iterable[Node]) -> bool:
    """Whether a browser of today has what a condition asks for; all but what only others ever had."""
    return _logic(condition, lambda text: not re.match(r"\(\s*-(?:ms|moz|o)-", text))
