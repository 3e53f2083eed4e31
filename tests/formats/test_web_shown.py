"""What a web page shows and what its file holds: rules of style, struck, raised; each with a near miss."""

import pytest
from shown_sheets import texts, told

from extractors.formats import read
from extractors.grid import Sheets
from extractors.readings.printed import number


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
        ("<i class=old>17</i>18", ":root{--shown:none}.old{display:var(--shown)}"),
        ("<i style='color:rgba(0,0,0,0)'>17</i>18", ""),
        ("<details><summary></summary>17</details>18", ""),
        ("<i style='-webkit-text-fill-color:transparent'>17</i>18", ""),
        ("<i style='filter:opacity(0)'>17</i>18", ""),
        ("<i style='transform:translateX(-9999px)'>17</i>18", ""),
        ("<i style='content-visibility:hidden'>17</i>18", ""),
        ("<i style='zoom:0'>17</i>18", ""),
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
        ("<i class=old>18</i>", ":root{--shown:inline}.old{display:var(--shown)}", ""),
        ("<meter value=0.5>17</meter>18", "", ""),
        ("<details open><summary></summary>18</details>", "", ""),
        ("<bdo dir=rtl>81</bdo>", "", ""),
        ("<i style='unicode-bidi:bidi-override;direction:rtl'><b>8</b>1</i>", "", ""),
        ("<i dir=rtl>18</i>", "", ""),
        ("<i style='color:white;-webkit-text-fill-color:#333'>18</i>", "", ""),
        ("<i style='filter:opacity(50%)'>18</i>", "", ""),
        ("18<img src=seal.png>", "", ""),
        ("<div style='position:relative;top:3px;transform:rotate(0.1deg)'>18</div>", "", ""),
        ("<i style='font-size:0'><b style='font-size:14px'>18</b></i>", "", ""),
        ("18<i style='float:right'></i>", "", ""),
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


@pytest.mark.parametrize(
    ("cell", "style", "text"),
    [
        ("<i class=ge>5%</i>", ".ge::before{content:'≥'}", "≥5%"),
        ("<i>5</i>", 'i:after{content:"\\5929" "内"}', "5天内"),
        ("<i>5</i>", "i::after{content:'天';display:none}", "5"),
        ("<i>5</i>", "i::after{content:none} i:hover::after{content:'天'}", "5"),
        ("<i>5</i>", "i::after{content:counter(x)}", "5\ufffd"),
        ("<i data-unit=天>5</i>", "i::after{content:attr(data-unit)}", "5天"),
        ("<i>5</i>", "i::after{content:attr(data-unit)}", "5"),
    ],
)
def test_text_that_styles_put_beside_an_element_is_read_and_other_content_is_unknown(
    cell: str, style: str, text: str
) -> None:
    sheets = page(cell, style)
    assert texts(sheets)[1] == text
    assert [p[0] for p in told(sheets)] == (["BAD_VALUE"] if "\ufffd" in text else [])


@pytest.mark.parametrize(
    "cell",
    [
        "<i style='float:right'>00</i>18",
        "<i style='letter-spacing:-1em'>17</i>18",
        "18<i style='position:relative;top:-4px;font-size:60%'>2</i>",
        "<i style='position:absolute;left:0;background:#fff'>18</i>17",
        "<i style='order:2'>00</i><i style='order:1'>18</i>",
        "<i style='transform:scaleX(-1)'>81</i>",
        "<select multiple><option selected>17<option selected>18</select>",
        "<style>@import url(a.css);</style><i class=old>17</i>18",
    ],
)
def test_a_figure_whose_parts_may_stand_elsewhere_is_none(cell: str) -> None:
    assert number(texts(page(cell))[1]) is None


@pytest.mark.parametrize(
    ("cell", "quoted"),
    [
        ("<svg><text>18</text></svg>", "18"),
        ("<img src=18.png alt=18>", "18"),
        ("<canvas></canvas>", None),
        ("<img src=gap.gif width=1>", ()),
        ("<img src=18.png style='display:none'>", ()),
    ],
)
def test_a_picture_in_a_blank_cell_is_told_and_one_that_shows_nothing_is_not(cell: str, quoted: object) -> None:
    sheets = page(cell)
    assert texts(sheets)[1] == ""
    assert told(sheets) == ([] if quoted == () else [("NO_TEXT", quoted, "1/1/2")])


def test_a_table_of_one_column_in_a_cell_is_lines_of_the_cell_and_one_of_two_is_a_table() -> None:
    framed = page("<table><tr><td>17</td></tr><tr><td>18</td></tr></table>")
    assert (len(framed.grids), texts(framed)) == (1, ["绩效", "17 18"])
    assert len(page("上<table><tr><td>17</td></tr></table>").grids) == 2
    table = page("上<table><tr><td>17</td><td>18</td></tr></table>")
    assert [[c.text for c in grid.cells] for grid in table.grids] == [["绩效", "上"], ["17", "18"]]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("<i style='background:#000'>17</i>18", "COVERED_TEXT"),
        ("<i style='background:#eee;color:#eee'>17</i>18", "COVERED_TEXT"),
        ("<i style='background:#036;color:#fff'>18</i>", None),
    ],
)
def test_what_is_blacked_out_is_not_read_and_not_quoted(cell: str, code: str | None) -> None:
    sheets = page(cell)
    assert (texts(sheets)[1], told(sheets)) == ("18", [(code, None, "1/1/2")] if code else [])


def test_figures_that_a_missing_style_sheet_may_hide_stand_apart_and_it_is_told() -> None:
    markup = "<html><head>{}</head><body><table><tr><td>绩效</td><td><i {}>17</i>18</td></tr></table></body></html>"
    linked = "<link rel=stylesheet href=own.css>"
    sheets = read(markup.format(linked, "class=old").encode())
    assert texts(sheets) == ["绩效", "17 18"]
    assert [(p.code, "own.css" in p.message) for p in sheets.problems] == [("HIDDEN_CONTENT", True)]
    for head, attributes in (("", "class=old"), (linked, ""), ("<link rel=icon href=own.png>", "class=old")):
        sheets = read(markup.format(head, attributes).encode())
        assert (texts(sheets), sheets.problems) == (["绩效", "1718"], [])


def test_parts_that_stand_in_another_order_are_unknown() -> None:
    cell = "<p style='display:flex;flex-direction:{}'><i>8</i><i>1</i></p>"
    assert "\ufffd" in texts(page(cell.format("row-reverse")))[1]
    assert texts(page(cell.format("row")))[1] == "81"
