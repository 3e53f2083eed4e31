"""One ingestion from the first look at the raw folder to the switched link, step by step.

Here: the order of the steps, what passes between them, the run's record. Not here: Dagster (assets call this), how a
step works, the build that comes of it (candidate).
"""

import contextlib
import logging
import os
import shutil
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from extractors.codes import ProblemCode
from extractors.errors import CannotRun
from extractors.extraction import REJECTED
from extractors.formats.picture.weights import PICTURES, outdated
from extractors.version import READER_VERSION
from pipelines import box
from pipelines.logs import LOGGER, JsonLines, event
from pipelines.memory import give_back
from pipelines.settings import Settings
from pipelines.worker import Answer
from warehouse.attention import queue
from warehouse.build.connections import open_read_only
from warehouse.build.publish import Build, is_whole, published, retire
from warehouse.schema.tables import ANALYSED
from warehouse.state import inventory
from warehouse.state.current_state import Live, Selection, live, pending, to_merge
from warehouse.state.inputs_fingerprint import decisions_fingerprint, inputs_fingerprint
from warehouse.state.inventory import Content, Inventory, printable
from warehouse.state.lessons import Lessons
from warehouse.state.store import Attempt, Store, is_damage, now, older_than, put_aside, remove

if TYPE_CHECKING:  # what only a run with something to do imports: it takes longer than all the rest
    from pipelines.candidate import Candidate, Tidy
    from warehouse.build.database import DataTestResult

_BATCH_CHARACTERS = 32 * 2**20
"""A batch ends here, too: the largest documents come first, and a batch is held in memory."""

PUBLISHED, UNCHANGED, FAILED = "published", "unchanged", "failed"


@dataclass(slots=True)
class Scan:
    """What the look at the raw folder found."""

    files: int
    new: int
    removed: int
    problems: dict[str, int]


@dataclass(slots=True)
class Read:
    """What reading gave: documents read, left for the next run, and all by status.

    `failures`: path, reason code and reason of those read now and rejected. `pictures`: documents read now that have
    pages that are pictures, and the `picture_seconds` they took.
    """

    read: int = 0
    left: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    pictures: int = 0
    picture_seconds: float = 0.0


class Ingestion:
    """One run; the first step takes the writers' lock.

    Each step does what it needs of the earlier ones where they were left out. `close` must be called at the end,
    whatever happened.
    """

    def __init__(self, settings: Settings, *, trigger: str | None = None, run_key: str | None = None) -> None:
        self.settings = settings
        self.store = Store(settings.curated)
        self.outcome = FAILED
        self.message: str | None = None
        self._trigger = trigger
        self._run_key = run_key
        self._rebuild = True
        self._accept_losses = False
        self._exit = contextlib.ExitStack()
        self._number = 0
        self._runs: list[dict[str, Any]] = []
        self._known: Inventory = {}
        self._inventory: Inventory = {}
        self._contents: Mapping[str, Content] | None = None
        self._attempts: list[Attempt] = []
        self._batches = 0
        self._lessons = Lessons.of(settings.data_dir)
        self._published: Build | None = None
        self._found_whole = False
        self._candidate: Candidate | None = None
        self._fingerprinted: tuple[Live, str] | None = None

    # The steps, in order

    def scan(self, *, full: bool = False, allow_removals: bool = False, rebuild: bool = True) -> Scan:
        """Find out what stands below raw. Raises CannotRun for a missing or emptied folder."""
        self._open()
        self._rebuild, self._accept_losses = rebuild, allow_removals
        if full:  # everything is looked at anew, the weights of names, too
            self.store.name_weights.unlink(missing_ok=True)
        settings, known = self.settings, self._known
        seen = inventory.scan(settings.raw)
        event("scanned", files=len(seen), known=len(known))
        current = inventory.identify(
            settings.raw,
            seen,
            known,
            max_bytes=settings.max_file_mb * 2**20,
            settle_seconds=settings.settle_seconds,
            full=full,
            hashed=lambda path: event("hashed", logging.DEBUG, path=printable(path)),
        )
        self._contents = before = after = inventory.contents(known)
        if current != known:
            after = inventory.contents(current)
            if not allow_removals:
                share, most = settings.max_removed_share, settings.max_removed
                inventory.guard_removals(known, current, settings.raw, share=share, most=most)
            self._keep(current, after)
        result = Scan(
            files=len(current),
            new=len(after.keys() - {attempt.document_id for attempt in self._attempts}),
            removed=len(before.keys() - after.keys()),
            problems=dict(Counter(str(entry.code) for entry in current.values() if entry.code)),
        )
        self._note(documents_seen=result.files, documents_new=result.new, documents_removed=result.removed)
        event("identified", new=result.new, removed=result.removed, problems=result.problems)
        return result

    def read(self, selection: Selection | None = None) -> Read:
        """Read what is new, changed or selected, in worker processes; stores the outcomes batch by batch.

        A full batch is tidied while the next is read.
        """
        self._open()
        todo = pending(self.state, self._version, selection or Selection())
        isolation = box.version() if self.settings.landlock else 0
        event("reading", documents=len(todo), workers=self.settings.processors, landlock=isolation)
        result = self._read(todo) if todo else Read()
        give_back()
        if result.left:
            self._keep(self._inventory)
        result.statuses = self.state.statuses()
        self._note(documents_read=result.read)
        event("read_all", read=result.read, left=result.left, statuses=result.statuses)
        return result

    def _read(self, todo: list[Content]) -> Read:
        from pipelines.reading import read_contents
        from pipelines.tidying import tidying

        result = Read()
        rows: list[dict[str, Any]] = []
        size = 0
        made: dict[str, int] = {}
        for attempt in self._attempts:  # of which earlier ones may be gone
            made[attempt.document_id] = max(made.get(attempt.document_id, 0) + 1, attempt.attempts)
        with tidying(self.store, self.settings.processors) as tidier:
            for outcome in read_contents(todo, self.settings, self._inventory, made, self._lessons):
                if outcome.row is None:
                    self._leave(outcome.content, outcome.reading)
                    result.left += 1
                    continue
                result.read += 1
                if PICTURES in outcome.reading.labels:
                    result.pictures += 1
                    result.picture_seconds += outcome.reading.seconds
                rows.append(outcome.row)
                if outcome.row["status"] == REJECTED:
                    path, reading = printable(outcome.content.paths[0]), outcome.reading
                    failure = {"path": path, "code": str(reading.reason_code or ""), "reason": reading.reason or ""}
                    result.failures.append(failure)
                size += len(outcome.row["forms"])
                if len(rows) == self.settings.batch_size or size >= _BATCH_CHARACTERS:
                    tidier.add(self._append(rows))
                    size = 0
        if rows:
            self._append(rows)
        return result

    def tidy(self) -> "Tidy":
        """Fill the candidate with the tidy tables; where nothing changed, tell what the published build holds."""
        from pipelines.candidate import Candidate, DamagedReadings, Tidy

        self._open()
        if unchanged := self._unchanged():
            return Tidy(unchanged.row_counts)
        if self._candidate is None:
            self._merge()
            self._candidate = Candidate(self.store, self.build_name, self.settings)
        while True:
            try:
                return self._candidate.fill(self.state, Counter(attempt.batch for attempt in self._attempts))
            except DamagedReadings as error:
                self._read_again(error.batch)

    def _merge(self) -> None:
        """Drop readings that no longer count, and make one batch of many small ones: a folder stays bounded."""
        target = f"{self.build_name}-{0:05d}"  # before what this run read
        chosen = to_merge(self.state, self._attempts, self.settings.keep_reading_days, self.settings.batch_size)
        try:
            if chosen:
                merged = self.store.merge(target, chosen)
                self._attempts = [attempt for attempt in self._attempts if attempt.batch not in chosen] + merged
                self._attempts.sort(key=lambda attempt: attempt.batch)
                self.__dict__.pop("state", None)
                event("merged", batches=len(chosen), readings=len(merged))
        except (pa.ArrowException, OSError) as error:
            if not is_damage(error):
                raise
            event("not_merged", logging.WARNING, message=str(error))  # the build meets it, too, and mends it

    def _read_again(self, batch: str) -> None:
        """Read the documents of a damaged batch once more; it is put aside, so this comes to an end."""
        _tell_damage(f"读取结果 {batch} 已损坏，移到一旁；其中的文件重新读取。")
        lost = {attempt.document_id for attempt in self._attempts if attempt.batch == batch}
        self._attempts = [attempt for attempt in self._attempts if attempt.batch != batch]
        self.__dict__.pop("state", None)
        again = [content for content in pending(self.state, self._version, Selection()) if content.document_id in lost]
        if again:
            result = self._read(again)
            self._note(documents_read=self._runs[-1].get("documents_read", 0) + result.read)

    def analyse(self, name: str) -> dict[str, int]:
        """Run one analysis on the candidate, and those before it if they did not run; returns rows by its tables."""
        self._open()
        if unchanged := self._unchanged():
            return {table: unchanged.row_counts[table] for table in ANALYSED[name]}
        return self._filled().analyse(name)

    def check(self) -> "list[DataTestResult]":
        """Put the candidate to the test; an empty list where nothing changed."""
        self._open()
        if self._unchanged():
            return []
        previous = self.store.warehouse if self._published else None
        return self._filled().check(previous, accept_losses=self._accept_losses)

    def picture_shares(self) -> dict[str, float]:
        """How much of the candidate was recognised in pictures, how surely; nothing where nothing changed."""
        return self._candidate.picture_shares() if self._candidate is not None else {}

    def publish(self) -> Build:
        """Publish the candidate; returns the build analysts see from now on. Raises CannotRun where a check failed."""
        self._open()
        if unchanged := self._unchanged():
            self.outcome = UNCHANGED
            event("unchanged", build=unchanged.name)
            return unchanged
        failed = [outcome for outcome in self.check() if not outcome.passed and outcome.severity == "error"]
        if failed:
            raise CannotRun(not_published(failed))
        candidate = self._filled()
        counts = candidate.row_counts()
        self._note(form_count=counts["project"], indicator_count=counts["indicator"], problem_count=counts["problem"])
        runs = [*self._runs[:-1], {**self._record(PUBLISHED), "build": self.build_name}]
        made = candidate.publish(self._fingerprint(), runs)
        self.outcome = PUBLISHED
        self._note(build=made.name)
        event("published", build=made.name, rows=made.row_counts, retired=self._retire())
        return made

    def attention(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What needs a person in the published build, by kind, and the first of it."""
        with open_read_only(self.store.warehouse) as connection:
            return queue.by_kind(connection), queue.things(connection, most=50)

    def close(self) -> None:
        """End the run: drop an unpublished candidate, write the run's record, release the lock."""
        with self._exit:
            if not self._number:
                return
            if self._candidate is not None:
                self._candidate.discard()
            self._runs[-1] = self._record(self.outcome)
            event("ended", outcome=self.outcome, message=self._runs[-1]["message"])
            with contextlib.suppress(OSError):  # a full disk: the next run marks this one as failed
                self.store.write_runs(self._runs)

    def _retire(self) -> list[str]:
        settings = self.settings
        free = settings.min_free_gb * 2**30
        most, days = settings.max_builds, settings.keep_build_days
        return retire(self.store, keep=settings.keep_builds, days=days, most=most, free=free)

    # What the steps share

    @property
    def build_name(self) -> str:
        """The number of the run, which is the name of the build it makes."""
        return f"{self._number:06d}"

    @cached_property
    def state(self) -> Live:
        """What counts now."""
        if self._contents is None:
            self._contents = inventory.contents(self._inventory)
        return live(self._inventory, self._contents, self._attempts, self._version)

    def _version(self, labels: Collection[int]) -> str:
        return self._lessons.version(READER_VERSION, labels, self.settings.sureness)

    def _open(self) -> None:
        if self._number:
            return
        if not self.settings.raw.is_dir():
            raise CannotRun(inventory.no_raw_folder(self.settings.raw))
        self.store.prepare()
        try:
            self._exit.enter_context(self.store.lock(self.settings.lock_wait_seconds, _tell_waiting))
            self._begin()
        except BaseException:
            self._exit.close()
            raise

    def _begin(self) -> None:
        swept = self.store.sweep()
        mended = self.store.mend()
        runs = [_ended(run) for run in self.store.runs()][-max(self.settings.keep_runs, 1) :]
        numbers = [run.get("number", 0) for run in runs]
        numbers += [int(batch.partition("-")[0]) for batch in self.store.batches()]
        number = max(numbers, default=0) + 1  # a sequence, for clocks go back
        log = self.store.logs / f"run-{number:06d}.jsonl"
        if log.is_dir():
            put_aside(log)
        handler = JsonLines(log)
        LOGGER.addHandler(handler)
        self._exit.callback(_detach, handler)
        for path in sorted(self.store.logs.glob("run-*.jsonl"))[: -max(self.settings.keep_logs, 1)]:
            remove(path)
        started = now()
        record = {
            "number": number,
            "run_id": f"{started:%Y%m%dT%H%M%SZ}-{number}",
            "started_at": started.isoformat(timespec="seconds"),
            "trigger": self._trigger,
            "reader_version": READER_VERSION,
            "taught": self._lessons.digest,
            "decided": decisions_fingerprint(self.settings.data_dir),
            "run_key": self._run_key,
            "pid": os.getpid(),
        }
        self.store.write_runs([*runs, record])
        event("started", run=record["run_id"], swept=swept)
        for sentence in mended:
            _tell_damage(sentence)
        self._known = self._inventory = inventory.load(
            self.store.inventory, lambda why: _tell_damage(f"文件清单已损坏或来自其他版本，所有文件重新核对（{why}）。")
        )
        self._attempts = self.store.attempts(
            lambda batch: _tell_damage(f"读取结果 {batch} 已损坏或来自其他版本，移到一旁；其中的文件重新读取。", batch)
        )
        self._published = published(self.store)
        self.store.purge_asides(self.settings.keep_reading_days)
        for path in outdated(self.settings.recognised):
            if older_than(path, self.settings.keep_reading_days):
                remove(path)
        self._tell_space()
        self._runs, self._number = [*runs, record], number

    def _tell_space(self) -> None:
        """Make room where there is little, before the run needs it; tell how much there is."""
        curated, least = self.store.curated, self.settings.min_free_gb
        free = shutil.disk_usage(curated).free / 2**30
        if free < least:
            retired = self._retire()
            now_free = shutil.disk_usage(curated).free / 2**30
            message = f"{curated} 所在磁盘只剩 {now_free:.1f} GB（少于 {least:g} GB），旧版本只留一个；请腾出空间。"
            event("little_space", logging.WARNING, message=message, retired=retired)

    def _keep(self, current: Inventory, contents: Mapping[str, Content] | None = None) -> None:
        self._inventory, self._contents = current, contents
        self.__dict__.pop("state", None)
        inventory.save(self.store.inventory, current)

    def _leave(self, content: Content, reading: Answer) -> None:
        """The file was not the one looked at: say so, keep what it held before, look at it again next time."""
        path = content.paths[0]
        before = self._known.get(path)
        self._inventory[path] = self._inventory[path]._replace(
            document_id=before.document_id if before and reading.reason_code != ProblemCode.VANISHED else None,
            settled=False,
            code=reading.reason_code,
            message=reading.reason,
        )

    def _append(self, rows: list[dict[str, Any]]) -> str:
        """Store the rows as the next batch and forget them; returns its name."""
        self._batches += 1
        batch = f"{self.build_name}-{self._batches:05d}"
        self.store.append_batch(batch, rows)
        for row in rows:
            del row["forms"]
            self._attempts.append(Attempt(batch, **row))
        self.__dict__.pop("state", None)
        event("stored", batch=batch, documents=len(rows))
        rows.clear()
        return batch

    def _unchanged(self) -> Build | None:
        """The published build if it shows what counts now and nobody asked for a new one."""
        if self._rebuild or self._candidate is not None or self._published is None:
            return None
        if self._published.fingerprint != self._fingerprint():
            return None
        if not self._found_whole:
            self._found_whole = is_whole(self.store, self._published)
        if not self._found_whole:
            _tell_damage(f"已发布的版本 {self._published.name} 与发布时不同（损坏或被改动），重新生成。")
            self._published = None
        return self._published

    def _fingerprint(self) -> str:
        """Of everything that a build is made of: the state, the code, what people decided."""
        if self._fingerprinted is None or self._fingerprinted[0] is not self.state:
            settings = self.settings
            more = f"{inputs_fingerprint(settings.data_dir)} {settings.link_score} {settings.review_score}"
            self._fingerprinted = self.state, self.state.fingerprint(more)
        return self._fingerprinted[1]

    def _filled(self) -> "Candidate":
        if self._candidate is None:
            self.tidy()
        assert self._candidate is not None
        return self._candidate

    def _note(self, **counts: Any) -> None:
        self._runs[-1].update(counts)

    def _record(self, outcome: str) -> dict[str, Any]:
        """The run's record as it stands now."""
        run = self._runs[-1]
        if "documents_read" in run:
            statuses = self.state.statuses()
            run |= {f"documents_{status}": statuses.get(status, 0) for status in ("loaded", "no_form", "rejected")}
        message = printable(self.message or ("未能完成。" if outcome == FAILED else _sentence(run)))
        return {**run, "outcome": outcome, "finished_at": now().isoformat(timespec="seconds"), "message": message}


def _tell_waiting(holder: str) -> None:
    event("waiting", message=f"另一次入库正在运行{holder}，等待其结束… / Waiting for another ingestion to end…")


def _tell_damage(sentence: str, batch: str | None = None) -> None:
    event("damaged", logging.ERROR, message=sentence, **({} if batch is None else {"batch": batch}))


def not_published(failed: "list[DataTestResult]") -> str:
    """The sentence for checks that stand before publishing."""
    reasons = "；".join(f"{outcome.name}：{outcome.message}" for outcome in failed)
    return (
        f"检查未通过，未发布新版本，原有数据库保持不变。{reasons}。"
        " / Checks failed; the earlier warehouse stays as it was."
    )


def _sentence(run: dict[str, Any]) -> str:
    counts = {name: run.get(f"documents_{name}", 0) for name in ("seen", "new", "read", "removed")}
    return "查看 {seen} 个文件，新增 {new} 份，读取 {read} 份，移除 {removed} 份。".format(**counts)


def _ended(run: dict[str, Any]) -> dict[str, Any]:
    """The record of an earlier run; one without an end was killed."""
    return run if run.get("outcome") else {**run, "outcome": FAILED, "message": "运行被中断。"}


def _detach(handler: logging.Handler) -> None:
    LOGGER.removeHandler(handler)
    handler.close()
