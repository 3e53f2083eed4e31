"""Tables of PDF pages without rules, by where their texts stand. Not here: what a page prints (tests/formats)."""

from __future__ import annotations

import numpy as np

from extractors.formats.pdf.aligned import AlignedTable, Piece, aligned_table

EM = 9_000
AT = (40, 100, 170, 260, 330)
"""Where the columns begin, in points."""
HEADS = ["层级", "名称", "目标", "完成", "得分"]
ROWS = ("产出 供餐人数 ≥300人 310人 20", "产出 供餐天数 ≥200天 190天 18", "效益 知晓率 ≥90% 95% 10")


def line(top: float, *texts: str, at: tuple[float, ...] = AT) -> list[Piece]:
    """Texts on a line, each at its column; blank ones are none."""
    return [
        (text, np.array([1000 * x, 1000 * top, 1000 * x + EM * len(text), 1000 * top + EM]))
        for x, text in zip(at, texts, strict=False)
        if text
    ]


def page(*more: list[Piece], head: tuple[str, ...] = tuple(HEADS)) -> list[list[Piece]]:
    """A title, headers and three rows, and further lines in their order."""
    lines = [line(10, "绩效自评表"), line(40, *head), *(line(60 + 20 * n, *row.split()) for n, row in enumerate(ROWS))]
    return sorted([*lines, *more], key=lambda own: int(own[0][1][1]))


def texts(table: AlignedTable | None) -> list[list[str]]:
    return [row for _, _, row in table.rows] if table is not None else []


def test_lines_whose_texts_stand_one_below_another_are_a_table() -> None:
    table = aligned_table(page())
    assert table is not None and (table.begin, table.end) == (1, 5)
    assert texts(table) == [HEADS, *(row.split() for row in ROWS)]


def test_a_line_close_to_a_row_is_a_line_of_its_cells_a_figure_or_one_further_off_a_row() -> None:
    assert texts(aligned_table(page(line(70, "", "学生", ""))))[1][1] == "供餐人数学生"
    assert ["总分", "", "", "", "48"] in texts(aligned_table(page(line(120, "总分", "", "", "", "48"))))
    assert ["", "", "", "", "48"] in texts(aligned_table(page(line(110, "", "", "", "", "48"))))


def test_what_stands_far_below_or_over_two_columns_is_no_part_of_it() -> None:
    far = aligned_table(page(line(300, "", "", "第1页")))
    over = aligned_table(page(line(116, "填表人和负责人签字：某某某")))
    assert far is not None and over is not None and (far.end, over.end) == (5, 5)


def test_few_columns_few_rows_or_texts_that_do_not_line_up_are_none() -> None:
    narrow = [[piece for piece in own if piece[1][0] < 300_000] for own in page()]
    assert aligned_table(narrow) is None
    assert aligned_table(page()[:4]) is None
    skewed = [line(40 + 20 * n, *HEADS, at=tuple(x + 31 * n for x in AT)) for n in range(5)]
    assert aligned_table(skewed) is None
