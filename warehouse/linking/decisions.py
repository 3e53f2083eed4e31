"""What people decided about projects and units over the years: the file data/decisions.csv.

Here: reading the file, saying what is wrong with it, finding the forms a line speaks of. Not here: linking.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from warehouse.state.people_files import read_rows

COLUMNS = (
    "kind",
    "project_code",
    "fiscal_year",
    "project_key",
    "form_id",
    "unit_name",
    "other_unit_name",
    "decision",
    "decided_by",
    "note",
)
"""The columns that the header may name, in any order; those that a line does not need may be left out."""
REQUIRED = ("decided_by",)
"""The columns without which no row is a header."""
OTHER_NAMES = {"eval_year": "fiscal_year"}
UNIT_DECISIONS = ("same", "different", "usual")
_MANGLED = re.compile(r"^\d(?:\.\d+)?E\+?\d+$", re.IGNORECASE)


@dataclass(frozen=True)
class Decision:
    """One line about projects: the forms it speaks of are the project `project_key`.

    The forms are those with `project_code` in `eval_year`, or the one form `form_id` where no code is printed.
    """

    project_key: str
    decided_by: str
    note: str = ""
    project_code: str = ""
    eval_year: int | None = None
    form_id: str = ""
    line: int = 0


@dataclass(frozen=True)
class UnitDecision:
    """One line about units, by their printed names: same, different (two units), or usual.

    usual: `unit_name` is the name to show of the unit, of `other_unit_name` where that is given.
    """

    decision: str
    unit_name: str
    other_unit_name: str = ""
    decided_by: str = ""
    note: str = ""
    line: int = 0


class Fault(NamedTuple):
    """A line that is not in force: its number and, in Chinese, what is wrong and what to do."""

    line: int
    message: str


class Decisions(NamedTuple):
    """The file: the lines in force about projects and about units, and the lines that are not."""

    projects: list[Decision]
    units: list[UnitDecision]
    faults: list[Fault]


def read_decisions(path: Path) -> Decisions:
    """Read the decisions of `path` (UTF-8 or GB18030, comma separated, with a header line); no file means none.

    About projects (kind `project` or empty): forms with one project_key are one project and forms with different keys
    never are; a key that only one form bears begins a new project with that form; the series_id of an existing series
    may serve as a key. About units (kind `unit`): unit_name, other_unit_name and decision. Lines beginning with # and
    empty lines are skipped; of two lines that contradict each other the first is in force.
    """
    rows = read_rows(path)
    found = Decisions([], [], [])
    if rows is None:
        found.faults.append(Fault(1, f"{path.name} 不是 UTF-8 或 GB18030 的 CSV，请用表格软件打开后另存为 CSV。"))
        return found
    header: list[str] | None = None
    for line, row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if header is None:
            header = [OTHER_NAMES.get(cell, cell) for cell in cells]
            wrong = [f"不认识的列 {name!r}" for name in header if name and name not in COLUMNS]
            wrong += [f"缺少 {name} 列" for name in REQUIRED if name not in header]
            if wrong:
                found.faults.append(Fault(line, f"表头{'，'.join(wrong)}；可用的列：{','.join(COLUMNS)}。"))
                return found
            continue
        said = dict.fromkeys(COLUMNS, "") | {n: c for n, c in zip(header, cells, strict=False) if c}
        if len(cells) > len(header) and any(cells[len(header) :]):
            fault = "格数比表头多；说明里有逗号的，请给整段说明加引号"
        else:
            fault = _of_unit(line, said, found.units) if said["kind"] == "unit" else _of_project(line, said, found)
        if fault:
            found.faults.append(Fault(line, f"第 {line} 行：{fault}。这一行暂不起作用。"))
    return found


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


def _of_project(line: int, said: dict[str, str], found: Decisions) -> str:
    """Take in a line about projects; returns what is wrong with it, '' if nothing."""
    year = said["fiscal_year"]
    if said["kind"] not in ("", "project"):
        return f"kind 写的是 {said['kind']!r}，应为 project 或 unit"
    if not said["project_key"]:
        return "project_key 为空，请写项目的键，同一项目各表相同"
    if not said["decided_by"]:
        return "decided_by 为空，请写认定人"
    if not said["form_id"] and not said["project_code"]:
        return "project_code 和 form_id 都为空，请写其中一个"
    if _MANGLED.match(said["project_code"]):
        return f"project_code {said['project_code']} 丢了数字，请把该列设为文本后重新填写"
    if year and not re.fullmatch(r"(?:19|20)\d\d", year):
        return f"fiscal_year {year!r} 不是年份，请写四位数字，如 2024"
    if not year and not said["form_id"]:
        return "fiscal_year 为空，请写表的年度，如 2024"
    decision = Decision(
        project_key=said["project_key"],
        decided_by=said["decided_by"],
        note=said["note"],
        project_code=said["project_code"],
        eval_year=int(year) if year else None,
        form_id=said["form_id"],
        line=line,
    )
    for earlier in found.projects:
        if _target(earlier) == _target(decision) and earlier.project_key != decision.project_key:
            key, other = decision.project_key, earlier.project_key
            return f"project_key {key!r} 与第 {earlier.line} 行的 {other!r} 矛盾，请只留一行"
    found.projects.append(decision)
    return ""


def _of_unit(line: int, said: dict[str, str], units: list[UnitDecision]) -> str:
    """Take in a line about units; returns what is wrong with it, '' if nothing."""
    if said["decision"] not in UNIT_DECISIONS:
        return f"decision 写的是 {said['decision']!r}，应为 same（同一单位）、different（两个单位）或 usual（通行名称）"
    if not said["unit_name"] or (not said["other_unit_name"] and said["decision"] != "usual"):
        return "unit_name 或 other_unit_name 为空，请照表上所印填写两个单位名称"
    if not said["decided_by"]:
        return "decided_by 为空，请写认定人"
    decision = UnitDecision(
        said["decision"], said["unit_name"], said["other_unit_name"], said["decided_by"], said["note"], line
    )
    names = {decision.unit_name, decision.other_unit_name}
    for earlier in units:
        both = {earlier.decision, decision.decision}
        if both == {"same", "different"} and {earlier.unit_name, earlier.other_unit_name} == names:
            return f"与第 {earlier.line} 行矛盾，请只留一行"
    units.append(decision)
    return ""


def _target(decision: Decision) -> tuple[object, ...]:
    return (decision.form_id,) if decision.form_id else (decision.project_code, decision.eval_year)
