"""Labels with their values beside or below them: the header, the goals, single amounts, and all other named cells.

Here: which cell is whose value, and which column a value fills. Not here: tables of money, indicators or tasks.
"""

from __future__ import annotations

import re
from itertools import pairwise

from extractors.form import Form, Value
from extractors.funds import BUDGET, fund_row, glued_amount, is_amount, is_figure, put, read_sentence, source_of
from extractors.labels import label_values, split_label
from extractors.segment import is_title
from extractors.stream import Row, Slot
from extractors.values import is_blank, is_grade, money_unit, money_word, points, split_score
from extractors.vocabulary import LABEL_LENGTH, Role, fold, label_key, vocabulary

# Where several printed cells could fill a column, the first of these labels wins and the others become attributes.
_COLUMN_OF = {
    "project_name_first": ("project_name", 1),
    "unit_name": ("unit_name", 0),
    "unit_name_filing": ("unit_name", 1),
    "department_name": ("department_name", 0),
    "department_name_second": ("department_name", 1),
}
_NOTE = re.compile(r"^(?:注|备注|填表说明|填报说明|说明)(?:[:：\d]|$)")
_CODED_LABEL = re.compile(r"代码|编码")
_WORDS_OF_A_LABEL = re.compile(r"[\u4e00-\u9fff（）()、/\da-zA-Z]{2,20}")
_SIGNED = re.compile(r"人|日期|时间|电话|签字|盖章")
_STACKED = {"header", "attribute", "goal", "amount", "section", "list"}
"""Groups whose labels may stand in a row of their own with the values in the row below."""


def role_of(slot: Slot) -> Role | None:
    """What the cell is the label of, if it is one."""
    return vocabulary().role(slot.text) if len(slot.key) <= LABEL_LENGTH else None


class Pairs:
    """Reads the rows outside the tables."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.rank: dict[str, int] = {}
        self.section: str | None = None
        self.columns: list[tuple[float, str, Slot]] = []  # where label:value measures stand: left edge, measure, label
        self.score_column: Slot | None = None
        self.row_measure: str | None = None  # the measure that the row at hand has named (预算安排总额：310 | 其中：… | 300)
        self.alone: tuple[Slot, Role | None] | None = None  # a label that had the row above for itself
        self.money_seen = False
        self.in_note = False
        self.rows_read = 0
        self.head: Slot | None = None  # the first cell of the last row that had one
        self.last_values: list[Value] = []  # what the row before gave, for a page break that cuts it

    def read(self, row: Row, following: Row | None) -> bool:
        """Read a row: labels with their values beside or below them, and what is left over.

        True when the row below was read with it.
        """
        form = self.form
        slots = self._without_copies([s for s in row.slots if not form.is_claimed(s)])
        if not row.spans_stated:
            slots = [s for s in slots if s.text]
            if len(slots) > 1 and len({fold(s.text) for s in slots}) == 1:
                form.claim(*slots)  # one cell merged over the whole row, printed for each column
                slots = slots[:1]
                form.claimed.discard(id(slots[0]))
        self.row_measure = None
        self.rows_read += 1
        if self._goes_on_noting(slots) or self._below_alone(row, slots):
            return False
        if following is not None and self._stacked(row, slots, following):
            return True
        bare: list[tuple[Slot, Role]] = []
        n = 0
        last_label: Slot | None = None
        while n < len(slots):
            slot = slots[n]
            if not slot.text:
                n += 1
                continue
            role = role_of(slot)
            if role is None and self._whole_cell(slot, row):
                n += 1
                continue
            if role is None:
                n += self._unknown(slots, n, last_label, row)
                last_label = slot if form.is_claimed(slot) else last_label
                continue
            if role[0] not in {"header", "goal"}:
                form.money_unit = form.money_unit or money_unit(slot.text)
            value = slots[n + 1] if n + 1 < len(slots) else None
            if value is not None and value.text and self._is_value(role, value, slots[n + 2 :], len(row.filled)):
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
            self._blank_amounts(row, bare)
        filled = [s for s in slots if s.text]
        if len(filled) == 1 and (bare or self.section == filled[0].text):
            self.alone = (filled[0], bare[0][1] if bare else None)
        return False

    def _below_alone(self, row: Row, slots: list[Slot]) -> bool:
        """Read a row of one text as the value of the label that had the row above, or stands beside it, for itself."""
        alone, self.alone = self.alone, None
        head, self.head = self.head, row.filled[0] if row.filled[0] is row.slots[0] else self.head
        filled = [s for s in slots if s.text]
        if len(filled) != 1 or not row.ruled or role_of(filled[0]) is not None or label_values(filled[0].text):
            return False
        slot = filled[0]
        if _NOTE.match(fold(slot.text)) or glued_amount(slot.text) or self._unit_line(slot):
            return False
        beside = next((s for s in row.above if s.text and s.hi <= slot.lo + 0.01), None)
        if beside is None and not row.spans_stated and slot is not row.slots[0] and head is not None:
            beside = head  # the merged label to the left, blank in the second of its rows
        label, role = (beside, None) if beside is not None and alone is None else alone or (None, None)
        if label is None or is_title(row) or self._under_score(slot):
            return False
        value = Value(slot.text, (slot,))
        if role is not None and role[0] == "goal" and role[1] not in self.form.fields:
            self._assign(role, label, value, row)
        else:
            self.form.attribute(self.section, Value(label.text, (label,)), value)
        return True

    def _without_copies(self, slots: list[Slot], *, claim: bool = True) -> list[Slot]:
        """The slots without the copies that exports print for each column of a merged cell."""
        kept: list[Slot] = []
        for slot in slots:
            before = kept[-1] if kept else None
            same = before is not None and len(fold(slot.text)) > 1 and fold(before.text) == fold(slot.text)
            if before is None or not same or is_figure(slot.text):
                kept.append(slot)
                continue
            before.hi = max(before.hi, slot.hi)
            if claim:
                self.form.claim(slot)
        return kept

    # ── a value beside its label ─────────────────────────────────────────────────

    def _is_value(self, role: Role, value: Slot, rest: list[Slot], filled: int) -> bool:
        """Whether the cell beside a label is its value and not the next label."""
        other = role_of(value)
        group, name = role
        after = next((s for s in rest if s.text), None)
        if other is None:
            cut = split_label(value.text)
            if group not in {"sentence", "amount"} and cut and vocabulary().role(cut[0]):
                return False
            if group == "section":
                return after is None or after is not rest[0] or role_of(after) is not None
            if group == "source" and self._several_figures(value, rest):
                return False  # which of them is the budget is not known
            if group in {"measure", "source", "amount"}:
                return is_figure(value.text) or name == "other" or (group == "amount" and len(value.text) > 20)
            return True
        if after is not None and role_of(after) is None:
            return False  # the label of the cell after it
        if group == "header":  # a unit called 办公室, a project called 上级专项资金: a name that is also a label
            return (other[0] in {"attribute", "section", "list", "total", "indicator"} and after is None) or (
                other[0] in {"source", "measure", "amount"} and name in {"project_name", "unit_name", "department_name"}
            )
        if group == "sentence":
            return other[0] == "source" and after is None
        if group != "attribute" or after is not None:
            return False
        return other[0] in {"section", "source"} or (other[0] == "attribute" and filled == 2 and not _SIGNED.search(value.key))

    def _several_figures(self, value: Slot, rest: list[Slot]) -> bool:
        """Whether further amounts follow the one beside a label, other than copies of it and a score."""
        after = rest[0] if rest else None
        if after is None or not is_amount(value.text) or not is_amount(after.text):
            return False
        return after.text != value.text and not self._under_score(after)

    def _assign(self, role: Role, label: Slot, value: Value, row: Row) -> None:
        """Give a label's value to its column."""
        form, (group, name) = self.form, role
        form.claim(label, *value.slots)
        self.last_values.append(value)
        labelled = Value(label.text, (label,))
        if group == "header":
            self._header(name, label, labelled, value)
        elif group == "goal" and name != "goal_longterm":
            self._field(name, 0, labelled, value)
        elif group == "amount" and name == "longterm":
            self._open_column(label, "other")
            form.attribute(self.section, labelled, value)
        elif group == "amount":
            self.money_seen = True
            if not is_amount(value.text) and read_sentence(form, label, value.slots[0]):
                return
            self._open_column(label, BUDGET)
            self.row_measure = BUDGET
            put(form, "total", labelled, BUDGET, value, money_unit(label.text))
        elif group == "sentence":
            self.money_seen = True
            if not read_sentence(form, label, value.slots[0]):
                form.attribute(self.section, labelled, value)
        elif group == "measure":
            self._measure(name, label, labelled, value)
        elif group == "source":
            self.money_seen = True
            self._source(source_of(label) or name, label, labelled, value)
            self.scores_beside(row)
        else:
            form.attribute(self.section, labelled, value)
            if group == "section":
                self.section = label.text

    def _header(self, name: str, label: Slot, labelled: Value, value: Value) -> None:
        form = self.form
        unit = money_word(value.text)
        if name == "money_unit" or (unit and label.key == "单位"):
            if unit:
                form.money_unit = form.money_unit or unit
            else:
                form.attribute(self.section, labelled, value)
            return
        column, rank = _COLUMN_OF.get(name, (name, 0))
        if column == "total_score" and points(value.text) is None:
            both = split_score(value.text)
            if both is None:
                form.attribute(self.section, labelled, value)
                return
            self._field("total_score", rank, labelled, Value(both[0], value.slots))
            self._field("grade", rank, labelled, Value(both[1], value.slots))
            return
        if column == "grade" and not is_grade(value.text):
            form.attribute(self.section, labelled, value)
            return
        self._field(column, rank, labelled, value)
        if column == "department_name" and _CODED_LABEL.search(label.text):
            form.unit_labelled_coded = True

    def _field(self, column: str, rank: int, label: Value, value: Value) -> None:
        """Fill a project column; of several candidates the one with the lower rank, then the first, stays."""
        form = self.form
        form.claim(*value.slots)
        if not value.text:
            return
        old = form.fields.get(column)
        if old is None or (rank < self.rank.get(column, 0) and old.text):
            if old is not None:
                form.attribute(self.section, form.labels.get(column, Value(column, ())), old)
            form.fields[column], form.labels[column] = value, label
            self.rank[column] = rank
        elif fold(old.text) != fold(value.text) or rank != self.rank.get(column, 0):
            form.attribute(self.section, label, value)

    # ── money ────────────────────────────────────────────────────────────────────

    def _measure(self, name: str, label: Slot, labelled: Value, value: Value) -> None:
        """预算数：590.44 gives the total, and its column the sources that follow below it."""
        self.money_seen = True
        if name == "adjusted_yuan":
            name = BUDGET
        unit = money_unit(label.text)
        if name in {"weight", "score"}:
            self.form.attribute(self.section, labelled, value)
            return
        self._open_column(label, name)
        if name in {BUDGET, "initial_yuan", "received_yuan", "executed_yuan", "other"}:
            self.row_measure = name
        if name == "other":
            self.form.attribute(self.section, labelled, value)
            return
        if name in {"executed_yuan", "received_yuan"}:
            self.form.has_actual = True
        put(self.form, "total", labelled, name, value, unit)

    def _open_column(self, label: Slot, measure: str) -> None:
        """Remember that what stands below a label belongs to its measure."""
        self.columns = [c for c in self.columns if abs(c[0] - label.lo) > 0.01]
        self.columns.append((label.lo, measure, label))

    def _source(self, source: str, label: Slot, labelled: Value, value: Value) -> None:
        """An amount of a source: of the measure that its row names, or that stands above it, else of the budget."""
        if self.row_measure is not None:
            if self.row_measure == "other":
                self.form.attribute(self.section, labelled, value)
            else:
                put(self.form, source, labelled, self.row_measure, value, money_unit(label.text))
            return
        for lo, measure, over in self.columns:
            if abs(lo - label.lo) <= 2.0 if label.cell.place.x0 is not None else lo == label.lo:
                if measure == "other":
                    self.form.attribute(over.text, labelled, value)
                else:
                    put(self.form, source, labelled, measure, value, money_unit(label.text))
                return
        put(self.form, source, labelled, BUDGET, value, money_unit(label.text))

    def _blank_amounts(self, row: Row, bare: list[tuple[Slot, Role]]) -> None:
        """A source that the form prints without an amount is a source of the form all the same."""
        for slot, (group, name) in bare:
            place = row.slots.index(slot)
            beside = row.slots[place + 1] if place + 1 < len(row.slots) else None
            if group == "source" and self.money_seen and name != "total" and beside is not None and not beside.text:
                fund_row(self.form, source_of(slot) or name, Value(slot.text, (slot,)))

    # ── cells that hold label and value together, and unknown ones ───────────────

    def _whole_cell(self, slot: Slot, row: Row) -> bool:
        """Read a cell that holds label and value together, or a note; False when it is neither."""
        form = self.form
        pairs = label_values(slot.text)
        if any(value for _, value in pairs):
            for label, value in pairs:
                self._printed_together(label, Value(value, (slot,)), slot, row)
            return True
        if unit := self._unit_line(slot):
            form.claim(slot)
            form.money_unit = form.money_unit or unit
            return True
        if glued := glued_amount(slot.text):
            label, amount = glued
            source = vocabulary().source.find(label_key(label)) or "total"
            part = Slot(label, slot.cell, slot.lo, slot.hi, label_key(label))
            self._source(source, part, Value(label, (slot,)), Value(amount, (slot,)))
            form.claim(slot)
            self.money_seen = True
            return True
        if cut := split_label(slot.text):
            alone = not (len(row.filled) > 1 and row.filled[0] is slot)
            if _NOTE.match(fold(slot.text)) or (
                alone and _WORDS_OF_A_LABEL.fullmatch(cut[0].strip()) and len(cut[0]) <= 12
            ):
                self.in_note = bool(_NOTE.match(fold(slot.text)))
                form.attribute(self.section, Value(cut[0].strip(), (slot,)), Value(cut[1], (slot,)))
                return True
        if _NOTE.match(fold(slot.text)):
            self.in_note = True
            form.attribute(self.section, Value("注", (slot,)), Value(slot.text, (slot,)))
            return True
        return False

    def _printed_together(self, label: str, value: Value, slot: Slot, row: Row) -> None:
        role = vocabulary().role(label)
        part = Slot(label, slot.cell, slot.lo, slot.hi, label_key(label))
        self.form.claim(slot)
        if not value.text or role is None:
            return
        if role[0] in {"source", "measure", "amount"} and not is_figure(value.text) and role[1] != "other":
            if not (role[0] == "amount" and read_sentence(self.form, part, slot)):
                self.form.attribute(self.section, Value(label, (slot,)), value)
            return
        self._assign(role, part, value, row)

    @staticmethod
    def _unit_line(slot: Slot) -> str | None:
        return money_unit(slot.text) if len(fold(slot.text)) <= 12 and "单位" in slot.text else None

    def _goes_on_noting(self, slots: list[Slot]) -> bool:
        """Whether a row is the next line of the note above it (2.…): alone in its row, and no label."""
        filled = [s for s in slots if s.text]
        if self.in_note and len(filled) == 1 and role_of(filled[0]) is None and not label_values(filled[0].text):
            self.form.attribute(self.section, Value("注", (filled[0],)), Value(filled[0].text, (filled[0],)))
            return True
        self.in_note = self.in_note and not filled
        return False

    def _unknown(self, slots: list[Slot], n: int, last_label: Slot | None, row: Row) -> int:
        """Read a cell that is no known label: a new label with its value, or a further value of the label before."""
        form, slot = self.form, slots[n]
        if self._under_score(slot):
            self._below_score(slot)
            return 1
        value = slots[n + 1] if n + 1 < len(slots) else None
        labellike = _WORDS_OF_A_LABEL.fullmatch(fold(slot.text).rstrip(":")) and not is_figure(slot.text)
        if value is not None and value.text and labellike and role_of(value) is None and not label_values(value.text):
            form.report("UNKNOWN_LABEL", f"标签「{slot.text}」不在词汇表中，其内容保存在 attribute。", slot, "info")
            form.attribute(self.section, Value(slot.text, (slot,)), Value(value.text, (value,)))
            return 2
        if last_label is not None:
            form.attribute(self.section, Value(last_label.text, (last_label,)), Value(slot.text, (slot,)))
        elif labellike and len(row.filled) == 1 and row.slots[0] is slot and len(slot.text) <= 20 and row.ruled:
            form.claim(slot)
            self.section = slot.text
            form.report("UNKNOWN_LABEL", f"标题「{slot.text}」不在词汇表中。", slot, "info")
        elif labellike and value is not None and (not value.text or role_of(value)):
            form.claim(slot)
            form.report("UNKNOWN_LABEL", f"标签「{slot.text}」不在词汇表中，其后没有内容。", slot, "info")
        return 1

    # ── values below their labels ────────────────────────────────────────────────

    def _stacked(self, row: Row, slots: list[Slot], following: Row) -> bool:
        """Read a row of labels together with the row of values below it (项目名称 | 项目编码 | 主管部门)."""
        labels = [s for s in slots if s.text]
        roles = [role_of(s) for s in labels]
        known = [r for r in roles if r is not None]
        below = self._without_copies([s for s in following.filled if not self.form.is_claimed(s)], claim=False)
        if len(labels) < 2 or len(known) < 2 or len(known) < 0.6 * len(labels) or not below:
            return False
        if any(r[0] not in _STACKED for r in known) or not any(r[0] in {"header", "attribute"} for r in known):
            return False
        if following.ruled != row.ruled or any(role_of(s) is not None or label_values(s.text) for s in below):
            return False
        stop = {id(a): b.lo for a, b in pairwise(labels)}
        reach = [s.hi if row.spans_stated else max(s.hi, stop.get(id(s), s.hi + 40)) for s in labels]
        under = [
            [b for b in below if b.overlap(s.lo, hi) > 0.5 * min(b.hi - b.lo, hi - s.lo)]
            for s, hi in zip(labels, reach, strict=True)
        ]
        if sum(len(u) == 1 for u in under) < max(2, 0.6 * len(labels)) or any(len(u) > 1 for u in under):
            return False
        if {id(b) for u in under for b in u} != {id(b) for b in below}:
            return False
        self._without_copies(following.filled)
        for slot, role, values in zip(labels, roles, under, strict=True):
            self.form.claim(slot)
            if role is None:
                self.form.report(
                    "UNKNOWN_LABEL", f"标签「{slot.text}」不在词汇表中，其内容保存在 attribute。", slot, "info"
                )
            if values and role is not None:
                self._assign(role, slot, Value(values[0].text, (values[0],)), row)
            elif values:
                self.form.attribute(self.section, Value(slot.text, (slot,)), Value(values[0].text, (values[0],)))
        return True

    def _below(self, row: Row, following: Row | None, bare: list[tuple[Slot, Role]]) -> None:
        """Give labels without a value beside them the cells below, where the next row holds values and not labels."""
        sections = [s for s, (group, _) in bare if group in {"section", "goal"}]
        if sections and sections[0] is row.filled[0]:
            self.section = sections[0].text
        if following is None or following.ruled != row.ruled:
            return
        labels = [s for s, _ in bare]
        stop = {id(a): b.lo for a, b in pairwise(labels)}
        claimed_first = {fold(s.text) for s in labels}
        below = [s for s in following.filled if fold(s.text) not in claimed_first]
        if not row.spans_stated:
            below = self._without_copies(below, claim=False)
        for slot, (group, name) in bare:
            hi = slot.hi if row.spans_stated else max(slot.hi, stop.get(id(slot), slot.hi + 40))
            under = [s for s in below if s.overlap(slot.lo, hi) > 0 and not self.form.is_claimed(s)]
            scores = group == "measure" and name == "score" and slot is row.filled[-1] and not self.money_seen
            if scores or (group == "header" and name == "total_score"):
                self.score_column = slot
                if under and points(under[-1].text) is not None:
                    self._below_score(under[-1])
                continue
            if len(labels) < 2 and group not in {"goal", "amount", "source"}:
                continue
            under = [s for s in under if role_of(s) is None]
            if under and group in {"amount", "source"}:
                if is_amount(under[0].text) and under[0].lo == slot.lo and name != "longterm":
                    self._assign((group, name), slot, Value(under[0].text, (under[0],)), row)
                continue
            if not under or (len(bare) < len(row.filled) and group != "goal"):
                continue
            if group == "goal":
                value = Value("".join(s.text for s in under), tuple(under))
                self._assign((group, name), slot, value, row)
                if not row.spans_stated:
                    self.form.claim(*[s for s in following.filled if any(fold(s.text) == fold(u.text) for u in under)])
            elif group == "attribute" and not any(role_of(s) for s in below):
                self._assign((group, name), slot, Value(under[0].text, (under[0],)), row)

    def _under_score(self, slot: Slot) -> bool:
        column = self.score_column
        return column is not None and slot.overlap(column.lo, column.hi) > 0 and points(slot.text) is not None

    def _below_score(self, slot: Slot) -> None:
        """A figure under a 得分 caption of the header: the total first, then the execution score beside the money."""
        value = Value(slot.text, (slot,))
        self.form.claim(slot)
        if "total_score" not in self.form.fields:
            self.form.fields["total_score"] = value
        elif self.columns:
            put(self.form, "total", Value("得分", ()), "score", value, None)
        else:
            self.form.attribute(self.section, Value("得分", ()), value)

    def scores_beside(self, row: Row) -> None:
        """Take the figures of a row of money that stand under a 得分 caption of the header."""
        for slot in row.filled:
            if self._under_score(slot) and not self.form.is_claimed(slot):
                self._below_score(slot)


def plain_total(row: Row, total: Slot) -> bool:
    """Whether a total line outside any table gives a score: 总分 | 96.5."""
    rest = [s for s in row.filled if s is not total]
    return (
        total.key not in {"合计", "总计"}
        and bool(rest)
        and all(points(s.text) is not None or is_blank(s.text) or is_grade(s.text) for s in rest)
    )
