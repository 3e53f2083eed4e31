"""Small PDF files written by hand, read back. Not here: the geometry of a page (unit tests)."""

import zlib
from collections.abc import Sequence

import pytest

from extractors.formats import Limits, read
from extractors.grid import Unreadable

FONT = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font"
    " /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1)"
    " /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /Ascent 880"
    " /Descent -120 /FontBBox [0 -120 1000 880] /ItalicAngle 0 /CapHeight 700 /StemV 80 >> >>] >>"
)


def show(words: str, x: float, y: float, matrix: str = "1 0 0 1", size: float = 10) -> str:
    return f"BT /F1 {size} Tf {matrix} {x} {y} Tm <{words.encode('utf-16-be').hex()}> Tj ET\n"


def table(top: float = 700, words: Sequence[str] = ("一级指标", "年度指标值", "产出指标", "≥9场")) -> str:
    """Two rows of two cells, 100 by 20 points each, from (100, top)."""
    lines = [f"100 {y} m 300 {y} l S\n" for y in (top, top - 20, top - 40)]
    lines += [f"{x} {top} m {x} {top - 40} l S\n" for x in (100, 200, 300)]
    places = [(105, top - 15), (205, top - 15), (105, top - 35), (205, top - 35)]
    return "".join(lines) + "".join(show(w, x, y) for w, (x, y) in zip(words, places, strict=True))


def pdf(*pages: str, font: str = FONT, extra: str = "", page_extra: str = "") -> bytes:
    """A PDF file with these page contents; `/Im` is a small image."""
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        3: font,
        4: "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
        " /Length 1 >>\nstream\nA\nendstream",
    }
    for n, content in enumerate(pages):
        packed = zlib.compress(content.encode())
        objects[5 + 2 * n] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] {page_extra} /Contents {6 + 2 * n} 0 R"
            " /Resources << /Font << /F1 3 0 R >> /XObject << /Im 4 0 R >> >> >>"
        )
        stream = packed.decode("latin-1")
        objects[6 + 2 * n] = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n{stream}\nendstream"
    out, offsets = b"%PDF-1.7\n", []
    for number, body in objects.items():
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    entries = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    xref = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{entries}"
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {extra} >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + (xref + trailer).encode()


def texts(data: bytes) -> list[list[str]]:
    return [[c.text for c in grid.cells] for grid in read(data).grids]


def rejected(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read(data, limits or Limits())
    return caught.value.reason_code


PICTURE = "q 600 0 0 800 0 0 cm /Im Do Q\n"
CELLS = ["一级指标", "年度指标值", "产出指标", "≥9场"]


def test_a_page_gives_its_title_and_its_table_with_places() -> None:
    sheets = read(pdf(show("绩效自评表", 150, 750) + table()))
    assert (sheets.format, sheets.page_count, sheets.problems) == ("pdf", 1, [])
    title, grid = sheets.grids
    assert [c.text for c in title.cells] == ["绩效自评表"]
    assert [c.text for c in grid.cells] == CELLS
    place = grid.cells[3].place
    assert (place.page, place.x0, place.top, place.x1, place.bottom) == (1, 200, 120, 300, 140)


def test_text_off_the_page_at_an_angle_or_drawn_twice_is_left_out() -> None:
    extra = show("页外", 700, 700) + show("水印", 120, 650, "0.7 0.7 -0.7 0.7", 40) + show("产出指标", 105.3, 665)
    assert texts(pdf(table() + extra)) == [CELLS]


def test_text_that_a_clipping_path_hides_is_left_out() -> None:
    hidden = "q 0 0 600 600 re W n " + show("隐藏", 105, 750) + "Q\n"
    shown = "q 0 0 600 600 re W n " + show("注：可见", 105, 500) + "Q\n"
    assert texts(pdf(table() + hidden + shown)) == [CELLS, ["注：可见"]]


def test_only_pages_that_can_hold_forms_are_read_in_a_long_document() -> None:
    other = table(words=("公开01表", "收入", "支出", "合计"))
    goes_on = table(words=("质量", "≥98%", "时效", "≤5天"))
    sheets = read(pdf(show("目录", 100, 700), other, table(), goes_on, other, show("完", 100, 700)))
    assert [g.page for g in sheets.grids] == [3, 4]
    assert sheets.page_count == 6


def test_a_document_without_forms_has_no_grids() -> None:
    assert read(pdf(*[show("决算说明", 100, 700)] * 5)).grids == []


def test_a_picture_page_is_a_problem_and_a_document_of_pictures_has_no_text() -> None:
    sheets = read(pdf(table(), PICTURE))
    assert [(p.code, p.place.page) for p in sheets.problems] == [("NO_TEXT", 2)]
    assert rejected(pdf(PICTURE, PICTURE + show("扫描", 10, 10))) == "NO_TEXT"
    assert rejected(pdf("")) == "NO_TEXT"


def test_text_for_private_use_is_garbled() -> None:
    private = table(words=("\ue001\ue002", "\ue003", "\ue004", "\ue005"))
    assert rejected(pdf(private)) == "GARBLED"


def test_a_cut_file_is_truncated_and_noise_is_corrupt() -> None:
    data = pdf(table())
    assert rejected(data[: len(data) // 2]) == "TRUNCATED"
    assert rejected(data[: data.rindex(b"xref")]) == "TRUNCATED"
    assert rejected(data + b"9 0 obj\n<< /Length 5") == "TRUNCATED"
    assert rejected(b"%PDF-1.7") == "CORRUPT"
    assert rejected(b"%PDF-1.7\n" + b"\x9c noise obj" * 50 + b"\n%%EOF") == "CORRUPT"


def test_a_line_that_runs_over_the_border_is_of_the_cell_that_holds_its_middle() -> None:
    words = "产出指标数量指标人次"  # 100 points from 105: the border at 200 goes through the last character
    spilled = table(words=("一级指标", "年度指标值", "", "")) + show(words, 105, 665) + show("≥9场", 260, 665)
    assert texts(pdf(spilled)) == [["一级指标", "年度指标值", words, "≥9场"]]
    touching = table(words=("一级指标", "年度指标值", "", "")) + show(words, 100, 665) + show("≥9场", 200, 665)
    assert texts(pdf(touching)) == [["一级指标", "年度指标值", words, "≥9场"]]


def test_too_many_pages_and_content_that_inflates_beyond_reason_are_rejected() -> None:
    assert rejected(pdf(*[table()] * 3), Limits(max_pages=2)) == "TOO_MANY_PAGES"
    assert rejected(pdf("0 0 1 1 re\n" * 3_000_000)) == "BOMB"


def test_an_unknown_encryption_is_rejected_as_such() -> None:
    extra = "/Encrypt << /Filter /Unknown /V 9 /R 9 >> /ID [<00> <00>]"
    assert rejected(pdf(table(), extra=extra)) == "ENCRYPTED"


def test_a_rotated_page_is_read_as_it_is_shown() -> None:
    sideways = "0 1 -1 0 600 0 cm\n" + table(top=500)
    assert texts(pdf(sideways, page_extra="/Rotate 90")) == [CELLS]
    assert texts(pdf(sideways)) == [CELLS]


def test_a_page_on_its_head_is_read_as_it_reads_once_turned() -> None:
    on_its_head = "-1 0 0 -1 600 800 cm\n" + table(top=500)
    assert texts(pdf(on_its_head)) == [CELLS]
    assert texts(pdf(on_its_head, page_extra="/Rotate 180")) == [CELLS]
    upright_places, turned_places = (
        read(pdf(content)).grids[0].cells[0].place for content in (table(top=500), on_its_head)
    )
    assert (turned_places.x1, turned_places.bottom) == (600 - upright_places.x0, 800 - upright_places.top)
