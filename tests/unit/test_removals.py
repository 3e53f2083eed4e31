"""Files that vanished: what stops a run, and what is no loss. Here: the guard alone; runs are in tests/pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.codes import ProblemCode, ReasonCode
from extractors.errors import CannotRun
from warehouse.state.inventory import Entry, Inventory, guard_removals, lost_files

RAW = Path("raw")


def looked(*paths: str, **other: str) -> Inventory:
    """Files by path, each with content of its own; `other`: content by path."""
    found = {path: Entry(path, 9, 1, 1, 1, document_id=path) for path in paths}
    return found | {path: Entry(path, 9, 1, 1, 1, document_id=content) for path, content in other.items()}


def folder(name: str, files: int, first: int = 0) -> tuple[str, ...]:
    return tuple(f"{name}/{number}" for number in range(first, files))


def guard(known: Inventory, current: Inventory, share: float = 1 / 3, most: int = 2) -> None:
    guard_removals(known, current, RAW, share=share, most=most)


@pytest.mark.parametrize(("files", "gone"), [(3, 3), (9, 3), (24, 9), (19, 18), (400, 134)])
def test_a_top_folder_that_lost_a_third_and_three_files_stops_the_run(files: int, gone: int) -> None:
    known = looked(*folder("share", files), *folder("other", 1000))
    with pytest.raises(CannotRun, match=rf"share/ {gone}/{files}.*--allow-removals"):
        guard(known, looked(*folder("share", files, gone), *folder("other", 1000)))


@pytest.mark.parametrize(("files", "gone"), [(2, 2), (1, 1), (5, 2), (10, 3), (400, 133)])
def test_fewer_may_go(files: int, gone: int) -> None:
    known = looked(*folder("share", files), *folder("other", 1000))
    guard(known, looked(*folder("share", files, gone), *folder("other", 1000)))


def test_files_without_a_folder_are_guarded_too() -> None:
    known = looked("a", "b", "c", *folder("other", 30))
    with pytest.raises(CannotRun, match="raw/ 3/3"):
        guard(known, looked(*folder("other", 30)))
    guard(known, looked("c", *folder("other", 30)))


def test_many_small_folders_that_go_at_once_stop_the_run() -> None:
    known = looked(*(f"unit{number}/form" for number in range(9)))
    with pytest.raises(CannotRun, match="3 of 9"):
        guard(known, looked(*(f"unit{number}/form" for number in range(6))))
    guard(known, looked(*(f"unit{number}/form" for number in range(7))))


def test_the_only_file_gone_leaves_nothing_and_stops_the_run() -> None:
    with pytest.raises(CannotRun):
        guard(looked("a"), {})
    guard({}, {})


def test_other_content_under_the_same_path_and_the_same_content_elsewhere_are_no_loss() -> None:
    known = looked(*folder("share", 6))
    guard(known, looked(**{path: f"new {path}" for path in folder("share", 6)}))
    guard(known, looked(**{path.replace("share", "moved/deep"): path for path in folder("share", 6)}))
    moved = looked(*folder("share", 4), **{"x/5": "share/5"})
    assert lost_files(known, moved) == {"share": (6, 1)}


def test_a_file_that_is_empty_or_no_file_any_more_is_lost() -> None:
    known = looked(*folder("share", 3))
    for now in (
        Entry("", 0, 1, 1, 1, document_id="empty"),
        Entry("", 5, 1, 1, 1, code=ReasonCode.NOT_REGULAR),
        Entry("", 5, 1, 1, 1, code=ProblemCode.VANISHED),
    ):
        with pytest.raises(CannotRun):
            guard(known, {path: now._replace(path=path) for path in known})


def test_a_file_that_cannot_be_opened_or_is_being_written_is_not_lost() -> None:
    known = looked(*folder("share", 3))
    for code in (ReasonCode.UNREADABLE, ProblemCode.CHANGED, ReasonCode.TOO_BIG):
        guard(known, {path: entry._replace(code=code, document_id=None) for path, entry in known.items()})


def test_the_share_and_the_number_are_settings() -> None:
    known = looked(*folder("share", 10))
    guard(known, looked(*folder("share", 10, 9)), share=1.5)
    with pytest.raises(CannotRun):
        guard(known, looked(*folder("share", 10, 1)), share=0.1, most=0)
    with pytest.raises(CannotRun):
        guard(known, {}, share=0.5, most=20)


def test_names_that_no_encoding_has_are_told() -> None:
    known = looked(*folder("\udcff\udcfe", 3), *folder("other", 10))
    with pytest.raises(CannotRun) as told:
        guard(known, looked(*folder("other", 10)))
    told.value.message.encode("utf-8")
