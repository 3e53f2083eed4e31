"""What a page shows and what its file holds: struck, raised, hidden; number formats; forms side by side.

Here: small files of each kind, each with a near miss. Not here: what a form makes of the cells.
"""

import io
import struct
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.worksheet.worksheet import Worksheet
from test_office import biff, compound, edited, record, saved, unicode_string

from extractors.formats import read
from extractors.formats.runs import Run, power, shown
from extractors.grid import Sheets, Unreadable


def told(sheets: Sheets) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.text, problem.place.locator) for problem in sheets.problems]


def texts(sheets: Sheets) -> list[str]:
    return [cell.text for grid in sheets.grids for cell in grid.cells]


# --- runs of characters


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([Run("171150"), Run("2", raised=1)], "171150"),
        ([Run("171150"), Run("①", raised=1)], "171150"),
        ([Run("95.08"), Run("[1]", raised=1), Run("%")], "95.08%"),
        ([Run("99.51"), Run("[1", raised=1), Run("]", raised=1)], "99.51"),
        ([Run("养护里程"), Run("注1", raised=1)], "养护里程"),
        ([Run("99.5"), Run("a", raised=1)], "99.5"),
        ([Run("250"), Run("1", raised=-1)], "250"),
        ([Run("170000", struck=True), Run("180000")], "180000"),
        ([Run("1", hidden=True), Run("20")], "20"),
        ([Run("1", raised=1)], ""),
    ],
)
def test_marks_struck_and_hidden_characters_are_no_part_of_a_value(runs: list[Run], text: str) -> None:
    result = shown(runs)
    assert result.text == text
    assert result.marked or result.hidden


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([Run("500m"), Run("2", raised=1)], "500m2"),
        ([Run("500平方米")], "500平方米"),
        ([Run("2×10"), Run("3", raised=1), Run("吨")], "2×10³吨"),
        ([Run("25"), Run("o", raised=1), Run("C")], "25°C"),
        ([Run("CO"), Run("2", raised=-1)], "CO2"),
        ([Run("95"), Run("%", raised=1)], "95%"),
        ([Run("95.08", raised=1)], "95.08"),
        ([Run("10", raised=2)], "10"),  # a line that is shifted as a whole
    ],
)
def test_raised_units_powers_and_whole_texts_stay(runs: list[Run], text: str) -> None:
    result = shown(runs)
    assert (result.text, result.marked, result.hidden, result.doubtful) == (text, [], [], [])


def test_a_bare_10_with_a_raised_digit_is_a_doubt_and_no_103() -> None:
    result = shown([Run("10"), Run("3", raised=1)])
    assert (result.text, result.doubtful) == ("10³", ["3"])
    assert shown([Run("10"), Run("1", raised=1)]).text == "10"
    assert [power("m", "2"), power("10", "3"), power("x", "n")] == ["m2", "10³", "x^(n)"]


# --- Word


def word(inner: str, *, styles: str = "") -> Sheets:
    """A document with one cell whose paragraph holds the markup."""
    document = docx.Document()
    for style in styles and [styles]:
        document.styles.element.append(parse_xml(style))
    cell = document.add_table(1, 2).cell(0, 0)
    cell._tc.append(parse_xml(f"<w:p {nsdecls('w')} {MATH} {MORE}>{inner}</w:p>"))
    cell._tc.getnext().append(parse_xml(f"<w:p {nsdecls('w')}><w:r><w:t>右</w:t></w:r></w:p>"))
    return read(saved(document))


MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
MORE = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def field(code: str, result: str) -> str:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    return f"{mark('begin')}<w:r><w:instrText>{code}</w:instrText></w:r>{mark('separate')}{run(result)}{mark('end')}"


def control(text: str, style: str = "") -> str:
    return f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run(text, style)}</w:sdtContent></w:sdt>"


CHARACTER_STYLE = (
    f"<w:style {nsdecls('w')} w:type='character' w:styleId='mine'><w:name w:val='mine'/><w:rPr>{{}}</w:rPr></w:style>"
)


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (run("≥260天", "<w:strike/>") + run("≥280天"), "≥280天"),
        (run("≥260天", "<w:dstrike/>") + run("≥280天"), "≥280天"),
        (run("9", "<w:vanish/>") + run("366天"), "366天"),
        (run("9", '<w:color w:val="FFFFFF"/>') + run("366天"), "366天"),
        (run("366天") + run("1", '<w:vertAlign w:val="superscript"/>'), "366天"),
        (run("366") + run("1", '<w:position w:val="8"/>') + run("天"), "366天"),
        (run("未标"), "未标"),
    ],
)
def test_word_leaves_out_and_tells_of_struck_hidden_and_raised_runs(inner: str, text: str) -> None:
    sheets = word(inner)
    assert texts(sheets)[0] == text
    assert [(code, where) for code, _, where in told(sheets)] in (
        [("MARKED_TEXT", "1/1/1")],
        [("HIDDEN_CONTENT", "1/1/1")],
        [] if text == "未标" else None,
    )


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (run("280天", '<w:strike w:val="0"/>'), "280天"),
        (run("366天", '<w:color w:val="808080"/>'), "366天"),
        (run("366天", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F3864"/>'), "366天"),
        (run("366天", "<w:webHidden/>"), "366天"),
        (run("10", '<w:position w:val="8"/>'), "10"),
        (run("366天", '<w:position w:val="-2"/>'), "366天"),
    ],
)
def test_word_reads_what_only_looks_like_left_out(inner: str, text: str) -> None:
    sheets = word(inner)
    assert (texts(sheets)[0], told(sheets)) == (text, [])


def test_word_styles_hide_and_strike_and_a_second_one_switches_back() -> None:
    style = CHARACTER_STYLE.format("<w:vanish/>")
    assert texts(word(run("9", '<w:rStyle w:val="mine"/>') + run("20"), styles=style))[0] == "20"
    assert texts(word(run("20", '<w:rStyle w:val="mine"/><w:vanish w:val="0"/>'), styles=style))[0] == "20"
    style = CHARACTER_STYLE.format("<w:strike/>")
    assert texts(word(run("9", '<w:rStyle w:val="mine"/>') + run("20"), styles=style))[0] == "20"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ('<w:r><w:sym w:font="Symbol" w:char="F0B3"/><w:t>336天</w:t></w:r>', "≥336天"),
        ('<w:r><w:sym w:font="Symbol" w:char="F0A3"/><w:t>7天</w:t></w:r>', "≤7天"),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F0A3"/><w:t>是</w:t></w:r>', "□是"),
        (run("³", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>') + run("336天"), "≥336天"),
        (run("\uf0b3") + run("336天"), "≥336天"),
        (run("³", '<w:rFonts w:ascii="宋体"/>') + run("吨"), "³吨"),
        ("<m:oMath><m:r><m:t>≥95%</m:t></m:r></m:oMath>", "≥95%"),
        (
            "<m:oMath><m:sSup><m:e><m:r><m:t>m</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>",
            "m2",
        ),
        (
            "<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>",
            "(a+b)/2",
        ),
        (
            "<w:r><w:ruby><w:rt><w:r><w:t>qing</w:t></w:r></w:rt>"
            "<w:rubyBase><w:r><w:t>青</w:t></w:r></w:rubyBase></w:ruby></w:r>" + run("山"),
            "青山",
        ),
        (field("=SUM(ABOVE)", "100"), "100"),
        (field("MERGEFIELD 单位", "«单位»"), ""),
        (field("MERGEFIELD 单位", "市水务局"), "市水务局"),
        (control("单击或点击此处输入文字。"), ""),
        (control("市水务局"), ""),
        ("<w:sdt><w:sdtPr/><w:sdtContent>" + run("市水务局") + "</w:sdtContent></w:sdt>", "市水务局"),
        ("<w:moveFrom>" + run("旧") + "</w:moveFrom><w:moveTo>" + run("新") + "</w:moveTo>", "新"),
        ("<w:smartTag><w:customXml>" + run("甲") + "</w:customXml></w:smartTag>", "甲"),
        ("<w:nobodyKnows>" + run("甲") + "</w:nobodyKnows>", "甲"),
        (
            "<w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent><w:p>" + run("框") + "</w:p></w:txbxContent>"
            "</wps:txbx></mc:Choice><mc:Fallback><v:textbox><w:txbxContent><w:p>" + run("框") + "</w:p></w:txbxContent>"
            "</v:textbox></mc:Fallback></mc:AlternateContent></w:r>",
            "框",
        ),
        (
            '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>'
            "</w:fldChar>"
            '<w:fldChar w:fldCharType="end"/></w:r>' + run("是"),
            "☑是",
        ),
    ],
)
def test_word_reads_what_its_page_shows(inner: str, text: str) -> None:
    assert texts(word(inner))[0] == text


def test_what_word_cannot_show_as_text_is_told() -> None:
    sheets = word(run("甲") + '<w:r><w:object><w:OLEObject ProgID="Equation.3"/></w:object></w:r>')
    assert told(sheets) == [("UNSUPPORTED", None, "1/1/1")]
    sheets = word('<w:r><w:sym w:font="Symbol" w:char="F0FF"/><w:t>5</w:t></w:r>')
    assert (texts(sheets)[0], told(sheets)) == ("\ufffd5", [("BAD_VALUE", "\ufffd5", "1/1/1")])
    assert told(word(control("市水务局"))) == [("MARKED_TEXT", "市水务局", "1/1/1")]


def test_a_hidden_row_of_a_word_table_is_left_out_and_told_and_one_of_small_height_is_not() -> None:
    def table(properties: str, marks: str) -> Sheets:
        document = docx.Document()
        rows = "".join(
            f"<w:tr><w:trPr>{p}</w:trPr><w:tc><w:p>{run(t, m)}</w:p></w:tc></w:tr>"
            for p, t, m in (("", "一", ""), (properties, "二", marks), ("", "三", ""))
        )
        document.element.body.insert(0, parse_xml(f"<w:tbl {nsdecls('w')}>{rows}</w:tbl>"))
        return read(saved(document))

    for properties, marks in (("<w:hidden/>", "<w:vanish/>"), ('<w:trHeight w:val="1" w:hRule="exact"/>', "")):
        sheets = table(properties, marks)
        assert [(c.text, c.row, c.place.locator) for c in sheets.grids[0].cells] == [
            ("一", 0, "1/1/1"),
            ("三", 1, "1/3/1"),
        ]
        assert told(sheets) == [("HIDDEN_CONTENT", "二", "1/2/1")]
    for properties in ("<w:hidden/>", '<w:trHeight w:val="1"/>', '<w:trHeight w:val="300" w:hRule="exact"/>'):
        sheets = table(properties, "")
        assert (texts(sheets), told(sheets)) == (["一", "二", "三"], [])


def test_the_lines_of_page_headers_are_read_once_and_page_numbers_are_not() -> None:
    document = docx.Document()
    document.add_paragraph("单位：万元")
    section = document.sections[0]
    section.header.paragraphs[0].text = "项目支出绩效自评表"
    section.header.add_paragraph("单位：万元")
    section.footer.paragraphs[0]._p.append(
        parse_xml(f"<w:fldSimple {nsdecls('w')} w:instr='PAGE'>{run('1')}</w:fldSimple>")
    )
    assert texts(read(saved(document))) == ["项目支出绩效自评表", "单位：万元"]


# --- workbooks


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


def test_a_number_whose_format_a_rule_may_change_is_not_read() -> None:
    def fill(ws: Worksheet) -> None:
        ws["A1"], ws["B1"] = 180000, 5
        rule = CellIsRule("greaterThan", ["10000"])
        rule.dxf = DifferentialStyle(numFmt=NumberFormat(164, '0!.0,"万"'))
        ws.conditional_formatting.add("A1", rule)

    sheets = sheet(fill)
    assert (texts(sheets), told(sheets)) == (["", "5"], [("BAD_VALUE", "180000", "表!A1")])


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


CAPTIONS = ["项目名称", "主管部门", "实施单位", "预算数", "执行数", "得分"]


def test_two_forms_side_by_side_are_two_grids() -> None:
    def fill(ws: Worksheet) -> None:
        for caption in CAPTIONS:
            ws.append([caption, "甲", None, None, caption, "乙"])

    left, right = sheet(fill).grids
    assert {c.text for c in left.cells} == {*CAPTIONS, "甲"}
    assert [(c.text, c.row, c.col, c.place.locator) for c in right.cells][:2] == [
        ("项目名称", 0, 0, "表!E1"),
        ("乙", 0, 1, "表!F1"),
    ]


def test_framed_tables_with_an_open_gap_are_two_grids_and_with_a_framed_gap_one() -> None:
    def fill(ws: Worksheet, *, through: bool) -> None:
        line = Side("thin")
        for row, caption in enumerate([*CAPTIONS, "合计"], 1):
            for col, text in enumerate([caption, "甲", None, f"说明{row}", "乙"], 1):
                ws.cell(row, col, text)
                if text is not None or through:
                    ws.cell(row, col).border = Border(top=line, bottom=line)

    assert len(sheet(lambda ws: fill(ws, through=False)).grids) == 2
    assert len(sheet(lambda ws: fill(ws, through=True)).grids) == 1


def test_a_blank_column_inside_a_form_or_under_its_title_parts_nothing() -> None:
    def fill(ws: Worksheet, *, title: bool) -> None:
        for caption in CAPTIONS:
            ws.append([caption, "甲", None, caption if title else f"右{caption}", "乙"])
        if title:
            ws.insert_rows(1)
            ws["A1"] = "项目支出绩效自评表"
            ws.merge_cells("A1:E1")

    assert len(sheet(lambda ws: fill(ws, title=True)).grids) == 1
    assert len(sheet(lambda ws: fill(ws, title=False)).grids) == 1


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


# --- web pages


def page(cell: str, style: str = "", attributes: str = "") -> Sheets:
    return read(
        f"<html><head><style>{style}</style></head><body><table><tr><td>绩效</td><td{attributes}>{cell}</td></tr></table>"
        "</body></html>".encode()
    )


@pytest.mark.parametrize(
    ("cell", "style"),
    [
        ("<i class=old>17</i>18", ".old{visibility:hidden}"),
        ("<i class='old x'>17</i>18", "tr td > .old.x { display : none }"),
        ("<i>17</i>18", "<!-- td i{color:red} i{display:none!important} -->"),
        ("<i>17</i>18", "@media screen{i{display:none}}"),
        ("<i style='font-size:0'>17</i>18", ""),
        ("<i style='position:absolute;left:-9999px'>17</i>18", ""),
        ("<i hidden>17</i>18", ""),
        ("<i style='opacity:0'>17</i>18", ""),
        ("<i style='color:#fff'>17</i>18", ""),
        ("<font color=white>17</font>18", ""),
        ("<i style='mso-hide:all'>17</i>18", ""),
        ("<i>17</i>18", "td i:nth-child(1){display:none}"),
    ],
)
def test_what_a_web_page_hides_is_left_out_and_told(cell: str, style: str) -> None:
    sheets = page(cell, style)
    assert (texts(sheets)[1], told(sheets)) == ("18", [("HIDDEN_CONTENT", "17", "1/1/2")])


@pytest.mark.parametrize(
    ("cell", "style", "attributes"),
    [
        ("<i class='old on'>18</i>", ".old{display:none}.old.on{display:inline}", ""),
        ("<i>18</i>", "@media print{i{display:none}}", ""),
        ("<i>18</i>", "i:hover{display:none}", ""),
        ("<i style='color:white'>18</i>", "", " bgcolor=navy"),
        ("<i style='color:white'>18</i>", "td{background:#036}", ""),
        ("<i style='color:#999'>18</i>", "", ""),
        ("<i style='position:relative;left:-3px'>18</i>", "", ""),
        ("<b style='visibility:hidden'><i style='visibility:visible'>18</i></b>", "", ""),
        ("<i>18</i>", "td:nth-child(1) i{display:none}", ""),
    ],
)
def test_what_a_web_page_only_nearly_hides_is_read(cell: str, style: str, attributes: str) -> None:
    sheets = page(cell, style, attributes)
    assert (texts(sheets)[1], told(sheets)) == ("18", [])


@pytest.mark.parametrize(
    ("cell", "text", "left_out"),
    [
        ("<s>9</s>18", "18", "9"),
        ("<strike>9</strike>18", "18", "9"),
        ("<span style='text-decoration: line-through'>9</span>18", "18", "9"),
        ("18<sup>①</sup>", "18", "①"),
        ("18<sup>1</sup>万元", "18万元", "1"),
        ("18<span style='vertical-align:super'>1</span>", "18", "1"),
        ("18m<sup>2</sup>", "18m2", None),
        ("CO<sub>2</sub>", "CO2", None),
        ("<u>18</u>", "18", None),
        ("<ruby>青<rp>(</rp><rt>qing</rt><rp>)</rp></ruby>山", "青山", None),
        ("<font face=Symbol>³</font>18", "≥18", None),
        ("<span style='font-family:Symbol'>&#163;</span>18", "≤18", None),
        ("<span style='font-family:宋体'>³</span>18", "³18", None),
    ],
)
def test_struck_raised_and_symbol_text_of_web_pages(cell: str, text: str, left_out: str | None) -> None:
    sheets = page(cell)
    assert texts(sheets)[1] == text
    assert told(sheets) == ([("MARKED_TEXT", left_out, "1/1/2")] if left_out else [])


def test_hidden_rows_and_cells_of_a_web_table_are_closed_up_and_told() -> None:
    markup = (
        "<style>.h{display:none}</style><table><tr><td>一</td><td class=h>旧</td><td>1</td></tr>"
        "<tr class=h><td>作废</td><td>9</td></tr><tr><td>二</td><td>2</td></tr></table>"
    )
    sheets = read(markup.encode())
    assert [(c.text, c.row, c.col) for c in sheets.grids[0].cells] == [
        ("一", 0, 0),
        ("1", 0, 1),
        ("二", 1, 0),
        ("2", 1, 1),
    ]
    assert told(sheets) == [("HIDDEN_CONTENT", "作废 9", "1/2/1"), ("HIDDEN_CONTENT", "旧", "1/1/2")]


def test_a_hiding_rule_that_is_not_understood_is_told() -> None:
    sheets = page("<b>18</b>", "td:has(b){display:none}")
    assert [p.code for p in sheets.problems] == ["HIDDEN_CONTENT"]
    assert page("<b>18</b>", "td:has(b){color:red}").problems == []
