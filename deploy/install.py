"""Install jixiao from this bundle without a network: `python3 install.py`, in the folder that the archive unpacked.

Checks every file against SHA256SUMS, makes .venv and installs from wheels/ alone. Only Python's own library is needed.
"""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def faults(folder: Path) -> list[str]:
    """What is not as SHA256SUMS says; wheels beside those that it names are faults, too."""
    listed = {}
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    found = []
    for name, digest in listed.items():
        path = folder / name
        if not path.is_file():
            found.append(f"缺少 / missing: {name}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            found.append(f"内容不符 / not as sent: {name}")
    extra = (path.relative_to(folder).as_posix() for path in (folder / "wheels").iterdir())
    return found + [f"多余 / not listed: {name}" for name in sorted(extra) if name not in listed]


def unfit(folder: Path) -> str:
    """Why this Python cannot use the wheels; empty where it can."""
    about = json.loads((folder / "bundle.json").read_text("utf-8"))
    mine = {"python": sysconfig.get_python_version(), "platform": sysconfig.get_platform()}
    wrong = [f"{name}: {about[name]}，本机 / here {mine[name]}" for name in mine if about[name] != mine[name]]
    return "；".join(wrong)


def install(folder: Path) -> None:
    """Make .venv and install into it, with no index at all."""
    about = json.loads((folder / "bundle.json").read_text("utf-8"))
    venv.create(folder / ".venv", with_pip=True, clear=True)
    python = folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-m", "pip", "--isolated", "--disable-pip-version-check", "--quiet", "install", "--no-index"]
    pip += ["--no-deps", "--find-links", str(folder / "wheels")]
    builders = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    locked = ["--require-hashes", "-r", about["lock"]]
    for what in (locked, ["--upgrade", *builders], ["--no-build-isolation", "-e", "."]):
        subprocess.run([*pip, *what], cwd=folder, check=True)
    (folder / ".venv" / "runtime").touch()  # so that make has nothing to install


def main() -> int:
    """Check, then install; 1 where something is wrong."""
    if wrong := faults(HERE):
        print("安装包不完整，没有安装： / The bundle is not whole; nothing was installed:", *wrong[:20], sep="\n  ")
        return 1
    if wrong_machine := unfit(HERE):
        print(f"安装包不是给这台机器的（{wrong_machine}）。 / The bundle is for another machine ({wrong_machine}).")
        return 1
    install(HERE)
    print("已安装。 / Installed: make ingest, .venv/bin/jixiao doctor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
