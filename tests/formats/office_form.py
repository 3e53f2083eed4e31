"""One small self-evaluation form as rows of printed texts, to be written in any format, and what must be read of it.

Here: the form and its reading. Not here: the formats.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from extractors.extract import extract
from extractors.extraction import Extraction

ROWS: list[list[str]] = [
    ["项目支出绩效自评表", "", "", "", "", "", "", "", ""],
    ["（2023年度）", "", "", "", "", "", "", "", ""],
    ["项目名称", "", "图书馆夜间开放", "", "", "", "", "", ""],
    ["主管部门", "", "市文化局", "", "", "实施单位", "", "市图书馆", ""],
    ["项目资金（元）", "", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
    ["", "", "年度资金总额", "12,408,000.00", "12,308,000.00", "11,692,600.00", "10", "95.00%", "9.5"],
    ["", "", "其中：当年财政拨款", "12,408,000.00", "12,308,000.00", "11,692,600.00", "—", "—", "—"],
    ["年度总体目标", "预期目标", "", "", "", "实际完成情况", "", "", ""],
    ["", "保障夜间开放", "", "", "", "全年开放296天", "", "", ""],
    ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析"],
    ["", "产出指标", "数量指标", "夜间开放天数", "≥280天", "296天", "40", "40", ""],
    ["", "", "质量指标", "图书完好率", "≥96%", "95%", "20", "19", "受人员调整影响"],
    ["", "效益指标", "社会效益指标", "办证量增长率", "≥8%", "8.4%", "20", "20", ""],
    ["", "满意度指标", "服务对象满意度指标", "读者满意度", "≥90%", "93.2%", "10", "10", ""],
    ["总分", "", "", "", "", "", "100", "98.5", ""],
]  # fmt: skip

SPANS: list[tuple[int, int, int, int]] = [
    (0, 0, 1, 9), (1, 0, 1, 9), (2, 0, 1, 2), (2, 2, 1, 7), (3, 0, 1, 2), (3, 2, 1, 3), (3, 5, 1, 2), (3, 7, 1, 2),
    (4, 0, 3, 2), (7, 0, 2, 1), (7, 1, 1, 4), (7, 5, 1, 4), (8, 1, 1, 4), (8, 5, 1, 4), (9, 0, 5, 1), (10, 1, 2, 1),
    (14, 0, 1, 6),
]  # fmt: skip
"""Merged cells: row, column, rows, columns."""


def is_covered(row: int, col: int) -> bool:
    """Whether a place is the rest of a merged cell."""
    return any(r <= row < r + rows and c <= col < c + cols and (r, c) != (row, col) for r, c, rows, cols in SPANS)


def span_at(row: int, col: int) -> tuple[int, int]:
    """How many rows and columns the cell at a place has."""
    return next(((rows, cols) for r, c, rows, cols in SPANS if (r, c) == (row, col)), (1, 1))


def values(result: Extraction) -> dict[str, Any]:
    """What was read of the one form."""
    assert result.status == "loaded", (result.status, result.reason_code, result.reason)
    [form] = result.forms
    names = ("project_name", "unit_name", "department_name", "fiscal_year", "goal_expected", "goal_actual")
    amounts = ("budget_initial_yuan", "budget_adjusted_yuan", "executed_yuan", "execution_rate_pct", "execution_weight")
    found = {name: form.project.get(name) for name in names}
    found |= {name: _decimal(form.project.get(name)) for name in (*amounts, "execution_score", "total_score")}
    found["funding"] = [(row["source"], _decimal(row.get("executed_yuan"))) for row in form.funding]
    texts = ("level1", "level2", "level3", "target_text", "actual_text", "deviation")
    found["indicators"] = [
        (*[row.get(name) for name in texts], _decimal(row.get("weight")), _decimal(row.get("score")))
        for row in form.indicator
    ]
    return found


def read(data: bytes) -> dict[str, Any]:
    """What is read of a document with the one form."""
    return values(extract(data))


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def as_tabs(rows: list[list[str]] = ROWS) -> str:
    """The form as an Excel export writes it."""
    return "".join("\t".join(row) + "\n" for row in rows)


def as_web_table() -> str:
    """The form as the table of a web page."""
    lines = []
    for r, row in enumerate(ROWS):
        cells = [(c, text, *span_at(r, c)) for c, text in enumerate(row) if not is_covered(r, c)]
        lines.append("".join(f'<td rowspan="{rows}" colspan="{cols}">{text}</td>' for _, text, rows, cols in cells))
    return "<table><tr>" + "</tr>\n<tr>".join(lines) + "</tr></table>"


WANTED = read(as_tabs().encode())
