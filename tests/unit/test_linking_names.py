"""Names of projects and units: what is one name written twice, and what tells two apart.

Here: normal forms, marks, spelling variants, reforms. Not here: what is linked by them (test_linking).
"""

import pytest

from warehouse.linking.features import turned, worded_apart
from warehouse.linking.kinship import kinship
from warehouse.linking.project_names import differing_marks, project_name
from warehouse.linking.unit_names import spelling, unit_name


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


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("云岭区卫生和计划生育局", "云岭区卫生健康局", "reform"),
        ("云岭区卫生健康局", "云岭区卫生和计划生育局", ""),
        ("云岭县扶贫办公室", "云岭区乡村振兴局", "reform"),
        ("云岭区行政审批局", "云岭区政务服务管理局", "reform"),
        ("云岭区政务服务管理局", "云岭区政务服务和大数据管理局", "reform"),
        ("云岭区人民法院", "云岭区人民检察院", ""),
        ("云岭区统计局", "云岭区审计局", ""),
        ("云岭区应急管理局监测站", "云岭区应急管理和消防安全局监测站", "grown"),
        ("云岭区应急管理局监测站", "云岭区应急管理和消防安全局", ""),
        ("云岭区应急管理局", "云岭区应急局", "duty"),
        ("云岭区环境卫生管理处", "云岭区环境卫生服务中心", "duty"),
        ("云岭区人力资源和社会保障局", "云岭区人力资源服务中心", ""),
        ("云岭区城市管理局", "云岭区城市管理执法大队", ""),
        ("云岭区柳河镇人民政府", "云岭区柳河街道办事处", "town"),
        ("云岭区柳河镇人民政府", "云岭区柳江街道办事处", ""),
        ("云岭区第三小学", "云岭区第三中学", ""),
        ("云岭区文化局", "云岭区文化和旅游局", "part"),
        ("云岭区乡村振兴局", "云岭区农业农村局", "part"),
        ("云岭区科学技术局", "云岭区工业信息化和科学技术局", "grown_by"),
    ],
)
def test_names_are_kindred_by_duty_reform_or_town_and_of_one_rank(a: str, b: str, how: str) -> None:
    assert kinship(unit_name(a), unit_name(b), 2023) == how


def test_no_reform_is_known_before_its_year() -> None:
    assert kinship(unit_name("云岭区乡村振兴局"), unit_name("云岭区农业农村局"), 2022) == ""


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("办公设备购置经费", {"办公设备"}),
        ("编外聘用人员工资", {"聘用人员"}),
        ("遗属人员生活补助", {"遗属"}),
        ("专项业务费", {"专项业务"}),
        ("公厕管理维护", set()),
        ("校园安保服务", set()),
    ],
)
def test_a_project_is_generic_if_nothing_else_stands_in_its_name(name: str, kinds: set[str]) -> None:
    assert project_name(name).generic == kinds


def test_other_shapes_of_a_character_are_the_same_character() -> None:
    assert project_name("農田灌溉渠系維護").plain == project_name("农田灌溉渠系维护").plain
    assert unit_name("雲嶺區農業農村局") == unit_name("云岭区农业农村局")


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("2021年小型农田水利", 2021),
        ("二〇二一年村卫生室", 2021),
        ("21年村卫生室", 2021),
        ("村卫生室（2023）", 2023),
        ("2021-2023年规划", 0),
        ("村卫生室", 0),
    ],
)
def test_the_one_year_of_a_name_is_read(name: str, year: int) -> None:
    assert project_name(name).year == year


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        ("县道改建", "县道改建征地补偿", "征"),
        ("科技人才津贴", "高层次科技人才津贴", "高"),
        ("人才驿站", "人才驿站前期费用", "前"),
        ("医院迁建工程", "医院迁建工程尾款", "尾"),
        ("衔接项目", "衔接项目管理费", "管理"),
        ("教师能力提升轮训", "校长能力提升轮训", "／"),
        ("医院迁建", "医院迁建续建", ""),
        ("绿化管养A标段", "绿化管养A标", ""),
        ("绿化管养", "绿化管养服务费", ""),
    ],
)
def test_a_word_of_weight_in_one_name_only_is_told(a: str, b: str, apart: str) -> None:
    found = worded_apart(project_name(a).canonical, project_name(b).canonical)
    assert apart in found if apart else not found


@pytest.mark.parametrize(
    ("a", "b", "other"),
    [
        ("滨河绿道建设", "滨河绿道管理", True),
        ("电子显示屏采购", "电子显示屏维护", True),
        ("农村饮水安全工程", "农村饮水安全工程运行维护", True),
        ("燃气管道维护工程", "燃气管道维护", False),
        ("公厕管理维护", "公厕运行", False),
        ("垃圾转运站建设", "垃圾转运站新建", False),
    ],
)
def test_to_build_and_to_keep_up_are_two_things(a: str, b: str, other: bool) -> None:
    assert turned(project_name(a).canonical, project_name(b).canonical) == other


@pytest.mark.parametrize(
    ("printed", "place", "bare"),
    [
        ("通道侗族自治县公安局", "通道县", "公安局"),
        ("双江拉祜族佤族布朗族傣族自治县水务局", "双江县", "水务局"),
        ("东乡族自治县财政局", "东乡族自治县", "财政局"),
        ("老河口市第二人民医院（老河口市老年病医院）", "老河口市", "第二人民医院"),
        ("云岭区教育局（云岭区第一小学）", "云岭区", "教育局云岭区第一小学"),
        ("云岭区教育局（本级）", "云岭区", "教育局"),
    ],
)
def test_a_unit_is_named_without_the_nations_of_its_county_and_its_second_name(
    printed: str, place: str, bare: str
) -> None:
    read = unit_name(printed)
    assert (read.place, read.bare) == (place, bare)


def test_what_two_names_say_differently_is_named_in_the_order_in_which_it_stands_there() -> None:
    assert worded_apart("家庭特别扶助", "特殊家庭扶助金") == "名称中有实词被替换（别／殊、金）"
    assert worded_apart("县道改建", "县道改建征地补偿") == "一方名称多出“征地补偿”"
    assert not turned("平安建设", "综治中心规范化运行")
    assert turned("绿道建设", "绿道管理")
