"""What is drawn on a page as pdfium holds it: its objects, also inside form XObjects, and the corners of its paths.

Here: the walk over the objects, and painted paths as corners. Not here: characters (pdf_pdfium.py), what a ruling line
is (pdf_ink.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, compress, repeat

import numpy as np
import pypdfium2.raw as pdfium

from extractors.formats import pdf_calls as calls
from extractors.formats.pdf_calls import Handle, handle
from extractors.formats.pdf_ink import POINT, Box, Corners, Floats, Frame, Ints, Subpath, is_broad, thousandths
from extractors.grid import Unreadable

_DEEPEST = 40
"""Form XObjects within one another; pdfium itself stops earlier."""
_WHITE = 253
"""The least of each of red, green and blue (of 255) in white."""
_HAIR = POINT
"""A filled path of five corners no thicker than this is its bounds."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The texts and paths of the page, or of one form XObject; `matrix` (3, 3) leads from their space to the page's.

    `texts`: addresses. `paths`: handles.
    """

    matrix: Floats
    texts: list[int]
    paths: list[Handle]


def layers(page: Handle, known: AbstractSet[int], most: int) -> list[Layer]:
    """The page's own layer and one for each use of a form XObject; `known`: the addresses of texts.

    Raises Unreadable: BOMB for more than `most` objects in all, TOO_DEEP for forms in forms without end.
    """
    found: list[Layer] = []
    size = min(calls.page_size(page), most + 1)
    waiting = [(list(map(calls.page_object, repeat(page), range(size))), np.eye(3), 0)]
    left = most
    while waiting:
        addresses, matrix, depth = waiting.pop()
        left -= len(addresses)
        if left < 0:
            raise Unreadable("BOMB", "页面上的图形多得不正常，请重新导出。")
        if depth > _DEEPEST:
            raise Unreadable("TOO_DEEP", "PDF 的内部结构嵌套过深，请重新导出。")
        others = [address for address in addresses if address not in known]
        handles = list(map(handle, others))
        kinds = list(map(calls.kind_of, handles))
        texts = set(compress(others, map(pdfium.FPDF_PAGEOBJ_TEXT.__eq__, kinds)))
        paths = list(compress(handles, map(pdfium.FPDF_PAGEOBJ_PATH.__eq__, kinds)))
        forms = list(compress(handles, map(pdfium.FPDF_PAGEOBJ_FORM.__eq__, kinds)))
        found.append(Layer(matrix, [a for a in addresses if a in known or a in texts], paths))
        for form, own in zip(forms, matrices(forms) if forms else (), strict=True):
            size = min(calls.form_size(form), left + 1)
            waiting.append((list(map(calls.form_object, repeat(form), range(size))), own @ matrix, depth + 1))
    return found


def matrices(objects: Sequence[Handle]) -> Floats:
    """The matrices of page objects, (n, 3, 3), to be multiplied from the right to row vectors."""
    out = np.zeros((len(objects), 3, 3))
    out[:, :, :2] = calls.rows(calls.object_matrix, objects, of=len(objects), as_="6f4").reshape(-1, 3, 2)
    out[:, 2, 2] = 1
    return out


def painted(layer: Layer, frame: Frame, most: int) -> tuple[list[Box], list[Subpath]]:
    """What a layer strokes or fills: the lines of two points and the edges of hairlines as boxes, and other subpaths.

    Raises Unreadable (BOMB) for more than `most` corners.
    """
    sizes = list(map(calls.path_size, layer.paths))
    if sum(sizes) > most:
        raise Unreadable("BOMB", "页面上的图形多得不正常，请重新导出。")
    modes = calls.rows(calls.draw_mode, layer.paths, of=len(sizes), as_="2i4", outputs=2).tolist()
    lines: list[Handle] = []
    drawn: list[tuple[Handle, int, bool]] = []
    for path, size, (fill, stroke) in zip(layer.paths, sizes, modes, strict=True):
        if size and (fill or stroke):
            if size == 2:
                lines.append(path)
            else:
                drawn.append((path, size, not stroke))
    to_shown = layer.matrix @ frame.square
    hairlines, edges = _hairlines([path for path, size, bare in drawn if bare and size == 5], to_shown)
    others = [own for own in drawn if own[0] not in hairlines] if hairlines else drawn
    return [*_line_boxes(lines, to_shown), *edges], list(_traced(others, to_shown))


def _line_boxes(paths: Sequence[Handle], to_shown: Floats) -> list[Box]:
    """The boxes of paths of two points."""
    if not paths:
        return []
    ends = _corners(paths, [2] * len(paths), to_shown)[1].reshape(-1, 2, 2)
    x0, top, x1, bottom = np.concatenate((ends.min(axis=1), ends.max(axis=1)), axis=1).T.tolist()
    return list(zip(x0, top, x1, bottom, strict=True))


def _corners(paths: Sequence[Handle], sizes: Sequence[int], to_shown: Floats) -> tuple[list[Handle], Ints]:
    """The segments of paths, of so many each, and the points where they end."""
    owners, indexes = chain.from_iterable(map(repeat, paths, sizes)), chain.from_iterable(map(range, sizes))
    segments = list(map(handle, map(calls.path_segment, owners, indexes)))
    x, y = calls.rows(calls.segment_point, segments, of=len(segments), as_="2f4", outputs=2).astype(float).T[:, :, None]
    own = matrices(paths)
    alike = (own == own[0]).all()  # as on most pages
    m = own[0] @ to_shown if alike else np.repeat(own @ to_shown, sizes, axis=0).swapaxes(0, 1)
    return segments, thousandths(x * m[0, ..., :2] + y * m[1, ..., :2] + m[2, ..., :2])


def _hairlines(paths: Sequence[Handle], to_shown: Floats) -> tuple[set[Handle], Iterator[Box]]:
    """Of bare fills of five corners those in a box at most `_HAIR` across, and the edges of these boxes.

    Programs draw rules so by the hundred, and their bounds are one call where their corners are fifteen.
    """
    if not paths:
        return set(), iter(())
    x0, y0, x1, y1 = calls.rows(calls.object_bounds, paths, of=len(paths), as_="4f4", outputs=4).astype(float).T
    around = np.array((x0, y0, x1, y0, x1, y1, x0, y1)).T.reshape(-1, 4, 2)
    corners = thousandths(around @ to_shown[:2, :2] + to_shown[2, :2])
    low, high = corners.min(axis=1), corners.max(axis=1)
    thin = (high - low).min(axis=1) <= _HAIR
    ends = corners[thin], np.roll(corners[thin], 1, axis=1)
    edges = np.concatenate((np.minimum(*ends), np.maximum(*ends)), axis=2).reshape(-1, 4)
    straight = (edges[:, :2] == edges[:, 2:]).any(axis=1)
    return set(compress(paths, thin.tolist())), map(tuple, edges[straight].tolist())


def _traced(paths: Sequence[tuple[Handle, int, bool]], to_shown: Floats) -> Iterator[Subpath]:
    """The subpaths of paths (handle, segments, whether it is a bare fill), point by point."""
    if not paths:
        return
    segments, points = _corners([path for path, _, _ in paths], [size for _, size, _ in paths], to_shown)
    corners: Corners = points.tolist()
    end = 0
    for path, size, bare in paths:
        start, end = end, end + size
        for part in _parts(corners[start:end], map(calls.segment_kind, segments[start:end])):
            yield Subpath(part, bare, bare and is_broad(part) and _is_white(path))


def _parts(corners: Corners, kinds: Iterator[int]) -> list[Corners]:
    """The subpaths of one path: where they begin, and of each curve, two handles and an end, the end."""
    parts: list[Corners] = []
    curved = 0
    for corner, kind in zip(corners, kinds, strict=True):
        if kind == pdfium.FPDF_SEGMENT_MOVETO or not parts:
            parts.append([])
        curved += kind == pdfium.FPDF_SEGMENT_BEZIERTO
        if kind != pdfium.FPDF_SEGMENT_BEZIERTO or curved % 3 == 0:
            parts[-1].append(corner)
    return parts


def _is_white(path: Handle) -> bool:
    color = calls.rows(calls.fill_color, [path], of=1, as_="4u4", outputs=4)[0]
    return bool((color[:3] >= _WHITE).all())
