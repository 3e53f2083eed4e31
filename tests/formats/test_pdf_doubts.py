"""Pages of which pdfium may not say what they print are read by pdfplumber, and the extraction says so.

Not here: pages that both engines read (test_pdf_engines.py).
"""

from __future__ import annotations

import pytest

from extractors.extract import extract
from extractors.formats.limits import Limits
from extractors.formats.pdf.document import read_pdf
from tests.formats.pdf_drawing import cid_font, document, show

LATIN = "abcdefgh-0123456789"
FONT = cid_font(mapped=LATIN + "绩效自评表项目名称指标目标\u05d0\u05d1")
UNKNOWN = cid_font(mapped="绩效自评表项目名称指标目标", ordering="Identity")
TITLE = show("项目绩效自评表", 100, 700)
MARKED = "/Span << /ActualText (99) >> BDC " + show("10", 100, 600) + "EMC\n"
INHERITED = "/MediaBox [0 0 600 800] /CropBox [10 10 590 790]"

CASES = {
    "a character without Unicode value, or a hyphen at a line's end": [
        document(TITLE + show("abc-", 100, 600) + show("def", 100, 580), FONT),
        document(TITLE + show("项目名称指标目标自评项目名称指标目标\u4e00", 100, 600), UNKNOWN),
    ],
    "a replacement text for what is drawn": [document(TITLE + MARKED, FONT)],
    "text from right to left": [document(TITLE + show("\u05d0\u05d1", 100, 600), FONT)],
    "right to left": [document(TITLE, FONT, catalog="/ViewerPreferences << /Direction /R2L >>")],
    "a font that runs downwards": [document(show("项目绩效", 100, 700), cid_font(mapped="项目绩效", writing="V"))],
    "the media box is inherited": [document(TITLE, FONT, page="", pages=INHERITED)],
}


@pytest.mark.parametrize(("doubt", "data"), [(doubt, data) for doubt, pages in CASES.items() for data in pages])
def test_a_page_in_doubt_is_read_by_pdfplumber(doubt: str, data: bytes) -> None:
    sheets = read_pdf(data, Limits())
    assert sheets.read_by == {1: f"pdfplumber: {doubt}"}
    assert sheets.grids == read_pdf(data, Limits(), reference=True).grids


def test_what_is_drawn_is_read_not_what_is_said_to_be() -> None:
    (lines,) = read_pdf(document(TITLE + MARKED, FONT), Limits()).grids
    assert [c.text for c in lines.cells] == ["项目绩效自评表", "10"]


def test_a_radical_that_chromium_names_is_read_by_pdfium() -> None:
    named = "/Span << /ActualText <FEFF76EE> >> BDC " + show("\u2f6c", 100, 600) + "EMC\n"  # 目
    sheets = read_pdf(document(TITLE + named, cid_font(mapped="项目绩效自评表\u2f6c")), Limits())
    assert sheets.read_by == {1: "pdfium"}
    assert [c.text for c in sheets.grids[0].cells] == ["项目绩效自评表", "目"]


def test_an_inherited_media_box_is_known_where_no_crop_box_can_be() -> None:
    data = document(TITLE, FONT, page="", pages="/MediaBox [-20 10 580 810]")
    sheets = read_pdf(data, Limits())
    assert sheets.read_by == {1: "pdfium"}
    assert sheets.grids == read_pdf(data, Limits(), reference=True).grids


@pytest.mark.parametrize("rotation", [0, 90, 270])
def test_what_a_clipping_path_hides_is_left_out_by_both_engines(rotation: int) -> None:
    hidden = "q 0 0 600 650 re W n " + show("名称", 100, 700) + "Q\n"
    data = document(show("项目绩效自评表", 100, 500) + hidden, FONT, page=f"/MediaBox [0 0 600 800] /Rotate {rotation}")
    for reference in (False, True):
        (lines,) = read_pdf(data, Limits(), reference=reference).grids
        assert [c.text for c in lines.cells] == ["项目绩效自评表"]


def test_the_extraction_keeps_which_engine_read_a_page() -> None:
    assert extract(document(TITLE, FONT)).read_by == {"1": "pdfium"}
