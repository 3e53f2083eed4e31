"""A warehouse of a million indicators from tidy frames to the switched link: `python -m bench.build [--indicators N]`.

Here: loading, linking, checks, data tests, views, publishing, each timed. Not here: reading and tidying (bench.ingest).
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from bench import exports
from bench.ingest import peak_mb
from bench.report import Section
from extractors.extract import extract
from pipelines.candidate import Candidate
from pipelines.settings import Settings, load_settings
from warehouse.build.frames import REJECTED, TidyBatch, code_version, frames_of, seal
from warehouse.schema.tables import ANALYSED, TIDY
from warehouse.state.current_state import Live
from warehouse.state.inventory import Content
from warehouse.state.store import Attempt, Store, now

_BASE = 60
"""Documents read for it; the rest are their copies under other ids, names, units, codes and regions."""

_COPIES_PER_BATCH = 5

_ID = "md5(k || left({0}, 16))"
_FORM = f"left({_ID.format('form_id')}, 16) || substr(form_id, 17)"
_NEW = {
    "project": {
        "document_id": f"{_ID.format('document_id')} || {_ID.format('document_id')}",
        "form_id": _FORM,
        "region_code": "(110000 + k)::VARCHAR",
        "unit_name": "chr((19968 + k)::INTEGER) || unit_name",
        "department_name": "chr((19968 + k)::INTEGER) || department_name",
        "project_name": "chr((19968 + k)::INTEGER) || project_name",
        "unit_code": "lpad(k::VARCHAR, 4, '0') || unit_code",
        "project_code": "(110000 + k)::VARCHAR || substr(project_code, 7, 2) || lpad(k::VARCHAR, 5, '0') "
        "|| right(project_code, 8)",
    },
    "indicator": {
        "form_id": _FORM,
        "indicator_id": f"left({_ID.format('indicator_id')}, 16) || substr(indicator_id, 17)",
        "level3": "level3 || chr((19968 + k)::INTEGER)",
    },
    "funding": {"form_id": _FORM},
    "attribute": {"form_id": _FORM},
    "provenance": {"form_id": _FORM},
    "problem": {},
    REJECTED: {},
}


def make(store: Store, indicators: int) -> Live:
    """Make tidy batches of at least so many indicators below the store; returns the state that they are of."""
    documents = [(hashlib.sha256(data).hexdigest(), path, data) for path, data in exports.text_exports(_BASE)]
    frames, _ = frames_of((document_id, extract(data)) for document_id, _, data in documents)
    copies = -(-indicators // frames["indicator"].num_rows)
    connection = duckdb.connect()
    names: list[str] = []
    for first in range(0, copies, _COPIES_PER_BATCH):
        names.append(f"000001-{len(names) + 1:05d}")
        batch = TidyBatch(names[-1], store.tidy / code_version() / names[-1])
        batch.folder.mkdir(parents=True)
        for table in TIDY:
            connection.register("frame", frames[table])
            new = ", ".join(f"{value} AS {name}" for name, value in _NEW[table].items())
            source = f"frame, range({first}, {min(first + _COPIES_PER_BATCH, copies)}) AS copies(k)"
            connection.execute(
                f"COPY (SELECT frame.*{f' REPLACE ({new})' if new else ''} FROM {source}) "
                f"TO '{batch.file(table)}' (FORMAT parquet, COMPRESSION zstd)"
            )
        connection.execute(
            "COPY (SELECT '' AS document_id, '' AS \"table\", '' AS \"column\", '' AS \"check\", '' AS value, "
            f"'' AS message WHERE false) TO '{batch.file(REJECTED)}' (FORMAT parquet)"
        )
        seal(batch.folder)
    contents, readings, first_seen = {}, {}, {}
    at = now()
    for k in range(copies):
        for old, path, data in documents:
            half = hashlib.md5(f"{k}{old[:16]}".encode(), usedforsecurity=False).hexdigest()
            document_id, batch_name = half * 2, names[k // _COPIES_PER_BATCH]
            contents[document_id] = Content(document_id, len(data), (f"{k:05d}/{path}",))
            readings[document_id] = Attempt(
                *(batch_name, document_id, None, None, "bench", at, 1, 0.0, len(data)),
                *("loaded", None, None, "text", None, 2, [2024], []),
            )
            first_seen[document_id] = at
    return Live({}, contents, readings, first_seen)


def run(settings: Settings, state: Live) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Build and publish as a run does; by step seconds, processor seconds, peak MB of this process until its end."""
    peaks = {"before": peak_mb("self")}
    seconds: dict[str, float] = {}
    processor: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begin, own = time.perf_counter(), time.process_time()
        result = work()
        seconds[name], processor[name] = time.perf_counter() - begin, time.process_time() - own
        peaks[name] = peak_mb("self")
        return result

    gc.set_threshold(200_000, 50, 100)  # as jixiao ingest does
    candidate = Candidate(Store(settings.curated), "000001", settings)
    timed("load", lambda: candidate.fill(state, Counter(reading.batch for reading in state.readings.values())))
    for name in ANALYSED:
        timed(name, lambda name=name: candidate.analyse(name))
    outcomes = timed("views and data tests", lambda: candidate.check(None, accept_losses=False))
    failed = [outcome.message for outcome in outcomes if not outcome.passed]
    assert not failed, failed
    ended = {"run_id": "bench", "started_at": now(), "finished_at": now(), "outcome": "published", "build": "000001"}
    timed("publish", lambda: candidate.publish("bench", [ended]))
    return seconds, processor, peaks


def measure(indicators: int) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Make the frames, then build in a process of its own, so that its memory is told apart."""
    with tempfile.TemporaryDirectory(prefix="jixiao-bench-") as folder:
        settings = load_settings({}, data_dir=Path(folder), workers=2)
        store = Store(settings.curated)
        store.prepare()
        state = make(store, indicators)
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            return pool.submit(run, settings, state).result()


def sections(rounds: int, indicators: int = 1_000_000) -> Iterator[Section]:
    """The part of docs/benchmarks.md; one round, for it takes a minute or more."""
    seconds, processor, peaks = measure(indicators)
    rows = [[name, f"{seconds[name]:.1f} s", f"{processor[name]:.1f} s", f"{peaks[name]:.0f} MB"] for name in seconds]
    peak = max(peaks.values())
    rows.append(["all", f"{sum(seconds.values()):.1f} s", f"{sum(processor.values()):.1f} s", f"{peak:.0f} MB"])
    yield Section(
        f"Warehouse: {indicators} indicators built and published",
        "From tidy Parquet frames to the switched link, as a run does it; two threads, DuckDB held to 512 MB,\n"
        f"{peaks['before']:.0f} MB before the first step. Provenance is loaded beside organisation and series,\n"
        "Parquet written beside finding and views: processor time counts where it falls.",
        ["step", "elapsed", "processor", "peak until its end"],
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--indicators", type=int, default=1_000_000)
    for section in sections(1, parser.parse_args().indicators):
        print(section.markdown())


if __name__ == "__main__":
    main()
