"""Tidying batches in processes of their own while documents are still being read.

Here: these processes. Not here: what tidying is (frames); what they leave undone is made when the tables are filled.
"""

import contextlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from pipelines import worker
from pipelines.pool import plain_main
from warehouse.build import frames
from warehouse.state.store import Store


class Tidying:
    """Takes the names of stored batches; a process starts with the first one."""

    def __init__(self, store: Store, pool: ProcessPoolExecutor) -> None:
        self._store = store
        self._pool = pool

    def add(self, batch: str) -> None:
        """Tidy this batch, some time soon."""
        with contextlib.suppress(BrokenProcessPool):
            self._pool.submit(_tidy, self._store, batch)


@contextlib.contextmanager
def tidying(store: Store, processes: int) -> Iterator[Tidying]:
    """Tidying until the block ends; then what was added is waited for, or dropped if the block ends by an exception."""
    with plain_main():
        pool = ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=worker.die_with_parent,
            initargs=(os.getpid(),),
        )
        done = False
        try:
            yield Tidying(store, pool)
            done = True
        finally:
            pool.shutdown(cancel_futures=not done)


def _tidy(store: Store, batch: str) -> None:
    frames.tidy(store, batch)
