"""The characters of a page by the text objects that print them, as pdfium holds them.

Here: which object a character is of, its matrix and size. Not here: boxes (pdfium.py), whether it is seen (shown.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import pypdfium2.raw as pdfium

from extractors.formats.pdf import calls
from extractors.formats.pdf.calls import Handle, handle
from extractors.formats.pdf.page_content import Bools, Floats, Ints, changes

_MOST_MARKS = 16
"""Marks of one text object; more are not looked at, and the object is not trusted."""


@dataclass(slots=True)
class Runs:
    """The characters that text objects print, by object.

    `texts` (n) and `places` (n), each character's index in the text page; `firsts` (r): where the next object's begin,
    `objects` (r): its address, `handles` (r), `run` (n): which it is. `replaced` (r): the text is an ActualText, given
    by the document in place of what the font says. `matrix` (r, 6) and `size` (r): of each object's first character, in
    user space.
    """

    texts: list[str]
    places: list[int]
    run: Ints
    firsts: Ints
    objects: list[int]
    handles: list[Handle]
    replaced: Bools
    matrix: Floats
    size: Floats


def runs_of(text_page: Handle, text: str) -> Runs:
    """The runs of a text page; `text`: its characters."""
    owners = np.fromiter(map(calls.text_object, repeat(text_page), range(len(text))), np.int64, len(text))
    printed = owners.nonzero()[0]  # without the blanks that pdfium puts in gaps
    places = printed.tolist()
    objects = owners[printed]
    first = changes(objects)
    firsts = first.nonzero()[0]
    addresses = objects[firsts].tolist()
    handles = list(map(handle, addresses))
    starts = list(map(places.__getitem__, firsts.tolist()))
    matrix = calls.rows(calls.char_matrix, repeat(text_page), starts, of=len(starts), as_="6f4")
    size = np.fromiter(map(calls.font_size, repeat(text_page), starts), float, len(starts))
    texts = list(map(text.__getitem__, places))
    return Runs(texts, places, first.cumsum() - 1, firsts, addresses, handles, _replaced(handles), matrix, size)


def _replaced(texts: Sequence[Handle]) -> Bools:
    """Which text objects are marked with an ActualText, which pdfium gives instead of their characters."""
    counts = np.fromiter(map(calls.mark_count, texts), np.int64, len(texts))
    replaced: Bools = counts > _MOST_MARKS
    for n in range(min(int(counts.max(initial=0)), _MOST_MARKS)):
        marked = np.flatnonzero(counts > n).tolist()
        marks = list(map(calls.mark_of, map(texts.__getitem__, marked), repeat(calls.index(n))))
        says = {m: calls.mark_value_kind(handle(m), b"ActualText") != pdfium.FPDF_OBJECT_UNKNOWN for m in set(marks)}
        replaced[marked] |= np.fromiter(map(says.__getitem__, marks), bool, len(marks))
    return replaced
