"""What the system keeps below DATA/curated, and how it is written so that a kill at any moment leaves it whole.

Here: the folders, the lock, atomic writes, the run log, the batches of extracted forms. Not here: what the rows mean.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import filelock
import pyarrow as pa
import pyarrow.parquet as pq

from extractors.errors import CannotRun

TEMPORARY = ".tmp-"
"""What the name of every unfinished file or folder of ours begins with; whatever bears it at a start is swept."""

_EXTRACTED = pa.schema(
    [
        ("document_id", pa.string()),
        ("region_code", pa.string()),  # the folder's hints, part of what the reading depends on
        ("fiscal_year", pa.int32()),
        ("reader_version", pa.string()),
        ("attempted_at", pa.timestamp("us")),
        ("attempts", pa.int32()),
        ("seconds", pa.float64()),
        ("byte_size", pa.int64()),
        ("status", pa.string()),
        ("reason_code", pa.string()),
        ("reason", pa.string()),
        ("format", pa.string()),
        ("page_count", pa.int32()),
        ("form_count", pa.int32()),
        ("form_years", pa.list_(pa.int32())),
        ("labels", pa.list_(pa.uint32())),  # marks of what could be labels
        ("first_attempted_at", pa.timestamp("us")),  # of the document, where an earlier reading is no longer kept
        ("forms", pa.large_string()),  # Extraction.to_json
    ]
)
_INDEX_COLUMNS = [name for name in _EXTRACTED.names if name != "forms"]
_NEEDED = ("document_id", "reader_version", "attempted_at", "status", "form_count", "forms")
"""Without these columns, or a value in each, a batch of another version says too little: it is read again."""
_FILLED: dict[str, Any] = {"attempts": 1, "seconds": 0.0, "byte_size": 0, "form_years": [], "labels": []}
"""What stands for a column that an earlier version did not write; NULL for the others."""
_BATCH_NAME = re.compile(r"\d+-\d+")
STATE_VERSION = 1
"""Raised when what is kept below curated changes so that an earlier version of the code could misread it."""


_STARTERS = {"command": "命令行", "schedule": "定时", "sensor": "有新文件", "button": "页面"}


class Attempt(NamedTuple):
    """One reading of one document, without its forms: the columns of an extracted batch and the batch's name."""

    batch: str
    document_id: str
    region_code: str | None
    fiscal_year: int | None
    reader_version: str
    attempted_at: datetime
    attempts: int
    seconds: float
    byte_size: int
    status: str
    reason_code: str | None
    reason: str | None
    format: str | None
    page_count: int | None
    form_count: int
    form_years: list[int]
    labels: list[int]
    first_attempted_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str | None, int | None]:
        """What the reading depends on: the same key never needs a second reading."""
        return self.document_id, self.reader_version, self.region_code, self.fiscal_year


class Store:
    """The folders below DATA/curated.

    `state` (inventory, run log), `extracted` (batches, append-only), `tidy` (frames made of them, a cache), `builds`
    (published versions), `logs` (one JSON-lines file a run), and the two links that analysts open.
    """

    def __init__(self, curated: Path) -> None:
        self.curated = curated
        self.state = curated / "state"
        self.extracted = curated / "extracted"
        self.tidy = curated / "tidy"
        self.builds = curated / "builds"
        self.logs = curated / "logs"
        self.inventory = self.state / "inventory.parquet"
        self.name_weights = self.state / "name_weights.json"
        self.warehouse = curated / "warehouse.duckdb"
        self.parquet = curated / "parquet"
        self._sound: set[str] = set()

    @property
    def folders(self) -> tuple[Path, ...]:
        return self.state, self.extracted, self.tidy, self.builds, self.logs

    def prepare(self) -> None:
        """Make the folders and try to write in each; CannotRun with a sentence where that fails."""
        for folder in (self.curated, *self.folders):
            try:
                if folder != self.curated and folder.is_file():
                    put_aside(folder)
                folder.mkdir(parents=True, exist_ok=True)
                probe = folder / f"{TEMPORARY}probe-{uuid.uuid4().hex}"
                probe.write_bytes(b"x")
                probe.unlink()
            except OSError as error:
                raise CannotRun(
                    f"无法写入输出文件夹 {folder}（{error.strerror}），未读取任何文件；请腾出空间或检查权限后再运行。"
                    f" / Cannot write to the output folder {folder} ({error.strerror}); no document was read. "
                    "Free some space or mend the rights, then run again."
                ) from error

    @contextlib.contextmanager
    def lock(self, wait_seconds: float, waiting: Callable[[str], None] = lambda holder: None) -> Iterator[None]:
        """Be the only writer. The lock is the kernel's, so one whose holder died is free.

        Waits up to `wait_seconds` (telling `waiting` once before who holds it), then raises CannotRun.
        """
        if (self.curated / ".lock").is_dir():
            put_aside(self.curated / ".lock")
        lock = filelock.FileLock(self.curated / ".lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            waiting(holder := self.holder())
            try:
                lock.acquire(timeout=wait_seconds, poll_interval=0.2)
            except filelock.Timeout as error:
                raise CannotRun(
                    f"另一次入库正在运行{holder}，等待 {wait_seconds:g} 秒后仍未结束，请稍后再试。"
                    f" / Another ingestion is running and did not end within {wait_seconds:g} seconds; try again later."
                ) from error
        try:
            yield
        finally:
            lock.release()

    def holder(self) -> str:
        """Who runs now, in brackets, as the newest line of the run log says; empty where it says nothing."""
        run = (self.runs() or [{"outcome": "none"}])[-1]
        if run.get("outcome"):
            return ""
        began = datetime.fromisoformat(run["started_at"]).replace(tzinfo=UTC).astimezone()
        starter = _STARTERS.get(str(run.get("trigger")), "其他")
        return f"（第 {run['number']} 次，{starter}，{began:%Y-%m-%d %H:%M:%S} 开始，进程 {run.get('pid')}）"

    def sweep(self) -> list[str]:
        """Remove what a killed run left unfinished; call it with the lock held. Returns the names removed."""
        removed = []
        for folder in (self.curated, *self.folders, *(path for path in self.tidy.iterdir() if path.is_dir())):
            for entry in folder.iterdir() if folder.is_dir() else ():
                ours = entry.name.startswith(TEMPORARY)
                stale = folder == self.curated and entry.name.startswith("warehouse.duckdb.")  # .tmp, .wal
                if ours or stale:
                    remove(entry)
                    removed.append(entry.name)
        for path in self.extracted.glob("*.sha256"):
            if not path.with_suffix(".parquet").exists():
                remove(path)
        return removed

    # The run log: one JSON line a run, in the order of their numbers.

    def mend(self) -> list[str]:
        """Put aside what stands in the place of our files and is none, and a run log with lines that are none.

        Call it with the lock held. Returns a sentence for each, and for a state that a later version wrote.
        """
        told = []
        for path in (self.inventory, self.name_weights, self._run_log, self.state / "changes.jsonl", self._version):
            if path.exists() and not path.is_file():
                told.append(f"{path} 是文件夹或别的东西，应为文件；已移到 {put_aside(path).name}，另建新的。")
        lines = self._run_lines()
        if sum(run is None for run in lines):
            shutil.copyfile(self._run_log, self._run_log.with_name(f"{self._run_log.name}.damaged"))
            name, odd = self._run_log.name, lines.count(None)
            told.append(f"运行记录 {self._run_log} 有 {odd} 行读不懂，已略去；原件在 {name}.damaged。")
            self.write_runs(self.runs())
        try:
            version = int(json.loads(self._version.read_bytes())["state"])
        except (OSError, ValueError, TypeError, KeyError):
            version = 0
        if version > STATE_VERSION:
            told.append(
                f"{self.curated} 由更新的版本写成（状态 {version}，本版本 {STATE_VERSION}）；"
                "读不懂的会重新生成，请尽快改用新版本。"
                f" / A later version wrote {self.curated}; what this one does not understand is made anew."
            )
        if version != STATE_VERSION:
            write_whole(self._version, json.dumps({"state": STATE_VERSION}).encode())
        return told

    @property
    def _run_log(self) -> Path:
        return self.state / "runs.jsonl"

    @property
    def _version(self) -> Path:
        return self.state / "version.json"

    def _run_lines(self) -> list[dict[str, Any] | None]:
        """The lines of the run log; None for one that is no run's."""
        try:
            lines = self._run_log.read_text(encoding="utf-8", errors="replace").splitlines()
        except (FileNotFoundError, IsADirectoryError):
            return []
        return [_run(line) for line in lines]

    def runs(self) -> list[dict[str, Any]]:
        """Every run so far, oldest first; a line that cannot be read is left out."""
        return [run for run in self._run_lines() if run is not None]

    def write_runs(self, runs: Iterable[Mapping[str, Any]]) -> None:
        """Replace the run log."""
        text = "".join(json.dumps(run, ensure_ascii=False) + "\n" for run in runs)
        write_whole(self._run_log, text.encode("utf-8"))

    # Extracted batches: append-only, named <run number>-<batch number>, so their names sort by age.

    def batches(self) -> list[str]:
        """The names of all batches, oldest first."""
        stems = (path.stem for path in self.extracted.glob("*.parquet"))
        return sorted(stem for stem in stems if _BATCH_NAME.fullmatch(stem))

    def append_batch(self, batch: str, rows: list[dict[str, Any]]) -> None:
        """Store the outcomes of one batch of documents; it is there as a whole or not at all."""
        self._store_batch(batch, pa.Table.from_pylist(rows, schema=_EXTRACTED))

    def _store_batch(self, batch: str, table: pa.Table) -> None:
        path = self.extracted / f"{batch}.parquet"
        with replacing(path) as temporary:
            pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)
            write_whole(_sum_of(path), sha256(temporary).encode())  # first: a batch without its sum is an older one
        self._sound.add(batch)

    def merge(self, target: str, kept: Mapping[str, Mapping[str, datetime]]) -> list[Attempt]:
        """Put some readings of several batches into one, then drop these; returns the readings in their new place.

        `kept`: by batch, oldest first, the documents whose readings stay, with the time of each one's first reading;
        where none is kept no batch is written. A kill in between leaves a reading in both, of which the later counts.
        """
        tables = []
        for batch, documents in kept.items():
            if documents:
                with self._opened(batch) as file:
                    table = file.read(use_threads=False)
                index, forms = _as_declared(table, table.schema), table.column("forms").cast(pa.large_string())
                table = index.append_column("forms", forms).select(_EXTRACTED.names)
                names = table.column("document_id").to_pylist()
                first = pa.array([documents.get(name) for name in names], pa.timestamp("us"))
                table = table.set_column(
                    table.schema.get_field_index("first_attempted_at"), "first_attempted_at", first
                )
                tables.append(table.filter(pa.array([name in documents for name in names])).cast(_EXTRACTED))
        merged = pa.concat_tables(tables) if tables else None
        if merged is not None:
            self._store_batch(target, merged)
        for batch in kept:
            path = self.extracted / f"{batch}.parquet"
            remove(path)
            remove(_sum_of(path))
            for frames in self.tidy.glob(f"*/{batch}"):
                remove(frames)
        if merged is None:
            return []
        return list(map(Attempt, repeat(target), *(merged.column(name).to_pylist() for name in _INDEX_COLUMNS)))

    def purge_asides(self, days: float) -> None:
        """Remove what was put aside as damaged, if it is older."""
        for folder in (self.curated, *self.folders):
            for path in folder.glob("*.damaged"):
                if older_than(path, days):
                    remove(path)

    def attempts(self, damaged: Callable[[str], None] = lambda batch: None) -> list[Attempt]:
        """Every reading ever made, oldest first. A batch that cannot be read is put aside; `damaged` hears of it."""
        attempts: list[Attempt] = []
        for batch in self.batches():
            try:
                with self._opened(batch) as file:
                    table = _as_declared(file.read(columns=_INDEX_COLUMNS, use_threads=False), file.schema_arrow)
            except (pa.ArrowException, OSError) as error:
                self.put_aside(batch, error)
                damaged(batch)
                continue
            attempts += map(Attempt, repeat(batch), *(table.column(name).to_pylist() for name in _INDEX_COLUMNS))
        return attempts

    def put_aside(self, batch: str, error: Exception) -> None:
        """Take a damaged batch out of the way, so that its documents are read again; other errors are raised."""
        if not is_damage(error):
            raise error
        path = self.extracted / f"{batch}.parquet"
        remove(path.with_suffix(".damaged"))
        path.rename(path.with_suffix(".damaged"))
        remove(_sum_of(path))

    def read_batch(self, batch: str) -> Iterator[tuple[str, str]]:
        """(document_id, Extraction as JSON) of every row of a batch, in the order written."""
        with self._opened(batch) as file:
            for part in file.iter_batches(batch_size=64, columns=["document_id", "forms"]):
                yield from zip(part.column(0).to_pylist(), part.column(1).to_pylist(), strict=True)

    def _opened(self, batch: str) -> pq.ParquetFile:
        """The file of a batch. Raises ArrowInvalid for a folder, and where its bytes are not those that were written.

        Batches of earlier versions have no sum beside them: these have the checksums of their pages, or none.
        """
        path = self.extracted / f"{batch}.parquet"
        if path.is_dir():
            raise pa.ArrowInvalid(f"{path} is a folder")
        if batch not in self._sound and path.exists():
            with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                if _sum_of(path).read_bytes().decode("ascii", "replace") != sha256(path):
                    raise pa.ArrowInvalid(f"{path} is not as it was written")
            self._sound.add(batch)
        return pq.ParquetFile(path, page_checksum_verification=True)


def _sum_of(path: Path) -> Path:
    """Where the SHA-256 of a batch stands, as hexadecimal text."""
    return path.with_suffix(".sha256")


def _as_declared(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The index of a batch as this version declares it; raises an ArrowException where another's says too little."""
    if missing := [name for name in _NEEDED if name not in schema.names]:
        raise pa.ArrowInvalid(f"no column {', '.join(missing)}")
    columns = []
    for name in _INDEX_COLUMNS:
        field = _EXTRACTED.field(name)
        if name not in table.column_names:
            columns.append(pa.array([_FILLED.get(name)] * table.num_rows, field.type))
            continue
        column = table.column(name)
        if column.type != field.type:  # casting loads a module that a run without news does not need
            column = column.cast(field.type)
        if name in _NEEDED and column.null_count:
            raise pa.ArrowInvalid(f"no value in {name}")
        columns.append(column)
    return pa.table(columns, names=_INDEX_COLUMNS)


def _run(line: str) -> dict[str, Any] | None:
    try:
        run = json.loads(line)
        started = isinstance(run, dict) and type(run["number"]) is int and datetime.fromisoformat(run["started_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return run if started else None


def now() -> datetime:
    """The time in UTC, without a zone, as the tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary file or folder beside `target`, put in its place once the block has ended well.

    File and folder reach the disk before the rename, the rename before the return.
    """
    temporary = target.parent / f"{TEMPORARY}{uuid.uuid4().hex}"
    try:
        yield temporary
        if temporary.is_dir():
            for path in temporary.rglob("*"):
                sync(path)
        sync(temporary)
        temporary.replace(target)
        sync(target.parent)
    except BaseException:
        remove(temporary)
        raise


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_damage(error: Exception) -> bool:
    """Whether the content of a Parquet file, not the way to it, is at fault."""
    return isinstance(error, pa.ArrowException) or (isinstance(error, OSError) and error.errno is None)


def put_aside(path: Path) -> Path:
    """Move a file or folder of ours that is none we know beside its place; returns where to."""
    aside = path.with_name(f"{path.name}.damaged")
    remove(aside)
    return path.rename(aside)


def write_whole(target: Path, content: bytes) -> None:
    """Replace a file by new content, at once."""
    with replacing(target) as temporary:
        temporary.write_bytes(content)


def sync(path: Path) -> None:
    """Bring a file or folder to the disk; systems that cannot sync a folder are let off."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file, link or folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def older_than(path: Path, days: float) -> bool:
    """Whether the file or folder was last changed more than `days` ago."""
    return time.time() - path.stat().st_mtime > days * 86400
