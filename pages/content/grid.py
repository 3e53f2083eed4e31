"""A document's cells as rows and columns: their addresses, what merged cells cover, the names of columns.

Here: cells by their locators, laid out. Not here: which cells a page shows.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import product, takewhile
from typing import Any

_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def shown_cell(text: str, at: str | None) -> dict[str, Any]:
    """A cell as the templates show it; `at`: the value that it is read as."""
    return {"at": at, "text": text, "kind": "", "high": 1, "wide": 1}


Rows = dict[int, dict[int, dict[str, Any]]]
"""Cells by the number of their row and their column."""


def laid_out(rows: Rows, columns: list[int]) -> list[tuple[int, list[dict[str, Any] | None]]]:
    """The rows, their merged cells as wide and high as they are, as far as no other cell stands there."""
    numbers = sorted(rows)
    covered: set[tuple[int, int]] = set()
    laid: list[tuple[int, list[dict[str, Any] | None]]] = []
    for n, no in enumerate(numbers):
        line: list[dict[str, Any] | None] = []
        for k, column in enumerate(columns):
            if (no, column) in covered:
                continue
            cell = rows[no].get(column)
            if cell is not None:
                across = _reach(columns[k:], cell["wide"], rows[no].keys())
                taken = {row for row in numbers[n + 1 :] if not rows[row].keys().isdisjoint(across)}
                down = _reach(numbers[n:], cell["high"], taken)
                covered.update(product(down, across))
                cell["wide"], cell["high"] = len(across), len(down)
            line.append(cell)
        laid.append((no, line))
    return laid


def _reach(numbers: list[int], reach: int, taken: Collection[int]) -> list[int]:
    """The rows or columns from the first on that a cell covers, before one where another stands."""
    first = numbers[0]
    return [first, *takewhile(lambda at: at < first + reach and at not in taken, numbers[1:])]


def letters(column: int) -> str:
    """A workbook's name of a column: 1 is A."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def spot_of(locator: str | None) -> tuple[str, int, int] | None:
    """Table, row and column of a place by its locator."""
    locator = locator or ""
    if "!" in locator:
        name, _, cell = locator.rpartition("!")
        match = _CELL.match(cell)
        if match is None:
            return None
        column = 0
        for letter in match[1]:
            column = column * 26 + ord(letter) - 64
        return f"工作表“{name}”", int(match[2]), column
    parts = locator.split("/") if "/" in locator else ["", *locator.split(":")]
    if len(parts) == 3 and parts[1].isdecimal() and parts[2].isdecimal():
        sheet = {"": "全文", "0": "表格以外的文字"}.get(parts[0], f"第 {parts[0]} 个表格")
        return sheet, int(parts[1]), int(parts[2])
    return None
