"""The stages of reading: each is given what it needs by one before it, and nothing is made for nobody."""

from extractors.stages import INPUTS, STAGES, Stage, run_stages


def unmet(stages: tuple[Stage, ...]) -> list[tuple[str, str]]:
    """The stages that need what no stage before them gives, each with what it lacks."""
    known, lacking = set(INPUTS), []
    for stage in stages:
        lacking += [(stage.name, need) for need in stage.needs if need not in known]
        known.add(stage.gives)
    return lacking


def test_every_stage_is_given_what_it_needs() -> None:
    assert unmet(STAGES) == []


def test_a_stage_in_the_wrong_place_is_noticed() -> None:
    swapped = (*STAGES[:-2], STAGES[-1], STAGES[-2])
    assert unmet(swapped) == [("typed rows", "forms")]


def test_all_that_is_given_is_needed_and_the_last_stage_gives_the_outcome() -> None:
    needed = {need for stage in STAGES for need in stage.needs}
    assert {stage.gives for stage in STAGES} - needed == {"typed_rows"} and STAGES[-1].gives == "typed_rows"
    assert set(INPUTS) <= needed


def test_names_and_gifts_are_told_apart() -> None:
    assert len({stage.name for stage in STAGES}) == len({stage.gives for stage in STAGES}) == len(STAGES)


def test_a_stage_put_in_between_is_run_in_its_place() -> None:
    first = Stage("first", ("a",), "b", lambda a: a * 10, "乘十 / times ten")
    second = Stage("second", ("a", "b"), "c", lambda a, b: (a, b), "并列 / side by side")
    assert run_stages((first, second), a=1) == {"a": 1, "b": 10, "c": (1, 10)}
