"""Precision of errors and warnings on the project's own documents does not fall.

Here: the two limits. Not here: the table by check (precision.py).
"""

from __future__ import annotations

from collections import Counter

from tests.precision.precision import counts, found, judged, share

LEAST = {"error": 0.97, "warning": 0.90}


def test_of_the_judged_errors_and_warnings_hardly_one_is_false() -> None:
    by_check = counts(found())
    for severity, least in LEAST.items():
        total: Counter[str] = sum((c for (own, _), c in by_check.items() if own == severity), Counter())
        part = share(total)
        assert part is not None and part >= least, (severity, total)
        assert total["unjudged"] <= total.total() * 0.2, "judge the new findings in judged.csv"


def test_what_is_judged_is_true_false_or_debatable() -> None:
    assert set(judged().values()) <= {"true", "false", "debatable"}
