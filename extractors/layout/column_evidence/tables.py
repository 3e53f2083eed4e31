"""The tables of a document that may be of indicators: the columns under their headers, and the cells in each.

Here: which rows are headers, with or without words that are known, and which rows lie below. Not here: what role a
column plays (roles).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from extractors.grid.columns import EDGE, FRAGMENT, column_of, covers, same_extent
from extractors.layout.column_evidence.content import Content, look, patterns
from extractors.layout.column_headers import (
    LEVELS,
    ColumnHeader,
    ColumnHeaders,
    column_headers_from,
    same_below_strangers,
)
from extractors.layout.merged import row_under
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, points

_ENDS = {"header", "goal", "amount", "sentence"}
_OTHERS = {*_ENDS, "source", "measure"}
_MOST_ROWS = 120
_GLANCE = 8
"""Rows that show whether known headers may be right."""
_LONGEST_HEADER = 40
_FEWEST_COLUMNS, _FEWEST_ROWS = 2, 2
_LINES = 4
_MANY_KNOWN = 3
"""So many known headers in a row, and what may be a level beside them is a header, too: 计划指标 | 完成指标."""
_AHEAD = 12
_SIGNED = re.compile(r"[≥≤≧≦]|^[<>=]$")
_HEADER = re.compile(r"[^≥≤<>=＝。；]+")


@dataclass(slots=True)
class Column:
    """A column of a table: its header, the role that its header names (None: not known), its cells."""

    header: ColumnHeader
    named: str | None
    content: Content = field(default_factory=Content)
    copies: list[PlacedCell] = field(default_factory=list)  # the header where it is printed again
    open: tuple[str, ...] = ()  # what a known header of no interest may head after all: 备注 the reasons
    denied: str | None = None  # what its header says though its cells cannot be that


@dataclass(slots=True)
class Table:
    """A table with its columns, left to right; `sure`: its headers alone make it one of indicators."""

    columns: list[Column]
    sure: bool
    cut: bool = False  # its headers end a page, which may have cut their words
    rows: int = 0
    total: dict[int, PlacedCell] = field(default_factory=dict)


def tables_in(
    rows: list[Row],
    accepts: Callable[[Table], bool],
    suspects: Callable[[Table], bool] = lambda _: False,
    may_lie: Callable[[list[ColumnHeader], list[Row]], bool] = lambda _headers, _rows: False,
    *,
    known: bool = False,
) -> Iterator[Table]:
    """The tables of a stream of rows that are of indicators by their headers, or by what lies below them.

    `accepts` decides on one whose headers do not say it. One all of whose headers are known comes only where `known`,
    or where it `suspects` that they do not say what is below them.
    """
    filled = [row for row in rows if row.filled]
    tells: list[bool | None] = [None] * len(filled)
    last: tuple[int, Row, list[ColumnHeader]] | None = None  # the known table above: its first row below the headers
    n = 0
    while n < len(filled):
        row, taken = filled[n], 1
        following = filled[n + 1] if n + 1 < len(filled) else None
        found = _headers(row, following) if row.ruled and len(row.filled) >= _FEWEST_COLUMNS else None
        within = found is not None and not found[2] and last is not None and _goes_through(filled, n, *last)
        if found is not None and (found[2] or (not within and _told(filled, n + found[1], tells))):
            headers, begun, sure = found
            if sure:
                last = n + begun, row, headers
            if sure and not known and all(h.name and not _left_open(h, headers) for h in headers):
                below = filled[n + begun : n + begun + _GLANCE]
                if not may_lie(headers, below) or not suspects(_table(headers, sure, filled, n, begun, _GLANCE)[0]):
                    n += begun
                    continue
            table, end = _table(headers, sure, filled, n, begun)
            if table.rows and (sure or (table.rows >= _FEWEST_ROWS and accepts(table))):
                yield table
                taken = end - n
            elif sure:
                taken = begun
        n += taken


def _table(
    headers: list[ColumnHeader], sure: bool, rows: list[Row], n: int, taken: int, most: int = _MOST_ROWS
) -> tuple[Table, int]:
    """The table under headers that take some rows from row n, `most` rows of it, and the number of the row after it."""
    columns = [Column(h, h.name or None, open=_left_open(h, headers)) for h in headers]
    table = Table(columns, sure, any(row.last and row.page is not None for row in rows[n : n + taken]))
    return table, _gather(table, rows, n, taken, most)


def _goes_through(rows: list[Row], n: int, begin: int, first: Row, headers: list[ColumnHeader]) -> bool:
    """Whether the rows of a table that began above reach row n: what stands there is no header."""
    table = Table([], sure=True)
    own = [row for row in rows[begin : n + 1] if row.ruled]
    return not any((row.grid != first.grid and not _goes_on(row, first)) or _ends(row, table, headers) for row in own)


def _left_open(header: ColumnHeader, headers: list[ColumnHeader]) -> tuple[str, ...]:
    """The roles that a header of no interest may have after all.

    One over remarks of any kind that of the reasons, where none other is theirs; any that of the target or of the
    result, where scores are printed and no header is theirs.
    """
    if header.name != "note":
        return ()
    names = {h.name for h in headers}
    found = ["deviation"] if "deviation" not in names and patterns()["remarks"].search(header.slot.key) else []
    if "score" in names:
        found += [role for role in ("target_text", "actual_text") if role not in names]
    return tuple(found)


def _told(rows: list[Row], n: int, tells: list[bool | None]) -> bool:
    """Whether the next rows have levels, names with points or signed values in them, as those of indicators have."""
    count = 0
    for k in range(n, min(n + _AHEAD, len(rows))):
        if tells[k] is None:
            tells[k] = any(map(_tells, rows[k].filled))
        count += bool(tells[k])
    return count >= _FEWEST_ROWS and any(tells[n : n + 2])


def _tells(slot: PlacedCell) -> bool:
    found = slot.words.is_level or _SIGNED.search(slot.text) is not None
    return found or (slot.text[-1] in ")）" and "with_points" in look(slot.text).classes)


def _headers(row: Row, following: Row | None) -> tuple[list[ColumnHeader], int, bool] | None:
    """(columns, rows of headers, whether their words are enough) of headers that begin at a row."""
    known = column_headers_from(row, following)
    if known is not None:
        return _of_known(known, row, following)
    if following is None or not _may_be_headers(row):
        return None
    headers, taken = _by_place(row, following)
    levels = [header for header in headers if header.name in LEVELS]
    if len(levels) == 1 and levels[0].name != "level3":  # 指标 alone may be the name
        levels[0].name = ""
    return (headers, taken, False) if len(headers) >= _FEWEST_COLUMNS else None


def _of_known(known: ColumnHeaders, row: Row, following: Row | None) -> tuple[list[ColumnHeader], int, bool]:
    if len(known.blocks) > 1:  # two lists side by side have each role twice
        return known.columns, known.rows, True
    unknown = {id(slot) for slot in known.unknown}
    headers = list(known.blocks[0][1])
    for header in headers:
        if id(header.slot) in unknown:
            header.name = ""
    section = known.section
    if section is not None and section in row.filled and _heads_cells(section, following):
        headers.insert(0, ColumnHeader("", section.x0, section.reach, section, (section.text,)))
    return headers, known.rows, True


def _heads_cells(section: PlacedCell, following: Row | None) -> bool:
    """Whether what stands left of the headers may be one, too: no name of a section, or one over cells of its own."""
    below = (
        [s for s in following.filled if section.x0 - EDGE <= s.x0 and s.x1 <= section.reach + EDGE] if following else []
    )
    return section.words.section is None or any(s.first is not section.first and s.key != section.key for s in below)


def _may_be_headers(row: Row) -> bool:
    """Whether a row looks like headers: short texts, none a figure, a level, a note or a label of other parts."""
    known = sum(slot.header is not None for slot in row.filled)
    for slot in row.filled:
        words, text = slot.words, slot.text
        is_level = words.is_level and words.sub_header is None and known < _MANY_KNOWN  # 完成, though 完成指标 is one
        if len(text) > _LONGEST_HEADER or not _HEADER.fullmatch(text) or is_level or words.is_total:
            return False
        if (
            (words.is_residue and words.header is None)
            or text[0].isdigit()
            or {"sign_alone", "kind"} & set(look(text).classes)
        ):
            return False
        if points(text) is not None or words.pairs or is_blank(text) or (words.is_note and slot is row.filled[0]):
            return False
    groups = [slot.words.group for slot in row.filled]
    others = sum(group in _OTHERS or bool(s.words.measure) for group, s in zip(groups, row.filled, strict=True))
    return others <= known or others <= len(groups) // 4


def _by_place(row: Row, following: Row) -> tuple[list[ColumnHeader], int]:
    """The columns of headers of which the words say too little: a second row is known by where its cells stand."""
    cells = row.filled
    subs: list[tuple[PlacedCell, PlacedCell]] = []
    for sub in following.filled:
        over = next((s for s in cells if s.x0 - EDGE <= sub.x0 and sub.x1 <= s.reach + EDGE), None)
        if over is None:
            subs = []
            break
        subs.append((sub, over))
    own = [(sub, over) for sub, over in subs if sub.key != over.key]
    overs = {id(over) for _, over in own}
    divides = bool(own) and len(overs) < len(own)
    reaching = any(above is s for above in following.above for s in cells)
    values = set() if reaching and divides else {"unit_alone", "sign_alone", "verdict"}
    plain = all(
        len(sub.text) <= 16 and not any(c.isdigit() for c in sub.text) and not sub.words.is_level
        and _HEADER.fullmatch(sub.text) and not values & set(look(sub.text).classes)
        for sub, _ in own
    )  # fmt: skip
    first = id(cells[0]) in overs or (len(cells) > 1 and id(cells[1]) in overs and not reaching)
    second = bool(own) and plain and divides and (reaching or not first) and len(own) < len(cells) + 4
    headers: list[ColumnHeader] = []
    alike = same_below_strangers([(sub, sub.sub_header, over) for sub, over in own])
    for over in cells:
        under = [sub for sub, above in own if above is over] if second else []
        if under:
            for sub in under:
                name = "" if id(sub) in alike else sub.sub_header or ""
                headers.append(ColumnHeader(name, sub.x0, min(sub.reach, over.reach), sub, (over.text, sub.text)))
        else:
            headers.append(ColumnHeader(over.header or "", over.x0, over.reach, over, (over.text,)))
    return headers, 2 if second else 1


def _gather(table: Table, rows: list[Row], n: int, taken: int, most: int) -> int:
    """Put the cells below headers into their columns, `most` rows; returns the number of the row that ends them."""
    begin, first = n + taken, rows[n]
    section = _section(first, rows[begin] if begin < len(rows) else None)
    headers = [column.header for column in table.columns]
    keys = [slot.key for slot in first.filled]
    end, lines = begin, 0
    spans: dict[int, PlacedCell] = {}
    while end < len(rows) and table.rows < most:
        row = rows[end]
        if not row.ruled:
            lines += 1
            if lines > _LINES or (row.filled[0].words.is_title and len(row.filled) == 1):
                break
            end += 1
            continue
        if row.grid != first.grid and row.first and not _goes_on(row, first):
            break
        if _is_again(row, keys):
            headers = _again(table, row, rows[end + 1] if taken > 1 and end + 1 < len(rows) else None)
            end += taken
            continue
        if _ends(row, table, headers) or (section is not None and row.grid == first.grid and section not in row.above):
            break
        lines = 0
        _take(table, headers, row, spans)
        end += 1
    for number, slot in table.total.items():
        table.columns[number].content.total = slot.text
    _drop_section(table)
    return end


def _section(first: Row, below: Row | None) -> PlacedCell | None:
    """The name of the section left of the headers, where it is merged with the rows below: they are its own."""
    cells = [s for s in (*first.above, *first.filled) if s.text]
    left = min(cells, key=lambda s: s.x0)
    return left if below is not None and left in below.above else None


def _is_again(row: Row, keys: list[str]) -> bool:
    """Whether a row prints the headers again; the name of the section beside them may be another one."""
    own = [slot.key for slot in row.filled]
    return own == keys or (len(keys) > _FEWEST_COLUMNS and own[-len(keys) + 1 :] == keys[1:])


def _goes_on(row: Row, first: Row) -> bool:
    """Whether a further grid may hold more rows of the same table: on a later page, between the same edges."""
    if row.page is None or first.page is None or row.page == first.page:
        return False
    here, there = _Extent(row), _Extent(first)
    return same_extent(here, there, FRAGMENT * 2)


class _Extent:
    def __init__(self, row: Row) -> None:
        cells = [*row.slots, *row.above]
        self.x0, self.x1 = min(s.x0 for s in cells), max(s.x1 for s in cells)


def _again(table: Table, row: Row, following: Row | None) -> list[ColumnHeader]:
    """The columns where their headers are printed again, perhaps elsewhere on the page."""
    texts = {c.header.slot.key: c for c in table.columns}
    cells = [*row.filled, *(following.filled if following is not None else [])]
    headers: list[ColumnHeader] = []
    for column in table.columns:
        cell = next((s for s in cells if texts.get(s.key) is column), None)
        if cell is None and column is table.columns[0]:  # the name of the section, another one here
            cell = row.filled[0]
        elif cell is None:
            return [c.header for c in table.columns]
        column.copies.append(cell)
        headers.append(ColumnHeader(column.header.name, cell.x0, cell.reach, cell, column.header.path))
    return headers


def _ends(row: Row, table: Table, headers: list[ColumnHeader]) -> bool:
    first = row.filled[0]
    words = first.words
    begins = first.x0 <= headers[0].x0 + EDGE  # what stands further right may be a level of the same word
    ends = words.group in _ENDS and not words.is_level and len(row.filled) <= 3 and (begins or len(row.filled) < 3)
    if words.is_note or words.is_title or ends:
        return True
    if words.pairs and first.x0 <= headers[0].x0 + EDGE:
        return True
    if any(slot.words.is_total for slot in row.filled[:3]):
        for slot in row.filled:
            if (header := column_of(slot, headers)) is not None:
                table.total[headers.index(header)] = slot
        return True
    if column_headers_from(row, None) is not None:
        return True
    return sum(bool(s.words.measure) for s in row.filled) >= 2 and all(points(s.text) is None for s in row.filled)


def _take(table: Table, headers: list[ColumnHeader], row: Row, spans: dict[int, PlacedCell]) -> None:
    """Put one row into the columns; a cell over several of them, or alone in its row, is none of theirs."""
    under: dict[int, PlacedCell] = {}
    row = row_under(row, lambda slot: column_of(slot, headers))
    for slot in row.filled:
        if sum(covers(slot, c) for c in headers) >= 3:
            continue
        header = column_of(slot, headers)
        if header is not None:
            under.setdefault(headers.index(header), slot)
    if not under or (len(row.filled) == 1 and not row.filled[0].words.like_level and 0 in under):
        return
    above = [s for s in row.above if s.text]
    if _is_unfilled(under, table):
        return
    table.rows += 1
    for number, column in enumerate(table.columns):
        own = under.get(number)
        text, begun = "", False
        if own is not None:
            before = spans.get(number)
            merged = own.origin is not None and before is not None and own.first is before.first
            text, begun = own.text, not (merged and points(own.text) is None)
            spans[number] = own
        else:
            over = next((s for s in above if covers(s, headers[number])), None)
            text = over.text if over is not None and sum(covers(over, c) for c in headers) < 3 else ""
        column.content.texts.append(text)
        column.content.begun.append(begun)


def _is_unfilled(under: dict[int, PlacedCell], table: Table) -> bool:
    """Whether a row prints dashes and what stood above already, or levels: a place of the template left empty."""
    anew = [
        slot
        for number, slot in under.items()
        if not slot.words.is_level and slot.text != next(iter(table.columns[number].content.texts[-1:]), "")
    ]
    begin = min(under, default=0)
    rest = [slot for number, slot in under.items() if number > begin and not under[begin].words.is_level]
    if rest and all(slot.words.is_residue and points(slot.text) is None for slot in rest):  # 其他 | 指标1：
        return True
    return bool(anew) and all(is_blank(slot.text) for slot in anew)


def _drop_section(table: Table) -> None:
    """Leave out a first column without a known header and without texts of its own: the name of the section."""
    first = table.columns[0]
    own = {look(t).bare for t, begun in zip(first.content.texts, first.content.begun, strict=True) if begun}
    names = {look(slot.text).bare for slot in (first.header.slot, *first.copies)}
    if first.named is None and not own - names and len(table.columns) > 1:
        del table.columns[0]
        table.total = {n - 1: slot for n, slot in table.total.items() if n}
