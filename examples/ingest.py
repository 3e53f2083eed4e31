"""The example documents as a warehouse, without the command line: for tests and benchmarks.

Here: one ingestion in this process. Not here: the demonstration (demo).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.ingestion import Ingestion
from pipelines.settings import load_settings

RAW = Path(__file__).parent / "raw"


def ingest(data_dir: Path) -> Path:
    """Ingest the documents into the folder; returns the warehouse."""
    shutil.copytree(RAW, data_dir / "raw")
    run = Ingestion(load_settings({}, data_dir=data_dir, settle_seconds=0.0, workers=1), trigger="command")
    try:
        run.scan()
        run.read(None)
        run.publish()
    finally:
        run.close()
    return data_dir / "curated" / "warehouse.duckdb"
