"""What goals and narratives say against the rest of their form: another number, another subject, another place.

Here: clauses of texts beside the rows of indicators. Not here: texts and names that are alike (texts), the findings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from extractors.readings.lexicon import alternation
from warehouse.checks.names import key_without_noise
from warehouse.checks.vocabulary import pattern, words

_APART, _OF_ANOTHER, _OF_A_SHARE, _AT_LEAST, _AT_MOST, _ROUGH, _VERB = (
    re.compile(pattern(name)) for name in ("filler", "of_another", "of_share", "at_least", "at_most", "rough", "doing")
)
_VERBS = re.compile(f"(?:{pattern('doing')}|{pattern('beside_doing')})*")
_OFFER = re.compile(f"(?:{pattern('offering')}|{pattern('doing')}|{pattern('beside_doing')})+")
_GENERIC = re.compile(
    alternation(
        word
        for kind in ("common", "phrase_word", "hollow_word", "duplicate_noise", "name_ending")
        for word in words(kind)
    )
)
_DAY = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})日")
_OF_TIME, _AT_DAY = re.compile(f"{pattern('time_end')}+$"), re.compile(pattern("at_day"))
_MEASURE = re.compile(f"(?:{pattern('duplicate_noise')}|{pattern('extent')}|{pattern('count_end')}|数)+$")
_OF_MORE_YEARS = re.compile("以来|历年|[两三四五六]年(?:来|累计|共|总)")
"""What says that a number is of more than the year."""
_UNDONE = re.compile(f"{pattern('undone')}$")
_CLAUSE = re.compile(r"[，。；,;、\n（）()：:]")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(万)?")
_MARK = re.compile(r"^\s*(?:目标|任务)?\s*(?:\d+\s*[.．、:：](?!\d)|[一二三四五六七八九十]+\s*[.．、:：])")


class Clause(NamedTuple):
    """A clause with one number: what stands before the number, and behind it, where its unit comes first."""

    text: str
    number: Decimal
    before: str
    behind: str


def clause_of(part: str) -> Clause | None:
    """What a part of a text says of one number; None with several, or with a word that makes it another one's.

    Such words are of a part, a period, a growth (每, 其中, 季度, 同比).
    """
    clause = _MARK.sub("", part)
    quantities = list(_QUANTITY.finditer(clause))
    if len(quantities) != 1 or _OF_ANOTHER.search(clause):
        return None
    [match] = quantities
    number = Decimal(match[1]) * (10_000 if match[2] else 1)
    return Clause(clause.strip(), number, clause[: match.start()], clause[match.end() :])


def is_of(clause: Clause, stem: str, unit: str, project: str = "") -> bool:
    """Whether a clause gives a number, in its unit, for what an indicator measures (培训400家企业: 培训企业家数).

    What the project is called may be left out: 参与学生 of 课后服务 are those of 参与课后服务学生数.
    """
    if not clause.behind.startswith(unit) or clause.behind[len(unit) :][:1] in ("次", "天", "/"):
        return False
    if (unit not in ("%", "％") and _OF_A_SHARE.search(clause.text)) or _OF_MORE_YEARS.search(clause.text):
        return False
    rest = _APART.sub("", clause.before + clause.behind[len(unit) :])
    return _says(rest, stem) or _says_but_for(project, rest, stem)


def told_otherwise(clauses: Iterable[Clause], value: Decimal, others: Collection[Decimal] = ()) -> Clause | None:
    """The clause that gives another number for an indicator than its value, None where none does, or they differ.

    A limit (400家以上) differs only from what lies beyond it, a rough number only from what is a tenth away. `others`:
    what the form's other rows of that name say, which a clause may mean as well.
    """
    said = list(clauses)
    if len({clause.number for clause in said}) != 1:
        return None
    if any(_agrees(clause, value) or clause.number in others for clause in said):
        return None
    return said[0]


def _says(rest: str, stem: str) -> bool:
    """Whether what a clause says beside its number names what an indicator measures, whatever is done with it.

    新建高标准农田 and 建成高标准农田 are one thing, 清淤河道 and 河道清淤 as well.
    """
    stem = _APART.sub("", stem)
    if any(name in rest for name in _orders(stem)):
        return True
    verb = _VERB.match(stem)
    noun = stem[verb.end() :] if verb else stem
    before, found, after = rest.partition(noun)
    if verb and found and len(noun) >= 4 and _VERBS.fullmatch(before) and not after:
        return True
    return len(stem) >= 6 and any(_with_words_between(rest, stem, at) for at in range(2, len(stem) - 1))


def _with_words_between(rest: str, stem: str, at: int) -> bool:
    """Whether a name stands in a clause with a verb between its words (为老年人提供助餐服务: 老年人助餐服务)."""
    _, _, behind = rest.partition(stem[:at])
    between, second, _ = behind.partition(stem[at:])
    return bool(second and _OFFER.fullmatch(between))


def _says_but_for(project: str, rest: str, stem: str) -> bool:
    left_out = len(stem) - len(rest)
    return (
        len(rest) >= 4
        and left_out >= 2
        and any(
            stem.startswith(rest[:at]) and stem.endswith(rest[at:]) and stem[at : at + left_out] in project
            for at in range(2, len(rest) - 1)
        )
    )


def _orders(stem: str) -> set[str]:
    """A name, and with its first or last word at the other end (清淤河道, 河道清淤)."""
    return {stem} if len(stem) < 4 else {stem, stem[2:] + stem[:2], stem[-2:] + stem[:-2]}


def _agrees(clause: Clause, value: Decimal) -> bool:
    text, number = clause.text, clause.number
    if _ROUGH.search(text):
        return abs(number - value) * 10 <= value
    if _AT_MOST.search(text):
        return value <= number
    if _AT_LEAST.search(text):
        return value >= number
    return number == value


def conflicts(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, indicator, name, side, clause, printed value) where goal or narrative give another number than the row.

    A name with a remark in brackets (小学) is of a part, which a text need not repeat. Of rates only those whose whole
    name stands in the text. Every clause is read once, however many rows it stands beside.
    """
    endings = f"{pattern('duplicate_noise')}|{pattern('extent')}|{pattern('count_end')}"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE check_text AS "
        "FROM (UNPIVOT (SELECT form_id, goal_expected AS target, goal_actual AS actual FROM check_form) "
        "ON target, actual INTO NAME side VALUE text) WHERE regexp_matches(text, '\\d'); "
        "CREATE OR REPLACE TEMP TABLE check_clause AS FROM ("
        "SELECT form_id, side, unnest(parts) AS part, generate_subscripts(parts, 1) AS place FROM ("
        f"SELECT form_id, side, regexp_split_to_array(text, '{_CLAUSE.pattern}') AS parts FROM check_text)"
        ") WHERE regexp_matches(part, '\\p{Nd}\\P{Nd}')"
    )
    parts = [part for (part,) in connection.execute("SELECT DISTINCT part FROM check_clause").fetchall()]
    read = {part: clause for part in parts if (clause := clause_of(part))}
    if not read:
        return []
    behind = pa.table([[*read], [clause.behind for clause in read.values()]], names=["part", "behind"])
    connection.register("read_clause", behind)
    measured = (
        "SELECT form_id, indicator_no, level3, 'target' AS side, target_unit AS unit, target_value AS value, "
        "target_text AS printed FROM check_row WHERE named AND horizon IS DISTINCT FROM 'long_term' "
        "AND target_kind IN ('quantity', 'ratio') AND target_operator IS DISTINCT FROM 'range' "
        "UNION ALL SELECT form_id, indicator_no, level3, 'actual', coalesce(actual_unit, target_unit), actual_value, "
        "actual_text FROM check_row WHERE evaluated AND named AND horizon IS DISTINCT FROM 'long_term' "
        "AND actual_kind IN ('quantity', 'ratio') AND actual_operator IS NULL"
    )
    counted = (
        "CASE WHEN ends_with(level3, unit || '数') THEN left(level3, -length(unit) - 1) "
        "WHEN ends_with(level3, unit) THEN left(level3, -length(unit)) ELSE level3 END"
    )
    stem = f"CASE WHEN unit = '%' THEN level3 ELSE regexp_replace({counted}, '(?:{endings})+$', '') END"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE check_told_row AS SELECT r.*, c.part, c.place "
        "FROM check_clause AS c JOIN read_clause USING (part) "
        f"JOIN ({measured}) AS r ON r.form_id = c.form_id AND r.side = c.side AND starts_with(behind, unit) "
        "WHERE value IS NOT NULL"
    )
    connection.unregister("read_clause")
    query = (
        f"WITH told AS (SELECT t.*, {stem} AS stem, coalesce(project_name, '') AS project "
        "FROM check_told_row AS t JOIN check_form USING (form_id) WHERE level3 = bare(level3)), "
        "near AS (SELECT told.* FROM told JOIN check_text USING (form_id, side) WHERE length(stem) >= 3 "
        "AND (contains(text, left(stem, 2)) OR contains(text, right(stem, 2)))), "
        "other AS (SELECT form_id, side, left(stem, 2) AS head, list(value) AS others FROM ("
        f"SELECT *, {stem} AS stem FROM ({measured}) SEMI JOIN near USING (form_id, side) "
        "WHERE unit IS NOT NULL AND value IS NOT NULL AND level3 = bare(level3)) GROUP BY ALL) "
        "SELECT near.form_id, indicator_no, level3, near.side, printed, value, others, part, stem, unit, project "
        "FROM near "
        "JOIN other ON other.form_id = near.form_id AND other.side = near.side AND other.head = left(stem, 2) "
        "ORDER BY near.form_id, near.side, indicator_no, place"
    )
    rows = connection.execute(query).fetchall()
    for table in ("check_text", "check_clause", "check_told_row"):
        connection.execute(f"DROP TABLE {table}")
    found = []
    for (form, number, name, side, printed), beside in groupby(rows, key=itemgetter(0, 1, 2, 3, 4)):
        clauses, others = [], set()
        for *_, value, values, part, stem, unit, project in beside:
            others = {other for other in values if other != value}
            if is_of(read[part], stem, unit, project):
                clauses.append(read[part])
        told = told_otherwise(clauses, value, others)
        if told:
            found.append((form, number, name, side, told.text, printed))
    return found


def other_days(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, indicator, name, side, clause, printed day) where a narrative gives another day for what a row dates.

    The clause has one day, and the row's name but for 时间 and the like (资助资金于12月20日兑现: 资助资金兑现时间).
    """
    query = (
        "SELECT form_id, indicator_no, level3, actual_text, actual_date, fiscal_year, goal_actual "
        "FROM check_row JOIN (SELECT form_id, goal_actual FROM check_form) USING (form_id) "
        "WHERE evaluated AND named AND horizon IS DISTINCT FROM 'long_term' AND actual_kind = 'date' "
        "AND actual_date IS NOT NULL AND coalesce(actual_operator, '=') = '=' "
        "AND regexp_matches(actual_text, '月\\d{1,2}日$') "
        "AND level3 = bare(level3) AND regexp_matches(goal_actual, '月\\d{1,2}日')"
    )
    found = []
    for form, number, name, printed, day, year, text in connection.execute(query).fetchall():
        stem = _APART.sub("", _OF_TIME.sub("", name))
        if len(stem) < 4:
            continue
        for clause in _CLAUSE.split(text):
            said = _day_of(clause, stem, year)
            if said and said != (day.year, day.month, day.day):
                found.append((form, number, name, "actual", clause.strip(), printed))
    return found


def undone(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, indicator, name, side, clause, printed value) where a narrative says that nothing was done of what counts.

    What the clause names is the name of the row but for its measure, or its end (演练未开展: 消防演练场次), so that
    部分演练 is not. One row for a clause.
    """
    query = (
        "SELECT form_id, indicator_no, level3, actual_text, goal_actual FROM check_row "
        "JOIN (SELECT form_id, goal_actual FROM check_form "
        f"WHERE regexp_matches(goal_actual, '{pattern('undone')}')) USING (form_id) "
        "WHERE evaluated AND named AND horizon IS DISTINCT FROM 'long_term' AND actual_kind = 'quantity' "
        "AND actual_value > 0 AND actual_operator IS NULL AND level3 = bare(level3) ORDER BY form_id, indicator_no"
    )
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for form, number, name, printed, text in connection.execute(query).fetchall():
        stem = _MEASURE.sub("", name)
        for clause in map(str.strip, _CLAUSE.split(text)):
            what = _UNDONE.sub("", clause)
            if len(what) >= 2 and what != clause and stem.endswith(what):
                found.setdefault((form, clause), (form, number, name, "actual", clause, printed))
    return [*found.values()]


def _day_of(clause: str, stem: str, year: int | None) -> tuple[int, int, int] | None:
    """The one day that a clause gives for what `stem` names, None where it gives none, more, or a limit (12月前)."""
    days = list(_DAY.finditer(clause))
    if len(days) != 1:
        return None
    [day] = days
    before, behind = clause[: day.start()], clause[day.end() :]
    if re.search(r"\d", before + behind) or behind.startswith(words("day_limit")):
        return None
    rest = _AT_DAY.sub("", _APART.sub("", before + behind))
    return (int(day[1] or year or 0), int(day[2]), int(day[3])) if rest.endswith(stem) else None


def foreign(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, side, text) of goals and narratives with figures that share no word with the project and its indicators.

    What says nothing of a subject (工作有序推进) has no figures of things, so that it is not one;
    neither are forms with fewer than four names to compare with.
    """
    quantity = rf"\d+(?:\.\d+)?[万千]?{pattern('thing_unit')}"
    query = (
        "WITH told AS (UNPIVOT (SELECT form_id, goal_expected AS target, goal_actual AS actual FROM check_form "
        "WHERE project_name IS NOT NULL) ON target, actual INTO NAME side VALUE text), "
        f"counted AS MATERIALIZED (FROM told WHERE len(regexp_extract_all(text, '{quantity}')) > 1), "
        "named AS (SELECT form_id, coalesce(level3, level2) AS name FROM check_row WHERE named UNION ALL "
        "SELECT form_id, project_name FROM check_form WHERE project_name IS NOT NULL), "
        "own AS MATERIALIZED (FROM named SEMI JOIN counted USING (form_id)), "
        "head AS (SELECT name, left(bare(name), 4) AS head FROM (SELECT DISTINCT name FROM own)), "
        "near AS (SELECT form_id, side FROM counted JOIN own USING (form_id) JOIN head USING (name) "
        "WHERE contains(text, head)) "
        "SELECT form_id, side, text, names FROM counted ANTI JOIN near USING (form_id, side) "
        "JOIN (SELECT form_id, list(name) AS names FROM own GROUP BY form_id HAVING count(*) > 4) USING (form_id)"
    )
    found = []
    for form, side, text, of_form in connection.execute(query).fetchall():
        own = {pair for name in of_form for pair in _bigrams(name)}
        said = _bigrams(text)
        if len(said) >= 8 and not own & said:
            found.append((form, side, text))
    return found


def _bigrams(text: str) -> set[str]:
    parts = re.split(r"[^\u4e00-\u9fff]+", _GENERIC.sub(" ", text))
    return {part[n : n + 2] for part in parts for n in range(len(part) - 1)}


def elsewhere(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, side, region named, the form's own region) where a text speaks of another region as its own.

    It says 在西湖区范围内 or 对西湖区…开展, or begins with a unit of it.

    Only regions whose name stands in no unit's name of the form, of another prefecture than the form's unless the form
    names its own; help for other places (对口支援, 协作) speaks of them rightly.
    """
    within = rf"(?:^|[，。；：:、在于为])([^，。；：:、在于为\s]{{2,5}}[区县]){pattern('within_region')}"
    unit = (
        r"(?:^|[，。；;\n])([^，。；：:\s]{2,5}?[区县])[^，。；：:\s]{1,14}?"
        rf"{pattern('office_end')}{pattern('office_does')}"
    )
    itself = rf"(?:^|[。；;\n])([^，。；：:\s]{{2,5}}?[区县]){pattern('office_does')}"
    toward = (
        rf"(?:^|[，。；;\n])[^，。；;\n]{{0,4}}?对([^，。；：\s]{{2,5}}?[区县])[^，。；;\n]{{1,20}}{pattern('doing')}"
    )
    query = (
        "WITH own AS (SELECT form_id, CASE WHEN regexp_full_match(project_code, getvariable('w_project_code')) "
        "THEN left(project_code, 6) ELSE region_code END AS region, concat_ws('|', unit_name, "
        "department_name, project_name, title) AS names, goal_expected AS target, goal_actual AS actual "
        "FROM check_form), "
        "told AS (UNPIVOT own ON target, actual INTO NAME side VALUE text), "
        "named AS (SELECT form_id, side, region, names, "
        f"unnest(list_distinct(regexp_extract_all(text, '{within}', 1) || "
        f"regexp_extract_all(text, '{unit}', 1) || regexp_extract_all(text, '{itself}', 1) || "
        f"regexp_extract_all(text, '{toward}', 1))) AS named FROM told "
        f"WHERE regexp_matches(text, '[区县]') AND NOT regexp_matches(text, getvariable('w_for_others'))) "
        "SELECT n.form_id, n.side, n.named, o.name FROM named AS n "
        "JOIN (FROM check_region WHERE level = 'county') AS o ON o.code = n.region AND o.until IS NULL "
        "WHERE NOT contains(n.names, n.named) AND n.named IN (SELECT name FROM check_region WHERE level = 'county') "
        "AND (contains(n.names, o.name) "
        "OR NOT EXISTS (FROM check_region AS d WHERE d.name = n.named AND left(d.code, 4) = left(n.region, 4))) "
        "QUALIFY row_number() OVER (PARTITION BY n.form_id, n.side ORDER BY n.named) = 1"
    )
    return connection.execute(query).fetchall()


def completions(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, indicator, counting indicator, its name, its share of the target) where a rate of completion says another.

    The rate is that of what the other row counts by its name (社会体育指导员培训完成率, 培训社会体育指导员人数).
    """
    ending = "(?:计划|任务|目标)*完成率$"
    query = (
        f"SELECT r.form_id, r.indicator_no, regexp_replace(bare(r.level3), '{ending}', ''), r.actual_value, "
        "c.indicator_no, c.level3, c.attainment_pct FROM check_row AS r JOIN check_row AS c "
        "ON c.form_id = r.form_id AND c.horizon IS NOT DISTINCT FROM r.horizon AND c.indicator_no <> r.indicator_no "
        f"WHERE r.evaluated AND r.named AND contains(r.level3, '率') AND regexp_matches(bare(r.level3), '{ending}') "
        "AND c.named "
        "AND r.actual_kind = 'ratio' AND r.actual_operator IS NULL AND r.actual_value IS NOT NULL "
        "AND c.target_kind = 'quantity' AND c.attainment_pct IS NOT NULL "
        "AND c.target_operator IS DISTINCT FROM 'range' "
        "AND c.target_operator IS DISTINCT FROM '<=' AND c.target_operator IS DISTINCT FROM '<' "
        "AND abs(r.actual_value - least(c.attainment_pct, 100)) > 1 AND abs(r.actual_value - c.attainment_pct) > 1"
    )
    return [
        (form, number, count_no, count_name, share)
        for form, number, stem, _, count_no, count_name, share in connection.execute(query).fetchall()
        if len(stem) >= 4 and key_without_noise(count_name) in {key_without_noise(name) for name in _orders(stem)}
    ]
