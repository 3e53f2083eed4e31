"""What a PDF page shows is read, what it only holds is not, and that is told: each kind drawn, with a near miss.

Not here: which engine reads what (test_pdf_engines.py), the geometry of a page (unit tests).
"""

from __future__ import annotations

import struct

import pytest

from extractors.formats.limits import Limits
from extractors.formats.pdf.document import read_pdf
from extractors.formats.pdf.encodings import contradicting_fonts
from extractors.grid import Problem
from extractors.readings.printed import number
from tests.formats.pdf_drawing import cid_font, document, show, stream, to_unicode, type3_font

CHARACTERS = "0123456789m米元年度资金总额预算执行数绩效指标批注样本公章印①*.-_"
CODES = {c: n for n, c in enumerate(CHARACTERS, 1)}
FONT = type3_font(CHARACTERS)


def put(words: str, x: float, y: float, size: float = 10, how: str = "") -> str:
    return show(words, x, y, CODES, size, how)


GRID = "".join(f"100 {y} m 400 {y} l S\n" for y in (700, 680, 660))
GRID += "".join(f"{x} 700 m {x} 660 l S\n" for x in (100, 250, 400))
TABLE = GRID + put("资金", 105, 685) + put("预算", 255, 685) + put("总额", 105, 665)
VALUE = put("180", 255, 665)
WHITE, BLACK = "1 1 1 rg\n", "0 0 0 rg\n"
PATCH = WHITE + "252 662 100 16 re f\n" + BLACK
LAYER = "<< /Type /OCG /Name (old) >>"


def layer(words: str) -> str:
    return f"/OC /L0 BDC\n{words}EMC\n"


def layered(state: str) -> dict[str, object]:
    return {
        "resources": "/Properties << /L0 @0 >>",
        "catalog": f"/OCProperties << /OCGs [@0] /D << /{state} [@0] >> >>",
        "extra": [LAYER],
    }


def both(content: str, **entries: object) -> tuple[str, list[Problem]]:
    """The text of the cell of the value, and the problems, which both engines find alike."""
    data = document(content, FONT, **entries)  # type: ignore[arg-type]
    found = []
    for reference in (False, True):
        sheets = read_pdf(data, Limits(), reference=reference)
        texts = {(c.row, c.col): c.text for grid in sheets.grids if grid.ruled for c in grid.cells}
        assert texts[0, 0] == "资金"
        found.append((texts.get((1, 1), ""), sheets.problems))
    assert found[0][0] == found[1][0]
    assert [p.code for p in found[0][1]] == [p.code for p in found[1][1]]
    return found[0]


def two_pages(first: str, second: str) -> bytes:
    """A document of these two pages."""
    data = document(first, FONT, extra=[stream(second)])
    page = data[data.index(b"3 0 obj") : data.index(b"4 0 obj")]
    number = int(data[data.index(b"trailer") :].split(b"/Size ")[1].split()[0])
    another = page.replace(b"3 0 obj", b"%d 0 obj" % number).replace(
        b"/Contents 4 0 R", b"/Contents %d 0 R" % (number - 1)
    )
    data = data.replace(b"/Kids [3 0 R] /Count 1", b"/Kids [3 0 R %d 0 R] /Count 2" % number)
    end = data.index(b"xref")
    return data[:end] + another + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n0\n%%%%EOF\n" % (number + 1)


SHADE = {"resources": "/ExtGState << /G0 << /ca 0 >> /G5 << /ca 0.5 >> >>"}

UNSEEN = {
    "invisible mode": (VALUE + put("55", 285, 665, how="3 Tr") + "0 Tr\n", {}),
    "mode that only clips": (VALUE + "q " + put("55", 285, 665, how="7 Tr") + "Q\n", {}),
    "white on white": (VALUE + WHITE + put("55", 285, 665) + BLACK, {}),
    "opacity 0": (VALUE + "q /G0 gs " + put("55", 285, 665) + "Q\n", SHADE),
    "a layer that is off": (VALUE + layer(put("7", 285, 665)), layered("OFF")),
    "a font of a fraction of a point": (VALUE + put("55", 285, 665, 0.4), {}),
    "condensed to nothing": (VALUE + put("55", 285, 665, how="1 Tz") + "100 Tz\n", {}),
    "mirrored": (VALUE + put("55", 285, 665, how="-1 0 0 1 310 665 Tm"), {}),
    "the colour of the fill below": ("0 0 1 rg 251 661 148 18 re f " + put("55", 285, 665) + BLACK + VALUE, {}),
}


@pytest.mark.parametrize(("content", "entries"), UNSEEN.values(), ids=list(UNSEEN))
def test_text_that_the_page_does_not_show_is_not_read_and_told(content: str, entries: dict[str, object]) -> None:
    text, problems = both(TABLE + content, **entries)
    assert text == "180"
    assert [p.code for p in problems] == ["HIDDEN_CONTENT"]
    place = problems[0].place
    assert place.page == 1 and place.x0 is not None and 250 < place.x0 < 300 and problems[0].text is None


SEEN = {
    "grey": "0.6 0.6 0.6 rg " + put("55", 285, 665) + BLACK,
    "white on a dark cell": "0 0 0.5 rg 251 661 148 18 re f " + WHITE + put("55", 285, 665) + BLACK,
    "on a highlight": "1 1 0 rg 251 661 148 18 re f " + BLACK + put("55", 285, 665),
    "on a white patch": PATCH + put("55", 285, 665),
    "condensed by half": put("55", 285, 665, how="50 Tz") + "100 Tz\n",
    "filled and stroked": put("55", 285, 665, how="2 Tr") + "0 Tr\n",
}


@pytest.mark.parametrize("content", SEEN.values(), ids=list(SEEN))
def test_text_that_the_page_shows_is_read_and_nothing_is_told(content: str) -> None:
    text, problems = both(TABLE + content + VALUE)
    assert "".join(sorted(text)) == "01558" and not problems


YELLOW = "1 1 0 rg "
HIGHLIGHTS = {
    "a word": "255 663 30 11 re f ",
    "from the side of the cell": "250 660 60 20 re f ",
    "two words side by side": "254 663 8 12 re f 262 663 30 12 re f ",
    "two lines": "255 663 30 6 re f 255 669 30 6 re f ",
}


@pytest.mark.parametrize("areas", HIGHLIGHTS.values(), ids=list(HIGHLIGHTS))
def test_a_highlight_within_a_cell_does_not_cut_it(areas: str) -> None:
    assert both(TABLE + YELLOW + areas + BLACK + VALUE) == ("180", [])
    data = document(TABLE + YELLOW + areas + BLACK + VALUE, FONT)
    [grid] = read_pdf(data, Limits()).grids
    assert sorted((c.row, c.col) for c in grid.cells) == [(0, 0), (0, 1), (1, 0), (1, 1)]


ROWS = "".join(put("资金", 105, 685 - 20 * n) + put("180", 255, 685 - 20 * n) for n in range(4))
FRAME = "100 700 m 400 700 l S 100 620 m 400 620 l S 100 700 m 100 620 l S 400 700 m 400 620 l S\n"
SHADES = [(n, shade) for n, shade in enumerate((0.9, 0.95, 0.9, 0.95))]
CELLS = "".join(f"{shade} g {x} {680 - 20 * n} 150 20 re f\n" for n, shade in SHADES for x in (100, 250)) + "0 g\n"
BANDS = "".join(f"{shade} g 100 {680 - 20 * n} 300 20 re f\n" for n, shade in SHADES) + "0 g\n"
FILLS = {
    "a fill for each cell": CELLS,
    "a fill for each cell in a frame": CELLS + FRAME,
    "a fill for each row and a line between the columns": BANDS + "250 700 m 250 620 l S\n",
    "a fill for each row in a frame": BANDS + FRAME + "250 700 m 250 620 l S\n",
}


@pytest.mark.parametrize("areas", FILLS.values(), ids=list(FILLS))
def test_fills_alone_make_cells(areas: str) -> None:
    for reference in (False, True):
        [grid] = read_pdf(document(areas + ROWS, FONT), Limits(), reference=reference).grids
        assert [(c.row, c.col, c.text) for c in grid.cells] == [
            (n, col, text) for n in range(4) for col, text in enumerate(("资金", "180"))
        ]


def test_a_layer_that_is_on_and_half_a_shade_are_read() -> None:
    assert both(TABLE + VALUE + layer(put("7", 285, 665)), **layered("ON")) == ("1807", [])
    assert both(TABLE + VALUE + "q /G5 gs " + put("7", 285, 665) + "Q\n", **SHADE) == ("1807", [])


@pytest.mark.parametrize("patch", [PATCH, PATCH.replace("1 1 1", "0 0 0")])
def test_text_under_a_patch_is_not_read_and_its_place_is_told_without_it(patch: str) -> None:
    text, problems = both(TABLE + put("170", 255, 665) + patch)
    assert text == "" and [p.code for p in problems] == ["COVERED_TEXT"]
    assert problems[0].text is None and "170" not in problems[0].message
    text, problems = both(TABLE + put("170", 255, 665) + PATCH + put("180", 255, 665))
    assert text == "180" and {p.code for p in problems} == {"COVERED_TEXT"}


@pytest.mark.parametrize("line", ["14 w 251 669 m 320 669 l S", "0.1 0 0 0.1 0 0 cm 140 w 2510 6690 m 3200 6690 l S"])
def test_text_under_a_line_of_a_broad_pen_is_not_read_and_told_and_one_on_it_is_read(line: str) -> None:
    white = f"q 1 1 1 RG {line} Q\n"
    text, problems = both(TABLE + put("170", 255, 665) + white)
    assert (text, [p.code for p in problems]) == ("", ["COVERED_TEXT"])
    assert both(TABLE + white + VALUE)[0] == "180"


def test_the_text_layer_of_a_scan_is_kept() -> None:
    picture = "q 600 0 0 800 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID A EI Q\n"
    recognised = "".join(put("年度资金预算执行数", 105, y) for y in (600, 580, 560, 540))
    scan = document(picture + "3 Tr\n" + TABLE + VALUE + recognised, FONT)
    sheets = read_pdf(scan, Limits())
    assert "180" in [c.text for grid in sheets.grids for c in grid.cells]
    assert not [p for p in sheets.problems if p.code == "HIDDEN_CONTENT"]


def test_a_raised_mark_is_no_part_of_a_figure_but_a_power_is_part_of_a_unit() -> None:
    for mark in "1①*":
        text, problems = both(TABLE + VALUE + put(mark, 285.5, 669, 5))
        assert text == "180" and [(p.code, p.text) for p in problems] == [("MARKED_TEXT", mark)]
    assert both(TABLE + VALUE + put("m", 285, 665) + put("2", 295.5, 669, 5)) == ("180m2", [])
    assert both(TABLE + VALUE + put("米", 285, 665, 7)) == ("180米", [])


def test_struck_out_text_is_left_out_and_underlined_text_is_not() -> None:
    struck = "254 668.5 m 286 668.5 l S\n"
    text, problems = both(TABLE + put("170", 255, 665) + struck + put("180", 300, 665))
    assert text == "180" and [(p.code, p.text) for p in problems] == [("MARKED_TEXT", "170")]
    assert both(TABLE + VALUE + "254 663.5 m 286 663.5 l S\n") == ("180", [])
    thin = "254 668.2 32 0.6 re f\n"
    assert both(TABLE + put("170", 255, 665) + thin)[0] == ""


def test_dashes_typed_over_text_strike_it_out_and_underscores_and_dashes_beside_it_do_not() -> None:
    text, problems = both(TABLE + put("170", 255, 665) + put("---", 254, 665) + put("180", 320, 665))
    assert text == "180" and [(p.code, p.text) for p in problems] == [("MARKED_TEXT", "170")]
    assert both(TABLE + VALUE + put("____", 255, 665)) == ("180", [])
    assert both(TABLE + VALUE + put("--", 300, 665)) == ("180 --", [])


def test_a_line_at_an_angle_or_alone_across_the_cell_strikes_out_and_the_border_of_a_cell_does_not() -> None:
    for line in ("254 663 m 286 674 l S\n", "250 668.5 m 400 668.5 l S\n"):
        text, problems = both(TABLE + put("170", 255, 665) + line)
        assert text == "" and [(p.code, p.text) for p in problems] == [("MARKED_TEXT", "170")]
    for line in ("250 660 m 400 680 l S\n", "254 700 m 286 711 l S\n"):
        assert both(TABLE + put("170", 255, 665) + line) == ("170", [])


def test_a_cross_over_the_cell_or_a_longer_or_not_quite_level_line_strikes_out() -> None:
    cross = "250 660 m 400 680 l S\n250 680 m 400 660 l S\n"
    for line in (cross, "252 668.5 m 302 668.5 l S\n", "254 668.2 m 286 668.9 l S\n"):
        text, problems = both(TABLE + put("170", 255, 665) + line)
        assert text == "" and [(p.code, p.text) for p in problems] == [("MARKED_TEXT", "170")]
    for line in ("252 668.5 m 340 668.5 l S\n", cross.replace("250", "100")):
        assert both(TABLE + put("170", 255, 665) + line)[0] == ("170" if "340" in line else "")


def test_a_wavy_line_through_a_value_strikes_it_out_and_one_under_it_does_not() -> None:
    for y, text in ((668, ""), (661.5, "170")):
        wave = f"254 {y} m " + "".join(f"{254 + 4 * n} {y + n % 2} l " for n in range(1, 9)) + "S\n"
        assert both(TABLE + put("170", 255, 665) + wave)[0] == text


def test_what_is_seen_of_a_figure_that_is_covered_in_part_is_none() -> None:
    patch = WHITE + "266 662 30 16 re f\n" + BLACK
    text, problems = both(TABLE + put("180.5", 255, 665) + patch)
    assert number(text) is None and "COVERED_TEXT" in [p.code for p in problems]
    assert both(TABLE + VALUE + put("55", 300, 665) + WHITE + "299 662 30 16 re f\n" + BLACK)[0] == "180"


def test_a_figure_at_an_angle_in_its_cell_is_told_as_a_warning() -> None:
    turned = "0.94 0.34 -0.34 0.94 258 664 Tm"
    text, problems = both(TABLE + put("180", 258, 664, 6, how=turned))
    assert (text, [(p.code, p.severity) for p in problems]) == ("", [("STAMPED_TEXT", "warning")])


def test_a_line_drawn_over_a_value_as_a_comment_strikes_it_out_and_a_ring_around_it_does_not() -> None:
    for drawing, text in (("1 w 0 6.5 m 32 6.9 l S", ""), ("1 w 0 0 32 14 re S", "170")):
        note = "/Type /Annot /Subtype /Ink /Rect [254 662 286 676] /F 4 /AP << /N @X0 >>"
        page = f"/MediaBox [0 0 600 800] /Annots [<< {note} >>]"
        found, _ = both(TABLE + put("170", 255, 665), forms=[(drawing, "/BBox [0 0 32 14]")], page=page)
        assert found == text


def test_neither_of_two_figures_in_one_place_is_read_and_one_printed_twice_is() -> None:
    text, problems = both(TABLE + put("180", 255, 665) + put("196", 255.8, 665.3))
    assert text == "\ufffd" * 3 and [p.code for p in problems] == ["TWO_VALUES"]
    assert both(TABLE + put("180", 255, 665) + put("180", 255.8, 665.3)) == ("180", [])
    assert both(TABLE + put("180", 255, 665) + put("196", 285, 665)) == ("180196", [])


def test_text_that_is_blended_into_its_ground_is_not_read_and_one_that_is_only_mixed_with_it_is() -> None:
    ground = "1 1 1 rg 251 661 148 18 re f 0 0 0 rg\n"
    blended = TABLE + ground + VALUE + "q /GB gs " + put("55", 285, 665) + "Q\n"
    text, problems = both(blended, resources="/ExtGState << /GB << /BM /Screen >> >>")
    assert (text, [p.code for p in problems]) == ("180", ["HIDDEN_CONTENT"])
    assert both(blended, resources="/ExtGState << /GB << /BM /Multiply >> >>") == ("18055", [])


def test_what_a_clipping_path_hides_is_told_unless_another_page_shows_it() -> None:
    clipped = "q 250 660 21 20 re W n " + put("180.55", 255, 665) + "Q\n"
    text, problems = both(TABLE + clipped)
    assert text == "\ufffd" * len(text) and "HIDDEN_CONTENT" in [p.code for p in problems]  # no part of a figure is one
    two = read_pdf(two_pages(TABLE + clipped, TABLE + put("180.55", 255, 665)), Limits())
    assert "HIDDEN_CONTENT" not in [p.code for p in two.problems]
    assert both(TABLE + "q 250 660 150 20 re W n " + put("180.55", 255, 665) + "Q\n") == ("180.55", [])


def test_a_second_print_beside_the_first_is_read_once() -> None:
    bold = "".join(put(w, x + 1.5, y) for w, x, y in [("资金", 105, 685), ("总额", 105, 665), ("180.5", 255, 665)])
    text, problems = both(TABLE + put("180.5", 255, 665) + bold)
    assert (text, problems) == ("180.5", [])
    assert both(TABLE + put("1", 255, 665) + put("1", 265.5, 665))[0] == "11"


def test_a_pale_text_across_the_table_is_a_watermark_and_one_inside_a_cell_is_text() -> None:
    pale = "0.85 0.85 0.85 rg " + put("样本", 240, 676) + put("样本", 260, 640) + BLACK
    text, problems = both(pale + TABLE + VALUE)
    assert text == "180" and [(p.code, p.text, p.severity) for p in problems] == [("STAMPED_TEXT", "样本样本", "info")]
    assert both("0.85 0.85 0.85 rg " + put("样本", 290, 665) + BLACK + TABLE + VALUE) == ("180样本", [])


def test_what_stands_inside_the_ring_of_a_seal_is_the_seals() -> None:
    turns = ["0.7 0.7 -0.7 0.7 260 700 Tm", "0.9 0.4 -0.4 0.9 290 720 Tm", "0.9 -0.4 0.4 0.9 330 720 Tm"]
    ring = "".join(put(c, 0, 0, 10, how) for c, how in zip("公章公", turns, strict=True))
    ring += put("章", 0, 0, 10, "0.7 -0.7 0.7 0.7 360 700 Tm")
    seal = "1 0 0 rg " + ring + put("4403", 290, 665) + BLACK
    text, problems = both(TABLE + VALUE + seal)
    assert text == "180" and [(p.code, p.text) for p in problems] == [("STAMPED_TEXT", "公章公章4403")]
    top = "1 0 0 rg " + ring + put("印", 310, 735) + BLACK
    assert both(TABLE + VALUE + top)[1][0].text == "公章公章印"
    assert both(TABLE + VALUE + "1 0 0 rg " + put("5", 285, 665) + BLACK) == ("1805", [])


APPEARANCE = [(put("180", 2, 4), "/BBox [0 0 100 16]")]
FIELD = "/Type /Annot /Rect [253 662 353 678] /F 4 /AP << /N @X0 >>"


def test_what_is_filled_into_a_field_or_typed_into_a_blank_cell_is_read_and_told() -> None:
    for kind in ("/Subtype /Widget /FT /Tx /T (b) /V (180)", "/Subtype /FreeText /Contents (180) /DA (/F1 10 Tf)"):
        page = f"/MediaBox [0 0 600 800] /Annots [<< {FIELD} {kind} >>]"
        text, problems = both(TABLE, forms=APPEARANCE, page=page)
        assert text == "180" and [(p.code, p.severity) for p in problems] == [("FORM_FIELD", "info")]


def test_a_comment_on_text_and_a_note_are_told_and_not_read() -> None:
    for kind in ("/Subtype /FreeText /Contents (180) /DA (/F1 10 Tf)", "/Subtype /Text /Contents (180)"):
        page = f"/MediaBox [0 0 600 800] /Annots [<< {FIELD} {kind} >>]"
        text, problems = both(TABLE + put("170", 255, 665), forms=APPEARANCE, page=page)
        assert text == "170" and [(p.code, p.text) for p in problems] == [("FORM_FIELD", "180")]


def test_a_link_is_nothing_to_tell() -> None:
    page = "/MediaBox [0 0 600 800] /Annots [<< /Type /Annot /Subtype /Link /Rect [253 662 353 678] /Border [0 0 0] >>]"
    assert both(TABLE + VALUE, page=page) == ("180", [])


@pytest.mark.parametrize(("name", "text"), [("ABCDEF+SymbolMT", "≥≤"), ("Wingdings", "\uf0b3\uf0a3")])
def test_private_characters_have_a_meaning_in_the_symbol_font_alone(name: str, text: str) -> None:
    private = "\uf0b3\uf0a3"
    font = cid_font(mapped=private + CHARACTERS)
    font["font"] = font["font"].replace("STSong-Light", name)
    data = document(show(private, 100, 600) + show("资金总额预算数执行数", 100, 700), font)
    for reference in (False, True):
        assert text in [c.text for grid in read_pdf(data, Limits(), reference=reference).grids for c in grid.cells]


NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def named_font(printed: str) -> dict[str, str]:
    """A font of letters and digits whose glyphs have names, and a map that says the digits are the `printed` ones."""
    mapped = {code: chr(code) for code in range(65, 91)} | {48 + n: c for n, c in enumerate(printed)}
    return {
        "font": "<< /Type /Font /Subtype /TrueType /BaseFont /Helvetica /FirstChar 48 /LastChar 90 /Widths ["
        f"{'500 ' * 43}] /Encoding << /Type /Encoding /Differences [48 /{' /'.join(NAMES)}] >> /ToUnicode @unicode >>",
        "unicode": stream(to_unicode(mapped, width=2)),
    }


@pytest.mark.parametrize(("printed", "text"), [("0123456789", "180"), ("0723456189", "\ufffd" * 3)])
def test_digits_of_a_font_that_contradicts_itself_are_not_trusted(printed: str, text: str) -> None:
    codes = {chr(c): c for c in range(48, 91)}
    words = [("ANNUAL BUDGET".replace(" ", ""), 105, 685), ("TOTAL", 105, 665), ("180", 255, 665)]
    data = document(GRID + "".join(show(w, x, y, codes) for w, x, y in words), named_font(printed))
    for reference in (False, True):
        sheets = read_pdf(data, Limits(), reference=reference)
        cell = next(c for grid in sheets.grids for c in grid.cells if (c.row, c.col) == (1, 1) and grid.ruled)
        assert cell.text == text
        assert [(p.code, p.place.page) for p in sheets.problems] == ([] if text == "180" else [("GARBLED", 1)])


def simple_font(printed: str, entries: str = "/Encoding /WinAnsiEncoding", letters: str = "") -> dict[str, str]:
    """A font in a known encoding, or in none, and a map that says the digits are the `printed` ones."""
    mapped = {ord(c): c for c in letters} | {48 + n: c for n, c in enumerate(printed)}
    font = f"<< /Type /Font /Subtype /TrueType /BaseFont /Helvetica {entries} /ToUnicode @unicode >>"
    return {
        "font": font,
        "unicode": stream(to_unicode(mapped, width=2)),
        "descriptor": "<< /Type /FontDescriptor /FontName /Helvetica /Flags 4 /FontFile2 @program >>",
        "program": stream("no font"),
    }


LETTERS = "ABCDEGLNOTU"


@pytest.mark.parametrize(
    ("font", "text"),
    [
        (simple_font("0123456789", letters=LETTERS), "180"),
        (simple_font("0723456189", letters=LETTERS), "\ufffd" * 3),
        (simple_font("0723456189", "", letters=LETTERS), "\ufffd" * 3),
        (simple_font("0123456789", "/FontDescriptor @descriptor", LETTERS), "180"),
        (simple_font("0723456189", "/FontDescriptor @descriptor", LETTERS), "\ufffd" * 3),
    ],
)
def test_a_map_that_contradicts_a_known_encoding_or_the_order_of_letters_is_not_trusted(
    font: dict[str, str], text: str
) -> None:
    codes = {chr(c): c for c in range(48, 91)}
    words = [("ANNUALBUDGET", 105, 685), ("TOTAL", 105, 665), ("180", 255, 665)]
    data = document(GRID + "".join(show(w, x, y, codes) for w, x, y in words), font)
    sheets = read_pdf(data, Limits())
    assert text in [c.text for grid in sheets.grids for c in grid.cells if grid.ruled]
    assert [p.code for p in sheets.problems] == ([] if text == "180" else ["GARBLED"])


def cmap(first_glyph: int) -> bytes:
    """A TrueType program of one table, in which the digits have the glyphs from this number on."""
    segments = struct.pack(">HHHHHHH", 4, 32, 0, 4, 4, 1, 0) + struct.pack(">HHH", 57, 0xFFFF, 0)
    segments += struct.pack(">HHHHHH", 48, 0xFFFF, first_glyph - 48 & 0xFFFF, 1, 0, 0)
    table = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + segments
    return struct.pack(">IHHHH4sIII", 0x10000, 1, 0, 0, 0, b"cmap", 0, 28, len(table)) + table


@pytest.mark.parametrize(("printed", "doubted"), [("0123456789", False), ("0723456189", True)])
def test_the_table_of_an_embedded_font_tells_a_map_that_swaps_digits(printed: str, doubted: bool) -> None:
    mapped = {19 + n: c for n, c in enumerate(printed)}
    descendant = "<< /Subtype /CIDFontType2 /BaseFont /AAAAAA+Arial /FontDescriptor @descriptor >>"
    font = {
        "font": "<< /Type /Font /Subtype /Type0 /BaseFont /AAAAAA+Arial /Encoding /Identity-H"
        " /DescendantFonts [@descendant] /ToUnicode @unicode >>",
        "unicode": stream(to_unicode(mapped)),
        "descendant": descendant,
        "descriptor": "<< /Type /FontDescriptor /FontFile2 @program >>",
        "program": stream(cmap(19).decode("latin-1")),
    }
    found = contradicting_fonts(document("", font), [])
    assert found == (frozenset({"AAAAAA+Arial", "Arial"}) if doubted else frozenset())


def test_a_form_without_lines_is_told_and_one_with_lines_is_not() -> None:
    font = cid_font()
    words = [("一级指标", 105, 685), ("年度指标值", 255, 685), ("产出指标", 105, 665), ("≥9场", 255, 665)]
    content = "".join(show(w, x, y) for w, x, y in words)
    for lines, codes in (("", ["FORM_NOT_READ"]), (GRID, [])):
        assert [p.code for p in read_pdf(document(content + lines, font), Limits()).problems] == codes


def test_a_sheet_wider_than_the_page_is_one_table_whose_cells_lead_to_their_pages() -> None:
    rows = [700 - 20 * n for n in range(7)]
    lines = "".join(f"100 {y} m 400 {y} l S\n" for y in rows)
    lines += "".join(f"{x} 700 m {x} 580 l S\n" for x in (100, 250, 400))
    left = put("绩效", 105, 685) + "".join(put("指标", 105, y + 5) + put("资金", 255, y + 5) for y in rows[2:])
    right = "".join(put("180", 105, y + 5) + put("170", 255, y + 5) for y in rows[2:])
    own = put("绩效", 105, 685)
    for second, pages in ((right, [(1, 5)]), (own + right, [(1, 3), (2, 3)])):
        sheets = read_pdf(two_pages(lines + left, lines + second), Limits())
        grids = [g for g in sheets.grids if g.ruled]
        assert [(g.page, g.n_cols + (g.n_cols > 2)) for g in grids] == [(p, n if n == 5 else 2) for p, n in pages]
        assert [(s.page, len(s.starts)) for s in sheets.spreads] == ([(1, 1)] if len(pages) == 1 else [])
    (spread,) = read_pdf(two_pages(lines + left, lines + right), Limits()).spreads
    assert spread.printed(400, 550) == (2, 100, 250) and spread.printed(250, 400) == (1, 250, 400)


def test_text_off_the_page_is_told() -> None:
    text, problems = both(TABLE + VALUE + put("55", 700, 665))
    assert text == "180" and [p.code for p in problems] == ["HIDDEN_CONTENT"]


LOW_ROWS = "".join(f"100 {y} m 400 {y} l S\n" for y in (700, 686, 672, 658, 644, 630))
LOW_ROWS += "".join(f"{x} 700 m {x} 630 l S\n" for x in (100, 250, 300, 400))
ROW_NAMES = "".join(put(name, 105, y) for name, y in zip("米元年度资", (689, 675, 661, 647, 633), strict=True))
ROW_NAMES += "".join(put(name * 11, 252, y, 4) for name, y in zip("预算执行数", (689, 675, 661, 647, 633), strict=True))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([("度资金总额预算执行", 669), ("数绩效", 655)], ["", "", "度资金总额预算执行数绩效", "", ""]),
        ([("度资金总额预算执行", 675), ("数绩效", 661)], ["", "度资金总额预算执行", "数绩效", "", ""]),
        ([("度资金", 669), ("数绩效", 655)], ["", "度资金", "数绩效", "", ""]),
    ],
)
def test_wrapped_lines_over_the_borders_of_a_low_row_are_one_text(
    lines: list[tuple[str, float]], expected: list[str]
) -> None:
    data = document(LOW_ROWS + ROW_NAMES + "".join(put(text, 302, y) for text, y in lines), FONT)
    cells = [cell.text for cell in read_pdf(data, Limits()).grids[0].cells]
    assert cells[2::3] == expected
