"""What people decided since the build: their files as they are now, read anew when they change.

Here: marks, corrections and decisions by what they speak of. Not here: what is in force (the tables), writing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.errors import JixiaoError
from pages.published import Data, among
from warehouse.build.form_sheet import ROW_NUMBERS, FormSheet
from warehouse.corrections.entries import ACTIVE, Correction, ids, read_corrections
from warehouse.corrections.writing import typed
from warehouse.linking.deciding import Said, said
from warehouse.linking.decisions import read_decisions
from warehouse.reviews import Mark, read_marks
from warehouse.reviews.marks import OPEN
from warehouse.schema.tables import TABLES
from warehouse.state.inputs_fingerprint import CORRECTIONS, DECISIONS, REVIEWS

At = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction of a form's value `at`: `printed` became `value`; `state`: applied, pending or withdrawn."""

    at: At
    printed: str | None
    value: str | None
    reason: str | None
    who: str | None
    state: str


def applied(sheet: FormSheet, state: str, but: Collection[str] = ()) -> list[Corrected]:
    """The corrections that the build put in force, `but` those of these ids, as in this `state`."""
    return [
        Corrected(
            (row["table_name"], row["row_no"] or 1, row["column_name"]),
            row["expected_value"], row["value"], row["reason"], row["who"], state,
        )
        for row in sheet.correction
        if row["status"] == "applied" and row["correction_id"] not in but
        if "." not in row["correction_id"]  # the same amount in another table goes with its own
    ]  # fmt: skip


class Decided:
    """The files of people below a data folder; one that cannot be read decides nothing here, and `status` tells it."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._known: dict[tuple[str, str], tuple[Any, Any]] = {}

    def marks(self, data: Data, keys: Sequence[str]) -> dict[str, str]:
        """The states, by key, of those of these findings whose mark is another than the build knows."""
        marked: Mapping[str, Mark] = self._read(
            REVIEWS, {}, lambda path: {mark.finding_key: mark for mark in read_marks(path) if not mark.fault}
        )
        known = {row["finding_key"]: row for row in data.rows(
            "SELECT finding_key, arg_max(state, line) AS state, arg_max(printed, line) AS printed FROM review "
            f"WHERE {among('finding_key', keys)} GROUP BY finding_key")}  # fmt: skip
        pending = {}
        for key in keys:
            mark, before = marked.get(key), known.get(key)
            state = mark.state if mark else OPEN
            again = mark is not None and before is not None and mark.printed != (before["printed"] or "")
            if state != (before["state"] if before else OPEN) or (again and state != OPEN):
                pending[key] = state
        return pending

    def keys_of_projects(self) -> Mapping[str, str]:
        """The key that a decision gives a form, by form_id: forms of one key are one project."""
        return self._read(
            DECISIONS, {}, lambda path: {d.form_id: d.project_key for d in read_decisions(path).projects if d.form_id}
        )

    def of_pairs(self) -> Mapping[frozenset[str], Said]:
        """The last that was said here about each pair of forms."""
        return self._read(DECISIONS, {}, lambda path: said(self._data_dir), "said")

    def corrections(self, sheet: FormSheet) -> list[Corrected]:
        """What is corrected of a form: in force, from the next ingestion, or till then, as it was withdrawn."""
        entries: list[Correction] = self._read(CORRECTIONS, [], read_corrections)
        known = {row["correction_id"]: row for row in sheet.correction}
        found, active = [], set()
        for number, entry in zip(ids(entries), entries, strict=True):
            ours = sheet.document["document_id"].startswith(entry.document or "-")
            if not ours or entry.form_no != sheet.project["form_no"] or entry.faults or entry.status != ACTIVE:
                continue
            row_no = _row_no(sheet, entry)
            row = known.get(number)
            if row_no is None or not _can_be(entry) or (row is not None and row["status"] != "applied"):
                continue
            active.add(number)
            at = (entry.table, row_no, entry.column)
            state = "pending" if row is None else "applied"
            found.append(Corrected(at, entry.expect, entry.value, entry.reason, entry.who, state))
        return [*(one for one in applied(sheet, "withdrawn", active) if one.at not in {f.at for f in found}), *found]

    def _read(self, name: str, nothing: Any, read: Callable[[Path], Any], what: str = "") -> Any:
        path, kept = self._data_dir / name, (name, what)
        stamp = None
        with suppress(OSError):
            info = path.stat()
            stamp = (info.st_mtime_ns, info.st_size)
        if stamp is None:
            return nothing
        if self._known.get(kept, (None,))[0] != stamp:
            found = nothing
            with suppress(JixiaoError, OSError):
                found = read(path)
            self._known[kept] = (stamp, found)
        return self._known[kept][1]


def _can_be(entry: Correction) -> bool:
    """Whether its values can be those of the column; what cannot is told by the next ingestion."""
    type_ = TABLES[entry.table].column(entry.column).type
    with suppress(JixiaoError):
        for text in (entry.expect, entry.value):
            typed(type_, text or "")
        return True
    return False


def _row_no(sheet: FormSheet, entry: Correction) -> int | None:
    if entry.table == "project":
        return 1
    if entry.table == "funding":
        return next((row[ROW_NUMBERS["funding"]] for row in sheet.funding if row["source"] == entry.row), None)
    return int(entry.row or 0)
