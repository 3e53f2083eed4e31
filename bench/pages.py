"""The pages over a million indicators: how long each takes, what the server holds, fifty readers at once.

Here: making such a warehouse, serving it, asking. Not here: what the pages say.
`python -m bench.pages [--indicators N] [--data-dir DATA]`, or `python -m bench pages`.
A warehouse that stands in DATA is served as it is.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import duckdb
import psutil

from bench import build
from bench.report import Section
from pages.cookbook import questions
from pipelines.settings import load_settings
from warehouse.state.store import Store

ROOT = Path(__file__).parents[1]
READERS, EVERY_SECONDS, FOR_SECONDS = 50, 5.0, 120.0
ANSWERS = "问答的回答"
"""No page of its own: asked for by a button where the warehouse is large, one at a time; readers leave it."""
_SAMPLES = 12
"""Forms, units and projects whose pages are asked for."""


@dataclass(frozen=True, slots=True)
class Load:
    """What readers saw: seconds of each answer, answers that were none."""

    seconds: list[float]
    errors: int


def make(data_dir: Path, indicators: int) -> None:
    """A published warehouse of at least so many indicators, below data_dir."""
    settings = load_settings({}, data_dir=data_dir, workers=2)
    store = Store(settings.curated)
    store.prepare()
    state = build.make(store, indicators)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        pool.submit(build.run, settings, state).result()


def addresses(warehouse: Path, samples: int = _SAMPLES) -> dict[str, list[str]]:
    """The addresses of every kind of page, drawn from the warehouse with a fixed seed."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def ids(query: str) -> list[str]:
            found = [row[0] for row in connection.execute(query).fetchall()]
            return random.Random(1).sample(found, min(samples, len(found)))

        forms = ids("SELECT form_id FROM project ORDER BY 1")
        units = ids("SELECT unit_id FROM organisation ORDER BY 1")
        series = ids("SELECT series_id FROM series ORDER BY 1")
        names = ids("SELECT project_name FROM project WHERE project_name IS NOT NULL ORDER BY 1")
        checks = ids("SELECT DISTINCT check_code FROM finding ORDER BY 1")
    found = {
        "首页": ["/"],
        "搜索": [f"/search?q={name}" for name in names],
        "单位": [f"/unit/{unit}" for unit in units],
        "项目": [f"/series/{one}" for one in series],
        "表": [f"/form/{form}?at=indicator.1.target_text" for form in forms],
        "发现": ["/findings", *(f"/findings?check={check}" for check in checks), "/findings?severity=error&year=2024"],
        "文件": ["/documents", "/documents?status=rejected", "/documents?q=000"],
        "需要处理": ["/attention"],
        "待教": ["/proposals"],
        "问答": [f"/questions/{question.key}" for question in questions()],
        "说明": ["/about"],
        ANSWERS: [f"/questions/{question.key}?ask=1" for question in questions()],
    }
    return {kind: own for kind, own in found.items() if own}


@contextmanager
def served(data_dir: Path) -> Iterator[tuple[int, psutil.Process]]:
    """`jixiao serve` over data_dir as a process of its own; its port and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [sys.executable, "-m", "pipelines.cli", "serve", "--data-dir", str(data_dir), "--port", str(port)]
    server = subprocess.Popen(arguments, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                ask(port, "/static/style.css")
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield port, psutil.Process(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def ask(port: int, address: str) -> tuple[float, int]:
    """Seconds until the whole answer is there, and its status."""
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", quote(address, safe="/?=&%."))
        answer = connection.getresponse()
        answer.read()
        return time.perf_counter() - begin, answer.status
    finally:
        connection.close()


def timed(port: int, found: dict[str, list[str]]) -> dict[str, list[tuple[float, str]]]:
    """Seconds of every page, one after the other, by kind; the first answer of a kind warms up and is not counted."""
    times: dict[str, list[tuple[float, str]]] = {}
    for kind, own in found.items():
        ask(port, own[0])
        for address in own:
            seconds, status = ask(port, address)
            assert status == 200, (address, status)
            times.setdefault(kind, []).append((seconds, address))
    return times


def crowd(
    port: int,
    found: dict[str, list[str]],
    readers: int = READERS,
    every: float = EVERY_SECONDS,
    lasting: float = FOR_SECONDS,
) -> Load:
    """So many readers, each a page every few seconds, for so long."""
    seconds: list[float] = []
    errors = 0
    lock = threading.Lock()
    end = time.monotonic() + lasting

    def read(number: int) -> None:
        nonlocal errors
        dice = random.Random(number)
        time.sleep(dice.random() * every)
        while time.monotonic() < end:
            due = time.monotonic() + every
            address = dice.choice(found[dice.choice(list(found))])
            try:
                taken, status = ask(port, address)
            except OSError:
                taken, status = 60.0, 0
            with lock:
                seconds.append(taken)
                errors += status != 200
            time.sleep(max(0.0, due - time.monotonic()))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(seconds, errors)


def sections(rounds: int, indicators: int = 1_000_000, data_dir: Path | None = None) -> Iterator[Section]:
    """The part of docs/benchmarks.md; one round, for it takes minutes."""
    with tempfile.TemporaryDirectory(prefix="jixiao-bench-") as folder:
        where = data_dir or Path(folder)
        warehouse = Store(load_settings({}, data_dir=where).curated).warehouse
        if not warehouse.exists():
            make(where, indicators)
        found = addresses(warehouse)
        with served(where) as (port, process):
            times = timed(port, found)
            alone = process.memory_info().rss / 2**20
            load = crowd(port, {kind: own for kind, own in found.items() if kind != ANSWERS})
            memory = process.memory_info().rss / 2**20
    rows = []
    for kind, own in times.items():
        slowest, address = max(own)
        median = statistics.median(seconds for seconds, _ in own)
        rows.append([kind, f"{median * 1000:.0f} ms", f"{slowest * 1000:.0f} ms", address])
    yield Section(
        f"Pages over {indicators} indicators",
        f"`jixiao serve`, asked over loopback, one page after the other; {alone:.0f} MB, after the readers "
        f"{memory:.0f} MB.\n{READERS} readers, each a page every {EVERY_SECONDS:.0f} s for {FOR_SECONDS:.0f} s: "
        f"{len(load.seconds)} pages, {load.errors} errors,\nmedian {statistics.median(load.seconds) * 1000:.0f} ms, "
        f"slowest {max(load.seconds) * 1000:.0f} ms.",
        ["page", "median", "slowest", "slowest is"],
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--indicators", type=int, default=1_000_000)
    parser.add_argument("--data-dir", type=Path)
    given = parser.parse_args()
    for section in sections(1, given.indicators, given.data_dir):
        print(section.markdown())


if __name__ == "__main__":
    main()
