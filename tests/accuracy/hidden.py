"""How much is read with the headers hidden: `python -m tests.accuracy.hidden [SET ...] [--share N] [--misses N]`.

Every copy of a header of an indicator table is replaced by an invented word, its place and spans stay: one header of
a document in turn, then all. Right, wrong (invented values with them), told and silent, of indicator texts and points.

Here: hiding headers in grids, and what becomes of the values below them. Not here: how well it must do.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extractors.errors import Unreadable
from extractors.extraction import ExtractedForm
from extractors.formats import Limits, read
from extractors.grid import Cell, Grid
from extractors.layout.cell_words import words_of
from extractors.layout.rows import CellRole, Heads, Row
from extractors.stages import STAGES, read_grids, run_stages
from extractors.vocabulary import bare_text
from tests.accuracy.score import HERE, fold, same

FIELDS = (
    "level1", "level1_points", "level2", "level3", "target_text", "actual_text", "weight", "score", "deviation",
)  # fmt: skip
"""What is counted of an indicator."""
_RARE = "甪璩翀霂昶烎犇焱燚垚骉麤鱻淼皛赑孖朤叒惢譶雥灥囍槑嘦怹"
_BARE_NAME = re.compile(r"^(?:指标\d+[:：]|[★▲*]+)|\(\d+(?:\.\d+)?分\)$")

Wanted = list[list[dict[str, Any]]]
"""The indicators of each form of a document, as printed."""


@dataclass
class Document:
    """A document of a set: its grids as read, what its forms say, and the header texts of its indicator tables."""

    path: str
    layout: str
    grids: list[Grid]
    year: int | None
    wanted: Wanted
    headers: list[str] = field(default_factory=list)


def copied(grids: list[Grid]) -> list[Grid]:
    """The grids anew: reading one writes into its cells."""
    return [
        Grid(
            [Cell(c.text, c.row, c.col, c.place, c.rowspan, c.colspan, c.span) for c in g.cells],
            g.spans, g.ruled, g.page, g.row_cut,
        )
        for g in grids
    ]  # fmt: skip


def invented_words(number: int, seed: int = 17) -> list[str]:
    """Words that no vocabulary has, each time the same ones."""
    chosen = random.Random(seed)
    words: list[str] = []
    while len(words) < number:
        word = "".join(chosen.sample(_RARE, chosen.randint(2, 4)))
        if word not in words and words_of(word).role is None and words_of(word).sub_header is None:
            words.append(word)
    return words


def rows_of(grids: list[Grid]) -> list[Row]:
    """The rows that the reader makes of grids, before their columns are told."""
    rows: list[Row] = _made_of(grids, "rows")
    return rows


def _made_of(grids: list[Grid], what: str, **known: Any) -> Any:
    first, last = (next(n for n, s in enumerate(STAGES, 1) if s.gives == gives) for gives in ("grids", what))
    return run_stages(STAGES[first:last], grids=copied(grids), **known)[what]


def header_texts(grids: list[Grid], year: int | None = None) -> list[str]:
    """The texts of the column headers of indicator tables, in the order in which they are printed."""
    texts: dict[str, None] = {}
    for rows in _made_of(grids, "labelled_rows", region_code=None, fiscal_year=year):
        filled = [row for row in rows if row.filled]
        for row, following in zip(filled, [*filled[1:], None], strict=True):
            if row.heads is not Heads.INDICATORS:
                continue
            for over in (row, following):
                cells = [s for s in over.filled if s.role is CellRole.COLUMN_HEADER] if over is not None else []
                texts |= dict.fromkeys(bare_text(s.text) for s in cells if not re.search(r"\d", s.text))
    return list(texts)


def hide(grids: list[Grid], headers: list[str], hidden: dict[str, str]) -> list[Grid]:
    """The grids with hidden headers: each text of `hidden` by its word, in rows that hold two of the headers."""
    known = set(headers)
    found = copied(grids)
    for grid in found:
        for cells in grid.rows():
            own = [cell for cell in cells if bare_text(cell.text) in known]
            if len({cell.text for cell in own}) >= 2:
                for cell in own:
                    cell.text = hidden.get(bare_text(cell.text), cell.text)
    return found


def variants(document: Document) -> Iterator[tuple[str, list[Grid]]]:
    """(shown, one or all, grids): with all headers, with each one hidden in turn, with none."""
    words = dict(zip(document.headers, invented_words(len(document.headers)), strict=True))
    yield "shown", copied(document.grids)
    for header in document.headers:
        yield f"one:{header}", hide(document.grids, document.headers, {header: words[header]})
    if document.headers:
        yield "all", hide(document.grids, document.headers, words)


@dataclass
class Outcome:
    """What became of one wanted (or invented) value."""

    kind: str
    hidden: str
    document: Document
    name: str
    wanted: Any
    got: Any


def outcomes(document: Document, hidden: str, forms: list[ExtractedForm]) -> Iterator[Outcome]:
    """What became of every indicator value of a document."""
    for n, wanted in enumerate(document.wanted):
        form = forms[n] if n < len(forms) else None
        got = [row for row in form.indicator if row["horizon"] == "annual"] if form is not None else []
        told = {fold(p["text"]) for p in form.problem} if form is not None else set()
        messages = "|".join(fold(f"{p['text']}/{p['message']}") for p in form.problem) if form is not None else ""
        columns = {fold(p["text"]) for p in form.problem if p["code"] in _COLUMN_CODES} if form is not None else set()
        labels = {(fold(a["value"]), fold(a["label"])) for a in form.attribute} if form is not None else set()
        rows: dict[str, str] = {}  # what the columns in doubt hold of an indicator, in their order
        for a in form.attribute if form is not None else []:
            if fold(a["label"]) in columns:
                rows[fold(a["section"])] = rows.get(fold(a["section"]), "") + fold(a["value"])
        paired, extra = pair(wanted, got)
        for want, row in zip(wanted, paired, strict=True):
            for name in FIELDS:
                if name not in want:
                    continue
                value, read_as = want[name], (row or {}).get(name)
                kind = "right"
                if value is None and read_as is not None:
                    kind = "invented"
                elif value is not None and read_as is not None and not same(name, value, read_as):
                    kind = "wrong"
                elif value is not None and read_as is None:
                    text = fold(value)
                    of_column = any(text in v and label in columns for v, label in labels)
                    of_column = of_column or any(text in joined for joined in rows.values())
                    quoted = text in told or (len(text) >= 3 and text in messages)
                    kind = "told" if form is not None and (quoted or of_column) else "silent"
                if value is not None or kind != "right":
                    yield Outcome(kind, hidden, document, name, value, read_as)
        for row in extra:
            for name in FIELDS:
                if row.get(name) is not None and name not in {"level1", "level2", "level1_points"}:
                    yield Outcome("invented", hidden, document, name, None, row[name])
    for form in forms[len(document.wanted) :]:
        yield Outcome("invented", hidden, document, "form", None, form.project.get("project_name"))


_COLUMN_CODES = {"ROLE_IN_DOUBT", "UNKNOWN_LABEL", "COLUMN_BY_CONTENT"}


def pair(
    wanted: list[dict[str, Any]], got: list[dict[str, Any]]
) -> tuple[list[dict[str, Any] | None], list[dict[str, Any]]]:
    """The row read for each wanted one, and the rows too many: by place where there are as many, else by name."""
    if len(wanted) == len(got):
        return [*got], []
    rest = list(got)
    paired: list[dict[str, Any] | None] = []
    for want in wanted:
        name = _name(want)
        row = next((r for r in rest if name and _name(r) == name), None)
        paired.append(row)
        if row is not None:
            rest.remove(row)
    return paired, rest


def _name(row: dict[str, Any]) -> str:
    return _BARE_NAME.sub("", fold(row.get("level3") or row.get("level2")))


def truth_set() -> Iterator[Document]:
    """The project's own truth set; what it says is what is read with all headers shown (test_accuracy proves that)."""
    for entry in json.loads((HERE / "expected.json").read_text("utf-8")):
        yield _document(HERE / "raw", entry["path"], entry["forms"][0]["layout"], None)


def other_set(folder: Path) -> Iterator[Document]:
    """A set with raw documents and truth.json."""
    for entry in json.loads((folder / "truth.json").read_text("utf-8"))["documents"]:
        wanted = [[_wanted(row) for row in form["indicators"]] for form in entry["forms"]]
        with contextlib.suppress(Unreadable):
            yield _document(folder / "raw", entry["path"], (entry["layouts"] or ["?"])[0], wanted)


def _wanted(row: dict[str, Any]) -> dict[str, Any]:
    """The printed fields of a truth; a target of which only the reading, or its kind, is written down is left out."""
    read_only = not row.get("target_text") and (row.get("target_value") is not None or row.get("value_kind") != "text")
    return {n: row.get(n) or None for n in FIELDS if n != "target_text" or not read_only}


def _document(raw: Path, path: str, layout: str, wanted: Wanted | None) -> Document:
    year = int(found[1]) if (found := re.search(r"/(20\d\d)/", "/" + path)) else None
    grids = copied(read((raw / path).read_bytes(), Limits()).grids)
    if wanted is None:
        shown = read_grids(copied(grids), fiscal_year=year)
        wanted = [
            [{n: row.get(n) for n in FIELDS} for row in form.indicator if row["horizon"] == "annual"] for form in shown
        ]
    return Document(path, layout, grids, year, wanted, header_texts(grids, year))


def measure(documents: list[Document], share: int = 1) -> list[Outcome]:
    """What became of all values, over each `share`-th variant."""
    found: list[Outcome] = []
    number = 0
    for document in documents:
        for hidden, grids in variants(document):
            number += 1
            if number % share == 0 or share == 1:
                found += outcomes(document, hidden, read_grids(grids, fiscal_year=document.year))
    return found


def shares(found: list[Outcome]) -> dict[str, dict[str, float]]:
    """Of one header hidden and of all: the share of each outcome among the wanted values, in percent."""
    table: dict[str, dict[str, float]] = {}
    for what in ("shown", "one", "all"):
        counted = Counter(o.kind for o in found if o.hidden.startswith(what))
        total = sum(n for kind, n in counted.items() if kind != "invented") or 1
        table[what] = {
            kind: 100 * counted[kind] / total for kind in ("right", "wrong", "invented", "told", "silent")
        } | {"values": total}
    return table


def main() -> None:
    """Print the shares of the truth set, or of other sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path, help="folders with raw/ and truth.json; none: the truth set")
    parser.add_argument("--share", type=int, default=1, help="of the variants, each N-th")
    parser.add_argument("--misses", type=int, default=0, help="how many of those that are not right to list, by kind")
    args = parser.parse_args()
    for name, documents in [(str(s), other_set(s)) for s in args.sets] or [("truth set", truth_set())]:
        found = measure(list(documents), args.share)
        for what, row in shares(found).items():
            print(f"{name:24} {what:5}", "  ".join(f"{kind} {share:.2f}" for kind, share in row.items()))
        for kind in ("wrong", "invented", "silent", "told"):
            missed = [o for o in found if o.kind == kind]
            listed = Counter((o.document.layout, o.hidden, o.name) for o in missed)
            for (layout, hidden, field_name), count in listed.most_common(args.misses):
                one = next(o for o in missed if (o.document.layout, o.hidden, o.name) == (layout, hidden, field_name))
                print(f"  {kind:8} {count:4} {layout} [{hidden}] {field_name}: {one.wanted!r} read {one.got!r}")


if __name__ == "__main__":
    main()
