"""What isolation costs: documents read in worker processes and in this one, in turn: `python -m bench.isolation`.

Here: processor time a document, of the truth set and of tiny texts; whether the files of folders have the same outcome
in a worker with Landlock and in one without (`--outcomes`). Not here: reading speed (bench/pdf.py).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import tempfile
from pathlib import Path

from bench.known import write_documents
from pipelines import box, worker
from pipelines.pool import PoolLimits, read_all
from pipelines.worker import Task

FIXTURES = Path(__file__).parents[1] / "tests" / "accuracy" / "raw"


def tasks_of(folder: Path, count: int) -> list[Task]:
    """So many tasks over the files below a folder, again and again."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 2**20)
    found = [Task(str(p), hashlib.sha256(data := p.read_bytes()).hexdigest(), len(data)) for p in files]
    return [found[n % len(found)] for n in range(count)]


def processor_seconds() -> float:
    """Of this process and of its children that ended."""
    return sum(os.times()[:4])


def measure(tasks: list[Task], rounds: int) -> tuple[list[float], list[float]]:
    """Processor milliseconds a document: in this process, and in workers; a round of each in turn."""
    inside, isolated = [], []
    limits = PoolLimits(workers=2)
    for _ in range(rounds):
        started = processor_seconds()
        for task in tasks:
            worker.read(task, limits.max_bytes)
        between = processor_seconds()
        for _, reading in read_all(tasks, limits):
            assert reading.status is not None, reading
        ended = processor_seconds()
        inside.append(1000 * (between - started) / len(tasks))
        isolated.append(1000 * (ended - between) / len(tasks))
    return inside, isolated


def differing(folders: list[Path]) -> tuple[int, list[str]]:
    """How many files stand below the folders, and those whose outcome is another in a worker with Landlock."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    tasks = [Task(str(p), hashlib.sha256(data := p.read_bytes()).hexdigest(), len(data)) for p in files]
    outcomes = []
    for boxed in (True, False):
        found = read_all(tasks, PoolLimits(workers=2, boxed=boxed))
        outcomes.append({task.path: (a.status, a.reason_code, a.format, a.form_count, a.forms) for task, a in found})
    return len(tasks), [
        f"{path}: {outcomes[0][path][:4]} with, {outcomes[1][path][:4]} without"
        for path in outcomes[0]
        if outcomes[0][path] != outcomes[1][path]
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--outcomes", type=Path, nargs="+", metavar="FOLDER", help="compare the outcomes of its files")
    given = parser.parse_args()
    if given.outcomes:
        files, others = differing(given.outcomes)
        print(f"{files} files, Landlock {box.version()}: {len(others)} with another outcome", *others, sep="\n  ")
        raise SystemExit(bool(others))
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        write_documents(Path(folder), range(given.documents))
        for name, source in (("truth set, every format", FIXTURES), ("tiny text documents", Path(folder))):
            tasks = tasks_of(source, given.documents)
            worker.read(tasks[0], 2**30)  # imports
            inside, isolated = measure(tasks, given.rounds)
            cost = [b - a for a, b in zip(inside, isolated, strict=True)]
            figures[name] = {
                "in_process_ms": round(statistics.median(inside), 1),
                "isolated_ms": round(statistics.median(isolated), 1),
                "cost_ms": round(statistics.median(cost), 1),
                "ratio": round(statistics.median(isolated) / statistics.median(inside), 2),
            }
    if given.json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    for name, found in figures.items():
        print(name, " ".join(f"{label} {value}" for label, value in found.items()))


if __name__ == "__main__":
    main()
