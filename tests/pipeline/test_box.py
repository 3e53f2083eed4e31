"""What a reading worker may reach: its document and the interpreter's files, nothing else, however its parser behaves.

Where this kernel has no Landlock the tests of the box are skipped and say so; the rules themselves are tested anywhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import intruder
import pytest

from extractors.formats.rewritten import libreoffice
from pipelines import box, worker
from pipelines.box import Access, Box
from pipelines.opening import Doorkeeper
from pipelines.pool import PoolLimits, read_all
from pipelines.worker import Task

boxed = [
    pytest.mark.slow,
    pytest.mark.skipif(box.version() < 4, reason=f"this kernel has Landlock {box.version()}; 4 governs the network"),
]


def task(path: Path, text: str) -> Task:
    path.write_text(text, encoding="utf-8")
    return Task(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class TestInAWorker:
    pytestmark = boxed

    def test_a_worker_can_neither_write_nor_connect_nor_start_a_program_nor_read_what_is_not_its_own(
        self, tmp_path: Path, port: int
    ) -> None:
        (tmp_path / "other.txt").write_text("another document")
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        document = task(tmp_path / "a.txt", str(port))
        [(_, reading)] = read_all([document], PoolLimits(1), read=intruder.intrude)
        assert (reading.status, json.loads(str(reading.reason))) == ("loaded", [])
        after = {path: path.read_bytes() for path in tmp_path.iterdir()}
        assert after == before | {tmp_path / "a.txt": str(port).encode()}

    def test_without_the_box_it_could(self, tmp_path: Path, port: int) -> None:
        """What is tried can be done; else the test above would prove nothing."""
        (tmp_path / "other.txt").write_text("another document")
        document = task(tmp_path / "a.txt", str(port))
        tried = intruder.attempts(document, port)
        fatal = {name for name in tried if name.startswith(("start a shell", "start a program by"))}
        [(_, reading)] = read_all([document], PoolLimits(1, boxed=False), read=intruder.intrude_softly)
        possible = set(json.loads(str(reading.reason)))
        assert tried.keys() - fatal - possible <= {"read a parent's environment"}

    def test_a_parser_that_turned_bad_is_a_crash_of_its_document_alone(self, tmp_path: Path) -> None:
        documents = [task(tmp_path / f"{name}.txt", name) for name in "ab"]
        outcomes = list(read_all(documents, PoolLimits(1), read=intruder.with_a_bad_parser))
        assert [reading.reason_code for _, reading in outcomes] == ["CRASH", "CRASH"]
        assert all("PermissionError" in str(reading.detail) for _, reading in outcomes)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]

    def test_a_ticket_that_nobody_gave_opens_nothing(self, tmp_path: Path) -> None:
        document = task(tmp_path / "a.txt", "x")
        [(_, reading)] = read_all([document], PoolLimits(1), read=intruder.ask_for_another)
        assert reading.reason == os.strerror(13)

    def test_a_folder_of_the_limits_may_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "kept").mkdir()
        document = task(tmp_path / "kept/a.txt", "1")
        limits = PoolLimits(1, writable=(str(tmp_path / "kept"),))
        [(_, reading)] = read_all([document], limits, read=intruder.intrude)
        done = json.loads(str(reading.reason))
        assert "write beside the document" in done and "connect" not in done and "write elsewhere" not in done

    @pytest.mark.skipif(libreoffice.program() is None, reason="needs LibreOffice")
    def test_libreoffice_converts_in_a_box_of_its_own_and_leaves_nothing(self, tmp_path: Path) -> None:
        document = task(tmp_path / "a.rtf", "{\\rtf1\\ansi plain words}")
        [(_, reading)] = read_all([document], PoolLimits(1), read=worker.read)
        assert (reading.status, reading.format) == ("no_form", "rtf")

    def test_boxing_costs_a_worker_at_most_ten_milliseconds_of_processor_time(self) -> None:
        program = (
            "import time, extractors.extract, pipelines.worker\n"
            "from pipelines.box import Box, interpreter_files\n"
            "allowed = Box(interpreter_files())\n"
            "started = time.process_time(); allowed.enter(); print(time.process_time() - started)\n"
        )
        took = [float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(3)]
        assert min(took) < 0.010


# The rules, on any machine


class Kernel:
    """Notes what is asked of a kernel of some version."""

    def __init__(self, version: int) -> None:
        self.version, self.ruleset, self.rules, self.restricted = version, (), {}, False

    def syscall(self, number: int, *arguments: Any) -> int:
        if number == 444 and arguments[0] is None:
            return self.version or -1
        if number == 444:
            self.ruleset = struct.unpack(f"={len(arguments[0]) // 8}Q", arguments[0])
            return os.open(os.devnull, os.O_RDONLY)
        if number == 445:
            access, descriptor = struct.unpack("=Qi", arguments[2])
            self.rules[str(Path(f"/proc/self/fd/{descriptor}").readlink())] = Access(access)
        self.restricted |= number == 446
        return 0

    def prctl(self, *_: Any) -> int:
        return 0


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Kernel:
    made = Kernel(request.param)
    monkeypatch.setattr(box, "_library", lambda: made)
    return made


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")


@on_linux
@pytest.mark.parametrize(
    ("kernel", "ruleset"),
    [(1, (0x1FFF,)), (2, (0x3FFF,)), (3, (0x7FFF,)), (4, (0x7FFF, 3)), (5, (0xFFFF, 3)), (6, (0xFFFF, 3, 3))],
    indirect=["kernel"],
)
def test_a_kernel_is_asked_for_what_its_version_governs(kernel: Kernel, ruleset: tuple[int, ...]) -> None:
    assert Box().enter() == kernel.version
    assert kernel.ruleset == ruleset and kernel.restricted


@on_linux
@pytest.mark.parametrize("kernel", [0], indirect=True)
def test_without_landlock_a_process_goes_on_as_it_is(kernel: Kernel) -> None:
    assert Box(("/",)).enter() == 0
    assert not kernel.restricted


@on_linux
@pytest.mark.parametrize("kernel", [3], indirect=True)
def test_a_file_is_given_no_right_of_folders_and_what_is_not_there_no_rule(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    Box((str(tmp_path / "file"), str(tmp_path / "none")), (str(tmp_path),)).enter()
    assert kernel.rules.keys() == {"/dev/null", str(tmp_path / "file"), str(tmp_path)}
    assert kernel.rules[str(tmp_path / "file")] == Access.READ_FILE
    assert Access.MAKE_REG in kernel.rules[str(tmp_path)] and Access.EXECUTE not in kernel.rules[str(tmp_path)]


def test_the_interpreters_files_are_not_the_folder_in_which_the_project_and_its_data_stand() -> None:
    project = Path(box.__file__).parents[1]
    allowed = [Path(path) for path in box.interpreter_files()]
    assert not any((project / "data").is_relative_to(path) for path in allowed)
    assert project / "extractors" in allowed
    assert any(Path(os.__file__).is_relative_to(path) for path in allowed)


@on_linux
def test_a_ticket_opens_its_file_until_it_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine")
    keeper = Doorkeeper()
    try:
        ticket = keeper.ticket(str(tmp_path / "a.txt"))
        with ticket.open(keeper.door) as file:
            assert file.read() == b"mine"
        with pytest.raises(FileNotFoundError):
            keeper.ticket(str(tmp_path / "none")).open(keeper.door)
        (tmp_path / "link").symlink_to(tmp_path / "a.txt")
        with pytest.raises(OSError, match="symbolic links"):
            keeper.ticket(str(tmp_path / "link")).open(keeper.door)
        keeper.take_back(ticket)
        with pytest.raises(PermissionError):
            ticket.open(keeper.door)
    finally:
        keeper.close()
    time.sleep(0.05)
    with pytest.raises(OSError):
        ticket.open(keeper.door)
