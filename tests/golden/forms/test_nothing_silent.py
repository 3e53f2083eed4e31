"""Whatever words a form prints: each of its figures ends as a value, under a label that is known, or in a problem.

Here: drawn forms, as they are and with labels or headers that nobody knows. Not here: what the figures are read as
(test_drawn_layouts).
"""

import random
import re

import pytest
from drawing import LABELS, Pen

from extractors.extraction import ExtractedForm
from extractors.grid import Grid
from extractors.layout.cell_words import words_of
from extractors.stages import read_grids
from extractors.vocabulary import bare_text

_FIGURE = re.compile(r"\d")
_NO_VALUE = re.compile("附[件表]|注|2.定量指标")
"""How the number of a form and its notes begin."""
_INVENTED = ("桑榆", "璇玑", "青萍", "云梯", "朔望", "沧溟", "骊珠", "鹤鸣")
_WORDS = {bare_text(word) for words in LABELS.values() for word in words.split()}


def told(form: ExtractedForm, text: str, place: str) -> bool:
    """Whether a problem quotes a text, or stands at its place."""
    return any(row["locator"] == place or bare_text(text) in bare_text(row["text"] or "") for row in form.problem)


def silent(grid: Grid) -> list[str]:
    """The texts with figures that end nowhere, or under a label that nobody knows and nobody told."""
    forms = read_grids([grid])
    values = {p["locator"] for form in forms for p in form.provenance if p["table_name"] != "attribute"}
    kept = {p["locator"]: (form, form.attribute[p["row_no"] - 1]["label"]) for form in forms for p in form.provenance
            if p["table_name"] == "attribute"}  # fmt: skip
    found = []
    for cell in grid.cells:
        place = cell.place.locator or ""
        if not _FIGURE.search(cell.text) or bare_text(cell.text) in _WORDS or _NO_VALUE.match(cell.text):
            continue
        if place in values or any(told(f, cell.text, place) for f in forms):
            continue
        form, label = kept.get(place, (None, ""))
        words = words_of(label)
        known = words.role or words.header or words.measure or label in {"标题", "得分", "资金"}
        if form is None or not (known or told(form, label, "nowhere")):
            found.append(cell.text)
    return found


def with_unknown_words(seed: int, count: int) -> Grid:
    """A drawn form some of whose labels are words that nobody knows; its unit of money and its title stay."""
    grid = Pen(seed).draw().grid("spans")
    labels = [cell for cell in grid.cells if bare_text(cell.text) in _WORDS]
    chance = random.Random(seed)
    for n, cell in enumerate(chance.sample(labels, min(count, len(labels)))):
        cell.text = _INVENTED[n]
    return grid


@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_figure_of_a_form_with_words_that_nobody_knows_is_silent(count: int) -> None:
    assert {seed: lost for seed in range(25) if (lost := silent(with_unknown_words(seed, count)))} == {}
