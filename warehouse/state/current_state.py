"""What counts now: the contents below raw, the reading that stands for each, and what could not be read at all.

Here: which contents need reading, which reading is live, the rows of documents and unread files. Not here: the files.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from extractors.codes import ReasonCode, explanation
from extractors.extraction import REJECTED, Record
from warehouse.state.inventory import Content, Inventory, printable
from warehouse.state.store import Attempt, now

MANY_SMALL = 20
"""So many small batches of readings are left before they are made one."""
Version = Callable[[Collection[int]], str]
"""The version that reads a document now, by the marks of its labels: what people taught concerns who prints it."""
MACHINE_FAILURES = (ReasonCode.CRASH, ReasonCode.TIMEOUT, ReasonCode.MEMORY)
"""Reasons that may say more about the machine than about the document."""


@dataclass(frozen=True, slots=True)
class Live:
    """The current state that a build shows.

    `readings`: document_id -> the attempt that stands for it; a content without one has not been read yet.
    """

    inventory: Inventory
    contents: Mapping[str, Content]
    readings: Mapping[str, Attempt]
    first_ingested_at: Mapping[str, datetime]

    def fingerprint(self, code_version: str) -> str:
        """The same for two states exactly if they give the same tables."""
        digest = hashlib.sha256(code_version.encode())
        for document_id, content in sorted(self.contents.items()):
            reading = self.readings.get(document_id)
            line = [document_id, content.paths, reading.batch if reading else None]
            digest.update(json.dumps(line).encode())
        for entry in self.inventory.values():
            if entry.code:
                digest.update(json.dumps([entry.path, entry.code, entry.message]).encode())
        return digest.hexdigest()

    def statuses(self) -> dict[str, int]:
        """How many documents have which status."""
        contents = self.contents.values()
        known = (REJECTED if c.temporary else self.readings[c.document_id].status for c in contents if self._told(c))
        return dict(Counter(known))

    def _told(self, content: Content) -> bool:
        return content.document_id in self.readings or content.temporary

    def document_rows(self) -> list[Record]:
        """The rows of `document`: every content that has an outcome."""
        rows: list[Record] = []
        for document_id, content in self.contents.items():
            paths = [printable(path) for path in content.paths]
            row: Record = {"document_id": document_id, "path": paths[0], "paths": paths, "byte_size": content.size}
            if content.temporary:
                text = "文件名表明它是临时文件或尚未传完，未读取；请改名后再放入。"
                rows.append({**row, "status": REJECTED, "reason_code": ReasonCode.TEMP_FILE, "reason": text})
            elif reading := self.readings.get(document_id):
                row["first_ingested_at"] = self.first_ingested_at[document_id]
                names = ("format", "page_count", "status", "reason_code", "reason", "reader_version")
                row.update((name, getattr(reading, name)) for name in names)
                rows.append({**row, "form_count": None if reading.status == REJECTED else reading.form_count})
        return rows

    def problem_rows(self) -> list[Record]:
        """The rows of `problem` about files whose content was not read in this look."""
        rows: list[Record] = []
        for entry in self.inventory.values():
            if entry.code:
                path = printable(entry.path)
                problem_id = f"file-{hashlib.sha256(path.encode()).hexdigest()[:16]}"
                severity = explanation(entry.code).severity
                row: Record = {"problem_id": problem_id, "path": path, "code": entry.code, "severity": severity}
                rows.append({**row, "document_id": entry.document_id, "message": entry.message})
        return rows


def live(inventory: Inventory, current: Mapping[str, Content], attempts: Iterable[Attempt], version: Version) -> Live:
    """The live state: for each content the newest attempt with its present key, else with its folder's hints, else any.

    `current`: the contents of the inventory. A reading that the machine cut short does not displace a good one of the
    same key.
    """
    readings: dict[str, Attempt] = {}
    first: dict[str, datetime] = {}
    best: dict[str, tuple[bool, bool, bool]] = {}
    for attempt in attempts:  # oldest first
        document_id = attempt.document_id
        content = current.get(document_id)
        if content is None:
            continue
        first.setdefault(document_id, attempt.first_attempted_at or attempt.attempted_at)
        same_hints = (attempt.region_code, attempt.fiscal_year) == content.hints
        same_key = same_hints and attempt.reader_version == version(attempt.labels)
        rank = (same_hints, same_key, attempt.reason_code not in MACHINE_FAILURES)
        if rank >= best.get(document_id, (False, False, False)):
            best[document_id], readings[document_id] = rank, attempt
    return Live(inventory, current, readings, first)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which contents a run reads. Empty collections select everything.

    `fiscal_years`: of the folder or of forms read before. `documents`: beginnings of document ids, or parts of paths.
    `force`: read again even what is known. `retry_failed`: read rejected ones again. `limit`: read at most so many.
    """

    fiscal_years: Collection[int] = ()
    documents: Collection[str] = ()
    force: bool = False
    retry_failed: bool = False
    limit: int | None = None

    def matches(self, content: Content, reading: Attempt | None) -> bool:
        """Whether the selection covers this content."""
        if self.fiscal_years:
            years = {content.hints[1], *(reading.form_years if reading else ())}
            if not years & set(self.fiscal_years):
                return False
        if not self.documents:
            return True
        names = [printable(path) for path in content.paths]
        return any(
            content.document_id.startswith(wanted.lower()) or any(wanted in name for name in names)
            for wanted in self.documents
        )


def pending(state: Live, version: Version, selection: Selection) -> list[Content]:
    """The contents to read now, in the order of their first path."""
    result = []
    for document_id, content in state.contents.items():
        reading = state.readings.get(document_id)
        if content.temporary or not selection.matches(content, reading):
            continue
        known = reading is not None and reading.key == (document_id, version(reading.labels), *content.hints)
        again = selection.force or (selection.retry_failed and reading is not None and reading.status == REJECTED)
        if again or not known:
            result.append(content)
    return result if selection.limit is None else result[: selection.limit]


def to_merge(state: Live, attempts: Iterable[Attempt], days: float, batch_size: int) -> dict[str, dict[str, datetime]]:
    """The batches, oldest first, that are to be one: by document the time of its first reading, for those that count.

    A batch is eligible once all its readings that do not count are older than `days`. Those in which none counts go at
    once; small ones (a quarter of `batch_size`) when there are many, as many as fill a batch.
    """
    oldest = now() - timedelta(days=days)
    counting: dict[str, dict[str, datetime]] = {}
    young = set()
    for attempt in attempts:
        counts = counting.setdefault(attempt.batch, {})
        if state.readings.get(attempt.document_id) is attempt:
            counts[attempt.document_id] = state.first_ingested_at[attempt.document_id]
        elif attempt.attempted_at > oldest:
            young.add(attempt.batch)
    eligible = {batch: kept for batch, kept in counting.items() if batch not in young}
    small = [batch for batch, kept in eligible.items() if 0 < len(kept) <= batch_size // 4]
    chosen = {batch: kept for batch, kept in eligible.items() if not kept}
    if len(small) > MANY_SMALL:
        readings = 0
        for batch in small:
            readings += len(eligible[batch])
            if readings > batch_size:
                break
            chosen[batch] = eligible[batch]
    return dict(sorted(chosen.items()))
