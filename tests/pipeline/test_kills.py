"""Runs that die, run into each other or find no room: the last good warehouse stays, the next run repairs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from bench.kills import kill_runs
from extractors.errors import CannotRun
from pipelines.ingestion import Ingestion
from warehouse.build import publish
from warehouse.state.store import Store

pytestmark = pytest.mark.slow

RUN = (
    "import sys; from pathlib import Path\n"
    "from pipelines.ingestion import Ingestion; from pipelines.settings import load_settings\n"
    "if __name__ == '__main__':\n"
    "    if len(sys.argv) > 2:\n"
    "        import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
    "    settings = load_settings({}, data_dir=Path(sys.argv[1]), workers=2, settle_seconds=0.0, batch_size=5)\n"
    "    run = Ingestion(settings, trigger='command')\n"
    "    try:\n"
    "        run.scan(rebuild=False); run.read(); run.publish()\n"
    "    finally:\n"
    "        run.close()\n"
)


def start(house, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN, str(house.data_dir), *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


ANALYST = (
    "import duckdb, os, sys; con = duckdb.connect(sys.argv[1])\n"
    "con.sql('CREATE TABLE mine AS SELECT 1'); con.sql('INSERT INTO mine VALUES (2)'); os._exit(9)\n"
)


def test_kills_at_any_moment_leave_a_good_warehouse_and_the_next_run_repairs(tmp_path):
    """The short version of bench/kills.py: two readers ask all the time, an analyst dies with the build open."""
    outcome = kill_runs(tmp_path / "data", int(os.environ.get("JIXIAO_TEST_KILLS", "4")))
    assert outcome.clean, outcome
    assert outcome.reads > outcome.kills
    runs = Store(tmp_path / "data/curated").runs()
    assert [run["number"] for run in runs] == list(range(1, len(runs) + 1))
    assert all(run["outcome"] for run in runs)


def test_the_lock_of_a_running_ingestion_is_told_and_that_of_a_dead_one_is_free(house):
    house.add("a.txt", 1)
    house.set(lock_wait_seconds=0.3)
    first = Ingestion(house.settings, trigger="schedule")
    first.scan()
    with pytest.raises(CannotRun, match=rf"另一次入库正在运行（第 1 次，定时，.* 开始，进程 {os.getpid()}）"):
        house.ingest()
    first.close()
    assert house.ingest().outcome == "published"
    (house.data_dir / "curated/.lock").write_text("99999999")
    assert house.ingest(rebuild=True).outcome == "published"


def test_of_two_runs_at_once_one_waits_and_everything_is_stored_once(house):
    for number in range(10):
        house.add(f"{number}.txt", number)
    both = [start(house), start(house)]
    assert [run.wait(timeout=60) for run in both] == [0, 0]
    assert house.query("SELECT count(*), count(DISTINCT form_id) FROM project") == [(10, 10)]
    outcomes = sorted(run["outcome"] for run in Store(house.data_dir / "curated").runs())
    assert outcomes == ["published", "unchanged"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a file size limit")
def test_no_room_for_the_build_leaves_the_published_file_and_is_repaired(house):
    house.add("a.txt", 1)
    house.ingest()
    before = house.warehouse.resolve(), house.warehouse.read_bytes()
    house.add("b.txt", 2)
    run = start(house, str(2**20))
    assert run.wait(timeout=60) != 0
    assert (house.warehouse.resolve(), house.warehouse.read_bytes()) == before
    assert house.ingest().outcome == "published"
    assert house.query("SELECT count(*) FROM project") == [(2,)]


def test_an_output_folder_that_cannot_be_written_is_told_before_any_reading(house):
    house.add("a.txt", 1)
    (house.data_dir / "curated").write_text("a file where the folder should be")
    with pytest.raises(CannotRun, match="未读取任何文件"):
        house.ingest()


def test_leftovers_of_every_kind_are_swept(house):
    house.add("a.txt", 1)
    house.ingest()
    curated = house.data_dir / "curated"
    planted = [
        curated / "warehouse.duckdb.tmp",
        curated / "warehouse.duckdb.wal",
        curated / "builds/.tmp-000009.duckdb",
    ]
    for path in planted:
        path.write_bytes(b"left over")
    (curated / "tidy/.tmp-folder").mkdir()
    house.ingest(rebuild=True)
    assert not [path for path in (*planted, curated / "tidy/.tmp-folder") if path.exists()]
    assert house.query("SELECT count(*) FROM project") == [(1,)]


def test_an_analyst_who_writes_and_dies_does_not_stop_the_next_build(house):
    house.add("a.txt", 1)
    house.ingest()
    house.warehouse.resolve().chmod(0o644)
    subprocess.run([sys.executable, "-c", ANALYST, str(house.warehouse)], check=False)
    house.ingest(rebuild=True)
    assert house.query("SELECT count(*) FROM project") == [(1,)]


def test_a_reader_that_holds_an_old_build_keeps_it(house):
    house.add("a.txt", 1)
    house.set(keep_builds=1, keep_build_days=0.0)
    house.ingest()
    with duckdb.connect(str(house.warehouse), read_only=True) as held:
        house.add("b.txt", 2)
        house.ingest()
        assert held.sql("SELECT count(*) FROM project").fetchall() == [(1,)]
    assert house.query("SELECT count(*) FROM project") == [(2,)]


def test_old_builds_are_kept_for_their_number_and_time(house):
    house.add("a.txt", 1)
    house.set(keep_builds=2, keep_build_days=0.0)
    for _ in range(4):
        house.ingest(rebuild=True)
    builds = house.data_dir / "curated/builds"
    assert sorted(path.name for path in builds.glob("*.duckdb")) == [
        "warehouse-000003.duckdb",
        "warehouse-000004.duckdb",
    ]
    assert sorted(path.name for path in builds.glob("parquet-*")) == ["parquet-000003", "parquet-000004"]
    assert not os.access(builds / "warehouse-000004.duckdb", os.W_OK) or os.geteuid() == 0
    assert (builds / "warehouse-000004.duckdb").stat().st_mode & 0o777 == 0o444
    house.set(keep_builds=1, keep_build_days=1.0)
    house.ingest(rebuild=True)
    assert len(list(builds.glob("*.duckdb"))) == 3


def test_where_links_are_not_to_be_had_a_plain_file_is_put_in_place(house, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "links are not to be had")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    house.add("a.txt", 1)
    house.ingest()
    assert not house.warehouse.is_symlink()
    house.add("b.txt", 2)
    assert house.ingest().outcome == "published"
    assert house.query("SELECT count(*) FROM project") == [(2,)]
    assert house.ingest().outcome == "unchanged"
    forms = duckdb.sql(f"SELECT count(*) FROM '{house.data_dir}/curated/parquet/project/*.parquet'").fetchall()
    assert forms == [(2,)]


def test_builds_are_numbered_by_sequence_when_the_clock_goes_back(house, monkeypatch):
    house.add("a.txt", 1)
    first = house.ingest()
    from warehouse.state import store

    past = store.now().replace(year=2020)
    monkeypatch.setattr("pipelines.ingestion.now", lambda: past)
    monkeypatch.setattr("pipelines.reading.now", lambda: past)
    house.add("b.txt", 2)
    second = house.ingest()
    assert second.build > first.build and second.read.read == 1
    assert house.query("SELECT run_id FROM run ORDER BY started_at DESC")[0][0].endswith("-1")


def test_a_torn_line_in_the_run_log_is_survived(house):
    house.add("a.txt", 1)
    house.ingest()
    log = house.data_dir / "curated/state/runs.jsonl"
    log.write_text(log.read_text(encoding="utf-8") + '{"number": 2, "outc', encoding="utf-8")
    house.ingest(rebuild=True)
    assert [json.loads(line)["number"] for line in log.read_text(encoding="utf-8").splitlines()] == [1, 2]
    assert publish.published(Store(house.data_dir / "curated")) is not None
