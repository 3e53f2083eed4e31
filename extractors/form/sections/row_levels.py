"""The levels of the rows of an indicator table: printed with a row, merged over it, or in a row of their own above.

Here: which levels a row has. Not here: the points of levels (levels), which rows are indicators (indicators).
"""

from __future__ import annotations

import re

from extractors.form.model import Form, Value, value_of
from extractors.grid.columns import EDGE, covers
from extractors.layout.cell_words import split_levels, words_of
from extractors.layout.column_headers import ColumnHeader, ColumnHeaders
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, points
from extractors.vocabulary import columns_of

_NUMBERING = re.compile(
    r"\d{1,2}(?:[.．-]\d{1,2})*[.、．]?|[一二三四五六七八九十]{1,3}、?|[(（][一二三四五六七八九十\d]{1,3}[)）]"
)


class RowLevels:
    """The levels that hold for the rows to come, by the horizon of a list and the column."""

    def __init__(self, form: Form, columns: ColumnHeaders) -> None:
        self.form, self.columns = form, columns
        self.of: dict[str, dict[str, Value | None]] = {horizon: {} for horizon, _ in columns.blocks}
        section = columns.section
        if section is not None and section.words.is_level and not columns.has("level1"):
            for levels in self.of.values():  # 产出指标 | 二级指标 | 三级指标, headers for each block
                levels["level1"] = value_of(section, "level_row")

    @property
    def first(self) -> Value | None:
        """The level 1 that holds, of the first list that has one."""
        return next((level for levels in self.of.values() if (level := levels.get("level1")) is not None), None)

    def begin_with(self, row: Row) -> bool:
        """Take a row that is a level itself; False where it is none."""
        if (level := self.named_alone(row)) is not None:
            self._begin(level, row.filled[0], row)
        elif (slot := self._with_points(row)) is not None:
            self._begin("level2" if slot.words.is_level2 or self._is_cost_below(slot) else "level1", slot, row)
        else:
            return False
        return True

    def give(self, row: Row, horizon: str, headers: list[ColumnHeader], texts: dict[str, Value]) -> None:
        """Give the row its levels: its own, that of the merged cell beside it, or, where blank, the one above."""
        level = self.of[horizon]
        for name in columns_of("level", "level_points"):
            header = next((c for c in headers if c.name == name), None)
            if header is None:
                level[name] = texts.get(name, level.get(name))
                if (kept := level[name]) is not None:
                    texts[name] = kept
                continue
            if name not in texts:
                texts |= merged_over(row, header)
            if name == "level1" and name in texts and not self.columns.has("level2"):
                texts |= _both_levels(texts[name])
            if name in texts:
                old = level.get(name)
                if name == "level1" and (old is None or old.words.bare != texts[name].words.bare):
                    level["level2"] = level["level1_points"] = None
                level[name] = texts[name]
            elif (kept := level.get(name)) is not None:
                texts[name] = kept
        if self.first is not None and len(self.of) > 1 and not any(c.name == "level1" for c in headers):
            texts["level1"] = self.first  # a list without a column of level 1 has that of the list beside it

    def named_alone(self, row: Row) -> str | None:
        """The level that a row has for itself in a table without its column: 一、产出指标（50分）, （一）数量指标."""
        texts = {s.words.bare for s in row.filled}
        if (
            len(texts) != 1
            or self.columns.has("level1")
            or row.filled[0].x0 > min(c.x0 for c in self.columns.columns) + EDGE
        ):
            return None
        slot = row.filled[0]
        alone = (
            slot.reach > self.columns.columns[0].x1 + EDGE or slot.x1 > self.columns.columns[0].x1 + EDGE or slot.parts
        )
        name = words_of(slot.key)
        if not alone or not name.is_level:
            return None
        below = self.first is not None and not self.first.words.bare.startswith("(")  # （一） below 一、
        second = name.is_level2 or (below and slot.words.bare.startswith("("))
        return None if second and self.columns.has("level2") else "level2" if second else "level1"

    def _with_points(self, row: Row) -> PlacedCell | None:
        """The level that stands where the names do, with points and a number at most beside it: 1.1 | 数量指标 | 20."""
        if self.columns.has("level1") or self.columns.has("level2"):
            return None
        name = next((s for s in row.filled if (c := self.columns.over(s)) is not None and c.name == "level3"), None)
        if name is None or not name.words.is_level:
            return None
        rest = [s for s in row.filled if s is not name and not is_blank(s.text)]
        return name if rest and all(points(s.text) is not None or _NUMBERING.fullmatch(s.text) for s in rest) else None

    def _is_cost_below(self, slot: PlacedCell) -> bool:
        """Whether 成本指标, which may be a level 1, too, stands below 产出指标."""
        return slot.key.startswith("成本") and self.first is not None and self.first.words.bare.startswith("产出")

    def _begin(self, name: str, slot: PlacedCell, row: Row) -> None:
        self.form.claim(*row.filled)
        under = [(s, c) for s in row.filled if s is not slot and (c := self.columns.over(s)) is not None]
        weight = next((s for s, c in under if c.name == "weight"), None)
        for s, c in under:
            if c.name == "score":
                self.form.attribute(slot.text, value_of(c.slot), value_of(s))
        for levels in self.of.values():
            if name == "level1":
                levels["level2"] = None
                levels["level1_points"] = value_of(weight, "level_row") if weight is not None else None
            levels[name] = value_of(slot, "level_row")


def _both_levels(value: Value) -> dict[str, Value]:
    """The levels that one cell prints, where it prints two: 产出指标·数量指标."""
    levels, rest = split_levels(value.text)
    if len(levels) != 1 or not words_of(rest).is_level:
        return {}
    return {"level1": Value(levels[0], value.slots, value.rule), "level2": Value(rest, value.slots, value.rule)}


def merged_over(row: Row, header: ColumnHeader) -> dict[str, Value]:
    """The text of a cell from above that reaches into the row under a header, by the header's name."""
    over = next((s for s in row.above if covers(s, header)), None)
    return {header.name: value_of(over, "merged_cell")} if over is not None and over.text else {}
