"""Answer many documents in worker processes: each with a time and a memory limit, none able to harm another.

Here: the pool as an executor, the order of documents, retries, what a dead worker means. Not here: the reading itself.
"""

import contextlib
import multiprocessing
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures import TimeoutError as Expired
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import RLock
from typing import Any

from pebble import ProcessExpired, ProcessPool

from extractors.codes import ReasonCode
from extractors.extraction import REJECTED
from pipelines import worker
from pipelines.worker import Answer, Task

_AHEAD = 16
"""Tasks handed out for each worker beyond the one it is at, so that no worker waits for its next."""

_HELD_CHARACTERS = 64 * 2**20
"""How much is held of readings that ended before an earlier one: enough that a hanging document idles no worker."""

_MOST_BREAKS = 3
_PATIENCE_SECONDS = 40
"""Beyond a document's own time: starting workers on a busy machine takes long."""

_SMALL = 64 * 1024
_SMALL_PER_WORKER = 8
"""Starting a worker costs as much as reading about so many small documents."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """What a worker may spend on one document, and when a worker is replaced."""

    workers: int
    timeout_seconds: float = 20.0
    memory_mb: int = 512
    max_tasks: int = 200
    max_bytes: int = 100 * 2**20


def read_all(
    tasks: Sequence[Task],
    limits: PoolLimits,
    finished: Callable[[Task, Answer], None] = lambda task, reading: None,
    read: Callable[[Task, int], Answer] = worker.read,
) -> Iterator[tuple[Task, Answer]]:
    """Read the documents in worker processes of this machine; order and `finished` as in `in_order`.

    `read` runs in the worker. Closing the iterator, or an exception in whoever uses it, ends the workers at once.
    """
    if tasks:
        workers = _useful_workers(tasks, limits.workers)
        with Sandbox(limits, workers) as sandbox:
            yield from in_order(
                tasks, lambda task: sandbox.submit(read, task, limits.max_bytes), workers, finished, sandbox.watch
            )


def in_order(
    tasks: Sequence[Task],
    submit: Callable[[Task], "Future[Answer]"],
    workers: int,
    finished: Callable[[Task, Answer], None] = lambda task, reading: None,
    idle: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Task, Answer]]:
    """Submit the tasks and yield each with its reading, in the order given; `finished` hears of each as it ends.

    However many there are, few are under way at once, and little is held of those that end early. What a future raises
    is raised here. `idle` is called about every second in which none ended.
    """
    waiting = iter(tasks)
    running: deque[_Pending] = deque()
    ended: SimpleQueue[tuple[_Pending, Future[Answer]]] = SimpleQueue()
    under_way = held = 0
    while True:
        while under_way < (1 + _AHEAD) * workers and held < _HELD_CHARACTERS:
            if (task := next(waiting, None)) is None:
                break
            running.append(pending := _Pending(task))
            submit(task).add_done_callback(partial(_tell_end, ended, pending))
            under_way += 1
        if not under_way:
            return
        try:
            pending, future = ended.get(timeout=1)
        except Empty:
            idle()
            continue
        under_way -= 1
        pending.reading = future.result()
        held += len(pending.reading.forms)
        finished(pending.task, pending.reading)
        while running and (reading := running[0].reading) is not None:
            held -= len(reading.forms)
            yield running.popleft().task, reading


@dataclass(slots=True)
class _Pending:
    """A task under way. It does not know its future, which knows it: a circle would keep every reading in memory."""

    task: Task
    reading: Answer | None = None


def _tell_end(
    ended: "SimpleQueue[tuple[_Pending, Future[Answer]]]", pending: _Pending, future: "Future[Answer]"
) -> None:
    ended.put((pending, future))


class Sandbox(Executor):
    """Worker processes of this machine as an executor of functions that return a Answer.

    A future ends with a Answer also where the document took too long, too much memory or its worker's life; only where
    no worker can start does it raise (BrokenProcessPool). A worker that dies is given its task once more, for it may
    have died of its neighbour. Leaving the `with` block by an exception ends the workers at once.
    """

    def __init__(self, limits: PoolLimits, workers: int) -> None:
        self._limits = limits
        self._workers = workers
        self._exit = contextlib.ExitStack()
        self._exit.enter_context(plain_main())
        self._pools = [self._new_pool()]
        self._calls: dict[Future[Answer], _Call] = {}
        self._lock = RLock()
        self._breaks = 0
        self._last_end = time.monotonic()
        self._ending = False

    @property
    def _pool(self) -> ProcessPool:
        return self._pools[-1]

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=self._limits.max_tasks,
            initializer=worker.enter,
            initargs=(self._limits.memory_mb, os.getpid()),
            context=multiprocessing.get_context("spawn"),
        )

    @property
    def active(self) -> bool:
        """Whether it takes calls."""
        return bool(self._pool.active)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Run the function in a worker."""
        future: Future[Answer] = Future()
        future.set_running_or_notify_cancel()
        with self._lock:
            self._last_end = time.monotonic() if not self._calls else self._last_end
            self._calls[future] = _Call(partial(fn, *args, **kwargs))
            self._start(future)
        return future

    def watch(self) -> None:
        """Begin anew where nothing ends any more: pebble loses the document that a worker had just taken as it died."""
        with self._lock:
            still = time.monotonic() - self._last_end > self._limits.timeout_seconds + _PATIENCE_SECONDS
            if self._calls and still and not self._renew(self._pool):
                raise BrokenProcessPool("no document ends")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: at once with `cancel_futures`, else when all is done."""
        self._ending = cancel_futures
        with self._exit:
            for pool in self._pools:
                if cancel_futures or pool is not self._pool:
                    pool.stop()
                else:
                    pool.close()
                if wait:
                    pool.join()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.shutdown(cancel_futures=kind is not None)

    def _start(self, future: "Future[Answer]") -> None:
        pool = self._pool
        try:
            attempt = pool.schedule(self._calls[future].run, timeout=self._limits.timeout_seconds)
        except RuntimeError:  # it broke a moment ago; renewing starts every call
            if not self._renew(pool):
                raise
        else:
            attempt.add_done_callback(partial(self._end, future, pool))

    def _end(self, future: "Future[Answer]", pool: ProcessPool, done: "Future[Answer]") -> None:
        with self._lock:
            if future not in self._calls or pool is not self._pool:
                return
            self._last_end = time.monotonic()
            error = CancelledError() if done.cancelled() else done.exception()
            if isinstance(error, ProcessExpired) and self._calls[future].again and pool.active:
                self._calls[future].again = False
                self._start(future)
                return
            if isinstance(error, BrokenProcessPool) and self._renew(pool):
                return
            del self._calls[future]
        if error is None:
            self._breaks = 0
            future.set_result(done.result())
        elif isinstance(error, Expired):
            seconds = self._limits.timeout_seconds
            text = f"读取超过 {seconds:g} 秒，已中止。"
            future.set_result(Answer(REJECTED, ReasonCode.TIMEOUT, text, seconds=seconds))
        elif isinstance(error, ProcessExpired):
            future.set_result(_dead(error.exitcode, self._limits))
        else:
            future.set_exception(error)

    def _renew(self, broken: ProcessPool) -> bool:
        """Begin every call anew in a new pool; pebble gives a pool up where a worker dies between two documents.

        False where pools break one after the other and no document ends: then no worker can start.
        """
        if self._ending or self._breaks == _MOST_BREAKS:
            return False
        if self._pool is broken:
            self._breaks += 1
            self._last_end = time.monotonic()
            broken.stop()
            self._pools.append(self._new_pool())
            for future in list(self._calls):
                self._start(future)
        return True


@dataclass(slots=True)
class _Call:
    """What a future waits for. `again`: whether it may be given to another worker if its own dies."""

    run: Callable[[], Answer]
    again: bool = True


def _dead(exitcode: int, limits: PoolLimits) -> Answer:
    if exitcode == worker.OUT_OF_MEMORY:
        return Answer(REJECTED, ReasonCode.MEMORY, f"读取时占用内存超过 {limits.memory_mb} MB，已中止。")
    return Answer(REJECTED, ReasonCode.CRASH, f"读取程序异常退出（状态 {exitcode}），已跳过此文件。")


def _useful_workers(tasks: Sequence[Task], workers: int) -> int:
    small = sum(task.size <= _SMALL for task in tasks)
    worth = len(tasks) - small + -(-small // _SMALL_PER_WORKER)
    return max(1, min(workers, worth))


@contextlib.contextmanager
def plain_main() -> Iterator[None]:
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
