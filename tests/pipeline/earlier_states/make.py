"""Data folders as earlier commits of this repository left them: `python -m tests.pipeline.earlier_states.make`.

Here: checking a commit out, two of its own ingestions, the archive beside this file. Not here: what becomes of such a
folder (test_upgrade).
"""

from __future__ import annotations

import lzma
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMMITS = {
    "first-ingestion": "78c9671",  # no years of forms beside the readings, no archives in the inventory
    "before-zips": "68e07a8",  # frames of batches, attention; labels and archives are not kept yet
    "before-checksums": "50d5b89",  # taught words and archives; nothing is checked when it is used
}

_RUN = """
import sys
from pathlib import Path
from tests.pipeline.conftest import House
if __name__ == "__main__":
    house = House(Path(sys.argv[1]))
    for number in (1, 2, 3):
        house.add(f"440303/2024/{number}.txt", number)
    (house.raw / "empty.txt").write_bytes(b"")
    house.ingest()
    house.add("440303/2024/4.txt", 4)
    (house.raw / "440303/2024/3.txt").unlink()
    house.ingest()
"""
_LEFT_OUT = re.compile(r"/(tidy|\.dagster)(/|$)|000001(\.duckdb|\.json|$|/)|/parquet-.*/")
"""Caches, the build before the last and the tables beside the last, which no run reads: they make archives large."""


def main() -> None:
    """Make every archive anew."""
    root = HERE.parents[2]
    for name, commit in COMMITS.items():
        with tempfile.TemporaryDirectory() as folder:
            code, data = Path(folder, "code"), Path(folder, "data")
            subprocess.run(["git", "worktree", "add", "--detach", code, commit], cwd=root, check=True)
            try:
                command = [sys.executable, "-c", _RUN, str(data)]
                subprocess.run(command, cwd=code, env={**os.environ, "PYTHONPATH": str(code)}, check=True)
            finally:
                subprocess.run(["git", "worktree", "remove", "--force", code], cwd=root, check=True)
            target = HERE / f"{name}.tar.xz"
            with lzma.open(target, "wb", preset=9) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
                archive.add(data, "data", filter=_kept)


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return None if _LEFT_OUT.search(member.name) else member


if __name__ == "__main__":
    main()
