"""The text of a paragraph of a Word document, in reading order: runs, fields, symbols, equations, unfilled prompts.

Here: the markup inside a paragraph -> runs. Not here: tables, rows and page headers (word.py), how characters look
(word_styles.py).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from lxml import etree

from extractors.formats.office.shapes import fills_its_box
from extractors.formats.office.word_styles import Look, Styles, attribute, local, value
from extractors.formats.runs import Run, power
from extractors.formats.symbols import UNKNOWN, seen

NO_TEXT = frozenset(
    ("del", "moveFrom", "delText", "instrText", "delInstrText", "rt", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr",
     "sdtPr", "sdtEndPr", "tblGrid", "proofErr", "bookmarkStart", "bookmarkEnd", "ffData", "ctrlPr", "docPr")
)  # fmt: skip
"""What holds no text of the page: properties, deleted and moved-away text, the pinyin over a character."""
OBJECTS = {"OLEObject": "嵌入的对象", "chart": "图表", "relIds": "SmartArt 图示"}
"""What shows text that stands in another part of the file."""
_PICTURES = ("drawing", "pict", "object")
"""What shows a picture, unless there is text in it."""
_BESIDE = 230_000
"""EMU (a line and a half of text) from the place it hangs on within which a shape lies on the text there."""
_AT_TEXT = ("column", "character", "paragraph", "line")
_OF_PAGE = ("page", "margin")
_STYLE = re.compile(r"([\w-]+)\s*:\s*([^;\s]+)")
_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)(pt|in|cm|mm|px|)")
_EMU = {"pt": 12_700, "in": 914_400, "cm": 360_000, "mm": 36_000, "px": 9_525, "": 9_525}
_PROMPT = re.compile(
    r"(?:单击|点击|单击或点击|点按|请|在此)[^\d]{0,12}(?:输入|选择|填写|键入|添加|录入)[^\d]{0,12}|选择一项。?"
    r"|(?:click|tap|choose|enter|select)\b[^\d]*",
    re.IGNORECASE,
)
_IN_DOUBT = "prompt"
"""Attribute that `_prune` gives to a text that its control calls a prompt, though it does not look like one."""
_SYMBOL_FIELD = re.compile(
    r"\s*SYMBOL\s+(?:0x(?P<hex>[0-9A-Fa-f]{1,4})|(?P<number>\d{1,5}))(?:.*?\\f\s+\"?(?P<font>[^\"\\]+))?"
)
_OF_OFFICE = ("http://schemas.microsoft.com/office/", "http://schemas.openxmlformats.org/")
"""How the namespaces begin that Word knows."""
_PAGE_FIELD = re.compile(r"\b(?:PAGE|NUMPAGES|SECTIONPAGES)\b")


@dataclass(slots=True)
class Piece:
    """What one cell or paragraph holds: runs in reading order, tables inside, and the state of its fields.

    `covered`: a filled shape lies on its beginning. `overlaid`: one hangs on it that lies nobody knows where.
    """

    runs: list[Run] = field(default_factory=list)
    tables: list[etree._Element] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)  # "code" or "result" of each field that is open
    codes: list[str] = field(default_factory=list)  # of those fields
    objects: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    pictured: bool = False
    covered: bool = False
    overlaid: bool = False
    page_number: bool = False

    def add(self, text: str, look: Look) -> None:
        if text and "code" not in self.fields:
            self.runs.append(Run(text, look.struck, look.raised, look.hidden))


def prune(root: etree._Element, styles: Styles) -> None:
    """Blank the prompts of content controls that nobody filled; leave one of the versions of each drawing."""
    for control in list(root.iter("{*}sdt")):
        content = control.find("{*}sdtContent")
        if content is None or value(control, "{*}sdtPr/{*}showingPlcHdr") in (None, "0", "false"):
            continue
        text = "".join(content.itertext("{*}t")).strip()
        of_prompts = any(
            "placeholder" in styles.name(attribute(s, "val")).lower() for s in content.iter("{*}rStyle", "{*}pStyle")
        )
        certain = of_prompts or _PROMPT.fullmatch(text)
        for element in content.iter("{*}t"):
            if certain:
                element.text = ""
            else:
                element.set(_IN_DOUBT, "1")
    for choice in list(root.iter("{*}AlternateContent")):
        versions = [child for child in choice if local(child) == "Fallback" or _is_known(child)]
        best = next((v for v in versions if any(t.text for t in v.iter("{*}t"))), None)
        for version in versions:
            if version is not (best if best is not None else versions[0]):
                choice.remove(version)
        for unknown in [child for child in choice if local(child) == "Choice" and child not in versions]:
            choice.remove(unknown)


def _is_known(choice: etree._Element) -> bool:
    """Whether Word knows all that a version of a drawing asks for; else it shows the fallback."""
    if local(choice) != "Choice":
        return False
    spaces = [choice.nsmap.get(prefix, "") for prefix in (choice.get("Requires") or "").split()]
    return all(space.startswith(_OF_OFFICE) for space in spaces)


def paragraph_text(paragraph: etree._Element, styles: Styles, piece: Piece) -> None:
    """Add what a paragraph says to the piece."""
    first = paragraph[0] if len(paragraph) else None
    style = value(first, "{*}pStyle") if first is not None and local(first) == "pPr" else None
    _inline(paragraph, style, styles.look(style, None, paragraph), styles, piece)


def _inline(element: etree._Element, style: str | None, look: Look, styles: Styles, piece: Piece) -> None:
    """The text inside an element, in reading order; what is not known is a wrapper of what it holds."""
    for child in element:
        name = local(child)
        if name == "r":
            properties = child.find("{*}rPr")
            own = styles.look(style, properties, child) if properties is not None else look
            _inline(child, style, own, styles, piece)
        elif name == "t" and child.get(_IN_DOUBT):
            piece.prompts.append(child.text or "")
        elif name == "t":
            text = seen(child.text or "", look.font)
            piece.add(UNKNOWN + text if look.pressed and any(char.isdigit() for char in text) else text, look)
        elif name in ("br", "cr"):
            piece.add("\n", look)
        elif name in ("tab", "ptab"):
            piece.add(" ", look)
        elif name == "noBreakHyphen":
            piece.add("-", look)
        elif name == "sym":
            code = attribute(child, "char") or ""
            number = int(code, 16) if re.fullmatch("[0-9A-Fa-f]{1,4}", code) else 0
            if number:
                piece.add(seen(chr(number), attribute(child, "font")), look)
        elif name == "fldChar":
            _field_mark(child, piece, look)
        elif name == "instrText":
            if piece.codes:
                piece.codes[-1] += child.text or ""
            piece.page_number = piece.page_number or _PAGE_FIELD.search(child.text or "") is not None
        elif name == "fldSimple":
            piece.page_number |= _PAGE_FIELD.search(attribute(child, "instr") or "") is not None
            _inline(child, style, look, styles, piece)
        elif name == "bdo" and attribute(child, "val") == "rtl":
            piece.add("\u202e", look)
            _inline(child, style, look, styles, piece)
            piece.add("\u202c", look)
        elif name == "oMath":
            piece.add(_equation(child), look)
        elif name == "p":
            if piece.runs:
                piece.add("\n", Look())
            paragraph_text(child, styles, piece)
        elif name == "tbl":
            piece.tables.append(child)
        elif name in OBJECTS:
            piece.objects.append(name)
        elif name not in NO_TEXT and len(child):
            if name in _PICTURES:
                piece.pictured = True
                _patches(child, piece)
            _inline(child, style, look, styles, piece)


def _patches(drawing: etree._Element, piece: Piece) -> None:
    """Note the filled shapes without text of a drawing that float over the page, in front of its text."""
    for anchor in drawing.iterfind("{*}anchor"):
        shape = anchor.find("{*}graphic/{*}graphicData/{*}wsp")
        floats = anchor.find("{*}wrapNone") is not None and (attribute(anchor, "behindDoc") or "0") in ("0", "false")
        if floats and fills_its_box(shape) and not any(anchor.itertext("{*}t")):
            sides = anchor.find("{*}positionH"), anchor.find("{*}positionV")
            near = all(
                side is not None
                and side.get("relativeFrom") in _AT_TEXT
                and abs(_number(side.findtext("{*}posOffset"))) <= _BESIDE
                for side in sides
            )
            piece.covered |= near
            piece.overlaid |= not near
    for shape in drawing.iterchildren("{*}rect", "{*}roundrect"):
        style = dict(_STYLE.findall(attribute(shape, "style") or ""))
        floats = style.get("position") == "absolute" and not style.get("z-index", "").startswith("-")
        filled = (attribute(shape, "filled") or "t") in ("t", "true") and not _is_clear(shape)
        if floats and filled and not any(shape.itertext("{*}t")):
            edges = [_LENGTH.fullmatch(style.get(name, "0")) for name in ("margin-left", "margin-top")]
            near = all(edge is not None and abs(float(edge[1])) * _EMU[edge[2]] <= _BESIDE for edge in edges)
            near &= not any(style.get(f"mso-position-{way}-relative") in _OF_PAGE for way in ("horizontal", "vertical"))
            piece.covered |= near
            piece.overlaid |= not near


def _is_clear(shape: etree._Element) -> bool:
    """Whether something shines through the filling of a shape of VML."""
    fill = shape.find("{*}fill")
    return fill is not None and (attribute(fill, "opacity") or "1") not in ("1", "100%", "65536f")


def _number(text: str | None) -> float:
    """A whole number of the markup; infinite where there is none."""
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,12}", text) else float("inf")


def _field_mark(mark: etree._Element, piece: Piece, look: Look) -> None:
    """The edges of a field: what stands before its result is its code; old form fields show a box or an entry."""
    kind = attribute(mark, "fldCharType")
    if kind == "begin":
        box = mark.find("{*}ffData/{*}checkBox")
        choices = mark.find("{*}ffData/{*}ddList")
        if box is not None:
            state = value(box, "{*}checked")
            ticked = value(box, "{*}default") if state is None else state
            piece.add("□" if ticked in (None, "0", "false") else "☑", look)
        elif choices is not None:
            entries = [attribute(entry, "val") or "" for entry in choices.iterfind("{*}listEntry")]
            at = limited(value(choices, "{*}result") or value(choices, "{*}default"), 0, len(entries))
            piece.add(entries[at] if at < len(entries) else "", look)
        piece.fields.append("code")
        piece.codes.append("")
    elif kind == "separate" and piece.fields:
        piece.fields[-1] = "result"
    elif kind == "end" and piece.fields:
        code = piece.codes.pop()
        if piece.fields.pop() == "code":
            piece.add(_sign_of(code), look)


def _sign_of(code: str) -> str:
    """What a field shows that stands without a result: the sign that SYMBOL names; of EQ that it is not known."""
    if code.split()[:1] == ["EQ"]:
        return UNKNOWN
    found = _SYMBOL_FIELD.match(code)
    if found is None:
        return ""
    number = int(found["hex"], 16) if found["hex"] else int(found["number"])
    return seen(chr(number), found["font"]) if 0x20 <= number < 0x10000 else UNKNOWN


def _equation(element: etree._Element) -> str:
    """An equation in one line: fractions with a slash, roots and sums with their sign, powers raised."""
    name = local(element)
    if name == "t":
        return "".join(
            unicodedata.normalize("NFKC", char) if "\U0001d400" <= char <= "\U0001d7ff" else char
            for char in element.text or ""
        )
    if name in NO_TEXT or name.endswith("Pr"):
        return ""
    parts = {local(child): _equation(child) for child in element}
    if name == "f":
        above, below = (
            f"({p})" if re.search(r"[-+*/×÷\s]", p) else p for p in (parts.get("num", ""), parts.get("den", ""))
        )
        return f"{above}/{below}"
    if name == "sSup":
        return power(parts.get("e", ""), parts.get("sup", ""))
    if name == "rad":
        return f"{parts.get('deg', '')}√({parts.get('e', '')})"
    if name == "nary":
        sign = value(element, "{*}naryPr/{*}chr") or "∫"
        return f"{sign}{parts.get('sub', '')}{parts.get('sup', '')}{parts.get('e', '')}"
    inside = [_equation(child) for child in element]
    if name == "d":
        opening = value(element, "{*}dPr/{*}begChr")
        closing = value(element, "{*}dPr/{*}endChr")
        text = "".join(inside)
        return f"{'(' if opening is None else opening}{text}{')' if closing is None else closing}"
    return "".join(inside)


def limited(text: str | None, default: int, most: int) -> int:
    """A number of the markup between 0 and `most`; the default where it says none."""
    return min(max(int(text), 0), most) if text is not None and text.isdigit() else default
