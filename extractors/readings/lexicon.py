"""The word lists of the value grammar, loaded once from the TOML files beside this module.

Here: loading and the shapes that the grammar wants. Not here: any word, unit or grade itself; those are in the files.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from importlib import resources
from typing import Any


def load(name: str) -> dict[str, Any]:
    """The TOML file `name` of this package, numbers with a point as Decimal."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def alternation(words: Iterable[str]) -> str:
    """A regular expression for any of `words`, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def by_word(lists: dict[str, list[str]]) -> dict[str, str]:
    """Lists of words by what they mean as what each word means."""
    return {word: meaning for meaning, words in lists.items() for word in words}


UNITS = load("units.toml")
WORDS = load("words.toml")
GRADES = load("grades.toml")
ABSENT = load("absent.toml")
SYMBOL = by_word(WORDS["symbol"])
BEFORE = by_word(WORDS["before"])
"""Words before a number that say how it is meant, and the operators that they stand for."""
