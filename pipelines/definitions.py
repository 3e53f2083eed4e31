"""Everything Dagster loads.

Here: the assembly. Not here: anything else.
"""

import dagster as dg

from pipelines.assets import ASSETS
from pipelines.automation import ended_runs, failed_runs, ingest, new_files, nightly, stale_warehouse
from pipelines.resources import IngestionResource


@dg.definitions
def definitions() -> dg.Definitions:
    """Assets, job, schedule, sensor and resource of the system."""
    return dg.Definitions(
        assets=ASSETS,
        jobs=[ingest],
        schedules=[nightly],
        sensors=[new_files, failed_runs, ended_runs, stale_warehouse],
        resources={"ingestion": IngestionResource()},
        executor=dg.in_process_executor,
    )
