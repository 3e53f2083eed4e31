"""The rules of labels and levels one by one: a text that a rule takes beside one that it nearly takes.

Here: small invented vocabularies, names of levels, cells of several pairs. Not here: which words the vocabulary has.
"""

from __future__ import annotations

import pytest

from extractors.layout.cell_words import split_label, split_points, without_number, words_of
from extractors.vocabulary import label_key, of_other_years, vocabulary
from extractors.vocabulary.lookup import LABEL_LENGTH, Group

GROUP = Group(
    {
        "with": ["数"],
        "budget": {"core": ["预算", "年初"], "with": ["全年"], "unless": ["全年年初"]},
        "executed": {"is": ["年初预算数"], "has": ["执行", "执行率"], "unless": ["不"]},
        "rate": {"has": ["执行率低"]},
    }
)


@pytest.mark.parametrize(
    ("key", "found", "exact", "composed"),
    [
        ("预算", "budget", None, "budget"),
        ("全年预算数", "budget", None, "budget"),
        ("年初预算", "budget", None, "budget"),
        ("数", None, None, None),  # no core word
        ("全年", None, None, None),
        ("全年年初", None, None, None),  # composed, but of what it must not hold
        ("预算额", None, None, None),  # a character of no word
        ("年初预算数", "executed", "executed", "budget"),  # an exact word goes before a composed one
        ("执行数", "executed", None, None),
        ("不执行", None, None, None),
        ("执行率低", "rate", None, None),  # the longest part goes before a shorter one
        ("", None, None, None),
        ("预算" * (LABEL_LENGTH // 2), "budget", None, "budget"),
        ("预算" * (LABEL_LENGTH // 2) + "数", None, None, "budget"),
    ],
)
def test_a_key_is_found_by_its_word_by_a_part_or_by_its_composition(
    key: str, found: str | None, exact: str | None, composed: str | None
) -> None:
    assert (GROUP.find(key), GROUP.exact(key), GROUP.composed(key)) == (found, exact, composed)
    assert GROUP.find(key) == found  # remembered
    assert GROUP.words() == {"executed": ["年初预算数"]}


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("★项目名称：", "项目名称"),
        ("（一）项目名称", "项目名称"),
        ("(123)项目名称", "项目名称"),
        ("12)项目名称", "项目名称"),
        ("1.5项目", "1.5项目"),  # no number of a label
        ("项目名称（盖章）", "项目名称"),
        ("(（甲）乙)丙", "丙"),
        ("预算数（年初）", "年初预算数"),  # the remark decides
        ("预算数（上级）", "预算数"),
        ("执行率B/A", "执行率"),
        ("2023年预算数", "预算数"),
        ("2023年6月预算数", "2023年6月预算数"),
        ("年度目标1", "年度目标"),
        ("指标1", "指标1"),
        ("①数量指标", "数量指标"),
        ("偏差原因、改进措施", "偏差原因改进措施"),
    ],
)
def test_what_is_no_part_of_a_label_falls_away(printed: str, key: str) -> None:
    assert label_key(printed) == key


def test_a_text_of_more_than_80_characters_has_no_role() -> None:
    assert vocabulary().role("项目名称" + " " * 76) == ("header", "project_name")
    assert vocabulary().role("项目名称" + " " * 77) is None


@pytest.mark.parametrize(
    ("captions", "own_year", "others"),
    [
        (["2022年预算数", "2023年预算数", "名称"], 2023, {0}),
        (["2022年预算数", "2023年预算数", "名称"], 2022, {1}),
        (["2022年预算数", "2023年预算数"], 2025, {0}),  # the form's year is not printed: the latest is
        (["2022年预算数", "2023年预算数"], None, {0}),
        (["2022年预算数", "2022年执行数"], 2023, set()),
        (["2022年预算数", "预算数"], 2023, set()),
    ],
)
def test_captions_of_another_year_are_told_where_two_years_are_printed(
    captions: list[str], own_year: int | None, others: set[int]
) -> None:
    assert of_other_years(captions, own_year) == others


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("填报人：某某  联系电话：1234", [("填报人", "某某"), ("联系电话", "1234")]),
        ("填报人：某某联系电话：1234", [("填报人", "某某联系电话：1234")]),  # no space, no stop
        ("某某：填报人：某某", []),  # begins with no known label
        ("某某 填报人：某某", []),
        ("主管部门：（盖章）某局", [("主管部门", "某局")]),
        ("主管部门: 某局。实施单位：某站；", [("主管部门", "某局。"), ("实施单位", "某站")]),
        ("填报人：某某，备注：甲：乙", [("填报人", "某某"), ("备注", "甲：乙")]),
        ("填报人：", [("填报人", "")]),
        ("数量指标：5个", []),  # the name of an indicator
        ("填报人某某", []),
        ("：某", []),
    ],
)
def test_a_cell_of_several_pairs_is_cut_before_known_labels(text: str, pairs: list[tuple[str, str]]) -> None:
    assert words_of(text).pairs == pairs


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("填报人： 某某 ", ("填报人", "某某")),
        ("某某：填报人：某某", ("某某", "填报人：某某")),
        ("主管部门（盖章）：某局", ("主管部门（盖章）", "某局")),
        ("填报人：", None),
        ("：某", None),
        ("甲" * 30 + "：乙", ("甲" * 30, "乙")),
        ("甲" * 31 + "：乙", None),
    ],
)
def test_a_cell_of_one_pair_is_cut_at_its_first_colon(text: str, pair: tuple[str, str] | None) -> None:
    assert split_label(text) == pair


def test_notes_begin_with_their_word() -> None:
    assert all(words_of(text).is_note for text in ("注：本表", "备 注:", "填表说明1."))
    assert not any(words_of(text).is_note for text in ("说明书：", "注意：", "见注："))


@pytest.mark.parametrize(
    ("text", "name", "points"),
    [
        ("产出指标（50分）", "产出指标", "50"),
        ("产出指标(5 0分)", "产出指标", "50"),
        ("产出指标50分", "产出指标", "50"),
        ("产出指标 50", "产出指标", "50"),
        ("产出指标[12.5%]", "产出指标", "12.5"),
        (" 效益 ", " 效益 ", None),
        ("效益50", "效益50", None),
        ("产出指标（1000分）", "产出指标（1000分）", None),
        ("供餐人数(50人)", "供餐人数(50人)", None),
    ],
)
def test_the_points_of_a_level_stand_at_its_end(text: str, name: str, points: str | None) -> None:
    assert split_points(text) == (name, points)


def test_a_level_is_whole_with_its_points_or_without() -> None:
    assert all(words_of(text).is_level for text in ("产出指标（50分）", "产出", "数量指标"))
    assert not any(words_of(text).is_level for text in ("数量", "产出指标（1000分）"))


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("指标1：供餐人数", "供餐人数"),
        ("★供餐人数", "供餐人数"),
        ("1、供餐", "供餐"),
        ("(1)供餐", "供餐"),
        ("①供餐", "供餐"),
        ("（一）供餐", "供餐"),
        ("指标指标", "指标"),
        ("1.5倍", None),
        ("100人次", None),
        ("指标：x", None),
    ],
)
def test_the_number_of_an_indicator_is_no_part_of_its_name(name: str, bare: str | None) -> None:
    assert without_number(name) == (name if bare is None else bare)
    assert words_of(name).is_numbered is (bare is not None)
