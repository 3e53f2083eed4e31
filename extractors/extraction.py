"""What reading one document yields: its outcome, its forms as typed rows, and what could not be read.

Here: the result and its JSON. Not here: how a form is read (form.py), how rows become frames (the warehouse).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
"""One row of a contract table without its ids: column -> str, int, bool or None; decimals and dates are strings."""

LOADED, NO_FORM, REJECTED = "loaded", "no_form", "rejected"

PAGED = frozenset({"pdf", "jpg", "png", "tiff"})
"""Formats of documents whose pages can be drawn."""


@dataclass(slots=True)
class ExtractedForm:
    """One form: its project row, the rows of the other tables in printed order, and the problems inside it."""

    project: Record
    funding: list[Record] = field(default_factory=list)
    indicator: list[Record] = field(default_factory=list)
    attribute: list[Record] = field(default_factory=list)
    provenance: list[Record] = field(default_factory=list)
    problem: list[Record] = field(default_factory=list)
    checks: Record = field(
        default_factory=dict
    )  # facts that only the reader knows and checks need (cells claimed, ...)


@dataclass(slots=True)
class Extraction:
    """The outcome of reading one document.

    `status` is loaded, no_form or rejected; `reason_code` and `reason` (a sentence for a person) say why not loaded.
    `problem`: rows about the document outside any form. `read_by`: for each page of a PDF that was read (its number as
    text) the engine, and behind a colon why it was not pdfium. `labels`: marks of the texts that could be labels, so
    that it is known whom a word that people teach concerns.
    """

    status: str
    reason_code: str | None = None
    reason: str | None = None
    format: str | None = None
    page_count: int | None = None
    forms: list[ExtractedForm] = field(default_factory=list)
    problem: list[Record] = field(default_factory=list)
    read_by: dict[str, str] = field(default_factory=dict)
    labels: list[int] = field(default_factory=list)

    def to_json(self) -> str:
        """The whole result as one line of JSON."""
        return json.dumps(self, default=_members, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Extraction:
        """The result that `to_json` wrote."""
        data = json.loads(text)
        forms = [ExtractedForm(**form) for form in data.pop("forms")]
        return cls(**data, forms=forms)


def _members(part: Extraction | ExtractedForm) -> Record:
    """The members of a part of the result, without copying what they hold."""
    return {name: getattr(part, name) for name in part.__slots__}
