"""Grids of scans: the tables that are found in a picture of a page are those of the page that it was drawn from.

Here: rules, cells and what stands in which; the characters are those of the text page. Not here: recognition.
"""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

pytest.importorskip("cv2", reason="make ocr")

from PIL import Image

from bench.scans import KINDS
from extractors.formats.limits import Limits
from extractors.formats.pdf.page_content import POINT, PageContent
from extractors.formats.pdf.page_grids import grids_of
from extractors.formats.pdf.pdfium import frame_of, read_ink
from extractors.formats.pdf.preview import OpenPage
from extractors.formats.picture.page import rules_in_points
from extractors.formats.picture.rules import find_rules
from extractors.formats.picture.straight import POINTS_A_PIXEL, straighten

PAGES = sorted((Path(__file__).parents[1] / "accuracy" / "raw" / "440399").rglob("*.pdf"))
_DOTS = 200
_OF_CELLS = {"clean": 0.0, "red seal": 0.8, "fold": -0.4, "specks": -2.0, "jpeg": 2.8}
"""Degradations that could move a rule, hide one or look like one, each with degrees by which the page lies askew."""


def drawn(path: Path, number: int) -> tuple[PageContent, Image.Image]:
    """The ink of a page (from 1), and its picture."""
    data = path.read_bytes()
    with pypdfium2.PdfDocument(data) as document:
        page = OpenPage(document, number, Limits().max_page_objects)
        ink = read_ink(page, frame_of(page.raw, data), Limits().max_page_objects, layered=False)
        image: Image.Image = document[number - 1].render(scale=_DOTS / 72).to_pil().convert("RGB")
        return ink, image


def askew(image: Image.Image, degrees: float) -> Image.Image:
    """A picture turned about its middle."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))


def seen(ink: PageContent, image: Image.Image, askew: float) -> PageContent:
    """The characters of the page with the rules that its picture shows, which lies askew by so many degrees."""
    straight = straighten(np.asarray(image))
    ruled = find_rules(straight.grey)
    cos, sin = math.cos(math.radians(askew)), math.sin(math.radians(askew))
    x, y = image.width / 2, image.height / 2
    turned = np.array([[cos, sin, x - cos * x - sin * y], [-sin, cos, y + sin * x - cos * y], [0, 0, 1]])
    pixels = np.diag([_DOTS / 72 / POINT] * 2 + [1.0])
    way = np.diag([POINTS_A_PIXEL * POINT] * 2 + [1.0]) @ straight.matrix @ turned @ pixels
    middles, half = (ink.boxes[:, :2] + ink.boxes[:, 2:]) / 2, (ink.boxes[:, 2:] - ink.boxes[:, :2]) / 2
    moved = np.column_stack([middles, np.ones(len(middles))]) @ way.T
    at = moved[:, :2] / moved[:, 2:]
    boxes = np.rint(np.column_stack([at - half, at + half])).astype(np.int64)
    return replace(ink, boxes=boxes, level=rules_in_points(ruled.level), upright=rules_in_points(ruled.upright))


def cells(content: PageContent) -> list[list[tuple[str, int, int, int, int]]]:
    """The tables of a page: their cells, white space left out."""
    return [
        [("".join(cell.text.split()), cell.row, cell.col, cell.rowspan, cell.colspan) for cell in grid.cells]
        for grid in grids_of(content, 1)
        if grid.ruled
    ]


@pytest.mark.parametrize(("number", "kind"), list(enumerate(_OF_CELLS)), ids=list(_OF_CELLS))
def test_the_grids_of_a_scan_are_those_of_the_page_it_was_drawn_from(number: int, kind: str) -> None:
    ink, image = drawn(PAGES[4 * number], 1)
    scan = KINDS[kind](askew(image, _OF_CELLS[kind]), random.Random(number))
    assert cells(seen(ink, scan, _OF_CELLS[kind])) == cells(ink) != []
