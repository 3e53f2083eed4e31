"""Units and series, rule by rule.

Here: small frames with one fact each. Not here: what people decide (test_linking_decisions),
other builds (test_linking_builds), the invented collection (test_linking_benchmark).
"""

import pandas as pd
import pytest
from linking_frames import COLUMNS, SIX, code, form, frame, groups, link, seed

from warehouse.linking import Thresholds, organisations, series


def test_two_spellings_with_one_unit_code_are_one_organisation_with_an_alias() -> None:
    table, mapping, _ = organisations(seed())
    department = table[table["unit_code"] == "118001"].iloc[0]
    assert len(table) == 2
    assert {department["unit_name"], *department["aliases"]} == {
        "中共深圳市罗湖区委组织部（本级）",
        "中共深圳市罗湖区组织部（本级）",
    }
    assert mapping["unit_id"].nunique() == 2
    assert mapping["department_key"].nunique() == 1


def test_organisations_of_the_same_forms_have_the_same_ids_in_any_order() -> None:
    table, mapping, _ = organisations(seed())
    again, mixed, _ = organisations(seed().iloc[::-1])
    pd.testing.assert_frame_equal(table, again)
    pd.testing.assert_frame_equal(mapping, mixed.iloc[::-1].reset_index(drop=True))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("云岭区教育局", "云岭区教育局监测站"),
        ("云岭区教育局（本级）", "云岭区教育局服务中心"),
        ("云岭区教育局第一中学", "云岭区教育局第二中学"),
        ("云岭区东河水库管理所", "云岭区西河水库管理所"),
        ("云岭区统计局", "云岭区审计局"),
    ],
)
def test_different_units_stay_apart_even_with_one_unit_code(a: str, b: str) -> None:
    rows = [form(2023, "甲", unit_name=a, unit_code="201001"), form(2023, "乙", unit_name=b, unit_code="201001")]
    table, _, _ = organisations(frame(*rows))
    assert len(table) == 2
    assert table["unit_id"].is_unique


def test_a_renamed_unit_keeps_its_row_if_the_code_says_so() -> None:
    rows = [
        form(2022, "甲", unit_name="云岭区文化局", unit_code="201001"),
        form(2023, "甲", unit_name="云岭区文化广电旅游体育局", unit_code="201001"),
    ]
    table, _, _ = organisations(frame(*rows))
    assert table[["unit_name", "first_year", "last_year"]].values.tolist() == [["云岭区文化广电旅游体育局", 2022, 2023]]
    assert table["aliases"].tolist() == [["云岭区文化局"]]
    before, _, _ = organisations(frame(rows[0]))
    assert before["unit_id"].tolist() == table["unit_id"].tolist()


def test_schools_of_like_name_in_one_department_need_a_code_to_be_one() -> None:
    rows = [
        form(2023, "甲", unit_name="云岭区王庄小学", department_name="云岭区教育局"),
        form(2023, "乙", unit_name="云岭区王家庄小学", department_name="云岭区教育局"),
    ]
    assert len(organisations(frame(*rows))[0]) == 2


def test_districts_of_one_name_in_two_cities_are_two_places() -> None:
    rows = [
        form(2022, "办公经费", unit_name=f"{city}鼓楼区教育局", department_name=None) for city in ("江州市", "榕城市")
    ]
    rows[1]["fiscal_year"] = 2023
    assert len(organisations(frame(*rows))[0]) == 2
    assert groups(link(*rows)) == [["f1"], ["f2"]]


def test_the_same_code_links_across_a_new_name() -> None:
    result = link(
        form(2022, "学前教育财政补助", project_code=code(7)), form(2023, "幼儿园生均经费", project_code=code(7))
    )
    assert groups(result) == [["f1", "f2"]]
    assert result.links.iloc[0][["method", "decision"]].tolist() == ["code", "link"]
    assert "项目编码相同" in result.links.iloc[0]["evidence"]


def test_a_code_given_anew_to_another_unit_does_not_link() -> None:
    result = link(
        form(2022, "公务用车平台租赁", project_code=code(7)),
        form(2023, "老年大学教学活动", project_code=code(7), unit_name="滨海市云岭区民政局", department_name=None),
    )
    assert groups(result) == [["f1"], ["f2"]]
    assert result.mapping["series_id"].is_unique


def test_the_same_unit_and_name_link_when_the_code_is_renewed_every_year() -> None:
    names = {2022: "物业项目", 2023: "物业经费", 2024: "2024年物业专项经费"}
    result = link(*(form(year, name, project_code=code(year, year % 100)) for year, name in names.items()))
    assert groups(result) == [["f1", "f2", "f3"]]
    assert set(result.links["method"]) == {"name"}


def test_a_missing_year_is_bridged() -> None:
    assert groups(link(form(2021, "物业管理经费"), form(2023, "2023年物业管理项目"))) == [["f1", "f2"]]


def test_a_generic_project_is_not_linked_to_that_of_another_unit() -> None:
    other = {"unit_name": "滨海市云岭区应急管理局监测站"}
    third = {"unit_name": "滨海市云岭区民政局", "department_name": "滨海市云岭区民政局"}
    result = link(
        form(2022, "档案数字化加工项目"),
        form(2023, "档案数字化加工项目", **other),
        form(2024, "档案数字化加工经费", **third),
    )
    assert groups(result) == [["f1"], ["f2"], ["f3"]]


@pytest.mark.parametrize(
    ("elder", "younger"),
    [
        ("校舍维修一期", "校舍维修二期"),
        ("保洁A标段", "保洁B标段"),
        ("离休干部服务", "退休干部服务"),
        ("系统建设", "系统运维"),
    ],
)
def test_siblings_with_the_same_indicators_and_money_are_not_linked(elder: str, younger: str) -> None:
    result = link(form(2022, elder), form(2023, younger))
    assert groups(result) == [["f1"], ["f2"]]
    assert result.links.empty


def test_a_renamed_project_is_linked_by_its_indicators() -> None:
    result = link(form(2022, "安全生产检查"), form(2023, "安全生产专项检查与督导"))
    assert groups(result) == [["f1", "f2"]]
    row = result.links.iloc[0]
    assert row["method"] == "score"
    assert row["score"] >= Thresholds().link
    assert row["indicator"] == 1.0


def test_the_scores_from_which_pairs_are_linked_or_reviewed_are_settings() -> None:
    names = {"f1": [*SIX[:3], "甲", "乙"], "f2": [*SIX[:3], "丙", "丁"]}
    pair = form(2022, "安全生产检查"), form(2024, "安全生产检查及宣讲活动")
    [score] = link(*pair, of_form=names).links["score"]
    [eager] = link(*pair, of_form=names, thresholds=Thresholds(link=score, review=score / 2)).links["decision"]
    assert eager == "link"
    assert link(*pair, of_form=names, thresholds=Thresholds(review=score + 0.001)).links.empty
    siblings = form(2023, "校舍维修改造一期"), form(2024, "校舍维修改造二期")
    assert len(groups(link(*siblings, thresholds=Thresholds(link=0.1, review=0.05)))) == 2


def test_a_doubtful_match_goes_to_review_and_is_not_linked() -> None:
    names = {"f1": [*SIX[:3], "甲", "乙"], "f2": [*SIX[:3], "丙", "丁"]}
    result = link(form(2022, "安全生产检查"), form(2023, "安全生产检查及宣讲活动"), of_form=names)
    assert groups(result) == [["f1"], ["f2"]]
    assert result.links["decision"].tolist() == ["review"]


@pytest.mark.parametrize(
    ("elder", "younger"),
    [
        ("青云镇道路改造", "温泉镇道路改造"),
        ("红星小学食堂改造", "红旗小学食堂改造"),
        ("东大街改造", "西大街改造"),
        ("道路养护甲段", "道路养护乙段"),
        ("高龄津贴发放", "孤儿津贴发放"),
    ],
)
def test_names_that_exchange_a_word_are_at_best_reviewed(elder: str, younger: str) -> None:
    result = link(form(2022, elder), form(2023, younger))
    assert groups(result) == [["f1"], ["f2"]]
    assert set(result.links["decision"]) <= {"review"}


def test_names_that_exchange_a_word_without_weight_are_linked() -> None:
    assert groups(link(form(2022, "档案数字化加工"), form(2023, "档案数字化整理服务"))) == [["f1", "f2"]]


def test_a_renamed_unit_takes_its_projects_along() -> None:
    new = "滨海市云岭区应急管理和消防安全局"
    result = link(
        form(2022, "安全生产检查"), form(2023, "安全生产检查经费", unit_name=new, department_name=new), names=SIX
    )
    assert groups(result) == [["f1", "f2"]]
    assert "单位更名" in result.links.iloc[0]["evidence"]


def test_a_project_is_not_taken_along_while_both_units_live() -> None:
    new = "滨海市云岭区应急管理和消防安全局"
    result = link(
        form(2022, "安全生产检查"),
        form(2023, "安全生产检查经费", unit_name=new, department_name=new),
        form(2023, "办公经费"),
        of_form={"f1": SIX, "f2": SIX, "f3": []},
    )
    assert groups(result) == [["f1"], ["f2"], ["f3"]]


def test_two_forms_of_one_unit_and_year_are_two_series_unless_one_is_a_copy() -> None:
    one, two = form(2023, "物业管理经费"), form(2023, "物业管理项目", budget_adjusted_yuan=5)
    assert groups(link(one, two)) == [["f1"], ["f2"]]
    assert groups(link(one, one)) == [["f1", "f2"]]


def test_two_equally_good_candidates_are_left_to_a_person() -> None:
    result = link(form(2022, "物业管理"), form(2023, "物业管理费甲"), form(2023, "物业管理费乙"))
    assert groups(result) == [["f1"], ["f2"], ["f3"]]
    assert result.links["decision"].tolist() == ["review", "review"]
    assert all("物业管理费乙" in text and "物业管理费甲" in text for text in result.links["evidence"])


def test_of_two_namesakes_of_a_year_money_alone_does_not_say_which_goes_on() -> None:
    one, two = (form(2022, "社区矫正", budget_adjusted_yuan=yuan) for yuan in (50_000, 90_000))
    later = form(2023, "社区矫正", budget_adjusted_yuan=100_000)
    halves = {"f1": SIX[:3], "f2": SIX[3:], "f3": SIX}
    result = link(one, two, later, of_form=halves)
    assert groups(result) == [["f1"], ["f2"], ["f3"]]
    assert result.links["decision"].tolist() == ["review", "review"]
    goes_on = link(one, two, later, of_form={"f1": SIX[:2], "f2": SIX[1:], "f3": SIX})
    assert groups(goes_on) == [["f1"], ["f2", "f3"]]


def test_the_target_form_of_a_year_joins_the_series_of_its_self_evaluation() -> None:
    result = link(form(2023, "物业项目", form_kind="target"), form(2023, "物业经费"), form(2024, "物业经费"))
    assert groups(result) == [["f1", "f2", "f3"]]


def test_a_department_form_is_never_linked_with_a_project() -> None:
    result = link(
        form(2022, None, form_kind="department"), form(2023, None, form_kind="department"), form(2023, "部门整体支出")
    )
    assert groups(result) == [["f1", "f2"], ["f3"]]


def test_a_form_without_names_is_a_series_of_its_own() -> None:
    nobody = {"unit_name": None, "department_name": None}
    result = link(form(None, None, **nobody), form(None, None, **nobody))
    assert groups(result) == [["f1"], ["f2"]]
    assert result.series["first_year"].isna().all()


def test_series_ids_stay_when_a_later_year_comes() -> None:
    forms = [form(2021, "物业管理"), form(2022, "物业管理", project_code=code(3)), form(2023, "物业管理费")]
    assert link(*forms[:2]).mapping["series_id"][0] == link(*forms).mapping["series_id"][0]


def test_the_tables_have_the_columns_of_the_contract() -> None:
    result = link(form(2022, "物业管理"), form(2023, "物业管理"))
    assert list(result.series) == ["series_id", "series_name", "unit_id", "first_year", "last_year", "form_count"]
    assert result.series.iloc[0][["first_year", "last_year", "form_count"]].tolist() == [2022, 2023, 2]
    assert list(result.links)[:4] == ["form_id_a", "form_id_b", "method", "score"]


def test_an_empty_collection_gives_empty_tables() -> None:
    result = series(pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=["form_id", "level3"]))
    assert result.mapping.empty
    assert result.series.empty
    assert result.links.empty


def test_a_missing_column_and_a_double_form_id_are_named() -> None:
    with pytest.raises(KeyError, match="unit_code"):
        organisations(seed().drop(columns="unit_code"))
    double = pd.concat([seed(), seed()])
    with pytest.raises(ValueError, match="f1"):
        series(double, pd.DataFrame(columns=["form_id", "level3"]))


def bureau(name: str, **more: object) -> dict[str, object]:
    return {"unit_name": name, "department_name": name, **more}


def test_a_county_that_becomes_a_district_is_one_place_and_its_units_stay() -> None:
    old, new = {"region_code": "370296"}, {"region_code": "370295"}
    forms = [form(2022, "校园安防建设", **bureau("平川县教育局", **old))]
    forms += [form(2023, "校园安防建设", **bureau("平川区教育局", **new))]
    assert groups(link(*forms, names=SIX)) == [["f1", "f2"]]
    living = [*forms, form(2023, "乡村教师补助", **bureau("平川县教育局", **old))]
    assert len(organisations(frame(*living)).table) == 2


def test_a_town_that_becomes_a_street_is_one_unit_and_two_towns_are_two() -> None:
    town = form(2022, "便民服务大厅运行", **bureau("云岭区柳河镇人民政府"))
    street = form(2023, "便民服务大厅运行", **bureau("云岭区柳河街道办事处"))
    other = form(2023, "便民服务大厅运行", **bureau("云岭区柳江街道办事处"))
    assert groups(link(town, street, names=SIX)) == [["f1", "f2"]]
    assert groups(link(town, other, names=SIX)) == [["f1"], ["f2"]]


def test_merged_units_hand_on_their_own_projects_and_what_every_unit_has_is_for_a_person() -> None:
    forms = [form(2022, "农家书屋更新", **bureau("云岭区文化局")), form(2022, "办公设备购置", **bureau("云岭区文化局"))]
    forms += [form(2022, "乡村旅游扶持", **bureau("云岭区旅游局"))]
    forms += [
        form(2023, name, **bureau("云岭区文化和旅游局")) for name in ("农家书屋更新", "办公设备购置", "乡村旅游扶持")
    ]
    result = link(*forms, names=SIX)
    assert groups(result) == [["f1", "f4"], ["f2"], ["f3", "f6"], ["f5"]]
    review = result.links[result.links["decision"] == "review"]
    assert review[["form_id_a", "form_id_b"]].values.tolist() == [["f2", "f5"]]
    assert set(organisations(frame(*forms)).relations["kind"]) == {"merged"}


@pytest.mark.parametrize(("heir", "kind"), [("云岭区不动产登记中心", "split"), ("云岭区自然资源和海洋局", "review")])
def test_what_a_living_unit_hands_over_is_split_off_unless_the_names_are_kindred(heir: str, kind: str) -> None:
    old = "云岭区自然资源局"
    forms = [form(2022, name, **bureau(old)) for name in ("档案整理", "征地补偿测绘", "矿山修复")]
    forms += [form(2023, name, **bureau(heir)) for name in ("档案整理", "征地补偿测绘")]
    forms += [form(2023, "矿山修复", **bureau(old))]
    assert organisations(frame(*forms)).relations["kind"].tolist() == [kind]
    assert groups(link(*forms, names=SIX)) == [["f1"], ["f2"], ["f3", "f6"], ["f4"], ["f5"]]


def test_a_unit_that_stops_and_another_that_begins_are_two_whatever_generic_projects_they_have() -> None:
    generic = ("办公设备购置", "信息化运维", "聘用人员经费")
    forms = [form(2022, name, **bureau("云岭区史志研究室")) for name in generic]
    forms += [form(2023, name, **bureau("云岭区工商业联合会")) for name in generic]
    assert len(groups(link(*forms, names=SIX))) == 6
    assert organisations(frame(*forms)).relations.empty


def test_batches_are_paired_by_the_year_in_their_name_and_yearly_events_are_not() -> None:
    name = "{}年小型农田水利建设项目"
    forms = [form(2021, name.format(2021)), form(2022, name.format(2021)), form(2022, name.format(2022))]
    assert groups(link(*forms)) == [["f1", "f2"], ["f3"]]
    assert groups(link(form(2021, "2021年重阳节慰问活动"), form(2022, "2022年重阳节慰问活动"))) == [["f1", "f2"]]


def test_one_code_with_nothing_else_alike_is_for_a_person() -> None:
    forms = form(2022, "煤炭应急储备", project_code=code(7)), form(2023, "数字经济宣传月", project_code=code(7))
    result = link(*forms, of_form={"f1": SIX[:3], "f2": SIX[3:]})
    assert groups(result) == [["f1"], ["f2"]]
    assert result.links["decision"].tolist() == ["review"]
    assert "除编码外" in result.links["evidence"][0]


def test_a_link_that_is_not_quite_sure_says_why() -> None:
    new = "滨海市云岭区应急管理和消防安全局"
    renamed = link(form(2022, "安全生产检查"), form(2023, "安全生产检查", **bureau(new)), names=SIX)
    assert renamed.links["doubt"].tolist() == ["单位更名（应急管理局→应急管理和消防安全局）"]
    assert link(form(2022, "安全生产检查"), form(2023, "安全生产检查")).links["doubt"].tolist() == [None]
