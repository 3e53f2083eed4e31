"""Templates, styles and downloads: from values to the bytes that a browser gets.

Here: the template environment, links, files of the looks. Not here: the values.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

import jinja2

from pages import wording
from pages.content.grid import letters
from pages.handover.selection import heading
from warehouse.schema.tables import Column

_PART = 64 * 1024
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@cache
def _environment() -> jinja2.Environment:
    """Everything is escaped; an unknown name is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "money": wording.money,
        "number": wording.number,
        "percent": wording.percent,
        "moment": wording.moment,
        "plain": wording.plain,
        "basis": wording.basis,
        "since": wording.since,
        "letters": letters,
        "query": urlencode,
    }
    environment.globals |= {
        "SEVERITIES": wording.SEVERITIES,
        "VERDICTS": wording.VERDICTS,
        "STATUSES": wording.STATUSES,
        "FORM_KINDS": wording.FORM_KINDS,
        "FORMATS": wording.FORMATS,
    }
    return environment


def render(template: str, values: dict[str, Any]) -> str:
    """A page."""
    return _environment().get_template(template).render(values)


@cache
def static(name: str) -> bytes:
    """A style sheet or script of ours."""
    return files("pages").joinpath("static", name).read_bytes()


def served_link(kind: str, /, *parts: Any, **query: Any) -> str:
    """The address of a page: link('form', id, at=...)."""
    path = "/" + "/".join(quote(str(part), safe="") for part in (kind, *parts) if part != "")
    fragment = query.pop("hash", None)
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return path + (f"?{urlencode(given)}" if given else "") + (f"#{quote(str(fragment))}" if fragment else "")


def as_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Rows of these columns as CSV, with heads and words as in the workbook, part by part."""
    worded = ([_worded(*pair) for pair in zip(columns, row, strict=True)] for row in rows)
    yield from lines_of_csv([heading(column) for column in columns], worded)


def lines_of_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Rows as CSV, part by part.

    It begins with the mark by which spreadsheets know UTF-8, and holds nothing that they would run.
    """
    text = io.StringIO("\ufeff")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        if text.tell() > _PART:
            yield text.getvalue().encode("utf-8")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode("utf-8")


def _worded(column: Column, value: Any) -> Any:
    """A value as a person reads it; figures stay figures, without thousands."""
    if isinstance(value, Decimal) and not column.name.endswith("_yuan"):
        return f"{value.normalize():f}"
    return value if value is None or type(value) in (int, float, Decimal) else wording.said(column, value)


def harmless(value: Any) -> Any:
    """A value that no spreadsheet runs: a text that begins as a formula gets an apostrophe before it."""
    text = wording.plain(value) if isinstance(value, list | tuple | bool) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text
