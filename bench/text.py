"""Text exports to typed records on one core: `python -m bench text [--rounds N]`.

Here: forms a second, beside the bare splitting into fields that no reader can beat. Not here: other formats, storing.
"""

from __future__ import annotations

import csv
import io
import statistics
import time
from collections.abc import Callable, Iterator

from bench import exports
from bench.report import Section, spread
from extractors.extract import extract
from extractors.formats import read

DOCUMENTS = 150


def _fields(data: bytes) -> None:
    for _ in csv.reader(io.StringIO(data.decode()), delimiter="\t", quoting=csv.QUOTE_NONE):
        pass


def sections(rounds: int) -> Iterator[Section]:
    """The part of docs/benchmarks.md."""
    contents = [data for _, data in exports.text_exports(DOCUMENTS)]
    forms = sum(len(extract(data).forms) for data in contents)
    work: dict[str, Callable[[bytes], object]] = {
        "jixiao, to typed records as JSON": lambda data: extract(data).to_json(),
        "jixiao, to typed records": extract,
        "jixiao, to cells": read,
        "csv.reader, fields alone": _fields,
    }
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, function in work.items():
            begin = time.process_time()
            for data in contents:
                function(data)
            seconds[name].append(time.process_time() - begin)
    rows = [[name, spread(times), f"{forms / statistics.median(times):.0f}"] for name, times in seconds.items()]
    yield Section(
        f"Text exports: {DOCUMENTS} documents of {forms} forms",
        "Processor time of one process.",
        ["work", "time", "forms a second"],
        rows,
    )
