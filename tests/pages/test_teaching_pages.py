"""待教 and the original: what would be read, what is decided, what may be taken away.

Here: requests in this process, documents read once more in workers. Not here: the command (tests/pipeline).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import TOKEN, Answer, ask, ingest

from extractors.extraction import ExtractedForm, Extraction
from pages.app import application
from pages.content.grid import laid_out
from pages.content.printed import printed
from pages.content.proposals import choices, differences, meaning
from pages.guard import Guard
from pages.house import House
from pages.published import Published
from pipelines.serving import Rereading
from pipelines.settings import load_settings

pytestmark = pytest.mark.slow  # one ingestion
LAYOUT = """项目支出绩效自评表（2024年度）
课题主题|学生午餐
实施单位|某区教育局
一级指标|二级指标|三级指标|年度指标值|兑现水平|分值|得分
产出指标|数量指标|供餐人数|≥310人|320人|50|50
|质量指标|合格率|≥95%|96%|50|49
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("teaching")
    path = folder / "raw" / "440303" / "2024" / "午餐 表.txt"
    path.parent.mkdir(parents=True)
    path.write_text(LAYOUT.replace("|", "\t"), "utf-8")
    ingest(folder)
    published = Published(folder / "curated" / "warehouse.duckdb")
    reader = Rereading(load_settings({}, data_dir=folder))
    yield House(folder, published, Guard(8000, token=TOKEN), reader=reader, who="王")
    published.close()


@pytest.fixture
def app(house: House) -> Any:
    return application(house)


def proposal(house: House) -> str:
    with house.published.data() as data:
        row = data.one("SELECT proposal_id FROM proposal WHERE text = '课题主题'")
    assert row is not None
    return str(row["proposal_id"])


def settled(app: Any, url: str) -> Answer:
    """The page once nothing on it is under way any more."""
    for _ in range(100):
        answer = ask(app, url)
        if "data-awaits" not in answer.text:
            return answer
        time.sleep(0.2)
    raise AssertionError(url)


def test_before_a_header_is_taught_its_page_says_which_values_it_would_give(house: House, app: Any) -> None:
    text = settled(app, f"/proposals/{proposal(house)}?column=project_name").text
    assert "多读出 1 个值，改变 0 个，不再读出 0 个" in text
    assert re.search(r"项目名称<td><td><ins>学生午餐</ins>", text)
    assert "没有不同" in settled(app, f"/proposals/{proposal(house)}?column=list.list").text
    assert not (house.data_dir / "vocabulary.toml").exists(), "looking teaches nothing"
    assert ask(app, f"/proposals/{proposal(house)}?column=nothing").status == 404
    assert ask(app, "/proposals/p00000000").status == 404


def test_the_page_shows_the_text_as_printed_with_the_cells_that_belong_to_it(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one("SELECT proposal_id FROM proposal WHERE text = '兑现水平'")
    assert row is not None
    text = settled(app, f"/proposals/{row['proposal_id']}").text
    assert marked(text, "chosen") == ["兑现水平"] and marked(text, "own") == ["320人", "96%"]
    text = settled(app, f"/proposals/{proposal(house)}").text
    assert marked(text, "chosen") == ["课题主题"] and marked(text, "own") == ["学生午餐"]
    for other in (row["proposal_id"], "p00000000", ".."):
        assert ask(app, f"/proposals/{other}/printed.png").status == 404, "no page, no picture"


def marked(text: str, kind: str) -> list[str]:
    return re.findall(rf'<td class="{kind}"[^>]*><span class="label">([^<]*)<', text)


def test_of_a_page_the_cells_below_a_header_or_behind_a_label_are_shown() -> None:
    def cell(text: str, x0: float, top: float, page: int = 1) -> list[Any]:
        return [text, None, 1, 1, page, [x0, top, x0 + 50, top + 20]]

    cells = [cell("头", 100, 20), cell("上", 100, 0), cell("旁", 150, 20), cell("旁下", 150, 40)]
    cells += [cell(f"{n}", 98, 20 + 20 * n) for n in range(1, 13)] + [cell("下页", 100, 40, page=2)]
    place = {"page": 1, "x0": 100, "top": 20, "x1": 150, "bottom": 40, "locator": None}
    below, after = (printed({}, place, section, cells) for section in ("indicator", "header"))
    assert below is not None and below.cells == [str(n) for n in range(1, 11)]
    assert after is not None and after.cells == ["旁"]
    assert below.cut is not None and below.cut.around == (98, 0, 200, 280)


def test_every_meaning_is_said_in_chinese_and_none_twice() -> None:
    said = [words for _, names in choices("indicator") for _, words in names]
    assert len(set(said)) == len(said)
    assert [words for words in said if re.search("[a-z]", words)] == []
    assert meaning("attribute", "attribute") == "其他内容", "what is only kept is not called by its first word"


def test_another_meaning_shows_other_values(house: House, app: Any) -> None:
    text = settled(app, f"/proposals/{proposal(house)}?column=header.department_name").text
    assert re.search(r"主管部门<td><td><ins>学生午餐</ins>", text)


@pytest.mark.slow
def test_what_is_accepted_can_be_undone_and_is_read_after_the_next_ingestion(house: House, app: Any) -> None:
    number = proposal(house)
    form = {"token": TOKEN, "proposal": number, "column": "header.project_name", "back": f"/proposals/{number}"}
    assert ask(app, "/teach", {**form, "deed": "anything"}).status == 400
    assert ask(app, "/teach", {**form, "deed": "accept", "token": "x"}).status == 403
    assert ask(app, "/teach", {**form, "deed": "accept"}).status == 303
    text = ask(app, f"/proposals/{number}").text
    assert "从下次入库起生效" in text and 'value="undo"' in text
    assert ask(app, "/teach", {**form, "deed": "undo"}).status == 303
    assert 'value="undo"' not in ask(app, f"/proposals/{number}").text
    assert ask(app, "/teach", {**form, "deed": "refuse"}).status == 303
    assert "已说不再问" in ask(app, f"/proposals/{number}").text
    assert ask(app, "/teach", {**form, "deed": "accept"}).status == 303
    ingest(house.data_dir)
    with house.published.data() as data:
        assert data.one("SELECT project_name FROM project") == {"project_name": "学生午餐"}


def test_the_original_is_had_by_its_id_and_by_nothing_else(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one("SELECT document_id, path FROM document")
    assert row is not None
    answer = ask(app, f"/original/{row['document_id']}")
    assert answer.status == 200 and answer.body == (house.data_dir / "raw" / row["path"]).read_bytes()
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "%E5%8D%88" in answer.headers["content-disposition"] and "/" not in answer.headers["content-disposition"]
    for other in ("..%2F..%2Fvocabulary.toml", row["document_id"][:16], "440303%2F2024%2Fx.txt", "0" * 64):
        assert ask(app, f"/original/{other}").status == 404
    path: Path = house.data_dir / "raw" / row["path"]
    kept = path.read_bytes()
    path.write_bytes(kept + b"\n")
    assert ask(app, f"/original/{row['document_id']}").status == 404, "another content is not the document"
    path.write_bytes(kept)


def test_a_value_can_be_cited_and_the_grid_shows_labels_too(house: House, app: Any) -> None:
    with house.published.data() as data:
        row = data.one("SELECT form_id, document_id FROM project")
    assert row is not None
    text = settled(app, f"/form/{row['form_id']}?at=indicator.1.target_text").text
    citation = re.search(r'id="citation">([^<]+)<', text)
    assert citation is not None
    for part in ("某区教育局", "2024 年度", "供餐人数", "≥310人", row["document_id"]):
        assert part in citation[1]
    assert re.search(r'<span class="label">三级指标</span>', text), "a label is shown, and is no link"


def test_a_merged_cell_is_as_wide_as_it_is_but_never_over_another() -> None:
    def cell(wide: int, high: int = 1) -> dict[str, Any]:
        return {"wide": wide, "high": high}

    laid = dict(laid_out({1: {1: cell(9)}, 2: {1: cell(1, 9), 2: cell(3)}, 4: {2: cell(2), 4: cell(1)}}, [1, 2, 3, 4]))
    found = {no: [(one["wide"], one["high"]) if one else None for one in line] for no, line in laid.items()}
    assert found == {1: [(4, 1)], 2: [(1, 2), (3, 1)], 4: [(2, 1), (1, 1)]}


def test_differences_tell_gained_changed_and_lost_values() -> None:
    def reading(indicator: list[dict[str, Any]], attribute: list[dict[str, Any]]) -> Extraction:
        return Extraction("loaded", forms=[ExtractedForm({"project_name": "甲"}, [], indicator, attribute)])

    before = reading([{"level3": "甲", "weight": "5", "score": "4"}], [{"label": "兑现", "value": "7人"}])
    after = reading([{"level3": "甲", "weight": "6", "actual_text": "7人"}], [])
    kinds = {(change["kind"], change["label"]) for change in differences(before, after)}
    assert {kind for kind, _ in kinds} == {"gained", "changed", "lost"} and len(kinds) == 3
    assert list(differences(before, before)) == []
    assert {change["kind"] for change in differences(after, Extraction("rejected"))} == {"lost"}
