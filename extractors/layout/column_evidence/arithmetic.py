"""What a form's own arithmetic says when several columns are taken for these roles: points, targets, results, reasons.

Here: rows in which points are lost, targets are missed, reasons are given, as shares. Not here: what single columns or
two of them say (content), which roles are chosen (roles).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from extractors.layout.column_evidence.content import Content, Look

FACTORS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("target_text", "actual_text", "weight", "score"): ("met_kept", "missed_lost", "met_lost", "missed_kept"),
    ("weight", "score", "deviation"): ("lost_explained", "lost_blank", "kept_explained"),
    ("target_text", "actual_text", "deviation"): ("missed_explained", "missed_blank", "met_explained"),
}
"""By the roles that take part, what is counted; each is a share of the rows that tell it."""
OPERATOR = "operator"
"""A role that says of a target whether it wants more or less, where it is a column of its own."""


def said_by(roles: tuple[str, ...], columns: Sequence[Content], operator: Content | None) -> list[float]:
    """The numbers of a factor for the columns that play its roles."""
    playing = dict(zip(roles, columns, strict=True))
    lost = _lost(playing["weight"], playing["score"]) if "weight" in playing else None
    missed = _missed(playing["target_text"], playing["actual_text"], operator) if "target_text" in playing else None
    if lost is not None and missed is not None:
        rows = [(m, t) for m, t in zip(missed, lost, strict=True) if m is not None and t is not None]
        wanted = ((False, False), (True, True), (False, True), (True, False))
        return [sum(row == want for row in rows) / (len(rows) or 1) for want in wanted]
    failed = missed if lost is None else lost
    assert failed is not None
    reasons = playing["deviation"].looks
    given = [(f, r is not None and "nothing" not in r.classes) for f, r in zip(failed, reasons, strict=True)]
    rows = [(f, r) for f, r in given if f is not None]
    count = len(rows) or 1
    return [sum(row == want for row in rows) / count for want in ((True, True), (True, False), (False, True))]


def _lost(weight: Content, score: Content) -> list[bool | None]:
    """By row, whether points are lost; None where nobody can say it, or more are given than there are."""
    return [
        None if full is None or own is None or own > full else own < full
        for full, own in ((_points(w), _points(s)) for w, s in zip(weight.looks, score.looks, strict=True))
    ]


def _points(found: Look | None) -> Decimal | None:
    return found.points if found is not None else None


def _missed(target: Content, actual: Content, operator: Content | None) -> list[bool | None]:
    """By row, whether a result misses its target; None where they cannot be compared."""
    signs = operator.looks if operator is not None else [None] * len(target.looks)
    return [_misses(t, a, s) for t, a, s in zip(target.looks, actual.looks, signs, strict=True)]


def _misses(target: Look | None, actual: Look | None, sign: Look | None) -> bool | None:
    if target is None or actual is None:
        return None
    if target.number is None or actual.number is None:
        return False if target.bare == actual.bare else None
    if target.unit and actual.unit and target.unit != actual.unit:
        return None
    at_most = target.at_most or (sign is not None and sign.bare[:1] in {"≤", "<"})
    if actual.number == target.number:
        return False
    return (actual.number > target.number) == at_most
