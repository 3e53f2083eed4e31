"""What a sheet shows and what its file holds: styles, number formats, what is hidden; each with a near miss."""

import io
import struct
import zipfile
from collections.abc import Callable

import openpyxl
import PIL.Image
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule, DataBarRule, IconSetRule, Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.worksheet.worksheet import Worksheet
from shown_sheets import texts, told
from test_office import biff, compound, edited, record, saved, unicode_string

from extractors.formats import read
from extractors.grid import Sheets, Unreadable


def sheet(fill: Callable[[Worksheet], None]) -> Sheets:
    book = openpyxl.Workbook()
    active = book.active
    assert isinstance(active, Worksheet)
    active.title = "表"
    fill(active)
    return read(saved(book))


def rich(*parts: tuple[str, dict[str, object]]) -> CellRichText:
    return CellRichText(*[TextBlock(InlineFont(**style), text) for text, style in parts])


def test_struck_raised_and_white_parts_of_a_cell_are_left_out_and_told() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"] = rich(("≥260天", {"strike": True}), ("≥280天", {}))
        ws["B1"] = rich(("20", {}), ("1", {"vertAlign": "superscript"}))
        ws["C1"], ws["D1"], ws["E1"] = "旧数", 180000, "白字"
        ws["C1"].font, ws["D1"].font, ws["E1"].font = Font(strike=True), Font(strike=True), Font(color="FFFFFFFF")
        ws["F1"] = "末"

    sheets = sheet(fill)
    assert texts(sheets) == ["≥280天", "20", "", "", "", "末"]
    assert told(sheets) == [
        ("MARKED_TEXT", "≥260天", "表!A1"),
        ("MARKED_TEXT", "1", "表!B1"),
        ("MARKED_TEXT", "旧数", "表!C1"),
        ("MARKED_TEXT", "180000", "表!D1"),
        ("HIDDEN_CONTENT", "白字", "表!E1"),
    ]


def test_grey_text_white_text_on_a_dark_ground_and_raised_units_are_read() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"] = rich(("m", {}), ("2", {"vertAlign": "superscript"}))
        ws["B1"], ws["C1"], ws["D1"] = "白字", "灰字", "着色"
        ws["B1"].font, ws["B1"].fill = Font(color="FFFFFFFF"), PatternFill("solid", fgColor="FF003366")
        ws["C1"].font, ws["D1"].font = Font(color="FF808080"), Font(color="FFFFFFFF")
        rule = CellIsRule("equal", ['"着色"'], fill=PatternFill("solid", bgColor="FF003366"))
        ws.conditional_formatting.add("D1", rule)

    sheets = sheet(fill)
    assert (texts(sheets), told(sheets)) == (["m2", "白字", "灰字", "着色"], [])


def test_a_cell_that_lines_cross_from_corner_to_corner_is_struck_and_one_with_one_line_is_not() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["B1"] = 17, 18
        ws["A1"].border = Border(diagonal=Side("thin"), diagonalUp=True, diagonalDown=True)
        ws["B1"].border = Border(diagonal=Side("thin"), diagonalDown=True)

    sheets = sheet(fill)
    assert (texts(sheets), told(sheets)) == (["", "18"], [("MARKED_TEXT", "17", "表!A1")])


def test_hidden_rows_and_columns_are_closed_up_and_told() -> None:
    def fill(ws: Worksheet) -> None:
        for row in range(1, 6):
            ws.append([f"{row}{col}" for col in "甲乙丙丁"])
        ws.merge_cells("A1:D1")
        ws.merge_cells("A2:A3")
        ws.row_dimensions[3].hidden = ws.row_dimensions[4].hidden = True
        ws.column_dimensions["B"].hidden = True
        ws.column_dimensions["C"].width = 0.0001

    sheets = sheet(fill)
    assert [(c.text, c.row, c.col, c.rowspan, c.colspan, c.place.locator) for c in sheets.grids[0].cells] == [
        ("1甲", 0, 0, 1, 2, "表!A1"),
        ("2甲", 1, 0, 1, 1, "表!A2"),
        ("2丁", 1, 1, 1, 1, "表!D2"),
        ("5甲", 2, 0, 1, 1, "表!A5"),
        ("5丁", 2, 1, 1, 1, "表!D5"),
    ]
    assert {(code, where) for code, _, where in told(sheets)} == {
        ("HIDDEN_CONTENT", "表!A3"),
        ("HIDDEN_CONTENT", "表!B1"),
    }


def test_a_merged_cell_whose_first_column_is_hidden_shows_its_text_in_the_others() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["A2"], ws["C2"] = "标题", "藏", "见"
        ws.merge_cells("A1:C1")
        ws.column_dimensions["A"].hidden = True

    assert [(c.text, c.col, c.colspan) for c in sheet(fill).grids[0].cells] == [("标题", 0, 2), ("见", 1, 1)]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_one_problem(state: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "见"
    hidden = book.create_sheet("旧版")
    hidden.append(["绩效目标", "100"])
    hidden.sheet_state = state
    sheets = read(saved(book))
    assert (texts(sheets), told(sheets)) == (["见"], [("HIDDEN_CONTENT", "绩效目标 100", "旧版!A1")])
    book.active["A1"] = None
    with pytest.raises(Unreadable, match="隐藏"):
        read(saved(book))


def test_a_collapsed_outline_shows_its_sum() -> None:
    def fill(ws: Worksheet) -> None:
        ws.append(["明细", 1])
        ws.append(["合计", 1])
        ws.row_dimensions.group(1, 1, hidden=True)

    assert texts(sheet(fill)) == ["合计", "1"]


def test_text_under_a_merged_cell_is_not_read_and_told_unless_it_is_the_same() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["B1"], ws["C1"], ws["D1"] = "上", "下", "上", "右"
        ws.merged_cells.add("A1:C1")

    sheets = sheet(fill)
    assert (texts(sheets), told(sheets)) == (["上", "右"], [("HIDDEN_CONTENT", "下", "表!B1")])


def test_formats_hide_show_and_leave_a_number_unread() -> None:
    def fill(ws: Worksheet) -> None:
        values = [(180000, ";;;"), ("甲", ";;;"), (0, "0;-0;;@"), (1711500, "0!.0000"), (5, "0 foo"), (0.5, "0%")]
        for col, (value, code) in enumerate(values, 1):
            ws.cell(1, col, value).number_format = code

    sheets = sheet(fill)
    assert texts(sheets) == ["", "", "", "171.1500", "", "50%"]
    assert told(sheets) == [
        ("HIDDEN_CONTENT", "180000", "表!A1"),
        ("HIDDEN_CONTENT", "甲", "表!B1"),
        ("BAD_VALUE", "5", "表!E1"),
    ]


WAN, STRUCK, WHITE = (
    DifferentialStyle(numFmt=NumberFormat(164, '0!.0,"万"')),
    DifferentialStyle(font=Font(strike=True)),
    DifferentialStyle(font=Font(color="FFFFFFFF")),
)


@pytest.mark.parametrize(
    ("value", "kind", "options", "style", "text", "code"),
    [
        (180000, "cellIs", {"operator": "greaterThan", "formula": ["10000"]}, WAN, "18.0万", None),
        (9000, "cellIs", {"operator": "greaterThan", "formula": ["10000"]}, WAN, "9000", None),
        (9000, "cellIs", {"operator": "greaterThan", "formula": ["$Z$1"]}, WAN, "", "BAD_VALUE"),
        (0, "cellIs", {"operator": "equal", "formula": ["0"]}, WHITE, "", "HIDDEN_CONTENT"),
        (5, "cellIs", {"operator": "between", "formula": ["1", "9"]}, STRUCK, "", "MARKED_TEXT"),
        (15, "cellIs", {"operator": "between", "formula": ["1", "9"]}, STRUCK, "15", None),
        ("无", "cellIs", {"operator": "equal", "formula": ['"无"']}, WHITE, "", "HIDDEN_CONTENT"),
        ("有", "cellIs", {"operator": "equal", "formula": ["0"]}, WHITE, "有", None),
        (5, "expression", {"formula": ["ISERROR(A1)"]}, WHITE, "5", None),
        (5, "expression", {"formula": ["A1<10"]}, WHITE, "", "HIDDEN_CONTENT"),
        (5, "expression", {"formula": ["B1<10"]}, WHITE, "", "BAD_VALUE"),
        (5, "expression", {"formula": ["B1<10"]}, DifferentialStyle(font=Font(bold=True)), "5", None),
        (5, "top10", {}, WHITE, "", "BAD_VALUE"),
        ("未完成", "containsText", {"operator": "containsText", "text": "未"}, WHITE, "", "HIDDEN_CONTENT"),
        ("完成", "containsText", {"operator": "containsText", "text": "未"}, WHITE, "完成", None),
    ],
)
def test_what_a_conditional_format_makes_of_a_cell_is_what_is_read(
    value: object, kind: str, options: dict[str, object], style: DifferentialStyle, text: str, code: str | None
) -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["B1"] = value, "右"
        ws.conditional_formatting.add("A1", Rule(type=kind, dxf=style, **options))

    sheets = sheet(fill)
    assert texts(sheets) == [text, "右"]
    assert [p[0] for p in told(sheets)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("value", "code", "width", "text"),
    [
        (285240.5, "#,##0.00", 6, ""),
        (285240.5, "#,##0.00", 12, "285,240.50"),
        (285240.5, "#,##0.00", None, "285,240.50"),
        (28.123456, "General", 4, "28.123456"),
        (28524051, "General", 4, ""),
        ("285,240.50万元", "General", 4, "285,240.50万元"),
    ],
)
def test_a_figure_that_its_column_shows_as_hashes_is_not_read(
    value: object, code: str, width: float | None, text: str
) -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["B1"] = value, "右"
        ws["A1"].number_format = code
        if width is not None:
            ws.column_dimensions["A"].width = width

    sheets = sheet(fill)
    assert texts(sheets) == [text, "右"]
    assert [p[0] for p in told(sheets)] == ([] if text else ["BAD_VALUE"])


def test_a_figure_over_merged_columns_or_made_to_fit_is_read() -> None:
    def fill(ws: Worksheet, *, fit: bool) -> None:
        ws["A1"], ws["C1"] = 285240.5, "右"
        ws["A1"].number_format = "#,##0.00"
        ws.column_dimensions["A"].width = 6
        ws.column_dimensions["B"].width = 6
        if fit:
            ws["A1"].alignment = Alignment(shrink_to_fit=True)
        else:
            ws.merge_cells("A1:B1")

    assert texts(sheet(lambda ws: fill(ws, fit=True)))[0] == "285,240.50"
    assert texts(sheet(lambda ws: fill(ws, fit=False)))[0] == "285,240.50"


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (123456789012345, "General", "123456789012345"),
        (440303999000, "General", "440303999000"),
        (440303240000000000001, "General", ""),
        (440303240000000000001, "0", ""),
    ],
)
def test_whole_numbers_of_more_than_15_digits_are_not_read(value: int, code: str, text: str) -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["B1"] = value, "右"
        ws["A1"].number_format = code

    sheets = sheet(fill)
    assert texts(sheets)[0] == text
    assert [p[0] for p in told(sheets)] == ([] if text else ["BAD_VALUE"])


def test_zeros_that_a_sheet_does_not_show_are_blank() -> None:
    def fill(ws: Worksheet) -> None:
        ws.append([0, 5])
        ws.sheet_view.showZeros = False

    assert texts(sheet(fill)) == ["", "5"]


def test_symbols_of_a_cell_are_those_of_its_font() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"] = rich(("³", {"rFont": "Symbol"}), ("5天", {}))
        ws["B1"] = rich(("R", {"rFont": "Wingdings 2"}), ("是", {}))
        ws["C1"] = "5m³"

    assert texts(sheet(fill)) == ["≥5天", "☑是", "5m³"]


def test_the_lines_of_a_printed_page_header_are_read_and_page_numbers_are_not() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"] = "单位：万元"
        ws.oddHeader.center.text = "项目支出绩效自评表"
        ws.oddHeader.center.size = 16
        ws.oddFooter.center.text = "第 &P 页"

    sheets = sheet(fill)
    assert texts(sheets) == ["项目支出绩效自评表", "单位：万元"]
    assert [grid.ruled for grid in sheets.grids] == [False, True]


DRAWING = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor><xdr:from><xdr:col>{}</xdr:col>'
    "<xdr:row>0</xdr:row></xdr:from><xdr:sp><xdr:txBody><a:p><a:r><a:t>框中字</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    "</xdr:twoCellAnchor></xdr:wsDr>"
)


@pytest.mark.parametrize(("col", "expected"), [(1, ["甲", "框中字"]), (0, ["甲"])])
def test_a_text_box_over_a_blank_cell_is_its_text_and_one_over_a_text_is_told(col: int, expected: list[str]) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "甲"
    data = edited(
        saved(book),
        "xl/worksheets/sheet1.xml",
        (
            b"</worksheet>",
            b'<drawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/>'
            b"</worksheet>",
        ),
    )
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/drawings/drawing1.xml", DRAWING.format(col))
        archive.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Type="drawing" Target="../drawings/drawing1.xml"/></Relationships>',
        )
    sheets = read(file.getvalue())
    assert texts(sheets) == expected
    assert [p[0] for p in told(sheets)] == ([] if col else ["UNSUPPORTED"])


# --- old workbooks


def old_font(*, struck: bool = False, raised: bool = False) -> bytes:
    name = "宋体".encode("utf-16-le")
    return record(49, struct.pack("<HHHHHBBBxBB", 220, 8 if struck else 0, 8, 400, int(raised), 0, 0, 134, 2, 1) + name)


def test_an_old_workbook_tells_of_struck_characters_hidden_rows_columns_and_moved_points() -> None:
    code = unicode_string("0!.0000")
    fonts = b"".join([old_font(), old_font(), old_font(), old_font(), old_font(struck=True), old_font(raised=True)])
    formats = record(1054, struct.pack("<H", 170) + code)
    styles = record(224, struct.pack("<HH", 0, 170) + bytes(16)) + record(224, struct.pack("<HH", 5, 0) + bytes(16))
    cells = (
        record(125, struct.pack("<HHHHHH", 2, 2, 2000, 0, 1, 0))  # column C is hidden
        + record(520, struct.pack("<HHHHHHI", 2, 0, 4, 300, 0, 0, 0x20))  # and the third row
        + record(515, struct.pack("<HHHd", 0, 0, 0, 1711500.0))
        + record(515, struct.pack("<HHHd", 0, 1, 1, 5.0))
        + record(253, struct.pack("<HHHI", 0, 2, 2, 0))
        + record(253, struct.pack("<HHHI", 1, 0, 2, 1))
        + record(253, struct.pack("<HHHI", 2, 0, 2, 0))
    )
    sheets = read(compound(biff(["藏", "见"], cells, before=fonts + formats + styles)))
    assert texts(sheets) == ["171.1500", "", "见"]
    assert {(code, where) for code, _, where in told(sheets)} == {
        ("MARKED_TEXT", "表一!B1"),
        ("HIDDEN_CONTENT", "表一!C1"),
        ("HIDDEN_CONTENT", "表一!A3"),
    }


def old_rule(*, blocks: int, colour: int = -1, struck: bool = False) -> bytes:
    """A range A1:A2 with a rule for cells above 1, whose font has a colour or is struck out."""
    ranges = struct.pack("<HH4HH4H", 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0)
    style = 0x80 if struck else 0
    font = bytes(64) + struct.pack("<II", 0xFFFFFFFF, style) + bytes(8) + struct.pack("<i", colour) + bytes(4)
    font += struct.pack("<I", 0x80 - style) + bytes(26)
    own = font
    own += bytes(4) if blocks & 1 << 29 else b""
    formula = b"\x1e\x01\x00"
    return record(0x01B0, ranges) + record(
        0x01B1, struct.pack("<BBHHIH", 1, 5, len(formula), 0, blocks, 0) + own + formula
    )


@pytest.mark.parametrize(
    ("blocks", "colour", "struck", "read_too"),
    [
        (1 << 26, 9, False, False),
        (1 << 26, -1, True, False),
        (1 << 26, 10, False, True),
        (1 << 26 | 1 << 29, 9, False, True),
    ],
)
def test_cells_that_a_rule_of_an_old_workbook_may_hide_are_not_read_and_its_page_head_is(
    blocks: int, colour: int, struck: bool, read_too: bool
) -> None:
    cells = record(515, struct.pack("<HHHd", 0, 0, 0, 18.0)) + record(515, struct.pack("<HHHd", 0, 1, 0, 5.0))
    head = record(0x0014, struct.pack("<HB", 6, 1) + "&C自评表2".encode("utf-16-le"))
    sheets = read(compound(biff([], head + cells + old_rule(blocks=blocks, colour=colour, struck=struck))))
    assert texts(sheets) == ["自评表2", "18" if read_too else "", "5"]
    assert [p[0] for p in told(sheets)] == ([] if read_too else ["BAD_VALUE"])


def test_text_in_the_colour_of_its_ground_is_not_read_and_what_is_blacked_out_is_not_quoted() -> None:
    black, grey, navy = (PatternFill("solid", fgColor=f"FF{colour}") for colour in ("000000", "D9D9D9", "003366"))

    def fill(ws: Worksheet) -> None:
        looks = [("FF000000", black), (None, black), ("FFD9D9D9", grey), ("FFFFFFFF", navy), ("FF808080", grey)]
        for col, (colour, ground) in enumerate(looks, 1):
            cell = ws.cell(1, col, f"甲{col}")
            cell.font, cell.fill = Font(color=colour), ground
        ws["F1"], ws["G1"] = "乙1", "乙2"
        ws["F1"].font, ws["G1"].font = Font(size=1), Font(size=6)

    sheets = sheet(fill)
    assert texts(sheets) == ["", "", "", "甲4", "甲5", "", "乙2"]
    covered = [("COVERED_TEXT", None, f"表!{col}1") for col in "ABC"]
    assert told(sheets) == [*covered, ("HIDDEN_CONTENT", "乙1", "表!F1")]


def formulas(result: str, *, recalculated: bool, shown: bool = False) -> Sheets:
    """A sheet of one formula with a result."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "=1+1", "末"
    data = edited(saved(book), "xl/worksheets/sheet1.xml", (b"<v></v>", f"<v>{result}</v>".encode()))
    if not recalculated:
        data = edited(data, "xl/workbook.xml", (b' fullCalcOnLoad="1"', b""))
    if shown:
        data = edited(data, "xl/worksheets/sheet1.xml", (b"<sheetView ", b'<sheetView showFormulas="1" '))
    return read(data)


@pytest.mark.parametrize(
    ("result", "recalculated", "shown", "text"),
    [("0", True, False, ""), ("0", False, False, "0"), ("2", True, False, "2"), ("2", False, True, "")],
)
def test_a_placeholder_for_a_result_and_a_formula_that_is_shown_itself_are_not_read(
    result: str, recalculated: bool, shown: bool, text: str
) -> None:
    sheets = formulas(result, recalculated=recalculated, shown=shown)
    assert texts(sheets) == [text, "末"]
    assert [p[0] for p in told(sheets)] == ([] if text else ["BAD_VALUE"])


def shape(fill: str, *, to: int = 1, more: str = "") -> Sheets:
    """A sheet of two cells, and a rectangle from the first to a column; `more`: what else stands in the shape."""
    book = openpyxl.Workbook()
    book.active.append(["藏", "见"])
    ends = "".join(
        f"<{side}><col>{col}</col><colOff>{off}</colOff><row>{row}</row><rowOff>0</rowOff></{side}>"
        for side, col, row, off in (("from", 0, 0, 0), ("to", to, 1, 0))
    )
    drawing = (
        '<wsDr xmlns="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"><twoCellAnchor>'
        f'{ends}<sp><spPr><prstGeom prst="rect"/><{fill}/></spPr>{more}</sp></twoCellAnchor></wsDr>'
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    end = f'<drawing xmlns:r="{kind}" r:id="rId1"/></worksheet>'
    data = edited(saved(book), "xl/worksheets/sheet1.xml", (b"</worksheet>", end.encode()))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/drawings/drawing1.xml", drawing)
        related = f'<R><Relationship Id="rId1" Type="{kind}/drawing" Target="../drawings/drawing1.xml"/></R>'
        archive.writestr("xl/worksheets/_rels/sheet1.xml.rels", related)
    return read(out.getvalue())


def test_a_cell_under_a_filled_shape_is_not_read_and_one_inside_a_frame_is() -> None:
    covered = shape("solidFill")
    assert (texts(covered), told(covered)) == (["", "见"], [("COVERED_TEXT", None, "Sheet!A1")])
    framed = shape("noFill")
    assert (texts(framed), told(framed)) == (["藏", "见"], [])


def test_a_cell_under_a_filled_text_box_is_not_read_and_one_under_a_clear_box_is() -> None:
    box = "<txBody><p xmlns='http://schemas.openxmlformats.org/drawingml/2006/main'><r><t>框中字</t></r></p></txBody>"
    told_of_box = ("UNSUPPORTED", "框中字", "Sheet!A1")
    covered = shape("solidFill", more=box)
    assert (texts(covered), told(covered)) == (["", "见"], [("COVERED_TEXT", None, "Sheet!A1"), told_of_box])
    clear = shape("noFill", more=box)
    assert (texts(clear), told(clear)) == (["藏", "见"], [told_of_box])


@pytest.mark.parametrize(("fill", "index", "text"), [("ln", 1, ""), ("ln", 0, "藏"), ("noFill", 1, "藏")])
def test_a_shape_that_its_style_fills_covers_its_cell(fill: str, index: int, text: str) -> None:
    assert texts(shape(fill, more=f"<style><fillRef idx='{index}'/></style>")) == [text, "见"]


def pictured(mode: str, colour: tuple[int, ...]) -> Sheets:
    """A sheet of two cells, and a picture over the first."""
    book = openpyxl.Workbook()
    book.active.append(["藏", "见"])
    file = io.BytesIO()
    PIL.Image.new(mode, (66, 21), colour).save(file, "PNG")
    book.active.add_image(Image(file), "A1")
    return read(saved(book))


def test_a_cell_under_an_opaque_picture_is_not_read_and_one_that_a_seal_lies_on_is() -> None:
    for mode, colour in (("RGB", (255, 255, 255)), ("RGBA", (0, 0, 0, 255))):
        covered = pictured(mode, colour)
        assert (texts(covered), told(covered)[0]) == (["", "见"], ("COVERED_TEXT", None, "Sheet!A1"))
    seal = pictured("RGBA", (255, 0, 0, 90))
    assert (texts(seal), told(seal)) == (["藏", "见"], [])


@pytest.mark.parametrize(("shown_value", "text"), [(False, ""), (True, "180000")])
def test_a_figure_for_which_a_bar_or_a_sign_alone_stands_is_not_read(shown_value: bool, text: str) -> None:
    bar = DataBarRule("min", 0, "max", 9, color="638EC6", showValue=shown_value)
    signs = IconSetRule("3Arrows", "percent", [0, 33, 67], showValue=shown_value)
    for rule in (bar, signs):

        def fill(ws: Worksheet, rule: Rule = rule) -> None:
            ws["A1"], ws["B1"] = 180000, "末"
            ws.conditional_formatting.add("A1", rule)

        assert texts(sheet(fill)) == [text, "末"]


FILLING = Alignment(horizontal="fill")


@pytest.mark.parametrize(
    ("value", "width", "text", "is_told"),
    [
        (180000, 16, "", True),
        (180000, 9, "180000", False),
        (180000, None, "180000", False),
        ("-", 16, "-", False),
        ("显著", 16, "显著", True),
    ],
)
def test_a_figure_that_its_cell_repeats_is_not_read(
    value: object, width: float | None, text: str, is_told: bool
) -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["B1"] = value, "末"
        ws["A1"].alignment = FILLING
        if width is not None:
            ws.column_dimensions["A"].width = width

    sheets = sheet(fill)
    assert texts(sheets) == [text, "末"]
    assert told(sheets) == ([("BAD_VALUE", str(value), "表!A1")] if is_told else [])


def test_a_figure_is_repeated_over_blank_cells_that_are_to_be_filled_and_over_no_others() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["C1"] = 180000, "末"
        ws["A1"].alignment = FILLING
        ws["B1"].border = Border(top=Side("thin"))

    def fill_both(ws: Worksheet) -> None:
        fill(ws)
        ws["B1"].alignment = FILLING

    assert texts(sheet(fill)) == ["180000", "", "末"]
    assert texts(sheet(fill_both)) == ["", "", "末"]


def test_a_column_of_a_few_pixels_shows_nothing() -> None:
    for width, seen in ((0.3, ["末"]), (1.5, ["甲", "末"])):

        def fill(ws: Worksheet, width: float = width) -> None:
            ws["A1"], ws["B1"] = "甲", "末"
            ws.column_dimensions["A"].width = width

        assert texts(sheet(fill)) == seen


def old_formula(result: bytes, flags: int, tokens: bytes) -> bytes:
    return record(6, struct.pack("<HHH", 0, 0, 0) + result + struct.pack("<HI", flags, 0) + b"\x03\0" + tokens)


@pytest.mark.parametrize(
    ("result", "flags", "tokens", "text", "uncached"),
    [
        (b"\x03" + bytes(5) + b"\xff\xff", 0, b"\x1e\x01\x00", "", True),
        (b"\x03" + bytes(5) + b"\xff\xff", 0, b"\x17\x00\x00", "", False),
        (bytes(8), 2, b"\x1e\x01\x00", "", True),
        (bytes(8), 0, b"\x1e\x00\x00", "0", False),
        (struct.pack("<d", 2), 2, b"\x1e\x02\x00", "2", False),
    ],
)
def test_a_formula_of_an_old_workbook_without_a_result_is_told(
    result: bytes, flags: int, tokens: bytes, text: str, uncached: bool
) -> None:
    cells = old_formula(result, flags, tokens) + record(515, struct.pack("<HHHd", 0, 1, 0, 5.0))
    sheets = read(compound(biff([], cells)))
    assert texts(sheets) == [text, "5"]
    assert [p[0] for p in told(sheets)] == (["BAD_VALUE"] if uncached else [])


def test_a_figure_that_a_column_of_an_old_workbook_is_too_narrow_for_is_not_read() -> None:
    for width, text in ((3, ""), (9, "285240")):
        column = record(125, struct.pack("<HHHHHH", 0, 0, 256 * width, 0, 0, 0))
        sheets = read(compound(biff([], column + record(515, struct.pack("<HHHd", 0, 0, 0, 285240.0)) + B1)))
        assert texts(sheets) == [text, "5"]
        assert [p[0] for p in told(sheets)] == ([] if text else ["BAD_VALUE"])


B1 = record(515, struct.pack("<HHHd", 0, 1, 0, 5.0))
