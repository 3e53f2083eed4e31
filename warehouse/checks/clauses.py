"""What goals and narratives say against the rest of their form: another number, another subject, another place.

Here: clauses of texts beside the rows of indicators. Not here: texts and names that are alike (texts), the findings.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import duckdb

from extractors.readings.lexicon import alternation
from warehouse.build.connections import in_parts
from warehouse.checks.names import key_without_noise
from warehouse.checks.vocabulary import words

_APART = re.compile(
    r"[\s“”\"'：:了]|共计?|约|接?近|达到?|完成|[不低高]*[少低高多大小][于过]|至少|[不低]*超过|不超|≥|≤|累计|总?计|以[上下内]|及以上"
)
_OF_ANOTHER = re.compile(
    r"每|各|其中|人均|平均|季度|月|半年|年内|[两三四五六七八九十]年|到20|至20|年底|期末|规划|上年|去年|往年|同比|增长|新增|左右|余|多[^于]|多$|分别|第"
    r"|以上年|/"
)
_OF_A_SHARE = re.compile(r"比例|%|％|百分")
_AT_LEAST = re.compile(r"以上|不[少低]于|至少|≥|(?:^|[^不])(?:超过?|高于|大于|多于)")
_AT_MOST = re.compile(r"以[下内]|不超|不[多高大]于|控制在|≤|(?:^|[^不])(?:低于|少于|小于)")
_ROUGH = re.compile(r"约|近|左右|余")
_DOING = "新建|建成|建设|开展|举办|组织|召开|完成|实施|进行"
_VERB = re.compile(_DOING)
_VERBS = re.compile(f"(?:{_DOING}|全年|全区|全县|全市|本年|今年|已|共|计划|开工|并|年度|顺利|如期|全部)*")
COMMON = frozenset(
    {"项目", "工作", "建设", "管理", "服务", "专项", "维护", "运行", "保障", "提升", "工程", "综合", "整治"}
)
_HOLLOW = "phrase_word", "hollow_word", "duplicate_noise", "name_ending"
_GENERIC = re.compile(alternation([*COMMON, *(word for kind in _HOLLOW for word in words(kind))]))
_CLAUSE = re.compile(r"[，。；,;、\n（）()：:]")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(万)?")
_MARK = re.compile(r"^\s*(?:目标|任务)?\s*(?:\d+\s*[.．、:：](?!\d)|[一二三四五六七八九十]+\s*[.．、:：])")


def told_otherwise(text: str, stem: str, unit: str, value: Decimal, others: Collection[Decimal] = ()) -> str | None:
    """The clause of a text that gives another number for what an indicator measures, None where none does.

    The clause must name the thing as the indicator does (培训400家企业 beside 培训企业家数), with one number, in its
    unit, and without a word that makes the number another one's: a part, a period, a share. A limit (400家以上)
    differs only from what lies beyond it, a rough number only from what is a tenth away. `others`: what the form's
    other rows of that name say, which a clause may mean as well.
    """
    share = unit in ("%", "％")
    said = []
    for part in _CLAUSE.split(text):
        clause = _MARK.sub("", part)
        found = [(m, m.end()) for m in _QUANTITY.finditer(clause) if clause[m.end() :].startswith(unit)]
        if len(found) != 1 or len(_QUANTITY.findall(clause)) != 1 or _OF_ANOTHER.search(clause):
            continue
        if not share and _OF_A_SHARE.search(clause):
            continue
        match, end = found[0]
        rest = _APART.sub("", clause[: match.start()] + clause[end + len(unit) :])
        if not _says(rest, stem) or clause[end + len(unit) :][:1] in ("次", "天", "/"):
            continue
        number = Decimal(match[1]) * (10_000 if match[2] else 1)
        said.append((number, clause.strip(), _agrees(clause, number, value)))
    if any(agrees or number in others for number, _, agrees in said) or len({number for number, *_ in said}) != 1:
        return None
    return said[0][1]


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
    return bool(verb and found and len(noun) >= 4 and _VERBS.fullmatch(before) and not after)


def _orders(stem: str) -> set[str]:
    """A name, and with its first or last word at the other end (清淤河道, 河道清淤)."""
    return {stem} if len(stem) < 4 else {stem, stem[2:] + stem[:2], stem[-2:] + stem[:-2]}


def _agrees(clause: str, number: Decimal, value: Decimal) -> bool:
    if _ROUGH.search(clause):
        return abs(number - value) * 10 <= value
    if _AT_MOST.search(clause):
        return value <= number
    if _AT_LEAST.search(clause):
        return value >= number
    return number == value


def conflicts(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, indicator, name, side, clause, printed value) where goal or narrative give another number than the row.

    A name with a remark in brackets (小学) is of a part, which a text need not repeat. Of rates only those whose whole
    name stands in the text.
    """
    endings = "|".join([*words("duplicate_noise"), "长度", "面积", "里程", "规模"])
    stems = f"CASE WHEN unit = '%' THEN r.level3 ELSE regexp_replace(r.level3, '(?:{endings})+$', '') END"
    query = (
        "SELECT * FROM ("
        f"SELECT f.form_id, r.indicator_no, r.level3, side, text, {stems} AS stem, unit, value, printed, "
        f"list(value) OVER (PARTITION BY f.form_id, side, left({stems}, 2)) AS others FROM ("
        "SELECT form_id, indicator_no, level3, 'target' AS side, target_unit AS unit, target_value AS value, "
        "target_text AS printed FROM check_row WHERE named AND horizon IS DISTINCT FROM 'long_term' "
        "AND target_kind IN ('quantity', 'ratio') AND target_operator IS DISTINCT FROM 'range' "
        "UNION ALL SELECT form_id, indicator_no, level3, 'actual', coalesce(actual_unit, target_unit), actual_value, "
        "actual_text FROM check_row WHERE evaluated AND named AND horizon IS DISTINCT FROM 'long_term' "
        "AND actual_kind IN ('quantity', 'ratio') AND actual_operator IS NULL"
        ") AS r JOIN (UNPIVOT (SELECT form_id, goal_expected AS target, goal_actual AS actual FROM check_form) "
        "ON target, actual INTO NAME side VALUE text) AS f USING (form_id, side) "
        "WHERE unit IS NOT NULL AND value IS NOT NULL AND r.level3 = bare(r.level3) AND regexp_matches(text, '\\d')"
        ") WHERE length(stem) >= 3 AND contains(text, unit) "
        "AND (contains(text, left(stem, 2)) OR contains(text, right(stem, 2)))"
    )
    found = []
    rows = (row for part in in_parts(connection, query) for row in part)
    for form, number, name, side, text, stem, unit, value, printed, others in rows:
        clause = told_otherwise(text, stem, unit, value, [other for other in others if other != value])
        if clause:
            found.append((form, number, name, side, clause, printed))
    return found


def foreign(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """(form, side, text) of goals and narratives with figures that share no word with the project and its indicators.

    What says nothing of a subject (工作有序推进) has no figures of things, so that it is not one;
    neither are forms with fewer than four names to compare with.
    """
    quantity = r"\d+(?:\.\d+)?万?[个户头台套场次人件处项批家座册辆条公亩平]"
    names = (
        "SELECT form_id, level3 AS name FROM check_row WHERE named UNION ALL "
        "SELECT form_id, project_name FROM check_form WHERE project_name IS NOT NULL"
    )
    query = (
        "WITH told AS (UNPIVOT (SELECT form_id, goal_expected AS target, goal_actual AS actual FROM check_form "
        "WHERE project_name IS NOT NULL) ON target, actual INTO NAME side VALUE text), "
        f"counted AS (FROM told WHERE len(regexp_extract_all(text, '{quantity}')) > 1) "
        f"SELECT form_id, side, text, list(name) FROM counted JOIN ({names}) AS n USING (form_id) "
        "GROUP BY ALL HAVING count(*) > 4 AND NOT bool_or(contains(text, left(bare(name), 4)))"
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
    """(form, side, region named, the form's own region) where a text says 在西湖区范围内, or begins with a unit of it.

    Only regions of another prefecture than the form's, whose name stands in no unit's name of the form; help for other
    places (对口支援, 协作) speaks of them rightly.
    """
    within = r"(?:^|[，。；：:、在于为])([^，。；：:、在于为\s]{2,5}[区县])(?:范围内|辖区内|境内|全域)"
    unit = (
        r"(?:^|[，。；;\n])([^，。；：:\s]{2,5}?[区县])[^，。；：:\s]{1,14}?"
        r"(?:局|中心|委员会|办公室|政府|街道办|办事处|支队|大队|医院|学校)(?:全年|本年|按|严格|认真|积极|圆满|已|共|完成|开展|组织|[，。])"
    )
    query = (
        "WITH own AS (SELECT form_id, CASE WHEN regexp_full_match(project_code, getvariable('w_project_code')) "
        "THEN left(project_code, 6) ELSE region_code END AS region, concat_ws('|', unit_name, "
        "department_name, project_name, title) AS names, goal_expected AS target, goal_actual AS actual "
        "FROM check_form), "
        "told AS (UNPIVOT own ON target, actual INTO NAME side VALUE text), "
        "named AS (SELECT form_id, side, region, names, "
        f"unnest(list_distinct(regexp_extract_all(text, '{within}', 1) || "
        f"regexp_extract_all(text, '{unit}', 1))) AS named FROM told "
        f"WHERE regexp_matches(text, '[区县]') AND NOT regexp_matches(text, getvariable('w_for_others'))) "
        "SELECT n.form_id, n.side, n.named, o.name FROM named AS n "
        "JOIN (FROM check_region WHERE level = 'county') AS o ON o.code = n.region AND o.until IS NULL "
        "WHERE NOT contains(n.names, n.named) AND n.named IN (SELECT name FROM check_region WHERE level = 'county') "
        "AND NOT EXISTS (FROM check_region AS d WHERE d.name = n.named AND left(d.code, 4) = left(n.region, 4)) "
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
        f"WHERE r.evaluated AND r.named AND c.named AND regexp_matches(bare(r.level3), '{ending}') "
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
