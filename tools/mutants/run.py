"""Trying mistakes one by one, each in a copy of the tree, against the tests that meet it.

Here: the copies, the processes, their time limit. Not here: which mistakes, what the report says.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.covering import MARK, Covering
from tools.mutants.sites import Mutant

TOOL = Path(__file__).parents[2]
FAST = ("-m", "not slow and not browser")
QUIET = ("-q", "-p", "no:cacheprovider", "--no-header", "--no-summary", "--tb=no")
_FACTOR, _GRACE = 5, 30
"""A mutant may take so many times, and so many seconds more than, its tests took: the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A mistake and what became of it: killed, survived, timeout or, where no test meets it, unmet."""

    mutant: Mutant
    result: str
    tests: int
    seconds: float


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


def measure(copy: Path, folder: Path, processes: int, tests: Sequence[str] = ()) -> Covering:
    """Run the fast suite once in a copy, and leave what was measured in the folder; ValueError where it fails.

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
    ]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    covering = Covering.read(folder)
    if done.returncode:
        raise ValueError(f"the fast suite fails without any mistake:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return covering


def try_all(mutants: Sequence[Mutant], covering: Covering, whole: Path, copies: Sequence[Path]) -> Iterator[Tried]:
    """Try mistakes in the `whole` tree, as many at a time as there are copies of it."""
    for name in covering.modules:  # loaded once, before the processes part
        with suppress(ImportError):
            importlib.import_module(name)
    waiting, free = list(mutants), list(copies)
    running: dict[int, _Trial] = {}
    while waiting or running:
        while waiting and free:
            mutant = waiting.pop(0)
            tests = covering.tests(mutant, whole)
            if not tests:
                yield Tried(mutant, "unmet", 0, 0.0)
                continue
            copy = free.pop()
            process = _Trial.start(mutant, tests, copy, sum(covering.durations.get(test, 0.0) for test in tests))
            running[process.pid] = process
        for pid, trial in list(running.items()):
            if result := trial.ended():
                trial.restore()
                del running[pid]
                free.append(trial.copy)
                yield Tried(trial.mutant, result, trial.tests, round(time.monotonic() - trial.began, 2))
        time.sleep(0.02)


@dataclass(slots=True)
class _Trial:
    mutant: Mutant
    copy: Path
    whole: str
    pid: int
    tests: int
    began: float
    limit: float

    @classmethod
    def start(cls, mutant: Mutant, tests: list[str], copy: Path, seconds: float) -> _Trial:
        file = copy / mutant.path
        whole = file.read_text(encoding="utf-8")
        _write(file, mutant.applied(whole))
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            _run_tests(copy, tests)
        return cls(mutant, copy, whole, pid, len(tests), time.monotonic(), _GRACE + _FACTOR * seconds)

    def ended(self) -> str | None:
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self._kill()  # what the tests may have left running
            return "survived" if os.waitstatus_to_exitcode(status) == pytest.ExitCode.OK else "killed"
        if time.monotonic() - self.began > self.limit:
            self._kill()
            os.waitpid(self.pid, 0)
            return "timeout"
        return None

    def restore(self) -> None:
        _write(self.copy / self.mutant.path, self.whole)

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


class _Picked:
    """Keeps the tests named, in their order, and draws no smaller example of one that failed."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: n for n, test in enumerate(tests)}

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
        os.environ |= _environment(copy)
        sys.path[:] = [str(copy), *(path for path in sys.path if path not in ("", os.environ.get("PYTHONPATH")))]
        sys.dont_write_bytecode = True
        for name in [name for name in sys.modules if name.partition(".")[0] == "tools"]:
            del sys.modules[name]
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        arguments: list[Any] = ["-x", *QUIET, *FAST, "-p", "xdist.plugin", "--rootdir", str(copy), *files]
        code = int(pytest.main(arguments, plugins=[_Picked(tests)]))
    finally:
        os._exit(code)


def _environment(copy: Path) -> dict[str, str]:
    """No other plugin is looked for: that takes longer than most tests."""
    search = {"PYTHONPATH": f"{copy}{os.pathsep}{TOOL}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return {**os.environ, **search, "CI": "true", "PYTHONHASHSEED": "0"}


def _write(file: Path, text: str) -> None:
    """Write a source file; its compiled form goes, for one of the same size and second would be taken for new."""
    file.write_text(text, encoding="utf-8", newline="")
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        compiled.unlink()
