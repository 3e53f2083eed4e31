"""What holds for every test.

Here: how hypothesis draws, how many of what is drawn at random are tried, where the browser is. Not here: fixtures of
one kind of test (they stand beside it).
"""

import os
import shutil

import pytest
from hypothesis import settings

LONG = bool(os.environ.get("JIXIAO_TEST_LONG"))
# No timed tests: a busy machine is no defect. On a CI machine the same cases are drawn every time.
settings.register_profile(
    "jixiao", deadline=None, derandomize=os.environ.get("CI") == "true", max_examples=400 if LONG else 50
)
settings.load_profile("jixiao")


@pytest.fixture(scope="session")
def sparing() -> int:
    """Every so-manieth of the long draws is tried; all of them where JIXIAO_TEST_LONG is set (`make test-long`)."""
    return 1 if LONG else 4


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; where there is none the test is skipped, on a CI machine it fails."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "there is no Chromium on this machine"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    return path
