"""Documents that only an office program understands (doc, rtf, odt): LibreOffice writes them as docx.

Here: finding it, running it within limits with a profile of its own, ending it with its children. Not here: how a docx
is read.

It runs in the limits of memory of whoever starts it and in a session of its own; the kernel ends it when that ends. Its
profile forbids macros and links. A process that may start no program has it done elsewhere (`convert_by`).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from extractors.codes import ReasonCode
from extractors.formats.limits import Limits
from extractors.grid import Unreadable

SECONDS = 15.0
"""For one document; a worker has 20."""
_RESTART = 81
"""What LibreOffice returns when it has made a new profile and wants to be started again."""
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
Conversion = Callable[[bytes, str, str, Limits], bytes]
_elsewhere: list[Conversion] = []
_FLAGS = ("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", "--nofirststartwizard")


def program() -> str | None:
    """LibreOffice, where it is on the path; the program itself rather than the script that starts it."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        return None
    own = Path(found).resolve().with_name("soffice.bin")
    return str(own) if own.exists() else found


def convert_by(conversion: Conversion) -> None:
    """Let `as_docx` be answered by this in this process."""
    _elsewhere[:] = [conversion]


def as_docx(data: bytes, suffix: str, name: str, limits: Limits) -> bytes:
    """The document as docx. `suffix`: doc, rtf or odt; `name`: what people call the format.

    Raises Unreadable UNSUPPORTED where there is no LibreOffice, CORRUPT where it cannot read the document, TIMEOUT.
    """
    convert = _elsewhere[0] if _elsewhere else convert_here
    return convert(data, suffix, name, limits)


def convert_here(data: bytes, suffix: str, name: str, limits: Limits) -> bytes:
    """What `as_docx` says, by a LibreOffice that this process starts."""
    soffice = program()
    if soffice is None:
        advice = "请安装 libreoffice-writer 后重新入库，或另存为 docx 再放入。"
        raise Unreadable(ReasonCode.UNSUPPORTED, f"读取{name}需要 LibreOffice，这台机器没有安装；{advice}")
    with tempfile.TemporaryDirectory(prefix="jixiao-") as made:
        folder = Path(made)
        source = folder / f"document.{suffix}"
        source.write_bytes(data)
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [soffice, profile, *_FLAGS, "--convert-to", "docx:MS Word 2007 XML", "--outdir", made, str(source)]
        if _run(command, folder) == _RESTART:
            _run(command, folder)
        result = folder / "document.docx"
        if not result.exists() or not result.stat().st_size:
            raise Unreadable(ReasonCode.CORRUPT, f"{name}打不开（LibreOffice 不能转换），请另存为 docx 后再放入。")
        if result.stat().st_size > limits.max_bytes:
            raise Unreadable(ReasonCode.TOO_BIG, f"{name}转换后大得不正常，请另存为 docx 后再放入。")
        return result.read_bytes()


def _run(command: list[str], folder: Path) -> int:
    """Run to the end, which comes by force where time runs out."""
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    environment |= {"SAL_USE_VCLPLUGIN": "svp"}
    if sys.platform == "win32":
        environment = dict(os.environ)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_dying_with(os.getpid()) if sys.platform == "linux" else None,
    )
    try:
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise Unreadable(ReasonCode.TIMEOUT, f"LibreOffice 转换超过 {SECONDS:g} 秒，已中止。") from None
    finally:
        if process.poll() is None:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()


def _dying_with(parent: int) -> Callable[[], None]:
    """What the new process does first: let the kernel end it when this one ends."""
    library = ctypes.CDLL(None)

    def prepare() -> None:
        library.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return prepare
