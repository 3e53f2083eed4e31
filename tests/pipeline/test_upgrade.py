"""Data folders of three earlier commits of this repository: one run makes them this version's, and loses nothing.

Here: the archives of earlier_states, each with an older schema. Not here: damage, a later version (test_damage).
"""

from __future__ import annotations

import tarfile
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.pipeline.conftest import House
from warehouse.state.store import Store

pytestmark = pytest.mark.slow

STATES = sorted(Path(__file__).with_name("earlier_states").glob("*.tar.xz"), key=lambda path: path.name)
VALUES = "SELECT form_id, * EXCLUDE (form_id) FROM v_project ORDER BY form_id"
INDICATORS = "SELECT * FROM indicator ORDER BY indicator_id"
FIRST = "SELECT document_id, first_ingested_at FROM document ORDER BY ALL"
SERIES = "SELECT form_id, series_id FROM project ORDER BY ALL"


def test_there_are_three() -> None:
    assert len(STATES) == 3


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The same documents, ingested by this version alone."""
    folder = tmp_path_factory.mktemp("new")
    house = House(folder / "data")
    with tarfile.open(STATES[0]) as archive:
        archive.extractall(folder, [member for member in archive if "/raw" in member.name], filter="data")
    house.ingest()
    return house


@pytest.mark.parametrize("state", STATES, ids=lambda path: path.name.partition(".")[0])
def test_the_state_of_an_earlier_commit_is_taken_over_and_gives_the_tables_of_a_new_one(
    state: Path, tmp_path: Path, new: House
) -> None:
    house = House(tmp_path / "data")
    with tarfile.open(state) as archive:
        archive.extractall(tmp_path, filter="data")
    with closing(duckdb.connect(str(house.warehouse), read_only=True)) as before:
        first, series = before.execute(FIRST).fetchall(), before.execute(SERIES).fetchall()
    house.ingest()
    batches = Store(house.settings.curated).batches()
    assert batches[:2] == ["000001-00001", "000002-00001"] and batches[2].startswith("000003-"), "nothing is put aside"
    assert house.query(FIRST) == first
    assert house.query(SERIES) == series
    assert [run["number"] for run in Store(house.settings.curated).runs()] == [1, 2, 3]
    assert house.ingest().outcome == "unchanged"
    for query in (INDICATORS, VALUES):
        assert house.query(query) == new.query(query)
