"""State that is damaged, of another version or misplaced: put aside, told, made anew; the tables stay the same.

Here: what is kept below curated. Not here: Dagster's history (test_surroundings), kills (test_kills).
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.pipeline.conftest import House
from warehouse.state.store import _FILLED, STATE_VERSION, Store, now

pytestmark = pytest.mark.slow


def store(house: House) -> Store:
    return Store(house.data_dir / "curated")


def tables(house: House) -> list[Any]:
    """What the warehouse says of every form."""
    return house.query("SELECT form_id, project_name, executed_yuan, path FROM v_project ORDER BY ALL")


def told(house: House) -> list[str]:
    """The sentences about damage in the newest log."""
    newest = max(path for path in store(house).logs.glob("run-*.jsonl") if path.is_file())
    lines = map(json.loads, newest.read_text(encoding="utf-8").splitlines())
    return [line["message"] for line in lines if line["event"] == "damaged"]


def batch(house: House) -> Path:
    [path] = store(house).extracted.glob("*.parquet")
    return path


def frame(house: House, name: str = "project") -> Path:
    [path] = store(house).tidy.rglob(f"{name}.parquet")
    return path


def flip(path: Path) -> None:
    """Another byte in the first column's values, where only a checksum notices."""
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    data = bytearray(path.read_bytes())
    data[column.data_page_offset + column.total_compressed_size // 2] ^= 0x55
    path.write_bytes(data)


def rewritten(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    """As another version would have written it, without a sum."""
    pq.write_table(change(pq.read_table(path)), path)
    path.with_suffix(".sha256").unlink(missing_ok=True)


def spoilt(house: House, *patterns: str, noise: bool) -> None:
    """The files half gone, or so many random bytes."""
    for pattern in patterns:
        [path] = store(house).curated.glob(pattern)
        data = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(random.Random(1).randbytes(len(data)) if noise else data[: len(data) // 2])


def into_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir(parents=True)
    (path / "inside").write_bytes(b"x")


HARM: dict[str, Callable[[House], object]] = {
    "a flipped byte in the readings": lambda house: flip(batch(house)),
    "readings that are a folder": lambda house: into_folder(batch(house)),
    "readings without a column that is needed": lambda house: rewritten(batch(house), lambda t: t.drop(["status"])),
    "readings of other types": lambda house: rewritten(
        batch(house),
        lambda t: t.set_column(t.schema.get_field_index("form_count"), "form_count", pa.array(["many"] * len(t))),
    ),
    "an inventory of another version": lambda house: rewritten(
        store(house).inventory, lambda t: t.rename_columns([f"old_{name}" for name in t.column_names])
    ),
    "a cut inventory": lambda house: store(house).inventory.write_bytes(store(house).inventory.read_bytes()[:99]),
    "an inventory that is a folder": lambda house: into_folder(store(house).inventory),
    "weights that are a folder": lambda house: into_folder(store(house).name_weights),
    "a run log that is a folder": lambda house: into_folder(store(house).state / "runs.jsonl"),
    "odd lines in the run log": lambda house: (
        (store(house).state / "runs.jsonl")
        .open("a")
        .write('7\nnull\n[]\n{}\n{"number": "8"}\n{"number": 9, "started_at": 5}\n{"numb')
    ),
}
"""What is told in one sentence at least."""

QUIET: dict[str, Callable[[House], object]] = {
    "a flipped byte in the frames": lambda house: flip(frame(house)),
    "frames that are a folder": lambda house: into_folder(frame(house, "indicator")),
    "frames whose sums are gone": lambda house: frame(house).with_name("sha256.json").unlink(),
    "cut weights": lambda house: store(house).name_weights.write_text('{"rules": "', encoding="utf-8"),
    "the lock as a folder": lambda house: into_folder(store(house).curated / ".lock"),
    "a next log that is a folder": lambda house: into_folder(store(house).logs / "run-000002.jsonl"),
    "a sum without readings": lambda house: (store(house).extracted / "000009-00001.sha256").write_text("0"),
    "foreign files among the readings": lambda house: (store(house).extracted / "1a-2b.parquet").write_bytes(b"x"),
    "the frames of a batch as a file": lambda house: _file_in_place_of(frame(house).parent),
    "weights of another make": lambda house: store(house).name_weights.write_text("[1]", encoding="utf-8"),
    "the logs as a file": lambda house: _file_in_place_of(store(house).logs),
    "readings before labels were kept": lambda house: rewritten(
        batch(house), lambda t: t.drop(["labels", "form_years"])
    ),
}
"""What is made anew, or filled, without a word: a cache, or an earlier version's."""


def _file_in_place_of(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_bytes(b"x")


TOGETHER = [
    [*QUIET][:8],
    [*QUIET][8:],
    ["a flipped byte in the readings", "an inventory of another version", "weights that are a folder"],
    ["readings that are a folder", "an inventory that is a folder", "a run log that is a folder"],
    ["readings without a column that is needed", "a cut inventory", "odd lines in the run log"],
    ["readings of other types"],
]


def test_every_harm_is_done_in_some_run() -> None:
    assert sorted(harm for group in TOGETHER for harm in group) == sorted([*HARM, *QUIET])


@pytest.mark.parametrize("harms", TOGETHER, ids=lambda harms: harms[0])
def test_damaged_state_never_stops_a_run_and_changes_no_row(house: House, harms: list[str]) -> None:
    for number in range(3):
        house.add(f"440303/2024/{number}.txt", number)
    house.ingest()
    before = tables(house)
    for harm in harms:
        {**HARM, **QUIET}[harm](house)
    house.add("440303/2024/9.txt", 9)
    assert house.ingest().outcome == "published"
    assert len(told(house)) == sum(harm in HARM for harm in harms), told(house)
    assert [row for row in tables(house) if not row[-1].endswith("9.txt")] == before
    assert len(tables(house)) == 4
    assert house.ingest().outcome == "unchanged"
    assert not told(house), "it is told once"


def test_no_byte_of_the_readings_changes_without_being_noticed(tmp_path: Path) -> None:
    kept = Store(tmp_path)
    kept.prepare()
    row = dict.fromkeys(("region_code", "fiscal_year", "reason_code", "reason", "format", "page_count"))
    row |= {"document_id": "1" * 64, "reader_version": "2", "attempted_at": now(), "status": "no_form", "form_count": 0}
    kept.append_batch("000001-00001", [{**row, **_FILLED, "forms": "{}"}])
    path = kept.extracted / "000001-00001.parquet"
    whole = path.read_bytes()
    assert len(Store(tmp_path).attempts()) == 1
    for place in range(0, len(whole), 11):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(pa.ArrowInvalid):
            list(Store(tmp_path).read_batch("000001-00001"))


@pytest.mark.parametrize("noise", [False, True], ids=["cut", "noise"])
@pytest.mark.parametrize(
    "patterns",
    [
        ["state/inventory.parquet", "tidy/*/*/indicator.parquet", "builds/build-*.json", "state/runs.jsonl"],
        ["extracted/*.parquet", "tidy/*/*/provenance.parquet", "builds/warehouse-*.duckdb"],
    ],
    ids=lambda patterns: patterns[0].partition("/")[0],
)
def test_spoilt_files_are_noticed_and_made_anew(house: House, patterns: list[str], noise: bool) -> None:
    for number in range(3):
        house.add(f"{number}.txt", number)
    house.ingest()
    spoilt(house, *patterns, noise=noise)
    house.add("3.txt", 3)
    house.ingest()
    assert house.query("SELECT count(*), count(DISTINCT document_id) FROM project") == [(4, 4)]
    assert house.query("SELECT count(DISTINCT form_id) FROM indicator") == [(4,)]
    assert house.query("SELECT count(DISTINCT form_id) FROM provenance") == [(4,)]
    assert house.ingest().outcome == "unchanged"


def test_forms_that_are_cut_in_whole_readings_are_read_again_in_the_same_run(house: House) -> None:
    house.add("440303/2024/0.txt", 0)
    house.ingest()
    before = tables(house)

    def cut(table: pa.Table) -> pa.Table:
        forms = pa.array([text[:50] for text in table.column("forms").to_pylist()], pa.large_string())
        return table.set_column(table.schema.get_field_index("forms"), "forms", forms)

    rewritten(batch(house), cut)
    frame(house).unlink()
    house.add("440303/2024/9.txt", 9)
    run = house.ingest()
    assert (run.outcome, run.read.read) == ("published", 1)
    assert [row for row in tables(house) if row[-1].endswith("0.txt")] == before
    assert len(told(house)) == 1


@pytest.mark.parametrize("harmed", ["warehouse.duckdb", "parquet/funding/funding.parquet"])
@pytest.mark.parametrize("gone", [False, True], ids=["a flipped byte", "gone"])
def test_a_published_file_that_is_not_what_was_published_is_made_anew_though_nothing_is_new(
    house: House, harmed: str, gone: bool
) -> None:
    house.add("440303/2024/0.txt", 0)
    house.ingest()
    before, path = tables(house), (house.data_dir / "curated" / harmed).resolve()
    path.chmod(0o644)
    if gone:
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x55
        path.write_bytes(content)
    assert house.ingest().outcome == "published"
    assert len(told(house)) == (harmed != "warehouse.duckdb" or not gone), "a file that is gone is told by the outcome"
    assert tables(house) == before
    assert (house.data_dir / "curated" / harmed).exists()
    assert house.ingest().outcome == "unchanged"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("name", ["inventory.parquet", "runs.jsonl"])
def test_a_pipe_in_the_place_of_a_file_of_the_state_is_put_aside_and_not_waited_for(house: House, name: str) -> None:
    house.add("440303/2024/0.txt", 0)
    house.ingest()
    path = house.data_dir / "curated/state" / name
    path.unlink()
    os.mkfifo(path)
    assert house.ingest().outcome == "unchanged"
    assert path.is_file() and len(told(house)) == 1


def test_a_state_of_a_later_version_is_told_and_one_of_this_version_is_not(house: House) -> None:
    house.add("a.txt", 1)
    house.ingest()
    assert not told(house)
    version = store(house).state / "version.json"
    version.write_text(json.dumps({"state": STATE_VERSION + 1}), encoding="utf-8")
    house.add("b.txt", 2)
    house.ingest()
    assert len(told(house)) == 1 and "更新的版本" in told(house)[0]
    house.ingest(rebuild=True)
    assert not told(house)
