"""`python -m tools.mutants [--seed N] [--sample N] [--only PATH] [--json FILE] ...` (`make mutants`).

Here: what is looked at, the sample, the report. Not here: how a mistake is made or tried.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.mutants.covering import Covering
from tools.mutants.run import Tried, copy_tree, measure, try_all
from tools.mutants.sites import Mutant, mutants, says_otherwise

ROOT = Path(__file__).parents[2]
EQUIVALENT = "tests/mutants_equivalent.toml"
LOOKED_AT = (
    "extractors/grid",
    "extractors/layout",
    "extractors/form",
    "extractors/vocabulary",
    "extractors/readings/compare.py",
    "extractors/readings/printed.py",
    "extractors/readings/*.toml",
    "warehouse/linking/matching.py",
    "warehouse/build/publish.py",
    "warehouse/build/database.py",
    "warehouse/build/data_tests.sql",
    "pipelines/candidate.py",
)
RESULTS = ("killed", "survived", "unmet", "timeout")


def files(root: Path, looked_at: Iterable[str]) -> list[str]:
    """The files to put mistakes into, by path: those named, and all of a folder named."""
    found: set[Path] = set()
    for name in looked_at:
        for path in root.glob(name):
            found |= set(path.rglob("*.*")) if path.is_dir() else {path}
    return sorted(p.relative_to(root).as_posix() for p in found if p.suffix in (".py", ".toml", ".sql"))


def drawn(root: Path, paths: Sequence[str], *, seed: int, sample: int) -> tuple[list[Mutant], int]:
    """A sample of all mistakes, less those argued to be equivalent; and how many mistakes there are."""
    texts = {path: (root / path).read_text(encoding="utf-8") for path in paths}
    found = [mutant for path in paths for mutant in mutants(root, path)]
    known = equivalent(root)
    order = list(found)
    random.Random(seed).shuffle(order)
    chosen: list[Mutant] = []
    for mutant in order:
        if len(chosen) == sample:
            break
        text = texts[mutant.path]
        if (mutant.path, *mutant.change(text)) not in known and says_otherwise(mutant, text):
            chosen.append(mutant)
    return chosen, len(found)


def equivalent(root: Path) -> set[tuple[str, str, str]]:
    """File, line and changed line of the mistakes that no test can notice, each with its reason in the file."""
    file = root / EQUIVALENT
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["mutant"] if file.exists() else []
    return {(entry["file"], entry["line"].strip(), entry["mutated"].strip()) for entry in entries if entry["why"]}


def table(tried: Sequence[Tried], by: str) -> str:
    """Counts of results by `path` or `kind`."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in tried:
        counts[getattr(one.mutant, by)][one.result] += 1
        counts["all"][one.result] += 1
    lines = [f"{by:<46}" + "".join(f"{name:>10}" for name in (*RESULTS, "killed %"))]
    for name, count in sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])):
        caught = count["killed"] + count["timeout"]
        shown = "".join(f"{count[result]:>10}" for result in RESULTS)
        lines.append(f"{name:<46}{shown}{100 * caught / count.total():>10.0f}")
    return "\n".join(lines)


def report(tried: Sequence[Tried], root: Path) -> str:
    """The tables, and each mistake that no test noticed."""
    left = [one for one in tried if one.result in ("survived", "unmet")]
    parts = [table(tried, "path"), table(tried, "kind")]
    for one in sorted(left, key=lambda one: (one.mutant.path, one.mutant.line)):
        before, after = one.mutant.change((root / one.mutant.path).read_text(encoding="utf-8"))
        where = f"{one.mutant.path}:{one.mutant.line} {one.mutant.kind}, {one.result} {one.tests} tests"
        parts.append(f"{where}\n- {before}\n+ {after}")
    return "\n\n".join(parts)


def as_json(tried: Sequence[Tried], root: Path, **about: Any) -> str:
    """The same for machines."""
    rows = []
    for one in tried:
        before, after = one.mutant.change((root / one.mutant.path).read_text(encoding="utf-8"))
        row = {"before": before, "after": after, "result": one.result, "tests": one.tests, "killer": one.killer}
        row |= {"seconds": one.seconds}
        rows.append(asdict(one.mutant) | row)
    return json.dumps({**about, "mutants": rows}, ensure_ascii=False, indent=1)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--only", action="append", metavar="PATH", help="a file or folder, may be repeated")
    parser.add_argument("--tests", nargs="+", default=[], metavar="PATH", help="measure these tests only")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument(
        "--measured",
        type=Path,
        metavar="FOLDER",
        help="keep there and take from there what tests run; with --tests these are added",
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree that is looked at")
    given = parser.parse_args(arguments)
    root = given.root.resolve()
    began = time.monotonic()
    chosen, count = drawn(root, files(root, given.only or LOOKED_AT), seed=given.seed, sample=given.sample)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [Path(folder) / f"copy{n}" / root.name for n in range(given.processes)]
        for copy in copies:
            copy_tree(root, copy)
        measured = given.measured or Path(folder) / "measured"
        known = len(list(measured.glob("*")))
        if given.tests or not known:
            measure(copies[0], measured / str(known), given.processes, given.tests)
        covering = Covering.read(measured)
        tell(f"{len(covering.durations)} tests measured after {time.monotonic() - began:.0f} s")
        tried = []
        for one in try_all(chosen, covering, root, copies):
            tried.append(one)
            tell(f"{len(tried)}/{len(chosen)} {one.result} {one.mutant.path}:{one.mutant.line} {one.seconds} s")
    if given.json:
        given.json.write_text(as_json(tried, root, seed=given.seed, found=count), encoding="utf-8")
    sys.stdout.write(f"{len(tried)} of {count} mistakes, seed {given.seed}\n\n{report(tried, root)}\n")
    return 0


def tell(line: str) -> None:
    """Show how far it is."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
