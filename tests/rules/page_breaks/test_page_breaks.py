"""Every evidence at a page break has a form that shows it and one that nearly does.

Here: the cases of the folder `cases`, one file a rule. Not here: whole forms over pages (tests/golden/forms).

A case has the rows above and below the break, cells between bars; `^` and `<` stand for the cell above or to the left.
`gives`: the last row above, as it then reads. `at`: where the columns of the page below stand, in points.
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


def joined(case: dict[str, Any]) -> tuple[list[str], str, list[Row]]:
    """What decided, the last row above, and all rows after the pages were joined."""
    columns = [40.0 * n for n in range(12)]
    rows = rows_of([grid(case["above"], 1, columns), grid(case["below"], 2, case.get("at", columns))])
    join_pages(rows)
    last, first = rows[len(case["above"]) - 1 : len(case["above"]) + 1]
    return first.evidence, " | ".join(slot.text for slot in last.slots), rows


def test_every_evidence_has_a_pass_and_a_near_miss() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert {name: sorted(case) for name, case in CASES.items()} == {name: ["miss", "pass"] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_page_break_is_joined_or_not_by_its_evidence(name: str) -> None:
    evidence, last, _ = joined(CASES[name]["pass"])
    assert name in evidence
    assert last == CASES[name]["pass"]["gives"]


@pytest.mark.parametrize("name", NAMES)
def test_a_near_miss_is_none(name: str) -> None:
    evidence, last, _ = joined(CASES[name]["miss"])
    assert name not in evidence
    assert last == CASES[name]["miss"]["gives"]
