"""Forms one after another on a page, which only the lines between their tables part. Not here: titles (tests/rules)."""

from __future__ import annotations

from typing import Any

from extractors.formats import read
from extractors.stages import read_grids

FOREST = (
    "<p>一、森林防火队伍建设</p><p>主管部门：云溪区林业局；实施单位：云溪区森林消防大队</p>"
    "<table><tr><td>资金来源（万元）<td>年初预算数<td>全年支出数<tr><td>财政拨款<td>180<td>176.4</table>"
    "<table><tr><td>一级指标<td>三级指标<td>年度指标值<td>实际完成值<td>分值<td>得分"
    "<tr><td>产出指标<td>专业扑火队支数<td>≥6支<td>6支<td>50<td>50</table>"
)
ANIMALS = FOREST.replace("一、森林防火队伍建设", "二、动物疫病强制免疫").replace("森林消防大队", "动物疫病预防控制中心")
ANIMALS = (
    ANIMALS.replace("林业局", "畜牧局").replace("180", "95").replace("176.4", "90").replace("专业扑火队", "免疫队")
)


def forms(*parts: str) -> list[tuple[Any, ...]]:
    page = "<html><meta charset=utf-8><p>2023年度项目绩效自评结果公示</p>" + "".join(parts)
    return [
        (
            form.project.get("department_name"),
            form.project.get("unit_name"),
            [(row["source"], str(row["executed_yuan"])) for row in form.funding],
            [row["level3"] for row in form.indicator],
        )
        for form in read_grids(read(page.replace("<table>", "<table border=1>").encode()).grids, fiscal_year=None)
    ]


FIRST = ("云溪区林业局", "云溪区森林消防大队", [("fiscal", "1764000.00")], ["专业扑火队支数"])


def test_a_line_that_names_another_unit_begins_a_form_with_the_tables_below_it() -> None:
    second = ("云溪区畜牧局", "云溪区动物疫病预防控制中心", [("fiscal", "900000.00")], ["免疫队支数"])
    assert forms(FOREST, ANIMALS) == [FIRST, second]


def test_a_line_below_all_tables_or_of_the_same_unit_begins_none() -> None:
    assert forms(FOREST, "<p>主管部门：云溪区财政局</p>") == [FIRST]
    same = FOREST[FOREST.index("<p>主管部门") : FOREST.index("<table>")]
    table = FOREST[FOREST.rindex("<table>") :]
    assert len(forms(FOREST, same, table)) == 1


def names(*parts: str) -> list[str | None]:
    page = "<html><meta charset=utf-8><p>2023年度项目绩效自评结果公示</p>" + "".join(parts)
    grids = read(page.replace("<table>", "<table border=1>").encode()).grids
    return [form.project.get("project_name") for form in read_grids(grids, fiscal_year=None)]


def test_headings_that_count_on_above_each_form_name_its_project() -> None:
    assert names(FOREST, ANIMALS) == ["森林防火队伍建设", "动物疫病强制免疫"]


def test_a_heading_of_a_form_alone_or_of_a_section_or_beside_a_label_names_none() -> None:
    assert names(FOREST.replace("森林防火队伍建设", "基本情况")) == [None]
    assert names(FOREST, ANIMALS.replace("二、动物疫病强制免疫", "二、总体目标")) == [None, None]
    assert names(FOREST, ANIMALS.replace("二、", "五、")) == [None, None]
    labelled = FOREST.replace("主管部门", "项目名称：森林防火；主管部门")
    assert names(labelled, ANIMALS)[0] == "森林防火"
