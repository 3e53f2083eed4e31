"""How much is read of forms that were made harder: `python -m tests.accuracy.stress [--share N] [--misses N]`.

The documents of the truth set, their tables of indicators changed by a seed: a column of no interest put in (an
explanation, a rule of scoring, a rate of completion, last year's value, a second score), or two columns printed the
other way round (score before weight, result before target, annual before mid-term target); each with its headers, and
with all of them hidden. And headers that lie: two headers exchanged, or one that says what another role is called,
while the cells stay where they are.

Here: changing grids. Not here: hiding headers, what becomes of the values (hidden), how well it must do.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator

from extractors.grid import Cell, Grid, Place
from extractors.layout.cell_words import words_of
from extractors.readings import read_value
from extractors.stages import read_grids
from extractors.vocabulary import bare_text, vocabulary
from tests.accuracy.hidden import Document, Outcome, copied, hide, invented_words, outcomes, truth_set

EXCHANGED = (("weight", "score"), ("target_text", "actual_text"), ("target_midterm_text", "target_text"))
"""Columns that forms print either way round."""
LIED_ABOUT = (
    "level1", "level2", "level3", "operator", "target_text", "unit_text", "actual_text", "weight", "score", "deviation",
)  # fmt: skip
"""The roles whose headers may lie."""
FILLERS: dict[str, Callable[[dict[str, str], random.Random], str]] = {
    "指标解释": lambda row, _: f"反映{row.get('level3', '本项')}的完成情况，由统计数据计算",
    "评分标准": lambda _row, _: "完成目标得满分，每低1个百分点扣0.5分，扣完为止",
    "完成率": lambda _row, chance: f"{chance.choice((87.5, 95, 100, 100, 104.2))}%",
    "上年实际完成值": lambda row, chance: _last_year(row.get("actual_text", ""), chance),
    "复核得分": lambda row, _: row.get("score", ""),
}
"""Columns of no interest: their headers, and what a row has in them."""
LIES = 3
"""Lies of each kind that are told of a document."""


def _last_year(text: str, chance: random.Random) -> str:
    reading = read_value(text, role="actual")
    if not reading.is_number or reading.value is None:
        return text
    return f"{round(float(reading.value) * chance.uniform(0.8, 0.97), 1)}{reading.unit or ''}"


def _table(grid: Grid) -> tuple[int, dict[str, Cell], list[int]] | None:
    """(row of the headers, their cells by column, the rows below) of a table of indicators with one row of headers."""
    rows = [list(cells) for cells in grid.rows()]
    for n, cells in enumerate(rows):
        heads = {name: cell for cell in cells if (name := words_of(cell.text).header) is not None}
        if not {"level3", "target_text"} <= heads.keys() or any(c.rowspan > 1 or c.colspan > 1 for c in heads.values()):
            continue
        last = max(cell.col for cell in heads.values())
        below: list[int] = []
        for k in range(n + 1, len(rows)):
            at = {cell.col: cell for cell in rows[k] if cell.rowspan == cell.colspan == 1}
            if heads["level3"].col not in at or last not in at or not at[heads["level3"].col].text:
                break
            if at[heads["level3"].col].text == heads["level3"].text:
                return None  # the headers again, which would have to be changed alike
            below.append(k)
        after = rows[below[-1] + 1] if below and below[-1] + 1 < len(rows) else []
        filled = [cell for cell in after if cell.text]
        whole = len(filled) < 4 or any(words_of(cell.text).is_total for cell in filled)
        if len(below) > 2 and whole:  # a row that is left out would stay as it was
            return n, heads, below
    return None


def exchanged(grids: list[Grid], pair: tuple[str, str]) -> list[Grid] | None:
    """The grids with two columns printed the other way round; None where they do not stand side by side."""
    found = copied(grids)
    for grid in found:
        table = _table(grid)
        if table is None or any(name not in table[1] for name in pair):
            continue
        head, heads, below = table
        a, b = (heads[name].col for name in pair)
        if abs(a - b) != 1:
            continue
        rows = [list(cells) for cells in grid.rows()]
        for row in (head, *below):
            own = {cell.col: cell for cell in rows[row]}
            if a in own and b in own:
                own[a].text, own[b].text = own[b].text, own[a].text
        return found
    return None


def lying(grids: list[Grid], exchange: bool, chance: random.Random) -> tuple[str, list[Grid]] | None:
    """(what a header lies about, grids): two headers exchanged, or one called what another role is.

    None where no table has them, or the exchanged columns print the same.
    """
    found = copied(grids)
    for grid in found:
        table = _table(grid)
        if table is None:
            continue
        _head, heads, below = table
        own = sorted(heads.keys() & set(LIED_ABOUT))
        if exchange:
            a, b = chance.sample(own, 2)
            rows = [{cell.col: cell.text for cell in cells} for cells in grid.rows()]
            if all(rows[n].get(heads[a].col) == rows[n].get(heads[b].col) for n in below):
                return None
            heads[a].text, heads[b].text = heads[b].text, heads[a].text
            return f"{a}<->{b}", found
        a = chance.choice(own)
        b = chance.choice([name for name in LIED_ABOUT if name != a])
        heads[a].text = chance.choice(sorted(vocabulary().indicator.words()[b]))
        return f"{a}->{b}", found
    return None


def with_column(grids: list[Grid], header: str, chance: random.Random) -> list[Grid] | None:
    """The grids with a further column right of a column that chance takes; None where no table can take it."""
    found = copied(grids)
    for n, grid in enumerate(found):
        table = _table(grid)
        if table is None:
            continue
        head, heads, below = table
        names = {cell.col: name for name, cell in heads.items()}
        after = heads[chance.choice(sorted(name for name in heads if name not in {"level1", "level2"}))].col + 1
        rows = [list(cells) for cells in grid.rows()]
        cells: list[Cell] = []
        for cell in grid.cells:
            wider = cell.col < after < cell.col + cell.colspan
            wider = wider or (cell.col + cell.colspan == after and cell.row not in (head, *below))
            col = cell.col + 1 if cell.col >= after else cell.col
            cells.append(Cell(cell.text, cell.row, col, cell.place, cell.rowspan, cell.colspan + wider, cell.span))
        for row in (head, *below):
            texts = {names[cell.col]: cell.text for cell in rows[row] if cell.col in names}
            text = header if row == head else FILLERS[header](texts, chance)
            cells.append(Cell(text, row, after, Place(locator=f"R{row + 1}+")))
        found[n] = Grid(sorted(cells, key=lambda c: (c.row, c.col)), grid.spans, grid.ruled, grid.page, grid.row_cut)
        return found
    return None


def variants(document: Document, chance: random.Random) -> Iterator[tuple[str, list[Grid]]]:
    """(what was done, grids) of a document, with its headers and with all of them hidden."""
    words = dict(zip(document.headers, invented_words(len(document.headers)), strict=True))
    made = {" | ".join(reversed(pair)): exchanged(document.grids, pair) for pair in EXCHANGED}
    made |= {header: with_column(document.grids, header, chance) for header in FILLERS}
    for what, grids in made.items():
        if grids is None:
            continue
        yield what, grids
        own = {**words, bare_text(what): invented_words(len(words) + 1)[-1]}
        yield f"{what}, hidden", hide(grids, [*document.headers, bare_text(what)], own)
    for n in range(2 * LIES):
        if (lie := lying(document.grids, n % 2 == 0, chance)) is not None:
            yield f"lying {lie[0]}", lie[1]


def measure(share: int = 1, seed: int = 17) -> list[Outcome]:
    """What became of all values, over each `share`-th document that has no pages."""
    chance = random.Random(seed)
    documents = [d for d in truth_set() if all(grid.page is None for grid in d.grids)]
    found: list[Outcome] = []
    for document in documents[::share]:
        for what, grids in variants(document, chance):
            found += outcomes(document, what, read_grids(grids, fiscal_year=document.year))
    return found


def main() -> None:
    """Print the share of each outcome, by what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=int, default=1, help="of the documents, each N-th")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--misses", type=int, default=0, help="how many of those that are not right to list, by kind")
    args = parser.parse_args()
    found = measure(args.share, args.seed)
    for what in dict.fromkeys(o.hidden for o in found):
        counted = Counter(o.kind for o in found if o.hidden == what)
        total = sum(n for kind, n in counted.items() if kind != "invented") or 1
        kinds = ("right", "wrong", "invented", "told", "silent")
        print(f"{what:28}", "  ".join(f"{k} {100 * counted[k] / total:.2f}" for k in kinds), f" values {total}")
    for kind in ("wrong", "invented", "silent"):
        missed = [o for o in found if o.kind == kind]
        for (layout, what, name), count in Counter((o.document.layout, o.hidden, o.name) for o in missed).most_common(
            args.misses
        ):
            one = next(o for o in missed if (o.document.layout, o.hidden, o.name) == (layout, what, name))
            print(f"  {kind:8} {count:4} {layout} [{what}] {name}: {one.wanted!r} read {one.got!r}")


if __name__ == "__main__":
    main()
