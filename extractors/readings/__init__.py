"""Readings: what the printed targets and actuals say as values, and whether the actual meets the target.

Here: the two functions for callers and their results. Not here: which cell is a target (the form reader), checks.
"""

from extractors.readings.compare import read_pair
from extractors.readings.model import Comparison, Reading
from extractors.readings.read import read_value

__all__ = ["Comparison", "Reading", "read_pair", "read_value"]
