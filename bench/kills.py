"""Ingestions killed at random moments while readers ask all the time: `python -m bench.kills`, `--help` for options.

Here: the runs that die, readers of one and of four threads, an analyst who crashes with the file open, what stands at
the end. Not here: kills at a step that is counted (steps), other ways to fail (tests/pipeline/test_kills.py, which also
runs a short version of this one).
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil

from bench.known import write_documents
from warehouse.state.store import TEMPORARY, Store

_STEP = 6
"""Documents that come between two kills; a build shows all of a step or none."""

_RUN = (
    "import sys; from pathlib import Path\n"
    "from pipelines.ingestion import Ingestion; from pipelines.settings import load_settings\n"
    "if __name__ == '__main__':\n"
    "    settings = load_settings({}, data_dir=Path(sys.argv[1]), workers=2, settle_seconds=0.0, batch_size=4)\n"
    "    run = Ingestion(settings, trigger='command')\n"
    "    try:\n"
    "        run.scan(rebuild=False); run.read(); run.publish()\n"
    "    finally:\n"
    "        run.close()\n"
)
_READ = (
    "    with duckdb.connect(sys.argv[1], read_only=True, config={'threads': int(sys.argv[3])}) as con:\n"
    "        con.sql('SET enable_progress_bar = false')\n"
    "        found = con.sql('SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM project),'\n"
    "            '(SELECT count(DISTINCT form_id) FROM indicator), (SELECT count(*) FROM v_project)').fetchone()\n"
    "        con.execute('SET threads = 1')\n"  # see build.connections
)
_READER = (
    "import duckdb, sys, time\n"
    "while True:\n"
    "    time.sleep(0.1)\n"  # the machine is there for the runs, too
    + _READ
    + "    print('whole' if len({*found}) == 1 and found[0] % int(sys.argv[2]) == 0 else found, flush=True)\n"
)
_ANALYST = "import duckdb, os, sys\nif True:\n" + _READ + "        os._exit(9)\n"


@dataclass(slots=True)
class Outcome:
    """What the kills left. `torn`: readers' answers that were no whole state; `failed`: why reads gave no answer."""

    kills: int
    reads: int
    failed: list[str]
    torn: list[str]
    documents: int
    forms_once: int
    leftovers: int
    orphans: int
    published_between: int

    @property
    def clean(self) -> bool:
        """Whether nothing was refused, torn, lost, doubled or left over."""
        whole = self.documents == self.forms_once
        return whole and not (self.failed or self.torn or self.leftovers or self.orphans)


def kill_runs(data: Path, kills: int, seed: int = 5) -> Outcome:
    """Kill so many ingestions over `data` (an empty folder), each at a random moment of a run's usual length."""
    moments = random.Random(seed)
    store, known = Store(data / "curated"), _STEP
    write_documents(data / "raw", range(known))
    length = _whole_run(data)
    readers = [Reader(data, store.warehouse, whole=_STEP, threads=threads) for threads in (1, 4)]
    workers: list[psutil.Process] = []
    try:
        for _ in range(kills):
            write_documents(data / "raw", range(known, known + _STEP))
            known += _STEP
            run = subprocess.Popen([sys.executable, "-c", _RUN, str(data)], stderr=subprocess.DEVNULL)
            analyst = dying_analyst(store.warehouse)
            time.sleep(moments.uniform(0.05, 1.5) * length)
            if run.poll() is None:
                workers += psutil.Process(run.pid).children(recursive=True)
            run.kill()
            run.wait()
            analyst.wait()
        length = _whole_run(data)
        time.sleep(1)
    finally:
        answers = [reader.stop() for reader in readers]
    lines = [line for reader in answers for line in reader]
    with duckdb.connect(str(store.warehouse), read_only=True) as connection:
        forms = connection.execute("SELECT count(*), count(DISTINCT document_id) FROM project").fetchall()[0]
    files = [entry.name for folder in (store.curated, *store.folders) for entry in folder.iterdir()]
    return Outcome(
        kills=kills,
        reads=len(lines),
        failed=[reader.failure for reader in readers if reader.failure],
        torn=[line for line in lines if line != "whole"][:5],
        documents=known,
        forms_once=forms[1] if forms[0] == forms[1] else -1,
        leftovers=sum(name.startswith(TEMPORARY) for name in files),
        orphans=sum(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers),
        published_between=len({run.get("build") for run in store.runs()} - {None}),
    )


def dying_analyst(warehouse: Path) -> subprocess.Popen[bytes]:
    """A process that dies with the published file open."""
    return subprocess.Popen([sys.executable, "-c", _ANALYST, str(warehouse), "1", "4"], stderr=subprocess.DEVNULL)


class Reader:
    """A process that opens the published file anew for every question; a multiple of `whole` documents is whole."""

    def __init__(self, data: Path, warehouse: Path, *, whole: int, threads: int) -> None:
        self.failure = ""
        name = f"reader-{os.urandom(4).hex()}"
        self._answers, self._errors = ((data / f"{name}.{kind}").open("w+") for kind in ("txt", "err"))
        command = [sys.executable, "-X", "faulthandler", "-c", _READER, str(warehouse), str(whole), str(threads)]
        self._process = subprocess.Popen(command, stdout=self._answers, stderr=self._errors)

    def stop(self) -> list[str]:
        """End it; returns its answers. A reader that ended by itself met a read that failed: `failure` says how."""
        ended = self._process.poll()
        self._process.kill()
        self._process.wait()
        with self._answers, self._errors:
            if ended is not None:
                self._errors.seek(0)
                self.failure = f"exit {ended}: {self._errors.read()[-2000:]}"
            self._answers.seek(0)
            return [line for line in self._answers.read().split("\n")[:-1] if line]


def _whole_run(data: Path) -> float:
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", _RUN, str(data)], check=True)
    return time.monotonic() - started


def main() -> None:
    """Kill and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = kill_runs(Path(folder), given.kills, given.seed)
    print(outcome, f"{time.monotonic() - started:.0f} s", sep="\n")
    sys.exit(not outcome.clean)


if __name__ == "__main__":
    main()
