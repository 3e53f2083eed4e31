"""What a printed target or actual says, and what comparing the two says.

Here: the two results, Reading and Comparison. Not here: how they are come by.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Role = Literal["target", "actual"]

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Reading:
    """One printed cell, read.

    `kind`: quantity, ratio, money, duration, date, period, grade, compound, text, not_applicable, empty.
    `operator`: >=, <=, >, <, =, range, or None for a bare number. `value` (and `value_high` of a range) has the
    multipliers 万, 亿, ‰ folded in and is in `unit`, which stays as printed otherwise (percent for ratios).
    `date` is the last day that the cell allows or names, `date_start` the first day of what it names.
    """

    kind: str
    operator: str | None = None
    value: Decimal | None = None
    value_high: Decimal | None = None
    unit: str | None = None
    date: dt.date | None = None
    date_start: dt.date | None = None
    dimension: str | None = None
    """What may be compared with it: money, ratio, time_day, count:<noun>, count:<noun>/<per>, grade:<scale>, date."""
    approximate: bool = False
    rank: int | None = None
    """Place of a grade on its scale, higher is better."""
    reason: str | None = None
    """Why not applicable: declared_na, not_set, default_full."""
    factor: Decimal = ONE
    """How many of its dimension's base one `unit` is (小时 3600 in seconds)."""
    multiplier: Decimal = ONE
    """The multiplier that was folded into the value (万 10000)."""
    unit_source: str | None = None
    """Where the unit stands: printed (in the cell), column, name; None without a unit."""
    rule: str = ""
    """The rule that read the cell."""

    @property
    def is_number(self) -> bool:
        """Whether the cell was read as a number or a range of numbers."""
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether the actual meets the target; None wherever the two do not say so surely.

    `attainment_pct`: 100 = exactly reached, above = better in the target's own direction; `deviation_pct`: (A-T)/T.
    Both in percent with 2 decimals, rounded half up. `basis`: on what ground the two were compared.
    """

    met: bool | None
    attainment_pct: Decimal | None
    basis: str | None
    deviation_pct: Decimal | None = None
