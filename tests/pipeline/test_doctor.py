"""`jixiao doctor`: each check has a machine that passes and one that does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import House

from pipelines import cli, doctor
from pipelines.doctor import CHECKS, FAULT, GOOD, WARNING
from pipelines.settings import load_settings
from warehouse.state.store import Store


def level(house: House, check: str) -> str:
    [found] = [found for each in CHECKS for found in each(house.settings) if found.check == check]
    assert found.told and (found.level == GOOD or found.remedy)
    return found.level


@pytest.fixture
def fit(house: House) -> House:
    Store(house.settings.curated).prepare()
    return house


def test_a_fit_machine_has_no_fault_and_the_command_ends_with_0(
    fit: House, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_FREE_BYTES", 1)
    assert cli.main(["doctor", "--json", "--data-dir", str(fit.data_dir)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["check"] for one in found} >= {"python", "packages", "landlock", "raw", "curated", "space", "lock"}
    assert all(one["level"] in (GOOD, WARNING) for one in found)


def test_a_missing_folder_is_a_fault_the_command_ends_with_1_and_makes_nothing(tmp_path: Path, capsys: Any) -> None:
    assert cli.main(["doctor", "--data-dir", str(tmp_path / "none")]) == 1
    assert "× 原始文件夹" in capsys.readouterr().out and list(tmp_path.iterdir()) == []


def test_a_package_of_another_version_is_a_fault(fit: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert level(fit, "packages") == GOOD
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda name: ["rich<1", 'no-such; extra == "x"'])
    assert level(fit, "packages") == FAULT
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda name: ["no-such-package"])
    assert level(fit, "packages") == FAULT


@pytest.mark.parametrize(("version", "expected"), [(0, WARNING), (3, WARNING), (4, GOOD), (7, GOOD)])
def test_a_kernel_without_landlock_is_told(
    fit: House, monkeypatch: pytest.MonkeyPatch, version: int, expected: str
) -> None:
    monkeypatch.setattr(doctor.box, "version", lambda: version)
    assert level(fit, "landlock") == expected
    fit.set(landlock=0)
    assert level(fit, "landlock") == WARNING


def test_too_little_space_for_the_next_build_is_a_fault(fit: House, monkeypatch: pytest.MonkeyPatch) -> None:
    fit.warehouse.write_bytes(b"x" * 1000)
    for free, expected in ((1999, FAULT), (2001, WARNING), (4 * 2**30, GOOD)):
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _, free=free: type("Usage", (), {"free": free}))
        assert level(fit, "space") == expected


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_a_fault(fit: House) -> None:
    fit.settings.curated.chmod(0o500)
    assert level(fit, "curated") == FAULT


@pytest.fixture
def locked(fit: House) -> Iterator[int]:
    program = (
        "import sys; from pathlib import Path; from warehouse.state.store import Store\n"
        "with Store(Path(sys.argv[1])).lock(0): print('locked', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(fit.settings.curated)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin and holder.stdout and holder.stdout.readline() == b"locked\n"
    yield holder.pid
    holder.stdin.close()
    holder.wait(20)


def test_who_holds_the_lock_is_told(fit: House, locked: int) -> None:
    Store(fit.settings.curated).write_runs([{"number": 1, "pid": locked, "started_at": "2026-01-01T00:00:00"}])
    assert level(fit, "lock") == WARNING
    [found] = doctor._lock(fit.settings)
    assert str(locked) in found.told


def test_a_clock_behind_the_runs_is_told(fit: House) -> None:
    store, now = Store(fit.settings.curated), datetime.now(UTC).replace(tzinfo=None)
    for moment, expected in ((now - timedelta(days=1), GOOD), (now + timedelta(days=1), WARNING)):
        store.write_runs([{"number": 1, "started_at": moment.isoformat(timespec="seconds")}])
        assert level(fit, "clock") == expected


def test_alerts_without_a_server_or_a_package_are_a_fault(fit: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert level(fit, "alerts") == WARNING
    fit.set(alert_mail_to="a@x.cn")
    assert level(fit, "alerts") == FAULT
    fit.set(alert_mail_to="a@x.cn", alert_smtp="smtp://localhost")
    assert level(fit, "alerts") == GOOD
    fit.set(alert_urls="json://localhost")
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert level(fit, "alerts") == FAULT


def test_a_stale_warehouse_is_told(fit: House) -> None:
    assert level(fit, "warehouse") == WARNING
    fit.warehouse.touch()
    for hours, expected in ((1, GOOD), (27, WARNING)):
        ended = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=hours)
        Store(fit.settings.curated).write_runs(
            [{"number": 1, "started_at": ended.isoformat(), "outcome": "published", "finished_at": ended.isoformat()}]
        )
        assert level(fit, "warehouse") == expected


def test_every_check_has_its_own_name() -> None:
    names = [found.check for each in CHECKS for found in each(load_settings({}))]
    assert len(names) == len(set(names)) and len(names) >= len(CHECKS) - 1
