"""Reading a document once more for a person who looks at it: its whole grid, what it says with another vocabulary.

Here: one document in worker processes with the limits of reading. Not here: ingestion, what is shown of it (pages).
"""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from extractors.errors import CannotRun, Unreadable
from extractors.extraction import LOADED, REJECTED, Extraction
from extractors.formats.limits import Limits
from extractors.grid import Cell, Place
from pipelines.pool import PoolLimits, cannot_start, read_all
from pipelines.settings import Settings
from pipelines.worker import VANISHED, Answer, Task, content, read
from warehouse.state import inventory
from warehouse.state.inventory import folder_hints
from warehouse.state.store import Store

Make = Callable[..., Task]
_LONG = 20
"""Characters of a text that one column is too narrow for."""


def once(
    settings: Settings, document: dict[str, Any], work: Callable[[Task, int], Answer], *tasks: Make
) -> list[Answer]:
    """What the worker made of each task over the first file that still has the document's content.

    Each of `tasks` makes one of path, document id, size and archive. Raises BrokenProcessPool.
    """
    limits = PoolLimits(
        workers=min(2, len(tasks)),
        timeout_seconds=settings.timeout_seconds,
        memory_mb=settings.memory_mb,
        max_bytes=settings.max_file_mb * 2**20,
        boxed=bool(settings.landlock),
    )
    answers = [Answer(None, VANISHED) for _ in tasks]
    for path_below, archive in _files(settings, document):
        file = settings.raw / (archive or path_below)
        try:
            size = os.lstat(file).st_size
        except OSError:
            continue
        where = (str(settings.raw / path_below), document["document_id"], size)
        own = [make(*where, archive=str(file) if archive else None) for make in tasks]
        answers = [answer for _, answer in read_all(own, limits, read=work)]
        if all(answer.status is not None for answer in answers):
            break
    return answers


def bytes_of(settings: Settings, document: dict[str, Any]) -> bytes:
    """The document as received, from the first file below raw that still has its content; CannotRun where none has."""
    for path_below, archive in _files(settings, document):
        file = settings.raw / (archive or path_below)
        task = Task(str(settings.raw / path_below), document["document_id"], 0, archive=str(file) if archive else None)
        found = content(task, settings.max_file_mb * 2**20)
        if isinstance(found, bytes):
            return found
    raise _gone(document)


def readings(settings: Settings, document: dict[str, Any], *taught: str) -> list[Extraction]:
    """What the document says with each of these texts of vocabulary.toml. Raises CannotRun."""
    region_code, fiscal_year = folder_hints(document["path"])
    tasks = [partial(Task, region_code=region_code, fiscal_year=fiscal_year, taught=text) for text in taught]
    found = []
    for answer in _answers(settings, document, read, *tasks):
        empty = Extraction(answer.status or REJECTED, answer.reason_code, answer.reason)
        found.append(Extraction.from_json(answer.forms) if answer.forms else empty)
    return found


def grid(settings: Settings, document: dict[str, Any]) -> list[list[Any]]:
    """Every cell: [text, locator, rows and columns that it reaches over, page, box]. Raises CannotRun."""
    [answer] = _answers(settings, document, look, Task)
    if answer.status != LOADED:
        raise CannotRun(f"{answer.reason or '没有读成。'} / Not read.")
    return list(json.loads(answer.forms))


def look(task: Task, max_bytes: int) -> Answer:
    """All cells of a document with their places, as JSON in `forms`; runs in a worker."""
    from extractors.formats import read as sheets_of
    from extractors.grid.spans import infer_spans

    data = content(task, max_bytes)
    if isinstance(data, Answer):
        return data
    try:
        sheets = sheets_of(data, Limits(max_bytes=max_bytes))
    except Unreadable as error:
        return Answer(REJECTED, error.reason_code, error.message)
    for table in sheets.grids:
        infer_spans(table)
    filled = [cell for table in sheets.grids for cell in table.cells if cell.text]
    cells = [
        [cell.text[:300], cell.place.locator, cell.rowspan, _width(cell), cell.place.page, _box(cell.place)]
        for cell in filled
    ]
    return Answer(LOADED, forms=json.dumps(cells[:20_000], ensure_ascii=False))


def _width(cell: Cell) -> int:
    """The columns that a cell reaches over; of a text export, where only a long text is shown over blanks behind it."""
    return max(cell.colspan, cell.reach - cell.col if len(cell.text) > _LONG else 1)


def _box(place: Place) -> tuple[float | None, ...] | None:
    box = (place.x0, place.top, place.x1, place.bottom)
    return None if None in box else box


def _answers(settings: Settings, document: dict[str, Any], work: Any, *tasks: Make) -> Iterator[Answer]:
    try:
        answers = once(settings, document, work, *tasks)
    except BrokenProcessPool as error:
        raise cannot_start(settings.memory_mb, error) from error
    for answer in answers:
        if answer.status is None:
            raise _gone(document)
        yield answer


def _gone(document: dict[str, Any]) -> CannotRun:
    path = document["path"]
    return CannotRun(f"{path} 已移走，或内容与入库时不同；请放回，或重新入库。 / {path} is not as it was ingested.")


def _files(settings: Settings, document: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The files (below raw) that had the document's content at the last look, each with the zip that holds it."""
    known = inventory.load(Store(settings.curated).inventory)
    document_id = document["document_id"]
    found = [(entry.path, entry.archive) for entry in known.values() if entry.document_id == document_id]
    return found or [(path, None) for path in document["paths"]]
