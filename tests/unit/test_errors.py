"""The errors raised on purpose: one tree, each with a sentence for a person, caught once by the command line."""

import importlib
import pickle
import pkgutil
from collections.abc import Iterator

import pytest

import extractors
import pipelines
import warehouse
from extractors.errors import CannotRun, JixiaoError, Unreadable, WrongUsage
from pipelines import cli

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
