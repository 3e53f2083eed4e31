"""Linking from one build to the next, and part by part: ids stay, and no form is left out.

Here: the last build's ids and weights, the parts of a collection. Not here: one build (test_linking).
"""

from collections.abc import Sequence

import pandas as pd
import pytest
from linking_frames import SIX, code, form, frame

from warehouse.linking import Bigrams, Decision, LastBuild, Series, changed, organisations, parts, series


def again(forms: list[dict[str, object]], last: LastBuild, decisions: Sequence[Decision] = ()) -> Series:
    projects = frame(*forms).assign(form_id=[f["form_id"] for f in forms])
    rows = pd.DataFrame([(f, name) for f in projects["form_id"] for name in SIX], columns=["form_id", "level3"])
    found = organisations(projects, last=last)
    return series(projects, rows, decisions, units=found.mapping, relations=found.relations, last=last)


def test_ids_are_kept_from_the_last_build_when_an_earlier_year_comes_late() -> None:
    forms = [form(year, "安全生产检查") | {"form_id": f"y{year}"} for year in (2021, 2022, 2023)]
    first = again(forms[1:], LastBuild())
    before = dict(first.mapping.itertuples(index=False))
    assert set(again(forms, LastBuild(before)).mapping["series_id"]) == set(before.values())
    assert set(again(forms, LastBuild()).mapping["series_id"]) != set(before.values())


def test_files_that_went_away_make_no_link_and_a_new_form_may() -> None:
    forms = [form(2022, "安全生产检查") | {"form_id": "a"}, form(2023, "安全生产检查") | {"form_id": "b"}]
    one, two, three = (f"s{n:012}" for n in range(3))
    last = LastBuild({"a": one, "b": two, "gone": three}, same_rules=True)
    held = again(forms, last)
    assert held.mapping["series_id"].tolist() == [one, two]
    assert held.links["decision"].tolist() == ["review"]
    came = again([*forms, form(2023, "防汛演练") | {"form_id": "c"}], last)
    assert came.mapping["series_id"].nunique() == 2


def test_what_people_held_apart_is_judged_anew_when_they_take_it_back() -> None:
    forms = [form(year, "安全生产检查") | {"form_id": f"y{year}"} for year in (2021, 2022, 2023)]
    apart = [Decision(form_id, "李", form_id=form_id) for form_id in ("y2021", "y2022")]
    whole = again(forms, LastBuild()).mapping["series_id"]
    refused = again(forms, LastBuild(), apart).mapping
    assert refused["series_id"].tolist() == ["y2021", "y2022", "y2022"]
    last = LastBuild(dict(refused.itertuples(index=False)), same_rules=True)
    assert again(forms, last, apart).mapping["series_id"].tolist() == refused["series_id"].tolist()
    assert again(forms, last).mapping["series_id"].tolist() == whole.tolist()


def test_what_changed_an_id_is_told() -> None:
    found = changed({"a": "s1", "b": "s2", "c": "s3", "gone": "s4"}, {"a": "s1", "b": "s1", "c": "s3"})
    assert [(c.before, c.now, c.reason) for c in found] == [("s2", ("s1",), "与另一处合为一处")]


def test_weights_of_names_stay_as_they_were_kept() -> None:
    kept = Bigrams([("道路养护", 3), ("河道保洁", 1)])
    assert Bigrams.frozen(kept.counts).weight(["道路"]) == kept.weight(["道路"])
    assert kept.weight(["新词"]) > kept.weight(["道路"])


OTHER = {"region_code": "330199", "unit_name": "越州市临溪区教育局", "department_name": "越州市临溪区教育局"}
SHARED = {
    "nothing": ({}, {}),
    "a national code": ({"project_code": code(1)}, {"project_code": code(1)}),
    "a place": ({}, {"department_name": "越州市云岭区教育局"}),
    "a unit's name without place": ({"unit_name": "教育局"}, {"unit_name": "教育局"}),
}


@pytest.mark.parametrize("shared", SHARED)
def test_regions_that_have_something_in_common_are_one_part(shared: str) -> None:
    one, two = SHARED[shared]
    projects = frame(form(2023, "宣传活动", **one), form(2023, "宣传活动", **OTHER | two))
    expected = [["330199"], ["440399"]] if shared == "nothing" else [["330199", "440399"]]
    assert parts([projects], (), at_most=1) == expected


def test_regions_with_decided_forms_are_one_part_and_so_is_that_of_a_series_whose_id_is_the_key() -> None:
    projects = frame(form(2023, "宣传活动"), form(2023, "防火宣传", **OTHER), form(2024, "校舍维修", **OTHER))
    projects.loc[2, ["region_code", "unit_name", "department_name"]] = "610199", "古都市雁原区文化局", None
    nothing = pd.DataFrame(columns=["form_id", "level3"])
    series_id = series(projects, nothing).mapping["series_id"][0]
    decision = Decision(series_id, "某人", form_id="f3")
    assert parts([projects], [decision], at_most=1) == [["330199"], ["440399", "610199"]]


def test_small_parts_are_put_together_and_no_form_is_left_out() -> None:
    projects = frame(
        *(form(2023, "宣传活动", **OTHER | {"region_code": None}) for _ in range(2)), form(2023, "防火宣传")
    )
    assert parts([projects], (), at_most=3) == [["", "440399"]]
    assert parts([projects], (), at_most=2) == [[""], ["440399"]]
    assert parts([], (), at_most=2) == []
