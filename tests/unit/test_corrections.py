"""Corrections: how the file may be wrong, and what an entry does to the tables.

Here: the five real forms in tables in memory. Not here: whole ingestions (tests/pipeline/test_people.py).
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_tables import put

from extractors.extract import extract
from warehouse import checks
from warehouse.build.copies import quarantine_copies
from warehouse.build.database import insert
from warehouse.build.frames import frames_of
from warehouse.corrections import CorrectionsError, apply, read_corrections
from warehouse.corrections.entries import CORRECTABLE, KEYS
from warehouse.schema.tables import TABLES, duckdb_ddl
from warehouse.views.declarations import VIEWS

DATA = next(Path(__file__).parents[2].joinpath("data/raw/440303/2024").glob("*.txt")).read_bytes()
COPY = DATA + b"\n"  # the same print in another file, later in the order of paths
ID, COPY_ID = (hashlib.sha256(data).hexdigest() for data in (DATA, COPY))
FORM = f"{ID[:16]}-1"


def filled() -> duckdb.DuckDBPyConnection:
    """The tables as a build fills them."""
    connection = duckdb.connect()
    for table in TABLES.values():
        for statement in duckdb_ddl(table):
            connection.execute(statement)
    read = [(id_, extract(data, region_code="440303", fiscal_year=2024)) for id_, data in ((ID, DATA), (COPY_ID, COPY))]
    frames, _ = frames_of(read)
    for name, frame in frames.items():
        connection.register("frame", frame)
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM frame")
    documents = [
        {"document_id": id_, "path": path, "paths": [path], "form_count": 5, "byte_size": 1, "status": "loaded"}
        for id_, path in ((ID, "a.txt"), (COPY_ID, "b.txt"))
    ]
    put(connection, "document", documents)
    assert quarantine_copies(connection) == 5
    return connection


@pytest.fixture(scope="module")
def seed() -> duckdb.DuckDBPyConnection:
    return filled()


@pytest.fixture
def tables(seed: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables, as they were before the test."""
    seed.begin()
    yield seed
    seed.rollback()


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "corrections.yml"
    path.write_text(text, encoding="utf-8")
    return path


def entry(**keys: Any) -> str:
    """One entry as it stands in the file; None leaves a key out."""
    plain = {"document": ID[:16], "form": 1, "reason": "单位来函", "who": "张三", "date": "2026-03-01"}
    lines = [f"{key}: {value}" for key, value in (plain | keys).items() if value is not None]
    return "- " + "\n  ".join(lines) + "\n"


EXECUTED = {"field": "project.executed_yuan", "expect": "171150.17", "value": "171151.17"}
DAYS = {"field": "indicator.actual_text", "indicator": 1, "expect": "366天", "value": "300天"}


def correct(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path, *entries: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Apply the entries and store what became of them; the rows of correction and of problem."""
    rows, problems = apply(tables, read_corrections(written(tmp_path, "".join(entries))))
    insert(tables, "correction", rows)
    insert(tables, "problem", problems)
    return rows, problems


def one(tables: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = tables.execute(query).fetchone()
    assert row is not None
    return row


# --- the file


def test_no_file_and_a_file_of_comments_hold_no_corrections(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "corrections.yml") == []
    assert read_corrections(written(tmp_path, "# nothing yet\n")) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"- document: [", "第 1 行第 14 列"),
        (b"- a: 1\n b: 2\n", "第 2 行第 2 列"),
        ("- reason: 更正".encode("gb18030"), "UTF-8"),
        (b"document: 1\n", "列表"),
        (b"- a: \x00\n", "YAML"),
        (b"- " + b"[" * 5000, "YAML"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "corrections.yml"
    path.write_bytes(content)
    with pytest.raises(CorrectionsError, match=told):
        read_corrections(path)


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorrectionsError, match="不是普通文件"):
        read_corrections(tmp_path)


def test_values_are_texts_as_written_and_never_numbers_dates_or_truths(tmp_path: Path) -> None:
    texts = ["0123", "1_000", "3.10", "yes", "2024-12-31", "440303241183115300024", "1e3", "12:30"]
    [*found] = read_corrections(written(tmp_path, "".join(entry(**EXECUTED | {"value": text}) for text in texts)))
    assert [correction.value for correction in found] == texts


@pytest.mark.parametrize("nothing", ["", "~", "null", '""'])
def test_an_empty_value_is_written_in_any_of_yamls_ways(tmp_path: Path, nothing: str) -> None:
    [found] = read_corrections(written(tmp_path, entry(**EXECUTED | {"value": nothing})))
    assert (found.value, found.faults) == (None, ())


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"who": None}, "缺少 who"),
        ({"who": "''"}, "缺少 who"),
        ({"expect": None}, "缺少 expect"),
        ({"document": "f8ce"}, "至少前 16 位"),
        ({"document": "自评表.pdf"}, "至少前 16 位"),
        ({"form": "一"}, "form“一”"),
        ({"date": "2026年3月1日"}, "不是日期"),
        ({"date": "2026-02-30"}, "不是日期"),
        ({"status": "aktiv"}, "active"),
        ({"valeu": "1"}, "没有“valeu”这个键"),
        ({"value": "[1, 2]"}, "应是一个值"),
        ({"value": "171150.17"}, "相同"),
        ({"field": "executed_yuan"}, "表.列"),
        ({"field": "project.executed"}, "没有“executed”这一列"),
        ({"field": "project.series_id"}, "decisions.csv"),
        ({"field": "project.money_unit"}, "各项金额"),
        ({"field": "indicator.met", "indicator": 1}, "读数会随之重算"),
        ({"field": "indicator.score"}, "缺少 indicator"),
        ({"field": "indicator.score", "indicator": "0"}, "从 1 起"),
        ({"indicator": 1}, "project 表不用 indicator"),
    ],
)
def test_an_entry_that_is_wrong_in_itself_says_how(tmp_path: Path, keys: dict[str, Any], told: str) -> None:
    [found] = read_corrections(written(tmp_path, entry(**EXECUTED | keys)))
    assert told in "".join(found.faults)


def test_an_entry_that_is_no_mapping_or_writes_a_key_twice_is_a_fault_with_its_line(tmp_path: Path) -> None:
    first, second = read_corrections(written(tmp_path, "- hello\n- form: 1\n  form: 2\n"))
    assert (first.line, second.line) == (1, 2)
    assert "键: 值" in first.faults[0] and "写了两次" in second.faults[0]


def test_what_can_be_corrected_is_what_is_printed() -> None:
    assert not {"met", "target_value", "attainment_pct", "indicator_no"} & CORRECTABLE["indicator"].keys()
    assert {"target_text", "actual_text", "score", "weight", "level3"} <= CORRECTABLE["indicator"].keys()
    assert {"executed_yuan", "project_code", "total_score", "fiscal_year"} <= CORRECTABLE["project"].keys()
    assert "source" not in CORRECTABLE["funding"] and set(CORRECTABLE["attribute"]) == {"section", "label", "value"}


# --- the tables


def test_a_correction_replaces_the_value_and_keeps_the_printed_one_beside_it(tables: Any, tmp_path: Path) -> None:
    rows, problems = correct(tables, tmp_path, entry(**DAYS))
    assert problems == []
    [row] = rows
    assert (row["status"], row["printed_text"], row["printed_value"], row["value"]) == (
        "applied", "366天", "366天", "300天",
    )  # fmt: skip
    assert one(tables, f"SELECT actual_text FROM indicator WHERE indicator_id = '{FORM}-1'") == ("300天",)
    printed = f"SELECT text FROM provenance WHERE form_id = '{FORM}' AND row_no = 1 AND column_name = 'actual_text'"
    assert one(tables, printed) == ("366天",)


def test_the_readings_of_a_corrected_text_are_made_anew_and_no_others(tables: Any, tmp_path: Path) -> None:
    before = tables.execute("SELECT * FROM indicator ORDER BY ALL").fetchall()
    correct(tables, tmp_path, entry(**DAYS))
    query = f"SELECT actual_value, actual_unit, met, attainment_pct FROM indicator WHERE indicator_id = '{FORM}-1'"
    value, unit, met, attainment = one(tables, query)
    assert (float(value), unit, met, float(attainment)) == (300, "天", False, 89.29)
    after = tables.execute("SELECT * FROM indicator ORDER BY ALL").fetchall()
    assert len(set(before) - set(after)) == 1


def test_a_corrected_year_dates_the_months_of_all_indicators_of_the_form(tables: Any, tmp_path: Path) -> None:
    query = f"SELECT count(*) FROM indicator WHERE form_id = '{ID[:16]}-5' AND year(target_date) = 2023"
    assert one(tables, query) == (0,)
    correct(tables, tmp_path, entry(form=5, field="project.fiscal_year", expect="2024", value="2023"))
    assert one(tables, query) == (2,)


def test_reading_again_what_was_not_corrected_changes_nothing(tables: Any, tmp_path: Path) -> None:
    before = tables.execute("SELECT * FROM indicator ORDER BY ALL").fetchall()
    forms = [entry(form=n, field="project.fiscal_year", expect="2024", value="2030") for n in range(1, 6)]
    back = [entry(form=n, field="project.fiscal_year", expect="2030", value="2024") for n in range(1, 6)]
    correct(tables, tmp_path, *forms)
    assert tables.execute("SELECT * FROM indicator ORDER BY ALL").fetchall() != before
    correct(tables, tmp_path, *back)
    assert tables.execute("SELECT * FROM indicator ORDER BY ALL").fetchall() == before


@pytest.mark.parametrize(
    "keys", [EXECUTED, EXECUTED | {"field": "funding.executed_yuan", "source": "total"}], ids=["project", "funding"]
)
def test_a_total_printed_once_is_corrected_in_both_tables(tables: Any, tmp_path: Path, keys: dict[str, str]) -> None:
    rows, _ = correct(tables, tmp_path, entry(**keys))
    assert {row["table_name"] for row in rows} == {"project", "funding"}
    query = (
        "SELECT p.executed_yuan::VARCHAR, f.executed_yuan::VARCHAR FROM project AS p JOIN funding AS f USING (form_id) "
        f"WHERE form_id = '{FORM}' AND source = 'total'"
    )
    assert one(tables, query) == ("171151.17", "171151.17")


def test_the_other_sources_of_money_are_left_alone(tables: Any, tmp_path: Path) -> None:
    keys = EXECUTED | {"field": "funding.executed_yuan", "source": "fiscal"}
    [row], _ = correct(tables, tmp_path, entry(**keys))
    assert (row["status"], row["row_no"], row["printed_text"]) == ("applied", 2, "171150.17")
    assert one(tables, f"SELECT executed_yuan::VARCHAR FROM project WHERE form_id = '{FORM}'") == ("171150.17",)


def test_a_number_is_expected_as_a_number_and_a_text_to_the_letter(tables: Any, tmp_path: Path) -> None:
    rows, _ = correct(
        tables,
        tmp_path,
        entry(**EXECUTED | {"expect": "171150.170", "value": "1"}),
        entry(**DAYS | {"expect": "366 天"}),
    )
    assert [row["status"] for row in rows] == ["applied", "applied", "expired"]


def test_a_value_may_be_corrected_to_nothing_and_from_nothing(tables: Any, tmp_path: Path) -> None:
    empty = entry(field="project.grade", expect="", value="优")
    rows, _ = correct(tables, tmp_path, entry(**DAYS | {"value": ""}), empty)
    assert [row["status"] for row in rows] == ["applied", "applied"]
    query = f"SELECT actual_text, actual_kind, met FROM indicator WHERE indicator_id = '{FORM}-1'"
    assert one(tables, query) == (None, "empty", None)
    assert one(tables, f"SELECT grade FROM project WHERE form_id = '{FORM}'") == ("优",)


def test_an_entry_whose_expected_value_is_gone_is_expired_and_told(tables: Any, tmp_path: Path) -> None:
    before = tables.execute("SELECT * FROM indicator ORDER BY ALL").fetchall()
    [row], [problem] = correct(tables, tmp_path, entry(**DAYS | {"expect": "365天"}))
    assert (row["status"], row["printed_value"], row["expected_value"]) == ("expired", "366天", "365天")
    assert (problem["code"], problem["locator"], problem["text"]) == (
        "CORRECTION_EXPIRED", "1:1", "indicator.1.actual_text",
    )  # fmt: skip
    assert "365天" in problem["message"] and "366天" in problem["message"]
    assert tables.execute("SELECT * FROM indicator ORDER BY ALL").fetchall() == before


def test_an_expired_entry_whose_new_value_is_printed_by_now_is_not_needed(tables: Any, tmp_path: Path) -> None:
    [row], _ = correct(tables, tmp_path, entry(**DAYS | {"expect": "365天", "value": "366天"}))
    assert row["status"] == "expired" and "不再需要" in row["message"]


def test_a_withdrawn_entry_does_nothing_and_is_no_problem(tables: Any, tmp_path: Path) -> None:
    [row], problems = correct(tables, tmp_path, entry(**DAYS, status="withdrawn"))
    assert (row["status"], problems) == ("withdrawn", [])
    assert one(tables, f"SELECT actual_text FROM indicator WHERE indicator_id = '{FORM}-1'") == ("366天",)


@pytest.mark.parametrize(
    ("keys", "status", "told"),
    [
        (DAYS | {"document": "0" * 16}, "unmatched", "原始文件夹中没有"),
        (DAYS | {"form": 6}, "unmatched", "没有第 6 张表"),
        (DAYS | {"indicator": 99}, "unmatched", "没有“99”这一行"),
        (EXECUTED | {"field": "funding.executed_yuan", "source": "upper"}, "unmatched", "没有“upper”这一行"),
        (EXECUTED | {"value": "十七万"}, "invalid", "全年执行数"),
        (EXECUTED | {"expect": "十七万"}, "invalid", "expect"),
        (EXECUTED | {"value": "1.001"}, "invalid", "小数不超过 2 位"),
        ({"field": "project.form_kind", "expect": "self_evaluation", "value": "other"}, "invalid", "之一"),
    ],
)
def test_an_entry_that_does_not_fit_the_tables_is_told_and_the_others_are_applied(
    tables: Any, tmp_path: Path, keys: dict[str, Any], status: str, told: str
) -> None:
    rows, [problem] = correct(tables, tmp_path, entry(**keys), entry(**DAYS))
    assert [row["status"] for row in rows] == [status, "applied"]
    assert told in problem["message"] and problem["severity"] == "warning"


def test_of_entries_that_contradict_each_other_none_is_applied(tables: Any, tmp_path: Path) -> None:
    total = EXECUTED | {"field": "funding.executed_yuan", "source": "total", "value": "2"}
    rows, problems = correct(tables, tmp_path, entry(**EXECUTED), entry(**total), entry(**DAYS))
    assert [row["status"] for row in rows if row["table_name"] != "indicator"] == ["invalid"] * 4
    assert rows[-1]["status"] == "applied"
    assert len(problems) == 2 and "第 1、9 行" in problems[0]["message"]


def test_the_same_entry_twice_is_applied_once_and_keeps_ids_apart(tables: Any, tmp_path: Path) -> None:
    rows, problems = correct(tables, tmp_path, entry(**EXECUTED), entry(**EXECUTED))
    assert ([row["status"] for row in rows], problems) == (["applied"] * 4, [])
    assert len({row["correction_id"] for row in rows}) == 4


def test_a_correction_of_a_copy_reaches_the_form_that_stands_for_it(tables: Any, tmp_path: Path) -> None:
    [row], _ = correct(tables, tmp_path, entry(**DAYS, document=COPY_ID))
    assert (row["status"], row["form_id"], row["document_id"]) == ("applied", FORM, COPY_ID)


def test_an_attribute_is_found_by_its_number(tables: Any, tmp_path: Path) -> None:
    for number, value in enumerate(("李四", "王五"), start=1):
        row = {"form_id": FORM, "attribute_no": number, "label": "联系人", "value": value}
        put(tables, "attribute", [row])
    [row], _ = correct(tables, tmp_path, entry(field="attribute.value", attribute=2, expect="王五", value="赵六"))
    assert (row["status"], row["row_no"]) == ("applied", 2)
    assert tables.execute("SELECT value FROM attribute ORDER BY attribute_no").fetchall() == [("李四",), ("赵六",)]


def test_findings_are_made_of_corrected_values_and_say_so(tmp_path: Path) -> None:
    tables = filled()  # the checks make a transaction of their own
    correct(
        tables, tmp_path, entry(**DAYS), entry(form=2, field="project.execution_rate_pct", expect="79.58", value="9")
    )
    checks.fill_check_rule(tables)
    checks.find(tables, current_year=2026)
    missed = "SELECT corrected, message, verdict FROM finding WHERE check_code = 'SCR_MISSED_BUT_FULL'"
    corrected, message, verdict = one(tables, missed)
    assert corrected and "300天" in message and message.endswith("（本表有更正过的值）")
    assert verdict is None, "what a correction brings to light is not the filer's doing"
    rate = one(
        tables, f"SELECT printed FROM finding WHERE check_code = 'FUND_RATE_MISMATCH' AND form_id LIKE '{ID[:16]}-2'"
    )
    assert rate == ("9",), "the corrected rate, not the printed one"
    by_form = dict(tables.execute("SELECT form_id, bool_or(corrected) FROM finding GROUP BY ALL").fetchall())
    assert [by_form[f"{ID[:16]}-{n}"] for n in range(1, 6)] == [True, True, False, False, False]
    others = f"SELECT bool_or(corrected) FROM finding WHERE form_id = '{FORM}' AND indicator_no <> 1"
    assert one(tables, others) == (False,)


# --- the documentation


PAGE = Path(__file__).parents[2].joinpath("docs/corrections.md").read_text("utf-8")


def test_the_documented_example_does_what_the_page_says(tables: Any, tmp_path: Path) -> None:
    example = PAGE.split("```yaml\n")[1].split("```")[0]
    rows, problems = correct(tables, tmp_path, example)
    assert problems == []
    assert [row["status"] for row in rows] == ["applied", "applied", "applied", "withdrawn"]
    tables.execute(f"CREATE VIEW v_correction AS {VIEWS['v_correction'].query}")
    query = PAGE.split("```sql\n")[1].split("```")[0]
    assert len(tables.execute(query).fetchall()) == 3


def test_the_page_names_every_key_and_status() -> None:
    for word in (*KEYS, *TABLES["correction"].column("status").allowed):
        assert PAGE.count(f"`{word}`") or f"  {word}: " in PAGE, word
