"""What people correct in the published values: the file data/corrections.yml.

Here: reading the file, applying it to the tables, telling what became of each entry. Not here: findings, linking.
"""

from warehouse.corrections.apply import apply
from warehouse.corrections.entries import Correction, CorrectionsError, read_corrections

__all__ = ["Correction", "CorrectionsError", "apply", "read_corrections"]
