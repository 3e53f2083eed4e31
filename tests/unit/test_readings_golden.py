"""Readings against hand-checked tables: the seed forms, the ways of writing values, and pairs of target and actual.

Here: tests/golden/readings/*.csv row by row. Not here: what must hold for every text (test_readings_properties.py).
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from extractors.readings import Reading, compare, read_pair, read_value
from extractors.readings.read import MAX_LENGTH

GOLDEN = Path(__file__).parents[1] / "golden" / "readings"
BOOL = {"true": True, "false": False, "": None}


def rows(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def printed(reading: Reading) -> tuple[object, ...]:
    return (
        reading.kind,
        reading.operator,
        reading.value,
        reading.value_high,
        reading.unit,
        str(reading.date) if reading.date else None,
    )


def expected(row: dict[str, str], prefix: str = "") -> tuple[object, ...]:
    return (
        row[prefix + "kind"],
        row[prefix + "operator"] or None,
        number(row[prefix + "value"]),
        number(row[prefix + "value_high"]),
        row[prefix + "unit"] or None,
        row[prefix + "date"] or None,
    )


@pytest.mark.parametrize("row", rows("seed_rows.csv"), ids=lambda row: f"form{row['form']}-{row['level3'][:12]}")
def test_every_row_of_the_seed_reads_and_compares_as_checked_by_hand(row: dict[str, str]) -> None:
    target, actual, comparison = read_pair(
        row["target_text"], row["actual_text"], fiscal_year=2024, level2=row["level2"], name=row["level3"]
    )
    assert printed(target) == expected(row, "target_")
    assert printed(actual) == expected(row, "actual_")
    assert comparison.met is BOOL[row["met"]]
    assert comparison.attainment_pct == number(row["attainment_pct"])
    assert comparison.deviation_pct == number(row["deviation_pct"])
    assert comparison.basis == row["compare_basis"]


def test_the_seed_table_is_complete() -> None:
    assert len(rows("seed_rows.csv")) == 64


@pytest.mark.parametrize("row", rows("ways_of_writing.csv"), ids=lambda row: f"{row['role']}-{row['text']}")
def test_a_way_of_writing_is_read_as_given_or_left_as_text(row: dict[str, str]) -> None:
    reading = read_value(row["text"], role=row["role"], fiscal_year=2024, level2=row["level2"], name=row["level3"])
    if row["unread"]:
        assert printed(reading) == ("text", None, None, None, None, None)
    else:
        assert printed(reading) == expected(row)


def test_at_least_95_percent_of_the_ways_of_writing_are_read() -> None:
    table = rows("ways_of_writing.csv")
    assert sum(not row["unread"] for row in table) >= 0.95 * len(table)


@pytest.mark.parametrize("row", rows("further_strings.csv"), ids=lambda row: row["text"])
def test_a_further_string_reads_as_decided(row: dict[str, str]) -> None:
    reading = read_value(row["text"], role="target", fiscal_year=2024)
    assert printed(reading) == expected(row)
    assert (str(reading.date_start) if reading.date_start else "") == row["date_start"]
    assert reading.approximate == bool(row["approximate"])


@pytest.mark.parametrize("row", rows("pairs.csv"), ids=lambda row: f"{row['target_text']} and {row['actual_text']}")
def test_a_pair_compares_as_decided(row: dict[str, str]) -> None:
    comparison = read_pair(
        row["target_text"],
        row["actual_text"],
        fiscal_year=2024,
        level2=row["level2"],
        name=row["level3"],
        unit_text=row["unit_text"],
    )[2]
    assert comparison.met is BOOL[row["met"]]
    assert comparison.attainment_pct == number(row["attainment_pct"])
    assert comparison.deviation_pct == number(row["deviation_pct"])
    assert comparison.basis == row["compare_basis"]


DECIDED = {
    "numeric",
    "actual_is_approximate",
    "target_is_approximate",
    "actual_is_range",
    "actual_is_inequality",
    "date",
    "period_equality",
    "grade_rank_self_declared",
}
UNDECIDED = {
    "missing",
    "not_applicable",
    "compound",
    "text",
    "text_identical",
    "kind_differs",
    "grade_scale_differs",
    "unit_ambiguous",
    "unit_incompatible",
}
NOTES = {
    "bare_target",
    "bare_down",
    "bare_unknown",
    "range_exceeded",
    "calendar_and_working_days",
    "ratio_from_decimal",
    "unit_from_column",
    "unit_from_name",
    "unit_assumed_from_target",
    "unit_assumed_from_actual",
}


def test_every_basis_has_pairs_that_are_met_missed_and_left_open() -> None:
    seen: dict[str, set[str]] = {}
    for row in rows("pairs.csv"):
        for part in row["compare_basis"].split(":"):
            seen.setdefault(part, set()).add(row["met"])
    assert seen.keys() == DECIDED | UNDECIDED | NOTES
    assert {basis: seen[basis] for basis in DECIDED} == {basis: {"true", "false", ""} for basis in DECIDED}
    assert {basis: seen[basis] for basis in UNDECIDED} == {basis: {""} for basis in UNDECIDED}
    source = Path(compare.__file__).read_text("utf-8")
    for part in (DECIDED | UNDECIDED | NOTES) - {"bare_target"}:
        stem = part.removesuffix("_column").removesuffix("_name").partition("_is_")[0]
        assert stem in source or part in source, part


def test_periods_of_which_one_has_no_year_say_nothing() -> None:
    for target, actual in (
        ("3月-6月", "3月-6月"),
        ("2024年3月-2024年6月", "3月-6月"),
        ("3月-6月", "2024年3月-2024年6月"),
    ):
        comparison = read_pair(target, actual)[2]
        assert (comparison.met, comparison.attainment_pct, comparison.basis) == (None, None, "period")


def test_an_overlong_text_is_compared_letter_by_letter_and_a_shorter_one_folded() -> None:
    for length, basis in ((20, "text_identical"), (400, "text_identical"), (10 * MAX_LENGTH + 1, "text")):
        wide, narrow = "按期完成，" * (length // 5 + 1), "按期完成," * (length // 5 + 1)
        assert read_pair(wide[:length], narrow[:length])[2].basis == basis
        assert read_pair(wide[:length], wide[:length])[2].basis == "text_identical"
        assert read_pair(wide[:length], narrow[:length] + "项")[2].basis == "text"
    short = "按期完成"
    assert read_pair(short, "优" * (10 * MAX_LENGTH + 1))[2].met is None


def test_a_deviation_of_nothing_has_no_sign() -> None:
    deviation = read_pair("≥10000次", "9999.9999次")[2].deviation_pct
    assert str(deviation) == "0.00"


def test_a_month_without_any_year_is_a_date_without_a_day() -> None:
    for text, kind in (("6月底前", "date"), ("3月-6月（4个月）", "period"), ("全年", "period")):
        reading = read_value(text, role="target")
        assert (reading.kind, reading.date, reading.date_start) == (kind, None, None)


def test_a_score_is_no_money() -> None:
    for text in ("85分", "99.55分", "≥90分", "60分-80分"):
        assert read_value(text, role="actual", level2="成本指标").kind == "quantity"


def test_a_bare_ten_thousand_is_money_only_where_the_row_is_about_money() -> None:
    assert read_value("84万", role="actual", level2="成本指标").unit == "元"
    assert read_value("84万", role="actual", level2="经济效益指标", name="新增产值").unit == "元"
    counted = read_value("84万", role="actual", level2="数量指标", name="服务人数")
    assert (counted.kind, counted.value, counted.unit) == ("quantity", 840_000, None)


def test_the_unit_column_supplies_a_unit_and_its_multiplier() -> None:
    reading = read_value("68", role="actual", level2="数量指标", name="扫描页数", unit_text="万页")
    assert (reading.value, reading.unit, reading.unit_source) == (680_000, "页", "column")
    own = read_value("68万页", role="actual", unit_text="万页")
    assert (own.value, own.unit, own.unit_source) == (680_000, "页", "printed")


@pytest.mark.parametrize(
    ("text", "column", "value", "unit"),
    [
        ("≥12月", "月", "12", "月"),
        ("12", "月", "12", "月"),
        ("12", "台（套）", "12", "台(套)"),
        ("12", "人民币万元", "120000", "元"),
        ("12", "%（百分比）", "12", "%"),
        ("12", "公里道路", "12", "公里道路"),
        ("1.2万", "元", "12000", "元"),
        ("12", "定性", "12", None),
        ("12", "天（次）", "12", None),
        ("2024", "年", None, None),
    ],
)
def test_a_unit_column_is_taken_at_its_word(text: str, column: str, value: str | None, unit: str | None) -> None:
    reading = read_value(text, role="target", level2="时效指标", fiscal_year=2024, unit_text=column)
    assert (reading.value, reading.unit) == (number(value or ""), unit)


@pytest.mark.parametrize(
    ("text", "level2", "kind"),
    [
        ("12.31", "时效指标", "text"),
        ("2-3", "时效指标", "text"),
        ("202412", "时效指标", "text"),
        ("2024", "时效指标", "text"),
        ("2024.12", "数量指标", "text"),
        ("2021-2023", "数量指标", "text"),
        ("20241231", "时效指标", "date"),
        ("20241231", "成本指标", "quantity"),
        ("2024", "数量指标", "quantity"),
        ("13800138000", "成本指标", "quantity"),
    ],
)
def test_what_may_be_a_day_or_a_code_is_a_number_only_where_the_row_says_so(text: str, level2: str, kind: str) -> None:
    assert read_value(text, role="target", fiscal_year=2024, level2=level2).kind == kind


def test_a_header_in_ten_thousands_that_the_amounts_contradict_is_not_put_on_them() -> None:
    _, actual, comparison = read_pair("≤5万元", "48000", level2="成本指标", name="总成本（万元）")
    assert (actual.value, actual.unit, comparison.basis) == (48000, None, "unit_ambiguous")


def test_a_plan_is_no_result() -> None:
    assert read_value("预计12月底前完成", role="target", fiscal_year=2024).kind == "date"
    assert read_value("预计12月底前完成", role="actual", fiscal_year=2024).kind == "text"


def test_a_year_and_month_is_a_number_under_another_level_than_timeliness() -> None:
    assert read_value("2023.12", role="target", level2="时效指标").kind == "date"
    assert read_value("2023.12", role="target", level2="成本指标").value == Decimal("2023.12")


def test_none_under_complaints_is_not_not_applicable() -> None:
    assert read_value("无", role="actual", name="有效投诉次数").kind == "text"
    assert read_value("无", role="actual").kind == "not_applicable"
    assert read_value("非面向社会公众项目，此项指标默认得满分。", role="actual").reason == "default_full"


@pytest.mark.parametrize(
    ("target", "actual", "unit", "value", "met"),
    [("≤0.9‰", "0.3", "‰", "0.03", True), ("≤0.9", "1.3", "‰", "0.13", False), ("≥70%", "0.73", "%", "0.73", True)],
)
def test_a_number_below_one_under_a_column_of_per_mille_is_in_it(
    target: str, actual: str, unit: str, value: str, met: bool
) -> None:
    _, reading, comparison = read_pair(target, actual, fiscal_year=2024, name="森林火灾受害率", unit_text=unit)
    assert (reading.value, comparison.met) == (Decimal(value), met)
