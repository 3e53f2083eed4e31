"""Contents of the raw folder to outcomes: what the pool is asked, what is kept of its answers.

Here: tasks, rows of an extracted batch, the log of each document. Not here: the pool, the order of a run.
"""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from extractors.errors import CannotRun
from extractors.extraction import REJECTED, Extraction
from extractors.version import READER_VERSION
from pipelines import worker
from pipelines.logs import event
from pipelines.pool import PoolLimits, cannot_start, in_order, read_all
from pipelines.settings import Settings
from pipelines.worker import UNREADABLE, VANISHED, Answer, Task
from warehouse.state.inventory import Content, Inventory, printable
from warehouse.state.lessons import Lessons
from warehouse.state.regular import Stamp, stamp
from warehouse.state.store import now

_MOST_PICTURES = 20
"""Documents with pictures after which a worker process is replaced."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a content. `row` is what a batch keeps of it, or None where the file was not the one expected."""

    content: Content
    reading: Answer
    row: dict[str, Any] | None


def read_contents(
    todo: Sequence[Content], settings: Settings, inventory: Inventory, attempts: Mapping[str, int], taught: Lessons
) -> Iterator[Outcome]:
    """Read each content in a worker process, the largest first, so that none is left over when all others are done.

    `attempts`: earlier readings by document_id. `taught`: what people taught the reader.
    """
    largest_first = sorted(todo, key=lambda content: -content.size)
    by_path = {str(settings.raw / content.paths[0]): content for content in largest_first}
    tasks = [
        Task(
            path,
            content.document_id,
            content.size,
            *content.hints,
            archive=str(settings.raw / content.archive) if content.archive else None,
            taught=taught.text,
            recognised=str(settings.recognised),
            sure=settings.sureness,
        )
        for path, content in by_path.items()
    ]

    def tell(task: Task, reading: Answer) -> None:
        if reading.reason_code != worker.PICTURES_AHEAD:
            _tell(by_path[task.path], reading)

    for task, reading in _readings(tasks, settings, tell):
        content = by_path[task.path]
        known = inventory[content.paths[0]].stamp
        if settings.scheduler and reading.reason_code in (VANISHED, UNREADABLE) and _stands(task.file, known):
            raise CannotRun(
                f"工作机打不开 {task.path}；原始文件夹须以同一路径挂载到每台工作机。"
                f" / A worker cannot open {task.path}; the raw folder must be mounted at the same path on each."
            )
        attempt = attempts.get(content.document_id, 0) + 1
        row = (
            _row(content, reading, attempt, taught.version(READER_VERSION, reading.labels, settings.sureness))
            if reading.status
            else None
        )
        yield Outcome(content, reading, row)


def _readings(
    tasks: Sequence[Task], settings: Settings, finished: Callable[[Task, Answer], None]
) -> Iterator[tuple[Task, Answer]]:
    """The readings from this machine's worker processes, or from those of the scheduler where one is set.

    Documents with pages that are pictures come last, in workers that have memory and time for them.
    """
    limits = PoolLimits(
        workers=settings.processors,
        timeout_seconds=settings.timeout_seconds,
        memory_mb=settings.memory_mb,
        max_tasks=settings.max_tasks,
        max_bytes=settings.max_file_mb * 2**20,
        boxed=bool(settings.landlock),
    )
    later: dict[int, list[Task]] = {}
    for task, reading in _answers(tasks, limits, settings, finished):
        if reading.reason_code != worker.PICTURES_AHEAD:
            yield task, reading
            continue
        pages = reading.page_count or 1
        later.setdefault(pages.bit_length(), []).append(replace(task, picture_pages=pages))
    for bits, with_pictures in sorted(later.items()):  # those with about as many pages have the same time
        seconds = settings.timeout_seconds + settings.picture_seconds * 2**bits
        settings.recognised.mkdir(parents=True, exist_ok=True)
        own = replace(
            limits,
            timeout_seconds=seconds,
            memory_mb=settings.picture_memory_mb,
            max_tasks=_MOST_PICTURES,
            writable=(str(settings.recognised),),
        )
        yield from _answers(with_pictures, own, settings, finished)


def _answers(
    tasks: Sequence[Task], limits: PoolLimits, settings: Settings, finished: Callable[[Task, Answer], None]
) -> Iterator[tuple[Task, Answer]]:
    try:
        if settings.scheduler and tasks:
            from pipelines.cluster import GROUP, Cluster  # needs libraries that one machine does not

            with Cluster(settings.scheduler, limits) as cluster:
                submit = partial(cluster.submit, worker.read, max_bytes=limits.max_bytes)
                yield from in_order(tasks, submit, cluster.workers * GROUP, finished, cluster.idle)
        else:
            yield from read_all(tasks, limits, finished, worker.read)
    except BrokenProcessPool as error:
        raise cannot_start(limits.memory_mb, error) from error


def _stands(path: str, known: Stamp) -> bool:
    """Whether the file is there as it was seen, whatever a worker on another machine says."""
    with contextlib.suppress(OSError):
        return stamp(os.lstat(path)) == known
    return False


def _row(content: Content, reading: Answer, attempts: int, version: str) -> dict[str, Any]:
    region_code, fiscal_year = content.hints
    forms = reading.forms or Extraction(REJECTED, reading.reason_code, reading.reason).to_json()
    return {
        "document_id": content.document_id,
        "region_code": region_code,
        "fiscal_year": fiscal_year,
        "reader_version": version,
        "attempted_at": now(),
        "attempts": attempts,
        "seconds": reading.seconds,
        "byte_size": content.size,
        "status": reading.status,
        "reason_code": reading.reason_code,
        "reason": reading.reason,
        "format": reading.format,
        "page_count": reading.page_count,
        "form_count": reading.form_count,
        "form_years": reading.form_years,
        "labels": reading.labels,
        "forms": forms,
    }


def _tell(content: Content, reading: Answer) -> None:
    event(
        "read",
        logging.DEBUG if reading.status not in (None, REJECTED) else logging.WARNING,
        path=printable(content.paths[0]),
        document_id=content.document_id,
        status=reading.status,
        code=reading.reason_code,
        reason=reading.reason,
        forms=reading.form_count,
        seconds=reading.seconds,
        detail=reading.detail,
    )
