"""Readers that try to get out of their box, for test_box.py. Workers import this module by name."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pipelines import worker
from pipelines.worker import Answer, Task


def attempts(task: Task, port: int) -> dict[str, Callable[[], object]]:
    """Everything a hijacked parser might want to do; each raises where it may not."""
    folder = Path(task.path).parent
    return {
        "write beside the document": lambda: (folder / "written").write_text("x"),
        "write elsewhere": lambda: folder.with_name("elsewhere").write_text("x"),
        "overwrite the document": lambda: Path(task.path).open("r+b"),
        "remove the document": lambda: Path(task.path).unlink(),
        "rename the document": lambda: Path(task.path).rename(folder / "renamed"),
        "cut the document": lambda: os.truncate(task.path, 0),
        "make a folder": lambda: (folder / "made").mkdir(),
        "link": lambda: (folder / "link").symlink_to("/etc/passwd"),
        "read another document": lambda: (folder / "other.txt").read_bytes(),
        "list the documents": lambda: list(folder.iterdir()),
        "read the system's users": lambda: Path("/etc/passwd").read_text(),
        "read a parent's environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "connect": lambda: socket.create_connection(("127.0.0.1", port), timeout=2),
        "listen": lambda: socket.create_server(("127.0.0.1", 0)),
        "start a program": lambda: subprocess.run([sys.executable, "-c", "1"], check=True),
        "start a shell": lambda: os.execv("/bin/sh", ["/bin/sh", "-c", "true"]),
        "start a program by the loader": lambda: os.execv(_loader(), [_loader(), "/bin/true"]),
        "signal its parent": lambda: os.kill(os.getppid(), signal.SIGCONT),
    }


def _loader() -> str:
    found = [*Path("/lib64").glob("ld-*.so*"), *Path("/lib").glob("ld-*.so*")]
    return str(found[0])


def intrude(task: Task, max_bytes: int) -> Answer:
    """Try all of it; `reason` says what succeeded, as JSON. The document, read as every reader does, names a port."""
    data = worker.content(task, max_bytes)
    assert isinstance(data, bytes), data
    done = []
    for name, attempt in attempts(task, int(data)).items():
        try:
            attempt()
        except OSError:
            continue
        done.append(name)
    return Answer("loaded", reason=json.dumps(done))


def intrude_softly(task: Task, max_bytes: int) -> Answer:
    """The same without what would end the process, and what takes the document away last."""
    port = int(Path(task.path).read_bytes())
    tried = attempts(task, port)
    done = []
    for name in sorted(tried, key=lambda name: ("cut" in name) + 2 * ("remove" in name)):
        if name.startswith(("start a shell", "start a program by")):
            continue
        try:
            tried[name]()
        except OSError:
            continue
        if name == "rename the document":
            (Path(task.path).parent / "renamed").rename(task.path)
        done.append(name)
    return Answer("loaded", reason=json.dumps(done))


def with_a_bad_parser(task: Task, max_bytes: int) -> Answer:
    """Really read the document with a parser that sends it elsewhere."""
    import extractors.extract as extracting

    def hijacked(data: bytes, **hints: object) -> object:
        (Path(task.path).parent / "stolen").write_bytes(data)
        raise AssertionError("it could be written")

    extracting.extract = hijacked
    return worker.read(task, max_bytes)


def ask_for_another(task: Task, max_bytes: int) -> Answer:
    """Ask for a file by a ticket of one's own making."""
    from pipelines.opening import Ticket

    assert worker._door is not None
    for number in (bytes(16), b"", os.fsencode(task.path)[:16]):
        try:
            with Ticket(number).open(worker._door):
                return Answer("loaded", reason="opened")
        except OSError as error:
            refused = error.errno
    return Answer("loaded", reason=os.strerror(refused))
