"""Every way in which a text can draw a table gives the same form; near misses are left as they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from decimal import Decimal

import pytest
from office_form import ROWS, WANTED, as_tabs, as_web_table, is_covered, read, span_at, values

from extractors.extract import extract
from extractors.formats import read as read_grids
from extractors.grid import Span


def width(text: str, ambiguous: int = 1) -> int:
    return sum({"W": 2, "F": 2, "A": ambiguous}.get(unicodedata.east_asian_width(char), 1) for char in text)


def padded(text: str, to: int, ambiguous: int = 1) -> str:
    return text + " " * (to - width(text, ambiguous))


WIDTHS = [max(width(row[col]) for row in ROWS if "总体" not in row[0]) for col in range(9)]


def markdown() -> str:
    lines = ["| " + " | ".join(row) + " |" for row in ROWS]
    return "\n".join(["# 附件1", "", lines[0], "|---" * 9 + "|", *lines[1:], ""])


def piped() -> str:
    return "\n".join("|".join(row) for row in ROWS)


def fixed() -> str:
    return "\n".join("  ".join(padded(text, WIDTHS[col]) for col, text in enumerate(row)).rstrip() for row in ROWS)


def psql() -> str:
    rule = "+".join("-" * (w + 2) for w in WIDTHS)
    lines = ["|".join(f" {padded(text, WIDTHS[col])} " for col, text in enumerate(row)) for row in ROWS]
    return "\n".join([lines[0], rule, *lines[1:]])


def boxed(glyphs: str, ambiguous: int) -> str:
    """The form with a border around every cell; `glyphs`: bar, flat, joint."""
    bar, flat, joint = glyphs
    unit = width(flat, ambiguous)
    widths = [w + w % 2 for w in [max(w, 4) for w in WIDTHS]]
    lines = []
    for r in range(len(ROWS) + 1):
        line = ""
        for c in range(9):  # the rule above a cell, unless the cell goes on
            inside = 0 < r < len(ROWS) and _goes_on(r, c)
            line += joint + (" " * widths[c] if inside else flat * (widths[c] // unit))
        lines.append(line + joint)
        if r == len(ROWS):
            break
        line, col = "", 0
        while col < 9:
            _, cols = span_at(r, col) if not is_covered(r, col) else _covering(r, col)
            space = sum(widths[col : col + cols]) + (cols - 1) * width(joint, ambiguous)
            line += bar + padded("" if is_covered(r, col) else ROWS[r][col], space, ambiguous)
            col += cols
        lines.append(line + bar)
    return "\n".join(lines)


def _covering(row: int, col: int) -> tuple[int, int]:
    up = row
    while is_covered(up, col):
        up -= 1
    return span_at(up, col)


def _goes_on(row: int, col: int) -> bool:
    """Whether the cell at a place began in a row above."""
    up = row - 1
    while up > 0 and is_covered(up, col) and not any(span_at(up, c)[1] > col - c for c in range(col + 1)):
        up -= 1
    while up > 0 and is_covered(up, col):
        up -= 1
    return up + span_at(up, col)[0] > row


@pytest.mark.parametrize(
    "draw", [markdown, piped, psql, fixed], ids=["markdown", "bars alone", "psql", "columns of blanks"]
)
def test_a_drawn_table_reads_as_its_export_does(draw: Callable[[], str]) -> None:
    assert read(draw().encode()) == WANTED


@pytest.mark.parametrize(
    ("glyphs", "ambiguous"),
    [("|-+", 1), ("│─┼", 1), ("│─┼", 2), ("║═╬", 2)],
    ids=["ascii", "box", "wide box", "double"],
)
def test_a_boxed_table_reads_with_its_merged_cells(glyphs: str, ambiguous: int) -> None:
    text = boxed(glyphs, ambiguous)
    assert read(text.encode()) == WANTED
    assert read_grids(text.encode()).grids[0].spans is Span.STATED


def test_web_tables_in_markdown_are_read_as_text() -> None:
    result = extract(f"# 附件1\n\n{as_web_table()}\n\n说明：略\n".encode())
    assert (result.format, values(result)) == ("text", WANTED)


def test_markdown_shows_neither_its_marks_nor_its_escapes() -> None:
    grid = read_grids("| **项目** | 甲\\|乙 |\n|:--|--:|\n| 一<br>二 | a &lt; b |\n".encode()).grids[0]
    assert [cell.text for cell in grid.cells] == ["项目", "甲|乙", "一二", "a < b"]


def test_bars_in_a_sentence_or_two_make_no_table() -> None:
    assert [c.text for c in read_grids("甲|乙|丙\n无\n".encode()).grids[0].cells] == ["甲|乙|丙", "无"]
    assert read_grids("名\t甲|乙|丙\n名\t甲|乙|丙\n名\t甲|乙|丙\n".encode()).grids[0].n_cols == 2


# ── commas ───────────────────────────────────────────────────────────────────────────


def csv(sep: str = ",", rows: list[list[str]] = ROWS) -> str:
    return "".join(sep.join(row) + "\n" for row in rows)


def test_thousands_that_nobody_quoted_are_put_together_where_the_width_says_how() -> None:
    assert read(csv().encode()) == WANTED


def test_ragged_records_are_joined_by_their_decimals() -> None:
    trimmed = "".join(line.rstrip(",") + "\n" for line in csv().splitlines())
    assert read(trimmed.encode()) == WANTED


def test_figures_that_can_be_cut_in_several_ways_are_left_and_told() -> None:
    rows = [row.copy() for row in ROWS]
    rows[5][3:6] = ["408,000", "308,000,126", "200"]
    result = extract(csv(rows=rows).encode())
    [form] = result.forms
    assert [form.project.get(n) for n in ("budget_initial_yuan", "budget_adjusted_yuan", "executed_yuan")] == [None] * 3
    assert "TWO_VALUES" in {row["code"] for row in result.problem}
    assert Decimal(form.project["execution_score"]) == Decimal("9.5")


def test_figures_of_three_digits_in_their_own_columns_stay_apart() -> None:
    rows = [[text.replace(",", "").replace("12408000.00", "408") for text in row] for row in ROWS]
    rows[5][3:6] = ["408", "308", "292"]
    [form] = extract(csv(rows=rows).encode()).forms
    assert [Decimal(form.project[n]) for n in ("budget_initial_yuan", "budget_adjusted_yuan", "executed_yuan")] == [
        408,
        308,
        292,
    ]


def test_commas_between_thousands_make_no_csv() -> None:
    assert read_grids("年度资金总额 12,408,000.00\n上年结转 950,000.00\n其他 1,000\n".encode()).format == "text"
    assert read_grids("年度资金总额,12408000\n上年结转,950,000.00\n".encode()).format == "csv"


def test_semicolons_a_line_that_names_them_and_codes_kept_as_text() -> None:
    assert read(("sep=;\r\n" + csv(";")).encode("utf-16")) == WANTED
    rows = [row.copy() for row in ROWS]
    rows[2][7:] = ["项目编码", '="044030324000000001234"']
    for text in (csv(";", rows), as_tabs(rows)):
        assert extract(text.encode()).forms[0].project["project_code"] == "044030324000000001234"
    rows[2][8] = '"=""044030324000000001234"""'
    quoted = [[f'"{text}"' if "," in text and '"' not in text else text for text in row] for row in rows]
    assert extract(csv(rows=quoted).encode("gb18030")).forms[0].project["project_code"] == "044030324000000001234"


def test_tabs_that_keep_figures_from_being_changed_do_not_split_a_csv() -> None:
    rows = [[f'"\t{text}"' if text[:1].isdigit() else text for text in row] for row in ROWS]
    sheets = read_grids(csv(rows=rows).encode())
    assert sheets.format == "csv" and read(csv(rows=rows).encode()) == WANTED
    bare = [[f"\t{text.replace(',', '')}" if text[:1].isdigit() else text for text in row] for row in ROWS]
    assert read(csv(rows=bare).encode()) == WANTED


@pytest.mark.parametrize(
    ("field", "text", "left_out"),
    [
        ("~~96%~~ 97.5%", "97.5%", "96%"),
        ("285.24<sup>2</sup>", "285.24", "2"),
        ("285.24[^1]", "285.24", "[1]"),
        ("5m<sup>2</sup>", "5m2", None),
        ("约~5天~", "约~5天~", None),
        ("[1] 表", "[1] 表", None),
        ("<!-- 96% -->97.5%", "97.5%", None),
        ("[97.5%](http://a.cn/96%)", "97.5%", None),
        ("`97.5%`", "97.5%", None),
        ("<small>97.5%</small>", "97.5%", None),
        ("<span style='display:none'>9</span>7.5%", "<span style='display:none'>9</span>7.5%", None),
        ("![96%](a.png)", "![96%](a.png)", None),
        ("[甲](乙", "[甲](乙", None),
    ],
)
def test_struck_and_raised_text_of_markdown_is_left_out_and_told(field: str, text: str, left_out: str | None) -> None:
    sheets = read_grids(f"| 指标 | 值 |\n|---|---|\n| 甲 | {field} |\n".encode())
    assert sheets.grids[0].cells[-1].text == text
    assert [problem.text for problem in sheets.problems] == ([left_out] if left_out else [])
