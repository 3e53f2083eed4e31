"""Projects over the years: the series of every form, the series table and the links that explain it.

Here: the public function, the ids and the frames. Not here: how pairs are found and scored.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from warehouse.linking.decisions import Decision, decided_forms
from warehouse.linking.features import Bigrams, FormFacts, Thresholds, read_forms
from warehouse.linking.last_build import LastBuild
from warehouse.linking.matching import PROJECT_KINDS, Link, Matcher
from warehouse.linking.organisations import organisations, short_hash, text_columns, years_of

SERIES_COLUMNS = ["series_id", "series_name", "unit_id", "first_year", "last_year", "form_count"]
LINK_COLUMNS = [
    "form_id_a",
    "form_id_b",
    "method",
    "score",
    "ratio",
    "bigram",
    "indicator",
    "budget",
    "conflict",
    "decision",
    "evidence",
    "doubt",
]
SERIES_ID = re.compile(r"^s[0-9a-f]{12}$")


class Series(NamedTuple):
    """What `series` returns: form_id -> series_id, the series table, the series_link table."""

    mapping: pd.DataFrame
    series: pd.DataFrame
    links: pd.DataFrame


def series(
    projects: pd.DataFrame,
    indicators: pd.DataFrame,
    decisions: Sequence[Decision] = (),
    thresholds: Thresholds | None = None,
    units: pd.DataFrame | None = None,
    bigrams: Bigrams | None = None,
    relations: pd.DataFrame | None = None,
    last: LastBuild | None = None,
) -> Series:
    """Recognise the projects behind the forms across the years.

    `projects` and `indicators`: the frames of the data contract (projects: form_id, form_kind, fiscal_year,
    region_code, project_name, project_code, unit_name, unit_code, department_name and, where present, the three
    budget columns in 元; indicators: form_id, level3). `decisions`: of `read_decisions`; they win over every rule.
    `units`: the mapping that `organisations` returned for the same projects, made here if it is not given. `bigrams`:
    those of the whole collection, where these are the forms of a part of it (parts). `relations`: of `organisations`.
    `last`: what the last build made of the forms; its ids are kept, and what it held apart stays apart where nothing
    but missing forms speaks for a link.

    In this order: decisions; the same code (unless names are less than 0.35 alike and the unit differs); the same
    unit and normalised name with one candidate on each side; the score of the linkage recipe within a unit; the
    score across units of which one followed the other, if pairs share four indicators. One form per year and kind.

    Returns mapping (form_id, series_id; every form is in a series), series and links (pairs linked or to be
    reviewed, with the features, NaN where a form lacks what is compared, and the evidence in Chinese). A series_id
    depends on the earliest form only (its year with its code, else unit and name), so a later year does not change
    it; the project_key of a decision is the series_id of its series.

    Raises KeyError for a missing column, ValueError for a form_id that occurs twice.
    """
    settings = thresholds or Thresholds()
    if units is None:
        _, units, relations = organisations(projects, settings.unit_ratio)
    forms = read_forms(projects, indicators, units)
    known = (
        {} if relations is None else {(a, b): (kind, said) for a, b, kind, _, said in relations.itertuples(index=False)}
    )
    last = last or LastBuild()
    keys = {decision.project_key for decision in decisions}
    stable = {form: old for form, old in last.series.items() if SERIES_ID.match(old) or old in keys}
    # what a decision made that is withdrawn since binds nothing, yet its forms were there
    before = {form: stable.get(form, "") for form in last.series} if last.same_rules else {}
    matcher = Matcher(forms, _decided(forms, projects, decisions), settings, bigrams, known, before)
    matcher.run()
    groups: dict[int, list[FormFacts]] = defaultdict(list)
    for form in forms:
        groups[matcher.clusters.find(form.index)].append(form)
    names = projects["project_name"].tolist()
    ids: list[str] = [""] * len(forms)
    taken = set(last.series.values())
    rows = []
    ordered = sorted((sorted(g, key=_age) for g in groups.values()), key=lambda g: _age(g[0]))
    kept = last.keep(stable, [[form.form_id for form in members] for members in ordered])
    for members, elder in zip(ordered, kept, strict=True):
        key = matcher.clusters.key(members[0].index)
        series_id = key or elder or next(i for i in series_ids(members[0]) if i not in taken)
        taken.add(series_id)
        for form in members:
            ids[form.index] = series_id
        years = [form.year for form in members if form.year]
        latest = max(members, key=lambda f: (f.year, -_kind(f), f.form_id))
        rows.append(
            {
                "series_id": series_id,
                "series_name": names[latest.index] if isinstance(names[latest.index], str) else None,
                "unit_id": latest.unit or None,
                "first_year": min(years, default=None),
                "last_year": max(years, default=None),
                "form_count": len(members),
            }
        )
    table = pd.DataFrame(rows, columns=SERIES_COLUMNS).sort_values("series_id", ignore_index=True)
    return Series(
        pd.DataFrame({"form_id": projects["form_id"].to_numpy(), "series_id": ids}),
        table.astype({"first_year": "Int64", "last_year": "Int64", "form_count": "int64"}),
        _links(matcher.links),
    )


def unmatched_decisions(projects: pd.DataFrame, decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions that speak of no form at hand, in the order of the file.

    They are kept, as the form may come with a later document, but a person should see them.
    """
    if not decisions:
        return []
    text = text_columns(projects, ["form_id", "project_code"])
    years = years_of(projects)
    seen = set(zip(text["project_code"], years, strict=True))
    forms = set(text["form_id"])
    return [d for d in decisions if not (d.form_id in forms if d.form_id else (d.project_code, d.eval_year) in seen)]


def _decided(forms: Sequence[FormFacts], projects: pd.DataFrame, decisions: Sequence[Decision]) -> dict[int, Decision]:
    """The decision of every form that one speaks of; a series_id used as a key takes in the form it stems from."""
    if not decisions:
        return {}
    text = text_columns(projects, ["form_id", "project_code"])
    found = decided_forms(decisions, text["form_id"], text["project_code"], years_of(projects))
    wanted = {d.project_key: d for d in found.values() if SERIES_ID.match(d.project_key)}
    if wanted:
        stems: dict[str, int] = {}
        for form in sorted(forms, key=_age):
            for series_id in series_ids(form):
                stems.setdefault(series_id, form.index)
        for key, decision in sorted(wanted.items()):
            if key in stems:
                found.setdefault(stems[key], decision)
    return found


def _age(form: FormFacts) -> tuple[int, int, bool, str, str, str]:
    """Sorts the forms of a series: the earliest year, self-evaluations, printed codes first."""
    return form.year or 9999, _kind(form), not form.code, form.code, form.name.printed, form.form_id


def _kind(form: FormFacts) -> int:
    return PROJECT_KINDS.index(form.kind) if form.kind in PROJECT_KINDS else len(PROJECT_KINDS)


def series_ids(form: FormFacts) -> Iterable[str]:
    """The ids a series may have whose earliest form is `form`; the later ones if another series has the first."""
    unit = (form.unit_name.place, form.unit_name.bare)
    if form.code:
        identity: tuple[object, ...] = ("code", form.year, form.code)
    elif unit[1] and form.name.plain:
        identity = ("name", form.year, *unit, form.name.plain)
    else:
        identity = ("form", form.form_id)
    yield "s" + short_hash(*identity)
    yield "s" + short_hash(*identity, *unit, form.name.printed, form.kind)
    yield "s" + short_hash(*identity, form.form_id)


def _links(links: Sequence[Link]) -> pd.DataFrame:
    rows = [
        (
            link.a.form_id,
            link.b.form_id,
            link.method,
            *link.features[:-1],
            link.decision,
            link.evidence,
            link.doubt or None,
        )
        for link in links
    ]
    frame = pd.DataFrame(rows, columns=LINK_COLUMNS).astype({"conflict": "bool"})
    return frame.sort_values(["form_id_a", "form_id_b", "decision"], ignore_index=True)
