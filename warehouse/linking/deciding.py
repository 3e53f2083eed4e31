"""Writing a person's decision that two forms are, or are not, one project into data/decisions.csv, and taking it back.

Here: the lines and keys that say so, who decided what about which pair. Not here: reading the file, linking.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from extractors.errors import CannotRun
from warehouse.linking.decisions import COLUMNS, OTHER_NAMES, REQUIRED
from warehouse.state.inputs_fingerprint import DECISIONS
from warehouse.state.people_files import changes, changing, note_change, rows_to_change, write_rows

SAME, DIFFERENT, WITHDRAWN = "same", "different", "withdrawn"


class Said(NamedTuple):
    """The last that people said here about two forms, and what they had said before it."""

    decision: str
    who: str
    at: str
    earlier: str


def decide(data_dir: Path, form_a: str, form_b: str, decision: str, *, who: str, note: str = "") -> None:
    """Decide that two forms are one project (same) or two (different); in force from the next ingestion.

    A key that the file gives one of the forms is kept; the other lines stay as they are. Raises CannotRun where
    nobody signs, the file cannot be read, or another writes.
    """
    if decision not in (SAME, DIFFERENT) or form_a == form_b:
        raise CannotRun("请说明两张表是同一个项目还是两个项目。 / Say whether two forms are one project.")
    if not who.strip():
        raise CannotRun("请写明是谁认定的。 / Say who decides.")
    path = data_dir / DECISIONS
    with changing(data_dir):
        rows, header, own = _lines(path)
        key = header.index("project_key")
        keys = {name: rows[own[name]][key].strip() for name in (form_a, form_b) if name in own}
        if decision == SAME:
            first = second = keys.get(form_a) or keys.get(form_b) or form_a
        else:
            first = keys.get(form_a) or form_a
            second = keys.get(form_b) or form_b
            second = second if second != first else form_b
        for name, new in ((form_a, first), (form_b, second)):
            values = {"form_id": name, "project_key": new, "decided_by": who.strip(), "note": note}
            line = [values.get(column, "") for column in header]
            if name in own:
                rows[own[name]] = line
            else:
                rows.append(line)
        write_rows(path, rows)
        note_change(data_dir, DECISIONS, who, {"forms": [form_a, form_b], "before": keys, "decision": decision})


def withdraw(data_dir: Path, form_a: str, form_b: str, *, who: str) -> None:
    """Take back what was decided about two forms; the rules judge them again at the next ingestion.

    A line stays that also says something about other forms: of three that are one project only the one that was put
    to the others last leaves. Raises CannotRun where nobody signs, or nothing is decided of these two alone.
    """
    if not who.strip():
        raise CannotRun("请写明是谁撤回的。 / Say who withdraws it.")
    path = data_dir / DECISIONS
    with changing(data_dir):
        rows, header, own = _lines(path)
        key = header.index("project_key")
        bearers = Counter(row[key].strip() for row in rows if row is not header and len(row) > key)
        keys = {name: rows[own[name]][key].strip() for name in (form_a, form_b) if name in own}
        if len(keys) == 2 and len(set(keys.values())) == 1 and bearers[keys[form_a]] > 2:
            leaving = {max(own[form_a], own[form_b])}
        else:
            together = len(keys) - len(set(keys.values()))
            leaving = {own[name] for name in keys if bearers[keys[name]] - together == 1}
        if not leaving:
            at = "、".join(f"第 {own[name] + 1} 行" for name in keys)
            told = f"；{path.name} {at}还说到别的表，请在那里改" if keys else ""
            raise CannotRun(f"没有只关于这两张表的认定可撤回{told}。 / Nothing is decided of these two alone.")
        write_rows(path, [row for at, row in enumerate(rows) if at not in leaving])
        note_change(data_dir, DECISIONS, who, {"forms": [form_a, form_b], "before": keys, "decision": WITHDRAWN})


def said(data_dir: Path) -> dict[frozenset[str], Said]:
    """The last that was said about each pair of forms, on the pages or the command line, by the log of changes."""
    found: dict[frozenset[str], Said] = {}
    for change in changes(data_dir):
        forms, decision = change.get("forms"), str(change.get("decision"))
        if change.get("file") == DECISIONS and isinstance(forms, list) and len(forms) == 2:
            pair = frozenset(map(str, forms))
            earlier = found[pair].decision if pair in found else ""
            found[pair] = Said(decision, str(change.get("who") or ""), str(change.get("at") or ""), earlier)
    return found


def _lines(path: Path) -> tuple[list[list[str]], list[str], dict[str, int]]:
    """The rows of the file, its header among them, and where the line of each form stands."""
    rows, at = rows_to_change(path, COLUMNS, REQUIRED, OTHER_NAMES)
    header = rows[at]
    form, key = header.index("form_id"), header.index("project_key")
    own = {row[form].strip(): i for i, row in enumerate(rows) if i > at and len(row) > max(form, key) and row[form]}
    return rows, header, own
