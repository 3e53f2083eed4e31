"""Figures of the last run as a text file that Prometheus' node exporter reads (JIXIAO_METRICS_FILE).

Here: which figures, the file. Not here: who reads it, alerts.
"""

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from shutil import disk_usage
from typing import Any

import duckdb

from extractors.errors import CannotRun
from pipelines.alerts import confirmed_at
from pipelines.settings import Settings
from warehouse.attention import queue
from warehouse.build.connections import open_read_only
from warehouse.reviews import DISMISSED
from warehouse.state.store import Store


def write(settings: Settings) -> list[str]:
    """Write the file where the settings name one; returns sentences about what went wrong."""
    if not settings.metrics_file:
        return []
    try:
        from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
    except ImportError:
        return [
            "设置了 JIXIAO_METRICS_FILE，但未安装 prometheus-client；请在程序文件夹中运行 pip install '.[alerts]'。"
            " / JIXIAO_METRICS_FILE is set, but prometheus-client is not installed: pip install '.[alerts]'."
        ]
    registry = CollectorRegistry()
    for name, (meaning, label, values) in figures(settings).items():
        gauge = Gauge(f"jixiao_{name}", meaning, [label] if label else [], registry=registry)
        for of, value in values.items():
            (gauge.labels(of) if label else gauge).set(value)
    try:
        write_to_textfile(str(Path(settings.metrics_file).expanduser()), registry)  # beside it, then renamed
    except OSError as error:
        return [f"写不了 {settings.metrics_file}（{error.strerror}）。 / Cannot write {settings.metrics_file}."]
    return []


def figures(settings: Settings) -> dict[str, tuple[str, str, dict[str, float]]]:
    """Name -> meaning, label (empty: none), values by label."""
    store = Store(settings.curated)
    runs = [run for run in store.runs() if run.get("outcome")]
    found: dict[str, tuple[str, str, dict[str, float]]] = {}

    def add(name: str, meaning: str, value: float | None) -> None:
        if value is not None:
            found[name] = (meaning, "", {"": value})

    if runs:
        last = runs[-1]
        add("last_run_timestamp_seconds", "End of the last run.", _seconds(last.get("finished_at")))
        started, ended = _seconds(last.get("started_at")), _seconds(last.get("finished_at"))
        add("last_run_duration_seconds", "Length of the last run.", ended - started if started and ended else None)
        add("last_run_failed", "1 if the last run could not finish.", float(last["outcome"] == "failed"))
        add("last_run_documents_read", "Documents that the last run read.", last.get("documents_read"))
    if confirmed := confirmed_at(runs):
        moment = confirmed.replace(tzinfo=UTC).timestamp()
        add("confirmed_timestamp_seconds", "When a run last found or made the warehouse good.", moment)
    add("freshness_limit_seconds", "Age of the confirmation that makes it stale.", settings.freshness.total_seconds())
    with contextlib.suppress(OSError):
        add("data_free_bytes", "Free space where the data folder is.", disk_usage(settings.data_dir).free)
    with contextlib.suppress(OSError, duckdb.Error, CannotRun):
        found |= _of_warehouse(store)
    return found


def _of_warehouse(store: Store) -> dict[str, Any]:
    if not store.warehouse.exists():
        return {}
    with open_read_only(store.warehouse) as connection:
        statuses = dict(connection.execute("SELECT status, count(*) FROM document GROUP BY ALL").fetchall())
        marked = (
            "SELECT severity, count(*) FROM finding {} JOIN (FROM review WHERE status = 'applied' "
            f"AND state IN {DISMISSED}) AS m USING (finding_key) GROUP BY ALL"
        )
        severities, dismissed = (dict(connection.execute(marked.format(k)).fetchall()) for k in ("ANTI", "SEMI"))
        [(forms,)] = connection.execute("SELECT count(*) FROM project").fetchall()
        attention = {kind["kind"]: kind["count"] for kind in queue.by_kind(connection)}
    return {
        "documents": ("Documents of the warehouse.", "status", statuses),
        "findings": ("Findings of the warehouse, without those dismissed.", "severity", severities),
        "findings_dismissed": ("Findings that people marked as no fault or as misread.", "severity", dismissed),
        "forms": ("Forms of the warehouse.", "", {"": forms}),
        "attention": ("Things that need a person.", "kind", attention),
        "warehouse_bytes": ("Size of the published file.", "", {"": store.warehouse.stat().st_size}),
    }


def _seconds(moment: str | None) -> float | None:
    if not moment:
        return None
    with contextlib.suppress(ValueError):
        found = datetime.fromisoformat(moment)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    return None
