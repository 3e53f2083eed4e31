"""What of a form is the whole project's, beside the year's.

Here: labels of goals and of total amounts, two of which stand in one row. Not here: what becomes of their values.
"""

from __future__ import annotations

import re
from itertools import pairwise

from extractors.layout.rows import PlacedCell, Row
from extractors.vocabulary import Role

_OF_THE_YEAR = re.compile("年度|当年|本年|全年|年初")
_TOTAL = re.compile("(?:资金|金额|预算|投资|经费).*总|总.*(?:资金|金额|预算|投资|经费)")
OF_THE_WHOLE: Role = ("amount", "longterm")
OF_THE_YEAR: Role = ("amount", "initial_yuan")


def beside_the_years(labels: list[PlacedCell]) -> list[PlacedCell]:
    """Of labels of one kind those that are the whole project's: all but the one that says it is the year's."""
    of_the_year = [s for s in labels if _OF_THE_YEAR.search(s.key)]
    return [s for s in labels if s is not of_the_year[0]] if len(of_the_year) == 1 else []


def amounts_of_both(row: Row) -> dict[int, Role]:
    """What labels of total amounts in a row are, by the cell's id (项目资金总额 | 771 | 年度资金申请总额 | 226).

    Empty where there is one, or where not just one of them says that it is the year's. A label that the vocabulary
    lacks counts by its words, as a known one stands beside it.
    """
    filled = [s for s in row.filled if s.text]
    labels = [s for s, value in pairwise(filled) if value.words.is_amount and not s.words.is_figure]
    known = [s for s in labels if s.words.group == "amount" or s.words.source == "total"]
    labels = [s for s in labels if s in known or (s.words.role is None and _TOTAL.search(s.key))]
    whole = beside_the_years(labels) if known else []
    return {id(s): OF_THE_WHOLE if s in whole else OF_THE_YEAR for s in labels} if whole else {}
