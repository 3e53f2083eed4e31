"""PDF reading against its peers: form pages, and a 100-page final-accounts file with 15 forms.

Here: the files, the peers, times and memory. Not here: whether the readings are right (tests/accuracy, tests/formats).
"""

from __future__ import annotations

import functools
import importlib.util
import io
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pdfplumber
import pypdfium2

from bench.report import Section, interleaved, spread
from extractors.formats import read
from extractors.formats.clean import clean_text

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font without a bounding box
FIXTURES = Path(__file__).parents[1] / "tests" / "accuracy" / "raw"
ACCOUNTS = next((FIXTURES / "330199" / "2023").glob("*.pdf"))
FORM_FILES = sorted(p for p in FIXTURES.rglob("*公开.pdf") if p != ACCOUNTS)


_FEW = 4
"""Files that camelot reads."""


def final_accounts(pages: int = 100, forms: int = 15) -> bytes:
    """A file of `pages` pages: prose and number tables of the accounts file again and again, form pages among them."""
    source = pypdfium2.PdfDocument(ACCOUNTS)
    texts = [source[n].get_textpage().get_text_range() for n in range(len(source))]
    form_pages = [n for n, text in enumerate(texts) if "三级指标" in text]
    plain = [n for n, text in enumerate(texts) if "指标" not in text]
    chosen = []
    for n in range(pages):
        due = n * forms // pages != (n + 1) * forms // pages
        chosen.append(form_pages[n % len(form_pages)] if due else plain[n % len(plain)])
    target = pypdfium2.PdfDocument.new()
    target.import_pages(source, chosen)  # in one go, so that the pages share their fonts as in a real file
    buffer = io.BytesIO()
    target.save(buffer)
    return buffer.getvalue()


def every_page(data: bytes) -> list[list[str]]:
    """The peer: pdfplumber, the texts of all cells of every page."""
    cells = []
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            cells.append([text for table in page.extract_tables() for row in table for text in row if text])
            page.close()
    return cells


def camelot_lattice(data: bytes) -> None:
    """Another peer, in the extra `bench`: camelot's tables by ruling lines."""
    import camelot

    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        camelot.read_pdf(file.name, flavor="lattice", pages="all", suppress_stdout=True)


def text_pass(data: bytes) -> None:
    """pdfium's bare text of every page: what no reader of pages can beat."""
    document = pypdfium2.PdfDocument(data)
    for page in document:
        page.get_textpage().get_text_range()
        page.close()
    document.close()


def peak_mb(files: Sequence[Path]) -> int:
    """The most memory (MB) of a process that reads these files."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom extractors.formats import read\n"
        "for name in sys.argv[1:]: read(Path(name).read_bytes())\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"  # rusage remembers the parent's
    )
    command = [sys.executable, "-c", code, *map(str, files)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=FIXTURES.parents[2])
    return int(done.stdout) // 1024


def _compared(title: str, text: str, files: Sequence[bytes], rounds: int) -> Section:
    readers: dict[str, Callable[[bytes], object]] = {
        "jixiao": read,
        "pdfplumber, every page": every_page,
        "pdfium, text alone": text_pass,
    }
    work = {name: functools.partial(_each, function, files) for name, function in readers.items()}
    seconds = interleaved(work, rounds, clock=time.process_time)
    plumber, bare = (statistics.median(seconds[name]) for name in list(readers)[1:3])
    rows = [_row(name, times, plumber, bare) for name, times in seconds.items()]
    if importlib.util.find_spec("camelot") and len(files) > _FEW:  # a page takes it seconds
        few = files[:_FEW]
        peers = {name: functools.partial(_each, readers[name], few) for name in list(readers)[1:]}
        times = interleaved({**peers, "camelot": functools.partial(_each, camelot_lattice, few)}, 1, time.process_time)
        peer, text_alone, own = (statistics.median(values) for values in times.values())
        rows.append(_row(f"camelot, lattice (on {_FEW} files)", [own], peer, text_alone))
    return Section(title, text, ["reader", "processor time", "faster than pdfplumber", "time over pdfium's text"], rows)


def _row(name: str, times: Sequence[float], plumber: float, bare: float) -> list[str]:
    median = statistics.median(times)
    return [name, spread(times), f"{plumber / median:.1f}×", f"{median / bare:.2f}×"]


def _each(function: Callable[[bytes], object], files: Sequence[bytes]) -> None:
    for data in files:
        function(data)


def same_cells(files: Sequence[bytes]) -> tuple[int, int, int]:
    """Cells with text that pdfplumber finds, those of them that jixiao lacks, and those that it has beyond them.

    White space and the radicals that stand for ordinary characters are folded.
    """
    found = lacking = beyond = 0
    for data in files:
        ours: dict[int | None, Counter[str]] = defaultdict(Counter)
        for grid in read(data).grids:
            ours[grid.page].update(_folded(c.text for c in grid.cells if grid.ruled))
        for number, texts in enumerate(every_page(data), 1):
            if number in ours:
                theirs = Counter(_folded(texts))
                found += theirs.total()
                lacking += (theirs - ours[number]).total()
                beyond += (ours[number] - theirs).total()
    return found, lacking, beyond


def _folded(texts: Iterable[str]) -> list[str]:
    return [folded for text in texts if (folded := "".join(clean_text(text).split()))]


def sections(rounds: int) -> Iterator[Section]:
    """Times of all readers on both kinds of file, their cells, and the memory of a process that reads them."""
    forms, accounts = [path.read_bytes() for path in FORM_FILES], final_accounts()
    text = f"{len(forms)} files of one form each, read whole: the text of all cells."
    yield _compared("PDF: form pages", text, forms, 3 * rounds)  # they are short, and so is a disturbance
    text = "One file of 100 pages: accounts in prose and number tables, 15 pages of forms among them."
    yield _compared("PDF: final accounts", text, [accounts], rounds)
    head = ["files", "cells that pdfplumber finds", "not found by jixiao", "found beyond them"]
    rows = [
        [name, *map(str, same_cells(files))]
        for name, files in (("form pages", forms), ("100-page accounts", [accounts]))
    ]
    yield Section(
        "PDF: the same cells", "Texts of cells on the pages read, white space and radicals folded.", head, rows
    )
    with tempfile.TemporaryDirectory() as folder:
        hundred = Path(folder) / "accounts.pdf"
        hundred.write_bytes(accounts)
        rows = [["form pages", f"{peak_mb(FORM_FILES)} MB"], ["100-page accounts", f"{peak_mb([hundred])} MB"]]
    yield Section("PDF: memory", "Peak memory of a process that reads these files.", ["files", "peak"], rows)
