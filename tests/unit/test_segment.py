"""Where a form begins and ends."""

import pytest

from extractors.grid import Cell, Grid, Place, Span
from extractors.grid.spans import infer_spans
from extractors.layout.boundaries import forms_in, is_title
from extractors.layout.rows import Row, rows_of

FORM = [
    ["项目名称", "{name}"],
    ["主管部门", "某局"],
    ["年初预算数", "88", "全年执行数", "85"],
    ["一级指标", "二级指标", "三级指标", "指标值", "实际完成值"],
    ["产出指标", "数量指标", "养护面积", "62万平方米", "62万平方米"],
]


def rows(lines: list[list[str]]) -> list[Row]:
    cells = [
        Cell(text, r, c, Place(locator=f"{r + 1}:{c + 1}"))
        for r, line in enumerate(lines)
        for c, text in enumerate(line)
    ]
    grid = Grid(cells, Span.OPEN)
    infer_spans(grid)
    return rows_of([grid])


def form(name: str) -> list[list[str]]:
    return [[cell.format(name=name) for cell in line] for line in FORM]


def names(lines: list[list[str]]) -> list[str]:
    """The names in each form that was found."""
    return [next(r.filled[1].text for r in f if r.filled[0].text == "项目名称") for f in forms_in(rows(lines))]


@pytest.mark.parametrize(
    "text",
    [
        "项目支出绩效自评表",
        "2023年度部门预算项目绩效目标申报表（市本级）",
        "区疾控中心“结核病防治经费”2023年度项目支出绩效自评表",
        "绩效自评表2",
    ],
)
def test_titles(text: str) -> None:
    assert is_title(rows([[text]])[0])


@pytest.mark.parametrize(
    "text",
    [
        "绩效目标",
        "本单位对12个项目开展绩效自评，见绩效自评表。",
        "绩效自评表……12",
        "年度绩效目标完成情况",
        "填报绩效自评表的单位：某局",
    ],
)
def test_what_is_no_title(text: str) -> None:
    assert not is_title(rows([[text]])[0])


def test_forms_under_titles() -> None:
    lines = [["项目支出绩效自评表"], *form("甲"), [""], ["项目支出绩效自评表"], *form("乙")]
    assert names(lines) == ["甲", "乙"]


def test_forms_that_no_title_separates() -> None:
    assert names([*form("甲"), *form("乙"), *form("丙")]) == ["甲", "乙", "丙"]


def test_a_title_without_a_form_below_is_none() -> None:
    assert names([["项目支出绩效自评表"], ["项目支出绩效自评表"], *form("甲")]) == ["甲"]


def test_a_table_of_numbers_is_no_form() -> None:
    assert names([["科目", "年初预算数", "决算数"], ["基本支出", "12", "13"], ["项目支出", "5", "4"]]) == []
