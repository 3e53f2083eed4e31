"""The words by which names are compared, read from the TOML files beside this one.

Here: loading and compiling the lists. Not here: what the comparison does with them.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

NUMERALS = "一二三四五六七八九十百0123456789IVX"


@dataclass(frozen=True)
class MarkGroup:
    """A group of words that tell projects apart, the longer first; `differ`: a missing word counts as well."""

    name: str
    differ: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The compiled lists of vocabulary.toml, under the names they have there."""

    endings: tuple[str, ...]
    fillers: re.Pattern[str]
    project_colourless: re.Pattern[str]
    synonyms: dict[str, str]
    synonym: re.Pattern[str]
    built: tuple[str, ...]
    kept_up: tuple[str, ...]
    by_batch: tuple[str, ...]
    batches: tuple[str, ...]
    not_a_mark: re.Pattern[str]
    not_own_level: tuple[str, ...]
    marks: tuple[MarkGroup, ...]
    any_mark: re.Pattern[str]
    ordinal: re.Pattern[str]
    dropped: re.Pattern[str]
    short: tuple[tuple[str, str], ...]
    own_level: re.Pattern[str]
    own_level_before: re.Pattern[str]
    before_place: re.Pattern[str]
    autonomous: re.Pattern[str]
    not_a_level: tuple[str, ...]
    not_places: tuple[str, ...]
    not_places_alone: tuple[str, ...]
    organ: re.Pattern[str]
    colourless: re.Pattern[str]
    numbering: frozenset[str]
    levels: frozenset[str]
    numerous: tuple[str, ...]
    confusable: frozenset[tuple[str, str]]

    @property
    def telling(self) -> frozenset[str]:
        """The single characters that make another unit or project of a name."""
        return self.numbering | self.levels


@dataclass(frozen=True)
class Generic:
    """The words of generic.toml: `filling` says nothing, `kinds` what a project is for, `one_thing` which are one.

    `characters`: all that these words are made of.
    """

    characters: frozenset[str]
    filling: re.Pattern[str]
    kinds: tuple[tuple[str, re.Pattern[str]], ...]
    one_thing: frozenset[str]


@dataclass(frozen=True)
class Reforms:
    """What reforms.toml says: (old duty, new duty) -> (first year, source), of units renamed and of parts merged."""

    renamed: dict[tuple[str, str], tuple[int, str]]
    merged: dict[tuple[str, str], tuple[int, str]]
    words: dict[tuple[str, str], tuple[int, str]]  # in the names of projects
    colourless: re.Pattern[str]
    ranks: tuple[tuple[str, str], ...]  # (ending, rank), the longest ending first
    matters: frozenset[str]


def _longest_first(words: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words), key=lambda w: (-len(w), w)))


def _any_of(words: list[str]) -> str:
    return "|".join(map(re.escape, _longest_first(words)))


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with the package, read once."""
    data = tomllib.loads(resources.files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))
    project, unit = data["project_name"], data["unit_name"]
    synonyms = {word: line[0] for line in project["synonyms"] for word in line}
    pairs = {(a, b) for group in unit["confusable"] for a in group for b in group if a != b}
    units, own = _any_of(data["ordinal"]["units"]), _any_of(unit["own_level"])
    return Vocabulary(
        endings=_longest_first(project["endings"]),
        fillers=re.compile(_any_of(project["fillers"])),
        project_colourless=re.compile(rf"(?!{_any_of(project['of_weight'])})(?:{_any_of(project['colourless'])})"),
        synonyms=synonyms,
        synonym=re.compile(rf"(?:{_any_of(list(synonyms))})(?!(?<=财政)[局厅部所])"),  # 县财政局 is no fund of the 县
        built=tuple(project["built"]),
        kept_up=tuple(project["kept_up"]),
        by_batch=tuple(project["by_batch"]),
        batches=tuple(project["batches"]),
        not_a_mark=re.compile(_any_of(project["not_a_mark"])),
        not_own_level=tuple(project["not_own_level"]),
        marks=tuple(MarkGroup(g["name"], g["mode"] == "differ", _longest_first(g["words"])) for g in data["mark"]),
        any_mark=re.compile(_any_of([word for group in data["mark"] for word in group["words"]])),
        ordinal=re.compile(rf"第([{NUMERALS}]+)({units})?|([{NUMERALS}]+)({units})|[(]([{NUMERALS}]+)[)]"),
        dropped=re.compile(_any_of(unit["dropped"])),
        short=tuple((short, full) for short, full in unit["short"]),
        own_level_before=re.compile(rf"^[(](?:{own})[)]"),
        own_level=re.compile(rf"[(](?:{own})[)]$|(?:本级|本部)$|(?<=[局委部厅办])机关$"),
        before_place=re.compile(rf"^({_any_of(unit['before_place'])})"),
        # 通道侗族自治县 is 通道县; 东乡族自治县, which has no name beside that of the nation, stays
        autonomous=re.compile(rf"(?<=[^省市区州盟]{{2}})(?:(?:{_any_of(unit['nations'])})族?)+自治(?=[县旗])"),
        not_a_level=tuple(unit["not_a_level"]),
        not_places=tuple(unit["not_places"]),
        not_places_alone=tuple(unit["not_places_alone"]),
        # 区委组织部 is the organ 组织部 of a 区委, and 干部 is no organ
        organ=re.compile(
            rf"^.+?(?:{_any_of(unit['organs'])}|委(?![员会]))(?<!干部)(?<![区县市州旗镇乡]委)(?<!学院)(?<!医院)"
        ),
        colourless=re.compile(_any_of(unit["colourless"])),
        numbering=frozenset(unit["numbering"]),
        levels=frozenset(unit["levels"]),
        numerous=tuple(unit["numerous"]),
        confusable=frozenset(pairs),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))


@cache
def variants() -> dict[int, str]:
    """Each other shape of a character with the shape it is read as, for str.translate."""
    return {ord(pair[0]): pair[1] for pair in _read("variants.toml")["pairs"].split()}


@cache
def generic_words() -> Generic:
    """The words of the projects that nearly every unit has."""
    data = _read("generic.toml")
    kinds = tuple((kind, re.compile(_any_of(words))) for kind, words in data["kind"].items())
    characters = frozenset("".join([*data["filling"], *(word for words in data["kind"].values() for word in words)]))
    return Generic(characters, re.compile(_any_of(data["filling"])), kinds, frozenset(data["one_thing"]))


@cache
def reforms() -> Reforms:
    """How organs of government followed one another."""
    data = _read("reforms.toml")
    renamed: dict[tuple[str, str], tuple[int, str]] = {}
    merged: dict[tuple[str, str], tuple[int, str]] = {}
    words: dict[tuple[str, str], tuple[int, str]] = {}
    for reform in data["reform"]:
        since = reform["year"], reform["source"]
        for old, new in reform.get("renamed", []):
            renamed[old, new] = since
        for parts, new in reform.get("merged", []):
            merged.update({(old, new): since for old in parts})
        words.update(dict.fromkeys(map(tuple, reform.get("words", [])), since))
    duty = data["duty"]
    ranks = [(ending, rank) for rank, endings in duty["rank"].items() for ending in endings]
    ranks.sort(key=lambda r: (-len(r[0]), r[0]))
    return Reforms(
        renamed, merged, words, re.compile(_any_of(duty["colourless"])), tuple(ranks), frozenset(duty["matters"])
    )


@cache
def place_changes() -> dict[tuple[str, str], int]:
    """The districts that changed their kind: (old name, new name) -> year."""
    data = _read("places.toml")
    named = {(old, new): year for year, _, old, _, new in data["codes"] if old != new}
    return named | {(old, new): year for year, old, new in data["changes"]}


@cache
def code_changes() -> dict[tuple[str, str], tuple[str, str]]:
    """The districts that got another code: (code, name) after -> (code, name) before."""
    return {(code, name): (old, was) for _, old, was, code, name in _read("places.toml")["codes"]}


@cache
def first_codes() -> dict[str, str]:
    """The first code of each district that got another, by the later ones."""
    before = {code: old for (code, _), (old, _) in code_changes().items() if code != old}
    found = {}
    for code in before:
        first, seen = code, {code}
        while (first := before.get(first, first)) not in seen:
            seen.add(first)
        found[code] = first
    return found
