"""What is drawn on a page as pdfium holds it: its objects, also inside form XObjects, and the corners of its paths.

Here: the walk over the objects, and painted paths as corners. Not here: characters (pdf_pdfium.py), what a ruling line
is (pdf_ink.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, compress, repeat

import numpy as np
import pypdfium2.raw as pdfium

from extractors.formats import pdf_calls as calls
from extractors.formats.pdf_ink import POINT, Bools, Floats, Frame, Ints, Paths, bulky, thousandths
from extractors.grid import Unreadable

_DEEPEST = 40
"""Form XObjects within one another; pdfium itself stops earlier."""
_WHITE = 253
"""The least of each of red, green and blue (of 255) in white."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The texts and paths of the page, or of one form XObject; `matrix` (3, 3) leads from their space to the page's."""

    matrix: Floats
    texts: list[int]
    paths: list[int]


def layers(page: int, most: int) -> list[Layer]:
    """The page's own layer and one for each use of a form XObject.

    Raises Unreadable: BOMB for more than `most` objects in all, TOO_DEEP for forms in forms without end.
    """
    found: list[Layer] = []
    size = min(calls.page_size(page), most + 1)
    waiting = [(list(map(calls.page_object, repeat(page), range(size))), np.eye(3), 0)]
    left = most
    while waiting:
        handles, matrix, depth = waiting.pop()
        left -= len(handles)
        if left < 0:
            raise Unreadable("BOMB", "页面上的图形多得不正常，请重新导出。")
        if depth > _DEEPEST:
            raise Unreadable("TOO_DEEP", "PDF 的内部结构嵌套过深，请重新导出。")
        kinds = list(map(calls.kind_of, handles))
        texts, paths, forms = (
            list(compress(handles, map(kind.__eq__, kinds)))
            for kind in (pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM)
        )
        found.append(Layer(matrix, texts, paths))
        for form, own in zip(forms, matrices(forms) if forms else (), strict=True):
            size = min(calls.form_size(form), left + 1)
            waiting.append((list(map(calls.form_object, repeat(form), range(size))), own @ matrix, depth + 1))
    return found


def matrices(objects: Sequence[int]) -> Floats:
    """The matrices of page objects, (n, 3, 3), to be multiplied from the right to row vectors."""
    out = np.zeros((len(objects), 3, 3))
    out[:, :, :2] = calls.rows(calls.object_matrix, objects, of=len(objects), as_="6f4").reshape(-1, 3, 2)
    out[:, 2, 2] = 1
    return out


def painted(layer: Layer, frame: Frame, most: int) -> Paths:
    """The subpaths that a layer strokes or fills.

    Raises Unreadable (BOMB) for more than `most` corners.
    """
    sizes = list(map(calls.path_size, layer.paths))
    if sum(sizes) > most:
        raise Unreadable("BOMB", "页面上的图形多得不正常，请重新导出。")
    modes = calls.rows(calls.draw_mode, layer.paths, of=len(sizes), as_="2i4", outputs=2)
    hairline, corners = _hairlines(layer, np.array(sizes, np.int64), modes, frame)
    rest = np.flatnonzero(~hairline).tolist()
    thin = Paths(
        corners, np.full(len(corners) // 5, 5), np.ones(len(corners) // 5, bool), np.zeros(len(corners) // 5, bool)
    )
    if not rest:
        return thin
    others = Layer(layer.matrix, [], [layer.paths[i] for i in rest])
    return Paths.joined([thin, _traced(others, [sizes[i] for i in rest], modes[rest], frame)])


def _hairlines(layer: Layer, sizes: Ints, modes: Ints, frame: Frame) -> tuple[Bools, Ints]:
    """Which paths are bare fills of five corners in a box at most a point across, and the corners of these boxes.

    Programs draw rules so by the hundred, and their bounds are one call where their corners are fifteen.
    """
    chosen = np.flatnonzero((sizes == 5) & (modes[:, 1] == 0) & (modes[:, 0] != 0))
    paths = [layer.paths[i] for i in chosen.tolist()]
    x0, y0, x1, y1 = calls.rows(calls.object_bounds, paths, of=len(paths), as_="4f4", outputs=4).astype(float).T
    to_shown = layer.matrix @ frame.square
    around = np.stack((x0, y0, x1, y0, x1, y1, x0, y1, x0, y0), axis=1).reshape(-1, 5, 2)
    corners = thousandths(around @ to_shown[:2, :2] + to_shown[2, :2])
    thin = (corners.max(axis=1) - corners.min(axis=1)).min(axis=1) <= POINT
    hairline = np.zeros(len(sizes), bool)
    hairline[chosen[thin]] = True
    return hairline, corners[thin].reshape(-1, 2)


def _traced(layer: Layer, sizes: list[int], modes: Ints, frame: Frame) -> Paths:
    """The subpaths of a layer's paths, point by point."""
    segments = list(
        map(
            calls.path_segment,
            chain.from_iterable(map(repeat, layer.paths, sizes)),
            chain.from_iterable(map(range, sizes)),
        )
    )
    path = np.repeat(np.arange(len(sizes)), sizes)
    fill, stroke = modes.T
    to_shown = (matrices(layer.paths) @ layer.matrix @ frame.square)[path]
    x, y = calls.rows(calls.segment_point, segments, of=len(segments), as_="2f4", outputs=2).astype(float).T
    corners = thousandths(x[:, None] * to_shown[:, 0, :2] + y[:, None] * to_shown[:, 1, :2] + to_shown[:, 2, :2])

    begins, on_line = _segments(segments, sizes)
    kept = on_line & ((fill != 0) | (stroke != 0))[path]
    corners, path, begins = corners[kept], path[kept], begins[kept]
    firsts = np.flatnonzero(begins)
    drawn = np.append(firsts[1:], len(path))[: len(firsts)] - firsts
    bare = (stroke == 0)[path[firsts]]
    white = np.zeros(len(firsts), bool)
    for i in bulky(corners, drawn, bare):
        white[i] = _is_white(layer.paths[path[firsts[i]]])
    return Paths(corners, drawn, bare, white)


def _segments(segments: list[int], sizes: list[int]) -> tuple[Bools, Bools]:
    """Which segments begin a subpath, and which points lie on a path, which are not the handles of its curves."""
    begins, on_line = np.zeros(len(segments), bool), np.ones(len(segments), bool)
    counts = np.array(sizes, np.int64)
    begins[(np.cumsum(counts) - counts)[counts > 0]] = True
    longer = np.flatnonzero(np.repeat(counts > 2, counts))  # a move and a line are all that two segments can be
    kinds = np.fromiter(map(calls.segment_kind, [segments[i] for i in longer.tolist()]), np.int64, len(longer))
    begins[longer[kinds == pdfium.FPDF_SEGMENT_MOVETO]] = True
    curved = longer[kinds == pdfium.FPDF_SEGMENT_BEZIERTO]  # of each curve two handles, then its end
    on_line[curved[np.arange(len(curved)) % 3 != 2]] = False
    return begins, on_line


def _is_white(path: int) -> bool:
    color = calls.rows(calls.fill_color, [path], of=1, as_="4u4", outputs=4)[0]
    return bool((color[:3] >= _WHITE).all())
