"""Small ingestions in this process alone, quick enough for hundreds of them: what the long runs share.

Here: documents, one run without worker processes, what a warehouse holds. Not here: what is done to a folder (faults,
growth).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.known import document
from pipelines import reading, worker
from pipelines.ingestion import Ingestion
from pipelines.settings import Settings, load_settings
from pipelines.worker import Answer, Task
from warehouse.build.connections import open_read_only


def settings_for(data: Path, **given: Any) -> Settings:
    """The settings of a small run over a data folder."""
    return load_settings({}, data_dir=data, **{"settle_seconds": 0.0, "workers": 1, **given})


def add(data: Path, path: str, number: int) -> Path:
    """Put a document with one form, which is like no other number's, below raw."""
    target = data / "raw" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(document(number), encoding="utf-8")
    return target


def ingest(settings: Settings, *, full: bool = False, allow_removals: bool = False) -> str:
    """One whole run; returns its outcome. Documents are read in this process."""
    with _reading_here():
        run = Ingestion(settings, trigger="command")
        try:
            run.scan(full=full, rebuild=full, allow_removals=allow_removals)
            run.read()
            run.publish()
        finally:
            run.close()
        return run.outcome


def rows(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in a published file."""
    with open_read_only(warehouse) as connection:
        return connection.execute(query).fetchall()


@contextmanager
def _reading_here() -> Iterator[None]:
    def readings(
        tasks: Sequence[Task], settings: Settings, finished: Callable[[Task, Answer], None]
    ) -> Iterator[tuple[Task, Answer]]:
        for task in tasks:
            answer = worker.read(task, settings.max_file_mb * 2**20)
            finished(task, answer)
            yield task, answer

    usual = reading._readings
    reading._readings = readings
    try:
        yield
    finally:
        reading._readings = usual
