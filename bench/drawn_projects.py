"""An invented collection with known lives of projects, for linking.

Here: drifting names, renamed and misspelt units, siblings, gaps, codes given anew. Not here: linking it, scores.
"""

from __future__ import annotations

import random
from itertools import combinations

import pandas as pd

YEARS = range(2020, 2026)
PLACES = [
    ("滨海市云岭区", "440399"),
    ("越州市临溪区", "330199"),
    ("古都市雁原区", "610199"),
    ("锦川市青羊县", "510199"),
]
ORGANS = ["应急管理局", "教育局", "人力资源局", "文化局", "住房和建设局", "卫生健康局"]
REFORM = {"应急管理局": "应急管理和消防安全局", "文化局": "文化广播影视局", "人力资源局": "人力资源和社会保障局"}
MISSPELT = {"教育局": "教肓局", "住房和建设局": "住房建设局", "卫生健康局": "卫牛健康局"}
BELOW = ["（本级）", "监测站", "服务中心"]
ENDINGS = ["项目", "经费", "项目经费", "专项经费", "工作经费", ""]
GENERIC = ["办公经费", "档案数字化加工项目", "“智慧”平台运维项目", "人员、车辆与设备保障经费"]
SIBLINGS = [
    ("校舍维修改造一期", "校舍维修改造二期"),
    ("道路清扫保洁A标段", "道路清扫保洁B标段"),
    ("离休干部服务管理", "退休干部服务管理"),
    ("校园安保服务", "校园保洁服务"),
    ("信息系统建设", "信息系统运维"),
    ("教材购置（春季）", "教材购置（秋季）"),
    ("就业补助", "就业奖励"),
    ("1号楼加固", "2号楼加固"),
]
RENAMES = [
    ("人才交流活动服务采购", "人才交流活动购买服务"),
    ("食品安全抽检", "食品安全抽样检验"),
    ("安全生产专项检查", "安全生产检查"),
    ("困难群众临时救助", "困难群众救助"),
    ("河道保洁与水质监测", "河道保洁、水质监测"),
    ("老年大学教学活动", "老年大学教学"),
    ("高层次人才奖励补贴", "高层次人才奖补"),
    ("农村公路养护", "农村公路日常养护"),
    ("走访慰问老党员", "慰问困难老党员"),
]
COMMON = ["服务对象满意度", "资金支付及时率", "验收合格率"]


class Invention:
    """Forms of invented projects; `truth` says which project each form is of."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.projects: list[dict[str, object]] = []
        self.indicators: list[dict[str, str]] = []
        self.truth: dict[str, int] = {}
        self._serial = 0
        self._used_codes: list[str] = []
        for number, (place, region) in enumerate(PLACES):
            for at, organ in enumerate(ORGANS):
                for k, below in enumerate(BELOW[: 1 + (number + at) % 3]):
                    self._unit(place, region, organ, below, f"{118 + at}{k + 1:03}")

    def _unit(self, place: str, region: str, organ: str, below: str, code: str) -> None:
        draw = self.random
        reform = draw.choice([2022, 2023, 2024]) if organ in REFORM and draw.random() < 0.6 else 9999
        misspelt = draw.choice(YEARS) if organ in MISSPELT and draw.random() < 0.5 else 0
        new_code = draw.random() < 0.5
        names = draw.sample(GENERIC, 2) + list(draw.choice(SIBLINGS))
        lives = [(name, name) for name in names] + [draw.choice(RENAMES)]
        for name, later in lives:
            self._serial += 1
            start, end = draw.choice([(2020, 2025), (2020, 2023), (2021, 2025), (2022, 2024)])
            shared = names[2:] if name in names[2:] else [name]  # siblings have the same indicators
            own = [f"{shared[0][:4]}{what}" for what in ("数量", "覆盖率", "完成时间", "单位成本", "效果", "知晓度")]
            budget, renamed = draw.randrange(10, 900) * 10_000, draw.choice(YEARS[1:])
            missing = draw.choice(YEARS) if draw.random() < 0.2 else 0
            project_code = self._code(region, start)
            for year in range(start, end + 1):
                if draw.random() < 0.3:
                    project_code = self._code(region, year)  # the library was rebuilt
                if year == missing:
                    continue
                printed = organ if year < reform else REFORM[organ]
                printed = MISSPELT[organ] if year == misspelt else printed
                title = (name if year < renamed else later) + ("" if name.endswith("经费") else draw.choice(ENDINGS))
                budget = int(budget * draw.uniform(0.6, 1.6))
                self._form(
                    (f"{year}年" if draw.random() < 0.2 else "") + (title if name in names[2:] else self._slip(title)),
                    project_code if draw.random() < 0.6 else None,
                    (place + printed + below, place + printed),
                    code if (new_code or year < reform) and draw.random() < 0.5 else None,
                    (year, region, budget),
                    [] if draw.random() < 0.05 else draw.sample(own, draw.choice([4, 5, 6])) + draw.sample(COMMON, 2),
                )
            self._used_codes.append(project_code)

    def _slip(self, title: str) -> str:
        """The title, now and then with a character lost or doubled."""
        if self.random.random() > 0.04:
            return title
        at = self.random.randrange(2)
        return title[:at] + title[at] * self.random.choice([0, 2]) + title[at + 1 :]

    def _code(self, region: str, year: int) -> str:
        if len(self._used_codes) > 20 and self.random.random() < 0.05:
            return self.random.choice(self._used_codes[:-20])  # a code of another unit, given anew
        return f"{region}{year % 100:02}{self.random.randrange(10**13):013}"

    def _form(
        self,
        title: str,
        project_code: str | None,
        owners: tuple[str, str],
        unit_code: str | None,
        facts: tuple[int, str, int],
        indicators: list[str],
    ) -> None:
        year, region, budget = facts
        form_id = f"f{len(self.projects):04}"
        self.truth[form_id] = self._serial
        self.projects.append(
            {
                "form_id": form_id,
                "form_kind": "self_evaluation",
                "fiscal_year": year,
                "region_code": region,
                "project_name": title,
                "project_code": project_code,
                "unit_name": owners[0],
                "unit_code": unit_code,
                "department_name": owners[1],
                "budget_adjusted_yuan": budget,
            }
        )
        self.indicators += [{"form_id": form_id, "level2": "数量指标", "level3": name} for name in indicators]

    def frames(self, codes: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
        projects = pd.DataFrame(self.projects)
        return projects if codes else projects.assign(project_code=None), pd.DataFrame(self.indicators)

    def pairs(self, groups: dict[str, object]) -> set[tuple[str, str]]:
        members: dict[object, list[str]] = {}
        for form_id, group in sorted(groups.items()):
            members.setdefault(group, []).append(form_id)
        return {pair for group in members.values() for pair in combinations(group, 2)}
