"""Lists that print a project in each row, with its money and how it was judged: each project is a form of its own.

Here: which rows are such a list, and each of them turned into labelled values and a row of money. Not here: lists of
the indicators of projects (flat_lists), where a list begins and ends (boundaries), reading the forms (form).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from extractors.grid.columns import column_of, covers, is_within
from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import ColumnHeader, is_header_row
from extractors.layout.listed_project import NAME, ListedProject, pair
from extractors.layout.merged import row_under
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import points
from extractors.vocabulary import Role, measures_of, owners

_SCORE: Role = ("measure", "score")
_TOTAL: Role = ("header", "total_score")
JUDGED: set[Role] = {_TOTAL, ("header", "grade"), _SCORE}
"""What a list of projects that were evaluated has beside names and money, unlike those of budgets."""
_ENDS = {"header", "goal", "amount", "sentence", "indicator"}
"""Groups of labels that stand in another part of a form."""
_AMOUNTS = {*measures_of("budget", "money")}
_FEWEST_COLUMNS = 3
_MOST_OF_EXECUTION = 20
"""More points than these are no points of the execution of a budget."""
_SERIAL, _NAMES = "序号", "名称"
_SUM = re.compile(r".{0,8}(?:合计|总计|小计)")


@dataclass(slots=True, eq=False)
class _Column:
    """A column of the list: its header, the header over it, and what it names."""

    header: PlacedCell
    over: PlacedCell
    x0: float
    x1: float

    @property
    def role(self) -> Role | None:
        return self.header.words.role

    @property
    def is_money(self) -> bool:
        """Whether it holds figures of the money and nothing of the head."""
        return self.header.words.measure is not None and (self.role is None or self.role[0] != "header")


@dataclass(slots=True)
class _List:
    """A list: its columns, and the rows of each project with what reaches into them."""

    begin: int
    columns: list[_Column]
    projects: list[list[Row]]
    aside: list[Row]


def is_list_of_judged(rows: list[Row]) -> bool:
    """Whether the rows are such a list, perhaps below lines of a heading."""
    return _read(rows) is not None


def judged_projects(piece: list[Row], elsewhere: set[str]) -> list[ListedProject]:
    """Each project of the list but those named `elsewhere`; none where the piece is no such list.

    A project has the rows above the list, a row for each column (its header, its value), then the headers of the money
    and the amounts. What nobody can give to one project (sums, notes) is kept aside by the last.
    """
    found = _read(piece)
    if found is None:
        return []
    name = next(column for column in found.columns if column.role == NAME)
    own = [rows for rows in found.projects if _cells(name, rows, found.columns)[0][0].words.bare not in elsewhere]
    projects = [_project(found, piece[: found.begin], rows) for rows in own]
    for row in found.aside if projects else ():
        projects[-1].rest.append(replace(row, slots=row.slots))
        projects[-1].rest[-1].aside = True
    return projects


def _read(piece: list[Row]) -> _List | None:
    for n, row in enumerate(piece):
        if len(row.filled) < _FEWEST_COLUMNS or not any(_names_projects(slot) for slot in row.filled):
            continue
        following = next((k for k in range(n + 1, len(piece)) if piece[k].filled), None)
        if following is None or (found := _columns(row, piece[following])) is None:
            continue
        columns, heads = found
        below = piece[n + 1 :] if len(heads) == 1 else piece[following + 1 :]
        return _projects(n, columns, below, heads)
    return None


def _columns(row: Row, following: Row) -> tuple[list[_Column], list[Row]] | None:
    """The columns and the rows of headers; None where the row heads no such list."""
    heads = row.filled
    if any(s.words.is_figure or s.words.pairs for s in heads):
        return None
    second = following if _is_second(row, following) else None
    columns: list[_Column] = []
    for over in heads:
        extent = ColumnHeader("", over.x0, over.reach, over)
        under = [s for s in second.filled if is_within(s, extent) and s.key != over.key] if second is not None else []
        columns += (_Column(_named(over, sub), over, sub.x0, min(sub.reach, over.reach)) for sub in under)
        if not under:
            columns.append(_Column(_of_figures(over), over, over.x0, over.reach))
    roles = {column.role for column in columns}
    if NAME not in roles and roles & owners():
        name = next((c for c in columns if _names_projects(c.header)), None)
        if name is not None:
            name.header = replace(name.header, text=name.header.text + _NAMES, parts=())
    money = [c for c in columns if c.is_money and c.header.words.measure in _AMOUNTS]
    if [c.role for c in columns].count(NAME) != 1 or not JUDGED & roles or not money:
        return None
    if is_header_row([c.header.header for c in columns]):
        return None
    return columns, [row] if second is None else [row, second]


def _names_projects(slot: PlacedCell) -> bool:
    """Whether a header is that of the names of projects, or would be with 名称 behind it: 支出项目."""
    return NAME in (slot.words.role, words_of(slot.key + _NAMES).role)


def _is_second(row: Row, following: Row) -> bool:
    """Whether the next row divides headers: it has no figure, and leaves out the name or repeats it."""
    name = next(s for s in row.filled if _names_projects(s))
    below = [s for s in following.filled if s.x0 < name.reach and s.x1 > name.x0]
    if any(s.words.is_figure for s in following.filled) or any(s.key != name.key for s in below):
        return False
    return len(following.filled) > 1


def _of_figures(header: PlacedCell) -> PlacedCell:
    """A header with 数 behind it, where only so it names a measure: 支出."""
    words = header.words
    if words.measure is not None or words.measure_of_figures is None:
        return header
    return replace(header, text=header.key + "数", parts=())


def _named(over: PlacedCell, sub: PlacedCell) -> PlacedCell:
    """A header of the second row, with the words of the one over it where only both name a measure."""
    if sub.words.measure is None and sub.words.role is None:
        for text in (sub.text + over.text, over.text + sub.text):
            if words_of(text).measure is not None:
                return replace(sub, text=text, parts=())
    return sub


def _projects(begin: int, columns: list[_Column], below: list[Row], heads: list[Row]) -> _List | None:
    name = next(c for c in columns if c.role == NAME)
    weak = name.header.text != name.header.cell.text
    found = _List(begin, columns, [], [])
    keys = [[s.key for s in row.filled] for row in heads]
    for row in (row_under(row, lambda slot: column_of(slot, columns)) for row in below):
        if not row.filled or [s.key for s in row.filled] in keys:
            continue
        own = next((s for s in row.filled if column_of(s, columns) is name), None)
        merged = any(s.text and covers(s, name) for s in row.above)
        if not row.ruled or len(row.filled) == 1 or _is_sum(row):
            found.aside.append(row)
        elif any(s.words.group in _ENDS for s in row.filled if s is not own) or (weak and own and own.words.source):
            return None
        elif own is not None and own.origin is None and any(s.words.is_figure for s in row.filled):
            found.projects.append([row])
        elif merged and found.projects:
            found.projects[-1].append(row)
        else:
            found.aside.append(row)
    serial = any(column.header.key == _SERIAL for column in columns)
    return found if len(found.projects) > (0 if serial else 1) else None


def _is_sum(row: Row) -> bool:
    return any(_SUM.fullmatch(slot.words.bare) for slot in row.filled[:3])


def _project(found: _List, head: list[Row], rows: list[Row]) -> ListedProject:
    """The rows of a project's form: its labelled values, its score, its money."""
    cells = {id(c): _cells(c, rows, found.columns) for c in found.columns}
    score = _lone_score(found)
    money = _money([c for c in found.columns if c is not score], cells)
    project = ListedProject(head, [], [])
    for column in found.columns:
        for slot, row in cells[id(column)] if column not in money else ():
            if column is score:
                project.rest.append(Row([column.header.moved(-2)], [], row.grid, row.ruled, row.page))
                project.rest.append(Row([slot.moved(-2)], [], row.grid, row.ruled, row.page))
            else:
                project.pairs.append(pair(column.header, slot, row))
    first = rows[0]
    if money:
        over = [c.over.moved(n) for n, c in enumerate(money)]
        heads = [c.header.moved(n) for n, c in enumerate(money)]
        project.rest.append(Row(heads, over, first.grid, first.ruled, first.page))
    for row in rows:
        own = [s.moved(n) for n, c in enumerate(money) for s, of in cells[id(c)] if of is row]
        if own:
            project.rest.append(Row(own, [], row.grid, row.ruled, row.page))
    return project


def _cells(column: _Column, rows: list[Row], columns: list[_Column]) -> list[tuple[PlacedCell, Row]]:
    """The cells of a project in a column, each with its row; one merged with those of other projects is its, too."""
    own = [(s, row) for row in rows for s in row.filled if column_of(s, columns) is column]
    over = [(s, rows[0]) for s in rows[0].above if s.text and covers(s, column)]
    return own or over[:1]


def _money(columns: list[_Column], cells: dict[int, list[tuple[PlacedCell, Row]]]) -> list[_Column]:
    """The columns of the money, with those beside them whose headers nobody knows, over figures."""
    found: list[_Column] = []
    for n, column in enumerate(columns):
        figures = bool(cells[id(column)]) and all(s.words.is_figure for s, _ in cells[id(column)])
        unknown = column.role is None and column.header.words.measure is None and column.header.key != _SERIAL
        if column.is_money or (unknown and figures and any(c.is_money for c in columns[max(n - 1, 0) : n + 2])):
            found.append(column)
    return found


def _lone_score(found: _List) -> _Column | None:
    """The column 得分 that is the projects' own: the only one of scores, and more than the money has."""
    scores = [c for c in found.columns if c.role in {_SCORE, _TOTAL}]
    if len(scores) != 1 or scores[0].role == _TOTAL:
        return None
    cells = [s for rows in found.projects for s, _ in _cells(scores[0], rows, found.columns)]
    values = [own for s in cells if (own := points(s.text)) is not None]
    return scores[0] if values and max(values) > _MOST_OF_EXECUTION else None
