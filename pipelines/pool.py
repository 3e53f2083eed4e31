"""Answer many documents in worker processes: each with a time and a memory limit, none able to harm another.

Here: the pool as an executor, the order of documents, retries, what a dead worker means. Not here: the reading itself.
"""

import contextlib
import multiprocessing
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures import TimeoutError as Expired
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from itertools import count
from queue import Empty, SimpleQueue
from threading import RLock
from typing import Any

from pebble import ProcessExpired, ProcessPool

from extractors.codes import ReasonCode
from extractors.errors import CannotRun
from extractors.extraction import REJECTED
from pipelines import box, worker
from pipelines.opening import Doorkeeper, Ticket
from pipelines.worker import Answer, Isolation, Task

_AHEAD = 16
"""Tasks handed out for each worker beyond the one it is at, so that no worker waits for its next."""

_HELD_CHARACTERS = 64 * 2**20
"""How much is held of readings that ended before an earlier one: enough that a hanging document idles no worker."""

_MOST_BREAKS = 3
_PATIENCE_SECONDS = 40
"""Beyond a document's own time, to start workers; more where others want the processors, too (`_patience`)."""

_KILLED = -9
"""The exit status of a worker that the system killed, as a machine without memory does; no document does so itself."""

_TRIES, _TRIES_KILLED = 2, 3
"""How often a document may cost its worker's life, the last times read alone; where the system killed it, once more."""

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
    boxed: bool = True
    """Whether the kernel keeps workers from all but their document, where it can."""
    writable: tuple[str, ...] = ()
    """Folders in which boxed workers may read and write all the same."""


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
        with Sandbox(limits, workers, (read.__module__,)) as sandbox:
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
    no worker can start does it raise (BrokenProcessPool). A document whose worker dies may have died of its neighbours:
    it waits until those under way have ended and is then read alone, before any other begins. What dies alone, too, is
    given up; what the system killed alone is tried once more. Leaving the `with` block by an exception ends the workers
    at once. Where the kernel has Landlock workers are boxed; `modules`: what they import before.
    """

    def __init__(self, limits: PoolLimits, workers: int, modules: tuple[str, ...] = ()) -> None:
        self._limits = limits
        self._workers = workers
        self._exit = contextlib.ExitStack()
        self._doorkeeper: Doorkeeper | None = None
        self._isolation: Isolation | None = None
        if limits.boxed and box.version():
            self._doorkeeper, self._isolation = self._isolated(modules)
        self._exit.enter_context(plain_main())
        self._pools = [self._new_pool()]
        self._calls: dict[Future[Answer], _Call] = {}
        self._waiting: deque[Future[Answer]] = deque()
        self._alone: deque[Future[Answer]] = deque()
        self._started: deque[tuple[int, Future[Answer], Future[Answer]]] = deque()
        self._numbers = count()
        self._probing = False
        self._lock = RLock()
        self._breaks = 0
        self._last_end = time.monotonic()
        self._ending = False

    @property
    def _pool(self) -> ProcessPool:
        return self._pools[-1]

    def _new_pool(self) -> ProcessPool:
        try:
            return ProcessPool(
                max_workers=self._workers,
                max_tasks=self._limits.max_tasks,
                initializer=worker.enter,
                initargs=(self._limits.memory_mb, os.getpid(), self._isolation),
                context=multiprocessing.get_context("spawn"),
            )
        except OSError as error:
            raise BrokenProcessPool(str(error)) from error

    def _isolated(self, modules: tuple[str, ...]) -> tuple[Doorkeeper, Isolation]:
        doorkeeper = Doorkeeper()
        self._exit.callback(doorkeeper.close)
        scratch = self._exit.enter_context(tempfile.TemporaryDirectory(prefix="jixiao-", ignore_cleanup_errors=True))
        allowed = box.Box(box.interpreter_files(), self._limits.writable)
        return doorkeeper, Isolation(allowed, doorkeeper.door, scratch, modules)

    @property
    def active(self) -> bool:
        """Whether it takes calls."""
        return bool(self._pool.active)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Run the function in a worker; the first argument is a Task, whose file is all that it may open."""
        future: Future[Answer] = Future()
        future.set_running_or_notify_cancel()
        call = _Call(partial(fn, *args, **kwargs))
        if self._doorkeeper:
            call.ticket = self._doorkeeper.ticket(args[0].file)
            call.run = partial(worker.with_ticket, call.ticket, call.run)
        with self._lock:
            self._last_end = time.monotonic() if not self._calls else self._last_end
            self._calls[future] = call
            self._waiting.append(future)
            self._go_on()
        return future

    def watch(self) -> None:
        """Look after documents that ended without a word; to be called about every second in which none ends.

        Pebble loses the document that a worker had just taken as it was killed. Workers take them in order: that one
        started later was taken proves it, so where none is left to come, one that does nothing is sent after them.
        """
        with self._lock:
            still = time.monotonic() - self._last_end > self._limits.timeout_seconds + _patience()
            if self._calls and still and not self._renew(self._pool):
                raise BrokenProcessPool("no document ends")
            if self._started and not self._probing:
                with contextlib.suppress(RuntimeError):  # it broke a moment ago; its calls tell
                    pool, probe = self._pool, self._pool.schedule(os.getpid)
                    self._probing = True
                    probe.add_done_callback(partial(self._end_probe, pool, next(self._numbers)))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: at once with `cancel_futures`, else when all is done."""
        while wait and not cancel_futures and wait_for(list(self._calls), timeout=1).not_done:
            self.watch()
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

    def _go_on(self) -> None:
        """Start what may start. One that is to be read alone goes before those that wait, after those under way."""
        while self._alone and not any(call.attempt for call in self._calls.values()):
            self._start(self._alone[0])
        while self._waiting and not self._alone:
            self._start(self._waiting.popleft())

    def _start(self, future: "Future[Answer]") -> None:
        pool, call = self._pool, self._calls[future]
        try:
            call.attempt = pool.schedule(call.run, timeout=self._limits.timeout_seconds)
        except RuntimeError as error:  # it broke a moment ago; renewing starts every call under way
            call.attempt = Future()
            if not self._renew(pool):
                self._forget(future)
                future.set_exception(BrokenProcessPool(str(error)))
        except OSError as error:  # the system starts no process
            self._forget(future)
            broken = BrokenProcessPool(str(error))
            broken.__cause__ = error
            future.set_exception(broken)
        else:
            call.number = next(self._numbers)
            self._started.append((call.number, future, call.attempt))
            call.attempt.add_done_callback(partial(self._end, future, pool))

    def _end(self, future: "Future[Answer]", pool: ProcessPool, done: "Future[Answer]") -> None:
        with self._lock:
            call = self._calls.get(future)
            if call is None or call.attempt is not done:
                return
            self._last_end = time.monotonic()
            error = CancelledError() if done.cancelled() else done.exception()
            if isinstance(error, BrokenProcessPool) and self._renew(pool):
                return
            if not isinstance(error, BrokenProcessPool):
                self._taken(call.number)
            call.attempt = None
            if isinstance(error, ProcessExpired) and call.dies(error.exitcode) and pool.active:
                if future not in self._alone:
                    self._alone.append(future)
                self._go_on()
                return
            self._forget(future)
            if error is None:
                self._breaks = 0
        try:
            if error is None:
                future.set_result(done.result())
            elif isinstance(error, Expired):
                seconds = self._limits.timeout_seconds
                text = f"读取超过 {seconds:g} 秒，已中止。"
                future.set_result(Answer(REJECTED, ReasonCode.TIMEOUT, text, seconds=seconds))
            elif isinstance(error, ProcessExpired):
                future.set_result(_dead(error.exitcode, self._limits))
            else:
                future.set_exception(error)
        finally:
            with self._lock:
                self._go_on()

    def _forget(self, future: "Future[Answer]") -> None:
        call = self._calls.pop(future)
        if self._doorkeeper and call.ticket:
            self._doorkeeper.take_back(call.ticket)
        if future in self._alone:
            self._alone.remove(future)

    def _end_probe(self, pool: ProcessPool, number: int, done: "Future[int]") -> None:
        with self._lock:
            self._probing = False
            if pool is self._pool and not done.cancelled() and done.exception() is None:
                self._taken(number)

    def _taken(self, number: int) -> None:
        """A worker took what was started with this number: what started before and was not is lost: it starts anew."""
        lost = []
        while self._started and self._started[0][0] <= number:
            _, future, attempt = self._started.popleft()
            call = self._calls.get(future)
            if call and call.attempt is attempt and not attempt.running() and not attempt.done():
                lost.append(future)
        for future in lost:
            self._start(future)

    def _renew(self, broken: ProcessPool) -> bool:
        """Begin every call under way anew in a new pool; pebble gives a pool up where a worker dies between documents.

        False where pools break one after the other and no document ends: then no worker can start.
        """
        if self._ending or self._breaks == _MOST_BREAKS:
            return False
        if self._pool is broken:
            self._breaks += 1
            self._last_end = time.monotonic()
            broken.stop()
            self._pools.append(self._new_pool())
            self._started.clear()
            for future in [future for future, call in self._calls.items() if call.attempt]:
                self._start(future)
        return True


@dataclass(slots=True)
class _Call:
    """What a future waits for. `attempt`: what is under way for it; `number`: when it was started, in order.

    `ticket`: what opens its document for the worker.
    """

    run: Callable[[], Answer]
    attempt: "Future[Answer] | None" = None
    number: int = 0
    deaths: int = 0
    ticket: Ticket | None = None

    def dies(self, exitcode: int) -> bool:
        """Note that its worker died; whether it is read again."""
        self.deaths += 1
        return self.deaths < (_TRIES_KILLED if exitcode == _KILLED else _TRIES)


def cannot_start(memory_mb: int, error: BrokenProcessPool) -> CannotRun:
    """What is told where no worker ever answers: the causes that are known, and what to do."""
    if isinstance(error.__cause__, OSError):
        return CannotRun(
            f"系统不让启动读取进程（{error}）。请检查 Python 和 /dev/shm 的权限、进程数和打开文件数的上限，再运行；"
            "已读的文件不会重读。"
            f" / The system starts no worker process ({error}). Check the rights of Python and /dev/shm, and the limits"
            " of processes and open files, then run again; what was read is not read again."
        )
    return CannotRun(
        f"读取程序没有一个答复：内存上限 {memory_mb} MB 可能太小，或者机器太忙（负载 {_load():.0f}，"
        f"{os.cpu_count()} 个处理器）。请调高上限，或稍后再运行；已读的文件不会重读。"
        f" / No worker answers: their memory limit of {memory_mb} MB may be too low, or the machine too busy."
        " Raise it, or run again later; what was read is not read again."
    )


def _load() -> float:
    """How many processes want a processor, of late; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _patience() -> float:
    """Seconds beyond a document's own time until nothing more is hoped for: as many times more as processors lack."""
    return _PATIENCE_SECONDS * max(1.0, _load() / (os.cpu_count() or 1))


def _dead(exitcode: int, limits: PoolLimits) -> Answer:
    if exitcode == worker.OUT_OF_MEMORY:
        return Answer(REJECTED, ReasonCode.MEMORY, f"读取时占用内存超过 {limits.memory_mb} MB，已中止。")
    if exitcode == _KILLED:
        text = "读取程序多次被系统强制结束（可能是机器内存不足），已跳过此文件；可用 --retry-failed 再试。"
        return Answer(REJECTED, ReasonCode.CRASH, text)
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
