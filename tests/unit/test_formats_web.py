"""Web pages: spans, encodings, nesting. Not here: the meaning of tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.formats import Limits, read
from extractors.grid import Grid, Unreadable


def occupied(grid: Grid) -> list[tuple[int, int]]:
    return [
        (r, c) for x in grid.cells for r in range(x.row, x.row + x.rowspan) for c in range(x.col, x.col + x.colspan)
    ]


def test_spans_lines_and_places_are_read_in_order() -> None:
    page = (
        "<html><head><title>不要</title><style>td{}</style></head><body><h1>项目支出<br>绩效自评表</h1><p>单位：万元</p>"
        "<table><thead><tr><th rowspan=2>项目资金</th><th colspan='2'>预算<br>数</th></tr></thead>"
        "<tbody><tr><td>年初</td><td>&nbsp;18.00 </td></tr></tbody></table>注：说明</body></html>"
    )
    sheets = read(page.encode())
    assert sheets.format == "html"
    before, table, after = sheets.grids
    assert [c.text for c in before.cells] == ["项目支出", "绩效自评表", "单位：万元"]
    assert not before.ruled
    assert [(c.text, c.row, c.col, c.rowspan, c.colspan, c.place.locator) for c in table.cells] == [
        ("项目资金", 0, 0, 2, 1, "1/1/1"),
        ("预算数", 0, 1, 1, 2, "1/1/2"),
        ("年初", 1, 1, 1, 1, "1/2/2"),
        ("18.00", 1, 2, 1, 1, "1/2/3"),
    ]
    assert [(c.text, c.place.locator) for c in after.cells] == [("注：说明", "0/4/1")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_comes_from_the_content(encoding: str) -> None:
    page = '<meta charset="gb2312"><table><tr><td>绩效自评表</td><td>二〇二四</td></tr></table>'
    assert [c.text for c in read(page.encode(encoding)).grids[0].cells] == ["绩效自评表", "二〇二四"]


def test_a_table_in_a_cell_is_a_grid_of_its_own() -> None:
    page = "<table><tr><td>外<table><tr><td>内</td></tr></table></td></tr></table>"
    assert [[c.text for c in g.cells] for g in read(page.encode()).grids] == [["外"], ["内"]]


def test_spans_end_with_the_table_and_hidden_cells_are_left_out() -> None:
    page = (
        "<table><tr><td rowspan=0>甲</td><td rowspan=65000>乙</td><td style='display: none'>丙</td></tr>"
        "<tr><td>丁</td></tr></table>"
    )
    grid = read(page.encode()).grids[0]
    assert (grid.n_rows, grid.n_cols) == (2, 3)
    assert [c.text for c in grid.cells] == ["甲", "乙", "丁"]


def test_saved_form_fields_show_their_values() -> None:
    page = (
        "<table><tr><td><input value='图书购置'></td><td><input type=checkbox checked>是<input type=checkbox>否</td>"
        "<td><select><option>优<option selected>良</select></td></tr></table>"
    )
    assert [c.text for c in read(page.encode()).grids[0].cells] == ["图书购置", "√是□否", "良"]


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("<div>" * 3000 + "绩效", "TOO_DEEP"),
        ("<table><tr><td>" * 300 + "绩效", "TOO_DEEP"),
        ("<table>" + "<tr><td colspan=1000 rowspan=1000>绩效</td></tr>" * 2000 + "</table>", "TOO_BIG"),
        ("<html><body><p> </p></body></html>", "EMPTY"),
    ],
)
def test_pages_beyond_the_caps_are_rejected(page: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(page.encode(), Limits())
    assert caught.value.reason_code == code


span = st.integers(0, 4)


@given(st.lists(st.lists(st.tuples(span, span), max_size=4), min_size=1, max_size=5))
def test_no_two_cells_overlap(table: list[list[tuple[int, int]]]) -> None:
    rows = ("".join(f"<td rowspan={r} colspan={c}>字</td>" for r, c in row) for row in table)
    page = "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "<tr><td>末</td></tr></table>"
    slots = occupied(read(page.encode()).grids[0])
    assert len(slots) == len(set(slots))
