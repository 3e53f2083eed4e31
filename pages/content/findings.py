"""发现: facets, cards a page at a time, what is filtered as rows to download.

Here: filters and their queries. Not here: marks (warehouse.reviews), pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages.published import Data
from pages.wording import SEVERITIES, VERDICTS

PAGE = 40
FACETS = {
    "severity": ("severity", "程度"),
    "state": ("review_state", "标记"),
    "verdict": ("coalesce(verdict, '')", "归因"),
    "year": ("fiscal_year", "年度"),
    "region": ("region_code", "地区"),
    "department": ("department", "部门"),
    "unit": ("unit", "单位"),
    "check": ("check_code", "检查"),
}
"""The facets by their name in the address: expression over v_finding, label."""
_RANK = "CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END"
_MOST = 12

Chosen = Mapping[str, Sequence[str]]


def condition(chosen: Chosen, without: str | None = None) -> tuple[str, dict[str, Any]]:
    """The condition on v_finding that the choices mean, and its values."""
    parts = ["true"]
    values: dict[str, Any] = {}
    for name, (expression, _) in FACETS.items():
        wanted = [text for text in chosen.get(name, ()) if text is not None]
        if wanted and name != without:
            parts.append(f"list_contains($f_{name}::VARCHAR[], coalesce({expression}::VARCHAR, ''))")
            values[f"f_{name}"] = ["" if text == "—" else text for text in wanted]
    if chosen.get("form"):
        parts.append("form_id = $f_form")
        values["f_form"] = chosen["form"][0]
    return " AND ".join(parts), values


def findings(data: Data, chosen: Chosen, after: str) -> dict[str, Any]:
    """Facets with counts, and the cards behind `after` (a finding_key)."""
    where, values = condition(chosen)
    sets = ", ".join(f"(f_{name})" for name in FACETS)
    expressions = ", ".join(
        f"coalesce({expression}::VARCHAR, '') AS f_{name}" for name, (expression, _) in FACETS.items()
    )
    base = f"SELECT {expressions}, check_name FROM v_finding WHERE {where}"
    names = ", ".join(f"f_{name}" for name in FACETS)
    counted = data.rows(
        f"SELECT {names}, any_value(check_name) AS check_name, count(*) AS n, "
        f"grouping_id({names}) AS level FROM ({base}) GROUP BY GROUPING SETS ((), {sets})",
        values,
    )
    facets: dict[str, list[dict[str, Any]]] = {name: [] for name in FACETS}
    total = 0
    order = list(FACETS)
    levels = {2 ** len(order) - 1 - 2 ** (len(order) - 1 - i): name for i, name in enumerate(order)}
    for row in counted:
        name = levels.get(row["level"])
        if name is None:
            total = row["n"]
        else:
            facets[name].append({"value": row[f"f_{name}"], "n": row["n"], "check_name": row["check_name"]})
    for name in (name for name in FACETS if chosen.get(name)):
        own, own_values = condition(chosen, without=name)
        facets[name] = data.rows(
            f"SELECT coalesce({FACETS[name][0]}::VARCHAR, '') AS value, count(*) AS n, "
            f"any_value(check_name) AS check_name FROM v_finding WHERE {own} GROUP BY 1",
            own_values,
        )
    cards = _cards(data, where, values, after)
    more = cards[PAGE - 1]["finding_key"] if len(cards) > PAGE else None
    return {
        "facets": [_facet(name, facets[name], chosen.get(name, ())) for name in FACETS],
        "total": total,
        "cards": cards[:PAGE],
        "more": more,
        "chosen": {name: list(texts) for name, texts in chosen.items() if texts},
    }


def _facet(name: str, rows: list[dict[str, Any]], chosen: Sequence[str]) -> dict[str, Any]:
    words = {"severity": SEVERITIES, "verdict": {**VERDICTS, "": "未判定"}}.get(name, {})
    rows.sort(key=lambda row: (-row["n"], row["value"]))
    if name == "year":
        rows.sort(key=lambda row: row["value"], reverse=True)
    if name == "severity":
        rows.sort(key=lambda row: list(SEVERITIES).index(row["value"]))
    taken = {"" if text == "—" else text for text in chosen}
    shown = [row for i, row in enumerate(rows) if i < _MOST or row["value"] in taken]
    values = [
        {
            "value": row["value"] or "—",
            "label": (row["check_name"] if name == "check" else None)
            or words.get(row["value"])
            or row["value"]
            or "（无）",
            "n": row["n"],
            "on": row["value"] in taken,
        }
        for row in shown
    ]
    return {"name": name, "label": FACETS[name][1], "values": values, "hidden": len(rows) - len(shown)}


def _cards(data: Data, where: str, values: dict[str, Any], after: str, most: int = PAGE + 1) -> list[dict[str, Any]]:
    if after:
        start = data.one(
            f"SELECT {_RANK} AS rank, check_code, finding_key FROM finding WHERE finding_key = ?", [after]
        ) or {"rank": 0, "check_code": "", "finding_key": ""}
        where += f" AND ({_RANK}, check_code, finding_key) > ($after_rank, $after_check, $after_key)"
        values = {**values, "after_rank": start["rank"], "after_check": start["check_code"]}
        values["after_key"] = start["finding_key"]
    page = data.rows(
        f"SELECT finding_id FROM v_finding WHERE {where} ORDER BY {_RANK}, check_code, finding_key LIMIT {int(most)}",
        values,
    )
    return by_ids(data, [row["finding_id"] for row in page])


def by_ids(data: Data, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The cards of findings, in the order of their list."""
    return data.rows(
        "SELECT f.*, c.formula, c.tolerance, c.source, o.table_name, o.row_no, o.column_name, i.level3, d.format, "
        "v.unit_id FROM v_finding AS f LEFT JOIN check_rule AS c USING (check_code) "
        "LEFT JOIN v_finding_place AS o USING (finding_id) "
        "LEFT JOIN indicator AS i ON i.form_id = f.form_id AND i.indicator_no = f.indicator_no "
        "JOIN project AS p ON p.form_id = f.form_id JOIN document AS d ON d.document_id = p.document_id "
        "JOIN v_form AS v ON v.form_id = f.form_id WHERE list_contains(?::VARCHAR[], f.finding_id) "
        f"ORDER BY {_RANK.replace('severity', 'f.severity')}, f.check_code, f.finding_key",
        [list(ids)],
    )


def rows(data: Data, chosen: Chosen) -> list[dict[str, Any]]:
    """What is filtered, as rows to download."""
    where, values = condition(chosen)
    return data.rows(f"SELECT * FROM v_finding WHERE {where} ORDER BY {_RANK}, check_code, finding_key", values)
