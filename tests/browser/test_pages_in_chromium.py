"""The pages in a real browser: the ways of people over the examples, with keys and with pictures, and without script.

Here: finding a unit, its years, a form, a value and its box; findings by keys, a mark and its effect; without script.
Not here: what each page says (tests/pages), Dagster's page.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
AXE = "4.14.1"
EXAMPLES = ROOT / "examples" / "raw"

TAUGHT = """项目支出绩效自评表（2024年度）
课题主题|学生午餐
实施单位|某区教育局
一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分
产出指标|数量指标|供餐人数|≥310人|320人|50|50
|质量指标|合格率|≥95%|96%|50|49
"""
"""A form whose project stands under a label that nobody knows."""

PRINTED = """<meta charset="utf-8"><style>table { border-collapse: collapse } td { border: 1px solid }</style>
<h3>项目支出绩效自评表（2024年度）</h3><table>
<tr><td>项目名称<td>学生早餐<td>实施单位<td colspan="4">某镇小学
<tr><td>一级指标<td>二级指标<td>三级指标<td>年度指标值<td>兑付情形<td>分值<td>得分
<tr><td>产出指标<td>数量指标<td>供餐人数<td>≥210人<td>220人<td>50<td>50
<tr><td><td>质量指标<td>合格率<td>≥85%<td>86%<td>50<td>49</table>"""
"""A form to be printed whose results stand under a header that nobody knows."""

pytestmark = pytest.mark.browser


@dataclass
class Served:
    """`jixiao serve` over the examples, and a browser."""

    data_dir: Path
    base: str
    browser: Any

    def page(self, **options: Any) -> Any:
        """A new page; whatever it asks of another server, or says as an error, fails the test at `close`."""
        page = self.browser.new_page(viewport={"width": 1400, "height": 900}, **options)
        page.set_default_timeout(120_000)  # a busy machine is no defect
        page.foreign = []
        page.on("request", lambda request: request.url.startswith(self.base) or page.foreign.append(request.url))
        page.on("pageerror", lambda error: page.foreign.append(str(error)))
        return page

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.data_dir / "curated/warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def ingest(self) -> None:
        run("ingest", self.data_dir)


def run(command: str, data_dir: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JIXIAO_SETTLE_SECONDS": "0"}
    arguments = [sys.executable, "-m", "pipelines.cli", command, "--data-dir", str(data_dir)]
    subprocess.run(arguments, check=True, capture_output=True, env=environment, cwd=ROOT)


@pytest.fixture(scope="module")
def served(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    sync_api = pytest.importorskip("playwright.sync_api")
    data_dir = tmp_path_factory.mktemp("served")
    shutil.copytree(EXAMPLES, data_dir / "raw")
    (data_dir / "raw" / "440303" / "2024").mkdir(parents=True)
    (data_dir / "raw" / "440303" / "2024" / "午餐.txt").write_text(TAUGHT.replace("|", "\t"), "utf-8")
    (data_dir / "early.html").write_text(PRINTED, "utf-8")
    target = data_dir / "raw" / "440303" / "2024" / "早餐.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={target}"]
    source = (data_dir / "early.html").as_uri()
    subprocess.run([chromium, *options, source], check=True, capture_output=True, timeout=120)
    run("ingest", data_dir)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [sys.executable, "-m", "pipelines.cli", "serve", "--data-dir", str(data_dir), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (data_dir / "serve.log").open("wb") as log:
        server = subprocess.Popen([*arguments, "--who", "王"], stdout=log, stderr=log, env=environment, cwd=ROOT)
    base = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            assert server.poll() is None and time.monotonic() < deadline, (data_dir / "serve.log").read_text()
            try:
                urllib.request.urlopen(f"{base}/about", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        with sync_api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            yield Served(data_dir, base, browser)
            browser.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def test_from_a_word_to_the_box_around_a_value_on_its_page(served: Served) -> None:
    page = served.page()
    page.goto(served.base)
    page.keyboard.press("/")
    page.keyboard.type("城市管理")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="示例市清河区城市管理局", exact=True).first.click()
    assert page.locator(".chart svg").count() == 2, "money and rate over the years"
    page.get_by_role("row", name=re.compile("2024 市政道路保洁")).get_by_role("link").first.click()
    page.locator('a.v[href*="indicator.1.target_text"]').click()
    page.wait_for_selector(".sheet image", timeout=120_000)
    box = page.locator("rect.chosen")
    assert box.count() == 1 and page.locator("a.v.chosen").inner_text() == "≥180公里"
    drawn = page.evaluate(
        "async () => { const i = new Image(); i.src = document.querySelector('.sheet image').getAttribute('href');"
        " await i.decode(); return [i.naturalWidth, i.naturalHeight]; }"
    )
    shown = list(map(float, page.locator(".sheet").get_attribute("viewBox").split()))
    assert abs(drawn[0] / drawn[1] - shown[2] / shown[3]) < 0.01, "the picture fills its frame"
    other = page.locator('rect[data-at="indicator.2.actual_text"]')
    other.click()
    page.wait_for_selector(".sheet image", timeout=120_000)
    assert "at=indicator.2.actual_text" in page.url, "a click on the page picks the value"
    before = page.locator("a.v.chosen").get_attribute("id")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "indicator.2.actual_text" not in url)
    assert page.locator("a.v.chosen").get_attribute("id") != before
    page.goto(f"{page.url.partition('?')[0]}?at=indicator.1.target_text")
    page.keyboard.press("ArrowDown")
    page.wait_for_url(re.compile(r"at=indicator\.2\.target_text"))
    page.keyboard.press("ArrowUp")
    page.wait_for_url(re.compile(r"at=indicator\.1\.target_text"))
    assert page.foreign == []


def test_on_a_form_f_and_p_open_the_next_finding_and_the_next_problem_at_their_place(served: Served) -> None:
    [(form,)] = served.ask(
        "SELECT p.form_id FROM project AS p JOIN problem AS b USING (document_id, form_no) "
        "WHERE b.code = 'BAD_VALUE' AND b.locator IS NOT NULL ORDER BY 1 LIMIT 1"
    )
    page = served.page()
    page.goto(f"{served.base}/form/{form}")
    seen = []
    for _ in range(2):
        page.keyboard.press("f")
        page.wait_for_selector(".finding.current")
        page.wait_for_url(lambda url: url not in seen)
        seen.append(page.url)
        page.wait_for_selector(".finding.current")
        assert page.locator("td.chosen").count() == 1, "what the finding is about is marked in the file"
    page.keyboard.press("p")
    page.wait_for_url(re.compile("problem="))
    page.wait_for_selector(".problem.current")
    assert page.locator("td.chosen").count() == 1 and page.foreign == []


def test_a_project_over_the_years_marks_targets_that_were_lowered(served: Served) -> None:
    [(series,)] = served.ask("SELECT DISTINCT series_id FROM project WHERE project_name = '教师培训经费'")
    page = served.page()
    page.goto(f"{served.base}/series/{series}")
    row = page.get_by_role("row", name=re.compile("培训教师人次"))
    assert row.locator(".lowered").count() == 2 and row.get_by_role("link").count() == 3
    assert page.foreign == []


def test_a_question_is_asked_again_with_another_figure(served: Served) -> None:
    page = served.page()
    page.goto(f"{served.base}/questions/low_execution_yet_excellent")
    rows = page.locator("tbody tr").count()
    page.get_by_label("执行率低于").fill("96")
    page.get_by_role("button", name="再问").click()
    page.wait_for_url(re.compile("p1=96"))
    assert page.locator("tbody tr").count() > rows and "computed_rate_pct < 96" in page.locator("pre").inner_text()


def test_the_ways_work_without_script(served: Served) -> None:
    page = served.page(java_script_enabled=False)
    page.goto(f"{served.base}/search?q=居家养老")
    page.get_by_role("link", name="居家养老服务补贴").first.click()
    page.locator('a.v[href*="indicator.1.target_text"]').click()
    assert page.locator("td.chosen").count() == 1, "the grid as read, where the file has no pages"
    page.goto(f"{served.base}/findings")
    page.locator("input[name=severity][value=error]").check()
    page.get_by_role("button", name="筛选").click()
    assert "severity=error" in page.url and page.locator(".card .tag.warning").count() == 0
    page.locator(".card").first.get_by_role("button", name="属实").click()
    assert "已标记为“属实”" in page.get_by_role("status").inner_text()


@pytest.mark.parametrize("width", [1280, 1024, 390, 320])
def test_pages_fit_narrow_windows(served: Served, width: int) -> None:
    [(form, unit, series)] = served.ask(
        "SELECT p.form_id, p.unit_id, p.series_id FROM project AS p JOIN document USING (document_id) "
        "WHERE format = 'pdf' AND unit_id IS NOT NULL ORDER BY 1 LIMIT 1"
    )
    page = served.page()
    page.set_viewport_size({"width": width, "height": 800})
    lists = [
        "/",
        "/search?q=保洁",
        "/findings",
        "/documents",
        "/attention",
        "/proposals",
        "/questions",
        "/about",
        "/no",
    ]
    question = "/questions/low_execution_yet_excellent"
    for path in (*lists, question, f"/form/{form}?at=indicator.1.actual_text", f"/unit/{unit}", f"/series/{series}"):
        page.goto(served.base + path)
        wide = page.evaluate(
            "() => [document.documentElement.scrollWidth - innerWidth,"
            " ...[...document.querySelectorAll('main, section, .cards')].map(e => e.scrollWidth - e.clientWidth)]"
        )
        assert max(wide) <= 1, (path, wide)


@pytest.mark.parametrize("kind", ["pdf", "xlsx"])
def test_on_a_phone_the_chosen_cell_is_in_sight(served: Served, kind: str) -> None:
    [(form,)] = served.ask(
        f"SELECT min(form_id) FROM project JOIN document USING (document_id) WHERE format = '{kind}'"
    )
    page = served.page()
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(f"{served.base}/form/{form}")
    page.locator('a.v[href*="indicator.1.actual_text"]').click()
    page.wait_for_selector("#awaited:not([aria-busy])", timeout=120_000)
    cell = page.locator("td.chosen, rect.chosen")
    page.wait_for_function(
        "() => { const b = document.querySelector('td.chosen, rect.chosen').getBoundingClientRect();"
        " return b.left >= 0 && b.right <= innerWidth && b.top >= 0 && b.bottom <= innerHeight; }"
    )
    assert cell.count() == 1 and cell.bounding_box()["height"] > 12, "large enough to be read"


def test_on_a_phone_the_answer_of_a_question_can_be_read(served: Served) -> None:
    page = served.page()
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(f"{served.base}/questions/low_execution_yet_excellent")
    widths = page.evaluate(
        "() => [...document.querySelectorAll('.answer td:not(.n)')].filter(td => td.textContent.trim().length > 3)"
        ".map(td => td.getBoundingClientRect().width)"
    )
    assert widths and min(widths) > 70


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script of axe-core, fetched for the test; without npm it is skipped, but not where changes are let in."""
    if shutil.which("npm") is None:
        assert not os.environ.get("CI"), "npm is needed"
        pytest.skip("npm is needed")
    folder = tmp_path_factory.mktemp("axe")
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", f"axe-core@{AXE}"]
    fetched = subprocess.run(command, cwd=folder, capture_output=True, timeout=120)
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        assert not os.environ.get("CI"), fetched.stderr
        pytest.skip("axe-core could not be fetched")
    return script.read_text("utf-8")


def test_no_page_has_a_serious_fault_for_people_with_disabilities(served: Served, axe: str) -> None:
    [(form, unit, series)] = served.ask(
        "SELECT p.form_id, p.unit_id, p.series_id FROM project AS p JOIN document USING (document_id) "
        "WHERE format = 'xlsx' AND unit_id IS NOT NULL ORDER BY 1 LIMIT 1"
    )
    [(pdf,)] = served.ask("SELECT min(form_id) FROM project JOIN document USING (document_id) WHERE format = 'pdf'")
    forms = [f"/form/{one}?at=indicator.1.target_text" for one in (form, pdf)]
    lists = ["/", "/findings", "/documents", "/attention", "/proposals", "/questions", "/about", "/search?q=保洁"]
    taught = [f"/proposals/{number}" for (number,) in served.ask("SELECT proposal_id FROM proposal ORDER BY text")]
    assert len(taught) > 1
    page = served.browser.new_context(bypass_csp=True).new_page()
    faults = {}
    for path in (
        *lists,
        *forms,
        *taught,
        f"/unit/{unit}",
        f"/series/{series}",
        "/questions/low_execution_yet_excellent",
        "/no",
    ):
        page.goto(served.base + path)
        page.evaluate(axe)
        found = page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
            ".filter(v => ['serious', 'critical'].includes(v.impact)).map(v => [v.id, v.nodes[0].html.slice(0, 120)])"
        )
        if found:
            faults[path] = found
    assert faults == {}


def test_a_header_that_nobody_knows_is_seen_as_printed_with_its_cells(served: Served) -> None:
    page = served.page()
    page.goto(f"{served.base}/proposals")
    page.get_by_role("link", name="兑付情形").first.click()
    picture = page.get_by_alt_text("原件上的“兑付情形”和其下的各格")
    picture.wait_for()
    picture.evaluate("i => { i.loading = 'eager'; return i.decode(); }")
    wide, high = picture.evaluate("i => [i.naturalWidth, i.naturalHeight]")
    assert wide > 2 * high > 200, "as wide as the table, as high as the column"
    assert page.locator(".cells li").all_inner_texts() == ["220人", "86%"]
    page.goto(f"{served.base}/proposals")
    page.get_by_role("link", name="课题主题").click()
    page.locator("td.chosen", has_text="课题主题").wait_for()
    assert page.locator("td.own").all_inner_texts() == ["学生午餐"]
    assert page.foreign == []


class Slow:
    """A form's page as it comes while its part is still being made, twice; then as it is."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, route: Any) -> None:
        answer = route.fetch()
        text = answer.text()
        self.asked += 1
        if self.asked < 3 and "data-awaits" not in text:
            text = text.replace('<div id="awaited"', '<div id="awaited" data-awaits="" aria-busy="true"')
            if 'id="awaited-said"' not in text:
                text = text.replace("</section></div>", '<p id="awaited-said">正在取</p></section></div>')
        route.fulfill(response=answer, body=text)


def test_what_is_awaited_is_put_in_without_the_reader_losing_the_place(served: Served) -> None:
    found = served.ask(
        "SELECT format, max(form_id) FROM project JOIN document USING (document_id) "
        "WHERE format IN ('xlsx', 'docx', 'pdf') GROUP BY ALL ORDER BY 1"
    )
    assert [kind for kind, _ in found] == ["docx", "pdf", "xlsx"]
    for kind, form in found:
        page = served.page()
        page.route(re.compile(re.escape(f"/form/{form}")), Slow())
        page.goto(f"{served.base}/form/{form}?at=indicator.1.target_text")
        page.evaluate(
            "document.documentElement.dataset.same = 'yes'; document.querySelector('#awaited').innerHTML = ''"
        )
        page.locator("#form summary, #place summary").first.click()
        page.wait_for_selector("#awaited:not([data-awaits]):not([aria-busy])", timeout=120_000)
        assert page.locator("#awaited svg.sheet image, #awaited td.chosen").count() == 1, kind
        assert page.locator("html").get_attribute("data-same") == "yes", "the page was not loaded again"
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY", "the focus is where it was"
        assert page.locator("details[open]").count() == 1, "what was unfolded stays so"
        assert "正在" not in (page.locator("#awaited-said").text_content() or "正在") and page.foreign == []
        page.close()


def test_leaving_a_page_that_still_awaits_its_part_breaks_nothing(served: Served) -> None:
    [(form,)] = served.ask(
        "SELECT min(form_id) FROM project JOIN document USING (document_id) WHERE format NOT IN ('pdf')"
    )
    page = served.page()
    page.route(
        re.compile(re.escape(f"/form/{form}")),
        lambda route: route.fulfill(
            content_type="text/html",
            body='<html><body><p id="awaited" data-awaits></p><script src="/static/keys.js"></script></body></html>',
        ),
    )
    for wait in (0, 1400, 1500, 1600):
        page.goto(f"{served.base}/form/{form}")
        page.wait_for_timeout(wait)
        page.goto(f"{served.base}/about")
    assert page.foreign == []


def test_every_control_has_a_name_and_every_page_a_heading(served: Served) -> None:
    [(form,)] = served.ask("SELECT min(form_id) FROM project")
    page = served.page()
    for path in ("/", "/findings", "/documents", "/attention", "/questions", "/about", f"/form/{form}"):
        page.goto(served.base + path)
        assert page.locator("h1").count() == 1 and page.locator("html[lang]").count() == 1, path
        nameless = page.evaluate(
            "() => [...document.querySelectorAll('a, button, input:not([type=hidden]), summary, svg[role=img], img')]"
            ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.title || e.alt))"
            ".filter(e => !e.labels?.length)"
            ".filter(e => !e.querySelector('rect')).map(e => e.outerHTML.slice(0, 80))"
        )
        assert nameless == [], path


def test_what_people_decide_is_told_at_once_and_in_force_after_the_next_ingestion(served: Served) -> None:
    page = served.page()
    page.goto(f"{served.base}/findings?severity=warning")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    key = page.locator(".card.current").get_attribute("id")
    page.keyboard.press("2")
    page.wait_for_url(re.compile("said="))
    told = page.get_by_role("status")
    assert "已标记为“不成立”" in told.inner_text() and "reviews.csv，从下次入库起生效" in told.inner_text()
    assert told.bounding_box()["y"] >= 0, "it is seen wherever the page was opened at"
    assert page.locator(f"#{key} button[aria-pressed=true]").inner_text() == "不成立"
    counted = (
        f"SELECT finding_count, dismissed_count FROM v_form JOIN finding USING (form_id) WHERE finding_key = '{key}'"
    )
    [(before, _)] = served.ask(counted)

    [(form,)] = served.ask(
        "SELECT p.form_id FROM project AS p JOIN document USING (document_id) WHERE executed_yuan > 0 "
        "AND format = 'pdf' ORDER BY 1 LIMIT 1"
    )
    page.goto(f"{served.base}/form/{form}?at=project.1.executed_yuan")
    page.get_by_text("更正这个值").click()
    page.get_by_label(re.compile("应为")).fill("一千二")
    page.get_by_label("理由").fill("看错一位")
    page.get_by_role("button", name="更正", exact=True).click()
    assert "不是金额" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("理由").input_value() == "看错一位", "what was typed is kept"
    page.get_by_label("应为").fill("1,234.50")
    page.get_by_role("button", name="再发一次").click()
    assert "corrections.yml，从下次入库起生效" in page.get_by_role("status").inner_text()

    [(series, one, other)] = served.ask(
        "SELECT a.series_id, l.form_id_a, l.form_id_b FROM series_link AS l JOIN project AS a ON a.form_id = form_id_a "
        f"WHERE l.decision = 'link' AND '{form}' NOT IN (l.form_id_a, l.form_id_b) ORDER BY 2, 3 LIMIT 1"
    )
    page.goto(f"{served.base}/series/{series}")
    row = page.locator("tr", has=page.locator(f'input[name=a][value="{one}"]'))
    row.filter(has=page.locator(f'input[name=b][value="{other}"]')).get_by_role("button", name="不是").click()
    assert "decisions.csv，从下次入库起生效" in page.get_by_role("status").inner_text()
    row.get_by_role("button", name="撤回认定").click()
    assert "已撤回认定" in page.get_by_role("status").inner_text()
    assert row.get_by_role("button", name="撤回认定").count() == 0
    row.filter(has=page.locator(f'input[name=b][value="{other}"]')).get_by_role("button", name="不是").click()

    page.goto(f"{served.base}/proposals")
    page.get_by_role("link", name="课题主题").click()
    page.get_by_label("换一个意思").select_option("header.project_name")
    page.get_by_role("button", name="看会怎样").click()
    page.locator("ins", has_text="学生午餐").wait_for()
    page.get_by_role("button", name=re.compile("接受：认作“.*项目名称”")).click()
    page.wait_for_url(re.compile("said="))
    assert "vocabulary.toml，从下次入库起生效" in page.get_by_role("status").inner_text()

    served.ingest()
    [(after, dismissed)] = served.ask(counted)
    assert (after, dismissed) == (before - 1, 1)
    page.goto(f"{served.base}/findings")
    assert page.locator(f"#{key}").count() == 0 and "1 项标为不成立或读错" in page.locator("main").inner_text()
    page.goto(f"{served.base}/findings?state=不成立")
    assert page.locator(".card").count() == 1 and "标记：不成立（王）" in page.locator(".card").inner_text()
    page.get_by_role("button", name="撤销标记").click()
    page.wait_for_url(re.compile("said="))
    assert str(served.ask(f"SELECT executed_yuan FROM project WHERE form_id = '{form}'")[0][0]) == "1234.50"
    parted = served.ask(f"SELECT count(DISTINCT series_id) FROM project WHERE form_id IN ('{one}', '{other}')")
    assert parted == [(2,)]
    page.goto(f"{served.base}/series/{series}")
    assert page.locator("h1").inner_text() != "没有显示出来", "its address leads to what it became"
    assert served.ask("SELECT project_name FROM project WHERE unit_name = '某区教育局'") == [("学生午餐",)]
    page.goto(f"{served.base}/search?q=学生午餐")
    page.get_by_role("link", name="学生午餐").first.click()
    assert "供餐人数" in page.locator("main").inner_text() and page.foreign == []
