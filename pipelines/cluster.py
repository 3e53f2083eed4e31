"""Answer on several machines: a Dask scheduler hands the documents to its workers, each with a sandbox of its own.

Here: the connection, what a Dask worker does with a call, when to give up. Not here: the sandbox (pool), the reading.
"""

import contextlib
import hashlib
import importlib.metadata
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cache, partial
from pathlib import Path
from typing import Any

import extractors
from extractors.codes import ReasonCode
from extractors.errors import CannotRun
from extractors.extraction import REJECTED
from pipelines.pool import PoolLimits, Sandbox
from pipelines.worker import Answer

_WORKERS_SECONDS = 60
"""How long a scheduler may be without any worker."""

GROUP = 16
_GROUP_BYTES = 256 * 1024
"""How many documents, or bytes of them, go to a Dask worker at once: each message costs the scheduler about 2 ms."""

_Call = partial[Answer]

_READER_LIBRARIES = (
    *("charset-normalizer", "lxml", "olefile", "openpyxl", "pdfminer.six", "pdfplumber", "pillow", "pypdfium2", "xlrd"),
)


class Cluster(Executor):
    """The workers of a Dask scheduler as an executor of functions that take a Task and return a Answer.

    What a document does to its reader stays within the worker's sandbox, as on one machine. A call whose Dask worker
    dies is given to another one. Raises CannotRun where there is no scheduler, no worker, or another version of the
    code on one of them; a future raises it, too. `workers`: how many documents are read at once. Leaving the `with`
    block by an exception drops what is under way.
    """

    def __init__(self, address: str, limits: PoolLimits) -> None:
        try:
            import distributed
        except ImportError as error:
            raise CannotRun(
                "设置了 JIXIAO_SCHEDULER，但未安装 distributed；请在程序文件夹中运行 pip install '.[cluster]'。"
                " / JIXIAO_SCHEDULER is set, but distributed is not installed: pip install '.[cluster]'."
            ) from error
        self._address = address
        self._limits = limits
        self._killed_worker = distributed.KilledWorker
        try:
            self._client = distributed.Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise CannotRun(
                f"连不上调度程序 {address}（{error}）。 / Cannot reach the scheduler at {address} ({error})."
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=_WORKERS_SECONDS)
        except TimeoutError as error:
            self._client.close()
            raise self._no_workers() from error
        self._group: list[tuple[_Call, Future[Answer]]] = []
        self._group_bytes = 0
        self.workers = sum(self._client.nthreads().values())
        self._executor = self._client.get_executor(pure=False)
        self._seen = time.monotonic()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Run a function of a Task in the sandbox of some Dask worker; small documents wait until they are a group."""
        future: Future[Answer] = Future()
        future.set_running_or_notify_cancel()
        self._group.append((partial(fn, *args, **kwargs), future))
        self._group_bytes += args[0].size
        if len(self._group) == GROUP or self._group_bytes >= _GROUP_BYTES:
            self._send_group()
        return future

    def idle(self) -> None:
        """Called while nothing ends: raises CannotRun where the scheduler or all workers have been gone for a while."""
        self._send_group()
        try:
            if self._client.nthreads():
                self._seen = time.monotonic()
        except (OSError, RuntimeError) as error:
            raise self._lost() from error
        if time.monotonic() - self._seen > _WORKERS_SECONDS:
            raise self._no_workers()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the scheduler; its workers stay."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        with contextlib.suppress(*(() if kind is None else (OSError, RuntimeError, TimeoutError))):
            self.shutdown(cancel_futures=kind is not None)

    def _send_group(self) -> None:
        if self._group:
            self._send(self._group)
            self._group, self._group_bytes = [], 0

    def _send(self, group: "list[tuple[_Call, Future[Answer]]]") -> None:
        calls = [call for call, _ in group]
        sent = self._executor.submit(in_sandbox, self._limits, reader_code(), calls)
        sent.add_done_callback(lambda done: self._end(group, done))

    def _end(self, group: "list[tuple[_Call, Future[Answer]]]", done: "Future[list[Answer]]") -> None:
        error = CancelledError() if done.cancelled() else done.exception()
        if error is None:
            for (_, future), reading in zip(group, done.result(), strict=True):
                future.set_result(reading)
        elif isinstance(error, self._killed_worker) and len(group) > 1:
            for member in group:
                self._send([member])
        elif isinstance(error, self._killed_worker):
            text = "读取此文件的工作进程多次中断，已跳过此文件；可用 --retry-failed 再试。"
            group[0][1].set_result(Answer(REJECTED, ReasonCode.CRASH, text))
        else:
            reason = self._reason(error)
            for _, future in group:
                future.set_exception(reason)

    def _reason(self, error: BaseException) -> BaseException:
        if isinstance(error, CancelledError):
            return self._lost()
        if isinstance(error, CannotRun | BrokenProcessPool):
            return error
        return CannotRun(f"工作机出错 / a worker failed: {type(error).__name__}: {error}")

    def _no_workers(self) -> CannotRun:
        return CannotRun(
            f"调度程序 {self._address} 上没有工作进程。 / The scheduler at {self._address} has no workers."
        )

    def _lost(self) -> CannotRun:
        return CannotRun(
            f"与调度程序 {self._address} 的连接中断；已读取的都已保存，再次运行即可继续。"
            f" / The scheduler at {self._address} is gone; what was read is kept. Run again to go on."
        )


_sandboxes: dict[PoolLimits, Sandbox] = {}
_one_at_a_time = threading.Lock()


def in_sandbox(limits: PoolLimits, code: str, calls: Sequence[_Call]) -> list[Answer]:
    """In a Dask worker: make the calls in this process's sandbox, which later ones with these limits share.

    Raises CannotRun where this machine's code reads documents differently, or the Dask worker may not have processes.
    """
    if code != reader_code():
        raise CannotRun(
            "工作机上的 jixiao 或其依赖与本机版本不同，请统一后再运行。"
            " / A worker has another version of jixiao or of its libraries; install the same everywhere."
        )
    if multiprocessing.current_process().daemon:
        raise CannotRun(
            "工作进程不能启动子进程，请以 DASK_DISTRIBUTED__WORKER__DAEMON=False 或 --no-nanny 启动。 / "
            "Start the Dask workers with DASK_DISTRIBUTED__WORKER__DAEMON=False or --no-nanny: they need processes."
        )
    with _one_at_a_time:
        sandbox = _sandboxes.get(limits)
        if sandbox is None or not sandbox.active:
            sandbox = _sandboxes[limits] = Sandbox(limits, _threads(), (calls[0].func.__module__,))
    futures = [sandbox.submit(call.func, *call.args, **call.keywords) for call in calls]
    while wait(futures, timeout=1).not_done:
        sandbox.watch()
    return [future.result() for future in futures]


def _threads() -> int:
    """How many calls this Dask worker makes at once."""
    from distributed import get_worker

    return int(get_worker().state.nthreads)


@cache
def reader_code() -> str:
    """The same on two machines exactly if they read documents with the same code and libraries."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    folder = Path(extractors.__file__).parent
    files = [*folder.rglob("*.py"), *folder.rglob("*.toml"), Path(__file__).with_name("worker.py")]
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for name in _READER_LIBRARIES:
        digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    return digest.hexdigest()
