"""Writing a person's decision that two forms are, or are not, one project into data/decisions.csv.

Here: the lines and keys that say so. Not here: reading the file, linking.
"""

from __future__ import annotations

from pathlib import Path

from extractors.errors import CannotRun
from warehouse.linking.decisions import COLUMNS, OTHER_NAMES, REQUIRED
from warehouse.state.inputs_fingerprint import DECISIONS
from warehouse.state.people_files import changing, note_change, rows_to_change, write_rows

SAME, DIFFERENT = "same", "different"


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
        rows, at = rows_to_change(path, COLUMNS, REQUIRED, OTHER_NAMES)
        header = rows[at]
        form, key = header.index("form_id"), header.index("project_key")
        own = {row[form].strip(): i for i, row in enumerate(rows) if i > at and len(row) > max(form, key) and row[form]}
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
