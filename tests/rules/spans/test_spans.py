"""Each rule that infers the spans of a text export, with a grid it is for and one that only looks like it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from extractors.grid import Cell, Grid, Place, Span
from extractors.grid.columns import column_of
from extractors.grid.spans import RULES, infer_spans
from extractors.layout.merged import cells_under, reaches
from extractors.layout.rows import PlacedCell, Row, rows_of

CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))["case"]


def export(text: str) -> Grid:
    rows = [line.split("|") for line in text.strip("\n").split("\n")]
    return Grid([Cell(t, r, c, Place()) for r, row in enumerate(rows) for c, t in enumerate(row)], Span.OPEN)


def written(cell: Cell) -> str:
    wide = f"<{cell.colspan}>" if cell.colspan > 1 else ""
    reach = f">{cell.reach}" if cell.reach > cell.col + cell.colspan else ""
    is_open = "~" if cell.span is Span.OPEN else ""
    return f"{cell.text}{wide}{is_open}{reach}{'^' if cell.origin is not None else ''}"


def row_of(text: str) -> Row:
    grid = export(text)
    infer_spans(grid)
    return rows_of([grid])[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}, {case['kind']}")
def test_cells_are_inferred_as_the_case_says(case: dict[str, Any]) -> None:
    grid = export(case["grid"])
    infer_spans(grid)
    got = "\n".join("|".join(written(cell) for cell in row) for row in grid.rows())
    assert got == case["cells"].strip("\n")


def test_every_rule_has_a_pass_and_a_near_miss() -> None:
    wanted = {(rule.__name__, kind) for rule in RULES for kind in ("pass", "near miss")}
    assert {(case["rule"], case["kind"]) for case in CASES} == wanted


def test_a_grid_that_states_its_spans_is_left_as_it_is() -> None:
    grid = Grid([Cell("100%", 0, 0, Place()), Cell("100%", 0, 1, Place())])
    infer_spans(grid)
    assert [(c.text, c.colspan, c.span) for c in grid.cells] == [("100%", 1, Span.STATED)] * 2


def test_no_two_cells_overlap_and_every_text_stays() -> None:
    grid = export("项目|项目|项目\n甲||乙\n10|10|\n||丙")
    infer_spans(grid)
    taken = [(c.row, c.col + n) for c in grid.cells for n in range(c.colspan)]
    assert len(taken) == len(set(taken))
    assert {c.text for c in grid.cells if c.text} == {"项目", "甲", "乙", "10", "丙"}


def test_equal_figures_under_different_columns_stay_two_values() -> None:
    columns = row_of("年度指标值|实际完成值").filled
    values = cells_under(row_of("100%|100%").filled, lambda cell: column_of(cell, columns))
    assert [(v.text, v.x0, v.x1) for v in values] == [("100%", 0.0, 1.0), ("100%", 1.0, 2.0)]


def test_equal_figures_under_one_column_are_one_value() -> None:
    columns = reaches(row_of("年度指标值||").filled)
    values = cells_under(row_of("100%|100%|100%").filled, lambda cell: column_of(cell, columns))
    assert [(v.text, v.x0, v.x1) for v in values] == [("100%", 0.0, 3.0)]


def test_a_run_is_cut_where_the_column_changes_and_into_the_same_cells_each_time() -> None:
    columns = row_of("得分|得分|备注").filled
    (run,) = row_of("10|10|10").filled

    def column(cell: PlacedCell) -> object:
        return column_of(cell, columns)

    first, again = cells_under([run], column), cells_under([run], column)
    assert [(v.x0, v.x1) for v in first] == [(0.0, 2.0), (2.0, 3.0)]
    assert all(a is b for a, b in zip(first, again, strict=True))
