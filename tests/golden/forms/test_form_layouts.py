"""Every layout in cases/ is read as a person typed it, in any file and however merged cells are written."""

from pathlib import Path

import pytest
from expectation import differences, typed_forms

from extractors.extract import extract
from extractors.extraction import ExtractedForm
from extractors.formats import read
from extractors.grid import Cell, Grid, Span
from extractors.stages import read_grids

CASES = Path(__file__).parent / "cases"
SOURCES = sorted(p for p in CASES.iterdir() if p.suffix != ".toml")
WITH_SPANS = [p for p in SOURCES if p.suffix in {".html", ".docx", ".xlsx"}]
ONLY_WITH_SPANS = {"merged-target-over-two-indicators"}
"""Layouts in which a blank cell cannot be told from the rest of a merged one."""


def expectation(source: Path) -> Path:
    return source.with_suffix(".toml")


def wrong(source: Path, forms: list[ExtractedForm]) -> list[str]:
    wanted = typed_forms(expectation(source))
    if len(wanted) != len(forms):
        return [f"{len(wanted)} forms wanted, {len(forms)} read"]
    return [f"form {n}: {d}" for n, (w, f) in enumerate(zip(wanted, forms, strict=True), 1) for d in differences(w, f)]


def unmerged(grids: list[Grid], *, repeat: bool) -> Grid:
    """The grids as a text export writes them: a merged cell as its text and blanks, or as its text in every cell."""
    cells: list[Cell] = []
    top = 0
    for grid in grids:
        for c in grid.cells:
            for row in range(c.rowspan):
                for col in range(c.colspan):
                    text = c.text if repeat or (row, col) == (0, 0) else ""
                    cells.append(Cell(text, top + c.row + row, c.col + col, c.place))
        top += grid.n_rows
    return Grid(cells, Span.OPEN)


def test_every_source_has_an_expectation_and_the_reverse() -> None:
    assert {p.stem for p in SOURCES} == {p.stem for p in CASES.glob("*.toml")}


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.name)
def test_a_layout_is_read_as_typed(source: Path) -> None:
    assert wrong(source, extract(source.read_bytes()).forms) == []


@pytest.mark.parametrize("repeat", [False, True], ids=["blank", "repeated"])
@pytest.mark.parametrize("source", WITH_SPANS, ids=lambda p: p.name)
def test_merged_cells_written_as_blanks_or_copies_change_nothing(source: Path, repeat: bool) -> None:
    if source.stem in ONLY_WITH_SPANS and not repeat:
        pytest.skip("the blanks say less than the spans")
    grid = unmerged(read(source.read_bytes()).grids, repeat=repeat)
    assert wrong(source, read_grids([grid])) == []
