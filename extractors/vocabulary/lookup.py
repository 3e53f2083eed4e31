"""The labels that forms print and what each stands for, read from the TOML files beside this one.

Here: normalising a label and looking it up. Not here: where on a form a label may stand (the section readers).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from extractors.traditional import SIMPLIFIED

_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"^[*★☆※●·•▲△◆#]+|[*★☆※]+$")
_NUMBERING = re.compile(
    r"^(?:[(](?:[一二三四五六七八九十]{1,3}|\d{1,2})[)][、.]?|(?:[一二三四五六七八九十]{1,3}|\d{1,2})[、.)])(?=\D)"
)
_BRACKETS = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
_DECIDING = re.compile(r"[(\[【〔](年初|期初|年中调整|调整后?|中期|长期|实施期|(?:偏差|未完成)原因)[)\]】〕]")
_ALTERNATIVE = re.compile(r"(?P<word>[\u4e00-\u9fff]+)[(](?P<other>[\u4e00-\u9fff]{1,6})[)](?P<rest>[\u4e00-\u9fff]+)")
_CIRCLED = re.compile("[①-⑳]")
_FORMULA = re.compile(r"(?<=[\u4e00-\u9fff])(?:[A-Ga-g](?:[=÷×/*+-].{0,12})?|=.{1,20})$")
_TRANSLATED = re.compile(
    r"(?<=[\u4e00-\u9fff][\u4e00-\u9fff])(?P<after>[^\W\d_\u4e00-\u9fff][^\u4e00-\u9fff:]{3,})$"
    r"|^(?P<before>[^\W\d_\u4e00-\u9fff][^\u4e00-\u9fff:]{3,})(?=[\u4e00-\u9fff]{2})"
)
_LETTERS = 4
_SEPARATORS = re.compile(r"[、,，/\"“”]")
_OF_WHICH = re.compile(r"^其中[:;,、\-—－]*")
_MONTHS = re.compile(
    r"(?:20\d\d年)?(?:\d{1,2}月?(?:[-—–~]+|至|到)|截[至止]到?)(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日|[份底末])?"
)
_OF_THE_YEAR = re.compile("^(?:当年|本年度?|年度|全年)")
_LEADING_YEAR = re.compile(r"^20\d\d年(?:度)?(?=[^年月\d-])")
_HEADER_YEAR = re.compile(r"^[*★☆※]*(20\d\d)年(?:度)?(?=[^年月\d-])")
_NUMBERED_GOAL = re.compile(r"(?<=[效度体]目标)[\d一二三四五]$")
MONTHS = "1至7月"
"""What stands in a key for any span of months, so that 1-9月执行数 and 截至8月底执行数 are one label."""
LABEL_LENGTH = 30
"""A longer text is no label (the longest in the corpus has 24 characters)."""
_TEXT_LENGTH = 80
_REMEMBERED = 8_192
Role = tuple[str, str]
"""(group, name) of a label: ("header", "project_name")."""


@lru_cache(maxsize=16_384)
def bare_text(text: str) -> str:
    """The text in one width and script and without white space: what two printings of one text have in common."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).translate(SIMPLIFIED)


def without_translation(text: str) -> str:
    """The Chinese part of a bare text that is printed in a second language, too: 项目名称ProjectName.

    A few capitals are an abbreviation and stay: 联系QQ, LED.
    """
    if not text or (_is_chinese(text[0]) and _is_chinese(text[-1])) or text.isascii():
        return text
    found = _TRANSLATED.search(text)
    letters = [c for c in (found[0] if found is not None else "") if c.isalpha()]
    if found is None or len(letters) < _LETTERS or all(c.isupper() for c in letters):
        return text
    return text[: found.start()] + text[found.end() :]


def _is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


@lru_cache(maxsize=16_384)
def label_key(text: str) -> str:
    """What of a label is looked up: no marks, numbering, bracketed remarks, leading year or 其中, trailing colon.

    A remark that decides what the label means goes before it: 预算数（年初） is 年初预算数.
    """
    key = _MARKS.sub("", bare_text(_CIRCLED.sub("", text)))
    key = _NUMBERING.sub("", key)
    if decided := _DECIDING.search(key):
        key = decided[1] + _DECIDING.sub("", key)
    while (bare := _BRACKETS.sub("", key)) != key:
        key = bare
    key = _NUMBERING.sub("", _OF_WHICH.sub("", key))
    key = _FORMULA.sub("", key)
    key = _SEPARATORS.sub("", _MARKS.sub("", key).rstrip(":;.-").lstrip("-—:"))
    key = without_translation(_NUMBERED_GOAL.sub("", key))
    if any(c.isdigit() for c in key):
        key = _LEADING_YEAR.sub("", _MONTHS.sub(MONTHS, key))
    return key


def of_other_years(headers: list[str], own_year: int | None) -> set[int]:
    """Which of the headers of a table (by number) print a year that is not the form's: last year's beside this year's.

    `own_year` is the form's; where no header prints it, the latest printed one is taken for it.
    """
    years = {n: int(m[1]) for n, text in enumerate(headers) if (m := _HEADER_YEAR.match(bare_text(text)))}
    if len(set(years.values())) < 2:
        return set()
    kept = own_year if own_year in years.values() else max(years.values())
    return {n for n, found in years.items() if found != kept}


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    core: tuple[str, ...]
    words: Mapping[str, Sequence[tuple[str, bool]]]  # by first letter: a word of which a label may be composed, is core
    has: tuple[str, ...]
    unless: tuple[str, ...]

    def composes(self, key: str) -> bool:
        """Whether the key is made of the entry's words without a rest, at least one of them a core word."""
        reached: list[set[bool]] = [{False}, *(set() for _ in key)]  # by position: with a core word before it or not
        for start, had_core in enumerate(reached[:-1]):
            if had_core:
                for word, core in self.words.get(key[start], ()):
                    if key.startswith(word, start):
                        reached[start + len(word)] |= {True} if core else had_core
        return True in reached[-1]


def _by_first_letter(core: Iterable[str], around: Iterable[str]) -> dict[str, list[tuple[str, bool]]]:
    words: dict[str, list[tuple[str, bool]]] = {}
    for word, is_core in [*((word, True) for word in core), *((word, False) for word in around)]:
        words.setdefault(word[0], []).append((word, is_core))
    return words


class Group:
    """One group of labels (header, source, indicator, ...): entries of `is`, `core` and `with`, `has`, `unless`."""

    def __init__(self, entries: dict[str, Any], taught: Mapping[str, str] | None = None) -> None:
        shared: list[str] = entries.get("with", [])
        self._exact: dict[str, str] = {}
        self._entries: list[_Entry] = []
        letters: set[str] = set()
        for name, entry in entries.items():
            if name == "with":
                continue
            for word in entry.get("is", []):
                self._exact.setdefault(label_key(word), name)
            core, around = entry.get("core", []), [*shared, *entry.get("with", [])]
            words = _by_first_letter(core, around) if core else {}
            letters.update("".join([*core, *around]) if core else "")
            texts = (tuple(entry.get(part, [])) for part in ("has", "unless"))
            self._entries.append(_Entry(name, tuple(core), words, *texts))
        self._exact |= taught or {}
        self._unless = {entry.name: entry.unless for entry in self._entries if entry.unless}
        self._parts = sorted(((part, e.name) for e in self._entries for part in e.has), key=lambda p: -len(p[0]))
        self._composed = [entry for entry in self._entries if entry.core]
        self._letters = frozenset(letters)
        self._found: dict[str, str | None] = {}

    def find(self, key: str) -> str | None:
        """The entry whose word equals the key, else with the longest `has` in it, else whose words compose the key.

        What is said of the year (当年预期实现值) is the same without it.
        """
        if key not in self._found:
            if len(self._found) > _REMEMBERED:
                self._found.clear()
            self._found[key] = self._find(key)
        return self._found[key]

    def _find(self, key: str) -> str | None:
        if not key or len(key) > LABEL_LENGTH:
            return None
        if (name := self.exact(key)) is not None:
            return name
        name = next((n for part, n in self._parts if part in key and self._allows(n, key)), None)
        return name or self.composed(key) or self._exact.get(_OF_THE_YEAR.sub("", key))

    def exact(self, key: str) -> str | None:
        """The entry one of whose words equals the key."""
        return self._exact.get(key)

    def composed(self, key: str) -> str | None:
        """The first entry of whose words, and at least one of its core words, the whole key is composed."""
        if not self._letters.issuperset(key):
            return None
        return next((e.name for e in self._composed if e.composes(key) and self._allows(e.name, key)), None)

    def holds(self, key: str) -> str | None:
        """The entry that has a core word in the key: 具体完成情况综述 holds 完成情况; of several the one held last."""
        held = {e.name: max(key.rfind(word) for word in e.core) for e in self._entries if e.core}
        held = {name: at for name, at in held.items() if at >= 0 and self._allows(name, key)}
        return max(held, key=lambda name: held[name]) if held else None

    def words(self) -> dict[str, list[str]]:
        """The exact words of each entry."""
        by_name: dict[str, list[str]] = {}
        for word, name in self._exact.items():
            by_name.setdefault(name, []).append(word)
        return by_name

    def _allows(self, name: str, key: str) -> bool:
        return not any(word in key for word in self._unless.get(name, ()))


_LOOKED_UP = (
    "header", "goal", "amount", "measure", "source", "sentence", "total", "list", "section", "attribute", "indicator",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All groups of the shipped files."""

    header: Group
    goal: Group
    measure: Group
    amount: Group
    source: Group
    sentence: Group
    indicator: Group
    stage: Group
    payer: Group
    total: Group
    list: Group
    section: Group
    attribute: Group

    @property
    def groups(self) -> dict[str, Group]:
        """The groups by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def role(self, text: str) -> Role | None:
        """(group, name) of a label wherever it may stand, the more telling group first; None for any other text."""
        return _role(text) if len(text) <= _TEXT_LENGTH else None

    def column_header(self, key: str) -> str | None:
        """The column that a header of an indicator table names; the name of a section (绩效指标完成情况) is none."""
        return _column_header(key)

    def printed(self, text: str) -> bool:
        """Whether a label stands in the vocabulary word for word, not only composed of its words."""
        key = label_key(text)
        return any(group.exact(key) for group in self.groups.values())


_taught: dict[str, Role] = {}


def taught() -> Mapping[str, Role]:
    """What people taught, by look-up key."""
    return _taught


def teach(roles: Mapping[str, Role]) -> None:
    """Put words that people taught over the vocabulary, in place of earlier ones; what was looked up is forgotten."""
    _taught.clear()
    _taught.update(roles)
    for remembered in (vocabulary, _column_header, _role, _groups):
        remembered.cache_clear()


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary shipped with the reader, with the words that people taught."""
    own = {group: {key: role[1] for key, role in _taught.items() if role[0] == group} for group in shipped()}
    return Vocabulary(**{name: Group(entries, own[name]) for name, entries in shipped().items()})


@cache
def shipped() -> dict[str, Any]:
    """The groups as the TOML files beside this module have them; `stage` is the words of columns for a second row.

    `payer` is the words of sources beside a label of money (市：12.3).
    """
    files = sorted(Path(__file__).parent.glob("*.toml"))
    groups = {name: group for file in files for name, group in tomllib.loads(file.read_text("utf-8")).items()}
    return groups | {"stage": _under(groups["indicator"]), "payer": _under(groups["source"])}


def _under(group: dict[str, Any]) -> dict[str, Any]:
    """The words of a group that count only where something above or before them says what they are about."""
    return {name: {"is": block["under"]} for name, block in group.items() if "under" in block}


@lru_cache(maxsize=8_192)
def _column_header(key: str) -> str | None:
    words = vocabulary()
    return words.indicator.exact(key) or (None if words.section.exact(key) else words.indicator.find(key))


@lru_cache(maxsize=16_384)
def _role(text: str) -> Role | None:
    for key in (label_key(text), *_with_alternative(text)):
        if role := _role_of_key(key):
            return role
    return None


def _with_alternative(text: str) -> list[str]:
    """What a label says that has another word in brackets in its middle: 转移（项目）名称 is 项目名称, too."""
    m = _ALTERNATIVE.fullmatch(bare_text(text).rstrip(":"))
    return [label_key(m["other"] + m["rest"]), label_key(m["word"] + m["other"] + m["rest"])] if m else []


def _role_of_key(key: str) -> Role | None:
    if not key or len(key) > LABEL_LENGTH:
        return None
    groups = _groups()
    if (known := _taught.get(key)) is not None:
        return known
    for group, words in groups:
        if name := words.exact(key):
            return group, name
    for group, words in groups:
        if name := words.composed(key):
            return group, name
    return None


@cache
def _groups() -> list[tuple[str, Group]]:
    groups = vocabulary().groups
    return [(name, groups[name]) for name in _LOOKED_UP]
