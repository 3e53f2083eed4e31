"""Forms in traditional characters are looked up in simplified ones and published as they are printed."""

import pytest
from office_form import ROWS, as_tabs

from extractors.codes import ReasonCode
from extractors.extract import extract
from extractors.readings import printed
from extractors.traditional import SIMPLIFIED
from extractors.vocabulary import label_key, vocabulary

TRADITIONAL = {ord(simplified): chr(code) for code, simplified in sorted(SIMPLIFIED.items(), reverse=True)}


def traditional(text: str) -> str:
    return text.translate(TRADITIONAL)


def test_labels_and_units_are_found_in_either_script() -> None:
    assert vocabulary().role("項目名稱") == vocabulary().role("项目名称")
    assert label_key("全年執行數") == "全年执行数"
    assert str(printed.money("16.5萬元", None)[0]) == "165000.00"
    assert printed.is_grade("優")


def test_characters_that_simplified_text_uses_are_left_alone() -> None:
    kept = "乾著徵余后准克"
    assert kept.translate(SIMPLIFIED) == kept
    assert not {ord(char) for char in SIMPLIFIED.values()} & SIMPLIFIED.keys()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_traditional_form_is_read_and_its_texts_stay_as_printed(encoding: str) -> None:
    rows = [[traditional(text) for text in row] for row in ROWS]
    [form] = extract(as_tabs(rows).encode(encoding)).forms
    assert form.project["project_name"] == traditional("图书馆夜间开放")
    assert form.project["executed_yuan"] == "11692600.00"
    assert [row["level1"] for row in form.indicator][::3] == [traditional("产出指标"), traditional("满意度指标")]
    assert [row["target_value"] for row in form.indicator] == ["280", "96", "8", "90"]
    assert not form.problem


def test_question_marks_that_stand_for_lost_characters_leave_their_cell_blank_and_are_told() -> None:
    text = as_tabs().replace("保障夜间开放", "保障?间开放")
    result = extract(text.encode("gb18030"))
    assert result.forms[0].project.get("goal_expected") is None
    assert [(p["code"], p["text"]) for p in result.problem] == [(ReasonCode.BAD_VALUE, "保障?间开放")]


def test_signs_for_which_an_encoding_has_no_place_are_those_that_a_lossy_program_replaced() -> None:
    rows = [[traditional(text).replace("≥", ">=") for text in row] for row in ROWS]
    whole = as_tabs(rows)
    lossy = whole.replace(traditional("保障夜间开放"), traditional("保障?间开放"))
    for text, encoding, sign in ((lossy, "big5", "≥"), (whole, "big5", ">="), (lossy, "utf-8", ">=")):
        [form] = extract(text.encode(encoding, "ignore")).forms
        assert form.indicator[0]["target_text"] == f"{sign}280天"
    result = extract(lossy.encode("big5", "ignore"))
    assert next((p["code"], p["severity"], p["text"]) for p in result.problem) == (ReasonCode.ENCODING, "info", ">=")


@pytest.mark.parametrize(
    ("printed_text", "encoding"),
    [("保障夜间开放?", "gb18030"), ("保障?间开放", "utf-8"), ("保障夜间开放 http://a.cn/?间", "gb18030")],
)
def test_question_marks_that_ask_or_are_written_so_are_text(printed_text: str, encoding: str) -> None:
    result = extract(as_tabs().replace("保障夜间开放", printed_text).encode(encoding))
    assert result.forms[0].project["goal_expected"] == printed_text
    assert not result.problem
