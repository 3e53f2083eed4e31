"""How alike two forms are: the five features of the linkage recipe, their score, and the settings.

Here: reading forms for comparison and scoring pairs. Not here: which pairs are compared and what is decided.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from warehouse.linking.organisations import read_once, text_columns, years_of
from warehouse.linking.project_names import ProjectName, differing_marks, indicator_name, project_name
from warehouse.linking.unit_names import UnitName, unit_name
from warehouse.linking.vocabulary import vocabulary

DEPARTMENT_FORM = "部门整体支出"
_TEXT = ["form_id", "form_kind", "region_code", "project_code", "unit_name", "unit_code", "department_name"]
NATIONAL = 15
"""The least length of a project code that means one project wherever it is printed; a shorter one is its region's."""

_BUDGETS = ["budget_adjusted_yuan", "budget_initial_yuan", "executed_yuan"]


@dataclass(frozen=True)
class Thresholds:
    """The settings of the linkage; the defaults are those of the recipe.

    Weights are shares of the score; `*_gap` are years; `margin` is how much better than the next candidate a match
    must be; names that exchange one word of weight for another stay `below_link` under `link`, a matter for review.
    """

    link: float = 0.75
    review: float = 0.62
    weight_ratio: float = 0.30
    weight_bigram: float = 0.20
    weight_indicator: float = 0.40
    weight_budget: float = 0.10
    indicator_factor: float = 1.6
    conflict_cap: float = 0.60
    below_link: float = 0.01
    without_indicators: float = 0.90
    code_name_floor: float = 0.35
    margin: float = 0.02
    name_gap: int = 3
    score_gap: int = 2
    shared_indicators: int = 4
    moved_projects: int = 2
    unit_ratio: float = 90.0


@dataclass(slots=True)
class FormFacts:
    """One form as the linkage sees it; `indicators` are numbers of indicator names, `budget` is in 元.

    `slot`: the year and the kind, one object for all forms that have them.
    """

    index: int
    form_id: str
    kind: str
    year: int
    code: str
    region: str
    unit: str
    department: str
    unit_code: str
    unit_name: UnitName
    unit_printed: bool
    place: str
    name: ProjectName
    indicators: frozenset[int]
    budget: float | None
    figures: tuple[float | None, ...]
    slot: tuple[int, str]


class Features(NamedTuple):
    """The five features of a pair, NaN where a form lacks what is compared, with their score and a reason for a cap."""

    score: float
    ratio: float
    bigram: float
    indicator: float
    budget: float
    conflict: bool
    remark: str


def read_forms(projects: pd.DataFrame, indicators: pd.DataFrame, units: pd.DataFrame) -> list[FormFacts]:
    """The forms in the order of the project frame; `units` is the mapping that `organisations` returns.

    Raises KeyError for a missing column and ValueError for a form_id that occurs twice.
    """
    text = text_columns(projects, _TEXT)
    if len(set(text["form_id"])) != len(projects):
        twice = [form for form, n in Counter(text["form_id"]).items() if n > 1]
        raise ValueError(f"form_id occurs twice in the project frame: {', '.join(sorted(twice)[:5])}")
    years = years_of(projects)
    figures = zip(*(_numbers(projects, column) for column in _BUDGETS), strict=True)
    sets = _indicator_sets(indicators)
    unit_of = dict(zip(units["form_id"].tolist(), units["unit_id"].tolist(), strict=True))
    department_of = dict(zip(units["form_id"].tolist(), units["department_key"].tolist(), strict=True))
    slots: dict[tuple[int, str], tuple[int, str]] = {}
    forms = []
    ids, project_names = projects["form_id"].tolist(), projects["project_name"].tolist()
    for i, (form_id, name, money) in enumerate(zip(ids, project_names, figures, strict=True)):
        kind = text["form_kind"][i]
        unit, department = text["unit_name"][i], text["department_name"][i]
        read = unit_name(unit or department)
        forms.append(
            FormFacts(
                index=i,
                form_id=str(form_id),
                kind=kind,
                year=years[i],
                code=comparable_code(text["project_code"][i], text["region_code"][i]),
                region=text["region_code"][i],
                unit=_or_empty(unit_of.get(form_id)),
                department=_or_empty(department_of.get(form_id)),
                unit_code=text["unit_code"][i],
                unit_name=read,
                unit_printed=bool(unit),
                place=read.place or unit_name(department).place or text["region_code"][i],
                name=_project_name(name, kind, unit, department),
                indicators=sets.get(form_id, frozenset()),
                budget=next((amount for amount in money if amount), None),
                figures=money,
                slot=slots.setdefault((years[i], kind), (years[i], kind)),
            )
        )
    return forms


class Bigrams:
    """How much each two characters of a name weigh: the rarer among the names of a collection, the more."""

    def __init__(self, names: Iterable[tuple[str, int]]) -> None:
        """`names`: canonical names, each with the number of units that have it."""
        counts: Counter[str] = Counter()
        total = 0
        for name, units in names:
            total += units
            for bigram in _bigrams(name):
                counts[bigram] += units
        # a hundred names more, so that in a small collection a bigram both names have is not the common one
        self._weights = {bigram: math.log((100 + total) / (1 + n)) for bigram, n in counts.items()}

    @classmethod
    def of(cls, forms: Iterable[FormFacts]) -> "Bigrams":
        """Those of the names of these forms."""
        return cls(Counter(name for _, name in {(form.unit, form.name.canonical) for form in forms}).items())

    def weight(self, bigrams: Iterable[str]) -> float:
        """What these weigh together, to the last digit whatever their order."""
        return math.fsum([self._weights[bigram] for bigram in bigrams])


class Scorer:
    """Scores pairs of forms of one collection, whose names decide how much each bigram weighs."""

    def __init__(self, bigrams: Bigrams, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self._bigrams = bigrams
        self._sets: dict[str, tuple[frozenset[str], float]] = {}

    def bound(self, a: FormFacts, b: FormFacts) -> float:
        """A cheap upper bound of the score, from the indicators alone."""
        t = self.thresholds
        if not a.indicators or not b.indicators:
            return 1.0
        return 1.0 - t.weight_indicator * (1 - self._indicator(a, b))

    def compare(self, a: FormFacts, b: FormFacts) -> Features:
        """The features and the score of a pair.

        A feature that cannot be computed is left out and the other weights are raised in proportion; without
        indicators the score is lowered by `without_indicators`, so that a name alone must be nearly equal.
        """
        t = self.thresholds
        ratio = fuzz.ratio(a.name.canonical, b.name.canonical) / 100 if a.name.plain and b.name.plain else 0.0
        bigram = self._bigram(a.name.canonical, b.name.canonical) if ratio else 0.0
        indicator = self._indicator(a, b) if a.indicators and b.indicators else math.nan
        budget = _budget(a.budget, b.budget)
        parts = [
            (t.weight_ratio, ratio),
            (t.weight_bigram, bigram),
            (t.weight_indicator, indicator),
            (t.weight_budget, budget),
        ]
        known = [(weight, value) for weight, value in parts if not math.isnan(value)]
        score = sum(w * v for w, v in known) / sum(w for w, _ in known)
        if math.isnan(indicator):
            score *= t.without_indicators
        marks = differing_marks(a.name.marks, b.name.marks)
        remark = ""
        if marks:
            score, remark = min(score, t.conflict_cap, t.link - t.below_link), f"区别标志不同（{'；'.join(marks)}）"
        elif score >= t.link and exchanged(a.name.canonical, b.name.canonical):
            score, remark = t.link - t.below_link, "名称中有实词被替换"
        return Features(round(score, 4), ratio, bigram, indicator, budget, bool(marks), remark)

    def _indicator(self, a: FormFacts, b: FormFacts) -> float:
        shared = len(a.indicators & b.indicators)
        return min(1.0, self.thresholds.indicator_factor * shared / (len(a.indicators) + len(b.indicators) - shared))

    def _bigram(self, a: str, b: str) -> float:
        if a == b:
            return 1.0
        left, weight_left = self._weighed(a)
        right, weight_right = self._weighed(b)
        shared = self._bigrams.weight(left & right)
        return shared / (weight_left + weight_right - shared) if shared else 0.0

    def _weighed(self, name: str) -> tuple[frozenset[str], float]:
        if name not in self._sets:
            bigrams = _bigrams(name)
            self._sets[name] = bigrams, self._bigrams.weight(bigrams)
        return self._sets[name]


def exchanged(a: str, b: str) -> bool:
    """Whether each of two names has a character of weight that the other lacks: 学前教育 and 义务教育.

    Not if one name only says more than the other, has its words in another order or has other colourless words, nor
    for a single character that is easily mistaken.
    """
    if a == b:
        return False
    words = vocabulary()
    left, right = (Counter(words.project_colourless.sub("", name)) for name in (a, b))
    lost, gained = "".join((left - right).elements()), "".join((right - left).elements())
    return bool(lost and gained) and (lost, gained) not in words.confusable


def _bigrams(name: str) -> frozenset[str]:
    return frozenset(name[i : i + 2] for i in range(len(name) - 1)) or frozenset({name})


def _budget(a: float | None, b: float | None) -> float:
    if not a or not b or a < 0 or b < 0:
        return math.nan
    return max(0.0, 1 - abs(math.log(a / b)) / math.log(4))


def _numbers(frame: pd.DataFrame, column: str) -> list[float | None]:
    if column not in frame.columns:
        return [None] * len(frame)
    values = pd.to_numeric(frame[column].astype("object"), errors="coerce").astype("float64")
    return [None if math.isnan(value) else value for value in values.tolist()]


def _indicator_sets(indicators: pd.DataFrame) -> dict[object, frozenset[int]]:
    numbers = {"": 0}
    names = read_once(lambda level3: numbers.setdefault(indicator_name(level3), len(numbers)), indicators["level3"])
    forms, form_ids = pd.factorize(indicators["form_id"])
    by_form = np.array(names, dtype=object)[np.argsort(forms, kind="stable")]  # of objects, for the sets to share
    groups = np.split(by_form, np.cumsum(np.bincount(forms))[:-1])
    return {form_id: frozenset(group.tolist()) - {0} for form_id, group in zip(form_ids.tolist(), groups, strict=False)}


def comparable_code(code: str, region: str) -> str:
    """The project code for comparison: a national one as it is, a short one with its region; '' for a placeholder."""
    if len(code) < 4 or len(set(code)) < 2 or not any(map(str.isdigit, code)):
        return ""
    return code if len(code) >= NATIONAL else f"{region}:{code}"


def canonical_names(projects: pd.DataFrame) -> list[str]:
    """The name of each form's project for comparison; `projects` as for `read_forms`."""
    text = text_columns(projects, ["form_kind", "unit_name", "department_name"])
    columns = (projects["project_name"].tolist(), text["form_kind"], text["unit_name"], text["department_name"])
    return [_project_name(*form).canonical for form in zip(*columns, strict=True)]


def _project_name(name: object, kind: str, unit: str, department: str) -> ProjectName:
    printed = name if isinstance(name, str) else ""
    if not printed and kind == "department":
        printed = DEPARTMENT_FORM
    return project_name(_without_unit(printed, (unit, department)))


def _or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""


def _without_unit(name: str, owners: tuple[str, str]) -> str:
    """The project's name without the unit's name before it (某局档案数字化加工), if enough is left."""
    for owner in owners:
        if owner and name.startswith(owner) and len(name) - len(owner) >= 4:
            return name[len(owner) :].lstrip("-—_－ ")
    return name
