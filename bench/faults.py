"""A fault at every write of a small run: `python -m bench.faults`, `--help` for options. SQLite tests itself so.

Here: Python's calls that write below curated, failing at call n with an error of the system; native writes of DuckDB
and Arrow under a limit of file size. What stands after each must be the old build or the new one, whole, and the next
run must complete. Not here: kills (kills).
"""

from __future__ import annotations

import argparse
import builtins
import contextlib
import errno
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from bench.here import add, ingest, rows, settings_for
from extractors.errors import CannotRun
from pipelines.resources import sentence
from warehouse.state.store import TEMPORARY

_TABLES = "SELECT form_id, project_name, executed_yuan, finding_count FROM v_project ORDER BY ALL"
_CALLS = ("replace", "rename", "mkdir", "symlink", "unlink", "chmod")
_WRITING = set("wax+")


class Faults:
    """Counts the calls that write below a folder; the one numbered `at` fails with `number`, an errno.

    The same goes for all later ones where `on` is given: a disk that is full stays full.
    """

    def __init__(self, folder: Path, at: int = -1, number: int = errno.ENOSPC, *, on: bool = False) -> None:
        self.calls = 0
        self._folder, self._at, self._number, self._on = str(folder), at, number, on

    def meet(self, path: object) -> None:
        """Count a call; raise if it is the one."""
        if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self._folder):
            self.calls += 1
            if self.calls == self._at or (self._on and 0 < self._at < self.calls):
                raise OSError(self._number, os.strerror(self._number), os.fspath(path))

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Let the calls of this process go through `meet`."""
        usual = {name: getattr(os, name) for name in _CALLS}
        usual_open, usual_table = io.open, pq.write_table

        def meeting(call: Callable[..., Any]) -> Callable[..., Any]:
            def met(path: Any, *more: Any, **named: Any) -> Any:
                if "dir_fd" not in named:
                    self.meet(path)
                return call(path, *more, **named)

            return met

        def opening(path: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            if not _WRITING & set(mode):
                return usual_open(path, mode, *more, **named)
            self.meet(path)
            return _File(usual_open(path, mode, *more, **named), path, self)

        def writing(table: Any, where: Any, *more: Any, **named: Any) -> Any:
            self.meet(where)
            return usual_table(table, where, *more, **named)

        for name, call in usual.items():
            setattr(os, name, meeting(call))
        io.open = builtins.open = opening  # type: ignore[assignment]
        pq.write_table = writing
        try:
            yield
        finally:
            for name, call in usual.items():
                setattr(os, name, call)
            io.open = builtins.open = usual_open
            pq.write_table = usual_table


class _File:
    """An open file each of whose writes is a call of its own."""

    def __init__(self, file: Any, path: object, faults: Faults) -> None:
        self._file, self._path, self._faults = file, path, faults

    def write(self, content: Any) -> Any:
        self._faults.meet(self._path)
        return self._file.write(content)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@dataclass(slots=True)
class Outcome:
    """What the faults left. `calls`: those of one run; `stopped`: runs that ended with a sentence."""

    calls: int = 0
    faults: int = 0
    stopped: int = 0
    wrong: list[str] = field(default_factory=list)


def prepared(folder: Path) -> Path:
    """A data folder with a build of two documents and a third that has come since."""
    data = folder / "data"
    for number in (1, 2):
        add(data, f"440303/2024/{number}.txt", number)
    ingest(settings_for(data))
    add(data, "440303/2024/3.txt", 3)
    return data


def fail_everywhere(
    folder: Path, number: int, every: int = 1, start: int = 1, *, on: bool = False, outcome: Outcome | None = None
) -> Outcome:
    """A fault with an errno at every n-th call of a small run, over `folder` (an empty one)."""
    outcome = outcome or Outcome()
    base = prepared(folder / "base")
    old = _held(base)
    counted = _copy(base, folder / "counted")
    faults = Faults(counted / "curated")
    with faults.at_work():
        ingest(settings_for(counted))
    outcome.calls = faults.calls
    new = _held(counted)
    for at in range(start, faults.calls + 1, every):
        data = _copy(base, folder / "faulty")
        told = ""
        try:
            with Faults(data / "curated", at, number, on=on).at_work():
                ingest(settings_for(data))
        except CannotRun as error:
            told = error.message
        except (OSError, duckdb.Error) as error:
            told = sentence(settings_for(data), error)
        outcome.faults += 1
        outcome.stopped += bool(told)
        outcome.wrong += [f"{errno.errorcode[number]} at {at}: {what}" for what in _judge(data, told, old, new)]
    return outcome


def _judge(data: Path, told: str, old: object, new: object) -> Iterator[str]:
    """What is not as it must be after a fault, and after the run that follows."""
    if told and not (str(data) in told and "请" in told):
        yield f"no path or remedy: {told}"
    if _held(data) not in (old, new):
        yield "neither the old build nor the new one"
    if not told and _held(data) != new:
        yield "ended well without the new build"
    try:
        ingest(settings_for(data))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what this looks for
        yield f"the next run: {type(error).__name__}: {error}"
        return
    if _held(data) != new:
        yield "the next run has not the new build"
    left = [path.name for path in (data / "curated").rglob(f"{TEMPORARY}*")]
    if left:
        yield f"left over: {left}"


def _held(data: Path) -> object:
    """What the database and the Parquet tables of the published build hold."""
    forms = pq.read_table(data / "curated/parquet/project/project.parquet", columns=["form_id"])
    held = rows(data / "curated/warehouse.duckdb", _TABLES)
    tables = {path.name for path in (data / "curated/parquet").iterdir()}
    return len(held) == len(forms) or abs(len(held) - len(forms)) == 1, held, tables


def _copy(base: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(base, target, symlinks=True))


_LIMITED = (
    "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "from pathlib import Path; from bench.here import ingest, settings_for; from pipelines.resources import sentence\n"
    "import duckdb; from extractors.errors import CannotRun\n"
    "settings = settings_for(Path(sys.argv[1]))\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
    "try:\n    ingest(settings)\n"
    "except CannotRun as error:\n    print(error.message)\n"
    "except (OSError, duckdb.Error) as error:\n    print(sentence(settings, error))\n"
)


def limit_native_writes(folder: Path, kilobytes: list[int], outcome: Outcome | None = None) -> Outcome:
    """Runs, each in a process of its own, in which no file may grow beyond so much: what DuckDB and Arrow write."""
    outcome = outcome or Outcome()
    base = prepared(folder / "base")
    old = _held(base)
    counted = _copy(base, folder / "counted")
    ingest(settings_for(counted))
    new = _held(counted)
    for limit in kilobytes:
        data = _copy(base, folder / "faulty")
        command = [sys.executable, "-c", _LIMITED, str(data), str(limit * 1024)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        told = run.stdout.strip().rpartition("\n")[2]
        outcome.faults += 1
        outcome.stopped += bool(told)
        if run.returncode:
            outcome.wrong.append(f"{limit} kB: {run.stderr[-500:]}")
        outcome.wrong += [f"{limit} kB: {what}" for what in _judge(data, told, old, new)]
    return outcome


def main() -> None:
    """Fail and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--every", type=int, default=1, help="ENOSPC at every n-th call; EIO and EACCES at every third of these"
    )
    given = parser.parse_args()
    started = time.monotonic()
    wrong = 0
    for name, every, on in (("ENOSPC", 1, False), ("ENOSPC", 3, True), ("EIO", 3, False), ("EACCES", 3, False)):
        with tempfile.TemporaryDirectory() as folder:
            outcome = fail_everywhere(Path(folder), getattr(errno, name), every * given.every, on=on)
        print(f"{name}{', and all later calls' if on else ''}: {outcome}", flush=True)
        wrong += len(outcome.wrong)
    with tempfile.TemporaryDirectory() as folder:
        outcome = limit_native_writes(Path(folder), [1, 8, 64, 256, 1024, 2048, 3072, 4096, 5120])
    print(f"file size: {outcome}", f"{time.monotonic() - started:.0f} s", sep="\n")
    sys.exit(bool(wrong or outcome.wrong))


if __name__ == "__main__":
    main()
