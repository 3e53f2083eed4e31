"""Which units and which projects the forms of all years are about.

Here: organisations, series over the years, the decisions of people, the words names are compared by. Not here:
reading documents, validating and storing tables, the checks across years.
"""

from warehouse.linking.decisions import Decision, DecisionError, read_decisions
from warehouse.linking.features import Thresholds
from warehouse.linking.lifelines import Series, series, unmatched_decisions
from warehouse.linking.organisations import organisations

__all__ = [
    "Decision",
    "DecisionError",
    "Series",
    "Thresholds",
    "organisations",
    "read_decisions",
    "series",
    "unmatched_decisions",
]
