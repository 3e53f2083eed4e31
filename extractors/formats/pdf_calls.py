"""pdfium's raw interface in bulk: functions that take plain integers, and arrays that they fill.

Here: the calls that a page needs by the thousand. Not here: what they are asked for (pdf_pdfium.py, pdf_paths.py), the
opening of documents and pages (pypdfium2's own classes).
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray


def _call(name: str, result: Any, *arguments: Any) -> Callable[..., int]:
    """A function of pdfium with handles and addresses as integers; it keeps the interpreter's lock.

    Twice as fast as the declared one; with its argument conversions a page would cost more than all of pdfium's work.
    """
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    return ctypes.PYFUNCTYPE(result, *arguments)(address or 0)


_OF, _NUMBER, _INTO = ctypes.c_size_t, ctypes.c_int, ctypes.c_size_t  # a handle, an index or count, an address

text_object = _call("FPDFText_GetTextObject", _OF, _OF, _NUMBER)
loose_box = _call("FPDFText_GetLooseCharBox", _NUMBER, _OF, _NUMBER, _INTO)
tight_box = _call("FPDFText_GetCharBox", _NUMBER, _OF, _NUMBER, _INTO, _INTO, _INTO, _INTO)
char_origin = _call("FPDFText_GetCharOrigin", _NUMBER, _OF, _NUMBER, _INTO, _INTO)
char_matrix = _call("FPDFText_GetMatrix", _NUMBER, _OF, _NUMBER, _INTO)
font_size = _call("FPDFText_GetFontSize", ctypes.c_double, _OF, _NUMBER)
unicode_value = _call("FPDFText_GetUnicode", ctypes.c_uint, _OF, _NUMBER)
is_generated = _call("FPDFText_IsGenerated", _NUMBER, _OF, _NUMBER)
is_unmapped = _call("FPDFText_HasUnicodeMapError", _NUMBER, _OF, _NUMBER)

page_object = _call("FPDFPage_GetObject", _OF, _OF, _NUMBER)
page_size = _call("FPDFPage_CountObjects", _NUMBER, _OF)
form_object = _call("FPDFFormObj_GetObject", _OF, _OF, ctypes.c_ulong)
form_size = _call("FPDFFormObj_CountObjects", _NUMBER, _OF)
kind_of = _call("FPDFPageObj_GetType", _NUMBER, _OF)
object_matrix = _call("FPDFPageObj_GetMatrix", _NUMBER, _OF, _INTO)
object_bounds = _call("FPDFPageObj_GetBounds", _NUMBER, _OF, _INTO, _INTO, _INTO, _INTO)

text_size = _call("FPDFTextObj_GetFontSize", _NUMBER, _OF, _INTO)
font_of = _call("FPDFTextObj_GetFont", _OF, _OF)
is_embedded = _call("FPDFFont_GetIsEmbedded", _NUMBER, _OF)

mark_count = _call("FPDFPageObj_CountMarks", _NUMBER, _OF)
mark_of = _call("FPDFPageObj_GetMark", _OF, _OF, ctypes.c_ulong)
mark_value_kind = _call("FPDFPageObjMark_GetParamValueType", _NUMBER, _OF, ctypes.c_char_p)

clip_path = _call("FPDFPageObj_GetClipPath", _OF, _OF)
clip_count = _call("FPDFClipPath_CountPaths", _NUMBER, _OF)
clip_size = _call("FPDFClipPath_CountPathSegments", _NUMBER, _OF, _NUMBER)
clip_segment = _call("FPDFClipPath_GetPathSegment", _OF, _OF, _NUMBER, _NUMBER)

path_size = _call("FPDFPath_CountSegments", _NUMBER, _OF)
path_segment = _call("FPDFPath_GetPathSegment", _OF, _OF, _NUMBER)
draw_mode = _call("FPDFPath_GetDrawMode", _NUMBER, _OF, _INTO, _INTO)
fill_color = _call("FPDFPageObj_GetFillColor", _NUMBER, _OF, _INTO, _INTO, _INTO, _INTO)
segment_point = _call("FPDFPathSegment_GetPoint", _NUMBER, _OF, _INTO, _INTO)
segment_kind = _call("FPDFPathSegment_GetType", _NUMBER, _OF)
segment_closes = _call("FPDFPathSegment_GetClose", _NUMBER, _OF)


def handle(raw: Any) -> int:
    """The address behind one of pypdfium2's raw handles."""
    return ctypes.cast(raw, ctypes.c_void_p).value or 0


def rows(function: Callable[..., int], *arguments: Iterable[int], of: int, as_: str, outputs: int = 1) -> NDArray[Any]:
    """What the function writes for each of `of` sets of arguments, one row each; what it does not write is 0.

    `as_`: the numbers of a row, as in "6f4" (six floats). `outputs`: in how many pieces of equal size a row is written.
    """
    out = np.zeros((of, int(as_[:-2])), as_[-2:])
    step, first = out.shape[1] * out.itemsize, out.__array_interface__["data"][0]
    starts = [first + n * (step // outputs) for n in range(outputs)]
    into = [range(start, start + of * step, step) for start in starts]
    deque(map(function, *arguments, *into), maxlen=0)
    return out
