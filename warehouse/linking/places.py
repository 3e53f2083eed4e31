"""Where a unit is: its district, told apart from others of its name, and one through a change of its kind.

Here: places from the names and regions that forms print. Not here: units, the list of known changes (places.toml).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import combinations
from typing import NamedTuple

from warehouse.linking.unit_names import UnitName, unit_name
from warehouse.linking.vocabulary import code_changes, place_changes, vocabulary

KINDS = ("区", "县", "市", "旗")
"""The kinds of a district: the last character of its name."""


def as_called_first(text: str, printed: str, place: str) -> str:
    """A project's name as it would be if its place still had its first name.

    `printed`: the name that the form prints of the place, `place`: what `Places.read` returned. In what was 平川县,
    平川区公墓管护 is 平川县公墓管护, 区福利院 is 县福利院, 全区 is 全县; the name of another place stays.
    """
    first = place.rpartition("/")[2]
    if printed in ("", first) or (printed[:-1] != first[:-1] and (first, printed) not in place_changes()):
        return text
    text = text.replace(printed, first)
    if printed[-1] in KINDS and first[-1] in KINDS:
        text = _own_level(printed[-1]).sub(first[-1], text)
    return text


@cache
def _own_level(kind: str) -> re.Pattern[str]:
    """The level of the place itself in a project's name: at its beginning, after 全 or before 级."""
    words = [re.escape(word[1:]) for word in vocabulary().not_own_level if word.startswith(kind)]
    other = f"(?!{'|'.join(words)})" if words else ""
    return re.compile(rf"^{kind}{other}|(?<=全){kind}{other}")


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
        of_owner: dict[Owner, set[int]] = defaultdict(set)
        for owner, year in seen:
            of_owner[owner].add(year)
        for owner, its_years in of_owner.items():
            for name in {owner.unit, owner.department}:
                read = unit_name(name)
                if read.place:
                    self._of_region[owner.region].add((read.prefix, read.place))
                    years[owner.region, read.place] |= its_years
                    bares[owner.region, read.place].add(read.bare)
                    if read.prefix:
                        self._prefixes[owner.region, read.place].add(read.prefix)
        self._find_changes(years, bares)
        self._branches = {
            (region, place[:-1]): place for region, places in self._of_region.items() for _, place in places
        }

    def printed(self, owner: Owner) -> str:
        """The name that the forms of a region print of the place, '' where they name none or several."""
        place = unit_name(owner.unit).place or unit_name(owner.department).place
        known = {name for _, name in self._of_region[owner.region]}
        return place or (next(iter(known)) if len(known) == 1 else "")

    @property
    def changed(self) -> set[str]:
        """The places that changed their kind, as `read` returns them."""
        return set(self._changed.values())

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
        at, of_branch, below = read.below.partition("分局")
        if of_branch and (branch := self._branches.get((region, at.rstrip("区县市旗")))):
            return self._full("", branch, region), UnitName("", branch, read.organ, below)
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
        for (region, place), (old, was) in code_changes().items():
            if (region, place) in years and (old, was) in years:
                for prefix in ("", *self._prefixes[region, place]):
                    self._changed[self._full_name(prefix, region, place)] = self._full("", was, old)
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
