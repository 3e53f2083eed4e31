"""The views for people, each declared once (views/<view>.toml, its query beside it), and the statements that make them.

Here: declarations, order and DDL of views, stored views and macros. Not here: the tables they read (tables).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Literal

from warehouse.schema.tables import TABLES, Column, Table, identifier, literal

ORDER = (
    "v_rate_pct",
    "v_aspect",
    "v_form",
    "v_indicator_pair",
    "v_project",
    "v_indicator",
    "v_funding",
    "v_unit_year",
    "v_department_year",
    "v_score_distribution",
    "v_series_year",
    "v_series",
    "v_indicator_year",
    "v_indicator_declared",
    "v_finding_place",
    "v_finding",
    "v_finding_count",
    "v_finding_year",
    "v_finding_unit_year",
    "v_check_precision",
    "v_correction",
    "v_place",
    "v_project_history",
    "v_unit_history",
    "v_indicators_like",
    "v_attention",
)
"""Every view, those that others read first."""

IN_PARQUET = ("v_project", "v_indicator", "v_finding")
"""The views that stand beside the tables as Parquet, too."""

_KINDS = ("view", "stored", "macro", "function")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a macro or function is called with."""

    name: str
    label_zh: str
    label_en: str
    meaning_zh: str
    meaning_en: str
    example: str


@dataclass(frozen=True, slots=True, eq=False)
class View(Table):
    """One view as its TOML file declares it; `query` is the text of its SQL file.

    `kind`: view; stored, a table worked out once per build because many views need it; macro, a table with parameters;
    function, a single value with parameters and without columns. `key` is empty.
    """

    kind: Literal["view", "stored", "macro", "function"]
    parameters: tuple[Parameter, ...]
    query: str

    @property
    def comment(self) -> str:
        """The Chinese comment: label, meaning, what a row is, parameters."""
        parts = [self.label_zh, self.meaning_zh, self.row_zh]
        parts += [f"参数 {p.name}：{p.meaning_zh}，如 {p.example}" for p in self.parameters]
        return "；".join(parts)


def read_view(name: str, text: str, query: str, known: Mapping[str, Table]) -> View:
    """Read a declaration (the text of views/<name>.toml).

    A column is declared like a table's, or taken over from `known` by `as = "table.column"`, with what it changes;
    `as = "table.*"` takes over all columns of a table that the view does not name otherwise.
    Raises ValueError, naming view and column, for a key that is unknown or missing.
    """
    spec: dict[str, Any] = tomllib.loads(text)
    null: dict[str, Any] = {key: spec.pop(key) for key in ("null_zh", "null_en") if key in spec}
    columns, parameters = [], []
    where = name
    try:
        declared = spec.pop("column", {})
        for column, own in declared.items():
            where = f"{name}, {column}"
            if (every := own.get("as", "")).endswith(".*"):
                columns += [c for c in known[every.removesuffix(".*")].columns if c.name not in declared]
            else:
                columns.append(_column(column, own, null, known))
        for parameter, own in spec.pop("parameter", {}).items():
            where = f"{name}, {parameter}"
            parameters.append(Parameter(parameter, **own))
        where = name
        view = View(name=name, key=(), columns=tuple(columns), parameters=tuple(parameters), query=query, **spec)
    except (TypeError, KeyError) as error:
        raise ValueError(f"views/{where}: {error}") from error
    if view.kind not in _KINDS or bool(view.parameters) != (view.kind in ("macro", "function")):
        raise ValueError(f"views/{name}: kind {view.kind} with {len(view.parameters)} parameters")
    return view


def _column(name: str, own: dict[str, Any], null: dict[str, Any], known: Mapping[str, Table]) -> Column:
    if source := own.pop("as", None):
        table, _, column = source.partition(".")
        return Column(**{**asdict(known[table].column(column)), **own, "name": name})
    return Column(name=name, **{**null, **own})


def _read_all() -> dict[str, View]:
    folder = files("warehouse").joinpath("views")
    found: dict[str, View] = {}
    for name in ORDER:
        text, query = (folder.joinpath(f"{name}.{end}").read_text(encoding="utf-8") for end in ("toml", "sql"))
        found[name] = read_view(name, text, query.strip(), {**TABLES, **found})
    return found


VIEWS: dict[str, View] = _read_all()
"""Every view, stored view, macro and function by its name."""


def view_ddl(view: View) -> list[str]:
    """The statements that create the view with its Chinese comments; the tables and views it reads must stand."""
    target = identifier(view.name)
    if view.parameters:
        names = ", ".join(identifier(parameter.name) for parameter in view.parameters)
        table = "TABLE " if view.kind == "macro" else ""
        return [
            f"CREATE MACRO {target}({names}) AS {table}{view.query}",
            f"COMMENT ON MACRO {table}{target} IS {literal(view.comment)}",
        ]
    kind = "TABLE" if view.kind == "stored" else "VIEW"
    return [
        f"CREATE {kind} {target} AS {view.query}",
        f"COMMENT ON {kind} {target} IS {literal(view.comment)}",
        *(
            f"COMMENT ON COLUMN {target}.{identifier(column.name)} IS {literal(column.comment)}"
            for column in view.columns
        ),
    ]
