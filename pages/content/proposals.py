"""待教: what the reader does not know, what it could mean, what would change.

Here: the list, a proposal with the values that it would give. Not here: writing (warehouse.proposals), reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractors.errors import JixiaoError
from extractors.extraction import ExtractedForm, Extraction
from extractors.vocabulary import label_key
from extractors.vocabulary.lookup import shipped
from extractors.vocabulary.taught import REFUSED, teachable
from pages.content.printed import TOLD, Printed, place_of, printed
from pages.pictures import Cut
from pages.published import Data
from pages.rereading import Rereader
from warehouse import proposals
from warehouse.corrections.entries import CORRECTABLE
from warehouse.schema.tables import TABLES
from warehouse.state.lessons import Lessons

TRIED = 3
"""Documents read on trial; a text that hundreds of documents print is not read again in all of them to look at it."""
_MOST = 200
_SHOWN = 60
SECTIONS = {
    "header": "表头", "goal": "目标", "indicator": "指标表", "measure": "资金表的列", "amount": "单独的金额",
    "source": "资金来源", "attribute": "其他内容", "sentence": "写在句子里的", "total": "合计行", "list": "项目清单",
    "section": "各部分的标题",
}  # fmt: skip
"""The groups of the vocabulary as people call them."""
_ROLES = {("indicator", "level_weight"): "一级或二级指标的分值", ("measure", "other"): "不入各栏的其他列"}
"""What no column of a table and no word of the vocabulary names."""


def listed(data: Data, data_dir: Path) -> dict[str, Any]:
    """Every proposal with what is decided by now."""
    lessons = Lessons.of(data_dir)
    rows = [decided(row, lessons) for row in proposals.proposals(data.cursor)]
    return {"rows": rows[:_MOST], "more": max(0, len(rows) - _MOST), "meaning": meaning}


def decided(row: dict[str, Any], lessons: Lessons) -> dict[str, Any]:
    """A proposal with `now` and `now_means`: what the file says of it, which counts from the next ingestion."""
    key, taught = label_key(row["text"]), lessons.taught
    role = taught.roles.get(key)
    now = "accepted" if role else "refused" if key in taught.refused else "open"
    changed = now != row["status"] or (role is not None and role != (row["section"], row["column_name"]))
    return {**row, "now": now, "now_means": role, "changed": changed}


def meaning(section: str | None, column: str | None) -> str:
    """What a role is called: 指标表 · 实际完成值."""
    if section in (None, REFUSED) or column is None:
        return ""
    if column == section:  # a group of one meaning
        return SECTIONS.get(section, section)
    own = {"indicator": "indicator", "measure": "funding"}.get(section or "", "project")
    tables = [TABLES[name] for name in dict.fromkeys((own, "project", "funding"))]
    labels = [table.column(column).label_zh for table in tables if column in table.column_names]
    entry = shipped().get(section or "", {}).get(column, {})
    words = entry.get("is", []) if isinstance(entry, dict) else []
    label = _ROLES.get((section or "", column)) or next(iter([*labels, *words]), column)
    return f"{SECTIONS.get(section or '', section or '')} · {label}"


def choices(section: str | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a text may be taught as, by group: (name, its words), the proposal's own group first."""
    known = teachable()
    groups = sorted(known, key=lambda group: group != section)
    return [
        (SECTIONS.get(group, group), [(f"{group}.{name}", meaning(group, name)) for name in known[group]])
        for group in groups
    ]


def one(data: Data, data_dir: Path, number: str, column: str, reader: Rereader | None) -> dict[str, Any]:
    """A proposal, the documents concerned, and what would change in them if it meant `column`. Raises JixiaoError."""
    row = proposals.proposal(data.cursor, number)
    lessons = Lessons.of(data_dir)
    role = proposals.meant(column, row["section"]) if column else None
    if role is None and row["section"] and row["column_name"]:
        role = (row["section"], row["column_name"])
    documents = proposals.concerned(data.cursor, row, _MOST)
    shown: dict[str, Any] = {
        "row": decided(row, lessons), "role": role, "documents": documents, "choices": choices(row["section"]),
        "meaning": meaning, "trials": [], "waiting": False, "tried": TRIED, "failed": "",
        "printed": None, "seeking": False, "most_cells": TOLD,
    }  # fmt: skip
    if reader is None:
        return shown
    if documents:
        shown["printed"], shown["seeking"] = where(data, row, documents[0], reader)
    if role is None:
        return shown
    texts = (lessons.with_word(row["text"], None).text, lessons.with_word(row["text"], role).text)
    for document in documents[:TRIED]:
        found = reader.readings_soon(document, *texts)
        if found is None:
            shown["waiting"] = True
            break
        changes = list(differences(*found))
        kinds = [change["kind"] for change in changes]
        counts = {kind: kinds.count(kind) for kind in ("gained", "changed", "lost")}
        more = max(0, len(changes) - _SHOWN)
        shown["trials"].append({"document": document, "changes": changes[:_SHOWN], "more": more, "counts": counts})
    return shown


def where(data: Data, row: dict[str, Any], document: dict[str, Any], reader: Rereader) -> tuple[Printed | None, bool]:
    """Where a document prints a proposal's text, and whether that is still being looked for."""
    place = place_of(data, document, row)
    if place is None:
        return None, False
    try:
        cells = reader.cells_soon(document)
    except JixiaoError:
        cells = []
    return (None, True) if cells is None else (printed(document, place, row["section"], cells), False)


def cut(data: Data, number: str, reader: Rereader) -> tuple[dict[str, Any], Cut] | None:
    """The document and the part of its page that show a proposal; None where no page does. Raises JixiaoError."""
    row = proposals.proposal(data.cursor, number)
    documents = proposals.concerned(data.cursor, row, 1)
    found, _ = where(data, row, documents[0], reader) if documents else (None, False)
    return (documents[0], found.cut) if found and found.cut else None


def differences(before: Extraction, after: Extraction) -> Iterator[dict[str, Any]]:
    """Every printed value that one reading has otherwise than the other: gained, changed or lost.

    What stood among the other labelled cells and is now a value of its own is gained, not lost.
    """
    gained: set[str] = set()
    lost: list[dict[str, Any]] = []
    blank = ExtractedForm({})
    for number in range(max(len(before.forms), len(after.forms))):
        old, new = (found.forms[number] if number < len(found.forms) else blank for found in (before, after))
        name = (new.project or old.project).get("project_name") or (old.project or {}).get("project_name") or ""
        for table in ("project", "funding", "indicator", "attribute"):
            pairs = _pairs(table, old, new)
            for where, was_row, is_row in pairs:
                for column, declared in CORRECTABLE[table].items():
                    was, now = _text(was_row.get(column)), _text(is_row.get(column))
                    if was == now or (table == "attribute" and column != "value"):
                        continue
                    kind = "gained" if not was else "changed" if now else "lost"
                    change = {"kind": kind, "form": number + 1, "name": name, "where": where,
                              "label": declared.label_zh, "was": was, "now": now}  # fmt: skip
                    if kind == "lost":
                        lost.append({**change, "table": table})
                        continue
                    if table == "attribute":
                        change["label"] = is_row.get("label") or declared.label_zh
                    gained.add(now)
                    yield change
    for change in lost:
        if change["table"] != "attribute" or change["was"] not in gained:
            yield change


def _pairs(table: str, old: ExtractedForm, new: ExtractedForm) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The rows of both readings that are the same row, and what it is called."""
    if table == "project":
        yield "", old.project, new.project
        return
    was, now = getattr(old, table), getattr(new, table)
    if table == "attribute":
        labels = list(dict.fromkeys((row.get("section"), row.get("label"), row.get("value")) for row in [*was, *now]))
        for key in labels:
            row = {"section": key[0], "label": key[1], "value": key[2]}
            yield str(key[1] or ""), *(row if _has(side, key) else {} for side in (was, now))  # type: ignore[misc]
        return
    for number in range(max(len(was), len(now))):
        one, two = (rows[number] if number < len(rows) else {} for rows in (was, now))
        named = (two or one).get("level3" if table == "indicator" else "label") or ""
        yield f"第 {number + 1} 项 {named}", one, two


def _has(rows: list[dict[str, Any]], key: tuple[Any, Any, Any]) -> bool:
    return any((row.get("section"), row.get("label"), row.get("value")) == key for row in rows)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
