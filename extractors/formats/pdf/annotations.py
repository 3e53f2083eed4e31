"""What lies on a PDF page beside its content: form fields, typed text, comments, stamps.

Here: painting what a viewer shows into the page, so that it is read like all else, and telling what is only noted. Not
here: whether what is painted covers text (shown.py).
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

_UNREAD = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
"""They print nothing."""
_TYPED = (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT)
_UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_MOST = 5000
"""Annotations of a page that are looked at."""
_EMPTY = 2
"""Bytes of an empty text in UTF-16 with its end."""


@dataclass(frozen=True, slots=True)
class Note:
    """A field or comment: what it says, its box in user space, whether the page shows it where it can be read."""

    text: str
    box: tuple[float, float, float, float]
    read: bool


def paint_annotations(page: Any) -> list[Note] | None:
    """Paint fields, typed text and stamps into the page, as viewers do; None where there are none.

    The page, pypdfium2's raw pointer, must then be loaded anew. A comment that lies on printed text is not painted.
    """
    count = min(pdfium.FPDFPage_GetAnnotCount(page), _MOST)
    kinds = [_kind(page, n) for n in range(count)]
    if all(kind in _UNREAD for kind in kinds):
        return None
    _give_appearances(page)
    notes: list[Note] = []
    text_page = pdfium.FPDFText_LoadPage(page)
    for number in reversed(range(count)):
        if kinds[number] not in _UNREAD:
            painted, noted = _look(page, text_page, number, kinds[number])
            notes += noted
            if not painted:
                pdfium.FPDFPage_RemoveAnnot(page, number)
    pdfium.FPDFText_ClosePage(text_page)
    pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
    return notes[::-1]


def _kind(page: Any, number: int) -> int:
    annotation = pdfium.FPDFPage_GetAnnot(page, number)
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    pdfium.FPDFPage_CloseAnnot(annotation)
    return int(kind)


def _give_appearances(page: Any) -> None:
    """Let pdfium draw the fields that the document leaves to the viewer to draw; it does so before it paints them."""
    bitmap = pdfium.FPDFBitmap_Create(1, 1, 0)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, 1, 1, 0, pdfium.FPDF_ANNOT)
    pdfium.FPDFBitmap_Destroy(bitmap)


def _look(page: Any, text_page: Any, number: int, kind: int) -> tuple[bool, list[Note]]:
    """Whether to paint an annotation, and what to note of it."""
    annotation = pdfium.FPDFPage_GetAnnot(page, number)
    try:
        rect = pdfium.FS_RECTF()
        pdfium.FPDFAnnot_GetRect(annotation, rect)
        box = (rect.left, rect.bottom, rect.right, rect.top)
        text = _text(annotation, b"V" if kind == pdfium.FPDF_ANNOT_WIDGET else b"Contents")
        shown = not pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN
        drawn = shown and pdfium.FPDFAnnot_GetAP(annotation, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > _EMPTY
        filled = bool(pdfium.FPDFAnnot_HasKey(annotation, b"C"))
    finally:
        pdfium.FPDFPage_CloseAnnot(annotation)
    if kind == pdfium.FPDF_ANNOT_FREETEXT and not filled:
        drawn = drawn and not _has_text(text_page, rect)
    painted = drawn and kind != pdfium.FPDF_ANNOT_TEXT
    return painted, [Note(text, box, painted and kind in _TYPED)] if text else []


def _text(annotation: Any, key: bytes) -> str:
    """What an annotation says: the value of a field, the contents of a comment."""
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    memory = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, memory, size)
    return bytes(memory)[: max(size - 2, 0)].decode("utf-16-le", "replace").strip()


def _has_text(text_page: Any, rect: Any) -> bool:
    """Whether text is printed in a box."""
    memory = (ctypes.c_ushort * 64)()
    size = pdfium.FPDFText_GetBoundedText(text_page, rect.left, rect.top, rect.right, rect.bottom, memory, 63)
    return bool(bytes(memory)[: 2 * size].decode("utf-16-le", "replace").strip(" \t\r\n\0"))
