"""The catalogue of checks: every rule declared once (rules/<group>.toml), and the tables made of the declarations.

Here: reading the declarations, the rows of check_rule, the table for the docs. Not here: how a check works.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

GROUPS = ("header", "money", "weights", "scores", "wording", "years")
"""The files below rules/ and the statements of the same name, in the order of the catalogue."""

Verdict = Literal["contradiction", "reading", "remark"]
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One check as declared.

    `severities`: those it may give, the gravest first. `verdict`: a contradiction is the filer's, or the reader's where
    the reading is in doubt; of `reading` only the doubt is told; a remark has none. `decides`: machine, or hand where
    a person must read the form and no finding is made. `source` is None without a written source.
    """

    code: str
    group: str
    group_name: str
    name: str
    severities: tuple[str, ...]
    formula: str
    formula_en: str
    verdict: Verdict
    tolerance: str | None = None
    source: str | None = None
    decides: Literal["machine", "hand"] = "machine"

    @property
    def severity(self) -> str:
        """The gravest severity it may give."""
        return self.severities[0]


def read_rules(group: str, text: str) -> list[Rule]:
    """The rules of one declaration file, in its order. ValueError, naming the rule, for what is unknown or missing."""
    spec: dict[str, Any] = tomllib.loads(text)
    group_name = spec.pop("group")
    rules = []
    for code, entry in spec.items():
        try:
            severities = tuple(entry.pop("severity"))
            rule = Rule(code=code, group=group, group_name=group_name, severities=severities, **entry)
        except (KeyError, TypeError) as error:
            raise ValueError(f"rules/{group}.toml, {code}: {error}") from error
        if not severities or set(severities) - set(_SEVERITIES):
            raise ValueError(f"rules/{group}.toml, {code}: severity {severities}")
        if rule.verdict not in ("contradiction", "reading", "remark") or rule.decides not in ("machine", "hand"):
            raise ValueError(f"rules/{group}.toml, {code}: verdict {rule.verdict}, decides {rule.decides}")
        rules.append(rule)
    return rules


RULES: dict[str, Rule] = {
    rule.code: rule
    for group in GROUPS
    for rule in read_rules(group, files("warehouse.checks").joinpath("rules", f"{group}.toml").read_text("utf-8"))
}
"""Every check of the catalogue by its code, also those that a person decides."""


def check_rules() -> list[dict[str, str | None]]:
    """The rows of table check_rule: one per check, with the gravest severity it may give."""
    return [
        {
            "check_code": rule.code,
            "check_group": rule.group_name,
            "name": rule.name,
            "severity": rule.severity,
            "formula": rule.formula if rule.decides == "machine" else f"{rule.formula}（由人判断，程序不给出发现）",
            "tolerance": rule.tolerance,
            "source": rule.source,
        }
        for rule in RULES.values()
    ]


def markdown_table() -> str:
    """The catalogue as one Markdown table for the docs, in the order of the declarations."""
    head = "| code | 类别 | 名称 | 程度 | 检查内容 | tests | 允许误差 | 依据 | 判定 |"
    lines = [head, "|" + "---|" * 9]
    for rule in RULES.values():
        severity = "/".join(_SEVERITIES[s] for s in rule.severities)
        decides = "程序" if rule.decides == "machine" else "人工"
        cells = [f"`{rule.code}`", rule.group_name, rule.name, severity, rule.formula, rule.formula_en]
        cells += [rule.tolerance or "", rule.source or "", decides]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
