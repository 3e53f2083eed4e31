"""What only the running text of a form says: its score and its grade.

Here: a sentence that names a field and prints its value (自评总分98.42分). Not here: labels beside their values
(labelled_values), money (money_sentences).
"""

from __future__ import annotations

import re

from extractors.form.claims import Claim
from extractors.form.model import Form, Value
from extractors.layout.cell_words import words_of
from extractors.readings.printed import is_grade
from extractors.vocabulary import bare_text

_SPOKEN = 50
"""The weight of a claim that running text makes: whatever has a cell of its own goes before it."""
_BEGIN = r"(?:^|(?<=[,。;:、(\"“”]))"
_WHOSE = re.compile("^(?:经?自评)?[本该](?:项目|单位|部门)|^其中|^共")
_SCORE = re.compile(_BEGIN + r"(?P<label>[\u4e00-\u9fff]{2,12}?)(?:为|是|:|达到?)?(?P<value>\d{1,3}(?:\.\d+)?)分")
_GRADE = re.compile(
    _BEGIN + r"(?P<label>[\u4e00-\u9fff]{2,12}?)(?:为|是|:)[\"“]?(?P<value>[优良中差]秀?好?|[ABCD])[\"”]?(?=[,。;)]|$)"
)


def settle_prose(form: Form) -> None:
    """Take a score and a grade from running text where no cell of their own gives them.

    Two texts that say different things say nothing.
    """
    texts = [value for _, _, value in form.attributes]
    for column, pattern in (("total_score", _SCORE), ("grade", _GRADE)):
        if column not in form.fields:
            said = [(label, own) for text in texts for label, own in _said(text, pattern) if _names(label, column)]
            if len({own.text for _, own in said}) == 1 and (column != "grade" or is_grade(said[0][1].text)):
                label, own = said[0]
                form.take(column, Claim(own, Value(label, own.slots), _SPOKEN))


def _names(label: str, column: str) -> bool:
    return words_of(label).role == ("header", column)


def _said(text: Value, pattern: re.Pattern[str]) -> list[tuple[str, Value]]:
    """The labels in a text that a value follows, each with its value."""
    found = pattern.finditer(bare_text(text.text).replace("，", ","))
    return [(_WHOSE.sub("", m["label"]), Value(m["value"], text.slots, "said_in_text")) for m in found]
