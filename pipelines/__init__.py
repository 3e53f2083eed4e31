"""When and where the work runs: Dagster assets, jobs, schedules, worker processes and the command line.

Here: orchestration and settings. Not here: what a form means, what a table holds.
"""
