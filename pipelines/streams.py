"""Standard output and error that never break a command, whoever reads them and in whatever encoding.

Here: streams that are closed, full, cut off or of a small encoding; names of files under such a locale. Not here: what
is said (terminal).
"""

import contextlib
import io
import os
import select
import sys
from typing import TextIO

_lost: dict[int, OSError] = {}


def prepare() -> None:
    """Let this process say what it says without ever failing by it; call it first, in a process of one's own.

    A character that the encoding lacks is written as an escape, text that nobody takes is dropped (`lost` tells).
    Where the system's encoding is none of Unicode the process begins anew in Python's UTF-8 mode, for names of files
    are bytes, which that encoding would read wrong; output keeps its encoding.
    """
    for descriptor in range(3):  # else a file of ours would take the number, and a library's complaint end in it
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    _begin_in_utf8()
    sys.stdout, sys.stderr = _unbreakable(sys.stdout, 1), _unbreakable(sys.stderr, 2)


def lost() -> OSError | None:
    """Why standard output did not take all of the text; None where it did."""
    with contextlib.suppress(AttributeError, OSError):
        sys.stdout.flush()
    return _lost.get(1)


def _begin_in_utf8() -> None:
    if os.name == "nt" or sys.flags.utf8_mode or sys.getfilesystemencoding().lower() in ("utf-8", "utf8"):
        return
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    os.environ.setdefault("PYTHONIOENCODING", f"{encoding}:backslashreplace")
    with contextlib.suppress(OSError):
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _unbreakable(stream: TextIO | None, descriptor: int) -> TextIO:
    if stream is None:  # it was closed from the beginning
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - for the life of the process
    if os.name == "nt":
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
        return stream
    buffer = io.BufferedWriter(_Patient(descriptor))  # type: ignore[type-var]
    return io.TextIOWrapper(buffer, encoding=stream.encoding, errors="backslashreplace", line_buffering=True)


class _Patient(io.RawIOBase):
    """Writes to a descriptor; what it does not take is dropped, and kept in `_lost` why."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]
        if self._descriptor in _lost:
            return len(data)
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:  # a pipe that some other program made impatient
                select.select([], [self._descriptor], [], 1.0)
            except OSError as error:
                _lost[self._descriptor] = error
                return len(data)
