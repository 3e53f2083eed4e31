"""What holds for every test.

Here: how hypothesis draws, where the browser is. Not here: fixtures of one kind of test (they stand beside it).
"""

import os
import shutil

import pytest
from hypothesis import settings

# No timed tests: a busy machine is no defect. On a CI machine the same cases are drawn every time.
settings.register_profile("jixiao", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("jixiao")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; where there is none the test is skipped, on a CI machine it fails."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        message = "there is no Chromium on this machine"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    return path
