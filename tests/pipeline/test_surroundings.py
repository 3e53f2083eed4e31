"""Where a run says what it does, and where it is recorded: neither ever breaks it.

Here: encodings, closed and full streams, a history that is damaged or locked, by the program in its own process.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines import history
from tests.pipeline.conftest import House, form_text

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="streams of POSIX")]
PROGRAM = "import sys; from pipelines.cli import main; sys.exit(main())"


def run(house: House, *arguments: str, shell: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`jixiao ARGUMENTS` in its own process; `shell`: what stands behind the command in a shell."""
    env = {**os.environ, "JIXIAO_SETTLE_SECONDS": "0", "JIXIAO_WORKERS": "1"}
    env |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment}
    command = [sys.executable, "-c", PROGRAM, *arguments, "--data-dir", str(house.data_dir)]
    line = f'"$@" {shell}'
    return subprocess.run(["bash", "-c", line, "bash", *command], capture_output=True, env=env, timeout=120)


def published(house: House) -> int:
    [(count,)] = house.query("SELECT count(*) FROM document WHERE status = 'loaded'")
    return int(count)


@pytest.mark.parametrize("encoding", ["ascii", "gb2312"])
def test_output_of_a_small_encoding_breaks_nothing(house: House, encoding: str) -> None:
    house.add("a.txt", 1)
    nameless = os.fsencode(house.raw) + b"/\xff\xfe\x80 \xe4\xb8\xad.txt"
    Path(os.fsdecode(nameless)).write_text(form_text(2), encoding="utf-8")
    house.add("坏🙂é.pdf", 3).write_bytes(b"%PDF-1.7 nothing")
    done = run(house, "ingest", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert b"published" in done.stdout and b"Traceback" not in done.stderr
    told = run(house, "status", "--json", PYTHONIOENCODING=encoding)
    paths = {row["path"] for row in json.loads(told.stdout.decode(encoding))["not_read"]}
    assert (told.returncode, paths) == (0, {"坏🙂é.pdf"})
    assert dict.fromkeys(house.paths()).keys() == {"a.txt", "\\udcff\\udcfe\\udc80 中.txt", "坏🙂é.pdf"}


def test_a_locale_without_unicode_reads_names_as_every_other(house: House) -> None:
    house.add("440303罗湖区/2024年/a.txt", 1)
    done = run(house, "ingest", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0, done.stderr
    assert list(house.paths()) == ["440303罗湖区/2024年/a.txt"]


@pytest.mark.parametrize("shell", ["2>&1 | true; exit ${PIPESTATUS[0]}", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
def test_a_run_that_nobody_listens_to_publishes_and_ends_with_0(house: House, shell: str) -> None:
    house.add("a.txt", 1)
    assert run(house, "ingest", shell=shell).returncode == 0
    assert published(house) == 1


def test_a_list_that_was_not_taken_is_no_success(house: House) -> None:
    house.add("a.txt", 1)
    house.ingest()
    told = run(house, "status", shell=">/dev/full")
    assert told.returncode == 1 and "未能全部输出" in told.stderr.decode()
    assert run(house, "status", shell=">/dev/null").returncode == 0


def test_a_data_folder_whose_name_is_no_unicode_is_told(house: House) -> None:
    folder = os.fsdecode(os.fsencode(house.data_dir) + b"\xff")
    house.data_dir.rename(folder)
    house.data_dir = Path(folder)
    done = run(house, "ingest")
    assert done.returncode == 2 and "JIXIAO_DATA_DIR" in done.stderr.decode()


# The history


def storage(house: House) -> Path:
    return house.data_dir / ".dagster/storage"


def garble(path: Path) -> None:
    path.write_bytes(b"x" * 100 + path.read_bytes()[100:])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [garble, cut, make_folder])
@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db"])
def test_a_damaged_history_is_put_aside_and_told(house: House, harm: Any, name: str) -> None:
    damaged(house, harm, name)
    told: list[str] = []
    assert history.recorded(house.data_dir, lambda instance: instance.get_runs_count(), told.append) == 0
    assert len(told) == 1 and "运行记录已损坏" in told[0]
    assert len([*storage(house).parent.glob("storage.damaged-*")]) == 1


def damaged(house: House, harm: Any, name: str) -> None:
    with history.open_history(house.data_dir):
        pass
    for path in storage(house).rglob("*.db-*"):
        path.unlink()
    harm(storage(house) / name)


def test_a_run_over_a_damaged_history_publishes_and_is_recorded_in_a_new_one(house: House) -> None:
    house.add("a.txt", 1)
    damaged(house, garble, "history/runs.db")
    done = run(house, "ingest")
    assert done.returncode == 0 and published(house) == 1
    assert "运行记录已损坏" in done.stderr.decode()
    assert len([*storage(house).parent.glob("storage.damaged-*")]) == 1
    with history.open_history(house.data_dir) as instance:
        assert instance.get_runs_count() == 1


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


def test_a_locked_history_is_left_and_the_run_goes_on(house: House) -> None:
    house.add("a.txt", 1)
    with history.open_history(house.data_dir):
        pass
    with locked(storage(house) / "history/runs.db"):
        done = run(house, "ingest")
    assert done.returncode == 0 and published(house) == 1
    assert "不记入页面" in done.stderr.decode()
    assert not [*storage(house).parent.glob("storage.damaged-*")]


def test_a_sound_history_is_neither_moved_nor_told(house: House) -> None:
    house.add("a.txt", 1)
    assert run(house, "ingest").returncode == 0
    house.add("b.txt", 2)
    done = run(house, "ingest")
    assert done.returncode == 0 and "运行记录" not in done.stderr.decode()
    with history.open_history(house.data_dir) as instance:
        assert instance.get_runs_count() == 2
