"""How values are written for people: money, rates, dates, the words of severities and states.

Here: single values. Not here: tables and pages.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from warehouse import attention
from warehouse.schema.tables import TABLES, Column

WAN, YUAN = "万元", "元"
SEVERITIES = dict(TABLES["finding"].column("severity").allowed)
VERDICTS = dict(TABLES["finding"].column("verdict").allowed)
STATUSES = {"loaded": "已入库", "no_form": "无绩效表", "rejected": "未能读取"}
FORM_KINDS = dict(TABLES["project"].column("form_kind").allowed)
FORMATS = dict(TABLES["document"].column("format").allowed)
OPERATORS = {">=": "≥", "<=": "≤", "=": "＝", ">": "＞", "<": "＜"}
_CENT = Decimal("0.01")


def money(value: Any, unit: str = WAN) -> str:
    """An amount in 元 as people write it: 万元 with two decimals, or 元 to the cent; nothing for None."""
    if value is None:
        return ""
    amount = Decimal(value)
    return f"{(amount / 10000 if unit == WAN else amount).quantize(_CENT, ROUND_HALF_UP):,}"


def number(value: Any) -> str:
    """A number with thousands and no idle zeros; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        whole = value.normalize()
        return f"{whole:,f}"
    return f"{value:,}"


def percent(value: Any) -> str:
    """A rate in percent with its sign, two decimals at most."""
    return "" if value is None else f"{number(round(Decimal(str(value)), 2))}%"


def moment(value: Any) -> str:
    """A moment of ours (UTC) as the clock here shows it."""
    if value is None:
        return ""
    when = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return f"{(when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone():%Y-%m-%d %H:%M}"


def plain(value: Any) -> str:
    """Any value of a table in a cell: what it says, and nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal | float):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "、".join(map(plain, value))
    return str(value)


def since(run_id: str | None) -> str:
    """When the run of an id (20260301T020000Z-12) began, as the clock here shows it."""
    begun = re.match(r"\d{8}T\d{6}(?=Z-)", run_id or "")
    return moment(datetime.strptime(f"{begun[0]}+0000", "%Y%m%dT%H%M%S%z")) if begun else run_id or ""


@cache
def _bases() -> Mapping[str, str]:
    return tomllib.loads((Path(__file__).parent / "basis.toml").read_text("utf-8"))


def basis(text: str | None) -> str:
    """What a comparison rests on (numeric:bare_target) in words, or why there is none."""
    return "；".join(_bases().get(part, part) for part in (text or "").split(":") if part)


def said(column: Column, value: Any) -> str:
    """A text of a table with the codes in it as words: kinds, columns that a finding is about, bases."""
    text = plain(value)
    if column.name == "compare_basis":
        return basis(text)
    if column.name == "since_run":
        return since(text)
    return (_words_of(column.name) or column.allowed).get(text, text)


@cache
def _words_of(column: str) -> Mapping[str, str]:
    """What the codes of a column say whose declaration does not list them; nothing for any other."""
    if column == "kind":
        return {kind["kind"]: kind["label_zh"] for kind in attention.kinds()}
    if column == "field":
        tables = (TABLES[name] for name in ("funding", "indicator", "project"))
        return {own.name: own.label_zh for table in tables for own in table.columns}
    return {}


def reading(row: dict[str, Any], side: str) -> str:
    """What a target or result was read as: ≥ 336 天."""
    value, high, unit, day = (row[f"{side}_{part}"] for part in ("value", "value_high", "unit", "date"))
    if day is not None:
        return str(day)
    if value is None:
        return ""
    figure = number(value) + (f"–{number(high)}" if high is not None else "")
    return f"{OPERATORS.get(row[f'{side}_operator'] or '', '')}{figure}{unit or ''}"
