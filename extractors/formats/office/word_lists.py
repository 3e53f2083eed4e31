"""The numbers and bullets of lists in a Word document, which its text does not hold but its page shows.

Here: the part of numbering and the list paragraphs -> the marks written into the markup as runs. Not here: how these
look (word_styles.py), what a cell says (word.py).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from extractors.formats.office.word_styles import Styles, attribute, local, value
from extractors.formats.symbols import UNKNOWN

_LEVEL = re.compile(r"%(\d)")
_OFF = ("0", "false", "off")
_AFTER = {"space": " ", "nothing": ""}
"""What stands between a mark and its text, else a tab."""
_CHINESE = "〇一二三四五六七八九"
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_TO_NINETY_NINE = (
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand",
)  # fmt: skip


class _Number(NamedTuple):
    """One list (w:num): the levels by their depth, and the numbers at which it begins anew."""

    counters: dict[int, int]
    levels: dict[int, etree._Element]
    starts: dict[int, int]


def write_list_marks(body: etree._Element, numbering: etree._Element, styles: Styles) -> None:
    """Write before the text of each list paragraph the number or bullet that its page shows, as a run of its own.

    A number in a format that is not known is UNKNOWN, so that what it stands before is taken for no number.
    """
    numbers = dict(_numbers(numbering))
    for paragraph in list(body.iter("{*}p")):
        properties = paragraph.find("{*}pPr")
        if properties is None and styles.paragraph is None:
            continue
        number, depth = _membership(properties, styles, numbers)
        if number is None or depth not in number.levels or _is_gone(paragraph, properties):
            continue
        text = _mark(number, depth)
        if text.strip():
            run = _run(paragraph, number.levels[depth], properties, text)
            paragraph.insert(0 if properties is None else list(paragraph).index(properties) + 1, run)


def _numbers(numbering: etree._Element) -> Iterator[tuple[str, _Number]]:
    """The lists by their ids; those of one definition count on together."""
    kinds = {attribute(kind, "abstractNumId") or "": kind for kind in numbering.iterfind("{*}abstractNum")}
    counters: dict[str, dict[int, int]] = {}
    for element in numbering.iterfind("{*}num"):
        kind = value(element, "{*}abstractNumId") or ""
        if kind not in kinds:
            continue
        levels = {_int(attribute(level, "ilvl")): level for level in kinds[kind].iterfind("{*}lvl")}
        starts = {}
        for override in element.iterfind("{*}lvlOverride"):
            depth = _int(attribute(override, "ilvl"))
            own = override.find("{*}lvl")
            if own is not None:
                levels[depth] = own
            if (start := value(override, "{*}startOverride")) is not None:
                starts[depth] = _int(start)
        yield attribute(element, "numId") or "", _Number(counters.setdefault(kind, {}), levels, starts)


def _membership(
    properties: etree._Element | None, styles: Styles, numbers: dict[str, _Number]
) -> tuple[_Number | None, int]:
    """The list of a paragraph and its depth there, by its own properties and those of its styles."""
    number, depth = value(properties, "{*}numPr/{*}numId"), value(properties, "{*}numPr/{*}ilvl")
    style: str | None = value(properties, "{*}pStyle") or styles.paragraph
    seen: set[str] = set()
    while style in styles.styles and style not in seen and (number is None or depth is None):
        seen.add(style)
        element = styles.styles[style]
        of_style = value(element, "{*}pPr/{*}numPr/{*}numId")
        if number is None and of_style is not None:
            number = of_style
            linked = [d for d, lvl in _levels(numbers.get(number)) if value(lvl, "{*}pStyle") in seen]
            depth = str(linked[0]) if linked and depth is None else depth
        if depth is None:
            depth = value(element, "{*}pPr/{*}numPr/{*}ilvl")
        style = value(element, "{*}basedOn")
    return numbers.get(number or ""), _int(depth)


def _levels(number: _Number | None) -> list[tuple[int, etree._Element]]:
    return list(number.levels.items()) if number is not None else []


def _is_gone(paragraph: etree._Element, properties: etree._Element | None) -> bool:
    """Whether a paragraph or the row that it stands in is deleted or hidden, so that it is not counted."""
    mark = properties.find("{*}rPr") if properties is not None else None
    if mark is not None and mark.find("{*}del") is not None:
        return True
    if mark is not None and value(mark, "{*}vanish") not in (None, *_OFF):
        return True
    return any(row.find("{*}trPr/{*}del") is not None for row in paragraph.iterancestors("{*}tr"))


def _mark(number: _Number, depth: int) -> str:
    """The mark of the next paragraph of a list, with what stands between it and the text."""
    counters = number.counters
    if depth in number.starts:
        counters[depth] = number.starts.pop(depth)
    elif depth in counters:
        counters[depth] += 1
    else:
        counters[depth] = _start(number, depth)
    for below in [d for d in counters if d > depth]:
        restart = value(number.levels.get(below), "{*}lvlRestart")
        if restart is None or (restart != "0" and depth < _int(restart)):
            del counters[below]
    level = number.levels[depth]
    legal = value(level, "{*}isLgl") not in (None, *_OFF)

    def numeral(match: re.Match[str]) -> str:
        of = int(match[1]) - 1
        form = value(number.levels.get(of), "{*}numFmt") or "decimal"
        counted = counters.setdefault(of, _start(number, of)) if of < depth else counters.get(of, 0)
        return _numeral(counted, "decimal" if legal else form)

    text = _LEVEL.sub(numeral, value(level, "{*}lvlText") or "")
    return text + _AFTER.get(value(level, "{*}suff") or "tab", "\t") if text else ""


def _start(number: _Number, depth: int) -> int:
    return _int(value(number.levels.get(depth), "{*}start"))


def _numeral(number: int, form: str) -> str:
    """A number as a format of Word writes it; UNKNOWN where that is not known."""
    if form in ("decimal", "decimalHalfWidth", "decimalFullWidth"):
        return str(number)
    if form == "decimalZero":
        return f"{number:02}"
    if form == "none":
        return ""
    if form in ("lowerLetter", "upperLetter") and 1 <= number <= 26:
        return chr(ord("a" if form == "lowerLetter" else "A") + number - 1)
    if form in ("lowerRoman", "upperRoman") and 1 <= number < 40:
        text = ""
        for worth, sign in _ROMAN:
            text += sign * (number // worth)
            number %= worth
        return text if form == "lowerRoman" else text.upper()
    if form in _TO_NINETY_NINE and 1 <= number <= 99:
        tens, ones = divmod(number, 10)
        return (_CHINESE[tens] if tens > 1 else "") + ("十" if tens else "") + (_CHINESE[ones] if ones else "")
    if form.startswith("decimalEnclosedCircle") and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    return UNKNOWN


def _run(
    paragraph: etree._Element, level: etree._Element, properties: etree._Element | None, text: str
) -> etree._Element:
    """A run with the look of the paragraph's end, and of the level where that states another."""
    space = str(paragraph.tag).rpartition("}")[0] + "}"
    run = etree.Element(f"{space}r")
    look = etree.SubElement(run, f"{space}rPr")
    for source in (properties.find("{*}rPr") if properties is not None else None, level.find("{*}rPr")):
        look.extend(copy.deepcopy(child) for child in (source if source is not None else ()) if local(child) != "del")
    written = etree.SubElement(run, f"{space}t")
    written.text = text
    return run


def _int(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else 0
