"""The cost of reading: microseconds a pair on varied texts, and linear time on hostile cells.

Here: time. Not here: what is read.
"""

from __future__ import annotations

import random
import time

import pytest

from extractors.readings import read_pair, read_value

BUDGET_US = 60
SLACK = 3
"""The budget is for an idle core; tests run on busy ones."""

UNITS = ["个", "人次", "万元", "%", "元/人", "个工作日", "次/季度", "平方米", "天"]
PHRASES = [
    "有所提高",
    "2024年12月底前",
    "按时完成",
    "本项目不适用该指标",
    "3月-6月（4个月）",
    "检查4次；培训2场",
    "/",
    "设备运转良好、维护到位",
]


def varied_pairs(count: int) -> list[tuple[str, str, str]]:
    dice = random.Random(7)
    pairs = []
    for index in range(count):
        unit = dice.choice(UNITS)
        target = f"{dice.choice(['≥', '≤', '', '不低于', '约'])}{dice.uniform(0, 99_999):.2f}{unit}"
        actual = f"{dice.uniform(0, 99_999):.2f}{dice.choice([unit, ''])}"
        if index % 3 == 0:
            target, actual = dice.choice(PHRASES), f"{dice.choice(PHRASES)}{dice.choice(['', '。', str(index)])}"
        pairs.append((target, actual, f"指标{index % 5000}"))
    return pairs


def test_a_pair_is_read_within_its_budget() -> None:
    best = float("inf")
    for attempt in range(3):
        pairs = varied_pairs(4000)
        start = time.process_time()
        for target, actual, name in pairs:
            read_pair(target, actual, fiscal_year=2024 - attempt, level2="数量指标", name=name)
        best = min(best, (time.process_time() - start) / len(pairs) * 1e6)
    assert best <= BUDGET_US * SLACK, f"{best:.1f} microseconds a pair"


LONGER = ["9,", "1次、", "完成", "不适用", "1年", "(一)", "x=", "0.", "1\u3000", "零", "百分之", "1-"]
HOSTILE = [*"1≥( 、率每一年-约。\ud800\u202e", *LONGER]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_cell_of_a_megabyte_and_one_of_two_thousand_characters_cost_no_time(unit: str) -> None:
    for size in (75, 1990, 1_000_000):
        text = unit * (size // len(unit))
        start = time.process_time()
        reading = read_value(text, role="target", fiscal_year=2024, name=text, unit_text=text)
        read_pair(text, text, level2=text)
        assert time.process_time() - start < 0.2
        assert reading.value is None or size == 75
