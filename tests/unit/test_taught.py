"""The people's layer over the vocabulary: what a file teaches, how a word is written into it, whom it concerns."""

from collections.abc import Iterator

import pytest

from extractors import taught
from extractors.extract import extract
from extractors.vocabulary import label_key, vocabulary
from extractors.vocabulary.taught import REFUSED, mark, read_taught, with_word, without_word

ACTUAL = ("indicator", "actual_text")
FILE = '[indicator.actual_text]\nis = [\n  "兑现水平",  # 某县\n]\n'


@pytest.fixture
def lessons() -> Iterator[None]:
    yield
    taught.use("")


@pytest.mark.usefixtures("lessons")
def test_a_taught_word_counts_until_it_is_taken_back() -> None:
    assert vocabulary().role("兑现水平") is None
    taught.use(FILE)
    assert vocabulary().role("兑现水平（A）") == ACTUAL
    assert vocabulary().column_header(label_key("兑现水平")) == "actual_text"
    taught.use("")
    assert vocabulary().role("兑现水平") is None


@pytest.mark.usefixtures("lessons")
def test_what_people_teach_goes_before_the_shipped_words() -> None:
    assert vocabulary().role("联系人") == ("attribute", "attribute")
    taught.use(with_word("", ("header", "unit_name"), "联系人"))
    assert vocabulary().role("联系人") == ("header", "unit_name")


def test_a_word_is_added_to_the_list_of_its_field_and_everything_else_stays() -> None:
    text = with_word(with_word(FILE, ACTUAL, "斩获"), (REFUSED, REFUSED), "某处")
    assert text.startswith('[indicator.actual_text]\nis = [\n  "斩获",\n  "兑现水平",  # 某县\n]\n')
    found = read_taught(text)
    assert (dict(found.roles), found.refused, found.faults) == (
        {"斩获": ACTUAL, "兑现水平": ACTUAL},
        frozenset({"某处"}),
        (),
    )


@pytest.mark.parametrize("list_", ['is = ["甲"]', 'is = ["甲", "乙"]', "is = []"])
def test_a_list_on_one_line_is_added_to_and_taken_from(list_: str) -> None:
    text = with_word(f"[header.unit_name]\n{list_}\n", ("header", "unit_name"), "丙丁")
    assert "丙丁" in read_taught(text).roles
    left = read_taught(without_word(text, "丙丁"))
    assert ("丙丁" in left.roles, left.faults) == (False, ())


def test_lines_that_are_wrong_are_told_and_the_others_are_in_force() -> None:
    found = read_taught("[nothing.here]\nis = ['某']\n\n文字\n" + FILE)
    assert [line for line, _ in found.faults] == [1, 4]
    assert dict(found.roles) == {"兑现水平": ACTUAL}


def test_a_word_taught_twice_is_told() -> None:
    found = read_taught(FILE + '[indicator.score]\nis = ["兑现水平"]\n')
    assert (dict(found.roles), len(found.faults)) == ({"兑现水平": ACTUAL}, 1)


def test_a_lesson_concerns_only_documents_that_print_the_word() -> None:
    lesson = read_taught(FILE)
    assert lesson.fingerprint({mark("兑现水平"), mark("项目名称")}) != ""
    assert lesson.fingerprint({mark("项目名称")}) == ""


def test_an_unknown_header_has_an_idea_and_a_text_that_is_no_label_has_none() -> None:
    form = extract(
        "项目支出绩效自评表\n项目名称\t午餐\n一级指标\t二级指标\t三级指标\t年度指标值\t预警灯\t实际完成值\n"
        "产出指标\t数量指标\t供餐人数\t≥310人\t已经按照计划完成，没有偏差\t320人\n产出指标\t质量指标\t验收合格率\t≥95%\t\t96%\n"
        "产出指标\t时效指标\t供餐及时率\t≥98%\t因疫情，工期有所推迟\t98%\n3.5版说明：见附件\t略\n".encode()
    ).forms[0]
    ideas = {row["text"]: (row.get("section"), row.get("column_name")) for row in form.problem}
    assert ideas.get("预警灯") in (("indicator", "note"), ("indicator", "deviation"))
    assert all(idea == (None, None) for text, idea in ideas.items() if text and text[0].isdigit())
