"""Lists that print the indicators of several projects under one row of headers: each project is a form of its own.

Here: which rows are which project's, and its columns turned into labelled values. Not here: where the list begins and
ends (boundaries), reading the forms that come of it (form).
"""

from __future__ import annotations

import re
from dataclasses import replace

from extractors.grid.columns import column_of, is_left_of
from extractors.layout.column_headers import LEVELS, ColumnHeader, column_headers_from
from extractors.layout.listed_project import CODE, NAME, ListedProject, pair
from extractors.layout.merged import row_under
from extractors.layout.rows import PlacedCell, Row

_OF_PROJECTS = {"header", "measure", "source", "amount", "sentence", "goal", "attribute"}
"""Groups of labels that head columns of projects, where they head none of indicators."""
_SEVERAL = re.compile("[、/,和及与]")


def projects_with_indicators(piece: list[Row]) -> list[ListedProject]:
    """Each project of the list; none where the piece is no list of projects with indicators.

    A form has the rows above the list, a row for each column of projects (its header, its value), then the headers
    and rows of indicators. What a project leaves blank is nobody's. A sum below all projects is kept aside by the last.
    """
    if (table := _headers(piece)) is None:
        return []
    n, below, headers = table
    levels = min((h.x0 for h in headers if h.slot.header in LEVELS), default=0.0)
    columns = [
        h
        for h in headers
        if h.slot.words.group in _OF_PROJECTS
        and (h.slot.words.header is None or (h.slot.words.group == "goal" and is_left_of(h, levels)))
    ]
    named = {h.slot.words.role for h in columns}
    names = [h for h in columns if h.slot.words.role == (NAME if NAME in named else CODE)]
    over: PlacedCell | None = None  # what a row alone in the column of names is
    mixed = next(((h, labels) for h in headers if (labels := _labels_of(h.slot))), None) if not names else None
    if mixed is not None:
        header, labels = mixed
        over = next(s for s in labels if s.words.role != NAME)
        header.slot = next(s for s in labels if s.words.role == NAME)
        columns.insert(0, header)
        names = [header]
    if any(s.words.is_level for row in piece[below:] for s in row.filled if column_of(s, headers) in names):
        return []
    groups: list[list[Row]] = []
    name = ""
    above: dict[int, list[Row]] = {}  # by group, what stands alone in a row above its first
    heading: list[Row] = []
    aside: list[Row] = []
    for row in (_cut(row, headers) for row in piece[below:]):
        if _repeats(row, piece[n]):
            continue
        cells = {id(h): s for s in row.filled if (h := column_of(s, headers)) is not None}
        own = next((s for h in names if (s := cells.get(id(h))) is not None), None)
        if over is not None and own is not None and len(row.filled) == 1:
            heading = [pair(over, own, row)]
        elif aside or (own is not None and own.words.is_total and groups):
            aside.append(replace(row, slots=row.slots))
            aside[-1].aside = True
        elif own is not None and (own.words.bare != name or not groups):
            name = own.words.bare
            above[len(groups)] = heading
            groups.append([row])
        elif groups:
            groups[-1].append(row)
        elif row.filled:
            return []  # rows before the first project: nobody knows whose
    found = [_project([*piece[:n], *above[k]], piece[n:below], rows, headers, columns) for k, rows in enumerate(groups)]
    if found:
        found[-1].rest += aside
    return found


def _headers(piece: list[Row]) -> tuple[int, int, list[ColumnHeader]] | None:
    """(row of the headers, first row below them, all headers in it) of a list of projects with indicators."""
    for n, row in enumerate(piece):
        named = (s for s in row.filled if s.words.role in {NAME, CODE} and s.words.header is None)
        names = [*named, *filter(_labels_of, row.filled)]
        if not names:
            continue
        following = next((r for r in piece[n + 1 :] if r.filled), None)
        table = column_headers_from(row, following)
        if table is None or following is None or any(s.words.group == "header" for s in following.filled):
            continue
        below = piece.index(following, n + 1) + 1 if table.rows > 1 else n + 1
        return n, below, [ColumnHeader(s.text, s.x0, s.reach, s) for s in row.filled]
    return None


def _labels_of(slot: PlacedCell) -> list[PlacedCell]:
    """The labels that a header names together, the project's name among them: 单位名称、项目名称; else none."""
    parts = _SEVERAL.split(slot.words.bare) if slot.words.role is None and _SEVERAL.search(slot.words.bare) else []
    labels = [replace(slot, text=part, parts=()) for part in parts]
    if len(labels) != 2 or [s.words.group for s in labels] != ["header", "header"]:
        return []
    return labels if [s.words.role for s in labels].count(NAME) == 1 else []


def _cut(row: Row, headers: list[ColumnHeader]) -> Row:
    """A row with a cell for each column, where equal texts side by side could be one cell."""
    return row_under(row, lambda slot: column_of(slot, headers))


def _repeats(row: Row, headers: Row) -> bool:
    """Whether a row prints the headers again, as on each page."""
    return bool(row.filled) and [s.key for s in row.filled] == [s.key for s in headers.filled]


def _project(
    head: list[Row], heads: list[Row], group: list[Row], headers: list[ColumnHeader], columns: list[ColumnHeader]
) -> ListedProject:
    def is_of_project(slot: PlacedCell) -> bool:
        return column_of(slot, headers) in columns

    pairs: list[Row] = []
    for header in columns:
        texts: set[str] = set()
        for row in group:
            slot = next((s for s in row.filled if column_of(s, headers) is header), None)
            if slot is not None and slot.words.bare not in texts:
                texts.add(slot.words.bare)
                pairs.append(pair(header.slot, slot, row))
    rest = [
        replace(
            row,
            slots=[s for s in row.slots if not is_of_project(s)],
            above=[s for s in row.above if not is_of_project(s)],
        )
        for row in (*heads, *group)
    ]
    return ListedProject(head, pairs, rest)
