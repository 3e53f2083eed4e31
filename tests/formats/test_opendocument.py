"""OpenDocument sheets and texts: what their cells show, styles, what is locked or covered."""

from __future__ import annotations

import io
import zipfile
from html import escape

import pytest
from office_form import ROWS, WANTED, is_covered, span_at, values
from rewriting import rejected, texts, zipped

from extractors.extract import extract
from extractors.formats import read as read_grids

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


def test_a_picture_in_a_blank_cell_of_an_ods_and_a_text_over_another_leave_signs_that_nobody_knows() -> None:
    frame = "<draw:frame xmlns:draw='d'>{}</draw:frame>"
    for inner, text in (
        (frame.format("<draw:image/>"), "\ufffd"),
        ("<text:p>17</text:p>" + frame.format("<draw:text-box><text:p>18</text:p></draw:text-box>"), "17\ufffd"),
        ("<text:p>17</text:p>" + frame.format("<draw:image/>"), "17"),
    ):
        cells = f"<table:table-cell>{inner}</table:table-cell><table:table-cell><text:p>末</text:p></table:table-cell>"
        assert texts(opendocument(f"<table:table><table:table-row>{cells}</table:table-row></table:table>"))[0] == text
