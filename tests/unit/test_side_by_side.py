"""Tables beside each other in one grid: what parts them, and what only looks like it."""

import pytest

from extractors.grid import Cell, Grid, Place, Span
from extractors.grid.side_by_side import tables_beside

CAPTIONS = ["项目名称", "主管部门", "实施单位", "预算数", "执行数", "得分", "总分", "目标"]


def grid(rows: list[list[str]], lined: frozenset[tuple[int, int]] = frozenset()) -> Grid:
    cells = [
        Cell(text, r, c, Place(locator=f"{r + 1}:{c + 1}")) for r, row in enumerate(rows) for c, text in enumerate(row)
    ]
    return Grid(cells, Span.OPEN, lined=lined)


def texts(table: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows()]


def test_two_forms_with_a_blank_column_between_are_two_and_keep_their_places() -> None:
    left, right = tables_beside(grid([[caption, "甲", "", "", caption, "乙"] for caption in CAPTIONS]))
    assert [row[:2] for row in texts(left)] == [[caption, "甲"] for caption in CAPTIONS]
    assert texts(right) == [[caption, "乙"] for caption in CAPTIONS]
    assert right.cells[0].place.locator == "1:5"
    assert right.spans is Span.OPEN


def test_three_forms_beside_each_other_are_three() -> None:
    found = tables_beside(grid([[c, "甲", "", c, "乙", "", c, "丙"] for c in CAPTIONS]))
    assert [texts(table)[0][:2] for table in found] == [["项目名称", x] for x in "甲乙丙"]


def test_two_forms_without_a_gap_are_two_where_row_after_row_begins_again() -> None:
    rows = [[caption, "甲", f"{n}", caption, "乙", f"{n}"] for n, caption in enumerate(CAPTIONS)]
    left, right = tables_beside(grid(rows))
    assert texts(left)[1] == ["主管部门", "甲", "1"]
    assert texts(right)[1] == ["主管部门", "乙", "1"]


def test_copies_of_merged_cells_and_labels_that_one_row_repeats_part_nothing() -> None:
    copies = [[caption, caption, caption, caption, "甲", "甲"] for caption in CAPTIONS]
    assert len(tables_beside(grid(copies))) == 1
    phones = [["填报人", "甲", "电话", "填报人", "乙", "电话"], *([c, "1", "2", f"右{c}", "3", "4"] for c in CAPTIONS)]
    assert len(tables_beside(grid(phones))) == 1


def test_two_lists_of_one_form_beside_each_other_are_one_table() -> None:
    rows = [[f"标签{n}", caption, "甲", caption, "乙", ""] for n, caption in enumerate(CAPTIONS)]
    assert len(tables_beside(grid(rows))) == 1


@pytest.mark.parametrize(("through", "count"), [(False, 2), (True, 1)])
def test_framed_tables_are_two_where_the_gap_between_them_has_no_frame(through: bool, count: int) -> None:
    rows = [[c, "甲", "", f"说明{n}", "乙", "丙"] for n, c in enumerate([*CAPTIONS, "合计"])]
    lined = frozenset((r, c) for r in range(len(rows)) for c in range(6) if through or c != 2)
    assert len(tables_beside(grid(rows, lined))) == count


def test_a_blank_column_inside_a_form_or_under_its_title_parts_nothing() -> None:
    inside = grid([[c, "甲", "", f"右{c}", "乙", "丙"] for c in CAPTIONS])
    assert len(tables_beside(inside)) == 1
    titled = grid([[""] * 6, *([c, "甲", "", c, "乙", "丙"] for c in CAPTIONS)])
    titled.cells[:6] = [Cell("项目支出绩效自评表", 0, 0, Place(), colspan=6)]
    assert len(tables_beside(titled)) == 1


def test_lines_of_running_text_are_no_tables() -> None:
    running = Grid([Cell("项目名称", n, 0, Place()) for n in range(9)], ruled=False)
    assert tables_beside(running) == [running]
