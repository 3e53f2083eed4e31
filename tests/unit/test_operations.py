"""docs/operations.md and deploy/ are true: settings, reason codes, checks, commands and files are those of the code."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.assets import _BLOCKING, _TELLING
from pipelines.cli import _parser
from pipelines.settings import setting_help
from warehouse.schema.tables import TABLES
from warehouse.state.inputs_fingerprint import CORRECTIONS, DECISIONS, REVIEWS, VOCABULARY

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


def test_the_service_can_write_its_data_but_not_the_documents_and_gains_no_rights() -> None:
    lines = UNIT.splitlines()
    assert {"NoNewPrivileges=yes", "ReadOnlyPaths=-/opt/jixiao/data/raw", "UMask=0027", "IPAddressDeny=any"} <= {*lines}
    called = next(line for line in lines if "landlock" in line)
    assert {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"} <= set(re.split("[= ]", called))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("drop_in", [False, True])
def test_systemd_calls_the_service_safe(tmp_path: Path, drop_in: bool) -> None:
    text = UNIT
    if drop_in:
        text = text.replace("[Install]", (ROOT / "deploy" / "alerts.conf").read_text("utf-8") + "\n[Install]")
    (tmp_path / "jixiao.service").write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(tmp_path / "jixiao.service")]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = re.search(r"exposure level for jixiao.service: ([\d.]+)", told.stdout)
    assert found and float(found.group(1)) < 3, told.stdout + told.stderr


def test_the_page_says_what_to_back_up_and_warns_of_formulas() -> None:
    for heading in ("**备份。**", "**Backups.**"):
        told = DOC.partition(heading)[2].partition("\n\n")[0]
        assert all(f"data/{name}" in told for name in (CORRECTIONS, DECISIONS, REVIEWS, VOCABULARY)), heading
    assert DOC.count("to_excel") == 2 and DOC.count("strings_to_formulas") == 2, "in both languages"
