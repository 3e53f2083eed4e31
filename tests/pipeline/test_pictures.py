"""`jixiao show`: the form, its picture out of the PDF, and what is said where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from pipelines import cli

pytestmark = pytest.mark.slow

TRUTH = Path(__file__).parents[1] / "accuracy/raw/440399/2022"
LINE = (208, 48, 38)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A data folder with a form over several pages in a PDF, one in a Word file and one in a text, ingested."""
    from tests.pipeline.conftest import House

    house = House(tmp_path_factory.mktemp("shown") / "data")
    house.add("a.txt", 1)
    for name in ("跨页长表-2.pdf", "hb-wh-caidian-2021-另存.docx"):
        (house.raw / name).write_bytes((TRUTH / name).read_bytes())
    house.ingest()
    house.forms = dict(
        house.query("SELECT format, min(form_id) FROM project JOIN document USING (document_id) GROUP BY ALL")
    )
    return house


def show(house, *arguments: str) -> int:
    return cli.main(["show", *arguments, "--data-dir", str(house.data_dir)])


def test_a_form_is_shown_and_as_json(shown, capsys):
    assert show(shown, shown.forms["text"]) == 0
    assert "党群服务中心运营管理维护" in capsys.readouterr().out
    assert show(shown, shown.forms["pdf"], "--indicator", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["indicator"][0]["indicator_no"] == 1


def test_every_value_of_a_form_over_pages_can_be_cut_out_of_the_pdf(shown, tmp_path):
    form = shown.forms["pdf"]
    [(over,)] = shown.query(
        "SELECT row_no FROM provenance WHERE table_name = 'indicator' AND column_name = 'actual_text' "
        f"AND form_id = '{form}' GROUP BY row_no HAVING count(DISTINCT page) > 1 ORDER BY row_no LIMIT 1"
    )
    heights = []
    for number, extra in enumerate(
        (
            ["--indicator", "1"],
            ["--indicator", "1", "--field", "target_value"],
            ["--indicator", str(over), "--field", "actual_text"],
            ["--indicator", "1", "--page"],
            ["--source", "total", "--field", "executed_yuan"],
            ["--field", "project_name"],
            [],
        )
    ):
        out = tmp_path / f"{number}.png"
        assert show(shown, form, *extra, "--picture", str(out)) == 0
        with Image.open(out) as image:
            assert image.format == "PNG" and LINE in image.convert("RGB").get_flattened_data()
            heights.append(image.height)
    assert heights[0] < heights[2] < heights[3] < heights[6]


@pytest.mark.parametrize(("format_", "place"), [("text", "第 14 行第 4 列"), ("docx", "个表格第")])
def test_what_is_no_pdf_is_told_with_the_place_to_look_at(shown, tmp_path, capsys, format_, place):
    out = tmp_path / "out.png"
    assert show(shown, shown.forms[format_], "--indicator", "1", "--picture", str(out)) == 1
    told = capsys.readouterr().err
    assert "不是 PDF" in told and place in told and not out.exists()


def test_wrong_ids_and_values_are_told_in_a_sentence(shown, tmp_path, capsys):
    assert show(shown, "nothing") == 1
    assert "没有编号以“nothing”开头的表" in capsys.readouterr().err
    assert show(shown, shown.forms["text"], "--indicator", "99") == 1
    assert "共有 10 项" in capsys.readouterr().err
    assert show(shown, shown.forms["pdf"], "--field", "region_code", "--picture", str(tmp_path / "x.png")) == 1
    assert "无处可指" in capsys.readouterr().err
    assert show(shown, shown.forms["pdf"], "--picture", str(tmp_path / "none/x.png")) == 1
    assert "无法写入" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--page"],
        ["--picture", "x.jpg"],
        ["--indicator", "0"],
    ],
)
def test_wrong_use_ends_with_status_2(shown, arguments):
    with pytest.raises(SystemExit) as ended:
        show(shown, shown.forms["pdf"], *arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize("arguments", [["--indicator", "1", "--source", "total"], ["--field", "no"]])
def test_a_place_that_no_form_has_is_status_2(shown, arguments, capsys):
    assert show(shown, shown.forms["pdf"], *arguments) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and ("--source" in told or "“no”" in told)


def test_the_folder_of_documents_is_never_written_to(shown):
    with pytest.raises(SystemExit):
        show(shown, shown.forms["pdf"], "--picture", str(shown.raw / "x.png"))
    assert not (shown.raw / "x.png").exists()


def test_a_changed_or_missing_file_is_told_and_a_copy_serves(shown, tmp_path, capsys):
    path, out = shown.raw / "跨页长表-2.pdf", str(tmp_path / "x.png")
    content = path.read_bytes()
    try:
        path.write_bytes(content + b"\n")
        assert show(shown, shown.forms["pdf"], "--picture", out) == 1
        assert "与入库时不同" in capsys.readouterr().err
        path.unlink()
        assert show(shown, shown.forms["pdf"], "--picture", out) == 1
        assert "找不到" in capsys.readouterr().err
    finally:
        path.write_bytes(content)
    (shown.raw / "copy.pdf").write_bytes(content)
    shown.ingest()
    path.unlink()
    assert show(shown, shown.forms["pdf"], "--picture", out) == 0


def test_without_a_warehouse_the_command_says_what_to_run(house, capsys):
    assert show(house, "x") == 1
    assert "jixiao ingest" in capsys.readouterr().err
