"""docs/operations.md and deploy/ are true: settings, reason codes, checks, commands and files are those of the code."""

import re
from pathlib import Path

from pipelines.assets import _BLOCKING, _TELLING
from pipelines.cli import _parser
from pipelines.settings import setting_help
from warehouse.schema.tables import TABLES

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "operations.md").read_text("utf-8")
UNIT = (ROOT / "deploy" / "jixiao.service").read_text("utf-8")
ROWS = {row[1]: row[0] for row in re.findall(r"^(\| `(\w+)` \|.*)$", DOC, re.MULTILINE)}


def test_every_setting_stands_with_its_default_and_meaning_and_no_other() -> None:
    for name, default, meaning in setting_help():
        assert f"| {default or '—'} |" in ROWS[name] and ROWS[name].endswith(f" / {meaning} |")
    named = set(re.findall(r"JIXIAO_[A-Z_]+", DOC + UNIT))
    assert named <= {name for name, _, _ in setting_help()}


def test_every_code_is_explained() -> None:
    codes = {*TABLES["document"].column("reason_code").allowed, *TABLES["problem"].column("code").allowed}
    assert {code for code in ROWS if code.isupper() and not code.startswith("JIXIAO_")} == codes


def test_every_check_is_explained_and_told_from_those_that_stop() -> None:
    stops = {name for name, row in ROWS.items() if "拦 stops" in row}
    told = {name for name, row in ROWS.items() if "告 told" in row}
    assert stops == set(_BLOCKING) and told == {*_TELLING, "pandera"}


def test_every_command_option_and_file_named_exists() -> None:
    commands = next(action for action in _parser()._actions if action.dest == "command").choices
    assert commands is not None
    options = set(commands["ingest"]._option_string_actions)  # type: ignore[call-overload]
    named = set(re.findall(r"`(--[a-z-]+)`", DOC)) | set(re.findall(r"jixiao ingest (--[a-z-]+)", DOC))
    assert named and named <= options
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", DOC)) <= targets
    files = set(re.findall(r"`((?:deploy|warehouse)/[\w./]+)`", DOC))
    assert {"deploy/nginx.conf", "warehouse/build/data_tests.sql"} <= files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_the_service_listens_on_the_loopback_and_starts_what_make_dev_starts() -> None:
    make = (ROOT / "Makefile").read_text("utf-8")
    assert "dagster dev --host 127.0.0.1 --port 3000" in UNIT and "DAGSTER) dev --host 127.0.0.1" in make
    assert "DAGSTER_HOME=/opt/jixiao/data/.dagster" in UNIT and "ReadWritePaths=/opt/jixiao/data" in UNIT
    assert "proxy_pass http://127.0.0.1:3000" in (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
