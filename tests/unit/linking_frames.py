"""Small collections to link: a frame of forms, each with what a test says of it.

Here: the forms of a test, and the series made of them. Not here: tests (test_linking and its neighbours).
"""

import pandas as pd

from warehouse.linking import Decision, Series, Thresholds, series

COLUMNS = [
    "form_id",
    "form_kind",
    "fiscal_year",
    "region_code",
    "project_name",
    "project_code",
    "unit_name",
    "unit_code",
    "department_name",
    "budget_adjusted_yuan",
]
BUREAU = "滨海市云岭区应急管理局"
SIX = ["检查企业家次", "聘请专家人数", "隐患整改闭环率", "隐患复查时限", "专家费支出", "受检企业满意度"]


def code(serial: int, year: int = 22) -> str:
    return f"440399{year}{serial:013}"


def frame(*forms: dict[str, object]) -> pd.DataFrame:
    plain = {"form_kind": "self_evaluation", "region_code": "440399", "unit_name": BUREAU, "department_name": BUREAU}
    rows = [{"form_id": f"f{i + 1}", "budget_adjusted_yuan": 100_000} | plain | form for i, form in enumerate(forms)]
    return pd.DataFrame(rows, columns=COLUMNS)


def link(
    *forms: dict[str, object],
    names: list[str] | None = None,
    of_form: dict[str, list[str]] | None = None,
    decisions: tuple[Decision, ...] = (),
    thresholds: Thresholds | None = None,
) -> Series:
    projects = frame(*forms)
    found = of_form or dict.fromkeys(projects["form_id"], SIX if names is None else names)
    rows = [{"form_id": form_id, "level3": name} for form_id, level3 in found.items() for name in level3]
    return series(projects, pd.DataFrame(rows, columns=["form_id", "level3"]), decisions, thresholds)


def groups(result: Series) -> list[list[str]]:
    return sorted(sorted(group) for group in result.mapping.groupby("series_id")["form_id"].agg(list))


def form(year: int | None, name: str, **more: object) -> dict[str, object]:
    return {"fiscal_year": year, "project_name": name} | more


def seed() -> pd.DataFrame:
    own, other = "中共深圳市罗湖区委组织部（本级）", "中共深圳市罗湖区组织部（本级）"
    centre = "深圳市罗湖区老干部活动中心"
    rows = [
        (own, own, "118001", "440303241183115300024"),
        (other, other, "118001", "440303210301500003999"),
        (other, other, "118001", "440303210301500004830"),
        (centre, other, None, "440303241183119300003"),
        (centre, own, None, "440303241183119300012"),
    ]
    return frame(
        *(
            form(2024, f"项目{i}", unit_name=u, department_name=d, unit_code=c, project_code=p, region_code="440303")
            for i, (u, d, c, p) in enumerate(rows)
        )
    )
