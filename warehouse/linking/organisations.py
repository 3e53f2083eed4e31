"""Which budget units the forms name: one row per unit, its aliases, and the unit and department of every form.

Here: merging by code, name and spelling, with the evidence each needs. Not here: reading single names, projects.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import pandas as pd

from warehouse.linking.project_names import fold
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

Node = tuple[str, str]  # the place and the name without its places


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
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:12]


def text_columns(frame: pd.DataFrame, columns: Iterable[str]) -> dict[str, list[str]]:
    """The columns as lists of folded text ('' for a missing value); raises KeyError naming a column that is absent."""
    columns = list(columns)
    absent = [column for column in columns if column not in frame.columns]
    if absent:
        raise KeyError(f"the project frame lacks the columns {', '.join(absent)}")
    return {column: list(map(fold, frame[column].tolist())) for column in columns}


def years_of(frame: pd.DataFrame) -> list[int]:
    """The fiscal years, 0 where none is printed."""
    return [int(year) for year in pd.to_numeric(frame["fiscal_year"], errors="coerce").fillna(0)]


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
    owners = zip(text["unit_name"], text["department_name"], strict=True)
    unit_texts = [unit or department for unit, department in owners]
    places = _Places(zip(unit_texts, text["department_name"], text["region_code"], strict=True))
    facts: dict[Node, _Facts] = {}

    def node(name: str, department: str, region: str) -> Node | None:
        if not name:
            return None
        read = unit_name(name)
        key = (places.of(name, department, region), read.bare)
        facts.setdefault(key, _Facts(read))
        return key

    units: list[Node | None] = []
    departments: list[Node | None] = []
    for i, name in enumerate(unit_texts):
        region, department = text["region_code"][i], text["department_name"][i]
        unit = node(name, department, region)
        parent = node(department, name, region)
        if unit and not parent and facts[unit].name.below:  # X局监测站 says which bureau it belongs to
            parent = (unit[0], facts[unit].name.organ)
            facts.setdefault(parent, _Facts(UnitName("", facts[unit].name.place, unit[1][: len(parent[1])], "")))
        units.append(unit)
        departments.append(parent)
        if unit:
            about = facts[unit]
            about.years.update({years[i]} - {0})
            # a code beside a department without unit is the department's own
            about.codes.update({text["unit_code"][i]} - {""})
            about.hints.update({code_hint(text["project_code"][i])} - {""})
            if parent:
                about.departments.add(parent)
                facts[parent].children.add(unit)
                if len(text["unit_code"][i]) >= 6:  # 118001 is unit 001 of department 118
                    facts[parent].prefixes.add(text["unit_code"][i][:3])

    sets = _merge(facts, ratio)
    mapping_units = [sets.find(unit) if unit else None for unit in units]
    frame, ids = _organisation_frame(projects, text, years, unit_texts, mapping_units)
    mapping = pd.DataFrame(
        {
            "form_id": projects["form_id"].to_numpy(),
            "unit_id": [ids[unit] if unit else None for unit in mapping_units],
            "department_key": [
                "d" + short_hash(*sets.find(node)) if node else None
                for node in (parent or unit for parent, unit in zip(departments, units, strict=True))
            ],
        },
        columns=MAPPING_COLUMNS,
    ).astype({"unit_id": "str", "department_key": "str"})
    return frame, mapping


class _Places:
    """Where a unit is: its district, told apart from districts of the same name by the city or the region code.

    Names with the city say which region codes belong to it, so a name without it can be put in its place.
    """

    def __init__(self, names: Iterable[tuple[str, str, str]]) -> None:
        self._prefixes: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._of_region: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._seen: dict[tuple[str, str, str], str] = {}
        for unit, department, region in set(names):
            for name in (unit, department):
                read = unit_name(name)
                if read.place:
                    self._of_region[region].add((read.prefix, read.place))
                    if read.prefix:
                        self._prefixes[region, read.place].add(read.prefix)

    def of(self, name: str, other: str, region: str) -> str:
        """The place of `name`; `other` is the name of its department or unit, which may say what it does not."""
        key = (name, other, region)
        if key not in self._seen:
            self._seen[key] = self._find(name, other, region)
        return self._seen[key]

    def _find(self, name: str, other: str, region: str) -> str:
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
    projects: pd.DataFrame, text: dict[str, list[str]], years: list[int], names: list[str], units: list[Node | None]
) -> tuple[pd.DataFrame, dict[Node, str]]:
    rows: dict[Node, list[int]] = defaultdict(list)
    for i, unit in enumerate(units):
        if unit:
            rows[unit].append(i)
    departments = [_shown(department) for department in projects["department_name"].tolist()]
    shown = [_shown(unit) or departments[i] for i, unit in enumerate(projects["unit_name"].tolist())]

    def latest(values: list[str], at: list[int]) -> str | None:
        """The value of the latest year, there the most frequent, the longest."""
        if len(at) == 1:
            return values[at[0]] or None
        found = [(years[i], values[i]) for i in at if values[i]]
        if not found:
            return None
        last = max(year for year, _ in found)
        counts = Counter(value for year, value in found if year == last)
        return min(counts, key=lambda v: (-counts[v], -len(v), v))

    records: list[dict[str, Any]] = []
    for unit, at in rows.items():
        known = [years[i] for i in at if years[i]]
        start = min(known, default=0)
        early = [i for i in at if years[i] == start] or at
        codes = sorted({(text["region_code"][i], text["unit_code"][i]) for i in early if text["unit_code"][i]})
        first_name = min(unit_name(names[i]).bare for i in early)
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
