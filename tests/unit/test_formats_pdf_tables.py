"""Tables found by their rules are pdfplumber's own. Not here: what the cells say (test_formats_pdf_page.py)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges
from pdfplumber.utils import filter_edges

from extractors.formats.pdf.tables import _cells, _groups, _merged, find_tables
from extractors.grid import Unreadable

SNAP = 3  # pdfplumber's default tolerance, in points

Rule = tuple[int, int, int, int]


def edge(rule: Rule) -> dict[str, object]:
    x0, top, x1, bottom = rule
    return {
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": bottom,
        "width": x1 - x0,
        "height": bottom - top,
        "orientation": "h" if top == bottom else "v",
        "object_type": "line",
    }


def by_pdfplumber(rules: list[Rule]) -> list[set[tuple[int, ...]]]:
    """The cells of each table, in thousandths of a point."""
    edges = filter_edges([edge(rule) for rule in rules], min_length=1)
    edges = filter_edges(merge_edges(edges, SNAP, SNAP, SNAP, SNAP), min_length=3)
    tables = cells_to_tables(intersections_to_cells(edges_to_intersections(edges, SNAP, SNAP)))
    return sorted(({tuple(round(v * 1000) for v in cell) for cell in table} for table in tables), key=sorted)


def by_us(rules: list[Rule]) -> list[set[tuple[int, ...]]]:
    whole = [tuple(1000 * side for side in rule) for rule in rules]
    level_rules = _merged((top, x0, x1) for x0, top, x1, bottom in whole if top == bottom)
    uprights = _merged((x0, top, bottom) for x0, top, _, bottom in whole if top != bottom)
    if not level_rules or not uprights:
        return []
    cells, xs, ys = _cells(level_rules, uprights)
    boxes = np.array((xs[cells[0]], ys[cells[1]], xs[cells[2]], ys[cells[3]])).T
    return sorted((set(map(tuple, boxes[own].tolist())) for own in _groups(cells, len(xs))), key=sorted)


# Ends lie on a coarse lattice, now and then a point or a few off it, so that rules meet, miss, snap and join.
PLACE = st.builds(lambda n, off: 60 + 20 * n + off, st.integers(0, 5), st.sampled_from([0, 0, 0, 1, -1, 2, 3, 4, -4]))


@st.composite
def rule(draw: st.DrawFn) -> Rule:
    at, one, other = draw(PLACE), draw(PLACE), draw(PLACE)
    low, high = sorted((one, other))
    return (low, at, high, at) if draw(st.booleans()) else (at, low, at, high)


@settings(deadline=None, max_examples=150)
@given(st.lists(rule().filter(lambda r: r[0] != r[2] or r[1] != r[3]), min_size=4, max_size=40))
def test_the_tables_of_any_rules_are_those_that_pdfplumber_finds(rules: list[Rule]) -> None:
    assert by_us(rules) == by_pdfplumber(rules)


def test_more_rules_than_any_table_has_are_refused_before_they_are_compared() -> None:
    many = range(0, 25_000_000, 10_000)
    with pytest.raises(Unreadable) as caught:
        find_tables([(0, at, 25_000_000, at) for at in many], [(at, 0, at, 25_000_000) for at in many])
    assert caught.value.reason_code == "BOMB"
