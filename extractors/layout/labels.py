"""Cells that print their label and their value together, one pair or several.

Here: cutting such a cell. Not here: which labels there are (vocabulary), what becomes of the values (labelled_values).
"""

from __future__ import annotations

import re

from extractors.vocabulary import bare_text, vocabulary

_SEAL = r"(?:[(（]\s*(?:盖章|公章|签章|签字|章)\s*[)）])?"
_LABEL_VALUE = re.compile(rf"\s*([^:：]{{1,30}})[:：]\s*{_SEAL}\s*(\S.*)$", re.DOTALL)
_COLON = re.compile(r"[:：]")
_BOUNDARY = re.compile(r"^|(?<=[\s;；,，、。）)])(?=\S)")
_LEADING_SEAL = re.compile(rf"^\s*{_SEAL}\s*")
_NOTE = re.compile(r"^(?:注|备注|说明|填表说明)[:：\d]")
_LONGEST = 24


def split_label(text: str) -> tuple[str, str] | None:
    """(label, value) of a cell that prints both with a colon between; None when it does not or nothing follows."""
    m = _LABEL_VALUE.match(text)
    return (m.group(1), m.group(2).strip()) if m else None


def is_note(text: str) -> bool:
    """Whether a text is a note below a form: 注：…, 备注：…, 填表说明1."""
    return _NOTE.match(bare_text(text)) is not None


def _is_label(text: str) -> bool:
    role = vocabulary().role(text)
    return role is not None and role[0] != "indicator"


def label_values(text: str) -> list[tuple[str, str]]:
    """The pairs of a cell that begins with a known label and a colon: 填报人：某某  联系电话：1234.

    A further label counts only where it is known and stands after a space or a stop; else it is part of the value.
    Empty when the cell does not begin with a known label.
    """
    if ":" not in text and "：" not in text:
        return []
    cuts: list[tuple[int, int, str]] = []  # where a label begins, where its value begins, the label
    begin = 0
    for colon in _COLON.finditer(text):
        before = text[begin : colon.start()]
        for m in _BOUNDARY.finditer(before):
            label = before[m.start() :].strip()
            if label and len(label) <= _LONGEST and _is_label(label):
                if not cuts and before[: m.start()].strip():
                    return []
                cuts.append((begin + m.start(), colon.end(), label))
                begin = colon.end()
                break
        if not cuts:
            return []
    if not cuts:
        return []
    ends = [start for start, _, _ in cuts[1:]] + [len(text)]
    return [
        (label, _LEADING_SEAL.sub("", text[value:end]).strip().rstrip(";；,，、").strip())
        for (_, value, label), end in zip(cuts, ends, strict=True)
    ]
