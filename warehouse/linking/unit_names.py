"""What a unit's name says: its place, the organ, the unit below it; and when two names are spellings of one.

Here: reading and comparing single names. Not here: how units follow each other (kinship), evidence, frames.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Levenshtein

from warehouse.linking.project_names import bare_name
from warehouse.linking.vocabulary import variants, vocabulary

_NOT = "省市区县旗盟局委厅部校院所"
_PROVINCE = re.compile(r"^(?:[^省市区县局委厅部]{2,3}省|.{2,8}?(?:自治区|特别行政区))")
_CITY = re.compile(rf"^(?:[^{_NOT}]{{1,6}}市|[^{_NOT}]{{1,8}}(?:自治州|地区|盟))")
_COUNTY = re.compile(rf"^(?:市中区|[^{_NOT}]{{1,7}}(?:区|县|旗|市))")
_NOISE = re.compile(r"[\W_]+")
_CODE_AROUND = re.compile(r"^\d{3,9}[-—_]*|[-—_]*\d{3,9}$")


@dataclass(frozen=True, slots=True)
class UnitName:
    """One unit name, read: 广东省滨海市云岭区应急局监测站 is prefix 滨海市, place 云岭区, organ 应急局, below 监测站.

    `prefix` is the level above the place (the city, else the province), `bare` is the name without its places.
    """

    prefix: str
    place: str
    organ: str
    below: str

    @property
    def bare(self) -> str:
        return self.organ + self.below


@lru_cache(maxsize=1_000_000)  # asked for again at every step: one that is too small for all names is of no use
def unit_name(text: str) -> UnitName:
    """Read a unit's name as printed: 中共, （本级） and punctuation are dropped, the places taken off the front."""
    words = vocabulary()
    name = words.own_level.sub("", _without_second_name(bare_name(text).translate(variants())))
    name = _NOISE.sub("", words.dropped.sub("", _CODE_AROUND.sub("", name)))
    for short, full in words.short:
        name = name.replace(short, full)
    first = words.before_place.match(name)
    if first:
        name = name[first.end() :]
    name = words.autonomous.sub("", name, count=1) if "自治" in name else name
    levels = []
    for pattern in (_PROVINCE, _CITY, _COUNTY):
        match = pattern.match(name)
        if match and len(match[0]) < len(name) and _is_place(match[0]):
            levels.append(match[0])
            name = name[match.end() :]
    name = (first[0] if first else "") + (words.own_level.sub("", name) or name)
    organ = words.organ.match(name)
    cut = organ.end() if organ else len(name)
    place = levels[-1] if levels else ""
    return UnitName(levels[-2] if len(levels) > 1 else "", place, name[:cut], name[cut:])


def _without_second_name(text: str) -> str:
    """The name before a second one of the like in brackets, with the same place: X市第二医院(X市老年病医院)."""
    first, opened, second = text.partition("(")
    if not opened or not second.endswith(f"{first[-1:]})") or "(" in second:
        return text
    place = _COUNTY.match(first) or _CITY.match(first)
    begins = (
        place and second.startswith(place[0]) and len(second) > len(place[0]) + 3 and len(first) > len(place[0]) + 2
    )
    return first if begins else text


def _is_place(match: str) -> bool:
    words = vocabulary()
    return not match.endswith(words.not_places) and match not in words.not_places_alone


def spelling(a: UnitName, b: UnitName, ratio: float = 90.0, *, alive: bool = True) -> str:
    """How two names of one place may be spellings of one unit: 'same', 'slip', 'typo' or '' (two names).

    A slip is one character missing, doubled, exchanged with its neighbour or confusable with another; a typo is
    any other single character. Telling characters (numbers, directions, 站, 所) and differences at the end that
    make a unit below the organ are never a slip. `ratio`: the least fuzz.ratio of place and name, in percent.
    `alive`: both names may be in use at one time; otherwise a lost 中 or 局 is a slip too, a lost 二 is not.
    """
    left, right = a.bare, b.bare
    if left == right:
        return "same"
    if OSA.distance(left, right, score_cutoff=1) > 1 or fuzz.ratio(a.place + left, b.place + right) < ratio:
        return ""
    words = vocabulary()
    lost, gained = _difference(left, right)
    if any(c in words.numbering for c in lost + gained) or left.startswith(right) or right.startswith(left):
        return ""
    if (lost, gained) in words.confusable:
        return "slip"
    if alive and any(c in words.levels for c in lost + gained):
        return ""
    return "typo" if lost and gained else "slip"


def near_names(names: Iterable[tuple[str, str]]) -> set[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of (place, bare name) in one place that agree when a character of one or of each is left out."""
    of_place: dict[str, set[str]] = defaultdict(set)
    for place, bare in names:
        of_place[place].add(bare)
    return {
        ((place, a), (place, b))
        for place, bares in of_place.items()
        for bucket in _alike(bares)
        for a, b in combinations(sorted(bucket), 2)
    }


def _alike(bares: set[str]) -> Iterator[set[str]]:
    """The names that agree when at most one character of each is left out, by what they agree in."""
    lengths = {len(bare) for bare in bares}
    if len(lengths) == len(bares) and not any(length + 1 in lengths for length in lengths):
        return
    buckets: dict[str, set[str]] = defaultdict(set)
    for bare in bares:
        for form in {bare, *(bare[:i] + bare[i + 1 :] for i in range(len(bare)))}:
            buckets[form].add(bare)
    yield from (bucket for bucket in buckets.values() if len(bucket) > 1)


def numerous(name: UnitName) -> bool:
    """Whether the unit is of a kind (school, village, clinic) of which a department has many of like name."""
    return any(word in name.bare for word in vocabulary().numerous)


def _difference(a: str, b: str) -> tuple[str, str]:
    """The characters that one of two names one edit apart has and the other has not (an exchange: the moved one)."""
    ops = list(Levenshtein.opcodes(a, b))
    changes = [(a[op.src_start : op.src_end], b[op.dest_start : op.dest_end]) for op in ops if op.tag != "equal"]
    if len(changes) == 2:
        return changes[0][0] or changes[1][0], ""
    return changes[0]
