"""A tested build is put in front of the analysts at once and whole, and old ones go when they may.

Here: small builds in a folder, without a run around them. Not here: kills in between (tests/pipeline/test_kills.py).
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from warehouse.build import database
from warehouse.build.publish import (
    Build,
    candidate_file,
    database_file,
    parquet_folder,
    publish,
    published,
    retire,
)
from warehouse.schema.tables import TABLES
from warehouse.state.store import Store

DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "curated")
    made.prepare()
    return made


def put_out(store: Store, name: str, documents: int = 1) -> Build:
    """Publish a build with documents and nothing else."""
    connection = database.connect(
        candidate_file(store, name), memory_mb=500, threads=1, scratch=store.builds / "scratch"
    )
    rows = [{"document_id": f"{n:064x}", "path": f"{n}.txt", "status": "loaded"} for n in range(documents)]
    database.insert(connection, "document", [{**row, "paths": [row["path"]]} for row in rows])
    build = Build(name, f"state {name}", "2026-01-02T03:04:05", database.row_counts(connection))
    publish(store, build, connection)
    with pytest.raises(duckdb.ConnectionException):
        connection.execute("SELECT 1")
    return build


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the build 000005 of one document, published once for all tests that copy it."""
    store = Store(tmp_path_factory.mktemp("made") / "curated")
    store.prepare()
    put_out(store, "000005")
    return store.curated


@pytest.fixture
def filled(made: Path, tmp_path: Path) -> Store:
    """A copy of that folder."""
    shutil.copytree(made, tmp_path / "curated", symlinks=True)
    return Store(tmp_path / "curated")


def rows(store: Store) -> int:
    with duckdb.connect(str(store.warehouse), read_only=True) as connection:
        return connection.execute("SELECT count(*) FROM document").fetchall()[0][0]


def age(store: Store, name: str, days: float) -> None:
    """Let the files of a build be so old."""
    then = time.time() - days * DAY
    for path in (database_file(store, name), parquet_folder(store, name), store.builds / f"build-{name}.json"):
        if path.exists():
            os.utime(path, (then, then))


def stub(store: Store, name: str, days: float) -> None:
    """What an old build left, without its content."""
    database_file(store, name).write_bytes(b"x")
    parquet_folder(store, name).mkdir()
    (store.builds / f"build-{name}.json").write_text("{}")
    age(store, name, days)


def left(store: Store) -> set[str]:
    return {path.name.partition("-")[2].partition(".")[0] for path in store.builds.iterdir() if "-" in path.name}


def test_a_build_is_published_whole_read_only_and_behind_two_links(store: Store) -> None:
    build = put_out(store, "000001")
    assert published(store) == build
    assert store.warehouse.is_symlink() and store.parquet.is_symlink()
    assert store.warehouse.readlink().as_posix() == "builds/warehouse-000001.duckdb"
    assert store.parquet.readlink().as_posix() == "builds/parquet-000001"
    assert rows(store) == 1
    folder = parquet_folder(store, "000001")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    assert files == {f"{table}/{table}.parquet" for table in TABLES} | {"datapackage.json"}
    for path in (database_file(store, "000001"), *folder.rglob("*.*")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o444, path
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    assert package["created"] == "2026-01-02T03:04:05Z"
    assert not candidate_file(store, "000001").exists()
    assert not list(store.builds.glob(".tmp-*")) and not list(store.curated.glob(".tmp-*"))
    assert json.loads((store.builds / "build-000001.json").read_text())["row_counts"]["document"] == 1


def test_the_next_build_takes_the_place_of_the_one_before(store: Store) -> None:
    put_out(store, "000001")
    build = put_out(store, "000002", documents=2)
    assert published(store) == build and rows(store) == 2
    assert database_file(store, "000001").exists()


def test_tables_written_already_are_moved_and_not_written_again(store: Store, tmp_path: Path) -> None:
    connection = database.connect(candidate_file(store, "000001"), memory_mb=500, threads=1, scratch=tmp_path / "s")
    made = tmp_path / "run.parquet"
    connection.execute(f"COPY (SELECT 7 AS run_id) TO '{made}' (FORMAT parquet)")
    counts = database.row_counts(connection)
    publish(store, Build("000001", "f", "2026-01-02T03:04:05", counts), connection, {"run": made})
    assert not made.exists()
    moved = store.parquet / "run" / "run.parquet"
    assert duckdb.sql(f"SELECT run_id FROM '{moved}'").fetchall() == [(7,)]


def no_links(*_: object, **__: object) -> None:
    raise OSError("no links here")


@pytest.mark.parametrize("again", [False, True], ids=["first", "second"])
def test_where_links_are_not_to_be_had_a_copy_stands_in_their_place(
    store: Store, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    monkeypatch.setattr(Path, "symlink_to", no_links)
    build = put_out(store, "000001")
    if again:
        build = put_out(store, "000002", documents=2)
    assert not store.warehouse.is_symlink() and not store.parquet.is_symlink()
    assert published(store) == build
    assert rows(store) == 1 + again
    document = store.parquet / "document" / "document.parquet"
    assert duckdb.sql(f"SELECT count(*) FROM '{document}'").fetchall() == [(1 + again,)]


def test_a_link_takes_the_place_of_a_copy(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "symlink_to", no_links)
    put_out(store, "000001")
    monkeypatch.undo()
    build = put_out(store, "000002")
    assert store.parquet.is_symlink() and published(store) == build


DAMAGE: dict[str, Callable[[Store], object]] = {
    "no manifest": lambda store: (store.builds / "build-000005.json").unlink(),
    "a manifest that is no JSON": lambda store: (store.builds / "build-000005.json").write_text("{"),
    "a manifest of another version": lambda store: (store.builds / "build-000005.json").write_text('{"name": "1"}'),
    "no Parquet tables": lambda store: store.parquet.unlink(),
    "no database": lambda store: database_file(store, "000005").unlink(),
    "no link": lambda store: store.warehouse.unlink(),
    "a database that does not open": lambda store: (
        database_file(store, "000005").chmod(0o644),
        database_file(store, "000005").write_bytes(b"no database" * 99),
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_build_that_does_not_open_is_none(filled: Store, damage: str) -> None:
    assert published(filled) is not None
    DAMAGE[damage](filled)
    assert published(filled) is None


def test_in_an_empty_folder_nothing_is_published(store: Store) -> None:
    assert published(store) is None


# --- old builds


@pytest.mark.parametrize(
    ("keep", "days", "retired"),
    [
        (1, 0.5, ["000001", "000002", "000003"]),
        (2, 0.5, ["000001", "000002", "000003"]),
        (3, 0.5, ["000001", "000002"]),
        (4, 0.5, ["000001"]),
        (5, 0.5, []),
        (9, 0.5, []),
        (0, 0.5, ["000001", "000002", "000003"]),  # the newest stays whatever the setting
        (1, 2.5, ["000001", "000002"]),
        (1, 99, []),
    ],
)
def test_builds_go_when_enough_newer_ones_stand_and_they_are_old(
    filled: Store, keep: int, days: float, retired: list[str]
) -> None:
    for name, old in (("000001", 4), ("000002", 3), ("000003", 2), ("000004", 0)):
        stub(filled, name, old)
    age(filled, "000005", 9)
    assert retire(filled, keep=keep, days=days) == retired
    assert left(filled) == {f"{n:06}" for n in range(1, 6)} - set(retired)


@pytest.mark.parametrize(
    ("most", "retired"),
    [
        (9, []),
        (5, []),
        (4, ["000001"]),
        (2, ["000001", "000002", "000003"]),
        (1, ["000001", "000002", "000003", "000004"]),
        (0, ["000001", "000002", "000003", "000004"]),  # the published one stays whatever the setting
    ],
)
def test_builds_go_by_number_too_however_young(filled: Store, most: int, retired: list[str]) -> None:
    for name in ("000001", "000002", "000003", "000004"):
        stub(filled, name, 0)
    assert retire(filled, keep=3, days=9, most=most) == retired


def test_little_space_leaves_the_published_build_and_the_one_before(filled: Store) -> None:
    for name in ("000001", "000002", "000004"):
        stub(filled, name, 0)
    assert retire(filled, keep=3, days=9, free=0) == []
    assert retire(filled, keep=3, days=9, free=2.0**60) == ["000001", "000002"]
    assert published(filled) is not None and left(filled) == {"000004", "000005"}


def test_little_space_takes_no_build_where_none_is_published(store: Store) -> None:
    stub(store, "000001", 0)
    stub(store, "000002", 0)
    assert retire(store, keep=2, days=9, free=2.0**60) == []


def test_the_published_build_stays_however_old(filled: Store) -> None:
    age(filled, "000005", 99)
    stub(filled, "000006", 50)
    stub(filled, "000007", 50)
    assert retire(filled, keep=1, days=1) == ["000006"]
    assert published(filled) is not None and left(filled) == {"000005", "000007"}


def test_a_build_of_which_one_part_is_young_stays_and_one_that_lacks_a_part_goes(filled: Store) -> None:
    store = filled
    stub(store, "000001", 50)
    os.utime(parquet_folder(store, "000001"))
    stub(store, "000002", 50)
    database_file(store, "000002").unlink()
    (store.builds / "warehouse-000002.duckdb.wal").write_bytes(b"x")
    os.utime(store.builds / "warehouse-000002.duckdb.wal", (0, 0))
    assert retire(store, keep=1, days=1) == ["000002"]
    assert left(store) == {"000001", "000005"}


def test_what_is_unfinished_is_no_build(filled: Store) -> None:
    unfinished = filled.builds / ".tmp-000001.duckdb"
    unfinished.write_bytes(b"x")
    os.utime(unfinished, (0, 0))
    assert retire(filled, keep=1, days=1) == []
    assert unfinished.exists()


def test_the_log_that_the_database_left_beside_a_build_is_no_build_of_its_own(store: Store) -> None:
    for name in ("000001", "000002", "000003"):
        stub(store, name, 50)
    (store.builds / "warehouse-000003.duckdb.wal").write_bytes(b"x")
    assert retire(store, keep=2, days=1) == ["000001"]
    assert left(store) == {"000002", "000003"}
