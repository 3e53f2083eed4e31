"""Which fast test runs which line, and how long it takes: a pytest plugin around coverage.py, and its answer.

Here: measuring, and picking the tests that may notice a mistake. Not here: what the mistakes are.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage
import pytest

from tools.mutants.sites import Mutant

MEASURED = ("extractors", "warehouse", "pipelines", "tools")
_OF_XDIST = ("xdist", "execnet")
MARK = "MUTANTS_MEASURE"
"""The environment variable that names the folder the plugin writes to."""


class Measuring:
    """Writes one data file of coverage.py, whose contexts are tests, and one file of durations per process."""

    def __init__(self, root: Path, folder: Path, worker: str) -> None:
        self.durations: dict[str, float] = defaultdict(float)
        self.failed: set[str] = set()
        self.root = root
        self.durations_file = folder / f"durations-{worker}.json"
        self.measured = coverage.Coverage(
            data_file=str(folder / f"coverage-{worker}"),
            source=[str(root)],
            omit=[f"{root}/tests/*"],
            config_file=False,
            messages=False,
        )
        self.measured.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Name the lines that are run from here on after the test."""
        forget()
        self.measured.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the time of a test and its fixtures."""
        self.durations[report.nodeid] += report.duration
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write what was measured."""
        self.measured.stop()
        self.measured.save()
        told: dict[str, Any] = {"root": str(self.root)}
        told |= {"durations": self.durations, "failed": sorted(self.failed), "modules": sorted(_of_others())}
        self.durations_file.write_text(json.dumps(told))


def forget() -> None:
    """Empty the caches of texts, so that every test runs the lines behind them; words that are loaded once stay."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in MEASURED:
            for value in list(vars(module).values()):
                if isinstance(value, functools._lru_cache_wrapper) and value.cache_info().maxsize is not None:
                    value.cache_clear()


def _of_others() -> Iterator[str]:
    for name, module in list(sys.modules.items()):
        if "site-packages" in (getattr(module, "__file__", None) or "") and name.partition(".")[0] not in _OF_XDIST:
            yield name


@dataclass
class Covering:
    """By file and line the tests that run it (those of imports are not known), and the seconds of every test.

    `modules`: what the tests loaded of other people's.
    """

    lines: dict[str, dict[int, set[str]]] = field(default_factory=lambda: defaultdict(dict))
    durations: dict[str, float] = field(default_factory=dict)
    modules: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> Covering:
        """What the plugin wrote to folders in the folder; ValueError where tests failed."""
        result = cls()
        failed: set[str] = set()
        for file in sorted(folder.rglob("durations-*.json")):
            told = json.loads(file.read_text())
            result.durations |= told["durations"]
            failed |= set(told["failed"])
            result.modules = sorted({*result.modules, *told["modules"]})
        if failed:
            raise ValueError(f"these tests fail without any mistake: {', '.join(sorted(failed))}")
        for file in sorted(folder.rglob("coverage-*")):
            root = Path(json.loads(next(file.parent.glob("durations-*.json")).read_text())["root"])
            data = coverage.CoverageData(basename=str(file))
            data.read()
            for path in data.measured_files():
                lines = result.lines[Path(path).relative_to(root).as_posix()]
                for line, contexts in data.contexts_by_lineno(path).items():
                    lines[line] = lines.get(line, set()) | {context for context in contexts if context}
        return result

    def tests(self, mutant: Mutant, root: Path) -> list[str]:
        """The tests that may notice a mistake, the quickest first.

        For a constant of a module those that run a line where its name stands; for what ran outside of any test (at an
        import, or once for all tests) those of its file; for data, and where no line is known, those that run any
        function of the Python files beside it. `root`: a whole tree.
        """
        found: set[str] = set()
        own = self.lines.get(mutant.path, {})
        if mutant.path.endswith(".py"):
            for line in range(mutant.lines[0], mutant.lines[1] + 1):
                found |= own.get(line, set())
            if name := _assigned(root / mutant.path, mutant.line):
                found |= self._users(name, root)
            elif not found and (mutant.line in own or not _in_function(root / mutant.path, mutant.line)):
                found = set().union(*own.values())
        else:
            folder = Path(mutant.path).parent
            folders = {folder, folder.parent} - {Path()}
            for path, lines in self.lines.items():
                if Path(path).parent in folders:
                    found |= set().union(*lines.values())
        return sorted(found, key=lambda test: (self.durations.get(test, 0.0), test))

    def _users(self, name: str, root: Path) -> set[str]:
        found: set[str] = set()
        for path, lines in self.lines.items():
            for number, text in enumerate((root / path).read_text(encoding="utf-8").splitlines(), start=1):
                if name in text:
                    found |= lines.get(number, set())
        return found


def _module_level(path: Path, line: int) -> ast.stmt | None:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            return statement
    return None


def _assigned(path: Path, line: int) -> str | None:
    statement = _module_level(path, line)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    return None


def _in_function(path: Path, line: int) -> bool:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    statement = _module_level(path, line)
    inner = [node for node in ast.walk(statement) if isinstance(node, functions)] if statement else []
    return any(node.body[0].lineno <= line <= (node.end_lineno or 0) for node in inner)


def pytest_configure(config: Any) -> None:
    """Measure in every process that runs tests; beside the workers of xdist that is not the first one."""
    folder = os.environ.get(MARK)
    worker = getattr(config, "workerinput", {}).get("workerid")
    if folder and (worker or not config.getoption("numprocesses", None)):
        config.pluginmanager.register(Measuring(config.rootpath, Path(folder), worker or "alone"))
