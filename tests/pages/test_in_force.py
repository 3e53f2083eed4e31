"""What people decide on the pages is in force after the next ingestion: marks, refused links, corrections.

Here: tests that ingest anew, each over a copy of its own. Not here: what is refused (test_guarding).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from asking import TOKEN, a_finding, ask, export, ingest, total
from docx import Document

from pages.guard import Guard
from pages.handover.selection import ACCUSING
from pages.house import House
from pages.published import Published
from pipelines.metrics import figures
from pipelines.settings import load_settings
from warehouse.reviews import mark_finding

pytestmark = pytest.mark.slow


@pytest.fixture
def house(ingested: Path, tmp_path: Path) -> Iterator[House]:
    """A house over a copy of the examples that no other test sees."""
    data = Path(shutil.copytree(ingested, tmp_path / "data", symlinks=True))
    made = House(data, Published(data / "curated" / "warehouse.duckdb"), Guard(8000, token=TOKEN), who="王")
    yield made
    made.published.close()


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


def first_link(house: House) -> dict[str, Any]:
    """Two forms that are linked, their series and why."""
    with house.published.data() as data:
        link = data.one(
            "SELECT a.series_id, l.form_id_a AS a, l.form_id_b AS b, evidence FROM series_link AS l "
            "JOIN project AS a ON a.form_id = l.form_id_a WHERE l.decision = 'link' ORDER BY 2, 3 LIMIT 1"
        )
    assert link is not None
    return link


def test_a_link_that_is_refused_parts_the_project_after_the_next_ingestion(house: House, app: Any) -> None:
    link = first_link(house)
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
    page = f"/series/{two[0]['series_id']}"
    shown = ask(app, page).text
    assert "人工认定为两个项目（认定人：王）" in shown and shown.count('value="withdrawn"') == 1
    undone = ask(app, "/decide", {**form, "decision": "withdrawn", "back": page})
    assert "已撤回认定，由系统重新判断" in ask(app, undone.headers["location"].partition("#")[0]).text
    shown = ask(app, page).text
    assert "已撤回认定，从下次入库起生效" in shown and 'value="withdrawn"' not in shown
    assert ask(app, "/decide", {**form, "decision": "withdrawn"}).status == 400, "there is none any more"
    ingest(house.data_dir)
    with house.published.data() as data:
        one = data.rows("SELECT DISTINCT series_id FROM project WHERE form_id IN (?, ?)", [link["a"], link["b"]])
    assert one == [{"series_id": link["series_id"]}], "as if nothing had been decided"
    shown = ask(app, f"/series/{link['series_id']}").text
    assert "人工认定" not in shown and "撤回" not in shown


def test_a_link_that_is_affirmed_says_so_and_may_be_taken_back(house: House, app: Any) -> None:
    link = first_link(house)
    page = f"/series/{link['series_id']}"
    form = {"token": TOKEN, "a": link["a"], "b": link["b"], "back": page}
    assert ask(app, "/decide", {**form, "decision": "same"}).status == 303
    ingest(house.data_dir)
    with house.published.data() as data:
        [now] = data.rows("SELECT DISTINCT series_id FROM project WHERE form_id IN (?, ?)", [link["a"], link["b"]])
    page = f"/series/{now['series_id']}"
    assert "人工认定为同一项目" in ask(app, page).text
    assert ask(app, "/decide", {**form, "decision": "withdrawn"}).status == 303
    assert "已撤回认定，从下次入库起生效" in ask(app, page).text
    ingest(house.data_dir)
    with house.published.data() as data:
        [again] = data.rows(
            "SELECT method, evidence FROM series_link WHERE form_id_a = ? AND form_id_b = ?", [link["a"], link["b"]]
        )
    assert again["method"] != "decision" and again["evidence"] == link["evidence"]


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
    page = f"/form/{row['form_id']}"
    assert "已更正为" in ask(app, page).text
    undo = {"token": TOKEN, "form": row["form_id"], "at": at, "deed": "withdraw", "back": page}
    assert ask(app, "/correct", {**undo, "token": "x"}).status == 403
    taken_back = ask(app, "/correct", undo)
    assert "已撤回更正" in ask(app, taken_back.headers["location"].partition("#")[0]).text
    assert "已更正为" not in ask(app, page).text and 'value="withdraw"' not in ask(app, page).text
    assert ask(app, "/correct", undo).status == 400, "there is none any more"
    negative = ask(app, "/correct", {**form, "value": "-5 元"}).headers["location"].partition("#")[0]
    assert "这个金额是负数，请再核对" in ask(app, negative).text
    file = house.data_dir / "corrections.yml"
    file.write_text(file.read_text("utf-8").replace('"-5', '"甲'), "utf-8")
    assert ask(app, page).status == 200, "what is no amount is no harm"
    assert ask(app, "/correct", form).status == 303, "the same again, after it was withdrawn"
    ingest(house.data_dir)
    with house.published.data() as data:
        found = data.one("SELECT executed_yuan FROM project WHERE form_id = ?", [row["form_id"]])
    assert found is not None and str(found["executed_yuan"]) == "1234.50"
    text = ask(app, page).text
    assert "原印" in text and "已更正为" not in text and text.count('value="withdraw"') == 1
    assert ask(app, "/correct", undo).status == 303
    text = ask(app, page).text
    assert text.count("已撤回，从下次入库起仍是所印的") == 1 and 'value="withdraw"' not in text
    ingest(house.data_dir)
    with house.published.data() as data:
        now = data.one("SELECT executed_yuan FROM project WHERE form_id = ?", [row["form_id"]])
    assert now == {"executed_yuan": row["executed_yuan"]} and "撤回" not in ask(app, page).text


def test_the_list_of_problems_holds_what_the_document_says_and_nobody_refuted(house: House, tmp_path: Path) -> None:
    with house.published.data() as data:
        rows = data.rows(f"SELECT finding_key, printed, message FROM v_finding WHERE {ACCUSING} ORDER BY finding_key")
    refuted, *others = rows
    assert others
    mark_finding(house.data_dir, refuted["finding_key"], refuted["printed"], "不成立", who="王")
    ingest(house.data_dir)
    text = "\n".join(
        cell.text
        for table in Document(str(export(house, tmp_path / "a.docx"))).tables
        for row in table.rows
        for cell in row.cells
    )
    assert text.count("【错误】") + text.count("【警告】") == len(others)
    book = openpyxl.load_workbook(export(house, tmp_path / "b.xlsx", "--what", "findings"))
    keys = {
        sheet: {cell.value for row in book[sheet].iter_rows(min_row=2) for cell in row} for sheet in ("发现", "待核")
    }
    assert refuted["finding_key"] not in keys["发现"] | keys["待核"]
    assert {row["finding_key"] for row in others} <= keys["发现"]
    everything = export(house, tmp_path / "all.csv", "--all").read_text("utf-8-sig")
    assert refuted["finding_key"] in everything
