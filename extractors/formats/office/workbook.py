"""What all workbooks have in common: a sheet's cells, of which those that are seen become grids.

Here: SheetCells, hidden rows and columns, merged ranges, what is read of a number or text. Not
here: xlsx (xlsx.py), xls (xls.py), how a number format prints (number_format.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from extractors.codes import ProblemCode, ReasonCode
from extractors.formats.clean import cell_text
from extractors.formats.limits import Limits
from extractors.formats.office.number_format import EXACT, printed, shown_text
from extractors.formats.runs import Run, hidden_problem, shown
from extractors.formats.symbols import UNKNOWN
from extractors.grid import Cell, Grid, Place, Problem, Sheets, Unreadable

UNCACHED = "的公式没有保存计算结果，请用 Excel 打开并保存后再放入。"
_MOST_PROBLEMS = 20
"""Rows of problems of one kind in one sheet; what lies behind them is one of the same."""

_HEAD_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d{1,3}|[LCRBIUSEXYOHladsc])', re.IGNORECASE)
_HEAD_FIELD = re.compile("&[PNDTAFGZ]", re.IGNORECASE)

_NARROW = {".": 0.45, ",": 0.45, "-": 0.5, " ": 0.4}
"""The least that characters take of a digit's width, in any usual font."""

_SPOKEN = re.compile(r"[^\W_]")

Position = tuple[int, int]


class Range(NamedTuple):
    """A merged range, 0-based, ends included."""

    row: int
    col: int
    row_to: int
    col_to: int


@dataclass(slots=True)
class SheetCells:
    """What a sheet states: texts by 0-based (row, column), blank ones too, its merged ranges, and what went wrong.

    `ruled`: the cells that have a line above or below. `widths`: of columns, in digits of the workbook's own font.
    `figures`: where figures stand, and the least width of each; one too wide is shown as ####. `filling`: the cells
    that repeat their text as often as they hold it, and the width of a digit in them. `usual_width`: of a column that
    states none. `found`: problems of single cells, told only if they are seen.
    `above`, `below`: the lines that are printed in the head and foot of its pages.
    """

    name: str
    hidden: bool = False
    texts: dict[Position, str] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_cols: set[int] = field(default_factory=set)
    ruled: set[Position] = field(default_factory=set)
    widths: dict[int, float] = field(default_factory=dict)
    usual_width: float = 9.14
    figures: list[tuple[int, int, float]] = field(default_factory=list)
    filling: dict[Position, float] = field(default_factory=dict)
    found: list[tuple[Position, Problem]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    def report(self, row: int, col: int, code: ProblemCode | ReasonCode, message: str, text: str | None = None) -> None:
        """Tell of a cell. `message`: what is said behind the cell's address."""
        where = address(self.name, row, col)
        problem = Problem(code, f"单元格 {where} {message}", text=text, place=Place(locator=where))
        self.found.append(((row, col), problem))

    def text_of_runs(self, row: int, col: int, runs: list[Run]) -> str:
        """What is read of a cell's text; what is left out is told."""
        result = shown(runs)
        where = address(self.name, row, col)
        for problem in result.problems(Place(locator=where), f"单元格 {where}"):
            self.found.append(((row, col), problem))
        text = cell_text(result.text)
        if UNKNOWN in text:
            self.report(row, col, ReasonCode.BAD_VALUE, f"里有认不出的符号（显示为「{UNKNOWN}」），请核对。", text)
        return text

    def text_of_number(self, row: int, col: int, number: float, code: str, epoch_1904: bool) -> str:
        """A number as its cell shows it; blank and told if that cannot be known, or the cell holds not all of it."""
        if EXACT <= abs(number) < 1e300:
            message = (
                f"里的数超过 15 位（{number:.15g}），表格软件只保存前 15 位，未读取；编码请设为文本格式后重新填写。"
            )
            self.report(row, col, ReasonCode.BAD_VALUE, message, f"{number:.15g}")
            return ""
        text = printed(number, code, epoch_1904=epoch_1904)
        if text is None:
            message = f"的数字格式「{code[:60]}」无法照样显示，数值 {number:.15g} 未读取，请改用普通格式。"
            self.report(row, col, ReasonCode.BAD_VALUE, message, f"{number:.15g}")
            return ""
        if not text and number:
            self.hide(row, col, f"{number:.15g}")
        return cell_text(text)

    def text_by_format(self, row: int, col: int, text: str, code: str) -> str:
        """A text as its number format shows it; ;;; shows none."""
        if code == "General" or not (";" in code or "@" in code):
            return text
        result = cell_text(shown_text(text, code))
        if text and not result:
            self.hide(row, col, text)
        return result

    def measure(self, row: int, col: int, text: str, code: str, wide: float) -> None:
        """Note how wide a figure is at least; of General only its whole part counts. `wide`: its digits' width."""
        whole = text.partition(".")[0] if code == "General" else text
        self.figures.append((row, col, wide * _least_width(whole)))

    def blank_by_width(self) -> None:
        """Blank and tell of what the widths of columns make show otherwise."""
        self._blank_too_wide()
        self._blank_repeated()

    def _blank_repeated(self) -> None:
        """Blank and tell of figures that their cells show several times; of words it is only told."""
        spans = {(span.row, span.col): span for span in self.merged}
        for (row, col), wide in sorted(self.filling.items()):
            text = self.texts.get((row, col), "")
            if not _SPOKEN.search(text):  # rules of dashes or dots
                continue
            last = spans[row, col].col_to if (row, col) in spans else col
            while (row, last + 1) in self.filling and not self.texts.get((row, last + 1)):
                last += 1
            width = sum(self.widths.get(n, self.usual_width) for n in range(col, min(last, col + 100) + 1))
            if 2 * wide * _least_width(text) > width:
                continue
            figure = any(char.isdigit() for char in text)
            what = "未读取，请改用普通对齐" if figure else "只读一次，请核对"
            message = f"的水平对齐是「填充」，页面上「{text[:40]}」重复显示，{what}。"
            self.report(row, col, ReasonCode.BAD_VALUE, message, text)
            if figure:
                self.texts[row, col] = ""

    def _blank_too_wide(self) -> None:
        """Blank and tell of figures that their columns are too narrow to show."""
        spans = {(span.row, span.col): span for span in self.merged}
        for row, col, least in self.figures:
            last = spans[row, col].col_to if (row, col) in spans else col
            widths = [self.widths.get(n) for n in range(col, min(last, col + 100) + 1)]
            known = [width for width in widths if width is not None]
            if len(known) == len(widths) and least > sum(known):
                text = self.texts[row, col]
                message = f"的列宽放不下数值，显示为 ####，「{text}」未读取，请加宽该列。"
                self.report(row, col, ReasonCode.BAD_VALUE, message, text)
                self.texts[row, col] = ""

    def hide(self, row: int, col: int, text: str) -> None:
        """Tell of what a cell holds and does not show."""
        where = address(self.name, row, col)
        self.found.append(((row, col), hidden_problem(f"单元格 {where} 里的文字", [text], Place(locator=where))))


def _least_width(text: str) -> float:
    """The least width of a text in digits of its font."""
    return sum(_NARROW.get(char, 1.0 if char.isascii() else 1.6) for char in text)


def collect(format_name: str, sheets: Iterable[SheetCells], limits: Limits) -> Sheets:
    """The sheets as grids. A hidden sheet is not read; one problem says so.

    Raises Unreadable TOO_BIG beyond the cap on cells, EMPTY if no sheet that is seen holds text.
    """
    result = Sheets(format_name, [])
    count = 0
    for sheet in sheets:
        count += len(sheet.texts)
        if count > limits.max_cells:
            raise Unreadable(ReasonCode.TOO_BIG, f"工作簿超过 {limits.max_cells} 个单元格，请只保留绩效表的部分。")
        if sheet.hidden:
            texts = [text for text in sheet.texts.values() if text]
            if texts:
                place = Place(locator=address(sheet.name, *min(p for p, text in sheet.texts.items() if text)))
                result.problems.append(hidden_problem(f"工作表「{sheet.name}」", texts, place))
            continue
        grids = sheet_grids(sheet, limits)
        result.problems.extend(sheet.problems)
        result.grids.extend(grids)
    if not result.grids:
        if result.problems and all(p.code == ProblemCode.HIDDEN_CONTENT for p in result.problems):
            raise Unreadable(ReasonCode.EMPTY, "工作簿里看得见的工作表都没有文字，有文字的已隐藏，请取消隐藏后再放入。")
        raise Unreadable(ReasonCode.EMPTY, "工作簿里没有任何文字，请重新导出后再放入。")
    return result


def check_sheet_count(count: int, limits: Limits) -> None:
    """Raise TOO_BIG beyond the cap on sheets."""
    if count > limits.max_sheets:
        raise Unreadable(
            ReasonCode.TOO_BIG, f"工作簿有 {count} 个工作表，超过 {limits.max_sheets} 个，请拆分后再放入。"
        )


def column_letters(col: int) -> str:
    """The letters of a 0-based column: A, Z, AA."""
    letters = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The 0-based column of its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def address(sheet: str, row: int, col: int) -> str:
    """The locator of a cell: `sheet!A1`."""
    return f"{sheet}!{column_letters(col)}{row + 1}"


def sheet_grids(sheet: SheetCells, limits: Limits) -> list[Grid]:
    """What is seen of a sheet: a grid with its merged ranges as spans, and the lines in the head and foot of its pages.

    Cells outside the caps on rows and columns are left out with a problem; hidden rows and columns and texts under a
    merged cell likewise.
    """
    far = [p for p, text in sheet.texts.items() if text and (p[0] >= limits.max_rows or p[1] >= limits.max_columns)]
    for row, col in far[:_MOST_PROBLEMS]:
        where = address(sheet.name, row, col)
        message = f"单元格 {where} 远在表格之外，未读取，请核对。"
        sheet.problems.append(Problem(ReasonCode.TOO_BIG, message, place=Place(locator=where)))
    texts = {p: t for p, t in sheet.texts.items() if p[0] < limits.max_rows and p[1] < limits.max_columns}
    spans = _spans(sheet, texts, limits)
    _tell_hidden(sheet, texts, spans)
    cells = _seen_cells(sheet, texts, spans)
    seen = {origin for origin, _ in cells}
    sheet.problems.extend(problem for position, problem in sheet.found if position in seen)
    lined = frozenset((cell.row, cell.col) for origin, cell in cells if origin in sheet.ruled)
    grids = [Grid([cell for _, cell in cells], lined=lined)] if any(cell.text for _, cell in cells) else []
    if grids and (sheet.above or sheet.below):
        grids = [*_lines(sheet, sheet.above, "页眉"), *grids, *_lines(sheet, sheet.below, "页脚")]
    return grids


def _lines(sheet: SheetCells, lines: list[str], where: str) -> Iterator[Grid]:
    """The lines in the head or foot of a printed page that stand nowhere in the sheet."""
    stated = set(sheet.texts.values())
    wanted = [line for line in lines if line not in stated]
    if wanted:
        place = Place(locator=f"{sheet.name}!{where}")
        yield Grid([Cell(line, n, 0, place) for n, line in enumerate(wanted)], ruled=False)


def _spans(sheet: SheetCells, texts: dict[Position, str], limits: Limits) -> dict[Position, Range]:
    """The merged ranges that hold, by their first cell; none covers another.

    A range is taken as far as the sheet is filled, so that a title merged over whole columns stays in bounds.
    """
    filled = [position for position, text in texts.items() if text]
    if not filled:
        return {}
    last_row, last_col = max(r for r, _ in filled), max(c for _, c in filled)
    spans: dict[Position, Range] = {}
    covered: set[Position] = set()
    for span in sheet.merged:
        row_to = min(span.row_to, max(last_row, span.row))
        col_to = min(span.col_to, max(last_col, span.col, _stated_to(span, limits)))
        if span.row > last_row or span.col >= limits.max_columns or (span.row, span.col) in covered:
            continue
        if (row_to - span.row + 1) * (col_to - span.col + 1) > limits.max_cells:
            continue
        slots = {(r, c) for r in range(span.row, row_to + 1) for c in range(span.col, col_to + 1)}
        if slots & covered:
            continue
        covered |= slots
        spans[span.row, span.col] = Range(span.row, span.col, row_to, col_to)
    return spans


def _stated_to(span: Range, limits: Limits) -> int:
    """The last column of a range that is no wider than a form."""
    return span.col_to if span.col_to - span.col < 50 else min(span.col, limits.max_columns - 1)


def _seen_cells(
    sheet: SheetCells, texts: dict[Position, str], spans: dict[Position, Range]
) -> list[tuple[Position, Cell]]:
    """The cells that are seen, each with its address; hidden rows and columns are closed up.

    A merged cell whose first row or column is hidden still shows its text in the rest.
    """
    filled = [position for position, text in texts.items() if text]
    if not filled:
        return []
    last_row = max(r for r, _ in filled)
    last_col = max([max(c for _, c in filled), *(span.col_to for span in spans.values())])
    rows = _closed_up(last_row, sheet.hidden_rows)
    cols = _closed_up(last_col, sheet.hidden_cols)
    covered = {
        (r, c) for s in spans.values() for r in range(s.row, s.row_to + 1) for c in range(s.col, s.col_to + 1)
    } - spans.keys()
    cells: list[tuple[Position, Cell]] = []
    for position in sorted({*texts, *spans}):
        row, col = position
        if position in covered or row > last_row or col > last_col:
            continue
        span = spans.get(position, Range(row, col, row, col))
        height, width = rows[span.row_to + 1] - rows[span.row], cols[span.col_to + 1] - cols[span.col]
        if height and width:
            place = Place(locator=address(sheet.name, row, col))
            cells.append((position, Cell(texts.get(position, ""), rows[row], cols[col], place, height, width)))
    return cells


def _closed_up(last: int, hidden: set[int]) -> list[int]:
    """For each row or column up to one behind the last: how many before it are seen."""
    counts = [0]
    for index in range(last + 1):
        counts.append(counts[-1] + (index not in hidden))
    return counts


def _tell_hidden(sheet: SheetCells, texts: dict[Position, str], spans: dict[Position, Range]) -> None:
    """A problem for each run of hidden rows or columns that holds text, and for each text under a merged cell."""
    under: dict[Position, Position] = {
        (r, c): anchor
        for anchor, s in spans.items()
        for r in range(s.row, s.row_to + 1)
        for c in range(s.col, s.col_to + 1)
        if (r, c) != anchor
    }
    found: list[Problem] = []
    by_row: dict[int, list[str]] = {}
    by_col: dict[int, list[str]] = {}
    for (row, col), text in sorted(texts.items()):
        if not text or (row, col) in spans:
            continue
        if row in sheet.hidden_rows:
            by_row.setdefault(row, []).append(text)
        elif col in sheet.hidden_cols:
            by_col.setdefault(col, []).append(text)
        elif (row, col) in under and text != texts.get(under[row, col]):
            where = address(sheet.name, row, col)
            found.append(hidden_problem(f"单元格 {where} 被合并单元格盖住，其中的文字", [text], Place(locator=where)))
    for first, last, quoted in _runs(by_row):
        name = f"第 {first + 1} 行" if first == last else f"第 {first + 1} 至 {last + 1} 行"
        found.append(
            hidden_problem(f"工作表「{sheet.name}」{name}", quoted, Place(locator=address(sheet.name, first, 0)))
        )
    for first, last, quoted in _runs(by_col):
        a, b = column_letters(first), column_letters(last)
        name = f"第 {a} 列" if first == last else f"第 {a} 至 {b} 列"
        found.append(
            hidden_problem(f"工作表「{sheet.name}」{name}", quoted, Place(locator=address(sheet.name, 0, first)))
        )
    sheet.problems.extend(found[:_MOST_PROBLEMS])
    if len(found) > _MOST_PROBLEMS:
        rest = [problem.text or "" for problem in found[_MOST_PROBLEMS:]]
        what = f"工作表「{sheet.name}」另外 {len(rest)} 处"
        sheet.problems.append(hidden_problem(what, rest, found[_MOST_PROBLEMS].place))


def _runs(texts: dict[int, list[str]]) -> Iterator[tuple[int, int, list[str]]]:
    """Neighbouring rows or columns with all their texts: first, last, texts."""
    for _, group in groupby(enumerate(sorted(texts)), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in group]
        yield numbers[0], numbers[-1], [text for number in numbers for text in texts[number]]


def head_lines(code: str) -> list[str]:
    """The lines of a page header or footer, without those that print a page number, a date or a name of a file."""
    parts = re.split(r"&[LCR]", code)
    lines = (cell_text(_HEAD_CODE.sub("", line)) for part in parts for line in part.split("\n"))
    return [line.replace("&&", "&") for line in lines if line and not _HEAD_FIELD.search(line)]


def inside(span: Range, row: int, col: int) -> bool:
    """Whether a cell lies in a range."""
    return span.row <= row <= span.row_to and span.col <= col <= span.col_to
