"""What the styles of a web page make of its text: hidden, struck out, raised, in which font, where it stands.

Here: the rules that hold at an element -> how the text inside it looks. Not here: sheets, selectors and values (their
own modules), the page's text and tables (web.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from extractors.formats.colours import BLACK, WHITE, Colour, alike
from extractors.formats.css.selectors import SIDES, Selector, Selectors, unescaped
from extractors.formats.css.sheets import PENDING, SHIFTS, Declared, Sheets, declarations, longhands, on_screen
from extractors.formats.css.values import (
    CLEAR,
    NORMAL_SIZE,
    OF_PARENT,
    SCREEN,
    font_size,
    gradient_on,
    is_line,
    length,
    painted,
    share,
)
from extractors.formats.runs import BLACKED_OUT

_TOKENS = re.compile(
    r"\s*(?:\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'|attr\(\s*(?P<attribute>[\w-]+)\s*\)"
    r"|(?P<quote>open-quote|close-quote|no-open-quote|no-close-quote))\s*",
    re.DOTALL,
)
_QUOTES = {"open-quote": "“", "close-quote": "”"}
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
_LINE = re.compile(r"\b(?:solid|dotted|dashed|double|groove|ridge|inset|outset)\b")
_OFFSETS = ("left", "top", "right", "bottom")
_FUNCTION = re.compile(r"([a-z0-9-]+)\(([^()]*)\)")
_IMPORT = re.compile(r"@import\s+(?:url\()?\s*[\"']?([^\"'();\s]+)", re.IGNORECASE)
_USED = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)")
_MOST_RULES = 5000
_FAR = 500.0
"""Pixels to the left or above a page at which nothing of it is seen."""
_NEAR = 40.0
"""Pixels by which a shifted text still stands about where it would."""
_WITHIN = 200.0
"""Pixels from the edge of its cell at which a text that is put there still stands in it."""
_LEAST_SIZE = 2.0
"""Pixels of a character that can be seen."""
_SMALL = 0.8
"""What is smaller than this by its neighbours, and set to the top of the line, is a mark."""
_DOT = 12.0
"""Pixels of a dot that covers no figure."""
_FONT_SIZES = {"1": 10.0, "2": 13.0, "3": 16.0, "4": 18.0, "5": 24.0, "6": 32.0, "7": 48.0, "-1": 13.0, "-2": 10.0}
_INLINE = frozenset(
    (
        "span",
        "sup",
        "sub",
        "font",
        "a",
        "b",
        "i",
        "em",
        "strong",
        "u",
        "small",
        "label",
        "code",
        "ins",
        "del",
        "s",
        "mark",
    )
)
_HARMLESS_FILTERS = frozenset(
    ("none", "opacity", "drop-shadow", "grayscale", "sepia", "saturate", "hue-rotate", "alpha")
)

_Declarations = dict[str, str]


class Look(NamedTuple):
    """How the text directly inside an element looks; what has the colour of its ground is hidden, too.

    `colour`, `ground`: None where they are not known. `size`: of its characters, in pixels. `block`: it begins a line
    of its own; None if only its tag says so. `room`: pixels beyond which a line of it is cut off.

    `backwards`: it runs from right to left, whatever it is; `distorted`: it, or what is around it, is painted so that
    it may not be seen as what it is; `pictured`: it has a picture as its ground, True where that is no wider than a
    character. These hold for the element alone: `shuffled`: the parts
    inside stand in another order or are mirrored; `moved`: it may stand elsewhere than between what is around it;
    `doubtful`: what is seen of it, or where, is not known; `apart`: there is a gap around it; `covers`: its ground may
    lie over other text.
    """

    shown: bool = True  # False: nor is anything inside it
    visible: bool = True
    struck: bool = False
    raised: int = 0
    font: str | None = None
    colour: Colour | None = BLACK
    ground: Colour | None = WHITE
    size: float = NORMAL_SIZE
    opacity: float = 1.0
    secret: bool = False
    backwards: bool = False
    shuffled: bool = False
    moved: bool = False
    doubtful: bool = False
    apart: bool = False
    covers: bool = False
    distorted: bool = False
    pictured: bool | None = None
    block: bool | None = None
    room: float | None = None
    spread: bool = False
    """Its children are boxes beside each other."""
    anchored: bool = False
    """What is put at a place inside it is put there from the edge of something in its cell, not from the page's."""
    fixed: bool = False
    """It is in a table whose columns do not grow with their text."""
    variables: Mapping[str, str] = {}

    @property
    def hidden(self) -> int:
        """Whether the text is not seen, as in Run: 2 where it is blacked out."""
        if not self.shown or not self.visible or self.size < _LEAST_SIZE or self.colour == CLEAR or self.secret:
            return 1
        return 0 if not alike(self.colour, self.ground) else 1 if self.ground == WHITE else BLACKED_OUT


class _Kept(NamedTuple):
    """A rule for one selector. `order`: its layer, what its selector weighs, its place among all."""

    selector: Selector
    declared: list[Declared]
    order: tuple[int, tuple[int, int, int], int]
    sure: bool


@dataclass(slots=True)
class Styles:
    """The style sheets of a page."""

    selectors: Selectors
    by_key: dict[str, dict[str, list[_Kept]]] = field(default_factory=dict)
    """The rules for elements (""), and for what stands "before" and "after" their text, by the key of the selector."""
    unread: list[str] = field(default_factory=list)
    """Selectors that are not understood, of rules that hide something."""
    attributes: dict[str, list[Declared]] = field(default_factory=dict)
    """The declarations of style attributes, by their text."""
    looks: dict[tuple[object, ...], Look] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """The addresses of linked style sheets that did not come with the page."""

    @classmethod
    def of(cls, root: etree._Element, sheets: Mapping[str, str], *, old: bool = False) -> Styles:
        """The rules of all <style> elements, and of linked `sheets` (by their address), that hold on a screen.

        `old`: the page is one that browsers show as those of the nineties did (without a doctype).
        """
        styles = cls(Selectors(fold=old))
        read = Sheets()
        count = 0
        for element in root.iter("style", "link"):
            text = _sheet(element, sheets)
            if element.tag == "link" and not text and on_screen(element.get("media", "")) and _is_sheet(element):
                styles.missing.append(element.get("href", ""))
            if not text or not on_screen(element.get("media", "")):
                continue
            for found in _IMPORT.finditer(text):
                imported = next((s for a, s in sheets.items() if a == found[1] or a.endswith(f"/{found[1]}")), None)
                if imported is None:
                    styles.missing.append(found[1])
                else:
                    text = f"{imported}\n{text}"
            for rule in read.rules(text):
                count += 1
                if count <= _MOST_RULES:
                    styles._add(rule.selectors, rule.declared, rule.layer, count, sure=rule.sure)
        return styles

    def _add(self, text: str, declared: list[Declared], layer: int, count: int, *, sure: bool) -> None:
        compiled = self.selectors.compiled(text)
        if compiled is None:
            if any(_hides({one.name: one.value for one in declared}, NORMAL_SIZE)):
                self.unread.append(text)
            return
        for selector in compiled:
            if selector.never:
                continue
            kept = _Kept(selector, declared, (layer, selector.weight, count), sure and selector.sure)
            self.by_key.setdefault(selector.side, {}).setdefault(selector.key, []).append(kept)

    def _rules(self, element: etree._Element, side: str) -> Iterator[_Kept]:
        by_key = self.by_key.get(side)
        if not by_key:
            return
        tag = element.tag.lower() if isinstance(element.tag, str) else ""
        classes, identity = element.get("class", ""), element.get("id", "")
        if self.selectors.fold:
            classes, identity = classes.lower(), identity.lower()
        for key in (tag, "*", *{f".{name}" for name in classes.split()}, f"#{identity}"):
            for rule in by_key.get(key, ()):
                if self.selectors.match(rule.selector, element):
                    yield rule

    def declared(self, element: etree._Element, side: str = "") -> tuple[_Declarations, list[_Declarations]]:
        """The declarations that win at an element or beside its text, and those of which that is not sure."""
        attribute = None if side else element.get("style")
        rules = list(self._rules(element, side))
        if not rules and not attribute:
            return {}, []
        unsure = [{one.name: one.value for one in rule.declared} for rule in rules if not rule.sure]
        rules = sorted((rule for rule in rules if rule.sure), key=lambda rule: rule.order)
        own = self._of_attribute(attribute) if attribute else []
        plain = {one.name: one.value for rule in rules for one in rule.declared if not one.important}
        plain |= {one.name: one.value for one in own if not one.important}
        important: _Declarations = {}
        for rule in sorted(rules, key=lambda rule: (-rule.order[0], *rule.order[1:])):
            important |= {one.name: one.value for one in rule.declared if one.important}
        important |= {one.name: one.value for one in own if one.important}
        return plain | important, unsure

    def _applied(self, declared: _Declarations, tag: str, around: Look) -> Look:
        """As the function of that name; cells of one style come to their look once."""
        if around.variables:
            return _applied(declared, tag, around)
        key = (tuple(declared.items()), tag, around[:-1])
        if key not in self.looks:
            self.looks[key] = _applied(declared, tag, around)
        return self.looks[key]

    def _of_attribute(self, text: str) -> list[Declared]:
        if text not in self.attributes:
            self.attributes[text] = declarations(text)
        return self.attributes[text]

    def generated(self, element: etree._Element, side: str, around: Look) -> str | None:
        """The text that the styles put before or after that of an element; None for what is no plain text."""
        if side not in self.by_key:
            return ""
        declared, unsure = self.declared(element, side)
        declared, variables = _filled(declared, around.variables)
        if any("content" in one for one in unsure):
            return None
        content = declared.get("content", "none")
        if content in ("none", "normal", *OF_PARENT):
            return ""
        look = _applied(declared, "", around._replace(variables=variables, spread=False))
        if look.covers or look.doubtful:
            return None
        text, at = "", 0
        while found := _TOKENS.match(content, at):
            if found["attribute"]:
                text += element.get(found["attribute"].lower(), "")
            elif found["quote"]:
                text += _QUOTES.get(found["quote"], "")
            else:
                text += unescaped(found["double"] or found["single"] or "")
            at = found.end()
        if look.hidden:
            return ""
        if at < len(content):
            return None
        text = f" {text} " if text and (look.apart or look.block) else text
        return None if look.moved and text.strip() else text

    def look(self, element: etree._Element, around: Look) -> Look:
        """How an element looks inside one that looks like `around`."""
        tag = element.tag.lower().rpartition(":")[2] if isinstance(element.tag, str) else ""
        if tag == "table" and self.selectors.fold:  # without a doctype tables do not take these from around
            around = around._replace(size=NORMAL_SIZE, colour=BLACK)
        declared, unsure = self.declared(element)
        variables = around.variables
        if declared:
            declared, variables = _filled(declared, variables)
        hinted = _hinted(element, tag, declared, around)._replace(variables=variables)
        look = self._applied(declared, tag, hinted) if declared or around.spread else hinted
        if look.struck and around.struck and declared.get("display", "").startswith(("inline-", "table-cell")):
            look = look._replace(struck="line-through" in declared.get("text-decoration-line", ""))
        if any(_may_hide(_filled(one, variables)[0], look) for one in unsure):
            look = look._replace(doubtful=True)
        return look


def _hinted(element: etree._Element, tag: str, declared: _Declarations, around: Look) -> Look:
    """How an element looks by its tag and attributes alone."""
    struck, raised, font, colour, ground = around.struck, around.raised, around.font, around.colour, around.ground
    size, shown, fixed = around.size, around.shown, around.fixed
    if tag in ("s", "strike", "del"):
        struck = struck or "text-decoration-line" not in declared
    elif tag in ("sup", "sub"):
        raised = 1 if tag == "sup" else -1
        size *= 0.83
    elif tag in ("small", "big"):
        size *= 0.83 if tag == "small" else 1.2
    elif tag == "font":
        font = element.get("face", "").split(",")[0].strip() or font
        size = _FONT_SIZES.get(element.get("size", ""), size)
        if "color" in element.attrib:
            colour = painted(element.get("color", ""), ground, legacy=True)
    elif tag in ("td", "th", "table", "tr", "body", "tbody", "thead", "tfoot") and (behind := element.get("bgcolor")):
        ground = painted(behind, ground, legacy=True)
    elif tag == "mark":
        ground = None
    if tag == "body" and "text" in element.attrib:
        colour = painted(element.get("text", ""), ground, legacy=True)
    if element.get("background"):
        ground = None
    doubtful = element.get("hidden") == "until-found"
    if element.get("hidden") is not None and not doubtful and declared.get("display", "none") in ("none", "revert", ""):
        shown = False
    closed = (tag == "dialog" and element.get("open") is None) or element.get("popover") is not None
    if closed and declared.get("display", "none") in ("none", "revert"):
        shown = False
    parent = element.getparent()
    if parent is not None and parent.tag == "details" and parent.get("open") is None and tag != "summary":
        shown = False
    if tag == "table":
        fixed = False
    direction = element.get("dir", "").lower() == "rtl"
    return Look(
        shown, around.visible, struck, raised, font, colour, ground, size, around.opacity, around.secret,
        backwards=around.backwards or (tag == "bdo" and direction), distorted=around.distorted,
        anchored=around.anchored and tag not in ("td", "th"), fixed=fixed, apart=around.spread, doubtful=doubtful,
        variables=around.variables,
    )  # fmt: skip


def _applied(declared: _Declarations, tag: str, around: Look) -> Look:
    """How a text looks by its declarations, where `around` says how it looks without them."""
    display, position = declared.get("display", ""), declared.get("position", "static")
    parent_size, size = around.size, around.size
    doubtful = around.doubtful
    moved = covers = False
    if (named := declared.get("font-size")) is not None and (own := font_size(named, parent_size)) is not None:
        size = own
    colour, ground, font, struck, raised = around.colour, around.ground, around.font, around.struck, around.raised
    for name in ("background-color", "background-image"):
        value = declared.get(name)
        if value is None or value in OF_PARENT or value in ("none", "transparent"):
            continue
        own_ground = gradient_on(value, ground) if name == "background-image" else painted(value, ground)
        if own_ground != CLEAR:
            ground = own_ground
            covers = True
    for name in ("color", "-webkit-text-fill-color"):
        value = declared.get(name)
        if value == "initial":
            colour = BLACK
        elif value is not None and value not in OF_PARENT and value != "currentcolor":
            colour = painted(value, ground)
            doubtful |= colour is None and "(" in value
    hiding = list(_hides(declared, size))
    shown = around.shown and "gone" not in hiding
    visible = around.visible
    if (value := declared.get("visibility")) is not None and value not in ("inherit", "unset", "revert"):
        visible = value in ("visible", "initial")
    opacity = around.opacity
    if (part := share(declared.get("opacity", ""))) is not None:
        opacity *= max(min(part, 1.0), 0.0)
        shown &= opacity >= 0.02
    secret = around.secret
    if (value := declared.get("-webkit-text-security")) is not None and value not in OF_PARENT:
        secret = value != "none"
    if "line-through" in declared.get("text-decoration-line", ""):
        struck = True
    align = declared.get("vertical-align")
    if align is not None and (tag in _INLINE or display.startswith("inline")):
        raised = {"super": 1, "sub": -1}.get(align, 0)
        shift = length(align, size, parent_size)
        if align in ("top", "text-top") and size < _SMALL * parent_size:
            raised = 1
        elif not raised and shift is not None and abs(shift) >= 2:
            raised = 2 if shift > 0 else -2
    family = declared.get("mso-symbol-font-family") or declared.get("font-family")
    if family and family.lower() not in OF_PARENT:
        font = family.split(",")[0].strip(" \"'")
    backwards = around.backwards
    if (value := declared.get("unicode-bidi")) is not None:
        backwards = "override" in value and declared.get("direction") == "rtl"
    shuffled = "reverse" in declared.get("flex-direction", "") or declared.get("flex-wrap") == "wrap-reverse"
    moved, out_of_place = _moves(declared, size), _out_of_place(declared, size, around)
    for turn, argument in _turns(declared):
        verdict = _turned(turn, argument, size)
        doubtful |= verdict == "unknown"
        shuffled |= verdict == "mirrored"
        shown &= verdict != "gone"
        moved |= verdict is not None
    doubtful |= out_of_place or is_line(declared.get("background-image", ""))
    doubtful |= ground is None and alike(colour, WHITE)  # a picture that may be dark, or not there
    distorted = around.distorted or _distorted(declared, size)
    static = position in ("static", *OF_PARENT) and not any(True for _ in _turns(declared))
    wide, high = (length(declared.get(side, ""), size, SCREEN[0]) for side in ("width", "height"))
    dot = wide is not None and high is not None and max(wide, high) <= _DOT
    covers |= _framed(declared, "left", "right", "top", "bottom")
    covers &= (
        not dot
        and not _underlines(declared, high)
        and (position in ("absolute", "fixed") or (moved and not static))
        and shown
    )
    return Look(
        shown, visible, struck, raised, font, colour, ground, size, opacity, secret, backwards, shuffled, moved,
        doubtful, around.apart or _apart(declared, display, size), covers, distorted, _pictured(declared, wide, size),
        _is_block(display), _room(declared, tag, display, size, fixed=around.fixed),
        spread=_spreads(declared, display, size), anchored=around.anchored or not static,
        fixed=declared.get("table-layout") == "fixed" if tag == "table" else around.fixed, variables=around.variables,
    )  # fmt: skip


def _filled(declared: _Declarations, variables: Mapping[str, str]) -> tuple[_Declarations, Mapping[str, str]]:
    """The declarations with their variables filled in, and the variables that hold from here on inwards."""
    own = {name: value for name, value in declared.items() if name.startswith("--")}
    if own:
        variables = {**variables, **own}
    if not any("var(" in value for value in declared.values()):
        return declared, variables
    found: _Declarations = {}
    for name, value in declared.items():
        if name.startswith("--"):
            continue
        if "var(" not in value:
            found[name] = value
            continue
        shorthand = name
        if value.startswith(PENDING):
            _, shorthand, value = value.split(PENDING, 2)
        filled = _with(value, variables)
        if filled is not None:
            found.update((one, final) for one, final in longhands(shorthand, filled) if one == name)
    return found, variables


def _with(value: str, variables: Mapping[str, str]) -> str | None:
    """A value with its variables; None if one is not given."""
    for _ in range(10):
        found = _USED.search(value)
        if found is None:
            return value
        own = variables.get(found[1])
        if own is None:
            own = found[2]
        if own is None:
            return None
        value = f"{value[: found.start()]}{own.strip()}{value[found.end() :]}"
    return None


def _sheet(element: etree._Element, sheets: Mapping[str, str]) -> str:
    """The style sheet of a <style> or <link>; none of what a page at rest does not take."""
    if any(True for _ in element.iterancestors("template", "noscript")):
        return ""
    if element.tag == "style":
        kind = element.get("type", "").strip().lower()
        return element.text or "" if kind in ("", "text/css") else ""
    return _linked(element, sheets)


def _is_sheet(link: etree._Element) -> bool:
    """Whether a link is to a style sheet that applies."""
    kinds = link.get("rel", "").lower().split()
    return "stylesheet" in kinds and "alternate" not in kinds and link.get("disabled") is None


def _linked(element: etree._Element, sheets: Mapping[str, str]) -> str:
    """The style sheet that a link names; the end of the address counts, as saved pages have it in full."""
    if not _is_sheet(element):
        return ""
    href = element.get("href", "").partition("#")[0]
    found = (text for address, text in sheets.items() if href and (address == href or address.endswith(f"/{href}")))
    return next(found, "") or _of_data(element.get("href", ""))


def _of_data(href: str) -> str:
    """The text of a style sheet that stands in the link itself."""
    from base64 import b64decode
    from urllib.parse import unquote

    if not href.lower().startswith("data:text/css"):
        return ""
    kind, _, text = href.partition(",")
    if not kind.lower().endswith(";base64"):
        return unquote(text)
    try:
        return b64decode(unquote(text)).decode("utf-8", "replace")
    except ValueError:
        return ""


def _may_hide(declared: _Declarations, look: Look) -> bool:
    """Whether declarations of which it is not known if they hold would hide something."""
    if any(_hides(declared, look.size)) or any(
        name in declared for name in ("transform", "opacity", "content", "filter")
    ):
        return True
    return (named := declared.get("color")) is not None and alike(painted(named, look.ground), look.ground)


def _hides(declared: _Declarations, size: float) -> Iterator[str]:
    """How declarations hide an element: "gone" with all it holds, or only its own text."""
    if declared.get("display") == "none" or declared.get("mso-hide") == "all":
        yield "gone"
    if declared.get("visibility") in ("hidden", "collapse"):
        yield "unseen"
    if (opacity := share(declared.get("opacity", ""))) is not None and opacity < 0.02:
        yield "gone"
    if re.search(
        r"opacity\(\s*(?:opacity=)?0?(?:\.0\d*)?%?\s*\)|alpha\(\s*opacity\s*=\s*0\s*\)", declared.get("filter", "")
    ):
        yield "gone"
    named = font_size(declared.get("font-size", ""), NORMAL_SIZE)
    if named is not None and named < _LEAST_SIZE:
        yield "unseen"
    if declared.get("position") in ("absolute", "fixed", "relative") and any(
        (offset := length(declared.get(side, ""), size, SCREEN[0])) is not None and offset <= -_FAR
        for side in ("left", "top")
    ):
        yield "gone"
    if any(
        (offset := length(declared.get(name, ""), size, SCREEN[0])) is not None and offset <= -_FAR
        for name in ("text-indent", "margin-left", "margin-top")
    ):
        yield "gone"
    clip = declared.get("clip", "") + declared.get("clip-path", "")
    if re.search(r"rect\(\s*(?:0|1px)\D+(?:0|1px)\D+(?:0|1px)\D+(?:0|1px)\W*\)|inset\(\s*(?:50|100)%", clip):
        yield "gone"
    if declared.get("overflow", "visible").split(" ")[0] in ("hidden", "clip", "scroll", "auto"):
        stretched = declared.get("width", "").endswith("%")  # a cell of max-width 0 is cut where its column ends
        names = ("width", "height", "max-height", *(() if stretched else ("max-width",)))
        sides = (length(declared.get(name, ""), size) for name in names)
        if any(side is not None and side <= 1 for side in sides):
            yield "gone"
    if any(
        (part := share(declared.get(name, "").split(" ")[0])) is not None and abs(part) < 0.05
        for name in ("scale", "zoom")
    ):
        yield "gone"
    if declared.get("content-visibility") == "hidden":
        yield "gone"


def _moves(declared: _Declarations, size: float) -> bool:
    """Whether an element may stand elsewhere than its text does in the markup, or over another."""
    if declared.get("position", "static") in ("absolute", "fixed", "sticky"):
        return True
    if declared.get("position") == "relative" and any(length(declared.get(side, ""), size, 100) for side in _OFFSETS):
        return True
    return any(declared.get(name, "none") not in _STILL for name in SHIFTS) or any(
        (length(declared.get(name, ""), size, 100) or 0) < 0 for name in _NARROWS
    )


def _out_of_place(declared: _Declarations, size: float, around: Look) -> bool:
    """Whether even an element that is all of a cell's text may stand outside the cell."""
    position = declared.get("position", "static")
    given = {side: declared[side] for side in _OFFSETS if declared.get(side, "auto") not in ("auto", *OF_PARENT)}
    offsets = [length(value, size, _WITHIN) for value in given.values()]
    if position in ("absolute", "fixed"):
        if given and (position == "fixed" or not around.anchored):
            return True
        return any(offset is None or abs(offset) > _WITHIN for offset in offsets)
    if position == "relative" and any(offset is None or abs(offset) > _NEAR for offset in offsets):
        return True
    if position != "static" and (declared.get("z-index", "0").startswith("-")):
        return True
    indent = declared.get("text-indent", "")
    if abs(length(indent, size, 4 * _WITHIN) or 0) > _WITHIN:
        return True
    return any(abs(length(declared.get(name, ""), size, 100) or 0) > _FAR for name in ("margin-left", "margin-top"))


def _distorted(declared: _Declarations, size: float) -> bool:
    """Whether an element is painted so that its text may not be seen as what it is."""
    if declared.get("mix-blend-mode", "normal") not in ("normal", "multiply", "darken", *OF_PARENT):
        return True
    filters = declared.get("filter", "none")
    if filters not in OF_PARENT and any(name not in _HARMLESS_FILTERS for name, _ in _FUNCTION.findall(filters)):
        return True
    if declared.get("clip-path", "none") not in ("none", *OF_PARENT):
        return True
    if declared.get("position") in ("absolute", "fixed") and declared.get("clip", "auto") not in ("auto", *OF_PARENT):
        return True
    if declared.get("-webkit-box-reflect", "none") not in ("none", *OF_PARENT):
        return True
    spacing = length(declared.get("letter-spacing", ""), size)
    return spacing is not None and spacing < -0.25 * size


def _turns(declared: _Declarations) -> Iterator[tuple[str, str]]:
    """The functions of transformation of an element and what they are given."""
    yield from _FUNCTION.findall(declared.get("transform", ""))
    for name in ("translate", "scale"):
        value = declared.get(name, "none")
        if value not in _STILL:
            yield name, ",".join(value.split())


def _turned(name: str, argument: str, size: float) -> str | None:
    """What a function does to a text: "gone", "mirrored", "unknown"; None if it is seen where it was."""
    parts = [part for part in re.split(r"[\s,]+", argument.strip()) if part]
    if name.startswith("translate"):
        offsets = [length(part, size, 60.0) for part in parts]
        if any(offset is not None and offset <= -_FAR for offset in offsets):
            return "gone"
        return "unknown" if any(offset is None or abs(offset) > _NEAR for offset in offsets) else None
    if name.startswith("scale"):
        factors = [share(part) for part in parts]
        if any(factor is not None and abs(factor) < 0.05 for factor in factors):
            return "gone"
        if any(factor is not None and factor < 0 for factor in factors):
            return "mirrored"
        return "unknown" if any(factor is None or not 0.3 <= factor <= 4 for factor in factors) else None
    if name in ("rotate", "rotatez"):
        return "mirrored" if re.fullmatch(r"-?(?:180deg|0?\.5turn|200grad)", parts[0] if parts else "") else None
    if name in ("rotatex", "rotatey"):
        return "mirrored" if parts and re.fullmatch("-?180deg", parts[0]) else "unknown"
    if name in ("matrix", "matrix3d") and len(parts) == 6:
        numbers = [share(part) for part in parts]
        if all(number is not None for number in numbers):
            a, b, c, d, x, y = (number or 0.0 for number in numbers)
            if (a, b, c, d) == (0, 0, 0, 0):
                return "gone"
            if a < 0 or d < 0:
                return "mirrored"
            return None if 0.3 <= a <= 4 and 0.3 <= d <= 4 and max(abs(x), abs(y)) <= _NEAR else "unknown"
    return None if name.startswith("skew") else "unknown"


def _pictured(declared: _Declarations, wide: float | None, size: float) -> bool | None:
    if "url(" not in declared.get("background-image", ""):
        return None
    return wide is not None and wide < size


def _underlines(declared: _Declarations, high: float | None) -> bool:
    """Whether a box is a line along the lower edge of its text."""
    below = length(declared.get("bottom", ""), NORMAL_SIZE, 100)
    low = high is not None and high <= 3
    flat = low or (high is None and "background-color" not in declared)
    return below is not None and below <= 3 and flat and declared.get("top", "auto") == "auto"


def _framed(declared: _Declarations, *sides: str) -> bool:
    """Whether there are lines along some sides of an element."""
    return any(_LINE.search(declared.get(f"border-{side}", "")) is not None for side in sides)


def _is_block(display: str) -> bool | None:
    if not display or display in OF_PARENT or display == "none":
        return None
    return not display.startswith(("inline", "-webkit-inline", "contents", "ruby", "table-cell", "run-in", "math"))


def _spreads(declared: _Declarations, display: str, size: float) -> bool:
    """Whether an element lays its children out with gaps between them."""
    if display.endswith("grid"):
        return True
    gap = length(declared.get("column-gap", ""), size, 100) or 0
    return display.endswith(("flex", "box")) and (gap >= 3 or "space" in declared.get("justify-content", ""))


def _apart(declared: _Declarations, display: str, size: float) -> bool:
    """Whether a gap or a frame sets an element off from what is beside it in the line."""
    if display in ("table-cell", "inline-table"):
        return True
    names = ["margin-left", "margin-right", "padding-left", "padding-right"]
    if display in ("inline-block", "inline-flex", "inline-grid"):
        names += ["width", "min-width"]
    if any((length(declared.get(name, ""), size, 100) or 0) >= 3 for name in names):
        return True
    return _framed(declared, "left", "right")


def _room(declared: _Declarations, tag: str, display: str, size: float, *, fixed: bool) -> float | None:
    """The pixels of a line of an element that are seen; None where it is not cut off."""
    if tag == "input":
        return length(declared.get("width", ""), size)
    if declared.get("overflow", "visible").split(" ")[0] not in ("hidden", "clip"):
        return None
    cell = tag in ("td", "th")
    if tag in _INLINE and not display.startswith(("inline-", "block", "flex", "grid", "table")):
        return None
    names = ("max-width", "width") if not cell or fixed else ("max-width",)
    found = [side for name in names if (side := length(declared.get(name, ""), size)) is not None]
    if not found:
        return None
    inset = ("padding-left", "padding-right") if declared.get("box-sizing") == "border-box" else ()
    return min(found) - sum(length(declared.get(name, ""), size, 0) or 0 for name in inset)


__all__ = ["SIDES", "Look", "Styles"]
