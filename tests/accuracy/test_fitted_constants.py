"""The constants of reading columns by evidence come from the script that fits them, and from nothing else."""

import json

import pytest

from tools.fit import CONSTANTS, as_text, fitted, trained_on


@pytest.mark.slow
def test_the_shipped_constants_are_those_that_the_fit_yields() -> None:
    _, disguises = trained_on()
    made = json.loads(as_text(fitted([table for tables in disguises.values() for table in tables])))
    shipped = json.loads(CONSTANTS.read_text("utf-8"))
    assert made.keys() == shipped.keys()
    for part, named in shipped.items():
        for name, numbers in named.items():
            both = numbers.keys() | made[part][name].keys()
            assert {n for n in both if abs(made[part][name].get(n, 0) - numbers.get(n, 0)) > 0.1} == set(), name
