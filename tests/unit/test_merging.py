"""Readings that no longer count are dropped, and small batches become one, without a reading lost.

Here: which batches are chosen, what stands in the merged one. Not here: whole runs (test_space).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from warehouse.state.current_state import MANY_SMALL, Live, live, to_merge
from warehouse.state.inventory import Content
from warehouse.state.store import Attempt, Store, now

OLD, YOUNG = timedelta(days=40), timedelta(days=1)


def document(number: int) -> str:
    return f"{number:064x}"


def row(number: int, age: timedelta, version: str = "now") -> dict[str, Any]:
    names = ("region_code", "fiscal_year", "reason_code", "reason", "format", "page_count")
    return {
        **dict.fromkeys(names),
        "document_id": document(number),
        "reader_version": version,
        "attempted_at": now() - age,
        "attempts": 1,
        "seconds": 0.1,
        "byte_size": 9,
        "status": "loaded",
        "form_count": 1,
        "form_years": [2024],
        "labels": [7],
        "forms": f"the forms of {number}",
    }


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path)
    store.prepare()
    return store


def counted(attempts: list[Attempt], *present: int) -> Live:
    """The state where these documents stand below raw."""
    contents = {document(n): Content(document(n), 9, (f"{n}.txt",)) for n in present}
    return live({}, contents, attempts, lambda labels: "now")


def test_a_batch_goes_once_nothing_in_it_counts_and_all_of_it_is_old(store: Store) -> None:
    store.append_batch("000001-00001", [row(1, OLD), row(2, OLD)])
    store.append_batch("000002-00001", [row(3, YOUNG)])
    store.append_batch("000003-00001", [row(4, OLD), row(5, OLD)])
    attempts = store.attempts()
    assert to_merge(counted(attempts, 4), attempts, 30, 200) == {"000001-00001": {}}, "5 counts no more, but 4 does"
    assert store.merge("000004-00000", {"000001-00001": {}}) == []
    assert store.batches() == ["000002-00001", "000003-00001"]
    assert not list(store.extracted.glob("000001*")), "nor its sum"


def test_many_small_batches_become_one_that_holds_what_counts(store: Store) -> None:
    for number in range(MANY_SMALL + 1):
        rows = [row(number, OLD), row(90, OLD + timedelta(days=number), "before")]
        store.append_batch(f"{number + 1:06}-00001", rows)
    attempts = store.attempts()
    state = counted(attempts, *range(MANY_SMALL + 1))
    assert to_merge(state, attempts[:-2], 30, 200) == {}, "as many as are let be"
    chosen = to_merge(state, attempts, 30, 200)
    assert len(chosen) == MANY_SMALL + 1
    merged = store.merge("000099-00000", chosen)
    assert store.batches() == ["000099-00000"]
    assert Store(store.curated).attempts() == merged
    after = counted(merged, *range(MANY_SMALL + 1))
    assert after.first_ingested_at == state.first_ingested_at
    assert {id_: attempt.key for id_, attempt in after.readings.items()} == {
        id_: attempt.key for id_, attempt in state.readings.items()
    }
    assert dict(store.read_batch("000099-00000"))[document(3)] == "the forms of 3"
    assert to_merge(after, merged, 30, 200) == {}


def test_the_first_reading_of_a_document_is_remembered_when_it_is_dropped(store: Store) -> None:
    first = row(1, OLD + YOUNG, "before")
    store.append_batch("000001-00001", [first])
    for number in range(MANY_SMALL + 1):
        store.append_batch(f"{number + 2:06}-00001", [row(number + 1, OLD)])
    attempts = store.attempts()
    state = counted(attempts, *range(1, MANY_SMALL + 2))
    merged = store.merge("000099-00000", to_merge(state, attempts, 30, 200))
    assert counted(merged, 1).first_ingested_at[document(1)] == first["attempted_at"]


def test_small_batches_are_merged_up_to_the_size_of_a_batch(store: Store) -> None:
    for number in range(MANY_SMALL + 9):
        store.append_batch(f"{number + 1:06}-00001", [row(number, OLD)])
    attempts = store.attempts()
    chosen = to_merge(counted(attempts, *range(MANY_SMALL + 9)), attempts, 30, 10)
    assert list(chosen) == [f"{number + 1:06}-00001" for number in range(10)]
