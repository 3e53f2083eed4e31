"""What of a picture is sure: figures, texts, rows, and sums that confirm one term of theirs."""

import pytest

from extractors.codes import ProblemCode
from extractors.form.certain import Doubts
from extractors.form.model import Form, FundRow, IndicatorRow, Value
from extractors.formats.picture.weights import PICTURES, weights
from extractors.grid import Cell, Place
from extractors.grid.certainty import AS_SHIPPED, Sureness
from extractors.layout.rows import PlacedCell, Row
from warehouse.state.lessons import Lessons

Told = list[tuple[ProblemCode, str]]


def seen(text: str, certainty: float | None = 1.0, figures: float | None = None) -> Value:
    """A text recognised with these certainties, of all its characters and of its figures."""
    own = certainty if figures is None else figures
    cell = Cell(text, 0, 0, Place(page=1, x0=float(id(text) % 1000)), certainty=certainty, figures=own)
    return Value(text, (PlacedCell(text, cell, 0.0, 1.0),))


def doubts(form: Form | None = None, sure: Sureness = AS_SHIPPED) -> tuple[Doubts, Told]:
    told: Told = []
    form = form or Form([])
    form.rows.append(Row(list(seen("表").slots)))
    return Doubts(form, lambda code, message, value: told.append((code, value.text)), sure), told


def money(budget: list[Value]) -> Form:
    """A form whose total is the first, of fiscal, other and unit money."""
    sources = ("total", "fiscal", "other", "unit")
    rows = [FundRow(s, seen(s), "万元", {"budget": v}) for s, v in zip(sources, budget, strict=True)]
    return Form([], funding=rows)


@pytest.mark.parametrize(("certainty", "sure"), [(None, True), (1.0, True), (0.95, True), (0.949, False)])
def test_a_figure_counts_from_its_certainty_on_and_else_is_told_once(certainty: float | None, sure: bool) -> None:
    own, told = doubts()
    value = seen("120.5", certainty)
    assert own.figure(value) is own.figure(value) is sure
    assert told == ([] if sure else [(ProblemCode.OCR_UNSURE, "120.5")])


def test_how_sure_is_sure_is_a_setting_and_part_of_the_version_of_a_reading_of_pictures() -> None:
    strict = Sureness(figure=0.99, text=0.7)
    assert doubts()[0].figure(seen("120.5", 0.97)) and not doubts(sure=strict)[0].figure(seen("120.5", 0.97))
    assert doubts()[0].words(seen("道路绿化", 0.6)) and not doubts(sure=strict)[0].words(seen("道路绿化", 0.6))
    versions = {Lessons().version("a", [PICTURES], sure) for sure in (AS_SHIPPED, strict)}
    assert len(versions) == (2 if weights() else 1)
    assert len({Lessons().version("a", [5], sure) for sure in (AS_SHIPPED, strict)}) == 1


@pytest.mark.parametrize(
    ("text", "certainty", "sure"),
    [
        ("道路绿化", None, True),
        ("道路绿化", 0.5, True),
        ("道路绿化", 0.49, False),
        ("2号路绿化", 0.6, True),
        ("2号路绿化", 0.59, False),
    ],
)
def test_a_text_counts_unless_a_character_is_unsure(text: str, certainty: float | None, sure: bool) -> None:
    own, told = doubts()
    assert own.words(seen(text, certainty)) is sure
    assert len(told) == (not sure)


def test_a_target_of_sure_words_with_an_unsure_figure_is_held_back() -> None:
    own, _ = doubts()
    assert own.reading(seen("显著提升", 0.7), None)
    assert own.reading(seen("≥92%", 0.96), None)
    assert not own.reading(seen("≥92%", 0.9), None)
    assert not own.reading(seen("92", 1.0), seen("〉"))
    assert own.reading(seen("92", 1.0), seen("≥"))


def test_a_row_without_a_sure_name_is_told_and_is_none() -> None:
    own, told = doubts()
    row = IndicatorRow("annual", {"level1": seen("产出指标"), "level3": seen("国国", 0.2), "weight": seen("10")})
    assert not own.of_row(row)
    assert told == [(ProblemCode.OCR_UNSURE, "产出指标 | 国国 | 10")]
    named = IndicatorRow("annual", {"level1": seen("产出指标", 0.2), "level3": seen("培训人数", 0.7)})
    assert own.of_row(named) and own.of_row(IndicatorRow("annual", {"weight": seen("10")}))


def test_a_sum_that_holds_confirms_its_only_unsure_term() -> None:
    unsure = seen("30", 0.9)
    assert doubts(money([seen("60"), seen("20"), unsure, seen("10")]))[0].figure(unsure)


@pytest.mark.parametrize(
    "others",
    [
        [seen("61"), seen("20"), seen("10")],  # it does not hold
        [seen("60"), seen("20", 0.9), seen("10")],  # two are not sure
        [seen("30"), seen("0"), seen("0")],  # fewer than three terms that are not 0
    ],
)
def test_any_other_sum_confirms_nothing(others: list[Value]) -> None:
    unsure = seen("30", 0.9)
    assert not doubts(money([others[0], others[1], unsure, others[2]]))[0].figure(unsure)
