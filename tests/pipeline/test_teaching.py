"""A layout with headers that nobody knows is taught from the command line, and read fully after it."""

import json

import pytest

from pipelines.cli import main

pytestmark = pytest.mark.slow

LAYOUT = """项目支出绩效自评表（2024年度）
课题主题|学生午餐
牵头科室|基教科
一级指标|二级指标|三级指标|拟达水平|兑现水平|配置比重|斩获比重
产出指标|数量指标|供餐人数|≥310人|320人|50|50
|质量指标|合格率|≥95%|96%|50|49
"""
LESSONS = {
    "课题主题": "header.project_name",
    "拟达水平": "target_text",
    "兑现水平": "actual_text",
    "配置比重": "weight",
    "斩获比重": "score",
}
ROWS = [("供餐人数", "≥310人", "320人", 50, 50), ("合格率", "≥95%", "96%", 50, 49)]
INDICATORS = "SELECT level3, target_text, actual_text, weight, score FROM indicator JOIN project USING (form_id)"


@pytest.fixture
def taught(house, capsys):
    """A data folder with that layout and a plain form, and the `jixiao teach` of it."""
    target = house.add("440303/2024/new.txt", 1)
    target.write_text(LAYOUT.replace("|", "\t"), encoding="utf-8")
    house.add("440303/2024/plain.txt", 2)
    house.ingest()

    def teach(*arguments):
        capsys.readouterr()
        status = main(["teach", *arguments, "--data-dir", str(house.data_dir)])
        return status, capsys.readouterr().out

    house.teach = teach
    house.proposals = lambda: {row["text"]: row for row in json.loads(teach("--json")[1])}
    return house


def test_unknown_headers_are_taught_and_only_what_prints_them_is_read_again(taught):
    while opened := [row for row in taught.proposals().values() if row["text"] in LESSONS and row["status"] == "open"]:
        for row in opened:
            assert taught.teach("accept", row["proposal_id"], "--column", LESSONS[row["text"]])[0] == 0
        assert taught.ingest().read.read == 1
    rows = taught.query(f"{INDICATORS} WHERE project_name = '学生午餐' ORDER BY indicator_no")
    assert [(*row[:3], int(row[3]), int(row[4])) for row in rows] == ROWS
    assert {row["status"] for text, row in taught.proposals().items() if text in LESSONS} == {"accepted"}
    assert taught.ingest().read.read == 0


def test_what_is_refused_is_not_asked_again_and_nothing_is_read_again(taught):
    row = next(row for row in taught.proposals().values() if row["status"] == "open")
    assert taught.teach("refuse", row["proposal_id"])[0] == 0
    assert taught.ingest().read.read == 0
    assert taught.proposals()[row["text"]]["status"] == "refused"


def test_a_proposal_or_a_column_that_is_not_there_is_told(taught):
    number = next(iter(taught.proposals().values()))["proposal_id"]
    assert taught.teach("accept", "p00000000")[0] == 1
    assert taught.teach("accept", number, "--column", "nonsense")[0] == 1
    assert not (taught.data_dir / "vocabulary.toml").exists()


def test_a_bad_line_of_the_file_is_told_and_the_others_are_in_force(taught):
    text = '[indicator.nothing]\nis = ["某"]\n[header.project_name]\nis = [\n  课题\n  "课题主题",\n]\n'
    (taught.data_dir / "vocabulary.toml").write_text(text, encoding="utf-8")
    assert taught.ingest().read.read == 1
    told = taught.query("SELECT code, locator FROM problem WHERE path = 'vocabulary.toml' ORDER BY locator")
    assert told == [("VOCABULARY_INVALID", "1:1"), ("VOCABULARY_INVALID", "5:1")]
    assert taught.proposals()["课题主题"]["status"] == "accepted"
