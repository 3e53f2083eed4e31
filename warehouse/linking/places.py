"""Where a unit is: its district, told apart from others of its name, and one through a change of its kind.

Here: places from the names and regions that forms print. Not here: units, the list of known changes (places.toml).
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

from warehouse.linking.unit_names import UnitName, unit_name
from warehouse.linking.vocabulary import place_changes, vocabulary

KINDS = ("区", "县", "市", "旗")
"""The kinds of a district: the last character of its name."""


class Owner(NamedTuple):
    """The names of the unit and the department that a form prints, and its region code."""

    unit: str
    department: str
    region: str


class Places:
    """The places of one collection.

    Names with the city say which region codes belong to it, so a name without it can be put in its place. A district
    that becomes another kind of district (平川县, from one year on 平川区) is one place: the list says so, or a unit of
    its own name is in both, one after the other, and the two names are never in use in one year.
    """

    def __init__(self, seen: Iterable[tuple[Owner, int]]) -> None:
        self._prefixes: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._of_region: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._changed: dict[str, str] = {}
        years: dict[tuple[str, str], set[int]] = defaultdict(set)
        bares: dict[tuple[str, str], set[str]] = defaultdict(set)
        seen = set(seen)
        for owner, year in seen:
            for name in (owner.unit, owner.department):
                read = unit_name(name)
                if read.place:
                    self._of_region[owner.region].add((read.prefix, read.place))
                    years[owner.region, read.place].add(year)
                    bares[owner.region, read.place].add(read.bare)
                    if read.prefix:
                        self._prefixes[owner.region, read.place].add(read.prefix)
        self._find_changes(years, bares)
        self._branches = {
            (region, place[:-1]): place for region, places in self._of_region.items() for _, place in places
        }

    def stem(self, owner: Owner) -> str:
        """What of the place's name stays when its kind changes, with the prefecture, '' where no place is named."""
        place = unit_name(owner.unit).place or unit_name(owner.department).place
        return f"{owner.region[:4]}/{place[:-1]}" if place and owner.region else ""

    def read(self, name: str, other: str, region: str) -> tuple[str, UnitName]:
        """The place of a unit, and its name as the other units of the place are named.

        `other` is the name of its department or unit, which may say what it does not. 区应急管理局 loses the 区 of its
        place, 某市生态环境局云岭分局 is the 生态环境局 of 云岭区.
        """
        read = unit_name(name)
        place = self._of(read, other, region)
        known = {p for _, p in self._of_region[region]}
        if read.below.endswith("分局") and (branch := self._branches.get((region, read.below[:-2].rstrip("区县市旗")))):
            return self._full("", branch, region), UnitName("", branch, read.organ, "")
        level = read.bare[:1]
        if (
            not read.place
            and len(read.bare) > 4
            and level in KINDS
            and not read.bare.startswith(vocabulary().not_a_level)
            and {place[-1:] for place in known} == {level}
            and len(known) == 1
        ):
            read = unit_name(next(iter(known)) + read.bare[1:])
        return place, read

    def _of(self, read: UnitName, other: str, region: str) -> str:
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
        full = f"{prefix}/{place}" if prefix else f"{region}/{place}"
        return self._changed.get(full, full)

    def _find_changes(self, years: dict[tuple[str, str], set[int]], bares: dict[tuple[str, str], set[str]]) -> None:
        """Name each district that changed its kind by its first name."""
        stems: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        listed = {name: old for old, new in place_changes() for name in (old, new)}
        for region, place in years:
            stems[region[:4], listed.get(place, place)[:-1]].append((region, place))
        for found in stems.values():
            for a, b in combinations(sorted(found, key=lambda at: (min(years[at]), at)), 2):
                if a[1] == b[1] or not 0 < max(years[a]) < min(years[b]):
                    continue
                if (a[1], b[1]) in place_changes() or (a[1][-1] in KINDS and b[1][-1] in KINDS and bares[a] & bares[b]):
                    for prefix in ("", *self._prefixes[b]):
                        self._changed[self._full_name(prefix, *b)] = self._full("", a[1], a[0])

    @staticmethod
    def _full_name(prefix: str, region: str, place: str) -> str:
        return f"{prefix}/{place}" if prefix else f"{region}/{place}"
