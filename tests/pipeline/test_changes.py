"""What is read, kept and let go as files come, change and leave."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from pathlib import Path

import pytest

from extractors.errors import CannotRun
from warehouse.state.current_state import Selection

pytestmark = pytest.mark.slow


def problems(house) -> dict[str, str]:
    return dict(house.query("SELECT path, code FROM problem WHERE problem_id LIKE 'file-%'"))


def test_a_second_run_over_unchanged_files_reads_and_publishes_nothing(house):
    house.add("440303/2024/a.txt", 1)
    house.add("440303/2024/b.txt", 2)
    first = house.ingest()
    before = house.warehouse.stat()
    second = house.ingest()
    assert (first.outcome, first.read.read) == ("published", 2)
    assert (second.outcome, second.read.read) == ("unchanged", 0)
    assert house.warehouse.stat() == before
    assert house.query("SELECT count(*), count(DISTINCT form_id) FROM project") == [(2, 2)]


def test_a_click_publishes_anew_even_if_nothing_changed(house):
    house.add("a.txt", 1)
    first = house.ingest()
    again = house.ingest(rebuild=True)
    assert again.outcome == "published"
    assert again.build > first.build
    assert again.read.read == 0


def test_form_ids_are_the_same_after_reading_everything_again(house):
    house.add("a.txt", 1)
    house.ingest()
    before = house.query("SELECT form_id, document_id FROM project")
    again = house.ingest(full=True, selection=Selection(force=True), rebuild=True)
    assert again.read.read == 1
    assert house.query("SELECT form_id, document_id FROM project") == before


def test_a_file_replaced_with_the_same_size_and_time_is_read(house):
    path = house.add("a.txt", 1)
    house.ingest()
    times = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("第1区", "第7区"), encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert house.ingest().read.read == 1
    assert "第7区" in house.query("SELECT unit_name FROM project")[0][0]
    assert len(list((house.data_dir / "curated/extracted").glob("*.parquet"))) == 2, "the old reading stays in history"


def test_a_renamed_file_is_followed_without_reading_it(house):
    path = house.add("a.txt", 1)
    house.ingest()
    path.rename(house.raw / "b.txt")
    run = house.ingest()
    assert (run.read.read, run.outcome) == (0, "published")
    assert house.paths() == {"b.txt": ["b.txt"]}


def test_a_copy_is_the_same_document_with_two_paths(house):
    path = house.add("b.txt", 1)
    house.ingest()
    shutil.copy(path, house.raw / "a.txt")
    run = house.ingest()
    assert run.read.read == 0
    assert house.paths() == {"a.txt": ["a.txt", "b.txt"]}
    assert house.query("SELECT count(*) FROM project") == [(1,)]


def test_a_file_moved_to_another_years_folder_is_read_with_that_year(house):
    text = (
        house.add("440303/2023/a.txt", 1)
        .read_text(encoding="utf-8")
        .replace("绩效自评年度：\t2024", "绩效自评年度：\t")
    )
    (house.raw / "440303/2023/a.txt").write_text(text, encoding="utf-8")
    house.ingest()
    assert house.query("SELECT fiscal_year FROM project") == [(2023,)]
    (house.raw / "440303/2022").mkdir()
    (house.raw / "440303/2023/a.txt").rename(house.raw / "440303/2022/a.txt")
    assert house.ingest().read.read == 1
    assert house.query("SELECT fiscal_year FROM project") == [(2022,)]
    (house.raw / "440303/2022/a.txt").rename(house.raw / "440303/2023/a.txt")
    assert house.ingest().read.read == 0, "this content was read in this folder before"
    assert house.query("SELECT fiscal_year FROM project") == [(2023,)]


def test_removed_content_leaves_the_tables_and_comes_back_from_history(house):
    house.add("a.txt", 1)
    path = house.add("b.txt", 2)
    house.ingest()
    kept = path.read_bytes()
    path.unlink()
    assert house.ingest().scan.removed == 1
    assert list(house.paths()) == ["a.txt"]
    assert house.query("SELECT count(*) FROM provenance WHERE form_id NOT IN (SELECT form_id FROM project)") == [(0,)]
    path.write_bytes(kept)
    assert house.ingest().read.read == 0
    assert list(house.paths()) == ["a.txt", "b.txt"]


def test_an_emptied_raw_folder_deletes_nothing_without_being_told(house):
    path = house.add("a.txt", 1)
    house.ingest()
    path.unlink()
    with pytest.raises(CannotRun, match="allow-removals"):
        house.ingest()
    assert list(house.paths()) == ["a.txt"]
    assert house.ingest(allow_removals=True).outcome == "published"
    assert house.paths() == {}


def test_most_of_many_documents_gone_at_once_stops_the_run(house):
    files = [house.add(f"{number}.txt", number) for number in range(20)]
    house.ingest()
    for path in files[:11]:
        path.unlink()
    with pytest.raises(CannotRun, match="11"):
        house.ingest()
    files[0].write_text("back", encoding="utf-8")
    with pytest.raises(CannotRun):
        house.ingest()
    for path in files[:11]:
        path.unlink(missing_ok=True)
    for number in range(10):
        house.add(f"new/{number}.txt", number)
    assert house.ingest().outcome == "published", "renamed documents are not gone"


def test_a_share_below_raw_that_is_not_mounted_stops_the_run_until_it_is_meant(house):
    files = [house.add(f"share/440303/2024/{number}.txt", number) for number in range(3)]
    for number in range(3, 20):
        house.add(f"other/{number}.txt", number)
    house.ingest()
    for path in files:
        path.rename(path.with_name(f".{path.name}.tmp"))
        path.with_name(f".{path.name}.tmp").unlink()
    house.add("other/new.txt", 30)
    for _ in range(2):
        with pytest.raises(CannotRun, match="share/ 3/3"):
            house.ingest()
    assert len(house.paths()) == 20
    assert house.ingest(allow_removals=True).scan.removed == 3
    assert len(house.paths()) == 18


def test_a_small_folder_may_lose_its_files_and_it_is_told(house):
    gone = [house.add(f"small/{number}.txt", number) for number in range(2)]
    for number in range(2, 9):
        house.add(f"other/{number}.txt", number)
    house.ingest()
    for path in gone:
        path.unlink()
    assert house.ingest().scan.removed == 2
    told = house.query("SELECT path FROM v_attention WHERE kind = 'document_gone' ORDER BY path")
    assert told == [("small/0.txt",), ("small/1.txt",)]


def test_a_revision_in_another_file_is_told_and_the_sums_say_which_they_count(house):
    old = house.add("440303/2024/a.txt", 1)
    house.add("440303/2024/other.txt", 2)
    new = house.raw / "440303/2024/b 修订.txt"
    printed = old.read_text(encoding="utf-8")
    new.write_text(printed.replace("171150.17", "161150.17"), encoding="utf-8")
    assert "161150.17" in new.read_text(encoding="utf-8")
    house.ingest()
    [(what, path)] = house.query("SELECT what, path FROM v_attention WHERE kind = 'revision'")
    assert path == "440303/2024/b 修订.txt" and "计入「440303/2024/a.txt」" in what
    found = house.query(
        "SELECT path, v.counted, f.counted_form_id = v.form_id FROM v_project v JOIN v_form f USING (form_id)"
    )
    assert sorted(found) == [
        ("440303/2024/a.txt", True, True),
        ("440303/2024/b 修订.txt", False, False),
        ("440303/2024/other.txt", True, True),
    ]
    assert house.query("SELECT count(*) FROM v_finding WHERE check_code = 'HDR_DUPLICATE_FORM'") == [(2,)]
    assert house.query("SELECT sum(form_count) FROM v_unit_year") == [(2,)]


def test_a_missing_raw_folder_is_told_and_nothing_is_made(house):
    house.raw.rmdir()
    with pytest.raises(CannotRun, match="raw"):
        house.ingest()
    assert not (house.data_dir / "curated").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a POSIX file system")
def test_links_and_pipes_are_problems_and_never_documents(house, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret 自评表", encoding="utf-8")
    house.add("good.txt", 1)
    (house.raw / "link.txt").symlink_to(secret)
    (house.raw / "nowhere.pdf").symlink_to("nowhere")
    (house.raw / "loop").symlink_to(house.raw, target_is_directory=True)
    os.mkfifo(house.raw / "pipe.pdf")
    server = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(house.raw)  # the path of a socket may be no longer than 108 bytes
    try:
        server.bind("socket.txt")
    finally:
        os.chdir(here)
        server.close()
    house.ingest()
    names = ["link.txt", "loop", "nowhere.pdf", "pipe.pdf", "socket.txt"]
    assert problems(house) == dict.fromkeys(names, "NOT_REGULAR")
    assert list(house.paths()) == ["good.txt"]


def test_temporary_names_are_rejected_unread_and_big_files_unopened(house):
    house.add("good.txt", 1)
    (house.raw / "~$good.xlsx").write_bytes(b"owner")
    (house.raw / "half.pdf.part").write_bytes(b"%PDF-1.7 half")
    (house.raw / ".gitkeep").touch()
    with (house.raw / "huge.txt").open("wb") as file:
        file.truncate(5 * 2**30)
    assert house.ingest().read.read == 1
    assert problems(house) == {"huge.txt": "TOO_BIG"}
    rows = house.query("SELECT path, status, reason_code FROM document ORDER BY path")
    assert rows == [
        ("good.txt", "loaded", None),
        ("half.pdf.part", "rejected", "TEMP_FILE"),
        ("~$good.xlsx", "rejected", "TEMP_FILE"),
    ]


def test_a_file_that_cannot_be_opened_is_told_and_read_when_it_can(house, monkeypatch):
    house.add("a.txt", 1)
    house.add("shut.txt", 2)
    from warehouse.state import inventory

    plain = inventory.open_regular

    def shut(path):
        if str(path).endswith("shut.txt"):
            raise PermissionError(13, "Permission denied")
        return plain(path)

    with monkeypatch.context() as patched:
        patched.setattr(inventory, "open_regular", shut)
        house.ingest()
        assert problems(house) == {"shut.txt": "UNREADABLE"}
        assert house.ingest().outcome == "unchanged"
    assert house.ingest().read.read == 1
    assert problems(house) == {}


def test_a_file_gone_between_look_and_reading_is_told(house):
    house.add("a.txt", 1)
    path = house.add("b.txt", 2)
    run = house.ingest(before_reading=path.unlink)
    assert (run.outcome, run.read.left) == ("published", 1)
    assert problems(house) == {"b.txt": "VANISHED"}
    house.ingest()
    assert problems(house) == {}


def test_a_file_replaced_between_look_and_reading_is_left_with_what_it_held(house):
    path = house.add("a.txt", 1)
    house.ingest()
    house.add("a.txt", 2)
    run = house.ingest(before_reading=lambda: house.add("a.txt", 3))
    assert run.read.left == 1
    assert problems(house) == {"a.txt": "CHANGED"}
    assert "第1区" in house.query("SELECT unit_name FROM project")[0][0]
    assert house.ingest().read.read == 1
    assert "第3区" in house.query("SELECT unit_name FROM project")[0][0]
    assert problems(house) == {} and path.exists()


def test_a_growing_file_is_left_for_the_next_run_and_never_read_in_half(house):
    house.add("done.txt", 1)
    whole = house.add("grows.txt", 2).read_bytes()
    growing = house.raw / "grows.txt"
    growing.write_bytes(whole[:700])
    house.set(settle_seconds=0.6)
    stop = threading.Event()

    def grow() -> None:
        done = 700
        while not stop.is_set() and done < len(whole):
            with growing.open("ab") as file:
                file.write(whole[done : done + 50])
            done += 50
            time.sleep(0.1)

    writer = threading.Thread(target=grow)
    writer.start()
    run = house.ingest()
    stop.set()
    writer.join()
    assert run.read.read == 1
    assert problems(house) == {"grows.txt": "CHANGED"}
    growing.write_bytes(whole)
    house.ingest()
    assert house.query("SELECT count(*) FROM project") == [(2,)]


def test_odd_names_are_kept_whole_and_non_utf8_ones_escaped(house):
    names = ["with spaces  two.txt", "new\nline\t.txt", "😀（2024）.txt", "glob[0-9]*?{a,b}.txt", "长" * 84 + "a.t"]
    for number, name in enumerate(names):
        house.add(name, number)
    house.add("x.txt", 99).rename(os.fsdecode(os.fsencode(house.raw) + b"/\xcd\xf8\xff.txt"))
    house.ingest()
    assert sorted(house.paths()) == sorted([*names, "\\udccd\\udcf8\\udcff.txt"])
    assert house.ingest().outcome == "unchanged"


def test_a_selection_reads_only_its_years_or_documents(house):
    house.add("440303/2023/a.txt", 1)
    house.add("440303/2024/b.txt", 2)
    assert house.ingest(selection=Selection(fiscal_years=[2023])).read.read == 1
    assert list(house.paths()) == ["440303/2023/a.txt"]
    assert house.ingest().read.read == 1
    assert house.ingest(selection=Selection(fiscal_years=[2024], force=True)).read.read == 2, "both print 2024"
    assert house.ingest(selection=Selection(documents=["b.txt"], force=True)).read.read == 1
    assert house.ingest(selection=Selection(force=True, limit=1)).read.read == 1
    assert house.query("SELECT count(*) FROM project") == [(2,)]


def test_rejected_documents_are_read_again_only_when_asked(house):
    house.add("a.txt", 1)
    (house.raw / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    assert len(house.ingest().read.failures) == 1
    assert house.ingest().read.read == 0
    assert house.ingest(selection=Selection(retry_failed=True)).read.read == 1


def test_one_form_in_two_documents_is_stored_once_and_no_loss(house):
    house.add("b.txt", 1)
    house.ingest()
    text = (house.raw / "b.txt").read_text(encoding="utf-8")
    (house.raw / "a.txt").write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert house.ingest().outcome == "published"
    assert house.query("SELECT count(*) FROM project") == [(1,)]
    assert house.query("SELECT path, status, reason_code FROM document WHERE path = 'b.txt'") == [
        ("b.txt", "loaded", "DUPLICATE")
    ]
