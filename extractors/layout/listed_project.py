"""What a list says of one of its projects, as the rows of a form; a master list and a list of indicators joined.

Here: labels beside their values, and which two lists speak of the same project. Not here: reading either list
(project_lists, flat_lists), where lists begin and end (boundaries).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extractors.layout.rows import PlacedCell, Row
from extractors.vocabulary import Role

NAME: Role = ("header", "project_name")
CODE: Role = ("header", "project_code")
_MONEY = {"measure", "source", "amount", "sentence"}


@dataclass(slots=True, eq=False)
class ListedProject:
    """A project of a list: the rows above the list, its own labelled values, then its money or its indicators."""

    head: list[Row]
    pairs: list[Row]
    rest: list[Row]

    @property
    def rows(self) -> list[Row]:
        """All of them, as a form has them."""
        return [*self.head, *self.pairs, *self.rest]

    @property
    def has_money(self) -> bool:
        """Whether money stands among its labelled values."""
        return any(slot.words.group in _MONEY for row in self.pairs for slot in row.slots[:1])

    def keys(self) -> set[tuple[Role, str]]:
        """Its name and its code, as far as they are printed."""
        of = {NAME, CODE}
        return {(role, row.slots[1].words.bare) for row in self.pairs if (role := row.slots[0].words.role) in of}


def pair(label: PlacedCell, value: PlacedCell, row: Row) -> Row:
    """A row of a label and its value, side by side; both keep their places."""
    return Row([label.moved(0), value.moved(1)], [], row.grid, row.ruled, row.page)


def join(masters: Iterable[ListedProject], details: Sequence[ListedProject]) -> list[ListedProject]:
    """Give each project of a master list the indicators that another list prints under its code or name.

    Only what names one project on both sides is joined; a list of indicators with money of its own needs no other.
    Returns the `details` that went into a project of a master list.
    """
    taken: list[ListedProject] = []
    masters = list(masters)
    details = [detail for detail in details if not detail.has_money]
    for project in masters:
        found = [detail for detail in details if detail.keys() & project.keys()]
        if len(found) != 1 or sum(bool(found[0].keys() & other.keys()) for other in masters) != 1:
            continue
        (detail,) = found
        said = {_texts(row) for row in project.pairs}
        project.head = [*project.head, *detail.head]
        project.pairs += [row for row in detail.pairs if _texts(row) not in said]
        project.rest += detail.rest
        taken.append(detail)
    return taken


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(slot.words.bare for slot in row.slots)
