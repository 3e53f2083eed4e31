"""单位 and 项目: money over the years, names, projects, the same indicators beside each other.

Here: the queries of both pages. Not here: single forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.charts import line_chart
from pages.decided import Decided
from pages.published import Data, among
from pages.wording import money, number, percent
from warehouse.linking.deciding import DIFFERENT, WITHDRAWN


def region_name(data: Data, code: str | None) -> str:
    """What a region is called, the code itself where nothing names it."""
    row = data.one(
        "SELECT region_name FROM region WHERE region_code = ? ORDER BY valid_to DESC NULLS FIRST LIMIT 1", [code or ""]
    )
    return row["region_name"] if row else code or "（无地区）"


SORTED = {
    "year": ("年度", "fiscal_year"),
    "name": ("项目", "project_name"),
    "budget": ("预算", "budget_adjusted_yuan"),
    "executed": ("执行", "executed_yuan"),
    "rate": ("执行率", "computed_rate_pct"),
    "score": ("总分", "total_score"),
    "grade": ("等级", "grade"),
    "error": ("错误", "error_count"),
    "warning": ("警告", "warning_count"),
}
"""What the projects of a unit may be sorted by, by its name in the address: label, column of v_project."""


def unit(data: Data, unit_id: str, money_unit: str, sort: str = "") -> dict[str, Any] | None:
    """A unit; None where there is none of this id. `sort`: one of SORTED, behind a minus the greatest first."""
    row = data.one("SELECT * FROM organisation WHERE unit_id = ?", [unit_id])
    if row is None:
        return None
    forms = data.rows(
        "SELECT form_id, fiscal_year, project_name, series_id, budget_adjusted_yuan, executed_yuan, computed_rate_pct, "
        "total_score, grade, error_count, warning_count, dismissed_count, counted FROM v_project WHERE unit_id = ? "
        f"ORDER BY {_order(sort)}fiscal_year DESC NULLS LAST, project_name, form_id LIMIT 500",
        [unit_id],
    )
    years: dict[int, dict[str, Any]] = {}
    for form in forms:
        if form["counted"] and form["fiscal_year"] and form["computed_rate_pct"] is not None:
            year = years.setdefault(form["fiscal_year"], {"budget": 0, "executed": 0})
            year["budget"] += form["budget_adjusted_yuan"]
            year["executed"] += form["executed_yuan"]
    for year in years.values():
        year["rate"] = year["executed"] * 100 / year["budget"] if year["budget"] else None
    findings = data.rows(
        "SELECT f.fiscal_year, c.name AS check_name, f.check_code, f.severity, sum(f.finding_count)::BIGINT AS n "
        "FROM v_finding_count AS f LEFT JOIN check_rule AS c USING (check_code) "
        "WHERE f.unit_id = $id AND f.unit = $name AND f.severity <> 'info' "
        "GROUP BY ALL HAVING sum(f.finding_count) > 0 ORDER BY n DESC, f.check_code, f.fiscal_year LIMIT 40",
        {"id": unit_id, "name": row["unit_name"]},
    )
    return {
        "unit": row,
        "sort": sort,
        "sorted": SORTED,
        "region": region_name(data, row["region_code"]),
        "forms": forms,
        "years": dict(sorted(years.items())),
        "findings": findings,
        "chart": line_chart(
            _trend({y: v["executed"] for y, v in years.items()}, "执行数", money_unit),
            f"预算和执行数，{money_unit}",
            [
                ("预算", {y: v["budget"] for y, v in years.items()}),
                ("执行", {y: v["executed"] for y, v in years.items()}),
            ],
            lambda value: money(value, money_unit),
        ),
        "rate_chart": line_chart(
            _trend({y: v["rate"] for y, v in years.items()}, "执行率", "%"),
            "执行数占预算的百分比",
            [("执行率", {y: v["rate"] for y, v in years.items()})],
            percent,
            top=100,
        ),
    }


def _order(sort: str) -> str:
    column = SORTED.get(sort.removeprefix("-"), ("", ""))[1]
    return f"{column} {'DESC' if sort.startswith('-') else 'ASC'} NULLS LAST, " if column else ""


def series(data: Data, series_id: str, money_unit: str, decided: Decided | None = None) -> dict[str, Any] | None:
    """A project over the years, with what was `decided` since; None where there is none of this id."""
    row = data.one(
        "SELECT s.*, o.unit_name, o.region_code, o.department_name FROM series AS s "
        "LEFT JOIN organisation AS o USING (unit_id) WHERE series_id = ?",
        [series_id],
    )
    if row is None:
        return None
    forms = data.rows(
        "SELECT * FROM v_project WHERE series_id = ? ORDER BY fiscal_year NULLS LAST, counted DESC, path LIMIT 30",
        [series_id],
    )
    ids = [form["form_id"] for form in forms]
    keys = decided.keys_of_projects() if decided else {}
    withdrawn = _withdrawn(data, decided) if decided else set[str]()
    links = _links(data, ids, _parted(ids, decided, withdrawn) if decided else [])
    for link in links:
        link |= _since(link, keys, withdrawn)
    counted = [form for form in forms if form["counted"]] or forms
    return {
        "series": row,
        "region": region_name(data, row["region_code"]),
        "forms": forms,
        "columns": counted,
        "lines": _lines(data, counted),
        "links": links,
        "chart": line_chart(
            _trend({f["fiscal_year"]: f["executed_yuan"] for f in counted if f["fiscal_year"]}, "执行数", money_unit),
            f"预算和执行数，{money_unit}",
            [
                ("预算", {f["fiscal_year"]: f["budget_adjusted_yuan"] for f in counted if f["fiscal_year"]}),
                ("执行", {f["fiscal_year"]: f["executed_yuan"] for f in counted if f["fiscal_year"]}),
            ],
            lambda value: money(value, money_unit),
        ),
        "score_chart": line_chart(
            _trend({f["fiscal_year"]: f["total_score"] for f in counted if f["fiscal_year"]}, "总分", "分"),
            "自评总分和执行率",
            [
                ("总分", {f["fiscal_year"]: f["total_score"] for f in counted if f["fiscal_year"]}),
                ("执行率", {f["fiscal_year"]: f["computed_rate_pct"] for f in counted if f["fiscal_year"]}),
            ],
            number,
            top=100,
        ),
    }


def _links(data: Data, ids: list[str], parted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Why these forms, and others, are one project or not; with year, name, unit and code of both."""
    links = data.rows(
        "SELECT form_id_a, form_id_b, method, evidence, decision FROM series_link "
        f"WHERE {among('form_id_a', ids)} OR {among('form_id_b', ids)}"
    )
    known = {frozenset((link["form_id_a"], link["form_id_b"])) for link in links}
    links += [pair for pair in parted if {pair["form_id_a"], pair["form_id_b"]} not in known]
    both = sorted({link[side] for link in links for side in ("form_id_a", "form_id_b")})
    forms = {row["form_id"]: row for row in data.rows(
        "SELECT form_id, fiscal_year AS year, project_name AS name, unit_name AS unit, project_code AS code "
        f"FROM project WHERE {among('form_id', both)}")}  # fmt: skip
    links = [link for link in links if link["form_id_a"] in forms and link["form_id_b"] in forms]
    for link in links:
        for side in "ab":
            link |= {
                f"{name}_{side}": forms[link[f"form_id_{side}"]][name] for name in ("year", "name", "unit", "code")
            }
    return sorted(links, key=lambda link: (link["year_a"] or 9999, link["year_b"] or 9999, link["form_id_a"]))


def _parted(ids: list[str], decided: Decided, withdrawn: set[str]) -> list[dict[str, Any]]:
    """The pairs of these forms with others that people said are two projects, those `withdrawn` since, too."""
    keys = decided.keys_of_projects()
    found = []
    for pair, last in decided.of_pairs().items():
        a, b = sorted(pair)
        apart = last.decision == DIFFERENT and a in keys and b in keys and keys[a] != keys[b]
        undone = last.decision == WITHDRAWN and last.earlier == DIFFERENT and not withdrawn.isdisjoint(pair)
        if not pair.isdisjoint(ids) and (apart or undone):
            told = f"人工认定为两个项目（认定人：{last.who}）"
            found.append({"form_id_a": a, "form_id_b": b, "method": "decision", "evidence": told, "decision": "apart"})
    return found


def _withdrawn(data: Data, decided: Decided) -> set[str]:
    """The forms of which nothing is decided any more, though the build knows of it."""
    run = data.one("SELECT max(started_at) AS at FROM run WHERE build IS NOT NULL")
    since = run["at"].isoformat() if run and run["at"] else ""
    keys = decided.keys_of_projects()
    pairs = decided.of_pairs().items()
    return {form for pair, last in pairs for form in pair
            if last.decision == WITHDRAWN and last.at > since and form not in keys}  # fmt: skip


def _since(link: dict[str, Any], keys: Mapping[str, str], withdrawn: set[str]) -> dict[str, Any]:
    """What people say of two forms now: `decided` that they say something, `pending` what is not in force yet."""
    pair = (link["form_id_a"], link["form_id_b"])
    a, b = map(keys.get, pair)
    if a is None or b is None:
        undone = link["method"] == "decision" and not withdrawn.isdisjoint(pair)
        return {"decided": False, "pending": "撤回认定" if undone else None}
    now = "link" if a == b else "apart"
    said = "认定是同一个项目" if a == b else "认定不是同一个项目"
    return {"decided": True, "pending": None if now == link["decision"] else said}


def _lines(data: Data, forms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The indicators by level 2 and name, those of one name in one line, a cell for each form."""
    ids = [form["form_id"] for form in forms]
    rows = _of_each(
        data,
        "SELECT form_id, indicator_id, indicator_no, level1, level2, level3, target_text, actual_text, met, "
        "target_unit FROM indicator",
        ids,
    )
    moves = {
        row["indicator_id"]: row["target_move"]
        for row in _of_each(data, "SELECT indicator_id, basis, target_move FROM v_indicator_pair", ids)
        if row["basis"] == "previous"
    }
    lines: dict[tuple[str, str, int], dict[str, Any]] = {}
    for form_id in ids:
        seen: dict[tuple[str, str], int] = {}
        for row in sorted((row for row in rows if row["form_id"] == form_id), key=lambda row: row["indicator_no"]):
            name = (row["level2"] or "", row["level3"] or "")
            seen[name] = seen.get(name, 0) + 1
            line = lines.setdefault((*name, seen[name]), {**row, "cells": {}})
            before = [c for c in line["cells"].values() if c["target_unit"] is not None]
            changed = (
                bool(before) and row["target_unit"] is not None and before[-1]["target_unit"] != row["target_unit"]
            )
            line["cells"][form_id] = {**row, "move": moves.get(row["indicator_id"]), "unit_changed": changed}
    return list(lines.values())


def _of_each(data: Data, query: str, ids: list[str]) -> list[dict[str, Any]]:
    """The rows of these forms, one form after the other.

    A few ids out of a million are found so in a sixth of the time that one condition on all of them takes.
    """
    return [row for form_id in ids for row in data.rows(f"{query} WHERE form_id = ? LIMIT 2000", [form_id])]


def _trend(by_year: dict[int, Any], what: str, unit: str) -> str:
    """A title that says the finding: 执行数 2022 至 2024 年由 1 升至 2."""
    known = sorted((year, value) for year, value in by_year.items() if value is not None)
    if not known:
        return what

    def words(value: Any) -> str:
        return (
            percent(value)
            if unit == "%"
            else f"{number(value)} {unit}"
            if unit == "分"
            else f"{money(value, unit)} {unit}"
        )

    (first, before), (last, after) = known[0], known[-1]
    if first == last:
        return f"{first} 年{what} {words(before)}"
    move = "升至" if after > before else "降至" if after < before else "不变，"
    return f"{what}：{first} 年 {words(before)}，{last} 年{'' if move == '不变，' else move} {words(after)}"
