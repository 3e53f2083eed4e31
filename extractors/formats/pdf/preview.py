"""The cheap look at a PDF page: what its text says before anything is placed, and whether it can hold a form.

Here: a page's text from pdfium, the share of it without meaning, pictures, the words that tell forms from other tables.
Not here: the order in which pages are looked at and read (pdf.py).
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from extractors.codes import ReasonCode
from extractors.formats.clean import clean_text, has_cjk
from extractors.formats.pdf import calls
from extractors.formats.pdf.annotations import Note, paint_annotations
from extractors.grid import Unreadable

GARBLED = 0.3
"""Share of characters without meaning from which a page is taken as unreadable."""
_SCANNED = 30
"""Characters below which a page that one image covers is a picture of a page."""
_COVERED = 0.5
"""Share of a page that the image of a page covers."""
_LAYER = 0.9
"""Share of a page's texts that are painted nowhere where they are what was recognised in its picture."""
_UNPAINTED = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_LEAST_SHARP, _SHARP, _SHARPEST = 100 / 72, 200 / 72, 300 / 72
"""Pixels a point in which a page is painted to be recognised."""
_MOST_LOOKED_AT = 20_000
"""Objects of a page that are looked at."""
_DRAWN = frozenset((pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM, pdfium.FPDF_PAGEOBJ_SHADING))

_NAMED = "[^,，。;；:：科]{0,6}名称"
_FORM = re.compile(  # each begins with a character, not with a class or a group: so it is found four times faster
    "一级指标|二级指标|三级指标|指标(?:名称|内容)|绩效指标|资金总额|全年预算数|本年预算数|全年执行数|本年执行数|预算执行率"
    f"|自评得分|总体目标|预期目标|年度目标|项目{_NAMED}|专项{_NAMED}|政策{_NAMED}|转移支付{_NAMED}"
    "|绩效(?:目标|自评|评价|监控).{0,12}表|自评表|申报表|自评报告表"
)
_MONEY_OR_VALUES = re.compile("资金总额|全年预算数|全年执行数|年度指标值|实际完成值")
_OTHER_TABLE = re.compile("公开[0-9]+表|决算总?表|预算总?表|目录")
_ANY_HINT = re.compile("绩效|指标|目标")
_MEANINGLESS = re.compile("[\ufffd\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class PagePreview:
    """What a page's text tells.

    `text` without white space; `lost`, the share of it that has no meaning; `picture`: nothing but an image of text.
    """

    text: str
    lost: float
    picture: bool

    @property
    def readable(self) -> bool:
        """Whether there is text that was not scanned."""
        return bool(self.text) and not self.picture

    @property
    def announces_form(self) -> bool:
        """Whether a label of a form stands on the page; a page in doubt counts."""
        return self.readable and (self.lost >= GARBLED or _FORM.search(self.text) is not None)

    @property
    def holds_form(self) -> bool:
        """Whether levels of indicators stand on the page, and money or values beside them."""
        return "一级指标" in self.text and _MONEY_OR_VALUES.search(self.text) is not None

    @property
    def may_go_on(self) -> bool:
        """Whether a form of the page before may go on here: no other table is announced."""
        return self.readable and _OTHER_TABLE.search(self.text[:60]) is None

    @property
    def may_begin(self) -> bool:
        """Whether the head of a form may stand here whose first known label is on the next page."""
        return self.may_go_on and _ANY_HINT.search(self.text) is not None


NOTHING = PagePreview("", 0.0, False)
"""The look of a page that cannot be opened."""


class OpenPage:
    """A page that pdfium has opened, its characters found; close it before the document.

    `page`, `text_page`: the handles of both. `notes`: of the fields and comments that were painted into it, or None
    where it has none. `text`: one character for each that the text page has, or half of one
    outside the basic plane.
    """

    def __init__(self, document: pypdfium2.PdfDocument, number: int, most: int) -> None:
        """Open page `number` (1-based); raises PdfiumError, and Unreadable (BOMB) for more than `most` characters."""
        self.number = number
        self._document = document
        self.raw = _loaded(document, number)
        self.notes: list[Note] | None = None
        if pdfium.FPDFPage_GetAnnotCount(self.raw) > 0:
            self.notes = paint_annotations(self.raw)
            if self.notes is not None:
                pdfium.FPDF_ClosePage(self.raw)
                self.raw = _loaded(document, number)
        self._raw_text = pdfium.FPDFText_LoadPage(self.raw)
        if not self._raw_text:
            pdfium.FPDF_ClosePage(self.raw)
            raise pypdfium2.PdfiumError(f"the text of page {number} cannot be loaded")
        self.page, self.text_page = calls.handle_of(self.raw), calls.handle_of(self._raw_text)
        size = calls.text_size(self.text_page)
        if size > most:
            self.close()
            raise Unreadable(ReasonCode.BOMB, f"第 {number} 页的字符多得不正常，请重新导出。")
        self.text = self._whole_text(size)

    def _whole_text(self, size: int) -> str:
        memory = (ctypes.c_ushort * (size + 1))()
        written = pdfium.FPDFText_GetText(self._raw_text, 0, size, memory)  # with a zero at the end
        text = bytes(memory)[: 2 * max(written - 1, 0)].decode("utf-16-le", "ignore")
        if len(text) == size:
            return text
        # where pdfium puts in or leaves out some, or where two stand for one
        return "".join(map(chr, map(calls.unicode_value, repeat(self.text_page), range(size))))

    def close(self) -> None:
        """Let go of the page."""
        pdfium.FPDFText_ClosePage(self._raw_text)
        pdfium.FPDF_ClosePage(self.raw)

    def look(self, *, sampled: bool) -> PagePreview:
        """What the page's text tells, and, `sampled`, what pdfium tells of some of its characters."""
        text = "".join(clean_text(self.text).split())
        picture = False
        if len(text) < _SCANNED:
            images = self._image_share()
            picture = images > 0.5 or (not text and (images > 0 or self.ruled()))
        return PagePreview(text, self.lost_share(text) if sampled else _meaningless_share(text), picture)

    def is_picture(self, look: PagePreview) -> bool:
        """Whether the page is a picture: by the look, or because its text is painted nowhere (a layer of OCR)."""
        if look.picture or not look.text:
            return look.picture
        if self._image_share() <= _COVERED:
            return False
        texts = self._objects_of(pdfium.FPDF_PAGEOBJ_TEXT)
        unseen = sum(calls.render_mode(handle) in _UNPAINTED for handle in texts)
        return bool(texts) and unseen >= _LAYER * len(texts)

    def painted(self, most: int) -> tuple[NDArray[np.uint8], float]:
        """The page as it is shown (height, width, 3), and pixels a point.

        As sharp as its largest image, within reason, and of at most so many pixels.
        """
        page = self._document[self.number - 1]
        try:
            width, height = page.get_size()
            scale = min(self._sharpness(), _SHARPEST, (most / max(width * height, 1)) ** 0.5)
            picture = page.render(scale=scale).to_pil().convert("RGB")
        finally:
            page.close()
        return np.ascontiguousarray(np.asarray(picture)), scale

    def _sharpness(self) -> float:
        """Pixels a point of the largest image."""
        best, sharp = 0.0, _SHARP
        for handle in self._objects_of(pdfium.FPDF_PAGEOBJ_IMAGE):
            ((x0, y0, x1, y1),) = calls.rows(calls.object_bounds, [handle], of=1, as_="4f4", outputs=4).tolist()
            wide, high = ctypes.c_uint(), ctypes.c_uint()
            raw = ctypes.cast(handle, pdfium.FPDF_PAGEOBJECT)
            if pdfium.FPDFImageObj_GetImagePixelSize(raw, wide, high) and (x1 - x0) * (y1 - y0) > best:
                best = (x1 - x0) * (y1 - y0)
                sharp = ((wide.value * high.value) / max(best, 1.0)) ** 0.5
        return max(sharp, _LEAST_SHARP)

    def ruled(self) -> bool:
        """Whether lines or shapes are drawn on the page."""
        return not _DRAWN.isdisjoint(self._objects[1])

    def _image_share(self) -> float:
        """The share of the page that its largest image covers."""
        images = self._objects_of(pdfium.FPDF_PAGEOBJ_IMAGE)
        x0, y0, x1, y1 = calls.rows(calls.object_bounds, images, of=len(images), as_="4f4", outputs=4).T
        width, height = pdfium.FPDF_GetPageWidthF(self.raw), pdfium.FPDF_GetPageHeightF(self.raw)
        return float(((x1 - x0) * (y1 - y0)).max(initial=0)) / (width * height or 1)

    def _objects_of(self, wanted: int) -> list[calls.Handle]:
        handles, kinds = self._objects
        if wanted not in kinds:
            return []
        return [handle for handle, kind in zip(handles, kinds, strict=True) if kind == wanted]

    @cached_property
    def _objects(self) -> tuple[list[calls.Handle], bytes]:
        """The page's objects and their kinds."""
        count = min(calls.page_size(self.page), _MOST_LOOKED_AT)
        handles = list(map(calls.handle, map(calls.page_object, repeat(self.page), range(count))))
        return handles, bytes(map(calls.kind_of, handles))

    def lost_share(self, text: str) -> float:
        """The share of the page's characters without meaning, or of a sample of them without Unicode value."""
        if not self.text:
            return 0.0
        bad = _meaningless_share(text)
        sample = range(0, len(self.text), max(1, len(self.text) // (100 if has_cjk(text) and bad < 0.05 else 400)))
        unmapped = sum(map(calls.is_unmapped, repeat(self.text_page), sample))
        return max(bad, unmapped / len(sample))


def _loaded(document: pypdfium2.PdfDocument, number: int) -> Any:
    page = pdfium.FPDF_LoadPage(document, number - 1)
    if not page:
        raise pypdfium2.PdfiumError(f"page {number} cannot be loaded")
    return page


def _meaningless_share(text: str) -> float:
    return len(_MEANINGLESS.findall(text)) / (len(text) or 1)
