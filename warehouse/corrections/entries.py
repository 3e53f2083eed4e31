"""The file of corrections as entries: one printed value each, what it must be now and what it is to be.

Here: the YAML, its keys and how an entry may be wrong in itself. Not here: whether its value stands in the tables.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from extractors.errors import JixiaoError
from warehouse.schema.tables import TABLES, Column

REQUIRED = ("document", "form", "field", "expect", "value", "reason", "who", "date")
SELECTORS = {"funding": "source", "indicator": "indicator", "attribute": "attribute"}
"""The key that says which of a form's rows is meant, by table; a project is one row."""
KEYS = (*REQUIRED, *SELECTORS.values(), "status")
ACTIVE, WITHDRAWN = "active", "withdrawn"

READ_FROM_TEXTS = ("kind", "operator", "value", "value_high", "unit", "date")
_NOT_PRINTED = {
    "project": {"form_id", "document_id", "form_no", "money_unit", "page_from", "page_to", "series_id", "unit_id"}
    | {"indicator_columns"},
    "funding": {"form_id", "funding_no", "source"},
    "indicator": {"indicator_id", "form_id", "indicator_no", "met", "attainment_pct", "deviation_pct", "compare_basis"}
    | {f"{side}_{part}" for side in ("target", "actual") for part in READ_FROM_TEXTS},
    "attribute": {"form_id", "attribute_no"},
}
CORRECTABLE: dict[str, dict[str, Column]] = {
    table: {column.name: column for column in TABLES[table].columns if column.name not in not_printed}
    for table, not_printed in _NOT_PRINTED.items()
}
"""The columns that hold what is printed, by table; everything else follows from these."""

_HASH = re.compile(r"[0-9a-f]{16,64}")
_ROW_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


class CorrectionsError(JixiaoError, ValueError):
    """The file of corrections as a whole cannot be read; the message names line and column."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry of the file. `expect` and `value` are texts as written, None for an empty value.

    `row`: the funding source, or the number of the indicator or attribute; None for the project. `faults`: what is
    wrong with the entry in itself, Chinese sentences; an entry with faults is never applied.
    """

    line: int
    document: str = ""
    form_no: int = 0
    table: str = ""
    column: str = ""
    row: str | None = None
    expect: str | None = None
    value: str | None = None
    reason: str | None = None
    who: str | None = None
    date: str | None = None
    status: str = ACTIVE
    faults: tuple[str, ...] = ()

    @property
    def correction_id(self) -> str:
        """An id that stays while lines move: of what the entry says about which value."""
        parts = (self.document, str(self.form_no), self.table, self.column, self.row, self.expect, self.value)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def read_corrections(path: Path) -> list[Correction]:
    """The entries of the file in their order; no file means none.

    Raises CorrectionsError where it is no regular file, no UTF-8, no YAML or no list.
    """
    if path.exists() and not path.is_file():
        raise CorrectionsError("不是普通文件，请移走或改名 / not a regular file; move it away")
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise CorrectionsError(
            f"第 {error.start} 字节处不是 UTF-8，请另存为 UTF-8 / not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from error
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise CorrectionsError(_not_yaml(error)) from error
    if root is None or _scalar(root) == "":
        return []
    if not isinstance(root, yaml.SequenceNode):
        raise CorrectionsError(
            f"第 {root.start_mark.line + 1} 行应是列表，每条更正以“- ”开头 / not a list; begin each entry with '- '"
        )
    return [_entry(node) for node in root.value]


def ids(entries: Iterable[Correction]) -> Iterator[str]:
    """The ids of the entries; those that say the same are numbered."""
    used: Counter[str] = Counter()
    for entry in entries:
        used[entry.correction_id] += 1
        number = used[entry.correction_id]
        yield entry.correction_id + (f"-{number}" if number > 1 else "")


def _not_yaml(error: yaml.YAMLError | RecursionError) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else ""
    return f"{where}不是可读的 YAML，请检查缩进、冒号和引号 / not YAML, see indents, colons and quotes: {what}"


def _entry(node: yaml.Node) -> Correction:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        return Correction(line, faults=(f"应是若干“键: 值”，键有 {'、'.join(KEYS)}。",))
    faults: list[str] = []
    given: dict[str, str | None] = {}
    for key_node, value_node in node.value:
        key = _scalar(key_node)
        if key not in KEYS:
            faults.append(f"没有“{key}”这个键；可用的键是 {'、'.join(KEYS)}。")
        elif key in given:
            faults.append(f"“{key}”写了两次，请删去一个。")
        elif not isinstance(value_node, yaml.ScalarNode):
            faults.append(f"“{key}”应是一个值，不是列表或对象。")
        else:
            given[key] = _scalar(value_node) or None
    missing = [key for key in REQUIRED if key not in given or (given[key] is None and key not in ("expect", "value"))]
    if missing:
        faults.append(f"缺少 {'、'.join(missing)}。")
    return _checked(line, given, faults)


def _checked(line: int, given: dict[str, str | None], faults: list[str]) -> Correction:
    document = (given.get("document") or "").lower()
    if document and not _HASH.fullmatch(document):
        faults.append(f"document“{document}”不是文件编号；写 document_id，至少前 16 位（十六进制）。")
    form = given.get("form") or ""
    if form and not _ROW_NUMBER.fullmatch(form):
        faults.append(f"form“{form}”不是表序号；写 form_no，从 1 起的整数。")
    table, _, column = (given.get("field") or "").partition(".")
    if given.get("field"):
        faults += _field_faults(table, column, given)
    status = given.get("status") or ACTIVE
    if status not in (ACTIVE, WITHDRAWN):
        faults.append(f"status“{status}”应为 {ACTIVE}（有效）或 {WITHDRAWN}（撤回）。")
    date = given.get("date")
    if date and not _is_date(date):
        faults.append(f"date“{date}”不是日期；写成 2026-03-01 的样子。")
    if "expect" in given and "value" in given and given["expect"] == given["value"]:
        faults.append("expect 与 value 相同，没有可更正的。")
    return Correction(
        line=line,
        document=document,
        form_no=int(form) if _ROW_NUMBER.fullmatch(form) else 0,
        table=table,
        column=column,
        row=given.get(SELECTORS.get(table, "")),
        expect=given.get("expect"),
        value=given.get("value"),
        reason=given.get("reason"),
        who=given.get("who"),
        date=date if date and _is_date(date) else None,
        status=status,
        faults=tuple(faults),
    )


def _field_faults(table: str, column: str, given: dict[str, str | None]) -> list[str]:
    if table not in CORRECTABLE:
        return [f"field“{given['field']}”应写成 表.列，表为 {'、'.join(CORRECTABLE)} 之一，如 project.executed_yuan。"]
    faults = []
    if column not in CORRECTABLE[table]:
        faults.append(_not_correctable(table, column))
    own = SELECTORS.get(table)
    if own and not given.get(own):
        faults.append(f"缺少 {own}：{table} 表一张表有多行，要写明是哪一行。")
    elif own and own != "source" and not _ROW_NUMBER.fullmatch(given[own] or ""):
        faults.append(f"{own}“{given[own]}”应是从 1 起的行序号（{table}_no）。")
    faults += [f"{table} 表不用 {key}，请删去。" for key in SELECTORS.values() if key != own and key in given]
    return faults


def _not_correctable(table: str, column: str) -> str:
    if column not in TABLES[table].column_names:
        return f"{table} 表没有“{column}”这一列；可更正的列是 {'、'.join(CORRECTABLE[table])}。"
    if column in ("series_id", "unit_id"):
        return f"project.{column} 由跨年关联得出；请在 decisions.csv 中认定。"
    if column == "money_unit":
        return "project.money_unit 决定所有金额的读法，不能单独更正；请更正各项金额（以元计）。"
    if table == "indicator" and column not in ("indicator_id", "form_id", "indicator_no"):
        return f"indicator.{column} 由原文读出；请更正 target_text、actual_text 或 unit_text，读数会随之重算。"
    return f"{table}.{column} 不是表中所印的值，不能更正。"


def _scalar(node: yaml.Node) -> str | None:
    """What a scalar says as text, as written: a code stays a code and 0.10 stays 0.10; None for an empty value."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value).strip()


def _is_date(text: str) -> bool:
    try:
        dt.datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        return False
    return True
