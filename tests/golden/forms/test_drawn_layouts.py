"""Forms drawn at random in layouts that nobody listed are read as what they were drawn from."""

import pytest
from drawing import Pen
from expectation import differences
from sheet import Drawing

from extractors.extract import extract
from extractors.extraction import ExtractedForm
from extractors.grid import Cell, Grid, Place
from extractors.layout.page_breaks import join_pages
from extractors.layout.rows import rows_of
from extractors.stages import read_grids
from extractors.vocabulary import bare_text


def read(drawing: Drawing, merged: str) -> ExtractedForm:
    [form] = read_grids([drawing.grid(merged)])
    return form


def wrong(seeds: range, merged: str) -> dict[int, list[str]]:
    found = {}
    for seed in seeds:
        drawing = Pen(seed).draw()
        if differences_found := differences(drawing.wanted, read(drawing, merged)):
            found[seed] = differences_found
    return found


@pytest.mark.parametrize("merged", ["spans", "blanks", "repeated"])
def test_a_drawn_form_is_read_as_it_was_drawn(merged: str) -> None:
    assert wrong(range(60), merged) == {}


@pytest.mark.slow
@pytest.mark.parametrize("merged", ["spans", "blanks", "repeated"])
def test_any_drawn_form_is_read_as_it_was_drawn(merged: str, sparing: int) -> None:
    assert wrong(range(60, 1500, sparing), merged) == {}


def wrong_over_pages(drawing: Drawing, cut: int, *, inside: bool, seed: int, again: bool = False) -> list[str]:
    """What is read wrong of a form that a page break cuts above a row, or inside it; `again`: with headers again."""
    grids = drawing.pages(cut, inside=inside, seed=seed, again=again)
    forms = read_grids(grids)
    return differences(drawing.wanted, forms[0]) if len(forms) == 1 else [f"{len(forms)} forms"]


def wrong_at_some_break(seeds: range, *, inside: bool) -> dict[int, list[str]]:
    """What is read wrong of forms that are broken below their heading, by seed."""
    found = {}
    for seed in seeds:
        drawing = Pen(seed).draw()
        breaks = range(3, drawing.rows)
        if problems := wrong_over_pages(drawing, breaks[seed * 7 % len(breaks)], inside=inside, seed=seed):
            found[seed] = problems
    return found


def wrong_at_headers(seeds: range, *, inside: bool) -> dict[tuple[int, int], list[str]]:
    """What is read wrong of forms that are broken above or inside a row of the indicators' headers."""
    found = {}
    for seed in seeds:
        drawing = Pen(seed).draw()
        for cut in drawing.headers:
            if problems := wrong_over_pages(drawing, cut, inside=inside, seed=seed):
                found[seed, cut] = problems
    return found


def wrong_below_headers_again(seeds: range, *, inside: bool) -> dict[tuple[int, int], list[str]]:
    """What is read wrong of forms whose indicators go on below their headers, which the second page repeats."""
    found = {}
    for seed in seeds:
        drawing = Pen(seed).draw()
        first = drawing.headers.stop
        for cut in range(first, first + len(drawing.wanted["indicator"])):
            if problems := wrong_over_pages(drawing, cut, inside=inside, seed=seed, again=True):
                found[seed, cut] = problems
    return found


def test_a_page_break_between_rows_changes_nothing() -> None:
    assert wrong_at_some_break(range(100), inside=False) == {}


def test_a_page_break_inside_a_row_changes_nothing() -> None:
    assert wrong_at_some_break(range(100), inside=True) == {}


@pytest.mark.parametrize("seed", [3921, 4041, 6676])
def test_whole_rows_stay_apart_where_their_levels_or_headers_stand_on_the_page_before(seed: int) -> None:
    assert wrong_at_some_break(range(seed, seed + 1), inside=False) == {}


@pytest.mark.parametrize("seed", [192, 336, 389, 612, 756, 2716, 2994, 4209, 4736, 6007, 7407, 13256])
def test_a_row_of_any_part_is_put_together(seed: int) -> None:
    assert wrong_at_some_break(range(seed, seed + 1), inside=True) == {}


def test_projects_listed_over_two_pages_stay_apart() -> None:
    names = ["渠道改造", "学校食堂", "公共图书购置"]
    rows = [["项目名称", "主管部门", "预算年度"], *([name, "青河县水利局", "2023"] for name in names)]
    cells = [Cell(text, r, c, Place(1, 40.0 * c, 20.0 * r, 40.0 * c + 40, 20.0 * r + 20)) for r, row in enumerate(rows)
             for c, text in enumerate(row)]  # fmt: skip
    second = [Cell(cell.text, cell.row - 2, cell.col, cell.place) for cell in cells if cell.row >= 2]
    stream = rows_of([Grid([cell for cell in cells if cell.row < 2], page=1), Grid(second, page=2)])
    join_pages(stream)
    assert [[slot.text for slot in row.slots] for row in stream] == rows


@pytest.mark.parametrize("inside", [False, True])
def test_a_page_break_that_parts_headers_changes_nothing(inside: bool) -> None:
    assert wrong_at_headers(range(20), inside=inside) == {}


def test_a_row_of_money_above_a_break_is_no_half_of_the_headers_below_it() -> None:
    assert wrong_at_headers(range(457, 458), inside=False) == {}


def test_headers_that_the_second_page_repeats_change_nothing() -> None:
    assert wrong_below_headers_again(range(15), inside=False) == {}
    assert wrong_below_headers_again(range(15), inside=True) == {}


@pytest.mark.slow
def test_any_form_over_two_pages_is_put_together(sparing: int) -> None:
    for inside in (False, True):
        assert wrong_at_some_break(range(100, 2000, sparing), inside=inside) == {}
        assert wrong_at_headers(range(20, 1000, sparing), inside=inside) == {}
    assert wrong_below_headers_again(range(15, 400, sparing), inside=False) == {}
    assert wrong_below_headers_again(range(15, 40, sparing), inside=True) == {}


@pytest.mark.parametrize("seed", range(20))
def test_every_value_leads_back_to_the_cell_that_prints_it(seed: int) -> None:
    drawing = Pen(seed).draw()
    cells = {f"1/{row + 1}/{col + 1}": text for row, col, _, _, text in drawing.cells}
    (form,) = extract(drawing.page()).forms
    assert differences(drawing.wanted, form) == []
    for place in form.provenance:
        assert bare_text(place["text"]) in bare_text(cells[place["locator"]])
    placed = {(p["table_name"], p["row_no"], p["column_name"]) for p in form.provenance}
    for table, rows in (("project", [form.project]), ("funding", form.funding), ("indicator", form.indicator)):
        for n, row in enumerate(rows, 1):
            printed = {c for c, value in row.items() if value is not None and c not in derived(table)}
            assert {c for c in printed if (table, n, c) not in placed} == set()


def derived(table: str) -> set[str]:
    """Columns that are no print: readings, kinds, numbers of rows, what the form's kind or unit says."""
    readings = {f"{side}_{part}" for side in ("target", "actual") for part in
                ("kind", "operator", "value", "value_high", "unit", "date")}  # fmt: skip
    return {
        "project": {"form_kind", "money_unit", "page_from", "page_to", "read_by", "indicator_columns"},
        "funding": {"source"},
        "indicator": readings | {"indicator_no", "horizon", "met", "attainment_pct", "deviation_pct", "compare_basis"},
    }[table]
