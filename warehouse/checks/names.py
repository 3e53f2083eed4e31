"""Names of projects, indicators and units, compared: which say the same, which are of two things.

Here: two names -> whether they are of one thing. Not here: which names of the warehouse are compared (texts, clauses).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from warehouse.checks.vocabulary import threshold, words

_STEM = re.compile(
    r"(?:(?:19|20)\d\d(?:年度?)?)?(?P<stem>.*?)(?:项目)?(?:(?:财政)?(?:补助|专项)资金)?(?:区域)?(?:项目)?(?:支出)?(?:预算)?(?:绩效)?(?:目标)?"
    r"(?:运行)?(?:自评|自我评价|评价|目标|监控|完成情况|申报).{0,12}表.*"
)
_YEAR = re.compile(r"(?:19|20)\d\d年?度?")
_NOISE = re.compile(r"[\W_]+")
_NUMERAL = re.compile(r"[\d一二三四五六七八九十A-Za-z]+")


def title_stem(title: str) -> str:
    """The project's name as a title gives it (公共图书购置项目支出绩效自评表: 公共图书购置), or an empty text."""
    match = _STEM.fullmatch("".join(unicodedata.normalize("NFKC", title).split()))
    return match["stem"] if match else ""


def bare_name(name: str) -> str:
    """A project's name without years, punctuation and endings such as 经费 and 项目."""
    name = key_of(name)
    endings = words("name_ending")
    while True:
        ending = next((e for e in endings if name.endswith(e) and len(name) - len(e) >= 2), None)
        if ending is None:
            return name
        name = name.removesuffix(ending)


def are_numbered(name: str, other: str) -> bool:
    """Whether two names differ in their numerals only (快检次数（第2批）, 快检次数（第4批）): two parts, not one."""
    return _NUMERAL.sub("", name) == _NUMERAL.sub("", other)


def say_the_same(name: str, other: str) -> bool:
    """Whether two like names are of one thing: what they differ in says nothing (图书购置册数, 图书购置数量).

    Antonyms and other nouns (开工率 and 完工率, 走访次数 and 走访时间) are two things, however alike the names are.
    """
    return key_without_noise(name) == key_without_noise(other)


def are_turned(name: str, other: str) -> bool:
    """Whether one name is the other with its words in another order.

    The last word but the noise in front (校车线路开通数, 开通校车线路数), or two words before the last:
    新增城镇就业人数, 城镇新增就业人数. A 的 between them says nothing.
    """
    name, other = name.replace("的", ""), other.replace("的", "")
    if len(name) != len(other) or name == other or sorted(name) != sorted(other):
        return False
    a, b = _turned_stem(name), _turned_stem(other)
    if len(a) < 5 or a == b:
        return False
    same_end = a[-2:] == b[-2:] and sorted(_pairs(a)) == sorted(_pairs(b))
    return same_end or any(a[n:] + a[:n] == b for n in (2, len(a) - 2))


def _pairs(text: str) -> list[str]:
    return [text[n : n + 2] for n in range(0, len(text), 2)]


def _turned_stem(name: str) -> str:
    return re.sub(f"(?:{'|'.join(words('count_end'))}|数|量)$", "", name)


@lru_cache(maxsize=100_000)
def key_without_noise(name: str) -> str:
    """What of a name is compared, without words that say nothing of the thing (数量, 情况)."""
    key = key_of(name)
    for word in words("duplicate_noise"):
        key = key.replace(word, "")
    return key or key_of(name)


def is_variant(name: str, official: str) -> bool:
    """Whether a unit's name is the official one with a character or two lost, not the name of a sibling unit."""
    if name == official or fuzz.ratio(name, official) < threshold("name_variant_ratio"):
        return False
    changed = ""
    for op in Indel.editops(name, official):
        changed += name[op.src_pos] if op.tag == "delete" else official[op.dest_pos]
    return len(changed) <= 2 and not set(changed) & set(words("numbering"))


def key_of(name: str) -> str:
    """What of a name is compared: no years, no punctuation, one width."""
    return _NOISE.sub("", _YEAR.sub("", unicodedata.normalize("NFKC", name)))
