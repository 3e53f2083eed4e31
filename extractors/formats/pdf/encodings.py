"""Fonts whose two accounts of their digits contradict each other: the names of the glyphs, and the ToUnicode map.

Here: the fonts of a document of which figures cannot be trusted. Not here: characters without any account of them.
Readers of text go by the map, the page shows the glyph.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pdfminer.cmapdb import CMapParser, FileUnicodeMap
from pdfminer.encodingdb import name2unicode
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psparser import PSException, PSLiteral

_SURPRISES = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, RecursionError, PSException)
_MOST = 100_000
"""Objects that are looked at."""


def contradicting_fonts(data: bytes) -> frozenset[str]:
    """The names of fonts in which a glyph named as a digit is mapped to another character."""
    try:
        document = PDFDocument(PDFParser(io.BytesIO(data)))
        return frozenset(str(_name(font)) for font in _fonts(document) if _contradicts(font))
    except _SURPRISES:
        return frozenset()


def _fonts(document: PDFDocument) -> Iterator[dict[str, Any]]:
    numbers = sorted({number for xref in document.xrefs for number in xref.get_objids()})
    for number in numbers[:_MOST]:
        try:
            entries = resolve1(document.getobj(number))
        except _SURPRISES:
            continue
        if isinstance(entries, dict) and "ToUnicode" in entries and "Encoding" in entries:
            yield entries


def _name(font: dict[str, Any]) -> str:
    name = resolve1(font.get("BaseFont"))
    return name.name if isinstance(name, PSLiteral) and isinstance(name.name, str) else ""


def _contradicts(font: dict[str, Any]) -> bool:
    encoding, stream = resolve1(font["Encoding"]), resolve1(font["ToUnicode"])
    if not isinstance(encoding, dict) or not isinstance(stream, PDFStream):
        return False
    mapped = FileUnicodeMap()
    CMapParser(mapped, io.BytesIO(stream.get_data())).run()
    code = 0
    for entry in resolve1(encoding.get("Differences")) or ():
        if isinstance(entry, int):
            code = entry
            continue
        if isinstance(entry, PSLiteral) and isinstance(entry.name, str) and _is_another(entry.name, mapped, code):
            return True
        code += 1
    return False


def _is_another(name: str, mapped: FileUnicodeMap, code: int) -> bool:
    """Whether the map gives another character to a code whose glyph is named as a digit."""
    try:
        named, said = name2unicode(name), mapped.get_unichr(code)
    except KeyError:
        return False
    return named != said and (named.isdecimal() or said.isdecimal())
