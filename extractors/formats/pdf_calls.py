"""pdfium's raw interface in bulk: functions called without conversions, and arrays that they fill.

Here: the calls that a page needs by the thousand. Not here: what they are asked for (pdf_pdfium.py, pdf_paths.py), the
opening of documents and pages (pypdfium2's own classes).
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

Handle = Any
"""What pdfium calls one of its objects by, converted once for all calls; see `handle`."""


def _call(name: str, result: Any, *arguments: Any) -> Callable[..., int]:
    """A function of pdfium that keeps the interpreter's lock and takes handles, C integers and references.

    Arguments that are not declared are not converted either: a call costs a third of the declared one, and with its
    conversions a page would cost more than all of pdfium's work.
    """
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    return ctypes.PYFUNCTYPE(result, *arguments)(address or 0)


handle: Callable[[int], Handle] = ctypes.c_void_p.from_param
"""An address, as functions return it, as they take it."""

_ADDRESS, _NUMBER = ctypes.c_size_t, ctypes.c_int
_LONG = ctypes.c_void_p, ctypes.c_ulong  # arguments: a handle, an index that is no C integer

text_object = _call("FPDFText_GetTextObject", _ADDRESS)
loose_box = _call("FPDFText_GetLooseCharBox", _NUMBER)
tight_box = _call("FPDFText_GetCharBox", _NUMBER)
char_origin = _call("FPDFText_GetCharOrigin", _NUMBER)
char_matrix = _call("FPDFText_GetMatrix", _NUMBER)
font_size = _call("FPDFText_GetFontSize", ctypes.c_double)
unicode_value = _call("FPDFText_GetUnicode", ctypes.c_uint)
is_unmapped = _call("FPDFText_HasUnicodeMapError", _NUMBER)

page_object = _call("FPDFPage_GetObject", _ADDRESS)
page_size = _call("FPDFPage_CountObjects", _NUMBER)
form_object = _call("FPDFFormObj_GetObject", _ADDRESS, *_LONG)
form_size = _call("FPDFFormObj_CountObjects", _NUMBER)
kind_of = _call("FPDFPageObj_GetType", _NUMBER)
object_matrix = _call("FPDFPageObj_GetMatrix", _NUMBER)
object_bounds = _call("FPDFPageObj_GetBounds", _NUMBER)

text_size = _call("FPDFTextObj_GetFontSize", _NUMBER)
font_of = _call("FPDFTextObj_GetFont", _ADDRESS)
is_embedded = _call("FPDFFont_GetIsEmbedded", _NUMBER)

mark_count = _call("FPDFPageObj_CountMarks", _NUMBER)
mark_of = _call("FPDFPageObj_GetMark", _ADDRESS, *_LONG)
mark_value_kind = _call("FPDFPageObjMark_GetParamValueType", _NUMBER)

clip_path = _call("FPDFPageObj_GetClipPath", _ADDRESS)
clip_count = _call("FPDFClipPath_CountPaths", _NUMBER)
clip_size = _call("FPDFClipPath_CountPathSegments", _NUMBER)
clip_segment = _call("FPDFClipPath_GetPathSegment", _ADDRESS)

path_size = _call("FPDFPath_CountSegments", _NUMBER)
path_segment = _call("FPDFPath_GetPathSegment", _ADDRESS)
draw_mode = _call("FPDFPath_GetDrawMode", _NUMBER)
fill_color = _call("FPDFPageObj_GetFillColor", _NUMBER)
segment_point = _call("FPDFPathSegment_GetPoint", _NUMBER)
segment_kind = _call("FPDFPathSegment_GetType", _NUMBER)


def handle_of(raw: Any) -> Handle:
    """The handle behind one of pypdfium2's raw pointers."""
    return handle(ctypes.cast(raw, ctypes.c_void_p).value or 0)


_WORDS = 6 * 1024
_memory = (ctypes.c_int32 * _WORDS)()
_written = np.ctypeslib.as_array(_memory)
_places = [ctypes.byref(_memory, 4 * word) for word in range(_WORDS)]
"""References into the memory that functions write to, made once: each costs half a call."""


def rows(function: Callable[..., int], *arguments: Iterable[Any], of: int, as_: str, outputs: int = 1) -> NDArray[Any]:
    """What the function writes for each of `of` sets of arguments, one row each; what it does not write is 0.

    `as_`: the numbers of a row, as in "6f4" (six floats). `outputs`: in how many pieces of equal size a row is written.
    """
    width, number, words, most, into = _layout(as_, outputs)
    sources = [iter(argument) for argument in arguments]
    out = np.empty((of, width), number)
    for start in range(0, of, most):
        count = min(of - start, most)
        own = _written[: count * words]
        own.fill(0)
        deque(map(function, *(islice(source, count) for source in sources), *into), maxlen=0)
        out[start : start + count] = own.view(number).reshape(count, width)
    return out


@lru_cache
def _layout(as_: str, outputs: int) -> tuple[int, str, int, int, list[list[Any]]]:
    """For `rows`: the numbers of a row, their type, its words, how many fit, the references to each of its pieces."""
    width, number = int(as_[:-2]), as_[-2:]
    words = width * int(as_[-1]) // 4
    most = _WORDS // words
    into = [_places[n * (words // outputs) : most * words : words] for n in range(outputs)]
    return width, number, words, most, into
