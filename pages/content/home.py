"""首页: five questions with their answers, and the last good build.

Here: their queries. Not here: the lists behind them.
"""

from __future__ import annotations

from typing import Any

from pages.charts import bars
from pages.content.findings import REGION_NAMES
from pages.published import Data, among
from pages.wording import money, percent
from warehouse.attention import queue

LEAST_SPENT = (
    "SELECT department, sum(budget_adjusted_yuan) AS budget, sum(executed_yuan) AS executed, "
    "round(sum(executed_yuan) * 100 / sum(budget_adjusted_yuan), 2) AS rate, sum(amount_count) AS forms "
    "FROM v_department_year WHERE fiscal_year = ? AND department IS NOT NULL GROUP BY department "
    "HAVING sum(budget_adjusted_yuan) > 0 ORDER BY rate, department LIMIT 10"
)
MOST_FREQUENT = (
    "SELECT check_code, name AS check_name, f.severity, sum(finding_count)::BIGINT AS n "
    "FROM v_finding_year AS f LEFT JOIN check_rule USING (check_code) "
    "WHERE f.severity <> 'info' GROUP BY ALL HAVING sum(finding_count) > 0 "
    "ORDER BY n DESC, check_code LIMIT 10"
)
DISMISSED = "SELECT coalesce(sum(dismissed_count), 0)::BIGINT AS n FROM v_finding_year WHERE severity <> 'info'"
SCORES = (
    "SELECT fiscal_year, band_no, any_value(band) AS band, sum(form_count)::INTEGER AS n FROM v_score_distribution "
    "WHERE fiscal_year IS NOT NULL GROUP BY fiscal_year, band_no ORDER BY fiscal_year DESC, band_no"
)
BY_YEAR_AND_REGION = (
    "SELECT region_code, fiscal_year, sum(form_count)::BIGINT AS forms, count(DISTINCT unit) AS units, "
    "sum(budget_adjusted_yuan) AS budget, sum(executed_yuan) AS executed FROM v_unit_year WHERE form_count > 0 "
    "GROUP BY ALL ORDER BY fiscal_year DESC NULLS LAST, region_code NULLS LAST LIMIT 60"
)


def home(data: Data, unit: str) -> dict[str, Any]:
    """The answers to the five questions."""
    last = data.one("SELECT * FROM run WHERE build IS NOT NULL ORDER BY started_at DESC LIMIT 1")
    run = data.one("SELECT * FROM run ORDER BY started_at DESC LIMIT 1")
    newest = data.one("SELECT max(fiscal_year) AS year FROM v_department_year WHERE amount_count > 0")
    year = newest["year"] if newest else None
    least = data.rows(LEAST_SPENT, [year]) if year else []
    own = {row["unit_name"]: row["unit_id"] for row in data.rows(
        "SELECT unit_name, min(unit_id) AS unit_id FROM organisation "
        f"WHERE {among('unit_name', [row['department'] for row in least])} GROUP BY unit_name")}  # fmt: skip
    scores = data.rows(SCORES)
    shown = sorted({row["fiscal_year"] for row in scores}, reverse=True)[:4]
    most = max([row["n"] for row in scores if row["fiscal_year"] in shown], default=1)
    aside = data.one(DISMISSED)
    return {
        "run": run,
        "build": last,
        "counts": data.rows(BY_YEAR_AND_REGION),
        "regions": {row["code"]: row["name"] for row in data.rows(REGION_NAMES)},
        "kinds": queue.by_kind(data.cursor),
        "year": year,
        "least": [
            {**row, "bar": mark, "unit_id": own.get(row["department"])}
            for row, mark in zip(
                least,
                bars([(r["department"], r["rate"], percent(r["rate"]), None) for r in least], top=100),
                strict=True,
            )
        ],
        "least_title": _least_title(least, unit),
        "scores": [
            {
                "year": year,
                "bars": bars(
                    [(r["band"], r["n"], f"{r['n']:,}", None) for r in scores if r["fiscal_year"] == year],
                    width=110,
                    top=most,
                ),
            }
            for year in shown
        ],
        "frequent": with_bars(data.rows(MOST_FREQUENT)),
        "dismissed": aside["n"] if aside else 0,
        "sql_texts": {
            "least": LEAST_SPENT,
            "frequent": MOST_FREQUENT,
            "scores": SCORES,
            "counts": BY_YEAR_AND_REGION,
            "attention": "SELECT kind, count(*) AS n FROM v_attention GROUP BY kind, urgency ORDER BY urgency, n DESC",
        },
    }


def with_bars(frequent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Checks (check_code, check_name, severity, n) with the bars of their numbers."""
    marks = bars(
        [(row["check_name"] or row["check_code"], row["n"], f"{row['n']:,}", None) for row in frequent], width=180
    )
    return [{**row, "bar": mark} for row, mark in zip(frequent, marks, strict=True)]


def _least_title(least: list[dict[str, Any]], unit: str) -> str:
    if not least:
        return "还没有印有预算和执行数的表"
    row = least[0]
    return f"{row['department']}花得最少：预算 {money(row['budget'], unit)} {unit}，执行率 {percent(row['rate'])}"
