"""How the characters of a Word document look: struck, raised, hidden, in which font, by their own marks and styles.

Here: run properties along the chain of styles. Not here: the text itself (word.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from extractors.formats.colours import BLACK, WHITE, alike, of_hex
from extractors.formats.runs import BLACKED_OUT

_OFF = ("0", "false", "off", "none")
_WHITE = ("FFFFFF", "FEFEFE")
_HIGHLIGHTS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
    "yellow": "FFFF00", "white": "FFFFFF", "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000",
    "darkMagenta": "800080", "darkRed": "800000", "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0",
}  # fmt: skip
_SHIFT = 4
"""Half points by which a text must be shifted to count as raised; less is used to centre a line."""
_TOO_SMALL = 2
"""Half points of a font that nobody can see."""
_TOO_NARROW = 10
"""Percent of their width to which characters are pressed, so that nobody can read them."""


_PRESSED = 0.3
"""Of an em: from where on characters that are moved together lie over each other."""


class Look(NamedTuple):
    """How a run looks; `raised` as in Run. `pressed`: its characters are drawn over each other."""

    struck: bool = False
    raised: int = 0
    hidden: int = 0
    font: str | None = None
    pressed: bool = False


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element | None, name: str) -> str | None:
    """An attribute by its name without namespace."""
    if element is None:
        return None
    return next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name), None)


def value(parent: etree._Element | None, path: str) -> str | None:
    """The w:val of a property, "" if the property stands without one, None if it is not there."""
    found = parent.find(path) if parent is not None else None
    if found is None:
        return None
    return next((str(v) for k, v in found.attrib.items() if str(k).endswith("}val")), "")


def values(properties: etree._Element | None) -> dict[str, str]:
    """The w:val of each property directly inside, "" for one without."""
    if properties is None:
        return {}
    return {
        local(child): next((str(v) for k, v in child.attrib.items() if str(k).endswith("}val")), "")
        for child in properties
    }


_Marks = dict[str, str]


def _marks(properties: etree._Element | None) -> _Marks:
    """The properties of a run that change what is seen of it."""
    found: _Marks = {}
    for child in properties if properties is not None else ():
        name = local(child)
        if name in ("strike", "dstrike", "vanish"):
            found[name] = "" if (attribute(child, "val") or "1") in _OFF else "1"
        elif name in ("vertAlign", "position", "sz", "w", "spacing"):
            found[name] = attribute(child, "val") or ""
        elif name == "rFonts":
            font = attribute(child, "ascii") or attribute(child, "hAnsi")
            if font:
                found["font"] = font
        elif name == "color":
            theme = attribute(child, "themeColor")
            plain = attribute(child, "themeTint") is None and attribute(child, "themeShade") is None
            white = (attribute(child, "val") or "").upper() in _WHITE and theme is None
            found["white"] = "1" if white or (theme in ("background1", "light1") and plain) else ""
            found["colour"] = "FFFFFF" if found["white"] else attribute(child, "val") or ""
            if theme is not None and not found["white"]:
                found["colour"] = "000000" if theme in ("text1", "dark1") and plain else "theme"
        elif name in ("shd", "highlight"):
            found["shaded"] = "1" if _is_shade(child) else ""
            found[name] = _shade(child)
        elif name == "textFill":
            found["unfilled"] = "1" if child.find("{*}noFill") is not None or _is_clear(child) else ""
    return found


def _is_clear(fill: etree._Element) -> bool:
    """Whether a filling is wholly transparent."""
    shares = [_number(attribute(alpha, "val"), 0) for alpha in fill.iterfind("{*}solidFill/*/{*}alpha")]
    return any(share >= 99_000 for share in shares)


def _shade(element: etree._Element) -> str:
    """The colour of a shade as six digits; "" for none, and for one that is not at hand."""
    if local(element) == "highlight":
        return _HIGHLIGHTS.get(attribute(element, "val") or "none", "")
    plain = (attribute(element, "val") or "clear") in ("clear", "nil") and attribute(element, "themeFill") is None
    fill = attribute(element, "fill") or "auto"
    return fill if plain and fill != "auto" else ""


def _is_shade(element: etree._Element) -> bool:
    if local(element) == "highlight":
        return attribute(element, "val") not in (None, "none", "white")
    fill = (attribute(element, "fill") or "auto").upper()
    patterned = (attribute(element, "val") or "clear") not in ("clear", "nil")
    return patterned or attribute(element, "themeFill") is not None or fill not in ("AUTO", *_WHITE)


@dataclass(slots=True)
class Styles:
    """The styles of a document by their ids. `whole` gives the root of all of them where some were left out."""

    styles: dict[str, etree._Element] = field(default_factory=dict)
    by_default: _Marks = field(default_factory=dict)
    paragraph: str | None = None
    known: dict[str, _Marks] = field(default_factory=dict)
    whole: Callable[[], etree._Element] | None = None

    @classmethod
    def of(cls, root: etree._Element, whole: Callable[[], etree._Element] | None = None) -> Styles:
        """The styles below the root of word/styles.xml; `whole` gives the root with what was left out of it."""
        styles = {attribute(s, "styleId") or "": s for s in root.iterchildren("{*}style")}
        usual = (
            key
            for key, style in styles.items()
            if attribute(style, "type") == "paragraph" and (attribute(style, "default") or "0") not in _OFF
        )
        return cls(styles, _marks(root.find("{*}docDefaults/{*}rPrDefault/{*}rPr")), next(usual, None), whole=whole)

    def name(self, style: str | None) -> str:
        """The name that people see of a style."""
        return value(self.styles.get(style or ""), "{*}name") or ""

    def _of_style(self, style: str | None) -> _Marks:
        if style is None or style not in self.styles:
            return {}
        if style not in self.known:
            chain: list[str] = []
            at: str | None = style
            while at in self.styles and at not in chain:
                chain.append(at)
                at = value(self.styles[at], "{*}basedOn")
            marks: _Marks = {}
            for one in reversed(chain):
                marks |= _marks(self.styles[one].find("{*}rPr"))
            self.known[style] = marks
        return self.known[style]

    def look(self, paragraph: str | None, run: etree._Element | None, element: etree._Element) -> Look:
        """How a run with these properties looks in a paragraph of that style; `element`: where it stands."""
        if run is None and not self.styles:
            return Look()
        by_paragraph = self._of_style(paragraph or self.paragraph)
        by_character = self._of_style(value(run, "{*}rStyle")) if run is not None else {}
        own = _marks(run)
        marks = {**self.by_default, **by_paragraph, **by_character, **own}
        if not marks:
            return Look()

        def toggled(name: str) -> bool:
            """A property that a second style switches off again (ECMA-376 17.7.3)."""
            if name in own:
                return bool(own[name])
            return bool(by_paragraph.get(name)) != bool(by_character.get(name))

        unseen = toggled("vanish") or bool(marks.get("unfilled")) or _number(marks.get("sz"), 99) <= _TOO_SMALL
        hidden = int(unseen or _number(marks.get("w"), 100) < _TOO_NARROW)
        if marks.get("white") and not marks.get("shaded"):
            hidden = hidden or int(not self._is_shaded(element))
        hidden = hidden or BLACKED_OUT * self._is_blacked_out(marks, element)
        shift = _number(marks.get("position"), 0)
        raised = {"superscript": 1, "subscript": -1}.get(marks.get("vertAlign", ""), 0)
        if not raised and abs(shift) >= _SHIFT:
            raised = 2 if shift > 0 else -2
        spacing = _number(marks.get("spacing"), 0) / 20
        pressed = spacing < 0 and -spacing >= _PRESSED * _number(marks.get("sz"), 21) / 2
        return Look(toggled("strike") or toggled("dstrike"), raised, hidden, marks.get("font"), pressed)

    def _is_blacked_out(self, marks: _Marks, element: etree._Element) -> bool:
        """Whether characters have the colour of a ground other than paper.

        Characters of no colour of their own turn white on a dark shade, but stay black under a highlighter.
        """
        colour = marks.get("colour", "")
        automatic = colour in ("", "auto")
        if marks.get("highlight"):
            ground = marks["highlight"]
        elif automatic or colour == "theme":
            return False
        else:
            ground = marks.get("shd") or _ground_around(element)
        if of_hex(ground) in (None, WHITE):
            return False
        return alike(BLACK if automatic else of_hex(colour), of_hex(ground))

    def _is_shaded(self, element: etree._Element) -> bool:
        """Whether anything around an element may give its white characters a dark ground."""
        if self.whole is not None:
            self.styles, self.whole = Styles.of(self.whole()).styles, None
        for around in element.iterancestors():
            name = local(around)
            if name in ("txbxContent", "background") or (
                name == "document" and around.find("{*}background") is not None
            ):
                return True
            for shade in around.iterfind(f"{{*}}{name}Pr/{{*}}shd"):
                if _is_shade(shade):
                    return True
            style = self.styles.get(
                value(around, f"{{*}}{name}Pr/{{*}}{'tblStyle' if name == 'tbl' else 'pStyle'}") or ""
            )
            while style is not None:
                if any(_is_shade(shade) for shade in style.iter("{*}shd")):
                    return True
                style = self.styles.get(value(style, "{*}basedOn") or "")
        return False


def _ground_around(element: etree._Element) -> str:
    """The colour of the nearest shade around an element, as six digits; "" for none, and for one not at hand."""
    for around in element.iterancestors("{*}p", "{*}tc", "{*}tbl"):
        for shade in around.iterfind(f"{{*}}{local(around)}Pr/{{*}}shd"):
            if _is_shade(shade):
                return _shade(shade)
    return ""


def _number(text: str | None, default: float) -> float:
    try:
        return float(text) if text else default
    except ValueError:
        return default
