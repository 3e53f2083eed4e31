"""The one form reader: walks a form's rows, finds its sections by their captions and claims every cell.

Here: the walk, the header, the goals and all other labelled cells. Not here: money (funds), indicators, typing (records).
"""

from __future__ import annotations

import re

from extractors.form import Form, Value
from extractors.funds import (
    BUDGET,
    FundMatrix,
    glued_amount,
    is_amount,
    is_figure,
    matrix_from,
    put,
    read_sentence,
    source_of,
)
from extractors.grid import join_lines
from extractors.indicators import IndicatorTable, is_total, read_total, table_from
from extractors.segment import is_title, split_label
from extractors.stream import Row, Slot
from extractors.values import is_blank, money_unit, points, year
from extractors.vocabulary import LABEL_LENGTH, fold, label_key, vocabulary

Role = tuple[str, str]

# Where several printed cells could fill a column, the first of these labels wins and the others become attributes.
_COLUMN_OF = {
    "unit_name": ("unit_name", 0),
    "unit_name_filing": ("unit_name", 1),
    "department_name": ("department_name", 0),
    "department_name_second": ("department_name", 1),
}
_MONEY_GROUPS = {"section", "measure", "source", "amount", "sentence"}
_NOTE = re.compile(r"^(?:注|备注|填表说明|填报说明|说明)(?:[:：\d]|$)")
_CODED_LABEL = re.compile(r"代码|编码")
_WORDS_OF_A_LABEL = re.compile(r"[\u4e00-\u9fff（）()、/\da-zA-Z]{2,20}")


def read_form(rows: list[Row]) -> Form:
    """Read the rows of one form; every filled cell ends as a value, a label, an attribute or a problem."""
    return _Walk(rows).run()


class _Walk:
    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.form = Form(rows)
        self.rank: dict[str, int] = {}
        self.matrix: FundMatrix | None = None
        self.table: IndicatorTable | None = None
        self.section: str | None = None
        self.pair_columns: list[tuple[float, str]] = []  # where label:value measures stand: (left edge, measure)
        self.score_column: Slot | None = None
        self.body = False
        self.last_values: list[Value] = []  # what the row before gave, for a page break that cuts it

    def run(self) -> Form:
        n = 0
        while n < len(self.rows):
            n += self._step(n)
        for row in self.rows:
            for slot in row.filled:
                if not self.form.is_claimed(slot):
                    self.form.report("UNCLAIMED_CELL", f"没有规则认领这一格：「{slot.text[:60]}」。", slot)
        return self.form

    def _step(self, n: int) -> int:
        """Read row n; returns how many rows were taken."""
        row, form = self.rows[n], self.form
        filled = row.filled
        if not filled:
            return 1
        following = self._next(n)
        if not self.body and len({fold(s.text) for s in filled}) == 1 and self._heading(row):
            return 1
        seam = self._seam(n)
        if opened := table_from(form, row, following):
            table, taken = opened
            if seam and self.table is not None and self.table.same_captions(table):
                self.table.resume(table)
            else:
                self.table = table
            form.has_actual = form.has_actual or any(
                c.name in {"actual_text", "score"} for _, captions in self.table.blocks for c in captions
            )
            self.matrix, self.body = None, True
            return taken if taken == 1 else self.rows.index(following, n + 1) - n + 1 if following else 1
        if self.table is not None:
            self.table.seam, self.table.resumed = seam or self.table.resumed, False
        if self.table is not None or self.matrix is None:
            if (total := is_total(row)) and (self.table is not None or self._plain_total(row, total)):
                read_total(form, row, total, self.table)
                return 1
        if self.table is not None:
            if self.table.accepts(row):
                self.table.read(row)
                return 1
        if self.matrix is not None:
            if self.matrix.accepts(row) and not is_title(row):
                self.matrix.read(row)
                self._scores_beside(row)
                return 1
            self.matrix = None
        if self.table is None and (matrix := matrix_from(form, row, following)):
            self.matrix, self.body, self.pair_columns = matrix, True, []
            return 1
        if seam and self.table is None and self._rest_of_row(row):
            return 1
        if row.ruled:
            self.last_values = []
        self._pairs(row, following)
        return 1

    def _seam(self, n: int) -> bool:
        """Whether a page break lies just before row n."""
        row = self.rows[n]
        before = next((r for r in reversed(self.rows[:n]) if r.filled and r.ruled), None)
        return row.ruled and before is not None and before.grid != row.grid and row.page is not None and before.page != row.page and (
            row.first or not any(r.filled for r in self.rows[:n] if r.grid == row.grid)
        )  # fmt: skip

    def _rest_of_row(self, row: Row) -> bool:
        """Join the rest of a row that a page break cut to the values of its first half."""
        rests = [
            (s, next((v for v in self.last_values if s.overlap(v.slots[0].lo, v.slots[0].hi) > 0), None))
            for s in row.filled
        ]
        if not any(v for _, v in rests) or any(self._role(s) for s, v in rests if v):
            return False
        for slot, value in rests:
            if value is not None:
                value.text, value.slots = join_lines(f"{value.text}\n{slot.text}"), (*value.slots, slot)
            self.form.claim(slot)
        return True

    def _next(self, n: int) -> Row | None:
        return next((r for r in self.rows[n + 1 :] if r.filled), None)

    @staticmethod
    def _plain_total(row: Row, total: Slot) -> bool:
        """Whether a total line outside any table gives a score: 总分 | 96.5."""
        rest = [s for s in row.filled if s is not total]
        return (
            total.key not in {"合计", "总计"}
            and bool(rest)
            and all(points(s.text) is not None or is_blank(s.text) for s in rest)
        )

    # ── heading ──────────────────────────────────────────────────────────────────

    def _heading(self, row: Row) -> bool:
        """A line before the first labelled row: the title, a year in brackets, an attachment number, a unit of money."""
        form, slot = self.form, row.filled[0]
        if is_title(row):
            form.claim(*row.filled)
            if form.title is None or (len(fold(form.title.text)) < len(fold(slot.text)) and not year(slot.text)):
                if form.title is not None:
                    form.attribute("标题", Value("标题", ()), form.title)
                form.title = Value(slot.text, (slot,))
            elif form.title is not None:
                form.attribute("标题", Value("标题", ()), Value(slot.text, (slot,)))
            return True
        text = fold(slot.text)
        if re.fullmatch(r"[(]?(?:20\d\d|二[〇零○O][〇零○O一二三四五六七八九]{2})年?(?:度)?(?:项目)?[)]?", text):
            form.claim(*row.filled)
            form.fields.setdefault("fiscal_year", Value(slot.text, (slot,)))
            return True
        if re.match(r"^(?:附件|附表|附|表)[\d一二三四五六七八九十\-—_:.、]*$", text):
            form.claim(*row.filled)
            return True
        if (unit := money_unit(slot.text)) and len(text) <= 16:
            form.claim(*row.filled)
            form.money_unit = form.money_unit or unit
            return True
        return False

    # ── label and value pairs ────────────────────────────────────────────────────

    def _role(self, slot: Slot) -> Role | None:
        return vocabulary().role(slot.text) if len(slot.key) <= LABEL_LENGTH else None

    def _pairs(self, row: Row, following: Row | None) -> None:
        """Read a row outside the tables: labels with their values beside or below them, and what is left over."""
        form = self.form
        slots = [s for s in row.slots if not form.is_claimed(s)]
        slots = _without_copies(slots)
        if not row.spans_stated:
            slots = [s for s in slots if s.text]
        bare: list[tuple[Slot, Role]] = []
        n = 0
        last_label: Slot | None = None
        while n < len(slots):
            slot = slots[n]
            if not slot.text:
                n += 1
                continue
            role = self._role(slot)
            if role is None and self._whole_cell(slot, row):
                n += 1
                continue
            if role is None:
                n += self._unknown(slots, n, last_label, row)
                last_label = slot if form.is_claimed(slot) else last_label
                continue
            if role[0] in _MONEY_GROUPS:
                form.money_unit = form.money_unit or money_unit(slot.text)
            value = slots[n + 1] if n + 1 < len(slots) else None
            if value is not None and value.text and self._is_value(role, value, slots[n + 2 :]):
                self._assign(role, slot, Value(value.text, (value,)), row)
                last_label = slot
                n += 2
                continue
            form.claim(slot)
            bare.append((slot, role))
            last_label = slot
            n += 1
        if bare:
            self._below(row, following, bare)

    def _is_value(self, role: Role, value: Slot, rest: list[Slot]) -> bool:
        """Whether the cell beside a label is its value and not the next label."""
        other = self._role(value)
        group, name = role
        if other is None:
            if (
                group not in {"sentence", "amount"}
                and split_label(value.text)
                and vocabulary().role(split_label(value.text)[0])
            ):  # type: ignore[index]
                return False
            if group == "section":
                return not (rest and not self._role(rest[0]) and rest[0].text)
            if group in {"measure", "source", "amount"}:
                return is_figure(value.text) or name == "other" or (group == "amount" and len(value.text) > 20)
            return True
        if group == "header" and other[0] in {"attribute", "section"} and not rest:
            return True  # a unit called 办公室, a name that is also a label
        return group == "attribute" and other[0] in {"attribute", "section"} and not rest and other[1] != role[1]

    def _assign(self, role: Role, label: Slot, value: Value, row: Row) -> None:
        """Give a label's value to its column."""
        form, (group, name) = self.form, role
        form.claim(label, *value.slots)
        self.last_values.append(value)
        labelled = Value(label.text, (label,))
        if group == "header":
            column, rank = _COLUMN_OF.get(name, (name, 0))
            if column == "total_score" and points(value.text) is None:
                form.attribute(self.section, labelled, value)
            else:
                self._field(column, rank, labelled, value)
            if column == "department_name" and _CODED_LABEL.search(label.text):
                form.unit_labelled_coded = True
        elif group == "goal" and name != "goal_longterm":
            self._field(name, 0, labelled, value)
        elif group == "amount":
            self.body = True
            if not is_amount(value.text) and read_sentence(form, label, value.slots[0]):
                return
            put(form, "total", labelled, BUDGET, value, money_unit(label.text))
        elif group == "sentence":
            self.body = True
            if not read_sentence(form, label, value.slots[0]):
                form.attribute(self.section, labelled, value)
        elif group == "measure":
            self._measure_pair(name, label, labelled, value)
        elif group == "source":
            self.body = True
            measure = self._pair_measure(label)
            put(form, source_of(label) or name, labelled, measure, value, money_unit(label.text))
            self._scores_beside(row)
        else:
            form.attribute(self.section, labelled, value)
            if group == "section":
                self.section = label.text

    def _measure_pair(self, name: str, label: Slot, labelled: Value, value: Value) -> None:
        """预算数：590.44 gives the total, and its column the sources that follow below it."""
        self.body = True
        if name == "adjusted_yuan":
            name = BUDGET
        unit = money_unit(label.text)
        if name in {"weight", "score"}:
            self.form.attribute(self.section, labelled, value)
            return
        self.pair_columns = [(lo, m) for lo, m in self.pair_columns if abs(lo - label.lo) > 0.01]
        self.pair_columns.append((label.lo, name))
        if name == "other":
            self.form.attribute(self.section, labelled, value)
            return
        if name in {"executed_yuan", "received_yuan"}:
            self.form.has_actual = True
        put(self.form, "total", labelled, name, value, unit)

    def _pair_measure(self, label: Slot) -> str:
        """The measure of a source label: that of the measure label above it, else the form's budget."""
        for lo, measure in self.pair_columns:
            if abs(lo - label.lo) <= 2.0 if label.cell.place.x0 is not None else lo == label.lo:
                return measure
        return BUDGET

    def _field(self, column: str, rank: int, label: Value, value: Value) -> None:
        """Fill a project column; of several candidates the one with the lower rank, then the first, stays."""
        form = self.form
        form.claim(*value.slots)
        if not value.text:
            return
        old = form.fields.get(column)
        if old is None or (rank < self.rank.get(column, 0) and old.text):
            if old is not None:
                form.attribute(self.section, Value(column, ()), old)
            form.fields[column] = value
            self.rank[column] = rank
        elif fold(old.text) != fold(value.text) or rank != self.rank.get(column, 0):
            form.attribute(self.section, label, value)

    def _whole_cell(self, slot: Slot, row: Row) -> bool:
        """Read a cell that holds label and value together, or a note; False when it is neither."""
        form = self.form
        if cut := split_label(slot.text):
            role = vocabulary().role(cut[0])
            value = Value(cut[1], (slot,))
            if role and role[0] in {"source", "measure", "amount"} and not is_amount(cut[1]):
                role = None
            if role:
                self._assign(role, Slot(cut[0], slot.cell, slot.lo, slot.hi, label_key(cut[0])), value, row)
                return True
        if glued := glued_amount(slot.text):
            label, amount = glued
            source = vocabulary().source.find(label_key(label)) or "total"
            put(form, source, Value(label, (slot,)), self._pair_measure(slot), Value(amount, (slot,)), None)
            self.body = True
            return True
        if cut:
            if _NOTE.match(fold(slot.text)) or (
                not self._value_beside(slot, row) and _WORDS_OF_A_LABEL.fullmatch(cut[0].strip()) and len(cut[0]) <= 12
            ):
                form.attribute(self.section, Value(cut[0].strip(), (slot,)), value)
                return True
        if _NOTE.match(fold(slot.text)):
            form.attribute(self.section, Value("注", (slot,)), Value(slot.text, (slot,)))
            return True
        return False

    @staticmethod
    def _value_beside(slot: Slot, row: Row) -> bool:
        filled = row.filled
        return len(filled) > 1 and filled[0] is slot

    def _unknown(self, slots: list[Slot], n: int, last_label: Slot | None, row: Row) -> int:
        """Read a cell that is no known label: a label new to us with its value, or a further value of the one before."""
        form, slot = self.form, slots[n]
        if (
            self.score_column is not None
            and slot.overlap(self.score_column.lo, self.score_column.hi) > 0
            and points(slot.text) is not None
        ):
            self._below_score(slot)
            return 1
        value = slots[n + 1] if n + 1 < len(slots) else None
        labellike = _WORDS_OF_A_LABEL.fullmatch(fold(slot.text).rstrip(":")) and not is_figure(slot.text)
        if value is not None and value.text and labellike and self._role(value) is None and not split_label(value.text):
            form.report("UNKNOWN_LABEL", f"标签「{slot.text}」不在词汇表中，其内容保存在 attribute。", slot, "info")
            form.attribute(self.section, Value(slot.text, (slot,)), Value(value.text, (value,)))
            return 2
        if last_label is not None:
            form.attribute(self.section, Value(last_label.text, (last_label,)), Value(slot.text, (slot,)))
        elif labellike and len(row.filled) == 1 and row.slots[0] is slot and len(slot.text) <= 20 and row.ruled:
            form.claim(slot)
            self.section = slot.text
            form.report("UNKNOWN_LABEL", f"标题「{slot.text}」不在词汇表中。", slot, "info")
        elif labellike and value is not None and (not value.text or self._role(value)):
            form.claim(slot)
            form.report("UNKNOWN_LABEL", f"标签「{slot.text}」不在词汇表中，其后没有内容。", slot, "info")
        return 1

    # ── values below their labels ────────────────────────────────────────────────

    def _below(self, row: Row, following: Row | None, bare: list[tuple[Slot, Role]]) -> None:
        """Give labels without a value beside them the cells below, where the next row holds values and not labels."""
        sections = [s for s, (group, _) in bare if group in {"section", "goal"}]
        if sections and sections[0] is row.filled[0]:
            self.section = sections[0].text
        if following is None or following.ruled != row.ruled:
            return
        labels = [s for s, _ in bare]
        stop = {id(a): b.lo for a, b in zip(labels, labels[1:], strict=False)}
        claimed_first = {fold(s.text) for s in labels}
        below = [s for s in following.filled if fold(s.text) not in claimed_first]
        for slot, (group, name) in bare:
            hi = slot.hi if row.spans_stated else max(slot.hi, stop.get(id(slot), slot.hi + 40))
            under = [s for s in below if s.overlap(slot.lo, hi) > 0 and not self.form.is_claimed(s)]
            if group == "header" and name == "total_score":
                self.score_column = slot
                if under and points(under[-1].text) is not None:
                    self._below_score(under[-1])
                continue
            if len(labels) < 2 and group != "goal":
                continue
            under = [s for s in under if self._role(s) is None]
            if not under or (len(bare) < len(row.filled) and group != "goal"):
                continue
            value = (
                Value("".join(s.text for s in under), tuple(under))
                if group == "goal"
                else Value(under[0].text, (under[0],))
            )
            if group == "source" and all(is_figure(s.text) for s in under[:1]):
                self.body = True
                put(
                    self.form,
                    source_of(slot) or name,
                    Value(slot.text, (slot,)),
                    BUDGET,
                    value,
                    money_unit(row.filled[0].text),
                )
            elif group in {"goal", "attribute"}:
                if group == "attribute" and any(self._role(s) for s in below):
                    continue
                self._assign((group, name), slot, value, row)

    def _below_score(self, slot: Slot) -> None:
        """A figure under a 得分 caption of the header: the total first, then the execution score beside the money."""
        value = Value(slot.text, (slot,))
        self.form.claim(slot)
        if "total_score" not in self.form.fields:
            self.form.fields["total_score"] = value
        elif self.pair_columns:
            put(self.form, "total", Value("得分", ()), "score", value, None)
        else:
            self.form.attribute(self.section, Value("得分", ()), value)

    def _scores_beside(self, row: Row) -> None:
        if self.score_column is None:
            return
        for slot in row.filled:
            if slot.overlap(self.score_column.lo, self.score_column.hi) > 0 and not self.form.is_claimed(slot):
                if points(slot.text) is not None:
                    self._below_score(slot)


def _without_copies(slots: list[Slot]) -> list[Slot]:
    """The slots without the copies that exports print for each column of a merged cell."""
    kept: list[Slot] = []
    for slot in slots:
        if (
            kept
            and slot.text
            and len(fold(slot.text)) > 1
            and fold(kept[-1].text) == fold(slot.text)
            and not is_figure(slot.text)
        ):
            kept[-1].hi = slot.hi
            continue
        kept.append(slot)
    return kept
