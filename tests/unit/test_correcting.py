"""Correcting a value from the command line or a page: which value is meant, how it is written, what is refused.

Here: the entry that is added. Not here: what the tables make of it (test_corrections).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from extractors.errors import CannotRun
from warehouse.build.form_sheet import FormSheet
from warehouse.corrections import read_corrections
from warehouse.corrections.entries import CORRECTABLE
from warehouse.corrections.writing import correct, doubt, named_value, typed, withdraw
from warehouse.schema.tables import TABLES
from warehouse.state.people_files import changes


def row(table: str, **values: Any) -> dict[str, Any]:
    return dict.fromkeys(TABLES[table].column_names) | values


def sheet() -> FormSheet:
    """A form with one source of money and two indicators."""
    return FormSheet(
        "a" * 16 + "-2",
        row("project", form_no=2, executed_yuan="100.00", project_name="河道保洁"),
        {"document_id": "a" * 64},
        {},
        funding=[row("funding", funding_no=1, source="fiscal", label="其中：财政拨款", executed_yuan="90.00")],
        indicator=[row("indicator", indicator_no=n, actual_text=f"{n}次") for n in (1, 2)],
        attribute=[],
        finding=[],
        correction=[],
        problem=[],
    )


@pytest.mark.parametrize(
    ("field", "at"),
    [
        ("executed_yuan", ("project", 1, "executed_yuan")),
        ("project.executed_yuan", ("project", 1, "executed_yuan")),
        (CORRECTABLE["project"]["executed_yuan"].label_zh, ("project", 1, "executed_yuan")),
        ("2.actual_text", ("indicator", 2, "actual_text")),
        ("indicator.2.actual_text", ("indicator", 2, "actual_text")),
        (f"2.{CORRECTABLE['indicator']['actual_text'].label_zh}", ("indicator", 2, "actual_text")),
        ("fiscal.executed_yuan", ("funding", 1, "executed_yuan")),
        ("其中：财政拨款.executed_yuan", ("funding", 1, "executed_yuan")),
    ],
)
def test_a_field_is_named_as_show_prints_it(field: str, at: tuple[str, int, str]) -> None:
    assert named_value(sheet(), field) == at


@pytest.mark.parametrize("field", ["", "没有这一栏", "met", "2.met", "city.executed_yuan"])
def test_what_is_no_field_is_told(field: str) -> None:
    with pytest.raises(CannotRun):
        named_value(sheet(), field)


def test_an_entry_is_added_behind_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "corrections.yml"
    own = "# 手写\n- document: " + "b" * 16 + "\n  form: 1\n  field: project.grade\n  expect: 优\n  value: 良\n"
    own += '  reason: x\n  who: 李\n  date: "2026-01-02"'
    path.write_text(own, "utf-8")
    old, new = correct(tmp_path, sheet(), ("project", 1, "executed_yuan"), "2,972,728.00 元", why="漏看", who="王")
    assert (old, new) == ("100.00", "2972728.00")
    assert path.read_text("utf-8").startswith(own)
    first, second = read_corrections(path)
    assert first.who == "李" and not second.faults
    assert (second.document, second.form_no, second.expect, second.value) == ("a" * 16, 2, "100.00", "2972728.00")
    correct(tmp_path, sheet(), ("indicator", 2, "actual_text"), '3次": - x\n#', why="看错", who="王")
    assert read_corrections(path)[-1].row == "2" and read_corrections(path)[-1].value == '3次": - x\n#'
    assert [entry["who"] for entry in changes(tmp_path)] == ["王", "王"]


def test_a_second_correction_of_a_value_withdraws_the_first_and_the_printed_value_withdraws_it_too(
    tmp_path: Path,
) -> None:
    at = ("project", 1, "executed_yuan")
    path = tmp_path / "corrections.yml"
    correct(tmp_path, sheet(), at, "200 元", why="漏看", who="王")
    correct(tmp_path, sheet(), ("indicator", 2, "actual_text"), "9次", why="看错", who="王")
    correct(tmp_path, sheet(), at, "300 元", why="又看", who="李")
    entries = read_corrections(path)
    assert [(e.value, e.status) for e in entries] == [("200.00", "withdrawn"), ("9次", "active"), ("300.00", "active")]
    assert {e.expect for e in entries if e.column == "executed_yuan"} == {"100.00"} and not any(
        e.faults for e in entries
    )
    correct(tmp_path, sheet(), at, "100.00 元", why="原来没错", who="李")
    entries = read_corrections(path)
    assert [e.status for e in entries] == ["withdrawn", "active", "withdrawn"]
    with pytest.raises(CannotRun, match="现在就是这个值"):
        correct(tmp_path, sheet(), at, "100.00 元", why="x", who="李")


def test_a_correction_is_withdrawn_alone_and_by_someone(tmp_path: Path) -> None:
    at, other = ("project", 1, "executed_yuan"), ("indicator", 2, "actual_text")
    correct(tmp_path, sheet(), at, "200 元", why="漏看", who="王")
    correct(tmp_path, sheet(), other, "9次", why="看错", who="王")
    with pytest.raises(CannotRun, match="谁撤回"):
        withdraw(tmp_path, sheet(), at, who=" ")
    assert withdraw(tmp_path, sheet(), at, who="李") == "100.00"
    assert [e.status for e in read_corrections(tmp_path / "corrections.yml")] == ["withdrawn", "active"]
    for again in (at, ("indicator", 9, "actual_text")):
        with pytest.raises(CannotRun, match="没有可撤回"):
            withdraw(tmp_path, sheet(), again, who="李")
    assert changes(tmp_path)[-1]["who"] == "李"


@pytest.mark.parametrize(("text", "value"), [("1,234.5", "1234.5"), ("９５%", "95"), ("", None)])
def test_a_number_is_written_without_thousands(text: str, value: str | None) -> None:
    assert typed("DECIMAL(18,2)", text) == value


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e30", "甲"])
def test_what_no_column_holds_is_no_number(text: str) -> None:
    assert typed("VARCHAR", text) == text
    with pytest.raises(CannotRun, match="不是数"):
        typed("DECIMAL(18,2)", text)


@pytest.mark.parametrize(("value", "told"), [("-0.01", True), ("0.00", False), ("12.00", False), (None, False)])
def test_a_negative_amount_is_to_be_looked_at_again(value: str | None, told: bool) -> None:
    assert bool(doubt(("funding", 1, "executed_yuan"), value)) is told
    assert doubt(("indicator", 1, "score"), value) == "", "points may be taken off"


def test_a_correction_with_a_status_of_its_own_is_withdrawn_in_its_place(tmp_path: Path) -> None:
    at = ("project", 1, "executed_yuan")
    path = tmp_path / "corrections.yml"
    correct(tmp_path, sheet(), at, "200 元", why="漏看", who="王")
    path.write_text(path.read_text("utf-8") + "  status: active\n# 手写的一行\n", "utf-8")
    correct(tmp_path, sheet(), at, "300 元", why="又看", who="李")
    assert [(e.value, e.status) for e in read_corrections(path)] == [("200.00", "withdrawn"), ("300.00", "active")]
    assert "# 手写的一行" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("at", "value", "why", "who"),
    [
        (("project", 1, "executed_yuan"), "100.00", "x", "王"),
        (("project", 1, "executed_yuan"), "一百", "x", "王"),
        (("project", 1, "executed_yuan"), "1", " ", "王"),
        (("project", 1, "executed_yuan"), "1", "x", ""),
        (("indicator", 9, "actual_text"), "1", "x", "王"),
        (("project", 1, "form_id"), "1", "x", "王"),
    ],
)
def test_what_is_no_correction_is_refused(tmp_path: Path, at: Any, value: str, why: str, who: str) -> None:
    with pytest.raises(CannotRun):
        correct(tmp_path, sheet(), at, value, why=why, who=who)
    assert not (tmp_path / "corrections.yml").exists()


def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "corrections.yml"
    path.write_text("a: [", "utf-8")
    with pytest.raises(Exception, match="YAML"):
        correct(tmp_path, sheet(), ("project", 1, "executed_yuan"), "1", why="x", who="王")
    assert path.read_text("utf-8") == "a: ["


@pytest.mark.parametrize(
    ("of_form", "value", "written"),
    [
        ("万元", "700", "7000000.00"),
        ("万元", "7,000,000元", "7000000.00"),
        ("万元", "7百万元", "7000000.00"),
        ("元", "700万元", "7000000.00"),
        ("元", "7,000,000.00", "7000000.00"),
        (None, "7000000", "7000000.00"),
        ("万元", "（700）", "-7000000.00"),
    ],
)
def test_an_amount_is_in_the_unit_of_the_form_or_in_its_own(
    tmp_path: Path, of_form: str | None, value: str, written: str
) -> None:
    form = sheet()
    form.project["money_unit"], form.project["executed_yuan"] = of_form, "6730000.00"
    at = ("project", 1, "executed_yuan")
    assert correct(tmp_path, form, at, value, why="漏看", who="王") == ("6730000.00", written)
    assert read_corrections(tmp_path / "corrections.yml")[0].value == written


@pytest.mark.parametrize("value", ["7000000", "6,800,000.00", "七百", "700吨"])
def test_an_amount_that_looks_like_another_unit_or_is_none_is_asked_back(tmp_path: Path, value: str) -> None:
    form = sheet()
    form.project["money_unit"], form.project["executed_yuan"] = "万元", "6730000.00"
    with pytest.raises(CannotRun):
        correct(tmp_path, form, ("project", 1, "executed_yuan"), value, why="漏看", who="王")
    assert not (tmp_path / "corrections.yml").exists()
