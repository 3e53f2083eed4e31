"""Readings for the pool's tests: each does what its document says. Workers import this module by name."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path
from typing import NoReturn

from pipelines import worker
from pipelines.worker import Answer, Task


def read_unless_hostile(task: Task, max_bytes: int) -> Answer:
    """Really read a document, except for one whose name says that it crashes its reader."""
    return read(task, max_bytes) if Path(task.path).name.startswith("crash") else worker.read(task, max_bytes)


def see_nothing(task: Task, max_bytes: int) -> Answer:
    """What a reader answers where the folder is not mounted."""
    return Answer(None, worker.VANISHED, "文件在读取前已被移走。")


def read_killed_once(task: Task, max_bytes: int) -> Answer:
    """Really read a picture; where its name says so the worker is killed in the middle of it, the first time."""
    path = Path(task.path)
    mark = path.with_suffix(".killed")
    if path.name.startswith("killed") and not mark.exists():
        from extractors.formats.picture.engine import Recogniser

        def dying(*_: object) -> NoReturn:
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError

        Recogniser.read = dying  # type: ignore[method-assign]
    return worker.read(task, max_bytes)


def read(task: Task, max_bytes: int) -> Answer:
    """Misbehave as told, else answer with the process id."""
    name = Path(task.path).name
    if name.startswith("hang"):
        time.sleep(60)
    elif name.startswith("crash"):
        ctypes.string_at(0)
    elif name.startswith("killed"):
        times = {"once": 1, "twice": 2}.get(name.partition("-")[2], 9)
        marks = [Path(task.path).with_suffix(f".{time}") for time in range(times)]
        if mark := next((mark for mark in marks if not mark.exists()), None):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif name.startswith("not-beside"):
        for _ in range(30):
            if list(Path(task.path).parent.glob("*.at-work")):
                ctypes.string_at(0)
            time.sleep(0.01)
    elif name.startswith("beside"):
        mark = Path(task.path).with_suffix(".at-work")
        mark.touch()
        time.sleep(0.1)
        mark.unlink()
    elif name.startswith("memory"):
        try:
            return Answer("loaded", reason=str(len(bytearray(2**30))))
        except MemoryError:
            os._exit(worker.OUT_OF_MEMORY)
    elif name.startswith("slow"):
        time.sleep(0.3)
    return Answer("loaded", reason=str(os.getpid()), form_count=1)
