"""The command line's help and its complaints in Chinese, whatever the language of the machine.

Here: a parser that speaks Chinese where argparse speaks English. Not here: the commands (cli).
"""

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

_SAID = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识 \1"),
    (r"argument (.*?): expected one argument", r"\1 后面要有一个值"),
    (r"argument (.*?): expected at least one argument", r"\1 后面至少要有一个值"),
    (r"argument (.*?): expected (\d+) arguments", r"\1 后面要有 \2 个值"),
    (r"argument (.*?): invalid choice: (.*) \(choose from (.*)\)", r"\1 没有 \2 这一项，可选的有 \3"),
    (r"argument (.*?): invalid int value: (.*)", r"\1 要一个整数，不是 \2"),
    (r"argument (.*?): invalid float value: (.*)", r"\1 要一个数，不是 \2"),
    (r"argument (.*?): invalid \S+ value: (.*)", r"\1 不能是 \2"),
    (r"argument (.*?): not allowed with argument (.*)", r"\1 和 \2 只能用一个"),
    (r"argument (.*?): ignored explicit argument (.*)", r"\1 后面不要值，却写了 \2"),
    (r"ambiguous option: (.*?) could match (.*)", r"\1 可以是 \2，请写全"),
    (r"one of the arguments (.*) is required", r"\1 中要有一个"),
    (r"argument (.*?): (.*)", r"\1：\2"),
)
"""What argparse says, and what is said instead."""


def in_chinese(message: str) -> str:
    """A complaint of argparse in Chinese; one that is not known stays as it is."""
    for pattern, chinese in _SAID:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return match.expand(chinese)
    return message


class ChineseParser(argparse.ArgumentParser):
    """A parser whose headings, help and complaints are Chinese."""

    def __init__(
        self, *args: Any, add_help: bool = True, parents: Sequence[argparse.ArgumentParser] = (), **more: Any
    ) -> None:
        super().__init__(*args, **{**more, "add_help": False, "formatter_class": _Formatter})
        self._positionals.title = "参数"
        self._optionals.title = "选项"
        if add_help:
            self.add_argument("-h", "--help", action="help", help="显示这些说明 / show this help")
        for parent in parents:
            self._add_container_actions(parent)
            self._defaults.update(parent._defaults)

    def error(self, message: str) -> NoReturn:
        """Say how the command is used and what was wrong with it; exit status 2."""
        self.exit(2, f"{self.format_usage()}{self.prog}：{in_chinese(message)}\n")


class _Formatter(argparse.HelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)
