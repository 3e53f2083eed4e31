"""Rules claim fields of a form, one arbiter decides: the heavier claim stands, of equal ones the first; losers stay.

Here: claims, the arbiter, the names of the rules. Not here: the rules themselves (sections), what a value is (model).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.form.model import Value

FULL = 100
"""The weight of a claim whose label names the field itself; less where it only may stand in for it."""
Field = tuple[str, ...]
"""What is claimed: ("project", column) or ("funding", source, measure)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a rule would fill a field with: the value, whose rule it names, beside its label; `weight` of 100."""

    value: Value
    label: Value | None = None
    weight: int = FULL


@dataclass(slots=True)
class Arbiter:
    """The claims on the fields of one form; `standing` by field, and those that `lost`."""

    standing: dict[Field, Claim] = field(default_factory=dict)
    lost: dict[Field, list[Claim]] = field(default_factory=dict)

    def offer(self, at: Field, claim: Claim) -> Claim | None:
        """Decide between a claim and the one that stands; returns the loser, None where nobody else claims it."""
        old = self.standing.get(at)
        if old is None:
            self.standing[at] = claim
            return None
        if claim.weight > old.weight:
            self.standing[at] = claim
        else:
            old = claim
        self.lost.setdefault(at, []).append(old)
        return old

    def prefer(self, at: Field, value: Value) -> None:
        """Let a claim that lost stand: all of the form's claims say that it is the one."""
        chosen = next((c for c in self.lost.get(at, []) if c.value is value), None)
        if chosen is not None:
            self.lost[at] = [self.standing[at], *(c for c in self.lost[at] if c is not chosen)]
            self.standing[at] = chosen

    def extend(self, at: Field, value: Value) -> None:
        """Give the claim that stands a longer value: its text goes on in another cell."""
        if at in self.standing:
            self.standing[at] = replace(self.standing[at], value=value)

    def withdraw(self, at: Field) -> None:
        """Let nobody have a field: which claim is right cannot be told."""
        if (claim := self.standing.pop(at, None)) is not None:
            self.lost.setdefault(at, []).append(claim)

    def others(self, at: Field) -> str | None:
        """The claims on a field that lost, for people, with their weights; None where there was none."""
        stands, told = self.standing.get(at), []
        for claim in self.lost.get(at, []):
            label = f"「{claim.label.text}」，" if claim.label is not None and claim.label.text else ""
            if stands is not None and claim.value.text != stands.value.text:
                told.append(f"「{claim.value.text}」（{label}{claim.value.rule}，{claim.weight}）")
        return f"{stands.weight} > " + "；".join(told) if stands is not None and told else None


@cache
def rules() -> Mapping[str, str]:
    """What each rule claims, in Chinese, by its name."""
    declared = tomllib.loads(files(__package__).joinpath("claims.toml").read_text("utf-8"))
    return {name: rule["says_zh"] for name, rule in declared.items()}
