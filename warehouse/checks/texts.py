"""What needs likeness of texts: spellings of a unit, names in titles, repeated indicators, copied narratives.

Here: tables of pairs that are alike, made with rapidfuzz. Not here: the findings made of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from warehouse.checks.vocabulary import insert, threshold, words

_STEM = re.compile(
    r"(?:(?:19|20)\d\d(?:年度?)?)?(?P<stem>.*?)(?:项目)?(?:(?:财政)?(?:补助|专项)资金)?(?:区域)?(?:项目)?(?:支出)?(?:预算)?(?:绩效)?(?:目标)?"
    r"(?:运行)?(?:自评|自我评价|评价|目标|监控|完成情况|申报).{0,12}表.*"
)
_YEAR = re.compile(r"(?:19|20)\d\d年?度?")
_NOISE = re.compile(r"[\W_]+")
_NUMERAL = re.compile(r"[\d一二三四五六七八九十A-Za-z]+")
_CHUNK = 100_000
"""Rows of texts that are in Python's memory at a time."""
_GENERAL = re.compile(f"(?:{'|'.join(map(re.escape, words('title_general')))})+")
_APART = re.compile(r"[\s“”\"'：:]|共计?|约|达到?|完成|不[少低]于|至少|超过|≥|≤|累计|总?计")
_OF_ANOTHER = re.compile(r"每|各|其中|人均|平均|季度|月|上年|去年|同比|增长|新增|左右|余|多|分别|第|以上年|比例|%|％|/")


def title_stem(title: str) -> str:
    """The project's name as a title gives it (公共图书购置项目支出绩效自评表: 公共图书购置), or an empty text."""
    match = _STEM.fullmatch("".join(unicodedata.normalize("NFKC", title).split()))
    return match["stem"] if match else ""


def bare_name(name: str) -> str:
    """A project's name without years, punctuation and endings such as 经费 and 项目."""
    name = _key(name)
    endings = words("name_ending")
    while True:
        ending = next((e for e in endings if name.endswith(e) and len(name) - len(e) >= 2), None)
        if ending is None:
            return name
        name = name.removesuffix(ending)


def are_numbered(name: str, other: str) -> bool:
    """Whether two names differ in their numerals only (快检次数（第2批）, 快检次数（第4批）): two parts, not one."""
    return _NUMERAL.sub("", name) == _NUMERAL.sub("", other)


def say_the_same(name: str, other: str) -> bool:
    """Whether two like names are of one thing: what they differ in says nothing (图书购置册数, 图书购置数量).

    Antonyms and other nouns (开工率 and 完工率, 走访次数 and 走访时间) are two things, however alike the names are.
    """
    return _said(name) == _said(other)


def _is_turned(name: str, other: str) -> bool:
    """Whether one name is the other with its last word but the noise in front (校车线路开通数, 开通校车线路数)."""
    if len(name) != len(other) or name == other or sorted(name) != sorted(other):
        return False
    a, b = _turned_stem(name), _turned_stem(other)
    return len(a) >= 5 and a != b and any(a[n:] + a[:n] == b for n in (2, len(a) - 2))


def _turned_stem(name: str) -> str:
    return re.sub(f"(?:{'|'.join(words('count_end'))}|数|量)$", "", name)


@lru_cache(maxsize=100_000)
def _said(name: str) -> str:
    key = _key(name)
    for word in words("duplicate_noise"):
        key = key.replace(word, "")
    return key or _key(name)


def is_variant(name: str, official: str) -> bool:
    """Whether a unit's name is the official one with a character or two lost, not the name of a sibling unit."""
    if name == official or fuzz.ratio(name, official) < threshold("name_variant_ratio"):
        return False
    changed = ""
    for op in Indel.editops(name, official):
        changed += name[op.src_pos] if op.tag == "delete" else official[op.dest_pos]
    return len(changed) <= 2 and not set(changed) & set(words("numbering"))


def _key(name: str) -> str:
    return _NOISE.sub("", _YEAR.sub("", unicodedata.normalize("NFKC", name)))


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _chunks(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query, some at a time; nothing else is to be asked of the connection before the last."""
    found = connection.execute(query)
    while rows := found.fetchmany(_CHUNK):
        yield rows


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
    return [
        (form, severity, stem) for form, document, severity, stem in differing if document is None or document in naming
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
    if not _key(stem):
        return _Titled(stem)
    if _GENERAL.fullmatch(_key(stem)):
        return _Titled(stem)
    told, bare = bare_name(stem), bare_name(name)
    if told == bare:
        return _Titled(stem, names=True, severity="" if _key(stem) == _key(name) else "info")
    if told.endswith(bare):  # a title that names the unit before the project
        return _Titled(stem, names=True)
    return _Titled(stem, severity="warning", alone=fuzz.ratio(told, bare) >= threshold("title_ratio"))


def _duplicates(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, indicator, earlier indicator, its name, same level 2, ratio) for each name that an earlier one is like."""
    limit = threshold("duplicate_ratio")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE check_name_pair AS "
        "SELECT b.form_id, b.indicator_no, a.indicator_no AS other_no, a.level3 AS other, b.level3 AS name, "
        "a.level1 IS NOT DISTINCT FROM b.level1 AND a.level2 IS NOT DISTINCT FROM b.level2 AS same_level2 "
        "FROM check_row AS a JOIN check_row AS b ON a.form_id = b.form_id AND a.indicator_no < b.indicator_no "
        "AND a.horizon IS NOT DISTINCT FROM b.horizon AND a.named AND b.named "
        f"AND 200 * least(length(a.level3), length(b.level3)) >= {limit} * (length(a.level3) + length(b.level3))"
    )
    alike = [
        (a, b, ratio or limit)
        for pairs in _chunks(connection, "SELECT DISTINCT other, name FROM check_name_pair")
        for (a, b), ratio in zip(pairs, _ratios(pairs, limit), strict=True)
        if (ratio and (a == b or (say_the_same(a, b) and not are_numbered(a, b)))) or _is_turned(a, b)
    ]
    if not alike:
        connection.execute("DROP TABLE check_name_pair")
        return []
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


_CLAUSE = re.compile(r"[，。；,;、\n（）()]")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(万)?")
_MARK = re.compile(r"^\s*(?:目标|任务)?\s*(?:\d+\s*[.．、:：](?!\d)|[一二三四五六七八九十]+\s*[.．、:：])")


def told_otherwise(text: str, stem: str, unit: str, value: Decimal) -> str | None:
    """The clause of a text that gives another number for what an indicator counts, None where none does.

    The clause must name the thing as the indicator does (培训400家企业 beside 培训企业家数), with one number, in its
    unit, and without a word that makes the number another one's: a part, a period, a share.
    """
    said = []
    for part in _CLAUSE.split(text):
        clause = _MARK.sub("", part)
        found = [(m, m.end()) for m in _QUANTITY.finditer(clause) if clause[m.end() :].startswith(unit)]
        if len(found) != 1 or len(_QUANTITY.findall(clause)) != 1 or _OF_ANOTHER.search(clause):
            continue
        match, end = found[0]
        rest = clause[: match.start()] + clause[end + len(unit) :]
        if stem not in _APART.sub("", rest) or clause[end + len(unit) :][:1] in ("次", "天", "/"):
            continue
        number = Decimal(match[1]) * (10_000 if match[2] else 1)
        said.append((number, clause.strip()))
    if any(number == value for number, _ in said) or len({number for number, _ in said}) != 1:
        return None
    return said[0][1]


def _conflicts(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, indicator, name, side, clause, printed value) where goal or narrative give another number than the row."""
    stems = f"regexp_replace(bare(r.level3), '(?:{'|'.join(words('duplicate_noise'))})+$', '')"
    query = (
        f"SELECT f.form_id, r.indicator_no, r.level3, side, text, {stems} AS stem, unit, value, printed FROM ("
        "SELECT form_id, indicator_no, level3, 'target' AS side, target_unit AS unit, target_value AS value, "
        "target_text AS printed FROM check_row WHERE named AND horizon IS DISTINCT FROM 'long_term' "
        "AND target_kind = 'quantity' AND target_operator IS DISTINCT FROM 'range' "
        "UNION ALL SELECT form_id, indicator_no, level3, 'actual', coalesce(actual_unit, target_unit), actual_value, "
        "actual_text FROM check_row WHERE evaluated AND named AND horizon IS DISTINCT FROM 'long_term' "
        "AND actual_kind = 'quantity' AND actual_operator IS NULL"
        ") AS r JOIN (UNPIVOT (SELECT form_id, goal_expected AS target, goal_actual AS actual FROM check_form) "
        "ON target, actual INTO NAME side VALUE text) AS f USING (form_id, side) "
        f"WHERE unit IS NOT NULL AND value IS NOT NULL AND length({stems}) >= 3 AND contains(text, unit) "
        f"AND contains(text, left({stems}, 2)) AND regexp_matches(text, '\\d')"
    )
    found = []
    rows = (row for chunk in _chunks(connection, query) for row in chunk)
    for form, number, name, side, text, stem, unit, value, printed in rows:
        clause = told_otherwise(text, stem, unit, value)
        if clause:
            found.append((form, number, name, side, clause, printed))
    return found


def _ratios(pairs: Sequence[tuple[str, str]] | Iterable[tuple[str, str]], limit: int) -> list[int]:
    """fuzz.ratio of each pair in whole percent, 0 below the limit."""
    pairs = list(pairs)
    if not pairs:
        return []
    left, right = zip(*pairs, strict=True)
    scores = process.cpdist(left, right, scorer=fuzz.ratio, score_cutoff=limit, workers=2)
    return [int(score) for score in np.floor(scores + 0.5)]


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
