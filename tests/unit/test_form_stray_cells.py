"""Cells that stand where they should not, and columns without a header of their own: told, never taken for a value."""

from pathlib import Path

import pytest

from extractors.extract import extract
from extractors.extraction import ExtractedForm

EXPORT = next((Path(__file__).parents[2] / "data" / "raw" / "440303" / "2024").glob("*.txt")).read_text("utf-8")
GOALS = ("goal_expected", "goal_actual")
STRAY = "错格"
HEADING, LABELS, TEXTS = 0, 1, 2


def with_stray(row: int, column: int) -> ExtractedForm:
    """The first form of the export with a text in a blank cell of the rows of its goals."""
    lines = EXPORT.split("\n")
    place = next(n for n, line in enumerate(lines) if line.startswith("项目目标完成情况")) + row
    cells = lines[place].split("\t")
    assert not cells[column]
    lines[place] = "\t".join([*cells[:column], STRAY, *cells[column + 1 :]])
    return extract("\n".join(lines).encode()).forms[0]


@pytest.mark.parametrize(
    ("row", "column"), [(row, c) for row in (HEADING, LABELS, TEXTS) for c in range(2, 10) if row == HEADING or c != 6]
)
def test_a_stray_cell_beside_the_goals_is_kept_as_it_is_and_the_goals_are_read(row: int, column: int) -> None:
    form = with_stray(row, column)
    whole = extract(EXPORT.encode()).forms[0]
    assert [form.project[goal] for goal in GOALS] == [whole.project[goal] for goal in GOALS]
    kept = [row["value"] for row in form.attribute] + [row["text"] for row in form.problem]
    assert kept.count(STRAY) == 1


def under_one_header(*values: str) -> ExtractedForm:
    """A form with one indicator, whose values stand under one header as wide as they are."""
    cells = "".join(f"<td>{value}</td>" for value in values)
    page = f"""<meta charset="utf-8"><table><tr><td>项目名称</td><td colspan="4">渠道改造</td></tr>
        <tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td colspan="{len(values)}">年度指标值</td></tr>
        <tr><td>产出指标</td><td>数量指标</td><td>渠道长度</td>{cells}</tr></table>"""
    return extract(page.encode()).forms[0]


@pytest.mark.parametrize("values", [("≥12.5公里", "13公里"), ("有所提升", "明显提升"), ("95%", "达标")])
def test_values_that_share_a_header_are_not_made_one_value_but_told(values: tuple[str, str]) -> None:
    form = under_one_header(*values)
    assert [row.get("target_text") for row in form.indicator] == [None]
    assert {row["text"] for row in form.problem if row["code"] == "UNCLAIMED_CELL"} == set(values)


@pytest.mark.parametrize(
    ("values", "target"),
    [
        (("≥", "12.5", "公里"), "≥12.5公里"),
        (("12.5", "公里"), "12.5公里"),
        (("≥", "95%"), "≥95%"),
        (("3", "艘次"), "3艘次"),
    ],
)
def test_the_parts_of_a_value_under_one_header_are_one_value(values: tuple[str, ...], target: str) -> None:
    assert [row["target_text"] for row in under_one_header(*values).indicator] == [target]
