"""Labels with their values beside or below them: the header, the goals, single amounts, and all other named cells.

Here: which cell is the value of which label. Not here: what a value fills (fields), tables of money or indicators.
"""

from __future__ import annotations

import re

from extractors.form.model import Form, Value, value_of
from extractors.form.sections.fields import Fields
from extractors.form.sections.funding import fund_row, glued_amount, source_named
from extractors.form.sections.goals import goal_roles, labels_before_goals, stand_over_goals
from extractors.form.sections.money_sentences import read_sentence
from extractors.form.sections.whole_project import amounts_of_both
from extractors.grid.columns import column_of, is_left_of, same_edge, touches
from extractors.layout.cell_words import split_label, words_of
from extractors.layout.merged import cells_under, reaches
from extractors.layout.rows import CellRole, PlacedCell, Row
from extractors.readings.printed import is_blank, money_unit, points
from extractors.vocabulary import Role, columns_of

_WORDS_OF_A_LABEL = re.compile(r"[\u4e00-\u9fff（）()、/\da-zA-Z]{2,20}")
_IN_BRACKETS = re.compile(r"[\u4e00-\u9fff][(][^()\d]{1,8}[)]$")
_SIGNED = re.compile(r"人|日期|时间|电话|签字|盖章")
_STACKED = {"header", "attribute", "goal", "amount", "section", "list"}
"""Groups whose labels may stand in a row of their own with the values in the row below."""


_FEW_LETTERS = 4
_OF_MONEY = {"sentence", "amount", "source", "measure"}
_GOALS = {"goal_expected": "预期目标", "goal_actual": "完成情况", "goal_longterm": "中长期目标"}
_OF_INDICATORS = {*columns_of("level", "name"), "operator"}
"""Headers beside which 得分 is a column of indicators and not the score of the form."""


def _names_a_text(label: PlacedCell, text: PlacedCell) -> bool:
    """Whether a short cell says what the long one after it is, as 目标1 does, and is no goal itself."""
    short = len(label.words.bare) <= _FEW_LETTERS and not label.words.is_figure
    return short and text.words.role is None and len(text.words.bare) > 2 * _FEW_LETTERS


class LabelledValues:
    """Reads the rows outside the tables."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.fields = Fields(form)
        self.alone: tuple[PlacedCell, Role | None] | None = None  # a label that had the row above for itself
        self.head: PlacedCell | None = None  # the first cell of the last row that had one
        self.lead: PlacedCell | None = None  # the first cell of the last row, where it was a label without a value
        self.in_note = False
        self.rows_read = 0
        self.goals: list[tuple[PlacedCell, str | None]] = []  # labels over goals in the rows above, and what they name
        self.before_goals: dict[int, Role] = {}  # labels between that of a goal and its text

    def read(self, row: Row, following: Row | None) -> bool:
        """Read a row: labels with their values beside or below them, and what is left over.

        True when the row below was read with it.
        """
        form = self.form
        slots = [s for s in cells_under(row.slots, self.fields.under_score) if not form.is_claimed(s)]
        slots = self._without_lead(slots)
        self.fields.row_measure, self.fields.row_rate = None, False
        self.rows_read += 1
        if self._goes_on_with_goals(row, slots):
            return False
        if self._goes_on_noting(slots) or self._below_alone(row, slots):
            return False
        if following is not None and self._stacked(row, slots, following):
            return True
        self._unit_of_unknown(row)
        bare: list[tuple[PlacedCell, Role]] = []
        over_goals = stand_over_goals(row, following)
        of_goals = goal_roles(row, following)
        of_amounts = amounts_of_both(row)
        self.before_goals |= labels_before_goals(row, following)
        n = 0
        last_label: PlacedCell | None = None
        section: str | None = None
        while n < len(slots):
            slot = slots[n]
            role = of_goals.get(id(slot), of_amounts.get(id(slot), slot.words.role))
            if id(slot) in of_goals and slot.words.role is None:
                n += self._label_of_goal(slot, role, following, bare)
                continue
            if (own := self.before_goals.get(id(slot))) is not None:
                self.fields.assign(own, slot, value_of(slots[n + 1]), row, "label_beside")
                n += 2
                continue
            if not slot.text or (role is None and self._whole_cell(slot, row)):
                n += 1
                continue
            if role is None:
                taken, last_label = self._unknown(slots, n, last_label, row)
                n += taken
                continue
            if role[0] not in {"header", "goal"}:
                form.money_unit = form.money_unit or money_unit(slot.text)
            value = slots[n + 1] if n + 1 < len(slots) else None
            of_text = role[0] in {"header", "attribute", "goal"}
            if role[0] == "goal" and (over_goals or (value is not None and id(value) in self.before_goals)):
                value = None  # a text beside the label is a stray cell, or the label of the goal itself
            elif value is not None and id(value) in of_goals:
                value = None  # it is a label over a goal
            elif value is not None and of_text and self._left_blank(slot, value, slots[n + 2 :]):
                value = None
            if value is not None and value.text and self._is_value(role, value, slots[n + 2 :], len(row.filled)):
                self.fields.assign(role, slot, value_of(value), row, "label_beside")
                last_label = slot
                n += 2
                continue
            form.claim(slot)
            if slot.origin is not None and value is not None and value.text:
                n += 1  # the label above, merged over both rows, printed again
                continue
            over_text = following is None or any(s.x0 == slot.x0 for s in following.filled)
            if over_text or role[0] != "goal" or not of_goals or slot is not row.filled[0]:
                bare.append((slot, role))
            else:  # what stands below is of the headers beside it
                section = slot.text
            if slot is row.filled[0]:
                self.lead = slot
            last_label = slot
            n += 1
        if section is not None:
            self.fields.section = section
        if bare:
            self._below(row, following, bare)
            self._blank_amounts(row, bare)
        filled = [s for s in slots if s.text]
        if len(filled) == 1 and (bare or self.fields.section == filled[0].text):
            self.alone = (filled[0], bare[0][1] if bare else None)
        return False

    def _label_of_goal(
        self, slot: PlacedCell, role: Role | None, following: Row | None, bare: list[tuple[PlacedCell, Role]]
    ) -> int:
        """Take an unknown label beside that of a goal: parts of its words name its goal, or nothing does."""
        form = self.form
        form.claim(slot)
        text = next(s for s in following.filled if s.x0 == slot.x0) if following is not None else slot
        if role is not None:
            form.unknown("目标的标签", slot, f"，按其中的字样读作{_GOALS[role[1]]}")
            bare.append((slot, role))
        else:
            form.unknown("目标的标签", slot, "，其内容保存在 attribute")
            self.goals.append((slot, None))
            form.attribute(self.fields.section, value_of(slot), value_of(text))
        return 1

    def _goes_on_with_goals(self, row: Row, slots: list[PlacedCell]) -> bool:
        """Read a row of texts that begin under the labels of goals: they go on with the goals of the row above.

        What stands left of the labels is merged over the rows, or two of them have a text.
        """
        filled = [s for s in slots if s.text]
        if not filled or not self.goals:
            return False
        over = [next((g for g in self.goals if same_edge(g[0].x0, s.x0)), None) for s in filled]
        beside = row.slots[0].x0 < self.goals[0][0].x0 or any(is_left_of(s, self.goals[0][0].x0) for s in row.above)
        texts = all(
            s.words.role is None and not (s.words.pairs or s.words.is_note or s.words.is_figure) for s in filled
        )
        if not texts or None in over or not (beside or len(filled) > 1):
            self.goals = []
            return False
        for slot, goal in zip(filled, over, strict=True):
            if goal is None:
                continue
            label, name = goal
            begun = self.form.fields.get(name) if name is not None else None
            if name is not None and begun is not None:
                self.form.goes_on(name, slot)
            else:
                self.form.attribute(self.fields.section, value_of(label), value_of(slot))
        return True

    def _below_alone(self, row: Row, slots: list[PlacedCell]) -> bool:
        """Read a row of one text as the value of the label that had the row above, or stands beside it, for itself."""
        alone, self.alone = self.alone, None
        head, self.head = self.head, row.filled[0] if row.filled[0] is row.slots[0] else self.head
        filled = [s for s in slots if s.text]
        if len(filled) != 1 or not row.ruled or filled[0].words.role is not None or filled[0].words.pairs:
            return False
        slot = filled[0]
        if slot.words.is_note or glued_amount(slot.text) or self._unit_line(slot):
            return False
        beside = next((s for s in row.above if s.text and is_left_of(s, slot.x0)), None)
        if beside is None and slot is not row.slots[0] and head is not None:
            beside = row.slots[0].origin  # the merged label to the left, blank in the second of its rows
        label, role = (beside, None) if beside is not None and alone is None else alone or (None, None)
        if label is None or slot.role is CellRole.TITLE or self.fields.under_score(slot):
            return False
        value = value_of(slot)
        if role is not None and role[0] == "goal" and role[1] not in self.form.fields:
            self.fields.assign(role, label, value, row, "label_above")
        elif beside is None or not self._goes_on_with(beside, slot):
            self.form.attribute(self.fields.section, value_of(label), value)
        return True

    def _goes_on_with(self, label: PlacedCell, slot: PlacedCell) -> bool:
        """Add a text to the goal above it, where its label is merged over both rows."""
        role = label.words.role
        begun = self.form.fields.get(role[1]) if role is not None and role[0] == "goal" else None
        if role is None or begun is None or not same_edge(begun.slots[-1].x0, slot.x0):
            return False
        if self.form.labels[role[1]].slots != (label,):
            return False
        self.form.goes_on(role[1], slot)
        return True

    def _without_lead(self, slots: list[PlacedCell]) -> list[PlacedCell]:
        """The slots without the section's label that exports print again in each of its rows."""
        if self.lead is None or not slots or slots[0].first is not self.lead.first:
            self.lead = None
            return slots
        self.form.claim(slots[0])
        return slots[1:]

    # ── a value beside its label ─────────────────────────────────────────────────

    @staticmethod
    def _left_blank(label: PlacedCell, value: PlacedCell, rest: list[PlacedCell]) -> bool:
        """Whether a text export left a label's value blank, so that a label unknown to us and its value come next."""
        if label.reach == label.x1 or value.words.is_figure or not rest or rest[0].words.role is not None:
            return False
        return value.reach == value.x1 and not value.parts and bool(_WORDS_OF_A_LABEL.fullmatch(value.words.bare))

    def _is_value(self, role: Role, value: PlacedCell, rest: list[PlacedCell], filled: int) -> bool:
        """Whether the cell beside a label is its value and not the next label."""
        other = value.words.role
        group, name = role
        after = next((s for s in rest if s.text), None)
        if other is None:
            cut = split_label(value.text)
            if group not in {"sentence", "amount"} and cut and words_of(cut[0]).role:
                return False
            if group == "section":
                return after is None or after is not rest[0] or after.words.role is not None
            if group == "goal" and after is not None and after is rest[0] and _names_a_text(value, after):
                return False
            if group == "source" and self._several_figures(value, rest):
                return False  # which of them is the budget is not known
            if group in {"measure", "source", "amount"}:
                return value.words.is_figure or name == "other" or (group == "amount" and len(value.text) > 20)
            return True
        if after is not None and after.words.role is None:
            return False  # the label of the cell after it
        if group == "header":  # a unit called 办公室, a project called 上级专项资金: a name that is also a label
            return (other[0] in {"attribute", "section", "list", "total", "indicator"} and after is None) or (
                other[0] in {"source", "measure", "amount"} and name in {"project_name", "unit_name", "department_name"}
            )
        if group == "sentence":
            return other[0] == "source" and after is None
        if group != "attribute" or after is not None:
            return False
        return other[0] in {"section", "source"} or (
            other[0] == "attribute" and filled == 2 and not _SIGNED.search(value.key)
        )

    def _several_figures(self, value: PlacedCell, rest: list[PlacedCell]) -> bool:
        """Whether further amounts follow the one beside a label, other than copies of it and a score."""
        after = rest[0] if rest else None
        if after is None or not value.words.is_amount or not after.words.is_amount:
            return False
        return not value.parts and after.text != value.text and not self.fields.under_score(after)

    def _blank_amounts(self, row: Row, bare: list[tuple[PlacedCell, Role]]) -> None:
        """A source that the form prints without an amount is a source of the form all the same."""
        for slot, (group, name) in bare:
            beside = next((s for s in row.slots if is_left_of(slot, s.x0)), None)
            is_blank = slot.reach > slot.x1 or (beside is not None and not beside.text)
            if group == "source" and self.fields.money_seen and name != "total" and is_blank:
                fund_row(self.form, slot.words.source or name, value_of(slot))

    # ── cells that hold label and value together, and unknown ones ───────────────

    def _whole_cell(self, slot: PlacedCell, row: Row) -> bool:
        """Read a cell that holds label and value together, or a note; False when it is neither."""
        form = self.form
        pairs = slot.words.pairs
        if any(value for _, value in pairs):
            for label, value in pairs:
                self._printed_together(label, Value(value, (slot,)), slot, row)
            return True
        if unit := self._unit_line(slot):
            form.claim(slot)
            form.money_unit = form.money_unit or unit
            return True
        if glued := glued_amount(slot.text, of_money=any(s.words.group in _OF_MONEY for s in row.filled)):
            label, amount = glued
            source = source_named(label) or "total"
            part = PlacedCell(label, slot.cell, slot.x0, slot.x1)
            self.fields.source(source, part, Value(label, (slot,)), Value(amount, (slot,), "label_in_cell"))
            form.claim(slot)
            self.fields.money_seen = True
            return True
        label, text = split_label(slot.text) or ("注" if slot.words.is_note else "", slot.text)
        alone = row.filled[0] is not slot or len({s.words.bare for s in row.filled}) == 1
        if not slot.words.is_note and not (alone and len(label) <= 12 and _WORDS_OF_A_LABEL.fullmatch(label.strip())):
            return False
        self.in_note = slot.words.is_note
        form.attribute(self.fields.section, Value(label.strip(), (slot,)), Value(text, (slot,)))
        return True

    def _printed_together(self, label: str, value: Value, slot: PlacedCell, row: Row) -> None:
        role = words_of(label).role
        part = PlacedCell(label, slot.cell, slot.x0, slot.x1)
        self.form.claim(slot)
        if not value.text or role is None:
            return
        if role[0] in {"source", "measure", "amount"} and not value.words.is_figure and role[1] != "other":
            if not (role[0] == "amount" and read_sentence(self.form, part, slot)):
                self.form.attribute(self.fields.section, Value(label, (slot,)), value)
            return
        self.fields.assign(role, part, value, row, "label_in_cell")

    @staticmethod
    def _unit_line(slot: PlacedCell) -> str | None:
        return money_unit(slot.text) if len(slot.words.bare) <= 12 and "单位" in slot.text else None

    def _unit_of_unknown(self, row: Row) -> None:
        """Take the unit in a label that nobody knows, beside labels of money: 政策资金（万元） | 预算 | 2600."""
        if self.form.money_unit is None and any(s.words.group in _OF_MONEY for s in row.filled):
            labels = [s for s in row.filled if s.words.role is None and _IN_BRACKETS.search(s.words.bare)]
            self.form.money_unit = next((u for s in labels if (u := money_unit(s.text))), None)

    def _goes_on_noting(self, slots: list[PlacedCell]) -> bool:
        """Whether a row is the next line of the note above it (2.…): alone in its row, and no label."""
        filled = [s for s in slots if s.text]
        if self.in_note and len(filled) == 1 and filled[0].words.role is None and not filled[0].words.pairs:
            self.form.attribute(self.fields.section, Value("注", (filled[0],)), value_of(filled[0]))
            return True
        self.in_note = self.in_note and not filled
        return False

    def _unknown(
        self, slots: list[PlacedCell], n: int, last_label: PlacedCell | None, row: Row
    ) -> tuple[int, PlacedCell | None]:
        """Read a cell that is no known label: a new label with its value, or a further value of the label before.

        Returns how many cells were taken, and the label that a further value would be of.
        """
        form, slot = self.form, slots[n]
        if slot.origin is not None and last_label is None:
            form.claim(slot)  # the cell above, merged over both rows, printed again
            return 1, slot
        if self.fields.under_score(slot):
            self.fields.below_score(slot)
            return 1, last_label
        value = slots[n + 1] if n + 1 < len(slots) else None
        heads_row = row.ruled and row.slots[0] is slot and sum(bool(s.text) for s in slots) == 1
        labellike = _WORDS_OF_A_LABEL.fullmatch(slot.words.bare.rstrip(":")) and not slot.words.is_figure
        if value is not None and value.text and labellike and value.words.role is None and not value.words.pairs:
            form.unknown("标签", slot, "，其内容保存在 attribute")
            if value.words.is_amount:
                self.fields.open_column(slot, "other")
            self._keep(slot, value)
            return 2, slot
        if last_label is not None:
            self._keep(last_label, slot)
            return 1, last_label
        if labellike and heads_row and len(slot.text) <= 20:
            form.claim(slot)
            self.fields.section = slot.text
            form.unknown("标题", slot)
            return 1, slot
        if labellike and value is not None and (not value.text or value.words.role):
            form.claim(slot)
            form.unknown("标签", slot, "，其后没有内容")
            return 1, slot
        return 1, None

    def _keep(self, label: PlacedCell, value: PlacedCell) -> None:
        """Keep a value beside a label; of equal figures each, as nobody knows whether they are one merged cell."""
        for part in value.parts if value.parts and value.words.is_figure else (value,):
            self.form.attribute(self.fields.section, value_of(label), value_of(part))

    # ── values below their labels ────────────────────────────────────────────────

    def _stacked(self, row: Row, slots: list[PlacedCell], following: Row) -> bool:
        """Read a row of labels together with the row of values below it (项目名称 | 项目编码 | 主管部门)."""
        labels = [s for s in slots if s.text]
        if labels and labels[0].words.group == "section" and not any(touches(s, labels[0]) for s in following.filled):
            labels = labels[1:]  # merged over both rows
        roles = [s.words.role for s in labels]
        known = [r for r in roles if r is not None]
        reach = reaches(labels)
        below = cells_under(following.filled, lambda s: column_of(s, reach))
        below = [s for s in below if not self.form.is_claimed(s)]
        if len(labels) < 2 or len(known) < 2 or len(known) < 0.6 * len(labels) or not below:
            return False
        if any(r[0] not in _STACKED for r in known) or not any(r[0] in {"header", "attribute"} for r in known):
            return False
        if following.ruled != row.ruled or any(s.words.role is not None or s.words.pairs for s in below):
            return False
        over = [column_of(b, reach) for b in below]
        under = [[b for b, column in zip(below, over, strict=True) if column is r] for r in reach]
        if None in over:
            return False
        if sum(len(u) == 1 for u in under) < max(2, 0.6 * len(labels)) or any(len(u) > 1 for u in under):
            return False
        self.form.claim(*following.filled)
        for slot, role, values in zip(labels, roles, under, strict=True):
            self.form.claim(slot)
            if role is None:
                self.form.unknown("标签", slot, "，其内容保存在 attribute")
            if values and role is not None:
                self.fields.assign(role, slot, value_of(values[0]), row, "label_row")
            elif values:
                self.form.attribute(self.fields.section, value_of(slot), value_of(values[0]))
        return True

    @staticmethod
    def _labelled(slot: PlacedCell, row: Row, above: list[PlacedCell]) -> bool:
        """Whether a cell below a label is the value of another label, which stands beside it."""
        beside = next((s for s in reversed(row.filled) if is_left_of(s, slot.x0)), None)
        if beside is None or beside.words.bare in {s.words.bare for s in above}:
            return False
        return beside.words.group not in {None, "section", "indicator"}

    @staticmethod
    def _of_a_list(amount: PlacedCell, following: Row, row: Row) -> bool:
        """Whether an amount below a label has a label of its own beside it: it is one of a list (材料费 | 640000)."""
        beside = next((s for s in reversed(following.filled) if is_left_of(s, amount.x0)), None)
        if beside is None or beside.words.is_figure or is_blank(beside.text):
            return False
        return all(s.words.bare != beside.words.bare for s in (*row.filled, *row.above))

    def _below(self, row: Row, following: Row | None, bare: list[tuple[PlacedCell, Role]]) -> None:
        """Give labels without a value beside them the cells below, where the next row holds values and not labels."""
        sections = [s for s, (group, _) in bare if group in {"section", "goal"}]
        if sections and sections[0] is row.filled[0]:
            self.fields.section = sections[0].text
        if following is None or following.ruled != row.ruled:
            return
        labels = [s for s, _ in bare]
        claimed_first = {s.words.bare for s in labels}
        below = [s for s in following.filled if s.words.bare not in claimed_first]
        reach = reaches(labels)
        below = cells_under(below, lambda s: column_of(s, reach))
        for (slot, (group, name)), column in zip(bare, reach, strict=True):
            under = [s for s in below if touches(s, column) and not self.form.is_claimed(s)]
            scores = group == "measure" and name == "score" and slot is row.filled[-1] and not self.fields.money_seen
            scores = scores and not any(s.header in _OF_INDICATORS for s in row.filled)
            if scores or (group == "header" and name == "total_score"):
                self.fields.score_column = slot
                if under and points(under[-1].text) is not None:
                    self.fields.below_score(under[-1])
                continue
            if len(labels) < 2 and group not in {"goal", "amount", "source"}:
                continue
            under = [s for s in under if s.words.role is None and not self._labelled(s, following, labels)]
            if group == "goal" and any(
                s.words.group == "goal" and s.first is s and touches(s, slot) for s in following.filled
            ):
                continue  # the heading of the labels of goals below it
            if under and group in {"amount", "source"} and self._of_a_list(under[0], following, row):
                continue
            if under and group in {"amount", "source"}:
                if under[0].words.is_amount and under[0].x0 == slot.x0 and name != "longterm":
                    self.fields.assign((group, name), slot, value_of(under[0]), row, "label_above")
                continue
            if not under or (len(bare) < len(row.filled) and group != "goal"):
                continue
            if group == "goal":
                if slot.reach > slot.x1 and under[0].x0 == slot.x0:
                    under = under[:1]  # the others are stray cells
                value = Value("".join(s.text for s in under), tuple(under))
                self.goals.append((slot, name))
                self.fields.assign((group, name), slot, value, row, "label_above")
            elif group == "attribute" and not any(s.words.role or split_label(s.text) for s in below):
                self.fields.assign((group, name), slot, value_of(under[0]), row, "label_above")
