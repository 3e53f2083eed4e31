"""Opening a file that someone dropped into a folder without being led elsewhere by it.

Here: the careful open and the stamp that tells a changed file. Not here: what is read. Light: workers import it.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

Stamp = tuple[int, int, int, int]
"""Size, mtime_ns, ctime_ns and inode: what tells a changed file without opening it."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: str | Path) -> BufferedReader:
    """A regular file open for reading; never follows a link, never waits for a pipe.

    Raises OSError; its errno is ELOOP for whatever is not a regular file.
    """
    descriptor = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return os.fdopen(descriptor, "rb")


def stamp(info: os.stat_result) -> Stamp:
    """The stamp of a file."""
    return info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino
