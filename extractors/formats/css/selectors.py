"""Selectors of CSS: which elements of a page a rule is for, and how much it weighs.

Here: text of a selector -> whether it matches an element. Not here: what rules declare (sheets.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from lxml import etree

_NAME = r"(?:[\w-]|[^\x00-\x7f]|\\[0-9a-fA-F]{1,6}\s?|\\[^\n])+"
_SIMPLE = re.compile(
    rf"(?P<nested>&)|(?P<tag>(?:\*|[\w-]*\|)?(?:{_NAME}|\*)|\*)|::?(?P<pseudo>{_NAME})(?P<open>\()?"
    rf"|\.(?P<cls>{_NAME})|#(?P<id>{_NAME})"
    r"|\[\s*(?P<attribute>(?:(?:[\w-]+|\*)\|(?!=))?[\w-]+)\s*(?:(?P<op>[~|^$*]?=)\s*"
    r"(?P<value>\"[^\"]*\"|'[^']*'|[^\]\s]+)\s*(?P<flag>[iIsS])?\s*)?\]"
)
_ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})\s?|(.))")
_COMBINATOR = re.compile(r"\s*([>+~])\s*|\s+")
_NTH = re.compile(r"\s*(?:(?P<word>odd|even)|(?:(?P<step>[+-]?\d*)n)?\s*(?P<sign>[+-]?)\s*(?P<first>\d*))\s*")
SIDES = ("before", "after")
_NEVER = frozenset(
    ("hover", "focus", "active", "visited", "selection", "focus-within", "focus-visible", "target", "target-within",
     "backdrop", "placeholder", "marker", "placeholder-shown", "autofill", "-webkit-autofill", "fullscreen",
     "-webkit-full-screen", "popover-open", "file-selector-button", "user-invalid", "invalid", "default", "host",
     "host-context", "slotted", "part", "cue", "modal", "picture-in-picture", "playing", "spelling-error",
     "grammar-error", "target-text", "highlight", "indeterminate", "-webkit-scrollbar", "-webkit-scrollbar-thumb",
     "-webkit-scrollbar-track", "-webkit-inner-spin-button", "-webkit-outer-spin-button", "-moz-focus-inner",
     "-webkit-search-decoration", "-webkit-search-cancel-button", "-webkit-file-upload-button", "-ms-clear",
     "-moz-focusring", "-ms-reveal", "-ms-expand", "-webkit-input-placeholder", "-moz-placeholder",
     "-ms-input-placeholder", "-webkit-slider-thumb", "-webkit-details-marker", "-webkit-calendar-picker-indicator")
)  # fmt: skip
"""What a page at rest does not have, or what is no text of the page."""
_PARTLY = frozenset(("first-line", "first-letter"))
"""What is for a part of a text only: which one is not known here."""


class _Compound(NamedTuple):
    """One element of a selector: a tag, classes, an id, attributes, pseudo-classes; how it stands to the one before."""

    tag: str
    ids: tuple[str, ...]
    classes: tuple[str, ...]
    attributes: tuple[tuple[str, str, str, bool], ...]
    pseudos: tuple[tuple[str, str], ...]
    combinator: str


Weight = tuple[int, int, int]


class Selector(NamedTuple):
    """One selector. `side`: "before" or "after" where it is for text that is put there; `sure`: it is understood."""

    parts: tuple[_Compound, ...]
    weight: Weight
    side: str = ""
    sure: bool = True

    @property
    def never(self) -> bool:
        """Whether nothing of a page at rest is meant."""
        return any(name in _NEVER for part in self.parts for name, _ in part.pseudos)

    @property
    def key(self) -> str:
        """What an element must have for the selector to be for it: #id, .class, a tag, or * for none of these."""
        last = self.parts[-1]
        if last.ids:
            return f"#{last.ids[0]}"
        return f".{last.classes[0]}" if last.classes else last.tag or "*"


def split(text: str, mark: str = ",") -> list[str]:
    """The parts of a text between marks that stand in no brackets and no string."""
    parts, depth, start, quote, skip = [], 0, 0, "", False
    for at, char in enumerate(text):
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == mark and depth <= 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def unescaped(name: str) -> str:
    """A name or string without the escapes of CSS."""
    if "\\" not in name:
        return name
    return _ESCAPED.sub(lambda found: _char(found[1]) if found[1] else found[2], name)


def _char(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


class Selectors:
    """Selectors as the page takes them; `fold`: case makes no difference to classes and ids (pages without doctype)."""

    def __init__(self, *, fold: bool = False) -> None:
        """Keep how the page compares; what is compiled once is kept, too."""
        self.fold = fold
        self._known: dict[str, list[Selector] | None] = {}

    def compiled(self, text: str, first: str = "") -> list[Selector] | None:
        """The selectors of a list; None if one is no selector. `first`: what they begin with if nothing is said."""
        key = f"{first}{text}"
        if key not in self._known:
            found = [self._one(part.strip(), first) for part in split(text)]
            self._known[key] = None if None in found else [one for one in found if one is not None]
        return self._known[key]

    def _one(self, text: str, first: str) -> Selector | None:
        parts: list[_Compound] = []
        weight, side, sure = [0, 0, 0], "", True
        combinator = first
        position = 0
        if found := re.match(r"[>+~]\s*", text):
            if not first:
                return None
            combinator, position = found[0].strip(), found.end()
        while position < len(text):
            compound, position, ok = self._compound(text, position, combinator, weight)
            if compound is None:
                return None
            sure = sure and ok
            pseudo_elements = [name for name, _ in compound.pseudos if name in SIDES]
            if pseudo_elements:
                side = pseudo_elements[0]
                compound = compound._replace(pseudos=tuple(p for p in compound.pseudos if p[0] not in SIDES))
            parts.append(compound)
            between = _COMBINATOR.match(text, position)
            if between is None:
                break
            combinator, position = between[1] or " ", between.end()
        if not parts or position != len(text):
            return None
        return Selector(tuple(parts), (weight[0], weight[1], weight[2]), side, sure)

    def _compound(
        self, text: str, position: int, combinator: str, weight: list[int]
    ) -> tuple[_Compound | None, int, bool]:
        ids: list[str] = []
        classes: list[str] = []
        attributes: list[tuple[str, str, str, bool]] = []
        pseudos: list[tuple[str, str]] = []
        tag, sure = "", True
        start = position
        while found := _SIMPLE.match(text, position):
            if found["tag"] and position > start:
                break
            position = found.end()
            if found["tag"]:
                tag = unescaped(found["tag"].rpartition("|")[2]).lower()
                weight[2] += tag != "*"
                tag = "" if tag == "*" else tag
            elif found["cls"] or found["id"]:
                name = unescaped(found["cls"] or found["id"])
                name = name.lower() if self.fold else name
                (classes if found["cls"] else ids).append(name)
                weight[1 if found["cls"] else 0] += 1
            elif found["attribute"]:
                value = unescaped((found["value"] or "").strip("\"'"))
                attributes.append(
                    (found["attribute"].lower().rpartition("|")[2], found["op"] or "", value, bool(found["flag"]))
                )
                weight[1] += 1
            elif found["pseudo"]:
                name, argument = unescaped(found["pseudo"]).lower(), ""
                if found["open"]:
                    end = _closing(text, position)
                    if end is None:
                        return None, position, False
                    argument, position = text[position:end].strip(), end + 1
                if not self._weigh(name, argument, weight):
                    return None, position, False
                sure = sure and (name in _PSEUDOS or name in _NEVER or name in SIDES or name in _OF_SELECTORS)
                pseudos.append((name, argument))
        if position == start:
            return None, position, False
        compound = _Compound(tag, tuple(ids), tuple(classes), tuple(attributes), tuple(pseudos), combinator)
        return compound, position, sure

    def _weigh(self, name: str, argument: str, weight: list[int]) -> bool:
        """Add what a pseudo-class weighs; False if what stands in its brackets is no selector."""
        if name in _OF_SELECTORS:
            inner = self.compiled(argument, " " if name == "has" else "")
            if inner is None:
                return name in ("is", "where", "matches", "-webkit-any", "-moz-any")  # forgiving: matches nothing
            heaviest = max((one.weight for one in inner), default=(0, 0, 0))
            if name != "where":
                weight[:] = [own + more for own, more in zip(weight, heaviest, strict=True)]
        elif name in SIDES or name in _PARTLY:
            weight[2] += 1
        else:
            weight[1] += 1
        return True

    def match(self, selector: Selector, element: etree._Element) -> bool:
        """Whether a selector is for an element (or for the text beside it); what is not understood counts as met."""
        return self._matches(element, selector.parts)

    def _matches(self, element: etree._Element, parts: tuple[_Compound, ...]) -> bool:
        if not self._is(element, parts[-1]):
            return False
        if len(parts) == 1:
            return True
        combinator, rest = parts[-1].combinator, parts[:-1]
        if combinator == ">":
            parent = element.getparent()
            return parent is not None and self._matches(parent, rest)
        if combinator == "+":
            before = element.getprevious()
            return before is not None and self._matches(before, rest)
        around = element.iterancestors() if combinator == " " else element.itersiblings(preceding=True)
        return any(self._matches(other, rest) for other in around)

    def _is(self, element: etree._Element, compound: _Compound) -> bool:
        if not isinstance(element.tag, str) or compound.tag not in ("", element.tag.lower()):
            return False
        if compound.ids and any(self._folded(element.get("id", "")) != name for name in compound.ids):
            return False
        if compound.classes and not set(compound.classes) <= set(self._folded(element.get("class", "")).split()):
            return False
        return all(
            _has(element.get(name), op, value, fold=fold) for name, op, value, fold in compound.attributes
        ) and all(self._holds(element, name, argument) for name, argument in compound.pseudos)

    def _folded(self, text: str) -> str:
        return text.lower() if self.fold else text

    def _holds(self, element: etree._Element, name: str, argument: str) -> bool:
        if name in _NEVER:
            return False
        if name == "not":
            inner = self.compiled(argument) or []
            return not any(one.sure and self.match(one, element) for one in inner)
        if name == "has":
            return any(self._has_inside(element, one) for one in self.compiled(argument, " ") or [])
        if name in _OF_SELECTORS:
            return any(self.match(one, element) for one in self.compiled(argument) or [])
        test = _PSEUDOS.get(name)
        return test is None or test(element, argument)

    def _has_inside(self, element: etree._Element, selector: Selector) -> bool:
        """Whether what a selector that starts at an element names is there."""
        first = selector.parts[0].combinator
        where: Iterator[etree._Element] = element.itersiblings() if first in "+~" else element.iterdescendants()
        found = list(where)
        if first in "+~":
            found += [inner for other in found for inner in other.iterdescendants()]
        return any(self._matches_from(other, selector.parts, element) for other in found if isinstance(other.tag, str))

    def _matches_from(self, element: etree._Element, parts: tuple[_Compound, ...], start: etree._Element) -> bool:
        if not self._is(element, parts[-1]):
            return False
        combinator, rest = parts[-1].combinator, parts[:-1]
        around: list[etree._Element | None]
        if combinator == ">":
            around = [element.getparent()]
        elif combinator == "+":
            around = [element.getprevious()]
        else:
            around = list(element.iterancestors() if combinator == " " else element.itersiblings(preceding=True))
        if not rest:
            return any(other is start for other in around)
        return any(other is not None and self._matches_from(other, rest, start) for other in around)


_OF_SELECTORS = frozenset(("not", "is", "where", "has", "matches", "-webkit-any", "-moz-any"))


def _closing(text: str, position: int) -> int | None:
    depth = 1
    for at in range(position, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return at
    return None


def _nth(element: etree._Element, argument: str, *, last: bool = False, of_type: bool = False) -> bool:
    """Whether an element is the an+b-th child, counted from the end if `last`, among those of its tag if `of_type`."""
    found = _NTH.fullmatch(argument.lower())
    if found is None:
        return True
    others = (other for other in element.itersiblings(preceding=not last) if isinstance(other.tag, str))
    at = 1 + sum(not of_type or other.tag == element.tag for other in others)
    if found["word"]:
        return at % 2 == (found["word"] == "odd")
    first = int(f"{found['sign']}{found['first']}") if found["first"] else 0
    if found["step"] is None:
        return at == first
    step = int(found["step"] + "1") if found["step"] in ("", "+", "-") else int(found["step"])
    return at == first if not step else (at - first) % step == 0 and (at - first) // step >= 0


def _is_empty(element: etree._Element, _: str) -> bool:
    return len(element) == 0 and not element.text


_PSEUDOS: dict[str, Callable[[etree._Element, str], bool]] = {
    "first-child": lambda element, _: _nth(element, "1"),
    "last-child": lambda element, _: _nth(element, "1", last=True),
    "only-child": lambda element, _: _nth(element, "1") and _nth(element, "1", last=True),
    "nth-child": _nth,
    "nth-last-child": lambda element, argument: _nth(element, argument, last=True),
    "first-of-type": lambda element, _: _nth(element, "1", of_type=True),
    "last-of-type": lambda element, _: _nth(element, "1", last=True, of_type=True),
    "only-of-type": lambda element, _: _nth(element, "1", of_type=True) and _nth(element, "1", last=True, of_type=True),
    "nth-of-type": lambda element, argument: _nth(element, argument, of_type=True),
    "nth-last-of-type": lambda element, argument: _nth(element, argument, last=True, of_type=True),
    "root": lambda element, _: element.getparent() is None,
    "scope": lambda element, _: element.getparent() is None,
    "empty": _is_empty,
    "link": lambda element, _: element.tag == "a" and element.get("href") is not None,
    "any-link": lambda element, _: element.tag == "a" and element.get("href") is not None,
    "checked": lambda element, _: element.get("checked") is not None or element.get("selected") is not None,
    "disabled": lambda element, _: element.get("disabled") is not None,
    "enabled": lambda element, _: element.tag in ("input", "select", "textarea") and element.get("disabled") is None,
    "required": lambda element, _: element.get("required") is not None,
    "read-only": lambda element, _: element.tag not in ("input", "textarea") or element.get("readonly") is not None,
    "open": lambda element, _: element.get("open") is not None,
}


def _has(actual: str | None, op: str, value: str, *, fold: bool) -> bool:
    if actual is None:
        return False
    if fold:
        actual, value = actual.lower(), value.lower()
    return {
        "": True, "=": actual == value, "~=": value in actual.split(), "^=": bool(value) and actual.startswith(value),
        "$=": bool(value) and actual.endswith(value), "*=": bool(value) and value in actual,
        "|=": actual == value or actual.startswith(f"{value}-"),
    }[op]  # fmt: skip
