"""What is handed over: workbooks that run nothing, lists that accuse only of what the document says, files of pages.

Here: xlsx, docx, CSV and the site over the examples with their hostile form. Not here: the pages (test_pages).
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from asking import ask, export
from docx import Document
from pyarrow import parquet

from extractors.errors import CannotRun
from pages import site as pages_site
from pages.content import form
from pages.handover.letter import write_letter
from pages.handover.selection import ACCUSING, Choice, sheets
from pages.handover.workbook import write_workbook
from pages.house import House
from pages.site import MARKER, Scope, _Site, write_site
from pipelines.cli import EXPORTED, main

pytestmark = pytest.mark.slow


def test_a_workbook_has_the_sheets_with_heads_filters_numbers_and_codes_as_text(house: House, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export(house, tmp_path / "a.xlsx"))
    assert book.sheetnames == ["说明", "需要处理", "项目", "指标", "资金", "发现", "待核", "数据字典"]
    page = book["项目"]
    assert page.freeze_panes == "A2" and page.auto_filter.ref.startswith("A1:")
    heads = [cell.value for cell in page[1]]
    code, money = heads.index("项目编码"), heads.index("全年执行数（元）")
    values = [row[code].value for row in page.iter_rows(min_row=2) if row[code].value]
    assert values and all(isinstance(value, str) and len(value) > 15 for value in values)
    cell = page.cell(2, money + 1)
    assert isinstance(cell.value, int | float) and cell.number_format == "#,##0.00"
    assert page.max_row - 1 == book["说明"]["B7"].value


def test_nothing_in_a_workbook_runs_or_leads_elsewhere(house: House, tmp_path: Path) -> None:
    path = export(house, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert any(isinstance(cell.value, str) and cell.value.startswith("=cmd|") for cell in cells), "it is there as text"
    with zipfile.ZipFile(path) as files:
        parts = b"".join(files.read(name) for name in files.namelist())
    assert b"evil.example" in parts and b'TargetMode="External"' not in parts and b"<f>" not in parts


def test_a_sheet_that_is_too_long_is_split_by_year(house: House, tmp_path: Path) -> None:
    with house.published.data() as data:
        made = write_workbook(tmp_path / "a.xlsx", data.cursor, sheets(Choice(), "projects"), "x", most_rows=20)
        years = {
            row["y"]: row["n"] for row in data.rows("SELECT fiscal_year AS y, count(*) AS n FROM v_project GROUP BY 1")
        }
    assert made == {f"项目 {year}": count for year, count in sorted(years.items())}


def test_an_empty_list_says_so(tmp_path: Path) -> None:
    assert write_letter(tmp_path / "a.docx", [], "x", lambda row: None) == 0
    assert "没有需要转交的问题" in "\n".join(p.text for p in Document(str(tmp_path / "a.docx")).paragraphs)


def test_nothing_in_a_letter_runs_or_leads_elsewhere(house: House, tmp_path: Path) -> None:
    path = export(house, tmp_path / "a.docx", "--what", "findings")
    with zipfile.ZipFile(path) as files:
        parts = {name: files.read(name) for name in files.namelist()}
    assert b"&lt;script&gt;alert(1)" in parts["word/document.xml"]
    for name, part in parts.items():
        assert b'TargetMode="External"' not in part and b"<script" not in part and b"instrText" not in part, name


@pytest.mark.parametrize("what", EXPORTED)
def test_csv_begins_with_its_mark_and_runs_nothing(house: House, tmp_path: Path, what: str) -> None:
    content = export(house, tmp_path / f"{what}.csv", "--what", what).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\n") > 1
    assert not re.search(rb"(?:^|,)\"?[=@]", content, re.MULTILINE)


@pytest.mark.parametrize(("more", "said"), [((), True), (("--all",), False), (("--what", "projects"), False)])
def test_a_list_says_what_it_leaves_out(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], said: bool
) -> None:
    capsys.readouterr()
    out = export(house, tmp_path / "a.csv", *more)
    told = capsys.readouterr().out
    assert ("--all" in told) == said
    export(house, tmp_path / "a.csv", "--json", *more)
    found = json.loads(capsys.readouterr().out)
    assert sum(found["rows"].values()) == len(list(csv.reader(out.open(encoding="utf-8-sig")))) - 1
    with house.published.data() as data:
        [row] = data.rows("SELECT count(*) AS n FROM v_finding")
    if said:
        assert sum(found["rows"].values()) + sum(found["left_out"].values()) == row["n"]
    else:
        assert found["left_out"] == {}


def test_what_is_handed_over_may_be_of_a_region_a_unit_or_a_year(house: House, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(
        export(
            house, tmp_path / "a.xlsx", "--what", "projects", "--region", "449902", "--year", "2024", "--unit", "文化"
        )
    )
    rows = list(book["项目"].iter_rows(min_row=2, max_col=4, values_only=True))
    assert rows and {row[:2] for row in rows} == {(2024, "449902")} and all("文化" in str(row[2]) for row in rows)


def test_what_is_handed_over_of_a_unit_tells_nothing_of_others_and_a_misspelt_one_is_told(
    house: House, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(export(house, tmp_path / "a.xlsx", "--unit", "卫生健康"))
    page = book["需要处理"]
    where = [cell.value for cell in page[1]].index("文件路径") + 1
    paths = {row[where - 1] for row in page.iter_rows(min_row=2, values_only=True)}
    assert paths and all("卫生健康" in str(path) or "健康教育" in str(path) for path in paths)
    for name, head in ((sheet.title, [cell.value for cell in sheet[1]]) for sheet in book if sheet.title != "说明"):
        assert len(set(head)) == len(head), name
    for more in (("--unit", "卫生建康"), ("--what", "attention")):
        assert main(["export", str(tmp_path / "b.docx"), "--data-dir", str(house.data_dir), *more]) == 2
    assert not (tmp_path / "b.docx").exists()


def test_an_export_goes_neither_into_raw_nor_under_another_ending(house: House, tmp_path: Path) -> None:
    for out in (house.data_dir / "raw" / "a.csv", tmp_path / "a.pdf"):
        assert main(["export", str(out), "--data-dir", str(house.data_dir)]) == 2
        assert not out.exists()


def test_the_csv_of_the_page_and_of_the_command_hold_the_same_lines(house: House, app: Any, tmp_path: Path) -> None:
    page = ask(app, "/findings.csv").body.split(b"\r\n")
    command = export(house, tmp_path / "a.csv", "--what", "findings", "--all").read_bytes().split(b"\r\n")
    assert page[0] == command[0] and sorted(page) == sorted(command)


# The site


@pytest.fixture(scope="module")
def site(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "out"
    with house.published.data() as data:
        write_site(data, out, Scope(Choice()), None)
    return out


def test_nothing_hostile_gets_into_the_site(site: Path) -> None:
    seen = 0
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "<script" not in text and "<img src=//" not in text and "<b>x&y" not in text, page
        assert not re.search(r"(?:src|href|action)=\"(?:https?:|//|javascript:|data:)", text), page
        seen += "&lt;script&gt;alert(1)" in text
    assert seen > 1


def test_every_link_of_the_site_leads_to_a_file_of_it(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 60
    for page in pages:
        text = page.read_text("utf-8")
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            target = link.partition("#")[0]
            assert not re.match(r"[a-z]+:|/", target), (page, link)
            assert not target or (page.parent / target).resolve().is_file(), (page, link)
        assert "<form" not in text and "<script" not in text and "token" not in text, page
        assert "<script>alert" not in text and "<img src=//" not in text


def test_the_site_accuses_nobody_of_what_is_in_doubt_and_names_no_person(house: House, site: Path) -> None:
    with house.published.data() as data:
        open_ones = data.rows(
            f"SELECT DISTINCT message FROM v_finding WHERE NOT coalesce({ACCUSING}, false) AND message IS NOT NULL "
            f"AND message NOT IN (SELECT message FROM v_finding WHERE {ACCUSING})"
        )
    text = "\n".join(page.read_text("utf-8") for page in [*site.glob("form/*.html"), *site.glob("findings*.html")])
    assert open_ones and not [row["message"] for row in open_ones[:50] if row["message"] in text]
    assert "填表人" not in text and "联系电话" not in text


def test_the_site_shows_what_was_corrected_and_not_by_whom(house: House, tmp_path: Path) -> None:
    with house.published.data() as data:
        found = data.one("SELECT form_id FROM project WHERE total_score IS NOT NULL ORDER BY 1 LIMIT 1")
    assert found is not None
    correction = {"status": "applied", "table_name": "project", "row_no": 1, "column_name": "total_score",
                  "reason": "张三来电", "who": "李四", "printed_text": "99"}  # fmt: skip
    with house.published.data() as data:
        made = form.form(data, found["form_id"])
        assert made is not None
        cell = next(cell for cell in made["head"] if cell["name"] == "total_score")
        cell["corrected"] = correction
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(form, "form", lambda *_: made)
            site = _Site(data, tmp_path, Scope(Choice()), None, io.StringIO())
            assert list(site._form(found["form_id"])) == ["form"]
    text = (tmp_path / "form" / f"{found['form_id']}.html").read_text("utf-8")
    assert "原印 99" in text and "李四" not in text and "张三" not in text


def test_the_site_overwrites_nothing_of_anybody(house: House, site: Path, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("x")
    with house.published.data() as data, pytest.raises(CannotRun, match="另选"):
        write_site(data, tmp_path, Scope(Choice()), None)
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]
    assert (site / MARKER).exists()


def test_a_page_that_a_site_no_longer_has_goes_and_what_somebody_put_beside_stays(house: House, tmp_path: Path) -> None:
    with house.published.data() as data:
        write_site(data, tmp_path, Scope(Choice()), None)
        years = data.rows("SELECT fiscal_year, count(*) AS n FROM project GROUP BY ALL ORDER BY n, 1")
        (tmp_path / "robots.txt").write_text("x")
        write_site(data, tmp_path, Scope(Choice(year=years[0]["fiscal_year"])), None)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert len([name for name in left if name.startswith("form/")]) == years[0]["n"] < sum(row["n"] for row in years)
    assert left == {*(tmp_path / MARKER).read_text("utf-8").splitlines(), MARKER, "robots.txt"}


def test_a_site_that_is_broken_off_has_whole_pages_and_the_next_one_clears_up(
    house: House, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = pages_site._put
    monkeypatch.setattr(
        pages_site, "_put", lambda target, content: (put(target, content), 1 / (target.stem != "about"))
    )
    with house.published.data() as data:
        with pytest.raises(ZeroDivisionError):
            write_site(data, tmp_path, Scope(Choice()), None)
        monkeypatch.undo()
        assert "about.html" in (tmp_path / MARKER).read_text("utf-8").splitlines()
        write_site(data, tmp_path, Scope(Choice()), None)
    assert {path.relative_to(tmp_path) for path in tmp_path.rglob("*")} == {
        path.relative_to(site) for path in site.rglob("*")
    }


def test_the_views_for_analysts_are_handed_over_as_parquet_too(house: House) -> None:
    for view in ("v_project", "v_indicator", "v_finding"):
        stored = parquet.read_table(house.data_dir / "curated" / "parquet" / view)
        with house.published.data() as data:
            assert [{"n": stored.num_rows}] == data.rows(f"SELECT count(*) AS n FROM {view}") and stored.num_rows > 0
            assert stored.column_names == [row["column_name"] for row in data.rows(f"DESCRIBE {view}")]
