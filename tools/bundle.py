"""Everything to install this version where there is no network, as one archive: `python -m tools.bundle`.

Here: collecting source, wheels and their sums; trying the archive with the network off. Not here: installing
(deploy/install.py, which the archive brings along). Source is what is committed; wheels are for this kind of machine
and this Python.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SUMS, ABOUT, WHEELS = "SHA256SUMS", "bundle.json", "wheels"
BUILDERS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
"""What installing the source itself needs, beside what is locked."""


def collect(folder: Path, lock: str) -> None:
    """Put source, wheels and sums into the folder."""
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    download += ["--only-binary", ":all:", "--dest", str(folder / WHEELS)]
    subprocess.run([*download, "--require-hashes", "-r", str(folder / lock)], check=True)
    subprocess.run([*download, *BUILDERS], check=True)
    shutil.copy(folder / "deploy" / "install.py", folder / "install.py")
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    about = {"commit": commit.strip(), "python": sysconfig.get_python_version(), "platform": sysconfig.get_platform()}
    (folder / ABOUT).write_text(json.dumps({**about, "lock": lock}, indent=2) + "\n", encoding="utf-8")
    (folder / SUMS).write_text(sums(folder), encoding="utf-8")


def sums(folder: Path) -> str:
    """A line for each file below the folder, as sha256sum writes them: sum, two blanks, path with slashes."""
    lines = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.relative_to(folder).as_posix()}\n")
    return "".join(lines)


def write(out: Path, lock: str) -> Path:
    """Make the archive in the folder `out`; returns it. A file of its SHA-256 stands beside it."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jixiao-bundle-") as made:
        folder = Path(made) / "jixiao"
        folder.mkdir()
        collect(folder, lock)
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        archive = out / f"jixiao-{about['commit'][:8]}-python{about['python']}-{about['platform']}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:  # wheels are compressed
            tar.add(folder, "jixiao")
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    archive.with_name(f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    return archive


def try_out(archive: Path) -> None:
    """Unpack it elsewhere, install and ingest with the network off (`unshare --net`, where that is allowed)."""
    alone = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True).returncode:
        alone = []
        print("unshare 用不了：网络没有断开 / the network stays on: unshare is not allowed")
    with tempfile.TemporaryDirectory(prefix="jixiao-try-") as made:
        with tarfile.open(archive) as tar:
            tar.extractall(made, filter="data")
        home = Path(made) / "jixiao"
        for command in ([sys.executable, "install.py"], ["make", "ingest"], [".venv/bin/jixiao", "doctor"]):
            subprocess.run([*alone, *command], cwd=home, check=True)


def main() -> None:
    """Make the archive, and try it if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="folder for the archive")
    parser.add_argument("--lock", default="requirements.txt", help="the file of pinned packages")
    parser.add_argument("--try", dest="tried", action="store_true", help="install it with the network off and ingest")
    given = parser.parse_args()
    archive = write(given.out, given.lock)
    print(f"{archive}  {archive.stat().st_size / 2**20:.0f} MB")
    if given.tried:
        try_out(archive)


if __name__ == "__main__":
    main()
