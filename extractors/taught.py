"""The words that people taught, in force in this process.

Here: putting a layer over the vocabulary. Not here: what such a file says (vocabulary.taught).
"""

from __future__ import annotations

from functools import lru_cache

from extractors.layout.cell_words import words_of
from extractors.vocabulary import lookup
from extractors.vocabulary.taught import Taught, read_taught


@lru_cache(maxsize=1)
def _read(text: str) -> Taught:
    return read_taught(text)


def use(text: str) -> None:
    """Let the words of a vocabulary.toml count from now on in this process; an empty text takes them back."""
    roles = dict(_read(text).roles)
    if roles != lookup.taught():
        lookup.teach(roles)
        words_of.cache_clear()
