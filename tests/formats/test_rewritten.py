"""What LibreOffice reads: old documents, what hangs, what cannot be converted."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from office_form import WANTED, values
from rewriting import PAGE

from extractors.extract import extract
from extractors.formats import Limits
from extractors.formats.rewritten import libreoffice
from extractors.grid import Unreadable

OFFICE = pytest.mark.skipif(libreoffice.program() is None, reason="needs LibreOffice")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The form as LibreOffice itself writes it, out of a page."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "form.html").write_text(PAGE, "utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    for kind in ("odt:writer8", "rtf:Rich Text Format", "doc:MS Word 97"):
        command = [str(shutil.which("soffice")), profile, "--headless", "--infilter=HTML (StarWriter)", "--convert-to"]
        subprocess.run([*command, kind, "--outdir", folder, folder / "form.html"], check=True, capture_output=True)
    return folder


@OFFICE
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["odt", "rtf", "doc"])
def test_old_documents_are_read_through_libreoffice(made: Path, kind: str) -> None:
    result = extract((made / f"form.{kind}").read_bytes())
    assert (result.format, values(result)) == (kind, WANTED)


def test_without_libreoffice_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice.shutil, "which", lambda name: None)
    result = extract(b"{\\rtf1 x}")
    assert (result.status, result.reason_code) == ("rejected", "UNSUPPORTED")
    assert "libreoffice-writer" in str(result.reason)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_converter_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "soffice"
    script.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/one\nsleep 600 &\necho $! > {tmp_path}/two\nwait\n")
    script.chmod(0o755)
    monkeypatch.setattr(libreoffice, "program", lambda: str(script))
    monkeypatch.setattr(libreoffice, "SECONDS", 1.0)
    with pytest.raises(Unreadable) as caught:
        libreoffice.as_docx(b"x", "rtf", "RTF 文件", Limits())
    assert caught.value.reason_code == "TIMEOUT"
    time.sleep(0.2)
    for name in ("one", "two"):
        state = Path("/proc", (tmp_path / name).read_text().strip(), "stat")
        assert not state.exists() or state.read_text().split()[2] in "ZX", "ended, if nobody has asked for it yet"


def test_what_cannot_be_converted_is_corrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: sys.executable)
    with pytest.raises(Unreadable) as caught:
        libreoffice.as_docx(b"x", "odt", "ODF 文字文档", Limits())
    assert caught.value.reason_code == "CORRUPT"
