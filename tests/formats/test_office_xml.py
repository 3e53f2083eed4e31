"""Workbooks and documents of Office 2003 in one file of XML."""

from __future__ import annotations

import io
from html import escape

import openpyxl
import pytest
from office_form import ROWS, WANTED, is_covered, read, span_at, values
from rewriting import CELLS, rejected, texts, zipped

from extractors.extract import extract
from extractors.formats import read as read_grids

_SS = (
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:html="http://www.w3.org/TR/REC-html40"'
)
_STYLES = (
    '<Styles><Style ss:ID="money"><NumberFormat ss:Format="Standard"/></Style><Style ss:ID="rate"><NumberFormat '
    'ss:Format="Percent"/></Style><Style ss:ID="day"><NumberFormat ss:Format="Short Date"/></Style></Styles>'
)


def spreadsheetml(table: str, more: str = "") -> str:
    sheet = f'<Worksheet ss:Name="表"><Table>{table}</Table>{more}</Worksheet>'
    return f'<?xml version="1.0"?><Workbook {_SS}>{_STYLES}{sheet}</Workbook>'


def as_spreadsheetml() -> str:
    rows: dict[int, str] = {}
    for r, c, text, height, width in CELLS:
        plain = text.replace(",", "")
        kind, style, value = "String", "", escape(text)
        if "," in text:
            kind, style, value = "Number", ' ss:StyleID="money"', plain
        elif text.endswith("%") and text[0].isdigit() and r < 7:
            kind, style, value = "Number", ' ss:StyleID="rate"', str(float(text[:-1]) / 100)
        span = f' ss:MergeAcross="{width - 1}" ss:MergeDown="{height - 1}"' if width * height > 1 else ""
        data = f'<Data ss:Type="{kind}">{value}</Data>'
        rows[r] = rows.get(r, "") + f'<Cell ss:Index="{c + 1}"{span}{style}>{data}</Cell>'
    return spreadsheetml("".join(f'<Row ss:Index="{r + 1}">{cells}</Row>' for r, cells in rows.items()))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_workbook_of_xml_is_read_whatever_its_name(encoding: str) -> None:
    text = as_spreadsheetml()
    result = extract((text.replace("?>", ' encoding="utf-16"?>', 1) if "16" in encoding else text).encode(encoding))
    assert (result.format, values(result)) == ("xml", WANTED)


def test_cells_of_xml_follow_each_other_and_show_dates_rates_and_markup() -> None:
    day = '<Cell ss:StyleID="day"><Data ss:Type="DateTime">2024-03-01T00:00:00.000</Data></Cell>'
    rate = '<Cell ss:StyleID="rate"><Data ss:Type="Number">0.9508</Data></Cell>'
    rich = '<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>粗</B>体</ss:Data></Cell>'
    row = f'<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">甲</Data></Cell>{day}{rate}{rich}</Row>'
    cells = read_grids(spreadsheetml(row).encode()).grids[0].cells
    assert [(c.text, c.col, c.colspan) for c in cells] == [
        ("甲", 0, 2), ("2024/3/1", 2, 1), ("95.08%", 3, 1), ("粗体", 4, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("font", "interior", "text", "code"),
    [
        ("#FFFFFF", "", "", "HIDDEN_CONTENT"),
        ("#000000", '<Interior ss:Color="#000000" ss:Pattern="Solid"/>', "", "COVERED_TEXT"),
        ("#FFFFFF", '<Interior ss:Color="#003366" ss:Pattern="Solid"/>', "甲", None),
    ],
)
def test_text_of_xml_in_the_colour_of_its_ground_is_not_read(
    font: str, interior: str, text: str, code: str | None
) -> None:
    style = f'<Style ss:ID="own"><Font ss:Color="{font}"/>{interior}</Style></Styles>'
    row = '<Row><Cell ss:StyleID="own">{0}甲</Data></Cell><Cell>{0}乙</Data></Cell></Row>'
    cells = row.format('<Data ss:Type="String">')
    sheets = read_grids(spreadsheetml(cells).replace("</Styles>", style).encode())
    assert [c.text for c in sheets.grids[0].cells] == [text, "乙"]
    assert [str(p.code) for p in sheets.problems] == ([code] if code else [])


def test_white_and_tiny_runs_of_xml_are_left_out() -> None:
    for font, text in (('html:Color="#FFFFFF"', "18"), ('html:Size="1"', "18"), ('html:Color="#808080"', "1718")):
        data = f'<Cell><ss:Data ss:Type="String"><Font {font}>17</Font>18</ss:Data></Cell><Cell><Data>末</Data></Cell>'
        sheets = read_grids(spreadsheetml(f"<Row>{data}</Row>").encode())
        assert sheets.grids[0].cells[0].text == text
        assert [str(p.code) for p in sheets.problems] == ([] if text == "1718" else ["HIDDEN_CONTENT"])


def test_a_figure_of_xml_that_its_cell_may_repeat_is_not_read() -> None:
    for horizontal, text in (("Fill", ""), ("Right", "5")):
        style = f'<Style ss:ID="own"><Alignment ss:Horizontal="{horizontal}"/></Style></Styles>'
        cells = '<Row><Cell ss:StyleID="own"><Data ss:Type="Number">5</Data></Cell><Cell><Data>乙</Data></Cell></Row>'
        sheets = read_grids(spreadsheetml(cells).replace("</Styles>", style).encode())
        assert [c.text for c in sheets.grids[0].cells] == [text, "乙"]


def test_other_xml_is_refused_by_its_name_and_entities_by_theirs() -> None:
    result = extract(b'<?xml version="1.0"?><Invoice><a/></Invoice>')
    assert result.reason_code == "UNSUPPORTED" and "Invoice" in str(result.reason)
    assert rejected(f"<!DOCTYPE x [<!ENTITY a 'b'>]>{as_spreadsheetml()[21:]}".encode()) == "BOMB"
    assert rejected(as_spreadsheetml()[:-300].encode()) == "CORRUPT"


_W2003 = "http://schemas.microsoft.com/office/word/2003/wordml"
_W2006 = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_body(merge: str = "vMerge") -> str:
    rows = []
    for r in range(len(ROWS)):
        cells, c = "", 0
        while c < 9:
            up = r
            while is_covered(up, c):
                up -= 1
            height, width = span_at(up, c)
            vertical = "" if height == 1 else f'<w:{merge} w:val="restart"/>' if up == r else f"<w:{merge}/>"
            text = escape(ROWS[r][c]) if up == r else ""
            properties = f'<w:tcPr><w:gridSpan w:val="{width}"/>{vertical}</w:tcPr>'
            cells += f"<w:tc>{properties}<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"
            c += width
        rows.append(f"<w:tr>{cells}</w:tr>")
    return f"<w:body><w:tbl>{''.join(rows)}</w:tbl></w:body>"


def test_a_document_of_xml_is_read_with_its_merged_cells_and_without_deletions() -> None:
    deleted = (
        '<aml:annotation aml:id="0" w:type="Word.Deletion"><aml:content><w:r><w:delText>旧</w:delText></w:r>'
        "</aml:content></aml:annotation>"
    )
    body = word_body("vmerge").replace("<w:tbl>", f"<wx:sect><w:p>{deleted}</w:p><w:tbl>", 1)
    names = f'xmlns:w="{_W2003}" xmlns:wx="urn:wx" xmlns:aml="urn:aml"'
    data = f"<w:wordDocument {names}>{body.replace('</w:tbl>', '</w:tbl></wx:sect>', 1)}</w:wordDocument>".encode()
    result = extract(data)
    assert (result.format, values(result)) == ("xml", WANTED)
    assert "旧" not in "".join(texts(data))


def test_a_docx_in_one_file_of_xml_is_read() -> None:
    part = f'<pkg:xmlData><w:document xmlns:w="{_W2006}">{word_body()}</w:document></pkg:xmlData>'
    package = f'<pkg:part pkg:name="/word/document.xml">{part}</pkg:part>'
    names = 'xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"'
    assert read(f"<?xml version='1.0'?><pkg:package {names}>{package}</pkg:package>".encode()) == WANTED


@pytest.mark.parametrize("text", ["", "见下表"])
def test_a_worksheet_in_a_word_document_is_read_as_part_of_it(text: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for r, c, value, height, width in CELLS:
        sheet.cell(r + 1, c + 1, value)
        sheet.merge_cells(start_row=r + 1, start_column=c + 1, end_row=r + height, end_column=c + width)
    out = io.BytesIO()
    book.save(out)
    body = f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>"
    relation = '<Relationship Id="rId9" Type="x/package" Target="embeddings/book.xlsx"/>'
    parts = {"word/document.xml": f'<w:document xmlns:w="{_W2006}">{body}</w:document>'}
    related = {**parts, "word/embeddings/book.xlsx": out.getvalue()}
    assert rejected(zipped(parts)) == "EMPTY" if not text else extract(zipped(related)).status == "no_form"
    result = extract(zipped({**related, "word/_rels/document.xml.rels": f"<R>{relation}</R>"}))
    assert (result.format, values(result)) == ("docx", WANTED)
