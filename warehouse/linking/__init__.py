"""Which units and which projects the forms of all years are about.

Here: organisations, series over the years, the decisions of people, the words names are compared by. Not here:
reading documents, validating and storing tables, the checks across years.
"""

from warehouse.linking.decisions import Decision, Decisions, UnitDecision, read_decisions
from warehouse.linking.features import Bigrams, Thresholds
from warehouse.linking.last_build import RULES, LastBuild, changed
from warehouse.linking.organisations import UNSURE, organisations, unmatched_units
from warehouse.linking.partitions import parts
from warehouse.linking.series import Series, series, unmatched_decisions

__all__ = [
    "RULES",
    "UNSURE",
    "Bigrams",
    "Decision",
    "Decisions",
    "LastBuild",
    "Series",
    "Thresholds",
    "UnitDecision",
    "changed",
    "organisations",
    "parts",
    "read_decisions",
    "series",
    "unmatched_decisions",
    "unmatched_units",
]
