"""What the constants of columns are fitted on: tables of the truth set and the golden forms, and their disguises.

Here: tables with known roles, shown without headers, with parts of words or lying ones, with columns that forms also
print (explanations, rules, rates, last year's values, second scores), with pairs the other way round, columns dropped,
rows left out, signs lost, points lost. Not here: the fit (fit).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from extractors.errors import Unreadable
from extractors.formats import Limits, read
from extractors.layout.cell_words import split_points
from extractors.layout.column_evidence import roles as evidence
from extractors.layout.column_evidence.content import Content
from extractors.layout.column_evidence.roles import OTHER, ROLES
from extractors.layout.column_evidence.tables import tables_in
from extractors.readings.printed import points
from extractors.vocabulary import vocabulary
from tests.accuracy.hidden import rows_of, truth_set

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "forms" / "cases"
_PARTS = re.compile(r"([≥≤=＝><]?)\s*(\d[\d.]*)\s*(\D{0,6})")
_NAME = ROLES.index("level3")
_SUMMED = (ROLES.index("weight"), ROLES.index("score"))


@dataclass
class Example:
    """A table with the role of each column, and what the words of its headers suggest."""

    layout: str
    columns: list[Content]
    roles: list[int]
    hints: list[evidence.Array | None]
    _said: tuple[evidence.Array, evidence.Array] | None = None

    def said(self) -> tuple[evidence.Array, evidence.Array]:
        """What its columns say."""
        if self._said is None:
            self._said = evidence.said(self.columns)
        return self._said


def examples() -> list[Example]:
    """The tables of the truth set and the golden forms."""
    found: list[Example] = []
    for document in truth_set():
        found += _of_grids(document.layout, document.grids)
    for path in sorted(GOLDEN.iterdir()):
        if path.suffix != ".toml":
            try:
                found += _of_grids(path.stem, read(path.read_bytes(), Limits()).grids)
            except Unreadable:
                continue
    return found


def _of_grids(layout: str, grids: list) -> Iterator[Example]:
    for table in tables_in(rows_of(grids), lambda _: False, known=True):
        columns = [c for c in table.columns if c.named and any(c.content.texts)]
        roles = [ROLES.index(c.named) if c.named in ROLES else OTHER for c in columns]
        once = [role for role in roles if role != OTHER]
        if table.rows >= 3 and len(columns) >= 3 and len(once) == len(set(once)) and _NAME in roles:
            yield Example(layout, [c.content for c in columns], roles, [None] * len(columns))


def disguised(example: Example, chosen: random.Random) -> Example:
    """The table as another form might print it."""
    columns = [Content([*c.texts], [*c.begun], c.total) for c in example.columns]
    roles = [*example.roles]
    totals = chosen.random() < 0.3
    _rows(columns, chosen)
    _lose_points(columns, roles, chosen)
    if chosen.random() < 0.25:
        _lose_signs(columns, roles, chosen)
    if chosen.random() < 0.3:
        _split(columns, roles, chosen)
    if chosen.random() < 0.3:
        _drop(columns, roles, chosen)
    if chosen.random() < 0.2:
        _points_behind(columns, roles, chosen)
    if chosen.random() < 0.15:
        _rename_levels(columns, roles, chosen)
    for _ in range(chosen.choice([0, 0, 1, 1, 2, 3])):
        _insert(columns, roles, chosen)
    if chosen.random() < 0.4:
        _exchange(columns, roles, chosen)
    for column, role in zip(columns, roles, strict=True):
        column.total = ""
        own = [points(text) for text in column.texts]
        if role in _SUMMED and any(own) and totals:
            column.total = str(sum((value or Decimal(0) for value in own), Decimal(0)))
    kept = [n for n, column in enumerate(columns) if any(column.texts)]
    columns, roles = [columns[n] for n in kept], [roles[n] for n in kept]
    return Example(example.layout, columns, roles, [_hint(role, chosen) for role in roles])


def _rows(columns: list[Content], chosen: random.Random) -> None:
    rows = len(columns[0].texts)
    if rows <= 4 or chosen.random() < 0.5:
        return
    begin = chosen.randrange(rows - 3)
    end = chosen.randint(begin + 3, rows)
    for column in columns:
        column.texts, column.begun = column.texts[begin:end], column.begun[begin:end]
        if column.texts[0]:
            column.begun[0] = True


def _column(columns: list[Content], roles: list[int], role: str) -> Content | None:
    number = ROLES.index(role)
    return columns[roles.index(number)] if number in roles else None


def _lose_points(columns: list[Content], roles: list[int], chosen: random.Random) -> None:
    """Take points off scores, or give them all back."""
    weight, score = _column(columns, roles, "weight"), _column(columns, roles, "score")
    if score is None:
        return
    how = chosen.random()
    for n, text in enumerate(score.texts):
        full = points(weight.texts[n]) if weight is not None else points(text)
        if full is None or not text:
            continue
        if how < 0.25:
            score.texts[n] = str(full)
        elif how < 0.7 and chosen.random() < 0.3:
            lost = chosen.choice([Decimal("0.5"), Decimal(1), Decimal(2), full, full / 2, full * Decimal("0.13")])
            score.texts[n] = str(max(Decimal(0), round(full - lost, 2)).normalize().__format__("f"))


def _lose_signs(columns: list[Content], roles: list[int], chosen: random.Random) -> None:
    target = _column(columns, roles, "target_text")
    if target is not None:
        target.texts = [text.lstrip("≥≤=＝>< ") for text in target.texts]


def _split(columns: list[Content], roles: list[int], chosen: random.Random) -> None:
    """Print the target in three columns: operator, value and unit; the result may stand without its unit then."""
    target, actual = _column(columns, roles, "target_text"), _column(columns, roles, "actual_text")
    if target is None or {ROLES.index("operator"), ROLES.index("unit_text")} & set(roles):
        return
    parts = [_PARTS.fullmatch(text) for text in target.texts]
    signs = [(m[1] or "=") if m else "定性" if text else "" for m, text in zip(parts, target.texts, strict=True)]
    units = [m[3] if m else "" for m in parts]
    target.texts = [m[2] if m else text for m, text in zip(parts, target.texts, strict=True)]
    if actual is not None and chosen.random() < 0.7:
        found = [_PARTS.fullmatch(text) for text in actual.texts]
        actual.texts = [m[2] if m else text for m, text in zip(found, actual.texts, strict=True)]
    at = columns.index(target)
    for place, texts, role in ((at + 1, units, "unit_text"), (at, signs, "operator")):
        begun = [own and bool(text) for own, text in zip(target.begun, texts, strict=True)]
        columns.insert(place, Content(texts, begun))
        roles.insert(place, ROLES.index(role))


def _points_behind(columns: list[Content], roles: list[int], chosen: random.Random) -> None:
    """Print the points in brackets behind the names (论证决策（8分）), and behind those of levels their sums."""
    names, weight = _column(columns, roles, "level3"), _column(columns, roles, "weight")
    if names is None or weight is None:
        return
    own = [points(text) for text in weight.texts]
    for role in ("level1", "level2"):
        level = _column(columns, roles, role)
        if level is not None and chosen.random() < 0.7:
            begins = [n for n, begun in enumerate(level.begun) if begun and level.texts[n]]
            ends = [*begins[1:], len(own)]
            for begin, end in zip(begins, ends, strict=False):
                whole = sum((value or Decimal(0) for value in own[begin:end]), Decimal(0))
                level.texts[begin:end] = [f"{text}（{whole}分）" if text else "" for text in level.texts[begin:end]]
    if chosen.random() < 0.7:
        names.texts = [f"{t}（{v}分）" if t and v is not None else t for t, v in zip(names.texts, own, strict=True)]
        at = columns.index(weight)
        del columns[at], roles[at]


def _rename_levels(columns: list[Content], roles: list[int], chosen: random.Random) -> None:
    """Call the levels by words that no standard set of levels has, as frameworks of evaluation do; points stay."""
    for role in ("level1", "level2"):
        level = _column(columns, roles, role)
        if level is None:
            continue
        named: dict[str, str] = {}
        for n, text in enumerate(level.texts):
            level_name, _ = split_points(text)
            if text and level_name not in named:
                named[level_name] = "".join(chosen.sample(_PARTS_OF_NAMES, 2))
            level.texts[n] = named[level_name] + text[len(level_name) :] if text else ""


_PARTS_OF_NAMES = (
    "前期", "实施", "过程", "资金", "目标", "组织", "制度", "监管", "绩效", "保障", "研究",
    "设置", "运行", "队伍", "能力", "服务", "内控", "采购", "资产", "公开",
    "履职", "改革", "创新", "协同", "支撑", "投入",
)  # fmt: skip


_SPARED = (
    ("target_text", "actual_text", "deviation"), ("target_text", "actual_text", "deviation", "weight"),
    ("actual_text", "score", "deviation"), ("score", "deviation"), ("deviation",), ("deviation",), ("score",),
    ("weight", "score"), ("unit_text",), ("level1",), ("level2",), ("level1", "level2"), ("weight",), ("actual_text",),
)  # fmt: skip
"""Columns that forms do without, together: a sheet of targets has neither results nor scores."""


def _drop(columns: list[Content], roles: list[int], chosen: random.Random) -> None:
    gone = {ROLES.index(role) for role in chosen.choice(_SPARED)}
    kept = [n for n, role in enumerate(roles) if role not in gone]
    if len(kept) >= 3:
        columns[:], roles[:] = [columns[n] for n in kept], [roles[n] for n in kept]


def _insert(columns: list[Content], roles: list[int], chosen: random.Random) -> None:
    """Put in a column of no interest, as forms have them."""
    made = _other(columns, roles, chosen)
    at = chosen.randint(1, len(columns))
    columns.insert(at, made)
    roles.insert(at, OTHER)


_EXPLAINED = (
    "反映{}情况",
    "考核{}是否达到要求",
    "{}，用于衡量工作成效",
    "按照年度工作计划确定",
    "根据上年实际情况测算",
    "{}的实际完成数量",
    "依据合同约定",
)
_RULED = (
    "达到指标值得满分，未达到按比例得分",
    "完成得{}分，未完成不得分",
    "每降低1%扣0.5分，扣完为止",
    "≥目标值得满分，否则按比例扣分",
    "定量指标按完成比例计分",
    "完成目标值得{}分",
)
_SOURCES = ("统计台账", "财务系统", "业务报表", "工作总结", "验收资料", "问卷调查", "合同、发票", "年度统计报表")
_VERDICTS = ("是", "已完成", "完成", "达成", "达标", "达成年度指标", "正常")
_REMARKS = (
    "",
    "",
    "",
    "无",
    "详见附件",
    "新增指标",
    "约束性指标",
    "上级文件要求",
    "按季度统计",
    "/",
    "以验收报告为准",
    "已报备",
)
_KINDS = ("定量", "定性", "正向", "核心指标", "预期性", "约束性", "常规指标")


def _other(columns: list[Content], roles: list[int], chosen: random.Random) -> Content:
    rows = len(columns[0].texts)
    names = _column(columns, roles, "level3") or columns[0]
    target, actual = _column(columns, roles, "target_text"), _column(columns, roles, "actual_text")
    weight, score = _column(columns, roles, "weight"), _column(columns, roles, "score")
    kinds = ["explained", "ruled", "source", "verdict", "remark", "serial", "blank", "kind", "kind_alike"]
    kinds += ["last"] * 4 + ["rate"] * 2 if actual is not None or target is not None else []
    kinds += ["second", "second"] if score is not None else []
    kind = chosen.choice(kinds)
    texts: list[str] = []
    explained, ruled = chosen.sample(_EXPLAINED, 2), chosen.sample(_RULED, 2)
    few = chosen.random()
    share = Decimal(chosen.randint(70, 120)) / 100
    for n in range(rows):
        name = names.texts[n] or "工作"
        own = (actual or target or names).texts[n]
        text = ""
        if kind == "explained":
            text = chosen.choice(explained).format(name)
        elif kind == "ruled":
            text = chosen.choice(ruled).format((weight or score or Content(["10"] * rows)).texts[n] or "10")
        elif kind == "source":
            text = chosen.choice(_SOURCES)
        elif kind == "verdict":
            text = chosen.choice(_VERDICTS[:2] if few < 0.5 else _VERDICTS)
        elif kind == "remark":
            text = chosen.choice(_REMARKS)
        elif kind == "serial":
            text = str(n + 1)
        elif kind == "kind":
            text = chosen.choice(_KINDS)
        elif kind == "kind_alike":
            text = _KINDS[int(few * len(_KINDS))]
        elif kind == "second" and score is not None:
            full = points(score.texts[n])
            text = score.texts[n] if full is None or chosen.random() < 0.8 else str(max(full - 1, Decimal(0)))
        elif kind == "last":
            text = _scaled(own.lstrip("≥≤=>< "), share + Decimal(chosen.randint(-8, 8)) / 100)
        elif kind == "rate":
            text = chosen.choice(["100%", "100%", "100.00%", f"{chosen.randint(80, 130)}.{chosen.randint(0, 99)}%"])
            text = text if few < 0.7 else text.rstrip("%")
        texts.append(text)
    return Content(texts, [bool(text) for text in texts])


def _scaled(text: str, share: Decimal) -> str:
    digits = "".join(c for c in text if c in "0123456789.")
    if not digits or digits.count(".") > 1 or digits == "." or text.count("年"):
        return text
    value = Decimal(digits) * share
    value = round(value, 1 if "." in digits else 0)
    return text.replace(digits, str(value), 1)


def _exchange(columns: list[Content], roles: list[int], chosen: random.Random) -> None:
    pairs = [("weight", "score"), ("target_text", "actual_text")]
    for a, b in pairs if chosen.random() < 0.7 else []:
        split = a == "target_text" and ROLES.index("operator") in roles  # nobody prints a sign before a result
        if ROLES.index(a) in roles and ROLES.index(b) in roles and not split:
            i, j = roles.index(ROLES.index(a)), roles.index(ROLES.index(b))
            columns[i], columns[j], roles[i], roles[j] = columns[j], columns[i], roles[j], roles[i]
    if chosen.random() < 0.3:
        order = [*range(len(roles))]
        i, j = chosen.randrange(len(roles)), chosen.randrange(len(roles))
        order[i], order[j] = order[j], order[i]
        columns[:], roles[:] = [columns[n] for n in order], [roles[n] for n in order]


def _hint(role: int, chosen: random.Random) -> evidence.Array | None:
    """What a part of a word for the role, or now and then for another one, suggests; mostly nothing."""
    how = chosen.random()
    if how < 0.6:
        return None
    name = ROLES[role] if how < 0.93 else chosen.choice(ROLES)
    words = vocabulary().indicator.words().get(name, [])
    word = chosen.choice(words)
    begin = chosen.randrange(max(1, len(word) - 2))
    return evidence.suggested("淼" + word[begin : begin + chosen.randint(2, 4)])
