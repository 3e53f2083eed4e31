"""All evidence at a page break, in the order in which it is looked at: of each list, the first that holds decides.

Here: names and what they say. Not here: how each is found out (texts, headers, cells, rows).
"""

from __future__ import annotations

from functools import partial

from extractors.layout.page_breaks import cells, headers, rows
from extractors.layout.page_breaks.model import Evidence
from extractors.layout.page_breaks.texts import TORN

HEADERS = (
    Evidence("repeated_headers", "the page begins with the table's column headers", headers.repeated_headers),
    Evidence("torn_headers", "the rows on both sides are column headers only together", headers.torn_headers),
)
"""What column headers at the top of a page are."""

CELLS = (
    Evidence("merged_text_below", "a merged cell is blank above and has its text below", cells.merged_text_below),
    Evidence("level_below", "the blank cell of a level has its text on the next page", cells.level_below),
    Evidence("rest_of_level", "a text ends the name of the level above: 经济 | 效益指标", cells.rest_of_level),
    Evidence("level_again", "the level above is printed again, whole: 益 | 效益指标", cells.level_again),
)
"""To which merged cell a text belongs, whatever the row beside it is."""

ROWS = (
    Evidence("headers_follow", "the page begins with column headers", rows.headers_follow, joins=False),
    Evidence("lacks_points", "the row of an indicator has no points, the one above has", rows.lacks_points),
    Evidence("value_goes_on", "the row stands under labelled values and has no label", rows.value_goes_on),
    Evidence("no_first_half", "a text has none above it in its column", rows.no_first_half, joins=False),
    *(Evidence(torn.name, torn.says, partial(rows.has_torn_text, torn)) for torn in TORN),
    Evidence("open_label", "a cell alone in its row is a label or a note without its end", rows.open_label),
    Evidence("torn_labels", "texts are labels only together: 年初预 | 算数", rows.torn_labels),
    Evidence("begins_anew", "a text is a label, a level or a numbered name of its own", rows.begins_anew, joins=False),
    Evidence("lacks_operator", "≥1 | 500元, beside blank cells or the rest of a level", rows.lacks_operator),
    Evidence("completes_labels", "texts complete labels, or stand under values alone", rows.completes_labels),
)
"""Whether the first row of a page is the rest of the last one of the page before."""

EVIDENCE: tuple[Evidence, ...] = (*HEADERS, *CELLS, *ROWS)
