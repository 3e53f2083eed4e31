"""Asking the pages in this process: a request in, status, headers and text out. No server, no browser.

Here: asking, exporting, and ingesting anew. Not here: what is asked.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pages.house import House
from pipelines.cli import main
from pipelines.ingestion import Ingestion
from pipelines.settings import load_settings

TOKEN = "t" * 32
"""That of every form of the tests."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


def ask(
    app: Any, url: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None, port: int = 8000
) -> Answer:
    """GET a path, or POST a form to it."""
    sent = {"host": f"127.0.0.1:{port}", **(headers or {})}
    body = urlencode(form).encode() if form is not None else b""
    if form is not None:
        sent.setdefault("content-type", "application/x-www-form-urlencoded")
    parts = urlsplit(url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET" if form is None else "POST",
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", port),
    }
    messages: list[dict[str, Any]] = []

    async def run() -> None:
        taken = False

        async def receive() -> dict[str, Any]:
            nonlocal taken
            if taken:
                await asyncio.Event().wait()  # as a browser that stays until it has everything
            taken = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        await app(scope, receive, send)

    asyncio.run(run())
    found = {name.decode().lower(): value.decode("latin-1") for name, value in messages[0]["headers"]}
    return Answer(messages[0]["status"], found, b"".join(m.get("body", b"") for m in messages[1:]))


def ingest(data_dir: Path) -> None:
    """One ingestion without the command line."""
    run = Ingestion(load_settings({}, data_dir=data_dir, settle_seconds=0.0, workers=1), trigger="command")
    try:
        run.scan(rebuild=False)
        run.read(None)
        run.publish()
    finally:
        run.close()


def a_finding(house: House) -> dict[str, Any]:
    with house.published.data() as data:
        row = data.one(
            "SELECT finding_key, form_id, printed, v.unit, v.unit_id FROM v_finding JOIN v_form AS v USING (form_id) "
            "WHERE severity = 'warning' ORDER BY 1 LIMIT 1"
        )
    assert row is not None
    return row


def total(app: Any, url: str) -> int:
    found = re.search(r"<small>([\d,]+) 项", ask(app, url).text)
    assert found is not None
    return int(found[1].replace(",", ""))


def export(house: House, out: Path, *more: str) -> Path:
    house.published.close()  # as in another process: an open one stands in the way of other settings of DuckDB
    assert main(["export", str(out), "--data-dir", str(house.data_dir), *more]) == 0
    return out
