"""A small data folder made of the real export, and an ingestion over it without Dagster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.ingestion import Ingestion, Read, Scan
from pipelines.settings import Settings, load_settings
from warehouse.state.current_state import Selection

EXPORT = next(Path(__file__).parents[2].joinpath("data/raw/440303/2024").glob("*.txt")).read_text(encoding="utf-8")


def form_text(number: int) -> str:
    """The first form of the real export, as another unit's: every number is another document with one form."""
    first = EXPORT.strip().split("项目支出绩效自评表")[1]
    lines = ("党群服务中心运营管理维护项目支出绩效自评表" + first).split("\n\n")[0]
    return lines.replace("罗湖区", f"第{number}区").replace("440303241183115300024", f"4403032411831153{number:05d}")


@dataclass
class House:
    """A data folder and what a test does with it."""

    data_dir: Path
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.raw.mkdir(parents=True)
        self.set()

    def set(self, **settings: Any) -> None:
        """Use other settings."""
        self.settings = load_settings({}, data_dir=self.data_dir, **{"settle_seconds": 0.0, "workers": 1, **settings})

    @property
    def raw(self) -> Path:
        return self.data_dir / "raw"

    @property
    def warehouse(self) -> Path:
        return self.data_dir / "curated" / "warehouse.duckdb"

    def add(self, path: str, number: int) -> Path:
        """Put a document with one form below raw."""
        target = self.raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(form_text(number), encoding="utf-8")
        return target

    def ingest(
        self,
        *,
        rebuild: bool = False,
        selection: Selection | None = None,
        before_reading: Callable[[], Any] | None = None,
        **look: Any,
    ) -> Outcome:
        """One whole run, as the command line does it."""
        run = Ingestion(self.settings, trigger="command")
        try:
            scan = run.scan(rebuild=rebuild, **look)
            if before_reading:
                before_reading()
            read = run.read(selection)
            build = run.publish()
        finally:
            run.close()
        return Outcome(scan, read, run.outcome, build.name)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the published warehouse."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def paths(self) -> dict[str, list[str]]:
        """The documents of the published warehouse: first path -> all paths."""
        return dict(self.query("SELECT path, paths FROM document ORDER BY path"))


@dataclass
class Outcome:
    scan: Scan
    read: Read
    outcome: str
    build: str


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty data folder."""
    yield House(tmp_path / "data")
