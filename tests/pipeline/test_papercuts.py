"""What a clerk meets on the first day: a flat drop, folders with names, a bad line, a file of GB18030, half gone.

Here: whole ingestions without Dagster, and what the queue says afterwards. Not here: each kind of it (unit tests).
"""

from __future__ import annotations

import pytest

from tests.pipeline.conftest import House
from warehouse.attention import queue
from warehouse.build.connections import open_read_only
from warehouse.reviews import mark_finding

pytestmark = pytest.mark.slow


def kinds(house: House) -> dict[str, int]:
    with open_read_only(house.warehouse) as connection:
        return {row["kind"]: row["count"] for row in queue.by_kind(connection)}


def test_files_dropped_flat_say_that_their_forms_have_no_region(house: House) -> None:
    for number in range(3):
        house.add(f"{number}.txt", number)
    house.ingest()
    told = kinds(house)
    assert told["no_region"] == 3
    house.ingest(rebuild=True)
    since = house.query("SELECT DISTINCT since_run FROM v_attention WHERE kind = 'no_region'")
    assert since == house.query("SELECT min_by(run_id, started_at) FROM run"), "it has been there since the first run"


def test_folders_with_names_tell_region_and_year(house: House) -> None:
    house.add("440303罗湖区/2024年自评/a.txt", 1)
    house.ingest()
    assert house.query("SELECT DISTINCT region_code, fiscal_year FROM project") == [("440303", 2024)]
    assert "no_region" not in kinds(house)


def test_a_bad_line_of_marks_in_gb18030_is_told_and_the_others_count(house: House) -> None:
    house.add("440303/2024/a.txt", 1)
    house.ingest()
    [(key, printed, form_id, before)] = house.query(
        "SELECT f.finding_key, f.printed, f.form_id, v.finding_count FROM finding AS f JOIN v_form AS v USING (form_id)"
        " WHERE f.printed IS NOT NULL AND NOT contains(f.printed, ',') ORDER BY f.finding_key LIMIT 1"
    )
    lines = [
        "finding_key,printed,state,note,who,decided_on",
        f"{key},{printed},不成立,附件已说明,王,2026-03-01",
        "坏行",
    ]
    (house.data_dir / "reviews.csv").write_bytes("\r\n".join(lines).encode("gb18030"))
    assert house.ingest().outcome == "published", "a new mark is a reason to publish"
    assert house.query("SELECT line, status FROM review ORDER BY line") == [(2, "applied"), (3, "invalid")]
    assert house.query(f"SELECT finding_count FROM v_form WHERE form_id = '{form_id}'") == [(before - 1,)]
    assert kinds(house)["review_invalid"] == 1
    mark_finding(house.data_dir, key, printed, "待核", who="王")
    house.ingest()
    assert house.query(f"SELECT finding_count FROM v_form WHERE form_id = '{form_id}'") == [(before,)]


def test_half_of_the_files_let_go_are_told_with_forms_and_money(house: House) -> None:
    for number in range(4):
        house.add(f"440303/2024/{number}.txt", number)
    house.ingest()
    for number in range(2):
        (house.raw / f"440303/2024/{number}.txt").unlink()
    house.ingest(allow_removals=True)
    with open_read_only(house.warehouse) as connection:
        gone = queue.losses(connection)
    assert (gone["documents"], gone["forms"]) == (2, 2) and gone["executed_yuan"] > 0
    assert kinds(house)["document_gone"] == 2
