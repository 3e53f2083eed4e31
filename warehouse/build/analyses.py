"""What is worked out from the tidy tables once they all stand in the candidate: units, projects across years, findings.

Here: the analyses. Not here: their order and the tables they fill (tables), how any of them works.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from extractors.codes import ProblemCode
from extractors.errors import CannotRun
from warehouse import attention, checks, corrections, linking, proposals, reviews
from warehouse.build.connections import open_read_only
from warehouse.build.database import insert
from warehouse.schema.tables import TABLES
from warehouse.schema.validate import to_arrow, validate
from warehouse.state.inputs_fingerprint import CORRECTIONS, DECISIONS, REVIEWS, VOCABULARY
from warehouse.state.lessons import Lessons
from warehouse.state.store import TEMPORARY, now, write_whole

_UNIT_INPUT = (
    "form_id, form_kind, fiscal_year, region_code, project_name, project_code, unit_name, unit_code, department_name"
)
_SERIES_INPUT = (
    f"{_UNIT_INPUT}, budget_initial_yuan::DOUBLE AS budget_initial_yuan, "
    "budget_adjusted_yuan::DOUBLE AS budget_adjusted_yuan, executed_yuan::DOUBLE AS executed_yuan"
)
_PART_FORMS = 10_000
_SLICE_FORMS = 20_000
"""Forms that are linked at a time; each takes about 4 kB of memory meanwhile."""


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """What an analysis goes by beside the tables: the data folder, where people keep their decisions, and settings.

    `places`: returns once provenance stands in the candidate; whoever reads it calls this first. `previous`: the build
    before, if there is one. `kept`: where the weights of names are kept from build to build, None to keep none. `tell`:
    hears of every id that changed, with the reason.
    """

    data_dir: Path
    thresholds: linking.Thresholds
    places: Callable[[], None] = lambda: None
    previous: Path | None = None
    kept: Path | None = None
    tell: Callable[..., None] = lambda what, **facts: None


@dataclass(frozen=True, slots=True)
class Analysis:
    """A step over the candidate: `run` reads its tables and fills those of ANALYSED, which are empty before.

    `repeatable`: it gives the same where it ended halfway and its tables were emptied.
    """

    run: Callable[[duckdb.DuckDBPyConnection, AnalysisContext], None]
    repeatable: bool = True


def _corrections(connection: duckdb.DuckDBPyConnection, ground: AnalysisContext) -> None:
    """Put what people corrected into the tables, and fill `correction`."""
    try:
        entries = corrections.read_corrections(ground.data_dir / CORRECTIONS)
    except corrections.CorrectionsError as error:
        raise CannotRun(f"{CORRECTIONS} 有误，请更正后再运行 / please mend the file: {error}") from error
    if entries:
        ground.places()
    rows, problems = corrections.apply(connection, entries)
    insert(connection, "correction", rows)
    insert(connection, "problem", [{**row, "path": CORRECTIONS} for row in problems])


def _organisations(connection: duckdb.DuckDBPyConnection, ground: AnalysisContext) -> None:
    """Fill `organisation` and its relations, and keep what the series need: the parts, each form's unit and name."""
    decisions = _decisions(ground)
    _divide(connection, decisions)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE form_unit "
        "(form_id VARCHAR, unit_id VARCHAR, department_key VARCHAR, place VARCHAR, canonical VARCHAR)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE unit_follows "
        "(part INTEGER, unit_id VARCHAR, other_unit_id VARCHAR, kind VARCHAR, year INTEGER, evidence VARCHAR)"
    )
    last = _last_build(ground)
    for part in _parts(connection):
        projects = _of_part(connection, f"SELECT {_UNIT_INPUT} FROM project", part, "ORDER BY form_id")
        organisation, units, relations = linking.organisations(projects, decisions=decisions.units, last=last)
        _put(connection, "organisation", organisation)
        _put(connection, "organisation_relation", relations[~relations["kind"].isin(linking.UNSURE)])
        _insert(connection, "unit_follows", relations.assign(part=part))
        _insert(connection, "form_unit", units)


def _series(connection: duckdb.DuckDBPyConnection, ground: AnalysisContext) -> None:
    """Fill `series` and `series_link`, and give each form its series and its unit."""
    decisions = _decisions(ground)
    last = _last_build(ground)
    bigrams = _name_weights(connection, ground)
    connection.execute("CREATE OR REPLACE TEMP TABLE form_series (form_id VARCHAR, series_id VARCHAR)")
    for part in _parts(connection):
        projects = _of_part(connection, f"SELECT {_SERIES_INPUT} FROM project", part, "ORDER BY form_id")
        indicators = _of_part(connection, "SELECT form_id, level3 FROM indicator JOIN project USING (form_id)", part)
        units = _of_part(connection, "SELECT form_unit.* FROM form_unit JOIN project USING (form_id)", part)
        relations = connection.sql(f"SELECT * EXCLUDE part FROM unit_follows WHERE part = {part}").df()
        found = linking.series(
            projects, indicators, decisions.projects, ground.thresholds, units, bigrams, relations, last
        )
        _put(connection, "series", found.series)
        _put(connection, "series_link", found.links.round(4))
        _insert(connection, "form_series", found.mapping)
    connection.execute(
        "UPDATE project SET series_id = s.series_id, unit_id = u.unit_id "
        "FROM form_series AS s JOIN form_unit AS u USING (form_id) WHERE s.form_id = project.form_id"
    )
    _tell_changes(connection, ground, last)
    _tell_decisions(connection, decisions)


def _name_weights(connection: duckdb.DuckDBPyConnection, ground: AnalysisContext) -> linking.Bigrams:
    """How much each two characters of a name weigh: as in the builds before, so that a new unit moves no score.

    They are counted anew where none are kept, other rules of linking made them or a full run had them removed.
    """
    kept = _kept(ground)
    if kept.get("rules") == linking.RULES:
        return linking.Bigrams.frozen(kept["names"])
    bigrams = linking.Bigrams(
        connection.execute(
            "SELECT canonical, count(*) FROM (SELECT DISTINCT unit_id, canonical FROM form_unit) GROUP BY canonical"
        ).fetchall()
    )
    if ground.kept is not None:
        text = json.dumps({"rules": linking.RULES, "names": bigrams.counts}, ensure_ascii=False)
        write_whole(new_weights(ground.kept), text.encode("utf-8"))
    return bigrams


def new_weights(kept: Path) -> Path:
    """Where weights wait until the build they were made for is published."""
    return kept.with_name(f"{TEMPORARY}{kept.name}")


def _kept(ground: AnalysisContext) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        if ground.kept is not None:
            kept = json.loads(ground.kept.read_text("utf-8"))
            if isinstance(kept, dict) and _are_counts(kept.get("names")):
                return kept
    return {}


def _are_counts(names: Any) -> bool:
    return isinstance(names, dict) and all(type(count) is int for count in names.values())


def _last_build(ground: AnalysisContext) -> linking.LastBuild:
    """What the build before made of its forms; nothing where there is none, or it cannot be read."""
    if ground.previous is None or not ground.previous.exists():
        return linking.LastBuild()
    try:
        with closing(open_read_only(ground.previous)) as before:
            columns = {name for name, *_ in before.execute("DESCRIBE project").fetchall()}
            unit = "unit_id" if "unit_id" in columns else "NULL"
            rows = before.execute(f"SELECT form_id, series_id, {unit} FROM project").fetchall()
    except duckdb.Error:
        return linking.LastBuild()
    return linking.LastBuild(
        {form: series for form, series, _ in rows if series},
        {form: unit for form, _, unit in rows if unit},
        same_rules=_kept(ground).get("rules") == linking.RULES,
    )


def _tell_changes(connection: duckdb.DuckDBPyConnection, ground: AnalysisContext, last: linking.LastBuild) -> None:
    if not last.series:
        return
    rows = connection.execute("SELECT form_id, series_id, unit_id FROM project").fetchall()
    for what, elder, younger in (
        ("series_id_changed", last.series, {form: series for form, series, _ in rows if series}),
        ("unit_id_changed", last.units, {form: unit for form, _, unit in rows if unit}),
    ):
        for change in linking.changed(elder, younger):
            ground.tell(what, before=change.before, now=list(change.now), forms=change.forms, reason=change.reason)


def _decisions(ground: AnalysisContext) -> linking.Decisions:
    return linking.read_decisions(ground.data_dir / DECISIONS)


def _tell_decisions(connection: duckdb.DuckDBPyConnection, decisions: linking.Decisions) -> None:
    """Tell the lines of the file that are not in force, and those that speak of nothing at hand."""
    rows: list[tuple[str, str, int, str | None, str]] = []
    for fault in decisions.faults:
        rows.append((ProblemCode.DECISION_INVALID, "warning", fault.line, None, fault.message))
    told = connection.sql("SELECT form_id, project_code, fiscal_year FROM project").df() if decisions.projects else None
    for decision in linking.unmatched_decisions(told, decisions.projects) if told is not None else ():
        spoken_of = decision.project_code or decision.form_id
        rows.append(
            (
                ProblemCode.DECISION_UNMATCHED,
                "info",
                decision.line,
                spoken_of,
                "这条认定所指的表不在当前数据中，暂不起作用。",
            )
        )
    table = connection.sql("SELECT unit_name, aliases FROM organisation").df() if decisions.units else None
    for unit in linking.unmatched_units(table, decisions.units) if table is not None else ():
        names = "、".join(filter(None, (unit.unit_name, unit.other_unit_name)))
        rows.append(
            (ProblemCode.DECISION_UNMATCHED, "info", unit.line, names, "这条认定所指的单位不在当前数据中，暂不起作用。")
        )
    for code, severity, line, text, message in rows:
        connection.execute(
            "INSERT INTO problem BY NAME SELECT ? AS problem_id, ? AS path, ? AS code, ? AS severity, ? AS locator, "
            "? AS text, ? AS message",
            [f"decision-{line}", DECISIONS, str(code), severity, f"{line}:1", text, message],
        )


def _divide(connection: duckdb.DuckDBPyConnection, decisions: linking.Decisions) -> None:
    """Keep which regions are linked together, in table `region_part`."""
    regions = connection.execute("SELECT DISTINCT coalesce(region_code, '') FROM project").fetchall()
    divided = [[region for (region,) in regions]]
    if len(regions) > 1:
        reader = connection.execute(f"SELECT {_UNIT_INPUT} FROM project").to_arrow_reader(_PART_FORMS)
        divided = linking.parts(
            (batch.to_pandas() for batch in reader), decisions.projects, _PART_FORMS, decisions.units
        )
    rows = [{"region_code": region, "part": part} for part, group in enumerate(divided) for region in group]
    connection.execute("CREATE OR REPLACE TEMP TABLE region_part (region_code VARCHAR, part INTEGER)")
    _insert(connection, "region_part", pd.DataFrame(rows, columns=["region_code", "part"]))


def _parts(connection: duckdb.DuckDBPyConnection) -> list[int]:
    rows = connection.execute("SELECT DISTINCT part FROM region_part ORDER BY part").fetchall()
    return [part for (part,) in rows]


def _slices(connection: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """The regions that are judged together: parts of some 20,000 forms, none where all forms are one slice."""
    sizes = connection.execute(
        "SELECT list(DISTINCT r.region_code ORDER BY r.region_code), count(p.form_id) FROM region_part AS r "
        "JOIN project AS p ON coalesce(p.region_code, '') = r.region_code GROUP BY r.part ORDER BY r.part"
    ).fetchall()
    slices: list[list[str]] = []
    forms = _SLICE_FORMS
    for regions, more in sizes:
        if forms + more > _SLICE_FORMS:
            slices.append([])
            forms = 0
        slices[-1] += regions
        forms += more
    return slices if len(slices) > 1 else []


def _of_part(connection: duckdb.DuckDBPyConnection, query: str, part: int, order: str = "") -> pd.DataFrame:
    """What the query over `project` finds of a part's forms."""
    regions = f"SELECT region_code FROM region_part WHERE part = {part}"
    found = connection.sql(f"{query} WHERE coalesce(region_code, '') IN ({regions}) {order}")
    return found.to_arrow_table().to_pandas()  # by way of Arrow no text becomes a Python object


def _insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    connection.register("new_rows", pa.Table.from_pandas(frame, preserve_index=False))
    connection.execute(f"INSERT INTO {table} BY NAME FROM new_rows")
    connection.unregister("new_rows")


def _findings(connection: duckdb.DuckDBPyConnection, ground: AnalysisContext) -> None:
    """Fill `check_rule`, `region`, `finding`, what people say of findings, what needs attention, and `proposal`."""
    ground.places()
    checks.fill_check_rule(connection)
    checks.fill_region(connection)
    checks.find(connection, current_year=now().year, slices=_slices(connection))
    marks = reviews.read_marks(ground.data_dir / REVIEWS)
    insert(connection, "review", reviews.review_rows(connection, marks))
    attention.fill_kinds(connection)
    lessons = Lessons.of(ground.data_dir)
    insert(connection, "proposal", proposals.proposal_rows(connection, lessons))
    connection.execute("DELETE FROM problem WHERE path = ?", [VOCABULARY])
    insert(connection, "problem", proposals.fault_rows(lessons))


def _put(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    """Validate a frame against its declaration and insert it; what the declaration refuses is our own fault."""
    valid, rejected = validate(TABLES[table], frame)
    if rejected:
        raise ValueError(f"{table}: {rejected[0].message}")
    connection.register("new_rows", to_arrow(TABLES[table], valid))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM new_rows")
    connection.unregister("new_rows")


ANALYSES: dict[str, Analysis] = {
    "correction": Analysis(_corrections, repeatable=False),  # it changes values of other tables
    "organisation": Analysis(_organisations),
    "series": Analysis(_series),
    "finding": Analysis(_findings),
}
"""How the tables of ANALYSED are filled."""
