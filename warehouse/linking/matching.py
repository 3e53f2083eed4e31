"""The passes that decide which forms are one project: decision, code, name, score, and units that were renamed.

Here: which pairs are compared, in which order, and what is decided. Not here: features, frames, ids,
what a person reads of a pair (evidence).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product
from math import isnan

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from warehouse.linking.clusters import Clusters, Slot
from warehouse.linking.decisions import Decision
from warehouse.linking.evidence import Units, in_one_unit, said_of_code, said_of_name, said_of_score, units_of
from warehouse.linking.features import (
    NATIONAL,
    Bigrams,
    Features,
    FormFacts,
    Scorer,
    Thresholds,
    another_batch,
    numbered_batch,
    turned,
)
from warehouse.linking.project_names import ProjectName, differing_marks, is_sibling

MOST_CANDIDATES = 4
"""Candidates of one form in one year that are laid before a person."""

LONG = 4
"""Characters of a project's name that are not within another by chance."""
MOST_ABSENT = 8
"""Years that are not at hand over which a project is looked for at most."""

_NOT_PASSED = {
    "review": "两个单位的承继关系未能认定，须由人判断",
    "moved": "两个单位都在，项目是否移交须由人判断",
    "split": "前一单位仍在，项目是否移交须由人判断",
    "subordinate": "一方是另一方的主管部门，项目是否转交须由人判断",
}
"""Why what goes from one unit to another by a relation of this kind is not linked."""

PROJECT_KINDS = ("self_evaluation", "target", "monitoring")


@dataclass(frozen=True, slots=True)
class Link:
    """One decided pair, the elder form first; `decision` is link or review, `doubt` why a link is not quite sure.

    `contested`: one of several of which a person is to see each, however alike the others are.
    """

    a: FormFacts
    b: FormFacts
    method: str
    features: Features
    decision: str
    evidence: str
    doubt: str = ""
    contested: bool = False


@dataclass(frozen=True, slots=True)
class _Pair:
    a: FormFacts
    b: FormFacts
    features: Features

    @property
    def renamed(self) -> bool:
        """Whether the two forms have other names of the unit."""
        return self.a.unit_name.bare != self.b.unit_name.bare

    @property
    def rank(self) -> tuple[bool, float, float, str, str]:
        """The surest first: under one name of the unit before a form under its other name, then by score."""
        printed = fuzz.ratio(self.a.name.printed, self.b.name.printed)
        return self.renamed, -self.features.score, -printed, self.a.form_id, self.b.form_id


class Matcher:
    """Links the forms of one collection. `run` once, then read `clusters` and `links`."""

    def __init__(
        self,
        forms: Sequence[FormFacts],
        decided: Mapping[int, Decision],
        thresholds: Thresholds,
        bigrams: Bigrams | None = None,
        relations: Mapping[tuple[str, str], tuple[str, str]] | None = None,
        before: Mapping[str, str] | None = None,
    ) -> None:
        """`relations`: (unit, unit after it) -> the kind of their relation and its evidence (lineage).

        `before`: the series of each form in the last build, where the same rules made it.
        """
        self.forms = forms
        self.decided = decided
        self.thresholds = thresholds
        self.scorer = Scorer(bigrams or Bigrams.of(forms), thresholds)
        self.clusters = Clusters(form.slot for form in forms)
        self.links: list[Link] = []
        self._reviews: list[Link] = []
        self.relations = relations or {}
        self.before = before or {}
        self._of_unit: dict[str, list[FormFacts]] = defaultdict(list)
        batches: dict[tuple[str, str, Slot], set[int]] = defaultdict(set)
        for form in forms:
            if form.unit:
                self._of_unit[form.unit].append(form)
                if form.name.year:
                    batches[form.unit, form.name.plain, form.slot].add(form.name.year)
                if batch := numbered_batch(form.name):
                    self.scorer.numbered[form.unit, batch[0], form.slot].add(batch[1])
        self.scorer.of_unit = self._of_unit
        self._predecessors: dict[str, list[str]] = defaultdict(list)
        for (unit, other), (kind, _) in sorted(self.relations.items()):
            if unit != other and kind == "merged" and unit in self._of_unit:
                self._predecessors[other].append(unit)
        self.scorer.batched = {(unit, plain) for (unit, plain, _), years in batches.items() if len(years) > 1}

    def run(self) -> None:
        """All passes, the surest first; a year is bridged only after the years beside each other."""
        self._decisions()
        self._duplicates()
        self._codes()
        self._names(0, same_kind=False)
        bridged = min(MOST_ABSENT, max(map(len, self._absent.values()), default=0))
        for gap in range(1, max(self.thresholds.name_gap, self.thresholds.score_gap) + bridged + 1):
            self._names(gap, same_kind=True)
            if gap <= self.thresholds.score_gap + bridged:
                self._scores(gap)
                self._unit_not_printed(gap)
                self._related_units(gap)
        self._names(1, same_kind=False)
        self._names_within()
        self._keep_reviews()

    @cached_property
    def _absent(self) -> dict[str, set[int]]:
        """The years between others of which a place has no forms at all; they say nothing of what was not there."""
        years: dict[str, set[int]] = defaultdict(set)
        for form in self.forms:
            if form.year:
                years[form.place].add(form.year)
        return {place: set(range(min(at), max(at))) - at for place, at in years.items() if max(at) - min(at) >= len(at)}

    def _years_apart(self, place: str, elder: int, younger: int) -> int:
        """The years from one to the other, without those that are not at hand."""
        absent = self._absent.get(place)
        return younger - elder - (sum(elder < year < younger for year in absent) if absent else 0)

    def _keep_reviews(self) -> None:
        """Of what is left for a person, the best candidates of each form, with the others that are about as good."""
        open_pairs: dict[tuple[int, int], Link] = {}
        for link in sorted(self._reviews, key=lambda r: (-r.features.score, r.a.form_id, r.b.form_id)):
            if self.clusters.may_join(link.a.index, link.b.index):
                open_pairs.setdefault((link.a.index, link.b.index), link)
        of_form: dict[tuple[int, Slot], list[Link]] = defaultdict(list)
        for link in open_pairs.values():
            of_form[link.a.index, link.b.slot].append(link)
            of_form[link.b.index, link.a.slot].append(link)
        for link in open_pairs.values():
            score = link.features.score + self.thresholds.alike
            sides = of_form[link.a.index, link.b.slot], of_form[link.b.index, link.a.slot]
            best = all(score >= side[0].features.score and link in side[:MOST_CANDIDATES] for side in sides)
            if best or link.contested:
                others = [
                    other.b if side is sides[0] else other.a
                    for side in sides
                    for other in side[:MOST_CANDIDATES]
                    if other is not link and score >= side[0].features.score
                ]
                named = "、".join(f"“{form.name.dated}”（{form.year}年）" for form in others)
                evidence = link.evidence + (f"；另有相近的候选：{named}" if named else "")
                self.links.append(replace(link, evidence=evidence))

    def _link(self, a: FormFacts, b: FormFacts, method: str, evidence: str, features: Features | None = None) -> None:
        if (b.year or 9999, b.form_id) < (a.year or 9999, a.form_id):
            a, b = b, a
        features = features or self.scorer.compare(a, b)
        units = self._units(a, b)
        doubts = [] if units.sure else [units.said]
        if method == "score" and features.score < self.thresholds.sure:
            doubts.append(f"综合得分{features.score:.2f}，低于{self.thresholds.sure:.2f}")
        if method == "code" and self._name_ratio(a, b) < self.thresholds.code_name_floor:
            doubts.append("只有项目编码相同")
        if self._known_apart(a, b) and method != "decision":
            also = "上次入库时不是同一项目，此后没有新的依据"
            self._reviews.append(Link(a, b, method, features, "review", f"{evidence}；{also}"))
            return
        self.clusters.join(a.index, b.index)
        doubt = "" if method == "decision" else "，".join(doubts)
        self.links.append(Link(a, b, method, features, "link", evidence, doubt))

    def _units(self, a: FormFacts, b: FormFacts) -> Units:
        return units_of(a, b, renamed=(a.unit, a.unit) in self.relations)

    def _known_apart(self, a: FormFacts, b: FormFacts) -> bool:
        """Whether the last build kept two forms apart and nothing has come since that could bring them together.

        Files that were taken away leave rivals and namesakes out; that is no reason to see two projects as one.
        """
        left, right = self.before.get(a.form_id), self.before.get(b.form_id)
        if not left or not right or left == right:
            return False
        return all(form.form_id in self.before for unit in (a.unit, b.unit) for form in self._of_unit.get(unit, ()))

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
        times = Counter((form.slot, form.unit, form.name.printed, form.name.year) for form in self.forms)
        groups: dict[tuple[object, ...], list[FormFacts]] = defaultdict(list)
        for form in self.forms:
            same = (form.slot, form.unit, form.name.printed, form.name.year)
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
                    if not self.clusters.may_join(a.index, b.index):
                        continue
                    decision, against = self._by_code(a, b)
                    if decision == "link":
                        self._link(a, b, "code", self._code_evidence(a, b))
                        break
                    if decision == "review":
                        features = self.scorer.compare(a, b)
                        evidence = f"{self._code_evidence(a, b)}；{against}"
                        self._reviews.append(Link(a, b, "code", features, "review", evidence))

    def _code_evidence(self, a: FormFacts, b: FormFacts) -> str:
        return said_of_code(a, b, self._units(a, b), self._name_ratio(a, b))

    def _by_code(self, a: FormFacts, b: FormFacts) -> tuple[str, str]:
        """What one code means here, link, review or nothing, and what speaks against a link.

        Codes are given anew when the project library is rebuilt, and one may serve another project later.
        """
        features = self.scorer.compare(a, b)
        alike = self._name_ratio(a, b) >= self.thresholds.code_name_floor and not features.conflict
        if is_sibling(a.name.marks, b.name.marks):
            return ("", "") if a.unit != b.unit else ("review", features.remark)
        # a namesake in the other year says that the project lives on, or was there before, under another code
        namesake = self._namesake(a, b.year) or self._namesake(b, a.year)
        if a.unit != b.unit:
            if a.unit_name.place and b.unit_name.place and a.place != b.place:
                places = f"地区不同（{a.unit_name.place}、{b.unit_name.place}）"
                return ("review", places) if alike and not namesake and len(b.code) >= NATIONAL else ("", "")
            return ("link", "") if alike and not namesake else ("", "")
        if turned(a.name.canonical, b.name.canonical):
            return "review", "一为建设购置，一为管理维护"
        if another_batch(a, b) or self._splits(a, b):
            return "review", self.scorer.veto(a, b) or f"“{a.name.dated}”在{b.year}年分为几个项目"
        if namesake and a.name.plain != b.name.plain:
            return ("review", "名称不同，而同名的项目在另一年度另有编码") if alike else ("", "")
        if alike:
            return "link", ""
        if namesake:
            return "", ""
        if features.indicator >= self.thresholds.code_indicators:
            return "link", ""
        return "review", "除编码外，名称、指标都不相近，编码可能已用于另一个项目"

    def _splits(self, a: FormFacts, b: FormFacts) -> bool:
        """Whether the name of `a` goes on in several longer names of the year of `b`, of which `b` is one."""
        longer = {
            form.name.plain
            for form in self._of_unit.get(b.unit, ())
            if form.slot == b.slot and form.name.plain != a.name.plain and form.name.plain.startswith(a.name.plain)
        }
        return len(longer) > 1 and b.name.plain in longer

    def _part_of(self, whole: FormFacts, part: FormFacts) -> str:
        """The name of `whole` where it takes in the names of several projects of the year of `part`, one of them.

        图书馆购书及活动 is 图书馆购书 and 图书馆活动: a project that was split, or several that became one.
        """
        name = whole.name.plain
        if len(part.name.plain) >= len(name) or not self._within(part.name.plain, name):
            return ""
        beside = {f.name.plain for f in self._of_unit.get(part.unit, ()) if f.slot == part.slot}
        parts = {other for other in beside if len(other) < len(name) and self._within(other, name)}
        before = {f.name.plain for f in self._of_unit.get(whole.unit, ()) if f.slot == whole.slot}
        return whole.name.dated if name not in beside and len(parts - before) > 1 else ""

    @staticmethod
    def _within(part: str, whole: str) -> bool:
        return len(part) >= 4 and part[:2] == whole[:2] and LCSseq.similarity(part, whole) == len(part)

    def _namesake(self, form: FormFacts, year: int) -> bool:
        """Whether the unit has the name in that year, too, under a code that is not in use beside the form itself."""
        forms = self._of_unit.get(form.unit, ())
        beside = {other.code for other in forms if other.year == form.year and other.name.plain == form.name.plain}
        return any(
            other.year == year
            and other.kind == form.kind
            and other.name.plain == form.name.plain
            and (not other.code or other.code not in beside - {form.code})
            for other in forms
        )

    def _name_ratio(self, a: FormFacts, b: FormFacts) -> float:
        return fuzz.ratio(a.name.canonical, b.name.canonical) / 100

    # -- the same unit and name

    def _names(self, gap: int, same_kind: bool) -> None:
        """Link forms of one unit with equal names, `gap` years apart, where there is one candidate on each side."""
        for elder, younger in self._of_name[gap, same_kind]:
            one = [f for f in elder if not self.clusters.has(f.index, younger[0].slot)]
            two = [f for f in younger if not self.clusters.has(f.index, elder[0].slot)] if one else []
            if not two:
                continue
            pairs = [
                (a, b)
                for a, b in product(one, two)
                if self.clusters.may_join(a.index, b.index) and not self.scorer.veto(a, b)
            ]
            if not pairs:
                continue
            if len(pairs) == 1:
                self._link(*pairs[0], "name", self._name_evidence(*pairs[0]))
                continue
            of_one_name = [(a, b) for a, b in pairs if a.unit_name.bare == b.unit_name.bare]
            taken = {form.index for pair in of_one_name for form in pair}
            pairs = [*of_one_name, *((a, b) for a, b in pairs if not {a.index, b.index} & taken)]
            times = Counter(form.index for pair in pairs for form in pair)
            for a, b in pairs:
                if times[a.index] == times[b.index] == 1:
                    self._link(a, b, "name", self._name_evidence(a, b))
                elif same_kind:
                    said = f"{self._name_evidence(a, b)}；同名的表不止一份，不知是哪一份"
                    self._reviews.append(Link(a, b, "name", self.scorer.compare(a, b), "review", said))

    def _name_evidence(self, a: FormFacts, b: FormFacts) -> str:
        return said_of_name(a, b, self._units(a, b))

    @cached_property
    def _of_name(self) -> dict[tuple[int, bool], list[tuple[list[FormFacts], list[FormFacts]]]]:
        """The forms of one unit and name in a slot beside those in another, not of an earlier year.

        By the years between the two and whether they are of one kind; printed names come before plain ones.
        """
        found: dict[tuple[int, bool], list[tuple[list[FormFacts], list[FormFacts]]]] = defaultdict(list)
        order = {kind: at for at, kind in enumerate(PROJECT_KINDS)}
        farthest = {True: self.thresholds.name_gap, False: 1}  # those of two kinds are linked up to a year apart
        for reading in ("printed", "plain", "one_thing"):
            groups: dict[tuple[str, str, str], dict[Slot, list[FormFacts]]] = defaultdict(lambda: defaultdict(list))
            for form in self.forms:
                name = getattr(form.name, reading)
                if form.unit and form.year and name:
                    printed = "" if form.unit_printed else "-"
                    groups[form.unit, name, printed][form.slot].append(form)
            for group in groups.values():
                if len(group) < 2:
                    continue
                by_kind = sorted(group, key=lambda slot: order.get(slot[1], -1))
                for one, two in product(sorted(group), by_kind):
                    gap, same_kind = two[0] - one[0], one[1] == two[1]
                    if gap < same_kind:
                        continue
                    if not same_kind and not (one[1] in order and two[1] in order):
                        continue
                    if gap > farthest[same_kind] and self._absent:
                        gap_at_hand = self._years_apart(group[one][0].place, one[0], two[0])
                    else:
                        gap_at_hand = gap
                    if gap_at_hand <= farthest[same_kind]:
                        found[gap, same_kind].append((group[one], group[two]))
        return found

    # -- the score

    def _scores(self, gap: int) -> None:
        for _, forms in sorted(self._of_unit.items()):
            self._assign(self._pairs(*self._open(forms, gap), gap))

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

    def _review(self, pair: _Pair, why: str = "", also: str = "", *, contested: bool = False) -> None:
        evidence = f"{self._score_evidence(pair, why)}{also}"
        self._reviews.append(Link(pair.a, pair.b, "score", pair.features, "review", evidence, contested=contested))

    def _open(self, forms: Sequence[FormFacts], gap: int) -> tuple[list[FormFacts], list[FormFacts]]:
        """The forms that may still find a younger one `gap` years on, and those that may find an elder one."""
        years = {form.year for form in forms if form.year}
        first = {year for year in years if year + gap in years}
        if gap > self.thresholds.score_gap:
            at_most = self.thresholds.score_gap
            first = {year for year in first if self._years_apart(forms[0].place, year, year + gap) <= at_most}
        ahead = [f for f in forms if f.year in first and not self.clusters.has(f.index, (f.year + gap, f.kind))]
        back = [f for f in forms if f.year - gap in first and not self.clusters.has(f.index, (f.year - gap, f.kind))]
        elder, younger = {f.year for f in ahead}, {f.year for f in back}
        return [f for f in ahead if f.year + gap in younger], [f for f in back if f.year - gap in elder]

    def _pairs(
        self, ahead: Iterable[FormFacts], back: Iterable[FormFacts], gap: int, *, namesakes: bool = False
    ) -> list[_Pair]:
        """All pairs of like kind, `gap` years apart, whose score reaches the review queue at least, or of one name."""
        slots: dict[tuple[int, str], list[FormFacts]] = defaultdict(list)
        for form in back:
            slots[form.slot].append(form)
        pairs = []
        for a in ahead:
            for b in slots.get((a.year + gap, a.kind), ()):
                equal = namesakes and a.name.plain == b.name.plain != ""
                at_least = 0.0 if equal else self.thresholds.review
                if self.scorer.bound(a, b) >= at_least and self.clusters.may_join(a.index, b.index):
                    features = self.scorer.compare(a, b)
                    if features.score >= at_least:
                        pairs.append(_Pair(a, b, features))
        return pairs

    def _assign(self, pairs: list[_Pair], why: str = "") -> int:
        """Link one to one by falling score; a match hardly better than another goes to review. Returns the links.

        `why`: how the two units go together, where they are not one.
        """
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
            elif whole := self._part_of(a, b) or self._part_of(b, a):
                self._review(pair, why, f"；“{whole}”在另一年度是几个项目")
            elif any(self._rivals(pair, other) for other in rivals[a.index, b.slot] + rivals[b.index, a.slot]):
                self._review(pair, why, "；另有相近的候选")
            else:
                self._link(a, b, "score", self._score_evidence(pair, why), pair.features)
                linked += 1
        return linked

    def _rivals(self, pair: _Pair, other: _Pair) -> bool:
        """Whether `other` is as good as `pair`, which has one of its forms; equal names, of the unit too, settle it."""
        if other is pair or not self.clusters.may_join(other.a.index, other.b.index):
            return False
        if other.renamed and not pair.renamed:
            return False
        if pair.features.score - other.features.score >= self.thresholds.margin and not _differ_in_money(pair, other):
            return False
        equal = pair.a.name.printed == pair.b.name.printed
        return not equal or other.a.name.printed == other.b.name.printed

    def _score_evidence(self, pair: _Pair, why: str) -> str:
        units = why or in_one_unit(pair.a, pair.b, self._units(pair.a, pair.b))
        return said_of_score(pair.a, pair.b, pair.features, self.thresholds.link, units)

    def _names_within(self) -> None:
        """A project that stops as one begins whose name holds its name, or is held by it: a matter for review.

        The last payment of works, the two projects that became one, the first that was split: indicators and money
        are other ones, so that the score says nothing.
        """
        for forms in self._of_unit.values():
            named: dict[tuple[str, str], list[FormFacts]] = defaultdict(list)
            for form in forms:
                if form.year and len(form.name.plain) >= LONG and not form.name.generic:
                    named[form.kind, form.name.plain].append(form)
            if len(named) < 2:
                continue
            spans = {key: sorted(of_name, key=lambda f: (f.year, f.form_id)) for key, of_name in named.items()}
            ends: dict[tuple[str, int], list[FormFacts]] = defaultdict(list)
            for (kind, _), of_name in spans.items():
                ends[kind, of_name[-1].year].append(of_name[-1])
            for (kind, _), of_name in spans.items():
                b = of_name[0]
                for a in ends.get((kind, b.year - 1), ()):
                    if self._holds(a.name, b.name) and self.clusters.may_join(a.index, b.index):
                        pair = _Pair(a, b, self.scorer.compare(a, b))
                        also = f"；前者止于{a.year}年，后者始于{b.year}年，一方的名称全在另一方之中"
                        self._review(pair, also=also, contested=True)

    @staticmethod
    def _holds(one: ProjectName, two: ProjectName) -> bool:
        short, long = sorted((one.plain, two.plain), key=len)
        if short == long or not (short[:2] == long[:2] or short[-2:] == long[-2:]):
            return False
        return LCSseq.similarity(short, long) == len(short) and not differing_marks(one.marks, two.marks)

    # -- units that were merged, split or taken over

    def _gave_way(self, unit: str, other: str) -> bool:
        """Whether the last form of a unit is older than the first of the other."""
        last = max((form.year for form in self._of_unit[unit]), default=0)
        return 0 < last < min((form.year for form in self._of_unit[other] if form.year), default=0)

    def _related_units(self, gap: int) -> None:
        """Pairs across units of which one took over projects of the other.

        Only projects of their own are linked, under an equal name: what nearly every unit has proves nothing. What a
        unit that lives on hands to a new one is for a person to judge, as is a project that several of the units that
        became one had.
        """
        for (unit, other), (kind, evidence) in sorted(self.relations.items()):
            if unit == other or unit not in self._of_unit or other not in self._of_unit:
                continue
            forms = self._of_unit[unit] + self._of_unit[other]
            ahead, back = self._open(forms, gap)
            elder, younger = [f for f in ahead if f.unit == unit], [f for f in back if f.unit == other]
            passed = kind == "merged" or (kind == "split" and self._gave_way(unit, other))
            pairs = self._pairs(elder, younger, gap, namesakes=passed)
            why = evidence
            own = []
            if kind == "moved":
                pairs = [pair for pair in pairs if self._moved(pair)]
            for pair in pairs:
                rivals = self._elsewhere(pair, unit, other) if passed else []
                if rivals:
                    named = "、".join(f"{f.unit_name.bare}“{f.name.dated}”（{f.year}年）" for f in rivals)
                    self._review(pair, why, f"；并入的其他单位也有相同或相近的项目：{named}", contested=True)
                elif pair.a.name.generic or pair.b.name.generic:
                    self._review(pair, why, "；几乎每个单位都有的项目，不足以认定")
                elif not passed:
                    self._review(pair, why, f"；{_NOT_PASSED[kind]}")
                elif not _one_name(pair) and not self.scorer.reworded(pair.a, pair.b):
                    self._review(pair, why, "；单位和名称都不相同，不足以认定")
                else:
                    own.append(pair)
            self._assign(own, why)

    def _moved(self, pair: _Pair) -> bool:
        """Whether the one unit has no form of the project's name any more and the other had none before."""
        a, b = pair.a, pair.b
        still = any(form.name.plain == a.name.plain and form.year > a.year for form in self._of_unit[a.unit])
        before = any(form.name.plain == a.name.plain and form.year < b.year for form in self._of_unit[b.unit])
        return _one_name(pair) and not still and not before

    def _elsewhere(self, pair: _Pair, unit: str, other: str) -> list[FormFacts]:
        """The projects of nearly one name that other units had which became one with `unit`, the last of each unit.

        Not those that go on there under their own name, as 食品抽检 beside 药品抽检.
        """
        found, after = [], {form.name.plain for form in self._of_unit[other]} - {pair.b.name.plain}
        for beside in self._predecessors[other]:
            alike = [
                form
                for form in self._of_unit[beside]
                if beside != unit
                and form.kind == pair.a.kind
                and 0 < form.year < pair.b.year
                and form.name.plain not in after
                and self._nearly(form, pair.a, pair.b)
            ]
            found += [max(alike, key=lambda f: (f.year, f.form_id))] if alike else []
        return found

    def _nearly(self, form: FormFacts, a: FormFacts, b: FormFacts) -> bool:
        """Whether the name of a form is nearly that of one of a pair."""
        return any(
            self._name_ratio(form, near) >= self.thresholds.near_name
            and not differing_marks(form.name.marks, near.name.marks)
            for near in (a, b)
        )


def _differ_in_money(pair: _Pair, other: _Pair) -> bool:
    """Whether only the money says which of two candidates it is: names and indicators are as much alike."""
    one, two = pair.features, other.features
    alike = one.indicator == two.indicator or (isnan(one.indicator) and isnan(two.indicator))
    return one.ratio == two.ratio and alike


def _one_name(pair: _Pair) -> bool:
    return pair.a.name.plain == pair.b.name.plain
