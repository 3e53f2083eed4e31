"""What the styles of a web page make of its text: hidden, struck out, raised, in which font.

Here: the rules of <style> and of style attributes, as far as they decide what is seen. Not here: the page's text and
tables (web.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from extractors.formats.colours import BLACK, WHITE, Colour, alike, of_hex
from extractors.formats.runs import BLACKED_OUT

_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*((?:[^;\"'(]|\"[^\"]*\"|'[^']*'|\([^)]*\))*)")
_SIMPLE = re.compile(
    r"(?P<tag>(?:[\w*-]|\\.)+)|::?(?P<pseudo>[\w-]+)(?:\((?P<argument>[^()]*)\))?|\.(?P<cls>[\w-]+)|#(?P<id>[\w-]+)"
    r"|\[\s*(?P<name>[\w-]+)\s*(?:(?P<op>[~|^$*]?=)\s*[\"']?(?P<value>[^\"'\]]*)[\"']?\s*)?\]"
)
_STATES = frozenset(
    ("hover", "focus", "active", "visited", "before", "after", "first-line", "first-letter", "selection", "disabled",
     "placeholder", "focus-within", "focus-visible", "target", "checked", "marker", "backdrop")
)  # fmt: skip
"""Pseudo-classes that a page at rest does not have."""
_NTH = re.compile(r"\s*(?:(?P<word>odd|even)|(?:(?P<step>[+-]?\d*)n)?\s*(?P<sign>[+-]?)\s*(?P<first>\d*))\s*")
_SIDES = ("before", "after")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
_STRINGS = re.compile(rf"(?:\s*(?:{_STRING.pattern}))+\s*")
_ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})\s?|(.))")
_COMBINATOR = re.compile(r"\s*([>+~])\s*|\s+")
_LENGTH = re.compile(r"\s*(-?[\d.]+)\s*(px|pt|em|rem|cm|mm|in|%|vw|vh)?\s*", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s*([\d.]+%?)[\s,]+([\d.]+%?)[\s,]+([\d.]+%?)\s*(?:[,/]\s*([\d.]+%?)\s*)?\)", re.IGNORECASE)
_SHIFTS = ("transform", "-webkit-transform", "translate", "rotate", "offset-path", "mask", "mask-image",
           "-webkit-mask", "-webkit-mask-image", "font-variant-position", "font-feature-settings", "animation",
           "animation-name", "float", "order")  # fmt: skip
"""What may put a part of a text elsewhere, turn it or fade it, unless it is `_STILL`."""
_STILL = ("none", "normal", "auto", "unset", "initial", "inherit", "0", "")
_NARROWS = (
    "letter-spacing",
    "word-spacing",
    "margin-left",
    "margin-right",
    "margin-top",
    "margin-bottom",
    "text-indent",
)
"""What draws a part of a text over another where it is negative."""
_MIRRORS = re.compile(
    r"scale(?:3d|x|y)?\(\s*-|scale\([^,()]*,\s*-|rotate[xy]?\(\s*-?180deg|matrix\(\s*-", re.IGNORECASE
)
_SEEN = frozenset(
    ("display", "visibility", "opacity", "font-size", "color", "background", "background-color", "background-image",
     "text-decoration", "text-decoration-line", "vertical-align", "position", "left", "top", "right", "text-indent",
     "clip", "clip-path", "width", "height", "max-height", "max-width", "overflow", "font-family", "font", "mso-hide",
     "mso-symbol-font-family", "content",
     "direction", "unicode-bidi", "flex-direction", "flex-flow", "filter", "text-fill-color",
     "-webkit-text-fill-color", "content-visibility", "zoom", "scale", "bottom", *_SHIFTS, *_NARROWS)
)  # fmt: skip
_IMPORT = re.compile(r"@import\s+(?:url\()?\s*[\"']?([^\"'();\s]+)", re.IGNORECASE)
_VARIABLE = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]+)")
_USED = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_DECISIVE = ("display", "visibility", "opacity", "font-size", "content")
_MOST_RULES = 5000
_FAR = 500.0
"""Pixels to the left or above a page at which nothing of it is seen."""
_NO_SIZE = re.compile(r"(?:[a-z-]+\s+)*0(?:px|pt|em)?(?:/|\s)", re.IGNORECASE)
_PIXELS = {"pt": 4 / 3, "em": 16, "rem": 16, "cm": 37.8, "mm": 3.78, "in": 96}
_INLINE = frozenset(("span", "sup", "sub", "font", "a", "b", "i", "em", "strong", "u", "small", "label", "code"))

CLEAR: Colour = "transparent"
_NAMES: dict[str, Colour] = {
    "black": BLACK, "white": WHITE, "window": WHITE, "windowtext": BLACK, "transparent": CLEAR, "snow": (255, 250, 250),
    "red": (255, 0, 0), "lime": (0, 255, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "navy": (0, 0, 128),
    "yellow": (255, 255, 0), "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192),
    "maroon": (128, 0, 0), "purple": (128, 0, 128), "teal": (0, 128, 128), "aqua": (0, 255, 255),
    "fuchsia": (255, 0, 255), "olive": (128, 128, 0), "orange": (255, 165, 0), "whitesmoke": (245, 245, 245),
    "lightgray": (211, 211, 211), "lightgrey": (211, 211, 211), "darkgray": (169, 169, 169), "dimgray": (105, 105, 105),
}  # fmt: skip
_INHERITED = ("inherit", "currentcolor", "unset")

_Declarations = dict[str, str]


class _Compound(NamedTuple):
    """One element of a selector: a tag, classes, an id, attributes, places; and how it stands to the one before."""

    tag: str
    ids: tuple[str, ...]
    classes: tuple[str, ...]
    attributes: tuple[tuple[str, str, str], ...]
    places: tuple[tuple[str, str], ...] = ()
    combinator: str = " "


@dataclass(slots=True)
class _Rule:
    selector: tuple[_Compound, ...]
    weight: tuple[int, int, int, int]
    plain: _Declarations
    important: _Declarations


class Look(NamedTuple):
    """How the text directly inside an element looks; what has the colour of its ground is hidden, too.

    `colour`, `ground`: None where they are not known. `backwards`: it runs from right to left, whatever it is;
    `shuffled`: the parts inside stand in another order or are mirrored; `moved`: it may stand elsewhere than between
    what is around it. These hold for the element alone.
    """

    shown: bool = True  # False: nor is anything inside it
    visible: bool = True
    struck: bool = False
    raised: int = 0
    font: str | None = None
    colour: Colour | None = BLACK
    ground: Colour | None = WHITE
    tiny: bool = False
    backwards: bool = False
    shuffled: bool = False
    moved: bool = False

    @property
    def hidden(self) -> int:
        """Whether the text is not seen, as in Run: 2 where it is blacked out."""
        if not self.shown or not self.visible or self.tiny or self.colour == CLEAR:
            return 1
        return 0 if not alike(self.colour, self.ground) else 1 if self.ground == WHITE else BLACKED_OUT


@dataclass(slots=True)
class Styles:
    """The style sheets of a page."""

    by_key: dict[str, list[_Rule]] = field(default_factory=dict)
    beside: dict[str, Styles] = field(default_factory=dict)
    """The rules of what stands before and after the text of elements, by "before" and "after"."""
    unread: list[str] = field(default_factory=list)
    """Selectors that are not understood, of rules that hide something; and rules that may hide it by a variable."""
    missing: list[str] = field(default_factory=list)
    """The addresses of linked style sheets that did not come with the page."""

    @classmethod
    def of(cls, root: etree._Element, sheets: Mapping[str, str]) -> Styles:
        """The rules of all <style> elements, and of linked `sheets` (by their address), that hold on a screen."""
        styles = cls()
        count = 0
        variables: dict[str, str] = {}
        for element in root.iter("style", "link"):
            text = element.text or "" if element.tag == "style" else _linked(element, sheets)
            if element.tag == "link" and not text and _for_screen(element.get("media", "")) and _is_sheet(element):
                styles.missing.append(element.get("href", ""))
            if not text or not _for_screen(element.get("media", "")):
                continue
            styles.missing += [found[1] for found in _IMPORT.finditer(text) if found[1] not in sheets]
            for selectors, body in _blocks(_COMMENT.sub("", text)):
                variables.update((name, value.strip()) for name, value in _VARIABLE.findall(body))
                plain, important = _declarations(_resolved(body, variables))
                if not plain and not important:
                    continue
                for selector in selectors.split(","):
                    count += 1
                    if count <= _MOST_RULES:
                        styles._add(selector.strip(), plain, important, count)
        return styles

    def _add(self, text: str, plain: _Declarations, important: _Declarations, order: int) -> None:
        selector = _selector(text)
        declared = {**plain, **important}
        if selector is None:
            if any(_hides(declared)):
                self.unread.append(text)
            return
        if any("var(" in declared.get(name, "") for name in _DECISIVE):
            self.unread.append(text)
        places = selector[-1].places
        if (side := next((kind for kind, _ in places if kind in _SIDES), None)) is not None:
            last = selector[-1]._replace(places=tuple(place for place in places if place[0] != side))
            selector = (*selector[:-1], last)
            if not any(kind in _STATES for compound in selector for kind, _ in compound.places):
                self.beside.setdefault(side, Styles())._keep(selector, plain, important, order)
            return
        if any(kind in _STATES for compound in selector for kind, _ in compound.places):
            return
        self._keep(selector, plain, important, order)

    def _keep(
        self, selector: tuple[_Compound, ...], plain: _Declarations, important: _Declarations, order: int
    ) -> None:
        ids = sum(len(c.ids) for c in selector)
        classes = sum(len(c.classes) + len(c.attributes) + len(c.places) for c in selector)
        tags = sum(c.tag not in ("", "*") for c in selector)
        last = selector[-1]
        key = f"#{last.ids[0]}" if last.ids else f".{last.classes[0]}" if last.classes else last.tag or "*"
        self.by_key.setdefault(key, []).append(_Rule(selector, (ids, classes, tags, order), plain, important))

    def declared(self, element: etree._Element, *, own: bool = True) -> _Declarations:
        """The declarations that win at an element; `own`: those in its style attribute count, too."""
        attribute = element.get("style") if own else None
        rules = list(self._rules(element)) if self.by_key else []
        if not rules and not attribute:
            return {}
        rules.sort(key=lambda rule: rule.weight)
        plain: _Declarations = {}
        important: _Declarations = {}
        for rule in rules:
            plain |= rule.plain
            important |= rule.important
        if attribute:
            own_plain, own_important = _declarations(attribute)
            plain |= own_plain
            important |= own_important
        return plain | important

    def generated(self, element: etree._Element, side: str) -> str | None:
        """The text that the styles put before or after that of an element; None for what is no plain text."""
        if side not in self.beside:
            return ""
        declared = self.beside[side].declared(element, own=False)
        content = declared.get("content", "none")
        if content in ("none", "normal") or any(_hides(declared)):
            return ""
        if _moves(declared):
            return None
        if _STRINGS.fullmatch(content) is None:
            return None
        text = "".join(a or b for a, b in _STRING.findall(content))
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)

    def _rules(self, element: etree._Element) -> Iterator[_Rule]:
        tag = element.tag if isinstance(element.tag, str) else ""
        keys = [tag.lower(), "*", *(f".{name}" for name in element.get("class", "").split())]
        if identity := element.get("id"):
            keys.append(f"#{identity}")
        for key in keys:
            for rule in self.by_key.get(key, ()):
                if _matches(element, rule.selector):
                    yield rule

    def look(self, element: etree._Element, around: Look) -> Look:
        """How an element looks inside one that looks like `around`."""
        tag = element.tag.lower().rpartition(":")[2] if isinstance(element.tag, str) else ""
        struck, raised, font, colour = around.struck, around.raised, around.font, around.colour
        shown, visible, tiny, ground = around.shown, around.visible, around.tiny, around.ground
        declared = self.declared(element)
        backwards = tag == "bdo" and element.get("dir", "").lower() == "rtl"
        shuffled = moved = False
        if tag in ("s", "strike", "del"):
            struck = True
        elif tag in ("sup", "sub"):
            raised = 1 if tag == "sup" else -1
        elif tag == "font":
            font = element.get("face", "").split(",")[0].strip() or font
            if "color" in element.attrib:
                colour = colour_of(element.get("color", ""))
        elif tag in ("td", "th", "table", "tr", "body", "tbody") and (behind := element.get("bgcolor")):
            ground = colour_of(behind)
        elif tag == "mark":
            ground = None
        if element.get("background"):
            ground = None
        if element.get("hidden") is not None and declared.get("display", "none") in ("none", ""):
            shown = False
        if tag == "details" or tag == "dialog":
            shown = shown and (tag == "details" or element.get("open") is not None)
        parent = element.getparent()
        if parent is not None and parent.tag == "details" and parent.get("open") is None and tag != "summary":
            shown = False
        if declared:
            backwards |= "override" in declared.get("unicode-bidi", "") and declared.get("direction") == "rtl"
            shuffled = "reverse" in declared.get("flex-direction", "") + declared.get("flex-flow", "")
            shuffled |= any(_MIRRORS.search(declared.get(n, "")) for n in ("transform", "-webkit-transform"))
            moved = _moves(declared)
            hiding = list(_hides(declared))
            shown = shown and "gone" not in hiding
            if "visibility" in declared:
                visible = declared["visibility"] not in ("hidden", "collapse")
            if (size := _length(declared.get("font-size", ""))) is not None:
                tiny = size <= 1
            elif "font" in declared:
                tiny = _NO_SIZE.match(declared["font"]) is not None
            if "color" in declared:
                colour = colour_of(declared["color"]) if declared["color"] not in _INHERITED else around.colour
            filled = declared.get("-webkit-text-fill-color", declared.get("text-fill-color", ""))
            if filled and filled not in _INHERITED:
                colour = colour_of(filled)
            for name in ("background", "background-color", "background-image"):
                if (behind := declared.get(name)) is not None and behind not in ("none", "inherit", "initial", "unset"):
                    painted = _ground(behind)
                    ground = ground if painted == CLEAR else painted
            line = declared.get("text-decoration", "") + declared.get("text-decoration-line", "")
            if "line-through" in line:
                struck = True
            elif line:
                struck = around.struck
            align = declared.get("vertical-align")
            if align is not None and tag in _INLINE:
                raised = {"super": 1, "sub": -1}.get(align, 0)
                shift = _length(align)
                if not raised and shift is not None and abs(shift) >= 2:
                    raised = 2 if shift > 0 else -2
            named = declared.get("mso-symbol-font-family") or declared.get("font-family")
            if named:
                font = named.split(",")[0].strip(" \"'")
        return Look(shown, visible, struck, raised, font, colour, ground, tiny, backwards, shuffled, moved)


def _is_sheet(link: etree._Element) -> bool:
    """Whether a link is to a style sheet that applies."""
    kinds = link.get("rel", "").lower().split()
    return "stylesheet" in kinds and "alternate" not in kinds and link.get("disabled") is None


def _linked(element: etree._Element, sheets: Mapping[str, str]) -> str:
    """The style sheet that a link names; the end of the address counts, as saved pages have it in full."""
    if "stylesheet" not in element.get("rel", "").lower().split():
        return ""
    href = element.get("href", "").partition("#")[0]
    found = (text for address, text in sheets.items() if href and (address == href or address.endswith(f"/{href}")))
    return next(found, "")


def _for_screen(media: str) -> bool:
    media = media.lower()
    return not media.strip() or any(
        not part.strip().startswith("not") and re.match(r"\s*(?:only\s+)?(?:all|screen|\()", part) is not None
        for part in media.split(",")
    )


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """The rules of a style sheet: selectors and body; those inside @media and the like if they hold on a screen."""
    position = 0
    while (opening := text.find("{", position)) >= 0:
        head = text[position:opening].rpartition(";")[2].strip()
        depth, end = 1, opening + 1
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        body = text[opening + 1 : end - 1 if not depth else end]
        position = end
        if head.startswith("@"):
            name, _, condition = head[1:].partition(" ")
            if (name == "media" and _for_screen(condition)) or name in ("supports", "layer"):
                yield from _blocks(body)
        elif head:
            yield head, body


def _resolved(body: str, variables: Mapping[str, str]) -> str:
    """The declarations with their variables as far as these are known."""
    if "var(" not in body:
        return body

    def value(found: re.Match[str]) -> str:
        return variables.get(found[1]) or (found[2] or "").strip() or found[0]

    return _USED.sub(value, body)


def _declarations(body: str) -> tuple[_Declarations, _Declarations]:
    """The declarations that decide what is seen: plain ones, important ones."""
    plain: _Declarations = {}
    important: _Declarations = {}
    for name, value in _DECLARATION.findall(body):
        name, value = name.lower(), value.strip()
        if name not in _SEEN:
            continue
        bare = re.sub(r"\s*!\s*important\s*$", "", value, flags=re.IGNORECASE)
        target = plain if bare == value else important
        target[name] = bare if "family" in name or name in ("font", "content") else bare.lower()
    return plain, important


def _selector(text: str) -> tuple[_Compound, ...] | None:
    """A selector of tags, classes, ids, attributes and places; None if there is more to it."""
    parts: list[_Compound] = []
    position, combinator = 0, " "
    while position < len(text):
        ids, classes, attributes, places, tag = [], [], [], [], ""
        start = position
        while found := _SIMPLE.match(text, position):
            if found["tag"]:
                if position > start:
                    return None
                tag = found["tag"].lower().replace("\\", "")
            elif found["cls"]:
                classes.append(found["cls"])
            elif found["id"]:
                ids.append(found["id"])
            elif found["pseudo"]:
                if found["pseudo"] not in _STATES and found["pseudo"] not in _PLACES:
                    return None
                places.append((found["pseudo"], found["argument"] or ""))
            else:
                attributes.append((found["name"].lower(), found["op"] or "", found["value"] or ""))
            position = found.end()
        if position == start:
            return None
        parts.append(_Compound(tag, tuple(ids), tuple(classes), tuple(attributes), tuple(places), combinator))
        between = _COMBINATOR.match(text, position)
        if between is None:
            break
        combinator, position = between[1] or " ", between.end()
    return tuple(parts) if parts and position == len(text) else None


def _matches(element: etree._Element, selector: tuple[_Compound, ...]) -> bool:
    if not _is(element, selector[-1]):
        return False
    if len(selector) == 1:
        return True
    combinator, rest = selector[-1].combinator, selector[:-1]
    if combinator == ">":
        parent = element.getparent()
        return parent is not None and _matches(parent, rest)
    if combinator == "+":
        before = element.getprevious()
        return before is not None and _matches(before, rest)
    around = element.iterancestors() if combinator == " " else element.itersiblings(preceding=True)
    return any(_matches(other, rest) for other in around)


def _is(element: etree._Element, compound: _Compound) -> bool:
    if not isinstance(element.tag, str) or compound.tag not in ("", "*", element.tag.lower()):
        return False
    if compound.ids and (element.get("id") not in compound.ids or len(set(compound.ids)) > 1):
        return False
    if compound.classes and not set(compound.classes) <= set(element.get("class", "").split()):
        return False
    return all(_has(element.get(name), op, value) for name, op, value in compound.attributes) and all(
        _PLACES[kind](element, argument) for kind, argument in compound.places
    )


def _nth(element: etree._Element, argument: str, *, last: bool = False) -> bool:
    """Whether an element is the an+b-th child."""
    found = _NTH.fullmatch(argument.lower())
    if found is None:
        return False
    at = 1 + sum(isinstance(other.tag, str) for other in element.itersiblings(preceding=not last))
    if found["word"]:
        return at % 2 == (found["word"] == "odd")
    first = int(f"{found['sign']}{found['first']}") if found["first"] else 0
    if found["step"] is None:
        return at == first
    step = int(found["step"] + "1") if found["step"] in ("", "+", "-") else int(found["step"])
    return at == first if not step else (at - first) % step == 0 and (at - first) // step >= 0


def _not(element: etree._Element, argument: str) -> bool:
    selectors = [_selector(part.strip()) for part in argument.split(",")]
    return all(selector is not None and not _matches(element, selector) for selector in selectors)


_PLACES: dict[str, Callable[[etree._Element, str], bool]] = {
    "first-child": lambda element, _: _nth(element, "1"),
    "last-child": lambda element, _: _nth(element, "1", last=True),
    "nth-child": _nth,
    "nth-last-child": lambda element, argument: _nth(element, argument, last=True),
    "not": _not,
    "root": lambda element, _: element.getparent() is None,
}


def _has(actual: str | None, op: str, value: str) -> bool:
    if actual is None:
        return False
    return {
        "": True, "=": actual == value, "~=": value in actual.split(), "^=": actual.startswith(value),
        "$=": actual.endswith(value), "*=": value in actual, "|=": actual == value or actual.startswith(f"{value}-"),
    }[op]  # fmt: skip


def _hides(declared: _Declarations) -> Iterator[str]:
    """How declarations hide an element: "gone" with all it holds, or only its own text."""
    if declared.get("display") == "none" or declared.get("mso-hide") == "all":
        yield "gone"
    if declared.get("visibility") in ("hidden", "collapse"):
        yield "unseen"
    if (opacity := _share(declared.get("opacity", ""))) is not None and opacity < 0.02:
        yield "gone"
    if re.search(r"opacity\(\s*0?(?:\.0\d*)?%?\s*\)", declared.get("filter", "")):
        yield "gone"
    size = _length(declared.get("font-size", ""))
    if (size is not None and size <= 1) or _NO_SIZE.match(declared.get("font", "")):
        yield "unseen"
    if declared.get("position") in ("absolute", "fixed", "relative") and any(
        (offset := _length(declared.get(side, ""))) is not None and offset <= -_FAR for side in ("left", "top")
    ):
        yield "gone"
    if any(
        (offset := _length(declared.get(name, ""))) is not None and offset <= -_FAR
        for name in ("text-indent", "margin-left", "margin-top")
    ):
        yield "gone"
    clip = declared.get("clip", "") + declared.get("clip-path", "")
    if re.search(r"rect\(\s*(?:0|1px)\D+(?:0|1px)\D+(?:0|1px)\D+(?:0|1px)\W*\)|inset\(\s*(?:50|100)%", clip):
        yield "gone"
    if "hidden" in declared.get("overflow", ""):
        sides = (_length(declared.get(name, "")) for name in ("width", "height", "max-height", "max-width"))
        if any(side is not None and side <= 1 for side in sides):
            yield "gone"
    transform = " ".join(declared.get(name, "") for name in ("transform", "-webkit-transform"))
    if re.search(r"scale(?:3d|[xy])?\(\s*0(?:\.0*)?\s*[,)]", transform):
        yield "gone"
    if any(_share(declared.get(name, "").split(" ")[0]) == 0 for name in ("scale", "zoom")):
        yield "gone"
    offsets = [*re.findall(r"translate(?:3d|[xy])?\(([^()]*)\)", transform), declared.get("translate", "")]
    if any((_length(part) or 0) <= -_FAR for offset in offsets for part in re.split("[\\s,]+", offset.strip())):
        yield "gone"
    if declared.get("content-visibility") == "hidden":
        yield "gone"


def _moves(declared: _Declarations) -> bool:
    """Whether an element may stand elsewhere than its text does in the markup, or over another."""
    if declared.get("position", "static") in ("absolute", "fixed", "sticky"):
        return True
    sides = ("left", "top", "right", "bottom")
    if declared.get("position") == "relative" and any(_length(declared.get(side, "")) for side in sides):
        return True
    return any(declared.get(name, "none") not in _STILL for name in _SHIFTS) or any(
        (_length(declared.get(name, "")) or 0) < 0 for name in _NARROWS
    )


def _length(text: str) -> float | None:
    """A length in pixels; None if it is no length (or a share)."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return None
    try:
        number = float(found[1])
    except ValueError:
        return None
    unit = (found[2] or "").lower()
    if unit in ("%", "vw", "vh"):
        return number * 10 if number else 0.0
    return number * _PIXELS.get(unit, 1)


def _share(text: str) -> float | None:
    try:
        return float(text.rstrip("%")) / (100 if text.endswith("%") else 1) if text else None
    except ValueError:
        return None


def _ground(background: str) -> Colour | None:
    """The colour that a background paints; None for pictures and for what is not known."""
    if "url(" in background or "gradient(" in background:
        return None
    words = re.findall(r"[^\s(]+(?:\([^)]*\))?", background)
    found = [colour for word in words if (colour := colour_of(word)) is not None]
    return found[0] if found else CLEAR if not words else None


def colour_of(text: str) -> Colour | None:
    """A colour by its name or numbers, CLEAR for one that paints nothing; None if it is not known."""
    text = text.strip().lower()
    if found := _RGB.fullmatch(text):
        if found[4] is not None and (_share(found[4]) or 0) < 0.02:
            return CLEAR
        red, green, blue = (
            round((_share(part) or 0) * (255 if part.endswith("%") else 1)) for part in found.groups()[:3]
        )
        return red, green, blue
    digits = text.removeprefix("#")
    if re.fullmatch("[0-9a-f]{3,4}", digits) and text.startswith("#"):
        digits = "".join(2 * c for c in digits)
    if re.fullmatch("[0-9a-f]{8}", digits):
        return CLEAR if digits.endswith(("00", "01", "02")) else of_hex(digits[:6])
    if re.fullmatch("[0-9a-f]{6}", digits):
        return of_hex(digits)
    return _NAMES.get(text)
