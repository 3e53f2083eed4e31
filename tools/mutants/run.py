"""Trying mistakes one by one, each in a copy of the tree, against the tests that meet it.

Here: the copies, the processes, their limit of time. Not here: which mistakes, what the report says.
"""

from __future__ import annotations

import importlib
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.covering import MARK, Covering
from tools.mutants.sites import Mutant

TOOL = Path(__file__).parents[2]
FAST = ("-m", "not slow and not browser")
QUIET = ("-q", "-p", "no:cacheprovider", "--no-header", "--no-summary", "--tb=no")
_FACTOR, _GRACE = 3, 20
"""A mutant may take so many times the seconds of its tests, and so many more, of the processor."""
_IDLE = 10
"""So many times that by the clock, for tests that wait for ever: what other processes take is no fault of a mutant."""
_LIKELY = 6
"""So many files of tests go first; so many tests that noticed a mistake in the file, in its folder, anywhere."""
_NET = "tests/exact/"
"""Tests that compare all that is read with what was read before notice most: they go before the others."""
_MOST_SECONDS = 200.0
"""Tests of so many seconds, as measured, are tried, the quickest first: what only others would notice is survived."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A mistake and what became of it: killed, survived, timeout or, where no test meets it, unmet.

    `killer`: the test that noticed it; none where the tests could not be loaded any more.
    """

    mutant: Mutant
    result: str
    tests: int
    seconds: float
    killer: str = ""


def copy_tree(root: Path, target: Path) -> None:
    """Copy what git knows or would add; a folder that is no repository is copied as it stands."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    names = [n for n in listed.stdout.split("\0") if n] if listed.returncode == 0 else []
    if not names:
        shutil.copytree(root, target, dirs_exist_ok=True)
    for name in names:
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name)


def measure(copy: Path, folder: Path, processes: int, tests: Sequence[str] = ()) -> None:
    """Run the fast suite once in a copy, and leave what was measured in the new folder; ValueError where it fails.

    `tests`: files or folders, where not the whole suite is asked.
    """
    folder.mkdir(parents=True)
    environment = _environment(copy) | {MARK: str(folder)}
    many = ("-n", str(processes), "--dist", "loadgroup") if processes > 1 else ()
    command = [
        sys.executable,
        "-m",
        "pytest",
        *QUIET,
        *FAST,
        "-p",
        "xdist.plugin",
        *many,
        "-p",
        "tools.mutants.covering",
        *tests,
    ]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f"the fast suite fails without any mistake:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def try_all(mutants: Sequence[Mutant], covering: Covering, whole: Path, copies: Sequence[Path]) -> Iterator[Tried]:
    """Try mistakes in the `whole` tree, as many at a time as there are copies of it."""
    for name in covering.modules:  # loaded once, before the processes part
        with suppress(ImportError):
            importlib.import_module(name)
    _compile(copies)
    waiting, free = list(mutants), list(copies)
    running: dict[int, _Trial] = {}
    killers: dict[Path, list[str]] = defaultdict(list)  # by file and folder, those of the last kill first
    while waiting or running:
        while waiting and free:
            mutant = waiting.pop(0)
            tests = covering.tests(mutant, whole)
            if not tests:
                yield Tried(mutant, "unmet", 0, 0.0)
                continue
            near = (Path(mutant.path), *Path(mutant.path).parents)
            meeting = set(tests)
            likely = [[test for test in dict.fromkeys(killers[at]) if test in meeting][:_LIKELY] for at in near]
            nets = [test for test in tests if test.startswith(_NET)]
            tests = _affordable(list(dict.fromkeys(chain(*likely, nets, tests))), covering.durations)
            copy = free.pop()
            process = _Trial.start(mutant, tests, copy, sum(covering.durations.get(test, 0.0) for test in tests))
            running[process.pid] = process
        for pid, trial in list(running.items()):
            if result := trial.ended():
                trial.restore()
                del running[pid]
                free.append(trial.copy)
                killer = trial.killer()
                if killer:
                    for at in (Path(trial.mutant.path), *Path(trial.mutant.path).parents):
                        killers[at].insert(0, killer)
                yield Tried(trial.mutant, result, trial.tests, round(time.monotonic() - trial.began, 2), killer)
        time.sleep(0.02)


def _affordable(tests: Sequence[str], durations: Mapping[str, float]) -> list[str]:
    """The first tests that together take no longer than `_MOST_SECONDS`, one at least."""
    spent = accumulate(durations.get(test, 0.0) for test in tests)
    return [test for n, (test, so_far) in enumerate(zip(tests, spent, strict=True)) if not n or so_far <= _MOST_SECONDS]


@dataclass(slots=True)
class _Trial:
    mutant: Mutant
    copy: Path
    whole: str
    at: float
    pid: int
    tests: int
    began: float
    limit: float

    @classmethod
    def start(cls, mutant: Mutant, tests: list[str], copy: Path, seconds: float) -> _Trial:
        file = copy / mutant.path
        whole, at = file.read_text(encoding="utf-8"), file.stat().st_mtime
        _write(file, mutant.applied(whole), at + 10)
        _note(copy).unlink(missing_ok=True)
        sys.stdout.flush()
        pid = os.fork()
        limit = _GRACE + _FACTOR * math.ceil(seconds)
        if not pid:
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
            _run_tests(copy, tests)
        return cls(mutant, copy, whole, at, pid, len(tests), time.monotonic(), _IDLE * limit)

    def ended(self) -> str | None:
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self._kill()  # what the tests may have left running
            code = os.waitstatus_to_exitcode(status)
            if code in (-signal.SIGXCPU, -signal.SIGKILL):
                return "timeout"
            return "survived" if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) else "killed"
        if time.monotonic() - self.began > self.limit:
            self._kill()
            os.waitpid(self.pid, 0)
            return "timeout"
        return None

    def killer(self) -> str:
        note = _note(self.copy)
        return note.read_text(encoding="utf-8") if note.exists() else ""

    def restore(self) -> None:
        _write(self.copy / self.mutant.path, self.whole, self.at)

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


class _Picked:
    """Keeps the tests named, in their order, draws no smaller example of one that failed, and notes which one did."""

    def __init__(self, tests: Sequence[str], note: Path) -> None:
        self.order = {test: n for n, test in enumerate(tests)}
        self.note = note

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.note.write_text(report.nodeid, encoding="utf-8")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if hypothesis := sys.modules.get("hypothesis"):
            phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
            drawing = hypothesis.settings(deadline=None, derandomize=True, database=None, phases=phases)
            hypothesis.settings.register_profile("mutants", drawing)
            hypothesis.settings.load_profile("mutants")
        items[:] = sorted((i for i in items if i.nodeid in self.order), key=lambda item: self.order[item.nodeid])


def _run_tests(copy: Path, tests: list[str]) -> None:
    """Run tests in this process, a child, and leave it."""
    code = 70
    try:
        os.setpgid(0, 0)
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        os.chdir(copy)
        os.environ |= _environment(copy) | {"PYTHONDONTWRITEBYTECODE": "1"}
        sys.path[:] = [str(copy), *(path for path in sys.path if path not in ("", os.environ.get("PYTHONPATH")))]
        sys.dont_write_bytecode = True
        for name in [name for name in sys.modules if name.partition(".")[0] == "tools"]:
            del sys.modules[name]
        for some in _turns(tests):
            files = list(dict.fromkeys(test.partition("::")[0] for test in some))
            arguments: list[Any] = ["-x", *QUIET, *FAST, "-p", "xdist.plugin", "--rootdir", str(copy), *files]
            code = int(pytest.main(arguments, plugins=[_Picked(some, _note(copy))]))
            if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                break
    finally:
        os._exit(code)


def _turns(tests: Sequence[str]) -> list[list[str]]:
    """The tests of the files of the first ones, then all others: loading a file of tests takes longer than most."""
    near = set(list(dict.fromkeys(test.partition("::")[0] for test in tests))[:_LIKELY])
    turns = [[], []] if len(tests) > 1 else [[]]  # type: list[list[str]]
    for test in tests:
        turns[0 if test.partition("::")[0] in near or len(tests) == 1 else 1].append(test)
    return [turn for turn in turns if turn]


def _compile(copies: Sequence[Path]) -> None:
    """Leave the compiled forms of all files in the copies, those of the tests as pytest rewrites them."""
    command = [sys.executable, "-m", "pytest", "--collect-only", *QUIET, *FAST, "-p", "xdist.plugin"]
    for running in [
        subprocess.Popen(command, cwd=c, env=_environment(c), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for c in copies
    ]:
        running.wait()


def _note(copy: Path) -> Path:
    return copy.parent / f"{copy.name}.killer"


def _environment(copy: Path) -> dict[str, str]:
    """No other plugin is looked for: that takes longer than most tests."""
    search = {"PYTHONPATH": f"{copy}{os.pathsep}{TOOL}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return {**os.environ, **search, "CI": "true", "PYTHONHASHSEED": "0"}


def _write(file: Path, text: str, at: float) -> None:
    """Write a source file as of a time: the compiled form of another time is not taken, and stays for its own."""
    file.write_text(text, encoding="utf-8", newline="")
    os.utime(file, (at, at))
