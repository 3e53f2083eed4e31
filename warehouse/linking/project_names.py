"""What two project names have in common: the normalised name and the marks that tell siblings apart.

Here: normal forms and marks of one name. Not here: units, scores, series.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from warehouse.linking.vocabulary import generic_words, variants, vocabulary

DEPARTMENT_FORM = "部门整体支出"
_YEAR = re.compile(
    r"(?:19|20)\d\d(?:[-~—至到](?:(?:19|20)\d\d|\d\d(?=年|学年)))?(?:学年度?|年度?)|^[12]\d年度?"
    r"|(?<!\d)20[1-3]\d(?![\d级届米元人户个])|二[〇○零]二?[一二三四五六七八九〇○零]{1,2}年度?"
)
_OF_YEARS = re.compile(r"[\d〇○零]")
_NOISE = re.compile(r"[\W_]+")
_NUMBERING = re.compile(r"^(?:指标)?\d+[:.、]")
_TOKEN = re.compile(r"[A-Z]+|\d+(?:\.\d+)?")
_LAST_NUMERAL = re.compile(r"(?<=[^第统万专唯划])([一二三四五六七八九十]|[IVX]{1,3})$")
_CODE_BEFORE = re.compile(r"^[0-9A-Z]{15,24}[-—_ ]*")
_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")}
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10}


class ProjectName(NamedTuple):
    """One project name, read.

    `dated`: folded to NFKC without white space; `printed`: without years, too; `plain`: also without punctuation,
    little words and endings such as 工作经费; `canonical`: `plain` with synonyms folded; `marks`: (group, mark) pairs;
    `year`: the one year that the name prints, 0 for none or several; `generic`: the kinds of generic project
    it is, none for another.
    """

    dated: str
    printed: str
    plain: str
    canonical: str
    marks: frozenset[tuple[str, str]]
    year: int = 0
    generic: frozenset[str] = frozenset()

    @property
    def one_thing(self) -> str:
        """The kinds of which a unit has one project only whatever its name says, '' if it is of another kind, too."""
        return "、".join(sorted(self.generic)) if self.generic <= generic_words().one_thing else ""


def bare_name(text: object) -> str:
    """`text` in NFKC without white space; empty for None and NaN."""
    if not isinstance(text, str):
        return ""
    return "".join((text if text.isascii() else unicodedata.normalize("NFKC", text)).split())


def number(text: str) -> str:
    """A Chinese, Roman or Arabic numeral up to 99 in Arabic digits; other text as it is."""
    if text.isdigit():
        return str(int(text))
    if text in _ROMAN:
        return str(_ROMAN[text])
    if "十" in text:
        tens, _, ones = text.partition("十")
        if (not tens or tens in _DIGIT) and (not ones or ones in _DIGIT):
            return str(_DIGIT.get(tens, 1) * 10 + _DIGIT.get(ones, 0))
    return str(_DIGIT[text]) if text in _DIGIT else text


@lru_cache(maxsize=200_000)
def project_name(text: str) -> ProjectName:
    """Read a project's name as printed. A year is no part of any of the four readings.

    The normal form is that of the linkage recipe: NFKC, without quotes, brackets, punctuation, 和, years and
    trailing 经费/工作经费/专项经费/业务经费/项目/专项.
    """
    words = vocabulary()
    dated = _CODE_BEFORE.sub("", bare_name(text).translate(variants()).upper())
    printed = _without_years(dated).replace("()", "")
    numbered = words.ordinal.sub(_ordinal, printed)
    plain = _NOISE.sub("", words.fillers.sub("", _NOISE.sub("", numbered)))
    plain = _without_endings(plain)
    canonical = words.synonym.sub(lambda m: words.synonyms[m[0]], plain)
    return ProjectName(dated, printed, plain, canonical, _marks(printed, canonical), _year(dated), _generic(plain))


def project_of(name: object, kind: str, unit: str, department: str) -> ProjectName:
    """The name of a form's project, without the unit's name before it (某局档案数字化加工), if enough is left."""
    printed = name if isinstance(name, str) else ""
    if not printed and kind == "department":
        printed = DEPARTMENT_FORM
    for owner in (unit, department):
        if owner and printed.startswith(owner) and len(printed) - len(owner) >= 4:
            printed = printed[len(owner) :].lstrip("-—_－ ")
            break
    read = project_name(printed)
    words = vocabulary()
    if "本" in read.dated and (words.own_level.search(unit) or unit == department):
        # before the name of the department itself; after it it may be the level of a fund, whose mark stays anyway
        rest = words.own_level_before.sub("", read.dated)
        if rest != read.dated and len(rest) >= 4:
            return project_name(rest)._replace(dated=read.dated, marks=read.marks)
    return read


def differing_marks(a: frozenset[tuple[str, str]], b: frozenset[tuple[str, str]]) -> list[str]:
    """The groups in which two names bear marks that belong to different projects, with the marks; empty if none."""
    if a == b:
        return []
    found = []
    differing = {group.name: group.differ for group in vocabulary().marks}
    for name in sorted({group for group, _ in a ^ b}):
        left = {mark for group, mark in a if group == name}
        right = {mark for group, mark in b if group == name}
        if differing.get(name, True) or not (left <= right or right <= left):
            found.append(f"{name}：{'、'.join(sorted(left)) or '无'}／{'、'.join(sorted(right)) or '无'}")
    return found


def is_sibling(a: frozenset[tuple[str, str]], b: frozenset[tuple[str, str]]) -> bool:
    """Whether two names bear other numbers, seasons or the like: phases and lots, of which none turns into another."""
    strict = {group.name for group in vocabulary().marks if not group.differ}
    return any(group not in strict for group, _ in a ^ b)


def indicator_name(text: object) -> str:
    """An indicator's name for comparison: NFKC, without numbering, years and punctuation; empty if nothing is left."""
    return _NOISE.sub("", _without_years(_NUMBERING.sub("", bare_name(text))))


def _without_years(text: str) -> str:
    return _YEAR.sub("", text) if _OF_YEARS.search(text) else text  # most texts have none


def _year(dated: str) -> int:
    """The one year that a name prints, 0 for none, several or a span."""
    found = _YEAR.findall(dated) if _OF_YEARS.search(dated) else []
    if len(found) != 1:
        return 0
    digits = "".join(
        str(_DIGIT.get("零" if c in "〇○" else c, c)) for c in found[0] if c.isdigit() or c in "〇○" or c in _DIGIT
    )
    if len(digits) == 2:
        digits = f"20{digits}"
    return int(digits) if len(digits) == 4 else 0


def _generic(plain: str) -> frozenset[str]:
    """The kinds of generic project that a name is made of; none if anything else stands in it."""
    words = generic_words()
    if not words.characters.issuperset(plain):
        return frozenset()
    kinds, left = set(), plain
    for kind, word in words.kinds:
        shorter = word.sub("", left)
        if shorter != left:
            kinds.add(kind)
            left = shorter
    if words.filling.sub("", left):
        return frozenset()
    return frozenset(kinds or {"专项业务"})


def _ordinal(match: re.Match[str]) -> str:
    bare, unit, before, unit_alone, bracketed = match.groups()
    return number(bare or before or bracketed) + (unit or unit_alone or "")


def _without_endings(text: str) -> str:
    """Cut the endings; a name that consists of nothing else keeps two characters at least (公用经费 -> 公用)."""
    endings = vocabulary().endings
    if not text.endswith(endings):
        return text
    while ending := next((e for e in filter(text.endswith, endings) if len(text) - len(e) >= 2), ""):
        text = text.removesuffix(ending)
    return text


def _marks(printed: str, canonical: str) -> frozenset[tuple[str, str]]:
    words = vocabulary()
    marks = set()
    rest = words.not_a_mark.sub("", canonical)
    for group in words.marks if words.any_mark.search(rest) else ():
        left = rest
        for word in filter(rest.__contains__, group.words):
            if word in left:  # the longer word came first, so that 离退休 is not read as 退休
                marks.add((group.name, word))
                left = left.replace(word, " ")
    marks.update(("序号", _ordinal(match)) for match in words.ordinal.finditer(printed))
    others = words.ordinal.sub(" ", printed)
    marks.update(("序号", number(token)) for token in _TOKEN.findall(others))
    last = _LAST_NUMERAL.search(_NOISE.sub("", others))
    if last:
        marks.add(("序号", number(last[1])))
    return frozenset(marks)
