"""Labels that nobody knows, told by where they stand and by the end of their words, where no other label has the field.

Here: what was reached of the goal, the names of project, unit and department in the heading. Not here: labels that the
vocabulary knows (labelled_values), columns (layout.column_evidence).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.codes import ProblemCode
from extractors.form.claims import Claim
from extractors.form.model import Form, Value
from extractors.form.sections.goals import DONE, LABEL, PLANNED, SENTENCE
from extractors.grid import Idea
from extractors.grid.columns import same_edge
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import is_blank, points

_SURE = 0.8
"""How sure the idea is that people are asked about."""
_HEADING = {
    "department_name": re.compile("(?:主管|牵头|归口|预算).{0,4}(?:部门|单位)(?:名称)?"),
    "unit_name": re.compile(".{1,6}(?:单位|学校|医院)(?:名称)?|(?:学校|医院)(?:名称)?"),
    "project_name": re.compile(".{1,6}项目(?:名称)?"),
}
"""What the label of a field in the heading ends with; the first that fits."""
_OF_OTHERS = re.compile(
    "施工|监理|评审|评价|审核|审计|中介|第三方|受益|采购|供应|供货|承建|设计|上级|下级|联系|监督|考核|验收|代建|合作|协作|参与|配合|关联|所属|中标|子项"
)
"""Whose unit or project it is not: the form's own."""
_NAMES = {"department_name": "主管部门", "unit_name": "实施单位", "project_name": "项目名称"}
_HEADING_ROWS = 2


def settle_labels_by_place(form: Form) -> None:
    """Give the fields that no known label names to the unknown ones that can only be theirs; each is told."""
    strange = [
        (label, value)
        for _, label, value in form.attributes
        if label.slots and id(label.slots[0]) in form.strangers and LABEL.fullmatch(label.words.key)
    ]
    found = list(_in_heading(form, strange))
    if "goal_expected" in form.fields and "goal_actual" not in form.fields and form.has_actual:
        near = _beside(form, form.labels["goal_expected"])
        found += [("goal_actual", *own) for own in strange if own[0].slots[0] in near and _tells_of_the_result(*own)]
    for column in dict.fromkeys(column for column, _, _ in found):
        own = [(label, value) for name, label, value in found if name == column]
        if len(own) == 1:
            _take(form, column, *own[0])


def _in_heading(form: Form, strange: list[tuple[Value, Value]]) -> Iterator[tuple[str, Value, Value]]:
    """The unknown labels in the first rows of labels that end like those of a name, each with the field."""
    rows = [row for row in form.rows if len(row.filled) > 1][:_HEADING_ROWS]
    cells = [cell for row in rows for cell in row.filled]
    for label, value in strange:
        key = re.sub("[()]", "", label.words.key)
        column = next((name for name, ends in _HEADING.items() if ends.fullmatch(key)), None)
        named = column is not None and column not in form.fields and not _OF_OTHERS.search(key)
        if column and named and label.slots[0] in cells and not is_blank(value.text) and points(value.text) is None:
            yield column, label, value


def _tells_of_the_result(label: Value, value: Value) -> bool:
    """Whether a label says that something was done and its value is a text: 完成总结 | 清运垃圾3150吨，…."""
    says = DONE.search(label.words.key) and not PLANNED.search(label.words.key)
    return bool(says) and len(value.text) > len(label.text) and SENTENCE.search(value.text) is not None


def _take(form: Form, column: str, label: Value, value: Value) -> None:
    slot, value.rule = label.slots[0], "label_by_place"
    form.attributes[:] = [kept for kept in form.attributes if kept[2] is not value]
    form.take(column, Claim(value, label))
    form.problems[:] = [p for p in form.problems if p.code != ProblemCode.UNKNOWN_LABEL or p.place != slot.cell.place]
    name = _NAMES.get(column, "年度总体目标实际完成情况")
    message = f"标签「{slot.text}」不在词汇表中，按其位置和字样读作「{name}」。"
    group = "header" if column in _NAMES else "goal"
    idea = Idea(group, column, slot.text, _SURE, f"「{slot.text}」的位置和字样像「{name}」。")
    form.report(ProblemCode.COLUMN_BY_CONTENT, message, slot, "info", idea)


def _beside(form: Form, label: Value) -> list[PlacedCell]:
    """The cells right of the goal in its row, and the one below its label."""
    rows: list[Row] = [row for row in form.rows if row.filled]
    own = next((n for n, row in enumerate(rows) if any(s in row.filled for s in label.slots)), None)
    if own is None:
        return []
    x0 = label.slots[0].x0
    below = rows[own + 1].filled if own + 1 < len(rows) else []
    return [s for s in rows[own].filled if s.x0 > x0] + [s for s in below if same_edge(s.x0, x0)]
