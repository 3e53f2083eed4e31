"""说明: the tables and columns, what codes mean.

Here: the declarations as a page shows them. Not here: the declarations.
"""

from __future__ import annotations

from typing import Any

from pages.published import Data
from warehouse.schema.tables import TABLES
from warehouse.views.declarations import VIEWS


def about(data: Data) -> dict[str, Any]:
    """Every table and view with its columns; checks with formula and source; how often each is right."""
    present = {row["name"]: row["n"] for row in data.rows(
        "SELECT table_name AS name, estimated_size AS n FROM duckdb_tables()")}  # fmt: skip
    return {
        "tables": [(table, present.get(table.name)) for table in TABLES.values()],
        "views": list(VIEWS.values()),
        "checks": data.rows("SELECT * FROM check_rule ORDER BY check_group, check_code"),
        "precision": {row["check_code"]: row for row in data.rows("SELECT * FROM v_check_precision")},
    }
