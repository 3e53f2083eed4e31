"""What linking does when the collection changes: some files of a drawn collection are removed, years come late.

Here: a small part of the bench of the same name. Not here: ids and weights of one build (test_linking_builds).
"""

import pytest

from bench.drawn_projects import PLACES
from bench.linking import Arrival, Collection, Linked, arrivals, late_years, moved_by_a_stranger, without_some

pytestmark = pytest.mark.slow


def small(codes: bool) -> Collection:
    whole = Collection.drawn(0, codes)
    here = whole.projects[whole.projects["region_code"] == PLACES[0][1]]
    return whole.only(set(here["document_id"]))


@pytest.fixture(scope="module", params=[True, False], ids=["with codes", "codes hidden"])
def collection(request: pytest.FixtureRequest) -> Collection:
    return small(request.param)


@pytest.mark.parametrize("after", [True, False], ids=["after the whole", "on their own"])
def test_files_that_go_away_make_no_link_among_those_that_stay(collection: Collection, after: bool) -> None:
    whole = collection.linked()
    for seed in range(3):
        assert without_some(collection, whole, seed, after=after).new == []


def test_a_year_that_comes_last_moves_few_ids_and_none_without_a_reason(collection: Collection) -> None:
    years = sorted({int(year) for year in collection.projects["fiscal_year"]})
    steps = [arrivals(collection, order)[-1] for order in late_years(years)[:3]]
    for at in (0, 1):
        total = sum((step[at] for step in steps), Arrival())
        assert total.ids > 30 and total.share <= 0.02 and total.unexplained == 0


def test_a_unit_that_has_nothing_to_do_with_them_alters_no_link() -> None:
    assert moved_by_a_stranger(small(codes=False)) == 0


def test_an_id_that_changed_is_counted_once_and_one_of_a_form_that_went_is_not() -> None:
    before = {"a": "s1", "b": "s1", "c": "s2", "gone": "s3"}
    assert Arrival.between(before, {"a": "s1", "b": "s1", "c": "s1", "new": "s9"}) == Arrival(3, 1, 0)
    assert Arrival.between(before, before) == Arrival(3, 0, 0)


def test_a_pair_that_a_person_was_asked_about_is_no_new_link() -> None:
    whole = small(codes=False).linked()
    apart = Linked({form: form for form in whole.series}, whole.units, whole.links, whole.bigrams)
    found = without_some(small(codes=False), apart, 0, after=False)
    assert found.new and not set(found.new) & apart.reviews
