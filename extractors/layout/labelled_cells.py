"""Indicators whose cells say what they hold (数量指标：供餐人数 | 目标值：≥300人 完成值：310人): labels made headers.

Here: which rows are such ones, and the rows of headers and values made of them. Not here: labels of the form itself
(labelled_values), indicators of several rows (row_pairs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import LEVELS
from extractors.layout.rows import ColumnReading, PlacedCell, Row
from extractors.readings.printed import is_blank, points
from extractors.vocabulary import columns_of

_COLON = re.compile("[:：]")
_STOP = re.compile(r"[\s;；,，、。/|]")
_STRIPPED = " \t\n;；,，、。/|"
_FEWEST = 2
"""Indicators from which labels in cells are headers."""
_LONGEST = 12
_VALUES = columns_of("value")
_LABELS = {*columns_of("value", "points", "reason")}
_LEVEL, _NAME = "level", "level3"
_NO_HEADER = "（空）"
_BY_PLACE = {"level1": "各格都是层级", "level2": "各格都是层级", _NAME: "其余各格都印着标签，这一格是名称"}


@dataclass(slots=True)
class _Part:
    """A label and its value in a cell; `role`: the column that the label names, `label`: as printed, empty for none."""

    role: str
    label: str
    value: str
    slot: PlacedCell


def take_labels_out(rows: list[Row]) -> list[Row]:
    """The rows of a document, those of indicators with labels in their cells below a row of these labels."""
    made: list[Row] = []
    for _, own in groupby(rows, key=lambda row: row.grid):
        made += _of_grid(list(own))
    return made


def _of_grid(rows: list[Row]) -> list[Row]:
    parts = {id(row): found for row in rows if row.ruled and (found := _parts(row)) is not None}
    shapes = [_shape(found) for found in parts.values()]
    common = max(shapes, key=shapes.count, default=())
    if not common or shapes.count(common) < _FEWEST:
        return rows
    of_levels = [part for found in parts.values() for part in found if part.role == _LEVEL]
    level = "level2" if any(words_of(part.value).is_level2 for part in of_levels) else "level1"
    for part in of_levels:  # 成本指标 is of the level that the others are
        part.role = level
    common = tuple(level if role == _LEVEL else role for role in common)
    first = next(n for n, row in enumerate(rows) if _shape(parts.get(id(row), [])) == common)
    heads = _heads(parts[id(rows[first])])
    begin = first
    while begin > 0 and _is_level_alone(rows[begin - 1]):
        begin -= 1
    made = rows[:begin]
    beside = _heads_of_levels([row for row in rows[first:] if id(row) in parts])
    made.append(_row(rows[first], [*beside, *heads], [], first=rows[begin].first))
    places = dict(zip(_roles(parts[id(rows[first])]), heads, strict=True))
    for row in rows[begin:]:
        found = parts.get(id(row)) or list(_of_total(row, places))
        if not found or not {*_roles(found)} <= places.keys():
            made.append(row)
            continue
        cut = {id(part.slot) for part in found}
        rest = [s for s in row.slots if id(s) not in cut]
        heads_of = (places[part.role] for part in found)
        values = [p.slot.moved(head.x0, head.x1, p.value) for p, head in zip(found, heads_of, strict=True)]
        made.append(_row(row, [*rest, *values], row.above))
    made[begin].first = rows[begin].first
    return made


def _shape(parts: list[_Part]) -> tuple[str, ...]:
    return tuple(_roles(parts))


def _roles(parts: list[_Part]) -> list[str]:
    return [part.role for part in parts]


def _row(of: Row, slots: list[PlacedCell], above: list[PlacedCell], *, first: bool | None = None) -> Row:
    begins = of.first if first is None else first
    return Row(sorted(slots, key=lambda s: s.x0), above, of.grid, of.ruled, of.page, begins, of.last and first is None)


def _is_level_alone(row: Row) -> bool:
    return len({s.key for s in row.filled}) == 1 and row.filled[0].words.is_level


# ── what cells say ───────────────────────────────────────────────────────────────


def _parts(row: Row) -> list[_Part] | None:
    """The parts of a row that is an indicator: one name, a target or a result with its label, each label once."""
    if sum(len(_COLON.findall(slot.text)) for slot in row.filled) < _FEWEST:
        return None
    found: list[_Part] = []
    for slot in row.filled:
        own = _of_cell(slot) if not slot.words.is_level else []
        if own is None:
            return None
        found += own
    roles = _roles(found)
    if len({*roles}) < len(roles) or _NAME not in roles or not {*roles} & {*_VALUES}:
        return None
    return found if sum(bool(part.label) for part in found if part.role in _LABELS) >= _FEWEST else None


def _of_cell(slot: PlacedCell) -> list[_Part] | None:
    """The labels and values of a cell, or its name; None where it is neither."""
    if not _COLON.search(slot.text):
        named = not is_blank(slot.text) and points(slot.text) is None and not slot.words.is_total
        return [_Part(_NAME, "", slot.text, slot)] if named else None
    cuts = _cuts(slot.text)
    if not cuts:
        return None
    parts: list[_Part] = []
    for n, (_, end, label) in enumerate(cuts):
        value = slot.text[end : cuts[n + 1][0] if n + 1 < len(cuts) else None].strip(_STRIPPED)
        if _COLON.search(value):
            return None  # a label that nobody knows may begin in it
        role = _role(label)
        if role == _LEVEL:
            parts.append(_Part(_LEVEL, "", label, slot))
            role, label = _NAME, ""
        parts.append(_Part(role, label, value, slot))
    return parts


def _cuts(text: str) -> list[tuple[int, int, str]]:
    """Where each label begins and its value does, and the label; none where the cell begins with no known one.

    A further one stands behind a stop, or is a label word for word: a line break before it is no longer seen.
    """
    cuts: list[tuple[int, int, str]] = []
    begin = 0
    for colon in _COLON.finditer(text):
        before = text[begin : colon.start()]
        stops = [m.end() for m in _STOP.finditer(before)]
        at = max(stops, default=0)
        if not cuts and _role(before.strip()):
            at = 0
        elif not cuts:
            return []
        elif not (stops and _role(before[at:])):
            whole = (k for k in range(max(len(before) - _LONGEST, 0), len(before)) if _is_printed(before[k:]))
            at = next(whole, -1)
        if at >= 0:
            cuts.append((begin + at, colon.end(), before[at:].strip()))
            begin = colon.end()
    return cuts


def _role(label: str) -> str:
    """What a label names: a column, a level of the standard set, or nothing."""
    words = words_of(label)
    if words.sub_header in _LABELS or (words.sub_header == _NAME and label):
        return str(words.sub_header)
    if words.sub_header in LEVELS and words.key == "指标":
        return _NAME
    return _LEVEL if words.is_level else ""


def _is_printed(label: str) -> bool:
    return words_of(label).sub_header in _LABELS and words_of(label).printed


# ── the rows made of it ──────────────────────────────────────────────────────────


def _heads(parts: list[_Part]) -> list[PlacedCell]:
    """The header of each part, in its share of the cell."""
    heads: list[PlacedCell] = []
    for part in parts:
        own = [other for other in parts if other.slot is part.slot]
        width = (part.slot.x1 - part.slot.x0) / len(own)
        x0 = part.slot.x0 + width * next(n for n, other in enumerate(own) if other is part)
        head = part.slot.moved(x0, x0 + width, part.label or _NO_HEADER)
        if not part.label:
            head.column = ColumnReading(part.role, (_BY_PLACE[part.role],), against=True)
        heads.append(head)
    return heads


def _heads_of_levels(rows: list[Row]) -> list[PlacedCell]:
    """A header for each column of levels that stand in cells of their own beside the others, two at most."""
    levels = {(s.x0, s.x1): s for row in rows for s in row.filled if s.words.is_level}
    heads = []
    for n, (_, slot) in enumerate(sorted(levels.items())[:2]):
        role = "level2" if n or slot.words.is_level2 else "level1"
        heads.append(slot.moved(slot.x0, slot.x1, _NO_HEADER))
        heads[-1].column = ColumnReading(role, (_BY_PLACE[role],), against=True)
    return heads


def _of_total(row: Row, places: dict[str, PlacedCell]) -> Iterator[_Part]:
    """The points of a total line whose cells have labels, too: 总分 | 分值：100 | 得分：99.8."""
    if not any(s.words.is_total for s in row.filled[:1]):
        return
    for slot in row.filled[1:]:
        yield from (part for part in _of_cell(slot) or () if part.label and part.role in places)
