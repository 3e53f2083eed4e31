"""表: the form re-laid as our tables have it, and beside it the place where the chosen value is printed.

Here: cells with their addresses, findings and problems at their rows, the page or the grid. Not here: drawing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from extractors.extraction import PAGED
from extractors.vocabulary import indicator_columns
from pages.content.grid import laid_out, shown_cell, spot_of
from pages.content.units import region_name
from pages.decided import Decided, applied
from pages.published import Data
from pages.wording import number, percent, plain, reading
from warehouse.build.form_sheet import ROW_NUMBERS, FormSheet, PrintedPlace, form_sheet
from warehouse.corrections.entries import CORRECTABLE
from warehouse.reviews import DISMISSED
from warehouse.schema.tables import TABLES

_HEAD = [
    *("project_name", "project_code", "unit_name", "unit_code", "department_name", "fiscal_year", "region_code"),
    *(
        "money_unit",
        "total_weight",
        "total_score",
        "grade",
        "execution_rate_pct",
        "execution_weight",
        "execution_score",
    ),
]
_GOALS = ("goal_expected", "goal_actual")
_SUMS = ("budget_initial_yuan", "budget_adjusted_yuan", "executed_yuan")
_MONEY = [name for name in CORRECTABLE["funding"] if name != "label"]
_BESIDE = [name for name in CORRECTABLE["indicator"] if name not in
           ("level1", "level2", "level3", "target_text", "actual_text", "horizon", "level1_points")]  # fmt: skip
_AT = re.compile(r"(project|funding|indicator|attribute)\.([1-9]\d{0,5})\.([a-z]\w{0,40})")
_AROUND = 6
"""Rows shown before the first and behind the last one with a value of the form."""
FORM_ID = re.compile(r"[0-9a-f]{16}-[1-9]\d{0,4}")

At = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a form its address asks for: a value as indicator.3.target_text, a page, a problem by its id."""

    at: str = ""
    page: int | None = None
    problem: str = ""


def at_of(text: str) -> At | None:
    """The table, row and column that an address names, as in indicator.3.target_text."""
    match = _AT.fullmatch(text)
    return (match[1], int(match[2]), match[3]) if match else None


def form(
    data: Data, form_id: str, asked: Asked | None = None, decided: Decided | None = None, cells: Any = None
) -> dict[str, Any] | None:
    """A form with what is asked for; None where there is none of this id.

    `decided`: what is not yet in force. `cells`: gives every cell of a document, or None while it is being read.
    """
    asked = asked or Asked()
    if not FORM_ID.fullmatch(form_id) or not data.one("SELECT 1 FROM project WHERE form_id = ?", [form_id]):
        return None
    sheet = form_sheet(data.cursor, form_id)
    chosen = at_of(asked.at)
    if chosen and chosen not in sheet.places:
        chosen = None
    doubted = next((row for row in sheet.problem if row["problem_id"] == asked.problem), None)
    marks = decided.marks(data, [row["finding_key"] for row in sheet.finding]) if decided else {}
    corrected = decided.corrections(sheet) if decided else applied(sheet, "applied")
    future = {one.at: one.value for one in corrected if one.state == "pending"}
    states = {
        row["finding_key"]: row
        for row in data.rows(
            "SELECT finding_key, state AS review_state, note AS review_note, who AS reviewed_by FROM review "
            "WHERE status = 'applied' AND finding_key IN (SELECT unnest(?::VARCHAR[]))",
            [[row["finding_key"] for row in sheet.finding]],
        )
    }
    rules = {row["check_code"]: row for row in data.rows("SELECT * FROM check_rule")}
    findings = [
        {**row, **states.get(row["finding_key"], {"review_state": "待核"}),
         "rule": rules.get(row["check_code"]), "at": _at_of_finding(sheet, row),
         "pending": marks.get(row["finding_key"])}
        for row in sheet.finding
    ]  # fmt: skip
    amiss = next(
        (at for at, own in sheet.places.items() if doubted and any(_is_at(doubted, one) for one in own)), chosen
    )
    places = [_place_of(doubted)] if doubted else sheet.places.get(chosen, []) if chosen else []
    is_pdf = sheet.document["format"] in PAGED
    numbered = sorted({p.page for own in [*sheet.places.values(), places] for p in own if p.page is not None and p.box})
    on = asked.page if asked.page in numbered else next((p.page for p in places if p.page in numbered), None)
    on = on or (numbered[0] if numbered else None)
    whole = cells(sheet.document) if cells and not is_pdf else None
    beside_rows = _problems_at_rows(sheet)

    def shown(table: str, row_no: int, name: str, value: Any) -> dict[str, Any]:
        cell = _cell(sheet, table, row_no, name, value)
        if (table, row_no, name) in future:
            cell["future"] = future[table, row_no, name] or "空值"
        return cell

    series = data.one("SELECT series_id, series_name FROM series WHERE series_id = ?", [sheet.project["series_id"]])
    unit = data.one("SELECT unit_id, unit, department FROM v_form WHERE form_id = ?", [form_id])
    values = {
        "sheet": sheet,
        "head": [shown("project", 1, name, sheet.project[name]) for name in _HEAD],
        "goals": [shown("project", 1, name, sheet.project[name]) for name in _GOALS],
        "title": shown("project", 1, "title", sheet.project["title"]),
        "money_columns": _labels(sheet, "funding", _MONEY, sheet.funding),
        "funding": _funding(sheet, shown),
        "beside": _labels(sheet, "indicator", _BESIDE, sheet.indicator),
        "indicators": _indicators(sheet, shown, findings, beside_rows),
        "attributes": [
            {"label": row["label"], "section": row["section"],
             "cell": shown("attribute", row["attribute_no"], "value", row["value"])}
            for row in sheet.attribute
        ],
        "corrections": [
            {"label": TABLES[one.at[0]].column(one.at[2]).label_zh, "name": one.at[2],
             "where": _called(sheet, one.at), "key": ".".join(map(str, one.at)), "one": one}
            for one in corrected
        ],
        "findings": findings,
        "counted": sum(f["review_state"] not in DISMISSED for f in findings),
        "of_form": [f for f in findings if f["indicator_no"] is None],
        "problems": [row for row in sheet.problem if row["problem_id"] not in {
            own["problem_id"] for rows in beside_rows.values() for own in rows}],
        "problem_count": len(sheet.problem),
        "citation": _citation(sheet, chosen, places, unit) if chosen else "",
        "at": ".".join(map(str, chosen)) if chosen else "",
        "doubted": doubted,
        "places": places,
        "correctable": CORRECTABLE[amiss[0]].get(amiss[2]) if amiss else None,
        "amiss": ".".join(map(str, amiss)) if amiss else "",
        "is_pdf": is_pdf and on is not None,
        "page": on,
        "pages": numbered,
        "boxes": _boxes(sheet, on, chosen, doubted) if on else [],
        "grids": [] if is_pdf else _grids(sheet, chosen, whole or [], doubted),
        "whole_grid": whole is not None,
        "grid_waits": cells is not None and not is_pdf and whole is None,
        "order": [".".join(map(str, key)) for key in sheet.places],
        "series": series,
        "of_unit": unit,
        "region": region_name(data, sheet.project["region_code"]),
        "neighbours": data.rows(
            "SELECT p.form_id, p.fiscal_year FROM project AS p LEFT JOIN v_form AS v USING (form_id) "
            "WHERE p.series_id = $series QUALIFY row_number() OVER (PARTITION BY p.fiscal_year "
            "ORDER BY p.form_id = $own DESC, v.counted DESC NULLS LAST, p.form_id) = 1 ORDER BY p.fiscal_year",
            {"series": sheet.project["series_id"], "own": form_id},
        ),
    }  # fmt: skip
    return {**values, "missing": _missing(values, shown)}


def _missing(values: Mapping[str, Any], shown: Shown) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a form may print and was not read, to be filled in by a person: by row, the address and label of each."""
    amounts = [] if values["funding"] else [shown("project", 1, name, values["sheet"].project[name]) for name in _SUMS]
    groups = [("表头", [*values["head"], *values["goals"], *amounts])]
    groups += [(row["label"], [row["cells"][name] for name, _ in values["money_columns"]]) for row in values["funding"]]
    groups += [
        (
            f"第 {row['no']} 项 {row['name']['text']}",
            [row["target"], row["actual"], *(row["beside"][name] for name, _ in values["beside"])],
        )
        for row in values["indicators"]
    ]
    named = [
        (
            group,
            [
                (cell["at"], cell["label"])
                for cell in cells
                if cell["value"] is None and not cell["placed"] and not cell["future"] and cell["name"] != "money_unit"
            ],
        )
        for group, cells in groups
    ]
    return [(group, cells) for group, cells in named if cells]


Shown = Callable[[str, int, str, Any], dict[str, Any]]
"""A value of a row (table, number of the row, column, value) as the page shows it."""


def _at_of_finding(sheet: FormSheet, row: Mapping[str, Any]) -> str:
    """The value that a finding is about, as v_finding_place has it: its own cell, else what names its row."""
    if row["indicator_no"] is not None:
        wanted = [("indicator", row["indicator_no"], row["field"]), ("indicator", row["indicator_no"], "level3")]
    else:
        wanted = [("project", 1, row["field"]), ("project", 1, "title"), ("project", 1, "project_name")]
    return next((".".join(map(str, at)) for at in wanted if at in sheet.places), "")


def _place_of(problem: Mapping[str, Any]) -> PrintedPlace:
    box = (problem["x0"], problem["top"], problem["x1"], problem["bottom"])
    return PrintedPlace(problem["text"], problem["page"], None if None in box else box, problem["locator"])


def _cell(sheet: FormSheet, table: str, row_no: int, name: str, value: Any) -> dict[str, Any]:
    column = TABLES[table].column(name)
    places = sheet.places.get((table, row_no, name), [])
    corrected = next(
        (
            row
            for row in sheet.correction
            if row["status"] == "applied"
            and (row["table_name"], row["row_no"] or 1, row["column_name"]) == (table, row_no, name)
        ),
        None,
    )
    printed = "".join(dict.fromkeys(p.text or "" for p in places))
    return {
        "at": f"{table}.{row_no}.{name}",
        "name": name,
        "label": column.label_zh,
        "value": value,
        "text": _written(column.unit, name, column.allowed.get(value, value) if isinstance(value, str) else value),
        "placed": bool(places),
        "printed": printed,
        "corrected": corrected,
        "future": None,
        "doubt": _doubt(sheet, places),
        "blank": value is None and not re.search(r"[^\W_]", printed),
        "null": column.null_zh if value is None and places else None,
    }


def _doubt(sheet: FormSheet, places: Sequence[PrintedPlace]) -> str:
    """What the reader itself doubts at the place of a value: the sentences of its problems there."""
    return "；".join(
        row["message"] or row["code"] for row in sheet.problem if any(_is_at(row, place) for place in places)
    )


def _is_at(problem: Mapping[str, Any], place: PrintedPlace) -> bool:
    if place.locator is not None:
        return bool(place.locator == problem["locator"])
    if place.box is None or place.page != problem["page"] or problem["x0"] is None or problem["top"] is None:
        return False
    x, y = (problem["x0"] + problem["x1"]) / 2, (problem["top"] + problem["bottom"]) / 2
    return place.box[0] <= x <= place.box[2] and place.box[1] <= y <= place.box[3]


def _written(unit: str | None, name: str, value: Any) -> Any:
    if name.endswith("_yuan"):
        return value
    if isinstance(value, Decimal) and unit == "%":
        return percent(value)
    return number(value) if isinstance(value, Decimal) else plain(value)


def _labels(
    sheet: FormSheet, table: str, names: Iterable[str], rows: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """The columns of which the form prints anything, also where none of it was surely read."""
    printed = {column for own, _, column in sheet.places if own == table}
    labels = {role.name: role.label_zh for role in indicator_columns().values()} if table == "indicator" else {}
    return [
        (name, labels.get(name) or TABLES[table].column(name).label_zh)
        for name in names
        if name in printed or any(row[name] is not None for row in rows)
    ]


def _funding(sheet: FormSheet, shown: Shown) -> list[dict[str, Any]]:
    sources = TABLES["funding"].column("source").allowed
    return [
        {
            "label": row["label"] or sources.get(row["source"], row["source"]),
            "named": shown("funding", row[ROW_NUMBERS["funding"]], "label", row["label"]),
            "cells": {name: shown("funding", row[ROW_NUMBERS["funding"]], name, row[name]) for name in _MONEY},
        }
        for row in sheet.funding
    ]


def _problems_at_rows(sheet: FormSheet) -> dict[int, list[dict[str, Any]]]:
    """The problems that stand in the printed row of an indicator, by its number."""
    spans: dict[int, tuple[set[tuple[str, int]], dict[int, tuple[float, float]]]] = {}
    for (table, no, column), places in sheet.places.items():
        if table != "indicator" or column in ("level1", "level2"):
            continue
        rows, pages = spans.setdefault(no, (set(), {}))
        for place in places:
            if spot := spot_of(place.locator):
                rows.add(spot[:2])
            if place.page is not None and place.box:
                top, bottom = pages.get(place.page, (place.box[1], place.box[3]))
                pages[place.page] = min(top, place.box[1]), max(bottom, place.box[3])
    found: dict[int, list[dict[str, Any]]] = {}
    for row in sheet.problem:
        spot = spot_of(row["locator"])
        middle = (row["top"] + row["bottom"]) / 2 if None not in (row["top"], row["bottom"]) else None
        for no, (rows, pages) in spans.items():
            top, bottom = pages.get(row["page"], (0.0, -1.0))
            if (spot and spot[:2] in rows) or (middle is not None and top <= middle <= bottom):
                found.setdefault(no, []).append(row)
                break
    return found


def _citation(sheet: FormSheet, chosen: At, places: Sequence[PrintedPlace], unit: Mapping[str, Any] | None) -> str:
    """The value as a report cites it: whose, what, where it is printed, in which file."""
    project, (table, _, name) = sheet.project, chosen
    whose = (unit["unit"] if unit else None) or project["unit_name"] or project["department_name"] or "（没有单位）"
    label = TABLES[table].column(name).label_zh
    named = _called(sheet, chosen)
    spots = dict.fromkeys(f"第 {place.page} 页" if place.page else place.locator or "" for place in places)
    printed = "".join(dict.fromkeys(place.text or "" for place in places))
    year = f"{project['fiscal_year']} 年度" if project["fiscal_year"] else "年度未印"
    return (
        f"{whose}，“{project['project_name'] or project['title'] or ''}”，{year}，"
        f"{f'{named}，' if named else ''}{label}：{printed or '（未印）'}。"
        f"{sheet.document['path']}，{'、'.join(filter(None, spots))}；SHA-256 {sheet.document['document_id']}"
    )


def _called(sheet: FormSheet, at: At) -> str:
    """What the row of a value is called, where the form has several of its kind."""
    table, row_no, _ = at
    numbered = ROW_NUMBERS.get(table)
    rows = getattr(sheet, table) if numbered else []
    row: Mapping[str, Any] = next((row for row in rows if row[numbered] == row_no), {})
    return str(row.get("level3") or row.get("label") or "")


def _indicators(
    sheet: FormSheet,
    shown: Shown,
    findings: Sequence[Mapping[str, Any]],
    problems: Mapping[int, Sequence[Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    rows, levels = [], (None, None)
    for row in sheet.indicator:
        no = row["indicator_no"]
        own = (row["level1"], row["level2"])
        rows.append(
            {
                "row": row,
                "no": no,
                "levels": [level for level in own if level] if own != levels else [],
                "name": shown("indicator", no, "level3", row["level3"]),
                "target": shown("indicator", no, "target_text", row["target_text"]),
                "actual": shown("indicator", no, "actual_text", row["actual_text"]),
                "target_read": reading(row, "target"),
                "actual_read": reading(row, "actual"),
                "beside": {name: shown("indicator", no, name, row[name]) for name in _BESIDE},
                "findings": [f for f in findings if f["indicator_no"] == no],
                "problems": problems.get(no, []),
            }
        )
        levels = own
    return rows


def _boxes(
    sheet: FormSheet, page: int, chosen: At | None, doubted: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The boxes of the page: every value's, the chosen one and its row marked; the chosen last, on top.

    `doubted`: the problem that is shown in place of a value.
    """
    boxes = []
    for key, places in sheet.places.items():
        kind = (
            "chosen" if key == chosen else "row" if chosen and chosen[0] != "project" and key[:2] == chosen[:2] else ""
        )
        for place in places:
            if place.page == page and place.box:
                x0, top, x1, bottom = place.box
                boxes.append({"at": ".".join(map(str, key)), "x": x0, "y": top, "w": x1 - x0, "h": bottom - top,
                              "kind": kind, "text": place.text or ""})  # fmt: skip
    own = _place_of(doubted) if doubted else None
    if own and own.box and own.page == page:
        x0, top, x1, bottom = own.box
        boxes.append({"at": "", "x": x0, "y": top, "w": x1 - x0, "h": bottom - top,
                      "kind": "chosen", "text": own.text or ""})  # fmt: skip
    return sorted(boxes, key=lambda box: ("", "row", "chosen").index(box["kind"]))


def _grids(
    sheet: FormSheet, chosen: At | None, cells: Iterable[Sequence[Any]], doubted: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The values at their places in the file, as rows and columns, where it has no pages; between them `cells`.

    `cells`: every cell as text, locator, rows and columns that it reaches over; those of tables without a value of the
    form are left out. A row holds None for a blank, and nothing where a cell before or above it reaches.
    """
    tables: dict[str, dict[int, dict[int, dict[str, Any]]]] = {}
    for key, places in sheet.places.items():
        for place in places:
            spot = spot_of(place.locator)
            if spot is None:
                continue
            name, row, column = spot
            cell = (
                tables.setdefault(name, {})
                .setdefault(row, {})
                .setdefault(column, shown_cell(place.text or "", ".".join(map(str, key))))
            )
            if key == chosen:
                cell["kind"], cell["at"] = "chosen", ".".join(map(str, key))
    extents = {name: (min(rows), max(rows)) for name, rows in tables.items()}
    for text, locator, high, wide, *_ in cells:
        spot = spot_of(locator)
        if spot is None or spot[0] not in extents:
            continue
        name, row, column = spot
        first, last = extents[name]
        if first - _AROUND <= row <= last + _AROUND:
            cell = tables[name].setdefault(row, {}).setdefault(column, shown_cell(text, None))
            cell["high"], cell["wide"] = high, wide
    spot = spot_of(doubted["locator"]) if doubted else None
    if spot is not None and spot[0] in tables:
        name, row, column = spot
        text = (doubted or {}).get("text") or ""
        tables[name].setdefault(row, {}).setdefault(column, shown_cell(text, None))["kind"] = "chosen"
    grids = []
    for name, rows in tables.items():
        columns = sorted({column for row in rows.values() for column in row})
        grids.append(
            {
                "name": name,
                "columns": columns,
                "rows": laid_out(rows, columns),
                "letters": name.startswith("工作表"),
            }
        )
    return grids
