"""How the units of one place follow each other over the years: renamed, merged, split.

Here: what names, years, codes and projects of units say together. Not here: reading names, what two names may have in
common (kinship), which projects are one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

from warehouse.linking.kinship import MERGED, OFFERED, RENAMED, duty, is_single, kinship, rank, twins
from warehouse.linking.unit_names import UnitName

FARTHEST = 3
"""Years between the last form of a unit and the first of the one that follows it."""
SEVERAL = 2
"""The projects of their own that two units must have in common where their names have not."""


@dataclass(slots=True)
class Unit:
    """What the forms say about one unit, by year: its `projects` and its `own`, which other units have not.

    `unnamed`: years with a form whose project proves nothing, as 办公经费; `late`: years after its end (follow).
    """

    key: tuple[str, str]
    name: UnitName  # of the latest year
    first_name: UnitName
    years: set[int] = field(default_factory=set)
    codes: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    projects: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    own: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    unnamed: set[int] = field(default_factory=set)
    late: set[int] = field(default_factory=set)
    printed: dict[str, str] = field(default_factory=dict)  # the projects' names as they stand on a form

    @property
    def first(self) -> int:
        return min(self.years)

    @property
    def last(self) -> int:
        return max(self.years)

    def said(self, projects: Iterable[str]) -> list[str]:
        """The projects in the words of the forms, in order."""
        return [self.printed.get(name, name) for name in sorted(projects)]

    def taken_along(self, other: "Unit") -> set[str]:
        """The projects of its last year that the other unit has in its years after, and had in none before."""
        before = {name for year in other.years if year <= self.last for name in other.own[year]}
        after = {name for year in other.years if 0 < year - self.last <= FARTHEST for name in other.own[year]}
        return (self.own[self.last] & after) - before


class Follows(NamedTuple):
    """Unit `b` follows unit `a` in `year`: renamed (one unit), merged or split; `evidence` in Chinese.

    For a person to say: review, the two may be one, and moved, both live on, and a project may have gone over.
    """

    a: Unit
    b: Unit
    kind: str
    year: int
    evidence: str


def follow(units: Sequence[Unit], apart: Callable[[Unit, Unit], bool]) -> list[Follows]:
    """How the units of one place follow each other; `apart`: people said that two are different.

    Two units that have forms in one year never become one, but for late forms under the old name, whose projects the
    new one has in the same year. A unit that stops goes on in one that begins if their names are kindred, if it has
    its code, or if it has its projects; otherwise that is for a person to say.
    """
    units = [_without_late_forms(unit, units, apart) for unit in units]
    found: list[Follows] = []
    ended: dict[tuple[str, str], Unit] = {}
    pairs = []
    for a, b in product(units, units):
        if 0 < b.first - a.last <= FARTHEST and not apart(a, b):
            how = kinship(a.name, b.first_name, b.first)
            code = _carries_code(a, b, units)
            if how or code:
                pairs.append((a, b, how, code))
    of_a = Counter(a.key for a, _, how, code in pairs if how in RENAMED or code)
    of_b = Counter(b.key for _, b, how, code in pairs if how in RENAMED or code)
    order = [*RENAMED, *MERGED, *OFFERED, ""]
    begun: set[tuple[str, str]] = set()

    def order_of(pair: tuple[Unit, Unit, str, str]) -> tuple[object, ...]:
        a, b, how, code = pair
        return not (how in RENAMED and code), order.index(how), b.first - a.last, -len(a.taken_along(b)), a.key, b.key

    parts = Counter(b.key for _, b, how, _ in pairs if how in MERGED)
    joined_by = {b.key for _, b, how, code in pairs if how in MERGED and not _sole(how, code, parts[b.key])}
    for a, b, how, code in sorted(pairs, key=order_of):
        if a.key in ended or (b.key in begun and how not in MERGED):
            continue
        if how == "grown" and not code and b.key in joined_by and _within(a.name, b.first_name):
            how = "grown_by"
        if how == "grown" and not code and _is_part(a, b) and _other_parts(a, b, units, begun):
            continue  # the one went apart into several
        if how in ("", "grown") and (b.key in joined_by or (not code and (of_a[a.key] > 1 or of_b[b.key] > 1))):
            continue  # a part of a merged unit, or one of several that would do as well
        if not how and rank(a.name) != rank(b.first_name) and not a.taken_along(b):
            continue
        if how in OFFERED or not (how or _goes_on(a, b)):
            said = "、".join(filter(None, (OFFERED.get(how, ""), code)))
            found.append(Follows(a, b, "review", b.first, f"{_names(a, b)}：{said}，{_years(a, b)}"))
            continue
        if how not in MERGED or _sole(how, code, parts[b.key]):
            said = "、".join(filter(None, ((RENAMED | MERGED).get(how, ""), code)))
            found.append(Follows(a, b, "renamed", b.first, f"{_names(a, b)}：{said}，{_years(a, b)}"))
            begun.add(b.key)
        else:
            found.append(Follows(a, b, "merged", b.first, f"{_names(a, b)}：{MERGED[how]}，{_years(a, b)}"))
        ended[a.key] = b
    found += _by_projects(units, ended, begun, apart)
    found += _one_of_many(units, {(f.a.key, f.b.key) for f in found}, ended, begun, apart)
    return found + _moved(units, {(f.a.key, f.b.key) for f in found}, apart)


def _without_late_forms(a: Unit, units: Sequence[Unit], apart: Callable[[Unit, Unit], bool]) -> Unit:
    """The unit without the years in which it only repeats, under its name, what a kindred unit that took over has."""
    for b in units:
        late = {year for year in a.years if year >= b.first}
        before = a.years - late
        if not late or not before or b.first - max(before) > FARTHEST or late & a.unnamed or apart(a, b):
            continue
        had, has = a.projects[max(before)], set().union(*b.projects.values())
        taken_over = len(had & has) >= SEVERAL and 2 * len(had & has) >= len(had)
        repeated = all(a.projects[year] and a.projects[year] <= b.projects[year] for year in late)
        if taken_over and repeated and kinship(a.name, b.first_name, b.first) in RENAMED:
            return replace(a, years=before, late=late)
    return a


def _sole(how: str, code: str, parts: int) -> bool:
    """Whether a unit that took in another matter is still the one before: with its code, and no other ended."""
    return how in MERGED and bool(code) and parts == 1


def _goes_on(a: Unit, b: Unit) -> bool:
    """Whether a unit of another name, with the code of the one before, goes on with what that did.

    Of schools there are many: the projects must go on, and 第二中学 never becomes 第三中学, nor 东河小学 西河小学.
    """
    if is_single(a.name):
        return True
    before, after = (set().union(*unit.projects.values()) for unit in (a, b))
    return bool(before & after) and not twins(a.name, b.first_name)


def _by_projects(
    units: Sequence[Unit],
    ended: dict[tuple[str, str], Unit],
    begun: set[tuple[str, str]],
    apart: Callable[[Unit, Unit], bool],
) -> list[Follows]:
    """Units without a kindred name that took projects of their own along."""
    found: list[Follows] = []
    latest = max((unit.last for unit in units), default=0)
    taken: dict[tuple[str, str], list[tuple[Unit, set[str]]]] = defaultdict(list)
    of_key = {unit.key: unit for unit in units}
    for a, b in product(units, units):
        if a is b or apart(a, b) or not is_single(a.name) or a.last >= latest:
            continue
        if not b.last > a.last or (a.key in ended and (ended[a.key] is b or b.key in begun or b.first <= a.last)):
            continue
        if along := a.taken_along(b):
            taken[b.key].append((a, along))
    best: dict[tuple[str, str], int] = defaultdict(int)
    for parts in taken.values():
        for a, along in parts:
            best[a.key] = max(best[a.key], len(along))
    heirs = Counter(a.key for key, parts in taken.items() for a, _ in parts if of_key[key].first > a.last)
    for key, parts in sorted(taken.items()):
        b = of_key[key]
        new = [(a, along) for a, along in parts if b.first > a.last and len(along) == best[a.key]]
        alike = {(rank(a.name), a.last) for a, _ in new} == {(rank(b.name), b.first - 1)}
        together = len(new) > 1 and alike and len(set().union(*(along for _, along in new))) >= SEVERAL
        for a, along in parts:
            if len(along) < best[a.key] and heirs[a.key] < SEVERAL:
                continue
            enough = len(along) >= SEVERAL and 2 * len(along) >= len(a.own[a.last])
            known = kinship(a.name, b.name, a.last + 1)
            begins = b.first > a.last
            kind = "review"
            if enough or (begins and together) or known in ("part", "reform"):
                kind = "merged"
            if begins and heirs[a.key] > 1:
                kind = "split" if enough or _is_part(a, b) else kind
            if a.key in ended:  # it goes on in another
                kind = "split" if enough or _is_part(a, b) else "review"
            said = f"{a.last}年的项目“{'”“'.join(a.said(along)[:3])}”此后在后者名下"
            found.append(Follows(a, b, kind, max(b.first, a.last + 1), f"{_names(a, b)}：{said}，前者止于{a.last}年"))
    return found + _handed_over(units, {(f.a.key, f.b.key) for f in found}, ended, apart)


def _one_of_many(
    units: Sequence[Unit],
    known: set[tuple[tuple[str, str], tuple[str, str]]],
    ended: dict[tuple[str, str], Unit],
    begun: set[tuple[str, str]],
    apart: Callable[[Unit, Unit], bool],
) -> list[Follows]:
    """A school that stops and one that begins, if projects that no other gave up are taken up by no other.

    It may have a new name, or the one took in the pupils of the other: that is for a person to say.
    """
    found: list[Follows] = []
    latest = max((unit.last for unit in units), default=0)
    having: dict[tuple[int, str], set[tuple[str, str]]] = defaultdict(set)
    for unit in units:
        for year, names in unit.projects.items():
            for name in names:
                having[year, name].add(unit.key)
    for a, b in product(units, units):
        if is_single(a.name) or a.last >= latest or not 0 < b.first - a.last <= FARTHEST:
            continue
        if a.key in ended or b.key in begun or (a.key, b.key) in known or twins(a.name, b.first_name) or apart(a, b):
            continue
        along = {
            name
            for name in a.projects[a.last] & b.projects[b.first]
            if having[a.last, name] - having[b.first, name] == {a.key}
            and having[b.first, name] - having[a.last, name] == {b.key}
        }
        if along:
            said = f"{a.last}年的项目“{'”“'.join(a.said(along)[:3])}”此后只有后者新有"
            found.append(Follows(a, b, "review", b.first, f"{_names(a, b)}：{said}，{_years(a, b)}"))
    return found


def _moved(
    units: Sequence[Unit],
    known: set[tuple[tuple[str, str], tuple[str, str]]],
    apart: Callable[[Unit, Unit], bool],
) -> list[Follows]:
    """Projects of their own that went from one unit to another, where both stand before and after: for a person."""
    having: dict[str, dict[tuple[str, str], set[int]]] = defaultdict(lambda: defaultdict(set))
    of_key = {unit.key: unit for unit in units}
    for unit in units:
        if is_single(unit.name):
            for year, names in unit.own.items():
                for name in names:
                    having[name][unit.key].add(year)
    moved: dict[tuple[tuple[str, str], tuple[str, str]], list[tuple[int, int, str]]] = defaultdict(list)
    for name, years in having.items():
        if len(years) == 2:
            old, new = sorted(years, key=lambda key: (min(years[key]), key))
            until, since = max(years[old]), min(years[new])
            a, b = of_key[old], of_key[new]
            if 0 < since - until <= FARTHEST and a.last >= since and b.first <= until and (old, new) not in known:
                moved[old, new].append((until, since, name))
    found = []
    for (old, new), projects in sorted(moved.items()):
        a, b = of_key[old], of_key[new]
        if not apart(a, b):
            until, since, _ = min(projects)
            called = "”“".join(a.said(name for _, _, name in projects)[:3])
            said = f"{until}年前者的项目“{called}”自{since}年起在后者名下，两个单位此前此后都在"
            found.append(Follows(a, b, "moved", since, f"{_names(a, b)}：{said}"))
    return found


def _handed_over(
    units: Sequence[Unit],
    known: set[tuple[tuple[str, str], tuple[str, str]]],
    ended: dict[tuple[str, str], Unit],
    apart: Callable[[Unit, Unit], bool],
) -> list[Follows]:
    """Projects that a unit which lives on no longer has, and a unit that newly began has instead.

    Several of them are a part that was split off; one, or those of a unit with a kindred name, which may be the same
    one with a late form under its old name, are for a person to judge.
    """
    found: list[Follows] = []
    first = min((unit.first for unit in units), default=0)
    successors = {unit.key for unit in ended.values()}
    for a, b in product(units, units):
        year = b.first
        if a is b or (a.key, b.key) in known or b.key in successors or year <= first:
            continue
        if not is_single(a.name) or not is_single(b.name) or not a.first < year <= a.last or apart(a, b):
            continue
        before = max(y for y in a.years if y < year)
        kept = {name for y in a.years if y >= year for name in a.own[y]}
        along = (a.own[before] & b.own[year]) - kept
        if along and year - before <= FARTHEST:
            projects = "”“".join(a.said(along)[:3])
            said = f"{before}年前者的项目“{projects}”自{year}年起在后者名下，前者仍在，后者始于{year}年"
            part = len(along) >= SEVERAL and not kinship(a.name, b.first_name, year)
            found.append(Follows(a, b, "split" if part else "review", year, f"{_names(a, b)}：{said}"))
    return found


def _carries_code(a: Unit, b: Unit, units: Iterable[Unit]) -> str:
    """The code that a unit has from the one before it, as evidence; '' where codes were given anew that year."""
    shared = a.codes[a.last] & b.codes[b.first]
    if not shared:
        return ""
    kept = changed = 0
    for unit in units:
        # a code of the department stands on the forms of all its schools
        if not is_single(a.name) and unit.key not in (a.key, b.key):
            shared -= unit.codes.get(a.last, set()) | unit.codes.get(b.first, set())
        before, after = unit.codes.get(a.last), unit.codes.get(b.first)
        if before and after:
            kept += bool(before & after)
            changed += not before & after
    return "" if changed > kept or not shared else f"单位编码相同（{min(shared)}）"


def _is_part(a: Unit, b: Unit) -> bool:
    """Whether the matter of `b` is a part of that of `a`: 教育局 of 教育体育局."""
    return _within(b.first_name, a.name)


def _within(part: UnitName, whole: UnitName) -> bool:
    (small, rank_small), (large, rank_large) = duty(part.organ), duty(whole.organ)
    return rank_small == rank_large and len(small) >= 2 and small != large and small in large


def _other_parts(a: Unit, b: Unit, units: Iterable[Unit], begun: set[tuple[str, str]]) -> bool:
    """Whether a unit beside `b` began in the same year with another part of what `a` was for."""
    return any(c is not b and c.first == b.first and c.key not in begun and _is_part(a, c) for c in units)


def _years(a: Unit, b: Unit) -> str:
    late = f"（{'、'.join(map(str, sorted(a.late)))}年另有表仍用前者名称，项目相同）" if a.late else ""
    return f"前者止于{a.last}年{late}，后者始于{b.first}年"


def _names(a: Unit, b: Unit) -> str:
    return f"{a.name.place}{a.name.bare}→{b.first_name.place}{b.first_name.bare}"
