"""What the pages refuse and what they write: hosts, origins, tokens, marks, decisions, a build that changes.

Here: requests in this process. Not here: looks (test_pages).
"""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from asking import ask, ingest

from pages.app import WRITING, House, application
from pages.guard import Guard
from pipelines.cli import main
from pipelines.metrics import figures
from pipelines.serving import _listening
from pipelines.settings import load_settings
from warehouse.reviews import read_marks

TOKEN = "t" * 32


def a_finding(house: House) -> dict[str, Any]:
    with house.published.data() as data:
        row = data.one(
            "SELECT finding_key, form_id, printed, v.unit, v.unit_id FROM v_finding JOIN v_form AS v USING (form_id) "
            "WHERE severity = 'warning' ORDER BY 1 LIMIT 1"
        )
    assert row is not None
    return row


def total(app: Any, url: str) -> int:
    found = re.search(r"<small>([\d,]+) 项", ask(app, url).text)
    assert found is not None
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9", "127.0.0.1", "127.0.0.1:8000.evil.example", ""])
def test_a_foreign_host_is_refused(app: Any, host: str) -> None:
    answer = ask(app, "/", headers={"host": host})
    assert answer.status == 400 and "content-security-policy" in answer.headers


def test_hosts_of_ours_are_let_in(house: House) -> None:
    proxied = application(replace(house, guard=Guard(8000, ("jixiao.example",), TOKEN)))
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000", "JIXIAO.example"):
        assert ask(proxied, "/about", headers={"host": host}).status == 200


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("x" * 32, {}),
        (TOKEN, {"origin": "http://evil.example"}),
        (TOKEN, {"origin": "null"}),
        (TOKEN, {"origin": "http://127.0.0.1:9"}),
        (TOKEN, {"sec-fetch-site": "cross-site"}),
        (TOKEN, {"content-type": "text/plain"}),
    ],
)
@pytest.mark.parametrize("path", [f"/{name}" for name in WRITING])
def test_a_form_that_is_not_ours_writes_nothing(
    house: House, app: Any, path: str, token: str, headers: dict[str, str]
) -> None:
    form = {"token": token, "finding_key": a_finding(house)["finding_key"], "state": "属实"}
    assert ask(app, path, form, headers).status == 403
    assert not (house.data_dir / "reviews.csv").exists() and not (house.data_dir / "decisions.csv").exists()


def test_a_form_of_ours_from_before_a_restart_is_shown_again_and_one_of_another_origin_is_not(
    house: House, app: Any
) -> None:
    form = {
        "token": "of the last start",
        "finding_key": a_finding(house)["finding_key"],
        "state": "属实",
        "note": "见附件",
    }
    ours = ask(app, "/review", form, {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"})
    assert ours.status == 403 and 'name="note" value="见附件"' in ours.text and TOKEN in ours.text
    for headers in (
        {},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "cross-site"},
    ):
        other = ask(app, "/review", form, headers)
        assert other.status == 403 and TOKEN not in other.text and "见附件" not in other.text
    assert not (house.data_dir / "reviews.csv").exists()


def test_nothing_is_said_to_be_written_but_what_was(house: House, app: Any) -> None:
    for query in ("said=x&wrote=passwd", "said=x&wrote=reviews.csv", f"said=x&wrote=reviews.csv&seal={'0' * 16}"):
        assert 'class="notice"' not in ask(app, f"/findings?{query}").text, "a link of somebody else says nothing"
    seal = house.guard.seal("<b>", "reviews.csv", "")
    assert "&lt;b&gt;，写进" in ask(app, f"/findings?said=<b>&wrote=reviews.csv&seal={seal}").text


def test_where_nothing_may_be_written_nothing_is(house: House) -> None:
    closed = application(replace(house, read_only=True))
    assert "只能看" in ask(closed, "/review", {"token": "none"}).text
    form = {"token": TOKEN, "finding_key": a_finding(house)["finding_key"], "state": "属实"}
    assert ask(closed, "/review", form).status == 403
    assert 'method="post"' not in ask(closed, "/findings").text
    assert not (house.data_dir / "reviews.csv").exists()


def test_writing_by_get_or_too_much_is_refused(app: Any) -> None:
    assert ask(app, "/review?token=" + TOKEN).status == 405
    assert ask(app, "/review", {"token": TOKEN, "note": "x" * 100_000}).status == 403


def test_a_wrong_mark_is_told_and_goes_back_to_no_other_server(house: House, app: Any) -> None:
    key = a_finding(house)["finding_key"]
    assert ask(app, "/review", {"token": TOKEN, "finding_key": key, "state": "乱写"}).status == 400
    assert ask(app, "/review", {"token": TOKEN, "finding_key": "f" * 17, "state": "属实"}).status == 404
    answer = ask(app, "/review", {"token": TOKEN, "finding_key": key, "state": "待核", "back": "//evil.example/x"})
    assert answer.status == 303 and answer.headers["location"].startswith("/?")


def test_the_login_of_a_proxy_signs_only_where_it_is_trusted(house: House) -> None:
    key = a_finding(house)["finding_key"]
    trusting = application(replace(house, who="", user_header="x-user"))
    form = {"token": TOKEN, "finding_key": key, "state": "属实", "who": "冒名"}
    assert ask(trusting, "/review", form, {"x-user": "li"}).status == 303
    assert read_marks(house.data_dir / "reviews.csv")[-1].who == "li"
    assert ask(trusting, "/review", form).status == 400, "nobody signed"
    plain = application(house)
    assert ask(plain, "/review", {**form, "who": ""}, {"x-user": "li"}).status == 303
    assert read_marks(house.data_dir / "reviews.csv")[-1].who == "王"


@pytest.mark.slow
def test_a_mark_is_told_at_once_and_counts_after_the_next_ingestion(house: House, app: Any) -> None:
    row = a_finding(house)
    count = "SELECT finding_count FROM v_form WHERE form_id = ?"
    places = ("/findings", f"/findings?form={row['form_id']}", f"/findings?severity=warning&unit={quote(row['unit'])}")
    totals, lines = [total(app, url) for url in places], ask(app, "/findings.csv").text.count("\r\n")
    with house.published.data() as data:
        before = data.rows(count, [row["form_id"]])[0]["finding_count"]
    form = {
        "token": TOKEN,
        "finding_key": row["finding_key"],
        "state": "不成立",
        "note": "附件说明",
        "back": "/findings",
    }
    answer = ask(app, "/review", form)
    assert answer.status == 303 and answer.headers["location"].endswith(f"#{row['finding_key']}")
    told = ask(app, answer.headers["location"].partition("#")[0]).text
    assert f"已标记为“不成立”，写进 {house.data_dir.name}/reviews.csv，从下次入库起生效" in told
    assert [total(app, url) for url in places] == totals, "nothing is counted otherwise until then"
    shown = ask(app, f"/findings?form={row['form_id']}").text
    assert "已标记为“不成立”，从下次入库起生效" in shown
    ingest(house.data_dir)
    with house.published.data() as data:
        assert data.rows(count, [row["form_id"]])[0]["finding_count"] == before - 1, "the new build is seen by itself"
    text = ask(app, f"/findings?form={row['form_id']}&state={quote('不成立')}").text
    assert "标记：不成立（王：附件说明）" in text and "从下次入库起生效" not in text
    assert [total(app, url) for url in places] == [n - 1 for n in totals]
    assert ask(app, "/findings.csv").text.count("\r\n") == lines - 1
    shown = ask(app, "/findings").text
    assert row["finding_key"] not in shown and "1 项标为不成立或读错</a>，不计在内" in shown
    assert total(app, f"/findings?state={quote('不成立')}&state={quote('读错')}") == 1
    assert "标为不成立或读错的 1 项不计" in ask(app, "/").text
    assert "不成立、读错" in ask(app, f"/unit/{row['unit_id']}").text
    assert "另有 1 项标为不成立或读错" in ask(app, f"/form/{row['form_id']}").text
    with house.published.data() as data:
        [counted] = data.rows(
            "SELECT sum(finding_count)::INTEGER AS n, sum(dismissed_count)::INTEGER AS d FROM v_finding_count"
        )
        [listed] = data.rows(
            "SELECT count(*) FILTER (NOT dismissed) AS n, count(*) FILTER (dismissed) AS d FROM v_finding"
        )
    assert counted == listed == {"n": totals[0] - 1, "d": 1}
    house.published.close()  # as in another process
    metrics = figures(load_settings({}, data_dir=house.data_dir))
    assert sum(metrics["findings_dismissed"][2].values()) == 1


@pytest.mark.slow
def test_a_link_that_is_refused_parts_the_project_after_the_next_ingestion(house: House, app: Any) -> None:
    with house.published.data() as data:
        link = data.one(
            "SELECT a.series_id, l.form_id_a AS a, l.form_id_b AS b FROM series_link AS l "
            "JOIN project AS a ON a.form_id = l.form_id_a WHERE l.decision = 'link' ORDER BY 2, 3 LIMIT 1"
        )
    assert link is not None
    form = {
        "token": TOKEN,
        "a": link["a"],
        "b": link["b"],
        "decision": "different",
        "back": f"/series/{link['series_id']}",
    }
    answer = ask(app, "/decide", form)
    assert answer.status == 303 and re.match(r"/series/.*wrote=decisions.csv", answer.headers["location"])
    assert "已认定不是同一个项目，从下次入库起生效" in ask(app, f"/series/{link['series_id']}").text
    ingest(house.data_dir)
    with house.published.data() as data:
        two = data.rows("SELECT DISTINCT series_id FROM project WHERE form_id IN (?, ?)", [link["a"], link["b"]])
    assert len(two) == 2
    old = ask(app, f"/series/{link['series_id']}")
    assert old.status in (200, 302) or "分在几处" in old.text, "its address leads to what it became"


@pytest.mark.slow
def test_a_value_corrected_on_its_page_is_in_force_after_the_next_ingestion(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one("SELECT form_id, executed_yuan FROM project WHERE executed_yuan > 0 ORDER BY 1 LIMIT 1")
    assert row is not None
    at = "project.1.executed_yuan"
    text = ask(app, f"/form/{row['form_id']}?at={at}").text
    assert 'action="/correct"' in text
    form = {"token": TOKEN, "form": row["form_id"], "at": at, "value": "1,234.50 元", "why": "看错", "back": "/"}
    refused = ask(app, "/correct", {**form, "value": "不是数<b>", "back": f"/form/{row['form_id']}?at={at}"})
    assert refused.status == 400 and "不是金额" in refused.text and TOKEN in refused.text
    assert 'name="value" value="不是数&lt;b&gt;"' in refused.text and 'name="why" value="看错"' in refused.text
    assert f'name="at" value="{at}"' in refused.text and f'href="/form/{row["form_id"]}?at={at}"' in refused.text
    assert ask(app, "/correct", {**form, "at": "project.1.nothing"}).status == 400
    empty = ask(app, "/correct", {**form, "value": " "})
    assert empty.status == 400 and 'name="blank"' in empty.text, "nothing typed is no value of nothing"
    written = ask(app, "/correct", form)
    assert written.status == 303 and "wrote=corrections.yml" in written.headers["location"]
    assert "已更正为" in ask(app, f"/form/{row['form_id']}").text
    ingest(house.data_dir)
    with house.published.data() as data:
        found = data.one("SELECT executed_yuan FROM project WHERE form_id = ?", [row["form_id"]])
    (house.data_dir / "corrections.yml").unlink()
    assert found is not None and str(found["executed_yuan"]) == "1234.50"
    text = ask(app, f"/form/{row['form_id']}").text
    assert "原印" in text and "已更正为" not in text


def test_a_port_that_is_taken_is_told_before_any_address(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.published.close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), "--data-dir", str(house.data_dir)]) == 1
        said = capsys.readouterr()
        assert "http" not in said.out and f"端口 {port} 已被别的程序占用" in said.err and "--port" in said.err
        assert "Errno" not in said.err
    assert main(["serve", "--port", "70000", "--data-dir", str(house.data_dir)]) == 1
    with _listening(port) as free:
        assert free.getsockname() == ("127.0.0.1", port)
