"""Whether the name of one organ may be that of another before or after a reform.

Here: ranks, duties and the list of reforms, over two names. Not here: years, codes and projects of units (lineage).
"""

import re
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from warehouse.linking.unit_names import UnitName
from warehouse.linking.vocabulary import reforms, vocabulary

_NUMERALS = re.compile("[一二三四五六七八九十0-9]+")
RENAMED = {
    "duty": "职责相同",
    "town": "镇、乡、街道改制",
    "reform": "机构改革中更名",
    "grown": "名称增减、职责相承",
}
"""How a unit may go on under another name, the surest first."""
MERGED = {"part": "机构改革中并入", "grown_by": "名称包含另一单位的职责"}
"""How a unit may go on as a part of another."""
OFFERED = {"below": "名称相同，前者或后者名称带有上级单位"}
"""How a unit may go on, for a person to say."""


@lru_cache(maxsize=100_000)
def duty(organ: str) -> tuple[str, str]:
    """The matter an organ is for, without words of manner, and its rank: 环境卫生管理处 is (环境卫生, institution)."""
    words = reforms()
    for ending, rank in words.ranks:
        if organ.endswith(ending) and len(organ) > len(ending):
            stem = organ[: -len(ending)]
            if rank in ("township", "school"):
                return stem, rank
            return words.colourless.sub("", stem) or stem, rank
    return words.colourless.sub("", organ) or organ, ""


def kinship(a: UnitName, b: UnitName, year: int) -> str:
    """How the organ named `b` may follow the one named `a` in `year`: a key of RENAMED, MERGED or OFFERED.

    '' if it may not.

    Organs of one place. A bureau never becomes a centre or a station, numbered units never each other, and a school
    only itself. A name that takes in the matter of another bureau is that of a merged unit, unless the list of
    reforms says that such a unit only got a longer name.
    """
    if a.below != b.below:
        named_alike = (a.below or a.organ) == (b.below or b.organ) and not (a.below and b.below)
        return "below" if named_alike and duty(a.below or a.organ)[1] == "institution" else ""
    (old, rank), (new, other) = duty(a.organ), duty(b.organ)
    if rank != other or rank == "school" or _NUMERALS.findall(old) != _NUMERALS.findall(new):
        return ""
    if old == new:
        return "duty" if rank != "township" or _manner(a.organ) == _manner(b.organ) else "town"
    if rank == "township" or min(len(old), len(new)) < 2:
        return ""
    words = reforms()
    for listed, how in ((words.renamed, "reform"), (words.merged, "part")):
        if (old, new) in listed and year >= listed[old, new][0]:
            return how
    if (new, old) in words.renamed or (new, old) in words.merged:
        return ""  # the list knows the way, and it is the other one
    shorter, longer = sorted((old, new), key=len)
    if LCSseq.similarity(shorter, longer) != len(shorter):
        return ""
    if shorter in longer and any(matter in longer.replace(shorter, " ", 1) for matter in words.matters):
        return "grown_by" if shorter == old else ""
    return "grown"


def is_single(name: UnitName) -> bool:
    """Whether a place has one unit of this matter at a time; of schools and the like it has many."""
    return rank(name) != "school"


def rank(name: UnitName) -> str:
    """The rank of the unit, that of the unit below where the name goes on so: 教育局监测站 is an institution."""
    return duty(name.below or name.organ)[1]


def twins(a: UnitName, b: UnitName) -> bool:
    """Whether two names differ in a number or a direction only, or have another number each: units side by side."""
    numbering = vocabulary().numbering
    old, new = ("".join(c for c in name.bare if c not in numbering) for name in (a, b))
    numbers = [_NUMERALS.findall(name.bare) for name in (a, b)]
    return old == new or (all(numbers) and numbers[0] != numbers[1])


def _manner(organ: str) -> str:
    return "street" if "街道" in organ else "town"
