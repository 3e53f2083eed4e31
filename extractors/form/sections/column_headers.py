"""The captions of an indicator table: one row or two, one list or two side by side.

Here: which column of the indicator table a caption names, and how far it reaches. Not here: the rows below them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, pairwise

from extractors.codes import ProblemCode
from extractors.form.model import Form
from extractors.form.sections.levels import LEVEL_WEIGHT
from extractors.layout.rows import PlacedCell, Row
from extractors.vocabulary import bare_text, columns_of, of_other_years, vocabulary

LONG_TERM, ANNUAL = "long_term", "annual"
_LONG = re.compile(r"长期|中期|实施期|实施周期|规划期|三年")
LEVELS = columns_of("level", "name")
_TARGETS = {*columns_of("value"), "weight"}
_ONCE = columns_of("level", "name", "value", "points")
"""Columns of which a list has one; the parts of values stand beside each value, a reason may have two."""
_SUB_CAPTION = re.compile(r"[^\d%≥≤<>=＝]{1,12}")
_EDGE = 0.5
"""Points (columns are whole numbers) by which a caption may stand out of the one above it."""


@dataclass(slots=True, eq=False)
class Caption:
    """A column of the table: its field and its horizontal extent."""

    name: str
    x0: float
    x1: float
    slot: PlacedCell


Block = tuple[str, list[Caption]]
"""A list of indicators: its horizon and its captions."""


@dataclass(slots=True)
class Captions:
    """The captions of a table: its lists, the label of the section beside them, and the rows they took."""

    blocks: list[Block]
    section: PlacedCell | None
    rows: int


def is_caption(names: list[str | None]) -> bool:
    """Whether captions make an indicator table: a name column and a column of targets, results or points."""
    has_name = "level3" in names or ("level2" in names and "level1" in names)
    return has_name and bool(_TARGETS & set(names))


def caption_over(blocks: list[Block], slot: PlacedCell) -> Caption | None:
    """The caption above a cell: the one that shares most of its width with it, and enough."""
    best, length = None, 0.0
    x0, x1 = slot.x0, slot.x1
    for _, captions in blocks:
        for caption in captions:
            if caption.x0 < x1 and caption.x1 > x0 and (shared := slot.overlap(caption.x0, caption.x1)) > length:
                best, length = caption, shared
    if best is None or length < 0.3 * min(slot.x1 - slot.x0, best.x1 - best.x0):
        return None
    return best


def is_wide(blocks: list[Block], slot: PlacedCell, caption: Caption) -> bool:
    """Whether a cell reaches over several captions: a note or a merged remark, not a value of one column."""
    if slot.x0 >= caption.x0 and slot.x1 <= caption.x1:
        return False
    return sum(slot.overlap(c.x0, c.x1) > 0.6 * (c.x1 - c.x0) for _, captions in blocks for c in captions) >= 3


def captions_from(form: Form, row: Row, following: Row | None) -> Captions | None:
    """The captions that begin at a row, or None when it is no caption row of indicators.

    Captions may stand in two rows (指标值 over 年度 and 调整后); the second then fills the extents of the first.
    """
    named = [(s, vocabulary().caption(s.key)) for s in row.filled]
    own = {n for _, n in named if n}
    if len(own) < 2 or not own & set(LEVELS):
        return None
    parents = _parents(row, named, following)
    second = _second_row(row, following, parents) if following else []
    if not is_caption([n for _, n in named] + [n for _, n, _ in second]):
        return None
    captions: list[Caption] = []
    section: PlacedCell | None = None
    for position, (x0, x1, slot, name, copies) in enumerate(parents):
        under = [(s, n) for s, n, parent in second if parent == position]
        form.claim(*copies)
        if under:
            form.claim(*[s for s, _ in under])
            under = _once(under)
            ends = [*(sub.x0 for sub, _ in under[1:]), x1]
            for (sub, sub_name), end in zip(under, ends, strict=True):
                sub_hi = sub.x1 if row.spans_stated else end
                captions.append(Caption(_known(form, sub, _staged(sub_name, slot)), sub.x0, sub_hi, sub))
        elif name is None and position == 0 and not any(c.name == "note" for c in captions):
            section = slot
        else:
            captions.append(Caption(_known(form, slot, name), x0, x1, slot))
    for n in of_other_years([c.slot.text for c in captions], form.own_year()):
        captions[n].name = "note"
    if following is not None and second:
        form.claim(*following.filled)
    if section is None and row.above:
        section = next((s for s in row.above if s.x1 <= captions[0].x0 + 0.01), None)
    return Captions(_blocks(captions, section, copied=not row.spans_stated), section, 2 if second else 1)


def _known(form: Form, slot: PlacedCell, name: str | None) -> str:
    """The field of a caption; an unknown one is reported and its cells are kept as attributes."""
    if name is None:
        form.report(
            ProblemCode.UNKNOWN_LABEL,
            f"指标表头「{slot.text}」不在词汇表中，其下的内容保存在 attribute。",
            slot,
            "info",
        )
    return name or "note"


Parent = tuple[float, float, PlacedCell, str | None, list[PlacedCell]]


def _parents(row: Row, named: list[tuple[PlacedCell, str | None]], following: Row | None) -> list[Parent]:
    """The captions of the first row with their extents; copies of one merged caption are one."""
    stop = {id(a): b.x0 for a, b in zip(row.filled, row.filled[1:], strict=False)}
    copied = following is not None and _copies(row, following) != []
    parents: list[Parent] = []
    for slot, name in named:
        x1 = slot.x1 if row.spans_stated else stop.get(id(slot), slot.x1 + 40)
        before = parents[-1] if parents else None
        if before is not None and abs(before[1] - slot.x0) < 0.01 and bare_text(before[2].text) == bare_text(slot.text):
            single = name not in {"target_text", "level2", "level3", None}
            if copied or single or (following is not None and _equal_below(following, before[4][-1], slot)):
                parents[-1] = (before[0], x1, before[2], name, [*before[4], slot])
                continue
        parents.append((slot.x0, x1, slot, name, [slot]))
    return parents


def _equal_below(following: Row, left: PlacedCell, right: PlacedCell) -> bool:
    """Whether the row below prints the same text under both captions, as under two copies of one merged caption."""
    texts = {s.x0: bare_text(s.text) for s in following.filled}
    return left.x0 in texts and texts[left.x0] == texts.get(right.x0)


def _once(under: list[tuple[PlacedCell, str | None]]) -> list[tuple[PlacedCell, str | None]]:
    """The captions of a second row without the copies that exports print of a merged one."""
    return [(s, n) for k, (s, n) in enumerate(under) if k == 0 or bare_text(under[k - 1][0].text) != bare_text(s.text)]


def _copies(row: Row, following: Row) -> list[PlacedCell]:
    """The cells of the second row that only repeat the caption above them, as exports of merged cells do.

    A caption merged over several columns and both rows is repeated in all of them; where other captions stand below
    it, an equal one is a caption of its own (年度指标值 over 符号 | 年度指标值 | 单位).
    """
    runs = [list(run) for _, run in groupby(row.filled, key=lambda s: bare_text(s.text))]
    ends = [run[-1].x1 if row.spans_stated else after[0].x0 for run, after in pairwise(runs)]
    copies: list[PlacedCell] = []
    for run, end in zip(runs, [*ends, runs[-1][-1].x1 + (0 if row.spans_stated else 40)], strict=True):
        below = [s for s in following.filled if run[0].x0 - _EDGE <= s.x0 and s.x1 <= end + _EDGE]
        if all(bare_text(s.text) == bare_text(run[0].text) for s in below):
            copies += below
    return copies


def _second_row(row: Row, following: Row, parents: list[Parent]) -> list[tuple[PlacedCell, str | None, int]]:
    """(cell, column, number of the caption above it) for each cell of a second caption row; empty when it is none.

    A second row is known by its place: cells of the first row reach into it, or it leaves the columns of the names
    empty and divides one caption. Where neither shows, every cell of it must be a known caption.
    """
    copies = {id(s) for s in _copies(row, following)}
    subs = [s for s in following.filled if id(s) not in copies]
    found: list[tuple[PlacedCell, str | None, int]] = []
    for sub in subs:
        if not _SUB_CAPTION.fullmatch(sub.key or "") or vocabulary().section.exact(sub.key) == sub.text:
            return []
        parent = next(
            (n for n, (x0, x1, *_) in enumerate(parents) if x0 - _EDGE <= sub.x0 and sub.x1 <= x1 + _EDGE), None
        )
        if parent is None:
            return []
        name = vocabulary().stage.exact(sub.key) or vocabulary().caption(sub.key)
        found.append((sub, name, parent))
    if not found:
        return []
    reaching = bool(copies) or any(a is s for a in following.above for s in row.filled)
    on_names = any(parents[n][3] in LEVELS and abs(s.x0 - parents[n][0]) < _EDGE for s, _, n in found)
    divides = len({n for _, _, n in found}) < len(found)
    if reaching and not on_names:
        return found
    if not row.spans_stated and divides and not on_names and any(name for _, name, _ in found):
        return found
    first = parents[0][2].key
    return found if all(name for s, name, _ in found if s.key != first) else []


def _staged(name: str | None, over: PlacedCell) -> str | None:
    """The field of a sub-caption, with what the caption above it says (年度指标值 over 性质, 值, 单位)."""
    above = vocabulary().caption(over.key)
    if above == "note":  # 财政复核 over 得分, 扣分原因
        return "note"
    if name == "target_text" and above in columns_of("value"):  # 实际完成值 over 数值, 单位
        return above
    if name == "target_text" and _LONG.search(over.key):
        return "target_midterm_text"
    if name == "target_text" and ("实际" in over.key or "完成" in over.key):
        return "actual_text"
    return name


def _blocks(captions: list[Caption], section: PlacedCell | None, *, copied: bool) -> list[Block]:
    """The side-by-side lists of a table: one, or a long-term and an annual one when the name column comes twice."""
    horizon = LONG_TERM if section is not None and _LONG.search(section.key) else ANNUAL
    name = "level3" if any(c.name == "level3" for c in captions) else "level2"
    starts = [n for n, c in enumerate(captions) if c.name == name]
    levels = next((n for n, c in enumerate(captions) if c.name in LEVELS), 0)
    if any(c.name == "target_text" for c in captions[levels:]):
        for caption in captions[:levels]:  # 年度目标 left of the indicators is the goal of a project
            if caption.name == "target_text":
                caption.name = "note"
    targets = [c for c in captions if c.name == "target_text"]
    if len(starts) >= 2 and len(targets) >= 2:
        cut = starts[1]
        before = {c.name for c in captions[: starts[0]]}
        while cut > 0 and captions[cut - 1].name in {*columns_of("level")} & before:
            cut -= 1
        return [(LONG_TERM, captions[:cut]), (ANNUAL, captions[cut:])]
    if len(targets) >= 2:  # the same caption twice in one list: the mid-term value stands before the annual one
        targets[0].name = "target_midterm_text"
    _points_of_levels(captions)
    for name in _ONCE:  # a copy of a merged caption
        same = [c for c in captions if c.name == name]
        for extra in same[1:]:
            if name == "level3" and len(same) == 2 and not any(c.name == "level2" for c in captions):
                same[0].name = "level2"
                break
            extra.name = name if copied and bare_text(extra.slot.text) == bare_text(same[0].slot.text) else "note"
    return [(horizon, captions)]


def _points_of_levels(captions: list[Caption]) -> None:
    """Where 权重 comes after each level, the first is the points of level 1 and the last the indicator's weight.

    Whose a single one between the levels 1 and 2 is, the rows will show.
    """
    weights = [n for n, c in enumerate(captions) if c.name == "weight"]
    if len(weights) == 1 and [c.name for c in captions[max(0, weights[0] - 1) :][:3:2]] == ["level1", "level2"]:
        captions[weights[0]].name = LEVEL_WEIGHT
    if len(weights) < 2:
        return
    for n in weights:
        before = captions[n - 1].name if n else ""
        if before == "level1":
            captions[n].name = "level1_points"
        elif before == "level2":
            captions[n].name = "note"
