"""Many runs with churn: does the folder stay bounded? `python -m bench.growth`, `--help` for options.

Here: documents that come, change and go, a run after each change, what the folder then holds. Not here: whether the
tables are right.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.here import add, ingest, rows, settings_for

DOCUMENTS = 12
KEPT = {"keep_builds": 2, "max_builds": 3, "keep_runs": 30, "keep_logs": 20, "keep_reading_days": 0.0}


@dataclass(frozen=True, slots=True)
class Size:
    """What stands below curated after so many runs."""

    runs: int
    files: int
    megabytes: float
    batches: int
    builds: int
    run_lines: int


def grow(data: Path, runs: int, every: int, seed: int = 3) -> list[Size]:
    """The size at every n-th of so many runs over `data` (an empty folder), between which documents change."""
    chance = random.Random(seed)
    settings = settings_for(data, batch_size=40, **KEPT)
    for place in range(DOCUMENTS):
        add(data, f"{place}.txt", place)
    number, sizes = DOCUMENTS, []
    for run in range(1, runs + 1):
        ingest(settings, allow_removals=True)
        if run % every == 0:
            sizes.append(_size(settings.curated, run))
        for _ in range(chance.randint(1, 3)):
            place, number = chance.randrange(DOCUMENTS), number + 1
            path = data / "raw" / f"{place}.txt"
            if path.exists() and chance.random() < 0.3:
                path.unlink()
            else:
                add(data, path.name, number)
    standing = rows(settings.curated / "warehouse.duckdb", "SELECT count(*) FROM project")[0][0]
    if not 0 < standing <= DOCUMENTS:
        raise AssertionError(f"{standing} forms of at most {DOCUMENTS} documents")
    return sizes


def _size(curated: Path, runs: int) -> Size:
    files = [path for path in curated.rglob("*") if path.is_file() and not path.is_symlink()]
    return Size(
        runs,
        len(files),
        round(sum(path.stat().st_size for path in files) / 1e6, 1),
        len(list((curated / "extracted").glob("*.parquet"))),
        len(list((curated / "builds").glob("build-*.json"))),
        len((curated / "state/runs.jsonl").read_text("utf-8").splitlines()),
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--every", type=int, default=50)
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for size in grow(Path(folder) / "data", given.runs, given.every):
            print(size)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
