"""What happens inside a worker process: its limits, and the reading of one document.

Here: the sandbox and the one function it runs. Not here: the pool. Imports no more than a reader needs.
"""

import contextlib
import ctypes
import gc
import hashlib
import importlib
import logging
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from extractors.codes import ProblemCode, ReasonCode
from extractors.formats.limits import Limits
from extractors.grid.certainty import AS_SHIPPED, Sureness
from pipelines.box import Box
from pipelines.opening import Ticket
from warehouse.state.archive import NotAnArchive, members
from warehouse.state.regular import open_regular

OUT_OF_MEMORY = 77
"""The exit status of a worker that ran into its memory limit: it may not go on, nor has it room for an answer."""

PICTURES_AHEAD = "PICTURES_AHEAD"
"""The reason code of an Answer for a document whose pages are pictures: `page_count` tells how many, it reads again."""

CHANGED, VANISHED, UNREADABLE = ProblemCode.CHANGED, ProblemCode.VANISHED, ReasonCode.UNREADABLE


@dataclass(frozen=True, slots=True)
class Task:
    """One document to read: where it stands, what it must be, and what its folder says about it.

    `archive`: the zip in which it stands; the path then goes on behind that of the zip. `taught`: the words that people
    taught, as their file says them. `picture_pages`: how many of its pages are pictures, to be read now; 0: not known,
    and where there are any, they are left for later. `recognised`: the folder that keeps what was recognised,
    `sure`: how sure it must be to be a value.
    """

    path: str
    document_id: str
    size: int
    region_code: str | None = None
    fiscal_year: int | None = None
    archive: str | None = None
    taught: str = ""
    picture_pages: int = 0
    recognised: str = ""
    sure: Sureness = AS_SHIPPED

    @property
    def file(self) -> str:
        """The file to open."""
        return self.archive or self.path


@dataclass(slots=True)
class Answer:
    """What became of a task.

    `status` is that of an Extraction, or None where the file was not the one expected (`reason_code` CHANGED,
    VANISHED, UNREADABLE), or its pictures are left for later (PICTURES_AHEAD): then nothing was learned about the
    document. `forms`: the Extraction as JSON. `picture`: a PNG.
    """

    status: str | None
    reason_code: str | None = None
    reason: str | None = None
    format: str | None = None
    page_count: int | None = None
    form_count: int = 0
    form_years: list[int] = field(default_factory=list)
    forms: str = ""
    labels: list[int] = field(default_factory=list)
    picture: bytes = b""
    seconds: float = 0.0
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a worker may reach where the kernel has Landlock: see Box. `door`: where its documents are opened for it.

    `scratch`: the folder below which LibreOffice may write, which runs beside the worker. `modules`: what is imported
    before.
    """

    box: Box
    door: socket.socket
    scratch: str
    modules: tuple[str, ...] = ()


_door: socket.socket | None = None
_ticket: Ticket | None = None
"""Where this process may open no file itself: whom it asks, and for what."""


def enter(memory_mb: int, parent: int, isolation: Isolation | None = None) -> None:
    """Make this process a sandbox: limited memory, no core files, no life after its parent, quiet libraries.

    With `isolation` it can from now on write nothing, open nothing but the interpreter's files, reach no network and
    start no program.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # each thread of a numeric library would claim address space
    die_with_parent(parent)
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 2**20, memory_mb * 2**20))
    logging.disable(logging.ERROR)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    import extractors.extract  # noqa: F401 - before the first document's clock starts

    if isolation is not None:
        _isolate(isolation)
    gc.freeze()
    gc.set_threshold(20_000)  # readings are trees of short life: looking for cycles among them is waste


def _isolate(isolation: Isolation) -> None:
    from pipelines import conversion

    global _door
    for module in isolation.modules:
        importlib.import_module(module)
    conversion.begin(isolation.scratch, isolation.box.readable)
    _door = isolation.door
    isolation.box.enter()


def with_ticket(ticket: Ticket, work: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
    """Do the work in a worker that may open the ticket's document."""
    global _ticket
    _ticket = ticket
    return work(*args, **kwargs)


def die_with_parent(parent: int) -> None:
    """Let the kernel end this process when its parent, whose id is given, ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)


def read(task: Task, max_bytes: int) -> Answer:
    """Read one document; leaves the process where memory ran out."""
    started = time.monotonic()
    try:
        reading = _read(task, max_bytes)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    reading.seconds = round(time.monotonic() - started, 3)
    return reading


def content(task: Task, max_bytes: int) -> bytes | Answer:
    """The bytes of the document, or why they are not those expected (CHANGED, VANISHED, UNREADABLE)."""
    try:
        with _ticket.open(_door) if _door and _ticket else open_regular(task.file) as file:
            data = _member(file, task, max_bytes) if task.archive else file.read(max_bytes + 1)
    except FileNotFoundError:
        return Answer(None, VANISHED, "文件在读取前已被移走。")
    except OSError as error:
        return Answer(None, UNREADABLE, f"文件无法打开（{error.strerror}），请检查权限。")
    if hashlib.sha256(data).hexdigest() != task.document_id:
        return Answer(None, CHANGED, "文件正在被写入，留待下次入库时读取。")
    return data


def _member(file: BinaryIO, task: Task, max_bytes: int) -> bytes:
    """The bytes of a file in a zip. Raises FileNotFoundError where it holds none of this name any more."""
    name = task.path[len(task.file) + 1 :]
    try:
        for member in members(file, Limits(max_bytes=max_bytes), name):
            if member.name == name and member.data is not None:
                return member.data
    except NotAnArchive:
        pass
    raise FileNotFoundError(name)


def _read(task: Task, max_bytes: int) -> Answer:
    from extractors.errors import PicturesAhead
    from extractors.extract import extract
    from extractors.formats.limits import Pictures
    from extractors.taught import use

    data = content(task, max_bytes)
    if isinstance(data, Answer):
        return data
    try:
        use(task.taught)
        limits = Limits(
            pictures=Pictures.READ if task.picture_pages else Pictures.DEFER,
            picture_cache=task.recognised or None,
            sure=task.sure,
        )
        result = extract(data, region_code=task.region_code, fiscal_year=task.fiscal_year, limits=limits)
    except PicturesAhead as ahead:
        return Answer(None, PICTURES_AHEAD, page_count=ahead.count)
    except RecursionError:
        return Answer("rejected", ReasonCode.TOO_DEEP, "文件嵌套过深，无法读取。")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a parser raises concerns this document only
        reason = "读取程序遇到未预料的错误，请将此文件交给维护人员。"
        return Answer("rejected", ReasonCode.CRASH, reason, detail=traceback.format_exc(limit=-8))
    years = {form.project.get("fiscal_year") for form in result.forms}
    return Answer(
        result.status,
        result.reason_code,
        result.reason,
        result.format,
        result.page_count,
        len(result.forms),
        sorted(int(year) for year in years if year is not None),
        result.to_json(),
        result.labels,
    )
