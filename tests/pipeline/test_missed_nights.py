"""A machine that was off for some nights: the daemon, started again, ingests once.

Here: a real daemon over a history that knows of a schedule begun days ago. Not here: when the schedule is due
(test_automation), the sensors.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorState, ScheduleInstigatorData

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0

pytestmark = pytest.mark.slow


@contextmanager
def daemon(folder: Path) -> Iterator[None]:
    """Dagster's daemon, as the service starts it, over a data folder without documents."""
    environment = os.environ | {"DAGSTER_HOME": str(folder / "data/.dagster"), "PYTHONPATH": str(ROOT)}
    environment |= {"JIXIAO_DATA_DIR": str(folder / "data"), "JIXIAO_SENSOR_SECONDS": "3600"}
    command = [sys.executable, "-m", "dagster._daemon", "run", "-m", "pipelines.definitions"]
    with (folder / "daemon.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield
        assert process.poll() is None, (folder / "daemon.log").read_text()
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(found: Callable[[], object]) -> None:
    """Wait until there is something; AssertionError where it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.5)


def of_schedule(instance: dg.DagsterInstance) -> InstigatorState | None:
    return next(iter(instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)), None)


def of_nights(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    return instance.get_runs(dg.RunsFilter(tags={"dagster/schedule_name": "nightly"}))


def test_three_nights_that_were_missed_are_one_ingestion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "data/.dagster"
    home.mkdir(parents=True)
    (tmp_path / "data/raw").mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    monkeypatch.chdir(tmp_path)  # the paths of dagster.yaml are those of the folder it is started in
    with dg.DagsterInstance.from_config(str(home)) as instance:
        with daemon(tmp_path):
            until(lambda: of_schedule(instance))
        state = of_schedule(instance)
        assert state is not None and isinstance(state.instigator_data, ScheduleInstigatorData)
        assert of_nights(instance) == [], "no night has been missed yet"
        off_since = (datetime.now() - timedelta(days=3)).timestamp()
        instance.update_instigator_state(
            state.with_data(ScheduleInstigatorData(state.instigator_data.cron_schedule, off_since))
        )
        with daemon(tmp_path):
            until(lambda: of_nights(instance))
            time.sleep(5)
        assert len(of_nights(instance)) == 1
