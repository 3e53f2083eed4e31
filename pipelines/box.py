"""What the kernel lets a process reach: Landlock, through its system calls.

Here: the rules, where the interpreter's own files are, entering a box. Not here: which process is boxed (worker,
conversion). Linux only; elsewhere, and on a kernel without it, a process goes on as it is. Light: workers import it.
Source: the kernel's Documentation/userspace-api/landlock.rst.
"""

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntFlag
from glob import glob
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""System calls; their numbers are the same on every architecture."""
_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38
_BIND_TCP, _CONNECT_TCP = 1, 2
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2


class Access(IntFlag):
    """What may be done to files and folders (linux/landlock.h)."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


_OF_ABI = {1: Access(0x1FFF), 2: Access(0x3FFF), 3: Access(0x7FFF), 5: Access(0xFFFF)}
"""What a kernel of at least this version governs."""
_OF_FILES = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
_READ = Access.READ_FILE | Access.READ_DIR
_WRITE = Access(0xFFFF) & ~(Access.EXECUTE | Access.MAKE_CHAR | Access.MAKE_BLOCK | Access.IOCTL_DEV)

_SYSTEM = (
    *("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib"),
    *("/usr/share", "/usr/local/share"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/localtime", "/etc/timezone", "/etc/fonts", "/etc/mime.types"),
    *("/dev/urandom", "/dev/random", "/dev/zero"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu"),
)
"""Libraries, fonts, time zones and the number of processors: the same for every user of the machine."""
_LOADERS = ("/lib*/ld-*.so*", "/lib/*/ld-*.so*", "/usr/lib*/ld-*.so*")
"""What the kernel runs first of every program."""


@dataclass(frozen=True, slots=True)
class Box:
    """Files and folders by what may be done to them and to all below; what is not there is left out.

    `startable`: programs may be started from there; `meeting`: sockets made, files removed. Nothing else may be read,
    written or started, no TCP connection made or taken, no process outside signalled, as far as the kernel governs it.
    """

    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    startable: tuple[str, ...] = ()
    meeting: tuple[str, ...] = ()

    def enter(self) -> int:
        """Put this process (its calling thread and all it begins) into the box for good; `version` says how tight."""
        found = version()
        if found:
            _enter(self, found)
        return found


def version() -> int:
    """The version of Landlock that this kernel has and allows; 0: none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_library().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))))


def interpreter_files() -> tuple[str, ...]:
    """Files and folders that a Python program of this project reads: the interpreter, libraries, its own code.

    A folder on the module path that holds this project may hold its data, too, as the current one may: of the former
    only the packages are named, the latter not at all.
    """
    project = Path(__file__).resolve().parents[1]
    named = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    named += [str(project / name) for name in ("extractors", "warehouse", "pipelines")]
    here = Path.cwd().resolve()
    for entry in sys.path:
        folder = Path(entry or ".").resolve()
        if folder != here and not project.is_relative_to(folder):
            named.append(str(folder))
    return tuple(dict.fromkeys((*named, *_SYSTEM)))


def program_files(program: str) -> tuple[str, ...]:
    """What must be startable so that the program is: its folder, the system's loader, of a script the shell, too."""
    path = Path(program).resolve()
    with path.open("rb") as file:
        shell = ("/bin", "/usr/bin") if file.read(2) == b"#!" else ()
    return str(path.parent), *shell, *(loader for pattern in _LOADERS for loader in glob(pattern))  # noqa: PTH207


def _enter(box: Box, found: int) -> None:
    library = _library()
    governed = _OF_ABI[max(known for known in _OF_ABI if known <= found)]
    attributes = [int(governed)]
    if found >= 4:
        attributes.append(_BIND_TCP | _CONNECT_TCP)
    if found >= 6:
        attributes.append(_ABSTRACT_SOCKETS | _SIGNALS)
    given = struct.pack(f"={len(attributes)}Q", *attributes)
    ruleset = _called(library.syscall(_CREATE_RULESET, given, ctypes.c_size_t(len(given)), ctypes.c_uint32(0)))
    try:
        for path, access in _rules(box):
            _allow(library, ruleset, path, access & governed)
        _called(library.prctl(_NO_NEW_PRIVILEGES, *map(ctypes.c_ulong, (1, 0, 0, 0))))
        _called(library.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)))
    finally:
        os.close(ruleset)


def _rules(box: Box) -> Iterator[tuple[str, Access]]:
    yield os.devnull, Access.READ_FILE | Access.WRITE_FILE | Access.TRUNCATE
    yield from _each(box.readable, _READ)
    yield from _each(box.writable, _READ | _WRITE)
    yield from _each(box.startable, _READ | Access.EXECUTE)
    yield from _each(box.meeting, Access.MAKE_SOCK | Access.REMOVE_FILE)


def _each(paths: Iterable[str], access: Access) -> Iterator[tuple[str, Access]]:
    return ((path, access) for path in paths)


def _allow(library: ctypes.CDLL, ruleset: int, path: str, access: Access) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not there, or not to be seen: then there is nothing to allow
        return
    try:
        if not os.path.isdir(descriptor):  # noqa: PTH112 - of a descriptor
            access &= _OF_FILES
        rule = struct.pack("=Qi", access, descriptor)
        _called(library.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, ctypes.c_uint32(0)))
    finally:
        os.close(descriptor)


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _called(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return int(result)
