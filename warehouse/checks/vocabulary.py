"""The words and limits of the checks (words/*.toml), put where SQL can use them.

Here: reading the files, session variables, small tables. Not here: what the words are used for.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa

from extractors.readings import direction
from extractors.traditional import SIMPLIFIED
from extractors.vocabulary import money_sources

_ENDING = "省|市|特别行政区|自治[区州县旗]|地区|林区|矿区|新区|盟|州|区|县|旗"


@cache
def regions() -> list[dict[str, Any]]:
    """The rows of table region (words/regions.csv)."""
    text = files("warehouse.checks").joinpath("words", "regions.csv").read_text("utf-8")
    years = ("valid_from", "valid_to")
    rows = list(csv.DictReader(io.StringIO(text)))
    return [{k: (int(v) if k in years else v) if v else None for k, v in row.items()} for row in rows]


@cache
def _region_ending() -> re.Pattern[str]:
    nations = "|".join(_file("regions")["nations"])
    return re.compile(rf"(?:(?:{nations})族?)*自治[区州县旗]$|(?:{_ENDING})$")


def region_stem(name: str) -> str | None:
    """A region's name without its ending (罗湖 for 罗湖区), None where only one character would be left."""
    stem = _region_ending().sub("", name)
    return stem if len(stem) > 1 else None


@cache
def _file(name: str) -> dict[str, Any]:
    text = files("warehouse.checks").joinpath("words", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def threshold(name: str) -> int:
    """A limit of words/thresholds.toml; KeyError where there is none."""
    return int(_file("thresholds")[name])


@cache
def words(name: str) -> tuple[str, ...]:
    """The words of a section of words/words.toml, the longest first."""
    return tuple(sorted(_file("words")[name]["words"], key=lambda w: (-len(w), w)))


@cache
def pattern(name: str) -> str:
    """The regular expression of a section of words/words.toml: any of its words, or of its patterns."""
    return _pattern(_file("words")[name])


def variables() -> dict[str, Any]:
    """The session variables of the statements: a regular expression per section of words, a number per limit.

    `w_<section>` matches one of its words anywhere; limits are `t_<name>`. `w_better_up` and `w_better_down` are the
    readings' own lists of directions, `traditional` and `simplified` two texts for `translate`.
    """
    result: dict[str, Any] = {f"t_{name}": value for name, value in _file("thresholds").items()}
    result |= {f"w_better_{side}": pattern for side, pattern in direction.patterns().items()}
    result |= {"traditional": "".join(map(chr, SIMPLIFIED)), "simplified": "".join(SIMPLIFIED.values())}
    for name, section in _file("words").items():
        if isinstance(section, dict) and ("words" in section or "patterns" in section):
            result[f"w_{name}"] = _pattern(section)
    return result


def set_variables(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the variables in a session."""
    for name, value in variables().items():
        connection.execute(f"SET VARIABLE {name} = {_literal(value)}")


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of levels, regions, grades, bands, profiles, sources of money, doubts and misfits."""
    for table, (columns, rows) in _tables().items():
        connection.execute(f"CREATE TABLE checks.{table} ({columns})")
        insert(connection, table, rows)


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Add rows, given in the order of the columns, to a table."""
    if rows:
        arrays = [pa.array(column) for column in zip(*rows, strict=True)]
        connection.register("new_rows", pa.table(arrays, names=[f"c{n}" for n in range(len(arrays))]))
        connection.execute(f"INSERT INTO {table} SELECT * FROM new_rows")
        connection.unregister("new_rows")


def _tables() -> dict[str, tuple[str, list[tuple[Any, ...]]]]:
    levels, text = _file("levels"), _file("words")
    points, sources = "DECIMAL(9,4)", money_sources().values()
    return {
        "check_level1": ("name VARCHAR, class VARCHAR", list(_names(levels["level1"]))),
        "check_level2": (
            "name VARCHAR, class VARCHAR, under VARCHAR[]",
            [(name, class_, levels["level2"][class_]["under"]) for name, class_ in _names(levels["level2"])],
        ),
        "check_profile": (
            f"execution {points}, output {points}, cost {points}, benefit {points}, satisfaction {points}",
            [tuple(map(Decimal, profile["points"])) for profile in levels["profile"]],
        ),
        "check_grade": (
            f"name VARCHAR, low {points}, high {points}, grade VARCHAR",
            list(_grades(levels["grade"])),
        ),
        "check_band": (
            f"name VARCHAR, low {points}, high {points}, inclusive BOOLEAN",
            [
                (name, Decimal(band["low"]), Decimal(band["high"]), band["inclusive"])
                for band in levels["band"]
                for name in band["names"]
            ],
        ),
        "check_region": (
            "code VARCHAR, name VARCHAR, stem VARCHAR, level VARCHAR, since INTEGER, until INTEGER",
            [
                (
                    r["region_code"],
                    r["region_name"],
                    region_stem(r["region_name"]),
                    r["level"],
                    r["valid_from"],
                    r["valid_to"],
                )
                for r in regions()
            ]
            + [(r["code"], r["name"], None, None, r.get("from"), None) for r in _file("regions")["reserved"]],
        ),
        "check_required": (
            "class VARCHAR, side VARCHAR",
            [(c, "output") for c in levels["required"]["output"]]
            + [(c, "benefit") for c in levels["required"]["benefit_any"]],
        ),
        "check_source": (
            "source VARCHAR, kind VARCHAR, within VARCHAR, holds BOOLEAN",
            [(s.name, s.kind, s.within, s.name in {o.within for o in sources}) for s in sources],
        ),
        "check_doubt": (
            "code VARCHAR, says VARCHAR, puts VARCHAR[], columns VARCHAR[]",
            [(d["code"], d.get("says"), d["puts"], d.get("columns")) for d in text["doubt"]],
        ),
    }


def _names(sections: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The names without their endings (产出 for 产出指标) with the class of each."""
    ending = re.compile(_pattern(_file("words")["level_ending"]) + "+$")
    stems = {ending.sub("", name): class_ for class_, section in sections.items() for name in section["names"]}
    yield from stems.items()


def _grades(grades: list[dict[str, Any]]) -> Iterator[tuple[str, Any, Any, str]]:
    upper: Any = 1000
    for grade in sorted(grades, key=lambda g: -g["from"]):
        for name in grade["names"]:
            yield name, grade["from"], upper, grade["name"]
        upper = grade["from"]


def _pattern(section: dict[str, Any]) -> str:
    literal = sorted(section.get("words", ()), key=lambda w: (-len(w), w))
    return "(?:" + "|".join([*map(re.escape, literal), *section.get("patterns", ())]) + ")"


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, int | Decimal) else "'" + str(value).replace("'", "''") + "'"
