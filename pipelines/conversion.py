"""LibreOffice beside a reading worker, in a box of its own: the worker may start no program, so it asks.

Here: the process that converts, forked off a worker before that is boxed, and how it is asked. Not here: the conversion
itself (extractors.formats.rewritten.libreoffice).
"""

import contextlib
import os
import signal
import tempfile
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from extractors.codes import ReasonCode
from extractors.errors import Unreadable
from extractors.formats.limits import Limits
from extractors.formats.rewritten import libreoffice
from pipelines.box import Box, program_files

_DONE = b""
_GONE = 78
"""The exit status of a worker whose converting process died."""
_SYSTEM = (
    *("/etc", "/usr/bin", "/var/lib/libreoffice", "/var/spool/libreoffice", "/var/cache/fontconfig"),
    *("/proc/self", "/proc/sys", "/proc/filesystems", "/proc/mounts", "/sys/fs/cgroup"),
)
"""What LibreOffice looks at beside libraries and fonts: its configuration, what machine this is."""
_SOCKETS = ("/tmp", "/var/tmp")
"""Where it makes the socket by which a second one would find it, whatever it is told, and removes it."""


def begin(scratch: str, readable: tuple[str, ...]) -> None:
    """Fork the process and let LibreOffice's documents be converted there; nothing where no LibreOffice is.

    It ends with this one, which must have no second thread yet. It writes below `scratch` only.
    """
    program = libreoffice.program()
    if program is None:
        return
    ours, theirs = Pipe()
    parent = os.getpid()
    if os.fork() == 0:
        with contextlib.suppress(BaseException):
            _serve(theirs, parent, program, scratch, readable)
        os._exit(0)
    theirs.close()
    libreoffice.convert_by(_Asking(ours))


class _Asking:
    """Converts by asking; takes and raises what libreoffice.as_docx does."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __call__(self, data: bytes, suffix: str, name: str, limits: Limits) -> bytes:
        try:
            for part in (suffix.encode(), name.encode(), limits.max_bytes.to_bytes(8, "little"), data):
                self._connection.send_bytes(part)
            code = self._connection.recv_bytes()
            answer = self._connection.recv_bytes()
        except (OSError, EOFError):  # it died, perhaps of this document: what comes next needs one that lives
            os._exit(_GONE)
        if code == ReasonCode.MEMORY.encode():
            raise MemoryError
        if code != _DONE:
            raise Unreadable(ReasonCode(code.decode()), answer.decode())
        return answer


def _serve(connection: Connection, parent: int, program: str, scratch: str, readable: tuple[str, ...]) -> None:
    from pipelines.worker import die_with_parent

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent(parent)
    own = connection.fileno()  # all else that was open belongs to the worker: its pipes would not close with it
    os.closerange(3, own)
    os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
    folder = Path(tempfile.mkdtemp(prefix="", dir=scratch))
    tempfile.tempdir = str(folder)
    office = str(Path(program).parents[1])
    Box((*readable, *_SYSTEM, office), (str(folder),), program_files(program), _SOCKETS).enter()
    while True:
        suffix, name = connection.recv_bytes().decode(), connection.recv_bytes().decode()
        limits = Limits(max_bytes=int.from_bytes(connection.recv_bytes(), "little"))
        data = connection.recv_bytes()
        try:
            code, answer = _DONE, libreoffice.convert_here(data, suffix, name, limits)
        except Unreadable as error:
            code, answer = error.reason_code.encode(), error.message.encode()
        except MemoryError:
            code, answer = ReasonCode.MEMORY.encode(), b""
        connection.send_bytes(code)
        connection.send_bytes(answer)
