"""What a Word page shows and what its file holds: struck, raised, hidden, fields, controls; each with a near miss."""

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from shown_sheets import texts, told
from test_office import saved

from extractors.formats import read
from extractors.grid import Sheets


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


HIGHLIGHT = '<w:highlight w:val="black"/>'
SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="{}"/>'
CLEAR = (
    '<w14:textFill xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w14:solidFill>'
    '<w14:srgbClr w14:val="000000"><w14:alpha w14:val="{}"/></w14:srgbClr></w14:solidFill></w14:textFill>'
)
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
        (run("9", '<w:w w:val="1"/>') + run("366天"), "366天"),
        (run("9", HIGHLIGHT) + run("366天"), "366天"),
        (run("9", '<w:color w:val="000000"/>' + SHADE.format("000000")) + run("366天"), "366天"),
        (run("9", '<w:color w:val="D9D9D9"/>' + SHADE.format("D9D9D9")) + run("366天"), "366天"),
        (run("9", CLEAR.format(100000)) + run("366天"), "366天"),
        (run("未标"), "未标"),
    ],
)
def test_word_leaves_out_and_tells_of_struck_hidden_and_raised_runs(inner: str, text: str) -> None:
    sheets = word(inner)
    assert texts(sheets)[0] == text
    assert [(code, where) for code, _, where in told(sheets)] in (
        [("COVERED_TEXT", "1/1/1")],
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


def test_word_text_turned_round_pressed_together_or_of_an_unknown_version_is_read_as_it_is_seen() -> None:
    assert texts(word(f"<w:bdo w:val='rtl'>{run('81')}</w:bdo>"))[0] == "18"
    assert texts(word(f"<w:bdo w:val='ltr'>{run('18')}</w:bdo>"))[0] == "18"
    pressed = word(run("18", "<w:spacing w:val='-200'/>"))
    assert (texts(pressed)[0], [p[0] for p in told(pressed)]) == ("\ufffd18", ["BAD_VALUE"])
    assert told(word(run("18", "<w:spacing w:val='-20'/>"))) == []
    versions = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='{}'>{}</mc:Choice><mc:Fallback>{}</mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    both = ("<w:t>17</w:t>", "<w:t>18</w:t>")
    assert [texts(word(versions.format(name, *both)))[0] for name in ("unknown", "wps")] == ["18", "17"]


def floating(fill: str = "<a:solidFill/>", *, shape: str = "rect", behind: int = 0, at: int = -20000) -> str:
    """A shape that floats over the place it hangs on."""
    sides = "".join(
        f"<wp:position{side} relativeFrom='{of}'><wp:posOffset>{at}</wp:posOffset></wp:position{side}>"
        for side, of in (("H", "column"), ("V", "paragraph"))
    )
    drawn = f"<wps:wsp><wps:spPr><a:prstGeom prst='{shape}'/>{fill}</wps:spPr></wps:wsp>"
    graphic = f"<a:graphic><a:graphicData>{drawn}</a:graphicData></a:graphic>"
    spaces = nsdecls("wp", "a")
    anchor = f"<wp:anchor {spaces} behindDoc='{behind}'>{sides}<wp:wrapNone/>{graphic}</wp:anchor>"
    return f"<w:r><w:drawing>{anchor}</w:drawing></w:r>"


def old_floating(style: str = "margin-left:-2pt", more: str = "") -> str:
    return f"<w:r><w:pict><v:rect style='position:absolute;{style};width:60pt;height:20pt'{more}/></w:pict></w:r>"


@pytest.mark.parametrize(
    ("drawn", "text"),
    [
        (floating(), ""),
        (floating("<a:noFill/>"), "99.6"),
        (floating("<a:solidFill><a:srgbClr><a:alpha val='30000'/></a:srgbClr></a:solidFill>"), "99.6"),
        (floating(shape="ellipse"), "99.6"),
        (floating(behind=1), "99.6"),
        (old_floating(), ""),
        (old_floating(more=" filled='f'"), "99.6"),
        (old_floating("z-index:-5"), "99.6"),
    ],
)
def test_a_filled_shape_over_a_cell_covers_it_and_a_frame_or_what_lies_behind_does_not(drawn: str, text: str) -> None:
    sheets = word(drawn + run("99.6"))
    assert (texts(sheets)[0], [p[0] for p in told(sheets)]) == (text, [] if text else ["COVERED_TEXT"])


@pytest.mark.parametrize("drawn", [floating(at=2000000), old_floating("margin-top:300pt")])
def test_a_filled_shape_that_lies_elsewhere_is_told_and_the_cell_is_read(drawn: str) -> None:
    sheets = word(drawn + run("99.6"))
    assert (texts(sheets)[0], told(sheets)) == ("99.6", [("COVERED_TEXT", None, "1/1/1")])


def test_what_word_cannot_show_as_text_is_told() -> None:
    sheets = word(run("甲") + '<w:r><w:object><w:OLEObject ProgID="Equation.3"/></w:object></w:r>')
    assert told(sheets) == [("UNSUPPORTED", None, "1/1/1")]
    sheets = word('<w:r><w:sym w:font="Symbol" w:char="F0FF"/><w:t>5</w:t></w:r>')
    assert (texts(sheets)[0], told(sheets)) == ("\ufffd5", [("BAD_VALUE", "\ufffd5", "1/1/1")])
    assert told(word(control("市水务局"))) == [("MARKED_TEXT", "市水务局", "1/1/1")]


def test_text_in_the_rest_of_a_merged_cell_and_a_picture_in_a_blank_one_are_told() -> None:
    picture = "<w:r><w:drawing><pic/></w:drawing></w:r>"
    for rest, second, text, codes in (
        (run("旧"), "", "", ["HIDDEN_CONTENT"]),
        ("", picture, "", ["NO_TEXT"]),
        ("", picture + run("18"), "18", []),
        ("", "", "", []),
    ):
        document = docx.Document()
        merged = "<w:tc><w:tcPr><w:vMerge w:val='{}'/></w:tcPr><w:p>{}</w:p></w:tc>"
        first = f"<w:tr>{merged.format('restart', run('甲'))}<w:tc><w:p>{second}</w:p></w:tc></w:tr>"
        other = f"<w:tr>{merged.format('continue', rest)}<w:tc><w:p>{run('末')}</w:p></w:tc></w:tr>"
        document.element.body.insert(0, parse_xml(f"<w:tbl {nsdecls('w')}>{first}{other}</w:tbl>"))
        sheets = read(saved(document))
        assert texts(sheets) == ["甲", text, "末"]
        assert [code for code, _, _ in told(sheets)] == codes


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


def test_a_table_of_one_column_in_a_cell_is_its_text_and_one_of_two_is_a_table() -> None:
    def inside(columns: int) -> list[list[str]]:
        document = docx.Document()
        cell = document.add_table(1, 2).cell(0, 0)
        nested = cell.add_table(1, columns)
        for n, own in enumerate(nested.rows[0].cells):
            own.text = f"内{n}"
        return [[c.text for c in grid.cells] for grid in read(saved(document)).grids]

    assert inside(1) == [["内0", ""]]
    assert inside(2)[-1] == ["内0", "内1"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (' SYMBOL 179 \\\\f "Symbol" ', "≥5天"),
        (" SYMBOL 0x2264 ", "≤5天"),
        (" SYMBOL 65 ", "A5天"),
        (" AUTHOR ", "5天"),
        (" EQ ", "\ufffd5天"),
    ],
)
def test_a_field_without_a_result_shows_the_sign_that_its_code_names(code: str, text: str) -> None:
    marks = [f"<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>" for kind in ("begin", "end")]
    instruction = f"<w:r><w:instrText>{code}</w:instrText></w:r>"
    sheets = word(marks[0] + instruction.replace("\\\\", "\\") + marks[1] + run("5天"))
    assert texts(sheets)[0] == text


def listed(levels: str, *paragraphs: tuple[int, int, str]) -> list[str]:
    """The lines of a document with one list of these levels: its number, the depth and the text of each paragraph."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.clear()
    numbers = "<w:num w:numId='{}'><w:abstractNumId w:val='7'/>{}</w:num>"
    again = "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='1'/></w:lvlOverride>"
    whole = f"<w:abstractNum w:abstractNumId='7'>{levels}</w:abstractNum>{numbers.format(1, '')}"
    numbering.extend(parse_xml(f"<w:x {nsdecls('w')}>{whole}{numbers.format(2, again)}</w:x>"))
    for number, depth, inner in paragraphs:
        listing = f"<w:pPr><w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{number}'/></w:numPr></w:pPr>"
        document.element.body.insert(
            len(document.element.body) - 1, parse_xml(f"<w:p {nsdecls('w')}>{listing}{inner}</w:p>")
        )
    return texts(read(saved(document)))


def level(form: str, text: str, *, depth: int = 0, start: int = 1, look: str = "") -> str:
    return (
        f"<w:lvl w:ilvl='{depth}'><w:start w:val='{start}'/><w:numFmt w:val='{form}'/><w:suff w:val='nothing'/>"
        f"<w:lvlText w:val='{text}'/><w:rPr>{look}</w:rPr></w:lvl>"
    )


SYMBOLS = "<w:rFonts w:ascii='Symbol' w:hAnsi='Symbol'/>"


@pytest.mark.parametrize(
    ("levels", "paragraphs", "lines"),
    [
        (level("decimal", "%1", start=10), [(1, 0, ""), (1, 0, run("人"))], ["10", "11人"]),
        (level("decimal", "1"), [(1, 0, run("0"))], ["10"]),
        (level("bullet", "\uf0b3", look=SYMBOLS), [(1, 0, run("90%"))], ["≥90%"]),
        (
            level("chineseCounting", "（%1）", start=10),
            [(1, 0, run("甲")), (1, 0, run("乙"))],
            ["（十）甲", "（十一）乙"],
        ),
        (
            level("decimal", "%1.") + level("decimal", "%1.%2", depth=1),
            [(1, 0, run("甲")), (1, 1, run("乙")), (1, 1, run("丙")), (1, 0, run("丁")), (1, 1, run("戊"))],
            ["1.甲", "1.1乙", "1.2丙", "2.丁", "2.1戊"],
        ),
        (
            level("decimal", "%1."),
            [(1, 0, run("甲")), (1, 0, run("乙")), (2, 0, run("丙")), (2, 0, run("丁"))],
            ["1.甲", "2.乙", "1.丙", "2.丁"],
        ),
        (level("cardinalText", "%1"), [(1, 0, run("0"))], ["\ufffd0"]),
        (level("decimal", "1", look="<w:vanish/>"), [(1, 0, run("0"))], ["0"]),
        (level("none", ""), [(1, 0, run("90%"))], ["90%"]),
        (level("decimal", "%1"), [(0, 0, run("90%"))], ["90%"]),
    ],
)
def test_the_numbers_of_lists_are_read_as_the_page_shows_them(
    levels: str, paragraphs: list[tuple[int, int, str]], lines: list[str]
) -> None:
    assert listed(levels, *paragraphs) == lines
