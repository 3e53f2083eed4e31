"""The one shape every format becomes: a grid of cells, each with its spans and its place in the document.

Here: Cell, Grid, Place and the joining of printed lines. Not here: how a format is parsed, what a cell means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from operator import attrgetter
from typing import Any

from extractors.codes import ProblemCode, ReasonCode

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\u2018-\u201d\u2026\u2014"
_BREAK = re.compile(r"[ \t\u00a0\u3000]*[\r\n\v\f\u2028\u2029\x85]+[ \t\u00a0\u3000]*")
_BROKEN = re.compile("[\0\r\n\v\f\u2028\u2029\x85]")
_NO_SPACE = re.compile(
    rf"(?<=[{_WIDE}])\x00|\x00(?=[{_WIDE}])|(?<=\d-)\x00(?=\d)|(?<=\d{{3}})\x00(?=-\d{{6}})|(?<=[<>=≤≥])\x00(?=\d)"
)

_COL = attrgetter("col")


def join_lines(text: str) -> str:
    """Join the line breaks inside a printed cell and strip its outer white space.

    A break vanishes beside a Chinese character, behind a hyphen or an operator before a digit, and before the hyphen of
    a telephone number (but 5 and -3 are two); one between Latin words or numbers becomes a space.
    """
    if _BROKEN.search(text) is None:
        return text.strip()
    return _NO_SPACE.sub("", _BREAK.sub("\x00", text.strip())).replace("\x00", " ").strip()


def add_line(text: str, line: str) -> str:
    """A text and its next line joined as by `join_lines`; neither is empty or has white space at the break."""
    return f"{text} {line}" if _NO_SPACE.search(f"{text[-3:]}\0{line[:7]}") is None else text + line


@dataclass(slots=True, unsafe_hash=True)  # not frozen: that makes each of some hundred a page three times as dear
class Place:
    """Where printed text stands: a page and box (PDF points from the top left) or an address in the file.

    `locator` is `line:column` (1-based) in text, `sheet!A1` in workbooks, `table/row/column` in Word and web pages.
    """

    page: int | None = None
    x0: float | None = None
    top: float | None = None
    x1: float | None = None
    bottom: float | None = None
    locator: str | None = None


class Span(Enum):
    """Who says over which rows and columns a cell reaches."""

    STATED = "stated"  # the format: PDF boxes, Word, web, workbooks
    INFERRED = "inferred"  # nobody, but nothing else can be meant
    OPEN = "open"  # a text export: blanks beside it may be its rest, equal texts its copies


@dataclass(slots=True, unsafe_hash=True)
class Cell:
    """One printed cell; `row` and `col` are the 0-based position of its top left corner in its grid.

    Of an open one `copies` are the cells of equal text that it stands for, itself the first (none: one alone), `reach`
    is the column at which the blanks right of it end, and `origin` the cell above whose copy or rest it may be.
    `certainty` (0-1): of its least sure character, if it was recognised in a picture; None: the document holds it as
    text. `figures`: of the least sure character of its figures, or of all where it has none. `doubted`: its characters
    that may be others, each with these.
    """

    text: str
    row: int
    col: int
    place: Place
    rowspan: int = 1
    colspan: int = 1
    span: Span = Span.STATED
    copies: tuple[Cell, ...] = field(default=(), compare=False)
    reach: int = field(default=0, compare=False)
    origin: Cell | None = field(default=None, compare=False, repr=False)
    certainty: float | None = field(default=None, compare=False)
    figures: float | None = field(default=None, compare=False)
    doubted: tuple[tuple[str, str], ...] = field(default=(), compare=False)


@dataclass(slots=True)
class Grid:
    """A table, or a run of lines, of one document in reading order.

    `cells`: every cell that the source has, blank ones too where it states them; no two overlap.
    `spans`: STATED where the format says which cells are merged; OPEN for text exports, one cell for each of their
    fields, where a blank may be the rest of a merged cell and a repeated text its copy (`spans.infer_spans`).
    `ruled`: False for running lines outside any table (one line a row, one cell in column 0).
    `page`: the PDF page, or None. `row_cut`: the last row reaches the page's end without a closing rule. `lined`: the
    cells (row, column) with a line above or below, where the format says so apart from the cells. `turn`: its text runs
    upwards (90), downwards (-90) or on its head (180) on the page, on which its places are.
    """

    cells: list[Cell]
    spans: Span = Span.STATED
    ruled: bool = True
    page: int | None = None
    row_cut: bool = False
    lined: frozenset[tuple[int, int]] = frozenset()
    turn: int = 0
    n_rows: int = field(init=False)
    n_cols: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_rows = max([c.row + c.rowspan for c in self.cells], default=0)
        self.n_cols = max([c.col + c.colspan for c in self.cells], default=0)

    def rows(self) -> Iterator[list[Cell]]:
        """The cells by the row in which they begin, left to right; a row without a cell of its own is empty."""
        by_row: list[list[Cell]] = [[] for _ in range(self.n_rows)]
        for cell in self.cells:
            by_row[cell.row].append(cell)
        for row in by_row:
            row.sort(key=_COL)
            yield row


@dataclass(frozen=True, slots=True)
class Idea:
    """What an unknown header or label could be: a group of the vocabulary and an entry of it, how sure (0-1), and why.

    `header_path`: the headers from the top down, ` / ` between. `evidence`: one Chinese sentence.
    """

    section: str
    column_name: str
    header_path: str
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the reader could not do: `code` for machines, `message` (a Chinese sentence) for people.

    Where a page or a sheet cannot be read, the code is the reason that would reject a whole document.
    """

    code: ProblemCode | ReasonCode
    message: str
    severity: str = "warning"  # error, warning, info
    text: str | None = None
    place: Place = field(default_factory=Place)
    idea: Idea | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Pages beside each other: the first one's number, and where each further one begins and how far it was moved.

    Both in points to the right.
    """

    page: int
    starts: tuple[tuple[float, float], ...]

    @property
    def pages(self) -> range:
        """Their numbers."""
        return range(self.page, self.page + len(self.starts) + 1)

    def printed(self, x0: float, x1: float) -> tuple[int, float, float]:
        """The page on which a place of the spread is printed, and its sides there; one over two is on the first."""
        number = sum(x0 + 0.5 >= start for start, _ in self.starts)
        by = self.starts[number - 1][1] if number else 0.0
        end = self.starts[number][0] if number < len(self.starts) else x1
        return self.page + number, round(x0 - by, 2), round(min(x1, end) - by, 2)


@dataclass(frozen=True, slots=True)
class Straightened:
    """A picture page that was straightened to be read: its number, and how places on it lead back to the page.

    `columns`: pairs of places x, as read and before pages were brought to one width, in points. `back` (3, 3): from
    there to the page as it is, in points from its top left.
    """

    page: int
    back: list[list[float]]
    columns: tuple[tuple[float, float], ...] = ()

    def scaled(self, by: float, left: float = 0.0, top: float = 0.0) -> Straightened:
        """The same for a page that is so much larger, its origin at these points."""
        (a, b, c), (d, e, f), last = self.back
        w = last
        across = [by * a + left * w[0], by * b + left * w[1], by * c + left * w[2]]
        down = [by * d + top * w[0], by * e + top * w[1], by * f + top * w[2]]
        return Straightened(self.page, [across, down, last], self.columns)

    def printed(self, x0: float, top: float, x1: float, bottom: float) -> tuple[float, float, float, float]:
        """The box on the page that holds a place."""
        corners = [self._point(self._before(x), y) for x in (x0, x1) for y in (top, bottom)]
        xs, ys = zip(*corners, strict=True)
        return round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2)

    def _before(self, x: float) -> float:
        for (a, c), (b, d) in pairwise(self.columns):
            if a <= x <= b:
                return c + (x - a) * (d - c) / (b - a)
        return x

    def _point(self, x: float, y: float) -> tuple[float, float]:
        across, down, depth = (row[0] * x + row[1] * y + row[2] for row in self.back)
        return across / depth, down / depth


@dataclass(slots=True)
class Sheets:
    """What a format reader returns: the document's grids in reading order and what it could not read.

    `read_by`: for each PDF page that was read the engine, and behind a colon why it was not the fast one. `spreads`:
    pages printed beside each other that are read as one grid; its places are those on the first, as if it were so wide.
    `straightened`: the pages that were read as pictures.
    """

    format: str  # pdf, text, csv, xlsx, xls, docx, html
    grids: list[Grid]
    page_count: int | None = None
    problems: list[Problem] = field(default_factory=list)
    read_by: dict[int, str] = field(default_factory=dict)
    spreads: list[Spread] = field(default_factory=list)
    straightened: list[Straightened] = field(default_factory=list)


def turned_box(box: Any, turn: int) -> Any:
    """A box (x0, top, x1, bottom) on the page turned so that text with this `turn`, as in Grid, is level.

    -turn turns it back. Its sides may be numbers or arrays.
    """
    x0, top, x1, bottom = box
    if abs(turn) == 180:
        return -x1, -bottom, -x0, -top
    if turn == 90:
        return -bottom, x0, -top, x1
    return (top, -x1, bottom, -x0) if turn == -90 else (x0, top, x1, bottom)
