"""Where scaling bends: a discrete simulation of 1 to 64 cores over service times measured here and now.

Here: the measured times of each station a document passes, the simulation, its table. Not here: the stations' work.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import psutil

from bench import build, exports
from bench.answer import answer
from bench.pdf import FORM_FILES
from bench.report import Section
from extractors.extract import extract
from pipelines.cluster import GROUP, Cluster
from pipelines.pool import PoolLimits, in_order, read_all
from pipelines.worker import Task
from warehouse.build import frames
from warehouse.state.store import Store

CORES = (1, 2, 4, 8, 16, 32, 64)
DOCUMENTS = 20_000
MAIN_CORES = 8
"""Cores of the machine that runs the ingestion itself: it tidies and builds, whoever reads."""

_TASKS = 400
_INDICATORS_PER_FORM = 12.8
"""Of the exports that bench.build multiplies."""


@dataclass(frozen=True, slots=True)
class Service:
    """Processor seconds a document costs at each station.

    `read`: in a worker, one value per document, used in turn. `main`: handing out, taking back and storing, which one
    thread does. `scheduler`: Dask's, one thread, too. `tidy`: on any core of the main machine; `built`: loading,
    linking, checks and publishing at the end, on up to so many cores as DuckDB makes use of.
    """

    read: Sequence[float]
    main: float
    scheduler: float
    tidy: float
    built: float


@dataclass(frozen=True, slots=True)
class Simulated:
    """Seconds until all is read and tidied, until it is published, and how busy main thread and scheduler were."""

    read_seconds: float
    all_seconds: float
    main_busy: float
    scheduler_busy: float


def simulate(service: Service, cores: int, *, documents: int = DOCUMENTS, cluster: bool = True) -> Simulated:
    """Pass the documents, the longest first, through main thread, scheduler, workers, main thread and tidying.

    Stations serve in the order of arrival; a document is handed out when the pool's window has room.
    """
    times = sorted(islice(cycle(service.read), documents), reverse=True)
    workers = [0.0] * cores
    tidiers = [0.0] * MAIN_CORES
    main = scheduler = tidied = 0.0
    ends: list[float] = []  # of documents handed out, not yet taken back
    window = 17 * cores
    for needed in times:
        if len(ends) >= window:
            main = max(main, heapq.heappop(ends)) + service.main / 2
            tidied = heapq.heappushpop(tidiers, max(tidiers[0], main) + service.tidy)
        main += service.main / 2
        arrives = main
        if cluster:
            scheduler = arrives = max(scheduler, main) + service.scheduler
        end = max(workers[0], arrives) + needed
        heapq.heapreplace(workers, end)
        heapq.heappush(ends, end)
    while ends:
        main = max(main, heapq.heappop(ends)) + service.main / 2
        tidied = heapq.heappushpop(tidiers, max(tidiers[0], main) + service.tidy)
    read = max(main, tidied, *tidiers)
    build_seconds = documents * service.built / min(MAIN_CORES, 4)
    scheduler_busy = documents * service.scheduler / read if cluster else 0.0
    return Simulated(read, read + build_seconds, documents * service.main / read, scheduler_busy)


def measured(contents: Sequence[bytes], built_per_form: float) -> Service:
    """What the stations take for documents like these, as processor time of this machine."""
    read, lines, forms = [], [], 0.0
    for data in (*contents[:3], *contents):
        begin = time.process_time()
        result = extract(data)
        lines.append(result.to_json())
        read.append(time.process_time() - begin)
        forms += len(result.forms) / (len(contents) + 3)
    read, lines = read[3:], lines[3:]  # the first ones warm up
    with tempfile.TemporaryDirectory(prefix="jixiao-bench-") as folder:
        store = Store(Path(folder))
        store.prepare()
        ids = [hashlib.sha256(data).hexdigest() for data in contents]
        begin = time.process_time()
        for batch in ("000001-00001", "000001-00002"):
            rows = zip(ids, lines, strict=True)
            store.append_batch(batch, [{"document_id": id_, "forms": line, "status": "loaded"} for id_, line in rows])
        storing = (time.process_time() - begin) / 2 / len(contents)
        frames.tidy(store, "000001-00001")  # imports what it needs
        begin = time.process_time()
        frames.tidy(store, "000001-00002")
        tidy = (time.process_time() - begin) / len(contents)
    tasks = _tasks(round(statistics.mean(map(len, contents))), round(statistics.mean(map(len, lines))))
    return Service(read, storing + _handing_out(tasks), _scheduling(tasks), tidy, forms * built_per_form)


def _tasks(size: int, length: int) -> list[Task]:
    return [Task(str(length), "", size) for _ in range(_TASKS)]


def _handing_out(tasks: Sequence[Task]) -> float:
    """Processor seconds of this process for handing a document out and taking its reading back."""
    begin = time.process_time()
    for _ in read_all(tasks, PoolLimits(2), read=answer):
        pass
    return (time.process_time() - begin) / len(tasks)


def _scheduling(tasks: Sequence[Task]) -> float:
    """Processor seconds of a real Dask scheduler for one document."""
    with tempfile.TemporaryDirectory(prefix="jixiao-bench-") as folder:
        file = str(Path(folder) / "scheduler.json")
        common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", file]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        commands = [
            ["dask_scheduler", *common, "--port", "0"],
            ["dask_worker", *common, "--no-nanny", "--nthreads", "1"],
        ]
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for module, *arguments in commands
        ]
        try:
            while not Path(file).exists():
                time.sleep(0.1)
            address = json.loads(Path(file).read_text())["address"]
            limits = PoolLimits(1)
            with Cluster(address, limits) as cluster:
                before = sum(psutil.Process(processes[0].pid).cpu_times()[:2])
                submit = partial(cluster.submit, answer, max_bytes=limits.max_bytes)
                for _ in in_order(tasks, submit, cluster.workers * GROUP, idle=cluster.idle):
                    pass
                return (sum(psutil.Process(processes[0].pid).cpu_times()[:2]) - before) / len(tasks)
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait(30)


def sections(_rounds: int) -> Iterator[Section]:
    """The part of docs/benchmarks.md: one table for text exports, one for PDFs of a form each."""
    indicators = 50_000
    _, processor, _ = build.measure(indicators)
    built_per_form = sum(processor.values()) / (indicators / _INDICATORS_PER_FORM)
    kinds = {
        "text exports of two forms": [data for _, data in exports.text_exports(200)],
        "PDFs of one form": [path.read_bytes() for path in FORM_FILES] * 3,
    }
    for kind, contents in kinds.items():
        service = measured(contents, built_per_form)
        alone = simulate(service, 1).all_seconds
        rows = []
        for cores in CORES:
            here, there = simulate(service, cores, cluster=False), simulate(service, cores)
            rows.append(
                [
                    str(cores),
                    f"{here.all_seconds:.0f} s",
                    f"{there.all_seconds:.0f} s",
                    f"{alone / there.all_seconds:.1f}×",
                    f"{DOCUMENTS / there.read_seconds:.0f}",
                    f"{there.main_busy:.0%}",
                    f"{there.scheduler_busy:.0%}",
                ]
            )
        yield Section(
            f"Simulated cores: {DOCUMENTS} {kind}",
            "Processor time a document, measured: "
            f"read {1000 * statistics.mean(service.read):.1f} ms, main thread {1000 * service.main:.2f} ms, scheduler "
            f"{1000 * service.scheduler:.2f} ms, tidied {1000 * service.tidy:.2f} ms, loaded, linked, checked "
            f"and published {1000 * service.built:.2f} ms. The main machine tidies and builds on {MAIN_CORES} cores.",
            [
                "cores that read",
                "pool",
                "cluster",
                "faster than one",
                "documents read a second",
                "main thread",
                "scheduler",
            ],
            rows,
        )


def main() -> None:
    for section in sections(1):
        print(section.markdown())


if __name__ == "__main__":
    main()
