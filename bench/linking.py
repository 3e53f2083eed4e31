"""What linking does when a collection changes: files removed, years in any order, an unrelated unit.

Here: the changes and what they move. Not here: precision and recall (test_linking_benchmark), speed (build).
`python -m bench linking` draws collections; `python -m bench.linking WAREHOUSE` takes the forms of a published one.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb
import pandas as pd

from bench.drawn_projects import Invention
from bench.report import Section
from warehouse import linking

DRAWS, SHARE = 20, 1 / 3
ORDERS = 10
SEEDS = range(3)
"""Of the collections that are drawn, each with and without its codes."""

_COLUMNS = (
    "form_id, form_kind, fiscal_year, region_code, project_name, project_code, unit_name, unit_code, department_name, "
    "budget_initial_yuan::DOUBLE AS budget_initial_yuan, budget_adjusted_yuan::DOUBLE AS budget_adjusted_yuan, "
    "executed_yuan::DOUBLE AS executed_yuan, document_id"
)


@dataclass(frozen=True)
class Linked:
    """A build's links: series and unit of every form, the rows of series_link, and the weights that it keeps."""

    series: dict[str, str]
    units: dict[str, str]
    links: pd.DataFrame
    bigrams: linking.Bigrams

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """Every two forms of one series."""
        members = defaultdict(list)
        for form, series in sorted(self.series.items()):
            members[series].append(form)
        return {pair for forms in members.values() for pair in combinations(forms, 2)}

    @property
    def reviews(self) -> set[tuple[str, str]]:
        """The pairs that are laid before a person."""
        rows = self.links[self.links["decision"] == "review"]
        return {(min(pair), max(pair)) for pair in zip(rows["form_id_a"], rows["form_id_b"], strict=True)}


@dataclass(frozen=True)
class Collection:
    """Forms as linking takes them; `projects` has their document_id, too."""

    projects: pd.DataFrame
    indicators: pd.DataFrame

    @staticmethod
    def published(warehouse: Path) -> Collection:
        """The forms of a published warehouse."""
        with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
            projects = connection.execute(f"SELECT {_COLUMNS} FROM project ORDER BY form_id").df()
            return Collection(projects, connection.execute("SELECT form_id, level3 FROM indicator").df())

    @staticmethod
    def drawn(seed: int, codes: bool) -> Collection:
        """An invented collection; each form is a file of its own."""
        projects, indicators = Invention(seed).frames(codes)
        return Collection(projects.assign(document_id=projects["form_id"]), indicators)

    def only(self, documents: set[str]) -> Collection:
        """What the forms of these documents are."""
        projects = self.projects[self.projects["document_id"].isin(documents)].reset_index(drop=True)
        return Collection(projects, self.indicators[self.indicators["form_id"].isin(projects["form_id"])])

    def of_years(self, years: Sequence[int]) -> Collection:
        """What the forms of these years are."""
        projects = self.projects[self.projects["fiscal_year"].isin(list(years))].reset_index(drop=True)
        return Collection(projects, self.indicators[self.indicators["form_id"].isin(projects["form_id"])])

    def linked(self, before: Linked | None = None) -> Linked:
        """Linked as a build after `before` links it, which keeps that one's ids and weights of names."""
        last = linking.LastBuild(before.series, before.units, same_rules=True) if before else linking.LastBuild()
        projects = self.projects.drop(columns="document_id")
        _, units, relations = linking.organisations(projects, last=last)
        if before:
            bigrams = before.bigrams
        else:
            names = pd.DataFrame({"unit": units["unit_id"], "name": units["canonical"]})
            bigrams = linking.Bigrams(names.drop_duplicates()["name"].value_counts().items())
        found = linking.series(projects, self.indicators, units=units, relations=relations, last=last, bigrams=bigrams)
        series = dict(zip(found.mapping["form_id"], found.mapping["series_id"], strict=True))
        of_forms = dict(zip(units["form_id"], units["unit_id"], strict=True))
        return Linked(series, of_forms, found.links.round(4), bigrams)


@dataclass(frozen=True)
class Draw:
    """What a draw of files that stay has together and the whole has not: all, and those a review row of it names."""

    new: list[tuple[str, str]]
    offered: list[tuple[str, str]]


def without_some(collection: Collection, whole: Linked, seed: int, *, after: bool, share: float = SHARE) -> Draw:
    """Remove a share of the files, drawn by the seed, and link the rest: after the whole (`after`), or on its own.

    `new`: pairs of one series of which the whole says nothing; `offered`: pairs that the whole lays before a person.
    """
    documents = sorted(set(collection.projects["document_id"]))
    stay = set(random.Random(seed).sample(documents, len(documents) - round(len(documents) * share)))
    rest = collection.only(stay).linked(whole if after else None)
    more = rest.pairs - whole.pairs
    return Draw(sorted(more - whole.reviews), sorted(more & whole.reviews))


@dataclass(frozen=True)
class Arrival:
    """How many ids changed of forms that stood there when more came, of how many, and how many without a reason."""

    ids: int = 0
    changed: int = 0
    unexplained: int = 0

    def __add__(self, other: Arrival) -> Arrival:
        return Arrival(self.ids + other.ids, self.changed + other.changed, self.unexplained + other.unexplained)

    @property
    def share(self) -> float:
        """Of the ids, those that changed."""
        return self.changed / max(1, self.ids)

    @staticmethod
    def between(before: Mapping[str, str], after: Mapping[str, str]) -> Arrival:
        """What changed of the ids of one build's forms, in the next."""
        reasons = {change.before: change.reason for change in linking.changed(before, after)}
        moved = {old for form, old in before.items() if old and after.get(form, old) != old}
        return Arrival(len({old for old in before.values() if old}), len(moved), len(moved - reasons.keys()))


def arrivals(collection: Collection, years: Sequence[int]) -> list[tuple[Arrival, Arrival]]:
    """Let the years come in this order: series ids and unit ids that change with each but the first."""
    found, build = [], None
    for number in range(1, len(years) + 1):
        now = collection.of_years(years[:number]).linked(build)
        if build is not None:
            found.append((Arrival.between(build.series, now.series), Arrival.between(build.units, now.units)))
        build = now
    return found


def moved_by_a_stranger(collection: Collection, projects: int = 30) -> int:
    """Rows of series_link that are otherwise after an unrelated unit with so many projects came."""
    whole = collection.linked()
    number = range(projects)
    shape: Mapping[str, object] = {
        "form_id": [f"stranger{at}" for at in number], "document_id": [f"stranger{at}" for at in number],
        "form_kind": "self_evaluation", "fiscal_year": [2021 + at % 5 for at in number], "region_code": "659901",
        "unit_name": "天池市北屯区气象局", "department_name": "天池市北屯区气象局", "project_code": None,
        "project_name": [f"第{at}号气象观测站维护与数据采集" for at in number], "unit_code": "871001",
        "budget_adjusted_yuan": 10_000.0,
    }  # fmt: skip
    more = pd.DataFrame(shape).reindex(columns=collection.projects.columns)
    read = [(f"stranger{at}", name) for at in number for name in ("观测次数", "数据完整率", "站点维护及时率")]
    names = pd.DataFrame(read, columns=["form_id", "level3"])
    larger = Collection(
        pd.concat([collection.projects, more.astype(collection.projects.dtypes)], ignore_index=True),
        pd.concat([collection.indicators, names], ignore_index=True),
    ).linked(whole)
    elsewhere = larger.links[~larger.links["form_id_a"].str.startswith("stranger")]
    both = [set(map(repr, frame.itertuples(index=False))) for frame in (whole.links, elsewhere)]
    return len(both[0] ^ both[1])


def late_years(years: Sequence[int]) -> list[list[int]]:
    """The years in their order with each one last in turn."""
    return [[*(year for year in years if year != late), late] for late in years]


def drawn_orders(years: Sequence[int], count: int) -> list[list[int]]:
    """The years in orders drawn by a seed."""
    draw = random.Random(7)
    return [draw.sample(list(years), len(years)) for _ in range(count)]


def measured(name: str, collection: Collection) -> list[str]:
    """The row of one collection."""
    whole = collection.linked()
    row = [name, f"{len(collection.projects):,}"]
    for after in (True, False):
        draws = [without_some(collection, whole, seed, after=after) for seed in range(DRAWS)]
        row.append(f"{sum(len(d.new) for d in draws)}（+{sum(len(d.offered) for d in draws)}）")
    years = sorted({int(year) for year in collection.projects["fiscal_year"].dropna()})
    late = [arrivals(collection, order)[-1] for order in late_years(years)]
    drawn = [step for order in drawn_orders(years, ORDERS) for step in arrivals(collection, order)]
    for steps in (late, drawn):
        for at in (0, 1):
            parts = [step[at] for step in steps]
            row.append(f"{sum(parts, Arrival()).share:.2%}（≤ {max(part.share for part in parts):.2%}）")
    row.append(str(sum(part.unexplained for steps in (late, drawn) for step in steps for part in step)))
    return [*row, str(moved_by_a_stranger(collection))]


def _section(rows: Sequence[Sequence[str]]) -> Section:
    text = (
        f"{DRAWS} draws with a third of the files removed: pairs in one series that the whole has apart, after a build "
        "of the whole and on their own (in brackets those that the whole lays before a person). Ids of forms at hand "
        "that change when a year comes: each year last in turn, and every step of "
        f"{ORDERS} drawn orders (in brackets the worst step); two series that the new year shows to be one have one id "
        "less. Changes without a reason in the log. Rows of series_link that an unrelated unit with 30 projects alters."
    )
    head = ["collection", "forms", "links after removal", "of a part alone", "a year last: series", "units",
            "any order: series", "units", "no reason", "altered rows"]  # fmt: skip
    return Section("Linking when the collection changes", text, head, rows)


def sections(rounds: int) -> Iterator[Section]:
    """Over drawn collections; nothing is timed, so that one round does."""
    names = [(seed, codes) for seed in SEEDS for codes in (True, False)]
    yield _section(
        [measured(f"drawn {n}{'' if codes else ', no codes'}", Collection.drawn(n, codes)) for n, codes in names]
    )


def main() -> None:
    """Over published warehouses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warehouses", nargs="+", type=Path)
    given = parser.parse_args()
    print(_section([measured(str(path), Collection.published(path)) for path in given.warehouses]).markdown())


if __name__ == "__main__":
    main()
