"""What each cell of a form is where it stands, and which headers are above it."""

from extractors.grid import Cell, Grid, Place
from extractors.layout.cell_roles import label_cells
from extractors.layout.rows import CellRole, Heads, PlacedCell, Row, rows_of

FORM = """
项目支出绩效自评表
项目名称|道路养护
项目资金|年初预算数|全年预算数|全年执行数
年度资金总额|100|100|98
一级指标|三级指标|指标值|实际完成值
产出指标|养护面积|62万平方米|60万平方米
总分|100
填报人：李某
注：本表一式两份。
"""


def labelled(text: str) -> list[Row]:
    lines = [line.split("|") for line in text.strip().split("\n")]
    rows = rows_of([Grid([Cell(t, r, c, Place()) for r, line in enumerate(lines) for c, t in enumerate(line)])])
    label_cells(rows)
    return rows


def cell(rows: list[Row], text: str) -> PlacedCell:
    return next(slot for row in rows for slot in row.filled if slot.text == text)


def roles(text: str) -> list[list[CellRole]]:
    return [[slot.role for slot in row.filled] for row in labelled(text)]


def test_every_cell_has_the_role_of_its_place() -> None:
    title, note, column, row, data = CellRole
    assert roles(FORM) == [
        [title],
        [row, data],
        [row, column, column, column],
        [row, data, data, data],
        [column] * 4,
        [row, row, data, data],
        [row, row],
        [data],
        [note],
    ]


def test_rows_say_of_what_headers_begin_in_them() -> None:
    heads = [row.heads for row in labelled(FORM)]
    assert {n: kind for n, kind in enumerate(heads) if kind} == {2: Heads.MONEY, 4: Heads.INDICATORS}


def test_cells_of_a_table_have_the_texts_above_them() -> None:
    rows = labelled(FORM)
    assert cell(rows, "98").header_path == ("全年执行数",)
    assert cell(rows, "60万平方米").header_path == ("实际完成值",)
    assert cell(rows, "道路养护").header_path == cell(rows, "填报人：李某").header_path == ()


def test_a_merged_header_is_above_each_of_those_below_it() -> None:
    cells = [(0, 0, 2, 1, "一级指标"), (0, 1, 2, 1, "三级指标"), (0, 2, 1, 2, "年度指标值"), (0, 4, 2, 1, "实际完成值")]
    cells += [(1, 2, 1, 1, "符号"), (1, 3, 1, 1, "数值")]
    cells += [(2, n, 1, 1, text) for n, text in enumerate(("产出指标", "养护面积", "≥", "62", "60"))]
    rows = rows_of([Grid([Cell(text, r, c, Place(), high, wide) for r, c, high, wide, text in cells])])
    label_cells(rows)
    assert [slot.role for slot in rows[1].filled] == [CellRole.COLUMN_HEADER] * 2
    assert [slot.header_path for slot in rows[2].filled[2:]] == [
        ("年度指标值", "符号"),
        ("年度指标值", "数值"),
        ("实际完成值",),
    ]


def test_labels_of_money_with_their_amounts_are_no_column_headers() -> None:
    rows = labelled("项目名称|道路养护\n年初预算数|88|全年执行数|85\n其中：财政拨款||其他资金|")
    assert not any(row.heads for row in rows)
    assert not any(slot.role is CellRole.COLUMN_HEADER for row in rows for slot in row.filled)
