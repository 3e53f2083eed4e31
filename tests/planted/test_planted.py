"""Planted defects are found where they lie, and forms that are right are not accused.

Here: what the defects and the correct forms must show. Not here: the forms (sheets, defects, correct).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from extractors.extraction import Record
from tests.planted.correct import CORRECT
from tests.planted.defects import DEFECTS, TRUE_BESIDE
from tests.planted.sheets import BASES, WRITERS, checked, checked_together

pytestmark = pytest.mark.slow
UNTOLD: dict[str, str] = {}
"""Defects that no check tells, each with the reason."""


@cache
def found() -> dict[str, list[Record]]:
    """The errors and warnings of every file: bases, planted (by number), correct (by name)."""
    alone, files = {}, {f"{b}.{w}": write([f]) for b, f in BASES.items() for w, write in WRITERS.items()}
    for n, defect in enumerate(DEFECTS):
        form = BASES[defect.base].copied()
        defect.edit(form)
        target = alone if defect.twice else files
        target[str(n)] = WRITERS[defect.writer]([BASES[defect.base], form] if defect.twice else [form])
    for name, base, writer, edit in CORRECT:
        form = BASES[base].copied()
        edit(form)
        files[name] = WRITERS[writer]([form])
    rows = checked_together(files) | checked(alone)
    return {name: [r for r in of if r["severity"] != "info"] for name, of in rows.items()}


def new(number: int) -> list[Record]:
    """What is found beside what the untouched form has."""
    defect = DEFECTS[number]
    before = {_at(row) for row in found()[f"{defect.base}.{defect.writer}"]}
    return [row for row in found()[str(number)] if _at(row) not in before]


def _at(row: Record) -> tuple[Any, ...]:
    return row["check_code"], row["indicator_no"], row["field"], row["severity"]


def test_there_are_at_least_80_defects_of_30_kinds() -> None:
    assert len(DEFECTS) >= 80
    assert len({defect.code for defect in DEFECTS}) >= 30


def test_a_planted_defect_is_found_at_its_place() -> None:
    missed = {
        d.name
        for n, d in enumerate(DEFECTS)
        if not any(row["check_code"] == d.code and (row["indicator_no"] or 0) == d.row for row in new(n))
    }
    assert missed == set(UNTOLD)


def test_nothing_false_stands_beside_a_planted_defect() -> None:
    beside = {
        (d.name, row["check_code"])
        for n, d in enumerate(DEFECTS)
        if d.name not in UNTOLD
        for row in new(n)
        if row["check_code"] not in d.also | TRUE_BESIDE | {d.code}
    }
    assert beside == set()


def test_an_untouched_form_has_no_error_and_no_warning() -> None:
    bases = [f"{name}.{writer}" for name in BASES for writer in WRITERS]
    assert [(name, row["check_code"]) for name in bases for row in found()[name]] == []


def test_a_form_that_is_right_in_an_unusual_way_is_not_accused() -> None:
    accused = {
        (name, row["check_code"])
        for name, *_ in CORRECT
        for row in found()[name]
        if row["severity"] == "error" and row["verdict"] == "filer"
    }
    assert len(CORRECT) >= 60
    assert accused == set()
