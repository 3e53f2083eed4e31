"""What is drawn on a page as pdfium holds it: its objects, also inside form XObjects, and the corners of its paths.

Here: the walk over the objects, and painted paths as corners. Not here: characters (pdf_pdfium.py), what a ruling line
is (pdf_ink.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, compress, repeat
from typing import NamedTuple

import numpy as np
import pypdfium2.raw as pdfium

from extractors.codes import ReasonCode
from extractors.formats.pdf import calls
from extractors.formats.pdf.calls import Handle, handle
from extractors.formats.pdf.page_content import DOT, POINT, Corners, Floats, Frame, Ints, Subpath, is_broad, thousandths
from extractors.grid import Unreadable

_DEEPEST = 40
"""Form XObjects within one another; pdfium itself stops earlier."""
_WHITE = 253
"""The least of each of red, green and blue (of 255) in white."""
_HAIR = POINT
"""A filled path of five corners no thicker than this is its bounds."""
_BROAD_PEN = 3.0
"""Points from which on a line may cover a character."""
_PICTURES = {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING}
_NO_BOXES: Ints = np.empty((0, 4), np.int64)


@dataclass(frozen=True, slots=True)
class Layer:
    """The texts and paths of the page, or of one form XObject; `matrix` (3, 3) leads from their space to the page's.

    `objects`: the addresses of all that it draws, in order. `paths`: handles. `unread`: the addresses of texts that are
    not in pdfium's text of the page. `pictures`: handles of images and shadings. `others`: the handles and
    addresses of what is no text read. `form`: the address of the form XObject that draws it, or 0.
    """

    matrix: Floats
    objects: list[int]
    paths: list[Handle]
    unread: set[int]
    pictures: list[Handle]
    others: tuple[list[Handle], list[int]]
    form: int

    def addresses_of(self, handles: Sequence[Handle]) -> list[int]:
        """The addresses of some of the handles."""
        others = dict(zip(*self.others, strict=True)) if handles else {}
        return [others[handle] for handle in handles]


class Painted(NamedTuple):
    """What a layer strokes or fills: lines of two points and edges of hairlines as boxes (n, 4), and other subpaths.

    `fills`: the handles of the paths that fill an area, or cover one as lines of a broad pen do.
    """

    lines: Ints
    subpaths: list[Subpath]
    fills: list[Handle]


def layers(page: Handle, known: AbstractSet[int], most: int) -> list[Layer]:
    """The page's own layer and one for each use of a form XObject; `known`: the texts read, by address.

    Raises Unreadable: BOMB for more than `most` objects in all, TOO_DEEP for forms in forms without end.
    """
    found: list[Layer] = []
    size = min(calls.page_size(page), most + 1)
    waiting = [(list(map(calls.page_object, repeat(page), range(size))), np.eye(3), 0, 0)]
    left = most
    while waiting:
        addresses, matrix, depth, form = waiting.pop()
        left -= len(addresses)
        if left < 0:
            raise Unreadable(ReasonCode.BOMB, "页面上的图形多得不正常，请重新导出。")
        if depth > _DEEPEST:
            raise Unreadable(ReasonCode.TOO_DEEP, "PDF 的内部结构嵌套过深，请重新导出。")
        others = [address for address in addresses if address not in known]
        handles = list(map(handle, others))
        kinds = list(map(calls.kind_of, handles))
        texts = compress(others, map(pdfium.FPDF_PAGEOBJ_TEXT.__eq__, kinds))
        paths = list(compress(handles, map(pdfium.FPDF_PAGEOBJ_PATH.__eq__, kinds)))
        pictures = (
            [h for h, kind in zip(handles, kinds, strict=True) if kind in _PICTURES] if _PICTURES & {*kinds} else []
        )
        found.append(Layer(matrix, addresses, paths, set(texts), pictures, (handles, others), form))
        if pdfium.FPDF_PAGEOBJ_FORM not in kinds:
            continue
        forms = list(compress(others, map(pdfium.FPDF_PAGEOBJ_FORM.__eq__, kinds)))
        for address, own in zip(forms, matrices(list(map(handle, forms))), strict=True):
            size = min(calls.form_size(handle(address)), left + 1)
            drawn = list(map(calls.form_object, repeat(handle(address)), map(calls.index, range(size))))
            waiting.append((drawn, own @ matrix, depth + 1, address))
    return found


def matrices(objects: Sequence[Handle]) -> Floats:
    """The matrices of page objects, (n, 3, 3), to be multiplied from the right to row vectors."""
    out = np.zeros((len(objects), 3, 3))
    out[:, :, :2] = calls.rows(calls.object_matrix, objects, of=len(objects), as_="6f4").reshape(-1, 3, 2)
    out[:, 2, 2] = 1
    return out


def painted(layer: Layer, frame: Frame, most: int) -> Painted:
    """What a layer paints; raises Unreadable (BOMB) for more than `most` corners."""
    sizes = list(map(calls.path_size, layer.paths))
    if sum(sizes) > most:
        raise Unreadable(ReasonCode.BOMB, "页面上的图形多得不正常，请重新导出。")
    modes = calls.rows(calls.draw_mode, layer.paths, of=len(sizes), as_="2i4", outputs=2).tolist()
    lines: list[Handle] = []
    fills: list[Handle] = []
    open_: list[Handle] = []
    drawn: list[tuple[Handle, int, bool]] = []
    for path, size, (fill, stroke) in zip(layer.paths, sizes, modes, strict=True):
        if size and (fill or stroke):
            if size == 2:
                lines.append(path)
            else:
                drawn.append((path, size, not stroke))
                (fills if fill else open_).append(path)
    to_shown = layer.matrix @ frame.square
    boxes = _line_boxes(lines, to_shown) if lines else _NO_BOXES
    if framed := [path for path, size, bare in drawn if bare and size == 5]:
        hairlines, edges = _hairlines(framed, to_shown)
        boxes = np.concatenate((boxes, edges))
        drawn = [own for own in drawn if own[0] not in hairlines]
        fills = [path for path in fills if path not in hairlines]
    fills += _broad([*lines, *open_], layer.matrix)
    return Painted(boxes, list(_traced(drawn, to_shown)), fills)


def _broad(paths: Sequence[Handle], matrix: Floats) -> list[Handle]:
    """The stroked paths that are drawn with a broad pen."""
    x0, y0, x1, y1 = calls.rows(calls.object_bounds, paths, of=len(paths), as_="4f4", outputs=4).T
    scale = abs(np.linalg.det(matrix[:2, :2])) ** 0.5
    large = np.minimum(x1 - x0, y1 - y0) * scale >= _BROAD_PEN  # with the pen; few are on most pages
    suspects = list(compress(paths, large.tolist()))
    if not suspects:
        return []
    pens = calls.rows(calls.stroke_width, suspects, of=len(suspects), as_="1f4")[:, 0]
    scales = scale * np.abs(np.linalg.det(matrices(suspects)[:, :2, :2])) ** 0.5
    return list(compress(suspects, (pens * scales >= _BROAD_PEN).tolist()))


def _line_boxes(paths: Sequence[Handle], to_shown: Floats) -> Ints:
    """The boxes (n, 4) of paths of two points."""
    ends = _corners(paths, [2] * len(paths), to_shown)[1].reshape(-1, 2, 2)
    return _around(ends[:, 0], ends[:, 1])


def _around(ends: Ints, others: Ints) -> Ints:
    """The boxes (n, 4) of lines from one point (n, 2) to another."""
    return np.concatenate((np.minimum(ends, others), np.maximum(ends, others)), axis=1)


def _corners(paths: Sequence[Handle], sizes: Sequence[int], to_shown: Floats) -> tuple[list[Handle], Ints]:
    """The segments of paths, of so many each, and the points where they end."""
    owners, indexes = chain.from_iterable(map(repeat, paths, sizes)), chain.from_iterable(map(range, sizes))
    segments = list(map(handle, map(calls.path_segment, owners, indexes)))
    x, y = calls.rows(calls.segment_point, segments, of=len(segments), as_="2f4", outputs=2).T[:, :, None]
    own = matrices(paths)
    alike = (own == own[0]).all()  # as on most pages
    m = own[0] @ to_shown if alike else np.repeat(own @ to_shown, sizes, axis=0).swapaxes(0, 1)
    return segments, thousandths(x * m[0, ..., :2] + y * m[1, ..., :2] + m[2, ..., :2])


def _hairlines(paths: Sequence[Handle], to_shown: Floats) -> tuple[set[Handle], Ints]:
    """Of bare fills of five corners those in a box at most `_HAIR` across, and the edges (n, 4) of these boxes.

    Programs draw rules so by the hundred, and their bounds are one call where their corners are fifteen.
    """
    x0, y0, x1, y1 = calls.rows(calls.object_bounds, paths, of=len(paths), as_="4f4", outputs=4).T
    x, y, m = np.array((x0, x1, x1, x0)), np.array((y0, y0, y1, y1)), to_shown
    corners = thousandths(np.array((x * m[0, 0] + y * m[1, 0] + m[2, 0], x * m[0, 1] + y * m[1, 1] + m[2, 1])))
    thin = (corners.max(axis=1) - corners.min(axis=1)).min(axis=0) <= _HAIR
    ends = corners[:, :, thin]
    edges = _around(ends.reshape(2, -1).T, ends[:, [3, 0, 1, 2]].reshape(2, -1).T)
    straight = (edges[:, :2] == edges[:, 2:]).any(axis=1)
    return set(compress(paths, thin.tolist())), edges[straight & ((edges[:, 2:] - edges[:, :2]).max(axis=1) >= DOT)]


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
