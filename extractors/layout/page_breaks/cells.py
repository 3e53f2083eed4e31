"""Merged cells that go on over a page break: levels and sections, whose text stands on one of the pages or is torn.

Here: to which cell above a text of the next page belongs. Not here: the cells of the row that a break cuts (rows).
"""

from __future__ import annotations

from collections.abc import Sequence

from extractors.grid.columns import CUT, covers
from extractors.layout.cell_words import words_of
from extractors.layout.page_breaks.model import Break, Evidence, move
from extractors.layout.rows import PlacedCell
from extractors.vocabulary import columns_of

_LEVELS = columns_of("level")
_BESIDE_ROWS = columns_of("level", "level_points")


def merged_text_below(cut: Break, slot: PlacedCell) -> PlacedCell | None:
    """The blank cell left of the rows that goes on below the break, where it is merged with other rows."""
    begun = cut.begun(slot)
    if begun is None or begun.text or not (begun.cell.rowspan > 1 or slot.cell.rowspan > 1):
        return None
    edge = min((cell.x0 for cell in cut.last.slots if cell.cell.rowspan == 1), default=0.0)
    return begun if begun.x1 <= edge + CUT else None


def rest_of_level(cut: Break, slot: PlacedCell) -> PlacedCell | None:
    """The nearest level above, where the two texts are the name of a level and one alone is none."""
    begun = _level_above(cut, slot) or cut.begun(slot)
    if begun is None or not words_of(begun.text + slot.text).is_level:
        return None
    return None if begun.words.is_level and slot.words.is_level else begun


def level_below(cut: Break, slot: PlacedCell) -> PlacedCell | None:
    """The blank level cell at the end of the page, where the table leaves no other one of its column blank.

    The first one of a page goes on with the level that the page before has.
    """
    last = next((c for c in cut.cells if covers(slot, c)), None)
    if last is None or last.cell.text or cut.column(last) not in _BESIDE_ROWS:
        return None
    origin = cut.going_on.get(id(last), last)
    tops = {id(cell) for page in cut.pages for cell in page[0].slots}
    if origin.text or (origin is last and id(last) in tops and _level_above(cut, slot) is not None):
        return None
    ends = {id(cell) for page in cut.pages for cell in (*page[-1].slots, *page[-1].above)}
    column = [c for row in cut.rows for c in row.slots if cut.column(c) == cut.column(last)]
    return None if any(not (c.text or c.cell.text) and id(c) not in tops | ends for c in column) else origin


def move_cells(cut: Break, rules: Sequence[Evidence]) -> None:
    """Give texts of the first row below a break to the cells above that they belong to."""
    for slot in cut.rest.filled:
        found = ((rule.name, begun) for rule in rules if (begun := rule.holds(cut, slot)) is not None)
        for name, begun in [*found][:1]:
            move(slot, begun)
            cut.rest.evidence.append(name)
    cut.refill()


def keep_going_on(cut: Break, *, joined: bool) -> None:
    """Remember in which cells of the first row below a break those above go on: all of a cut row, else merged ones."""
    for slot in cut.rest.slots:
        begun = cut.begun(slot)
        if begun is None or slot.text or (not cut.rows and cut.header(slot) is not None):
            continue  # nothing goes on in a column whose header is the cell above
        if joined or begun.cell.rowspan > 1 or slot.cell.rowspan > 1 or cut.column(slot) in _BESIDE_ROWS:
            cut.going_on[id(slot)] = begun


def _level_above(cut: Break, slot: PlacedCell) -> PlacedCell | None:
    """The nearest text above in a column of levels; a level 2 stands below its level 1."""
    name = cut.column(slot)
    for row in cut.rows if name in _LEVELS else ():
        texts = {cut.column(cell): cell for cell in row.filled}
        if name in texts or _LEVELS[0] in texts:
            return texts.get(name)
    return None
