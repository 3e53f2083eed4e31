"""The labels that forms print and what each stands for, read from vocabulary.toml.

Here: normalising a label and looking it up. Not here: where on a form a label may stand (the section readers).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"^[*★☆※●·•▲△◆#]+|[*★☆※]+$")
_NUMBERING = re.compile(
    r"^(?:[(](?:[一二三四五六七八九十]{1,3}|\d{1,2})[)][、.]?|(?:[一二三四五六七八九十]{1,3}|\d{1,2})[、.)])(?=\D)"
)
_BRACKETS = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
_SEPARATORS = re.compile(r"[、,，/]")
_OF_WHICH = re.compile(r"^其中[:;,、\-—－]*")
LABEL_LENGTH = 30
"""A longer text is no label (the longest in the corpus has 24 characters)."""


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """The text in one width and without white space: what two printings of one text have in common."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=50_000)
def label_key(text: str) -> str:
    """What of a label is looked up: no marks, numbering, bracketed remarks, leading 其中 or trailing colon."""
    key = _MARKS.sub("", fold(text))
    key = _NUMBERING.sub("", key)
    while (bare := _BRACKETS.sub("", key)) != key:
        key = bare
    key = _OF_WHICH.sub("", key)
    return _SEPARATORS.sub("", _MARKS.sub("", key).rstrip(":;.-").lstrip("-—:"))


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    has: tuple[str, ...]
    unless: tuple[str, ...]


class Group:
    """One group of labels (header, source, indicator, ...)."""

    def __init__(self, entries: dict[str, dict[str, list[str]]]) -> None:
        self._exact: dict[str, str] = {}
        self._entries: list[_Entry] = []
        for name, entry in entries.items():
            for word in entry.get("is", []):
                self._exact.setdefault(label_key(word), name)
            self._entries.append(_Entry(name, tuple(entry.get("has", [])), tuple(entry.get("unless", []))))
        self._unless = {entry.name: entry.unless for entry in self._entries}
        self._parts = sorted(((part, e.name) for e in self._entries for part in e.has), key=lambda p: -len(p[0]))

    def find(self, key: str) -> str | None:
        """The entry whose word equals the key, else the one with the longest word in it; None when there is none."""
        if not key or len(key) > LABEL_LENGTH:
            return None
        name = self._exact.get(key)
        if name is None:
            name = next((n for part, n in self._parts if part in key), None)
        if name is not None and any(word in key for word in self._unless[name]):
            return None
        return name

    def exact(self, key: str) -> str | None:
        """The entry one of whose words equals the key."""
        return self._exact.get(key)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All groups of vocabulary.toml."""

    header: Group
    goal: Group
    measure: Group
    amount: Group
    source: Group
    sentence: Group
    indicator: Group
    total: Group
    section: Group
    attribute: Group

    def role(self, text: str) -> tuple[str, str] | None:
        """(group, name) of a label wherever it may stand, the more telling group first; None for any other text."""
        key = label_key(text)
        if not key or len(key) > LABEL_LENGTH:
            return None
        for group in ("header", "goal", "amount", "measure", "source", "sentence", "total", "section", "attribute"):
            if name := getattr(self, group).exact(key):
                return group, name
        if name := self.indicator.exact(key):
            return "indicator", name
        if len(key) <= 14 and not any(c.isdigit() for c in key) and (name := self.source.find(key)):
            return "source", name
        return None


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary shipped with the reader."""
    raw = tomllib.loads((Path(__file__).parent / "vocabulary.toml").read_text(encoding="utf-8"))
    return Vocabulary(**{name: Group(entries) for name, entries in raw.items()})
