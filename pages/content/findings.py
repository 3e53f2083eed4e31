"""发现: facets, cards a page at a time, what is filtered as rows to download.

Here: filters and their queries. Not here: marks (warehouse.reviews), pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pages.published import Data, Row, among
from pages.wording import SEVERITIES, VERDICTS
from warehouse.reviews import DISMISSED, STATES
from warehouse.schema.tables import literal

PAGE = 40
FACETS = {
    "severity": ("severity", "程度"),
    "state": ("review_state", "标记"),
    "verdict": ("verdict", "归因"),
    "year": ("fiscal_year", "年度"),
    "region": ("region_code", "地区"),
    "department": ("department", "部门"),
    "unit": ("unit", "单位"),
    "check": ("check_code", "检查"),
}
"""The facets by their name in the address: column of v_finding and v_finding_count, label."""
_OF_UNITS = ("department", "unit")
"""Those of many values; the counts of the others are at hand by region and year."""
_RANK = "CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END"
_MOST = 12
_AHEAD = 10 * PAGE
"""Findings of one check looked at for a page of those chosen among them."""

REGION_NAMES = (
    "SELECT region_code AS code, arg_max(region_name, coalesce(valid_to, 9999)) AS name FROM region "
    "WHERE region_code IN (SELECT region_code FROM project) GROUP BY region_code"
)
"""What the regions of the forms are called now."""

Chosen = Mapping[str, Sequence[str]]
_COUNTING = tuple(state for state in STATES if state not in DISMISSED)


def counting(chosen: Chosen) -> Chosen:
    """What is chosen; where no mark is, then without the findings that no count holds."""
    return chosen if chosen.get("state") else {**chosen, "state": _COUNTING}


def condition(chosen: Chosen, only: Sequence[str] = tuple(FACETS)) -> tuple[str, dict[str, Any]]:
    """The condition on v_finding that the choices of these facets mean, and its values."""
    parts = []
    values: dict[str, Any] = {}
    for name in only:
        column, _ = FACETS[name]
        wanted = ["" if text == "—" else text for text in chosen.get(name, ())]
        if not wanted:
            continue
        names = [f"f_{name}_{number}" for number, text in enumerate(wanted) if text]
        kept = [text for text in wanted if text]
        values |= {own: _year(text) if name == "year" else text for own, text in zip(names, kept, strict=True)}
        either = [f"{column} IN ({', '.join(f'${own}' for own in names)})"] if names else []
        either += [f"{column} IS NULL"] if "" in wanted else []
        parts.append(f"({' OR '.join(either)})")
    if chosen.get("form"):
        parts.append("form_id = $f_form")
        values["f_form"] = chosen["form"][0]
    return " AND ".join(parts) or "true", values


def _year(text: str) -> int:
    """The year that an address names; what is none is no form's."""
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def findings(data: Data, chosen: Chosen, after: str) -> dict[str, Any]:
    """Facets with counts, and the cards behind `after` (a finding_id); `dismissed`: how many are not counted."""
    asked = counting(chosen)
    names = {row["check_code"]: row["name"] for row in data.rows("SELECT check_code, name FROM check_rule")}
    names |= {row["code"]: f"{row['name']} {row['code']}" for row in data.rows(REGION_NAMES)}
    facets = {}
    for name in FACETS:
        others = {other: texts for other, texts in asked.items() if other != name}
        facets[name] = _facet(name, *_counted(data, name, others, chosen.get(name, ())), chosen.get(name, ()), names)
    kinds = _kinds(data, asked)
    cards = _cards(data, asked, kinds, after)
    aside = [] if chosen.get("state") else _kinds(data, {**chosen, "state": DISMISSED})
    more = cards[PAGE - 1]["finding_id"] if len(cards) > PAGE else None
    return {
        "facets": [facets[name] for name in FACETS],
        "total": sum(n for _, _, n in kinds),
        "dismissed": sum(n for _, _, n in aside),
        "elsewhere": _elsewhere(data) if not any(chosen.values()) else 0,
        "cards": cards[:PAGE],
        "more": more,
        "chosen": {name: list(texts) for name, texts in chosen.items() if texts},
    }


def _elsewhere(data: Data) -> int:
    """Findings on forms that are no self-evaluations, which stand on their forms and not here."""
    other = "SELECT form_id FROM project WHERE form_kind <> 'self_evaluation'"
    return int(data.rows(f"SELECT count(*) AS n FROM finding WHERE form_id IN ({other})")[0]["n"])


def _source(chosen: Chosen, facet: str = "") -> tuple[str, dict[str, Any]]:
    """Where findings are counted, as a query: the smallest of the counts made with the build that knows the choices.

    Its `n` holds the dismissed ones too, so that they are shown where they are asked for.
    """
    where, values = condition(chosen)
    if chosen.get("form"):
        return f"SELECT *, 1 AS n FROM v_finding WHERE {where}", values
    by_unit = facet in _OF_UNITS or any(chosen.get(name) for name in _OF_UNITS)
    counts = "v_finding_count" if by_unit else "v_finding_year"
    return f"SELECT *, finding_count + dismissed_count AS n FROM {counts} WHERE {where}", values


def _counted(data: Data, name: str, others: Chosen, taken: Sequence[str]) -> tuple[list[tuple[str, int]], int]:
    """The values of a facet with their counts, the most frequent first and those taken in any case; how many others."""
    source, values = _source(others, name)
    column = FACETS[name][0]
    few = (
        f"QUALIFY row_number() OVER (ORDER BY total DESC, value) <= {_MOST} OR list_contains($taken::VARCHAR[], value)"
    )
    rows = data.rows(
        f"SELECT coalesce({column}::VARCHAR, '') AS value, sum(n)::BIGINT AS total, "
        f"count(*) OVER () AS of FROM ({source}) GROUP BY {column} {few} ORDER BY total DESC, value",
        {**values, "taken": ["" if text == "—" else text for text in taken]},
    )
    return [(row["value"], row["total"]) for row in rows], (rows[0]["of"] if rows else 0) - len(rows)


def _kinds(data: Data, chosen: Chosen) -> list[tuple[str, str, int]]:
    """Severity and check of what is chosen, with how many findings, in the order of the cards."""
    source, values = _source(chosen)
    rows = data.rows(
        f"SELECT severity, check_code, sum(n)::BIGINT AS total FROM ({source}) GROUP BY severity, check_code "
        f"ORDER BY {_RANK}, check_code",
        values,
    )
    return [(row["severity"], row["check_code"], row["total"]) for row in rows]


def _facet(
    name: str, found: Sequence[tuple[str, int]], hidden: int, chosen: Sequence[str], checks: Mapping[str, str]
) -> dict[str, Any]:
    words = {"severity": SEVERITIES, "verdict": {**VERDICTS, "": "未判定"}, "check": checks, "region": checks}.get(
        name, {}
    )
    if name == "year":
        found = sorted(found, reverse=True)
    if name == "severity":
        found = sorted(found, key=lambda row: list(SEVERITIES).index(row[0]))
    taken = {"" if text == "—" else text for text in chosen}
    values = [
        {"value": value or "—", "label": words.get(value) or value or "（无）", "n": n, "on": value in taken}
        for value, n in found
    ]
    return {"name": name, "label": FACETS[name][1], "values": values, "hidden": hidden}


def _cards(data: Data, chosen: Chosen, kinds: Sequence[tuple[str, str, int]], after: str) -> list[dict[str, Any]]:
    """A page of cards and the first of the next one.

    The counts tell which checks the page is of, so that only their findings are looked at, in the order of their ids.
    """
    values: dict[str, Any] = {}
    begin = data.one("SELECT severity, check_code FROM finding WHERE finding_id = ?", [after]) if after else None
    first = 0
    if begin:
        first = next(
            (i for i, kind in enumerate(kinds) if kind[:2] == (begin["severity"], begin["check_code"])), len(kinds)
        )
        values = {"after": after, "after_check": begin["check_code"], "after_severity": begin["severity"]}
    wanted, expected = [], 0
    for number, (severity, check, n) in enumerate(kinds[first:]):
        wanted.append(f"(check_code = '{check}' AND severity = '{severity}')")
        expected += n if number or not begin else 0
        if expected > PAGE:
            break
    if not wanted:
        return []
    parts = [f"({' OR '.join(wanted)})"]
    if begin:
        parts.append("(check_code <> $after_check OR severity <> $after_severity OR finding_id > $after)")
    own, own_values = condition({"verdict": chosen.get("verdict", ()), "form": chosen.get("form", ())}, ("verdict",))
    of_form, form_values = condition({**chosen, "form": ()}, ("year", "region", *_OF_UNITS))
    parts.append(own)
    if of_form == "true":
        parts.append("form_id NOT IN (SELECT form_id FROM project WHERE form_kind <> 'self_evaluation')")
    else:
        parts.append(f"form_id IN (SELECT form_id FROM v_form JOIN project USING (form_id) WHERE {of_form})")
    if states := chosen.get("state"):
        open_too = "待核" in states  # a finding that nobody marked has no row among the marks
        parts.append(
            f"finding_key {'NOT ' if open_too else ''}IN (SELECT finding_key FROM review WHERE status = 'applied' "
            f"AND finding_key IS NOT NULL AND list_contains($states::VARCHAR[], state) <> {open_too})"
        )
        values["states"] = list(states)
    values |= own_values | form_values
    asked = f"WHERE {' AND '.join(parts)} ORDER BY {_RANK}, check_code, finding_id LIMIT {PAGE + 1}"
    found: list[Row] = []
    if len(wanted) == 1:  # the table is sorted by the ids of findings: the page is mostly among the first of its check
        same = begin is not None and kinds[first][:2] == (begin["severity"], begin["check_code"])
        begun = " AND finding_id > $after" if same else ""
        found = data.rows(
            "WITH ahead AS MATERIALIZED (SELECT finding_id, finding_key, form_id, check_code, severity, verdict "
            f"FROM finding WHERE {wanted[0]}{begun} ORDER BY finding_id LIMIT {_AHEAD}) "
            f"SELECT finding_id FROM ahead {asked}",
            values,
        )
    if len(found) <= PAGE:
        found = data.rows(f"SELECT finding_id FROM finding {asked}", values)
    return by_ids(data, [row["finding_id"] for row in found])


def by_ids(data: Data, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The cards of findings, in the order of the page.

    What belongs to a finding is asked of each table by itself: views over all findings would be read in full.
    """
    cards = data.rows(f"SELECT * FROM finding WHERE {_with_form(ids)} ORDER BY {_RANK}, check_code, finding_id")
    forms = among("form_id", sorted({card["form_id"] for card in cards}))
    documents = "SELECT document_id, path, format FROM document"
    of_form = {row["form_id"]: row for row in data.rows(
        f"SELECT p.form_id, p.fiscal_year, p.project_name, v.unit, v.unit_id, d.path, d.format FROM "
        f"(FROM project WHERE {forms}) AS p LEFT JOIN (FROM v_form WHERE {forms}) AS v USING (form_id) "
        f"JOIN ({documents}) AS d USING (document_id)")}  # fmt: skip
    names = {(row["form_id"], row["indicator_no"]): row["level3"] for row in data.rows(
        f"SELECT form_id, indicator_no, level3 FROM indicator WHERE {forms}")}  # fmt: skip
    places = {row["finding_id"]: row for row in data.rows(
        f"SELECT * FROM v_finding_place WHERE {among('finding_id', ids)}")}  # fmt: skip
    marks = {row["finding_key"]: row for row in data.rows(
        "SELECT finding_key, state AS review_state, note AS review_note, who AS reviewed_by FROM review "
        f"WHERE status = 'applied' AND {among('finding_key', [card['finding_key'] for card in cards])}")}  # fmt: skip
    rules = {row["check_code"]: row for row in data.rows(
        "SELECT check_code, name AS check_name, formula, tolerance, source FROM check_rule")}  # fmt: skip
    nowhere = dict.fromkeys(("table_name", "row_no", "column_name", "page", "locator"))
    unruled = dict.fromkeys(("check_name", "formula", "tolerance", "source"))
    return [
        {
            **dict.fromkeys(("review_note", "reviewed_by")),
            "review_state": "待核",
            "level3": names.get((card["form_id"], card["indicator_no"])),
            **of_form[card["form_id"]],
            **places.get(card["finding_id"], nowhere),
            **rules.get(card["check_code"], unruled),
            **marks.get(card["finding_key"], {}),
            **card,
        }
        for card in cards
    ]


def _with_form(ids: Sequence[str]) -> str:
    """The condition that a row of `finding` is one of these; their forms, by which it is sorted, tell where to look."""
    if not ids:
        return "false"
    forms = ["-".join(one.split("-", 2)[:2]) for one in ids]
    return f"form_id BETWEEN {literal(min(forms))} AND {literal(max(forms))} AND {among('finding_id', ids)}"


def rows(data: Data, chosen: Chosen) -> Iterator[dict[str, Any]]:
    """What is filtered, as rows to download, check by check in the order of the page; never all of them in memory."""
    chosen = counting(chosen)
    where, values = condition(chosen)
    for severity, check, _ in _kinds(data, chosen):
        yield from data.each(
            f"SELECT * FROM v_finding WHERE {where} AND severity = '{severity}' AND check_code = '{check}'", values
        )
