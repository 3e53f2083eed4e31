"""The indicator table: its captions, its rows, its levels and its total line.

Here: which text stands under which caption, and which rows are indicators. Not here: what targets say (readings).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.form import Form, IndicatorRow, Value
from extractors.grid import join_lines
from extractors.segment import split_label
from extractors.stream import Row, Slot
from extractors.values import is_blank, points
from extractors.vocabulary import fold, vocabulary

LONG_TERM, ANNUAL = "long_term", "annual"
_LONG = re.compile(r"长期|中期|实施期|三年")
_NUMBERED_NAME = re.compile(r"^(?:[★☆*※▲]|指标\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2}|(?=指标))\s*[:：.、]?\s*)+")
_RESIDUE = re.compile(r"(?:指标|[\d一二三四五六七八九十]+|[.…·:：、，,。\-—*★xX（）()]|例如|如)*")
_LEVEL_WORDS = re.compile(
    r"指标$|产出|效益|效果|满意|成本|过程|决策|投入|管理|数量|质量|时效|经济|社会|生态|环境|影响|完成|履职|绩效|运行|效率"
)
_POINTS = re.compile(r"[(（]\s*(?P<points>\d{1,3}(?:\.\d+)?)\s*(?:分|%)?\s*[)）]$|(?<=指标)(?P<bare>\d{1,3})分?$")
_LEVEL_NAME = re.compile(
    r"(?:项目)?(?:产出|效益|效果|满意度|成本|过程|决策|投入|管理|完成|履职效能|运行成本|社会效应|可持续发展能力)(?:指标)?"
    r"|(?:数量|质量|时效|成本|经济效益|社会效益|生态效益|环境效益|可持续影响|服务对象满意度|其他满意度|社会公众满意度"
    r"|经济成本|社会成本|生态环境成本|资金投入|资金管理|项目管理)指标"
)
_CORE = {"target_text", "actual_text", "weight", "score", "level3", "deviation"}
_NOTE = re.compile(r"^(?:注|备注|说明|填表说明)[:：\d]")


@dataclass(slots=True)
class Caption:
    """A column of the table: its field and its horizontal extent."""

    name: str
    lo: float
    hi: float
    slot: Slot


class IndicatorTable:
    """The rows under one row (or two) of captions."""

    def __init__(self, form: Form, blocks: list[tuple[str, list[Caption]]], section: Slot | None) -> None:
        self.form, self.blocks, self.section = form, blocks, section
        self.level: dict[str, dict[str, Value | None]] = {h: {} for h, _ in blocks}
        self.previous: dict[str, IndicatorRow | None] = {h: None for h, _ in blocks}
        self.seam = False  # the row at hand is the first after a page break
        self.resumed = False  # captions repeated after a page break have just been read
        self.remainders: set[int] = set()  # cells that end a merged cell begun on the page before
        self.lefts = min(c.lo for _, captions in blocks for c in captions)

    def same_captions(self, other: IndicatorTable) -> bool:
        """Whether another table's captions are this one's again, as on a page that repeats them."""
        return [[c.slot.key for c in b] for _, b in self.blocks] == [[c.slot.key for c in b] for _, b in other.blocks]

    def resume(self, other: IndicatorTable) -> None:
        """Go on below captions repeated on a new page, which may stand a little elsewhere."""
        self.blocks = [(horizon, b) for (horizon, _), (_, b) in zip(self.blocks, other.blocks, strict=True)]
        self.resumed = True

    def accepts(self, row: Row) -> bool:
        """Whether a row is one of the table's: something stands in its name, value or points columns."""
        filled = row.filled
        if self.seam and filled and vocabulary().role(filled[0].text) is None and self._is_rest(row):
            return True
        if not filled or _NOTE.match(fold(filled[0].text)):
            return False
        under = [(s, self._caption(s)) for s in filled]
        outside = [s for s, c in under if c is None and not self._is_section(s)]
        if outside and any(vocabulary().role(s.text) for s in outside):
            return False
        first = under[0]
        if first[1] is None and not self._is_section(first[0]) and len(under) == 1:
            return False
        hits = [c.name for s, c in under if c is not None and not self._wide(s, c)]
        if not _CORE & set(hits):
            # a level alone, or a level-2 of the standard set without an indicator
            return any(h.startswith("level") for h in hits) and all(
                _LEVEL_WORDS.search(fold(s.text)) for s, c in under if c
            )
        if split_label(first[0].text) and vocabulary().role(first[0].text.split("：")[0].split(":")[0]):
            return False  # a footer: 填报人：…
        lead = next(((s, c) for s, c in under if c is not None and c.name in {"level1", "level2"}), None)
        if lead and lead[0] is first[0] and not _LEVEL_WORDS.search(fold(lead[0].text)):
            # a footer such as 「存在问题：…」 whose label stands where the levels stood
            return vocabulary().role(lead[0].text) is None and len([h for h in hits if h in _CORE]) >= 2
        return True

    def read(self, row: Row) -> None:
        """Take one accepted row."""
        for horizon, captions in self.blocks:
            self._read_block(row, horizon, captions)
        self.form.claim(*[s for s in row.filled if self._is_section(s)])

    def _read_block(self, row: Row, horizon: str, captions: list[Caption]) -> None:
        texts: dict[str, Value] = {}
        notes: list[tuple[Caption, Value]] = []
        for slot in row.filled:
            caption = self._caption(slot)
            if caption is None or caption not in captions:
                continue
            value = Value(slot.text, (slot,))
            self.form.claim(slot)
            if caption.name == "note":
                notes.append((caption, value))
            elif caption.name not in texts:
                texts[caption.name] = value
            elif fold(texts[caption.name].text) != fold(slot.text):
                joined = texts[caption.name]
                texts[caption.name] = Value(joined.text + slot.text, (*joined.slots, slot))
        previous = self.previous[horizon]
        if self.seam:
            self._join_levels(horizon, texts)
            if previous is not None and self._is_rest_of(previous, texts, captions):
                for column, value in texts.items():
                    _append(previous.values, column, value)
                return
        self._levels(row, horizon, captions, texts)
        name = texts.get("level3")
        if name is not None:
            bare = _NUMBERED_NAME.sub("", name.text).strip()
            texts["level3"] = Value(bare, name.slots)
            if _RESIDUE.fullmatch(fold(bare)):
                del texts["level3"]
        if not self._is_indicator(texts):
            return
        indicator = IndicatorRow(horizon, texts)
        self.form.indicators.append(indicator)
        self.previous[horizon] = indicator
        for caption, value in notes:
            self.form.attribute(
                texts["level3"].text if "level3" in texts else None, Value(caption.slot.text, (caption.slot,)), value
            )

    def _is_rest(self, row: Row) -> bool:
        """Whether the first row of a page is the rest of the row that the page before cut."""
        for horizon, captions in self.blocks:
            texts = {
                c.name: Value(s.text, (s,)) for s in row.filled if (c := self._caption(s)) in captions and c is not None
            }
            previous = self.previous[horizon]
            if texts and previous is not None and self._is_rest_of(previous, texts, captions):
                return True
        return False

    @staticmethod
    def _is_rest_of(previous: IndicatorRow, texts: dict[str, Value], captions: list[Caption]) -> bool:
        """A row without points after one that has them, or, in a table without points, one without name or target.

        A row that names a level of the standard set begins a new indicator, points or not.
        """
        named = {c.name for c in captions}
        scored = {"weight", "score"} & named
        if (
            not texts
            or scored & texts.keys()
            or any(_full_level(texts[n].text) for n in ("level1", "level2") if n in texts)
        ):
            return False
        if scored:
            return bool(scored & previous.values.keys()) and not ("level3" in texts and "level3" not in previous.values)
        core = {"level3", "target_text"} & named
        return bool(core - texts.keys()) and core <= previous.values.keys()

    def _join_levels(self, horizon: str, texts: dict[str, Value]) -> None:
        """Add the rest of a merged level cell that the page break cut (满意 | 度指标) to its beginning."""
        for name in ("level1", "level2"):
            begun, rest = self.level[horizon].get(name), texts.get(name)
            if begun is None or rest is None or _full_level(begun.text) or not _full_level(begun.text + rest.text):
                continue
            self.remainders.update(id(s) for s in rest.slots)
            begun.text, begun.slots = begun.text + rest.text, (*begun.slots, *rest.slots)
            del texts[name]

    def _levels(self, row: Row, horizon: str, captions: list[Caption], texts: dict[str, Value]) -> None:
        """Give the row its level 1 and 2: its own, that of the merged cell beside it, or, where blank, the one above."""
        level = self.level[horizon]
        for name in ("level1", "level2"):
            caption = next((c for c in captions if c.name == name), None)
            if caption is None:
                continue
            if name in texts:
                if level.get(name) is None or fold(level[name].text) != fold(texts[name].text):  # type: ignore[union-attr]
                    if name == "level1":
                        level["level2"] = None
                level[name] = texts[name]
            elif (over := _over(row, caption)) is not None and over.text and id(over) not in self.remainders:
                value = Value(over.text, (over,))
                if name == "level1" and level.get(name) is not None and fold(level[name].text) != fold(over.text):  # type: ignore[union-attr]
                    level["level2"] = None
                level[name] = texts[name] = value
            elif level.get(name) is not None:
                texts[name] = level[name]  # type: ignore[assignment]

    def _is_indicator(self, texts: dict[str, Value]) -> bool:
        if "level3" in texts:
            return True
        values = [
            texts[n] for n in ("target_text", "target_midterm_text", "actual_text", "weight", "score") if n in texts
        ]
        values = [v for v in values if not _RESIDUE.fullmatch(fold(v.text)) or points(v.text) is not None]
        return bool(values) and ("level2" in texts or "level1" in texts)

    def _is_section(self, slot: Slot) -> bool:
        if slot.hi <= self.lefts + 0.01:
            return True
        return self.section is not None and fold(slot.text) == fold(self.section.text)

    def _caption(self, slot: Slot) -> Caption | None:
        best, length = None, 0.0
        for _, captions in self.blocks:
            for caption in captions:
                if (shared := slot.overlap(caption.lo, caption.hi)) > length:
                    best, length = caption, shared
        if best is None or length < 0.3 * min(slot.hi - slot.lo, best.hi - best.lo):
            return None
        return best

    def _wide(self, slot: Slot, caption: Caption) -> bool:
        """Whether a cell reaches over several captions: a note or a merged remark, not a value of one column."""
        count = sum(slot.overlap(c.lo, c.hi) > 0.6 * (c.hi - c.lo) for _, captions in self.blocks for c in captions)
        return count >= 3


def _append(values: dict[str, Value], column: str, rest: Value) -> None:
    begun = values.get(column)
    if begun is None:
        values[column] = rest
    else:
        begun.text, begun.slots = join_lines(f"{begun.text}\n{rest.text}"), (*begun.slots, *rest.slots)


def _full_level(text: str) -> bool:
    """Whether a text is a whole level name, with its points or not: 产出指标（50分）, 数量指标."""
    name, _ = split_points(fold(text))
    return bool(_LEVEL_NAME.fullmatch(name))


def _over(row: Row, caption: Caption) -> Slot | None:
    return next((s for s in row.above if s.overlap(caption.lo, caption.hi) > 0.5 * (caption.hi - caption.lo)), None)


def split_points(text: str) -> tuple[str, str | None]:
    """(level name, points) of a level-1 cell: 产出指标（50分） gives 产出指标 and 50."""
    m = _POINTS.search(text.strip())
    if not m:
        return text, None
    return text.strip()[: m.start()].strip(), m["points"] or m["bare"]


def table_from(form: Form, row: Row, next_row: Row | None) -> tuple[IndicatorTable, int] | None:
    """(table, rows of captions) that begins at a row, or None when the row is no caption of indicators.

    Captions may stand in two rows (指标值 over 中期 and 年度); the second then fills the extents of the first.
    """
    words = vocabulary().indicator
    named = [(s, words.find(s.key)) for s in row.filled]
    own = {n for _, n in named if n}
    if len(own) < 2 or not own & {"level1", "level2", "level3"}:
        return None
    second = _second_captions(row, next_row) if next_row else []
    names = [n for _, n in named if n] + [n for _, n in second]
    if not _is_caption(names):
        return None
    stop = {id(a): b.lo for a, b in zip(row.filled, row.filled[1:], strict=False)}
    captions: list[Caption] = []
    section: Slot | None = None
    for position, (slot, name) in enumerate(named):
        hi = slot.hi if row.spans_stated else stop.get(id(slot), slot.hi + 40)
        under = [(s, n) for s, n in second if s.overlap(slot.lo, hi) > 0]
        form.claim(slot)
        if under:
            form.claim(*[s for s, _ in under])
            under_stop = {id(a): b.lo for (a, _), (b, _) in zip(under, under[1:], strict=False)}
            for s, n in under:
                _add(
                    captions,
                    Caption(_staged(n, slot), s.lo, s.hi if row.spans_stated else under_stop.get(id(s), hi), s),
                )
        elif name is None and position == 0:
            section = slot
        elif name is None:
            form.report(
                "UNKNOWN_LABEL", f"指标表头「{slot.text}」不在词汇表中，其下的内容保存在 attribute。", slot, "info"
            )
            _add(captions, Caption("note", slot.lo, hi, slot))
        else:
            _add(captions, Caption(name, slot.lo, hi, slot))
    if section is None and row.above:
        section = next((s for s in row.above if s.hi <= captions[0].lo + 0.01), None)
    return IndicatorTable(form, _blocks(captions, section), section), 2 if second else 1


def _is_caption(names: list[str]) -> bool:
    has_name = "level3" in names or ("level2" in names and "level1" in names)
    return (
        has_name
        and bool({"target_text", "actual_text", "target_midterm_text", "weight"} & set(names))
        and len(names) >= 2
    )


def _second_captions(row: Row, next_row: Row) -> list[tuple[Slot, str]]:
    """The captions of a second caption row: every filled cell of it is one, and it stands under a wider one."""
    words = vocabulary().indicator
    found: list[tuple[Slot, str]] = []
    firsts = {s.key for s in row.filled}
    for slot in next_row.filled:
        if slot.key in firsts and row.filled and slot.key == row.filled[0].key:
            continue  # the section label, repeated
        name = words.exact(slot.key) or _STAGE_CAPTIONS.get(slot.key)
        if name is None:
            return []
        found.append((slot, name))
    return found


_STAGE_CAPTIONS = {
    "年度": "target_text", "年初": "target_text", "年度值": "target_text", "中期": "target_midterm_text", "长期": "target_midterm_text",
    "调整后": "target_adjusted_text", "年中调整": "target_adjusted_text", "本年": "target_text", "当年": "target_text",
    "预期": "target_text", "实际": "actual_text", "计划": "target_text", "符号": "operator", "数值": "target_text", "值": "target_text",
    "单位": "unit_text", "内容": "level3", "名称": "level3",
}  # fmt: skip


def _staged(name: str, over: Slot) -> str:
    """The field of a sub-caption, with what the caption above it says (年度指标值 over 性质, 值, 单位)."""
    if name == "target_text" and _LONG.search(over.key):
        return "target_midterm_text"
    if (name == "target_text" and "实际" in over.key) or (name == "target_text" and "完成" in over.key):
        return "actual_text"
    return name


def _add(captions: list[Caption], caption: Caption) -> None:
    if (
        captions
        and captions[-1].slot.key == caption.slot.key
        and captions[-1].name == caption.name
        and caption.name != "note"
    ):
        if abs(captions[-1].hi - caption.lo) < 0.01 and fold(captions[-1].slot.text) == fold(caption.slot.text):
            if caption.name not in {"target_text", "level2", "level3"}:
                captions[-1].hi = caption.hi
                return
    captions.append(caption)


def _blocks(captions: list[Caption], section: Slot | None) -> list[tuple[str, list[Caption]]]:
    """The side-by-side lists of a table: one, or a long-term and an annual one when the name column comes twice."""
    horizon = LONG_TERM if section is not None and _LONG.search(section.key) else ANNUAL
    name = "level3" if any(c.name == "level3" for c in captions) else "level2"
    starts = [n for n, c in enumerate(captions) if c.name == name]
    targets = [c for c in captions if c.name == "target_text"]
    if len(starts) >= 2 and len(targets) >= 2:
        cut = starts[1]
        while (
            cut > 0
            and captions[cut - 1].name in {"level1", "level2"}
            and captions[cut - 1].name in {c.name for c in captions[: cut - 1]}
        ):
            cut -= 1
        return [(LONG_TERM, captions[:cut]), (ANNUAL, captions[cut:])]
    if len(targets) >= 2:  # the same caption twice in one list: the mid-term value stands before the annual one
        targets[0].name = "target_midterm_text"
    for name in ("level1", "level2", "level3", "weight", "score", "actual_text"):  # a copy of a merged caption
        same = [c for c in captions if c.name == name]
        for extra in same[1:]:
            if name == "level3" and len(same) == 2 and not any(c.name == "level2" for c in captions):
                same[0].name = "level2"
                break
            extra.name = "note" if fold(extra.slot.text) != fold(same[0].slot.text) else name
    return [(horizon, captions)]


def is_total(row: Row) -> Slot | None:
    """The label of a total line (总分, 合计), when the row is one."""
    for slot in row.filled[:3]:
        if vocabulary().total.exact(slot.key):
            return slot
    return None


def read_total(form: Form, row: Row, label: Slot, table: IndicatorTable | None) -> None:
    """Take the total line: the weight and the score under their captions; a single figure is the score."""
    form.claim(*row.filled)
    figures: list[tuple[str | None, Slot]] = []
    for slot in row.filled:
        if slot is label or is_blank(slot.text):
            continue
        caption = table._caption(slot) if table else None
        if points(slot.text) is not None:
            figures.append((caption.name if caption else None, slot))
        elif vocabulary().role(slot.text) is None and slot.hi > label.hi - 0.01:
            _grade(form, slot)
    if not figures:
        return
    placed = {name: slot for name, slot in figures if name in {"weight", "score"}}
    if len(figures) == 1 and "score" not in placed:
        name, slot = figures[0]
        placed = {"weight": slot} if name == "weight" and _has(table, "score") else {"score": slot}
    elif len(figures) >= 2 and len(placed) < 2:
        placed = {"weight": figures[-2][1], "score": figures[-1][1]}
    if "weight" in placed:
        form.fields.setdefault("total_weight", Value(placed["weight"].text, (placed["weight"],)))
    if "score" in placed:
        form.fields.setdefault("total_score", Value(placed["score"].text, (placed["score"],)))


def _has(table: IndicatorTable | None, name: str) -> bool:
    return table is not None and any(c.name == name for _, captions in table.blocks for c in captions)


def _grade(form: Form, slot: Slot) -> None:
    if fold(slot.text) in {"优", "良", "中", "差", "优秀", "良好", "合格", "不合格", "较差"}:
        form.fields.setdefault("grade", Value(slot.text, (slot,)))
    else:
        form.attribute("总分", Value("总分", (slot,)), Value(slot.text, (slot,)))
