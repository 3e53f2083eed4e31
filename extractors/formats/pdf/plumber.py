"""The reference engine: the ink of a PDF page from pdfplumber.

Here: pdfplumber's objects as PageContent, and what pdfminer raises. Not here: when this engine reads a page (document).
Imported only for such a page.
"""

from __future__ import annotations

import io
import logging
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any

import numpy as np
import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfminer.psparser import PSException
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from extractors.codes import ReasonCode
from extractors.formats.clean import clean_text
from extractors.formats.pdf.page_content import (
    LOST,
    Frame,
    Hidden,
    Ints,
    PageContent,
    Subpath,
    em_boxes,
    glyphs_shown,
    rules_of,
    thousandths,
    turn_of,
)
from extractors.formats.pdf.symbols import symbol
from extractors.grid import Unreadable

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # one warning per font without a box

_NEAR = 1.5
"""Points within which both engines find the origin of a character."""

# What pdfminer and pdfplumber let through on broken objects (a name where a number should be, a missing key, ...).
_SURPRISES = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, ArithmeticError, zlib.error)


class Plumber:
    """A document that pdfplumber has opened. All methods raise Unreadable: ENCRYPTED, TOO_DEEP or CORRUPT."""

    def __init__(self, data: bytes) -> None:
        with _unwrapped():
            document = pdfplumber.open(io.BytesIO(data))  # closing it would build every page once more
            self._pages = {page.page_number: page for page in document.pages}

    def read_ink(
        self, number: int, hidden: Sequence[Hidden] = (), cut: Sequence[Hidden] = (), doubtful: Set[str] = frozenset()
    ) -> PageContent:
        """The ink of a page (1-based) without `hidden` characters, LOST for `cut` ones.

        `hidden`, `cut`: characters with their origin in user space. `doubtful`: fonts whose digits are not trusted. A
        character without a Unicode value is LOST.
        """
        page = self._pages.get(number)
        if page is None:
            raise Unreadable(ReasonCode.CORRUPT, f"第 {number} 页已损坏，无法读取，请重新导出。")
        try:
            with _unwrapped():
                return _ink(page, hidden, cut, doubtful)
        finally:
            page.close()


def _ink(page: Page, hidden: Sequence[Hidden], cut: Sequence[Hidden], doubtful: Set[str]) -> PageContent:
    frame = _frame(page)
    texts = [LOST if c["text"].startswith("(cid:") else symbol(c["text"], c["fontname"], doubtful) for c in page.chars]
    boxes, turns = _boxes(page.chars, float(page.bbox[0]), float(page.height))
    if hidden:
        turns[_found(page, frame, hidden)] = -1
    for n in _found(page, frame, cut) if cut else ():
        texts[n] = LOST
    texts, boxes, turns, outside = glyphs_shown(texts, boxes, turns, frame)
    return PageContent(texts, boxes, turns, *rules_of(_subpaths(page), frame), outside)


def _found(page: Page, frame: Frame, characters: Sequence[Hidden]) -> list[int]:
    """The page's characters that print the same within a point or two of these, each for one of them."""
    origins = frame.show(np.array([(x, y) for _, x, y in characters]))
    texts = [text for text, _, _ in characters]
    height = float(page.height)
    at = defaultdict(list)
    for i, c in enumerate(page.chars):
        at[clean_text(c["text"])].append((c["matrix"][4], height - c["matrix"][5], i))
    found = []
    for text, (x, y) in zip(texts, origins.tolist(), strict=True):
        own = at.get(clean_text(text), [])
        nearest = min(own, key=lambda o: abs(o[0] - x) + abs(o[1] - y), default=None)
        if nearest and abs(nearest[0] - x) <= _NEAR and abs(nearest[1] - y) <= _NEAR:
            own.remove(nearest)
            found.append(nearest[2])
    return found


def _frame(page: Page) -> Frame:
    own = page.page_obj
    media, crop = (tuple(float(v) for v in box) for box in (own.mediabox, own.cropbox))
    ordered = [(min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])) for b in (media, crop)]
    return Frame(ordered[0], ordered[1], own.rotate if own.rotate in (90, 180, 270) else 0)


def _boxes(chars: list[dict[str, Any]], left: float, height: float) -> tuple[Ints, Ints]:
    """The boxes and turns of pdfplumber's characters."""
    matrix = np.array([c["matrix"] for c in chars], float).reshape(-1, 6) * (1, -1, 1, -1, 1, -1)
    x0, y0, x1, y1, advance = np.array([(c["x0"], c["y0"], c["x1"], c["y1"], c["adv"]) for c in chars]).reshape(-1, 5).T
    matrix[:, 5] += height
    x0, x1 = x0 - left, x1 - left  # of all that is measured from the media box, pdfplumber moves these two
    turns = turn_of(matrix)
    level = (turns == 0) | (turns == 180)
    a, b, c, d, e, f = matrix.T
    em = np.where(level, y1 - y0 - abs(b * advance), x1 - x0 - abs(a * advance))
    start, along = np.where(level, e, f), np.where(level, a, b) * advance
    rise = em * np.sign(np.where(level, d, c))
    boxes = em_boxes(start, start + along, np.where(level, f, e), rise, level)
    downwards = level & (c == 0) & (abs(np.minimum(start, start + along) - x0) > 0.05)  # written from top to bottom
    own = thousandths(np.stack((x0, height - y1, x1, height - y0), axis=1))
    return np.where(downwards[:, None], own, boxes), turns


def _subpaths(page: Page) -> Iterator[Subpath]:
    left, top = float(page.bbox[0]), float(page.bbox[1])
    objects = [*page.lines, *page.curves, *page.rects]
    corners = [o["pts"] for o in page.lines + page.curves] + [[*o["pts"], o["pts"][0]] for o in page.rects]
    points = thousandths(np.array([c for own in corners for c in own], float).reshape(-1, 2) - (left, top)).tolist()
    end = 0
    for o, own in zip(objects, corners, strict=True):
        start, end = end, end + len(own)
        bare = bool(o["fill"]) and not o["stroke"]
        yield Subpath(points[start:end], bare, _is_white(o["non_stroking_color"]))


def _is_white(color: Any) -> bool:
    channels = color if isinstance(color, tuple | list) else (color,)
    return len(channels) in (1, 3) and all(isinstance(c, int | float) and c >= 0.99 for c in channels)


@contextmanager
def _unwrapped() -> Iterator[None]:
    """Turn what pdfminer raises, however wrapped, into Unreadable; running out of memory stays what it is."""
    try:
        yield
    except (
        PdfminerException,
        MalformedPDFException,
        PSException,
        PDFSyntaxError,
        RecursionError,
        *_SURPRISES,
    ) as error:
        cause: BaseException = error
        while isinstance(cause, PdfminerException) and cause.args and isinstance(cause.args[0], BaseException):
            cause = cause.args[0]
        if isinstance(cause, MemoryError | Unreadable):
            raise cause from error
        if isinstance(cause, RecursionError):
            raise Unreadable(ReasonCode.TOO_DEEP, "PDF 的内部结构嵌套过深，请重新导出。") from error
        if isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError):
            raise Unreadable(ReasonCode.ENCRYPTED, "PDF 有打开密码，请去掉密码后再放入。") from error
        raise Unreadable(ReasonCode.CORRUPT, "PDF 文件已损坏，请重新导出。") from error
