"""Where a form begins and ends in a document's stream of rows.

Here: titles, anchors and boundaries, by what labels say. Not here: reading a form's cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from extractors.grid.columns import FRAGMENT, same_extent
from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import is_header_row
from extractors.layout.flat_lists import projects_with_indicators
from extractors.layout.listed_project import join
from extractors.layout.project_lists import is_list_of_judged, judged_projects
from extractors.layout.rows import IN_DOUBT, PlacedCell, Row
from extractors.vocabulary import Role, columns_of, owners

_BEFORE_TITLE = re.compile(
    r"^(?:附件|附表|报表编号|附)[\d一二三四五六七八九十\-—_:：.、]*|^表[\d一二三四]+|^\(?20\d\d年?度?\)?$"
)
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]")
_NUMBERS = "一二三四五六七八九十"
_NAME: set[Role] = {("header", "project_name")}
_UNIT: set[Role] = {("header", "department_name_second"), ("header", "unit_name_filing")}
_VALUES = {*columns_of("value", "part"), IN_DOUBT}
"""Headers of what an indicator is to reach or has reached; one in doubt may be of them."""
_LIST_COLUMNS = 3
_SENTENCE = 25
"""Characters from which a line can be a sentence of a report."""
_EVALUATED: set[Role] = {("measure", name) for name in ("executed_yuan", "rate_pct", "weight", "score")}
"""What is printed beside amounts only where their use is told and judged: a plan of payments prints none of it."""
_MONEY_GROUPS = {"measure", "source", "amount"}


def is_title(row: Row) -> bool:
    """Whether a row is the heading of a form: alone in its row, named like a form, no sentence, no line of contents."""
    filled = row.filled
    return len({s.words.bare for s in filled}) == 1 and filled[0].words.is_title


def goes_on(row: Row) -> bool:
    """Whether a row only says that the form above goes on: 续表, or its title with （续）."""
    return len({s.words.bare for s in row.filled}) == 1 and row.filled[0].words.continued is not None


def roles(row: Row) -> dict[tuple[str, str], PlacedCell]:
    """The known labels of a row, each with its first slot; the label part of `label:value` cells too."""
    if row.roles is not None:
        return row.roles
    found = row.roles = {}
    for slot in row.filled:
        if role := slot.words.role:
            found.setdefault(role, slot)
            continue
        for label, _ in slot.words.pairs:
            if role := words_of(label).role:
                found.setdefault(role, slot)
    return found


def is_indicator_header(row: Row) -> bool:
    """Whether a row heads an indicator table: a name column and a target or actual column."""
    return is_header_row([s.header for s in row.filled])


@dataclass(slots=True)
class _TableLook:
    """What segmentation needs to know of one ruled grid: whether it is part of some form, and how wide it is."""

    strong: bool
    lists: bool  # it lists projects row by row
    x0: float
    x1: float


def forms_in(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows of each form of the stream, in order; a project of a list has none where a form of its own names it."""
    pieces = [(piece, is_list_of_judged(piece)) for piece in _named_by_headings(list(_pieces(rows)))]
    pieces = [(piece, listed) for piece, listed in pieces if listed or _is_form(piece)]
    projects = [[] if listed else projects_with_indicators(piece) for piece, listed in pieces]
    own = [
        piece
        for (piece, listed), found in zip(pieces, projects, strict=True)
        if not listed and all(project.has_money for project in found)
    ]
    elsewhere = {slot.words.bare for piece in own for row in piece for slot in row.filled}
    masters = [judged_projects(piece, elsewhere) if listed else [] for piece, listed in pieces]
    taken = join(chain(*masters), list(chain(*projects)))
    for (piece, listed), found, master in zip(pieces, projects, masters, strict=True):
        if listed or found:
            yield from (project.rows for project in (*master, *found) if project not in taken)
        else:
            yield piece


def _pieces(rows: list[Row]) -> Iterator[list[Row]]:
    """The slices of the stream that may hold a form each.

    A form begins at its title, or, where none separates two forms, where the label of the name comes again after the
    body of the form before, or a line between the tables names another unit. It ends before a table that neither
    continues it nor speaks of forms.
    """
    tables = _tables(rows)
    start: int | None = None
    seen: set[Role] = set()
    body = titled = False
    last = -1  # last row that belongs to the current form
    home: _TableLook | None = None  # the table that the form began in
    title = owner = ""
    opening = -1  # where a line that names the unit may begin a form whose first table says little
    for n, row in enumerate(rows):
        if not row.filled:
            continue
        table = tables.get(row.grid)
        if start is not None and body and goes_on(row) and row.filled[0].words.continued in ("", title):
            seen, last = set(), n  # its heading may be printed again
            continue
        if is_title(row):
            if start is not None and not all(map(_is_line, rows[start:n])):
                begin = _back(rows, n, start)
                yield rows[start : min(last + 1, begin)]
                start = None
            if start is None:
                start, seen, body, home = _back(rows, n, last), set(), False, None
            titled, title = True, row.filled[0].words.bare
            last = n
            continue
        if start is not None and body and row.first and table is not None and not _belongs(table, home):
            yield rows[start : last + 1]
            start = None
        if table is None:
            owned = _owner_in_line(row)
            another = owned and owner and owned != owner
            if start is not None and body and another and any(map(is_indicator_header, rows[n:])):
                begin = _numbered_heading(rows, n, start)
                yield rows[start : min(last + 1, begin)]
                start, seen, body, titled, home, last = begin, set(), False, False, None, n
            owner = owned or owner
            if start is None and owned:
                opening = _numbered_heading(rows, n, last)
            if start is not None and home is None and _is_sentence(row):
                start = None  # the title of a report, not of the form that may follow
            elif start is not None and last >= 0 and rows[last].page == row.page and _is_footer(row):
                last = n
            continue
        found = roles(row)
        again = (_NAME & found.keys() & seen) or (
            _UNIT & found.keys() & seen and not row.above and row.filled[0] in found.values()
        )
        foreign = bool(_NAME & found.keys()) and not titled and home is not None and home is not table
        if start is not None and body and (again or foreign):
            begin = _back(rows, n, start)
            yield rows[start : min(last + 1, begin)]
            start, seen, body, titled, home = begin, set(), False, False, None
        if start is None:
            if not table.strong:
                continue
            begin = opening if opening > last else _back(rows, n, last)
            start, seen, body, titled, home = begin, set(), False, False, None
        home = home or table
        seen |= found.keys()
        body = body or is_indicator_header(row) or any(group in _MONEY_GROUPS for group, _ in found)
        last = n
    if start is not None:
        yield rows[start : last + 1]


def _tables(rows: list[Row]) -> dict[int, _TableLook]:
    by_grid: dict[int, list[Row]] = {}
    for row in rows:
        if row.ruled:
            by_grid.setdefault(row.grid, []).append(row)
    tables: dict[int, _TableLook] = {}
    for number, own in by_grid.items():
        slots = [s for row in own for s in row.slots]
        found = [role for row in own for role in roles(row)]
        groups = [group for group, _ in found]
        labels = sum(group in {"header", "attribute"} for group, _ in set(found)) + groups.count("attribute")
        indicators = any(map(is_indicator_header, own))
        strong = indicators or any(map(is_title, own)) or bool(_NAME & set(found)) or labels >= 2 or "goal" in groups
        judged = not indicators and is_list_of_judged(own)
        lists = judged or (not indicators and _lists_projects(own))
        edges = min((s.x0 for s in slots), default=0.0), max((s.x1 for s in slots), default=0.0)
        tables[number] = _TableLook(judged or (strong and not lists), lists, *edges)
    return tables


def _belongs(table: _TableLook, home: _TableLook | None) -> bool:
    """Whether a further table continues a form: it speaks of forms, or has the width of the form's own table."""
    if home is not None and home.lists:
        return table is home or (not table.strong and same_extent(table, home, FRAGMENT))
    return not table.lists and (table.strong or home is None or table is home or same_extent(table, home, FRAGMENT))


def _is_footer(row: Row) -> bool:
    """A line below a form's table that is still the form's: a note, or who filled it in."""
    return row.filled[0].words.is_note or bool(roles(row).keys() & {("attribute", "attribute")})


def _is_line(row: Row) -> bool:
    """Whether a row holds one text at most."""
    return len(row.filled) <= 1


def _back(rows: list[Row], n: int, floor: int) -> int:
    """Take in the heading lines that stand directly before row n (附件, a year in brackets, an unclaimed title).

    Lines alone at the head of its table are its heading, whatever they say.
    """
    k = n
    while k - 1 > floor and rows[n].ruled and rows[k - 1].grid == rows[n].grid:
        k -= 1
    heading = all(_is_line(row) and not (row.filled and row.filled[0].words.is_note) for row in rows[k:n])
    if not heading or not rows[k].first:
        k = n
    while k - 1 > floor and _is_line(rows[k - 1]):
        if rows[k - 1].filled and not (
            is_title(rows[k - 1]) or _BEFORE_TITLE.search(rows[k - 1].filled[0].words.bare) or _labelled(rows[k - 1])
        ):
            break
        k -= 1
    while k < n and not rows[k].filled:
        k += 1
    return k


def _labelled(row: Row) -> bool:
    """Whether a line belongs to the heading of the form below it: it names the unit or the year (填报单位：…)."""
    return not row.ruled and not _is_sentence(row) and any(group == "header" for group, _ in roles(row))


def _owner_in_line(row: Row) -> str:
    """The unit or department that a line outside the tables names: 主管部门：林业局；实施单位：消防大队."""
    if row.ruled or len(row.filled) != 1 or _is_sentence(row):
        return ""
    return next((value for label, value in row.filled[0].words.pairs if words_of(label).role in owners()), "")


def _numbered_heading(rows: list[Row], n: int, floor: int) -> int:
    """The row of a numbered heading directly before row n (二、动物疫病防治), else n."""
    before = next((k for k in range(n - 1, floor, -1) if rows[k].filled), n)
    return before if _is_line(rows[before]) and _NUMBERED.match(rows[before].filled[0].text) else n


def _named_by_headings(pieces: list[list[Row]]) -> list[list[Row]]:
    """The pieces, the numbered heading of each the name of its project, where they count on and no label names one.

    一、森林防火 above the first form, 二、动物防疫 above the second; not 一、基本情况 above a form alone.
    """
    headings = [found for piece in pieces if (found := _NUMBERED.match(piece[0].filled[0].text if piece else ""))]
    counted = [m[0] for m in headings] == [f"{number}、" for number in _NUMBERS[: len(headings)]]
    names = {m.string[m.end() :].strip() for m in headings}
    labelled = any(_NAME & roles(row).keys() for piece in pieces for row in piece)
    if not 1 < len(headings) == len(names) == len(pieces) or not counted or labelled or not all(map(_is_name, names)):
        return pieces
    return [[_name_row(piece[0], m.end()), *piece[1:]] for piece, m in zip(pieces, headings, strict=True)]


def _is_name(text: str) -> bool:
    """Whether a heading may name a project: nothing that the vocabulary knows."""
    return bool(text) and not words_of(text).is_known and words_of(text).section is None


def _name_row(row: Row, begin: int) -> Row:
    """The heading of a form as a label and the name behind its number."""
    slot = row.filled[0]
    pair = [slot.moved(slot.x0, text="项目名称"), slot.moved(slot.x0 + 1, text=slot.text[begin:].strip())]
    return Row(pair, [], row.grid, True, row.page, row.first, row.last)


def _is_sentence(row: Row) -> bool:
    """Whether a line is running text: a whole sentence, and no note."""
    text = row.filled[0].text
    return len(text) > _SENTENCE and "。" in text and not row.filled[0].words.is_note


def _is_form(piece: list[Row]) -> bool:
    """Whether rows are a form: indicators with targets or results, or a project with its money.

    A table of indicators with points alone is the yardstick of an evaluation unless it names its project; a table that
    lists projects row by row has no label below its headers.
    """
    headers = [{s.header for s in r.filled} for r in piece if is_indicator_header(r)]
    if any(names & _VALUES for names in headers):
        return True
    found = set().union(*(roles(r).keys() for r in piece if r.ruled or not r.filled or not _is_sentence(r)))
    named = _NAME & found or any(
        "项目" in slot.key for row in piece for (group, _), slot in roles(row).items() if group == "attribute"
    )
    if headers:
        return bool(owners() & found)
    money = any(group in {"measure", "source", "amount", "sentence"} for group, _ in found)
    spoken_of = any(is_title(r) for r in piece) or any(role[0] == "goal" or role in _EVALUATED for role in found)
    return bool(named) and money and spoken_of and not _lists_projects(piece)


def _is_torn(row: Row, above: Row) -> bool:
    """Whether the last row of a page has no label and cells other than the row above: a page break tore its labels."""
    alike = all(any(same_extent(a, b) for b in above.slots) for a in row.slots)
    return row.page is not None and row.last and not roles(row) and not alike


def _lists_projects(piece: list[Row]) -> bool:
    """Whether the label of the name is a header over rows of projects: no label follows but that of a sum."""
    place = next((n for n, row in enumerate(piece) if _NAME & roles(row).keys()), None)
    headers = [s for s in piece[place].filled if s.key != "序号"] if place is not None else []
    if place is None or sum(s.words.role is not None for s in headers) < 2:
        return False
    if any(s.words.is_figure for s in headers) or len(headers) < _LIST_COLUMNS:
        return False
    rows = [row for row in piece[place + 1 :] if row.ruled and row.filled]
    if len(rows) == 2 and _is_torn(rows[1], rows[0]):
        rows.pop()
    if len(rows) < 2 and not any(s.key == "序号" for s in piece[place].filled):
        return False  # labels over the values of one project
    all_known = all(s.words.role is not None for s in headers)
    below = {
        role
        for row in rows
        for role, slot in roles(row).items()
        if not (all_known and role[0] == "source" and slot is not row.filled[0])  # what stands under 资金来源
    }
    return not any(group != "total" and (group, name) != ("source", "total") for group, name in below)
