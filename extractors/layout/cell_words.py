"""What the words of a cell say by themselves: its label, the header it names, pairs in it, level, note, title.

Here: one record for a text, the only place that looks words up. Not here: which words there are (vocabulary), what a
cell is where it stands (cell_roles), what becomes of its value (form).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from extractors.readings import printed
from extractors.vocabulary import Role, bare_text, columns_of, label_key, owners, vocabulary, without_translation

_LABEL_TEXT = 80
"""A longer text is no label, remarks in brackets and all."""
_SOURCE_LENGTH = 20
_LEAST_SEEN = 3
"""Letters from which a label in a picture is told by all but one of them."""
_SEAL = r"(?:[(（]\s*(?:盖章|公章|签章|签字|章)\s*[)）])?"
_LABEL_VALUE = re.compile(rf"\s*([^:：]{{1,30}})[:：]\s*{_SEAL}\s*(\S.*)$", re.DOTALL)
_COLON = re.compile(r"[:：]")
_BOUNDARY = re.compile(r"^|(?<=[\s;；,，、。（()）])(?=\S)")
_LEADING_SEAL = re.compile(rf"^\s*{_SEAL}\s*")
_LONGEST = 24
_OF_THIS = re.compile("^本(?:项目|单位|部门|表)")
_NOTE = re.compile(r"^(?:注|备注|说明|填表说明|填报说明)(?:[:：\d]|$)")
_TITLE = re.compile(r"(?:绩效|自评|目标).*(?:表|报告|情况)|自评表|绩效监控表")
_TITLE_TAIL = re.compile(r"(?:表|情况表|报告表|报告|明细表)(?:[((][^()()]*[))]|[-—一二三四五六七八九\d]|20\d\d年度?)*$")
_UNIT_TAIL = re.compile(r"[(](?:金额|资金)?单位:(?:[百千万亿]*元)[)]$")
_CONTINUED = re.compile(
    r"[(](?:续(?:上?表|上页)?|接上[表页])[一二三四五\d]?[)]|(?:续上?|接上)[表页][一二三四五\d]?|续$"
)
_PROSE = re.compile(r"[。;；，,]|[.…·]{4,}|\d$(?<=[.…]\d)|^(?:附件|附表|附)?\d+[-.]\d+|见附|详见|如下")
_NUMBERED_NAME = re.compile(
    r"^(?:[★☆*※▲＊]|指标\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2}|(?=指标))\s*[:：.、．]?\s*"
    r"|[(（]?\d{1,2}[)）]\s*(?=\D)|\d{1,2}[、.．]\s*(?=[^\d\s])|[①-⑳]\s*|[(（][一二三四五六七八九十]{1,2}[)）]\s*)+"
)
_POINTS = re.compile(
    r"[(（\[【]\s*(?P<points>\d(?:\s?\d){0,2}(?:\.\d+)?)\s*(?:分|%)?\s*[)）\]】]$|(?<=[\u4e00-\u9fff])\s*(?P<named>\d{1,3}(?:\.\d+)?)\s*分$"
    r"|(?<=指标)\s*(?P<bare>\d{1,3})$"
)
_LEVEL_NAME = re.compile(
    r"(?:项目)?(?:产出|效益|效果|满意度|成本|过程|决策|投入|管理|完成|履职效能|运行成本|社会效应|可持续发展能力)(?:指标)?"
    r"|(?:数量|质量|时效|成本|经济效益|社会效益|生态效益|环境效益|可持续影响|服务对象满意度|其他满意度|社会公众满意度"
    r"|经济成本|社会成本|生态环境成本|资金投入|资金管理|项目管理)指标"
)
_LEVEL2_NAME = re.compile(
    r"(?:数量|质量|时效|经济效益|社会效益|生态效益|环境效益|可持续影响|服务对象满意度|经济成本|社会成本|生态环境成本)指标"
)
_LEVEL_WORDS = re.compile(
    r"指标$|产出|效益|效果|满意|成本|过程|决策|投入|管理|数量|质量|时效|经济|社会|生态|环境|影响|完成|履职|绩效|运行|效率|执行|资金|加分|扣分|项目"
)
_LEVEL_BEFORE = re.compile(r"(?P<level>[\u4e00-\u9fff]{2,8}指标)\s*[:：\-—–/→>·]+\s*(?=\S)")
_CUT = re.compile(r"\s*[/／、|；;\n]\s*")
_BOTH = re.compile("[/、|与和及]")
_POINTS_OF = columns_of("points")
_PAIRED = {*columns_of("value", "points")}
_RESIDUE = re.compile(r"(?:指标|[\d一二三四五六七八九十]|[.…·:：、，,。\-—*★xX（）()]|例如|如)*")


@dataclass(frozen=True)
class Words:
    """What a text says wherever it stands; each answer is found when it is first asked for, and once."""

    text: str

    @cached_property
    def bare(self) -> str:
        """The text in one width and without white space."""
        return bare_text(self.text)

    @cached_property
    def key(self) -> str:
        """What of it is looked up as a label; empty for a text that is too long for one."""
        return label_key(self.text) if self.text and len(self.text) < _LABEL_TEXT else ""

    @cached_property
    def role(self) -> Role | None:
        """(group, name) of the label that it is."""
        return vocabulary().role(self.text)

    @cached_property
    def group(self) -> str | None:
        """The group of the label that it is."""
        return self.role[0] if self.role is not None else None

    @cached_property
    def printed(self) -> bool:
        """Whether it is a label of the vocabulary word for word, not only composed of its words."""
        return vocabulary().printed(self.text)

    @cached_property
    def label(self) -> tuple[Role | None, str | None, str | None, str | None]:
        """What it names: a label, a column of indicators, a measure or a source of money."""
        return self.role, self.header, self.measure, self.source

    @cached_property
    def is_known(self) -> bool:
        """Whether it says anything that the vocabulary knows."""
        return any(self.label) or self.printed or bool(self.pairs) or self.is_level or self.is_title or self.is_note

    @cached_property
    def header(self) -> str | None:
        """The column of an indicator table that it names as a header; the first one where it names both of a pair."""
        return self.both[0] if self.both else vocabulary().column_header(self.key)

    @cached_property
    def both(self) -> tuple[str, ...]:
        """The two columns of values or of points that it names as a header: 目标值/完成值; empty for any other text."""
        parts = [words_of(part) for part in _BOTH.split(self.bare)] if _BOTH.search(self.bare) else []
        if len(parts) != 2 or not all(part.key for part in parts):
            return ()
        names = tuple(name for part in parts if (name := part.sub_header or part.of_points) in _PAIRED)
        return names if len({*names}) == 2 and len({name in _POINTS_OF for name in names}) == 1 else ()

    @cached_property
    def sub_header(self) -> str | None:
        """The column of an indicator table that it names in a second row of headers."""
        return vocabulary().stage.exact(self.key) or self.header

    @cached_property
    def of_points(self) -> str | None:
        """The column of points that it names in a pair without saying so: 应得/实得."""
        return vocabulary().column_header(self.key + "分")

    @cached_property
    def measure(self) -> str | None:
        """The column of the money table that it names."""
        return vocabulary().measure.find(self.key)

    @cached_property
    def measure_of_figures(self) -> str | None:
        """The column of the money table that it names over figures: 支出, the name of a section, is 支出数 there."""
        if self.measure is not None or self.group not in {None, "section"}:
            return self.measure
        return vocabulary().measure.exact(self.key + "数")

    @cached_property
    def measure_among_others(self) -> str | None:
        """The column that it names over figures beside others that are named: 全年 between 年初 and 执行."""
        return self.measure_of_figures or vocabulary().measure.exact(self.key + "预算数")

    @cached_property
    def source(self) -> str | None:
        """The source of money that it names."""
        return vocabulary().source.find(self.key) if len(self.key) <= _SOURCE_LENGTH else None

    @cached_property
    def is_total(self) -> bool:
        """Whether it is the label of a total line: 总分, 合计."""
        return vocabulary().total.exact(_OF_THIS.sub("", self.key)) is not None

    @cached_property
    def section(self) -> str | None:
        """The section of a form that it names."""
        return vocabulary().section.exact(self.key)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of a cell that begins with a known label and a colon: 填报人：某某  联系电话：1234.

        A further label counts only where it is known, or short for one of the head beside one that is known, and
        stands after a space or a stop; else it is part of the value. Empty when the cell does not begin with a label.
        """
        text = self.text
        if ":" not in text and "：" not in text:
            return []
        cuts: list[tuple[int, int, str]] = []  # where a label begins, where its value begins, the label
        begin, known = 0, False
        for colon in _COLON.finditer(text):
            before = text[begin : colon.start()]
            for m in _BOUNDARY.finditer(before):
                label = before[m.start() :].strip()
                is_known = words_of(label).group not in {None, "indicator"}
                full = label if is_known else _full_label(label, cuts[-1][2] if cuts else "")
                if label and len(label) <= _LONGEST and full is not None:
                    if not cuts and before[: m.start()].strip():
                        return []
                    cuts.append((begin + m.start(), colon.end(), full))
                    begin, known = colon.end(), known or is_known
                    break
            if not cuts:
                return []
        if not known:
            return []
        ends = [start for start, _, _ in cuts[1:]] + [len(text)]
        return [
            (label, _whole(_LEADING_SEAL.sub("", text[value:end]).strip().rstrip(";；,，、(（").strip()))
            for (_, value, label), end in zip(cuts, ends, strict=True)
        ]

    @cached_property
    def is_figure(self) -> bool:
        """Whether it can stand in a figure's place."""
        return printed.is_figure(self.text)

    @cached_property
    def is_amount(self) -> bool:
        """Whether it is a figure with or without a money unit."""
        return printed.is_amount(self.text)

    @cached_property
    def is_level(self) -> bool:
        """Whether it is a whole level of the standard set, with its points or not: 产出指标（50分）, 数量指标."""
        return _LEVEL_NAME.fullmatch(split_points(without_translation(self.bare))[0]) is not None

    @cached_property
    def is_level2(self) -> bool:
        """Whether it is a standard level that stands below level 1: 数量指标, not 成本指标, which may be either."""
        return _LEVEL2_NAME.fullmatch(split_points(without_translation(self.bare))[0]) is not None

    @cached_property
    def like_level(self) -> bool:
        """Whether it has a word in it that names of levels have."""
        return _LEVEL_WORDS.search(self.bare) is not None

    @cached_property
    def is_numbered(self) -> bool:
        """Whether it begins with the number of an indicator."""
        return _NUMBERED_NAME.match(self.text) is not None

    @cached_property
    def is_residue(self) -> bool:
        """Whether it says nothing: dots, a bare number, 指标2."""
        return _RESIDUE.fullmatch(self.bare) is not None

    @cached_property
    def is_note(self) -> bool:
        """Whether it is a note of a form: 注：…, 备注：…, 填表说明1."""
        return _NOTE.match(self.bare) is not None

    @cached_property
    def is_title(self) -> bool:
        """Whether it is named like a form, no sentence and no line of contents."""
        bare = _UNIT_TAIL.sub("", without_translation(self.bare))
        named = len(self.text) <= _LABEL_TEXT and _TITLE.search(bare) and _TITLE_TAIL.search(bare)
        return bool(named) and not _PROSE.search(bare) and ":" not in bare[:-1]

    @cached_property
    def continued(self) -> str | None:
        """The title of the form that it goes on with (自评表（续）), '' where it does not say (续表); None: none."""
        begun = _CONTINUED.match(self.bare)
        if begun is not None and (begun.end() == len(self.bare) or _TITLE.search(self.bare, begun.end())):
            return self.bare[begun.end() :]
        end = next((m for m in _CONTINUED.finditer(self.bare) if m.end() == len(self.bare)), None)
        return self.bare[: end.start()] if end is not None and _TITLE.search(self.bare[: end.start()]) else None


@lru_cache(maxsize=16_384)
def words_of(text: str) -> Words:
    """The words of a text, the same record for each cell that prints it."""
    return Words(text)


def words_seen(text: str, doubted: Sequence[tuple[str, str]]) -> Words:
    """The words of a text of a picture: those of the one label that it is with one of its `doubted` characters another.

    Labels alone are taken so, and only where nothing is known under the text as it was read: the text itself stays.
    """
    own = words_of(text)
    if len(own.key) < _LEAST_SEEN or own.is_known:
        return own
    others = (
        words_of(text[:at] + other + text[at + 1 :])
        for char, possible in doubted
        for at in range(len(text))
        if text[at] == char
        for other in possible
    )
    found = {words.label: words for words in others if words.printed}
    return next(iter(found.values())) if len(found) == 1 else own


def _whole(value: str) -> str:
    """A value without the end of a bracket that began before it: 150003） of 实施单位：…（单位编码：150003）."""
    return value[:-1] if value[-1:] in (")", "）") and not re.search("[(（]", value) else value


def _full_label(label: str, before: str) -> str | None:
    """The label of a form's head that one is short for in a cell of several, by the label before it.

    项目 is 项目名称; 编码 is 项目编码 behind a label of the project, 单位编码 behind one of a unit.
    """
    whose = "项目" if before.startswith("项目") else "单位" if words_of(before).role in owners() else ""
    longer = (f"{label}名称", f"{whose}{label}") if whose else (f"{label}名称",)
    return next((full for full in longer if words_of(full).group == "header"), None)


def split_points(text: str) -> tuple[str, str | None]:
    """(level name, points) of a level-1 cell: 产出指标（50分） gives 产出指标 and 50."""
    m = _POINTS.search(text.strip())
    if not m:
        return text, None
    return text.strip()[: m.start()].strip(), bare_text(m["points"] or m["named"] or m["bare"])


def without_number(name: str) -> str:
    """The name of an indicator without its number and marks: 指标1：供餐人数, ★供餐人数."""
    return _NUMBERED_NAME.sub("", name).strip()


def split_levels(name: str) -> tuple[list[str], str]:
    """(levels, name) of an indicator that has levels of the standard set before it: 产出指标-数量指标-供餐人数."""
    levels: list[str] = []
    while (m := _LEVEL_BEFORE.match(name)) is not None and words_of(m["level"]).is_level:
        levels.append(m["level"])
        name = name[m.end() :]
    return levels, name


def split_both(text: str) -> tuple[str, str] | None:
    """The two values of a cell below a header that names both: ≤5元/人 / 4元/人; None where the cut cannot be told.

    Of several cuts it is the one in the middle. A figure beside words is one value with its unit.
    """
    cuts = list(_CUT.finditer(text))
    if len(cuts) % 2 == 0:
        return None
    middle = cuts[len(cuts) // 2]
    first, second = text[: middle.start()].strip(), text[middle.end() :].strip()
    alike = any(c.isdigit() for c in first) == any(c.isdigit() for c in second)
    return (first, second) if first and second and alike else None


def split_label(text: str) -> tuple[str, str] | None:
    """(label, value) of a cell that prints both with a colon between; None when it does not or nothing follows."""
    m = _LABEL_VALUE.match(text)
    return (m.group(1), m.group(2).strip()) if m else None
