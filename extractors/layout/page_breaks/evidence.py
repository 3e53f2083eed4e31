"""All evidence at a page break, in the order in which it is looked at: of each list, the first that holds decides.

Here: names and what they say, and how torn texts look. Not here: how all else is found out (headers, cells, rows).
"""

from __future__ import annotations

from extractors.layout.page_breaks import cells, headers, rows
from extractors.layout.page_breaks.model import Evidence
from extractors.layout.page_breaks.rows import torn

HEADERS = (
    Evidence("repeated_headers", "the page begins with the table's column headers", headers.repeated_headers),
    Evidence("torn_headers", "the rows on both sides are column headers only together", headers.torn_headers),
)
"""What column headers at the top of a page are."""

CELLS = (
    Evidence("merged_text_below", "a merged cell is blank above and has its text below", cells.merged_text_below),
    Evidence("level_below", "the blank cell of a level has its text on the next page", cells.level_below),
    Evidence("rest_of_level", "a text ends the name of the level above: 经济 | 效益指标", cells.rest_of_level),
)
"""To which merged cell a text belongs, whatever the row beside it is."""

ROWS = (
    Evidence("lacks_points", "the row of an indicator has no points, the one above has", rows.lacks_points),
    Evidence("value_goes_on", "the row stands under labelled values and has no label", rows.value_goes_on),
    Evidence("no_first_half", "a text has none above it in its column", rows.no_first_half, joins=False),
    Evidence("broken_number", "a number only together: 1,371,0 | 00.00", rows.broken_number),
    Evidence("lacks_unit", "a number without its unit: ≥12.5 | 公里", rows.lacks_unit),
    Evidence("open_number", "a number without its end: 548. | 2万元", torn(r"(\d\d[.,]|\d,\d{0,2})\n\d")),
    # days and months may begin so
    Evidence("no_quantity", "no quantity begins so: =1 | 00%", torn(r"\d\n0\d[\d,.]*[^\d,.年月日时点:/-]")),
    Evidence(
        "number_alone",
        "the number of an indicator without its name: 指标2： | 参训人次",
        torn(r"^(指标\n\d{1,2}[:.、]|(指标\d{1,2}[:.、]?|\(\d{1,2}\)|\d{1,2}[.、:])\n(?!指标\d|\(?\d{1,2}[.、:)]))"),
    ),
    Evidence("open_year", "a year without the word: 2023 | 年12月", torn(r"(19|20)\d\d\n年")),
    Evidence("no_beginning", "no text begins so: 统筹 | ，今后", torn(r"\n([,.]\d|[，。、;:)》”].*[\u4e00-\u9fff])")),
    Evidence("open_bracket", "a bracket closes below the break: （含税 | ）", torn(r"\([^()]*\n[^()]*\)")),
    Evidence("open_label", "a cell alone in its row is a label or a note without its end", rows.open_label),
    Evidence("torn_labels", "texts are labels only together: 年初预 | 算数", rows.torn_labels),
    Evidence("begins_anew", "a text is a label, a level or a numbered name of its own", rows.begins_anew, joins=False),
    Evidence("lacks_operator", "≥1 | 500元, beside blank cells or the rest of a level", rows.lacks_operator),
    Evidence("completes_labels", "texts complete labels, or stand under values alone", rows.completes_labels),
)
"""Whether the first row of a page is the rest of the last one of the page before."""

EVIDENCE: tuple[Evidence, ...] = (*HEADERS, *CELLS, *ROWS)
