"""The styles of a workbook (xlsx): how its cells look, and what conditional formats change of that.

Here: styles.xml -> styles by their numbers. Not here: which cell has which (xlsx_sheet.py), when a conditional format
holds (xlsx_rules.py), how a number format prints (number_format.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from extractors.formats.colours import BLACK, WHITE, Colour, alike, of_hex
from extractors.formats.office.container import Container
from extractors.formats.office.number_format import builtin
from extractors.formats.runs import BLACKED_OUT
from extractors.formats.symbols import is_symbol_font

_FIRST_OWN_FORMAT = 164
_NO = ("0", "false")
_NO_SIZE = 1.0
"""Points of a font that nobody can read."""


class Font(NamedTuple):
    """What of a font decides what is read; `size` in points."""

    struck: bool = False
    raised: int = 0
    colour: Colour = BLACK
    symbol: str | None = None
    size: float = 0.0


class Style(NamedTuple):
    """How a cell looks: its number format, its font, its ground and whether lines frame it.

    `ground`: None for a pattern. `wide`: the width of a digit, in digits of the workbook's own font; `fits`: a figure
    is made to fit its column, `fills`: the text is repeated over its width. `plain`: nothing in its font decides what
    is read.
    """

    code: str = "General"
    font: Font = Font()
    ground: Colour | None = WHITE
    ruled: bool = False
    wide: float = 1.0
    fits: bool = False
    plain: bool = True
    fills: bool = False

    def hides(self, font: Font) -> int:
        """Whether a text in that font is not seen in the cell, as in Run: 2 where it is blacked out."""
        if alike(font.colour, self.ground):
            return 1 if self.ground == WHITE else BLACKED_OUT
        return int(0 < font.size <= _NO_SIZE)


class Change(NamedTuple):
    """What a conditional format makes of a cell; `code`: another number format."""

    code: str | None = None
    struck: bool = False
    hidden: bool = False

    @property
    def matters(self) -> bool:
        """Whether it changes what is read."""
        return self != Change()


@dataclass(slots=True)
class Looks:
    """The styles of the cells and the changes of conditional formats, by their numbers."""

    styles: list[Style] = field(default_factory=lambda: [Style()])
    changes: list[Change] = field(default_factory=list)
    any_unseen: bool = False


def read_looks(container: Container, part: str | None) -> Looks:
    """The styles of the workbook's cells, by their numbers."""
    if part is None:
        return Looks()
    root = container.tree(part)
    codes = {_int(e.get("numFmtId")): e.get("formatCode", "General") for e in root.iterfind("{*}numFmts/{*}numFmt")}
    fonts = [read_font(element) for element in root.iterfind("{*}fonts/{*}font")]
    grounds = [_ground(element) for element in root.iterfind("{*}fills/{*}fill")]
    frames = [
        any(side.get("style", "none") != "none" for tag in ("top", "bottom") for side in border.iterfind(f"{{*}}{tag}"))
        for border in root.iterfind("{*}borders/{*}border")
    ]
    crossed = [
        border.get("diagonalUp", "0") not in _NO
        and border.get("diagonalDown", "0") not in _NO
        and border.find("{*}diagonal[@style]") is not None
        for border in root.iterfind("{*}borders/{*}border")
    ]
    own_size = fonts[0].size if fonts else 0.0
    looks = Looks([])
    for xf in root.iterfind("{*}cellXfs/{*}xf"):
        number = _int(xf.get("numFmtId"))
        code = codes.get(number, "General") if number >= _FIRST_OWN_FORMAT else builtin(number)
        at, fill, border = (_int(xf.get(key)) for key in ("fontId", "fillId", "borderId"))
        font = fonts[at] if at < len(fonts) else Font()
        if border < len(crossed) and crossed[border]:  # two lines from corner to corner strike the cell out
            font = font._replace(struck=True)
        alignment = xf.find("{*}alignment")
        turned = alignment is not None and alignment.get("textRotation", "0") != "0"
        shrunk = alignment is not None and alignment.get("shrinkToFit", "0") not in _NO
        style = Style(
            code,
            font,
            grounds[fill] if fill < len(grounds) else WHITE,
            border < len(frames) and frames[border],
            font.size / own_size if font.size and own_size else 1.0,
            turned or shrunk,
        )
        unseen = style.hides(font)
        plain = not (font.struck or font.raised or font.symbol or unseen)
        fills = alignment is not None and alignment.get("horizontal") == "fill"
        looks.styles.append(style._replace(plain=plain, fills=fills))
        looks.any_unseen = looks.any_unseen or bool(unseen)
    looks.styles = looks.styles or [Style()]
    looks.changes = [read_change(dxf) for dxf in root.iterfind("{*}dxfs/{*}dxf")]
    return looks


def read_change(dxf: etree._Element) -> Change:
    """What a differential style changes."""
    number, font, fill = dxf.find("{*}numFmt"), read_font(dxf.find("{*}font")), dxf.find("{*}fill")
    shade = None if fill is None else fill.find("{*}patternFill/{*}bgColor")
    ground = WHITE if shade is None else _colour(shade, WHITE)
    coloured = dxf.find("{*}font/{*}color") is not None
    hidden = alike(font.colour, ground) if coloured else ground == BLACK  # the usual text is black
    return Change(None if number is None else number.get("formatCode"), font.struck, hidden)


def read_font(element: etree._Element | None) -> Font:
    """A font, or the properties of a run."""
    struck, raised, symbol, size = False, 0, None, 0.0
    colour = BLACK
    for child in element if element is not None else ():
        name = str(child.tag).rpartition("}")[2]
        value = child.get("val", "")
        if name == "strike":
            struck = value not in ("0", "false")
        elif name == "vertAlign":
            raised = {"superscript": 1, "subscript": -1}.get(value, 0)
        elif name == "color":
            colour = _colour(child, BLACK)
        elif name == "sz":
            size = float(value) if value.replace(".", "", 1).isdecimal() else 0.0
        elif name in ("name", "rFont") and is_symbol_font(value):
            symbol = value
    return Font(struck, raised, colour, symbol, size)


def _colour(element: etree._Element, by_default: Colour) -> Colour:
    """A colour; one of the theme or of the palette, but for black and white, by its number."""
    if colour := of_hex(element.get("rgb")):
        return colour
    number = element.get("indexed") or ""
    if number:
        return {"0": BLACK, "8": BLACK, "64": BLACK, "1": WHITE, "9": WHITE, "65": WHITE}.get(
            number, f"palette {number}"
        )
    theme, tint = element.get("theme"), element.get("tint", "0")
    if theme is None:
        return by_default
    try:
        tinted = abs(float(tint)) > 0.01
    except ValueError:
        tinted = False
    return f"theme {theme} {tint}" if tinted else {"0": WHITE, "1": BLACK}.get(theme, f"theme {theme}")


def _ground(fill: etree._Element) -> Colour | None:
    """The colour of a cell's ground; None for more than one colour."""
    pattern = fill.find("{*}patternFill")
    if pattern is None:
        return None if fill.find("{*}gradientFill") is not None else WHITE
    kind = pattern.get("patternType", "none")
    if kind == "none":
        return WHITE
    ground = pattern.find("{*}fgColor")
    return None if kind != "solid" else WHITE if ground is None else _colour(ground, WHITE)


def _int(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0
