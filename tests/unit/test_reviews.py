"""Marks on findings: what a file of them may look like, which are in force, and two who write at once.

Here: reviews.csv and the table `review`. Not here: what counts after a mark (test_attention, pipeline tests).
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from extractors.errors import CannotRun
from warehouse.reviews import MARK_COLUMNS, STATES, mark_finding, read_marks, review_rows
from warehouse.state.people_files import changes, read_rows
from warehouse.state.store import TEMPORARY

KEY, OTHER = "f" + "0" * 16, "f" + "a" * 16
HEADER = ",".join(MARK_COLUMNS)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "reviews.csv"
    path.write_bytes(text.encode(encoding))
    return path


def became(path: Path, printed: str | None = "99.15") -> list[tuple[str, str | None]]:
    """Status and message of each mark of the file, where one finding KEY has this print."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE finding (finding_key VARCHAR, finding_id VARCHAR, printed VARCHAR)")
        connection.execute("INSERT INTO finding VALUES (?, 'n1', ?)", [KEY, printed])
        return [(row["status"], row["message"]) for row in review_rows(connection, read_marks(path))]


def test_a_mark_is_in_force_while_the_print_is_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADER}\n{KEY},99.15,不成立,附件已说明,王,2026/3/1\n")
    assert became(path) == [("applied", None)]
    assert read_marks(path)[0].note == "附件已说明"
    [(status, message)] = became(path, "99.51")
    assert status == "expired" and "99.15" in str(message) and "99.51" in str(message)


@pytest.mark.parametrize(("marked", "now"), [("99.1", "99.10"), ("1,200", "1200"), ("甲 乙", "甲乙"), ("", None)])
def test_what_a_spreadsheet_does_to_a_print_does_not_expire_a_mark(
    tmp_path: Path, marked: str, now: str | None
) -> None:
    assert became(written(tmp_path, f'{HEADER}\n{KEY},"{marked}",属实,,,\n'), now) == [("applied", None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_file_may_be_saved_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    assert became(written(tmp_path, f"{HEADER}\r\n{KEY},99.15,属实,好,王,\r\n", encoding)) == [("applied", None)]


def test_one_bad_line_is_told_and_the_others_are_in_force(tmp_path: Path) -> None:
    lines = ["1E+15,99.15,属实,,,", f"{KEY},99.15,也许,,,", f"{OTHER},1,属实,,,2026-02-30", f"{KEY},99.15,属实,,,"]
    found = became(written(tmp_path, "\n".join(["# 说明", HEADER, "", *lines])))
    assert [status for status, _ in found] == ["invalid", "invalid", "invalid", "applied"]
    assert all(message for status, message in found if status == "invalid")
    assert read_marks(tmp_path / "reviews.csv")[0].line == 4


def test_the_last_of_several_marks_counts(tmp_path: Path) -> None:
    found = became(written(tmp_path, f"{HEADER}\n{KEY},99.15,属实,,,\n{KEY},99.15,读错,,,\n"))
    assert [status for status, _ in found] == ["expired", "applied"]


def test_a_finding_that_is_gone_expires_its_mark(tmp_path: Path) -> None:
    assert became(written(tmp_path, f"{HEADER}\n{OTHER},1,已整改,,,\n")) == [("expired", "这项发现现在没有了。")]


def test_no_file_no_marks_and_a_file_without_a_header_says_what_it_lacks(tmp_path: Path) -> None:
    assert read_marks(tmp_path / "reviews.csv") == []
    [mark] = read_marks(written(tmp_path, "a,b\n1,2\n"))
    assert mark.fault is not None and "finding_key" in mark.fault
    [mark] = read_marks(written(tmp_path, "\0\0", "utf-8"))
    assert mark.fault is not None and "CSV" in mark.fault


def test_a_mark_written_replaces_the_earlier_one_and_leaves_the_other_lines(tmp_path: Path) -> None:
    path = written(tmp_path, f"# 手写\n{HEADER},own\n{OTHER},x,属实,手写的,李,2026-01-02,自留\nbad line\n", "gb18030")
    mark_finding(tmp_path, KEY, "99.15", "不成立", note="第一次", who="王")
    mark_finding(tmp_path, KEY, "99.15", "属实", note="=1+1", who="王")
    rows = [row for _, row in read_rows(path) or []]
    assert rows[0] == ["# 手写"] and rows[2][-1] == "自留" and rows[3] == ["bad line"] and len(rows) == 5
    assert rows[4][:5] == [KEY, "99.15", "属实", "=1+1", "王"]
    log = changes(tmp_path)
    assert [entry["state"] for entry in log] == ["不成立", "属实"] and log[1]["before"]["state"] == "不成立"
    assert all(entry["at"] and entry["who"] == "王" for entry in log)


def test_what_a_killed_writer_left_loses_no_later_change_and_goes_after_a_day(tmp_path: Path) -> None:
    mark_finding(tmp_path, KEY, "99.15", "属实", who="王")
    log = tmp_path / "curated/state/changes.jsonl"
    with log.open("a", encoding="utf-8") as torn:
        torn.write('{"at": "2026-')
    for name, age in (("old", 2), ("young", 0.5)):
        (tmp_path / f"{TEMPORARY}{name}").write_text("half")
        os.utime(tmp_path / f"{TEMPORARY}{name}", (time.time() - age * 86400,) * 2)
    mark_finding(tmp_path, OTHER, "1", "不成立", who="李")
    assert [change["who"] for change in changes(tmp_path)] == ["王", "李"]
    assert [path.name for path in tmp_path.glob(f"{TEMPORARY}*")] == [f"{TEMPORARY}young"]


def test_two_who_write_at_once_lose_nothing(tmp_path: Path) -> None:
    keys = [f"f{number:016x}" for number in range(24)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda key: mark_finding(tmp_path, key, "1", "属实", who="王"), keys))
    assert {mark.finding_key for mark in read_marks(tmp_path / "reviews.csv")} == set(keys)
    log = (tmp_path / "curated/state/changes.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["finding_key"] for line in log} == set(keys)


@pytest.mark.parametrize(("key", "state", "who"), [("x", "属实", "王"), (KEY, "对", "王"), (KEY, "属实", " ")])
def test_a_wrong_mark_is_not_written(tmp_path: Path, key: str, state: str, who: str) -> None:
    with pytest.raises(CannotRun):
        mark_finding(tmp_path, key, "1", state, who=who)
    assert not (tmp_path / "reviews.csv").exists()


def test_the_command_line_offers_the_states_of_the_table() -> None:
    from pipelines.cli import STATES as offered

    assert offered == STATES
