"""Which budget units the forms name: one row per unit, its aliases, and the unit and department of every form.

Here: merging by code, name and spelling, with the evidence each needs. Not here: reading single names, projects.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, TypeVar

import pandas as pd

from warehouse.linking.project_names import bare_name
from warehouse.linking.unit_names import UnitName, near_names, numerous, renamed, spelling, unit_name

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
MAPPING_COLUMNS = ["form_id", "unit_id", "department_key"]
_INPUT = ["form_id", "fiscal_year", "region_code", "unit_name", "unit_code", "department_name", "project_code"]

T = TypeVar("T")
Node = tuple[str, str]  # the place and the name without its places
_Owner = tuple[str, str, str]  # the names of the unit and the department that a form prints, and its region


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


def organisations(projects: pd.DataFrame, ratio: float = 90.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find the budget units behind the forms.

    `projects`: the project frame of the data contract (form_id, fiscal_year, region_code, unit_name, unit_code,
    department_name, project_code); a form without unit_name counts for its department. `ratio`: the least
    fuzz.ratio of a spelling variant, in percent.

    Returns the organisation table (one row per unit, by unit_id; `aliases` are the other printed spellings) and a
    mapping form_id -> unit_id, department_key (None where a form names neither unit nor department).

    Names are one unit if they are equal without 中共, the places above the district and （本级）; if they have one
    unit code in one place and are spellings of each other or may be one name before and after a reform; or if they
    are spellings of each other, in one place, and one department or one kind of project code supports it. Ids depend
    on the place and the code (else the name) of the earliest year only, so later forms do not change them.

    Raises KeyError for a missing column.
    """
    text = text_columns(projects, [c for c in _INPUT if c != "fiscal_year"])
    years = years_of(projects)
    owners = [
        (unit or department, department, region)
        for unit, department, region in zip(
            text["unit_name"], text["department_name"], text["region_code"], strict=True
        )
    ]
    places = _Places(owners)
    facts: dict[Node, _Facts] = {}

    def node(name: str, department: str, region: str) -> Node | None:
        if not name:
            return None
        read = unit_name(name)
        key = (places.of(name, department, region), read.bare)
        facts.setdefault(key, _Facts(read))
        return key

    nodes: dict[_Owner, tuple[Node, Node | None]] = {}  # the unit and the department of each
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
    for owner, year, code, project_code in zip(owners, years, text["unit_code"], text["project_code"], strict=True):
        if owner not in nodes:
            continue
        unit, parent = nodes[owner]
        if year:
            facts[unit].years.add(year)
        if code:  # beside a department without unit it is the department's own
            facts[unit].codes.add(code)
        if hint := code_hint(project_code):
            facts[unit].hints.add(hint)
        if parent and len(code) >= 6:  # 118001 is unit 001 of department 118
            facts[parent].prefixes.add(code[:3])

    sets = _merge(facts, ratio)
    units = {owner: sets.find(unit) for owner, (unit, _) in nodes.items()}
    frame, ids = _organisation_frame(projects, text, years, owners, units)
    unit_ids = {owner: ids[unit] for owner, unit in units.items()}
    departments = {owner: "d" + short_hash(*sets.find(parent or unit)) for owner, (unit, parent) in nodes.items()}
    mapping = pd.DataFrame(
        {
            "form_id": projects["form_id"].to_numpy(),
            "unit_id": pd.Series(map(unit_ids.get, owners), dtype="str"),
            "department_key": pd.Series(map(departments.get, owners), dtype="str"),
        },
        columns=MAPPING_COLUMNS,
    )
    return frame, mapping


class _Places:
    """Where a unit is: its district, told apart from districts of the same name by the city or the region code.

    Names with the city say which region codes belong to it, so a name without it can be put in its place.
    """

    def __init__(self, owners: Iterable[_Owner]) -> None:
        self._prefixes: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._of_region: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for unit, department, region in set(owners):
            for name in (unit, department):
                read = unit_name(name)
                if read.place:
                    self._of_region[region].add((read.prefix, read.place))
                    if read.prefix:
                        self._prefixes[region, read.place].add(read.prefix)

    def of(self, name: str, other: str, region: str) -> str:
        """The place of `name`; `other` is the name of its department or unit, which may say what it does not."""
        read = unit_name(name)
        if not read.place:
            read = unit_name(other)
        if not read.place:
            known = {place for _, place in self._of_region[region]}
            if not region or len(known) != 1:
                return region
            return self._full("", known.pop(), region)
        return self._full(read.prefix, read.place, region)

    def _full(self, prefix: str, place: str, region: str) -> str:
        known = self._prefixes[region, place]
        if not prefix and len(known) == 1:
            prefix = next(iter(known))
        return f"{prefix}/{place}" if prefix else f"{region}/{place}"


def _merge(facts: dict[Node, _Facts], ratio: float) -> Sets:
    sets = Sets()
    by_code: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in sorted(facts):
        for code in facts[node].codes:
            by_code[node[0], code].append(node)
    for _, nodes in sorted(by_code.items()):
        for a, b in combinations(nodes, 2):
            if _one_by_code(facts[a], facts[b]):
                _join(sets, a, b, facts)
    for a, b in sorted(near_names(facts)):
        if spelling(facts[a].name, facts[b].name, ratio) == "slip" and _supported(facts[a], facts[b], sets):
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
    return renamed(a.name, b.name) and not (a.years & b.years)


def _supported(a: _Facts, b: _Facts, sets: Sets) -> bool:
    """Whether anything beside their likeness says that two spellings in one place are one unit."""
    if a.codes and b.codes and not a.codes & b.codes:
        return False
    if a.hints & b.hints:
        return True
    if numerous(a.name) or numerous(b.name):
        return False
    of_a, of_b = {sets.find(d) for d in a.departments}, {sets.find(d) for d in b.departments}
    return bool(of_a & of_b or a.children & b.children or a.prefixes & b.prefixes)


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
    owners: list[_Owner],
    units: dict[_Owner, Node],
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
        name = latest(shown, at)
        records.append(
            {
                "key": codes[0] if codes else (unit[0], first_name),
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
    taken: set[str] = set()
    # the elder of two units with one code keeps the plain key, so that its id does not change
    for record in sorted(records, key=lambda r: (r["start"], r["first_name"], r["node"])):
        unit_id = "u" + short_hash(*record["key"])
        if unit_id in taken:
            unit_id = "u" + short_hash(*record["key"], *record["node"])
        taken.add(unit_id)
        ids[record["node"]] = record["unit_id"] = unit_id
    frame = pd.DataFrame(records, columns=[*ORGANISATION_COLUMNS]).sort_values("unit_id", ignore_index=True)
    return frame.astype({"first_year": "Int64", "last_year": "Int64"}), ids


def _shown(name: object) -> str:
    """A name as printed, without outer white space; empty where it is missing."""
    return name.strip() if isinstance(name, str) else ""
