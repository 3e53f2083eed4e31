"""The Dagster instance in which the command line records its runs, so that the page shows them beside its own.

Here: opening the instance, a history that is damaged, locked or of another version, runs whose process died, runs that
are too old to be kept. Not here: the job.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import dagster as dg
import filelock
from alembic.util.exc import CommandError
from dagster._core.instance.ref import InstanceRef
from dagster_shared.serdes.errors import DeserializationError
from sqlalchemy.exc import SQLAlchemyError

from extractors.errors import CannotRun
from pipelines.settings import Settings
from warehouse.state.store import Store, remove

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_FORGET = 100
"""So many old runs are forgotten at a time: a history that grew for years holds up no run."""
_GRACE_SECONDS = 60
"""A run holds the lock, or waits for it, long before this age."""
_WAIT_SECONDS = 5.0
"""How long another process may keep a database of the history to itself."""
_FAULTS = (SQLAlchemyError, sqlite3.Error, CommandError, DeserializationError, OSError)

Result = TypeVar("Result")


def recorded(data_dir: Path, run: Callable[[dg.DagsterInstance], Result], tell: Callable[[str], object]) -> Result:
    """What `run` returns, recorded in the history below the data folder, whatever state that is in.

    A history that is damaged or of another version is put aside and begun anew; one that another process keeps to
    itself, or that cannot be written, is left and this run not recorded. `tell` hears of either. Where that shows only
    on the way, `run` is called once more.
    """
    for may_put_aside in (True, False):
        fault = _fault(data_dir)
        if fault is None:
            try:
                with open_history(data_dir) as instance:
                    return run(instance)
            except _FAULTS as error:
                fault = error
        if may_put_aside and (_misplaced(data_dir) or not _in_use(fault)) and (aside := _put_aside(data_dir)):
            tell(
                f"运行记录已损坏或来自其他版本（{_short(fault)}），已移到 {aside}，另建新的；数据库不受影响。"
                f" / The history of runs is damaged or of another version; it was moved to {aside} and begun anew."
            )
            continue
        break
    tell(
        f"运行记录用不了（{_short(fault)}），本次运行不记入页面；数据库不受影响。"
        f" / The history of runs cannot be used ({_short(fault)}); this run is not recorded in it."
    )
    with dg.DagsterInstance.ephemeral() as instance:
        return run(instance)


def _storage(data_dir: Path) -> Path:
    return data_dir / ".dagster" / "storage"


@contextlib.contextmanager
def open_history(data_dir: Path) -> Iterator[dg.DagsterInstance]:
    """The instance below `<data_dir>/.dagster`; the same that dagster.yaml names for the project's own data folder.

    Two processes that create its databases at once would corrupt them: one at a time.
    """
    storage = _storage(data_dir)
    storage.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(storage.parent / ".lock", timeout=6 * _WAIT_SECONDS):
        instance = dg.DagsterInstance.from_ref(_reference(storage))
    with instance:
        yield instance


def _fault(data_dir: Path) -> Exception | None:
    """Why the databases of the history cannot be written, as far as their first pages tell."""
    for path in (*_storage(data_dir).rglob("runs.db"), *_storage(data_dir).rglob("index.db")):
        try:
            with contextlib.closing(sqlite3.connect(path, timeout=_WAIT_SECONDS)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                connection.rollback()
        except sqlite3.Error as error:
            return error
    return None


def _in_use(fault: Exception) -> bool:
    """Whether the history is sound as far as is known, only not to be had now."""
    words = str(fault).lower()
    return isinstance(fault, OSError | filelock.Timeout) or any(
        told in words
        for told in ("database is locked", "readonly database", "unable to open", "disk is full", "disk i/o")
    )


def _misplaced(data_dir: Path) -> bool:
    """Whether a file stands where the folder should, or a folder where a database should."""
    storage = _storage(data_dir)
    return storage.is_file() or any(path.is_dir() for path in storage.rglob("*.db"))


def _put_aside(data_dir: Path) -> Path | None:
    """Move the history away, in the place of one moved before; returns where to, None where that cannot be done."""
    storage = _storage(data_dir)
    for earlier in storage.parent.glob(f"{storage.name}.damaged-*"):
        remove(earlier)
    aside = storage.with_name(f"{storage.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}")
    with contextlib.suppress(OSError):
        return storage.rename(aside)
    return None


def _short(fault: Exception | None) -> str:
    return f"{type(fault).__name__}: {fault}".partition("\n")[0][:200]


def bury_dead_runs(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Mark runs as failed whose process was killed; else they would block the queue for ever.

    Such a run claims to be under way although nobody holds the writers' lock. Returns their ids.
    """
    records = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    old = [record for record in records if time.time() - (record.start_time or time.time()) > _GRACE_SECONDS]
    if not old or not settings.curated.is_dir():
        return []
    try:
        with Store(settings.curated).lock(0):
            for record in old:
                instance.report_run_failed(record.dagster_run, "运行被中断。 / The process was killed.")
    except CannotRun:
        return []
    return [record.dagster_run.run_id for record in old]


def forget_old_runs(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Delete what ended before the newest `keep_runs` runs, with events and logs; returns their ids.

    Dagster's retention knows ticks of schedules and sensors only, and a run's events are a database file of their own.
    """
    ended = dg.RunsFilter(statuses=_ENDED)
    too_many = instance.get_runs_count(ended) - max(settings.keep_runs, 1)
    if too_many <= 0:
        return []
    old = instance.get_run_records(ended, limit=min(too_many, _FORGET), ascending=True)
    for record in old:
        run_id = record.dagster_run.run_id
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        for file in (_storage(settings.data_dir) / "history" / "runs").glob(f"{run_id}.db*"):
            remove(file)
    return [record.dagster_run.run_id for record in old]


def _reference(storage: Path) -> InstanceRef:
    return InstanceRef.from_dir(
        str(storage),
        overrides={
            "telemetry": {"enabled": False},
            # what the command line prints belongs on the terminal, not into files behind a pipe
            "compute_logs": {
                "module": "dagster._core.storage.noop_compute_log_manager",
                "class": "NoOpComputeLogManager",
            },
        },
    )
