"""Which budget units the forms name: one row per unit, its aliases, the unit and department of every form, relations.

Here: merging by code, name and spelling, with the evidence each needs, and the frames. Not here: reading single names
and places, how units follow each other over the years (lineage).
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from typing import Any, NamedTuple, TypeVar

import pandas as pd

from warehouse.linking.decisions import UnitDecision
from warehouse.linking.kinship import RENAMED, kinship
from warehouse.linking.last_build import LastBuild
from warehouse.linking.lineage import Follows, Unit, follow
from warehouse.linking.places import Owner, Places, as_called_first
from warehouse.linking.project_names import bare_name, project_name, project_of
from warehouse.linking.unit_names import UnitName, near_names, numerous, spelling, unit_name
from warehouse.linking.vocabulary import vocabulary

ORGANISATION_COLUMNS = [
    "unit_id",
    "unit_name",
    "unit_code",
    "department_name",
    "region_code",
    "aliases",
    "first_year",
    "last_year",
]
MAPPING_COLUMNS = ["form_id", "unit_id", "department_key", "place", "canonical"]
RELATION_COLUMNS = ["unit_id", "other_unit_id", "kind", "year", "evidence"]
_INPUT = ["form_id", "form_kind", "region_code", "unit_name", "unit_code", "department_name", "project_code"]

UNSURE = ("review", "moved")
"""Kinds of relations that are no part of the table: whether units follow each other is for a person to say."""

T = TypeVar("T")
Node = tuple[str, str]  # the place and the name without its places


class Organisations(NamedTuple):
    """What `organisations` returns: the organisation table, form_id -> unit and department, the relations of units."""

    table: pd.DataFrame
    mapping: pd.DataFrame
    relations: pd.DataFrame


@dataclass(slots=True)
class _Facts:
    """What the forms say about one node."""

    name: UnitName
    years: set[int] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    hints: set[str] = field(default_factory=set)
    departments: set[Node] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)  # of the codes of the units below
    children: set[Node] = field(default_factory=set)
    codes_of: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    projects: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    unnamed: set[int] = field(default_factory=set)
    printed: dict[str, str] = field(default_factory=dict)


class Sets:
    """Disjoint sets with the members of each at hand."""

    def __init__(self) -> None:
        self._parent: dict[Node, Node] = {}
        self._members: dict[Node, list[Node]] = {}

    def find(self, node: Node) -> Node:
        parent = self._parent.setdefault(node, node)
        while parent != self._parent[parent]:
            self._parent[node] = parent = self._parent[parent]
        return parent

    def members(self, node: Node) -> list[Node]:
        root = self.find(node)
        return self._members.setdefault(root, [root])

    def join(self, a: Node, b: Node) -> None:
        left, right = sorted((self.find(a), self.find(b)))
        if left != right:
            members = self.members(left) + self.members(right)
            self._parent[right] = left
            self._members[left] = members


def short_hash(*parts: object) -> str:
    """Twelve hexadecimal digits that depend on the parts only."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:12]


def text_columns(frame: pd.DataFrame, columns: Iterable[str]) -> dict[str, list[str]]:
    """The columns as lists of folded text ('' for a missing value); raises KeyError naming a column that is absent."""
    columns = list(columns)
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise KeyError(f"the project frame lacks the columns {', '.join(absent)}")
    return {column: read_once(bare_name, frame[column]) for column in columns}


def read_once(read: Callable[[object], T], values: pd.Series) -> list[T]:
    """What `read` makes of each value, None for a missing one; equal values are read once."""
    numbers, different = pd.factorize(values)
    found = [*map(read, different.tolist()), read(None)]  # the last is for the number -1, that of a missing value
    return [found[number] for number in numbers.tolist()]


def years_of(frame: pd.DataFrame) -> list[int]:
    """The fiscal years, 0 where none is printed."""
    years: list[int] = pd.to_numeric(frame["fiscal_year"], errors="coerce").fillna(0).astype(int).tolist()
    return years


def code_hint(project_code: str) -> str:
    """What a 21-digit project code seems to say of the unit: region and the eight digits before the serial.

    An inference from few codes (digits 9-11 department, 12-16 unit), so it only supports a spelling variant.
    """
    return project_code[:6] + project_code[8:16] if len(project_code) == 21 and project_code.isdigit() else ""


def organisations(
    projects: pd.DataFrame,
    ratio: float = 90.0,
    decisions: Sequence[UnitDecision] = (),
    last: LastBuild | None = None,
) -> Organisations:
    """Find the budget units behind the forms.

    `projects`: the project frame of the data contract (form_id, form_kind, fiscal_year, region_code, unit_name,
    unit_code, department_name, project_code, project_name); a form without unit_name counts for its department.
    `ratio`: the least fuzz.ratio of a spelling variant, in percent. `decisions`: of people on units; they win. `last`:
    the last build, whose ids are kept.

    Returns the organisation table (one row per unit, by unit_id; `aliases` are the other printed spellings), a mapping
    form_id -> unit_id, department_key, place (None where a form names neither unit nor department) and canonical, the
    name of its project for comparison, and the relations (renamed: one unit, so both ids are equal; merged, split;
    subordinate to the department).

    Names are one unit if they are equal without 中共, the places above the district and （本级）; if they have one
    unit code in one place and are spellings of each other; if they are spellings of each other, in one place, and one
    department or one kind of project code supports it; or if one follows the other (lineage). Ids depend on region and
    code (else the name) of the earliest year only, so later forms do not change them.

    Raises KeyError for a missing column.
    """
    text = text_columns(projects, _INPUT)
    years = years_of(projects)
    owners = [
        Owner(unit or department, department if unit else "", region)
        for unit, department, region in zip(
            text["unit_name"], text["department_name"], text["region_code"], strict=True
        )
    ]
    places = Places(zip(owners, years, strict=True))
    facts: dict[Node, _Facts] = {}

    def node(name: str, other: str, region: str) -> Node | None:
        if not name:
            return None
        place, read = places.read(name, other, region)
        if not read.bare:
            return None
        key = place, read.bare
        facts.setdefault(key, _Facts(read))
        return key

    nodes: dict[Owner, tuple[Node, Node | None]] = {}
    for owner in dict.fromkeys(owners):
        name, department, region = owner
        unit, parent = node(name, department, region), node(department, name, region)
        if not unit:
            continue
        if not parent and facts[unit].name.below:  # X局监测站 says which bureau it belongs to
            parent = (unit[0], facts[unit].name.organ)
            facts.setdefault(parent, _Facts(UnitName("", facts[unit].name.place, unit[1][: len(parent[1])], "")))
        if parent:
            facts[unit].departments.add(parent)
            facts[parent].children.add(unit)
        nodes[owner] = unit, parent
    changed = places.changed
    named = (text["form_kind"], text["unit_name"], text["department_name"])
    read = [project_of(*form) for form in zip(projects["project_name"].tolist(), *named, strict=True)]
    for i, (owner, year) in enumerate(zip(owners, years, strict=True)):
        if owner not in nodes:
            continue
        unit, parent = nodes[owner]
        code, known = text["unit_code"][i], facts[unit]
        if year:
            known.years.add(year)
        if code:  # beside a department without unit it is the department's own
            known.codes.add(code)
            known.codes_of[year].add(code)
        project = read[i]
        if (
            unit[0] in changed
            and (was := as_called_first(project.dated, places.printed(owner), unit[0])) != project.dated
        ):
            project = project_name(was)._replace(dated=project.dated)
        if year and not project.generic and len(project.canonical) > 2:
            known.projects[year].add(project.canonical)
            known.printed.setdefault(project.canonical, project.printed)
        elif year:
            known.unnamed.add(year)
        if hint := code_hint(text["project_code"][i]):
            known.hints.add(hint)
        if parent and len(code) >= 6:  # 118001 is unit 001 of department 118
            facts[parent].prefixes.add(code[:3])

    apart = _apart(facts, decisions)
    sets = _merge(facts, ratio, apart)
    for decision in decisions:
        if decision.decision == "same":
            for a, b in _spoken_of(facts, decision):
                sets.join(a, b)
    found = _follow(facts, sets, apart)
    units = {owner: sets.find(unit) for owner, (unit, _) in nodes.items()}
    usual = {
        sets.find(node): decision.unit_name
        for decision in decisions
        if decision.decision == "usual"
        for node in _called(facts, decision.other_unit_name or decision.unit_name)
    }
    frame, ids = _organisation_frame(projects, text, years, owners, units, last or LastBuild(), usual)
    unit_ids = {owner: ids[unit] for owner, unit in units.items()}
    departments = {owner: "d" + short_hash(*sets.find(parent or unit)) for owner, (unit, parent) in nodes.items()}
    mapping = pd.DataFrame(
        {
            "form_id": projects["form_id"].to_numpy(),
            "unit_id": pd.Series(map(unit_ids.get, owners), dtype="str"),
            "department_key": pd.Series(map(departments.get, owners), dtype="str"),
            "place": pd.Series([nodes[o][0][0] if o in nodes else None for o in owners], dtype="str"),
            "canonical": pd.Series([name.canonical for name in read], dtype="str"),
        },
        columns=MAPPING_COLUMNS,
    )
    return Organisations(frame, mapping, _relations(found, facts, sets, ids))


def unmatched_units(table: pd.DataFrame, decisions: Sequence[UnitDecision]) -> list[UnitDecision]:
    """The decisions of which a name is that of no unit at hand; `table`: the organisation table."""
    if not decisions:
        return []
    names = {unit_name(name).bare for name in table["unit_name"] if isinstance(name, str)}
    names |= {unit_name(name).bare for aliases in table["aliases"] for name in aliases}
    asked = (
        (d, [d.other_unit_name or d.unit_name] if d.decision == "usual" else [d.unit_name, d.other_unit_name])
        for d in decisions
    )
    return [d for d, said in asked if any(unit_name(name).bare not in names for name in said)]


def _spoken_of(facts: dict[Node, _Facts], decision: UnitDecision) -> list[tuple[Node, Node]]:
    """The pairs of units, of one place, whose names a decision prints."""
    pairs = product(_called(facts, decision.unit_name), _called(facts, decision.other_unit_name))
    placed = unit_name(decision.unit_name).place or unit_name(decision.other_unit_name).place
    return [(a, b) for a, b in pairs if a != b and (placed or a[0] == b[0])]


def _called(facts: dict[Node, _Facts], name: str) -> list[Node]:
    """The units of this printed name; of its place where the name says one."""
    read = unit_name(name)
    return [n for n, f in facts.items() if n[1] == read.bare and (not read.place or f.name.place == read.place)]


def _apart(facts: dict[Node, _Facts], decisions: Sequence[UnitDecision]) -> set[frozenset[Node]]:
    return {frozenset(pair) for d in decisions if d.decision == "different" for pair in _spoken_of(facts, d)}


def _follow(facts: dict[Node, _Facts], sets: Sets, apart: set[frozenset[Node]]) -> list[Follows]:
    """How the units follow each other; those that were renamed become one in `sets`."""
    of_place: dict[str, dict[Node, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for node, known in facts.items():
        if known.years:
            of_place[node[0]][sets.find(node)].append(node)
    found: list[Follows] = []

    def different(a: Unit, b: Unit) -> bool:
        pairs = ((x, y) for x in sets.members(a.key) for y in sets.members(b.key))
        return bool(apart) and any(frozenset(pair) in apart for pair in pairs)

    for _, groups in sorted(of_place.items()):
        spans = [{year for node in nodes for year in facts[node].years} for nodes in groups.values()]
        if max(map(max, spans)) == min(map(min, spans)) or all(span == spans[0] for span in spans):
            continue
        owners = Counter(
            (year, name)
            for nodes in groups.values()
            for year, name in {(y, n) for node in nodes for y, own in facts[node].projects.items() for n in own}
        )
        units = []
        for key, nodes in sorted(groups.items()):
            by_year = sorted(nodes, key=lambda n: (max(facts[n].years), n))
            unit = Unit(key, facts[by_year[-1]].name, facts[min(nodes, key=lambda n: (min(facts[n].years), n))].name)
            for node in nodes:
                unit.years |= facts[node].years
                for year, codes in facts[node].codes_of.items():
                    unit.codes[year] |= codes
                unit.unnamed |= facts[node].unnamed
                unit.printed |= facts[node].printed
                for year, own in facts[node].projects.items():
                    unit.projects[year] |= own
                    unit.own[year] |= {name for name in own if owners[year, name] == 1}
            units.append(unit)
        found += follow(units, different)
    for follows in found:
        if follows.kind == "renamed":
            sets.join(follows.a.key, follows.b.key)
    return found


def _relations(found: Sequence[Follows], facts: dict[Node, _Facts], sets: Sets, ids: dict[Node, str]) -> pd.DataFrame:
    """The relation table, and what a person is to judge, which is no part of it (UNSURE)."""
    rows = []
    for follows in found:
        a, b = sets.find(follows.a.key), sets.find(follows.b.key)
        if a in ids and b in ids:
            rows.append((ids[a], ids[b], follows.kind, follows.year, follows.evidence))
    for younger, said in _renamed_under_one_code(facts, sets, found):
        unit = sets.find(younger)
        if unit in ids:
            rows.append((ids[unit], ids[unit], "renamed", min(facts[younger].years), said))
    for unit, known in facts.items():
        for parent in known.departments:
            a, b = sets.find(unit), sets.find(parent)
            if a != b and a in ids and b in ids and known.years:
                rows.append((ids[a], ids[b], "subordinate", min(known.years), f"{unit[1]}的表以{parent[1]}为主管部门"))
    frame = pd.DataFrame(rows, columns=RELATION_COLUMNS)
    frame = frame.sort_values([*RELATION_COLUMNS])
    of_year = frame["year"].where(frame["kind"] == "renamed", 0)  # a unit may be renamed several times
    frame = frame[~frame.assign(year=of_year).duplicated(["unit_id", "other_unit_id", "kind", "year"])]
    return frame.sort_values([*RELATION_COLUMNS], ignore_index=True).astype({"year": "int64"})


def _renamed_under_one_code(
    facts: dict[Node, _Facts], sets: Sets, found: Sequence[Follows]
) -> Iterator[tuple[Node, str]]:
    """The later name of each unit that was renamed and kept its code, with what says so; not those told in `found`."""
    groups: dict[Node, list[Node]] = defaultdict(list)
    for node, known in facts.items():
        if known.years and known.codes:
            groups[sets.find(node)].append(node)
    told = {(sets.find(f.b.key), f.year) for f in found if f.kind == "renamed"}
    for unit, nodes in sorted(groups.items()):
        nodes.sort(key=lambda n: (min(facts[n].years), n))
        for a, b in pairwise(nodes):
            one, two = facts[a], facts[b]
            since = min(two.years)
            how = kinship(one.name, two.name, since)
            shared = one.codes & two.codes
            if how in RENAMED and shared and max(one.years) < since and (unit, since) not in told:
                said = f"{RENAMED[how]}、单位编码相同（{min(shared)}），前者止于{max(one.years)}年，后者始于{since}年"
                yield b, f"{one.name.place}{one.name.bare}→{two.name.place}{two.name.bare}：{said}"


def _merge(facts: dict[Node, _Facts], ratio: float, apart: set[frozenset[Node]]) -> Sets:
    sets = Sets()
    by_code: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in sorted(facts):
        for code in facts[node].codes:
            by_code[node[0], code].append(node)
    for _, nodes in sorted(by_code.items()):
        for a, b in combinations(nodes, 2):
            if frozenset((a, b)) not in apart and _one_by_code(facts[a], facts[b]):
                _join(sets, a, b, facts)
    for a, b in sorted(near_names(facts)):
        if (
            frozenset((a, b)) not in apart
            and spelling(facts[a].name, facts[b].name, ratio) == "slip"
            and _supported(facts[a], facts[b], sets)
        ):
            _join(sets, a, b, facts)
    return sets


def _one_by_code(a: _Facts, b: _Facts) -> bool:
    """Whether two names with one code in one place are one unit.

    A code may be given anew in a reform, so names that are not alike stay apart; a changed name may not be in use in
    the same year as the old one.
    """
    how = spelling(a.name, b.name, ratio=0)
    if how in ("same", "slip") or (how == "typo" and len(a.name.bare) >= 5):
        return True  # of short names another character makes another organ: 统计局, 审计局
    elder, younger = (a, b) if min(a.years, default=0) <= min(b.years, default=0) else (b, a)
    return not (a.years & b.years) and kinship(elder.name, younger.name, min(younger.years, default=0)) in RENAMED


def _supported(a: _Facts, b: _Facts, sets: Sets) -> bool:
    """Whether anything beside their likeness says that two spellings in one place are one unit."""
    if a.codes and b.codes and not a.codes & b.codes:
        return False
    if a.hints & b.hints:
        return True
    if _confused(a.name.bare, b.name.bare) and not a.years & b.years and not numerous(a.name):
        return True
    if numerous(a.name) or numerous(b.name):
        return False
    of_a, of_b = {sets.find(d) for d in a.departments}, {sets.find(d) for d in b.departments}
    return bool(of_a & of_b or a.children & b.children or a.prefixes & b.prefixes)


def _confused(a: str, b: str) -> bool:
    """Whether two names differ only in characters that are written for one another by mistake."""
    confusable = vocabulary().confusable
    return len(a) == len(b) >= 5 and all(x == y or (x, y) in confusable for x, y in zip(a, b, strict=True))


def _join(sets: Sets, a: Node, b: Node, facts: dict[Node, _Facts]) -> None:
    """Join two sets unless that puts names into one that are certainly two: differing codes in one year."""
    for left in sets.members(a):
        for right in sets.members(b):
            x, y = facts[left], facts[right]
            if x.codes and y.codes and not x.codes & y.codes and x.years & y.years:
                return
    sets.join(a, b)


def _organisation_frame(
    projects: pd.DataFrame,
    text: dict[str, list[str]],
    years: list[int],
    owners: list[Owner],
    units: dict[Owner, Node],
    last: LastBuild,
    usual: dict[Node, str],
) -> tuple[pd.DataFrame, dict[Node, str]]:
    rows: dict[Node, list[int]] = defaultdict(list)
    for i, owner in enumerate(owners):
        if owner in units:
            rows[units[owner]].append(i)
    departments = read_once(_shown, projects["department_name"])
    printed = read_once(_shown, projects["unit_name"])
    shown = [unit or department for unit, department in zip(printed, departments, strict=True)]

    def latest(values: list[str], at: list[int]) -> str | None:
        """The value of the latest year, there the most frequent, the longest."""
        different = {values[i] for i in at} - {""}
        if len(different) < 2:
            return next(iter(different), None)
        found = [(years[i], values[i]) for i in at if values[i]]
        last = max(year for year, _ in found)
        counts = Counter(value for year, value in found if year == last)
        return min(counts, key=lambda v: (-counts[v], -len(v), v))

    records: list[dict[str, Any]] = []
    for unit, at in rows.items():
        known = [years[i] for i in at if years[i]]
        start = min(known, default=0)
        early = [i for i in at if years[i] == start] or at
        codes = sorted({(text["region_code"][i], text["unit_code"][i]) for i in early if text["unit_code"][i]})
        first_name = min(unit_name(owners[i][0]).bare for i in early)
        name = usual.get(unit) or latest(shown, at)
        records.append(
            {
                "key": codes[0] if codes else (min(text["region_code"][i] for i in early) or unit[0], first_name),
                "start": start,
                "node": unit,
                "first_name": first_name,
                "unit_name": name,
                "unit_code": latest(text["unit_code"], at),
                "department_name": latest(departments, at),
                "region_code": latest(text["region_code"], at),
                "aliases": sorted({shown[i] for i in at} - {name}),
                "first_year": start or None,
                "last_year": max(known, default=0) or None,
            }
        )
    ids: dict[Node, str] = {}
    taken = set(last.units.values())
    records.sort(key=lambda r: (r["start"], r["first_name"], r["node"]))
    form_ids = projects["form_id"].tolist()
    kept = last.keep(last.units, [[form_ids[i] for i in rows[record["node"]]] for record in records])
    # the elder of two units with one code keeps the plain key, so that its id does not change
    for record, elder in zip(records, kept, strict=True):
        unit_id = elder or "u" + short_hash(*record["key"])
        if not elder and unit_id in taken:
            unit_id = "u" + short_hash(*record["key"], *record["node"])
        taken.add(unit_id)
        ids[record["node"]] = record["unit_id"] = unit_id
    frame = pd.DataFrame(records, columns=[*ORGANISATION_COLUMNS]).sort_values("unit_id", ignore_index=True)
    return frame.astype({"first_year": "Int64", "last_year": "Int64"}), ids


def _shown(name: object) -> str:
    """A name as printed, without outer white space; empty where it is missing."""
    return name.strip() if isinstance(name, str) else ""
