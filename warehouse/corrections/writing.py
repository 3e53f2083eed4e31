"""Writing a person's correction of one value into data/corrections.yml, as the pages and the command line give it.

Here: which value is meant, how it is written. Not here: reading the file (entries), putting it into the tables (apply).
"""

from __future__ import annotations

import json
import re
import unicodedata
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from extractors.errors import CannotRun
from extractors.readings.printed import money, number
from warehouse.build.form_sheet import ROW_NUMBERS, FormSheet
from warehouse.corrections.entries import ACTIVE, CORRECTABLE, SELECTORS, WITHDRAWN, Correction, read_corrections
from warehouse.schema.tables import TABLES
from warehouse.state.inputs_fingerprint import CORRECTIONS
from warehouse.state.people_files import changing, note_change
from warehouse.state.store import now, write_whole

At = tuple[str, int, str]
"""A value of a form: its table, the number of its row, its column."""
_TOO_MUCH = 10**16
_NEAR = 20
"""A bare amount within so many times the present one in 元 was meant in 元."""


def named_value(sheet: FormSheet, field: str) -> At:
    """The value that a person names: a column or its Chinese label; before it, with a dot, the number of an indicator
    or the source of money (its name or label): 全年执行数, 3.实际完成值, fiscal.executed_yuan.

    Raises CannotRun where nothing, or more than one thing, is meant.
    """
    before, _, name = field.strip().rpartition(".")
    parts = [part for part in before.split(".") if part and part not in CORRECTABLE]
    table, row_no = "project", 1
    if parts and parts[0].isdecimal():
        table, row_no = "indicator", int(parts[0])
        if before.split(".")[0] == "attribute":
            table = "attribute"
    elif parts:
        sources = TABLES["funding"].column("source").allowed
        rows = [r for r in sheet.funding if parts[0] in (r["source"], r["label"], sources.get(r["source"]))]
        if len(rows) != 1:
            raise CannotRun(f"这张表没有“{parts[0]}”这项资金。 / The form has no such source of money.")
        table, row_no = "funding", int(rows[0]["funding_no"])
    columns = [c.name for c in CORRECTABLE[table].values() if name in (c.name, c.label_zh)]
    if len(columns) != 1:
        known = "、".join(column.label_zh for column in CORRECTABLE[table].values())
        raise CannotRun(f"没有“{name}”这一栏可更正；可更正的有：{known}。 / No such field to correct.")
    return table, row_no, columns[0]


def correct(
    data_dir: Path, sheet: FormSheet, at: At, value: str, *, why: str, who: str
) -> tuple[str | None, str | None]:
    """Add the correction; returns the value as it is now and as it will be from the next ingestion.

    Earlier ones of the same value are withdrawn; where the value is again as it is printed, that is all.
    `value` as the form prints it (2,972,728.00; money in the form's unit, or with its own: 700万元), empty for none.
    Raises CannotRun where it cannot be that of the column, is the present one, or nobody says why; and where the form
    is in 万元 and a bare amount looks like one in 元.
    """
    table, row_no, name = at
    column = CORRECTABLE.get(table, {}).get(name)
    row = _row(sheet, table, row_no)
    if column is None or row is None:
        raise CannotRun("这个值不能更正：它不是表上印的，或表上没有这一行。 / This value cannot be corrected.")
    if not why.strip() or not who.strip():
        raise CannotRun("请写明更正的理由和更正人。 / Say why, and who corrects it.")
    old = _text(row[name])
    new = _amount(value, sheet, old) if name.endswith("_yuan") else typed(column.type, value)
    path = data_dir / CORRECTIONS
    with changing(data_dir):
        before = read_corrections(path)
        text = path.read_text("utf-8-sig") if path.exists() else ""
        earlier = [entry for entry in before if _is_of(entry, sheet, at, row)]
        in_force = {found["correction_id"] for found in sheet.correction if found["status"] == "applied"}
        printed = next((entry.expect for entry in earlier if entry.correction_id in in_force), old)
        if _same(new, printed) and not earlier:
            raise CannotRun("现在就是这个值，没有可更正的。 / This is the value already.")
        for entry in earlier:
            text = _withdrawn(text, entry, before)
        back = _same(new, printed)
        entry_text = "" if back else _entry(sheet, at, row, {"expect": printed, "value": new}, why, who)
        _added(path, text.rstrip("\n") + ("\n" if text.strip() else "") + entry_text, before, more=0 if back else 1)
        told = {"field": f"{table}.{name}", "document": sheet.document["document_id"][:16], "before": old, "value": new}
        note_change(data_dir, CORRECTIONS, who, {**told, "reason": why, "withdrawn": len(earlier)})
    return old, new


def withdraw(data_dir: Path, sheet: FormSheet, at: At, *, who: str) -> str | None:
    """Withdraw what was corrected about a value; returns the value as it is printed, from the next ingestion.

    Raises CannotRun where nothing is corrected there, or nobody says who withdraws it.
    """
    table, row_no, name = at
    row = _row(sheet, table, row_no)
    if not who.strip():
        raise CannotRun("请写明是谁撤回的。 / Say who withdraws it.")
    path = data_dir / CORRECTIONS
    with changing(data_dir):
        before = read_corrections(path)
        earlier = [entry for entry in before if row is not None and _is_of(entry, sheet, at, row)]
        if row is None or not earlier:
            raise CannotRun("这个值没有可撤回的更正。 / No correction of this value is in the file.")
        text = path.read_text("utf-8-sig")
        for entry in earlier:
            text = _withdrawn(text, entry, before)
        _added(path, text, before, more=0)
        told = {"field": f"{table}.{name}", "document": sheet.document["document_id"][:16]}
        note_change(data_dir, CORRECTIONS, who, {**told, "before": _text(row[name]), "withdrawn": len(earlier)})
    return earlier[0].expect


def doubt(at: At, value: str | None) -> str:
    """What to look at again before a correction is in force; empty for nothing."""
    if value is not None and at[2].endswith("_yuan") and Decimal(value) < 0:
        return "这个金额是负数，请再核对"
    return ""


def _entry(sheet: FormSheet, at: At, row: dict[str, Any], values: dict[str, Any], why: str, who: str) -> str:
    """An entry as the file holds it."""
    table, row_no, name = at
    entry: dict[str, Any] = {"document": sheet.document["document_id"][:16], "form": sheet.project["form_no"]}
    entry["field"] = f"{table}.{name}"
    if key := SELECTORS.get(table):
        entry[key] = row["source"] if table == "funding" else row_no
    entry |= {**values, "reason": why.strip(), "who": who.strip(), "date": now().date().isoformat()}
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items())
    return "- " + "  ".join(lines)


def _is_of(entry: Correction, sheet: FormSheet, at: At, row: dict[str, Any]) -> bool:
    """Whether an entry is about this value, and counts."""
    table, row_no, name = at
    wanted = {"project": None, "funding": row.get("source")}.get(table, str(row_no))
    ours = entry.document and sheet.document["document_id"].startswith(entry.document)
    meant = (entry.form_no, entry.table, entry.column, entry.row) == (sheet.project["form_no"], table, name, wanted)
    return bool(ours and meant and entry.status == ACTIVE and not entry.faults)


def _withdrawn(text: str, entry: Correction, entries: list[Correction]) -> str:
    """The file with this entry withdrawn, so that a later one is not in contradiction with it."""
    lines = text.split("\n")
    following = min((other.line for other in entries if other.line > entry.line), default=len(lines) + 1)
    own = range(entry.line - 1, following - 1)
    said = [at for at in own if re.match(r"(- |  )status\s*:", lines[at])]
    if said:
        lines[said[0]] = lines[said[0]][:2] + f"status: {WITHDRAWN}"
        return "\n".join(lines)
    last = max(at for at in own if lines[at].strip() and not lines[at].startswith("#"))
    return "\n".join([*lines[: last + 1], f"  status: {WITHDRAWN}", *lines[last + 1 :]])


def _same(a: str | None, b: str | None) -> bool:
    if a is None or b is None or a == b:
        return a == b
    with suppress(InvalidOperation):
        return Decimal(a) == Decimal(b)
    return False


def _added(path: Path, text: str, before: list[Correction], more: int) -> None:
    """Replace the file where the new text still says what it said before, and `more` entries."""
    probe = path.with_name(f".{path.name}.new")
    try:
        write_whole(probe, text.encode("utf-8"))
        after = read_corrections(probe)
        if len(after) != len(before) + more or (more and after[-1].faults):
            faults = "".join(after[-1].faults) if after and more else ""
            raise CannotRun(f"写不进 {path.name}：{faults or '请先改正其中的格式'} / Cannot add to {path.name}.")
        probe.replace(path)
    finally:
        probe.unlink(missing_ok=True)


def _row(sheet: FormSheet, table: str, row_no: int) -> dict[str, Any] | None:
    if table == "project":
        return sheet.project
    rows = {"funding": sheet.funding, "indicator": sheet.indicator, "attribute": sheet.attribute}.get(table, [])
    return next((row for row in rows if row[ROW_NUMBERS[table]] == row_no), None)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _amount(text: str, sheet: FormSheet, present: str | None) -> str | None:
    """An amount in 元 as the file writes it; one without a unit is in that of the form."""
    if not text.strip():
        return None
    of_form = sheet.project["money_unit"] or "元"
    amount, unit = money(text, of_form)
    if amount is None or unit is None:
        raise CannotRun(f"“{text}”不是金额；可写作 2,972,728.00 或 297.27万元。 / No amount of money.")
    bare = number(text)
    now_is = Decimal(present or 0)
    if of_form != "元" and bare is not None and 0 < now_is / _NEAR <= bare <= now_is * _NEAR:
        raise CannotRun(
            f"这张表的金额以{of_form}计，“{text}”却像是元；请写明单位，如 {text.strip()}元。"
            f" / The form is in {of_form}; write the unit beside the amount."
        )
    return str(amount)


def typed(type_: str, text: str) -> str | None:
    """A value as the file of corrections writes it: numbers without thousands. Raises CannotRun for no number."""
    text = text.strip()
    if not text:
        return None
    if not type_.startswith(("DECIMAL", "INTEGER")):
        return text
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").removesuffix("%").removesuffix("元")
    with suppress(InvalidOperation):
        if abs(Decimal(plain)) < _TOO_MUCH:  # neither NaN nor what no column holds
            return plain
    raise CannotRun(f"“{text}”不是数。 / Not a number.")
