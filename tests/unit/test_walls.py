"""The walls between the folders: an arrow is an import, and data flows one way."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "extractors": {"warehouse", "pages", "pipelines", "dagster", "duckdb", "pandera", "pandas"},
    "warehouse": {"pages", "pipelines", "dagster"},
    "pages": {"pipelines", "dagster"},
}
ROOMS: dict[str, set[str]] = {
    "grid": set(),
    "formats": {"grid"},
    "vocabulary": set(),
    "readings": {"vocabulary"},
    "layout": {"grid", "vocabulary", "readings"},
    "form": {"grid", "vocabulary", "readings", "layout"},
}
"""The folders of the extractors, each with those it may import; modules beside the folders are open to all."""
MODULES = [(folder, path) for folder in FORBIDDEN for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports anywhere in it."""
    return {name.partition(".")[0] for name in modules_imported(path)}


@cache
def modules_imported(path: Path) -> frozenset[str]:
    """The full names of the modules that a module imports anywhere in it."""
    nodes = list(ast.walk(parsed(path)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return frozenset(names)


@pytest.mark.parametrize(("folder", "path"), MODULES, ids=lambda v: v.stem if isinstance(v, Path) else v)
def test_no_module_reaches_over_its_wall(folder: str, path: Path) -> None:
    assert not imported(path) & FORBIDDEN[folder]


@pytest.mark.parametrize("room", ROOMS)
def test_the_folders_of_the_extractors_import_only_those_before_them(room: str) -> None:
    allowed = ROOMS[room] | {room}
    for path in (ROOT / "extractors" / room).rglob("*.py"):
        parts = [name.split(".") for name in modules_imported(path) if name.startswith("extractors.")]
        assert {part[1] for part in parts} & ROOMS.keys() <= allowed, path


def test_only_pipelines_imports_dagster() -> None:
    outside = [
        p
        for p in ROOT.glob("*/**/*.py")
        if p.relative_to(ROOT).parts[0] in {"extractors", "warehouse", "pages", "bench"}
    ]
    assert not [p for p in outside if "dagster" in imported(p)]


def test_pipelines_never_postpones_annotations() -> None:
    """Dagster reads annotations at run time."""
    assert not [
        p for p in (ROOT / "pipelines").rglob("*.py") if "from __future__ import annotations" in p.read_text("utf-8")
    ]


@pytest.mark.parametrize(
    "path",
    [p for f in ("extractors", "warehouse", "pages", "pipelines") for p in sorted((ROOT / f).rglob("*.py"))],
    ids=str,
)
def test_every_module_says_what_belongs_in_it(path: Path) -> None:
    assert ast.get_docstring(parsed(path)), path
