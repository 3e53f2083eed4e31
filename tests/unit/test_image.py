"""The Dockerfile and the compose file: pinned, without rights, no port open to the network.

The rules are those of hadolint and of Docker's own advice that concern this file; hadolint itself is no Python package.
The image is built by .ci/run where docker runs, its steps are done elsewhere by tools/image.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools import image
from tools.image import instructions

ROOT = Path(__file__).parents[2]
DOCKERFILE = image.DOCKERFILE.read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def faults(text: str) -> list[str]:
    """What of the rules a Dockerfile breaks."""
    found = []
    made = instructions(text)
    named = {rest.split()[-1] for word, rest in made if word == "FROM" and " AS " in rest}
    for word, rest in made:
        image = rest.split()[0] if rest else ""
        if word == "FROM" and image not in named and (":" not in image or image.endswith(":latest")):
            found.append(f"DL3006 the base image is not pinned: {image}")
        if word == "FROM" and image not in named and not re.search(r":\d+\.\d+\.\d+", image):
            found.append(f"the base image has no full version: {image}")
        if word in ("ADD", "MAINTAINER"):
            found.append(f"DL3020, DL4000 {word}")
        if word == "WORKDIR" and not rest.startswith("/"):
            found.append(f"DL3000 {rest}")
        if word == "RUN" and "apt-get install" in rest:
            found += ["DL3015 recommended packages"] * ("--no-install-recommends" not in rest)
            found += ["DL3014 no --yes"] * (not re.search(r"--yes|-y\b", rest))
            found += ["DL3009 lists of packages stay"] * ("rm -rf /var/lib/apt/lists" not in rest)
        if word == "RUN" and "pip install" in rest:
            found += ["DL3042 the cache stays"] * ("--no-cache-dir" not in rest)
            found += ["DL3013 packages without a hash"] * ("--require-hashes" not in rest)
        if word == "RUN" and re.search(r"\bsudo\b|\bcurl\b|\bwget\b", rest):
            found.append("DL3004 sudo, or something fetched without a sum")
        if word in ("CMD", "ENTRYPOINT") and not rest.startswith("["):
            found.append(f"DL3025 {word} in a shell")
        if word == "ENV" and re.search("PASSWORD|TOKEN|SECRET", rest, re.IGNORECASE):
            found.append("a secret in the image")
    last_stage = made[max(number for number, (word, _) in enumerate(made) if word == "FROM") :]
    users = [rest for word, rest in last_stage if word == "USER"]
    found += ["DL3002 the last user is root"] * (not users or users[-1].partition(":")[0] in ("root", "0"))
    found += ["the user has no number"] * bool(users and not re.fullmatch(r"\d+:\d+", users[-1]))
    found += ["no HEALTHCHECK"] * all(word != "HEALTHCHECK" for word, _ in last_stage)
    return found


def test_the_dockerfile_breaks_no_rule() -> None:
    assert faults(DOCKERFILE) == []


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("FROM python:3.12.12-slim-bookworm\n", "FROM python\n"),
        ("FROM python:3.12.12-slim-bookworm\n", "FROM python:latest\n"),
        ("USER 10001:10001", "USER root"),
        ("USER 10001:10001", ""),
        ("--no-install-recommends ", ""),
        ("&& rm -rf /var/lib/apt/lists/*", ""),
        ("--require-hashes ", ""),
        ("--no-cache-dir ", ""),
        ('CMD ["status"]', "CMD status"),
        ("COPY pages ./pages", "ADD pages ./pages"),
        ("WORKDIR /opt/jixiao", "WORKDIR opt"),
        ("HEALTHCHECK", "LABEL"),
    ],
)
def test_a_dockerfile_that_breaks_a_rule_is_noticed(good: str, bad: str) -> None:
    assert good in DOCKERFILE
    assert len(faults(DOCKERFILE.replace(good, bad))) >= 1


def test_the_image_holds_every_package_that_the_program_imports_and_no_data() -> None:
    copied = {rest.split()[0] for word, rest in instructions(DOCKERFILE) if word == "COPY" and "--from" not in rest}
    assert {"extractors", "warehouse", "pages", "pipelines", "dagster.yaml"} <= copied
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    sources = {"requirements.txt", "pyproject.toml", *copied} - {"./"}
    assert "*" in ignored and {f"!{name}" for name in sources} <= set(ignored)
    assert "data" not in copied and "!data" not in ignored


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_rights_writes_only_its_data_and_tells_whether_it_lives(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] == "10001:10001" and service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"] and "privileged" not in service
    assert service["volumes"] == ["../data:/opt/jixiao/data", "../data/raw:/opt/jixiao/data/raw:ro"]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_there_is_a_page_a_daemon_and_the_pages_for_people() -> None:
    assert SERVICES.keys() == {"daemon", "page", "serve"}
    assert SERVICES["serve"]["network_mode"] == "host", "jixiao serve listens on the loopback only"
    assert {"serve", "--read-only"} <= {*SERVICES["serve"]["command"]}, "no login stands before it"
