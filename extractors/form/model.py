"""A form as printed: every value with its text and place, and a claim on every cell.

Here: Value, FundRow, IndicatorRow, Form. Not here: how cells are recognised (sections), how texts are typed (records).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from extractors.codes import ProblemCode, ReasonCode
from extractors.form.claims import Arbiter, Claim
from extractors.form.ideas import idea_of
from extractors.grid import Idea, Place, Problem
from extractors.layout.cell_words import Words, words_of
from extractors.layout.rows import PlacedCell, Row
from extractors.readings.printed import year


@dataclass(slots=True)
class Value:
    """A printed text and the cells it stands in; `text` may be a part of a cell or several cells joined.

    `rule`: the name of the rule that claims it for a field; empty for labels and what is only kept.
    """

    text: str
    slots: tuple[PlacedCell, ...]
    rule: str = ""

    @property
    def words(self) -> Words:
        """What its text says by itself."""
        return words_of(self.text)

    @property
    def place(self) -> Place:
        """The place of its first cell."""
        return self.slots[0].cell.place


def value_of(slot: PlacedCell, rule: str = "") -> Value:
    """A cell as a value: its whole text, and the rule that claims it."""
    return Value(slot.text, (slot,), rule)


@dataclass(slots=True)
class FundRow:
    """One money source: its printed label and its figures by measure (`budget`: of an unnamed stage)."""

    source: str
    label: Value
    unit: str | None
    values: dict[str, Value] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)  # unit of a single column where its header states one


@dataclass(slots=True)
class StrangeRow:
    """A row of money whose label nobody knows: its figures by measure, and how it is read as the total's."""

    label: PlacedCell
    figures: list[tuple[str | None, PlacedCell]]
    read: Callable[[], None]


@dataclass(slots=True)
class StrangeColumn:
    """A column of money whose header nobody knows: its figures by source."""

    header: PlacedCell
    unit: str | None
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class IndicatorRow:
    """One indicator: printed texts by column name (level1 ... deviation, operator, unit_text, note)."""

    horizon: str
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Form:
    """One form of a document.

    `fields`: the project columns, `labels`: what is printed beside them. `rows`: its slice of the stream.
    """

    rows: list[Row]
    title: Value | None = None
    fields: dict[str, Value] = field(default_factory=dict)
    labels: dict[str, Value] = field(default_factory=dict)
    funding: list[FundRow] = field(default_factory=list)
    indicators: list[IndicatorRow] = field(default_factory=list)
    attributes: list[tuple[str | None, Value, Value]] = field(default_factory=list)  # section, label, value
    problems: list[Problem] = field(default_factory=list)
    money_unit: str | None = None
    unit_labelled_coded: bool = False
    has_actual: bool = False
    has_forecast: bool = False
    has_scores: bool = False
    indicator_columns: list[str] = field(default_factory=list)  # what the headers of the indicators name
    remarks: list[tuple[IndicatorRow, PlacedCell, Value]] = field(default_factory=list)  # row, header, text
    strange_rows: list[StrangeRow] = field(default_factory=list)
    strange_columns: list[StrangeColumn] = field(default_factory=list)
    claimed: set[int] = field(default_factory=set)
    arbiter: Arbiter = field(default_factory=Arbiter)
    strangers: set[int] = field(default_factory=set)  # labels that the vocabulary lacks, by the cell's id

    def own_year(self) -> int | None:
        """The year that the heading states, as far as it has been read."""
        for value in (self.fields.get("fiscal_year"), self.title):
            if value is not None and (found := year(value.text)) is not None:
                return found
        return None

    def take(self, column: str, claim: Claim) -> Claim | None:
        """Let a rule claim a column of the project; returns the claim that lost, if two were made."""
        lost = self.arbiter.offer(("project", column), claim)
        if lost is not claim:
            self.fields[column] = claim.value
            if claim.label is not None:
                self.labels[column] = claim.label
        return lost

    def goes_on(self, column: str, slot: PlacedCell) -> None:
        """Add a further cell to the text of a column of the project."""
        begun = self.fields[column]
        self.fields[column] = Value(begun.text + slot.text, (*begun.slots, slot), begun.rule)
        self.arbiter.extend(("project", column), self.fields[column])
        self.claim(slot)

    def claim(self, *slots: PlacedCell) -> None:
        """Mark cells as accounted for."""
        for slot in slots:
            self.claimed.add(id(slot))
            if slot.parts:
                self.claimed.update(map(id, slot.parts))

    def is_claimed(self, slot: PlacedCell) -> bool:
        """Whether some field, label or note accounts for the cell."""
        return id(slot) in self.claimed or (bool(slot.parts) and self.claimed.issuperset(map(id, slot.parts)))

    def report(
        self,
        code: ProblemCode | ReasonCode,
        message: str,
        slot: PlacedCell,
        severity: str = "warning",
        idea: Idea | None = None,
    ) -> None:
        """Record a problem at a cell, and what the label that it tells of could be."""
        self.problems.append(Problem(code, message, severity, slot.text, slot.cell.place, idea))

    def unknown(self, what: str, slot: PlacedCell, kept: str = "") -> None:
        """Tell that the vocabulary lacks a cell: `what` it is, and where what belongs to it is `kept`."""
        self.strangers.add(id(slot))
        self.report(
            ProblemCode.UNKNOWN_LABEL, f"{what}「{slot.text}」不在词汇表中{kept}。", slot, "info", idea_of(what, slot)
        )

    def attribute(self, section: str | None, label: Value, value: Value) -> None:
        """Keep a labelled cell that has no column of its own."""
        self.claim(*label.slots, *value.slots)
        if value.text:
            self.attributes.append((section, label, value))
