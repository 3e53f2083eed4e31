"""Indicators that take several rows each, one for what is planned and one for what was reached: made one row each.

Here: which rows are parts of one indicator, by a column of words that come in turn (目标, 实际, 目标, 实际), and which
column a cell of such a row belongs to. Not here: tables that are turned (turned_tables), what columns mean
(column_headers, column_evidence).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from extractors.grid import Span
from extractors.grid.columns import is_left_of, is_within, same_edge, shared
from extractors.layout.column_headers import LEVELS
from extractors.layout.rows import IN_DOUBT, ColumnReading, PlacedCell, Row
from extractors.readings.printed import is_blank, points
from extractors.vocabulary import columns_of, indicator_columns

_WORD = re.compile(r"[^\d≥≤<>=＝。；，%]{1,10}")
_SIGN = re.compile(r"^\s*(?:[≥≤≧≦<>=＝]|大于|小于|不[低高少多超]于?过?)")
_FEWEST = 2
"""Indicators from which it shows that the words come in turn."""
_MOST = 5
"""Rows of one indicator."""
_LEAST_HEADERS = 3
_TARGET, _ACTUAL = "target_text", "actual_text"
_OPPOSITE = {_TARGET: _ACTUAL, _ACTUAL: _TARGET}
_POINTS = {_TARGET: "weight", _ACTUAL: "score"}
"""The points of what is planned are those that can be had, those of what was reached the ones that were."""
_ROLES = {name for name, column in indicator_columns().items() if column.kind in {"value", "points", "reason"}}


@dataclass(slots=True, eq=False)
class _Place:
    x0: float
    x1: float


_Group = dict[int, Row]
"""The rows of an indicator by the number of their word; one that is not printed is missing."""


@dataclass(slots=True)
class _Block:
    """Indicators of several rows each: the row of their headers, and the place of the words that come in turn."""

    head: Row
    place: _Place
    words: list[PlacedCell]
    groups: list[_Group]
    end: int  # the number of the row behind them


def join_rows_of_indicators(rows: list[Row]) -> list[Row]:
    """The rows of a document, those of one indicator that say in turn what they hold made one."""
    made: list[Row] = []
    n = 0
    while n < len(rows):
        block = _block(rows, n)
        columns = _columns(block) if block is not None else None
        if block is None or columns is None:
            made.append(rows[n])
            n += 1
            continue
        first = {id(_first(group)): group for group in block.groups}
        rest = {id(row) for group in block.groups for row in group.values()}
        made.append(_joined({0: block.head}, block, columns, heads=True))
        for row in rows[n + 1 : block.end]:
            if id(row) in first:
                made.append(_joined(first[id(row)], block, columns))
            elif _repeats(row, block.head):
                made.append(_joined({0: row}, block, columns, heads=True))
            elif id(row) not in rest:
                made.append(row)
        n = block.end
        totals = list(_totals(rows, n))
        made += [_of_total(row, k, totals, block, columns) for k, row in enumerate(totals)]
        n += len(totals)
    return made


# ── which rows ───────────────────────────────────────────────────────────────────


def _block(rows: list[Row], n: int) -> _Block | None:
    """The indicators of several rows below the headers in row n; None where there are none."""
    head = rows[n]
    if not head.ruled or len(head.filled) < _LEAST_HEADERS or any(s.words.is_figure for s in head.filled):
        return None
    begin = next((k for k in range(n + 1, len(rows)) if not _is_between(rows[k], head)), len(rows))
    for word in rows[begin].filled if begin < len(rows) else ():
        if any(s.key == word.key for s in head.filled):
            continue
        place = _Place(word.x0, word.x1)
        words = _in_turn(rows, begin, place)
        if words and (block := _gather(rows, n, place, words)) is not None:
            return block
    return None


def _in_turn(rows: list[Row], n: int, place: _Place) -> list[PlacedCell]:
    """The words that stand at a place one below another, up to where the first comes again; none where it does not."""
    words: list[PlacedCell] = []
    for row in rows[n : n + _MOST + 1]:
        word = _at(row, place)
        if word is None or not _WORD.fullmatch(word.text) or word.words.is_level or word.words.sub_header in LEVELS:
            return []
        if words and word.key == words[0].key:
            return words if len(words) > 1 else []
        if any(word.key == other.key for other in words):
            return []
        words.append(word)
    return []


def _gather(rows: list[Row], n: int, place: _Place, words: list[PlacedCell]) -> _Block | None:
    """The rows below in groups, each with the words in their order, and a name that is not printed again."""
    block = _Block(rows[n], place, words, [], n + 1)
    keys = [word.key for word in words]
    for k in range(n + 1, len(rows)):
        row, word = rows[k], _at(rows[k], place)
        if word is None and _is_between(row, block.head):
            continue
        if word is None or word.key not in keys or not row.ruled:
            break
        part = keys.index(word.key)
        if not block.groups or max(block.groups[-1]) >= part:
            block.groups.append({})
        block.groups[-1][part] = row
        block.end = k + 1
    whole = [group for group in block.groups if len(group) == len(words)]
    named = all(any(_names(s, g) and not s.words.is_level for s in _first(g).filled) for g in block.groups)
    return block if named and len(whole) >= _FEWEST else None


def _first(group: _Group) -> Row:
    return group[min(group)]


def _names(slot: PlacedCell, group: _Group) -> bool:
    """Whether a cell of the first row stands for all rows of its group: it is text, none other is below it."""
    if slot.words.is_figure or points(slot.text) is not None or is_blank(slot.text):
        return False
    below = [_at(row, slot) for row in group.values()]
    return all(s is None or s.key == slot.key for s in below)


def _at(row: Row, place: PlacedCell | _Place) -> PlacedCell | None:
    return next((s for s in row.filled if same_edge(s.x0, place.x0) and same_edge(s.x1, place.x1)), None)


def _is_between(row: Row, head: Row) -> bool:
    """Whether a row may stand between indicators: a blank one, one text alone, the headers again."""
    return len({s.key for s in row.filled}) <= 1 or _repeats(row, head)


def _repeats(row: Row, head: Row) -> bool:
    return bool(row.filled) and [s.key for s in row.filled] == [s.key for s in head.filled]


# ── which columns ────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Column:
    """A column that each row of an indicator fills: its place, and the header of the part of each row."""

    place: _Place
    heads: list[PlacedCell]

    def part(self, k: int) -> _Place:
        """The place of what row k of an indicator prints in it."""
        width = (self.place.x1 - self.place.x0) / len(self.heads)
        return _Place(self.place.x0 + k * width, self.place.x0 + (k + 1) * width)


def _columns(block: _Block) -> list[_Column] | None:
    """The columns that are divided, left to right; None where the rows say something else than targets and results."""
    named = {s.header for s in block.head.filled}
    if {_TARGET, _ACTUAL} <= named:
        return None
    places = _divided(block)
    over = [(place, _head(block.head, place)) for place in places]
    if not places or any(head is None or head.header in LEVELS for _, head in over):
        return None
    roles = _roles(block, places)
    if roles is None:
        return None
    columns: list[_Column] = []
    has_values = False
    for place, head in over:
        assert head is not None
        scored = _is_of_points(head, place, block) and (has_values or len(places) > 1)
        if scored:
            own = [_POINTS.get(role, "note") if role != IN_DOUBT else role for role in roles]
        elif not has_values and head.words.header not in {"deviation", "note"}:
            own, has_values = roles, True
        else:
            own = ["note" if role == _TARGET else "" for role in roles]
        column = _Column(place, [head] * len(roles))
        column.heads = [_header(block, k, head, role, column.part(k)) for k, role in enumerate(own)]
        columns.append(column)
    return columns if has_values else None


def _divided(block: _Block) -> list[_Place]:
    """The places at which more than one row of an indicator has a text of its own, other than those of the words."""
    found: dict[tuple[float, float], set[int]] = {}
    for group in block.groups:
        for k, row in group.items():
            for slot in row.filled:
                if not same_edge(slot.x0, block.place.x0) and not _names(slot, group) and not is_blank(slot.text):
                    found.setdefault((slot.x0, slot.x1), set()).add(k)
    places = [_Place(*edges) for edges, rows in sorted(found.items()) if len(rows) > 1]
    return [place for place in places if not _is_merged(place, block)]


def _is_merged(place: _Place, block: _Block) -> bool:
    """Whether all that a text export prints at a place in further rows are copies of what stands in the first."""
    texts = [[s for row in group.values() if (s := _at(row, place)) is not None] for group in block.groups]
    return all(s.key == cells[0].key and s.cell.span is not Span.STATED for cells in texts for s in cells)


def _head(head: Row, place: _Place) -> PlacedCell | None:
    return max((s for s in head.filled if shared(s, place) > 0), key=lambda s: shared(s, place), default=None)


def _roles(block: _Block, places: list[_Place]) -> list[str] | None:
    """The columns that the words name, the target and the result among them, in doubt where nothing tells which."""
    roles = [name if (name := word.words.sub_header) in _ROLES else None for word in block.words]
    if len(roles) == 2 and None in roles:
        known = next((role for role in roles if role is not None), None)
        if known is not None:
            roles = [role or _OPPOSITE.get(known) for role in roles]
        else:
            signed = [any(_is_signed(g[k], places) for g in block.groups if k in g) for k in (0, 1)]
            if signed[0] != signed[1]:
                roles = [_TARGET, _ACTUAL] if signed[0] else [_ACTUAL, _TARGET]
            elif any(s.header == "score" for s in block.head.filled):
                return [IN_DOUBT, IN_DOUBT]
    if len(set(roles)) < len(roles) or not {_TARGET, _ACTUAL} <= set(roles):
        return None
    return [role or "note" for role in roles]


def _is_signed(row: Row, places: list[_Place]) -> bool:
    return any(_SIGN.match(s.text) for place in places if (s := _at(row, place)) is not None)


def _is_of_points(head: PlacedCell, place: _Place, block: _Block) -> bool:
    """Whether points stand at a place: its header says so, or it is over figures and says no other thing."""
    if head.words.sub_header in columns_of("points") or head.words.of_points is not None:
        return True
    cells = [s for group in block.groups for row in group.values() if (s := _at(row, place)) is not None]
    return head.words.sub_header is None and all(points(s.text) is not None for s in cells)


def _header(block: _Block, k: int, head: PlacedCell, role: str, place: _Place) -> PlacedCell:
    """The header of what row k prints below a header; an empty role leaves it as it is."""
    word = block.words[k]
    own = word if role == word.words.header else replace(head, text=f"{word.text}/{head.text}")
    cell = _moved(own, place)
    if role == IN_DOUBT:
        target, result = (indicator_columns()[name].label_zh for name in (_TARGET, _ACTUAL))
        cell.column = ColumnReading(IN_DOUBT, (target,), result, against=True)
    elif role and role != cell.words.header:
        words = "」「".join(s.text for s in block.words)
        cell.column = ColumnReading(role, (f"每个指标分行印「{words}」",), against=True)
    return cell


# ── the rows made of them ────────────────────────────────────────────────────────


def _joined(rows: _Group, block: _Block, columns: list[_Column], *, heads: bool = False) -> Row:
    first = _first(rows)
    divided = [block.place, *(column.place for column in columns)]
    slots = [s for row in rows.values() for s in row.slots if not any(is_within(s, place) for place in divided)]
    if heads:
        slots = [s for s in slots if not any(shared(s, column.place) > 0 for column in columns)]
    own = {(s.x0, s.x1): s for s in reversed(slots) if s.text}
    slots = [s for s in slots if s is own.get((s.x0, s.x1))]
    for column in columns:
        for k in range(len(block.words)):
            slot = column.heads[k] if heads else _at(rows[k], column.place) if k in rows else None
            if slot is not None:
                slots.append(_moved(slot, column.part(k)))
    slots.sort(key=lambda s: s.x0)
    return Row(slots, first.above, first.grid, first.ruled, first.page, first.first, rows[max(rows)].last)


def _moved(slot: PlacedCell, place: _Place) -> PlacedCell:
    return slot.moved(place.x0, place.x1)


def _totals(rows: list[Row], n: int) -> Iterator[Row]:
    """The total lines from row n on."""
    for row in rows[n:]:
        if not any(s.words.is_total for s in row.filled[:3]):
            return
        yield row


def _of_total(row: Row, k: int, totals: list[Row], block: _Block, columns: list[_Column]) -> Row:
    """A total line with its figures below the part that it adds up: its label says of which, else their order does."""
    label = next(s for s in row.filled[:3] if s.words.is_total)
    said = [number for number, word in enumerate(block.words) if word.text in label.text]
    part = said[0] if len(said) == 1 else k if len(totals) == len(block.words) and not said else None
    if part is None:
        return row
    slots = [
        _moved(s, column.part(part)) if column is not None else s
        for s in row.slots
        for column in [next((c for c in columns if is_within(s, c.place) and not is_left_of(s, label.x1 - 1)), None)]
    ]
    return Row(slots, row.above, row.grid, row.ruled, row.page, row.first, row.last)
