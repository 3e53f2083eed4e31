"""What the styles of a web page make of its text: hidden, struck out, raised, in which font, where it stands.

Here: declarations that hold at an element -> how the text inside it looks. Not here: which hold (styles.py), the page's
text and tables (web.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from extractors.formats.colours import BLACK, WHITE, Colour, alike
from extractors.formats.css.properties import SHIFTS
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

Declarations = dict[str, str]
"""The values of properties by their names."""


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


def hinted(element: etree._Element, tag: str, declared: Declarations, around: Look) -> Look:
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


def applied(declared: Declarations, tag: str, around: Look) -> Look:
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
    hiding = list(hides(declared, size))
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


def may_hide(declared: Declarations, look: Look) -> bool:
    """Whether declarations of which it is not known if they hold would hide something."""
    if any(hides(declared, look.size)) or any(
        name in declared for name in ("transform", "opacity", "content", "filter")
    ):
        return True
    return (named := declared.get("color")) is not None and alike(painted(named, look.ground), look.ground)


def hides(declared: Declarations, size: float) -> Iterator[str]:
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


def _moves(declared: Declarations, size: float) -> bool:
    """Whether an element may stand elsewhere than its text does in the markup, or over another."""
    if declared.get("position", "static") in ("absolute", "fixed", "sticky"):
        return True
    if declared.get("position") == "relative" and any(length(declared.get(side, ""), size, 100) for side in _OFFSETS):
        return True
    return any(declared.get(name, "none") not in _STILL for name in SHIFTS) or any(
        (length(declared.get(name, ""), size, 100) or 0) < 0 for name in _NARROWS
    )


def _out_of_place(declared: Declarations, size: float, around: Look) -> bool:
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


def _distorted(declared: Declarations, size: float) -> bool:
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


def _turns(declared: Declarations) -> Iterator[tuple[str, str]]:
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


def _pictured(declared: Declarations, wide: float | None, size: float) -> bool | None:
    if "url(" not in declared.get("background-image", ""):
        return None
    return wide is not None and wide < size


def _underlines(declared: Declarations, high: float | None) -> bool:
    """Whether a box is a line along the lower edge of its text."""
    below = length(declared.get("bottom", ""), NORMAL_SIZE, 100)
    low = high is not None and high <= 3
    flat = low or (high is None and "background-color" not in declared)
    return below is not None and below <= 3 and flat and declared.get("top", "auto") == "auto"


def _framed(declared: Declarations, *sides: str) -> bool:
    """Whether there are lines along some sides of an element."""
    return any(_LINE.search(declared.get(f"border-{side}", "")) is not None for side in sides)


def _is_block(display: str) -> bool | None:
    if not display or display in OF_PARENT or display == "none":
        return None
    return not display.startswith(("inline", "-webkit-inline", "contents", "ruby", "table-cell", "run-in", "math"))


def _spreads(declared: Declarations, display: str, size: float) -> bool:
    """Whether an element lays its children out with gaps between them."""
    if display.endswith("grid"):
        return True
    gap = length(declared.get("column-gap", ""), size, 100) or 0
    return display.endswith(("flex", "box")) and (gap >= 3 or "space" in declared.get("justify-content", ""))


def _apart(declared: Declarations, display: str, size: float) -> bool:
    """Whether a gap or a frame sets an element off from what is beside it in the line."""
    if display in ("table-cell", "inline-table"):
        return True
    names = ["margin-left", "margin-right", "padding-left", "padding-right"]
    if display in ("inline-block", "inline-flex", "inline-grid"):
        names += ["width", "min-width"]
    if any((length(declared.get(name, ""), size, 100) or 0) >= 3 for name in names):
        return True
    return _framed(declared, "left", "right")


def _room(declared: Declarations, tag: str, display: str, size: float, *, fixed: bool) -> float | None:
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
