"""The build that a run is making: filled, analysed and put to the test, then published or dropped.

Here: one candidate file, in which order things happen to it, and what goes on beside it. Not here: which readings
count (current_state), the run around it (ingestion), how a build is filled, checked and published (warehouse.build).
"""

import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from extractors.errors import CannotRun
from pipelines.logs import event
from pipelines.memory import give_back
from pipelines.settings import Settings
from warehouse import attention
from warehouse.build import database, frames, pictures
from warehouse.build.analyses import ANALYSES, AnalysisContext, new_weights
from warehouse.build.background_work import BackgroundWork
from warehouse.build.connections import close
from warehouse.build.publish import Build, candidate_file, publish
from warehouse.linking import Thresholds
from warehouse.schema.tables import ANALYSED, TABLES
from warehouse.state.current_state import Live
from warehouse.state.store import Store, now, remove
from warehouse.views.declarations import IN_PARQUET

_LAST = "finding"
"""The analysis that changes no tables but its own; the others stand before it begins."""
_DOCUMENTS_A_THREAD = 200
"""A further thread of DuckDB earns its keep from so many documents; for few ones it only waits for the first."""


@dataclass(slots=True)
class Tidy:
    """Rows by table in the candidate, and by table how many values validation refused, with some of them."""

    rows: dict[str, int]
    refused: dict[str, tuple[int, list[dict[str, Any]]]] = field(default_factory=dict)


class DamagedReadings(CannotRun):
    """A batch of readings that is damaged; it was put aside, and its documents are to be read again."""

    def __init__(self, batch: str) -> None:
        super().__init__(
            f"读取结果 {batch} 已损坏并移到一旁，请再运行一次以重新读取其中的文件。"
            f" / The readings {batch} are damaged and were put aside; run again to read their documents."
        )
        self.batch = batch


class Candidate:
    """One candidate; `fill` comes first, and `publish` or `discard` last."""

    def __init__(self, store: Store, name: str, settings: Settings) -> None:
        self._store = store
        self._name = name
        self._settings = settings
        self._file = candidate_file(store, name)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._places: BackgroundWork | None = None
        self._exports: list[BackgroundWork] = []
        self._analysed: set[str] = set()
        self._checked: list[database.DataTestResult] | None = None

    def fill(self, state: Live, batch_sizes: Mapping[str, int]) -> Tidy:
        """Fill it with the tidy tables, damaged frames made anew; `batch_sizes`: how many readings each batch holds."""
        try:
            return self._fill(state, batch_sizes)
        except (duckdb.Error, pa.ArrowException) as error:
            if not self._forget_damaged(error):
                raise
            return self._fill(state, batch_sizes)

    def analyse(self, name: str) -> dict[str, int]:
        """Run one analysis, and those before it if they did not run; returns rows by its tables."""
        thresholds = Thresholds(link=self._settings.link_score, review=self._settings.review_score)
        ground = AnalysisContext(
            self._settings.data_dir,
            thresholds,
            self._await_places,
            previous=self._store.warehouse,
            kept=self._store.name_weights,
            tell=event,
        )
        for each in takewhile(lambda each: name not in self._analysed, ANALYSED):
            if each not in self._analysed:
                if each == _LAST:
                    self._export(TABLES.keys() - {*ANALYSED[_LAST], "loss", "run"})
                self._run(each, ground)
                self._analysed.add(each)
                give_back()
        counts = self.row_counts()
        rows = {table: counts[table] for table in ANALYSED[name]}
        event("analysed", analysis=name, rows=rows)
        return rows

    def check(self, previous: Path | None, *, accept_losses: bool) -> list[database.DataTestResult]:
        """Run what analyses are left, add the views and put all to the test, against the `previous` build, too."""
        if self._checked is not None:
            return self._checked
        for name in ANALYSED:
            if name not in self._analysed:
                self.analyse(name)
        connection, settings = self._open, self._settings
        attention.find_losses(connection, previous)
        self._export([*ANALYSED[_LAST], "loss"])
        self._create_views()
        attention.carry_since(connection, previous)
        self._export(IN_PARQUET)
        self._checked = [
            *database.check_data(connection),
            *database.check_against(connection, previous, max_drop=1.0 if accept_losses else settings.max_drop),
            *database.check_rejects(connection, max_share=settings.max_reject_share),
            pictures.check_sums(connection),
        ]
        for outcome in self._checked:
            if not outcome.passed:
                level = logging.ERROR if outcome.severity == "error" else logging.WARNING
                event("check_failed", level, check=outcome.name, message=outcome.message, examples=outcome.examples)
        return self._checked

    def picture_shares(self) -> dict[str, float]:
        """How much was recognised in pictures, and how surely."""
        return pictures.shares(self._open, self._settings.sure_figure)

    def row_counts(self) -> dict[str, int]:
        """Rows by table."""
        return database.row_counts(self._open)

    def publish(self, fingerprint: str, runs: Sequence[Mapping[str, Any]]) -> Build:
        """Put it in front of the analysts, with the record of the runs; it must have been checked."""
        connection = self._open
        rows = [{name: run.get(name) for name in TABLES["run"].column_names} for run in runs]
        database.insert(connection, "run", rows, strict=False)  # a record of an earlier version must not stop a build
        connection.execute("UPDATE v_attention SET since_run = ? WHERE since_run IS NULL", [rows[-1]["run_id"]])
        made = Build(self._name, fingerprint, now().isoformat(timespec="seconds"), self.row_counts())
        for exports in filter(None, (self._places, *self._exports)):
            with contextlib.suppress(duckdb.OutOfMemoryException):  # what is missing is written now
                exports.wait()
        self._connection = None  # publishing closes it
        publish(self._store, made, connection, database.exported(connection))
        if (weights := new_weights(self._store.name_weights)).exists():
            weights.replace(self._store.name_weights)
        return made

    def discard(self) -> None:
        """End what goes on beside it, close it and remove its files."""
        for beside in (self._places, *self._exports):
            if beside is not None:
                beside.stop()
        if self._connection is not None:
            with contextlib.suppress(duckdb.Error):
                close(self._connection)
        self._connection = self._places = self._checked = None
        self._exports.clear()
        self._analysed.clear()
        for path in self._store.builds.glob(f"{self._file.stem}*"):
            with contextlib.suppress(OSError):
                remove(path)

    @property
    def _open(self) -> duckdb.DuckDBPyConnection:
        assert self._connection is not None, "filled first"
        return self._connection

    def _fill(self, state: Live, batch_sizes: Mapping[str, int]) -> Tidy:
        names = sorted({reading.batch for reading in state.readings.values()})
        batches = []
        for number, name in enumerate(names, start=1):
            try:
                batches.append(frames.tidy(self._store, name))
            except (pa.ArrowException, OSError) as error:
                self._store.put_aside(name, error)
                raise DamagedReadings(name) from error
            event("tidied", logging.DEBUG, batch=name, done=number, of=len(names))
        frames.forget_other_versions(self._store)
        give_back()
        self.discard()
        self._connection = database.connect(
            self._file,
            memory_mb=self._settings.build_memory_mb,
            threads=min(self._settings.processors, 1 + len(state.readings) // _DOCUMENTS_A_THREAD),
            scratch=self._file.with_suffix(".scratch"),
        )
        filled = database.fill(self._connection, state, batches, batch_sizes)
        self._places = filled.places
        give_back()
        event("filled", rows=filled.rows)
        return Tidy(filled.rows, database.refused(self._connection, state, batches))

    def _run(self, name: str, ground: AnalysisContext) -> None:
        """Run an analysis; where it needs more memory than the settings give, once more with all that may be had."""
        analysis = ANALYSES[name]
        try:
            analysis.run(self._open, ground)
        except duckdb.OutOfMemoryException as error:
            if not analysis.repeatable:
                raise
            limit = database.raise_memory(self._open)
            event("memory_raised", logging.WARNING, limit=limit, message=str(error).partition("\n")[0])
            for table in ANALYSED[name]:
                self._open.execute(f"DELETE FROM {table}")
            analysis.run(self._open, ground)

    def _create_views(self) -> None:
        """Add the views, of which some are worked out once: all in one transaction, so that it may be done again."""
        try:
            database.create_views(self._open)
        except duckdb.OutOfMemoryException as error:
            limit = database.raise_memory(self._open)
            event("memory_raised", logging.WARNING, limit=limit, message=str(error).partition("\n")[0])
            database.create_views(self._open)

    def _export(self, tables: Iterable[str]) -> None:
        """Begin to write tables that no further step changes to Parquet."""
        self._exports.append(database.export_beside(self._open, sorted(tables)))

    def _await_places(self) -> None:
        """Wait for provenance; frames of it that cannot be read are made anew and loaded."""
        assert self._places is not None
        try:
            self._places.wait(1)
        except duckdb.Error as error:
            damaged = self._forget_damaged(error)
            if not damaged:
                raise
            for batch in damaged:
                frames.tidy(self._store, batch)
            self._places = self._places.again()
            self._places.wait(1)

    def _forget_damaged(self, error: Exception) -> list[str]:
        damaged = frames.forget_damaged(self._store)
        if damaged:
            reason = str(error).partition("\n")[0]
            event("damaged", logging.ERROR, message=f"整理好的数据已损坏（{reason}），重新生成。")
        return damaged
