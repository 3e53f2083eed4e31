"""Worker processes: what one document does to its own reader never reaches another."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import killers
import psutil
import pytest
from pebble import ProcessPool
from pebble.common import ProcessFuture

from pipelines.pool import PoolLimits, read_all
from pipelines.worker import Task

pytestmark = pytest.mark.slow

LIMITS = PoolLimits(workers=2, timeout_seconds=6, max_tasks=20, writable=(tempfile.gettempdir(),))
"""Readings of killers.py leave marks beside their documents."""


def tasks(folder: Path, *names: str) -> list[Task]:
    return [Task(str(folder / name), "0" * 64, 100_000) for name in names]


def test_killers_among_good_documents_are_each_named_and_no_good_one_is_lost(tmp_path):
    names = [f"good{number:02d}" for number in range(30)]
    names[5:5] = ["hang", "crash"]
    names[15:15] = ["memory", "killed-once", "crash2", "killed-twice", "killed-always", "memory2"]
    outcomes = list(read_all(tasks(tmp_path, *names), LIMITS, read=killers.read))
    assert [Path(task.path).name for task, _ in outcomes] == names, "the order is that of the tasks"
    codes = {Path(task.path).name: reading.reason_code for task, reading in outcomes}
    bad = {name: code for name, code in codes.items() if code}
    crashed = dict.fromkeys(["crash", "crash2", "killed-always"], "CRASH")
    assert bad == {"hang": "TIMEOUT", "memory": "MEMORY", "memory2": "MEMORY", **crashed}
    assert all(reading.reason and reading.status == "rejected" for _, reading in outcomes if reading.reason_code)
    told = {Path(task.path).name: reading.reason or "" for task, reading in outcomes}
    assert "被系统" in told["killed-always"] and "被系统" not in told["crash"]


def test_a_document_whose_worker_died_of_its_neighbours_is_read_alone(tmp_path):
    names = [*(f"beside{number}" for number in range(8)), "not-beside", *(f"beside{number}" for number in range(8, 20))]
    outcomes = list(read_all(tasks(tmp_path, *names), LIMITS, read=killers.read))
    assert [Path(task.path).name for task, _ in outcomes] == names
    assert not any(reading.reason_code for _, reading in outcomes)


def test_one_that_never_is_beside_another_ends_as_a_crash_all_the_same(tmp_path):
    (tmp_path / "left-over.at-work").touch()
    outcomes = read_all(tasks(tmp_path, "beside", "not-beside", "beside2"), LIMITS, read=killers.read)
    assert [reading.reason_code for _, reading in outcomes] == [None, "CRASH", None]


@pytest.mark.parametrize("lost", [0, 3, 8])
def test_a_document_that_its_worker_took_and_never_spoke_of_is_read_all_the_same(tmp_path, monkeypatch, lost):
    """As where the worker is killed between taking it and saying so: the first, one in between, the last."""
    monkeypatch.setattr("pipelines.pool._PATIENCE_SECONDS", 10_000)
    schedule, calls = ProcessPool.schedule, iter(range(1000))

    def lossy(pool, *args, **kwargs):
        return ProcessFuture() if next(calls) == lost else schedule(pool, *args, **kwargs)

    monkeypatch.setattr(ProcessPool, "schedule", lossy)
    names = [f"good{number}" for number in range(9)]
    outcomes = list(read_all(tasks(tmp_path, *names), LIMITS, read=killers.read))
    assert [reading.form_count for _, reading in outcomes] == [1] * 9


def test_a_worker_is_replaced_after_its_share_of_documents(tmp_path):
    limits = PoolLimits(workers=1, max_tasks=3)
    outcomes = read_all(tasks(tmp_path, *(f"g{number}" for number in range(9))), limits, read=killers.read)
    pids = [reading.reason for _, reading in outcomes]
    assert len(pids) == 9 and max(Counter(pids).values()) == 3
    assert not any(psutil.pid_exists(int(pid)) for pid in pids if pid)


def test_leaving_early_ends_the_workers(tmp_path):
    outcomes = read_all(tasks(tmp_path, "good", *(f"slow{number}" for number in range(40))), LIMITS, read=killers.read)
    next(outcomes)
    assert psutil.Process().children()
    outcomes.close()
    assert not [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


@pytest.mark.skipif(sys.platform != "linux", reason="workers die with their parent by a Linux call")
def test_workers_do_not_outlive_a_killed_parent(tmp_path):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import killers; from pathlib import Path; from test_pool import tasks\n"
        "from pipelines.pool import PoolLimits, read_all\n"
        "if __name__ == '__main__':\n"
        "    names = ['good', *('hang%d' % n for n in range(30))]\n"
        "    for _, reading in read_all(tasks(Path(sys.argv[2]), *names), PoolLimits(2), read=killers.read):\n"
        "        print('ready', flush=True)\n"
    )
    here = str(Path(__file__).parent)
    parent = subprocess.Popen([sys.executable, "-c", program, here, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"ready\n"
    workers = psutil.Process(parent.pid).children(recursive=True)
    assert len(workers) >= 2
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers):
        assert time.monotonic() < deadline, "a worker outlives its parent"
        time.sleep(0.05)


def test_workers_do_not_import_the_main_module_or_dagster(tmp_path):
    """Under Dagster the main module is all of Dagster: seconds and hundreds of megabytes for every worker."""
    program = (
        "import sys, dagster; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from test_pool import modules, tasks\n"
        "from pipelines.pool import PoolLimits, read_all\n"
        # no guard on __main__: importing this program again would start another pool
        "outcomes = read_all(tasks(Path('.'), 'x'), PoolLimits(1), read=modules)\n"
        "print(next(outcomes)[1].reason)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent)], capture_output=True, text=True, timeout=60
    )
    loaded = result.stdout.split()
    assert "extractors" in loaded, result.stderr
    assert not {"dagster", "pandas", "pyarrow", "duckdb"} & set(loaded)


def modules(task: Task, max_bytes: int):
    """The top-level modules of a worker."""
    from pipelines.worker import Answer

    # this test module itself brings pytest and psutil; what matters is what the worker needs
    return Answer("loaded", reason=" ".join(sorted({name.partition(".")[0] for name in sys.modules})))


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux")
def test_a_worker_has_the_memory_limit(tmp_path):
    [(_, reading)] = read_all(tasks(tmp_path, "x"), PoolLimits(1, memory_mb=384), read=address_space)
    assert reading.reason == str(384 * 2**20)


def address_space(task: Task, max_bytes: int):
    """The limit of this process."""
    import resource

    from pipelines.worker import Answer

    assert os.getpid() != os.getppid()
    return Answer("loaded", reason=str(resource.getrlimit(resource.RLIMIT_AS)[0]))
