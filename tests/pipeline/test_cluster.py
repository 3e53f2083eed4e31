"""Reading on a real Dask scheduler: the same tables as on one machine, whatever happens to a worker or a document."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import killers
import psutil
import pytest
from conftest import House, Outcome

from extractors.errors import CannotRun
from pipelines import cluster as cluster_module
from pipelines import worker
from pipelines.cluster import GROUP, Cluster
from pipelines.logs import LOGGER
from pipelines.pool import PoolLimits, in_order
from pipelines.worker import Task
from warehouse.schema.tables import TABLES

CORPUS = Path(__file__).parents[1] / "accuracy" / "raw"
BY_TIME = {"document": {"first_ingested_at"}, "run": set(TABLES["run"].column_names)}
"""Columns that tell when and how a run was made, not what the documents say."""

pytestmark = pytest.mark.slow


@dataclass
class Dask:
    """A scheduler and its workers, each a process of its own."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start the scheduler or a worker; both find each other by a file."""
        common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(self.folder / "scheduler.json")]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *common, *arguments],
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self.folder,
            )
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker that makes one call at a time."""
        return self.start("dask_worker", "--no-nanny", "--nthreads", "1", "--death-timeout", "60")

    @property
    def address(self) -> str:
        """Where the scheduler listens, once it does."""
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(FileNotFoundError, ValueError):
                return str(json.loads((self.folder / "scheduler.json").read_text())["address"])
            assert time.monotonic() < deadline, "the scheduler does not start"
            time.sleep(0.1)

    def stop(self) -> None:
        """End all processes; what they would still tell each other is of no use any more."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(20)


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    """A scheduler without workers yet."""
    found = Dask(tmp_path)
    try:
        found.start("dask_scheduler", "--port", "0")
        yield found
    finally:
        found.stop()


def corpus_house(folder: Path, **settings: Any) -> House:
    """A data folder with the whole truth set and a document that crashes its reader."""
    house = House(folder)
    shutil.copytree(CORPUS, house.raw, dirs_exist_ok=True)
    house.add("440303/2024/crash.txt", 1)
    house.set(timeout_seconds=300.0, **settings)  # a busy machine is no difference
    return house


def ingest(house: House) -> Outcome:
    """A whole run in which the hostile document does crash its reader, on whatever machine that is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "read", killers.read_unless_hostile)
        return house.ingest()


def tables(house: House) -> dict[str, list[str]]:
    """Every row of every table as text, sorted, without what tells the time."""
    found = {}
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        for name, table in TABLES.items():
            columns = [column for column in table.column_names if column not in BY_TIME.get(name, ())]
            if columns:
                rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
                found[name] = sorted(map(repr, rows))
    return found


def assert_same(found: dict[str, list[str]], expected: dict[str, list[str]]) -> None:
    """Tell the rows that differ, the documents' first."""
    for name, rows in expected.items():
        assert set(found[name]) ^ set(rows) == set(), name
        assert found[name] == rows, name


@contextlib.contextmanager
def at_reading(number: int, action: Callable[[], None]) -> Iterator[None]:
    """Do something the moment the so-manieth reading has ended."""

    class Counter(logging.Handler):
        count = 0

        def emit(self, record: logging.LogRecord) -> None:
            self.count += record.getMessage() == "read"
            if self.count == number and record.getMessage() == "read":
                action()

    handler = Counter(logging.DEBUG)
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The tables that one worker process makes."""
    house = corpus_house(tmp_path_factory.mktemp("alone") / "data", workers=1)
    ingest(house)
    rejected = house.query("SELECT path FROM document WHERE reason_code = 'CRASH'")
    assert rejected == [("440303/2024/crash.txt",)]
    assert len(house.query("FROM project")) > 100
    return tables(house)


def test_tables_are_the_same_row_for_row_whatever_the_number_of_workers(tmp_path, expected):
    house = corpus_house(tmp_path / "data", workers=3, batch_size=7)
    ingest(house)
    assert_same(tables(house), expected)


def test_a_cluster_makes_the_same_tables_row_for_row_though_a_worker_is_killed_in_the_middle(tmp_path, dask, expected):
    victim, _ = dask.worker(), dask.worker()
    house = corpus_house(tmp_path / "data", scheduler=dask.address)
    sandbox: list[psutil.Process] = []

    def kill() -> None:
        sandbox.extend(psutil.Process(victim.pid).children(recursive=True))
        victim.send_signal(signal.SIGKILL)

    with at_reading(20, kill):
        outcome = ingest(house)
    assert victim.wait(10) == -signal.SIGKILL
    assert outcome.read.left == 0
    assert_same(tables(house), expected)
    assert sandbox, "the worker had a sandbox"
    _, alive = psutil.wait_procs(sandbox, timeout=10)
    assert not alive, "the sandbox dies with its worker"


def test_a_hostile_document_on_a_cluster_is_rejected_alone(tmp_path, dask):
    workers = [dask.worker(), dask.worker()]
    limits = PoolLimits(workers=1, timeout_seconds=3, writable=(str(tmp_path),))
    names = [f"good{number:02d}" for number in range(20)]
    names[3:3] = ["hang", "crash", "memory", "killed-once"]
    tasks = [Task(str(tmp_path / name), "0" * 64, 100) for name in names]
    with Cluster(dask.address, limits) as cluster:

        def submit(task: Task) -> Any:
            return cluster.submit(killers.read, task, limits.max_bytes)

        outcomes = list(in_order(tasks, submit, cluster.workers * GROUP, idle=cluster.idle))
    assert [Path(task.path).name for task, _ in outcomes] == names
    bad = {Path(task.path).name: reading.reason_code for task, reading in outcomes if reading.reason_code}
    assert bad == {"hang": "TIMEOUT", "crash": "CRASH", "memory": "MEMORY"}
    assert all(worker.poll() is None for worker in workers), "no Dask worker died of it"


def test_a_worker_with_other_code_stops_the_run(tmp_path, dask, monkeypatch):
    dask.worker()
    house = House(tmp_path / "data")
    house.add("440303/2024/a.txt", 1)
    house.set(scheduler=dask.address)
    monkeypatch.setattr(cluster_module, "reader_code", lambda: "another version")
    with pytest.raises(CannotRun, match="版本不同"):
        house.ingest()


def test_a_worker_that_does_not_see_the_raw_folder_stops_the_run_and_removes_nothing(tmp_path, dask, monkeypatch):
    dask.worker()
    house = House(tmp_path / "data")
    house.add("440303/2024/a.txt", 1)
    house.ingest()
    house.add("440303/2024/b.txt", 2)
    house.set(scheduler=dask.address)
    monkeypatch.setattr(worker, "read", killers.see_nothing)
    with pytest.raises(CannotRun, match="同一路径"):
        house.ingest()
    assert list(house.paths()) == ["440303/2024/a.txt"]


def test_no_scheduler_and_a_scheduler_without_workers_are_told_in_a_sentence(tmp_path, dask, monkeypatch):
    monkeypatch.setattr(cluster_module, "_WORKERS_SECONDS", 1)
    with pytest.raises(CannotRun, match="没有工作进程"):
        Cluster(dask.address, PoolLimits(1))
    dask.stop()
    with pytest.raises(CannotRun, match="连不上"):
        Cluster("tcp://127.0.0.1:9", PoolLimits(1))


def test_losing_the_last_worker_or_the_scheduler_ends_the_run_and_the_next_goes_on(tmp_path, dask):
    dask.worker()
    house = House(tmp_path / "data")
    count = 8 * GROUP  # several groups are still to come when the scheduler is killed
    for number in range(count):
        house.add(f"440303/2024/{number}.txt", number)
    house.set(scheduler=dask.address, batch_size=5)
    with at_reading(12, dask.processes[0].kill), pytest.raises(CannotRun, match="再次运行"):
        house.ingest()
    house.set()
    assert house.ingest().read.read < count
    assert len(house.paths()) == count
