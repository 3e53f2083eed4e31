"""Forms drawn at random and printed by a real browser are read from the PDF as what they were drawn from.

The pages are so low that most forms go over several of them: the browser breaks them between rows and inside rows,
between the lines of merged cells and of captions.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from drawing import Pen
from expectation import differences

from extractors.extract import extract

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_PAGES = [("210mm", "297mm"), ("297mm", "210mm"), ("210mm", "180mm"), ("297mm", "150mm")]


def test_printed_forms_are_read_as_they_were_drawn(chromium: str) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        found = {seed: wrong for seed in range(100) if (wrong := _wrong(page, seed))}
        browser.close()
    assert len(found) <= 2, found  # which page breaks where is the browser's affair: of 2 800 seeds 9 were read wrong


def _wrong(page: Any, seed: int) -> list[str]:
    drawing = Pen(seed).draw()
    width, height = random.Random(seed).choice(_PAGES)
    page.set_content(drawing.sheet(seed))
    margin = dict.fromkeys(("top", "bottom", "left", "right"), "12mm")
    forms = extract(page.pdf(width=width, height=height, margin=margin)).forms
    return differences(drawing.wanted, forms[0]) if len(forms) == 1 else [f"{len(forms)} forms"]
