"""What people decide and correct: in force after every ingestion, told where it no longer holds."""

from __future__ import annotations

import hashlib
import json

import pytest

from extractors.errors import CannotRun
from pipelines.cli import main
from warehouse.schema.tables import REFERENCES, TABLES
from warehouse.state.current_state import Selection

pytestmark = pytest.mark.slow

CORRECTION = """\
- document: {document}
  form: 1
  field: indicator.actual_text
  indicator: 1
  expect: {expect}
  value: 300天
  reason: 单位来函更正
  who: 张三
  date: 2026-03-01
"""
DECISIONS = """\
project_code,eval_year,project_key,decided_by,note
440303241183115300001,2024,党群服务中心,李四,同一项目
440303241183115300002,2024,党群服务中心,李四,同一项目
"""
DAYS = "SELECT actual_text, met FROM indicator WHERE indicator_no = 1 ORDER BY ALL"
SERIES = "SELECT count(DISTINCT series_id) FROM project"
TOLD = "SELECT code FROM problem WHERE path IN ('corrections.yml', 'decisions.csv')"


@pytest.fixture
def two(house):
    """Two documents, and the beginning of a correction of the first."""
    first = house.add("440303/2024/a.txt", 1)
    house.add("440303/2024/b.txt", 2)
    document = hashlib.sha256(first.read_bytes()).hexdigest()

    def correct(expect: str) -> None:
        text = CORRECTION.format(document=document, expect=expect)
        (house.data_dir / "corrections.yml").write_text(text, encoding="utf-8")

    house.correct = correct
    return house


def test_a_correction_and_a_decision_hold_after_everything_is_read_again(two):
    two.ingest()
    assert two.query(SERIES) == [(2,)]
    two.correct("366天")
    (two.data_dir / "decisions.csv").write_text(DECISIONS, encoding="utf-8")
    for again in ({}, {"full": True, "selection": Selection(force=True)}):
        run = two.ingest(**again)
        assert (run.outcome, run.read.read) == ("published", 2 if again else 0)
        assert two.query(DAYS) == [("300天", False), ("366天", True)]
        assert two.query(SERIES) == [(1,)]
        assert two.query("SELECT status, printed_text, value, who FROM correction") == [
            ("applied", "366天", "300天", "张三")
        ]
        assert two.query(TOLD) == []
        printed = "SELECT DISTINCT text FROM provenance WHERE column_name = 'actual_text' AND row_no = 1"
        assert two.query(printed) == [("366天",)], "what is printed stays as it is"


def test_what_the_command_line_corrected_and_decided_is_taken_back_by_it(two, capsys):
    two.ingest()
    before = (two.query(DAYS), two.query(SERIES))

    def jixiao(*arguments: str) -> str:
        status = main([*arguments, "--data-dir", str(two.data_dir), "--who", "张三"])
        assert status == 0, capsys.readouterr().err
        return capsys.readouterr().out

    a, b = "440303/2024/a.txt", "440303/2024/b.txt"
    assert "366天 → 300天" in jixiao("correct", a, "1.实际完成值", "300天", "--why", "来函")
    assert "已认定是同一个项目" in jixiao("decide", a, b, "是")
    two.ingest()
    assert (two.query(DAYS), two.query(SERIES)) == ([("300天", False), ("366天", True)], [(1,)])
    assert "已撤回更正，仍是所印的 366天" in jixiao("correct", a, "1.实际完成值", "--withdraw")
    assert "已撤回认定" in jixiao("decide", a, b, "撤回")
    two.ingest()
    assert (two.query(DAYS), two.query(SERIES)) == before
    for wrong in (["300天"], [], ["300天", "--why", "x", "--withdraw"]):
        with pytest.raises(SystemExit, match="2"):
            main(["correct", a, "1.实际完成值", *wrong, "--data-dir", str(two.data_dir), "--who", "张三"])
    assert main(["correct", a, "1.实际完成值", "--withdraw", "--data-dir", str(two.data_dir), "--who", "张三"]) == 1
    assert "没有可撤回的更正" in capsys.readouterr().err


def test_a_correction_whose_expected_value_is_gone_is_reported_and_not_applied(two):
    two.correct("365天")
    two.ingest()
    assert two.query(DAYS) == [("366天", True), ("366天", True)]
    assert two.query("SELECT status, printed_value, expected_value FROM correction") == [("expired", "366天", "365天")]
    assert two.query(TOLD) == [("CORRECTION_EXPIRED",)]
    assert two.query("SELECT path FROM problem WHERE code = 'CORRECTION_EXPIRED'") == [("corrections.yml",)]


def test_a_changed_file_of_corrections_publishes_anew_and_an_unchanged_one_does_not(two):
    two.ingest()
    two.correct("366天")
    assert two.ingest().outcome == "published"
    assert two.ingest().outcome == "unchanged"
    (two.data_dir / "corrections.yml").unlink()
    assert two.ingest().outcome == "published"
    assert two.query(DAYS) == [("366天", True), ("366天", True)]


def test_a_document_that_left_takes_its_correction_out_of_force(two):
    two.correct("366天")
    two.ingest()
    (two.raw / "440303/2024/a.txt").unlink()
    two.ingest(allow_removals=True)
    assert two.query("SELECT status FROM correction") == [("unmatched",)]
    assert two.query(TOLD) == [("CORRECTION_UNMATCHED",)]


def test_a_file_of_corrections_that_is_no_yaml_stops_the_run_and_leaves_the_warehouse(two):
    two.correct("366天")
    first = two.ingest()
    (two.data_dir / "corrections.yml").write_text("- document: [\n", encoding="utf-8")
    with pytest.raises(CannotRun, match=r"corrections\.yml .*第 2 行"):
        two.ingest()
    assert two.query("SELECT status FROM correction") == [("applied",)]
    two.correct("366天")
    assert two.ingest().build == first.build, "the mended file is the one published"


def test_every_reference_of_the_published_tables_leads_to_a_row(two):
    two.correct("365天")
    (two.raw / "empty.pdf").touch()
    two.ingest()
    for table, references in REFERENCES.items():
        for column, other in references.items():
            [key] = TABLES[other].key
            lost = f"SELECT {column} FROM {table} WHERE {column} NOT IN (SELECT {key} FROM {other})"
            assert two.query(lost) == [], f"{table}.{column}"
    package = json.loads((two.data_dir / "curated/parquet/datapackage.json").read_text("utf-8"))
    counts = {resource["name"]: resource["rows"] for resource in package["resources"]}
    assert counts == {table: two.query(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}
