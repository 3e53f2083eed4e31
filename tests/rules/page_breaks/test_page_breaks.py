"""Every evidence at a page break has a form that shows it and one that nearly does.

Here: the cases of the folder `cases`, one file a rule. Not here: whole forms over pages (tests/golden/forms).

A case has the rows above and below the break, cells between bars; `^` and `<` stand for the cell above or to the left.
`gives`: the last row above, as it then reads.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from extractors.grid import Cell, Grid, Place
from extractors.layout.page_breaks import join_pages
from extractors.layout.page_breaks.evidence import EVIDENCE
from extractors.layout.rows import Row, rows_of

CASES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "cases").glob("*.toml")}
NAMES = [rule.name for rule in EVIDENCE]


def grid(lines: list[str], page: int, at: list[float]) -> Grid:
    texts = [[text.strip() for text in line.split("|")] for line in lines]
    cells: dict[tuple[int, int], Cell] = {}
    owner: dict[tuple[int, int], Cell] = {}
    for row, line in enumerate(texts):
        for col, text in enumerate(line):
            if text == "<" or text == "^":
                cell = owner[row, col] = owner[(row, col - 1) if text == "<" else (row - 1, col)]
                cell.rowspan, cell.colspan = row - cell.row + 1, col - cell.col + 1
            else:
                cells[row, col] = owner[row, col] = Cell(text, row, col, Place(page))
    for cell in cells.values():
        edges = at[cell.col], 20.0 * cell.row, at[cell.col + cell.colspan], 20.0 * (cell.row + cell.rowspan)
        cell.place = Place(page, *edges)
    return Grid(list(cells.values()), page=page)


def pages(*lines: list[str], narrow: bool = False) -> list[Row]:
    """The rows of pages, joined; `narrow`: the columns of the last page stand elsewhere."""
    columns = [[40.0 * n for n in range(12)]] * len(lines)
    if narrow:
        columns[-1] = [7.0 + 37.0 * n for n in range(12)]
    rows = rows_of([grid(page, n, at) for n, (page, at) in enumerate(zip(lines, columns, strict=True), 1)])
    join_pages(rows)
    return rows


def text(row: Row) -> str:
    return " | ".join(slot.text for slot in row.slots)


def joined(case: dict[str, Any]) -> tuple[list[str], str]:
    """What decided, and the last row above after the pages were joined."""
    rows = pages(case["above"], case["below"])
    last, first = rows[len(case["above"]) - 1 : len(case["above"]) + 1]
    return first.evidence, text(last)


def test_every_evidence_has_a_pass_and_a_near_miss() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert {name: sorted(case) for name, case in CASES.items()} == {name: ["miss", "pass"] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_break_is_joined_or_not_by_its_evidence(name: str) -> None:
    evidence, last = joined(CASES[name]["pass"])
    assert name in evidence
    assert last == CASES[name]["pass"]["gives"]


@pytest.mark.parametrize("name", NAMES)
def test_a_near_miss_is_none(name: str) -> None:
    evidence, last = joined(CASES[name]["miss"])
    assert name not in evidence
    assert last == CASES[name]["miss"]["gives"]


HEADERS = "一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值 | 分值 | 得分"
FIRST = "产出指标 | 数量指标 | 供餐人数 | ≥300人 | 310人 | 20 | 20"
REST = " |  | 及天数 |  | （含教师） |  | "


def test_a_row_goes_on_below_headers_that_stand_elsewhere_on_the_next_page() -> None:
    rows = pages([HEADERS, FIRST], [HEADERS, REST], narrow=True)
    assert [row.evidence for row in rows[2:]] == [["repeated_headers"], ["lacks_points"]]
    assert text(rows[1]) == "产出指标 | 数量指标 | 供餐人数及天数 | ≥300人 | 310人（含教师） | 20 | 20"


def test_the_same_headers_below_another_part_of_the_form_begin_a_table() -> None:
    rows = pages([HEADERS, FIRST, "项目名称 | 二期 | < | < | < | < | <"], [HEADERS, FIRST])
    assert rows[3].evidence == ["no_first_half"]
    assert text(rows[3]) == HEADERS


COSTS = ["一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值 | 偏差原因", "产出指标 | 成本指标 | 项目 | ≤5 | 54 | 今后加"]


def test_a_figure_without_its_operator_goes_on_beside_the_rest_of_a_level() -> None:
    rows = pages(COSTS, ["（50分） |  | 总成本 | 60万元 | 8.2万元 | 强统筹。"])
    assert rows[2].evidence == ["rest_of_level", "lacks_operator"]
    assert text(rows[1]) == "产出指标（50分） | 成本指标 | 项目总成本 | ≤560万元 | 548.2万元 | 今后加强统筹。"


def test_a_figure_with_its_operator_begins_a_row_beside_the_rest_of_a_level() -> None:
    rows = pages(COSTS, ["（50分） |  | 总成本 | ≤60万元 | 8.2万元 | 强统筹。"])
    assert rows[2].evidence == ["rest_of_level"]
    assert text(rows[2]) == " |  | 总成本 | ≤60万元 | 8.2万元 | 强统筹。"


def test_a_value_goes_on_over_three_pages() -> None:
    rows = pages(["项目名称 | 午餐", "年度目标 | 为学生"], [" | 和教师"], [" | 提供午餐。", "实施单位 | 小学"])
    assert [text(row) for row in rows if row.filled] == [
        "项目名称 | 午餐",
        "年度目标 | 为学生和教师提供午餐。",
        "实施单位 | 小学",
    ]


def test_what_begins_on_the_page_of_its_headers_does_not_go_on_with_them() -> None:
    second = [" | 数量指标 | 人数 | ≥300人 | 310人 | 20 | 20", "^ | 质量指标 | 合格率 | 100% | 100% | 20 | 20"]
    rows = pages([HEADERS], second, ["产出指标 | 时效指标 | 及时率 | 100% | 100% | 20 | 20"])
    assert text(rows[1]).startswith("产出指标 | 数量指标")
