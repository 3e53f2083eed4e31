"""The parts of a collection between which nothing is linked, so that no more than one need be in memory at a time.

Here: which regions belong together. Not here: linking within them (organisations, lifelines), reading the tables.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from warehouse.linking.decisions import Decision, UnitDecision, decided_forms
from warehouse.linking.features import NATIONAL, comparable_code, read_forms
from warehouse.linking.organisations import text_columns, years_of
from warehouse.linking.series import SERIES_ID, series_ids
from warehouse.linking.unit_names import unit_name
from warehouse.linking.vocabulary import first_codes

_Key = tuple[str, str]


def parts(
    projects: Iterable[pd.DataFrame],
    decisions: Sequence[Decision],
    at_most: int,
    units: Sequence[UnitDecision] = (),
) -> list[list[str]]:
    """The region codes ('' for none) of each part of a collection, given some forms at a time.

    Forms of two regions may be linked, be of one unit or department or want the same id only if they have one of these
    in common: the place in the name of a unit or department, a national project code or, where there is no code, the
    name of a unit without any place, a place that may have changed its kind, or that people decided about them
    (`units`: on units). A part has no more than `at_most` forms where that is possible. `projects`: as for `series`,
    without budgets.
    """
    forms: Counter[str] = Counter()
    owners: set[tuple[str, str, str, str]] = set()
    regions = _Regions()
    decided = {
        unit_name(name).bare: f"unit {number}"
        for number, decision in enumerate(units)
        for name in (decision.unit_name, decision.other_unit_name)
    }
    for some in projects:
        text = text_columns(some, ["region_code", "unit_name", "department_name", "project_code"])
        given = [region if isinstance(region, str) else "" for region in some["region_code"]]
        forms.update(given)
        owners.update(zip(given, text["region_code"], text["unit_name"], text["department_name"], strict=True))
        for region, (folded, unit, department, code) in zip(given, zip(*text.values(), strict=True), strict=True):
            if not comparable_code(code, folded):
                owner = unit_name(unit or department)
                if owner.bare and not owner.place:
                    regions.meet(region, ("name", owner.bare))
            elif len(code) >= NATIONAL:
                regions.meet(region, ("code", code))
        for position in _decided(some, text["project_code"], decisions):
            regions.meet(given[position], ("decided", ""))
    for region, folded, *names in owners:
        regions.meet(region, ("region", first_codes().get(folded, folded)))
        for name in names:
            if (bare := unit_name(name).bare) in decided:
                regions.meet(region, ("decided", decided[bare]))
            if place := unit_name(name).place:
                regions.meet(region, ("place", place))
                regions.meet(region, ("stem", f"{folded[:4]}/{place[:-1]}"))
    groups: dict[str, list[str]] = defaultdict(list)
    for region in sorted(forms):
        groups[regions.find(region)].append(region)
    found: list[list[str]] = []
    size = 0
    for group in groups.values():
        more = sum(forms[region] for region in group)
        if not found or size + more > at_most:
            found.append([])
            size = 0
        found[-1] += group
        size += more
    return found


class _Regions:
    """Disjoint sets of regions."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._first: dict[_Key, str] = {}

    def meet(self, region: str, key: _Key) -> None:
        """Put the region into one set with those that met the key before."""
        first = self._first.setdefault(key, region)
        if first != region:
            a, b = sorted((self.find(first), self.find(region)))
            self._parent[b] = a

    def find(self, region: str) -> str:
        """The region that stands for the set."""
        while (parent := self._parent.get(region, region)) != region:
            region = parent
        return region


def _decided(projects: pd.DataFrame, codes: Sequence[str], decisions: Sequence[Decision]) -> Iterator[int]:
    """The positions of the forms that decisions speak of, or that a series may stem from whose id one of them names."""
    yield from decided_forms(decisions, projects["form_id"].tolist(), codes, years_of(projects))
    wanted = {decision.project_key for decision in decisions if SERIES_ID.match(decision.project_key)}
    if wanted:
        nothing = pd.DataFrame(columns=["form_id", "level3", "unit_id", "department_key", "place"])
        for form in read_forms(projects, nothing, nothing):
            if not wanted.isdisjoint(series_ids(form)):
                yield form.index
