"""Checks: what a form's own figures and words say is wrong with it, and what several years of a project say.

Here: the catalogue of checks (rules/), their words and limits (words/), the checks themselves. Not here: any repair.
"""

from warehouse.checks.audit import fill_check_rule, fill_region, find
from warehouse.checks.registry import RULES, Rule, check_rules, markdown_tables

__all__ = ["RULES", "Rule", "check_rules", "fill_check_rule", "fill_region", "find", "markdown_tables"]
