"""Text exports: encodings, delimiters, quotes, places. Not here: what the fields mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.formats import Limits, read
from extractors.formats.clean import cell_text, clean_text
from extractors.grid import Span, Unreadable

FORM = "项目支出绩效自评表\n（2023年度）\n项目名称：\t图书购置\t\t分值\t10\n年度资金总额\t18.00\t17.11\t\t\n"


def rows(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row] for row in read(data).grids[0].rows()]


def rejected(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read(data, limits or Limits())
    assert caught.value.message.endswith("。")
    return caught.value.reason_code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_rows(encoding: str, end: str) -> None:
    assert rows(FORM.replace("\n", end).encode(encoding)) == rows(FORM.encode())


def test_a_field_has_its_line_and_number_as_place_and_blank_fields_are_cells() -> None:
    sheets = read(FORM.encode())
    assert sheets.format == "text"
    grid = sheets.grids[0]
    assert grid.spans is Span.OPEN
    third = list(grid.rows())[2]
    assert [(c.text, c.place.locator) for c in third] == [
        ("项目名称：", "3:1"),
        ("图书购置", "3:2"),
        ("", "3:3"),
        ("分值", "3:4"),
        ("10", "3:5"),
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("17\b80000", "17\ufffd80000"),
        ("1800001\b", "1800001\ufffd"),
        ("180\x01000", "180\ufffd000"),
        ("1\x1b[8m1\x1b[0m", "1\ufffd1"),
        ("\x1b[31m180000\x1b[0m", "180000"),
        ("达标\b", "达标"),
        ("\x02180000", "180000"),
    ],
)
def test_a_control_in_a_figure_makes_it_none_and_one_beside_it_is_nothing(text: str, read: str) -> None:
    assert cell_text(text) == read


def test_a_blank_line_is_a_row_without_cells() -> None:
    assert rows("甲\t乙\n\n \t \n丙\t丁\n".encode()) == [["甲", "乙"], [], [], ["丙", "丁"]]


def test_a_stray_quote_in_tab_separated_text_swallows_nothing() -> None:
    assert rows('甲\t"乙\n丙\t丁\n"戊\t己'.encode()) == [["甲", '"乙'], ["丙", "丁"], ['"戊', "己"]]


def test_the_quotes_that_excel_writes_in_tab_separated_text_are_read() -> None:
    assert rows('金额\t"1,234.56"\t"目标1\n目标2"\t"称""优"""\t"原文"\n下一行\t1'.encode()) == [
        ["金额", "1,234.56", "目标1目标2", '称"优"', '"原文"'],
        ["下一行", "1"],
    ]


def test_csv_reads_quoted_commas_line_breaks_and_doubled_quotes() -> None:
    sheets = read('项目,"资金（元）,\n合计","他说""好"""\n尾,1,2\n'.encode("gb18030"))
    assert sheets.format == "csv"
    cells = sheets.grids[0].cells
    assert [c.text for c in cells] == ["项目", "资金（元）,合计", '他说"好"', "尾", "1", "2"]
    assert cells[3].place.locator == "3:1"


def test_an_unclosed_quote_in_csv_is_text() -> None:
    assert rows('项目,"未完\n尾,1\n'.encode()) == [["项目", '"未完'], ["尾", "1"]]


def test_semicolons_and_commas_inside_numbers_do_not_split_tab_separated_text() -> None:
    assert rows("金额\t1,234\t5,678\n比例\t9,5\t1;2\n".encode())[0] == ["金额", "1,234", "5,678"]
    assert rows("项目;分值\n甲;10\n".encode())[1] == ["甲", "10"]


def test_columns_that_are_blank_in_every_row_are_left_out() -> None:
    assert rows("甲,乙,,,\n丙,,,,\n".encode()) == [["甲", "乙"], ["丙", ""]]


def test_a_long_cell_is_kept_whole_and_one_beyond_the_limit_is_told_never_cut() -> None:
    assert len(rows(f"说明\t{'字' * 100_000}\n".encode())[0][1]) == 100_000
    assert rejected(f"说明\t{'字' * 100_001}\n".encode()) == "TOO_BIG"


def test_a_form_feed_or_line_separator_is_no_line_end() -> None:
    assert rows("\f甲\t乙\u2028丙\n丁\t1\n".encode()) == [["甲", "乙丙"], ["丁", "1"]]


@pytest.mark.parametrize("data", [b"", b"\n" * 1_000_000, b"\xef\xbb\xbf", b"\x00" * 5000, "\u200b\n".encode()])
def test_a_file_without_text_is_empty(data: bytes) -> None:
    assert rejected(data) == "EMPTY"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_text_cut_inside_a_character_is_truncated(encoding: str) -> None:
    assert rejected((FORM + "年度总体目标").encode(encoding)[:-1]) == "TRUNCATED"


def test_one_bad_byte_is_an_encoding_error_that_names_the_line() -> None:
    data = FORM.encode()
    at = data.index("图书".encode())
    with pytest.raises(Unreadable, match="第 3 行") as caught:
        read(data[:at] + b"\xff" + data[at + 1 :])
    assert caught.value.reason_code == "ENCODING"
    data = FORM.encode("gb18030")
    at = data.index("图书".encode("gb18030"))
    assert rejected(data[:at] + b"\xff" + data[at + 1 :]) == "ENCODING"


@pytest.mark.parametrize("wrong", ["latin-1", "gb18030"])
def test_text_that_was_saved_after_a_wrong_decoding_is_garbled(wrong: str) -> None:
    assert rejected((FORM * 3).encode().decode(wrong, "replace").encode()) == "GARBLED"


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01\x00" * 9, b"\x1f\x8b\x08\x00abc" * 9, bytes(range(256)) * 9])
def test_what_is_no_text_is_unsupported(data: bytes) -> None:
    assert rejected(data) == "UNSUPPORTED"


def test_a_nul_is_removed_with_a_problem() -> None:
    sheets = read("项目\t甲\n名称\t图\x00书\n".encode())
    assert sheets.grids[0].cells[-1].text == "图书"
    assert [(p.code, p.place.locator) for p in sheets.problems] == [("BAD_VALUE", "2:1")]


def test_the_cap_on_cells_and_bytes_holds() -> None:
    assert rejected(FORM.encode(), Limits(max_cells=5)) == "TOO_BIG"
    assert rejected(FORM.encode(), Limits(max_bytes=5)) == "TOO_BIG"


def test_unseen_characters_go_and_radicals_become_ordinary_characters() -> None:
    assert clean_text("\x1b[31m项\x1b[0m目\u200b44\ufeff0\x07\tA\n") == "项目440\tA\n"
    assert clean_text("⾦融⼯作⻓⻚⼾⺠\uf98a") == "金融工作长页户民力"
    assert cell_text(" 年度\n总体 目标\r\nA\nB ") == "年度总体 目标A B"


def test_what_is_printed_backwards_is_read_as_seen_and_stays_in_its_field() -> None:
    assert clean_text("项目\u202e(021≥\tBA\n12") == "项目≤120)\tAB\n12"
    assert clean_text("\u202e21\x1b[31m\u202c98") == "1298"


# A tab beside a comma or semicolon may be the one that keeps a figure of a CSV from being changed.
_FIELDS = st.text("图书购置≥98%,;1.0 -（）ab", max_size=6).filter(lambda t: t == t.strip(",;"))


@given(st.lists(st.lists(_FIELDS, min_size=2, max_size=5), min_size=1, max_size=5))
def test_tab_separated_fields_come_back_in_their_places(table: list[list[str]]) -> None:
    data = "题\t名\n" + "\n".join("\t".join(row) for row in table)
    found = {(c.row - 1, c.col): c.text for c in read(data.encode()).grids[0].cells if c.row and c.text}
    assert found == {(r, c): t.strip() for r, row in enumerate(table) for c, t in enumerate(row) if t.strip()}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_rejected_with_a_reason(data: bytes) -> None:
    try:
        read(data)
    except Unreadable as error:
        assert error.reason_code
