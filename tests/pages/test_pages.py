"""Every page: it answers, nothing of a document gets into it unescaped, and it loads nothing from elsewhere.

Here: what is shown. Not here: what is refused and written (test_guarding).
"""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
from asking import TOKEN, ask, total

from pages import looks
from pages.app import application
from pages.charts import line_chart
from pages.content import documents
from pages.content import findings as content_findings
from pages.content import questions as asked
from pages.cookbook import questions
from pages.guard import Guard
from pages.house import House
from pages.published import Data, Published
from pages.wording import said
from warehouse.views.declarations import VIEWS

PAGES = ["/", "/search?q=保洁", "/findings", "/documents", "/attention", "/proposals", "/questions", "/about"]


def every_page(house: House) -> list[str]:
    with house.published.data() as data:
        forms = [row["form_id"] for row in data.rows("SELECT form_id FROM project")]
        units = [row["unit_id"] for row in data.rows("SELECT unit_id FROM organisation")]
        taught = [row["proposal_id"] for row in data.rows("SELECT proposal_id FROM proposal")]
        series = [row["series_id"] for row in data.rows("SELECT series_id FROM series")]
    pages = [f"/form/{form}?at=indicator.1.level3" for form in forms]
    pages += [f"/unit/{unit}" for unit in units] + [f"/series/{one}" for one in series]
    pages += [f"/proposals/{one}" for one in taught]
    pages += [f"/questions/{question.key}" for question in questions()]
    return [*PAGES, "/search?q=" + quote("<script>"), *pages]


def test_every_page_answers_and_nothing_hostile_gets_through(house: House, app: Any) -> None:
    seen = 0
    for url in every_page(house):
        answer = ask(app, quote(url, safe="/?=&%."))
        assert answer.status == 200, url
        text = answer.text
        assert "<script>alert" not in text and "<img src=//" not in text and "<b>x&y" not in text, url
        assert re.findall(r"<script(?![^>]* src=\"/static/keys.js\")", text) == [], url
        assert not re.search(r"\s(?:on\w+|style)=\"", text.replace("&#34;", "")), url
        assert not re.search(r"(?:src|href|action)=\"(?:https?:|//|javascript:|data:)", text), url
        assert "49" not in re.findall(r"onerror=alert\(2\)&gt;(\d+)", text), "a template in a name is not run"
        seen += "&lt;script&gt;alert(1)" in text
    assert seen > 5, "the hostile names were on pages"
    with house.published.data() as data:
        proposal = data.one("SELECT proposal_id FROM proposal WHERE contains(text, '<script>')")
    assert proposal is not None
    assert "&lt;script&gt;alert(1)" in ask(app, f"/proposals/{proposal['proposal_id']}").text


def test_the_headers_let_nothing_foreign_in(app: Any) -> None:
    for url in ("/", "/nothing", "/static/style.css", "/findings.csv"):
        policy = ask(app, url).headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    "url",
    [
        *("/nothing", "/form/x", "/form/0000000000000000-1", "/unit/u000000000000", "/series/s0", "/questions/none"),
        *("/form/..%2F..%2Fetc%2Fpasswd", "/static/..%2Fapp.py", "/static/app.py", "/unit/" + "a" * 200),
        *("/picture/0000000000000000-1/project.1.title.png", "/page/0000000000000000-1/1.png", "/picture/..%2f/x.png"),
        *("/original/..%2F..%2Fcorrections.yml", "/original/x", "/proposals/..%2Fx", "/proposals/p00000000"),
    ],
)
def test_what_does_not_exist_is_told(app: Any, url: str) -> None:
    assert ask(app, url).status == 404


def test_a_form_marks_the_value_of_its_address_on_both_sides(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one(
            "SELECT form_id FROM project JOIN document USING (document_id) WHERE format = 'xlsx' ORDER BY 1 LIMIT 1"
        )
    assert row is not None
    text = ask(app, f"/form/{row['form_id']}?at=indicator.1.target_text").text
    assert re.search(r'class="v chosen"[^>]* href="/form/[^"]*at=indicator.1.target_text', text)
    assert len(re.findall(r'<td class="chosen">', text)) == 1
    assert "chosen" not in ask(app, f"/form/{row['form_id']}?at=indicator.99.level3").text, "there is no such value"


def test_amounts_are_shown_in_ten_thousands_or_yuan_as_chosen(app: Any) -> None:
    assert "1,650.00" in ask(app, "/").text
    assert "16,500,000.00" in ask(app, "/", headers={"cookie": "money=yuan"}).text
    answer = ask(app, "/money?unit=yuan&back=//evil.example/")
    assert answer.status == 303 and answer.headers["location"] == "/" and "money=yuan" in answer.headers["set-cookie"]


def test_facets_filter_and_count(app: Any) -> None:
    counted = dict(
        re.findall(r'name="severity" value="(\w+)"> <span>[^<]*</span> <b>([\d,]+)</b>', ask(app, "/findings").text)
    )
    assert counted.keys() == {"error", "warning", "info"}
    marks = {"error": "■", "warning": "▲", "info": "●"}
    for severity, count in counted.items():
        text = ask(app, f"/findings?severity={severity}").text
        assert f"<small>{count} 项" in text and re.search(rf'value="{severity}" checked', text)
        shown = set(re.findall("[■▲●]", text.split('class="cards"')[1]))
        assert shown == {marks[severity]}, "none of another severity"
    assert "2023 ·" not in ask(app, "/findings?year=2024&severity=error").text.split('class="cards"')[1]
    nothing = ask(app, "/findings?severity=none&unit=" + quote("'; DROP TABLE finding; --"))
    assert nothing.status == 200 and "没有这样的发现" in nothing.text


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("year=2024&severity=error", "fiscal_year = 2024 AND severity = 'error'"),
        ("year=2024&year=2023&region=449901", "fiscal_year IN (2023, 2024) AND region_code = '449901'"),
        ("verdict=—", "verdict IS NULL"),
        ("verdict=filer&verdict=—&state=待核", "verdict IS DISTINCT FROM 'reader' AND review_state = '待核'"),
        ("state=属实", "review_state = '属实'"),
        ("year=99999999", "false"),
        ("unit={unit}&severity=warning", "unit = '{unit}' AND severity = 'warning'"),
        ("department={department}&check={check}", "department = '{department}' AND check_code = '{check}'"),
        ("form={form_id}", "form_id = '{form_id}'"),
    ],
)
def test_what_is_counted_and_shown_is_what_the_view_holds(house: House, app: Any, query: str, where: str) -> None:
    with house.published.data() as data:
        row = data.one(
            "SELECT unit, department, check_code AS check, form_id FROM v_finding "
            "WHERE severity = 'warning' AND NOT contains(unit, '<') ORDER BY finding_id LIMIT 1"
        )
        assert row is not None
        held = data.rows(f"SELECT finding_key FROM v_finding WHERE {where.format(**row)}")
    keys: list[str] = []
    url = "/findings?" + quote(query.format(**row), safe="=&")
    while url:
        text = ask(app, url).text
        total = re.search(r"<small>([\d,]+) 项", text)
        assert total is not None and int(total[1].replace(",", "")) == len(held)
        keys += re.findall(r'class="card" id="(f[0-9a-f]{16})"', text)
        more = re.search(r'rel="next" href="([^"]+)"', text)
        url = more[1].replace("&amp;", "&") if more else ""
    assert sorted(keys) == sorted(row["finding_key"] for row in held)


def test_findings_go_on_behind_the_last_one_shown(app: Any) -> None:
    keys: list[str] = []
    url = "/findings"
    while url:
        text = ask(app, url).text
        keys += re.findall(r'class="card" id="(f[0-9a-f]{16})"', text)
        more = re.search(r'rel="next" href="([^"]+)"', text)
        url = more[1].replace("&amp;", "&") if more else ""
    total = re.search(r"<small>([\d,]+) 项", ask(app, "/findings").text)
    assert total is not None and len(keys) == len(set(keys)) == int(total[1].replace(",", ""))


def test_a_download_runs_nothing_in_a_spreadsheet(app: Any) -> None:
    answer = ask(app, "/findings.csv")
    assert answer.body.startswith(b"\xef\xbb\xbf")
    assert not re.search(r'(?:^|,)"?[=@+]', answer.text.lstrip("\ufeff"), re.MULTILINE)


def test_every_question_has_an_answer_and_what_is_asked_for_is_a_value(app: Any) -> None:
    for question in questions():
        assert "没有答案" not in ask(app, f"/questions/{question.key}").text, question.key
    low = next(q for q in questions() if q.key == "low_execution_yet_excellent")
    hostile = "' OR 1=1; DROP TABLE x; --"
    names = {part.label: part.name for part in asked.parts(low)}
    sql = asked.filled(low, {names["执行率低于"]: "1 OR 1=1", names["等级"]: hostile})
    assert "computed_rate_pct < 80" in sql and "grade = ''' OR 1=1; DROP TABLE x; --'" in sql
    assert ask(app, f"/questions/{low.key}?{names['等级']}={quote(hostile)}").status == 200
    more = ask(app, f"/questions/{low.key}?{names['执行率低于']}=99").text
    assert more.count("<tr>") > ask(app, f"/questions/{low.key}").text.count("<tr>")


def test_where_answers_take_seconds_a_question_is_answered_when_it_is_asked(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = ask(app, "/questions/departments_over_years").text
    monkeypatch.setattr(asked, "AT_ONCE", 0)
    before, after = (ask(app, f"/questions/departments_over_years{query}").text for query in ("", "?ask=1"))
    assert "<td" in at_once and "<td" in after
    assert "<td" not in before and "<button>回答</button>" in before and "SELECT" in before


def test_who_asks_while_several_wait_is_told_so(house: House, app: Any) -> None:
    with ExitStack() as waiting:
        while house.published._waiting.acquire(blocking=False):
            waiting.callback(house.published._waiting.release)
        answer = ask(app, "/questions/departments_over_years")
        assert answer.status == 503 and "请过一会儿再问" in answer.text
        assert ask(app, "/").status == 200
    assert ask(app, "/questions/departments_over_years").status == 200


def test_a_build_of_an_earlier_version_says_what_to_do(house: House, tmp_path: Path) -> None:
    older = tmp_path / "warehouse.duckdb"
    shutil.copy((house.data_dir / "curated" / "warehouse.duckdb").resolve(), older)
    older.chmod(0o600)
    with duckdb.connect(str(older)) as connection:
        connection.execute("DROP TABLE v_finding_year")
    published = Published(older)
    answer = ask(application(House(tmp_path, published, Guard(8000, token=TOKEN))), "/findings")
    published.close()
    assert answer.status == 503 and "make ingest" in answer.text


RATES = "SELECT unit AS 单位, computed_rate_pct AS 执行率 FROM v_project ORDER BY computed_rate_pct, unit"


def test_what_an_answer_is_ordered_by_is_drawn_as_bars() -> None:
    found = asked.drawn("谁花得少", RATES, ["单位", "执行率"], [("甲", 40.0), ("乙", 80.0)], [False, True])
    assert [mark.width for mark in found["bars"]] == [80.0, 160.0]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (RATES, [("甲", 40.0)]),
        (RATES, [("甲", 40.0), ("乙", 40.0)]),
        (RATES, [("甲", -4.0), ("乙", 40.0)]),
        (RATES.replace("ORDER BY computed_rate_pct, unit", "ORDER BY unit"), [("甲", 40.0), ("乙", 80.0)]),
        ("SELECT unit AS 单位, rate AS 执行率 FROM v_project", [("甲", 40.0), ("乙", 80.0)]),
    ],
)
def test_an_answer_of_which_a_picture_says_nothing_is_not_drawn(sql: str, rows: list[tuple[str, float]]) -> None:
    assert asked.drawn("谁花得少", sql, ["单位", "执行率"], rows, [False, True]) == {}


def test_an_answer_with_one_row_a_year_is_drawn_as_lines_of_its_shares() -> None:
    columns, numeric = ["年度", "预算", "执行率", "最低总分"], [True] * 4
    found = asked.drawn("历年", "…", columns, [(2022, 9, 50.0, 70.0), (2023, 8, 60.0, 80.0)], numeric)
    assert [line.label for line in found["line"].lines] == ["执行率", "最低总分"]
    assert asked.drawn("历年", "…", columns, [(2022, 9, 50.0, 70.0), (2022, 8, 60.0, 80.0)], numeric) == {}


def test_only_what_people_have_words_for_is_asked_for() -> None:
    fields = {q.key: [(p.label, p.default) for p in asked.parts(q)] for q in questions()}
    assert fields["satisfaction_over_years"] == [("指标含", "满意度")]
    assert fields["money_by_source"] == []
    question = next(q for q in questions() if q.key == "satisfaction_over_years")
    assert "LIKE '%知晓率%'" in asked.filled(question, {"p1": "知晓率"})
    [severity] = asked.parts(next(q for q in questions() if q.key == "errors_by_check"))
    assert severity.choices == {"error": "错误", "warning": "警告", "info": "提示"}


def test_what_may_be_asked_for_anew_stands_in_the_sentence_of_the_question(app: Any) -> None:
    for question in questions():
        own = asked.parts(question)
        pieces, unnamed = asked.sentence(question.ask, own)
        said = [p if isinstance(p, str) else (p.choices or {}).get(p.default, p.default) for p in pieces]
        assert "".join(said) == question.ask
        assert sorted(p.name for p in [*pieces, *unnamed] if isinstance(p, asked.Asked)) == sorted(p.name for p in own)
    text = ask(app, f"/questions/{LOW}?p1=60").text
    assert re.search(r'执行率不到 <input name="p1" value="60"[^>]*>%，等级仍是“<input name="p2" value="优"', text)
    assert re.search(
        r'<select name="p1" aria-label="程度">.*</select>最常见', ask(app, "/questions/errors_by_check").text
    )


def test_a_figure_is_found_only_where_it_stands_alone() -> None:
    eight, blank = asked.Asked("p1", "低于", "8", True), asked.Asked("p2", "词", "", False)
    assert asked.sentence("80 年后 1.8 倍、18 个", [eight, blank]) == (["80 年后 1.8 倍、18 个"], [eight, blank])
    again = asked.Asked("p3", "高于", "8", True)
    assert asked.sentence("8 到 8 分", [eight, again]) == (["", eight, " 到 ", again, " 分"], [])


LOW = "low_execution_yet_excellent"


def low_execution() -> tuple[Any, str]:
    question = next(q for q in questions() if q.key == LOW)
    return question, next(part.name for part in asked.parts(question) if part.label == "执行率低于")


@pytest.mark.parametrize(("typed", "number"), [("８０", "80"), ("６０．５", "60.5"), (" 60 ", "60"), ("－1", "-1")])
def test_a_number_in_full_width_digits_is_that_number(app: Any, typed: str, number: str) -> None:
    question, name = low_execution()
    assert f"computed_rate_pct < {number}\n" in asked.filled(question, {name: typed}) + "\n"
    text = ask(app, f"/questions/{LOW}?{name}={quote(typed)}").text
    assert "没有答案" not in text and "没有看懂" not in text
    assert (f"这里所问：执行率低于 {number}" in text) == (number != "80")


@pytest.mark.parametrize("typed", ["八十", "٨٠", "80%", "1e3", "6 0", "", "1 OR 1=1", "9" * 16, "①OR"])
def test_a_number_that_is_none_is_told_and_the_default_asked(app: Any, typed: str) -> None:
    question, name = low_execution()
    assert asked.filled(question, {name: typed}) == question.sql
    text = ask(app, f"/questions/{LOW}?{name}={quote(typed)}").text
    assert ("没有看懂" in text if typed else "没有填" in text) and "仍按 80 回答" in text
    assert "没有答案" not in text and "这里所问" not in text


def test_what_is_asked_otherwise_stands_beside_the_question_of_the_book(app: Any) -> None:
    _, name = low_execution()
    assert "这里所问" not in ask(app, f"/questions/{LOW}").text
    assert "这里所问" not in ask(app, f"/questions/{LOW}?{name}=80").text
    text = ask(app, f"/questions/{LOW}?{name}=60").text
    assert "手册里问的是：" in text and "这里所问：执行率低于 60" in text
    [severity] = asked.parts(next(q for q in questions() if q.key == "errors_by_check"))
    url = f"/questions/errors_by_check?{severity.name}="
    assert "这里所问：程度 警告" in ask(app, url + "warning").text
    other = ask(app, url + "none").text
    assert "不在可选之内" in other and "这里所问" not in other


def test_the_download_has_the_heads_and_words_of_the_workbook(app: Any) -> None:
    lines = list(csv.DictReader(io.StringIO(ask(app, "/findings.csv").text.lstrip("\ufeff"))))
    assert {"严重程度", "归因"} <= lines[0].keys() and "severity" not in lines[0]
    assert {line["严重程度"] for line in lines} == {"错误", "警告", "提示"}
    assert all(re.fullmatch(r"\d{4}|", line["预算年度"]) for line in lines), "figures have no thousands"
    assert ask(app, "/findings.csv?severity=none").text.count("\r\n") == 1, "no rows, the heads alone"


def test_a_whole_answer_is_kept_as_csv_with_what_was_asked_for(app: Any) -> None:
    _, name = low_execution()
    page = ask(app, f"/questions/{LOW}?{name}=99").text
    link = re.search(r'href="(/questions/[^"]+/answer.csv[^"]*)"', page)
    assert link is not None
    lines = list(csv.reader(io.StringIO(ask(app, link[1].replace("&amp;", "&")).text.lstrip("\ufeff"))))
    assert len(lines) == page.count("<tr>") - 1 + 1, "the heads and every row"
    assert ask(app, "/questions/none/answer.csv").status == 404


def test_the_projects_of_a_unit_are_sorted_as_the_address_says(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one(
            "SELECT unit_id FROM v_project WHERE executed_yuan > 0 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        assert row is not None
        printed = "SELECT executed_yuan FROM v_project WHERE unit_id = ? AND executed_yuan IS NOT NULL ORDER BY 1"
        own = data.rows(printed, [row["unit_id"]])
    amounts = [f"{value['executed_yuan'] / 10000:,.2f}" for value in own]
    for sort, wanted in (("executed", amounts), ("-executed", amounts[::-1])):
        text = ask(app, f"/unit/{row['unit_id']}?sort={sort}").text
        assert re.findall(r'data-label="执行（万元）">([\d,.]+)', text) == wanted
        assert text.count("aria-sort") == 1
    assert ask(app, f"/unit/{row['unit_id']}?sort=1;DROP").status == 200


def test_where_a_page_belongs_is_said_once(house: House, app: Any) -> None:
    urls = [url for url in every_page(house) if re.match("/(form|unit|series)/", url)]
    seen = 0
    for url in urls:
        text = ask(app, quote(url, safe="/?=&%.")).text
        found = re.search(r'<nav class="crumbs".*?</nav>', text, re.DOTALL)
        assert found is not None, url
        steps = [re.sub(r"<[^>]+>", "", step).strip() for step in found[0].split(" › ")]
        assert steps[0] and not [a for a, b in pairwise(steps) if a == b], (url, steps)
        years = steps[-1].split() if url.startswith("/form/") else []
        assert len(years) == len(set(years)), (url, years)
        seen += 1
    assert seen > 30


def bad_value(data: Data) -> dict[str, Any]:
    """A form and the problem at a value of it that could not be read."""
    row = data.one(
        "SELECT p.form_id, b.problem_id FROM problem AS b JOIN project AS p USING (document_id, form_no) "
        "WHERE b.locator IS NOT NULL AND b.code = 'BAD_VALUE' ORDER BY 1 LIMIT 1"
    )
    assert row is not None
    return row


def test_a_problem_is_shown_at_its_place(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = bad_value(data)
        foreign = data.one("SELECT form_id FROM project WHERE document_id NOT IN (SELECT document_id FROM problem "
                           "WHERE problem_id = ?) LIMIT 1", [row["problem_id"]])  # fmt: skip
    shown = ask(app, f"/form/{row['form_id']}?problem={row['problem_id']}").text
    assert len(re.findall(r'<td class="chosen">', shown)) == 1 and 'class="problem current"' in shown
    assert foreign is not None
    other = ask(app, f"/form/{foreign['form_id']}?problem={row['problem_id']}").text
    assert "chosen" not in other and "problem current" not in other


def test_every_thing_that_needs_attention_is_reached_page_by_page(
    house: House, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.published.data() as data:
        wanted = sorted(row["what"] for row in data.rows("SELECT what FROM v_attention"))
        [kind] = data.rows("SELECT kind, count(*) AS n FROM v_attention GROUP BY 1 ORDER BY n DESC, kind LIMIT 1")
    monkeypatch.setattr(documents, "ATTENTION_PAGE", 3)
    found, address, pages = list[str](), "/attention?q=", 0
    while address:
        text = ask(app, address).text
        rows = re.findall(r"<tr><td>[^<]*<td class=\"path\">.*?<td>(.*?)<td", text)
        found += map(html.unescape, rows)
        pages += 1
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = html.unescape(following[1]) if following else ""
    assert sorted(found) == wanted and pages == -(-len(wanted) // 3) > 1
    of_kind = ask(app, f"/attention?kind={kind['kind']}&q=").text
    assert ("下一页" in of_kind) == (kind["n"] > 3)
    assert "没有这样的事" in ask(app, "/attention?q=没有一件事说到这个").text
    for bad in ("x", "[1]", '[1,"a","b","c",4]', "[" * 3000):
        assert ask(app, f"/attention?after={quote(bad)}").status == 200


def test_since_when_a_thing_is_told_is_said_by_the_clock_here() -> None:
    here = datetime(2026, 3, 1, 2, 0, tzinfo=UTC).astimezone()
    column = VIEWS["v_attention"].column("since_run")
    assert said(column, "20260301T020000Z-12") == f"{here:%Y-%m-%d %H:%M}"
    assert (said(column, None), said(column, "first")) == ("", "first")


def test_a_line_without_a_value_is_drawn_without_its_label() -> None:
    chart = line_chart("金额", "万元", [("预算", {}), ("执行", {2024: 3})], str)
    drawn = str(looks._environment().get_template("parts.html").make_module({"build_of": None}).line_chart(chart, ""))
    assert drawn.count("<circle") == 1 and re.findall(r">([^<>]+)</text>\s*</g>", drawn) == ["执行"]


def test_a_value_in_doubt_is_corrected_where_its_problem_is_shown(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = bad_value(data)
    shown = ask(app, f"/form/{row['form_id']}?problem={row['problem_id']}").text
    assert "更正这个值" in shown and re.search(r'name="at" value="indicator\.6\.score"', shown)
    assert "更正这个值" not in ask(app, f"/form/{row['form_id']}").text


def test_what_was_not_read_is_filled_in_on_the_page_and_what_was_is_not_offered(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one(
            "SELECT form_id FROM project WHERE unit_code IS NULL AND project_name IS NOT NULL ORDER BY 1 LIMIT 1"
        )
    assert row is not None
    page = f"/form/{row['form_id']}"
    offered = ask(app, page).text.partition('id="missing"')[2].partition("</select>")[0]
    assert 'value="project.1.unit_code"' in offered and 'value="project.1.project_name"' not in offered
    form = {"token": TOKEN, "form": row["form_id"], "at": "project.1.unit_code", "value": "203001", "why": "照原件"}
    written = ask(app, "/correct", {**form, "back": page})
    assert written.status == 303
    text = ask(app, page).text
    assert "已更正为203001" in text and 'value="project.1.unit_code"' not in text.partition('id="missing"')[2]
    (house.data_dir / "corrections.yml").unlink()


@pytest.mark.parametrize(
    ("typed", "found"),
    [("449901202030010000001", True), (" ４４９９０１２０２０３０ 010000001 ", True), ("44990120203001000000", False)],
)
def test_a_code_is_found_however_its_digits_are_typed(app: Any, typed: str, found: bool) -> None:
    assert ("市政道路保洁" in ask(app, f"/search?q={quote(typed)}").text) == found


def test_brackets_of_both_widths_are_as_good_as_each_other(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one("SELECT path FROM document WHERE contains(path, '（未传完）')")
    assert row is not None
    for typed in ("（未传完）", "(未传完)"):
        assert row["path"] in ask(app, f"/search?q={quote(typed)}").text
    assert row["path"] not in ask(app, f"/search?q={quote('[未传完]')}").text


def test_who_spends_least_leads_to_the_page_of_the_unit(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one("SELECT unit_id FROM organisation WHERE unit_name = '示例市清河区教育局'")
    assert row is not None
    assert f'<a href="/unit/{row["unit_id"]}">示例市清河区教育局</a>' in ask(app, "/").text


@pytest.mark.parametrize("ahead", [1, 400])
def test_cards_are_the_same_however_far_is_looked_ahead(app: Any, monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    monkeypatch.setattr(content_findings, "PAGE", 2)
    monkeypatch.setattr(content_findings, "_AHEAD", ahead)
    seen = list[str]()
    address = "/findings?check=SCR_FULL_MARKS_EVERYWHERE&year=2024"
    while address:
        text = ask(app, address).text
        seen += re.findall(r'class="card" id="(f[0-9a-f]{16})"', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        address = html.unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == total(app, "/findings?check=SCR_FULL_MARKS_EVERYWHERE&year=2024") > 4


def test_a_line_without_values_is_not_drawn_and_none_is_cut_off_at_the_top() -> None:
    chart = line_chart("题", "", [("预算", {2023: None}), ("执行率", {2023: 90, 2024: 120})], str, top=100)
    assert chart is not None and [line.label for line in chart.lines] == ["执行率"]
    low, high = (mark.y for mark in chart.lines[0].marks)
    assert high < low and chart.ticks[-1][1] == "120.0"
    assert line_chart("题", "", [("预算", {2023: None})], str) is None
    within = line_chart("题", "", [("执行率", {2023: 90})], str, top=100)
    assert within is not None and within.ticks[-1][1] == "100"
