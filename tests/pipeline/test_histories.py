"""A random history of small runs against one `--full`: the short version of bench/histories."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from bench.histories import History, compared

pytestmark = pytest.mark.slow


def test_what_small_runs_made_is_what_one_full_run_makes(tmp_path):
    history = History(tmp_path / "data", seed=10)
    history.run(3)
    assert history.differences(tmp_path / "anew") == []
    altered = tmp_path / "altered.duckdb"
    shutil.copyfile(history.warehouse.resolve(), altered)
    with duckdb.connect(str(altered)) as connection:
        connection.execute("UPDATE indicator SET score = score + 1 WHERE indicator_no = 1")
    assert [line.split(":")[0] for line in compared(history.warehouse, altered)] == ["indicator"]
