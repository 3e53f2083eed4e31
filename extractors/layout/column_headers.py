"""The headers of an indicator table: one row or two, one list or two side by side.

Here: which column of the indicator table a header names, and how far it reaches. Not here: the rows below them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from extractors.grid.columns import EDGE, Columns, column_of, covers, is_left_of, is_within, same_edge
from extractors.layout.merged import cells_under
from extractors.layout.rows import IN_DOUBT, ColumnReading, PlacedCell, Row
from extractors.vocabulary import bare_text, columns_of, indicator_columns, of_other_years

LEVEL_WEIGHT = "level_weight"
"""The field of a column of points between level 1 and level 2, until the rows show whose points they are."""
LONG_TERM, ANNUAL = "long_term", "annual"
_LONG = re.compile(r"长期|中期|实施期|实施周期|规划期|三年")
LEVELS = frozenset(columns_of("level", "name"))
_TARGETS = {*columns_of("value", "points"), "operator", IN_DOUBT}
_ONCE = columns_of("level", "name", "value", "points")
"""Columns of which a list has one; the parts of values stand beside each value, a reason may have two."""
_AIMS = ("target_midterm_text", "target_text")
"""Either is the target of its list where two lists stand side by side."""
_PLANNED = re.compile("目标|计划|预期|标准|设定|年初")
_PART_OF_YEAR = re.compile(
    r"(?:第?[一二三四1-4]季度?|\d{1,2}(?:月?[-—–~至]\d{1,2})?月|1至7月|[上下]半年|前[一二三]季度).{0,6}"
)
_WHOLE_YEAR = re.compile("全年|年度|累计|合计|总计|年末|年底")
_SUB_HEADER = re.compile(r"[^\d%≥≤<>=＝]{1,12}")
_MAY_COME_TWICE = {"target_text", "level2", "level3", None}
"""Headers that may stand side by side twice (the mid-term value before the annual one); others are copies."""


@dataclass(slots=True, eq=False)
class ColumnHeader:
    """A column of the table: its field ("note": unknown), its extent, its header, the texts of all header rows."""

    name: str
    x0: float
    x1: float
    slot: PlacedCell
    path: tuple[str, ...] = ()

    @property
    def both(self) -> tuple[str, ...]:
        """The fields of a column whose cells hold two values: 目标值/完成值; empty where they hold one."""
        return both if (both := self.slot.words.both) and both[0] == self.name else ()


Block = tuple[str, list[ColumnHeader]]
"""A list of indicators: its horizon and its headers."""


@dataclass(slots=True, eq=False)
class ColumnHeaders:
    """The headers of a table: its lists, the label of the section beside them, the rows they take, unknown ones.

    `unknown`: those of which nothing is known, `by_content`: those that the cells below them say, or leave in doubt.
    `over`: the header above a cell, one answer for the roles of cells and the sections. `by_year`: which of them are
    last year's depends on the year of the form.
    """

    blocks: list[Block]
    section: PlacedCell | None
    rows: int
    unknown: list[PlacedCell]
    by_content: list[PlacedCell]
    by_year: bool
    columns: list[ColumnHeader] = field(init=False)
    over: Callable[[PlacedCell], ColumnHeader | None] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = [header for _, headers in self.blocks for header in headers]
        self.over = Columns(self.columns).over

    def has(self, name: str) -> bool:
        """Whether a column stands in the table."""
        return any(c.name == name or name in c.both for c in self.columns)


def is_header_row(names: list[str | None]) -> bool:
    """Whether headers make an indicator table: a name column and a column of targets, results or points."""
    has_name = "level3" in names or ("level2" in names and "level1" in names)
    return has_name and bool(_TARGETS & set(names))


def is_wide(headers: list[ColumnHeader], slot: PlacedCell, header: ColumnHeader) -> bool:
    """Whether a cell reaches over several headers: a note or a merged remark, not a value of one column."""
    if slot.x0 >= header.x0 and slot.x1 <= header.x1:
        return False
    return sum(covers(slot, c) for c in headers) >= 3


def column_headers_from(row: Row, following: Row | None, own_year: int | None = None) -> ColumnHeaders | None:
    """The headers that begin at a row, or None when it is no header row of indicators; `own_year`: of the form.

    Headers may stand in two rows (指标值 over 年度 and 调整后); the second then fills the extents of the first.
    """
    named = [(s, s.header) for s in row.filled]
    if following is not None and (lone := _lone_name(named, following)) is not None:
        named = [(s, "level3" if s is lone else n) for s, n in named]
    own = {n for _, n in named if n}
    if len(own) < 2 or not (own & LEVELS or (following is not None and _levels_below(row, following))):
        return None
    parents = _parents(row, named, following)
    second = _second_row(row, following, parents) if following else []
    if not is_header_row([n for _, n in named] + [n for _, n, _ in second]):
        return None
    headers: list[ColumnHeader] = []
    section: PlacedCell | None = None
    alike = same_below_strangers([(sub, name, parents[parent].slot) for sub, name, parent in second])
    for position, over in enumerate(parents):
        under = [(s, n) for s, n, parent in second if parent == position]
        if position == 0 and not under and following is not None and _is_section(over, parents, following):
            over.name = ""
        periods = _periods(over.slot, [sub for sub, _ in under]) | _of_period(
            over.slot, [sub for sub, _ in under], parents
        )
        for sub, name in under:
            headers.append(
                ColumnHeader(
                    periods.get(id(sub)) or ("" if id(sub) in alike else _staged(name, over.slot)) or "",
                    sub.x0,
                    min(sub.reach, over.x1),
                    sub,
                    (*over.path, sub.text),
                )
            )
        if not under and not over.name and position == 0:
            section = over.slot
        elif not under:
            headers.append(over)
    _settle_split_values(headers)
    if not any(name == "target_text" for _, name, _ in second):
        _settle_result(headers)
    if not second and following is not None:
        headers = _divided_levels(headers, following)
        _settle_levels(headers, following)
    unknown = [header.slot for header in headers if not header.name]
    by_content = [header.slot for header in headers if _is_by_content(header)]
    others = of_other_years([header.slot.text for header in headers], own_year)
    for n, header in enumerate(headers):
        if n in others or header.name in {"", IN_DOUBT}:
            header.name = "note"
    if section is None and row.above:
        section = next((s for s in row.above if is_left_of(s, headers[0].x0)), None)
    return ColumnHeaders(_blocks(headers, section), section, 2 if second else 1, unknown, by_content, bool(others))


def same_below_strangers(subs: list[tuple[PlacedCell, str | None, PlacedCell]]) -> set[int]:
    """The ids of cells of a second row that name one value below several headers of which nobody knows what they say.

    年初计划 over 关系 | 数值, 年终实绩 over 数值: the cells below must tell. `subs`: each with its column and the
    header above it.
    """
    values = columns_of("value")
    strange = [(s, over) for s, name, over in subs if name in values and over.header is None and s.column is None]
    return {
        id(s)
        for s, over in strange
        if any(s.key == other.key and over is not above and over.key != above.key for other, above in strange)
    }


def _lone_name(named: list[tuple[PlacedCell, str | None]], following: Row) -> PlacedCell | None:
    """The header 指标, else that of level 1, where no other is of names, and no level but a name stands below it."""
    levels = [s for s, name in named if name in LEVELS]
    if len(levels) != 1 or levels[0].header != "level1" or not {"target_text", "actual_text"} <= {n for _, n in named}:
        return None
    below = next((s for s in following.filled if is_within(s, _reaching(levels[0]))), None)
    is_level = below is not None and below.words.is_level and len(following.filled) > 1
    return levels[0] if below is not None and not is_level and not below.words.sub_header else None


def _levels_below(row: Row, following: Row) -> bool:
    """Whether the second row has the names of the levels under one header of no column (绩效指标).

    Its other cells stand under other headers of the first, which are no figures.
    """
    levels = [s for s in following.filled if s.sub_header in LEVELS]
    if len(levels) < 2:
        return False
    over = next((s for s in row.filled if is_within(levels[0], _reaching(s))), None)
    if over is None or not all(is_within(s, _reaching(over)) for s in levels):
        return False
    if over.header is not None or not _SUB_HEADER.fullmatch(over.key or ""):
        return False
    copies = _copies(row, following)
    heads = [_reaching(s) for s in row.filled if _SUB_HEADER.fullmatch(s.key or "")]
    return all(any(is_within(s, head) for head in heads) for s in following.filled if s not in copies)


def _reaching(slot: PlacedCell) -> ColumnHeader:
    return ColumnHeader("", slot.x0, slot.reach, slot)


def _is_section(first: ColumnHeader, headers: list[ColumnHeader], following: Row) -> bool:
    """Whether the first header is the name of the list beside it: of a value, left of the levels, nothing below it.

    中长期绩效指标 | 一级指标 | …; not 绩效目标 | 一级指标 | …, under which each project has its own.
    """
    if first.name not in columns_of("value") or len(headers) < 2 or headers[1].name not in LEVELS:
        return False
    below = [s for s in following.filled if is_within(s, first)]
    return all(s.first is first.slot.first for s in below)


def _is_by_content(header: ColumnHeader) -> bool:
    """Whether the cells below a header say what it is, or leave it in doubt, and not its words."""
    words, read = header.slot.words, header.slot.column
    return read is not None and (read.against or not (words.sub_header if len(header.path) > 1 else words.header))


def _parents(row: Row, named: list[tuple[PlacedCell, str | None]], following: Row | None) -> list[ColumnHeader]:
    """The headers of the first row with their extents; copies of one merged header are one.

    Two targets, levels or unknown headers side by side are one where the row below them prints one cell, too.
    """
    copied = following is None or _copies(row, following) != []
    parents: list[ColumnHeader] = []
    for slot, name in named:
        cells = [slot]
        if not copied and following is not None and name in _MAY_COME_TWICE:
            cells = cells_under(cells, lambda s: next((b for b in following.filled if is_within(s, b)), s))
        for cell in cells:
            own = cell.header if cell.column is not None else name
            parents.append(ColumnHeader(own or "", cell.x0, cell.reach, cell, (cell.text,)))
    return parents


def _copies(row: Row, following: Row) -> list[PlacedCell]:
    """The cells of the second row that only repeat the header above them, as exports of merged cells do.

    A header merged over several columns and both rows is repeated in all of them; where other headers stand below
    it, an equal one is a header of its own (年度指标值 over 符号 | 年度指标值 | 单位).
    """
    copies: list[PlacedCell] = []
    for slot in row.filled:
        below = [s for s in following.filled if slot.x0 - EDGE <= s.x0 and s.x1 <= slot.reach + EDGE]
        if all(s.key == slot.key for s in below):
            copies += below
    return copies


def _second_row(row: Row, following: Row, parents: list[ColumnHeader]) -> list[tuple[PlacedCell, str | None, int]]:
    """(cell, column, number of the header above it) for each cell of a second header row; empty when it is none.

    A second row is known by its place: cells of the first row reach into it, or it leaves the columns of the names
    empty and divides one header. Where neither shows, every cell of it must be a known header.
    """
    copies = {id(s) for s in _copies(row, following)}
    subs = [s for s in following.filled if id(s) not in copies]
    found: list[tuple[PlacedCell, str | None, int]] = []

    def parent_of(sub: PlacedCell) -> int | None:
        return next((n for n, over in enumerate(parents) if is_within(sub, over)), None)

    for sub in cells_under(subs, parent_of):
        if not _SUB_HEADER.fullmatch(sub.key or "") or sub.words.section == sub.text:
            return []
        if (parent := parent_of(sub)) is None:
            return []
        name = sub.sub_header
        found.append((sub, name, parent))
    if not found:
        return []
    reaching = bool(copies) or any(a is s for a in following.above for s in row.filled)
    levels = {n for _, name, n in found if name in LEVELS and parents[n].name in LEVELS}
    levels = {n for n in levels if sum(over == n for _, _, over in found) > 1}  # 指标分类 over 一级 | 二级
    on_names = any(parents[n].name in LEVELS and same_edge(s.x0, parents[n].x0) for s, _, n in found if n not in levels)
    divides = len({n for _, _, n in found}) < len(found)
    if reaching and not on_names:
        return found
    named = any(name for _, name, _ in found)
    if divides and not on_names and (named or _periods(parents[found[0][2]].slot, [s for s, _, _ in found])):
        return found
    first = parents[0].slot.key
    return found if all(name for s, name, _ in found if s.key != first) else []


def _periods(over: PlacedCell, subs: list[PlacedCell]) -> dict[int, str]:
    """The columns of parts of the year beside the whole, by the cell's id: the value is that of the whole.

    完成情况 over 一季度, 二季度, …, 全年累计; empty where they are anything else.
    """
    value = over.header
    parts = [s for s in subs if _PART_OF_YEAR.fullmatch(s.key)]
    whole = [s for s in subs if s not in parts]
    if value not in columns_of("value") or not parts or len(whole) != 1 or not _WHOLE_YEAR.search(whole[0].key):
        return {}
    return {id(s): "note" for s in parts} | {id(whole[0]): value}


def _of_period(over: PlacedCell, subs: list[PlacedCell], parents: list[ColumnHeader]) -> dict[int, str]:
    """The columns below a part of the year or the whole (上半年, 下半年, 全年 over 计划 | 完成), by the cell's id.

    The values are those of the whole; those of parts alone are in doubt. Empty where no header is such a part.
    """
    parts = [header.slot for header in parents if _PART_OF_YEAR.fullmatch(header.slot.key)]
    named = {id(s): name for s in subs if (name := s.words.sub_header) is not None}
    if not parts or not named:
        return {}
    if over not in parts:
        return named if _WHOLE_YEAR.search(over.key) else {}
    if any(_WHOLE_YEAR.search(header.slot.key) for header in parents):
        return {id(s): "note" for s in subs}
    for cell in (cell for s in subs for cell in (s, *s.parts)):
        column = indicator_columns().get(named.get(id(cell), ""))
        cell.column = ColumnReading(IN_DOUBT, (column.label_zh,) if column is not None else (), against=True)
    return {id(s): IN_DOUBT for s in subs}


def _staged(name: str | None, over: PlacedCell) -> str | None:
    """The field of a sub-header, with what the header above it says (年度指标值 over 性质, 值, 单位)."""
    above = over.header
    if above == "note":  # 财政复核 over 得分, 扣分原因
        return "note"
    if name == "target_text" and above in columns_of("value"):  # 实际完成值 over 数值, 单位
        return above
    if name == "target_text" and _LONG.search(over.key):
        return "target_midterm_text"
    if name == "target_text" and ("实际" in over.key or "完成" in over.key):
        return "actual_text"
    return name


_LEVELS_IN_ORDER = ("level1", "level2", "level3")


def _divided_levels(headers: list[ColumnHeader], first: Row) -> list[ColumnHeader]:
    """The headers, one of levels that is merged over columns of several cut as the first row below shows it.

    指标分类 over 产出指标 | 数量指标 heads level 1 and level 2, 指标名称 over 产出指标 | 数量指标 | 供餐人数 all three.
    """
    names = {header.name for header in headers}
    found: list[ColumnHeader] = []
    for header in headers:
        below = [s for s in first.filled if is_within(s, header)] if header.name in LEVELS else []
        at = _LEVELS_IN_ORDER.index(header.name) if below else 0
        begin = max(at + 1 - len(below), 0) if header.name == "level3" else at
        own = _LEVELS_IN_ORDER[begin:][: len(below)]
        are_levels = (
            name == "level3" or s.words.is_level or (name == "level2" and s.words.like_level)
            for name, s in zip(own, below, strict=False)
        )  # fmt: skip
        if not 1 < len({s.key for s in below}) == len(own) or (names - {header.name}) & {*own} or not all(are_levels):
            found.append(header)
            continue
        edges = [header.x0, *(s.x0 for s in below[1:]), header.x1]
        found += [
            ColumnHeader(name, x0, x1, header.slot, header.path)
            for name, (x0, x1) in zip(own, pairwise(edges), strict=True)
        ]
    return found


def _settle_levels(headers: list[ColumnHeader], first: Row) -> None:
    """Name the columns of a table that leaves level 1 out, by what stands below them in its first row.

    Where 数量指标 stands under 一级指标 and the name of an indicator in the next column, they are level 2 and level 3.
    """
    levels = [header for header in headers if header.name in LEVELS]
    if [header.name for header in levels] not in (["level1", "level2"], ["level1", "level3"]):
        return
    below = [next((s for s in first.filled if column_of(s, headers) is header), None) for header in levels]
    if below[0] is not None and below[1] is not None and below[0].words.is_level2 and not below[1].words.is_level:
        levels[0].name, levels[1].name = "level2", "level3"


def _settle_split_values(headers: list[ColumnHeader]) -> None:
    """Name what stands behind an operator: its value (运算符号 | 内容 | 单位), the target's first, then the result's.

    The operator and the unit of a result are parts of the result.
    """
    names = [header.name for header in headers]
    first = names.index("level3") if "level3" in names else -1
    operators = [n for n, header in enumerate(headers[:-1]) if header.name == "operator"]
    for n, name in zip(operators, ("target_text", "actual_text"), strict=False):
        value = headers[n + 1]
        if name not in names and value.name in {"", "level3"} and n + 1 != first:
            value.name = name
        if name == value.name == "actual_text":
            headers[n].name = "actual_operator"
            after = headers[n + 2] if n + 2 < len(headers) else None
            if after is not None and after.name == "unit_text":
                after.name = "actual_unit"


def _settle_result(headers: list[ColumnHeader]) -> None:
    """Name the result of a table of scores that has two targets and no result: what is planned stands before it.

    目标值（标准） | 指标值 | 得分; where the words of both, or of none, say that it is planned, neither is taken.
    Not for headers below one of theirs (绩效指标值: 年度 | 全年), which a page break may have cut.
    """
    names = [header.name for header in headers]
    if "score" not in names or names.count("target_text") != 2 or {"actual_text", "level3"} & set(names) != {"level3"}:
        return
    first, second = (header for header in headers if header.name == "target_text")
    if first.slot.key == second.slot.key or names.count("level3") != 1:
        return
    planned = [bool(_PLANNED.search(bare_text(header.slot.text))) for header in (first, second)]
    if planned == [True, False]:
        second.name = "actual_text"
    elif planned[0] == planned[1]:
        target, result = (indicator_columns()[name].label_zh for name in ("target_text", "actual_text"))
        for header in (first, second):
            header.name = IN_DOUBT
            for cell in (header.slot, *header.slot.parts):
                cell.column = ColumnReading(IN_DOUBT, (target,), result, against=True)


def _blocks(headers: list[ColumnHeader], section: PlacedCell | None) -> list[Block]:
    """The side-by-side lists of a table: one, or a long-term and an annual one when the name column comes twice."""
    horizon = LONG_TERM if section is not None and _LONG.search(section.key) else ANNUAL
    name = "level3" if any(c.name == "level3" for c in headers) else "level2"
    starts = [n for n, c in enumerate(headers) if c.name == name]
    levels = next((n for n, c in enumerate(headers) if c.name in LEVELS), 0)
    if any(c.name == "target_text" for c in headers[levels:]):
        for header in headers[:levels]:  # 年度目标 left of the indicators is the goal of a project
            if header.name == "target_text":
                header.name = "note"
    targets = [c for c in headers if c.name == "target_text"]
    if len(starts) >= 2:
        cut = starts[1]
        before = {c.name for c in headers[: starts[0]]}
        while cut > 0 and headers[cut - 1].name in {*columns_of("level")} & before:
            cut -= 1
        lists = headers[:cut], headers[cut:]
        aims = [[c for c in own if c.name in _AIMS] for own in lists]
        if all(aims):
            horizons = (LONG_TERM, ANNUAL)
            if [c.name for c in aims[0]] == ["target_text"] and aims[1][0].name != "target_text":  # 年度目标 | 长期目标
                horizons = (ANNUAL, LONG_TERM)
            for own in aims:
                if len(own) == 1:
                    own[0].name = "target_text"
            return list(zip(horizons, lists, strict=True))
    if len(targets) >= 2:  # the same header twice in one list: the mid-term value stands before the annual one
        targets[0].name = "target_midterm_text"
    _points_of_levels(headers)
    for name in _ONCE:  # a copy of a merged header
        same = [c for c in headers if c.name == name]
        for extra in same[1:]:
            if name == "level3" and len(same) == 2 and not any(c.name == "level2" for c in headers):
                same[0].name = "level2"
                break
            extra.name = name if extra.slot.key == same[0].slot.key else "note"
    return [(horizon, headers)]


def _points_of_levels(headers: list[ColumnHeader]) -> None:
    """Where 权重 comes after each level, the first is the points of level 1 and the last the indicator's weight.

    Whose a single one between the levels 1 and 2 is, the rows will show.
    """
    weights = [n for n, c in enumerate(headers) if c.name == "weight"]
    if len(weights) == 1 and [c.name for c in headers[max(0, weights[0] - 1) :][:3:2]] == ["level1", "level2"]:
        headers[weights[0]].name = LEVEL_WEIGHT
    if len(weights) < 2:
        return
    for n in weights:
        before = headers[n - 1].name if n else ""
        if before == "level1":
            headers[n].name = "level1_points"
        elif before == "level2":
            headers[n].name = "note"
