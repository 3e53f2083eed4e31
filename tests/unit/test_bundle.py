"""The script that installs a bundle: what is not whole, or is for another machine, installs nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import bundle

INSTALL = Path(__file__).parents[2] / "deploy" / "install.py"


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A bundle without any wheel that matters."""
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "a-1-py3-none-any.whl").write_bytes(b"wheel")
    (tmp_path / "文件 name.txt").write_text("text", encoding="utf-8")
    (tmp_path / "install.py").write_bytes(INSTALL.read_bytes())
    about = {"python": sysconfig.get_python_version(), "platform": sysconfig.get_platform(), "lock": "none"}
    (tmp_path / bundle.ABOUT).write_text(json.dumps(about))
    (tmp_path / bundle.SUMS).write_text(bundle.sums(tmp_path), encoding="utf-8")
    return tmp_path


def installed(folder: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import runpy, sys, venv; venv.create = lambda *_, **__: sys.exit('it begins to install')\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')\n"
    )
    command = [sys.executable, "-X", "utf8", "-c", program, str(folder / "install.py")]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_a_bundle_that_is_whole_is_installed(unpacked: Path) -> None:
    assert "it begins to install" in installed(unpacked).stderr


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda folder: (folder / "wheels/a-1-py3-none-any.whl").write_bytes(b"other"), "not as sent: wheels/a-1"),
        (lambda folder: (folder / "文件 name.txt").unlink(), "missing: 文件 name.txt"),
        (lambda folder: (folder / "wheels/b-1-py3-none-any.whl").write_bytes(b""), "not listed: wheels/b-1"),
    ],
    ids=["changed", "missing", "added"],
)
def test_a_bundle_that_is_not_whole_installs_nothing(unpacked: Path, harm: Callable[[Path], object], told: str) -> None:
    harm(unpacked)
    result = installed(unpacked)
    assert result.returncode == 1 and told in result.stdout and not (unpacked / ".venv").exists()


def test_a_bundle_for_another_python_installs_nothing(unpacked: Path) -> None:
    about = json.loads((unpacked / bundle.ABOUT).read_text()) | {"python": "3.99"}
    (unpacked / bundle.ABOUT).write_text(json.dumps(about))
    (unpacked / bundle.SUMS).write_text(bundle.sums(unpacked), encoding="utf-8")
    result = installed(unpacked)
    assert result.returncode == 1 and "3.99" in result.stdout


def test_the_sums_are_those_of_sha256sum(unpacked: Path) -> None:
    checked = subprocess.run(["sha256sum", "-c", bundle.SUMS], cwd=unpacked, capture_output=True)
    assert checked.returncode == 0 and checked.stdout.count(b"OK") == 4


def test_installing_uses_no_index_and_checks_hashes() -> None:
    text = INSTALL.read_text("utf-8")
    assert '"--no-index"' in text and '"--require-hashes"' in text and '"--isolated"' in text
