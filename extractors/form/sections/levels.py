"""The names of indicators and of their levels, and the points that stand with a level or in a column beside it.

Here: what a level's cell says. Not here: which row has which level (indicators).
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import groupby

from extractors.form.model import Form, IndicatorRow
from extractors.readings.printed import points
from extractors.vocabulary import bare_text

LEVEL_WEIGHT = "level_weight"
"""The field of a column of points between level 1 and level 2, until the rows show whose points they are."""

_NUMBERED_NAME = re.compile(
    r"^(?:[★☆*※▲＊]|指标\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2}|(?=指标))\s*[:：.、．]?\s*"
    r"|[(（]?\d{1,2}[)）]\s*(?=\D)|\d{1,2}[、.．]\s*(?=[^\d\s])|[①-⑳]\s*|[(（][一二三四五六七八九十]{1,2}[)）]\s*)+"
)
_ALL_POINTS = 100
_POINTS = re.compile(
    r"[(（\[【]\s*(?P<points>\d(?:\s?\d){0,2}(?:\.\d+)?)\s*(?:分|%)?\s*[)）\]】]$|(?<=[\u4e00-\u9fff])\s*(?P<named>\d{1,3}(?:\.\d+)?)\s*分$"
    r"|(?<=指标)\s*(?P<bare>\d{1,3})$"
)
_LEVEL_NAME = re.compile(
    r"(?:项目)?(?:产出|效益|效果|满意度|成本|过程|决策|投入|管理|完成|履职效能|运行成本|社会效应|可持续发展能力)(?:指标)?"
    r"|(?:数量|质量|时效|成本|经济效益|社会效益|生态效益|环境效益|可持续影响|服务对象满意度|其他满意度|社会公众满意度"
    r"|经济成本|社会成本|生态环境成本|资金投入|资金管理|项目管理)指标"
)


def full_level(text: str) -> bool:
    """Whether a text is a whole level name, with its points or not: 产出指标（50分）, 数量指标."""
    name, _ = split_points(bare_text(text))
    return bool(_LEVEL_NAME.fullmatch(name))


def split_points(text: str) -> tuple[str, str | None]:
    """(level name, points) of a level-1 cell: 产出指标（50分） gives 产出指标 and 50."""
    m = _POINTS.search(text.strip())
    if not m:
        return text, None
    return text.strip()[: m.start()].strip(), bare_text(m["points"] or m["named"] or m["bare"])


def without_number(name: str) -> str:
    """The name of an indicator without its number and marks: 指标1：供餐人数, ★供餐人数."""
    return _NUMBERED_NAME.sub("", name).strip()


def is_numbered(name: str) -> bool:
    """Whether a text begins with the number of an indicator."""
    return _NUMBERED_NAME.match(name) is not None


def settle_level_weights(form: Form) -> None:
    """Give the points that stand right of level 1 to that level, where all its rows share them, else to the row."""
    if LEVEL_WEIGHT not in form.indicator_columns:
        return
    by_level = [list(rows) for _, rows in groupby(form.indicators, key=_level1)]
    shared = any(len(rows) > 1 and sum(LEVEL_WEIGHT in row.values for row in rows) == 1 for rows in by_level)
    if not shared:  # printed in each row of a merged cell: the points of a form are no more than 100
        alike = all(
            len({r.values[LEVEL_WEIGHT].text for r in rows if LEVEL_WEIGHT in r.values}) <= 1 for rows in by_level
        )
        shared = alike and sum(_level_weight(row) for row in form.indicators) > _ALL_POINTS
    named = {LEVEL_WEIGHT: "level1_points" if shared else "weight"}
    form.indicator_columns[:] = [named.get(name, name) for name in form.indicator_columns]
    for rows in by_level:
        first = next((row.values[LEVEL_WEIGHT] for row in rows if LEVEL_WEIGHT in row.values), None)
        for row in rows:
            own = row.values.pop(LEVEL_WEIGHT, None)
            if shared and first is not None:
                row.values["level1_points"] = first
            elif own is not None:
                row.values["weight"] = own


def _level1(row: IndicatorRow) -> str:
    return bare_text(row.values["level1"].text) if "level1" in row.values else ""


def _level_weight(row: IndicatorRow) -> Decimal:
    value = row.values.get(LEVEL_WEIGHT)
    return (points(value.text) if value is not None else None) or Decimal(0)
