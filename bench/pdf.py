"""PDF reading against its peers, interleaved in one run: `python -m bench.pdf [--rounds N] [--json]`.

Here: form pages and a 100-page final-accounts file, read by jixiao, by pdfplumber on every page, by pdfium's text pass.
Not here: whether the readings are right (tests/accuracy).
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pypdfium2

from extractors.extract import extract
from extractors.formats import read

FIXTURES = Path(__file__).parents[1] / "tests" / "accuracy" / "raw"
ACCOUNTS = next((FIXTURES / "330199" / "2023").glob("*.pdf"))
FORM_FILES = sorted(p for p in FIXTURES.rglob("*公开.pdf") if p != ACCOUNTS)[:12]


def final_accounts(pages: int = 100, forms: int = 15) -> bytes:
    """A file of `pages` pages: prose and number tables of the accounts file again and again, form pages among them."""
    source = pypdfium2.PdfDocument(ACCOUNTS)
    texts = [source[n].get_textpage().get_text_range() for n in range(len(source))]
    form_pages = [n for n, text in enumerate(texts) if "三级指标" in text]
    plain = [n for n, text in enumerate(texts) if "指标" not in text]
    target = pypdfium2.PdfDocument.new()
    for n in range(pages):
        due = n * forms // pages != (n + 1) * forms // pages
        chosen = form_pages[n % len(form_pages)] if due else plain[n % len(plain)]
        target.import_pages(source, [chosen])
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


def measure(rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds by work and reader, one after the other in every round."""
    accounts = final_accounts()
    work: dict[str, list[bytes]] = {"form pages": [p.read_bytes() for p in FORM_FILES], "100-page accounts": [accounts]}
    readers: dict[str, Callable[[bytes], object]] = {
        "jixiao": read,
        "jixiao, to typed rows": extract,
        "pdfplumber": every_page,
        "pdfium text": text_pass,
    }
    seconds: dict[str, dict[str, list[float]]] = {name: {reader: [] for reader in readers} for name in work}
    for _ in range(rounds):
        for name, files in work.items():
            for reader, function in readers.items():
                begin = time.perf_counter()
                for data in files:
                    function(data)
                seconds[name][reader].append(time.perf_counter() - begin)
    return seconds


def main() -> None:
    """Print medians, spreads and ratios to pdfplumber."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    seconds = measure(args.rounds)
    if args.json:
        json.dump(seconds, sys.stdout)
        return
    for name, readers in seconds.items():
        peer = statistics.median(readers["pdfplumber"])
        print(f"\n{name}")
        for reader, times in readers.items():
            median = statistics.median(times)
            print(
                f"  {reader:24} {median:8.2f} s  {min(times):6.2f}–{max(times):.2f}   {peer / median:6.2f} x pdfplumber"
            )


if __name__ == "__main__":
    main()
