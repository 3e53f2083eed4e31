"""PDF documents: what may be opened, which pages are read by which engine, and what cannot be read.

Here: the checks before the parsers, the loop over the pages, the fallback. Not here: the look at a page (pdf_look.py),
the engines (pdf_pdfium.py, pdf_plumber.py), how a page becomes grids (pdf_page.py).
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from extractors.codes import ProblemCode, ReasonCode
from extractors.errors import PicturesAhead
from extractors.formats.limits import Limits, Pictures
from extractors.formats.pdf.marks import unmarked
from extractors.formats.pdf.page_content import LOST, POINT, Frame, LeftOut, PageContent, left_out
from extractors.formats.pdf.page_grids import grids_of
from extractors.formats.pdf.pdfium import Doubt, frame_of, read_ink, runs_leftwards, seen_frame, unseen_characters
from extractors.formats.pdf.preview import GARBLED, NOTHING, OpenPage, PagePreview
from extractors.formats.pdf.wide import JoinedPages
from extractors.formats.picture.reading import ENGINE, NOT_INSTALLED, PictureReader, are_read, unread_because
from extractors.grid import Place, Problem, Sheets, Unreadable

if TYPE_CHECKING:
    from extractors.formats.pdf.plumber import Plumber

_MOST_TOLD = 20
"""Places of one page with text that is not read; where there are more, the page is told as a whole."""
_SURPRISES = (ValueError, TypeError, LookupError, ArithmeticError)
"""What a page that pdfium holds in an unforeseen way may bring about while it is read."""
_FEW_PAGES = 3
"""Documents this short are read whole."""
_TOGETHER = 4
"""Pages whose ink waits to become grids together: the work of pdfium and this push each other out of the cache."""


def read_pdf(data: bytes, limits: Limits, *, reference: bool = False) -> Sheets:
    """The grids of the pages that can hold forms; every grid lies on one page.

    Pages are read by pdfium, and by pdfplumber where pdfium is in doubt, or always as the `reference`.
    Raises Unreadable with ENCRYPTED, TRUNCATED, CORRUPT, TOO_MANY_PAGES, TOO_DEEP, BOMB, GARBLED or NO_TEXT. Pages that
    hold only pictures, or text without meaning, are problems of the result as long as another page can be read.
    """
    _check_bytes(data, limits)
    reading = _Reading(data, limits, reference)
    try:
        reading.read_pages()
    finally:
        reading.close()
    result = reading.result
    if not result.grids and not reading.other_text:
        _raise_nothing_read(result.problems)
    result.grids.sort(key=lambda grid: grid.page or 0)
    result.problems.sort(key=lambda p: p.place.page or 0)
    return result


class _Reading:
    """One document while it is read, page by page."""

    def __init__(self, data: bytes, limits: Limits, reference: bool) -> None:
        self._data = data
        self._limits = limits
        self._document = _opened(data)
        self._plumber: Plumber | None = None
        streams = list(_object_streams(data))
        self._layered = any(b"/OCProperties" in part for part in (data, *streams))  # optional content, which may be off
        self._doubtful = _doubtful_fonts(data, streams)
        self._always = "asked for" if reference else "right to left" if runs_leftwards(self._document) else None
        self._waiting: list[JoinedPages] = []
        self._cut: list[tuple[int, LeftOut]] = []  # what clipping paths hide, by page
        self._pictures = PictureReader(limits) if _may_hold_pictures(data) and are_read(limits) else None
        self.result = Sheets("pdf", [], len(self._document))
        self.other_text = False  # some page has readable text that is no form's

    def close(self) -> None:
        """Let go of the document."""
        self._document.close()

    def read_pages(self) -> None:
        """PagePreview at every page, read those that can hold forms."""
        count = len(self._document)
        if count > self._limits.max_pages:
            message = f"PDF 有 {count} 页，超过 {self._limits.max_pages} 页，请只保留绩效表的部分。"
            raise Unreadable(ReasonCode.TOO_MANY_PAGES, message)
        if count == 0:
            raise Unreadable(ReasonCode.CORRUPT, "PDF 文件里没有页，请重新导出。")
        looks: dict[int, PagePreview] = {}
        read: set[int] = set()
        for number in range(1, count + 1):
            with self._page(number) as page:
                look = looks[number] = page.look(sampled=count > _FEW_PAGES) if page else NOTHING
                if page and self._pictures and page.is_picture(look):
                    looks[number] = replace(look, picture=True)
                    if self._read_picture(page):
                        continue
                elif look.picture:
                    message = f"第 {number} 页{NOT_INSTALLED}"
                    self.result.problems.append(Problem(ReasonCode.NO_TEXT, message, place=Place(page=number)))
                if page and _is_wanted(look, page, count, number - 1 in read):
                    read.add(number)
                    self._read_page(page, look)
        for number in range(count - 1, 0, -1):  # a head may stand on several pages
            if number not in read and number + 1 in read and looks[number].may_begin and count > _FEW_PAGES:
                with self._page(number) as page:
                    if page and page.ruled():
                        read.add(number)
                        self._read_page(page, looks[number])
        self._make_grids()
        ruled = {grid.page for grid in self.result.grids if grid.ruled}
        for number in sorted(read - ruled - {page for spread in self.result.spreads for page in spread.pages}):
            if looks[number].holds_form:
                message = (
                    f"第 {number} 页有绩效表的栏目，但没有成格的表格线，没有读成表，请提供有边框的 PDF、Word 或 Excel。"
                )
                self.result.problems.append(
                    Problem(ReasonCode.FORM_NOT_READ, message, "error", place=Place(page=number))
                )
        for number in sorted({number for number, _ in self._cut}):
            others = [look.text for n, look in looks.items() if n != number]
            # a text across the edge of a page is on both, and each shows its part
            parts = [p for n, p in self._cut if n == number and not any(p.clipped in text for text in others)]
            self.result.problems.extend(_left_out_problems(number, parts))
        self.other_text = any(look.readable and look.lost < GARBLED and n not in read for n, look in looks.items())

    @contextmanager
    def _page(self, number: int) -> Iterator[OpenPage | None]:
        """A page, open; None if it cannot be opened."""
        try:
            page = OpenPage(self._document, number, self._limits.max_page_objects)
        except pypdfium2.PdfiumError:
            yield None
            return
        try:
            yield page
        finally:
            page.close()

    def _read_page(self, page: OpenPage, look: PagePreview) -> None:
        try:
            ink = self._ink(page)
        except Unreadable as error:
            if error.reason_code != ReasonCode.CORRUPT:
                raise
            message = f"第 {page.number} 页已损坏，无法读取，请重新导出。"
            self.result.problems.append(Problem(ReasonCode.CORRUPT, message, "error", place=Place(page=page.number)))
            return
        by_pdfium = self.result.read_by[page.number] == "pdfium"  # which is in doubt of any character that is lost
        lost = ink.lost_share() if by_pdfium else max(ink.lost_share(), page.lost_share(look.text))
        if lost and self._doubtful and lost < GARBLED:
            self.result.problems.extend(_doubtful_problems(page.number, ink))
        elif lost:
            self.result.problems.append(_lost_problem(page.number, lost))
        if lost < GARBLED:
            if page.notes:
                self.result.problems.extend(_note_problems(page, seen_frame(page.raw, self._data)))
            ink = unmarked(ink)
            if ink.left_out:
                self._cut += [(page.number, part) for part in ink.left_out if part.clipped]
                parts = [part for part in ink.left_out if not part.clipped]
                self.result.problems.extend(_left_out_problems(page.number, parts))
            last = self._waiting[-1] if self._waiting else None
            if last and last.number + len(last.starts) + 1 == page.number and last.add(ink):
                return
            if len(self._waiting) == _TOGETHER:
                self._make_grids()
            self._waiting.append(JoinedPages(page.number, ink, []))

    def _read_picture(self, page: OpenPage) -> bool:
        """Read a page that is a picture; False where it holds nothing, which is told."""
        assert self._pictures is not None
        if self._limits.pictures is Pictures.DEFER:
            raise PicturesAhead(self._count_pictures(page.number))
        self._make_grids()
        picture, scale = page.painted(self._limits.max_pixels)
        left, top, _, _ = (side / POINT for side in seen_frame(page.raw, self._data).shown)
        found = self._pictures.read(picture, page.number)
        if isinstance(found, Problem):
            self.result.problems.append(found)
            return False
        content, way = found
        self.result.grids.extend(grids_of(content, page.number))
        self.result.read_by[page.number] = ENGINE
        self.result.straightened.append(way.scaled(1 / scale, left, top))
        return True

    def _count_pictures(self, first: int) -> int:
        """How many pages are pictures, this one the first."""
        count = 1
        for number in range(first + 1, len(self._document) + 1):
            with self._page(number) as page:
                count += page is not None and page.is_picture(page.look(sampled=False))
        return min(count, self._limits.max_pictures)

    def _make_grids(self) -> None:
        for joined in self._waiting:
            self.result.grids.extend(grids_of(joined.ink, joined.number))
            if joined.starts:
                self.result.spreads.append(joined.spread())
        self._waiting.clear()

    def _ink(self, page: OpenPage) -> PageContent:
        """What is on the page; which engine read it, and why not the fast one, is kept in the result."""
        most = self._limits.max_page_objects
        doubt = self._always
        if doubt is None:
            try:
                frame = frame_of(page.raw, self._data)
                ink = read_ink(page, frame, most, layered=self._layered, doubtful=self._doubtful)
            except (Doubt, pypdfium2.PdfiumError, *_SURPRISES) as error:
                doubt = str(error) if isinstance(error, Doubt) else type(error).__name__
            else:
                self.result.read_by[page.number] = "pdfium"
                return ink
        self.result.read_by[page.number] = f"pdfplumber: {doubt}"
        if self._plumber is None or page.notes is not None:
            from extractors.formats.pdf.plumber import Plumber

            self._plumber = Plumber(self._data if page.notes is None else self._repainted())
        hidden, cut, left_out = unseen_characters(page, seen_frame(page.raw, self._data), most, layered=self._layered)
        reference = self._plumber.read_ink(page.number, hidden, cut, self._doubtful)
        reference.left_out += left_out
        if len(reference.level) + len(reference.upright) > most:
            raise Unreadable(ReasonCode.BOMB, f"第 {page.number} 页的图形多得不正常，请重新导出。")
        return reference

    def _repainted(self) -> bytes:
        """The document with the fields and comments that are painted into its pages."""
        buffer = io.BytesIO()
        self._document.save(buffer)
        return buffer.getvalue()


def _may_hold_pictures(data: bytes) -> bool:
    """Whether any image stands in the file: the dictionary of one is never compressed."""
    return b"/Image" in data


def _is_wanted(look: PagePreview, page: OpenPage, count: int, goes_on: bool) -> bool:
    """Whether the page can hold a form; a page in doubt is kept. `goes_on`: the page before is read."""
    if count <= _FEW_PAGES:
        return look.readable
    return look.announces_form or (goes_on and look.may_go_on and page.ruled())


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if b"/Encrypt" not in data:  # never within a compressed stream; pdfium blames a password for some damages
            raise Unreadable(ReasonCode.CORRUPT, "PDF 文件已损坏，请重新导出。") from error
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable(ReasonCode.ENCRYPTED, "PDF 有打开密码，请去掉密码后再放入。") from error
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            raise Unreadable(ReasonCode.ENCRYPTED, "PDF 用了不支持的加密方式，请去掉加密后再放入。") from error
        raise Unreadable(ReasonCode.CORRUPT, "PDF 文件已损坏，请重新导出。") from error


def _lost_problem(number: int, lost: float) -> Problem:
    if lost >= GARBLED:
        message = f"第 {number} 页的文字没有字符编码，读出来是乱码，请用原文件重新导出 PDF。"
        return Problem(ReasonCode.GARBLED, message, "error", place=Place(page=number))
    message = f"第 {number} 页有个别字符没有字符编码（以�代替），请核对。"
    return Problem(ReasonCode.GARBLED, message, place=Place(page=number))


def _doubtful_problems(number: int, ink: PageContent) -> Iterator[Problem]:
    """Where figures stand that are printed in a font that contradicts itself."""
    own = np.array([LOST in text for text in ink.texts], bool)
    parts = left_out(ReasonCode.GARBLED, ink.boxes[own])
    message = f"第 {number} 页有数字的字体编码自相矛盾，复制出来的与看到的可能不同（以�代替），请核对。"
    for part in parts if len(parts) <= _MOST_TOLD else ():
        yield Problem(ReasonCode.GARBLED, message, place=_place(number, *(side / POINT for side in part.box)))
    if len(parts) > _MOST_TOLD:
        yield Problem(ReasonCode.GARBLED, message, place=Place(page=number))


_FIGURE = re.compile(r"[\d.,%\s]*\d[\d.,%\s]*")
"""What stands at an angle and may be a value."""
_LEFT_OUT = {
    ProblemCode.HIDDEN_CONTENT: "有看不见的文字（隐藏、透明、与底色相同、压扁、反转或在页面之外），没有读入，请核对",
    ProblemCode.COVERED_TEXT: "有被遮盖的文字，没有读入，请核对",
    ProblemCode.MARKED_TEXT: "有划掉的文字或右上角的注释标记，没有读入数值，请核对",
    ProblemCode.TWO_VALUES: "有两处文字印在一起，其中的数字分不清（以�代替），请核对",
}


def _left_out_problems(number: int, parts: Sequence[LeftOut]) -> Iterator[Problem]:
    """What of a page was not read: a row for each place, or one for the page where there are many."""
    for part in parts:
        if part.code == ProblemCode.STAMPED_TEXT:
            message = f"第 {number} 页有印章、水印一类的文字「{part.text[:60]}」，不属于表格，没有读入。"
            severity = "warning" if _FIGURE.fullmatch(part.text) else "info"
            yield Problem(part.code, message, severity, part.text[:200], Place(page=number))
    for code, what in _LEFT_OUT.items():
        own = [part for part in parts if part.code == code]
        if len(own) > _MOST_TOLD:
            yield Problem(code, f"第 {number} 页{what}（{len(own)} 处）。", place=Place(page=number))
            continue
        for part in own:
            x0, top, x1, bottom = (side / POINT for side in part.box)
            yield Problem(
                code, f"第 {number} 页{what}。", text=part.text or None, place=_place(number, x0, top, x1, bottom)
            )


def _place(number: int, x0: float, top: float, x1: float, bottom: float) -> Place:
    """A place whose box is its address, too: the table of problems has the page and an address."""
    return Place(number, x0, top, x1, bottom, f"{x0:.2f},{top:.2f},{x1:.2f},{bottom:.2f}")


def _note_problems(page: OpenPage, frame: Frame) -> Iterator[Problem]:
    """The fields and comments of a page: those that are read as one row, the others each."""
    notes = page.notes or []
    if read := sum(note.read for note in notes):
        message = f"第 {page.number} 页有 {read} 处填在表单域或批注里的文字，已按页面显示读入。"
        yield Problem(ProblemCode.FORM_FIELD, message, "info", place=Place(page=page.number))
    for note in [note for note in notes if not note.read][:_MOST_TOLD]:
        corners = frame.show(np.array(note.box).reshape(2, 2))
        (x0, top), (x1, bottom) = np.round((corners.min(axis=0), corners.max(axis=0)), 2).tolist()
        message = f"第 {page.number} 页有批注或表单域的内容没有读入，请核对。"
        yield Problem(ProblemCode.FORM_FIELD, message, text=note.text, place=_place(page.number, x0, top, x1, bottom))


def _raise_nothing_read(problems: list[Problem]) -> None:
    codes = {p.code for p in problems}
    if ReasonCode.CORRUPT in codes:
        raise Unreadable(ReasonCode.CORRUPT, "PDF 文件已损坏，请重新导出。")
    if ReasonCode.GARBLED in codes:
        raise Unreadable(ReasonCode.GARBLED, "文字没有字符编码，读出来是乱码，请用原文件重新导出 PDF 或提供 Excel。")
    told = [p.message for p in problems if p.code == ReasonCode.NO_TEXT]
    if told:
        raise Unreadable(
            ReasonCode.NO_TEXT, f"文件{NOT_INSTALLED if NOT_INSTALLED in told[0] else unread_because(told)}"
        )
    raise Unreadable(ReasonCode.NO_TEXT, "文件里没有可读的文字，请提供文字版的 PDF、Word 或 Excel。")


# --- before any parser


def _doubtful_fonts(data: bytes, streams: Sequence[bytes]) -> Set[str]:
    """The fonts whose digits are not trusted; none is looked at where none has a map. `streams`: object streams."""
    if b"/ToUnicode" not in data and not any(b"/ToUnicode" in part for part in streams):
        return frozenset()
    from extractors.formats.pdf.encodings import contradicting_fonts

    return contradicting_fonts(data, streams)


def _object_streams(data: bytes) -> Iterator[bytes]:
    """What the file's object streams hold: its catalogue and fonts may stand there."""
    position = 0
    while (position := data.find(b"/ObjStm", position + 1)) >= 0:
        found = _STREAM.search(data, position)
        if found is not None:
            with suppress(zlib.error):
                yield zlib.decompressobj().decompress(data[found.end() :], _MOST_OBJECTS)


_MOST_OBJECTS = 1 << 20
"""Bytes of an object stream that are looked at."""
_STREAM = re.compile(rb"stream\r?\n")
_LENGTHY = 24 * 1024
"""Deflate packs at most 1032 to 1: a shorter stream, deflated once, cannot inflate beyond the cap on operators."""


def _check_bytes(data: bytes, limits: Limits) -> None:
    """Raise for a file that was cut off, and for a page content that inflates beyond reason."""
    end = data.rfind(b"%%EOF")
    if end < 0 or re.search(rb"\d+ \d+ obj\b", data[end:]) is not None:
        if data.find(b" obj") < 0 and end < 0:
            raise Unreadable(ReasonCode.CORRUPT, "这不是完整的 PDF 文件，请重新导出。")
        raise Unreadable(ReasonCode.TRUNCATED, "PDF 文件不完整（没有传完），请重新上传完整的文件。")
    cap, position = limits.max_content_stream, 0
    short = _LENGTHY * cap // (24 * 1024 * 1024)
    while (found := _STREAM.search(data, position)) is not None:
        start = found.end()
        stop = data.find(b"endstream", start)
        if stop < 0:
            break
        position = stop + 9
        least = max(0, found.start() - 400)
        head = max(data.rfind(b" obj", least, found.start()), least)
        times = data.count(b"/FlateDecode", head, found.start())
        if times < 2 and stop - start < short:
            continue
        header = data[head : found.start()]
        if b"/Image" in header or b"/Length1" in header or b"/FontFile" in header or b"/CIDFontType0C" in header:
            continue
        if _inflates_beyond(data[start:stop], max(times, 1), cap):
            raise Unreadable(ReasonCode.BOMB, "PDF 里有解压后大得不正常的内容，请重新导出。")


def _inflates_beyond(raw: bytes, times: int, cap: int) -> bool:
    """Whether a stream that was deflated so many times is longer than the cap, at any of them."""
    try:
        for _ in range(times):
            raw = zlib.decompressobj().decompress(raw, cap + 1)
            if len(raw) > cap:
                return True
    except zlib.error:  # not deflate, or encrypted
        pass
    return False
