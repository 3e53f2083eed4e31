"""The passes that decide which forms are one project: decision, code, name, score, and units that were renamed.

Here: which pairs are compared, in which order, and what is decided. Not here: features, frames, ids.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from rapidfuzz import fuzz

from warehouse.linking.clusters import Clusters, Slot
from warehouse.linking.decisions import Decision
from warehouse.linking.features import Bigrams, Features, FormFacts, Scorer, Thresholds
from warehouse.linking.succession import Succession, follows
from warehouse.linking.unit_names import near_names

PROJECT_KINDS = ("self_evaluation", "target", "monitoring")


@dataclass(frozen=True, slots=True)
class Link:
    """One decided pair, the elder form first; `decision` is link or review."""

    a: FormFacts
    b: FormFacts
    method: str
    features: Features
    decision: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Pair:
    a: FormFacts
    b: FormFacts
    features: Features

    @property
    def rank(self) -> tuple[float, float, str, str]:
        printed = fuzz.ratio(self.a.name.printed, self.b.name.printed)
        return -self.features.score, -printed, self.a.form_id, self.b.form_id


class Matcher:
    """Links the forms of one collection. `run` once, then read `clusters` and `links`."""

    def __init__(
        self,
        forms: Sequence[FormFacts],
        decided: Mapping[int, Decision],
        thresholds: Thresholds,
        bigrams: Bigrams | None = None,
    ) -> None:
        self.forms = forms
        self.decided = decided
        self.thresholds = thresholds
        self.scorer = Scorer(bigrams or Bigrams.of(forms), thresholds)
        self.clusters = Clusters(form.slot for form in forms)
        self.links: list[Link] = []
        self._reviews: list[Link] = []
        self._of_unit: dict[str, list[FormFacts]] = defaultdict(list)
        for form in forms:
            if form.unit:
                self._of_unit[form.unit].append(form)

    def run(self) -> None:
        """All passes, the surest first; a year is bridged only after the years beside each other."""
        self._decisions()
        self._duplicates()
        self._codes()
        self._names(0, same_kind=False)
        for gap in range(1, max(self.thresholds.name_gap, self.thresholds.score_gap) + 1):
            if gap <= self.thresholds.name_gap:
                self._names(gap, same_kind=True)
            if gap <= self.thresholds.score_gap:
                self._scores(gap)
                self._unit_not_printed(gap)
                self._renamed_units(gap)
        self._names(1, same_kind=False)
        seen: set[int] = set()
        for link in sorted(self._reviews, key=lambda r: (-r.features.score, r.a.form_id, r.b.form_id)):
            if self.clusters.may_join(link.a.index, link.b.index) and not seen & {link.a.index, link.b.index}:
                seen |= {link.a.index, link.b.index}
                self.links.append(link)

    def _link(self, a: FormFacts, b: FormFacts, method: str, evidence: str, features: Features | None = None) -> None:
        if (b.year or 9999, b.form_id) < (a.year or 9999, a.form_id):
            a, b = b, a
        self.clusters.join(a.index, b.index)
        self.links.append(Link(a, b, method, features or self.scorer.compare(a, b), "link", evidence))

    # -- decisions of people, and forms that are there twice

    def _decisions(self) -> None:
        groups: dict[str, list[int]] = defaultdict(list)
        for index, decision in self.decided.items():
            groups[decision.project_key].append(index)
        for key, indexes in sorted(groups.items()):
            for index in indexes:
                self.clusters.decide(index, key, alone=len(indexes) == 1)
            members = sorted((self.forms[i] for i in indexes), key=lambda f: (f.year, f.kind, f.form_id))
            for a, b in pairwise(members):
                decision = self.decided[b.index]
                note = f"，说明：{decision.note}" if decision.note else ""
                self._link(a, b, "decision", f"人工认定为同一项目（{key}，认定人：{decision.decided_by}{note}）")

    def _duplicates(self) -> None:
        """A form published twice, or corrected and published again under its code, is one form for the series."""
        times = Counter((form.slot, form.unit, form.name.printed) for form in self.forms)
        groups: dict[tuple[object, ...], list[FormFacts]] = defaultdict(list)
        for form in self.forms:
            same = (form.slot, form.unit, form.name.printed)
            if times[same] == 1 or not form.unit or not form.name.printed:
                continue
            if form.code:
                groups["code", *same, form.code].append(form)
            if any(form.figures) and form.indicators:
                groups["all", *same, form.figures, form.indicators].append(form)
        for key, group in groups.items():
            for a, b in pairwise(sorted(group, key=lambda f: f.form_id)):
                joined = self.clusters.find(a.index) == self.clusters.find(b.index)
                other_code = a.code and b.code and a.code != b.code
                if not joined and not other_code and self._agree(a, b):
                    what = "项目编码" if key[0] == "code" else "资金、指标"
                    self._link(
                        a, b, "code" if key[0] == "code" else "name", f"同一份表重复出现：年度、单位、名称、{what}相同"
                    )

    def _agree(self, a: FormFacts, b: FormFacts) -> bool:
        """Whether decisions of people let two forms of one slot be one."""
        return self.clusters.key(a.index) == self.clusters.key(b.index)

    # -- the same code

    def _codes(self) -> None:
        groups: dict[str, list[FormFacts]] = defaultdict(list)
        for form in self.forms:
            if form.code and form.kind in PROJECT_KINDS:
                groups[form.code].append(form)
        for _, group in sorted(groups.items()):
            group.sort(key=lambda f: (f.year or 9999, PROJECT_KINDS.index(f.kind), f.form_id))
            for i, b in enumerate(group):
                elder = sorted(group[:i], key=lambda a: (-a.year, -self._name_ratio(a, b), a.form_id))
                for a in elder:
                    if self.clusters.find(a.index) == self.clusters.find(b.index):
                        break
                    if self.clusters.may_join(a.index, b.index) and self._code_holds(a, b):
                        self._link(a, b, "code", self._code_evidence(a, b))
                        break

    def _code_evidence(self, a: FormFacts, b: FormFacts) -> str:
        unit = "单位相同" if a.unit == b.unit else "单位名称不同"
        return f"项目编码相同（{b.code.rpartition(':')[2]}），{unit}，名称相似度{self._name_ratio(a, b):.2f}"

    def _code_holds(self, a: FormFacts, b: FormFacts) -> bool:
        """Whether one code means one project here; codes are given anew when the project library is rebuilt."""
        alike = self._name_ratio(a, b) >= self.thresholds.code_name_floor and not self.scorer.compare(a, b).conflict
        # a namesake in the other year says that the project lives on, or was there before, under another code
        namesake = self._namesake(a, b.year) or self._namesake(b, a.year)
        if a.unit == b.unit:
            return alike or not namesake
        if a.unit_name.place and b.unit_name.place and a.place != b.place:
            return False
        return alike and not namesake

    def _namesake(self, form: FormFacts, year: int) -> bool:
        return any(
            other.year == year and other.kind == form.kind and other.name.plain == form.name.plain
            for other in self._of_unit.get(form.unit, ())
        )

    def _name_ratio(self, a: FormFacts, b: FormFacts) -> float:
        return fuzz.ratio(a.name.canonical, b.name.canonical) / 100

    # -- the same unit and name

    def _names(self, gap: int, same_kind: bool) -> None:
        """Link forms of one unit with equal names, `gap` years apart, where there is one candidate on each side."""
        for elder, younger in self._of_name[gap, same_kind]:
            one = [f for f in elder if not self.clusters.has(f.index, younger[0].slot)]
            two = [f for f in younger if not self.clusters.has(f.index, elder[0].slot)]
            if len(one) == len(two) == 1 and self.clusters.may_join(one[0].index, two[0].index):
                years = "同一年度" if not gap else f"相隔{gap}年"
                self._link(one[0], two[0], "name", f"单位相同，项目名称一致（{two[0].name.plain}），{years}")

    @cached_property
    def _of_name(self) -> dict[tuple[int, bool], list[tuple[list[FormFacts], list[FormFacts]]]]:
        """The forms of one unit and name in a slot beside those in another, not of an earlier year.

        By the years between the two and whether they are of one kind; printed names come before plain ones.
        """
        found: dict[tuple[int, bool], list[tuple[list[FormFacts], list[FormFacts]]]] = defaultdict(list)
        order = {kind: at for at, kind in enumerate(PROJECT_KINDS)}
        farthest = max(1, self.thresholds.name_gap)  # those of two kinds are linked up to a year apart
        for reading in ("printed", "plain"):
            groups: dict[tuple[str, str, str], dict[Slot, list[FormFacts]]] = defaultdict(lambda: defaultdict(list))
            for form in self.forms:
                name = getattr(form.name, reading)
                if form.unit and form.year and name:
                    printed = "" if form.unit_printed else "-"
                    groups[form.unit, name, printed][form.slot].append(form)
            for group in groups.values():
                by_kind = sorted(group, key=lambda slot: order.get(slot[1], -1))
                for one, two in product(sorted(group), by_kind):
                    gap, same_kind = two[0] - one[0], one[1] == two[1]
                    if same_kind <= gap <= farthest and (same_kind or (one[1] in order and two[1] in order)):
                        found[gap, same_kind].append((group[one], group[two]))
        return found

    # -- the score

    def _scores(self, gap: int) -> None:
        for _, forms in sorted(self._of_unit.items()):
            self._assign(self._pairs(*self._open(forms, gap), gap), f"单位相同，相隔{gap}年")

    def _unit_not_printed(self, gap: int) -> None:
        """Forms of one department of which one does not say which of its units it is of: a matter for review."""
        for group in self._of_department:
            for pair in self._pairs(*self._open(group, gap), gap):
                if pair.a.unit_printed != pair.b.unit_printed and pair.features.score >= self.thresholds.link:
                    self._review(pair, f"主管部门相同，一方未填实施单位，相隔{gap}年")

    @cached_property
    def _of_department(self) -> list[list[FormFacts]]:
        """The forms of each department of which some print their unit and some do not."""
        groups: dict[str, list[FormFacts]] = defaultdict(list)
        for form in self.forms:
            if form.department:
                groups[form.department].append(form)
        return [group for _, group in sorted(groups.items()) if len({form.unit_printed for form in group}) == 2]

    def _review(self, pair: _Pair, why: str, also: str = "") -> None:
        evidence = f"{why}；{self._score_evidence(pair)}{also}"
        self._reviews.append(Link(pair.a, pair.b, "score", pair.features, "review", evidence))

    def _open(self, forms: Sequence[FormFacts], gap: int) -> tuple[list[FormFacts], list[FormFacts]]:
        """The forms that may still find a younger one `gap` years on, and those that may find an elder one."""
        years = {form.year for form in forms if form.year}
        first = {year for year in years if year + gap in years}
        ahead = [f for f in forms if f.year in first and not self.clusters.has(f.index, (f.year + gap, f.kind))]
        back = [f for f in forms if f.year - gap in first and not self.clusters.has(f.index, (f.year - gap, f.kind))]
        elder, younger = {f.year for f in ahead}, {f.year for f in back}
        return [f for f in ahead if f.year + gap in younger], [f for f in back if f.year - gap in elder]

    def _pairs(self, ahead: Iterable[FormFacts], back: Iterable[FormFacts], gap: int) -> list[_Pair]:
        """All pairs of like kind, `gap` years apart, whose score reaches the review queue at least."""
        slots: dict[tuple[int, str], list[FormFacts]] = defaultdict(list)
        for form in back:
            slots[form.slot].append(form)
        pairs = []
        for a in ahead:
            for b in slots.get((a.year + gap, a.kind), ()):
                if self.scorer.bound(a, b) >= self.thresholds.review and self.clusters.may_join(a.index, b.index):
                    features = self.scorer.compare(a, b)
                    if features.score >= self.thresholds.review:
                        pairs.append(_Pair(a, b, features))
        return pairs

    def _assign(self, pairs: list[_Pair], why: str) -> int:
        """Link one to one by falling score; a match hardly better than another goes to review. Returns the links."""
        pairs = sorted(pairs, key=lambda p: p.rank)
        rivals: dict[tuple[int, Slot], list[_Pair]] = defaultdict(list)
        for pair in pairs:
            rivals[pair.a.index, pair.b.slot].append(pair)
            rivals[pair.b.index, pair.a.slot].append(pair)
        linked = 0
        for pair in pairs:
            a, b = pair.a, pair.b
            if not self.clusters.may_join(a.index, b.index):
                continue
            if pair.features.score < self.thresholds.link:
                self._review(pair, why)
            elif any(self._rivals(pair, other) for other in rivals[a.index, b.slot] + rivals[b.index, a.slot]):
                self._review(pair, why, "；另有相近的候选")
            else:
                self._link(a, b, "score", f"{why}；{self._score_evidence(pair)}", pair.features)
                linked += 1
        return linked

    def _rivals(self, pair: _Pair, other: _Pair) -> bool:
        """Whether `other` is as good as `pair`, which has one of its forms; equal printed names settle it."""
        if other is pair or not self.clusters.may_join(other.a.index, other.b.index):
            return False
        if pair.features.score - other.features.score >= self.thresholds.margin:
            return False
        equal = pair.a.name.printed == pair.b.name.printed
        return not equal or other.a.name.printed == other.b.name.printed

    def _score_evidence(self, pair: _Pair) -> str:
        a, b, f = pair.a, pair.b, pair.features
        shared = len(a.indicators & b.indicators)
        text = f"名称“{a.name.printed}”与“{b.name.printed}”相似度{f.ratio:.2f}，共有指标{shared}个"
        return f"{text}，综合得分{f.score:.2f}" + (f"，{f.remark}" if f.remark else "")

    # -- units that were renamed, misspelt or merged

    def _renamed_units(self, gap: int) -> None:
        """Pairs across units: only where the units may have followed each other and their forms bear it out.

        Forms of two living units are never linked, whatever they have in common: generic projects with the same
        name and indicators are found in many units.
        """
        followed = {(k.a.unit, k.b.unit) for k in self.links if k.a.unit != k.b.unit}
        for block in self._of_place:
            ahead, back = self._open(block, gap)
            elder, younger = _by_year_and_unit(ahead), _by_year_and_unit(back)
            found = []
            for year in sorted(elder):
                one, two = elder[year], younger.get(year + gap, {})
                left = [unit for unit in sorted(one) if not self._alive(unit, year + gap)]
                came = [unit for unit in sorted(two) if not self._alive(unit, year)]
                ended = set(product(left, came))
                for a, b in sorted(ended | _near_units(one, two)):
                    known = (a, b) in followed
                    relation = follows(one[a][0], two[b][0], (a, b) in ended, known, self.thresholds.unit_ratio)
                    if relation:
                        found.append(self._succession(one[a], two[b], relation, known, gap))
            self._follow(found, gap)

    def _alive(self, unit: str, year: int) -> bool:
        """Whether the unit has forms of this year."""
        return any(form.year == year for form in self._of_unit[unit])

    @cached_property
    def _of_place(self) -> list[list[FormFacts]]:
        """The forms of units in one place."""
        blocks: dict[str, list[FormFacts]] = defaultdict(list)
        for form in self.forms:
            if form.unit and form.year and form.place:
                blocks[form.place].append(form)
        return [block for _, block in sorted(blocks.items())]

    def _succession(
        self, one: list[FormFacts], two: list[FormFacts], relation: str, known: bool, gap: int
    ) -> Succession[_Pair]:
        pairs = self._pairs(one, two, gap)
        least = self.thresholds.shared_indicators
        strong = [p for p in pairs if p.features.score >= self.thresholds.link]
        shared = {(p.a.index, p.b.index) for p in strong if len(p.a.indicators & p.b.indicators) >= least}
        equal = [p for p in strong if p.a.name.plain == p.b.name.plain]
        borne_out = min(len({a for a, _ in shared}), len({b for _, b in shared}))
        namesakes = min(len({p.a.index for p in equal}), len({p.b.index for p in equal}))
        if relation == "other":
            enough = max(self.thresholds.moved_projects, -(-min(len(one), len(two)) // 2))
            established = borne_out >= enough
        else:
            established = known or borne_out >= 1 or namesakes >= self.thresholds.moved_projects
        if not established:
            pairs = [p for p in pairs if (p.a.index, p.b.index) in shared or (relation != "other" and p in equal)]
        return Succession(one[0], two[0], relation, established, borne_out + namesakes, pairs)

    def _follow(self, found: list[Succession[_Pair]], gap: int) -> None:
        """Link along the best borne-out successions first; a unit follows one unit only, misspellings apart."""
        taken: set[tuple[str, str, int]] = set()
        for s in sorted(found, key=lambda s: s.rank):
            sides = {("a", s.a.unit, s.a.year), ("b", s.b.unit, s.b.year)}
            why = f"{s.reason}，相隔{gap}年"
            if not s.established or (s.relation != "spelling" and sides & taken):
                for pair in s.pairs:
                    self._review(pair, why)
                continue
            if self._assign(s.pairs, why) and s.relation != "spelling":
                taken |= sides


def _by_year_and_unit(forms: Iterable[FormFacts]) -> dict[int, dict[str, list[FormFacts]]]:
    groups: dict[int, dict[str, list[FormFacts]]] = defaultdict(lambda: defaultdict(list))
    for form in forms:
        groups[form.year][form.unit].append(form)
    return groups


def _near_units(one: Mapping[str, list[FormFacts]], two: Mapping[str, list[FormFacts]]) -> set[tuple[str, str]]:
    """The units of two years whose names are at most an edit apart."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for units in (one, two):
        for unit, forms in units.items():
            names[forms[0].unit_name.place, forms[0].unit_name.bare].add(unit)
    pairs = {(a, b) for near in near_names(names) for a, b in product(names[near[0]], names[near[1]])}
    return {(a, b) for pair in pairs for a, b in (pair, pair[::-1]) if a in one and b in two}
