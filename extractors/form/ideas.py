"""What a header or label that nobody knows could be: the idea that people are asked about.

Here: ideas by parts of words and by what the label heads. Not here: what becomes of the cell (sections), asking (the
warehouse).
"""

from __future__ import annotations

import re

from extractors.grid import Idea
from extractors.layout.rows import PlacedCell
from extractors.vocabulary import Role, vocabulary

_LABEL = re.compile(r"[\u4e00-\u9fff()、/A-Za-z]{2,20}")
_BY_WORDS, _NO_COLUMN = 0.6, 0.2
_GROUPS = {
    "指标表头": ("indicator",),
    "资金表头": ("measure", "source"),
    "金额项目": ("measure",),
    "资金来源": ("source",),
    "目标的标签": ("goal",),
    "标签": ("header", "goal"),
}
"""The groups of the vocabulary in which the label of a part of a form may stand."""
_ELSE: dict[str, Role] = {
    "指标表头": ("indicator", "note"),
    "资金表头": ("measure", "other"),
    "目标的标签": ("attribute", "attribute"),
    "标签": ("attribute", "attribute"),
}
"""What it is where no word of it says anything: known, and of no column."""


def idea_of(what: str, slot: PlacedCell) -> Idea | None:
    """The idea about an unknown label, `what` of a form it is; None for a text that is hardly a label."""
    if not _LABEL.fullmatch(slot.words.bare.rstrip(":")):
        return None
    path = " / ".join((*slot.header_path, slot.text))
    for group in _GROUPS.get(what, ()):
        words = vocabulary().groups[group]
        if (name := words.holds(slot.key)) is not None:
            return Idea(group, name, path, _BY_WORDS, f"「{slot.text}」含有这一栏常用的字样。")
    if (role := _ELSE.get(what)) is not None:
        return Idea(*role, path, _NO_COLUMN, f"「{slot.text}」没有一个字样在词汇表中；内容保存在 attribute。")
    return None
