"""What needs likeness of texts: spellings of a unit, names in titles, repeated indicators, copied narratives.

Here: tables of pairs that are alike, made with rapidfuzz. Not here: the findings made of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
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
_VERB = re.compile(r"新建|建成|建设|开展|举办|组织|召开|完成|实施|进行")
_VERBS = re.compile(
    r"(?:新建|建成|建设|开展|举办|组织|召开|完成|实施|进行|全年|全区|全县|全市|本年|今年|已|共|计划|开工|并|年度|顺利|如期|全部)*"
)
_COMMON = frozenset(
    {"项目", "工作", "建设", "管理", "服务", "专项", "维护", "运行", "保障", "提升", "工程", "综合", "整治"}
)
_GENERIC = re.compile(
    "|".join(
        map(
            re.escape,
            sorted(
                {
                    *words("phrase_word"),
                    *words("hollow_word"),
                    *words("duplicate_noise"),
                    *words("name_ending"),
                    *_COMMON,
                },
                key=len,
                reverse=True,
            ),
        )
    )
)


_FUND = re.compile(
    r"(?:(?:中央|省级?|市级?|县级?|区级?)?(?:财政)?(?:补助|专项|补贴|奖补)?资金)?(?:转移支付|区域|预算|项目|整体|[()（）])*$"
)
"""What a title says behind a project's name of the money and of what is judged."""
_DONE = re.compile(
    r"(?:采购|购置|建设|改造|维修|维护|运维|运营|运行|培训|租赁|整治|管护|养护|保洁|清淤|开发|编制|修缮|培育|救助|防治|抽检)$"
)
_NO_PROJECT = re.compile(
    r"资金|基金|债券|附加|安排|转移|专项|补助|类$|民生|实事|重点|基础设施|基本建设|信息化|政府采购"
)


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
    """Whether one name is the other with its words in another order.

    The last word but the noise in front (校车线路开通数, 开通校车线路数), or two words before the last:
    新增城镇就业人数, 城镇新增就业人数.
    """
    if len(name) != len(other) or name == other or sorted(name) != sorted(other):
        return False
    a, b = _turned_stem(name), _turned_stem(other)
    if len(a) < 5 or a == b:
        return False
    same_end = a[-2:] == b[-2:] and sorted(_pairs(a)) == sorted(_pairs(b))
    return same_end or any(a[n:] + a[:n] == b for n in (2, len(a) - 2))


def _pairs(text: str) -> list[str]:
    return [text[n : n + 2] for n in range(0, len(text), 2)]


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
        if form not in told and len(stem) >= 6 and _DONE.search(stem) and not _NO_PROJECT.search(stem)
    }
    found = []
    for form, stem in stems.items():
        [(text,)] = connection.execute(
            "SELECT concat_ws('|', any_value(f.project_name), any_value(f.unit_name), any_value(f.department_name), "
            "any_value(f.goal_expected), any_value(f.goal_actual), string_agg(r.level3, '|')) "
            "FROM check_form AS f LEFT JOIN check_row AS r USING (form_id) WHERE form_id = ?",
            [form],
        ).fetchall()
        if not any(stem[n : n + 2] in text for n in range(len(stem) - 1) if stem[n : n + 2] not in _COMMON):
            found.append((form, "warning", stem))
    return found


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
    if told.endswith(bare) or bare_name(_FUND.sub("", stem)).endswith(
        bare
    ):  # the unit before the project, a fund after
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


def _conflicts(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
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
    rows = (row for chunk in _chunks(connection, query) for row in chunk)
    for form, number, name, side, text, stem, unit, value, printed, others in rows:
        clause = told_otherwise(text, stem, unit, value, [other for other in others if other != value])
        if clause:
            found.append((form, number, name, side, clause, printed))
    return found


def _foreign(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
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
    for form, side, text, of_form in _rows(connection, query):
        own = {pair for name in of_form for pair in _bigrams(name)}
        said = _bigrams(text)
        if len(said) >= 8 and not own & said:
            found.append((form, side, text))
    return found


def _bigrams(text: str) -> set[str]:
    parts = re.split(r"[^\u4e00-\u9fff]+", _GENERIC.sub(" ", text))
    return {part[n : n + 2] for part in parts for n in range(len(part) - 1)}


def _elsewhere(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
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
    return _rows(connection, query)


def _completions(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
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
        for form, number, stem, _, count_no, count_name, share in _rows(connection, query)
        if len(stem) >= 4 and _said(count_name) in {_said(name) for name in _orders(stem)}
    ]


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
    "check_foreign": ("form_id VARCHAR, side VARCHAR, told VARCHAR", _foreign),
    "check_elsewhere": ("form_id VARCHAR, side VARCHAR, named VARCHAR, place VARCHAR", _elsewhere),
    "check_completion": (
        "form_id VARCHAR, indicator_no INTEGER, count_no INTEGER, count_name VARCHAR, share DECIMAL(18, 2)",
        _completions,
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
