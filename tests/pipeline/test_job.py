"""The Dagster job: the same ingestion as assets, with its checks standing before publishing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines.assets import CONFIRMING
from pipelines.automation import only_if_changed
from pipelines.definitions import definitions
from pipelines.worker import Answer
from warehouse.build import database
from warehouse.schema.tables import TABLES, TIDY
from warehouse.state.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def job(house, instance, monkeypatch):
    """Run the job over the house's data folder; more configuration by op."""
    monkeypatch.setenv("JIXIAO_SETTLE_SECONDS", "0")

    def run(
        *, rebuild: bool = False, assets: list[str] | None = None, **ops: dict[str, Any]
    ) -> dg.ExecuteInProcessResult:
        config = only_if_changed() if not rebuild else {"ops": {}}
        if assets is not None and "raw_documents" not in assets:
            config["ops"] = {}
        config["ops"] |= {op: {"config": values} for op, values in ops.items()}
        config["resources"] = {"ingestion": {"config": {"data_dir": str(house.data_dir), "workers": 1}}}
        config["loggers"] = {"console": {"config": {"log_level": "CRITICAL"}}}
        return (
            definitions()
            .resolve_job_def("ingest")
            .execute_in_process(
                run_config=config,
                instance=instance,
                raise_on_error=False,
                asset_selection=[dg.AssetKey(name) for name in assets] if assets else None,
            )
        )

    return run


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    [event] = [e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey(asset)]
    return {name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()}


def test_the_job_twice_the_second_time_changes_nothing(house, job):
    house.add("440303/2024/a.txt", 1)
    first = job()
    before = house.warehouse.read_bytes(), house.warehouse.stat()
    second = job()
    assert first.success and second.success
    assert (house.warehouse.read_bytes(), house.warehouse.stat()) == before
    assert metadata(first, "warehouse")["published"] is True
    assert metadata(second, "warehouse")["published"] is False
    assert metadata(second, "extracted_forms")["read"] == 0
    assert metadata(second, "project")["dagster/row_count"] == 1
    assert [run["outcome"] for run in Store(house.data_dir / "curated").runs()] == ["published", "unchanged"]


def test_a_run_that_was_to_confirm_only_publishes_what_a_new_reader_reads(house, job, monkeypatch):
    house.add("a.txt", 1)
    job()
    monkeypatch.setattr("pipelines.reading.READER_VERSION", "next")
    monkeypatch.setattr("pipelines.ingestion.READER_VERSION", "next")
    result = job(assets=[key.to_user_string() for key in CONFIRMING])
    assert metadata(result, "extracted_forms")["read"] == 1
    assert metadata(result, "warehouse")["published"] is True
    assert house.query("SELECT reader_version FROM document") == [("next",)]


def test_each_table_carries_its_columns_and_rows_and_a_pandera_check(house, job):
    house.add("a.txt", 1)
    result = job()
    counts = metadata(result, "warehouse")["tables"]
    checks = {(c.asset_key.to_user_string(), c.check_name): c.passed for c in result.get_asset_check_evaluations()}
    for table in TIDY:
        assert checks[table, "pandera"] is True
        assert metadata(result, table)["dagster/row_count"] == house.query(f"SELECT count(*) FROM {table}")[0][0]
    assert {record.data["table"] for record in counts.records} == set(TABLES)
    for spec in definitions().resolve_all_asset_specs():
        assert spec.description and " / " in spec.description, spec.key
        assert spec.owners and spec.kinds, spec.key
        if spec.key.to_user_string() in TABLES:
            columns = [column.name for column in spec.metadata["dagster/column_schema"].columns]
            assert columns == list(TABLES[spec.key.to_user_string()].column_names)


def test_rejected_documents_and_refused_values_are_shown_with_examples(house, job, monkeypatch):
    house.add("a.txt", 1)
    (house.raw / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    from warehouse.build import frames

    plain = frames.records_of

    def with_bad_value(document_id, extraction):
        rows = plain(document_id, extraction)
        for row in rows["indicator"][:1]:
            row["score"] = "1e999"
        return rows

    monkeypatch.setattr(frames, "records_of", with_bad_value)
    result = job()
    assert result.success
    [rejected] = metadata(result, "extracted_forms")["rejected"].records
    assert rejected.data["path"] == "broken.pdf" and rejected.data["reason"]
    checks = {(c.asset_key.to_user_string(), c.check_name): c for c in result.get_asset_check_evaluations()}
    check = checks["indicator", "pandera"]
    assert not check.passed
    assert check.metadata["examples"].value.records[0].data["value"] == "1e999"
    problem = house.query("SELECT code, text, form_no, locator FROM problem WHERE code = 'BAD_VALUE'")
    assert [row[:3] for row in problem] == [("BAD_VALUE", "1e999", 1)]
    assert problem[0][3], "the place where the value is printed"


@pytest.mark.parametrize("table", ["funding", "indicator"])
def test_a_failing_check_keeps_the_old_warehouse(house, job, monkeypatch, table):
    for number in range(3):
        house.add(f"{number}.txt", number)
    job()
    before = house.warehouse.resolve()
    plain = database.quarantine_copies
    monkeypatch.setattr(database, "quarantine_copies", lambda c: (c.execute(f"DELETE FROM {table}"), plain(c))[1])
    house.add("3.txt", 3)
    result = job()
    assert not result.success
    assert house.warehouse.resolve() == before
    failed = [check.check_name for check in result.get_asset_check_evaluations() if not check.passed]
    assert failed == ["row_drop"]
    assert not [e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey("warehouse")]
    run = Store(house.data_dir / "curated").runs()[-1]
    assert run["outcome"] == "failed" and f"row_drop：{table}" in run["message"]
    assert not list((house.data_dir / "curated/builds").glob(".tmp-*"))
    monkeypatch.undo()
    monkeypatch.setenv("JIXIAO_SETTLE_SECONDS", "0")
    assert job().success
    assert house.query("SELECT count(*) FROM project") == [(4,)]


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        ("UPDATE project SET document_id = repeat('0', 64)", "form_has_document"),
        ("INSERT INTO indicator FROM indicator LIMIT 1", "indicator_key_is_unique"),
    ],
)
def test_a_broken_data_rule_keeps_the_old_warehouse(house, job, monkeypatch, spoil, rule):
    house.add("a.txt", 1)
    job()
    before = house.warehouse.resolve()
    plain = database.quarantine_copies
    monkeypatch.setattr(database, "quarantine_copies", lambda c: (c.execute(spoil), plain(c))[1])
    result = job(rebuild=True)
    failed = next(check for check in result.get_asset_check_evaluations() if check.check_name == "data_tests")
    assert not result.success and not failed.passed
    assert {r.data["rule"] for r in failed.metadata["examples"].value.records} >= {rule}
    assert house.warehouse.resolve() == before


def test_a_reader_that_loses_documents_is_stopped_unless_losses_are_accepted(house, job, monkeypatch):
    for number in range(3):
        house.add(f"{number}.txt", number)
    job()
    before = house.warehouse.resolve()
    cut_short = Answer("rejected", "TIMEOUT", "读取超过 20 秒，已中止。")
    monkeypatch.setattr("pipelines.reading.read_all", lambda tasks, *_: ((task, cut_short) for task in tasks))
    monkeypatch.setattr("pipelines.reading.READER_VERSION", "next")
    monkeypatch.setattr("pipelines.ingestion.READER_VERSION", "next")
    result = job()
    failed = {check.check_name for check in result.get_asset_check_evaluations() if not check.passed}
    assert failed == {"row_drop", "newly_rejected", "forms_left"}
    assert house.warehouse.resolve() == before
    assert job(raw_documents={"rebuild": False, "allow_removals": True}).success
    assert house.query("SELECT DISTINCT reason_code FROM document") == [("TIMEOUT",)]


def test_the_warehouse_alone_can_be_materialized(house, job):
    house.add("a.txt", 1)
    job()
    before = house.warehouse.resolve()
    assert job(assets=["warehouse"]).success
    assert house.warehouse.resolve() != before
    assert house.query("SELECT count(*) FROM v_indicator")[0][0] > 0


def test_a_year_is_read_again_from_the_page(house, job):
    house.add("440303/2023/a.txt", 1)
    house.add("440303/2024/b.txt", 2)
    job()
    result = job(extracted_forms={"documents": ["2023/a"], "force": True})
    assert metadata(result, "extracted_forms")["read"] == 1
    assert house.query("SELECT count(*) FROM project") == [(2,)]


def test_an_input_error_is_tried_again_but_a_missing_folder_is_not(house, job, monkeypatch):
    house.add("a.txt", 1)
    from warehouse.state import inventory

    plain, calls = inventory.scan, []

    def flaky(raw: Path):
        calls.append(raw)
        if len(calls) == 1:
            raise OSError(5, "Input/output error")
        return plain(raw)

    monkeypatch.setattr(inventory, "scan", flaky)
    monkeypatch.setattr("pipelines.resources.RETRY_SECONDS", 0.1)
    assert job().success
    assert len(calls) == 2
    for path in house.raw.iterdir():
        path.unlink()
    house.raw.rmdir()
    calls.clear()
    result = job()
    assert not result.success and not calls


def test_the_log_of_a_run_names_every_document_on_one_line(house, job):
    house.add("good\n1.txt", 1)
    (house.raw / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    job()
    [log] = (house.data_dir / "curated/logs").glob("run-*.jsonl")
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    read = {event["path"]: event for event in events if event["event"] == "read"}
    assert set(read) == {"good\n1.txt", "broken.pdf"}
    assert read["broken.pdf"]["level"] == "warning" and read["broken.pdf"]["code"]
    assert len(read["good\n1.txt"]["document_id"]) == 64


def test_every_table_view_and_column_carries_a_comment(house, job):
    house.add("a.txt", 1)
    job()
    assert house.query("SELECT table_name FROM duckdb_tables() WHERE comment IS NULL") == []
    assert house.query("SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL") == []
    assert (
        house.query("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL") == []
    )
    import pyarrow.parquet as pq

    schema = pq.read_schema(house.data_dir / "curated/parquet/project/project.parquet")
    assert schema.metadata[b"comment"].decode() == TABLES["project"].comment
    assert json.loads(schema.metadata[b"columns"])["form_id"] == TABLES["project"].column("form_id").comment
