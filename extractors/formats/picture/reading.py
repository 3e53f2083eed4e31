"""Pictures of pages within a document: whether they are read, how many, and what was recognised before.

Here: the limits, the cache, documents that are pictures (jpg, png, tiff), the way back from what was straightened to
the page. Not here: how one picture is read (page), PDF (formats/pdf/document).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from extractors.codes import ReasonCode
from extractors.errors import PicturesAhead
from extractors.formats.limits import Limits, Pictures
from extractors.formats.pdf.page_content import POINT, PageContent
from extractors.formats.pdf.page_grids import grids_of
from extractors.formats.picture.weights import version, weights
from extractors.grid import Place, Problem, Sheets, Straightened, Unreadable
from extractors.grid.certainty import AS_SHIPPED

if TYPE_CHECKING:
    from extractors.formats.picture.page import PictureContent

ENGINE = "ocr"
"""What `read_by` says of a page that was recognised."""
_A4 = 842.0
"""Points of a picture's long side that does not say how large it is."""
_DOTS = range(72, 1201)
"""Dots per inch that are believed."""

NOT_INSTALLED = "只有扫描图片，没有文字；请提供文字版，或安装图片识别（make ocr）后重新入库。"
NO_TABLE = "是图片，其中没有认出表格，请提供文字版，或按 docs/scans.md 重新扫描。"
ILLEGIBLE = "是图片，上面的字大多认不清，请提供文字版，或按 docs/scans.md 重新扫描。"
_GUESSED, _FEW = 0.5, 20
"""Share of a page's characters below `AS_SHIPPED.text` from which it is not read, and how many no form has."""

Picture = NDArray[np.uint8]


def are_read(limits: Limits) -> bool:
    """Whether pages that are pictures are read at all."""
    return limits.pictures is not Pictures.PASS and weights() is not None


class PictureReader:
    """Reads the picture pages of one document."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.count = 0
        self._columns: list[int] = []

    def read(self, picture: Picture, number: int) -> tuple[PageContent, Straightened] | Problem:
        """The content of a page (height, width, 3), and the way from it to the picture's pixels; or why there is none.

        Tables that go on are brought to one width, so that their columns stand below each other.
        """
        self.count += 1
        if self.count > self._limits.max_pictures:
            return _problem(number, f"文件的图片页超过 {self._limits.max_pictures} 页，此页没有读取，请拆分。")
        found = self._recognised(picture)
        if found is None:
            return _problem(number, NO_TABLE)
        if is_illegible(found.content):
            return _problem(number, ILLEGIBLE)
        content, back = _to_width(found.content, self._columns)
        if content.upright:
            self._columns = sorted({rule[0] for rule in content.upright})
        return content, Straightened(number, np.linalg.inv(found.matrix).tolist(), back)

    def _recognised(self, picture: Picture) -> PictureContent | None:
        from extractors.formats.picture.engine import recogniser
        from extractors.formats.picture.page import read_picture

        network = recogniser()
        assert network is not None
        if self._limits.picture_cache is None:
            return read_picture(picture, network)
        digest = hashlib.sha256(str(picture.shape).encode() + picture.tobytes()).hexdigest()[:40]
        path = Path(self._limits.picture_cache) / f"{digest}-{version()}.json"
        with suppress(OSError, ValueError, KeyError, TypeError):
            return _from_json(path.read_text("utf-8"))
        found = read_picture(picture, network)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(_to_json(found))
            Path(name).replace(path)
        return found


def is_illegible(content: PageContent) -> bool:
    """Whether most of what was recognised is guessed."""
    sure = content.certainty
    return sure is not None and len(sure) > _FEW and float((sure < AS_SHIPPED.text).mean()) > _GUESSED


def unread_because(told: Sequence[str]) -> str:
    """Why a document of pictures was not read, by what its pages are told with."""
    return ILLEGIBLE if any(ILLEGIBLE in message for message in told) else NO_TABLE


def _problem(number: int, message: str) -> Problem:
    return Problem(ReasonCode.NO_TEXT, f"第 {number} 页{message}", place=Place(page=number))


def _to_json(found: PictureContent | None) -> str:
    if found is None:
        return "null"
    content = found.content
    arrays = {"boxes": content.boxes, "certainty": content.certainty, "matrix": found.matrix}
    plain = {"texts": content.texts, "others": content.others, "level": content.level, "upright": content.upright}
    plain["pieces"] = found.pieces
    return json.dumps({**plain, **{name: np.asarray(own).tolist() for name, own in arrays.items()}}, ensure_ascii=False)


def _from_json(text: str) -> PictureContent | None:
    from extractors.formats.picture.page import PictureContent

    data: dict[str, Any] | None = json.loads(text)
    if data is None:
        return None
    level, upright = ([tuple(rule) for rule in data[name]] for name in ("level", "upright"))
    boxes = np.array(data["boxes"], np.int64).reshape(-1, 4)
    turns = np.zeros(len(boxes), np.int64)
    certainty = np.array(data["certainty"], float)
    content = PageContent(data["texts"], boxes, turns, level, upright, certainty=certainty, others=data["others"])
    return PictureContent(content, np.array(data["matrix"]), data["pieces"])


# --- one width

_SAME_TABLE = 0.85, 1.18
"""Widths of two tables, the one as a share of the other, between which they are one table at different scale."""
_SAME_COLUMN = 6 * POINT
"""Within this an upright rule is the one of the page before."""


def _to_width(content: PageContent, columns: list[int]) -> tuple[PageContent, tuple[tuple[float, float], ...]]:
    """The content with its table as wide as that of the page before, and pairs of places x that lead back, in points.

    `columns`: the upright rules of the page before.
    """
    own = sorted({rule[0] for rule in content.upright})
    if len(own) < 2 or len(columns) < 2:
        return content, ()
    share = (own[-1] - own[0]) / (columns[-1] - columns[0])
    if not _SAME_TABLE[0] <= share <= _SAME_TABLE[1]:
        return content, ()
    knots = [(own[0], columns[0])]
    for x in own[1:-1]:
        there = columns[0] + (x - own[0]) / share
        near = min(columns, key=lambda column: abs(column - there))
        at = near if abs(near - there) <= _SAME_COLUMN else round(there)
        if at > knots[-1][1] and x > knots[-1][0]:
            knots.append((x, at))
    if columns[-1] <= knots[-1][1]:
        return content, ()
    knots.append((own[-1], columns[-1]))
    beyond = 10_000 * POINT
    before, after = (
        np.array([pairs[0] - beyond, *pairs, pairs[-1] + beyond], float) for pairs in zip(*knots, strict=True)
    )

    def moved(boxes: Any) -> Any:
        boxes = np.array(boxes, float).reshape(-1, 4)
        boxes[:, 0], boxes[:, 2] = np.interp(boxes[:, 0], before, after), np.interp(boxes[:, 2], before, after)
        return np.rint(boxes).astype(np.int64)

    level, upright = ([tuple(rule) for rule in moved(rules).tolist()] for rules in (content.level, content.upright))
    wide = replace(content, boxes=moved(content.boxes), level=level, upright=upright)
    return wide, tuple(zip((after / POINT).tolist(), (before / POINT).tolist(), strict=True))


# --- documents that are pictures


def read_image(data: bytes, kind: str, limits: Limits) -> Sheets:
    """The grids of a jpg, png or tiff (its pages in order); places are in points from the top left of each.

    Raises Unreadable with NO_TEXT, CORRUPT, BOMB or TOO_MANY_PAGES, PicturesAhead where they are left to others.
    """
    if not are_read(limits):
        raise Unreadable(ReasonCode.NO_TEXT, f"文件{NOT_INSTALLED}")
    with _opened(data, limits) as image:
        count = int(getattr(image, "n_frames", 1))
        if count > limits.max_pages:
            raise Unreadable(ReasonCode.TOO_MANY_PAGES, f"图片有 {count} 页，超过 {limits.max_pages} 页，请拆分。")
        if limits.pictures is Pictures.DEFER:
            raise PicturesAhead(min(count, limits.max_pictures))
        sheets, reader = Sheets(kind, [], count), PictureReader(limits)
        for number, (picture, dots) in enumerate(_pages(image, limits), 1):
            found = reader.read(picture, number)
            if isinstance(found, Problem):
                sheets.problems.append(found)
                continue
            content, way = found
            sheets.grids.extend(grids_of(content, number))
            sheets.read_by[number] = ENGINE
            sheets.straightened.append(way.scaled(72.0 / dots))
    if not sheets.grids:
        raise Unreadable(ReasonCode.NO_TEXT, f"文件{unread_because([p.message for p in sheets.problems])}")
    return sheets


def _opened(data: bytes, limits: Limits) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data))
        except Image.DecompressionBombError as error:
            raise _too_large(limits) from error
        except (OSError, ValueError, SyntaxError) as error:
            raise Unreadable(ReasonCode.CORRUPT, "图片打不开，请重新扫描或导出。") from error
    if image.width * image.height > limits.max_pixels:
        raise _too_large(limits)
    return image


def _too_large(limits: Limits) -> Unreadable:
    return Unreadable(
        ReasonCode.BOMB, f"图片超过 {limits.max_pixels // 1_000_000} 百万像素，请以 300 dpi 以下重新扫描。"
    )


def _pages(image: Image.Image, limits: Limits) -> Iterator[tuple[Picture, float]]:
    """Each page (height, width, 3), and its dots per inch."""
    for number in range(int(getattr(image, "n_frames", 1))):
        try:
            image.seek(number)
            if image.width * image.height > limits.max_pixels:
                raise _too_large(limits)
            plain = image.convert("RGBA") if image.mode in ("P", "LA", "PA", "RGBA") else image.convert("RGB")
            if plain.mode == "RGBA":
                paper = Image.new("RGB", plain.size, (255, 255, 255))
                paper.paste(plain, mask=plain.getchannel("A"))
                plain = paper
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise Unreadable(ReasonCode.CORRUPT, f"图片第 {number + 1} 页已损坏，请重新扫描或导出。") from error
        yield np.ascontiguousarray(np.asarray(plain)), dots_per_inch(image)


def as_pdf(data: bytes, limits: Limits) -> bytes:
    """A picture of pages as a PDF, each page as large as its places say, so that it is drawn like any other.

    Raises Unreadable with CORRUPT or BOMB.
    """
    with _opened(data, limits) as image, pypdfium2.PdfDocument.new() as document:
        for picture, dots in _pages(image, limits):
            wide, high = (72.0 / dots * side for side in picture.shape[1::-1])
            page, shown = document.new_page(wide, high), pypdfium2.PdfImage.new(document)
            shown.set_bitmap(pypdfium2.PdfBitmap.from_pil(Image.fromarray(picture)))
            shown.set_matrix(pypdfium2.PdfMatrix().scale(wide, high))
            page.insert_obj(shown)
            page.gen_content()
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def dots_per_inch(image: Image.Image) -> float:
    """What the picture says, if it can be so; else such that its long side is that of A4."""
    said = image.info.get("dpi", (0, 0))
    dots = float(said[0]) if isinstance(said, tuple) and said else 0.0
    return dots if round(dots) in _DOTS else max(image.size) * 72.0 / _A4
