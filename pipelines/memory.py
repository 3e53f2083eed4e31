"""Giving freed memory back to the system, which allocators otherwise keep for the process.

Here: one call for the pauses between the steps of a run. Not here: limits of workers (worker).
"""

import contextlib
import ctypes

import pyarrow as pa


def give_back() -> None:
    """Return what is free to the system; of glibc's memory all pages, elsewhere what Arrow holds."""
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
