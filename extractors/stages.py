"""The stages of reading one document, as one list in their order: what each needs, what it gives.

Here: the list and running it; a stage is put in by one more line. Not here: what a stage does; outcomes (extract).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from extractors.codes import ReasonCode
from extractors.errors import Unreadable
from extractors.extraction import ExtractedForm
from extractors.form.model import Form
from extractors.form.reader import read_form
from extractors.form.records import to_rows
from extractors.formats import Limits, read
from extractors.grid import Grid, Sheets
from extractors.grid.side_by_side import tables_beside
from extractors.grid.spans import infer_spans
from extractors.layout.boundaries import forms_in
from extractors.layout.cell_roles import label_cells
from extractors.layout.column_evidence.decide import read_columns
from extractors.layout.labelled_cells import take_labels_out
from extractors.layout.page_breaks import join_pages
from extractors.layout.row_pairs import join_rows_of_indicators
from extractors.layout.rows import Row, rows_of
from extractors.layout.turned_tables import turn_back


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way: `run` takes what it `needs`, in that order, and returns what it `gives`."""

    name: str
    needs: tuple[str, ...]
    gives: str
    run: Callable[..., Any]
    says: str  # what it does, Chinese / English


def run_stages(stages: Iterable[Stage], **known: Any) -> dict[str, Any]:
    """Run stages in their order; returns what was known and all that they gave, by name."""
    for stage in stages:
        known[stage.gives] = stage.run(*[known[name] for name in stage.needs])
    return known


def read_grids(grids: list[Grid], *, fiscal_year: int | None = None) -> list[ExtractedForm]:
    """The forms of a document whose grids are known; `fiscal_year` is that of its folder."""
    after = next(n for n, stage in enumerate(STAGES, 1) if stage.gives == "grids")
    known = run_stages(STAGES[after:], grids=grids, limits=Limits(), region_code=None, fiscal_year=fiscal_year)
    forms: list[ExtractedForm] = known["typed_rows"]
    return forms


def _grids(sheets: Sheets, limits: Limits) -> list[Grid]:
    most = limits.max_cell_chars
    for cell in [cell for grid in sheets.grids for cell in grid.cells if len(cell.text) > most]:
        place = f"第 {cell.place.page} 页" if cell.place.page else cell.place.locator or ""
        text = f"{place} 的单元格有 {len(cell.text)} 字，超过 {most} 字，请检查文件是否正确。"
        raise Unreadable(ReasonCode.TOO_BIG, text)
    return sheets.grids


def _tables(grids: list[Grid]) -> list[Grid]:
    return [table for grid in grids for table in tables_beside(grid)]


def _spans(grids: list[Grid]) -> list[Grid]:
    for grid in grids:
        infer_spans(grid)
    return grids


def _indicator_rows(rows: list[Row]) -> list[Row]:
    return join_rows_of_indicators(turn_back(take_labels_out(rows)))


def _form_rows(rows: list[Row]) -> list[list[Row]]:
    return list(forms_in(rows))


def _whole_rows(form_rows: list[list[Row]]) -> list[list[Row]]:
    for rows in form_rows:
        join_pages(rows)
    return form_rows


def _labelled(form_rows: list[list[Row]]) -> list[list[Row]]:
    for rows in form_rows:
        label_cells(rows)
    return form_rows


def _forms(form_rows: list[list[Row]]) -> list[Form]:
    return [read_form(rows) for rows in form_rows]


def _typed(forms: list[Form], region_code: str | None, fiscal_year: int | None, limits: Limits) -> list[ExtractedForm]:
    return [to_rows(form, region_code=region_code, fiscal_year=fiscal_year, sure=limits.sure) for form in forms]


INPUTS = ("data", "limits", "region_code", "fiscal_year")
"""What is known of a document before the first stage: its bytes, how much is read, what its folder says."""

STAGES = (
    Stage("formats", ("data", "limits"), "sheets", read, "按内容认出格式 / bytes to grids of placed cells"),
    Stage("lengths", ("sheets", "limits"), "grids", _grids, "过长的单元格不是表 / a cell beyond the limit rejects"),
    Stage("side by side", ("grids",), "tables", _tables, "并排的表分开 / tables beside each other in one grid"),
    Stage("spans", ("tables",), "spanned", _spans, "合并格占几格 / which cells of a text export are merged"),
    Stage("rows", ("spanned",), "rows", rows_of, "各行的格子及其左右边界 / rows of cells with their horizontal extent"),
    Stage(
        "one row each",
        ("rows",),
        "indicator_rows",
        _indicator_rows,
        "一个指标印成几行或一列的，成为一行 / an indicator of several rows, or a column, is one row",
    ),
    Stage(
        "columns",
        ("indicator_rows",),
        "headed_rows",
        read_columns,
        "表头不认识的，看内容 / unknown headers by their cells",
    ),
    Stage("forms", ("headed_rows",), "form_rows", _form_rows, "每张表从哪行到哪行 / where each form begins and ends"),
    Stage(
        "page breaks", ("form_rows",), "whole_rows", _whole_rows, "拼回分页切断的行 / what page breaks cut is joined"
    ),
    Stage(
        "roles of cells",
        ("whole_rows",),
        "labelled_rows",
        _labelled,
        "各格是表头、行名还是内容 / what each cell is",
    ),
    Stage("sections", ("labelled_rows",), "forms", _forms, "各部分认领自己的格子 / each section claims its cells"),
    Stage(
        "typed rows",
        ("forms", "region_code", "fiscal_year", "limits"),
        "typed_rows",
        _typed,
        "读成金额、分数、日期，连同出处 / amounts, points and dates, each with its place",
    ),
)
"""The way of a document. `tests/unit/test_stages.py` checks that each stage is given what it needs."""


def markdown_stages() -> str:
    """The table of the stages, for the documentation."""
    lines = ["| | 步骤 / stage | 用 / needs | 得 / gives | 做什么 / does |", "|---|---|---|---|---|"]
    for number, stage in enumerate(STAGES, 1):
        needs = ", ".join(f"`{name}`" for name in stage.needs)
        lines.append(f"| {number} | {stage.name} | {needs} | `{stage.gives}` | {stage.says} |")
    return "\n".join(lines)
