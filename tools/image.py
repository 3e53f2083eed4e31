"""The steps of deploy/Dockerfile without docker, in a clean root: `python -m tools.image ROOTS`, as root.

Here: a stage is a Debian that debootstrap made, changed as its instructions say; the last one then checks itself and
ingests the example as the image's user, without a network. Not here: the rules of the Dockerfile
(tests/unit/test_image.py). Debian's own Python stands for that of the base image.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
_PYTHON = "python3-venv,python-is-python3,ca-certificates"
_OF_THE_HOST = "/etc/resolv.conf", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt"
"""By which a root reaches the indexes that this machine reaches."""


@dataclass(slots=True)
class Stage:
    """A root and what its instructions said of it."""

    root: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    )
    folder: str = "/"
    user: str = "0:0"
    health: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)

    def run(self, command: list[str], *, network: bool = True, mounts: dict[Path, str] | None = None) -> None:
        """Run a command in it; what is mounted for it is gone afterwards. Raises CalledProcessError."""
        inner = shlex.quote(str(self.root))
        lines = ["set -e", f"mount -t proc proc {inner}/proc", f"mount -t tmpfs -o mode=1777 shm {inner}/dev/shm"]
        for source, target in (mounts or {}).items():
            place = self.root / target.lstrip("/")
            place.mkdir(parents=True, exist_ok=True)
            lines.append(f"mount --bind {shlex.quote(str(source))} {shlex.quote(str(place))}")
        inside = f"cd {shlex.quote(self.folder)} && exec {shlex.join(command)}"
        within = ["chroot", f"--userspec={self.user}", str(self.root), "/bin/sh", "-c", inside]
        lines.append(f"exec {shlex.join(within)}")
        alone = ["unshare", "--mount", "--pid", "--fork", *([] if network else ["--net"])]
        subprocess.run([*alone, "sh", "-c", "\n".join(lines)], env=self.environment, check=True)


def instructions(text: str) -> list[tuple[str, str]]:
    """(instruction, arguments), comments left out and continued lines put together."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [
        (word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.split("\n")) if word
    ]


def build(text: str, roots: Path, arguments: dict[str, str]) -> Stage:
    """Do what the instructions say, a root below `roots` for each stage; returns the last stage."""
    stages: dict[str, Stage] = {}
    stage = Stage(roots)
    for word, rest in instructions(text):
        print(f"{word} {rest}", flush=True)
        match word:
            case "FROM":
                image, _, name = rest.partition(" AS ")
                stage = stages[name] = Stage(roots / (name or "last"))
                shutil.rmtree(stage.root, ignore_errors=True)
                subprocess.run(["cp", "-a", str(_base(roots, image)), str(stage.root)], check=True)
            case "ARG":
                name, _, default = rest.partition("=")
                stage.environment[name] = arguments.get(name, "".join(shlex.split(default)))
            case "ENV":
                for name, _, value in (pair.partition("=") for pair in shlex.split(rest)):
                    stage.environment[name] = Template(value).safe_substitute(stage.environment)
            case "WORKDIR":
                stage.folder = rest
                (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "COPY":
                *sources, target = rest.split()
                origin = stages[sources.pop(0).removeprefix("--from=")].root if rest.startswith("--from=") else ROOT
                _copy(origin, sources, stage.root / str(Path(stage.folder, target)).lstrip("/"), target)
            case "RUN":
                stage.run(["/bin/sh", "-c", rest])
            case "USER":
                stage.user = rest
            case "HEALTHCHECK":
                stage.health = json.loads(rest.partition("CMD ")[2])
            case "ENTRYPOINT":
                stage.entry = json.loads(rest)
            case "CMD":
                pass
            case _:
                raise SystemExit(f"{word}: an instruction that this script does not know")
    return stage


def _base(roots: Path, image: str) -> Path:
    """A fresh Debian of the suite that the image's name ends with; made once."""
    suite = image.rpartition("-")[2]
    base = roots / f"debian-{suite}"
    if not base.exists():
        made = base.with_suffix(".part")
        shutil.rmtree(made, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={_PYTHON}", suite, str(made)], check=True)
        for path in map(Path, _OF_THE_HOST):
            if path.exists():
                shutil.copy(path, made / str(path).lstrip("/"))
        made.rename(base)
    return base


def _copy(origin: Path, sources: list[str], target: Path, written: str) -> None:
    for source in sources:
        found = origin / source.lstrip("/")
        if found.is_dir():
            shutil.copytree(
                found, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            into = target / found.name if written.endswith("/") else target
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, into)


def try_out(stage: Stage, data: Path) -> None:
    """Ingest the example as the image's user, raw of another's, and check the machine as the image checks itself."""
    shutil.copytree(ROOT / "data" / "raw", data / "raw", dirs_exist_ok=True)
    subprocess.run(["chown", stage.user, str(data)], check=True)
    mounts = {data: f"{stage.folder}/data"}
    for command in ([*stage.entry, "ingest"], [*stage.entry, "status"], stage.health):
        print(shlex.join(command), flush=True)
        stage.run(command, network=False, mounts=mounts)


def main() -> None:
    """Build, and try what was built."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roots", type=Path, help="folder for the roots, of some gigabytes")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    given = parser.parse_args()
    roots = given.roots.resolve()
    roots.mkdir(parents=True, exist_ok=True)
    stage = build(DOCKERFILE.read_text("utf-8"), roots, dict(argument.split("=", 1) for argument in given.build_arg))
    shutil.rmtree(roots / "data", ignore_errors=True)
    (roots / "data").mkdir()
    try_out(stage, roots / "data")


if __name__ == "__main__":
    main()
