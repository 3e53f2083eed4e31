"""The errors raised on purpose: one tree, each with a sentence for a person, caught once by the command line."""

import errno
import importlib
import os
import pickle
import pkgutil
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import duckdb
import pytest

import extractors
import pipelines
import warehouse
from extractors.errors import CannotRun, JixiaoError, Unreadable, WrongUsage
from pipelines import cli
from pipelines.pool import PoolLimits, cannot_start, read_all
from pipelines.resources import sentence
from pipelines.settings import load_settings
from pipelines.worker import Task

ROOMS = (extractors, warehouse, pipelines)


def own_errors() -> Iterator[type[BaseException]]:
    """Every class of an exception that a module of ours defines."""
    for room in ROOMS:
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, BaseException) and value.__module__ == found.name:
                    yield value


def test_every_error_of_ours_grows_on_one_tree_and_says_what_it_is() -> None:
    found = set(own_errors())
    assert {Unreadable, CannotRun, WrongUsage} < found
    assert [error for error in found if not issubclass(error, JixiaoError)] == []
    assert [error for error in found if not error.__dict__.get("__doc__")] == []


@pytest.mark.parametrize(
    "error", [CannotRun("请重新运行。"), WrongUsage("没有这一列。"), Unreadable("EMPTY", "文件是空的。")]
)
def test_an_error_tells_its_sentence_and_keeps_it_between_processes(error: JixiaoError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and again.message == str(again) == error.args[-1]
    assert getattr(again, "reason_code", None) == getattr(error, "reason_code", None)


@pytest.mark.parametrize(("error", "status"), [(CannotRun("磁盘已满\x1b。"), 1), (WrongUsage("没有这一列。"), 2)])
def test_the_command_line_tells_any_of_them_in_one_line(error, status, tmp_path, monkeypatch, capsys) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_status", fail)
    assert cli.main(["status", "--data-dir", str(tmp_path)]) == status
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and error.message[:4] in told and "\x1b" not in told


@pytest.mark.parametrize(
    ("number", "name", "told"),
    [
        (errno.EACCES, "reviews.csv", "reviews.csv"),
        (errno.EIO, "reviews.csv", "reviews.csv"),
        (errno.EACCES, "curated/.lock", "curated/.lock"),
        (errno.EIO, "curated/state/.tmp-1", "curated"),
        (errno.ENOSPC, None, "curated"),
    ],
)
def test_what_cannot_be_read_or_written_is_named_unless_its_name_says_nothing(
    number: int, name: str | None, told: str
) -> None:
    settings = load_settings({}, data_dir=Path("/somewhere"))
    named = [] if name is None else [f"/somewhere/{name}"]
    said = sentence(settings, OSError(number, os.strerror(number), *named))
    assert f"/somewhere/{told} " in said and "请" in said


def test_too_little_memory_for_a_build_says_what_to_do() -> None:
    settings = load_settings({}, data_dir=Path("/somewhere"))
    said = sentence(settings, duckdb.OutOfMemoryException("Out of Memory Error: failed\nPossible solutions: ..."))
    assert "请" in said and "Possible" not in said
    assert sentence(settings, duckdb.BinderException("no column")).startswith("DuckDB")


def test_where_the_system_starts_no_process_that_is_told_and_not_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pebble.ProcessPool.schedule", _refused)
    with pytest.raises(BrokenProcessPool) as refused:
        list(read_all([Task("a.txt", "1" * 64, 1)], PoolLimits(1, boxed=False)))
    assert "Permission denied" in cannot_start(512, refused.value).message
    assert "512 MB" in cannot_start(512, BrokenProcessPool("no document ends")).message


def _refused(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
