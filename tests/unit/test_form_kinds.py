"""The kind of a form by its title without the project's name, else by its columns.

Here: titles with names that sound like another kind. Not here: how title and columns are found (test_form_labels).
"""

import pytest

from extractors.form.kinds import form_kind

SELF = [
    ("视频监控设备维护项目支出绩效自评表", "视频监控设备维护"),
    ("公共区域视频监控联网运维项目支出绩效自评表", "公共区域视频监控联网运维经费"),
    ("老旧小区整体改造项目支出绩效自评表", "老旧小区整体改造"),
    ("城中村整体拆迁绩效自评表", "城中村整体拆迁"),
    ("古城整体保护规划项目支出绩效自评表（2024年度）", "古城整体保护规划"),
    ("部门整体支出绩效评价系统建设项目支出绩效自评表", "部门整体支出绩效评价系统建设"),
    ("部门整体支出绩效评价服务绩效自评表", "部门整体支出绩效评价服务"),
    ("重点项目跟踪审计项目支出绩效自评表", "重点项目跟踪审计"),
    ("政府投资项目跟踪审计绩效自评表", "政府投资项目跟踪审计经费"),
    ("毕业生就业跟踪服务项目绩效自评表", "毕业生就业跟踪服务"),
    ("水质在线监控站运行项目支出绩效自评表", None),
    ("重点污染源自动监控运维绩效自评表", None),
    ("疫苗冷链监控设备购置2023年度项目支出绩效自评表", "疫苗冷链监控设备购置"),
    ("绩效运行监控系统运维项目支出绩效自评表", "绩效运行监控系统运维"),
    ("预算绩效目标申报培训项目支出绩效自评表", "预算绩效目标申报培训"),
    ("监控中心运行经费项目绩效目标完成情况表", "监控中心运行经费"),
    ("营商环境跟踪评价项目支出绩效自评表", "营商环境跟踪评价"),
    ("“雪亮工程”视频监控（二期）项目支出绩效自评表", "雪亮工程视频监控二期"),
    ("整体智治平台建设项目支出绩效自评表", "整体智治平台建设"),
    ("县域医疗整体托管项目支出绩效评价表", "县域医疗整体托管"),
]
MONITORING = [
    ("视频监控设备维护项目支出绩效运行监控表", "视频监控设备维护"),
    ("绩效自评系统运维项目支出绩效运行监控表", "绩效自评系统运维"),
    ("部门绩效评价服务项目绩效运行跟踪表", "部门绩效评价服务"),
    ("老旧小区整体改造项目支出绩效监控表", "老旧小区整体改造"),
    ("第三方评价项目2024年1-7月绩效运行监控表", "第三方评价"),
    ("项目支出绩效运行监控情况表", "社区矫正跟踪帮教"),
    ("项目绩效目标完成情况跟踪监控表", "整体搬迁"),
]
TARGET = [
    ("视频监控设备维护项目支出绩效目标申报表", "视频监控设备维护"),
    ("部门绩效评价服务项目支出绩效目标表", "部门绩效评价服务"),
    ("整体搬迁安置项目支出绩效目标申报表", "整体搬迁安置"),
    ("重大项目跟踪审计绩效目标申报表", "重大项目跟踪审计"),
    ("视频监控联网项目申报表", "视频监控联网项目"),
]
DEPARTMENT = [
    ("2024年度部门整体支出绩效自评表", None),
    ("部门（单位）整体支出绩效自评表", None),
    ("部门整体支出绩效自评表", "部门整体支出"),
    ("监控中心整体支出绩效自评表", None),
    ("单位整体绩效自评表", "单位整体绩效"),
    ("某市评价中心整体支出绩效自评表", "某市评价中心整体支出"),
    ("某区跟踪审计办公室部门整体支出绩效运行监控表", None),
    ("部门整体自评表", None),
]


def test_there_are_forty_titles() -> None:
    assert len(SELF + MONITORING + TARGET + DEPARTMENT) == 40


@pytest.mark.parametrize(("title", "name"), SELF)
def test_a_name_that_sounds_of_another_kind_leaves_a_self_evaluation_one(title: str, name: str | None) -> None:
    assert form_kind(title, name or "", has_actual=True, has_forecast=False) == ("self_evaluation", "")


@pytest.mark.parametrize(("title", "name"), MONITORING)
def test_monitoring_is_told_behind_the_name(title: str, name: str) -> None:
    assert form_kind(title, name, has_actual=True, has_forecast=True) == ("monitoring", "")


@pytest.mark.parametrize(("title", "name"), TARGET)
def test_a_target_form_has_no_results(title: str, name: str) -> None:
    assert form_kind(title, name, has_actual=False, has_forecast=False) == ("target", "")


@pytest.mark.parametrize(("title", "name"), DEPARTMENT)
def test_a_whole_department_is_told_by_the_words_behind_whole(title: str, name: str | None) -> None:
    assert form_kind(title, name or "", has_actual=True, has_forecast=False).kind == "department"


@pytest.mark.parametrize(
    ("title", "actual", "forecast", "found"),
    [
        ("项目支出绩效自评表", True, True, ("self_evaluation", "monitoring")),
        ("项目支出绩效自评表", False, False, ("self_evaluation", "target")),
        ("项目支出绩效自评表", True, False, ("self_evaluation", "")),
        ("项目支出绩效运行监控表", True, False, ("monitoring", "")),
        ("项目支出绩效运行监控表", False, False, ("monitoring", "target")),
        ("项目支出绩效目标申报表", True, False, ("self_evaluation", "self_evaluation")),
        ("", True, True, ("monitoring", "")),
    ],
)
def test_columns_that_contradict_the_title_are_told(
    title: str, actual: bool, forecast: bool, found: tuple[str, str]
) -> None:
    assert form_kind(title, "河道保洁", has_actual=actual, has_forecast=forecast) == found


@pytest.mark.parametrize(
    ("actual", "forecast", "scores", "by_columns"),
    [
        (True, True, True, ""),  # some print points beside the look ahead
        (False, True, False, ""),
        (True, False, False, ""),
        (True, False, True, "self_evaluation"),
        (False, False, False, "target"),
    ],
)
def test_a_title_of_monitoring_is_in_doubt_over_scores_or_bare_targets_alone(
    actual: bool, forecast: bool, scores: bool, by_columns: str
) -> None:
    found = form_kind("项目支出绩效运行监控表", "河道保洁", has_actual=actual, has_forecast=forecast, has_scores=scores)
    assert found == ("monitoring", by_columns)


@pytest.mark.parametrize("name", ["信息系统运行维护", "绩效运行监控系统运行维护", "监控平台运行"])
def test_to_keep_something_running_is_no_monitoring(name: str) -> None:
    title = f"{name}项目支出绩效自评表"
    found = form_kind(title, name, has_actual=True, has_forecast=False, has_scores=True)
    assert found == ("self_evaluation", "")


def test_a_report_without_indicators_contradicts_nothing() -> None:
    found = form_kind("项目绩效自评报告表", "河道保洁", has_actual=False, has_forecast=False, listed=False)
    assert found == ("self_evaluation", "")
