"""What people decide: which forms are one project, which units are one, and what of it cannot be in force.

Here: `decisions.csv` as it is read, and what it does to small frames. Not here: without it (test_linking).
"""

from pathlib import Path

import pytest
from linking_frames import code, form, frame, link, seed

from warehouse.linking import (
    Decision,
    Decisions,
    UnitDecision,
    organisations,
    read_decisions,
    unmatched_decisions,
    unmatched_units,
)
from warehouse.linking.decisions import COLUMNS
from warehouse.reviews.marks import MARK_COLUMNS

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


def test_the_example_of_the_docs_names_every_column_and_is_in_force(file: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "corrections.md").read_text("utf-8")
    example = text.partition("```csv\n")[2].partition("```")[0]
    assert example.splitlines()[0] == ",".join(COLUMNS)
    found = read(file, example)
    assert (len(found.projects), [d.decision for d in found.units]) == (3, ["same", "different", "usual"])
    assert not found.faults and all(name in text for name in MARK_COLUMNS)
