"""Killed at every third step: `python -m bench.steps`, `--help` for options.

Here: a step is a call of Python that writes (bench.faults). Killed are publishing runs, while readers of one and of
four threads ask all the time and an analyst dies with the file open, and what people do: a mark, a correction, a
decision, a lesson, the site, a workbook. After each kill the same is done to the end, and must leave what it would
have left without the kill. Not here: kills at any moment (kills), faults.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.faults import Faults
from bench.here import add, ingest, rows, settings_for
from bench.histories import HEADERS
from bench.kills import Reader, dying_analyst
from bench.known import document
from pipelines.cli import main as command_line
from pipelines.ingestion import Ingestion
from warehouse import proposals
from warehouse.build.connections import open_read_only
from warehouse.build.form_sheet import open_form_sheet
from warehouse.corrections.writing import correct
from warehouse.linking.deciding import decide
from warehouse.reviews import mark_finding
from warehouse.state.store import TEMPORARY

_DOCUMENTS = 12
_DYING = "import sys; from bench import steps; steps.die(*sys.argv[1:]) if __name__ == '__main__' else None\n"
_WHEN = re.compile(rb"20\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")


class _Deadly(Faults):
    """Kills this process at the call numbered `at`."""

    def meet(self, path: object) -> None:
        if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self._folder):
            self.calls += 1
            if self.calls == self._at:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class Outcome:
    """What the kills left. `steps`: how many a deed has; `wrong`: what is not as it must be."""

    steps: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    reads: int = 0
    wrong: list[str] = field(default_factory=list)


# What is killed


def _run(data: Path) -> None:
    run = Ingestion(settings_for(data, workers=2, batch_size=4), trigger="command")
    try:
        run.scan(rebuild=False)
        run.read()
        run.publish()
        run.attention()
    finally:
        run.close()


def _review(data: Path) -> None:
    [(key, printed)] = _some(data, "SELECT finding_key, printed FROM finding ORDER BY finding_id LIMIT 1")
    mark_finding(data, key, printed, "属实", who="张三")


def _correct(data: Path) -> None:
    sheet = open_form_sheet(data / "curated/warehouse.duckdb", _forms(data)[0])
    correct(data, sheet, ("indicator", 1, "actual_text"), "361天", why="核对原件", who="张三")


def _decide(data: Path) -> None:
    one, other, *_ = _forms(data)
    decide(data, one, other, "different", who="张三")


def _teach(data: Path) -> None:
    [(number,)] = _some(data, "SELECT proposal_id FROM proposal ORDER BY 1 LIMIT 1")
    with open_read_only(data / "curated/warehouse.duckdb") as connection:
        proposals.accept(connection, data, number, "actual_text")


def _site(data: Path) -> None:
    command_line(["site", str(data / "site"), "--data-dir", str(data)])


def _export(data: Path) -> None:
    command_line(["export", str(data / "book.xlsx"), "--data-dir", str(data)])


DEEDS: dict[str, Callable[[Path], None]] = {
    "run": _run, "review": _review, "correct": _correct, "decide": _decide, "teach": _teach, "site": _site,
    "export": _export,
}  # fmt: skip


def _some(data: Path, query: str) -> list[tuple[str, ...]]:
    return rows(data / "curated/warehouse.duckdb", query)


def _forms(data: Path) -> list[str]:
    return [form for (form,) in _some(data, "SELECT form_id FROM project ORDER BY 1")]


def die(deed: str, data: str, at: str) -> None:
    """Do the deed and be killed at its call numbered `at`; prints how many there were where it lives."""
    folder = Path(data)
    deadly = _Deadly(folder / "curated" if deed == "run" else folder, int(at))
    with deadly.at_work():
        DEEDS[deed](folder)
    print(deadly.calls)


def _start(deed: str, data: Path, at: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _DYING, deed, str(data), str(at)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _steps(deed: str, data: Path) -> int:
    told, _ = _start(deed, data, 0).communicate()
    return int(told.split()[-1])


def _places(steps: int, every: int) -> Iterator[int]:
    """Every n-th step, again and again, one later each time."""
    while True:
        for first in range(every, 0, -1):
            yield from range(first, steps + 1, every)


# Publishing runs


def kill_runs(data: Path, kills: int, every: int = 3, outcome: Outcome | None = None) -> Outcome:
    """Kill so many publishing runs over `data` (an empty folder); a whole one follows each and publishes."""
    outcome = outcome or Outcome()
    numbers = list(range(_DOCUMENTS))
    for place, number in enumerate(numbers):
        add(data, f"440303/2024/{place}.txt", number)
    ingest(settings_for(data, batch_size=4))
    _replace(data, numbers, 0)
    outcome.steps["run"] = _steps("run", data)
    warehouse = data / "curated/warehouse.duckdb"
    readers = [Reader(data, warehouse, whole=_DOCUMENTS, threads=threads) for threads in (1, 4)]
    try:
        for kill, at in zip(range(1, kills + 1), _places(outcome.steps["run"], every), strict=False):
            _replace(data, numbers, kill)
            run = _start("run", data, at)
            analyst = dying_analyst(warehouse)
            workers = _watched(run)
            analyst.wait()
            published = _units(data)
            outcome.kills += run.returncode == -signal.SIGKILL
            new = _expected(numbers)
            if published != new and len(published) != _DOCUMENTS:
                outcome.wrong.append(f"run at {at}: {len(published)} forms stand")
            before = warehouse.readlink()
            made = ingest(settings_for(data, batch_size=4, keep_builds=2, max_builds=3))
            if published != new and (made != "published" or warehouse.readlink() == before):
                outcome.wrong.append(f"run at {at}: the next run is {made}")
            if _units(data) != new:
                outcome.wrong.append(f"run at {at}: the next run has not the documents")
            outcome.wrong += [f"run at {at}: left over {name}" for name in _left(data / "curated")]
            alive = [worker.pid for worker in workers if worker.is_running() and worker.status() != "zombie"]
            outcome.wrong += [f"run at {at}: worker {pid} lives" for pid in alive]
    finally:
        answers = [reader.stop() for reader in readers]
    outcome.reads += sum(map(len, answers))
    outcome.wrong += [f"a read failed: {reader.failure}" for reader in readers if reader.failure]
    outcome.wrong += [f"torn: {line}" for answer in answers for line in answer if line != "whole"]
    return outcome


def _replace(data: Path, numbers: list[int], kill: int) -> None:
    place = kill % _DOCUMENTS
    numbers[place] += _DOCUMENTS
    add(data, f"440303/2024/{place}.txt", numbers[place])


def _expected(numbers: list[int]) -> list[str]:
    return sorted(f"{number:09d}" for number in numbers)


def _units(data: Path) -> list[str]:
    found = _some(data, "SELECT project_code FROM project ORDER BY 1")
    return sorted(re.findall(r"\d{9}$", code)[0] if code else "" for (code,) in found)


def _watched(run: subprocess.Popen[str]) -> list[psutil.Process]:
    """Wait for its end; returns the processes that it had."""
    seen: dict[int, psutil.Process] = {}
    while run.poll() is None:
        try:
            seen |= {child.pid: child for child in psutil.Process(run.pid).children(recursive=True)}
        except psutil.NoSuchProcess:
            break
        time.sleep(0.02)
    run.communicate()
    time.sleep(0.3)
    return list(seen.values())


# What people do


def kill_deeds(folder: Path, every: int = 3, outcome: Outcome | None = None, most: int = 40) -> Outcome:
    """Kill each of them at every n-th step, at most so often; `folder` is an empty one."""
    outcome = outcome or Outcome()
    base = folder / "base"
    for number in range(4):
        add(base, f"440303/2024/{number}.txt", number)
    unknown = base / "raw/440303/2024/4.txt"
    unknown.write_text(document(4).replace(HEADERS[0], HEADERS[1]), encoding="utf-8")
    ingest(settings_for(base))
    for name, deed in DEEDS.items():
        if name == "run":
            continue
        data = _copy(base, folder / "data")
        if name == "site":
            deed(data)
            unknown_there = data / "raw/440303/2024/1.txt"
            unknown_there.unlink()  # its pages are to go
            ingest(settings_for(data), allow_removals=True)
        start = _copy(data, folder / "start")
        outcome.steps[name] = _steps(name, data)
        old, new = _standing(start), _standing(data)
        places = list(range(every, outcome.steps[name] + 1, every))
        for at in places[:: max(1, len(places) // most)]:
            data = _copy(start, folder / "data")
            run = _start(name, data, at)
            run.communicate()
            outcome.kills += run.returncode == -signal.SIGKILL
            for path, content in _standing(data).items():
                if content not in (old.get(path), new.get(path)) and not _unfinished(path):
                    outcome.wrong.append(f"{name} at {at}: {path} is neither old nor new")
            again = _start(name, data, 0)
            again.communicate()
            if again.returncode:
                outcome.wrong.append(f"{name} at {at}: the next one ends with {again.returncode}")
            ingest(settings_for(data))
            now = _standing(data)
            outcome.wrong += [
                f"{name} at {at}: {path} is not as without the kill"
                for path in old.keys() | new.keys() | now.keys()
                if now.get(path) != new.get(path) and not path.rpartition("/")[2].startswith(TEMPORARY)  # goes in a day
            ]
    return outcome


def _standing(data: Path) -> dict[str, bytes]:
    """The files that people have or see, without when they were written."""
    files = [path for path in data.rglob("*") if path.is_file()]
    kept = [path for path in files if path.relative_to(data).parts[0] not in ("raw", "curated")]
    return {path.relative_to(data).as_posix(): _WHEN.sub(b"", _content(path)) for path in kept}


def _content(path: Path) -> bytes:
    return b"" if path.suffix == ".xlsx" else path.read_bytes()


def _unfinished(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(TEMPORARY) or name.endswith(".part") or name == ".jixiao-site"


def _left(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(f"{TEMPORARY}*")]


def _copy(base: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(base, target, symlinks=True))


def main() -> None:
    """Kill and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="of publishing runs")
    parser.add_argument("--every", type=int, default=3)
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = kill_deeds(Path(folder), given.every)
    print(outcome, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        runs = kill_runs(Path(folder), given.kills, given.every)
    print(runs, f"{time.monotonic() - started:.0f} s", sep="\n")
    sys.exit(bool(outcome.wrong or runs.wrong))


if __name__ == "__main__":
    main()
