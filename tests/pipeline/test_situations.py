"""What may happen around a run: damaged state, folders that turn into links, bad files alone, workers killed.

Here: real ingestions over real files. Not here: runs that die (test_kills.py), files that come and go (test_changes).
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import random
import subprocess
import sys
import threading
import time
from dataclasses import replace

import psutil
import pyarrow.parquet as pq
import pytest

from extractors.errors import CannotRun
from pipelines.pool import Sandbox
from warehouse.build import frames
from warehouse.build.analyses import ANALYSES
from warehouse.build.background_work import BackgroundWork
from warehouse.state import inventory
from warehouse.state.current_state import Selection
from warehouse.state.store import Store

pytestmark = pytest.mark.slow

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX file system")


def reasons(house) -> dict[str, str]:
    return dict(
        house.query(
            "SELECT path, reason_code FROM document WHERE status = 'rejected' UNION ALL "
            "SELECT path, code FROM problem WHERE problem_id LIKE 'file-%'"
        )
    )


def log(house) -> list[dict[str, object]]:
    newest = max((house.data_dir / "curated/logs").glob("*.jsonl"))
    return [json.loads(line) for line in newest.read_text("utf-8").splitlines()]


# --- files


def test_a_folder_of_bad_files_alone_ends_well_and_says_how_many_and_why(house):
    for number in range(12):
        (house.raw / f"{number}.pdf").write_bytes(b"%PDF-1.7 nothing " + bytes([65 + number]))
    run = house.ingest()
    assert (run.outcome, run.read.statuses) == ("published", {"rejected": 12})
    assert set(reasons(house).values()) == {"CORRUPT"}
    assert [event["check"] for event in log(house) if event["event"] == "check_failed"] == ["reject_share"]


def test_bad_files_in_the_place_of_all_good_ones_keep_the_old_warehouse_until_it_is_meant(house):
    paths = [house.add(f"{number}.txt", number) for number in range(3)]
    house.ingest()
    before = house.warehouse.resolve()
    for path in paths:
        path.write_bytes(b"%PDF-1.7 nothing " + path.name.encode())
    with pytest.raises(CannotRun, match="forms_left"):
        house.ingest()
    assert house.warehouse.resolve() == before
    assert house.ingest(allow_removals=True).outcome == "published"
    assert house.query("SELECT count(*) FROM project") == [(0,)]


@needs_posix
def test_a_folder_that_becomes_a_link_after_the_look_leads_nowhere(house, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    inside = house.add("sub/a.txt", 1)
    (outside / "a.txt").write_bytes(inside.read_bytes().replace("第1区".encode(), "第9区".encode()))

    def swap() -> None:
        inside.parent.rename(tmp_path / "moved")
        (house.raw / "sub").symlink_to(outside, target_is_directory=True)

    assert house.ingest(before_reading=swap).read.left == 1
    assert house.query("SELECT count(*) FROM project") == [(0,)]
    house.ingest(allow_removals=True)
    assert reasons(house) == {"sub": "NOT_REGULAR"}


@needs_posix
def test_a_file_that_becomes_a_link_after_the_look_is_not_followed(house, tmp_path):
    secret = tmp_path / "secret.txt"
    path = house.add("a.txt", 1)
    secret.write_bytes(path.read_bytes())

    def swap() -> None:
        path.unlink()
        path.symlink_to(secret)

    assert house.ingest(before_reading=swap).read.left == 1
    assert house.query("SELECT count(*) FROM project") == [(0,)]


@needs_posix
def test_raw_may_itself_be_a_link_to_a_share(house, tmp_path):
    house.add("440303/2024/a.txt", 1)
    house.raw.rename(tmp_path / "share")
    house.raw.symlink_to(tmp_path / "share", target_is_directory=True)
    house.ingest()
    assert list(house.paths()) == ["440303/2024/a.txt"]


def test_a_file_that_becomes_a_folder_and_back_is_followed(house):
    path = house.add("a.txt", 1)
    house.add("b.txt", 2)
    house.ingest()
    path.unlink()
    house.add("a.txt/a.txt", 3)
    house.ingest()
    assert list(house.paths()) == ["a.txt/a.txt", "b.txt"]
    (path / "a.txt").unlink()
    path.rmdir()
    house.add("a.txt", 1)
    assert house.ingest().read.read == 0
    assert list(house.paths()) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("when", [-10_000_000, 0, 7_000_000_000])
def test_a_file_of_any_date_is_read_once(house, when):
    path = house.add("a.txt", 1)
    os.utime(path, (when, when))
    assert house.ingest().read.read == 1
    assert house.ingest().outcome == "unchanged"


def test_a_file_of_zeros_without_disk_blocks_is_empty(house):
    with (house.raw / "sparse.txt").open("wb") as file:
        file.truncate(90 * 2**20)
    house.ingest()
    assert reasons(house) == {"sparse.txt": "EMPTY"}


def test_ten_thousand_empty_folders_are_walked(house):
    house.add("a.txt", 1)
    for number in range(10_000):
        (house.raw / f"{number}").mkdir()
    assert house.ingest().scan.files == 1


@needs_posix
def test_without_rights_to_a_folder_what_it_held_is_kept_and_told(house):
    """As another user, for root may read everything."""
    house.add("open.txt", 1)
    house.add("shut/a.txt", 2)
    house.ingest()
    for folder in (house.data_dir, *house.data_dir.parents):
        if folder.owner() == pwd.getpwuid(os.geteuid()).pw_name and "pytest" in str(folder):
            folder.chmod(0o755)
    (house.raw / "shut").chmod(0o000)
    known = inventory.load(house.data_dir / "curated/state/inventory.parquet")
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        found = inventory.identify(house.raw, inventory.scan(house.raw), known, max_bytes=10**6)
        os.write(theirs, repr([(e.path, e.code and str(e.code), bool(e.document_id)) for e in found.values()]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    (house.raw / "shut").chmod(0o755)
    told = [("open.txt", None, True), ("shut", "UNREADABLE", False), ("shut/a.txt", None, True)]
    assert os.read(ours, 10_000).decode() == repr(told)
    os.close(ours)
    os.close(theirs)


# --- damaged state


def test_damage_that_only_the_load_of_provenance_meets_is_mended(house, monkeypatch):
    for number in range(3):
        house.add(f"{number}.txt", number)
    house.ingest()
    [path] = (house.data_dir / "curated").glob("tidy/*/*/provenance.parquet")
    group = pq.read_metadata(path).row_group(0)
    text = next(group.column(n) for n in range(group.num_columns) if group.column(n).path_in_schema == "text")
    with path.open("r+b") as file:
        file.seek(text.dictionary_page_offset)
        file.write(random.Random(1).randbytes(text.total_compressed_size))
    again, loads = BackgroundWork.again, []
    monkeypatch.setattr(frames, "_sums_hold", lambda folder: True)  # as if it were damaged just after
    monkeypatch.setattr(BackgroundWork, "again", lambda load: (loads.append(load), again(load))[1])
    house.add("3.txt", 3)
    assert house.ingest().outcome == "published" and loads
    assert house.query("SELECT count(DISTINCT form_id), count(DISTINCT text) > 1 FROM provenance") == [(4, True)]


# --- room and workers


LIMITED = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
    "from pathlib import Path\n"
    "from pipelines.ingestion import Ingestion; from pipelines.settings import load_settings\n"
    "if __name__ == '__main__':\n"
    "    run = Ingestion(load_settings({}, data_dir=Path(sys.argv[1]), workers=1, settle_seconds=0.0))\n"
    "    try:\n"
    "        run.scan(rebuild=False); run.read(); run.publish()\n"
    "    finally:\n"
    "        run.close()\n"
)


@needs_posix
@pytest.mark.parametrize("room", [0, 100, 2_000, 8_000, 40_000, 400_000])
def test_no_room_at_any_step_leaves_the_published_file_and_is_repaired(house, room):
    house.add("a.txt", 1)
    house.ingest()
    before = house.warehouse.resolve(), house.warehouse.read_bytes()
    house.add("b.txt", 2)
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(house.data_dir), str(room)], capture_output=True, timeout=120
    )
    assert run.returncode != 0
    assert (house.warehouse.resolve(), house.warehouse.read_bytes()) == before
    assert house.ingest().outcome == "published"
    assert house.query("SELECT count(*) FROM project") == [(2,)]
    assert not list((house.data_dir / "curated").rglob(".tmp-*"))


def test_an_analysis_that_the_memory_of_the_settings_does_not_suffice_gets_more(house, monkeypatch):
    finding = ANALYSES["finding"]

    def hungry(connection, ground):
        finding.run(connection, ground)
        connection.execute("SELECT len(list(range)) FROM range(20_000_000)")  # which cannot be spilled

    house.add("a.txt", 1)
    house.ingest()
    found = house.query("FROM finding ORDER BY finding_id")
    monkeypatch.setitem(ANALYSES, "finding", replace(finding, run=hungry))
    house.set(build_memory_mb=128)
    house.add("b.txt", 2)
    assert house.ingest().outcome == "published"
    assert "memory_raised" in [entry["event"] for entry in log(house)]
    assert len(house.query("FROM finding")) == 2 * len(found)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers by their command line")
def test_twenty_workers_killed_by_the_machine_cost_no_document(house, monkeypatch):
    """As the kernel does when memory runs out: any worker, at any moment, while others read.

    Between two kills some document ends; a machine that kills more than that has no room for a run. So none is killed
    twice while it is read alone, and none is given up.
    """
    documents, kills = 150, 20
    for number in range(documents):
        house.add(f"{number:03d}.txt", number)
    house.set(workers=2)
    done, killed, ended = threading.Event(), [], []
    submit = Sandbox.submit

    def heard(sandbox, *args, **kwargs):
        future = submit(sandbox, *args, **kwargs)
        future.add_done_callback(ended.append)
        return future

    monkeypatch.setattr(Sandbox, "submit", heard)

    def kill() -> None:
        moments, seen = random.Random(3), 0
        while not done.is_set() and len(killed) < kills:
            workers = [p for p in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(_command(p))]
            if workers and len(ended) > seen:
                victim = moments.choice(workers)
                with contextlib.suppress(psutil.NoSuchProcess):
                    victim.kill()
                    killed.append(victim.pid)
                    while victim.status() != psutil.STATUS_ZOMBIE:  # waiting would take the news from the pool
                        time.sleep(0.001)
                seen = len(ended)
            time.sleep(moments.uniform(0.01, 0.1))

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        for _ in range(6):
            house.ingest(rebuild=True, full=True, selection=Selection(force=True))
            if len(killed) >= kills:
                break
    finally:
        done.set()
        killer.join()
    assert len(killed) >= kills
    assert {path: code for path, code in reasons(house).items() if code} == {}
    assert house.query("SELECT count(*), count(DISTINCT document_id) FROM project") == [(documents, documents)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_the_run_log_of_a_damaged_state_says_so(house):
    house.add("a.txt", 1)
    house.ingest()
    [batch] = Store(house.data_dir / "curated").extracted.glob("*.parquet")
    batch.write_bytes(b"x")
    assert house.ingest().read.read == 1
    assert [event["batch"] for event in log(house) if event["event"] == "damaged"] == [batch.stem]
    assert batch.with_suffix(".damaged").exists()


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_members_of_the_group_can_read_all_that_is_published_and_others_nothing(house):
    house.add("a.txt", 1)
    before = os.umask(0o027)
    try:
        house.settings.curated.mkdir()
        assert house.ingest().outcome == "published"
    finally:
        os.umask(before)
    for path in (house.settings.curated, *house.settings.curated.rglob("*")):
        mode = path.stat().st_mode
        assert mode & 0o050 == 0o050 if path.is_dir() else mode & 0o040, path
        assert not mode & 0o002 and (not path.is_dir() or not mode & 0o007), path
