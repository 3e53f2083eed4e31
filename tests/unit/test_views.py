"""The declared views: against what DuckDB makes of them, and what they must not get wrong.

Here: declarations, comments, counting, merging, comparing over small tables. Not here: the cookbook (tests/cookbook).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_tables import put

from warehouse.build.database import create_views
from warehouse.schema.tables import TABLES, duckdb_ddl
from warehouse.views import declarations
from warehouse.views.declarations import ORDER, VIEWS, View, read_view

FOLDER = Path(declarations.__file__).parent
EVERY_VIEW = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)


class Tables:
    """Empty tables and the views on them; rows are added by what a test says of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.forms = 0

    def form(self, indicators: list[dict[str, Any]] | None = None, **values: Any) -> str:
        """A self-evaluation in a document of its own; returns its id."""
        self.forms += 1
        document_id = f"{self.forms:064x}"
        form_id = f"{document_id[:16]}-{self.forms}"
        path = values.pop("path", f"{self.forms:03}.txt")
        put(self.connection, "document", [{"document_id": document_id, "path": path, "status": "loaded"}])
        row = {"form_kind": "self_evaluation", "fiscal_year": 2024, "region_code": "440399", "project_name": "河道保洁"}
        row |= {"unit_name": "某区水务局", "form_id": form_id, "document_id": document_id, "form_no": 1, **values}
        row.setdefault("series_id", f"s-{row['project_name']}")
        put(self.connection, "project", [row])
        for number, indicator in enumerate(indicators or [], start=1):
            own = {"indicator_id": f"{form_id}-{number}", "form_id": form_id, "indicator_no": number}
            put(self.connection, "indicator", [{"level1": "产出指标", "level2": "数量指标", **own, **indicator}])
        return form_id

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Work the stored views out anew and ask."""
        for name in ("v_form", "v_indicator_pair", "v_unit_year", "v_department_year", "v_score_distribution"):
            self.connection.execute(f"DELETE FROM {name}")
            self.connection.execute(f"INSERT INTO {name} {VIEWS[name].query}")
        return self.connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def empty() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for table in TABLES.values():
            for statement in duckdb_ddl(table):
                connection.execute(statement)
        create_views(connection)
        yield connection


@pytest.fixture
def tables(empty: duckdb.DuckDBPyConnection) -> Iterator[Tables]:
    empty.begin()
    yield Tables(empty)
    empty.rollback()


def money(initial: int | None, adjusted: int | None, executed: int | None) -> dict[str, Any]:
    amounts = (initial, adjusted, executed)
    names = ("budget_initial_yuan", "budget_adjusted_yuan", "executed_yuan")
    return {name: None if amount is None else Decimal(amount) for name, amount in zip(names, amounts, strict=True)}


def target(text: str, operator: str | None, value: str, unit: str = "%", actual: str | None = None) -> dict[str, Any]:
    row = {"level3": "垃圾清运率", "target_text": text, "target_kind": "ratio", "target_operator": operator}
    row |= {"target_value": Decimal(value), "target_unit": unit}
    if actual is not None:
        row |= {"actual_text": actual, "actual_kind": "ratio", "actual_value": Decimal(actual), "actual_unit": unit}
    return row


# Declarations


def test_every_file_of_the_folder_is_a_view_and_every_view_begins_with_v() -> None:
    assert {path.stem for path in FOLDER.iterdir() if path.suffix in {".toml", ".sql"}} == set(ORDER)
    assert all(name.startswith("v_") for name in ORDER)


@EVERY_VIEW
def test_the_columns_declared_are_those_of_the_query(view: View, tables: Tables) -> None:
    arguments = ", ".join("'x'" for _ in view.parameters)
    source = f"{view.name}({arguments})" if view.kind == "macro" else view.name
    if view.kind == "function":
        assert not view.columns
        return
    found = tables.connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    assert [(name, type_) for name, type_, *_ in found] == [(c.name, c.type) for c in view.columns]


@EVERY_VIEW
def test_every_text_of_a_declaration_is_filled_in(view: View) -> None:
    texts = [view.label_zh, view.label_en, view.meaning_zh, view.meaning_en, view.row_zh, view.row_en]
    for part in (*view.columns, *view.parameters):
        texts += [part.label_zh, part.label_en, part.meaning_zh, part.meaning_en, part.example]
    for column in view.columns:
        texts += [column.null_zh, column.null_en, *column.allowed.values()]
    assert all(texts)


@EVERY_VIEW
def test_the_catalogue_of_the_database_carries_the_chinese_comments(view: View, tables: Tables) -> None:
    source = {
        "view": "SELECT comment FROM duckdb_views() WHERE view_name = ?",
        "stored": "SELECT comment FROM duckdb_tables() WHERE table_name = ?",
    }.get(view.kind, "SELECT comment FROM duckdb_functions() WHERE function_name = ?")
    assert tables.connection.execute(source, [view.name]).fetchall() == [(view.comment,)]
    if view.kind in ("view", "stored"):
        columns = tables.connection.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ?", [view.name]
        ).fetchall()
        assert columns == [(column.name, column.comment) for column in view.columns]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('x.as = "project.form_id"', 'x.as = "project.no_such"', "x"),
        ('x.as = "project.form_id"', 'x.label_zh = "只有名称"', "x"),
        ('kind = "view"', 'kind = "macro"', "macro with 0 parameters"),
        ('label_en = "e"', "", "label_en"),
    ],
)
def test_a_wrong_declaration_is_told_with_view_and_column(old: str, new: str, says: str) -> None:
    texts = "\n".join(
        f'{key} = "e"' for key in ("label_zh", "label_en", "meaning_zh", "meaning_en", "row_zh", "row_en")
    )
    right = f'kind = "view"\n{texts}\n[column]\nx.as = "project.form_id"\n'
    assert read_view("v_x", right, "SELECT 1", TABLES).column("x").type == "VARCHAR"
    with pytest.raises(ValueError, match=f"v_x.*{says}"):
        read_view("v_x", right.replace(old, new), "SELECT 1", TABLES)


# What must not mislead


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [
        ("1152919.88", "1368400.00", 84.25),
        ("1", "800", 0.13),  # 0.125 is rounded half up
        ("9999999999999999.99", "0.01", 1e20),
        ("0", "5", 0.0),
        ("5", "0", None),
        (None, "5", None),
        ("-1", "5", None),
    ],
)
def test_a_rate_is_rounded_half_up_from_the_amounts(part: str | None, whole: str, rate: float | None) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE MACRO v_rate_pct(part, whole) AS {VIEWS['v_rate_pct'].query}")
        query = "SELECT v_rate_pct(?::DECIMAL(18, 2), ?::DECIMAL(18, 2))"
        assert connection.execute(query, [part, whole]).fetchall() == [(rate,)]


@pytest.mark.parametrize("kind", ["target", "monitoring", "department", None])
def test_only_self_evaluations_are_in_the_views(kind: str | None, tables: Tables) -> None:
    tables.form([target("≥90%", ">=", "90")], form_kind=kind, **money(1, 1, 1))
    assert tables.ask("SELECT count(*) FROM v_project") == [(0,)]
    assert tables.ask("SELECT count(*) FROM v_indicator") == [(0,)]
    assert tables.ask("SELECT count(*) FROM v_unit_year") == [(0,)]


def test_a_form_that_came_twice_counts_once_and_both_are_shown(tables: Tables) -> None:
    tables.form(path="a.txt", series_id="s1", project_code="X1", **money(100, 100, 50))
    tables.form(path="b.txt", series_id="s2", project_code=None, **money(100, 100, 60))
    assert tables.ask("SELECT path, counted, same_forms FROM v_project ORDER BY path") == [
        ("a.txt", True, 2),
        ("b.txt", False, 2),
    ]
    assert tables.ask("SELECT form_count, set_aside_count, budget_adjusted_yuan, executed_yuan FROM v_unit_year") == [
        (1, 1, Decimal("100.00"), Decimal("50.00"))
    ]


def test_of_two_forms_the_one_that_the_other_years_are_linked_with_counts(tables: Tables) -> None:
    series = [{"series_id": "s1", "form_count": 1}, {"series_id": "s2", "form_count": 2}]
    put(tables.connection, "series", series)
    tables.form(path="2023.txt", series_id="s2", fiscal_year=2023)
    tables.form(path="a.txt", series_id="s1")
    tables.form(path="b.txt", series_id="s2")
    assert tables.ask("SELECT path FROM v_project WHERE counted ORDER BY path") == [("2023.txt",), ("b.txt",)]
    assert tables.ask("SELECT fiscal_year, previous_year FROM v_series_year ORDER BY ALL") == [
        (2023, None),
        (2024, 2023),
    ]


def test_two_forms_that_a_person_put_into_one_series_and_year_count_once(tables: Tables) -> None:
    tables.form(path="a.txt", series_id="s1", project_name="河道保洁")
    tables.form(path="b.txt", series_id="s1", project_name="河道保洁（补报）甲")
    tables.form(path="c.txt", series_id="s1", fiscal_year=None)
    tables.form(path="d.txt", series_id="s1", fiscal_year=None)
    assert tables.ask("SELECT path, counted, same_forms FROM v_project ORDER BY path") == [
        ("a.txt", True, 2),
        ("b.txt", False, 2),
        ("c.txt", True, 1),
        ("d.txt", True, 1),
    ]


def test_two_projects_of_one_name_and_two_codes_both_count(tables: Tables) -> None:
    tables.form(series_id="s1", project_code="X1", **money(100, 100, 50))
    tables.form(series_id="s2", project_code="X2", **money(100, 100, 60))
    assert tables.ask("SELECT count(*) FROM v_project WHERE counted") == [(2,)]


@pytest.mark.parametrize("missing", ["fiscal_year", "project_name", "unit_name"])
def test_forms_of_which_little_is_known_are_never_taken_for_one(missing: str, tables: Tables) -> None:
    for _ in range(2):
        tables.form(series_id=None, **{missing: None})
    assert tables.ask("SELECT count(*) FROM v_project WHERE counted") == [(2,)]


def test_sums_leave_out_forms_without_both_amounts_and_say_how_many_there_are(tables: Tables) -> None:
    tables.form(project_name="甲", **money(100, 100, 80))
    tables.form(project_name="乙", **money(900, 900, None))
    assert tables.ask(
        "SELECT form_count, amount_count, budget_adjusted_yuan, computed_rate_pct FROM v_department_year"
    ) == [(2, 1, Decimal("100.00"), 80.0)]


def test_the_mean_is_over_totals_out_of_a_hundred_only(tables: Tables) -> None:
    for name, total, score in (("甲", 100, 90), ("乙", None, 80), ("丙", 50, 50), ("丁", 100, None)):
        tables.form(project_name=name, total_weight=total and Decimal(total), total_score=score and Decimal(score))
    assert tables.ask("SELECT form_count, score_count, mean_score FROM v_department_year") == [(4, 2, 85.0)]
    assert tables.ask("SELECT band, form_count FROM v_score_distribution ORDER BY band_no") == [
        ("90–95", 1),
        ("80–90", 1),
        ("不是百分制", 1),
        ("未印总分", 1),
    ]


def test_spellings_of_one_unit_are_one_line_under_the_usual_name(tables: Tables) -> None:
    put(
        tables.connection,
        "organisation",
        [{"unit_id": "u1", "unit_name": "某区水务局", "aliases": ["某区水物局"], "region_code": "440399"}],
    )
    tables.form(project_name="甲")
    tables.form(project_name="乙", unit_name="某区水物局")
    tables.form(project_name="丙", unit_name="某区河道所", department_name="某区水物局")
    assert tables.ask("SELECT department, unit, form_count FROM v_unit_year ORDER BY form_count") == [
        ("某区水务局", "某区河道所", 1),
        ("某区水务局", "某区水务局", 2),
    ]


def test_a_name_of_two_units_is_given_to_neither(tables: Tables) -> None:
    units = [{"unit_id": f"u{n}", "unit_name": "城管局", "aliases": [], "region_code": "440399"} for n in (1, 2)]
    put(tables.connection, "organisation", units)
    tables.form(unit_name="城管局")
    assert tables.ask("SELECT unit_id, unit FROM v_project") == [(None, "城管局")]


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        (target("≥95%", ">=", "95"), target("≥90%", ">=", "90"), "loosened"),
        (target("≥90%", ">=", "90"), target("≥95%", ">=", "95"), "tightened"),
        (target("≤5%", "<=", "5"), target("≤8%", "<=", "8"), "loosened"),
        (target("≤8%", "<=", "8"), target("≤5%", "<=", "5"), "tightened"),
        (target("95%", None, "95"), target("90%", None, "90") | {"compare_basis": "numeric:bare_target"}, "loosened"),
        (target("4%", None, "4"), target("3%", None, "3") | {"compare_basis": "numeric:bare_down"}, "tightened"),
        (target("4%", None, "4"), target("3%", None, "3") | {"compare_basis": "numeric:bare_unknown"}, None),
        (target("≥90%", ">=", "90"), target("≥90.0%", ">=", "90.0"), "same"),
        (target("≥95%", ">=", "95"), target("90%", None, "90"), None),
        (target("≥95%", ">=", "95"), target("≥90次", ">=", "90", "次"), None),
    ],
)
def test_a_target_moves_in_its_own_direction(
    before: dict[str, Any], after: dict[str, Any], move: str | None, tables: Tables
) -> None:
    tables.form([before], fiscal_year=2022)
    tables.form([after], fiscal_year=2024)
    found = tables.ask("SELECT previous_year, fiscal_year, target_move FROM v_indicator_year")
    assert found == [(2022, 2024, move)]


@pytest.mark.parametrize(("budget", "with_it"), [(800, True), (950, False), (1200, False), (None, None)])
def test_a_target_that_fell_with_its_money_is_said_to(budget: int | None, with_it: bool | None, tables: Tables) -> None:
    tables.form([target("≥100%", ">=", "100")], fiscal_year=2022, budget_adjusted_yuan=1000)
    tables.form([target("≥80%", ">=", "80")], fiscal_year=2023, budget_adjusted_yuan=budget)
    assert tables.ask("SELECT target_move, moved_with_budget FROM v_indicator_year") == [("loosened", with_it)]


def test_a_target_is_set_beside_the_last_actual_where_units_agree(tables: Tables) -> None:
    tables.form([target("≥90%", ">=", "90", actual="98")], fiscal_year=2023)
    tables.form([target("≥49%", ">=", "49", actual="98")], fiscal_year=2024)
    assert tables.ask("SELECT of_last_actual_pct FROM v_indicator_year") == [(50.0,)]


def test_an_indicator_that_a_form_prints_twice_is_paired_with_nothing(tables: Tables) -> None:
    tables.form([target("≥90%", ">=", "90")] * 2, fiscal_year=2023)
    tables.form([target("≥90%", ">=", "90")], fiscal_year=2024)
    assert tables.ask("SELECT * FROM v_indicator_year") == []


def test_a_self_evaluation_stands_beside_the_target_form_of_its_year(tables: Tables) -> None:
    tables.form([target("≥95%", ">=", "95")], form_kind="target")
    tables.form([target("≥90%", ">=", "90")])
    found = tables.ask("SELECT declared_target_text, target_text, target_move FROM v_indicator_declared")
    assert found == [("≥95%", "≥90%", "loosened")]


def test_points_outside_the_money_line_leave_out_execution_and_long_term_rows(tables: Tables) -> None:
    rows: list[dict[str, Any]] = [
        {"level1": "预算执行率", "level2": None, "weight": Decimal(10), "score": Decimal(8)},
        {"level3": "保洁里程", "weight": Decimal(60), "score": Decimal(55)},
        {"level3": "远期里程", "weight": Decimal(60), "score": Decimal(60), "horizon": "long_term"},
    ]
    tables.form(rows)
    assert tables.ask("SELECT other_weight, other_score FROM v_project") == [(Decimal(60), Decimal(55))]


def test_numbers_beyond_all_reason_break_no_query(tables: Tables) -> None:
    most = Decimal("9999999999999999.99")
    for year in (2023, 2024):
        amounts = {"budget_adjusted_yuan": most if year == 2024 else -most, "executed_yuan": most}
        value = Decimal("9999999999999999999999.999999")
        weight = Decimal("99999.9999") if year == 2024 else Decimal("-99999.9999")
        row = target("≥1", ">=", "1") | {"target_value": value, "actual_value": Decimal("0.000001"), "weight": weight}
        tables.form([row], fiscal_year=year, **amounts)
    for view in VIEWS.values():
        if view.kind in ("view", "stored"):
            tables.ask(f"SELECT * FROM {view.name}")
