"""The Dagster instance in which the command line records its runs, so that the page shows them beside its own.

Here: opening the instance, runs whose process died. Not here: the job.
"""

import time
from pathlib import Path

import dagster as dg
import filelock
from dagster._core.instance.ref import InstanceRef

from extractors.errors import CannotRun
from pipelines.settings import Settings
from warehouse.state.store import Store

_GRACE_SECONDS = 60
"""A run holds the lock, or waits for it, long before this age."""


def open_history(data_dir: Path) -> dg.DagsterInstance:
    """The instance below `<data_dir>/.dagster`; the same that dagster.yaml names for the project's own data folder.

    Two processes that create its databases at once would corrupt them: one at a time.
    """
    storage = data_dir / ".dagster" / "storage"
    try:
        storage.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(storage.parent / ".lock"):
            return dg.DagsterInstance.from_ref(_reference(storage))
    except OSError as error:
        raise CannotRun(
            f"无法写入运行记录文件夹 {storage}（{error.strerror}）。 / Cannot write to {storage} ({error.strerror})."
        ) from error


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
