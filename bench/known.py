"""A run that finds little new among many known documents: `python -m bench.known`, `--help` for its options.

Here: tiny text documents ingested once, then a run with ten new ones and one with none, each by the command line; wall
time, processor time and peak memory of the whole process tree. Not here: reading speed (bench/pdf.py), the checks.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import psutil

EXPORT = next((Path(__file__).parents[1] / "data" / "raw" / "440303" / "2024").glob("*.txt"))
_A_FOLDER = 1000


@cache
def _form() -> str:
    lines = EXPORT.read_text(encoding="utf-8").splitlines()
    return "\n".join(lines[: next(n for n, line in enumerate(lines) if "数量指标" in line) + 2])


def document(number: int) -> str:
    """A tiny form, another unit's for each number: the head and two indicators of the real export's first form."""
    return _form().replace("罗湖区", f"第{number}区").replace("115300024", f"{number:09d}") + "\n"


def write_documents(raw: Path, numbers: range) -> None:
    """So many tiny forms below raw."""
    for number in numbers:
        folder = raw / "440303" / "2024" / f"{number // _A_FOLDER:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number:06d}.txt").write_text(document(number), encoding="utf-8")


def ingest(data: Path, **environment: str) -> dict[str, Any]:
    """One `jixiao ingest`: its summary, seconds, processor seconds and peak memory in MB of all its processes."""
    program = "import sys; from pipelines.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "ingest", "--json", "--data-dir", str(data)]
    started, peak = time.monotonic(), 0
    before = os.times()
    with tempfile.TemporaryFile("w+") as out:
        run = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=os.environ | environment)
        while run.poll() is None:
            peak = max(peak, _memory(run.pid))
            time.sleep(0.1)
        after = os.times()
        if run.returncode:
            raise SystemExit(f"jixiao ingest ended with {run.returncode}")
        out.seek(0)
        summary = json.load(out)
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    figures = {"seconds": time.monotonic() - started, "processor_seconds": processor, "peak_mb": peak / 2**20}
    return {"outcome": summary["outcome"], "forms": summary["forms"], **{k: round(v, 1) for k, v in figures.items()}}


def _memory(pid: int) -> int:
    """Resident bytes of a process and all below it, shared pages counted once for each."""
    total = 0
    try:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--known", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=10)
    parser.add_argument("--data", type=Path, help="folder to use and to keep; what it knows already is not made again")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = given.data or Path(temporary)
        present = sum(1 for _ in (data / "raw").rglob("*.txt"))
        write_documents(data / "raw", range(present, max(present, given.known)))
        known = max(present, given.known)
        first = ingest(data, JIXIAO_MAX_TASKS="1000")  # making what is known is no part of the measure
        figures = {f"{known} known, the first time" if not present else f"{known} known before": first}
        write_documents(data / "raw", range(known, known + given.new))
        figures[f"{given.new} new"] = ingest(data)
        figures["none new"] = ingest(data)
    if given.json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    for name, found in figures.items():
        print(
            f"{name:32} {found['seconds']:8.1f} s {found['processor_seconds']:8.1f} s CPU {found['peak_mb']:7.0f} MB"
            f"  {found['outcome']}, {found['forms']} forms"
        )


if __name__ == "__main__":
    main()
