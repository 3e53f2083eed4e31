"""Names of projects and units: what is one name written twice, and what tells two apart.

Here: normal forms, marks, spelling variants, reforms. Not here: what is linked by them (test_linking).
"""

import pytest

from warehouse.linking.project_names import differing_marks, project_name
from warehouse.linking.unit_names import renamed, spelling, unit_name


@pytest.mark.parametrize(
    "name",
    [
        "档案数字化加工项目",
        "档案数字化加工经费",
        "档案数字化加工项目经费",
        "档案数字化加工专项经费",
        "档案数字化加工工作经费",
        "档案数字化加工（2024年）",
        "2024年度档案数字化加工",
        "“档案数字化”加工",
    ],
)
def test_endings_years_and_quotes_are_no_part_of_the_normal_name(name: str) -> None:
    assert project_name(name).plain == "档案数字化加工"


def test_a_comma_and_the_word_and_are_the_same() -> None:
    assert project_name("公务员、职员管理工作").plain == project_name("公务员和职员管理工作经费").plain


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("校舍维修改造一期", "校舍维修改造二期"),
        ("校舍维修改造", "校舍维修改造（二期）"),
        ("教师培训（第1批）", "教师培训第二批"),
        ("道路清扫保洁A标段", "道路清扫保洁B标段"),
        ("1号楼加固", "2号楼加固"),
        ("离休干部服务", "退休干部服务"),
        ("信息系统建设", "信息系统运维"),
        ("路灯维修", "路灯养护"),
        ("就业补助", "就业奖励"),
        ("教材购置（春季）", "教材购置（秋季）"),
        ("校园安保服务", "校园保洁服务"),
        ("第一中学食堂改造", "第二中学食堂改造"),
        ("设备更新Ⅰ", "设备更新Ⅱ"),
    ],
)
def test_marks_tell_siblings_apart(a: str, b: str) -> None:
    assert differing_marks(project_name(a).marks, project_name(b).marks)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("校舍维修（第一批）", "校舍维修第1批"),
        ("智慧平台运维", "智慧平台运行维护经费"),
        ("人才活动服务采购", "人才活动购买服务"),
        ("2023年校舍维修", "校舍维修（2024年）"),
        ("设备更新Ⅱ期", "设备更新二期"),
        ("物业管理", "党的建设和物业管理"),
    ],
)
def test_the_same_mark_written_otherwise_is_no_conflict(a: str, b: str) -> None:
    assert not differing_marks(project_name(a).marks, project_name(b).marks)


def test_a_unit_name_is_read_as_place_organ_and_unit_below() -> None:
    read = unit_name("广东省滨海市云岭区应急管理局监测站")
    assert (read.prefix, read.place, read.organ, read.below) == ("滨海市", "云岭区", "应急管理局", "监测站")


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("深圳市罗湖区委组织部（本级）", "中共深圳市罗湖区组织部", "slip"),
        ("云岭区文化广电旅游局", "云岭区文化广电旅游居", "slip"),
        ("云岭区卫生健康局", "云岭区卫生健健康局", "slip"),
        ("云岭区卫生健康局", "云岭区卫牛健康局", ""),
        ("云岭区第一中学", "云岭区第二中学", ""),
        ("云岭区第一中学", "云岭区第十一中学", ""),
        ("云岭区东街道办事处", "云岭区西街道办事处", ""),
        ("云岭区教育局", "云岭区教育局站", ""),
        ("云岭区教育局（本级）", "云岭区教育局服务中心", ""),
        ("云岭区教育局", "云岭区教育局监测站", ""),
    ],
)
def test_only_slips_of_the_pen_are_spelling_variants(a: str, b: str, how: str) -> None:
    assert spelling(unit_name(a), unit_name(b)) == how


def test_the_reforms_of_the_list_are_known() -> None:
    assert renamed(unit_name("云岭区卫生和计划生育局"), unit_name("云岭区卫生健康局"))
    assert not renamed(unit_name("云岭区人民法院"), unit_name("云岭区人民检察院"))


def test_a_reform_keeps_the_kindred_organ_and_the_unit_below() -> None:
    old = unit_name("云岭区应急管理局监测站")
    assert renamed(old, unit_name("云岭区应急管理和消防安全局监测站"))
    assert not renamed(old, unit_name("云岭区应急管理和消防安全局"))
    assert not renamed(unit_name("云岭区统计局"), unit_name("云岭区审计局"))
