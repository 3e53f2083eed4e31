"""The two PDF engines read the same: on every PDF among the fixtures, and on drawn pages. Blanks are folded.

Not here: what the pages say (tests/accuracy, test_pdf.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.codes import ReasonCode
from extractors.formats.limits import Limits
from extractors.formats.pdf.document import read_pdf
from extractors.grid import Sheets, Unreadable
from tests.formats.pdf_drawing import cid_font, document, show, type3_font

FIXTURES = sorted(Path(__file__).parents[1].rglob("*.pdf"))
SMALL, LARGE = ([p for p in FIXTURES if (p.stat().st_size > 10**6) == large] for large in (False, True))
SOME = [pytest.param(p, marks=[pytest.mark.slow] if n % 4 else [], id=p.stem) for n, p in enumerate(SMALL)]
"""Each fourth is read in the fast suite, too."""


def read(data: bytes, *, reference: bool) -> Sheets | ReasonCode:
    """What an engine reads, or the reason why it reads nothing."""
    try:
        return read_pdf(data, Limits(), reference=reference)
    except Unreadable as error:
        return error.reason_code


def both(data: bytes) -> tuple[Sheets | ReasonCode, Sheets | ReasonCode]:
    """What pdfium reads, and what pdfplumber does."""
    return read(data, reference=False), read(data, reference=True)


def contents(sheets: Sheets | ReasonCode) -> list[object]:
    """All that the grids say, white space folded, or the reason why there are none."""
    if not isinstance(sheets, Sheets):
        return [sheets]
    return [folded(sheets), sorted((p.code, p.place.page) for p in sheets.problems)]


def folded(sheets: Sheets) -> list[object]:
    return [
        (g.page, g.ruled, g.row_cut, [("".join(c.text.split()), c.row, c.col, c.rowspan, c.colspan) for c in g.cells])
        for g in sheets.grids
    ]


def places(sheets: Sheets) -> list[float | None]:
    cells = [c.place for g in sheets.grids if g.ruled for c in g.cells]
    return [side for place in cells for side in (place.x0, place.top, place.x1, place.bottom)]


@pytest.mark.parametrize("path", SOME)
def test_both_engines_read_a_fixture_alike(path: Path) -> None:
    fast, reference = both(path.read_bytes())
    assert contents(fast) == contents(reference)
    if fast != ReasonCode.NO_TEXT:
        assert isinstance(fast, Sheets) and isinstance(reference, Sheets)
        assert set(fast.read_by.values()) == {"pdfium"}
        assert places(fast) == pytest.approx(places(reference), abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("path", LARGE, ids=lambda p: p.stem)
def test_both_engines_read_a_large_fixture_alike(path: Path) -> None:
    fast, reference = both(path.read_bytes())
    assert contents(fast) == contents(reference)
    assert isinstance(fast, Sheets) and set(fast.read_by.values()) == {"pdfium"}


# --- drawn pages

WORDS = "绩效指标目标值自评分资金合计预算执行率产出效益满意度数量质量时效成本项目名称万元年度完成情况说明"
LATIN = "0123456789ABCabc≥≤%.,-"
RADICALS = "⽬⽉⻓⻅"
CHARACTERS = WORDS + LATIN + RADICALS
CODES = {c: n for n, c in enumerate(CHARACTERS, 1)}
KNOWN = "".join(c for c in CHARACTERS if c not in "标分5,")
FONTS = {
    "not embedded": (cid_font(), None),
    "with a CMap": (cid_font(mapped=CHARACTERS), None),
    "with a CMap that lacks characters": (cid_font(mapped=KNOWN, ordering="Identity"), None),
    "without metrics": (cid_font(ascent=0, descent=0, mapped=CHARACTERS), None),
    "of drawings": (type3_font(CHARACTERS), CODES),
    "of drawings, with a CMap that lacks characters": (type3_font(CHARACTERS, unknown="标分5,"), CODES),
    "of drawings, without a CMap": (type3_font(CHARACTERS, unknown=CHARACTERS), CODES),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], list[int], list[tuple[int, int, int, int]]]:
    """Grid lines, and cells as column, row, columns, rows: some of them merged."""
    xs = [60, *(60 + x for x in sorted(draw(st.sets(st.integers(2, 11), min_size=1, max_size=4))))]
    xs = (
        [xs[0] + 40 * n for n in range(len(xs))] if draw(st.booleans()) else [60, *(60 + 40 * (x - 60) for x in xs[1:])]
    )
    ys = [100 + 24 * n for n in range(draw(st.integers(2, 6)))]
    taken: set[tuple[int, int]] = set()
    cells = []
    for row in range(len(ys) - 1):
        for col in range(len(xs) - 1):
            if (col, row) in taken:
                continue
            columns = draw(st.integers(1, 2)) if col + 2 < len(xs) and (col + 1, row) not in taken else 1
            rows = draw(st.integers(1, 2)) if row + 2 < len(ys) else 1
            taken.update((c, r) for c in range(col, col + columns) for r in range(row, row + rows))
            cells.append((col, row, columns, rows))
    return xs, ys, cells


def rule(x0: float, y0: float, x1: float, y1: float, style: str) -> str:
    if style == "thin rectangle":
        return f"{x0 - 0.25} {y0 - 0.25} {x1 - x0 + 0.5} {y1 - y0 + 0.5} re f\n"
    dash = "[3 2] 0 d " if style == "dashed" else ""
    return f"q {dash}0.5 w {x0} {y0} m {x1} {y1} l S Q\n"


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """A page with a table, in any of the ways in which programs draw them."""
    font, codes = FONTS[draw(st.sampled_from(sorted(FONTS)))]
    xs, ys, cells = draw(tables())
    style = draw(st.sampled_from(["line", "thin rectangle", "dashed", "box"]))
    bold = draw(st.booleans())
    content = show("项目绩效自评", 80, 60, codes)
    for col, row, columns, rows in cells:
        x0, y0, x1, y1 = xs[col], ys[row], xs[col + columns], ys[row + rows]
        if style == "box":
            content += f"{x0} {y0} {x1 - x0} {y1 - y0} re S\n"
        else:
            sides = [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
            content += "".join(rule(*side, style) for side in sides)
        words = draw(st.text(CHARACTERS, max_size=3))
        if words:
            content += show(words, x0 + 4, y0 + 8, codes)
            if bold:
                content += show(words, x0 + 4.3, y0 + 8, codes)
    if draw(st.booleans()):
        content += show("绩效", 100, 120, codes, 40, "0.7 0.7 -0.7 0.7 100 120 Tm")  # a watermark
    if draw(st.booleans()):
        content = "1 1 1 rg 0 0 600 800 re f 0 g\n" + content
    forms = []
    if draw(st.booleans()):
        matrix = draw(st.sampled_from(["[1 0 0 1 0 0]", "[1 0 0 1 7 -5]", "[0.9 0 0 0.9 3 3]"]))
        forms = [(content, f"/BBox [0 0 600 800] /Matrix {matrix}")]
        content = "q 1 0 0 1 4 6 cm /X0 Do Q\n"
    boxes = draw(st.sampled_from(["/MediaBox [0 0 600 800]", "/MediaBox [-30 20 570 820]"]))
    crop = draw(st.sampled_from(["", "/CropBox [20 40 500 700]"]))
    rotation = draw(st.sampled_from([0, 90, 180, 270]))
    return document(content, font, forms, page=f"{boxes} {crop} /Rotate {rotation}")


@settings(deadline=None, max_examples=20)
@given(pages())
def test_both_engines_read_a_drawn_page_alike(data: bytes) -> None:
    fast, reference = both(data)
    assert contents(fast) == contents(reference)


@pytest.mark.slow
@settings(max_examples=3 * settings.default.max_examples)
@given(pages())
def test_both_engines_read_many_drawn_pages_alike(data: bytes) -> None:
    fast, reference = both(data)
    assert contents(fast) == contents(reference)
