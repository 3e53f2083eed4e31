"""Marks on findings: a line of reviews.csv each, held against the findings as they are now.

Here: the columns, how a line may be wrong, which marks are in force, writing one. Not here: how findings are keyed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from extractors.errors import CannotRun
from extractors.extraction import Record
from warehouse.schema.tables import TABLES
from warehouse.state.inputs_fingerprint import REVIEWS
from warehouse.state.people_files import changing, note_change, read_rows, rows_to_change, write_rows
from warehouse.state.store import now

OPEN = "待核"
STATES: tuple[str, ...] = tuple(TABLES["review"].column("state").allowed)
"""The states a mark may have; 待核 takes an earlier mark back."""
DISMISSED = ("不成立", "读错")
"""The states of findings that no count holds: what is no fault, and what we misread."""
MARK_COLUMNS = ("finding_key", "printed", "state", "note", "who", "decided_on")
_NEEDED = ("finding_key", "state")
_KEY = re.compile(r"f[0-9a-f]{16}")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_LONG = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the file. `fault`: what is wrong with it in itself, a Chinese sentence; it is never applied then."""

    line: int
    finding_key: str = ""
    printed: str = ""
    state: str = ""
    note: str = ""
    who: str = ""
    decided_on: str = ""
    fault: str | None = None


def read_marks(path: Path) -> list[Mark]:
    """The marks in the order of their lines; no file means none. Empty lines and those beginning with # are skipped."""
    rows = read_rows(path)
    if rows is None:
        return [Mark(1, fault=f"{path.name} 不是 UTF-8 或 GB18030 的 CSV，请用表格软件打开后另存为 CSV。")]
    rows = [(line, [cell.strip() for cell in row]) for line, row in rows if any(map(str.strip, row))]
    rows = [(line, row) for line, row in rows if not row[0].startswith("#")]
    if not rows:
        return []
    (line, header), *rows = rows
    if missing := [name for name in _NEEDED if name not in header]:
        return [Mark(line, fault=f"表头缺少 {'、'.join(missing)}；第一行应是 {','.join(MARK_COLUMNS)}。")]
    return [_mark(line, dict(zip(header, row, strict=False))) for line, row in rows]


def _mark(line: int, cells: dict[str, str]) -> Mark:
    given = {name: cells.get(name) or "" for name in MARK_COLUMNS}
    fault = None
    if not _KEY.fullmatch(given["finding_key"]):
        fault = f"finding_key“{given['finding_key'][:_LONG]}”不是发现标识；请从页面或 v_finding 复制，以 f 开头。"
    elif given["state"] not in STATES:
        fault = f"state“{given['state'][:_LONG]}”应为 {'、'.join(STATES)} 之一。"
    elif given["decided_on"] and _date(given["decided_on"]) is None:
        fault = f"decided_on“{given['decided_on'][:_LONG]}”不是日期；写成 2026-03-01 的样子。"
    return Mark(line, **given, fault=fault)


def _date(text: str) -> str | None:
    match = _DATE.fullmatch(text)
    if match:
        try:
            return dt.date(*map(int, match.groups())).isoformat()
        except ValueError:
            return None
    return None


def review_rows(connection: duckdb.DuckDBPyConnection, marks: Sequence[Mark]) -> list[Record]:
    """The rows of `review`: every mark with what became of it.

    In force is the last mark of a finding whose print is what it was when it was marked (as text or as a number).
    """
    keys = list({mark.finding_key for mark in marks if mark.fault is None})
    found = {
        key: (finding_id, printed)
        for key, finding_id, printed in connection.execute(
            "SELECT finding_key, finding_id, printed FROM finding WHERE list_contains(?::VARCHAR[], finding_key)",
            [keys],
        ).fetchall()
    }
    last = {mark.finding_key: mark.line for mark in marks if mark.fault is None}
    rows = []
    for mark in marks:
        finding_id, printed = found.get(mark.finding_key, (None, None))
        status, message = "applied", None
        if mark.fault is not None:
            status, message = "invalid", mark.fault
        elif last[mark.finding_key] != mark.line:
            status, message = "expired", f"第 {last[mark.finding_key]} 行对同一项发现另有标记，以后面的为准。"
        elif finding_id is None:
            status, message = "expired", "这项发现现在没有了。"
        elif not _same(mark.printed, printed or ""):
            status = "expired"
            message = f"所印的值已由“{mark.printed[:_LONG]}”变为“{(printed or '')[:_LONG]}”，请重新核对后再标记。"
        row: Record = {"line": mark.line, "finding_key": mark.finding_key or None, "finding_id": finding_id}
        row |= {"printed": mark.printed or None, "state": mark.state if mark.state in STATES else None}
        row |= {"note": mark.note or None, "who": mark.who or None, "decided_on": _date(mark.decided_on)}
        rows.append({**row, "status": status, "message": message})
    return rows


def _same(a: str, b: str) -> bool:
    """Whether two prints are the same; a spreadsheet writes 99.10 as 99.1 and joins lines."""
    if "".join(a.split()) == "".join(b.split()):
        return True
    try:
        return Decimal(a.replace(",", "")) == Decimal(b.replace(",", ""))
    except InvalidOperation:
        return False


def mark_finding(data_dir: Path, key: str, printed: str | None, state: str, *, note: str = "", who: str) -> Mark:
    """Write a mark into reviews.csv, in the place of an earlier one of the same finding; the other lines stay.

    It is in force from the next ingestion. Raises CannotRun where the mark or the file is wrong, or another writes.
    """
    mark = _mark(
        0, dict(zip(MARK_COLUMNS, (key, printed or "", state, note, who, now().date().isoformat()), strict=True))
    )
    if mark.fault or not who.strip():
        raise CannotRun(mark.fault or "请写明标记人。 / Say who marks it.")
    path = data_dir / REVIEWS
    with changing(data_dir):
        rows, at = rows_to_change(path, MARK_COLUMNS, _NEEDED)
        header = rows[at]
        values = {name: getattr(mark, name) for name in MARK_COLUMNS}
        column = header.index("finding_key")
        own = [i for i, row in enumerate(rows) if i > at and len(row) > column and row[column].strip() == key]
        before = dict(zip(header, rows[own[-1]], strict=False)) if own else None
        written = [values.get(name, (before or {}).get(name, "")) for name in header]
        if own:
            rows[own[-1]] = written
        else:
            rows.append(written)
        write_rows(path, rows)
        earlier = {name: (before or {}).get(name) for name in ("state", "note", "who")} if before else None
        note_change(data_dir, REVIEWS, who, {"finding_key": key, "before": earlier, "state": state, "note": note})
    return mark
