"""What starts an ingestion: the job, the nightly schedule, the sensor for new files.

Here: when. Not here: what runs (assets.py).
"""

import hashlib
from typing import Any

import dagster as dg

from extractors.errors import CannotRun
from pipelines.history import bury_dead_runs
from pipelines.resources import TRIGGER_TAG
from pipelines.settings import load_settings
from warehouse.state import inventory
from warehouse.state.store import Store

_UNDER_WAY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]

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
    description="原始文件夹有变化时入库。 / Starts an ingestion when something below data/raw changed.",
)
def new_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Compare the raw folder with what the last ingestion saw, without opening a file."""
    settings = load_settings()
    store = Store(settings.curated)
    bury_dead_runs(context.instance, settings)
    if context.instance.get_runs_count(dg.RunsFilter(statuses=_UNDER_WAY)):
        return dg.SkipReason("正在入库。 / An ingestion is under way.")
    try:
        seen = inventory.scan(settings.raw)
    except CannotRun as error:
        return dg.SkipReason(error.message)
    moved = inventory.changed(seen, inventory.load(store.inventory))
    last = (store.runs() or [{"outcome": None, "number": 0}])[-1]
    if not moved and last["number"] and not last.get("outcome"):  # killed: what it found may be unread
        return dg.RunRequest(f"after-{last['number']}", only_if_changed(), {TRIGGER_TAG: "sensor"})
    if not moved:
        return dg.SkipReason(f"{len(seen)} 个文件没有变化。 / {len(seen)} files, none changed.")
    stamps = repr([(path, seen[path].stamp if path in seen else None) for path in moved])
    key = hashlib.sha256(stamps.encode("utf-8", "surrogateescape")).hexdigest()
    return dg.RunRequest(run_key=key, run_config=only_if_changed(), tags={TRIGGER_TAG: "sensor"})
