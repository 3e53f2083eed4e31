"""One printed cell to one Reading: the order in which the rules are tried.

Here: folding, the order, caching. Not here: the rules themselves.
"""

from __future__ import annotations

import re
from functools import lru_cache

from extractors.readings.context import Context, context
from extractors.readings.dates import read_date
from extractors.readings.fold import fold
from extractors.readings.measures import read_measure
from extractors.readings.model import Reading, Role
from extractors.readings.words import EMPTY, TEXT, read_absent, read_compound, read_grade

MAX_LENGTH = 2000
"""Longer cells are text without a look."""
CACHED_LENGTH = 100
_OVERRIDE = re.compile("[\u202a\u202b\u202d\u202e\u2066-\u2068]")


def read_value(
    text: str | None,
    *,
    role: Role,
    fiscal_year: int | None = None,
    level1: str | None = None,
    level2: str | None = None,
    name: str | None = None,
    unit_text: str | None = None,
) -> Reading:
    """Read one target or actual as printed; what no rule reads surely is kind text.

    `fiscal_year` dates months without a year. `level1`, `level2` and `name` (the level-3 name) tell money from counts
    and dates from numbers. `unit_text` is the cell of a 度量单位 column. Raises nothing, whatever the text.
    """
    return read_in(text, role, fiscal_year, context(level1, level2, name, unit_text))


def read_in(text: str | None, role: Role, fiscal_year: int | None, row: Context) -> Reading:
    """`read_value` with the facts of the row already gathered."""
    if not text:
        return EMPTY
    if len(text) <= CACHED_LENGTH:
        return _cached(text, role, fiscal_year, row)
    if len(text) > MAX_LENGTH:
        text = text.strip()
        if len(text) > MAX_LENGTH:
            return TEXT
    return _read(text, role, fiscal_year, row)


def _read(text: str, role: Role, fiscal_year: int | None, row: Context) -> Reading:
    if _OVERRIDE.search(text):
        return TEXT  # printed in another order than stored
    folded = fold(text)
    return (
        read_absent(folded, row)
        or read_grade(folded)
        or read_date(folded, role, fiscal_year, row)
        or read_measure(folded, role, row)
        or read_compound(folded)
        or TEXT
    )


_cached = lru_cache(maxsize=32768)(_read)
