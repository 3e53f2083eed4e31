"""The command line speaks Chinese: its headings and what it says of wrong usage.

Here: what the parser prints. Not here: what the commands do (tests/pipeline).
"""

from __future__ import annotations

import argparse

import pytest

from pipelines import cli
from pipelines.usage import in_chinese


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit):
        cli.main(list(arguments))
    printed = capsys.readouterr()
    return printed.out + printed.err


@pytest.mark.parametrize("command", ["", "ingest", "show", "serve", "teach", "teach accept", "export"])
def test_help_is_headed_in_chinese(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, *command.split(), "--help")
    assert "用法：jixiao" in text and "选项" in text
    assert not [word for word in ("usage", "options:", "positional", "show this help message") if word in text]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["ingest", "--workers"], "--workers 后面要有一个值"),
        (["ingest", "--wokers", "2"], "不认识 --wokers 2"),
        (["show"], "缺少 FORM"),
        (["eat"], "没有 'eat' 这一项"),
        (["ingest", "--workers", "0"], "应为 1 或更大的整数"),
    ],
)
def test_wrong_usage_is_told_in_chinese(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, *arguments)
    assert expected in text and "error" not in text and "usage" not in text


def test_every_complaint_of_argparse_that_can_be_made_here_has_its_chinese() -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--number", type=int)
    parser.add_argument("--nearby")
    parser.add_argument("--flag", action="store_true")
    for arguments in (["--number", "x"], ["--number"], ["--flag=1"]):
        with pytest.raises(argparse.ArgumentError) as raised:
            parser.parse_args(arguments)
        assert in_chinese(str(raised.value)).isascii() is False, raised.value


def test_a_complaint_that_is_not_known_stays_as_it_is() -> None:
    assert in_chinese("something else") == "something else"
