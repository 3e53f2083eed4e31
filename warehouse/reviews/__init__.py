"""What people say of findings: the file data/reviews.csv.

Here: reading and writing the file, what becomes of each mark. Not here: findings, the pages on which people mark.
"""

from warehouse.reviews.marks import DISMISSED, MARK_COLUMNS, STATES, Mark, mark_finding, read_marks, review_rows

__all__ = ["DISMISSED", "MARK_COLUMNS", "STATES", "Mark", "mark_finding", "read_marks", "review_rows"]
