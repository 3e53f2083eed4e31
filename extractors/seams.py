"""Rows that a page break cuts in two: the second half is put back into the cells of the first.

Here: which first row of a page is the rest of the last row of the page before. Not here: rows whose cells say it only
together with their captions (indicators), levels that stand on one of two pages (indicators).
"""

from __future__ import annotations

from itertools import pairwise

from extractors.funds import is_amount, is_figure
from extractors.grid import join_lines
from extractors.labels import is_note, label_values
from extractors.levels import full_level, is_numbered
from extractors.segment import is_indicator_caption
from extractors.stream import Row, Slot, rewrite
from extractors.vocabulary import fold, vocabulary

_ROWS = 5
"""Rows that show whether a column is filled in every row."""
_EXTENT = 2.0
"""Points by which the two halves of a cell may differ."""


def join_cut_rows(rows: list[Row]) -> None:
    """Move what stands in the rest of a cut row into the row's beginning; the rest is then an empty row."""
    tables: list[list[Row]] = []
    for row in rows:
        if row.page is None or not row.ruled:
            continue
        if not tables or tables[-1][0].grid != row.grid:
            tables.append([])
        tables[-1].append(row)
    for above, below in pairwise(tables):
        if above[-1].page != below[0].page and above[-1].filled and below[0].filled:
            _join(above, below[0])


def _join(above: list[Row], rest: Row) -> None:
    cells = [*above[-1].slots, *above[-1].above]
    halves = [(slot, next((c for c in cells if same_extent(c, slot)), None)) for slot in rest.slots]
    _join_merged(above, rest, halves)
    filled = [(slot, begun) for slot, begun in halves if slot.text]
    if not filled or any(begun is None or not begun.text for _, begun in filled):
        return
    pieces = [(slot, begun) for slot, begun in filled if begun is not None]
    if not _is_rest(above, pieces, [b for s, b in halves if b is not None and b.text and not s.text], rest):
        return
    for slot, begun in pieces:
        rewrite(begun, glued(begun.text, slot.text), slot.cell)
        slot.text = slot.key = ""
    rest.filled, rest.joined = [], True


def _is_rest(above: list[Row], pieces: list[tuple[Slot, Slot]], blank: list[Slot], rest: Row) -> bool:
    """Whether the texts of a page's first row (beside those of the last row above) are the ends of cut ones.

    `blank`: the filled cells of the last row above that have nothing below the break.
    """
    last = above[-1]
    if any(_broken_number(slot, begun) for slot, begun in pieces) or _one_text(last, rest):
        return True
    of_captions = is_indicator_caption(last)
    if any(_begins_anew(slot, begun, of_captions=of_captions) for slot, begun in pieces):
        return False
    lacks = _lacks_what_rows_have(above, blank, pieces) and _only_figures(pieces)
    return lacks or _completes_labels(last, pieces, blank)


def _broken_number(slot: Slot, begun: Slot) -> bool:
    """Whether two texts are an amount or a rate together and not each of them: 1,371,0 | 00.00, 95 | .45%."""
    whole = glued(begun.text, slot.text)
    broken = not is_figure(begun.text) or not is_figure(slot.text) or slot.text[0] in ".,"
    return is_figure(whole) and begun.text[-1].isdigit() and slot.text[0] in "0123456789.," and broken


def _join_merged(above: list[Row], rest: Row, halves: list[tuple[Slot, Slot | None]]) -> None:
    """Give a merged cell left of the rows (a level, a section) the text that its second half prints."""
    edge = min((slot.lo for slot in above[-1].slots if slot.cell.rowspan == 1), default=0.0)
    for slot, begun in halves:
        if begun is None or begun.text or not slot.text or begun.hi > edge + _EXTENT:
            continue
        if begun.cell.rowspan > 1 or slot.cell.rowspan > 1:
            rewrite(begun, slot.text, slot.cell)
            slot.text = slot.key = ""
    for row in (*above, rest):
        row.filled = [slot for slot in row.slots if slot.text]


def _one_text(last: Row, rest: Row) -> bool:
    """Whether one cell alone in its row goes on: 项目名称： | 学生午餐补助, or a note that is no whole sentence."""
    if len(rest.slots) != 1 or len(last.slots) != 1:
        return False
    begun, end = fold(last.slots[0].text), fold(rest.slots[0].text)
    return begun.endswith(":") or end.startswith(":") or (begun.startswith("注") and not begun.endswith("。"))


def _begins_anew(slot: Slot, begun: Slot, *, of_captions: bool) -> bool:
    """Whether a cell is a label or a level of its own or stands under a whole label, and does not end it."""
    if (full_level(slot.text) and full_level(begun.text)) or is_numbered(slot.text) or is_note(slot.text):
        return True
    if not (_is_label(slot.text, of_captions) or _is_label(begun.text, of_captions) or label_values(slot.text)):
        return False
    return not _ends_label(slot, begun) and not full_level(glued(begun.text, slot.text))


def _is_label(text: str, of_captions: bool) -> bool:
    role = vocabulary().role(text)
    return role is not None and (role[0] != "indicator" or of_captions)


def _ends_label(slot: Slot, begun: Slot) -> bool:
    """Whether two texts are one label (资金 | 执行率), and not a label each (市级资金 | 县级资金)."""
    words = vocabulary()
    whole = words.role(glued(begun.text, slot.text))
    if whole is None:
        return False
    return (
        words.role(begun.text) is None or words.role(slot.text) is None or words.printed(glued(begun.text, slot.text))
    )


def _lacks_what_rows_have(above: list[Row], blank: list[Slot], pieces: list[tuple[Slot, Slot]]) -> bool:
    """Whether cells are blank in whose columns the rows above have a text (a weight, the name of a source).

    One such cell says it only where most cells are blank: a qualitative target has no unit.
    """
    lacking = [begun for begun in blank if _filled_in_all(above, begun)]
    return len(lacking) >= 2 or (bool(lacking) and len(pieces) <= len(blank))


def _filled_in_all(above: list[Row], begun: Slot) -> bool:
    column: list[Slot] = []
    for row in reversed(above[-_ROWS:]):
        slot = next((s for s in row.slots if same_extent(s, begun)), None)
        if slot is None:
            break
        column.append(slot)
    return len(column) >= 2 and all(slot.text for slot in column)


def _completes_labels(last: Row, pieces: list[tuple[Slot, Slot]], blank: list[Slot]) -> bool:
    """Whether what stands under labels completes them, or stands under values alone, all labels blank below."""
    completed = [begun for slot, begun in pieces if _ends_label(slot, begun)]
    labels = [begun for begun in last.slots if vocabulary().role(begun.text)]
    return bool(completed) or (bool(labels) and all(label in blank for label in labels))


def _only_figures(pieces: list[tuple[Slot, Slot]]) -> bool:
    """Whether figures below figures can be their rest: no name or word stands beside them."""
    below_figures = [slot for slot, begun in pieces if is_amount(begun.text)]
    return not any(is_amount(slot.text) for slot in below_figures) or len(below_figures) == len(pieces)


def glued(begun: str, rest: str) -> str:
    """A text from both of its halves; a number that is cut gets no space."""
    number = (begun[-1].isdigit() or begun[-1] in ".,") and (rest[0].isdigit() or rest[0] in ".,%")
    return begun + rest if number else join_lines(f"{begun}\n{rest}")


def same_extent(a: Slot, b: Slot) -> bool:
    """Whether two cells stand between the same edges."""
    return abs(a.lo - b.lo) < _EXTENT and abs(a.hi - b.hi) < _EXTENT
