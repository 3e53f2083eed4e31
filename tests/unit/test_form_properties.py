"""What must hold for every form: where a section, a pair or a column stands, and what it is called, changes nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.extraction import ExtractedForm
from extractors.grid import Cell, Grid, Place, Span
from extractors.stages import read_grids
from extractors.vocabulary import vocabulary

Rows = list[list[str]]
HEADER = [
    ("项目编码", "51011723T000007943391"), ("主管部门", "青河县教育局"), ("实施单位", "青河县第一小学"),
    ("预算年度", "2023"), ("项目负责人", "陈某"), ("联系电话", "0000-1234567"), ("项目类别", "特定目标类"),
]  # fmt: skip
MEASURES = ["年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"]
FUNDS = {
    "年度资金总额": ["120", "130", "117", "10", "90%", "9"], "其中：财政拨款": ["100", "110", "99", "", "90%", ""],
    "上年结转资金": ["20", "20", "18", "", "90%", ""], "其他资金": ["0", "0", "0", "", "", ""],
}  # fmt: skip
GOALS = [("预期目标", "为三百名学生提供午餐。"), ("实际完成情况", "已为三百一十名学生提供午餐。")]
HEADERS = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因"]
INDICATORS = [
    dict(zip(HEADERS, line.split("|"), strict=True))
    for line in (
        "产出指标|数量指标|供餐人数|≥300人|310人|30|30|报名增加",
        "产出指标|数量指标|供餐天数|200天|198天|20|19.8|停课两天",
        "产出指标|质量指标|食材检验合格率|100%|100%|10|10|",
        "效益指标|社会效益指标|学生营养状况|改善|改善|20|20|",
        "满意度指标|服务对象满意度指标|家长满意度|≥90%|95%|10|10|",
    )
]
OF_INTEREST = {
    "indicator": [
        "level1", "level2", "level3", "target_text", "actual_text", "weight", "score", "deviation", "horizon",
    ],
    "funding": [
        "source", "initial_yuan", "adjusted_yuan", "received_yuan", "executed_yuan", "rate_pct", "weight", "score",
    ],
}  # fmt: skip


def header_rows(pairs: list[tuple[str, str]], per_row: int = 2, name: str = "学生午餐补助") -> Rows:
    cells = [cell for pair in pairs for cell in pair]
    return [["项目名称", name], *(cells[n : n + 2 * per_row] for n in range(0, len(cells), 2 * per_row))]


def fund_rows(
    measures: list[str] | None = None, columns: list[int] | None = None, labels: dict[str, str] | None = None
) -> Rows:
    order = columns or list(range(len(MEASURES)))
    names = measures or MEASURES
    rows = [["项目资金（万元）", *(names[n] for n in order)]]
    return rows + [[(labels or {}).get(label, label), *(values[n] for n in order)] for label, values in FUNDS.items()]


def goal_rows(goals: list[tuple[str, str]] | None = None) -> Rows:
    return [list(pair) for pair in goals or GOALS]


def indicator_rows(order: list[str] | None = None, names: dict[str, str] | None = None, merged: str = "full") -> Rows:
    headers = order or HEADERS
    rows = [[(names or {}).get(c, c) for c in headers]]
    above: dict[str, str] = {}
    for indicator in INDICATORS:
        row = []
        for header in headers:
            text = indicator[header]
            same = header in {"一级指标", "二级指标"} and above.get(header) == text
            same = same and (header == "一级指标" or above.get("一级指标") == indicator["一级指标"])
            row.append("" if same and merged == "blank" else text)
        above = dict(indicator)
        rows.append(row)
    return rows


def form(*parts: Rows, title: str = "项目支出绩效自评表") -> ExtractedForm:
    rows = [[title], *(row for part in parts for row in part)]
    width = max(len(row) for row in rows)
    cells = [
        Cell(row[c] if c < len(row) else "", r, c, Place(locator=f"{r + 1}:{c + 1}"))
        for r, row in enumerate(rows)
        for c in range(width)
    ]
    [form] = read_grids([Grid(cells, Span.OPEN)])
    return form


def facts(got: ExtractedForm) -> dict[str, Any]:
    """What the warehouse will hold of a form, without the order of its money rows and without attributes."""
    rows = {t: [{c: row.get(c) for c in columns} for row in getattr(got, t)] for t, columns in OF_INTEREST.items()}
    rows["funding"].sort(key=lambda row: row["source"])
    project = {k: v for k, v in got.project.items() if v is not None}
    return {"project": project, **rows}


PLAIN = form(header_rows(HEADER), fund_rows(), goal_rows(), indicator_rows())
WANTED = facts(PLAIN)


def test_the_plain_form_is_read_whole() -> None:
    assert PLAIN.problem == []
    assert WANTED["project"]["goal_expected"] == GOALS[0][1]
    assert [row["level3"] for row in WANTED["indicator"]] == [row["三级指标"] for row in INDICATORS]
    assert [row["weight"] for row in WANTED["indicator"]] == [row["分值"] for row in INDICATORS]
    assert [row["executed_yuan"] for row in WANTED["funding"]] == ["180000.00", "990000.00", "0.00", "1170000.00"]
    assert len(PLAIN.attribute) == 3


@given(st.permutations([fund_rows(), goal_rows(), indicator_rows()]))
def test_the_order_of_the_sections_changes_nothing(sections: list[Rows]) -> None:
    got = form(header_rows(HEADER), *sections)
    assert facts(got) == WANTED
    assert got.problem == []


@given(st.permutations(HEADER), st.integers(1, 4))
def test_the_order_of_the_header_changes_nothing(pairs: list[tuple[str, str]], per_row: int) -> None:
    got = form(header_rows(pairs, per_row), fund_rows(), goal_rows(), indicator_rows())
    assert facts(got) == WANTED
    assert got.problem == []


@given(st.permutations(HEADERS), st.sampled_from(["full", "blank"]))
def test_the_order_of_the_indicator_columns_changes_nothing(order: list[str], merged: str) -> None:
    got = form(header_rows(HEADER), fund_rows(), goal_rows(), indicator_rows(order, merged=merged))
    assert facts(got) == WANTED
    assert got.problem == []


@given(st.permutations(range(len(MEASURES))))
def test_the_order_of_the_money_columns_changes_nothing(columns: list[int]) -> None:
    got = form(header_rows(HEADER), fund_rows(columns=columns), goal_rows(), indicator_rows())
    assert facts(got) == WANTED
    assert got.problem == []


@given(st.integers(0, len(HEADERS)), st.sampled_from(["甲方意见", "校核情况", "参考口径"]))
def test_an_unknown_column_changes_nothing_else(place: int, header: str) -> None:
    rows = indicator_rows()
    wide = [[*row[:place], f"第{n}行的话" if n else header, *row[place:]] for n, row in enumerate(rows)]
    got = form(header_rows(HEADER), fund_rows(), goal_rows(), wide)
    assert facts(got) == WANTED
    if place:  # to the left of all headers it may be the name of the section
        assert [p["code"] for p in got.problem] == ["UNKNOWN_LABEL"]
        kept = [a["value"] for a in got.attribute if a["label"] == header]
        assert kept == [f"第{n}行的话" for n in range(1, len(rows))]


@given(st.integers(1, len(MEASURES) + 1), st.sampled_from(["支付笔数", "统筹口径"]))
def test_an_unknown_money_column_changes_nothing_else(place: int, header: str) -> None:
    wide = [[*row[:place], str(n) if n else header, *row[place:]] for n, row in enumerate(fund_rows())]
    got = form(header_rows(HEADER), wide, goal_rows(), indicator_rows())
    assert facts(got) == WANTED
    assert [(p["code"], p["text"]) for p in got.problem] == [("UNKNOWN_LABEL", header)]


@given(st.integers(0, len(HEADER)), st.sampled_from(["主责处室", "监督方式", "Budget line"]))
def test_an_unknown_label_changes_nothing_else(place: int, label: str) -> None:
    pairs = [*HEADER[:place], (label, "某某"), *HEADER[place:]]
    got = form(header_rows(pairs), fund_rows(), goal_rows(), indicator_rows())
    assert facts(got) == WANTED
    assert ("某某") in [a["value"] for a in got.attribute if a["label"] == label]


def words(group: str, *names: str) -> list[tuple[str, str]]:
    found = getattr(vocabulary(), group).words()
    return [(name, word) for name in names for word in found[name]]


HEADER_WORDS = words("header", "project_code", "unit_name", "department_name", "fiscal_year")
OLD = {"project_code": "项目编码", "unit_name": "实施单位", "department_name": "主管部门", "fiscal_year": "预算年度"}


@pytest.mark.parametrize(("name", "word"), HEADER_WORDS)
def test_every_synonym_of_a_header_label_reads_alike(name: str, word: str) -> None:
    pairs = [(word if label == OLD[name] else label, value) for label, value in HEADER]
    assert facts(form(header_rows(pairs), fund_rows(), goal_rows(), indicator_rows())) == WANTED


@pytest.mark.parametrize(("name", "word"), words("goal", "goal_expected", "goal_actual"))
def test_every_synonym_of_a_goal_reads_alike(name: str, word: str) -> None:
    goals = [(word if (name == "goal_expected") == (label == "预期目标") else label, text) for label, text in GOALS]
    assert facts(form(header_rows(HEADER), fund_rows(), goal_rows(goals), indicator_rows())) == WANTED


OLD_MEASURE = {"initial_yuan": 0, "adjusted_yuan": 1, "executed_yuan": 2, "weight": 3, "rate_pct": 4, "score": 5}


@pytest.mark.parametrize(("name", "word"), words("measure", *OLD_MEASURE))
def test_every_synonym_of_a_measure_reads_alike(name: str, word: str) -> None:
    measures = [word if n == OLD_MEASURE[name] else m for n, m in enumerate(MEASURES)]
    assert facts(form(header_rows(HEADER), fund_rows(measures), goal_rows(), indicator_rows())) == WANTED


OLD_SOURCE = {"total": "年度资金总额", "fiscal": "其中：财政拨款", "carryover": "上年结转资金", "other": "其他资金"}


@pytest.mark.parametrize(("name", "word"), words("source", *OLD_SOURCE))
def test_every_synonym_of_a_source_reads_alike(name: str, word: str) -> None:
    rows = fund_rows(labels={OLD_SOURCE[name]: word})
    assert facts(form(header_rows(HEADER), rows, goal_rows(), indicator_rows())) == WANTED


OLD_HEADER = {
    "level2": "二级指标", "level3": "三级指标", "target_text": "年度指标值", "actual_text": "实际完成值",
    "weight": "分值", "score": "得分", "deviation": "偏差原因",
}  # fmt: skip


@pytest.mark.parametrize(("name", "word"), words("indicator", *OLD_HEADER))
def test_every_synonym_of_an_indicator_header_reads_alike(name: str, word: str) -> None:
    rows = indicator_rows(names={OLD_HEADER[name]: word})
    assert facts(form(header_rows(HEADER), fund_rows(), goal_rows(), rows)) == WANTED
