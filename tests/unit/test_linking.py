"""Names, units, decisions and series, rule by rule.

Here: small frames with one fact each. Not here: the invented collection, which is in test_linking_benchmark.
"""

from pathlib import Path

import pandas as pd
import pytest

from warehouse.linking import (
    Bigrams,
    Decision,
    Decisions,
    LastBuild,
    Series,
    Thresholds,
    UnitDecision,
    changed,
    organisations,
    parts,
    read_decisions,
    series,
    unmatched_decisions,
    unmatched_units,
)

COLUMNS = [
    "form_id",
    "form_kind",
    "fiscal_year",
    "region_code",
    "project_name",
    "project_code",
    "unit_name",
    "unit_code",
    "department_name",
    "budget_adjusted_yuan",
]
BUREAU = "滨海市云岭区应急管理局"
SIX = ["检查企业家次", "聘请专家人数", "隐患整改闭环率", "隐患复查时限", "专家费支出", "受检企业满意度"]


def code(serial: int, year: int = 22) -> str:
    return f"440399{year}{serial:013}"


def frame(*forms: dict[str, object]) -> pd.DataFrame:
    plain = {"form_kind": "self_evaluation", "region_code": "440399", "unit_name": BUREAU, "department_name": BUREAU}
    rows = [{"form_id": f"f{i + 1}", "budget_adjusted_yuan": 100_000} | plain | form for i, form in enumerate(forms)]
    return pd.DataFrame(rows, columns=COLUMNS)


def link(
    *forms: dict[str, object],
    names: list[str] | None = None,
    of_form: dict[str, list[str]] | None = None,
    decisions: tuple[Decision, ...] = (),
    thresholds: Thresholds | None = None,
) -> Series:
    projects = frame(*forms)
    found = of_form or dict.fromkeys(projects["form_id"], SIX if names is None else names)
    rows = [{"form_id": form_id, "level3": name} for form_id, level3 in found.items() for name in level3]
    return series(projects, pd.DataFrame(rows, columns=["form_id", "level3"]), decisions, thresholds)


def groups(result: Series) -> list[list[str]]:
    return sorted(sorted(group) for group in result.mapping.groupby("series_id")["form_id"].agg(list))


def form(year: int | None, name: str, **more: object) -> dict[str, object]:
    return {"fiscal_year": year, "project_name": name} | more


def seed() -> pd.DataFrame:
    own, other = "中共深圳市罗湖区委组织部（本级）", "中共深圳市罗湖区组织部（本级）"
    centre = "深圳市罗湖区老干部活动中心"
    rows = [
        (own, own, "118001", "440303241183115300024"),
        (other, other, "118001", "440303210301500003999"),
        (other, other, "118001", "440303210301500004830"),
        (centre, other, None, "440303241183119300003"),
        (centre, own, None, "440303241183119300012"),
    ]
    return frame(
        *(
            form(2024, f"项目{i}", unit_name=u, department_name=d, unit_code=c, project_code=p, region_code="440303")
            for i, (u, d, c, p) in enumerate(rows)
        )
    )


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
    pair = form(2022, "安全生产检查"), form(2023, "安全生产检查及宣讲活动")
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


def test_a_decision_links_what_no_rule_would() -> None:
    decided = (
        Decision("P-1", "李", project_code=code(1), eval_year=2022),
        Decision("P-1", "李", note="同一项目", form_id="f2"),
    )
    result = link(form(2022, "学前教育", project_code=code(1)), form(2023, "消防车购置"), decisions=decided)
    assert result.mapping["series_id"].tolist() == ["P-1", "P-1"]
    assert result.links.iloc[0]["method"] == "decision"
    assert "李" in result.links.iloc[0]["evidence"]


def test_a_decision_separates_what_a_code_would_link() -> None:
    forms = [form(y, "物业管理", project_code=code(1)) for y in (2021, 2022, 2023)]
    decided = (Decision("P-2", "李", project_code=code(1), eval_year=2022),)
    result = link(*forms, decisions=decided)
    ids = result.mapping["series_id"].tolist()
    assert ids[1] == "P-2"
    assert ids[0] != "P-2"


def test_a_series_id_may_serve_as_the_key_of_a_decision() -> None:
    forms = [form(2021, "物业管理"), form(2022, "物业管理"), form(2023, "后勤")]
    before = link(*forms).mapping["series_id"].tolist()
    after = link(*forms, decisions=(Decision(before[0], "李", form_id="f3"),)).mapping["series_id"].tolist()
    assert after == [before[0]] * 3


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


HEADER = "project_code,eval_year,project_key,decided_by,note,form_id\n"


def read(path: Path, text: str, encoding: str = "utf-8") -> Decisions:
    path.write_bytes(text.encode(encoding))
    return read_decisions(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "decisions.csv"


def test_decisions_are_read_with_their_lines(file: Path) -> None:
    text = HEADER + f'# a remark\n{code(1)},2023,P-1,李,"甲, 乙",\n\n,,P-1,李,,f9\n'
    one, two = read(file, text).projects
    assert (one.project_code, one.eval_year, one.project_key, one.note, one.line) == (code(1), 2023, "P-1", "甲, 乙", 3)
    assert (two.form_id, two.eval_year) == ("f9", None)


def test_decisions_may_be_saved_as_gb18030_and_say_fiscal_year(file: Path) -> None:
    text = "kind,project_code,fiscal_year,project_key,decided_by,unit_name,other_unit_name,decision\n"
    text += f"project,{code(1)},2023,P-1,李,,,\nunit,,,,李,甲局,乙局,same\n"
    found = read(file, text, "gb18030")
    assert [d.eval_year for d in found.projects] == [2023]
    assert found.units == [UnitDecision("same", "甲局", "乙局", "李", line=3)]
    assert not found.faults


def test_no_file_means_no_decisions() -> None:
    assert read_decisions(Path("nowhere/decisions.csv")) == ([], [], [])


@pytest.mark.parametrize(
    ("line", "at", "says"),
    [
        ("1,23,P,李,,", 2, "fiscal_year '23' 不是年份"),
        ("1,,P,李,,", 2, "fiscal_year 为空"),
        (",2023,P,李,,", 2, "project_code 和 form_id 都为空"),
        ("4.40303E+20,2023,P,李,,", 2, "设为文本"),
        ("1,2023,,李,,", 2, "project_key 为空"),
        ("1,2023,P,,,", 2, "decided_by 为空"),
        ("1,2023,P,李,a,b,c", 2, "加引号"),
        ("1,2023,P,李,,\n1,2023,Q,李,,", 3, "'Q' 与第 2 行的 'P' 矛盾"),
    ],
)
def test_a_faulty_decision_is_told_with_its_line_and_the_others_are_in_force(
    file: Path, line: str, at: int, says: str
) -> None:
    found = read(file, f"{HEADER}{line}\n2,2023,R,李,,\n")
    assert [fault.line for fault in found.faults] == [at]
    assert says in found.faults[0].message
    assert found.projects[-1].project_key == "R"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("unit,甲局,乙局,maybe,李", "应为 same"),
        ("unit,甲局,,same,李", "other_unit_name 为空"),
        ("unit,甲局,乙局,same,", "decided_by 为空"),
        ("unit,甲局,乙局,same,李\nunit,乙局,甲局,different,李", "与第 2 行矛盾"),
        ("town,甲局,乙局,same,李", "kind"),
    ],
)
def test_a_faulty_decision_on_units_is_told(file: Path, line: str, says: str) -> None:
    found = read(file, f"kind,unit_name,other_unit_name,decision,decided_by\n{line}\n")
    assert says in found.faults[-1].message


def test_an_unknown_column_of_the_decisions_is_named(file: Path) -> None:
    assert "不认识的列 'key'" in read(file, "key,decided_by\n").faults[0].message


UNITS = ("滨海市云岭区史志研究室", "滨海市云岭区档案服务中心")


def two_units(year: int = 2023) -> list[dict[str, object]]:
    names = ({"unit_name": name, "department_name": name} for name in UNITS)
    return [form(2022, "地方志编纂", **next(names)), form(year, "名人故居修缮", **next(names))]


def test_people_may_say_that_two_units_are_one_and_which_name_is_usual() -> None:
    forms = frame(*two_units())
    assert len(organisations(forms).table) == 2
    same = UnitDecision("same", *UNITS, "李")
    usual = UnitDecision("usual", UNITS[0], decided_by="李")
    table = organisations(forms, decisions=[same, usual]).table
    assert table[["unit_name", "aliases"]].values.tolist() == [[UNITS[0], [UNITS[1]]]]


def test_people_may_say_that_two_units_are_two() -> None:
    names = "云岭区卫生和计划生育局", "云岭区卫生健康局"
    forms = frame(*(form(2022 + i, "甲", unit_name=n, department_name=None) for i, n in enumerate(names)))
    assert len(organisations(forms).table) == 1
    assert len(organisations(forms, decisions=[UnitDecision("different", *names, "李")]).table) == 2


def test_decisions_on_units_that_are_not_at_hand_are_reported() -> None:
    lost = UnitDecision("same", UNITS[0], "云岭区海事局", "李")
    table = organisations(frame(*two_units())).table
    assert unmatched_units(table, [lost, UnitDecision("same", *UNITS, "李")]) == [lost]


def test_decisions_without_forms_are_reported() -> None:
    kept = Decision("P", "李", form_id="f1")
    lost = Decision("P", "李", project_code=code(1), eval_year=1999)
    assert unmatched_decisions(seed(), [kept, lost]) == [lost]


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


def again(forms: list[dict[str, object]], last: LastBuild) -> Series:
    projects = frame(*forms).assign(form_id=[f["form_id"] for f in forms])
    rows = pd.DataFrame([(f, name) for f in projects["form_id"] for name in SIX], columns=["form_id", "level3"])
    found = organisations(projects, last=last)
    return series(projects, rows, units=found.mapping, relations=found.relations, last=last)


def test_ids_are_kept_from_the_last_build_when_an_earlier_year_comes_late() -> None:
    forms = [form(year, "安全生产检查") | {"form_id": f"y{year}"} for year in (2021, 2022, 2023)]
    first = again(forms[1:], LastBuild())
    before = dict(first.mapping.itertuples(index=False))
    assert set(again(forms, LastBuild(before)).mapping["series_id"]) == set(before.values())
    assert set(again(forms, LastBuild()).mapping["series_id"]) != set(before.values())


def test_files_that_went_away_make_no_link_and_a_new_form_may() -> None:
    forms = [form(2022, "安全生产检查") | {"form_id": "a"}, form(2023, "安全生产检查") | {"form_id": "b"}]
    last = LastBuild({"a": "s1", "b": "s2", "gone": "s3"}, same_rules=True)
    held = again(forms, last)
    assert held.mapping["series_id"].tolist() == ["s1", "s2"]
    assert held.links["decision"].tolist() == ["review"]
    came = again([*forms, form(2023, "防汛演练") | {"form_id": "c"}], last)
    assert came.mapping["series_id"].nunique() == 2


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
