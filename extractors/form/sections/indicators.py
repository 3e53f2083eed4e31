"""The indicator table: its headers and its rows.

Here: which text stands under which header, and which rows are indicators. Not here: which levels a row has
(row_levels), what targets say (readings).
"""

from __future__ import annotations

import re

from extractors.codes import ProblemCode
from extractors.form.joined_values import NO_SIGN, is_operator
from extractors.form.model import Form, IndicatorRow, Value, value_of
from extractors.form.sections.funding import STAGES
from extractors.form.sections.reasons import is_of_remarks
from extractors.form.sections.row_levels import RowLevels, merged_over
from extractors.grid import Idea
from extractors.grid.columns import EDGE, covers, is_left_of
from extractors.layout.cell_words import (
    split_both,
    split_label,
    split_levels,
    split_points,
    without_number,
    words_of,
)
from extractors.layout.column_headers import ColumnHeader, ColumnHeaders, column_headers_from, is_wide
from extractors.layout.merged import row_under
from extractors.layout.rows import IN_DOUBT, PlacedCell, Row
from extractors.readings.printed import is_blank, is_operator_alone, points
from extractors.readings.units import free_unit, unit_of
from extractors.vocabulary import bare_text, columns_of, indicator_columns

_FORECAST = re.compile("全年预计|预计完成(?:情况|值)|完成(?:年度)?(?:目标)?的?可能性")
_FIGURE = re.compile(r"\d+\.\d+|\d{3,}")
"""A number that counts no rows."""
_HEADING = re.compile(r"[一二三四五六七八九十]{1,2}、")
_SUBTOTAL = re.compile(r"小计|分项合计|本项合计|.{2,8}(?:小计|合计)")
_OWN = {*columns_of("name", "value", "points", "reason")}
"""What only an indicator has; levels and parts of values may stand for others as well."""
_POINTS = {*columns_of("points")}
_BY_CONTENT, _IN_DOUBT = 0.99, 0.5
"""How sure the idea about a header is that its cells told, or left in doubt."""
_FIGURES = {*columns_of("value"), *_POINTS}
_LEVELS = columns_of("level")
_SIGNS = {"operator", "direction_text"}
"""Columns that print a sign or a direction, whichever; other words in them are neither."""
_STAGES = {("measure", stage) for stage in STAGES}
_OF_FIELDS = {"header", "goal", "amount", "sentence", "attribute"}
_NEARLY = 0.9
_LABEL_COLUMNS = {*columns_of("level", "name", "value", "note")}
"""Where the label of a subtotal may stand."""


class IndicatorTable:
    """The rows under one row (or two) of headers."""

    def __init__(self, form: Form, columns: ColumnHeaders) -> None:
        self.form, self.blocks, self.section, self.headers = form, columns.blocks, columns.section, columns.columns
        self.levels = RowLevels(form, columns)
        self.column_header, self.has = columns.over, columns.has
        self.seen: tuple[Row, Row] | None = None  # the row that was asked about last, and as the columns show it
        self.lefts = min(c.x0 for c in self.headers)

    def columns(self) -> list[str]:
        """The fields that the headers name, each once; headers that are not known are left out."""
        return list(dict.fromkeys(name for c in self.headers if c.name != "note" for name in c.both or (c.name,)))

    def looks_ahead(self) -> bool:
        """Whether a column says what will be reached by the end of the year, as monitoring does."""
        return any(_FORECAST.search(c.slot.key) for c in self.headers)

    def accepts(self, row: Row) -> bool:
        """Whether a row is one of the table's: something stands in its name, value or points columns."""
        if self.levels.named_alone(row) is not None:
            return True
        if not row.filled or row.filled[0].words.is_note or _one_merged_cell(row.filled):
            return False
        row = self._as_shown(row)
        filled = row.filled
        under = [(s, self.column_header(s)) for s in filled]
        if all(s.words.is_residue for s in filled):
            return any(c is not None for _, c in under)
        if self._subtotal(row) is not None:
            return True
        if all(map(_is_of_footer, filled)):
            return False
        outside = [s for s, c in under if c is None and not self._is_section(s)]
        if outside and any(s.words.role for s in outside):
            return False
        if _prints_money(filled) and not self.names_an_indicator(row):
            return False
        first, header = under[0]
        if len(under) == 1 and not self._is_section(first) and (header is None or self._heads_a_section(first)):
            return False
        if self._labels_a_text(under):
            return False
        own = [c for s, c in under if c is not None and not is_wide(self.headers, s, c)]
        hits = [c.name for c in own]
        doubted = sum(map(_is_in_doubt, own))  # of its values or names, whichever
        core = len(_OWN & set(hits)) + doubted
        if core >= 3 and not any(self._names_a_field(s) for s, _ in under[1:]):
            return True
        if not core:
            # a level alone, or a level-2 of the standard set without an indicator
            return (
                bool({*_LEVELS} & set(hits))
                and not self._names_a_field(first)
                and all(s.words.like_level and not self._names_a_field(s) for s, c in under if c)
            )
        cut = split_label(first.text)
        if first.words.measure == "rate_pct" and {*hits} == {"weight", "score"}:
            return True  # the points of the execution of the budget: 预算支出进度 | 10 | 9.8
        if (cut and words_of(cut[0]).role) or (self._names_a_field(first) and not self._is_level_2(under)):
            return False  # a footer: 填报人：…
        lead = next(((s, c) for s, c in under if c is not None and c.name in _LEVELS), None)
        if lead and lead[0] is first and not (lead[0].words.like_level or split_points(lead[0].text)[1]):
            # a footer such as 「存在问题：…」 whose label stands where the levels stood
            return lead[0].words.role is None and core >= 2
        return True

    def _is_level_2(self, under: list[tuple[PlacedCell, ColumnHeader | None]]) -> bool:
        """Whether a row begins in the column of level 2 and has a name and a value of its own, each under one header.

        Then it begins with a level though that bears the word of a label: 绩效目标 below 决策.
        """
        first, rest = under[0][1], under[1:]
        if first is None or first.name != "level2" or first.x0 <= self.lefts + EDGE:
            return False
        names = {c.name for s, c in rest if c is not None and not is_wide(self.headers, s, c)}
        return len(names) == len({id(c) for _, c in rest}) and "level3" in names and bool(names & _FIGURES)

    def _labels_a_text(self, under: list[tuple[PlacedCell, ColumnHeader | None]]) -> bool:
        """Whether a row is a known label and a text over the columns beside it: 未完成原因 | … below the rows."""
        (label, header), *rest = under
        known = label.words.header is not None or label.words.role is not None
        if not rest or not known or label.words.is_level or header is None or header.name not in _LABEL_COLUMNS:
            return False
        wide = [s for s, _ in rest if s.parts or sum(covers(s, c) for c in self.headers) > 1 or s.reach > s.x1]
        return len(rest) == 1 and wide == [rest[0][0]] and points(rest[0][0].text) is None

    def names_an_indicator(self, row: Row) -> bool:
        """Whether a row has a whole level, or a name of no label with its points, where the table has such columns.

        Then it is no row of money, though its values may be 年初预算 and 实际支出.
        """
        under = [(s, c.name) for s in row.filled if (c := self.column_header(s)) is not None]
        if any(name in _LEVELS and s.words.is_level for s, name in under):
            return True
        named = any(name == "level3" and s.words.role is None and points(s.text) is None for s, name in under)
        return named and any(name in _POINTS and points(s.text) is not None for s, name in under)

    @staticmethod
    def _names_a_field(slot: PlacedCell) -> bool:
        """Whether a cell is the label of a field elsewhere on the form, not a level that bears the same word."""
        return bool(slot.words.pairs) or (slot.words.group in _OF_FIELDS and not slot.words.is_level)

    def _heads_a_section(self, slot: PlacedCell) -> bool:
        """Whether a cell alone in its row is the heading of what follows, not the name of an unfinished indicator."""
        return bool(_HEADING.match(slot.text)) or (slot.x0 <= self.lefts + EDGE and not slot.words.like_level)

    def _subtotal(self, row: Row) -> PlacedCell | None:
        """The label of a row that adds up a level (小计), with nothing but figures beside it."""
        if not any("计" in s.text for s in row.filled):
            return None
        for slot in row.filled:
            if not is_blank(slot.text) and points(slot.text) is None and not self._is_section(slot):
                header = self.column_header(slot)
                if header is not None and header.name == "level1" and slot.words.like_level:
                    continue
                is_label = _SUBTOTAL.fullmatch(slot.words.bare) and not slot.words.is_total
                return slot if is_label and header is not None and header.name in _LABEL_COLUMNS else None
        return None

    def read(self, row: Row) -> None:
        """Take one accepted row."""
        if self.levels.begin_with(row):
            return
        row = self._as_shown(row)
        self.form.claim(*[s for s in row.filled if self._is_section(s) and not self._is_unread(s)])
        if all(s.words.is_residue and points(s.text) is None for s in row.filled) or self._repeats_headers(row):
            self.form.claim(*row.filled)  # …… | ……
        elif subtotal := self._subtotal(row):
            self._keep_subtotal(row, subtotal)
        elif label := self._unnamed_sum(row):
            self._tell_sum(row, label)
        else:
            for horizon, headers in self.blocks:
                self._read_block(row, horizon, headers)

    def _repeats_headers(self, row: Row) -> bool:
        """Whether a row prints the headers again, which nobody may know, as each of several tables does."""
        over = [self.column_header(s) for s in row.filled]
        same = [h is not None and h.slot.words.bare == s.words.bare for h, s in zip(over, row.filled, strict=True)]
        return len(same) > 2 and all(same)

    def _keep_subtotal(self, row: Row, label: PlacedCell) -> None:
        level = self.levels.first.text if self.levels.first is not None else None
        labelled = value_of(label)
        self.form.claim(*row.filled)
        for slot in row.filled:
            if slot is not label and points(slot.text) is not None:
                self.form.attribute(level, labelled, value_of(slot))

    def _unnamed_sum(self, row: Row) -> PlacedCell | None:
        """The label of a row that adds up points, though nobody knows the label: it has nothing but points beside it.

        It stands left of the names or over them, and its points are the sum of all above, or more than nearly all.
        """
        cells = [s for s in row.filled if self.section is None or s.first is not self.section.first]
        if len(cells) < 2 or cells[0].words.like_level or points(cells[0].text) is not None:
            return None
        label, names = cells[0], next((c for c in self.headers if c.name == "level3"), self.headers[0])
        name_of_row = label.x0 >= names.x0 - EDGE and label.x1 <= names.x1 + EDGE and label.reach <= names.x1 + EDGE
        figures = [s for s in cells[1:] if not is_blank(s.text) and s.words.bare != label.words.bare]
        if (name_of_row and not label.parts) or not figures or any(points(s.text) is None for s in figures):
            return None
        return label if any(self._is_sum(slot) for slot in figures) else None

    def _is_sum(self, slot: PlacedCell) -> bool:
        """Whether points are the sum of those above in their column, or of the scores where it has none."""
        header, printed = self.total_header(slot), points(slot.text)
        name = header.name if header is not None and header.name in _POINTS else "score"
        own = [points(r.values[name].text) or 0 for r in self.form.indicators if name in r.values]
        last = next((r.values["level1"] for r in self.form.indicators[-1:] if "level1" in r.values), None)
        of_level = [
            points(r.values[name].text) or 0
            for r in self.form.indicators
            if name in r.values and last is not None and r.values.get("level1") is last
        ]
        if not printed or len(own) < 2:
            return False
        return printed in (sum(own), sum(of_level)) or (len(own) > 2 and float(printed) >= _NEARLY * float(sum(own)))

    def _tell_sum(self, row: Row, label: PlacedCell) -> None:
        self.form.claim(*row.filled)
        self.form.unknown("标签", label)
        for slot in row.filled:
            if slot is not label and points(slot.text) is not None:
                message = f"「{label.text}」一行的「{slot.text}」像是合计，没有认出，未采用。"
                self.form.report(ProblemCode.UNCLAIMED_CELL, message, slot)

    def _read_block(self, row: Row, horizon: str, headers: list[ColumnHeader]) -> None:
        texts: dict[str, Value] = {}
        notes: list[tuple[ColumnHeader, Value]] = []
        unclear: dict[ColumnHeader, list[Value]] = {}
        for slot in row.filled:
            header = self.column_header(slot)
            if header is None or header not in headers:
                continue
            value = value_of(slot, "header_above" if header.slot.column is None else "header_by_cells")
            self.form.claim(slot)
            if header.name == "note" or (header.name in _SIGNS and not is_operator(value.text)):
                notes.append((header, value))
            elif header.both:
                self._read_both(header, value, texts)
            elif header.name not in texts:
                texts[header.name] = value
            elif (begun := texts[header.name]).words.bare == slot.words.bare:
                continue
            elif (twice := indicator_columns()[header.name].twice) == "first":
                notes.append((header, value))  # two figures are not one number
            elif twice == "refuse" and not _parts_of_one(begun.text, slot.text):
                unclear.setdefault(header, [begun]).append(value)
            else:
                texts[header.name] = Value(begun.text + slot.text, (*begun.slots, slot), begun.rule)
        for header, values in unclear.items():
            self._leave_unread(header, values)
            del texts[header.name]
        doubted = any(_is_in_doubt(header) and _says_something(value) for header, value in notes)
        own = doubted or bool(texts.keys() & _OWN)
        if own and self._is_further_reason(row, headers, texts):
            self._keep_reasons(row, headers, notes)
            return
        self.levels.give(row, horizon, headers, texts)
        if own:
            self._merged(row, headers, texts)
        if (name := texts.get("level3")) is not None:
            texts["level3"] = Value(without_number(name.text), name.slots, name.rule)
            self._take_levels(texts)
            if texts["level3"].words.is_residue and not _is_named_by_a_number(texts, doubted):
                del texts["level3"]
                if _FIGURE.fullmatch(bare_text(name.text)):
                    message = f"三级指标一格只印着「{name.text[:40]}」，不是名称，没有读入。"
                    self.form.report(ProblemCode.UNCLAIMED_CELL, message, name.slots[0])
        if not self._is_indicator(texts, doubted):
            self._keep_reasons(row, headers, notes)
            return
        indicator = IndicatorRow(horizon, texts)
        self.form.indicators.append(indicator)
        for header, value in notes:
            self.form.attribute(texts["level3"].text if "level3" in texts else None, value_of(header.slot), value)
            if is_of_remarks(header.slot):
                self.form.remarks.append((indicator, header.slot, value))

    def _read_both(self, header: ColumnHeader, value: Value, texts: dict[str, Value]) -> None:
        """Take the two values of a cell below a header that names both (目标值/完成值), or tell of it."""
        if is_blank(value.text):
            return
        cut = split_both(value.text)
        if cut is None:
            message = f"表头「{header.slot.text}」下的「{value.text[:60]}」分不清是哪两个值，没有采用。"
            self.form.report(ProblemCode.UNCLAIMED_CELL, message, value.slots[0])
            return
        for name, text in zip(header.both, cut, strict=True):
            texts[name] = Value(text, value.slots, value.rule)

    def _take_levels(self, texts: dict[str, Value]) -> None:
        """Give a row the levels that stand before its name, where the table has no columns for them."""
        name = texts["level3"]
        levels, rest = split_levels(name.text)
        if not levels or self.has("level2") or (len(levels) > 1 and self.has("level1")):
            return
        first = "level1" if len(levels) > 1 or not ("level1" in texts or words_of(levels[0]).is_level2) else "level2"
        for column, level in zip(("level1", "level2") if first == "level1" else ("level2",), levels, strict=False):
            texts[column] = Value(level, name.slots, name.rule)
        texts["level3"] = Value(rest, name.slots, name.rule)

    def _is_further_reason(self, row: Row, headers: list[ColumnHeader], texts: dict[str, Value]) -> bool:
        """Whether a row has but a reason of its own, beside the name of the indicator that is merged over both."""
        name = next((c for c in headers if c.name == "level3"), None)
        if name is None or "deviation" not in texts or not self.form.indicators:
            return False
        printed = {n for n in texts.keys() & _OWN if all(s.first is s for s in texts[n].slots)}
        merged = "level3" in texts or bool(merged_over(row, name))
        return printed == {"deviation"} and merged

    def _keep_reasons(self, row: Row, headers: list[ColumnHeader], notes: list[tuple[ColumnHeader, Value]]) -> None:
        """Keep a further row of reasons as attributes of the indicator above it, which is merged over both.

        Where the reasons have figures of their own, the first of them is an attribute, too.
        """
        form = self.form
        reasons = [
            s for s in row.filled if (c := self.column_header(s)) in headers and c is not None and c.name == "deviation"
        ]
        texts = [(c, value) for c, value in notes if not value.words.is_residue or points(value.text) is not None]
        if not form.indicators or not (reasons or texts):
            return
        values = form.indicators[-1].values
        section = values["level3"].text if "level3" in values else None
        first = values.get("deviation")
        if reasons and first is not None and any(value.words.is_figure for _, value in texts):
            header = self.column_header(first.slots[0])
            form.attribute(section, value_of(header.slot) if header is not None else Value("", ()), first)
            del values["deviation"]
        for slot in reasons:
            if (over := self.column_header(slot)) is not None:
                form.attribute(section, value_of(over.slot), value_of(slot))
        for over, value in texts:
            form.attribute(section, value_of(over.slot), value)

    def _leave_unread(self, header: ColumnHeader, values: list[Value]) -> None:
        """Tell of several values under one header: which of them is meant nobody can say."""
        label = header.slot.text
        for slot in (slot for value in values for slot in value.slots):
            message = f"表头「{label}」下有几个值，分不清，都没有采用：「{slot.text[:60]}」，请核对表头。"
            self.form.report(ProblemCode.UNCLAIMED_CELL, message, slot)

    def _merged(self, row: Row, headers: list[ColumnHeader], texts: dict[str, Value]) -> None:
        """Give the row the texts of cells that span it and the rows above it (one target for two indicators)."""
        for header in headers:
            if indicator_columns()[header.name].spans and header.name not in texts:
                texts |= merged_over(row, header)

    def _is_indicator(self, texts: dict[str, Value], doubted: bool) -> bool:
        """Whether a row is one; `doubted`: something stands below a header in doubt, a name or a value."""
        if "level3" in texts:
            return True
        valued = doubted or any(_says_something(v) for n, v in texts.items() if n in _FIGURES)
        return valued and any(name in texts for name in _LEVELS)

    def _is_section(self, slot: PlacedCell) -> bool:
        return is_left_of(slot, self.lefts) or (self.section is not None and slot.first is self.section.first)

    def _is_unread(self, slot: PlacedCell) -> bool:
        """Whether a cell left of the table says something else than the section that its header row names there."""
        name = self.section
        return name is not None and slot.first is not name.first and slot.words.bare != name.words.bare

    def total_header(self, slot: PlacedCell) -> ColumnHeader | None:
        """The header above a figure of the total line; one merged over weight and score is the score."""
        over_score = (c for c in self.headers if c.name == "score" and covers(slot, c))
        return next(over_score, None) or self.column_header(slot)

    def _as_shown(self, row: Row) -> Row:
        """A row with its cells as the columns show them."""
        if self.seen is None or self.seen[0] is not row:
            self.seen = row, row_under(row, self.column_header)
        return self.seen[1]


def _prints_money(filled: list[PlacedCell]) -> bool:
    """Whether a row is labels of money with their amounts: 预算数（元） | 500000 | 执行数（元） | 410000."""
    stages = [s for s in filled if s.words.role in _STAGES]
    if not stages:
        return False
    rest = [s for s in filled if s.words.bare != stages[0].words.bare]
    alone = stages[0] is filled[0] and bool(rest) and all(s.words.is_amount and s.text == rest[0].text for s in rest)
    return alone or len({s.words.bare for s in stages}) >= 2


def _is_of_footer(slot: PlacedCell) -> bool:
    """Whether a cell is a label with a colon, its value behind it or to be written there: 负责人（签字）：."""
    return not slot.words.is_numbered and (slot.words.bare.endswith(":") or split_label(slot.text) is not None)


def _one_merged_cell(filled: list[PlacedCell]) -> bool:
    """Whether a row is a text that fills it, beside a label or alone (存在问题 | 无 | 无 | 无)."""
    first, last = filled[0], filled[-1]
    if len(last.parts) < 3 or len(filled) > 2:
        return False
    words = first.words
    return not words.is_residue if first is last else not words.is_level and not words.text.endswith("指标")


def _is_in_doubt(header: ColumnHeader) -> bool:
    """Whether nobody knows what stands below a header; one that a page break cut may have become known since."""
    return header.name == "note" and header.slot.column is not None and header.slot.column.name == IN_DOUBT


def _parts_of_one(begun: str, rest: str) -> bool:
    """Whether two cells are parts of one value (≥ | 12.5 | 公里) or copies, not a value each (≥12公里 | 13公里)."""
    begun, rest = bare_text(begun), bare_text(rest)
    if begun == rest or is_operator_alone(begun) or begun in NO_SIGN:
        return True
    return begun[-1].isdigit() and (unit_of(rest) or free_unit(rest)) is not None


def _says_something(value: Value) -> bool:
    return not value.words.is_residue or points(value.text) is not None


def _is_named_by_a_number(texts: dict[str, Value], doubted: bool) -> bool:
    """Whether the name of an indicator is a number: one of several digits, with something to reach or reached.

    A figure alone, or a number that counts the rows (1, 2, 指标3), only fills the template.
    """
    name = texts["level3"].words.bare
    values = [texts[column] for column in columns_of("value") if column in texts]
    return name.isdigit() and len(name) > 1 and (doubted or any(map(_says_something, values)))


def _tell(form: Form, slot: PlacedCell) -> None:
    """Tell of a header what the cells below it say, or that they leave it in doubt."""
    reading = slot.column
    if reading is None:
        return
    also = f"也可能是「{reading.runner_up}」" if reading.runner_up else ""
    if reading.name == IN_DOUBT:
        what = "」「".join(reading.reasons)
        also = f"{also}，" if also else ""
        seems = f"下的内容像「{what}」，{also}"
        if slot.words.header is not None and what == indicator_columns()[slot.words.header].label_zh:
            seems = "旁另有一栏可能是它的符号或单位，"
        message = f"表头「{slot.text}」{seems}不能确定，未采用，保存在 attribute。"
        named = (name for name, column in indicator_columns().items() if column.label_zh in reading.reasons)
        name = None if reading.against else next(named, None)
        idea = Idea("indicator", name, _path(slot), _IN_DOUBT, message) if name is not None else None
        form.report(ProblemCode.ROLE_IN_DOUBT, message, slot, idea=idea)
    else:
        label = indicator_columns()[reading.name].label_zh or "运算符"
        conflict = reading.against and slot.words.header not in {None, "note"}
        known = "与其下的内容不合，" if conflict else "" if reading.against else "不在词汇表中，"
        why = "；".join([*reading.reasons, *([also] if also else [])])
        message = f"表头「{slot.text}」{known}按其下的内容读作「{label}」：{why}。"
        idea = None if reading.against else Idea("indicator", reading.name, _path(slot), _BY_CONTENT, message)
        code = ProblemCode.ROLE_IN_DOUBT if conflict else ProblemCode.COLUMN_BY_CONTENT
        form.report(code, message, slot, "warning" if conflict else "info", idea)


def _path(slot: PlacedCell) -> str:
    return " / ".join((*slot.header_path, slot.text))


def table_from(form: Form, row: Row, next_row: Row | None) -> tuple[IndicatorTable, int] | None:
    """(table, rows of headers) that begins at a row, or None when the row is no header of indicators."""
    headers = row.columns
    if headers is not None and headers.by_year:
        headers = column_headers_from(row, next_row, form.own_year())
    if headers is None:
        return None
    form.claim(*row.filled)
    if next_row is not None and headers.rows > 1:
        form.claim(*next_row.filled)
    for slot in headers.unknown:
        form.unknown("指标表头", slot, "，其下的内容保存在 attribute")
    for slot in headers.by_content:
        _tell(form, slot)
    return IndicatorTable(form, headers), headers.rows
