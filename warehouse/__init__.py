"""From forms to tidy tables, their checks and the DuckDB file analysts open.

Here: table declarations, frames, validation, checks, organisations, series, publishing. Not here: parsing, schedules.
"""
