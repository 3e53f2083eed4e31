"""What starts an ingestion by itself, and runs whose process died."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines import history
from pipelines.automation import new_files, nightly
from pipelines.definitions import definitions
from pipelines.resources import TRIGGER_TAG
from warehouse.state.inputs_fingerprint import decisions_fingerprint
from warehouse.state.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def look(house, instance, monkeypatch):
    """One look of the sensor."""
    monkeypatch.setenv("JIXIAO_DATA_DIR", str(house.data_dir))
    return lambda: new_files(dg.build_sensor_context(instance))


def test_the_schedule_runs_at_two_in_beijing_and_is_on_by_itself():
    assert nightly.default_status == dg.DefaultScheduleStatus.RUNNING
    at = datetime(2026, 1, 5, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
    context = dg.build_schedule_context(scheduled_execution_time=at)
    assert nightly.cron_schedule == "0 2 * * *" and nightly.execution_timezone == "Asia/Shanghai"
    [request] = nightly.evaluate_tick(context).run_requests
    assert request.run_config["ops"]["raw_documents"]["config"]["rebuild"] is False
    assert request.tags[TRIGGER_TAG] == "schedule"


def test_the_configuration_that_starts_a_run_is_valid():
    job = definitions().resolve_job_def("ingest")
    assert dg.validate_run_config(job, nightly.evaluate_tick(dg.build_schedule_context()).run_requests[0].run_config)


def test_the_sensor_starts_a_run_for_new_files_once_and_none_when_nothing_changed(house, look):
    assert new_files.default_status == dg.DefaultSensorStatus.RUNNING
    assert new_files.minimum_interval_seconds >= 60
    house.add("a.txt", 1)
    first, again = look(), look()
    assert isinstance(first, dg.RunRequest) and first.run_key == again.run_key, "Dagster runs a key once"
    house.ingest()
    assert isinstance(look(), dg.SkipReason)
    house.add("b.txt", 2)
    second = look()
    assert isinstance(second, dg.RunRequest) and second.run_key != first.run_key
    house.ingest()
    assert isinstance(look(), dg.SkipReason)


@pytest.mark.parametrize("name", ["corrections.yml", "decisions.csv", "reviews.csv", "vocabulary.toml"])
def test_the_sensor_looks_at_the_files_of_people_once_each_change(house, look, name):
    house.raw.mkdir(exist_ok=True)
    store = Store(house.settings.curated)
    store.prepare()

    def ended() -> None:
        decided = decisions_fingerprint(house.data_dir)
        run = {"number": 1, "started_at": "2026-01-05T02:00:00", "outcome": "failed", "decided": decided}
        store.write_runs([run])

    ended()
    assert isinstance(look(), dg.SkipReason)
    (house.data_dir / name).write_text("# first\n", encoding="utf-8")
    first, again = look(), look()
    assert isinstance(first, dg.RunRequest) and first.run_key == again.run_key
    ended()
    assert isinstance(look(), dg.SkipReason), "a run that failed over it is not repeated"
    (house.data_dir / name).unlink()
    assert isinstance(look(), dg.RunRequest)


def test_a_run_log_of_an_earlier_version_starts_no_run_for_the_files_of_people(house, look):
    store = Store(house.settings.curated)
    store.prepare()
    store.write_runs([{"number": 1, "started_at": "2026-01-05T02:00:00", "outcome": "published"}])
    (house.data_dir / "reviews.csv").write_text("finding_key,state\n", encoding="utf-8")
    assert isinstance(look(), dg.SkipReason)


def test_the_sensor_leaves_a_missing_folder_and_a_run_under_way_alone(house, look, instance):
    house.add("a.txt", 1)
    run = instance.create_run_for_job(definitions().resolve_job_def("ingest"), status=dg.DagsterRunStatus.STARTED)
    assert "under way" in look().skip_message
    instance.report_run_failed(run)
    for path in house.raw.iterdir():
        path.unlink()
    house.raw.rmdir()
    assert "raw" in look().skip_message


def test_the_sensor_starts_a_run_after_one_that_was_killed(house, look):
    house.add("a.txt", 1)
    house.ingest()
    store = Store(house.data_dir / "curated")
    runs = store.runs()
    store.write_runs([*runs, {"number": 2, "run_id": "x-2", "started_at": "2026-01-05T02:00:00"}])
    request = look()
    assert isinstance(request, dg.RunRequest) and request.run_key == "after-2"


def test_a_run_whose_process_is_gone_is_buried_unless_somebody_holds_the_lock(house, instance, monkeypatch):
    house.add("a.txt", 1)
    house.ingest()
    job = definitions().resolve_job_def("ingest")
    run = instance.create_run_for_job(job)
    instance.report_engine_event("started", run)
    instance.report_dagster_event(
        dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, job_name="ingest"), run_id=run.run_id
    )
    assert history.bury_dead_runs(instance, house.settings) == [], "it may just be starting"
    now = time.time()
    monkeypatch.setattr(history.time, "time", lambda: now + 3600)
    with Store(house.settings.curated).lock(0):
        assert history.bury_dead_runs(instance, house.settings) == []
    assert history.bury_dead_runs(instance, house.settings) == [run.run_id]
    assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE


def test_runs_beyond_those_that_are_kept_are_forgotten_with_their_files(house):
    house.add("a.txt", 1)
    house.ingest()
    house.set(keep_runs=2)
    job = definitions().resolve_job_def("ingest")
    with history.open_history(house.data_dir) as instance:
        runs = [instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED) for _ in range(5)]
        for run in runs:
            instance.report_engine_event("done", run)
        assert history.forget_old_runs(instance, house.settings) == [], "none has ended"
        for run in runs[:4]:
            instance.report_run_failed(run, "none")
        assert history.forget_old_runs(instance, house.settings) == [run.run_id for run in runs[:2]]
        assert history.forget_old_runs(instance, house.settings) == []
        assert {run.run_id for run in instance.get_runs()} == {run.run_id for run in runs[2:]}
    left = {path.stem for path in (house.data_dir / ".dagster/storage/history/runs").glob("*-*.db")}
    assert left == {run.run_id for run in runs[2:]}


def test_the_history_opens_in_any_folder_and_twice_at_once(tmp_path):
    with history.open_history(tmp_path) as first, history.open_history(tmp_path) as second:
        assert first.get_runs() == second.get_runs() == []
    assert (tmp_path / ".dagster/storage").is_dir()
    assert not first.telemetry_enabled
