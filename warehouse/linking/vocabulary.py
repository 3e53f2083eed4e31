"""The words by which names are compared, read from vocabulary.toml.

Here: loading and compiling the lists. Not here: what the comparison does with them.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

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
    not_a_mark: re.Pattern[str]
    marks: tuple[MarkGroup, ...]
    ordinal: re.Pattern[str]
    dropped: re.Pattern[str]
    own_level: re.Pattern[str]
    before_place: re.Pattern[str]
    not_places: tuple[str, ...]
    not_places_alone: tuple[str, ...]
    organ: re.Pattern[str]
    colourless: re.Pattern[str]
    reforms: tuple[tuple[str, str], ...]
    numbering: frozenset[str]
    levels: frozenset[str]
    numerous: tuple[str, ...]
    confusable: frozenset[tuple[str, str]]


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
        project_colourless=re.compile(_any_of(project["colourless"])),
        synonyms=synonyms,
        synonym=re.compile(_any_of(list(synonyms))),
        not_a_mark=re.compile(_any_of(project["not_a_mark"])),
        marks=tuple(MarkGroup(g["name"], g["mode"] == "differ", _longest_first(g["words"])) for g in data["mark"]),
        ordinal=re.compile(rf"第([{NUMERALS}]+)({units})?|([{NUMERALS}]+)({units})|[(]([{NUMERALS}]+)[)]"),
        dropped=re.compile(_any_of(unit["dropped"])),
        own_level=re.compile(rf"[(](?:{own})[)]$|(?:本级|本部)$|(?<=[局委部厅办])机关$"),
        before_place=re.compile(rf"^({_any_of(unit['before_place'])})"),
        not_places=tuple(unit["not_places"]),
        not_places_alone=tuple(unit["not_places_alone"]),
        # 区委组织部 is the organ 组织部 of a 区委, and 干部 is no organ
        organ=re.compile(
            rf"^.+?(?:{_any_of(unit['organs'])}|委(?![员会]))(?<!干部)(?<![区县市州旗镇乡]委)(?<!学院)(?<!医院)"
        ),
        colourless=re.compile(_any_of(unit["colourless"])),
        reforms=tuple((old, new) for old, new in unit["reforms"]),
        numbering=frozenset(unit["numbering"]),
        levels=frozenset(unit["levels"]),
        numerous=tuple(unit["numerous"]),
        confusable=frozenset(pairs),
    )
