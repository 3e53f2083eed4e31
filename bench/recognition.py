"""What it costs to read a picture of a page, beside the network alone on the same lines of print.

Here: processor time, interleaved in one process, and the memory of a process that reads one. Not here: what is right
of what is read (scans).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from bench.report import Section, interleaved, spread

_FILES = Path(__file__).parents[1] / "tests" / "accuracy" / "raw" / "440399"
_FIRST_PAGES = "2020/nx*.pdf", "2022/gd*.pdf", "2023/tj*.pdf"
_DOTS, _FINE_DOTS = 200, 300


def sections(rounds: int) -> Iterator[Section]:
    """Whole pages beside the network on their lines, each read once; and the peak of a process."""
    from extractors.formats.picture.engine import recogniser
    from extractors.formats.picture.page import Page, read_picture
    from extractors.formats.picture.straight import straighten

    network = recogniser()
    if network is None:
        return
    rows = []
    for path in [path for pattern in _FIRST_PAGES for path in sorted(_FILES.glob(pattern))]:
        picture = _painted(path, _DOTS)
        page = Page(straighten(picture))
        lines = [page.drawn(piece)[0] for piece in page.pieces]
        work: dict[str, Callable[[], object]] = {
            "page": partial(read_picture, picture, network),
            "network": partial(_each, network.read, lines),
        }
        seconds = interleaved(work, min(rounds, 3), time.process_time)
        share = statistics.median(seconds["page"]) / statistics.median(seconds["network"])
        rows.append([path.stem, str(len(lines)), spread(seconds["page"]), spread(seconds["network"]), f"{share:.2f}×"])
    yield Section(
        "Pictures: a page and the network alone",
        f"First pages at {_DOTS} dots per inch. The page: straightened, rules and lines of print found, every figure"
        " read at least twice. The network alone: each line once. Processor time.",
        ("page", "lines", "read", "network alone", "ratio"),
        rows,
    )
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        peak = pool.submit(_peak, next(_FILES.glob(_FIRST_PAGES[1])), _FINE_DOTS).result()
    yield Section(
        "Pictures: memory",
        f"Peak memory of a process that reads a page at {_FINE_DOTS} dots per inch, the network included.",
        ("", "peak"),
        [["a page", f"{peak} MB"]],
    )


def _painted(path: Path, dots: int) -> NDArray[np.uint8]:
    with pypdfium2.PdfDocument(path) as document:
        return np.asarray(document[0].render(scale=dots / 72).to_pil().convert("RGB"))


def _each(read: Callable[[NDArray[np.uint8]], object], lines: list[NDArray[np.uint8]]) -> None:
    for line in lines:
        read(line)


def _peak(path: Path, dots: int) -> int:
    """The most memory that this process has held, in MB, once it has read the first page of a file."""
    import resource

    from extractors.formats.picture.engine import recogniser
    from extractors.formats.picture.page import read_picture

    network = recogniser()
    assert network is not None
    read_picture(_painted(path, dots), network)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
