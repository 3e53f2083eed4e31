"""Putting a tested build in front of the analysts, and telling which build they see.

Here: Parquet, making files durable, the switch of the links, keeping old builds. Not here: what stands in a build.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from warehouse.build.connections import close, open_read_only
from warehouse.schema.datapackage import descriptor
from warehouse.schema.tables import TABLES, Table, arrow_schema, literal
from warehouse.state.store import TEMPORARY, Store, older_than, remove, replacing, sha256, sync, write_whole
from warehouse.views.declarations import IN_PARQUET, VIEWS

_READ_ONLY = 0o444


@dataclass(frozen=True, slots=True)
class Build:
    """A published build, as its manifest beside it tells.

    `name`: number of the run that made it, so that names sort by age. `fingerprint`: of the state it shows.
    `sha256`: of its DuckDB file; empty where an earlier version published it.
    """

    name: str
    fingerprint: str
    created_at: str
    row_counts: dict[str, int]
    sha256: str = field(default="", compare=False)


def database_file(store: Store, name: str) -> Path:
    """Where the DuckDB file of a build stands."""
    return store.builds / f"warehouse-{name}.duckdb"


def parquet_folder(store: Store, name: str) -> Path:
    """Where the Parquet tables of a build stand."""
    return store.builds / f"parquet-{name}"


def candidate_file(store: Store, name: str) -> Path:
    """Where a build stands until it is published; swept if that never happens."""
    return store.builds / f"{TEMPORARY}{name}.duckdb"


def export_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, made: Mapping[str, Path] = {}) -> None:
    """Write every contract table, and the views that are there, to `<folder>/<table>/<table>.parquet`.

    Those `made` before are moved there.
    """
    there = {name for (name,) in connection.execute("SELECT view_name FROM duckdb_views()").fetchall()}
    views = [VIEWS[name] for name in IN_PARQUET if name in there]
    for table in (*TABLES.values(), *views):
        target = folder / table.name / f"{table.name}.parquet"
        target.parent.mkdir(parents=True)
        if table.name in made:
            made[table.name].replace(target)
        else:
            export_table(connection, table, target)


def export_table(connection: duckdb.DuckDBPyConnection, table: Table, target: Path) -> None:
    """Write a table to a Parquet file with its comments.

    Those of columns stand in the file's metadata twice: as JSON under `columns`, and in the Arrow schema, from which
    pyarrow gives each field its own.
    """
    connection.execute(
        f"COPY {table.name} TO {literal(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {_comments(table)})"
    )


def describe(folder: Path, build: Build) -> None:
    """Write `datapackage.json` beside the Parquet tables of the folder."""
    files: dict[str, dict[str, Any]] = {}
    for table, rows in build.row_counts.items():
        with (folder / table / f"{table}.parquet").open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            files[table] = {"bytes": file.tell(), "hash": f"sha256:{digest}", "rows": rows}
    package = descriptor(build.name, f"{build.created_at}Z", files)
    text = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


def publish(store: Store, build: Build, connection: duckdb.DuckDBPyConnection, made: Mapping[str, Path] = {}) -> Path:
    """Make the candidate durable and read-only and let the links point to it; returns the file published.

    The connection is closed. `made`: Parquet files of tables that are written already. Whatever happens before the
    last rename, analysts keep the build they have.
    """
    with replacing(parquet_folder(store, build.name)) as temporary:
        export_parquet(connection, temporary, made)
        describe(temporary, build)
        for path in temporary.rglob("*.*"):
            path.chmod(_READ_ONLY)
    connection.execute("CHECKPOINT")
    close(connection)
    candidate = candidate_file(store, build.name)
    sync(candidate)
    candidate.chmod(_READ_ONLY)
    target = database_file(store, build.name)
    candidate.replace(target)
    build = replace(build, sha256=sha256(target))
    write_whole(store.builds / f"build-{build.name}.json", json.dumps(asdict(build)).encode())
    _switch(store.parquet, parquet_folder(store, build.name))
    _switch(store.warehouse, target)
    return target


def published(store: Store) -> Build | None:
    """The build that analysts see, or None where there is none that opens."""
    link = store.warehouse
    if link.is_symlink():
        name = link.readlink().stem.removeprefix("warehouse-")
    else:
        names = sorted(path.stem.removeprefix("build-") for path in store.builds.glob("build-*.json"))
        name = names[-1] if names else ""
    try:
        build = Build(**json.loads((store.builds / f"build-{name}.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return build if store.parquet.exists() and _opens(link) else None


def is_whole(store: Store, build: Build) -> bool:
    """Whether the files of the published build are what was published: the DuckDB file and the Parquet tables."""
    try:
        if build.sha256 and sha256(store.warehouse) != build.sha256:
            return False
        package = json.loads((store.parquet / "datapackage.json").read_bytes())
        files = {store.parquet / table["path"]: table["hash"] for table in package["resources"]}
        return all(f"sha256:{sha256(path)}" == told for path, told in files.items())
    except (OSError, ValueError, LookupError, TypeError):
        return False


def retire(store: Store, *, keep: int, days: float, most: int | None = None, free: float = 0) -> list[str]:
    """Remove builds neither published, nor among the newest `keep`, nor younger than `days`; returns their names.

    Of the others no more than `most` are kept, the published one counted. Where the disk has less than `free` bytes
    left, only the published build and the newest beside it are kept.
    """
    current = published(store)
    files_of_builds = (path.name for path in store.builds.glob("*-*") if path.name[0] != ".")
    names = sorted({name.partition("-")[2].partition(".")[0] for name in files_of_builds})
    others = [name for name in names if current is None or name != current.name]
    keep, most = max(keep, 1), max(len(names) if most is None else most, 1)
    retired = []
    for place, name in enumerate(others):
        newer = len(others) - place - 1
        scarce = newer >= 1 and current is not None and shutil.disk_usage(store.builds).free < free
        if not scarce and newer + (current is not None) < most:
            if names.index(name) >= len(names) - keep:
                continue
            if not all(older_than(path, days) for path in _files(store, name) if path.exists()):
                continue
        for path in (*_files(store, name), database_file(store, name).with_suffix(".duckdb.wal")):
            remove(path)
        retired.append(name)
    return retired


def _files(store: Store, name: str) -> list[Path]:
    return [database_file(store, name), parquet_folder(store, name), store.builds / f"build-{name}.json"]


def _opens(database: Path) -> bool:
    try:
        with open_read_only(database) as connection:
            return bool(connection.execute("SELECT count(*) FROM run").fetchall())
    except duckdb.Error:
        return False


def _switch(link: Path, target: Path) -> None:
    """Let the link point to the target, at once; where links are not to be had, put a copy in its place."""
    temporary = link.parent / f"{TEMPORARY}{link.name}-{target.stem}"
    remove(temporary)
    try:
        temporary.symlink_to(target.relative_to(link.parent), target_is_directory=target.is_dir())
    except (OSError, NotImplementedError):
        if target.is_dir():
            shutil.copytree(target, temporary)
        else:
            shutil.copy2(target, temporary)
    if link.is_dir() and not link.is_symlink():
        remove(link)  # a folder cannot be replaced by a rename
    temporary.replace(link)
    sync(link.parent)


def _comments(table: Table) -> str:
    columns = json.dumps({column.name: column.comment for column in table.columns}, ensure_ascii=False)
    comments = {"comment": table.comment, "columns": columns}
    schema = arrow_schema(table).with_metadata(comments).serialize().to_pybytes()
    pairs = {**comments, "ARROW:schema": base64.b64encode(schema).decode()}
    return "{" + ", ".join(f"{literal(key)}: {literal(text)}" for key, text in pairs.items()) + "}"
