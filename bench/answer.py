"""A reader that costs nothing, to measure what surrounds reading.

Here: one function, in a module that a worker imports quickly. Not here: measuring (bench.simulate).
"""

from __future__ import annotations

from pipelines.worker import Answer, Task


def answer(task: Task, max_bytes: int) -> Answer:
    """A reading of as many characters as the task's path says."""
    return Answer("loaded", forms="0" * int(task.path))
