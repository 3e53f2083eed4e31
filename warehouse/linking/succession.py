"""Whether one unit may have followed another: renamed in a reform, misspelt, or taken over.

Here: what the names, codes and years of two units allow. Not here: which of their projects are one.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from warehouse.linking.features import FormFacts
from warehouse.linking.unit_names import numerous, renamed, spelling

PairT = TypeVar("PairT")

REASONS = {
    "known": "单位已由编码或人工认定前后相承",
    "code": "单位编码相同、名称变更",
    "spelling": "单位名称疑为笔误",
    "renamed": "单位更名",
    "other": "单位前后相承（机构改革）",
}


@dataclass(frozen=True, slots=True)
class Succession(Generic[PairT]):
    """A unit of one year and a unit of a later year that may have followed it, with the pairs of their forms.

    `established`: the forms bear it out; `strength`: by how many pairs.
    """

    a: FormFacts
    b: FormFacts
    relation: str
    established: bool
    strength: int
    pairs: list[PairT]

    @property
    def rank(self) -> tuple[bool, bool, int, str, str]:
        """Sorts the best borne out first."""
        return not self.established, self.relation == "other", -self.strength, self.a.unit, self.b.unit

    @property
    def reason(self) -> str:
        return f"{REASONS[self.relation]}（{self.a.unit_name.bare}→{self.b.unit_name.bare}）"


def follows(a: FormFacts, b: FormFacts, gone: bool, known: bool, ratio: float) -> str:
    """How the unit of `b` may be that of the elder form `a`: a key of REASONS, or '' if it may not.

    `gone`: neither unit has forms in the other's year; `known`: a code or a person has linked forms of the two.
    Units of one district only; an organ and a unit below it, or numbered units, are never one.
    """
    left, right = a.unit_name, b.unit_name
    if known and gone:
        return "known"
    if a.unit_printed != b.unit_printed or not _one_place(a, b):
        return ""
    many = numerous(left) or numerous(right)
    how = spelling(left, right, ratio, alive=not gone)
    if how == "slip" and (not many or (gone and a.department == b.department)):
        return "spelling"
    if how == "typo" and gone and not many and len(left.bare) >= 5:
        return "spelling"
    if not gone or left.below != right.below:
        return ""
    if a.unit_code and a.unit_code == b.unit_code:
        return "code"
    if many:
        return ""
    return "renamed" if renamed(left, right) else "other"


def _one_place(a: FormFacts, b: FormFacts) -> bool:
    """Districts of one name are one place if the city above or the region code is the same."""
    above, other = a.unit_name.prefix, b.unit_name.prefix
    return above == other if above and other else a.region == b.region
