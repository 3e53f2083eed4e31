"""What a web page shows and what its file holds: rules of style, struck, raised; each with a near miss."""

import pytest
from shown_sheets import texts, told

from extractors.formats import read
from extractors.formats.css.sheets import Sheets as StyleSheets
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


def test_a_hiding_rule_that_is_not_understood_makes_figures_unknown() -> None:
    for style in ("b:new(1){display:none}", "@container (width>1px){b{display:none}}", "td::first-letter{font-size:0}"):
        assert number(texts(page("<b>18</b>", style))[1]) is None
    for style in ("b:new(1){color:red}", "@container (width>1px){b{margin:0}}", "td::first-letter{font-size:2em}"):
        assert (texts(page("<b>18</b>", style))[1], page("<b>18</b>", style).problems) == ("18", [])
    assert [p.code for p in page("<b>18</b>", "b:not(%){display:none}").problems] == ["HIDDEN_CONTENT"]
    assert page("<b>18</b>", "b:not(]{display:none}").problems == []  # no rule of any grammar


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


@pytest.mark.parametrize(
    ("style", "hidden"),
    [
        ("td :is(.old,.gone){display:none}", True),
        ("td:has(> u) i{display:none}", True),
        ("i:nth-of-type(1){display:none}", True),
        ("i:nth-of-type(2){display:none}", False),
        ("td > :not(u){display:none}", True),
        ("#k{display:none} i.old.x{display:inline}", True),
        ("i.old.x{display:none} .old{display:inline}", True),
        (".x{display:none} .old{display:inline}", False),
        (".old{display:none!important} #k{display:inline}", True),
        ("@layer a{table td i.old{display:none}} .old{display:inline}", False),
        ("@layer a{.old{display:inline!important}} .old{display:none!important}", False),
        ("td{color:#000; .old{display:none}}", True),
        ("td{&.other .old{display:none}}", False),
        ("@media (max-width:600px){.old{display:none}}", False),
        ("@media (600px <= width) and (orientation:landscape){.old{display:none}}", True),
        ("@media not all and (min-width:600px){.old{display:none}}", False),
        ("@supports (display:grid){.old{display:none}}", True),
        ("@supports not (display:grid){.old{display:none}}", False),
        (".old{display:var(--d)} :root{--d:none}", True),
        (":root{--d:none} td{--d:inline} .old{display:var(--d)}", False),
        (".old{display:var(--none,none)}", True),
        (".old{display:none;display:nothing}", True),
        (".old{display:none;display:inline}", False),
        (".old{display:none;all:revert}", False),
        (".OLD{display:none}", False),
        ("[data-k=a i]{display:none}", True),
        ("[data-k=a]{display:none}", False),
        ("[class*=ld]{display:none}", True),
        ("[class^='x']{display:none}", False),
        ("[data-k|=A]{display:none}", True),
        ("i[class~=x][data-k]{display:none}", True),
        ("span{font-size:0} .old{font-size:2em}", True),
        ("td{font-size:20px} .old{font-size:50%}", False),
        ("td span{opacity:.1} .old{opacity:.1}", True),
        (".old{color:hsl(0 0% 100%)}", True),
        (".old{color:rgb(0 0 0/1%)}", True),
        (".old{color:ivory}", True),
        (".old{color:hsl(0 0% 40%)}", False),
        (".old{background-color:#000;background:#fff;color:#000}", False),
        (".old{color:#fff;background:linear-gradient(#fff,#fefefe)}", True),
        (".old{color:#fff;background:linear-gradient(navy,blue)}", False),
        (".old{-webkit-text-security:disc}", True),
        (".old{display:inline-block;transform:scale(.01)}", True),
        (".old{left:calc(-100px * 99);position:absolute}", True),
    ],
)
def test_the_rule_that_a_browser_follows_decides(style: str, hidden: bool) -> None:
    cell = "<span><i id=k class='old x' data-k=A>17</i></span><u>18</u>"
    if "nth" in style or "td >" in style or "td:has" in style:
        cell = cell.replace("<span>", "").replace("</span>", "")
    markup = f"<!DOCTYPE html><style>{style}</style><table><tr><td>绩效</td><td>{cell}</td></tr></table>"
    sheets = read(markup.encode())
    assert (texts(sheets)[1], [p.code for p in sheets.problems]) == (
        ("18", ["HIDDEN_CONTENT"]) if hidden else ("1718", [])
    )


def test_pages_without_a_doctype_are_shown_as_they_were_in_the_nineties() -> None:
    markup = "<style>.OLD{display:none}</style><table><tr><td>绩效</td><td><i class=old>17</i>18</td></tr></table>"
    assert texts(read(markup.encode()))[1] == "18"
    assert texts(read(b"<!DOCTYPE html>" + markup.encode()))[1] == "1718"


@pytest.mark.parametrize(
    ("cell", "style", "near"),
    [
        ("<b style='position:absolute;left:9999px'>18</b>", "", "<b style='position:absolute'>18</b>"),
        ("18<i class=k></i>", ".k{position:absolute;inset:0;background:#fff}", "18<i style='background:#fff'></i>"),
        ("<b class=k>18</b>", ".k::after{content:'';position:absolute;top:50%;border-top:1px solid}", "<b>18</b>"),
        (
            "<b class=k>18</b>",
            ".k{background:linear-gradient(#0000 45%,red 45%,red 55%,#0000 55%)}",
            "<b style='background:linear-gradient(#0000 60%,yellow 60%)'>18</b>",
        ),
        ("<i class=k>17</i><i class=k>18</i>", ".k{display:block}", "<i>1</i><i>8</i>"),
        ("<i class=k>17</i><i class=k>18</i>", ".k{display:inline-block;margin:0 9px}", "<i>1</i><i>8</i>"),
        ("<p class=k><i>1</i><i>8</i></p>", ".k{display:flex;gap:9px}", "<p style='display:flex'><i>1</i><i>8</i></p>"),
        ("<input value=1><input value=8>", "", "<input value=18>"),
        ("<input value=180000 size=2>", "", "<input value=18 size=2>"),
        ("1<img src=8.png>8", "", "<img src=icon.png> 18"),
        ("<i class=k></i>8", ".k{display:inline-block;width:8px;background:url(d.png)}", "<i></i>18"),
        ("<p class=k>18000000</p>", ".k{overflow:hidden;width:30px}", "<p style='overflow:hidden;width:30px'>18</p>"),
        (
            "<p class=k>18000</p>",
            ".k{overflow:hidden;width:60px;padding:0 15px;box-sizing:border-box}",
            "<p style='overflow:hidden;width:60px;box-sizing:border-box'>18</p>",
        ),
        ("<p class=k>18</p>", ".k{text-indent:100%;overflow:hidden}", "<p style='text-indent:2em'>18</p>"),
        ("18<i class=k>1</i>", ".k{font-size:60%;vertical-align:top}", "18<i style='vertical-align:top'></i>"),
        ("<b><template shadowrootmode=open>18</template>17</b>", "", "<b><template>17</template>18</b>"),
        ("<b style='filter:invert(1)'>18</b>", "", "<b style='filter:grayscale(1)'>18</b>"),
        ("<b style='transform:rotateY(90deg)'>18</b>", "", "<b style='transform:rotate(3deg)'>18</b>"),
        ("<b style='color:#fff;background:url(a.png)'>18</b>", "", "<b style='background:url(a.png)'>18</b>"),
        ("<script>document.write(17)</script>18", "", "<script>var a = 17</script>18"),
    ],
)
def test_a_figure_that_may_be_cut_covered_or_elsewhere_is_none(cell: str, style: str, near: str) -> None:
    first = number(texts(page(cell, style))[1])
    assert first is None or (first == 18 and page(cell, style).problems)
    sheets = page(near)
    assert (texts(sheets)[1], sheets.problems) == ("18", [])


def test_a_list_to_choose_from_shows_its_first_entry_where_none_is_chosen() -> None:
    assert texts(page("<select><option>18<option>17</select>"))[1] == "18"
    assert texts(page("<select><option>18<option selected>17</select>"))[1] == "17"
    assert texts(page("<select multiple><option>18<option>17</select>"))[1] == ""


def test_a_column_that_a_style_collapses_is_told_and_one_of_no_display_is_not_hidden() -> None:
    markup = "<style>.c{{{}}}</style><table><col><col class=c><tr><td>绩效<td>18</table>"
    sheets = read(markup.format("visibility:collapse").encode())
    assert (texts(sheets), told(sheets)) == (["绩效", ""], [("HIDDEN_CONTENT", "18", "1/1/2")])
    assert texts(read(markup.format("background:#eee").encode())) == ["绩效", "18"]


def test_a_sheet_that_is_asked_for_counts_where_its_condition_holds_and_not_on_paper() -> None:
    given = {
        "https://a.gov.cn/b/a.css": "@import 'b.css' screen; i{color:red}",
        "b.css": "@import url('a.css'); b{top:0}",
    }
    sheets = StyleSheets(given)
    assert [rule.selectors for rule in sheets.rules('@import "a.css";u{left:0}')] == ["b", "i", "u"]
    assert [rule.selectors for rule in sheets.rules("@import url(a.css) print;@import url(c.css) print;u{left:0}")] == [
        "u"
    ]
    assert sheets.missing == []
    assert list(sheets.rules("@import url(c.css) layer(x) screen and (min-width: 10px);")) == []
    assert (sheets.missing, sheets.layers) == (["c.css"], ["x"])


@pytest.mark.parametrize(
    ("style", "seen"),
    [
        (".a{display:block;&{display:none}}", "18"),
        (".a{&{display:none} display:inline}", "1718"),  # what stands after a rule inside counts after it
        (r".\61{di\splay:none}", "18"),
        (".a{display:none/*;*/;/*}*/}", "18"),
        ('.a{content:"}";display:none}', "18"),
        ("i{display:none;*display:inline}", "18"),
        (".a{display:none!ie}", "1718"),
        (".b,.a:{display:none}", "1718"),  # one that is none, and all of them are dropped
    ],
)
def test_the_grammar_of_styles_is_that_of_browsers(style: str, seen: str) -> None:
    assert texts(page("<i class=a>17</i>18", style))[1] == seen


def test_what_a_field_masks_is_not_read_and_told_and_a_plain_field_is_read() -> None:
    for kind, text, codes in (("password", "", ["HIDDEN_CONTENT"]), ("text", "15期", [])):
        sheets = page(f"<input type={kind} value=15期>")
        assert (texts(sheets)[1], [p.code for p in sheets.problems]) == (text, codes)
