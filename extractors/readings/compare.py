"""A target and an actual: is it met, and by how much.

Here: the comparison rules, with None wherever the two do not surely say. Not here: how a cell is read; the score, ever.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal, localcontext
from functools import lru_cache

from extractors.readings.context import Context, context
from extractors.readings.direction import Direction, direction, is_rate, named_direction
from extractors.readings.fold import fold
from extractors.readings.model import ONE, Comparison, Reading
from extractors.readings.numerals import EXACT
from extractors.readings.read import CACHED_LENGTH, MAX_LENGTH, read_in

_HUNDRED, _TWO, _ZERO = Decimal(100), Decimal(2), Decimal(0)
_CENT = Decimal("0.01")
_BIG = Decimal(100)
"""Multipliers from here on (万, 亿, 千) make the reading of a bare number beside them uncertain."""
_NEAR = (Decimal("0.05"), Decimal(20))
"""How far a target and an actual lie apart where nothing is odd about their units."""
_FAR = (Decimal("0.001"), Decimal(1000))
"""How far at most where one unit was not printed beside its number, or other units would bring the two together."""
_ABSURD = Decimal(10) ** 9
_ENDLESS = Decimal("Infinity")
_ABOUT = Decimal("0.1")
"""约 300 is taken to be between 270 and 330."""

_BARE: dict[Direction | None, str] = {"up": "bare_target", "down": "bare_down", None: "bare_unknown"}
"""What the basis says of a target without an operator."""

Pair = tuple[Decimal, Decimal]


def read_pair(
    target_text: str | None,
    actual_text: str | None,
    *,
    fiscal_year: int | None = None,
    level1: str | None = None,
    level2: str | None = None,
    name: str | None = None,
    unit_text: str | None = None,
    direction_text: str | None = None,
) -> tuple[Reading, Reading, Comparison]:
    """Read a row's target and actual (see `read_value`) and compare them.

    Attainment and deviation are as in the published scoring (财预〔2020〕10号): "=" and bare targets count as at least
    or, where less is better, at most (`direction_text`: the form's own word for it, 正向 or 反向); ceilings mirror
    at the target. What is not sure is None; nothing is ever inferred from the score.
    """
    row = context(level1, level2, name, unit_text, named_direction(direction_text))
    if len(target_text or "") + len(actual_text or "") <= CACHED_LENGTH:
        return _cached(target_text, actual_text, fiscal_year, row)
    return _pair(target_text, actual_text, fiscal_year, row)


def _pair(
    target_text: str | None, actual_text: str | None, fiscal_year: int | None, row: Context
) -> tuple[Reading, Reading, Comparison]:
    target = read_in(target_text, "target", fiscal_year, row)
    actual = read_in(actual_text, "actual", fiscal_year, row)
    if actual.unit is None and actual.is_number and row.unit is not None and row.unit.dimension == "ratio":
        actual = _share_in_column(target, actual, row)
    if target.kind == actual.kind == "text":
        return target, actual, _texts(target_text or "", actual_text or "")
    if _contradicts_its_header(target, actual):
        plain = EXACT.divide(_values(actual)[1], actual.multiplier)
        actual = Reading("quantity", value=plain, operator=actual.operator, rule=actual.rule)
        return target, actual, Comparison(None, None, "unit_ambiguous")
    return target, actual, _compare(target, actual, row)


_cached = lru_cache(maxsize=32768)(_pair)


def _share_in_column(target: Reading, actual: Reading, row: Context) -> Reading:
    """0.4 below a % column is 0.4 % if the target itself is that small; beside 95 % it may be 40 %; below ‰ 0.4 ‰."""
    if row.unit is not None and row.unit.multiplier != 1 and actual.value is not None:
        high = None if actual.value_high is None else actual.value_high * row.unit.multiplier
        return replace(
            actual,
            kind="ratio",
            unit="%",
            dimension="ratio",
            value=actual.value * row.unit.multiplier,
            value_high=high,
            multiplier=row.unit.multiplier,
            unit_source=row.unit_source,
        )
    if target.dimension == "ratio" and target.value is not None and target.value <= 1:
        return replace(actual, kind="ratio", unit="%", dimension="ratio", unit_source=row.unit_source)
    return actual


def _contradicts_its_header(target: Reading, actual: Reading) -> bool:
    """48000 below 总成本（万元） beside a target of 5万元: the header's 万 is surely not meant."""
    if actual.unit_source not in ("column", "name") or actual.multiplier < _BIG or actual.value_high is not None:
        return False
    if target.dimension != actual.dimension:
        return False
    wanted, got = _values(target)[1], _values(actual)[1]
    return not _within(got, wanted, _FAR) and _within(EXACT.divide(got, actual.multiplier), wanted, _NEAR)


def _texts(target: str, actual: str) -> Comparison:
    if len(target) > 10 * MAX_LENGTH or len(actual) > 10 * MAX_LENGTH:
        same = target == actual
    else:
        same = fold(target).replace("，", ",") == fold(actual).replace("，", ",")
    return Comparison(None, None, "text_identical" if same else "text")


def _compare(target: Reading, actual: Reading, row: Context) -> Comparison:
    kinds = (target.kind, actual.kind)
    for kind, basis in (
        ("not_applicable", "not_applicable"),
        ("empty", "missing"),
        ("compound", "compound"),
        ("text", "text"),
    ):
        if kind in kinds:
            return Comparison(None, None, basis)
    if target.kind in ("date", "period") and actual.kind in ("date", "period"):
        return _periods(target, actual) if kinds == ("period", "period") else _dates(target, actual)
    if kinds == ("grade", "grade"):
        return _grades(target, actual)
    if target.is_number and actual.is_number:
        with localcontext(EXACT):
            return _numbers(target, actual, row)
    return Comparison(None, None, "kind_differs")


def _dates(target: Reading, actual: Reading) -> Comparison:
    limit, last, first = target.date, actual.date, actual.date_start
    met: bool | None = None
    if limit is not None and last is not None and target.kind == "date" and target.operator in ("<=", "<", "="):
        if target.operator == "<":
            limit -= dt.timedelta(days=1)
        if actual.operator in ("<=", "<", "="):
            met = last - dt.timedelta(days=actual.operator == "<") <= limit or None
        if met is None and first is not None and first > limit and not _in_december_named(target, first):
            met = False
    return Comparison(met, None, "date")


def _in_december_named(target: Reading, first: dt.date) -> bool:
    """Whether a result lies in the December that 12月前 names: many mean by it the end of that month."""
    named = target.date
    return (
        target.operator == "<"
        and named is not None
        and named.month == 12
        and named.day == 1
        and ((first.year, first.month) == (named.year, 12))
    )


def _periods(target: Reading, actual: Reading) -> Comparison:
    wanted, done = (target.date_start, target.date), (actual.date_start, actual.date)
    if wanted[0] is None or wanted[1] is None or done[0] is None or done[1] is None:
        return Comparison(None, None, "period")
    if wanted == done:
        return Comparison(True, None, "period_equality")
    apart = done[0] > wanted[1] or done[1] < wanted[0]
    return Comparison(False if apart else None, None, "period_equality")


def _grades(target: Reading, actual: Reading) -> Comparison:
    if target.dimension != actual.dimension or target.rank is None or actual.rank is None:
        return Comparison(None, None, "grade_scale_differs")
    if actual.operator == ">=" and target.operator == "=" and actual.rank < target.rank:
        return Comparison(None, None, "grade_rank_self_declared")
    return Comparison(actual.rank >= target.rank, None, "grade_rank_self_declared")


def _numbers(target: Reading, actual: Reading, row: Context) -> Comparison:
    work = {target.dimension, actual.dimension}
    if work == {"time_work", "time_day"}:
        return _working_days(target, actual)
    common = _on_one_scale(target, actual, row)
    if isinstance(common, str):
        return Comparison(None, None, common)
    wanted, low, high, notes = common
    better = direction(target, row) if target.operator in (None, "=", "range") and wanted[0] >= 0 else None
    if target.operator in (None, "="):
        notes.append(_BARE[better])
        if better is None:
            exact = low == high and actual.operator in (None, "=") and not (actual.approximate or target.approximate)
            deviation = _deviation(low, wanted[0]) if exact else None
            equal = exact and low == wanted[0]
            attained = _round(_HUNDRED) if equal and wanted[0] > 0 else None
            return Comparison(equal or None, attained, ":".join(["numeric", *notes]), deviation)
        target = replace(target, operator=">=" if better == "up" else "<=")
    if actual.approximate or target.approximate:
        return _inexact(target, wanted, actual, low, high, "is_approximate")
    if actual.operator == "range":
        return _inexact(target, wanted, actual, low, high, "is_range")
    if actual.operator in (">=", "<=", ">", "<"):
        return _inexact(target, wanted, actual, low, high, "is_inequality")
    if target.operator == "range" and not wanted[0] <= low <= wanted[1]:
        return _beyond(better, wanted, low, notes)
    met = _meets(target, wanted, low)
    attainment, deviation = _attainment(target, wanted, low)
    return Comparison(met, attainment, ":".join(["numeric", *notes]), deviation)


def _beyond(better: Direction | None, wanted: Pair, actual: Decimal, notes: list[str]) -> Comparison:
    """A result outside a range: beyond its good end it is met, beyond its bad end missed, else nobody can say."""
    above = actual > wanted[1]
    edge = wanted[1] if above else wanted[0]
    deviation = _deviation(actual, edge)
    if better is None:
        return Comparison(None, None, ":".join(["numeric", *notes, _BARE[None]]), deviation)
    attainment = _round(max(_share_of(edge, actual, better == "up"), _ZERO) * _HUNDRED) if edge > 0 else None
    if (better == "up") == above:
        return Comparison(True, attainment, ":".join(["numeric", *notes, "range_exceeded"]), deviation)
    return Comparison(False, attainment, ":".join(["numeric", *notes]), deviation)


def _on_one_scale(target: Reading, actual: Reading, row: Context) -> tuple[Pair, Decimal, Decimal, list[str]] | str:
    """Both in the base of one dimension: the target's (low, high), the actual's low and high, the basis's notes.

    A string instead is the basis of a comparison that cannot be made.
    """
    notes = [
        f"unit_from_{source}" for source in ("column", "name") if source in (target.unit_source, actual.unit_source)
    ]
    wanted, got = _values(target), _values(actual)
    one = target if wanted == (ONE, ONE) else actual
    if {wanted, got} == {(_HUNDRED, _HUNDRED), (ONE, ONE)} and one.unit_source != "printed" and is_rate(row.name):
        return "unit_ambiguous"  # one of the two may be 100 %
    if target.dimension == actual.dimension:
        scales = actual.multiplier / target.multiplier
        if not _within(got[1], wanted[1], _FAR) and (notes or _within(got[1] / scales, wanted[1], _NEAR)):
            return "unit_ambiguous"
        return _times(wanted, target.factor), *_times(got, actual.factor), notes
    if target.dimension is not None and actual.dimension is not None:
        return "unit_incompatible"
    printed, bare = (target, actual) if actual.dimension is None else (actual, target)
    if printed.dimension == "ratio":
        return _share(target, actual, wanted, got, notes)
    if printed.dimension is not None and printed.dimension.startswith(("change:", "point")):
        return "unit_incompatible"
    notes.append("unit_assumed_from_target" if printed is target else "unit_assumed_from_actual")
    plain, reference = _values(bare), _values(printed)[1]
    if plain[0] < 0 and printed.kind in ("quantity", "duration"):
        return "unit_ambiguous"
    if printed.multiplier >= _BIG and bare.multiplier == 1 and any(plain):
        scaled = _times(plain, printed.multiplier)
        fits_scaled, fits_plain = _within(scaled[1], reference, _NEAR), _within(plain[1], reference, _NEAR)
        if fits_scaled == fits_plain:
            return "unit_ambiguous"
        if fits_scaled:
            wanted, got = (wanted, scaled) if bare is actual else (scaled, got)
    elif not _within(plain[1], reference, _FAR if (printed.dimension or "").startswith("count:") else _NEAR):
        return "unit_ambiguous"  # 4800 beside 5公里, 4.8 beside 50000元
    return wanted, *got, notes


def _share(
    target: Reading, actual: Reading, wanted: Pair, got: Pair, notes: list[str]
) -> tuple[Pair, Decimal, Decimal, list[str]] | str:
    """A percentage beside a bare number: 0.73 is 73 %, 0 is 0; 1 and 73 may be anything, and so may 0.5 beside 2 %."""
    bare, percent = (got, wanted) if actual.dimension is None else (wanted, got)
    if bare == (_ZERO, _ZERO):
        side = "target" if actual.dimension is None else "actual"
        return wanted, *got, [*notes, f"unit_assumed_from_{side}"]
    if bare[0] > 0 and bare[1] < 1 and percent[0] > 1 and not _within(bare[1], percent[0], _NEAR):
        notes = [*notes, "ratio_from_decimal"]
        scaled = _times(bare, _HUNDRED)
        return (wanted, *scaled, notes) if actual.dimension is None else (scaled, *got, notes)
    return "unit_ambiguous"


def _values(reading: Reading) -> Pair:
    low = reading.value if reading.value is not None else _ZERO
    return low, low if reading.value_high is None else reading.value_high


def _times(pair: Pair, factor: Decimal) -> Pair:
    return pair[0] * factor, pair[1] * factor


def _within(value: Decimal, reference: Decimal, window: Pair) -> bool:
    if reference == 0 or value == 0:
        return True
    return window[0] <= abs(value / reference) <= window[1]


def _meets(target: Reading, wanted: Pair, actual: Decimal) -> bool:
    low, high = wanted
    operator = target.operator
    if operator == "range":
        return low <= actual <= high
    if operator == ">":
        return actual > low
    if operator == "<":
        return actual < low
    if operator == "<=" or (operator != ">=" and low == 0):  # a bare 0起: none may happen
        return actual <= low
    return actual >= low


def _inexact(target: Reading, wanted: Pair, actual: Reading, low: Decimal, high: Decimal, what: str) -> Comparison:
    """Met if every value that the cells allow meets the target, missed if none does, otherwise unknown."""
    side = "actual"
    if what == "is_approximate":
        side = "actual" if actual.approximate else "target"
        spread = abs(high if side == "actual" else wanted[1]) * _ABOUT
        low, high = low if actual.operator == ">" else low - spread, high + spread
    elif what == "is_inequality":
        if actual.operator in (">=", ">"):
            high = _ENDLESS
        else:
            low = min(low, _ZERO)  # what forms count is never negative
    if target.operator == "range":
        inside, outside = wanted[0] <= low and high <= wanted[1], high < wanted[0] or low > wanted[1]
        met = True if inside else False if outside else None
    else:
        ends = _meets(target, wanted, low), _meets(target, wanted, high)
        if wanted[0] == {">": low, "<": high}.get(actual.operator or ""):
            ends = _open_ends(target, actual.operator == ">", ends)
        met = ends[0] if ends[0] == ends[1] else None
    return Comparison(met, None, f"{side}_{what}")


def _open_ends(target: Reading, above: bool, ends: tuple[bool, bool]) -> tuple[bool, bool]:
    """The actual's open end stands on the target: >5 lies inside >5 and outside ≤5."""
    ceiling = target.operator in ("<", "<=")
    return (not ceiling, ends[1]) if above else (ends[0], ceiling)


def _working_days(target: Reading, actual: Reading) -> Comparison:
    """So many calendar days hold at most as many working days; the other way nothing is sure but excess."""
    day = Decimal(86_400)
    basis = "numeric:calendar_and_working_days"
    if target.operator not in ("<=", "<") or actual.operator is not None or actual.approximate:
        return Comparison(None, None, "unit_incompatible")
    wanted, got = _values(target)[0], _values(actual)[0]
    if target.dimension == "time_work":
        return Comparison(True if _meets(target, (wanted, wanted), got * actual.factor / day) else None, None, basis)
    limit = wanted * target.factor / day
    return Comparison(False if got > limit else None, None, basis)


def _attainment(target: Reading, wanted: Pair, actual: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Attainment and deviation in percent; None for targets of 0 or below, which have no proportion.

    A result of a range lies inside it.
    """
    if target.operator == "range":
        return _round(_HUNDRED), _round(_ZERO)
    low = wanted[0]
    if low <= 0:
        return None, None
    share = _share_of(low, actual, target.operator not in ("<=", "<"))
    return _round(max(share, _ZERO) * _HUNDRED), _deviation(actual, low)


def _share_of(wanted: Decimal, actual: Decimal, more_is_better: bool) -> Decimal:
    """How much of a target is reached; where less is better it mirrors at the target, as the scoring does."""
    return actual / wanted if more_is_better else _TWO - actual / wanted


def _deviation(actual: Decimal, wanted: Decimal) -> Decimal | None:
    return None if wanted <= 0 else _round((actual - wanted) / wanted * _HUNDRED)


def _round(value: Decimal) -> Decimal | None:
    """Half up to 2 decimals; a billion percent says nothing but that one of the two is no such number."""
    return value.quantize(_CENT) + _ZERO if value < _ABSURD else None  # -0.00 + 0 is 0.00
