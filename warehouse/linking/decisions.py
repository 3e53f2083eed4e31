"""What people decided about projects over the years: the file data/decisions.csv.

Here: reading the file, saying what is wrong with it, finding the forms a line speaks of. Not here: linking.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.errors import JixiaoError

REQUIRED = ("project_code", "eval_year", "project_key", "decided_by", "note")
COLUMNS = (*REQUIRED, "form_id")
_MANGLED = re.compile(r"^\d(?:\.\d+)?E\+?\d+$", re.IGNORECASE)


class DecisionError(JixiaoError, ValueError):
    """The decisions file cannot be used; the message names line and column."""


@dataclass(frozen=True)
class Decision:
    """One line of the file: the forms it speaks of are the project `project_key`.

    The forms are those with `project_code` in `eval_year`, or the one form `form_id` where no code is printed.
    """

    project_key: str
    decided_by: str
    note: str = ""
    project_code: str = ""
    eval_year: int | None = None
    form_id: str = ""
    line: int = 0


def read_decisions(path: Path) -> list[Decision]:
    """Read the decisions of `path` (UTF-8, comma separated, with a header line); no file means no decisions.

    Columns: project_code, eval_year, project_key, decided_by, note, and form_id for forms without a code. Forms with
    one project_key are one project and forms with different keys never are; a key that only one form bears begins
    a new project with that form; the series_id of an existing series may serve as a key. Lines beginning with # and
    empty lines are skipped.

    Raises DecisionError with every fault found, one per line of the message.
    """
    path = Path(path)
    if not path.exists():
        return []
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DecisionError(f"{path.name}: not UTF-8 (byte {error.start}); save the file as CSV UTF-8") from error
    rows = csv.reader(text.splitlines())
    faults: list[str] = []
    decisions: list[Decision] = []
    header: list[str] | None = None
    for row in rows:
        line = rows.line_num
        if not any(cell.strip() for cell in row) or row[0].lstrip().startswith("#"):
            continue
        if header is None:
            header = _header(path.name, line, row)
            continue
        decision = _decision(path.name, line, header, row, faults)
        if decision:
            decisions.append(decision)
    faults += _contradictions(path.name, decisions)
    if faults:
        raise DecisionError("\n".join(faults))
    return decisions


def decided_forms(
    decisions: Iterable[Decision], form_ids: Sequence[str], codes: Sequence[str], years: Sequence[int]
) -> dict[int, Decision]:
    """The position of every form that a decision speaks of, with that decision; a form_id goes before a code.

    `form_ids`, `codes` and `years` (0 for none) are parallel, one entry per form.
    """
    decisions = list(decisions)
    if not decisions:
        return {}
    by_id = {form_id: i for i, form_id in enumerate(form_ids)}
    by_code: dict[tuple[str, int], list[int]] = defaultdict(list)
    for i, key in enumerate(zip(codes, years, strict=True)):
        by_code[key].append(i)
    found: dict[int, Decision] = {}
    for decision in sorted(decisions, key=lambda d: bool(d.form_id)):
        if decision.form_id:
            at = [by_id[decision.form_id]] if decision.form_id in by_id else []
        else:
            at = by_code.get((decision.project_code, decision.eval_year or 0), [])
        found.update(dict.fromkeys(at, decision))
    return found


def _header(name: str, line: int, row: list[str]) -> list[str]:
    header = [cell.strip() for cell in row]
    absent = [column for column in REQUIRED if column not in header]
    unknown = [column for column in header if column not in COLUMNS]
    if absent:
        raise DecisionError(f"{name} line {line}: column {absent[0]} is missing; the header is {','.join(COLUMNS)}")
    if unknown:
        raise DecisionError(f"{name} line {line}: unknown column {unknown[0]!r}; the header is {','.join(COLUMNS)}")
    return header


def _decision(name: str, line: int, header: list[str], row: list[str], faults: list[str]) -> Decision | None:
    def fault(column: str, what: str) -> None:
        faults.append(f"{name} line {line}, column {column}: {what}")

    if len(row) > len(header):
        fault(header[-1], f"{len(row)} cells, but the header has {len(header)}; quote a note that contains a comma")
        return None
    cells = dict.fromkeys(COLUMNS, "") | dict(zip(header, (cell.strip() for cell in row), strict=False))
    before = len(faults)
    if not cells["project_key"]:
        fault("project_key", "empty; write the key of the project, the same for all its forms")
    if not cells["decided_by"]:
        fault("decided_by", "empty; write who decided")
    if not cells["form_id"] and not cells["project_code"]:
        fault("project_code", "empty, and so is form_id; write one of them")
    if _MANGLED.match(cells["project_code"]):
        fault("project_code", f"{cells['project_code']} has lost digits; format the column as text and enter it anew")
    year = cells["eval_year"]
    if year and not re.fullmatch(r"(?:19|20)\d\d", year):
        fault("eval_year", f"{year!r} is no year; write four digits such as 2024")
    elif not year and not cells["form_id"]:
        fault("eval_year", "empty; write the year of the form, four digits such as 2024")
    if len(faults) > before:
        return None
    return Decision(
        project_key=cells["project_key"],
        decided_by=cells["decided_by"],
        note=cells["note"],
        project_code=cells["project_code"],
        eval_year=int(year) if year else None,
        form_id=cells["form_id"],
        line=line,
    )


def _contradictions(name: str, decisions: list[Decision]) -> list[str]:
    first: dict[tuple[str, ...], Decision] = {}
    faults = []
    for decision in decisions:
        target = (decision.form_id,) if decision.form_id else (decision.project_code, str(decision.eval_year))
        earlier = first.setdefault(target, decision)
        if earlier.project_key != decision.project_key:
            faults.append(
                f"{name} line {decision.line}, column project_key: {decision.project_key!r} contradicts "
                f"{earlier.project_key!r} of line {earlier.line} for the same form; keep one of the two lines"
            )
    return faults
