"""The way of one document: bytes -> grids -> forms -> typed rows.

Here: the order of the steps and what becomes of a document that cannot be read. Not here: the steps themselves.
"""

from __future__ import annotations

from extractors.extraction import LOADED, NO_FORM, REJECTED, Extraction
from extractors.form.reader import read_form
from extractors.form.records import problem_row, to_rows
from extractors.form.unread import unread_form
from extractors.formats import Limits, read
from extractors.grid import Sheets, Unreadable
from extractors.layout.boundaries import forms_in
from extractors.layout.rows import rows_of


def extract(
    data: bytes, *, region_code: str | None = None, fiscal_year: int | None = None, limits: Limits | None = None
) -> Extraction:
    """Read one document.

    `region_code` and `fiscal_year` come from its folder and stand in where a form prints none. A document that cannot
    be read is an outcome, never an exception, except for what ends the process (MemoryError and the like).
    """
    limits = limits or Limits()
    try:
        sheets = read(data, limits)
        _check_lengths(sheets, limits)
    except Unreadable as error:
        return Extraction(REJECTED, error.reason_code, error.message)
    problems = [problem_row(p) for p in sheets.problems]
    read_by = {str(page): engine for page, engine in sheets.read_by.items()}
    rows = rows_of(sheets.grids)
    forms = [to_rows(read_form(piece), region_code=region_code, fiscal_year=fiscal_year) for piece in forms_in(rows)]
    pages = sheets.page_count
    empty = not any(form.indicator or form.funding for form in forms) or _is_torn_apart(sheets)
    if empty and (unread := unread_form(rows)) is not None:
        told = [*problems, problem_row(unread)]
        return Extraction(REJECTED, unread.code, unread.message, sheets.format, pages, [], told, read_by)
    if not forms:
        message = "文件可读，但其中没有绩效自评表或绩效目标表。"
        return Extraction(NO_FORM, "NOT_A_FORM", message, sheets.format, pages, [], problems, read_by)
    return Extraction(LOADED, None, None, sheets.format, pages, forms, problems, read_by)


def _is_torn_apart(sheets: Sheets) -> bool:
    """Whether no two cells stand side by side: the cells of a table, one under another, belong to nothing any more."""
    return all(grid.n_cols <= 1 for grid in sheets.grids)


def _check_lengths(sheets: Sheets, limits: Limits) -> None:
    for cell in (cell for grid in sheets.grids for cell in grid.cells):
        if len(cell.text) > limits.max_cell_chars:
            place = f"第 {cell.place.page} 页" if cell.place.page else cell.place.locator or ""
            text = f"{place} 的单元格有 {len(cell.text)} 字，超过 {limits.max_cell_chars} 字，请检查文件是否正确。"
            raise Unreadable("TOO_BIG", text)
