"""Conditional formats of a sheet (xlsx), of those that change what a cell shows: number format, hidden, struck out.

Here: for which values a rule holds, as far as the cell alone tells. Not here: the styles (xlsx_styles.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from extractors.formats.office.workbook import Range
from extractors.formats.office.xlsx_styles import Change, read_change

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?%?")
_COMPARED = re.compile(r"(?P<cell>\$?[A-Z]{1,3}\$?\d{1,7})\s*(?P<sign><>|<=|>=|=|<|>)\s*(?P<other>.+)")
_FAILED = re.compile(r"IS(?:ERROR|ERR|NA)\(\s*(\$?[A-Z]{1,3}\$?\d{1,7})\s*\)", re.IGNORECASE)
_BLANK = re.compile(r"(?:ISBLANK\((?P<a>[^()]+)\)|LEN\(TRIM\((?P<b>[^()]+)\)\)\s*=\s*0)", re.IGNORECASE)
_TRUE = ("1", "true")

Value = float | str
"""What a cell holds; a text for one that is blank is empty."""

_SIGNS: dict[str, Callable[[tuple[int, Value], tuple[int, Value]], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_OPERATORS = {
    "equal": "=", "notEqual": "<>", "lessThan": "<", "lessThanOrEqual": "<=", "greaterThan": ">",
    "greaterThanOrEqual": ">=",
}  # fmt: skip
_CONTAINING: dict[str, Callable[[str, str], bool]] = {
    "containsText": lambda text, part: part in text,
    "notContainsText": lambda text, part: part not in text,
    "beginsWith": str.startswith,
    "endsWith": str.endswith,
}


@dataclass(slots=True)
class _Rule:
    spans: list[Range]
    priority: int
    kind: str
    operator: str
    text: str
    formulas: list[str]
    change: Change
    stops: bool

    def holds(self, row: int, col: int, value: Value) -> bool | None:
        """Whether it holds for a cell; None where other cells or more than this reader knows decide."""
        if self.kind in ("iconSet", "dataBar"):
            return True
        if self.kind == "cellIs":
            return self._compared(value)
        if self.kind in _CONTAINING:
            if not self.text or (not isinstance(value, str) and re.search(r"\d", self.text)):
                return None
            return _CONTAINING[self.kind](str(value).lower(), self.text.lower())
        if self.kind in ("containsBlanks", "notContainsBlanks"):
            return (isinstance(value, str) and not value.strip()) == (self.kind == "containsBlanks")
        if self.kind in ("containsErrors", "notContainsErrors"):
            return self.kind == "notContainsErrors"
        return self._formula(row, col, value) if self.kind == "expression" and self.formulas else None

    def _compared(self, value: Value) -> bool | None:
        operands = [_constant(formula) for formula in self.formulas]
        known = [operand for operand in operands if operand is not None]
        if len(known) < len(operands) or not known:
            return None
        own = _ordered(value)
        if self.operator in ("between", "notBetween") and len(known) == 2:
            low, high = sorted(map(_ordered, known))
            return (low <= own <= high) == (self.operator == "between")
        sign = _OPERATORS.get(self.operator)
        return None if sign is None else _SIGNS[sign](own, _ordered(known[0]))

    def _formula(self, row: int, col: int, value: Value) -> bool | None:
        formula = self.formulas[0].strip()
        if formula.upper() in ("TRUE", "FALSE"):
            return formula.upper() == "TRUE"
        if (failed := _FAILED.fullmatch(formula)) and self._is_own(failed[1], row, col):
            return False
        if (blank := _BLANK.fullmatch(formula)) and self._is_own(blank["a"] or blank["b"], row, col):
            return isinstance(value, str) and not value.strip()
        compared = _COMPARED.fullmatch(formula)
        if compared is None or not self._is_own(compared["cell"], row, col):
            return None
        other = _constant(compared["other"])
        return None if other is None else _SIGNS[compared["sign"]](_ordered(value), _ordered(other))

    def _is_own(self, reference: str, row: int, col: int) -> bool:
        """Whether a reference, which counts from the first cell of the rule, is to the cell itself."""
        found = _REFERENCE.fullmatch(reference.strip())
        if found is None:
            return False
        at_col = 0
        for letter in found[1]:
            at_col = at_col * 26 + ord(letter) - 64
        fixed_col, fixed_row = reference.strip().startswith("$"), "$" in reference.strip()[1:]
        first_row, first_col = min(span.row for span in self.spans), min(span.col for span in self.spans)
        own_col = at_col - 1 == (col if fixed_col else first_col)
        return own_col and int(found[2]) - 1 == (row if fixed_row else first_row)


@dataclass(slots=True)
class Rules:
    """The rules of a sheet that change what cells show, or that end the search for such."""

    rules: list[_Rule] = field(default_factory=list)

    def add(self, element: etree._Element, changes: list[Change], range_of: Callable[[str], Range | None]) -> None:
        """Take the rules of a `conditionalFormatting`, those of the list of extensions, too."""
        where = element.get("sqref") or element.findtext("{*}sqref") or ""
        spans = [span for reference in where.split() if (span := range_of(reference))]
        for rule in element.iterfind("{*}cfRule") if spans else ():
            change = _change(rule, changes)
            stops = rule.get("stopIfTrue") in _TRUE
            if change.matters or stops:
                formulas = [child.text or "" for child in rule if str(child.tag).rpartition("}")[2] in ("formula", "f")]
                priority = rule.get("priority", "")
                self.rules.append(
                    _Rule(
                        spans,
                        int(priority) if priority.isdecimal() else 0,
                        rule.get("type", ""),
                        rule.get("operator", ""),
                        rule.get("text", ""),
                        formulas,
                        change,
                        stops,
                    )
                )
        self.rules.sort(key=lambda rule: rule.priority)

    def change(self, row: int, col: int, value: Value) -> Change | None:
        """What they make of a cell that holds a value; None where that cannot be known."""
        result = Change()
        for rule in self._over(row, col):
            holds = rule.holds(row, col, value)
            if holds is None and rule.change.matters:
                return None
            if holds:
                code = rule.change.code if result.code is None else result.code
                result = Change(code, result.struck or rule.change.struck, result.hidden or rule.change.hidden)
                if rule.stops:
                    break
        return result

    def _over(self, row: int, col: int) -> Iterator[_Rule]:
        for rule in self.rules:
            if any(span.row <= row <= span.row_to and span.col <= col <= span.col_to for span in rule.spans):
                yield rule


def _change(rule: etree._Element, changes: list[Change]) -> Change:
    for child in rule:
        name = str(child.tag).rpartition("}")[2]
        if name == "dxf":
            return read_change(child)
        if name in ("iconSet", "dataBar") and child.get("showValue") in ("0", "false"):
            return Change(hidden=True)
    number = rule.get("dxfId", "")
    return changes[int(number)] if number.isdecimal() and int(number) < len(changes) else Change()


def _constant(formula: str) -> Value | None:
    """A number or a text that a formula consists of."""
    formula = formula.strip()
    if len(formula) >= 2 and formula[0] == formula[-1] == '"':
        return formula[1:-1].replace('""', '"')
    if _NUMBER.fullmatch(formula) is None:
        return None
    return float(formula.rstrip("%")) / (100 if formula.endswith("%") else 1)


def _ordered(value: Value) -> tuple[int, Value]:
    """A value so that it compares as in a sheet: every text is greater than any number, capitals do not count."""
    return (1, value.lower()) if isinstance(value, str) else (0, value)
