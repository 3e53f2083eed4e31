"""Fields with a delimiter between them: tab, comma, semicolon, as programs save tables and as people type them.

Here: which delimiter, quotes, the tricks that keep Excel from changing a code, thousands separators without quotes.
Not here: encodings (text.py), tables drawn with characters (drawn_text.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extractors.codes import ProblemCode, ReasonCode
from extractors.formats.limits import Limits
from extractors.grid import Cell, Grid, Place, Problem, Span, Unreadable, join_lines

_QUOTED = re.compile(r'"(?:[^"\t]|"")*"')
_THOUSANDS = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])")
_TAB_OF_A_FIELD = re.compile(r'(?<=[,;"])\t|\t(?=[,;"])')
_SEPARATOR_LINE = re.compile(r"\s*sep=([,;\t])\s*(?:\n|$)", re.IGNORECASE)
_AS_TEXT = re.compile(r'=\s*"((?:[^"]|"")*)"')
_HEAD = re.compile(r"-?[1-9][0-9]{0,2}")
_MIDDLE = re.compile(r"[0-9]{3}")
_TAIL = re.compile(r"[0-9]{3}(?:\.[0-9]+)?")
_ONLY_TAIL = re.compile(r"0[0-9]{2}\.[0-9]+")
_MOST_WAYS = 2
_MOST_FIELDS = 100
"""Of a record whose commas are looked into; no form has a fourth of it."""


def delimiter_of(text: str) -> str | None:
    """Tab, comma or semicolon: the one on most lines, if it is on enough; None for a text without fields.

    A tab counts double, as it is never part of a number, unless it only keeps a figure of a CSV from being changed. A
    comma between thousands does not count.
    """
    if named := _SEPARATOR_LINE.match(text):
        return named[1]
    sample = text[:200_000]
    if '"' in sample:
        sample = _QUOTED.sub('""', sample)
    lines = [line for line in sample.split("\n") if line.strip()]
    tabs = 2 * sum("\t" in line and "\t" in _TAB_OF_A_FIELD.sub("", line) for line in lines)
    commas = sum("," in line and "," in _THOUSANDS.sub("", line) for line in lines)
    semicolons = sum(";" in line for line in lines)
    if tabs and tabs >= max(commas, semicolons):
        return "\t"
    if 3 * max(commas, semicolons) < len(lines):
        return None
    return "," if commas >= semicolons else ";"


# A quoted field ends with a quote before a delimiter; one that does not close is taken as printed. Excel quotes a field
# of its tab-separated text only for a comma, a quote or a line break in it; other quotes there are text, and a tab ends
# every field.
_FIELD = {
    ",": re.compile(r'(?:=?"((?:[^"]++|"")*+)"|([^,\n]*))(,|\n|\Z)'),
    ";": re.compile(r'(?:=?"((?:[^"]++|"")*+)"|([^;\n]*))(;|\n|\Z)'),
    "\t": re.compile(r'(?:"((?=[^"\t]*(?:""|[,\n]))(?:[^"\t]++|"")*+)"|([^\t\n]*))(\t|\n|\Z)'),
}


@dataclass(slots=True)
class _Record:
    """The fields of a record and the physical line on which it starts. `quoted`: the numbers of those in quotes."""

    line: int
    fields: list[str]
    quoted: set[int] = field(default_factory=set)


def read_delimited(text: str, delimiter: str, limits: Limits) -> tuple[Grid, list[Problem]]:
    """A row per record, a cell per field; and what is in doubt. Raises Unreadable TOO_BIG."""
    if named := _SEPARATOR_LINE.match(text):
        text = "\n" * (named.end() < len(text)) + text[named.end() :]
    records, tricks = [], "=" in text
    for record in _records(text, delimiter):
        if max(map(len, record.fields)) > limits.max_cell_chars:
            message = f"第 {record.line} 行有超过 {limits.max_cell_chars} 字的单元格，请检查导出是否正确。"
            raise Unreadable(ReasonCode.TOO_BIG, message)
        if tricks:
            record.fields = [_as_shown(printed) for printed in record.fields]
        records.append(record)
    problems = _join_thousands(records) if delimiter == "," else []
    used = [_used(record.fields) for record in records]
    width = max(used, default=0)
    cells: list[Cell] = []
    for row, record in enumerate(records):
        if len(cells) + min(len(record.fields), width) > limits.max_cells:
            raise Unreadable(ReasonCode.TOO_BIG, f"文件超过 {limits.max_cells} 个单元格，请拆分后再放入。")
        line = record.line
        for col, printed in enumerate(record.fields[:width] if used[row] else ()):
            cells.append(Cell(join_lines(printed), row, col, Place(locator=f"{line}:{col + 1}")))
    return Grid(cells, Span.OPEN), problems


def _used(fields: Sequence[str]) -> int:
    used = len(fields)
    while used and not fields[used - 1].strip():
        used -= 1
    return used


def _as_shown(text: str) -> str:
    """What Excel shows of a field that is written as ="0440", so that its zeros stay."""
    if text[:1] == "=" and (inner := _AS_TEXT.fullmatch(text.strip())):
        return inner[1].replace('""', '"')
    return text


def _records(text: str, delimiter: str) -> Iterator[_Record]:
    if '"' not in text:
        for number, whole in enumerate(text.split("\n"), 1):
            yield _Record(number, whole.split(delimiter))
        return
    match_at = _FIELD[delimiter].match
    position = 0
    line = 1
    record = _Record(line, [])
    size = len(text)
    while True:
        found = match_at(text, position)
        assert found is not None  # the pattern matches the empty field
        quoted, plain, end = found.groups()
        if quoted is None:
            record.fields.append(plain)
        else:
            record.quoted.add(len(record.fields))
            record.fields.append(quoted.replace('""', '"'))
            line += quoted.count("\n")
        position = found.end()
        if end == "\n":
            yield record
            line += 1
            record = _Record(line, [])
        if end == "" or (end == "\n" and position >= size):
            break
    if record.fields:
        yield record


# ── thousands separators that nobody quoted ──────────────────────────────────────────


def _join_thousands(records: list[_Record]) -> list[Problem]:
    """Put numbers together that were cut at their own commas, where the width of the table says how.

    A record that has as many fields as the table has columns stays as it is. One with more is joined where there is one
    way to the right number; where there are several, its figures are left in one cell, which no reading takes for one.
    """
    grouped = [record for record in records if any(_ends_of(record, n) for n in range(len(record.fields)))]
    lengths = Counter(len(r.fields) for r in records if len(r.fields) > 1 and r not in grouped)
    if not grouped or not lengths:
        return []
    width, count = max(lengths.items(), key=lambda item: (item[1], item[0]))
    even = 10 * count >= 9 * sum(lengths.values())
    width = width if even else max(lengths)
    if not any(len(r.fields) > width and _groupings(r, width) for r in grouped):
        return []
    problems = []
    for record in grouped:
        ways = _groupings(record, width) if len(record.fields) > width else _by_decimals(record)
        if even and len(record.fields) == width:
            continue
        if len(ways) == 1:
            record.fields = [",".join(record.fields[a:b]) for a, b in ways[0]]
        else:
            problems.append(_leave_in_one_cell(record, width))
    return problems


def _ends_of(record: _Record, start: int) -> list[int]:
    """Where a number that begins with this field may end (field after its last), if its commas cut it."""
    fields, ends = record.fields, []
    if start in record.quoted or not _HEAD.fullmatch(fields[start].strip()):
        return []
    for n in range(start + 1, len(fields)):
        if n in record.quoted or not _TAIL.fullmatch(fields[n]):
            break
        ends.append(n + 1)
        if not _MIDDLE.fullmatch(fields[n]):
            break
    return ends


Grouping = list[tuple[int, int]]
"""The fields of each column: from, to (not included)."""


def _groupings(record: _Record, width: int) -> list[Grouping]:
    """The ways to join the fields of a record to so many columns, two at most."""
    size = len(record.fields)
    if size > _MOST_FIELDS:
        return []
    ways: dict[tuple[int, int], list[Grouping]] = {(size, 0): [[]]}
    for start in reversed(range(size)):
        ends = _ends_of(record, start)
        if not _ONLY_TAIL.fullmatch(record.fields[start]):
            ends = [start + 1, *ends]
        for left in range(1, size - start + 1):
            found = [[(start, end), *rest] for end in ends for rest in ways.get((end, left - 1), [])]
            if found:
                ways[start, left] = found[:_MOST_WAYS]
    return ways.get((0, width), [])


def _by_decimals(record: _Record) -> list[Grouping]:
    """The way that its decimals show: each number goes on to the next decimal point. None where one has no decimals."""
    grouping: Grouping = []
    start = 0
    while start < len(record.fields):
        ends = _ends_of(record, start)
        if ends and "." not in record.fields[ends[-1] - 1]:
            return []
        end = ends[-1] if ends else start + 1
        grouping.append((start, end))
        start = end
    return [grouping]


def _leave_in_one_cell(record: _Record, width: int) -> Problem:
    runs = [(n, ends[-1]) for n in range(len(record.fields)) if (ends := _ends_of(record, n))]
    first, last = runs[0][0], max(end for _, end in runs)
    figures = record.fields[first:last]
    blanks = [""] * max(width - (len(record.fields) - len(figures)) - 1, 0)
    record.fields[first:last] = [" ".join(figures), *blanks]
    shown = ",".join(figures)
    message = f"第 {record.line} 行的「{shown[:40]}」里，逗号是千分位还是分列无从判断，未读取；请改用制表符导出。"
    return Problem(ProblemCode.TWO_VALUES, message, text=shown, place=Place(locator=f"{record.line}:{first + 1}"))
