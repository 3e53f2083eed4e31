"""Full disks, faults and clocks: the short version of bench/faults.

Here: few runs of each, in this process. Not here: kills (test_kills), damage (test_damage).
"""

from __future__ import annotations

import errno
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bench import faults
from bench.here import add, ingest, rows, settings_for
from extractors.formats.picture import weights
from pipelines import candidate, ingestion, reading
from warehouse.state.store import Store, now

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES], ids=errno.errorcode.get)
def test_a_fault_at_a_write_leaves_the_old_build_or_the_new_and_the_next_run_completes(
    tmp_path: Path, number: int
) -> None:
    """As many calls stand between two faults as leave three of them, at places that the errno decides."""
    outcome = faults.fail_everywhere(tmp_path, number, every=60, start=number, on=number == errno.ENOSPC)
    assert not outcome.wrong, outcome
    assert outcome.faults >= 2 and outcome.stopped


def test_a_clock_that_is_set_back_hides_no_reading_and_no_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    settings = settings_for(data)
    for number in (1, 2):
        add(data, f"{number}.txt", number)
    with monkeypatch.context() as ahead:
        for module in (ingestion, reading, candidate):
            ahead.setattr(module, "now", lambda: now() + timedelta(days=400))
        ingest(settings)
    add(data, "1.txt", 9)
    add(data, "3.txt", 3)
    assert ingest(settings) == "published"
    assert [run["number"] for run in Store(settings.curated).runs()] == [1, 2]
    units = rows(settings.curated / "warehouse.duckdb", "SELECT unit_name FROM project ORDER BY ALL")
    assert [any(f"第{n}区" in unit for (unit,) in units) for n in (1, 2, 3, 9)] == [False, True, True, True]
    assert (settings.curated / "warehouse.duckdb").readlink().name == "warehouse-000002.duckdb"
    assert ingest(settings) == "unchanged"


def test_what_another_network_recognised_goes_with_the_old_readings_and_what_is_taken_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    settings = settings_for(data)
    add(data, "1.txt", 1)
    settings.recognised.mkdir(parents=True)
    old, days = time.time(), settings.keep_reading_days * 86400
    for name, age in {"a-before.json": 2, "b-before.json": 0.5, "c-now.json": 2, "tmp1": 2}.items():
        file = settings.recognised / name
        file.write_text("null")
        os.utime(file, (old - age * days, old - age * days))

    def left(version: str | None) -> list[str]:
        monkeypatch.setattr(weights, "version", lambda: version)
        ingest(settings)
        return sorted(path.name for path in settings.recognised.iterdir())

    assert len(left(None)) == 4, "pictures are not read here: another machine may"
    assert left("now") == ["b-before.json", "c-now.json"]
