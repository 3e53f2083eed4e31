"""A document without a form says so; one in which parts of a form stand unread says what was seen."""

from __future__ import annotations

import pytest
from office_form import ROWS, WANTED, as_tabs, read

from extractors.extract import extract

UNREAD = {
    "a cell a line": "\n".join(text for row in ROWS for text in row if text),
    "one line": " ".join(text for row in ROWS for text in row if text),
    "single blanks": "\n".join(" ".join(text for text in row if text) for row in ROWS),
    "levels alone": "绩效表\n产出指标\t数量指标\t供餐\n效益指标\t社会效益指标\t满意\n",
    "money alone": "收支\n资金\t全年预算数\t全年执行数\t执行率\n年度资金总额\t100\t98\t98%\n",
    "a list of projects": "自评结果\n单位\t项目名称\t年初预算\t实际支出\t自评得分\n甲局\t午餐\t100\t98\t98.5\n",
}
NO_FORM = {
    "a report about levels": "一、绩效指标包括数量指标、质量指标、时效指标和成本指标。\n二、各单位应当如实填报。\n",
    "a level in a list of duties": "职责\t说明\n数量指标\t由业务科室填报\n",
    "a list of projects not evaluated": "项目支出预算表\n单位\t项目名称\t年初预算\t调整预算\n甲局\t午餐\t100\t98\n",
    "accounts": "收入支出决算总表\n项目\t年初预算数\t全年预算数\t决算数\n一般公共预算财政拨款\t100\t98\t98\n",
}


@pytest.mark.parametrize("name", UNREAD)
def test_levels_or_a_table_of_money_that_came_to_no_form_are_told(name: str) -> None:
    result = extract(UNREAD[name].encode())
    assert (result.status, result.reason_code, result.forms) == ("rejected", "FORM_NOT_READ", [])
    [told] = [row for row in result.problem if row["code"] == "FORM_NOT_READ"]
    assert told["severity"] == "error" and told["text"] and told["message"] == result.reason


@pytest.mark.parametrize("name", NO_FORM)
def test_what_only_speaks_of_them_is_no_form(name: str) -> None:
    result = extract(NO_FORM[name].encode())
    assert (result.status, result.reason_code, result.problem) == ("no_form", "NOT_A_FORM", [])


def form_with(row: int, col: int, text: str) -> tuple[dict[str, object], set[tuple[str, str]]]:
    rows = [own.copy() for own in ROWS]
    rows[row][col] = text
    [form] = extract(as_tabs(rows).encode()).forms
    return form.project, {(p["code"], p["text"]) for p in form.problem}


@pytest.mark.parametrize(
    ("row", "col", "text", "column"),
    [
        (5, 5, "11,692,600.00 12,308,000.00", "executed_yuan"), (5, 7, "95 08", "execution_rate_pct"),
        (5, 8, "9.5 10", "execution_score"), (14, 7, "98.5 100", "total_score"),
    ],
)  # fmt: skip
def test_two_figures_in_a_cell_are_left_empty_and_quoted(row: int, col: int, text: str, column: str) -> None:
    project, told = form_with(row, col, text)
    assert project.get(column) is None and ("TWO_VALUES", text) in told


@pytest.mark.parametrize(("text", "marked"), [("9.5②", True), ("9.5¹", True), ("９．５", False), ("9.5分", False)])
def test_a_mark_is_left_out_and_told_and_wide_figures_are_figures(text: str, marked: bool) -> None:
    project, told = form_with(5, 8, text)
    assert project["execution_score"] == "9.5"
    assert (("MARKED_TEXT", text) in told) is marked


def test_the_form_itself_is_read() -> None:
    assert read(as_tabs().encode()) == WANTED
