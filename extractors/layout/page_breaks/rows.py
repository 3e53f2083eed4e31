"""The row that a page break cuts: whether the first row of a page is its rest.

Here: what cells show beside each other, or around the row. Not here: patterns of texts (evidence), levels (cells).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from extractors.grid.columns import CUT, same_extent
from extractors.layout.boundaries import is_indicator_header
from extractors.layout.cell_words import words_of
from extractors.layout.column_headers import is_wide
from extractors.layout.page_breaks.model import Break, glued, move
from extractors.layout.rows import PlacedCell
from extractors.readings.printed import is_figure
from extractors.readings.units import unit_of
from extractors.vocabulary import bare_text, columns_of, label_key

_OF_TEXTS = {"header", "attribute", "total", "goal"}
"""Groups of labels whose values stand beside or below them."""
_OPERATOR = re.compile(r"[<>=≤≥]+\d")
_ROWS = 5
"""Rows that show whether a column is filled in every row."""
_LEVELS, _NAMES, _POINTS = columns_of("level"), columns_of("name"), columns_of("points")


def lacks_points(cut: Break) -> bool:
    """Whether a row of indicators lacks the points that the one above has, or, where none are printed, name or target.

    A row that names a level of the standard set begins a new indicator, points or not.
    """
    rest = [slot for slot in cut.rest.filled if slot.cell.rowspan == 1 or cut.header(slot) is not None]
    if cut.headers is None or not rest or rest[0].words.is_note or rest[0].words.group:
        return False  # a section may stand beside them
    if any(slot.words.is_total for slot in cut.last.filled[:3]):
        return False
    headers = cut.headers.columns
    if any((c := cut.header(slot)) is not None and is_wide(headers, slot, c) for slot in rest):
        return False  # a note over the whole width
    texts = {cut.column(slot): slot.text for slot in rest}
    texts.pop(None, None)
    above = {cut.column(cell) for cell in cut.cells if cell.text}
    names = {header.name for header in headers}
    if not texts or any(words_of(texts[name]).is_level for name in _LEVELS if name in texts):
        return False
    if scored := names.intersection(_POINTS):
        own = {cut.column(slot) for slot in cut.last.filled}
        return not scored & texts.keys() and bool(scored & own) and ("level3" in above or "level3" not in texts)
    core = names & {*_NAMES, "target_text"}
    return bool(core - texts.keys()) and core <= above


def value_goes_on(cut: Break) -> bool:
    """Whether texts go on whose labels stand beside them, or above them where the next row is of another part again.

    Of a list of projects, whose rows have no labels, another row of values would follow.
    """
    rest = cut.rest.filled
    if cut.headers is not None or len(cut.pieces) < len(rest):
        return False
    if any(slot.words.group or slot.words.pairs or slot.words.is_note for slot in rest):
        return False
    labelled = [_is_labelled(cut, *piece) for piece in cut.pieces]
    torn = [words_of(begun.text + slot.text).group is not None for slot, begun in cut.pieces]
    return any(labelled) and all(map(any, zip(labelled, torn, strict=True)))


def _is_labelled(cut: Break, slot: PlacedCell, begun: PlacedCell) -> bool:
    if begun.words.pairs:
        return True
    if begun.words.group:
        return False
    beside = [cell for cell in cut.cells if cell.x1 < begun.x0 + CUT]
    if beside and words_of(max(beside, key=lambda cell: cell.x0).text).group in _OF_TEXTS:
        return True
    over = [cell for row in cut.above[-2:-1] for cell in row.slots if same_extent(cell, begun)]
    group = over[0].words.group if over else None
    follows = any(cell.words.group for row in cut.below[1:2] for cell in row.filled)
    return group == "goal" or (group in _OF_TEXTS and follows and not slot.words.is_numbered)


def no_first_half(cut: Break) -> bool:
    """Whether a text below has no text above it, between the same edges."""
    return len(cut.pieces) < len(cut.rest.filled)


def torn(pattern: str) -> Callable[[Break], bool]:
    """Whether texts on both sides, bare and with a line break between them, cannot be a text each: they match."""
    return lambda cut: any(re.search(pattern, "\n".join(texts)) for texts in _bare(cut))


def broken_number(cut: Break) -> bool:
    """Whether two texts are an amount or a rate together and not each of them."""
    return any(_is_broken(begun.text, slot.text) for slot, begun in cut.own)


def _is_broken(begun: str, rest: str) -> bool:
    if not (is_figure(glued(begun, rest)) and begun[-1].isdigit() and rest[0] in "0123456789.,"):
        return False
    return not is_figure(begun) or not is_figure(rest) or re.match(r"[.,]|0[\d,]", rest) is not None


def lacks_unit(cut: Break) -> bool:
    """Whether a unit stands alone below a number."""
    return any(begun[-1:].isdigit() and unit_of(rest) is not None for begun, rest in _bare(cut))


def open_label(cut: Break) -> bool:
    """Whether one cell alone in its row goes on: a label without its value, half a label, a note without its stop."""
    if len(cut.rest.slots) != 1 or len(cut.last.slots) != 1:
        return False
    begun, end = bare_text(cut.last.slots[0].text), bare_text(cut.rest.slots[0].text)
    label, colon, _ = glued(begun, end).partition(":")  # 项目实施 | 单位：青河县灌区站
    key = label_key(begun)
    if key and colon and len(label) > len(begun) and label_key(label).startswith(key) and words_of(label).printed:
        return True
    return begun.endswith(":") or end.startswith(":") or (begun.startswith("注") and not begun.endswith("。"))


def torn_labels(cut: Break) -> bool:
    """Whether two texts, or all, are labels with what stands above them, which alone is none: 全年实际 | 支出."""
    labels = [begun.words.group for slot, begun in cut.own if words_of(glued(begun.text, slot.text)).group is not None]
    return None in labels and len(labels) >= min(2, len(cut.own))


def begins_anew(cut: Break) -> bool:
    """Whether a text of the row is a label or a level of its own, has a number, or stands under a whole label."""
    return any(_begins_anew(cut, *piece) for piece in cut.own)


def lacks_operator(cut: Break) -> bool:
    """Whether a figure lacks the operator of the one above (≥1 | 500元), and more is lacking or cut in its row.

    That is a text that all rows around have, or the rest of the name of the row's level.
    """
    if not any(_OPERATOR.match(begun) and rest[:1].isdigit() for begun, rest in _bare(cut)):
        return False
    rows = [row for row in (*cut.above[-_ROWS:], *cut.below[1:_ROWS]) if not is_indicator_header(row)]
    names = [begun for begun in cut.blank if not begun.words.is_level]  # a level is blank where its cell is merged
    columns = [[cell.text for row in rows for cell in row.slots if same_extent(cell, begun)] for begun in names]
    return "rest_of_level" in cut.rest.evidence or any(len(column) >= 3 and all(column) for column in columns)


def completes_labels(cut: Break) -> bool:
    """Whether what stands under labels completes them, or stands under values alone, all labels blank below."""
    labels = [begun for begun in cut.last.slots if begun.words.group]
    return any(_ends_label(*piece) for piece in cut.own) or (bool(labels) and all(c in cut.blank for c in labels))


def join_row(cut: Break) -> None:
    """Give the first row below a break back to the last one above; what has no first half there goes up as it is.

    Beside cut cells, those of merged ones may begin anew; they and the rests of levels stay.
    """
    own = [id(slot) for slot, _ in cut.own]
    for slot in cut.rest.filled:
        header = cut.header(slot)
        under = [cell for cell in cut.last.slots if header is not None and cut.header(cell) is header]
        begun = cut.begun(slot) or (under[0] if under else None)
        if begun is None:
            cut.rest.slots.remove(slot)
            cut.last.slots.append(slot)
            cut.last.slots.sort(key=lambda cell: cell.x0)
        elif not begun.text or id(slot) in own or not _begins_anew(cut, slot, begun):
            move(slot, begun)


def _bare(cut: Break) -> list[tuple[str, str]]:
    """The texts of the row that a break may cut: above and below it."""
    return [(bare_text(begun.text), bare_text(slot.text)) for slot, begun in cut.own]


def _begins_anew(cut: Break, slot: PlacedCell, begun: PlacedCell) -> bool:
    if (slot.words.is_level and begun.words.is_level) or slot.words.is_numbered or slot.words.is_note:
        return True
    others = {None} if is_indicator_header(cut.last) else {None, "indicator"}
    if {slot.words.group, begun.words.group} <= others and not slot.words.pairs:
        return slot.words.is_figure and begun.words.is_figure and not is_figure(glued(begun.text, slot.text))
    return not _ends_label(slot, begun) and not words_of(glued(begun.text, slot.text)).is_level


def _ends_label(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether two texts are one label (资金 | 执行率), and not a label each (市级资金 | 县级资金)."""
    whole = words_of(glued(begun.text, slot.text))
    if whole.role is None or (whole.key == begun.key and slot.text[0] not in "（("):
        return False  # 年度指标值（A） | =100%
    return begun.words.role is None or slot.words.role is None or whole.printed
