"""A form shown: found by the beginning of its id, printed as aligned text with readings and places.

Here: the five real forms in tables in memory. Not here: the command and its pictures (tests/pipeline/test_pictures.py).
"""

import hashlib
import io
import json
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from rich.cells import cell_len
from rich.console import Console

from extractors.extract import extract
from pipelines.show import as_values, place_text, print_sheet
from pipelines.terminal import as_json
from warehouse import checks
from warehouse.build.database import insert
from warehouse.build.form_sheet import FormSheet, NotThere, PrintedPlace, ValueAddress, find_form, form_sheet
from warehouse.build.frames import frames_of
from warehouse.schema.tables import TABLES, duckdb_ddl

DATA = next(Path(__file__).parents[2].joinpath("data/raw/440303/2024").glob("*.txt")).read_bytes()
ID = hashlib.sha256(DATA).hexdigest()
FORM = f"{ID[:16]}-1"


@pytest.fixture(scope="module")
def seed() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in TABLES.values():
        for statement in duckdb_ddl(table):
            connection.execute(statement)
    frames, _ = frames_of([(ID, extract(DATA, region_code="440303", fiscal_year=2024))])
    for name, frame in frames.items():
        connection.register("frame", frame)
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM frame")
    document = {"document_id": ID, "path": "440303/2024/自评表.txt", "format": "text", "form_count": 5}
    twin = {"document_id": "ee" * 32, "path": "b.txt", "reason_code": "DUPLICATE", "reason": "与「a.txt」逐格相同。"}
    rest = {"byte_size": 1, "status": "loaded"}
    insert(connection, "document", [{**row, **rest, "paths": [row["path"]]} for row in (document, twin)])
    checks.fill_check_rule(connection)
    checks.find(connection, current_year=2026)
    corrected = {"correction_id": "c", "line": 1, "status": "applied", "form_id": FORM, "table_name": "indicator"}
    corrected |= {"row_no": 3, "column_name": "actual_text", "printed_text": "4个工作日", "printed_value": "4个工作日"}
    corrected |= {"value": "3个工作日", "reason": "来函", "who": "张三", "decided_on": "2026-03-01"}
    insert(connection, "correction", [corrected])
    return connection


@pytest.fixture(scope="module")
def sheet(seed: duckdb.DuckDBPyConnection) -> FormSheet:
    return form_sheet(seed, FORM)


def printed(sheet: FormSheet, indicator_no: int | None = None, width: int = 220) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False)
    print_sheet(console, sheet, indicator_no)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_why_names_the_rule_of_each_value(sheet: FormSheet) -> None:
    out = io.StringIO()
    print_sheet(Console(file=out, width=220, highlight=False, markup=False), sheet, why=True)
    text = out.getvalue()
    rules = text[text.index("规则 rules") :]
    assert "label_beside　标签右边的一格" in rules
    assert all(row["level3"] in rules for row in sheet.indicator if row["level3"])


def test_without_why_no_rules_are_printed(sheet: FormSheet) -> None:
    assert not any("规则 rules" in line for line in printed(sheet))


# --- which form


@pytest.mark.parametrize("wanted", [FORM, FORM.upper(), f" {FORM} "])
def test_a_form_is_found_by_its_id(seed: duckdb.DuckDBPyConnection, wanted: str) -> None:
    assert find_form(seed, wanted) == FORM


def test_a_beginning_that_fits_several_forms_names_them(seed: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotThere) as caught:
        find_form(seed, ID[:6])
    assert re.findall(rf"{ID[:16]}-\d", str(caught.value)) == [f"{ID[:16]}-{n}" for n in range(1, 6)]
    assert "党群服务中心运营管理维护经费" in str(caught.value)


@pytest.mark.parametrize("wanted", ["", "zz", f"{ID[:16]}-9", "%"])
def test_an_unknown_form_is_told(seed: duckdb.DuckDBPyConnection, wanted: str) -> None:
    with pytest.raises(NotThere, match="没有编号"):
        find_form(seed, wanted)


def test_the_form_of_a_copy_is_told_to_stand_elsewhere(seed: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotThere, match="逐格相同"):
        find_form(seed, f"{'ee' * 8}-1")


# --- which value


def test_a_reading_stands_for_the_text_it_comes_from() -> None:
    assert ValueAddress.named(3, None, "target_value").column == "target_text"
    assert ValueAddress.named(3, None, "met").column == "actual_text"
    assert ValueAddress.named(3, None, "target_midterm_text").column == "target_midterm_text"


@pytest.mark.parametrize(
    ("indicator", "source", "column"), [(1, "total", None), (1, None, "grade"), (None, None, "no")]
)
def test_a_value_that_cannot_be_is_wrong_use(indicator: int | None, source: str | None, column: str | None) -> None:
    with pytest.raises(ValueError, match=r"--source|没有"):
        ValueAddress.named(indicator, source, column)


def test_a_row_that_the_form_has_not_is_told_with_those_it_has(sheet: FormSheet) -> None:
    with pytest.raises(NotThere, match="共有 10 项"):
        ValueAddress.named(99, None, None).row_no(sheet)
    with pytest.raises(NotThere, match="total、fiscal、carryover、other"):
        ValueAddress.named(None, "upper", None).row_no(sheet)
    assert ValueAddress.named(None, "fiscal", None).row_no(sheet) == 2


# --- what is printed


def test_a_form_is_printed_with_values_readings_findings_and_corrections(sheet: FormSheet) -> None:
    text = "\n".join(printed(sheet))
    for words in (
        FORM, "440303/2024/自评表.txt", "党群服务中心运营管理维护经费", "171,150.17", "95.08%", "→ ≥336 天（时长）",
        "达到 108.93%", "第 16 行第 4 列", "SCR_NA_FULL_MARKS", "（填报问题）", "＊（原印 4个工作日）",
        "来函，张三，2026-03-01",
    ):  # fmt: skip
        assert words in text, words


def test_one_indicator_is_printed_alone_with_the_place_of_each_value(sheet: FormSheet) -> None:
    lines = printed(sheet, 1)
    text = "\n".join(lines)
    assert "全年中心开放天数" in text and "设施运维响应时间" not in text and "SCR_NA_FULL_MARKS" not in text
    assert re.search(r"年度指标值\s+≥336天\s+第 16 行第 5 列", text)


def test_columns_are_aligned_by_the_width_of_chinese_characters(sheet: FormSheet) -> None:
    lines = printed(sheet, 1)
    lines = "\n".join(lines).split("\n\n")[1].splitlines()
    starts = {
        cell_len(line[: line.index(value)])
        for line in lines
        for value in ("产出指标", "≥336天", "366天")
        if value in line
    }
    assert len(starts) == 1
    places = {cell_len(line[: line.index("第 16 行")]) for line in lines if "第 16 行" in line}
    assert len(places) == 1


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_narrow_terminal_loses_nothing(sheet: FormSheet, width: int) -> None:
    def letters(lines: list[str]) -> dict[str, int]:
        return Counter("".join(lines)) - Counter(dict.fromkeys(" ─", 10**6))

    assert letters(printed(sheet, width=width)) == letters(printed(sheet))


def test_what_steers_a_terminal_is_escaped(seed: duckdb.DuckDBPyConnection) -> None:
    shown = form_sheet(seed, FORM)
    shown.project["project_name"] = "坏\x1b[31m名\u202e称"
    shown.indicator[0]["actual_text"] = "3\x07天"
    text = "\n".join(printed(shown))
    assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text and "坏\\x1b[31m名\\u202e称" in text


def test_plain_values_hold_everything_for_programs(sheet: FormSheet) -> None:
    whole = json.loads(as_json(as_values(sheet)))
    assert (len(whole["indicator"]), len(whole["funding"]), whole["project"]["executed_yuan"]) == (10, 4, "171150.17")
    assert whole["finding"] and whole["correction"] and whole["document"]["path"].endswith("自评表.txt")
    one = json.loads(as_json(as_values(sheet, 1)))
    assert [row["indicator_no"] for row in one["indicator"]] == [1]
    assert {place["row_no"] for place in one["places"]} == {1}
    [target] = [place for place in one["places"] if place["column_name"] == "target_text"]
    assert (target["text"], target["locator"]) == ("≥336天", "16:5")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (PrintedPlace("x", 3, (72.4, 100.0, 200.0, 120.6), None), "第 3 页（72, 100, 200, 121）"),
        (PrintedPlace("x", None, None, "16:5"), "第 16 行第 5 列"),
        (PrintedPlace("x", None, None, "一季度!D12"), "工作表“一季度”单元格 D12"),
        (PrintedPlace("x", None, None, "a:b!D12"), "工作表“a:b”单元格 D12"),
        (PrintedPlace("x", None, None, "1/5/2"), "第 1 个表格第 5 行第 2 列"),
    ],
)
def test_a_place_is_told_in_words(place: PrintedPlace, told: str) -> None:
    assert place_text([place, place]) == told
