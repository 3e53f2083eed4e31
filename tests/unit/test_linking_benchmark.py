"""An invented collection with known lives of projects, linked with and without its codes.

Here: precision and recall, what changes of the collection move. Not here: the invention (bench), single rules.
"""

import pandas as pd
import pytest
from rapidfuzz import fuzz

from bench.drawn_projects import PLACES, SIBLINGS, Invention
from warehouse.linking import Bigrams, Thresholds, organisations, parts, series
from warehouse.linking.project_names import project_name


def precision_and_recall(seed: int, codes: bool) -> tuple[float, float, list[tuple[str, str]]]:
    invention = Invention(seed)
    result = series(*invention.frames(codes))
    got = invention.pairs(dict(zip(result.mapping["form_id"], result.mapping["series_id"], strict=True)))
    want = invention.pairs(dict(invention.truth))
    return len(got & want) / len(got), len(got & want) / len(want), sorted(got - want)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("codes", [True, False], ids=["with codes", "codes hidden"])
def test_no_two_projects_become_one_series_and_few_projects_fall_apart(seed: int, codes: bool) -> None:
    precision, recall, false = precision_and_recall(seed, codes)
    assert not false
    assert precision == 1.0
    assert recall >= 0.92  # a name that says more (困难群众临时救助) is for a person to judge


def test_the_name_alone_would_make_false_links() -> None:
    pairs = [(project_name(a).plain, project_name(b).plain) for a, b in SIBLINGS]
    assert max(fuzz.ratio(a, b) for a, b in pairs) / 100 > Thresholds().link


def test_the_result_does_not_depend_on_the_order_of_the_rows() -> None:
    projects, indicators = Invention(1).frames(codes=True)
    mixed = projects.sample(frac=1, random_state=5)
    first, second = series(projects, indicators), series(mixed, indicators.sample(frac=1, random_state=6))
    one, two = (r.mapping.sort_values("form_id", ignore_index=True) for r in (first, second))
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(first.links, second.links)
    pd.testing.assert_frame_equal(organisations(projects)[0], organisations(mixed)[0])


@pytest.mark.parametrize("seed", range(2))
def test_linked_part_by_part_a_collection_gives_what_it_gives_as_a_whole(seed: int) -> None:
    projects, indicators = Invention(seed).frames(codes=False)
    _, units, relations = organisations(projects)
    names = pd.DataFrame({"unit": units["unit_id"], "name": units["canonical"]}).drop_duplicates()["name"]
    bigrams = Bigrams(names.value_counts().items())
    divided = parts([projects.iloc[:50], projects.iloc[50:]], (), at_most=1)
    assert len(divided) == len(PLACES)
    found = []
    for regions in divided:
        some = projects[projects["region_code"].isin(regions)].reset_index(drop=True)
        own = [frame[frame["form_id"].isin(some["form_id"])].reset_index(drop=True) for frame in (indicators, units)]
        pd.testing.assert_frame_equal(organisations(some)[1], own[1])
        found.append(series(some, own[0], units=own[1], bigrams=bigrams, relations=relations))
    whole = series(projects, indicators)
    for table, key in (("mapping", "form_id"), ("series", "series_id"), ("links", ["form_id_a", "form_id_b"])):
        one, several = getattr(whole, table), pd.concat([getattr(part, table) for part in found])
        pd.testing.assert_frame_equal(*(frame.sort_values(key, ignore_index=True) for frame in (one, several)))


def test_a_later_year_leaves_the_ids_of_the_elder_forms_as_they_are() -> None:
    projects, indicators = Invention(2).frames(codes=True)
    before = projects[projects["fiscal_year"] < 2024]
    old = series(before, indicators).mapping.set_index("form_id")["series_id"]
    new = series(projects, indicators).mapping.set_index("form_id")["series_id"]
    # not all: a later form may show that two series were one
    assert (old == new.reindex(old.index)).mean() > 0.99
    units_old, units_new = (set(organisations(frame)[0]["unit_id"]) for frame in (before, projects))
    assert len(units_old & units_new) > 0.98 * len(units_old)
