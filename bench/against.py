"""This tree beside another of the project, interleaved: `python -m bench.against TREE [--rounds N] [--part NAME ...]`.

A ratio above 1 is slower than the other tree. Processor time of whole processes, less that of the same process without
work, so that a busy machine shifts it little. Both trees do the same work on this tree's files, with this interpreter.

Here: the parts and the table. Not here: peers (the other benchmarks).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from bench import build, exports
from bench.pdf import FORM_FILES, final_accounts
from warehouse.state.store import Store

ROOT = Path(__file__).parents[1]
_READ = """
import sys
from pathlib import Path
from extractors.formats import read
for name in sys.argv[2:]:
    data = Path(name).read_bytes()
    for _ in range(int(sys.argv[1])):
        read(data)
"""
_EXTRACT = _READ.replace("from extractors.formats import read", "from extractors.extract import extract as read")
_INGEST = """
import shutil, sys
from pathlib import Path
from pipelines.cli import main
for _ in range(int(sys.argv[1])):
    shutil.rmtree(Path(sys.argv[2]) / "curated", ignore_errors=True)
    assert main(["ingest", "--data-dir", sys.argv[2]]) == 0
"""
_LINK = """
import sys
import pandas as pd
from warehouse.linking import series
projects, indicators = (pd.read_parquet(name) for name in sys.argv[2:])
for _ in range(int(sys.argv[1])):
    series(projects, indicators)
"""
_LINKED = 200_000
"""Indicators of the forms that are linked: some 8 000 forms, as bench.build makes them."""


def parts(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """By name the program that does the work and what it is called with; the files are made in `folder`."""
    accounts = folder / "accounts.pdf"
    accounts.write_bytes(final_accounts())
    texts: list[str] = []
    for name, data in exports.text_exports(30):
        texts.append(str(folder / f"{len(texts)}-{Path(name).name}"))
        Path(texts[-1]).write_bytes(data)
    raw = ROOT / "tests" / "accuracy" / "raw"
    mixed = sorted(str(p) for p in raw.rglob("*") if p.suffix in (".docx", ".xlsx", ".html", ".csv", ".txt"))
    data_dir = folder / "data"
    shutil.copytree(raw, data_dir / "raw")
    store = Store(folder / "frames")
    store.prepare()
    build.make(store, _LINKED)
    tables = [str(folder / f"{table}.parquet") for table in ("project", "indicator")]
    for table in tables:
        files = [str(file) for file in store.tidy.rglob(Path(table).name)]
        pd.concat(map(pd.read_parquet, files), ignore_index=True).to_parquet(table)
    return {
        "pdf, form pages": (_READ, [str(p) for p in FORM_FILES]),
        "pdf, 100 pages": (_READ, [str(accounts)]),
        "text exports, to typed records": (_EXTRACT, texts),
        "all other formats, to typed records": (_EXTRACT, mixed),
        "an ingestion of the truth set": (_INGEST, [str(data_dir)]),
        "units and projects of 8 000 forms": (_LINK, tables),
    }


def seconds(tree: Path, program: str, times: int, arguments: list[str]) -> float:
    """Processor time of one process in a tree, its children's included; RuntimeError where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"PYTHONPATH": str(tree)}
    command = [sys.executable, "-c", program, str(times), *arguments]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{tree}: {done.stderr[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path, help="a checkout of another version")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", action="append", default=[], help="only parts whose names begin so")
    given = parser.parse_args()
    trees = {"this": ROOT, "other": given.tree.resolve()}
    with tempfile.TemporaryDirectory() as folder:
        for name, (program, arguments) in parts(Path(folder)).items():
            if given.part and not name.startswith(tuple(given.part)):
                continue
            spent: dict[str, list[float]] = {of: [] for of in trees}
            for number in range(given.rounds + 1):
                for of, tree in trees.items():
                    idle = seconds(tree, program, 0, arguments)
                    work = seconds(tree, program, 1, arguments)
                    if number:  # the first round compiles modules and fills the file cache
                        spent[of].append(work - idle)
            ratios = [a / b for a, b in zip(spent["this"], spent["other"], strict=True)]
            this, other = (statistics.median(times) for times in spent.values())
            middle = statistics.median(ratios)
            print(f"{name:38} {this:7.2f} s  {other:7.2f} s  {middle:5.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


if __name__ == "__main__":
    main()
