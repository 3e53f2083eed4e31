"""The READMEs are true: commands, options, tables and files they name exist, and both languages say the same."""

import re
from pathlib import Path

import pytest

from pipelines.cli import _parser
from warehouse.schema.tables import TABLES

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
TEXTS = [(path.name, path.read_text("utf-8")) for path in READMES]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def options(command: str) -> set[str]:
    action = next(a for a in _parser()._actions if a.dest == "command")
    assert action.choices is not None
    return set(action.choices[command]._option_string_actions)  # type: ignore[call-overload]


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_every_make_target_named_exists_and_every_common_one_is_named(name: str, text: str) -> None:
    named = set(re.findall(r"\bmake ([a-z-]+)\b", text))
    assert named <= targets()
    assert {"ingest", "test", "dev", "check", "accuracy", "lock"} <= named


@pytest.mark.parametrize(("name", "text"), TEXTS)
@pytest.mark.parametrize("command", ["ingest", "status", "show"])
def test_every_option_named_beside_a_command_exists(name: str, text: str, command: str) -> None:
    rows = [line for line in text.splitlines() if line.startswith("|") and f"jixiao {command}" in line]
    assert rows
    named = {option for row in rows for option in re.findall(r"`(--[a-z-]+)", row)}
    assert named and named <= options(command)


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_every_table_of_the_warehouse_is_described(name: str, text: str) -> None:
    assert {t for t in TABLES if f"`{t}`" not in text} == set()


@pytest.mark.parametrize(("name", "text"), TEXTS)
def test_every_file_linked_exists(name: str, text: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert links and [link for link in links if not (ROOT / link).exists()] == []


def test_both_languages_have_the_same_shape() -> None:
    def shape(text: str) -> tuple[list[str], int, list[str]]:
        headings = [line.split(" ")[0] for line in text.splitlines() if re.match(r"#+ ", line)]
        return (
            headings,
            sum(line.startswith("|") for line in text.splitlines()),
            re.findall(r"^```\w*", text, re.MULTILINE),
        )

    assert shape(TEXTS[0][1]) == shape(TEXTS[1][1])
