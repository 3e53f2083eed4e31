"""Rows that a page break cuts in two: the second half is put back into the cells of the first.

Here: which first row of a page ends the last row of the page before, captions that a break cuts, parts or repeats. Not
here: rows whose cells say it only together with their captions, levels that stand on one of two pages (indicators).
"""

from __future__ import annotations

import re
from itertools import pairwise

from extractors.form.sections.column_headers import LEVELS, is_caption
from extractors.form.sections.funding import is_amount, is_figure
from extractors.form.sections.levels import full_level, is_numbered
from extractors.grid import join_lines
from extractors.grid.columns import CUT, is_within, same_extent
from extractors.layout.boundaries import is_indicator_caption
from extractors.layout.labels import is_note, label_values
from extractors.layout.rows import PlacedCell, Row, rewrite
from extractors.readings.units import unit_of
from extractors.vocabulary import bare_text, label_key, vocabulary

_ROWS = 5
"""Rows that show whether a column is filled in every row."""
_OF_HEAD = ("header", "attribute", "total", "goal")
"""Groups of labels that stand in the head of a form, with one row of values below them."""
_NO_BEGINNING = re.compile(r"[,.]\d|[，。、;:)》”]\S*[\u4e00-\u9fff]")
"""What no text begins with."""
_OPEN_NUMBER = re.compile(r"(?:\d{2}[.,]|\d,\d{0,2})$")
_OPEN_YEAR = re.compile(r"(?:19|20)\d\d$")
_NO_NUMBER = re.compile(r"0[\d,]")
"""How no figure begins."""
_NO_QUANTITY = re.compile(r"0\d[\d,.]*[^\d,.年月日时点:/-]")
"""How no quantity with its unit begins; days and months may."""
_OPERATOR = re.compile(r"[<>=≤≥]+\d")
_NUMBER_OF_INDICATOR = re.compile(r"\d{1,2}[:.、]")
_NUMBER_ALONE = re.compile(r"指标\d{1,2}[:.、]?|\(\d{1,2}\)|\d{1,2}[.、:]")
_REST_OF_LEVEL = re.compile(r"指标|(?:指标)?\(\d+(?:\.\d+)?分\)")
_SENTENCE = re.compile("[，。；！？]")
"""What no caption has in it."""


def join_cut_rows(rows: list[Row]) -> None:
    """Move what stands in the rest of a cut row into the row's beginning; the rest is then an empty row."""
    tables: list[list[Row]] = []
    going_on: set[int] = set()
    for row in rows:
        if row.page is None or not row.ruled:
            continue
        if not tables or tables[-1][0].grid != row.grid:
            tables.append([])
        tables[-1].append(row)
    for n, (above, below) in enumerate(pairwise(tables), 1):
        if above[-1].page == below[0].page or not above[-1].filled or not below[0].filled:
            continue
        again = _captions_again([row for table in tables[:n] for row in table], below)
        for row in below[:again]:
            row.again = True
        if again and again < len(below) and below[again].filled and not is_indicator_caption(above[-1]):
            _join(above, below[again:], going_on)
        elif not again and not _join_captions(above, below):
            _join(above, below, going_on)


def _captions_again(before: list[Row], below: list[Row]) -> int:
    """How many rows at the top of a page (0, 1 or 2) print captions of indicators from the pages before again."""
    top, second = (_captions_in(row) if row is not None else [] for row in (*below[:2], None)[:2])
    if not set(LEVELS) & {_caption(text) for text in top}:
        return 0
    for row, following in pairwise([*before, below[0]]):
        if _captions_in(row) == top:
            under = _captions_in(following)
            two = bool(under) and under == second and not set(LEVELS) & {_caption(text) for text in under}
            return 1 + two
    return 0


def _captions_in(row: Row) -> list[str]:
    """The captions that a row prints, if it prints little else."""
    texts = [bare_text(slot.text) for slot in row.filled if _caption(slot.text) is not None]
    return texts if len(texts) >= len(row.filled) - 1 else []


def _join_captions(above: list[Row], below: list[Row]) -> bool:
    """Put together captions that a page break cuts, or whose two rows it parts; False where they are none.

    Cells between the same edges are two halves of one cell, those within the edges of one above it its sub-captions.
    Nothing is moved unless the whole is captions then.
    """
    last, rest = above[-1], below[0]
    cells = [*last.slots, *last.above]
    halves = [(slot, next((c for c in cells if same_extent(c, slot)), None)) for slot in rest.slots]
    pairs = [(slot, begun) for slot, begun in halves if begun is not None]
    subs = [slot for slot, begun in halves if begun is None]
    if not all(any(c.text and is_within(slot, c, CUT) for c in cells) for slot in subs):
        return False
    if not _are_captions(cells, pairs, subs):
        return False
    whole = {id(slot): begun for slot, begun in pairs}
    for slot, begun in pairs:
        if slot.text:
            rewrite(begun, _whole(begun, slot), slot.cell)
            slot.text = slot.key = ""
    for row in below:
        row.above = [whole.get(id(slot), slot) for slot in row.above]
    rest.slots, rest.above, rest.joined = subs, [*rest.above, *(begun for _, begun in pairs)], True
    for row in (*above, rest):
        row.filled, row.roles = [slot for slot in row.slots if slot.text], None
    return True


def _are_captions(cells: list[PlacedCell], pairs: list[tuple[PlacedCell, PlacedCell]], subs: list[PlacedCell]) -> bool:
    """Whether the cells above a break with their halves and sub-captions below it are captions of indicators.

    Every text below the break must be a caption, or the end of one; so captions repeated below the break are none.
    """
    if not any(slot.text for slot, _ in pairs) and not any(slot.text for slot in subs):
        return False
    first = min(slot.x0 for slot in cells)
    ended = [(slot, begun) for slot, begun in pairs if slot.text]
    if _repeats_captions(ended) or any(full_level(slot.text) for slot, _ in ended):
        return False
    if not all(_ends_caption(s, b) or (b.x0 == first and _is_section(_whole(b, s))) for s, b in ended):
        return False
    below = {id(begun): slot for slot, begun in pairs}
    texts = [_whole(c, below[id(c)]) if id(c) in below else c.text for c in cells]
    names = [_caption(text) for text in texts if text]
    begun = [_caption(text) for c, text in zip(cells, texts, strict=True) if c.text]
    under = [_caption(slot.text) for slot in subs if slot.text]
    if None in under or set(LEVELS) & set(under) or not set(LEVELS) & set(names):
        return False
    return begun.count(None) < len(begun) / 2 and is_caption([*names, *under])


def _repeats_captions(ended: list[tuple[PlacedCell, PlacedCell]]) -> bool:
    """Whether the texts below a break are captions by themselves, printed again below others or below values."""
    if any(bare_text(slot.text) == bare_text(begun.text) for slot, begun in ended):
        return True
    below = [_caption(slot.text) for slot, _ in ended]
    return None not in below and is_caption(below) and any(b.text and not _caption(b.text) for _, b in ended)


def _ends_caption(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether two halves are one caption; a sentence before a caption is none, though it has the caption's words."""
    return _caption(_whole(begun, slot)) is not None and not _SENTENCE.search(begun.text)


def _whole(begun: PlacedCell, rest: PlacedCell) -> str:
    """The text of a cell from both of its halves, of which one may be blank."""
    return glued(begun.text, rest.text) if begun.text and rest.text else begun.text or rest.text


def _caption(text: str) -> str | None:
    """The column of an indicator table that a caption or a sub-caption names."""
    words, key = vocabulary(), label_key(text)
    return words.stage.exact(key) or words.caption(key)


def _is_section(text: str) -> bool:
    """Whether a text is the name of a section."""
    return vocabulary().section.exact(label_key(text)) is not None


def _join(above: list[Row], below: list[Row], going_on: set[int]) -> None:
    """Put the texts of the first row below a break into the cells of the last row above it, if they are their ends.

    `going_on`: the blank cells that a merged cell of the page before goes on in; those below the break are added.
    """
    rest = below[0]
    cells = [*above[-1].slots, *above[-1].above]
    halves = [(slot, next((c for c in cells if same_extent(c, slot)), None)) for slot in rest.slots]
    torn = _join_merged(above, rest, halves, going_on)
    filled = [(slot, begun) for slot, begun in halves if slot.text]
    rest.joined = torn and not filled
    if not filled or any(begun is None or not begun.text for _, begun in filled):
        return
    pieces = [(slot, begun) for slot, begun in filled if begun is not None]
    own = [piece for piece in pieces if not _may_be_merged(*piece)] or pieces
    blank = [begun for slot, begun in halves if begun is not None and begun.text and not slot.text]
    if not _is_rest(above, below, own, blank, torn=torn) and not _values_go_on(above, below):
        return
    of_captions = is_indicator_caption(above[-1])
    for piece in pieces:
        slot, begun = piece
        if piece in own or not _begins_anew(slot, begun, of_captions=of_captions):
            rewrite(begun, glued(begun.text, slot.text), slot.cell)
            slot.text = slot.key = ""
    rest.filled, rest.joined = [slot for slot in rest.slots if slot.text], True


def _may_be_merged(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether a cell may be merged with rows above or below, so that it goes on beside a whole row."""
    return slot.cell.rowspan > 1 or (full_level(glued(begun.text, slot.text)) and not full_level(slot.text))


def _is_rest(
    above: list[Row],
    below: list[Row],
    pieces: list[tuple[PlacedCell, PlacedCell]],
    blank: list[PlacedCell],
    *,
    torn: bool,
) -> bool:
    """Whether the texts of a page's first row (beside those of the last row above) are the ends of cut ones.

    `blank`: the filled cells of the last row above that have nothing below the break. `torn`: so is the text of a
    merged cell beside them.
    """
    last, rest = above[-1], below[0]
    if any(_broken_number(slot, begun) or _broken_text(slot, begun) for slot, begun in pieces) or _one_text(last, rest):
        return True
    if _torn_labels(pieces):
        return True
    lacks = _lacks_what_rows_have(above, below, blank, pieces)
    lacks_operator = any(_lacks_operator(slot, begun) for slot, begun in pieces)
    if torn and (lacks or lacks_operator):
        return True
    of_captions = is_indicator_caption(last)
    if any(_begins_anew(slot, begun, of_captions=of_captions) for slot, begun in pieces):
        return False
    return (lacks and (lacks_operator or _only_figures(pieces))) or _completes_labels(last, pieces, blank)


def _values_go_on(above: list[Row], below: list[Row]) -> bool:
    """Whether values under labels of the head go on: the next row, which has labels again, is of another part.

    Of a list of projects, whose rows have no labels, another row of values would follow.
    """
    if len(above) < 2 or len(below) < 2:
        return False
    words = vocabulary()
    heads, values, rest = above[-2].filled, above[-1], below[0]
    roles = [words.role(slot.text) for slot in heads]
    if len(heads) < 2 or not all(role is not None and role[0] in _OF_HEAD for role in roles):
        return False
    under = len(heads) == len(values.slots) and all(map(same_extent, heads, values.slots))
    others = (*values.filled, *rest.filled)
    if any(is_numbered(slot.text) for slot in rest.filled):
        return False
    labels_follow = any(words.role(slot.text) for slot in below[1].filled)
    return under and labels_follow and not any(words.role(slot.text) for slot in others)


def _broken_number(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether two texts are an amount or a rate together and not each of them: 1,371,0 | 00.00, 95 | .45%."""
    whole = glued(begun.text, slot.text)
    broken = not is_figure(begun.text) or not is_figure(slot.text) or slot.text[0] in ".,"
    broken = broken or _NO_NUMBER.match(slot.text) is not None
    return is_figure(whole) and begun.text[-1].isdigit() and slot.text[0] in "0123456789.," and broken


def _torn_labels(pieces: list[tuple[PlacedCell, PlacedCell]]) -> bool:
    """Whether all texts are labels together with those above, and one of them only so (年初预 | 算数).

    Where two are labels word for word and one half of them is none (年初部门 | 预算), the name of the table beside them
    (年度资金 | 情况) need not be known.
    """
    words = vocabulary()
    known = [words.role(begun.text) is not None for _, begun in pieces]
    known_below = [words.role(slot.text) is not None for slot, _ in pieces]
    wholes = [glued(begun.text, slot.text) for slot, begun in pieces]
    torn = [words.printed(w) and not (k and b) for w, k, b in zip(wholes, known, known_below, strict=True)]
    two = any(torn) and sum(map(words.printed, wholes)) >= 2
    named = wholes[1:] if two else wholes
    ends = pieces[-len(named) :]
    if not all(words.role(whole) or _is_section(slot.text) for whole, (slot, _) in zip(named, ends, strict=True)):
        return False
    return two or not all(map(any, zip(known, known_below, strict=True)))


def _broken_text(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether two texts cannot be a text each: 指标2： | 参训人次, 经济 | 效益指标, 统筹 | ，今后加强, （含税 | ）."""
    above, below = bare_text(begun.text), bare_text(slot.text)
    if (_OPEN_NUMBER.search(above) and below[:1].isdigit()) or (above[-1:].isdigit() and unit_of(below) is not None):
        return True  # 548. | 2万元, ≥12.5 | 公里
    if (above[-1:].isdigit() and _NO_QUANTITY.match(below)) or (above == "指标" and _NUMBER_OF_INDICATOR.match(below)):
        return True  # =1 | 00%
    if _OPEN_YEAR.search(above) and below.startswith("年"):
        return True
    if _NO_BEGINNING.match(below) or (_NUMBER_ALONE.fullmatch(above) and not is_numbered(below)):
        return True
    if full_level(glued(begun.text, slot.text)) and (not full_level(begun.text) or _REST_OF_LEVEL.fullmatch(below)):
        return True
    return above.count("(") > above.count(")") and below.count(")") > below.count("(")


def _join_merged(
    above: list[Row], rest: Row, halves: list[tuple[PlacedCell, PlacedCell | None]], going_on: set[int]
) -> bool:
    """Give a merged cell left of the rows (a level, a section) the text that its second half prints.

    Returns whether the break tears the text of one, which then is put together.
    """
    torn = False
    edge = min((slot.x0 for slot in above[-1].slots if slot.cell.rowspan == 1), default=0.0)
    for slot, begun in halves:
        if begun is None:
            continue
        if not slot.text:
            if begun.text or id(begun) in going_on:
                going_on.add(id(slot))
            continue
        if begun.text:
            if _may_be_merged(slot, begun) and _broken_text(slot, begun):
                rewrite(begun, glued(begun.text, slot.text), slot.cell)
                slot.text, slot.key, torn = "", "", True
                going_on.add(id(slot))
            continue
        if begun.x1 > edge + CUT or id(begun) in going_on:
            continue
        if begun.cell.rowspan > 1 or slot.cell.rowspan > 1:
            rewrite(begun, slot.text, slot.cell)
            slot.text = slot.key = ""
            going_on.add(id(slot))
    for row in (*above, rest):
        row.filled = [slot for slot in row.slots if slot.text]
    return torn


def _one_text(last: Row, rest: Row) -> bool:
    """Whether one cell alone in its row goes on: 项目名称： | 学生午餐补助, half a label, a note without its stop."""
    if len(rest.slots) != 1 or len(last.slots) != 1:
        return False
    begun, end = bare_text(last.slots[0].text), bare_text(rest.slots[0].text)
    if begun.endswith(":") or end.startswith(":") or (begun.startswith("注") and not begun.endswith("。")):
        return True
    label, colon, _ = glued(begun, end).partition(":")  # 项目实施 | 单位：青河县灌区站
    key, words = label_key(begun), vocabulary()
    torn = bool(colon) and len(label) > len(begun) and bool(key) and label_key(label).startswith(key)
    return torn and words.printed(label)


def _begins_anew(slot: PlacedCell, begun: PlacedCell, *, of_captions: bool) -> bool:
    """Whether a cell is a label or a level of its own or stands under a whole label, and does not end it."""
    if (full_level(slot.text) and full_level(begun.text)) or is_numbered(slot.text) or is_note(slot.text):
        return True
    if not (_is_label(slot.text, of_captions) or _is_label(begun.text, of_captions) or label_values(slot.text)):
        return False
    return not _ends_label(slot, begun) and not full_level(glued(begun.text, slot.text))


def _is_label(text: str, of_captions: bool) -> bool:
    role = vocabulary().role(text)
    return role is not None and (role[0] != "indicator" or of_captions)


def _ends_label(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether two texts are one label (资金 | 执行率), and not a label each (市级资金 | 县级资金)."""
    words, whole = vocabulary(), glued(begun.text, slot.text)
    if words.role(whole) is None or (label_key(whole) == begun.key and slot.text[0] not in "（("):
        return False  # 年度指标值（A） | =100%
    return words.role(begun.text) is None or words.role(slot.text) is None or words.printed(whole)


def _lacks_what_rows_have(
    above: list[Row], below: list[Row], blank: list[PlacedCell], pieces: list[tuple[PlacedCell, PlacedCell]]
) -> bool:
    """Whether cells are blank in whose columns the rows above and below have a text (a weight, the name of a source).

    One such cell says it only where most cells are blank: a qualitative target has no unit.
    """
    blank = [begun for begun in blank if not full_level(begun.text)]  # a level is, where its cell is merged
    lacking = [begun for begun in blank if _filled_in_all(above, below, begun)]
    few = len(pieces) <= len(blank) or any(_lacks_operator(*piece) for piece in pieces)
    return len(lacking) >= 2 or (bool(lacking) and few)


def _filled_in_all(above: list[Row], below: list[Row], begun: PlacedCell) -> bool:
    column: list[PlacedCell] = []
    for rows in (reversed(above[-_ROWS:]), below[1:_ROWS]):
        for row in rows:
            slot = next((s for s in row.slots if same_extent(s, begun)), None)
            if slot is None or is_indicator_caption(row):
                break
            column.append(slot)
    return len(column) >= 2 and all(slot.text for slot in column)


def _completes_labels(last: Row, pieces: list[tuple[PlacedCell, PlacedCell]], blank: list[PlacedCell]) -> bool:
    """Whether what stands under labels completes them, or stands under values alone, all labels blank below."""
    completed = [begun for slot, begun in pieces if _ends_label(slot, begun)]
    labels = [begun for begun in last.slots if vocabulary().role(begun.text)]
    return bool(completed) or (bool(labels) and all(label in blank for label in labels))


def _lacks_operator(slot: PlacedCell, begun: PlacedCell) -> bool:
    """Whether a figure has no operator, which the one above it has: ≤5 | 60万元."""
    return _OPERATOR.match(bare_text(begun.text)) is not None and bare_text(slot.text)[:1].isdigit()


def _only_figures(pieces: list[tuple[PlacedCell, PlacedCell]]) -> bool:
    """Whether figures below figures can be their rest: no name or word stands beside them."""
    below_figures = [slot for slot, begun in pieces if is_amount(begun.text)]
    return not any(is_amount(slot.text) for slot in below_figures) or len(below_figures) == len(pieces)


def glued(begun: str, rest: str) -> str:
    """A text from both of its halves; a number that is cut gets no space."""
    number = (begun[-1].isdigit() or begun[-1] in ".,-") and (rest[0].isdigit() or rest[0] in ".,%-")
    return begun + rest if number else join_lines(f"{begun}\n{rest}")
