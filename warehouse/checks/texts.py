"""What needs likeness of texts: spellings of a unit, names in titles, repeated indicators, copied narratives.

Here: tables of pairs that are alike, made with rapidfuzz, and all tables of texts. Not here: whether two names are of
one thing (names), what texts say against the rows (clauses), the findings made of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process

from warehouse.checks import clauses
from warehouse.checks.names import (
    are_numbered,
    are_turned,
    bare_name,
    is_variant,
    key_of,
    key_without_noise,
    say_the_same,
    title_stem,
)
from warehouse.checks.vocabulary import insert, pattern, threshold, words

_GENERAL = re.compile(f"{pattern('title_general')}+")
_FUND, _NO_PROJECT = re.compile(pattern("title_fund")), re.compile(pattern("title_not_project"))


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _name_variants(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(area, year, variant, official) of the spellings under one unit code; the official one is the longest."""
    names: dict[tuple[Any, ...], list[tuple[str, str, int]]] = defaultdict(list)
    query = (
        "SELECT area, fiscal_year, unit_code, unit_key, any_value(unit_name), count(*) FROM check_form "
        "WHERE unit_code IS NOT NULL AND unit_key IS NOT NULL GROUP BY area, fiscal_year, unit_code, unit_key "
        "QUALIFY count(*) OVER (PARTITION BY area, fiscal_year, unit_code) > 1"
    )
    for area, year, code, key, name, forms in _rows(connection, query):
        names[area, year, code].append((key, name, forms))
    found = {}
    for (area, year, _), spellings in names.items():
        official = max(spellings, key=lambda s: (len(s[0]), s[2], s[0]))
        for key, _, _ in spellings:
            if is_variant(key, official[0]):
                found[area, year, key] = official[1]
    return [(*key, official) for key, official in sorted(found.items(), key=str)]


def _titles(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, severity, stem) where the project named in the title is not the project's name.

    A title may also name a unit, a fund or nothing: it counts only where it is alike to the name, or where another
    form of the document has a title that names its project.
    """
    query = (
        "SELECT form_id, document_id, title, project_name FROM check_form "
        "WHERE title IS NOT NULL AND project_name IS NOT NULL AND form_kind <> 'department'"
    )
    naming: set[str] = set()
    differing = []
    for form_id, document_id, title, name in _rows(connection, query):
        found = _titled(title, name)
        if found.names:
            naming.add(document_id)
        if found.severity:
            differing.append((form_id, None if found.alone else document_id, found.severity, found.stem))
    told = [
        (form, severity, stem) for form, document, severity, stem in differing if document is None or document in naming
    ]
    return told + _titles_of_others(connection, {form: stem for form, *_, stem in differing}, {f for f, *_ in told})


def _titles_of_others(
    connection: duckdb.DuckDBPyConnection, stems: dict[str, str], told: set[str]
) -> list[tuple[Any, ...]]:
    """(form, severity, stem) where a title names works of which no word stands anywhere else on the form."""
    stems = {
        form: stem
        for form, stem in stems.items()
        if form not in told and len(stem) >= 6 and stem.endswith(words("title_work")) and not _NO_PROJECT.search(stem)
    }
    rest = (
        "SELECT form_id, concat_ws('|', any_value(f.project_name), any_value(f.unit_name), "
        "any_value(f.department_name), any_value(f.goal_expected), any_value(f.goal_actual), "
        "string_agg(r.level3, '|')) FROM check_form AS f LEFT JOIN check_row AS r USING (form_id) "
        "WHERE form_id IN (SELECT unnest($forms)) GROUP BY form_id ORDER BY form_id"
    )
    return [
        (form, "warning", stems[form])
        for form, text in connection.execute(rest, {"forms": [*stems]}).fetchall()
        if not any(pair in text for pair in map("".join, pairwise(stems[form])) if pair not in words("common"))
    ]


class _Titled(NamedTuple):
    """What a title says of a project: it `names` it, or differs with a `severity`.

    `alone`: it differs whether or not other titles of the document name their projects.
    """

    stem: str
    names: bool = False
    severity: str = ""
    alone: bool = False


@lru_cache(maxsize=100_000)
def _titled(title: str, name: str) -> _Titled:
    stem = title_stem(title)
    if not key_of(stem):
        return _Titled(stem)
    if _GENERAL.fullmatch(key_of(stem)):
        return _Titled(stem)
    told, bare = bare_name(stem), bare_name(name)
    if told == bare:
        return _Titled(stem, names=True, severity="" if key_of(stem) == key_of(name) else "info")
    of_project = told, bare_name(_FUND.sub("", stem))  # the unit may stand before it, a fund behind it
    if any(name.endswith(bare) for name in of_project):
        return _Titled(stem, names=True)
    return _Titled(
        stem, severity="warning", alone=fuzz.ratio(told, bare) >= threshold("title_ratio") or _is_other_work(told, bare)
    )


def _is_other_work(name: str, other: str) -> bool:
    """Whether two names are of one work on two things that share no character (公共厕所升级改造, 农贸市场升级改造)."""
    backwards = zip(reversed(name), reversed(other), strict=False)
    length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], backwards))
    thing, of_other = name[: len(name) - length], other[: len(other) - length]
    return (
        length >= 4
        and name.endswith(words("title_work"))
        and min(len(thing), len(of_other)) >= 3
        and not set(thing) & set(of_other)
    )


def _duplicates(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, indicator, earlier indicator, its name, same level 2, ratio) for each name that an earlier one is like.

    Like names agree in what is left of them without noise, or in their letters (`are_turned`): both are found once for
    each name, so that only such names are compared.
    """
    limit = threshold("duplicate_ratio")
    names = [
        n for (n,) in _rows(connection, "SELECT DISTINCT level3 FROM check_row WHERE named AND level3 IS NOT NULL")
    ]
    if not names:
        return []
    keys = [
        names,
        [key_without_noise(name) for name in names],
        ["".join(sorted(name.replace("的", ""))) for name in names],
    ]
    connection.register("name_key", pa.table(keys, names=["name", "key", "letters"]))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE check_name_pair AS WITH keyed AS ("
        "SELECT r.form_id, r.indicator_no, r.horizon, r.level1, r.level2, r.level3, k.key, k.letters "
        "FROM check_row AS r JOIN name_key AS k ON k.name = r.level3 WHERE r.named) "
        + " UNION ".join(
            "SELECT b.form_id, b.indicator_no, a.indicator_no AS other_no, a.level3 AS other, b.level3 AS name, "
            "a.level1 IS NOT DISTINCT FROM b.level1 AND a.level2 IS NOT DISTINCT FROM b.level2 AS same_level2 "
            "FROM keyed AS a JOIN keyed AS b ON a.form_id = b.form_id AND a.indicator_no < b.indicator_no "
            f"AND a.horizon IS NOT DISTINCT FROM b.horizon AND a.{likeness} = b.{likeness} "
            f"WHERE 200 * least(length(a.level3), length(b.level3)) >= {limit} * (length(a.level3) + length(b.level3))"
            for likeness in ("key", "letters")
        )
    )
    connection.unregister("name_key")
    pairs = _rows(connection, "SELECT DISTINCT other, name FROM check_name_pair")
    alike = [
        (a, b, ratio or limit)
        for (a, b), ratio in zip(pairs, _ratios(pairs, limit), strict=True)
        if (ratio and (a == b or (say_the_same(a, b) and not are_numbered(a, b)))) or are_turned(a, b)
    ]
    rows: list[tuple[Any, ...]] = []
    if alike:
        connection.register(
            "alike", pa.table([list(c) for c in zip(*alike, strict=True)], names=["other", "name", "ratio"])
        )
        rows = _rows(
            connection,
            "SELECT form_id, indicator_no, other_no, other, same_level2, ratio "
            "FROM check_name_pair JOIN alike USING (other, name) QUALIFY row_number() OVER "
            "(PARTITION BY form_id, indicator_no ORDER BY same_level2 DESC, ratio DESC, other_no) = 1",
        )
        connection.unregister("alike")
    connection.execute("DROP TABLE check_name_pair")
    return rows


def _copied_goals(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    query = (
        "SELECT form_id, goal_expected, goal_actual FROM check_form WHERE evaluated AND length(goal_expected) >= 10 "
        "AND 200 * least(length(goal_expected), length(goal_actual)) >= "
        f"{threshold('goal_ratio')} * (length(goal_expected) + length(goal_actual))"
    )
    rows = _rows(connection, query)
    ratios = _ratios([(a, b) for _, a, b in rows], threshold("goal_ratio"))
    return [(form, ratio) for (form, _, _), ratio in zip(rows, ratios, strict=True) if ratio]


def _reused_narratives(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, other form, ratio): the most alike narrative of the year before, in the series or in the unit.

    Of the unit's other projects only one whose text is the same but for its figures: a large unit costs no n x n.
    """
    text = "regexp_replace(goal_actual, '[^\\p{L}\\p{N}]', '', 'g')"
    query = (
        "WITH near AS (SELECT unit_key, fiscal_year FROM check_form GROUP BY ALL), "
        "compared AS (SELECT form_id FROM check_year UNION ALL SELECT previous_id FROM check_year UNION ALL "
        "SELECT form_id FROM check_form AS f JOIN near ON f.unit_key = near.unit_key "
        "AND near.fiscal_year IN (f.fiscal_year - 1, f.fiscal_year + 1)), "
        f"told AS (SELECT form_id, series_id, unit_key, region_code, fiscal_year, {text} AS text, "
        f"regexp_replace({text}, '\\p{{N}}', '', 'g') AS words FROM check_form SEMI JOIN compared USING (form_id) "
        f"WHERE form_kind = 'self_evaluation' AND length(goal_actual) >= {threshold('narrative_length')}), "
        "earlier AS (SELECT unit_key, region_code, fiscal_year, words, min(form_id) AS form_id, "
        "min_by(series_id, form_id) AS series_id, min_by(text, form_id) AS text "
        "FROM told GROUP BY unit_key, region_code, fiscal_year, words) "
        "SELECT f.form_id, o.form_id, f.text, o.text FROM check_year AS y "
        "JOIN told AS f ON f.form_id = y.form_id JOIN told AS o ON o.form_id = y.previous_id "
        "UNION SELECT f.form_id, o.form_id, f.text, o.text FROM told AS f JOIN earlier AS o "
        "ON f.unit_key = o.unit_key AND f.region_code IS NOT DISTINCT FROM o.region_code "
        "AND f.fiscal_year = o.fiscal_year + 1 AND f.words = o.words AND f.series_id IS DISTINCT FROM o.series_id"
    )
    best: dict[str, tuple[int, str]] = {}
    rows = _rows(connection, query)
    ratios = _ratios([(a, b) for _, _, a, b in rows], threshold("narrative_ratio"))
    for (form, other, _, _), ratio in zip(rows, ratios, strict=True):
        if ratio and (ratio, other) > best.get(form, (0, "")):
            best[form] = (ratio, other)
    return [(form, other, ratio) for form, (ratio, other) in best.items()]


def _reused_codes(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    query = (
        "SELECT f.form_id, f.project_code, f.project_name, o.project_name, o.fiscal_year "
        "FROM check_form AS f JOIN check_form AS o "
        "ON f.project_code = o.project_code "
        "AND (f.region_code IS NOT DISTINCT FROM o.region_code "
        f"OR length(f.project_code) >= {threshold('national_code')}) "
        "AND f.fiscal_year = o.fiscal_year + 1 AND f.unit_key <> o.unit_key "
        "WHERE f.form_kind = 'self_evaluation' AND o.form_kind = 'self_evaluation' "
        "AND f.project_name IS NOT NULL AND o.project_name IS NOT NULL "
        "QUALIFY row_number() OVER (PARTITION BY f.form_id ORDER BY o.form_id) = 1"
    )
    limit = threshold("code_reused_ratio")
    return [row for row in _rows(connection, query) if fuzz.ratio(bare_name(row[2]), bare_name(row[3])) < limit]


def _ratios(pairs: Sequence[tuple[str, str]] | Iterable[tuple[str, str]], limit: int) -> list[int]:
    """fuzz.ratio of each pair in whole percent, 0 below the limit."""
    pairs = list(pairs)
    if not pairs:
        return []
    left, right = zip(*pairs, strict=True)
    scores = process.cpdist(left, right, scorer=fuzz.ratio, score_cutoff=limit, workers=2)
    return [int(score) for score in np.floor(scores + 0.5)]


def _conflicts(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return clauses.conflicts(connection) + clauses.other_days(connection) + clauses.undone(connection)


_MAKERS = {
    "check_name_variant": ("area VARCHAR, fiscal_year INTEGER, variant VARCHAR, official VARCHAR", _name_variants),
    "check_title": ("form_id VARCHAR, severity VARCHAR, stem VARCHAR", _titles),
    "check_duplicate": (
        "form_id VARCHAR, indicator_no INTEGER, other_no INTEGER, other VARCHAR, same_level2 BOOLEAN, ratio INTEGER",
        _duplicates,
    ),
    "check_conflict": (
        "form_id VARCHAR, indicator_no INTEGER, level3 VARCHAR, side VARCHAR, told VARCHAR, value VARCHAR",
        _conflicts,
    ),
    "check_goal": ("form_id VARCHAR, ratio INTEGER", _copied_goals),
    "check_foreign": ("form_id VARCHAR, side VARCHAR, told VARCHAR", clauses.foreign),
    "check_elsewhere": ("form_id VARCHAR, side VARCHAR, named VARCHAR, place VARCHAR", clauses.elsewhere),
    "check_completion": (
        "form_id VARCHAR, indicator_no INTEGER, count_no INTEGER, count_name VARCHAR, share DECIMAL(18, 2)",
        clauses.completions,
    ),
    "check_reused": ("form_id VARCHAR, other_id VARCHAR, ratio INTEGER", _reused_narratives),
    "check_code_reused": (
        "form_id VARCHAR, project_code VARCHAR, project_name VARCHAR, other_name VARCHAR, other_year INTEGER",
        _reused_codes,
    ),
}
TABLES = tuple(_MAKERS)
"""The tables of pairs."""


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of pairs from check_form, check_row and check_year."""
    for table, (columns, make) in _MAKERS.items():
        connection.execute(f"CREATE OR REPLACE TABLE checks.{table} ({columns})")
        insert(connection, table, make(connection))
