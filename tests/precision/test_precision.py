"""Precision of errors and warnings on the project's own documents does not fall.

Here: the limits; of the warnings of a check at least five are judged, of the errors all. Not here: the table by check
(precision.py).
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.precision.precision import agreement, counts, found, judged, share

LEAST = {"error": 0.97, "warning": 0.90}
ENOUGH = 5
LEAST_OF_A_CHECK = 0.8


@pytest.mark.slow
def test_of_the_judged_errors_and_warnings_hardly_one_is_false() -> None:
    by_check = counts(found())
    for severity, least in LEAST.items():
        total: Counter[str] = sum((c for (own, _), c in by_check.items() if own == severity), Counter())
        part = share(total)
        assert part is not None and part >= least, (severity, total)
    for (severity, code), counted in by_check.items():
        enough = severity == "warning" and counted.total() - counted["unjudged"] >= ENOUGH
        assert enough or not counted["unjudged"], f"judge the new findings of {code} in judged.csv"
        part = share(counted)
        if part is not None and counted["true"] + counted["false"] >= ENOUGH:
            assert part >= LEAST_OF_A_CHECK, f"{code} is mended or becomes info"


def test_what_is_judged_is_true_false_or_debatable() -> None:
    assert set(judged().values()) <= {"true", "false", "debatable"}


def test_two_persons_judge_alike() -> None:
    alike, both = agreement()
    assert both >= 50 and alike / both >= 0.8, (alike, both)
