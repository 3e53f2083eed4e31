"""pdfium's raw interface in bulk: functions called without conversions, and arrays that they fill.

Here: the calls that a page needs by the thousand. Not here: what they are asked for (pdf_pdfium.py, pdf_paths.py), the
opening of documents (pypdfium2's own class) and pages (pdf_look.py).
"""

from __future__ import annotations

import ctypes
from _ctypes import FUNCFLAG_CDECL, FUNCFLAG_PYTHONAPI, CFuncPtr
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


class _Undeclared(CFuncPtr):
    """A function that keeps the interpreter's lock, takes handles, C integers and references, and returns a C integer.

    What is not declared is not converted either: a call costs a third of the declared one, and with its conversions a
    page would cost more than all of pdfium's work.
    """

    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_PYTHONAPI


def _call(name: str, result: Any = None) -> Callable[..., int]:
    """A function of pdfium; `result` is a C integer if it is left out."""
    address = ctypes.cast(getattr(pdfium, name), ctypes.c_void_p).value
    prototype = ctypes.PYFUNCTYPE(result) if result else _Undeclared
    return prototype(address or 0)


handle: Callable[[int], Handle] = ctypes.c_void_p.from_param
"""An address, as functions return it, as they take it."""

index: Callable[[int], Any] = ctypes.c_ulong.from_param
"""A number, as functions take it that ask for more than a C integer."""

_ADDRESS = ctypes.c_size_t

text_size = _call("FPDFText_CountChars")
text_object = _call("FPDFText_GetTextObject", _ADDRESS)
loose_box = _call("FPDFText_GetLooseCharBox")
tight_box = _call("FPDFText_GetCharBox")
char_origin = _call("FPDFText_GetCharOrigin")
char_matrix = _call("FPDFText_GetMatrix")
font_size = _call("FPDFText_GetFontSize", ctypes.c_double)
unicode_value = _call("FPDFText_GetUnicode")
is_unmapped = _call("FPDFText_HasUnicodeMapError")

page_object = _call("FPDFPage_GetObject", _ADDRESS)
page_size = _call("FPDFPage_CountObjects")
form_object = _call("FPDFFormObj_GetObject", _ADDRESS)
form_size = _call("FPDFFormObj_CountObjects")
kind_of = _call("FPDFPageObj_GetType")
object_matrix = _call("FPDFPageObj_GetMatrix")
object_bounds = _call("FPDFPageObj_GetBounds")

em_of = _call("FPDFTextObj_GetFontSize")
font_of = _call("FPDFTextObj_GetFont", _ADDRESS)
is_embedded = _call("FPDFFont_GetIsEmbedded")
font_name = _call("FPDFFont_GetBaseFontName", _ADDRESS)
render_mode = _call("FPDFTextObj_GetTextRenderMode")
set_active = _call("FPDFPageObj_SetIsActive")

mark_count = _call("FPDFPageObj_CountMarks")
mark_of = _call("FPDFPageObj_GetMark", _ADDRESS)
mark_value_kind = _call("FPDFPageObjMark_GetParamValueType")

clip_path = _call("FPDFPageObj_GetClipPath", _ADDRESS)
clip_count = _call("FPDFClipPath_CountPaths")
clip_size = _call("FPDFClipPath_CountPathSegments")
clip_segment = _call("FPDFClipPath_GetPathSegment", _ADDRESS)

path_size = _call("FPDFPath_CountSegments")
path_segment = _call("FPDFPath_GetPathSegment", _ADDRESS)
draw_mode = _call("FPDFPath_GetDrawMode")
has_transparency = _call("FPDFPageObj_HasTransparency")
fill_color = _call("FPDFPageObj_GetFillColor")
stroke_width = _call("FPDFPageObj_GetStrokeWidth")
segment_point = _call("FPDFPathSegment_GetPoint")
segment_kind = _call("FPDFPathSegment_GetType")


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

    `as_`: the numbers of a row, as in "6f4" (six floats; in the result they are doubles). `outputs`: in how many pieces
    of equal size a row is written.
    """
    width, number, words, most, into = _layout(as_, outputs)
    sources = [iter(argument) for argument in arguments] if of > most else arguments
    out = np.empty((of, width), float if number[0] == "f" else number)
    for start in range(0, of, most):
        count = min(of - start, most)
        own = _written[: count * words]
        own.fill(0)
        batch = sources if count == of else [islice(source, count) for source in sources]
        deque(map(function, *batch, *into), maxlen=0)
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
