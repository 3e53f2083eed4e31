"""PDF documents: what may be opened, which pages are worth reading, and what cannot be read.

Here: the checks before the parsers, the cheap look at every page with pdfium, the loop over the kept pages.
Not here: how a page becomes grids (pdf_page.py).
"""

from __future__ import annotations

import ctypes
import io
import logging
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfparser import PDFSyntaxError
from pdfminer.psparser import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from extractors.formats.clean import clean_text, has_cjk
from extractors.formats.limits import Limits
from extractors.formats.pdf_page import Mark, grids_of, lost_share, marks_near, page_edges, page_glyphs
from extractors.grid import Place, Problem, Sheets, Unreadable

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # one warning per font without a box

_GARBLED = 0.3
"""Share of characters without meaning from which a page is taken as unreadable."""
_FEW_PAGES = 3
_Rect = tuple[float, float, float, float]

_FORM = re.compile(
    "[一二三]级指标|指标(?:名称|内容)|绩效指标|资金总额|[全本]年预算数|[全本]年执行数|预算执行率|自评得分|总体目标|预期目标|年度目标"
    "|项目名称|专项名称|绩效(?:目标|自评|评价|监控).{0,12}表|自评表|申报表|自评报告表"
)
_OTHER_TABLE = re.compile("公开[0-9]+表|决算总?表|预算总?表|目录")
_ANY_HINT = re.compile("绩效|指标|目标")


def read_pdf(data: bytes, limits: Limits) -> Sheets:
    """The grids of the pages that can hold forms; every grid lies on one page.

    Raises Unreadable with ENCRYPTED, TRUNCATED, CORRUPT, TOO_MANY_PAGES, TOO_DEEP, BOMB, GARBLED or NO_TEXT. Pages that
    hold only pictures, or text without meaning, are problems of the result as long as another page can be read.
    """
    _check_bytes(data, limits)
    survey = _survey(data, limits)
    result = Sheets("pdf", [], survey.page_count)
    for number in survey.pictures:
        message = f"第 {number} 页只有图片，没有文字，请提供文字版。"
        result.problems.append(Problem("NO_TEXT", message, place=Place(page=number)))
    if survey.kept:
        _read_pages(data, survey, limits, result)
    if not result.grids and not survey.other_text:
        _raise_nothing_read(result.problems)
    result.problems.sort(key=lambda p: p.place.page or 0)
    return result


def _read_pages(data: bytes, survey: _Survey, limits: Limits, result: Sheets) -> None:
    with _unwrapped():
        document = pdfplumber.open(io.BytesIO(data))  # closing it would build every page once more
        pages = {page.page_number: page for page in document.pages}
    for number in survey.kept:
        if number not in pages:
            continue
        try:
            with _unwrapped():
                glyphs = page_glyphs(pages[number], survey.clipped.get(number, frozenset()))
                edges = page_edges(pages[number])
        except Unreadable as error:
            if error.reason_code != "CORRUPT":
                raise
            message = f"第 {number} 页已损坏，无法读取，请重新导出。"
            result.problems.append(Problem("CORRUPT", message, "error", place=Place(page=number)))
            continue
        finally:
            pages[number].close()
        if len(edges) > limits.max_page_objects:
            raise Unreadable("BOMB", f"第 {number} 页的图形多得不正常，请重新导出。")
        lost = max(lost_share(glyphs), survey.lost.get(number, 0.0))
        if lost:
            result.problems.append(_lost_problem(number, lost))
        if lost < _GARBLED:
            result.grids.extend(grids_of(glyphs, edges, number))


def _lost_problem(number: int, lost: float) -> Problem:
    if lost >= _GARBLED:
        message = f"第 {number} 页的文字没有字符编码，读出来是乱码，请用原文件重新导出 PDF。"
        return Problem("GARBLED", message, "error", place=Place(page=number))
    message = f"第 {number} 页有个别字符没有字符编码（以�代替），请核对。"
    return Problem("GARBLED", message, place=Place(page=number))


def _raise_nothing_read(problems: list[Problem]) -> None:
    codes = {p.code for p in problems}
    if "CORRUPT" in codes:
        raise Unreadable("CORRUPT", "PDF 文件已损坏，请重新导出。")
    if "GARBLED" in codes:
        raise Unreadable("GARBLED", "文字没有字符编码，读出来是乱码，请用原文件重新导出 PDF 或提供 Excel。")
    if "NO_TEXT" in codes:
        raise Unreadable("NO_TEXT", "文件只有扫描图片，没有文字，请提供文字版的 PDF、Word 或 Excel。")
    raise Unreadable("NO_TEXT", "文件里没有可读的文字，请提供文字版的 PDF、Word 或 Excel。")


# --- before any parser


_STREAM = re.compile(rb"stream\r?\n")
_LENGTHY = 24 * 1024
"""Deflate packs at most 1032 to 1: a shorter stream cannot inflate beyond the cap on drawing operators."""


def _check_bytes(data: bytes, limits: Limits) -> None:
    """Raise for a file that was cut off, and for a page content that inflates beyond reason."""
    end = data.rfind(b"%%EOF")
    if end < 0 or re.search(rb"\d+ \d+ obj\b", data[end:]) is not None:
        if data.find(b" obj") < 0 and end < 0:
            raise Unreadable("CORRUPT", "这不是完整的 PDF 文件，请重新导出。")
        raise Unreadable("TRUNCATED", "PDF 文件不完整（没有传完），请重新上传完整的文件。")
    position = 0
    while (found := _STREAM.search(data, position)) is not None:
        start = found.end()
        stop = data.find(b"endstream", start)
        if stop < 0:
            break
        position = stop + 9
        if stop - start < _LENGTHY * limits.max_content_stream // (24 * 1024 * 1024):
            continue
        header = data[max(0, found.start() - 400) : found.start()]
        header = header[header.rfind(b" obj") + 1 :]
        if b"/Image" in header or b"/Length1" in header or b"/FontFile" in header or b"/CIDFontType0C" in header:
            continue
        if _inflates_beyond(data[start:stop], limits.max_content_stream):
            raise Unreadable("BOMB", "PDF 里有解压后大得不正常的内容，请重新导出。")


def _inflates_beyond(raw: bytes, cap: int) -> bool:
    inflater, total, piece = zlib.decompressobj(), 0, raw
    try:
        while piece:
            total += len(inflater.decompress(piece, 1 << 20))
            if total > cap:
                return True
            piece = inflater.unconsumed_tail
    except zlib.error:  # not deflate, or encrypted
        return False
    return False


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
            raise Unreadable("TOO_DEEP", "PDF 的内部结构嵌套过深，请重新导出。") from error
        if isinstance(cause, PDFPasswordIncorrect | PDFEncryptionError):
            raise Unreadable("ENCRYPTED", "PDF 有打开密码，请去掉密码后再放入。") from error
        raise Unreadable("CORRUPT", "PDF 文件已损坏，请重新导出。") from error


# What pdfminer and pdfplumber let through on broken objects (a name where a number should be, a missing key, ...).
_SURPRISES = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, ArithmeticError, zlib.error)


# --- the cheap look at every page


@dataclass(slots=True)
class _Survey:
    page_count: int
    kept: list[int] = field(default_factory=list)  # 1-based page numbers
    pictures: list[int] = field(default_factory=list)
    lost: dict[int, float] = field(default_factory=dict)
    clipped: dict[int, frozenset[Mark]] = field(default_factory=dict)
    other_text: bool = False  # some page has readable text that is no form's


@dataclass(slots=True)
class _Look:
    text: str  # without white space
    ruled: bool
    picture: bool
    lost: float


def _survey(data: bytes, limits: Limits) -> _Survey:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable("ENCRYPTED", "PDF 有打开密码，请去掉密码后再放入。") from error
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            raise Unreadable("ENCRYPTED", "PDF 用了不支持的加密方式，请去掉加密后再放入。") from error
        raise Unreadable("CORRUPT", "PDF 文件已损坏，请重新导出。") from error
    try:
        count = len(document)
        if count > limits.max_pages:
            raise Unreadable("TOO_MANY_PAGES", f"PDF 有 {count} 页，超过 {limits.max_pages} 页，请只保留绩效表的部分。")
        if count == 0:
            raise Unreadable("CORRUPT", "PDF 文件里没有页，请重新导出。")
        looks = [_look(document, index, limits) for index in range(count)]
        survey = _Survey(count, pictures=[n for n, look in enumerate(looks, 1) if look.picture])
        survey.kept = _kept(looks)
        kept = set(survey.kept)
        survey.other_text = any(
            look.text and not look.picture and look.lost < _GARBLED and number not in kept
            for number, look in enumerate(looks, 1)
        )
        for number in survey.kept:
            survey.lost[number] = looks[number - 1].lost
            survey.clipped[number] = _clipped(document, number - 1)
        return survey
    finally:
        document.close()


def _kept(looks: list[_Look]) -> list[int]:
    """The pages that can hold forms, 1-based; a page in doubt is kept."""
    readable = [bool(look.text) and not look.picture for look in looks]
    if len(looks) <= _FEW_PAGES:
        return [n for n, ok in enumerate(readable, 1) if ok]
    wanted = [
        ok and (_FORM.search(look.text) is not None or look.lost >= _GARBLED)
        for ok, look in zip(readable, looks, strict=True)
    ]
    for n in range(1, len(looks)):  # a form goes on while pages are ruled and no other table is announced
        if not wanted[n] and wanted[n - 1] and readable[n] and looks[n].ruled:
            wanted[n] = _OTHER_TABLE.search(looks[n].text[:60]) is None
    for n in range(len(looks) - 1):  # the head of a form whose first known label is on the next page
        if not wanted[n] and wanted[n + 1] and readable[n] and looks[n].ruled:
            wanted[n] = _ANY_HINT.search(looks[n].text) is not None and _OTHER_TABLE.search(looks[n].text[:60]) is None
    return [n for n, ok in enumerate(wanted, 1) if ok]


def _look(document: pypdfium2.PdfDocument, index: int, limits: Limits) -> _Look:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return _Look("", False, False, 0.0)
    try:
        textpage = page.get_textpage()
        try:
            size = textpage.count_chars()
            if size > limits.max_page_objects:
                raise Unreadable("BOMB", f"第 {index + 1} 页的字符多得不正常，请重新导出。")
            text = re.sub(r"\s+", "", clean_text(textpage.get_text_range())) if size else ""
            lost = _lost(textpage, size, text)
        finally:
            textpage.close()
        ruled, images = _drawn(page)
        picture = (not text and (ruled or images > 0)) or (len(text) < 30 and images > 0.5)
        return _Look(text, ruled, picture, lost)
    finally:
        page.close()


def _lost(textpage: pypdfium2.PdfTextPage, size: int, text: str) -> float:
    """The share of a sample of the page's characters that have no Unicode value."""
    if not size:
        return 0.0
    bad = sum(1 for c in text if c == "\ufffd" or "\ue000" <= c <= "\uf8ff") / (len(text) or 1)
    step = max(1, size // (100 if has_cjk(text) and bad < 0.05 else 400))
    sample = range(0, size, step)
    unmapped = sum(pdfium.FPDFText_HasUnicodeMapError(textpage.raw, i) == 1 for i in sample)
    return max(bad, unmapped / len(sample))


def _drawn(page: pypdfium2.PdfPage) -> tuple[bool, float]:
    """Whether lines or shapes are drawn, and the share of the page that its largest image covers."""
    count = pdfium.FPDFPage_CountObjects(page.raw)
    ruled, cover = False, 0.0
    width, height = page.get_size()
    for index in range(min(count, 20_000)):
        item = pdfium.FPDFPage_GetObject(page.raw, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM, pdfium.FPDF_PAGEOBJ_SHADING):
            ruled = True
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = _bounds(item)
            cover = max(cover, (x1 - x0) * (y1 - y0) / (width * height or 1))
    return ruled, cover


def _bounds(item: pdfium.FPDF_PAGEOBJECT) -> _Rect:
    box = [ctypes.c_float() for _ in range(4)]
    pdfium.FPDFPageObj_GetBounds(item, *box)
    x0, y0, x1, y1 = (value.value for value in box)
    return x0, y0, x1, y1


def _clipped(document: pypdfium2.PdfDocument, index: int) -> frozenset[Mark]:
    """The characters that a clipping path hides.

    LibreOffice Calc draws the text of a cell that spans a page break on both pages and lets the clipping path decide
    where it shows; pdfminer does not follow clipping paths.
    """
    page = document[index]
    try:
        if page.get_rotation():
            return frozenset()
        left, lower, _, _ = page.get_mediabox()
        textpage = page.get_textpage()
        try:
            return frozenset(_hidden_marks(textpage, left, lower))
        finally:
            textpage.close()
    finally:
        page.close()


def _hidden_marks(textpage: pypdfium2.PdfTextPage, left: float, lower: float) -> Iterator[Mark]:
    clips: dict[int | None, _Rect | None] = {}
    box = [ctypes.c_double() for _ in range(4)]
    for i in range(textpage.count_chars()):
        item = pdfium.FPDFText_GetTextObject(textpage.raw, i)
        if not item:
            continue
        key = ctypes.cast(item, ctypes.c_void_p).value
        if key not in clips:
            clips[key] = _crossed_clip(item)
        clip = clips[key]
        if clip is None:
            continue
        pdfium.FPDFText_GetCharBox(textpage.raw, i, *box)
        x, y = (box[0].value + box[1].value) / 2, (box[2].value + box[3].value) / 2
        if not (clip[0] <= x <= clip[2] and clip[1] <= y <= clip[3]):
            pdfium.FPDFText_GetCharOrigin(textpage.raw, i, box[0], box[1])
            text = clean_text(chr(pdfium.FPDFText_GetUnicode(textpage.raw, i)))
            yield from marks_near(text, box[0].value - left, box[1].value - lower)


def _crossed_clip(item: pdfium.FPDF_PAGEOBJECT) -> _Rect | None:
    """The box of the object's clipping path, or None if the object lies within it."""
    path = pdfium.FPDFPageObj_GetClipPath(item)
    count = pdfium.FPDFClipPath_CountPaths(path) if path else 0
    if count <= 0:
        return None
    x0, y0, x1, y1 = -math.inf, -math.inf, math.inf, math.inf
    x, y = ctypes.c_float(), ctypes.c_float()
    for number in range(count):
        points = []
        for segment in range(pdfium.FPDFClipPath_CountPathSegments(path, number)):
            if pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFClipPath_GetPathSegment(path, number, segment), x, y):
                points.append((x.value, y.value))
        if points:
            xs, ys = zip(*points, strict=True)
            x0, y0, x1, y1 = max(x0, min(xs)), max(y0, min(ys)), min(x1, max(xs)), min(y1, max(ys))
    bounds = _bounds(item)
    inside = bounds[0] >= x0 - 0.5 and bounds[1] >= y0 - 0.5 and bounds[2] <= x1 + 0.5 and bounds[3] <= y1 + 0.5
    return None if inside else (x0 - 0.5, y0 - 0.5, x1 + 0.5, y1 + 0.5)
