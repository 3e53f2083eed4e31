"""What every benchmark shares: interleaved timing, a table as a section, and the page that holds all of them.

Here: Section, timing, docs/benchmarks.md. Not here: any work that is measured (one module each).
"""

from __future__ import annotations

import gc
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"

_HEAD = """# 基准测试 / Benchmarks

`make bench` runs every benchmark and writes this page; `python -m bench pdf` runs one module and writes its part anew.
Whatever is compared runs in turn in one process, round by round, so that a slow minute of the machine hits all alike. A
time is the median of the rounds, with the fastest and the slowest in brackets; compare the ratios, not the seconds.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """One table of results: `text` says what was measured and how, `rows` have as many texts as `head`."""

    title: str
    text: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """The section as Markdown, its first column left, the others right."""
        lines = [f"## {self.title}", "", self.text, "", _row(self.head)]
        lines.append("|---|" + "---:|" * (len(self.head) - 1))
        return "\n".join([*lines, *(_row(row) for row in self.rows)]) + "\n"


def _row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(texts) + " |"


def interleaved(
    work: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of each piece of work in each round, one after the other in every round, after one round to warm up.

    `clock`: time.process_time counts the processor's time of this process alone, whatever else the machine does.
    """
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, function in work.items():
            gc.collect()  # what one leaves behind is not the next one's work
            begin = clock()
            function()
            if number:
                seconds[name].append(clock() - begin)
    return seconds


def spread(seconds: Sequence[float]) -> str:
    """The median with the fastest and the slowest: `0.120 s (0.117–0.131)`."""
    return f"{statistics.median(seconds):.3f} s ({min(seconds):.3f}–{max(seconds):.3f})"


def machine() -> str:
    """What the figures were measured on, in one line."""
    return f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores"


def write(module: str, sections: Iterable[Section]) -> None:
    """Put a module's sections into docs/benchmarks.md in place of its old ones; other modules' parts stay."""
    part = f"<!-- {module} -->\n\n" + "\n".join(s.markdown() for s in sections) + f"\nMeasured with {machine()}.\n"
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else _HEAD
    parts = dict(re.findall(r"(?ms)^<!-- (\w+) -->(.*?)(?=^<!-- |\Z)", text))
    parts[module] = part.partition("-->")[2]
    page = _HEAD + "".join(f"\n<!-- {name} -->\n\n{parts[name].strip()}\n" for name in sorted(parts))
    PAGE.write_text(page, encoding="utf-8")
