"""What a person reads of two forms that are one project, or may be: names, units, what was compared, what came of it.

Here: sentences about pairs. Not here: which pairs there are and what is decided on them (matching), their features
(features).
"""

from __future__ import annotations

from typing import NamedTuple

from warehouse.linking.features import Features, FormFacts

_ONE = "单位相同"


class Units(NamedTuple):
    """How the units of two forms go together, in words; `sure`: they are one, whatever else their names say."""

    said: str
    sure: bool


def units_of(a: FormFacts, b: FormFacts, *, renamed: bool) -> Units:
    """Whether two forms, the elder first, are of one unit; with both names where these differ.

    `renamed`: that unit is known to have changed its name.
    """
    one, two = a.unit_name, b.unit_name
    if a.unit != b.unit:
        return Units(f"单位不同（{one.bare}、{two.bare}）", False)
    if one.bare != two.bare:
        return (
            Units(f"单位更名（{one.bare}→{two.bare}）", False)
            if renamed
            else Units(f"{_ONE}（{one.bare}即{two.bare}）", True)
        )
    if one.place and two.place and one.place != two.place:
        return Units(f"{_ONE}（{one.place}即{two.place}）", True)
    return Units(_ONE, True)


def said_of_code(a: FormFacts, b: FormFacts, units: Units, ratio: float) -> str:
    """Of two forms with one project code."""
    code = b.code.rpartition(":")[2]
    return f"{_both(a, b)}：项目编码相同（{code}），{units.said}，名称相似度{ratio:.2f}"


def said_of_name(a: FormFacts, b: FormFacts, units: Units) -> str:
    """Of two forms with one project name."""
    return f"{_both(a, b)}：{units.said}，项目名称一致（{b.name.plain}），{_years_apart(a, b) or '同一年度'}"


def said_of_score(a: FormFacts, b: FormFacts, features: Features, needed: float, units: str) -> str:
    """Of two forms that were compared: what came of it and what speaks against a link, which needs a score."""
    against = [features.remark] if features.remark else []
    if features.score < needed:
        against.append(f"低于认定所需的{needed:.2f}")
    compared = f"名称相似度{features.ratio:.2f}，{_indicators(a, b)}，{_budgets(a, b)}"
    said = f"综合得分{features.score:.2f}" + (f"（{'，'.join(against)}）" if against else "")
    return f"{units}；{_both(a, b)}：{compared}，{said}"


def in_one_unit(a: FormFacts, b: FormFacts, units: Units) -> str:
    """How two forms of one unit go together: the unit and the years between."""
    return f"{units.said}，{_years_apart(a, b)}"


def _years_apart(a: FormFacts, b: FormFacts) -> str:
    return f"相隔{b.year - a.year}年" if b.year > a.year else ""


def _both(a: FormFacts, b: FormFacts) -> str:
    """Both names with their years, as a person looks for them."""
    return f"{a.year or '无年度'}年“{a.name.dated}”与{b.year or '无年度'}年“{b.name.dated}”"


def _indicators(a: FormFacts, b: FormFacts) -> str:
    """How many indicators two forms have, and how many of them in common."""
    one, two, shared = len(a.indicators), len(b.indicators), len(a.indicators & b.indicators)
    if not one or not two:
        return "都没有指标" if one == two else "一方没有指标"
    if one == two == shared:
        return f"指标{shared}个，全部相同"
    return f"指标{one}个、{two}个，其中相同的{shared}个"


def _budgets(a: FormFacts, b: FormFacts) -> str:
    """The budgets that were compared, in 万元."""
    if not a.budget or not b.budget:
        return "预算未比较（都没有数）" if not a.budget and not b.budget else "预算未比较（一方没有数）"
    return f"预算{a.budget / 10_000:,.2f}万元、{b.budget / 10_000:,.2f}万元"
