"""The pages as plain files, for a web server or a stick: the same templates, links relative, nothing that writes.

Here: which pages are written and under which names, which of an earlier site go. Not here: what a page says (content),
drawing.

Persons and telephones are left out, and so is every finding that accuses nobody yet, or that a person refuted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from extractors.errors import CannotRun, JixiaoError
from extractors.extraction import PAGED
from pages import looks
from pages.content import about, documents, findings, form, home, units
from pages.handover.selection import ACCUSING, Choice
from pages.pictures import Draughtsman
from pages.published import Data
from pages.wording import WAN
from warehouse.attention import queue
from warehouse.build.form_sheet import FormSheet, form_sheet

_PERSON = re.compile("人|电话|联系|手机|邮箱|传真|签字|签章|负责|经办|审核|制表")
"""What the label of a cell with a person or a telephone holds."""
_PER_PAGE = 200
MARKER = ".jixiao-site"
"""Holds the names of our files, one a line: at the end those of an earlier site go that this one has not."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the site holds: forms of `choice`; findings of these severities."""

    choice: Choice
    severities: tuple[str, ...] = ("error", "warning")


def write_site(
    data: Data, out: Path, scope: Scope, draw: Draughtsman | None, told: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Write the pages below `out`; returns how many of each kind.

    Raises CannotRun where the folder holds something else, so that nothing of anybody's is overwritten.
    """
    if out.exists() and any(out.iterdir()) and not (out / MARKER).exists():
        raise CannotRun(f"{out} 里已有别的东西，请另选一个文件夹。 / {out} is not empty; choose another folder.")
    out.mkdir(parents=True, exist_ok=True)
    marker = out / MARKER
    earlier = set(marker.read_text("utf-8").splitlines()) if marker.exists() else set()
    counts: dict[str, int] = {}
    with marker.open("a", encoding="utf-8", buffering=1) as names:  # also those of one that is broken off
        site = _Site(data, out, scope, draw, names)
        for kind in site.write():
            counts[kind] = counts.get(kind, 0) + 1
            if sum(counts.values()) % 1000 == 0:
                told(f"{sum(counts.values()):,}")
    for name in earlier:
        if (out / name).resolve().is_relative_to(out.resolve()):
            _part(out / name).unlink(missing_ok=True)
            if name not in site.names:
                (out / name).unlink(missing_ok=True)
    _put(marker, "".join(f"{name}\n" for name in sorted(site.names)).encode())
    return counts


def _put(target: Path, content: bytes) -> None:
    """Replace a file at once: who reads it meanwhile, or after a kill, has the old one or the new one, whole."""
    part = _part(target)
    part.write_bytes(content)
    part.replace(target)


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


class _Site:
    """`names` takes the name of each file before it is written."""

    def __init__(self, data: Data, out: Path, scope: Scope, draw: Draughtsman | None, names: TextIO) -> None:
        self.names: set[str] = set()
        self._data = data
        self._out = out
        self._noted = names
        self._draw = draw
        where, values = scope.choice.condition("v_project")
        self._forms = {row["form_id"]: row for row in data.rows(
            f"SELECT form_id, unit_id, series_id FROM v_project WHERE {where} ORDER BY form_id", values)}  # fmt: skip
        self._units = {row["unit_id"] for row in self._forms.values() if row["unit_id"]}
        self._series = {row["series_id"] for row in self._forms.values() if row["series_id"]}
        where, values = scope.choice.condition("v_finding")
        levels = ", ".join(f"'{level}'" for level in scope.severities if level in ("error", "warning"))
        accusing = f"{ACCUSING} AND severity IN ({levels or 'NULL'})"
        rows = data.rows(
            "SELECT finding_id, form_id, fiscal_year, check_code, check_name, severity "
            f"FROM v_finding WHERE {where} AND {accusing}",
            values,
        )
        self._findings = {row["finding_id"] for row in rows}
        self._of_check = Counter((row["check_code"], row["check_name"], row["severity"]) for row in rows)
        self._of_form = Counter((row["form_id"], row["severity"]) for row in rows)
        self._of_unit: defaultdict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
        for row in rows:
            if unit_id := self._forms.get(row["form_id"], row).get("unit_id"):
                key = (row["fiscal_year"], row["check_name"], row["check_code"], row["severity"])
                self._of_unit[unit_id][key] += 1
        self._build = data.one("SELECT build, finished_at, started_at FROM run WHERE build IS NOT NULL "
                               "ORDER BY started_at DESC LIMIT 1")  # fmt: skip
        self._attention = sum(kind["count"] for kind in queue.by_kind(data.cursor))

    def write(self) -> Iterator[str]:
        """Write the files one after the other; yields the kind of each."""
        for name in ("style.css",):
            self._put(f"static/{name}", looks.static(name))
        first = home.home(self._data, WAN)
        kept = self._checks()
        first["frequent"] = home.with_bars(
            [
                {"check_code": code, "check_name": name, "severity": severity, "n": n}
                for (code, name, severity), n in self._of_check.most_common(10)
            ]
        )
        first["dismissed"] = 0
        yield from self._attention_pages()
        yield self._page("about.html", "about.html", about.about(self._data))
        yield from self._documents()
        yield from self._finding_pages(kept)
        for unit_id in sorted(self._units):
            found = units.unit(self._data, unit_id, WAN) or {}
            found["forms"] = [row for row in found["forms"] if row["form_id"] in self._forms]
            for row in found["forms"]:
                counted = {f"{level}_count": self._of_form[row["form_id"], level] for level in ("error", "warning")}
                row.update(counted, dismissed_count=0)
            names = ("fiscal_year", "check_name", "check_code", "severity")
            found["findings"] = [
                {**dict(zip(names, key, strict=True)), "n": n} for key, n in self._of_unit[unit_id].most_common(40)
            ]
            yield self._page(f"unit/{unit_id}.html", "unit.html", found)
        for series_id in sorted(self._series):
            found = units.series(self._data, series_id, WAN) or {}
            found["columns"] = [row for row in found["columns"] if row["form_id"] in self._forms]
            yield self._page(f"series/{series_id}.html", "series.html", found)
        for form_id in self._forms:
            yield from self._form(form_id)
        yield self._page("index.html", "home.html", first)  # the last: one that was broken off has none

    def _checks(self) -> set[str]:
        rows = self._data.rows(
            "SELECT DISTINCT check_code FROM finding WHERE finding_id IN (SELECT unnest(?::VARCHAR[]))",
            [sorted(self._findings)],
        )
        return {row["check_code"] for row in rows}

    def _attention_pages(self) -> Iterator[str]:
        after, number = "", 1
        while True:
            found = documents.attention(self._data, "", "", after)
            name = "attention.html" if number == 1 else f"attention/{number}.html"
            after = found["more"]
            number += 1
            found["next_file"] = f"attention/{number}.html" if after else ""
            yield self._page(name, "attention.html", found)
            if not after:
                return

    def _documents(self) -> Iterator[str]:
        after, number = "", 1
        while True:
            found = documents.documents(self._data, "", "", after)
            for row in found["rows"]:
                row["forms"] = [one for one in row["forms"] if one["form_id"] in self._forms]
            name = "documents.html" if number == 1 else f"documents/{number}.html"
            after = found["more"] or ""
            number += 1
            found["next_file"] = f"documents/{number}.html" if after else ""
            yield self._page(name, "documents.html", found)
            if not after:
                return

    def _finding_pages(self, kept: set[str]) -> Iterator[str]:
        cards = findings.by_ids(self._data, sorted(self._findings))
        for card in cards:
            card["pending"] = None
            if card["format"] in PAGED and card["column_name"]:
                self._cut(card)
        pages = [("findings.html", cards)]
        pages += [
            (f"findings/{code}.html", [card for card in cards if card["check_code"] == code]) for code in sorted(kept)
        ]
        for name, own in pages:
            for start in range(0, max(len(own), 1), _PER_PAGE):
                number = start // _PER_PAGE + 1
                stem = name.removesuffix(".html")
                more = f"{stem}-{number + 1}.html" if start + _PER_PAGE < len(own) else ""
                values = {"facets": [], "total": len(own), "cards": own[start : start + _PER_PAGE], "more": "",
                          "chosen": {}, "address": "", "query": [], "next_file": more,
                          "dismissed": 0, "elsewhere": 0}  # fmt: skip
                yield self._page(name if number == 1 else f"{stem}-{number}.html", "findings.html", values)

    def _form(self, form_id: str) -> Iterator[str]:
        found = form.form(self._data, form_id)
        if found is None:
            return
        found["findings"] = [row for row in found["findings"] if row["finding_id"] in self._findings]
        found["of_form"] = [row for row in found["findings"] if row["indicator_no"] is None]
        for row in found["indicators"]:
            row["findings"] = [one for one in row["findings"] if one["finding_id"] in self._findings]
        persons = {
            f"attribute.{row['attribute_no']}.value"
            for row in found["sheet"].attribute
            if _PERSON.search(f"{row['section'] or ''}{row['label'] or ''}")
        }
        found["attributes"] = [row for row in found["attributes"] if row["cell"]["at"] not in persons]
        for grid in found["grids"]:
            for _, cells in grid["rows"]:
                cells[:] = [None if cell and cell["at"] in persons else cell for cell in cells]
        found["problems"] = [{**row, "text": None} for row in found["problems"]]
        for row in found["indicators"]:
            row["problems"] = [{**one, "text": None} for one in row["problems"]]
        found["counted"] = len(found["findings"])
        found["neighbours"] = [row for row in found["neighbours"] if row["form_id"] in self._forms]
        yield self._page(
            f"form/{form_id}.html", "form.html", {**found, "is_pdf": False, "frame": None, "no_picture": ""}
        )

    def _cut(self, card: dict[str, Any]) -> None:
        """The picture of a finding's cell; a finding without one shows none."""
        at = (card["table_name"], card["row_no"], card["column_name"])
        name = f"picture/{card['form_id']}/{'.'.join(map(str, at))}.png"
        if self._draw is None:
            card["column_name"] = None
            return
        if (self._out / name).exists():
            self._note(name)
            return
        sheet: FormSheet = form_sheet(self._data.cursor, card["form_id"])
        try:
            self._put(name, self._draw.cell(sheet, at))
        except JixiaoError:
            card["format"] = None

    def _page(self, name: str, template: str, values: dict[str, Any]) -> str:
        depth = name.count("/")
        values.setdefault("next_file", "")
        if values["next_file"]:
            values["next_file"] = "../" * depth + values["next_file"]
        frame = {
            "link": _Link("../" * depth, self),
            "live": False,
            "money_unit": WAN,
            "build_of": self._build,
            "attention_count": self._attention,
            "who": "",
            "read_only": True,
            "token": "",
            "here": "",
            "path": "/" + name.removesuffix(".html"),
            "states": (),
            "pictures": self._draw is not None,
            "originals": False,
            "said": "",
            "said_key": "",
            "wrote": "",
            "moved": False,
        }
        self._put(name, looks.render(template, {**frame, **values}).encode("utf-8"))
        return name.partition("/")[0].removesuffix(".html")

    def _put(self, name: str, content: bytes) -> None:
        target = self._out / name
        with suppress(FileExistsError):
            target.parent.mkdir(parents=True, exist_ok=True)
        self._note(name)
        _put(target, content)

    def _note(self, name: str) -> None:
        if name not in self.names:
            self.names.add(name)
            self._noted.write(f"{name}\n")

    def holds(self, kind: str, name: str) -> bool:
        """Whether a page is among those written."""
        return name in {"form": self._forms, "unit": self._units, "series": self._series}.get(kind, {name})


class _Link:
    """The relative address of a page: questions in an address are left out, what is not written leads to its list."""

    def __init__(self, up: str, site: _Site) -> None:
        self._up = up
        self._site = site

    def __call__(self, kind: str, /, *parts: Any, **query: Any) -> str:
        fragment = f"#{query['hash']}" if query.get("hash") else ""
        if kind == "":
            return f"{self._up}index.html"
        if kind in ("static", "picture"):
            return self._up + "/".join(map(str, (kind, *parts)))
        if kind == "findings" and query.get("check"):
            return f"{self._up}findings/{query['check']}.html"
        if not parts:
            return f"{self._up}{kind}.html"
        name = str(parts[0])
        if not self._site.holds(kind, name):
            return fragment or "#"
        return f"{self._up}{kind}/{name}.html{fragment}"
