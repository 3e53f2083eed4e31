"""What starts an ingestion: the job, the nightly schedule, the sensor for new files.

Here: when; and that alerts hear of what became of it. Not here: what runs (assets.py), what is told (alerts.py).
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import dagster as dg

from extractors.errors import CannotRun
from pipelines import alerts, metrics
from pipelines.history import bury_dead_runs, forget_old_runs
from pipelines.resources import TRIGGER_TAG
from pipelines.settings import Settings, load_settings
from warehouse.state import inventory
from warehouse.state.inputs_fingerprint import decisions_fingerprint
from warehouse.state.store import Store

_UNDER_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
_WRAPPER = "DagsterExecutionStepExecutionError"
_FAILURE = f"{dg.Failure.__module__}.{dg.Failure.__qualname__}: "

ingest = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.all(),
    description="从原始文件夹到发布的数据库，全过程。 / The whole way from data/raw to the published warehouse.",
)


def only_if_changed(**config: Any) -> dict[str, Any]:
    """Run configuration that publishes only what is new; `config` goes to the look at the raw folder."""
    return {"ops": {"raw_documents": {"config": {"rebuild": False, **config}}}}


nightly = dg.ScheduleDefinition(
    name="nightly",
    job=ingest,
    cron_schedule="0 2 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    run_config=only_if_changed(),
    tags={TRIGGER_TAG: "schedule"},
    description="每天凌晨两点（北京时间）入库。 / Every night at 02:00, Beijing time.",
)


@dg.sensor(
    job=ingest,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=max(load_settings().sensor_seconds, 30),
    description="原始文件夹或人写的文件有变化时入库。 / Starts an ingestion when data/raw or a file of people changed.",
)
def new_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Compare the raw folder, without opening a file, and what people decided with what the last ingestion saw."""
    settings = load_settings()
    store = Store(settings.curated)
    bury_dead_runs(context.instance, settings)
    forget_old_runs(context.instance, settings)
    if context.instance.get_runs_count(dg.RunsFilter(statuses=_UNDER_WAY)):
        return dg.SkipReason("正在入库。 / An ingestion is under way.")
    try:
        seen = inventory.scan(settings.raw)
    except CannotRun as error:
        return dg.SkipReason(error.message)
    moved = inventory.changed(seen, inventory.load(store.inventory))
    last = (store.runs() or [{"outcome": None, "number": 0}])[-1]
    decided = decisions_fingerprint(settings.data_dir)
    if not moved and last.get("decided", decided) != decided:  # people wrote something since
        return dg.RunRequest(f"decided-{last['number']}-{decided}", only_if_changed(), {TRIGGER_TAG: "sensor"})
    if not moved and last["number"] and not last.get("outcome"):  # killed: what it found may be unread
        return dg.RunRequest(f"after-{last['number']}", only_if_changed(), {TRIGGER_TAG: "sensor"})
    if not moved:
        return dg.SkipReason(f"{len(seen)} 个文件没有变化。 / {len(seen)} files, none changed.")
    stamps = repr([(path, seen[path].stamp if path in seen else None) for path in moved])
    key = hashlib.sha256(stamps.encode("utf-8", "surrogateescape")).hexdigest()
    return dg.RunRequest(run_key=key, run_config=only_if_changed(), tags={TRIGGER_TAG: "sensor"})


def after_run(settings: Settings, failure: str | None = None) -> list[str]:
    """Metrics and alerts after a run; `failure`: why it failed. Returns sentences about what went wrong with them."""
    return [*metrics.write(settings), *alerts.look(settings, failure)]


def reason_of(events: Iterable[dg.DagsterEvent]) -> str | None:
    """What the first step that failed said; Dagster wraps what it did not expect."""
    errors = [event.step_failure_data.error for event in events if event.is_step_failure]
    said = [error.cause if error.cls_name == _WRAPPER and error.cause else error for error in errors if error]
    return said[0].message.strip().removeprefix(_FAILURE) if said else None


@dg.run_failure_sensor(
    monitored_jobs=[ingest],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="入库失败时发告警（设置了才发）。 / Alerts of a failed ingestion, where alerts are set.",
)
def failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Tell of a failed run, whoever started it, a killed one, too."""
    settings = load_settings()
    recorded = any(run.get("run_key") == context.dagster_run.run_id for run in Store(settings.curated).runs())
    reason = reason_of(context.get_step_failure_events()) or context.failure_event.message or "未能完成。"
    for trouble in after_run(settings, None if recorded else reason):
        context.log.warning(trouble)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[ingest],
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="入库完成后发恢复和待办的告警（设置了才发）。 / Alerts of recovery and of new attention, where set.",
)
def ended_runs(context: dg.RunStatusSensorContext) -> None:
    """Tell what a good run brought."""
    for trouble in after_run(load_settings()):
        context.log.warning(trouble)


@dg.sensor(
    job=ingest,
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=600,
    description="数据库过期时发告警（设置了才发）。 / Alerts of a stale warehouse, where alerts are set.",
)
def stale_warehouse(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Look every ten minutes, as no run tells that none ran."""
    for trouble in alerts.look(load_settings()):
        context.log.warning(trouble)
    return dg.SkipReason("只看不运行。 / Looks only; starts nothing.")
