"""Tables that a text draws with characters: bars and rules (Markdown, boxes), or columns lined up with blanks.

Here: such text -> grids. Not here: fields with a delimiter (delimited.py), encodings (text.py).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from extractors.formats.runs import Run, shown
from extractors.grid import Cell, Grid, Place, Problem, Span, join_lines

_BARS = "|│┃║┆┇┊┋╎╏"
_FLAT = "=─━═╌╍┄┅┈┉-"
_JOINTS = "".join(map(chr, range(0x250C, 0x254C))) + "".join(map(chr, range(0x2552, 0x2574)))
_BAR = re.compile(rf"(?<!\\)[{_BARS}]")
_RULE = re.compile(rf"(?=.*[{_FLAT}]{{2}})[\s:+{_BARS}{_JOINTS}{_FLAT}]+")
_BORDER = re.compile(rf"[{_BARS}{_JOINTS}]|\+(?=[-=+]|\s*$)|(?<=[-=])\+")
_PIECE_OF_RULE = re.compile(f"[{_FLAT}]+")
_HEADING = re.compile(r"#{1,6}\s+")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_COMMENT = re.compile(r"<!--.*?(?:-->|$)")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\[]*)\]\((?:[^()\s]|\([^()\s]*\))+(?:\s+\"[^\"]*\")?\)")
_CODE = re.compile(r"(`+)(?P<text>.+?)\1(?!`)")
_PLAIN_TAG = re.compile(r"</?(?:small|big|b|strong|i|em|u|ins|span|font|mark|kbd|code|tt|p|div|center)\b[^<>]*>", re.I)
_INLINE = re.compile(
    r"~~(?P<struck>(?=\S).+?(?<=\S))~~|<(?P<tag>del|s|strike|sup|sub)>(?P<inner>.*?)</(?P=tag)>|\[\^(?P<note>[^\]\s]+)\]",
    re.IGNORECASE,
)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_GAP = re.compile(r" {2,}|[ \u3000]*\u3000[ \u3000]*")
_LEAST_LINES = 3
"""Lines that a drawn table has, its rules among them."""
_MOST_RULES = 3
"""Rules (top, below the captions, bottom) of a table in which every line is a row."""


def is_barred(text: str) -> bool:
    """Whether lines with two bars and more follow each other in the text, as those of a table do."""
    return any(barred for barred, _ in _blocks(text.split("\n")))


def read_barred(text: str) -> tuple[list[Grid], list[Problem]]:
    """The tables and the runs of lines between them. Where rules stand between the rows, cells have their spans.

    Markdown that strikes text out or raises it is left out and told.
    """
    grids: list[Grid] = []
    problems: list[Problem] = []
    for barred, block in _blocks(text.split("\n")):
        if not barred:
            cells = [
                Cell(join_lines(_HEADING.sub("", line.strip())), n, 0, Place(locator=f"{number}:1"))
                for n, (number, line) in enumerate(block)
                if line.strip()
            ]
            cells = [Cell(cell.text, n, 0, cell.place) for n, cell in enumerate(cells)]
            grids.append(Grid(cells, Span.OPEN, ruled=False))
        elif sum(_is_partly_ruled(line) for _, line in block) > _MOST_RULES:
            grids.append(_boxes(block))
        else:
            grids.append(_lines(block, problems))
    return [grid for grid in grids if any(cell.text for cell in grid.cells)], problems


def read_columns(text: str) -> Grid | None:
    """The lines of a text whose columns are lined up with blanks; None where no three columns are.

    A text that reaches over several columns has its width as span.
    """
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    found = max(
        (_columns([(n, _segments(line, wide)) for n, line in lines]) for wide in (1, 2)),
        key=lambda cells: len({cell.col for cell in cells}),
    )
    return Grid(found, Span.OPEN) if found else None


def _blocks(lines: list[str]) -> Iterator[tuple[bool, list[tuple[int, str]]]]:
    """Runs of numbered lines with bars or rules (True), and of others. A short run with bars is no table."""
    runs = [
        (barred, list(run))
        for barred, run in groupby(enumerate(lines, 1), lambda line: _is_barred_line(line[1]) or _is_rule(line[1]))
    ]
    for barred, run in runs:
        own = sum(_is_barred_line(line) and not _is_rule(line) for _, line in run)
        yield barred and len(run) >= _LEAST_LINES and own >= 2, run


def _is_barred_line(line: str) -> bool:
    return len(_BAR.findall(line)) >= 2


def _is_rule(line: str) -> bool:
    return _RULE.fullmatch(line) is not None


def _is_partly_ruled(line: str) -> bool:
    return any(len(piece) > 1 and _PIECE_OF_RULE.fullmatch(piece) for _, _, piece in _pieces(line, 1, 1))


def _lines(block: list[tuple[int, str]], problems: list[Problem]) -> Grid:
    """Every line that is no rule as a row. A bar at the edge of all of them is the frame's."""
    cells = []
    rows = [(number, _BAR.split(line.strip())) for number, line in block if not _is_rule(line)]
    framed_left, framed_right = (all(not fields[n] for _, fields in rows) for n in (0, -1))
    for row, (number, fields) in enumerate(rows):
        for col, source in enumerate(fields[framed_left : len(fields) - framed_right]):
            text = _COMMENT.sub("", source)
            place = Place(locator=f"{number}:{col + 1}")
            result = shown(_runs(text)) if _INLINE.search(text) else None
            if result is not None:
                problems += result.problems(place, f"第 {number} 行第 {col + 1} 格")
            cells.append(Cell(_marked_down(text if result is None else result.text), row, col, place))
    return Grid(cells, Span.OPEN)


def _runs(text: str) -> list[Run]:
    """A field of Markdown as runs: what is struck out, raised, or the mark of a footnote, and the rest."""
    runs, at = [], 0
    for found in _INLINE.finditer(text):
        runs.append(Run(text[at : found.start()]))
        if found["note"]:
            runs.append(Run(f"[{found['note']}]", raised=1))
        else:
            tag = (found["tag"] or "s").lower()
            raised = {"sup": 1, "sub": -1}.get(tag, 0)
            runs.append(Run(found["struck"] or found["inner"] or "", struck=not raised, raised=raised))
        at = found.end()
    return [*runs, Run(text[at:])]


def _marked_down(text: str) -> str:
    """What a field of Markdown shows."""
    text = _CODE.sub(r"\g<text>", _LINK.sub(r"\g<text>", text.replace(r"\|", "|")))
    text = _EMPHASIS.sub(r"\2", text)
    if not any("=" in tag[0] for tag in _PLAIN_TAG.finditer(text)):  # a style of its own may hide the text
        text = _PLAIN_TAG.sub("", text)
    return join_lines(_BREAK_TAG.sub("\n", html.unescape(text)))


@dataclass(slots=True)
class _Box:
    """A cell between rules: its extent in columns of characters, its lines, and the numbers of these."""

    x0: int
    x1: int
    first: int
    last: int
    texts: list[str]


def _boxes(block: list[tuple[int, str]]) -> Grid:
    """The cells that bars and rules enclose, with their spans."""
    numbers = [number for number, _ in block]
    drawings = [[list(_pieces(line, box, other)) for _, line in block] for box in (1, 2) for other in (1, 2)]
    pieces = min(drawings, key=lambda drawn: len({x for line in drawn for x, _, _ in line}))
    boxes: list[_Box] = []
    open_boxes: list[_Box] = []
    for n, line in enumerate(pieces):
        still_open = []
        for x0, x1, text in line:
            if _PIECE_OF_RULE.fullmatch(text):
                continue
            box = next((b for b in open_boxes if abs(b.x0 - x0) <= 1 and abs(b.x1 - x1) <= 1), None)
            if box is None:
                box = _Box(x0, x1, n, n, [])
                boxes.append(box)
            box.last = n
            box.texts.append(text.strip())
            still_open.append(box)
        open_boxes = still_open
    edges = _merged_edges(sorted({edge for box in boxes for edge in (box.x0, box.x1 + 1)}))
    tops = sorted({box.first for box in boxes})
    cells = []
    for box in boxes:
        row, col = tops.index(box.first), _at(edges, box.x0)
        height = sum(top <= box.last for top in tops) - row
        width = max(_at(edges, box.x1 + 1) - col, 1)
        place = Place(locator=f"{numbers[box.first]}:{col + 1}")
        cells.append(Cell(join_lines("\n".join(filter(None, box.texts))), row, col, place, height, width))
    return Grid(cells)


def _pieces(line: str, box_width: int, other_width: int) -> Iterator[tuple[int, int, str]]:
    """What stands between the borders of a line: from, to (columns of characters) and text.

    The widths: of box characters, and of the others that are wide in Chinese fonts only.
    """
    borders = [match.start() for match in _BORDER.finditer(line)]
    at = [0]
    for char in line:
        at.append(at[-1] + _width(char, box_width if char in _JOINTS or char in _BARS + _FLAT else other_width))
    for before, after in pairwise(borders):
        if after > before + 1:
            yield at[before + 1], at[after], line[before + 1 : after]


def _width(char: str, ambiguous: int) -> int:
    kind = unicodedata.east_asian_width(char)
    return 2 if kind in "WF" else ambiguous if kind == "A" else 1


def _merged_edges(edges: list[int]) -> list[int]:
    """The edges without those that are one column of characters right of another."""
    merged: list[int] = []
    for edge in edges:
        if not merged or edge - merged[-1] > 1:
            merged.append(edge)
    return merged


def _at(edges: list[int], x: int) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - x))


Segment = tuple[int, int, str]
"""From, to (columns of characters) and the text of what stands between wide gaps of a line."""


def _segments(line: str, ambiguous: int) -> list[Segment]:
    found = []
    start = at = 0
    for piece, gap in [(line[a:b], line[b:c]) for a, b, c in _between_gaps(line)]:
        width = sum(_width(char, ambiguous) for char in piece)
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            found.append((at + lead, at + width, piece.strip()))
        at += width + sum(_width(char, ambiguous) for char in gap)
        start += len(piece) + len(gap)
    return found


def _between_gaps(line: str) -> Iterator[tuple[int, int, int]]:
    position = 0
    for gap in _GAP.finditer(line):
        yield position, gap.start(), gap.end()
        position = gap.end()
    yield position, len(line), len(line)


def _columns(lines: list[tuple[int, list[Segment]]]) -> list[Cell]:
    """The segments as cells of columns that no line of the table writes across; nothing where two fall into one."""
    rows = [segments for _, segments in lines if len(segments) >= 3]
    if len(rows) < _LEAST_LINES or 5 * len(rows) < 2 * len(lines):
        return []
    used = Counter(x for segments in rows for x0, x1, _ in segments for x in range(x0, x1))
    end = max(used) + 1
    starts = [x for x in range(end) if used[x] and not used[x - 1]]
    cells = []
    for row, (number, segments) in enumerate(lines):
        taken = -1
        for x0, x1, text in segments:
            first = max(sum(start <= x0 for start in starts) - 1, 0)
            last = max(sum(start < x1 for start in starts) - 1, first)
            if first <= taken:
                return []
            taken = last
            cells.append(
                Cell(join_lines(text), row, first, Place(locator=f"{number}:{first + 1}"), 1, last - first + 1)
            )
    return cells if len(starts) >= 3 else []
