"""Everything Dagster loads.

Here: the assembly. Not here: anything else.
"""

import dagster as dg

from pipelines.assets import ASSETS
from pipelines.automation import ingest, new_files, nightly
from pipelines.resources import IngestionResource


@dg.definitions
def definitions() -> dg.Definitions:
    """Assets, job, schedule, sensor and resource of the system."""
    return dg.Definitions(
        assets=ASSETS,
        jobs=[ingest],
        schedules=[nightly],
        sensors=[new_files],
        resources={"ingestion": IngestionResource()},
        executor=dg.in_process_executor,
    )
