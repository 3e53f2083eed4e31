"""Labels: what is looked up, what a composed one is, cells of several pairs; docs/add_a_layout.md is true."""

import re
import tomllib
from pathlib import Path

import pytest

from extractors.extract import extract
from extractors.layout.cell_words import split_label, words_of
from extractors.vocabulary import bare_text, label_key, of_other_years, vocabulary
from extractors.vocabulary.lookup import shipped

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "add_a_layout.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("项 目 名 称：", "项目名称"), ("＊项目名称", "项目名称"), ("(01)主管部门", "主管部门"),
        ("一、项目概况", "项目概况"),
        ("其中：1、上年结余", "上年结余"), ("全年预算数（A）(万元)", "全年预算数"), ("全年预算C=A+B", "全年预算"),
        ("执行率（B/A）", "执行率"), ("1-9月执行数", "1至7月执行数"), ("截至8月底执行情况", "1至7月执行情况"),
        ("2023年预算数", "预算数"), ("年度绩效目标2", "年度绩效目标"), ("2023年1-7月执行数", "1至7月执行数"),
    ],
)  # fmt: skip
def test_what_is_looked_up_of_a_label(printed: str, key: str) -> None:
    assert label_key(printed) == key


@pytest.mark.parametrize(
    ("printed", "role"),
    [
        ("全年实际完成指标值", ("indicator", "actual_text")), ("其中：本年一般公共预算拨款", ("source", "fiscal")),
        ("市本级财政资金", ("source", "city")), ("已执行金额（元）", ("measure", "executed_yuan")),
        ("全年预计执行数", ("measure", "other")), ("中期资金总额", ("amount", "longterm")),
    ],
)  # fmt: skip
def test_a_label_composed_of_known_words_is_known(printed: str, role: tuple[str, str]) -> None:
    assert vocabulary().role(printed) == role


@pytest.mark.parametrize(
    "text",
    [
        "地方志办公室",
        "松原区民政局本级",
        "中央追加资金池",
        "上级资金管理办法",
        "100%",
        "预计执行数差额说明",
        "省文物局",
        "",
    ],
)
def test_a_text_that_only_contains_a_known_word_is_no_label(text: str) -> None:
    assert vocabulary().role(text) is None


def test_last_years_figures_are_told_from_this_years() -> None:
    headers = ["2021年执行数", "2022年预算数", "2023年预算数", "备注"]
    assert of_other_years(headers, None) == {0, 1}
    assert of_other_years(headers, 2022) == {0, 2}
    assert of_other_years(["2022年预算数", "2022年执行数"], 2023) == set()


def test_a_cell_of_several_pairs_is_cut_at_known_labels_only() -> None:
    assert words_of("填报人：李某   联系电话：0000-1234567").pairs == [("填报人", "李某"), ("联系电话", "0000-1234567")]
    assert words_of("填报单位（盖章）：某局 单位：万元").pairs == [("填报单位（盖章）", "某局"), ("单位", "万元")]
    assert words_of("主管部门:(公章)某局").pairs == [("主管部门", "某局")]
    assert words_of("目标1：修路。 目标2：架桥。").pairs == []
    assert words_of("修建道路：两条").pairs == []
    assert split_label("存在问题：宣传不足：少") == ("存在问题", "宣传不足：少")


def test_no_word_stands_for_two_things_in_one_group() -> None:
    for group, entries in shipped().items():
        owner: dict[str, str] = {}
        for name, entry in entries.items():
            for word in entry.get("is", []) if isinstance(entry, dict) else []:
                assert owner.setdefault(label_key(word), name) == name, (group, word)


def test_every_word_is_found_as_it_is_written() -> None:
    for group in vocabulary().groups.values():
        for name, words in group.words().items():
            assert {group.exact(label_key(word)) for word in words} == {name}
            assert all(bare_text(word) for word in words)


def test_the_guide_names_the_groups_that_there_are() -> None:
    named = set(re.findall(r"^\| `([a-z]+)` \|", DOC, re.MULTILINE))
    assert named == set(vocabulary().groups)


def test_the_guide_names_codes_that_are_given() -> None:
    modules = [p for room in ("extractors", "warehouse") for p in (ROOT / room).rglob("*.py")]
    source = "".join(p.read_text("utf-8") for p in modules)
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", DOC))
    assert {code for code in named if f"Code.{code}" not in source} == set()
    assert {"UNKNOWN_LABEL", "UNCLAIMED_CELL"} <= named


def test_the_guides_expectation_is_one() -> None:
    example = re.search(r"```toml\n(\[\[form\]\].*?)```", DOC, re.DOTALL)
    assert example and tomllib.loads(example[1])["form"][0]["project_name"]


LISTS = """<meta charset="utf-8"><table><tr><td colspan="5">{title}</td></tr>
<tr><td>项目名称</td><td colspan="4">技能培训</td></tr>
<tr><td rowspan="2">{first}</td><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>指标值</td></tr>
<tr><td>产出指标</td><td>数量指标</td><td>培训人数</td><td>≥1500人</td></tr>
<tr><td rowspan="2">年度绩效指标</td><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>指标值</td></tr>
<tr><td>产出指标</td><td>数量指标</td><td>培训人数</td><td>≥500人</td></tr></table>"""


@pytest.mark.parametrize(
    "first", ["中期绩效指标", "实施期绩效指标", "实施周期绩效指标", "规划期绩效指标", "三年绩效指标"]
)
def test_a_list_of_several_years_above_the_annual_one_is_told_by_its_header(first: str) -> None:
    form = extract(LISTS.format(title="项目支出绩效目标表", first=first).encode()).forms[0]
    read = [(row["horizon"], row["target_text"], row.get("target_midterm_text")) for row in form.indicator]
    assert read == [("long_term", "≥1500人", None), ("annual", "≥500人", None)]


MONITORED = """<meta charset="utf-8"><table>{title}<tr><td>项目名称</td><td colspan="5">高龄补贴</td></tr>
<tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>年度指标值</td><td>1-7月执行情况</td><td>{last}</td></tr>
<tr><td>产出指标</td><td>数量指标</td><td>补贴人数</td><td>≥3000人</td><td>1650人</td><td>3000人</td></tr></table>"""


@pytest.mark.parametrize(
    ("title", "last", "kind"),
    [
        ("", "全年预计完成情况", "monitoring"),
        ("", "偏差原因", "self_evaluation"),
        ("项目绩效运行跟踪表", "偏差原因", "monitoring"),
        ("项目支出绩效自评表", "全年预计完成情况", "self_evaluation"),
    ],
)
def test_monitoring_is_told_by_its_title_or_else_by_what_is_expected(title: str, last: str, kind: str) -> None:
    heading = f'<tr><td colspan="6">{title}</td></tr>' if title else ""
    form = extract(MONITORED.format(title=heading, last=last).encode()).forms[0]
    assert form.project["form_kind"] == kind
    assert form.indicator[0]["actual_text"] == "1650人"
