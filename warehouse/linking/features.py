"""How alike two forms are: the five features of the linkage recipe, their score, and the settings.

Here: reading forms for comparison and scoring pairs. Not here: which pairs are compared and what is decided.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from warehouse.linking.kinship import duty
from warehouse.linking.organisations import read_once, text_columns, years_of
from warehouse.linking.places import as_called_first
from warehouse.linking.project_names import ProjectName, differing_marks, indicator_name, project_name, project_of
from warehouse.linking.unit_names import UnitName, unit_name
from warehouse.linking.vocabulary import reforms, vocabulary

_TEXT = ["form_id", "form_kind", "region_code", "project_code", "unit_name", "unit_code", "department_name"]
NATIONAL = 15
"""The least length of a project code that means one project wherever it is printed; a shorter one is its region's."""

_WORK, _FUND = re.compile("工作|业务"), re.compile("专项|资金")
SHORT = 3
"""A name without endings that is no longer says too little where these differ: 老干部工作经费, 老干部专项资金."""

_BUDGETS = ["budget_adjusted_yuan", "budget_initial_yuan", "executed_yuan"]


@dataclass(frozen=True)
class Thresholds:
    """The settings of the linkage; the defaults are those of the recipe.

    Weights are shares of the score; `*_gap` are years; `margin` is how much better than the next candidate a match
    must be, `alike` by how much a candidate for review may be worse than the best; a score below `sure` leaves a
    doubt; a code needs names `code_name_floor` or indicators `code_indicators` alike; names that exchange one word of
    weight for another, or of which one says more, stay `below_link` under `link`, a matter for review. A project whose
    name is `near_name` like that of another unit which went into the same one may be either's.
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
    alike: float = 0.05
    sure: float = 0.85
    code_indicators: float = 0.3
    unit_ratio: float = 90.0
    near_name: float = 0.8


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
    place_of = dict(zip(units["form_id"].tolist(), units["place"].tolist(), strict=True))
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
                place=_or_empty(place_of.get(form_id)) or text["region_code"][i],
                name=project_of(name, kind, unit, department),
                indicators=sets.get(form_id, frozenset()),
                budget=next((amount for amount in money if amount), None),
                figures=money,
                slot=slots.setdefault((years[i], kind), (years[i], kind)),
            )
        )
    _name_as_places_were(forms, text["department_name"])
    return forms


def _name_as_places_were(forms: Sequence[FormFacts], departments: Sequence[str]) -> None:
    """Read the names of projects as if each place that changed its kind still had its first name.

    Not where the unit has that name for another form of the year.
    """
    printed = [
        form.unit_name.place or unit_name(department).place for form, department in zip(forms, departments, strict=True)
    ]
    of_place: dict[str, set[str]] = defaultdict(set)
    of_region: dict[str, set[str]] = defaultdict(set)
    for form, place in zip(forms, printed, strict=True):
        if place:
            of_place[form.place].add(place)
            of_region[form.region].add(place)
    changed = {place for place, names in of_place.items() if len(names) > 1}
    concerned = [(form, place) for form, place in zip(forms, printed, strict=True) if form.place in changed]
    taken = {(form.unit, form.year, form.name.dated) for form, _ in concerned}
    for form, place in concerned:
        here = place or ("".join(of_region[form.region]) if len(of_region[form.region]) == 1 else "")
        was = as_called_first(form.name.dated, here, form.place)
        if was != form.name.dated and (form.unit, form.year, was) not in taken:
            form.name = project_name(was)._replace(dated=form.name.dated)


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
        counts[""] = total
        self._weigh(counts)

    def _weigh(self, counts: Counter[str]) -> None:
        total = counts[""]
        self._counts = counts
        self._new = math.log(100 + total)
        # a hundred names more, so that in a small collection a bigram both names have is not the common one
        self._weights = {bigram: math.log((100 + total) / (1 + n)) for bigram, n in counts.items() if bigram}

    @classmethod
    def of(cls, forms: Iterable[FormFacts]) -> "Bigrams":
        """Those of the names of these forms."""
        return cls(Counter(name for _, name in {(form.unit, form.name.canonical) for form in forms}).items())

    @property
    def counts(self) -> dict[str, int]:
        """How many units have names with each bigram; '' is the number of names."""
        return dict(self._counts)

    @classmethod
    def frozen(cls, counts: Mapping[str, int]) -> "Bigrams":
        """Those whose `counts` were kept."""
        made = cls(())
        made._weigh(Counter(counts))
        return made

    def weight(self, bigrams: Iterable[str]) -> float:
        """What these weigh together, to the last digit whatever their order."""
        return math.fsum([self._weights.get(bigram, self._new) for bigram in bigrams])


class Scorer:
    """Scores pairs of forms of one collection, whose names decide how much each bigram weighs."""

    def __init__(self, bigrams: Bigrams, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self._bigrams = bigrams
        self.batched: set[tuple[str, str]] = set()
        """The units and names under which several batches, told apart by years in their names, stand in one year."""
        self.numbered: dict[tuple[str, str, tuple[int, str]], set[str]] = defaultdict(set)
        """The numbers of the batches that a unit has of a fund in a year and kind."""
        self.of_unit: Mapping[str, Sequence[FormFacts]] = {}
        """The forms of each unit."""
        self._duties_of: dict[str, frozenset[str]] = {}
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
        elif score >= t.link and (remark := self.veto(a, b)):
            score = t.link - t.below_link
        return Features(round(score, 4), ratio, bigram, indicator, budget, bool(marks), remark)

    def veto(self, a: FormFacts, b: FormFacts) -> str:
        """Why two names are at best a matter for review, however alike all else is; '' if nothing speaks against."""
        left, right = a.name, b.name
        if another_batch(a, b) or (
            a.year != b.year and (a.unit, left.plain) in self.batched and left.year != right.year
        ):
            return f"名称中的年度不同（{left.year}、{right.year}），是各年的批次"
        if self.numbered and (unlike := self._numbered_apart(a, b)):
            return unlike
        if left.printed == right.printed:
            return ""
        if left.plain == right.plain and len(left.plain) <= SHORT and (tails := endings_apart(left, right)):
            return f"名称只有“{left.plain}”相同（{tails}）"
        if left.one_thing and left.one_thing == right.one_thing:
            return ""
        if self.reworded(a, b):
            return ""
        if turned(left.canonical, right.canonical):
            return "一为建设购置，一为管理维护"
        return worded_apart(left.canonical, right.canonical)

    def _numbered_apart(self, a: FormFacts, b: FormFacts) -> str:
        """What says that the batches of a fund are counted anew each year: 第一批 of two is not that of three.

        Not where one code or one year in the names says which batch it is.
        """
        one, two = numbered_batch(a.name), numbered_batch(b.name)
        if a.year == b.year or one != two or not one or (a.code and a.code == b.code):
            return ""
        if a.name.year and a.name.year == b.name.year:
            return ""
        had, has = (self.numbered[form.unit, one[0], form.slot] for form in (a, b))
        if had == has:
            return ""
        return f"{a.year}年有{'、'.join(sorted(had))}，{b.year}年有{'、'.join(sorted(has))}，未必是同一批"

    def _duties(self, unit: str) -> frozenset[str]:
        """The duties in the names that a unit bears over the years."""
        if unit not in self._duties_of:
            organs = {form.unit_name.organ for form in self.of_unit.get(unit, ())}
            self._duties_of[unit] = frozenset(duty(organ)[0] for organ in organs)
        return self._duties_of[unit]

    def reworded(self, a: FormFacts, b: FormFacts) -> bool:
        """Whether two names differ only by the words of a reform that turned one unit into the other.

        驻村扶贫工作队 of a 扶贫办 is 驻村帮扶工作队 of the 乡村振兴局 after it: the elder form has the old word. For
        units of which one follows the other.
        """
        before = self._duties(a.unit)
        after = before if a.unit == b.unit else self._duties(b.unit)
        if (len(before) < 2 and before == after) or not a.year or not b.year or a.year == b.year:
            return False
        old, new, had = (a, b, before) if a.year < b.year else (b, a, after)
        words = {
            word
            for word, (since, _) in reforms().words.items()
            if new.year >= since and any(word[0] in matter for matter in had)
        }
        words |= set(product(before | after, before | after))
        return any(
            before != after
            and len(before) > 1
            and old.name.canonical.replace(before, after) == new.name.canonical
            and before not in new.name.canonical.replace(after, "")
            for before, after in words
        )

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


def worded_apart(a: str, b: str) -> str:
    """What one of two names says and the other does not, in a character of weight; '' if nothing.

    学前教育 and 义务教育 each have a word of their own, 县道改建征地补偿 says more than 县道改建. Words in another
    order, other colourless words and a single character that is easily mistaken make no difference.
    """
    if a == b:
        return ""
    words = vocabulary()
    left, right = (Counter(words.project_colourless.sub("", name)) for name in (a, b))
    lost, gained = "".join((left - right).elements()), "".join((right - left).elements())
    if not lost + gained or (lost, gained) in words.confusable:
        return ""
    if (
        len(lost + gained) == 1
        and lost + gained not in words.telling
        and Levenshtein.distance(a, b, score_cutoff=1) == 1
    ):
        return ""  # a character lost or doubled by mistake
    one = _runs(words.project_colourless.sub("", a), left - right)
    two = _runs(words.project_colourless.sub("", b), right - left)
    if lost and gained:
        return f"名称中有实词被替换（{'、'.join(one)}／{'、'.join(two)}）"
    return f"一方名称多出“{'”“'.join(one or two)}”"


def _runs(text: str, some: Counter[str]) -> list[str]:
    """Some characters of a text, those that stand beside each other together."""
    left, runs = some.copy(), [""]
    for char in text:
        if left[char] > 0:
            left[char] -= 1
            runs[-1] += char
        elif runs[-1]:
            runs.append("")
    return list(filter(None, runs))


def turned(a: str, b: str) -> bool:
    """Whether one name is of building or buying and the other of keeping up what was built: 绿道建设, 绿道管理."""
    words = vocabulary()
    done = (words.not_a_mark.sub("", name) for name in (a, b))  # 平安建设 builds nothing
    (built, kept), (other_built, other_kept) = (
        tuple(any(word in name for word in group) for group in (words.built, words.kept_up)) for name in done
    )
    return (built or other_built) and kept != other_kept


def another_batch(a: FormFacts, b: FormFacts) -> bool:
    """Whether the names bear the years of two batches of building works; a yearly event bears the year of its form."""
    if not a.name.year or not b.name.year or a.name.year == b.name.year:
        return False
    yearly = a.year - a.name.year == b.year - b.name.year
    words = vocabulary()
    built = words.not_a_mark.sub("", a.name.plain)  # 组织建设 builds nothing
    if not yearly or any(word in built for word in words.by_batch):
        return True
    # the first batch of one year is not that of the next, unless one code says so
    return (not a.code or a.code != b.code) and any(
        group == "序号" and mark.endswith(words.batches) for group, mark in a.name.marks
    )


def numbered_batch(name: ProjectName) -> tuple[str, str] | None:
    """The fund and the number of the batch that a name says, None where it says none: 衔接补助(第一批)."""
    for group, mark in name.marks:
        if group == "序号" and mark.endswith(vocabulary().batches) and mark in name.plain:
            return name.plain.replace(mark, "", 1), mark
    return None


def endings_apart(a: ProjectName, b: ProjectName) -> str:
    """The endings of names otherwise equal, if one is for the work of an office and the other a fund; else ''."""
    tails = [name.printed.replace(name.plain, "", 1) for name in (a, b)]
    works = [_WORK.search(tail) is not None for tail in tails]
    funds = [_FUND.search(tail) is not None for tail in tails]
    return "、".join(tails) if works[0] != works[1] and funds[works[0]] else ""


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


def _or_empty(value: object) -> str:
    return value if isinstance(value, str) else ""
