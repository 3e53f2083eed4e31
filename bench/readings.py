"""Readings of targets and actuals: `python -m bench readings`.

Here: a million different rows read and compared on two cores; the same work beside a plain search for a number, as the
measure of the machine; hostile cells of growing length. Not here: what is read (tests).
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal

from bench.report import Section
from extractors.readings import read_pair, read_value

MILLION, BATCH, WORKERS = 1_000_000, 20_000, 2

Row = tuple[str, str, str, str]

_UNITS = ["个", "人次", "万元", "%", "元/人", "个工作日", "次/季度", "平方米", "天", "场", "户", "公里"]
_OPERATORS = ["≥", "≤", "", "=", "不低于", "不超过", "约"]
_PHRASES = [
    "有所提高", "2024年{}月底前", "按时完成", "本项目不适用该指标", "3月-{}月（4个月）", "检查{}次；培训2场", "/",
    "{}月", "设备运转良好、维护到位{}", "达成预期指标", "完成{}期简报并报送",
]  # fmt: skip
_LEVELS = ["数量指标", "质量指标", "时效指标", "成本指标", "社会效益指标"]
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_HOSTILE = ["1", "(", "率", "每", "9,", "1次、", "不适用", "1年", "x=", "1-", "约"]


def rows(number: int, seed: int) -> list[Row]:
    """(target, actual, level2, name), hardly one like another: the worst case for the caches."""
    dice = random.Random(seed)
    made = []
    for index in range(number):
        unit = dice.choice(_UNITS)
        target = f"{dice.choice(_OPERATORS)}{dice.uniform(0, 99_999):.2f}{unit}"
        actual = f"{dice.uniform(0, 99_999):.2f}{dice.choice([unit, ''])}"
        if index % 3 == 0:
            target, actual = (dice.choice(_PHRASES).format(dice.randint(4, 12)) for _ in range(2))
        made.append((target, actual, dice.choice(_LEVELS), f"指标{seed}-{index % 5000}"))
    return made


def read(batch: list[Row]) -> None:
    """Read and compare every row."""
    for target, actual, level2, name in batch:
        read_pair(target, actual, fiscal_year=2024, level2=level2, name=name)


def search(batch: list[Row]) -> None:
    """Find the first number of every cell: what a reading costs at the very least."""
    for target, actual, _, _ in batch:
        for text in (target, actual):
            if (found := _NUMBER.search(text)) is not None:
                Decimal(found[0])


def _timed(work: Callable[[list[Row]], None], batch: list[Row]) -> float:
    begin = time.process_time()
    work(batch)
    return time.process_time() - begin


def _processor_times(seed: int) -> tuple[float, float]:
    """Seconds of this process for `read` and for `search` on one batch, one after the other."""
    batch = rows(BATCH, seed)
    return _timed(read, batch), _timed(search, batch)


def _hostile(length: int) -> float:
    """Milliseconds that the slowest hostile cell of `length` characters takes."""
    worst = 0.0
    for piece in _HOSTILE:
        text = piece * (length // len(piece))
        begin = time.perf_counter()
        read_value(text, role="target", fiscal_year=2024, name=text, unit_text=text)
        worst = max(worst, time.perf_counter() - begin)
    return worst * 1000


def sections(_rounds: int) -> Iterator[Section]:
    """The part of docs/benchmarks.md; the batches of the million are its rounds."""
    begin = time.perf_counter()
    with ProcessPoolExecutor(WORKERS) as pool:
        batches = list(pool.map(_processor_times, range(MILLION // BATCH)))
    elapsed = time.perf_counter() - begin
    reading, searching = (sum(seconds) for seconds in zip(*batches, strict=True))
    share = statistics.median(read_time / search_time for read_time, search_time in batches)
    yield Section(
        "Readings: 1 000 000 targets and actuals read and compared",
        f"Rows hardly one like another, {WORKERS} processes, {BATCH} rows a batch. The plain search finds the first "
        "number of each cell. A hostile cell is a piece of grammar repeated to so many characters; the slowest counts.",
        ["work", "time"],
        [
            ["read and compared, processor time", f"{reading:.1f} s ({share:.0f}x the plain search)"],
            ["plain search, processor time", f"{searching:.1f} s"],
            ["elapsed, with making the rows", f"{elapsed:.1f} s"],
            *([f"a hostile cell of {length} characters", f"{_hostile(length):.1f} ms"] for length in (75, 2000, 10**6)),
        ],
    )
