"""搜索: one field over unit, project, code, file and indicator.

Here: the queries, each bounded. Not here: what lies behind a hit.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from pages.published import Data

_MOST = 30
_KINDS = {
    "units": (
        "SELECT unit_id, unit_name, department_name, region_code, aliases, first_year, last_year FROM organisation "
        "WHERE {unit_name} OR unit_code = $code OR len(list_filter(aliases, lambda alias: {alias})) > 0 "
        "ORDER BY unit_name LIMIT $most"
    ),
    "projects": (
        "SELECT form_id, fiscal_year, region_code, unit_name, project_name, project_code, executed_yuan FROM project "
        "WHERE {project_name} OR project_code = $code OR form_id = $code "
        "ORDER BY project_name, fiscal_year DESC LIMIT $most"
    ),
    "indicators": (
        "SELECT i.form_id, i.indicator_no, i.level3, i.target_text, i.actual_text, p.project_name, p.fiscal_year "
        "FROM indicator AS i JOIN project AS p USING (form_id) WHERE {level3} "
        "ORDER BY i.level3, p.fiscal_year DESC LIMIT $most"
    ),
    "documents": (
        "SELECT document_id, path, status, form_count FROM document "
        "WHERE len(list_filter(paths, lambda path: {path})) > 0 ORDER BY path LIMIT $most"
    ),
}
_SEARCHED = ("unit_name", "alias", "project_name", "level3", "path")
_WIDE = str.maketrans("()[]:", "（）［］：")


def search(data: Data, words: str) -> dict[str, Any]:
    """Up to 30 hits of each kind; `total` of them. Full-width and half-width signs are as good as each other."""
    word = words.strip()[:100]
    plain = unicodedata.normalize("NFKC", word)
    ways = list(dict.fromkeys([word, plain, plain.translate(_WIDE)]))
    values = {"most": _MOST} | {f"word{number}": way for number, way in enumerate(ways)}
    either = " OR ".join(f"contains({{0}}, $word{number})" for number in range(len(ways)))
    has = {name: f"({either.format(name)})" for name in _SEARCHED}
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
    if word:
        for kind, query in _KINDS.items():
            code = {"code": "".join(plain.split())} if "$code" in query else {}
            found[kind] = data.rows(query.format(**has), values | code)
    return {"q": word, **found, "total": sum(map(len, found.values())), "most": _MOST}
