"""The workbook: a sheet for each table with Chinese heads, real numbers, codes as text, and nothing that runs.

Here: xlsx. Not here: which rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from pages.handover.selection import HELD, Sheet, heading
from pages.wording import moment, said
from warehouse.schema.tables import Column, Table

MOST_ROWS = 1_000_000
_MOST_TEXT = 32_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_ON_PAPER = 300
"""Characters that a sheet of A3 shows beside each other and people can still read."""
_WIDTHS = {
    "project_name": 30, "unit": 26, "department": 26, "unit_name": 26, "department_name": 26, "message": 60, "what": 50,
    "what_to_do": 40, "path": 40, "project_code": 23, "fiscal_year": 9, "region_code": 12, "level3": 26, "title": 30,
    "goal_expected": 40, "goal_actual": 40, "deviation": 30, "printed": 20, "expected": 20, "check_name": 24,
    "indicator_no": 9, "severity": 9,
}  # fmt: skip
_NOTES = {
    HELD: "这里的发现还没有定论：或是提示，或读取存疑，或未判定归因；不要作为问题转交。",
    "发现": "文件自身的数字或文字表明的错误和警告；标为不成立、读错的不在内。",
}


def write_workbook(
    path: Path, connection: duckdb.DuckDBPyConnection, sheets: list[Sheet], about: str, *, most_rows: int = MOST_ROWS
) -> dict[str, int]:
    """Write the workbook; returns rows by sheet. A sheet of more than `most_rows` is split by year."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), {**options, "strings_to_numbers": False, "nan_inf_to_errors": True})
    looks = _Looks(book)
    cover = book.add_worksheet("说明")
    written: dict[str, int] = {}
    for sheet in sheets:
        for part in _parts(connection, sheet, most_rows):
            written[part.name] = _write(book, looks, connection, part, most_rows)
    _dictionary(book, looks, [sheet.table for sheet in sheets])
    _cover(cover, looks, about, written)
    book.close()
    return written


class _Looks:
    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.money = book.add_format({"num_format": "#,##0.00"})
        self.number = book.add_format({"num_format": "General"})
        self.text = book.add_format({"num_format": "@"})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.link = book.add_format({"font_color": "#0B57A4"})
        self.title = book.add_format({"bold": True, "font_size": 14})


def _parts(connection: duckdb.DuckDBPyConnection, sheet: Sheet, most_rows: int) -> Iterator[Sheet]:
    if sheet.count(connection) <= most_rows or "fiscal_year" not in sheet.table.column_names:
        yield sheet
        return
    years = connection.execute(
        f"SELECT DISTINCT fiscal_year FROM ({sheet.query}) ORDER BY 1 NULLS LAST", sheet.values or None
    ).fetchall()
    for (year,) in years:
        condition = "fiscal_year IS NULL" if year is None else f"fiscal_year = {int(year)}"
        name = f"{sheet.name} {'无年度' if year is None else year}"
        yield Sheet(name, sheet.table, f"SELECT * FROM ({sheet.query}) WHERE {condition}", sheet.values)


def _write(book: Any, looks: _Looks, connection: duckdb.DuckDBPyConnection, sheet: Sheet, most_rows: int) -> int:
    columns = sheet.columns(connection)
    rows, number, total = sheet.rows(connection), 1, 0
    while True:
        batch = islice(rows, most_rows)
        page = book.add_worksheet(sheet.name if number == 1 else f"{sheet.name} ({number})")
        page.freeze_panes(1, 0)
        widths = [_WIDTHS.get(column.name, 14) for column in columns]
        _printed_as(page, sum(widths))
        for position, (column, width) in enumerate(zip(columns, widths, strict=True)):
            page.set_column(position, position, width)
            page.write_string(0, position, heading(column), looks.head)
        written = 0
        for written, row in enumerate(batch, start=1):
            for position, (column, value) in enumerate(zip(columns, row, strict=True)):
                _cell(page, looks, written, position, column, value)
        page.autofilter(0, 0, max(written, 1), len(columns) - 1)
        total += written
        number += 1
        if written < most_rows:
            return total


def _cell(page: Any, looks: _Looks, row: int, at: int, column: Column, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_string(row, at, "是" if value else "否")
    elif isinstance(value, int | float | Decimal):
        page.write_number(row, at, float(value), looks.money if column.name.endswith("_yuan") else looks.number)
    elif isinstance(value, dt.datetime):
        page.write_string(row, at, moment(value))
    elif isinstance(value, dt.date):
        page.write_datetime(row, at, dt.datetime.combine(value, dt.time()), looks.date)
    else:
        page.write_string(row, at, clean(said(column, value)), looks.text)


def _printed_as(page: Any, width: int) -> None:
    """On paper: A3 across, of so many characters no more than can be read, heads on each page, its number below."""
    page.set_landscape()
    page.set_paper(8)
    page.fit_to_pages(-(-width // _ON_PAPER), 0)
    page.repeat_rows(0)
    page.set_footer("&C&P / &N")


def clean(text: str) -> str:
    """A text that a workbook can hold."""
    text = _CONTROL.sub("\ufffd", text)
    return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "…"


def _cover(page: Any, looks: _Looks, about: str, written: dict[str, int]) -> None:
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 12)
    page.set_column(2, 2, 80)
    page.write_string(0, 0, "绩效自评表数据", looks.title)
    page.write_string(1, 0, clean(about))
    page.write_string(2, 0, "金额单位为元，比率为百分数，编码为文本；空格表示表上没有印或读不准，不是零。")
    for position, head in enumerate(("工作表", "行数", "说明")):
        page.write_string(4, position, head, looks.head)
    for row, (name, count) in enumerate(written.items(), start=5):
        page.write_url(row, 0, f"internal:'{name}'!A1", looks.link, name)
        page.write_number(row, 1, count)
        page.write_string(row, 2, _NOTES.get(name, ""))


def _dictionary(book: Any, looks: _Looks, tables: list[Table]) -> None:
    page = book.add_worksheet("数据字典")
    page.freeze_panes(1, 0)
    _printed_as(page, _ON_PAPER)
    heads = (("表", 18), ("列", 26), ("名称", 20), ("单位", 8), ("含义", 70), ("空格的含义", 40))
    for position, (head, width) in enumerate(heads):
        page.set_column(position, position, width)
        page.write_string(0, position, head, looks.head)
    row = 1
    for table in {table.name: table for table in tables}.values():
        for column in table.columns:
            texts = (table.label_zh, column.name, column.label_zh, column.unit or "", column.meaning_zh)
            for position, text in enumerate((*texts, "" if column.required else column.null_zh)):
                page.write_string(row, position, text)
            row += 1
    page.autofilter(0, 0, max(row - 1, 1), 5)
