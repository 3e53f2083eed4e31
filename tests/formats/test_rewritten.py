"""Formats that are written anew as one that has a reader: each gives the form, and what it hides or locks is told."""

from __future__ import annotations

import io
import quopri
import shutil
import struct
import subprocess
import sys
import time
import zipfile
from base64 import b64encode
from html import escape
from pathlib import Path

import openpyxl
import pytest
from office_form import ROWS, SPANS, WANTED, as_web_table, is_covered, read, span_at, values

from extractors.extract import extract
from extractors.formats import Limits
from extractors.formats import read as read_grids
from extractors.formats.rewritten import libreoffice
from extractors.grid import Unreadable

OFFICE = pytest.mark.skipif(libreoffice.program() is None, reason="needs LibreOffice")
CELLS = [
    (r, c, text, *span_at(r, c)) for r, row in enumerate(ROWS) for c, text in enumerate(row) if not is_covered(r, c)
]


def rejected(data: bytes) -> str:
    result = extract(data)
    assert result.status == "rejected" and result.reason, result.status
    return str(result.reason_code)


def texts(data: bytes) -> list[str]:
    return [cell.text for grid in read_grids(data).grids for cell in grid.cells if cell.text]


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


# ── OpenDocument ─────────────────────────────────────────────────────────────────────

_ODF = (
    " ".join(
        f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for p, n in {"office": "office", "table": "table", "text": "text", "style": "style"}.items()
    )
    + ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
)


def opendocument(body: str, kind: str = "spreadsheet", styles: str = "", **parts: str) -> bytes:
    content = (
        f"<office:document-content {_ODF}><office:automatic-styles>{styles}</office:automatic-styles><office:body>"
        f"<office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    return zipped({"mimetype": mimetype, "content.xml": content, **parts})


def ods_cell(row: int, col: int, text: str) -> str:
    if is_covered(row, col):
        return "<table:covered-table-cell/>"
    rows, cols = span_at(row, col)
    span = f'table:number-rows-spanned="{rows}" table:number-columns-spanned="{cols}"' if rows * cols > 1 else ""
    number = 'office:value-type="float" office:value="0.123"' if text[:1].isdigit() else ""
    return f"<table:table-cell {span} {number}><text:p>{escape(text)}</text:p></table:table-cell>"


def ods_rows(hidden: int | None = None) -> str:
    rows = []
    for r, row in enumerate(ROWS):
        unseen = ' table:visibility="collapse"' if r == hidden else ""
        cells = "".join(ods_cell(r, c, text) for c, text in enumerate(row))
        rows.append(f"<table:table-row{unseen}>{cells}</table:table-row>")
    return "".join(rows) + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'


def test_an_ods_is_read_as_its_cells_show_it() -> None:
    data = opendocument(f'<table:table table:name="表">{ods_rows()}</table:table>')
    result = extract(data)
    assert (result.format, values(result)) == ("ods", WANTED)
    assert read_grids(data).grids[0].cells[0].place.locator == "表!A1"


def test_texts_of_an_ods_keep_blanks_and_line_breaks_and_leave_notes_out() -> None:
    cell = (
        "<table:table-cell><office:annotation><text:p>批注</text:p></office:annotation><text:p>A<text:s text:c='2'/>B"
        "<text:line-break/>C</text:p><text:p>D</text:p></table:table-cell><table:table-cell office:value-type="
        "'percentage' office:value='0.9508'/>"
    )
    rows = f"<table:table-row>{cell}</table:table-row>"
    assert texts(opendocument(f"<table:table>{rows}</table:table>")) == ["A  B C D", "95.08%"]


def ods_style(name: str, properties: str, *, more: str = "", inner: str = "") -> str:
    return f'<style:style style:name="{name}" style:family="table-cell" {more}>{properties}{inner}</style:style>'


STRUCK = ods_style("gone", '<style:text-properties style:text-line-through-style="solid"/>')
BLACK = ods_style("gone", '<style:table-cell-properties fo:background-color="#000000"/>')
NAVY = BLACK.replace("000000", "003366").replace("/>", '/><style:text-properties fo:color="#ffffff"/>', 1)
WHITE = ods_style("gone", '<style:text-properties fo:color="#ffffff"/>')


def one_ods(attributes: str, styles: str = "", common: str = "", after: str = "") -> tuple[list[str], list[str]]:
    """The texts of a sheet with one cell of 171150 and one behind it, and what is told."""
    value = 'office:value-type="float" office:value="171150"'
    cell = f"<table:table-cell {value} {attributes}><text:p>171150</text:p></table:table-cell>"
    row = f"<table:table-row>{cell}<table:table-cell><text:p>末</text:p></table:table-cell></table:table-row>"
    named = f"<office:document-styles {_ODF}><office:styles>{common}</office:styles></office:document-styles>"
    data = opendocument(f"<table:table table:name='表'>{row}{after}</table:table>", styles=styles)
    sheets = read_grids(repacked(data, {"styles.xml": named}))
    return [c.text for c in sheets.grids[0].cells], [str(p.code) for p in sheets.problems]


def repacked(data: bytes, parts: dict[str, str]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({**{name: archive.read(name).decode() for name in archive.namelist()}, **parts})


MAPPED = '<style:map style:condition="cell-content()&gt;={}" style:apply-style-name="{}"/>'
OTHER = ods_style("other", "", more='style:data-style-name="N1"')
IN = 'table:style-name="ce1"'


@pytest.mark.parametrize(
    ("attributes", "styles", "common", "text", "code"),
    [
        ('table:style-name="gone"', "", STRUCK, "", "MARKED_TEXT"),
        (IN, ods_style("ce1", "", more='style:parent-style-name="gone"'), STRUCK, "", "MARKED_TEXT"),
        ('table:style-name="gone"', WHITE, "", "", "HIDDEN_CONTENT"),
        ('table:style-name="gone"', BLACK, "", "", "COVERED_TEXT"),
        ('table:style-name="gone"', NAVY, "", "171150", None),
        (IN, ods_style("ce1", "", inner=MAPPED.format(10000, "gone")), WHITE, "", "HIDDEN_CONTENT"),
        (IN, ods_style("ce1", "", inner=MAPPED.format(1000000, "gone")), WHITE, "171150", None),
        (IN, OTHER + ods_style("ce1", "", inner=MAPPED.format(10000, "other")), "", "", "BAD_VALUE"),
        (IN, OTHER + ods_style("ce1", "", inner=MAPPED.format(1000000, "other")), "", "171150", None),
        (IN, OTHER + ods_style("ce1", "", inner=MAPPED.format("[.C1]", "other")), "", "", "BAD_VALUE"),
        (IN, ods_style("ce1", '<style:table-cell-properties style:repeat-content="true"/>'), "", "", "BAD_VALUE"),
        (IN, ods_style("ce1", '<style:text-properties fo:font-size="1pt"/>'), "", "", "HIDDEN_CONTENT"),
    ],
)
def test_named_inherited_and_conditional_styles_of_an_ods_decide_what_is_read(
    attributes: str, styles: str, common: str, text: str, code: str | None
) -> None:
    assert one_ods(attributes, styles, common) == ([text, "末"], [code] if code else [])


def test_the_conditional_formats_of_an_ods_sheet_are_those_of_their_cells() -> None:
    formats = (
        "<table:conditional-formats><table:conditional-format table:target-range-address='表.{0}:表.{0}'>"
        "<table:condition table:apply-style-name='gone' table:value='&gt;=10000'/></table:conditional-format>"
        "</table:conditional-formats>"
    )
    assert one_ods("", "", STRUCK, formats.format("A1")) == (["", "末"], ["MARKED_TEXT"])
    assert one_ods("", "", STRUCK, formats.format("C1")) == (["171150", "末"], [])


def test_columns_without_width_and_formulas_without_result_of_an_ods_are_told() -> None:
    flat = '<style:style style:name="co{}" style:family="table-column">{}</style:style>'
    widths = "".join(
        flat.format(n, f'<style:table-column-properties style:column-width="{width}"/>')
        for n, width in enumerate(("0cm", "0.5cm"))
    )
    cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in "藏见")
    cells += '<table:table-cell table:formula="of:=[.A1]"/>'
    failed = 'table:formula="of:=1/0" office:value-type="string"'
    cells += f"<table:table-cell {failed}><text:p>#DIV/0!</text:p></table:table-cell>"
    columns = "".join(f'<table:table-column table:style-name="co{n}"/>' for n in range(2))
    data = opendocument(
        f"<table:table>{columns}<table:table-row>{cells}</table:table-row></table:table>", styles=widths
    )
    sheets = read_grids(data)
    assert [c.text for c in sheets.grids[0].cells] == ["见", "", "#DIV/0!"]
    assert sorted(str(p.code) for p in sheets.problems) == ["BAD_VALUE", "BAD_VALUE", "HIDDEN_CONTENT"]


def test_an_ods_with_a_password_or_an_entity_is_rejected() -> None:
    locked = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    assert rejected(opendocument("", **{"META-INF/manifest.xml": locked})) == "ENCRYPTED"
    bomb = "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    assert rejected(zipped({"mimetype": mimetype, "content.xml": bomb})) == "BOMB"
    assert rejected(opendocument("", kind="presentation")) == "UNSUPPORTED"


# ── XML of Office 2003 ───────────────────────────────────────────────────────────────

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


def test_a_picture_in_a_blank_cell_of_an_ods_and_a_text_over_another_leave_signs_that_nobody_knows() -> None:
    frame = "<draw:frame xmlns:draw='d'>{}</draw:frame>"
    for inner, text in (
        (frame.format("<draw:image/>"), "\ufffd"),
        ("<text:p>17</text:p>" + frame.format("<draw:text-box><text:p>18</text:p></draw:text-box>"), "17\ufffd"),
        ("<text:p>17</text:p>" + frame.format("<draw:image/>"), "17"),
    ):
        cells = f"<table:table-cell>{inner}</table:table-cell><table:table-cell><text:p>末</text:p></table:table-cell>"
        assert texts(opendocument(f"<table:table><table:table-row>{cells}</table:table-row></table:table>"))[0] == text


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


# ── saved pages ──────────────────────────────────────────────────────────────────────

PAGE = f"<html><head><title>x</title></head><body>{as_web_table()}</body></html>"


def saved(*parts: tuple[str, bytes], first: str = "From: <Saved by Blink>\r\n") -> bytes:
    head = f'{first}MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="--x"; type="text/html"\r\n\r\n'
    body = b"".join(b"----x\r\n" + headers.encode() + b"\r\n\r\n" + content + b"\r\n" for headers, content in parts)
    return head.encode() + body + b"----x--\r\n"


@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
def test_a_saved_page_is_a_page(charset: str) -> None:
    quoted = "Content-Type: text/html; charset=" + charset + "\r\nContent-Transfer-Encoding: quoted-printable"
    page = PAGE.encode(charset, "xmlcharrefreplace")
    data = saved(("Content-Type: image/png", b"x"), (quoted, quopri.encodestring(page)))
    result = extract(data)
    assert (result.format, values(result)) == ("html", WANTED)
    encoded = "Content-Type: text/html; charset=" + charset + "\r\nContent-Transfer-Encoding: base64"
    assert read(saved((encoded, b64encode(page)), first="")) == WANTED


def test_the_sheets_of_a_saved_workbook_are_read_and_no_page_is_told() -> None:
    frames = ("Content-Type: text/html", b"<html><frameset><frame src='sheet001.htm'></frameset></html>")
    assert read(saved(frames, ("Content-Type: text/html; charset=utf-8", PAGE.encode()))) == WANTED
    assert rejected(saved(("Content-Type: text/plain", b"x"))) == "CORRUPT"
    assert rejected(saved(("Content-Type: text/html", PAGE.encode()))[:-60]) in ("TRUNCATED", "CORRUPT")


# ── binary workbooks ─────────────────────────────────────────────────────────────────


def record(number: int, data: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size, length = len(data), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(*, hidden_row: int = -1, hidden_sheet: bool = False) -> bytes:
    formats = b"".join(record(47, struct.pack("<HHHHH", 0, code, 0, 0, 0) + bytes(6)) for code in (0, 4, 10, 164))
    styles = record(44, struct.pack("<H", 164) + wide('0"天"')) + record(617) + formats + record(618)
    strings: list[str] = []
    body = record(60, struct.pack("<IIIIH", 20, 20, 0, 0, 1))
    for r, row in enumerate(ROWS):
        flags = 0x10 if r == hidden_row else 0
        body += record(0, struct.pack("<IIHBBB", r, 0, 300, 0, flags, 0) + bytes(4))
        for c, text in enumerate(row):
            body += _xlsb_cell(r, c, text, strings)
    for r, c, rows, cols in SPANS:
        body += record(176, struct.pack("<IIII", r, r + rows - 1, c, c + cols - 1))
    sheet = record(156, struct.pack("<II", hidden_sheet, 1) + wide("rId1") + wide("表"))
    shared = b"".join(record(19, b"\0" + wide(text)) for text in strings)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}/x" Target="{name}"/>'
        for n, name in enumerate(("worksheets/sheet1.bin", "styles.bin", "sharedStrings.bin"), 1)
    )
    parts = {"xl/workbook.bin": record(153, bytes(12)) + sheet, "xl/_rels/workbook.bin.rels": f"<R>{related}</R>"}
    return zipped({**parts, "xl/worksheets/sheet1.bin": body, "xl/styles.bin": styles, "xl/sharedStrings.bin": shared})


def _xlsb_cell(row: int, col: int, text: str, strings: list[str]) -> bytes:
    plain = text.replace(",", "")
    if "," in text:
        return record(5, struct.pack("<IId", col, 1, float(plain)))
    if text.endswith("%") and text[0].isdigit() and row < 7:
        return record(9, struct.pack("<IId", col, 2, float(text[:-1]) / 100) + bytes(6))
    if text.isdecimal():
        return record(2, struct.pack("<III", col, 0, int(text) << 2 | 2))
    if text == "296天":
        return record(2, struct.pack("<III", col, 3, 29600 << 2 | 3))
    if not text:
        return record(1, struct.pack("<II", col, 0))
    if text.startswith("≥"):
        return record(6, struct.pack("<II", col, 0) + wide(text))
    strings.append(text)
    return record(7, struct.pack("<III", col, 0, len(strings) - 1))


def test_a_binary_workbook_is_read_as_its_formats_show_it() -> None:
    result = extract(xlsb())
    assert (result.format, values(result)) == ("xlsb", WANTED)


def styled_xlsb(font: bytes, fill: bytes, text: bytes) -> bytes:
    """A sheet with a text in a font and on a fill, and one behind it; the second font is struck out."""
    plain = struct.pack("<HHHHBBBB", 220, 0, 400, 0, 0, 0, 0, 0)
    fonts = record(43, plain + font) + record(43, plain[:2] + b"\x08\0" + plain[4:] + bytes(8))
    styles = fonts + record(45, fill) + record(617) + record(47, struct.pack("<HHHHH", 0, 0, 0, 0, 0) + bytes(6))
    row = record(0, struct.pack("<IIHBBB", 0, 0, 300, 0, 0, 0) + bytes(4))
    body = row + record(62, struct.pack("<II", 0, 0) + text) + record(6, struct.pack("<II", 1, 9) + wide("末"))
    old = xlsb()
    with zipfile.ZipFile(io.BytesIO(old)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**parts, "xl/styles.bin": styles + record(618), "xl/worksheets/sheet1.bin": body})


PLAIN_TEXT = b"\0" + wide("甲")
STRUCK_TEXT = b"\1" + wide("旧新") + struct.pack("<IHHHH", 2, 0, 1, 1, 0)
WHITE_FONT, BLACK_FONT, PAPER = bytes([5, 0, 0, 0, 255, 255, 255, 255]), bytes(8), bytes(12)
NAVY_FILL, BLACK_FILL = (
    struct.pack("<I", 1) + bytes([5, 0, 0, 0, *colour, 255]) for colour in ((0, 51, 102), (0, 0, 0))
)


@pytest.mark.parametrize(
    ("font", "fill", "text", "shown", "code"),
    [
        (WHITE_FONT, PAPER, PLAIN_TEXT, "", "HIDDEN_CONTENT"),
        (BLACK_FONT, BLACK_FILL, PLAIN_TEXT, "", "COVERED_TEXT"),
        (WHITE_FONT, NAVY_FILL, PLAIN_TEXT, "甲", None),
        (BLACK_FONT, PAPER, STRUCK_TEXT, "新", "MARKED_TEXT"),
    ],
)
def test_fonts_and_fills_of_a_binary_workbook_decide_what_is_read(
    font: bytes, fill: bytes, text: bytes, shown: str, code: str | None
) -> None:
    sheets = read_grids(styled_xlsb(font, fill, text))
    assert [c.text for c in sheets.grids[0].cells] == [shown, "末"]
    assert [str(p.code) for p in sheets.problems] == ([code] if code else [])


def test_a_broken_binary_workbook_is_rejected() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsb())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.bin"]
    for broken in (sheet[:-7], b"\x80", record(7, bytes(2))):
        assert rejected(zipped({**parts, "xl/worksheets/sheet1.bin": broken})) in ("CORRUPT", "EMPTY")


# ── what LibreOffice reads ───────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The form as LibreOffice itself writes it, out of a page."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "form.html").write_text(PAGE, "utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    for kind in ("odt:writer8", "rtf:Rich Text Format", "doc:MS Word 97"):
        command = [str(shutil.which("soffice")), profile, "--headless", "--infilter=HTML (StarWriter)", "--convert-to"]
        subprocess.run([*command, kind, "--outdir", folder, folder / "form.html"], check=True, capture_output=True)
    return folder


@OFFICE
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["odt", "rtf", "doc"])
def test_old_documents_are_read_through_libreoffice(made: Path, kind: str) -> None:
    result = extract((made / f"form.{kind}").read_bytes())
    assert (result.format, values(result)) == (kind, WANTED)


def test_without_libreoffice_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice.shutil, "which", lambda name: None)
    result = extract(b"{\\rtf1 x}")
    assert (result.status, result.reason_code) == ("rejected", "UNSUPPORTED")
    assert "libreoffice-writer" in str(result.reason)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_converter_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "soffice"
    script.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/one\nsleep 600 &\necho $! > {tmp_path}/two\nwait\n")
    script.chmod(0o755)
    monkeypatch.setattr(libreoffice, "program", lambda: str(script))
    monkeypatch.setattr(libreoffice, "SECONDS", 1.0)
    with pytest.raises(Unreadable) as caught:
        libreoffice.as_docx(b"x", "rtf", "RTF 文件", Limits())
    assert caught.value.reason_code == "TIMEOUT"
    time.sleep(0.2)
    for name in ("one", "two"):
        state = Path("/proc", (tmp_path / name).read_text().strip(), "stat")
        assert not state.exists() or state.read_text().split()[2] in "ZX", "ended, if nobody has asked for it yet"


def test_what_cannot_be_converted_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: sys.executable)
    with pytest.raises(Unreadable) as caught:
        libreoffice.as_docx(b"x", "odt", "ODF 文字文档", Limits())
    assert caught.value.reason_code == "CORRUPT"


def test_a_saved_page_is_read_with_the_style_sheet_that_was_saved_with_it() -> None:
    form = '<link rel="stylesheet" href="own.css"><table><tr><td>绩效</td><td><i class=old>17</i>18</td></tr></table>'
    for name, text in (("own.css", "18"), ("other.css", "17 18")):
        sheet = (f"Content-Type: text/css\r\nContent-Location: http://a.cn/{name}", b".old{display:none}")
        assert texts(saved(("Content-Type: text/html; charset=utf-8", form.encode()), sheet)) == ["绩效", text], name
