"""Characters and rules of a page -> grids. Not here: PDF files (tests/formats)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest

from extractors.formats.pdf.page_content import POINT, PageContent
from extractors.formats.pdf.page_grids import grids_of
from extractors.grid import Grid
from extractors.layout.rows import rows_of

Rule = tuple[float, float, float, float]


class Glyph(NamedTuple):
    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    turn: int = 0


def level(y: float, x0: float, x1: float) -> Rule:
    return x0, y, x1, y


def upright(x: float, top: float, bottom: float) -> Rule:
    return x, top, x, bottom


def box(x0: float, top: float, x1: float, bottom: float) -> list[Rule]:
    return [level(top, x0, x1), level(bottom, x0, x1), upright(x0, top, bottom), upright(x1, top, bottom)]


def text(words: str, x: float, y: float, size: float = 10) -> list[Glyph]:
    glyphs = []
    for char in words:
        width = size / 2 if char.isascii() else size
        glyphs.append(Glyph(char, x, y, x + width, y + size))
        x += width
    return glyphs


def ink(glyphs: Sequence[Glyph], rules: Sequence[Rule]) -> PageContent:
    boxes, turns = np.array([g[1:5] for g in glyphs]).reshape(-1, 4), np.array([g.turn for g in glyphs], int)
    lines = [tuple(round(side * POINT) for side in rule) for rule in rules]
    level = [line for line in lines if line[1] == line[3]]
    upright = [line for line in lines if line[1] != line[3]]
    return PageContent([g.text for g in glyphs], np.rint(boxes * POINT).astype(np.int64), turns, level, upright)


def read(glyphs: Sequence[Glyph], rules: Sequence[Rule], page: int = 1) -> list[Grid]:
    return grids_of(ink(glyphs, rules), page)


def in_a_cell(glyphs: Sequence[Glyph], width: float) -> str:
    """The text of a cell of this width that begins at (0, -5)."""
    (table,) = read(glyphs, [*box(0, -5, width, 50), *box(width, -5, width + 50, 50)])
    return table.cells[0].text


def spans(grid: Grid) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.row, c.col, c.rowspan, c.colspan) for c in grid.cells]


# Three columns at 0, 100, 200, 300; rows at 100, 120, 140, 160; the first column merged over rows 2 and 3.
RULES = [
    *(level(y, 0, 300) for y in (100, 120, 160)),
    level(140, 100, 300),
    upright(0, 100, 160),
    upright(300, 100, 160),
    upright(100, 120, 160),
    upright(200, 120, 160),
]
TEXT = [
    *text("自评表", 130, 50),
    *text("单位：万元", 200, 70),
    *text("资金", 130, 105),
    *text("产出", 20, 135),
    *text("≥98%", 110, 125),
    *text("10", 210, 125),
    *text("说明", 110, 145),
    *text("注：无", 5, 170),
]


def test_a_cell_is_one_box_over_several_edges_and_lines_stand_around_the_table() -> None:
    before, table, after = read(TEXT, RULES, 7)
    assert [(c.text, c.row) for c in before.cells] == [("自评表", 0), ("单位：万元", 1)]
    assert spans(table) == [
        ("资金", 0, 0, 1, 3),
        ("产出", 1, 0, 2, 1),
        ("≥98%", 1, 1, 1, 1),
        ("10", 1, 2, 1, 1),
        ("说明", 2, 1, 1, 1),
        ("", 2, 2, 1, 1),
    ]
    assert (table.page, table.ruled, table.row_cut) == (7, True, False)
    place = table.cells[1].place
    assert (place.page, place.x0, place.top, place.x1, place.bottom) == (7, 0, 120, 100, 160)
    assert [c.text for c in after.cells] == ["注：无"]


def test_a_merged_cell_that_the_page_end_leaves_open_is_closed_and_no_row_is_cut() -> None:
    rules = [r for r in RULES if r is not RULES[2]] + [level(160, 100, 300)]
    _, table, _ = read(TEXT, rules)
    assert ("产出", 1, 0, 2, 1) in spans(table)
    assert not table.row_cut


def test_a_row_without_any_closing_rule_is_cut() -> None:
    rules = [r for r in RULES if r is not RULES[2]]
    _, table, _ = read(TEXT, rules)
    assert ("说明", 2, 1, 1, 1) in spans(table)
    assert table.row_cut


def test_a_table_that_goes_on_from_the_page_before_is_closed_above() -> None:
    rules = [level(120, 100, 300), level(160, 0, 300), level(140, 100, 300), *RULES[4:]]
    rules[3], rules[4] = upright(0, 118, 160), upright(300, 120, 160)
    table = next(g for g in read(TEXT, rules) if g.ruled)
    assert ("产出", 0, 0, 2, 1) in spans(table)


def test_tables_of_one_width_that_touch_are_one() -> None:
    rules = [
        *(level(y, 0, 200) for y in (0, 20, 21.5, 40)),
        *(upright(x, 0, 20) for x in (0, 100, 200)),
        *(upright(x, 21.5, 40) for x in (0, 50, 200)),
    ]
    (table,) = read(text("甲", 10, 5) + text("乙", 10, 26), rules)
    assert [(c.text, c.row, c.col, c.colspan) for c in table.cells if c.text] == [("甲", 0, 0, 2), ("乙", 1, 0, 1)]


def test_a_frame_around_a_table_is_no_table() -> None:
    frame = [level(10, -20, 400), level(300, -20, 400), upright(-20, 10, 300), upright(400, 10, 300)]
    grids = read(TEXT, RULES + frame)
    assert [g.ruled for g in grids] == [False, True, False]


def test_a_page_printed_sideways_is_read_and_its_places_stay() -> None:
    turned = [Glyph(g.text, g.top, 300 - g.x1, g.bottom, 300 - g.x0, 90) for g in TEXT]
    rules = [(top, 300 - x1, bottom, 300 - x0) for x0, top, x1, bottom in RULES]
    _, table, _ = read(turned, rules)
    assert spans(table) == spans(read(TEXT, RULES)[1])
    place = table.cells[1].place
    assert (place.x0, place.top, place.x1, place.bottom) == (120, 200, 160, 300)


def test_the_text_of_a_page_printed_sideways_or_headlong_stands_from_left_to_right_as_it_is_read() -> None:
    glyphs, rules = [*text("甲", 105, 105), *text("乙", 155, 105)], [*box(100, 100, 150, 120), *box(150, 100, 200, 120)]
    upright_page = ink(glyphs, rules)
    for turn in (90, -90, 180):
        turned = upright_page.turned(-turn)
        (grid,) = grids_of(turned, 1)
        (row,) = rows_of([grid])
        assert [cell.text for cell in row.slots] == ["甲", "乙"] and row.slots[0].x1 <= row.slots[1].x0


def two_forms(captions: str) -> list[Grid]:
    glyphs, rules = text("左表", 110, 80) + text("右表", 410, 80), []
    for left, words in ((100, "项目主管实施预算执行得分"), (400, captions)):
        for n in range(6):
            rules += box(left, 100 + 20 * n, left + 100, 120 + 20 * n)
            glyphs += text(words[2 * n : 2 * n + 2], left + 5, 105 + 20 * n)
    return read(glyphs, rules)


def test_each_of_two_forms_beside_each_other_has_its_own_title() -> None:
    found = [[cell.text for cell in grid.cells][:1] for grid in two_forms("项目主管实施预算执行得分")]
    assert found == [["左表"], ["项目"], ["右表"], ["项目"]]
    assert [grid.ruled for grid in two_forms("一二三四五六七八九十甲乙")] == [False, True, True]


def test_lines_in_a_cell_are_joined_and_a_number_cut_at_its_edge_stays_one() -> None:
    lines = text("440303999", 0, 0) + text("00001", 0, 12)
    assert in_a_cell(lines, 50) == "44030399900001"
    assert in_a_cell(lines, 200) == "440303999 00001"
    assert in_a_cell(text("年度总体", 0, 0) + text("目标", 0, 12), 40) == "年度总体目标"
    assert in_a_cell(text("71.4", 0, 0) + text("8%", 0, 12), 37) == "71.48%"


def test_text_that_runs_upwards_in_one_cell_is_read_upwards() -> None:
    glyphs = [Glyph("产", 0, 20, 10, 30, 90), Glyph("出", 0, 10, 10, 20, 90)]
    assert in_a_cell(glyphs, 10) == "产出"


@pytest.mark.parametrize(("gap", "joined"), [(0, "AB"), (6, "A B")])
def test_latin_words_apart_get_a_blank(gap: float, joined: str) -> None:
    assert in_a_cell(text("A", 0, 0) + text("B", 5 + gap, 0), 100) == joined
