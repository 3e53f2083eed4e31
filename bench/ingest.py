"""A whole `jixiao ingest` over text exports, as the command line runs it: `python -m bench.ingest [--documents N ...]`.

Here: seconds by step, processor time, the main process's peak memory, a second run with nothing new. Not here: PDF.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from bench import exports
from bench.report import Section

SIZES = 1_000, 10_000, 50_000
"""Documents."""
_STEPS = {
    "started": "start-up",
    "identified": "look and hash",
    "read_all": "read in workers",
    "filled": "tidy and load",
    "published": "check and publish",
    "unchanged": "confirm",
}


@dataclass(frozen=True, slots=True)
class Run:
    """What one command took: seconds by the clock, processor seconds of all its processes, peak MB of the first one."""

    seconds: float
    processor_seconds: float
    peak_mb: float
    steps: dict[str, float]


def run(data_dir: Path, *arguments: str) -> Run:
    """Run `jixiao ingest` over the folder in a process of its own. Raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "pipelines.cli", "ingest", "--json", "--data-dir", str(data_dir), *arguments]
    started, clock = time.perf_counter(), time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0.0
    while True:
        peak = max(peak, peak_mb(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    assert process.stderr is not None
    with process.stderr:
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, stderr=process.stderr.read())
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak, _steps(data_dir, clock))


def peak_mb(pid: int | str) -> float:
    """The most memory the process has held so far; 0 where it has ended or the system does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) / 1024 if found else 0.0


def _steps(data_dir: Path, clock: float) -> dict[str, float]:
    """Seconds by step, from the newest run log; an analysis under its own name."""
    newest = max((data_dir / "curated" / "logs").glob("run-*.jsonl"))
    marks = [(clock, "")]
    for line in newest.read_text("utf-8").splitlines():
        record = json.loads(line)
        name = record["analysis"] if record["event"] == "analysed" else _STEPS.get(record["event"])
        if name:
            marks.append((datetime.fromisoformat(record["at"]).timestamp(), name))
    return {name: round(then - before, 2) for (before, _), (then, name) in pairwise(marks)}


def measure(documents: int, arguments: Sequence[str] = ()) -> tuple[Run, Run]:
    """The first run over so many documents, and the run after it."""
    with tempfile.TemporaryDirectory(prefix="jixiao-bench-") as folder:
        exports.write(Path(folder) / "raw", documents)
        return run(Path(folder), *arguments), run(Path(folder), *arguments)


def rows(documents: int, first: Run, again: Run) -> list[list[str]]:
    """The rows of the page for one size."""
    return [
        [
            f"{documents} documents, {name}",
            f"{result.seconds:.1f} s",
            f"{result.processor_seconds:.1f} s",
            f"{result.peak_mb:.0f} MB",
            ", ".join(f"{step} {seconds:.1f}" for step, seconds in result.steps.items()),
        ]
        for name, result in (("first run", first), ("nothing new", again))
    ]


def section(found: list[list[str]]) -> Section:
    """The table of the page."""
    return Section(
        "A whole `jixiao ingest` over text exports of two forms each",
        "Processor time is that of all processes: what an idle machine spreads over its cores. Memory is the main "
        "process's, of which DuckDB may take 512 MB (`JIXIAO_BUILD_MEMORY_MB`). "
        f"Processes that wanted a core at the end: {os.getloadavg()[0]:.0f}; elapsed time is as much longer.",
        ["run", "elapsed", "processor", "peak memory", "elapsed by step, seconds"],
        found,
    )


def sections(_rounds: int, sizes: Sequence[int] = SIZES) -> Iterator[Section]:
    """The part of docs/benchmarks.md; one round, for the largest size takes ten minutes."""
    yield section([row for documents in sizes for row in rows(documents, *measure(documents))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=SIZES)
    for found in sections(1, parser.parse_args().documents):
        print(found.markdown())


if __name__ == "__main__":
    main()
