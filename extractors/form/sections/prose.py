"""What only the running text of a form says: its score and grade, the amounts of its money.

Here: a sentence that names a field and prints its value (自评总分98.42分, 年初预算265万元). Not here: labels beside
their values (labelled_values), lists of sources (funding).
"""

from __future__ import annotations

import re

from extractors.form.claims import Claim
from extractors.form.model import Form, Value
from extractors.form.sections.funding import BUDGET, STAGES, put
from extractors.layout.cell_words import words_of
from extractors.readings.printed import is_grade, plain
from extractors.vocabulary import bare_text

_SPOKEN = 50
"""The weight of a claim that running text makes: whatever has a cell of its own goes before it."""
_BEGIN = r"(?:^|(?<=[,。;:、(\"“”]))"
_WHOSE = re.compile("^(?:经?自评)?[本该](?:项目|单位|部门)|^其中|^共")
_SCORE = re.compile(_BEGIN + r"(?P<label>[\u4e00-\u9fff]{2,12}?)(?:为|是|:|达到?)?(?P<value>\d{1,3}(?:\.\d+)?)分")
_GRADE = re.compile(
    _BEGIN + r"(?P<label>[\u4e00-\u9fff]{2,12}?)(?:为|是|:)[\"“]?(?P<value>[优良中差]秀?好?|[ABCD])[\"”]?(?=[,。;)]|$)"
)
_MONEY = re.compile(
    _BEGIN
    + r"(?P<label>[\u4e00-\u9fff]{2,12}?)(?:为|是|:)?(?P<value>-?\d+(?:,\d{3})*(?:\.\d+)?(?P<unit>亿元|万元|元|%))"
)
_PART = re.compile(r"\d(?:[\d,.]*\d)?(?:亿|万)?(?:元|%)")


def settle_prose(form: Form) -> None:
    """Take a score, a grade and the amounts from running text where no cell of their own gives them.

    Two texts that say different things say nothing, nor does one with an amount that it does not name.
    """
    texts = [value for _, _, value in form.attributes]
    for column, pattern in (("total_score", _SCORE), ("grade", _GRADE)):
        if column not in form.fields:
            said = [(label, own) for text in texts for label, own in _said(text, pattern) if _names(label, column)]
            if len({own.text for _, own in said}) == 1 and (column != "grade" or is_grade(said[0][1].text)):
                label, own = said[0]
                form.take(column, Claim(own, Value(label, own.slots), _SPOKEN))
    if not form.funding:
        _money(form, [text for text in texts if _tells_money(text)])


def _names(label: str, column: str) -> bool:
    return words_of(label).role == ("header", column)


def _said(text: Value, pattern: re.Pattern[str]) -> list[tuple[str, Value]]:
    """The labels in a text that a value follows, each with its value."""
    found = pattern.finditer(bare_text(text.text).replace("，", ","))
    return [(_WHOSE.sub("", m["label"]), Value(m["value"], text.slots, "said_in_text")) for m in found]


def _tells_money(text: Value) -> bool:
    """Whether every amount of a text has the name of a measure before it, and there are several measures."""
    said = [(words_of(label).measure, own) for label, own in _said(text, _MONEY)]
    stages = [measure for measure, _ in said if measure in STAGES]
    all_named = len(said) == len(_PART.findall(plain(text.text))) and all(measure for measure, _ in said)
    return len(stages) > 1 and len(set(stages)) == len(stages) and all_named


def _money(form: Form, texts: list[Value]) -> None:
    if len(texts) != 1:
        return
    for label, own in _said(texts[0], _MONEY):
        measure = words_of(label).measure or ""
        if measure == "rate_pct" or (measure in STAGES and not own.text.endswith("%")):
            put(form, "total", Value(label, own.slots), measure, own, None)
    total = form.funding[0].values
    if "adjusted_yuan" in total and "initial_yuan" not in total:
        total[BUDGET] = total.pop("adjusted_yuan")
