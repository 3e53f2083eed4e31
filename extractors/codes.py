"""The codes that say why a file was not read and what a reading could not do.

Here: the codes; codes.toml says what each means and what a person does about it. Not here: who gives a code, and when.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means and what to do about it, in both languages; `severity` is that of its row in `problem`."""

    label_zh: str
    meaning_zh: str
    meaning_en: str
    remedy_zh: str
    remedy_en: str
    severity: str = "error"  # error, warning, info


class Code(StrEnum):
    """A code: its own name as text, with an explanation in codes.toml."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:
        return name

    @property
    def explained(self) -> Explanation:
        """What it means and what to do about it."""
        return explanation(self)


class ReasonCode(Code):
    """Why a file was not loaded: `document.reason_code`, or `problem.code` of a file that has no document row.

    A problem of one page, sheet or value has the code that would reject a whole document.
    """

    EMPTY = auto()
    NOT_REGULAR = auto()
    UNREADABLE = auto()
    TEMP_FILE = auto()
    TOO_BIG = auto()
    TOO_MANY_PAGES = auto()
    UNSUPPORTED = auto()
    ENCODING = auto()
    ENCRYPTED = auto()
    TRUNCATED = auto()
    CORRUPT = auto()
    TOO_DEEP = auto()
    BOMB = auto()
    MEMORY = auto()
    TIMEOUT = auto()
    CRASH = auto()
    GARBLED = auto()
    NO_TEXT = auto()
    NOT_A_FORM = auto()
    INCOMPLETE = auto()
    BAD_VALUE = auto()
    DUPLICATE = auto()
    FORM_NOT_READ = auto()


class ProblemCode(Code):
    """What this look or reading could not do, or an entry of a person's file that is not in force: `problem.code`."""

    CHANGED = auto()
    VANISHED = auto()
    UNKNOWN_LABEL = auto()
    COLUMN_BY_CONTENT = auto()
    ROLE_IN_DOUBT = auto()
    UNCLAIMED_CELL = auto()
    REPEATED_VALUE = auto()
    TWO_VALUES = auto()
    KIND_IN_DOUBT = auto()
    MONEY_UNIT_MISSING = auto()
    HIDDEN_CONTENT = auto()
    MARKED_TEXT = auto()
    COVERED_TEXT = auto()
    STAMPED_TEXT = auto()
    FORM_FIELD = auto()
    OCR_UNSURE = auto()
    CORRECTION_EXPIRED = auto()
    CORRECTION_UNMATCHED = auto()
    CORRECTION_INVALID = auto()
    DECISION_INVALID = auto()
    DECISION_UNMATCHED = auto()
    VOCABULARY_INVALID = auto()


def explanation(code: str) -> Explanation:
    """What any declared code means; KeyError for another text."""
    return _explanations()[code]


@cache
def _explanations() -> dict[str, Explanation]:
    declared = tomllib.loads(files("extractors").joinpath("codes.toml").read_text("utf-8"))
    return {code: Explanation(**text) for group in declared.values() for code, text in group.items()}


def markdown_reasons() -> str:
    """The table of reason codes, both languages, for the documentation."""
    return _table(ReasonCode)


def markdown_problems() -> str:
    """The table of problem codes, both languages, for the documentation."""
    return _table(ProblemCode)


def _table(codes: type[Code]) -> str:
    lines = ["| 代码 / code | 含义 / meaning | 怎么办 / what to do |", "|---|---|---|"]
    for code in codes:
        text = code.explained
        meaning, remedy = f"{text.meaning_zh} / {text.meaning_en}", f"{text.remedy_zh} / {text.remedy_en}"
        lines.append(f"| `{code}` | {meaning} | {remedy} |")
    return "\n".join(lines)
