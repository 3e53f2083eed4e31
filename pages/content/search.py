"""搜索: one field over unit, project, code, file and indicator.

Here: the queries, each bounded. Not here: what lies behind a hit.
"""

from __future__ import annotations

from typing import Any

from pages.published import Data

_MOST = 30
_KINDS = {
    "units": (
        "SELECT unit_id, unit_name, department_name, region_code, aliases, first_year, last_year FROM organisation "
        "WHERE contains(unit_name, $word) OR unit_code = $word "
        "OR len(list_filter(aliases, lambda alias: contains(alias, $word))) > 0 ORDER BY unit_name LIMIT $most"
    ),
    "projects": (
        "SELECT form_id, fiscal_year, region_code, unit_name, project_name, project_code, executed_yuan FROM project "
        "WHERE contains(project_name, $word) OR project_code = $word OR form_id = $word "
        "ORDER BY project_name, fiscal_year DESC LIMIT $most"
    ),
    "indicators": (
        "SELECT i.form_id, i.indicator_no, i.level3, i.target_text, i.actual_text, p.project_name, p.fiscal_year "
        "FROM indicator AS i JOIN project AS p USING (form_id) WHERE contains(i.level3, $word) "
        "ORDER BY i.level3, p.fiscal_year DESC LIMIT $most"
    ),
    "documents": (
        "SELECT document_id, path, status, form_count FROM document "
        "WHERE len(list_filter(paths, lambda path: contains(path, $word))) > 0 ORDER BY path LIMIT $most"
    ),
}


def search(data: Data, words: str) -> dict[str, Any]:
    """Up to 30 hits of each kind; `total` of them."""
    word = words.strip()[:100]
    found = {kind: data.rows(query, {"word": word, "most": _MOST}) if word else [] for kind, query in _KINDS.items()}
    return {"q": word, **found, "total": sum(map(len, found.values())), "most": _MOST}
