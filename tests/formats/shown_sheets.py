"""What tests of formats ask of the sheets that were read: the texts of their cells, and what was told.

Here: the two questions. Not here: the documents.
"""

from extractors.grid import Sheets


def told(sheets: Sheets) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.text, problem.place.locator) for problem in sheets.problems]


def texts(sheets: Sheets) -> list[str]:
    return [cell.text for grid in sheets.grids for cell in grid.cells]
