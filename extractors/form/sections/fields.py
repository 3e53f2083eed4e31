"""What a labelled value fills: a column of the project, a figure of the money, or an attribute.

Here: labels and their values -> Form. Not here: which cell is the value of which label (labelled_values), tables.
"""

from __future__ import annotations

import re
from itertools import takewhile

from extractors.codes import ProblemCode
from extractors.form.claims import FULL, Claim
from extractors.form.model import Form, Value, value_of
from extractors.form.sections.funding import BUDGET, put
from extractors.form.sections.money_sentences import read_sentence
from extractors.grid.columns import same_edge, touches
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, is_grade, money_unit, money_word, points, split_score
from extractors.vocabulary import Role, measures_of

# Where several printed cells could fill a column, the first of these labels wins and the others become attributes.
_COLUMN_OF = {
    "project_name_first": ("project_name", 1),
    "unit_name": ("unit_name", 0),
    "unit_name_filing": ("unit_name", 1),
    "department_name": ("department_name", 0),
    "department_name_second": ("department_name", 1),
}
_DEPARTMENT = "部门"
"""What a label of the department ends with where others end with 单位."""
_LEVELS_UP = [
    re.compile(words)
    for words in ("(?!)", "县|区(?<!自治区)|旗", "(?<!城)市|州|盟", "省|自治区|兵团", "上级", "中央|国家")
]
"""Whose department a label names: no level (the unit's own), then the levels upwards."""
_RESULT: Role = ("indicator", "actual_text")
_STANDS_IN = 20
"""What is taken off the weight of a claim whose label only may be that of the field."""
_FEW_WORDS = 8
_PLACE = 3
"""The characters that the names of a unit and of its department must begin with in common (某某县)."""
_OF_THE_TOTAL = measures_of("of_total")
"""Measures that are no amount, so that no amount of a source stands in their column."""
_CODED_LABEL = re.compile(r"代码|编码")


class Fields:
    """Takes labelled values, one after another, and remembers what later ones depend on."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.departments: list[tuple[Value, Value]] = []  # all that the form prints, with their labels
        self.units: list[tuple[Value, Value]] = []
        self.section: str | None = None
        # where label:value measures stand: left edge, measure, label
        self.columns: list[tuple[float, str, PlacedCell]] = []
        self.row_measure: str | None = None  # what the row at hand has named (预算安排总额 | 310 | 其中：… | 300)
        self.row_rate = False  # whether it has named the rate, whose points follow (执行率 | 95% | 分值 | 10)
        self.score_column: PlacedCell | None = None
        self.money_seen = False

    def assign(self, role: Role, label: PlacedCell, value: Value, row: Row, rule: str) -> None:
        """Claim the column that a label names for its value; `rule`: how the value was found."""
        value.rule = rule
        form, (group, name) = self.form, role
        form.claim(label, *value.slots)
        labelled = value_of(label)
        if group == "header":
            self._header(name, label, labelled, value)
        elif role == _RESULT and self._tells_of_the_goal(value):
            self._field("goal_actual", _STANDS_IN, labelled, value)
        elif group == "goal" and name != "goal_longterm":
            self._field(name, 0, labelled, value)
        elif group == "amount" and name == "longterm":
            self.open_column(label, "other")
            form.attribute(self.section, labelled, value)
        elif group == "amount":
            self.money_seen = True
            if not value.words.is_amount and read_sentence(form, label, value.slots[0]):
                return
            self.open_column(label, BUDGET)
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
            if self._is_twin(label, value, row):
                form.attribute(self.section, labelled, value)
                message = f"一行里有两处「{label.text}」，分不清哪一处是本年的，都没有采用：「{value.text[:40]}」。"
                form.report(ProblemCode.REPEATED_VALUE, message, value.slots[0])
                return
            self.source(label.words.source or name, label, labelled, value)
            self.scores_beside(row)
        else:
            form.attribute(self.section, labelled, value)
            if group == "section":
                self.section = label.text

    def _tells_of_the_goal(self, value: Value) -> bool:
        """Whether a text beside the label of a result (完成结果) is that of the goal that was read before it."""
        fields = self.form.fields
        return "goal_expected" in fields and "goal_actual" not in fields and len(value.words.bare) > _FEW_WORDS

    def _header(self, name: str, label: PlacedCell, labelled: Value, value: Value) -> None:
        form = self.form
        unit = money_word(value.text)
        if name == "money_unit" or (unit and label.key == "单位"):
            if unit:
                form.money_unit = form.money_unit or unit
            else:
                form.attribute(self.section, labelled, value)
            return
        column, rank = _COLUMN_OF.get(name, (name, 0))
        if column == "department_name":
            if is_blank(value.text):
                form.attribute(self.section, labelled, value)
                return
            rank = 10 * rank + next((n for n, words in enumerate(_LEVELS_UP) if words.search(label.key)), 0)
            self.departments.append((labelled, value))
        elif column == "unit_name" and not is_blank(value.text):
            self.units.append((labelled, value))
        unread = column == "total_score" and points(value.text) is None
        if unread and (both := split_score(value.text)) is not None:
            self._field("total_score", rank, labelled, Value(both[0], value.slots, value.rule))
            self._field("grade", rank, labelled, Value(both[1], value.slots, value.rule))
        elif unread or (column == "grade" and not is_grade(value.text)):
            form.attribute(self.section, labelled, value)
        else:
            self._field(column, rank, labelled, value)
        if column == "department_name" and _CODED_LABEL.search(label.text):
            form.unit_labelled_coded = True

    def _field(self, column: str, rank: int, label: Value, value: Value) -> None:
        """Fill a project column; of several candidates the one with the lower rank, then the first, stays."""
        form = self.form
        form.claim(*value.slots)
        if not value.text:
            return
        claim = Claim(value, label, FULL - rank)
        lost = form.take(column, claim)
        if lost is None:
            return
        stands = form.fields[column]
        if lost is not claim:
            form.attribute(self.section, lost.label or Value(column, ()), lost.value)
        elif stands.words.bare != value.words.bare or claim.weight != form.arbiter.standing["project", column].weight:
            form.attribute(self.section, label, value)

    def settle_department(self) -> None:
        """Of several departments take the one whose place the unit bears in its name, if one does."""
        self._department_over_unit()
        form, unit = self.form, self.form.fields.get("unit_name")
        chosen = form.fields.get("department_name")
        if chosen is not None and self._beside_a_stranger(form.labels["department_name"]):
            form.attribute(self.section, form.labels["department_name"], chosen)
            message = f"「{chosen.text[:40]}」是上级的，同一行另有认不出的标签，主管部门不能确定，留空。"
            form.report(ProblemCode.REPEATED_VALUE, message, chosen.slots[0])
            del form.fields["department_name"]
            form.arbiter.withdraw(("project", "department_name"))
            return
        if unit is None or chosen is None or len({d.words.bare for _, d in self.departments}) < 2:
            return
        shared = [_shared(d.words.bare, unit.words.bare) for _, d in self.departments]
        best = max(shared)
        if best < _PLACE or shared.count(best) > 1:
            return
        label, department = self.departments[shared.index(best)]
        if department is chosen:
            return
        form.attributes[:] = [kept for kept in form.attributes if kept[2] is not department]
        form.attribute(self.section, form.labels["department_name"], chosen)
        form.fields["department_name"], form.labels["department_name"] = department, label
        form.arbiter.prefer(("project", "department_name"), department)

    def _department_over_unit(self) -> None:
        """Of 申报部门 and 申报单位, the department is the unit's own, where the form names no other."""
        form = self.form
        if "department_name" in form.fields or len({value.words.bare for _, value in self.units}) != 2:
            return
        over = [own for own in self.units if own[0].words.key.endswith(_DEPARTMENT)]
        under = [own for own in self.units if own not in over]
        if len(over) != 1 or not under:
            return
        (label, department), (unit_label, unit) = over[0], under[0]
        form.attributes[:] = [kept for kept in form.attributes if kept[2] is not department and kept[2] is not unit]
        form.arbiter.prefer(("project", "unit_name"), unit)
        form.fields["unit_name"], form.labels["unit_name"] = unit, unit_label
        form.take("department_name", Claim(department, label))

    def _beside_a_stranger(self, label: Value) -> bool:
        """Whether a department of a higher level stands beside or over a label that nobody knows, perhaps its own."""
        if not any(words.search(label.words.key) for words in _LEVELS_UP[2:]):
            return False
        rows = [row for row in self.form.rows if row.filled]
        for row, below in zip(rows, [*rows[1:], None], strict=True):
            own = next((s for s in row.filled if s in label.slots), None)
            if own is not None:
                under = [s for s in below.filled if same_edge(s.x0, own.x0)] if below is not None else []
                return any(id(s) in self.form.strangers for s in (*row.filled, *under))
        return False

    def _measure(self, name: str, label: PlacedCell, labelled: Value, value: Value) -> None:
        """预算数：590.44 gives the total, and its column the sources that follow below it."""
        self.money_seen = True
        if name == "adjusted_yuan":
            name = BUDGET
        unit = money_unit(label.text)
        if name in {"weight", "score"} and (not self.row_rate or points(value.text) is None):
            self.form.attribute(self.section, labelled, value)
            return
        self.row_rate |= name == "rate_pct"
        if name not in _OF_THE_TOTAL:
            self.open_column(label, name)
        if name in {BUDGET, "initial_yuan", "received_yuan", "executed_yuan", "other"}:
            self.row_measure = name
        if name == "other":
            self.form.attribute(self.section, labelled, value)
            return
        if name in {"executed_yuan", "received_yuan"}:
            self.form.has_actual = True
        put(self.form, "total", labelled, name, value, unit)

    def open_column(self, label: PlacedCell, measure: str) -> None:
        """Remember that what stands below a label belongs to its measure."""
        self.columns = [c for c in self.columns if not same_edge(c[0], label.x0)]
        self.columns.append((label.x0, measure, label))

    def source(self, source: str, label: PlacedCell, labelled: Value, value: Value) -> None:
        """An amount of a source: of the measure that its row names, or that stands above it, else of the budget."""
        above = ((measure, over.text) for x0, measure, over in self.columns if same_edge(x0, label.x0))
        of_row = (self.row_measure, self.section) if self.row_measure is not None else None
        measure, section = of_row or next(above, (BUDGET, None))
        if measure == "other":
            self.form.attribute(section, labelled, value)
        else:
            put(self.form, source, labelled, measure, value, money_unit(label.text))

    def _is_twin(self, label: PlacedCell, value: Value, row: Row) -> bool:
        """Whether a row prints a source twice with two amounts, in columns of which nobody said what they are."""
        twins = [s for s in row.filled if s.words.source == label.words.source and s.words.group == "source"]
        if (
            len(twins) != 2
            or self.row_measure is not None
            or any(same_edge(c[0], s.x0) and c[1] != "other" for c in self.columns for s in twins)
        ):
            return False
        amounts = {s.text for s in row.filled if s.words.is_amount and s not in twins}
        return len(amounts) == 2

    def under_score(self, slot: PlacedCell) -> bool:
        column = self.score_column
        return column is not None and touches(slot, column) and points(slot.text) is not None

    def below_score(self, slot: PlacedCell) -> None:
        """A figure under a 得分 header of the heading: the total first, then the execution score beside the money."""
        value = value_of(slot, "score_column")
        self.form.claim(slot)
        if "total_score" not in self.form.fields:
            self.form.take("total_score", Claim(value))
        elif self.columns:
            put(self.form, "total", Value("得分", ()), "score", value, None)
        else:
            self.form.attribute(self.section, Value("得分", ()), value)

    def scores_beside(self, row: Row) -> None:
        """Take the figures of a row of money that stand under a 得分 header of the heading."""
        for slot in row.filled:
            if self.under_score(slot) and not self.form.is_claimed(slot):
                self.below_score(slot)


def _shared(a: str, b: str) -> int:
    """How many characters two names begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
