"""PDF reading against its peers: form pages, and a 100-page final-accounts file with 15 forms.

Here: the files, the peers, times and memory. Not here: whether the readings are right (tests/accuracy, tests/formats).
"""

from __future__ import annotations

import functools
import io
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pdfplumber
import pypdfium2

from bench.report import Section, interleaved, spread
from extractors.formats import read

FIXTURES = Path(__file__).parents[1] / "tests" / "accuracy" / "raw"
ACCOUNTS = next((FIXTURES / "330199" / "2023").glob("*.pdf"))
FORM_FILES = sorted(p for p in FIXTURES.rglob("*公开.pdf") if p != ACCOUNTS)


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


def every_page(data: bytes) -> None:
    """The peer: pdfplumber, the tables of every page."""
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            page.extract_tables()
            page.close()


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
        "import resource, sys\nfrom pathlib import Path\nfrom extractors.formats import read\n"
        "for name in sys.argv[1:]: read(Path(name).read_bytes())\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    command = [sys.executable, "-c", code, *map(str, files)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=FIXTURES.parents[2]).stdout)


def _compared(title: str, text: str, files: Sequence[bytes], rounds: int) -> Section:
    readers: dict[str, Callable[[bytes], object]] = {
        "jixiao": read,
        "pdfplumber, every page": every_page,
        "pdfium, text alone": text_pass,
    }
    work = {name: functools.partial(_each, function, files) for name, function in readers.items()}
    seconds = interleaved(work, rounds)
    plumber, bare = (statistics.median(seconds[name]) for name in list(readers)[1:3])
    rows = []
    for name, times in seconds.items():
        median = statistics.median(times)
        rows.append([name, spread(times), f"{plumber / median:.1f}×", f"{median / bare:.2f}×"])
    head = ["reader", "time", "faster than pdfplumber", "time over pdfium's text"]
    return Section(title, text, head, rows)


def _each(function: Callable[[bytes], object], files: Sequence[bytes]) -> None:
    for data in files:
        function(data)


def sections(rounds: int) -> Iterator[Section]:
    """Times of all readers on both kinds of file, and the memory of a process that reads them."""
    forms = [path.read_bytes() for path in FORM_FILES]
    yield _compared("PDF: form pages", f"{len(forms)} files of one form each.", forms, rounds)
    accounts = final_accounts()
    yield _compared("PDF: final accounts", "One file of 100 pages, 15 of them with forms.", [accounts], rounds)
    with tempfile.TemporaryDirectory() as folder:
        hundred = Path(folder) / "accounts.pdf"
        hundred.write_bytes(accounts)
        rows = [["form pages", f"{peak_mb(FORM_FILES)} MB"], ["100-page accounts", f"{peak_mb([hundred])} MB"]]
    yield Section("PDF: memory", "Peak memory of a process that reads these files.", ["files", "peak"], rows)
