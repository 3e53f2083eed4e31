"""Pictures of places in a PDF: the marked place is the one named, however the page is turned and cut.

Here: a page with a blue block, whose place pdfplumber or our reader tells. Not here: the places of a form (test_show).
"""

import io

import numpy as np
import pdfplumber
import pytest
from PIL import Image

from extractors.formats import read
from extractors.formats.pdf.picture import BESIDE, EXTENT, FRAME, Box, Mark, picture
from extractors.grid import Unreadable

BLOCK = "0 0 1 rg 240 600 60 20 re f\n"
GREEN = "0 1 0 rg 340 600 60 20 re f\n"
FONT = "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
TABLE = (
    "200 560 200 100 re S 200 610 m 400 610 l S 300 560 m 300 660 l S "
    "0 0 1 rg 315 570 70 30 re f 1 g BT /F1 12 Tf 320 580 Td (named) Tj ET BT /F1 12 Tf 220 630 Td (other) Tj ET\n"
)
LINE = (208, 48, 38)
BLUE, LIT_BLUE, LIT_GREEN = (0, 0, 255), (0, 0, 102), (0, 247, 0)


def pdf(*contents: str, of_page: str = "", of_all: str = "/MediaBox [0 0 600 800]") -> bytes:
    """A PDF with these page contents; `of_page`: entries of each page, `of_all`: of the tree, which pages inherit."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(contents)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} {of_all} >>",
    ]
    for n, content in enumerate(contents):
        objects.append(f"<< /Type /Page /Parent 2 0 R {of_page} /Contents {4 + 2 * n} 0 R {FONT} >>")
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n"
    )
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode()


def place(data: bytes, page: int = 1, block: int = 0) -> Box:
    """Where pdfplumber sees a block: points from the top left of the media box as displayed."""
    with pdfplumber.open(io.BytesIO(data)) as document:
        shown = document.pages[page - 1]
        rect = shown.rects[block]
        left, upper = shown.bbox[:2]
        return rect["x0"] - left, rect["top"] - upper, rect["x1"] - left, rect["bottom"] - upper


def image(data: bytes, *marks: Mark, whole_page: bool = False) -> Image.Image:
    return Image.open(io.BytesIO(picture(data, marks, whole_page=whole_page)))


def extent(shown: Image.Image, *colors: tuple[int, int, int]) -> Box | None:
    """The box around all pixels of these colours."""
    pixels = np.asarray(shown)
    return Image.fromarray(np.any([(pixels == color).all(axis=2) for color in colors], axis=0)).getbbox()


BOXES = {
    "plain": ("", "/MediaBox [0 0 600 800]"),
    "offset": ("/MediaBox [-40 -60 640 820]", ""),
    "cropped": ("/MediaBox [-40 -60 640 820] /CropBox [20 100 590 780]", ""),
    "media inherited": ("/CropBox [20 100 590 780]", "/MediaBox [-40 -60 640 820]"),
    "both inherited": ("", "/MediaBox [-40 -60 640 820] /CropBox [30 120 600 790]"),
    "crop beyond media": ("/MediaBox [100 400 500 700] /CropBox [0 0 600 800]", ""),
}
SWAPPED = {"corners swapped": ("/MediaBox [640 820 -40 -60]", "")}  # pdfplumber is no measure of these


TURNED = [
    pytest.param(box, turn, marks=[] if turn == (90 * n) % 360 else [pytest.mark.slow], id=f"{name} by {turn}")
    for n, (name, box) in enumerate((BOXES | SWAPPED).items())
    for turn in (0, 90, 180, 270)
]
"""All boxes at all turns; in the fast suite each box at one turn, and each turn twice but one."""


@pytest.mark.parametrize(("boxes", "turn"), [way for way in TURNED if way.values[0] not in SWAPPED.values()])
def test_the_marked_place_is_the_one_named(boxes: tuple[str, str], turn: int) -> None:
    of_page, of_all = boxes
    data = pdf(BLOCK + GREEN, of_page=f"{of_page} /Rotate {turn}", of_all=of_all)
    for whole_page in (False, True):
        shown = image(data, Mark(1, place(data)), whole_page=whole_page)
        line, block = extent(shown, LINE), extent(shown, LIT_BLUE)
        assert line is not None and block is not None and extent(shown, BLUE) is None
        size = (150, 50) if turn in (0, 180) else (50, 150)
        assert abs(line[2] - line[0] - size[0]) <= 2 and abs(line[3] - line[1] - size[1]) <= 2
        inner = zip(line, block, (-1, -1, 1, 1), strict=True)
        assert all(0 <= (outer - own) * sign <= 5 for outer, own, sign in inner), (line, block)


@pytest.mark.parametrize(("boxes", "turn"), TURNED)
def test_the_place_that_the_reader_tells_is_the_cell_of_its_text(boxes: tuple[str, str], turn: int) -> None:
    of_page, of_all = boxes
    data = pdf(TABLE, of_page=f"{of_page} /Rotate {turn}", of_all=of_all)
    [cell] = [cell for grid in read(data).grids for cell in grid.cells if cell.text == "named"]
    where = cell.place
    assert where.page and where.x0 and where.top and where.x1 and where.bottom
    shown = image(data, Mark(where.page, (where.x0, where.top, where.x1, where.bottom)))
    line, block = extent(shown, LINE), extent(shown, LIT_BLUE)
    assert line is not None and block is not None
    assert line[0] < block[0] and line[1] < block[1] and line[2] > block[2] and line[3] > block[3]
    assert max(line[2] - line[0], line[3] - line[1]) <= 100 * 2.5 + 2


def test_what_stands_beside_is_tinted_and_a_cut_is_as_wide_as_the_form() -> None:
    data = pdf(BLOCK + GREEN)
    form = Mark(1, (100, 100, 500, 700), EXTENT)
    shown = image(data, Mark(1, place(data)), Mark(1, place(data, block=1), BESIDE), form)
    assert extent(shown, LIT_GREEN) is not None
    assert abs(shown.width - (400 + 2 * 12) * 2.5) <= 2
    assert shown.height < 100 * 2.5


def test_a_place_on_two_pages_is_shown_on_both() -> None:
    data = pdf(BLOCK, "0 0 1 rg 240 700 60 20 re f\n")
    marks = [Mark(page, place(data, page)) for page in (1, 2)]
    cut, pages = image(data, *marks), image(data, *marks, whole_page=True)
    single = image(data, marks[0])
    assert cut.height > 2 * single.height and cut.width == single.width
    assert pages.height > 2 * 800 * 2.5
    [first, second] = [
        extent(half, LIT_BLUE) for half in (pages.crop((0, 0, 1500, 2000)), pages.crop((0, 2000, 1500, 4100)))
    ]
    assert first and second and first[0] == second[0]


def test_a_form_is_cut_out_with_a_line_around_it() -> None:
    data = pdf(BLOCK)
    shown = image(data, Mark(1, (100, 100, 500, 700), FRAME), Mark(1, place(data)))
    assert extent(shown, LINE) is not None and extent(shown, LIT_BLUE) is not None
    assert (abs(shown.width - 424 * 2.5) <= 2, abs(shown.height - 624 * 2.5) <= 2) == (True, True)


def test_a_huge_page_is_drawn_smaller() -> None:
    data = pdf(BLOCK, of_all="/MediaBox [0 0 14000 14000]")
    shown = image(data, Mark(1, place(data)), whole_page=True)
    assert shown.width * shown.height <= 12_500_000


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 nothing", pdf(BLOCK)[:200]])
def test_what_is_no_pdf_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        picture(data, [Mark(1, (0, 0, 10, 10))])


@pytest.mark.parametrize("page", [0, 2])
def test_a_page_that_is_not_there_is_told(page: int) -> None:
    with pytest.raises(Unreadable, match=f"第 {page} 页"):
        picture(pdf(BLOCK), [Mark(page, (0, 0, 10, 10))])


def test_many_pages_together_are_drawn_smaller_and_all_at_one_scale() -> None:
    data = pdf(*[BLOCK] * 30)
    shown = image(data, *(Mark(page, place(data)) for page in range(1, 31)), whole_page=True)
    assert shown.width * shown.height <= 40_000_000
    assert abs(shown.height / shown.width - 30 * 800 / 600) < 1.5
