"""What holds for every test.

Here: how hypothesis draws. Not here: fixtures of one kind of test (they stand beside it).
"""

import os

from hypothesis import settings

# No timed tests: a busy machine is no defect. On a CI machine the same cases are drawn every time.
settings.register_profile("jixiao", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("jixiao")
