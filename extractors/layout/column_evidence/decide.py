"""What becomes of the headers that the vocabulary does not know: a role by the content, or a doubt that is told.

Here: when content is clear enough, what is doubted together, the reasons for people. Not here: the score (roles).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from extractors.layout.column_evidence.content import BESIDE, CELL, SHAPE, Look
from extractors.layout.column_evidence.lies import deny, is_suspect, may_lie
from extractors.layout.column_evidence.roles import (
    OTHER,
    PAIRS,
    ROLES,
    Solution,
    constants,
    read_roles,
    said,
    scores,
    suggested,
)
from extractors.layout.column_evidence.tables import Column, Table, tables_in
from extractors.layout.column_headers import LEVELS, is_header_row
from extractors.layout.rows import IN_DOUBT, ColumnReading, Row
from extractors.vocabulary import bare_text, indicator_columns

SURE, SURE_OF_FEW, FEW = 3.5, 4.5, 7
"""The margin (a logarithm of odds) from which content is clear, and that in a table of fewer rows."""
_TABLE = 2.5
"""The margin from which a name, and a value or points, make a table without known headers one of indicators."""
_JOINED = {"operator", "target_text", "unit_text"}
"""Roles whose texts are joined to one value: in doubt about one, none is taken."""
_SIGN_LIKE = {"sign_alone", "kind", "nothing"}
_MOST_COLUMNS = 20
_REMARKS = (ROLES.index("deviation"), OTHER)
_VALUES = {"target_text": "actual_text", "actual_text": "target_text"}
"""A target and its result, each with the other, whose unit it has."""


def read_columns(rows: list[Row]) -> list[Row]:
    """Let the unknown headers of indicator tables say what they head, by the cells below them; returns the rows."""
    for table in _tables(rows):
        _settle(table)
    return rows


def asked(rows: list[Row]) -> Iterator[tuple[Table, list[tuple[Column, str, float, bool]]]]:
    """The tables that `read_columns` asks, and of each column that its cells must tell: role, margin, whether taken."""
    for table in _tables(rows):
        own, solution, doubted, _ = _settled(table)
        yield (
            table,
            [
                (column, ROLES[solution.roles[n]], solution.margins[n], n not in doubted)
                for n, column in enumerate(own)
                if column.named is None
            ],
        )


def _tables(rows: list[Row]) -> Iterator[Table]:
    return tables_in(rows, _accepts, is_suspect, may_lie)


def _accepts(table: Table) -> bool:
    """Whether a table without enough known headers is one of indicators: its names are sure, and some value of them."""
    if not 2 < len(table.columns) <= _MOST_COLUMNS:
        return False
    if is_suspect(table):
        deny(table)
    own, solution = _solved(table)
    likely = {ROLES[role] for role in solution.roles}
    sure = {ROLES[role] for role, margin in zip(solution.roles, solution.margins, strict=True) if margin >= _TABLE} | {
        column.named or "" for column in own
    }
    named = "level3" in sure or {"level1", "level2"} <= sure
    if not named or len(sure - {"note", ""}) < 2:
        return False
    doubted = any(m < _needed(table) for c, m in zip(own, solution.margins, strict=True) if c.named is None)
    return is_header_row([*likely, IN_DOUBT if doubted else None])


def _solved(table: Table) -> tuple[list[Column], Solution]:
    """The columns that have cells, and their roles; what a blank one is called, no other one is."""
    own = [c for c in table.columns if (c.named is None or c.named in ROLES) and any(c.content.texts)]
    taken = {column.named for column in table.columns} - {None, "note"}
    free = [n for n, role in enumerate(ROLES) if role not in taken]
    options: list[Sequence[int]] = [
        [n for n in free if ROLES[n] != "operator" or _may_be_signs(column)]
        if column.named is None
        else _REMARKS
        if "deviation" in column.open
        else [ROLES.index(column.named)]
        for column in own
    ]
    hints = [suggested(_key(column)) if column.named is None and column.denied is None else None for column in own]
    return own, read_roles(scores([column.content for column in own], hints), options)


def _settled(table: Table) -> tuple[list[Column], Solution, set[int], set[int]]:
    """The columns that have cells, their roles, those in doubt, and which of these are parts of one value."""
    if table.sure and len(table.columns) <= _MOST_COLUMNS and is_suspect(table):
        deny(table)
    own, solution = _solved(table)
    unsure = {
        n
        for n, (column, margin) in enumerate(zip(own, solution.margins, strict=True))
        if column.named is None
        and (margin < _needed(table) or table.rows == 1 or (column.denied and ROLES[solution.roles[n]] not in LEVELS))
    }
    for n in [n for n in unsure if _has_levels_2(own[n]) and "level2" not in {c.named for c in own}]:
        solution.roles[n] = ROLES.index("level2")
        unsure.discard(n)
    joined = _joined(own, solution, unsure)
    return own, solution, unsure | joined, joined


def _settle(table: Table) -> None:
    if len(table.columns) > _MOST_COLUMNS:
        return
    own, solution, doubted, joined = _settled(table)
    for n, column in enumerate(own):
        role, rival = ROLES[solution.roles[n]], ROLES[solution.rivals[n]]
        if n in doubted:
            if column.named or column.denied or joined or (role != "note" and _says_enough(column)):
                also = label_of(rival) if rival != role else None
                known = column.named is not None or column.denied is not None or _words(column) is not None
                _mark(column, ColumnReading(IN_DOUBT, (label_of(role),), also, known))
        elif "deviation" in column.open and role == "deviation" and solution.margins[n] >= _needed(table):
            _mark(column, ColumnReading(role, _reasons(own, solution, n), label_of(rival), against=True))
        elif column.named in LEVELS and _words(column) not in {None, column.named} and _names_levels(own, solution):
            _mark(column, ColumnReading(role, _reasons(own, solution, n), None, against=True))  # 指标 beside levels
        elif column.named is None and role != "note":
            against = _words(column) not in {None, role}
            _mark(column, ColumnReading(role, _reasons(own, solution, n), label_of(rival), against))

    _doubt_values_set_aside(own, [ROLES[role] for role in solution.roles])


def _names_levels(own: list[Column], solution: Solution) -> bool:
    """Whether the cells tell of a column that nobody knows that it is one of levels."""
    return any(c.named is None and ROLES[r] in LEVELS for c, r in zip(own, solution.roles, strict=True))


def _key(column: Column) -> str:
    """The words that suggest a role: those of the header, with what stands over it where its own say nothing here."""
    return "".join(map(bare_text, column.header.path)) if _words(column) is not None else column.header.slot.key


def _words(column: Column) -> str | None:
    """The role that the words of a header name where it stands, in the first row of headers or in the second."""
    words = column.header.slot.words
    return words.sub_header if len(column.header.path) > 1 else words.header


def _has_levels_2(column: Column) -> bool:
    """Whether all cells are standard levels, of which several can be of level 2 alone and none of level 1 alone."""
    classes = [{*look.classes} for look in column.content.looks if look is not None]
    return all("level2" in own for own in classes) and sum("level1" not in own for own in classes) > 1


def _doubt_values_set_aside(own: list[Column], roles: list[str]) -> None:
    """Tell the columns that a known header sets aside though their cells go with the targets, or with the results."""
    for column, role in zip(own, roles, strict=True):
        missing = [name for name in column.open if name in _VALUES and name not in roles] if role == "note" else []
        for name in missing:
            partner = next((c for c, other in zip(own, roles, strict=True) if other == _VALUES[name]), None)
            if partner is not None and _in_one_unit(column, partner):
                _mark(column, ColumnReading(IN_DOUBT, (label_of(name),), None, True))


def _in_one_unit(column: Column, other: Column) -> bool:
    """Whether most cells of a column are numbers in the unit of those beside them."""
    beside = [(a, b) for a, b in zip(column.content.looks, other.content.looks, strict=True) if a is not None]
    alike = sum(b is not None and bool(a.unit) and a.unit == b.unit for a, b in beside)
    return alike > 1 and 2 * alike >= len(beside)


def _needed(table: Table) -> float:
    return SURE if table.rows >= FEW else SURE_OF_FEW


def _may_be_signs(column: Column) -> bool:
    """Whether no cell speaks against signs (≥, 大于等于, 定性): they are short and have no figures."""
    classes = [{*look.classes} for look in column.content.looks if look is not None]
    return all(_SIGN_LIKE & own or {"short", "no_digit"} <= own for own in classes)


def _says_enough(column: Column) -> bool:
    """Whether the cells of a column can look like anything: a single one cannot."""
    return sum(look is not None for look in column.content.looks) > 1


def _joined(own: list[Column], solution: Solution, unsure: set[int]) -> set[int]:
    """The columns that are parts of one value together with a doubtful one, whose cells can be such a part."""
    roles = [ROLES[role] for role in solution.roles]
    rivals = [ROLES[role] for role in solution.rivals]
    values = [c for c, role in zip(own, roles, strict=True) if role in _VALUES]
    maybe = {name for n in unsure for name in (roles[n], rivals[n]) if _may_be_part(own[n], name, values)}
    if not ({"operator"} & maybe or ("operator" in roles and _JOINED & maybe)):
        return set()
    return {n for n, role in enumerate(roles) if role in _JOINED}


def _may_be_part(column: Column, role: str, values: list[Column]) -> bool:
    """Whether cells can be part of a value: signs, or units, beside one that has none of its own; not 合格, 偏低, A."""
    if role not in {"operator", "unit_text"}:
        return True
    return not values or any(_completes(column, role, value) for value in values if value is not column)


def _completes(column: Column, role: str, value: Column) -> bool:
    beside = [
        (part, whole)
        for part, whole in zip(column.content.looks, value.content.looks, strict=True)
        if part is not None and whole is not None
    ]
    if role == "operator":
        return any("sign_alone" in part.classes and not whole.sign for part, whole in beside)
    return any("unit_alone" in part.classes and _lacks_unit(whole, part.bare) for part, whole in beside)


def _lacks_unit(value: Look, unit: str) -> bool:
    """Whether a number is printed without a unit, or with this one."""
    own = "%" if value.bare.endswith("%") else value.unit
    return own in {"", unit}


def _mark(column: Column, reading: ColumnReading) -> None:
    for slot in (column.header.slot, *column.copies):
        for cell in (slot, *slot.parts):
            cell.column = reading


def label_of(role: str) -> str:
    """What people call a role."""
    return {"operator": "运算符", "note": "其他栏目"}.get(role) or indicator_columns()[role].label_zh


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "reasons.toml").read_text("utf-8"))


def _reasons(own: list[Column], solution: Solution, column: int) -> tuple[str, ...]:
    """The two strongest reasons for a role and against the next best."""
    made = constants()
    role = solution.roles[column]
    rival = solution.rivals[column] if solution.rivals[column] != role else OTHER
    alone, between = said([c.content for c in own])
    found: dict[str, float] = {}
    worth = alone[column] * (made.own[role] - made.own[rival])
    for name, value in zip((*CELL, *SHAPE), worth, strict=True):
        found[_texts()["own"][name]] = float(value)
    for d, theirs in enumerate(solution.roles):
        if d == column:
            continue
        for sign, mine in ((1, role), (-1, rival)):
            for pair, says in (((mine, theirs), between[column, d]), ((theirs, mine), between[d, column])):
                names = (ROLES[pair[0]], ROLES[pair[1]])
                if names in PAIRS:
                    for name, value in zip(BESIDE, says * made.pairs[PAIRS.index(names)], strict=True):
                        text = _texts()["beside"][name].format(f"“{label_of(ROLES[theirs])}”")
                        found[text] = found.get(text, 0.0) + sign * float(value)
    found.pop(_texts()["own"]["one"], None)
    return tuple(text for text, value in sorted(found.items(), key=lambda item: -item[1])[:2] if value > 0)
