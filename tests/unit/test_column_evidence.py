"""Unknown headers: a column is read by the cells below it where they are clear, and told in either case."""

import re

import pytest

from extractors.grid import Cell, Grid, Place
from extractors.layout.column_evidence.content import look
from extractors.layout.column_evidence.decide import read_columns
from extractors.layout.column_evidence.roles import constants, grams, suggested
from extractors.layout.rows import IN_DOUBT, rows_of
from extractors.stages import read_grids

HEADERS = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"]
ROWS = [
    ["产出指标", "数量指标", "保洁河道长度", "≥75公里", "91公里", "10", "10", ""],
    ["产出指标", "数量指标", "水质采样次数", "≥28次", "33次", "10", "10", ""],
    ["产出指标", "质量指标", "监测数据有效率", "≥98%", "100%", "10", "10", ""],
    ["产出指标", "时效指标", "漂浮物清理时限", "≤28小时", "35小时", "10", "8", "受汛期影响，清理滞后"],
    ["产出指标", "成本指标", "每公里保洁成本", "≤3.7万元", "2.7万元", "10", "10", ""],
    ["效益指标", "生态效益指标", "断面水质达标率", "≥89%", "100%", "30", "30", ""],
    [
        "满意度指标",
        "服务对象满意度指标",
        "沿河居民满意度",
        "≥88%",
        "80%",
        "10",
        "9",
        "因投诉处理不及时，下一步加强巡查",
    ],
]
HEAD = [["项目支出绩效自评表"], ["项目名称", "河道保洁项目"], ["主管部门", "某市水务局"]]
HIDDEN = ["甪翀", "昶烎", "霂焱", "垚骉", "淼孖", "惢譶", "槑灥", "皛赑"]


def grid(headers: list[str], rows: list[list[str]]) -> Grid:
    lines = [*HEAD, headers, *rows]
    width = len(headers)
    cells = []
    for r, line in enumerate(lines):
        for c, text in enumerate(line):
            span = 1 if len(line) == width else width if len(line) == 1 else width - 1 if c else 1
            cells.append(Cell(text, r, c, Place(locator=f"{r + 1}:{c + 1}"), 1, span))
    return Grid(cells)


def read(headers: list[str], rows: list[list[str]]) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
    (form,) = read_grids([grid(headers, rows)])
    told = [(p["code"], p["text"]) for p in form.problem if p["code"] not in {"MONEY_UNIT_MISSING"}]
    return form.indicator, told


FIELDS = ["level1", "level2", "level3", "target_text", "actual_text", "weight", "score", "deviation"]


def printed(rows: list[list[str]]) -> list[list[str | None]]:
    return [[text or None for text in row] for row in rows]


def values(indicators: list[dict[str, str]]) -> list[list[str | None]]:
    return [[row.get(field) for field in FIELDS] for row in indicators]


def test_known_headers_are_not_told() -> None:
    indicators, told = read(HEADERS, ROWS)
    assert values(indicators) == printed(ROWS)
    assert told == []


@pytest.mark.parametrize("column", range(len(HEADERS)))
def test_one_unknown_header_loses_nothing_that_its_cells_make_clear(column: int) -> None:
    headers = [*HEADERS]
    headers[column] = HIDDEN[column]
    indicators, told = read(headers, ROWS)
    assert values(indicators) == printed(ROWS)
    assert [text for _, text in told] == [HIDDEN[column]]
    assert told[0][0] == "COLUMN_BY_CONTENT"


def test_a_table_without_any_known_header_is_read_by_its_cells() -> None:
    indicators, told = read(HIDDEN, ROWS)
    assert values(indicators) == printed(ROWS)
    assert {text for _, text in told} == {*HIDDEN}


def test_pairs_printed_the_other_way_round_are_read_by_what_they_say() -> None:
    order = [0, 1, 2, 4, 3, 6, 5, 7]
    turned = [[row[n] for n in order] for row in ROWS]
    indicators, _ = read(HIDDEN, turned)
    for row, wanted in zip(values(indicators), printed(ROWS), strict=True):
        assert all(got in {None, want} for got, want in zip(row, wanted, strict=True))


def test_what_content_cannot_tell_is_left_empty_and_told() -> None:
    """Target and result both bare: 5 and 6 may be either."""
    bare = [[*row[:3], re.sub("[≥≤]", "", row[3]), *row[4:]] for row in ROWS]
    lone = [[*row[:3], row[3], row[5]] for row in bare]
    indicators, told = read(["一级指标", "二级指标", "三级指标", "年度指标值", HIDDEN[5]], lone)
    assert len(indicators) == len(ROWS)
    assert all(row.get("weight") is None and row.get("score") is None for row in indicators) or told


def test_an_unknown_column_of_explanations_is_no_reason() -> None:
    headers = [*HEADERS[:7], HIDDEN[0]]
    rows = [[*row[:7], f"反映{row[2]}情况"] for row in ROWS]
    indicators, told = read(headers, rows)
    assert all(row.get("deviation") is None for row in indicators)
    assert [text for _, text in told] == [HIDDEN[0]]


def test_a_doubtful_operator_takes_the_target_with_it() -> None:
    """A sign that nobody reads would turn ≥ 75 into 75."""
    headers = ["一级指标", "二级指标", "三级指标", "昶烎", "指标值", "度量单位"]
    rows = [[*row[:3], sign, value, unit] for row, sign, value, unit in zip(
        ROWS, ["正", "反", "正", "反", "正", "反", "正"], ["75", "28", "98", "28", "37", "89", "88"],
        ["公里", "次", "%", "小时", "元", "%", "%"], strict=True,
    )]  # fmt: skip
    (found,) = [row for row in rows_of([grid(headers, rows)]) if any(s.text == "昶烎" for s in row.filled)]
    read_columns(rows_of([grid(headers, rows)]))
    assert found.filled[3].header != "target_text"


def test_a_table_of_money_without_known_headers_is_none_of_indicators() -> None:
    rows = [["财政拨款", "500000", "480000"], ["其他资金", "20000", "20000"], ["合计", "520000", "500000"]]
    stream = rows_of([grid(["昶烎", "霂焱", "垚骉"], rows)])
    read_columns(stream)
    assert all(slot.column is None for row in stream for slot in row.filled)


def test_parts_of_words_suggest_a_column_and_foreign_words_none() -> None:
    assert suggested("全市完成值").argmax() == 6
    assert not suggested("昶烎").any()


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("≥75公里", {"sign", "number_unit"}),
        ("≥", {"sign_alone"}),
        ("公里", {"unit_alone"}),
        ("产出指标（50分）", {"level1", "with_points"}),
    ],
)
def test_what_a_text_looks_like(text: str, classes: set[str]) -> None:
    assert classes <= set(look(text).classes)


def test_the_constants_name_what_the_program_knows() -> None:
    made = constants()
    assert made.own.any() and made.pairs.any() and made.words > 0
    assert IN_DOUBT not in FIELDS


def test_a_word_suggests_a_column_by_its_pairs_of_characters() -> None:
    assert grams("完成值") == {"完成", "成值"}
    assert grams("值") == set()
