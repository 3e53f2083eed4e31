"""Hostile files among good ones, batch after batch: `python -m bench.limits`, `--help` for its options.

Here: memory and time of workers and of the reading process, orphans, good documents lost. Not here: what each hostile
file is called (tests/hostile).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

import psutil

from bench.known import write_documents
from pipelines.pool import PoolLimits, read_all
from pipelines.worker import Task

ARCHIVE = Path(__file__).parents[1] / "tests" / "hostile" / "cases.tar.xz"
_GOOD = 24


class Watch(threading.Thread):
    """Looks at this process and its workers ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.worker_mb = self.own_mb = 0.0
        self.seen: set[psutil.Process] = set()
        self._own = psutil.Process()

    def run(self) -> None:
        while True:
            self.own_mb = max(self.own_mb, self._own.memory_info().rss / 2**20)
            for child in self._own.children(recursive=True):
                try:
                    self.worker_mb = max(self.worker_mb, child.memory_info().rss / 2**20)
                except psutil.NoSuchProcess:
                    continue
                self.seen.add(child)
            time.sleep(0.1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--hostile", type=int, default=12, help="hostile files in a batch")
    given = parser.parse_args()
    watch, lost, longest = Watch(), [], 0.0
    watch.start()
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder)
        with tarfile.open(ARCHIVE, errors="surrogateescape") as archive:
            files = [member.name for member in archive.getmembers() if member.isreg()]
            names = [name for name in files if name.endswith((".pdf", ".xlsx", ".docx", ".xls"))]
            for name in names:
                archive.extract(name, raw, filter="data")
        write_documents(raw / "good", range(_GOOD))
        good = sorted((raw / "good").rglob("*.txt"))
        for batch in range(given.batches):
            order = random.Random(batch)
            chosen = [*good, *(raw / name for name in order.sample(names, given.hostile))]
            order.shuffle(chosen)
            tasks = [Task(str(p), hashlib.sha256(data := p.read_bytes()).hexdigest(), len(data)) for p in chosen]
            for task, reading in read_all(tasks, PoolLimits(workers=2)):
                longest = max(longest, reading.seconds)
                if "/good/" in task.path and reading.status != "loaded":
                    lost.append((batch, task.path, reading.reason_code))
    time.sleep(1)
    orphans = [child for child in watch.seen if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    orphans = [child for child in orphans if "spawn_main" in " ".join(child.cmdline())]
    told = f"{given.batches} batches of {_GOOD} good and {given.hostile} hostile files, {len(lost)} good ones lost"
    print(told, *lost[:3])
    print(
        f"largest worker {watch.worker_mb:.0f} MB, this process {watch.own_mb:.0f} MB, longest reading {longest:.1f} s"
    )
    print(f"{len(orphans)} workers left")
    sys.exit(bool(lost or orphans or watch.worker_mb > 512 or watch.own_mb > 1024 or longest > 20.5))


if __name__ == "__main__":
    main()
