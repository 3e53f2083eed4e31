"""Reading many documents in worker processes: each with a time and a memory limit, none able to harm another.

Here: the pool, its order, retries and what a dead worker means. Not here: the reading itself (worker), what is stored.
"""

import contextlib
import functools
import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as Expired
from concurrent.futures import wait
from dataclasses import dataclass

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from extractors.extraction import REJECTED
from pipelines import worker
from pipelines.worker import Reading, Task

_AHEAD = 64
"""Tasks handed out beyond the oldest unfinished one: enough that a hanging document leaves no worker idle."""

_SMALL = 64 * 1024
_SMALL_PER_WORKER = 8
"""Starting a worker costs as much as reading about so many small documents."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """What a worker may spend on one document, and when a worker is replaced."""

    workers: int
    timeout_seconds: float = 20.0
    memory_mb: int = 512
    max_tasks: int = 20
    max_bytes: int = 100 * 2**20


def read_all(
    tasks: Sequence[Task],
    limits: PoolLimits,
    finished: Callable[[Task, Reading], None] = lambda task, reading: None,
    read: Callable[[Task, int], Reading] = worker.read,
) -> Iterator[tuple[Task, Reading]]:
    """Read the documents and yield each with its outcome, in the order given; `finished` hears of each as it ends.

    `read` runs in the worker. Closing the iterator, or an exception in whoever uses it, ends the workers at once.
    """
    if not tasks:
        return
    with _plain_main(), _pool(limits, _useful_workers(tasks, limits.workers)) as pool:
        waiting = iter(tasks)
        running: deque[_Pending] = deque()
        while True:
            while len(running) < _AHEAD * limits.workers and (task := next(waiting, None)) is not None:
                running.append(_Pending(task, pool, limits, read))
            if not running:
                return
            while not running[0].done:
                wait(
                    [pending.future for pending in running if not pending.done],
                    timeout=1,
                    return_when="FIRST_COMPLETED",
                )
                for pending in running:
                    if pending.settle():
                        finished(pending.task, pending.reading)
            first = running.popleft()
            yield first.task, first.reading


class _Pending:
    """A task in the pool. A worker that dies is given the task once more, for it may have died of its neighbour."""

    def __init__(self, task: Task, pool: ProcessPool, limits: PoolLimits, read: Callable[[Task, int], Reading]) -> None:
        self.task = task
        self.reading = Reading(None)
        self.done = False
        self._limits = limits
        self._submit: Callable[[], ProcessFuture] = functools.partial(
            pool.schedule, read, args=(task, limits.max_bytes), timeout=limits.timeout_seconds
        )
        self._attempt = 1
        self.future = self._submit()

    def settle(self) -> bool:
        """Take the result if there is a new one; True the moment the task is done."""
        if self.done or not self.future.done():
            return False
        try:
            self.reading = self.future.result()
        except Expired:
            seconds = self._limits.timeout_seconds
            self.reading = Reading(REJECTED, "TIMEOUT", f"读取超过 {seconds:g} 秒，已中止。", seconds=seconds)
        except ProcessExpired as error:
            if self._attempt == 1:
                self._attempt = 2
                self.future = self._submit()
                return False
            self.reading = _dead(error.exitcode, self._limits)
        self.done = True
        return True


def _dead(exitcode: int, limits: PoolLimits) -> Reading:
    if exitcode == worker.OUT_OF_MEMORY:
        return Reading(REJECTED, "MEMORY", f"读取时占用内存超过 {limits.memory_mb} MB，已中止。")
    return Reading(REJECTED, "CRASH", f"读取程序异常退出（状态 {exitcode}），已跳过此文件。")


def _useful_workers(tasks: Sequence[Task], workers: int) -> int:
    small = sum(task.stamp[0] <= _SMALL for task in tasks)
    worth = len(tasks) - small + -(-small // _SMALL_PER_WORKER)
    return max(1, min(workers, worth))


@contextlib.contextmanager
def _pool(limits: PoolLimits, workers: int) -> Iterator[ProcessPool]:
    pool = ProcessPool(
        max_workers=workers,
        max_tasks=limits.max_tasks,
        initializer=worker.enter,
        initargs=(limits.memory_mb, os.getpid()),
        context=multiprocessing.get_context("spawn"),
    )
    try:
        yield pool
        pool.close()
    except BaseException:
        pool.stop()
        raise
    finally:
        pool.join()


@contextlib.contextmanager
def _plain_main() -> Iterator[None]:
    """Keep spawned workers from importing this process's main module again: under Dagster that is all of Dagster."""
    main = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__spec__", "__file__") if hasattr(main, name)}
    main.__spec__ = None
    if "__file__" in kept:
        del main.__file__
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)
