"""What a text says by itself: each question with a text that answers it and one that only looks like it."""

import pytest

from extractors.layout.cell_words import Words, words_of, words_seen

PASS_AND_NEAR_MISS = [
    ("is_level", "产出指标（50分）", "产出指标1：养护面积"),
    ("is_level", "数量指标", "数量"),
    ("like_level", "社会效益", "备注"),
    ("is_numbered", "指标1：供餐人数", "指标"),
    ("is_numbered", "（1）供餐人数", "（1）"),
    ("is_residue", "……", "……等"),
    ("is_residue", "指标2", "指标2：供餐人数"),
    ("is_note", "注：本表一式两份。", "注册资本"),
    ("is_note", "填报说明1.逐项填写", "说明情况"),
    ("is_note", "备注", "备注栏"),
    ("is_title", "项目支出绩效自评表", "附件1-2 项目支出绩效自评表"),
    ("is_total", "总分", "总分值说明"),
    ("is_figure", "—", "待定"),
    ("is_figure", "98.5%", "约98"),
    ("is_amount", "1,200.50万元", "1200人"),
    ("printed", "项目名称", "项目年度名称"),
    ("source", "其中：财政拨款", "拨款说明"),
    ("measure", "全年执行数（万元）", "执行情况说明"),
    ("header", "三级指标", "绩效指标完成情况"),
    ("section", "绩效指标", "养护面积"),
    ("pairs", "填报人：李某", "目标1：修路"),
]


@pytest.mark.parametrize(("question", "yes", "no"), PASS_AND_NEAR_MISS)
def test_a_text_answers_and_a_near_miss_does_not(question: str, yes: str, no: str) -> None:
    assert getattr(Words(yes), question)
    assert not getattr(Words(no), question)


def test_a_second_row_of_headers_has_words_of_its_own() -> None:
    assert (words_of("符号").header, words_of("符号").sub_header) != (None, None)
    assert words_of("三级指标").sub_header == words_of("三级指标").header == "level3"


def test_the_words_of_equal_texts_are_one_record() -> None:
    assert words_of("项目名称") is words_of("项目名称")


def test_a_text_too_long_for_a_label_is_none() -> None:
    assert words_of("项目名称" * 30).key == ""
    assert words_of("项目名称" * 30).role is None


@pytest.mark.parametrize("text", ["1" * 60 + "元", "绩效自评表" + "1" * 60 + "元", "目标" * 14 + "某"])
def test_words_that_could_be_cut_in_many_ways_are_not_tried_in_all(text: str) -> None:
    assert not Words(text).is_residue  # each took twice as long for every further character
    assert not Words(text).is_title
    assert Words(text).role is None


@pytest.mark.parametrize(
    ("text", "doubted", "known_as"),
    [
        ("顶目名称", [("顶", "项顼")], "项目名称"),
        ("年度资金总颔", [("颔", "额领")], "年度资金总额"),
        ("顶目各称", [("顶", "项"), ("各", "名")], None),  # two letters
        ("顶目名称", [], None),  # the letter is sure
        ("顶目名称", [("顶", "顼须")], None),  # no label is seen there
        ("项目名称", [("项", "栏")], "项目名称"),  # it is one as it stands
        ("道路绿化", [("绿", "緑")], None),  # a value
        ("布级财政资金", [("布", "市省")], None),  # two labels are possible
        ("评份", [("份", "分")], None),  # too short
    ],
)
def test_a_label_in_a_picture_is_known_within_one_doubted_letter(
    text: str, doubted: list[tuple[str, str]], known_as: str | None
) -> None:
    seen = words_seen(text, doubted)
    assert seen.label == words_of(known_as or text).label and (known_as is None or any(seen.label))


def test_a_value_in_a_picture_stays_as_it_was_read() -> None:
    from extractors.grid import Cell, Place
    from extractors.layout.rows import PlacedCell

    cell = Cell("顶目名称", 0, 0, Place(page=1), certainty=0.6, figures=0.6, doubted=(("顶", "项"),))
    placed = PlacedCell(cell.text, cell, 0.0, 1.0)
    assert placed.words.role == ("header", "project_name") and placed.text == cell.text == "顶目名称"
