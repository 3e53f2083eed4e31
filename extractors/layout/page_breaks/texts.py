"""Two texts, above and below a page break, that cannot be a text each.

Here: what the texts alone say. Not here: the cells and rows that they stand in (rows, cells).
"""

from __future__ import annotations

import re

from extractors.layout.cell_words import words_of
from extractors.layout.page_breaks.model import Evidence, glued
from extractors.readings.printed import is_figure
from extractors.readings.units import unit_of
from extractors.vocabulary import bare_text

_NO_BEGINNING = re.compile(r"[,.]\d|[，。、;:)》”]\S*[\u4e00-\u9fff]")
_OPEN_NUMBER = re.compile(r"(?:\d{2}[.,]|\d,\d{0,2})$")
_OPEN_YEAR = re.compile(r"(?:19|20)\d\d$")
_NO_NUMBER = re.compile(r"0[\d,]")
"""How no figure begins."""
_NO_QUANTITY = re.compile(r"0\d[\d,.]*[^\d,.年月日时点:/-]")
"""How no quantity with its unit begins; days and months may."""
_NUMBER_OF_INDICATOR = re.compile(r"\d{1,2}[:.、]")
_NUMBER_ALONE = re.compile(r"指标\d{1,2}[:.、]?|\(\d{1,2}\)|\d{1,2}[.、:]")


def broken_number(begun: str, rest: str) -> bool:
    """Whether two texts are an amount or a rate together and not each of them."""
    broken = not is_figure(begun) or not is_figure(rest) or rest[0] in ".,"
    broken = broken or _NO_NUMBER.match(rest) is not None
    return is_figure(glued(begun, rest)) and begun[-1].isdigit() and rest[0] in "0123456789.," and broken


def open_number(begun: str, rest: str) -> bool:
    """Whether a number has no end before a digit, or no unit before one."""
    above, below = bare_text(begun), bare_text(rest)
    digits = _OPEN_NUMBER.search(above) is not None and below[:1].isdigit()
    return digits or (above[-1:].isdigit() and unit_of(below) is not None)


def no_quantity(begun: str, rest: str) -> bool:
    """Whether a text after a digit begins as no quantity does."""
    return bare_text(begun)[-1:].isdigit() and _NO_QUANTITY.match(bare_text(rest)) is not None


def open_year(begun: str, rest: str) -> bool:
    """Whether the word 年 follows the number of a year."""
    return _OPEN_YEAR.search(bare_text(begun)) is not None and bare_text(rest).startswith("年")


def number_alone(begun: str, rest: str) -> bool:
    """Whether the number of an indicator is parted from its name, or from the word before it."""
    above, below = bare_text(begun), bare_text(rest)
    if above == "指标" and _NUMBER_OF_INDICATOR.match(below):
        return True
    return _NUMBER_ALONE.fullmatch(above) is not None and not words_of(below).is_numbered


def no_beginning(begun: str, rest: str) -> bool:
    """Whether a text begins with a mark with which none begins."""
    return _NO_BEGINNING.match(bare_text(rest)) is not None


def open_bracket(begun: str, rest: str) -> bool:
    """Whether a bracket opens in one text and closes in the other."""
    above, below = bare_text(begun), bare_text(rest)
    return above.count("(") > above.count(")") and below.count(")") > below.count("(")


TORN = (
    Evidence("broken_number", "a number only together: 1,371,0 | 00.00", broken_number),
    Evidence("open_number", "a number without its end or its unit: 548. | 2万元, ≥12.5 | 公里", open_number),
    Evidence("no_quantity", "no quantity begins so: =1 | 00%", no_quantity),
    Evidence("number_alone", "the number of an indicator without its name: 指标2： | 参训人次", number_alone),
    Evidence("open_year", "a year without the word: 2023 | 年12月", open_year),
    Evidence("no_beginning", "no text begins so: 统筹 | ，今后加强", no_beginning),
    Evidence("open_bracket", "a bracket closes below the break: （含税 | ）", open_bracket),
)
