"""What several printed columns of an indicator say together: sign, value and unit, points behind a name, a direction.

Here: the printed cells of one row -> its texts. Not here: which cells they are (sections/), typing them (records.py).
"""

from __future__ import annotations

import re

from extractors.form.model import Value
from extractors.readings.direction import named_direction
from extractors.readings.printed import is_blank, points
from extractors.vocabulary import bare_text

_NAMED_POINTS = re.compile(r"(?<=\S)\s*[(（\[【]\s*(?P<points>\d{1,3}(?:\.\d+)?)\s*分\s*[)）\]】]$")
_SIGN = re.compile(
    "[≥≤≧≦<>=~±]|[大小高低超多少等]于|不[大小高低超多少足]|[大小高低]$|以[上下内]|至[少多]|左右|约|区间|范围"
)
NO_SIGN = {"定性", "定量", "定性指标", "定量指标", "-", "—", "/"}
"""What stands in the column of operators and is none."""


def is_operator(text: str) -> bool:
    """Whether a column of operators prints a sign, the kind of the target or the direction: not 定值, 核心."""
    bare = bare_text(text)
    return bare in NO_SIGN or is_blank(text) or bool(_SIGN.search(bare)) or named_direction(text) is not None


def part_direction(values: dict[str, Value]) -> None:
    """What stands under 性质 or 方向 is the operator or the direction, whichever the cell prints."""
    cells = [values.pop(column) for column in ("operator", "direction_text") if column in values]
    for value in cells:
        if named_direction(value.text) is not None:
            values.setdefault("direction_text", value)
        else:
            values.setdefault("operator", value)


def joined_target(values: dict[str, Value]) -> Value | None:
    """The printed target; operator, value and unit joined where the form prints a column for the operator."""
    target, operator, unit = (values.get(column) for column in ("target_text", "operator", "unit_text"))
    if operator is None or target is None:
        return target
    sign = "" if bare_text(operator.text) in NO_SIGN else operator.text
    text = sign + target.text + (unit.text if unit and sign else "")
    return Value(text, tuple(s for v in (operator, target, unit) if v for s in v.slots), "joined_cells")


def joined_actual(values: dict[str, Value]) -> Value | None:
    """The printed result; operator, value and unit joined where the form prints columns for them."""
    parts = [values.get(column) for column in ("actual_operator", "actual_text", "actual_unit")]
    if parts[1] is None or (parts[0] is None and parts[2] is None):
        return parts[1]
    sign = parts[0] is not None and bare_text(parts[0].text) in NO_SIGN
    printed = [v for n, v in enumerate(parts) if v is not None and not (sign and n != 1)]
    return Value("".join(v.text for v in printed), tuple(s for v in printed for s in v.slots), "joined_cells")


def take_points_from_names(values: dict[str, Value], attributes: list[tuple[str | None, Value, Value]]) -> None:
    """Points in brackets behind the name of an indicator are its weight and no part of its name: 培训人数（9分）.

    Beside a weight that is printed by itself they are part of the name, unless they say the same. Those behind
    level 2 add up what stands below it, and become an attribute.
    """
    for column in ("level2", "level3"):
        value = values.get(column)
        if value is None or not (m := _NAMED_POINTS.search(value.text)):
            continue
        name = Value(value.text[: m.start()].strip(), value.slots, value.rule)
        own = Value(m["points"], value.slots, "points_in_name")
        if column == "level3":
            weight = values.setdefault("weight", own)
            if points(weight.text) != points(own.text):
                continue
        elif not any(label.slots == value.slots for _, label, _ in attributes):
            attributes.append((name.text, Value("分值", value.slots), own))
        values[column] = name
