"""The styles of a workbook (xlsx): how its cells look, and what conditional formats change of that.

Here: styles.xml -> styles by their numbers. Not here: which cell has which (xlsx_sheet.py), when a conditional format
holds (xlsx_rules.py), how a number format prints (number_format.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from extractors.formats.office.container import Container
from extractors.formats.office.number_format import builtin
from extractors.formats.symbols import is_symbol_font

_FIRST_OWN_FORMAT = 164
_NO = ("0", "false")


class Font(NamedTuple):
    """What of a font decides what is read; `size` in points."""

    struck: bool = False
    raised: int = 0
    white: bool = False
    symbol: str | None = None
    size: float = 0.0


class Style(NamedTuple):
    """How a cell looks: its number format, its font, whether its ground is white and whether lines frame it.

    `wide`: the width of a digit, in digits of the workbook's own font; `fits`: a figure is made to fit its column.
    """

    code: str = "General"
    font: Font = Font()
    shaded: bool = False
    ruled: bool = False
    wide: float = 1.0
    fits: bool = False

    @property
    def plain(self) -> bool:
        """Whether nothing in its font decides what is read."""
        return self.font._replace(size=0.0) == Font()


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
    any_white: bool = False


def read_looks(container: Container, part: str | None) -> Looks:
    """The styles of the workbook's cells, by their numbers."""
    if part is None:
        return Looks()
    root = container.tree(part)
    codes = {_int(e.get("numFmtId")): e.get("formatCode", "General") for e in root.iterfind("{*}numFmts/{*}numFmt")}
    fonts = [read_font(element) for element in root.iterfind("{*}fonts/{*}font")]
    shades = [_is_shaded(element) for element in root.iterfind("{*}fills/{*}fill")]
    frames = [
        any(side.get("style", "none") != "none" for tag in ("top", "bottom") for side in border.iterfind(f"{{*}}{tag}"))
        for border in root.iterfind("{*}borders/{*}border")
    ]
    own_size = fonts[0].size if fonts else 0.0
    looks = Looks([])
    for xf in root.iterfind("{*}cellXfs/{*}xf"):
        number = _int(xf.get("numFmtId"))
        code = codes.get(number, "General") if number >= _FIRST_OWN_FORMAT else builtin(number)
        at, fill, border = (_int(xf.get(key)) for key in ("fontId", "fillId", "borderId"))
        font = fonts[at] if at < len(fonts) else Font()
        alignment = xf.find("{*}alignment")
        turned = alignment is not None and alignment.get("textRotation", "0") != "0"
        shrunk = alignment is not None and alignment.get("shrinkToFit", "0") not in _NO
        looks.styles.append(
            Style(
                code,
                font,
                fill < len(shades) and shades[fill],
                border < len(frames) and frames[border],
                font.size / own_size if font.size and own_size else 1.0,
                turned or shrunk,
            )
        )
    looks.styles = looks.styles or [Style()]
    looks.any_white = any(style.font.white and not style.shaded for style in looks.styles)
    looks.changes = [read_change(dxf) for dxf in root.iterfind("{*}dxfs/{*}dxf")]
    return looks


def read_change(dxf: etree._Element) -> Change:
    """What a differential style changes."""
    number, font, fill = dxf.find("{*}numFmt"), read_font(dxf.find("{*}font")), dxf.find("{*}fill")
    shaded = fill is not None and fill.find("{*}patternFill/{*}bgColor") is not None
    return Change(None if number is None else number.get("formatCode"), font.struck, font.white and not shaded)


def read_font(element: etree._Element | None) -> Font:
    """A font, or the properties of a run."""
    struck, raised, white, symbol, size = False, 0, False, None, 0.0
    for child in element if element is not None else ():
        name = str(child.tag).rpartition("}")[2]
        value = child.get("val", "")
        if name == "strike":
            struck = value not in ("0", "false")
        elif name == "vertAlign":
            raised = {"superscript": 1, "subscript": -1}.get(value, 0)
        elif name == "color":
            white = _is_white(child)
        elif name == "sz":
            size = float(value) if value.replace(".", "", 1).isdecimal() else 0.0
        elif name in ("name", "rFont") and is_symbol_font(value):
            symbol = value
    return Font(struck, raised, white, symbol, size)


def _is_white(colour: etree._Element) -> bool:
    try:
        tinted = abs(float(colour.get("tint", "0"))) > 0.01
    except ValueError:
        tinted = False
    return not tinted and (
        colour.get("rgb", "").upper()[-6:] == "FFFFFF"
        or colour.get("theme") == "0"
        or colour.get("indexed") in ("1", "9")
    )


def _is_shaded(fill: etree._Element) -> bool:
    pattern = fill.find("{*}patternFill")
    if pattern is None:
        return fill.find("{*}gradientFill") is not None
    kind = pattern.get("patternType", "none")
    ground = pattern.find("{*}fgColor")
    if kind == "none":
        return False
    return kind != "solid" or (ground is not None and not _is_white(ground) and ground.get("indexed") != "65")


def _int(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0
