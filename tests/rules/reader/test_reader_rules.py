"""Every rule by which a form is read has a form that it is for and one that only looks like it, as a person reads both.

Here: the cases of the folder `cases`, one file for each module of the reader, from the cells of a form to its tidy
rows. Not here: whole documents (tests/golden/forms), page breaks and spans (beside this folder), formats.

A rule says what it holds to and has `pass` and `miss` cases. `form`: its rows, cells between bars; `<` and `^` are the
cell to the left and above, merged; `---` begins another sheet. It stands between the head and the indicators of HEAD
and TABLE unless `whole`; `export`: a text export, whose cells are all single. `reads`: every line that is read beyond
head and table.
"""

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from extractors.extraction import ExtractedForm
from extractors.grid import Cell, Grid, Place, Span
from extractors.stages import read_grids

ROOT = Path(__file__).parents[3]
CASES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "cases").glob("*.toml")}
ROOMS = ("form", "form/sections", "layout")
WITHOUT_RULES = {"__init__", "model", "unread", "rows", "merged", "ideas", "claims", "certain"}
"""Modules that hold what others decide on, or have their rules tried elsewhere."""
HEAD = ["项目支出绩效自评表 | < | < | < | < | < | <", "项目名称 | 学生午餐 | < | < | 金额单位 | 元 | <"]
TABLE = [
    "一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分",
    "产出指标 | 数量指标 | 供餐人数 | ≥300人 | 310人 | 10 | 10",
]
STAGES = ("initial_yuan", "adjusted_yuan", "received_yuan", "executed_yuan", "rate_pct", "weight", "score")
PRINTED = ("unit_text", "target_text", "target_midterm_text", "target_adjusted_text", "actual_text")
FIGURES = ("weight", "score", "deviation")
HEADING = ("form_kind", "title", "project_name", "project_code", "unit_name", "department_name", "unit_code")
HEADING += ("region_code", "fiscal_year", "money_unit", "goal_expected", "goal_actual", "total_weight")
HEADING += ("total_score", "grade")


def grid(lines: list[str], *, export: bool = False, first: int = 1) -> Grid:
    """The grid that lines of cells stand for, the first of which has the number `first`."""
    cells: list[Cell] = []
    owner: dict[tuple[int, int], Cell] = {}
    for row, line in enumerate(lines):
        for col, text in enumerate(part.strip() for part in line.split("|")):
            if text in ("<", "^"):
                cell = owner[row, col] = owner[(row, col - 1) if text == "<" else (row - 1, col)]
                cell.rowspan, cell.colspan = row - cell.row + 1, max(cell.colspan, col - cell.col + 1)
            else:
                owner[row, col] = Cell(text, row, col, Place(locator=f"R{row + first}C{col + 1}"))
                cells.append(owner[row, col])
    return Grid(cells, Span.OPEN) if export else Grid(cells)


def read(case: dict[str, Any]) -> tuple[list[str], list[ExtractedForm]]:
    """The rows of a case, and its forms."""
    lines = case["form"].strip("\n").split("\n")
    lines = lines if case.get("whole") else [*HEAD, *lines, *TABLE]
    if case.get("export"):
        lines = [line.replace("<", "") for line in lines]
    begins = [0, *(n + 1 for n, line in enumerate(lines) if line == "---"), len(lines) + 1]
    sheets = [(n + 1, lines[n : end - 1]) for n, end in pairwise(begins)]
    grids = [grid(sheet, export=case.get("export", False), first=n) for n, sheet in sheets]
    return lines, read_grids(grids, fiscal_year=None)


def shown(form: ExtractedForm) -> list[str]:
    """What is read of a form, a line for each value of its head and each row of its tables."""
    lines = [f"{name}: {form.project[name]}" for name in HEADING if form.project.get(name) is not None]
    for row in form.funding:
        amounts = [f"{name.removesuffix('_yuan')} {row[name]}" for name in STAGES if row.get(name) is not None]
        lines.append("; ".join([f"{row['source']}: {row['label']}", *amounts]))
    for row in form.indicator:
        points = f"（{row['level1_points']}）" if row.get("level1_points") else ""
        levels = [f"{row.get('level1') or ''}{points}", row.get("level2") or "", row.get("level3") or ""]
        printed = [f"{name.removesuffix('_text')} {row[name]}" for name in (*PRINTED, *FIGURES) if row.get(name)]
        horizon = "" if row["horizon"] == "annual" else f"{row['horizon']} "
        lines.append("; ".join([f"{horizon}> {' > '.join(levels)}", *printed]))
    lines += [f"kept: {row['section'] or ''} / {row['label']} / {row['value']}" for row in form.attribute]
    return lines + [f"told: {row['code']} {row['text'] or ''}".rstrip() for row in form.problem]


def beyond_the_frame(lines: list[str]) -> list[str]:
    """The lines without those that head and table give by themselves; one of them that is missing is told."""
    frame = shown(read({"form": "", "whole": False})[1][0])
    return [line for line in lines if line not in frame] + [f"lost: {line}" for line in frame if line not in lines]


def reads(case: dict[str, Any]) -> list[str]:
    """What is read of a case; a further form begins with a line of its own."""
    forms = [shown(form) for form in read(case)[1]]
    if not case.get("whole") and len(forms) == 1:
        return beyond_the_frame(forms[0])
    return [line for n, form in enumerate(forms) for line in ([f"form {n + 1}"] if len(forms) > 1 else []) + form]


ALL = [
    pytest.param(case, id=f"{name}, {rule['says']}, {kind} {n}")
    for name, file in CASES.items()
    for rule in file["rule"]
    for kind in ("pass", "miss")
    for n, case in enumerate(rule.get(kind, []), 1)
]


def test_every_rule_has_a_pass_and_a_near_miss() -> None:
    rules = [(name, rule) for name, file in CASES.items() for rule in file["rule"]]
    assert [(name, rule["says"]) for name, rule in rules if not (rule.get("pass") and rule.get("miss"))] == []
    said = [rule["says"] for _, rule in rules]
    assert len(set(said)) == len(said)


def test_every_module_that_reads_forms_has_rules() -> None:
    modules = {path.stem for room in ROOMS for path in (ROOT / "extractors" / room).glob("*.py")}
    assert modules - WITHOUT_RULES == set(CASES)


@pytest.mark.parametrize("case", ALL)
def test_a_form_is_read_as_a_person_reads_it(case: dict[str, Any]) -> None:
    assert reads(case) == case["reads"].strip("\n").split("\n") if case["reads"].strip("\n") else reads(case) == []


@pytest.mark.parametrize("case", ALL)
def test_every_value_leads_back_to_the_cell_that_prints_it(case: dict[str, Any]) -> None:
    lines, forms = read(case)
    cells = {f"R{r}C{c}": t.strip() for r, line in enumerate(lines, 1) for c, t in enumerate(line.split("|"), 1)}
    places = [row for form in forms for row in form.provenance]
    assert [row for row in places if row["text"] not in cells[row["locator"]]] == []
